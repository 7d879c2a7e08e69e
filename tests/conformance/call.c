// call.c -- see call.h.
#include "call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MOST 256U // bytes of "app.aspect.aspect"

struct call_memory {
    call_memory_t *next;
    max_align_t bytes[];
};

void *call_fail(call_t *call, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(call->error, sizeof call->error, format, args);
    va_end(args);
    return NULL;
}

void *call_fail_err(call_t *call, const char *what, rns_err_t err) {
    return call_fail(call, "%s: %s", what, rns_err_text(err));
}

void *call_alloc(call_t *call, size_t size) {
    call_memory_t *memory = calloc(1, sizeof *memory + size);
    if (memory == NULL) {
        abort();
    }
    memory->next = call->memory;
    call->memory = memory;
    return memory->bytes;
}

void call_free_all(call_t *call) {
    while (call->memory != NULL) {
        call_memory_t *next = call->memory->next;
        free(call->memory);
        call->memory = next;
    }
}

// ---- Parameters

bool call_has(const call_t *call, const char *name) {
    const json_t *value = json_object_get(call->params, name);
    return value != NULL && !json_is_null(value);
}

static const json_t *find(call_t *call, const char *name) {
    if (!call_has(call, name)) {
        return call_fail(call, "the parameter '%s' is missing", name);
    }
    return json_object_get(call->params, name);
}

static int digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool read_hex(const char *text, size_t length, uint8_t *out) {
    for (size_t i = 0; i + 1 < length; i += 2) {
        const int high = digit(text[i]), low = digit(text[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    return length % 2 == 0;
}

bool call_element(call_t *call, const json_t *element, rns_mem_t *bytes) {
    const size_t length = json_string_length(element);
    bytes->size = length / 2;
    bytes->data = call_alloc(call, bytes->size + 1);
    if (!json_is_string(element) || !read_hex(json_string_value(element), length, bytes->data)) {
        (void)call_fail(call, "an element of a list is not a string of pairs of hex digits");
        return false;
    }
    return true;
}

bool call_hex(call_t *call, const char *name, rns_mem_t *bytes) {
    const json_t *value = find(call, name);
    if (value == NULL) {
        return false;
    }
    if (!call_element(call, value, bytes)) {
        (void)call_fail(call, "the parameter '%s' is not a string of pairs of hex digits", name);
        return false;
    }
    return true;
}

bool call_hex_of(call_t *call, const char *name, void *out, size_t size) {
    rns_mem_t bytes;
    if (!call_hex(call, name, &bytes)) {
        return false;
    }
    if (bytes.size != size) {
        (void)call_fail(call, "the parameter '%s' has %zu bytes instead of %zu", name, bytes.size,
                        size);
        return false;
    }
    memcpy(out, bytes.data, size);
    return true;
}

bool call_text(call_t *call, const char *name, const char **text) {
    const json_t *value = find(call, name);
    if (value == NULL) {
        return false;
    }
    if (!json_is_string(value)) {
        (void)call_fail(call, "the parameter '%s' is not a text", name);
        return false;
    }
    *text = json_string_value(value);
    return true;
}

bool call_int(call_t *call, const char *name, int64_t least, int64_t most, int64_t *value) {
    const json_t *found = find(call, name);
    if (found == NULL) {
        return false;
    }
    if (!json_is_integer(found)) {
        (void)call_fail(call, "the parameter '%s' is not an integer", name);
        return false;
    }
    *value = json_integer_value(found);
    if (*value < least || *value > most) {
        (void)call_fail(call, "the parameter '%s' is not between %lld and %lld", name,
                        (long long)least, (long long)most);
        return false;
    }
    return true;
}

bool call_real(call_t *call, const char *name, double *value) {
    const json_t *found = find(call, name);
    if (found == NULL) {
        return false;
    }
    if (!json_is_number(found)) {
        (void)call_fail(call, "the parameter '%s' is not a number", name);
        return false;
    }
    *value = json_number_value(found);
    return true;
}

bool call_flag(call_t *call, const char *name, bool *value) {
    const json_t *found = find(call, name);
    if (found == NULL) {
        return false;
    }
    if (!json_is_boolean(found)) {
        (void)call_fail(call, "the parameter '%s' is neither true nor false", name);
        return false;
    }
    *value = json_is_true(found);
    return true;
}

bool call_maybe_hex(call_t *call, const char *name, rns_mem_t *bytes) {
    return !call_has(call, name) || call_hex(call, name, bytes);
}

bool call_maybe_text(call_t *call, const char *name, const char **text) {
    return !call_has(call, name) || call_text(call, name, text);
}

bool call_maybe_int(call_t *call, const char *name, int64_t least, int64_t most, int64_t *value) {
    return !call_has(call, name) || call_int(call, name, least, most, value);
}

bool call_maybe_real(call_t *call, const char *name, double *value) {
    return !call_has(call, name) || call_real(call, name, value);
}

bool call_maybe_flag(call_t *call, const char *name, bool *value) {
    return !call_has(call, name) || call_flag(call, name, value);
}

bool call_maybe_list(call_t *call, const char *name, json_t **list) {
    *list = NULL; // jansson takes it for an empty one
    if (!call_has(call, name)) {
        return true;
    }
    *list = json_object_get(call->params, name);
    if (!json_is_array(*list)) {
        (void)call_fail(call, "the parameter '%s' is not a list", name);
        return false;
    }
    return true;
}

// ---- Names

typedef struct {
    char *text;
    size_t used;
} name_t;

static bool add_part(call_t *call, name_t *name, const char *part, size_t length) {
    if (memchr(part, '.', length) != NULL) {
        (void)call_fail(call, "dots cannot be used in a part of a name");
        return false;
    }
    if (name->used + length + 2 > NAME_MOST) {
        (void)call_fail(call, "a name has at most %u bytes", NAME_MOST - 1);
        return false;
    }
    if (name->used > 0) {
        name->text[name->used++] = '.';
    }
    memcpy(name->text + name->used, part, length);
    name->used += length;
    return true;
}

// "aspect,aspect"
static bool add_text(call_t *call, name_t *name, const char *text) {
    while (*text != '\0') {
        const size_t length = strcspn(text, ",");
        if (!add_part(call, name, text, length)) {
            return false;
        }
        text += length + (text[length] == ',');
    }
    return true;
}

static bool add_list(call_t *call, name_t *name, const json_t *list) {
    size_t index;
    const json_t *part;
    json_array_foreach(list, index, part) {
        if (!json_is_string(part)) {
            (void)call_fail(call, "an aspect is not a text");
            return false;
        }
        if (!add_part(call, name, json_string_value(part), json_string_length(part))) {
            return false;
        }
    }
    return true;
}

bool call_name(call_t *call, const char **name) {
    const char *app, *text;
    name_t full = {.text = call_alloc(call, NAME_MOST)};
    *name = full.text;
    if (!call_text(call, "app_name", &app) || !add_part(call, &full, app, strlen(app))) {
        return false;
    }
    if (json_is_string(json_object_get(call->params, "aspects"))) {
        return call_text(call, "aspects", &text) && add_text(call, &full, text);
    }
    json_t *list;
    return call_maybe_list(call, "aspects", &list) && add_list(call, &full, list);
}

// ---- Results

json_t *hex_of(const void *data, size_t size) {
    static const char DIGITS[] = "0123456789abcdef";
    if (data == NULL) {
        return json_null();
    }
    const uint8_t *bytes = data;
    char *text = malloc(2 * size + 1);
    if (text == NULL) {
        abort();
    }
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = DIGITS[bytes[i] >> 4];
        text[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
    json_t *string = json_stringn_nocheck(text, 2 * size);
    free(text);
    return string;
}

json_t *hex_of_hash(const rns_hash_t *hash) {
    return hex_of(hash->b, sizeof hash->b);
}

json_t *hex_of_mem(rns_mem_t bytes) {
    return hex_of(bytes.data == NULL ? (const uint8_t *)"" : bytes.data, bytes.size);
}
