// host/clock.h -- the clocks of a node, and its entropy: what the core asks of the system.
#ifndef HOST_CLOCK_H_INCLUDED
#define HOST_CLOCK_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rns/types.h"

rns_us_t clock_now(void);    // monotonic, never decreasing
int64_t clock_unix_us(void); // wall time

// Fills out from the system's generator. False: it cannot, now.
bool clock_entropy(void *user, uint8_t *out, size_t size);

#endif
