// Seconds and microseconds, against what the compiler's own doubles say, and at the edges.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/seconds.h"

static uint64_t bits_of(double real) {
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    return bits;
}

static uint64_t dice(uint64_t *state) { // SplitMix64
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

// Below 2^53 the division is rounded once, as it should be.
static void seconds_are_those_of_the_processor(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (unsigned i = 0; i < 200000; i++) {
        const uint64_t number = dice(&seed);
        const int64_t us = (int64_t)(number >> 11 >> number % 53);
        assert_int_equal(rnsi_seconds_of_us(us), bits_of((double)us / 1e6));
        assert_int_equal(rnsi_seconds_of_us(-us), bits_of(us == 0 ? 0.0 : (double)-us / 1e6));
    }
}

static void microseconds_come_back(void **state) {
    (void)state;
    uint64_t seed = 2;
    for (unsigned i = 0; i < 200000; i++) {
        const uint64_t number = dice(&seed);
        const int64_t us = (int64_t)(number >> 13 >> number % 51); // a double tells them apart
        assert_int_equal(rnsi_us_of_seconds(rnsi_seconds_of_us(us)), us);
        assert_int_equal(rnsi_us_of_seconds(rnsi_seconds_of_us(-us)), -us);
    }
}

static void edges(void **state) {
    static const struct {
        double seconds;
        int64_t us;
    } CASES[] = {
        {0.0, 0},
        {-0.0, 0},
        {1e-300, 0},
        {4.9e-324, 0},
        {4.0e-7, 0},
        {6.0e-7, 1},
        {-6.0e-7, -1},
        {0.5, 500000},
        {1.5, 1500000},
        {1800000000.25, 1800000000250000},
        {1e300, INT64_MAX},
        {-1e300, INT64_MIN},
        {8e12, 8000000000000000000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        assert_int_equal(rnsi_us_of_seconds(bits_of(CASES[i].seconds)), CASES[i].us);
    }
    assert_int_equal(rnsi_us_of_seconds(bits_of((double)INFINITY)), INT64_MAX);
    assert_int_equal(rnsi_us_of_seconds(bits_of(-(double)INFINITY)), INT64_MIN);
    assert_int_equal(rnsi_us_of_seconds(bits_of((double)NAN)), INT64_MIN);
}

static void singles_are_doubles(void **state) {
    static const float CASES[] = {0.0F,   -0.0F,   1.5F,    -3.25e10F,       1.17549e-38F,
                                  1e-45F, -1e-40F, 3.4e38F, (float)INFINITY, -(float)INFINITY};
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        uint32_t bits;
        memcpy(&bits, &CASES[i], sizeof bits);
        assert_int_equal(rnsi_double_of_single(bits), bits_of((double)CASES[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seconds_are_those_of_the_processor),
        cmocka_unit_test(microseconds_come_back),
        cmocka_unit_test(edges),
        cmocka_unit_test(singles_are_doubles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
