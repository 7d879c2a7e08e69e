// clock.c -- the bridge's clocks: the linker takes these instead of host/clock.c. They run as the
// system's do, and go on at once by what a command says that time has passed.
#include <time.h>

#include "host/clock.h"
#include "wire.h"

static int64_t skipped_us; // the loop's alone: no other thread asks for the time

static int64_t read_us(clockid_t id) {
    struct timespec at = {0, 0};
    (void)clock_gettime(id, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000 + skipped_us;
}

rns_us_t clock_now(void) {
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_unix_us(void) {
    return read_us(CLOCK_REALTIME);
}

void clock_skip(int64_t us) {
    skipped_us += us;
}
