// saving.c -- see saving.h.
#include "host/utility/saving.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/store_file.h"
#include "host/utility/paths.h"
#include "wire/msgpack.h"

#define TRIES_MOST 1000000U // NAME.1 to NAME.999999
#define PAIRS_MOST 64U      // of a metadata map

static bool fits(int size, size_t room) {
    if (size > 0 && (size_t)size < room) {
        return true;
    }
    errno = ENAMETOOLONG;
    return false;
}

bool saving_begin(saving_t *saving, const char *folder, uint64_t token) {
    *saving = (saving_t){.descriptor = -1};
    if (!fits(snprintf(saving->folder, PATH_MAX, "%s", folder), PATH_MAX) ||
        !fits(snprintf(saving->path, PATH_MAX, "%s/.rncp-%016" PRIx64 ".part", folder, token),
              PATH_MAX)) {
        return false;
    }
    saving->descriptor =
        open(saving->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    return saving->descriptor >= 0;
}

// ---- The sink

static bool sink_write(void *user, rns_bytes_t data) {
    saving_t *saving = user;
    if (saving->error == 0 && !store_file_append(saving->descriptor, data)) {
        saving->error = errno != 0 ? errno : EIO;
    }
    saving->size += data.size;
    return true;
}

static bool sink_commit(void *user) {
    const saving_t *saving = user;
    return saving->error == 0;
}

rns_sink_t saving_sink(saving_t *saving) {
    return (rns_sink_t){.write = sink_write, .commit = sink_commit, .user = saving};
}

// ---- The end

void saving_cancel(saving_t *saving) {
    if (saving->descriptor >= 0) {
        const int error = errno;
        (void)close(saving->descriptor);
        (void)unlink(saving->path);
        saving->descriptor = -1;
        errno = error;
    }
}

// Replaces a plain file, or a link to one.
static bool replace(const saving_t *saving, const char *path) {
    return paths_is_file(path) && rename(saving->path, path) == 0;
}

// Takes a free name, so that nobody else gets it, and puts the file in its place.
static bool put(const saving_t *saving, const char *path) {
    const int claim = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (claim < 0) {
        return false;
    }
    (void)close(claim);
    if (rename(saving->path, path) == 0) {
        return true;
    }
    const int error = errno;
    (void)unlink(path);
    errno = error;
    return false;
}

static bool put_numbered(const saving_t *saving, const char *name, char path[PATH_MAX]) {
    for (unsigned number = 0; number < TRIES_MOST; number++) {
        const int size = number == 0
                             ? snprintf(path, PATH_MAX, "%s/%s", saving->folder, name)
                             : snprintf(path, PATH_MAX, "%s/%s.%u", saving->folder, name, number);
        if (!fits(size, PATH_MAX)) {
            return false;
        }
        if (put(saving, path)) {
            return true;
        }
        if (errno != EEXIST) {
            return false;
        }
    }
    return false;
}

bool saving_end(saving_t *saving, const char *name, bool overwrite, char path[PATH_MAX]) {
    bool good = saving->error == 0;
    errno = saving->error;
    if (good) {
        good = overwrite &&
               fits(snprintf(path, PATH_MAX, "%s/%s", saving->folder, name), PATH_MAX) &&
               replace(saving, path);
        good = good || put_numbered(saving, name, path);
    }
    if (!good) {
        saving_cancel(saving);
        return false;
    }
    (void)close(saving->descriptor);
    saving->descriptor = -1;
    return true;
}

// ---- Names

static bool take_name(rns_bytes_t bytes, char name[SAVING_NAME_MAX]) {
    size_t from = bytes.size;
    while (from > 0 && bytes.data[from - 1] != '/') {
        from--;
    }
    const size_t size = bytes.size - from;
    if (size == 0 || size >= SAVING_NAME_MAX || memchr(bytes.data + from, 0, size) != NULL) {
        return false;
    }
    memcpy(name, bytes.data + from, size);
    name[size] = '\0';
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

bool saving_name(rns_bytes_t metadata, char name[SAVING_NAME_MAX]) {
    rnsi_reader_t reader = rnsi_reader(metadata);
    uint32_t pairs;
    if (metadata.size == 0 || !rnsi_msgpack_read_map(&reader, &pairs)) {
        return false;
    }
    for (uint32_t i = 0; i < pairs && i < PAIRS_MOST; i++) {
        const uint8_t *at = reader.at;
        rnsi_msgpack_t key;
        rns_bytes_t value;
        if (!rnsi_msgpack_read(&reader, &key)) {
            return false;
        }
        if (rnsi_msgpack_is(&key, RNSI_TEXT("name"))) {
            return rnsi_msgpack_read_bin(&reader, &value) && take_name(value, name);
        }
        reader.at = at; // a key may be a map itself
        const bool has_key = rnsi_msgpack_skip(&reader);
        if (!has_key || !rnsi_msgpack_skip(&reader)) {
            return false;
        }
    }
    return false;
}

size_t saving_metadata(const char *path, rns_mem_t out) {
    const char *name = paths_base(path);
    rnsi_writer_t writer = rnsi_writer(out);
    rnsi_msgpack_map(&writer, 1);
    rnsi_msgpack_str(&writer, RNSI_TEXT("name"));
    rnsi_msgpack_bin(&writer, (rns_bytes_t){(const uint8_t *)name, strlen(name)});
    return writer.ok ? rnsi_written(&writer) : 0;
}
