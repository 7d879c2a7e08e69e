// clock.c -- see clock.h. Alone in its file, so that a test may link clocks of its own.
#include "host/clock.h"

#include <time.h>

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
