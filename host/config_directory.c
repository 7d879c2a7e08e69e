#include "host/config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "host/utility/paths.h"

// What stands in a directory of the reference (Reticulum.__init__).
static const char *const folders[] = {
    "storage",           "storage/cache",      "storage/cache/announces",
    "storage/resources", "storage/identities", "storage/blackhole",
    "interfaces",
};

static bool holds_config(arena_t *arena, const char *directory) {
    struct stat info;

    return stat(arena_format(arena, "%s/config", directory), &info) == 0 && S_ISREG(info.st_mode);
}

const char *config_find_directory(arena_t *arena, const char *argument) {
    const char *path;

    if (argument != NULL) {
        return arena_text(arena, argument, strlen(argument));
    }
    if (holds_config(arena, "/etc/reticulum")) {
        return "/etc/reticulum";
    }
    path = arena_format(arena, "%s/.config/reticulum", paths_home());
    if (holds_config(arena, path)) {
        return path;
    }
    return arena_format(arena, "%s/.reticulum", paths_home());
}

static bool make_directory(const char *path, mode_t mode) {
    struct stat info;

    if (mkdir(path, mode) == 0) {
        return true;
    }
    if (errno != EEXIST || stat(path, &info) != 0) {
        return false;
    }
    errno = ENOTDIR;
    return S_ISDIR(info.st_mode);
}

// The directories above `path`, as the user's umask has it.
static bool make_parents(arena_t *arena, const char *path, const char **failed) {
    char *part = arena_text(arena, path, strlen(path));

    *failed = part;
    for (char *slash = strchr(part + (*part != '\0'), '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (!make_directory(part, 0777)) {
            return false;
        }
        *slash = '/';
    }
    return true;
}

bool config_make_directories(arena_t *arena, const char *directory, const char **failed) {
    if (!make_parents(arena, directory, failed)) {
        return false;
    }
    *failed = directory;
    if (!make_directory(directory, 0700)) {
        return false;
    }
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        *failed = arena_format(arena, "%s/%s", directory, folders[i]);
        if (!make_directory(*failed, 0700)) {
            return false;
        }
    }
    *failed = NULL;
    return true;
}
