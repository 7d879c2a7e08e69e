// store_load.c -- reading the reference's files, which may hold anything.
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/wire/msgpack.h"
#include "host/log.h"
#include "host/store_parts.h"

#define WHOLE_MAX    268435456U // bytes of a file that is read as a whole
#define SMALL_MAX    65536U     // bytes of a file for one record
#define NAMES_MAX    1000000U   // files of a folder that are looked at
#define IDENTITY     64U
#define HASH_SIZE    32U
#define ADDRESS_SIZE 16U

typedef void (*take_t)(void *context, rns_bytes_t key, rns_bytes_t value);

// ---- One record

size_t store_get(void *user, rns_record_t kind, rns_bytes_t key, rns_mem_t out) {
    const store_t *store = user;
    char path[STORE_PATH_MAX];
    size_t size;
    if (!store_place(store, kind, key, path)) {
        return 0;
    }
    switch (store_file_peek(path, out, &size)) {
    case STORE_FILE_READ:
        break;
    case STORE_FILE_ABSENT:
        return 0;
    case STORE_FILE_TOO_LARGE:
    case STORE_FILE_FAILED:
        log_line(LOG_LEVEL_ERROR, "%s cannot be read: %s", path, strerror(errno));
        return 0;
    }
    if (kind == RNS_RECORD_IDENTITY && size != IDENTITY) {
        store_file_set_aside(path, "an identity has 64 bytes");
        return 0;
    }
    return size;
}

// ---- Files with all records

typedef struct {
    rns_record_t kind;
    take_t take;
    void *context;
} reading_t;

// The next value, whatever it is; size 0: it does not parse.
static rns_bytes_t next_value(rnsi_reader_t *r) {
    const uint8_t *start = r->at;
    if (!rnsi_msgpack_skip(r)) {
        return (rns_bytes_t){NULL, 0};
    }
    return (rns_bytes_t){start, (size_t)(r->at - start)};
}

// The first item of an array, if it is a bin: what paths and tunnels are found by.
static rns_bytes_t first_bin(rns_bytes_t value) {
    rnsi_reader_t r = rnsi_reader(value);
    uint32_t items;
    rns_bytes_t first;
    const bool ok =
        rnsi_msgpack_read_array(&r, &items) && items > 0 && rnsi_msgpack_read_bin(&r, &first);
    return ok ? first : (rns_bytes_t){NULL, 0};
}

static bool take_array(rnsi_reader_t *r, const reading_t *to) {
    uint32_t count;
    if (!rnsi_msgpack_read_array(r, &count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const rns_bytes_t value = next_value(r);
        if (value.size == 0) {
            return false;
        }
        to->take(to->context, first_bin(value), value);
    }
    return true;
}

static bool take_map(rnsi_reader_t *r, const reading_t *to) {
    uint32_t pairs;
    if (!rnsi_msgpack_read_map(r, &pairs)) {
        return false;
    }
    for (uint32_t i = 0; i < pairs; i++) {
        rnsi_msgpack_t key;
        const rns_bytes_t packed = next_value(r), value = next_value(r);
        if (value.size == 0) {
            return false;
        }
        rnsi_reader_t in_key = rnsi_reader(packed);
        const bool is_bin = rnsi_msgpack_read(&in_key, &key) && key.type == RNSI_MSGPACK_BIN;
        to->take(to->context, is_bin ? key.bytes : (rns_bytes_t){NULL, 0}, value);
    }
    return true;
}

static bool take_whole(rns_bytes_t file, const reading_t *to) {
    rnsi_reader_t r = rnsi_reader(file);
    if (to->kind == RNS_RECORD_SEEN) {
        const rns_bytes_t none = {NULL, 0};
        to->take(to->context, none, (rns_bytes_t){file.data, file.size / HASH_SIZE * HASH_SIZE});
        return true; // the reference passes over a piece of a hash at the end, too
    }
    const bool is_map = to->kind == RNS_RECORD_KNOWN || to->kind == RNS_RECORD_BLACKHOLE;
    return is_map ? take_map(&r, to) : take_array(&r, to);
}

static void each_of_file(const char *path, const reading_t *to) {
    uint8_t *data;
    size_t size = 0;
    switch (store_file_read(path, WHOLE_MAX, &data, &size)) {
    case STORE_FILE_READ:
        if (!take_whole((rns_bytes_t){data, size}, to)) {
            store_file_set_aside(path, "it does not end where it should");
        }
        free(data);
        break;
    case STORE_FILE_ABSENT:
        break;
    case STORE_FILE_TOO_LARGE:
        store_file_set_aside(path, "it is too large");
        break;
    case STORE_FILE_FAILED:
        log_line(LOG_LEVEL_ERROR, "%s cannot be read: %s", path, strerror(errno));
        break;
    }
}

// ---- Folders with a file for each record

static int digit_of(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// A name that is the hash of a destination; all others are not ours to judge.
static bool is_address(const char *name, uint8_t out[ADDRESS_SIZE]) {
    if (strlen(name) != (size_t)ADDRESS_SIZE * 2) {
        return false;
    }
    for (size_t i = 0; i < ADDRESS_SIZE; i++) {
        const int high = digit_of(name[2 * i]), low = digit_of(name[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static void take_file(const char *path, rns_bytes_t key, const reading_t *to) {
    uint8_t *data;
    size_t size = 0;
    if (store_file_read(path, SMALL_MAX, &data, &size) == STORE_FILE_READ) {
        rnsi_reader_t r = rnsi_reader((rns_bytes_t){data, size});
        if (rnsi_msgpack_skip(&r)) {
            to->take(to->context, key, (rns_bytes_t){data, size});
        } else {
            store_file_set_aside(path, "it does not end where it should");
        }
        free(data);
    } else {
        log_line(LOG_LEVEL_ERROR, "%s cannot be read", path);
    }
}

static void each_of_folder(const char *folder, const reading_t *to) {
    DIR *open = opendir(folder);
    if (open == NULL) {
        if (errno != ENOENT) {
            log_line(LOG_LEVEL_ERROR, "%s cannot be read: %s", folder, strerror(errno));
        }
        return;
    }
    const struct dirent *entry;
    for (unsigned i = 0; i < NAMES_MAX && (entry = readdir(open)) != NULL; i++) {
        uint8_t key[ADDRESS_SIZE];
        char path[STORE_PATH_MAX];
        if (is_address(entry->d_name, key) && store_path(path, folder, entry->d_name)) {
            take_file(path, (rns_bytes_t){key, sizeof key}, to);
        }
    }
    (void)closedir(open);
}

void store_each(void *user, rns_record_t kind, void *context, take_t take) {
    const store_t *store = user;
    const reading_t to = {kind, take, context};
    const rns_bytes_t none = {NULL, 0};
    char path[STORE_PATH_MAX];
    if (!store_place(store, kind, none, path)) {
        return;
    }
    if (kind == RNS_RECORD_RATCHET) {
        each_of_folder(path, &to);
    } else {
        each_of_file(path, &to);
    }
}
