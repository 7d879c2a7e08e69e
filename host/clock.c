// clock.c -- see clock.h.
#include "host/clock.h"

#include <sys/random.h>
#include <time.h>

#define ENTROPY_SLICE 256U // bytes that getentropy() gives at most

static int64_t read_us(clockid_t id) {
    struct timespec at = {0, 0};
    (void)clock_gettime(id, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

rns_us_t clock_now(void) {
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_unix_us(void) {
    return read_us(CLOCK_REALTIME);
}

bool clock_entropy(void *user, uint8_t *out, size_t size) {
    (void)user;
    for (size_t at = 0; at < size; at += ENTROPY_SLICE) {
        const size_t slice = size - at < ENTROPY_SLICE ? size - at : ENTROPY_SLICE;
        if (getentropy(out + at, slice) != 0) {
            return false;
        }
    }
    return true;
}
