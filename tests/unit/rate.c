// How often a destination may announce through us. The rule is the reference's; the numbers are
// worked out by hand.
#include "route_help.h"

#include "route/rate.h"

// Less than 10 s apart is too often; two times are forgiven; 5 s of penalty.
static const rns_iface_config_t LIMITED = {.name = "Test[0]",
                                           .announce_rate_target_s = 10,
                                           .announce_rate_grace = 2,
                                           .announce_rate_penalty_s = 5};

static int setup(void **state) {
    bench_t *bench = bench_new();
    bench->config.count[RNS_POOL_RATE] = 4;
    bench_open(bench, 0);
    *state = bench;
    return 0;
}

static int teardown(void **state) {
    bench_free(*state);
    return 0;
}

static bool announce(bench_t *bench, const struct rnsi_iface *iface, uint32_t number, rns_us_t at) {
    uint8_t dest[16];
    bench_dest(dest, number);
    bench->node->now = at;
    return rnsi_rate_blocks(bench->node, iface, dest);
}

static void third_violation_blocks_until_target_and_penalty_have_passed(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &LIMITED);
    assert_false(announce(bench, iface, 1, 0));
    assert_false(announce(bench, iface, 1, 1 * SECOND));
    assert_false(announce(bench, iface, 1, 2 * SECOND)); // the last that was let through
    assert_true(announce(bench, iface, 1, 3 * SECOND));
    assert_true(announce(bench, iface, 1, 17 * SECOND)); // 2 + 10 + 5
    assert_false(announce(bench, iface, 1, 17 * SECOND + 1));
}

static void blocked_announces_do_not_prolong_the_block(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &LIMITED);
    for (int second = 0; second < 3; second++) {
        assert_false(announce(bench, iface, 1, second * SECOND));
    }
    for (int second = 3; second <= 17; second++) {
        assert_true(announce(bench, iface, 1, second * SECOND));
    }
    assert_false(announce(bench, iface, 1, 17 * SECOND + 1));
    // Two violations are left of three: the next early one blocks again.
    assert_true(announce(bench, iface, 1, 18 * SECOND));
    assert_true(announce(bench, iface, 1, 32 * SECOND + 1)); // 17.000001 + 10 + 5
    assert_false(announce(bench, iface, 1, 32 * SECOND + 2));
}

static void announce_in_time_makes_up_for_a_violation(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &LIMITED);
    const int seconds[] = {0, 1, 2, 12, 22, 32, 33, 34}; // violations 0 1 2 1 0 0 1 2
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        assert_false(announce(bench, iface, 1, seconds[i] * SECOND));
    }
    assert_true(announce(bench, iface, 1, 35 * SECOND));
}

static void without_grace_the_first_violation_blocks(void **state) {
    bench_t *bench = *state;
    rns_iface_config_t config = LIMITED;
    config.announce_rate_grace = 0;
    struct rnsi_iface *iface = bench_iface(bench, &config);
    assert_false(announce(bench, iface, 1, 0));
    assert_true(announce(bench, iface, 1, 0)); // also at the same time
    assert_false(announce(bench, iface, 1, 15 * SECOND + 1));
}

static void destinations_are_counted_one_by_one(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &LIMITED);
    for (int second = 0; second < 3; second++) {
        announce(bench, iface, 1, second * SECOND);
    }
    assert_true(announce(bench, iface, 1, 3 * SECOND));
    assert_false(announce(bench, iface, 2, 3 * SECOND));
}

static void nothing_is_counted_on_an_interface_without_target(void **state) {
    bench_t *bench = *state;
    rns_iface_config_t config = LIMITED;
    config.announce_rate_target_s = 0;
    struct rnsi_iface *iface = bench_iface(bench, &config);
    for (int i = 0; i < 9; i++) {
        assert_false(announce(bench, iface, 1, 0));
    }
    assert_int_equal(RNSI_POOL(bench->node, RATE)->used, 0);
}

static void one_heard_longest_ago_makes_room(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &LIMITED);
    for (uint32_t i = 0; i < 4; i++) { // all rows there are
        announce(bench, iface, i, i * SECOND);
    }
    announce(bench, iface, 0, 4 * SECOND); // younger than 1 now
    announce(bench, iface, 9, 5 * SECOND);
    uint8_t dest[16];
    bench_dest(dest, 1);
    assert_null(rnsi_pool_find(RNSI_POOL(bench->node, RATE), dest));
    bench_dest(dest, 0);
    assert_non_null(rnsi_pool_find(RNSI_POOL(bench->node, RATE), dest));
    assert_int_equal(RNSI_POOL(bench->node, RATE)->culled, 1);
}

static void last_sixteen_times_are_kept(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &LIMITED);
    for (int i = 0; i < 20; i++) {
        announce(bench, iface, 1, i * 100 * SECOND);
    }
    uint8_t dest[16];
    bench_dest(dest, 1);
    const struct rnsi_rate *rate = rnsi_pool_find(RNSI_POOL(bench->node, RATE), dest);
    assert_int_equal(rate->count, 16);
    assert_int_equal(rate->at_s[rate->head], 400);
    assert_int_equal(rate->at_s[(rate->head + 15) % 16], 1900);
}

static void node_without_the_row_blocks_nothing(void **state) {
    (void)state;
    bench_t *bench = bench_new();
    bench->config.count[RNS_POOL_RATE] = RNS_COUNT_NONE;
    bench_open(bench, 0);
    struct rnsi_iface *iface = bench_iface(bench, &LIMITED);
    for (int i = 0; i < 9; i++) {
        assert_false(announce(bench, iface, 1, 0));
    }
    bench_free(bench);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(third_violation_blocks_until_target_and_penalty_have_passed),
        TEST(blocked_announces_do_not_prolong_the_block),
        TEST(announce_in_time_makes_up_for_a_violation),
        TEST(without_grace_the_first_violation_blocks),
        TEST(destinations_are_counted_one_by_one),
        TEST(nothing_is_counted_on_an_interface_without_target),
        TEST(one_heard_longest_ago_makes_room),
        TEST(last_sixteen_times_are_kept),
        TEST(node_without_the_row_blocks_nothing),
    };
    return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
