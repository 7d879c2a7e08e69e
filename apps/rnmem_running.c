// rnmem_running.c -- asks the rnsd of a directory: SIGUSR1 makes it write storage/rnmem.json.
#include "rnmem.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "host/arena.h"
#include "host/config.h"
#include "host/pidfile.h"

#define LOOK_EVERY_MS 10
#define ASK_AGAIN_MS  1000 // it passes over what comes while it starts
#define WAIT_MOST_MS  10000

// Which file stands there: a new one has another inode, or was written later.
typedef struct {
    bool is_there;
    ino_t inode;
    struct timespec written;
} mark_t;

static mark_t mark_of(const char *path) {
    struct stat info;
    if (stat(path, &info) != 0) {
        return (mark_t){.is_there = false};
    }
    return (mark_t){true, info.st_ino, info.st_mtim};
}

static bool is_new(const mark_t *before, const char *path) {
    const mark_t now = mark_of(path);
    return now.is_there && (!before->is_there || now.inode != before->inode ||
                            now.written.tv_sec != before->written.tv_sec ||
                            now.written.tv_nsec != before->written.tv_nsec);
}

static bool ask(const char *directory, pid_t holder) {
    const int err = pidfile_signal(directory, holder, SIGUSR1);
    if (err == ESRCH) {
        fprintf(stderr, "rnmem: error: the rnsd of %s, process %ld, has ended\n", directory,
                (long)holder);
    } else if (err != 0) {
        fprintf(stderr, "rnmem: error: the rnsd of %s, process %ld, cannot be asked: %s\n",
                directory, (long)holder, strerror(err));
    }
    return err == 0;
}

static bool wait_for(const char *directory, const char *path, pid_t holder) {
    const struct timespec pause = {0, LOOK_EVERY_MS * 1000000L};
    const mark_t before = mark_of(path);
    for (int waited = 0; waited < WAIT_MOST_MS; waited += LOOK_EVERY_MS) {
        if (waited % ASK_AGAIN_MS == 0 && !ask(directory, holder)) {
            return false;
        }
        (void)nanosleep(&pause, NULL);
        if (is_new(&before, path)) {
            return true;
        }
    }
    fprintf(stderr, "rnmem: error: the rnsd of %s, process %ld, did not write %s within %d s\n",
            directory, (long)holder, path, WAIT_MOST_MS / 1000);
    return false;
}

static bool take(const char *path, inventory_t *inventory) {
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        fprintf(stderr, "rnmem: error: %s cannot be read: %s\n", path, strerror(errno));
        return false;
    }
    const bool good = inventory_read(inventory, in);
    (void)fclose(in);
    if (!good) {
        fprintf(stderr, "rnmem: error: %s is not what an rnsd writes\n", path);
    }
    return good;
}

static bool find_and_ask(const char *directory, const char *path, inventory_t *inventory) {
    pid_t holder = 0;
    if (!pidfile_holder(directory, &holder)) {
        fprintf(stderr, "rnmem: error: no rnsd serves the directory %s\n", directory);
        return false;
    }
    if (holder == 0) {
        fprintf(stderr,
                "rnmem: error: the rnsd of %s runs on another system, or outside of this "
                "container\n",
                directory);
        return false;
    }
    return wait_for(directory, path, holder) && take(path, inventory);
}

bool rnmem_running(const char *directory, inventory_t *inventory) {
    arena_t arena = {0};
    const char *found = config_find_directory(&arena, directory);
    const char *path = arena_format(&arena, "%s/storage/" INVENTORY_FILE, found);
    const bool good = find_and_ask(found, path, inventory);
    arena_free(&arena);
    return good;
}
