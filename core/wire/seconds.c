#include "wire/seconds.h"

#include <stdbool.h>

#define US_A_SECOND 1000000U

// IEEE 754: a sign, an exponent and what follows the leading one.
#define FRACTION   52U
#define BIAS       1023
#define LEADING    (UINT64_C(1) << FRACTION)
#define EXPONENT   2047U // all ones: no number, or infinite
#define SIGN       (UINT64_C(1) << 63)
#define GUARD      2U // bits behind the fraction, to round by
#define LARGEST    42 // exponent of the most that fits
#define S_FRACTION 23U
#define S_BIAS     127
#define S_EXPONENT 255U

static uint64_t pack(bool negative, int exponent, uint64_t mantissa) {
    return (negative ? SIGN : 0) | (uint64_t)(exponent + (int)FRACTION + BIAS) << FRACTION |
           (mantissa & (LEADING - 1));
}

uint64_t rnsi_seconds_of_us(int64_t us) {
    const bool negative = us < 0;
    const uint64_t size = negative ? 0 - (uint64_t)us : (uint64_t)us;
    if (size == 0) {
        return 0;
    }
    // Long division, bit by bit: the quotient's whole part first, then what follows the point.
    uint64_t mantissa = size / US_A_SECOND;
    uint32_t rest = (uint32_t)(size % US_A_SECOND);
    int exponent = 0;
    while (mantissa < LEADING << GUARD) {
        rest *= 2;
        const bool bit = rest >= US_A_SECOND;
        rest -= bit ? US_A_SECOND : 0;
        mantissa = mantissa << 1 | bit;
        exponent--;
    }
    const uint64_t guard = mantissa & 3U;
    mantissa >>= GUARD;
    exponent += (int)GUARD;
    if (guard == 3U || (guard == 2U && (rest != 0 || (mantissa & 1U) != 0))) {
        mantissa++;
    }
    if (mantissa == LEADING << 1) {
        mantissa >>= 1;
        exponent++;
    }
    return pack(negative, exponent, mantissa);
}

// mantissa * 1,000,000 / 2^shift, rounded. shift: at least 10.
static uint64_t scale(uint64_t mantissa, unsigned shift) {
    const uint64_t low = (mantissa & UINT32_MAX) * US_A_SECOND;
    const uint64_t high = (mantissa >> 32) * US_A_SECOND + (low >> 32);
    const uint64_t last = low & UINT32_MAX; // the product is high * 2^32 + last
    if (shift <= 32) {
        return (high << (32 - shift)) + ((last + (UINT64_C(1) << (shift - 1))) >> shift);
    }
    return shift < 96 ? (high + (UINT64_C(1) << (shift - 33))) >> (shift - 32) : 0;
}

int64_t rnsi_us_of_seconds(uint64_t bits) {
    const bool negative = (bits & SIGN) != 0;
    const unsigned stored = (unsigned)(bits >> FRACTION) & EXPONENT;
    const int exponent = (int)stored - BIAS;
    if (exponent > LARGEST) {
        const bool is_number = stored != EXPONENT || (bits & (LEADING - 1)) == 0;
        return is_number && !negative ? INT64_MAX : INT64_MIN;
    }
    if (stored == 0) { // zero, or next to it
        return 0;
    }
    const uint64_t mantissa = LEADING | (bits & (LEADING - 1));
    const int64_t us = (int64_t)scale(mantissa, (unsigned)((int)FRACTION - exponent));
    return negative ? -us : us;
}

uint64_t rnsi_double_of_single(uint32_t bits) {
    const bool negative = bits >> 31 != 0;
    const unsigned stored = bits >> S_FRACTION & S_EXPONENT;
    uint64_t fraction = (uint64_t)(bits & ((1U << S_FRACTION) - 1)) << (FRACTION - S_FRACTION);
    int exponent = (int)stored - S_BIAS;
    if (stored == S_EXPONENT) {
        exponent = (int)EXPONENT - BIAS;
    } else if (stored == 0 && fraction == 0) {
        exponent = -BIAS;
    } else if (stored == 0) { // a subnormal: the leading one is further down
        for (exponent++; fraction < LEADING; exponent--) {
            fraction <<= 1;
        }
    }
    return pack(negative, exponent - (int)FRACTION, fraction);
}
