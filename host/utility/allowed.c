// allowed.c -- see allowed.h.
#include "host/utility/allowed.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/log.h"
#include "host/store_file.h"
#include "host/text.h"
#include "host/utility/paths.h"

#define DIGITS    (2 * sizeof(rns_hash_t))
#define FIRST     16U
#define FILE_MOST 4194304U // bytes

static bool make_room(allowed_t *allowed) {
    if (allowed->count < allowed->room) {
        return true;
    }
    const size_t room = allowed->room == 0 ? FIRST : allowed->room * 2;
    rns_hash_t *at = room <= ALLOWED_MOST ? realloc(allowed->at, room * sizeof *at) : NULL;
    if (at == NULL) {
        return false;
    }
    allowed->at = at;
    allowed->room = room;
    return true;
}

static allowed_result_t add(allowed_t *allowed, const char *text, size_t size) {
    rns_hash_t hash;
    if (size != DIGITS) {
        return ALLOWED_LENGTH;
    }
    if (!text_unhex(text, size, hash.b)) {
        return ALLOWED_DIGITS;
    }
    if (!make_room(allowed)) {
        return ALLOWED_FULL;
    }
    allowed->at[allowed->count++] = hash;
    return ALLOWED_OK;
}

allowed_result_t allowed_add(allowed_t *allowed, const char *text) {
    return add(allowed, text, strlen(text));
}

const char *allowed_text(allowed_result_t result) {
    switch (result) {
    case ALLOWED_LENGTH:
        return "an identity hash must be 32 hexadecimal characters (16 bytes)";
    case ALLOWED_DIGITS:
        return "an identity hash must be hexadecimal";
    case ALLOWED_FULL:
        return "there are too many of them";
    case ALLOWED_OK:
        break;
    }
    return "";
}

allowed_result_t allowed_parse(allowed_t *allowed, const char *text, size_t size) {
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        const size_t next = end != NULL ? (size_t)(end - text) : size;
        size_t line = next - at;
        line -= line > 0 && text[at + line - 1] == '\r' ? 1 : 0;
        if (line == DIGITS) {
            const allowed_result_t result = add(allowed, text + at, line);
            if (result != ALLOWED_OK) {
                return result;
            }
        }
        at = next + 1;
    }
    return ALLOWED_OK;
}

static bool find_file(const char *program, char path[PATH_MAX]) {
    const char *const folders[] = {"/etc/", "~/.config/", "~/."};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char name[PATH_MAX];
        const int size =
            snprintf(name, sizeof name, "%s%s/allowed_identities", folders[i], program);
        if (size > 0 && (size_t)size < sizeof name && paths_expand(name, path) &&
            paths_is_file(path)) {
            return true;
        }
    }
    return false;
}

allowed_result_t allowed_load(allowed_t *allowed, const char *program, size_t *loaded) {
    const size_t before = allowed->count;
    char path[PATH_MAX];
    uint8_t *text = NULL;
    size_t size = 0;
    *loaded = 0;
    if (!find_file(program, path)) {
        return ALLOWED_OK;
    }
    if (store_file_read(path, FILE_MOST, &text, &size) != STORE_FILE_READ) {
        log_line(LOG_LEVEL_ERROR, "%s cannot be read: %s", path, strerror(errno));
        return ALLOWED_OK;
    }
    const allowed_result_t result = allowed_parse(allowed, (const char *)text, size);
    free(text);
    *loaded = allowed->count - before;
    log_line(LOG_LEVEL_VERBOSE, "Loaded %zu allowed identit%s from %s", *loaded,
             *loaded == 1 ? "y" : "ies", path);
    return result;
}

bool allowed_collect(allowed_t *allowed, const char *program, const char *const *texts,
                     size_t count) {
    allowed_result_t result = ALLOWED_OK;
    size_t loaded;
    for (size_t i = 0; i < count && result == ALLOWED_OK; i++) {
        result = allowed_add(allowed, texts[i]);
    }
    if (result == ALLOWED_OK) {
        result = allowed_load(allowed, program, &loaded);
    }
    if (result != ALLOWED_OK) {
        log_line(LOG_LEVEL_ERROR, "Could not apply allowed identity: %s", allowed_text(result));
    }
    return result == ALLOWED_OK;
}

bool allowed_has(const allowed_t *allowed, const rns_hash_t *identity) {
    for (size_t i = 0; i < allowed->count; i++) {
        if (memcmp(&allowed->at[i], identity, sizeof *identity) == 0) {
            return true;
        }
    }
    return false;
}

void allowed_free(allowed_t *allowed) {
    free(allowed->at);
    *allowed = (allowed_t){NULL, 0, 0};
}
