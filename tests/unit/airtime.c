// The share of air time for announces of others, and the queue of those that wait for it.
#include "route_help.h"

#include "route/airtime.h"
#include "route/ingress.h"

// 100 bytes take 0.8 s at 1,000 bit/s, 40 s of silence at a cap of 2 %.
static const rns_iface_config_t SLOW = {.name = "Test[0]", .bitrate = 1000};
#define RAW_SIZE 84U // as received; 100 as it is sent on, with HEADER_2

static int setup(void **state) {
    bench_t *bench = bench_new();
    bench->config.count[RNS_POOL_ANNOUNCE_QUEUE] = 20000;
    bench_open(bench, 0);
    *state = bench;
    return 0;
}

static int teardown(void **state) {
    bench_free(*state);
    return 0;
}

static uint32_t queue(bench_t *bench, struct rnsi_iface *iface, uint32_t number, uint8_t hops,
                      uint64_t emission_s) {
    uint8_t dest[16];
    bench_dest(dest, number);
    const uint32_t cache = bench_cached(bench, dest, RAW_SIZE);
    rnsi_airtime_queue(bench->node, iface, cache, hops, emission_s, dest);
    rnsi_cache_unpin(bench->node, cache);
    return cache;
}

static uint32_t cached(const bench_t *bench) {
    return RNSI_POOL(bench->node, ANNOUNCE_CACHE)->used;
}

// Releases one; the number of its destination, or -1: none was sent.
static int release(bench_t *bench, struct rnsi_iface *iface) {
    uint8_t frame[600];
    rnsi_airtime_release(bench->node, iface);
    return bench_sent(bench, iface, frame) > 0 ? frame[18] : -1;
}

// ---- Air time

static void announce_silences_those_after_it_by_its_air_time_over_the_cap(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &SLOW);
    assert_true(rnsi_airtime_take(bench->node, iface, 100));
    assert_int_equal(iface->announce_allowed_at, 40 * SECOND);
    bench->node->now = 40 * SECOND - 1;
    assert_false(rnsi_airtime_take(bench->node, iface, 100));
    bench->node->now = 40 * SECOND;
    assert_true(rnsi_airtime_take(bench->node, iface, 100));
    assert_int_equal(iface->announce_allowed_at, 80 * SECOND);
}

static void silence_follows_bitrate_and_cap(void **state) {
    bench_t *bench = *state;
    const struct {
        uint32_t bitrate, cap_ppm;
        rns_us_t silence; // after 500 bytes
    } CASES[] = {
        {62500, 0, 3200000},        // 0.064 s over 2 %
        {62500, 1000000, 64000},    // the whole bitrate
        {5, 10000, 80000 * SECOND}, // 800 s over 1 %
        {1000000000, 20000, 200},   // 4 us over 2 %
        {4000000000, 1000000, 1},   // 1 us
        {1, 1, 4000000000 * SECOND} // nobody waits for that, but nothing overflows
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        rns_iface_config_t config = SLOW;
        config.bitrate = CASES[i].bitrate;
        config.announce_cap_ppm = CASES[i].cap_ppm;
        struct rnsi_iface *iface = bench_iface(bench, &config);
        assert_true(rnsi_airtime_take(bench->node, iface, 500));
        assert_int_equal(iface->announce_allowed_at, CASES[i].silence);
    }
}

static void recursive_request_takes_air_time_like_an_announce(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &SLOW);
    assert_true(rnsi_airtime_take_ask(bench->node, iface, 67)); // 536 ms over 2 %
    assert_int_equal(iface->announce_allowed_at, 26800000);
    assert_false(rnsi_airtime_take_ask(bench->node, iface, 67));
}

static void nothing_overtakes_announces_that_wait(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &SLOW);
    queue(bench, iface, 1, 1, 100);
    assert_false(rnsi_airtime_take(bench->node, iface, 100));
    assert_false(rnsi_airtime_take_ask(bench->node, iface, 67));
    assert_int_equal(release(bench, iface), 1);
    bench->node->now = 40 * SECOND;
    assert_true(rnsi_airtime_take_ask(bench->node, iface, 67));
}

// ---- Queue

static void fewest_hops_go_first_then_the_oldest(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &SLOW);
    const uint8_t hops[] = {4, 2, 4, 1, 2};
    for (uint32_t i = 0; i < 5; i++) {
        queue(bench, iface, i + 1, hops[i], 100);
    }
    const int order[] = {4, 2, 5, 1, 3, -1};
    for (int i = 0; i < 6; i++) {
        bench->node->now = i * 40 * SECOND;
        assert_int_equal(release(bench, iface), order[i]);
    }
    assert_int_equal(cached(bench), 0);
}

static void release_sends_it_on_counts_it_and_waits_for_the_next(void **state) {
    bench_t *bench = *state;
    rns_node_t *node = bench->node;
    struct rnsi_iface *iface = bench_iface(bench, &SLOW);
    node->now = SECOND;
    queue(bench, iface, 7, 3, 100);
    queue(bench, iface, 8, 3, 100);
    rnsi_airtime_release(node, iface);
    uint8_t frame[600];
    assert_int_equal(bench_sent(bench, iface, frame), 100);
    assert_int_equal(frame[0], 0x51); // HEADER_2, transport, SINGLE, announce
    assert_int_equal(frame[1], 3);
    assert_memory_equal(frame + 2, node->identity.hash.b, 16);
    assert_int_equal(frame[18], 7);
    assert_int_equal(frame[34], 0); // context
    assert_int_equal(iface->announces_out.count, 1);
    assert_int_equal(iface->announce_allowed_at, 41 * SECOND);
    assert_int_equal(rnsi_airtime_due(node, iface), 41 * SECOND);
    node->now = 41 * SECOND - 1;
    assert_int_equal(release(bench, iface), -1);
    node->now = 41 * SECOND;
    assert_int_equal(release(bench, iface), 8);
    assert_int_equal(rnsi_airtime_due(node, iface), RNS_NEVER);
}

static void interface_is_looked_at_when_its_queue_may_go_on(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &SLOW);
    iface->announce_allowed_at = 3 * SECOND; // sooner than its jobs
    queue(bench, iface, 1, 1, 100);
    assert_int_equal(rnsi_timer_due(RNSI_POOL(bench->node, IFACE), iface), 3 * SECOND);
}

static void newer_emission_takes_the_place_of_an_older_one(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &SLOW);
    queue(bench, iface, 1, 2, 100);
    queue(bench, iface, 2, 2, 100);
    queue(bench, iface, 1, 5, 101);
    assert_int_equal(iface->queue_count, 2);
    assert_int_equal(cached(bench), 2); // the older announce is gone
    assert_int_equal(release(bench, iface), 2);
    bench->node->now = 40 * SECOND;
    rnsi_airtime_release(bench->node, iface);
    uint8_t frame[600];
    assert_int_equal(bench_sent(bench, iface, frame), 100);
    assert_int_equal(frame[1], 5);
}

static void same_or_older_emission_is_ignored(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &SLOW);
    queue(bench, iface, 1, 2, 100);
    queue(bench, iface, 1, 1, 100);
    queue(bench, iface, 1, 1, 99);
    assert_int_equal(iface->queue_count, 1);
    assert_int_equal(cached(bench), 1);
    rnsi_airtime_release(bench->node, iface);
    uint8_t frame[600];
    assert_int_equal(bench_sent(bench, iface, frame), 100);
    assert_int_equal(frame[1], 2);
}

static void two_interfaces_queue_one_announce(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *a = bench_iface(bench, &SLOW), *b = bench_iface(bench, &SLOW);
    uint8_t dest[16];
    bench_dest(dest, 1);
    const uint32_t cache = bench_cached(bench, dest, RAW_SIZE);
    rnsi_airtime_queue(bench->node, a, cache, 1, 100, dest);
    rnsi_airtime_queue(bench->node, b, cache, 1, 100, dest);
    rnsi_cache_unpin(bench->node, cache);
    assert_int_equal(release(bench, a), 1);
    assert_int_equal(cached(bench), 1); // b still needs it
    assert_int_equal(release(bench, b), 1);
    assert_int_equal(cached(bench), 0);
}

static void announce_older_than_three_hours_is_dropped(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &SLOW);
    queue(bench, iface, 1, 1, 100);
    bench->node->now = 3 * HOUR;
    queue(bench, iface, 2, 9, 100);
    assert_int_equal(iface->queue_count, 2); // exactly three hours is not too old
    bench->node->now = 3 * HOUR + 1;
    assert_int_equal(release(bench, iface), 2);
    assert_int_equal(iface->queue_count, 0);
    assert_int_equal(cached(bench), 0);
}

static void renewed_announce_lives_from_when_it_was_renewed(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &SLOW);
    queue(bench, iface, 1, 1, 100);
    queue(bench, iface, 2, 9, 100);
    bench->node->now = HOUR;
    queue(bench, iface, 1, 1, 101);
    bench->node->now = 3 * HOUR + 1;
    assert_int_equal(release(bench, iface), 1);
    assert_int_equal(iface->queue_count, 0); // the other one was too old
}

static void old_ones_of_other_interfaces_make_room_too(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *a = bench_iface(bench, &SLOW), *b = bench_iface(bench, &SLOW);
    for (uint32_t i = 0; i < 20; i++) {
        queue(bench, a, i, (uint8_t)i, 100);
    }
    bench->node->now = 3 * HOUR + 1;
    queue(bench, b, 1, 1, 100); // sixteen at a time
    assert_int_equal(a->queue_count, 4);
    queue(bench, b, 2, 1, 100);
    assert_int_equal(a->queue_count, 0);
    assert_int_equal(a->queue_root, RNSI_NONE);
    assert_int_equal(cached(bench), 2);
}

static void interface_queues_4096_at_most(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &SLOW);
    for (uint32_t i = 0; i < 4097; i++) {
        queue(bench, iface, i, 1, 100);
    }
    assert_int_equal(iface->queue_count, 4096);
    assert_int_equal(RNSI_POOL(bench->node, ANNOUNCE_QUEUE)->rejected, 1);
    queue(bench, iface, 4095, 1, 101); // one that waits is replaced nevertheless
    assert_int_equal(iface->queue_count, 4096);
    assert_int_equal(cached(bench), 4096);
}

static void interface_queues_a_quarter_of_a_small_row(void **state) {
    (void)state;
    bench_t *bench = bench_new();
    bench->config.count[RNS_POOL_ANNOUNCE_QUEUE] = 16;
    bench_open(bench, 0);
    struct rnsi_iface *a = bench_iface(bench, &SLOW), *b = bench_iface(bench, &SLOW);
    for (uint32_t i = 0; i < 6; i++) {
        queue(bench, a, i, 1, 100);
    }
    queue(bench, b, 1, 1, 100);
    assert_int_equal(a->queue_count, 4);
    assert_int_equal(b->queue_count, 1);
    assert_int_equal(cached(bench), 5);
    bench_free(bench);
}

static void announce_waits_on_when_it_could_not_be_sent(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &SLOW);
    queue(bench, iface, 1, 1, 100);
    iface->flags &= ~(uint32_t)RNSI_IFACE_ONLINE;
    assert_int_equal(release(bench, iface), -1);
    assert_int_equal(iface->announces_out.count, 0);
    assert_int_equal(rnsi_airtime_due(bench->node, iface), 40 * SECOND);
    iface->flags |= RNSI_IFACE_ONLINE;
    bench->node->now = 40 * SECOND;
    assert_int_equal(release(bench, iface), 1);
}

static void user_drops_all_queues_at_once(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *a = bench_iface(bench, &SLOW), *b = bench_iface(bench, &SLOW);
    for (uint32_t i = 0; i < 10; i++) {
        queue(bench, a, i, (uint8_t)(i % 3), 100);
        queue(bench, b, i, 1, 100);
    }
    assert_int_equal(rns_announce_queues_drop(bench->node, SECOND), 20);
    assert_int_equal(a->queue_count + b->queue_count, 0);
    assert_int_equal(RNSI_POOL(bench->node, ANNOUNCE_QUEUE)->used, 0);
    assert_int_equal(cached(bench), 0);
    queue(bench, a, 1, 1, 100); // and the queue works on
    assert_int_equal(release(bench, a), 1);
}

static void interface_that_goes_gives_its_queue_back(void **state) {
    bench_t *bench = *state;
    struct rnsi_iface *iface = bench_iface(bench, &SLOW);
    queue(bench, iface, 1, 1, 100);
    const rns_iface_t handle = rnsi_iface_handle(bench->node, iface);
    assert_int_equal(rns_iface_remove(bench->node, SECOND, handle), RNS_ERR_OK);
    assert_int_equal(RNSI_POOL(bench->node, ANNOUNCE_QUEUE)->used, 0);
    assert_int_equal(cached(bench), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(announce_silences_those_after_it_by_its_air_time_over_the_cap),
        TEST(silence_follows_bitrate_and_cap),
        TEST(recursive_request_takes_air_time_like_an_announce),
        TEST(nothing_overtakes_announces_that_wait),
        TEST(fewest_hops_go_first_then_the_oldest),
        TEST(release_sends_it_on_counts_it_and_waits_for_the_next),
        TEST(interface_is_looked_at_when_its_queue_may_go_on),
        TEST(newer_emission_takes_the_place_of_an_older_one),
        TEST(same_or_older_emission_is_ignored),
        TEST(two_interfaces_queue_one_announce),
        TEST(announce_older_than_three_hours_is_dropped),
        TEST(renewed_announce_lives_from_when_it_was_renewed),
        TEST(old_ones_of_other_interfaces_make_room_too),
        TEST(interface_queues_4096_at_most),
        TEST(interface_queues_a_quarter_of_a_small_row),
        TEST(announce_waits_on_when_it_could_not_be_sent),
        TEST(user_drops_all_queues_at_once),
        TEST(interface_that_goes_gives_its_queue_back),
    };
    return cmocka_run_group_tests_name("airtime", tests, NULL, NULL);
}
