// Identities that are shut out.
#include "route_help.h"

#include "rns/identity.h"
#include "route/blackhole.h"
#include "route/path.h"

#define CLOCK ((int64_t)1700000000 * SECOND) // wall time when the test begins

static const rns_hash_t SOMEBODY = {{0xAA, 1}}, SOMEBODY_ELSE = {{0xAA, 2}};

static int setup(void **state) {
    bench_t *bench = bench_new();
    bench->config.unix_us = CLOCK;
    bench->config.count[RNS_POOL_BLACKHOLE] = 2;
    bench_open(bench, 0);
    *state = bench;
    return 0;
}

static int teardown(void **state) {
    bench_free(*state);
    return 0;
}

static const struct rnsi_blackhole *entry(bench_t *bench, const rns_hash_t *identity) {
    return rnsi_pool_find(RNSI_POOL(bench->node, BLACKHOLE), identity->b);
}

static void identity_is_shut_out_until_that_is_lifted(void **state) {
    rns_node_t *node = ((bench_t *)*state)->node;
    assert_false(rns_is_blackholed(node, &SOMEBODY));
    assert_int_equal(rns_blackhole(node, 0, &SOMEBODY, 0, NULL), RNS_ERR_OK);
    assert_true(rns_is_blackholed(node, &SOMEBODY));
    assert_false(rns_is_blackholed(node, &SOMEBODY_ELSE));
    assert_int_equal(rns_blackhole(node, 0, &SOMEBODY, 0, NULL), RNS_ERR_EXISTS);
    assert_int_equal(rns_unblackhole(node, &SOMEBODY), RNS_ERR_OK);
    assert_false(rns_is_blackholed(node, &SOMEBODY));
    assert_int_equal(rns_unblackhole(node, &SOMEBODY), RNS_ERR_GONE);
}

static void source_is_our_own_identity(void **state) {
    bench_t *bench = *state;
    rns_blackhole(bench->node, 0, &SOMEBODY, 0, "spam");
    const struct rnsi_blackhole *hole = entry(bench, &SOMEBODY);
    assert_memory_equal(hole->source, bench->node->identity.hash.b, 16);
    assert_int_equal(hole->has_reason, 1);
    assert_string_equal(hole->reason, "spam");
}

static bool keep_nothing(void *user, rns_record_t kind, rns_bytes_t key, rns_bytes_t value) {
    (void)user, (void)kind, (void)key, (void)value;
    return false;
}

static void only_what_we_said_ourselves_is_stored(void **state) {
    (void)state;
    bench_t *bench = bench_new();
    bench->config.store.put = keep_nothing;
    bench->config.store.whole = 1U << RNS_RECORD_BLACKHOLE;
    bench_open(bench, 0);
    rns_node_t *node = bench->node;
    const uint32_t *dirty = &node->dirty[RNS_RECORD_BLACKHOLE];
    rns_blackhole(node, 0, &SOMEBODY, 0, NULL);
    assert_int_equal(*dirty, 1);
    struct rnsi_blackhole *others = rnsi_pool_take(RNSI_POOL(node, BLACKHOLE), 0, SOMEBODY_ELSE.b);
    memset(others->source, 0xEE, sizeof others->source);
    assert_true(rns_is_blackholed(node, &SOMEBODY_ELSE));
    assert_int_equal(rns_unblackhole(node, &SOMEBODY_ELSE), RNS_ERR_OK);
    assert_int_equal(*dirty, 1);
    bench_free(bench);
}

static void entry_ends_at_its_wall_time(void **state) {
    rns_node_t *node = ((bench_t *)*state)->node;
    rns_blackhole(node, 0, &SOMEBODY, CLOCK + 60 * SECOND, NULL);
    rns_blackhole(node, 0, &SOMEBODY_ELSE, 0, NULL);
    node->now = 60 * SECOND;
    assert_true(rns_is_blackholed(node, &SOMEBODY));
    rnsi_blackhole_clean(node);
    assert_int_equal(RNSI_POOL(node, BLACKHOLE)->used, 2);
    node->now = 60 * SECOND + 1;
    assert_false(rns_is_blackholed(node, &SOMEBODY));
    rnsi_blackhole_clean(node);
    assert_int_equal(RNSI_POOL(node, BLACKHOLE)->used, 1);
    assert_true(rns_is_blackholed(node, &SOMEBODY_ELSE)); // for ever
}

// The row is searched as a whole, so not with each look at the tables, every five seconds.
static void entries_that_are_over_are_dropped_once_a_minute(void **state) {
    rns_node_t *node = ((bench_t *)*state)->node;
    const rnsi_pool_t *row = RNSI_POOL(node, BLACKHOLE);
    rns_blackhole(node, 0, &SOMEBODY, CLOCK + 1, NULL);
    for (rns_us_t at = 0; at < 60; at += 5) {
        rns_tick(node, at * SECOND);
        assert_int_equal(row->used, 1);
    }
    rns_tick(node, 60 * SECOND);
    assert_int_equal(row->used, 0);
}

static void one_that_is_over_may_be_shut_out_again(void **state) {
    rns_node_t *node = ((bench_t *)*state)->node;
    rns_blackhole(node, 0, &SOMEBODY, CLOCK + 1, NULL);
    assert_int_equal(rns_blackhole(node, 2, &SOMEBODY, 0, NULL), RNS_ERR_OK);
    assert_true(rns_is_blackholed(node, &SOMEBODY));
    assert_int_equal(RNSI_POOL(node, BLACKHOLE)->used, 1);
}

static void nothing_is_over_while_the_wall_time_is_not_known(void **state) {
    (void)state;
    bench_t *bench = bench_new();
    bench_open(bench, 0);
    rns_blackhole(bench->node, 0, &SOMEBODY, 1, NULL);
    bench->node->now = 1000 * HOUR;
    assert_true(rns_is_blackholed(bench->node, &SOMEBODY));
    rnsi_blackhole_clean(bench->node);
    assert_int_equal(RNSI_POOL(bench->node, BLACKHOLE)->used, 1);
    bench_free(bench);
}

static void full_row_refuses_the_newcomer(void **state) {
    rns_node_t *node = ((bench_t *)*state)->node;
    const rns_hash_t third = {{3}};
    rns_blackhole(node, 0, &SOMEBODY, 0, NULL);
    rns_blackhole(node, 0, &SOMEBODY_ELSE, 0, NULL);
    assert_int_equal(rns_blackhole(node, 0, &third, 0, NULL), RNS_ERR_FULL);
    assert_true(rns_is_blackholed(node, &SOMEBODY));
}

static void long_reason_is_cut_between_characters(void **state) {
    bench_t *bench = *state;
    char reason[120];
    memset(reason, 'x', sizeof reason);
    reason[119] = 0;
    rns_blackhole(bench->node, 0, &SOMEBODY, 0, reason);
    assert_int_equal(strlen(entry(bench, &SOMEBODY)->reason), 95);
    memcpy(reason + 93, "\xE2\x82\xAC", 3); // three bytes, the last of which does not fit
    rns_blackhole(bench->node, 0, &SOMEBODY_ELSE, 0, reason);
    assert_int_equal(strlen(entry(bench, &SOMEBODY_ELSE)->reason), 93);
}

static void reason_of_95_bytes_is_whole(void **state) {
    bench_t *bench = *state;
    char reason[96];
    memset(reason, 'x', 95);
    reason[95] = 0;
    rns_blackhole(bench->node, 0, &SOMEBODY, 0, reason);
    assert_string_equal(entry(bench, &SOMEBODY)->reason, reason);
}

// A path to a destination, and what is known of it, with keys made of one byte.
static void know(bench_t *bench, struct rnsi_iface *iface, uint32_t number, uint8_t key) {
    uint8_t dest[16], signer[32] = {0}, blob[10] = {(uint8_t)number};
    bench_dest(dest, number);
    const rnsi_path_news_t news = {dest, dest, signer, blob, 100, 1, iface};
    assert_non_null(rnsi_path_learn(bench->node, &news, RNSI_NONE));
    struct rnsi_known *known = rnsi_pool_take(RNSI_POOL(bench->node, KNOWN), 0, dest);
    memset(known->pub, key, sizeof known->pub);
    known->app_data = RNSI_NONE;
}

static bool has_path(bench_t *bench, uint32_t number) {
    uint8_t dest[16];
    bench_dest(dest, number);
    return rnsi_path_find(bench->node, dest) != NULL;
}

static void paths_to_all_its_destinations_are_dropped(void **state) {
    bench_t *bench = *state;
    static const rns_iface_config_t CONFIG = {.name = "Test[0]"};
    struct rnsi_iface *iface = bench_iface(bench, &CONFIG);
    know(bench, iface, 1, 0x11);
    know(bench, iface, 2, 0x22);
    know(bench, iface, 3, 0x11);
    // SHA-256 of 64 bytes 0x11, cut to 16
    const rns_hash_t identity = {{0x9a, 0xed, 0x5f, 0xce, 0x4b, 0xb6, 0x0c, 0x40, 0xcb, 0x8a, 0x29,
                                  0x83, 0xb4, 0x35, 0x40, 0xad}};
    assert_int_equal(rns_blackhole(bench->node, 0, &identity, 0, NULL), RNS_ERR_OK);
    assert_false(has_path(bench, 1));
    assert_true(has_path(bench, 2));
    assert_false(has_path(bench, 3));
}

// SHA-256 of 64 bytes 0x11, cut to 16, as the file of the reference has it: for ever, without a
// reason, by somebody.
static const uint8_t STORED_KEY[16] = {0x9a, 0xed, 0x5f, 0xce, 0x4b, 0xb6, 0x0c, 0x40,
                                       0xcb, 0x8a, 0x29, 0x83, 0xb4, 0x35, 0x40, 0xad};
static const char STORED[] = "\x83\xa6source\xc4\x10"
                             "0123456789abcdef\xa5until\xc0\xa6reason\xc0";
static bool is_written; // by another program, while the node runs

static void read_stored(void *user, rns_record_t kind, void *context,
                        void (*take)(void *context, rns_bytes_t key, rns_bytes_t value)) {
    (void)user;
    if (is_written && kind == RNS_RECORD_BLACKHOLE) {
        take(context, (rns_bytes_t){STORED_KEY, sizeof STORED_KEY},
             (rns_bytes_t){(const uint8_t *)STORED, sizeof STORED - 1});
    }
}

static void what_is_stored_meanwhile_is_read_when_it_is_asked_for(void **state) {
    (void)state;
    bench_t *bench = bench_new();
    bench->config.store.each = read_stored;
    is_written = false;
    bench_open(bench, 0);
    static const rns_iface_config_t CONFIG = {.name = "Test[0]"};
    struct rnsi_iface *iface = bench_iface(bench, &CONFIG);
    know(bench, iface, 1, 0x11);
    know(bench, iface, 2, 0x22);
    assert_int_equal(rns_blackhole_reload(bench->node, 0), 0);
    assert_true(has_path(bench, 1));
    is_written = true;
    assert_int_equal(rns_blackhole_reload(bench->node, 0), 1);
    assert_int_equal(rns_blackhole_reload(bench->node, 0), 0);
    assert_false(has_path(bench, 1));
    assert_true(has_path(bench, 2));
    assert_int_equal(bench->node->dirty[RNS_RECORD_BLACKHOLE], 0); // to read is no change
    bench_free(bench);
}

static void a_node_without_a_store_has_nothing_to_read(void **state) {
    rns_node_t *node = ((bench_t *)*state)->node;
    assert_int_equal(rns_blackhole_reload(node, 0), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(identity_is_shut_out_until_that_is_lifted),
        TEST(source_is_our_own_identity),
        TEST(what_is_stored_meanwhile_is_read_when_it_is_asked_for),
        TEST(a_node_without_a_store_has_nothing_to_read),
        TEST(only_what_we_said_ourselves_is_stored),
        TEST(entry_ends_at_its_wall_time),
        TEST(entries_that_are_over_are_dropped_once_a_minute),
        TEST(one_that_is_over_may_be_shut_out_again),
        TEST(nothing_is_over_while_the_wall_time_is_not_known),
        TEST(full_row_refuses_the_newcomer),
        TEST(long_reason_is_cut_between_characters),
        TEST(reason_of_95_bytes_is_whole),
        TEST(paths_to_all_its_destinations_are_dropped),
    };
    return cmocka_run_group_tests_name("blackhole", tests, NULL, NULL);
}
