// host/store_file.h -- files that are whole or not there: reading with a limit, replacing at once,
// setting aside.
#ifndef HOST_STORE_FILE_H_INCLUDED
#define HOST_STORE_FILE_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rns/types.h"

#define STORE_PATH_MAX 4096U // bytes of a path with its NUL

typedef enum {
    STORE_FILE_READ,
    STORE_FILE_ABSENT,
    STORE_FILE_TOO_LARGE,
    STORE_FILE_FAILED
} store_file_t;

// "FOLDER/NAME" and a NUL; false: too long.
bool store_path(char out[STORE_PATH_MAX], const char *folder, const char *name);

// The whole file in memory of its own, for free(); READ may give 0 bytes. errno tells of FAILED.
store_file_t store_file_read(const char *path, size_t limit, uint8_t **data, size_t *size);

// As much of the file as fits; *size is the file's.
store_file_t store_file_peek(const char *path, rns_mem_t out, size_t *size);

// Opens "PATH.tmp", empty, for writing. -1: errno says why.
int store_file_begin(const char *path, unsigned mode);
bool store_file_append(int descriptor, rns_bytes_t data);
// Syncs if it shall, closes, and puts it in the place of PATH. On failure, errno says why, and the
// old file is still there. Closes in any case.
bool store_file_end(int descriptor, const char *path, bool sync);
// Closes and removes what store_file_begin() began.
void store_file_cancel(int descriptor, const char *path);

// All of it at once.
bool store_file_write(const char *path, unsigned mode, bool sync, rns_bytes_t data);

// Renames a damaged file to NAME.damaged-TIME and logs it with the reason.
void store_file_set_aside(const char *path, const char *reason);

#endif
