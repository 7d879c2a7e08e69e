// paths.c -- see paths.h.
#include "host/utility/paths.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define USER_MAX 256U // bytes of a user's name

const char *paths_home(void) {
    const char *path = getenv("HOME");
    const struct passwd *user = path == NULL ? getpwuid(getuid()) : NULL;
    return path != NULL ? path : user != NULL ? user->pw_dir : "";
}

// The home directory that `~` or `~user` means; NULL: of nobody.
static const char *home_of(const char *name, size_t size) {
    char user[USER_MAX];
    if (size == 0) {
        return paths_home();
    }
    if (size >= sizeof user) {
        return NULL;
    }
    memcpy(user, name, size);
    user[size] = '\0';
    const struct passwd *entry = getpwnam(user);
    return entry != NULL ? entry->pw_dir : NULL;
}

static bool fits(int size) {
    return size > 0 && size < PATH_MAX;
}

bool paths_expand(const char *path, char out[PATH_MAX]) {
    const size_t name = path[0] == '~' ? strcspn(path + 1, "/") : 0;
    const char *home = path[0] == '~' ? home_of(path + 1, name) : NULL;
    if (home == NULL || home[0] == '\0') {
        return fits(snprintf(out, PATH_MAX, "%s", path));
    }
    return fits(snprintf(out, PATH_MAX, "%s%s", home, path + 1 + name));
}

// Puts the parts of `path`, which is absolute, into out one by one.
static bool normalise(const char *path, char out[PATH_MAX]) {
    size_t used = 0;
    for (const char *part = path; *part != '\0';) {
        part += strspn(part, "/");
        const size_t size = strcspn(part, "/");
        if (size == 2 && part[0] == '.' && part[1] == '.') {
            while (used > 0 && out[--used] != '/') {
            }
        } else if (size > 0 && !(size == 1 && part[0] == '.')) {
            if (used + size + 2 > PATH_MAX) {
                return false;
            }
            out[used++] = '/';
            memcpy(out + used, part, size);
            used += size;
        }
        part += size;
    }
    if (used == 0) {
        out[used++] = '/';
    }
    out[used] = '\0';
    return true;
}

bool paths_absolute(const char *path, char out[PATH_MAX]) {
    char expanded[PATH_MAX], here[PATH_MAX], whole[2 * PATH_MAX];
    if (!paths_expand(path, expanded)) {
        return false;
    }
    if (expanded[0] == '/') {
        return normalise(expanded, out);
    }
    if (getcwd(here, sizeof here) == NULL) {
        return false;
    }
    (void)snprintf(whole, sizeof whole, "%s/%s", here, expanded);
    return normalise(whole, out);
}

const char *paths_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

bool paths_is_file(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

bool paths_is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

// What stands behind a folder's path in another; NULL: it is not within.
static const char *within(const char *folder, const char *path) {
    const size_t size = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    return strncmp(path, folder, size) == 0 && path[size] == '/' ? path + size + 1 : NULL;
}

static paths_found_t found(const char *path) {
    return paths_is_file(path) ? PATHS_FOUND : PATHS_MISSING;
}

// Links are followed as far as there are files: the rest decides nothing.
paths_found_t paths_find(const char *jail, const char *asked, char out[PATH_MAX]) {
    char path[PATH_MAX], real[PATH_MAX], whole[2 * PATH_MAX];
    if (jail == NULL) {
        return paths_absolute(asked, path) && realpath(path, out) != NULL ? found(out)
                                                                          : PATHS_MISSING;
    }
    if (realpath(jail, real) == NULL) {
        return PATHS_MISSING;
    }
    const char *inner = within(jail, asked);
    inner = inner != NULL ? inner : within(real, asked);
    const int size = snprintf(whole, sizeof whole, "%s/%s", real, inner != NULL ? inner : asked);
    if (size < 0 || (size_t)size >= sizeof whole || !normalise(whole, path)) {
        return PATHS_MISSING;
    }
    if (within(real, path) == NULL) {
        return PATHS_OUTSIDE;
    }
    if (realpath(path, out) == NULL) {
        return PATHS_MISSING;
    }
    return within(real, out) != NULL ? found(out) : PATHS_OUTSIDE;
}
