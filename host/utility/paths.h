// host/utility/paths.h -- paths of files as users and peers write them.
#ifndef HOST_UTILITY_PATHS_H_INCLUDED
#define HOST_UTILITY_PATHS_H_INCLUDED

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

// The user's home directory; "" when nobody knows it.
const char *paths_home(void);

// A path with `~` or `~user` at its start replaced. False: too long for PATH_MAX, or empty.
bool paths_expand(const char *path, char out[PATH_MAX]);

// The same, from the root on, with `.`, `..` and double slashes worked off; links are not looked
// at.
bool paths_absolute(const char *path, char out[PATH_MAX]);

// What follows the last slash, within path.
const char *paths_base(const char *path);

bool paths_is_file(const char *path);
bool paths_is_folder(const char *path);

typedef enum { PATHS_FOUND, PATHS_MISSING, PATHS_OUTSIDE } paths_found_t;

// The file that a peer asks for, with all links followed. jail: an existing folder that it must be
// within, by way of paths_absolute(); what is asked for is then meant from there, also when it
// starts with a slash or with the jail's own path. NULL: any file of this system.
paths_found_t paths_find(const char *jail, const char *asked, char out[PATH_MAX]);

#endif
