// The window of a channel and its timeouts grow and shrink as those of the reference.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "session/window.h"
#include "vectors/channel.h"

#define ITEMS(array) (sizeof(array) / sizeof *(array))

static void assert_window(const struct rnsi_channel *channel, channel_state_t expected) {
    assert_int_equal(channel->window, expected.window);
    assert_int_equal(channel->window_max, expected.max);
    assert_int_equal(channel->window_min, expected.min);
}

static void window_takes_the_steps_of_the_reference(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(CHANNEL_WINDOWS); i++) {
        const channel_window_t *v = &CHANNEL_WINDOWS[i];
        struct rnsi_channel channel = {.window = 0};
        rnsi_window_open(&channel, v->rtt_us);
        assert_window(&channel, v->states[0]);
        for (size_t step = 0; v->steps[step] != '\0'; step++) {
            if (v->steps[step] == 'd') {
                rnsi_window_proved(&channel, v->rtt_us);
            } else {
                rnsi_window_missed(&channel);
            }
            assert_window(&channel, v->states[step + 1]);
        }
    }
}

static void fast_class_is_entered_once_however_long_the_link_lives(void **state) {
    (void)state;
    struct rnsi_channel channel = {.window = 0};
    rnsi_window_open(&channel, 1);
    for (unsigned i = 0; i < 10; i++) {
        rnsi_window_proved(&channel, 1);
    }
    assert_int_equal(channel.window_max, 48);
    channel.window_max = 20;
    for (unsigned i = 0; i < 200000; i++) {
        rnsi_window_proved(&channel, 1);
    }
    assert_int_equal(channel.window_max, 20);
}

static void window_without_a_round_trip_time_only_grows(void **state) {
    (void)state;
    struct rnsi_channel channel = {.window = 0};
    rnsi_window_open(&channel, 0);
    for (unsigned i = 0; i < 20; i++) {
        rnsi_window_proved(&channel, 0);
    }
    assert_window(&channel, (channel_state_t){5, 5, 2});
}

static void timeouts_are_those_of_the_reference(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(CHANNEL_TIMEOUTS); i++) {
        const channel_timeout_t *v = &CHANNEL_TIMEOUTS[i];
        const rns_us_t timeout = rnsi_window_timeout(v->rtt_us, v->tries, v->ring);
        assert_in_range(timeout, v->timeout_us - 1, v->timeout_us);
    }
}

static void absurd_round_trip_time_does_not_overflow(void **state) {
    (void)state;
    assert_int_equal(rnsi_window_timeout(INT64_MAX, 5, 48), INT64_C(54128250000000));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(window_takes_the_steps_of_the_reference),
        cmocka_unit_test(fast_class_is_entered_once_however_long_the_link_lives),
        cmocka_unit_test(window_without_a_round_trip_time_only_grows),
        cmocka_unit_test(timeouts_are_those_of_the_reference),
        cmocka_unit_test(absurd_round_trip_time_does_not_overflow),
    };
    return cmocka_run_group_tests_name("session window", tests, NULL, NULL);
}
