// clock_entropy.c -- see clock.h.
#include <sys/random.h>

#include "host/clock.h"

#define ENTROPY_SLICE 256U // bytes that getentropy() gives at most

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
