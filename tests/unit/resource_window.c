// The window of a receiver and its timeouts, beside the reference's on a clock of its own.
#include "resource_help.h"

#include "session/transfer.h"
#include "vectors/resource.h"

#define SDU 464U

typedef struct {
    struct rnsi_resource_in in;
    struct rnsi_link link;
} window_t;

static void near_to(int64_t value, int64_t wanted, int64_t most) {
    if (value < wanted - most || value > wanted + most) {
        fail_msg("%lld is not %lld", (long long)value, (long long)wanted);
    }
}

// Rates are whole bytes a second here, and floats there.
static void compare(window_t *w, const resource_round_t *v) {
    const rns_us_t due = rnsi_window_due(&w->in, &w->link, SDU);
    assert_int_equal(w->in.outstanding, v->outstanding);
    assert_int_equal(w->in.window, v->window);
    assert_int_equal(w->in.window_min, v->window_min);
    assert_int_equal(w->in.window_max, v->window_max);
    assert_int_equal(w->in.fast_rounds, v->fast);
    assert_int_equal(w->in.slow_rounds, v->slow);
    near_to(w->in.eifr, v->eifr, 8);
    assert_int_equal(w->link.expected_rate, w->in.eifr);
    near_to(due - v->at, v->timeout, v->timeout / 100 + 10);
}

static void play(const resource_round_t *rounds, size_t count, rns_us_t rtt) {
    window_t w = {.link = {.rtt_us = rtt, .cost = 204}};
    rnsi_window_begin(&w.in, &w.link, 0);
    for (size_t i = 0; i < count; i++) {
        const resource_round_t *v = &rounds[i];
        if (v->what == 'p' || v->what == 'P') {
            rnsi_window_part(&w.in, &w.link, v->at, SDU, SDU + 19);
        }
        if (v->what == 'P') {
            assert_int_equal(w.in.outstanding, 0);
            rnsi_window_round(&w.in, &w.link, v->at);
        }
        if (v->what == 't') {
            rnsi_window_shrink(&w.in);
            w.in.retries--;
        }
        if (v->what != 'p') {
            rnsi_window_asked(&w.in, v->at, w.in.window, 0);
        }
        compare(&w, v);
    }
}

static void the_window_of_a_fast_link_is_the_reference_s(void **state) {
    (void)state;
    play(ROUNDS_FAST, sizeof ROUNDS_FAST / sizeof *ROUNDS_FAST, 50 * MS);
}

static void the_window_of_a_lossy_link_is_the_reference_s(void **state) {
    (void)state;
    play(ROUNDS_MEDIUM, sizeof ROUNDS_MEDIUM / sizeof *ROUNDS_MEDIUM, 400 * MS);
}

static void the_window_is_the_reference_s_when_the_first_rounds_are_lost(void **state) {
    (void)state;
    play(ROUNDS_LOST, sizeof ROUNDS_LOST / sizeof *ROUNDS_LOST, 400 * MS);
}

static void the_window_of_a_slow_link_is_the_reference_s(void **state) {
    (void)state;
    play(ROUNDS_SLOW, sizeof ROUNDS_SLOW / sizeof *ROUNDS_SLOW, 3500 * MS);
}

static void a_transfer_begins_with_what_the_link_had_before(void **state) {
    (void)state;
    window_t w = {.link = {.rtt_us = 100 * MS, .cost = 204}};
    rnsi_window_begin(&w.in, &w.link, 0);
    assert_int_equal(w.in.window, 4);
    rnsi_window_asked(&w.in, 0, 4, 0);
    // 204 bytes in 100 ms: 16,320 bit/s; four times 3 * 464 of them, and a quarter of a second.
    assert_int_equal(rnsi_window_due(&w.in, &w.link, SDU), 4 * 85294 + 250000);
    w.link.last_window = 30;
    w.link.last_eifr = 1000000;
    rnsi_window_begin(&w.in, &w.link, 0);
    assert_int_equal(w.in.window, 30);
    assert_int_equal(w.in.window_max, 10);
    rnsi_window_asked(&w.in, 0, 30, 0);
    assert_int_equal(rnsi_window_due(&w.in, &w.link, SDU), 4 * 1392 + 250000);
}

static void waiting_for_the_map_takes_longer(void **state) {
    (void)state;
    window_t w = {.link = {.rtt_us = 100 * MS, .cost = 204, .last_eifr = 1000000}};
    rnsi_window_begin(&w.in, &w.link, 0);
    rnsi_window_asked(&w.in, 0, 1, 0);
    rnsi_window_part(&w.in, &w.link, 10 * MS, SDU, SDU + 19);
    w.in.outstanding = 2;
    // Twice 2 * 464 bytes at 1 Mbit/s, and a quarter of a second.
    assert_int_equal(rnsi_window_due(&w.in, &w.link, SDU), 10 * MS + 2 * 7424 + 250000);
    w.in.waits_for_map = true; // 3.5 * 464 bytes more
    assert_int_equal(rnsi_window_due(&w.in, &w.link, SDU), 10 * MS + 2 * 7424 + 12992 + 250000);
}

// A link whose request was answered within the same microsecond, and one that is slow as can be.
static void rates_of_nothing_do_no_harm(void **state) {
    (void)state;
    window_t w = {.link = {.rtt_us = 0, .cost = 0}};
    rnsi_window_begin(&w.in, &w.link, 0);
    rnsi_window_asked(&w.in, 0, 1, 0);
    assert_true(rnsi_window_due(&w.in, &w.link, SDU) > 0);
    rnsi_window_part(&w.in, &w.link, 0, SDU, SDU + 19);
    rnsi_window_round(&w.in, &w.link, 0);
    assert_int_equal(w.in.data_rate, 0);
    rnsi_window_asked(&w.in, 0, 75, 0);
    assert_true(rnsi_window_due(&w.in, &w.link, 524252) > 0);
    w.in.response_rate = 1;
    assert_true(rnsi_window_due(&w.in, &w.link, 524252) > 0);
    rnsi_window_part(&w.in, &w.link, 1, 524252, 524271);
    rnsi_window_round(&w.in, &w.link, 1);
    assert_int_equal(w.in.eifr, UINT32_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_of_a_fast_link_is_the_reference_s),
        cmocka_unit_test(the_window_of_a_lossy_link_is_the_reference_s),
        cmocka_unit_test(the_window_is_the_reference_s_when_the_first_rounds_are_lost),
        cmocka_unit_test(the_window_of_a_slow_link_is_the_reference_s),
        cmocka_unit_test(a_transfer_begins_with_what_the_link_had_before),
        cmocka_unit_test(waiting_for_the_map_takes_longer),
        cmocka_unit_test(rates_of_nothing_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
