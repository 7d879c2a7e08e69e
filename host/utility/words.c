// words.c -- see words.h.
#include "host/utility/words.h"

#include <stdlib.h>
#include <string.h>

typedef enum { BETWEEN, PLAIN, SINGLE, DOUBLE, ESCAPED, DOUBLE_ESCAPED } state_t;

typedef struct {
    words_t *words;
    state_t state;
    char *out;
} splitter_t;

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void begin_word(splitter_t *splitter) {
    splitter->words->at[splitter->words->count++] = splitter->out;
}

static void end_word(splitter_t *splitter) {
    *splitter->out++ = '\0';
    splitter->state = BETWEEN;
}

// Outside of quotes.
static void take_plain(splitter_t *splitter, char c) {
    if (splitter->state == BETWEEN) {
        if (is_space(c)) {
            return;
        }
        begin_word(splitter);
    } else if (is_space(c)) {
        end_word(splitter);
        return;
    }
    splitter->state = c == '\'' ? SINGLE : c == '"' ? DOUBLE : c == '\\' ? ESCAPED : PLAIN;
    if (splitter->state == PLAIN) {
        *splitter->out++ = c;
    }
}

// Between double quotes a backslash is one, unless a quote or another follows.
static void take_double_escaped(splitter_t *splitter, char c) {
    if (c != '"' && c != '\\') {
        *splitter->out++ = '\\';
    }
    *splitter->out++ = c;
    splitter->state = DOUBLE;
}

static void take(splitter_t *splitter, char c) {
    switch (splitter->state) {
    case BETWEEN:
    case PLAIN:
        take_plain(splitter, c);
        return;
    case SINGLE:
    case DOUBLE:
        if (c == (splitter->state == SINGLE ? '\'' : '"')) {
            splitter->state = PLAIN;
        } else if (splitter->state == DOUBLE && c == '\\') {
            splitter->state = DOUBLE_ESCAPED;
        } else {
            *splitter->out++ = c;
        }
        return;
    case ESCAPED:
        *splitter->out++ = c;
        splitter->state = PLAIN;
        return;
    case DOUBLE_ESCAPED:
        take_double_escaped(splitter, c);
        return;
    }
}

// Words and their NULs take no more than the text and one byte: each but the last had a space.
static bool take_memory(words_t *words, size_t size) {
    words->text = malloc(size + 1);
    words->at = calloc(size / 2 + 2, sizeof words->at[0]);
    return words->text != NULL && words->at != NULL;
}

words_result_t words_split(rns_bytes_t text, words_t *words) {
    *words = (words_t){NULL, 0, NULL};
    if (text.size > WORDS_TEXT_MOST) {
        return WORDS_TOO_LONG;
    }
    if (text.size > 0 && memchr(text.data, 0, text.size) != NULL) {
        return WORDS_NUL;
    }
    if (!take_memory(words, text.size)) {
        return WORDS_NO_MEMORY;
    }
    splitter_t splitter = {words, BETWEEN, words->text};
    for (size_t i = 0; i < text.size; i++) {
        take(&splitter, (char)text.data[i]);
    }
    if (splitter.state == PLAIN) {
        end_word(&splitter);
    }
    return splitter.state == BETWEEN ? WORDS_OK : WORDS_OPEN;
}

void words_free(words_t *words) {
    free(words->text);
    free(words->at);
    *words = (words_t){NULL, 0, NULL};
}
