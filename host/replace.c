// replace.c -- see replace.h.
#include "host/replace.h"

#include <errno.h>
#include <unistd.h>

bool replace_begin(replace_t *file, const char *directory, const char *name) {
    const int a = snprintf(file->path, sizeof file->path, "%s/%s", directory, name);
    const int b = snprintf(file->beside, sizeof file->beside, "%s/%s.new", directory, name);
    if (a < 0 || b < 0 || (size_t)b >= sizeof file->beside) {
        errno = ENAMETOOLONG;
        return false;
    }
    file->out = fopen(file->beside, "we");
    return file->out != NULL;
}

bool replace_end(replace_t *file) {
    const bool written = ferror(file->out) == 0;
    if (fclose(file->out) == 0 && written && rename(file->beside, file->path) == 0) {
        return true;
    }
    const int err = errno;
    (void)unlink(file->beside);
    errno = err;
    return false;
}
