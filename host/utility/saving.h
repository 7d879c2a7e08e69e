// host/utility/saving.h -- a file that arrives: it is written under another name in the folder it
// is for, and gets its own when it is whole. One that fails leaves nothing.
#ifndef HOST_UTILITY_SAVING_H_INCLUDED
#define HOST_UTILITY_SAVING_H_INCLUDED

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "rns/resource.h"

#define SAVING_NAME_MAX 256U // bytes of a name with its NUL

typedef struct {
    int descriptor;
    int error; // errno of what went wrong first, 0: nothing
    uint64_t size;
    char folder[PATH_MAX], path[PATH_MAX];
} saving_t;

// Begins; token makes the name unlike others. False: errno says why.
bool saving_begin(saving_t *saving, const char *folder, uint64_t token);

// Writes to the file; `saving` is its user. What cannot be written is swallowed until the segment
// ends, and then fails it, so that the transfer ends.
rns_sink_t saving_sink(saving_t *saving);

// Gives it its name in the folder, or, unless overwrite, NAME.1, NAME.2 ... where that exists;
// overwrite replaces a plain file. The path goes to `path`. False: errno says why, nothing is left.
bool saving_end(saving_t *saving, const char *name, bool overwrite, char path[PATH_MAX]);

// Removes what was written. Nothing happens to one that has ended.
void saving_cancel(saving_t *saving);

// The name in a transfer's metadata, {"name": bytes}: what follows its last slash. False: there is
// none that a file can have.
bool saving_name(rns_bytes_t metadata, char name[SAVING_NAME_MAX]);

// The metadata that gives a file's name; the bytes written. 0: too long.
size_t saving_metadata(const char *path, rns_mem_t out);

#endif
