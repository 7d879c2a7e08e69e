// host/utility/words.h -- a command line taken apart as Python's shlex.split() does, which the
// reference uses: quotes and backslashes, but no variables, patterns or anything else of a shell.
#ifndef HOST_UTILITY_WORDS_H_INCLUDED
#define HOST_UTILITY_WORDS_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

#include "rns/types.h"

#define WORDS_TEXT_MOST 1048576U // bytes of a command line

typedef struct {
    char **at; // count of them, and a NULL; as execvp() wants them
    size_t count;
    char *text; // that they point to
} words_t;

typedef enum {
    WORDS_OK,
    WORDS_OPEN, // a quote without an end, or a backslash at the end
    WORDS_NUL,  // a NUL among the text, which no argument can hold
    WORDS_TOO_LONG,
    WORDS_NO_MEMORY
} words_result_t;

// Free with words_free() in any case; `words` need not be initialised.
words_result_t words_split(rns_bytes_t text, words_t *words);
void words_free(words_t *words);

#endif
