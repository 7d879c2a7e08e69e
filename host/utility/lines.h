// host/utility/lines.h -- lines from standard input, without waiting for them.
#ifndef HOST_UTILITY_LINES_H_INCLUDED
#define HOST_UTILITY_LINES_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

#define LINES_BYTES 65536U // of the longest line with its end; a longer one comes in pieces

typedef struct {
    int descriptor;
    bool has_ended; // the input has
    size_t size;    // bytes that were read and not given out
    char bytes[LINES_BYTES];
} lines_t;

typedef enum { LINES_NONE, LINES_LINE, LINES_END } lines_result_t;

void lines_open(lines_t *lines, int descriptor);

// The next line without its end, and a NUL; NONE: there is none yet.
lines_result_t lines_next(lines_t *lines, char out[LINES_BYTES]);

#endif
