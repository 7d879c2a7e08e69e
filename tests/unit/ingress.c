// Bursts, egress control and held announces: the reference's answers to series of events, and what
// is ours alone (shares, the ring's span).
#include "route_help.h"

#include "route/ingress.h"
#include "vectors/ingress.h"

static const rns_iface_config_t PLAIN = {
    .name = "Test[0]", .egress_control = RNS_YES, .ic_held_max = 5};

static int setup(void **state) {
    bench_t *bench = bench_new();
    bench_open(bench, 0);
    *state = bench;
    return 0;
}

static int teardown(void **state) {
    bench_free(*state);
    return 0;
}

static void at(bench_t *bench, rns_us_t now) {
    bench->node->now = now;
}

static struct rnsi_inbox_announce held_announce(uint32_t number, uint8_t hops, uint8_t dest[16]) {
    struct rnsi_inbox_announce in = {.hops = hops, .size = 200};
    bench_dest(dest, number);
    bench_dest(in.raw, number);
    return in;
}

static bool hold(bench_t *bench, struct rnsi_iface *iface, uint32_t number, uint8_t hops) {
    uint8_t dest[16];
    const struct rnsi_inbox_announce in = held_announce(number, hops, dest);
    return rnsi_held_put(bench->node, iface, &in, dest);
}

// The number of the destination that is released, or -1.
static int release(bench_t *bench, struct rnsi_iface *iface) {
    struct rnsi_held *held = rnsi_held_release(bench->node, iface);
    if (held == NULL) {
        return -1;
    }
    const int number = held->key[0];
    assert_int_equal(held->raw[0], number);
    rnsi_held_give(bench->node, held);
    return number;
}

// ---- Series of the reference

static int answer(bench_t *bench, struct rnsi_iface *iface, const ingress_step_t *step) {
    rns_node_t *node = bench->node;
    switch ((ingress_do_t)step->what) {
    case DO_ANNOUNCE_IN:
    case DO_ANNOUNCE_OUT:
    case DO_ASK_IN:
    case DO_ASK_OUT:
        rnsi_flow_count(node, iface, (rnsi_flow_kind_t)(step->what - DO_ANNOUNCE_IN));
        return 0;
    case DO_ANNOUNCE_IN_MHZ:
    case DO_ANNOUNCE_OUT_MHZ:
    case DO_ASK_IN_MHZ:
    case DO_ASK_OUT_MHZ:
        return (int)rnsi_flow_mhz(node, iface, (rnsi_flow_kind_t)(step->what - DO_ANNOUNCE_IN_MHZ));
    case DO_LIMITS:
        return rnsi_ingress_limits(node, iface);
    case DO_LIMITS_ASKS:
        return rnsi_ingress_limits_asks(node, iface);
    case DO_EGRESS_LIMITS:
        return rnsi_egress_limits(node, iface);
    case DO_HOLD:
        hold(bench, iface, step->given & 0xFF, (uint8_t)(step->given >> 8));
        return (int)iface->held_count;
    case DO_RELEASE:
        break;
    }
    return release(bench, iface);
}

static void run(void **state, const ingress_step_t *steps, size_t count) {
    bench_t *bench = *state;
    at(bench, 50 * SECOND); // when the interface comes
    struct rnsi_iface *iface = bench_iface(bench, &PLAIN);
    for (size_t i = 0; i < count; i++) {
        at(bench, 50 * SECOND + steps[i].at_cs * (SECOND / 100));
        const int got = answer(bench, iface, &steps[i]);
        if (got != steps[i].answer || iface->announce_burst.active != steps[i].announce_burst ||
            iface->ask_burst.active != steps[i].ask_burst) {
            fail_msg("step %zu: %d, bursts %d %d", i, got, iface->announce_burst.active,
                     iface->ask_burst.active);
        }
    }
}

#define RUN(series) run(state, INGRESS_##series, sizeof INGRESS_##series / sizeof *INGRESS_##series)

static void
burst_of_announces_begins_above_3_hz_and_ends_15_s_after_it_was_sustained(void **state) {
    RUN(BURST_OF_ANNOUNCES);
}

static void frequency_is_the_samples_over_the_time_since_the_oldest(void **state) {
    RUN(BELOW_THE_THRESHOLD);
}

static void interface_older_than_two_hours_may_carry_10_hz(void **state) {
    RUN(OLD_INTERFACE);
}

static void threshold_changes_when_an_interface_becomes_old(void **state) {
    RUN(BECOMES_OLD);
}

static void burst_of_asks_ends_after_three_more_quiet_checks(void **state) {
    RUN(BURST_OF_ASKS);
}

static void asks_of_an_old_interface_may_come_at_8_hz(void **state) {
    RUN(ASKS_OF_OLD_INTERFACE);
}

static void loud_check_starts_the_three_quiet_ones_again(void **state) {
    RUN(ASKS_BECOME_LOUD_AGAIN);
}

static void egress_counts_the_request_that_is_not_sent_yet(void **state) {
    RUN(EGRESS);
}

static void each_query_forgets_one_sample_older_than_10_s(void **state) {
    RUN(DECAY);
}

static void held_announces_come_back_with_fewest_hops_first(void **state) {
    RUN(HELD);
}

static void random_events_on_a_new_interface(void **state) {
    RUN(NOISE_1);
}

static void random_events_on_an_old_interface(void **state) {
    RUN(NOISE_2);
}

static void random_events_while_an_interface_becomes_old(void **state) {
    RUN(NOISE_3);
}

// ---- Ours

static void burst(bench_t *bench, struct rnsi_iface *iface) {
    for (int i = 0; i < 4; i++) {
        rnsi_flow_count(bench->node, iface, RNSI_FLOW_ANNOUNCE_IN);
        rnsi_flow_count(bench->node, iface, RNSI_FLOW_ASK_IN);
    }
}

static void events_within_a_hundredth_of_a_second_are_a_burst(void **state) {
    struct rnsi_iface *iface = bench_iface(*state, &PLAIN);
    burst(*state, iface);
    assert_int_equal(rnsi_flow_mhz(((bench_t *)*state)->node, iface, RNSI_FLOW_ANNOUNCE_IN),
                     400000); // 4 in 0.01 s
    assert_true(rnsi_ingress_limits(((bench_t *)*state)->node, iface));
}

static void radios_are_never_limited_for_announces_but_for_asks(void **state) {
    bench_t *bench = *state;
    rns_iface_config_t config = PLAIN;
    config.no_ingress_limit = true;
    struct rnsi_iface *iface = bench_iface(bench, &config);
    burst(bench, iface);
    assert_false(rnsi_ingress_limits(bench->node, iface));
    assert_true(rnsi_ingress_limits_asks(bench->node, iface));
}

static void nothing_is_limited_without_ingress_control(void **state) {
    bench_t *bench = *state;
    rns_iface_config_t config = PLAIN;
    config.ingress_control = RNS_NO;
    struct rnsi_iface *iface = bench_iface(bench, &config);
    burst(bench, iface);
    assert_false(rnsi_ingress_limits(bench->node, iface));
    assert_false(rnsi_ingress_limits_asks(bench->node, iface));
}

static void requests_go_out_at_any_rate_without_egress_control(void **state) {
    bench_t *bench = *state;
    rns_iface_config_t config = PLAIN;
    config.egress_control = RNS_NO;
    struct rnsi_iface *iface = bench_iface(bench, &config);
    for (int i = 0; i < 40; i++) {
        rnsi_flow_count(bench->node, iface, RNSI_FLOW_ASK_OUT);
    }
    assert_false(rnsi_egress_limits(bench->node, iface));
}

// 2 and the one to come in 9 s are more than 0.1 Hz; after 11 s the older of them is forgotten.
static void one_request_alone_limits_no_other(void **state) {
    bench_t *bench = *state;
    rns_iface_config_t config = PLAIN;
    config.ec_pr_mhz = 100;
    struct rnsi_iface *iface = bench_iface(bench, &config);
    rnsi_flow_count(bench->node, iface, RNSI_FLOW_ASK_OUT);
    at(bench, SECOND);
    assert_false(rnsi_egress_limits(bench->node, iface));
    rnsi_flow_count(bench->node, iface, RNSI_FLOW_ASK_OUT);
    at(bench, 9 * SECOND);
    assert_true(rnsi_egress_limits(bench->node, iface));
    at(bench, 11 * SECOND);
    assert_false(rnsi_egress_limits(bench->node, iface));
}

static void children_are_counted_at_their_parents_too(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *parent = bench_iface(bench, &PLAIN);
    rns_iface_config_t config = PLAIN;
    config.parent = rnsi_iface_handle(bench->node, parent);
    struct rnsi_iface *child = bench_iface(bench, &config);
    for (int second = 1; second <= 4; second++) {
        at(bench, second * SECOND);
        rnsi_flow_count(bench->node, child, RNSI_FLOW_ANNOUNCE_OUT);
    }
    at(bench, 5 * SECOND);
    assert_int_equal(rnsi_flow_mhz(bench->node, parent, RNSI_FLOW_ANNOUNCE_OUT), 1000);
    assert_int_equal(rnsi_flow_mhz(bench->node, child, RNSI_FLOW_ANNOUNCE_OUT), 1000);
}

static void burst_ends_though_nothing_came_for_days(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &PLAIN);
    burst(bench, iface);
    assert_true(rnsi_ingress_limits(bench->node, iface));
    at(bench, 72 * HOUR);
    assert_int_equal(rnsi_flow_mhz(bench->node, iface, RNSI_FLOW_ANNOUNCE_IN), 0);
    assert_true(rnsi_ingress_limits(bench->node, iface)); // the check that ends it
    assert_false(rnsi_ingress_limits(bench->node, iface));
}

// A sample each 30 s: 48 of them span 1,410 s, more than 16 bits of hundredths (655.35 s) tell.
static void slow_events_are_not_mistaken_for_fast_ones(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &PLAIN);
    for (int i = 0; i < 100; i++) {
        at(bench, i * 30 * SECOND);
        rnsi_flow_count(bench->node, iface, RNSI_FLOW_ANNOUNCE_IN);
        assert_true(iface->announces_in.count <= 22); // 21 x 30 s = 630 s
    }
    assert_int_equal(rnsi_flow_mhz(bench->node, iface, RNSI_FLOW_ANNOUNCE_IN), 34); // 22 / 630
}

static void clock_that_wraps_around_in_hundredths_changes_nothing(void **state) {
    bench_t *bench = *state;
    const rns_us_t wrap = ((rns_us_t)1 << 32) * (SECOND / 100);
    at(bench, wrap - 2 * SECOND);
    struct rnsi_iface *iface = bench_iface(bench, &PLAIN);
    for (int i = 0; i < 4; i++) {
        at(bench, wrap + (i - 2) * SECOND);
        rnsi_flow_count(bench->node, iface, RNSI_FLOW_ASK_IN);
    }
    at(bench, wrap + 2 * SECOND);
    assert_int_equal(rnsi_flow_mhz(bench->node, iface, RNSI_FLOW_ASK_IN), 1000);
}

static void interface_holds_a_quarter_of_the_row_at_most(void **state) {
    bench_t *bench = *state;
    rns_iface_config_t config = PLAIN;
    config.ic_held_max = 1000;
    struct rnsi_iface *iface = bench_iface(bench, &config);
    for (uint32_t i = 0; i < 64; i++) { // of 256
        assert_true(hold(bench, iface, i, 1));
    }
    assert_false(hold(bench, iface, 64, 1));
    assert_true(hold(bench, iface, 63, 9)); // takes the place of an older one
    assert_int_equal(iface->held_count, 64);
    assert_int_equal(RNSI_POOL(bench->node, HELD)->used, 64);
}

static void two_interfaces_hold_the_same_destination(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *a = bench_iface(bench, &PLAIN), *b = bench_iface(bench, &PLAIN);
    assert_true(hold(bench, a, 1, 1));
    assert_true(hold(bench, b, 1, 1));
    assert_int_equal(a->held_count, 1);
    assert_int_equal(b->held_count, 1);
}

static void interface_that_goes_takes_its_held_announces_along(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *a = bench_iface(bench, &PLAIN), *b = bench_iface(bench, &PLAIN);
    hold(bench, a, 1, 1);
    hold(bench, a, 2, 1);
    hold(bench, b, 3, 1);
    rnsi_held_drop_all(bench->node, a);
    assert_int_equal(a->held_count, 0);
    assert_int_equal(RNSI_POOL(bench->node, HELD)->used, 1);
    at(bench, SECOND);
    assert_int_equal(release(bench, b), 3);
}

// Its owner may remove the interface while it is worked off.
static void released_announce_outlives_its_interface(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &PLAIN);
    hold(bench, iface, 1, 1);
    at(bench, SECOND);
    struct rnsi_held *held = rnsi_held_release(bench->node, iface);
    rnsi_held_drop_all(bench->node, iface);
    assert_int_equal(held->raw[0], 1);
    rnsi_held_give(bench->node, held);
    assert_int_equal(RNSI_POOL(bench->node, HELD)->used, 0);
}

static void of_equal_hops_the_one_held_longest_is_released(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &PLAIN);
    hold(bench, iface, 7, 3);
    hold(bench, iface, 4, 3);
    hold(bench, iface, 7, 3); // keeps its place
    at(bench, SECOND);
    assert_int_equal(release(bench, iface), 7);
    at(bench, 6 * SECOND);
    assert_int_equal(release(bench, iface), -1); // 5 s must have passed
    at(bench, 6 * SECOND + 1);
    assert_int_equal(release(bench, iface), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(burst_of_announces_begins_above_3_hz_and_ends_15_s_after_it_was_sustained),
        TEST(frequency_is_the_samples_over_the_time_since_the_oldest),
        TEST(interface_older_than_two_hours_may_carry_10_hz),
        TEST(threshold_changes_when_an_interface_becomes_old),
        TEST(burst_of_asks_ends_after_three_more_quiet_checks),
        TEST(asks_of_an_old_interface_may_come_at_8_hz),
        TEST(loud_check_starts_the_three_quiet_ones_again),
        TEST(egress_counts_the_request_that_is_not_sent_yet),
        TEST(each_query_forgets_one_sample_older_than_10_s),
        TEST(held_announces_come_back_with_fewest_hops_first),
        TEST(random_events_on_a_new_interface),
        TEST(random_events_on_an_old_interface),
        TEST(random_events_while_an_interface_becomes_old),
        TEST(events_within_a_hundredth_of_a_second_are_a_burst),
        TEST(radios_are_never_limited_for_announces_but_for_asks),
        TEST(nothing_is_limited_without_ingress_control),
        TEST(requests_go_out_at_any_rate_without_egress_control),
        TEST(one_request_alone_limits_no_other),
        TEST(children_are_counted_at_their_parents_too),
        TEST(burst_ends_though_nothing_came_for_days),
        TEST(slow_events_are_not_mistaken_for_fast_ones),
        TEST(clock_that_wraps_around_in_hundredths_changes_nothing),
        TEST(interface_holds_a_quarter_of_the_row_at_most),
        TEST(two_interfaces_hold_the_same_destination),
        TEST(interface_that_goes_takes_its_held_announces_along),
        TEST(released_announce_outlives_its_interface),
        TEST(of_equal_hops_the_one_held_longest_is_released),
    };
    return cmocka_run_group_tests_name("ingress", tests, NULL, NULL);
}
