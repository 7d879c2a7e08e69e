// audit/base.c -- memory, growing lists, text, names, maps; see base.h.
#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("rnaudit: error: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(AUDIT_EXIT_USAGE);
}

void *memory_new(size_t size) {
    void *fresh = calloc(1, size == 0 ? 1 : size);
    if (fresh == NULL) {
        fail("out of memory");
    }
    return fresh;
}

void *memory_grow(void *old, size_t size) {
    void *fresh = realloc(old, size);
    if (fresh == NULL) {
        fail("out of memory");
    }
    return fresh;
}

char *memory_text(const char *from, size_t length) {
    char *copy = memory_new(length + 1);
    memcpy(copy, from, length);
    return copy;
}

void *list_room(void *at, size_t count, size_t *room, size_t size) {
    if (count < *room) {
        return at;
    }
    *room = *room == 0 ? 8 : *room * 2;
    return memory_grow(at, *room * size);
}

void text_add_part(text_t *text, const char *more, size_t length) {
    if (text->size + length + 1 > text->room) {
        text->room = (text->size + length + 1) * 2;
        text->at = memory_grow(text->at, text->room);
    }
    memcpy(text->at + text->size, more, length);
    text->size += length;
    text->at[text->size] = 0;
}

void text_add(text_t *text, const char *more) {
    text_add_part(text, more, strlen(more));
}

static void text_format(text_t *text, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0) {
        return;
    }
    char *buffer = memory_new((size_t)length + 1);
    vsnprintf(buffer, (size_t)length + 1, format, arguments);
    text_add_part(text, buffer, (size_t)length);
    free(buffer);
}

void text_print(text_t *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    text_format(text, format, arguments);
    va_end(arguments);
}

void text_clear(text_t *text) {
    text->size = 0;
    text_add_part(text, "", 0);
}

void text_free(text_t *text) {
    free(text->at);
    *text = (text_t){0};
}

// All names of the process, by their text.
static struct {
    const char **cells;
    size_t count, room;
} names;

static size_t hash_bytes(const char *bytes, size_t length) {
    uint64_t hash = 0xCBF29CE484222325U;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (uint8_t)bytes[i]) * 0x100000001B3U;
    }
    return (size_t)(hash ^ (hash >> 32));
}

static const char **name_cell(const char *text, size_t length) {
    size_t at = hash_bytes(text, length) & (names.room - 1);
    while (names.cells[at] != NULL &&
           (strncmp(names.cells[at], text, length) != 0 || names.cells[at][length] != 0)) {
        at = (at + 1) & (names.room - 1);
    }
    return &names.cells[at];
}

static void names_grow(void) {
    const char **old = names.cells;
    size_t old_room = names.room;
    names.room = old_room == 0 ? 4096 : old_room * 2;
    names.cells = memory_new(names.room * sizeof *names.cells);
    for (size_t i = 0; i < old_room; i++) {
        if (old[i] != NULL) {
            *name_cell(old[i], strlen(old[i])) = old[i];
        }
    }
    free(old);
}

const char *name_of_part(const char *text, size_t length) {
    if (names.count * 2 >= names.room) {
        names_grow();
    }
    const char **cell = name_cell(text, length);
    if (*cell == NULL) {
        *cell = memory_text(text, length);
        names.count++;
    }
    return *cell;
}

const char *name_of(const char *text) {
    return text == NULL ? NULL : name_of_part(text, strlen(text));
}

const char *name_print(const char *format, ...) {
    text_t text = {0};
    va_list arguments;
    va_start(arguments, format);
    text_format(&text, format, arguments);
    va_end(arguments);
    const char *name = name_of(text.at);
    text_free(&text);
    return name;
}

static size_t map_cell(const map_t *map, const void *key) {
    size_t at = (size_t)(((uint64_t)(uintptr_t)key * 0x9E3779B97F4A7C15U) >> 32) & (map->room - 1);
    while (map->cells[at].key != NULL && map->cells[at].key != key) {
        at = (at + 1) & (map->room - 1);
    }
    return at;
}

size_t *map_find(const map_t *map, const void *key) {
    if (map->room == 0 || key == NULL) {
        return NULL;
    }
    size_t at = map_cell(map, key);
    return map->cells[at].key == NULL ? NULL : &map->cells[at].value;
}

size_t *map_take(map_t *map, const void *key, size_t fresh, bool *added) {
    if (map->count * 2 >= map->room) {
        map_t bigger = {.room = map->room == 0 ? 64 : map->room * 2, .count = map->count};
        bigger.cells = memory_new(bigger.room * sizeof *bigger.cells);
        for (size_t i = 0; i < map->room; i++) {
            if (map->cells[i].key != NULL) {
                bigger.cells[map_cell(&bigger, map->cells[i].key)] = map->cells[i];
            }
        }
        free(map->cells);
        *map = bigger;
    }
    size_t at = map_cell(map, key);
    bool is_new = map->cells[at].key == NULL;
    if (is_new) {
        map->cells[at] = (struct map_cell){.key = key, .value = fresh};
        map->count++;
    }
    if (added != NULL) {
        *added = is_new;
    }
    return &map->cells[at].value;
}

void map_free(map_t *map) {
    free(map->cells);
    *map = (map_t){0};
}

bool text_has_word(const char *const words[], size_t count, const char *word) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

bool text_ends(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

bool text_begins(const char *text, const char *begin) {
    return strncmp(text, begin, strlen(begin)) == 0;
}

static char *read_all(int file, size_t *size) {
    text_t text = {0};
    char *part = memory_new(65536);
    ssize_t got = read(file, part, 65536);
    while (got > 0) {
        text_add_part(&text, part, (size_t)got);
        got = read(file, part, 65536);
    }
    free(part);
    text_add_part(&text, "", 0);
    if (got < 0) {
        text_free(&text);
        return NULL;
    }
    *size = text.size;
    return text.at;
}

char *file_read(const char *path, size_t *size) {
    struct stat info;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return NULL;
    }
    if (fstat(file, &info) == 0 && !S_ISREG(info.st_mode)) {
        close(file);
        errno = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
        return NULL;
    }
    char *text = read_all(file, size);
    int error = errno;
    close(file);
    errno = error;
    return text;
}
