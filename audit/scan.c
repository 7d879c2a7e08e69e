// audit/scan.c -- reads files line by line; see scan.h.
#include "scan.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const scan_std_headers[] = {
    "algorithm",     "array",         "atomic",        "bitset",
    "chrono",        "cassert",       "cctype",        "cerrno",
    "cfloat",        "cinttypes",     "climits",       "cmath",
    "complex",       "csignal",       "cstdarg",       "cstddef",
    "cstdint",       "cstdio",        "cstdlib",       "cstring",
    "ctime",         "deque",         "exception",     "filesystem",
    "fstream",       "functional",    "future",        "initializer_list",
    "iomanip",       "ios",           "iostream",      "istream",
    "iterator",      "limits",        "list",          "locale",
    "map",           "memory",        "mutex",         "new",
    "numeric",       "optional",      "ostream",       "queue",
    "random",        "ratio",         "regex",         "set",
    "sstream",       "stack",         "stdexcept",     "streambuf",
    "string",        "string_view",   "thread",        "tuple",
    "type_traits",   "unordered_map", "unordered_set", "utility",
    "valarray",      "variant",       "vector",        "stdarg.h",
    "stdbool.h",     "stddef.h",      "stdint.h",      "stdalign.h",
    "stdnoreturn.h", "stdatomic.h",   "limits.h",      "float.h"};
const size_t scan_std_header_count = sizeof scan_std_headers / sizeof *scan_std_headers;

static const char *after_spaces(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t')) {
        at++;
    }
    return at;
}

static void scan_include(scan_t *scan, const file_t *file, const char *at, const char *end) {
    at = after_spaces(at, end);
    if (at == end || *at != '#') {
        return;
    }
    at = after_spaces(at + 1, end);
    if (end - at < 8 || strncmp(at, "include", 7) != 0) {
        return;
    }
    at = after_spaces(at + 7, end);
    if (at == end || (*at != '"' && *at != '<')) {
        return;
    }
    const char *stop = memchr(at + 1, *at == '<' ? '>' : '"', (size_t)(end - at - 1));
    if (stop != NULL && stop > at + 1) {
        *LIST_ADD(scan->includes) =
            (scan_include_t){.from = file->real,
                             .path = name_of_part(at + 1, (size_t)(stop - at - 1)),
                             .angle = *at == '<'};
    }
}

// The words behind `rnaudit:`; false when they say nothing that is known.
static bool read_note(note_t *note, const char *at, const char *end) {
    note->frequency = note->policy = -1;
    for (int words = 0; at < end && words < 2; words++) {
        at = after_spaces(at, end);
        const char *begin = at;
        while (at < end && (isalnum((unsigned char)*at) || *at == '_')) {
            at++;
        }
        const char *word = name_of_part(begin, (size_t)(at - begin));
        if (words == 0 && strcmp(word, "only") == 0) {
            note->only = true;
            continue;
        }
        note->frequency = word_find(frequency_names, FREQUENCY_COUNT, word);
        note->policy = word_find(policy_names, POLICY_COUNT, word);
        return note->frequency >= 0 || note->policy >= 0;
    }
    return false;
}

static bool is_code(const char *at, const char *end) {
    at = after_spaces(at, end);
    return at < end && *at != '\r' &&
           !(end - at > 1 && at[0] == '/' && (at[1] == '/' || at[1] == '*')) &&
           !(at[0] == '*' && (end - at == 1 || at[1] == ' ' || at[1] == '/'));
}

// A comment that begins with `rnaudit:`; `*alone` tells whether it has the line for itself.
static const char *find_note(const char *begin, const char *end, bool *alone) {
    for (const char *at = begin; end - at > 8; at++) {
        if (at[0] != '/' || (at[1] != '/' && at[1] != '*')) {
            continue;
        }
        const char *word = after_spaces(at + 2, end);
        if (end - word > 8 && strncmp(word, "rnaudit:", 8) == 0) {
            *alone = after_spaces(begin, at) == at;
            return word + 8;
        }
    }
    return NULL;
}

typedef struct {
    scan_t *scan;
    file_t *file;
    size_t waiting; // notes at the end of the list that wait for a line of code
} lines_t;

static void scan_line(lines_t *lines, unsigned number, const char *at, const char *end) {
    file_t *file = lines->file;
    if (is_code(at, end)) {
        for (; lines->waiting > 0; lines->waiting--) {
            file->notes.at[file->notes.count - lines->waiting].line = number;
        }
    }
    scan_include(lines->scan, file, at, end);
    bool alone = false;
    const char *words =
        memchr(at, '/', (size_t)(end - at)) == NULL ? NULL : find_note(at, end, &alone);
    note_t note = {.line = number};
    if (words != NULL && read_note(&note, words, end)) {
        *LIST_ADD(file->notes) = note;
        lines->waiting += alone ? 1 : 0;
    }
}

static bool is_table(const scan_t *scan, const char *text) {
    for (size_t i = 0; i < scan->rules->tables.count; i++) {
        if (strstr(text, scan->rules->tables.at[i].macro) != NULL) {
            return true;
        }
    }
    return false;
}

// Whether the file defines a container itself, so that the real ones would be in the way.
static bool has_own_std(const char *text) {
    static const char *const classes[] = {"class vector",       "struct vector",
                                          "class shared_ptr",   "struct shared_ptr",
                                          "class basic_string", "class unique_ptr"};
    if (strstr(text, "namespace std") == NULL) {
        return false;
    }
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        const char *found = strstr(text, classes[i]);
        if (found != NULL && found[strlen(classes[i])] != ';') {
            return true;
        }
    }
    return false;
}

static bool looks_cxx(const char *text) {
    return strstr(text, "\nclass ") != NULL || strstr(text, "\nnamespace ") != NULL ||
           strstr(text, "\ntemplate") != NULL;
}

// A byte 0, or many that no text holds.
static bool is_binary(const char *text, size_t size) {
    size_t odd = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == 0) {
            return true;
        }
        odd += byte < 0x20 && strchr("\t\n\r\f\v\x1a\x1b", byte) == NULL ? 1 : 0;
    }
    return odd * 100 > size;
}

void scan_file(scan_t *scan, file_t *file) {
    char *text = file_read(file->real, &file->size);
    if (text == NULL) {
        file->trouble = name_of(strerror(errno));
        return;
    }
    if (is_binary(text, file->size)) {
        file->trouble = "a binary file";
        free(text);
        return;
    }
    lines_t lines = {.scan = scan, .file = file};
    unsigned number = 0;
    for (const char *at = text, *end = text + file->size; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop == NULL ? end : stop;
        scan_line(&lines, ++number, at, stop);
        at = stop + 1;
    }
    file->table = is_table(scan, text);
    scan->own_std = scan->own_std || has_own_std(text);
    scan->cxx_headers = scan->cxx_headers || (!file->source && looks_cxx(text));
    free(text);
}
