// host/replace.h -- a small file that is written anew as a whole: beside its place, then renamed.
#ifndef HOST_REPLACE_H_INCLUDED
#define HOST_REPLACE_H_INCLUDED

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct {
    FILE *out; // write to this
    char path[PATH_MAX], beside[PATH_MAX];
} replace_t;

// Begins to write DIRECTORY/NAME. False: errno says why, and nothing is to be ended.
bool replace_begin(replace_t *file, const char *directory, const char *name);

// Puts it into its place. False: not all could be written, errno says why, and what stood there
// stays.
bool replace_end(replace_t *file);

#endif
