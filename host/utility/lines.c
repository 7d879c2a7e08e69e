// lines.c -- see lines.h.
#include "host/utility/lines.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

void lines_open(lines_t *lines, int descriptor) {
    lines->descriptor = descriptor;
    lines->has_ended = false;
    lines->size = 0;
}

static bool is_readable(const lines_t *lines) {
    struct pollfd watched = {.fd = lines->descriptor, .events = POLLIN};
    return poll(&watched, 1, 0) == 1;
}

static void read_more(lines_t *lines) {
    if (lines->has_ended || lines->size == LINES_BYTES || !is_readable(lines)) {
        return;
    }
    const ssize_t got =
        read(lines->descriptor, lines->bytes + lines->size, LINES_BYTES - lines->size);
    if (got > 0) {
        lines->size += (size_t)got;
    } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
        lines->has_ended = true;
    }
}

// Moves `size` bytes out, and what ends them away.
static lines_result_t give(lines_t *lines, size_t size, size_t taken, char out[LINES_BYTES]) {
    memcpy(out, lines->bytes, size);
    out[size] = '\0';
    lines->size -= taken;
    memmove(lines->bytes, lines->bytes + taken, lines->size);
    return LINES_LINE;
}

lines_result_t lines_next(lines_t *lines, char out[LINES_BYTES]) {
    const char *end = memchr(lines->bytes, '\n', lines->size);
    if (end == NULL) {
        read_more(lines);
        end = memchr(lines->bytes, '\n', lines->size);
    }
    if (end != NULL) {
        const size_t size = (size_t)(end - lines->bytes);
        return give(lines, size, size + 1, out);
    }
    if (lines->size == LINES_BYTES) {
        return give(lines, LINES_BYTES - 1, LINES_BYTES - 1, out);
    }
    if (!lines->has_ended) {
        return LINES_NONE;
    }
    return lines->size > 0 ? give(lines, lines->size, lines->size, out) : LINES_END;
}
