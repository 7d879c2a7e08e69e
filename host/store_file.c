// store_file.c -- see store_file.h.
#include "host/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/log.h"

#define READ_FIRST 4096U // bytes, when the system does not say how large a file is

bool store_path(char out[STORE_PATH_MAX], const char *folder, const char *name) {
    const int size = snprintf(out, STORE_PATH_MAX, "%s/%s", folder, name);
    return size > 0 && (size_t)size < STORE_PATH_MAX;
}

// ---- Reading

// Reads until the end of the file or of the room.
static bool read_all(int descriptor, rns_mem_t out, size_t *size) {
    *size = 0;
    while (*size < out.size) {
        const ssize_t got = read(descriptor, out.data + *size, out.size - *size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got == 0;
        }
        *size += (size_t)got;
    }
    return true;
}

// Only plain files: a pipe or a device in our folder would keep us waiting.
static store_file_t open_plain(const char *path, int *descriptor, size_t *size) {
    struct stat info;
    *descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*descriptor < 0) {
        return errno == ENOENT ? STORE_FILE_ABSENT : STORE_FILE_FAILED;
    }
    if (fstat(*descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
        (void)close(*descriptor);
        errno = EINVAL;
        return STORE_FILE_FAILED;
    }
    *size = (size_t)info.st_size;
    return STORE_FILE_READ;
}

store_file_t store_file_read(const char *path, size_t limit, uint8_t **data, size_t *size) {
    int descriptor;
    size_t told;
    *data = NULL;
    store_file_t result = open_plain(path, &descriptor, &told);
    if (result != STORE_FILE_READ) {
        return result;
    }
    if (told > limit) {
        (void)close(descriptor);
        return STORE_FILE_TOO_LARGE;
    }
    const size_t room = told > 0 ? told : READ_FIRST;
    *data = malloc(room);
    if (*data == NULL || !read_all(descriptor, (rns_mem_t){*data, room}, size)) {
        free(*data);
        *data = NULL;
        result = STORE_FILE_FAILED;
    }
    (void)close(descriptor);
    return result;
}

store_file_t store_file_peek(const char *path, rns_mem_t out, size_t *size) {
    int descriptor;
    size_t told = 0, got;
    const store_file_t result = open_plain(path, &descriptor, &told);
    if (result != STORE_FILE_READ) {
        return result;
    }
    const bool ok = read_all(descriptor, out, &got);
    (void)close(descriptor);
    *size = told > got ? told : got;
    return ok ? STORE_FILE_READ : STORE_FILE_FAILED;
}

// ---- Writing

static bool temporary(char out[STORE_PATH_MAX], const char *path) {
    const int size = snprintf(out, STORE_PATH_MAX, "%s.tmp", path);
    if (size < 0 || (size_t)size >= STORE_PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    return true;
}

int store_file_begin(const char *path, unsigned mode) {
    char name[STORE_PATH_MAX];
    if (!temporary(name, path)) {
        return -1;
    }
    // What a crash left behind, of whoever and in whatever mode.
    (void)unlink(name);
    return open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
}

bool store_file_append(int descriptor, rns_bytes_t data) {
    while (data.size > 0) {
        const ssize_t put = write(descriptor, data.data, data.size);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return false;
        }
        data.data += put;
        data.size -= (size_t)put;
    }
    return true;
}

// The new name must be on the disk too. A file system that cannot do this does without.
static void sync_folder(const char *path) {
    char folder[STORE_PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (slash == NULL || (size_t)(slash - path) >= sizeof folder) {
        return;
    }
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = '\0';
    const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        (void)fsync(descriptor);
        (void)close(descriptor);
    }
}

bool store_file_end(int descriptor, const char *path, bool sync) {
    char name[STORE_PATH_MAX];
    bool ok = temporary(name, path) && (!sync || fsync(descriptor) == 0);
    ok = close(descriptor) == 0 && ok;
    ok = ok && rename(name, path) == 0;
    if (ok && sync) {
        sync_folder(path);
    }
    if (!ok) {
        const int error = errno;
        (void)unlink(name);
        errno = error;
    }
    return ok;
}

void store_file_cancel(int descriptor, const char *path) {
    char name[STORE_PATH_MAX];
    const int error = errno;
    (void)close(descriptor);
    if (temporary(name, path)) {
        (void)unlink(name);
    }
    errno = error;
}

bool store_file_write(const char *path, unsigned mode, bool sync, rns_bytes_t data) {
    const int descriptor = store_file_begin(path, mode);
    if (descriptor < 0) {
        return false;
    }
    if (!store_file_append(descriptor, data)) {
        store_file_cancel(descriptor, path);
        return false;
    }
    return store_file_end(descriptor, path, sync);
}

void store_file_set_aside(const char *path, const char *reason) {
    char name[STORE_PATH_MAX];
    const int size = snprintf(name, sizeof name, "%s.damaged-%lld", path, (long long)time(NULL));
    if (size > 0 && (size_t)size < sizeof name && rename(path, name) == 0) {
        log_line(LOG_LEVEL_ERROR, "%s is damaged (%s); it is now %s", path, reason, name);
    } else {
        log_line(LOG_LEVEL_ERROR, "%s is damaged (%s), and cannot be set aside: %s", path, reason,
                 strerror(errno));
    }
}
