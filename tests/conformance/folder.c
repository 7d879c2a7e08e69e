// folder.c -- see folder.h.
#include "folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#define OPEN_MOST 16 // folders that are open at once while a tree is removed

bool folder_make(char path[FOLDER_PATH]) {
    (void)snprintf(path, FOLDER_PATH, "/tmp/reticule-bridge.XXXXXX");
    return mkdtemp(path) != NULL;
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *walk) {
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(path);
}

void folder_remove(const char *path) {
    (void)nftw(path, remove_one, OPEN_MOST, FTW_DEPTH | FTW_PHYS);
}
