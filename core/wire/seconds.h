// seconds.h -- times as the wire and the files have them (IEEE 754 doubles, in seconds) and as the
// node has them (microseconds), by integers alone: a processor without an FPU has no use for two
// kilobytes of floating point.
#ifndef RNSI_SECONDS_H_INCLUDED
#define RNSI_SECONDS_H_INCLUDED

#include <stdint.h>

// The bits of the double that is nearest to us / 1,000,000, to the even one of two.
uint64_t rnsi_seconds_of_us(int64_t us);

// The nearest number of microseconds, away from zero in the middle. 2^43 seconds (8.8e12) and more
// are INT64_MAX; as far below zero, and what is no number, INT64_MIN.
int64_t rnsi_us_of_seconds(uint64_t bits);

// A single as a double, which it always is.
uint64_t rnsi_double_of_single(uint32_t bits);

#endif
