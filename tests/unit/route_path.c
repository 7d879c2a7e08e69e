// Which of two ways to a destination is kept, for how long, and what makes room.
#include "node_help.h"

#include "route/path.h"

#define HOUR (3600 * SECOND)

static rns_path_t path_to(bed_t *bed, const rns_hash_t *dest) {
    rns_path_t path;
    assert_true(rns_path(bed->node, bed->now, dest, &path));
    return path;
}

// What becomes of an announce: its second verdict.
static rns_verdict_t verdict_of(bed_t *bed, unsigned on, announcement_t a) {
    uint32_t before[RNS_RX_COUNT];
    for (int v = 0; v < RNS_RX_COUNT; v++) {
        before[v] = count_of(bed, on, (rns_verdict_t)v);
    }
    learn(bed, on, a);
    for (int v = 0; v < RNS_RX_COUNT; v++) {
        if (v != RNS_RX_QUEUED && count_of(bed, on, (rns_verdict_t)v) > before[v]) {
            return (rns_verdict_t)v;
        }
    }
    return RNS_RX_QUEUED;
}

// ---- Replacing: 3 hops are known (two behind the neighbour), emitted at 100, noise 1

static const announcement_t KNOWN = {.who = 1, .emitted = 100, .noise = 1, .hops = 2, .via = 0x22};

typedef struct {
    const char *what;
    unsigned hops; // as learned
    uint64_t emitted;
    unsigned noise;
    bool unresponsive, expired;
    int32_t gravity; // of the interface it comes over; the other one has 5
    rns_verdict_t verdict;
} rule_t;

static const rule_t RULES[] = {
    {"nearer, newer", 1, 101, 2, false, false, 5, RNS_RX_LEARNED},
    {"as far, newer", 3, 101, 2, false, false, 5, RNS_RX_LEARNED},
    {"as far, newer, even by a pull that is less", 3, 101, 2, false, false, 4, RNS_RX_LEARNED},
    {"nearer, the same announce", 1, 100, 1, false, false, 5, RNS_RX_OLD},
    {"nearer, as new, another blob", 1, 100, 2, false, false, 5, RNS_RX_OLD},
    {"nearer, older", 1, 99, 2, false, false, 5, RNS_RX_OLD},
    {"nearer, older, more pull", 1, 99, 2, false, false, 6, RNS_RX_OLD},
    {"nearer, the same announce, more pull", 1, 100, 1, false, false, 6, RNS_RX_LEARNED},
    {"as far, the same announce, more pull", 3, 100, 1, false, false, 6, RNS_RX_LEARNED},
    {"as far, as new, another blob, more pull", 3, 100, 2, false, false, 6, RNS_RX_LEARNED},
    {"as far, the same announce, less pull", 3, 100, 1, false, false, 4, RNS_RX_OLD},
    {"as far, older, not answering", 3, 99, 2, true, false, 5, RNS_RX_OLD},
    {"as far, the same, not answering", 3, 100, 1, true, false, 5, RNS_RX_OLD},
    {"as far, older, over", 3, 99, 2, false, true, 5, RNS_RX_OLD},
    {"farther, newer", 4, 101, 2, false, false, 5, RNS_RX_LEARNED},
    {"farther, as new", 4, 100, 2, false, false, 5, RNS_RX_OLD},
    {"farther, the same announce", 4, 100, 1, false, false, 5, RNS_RX_OLD},
    {"farther, the same announce, more pull", 4, 100, 1, false, false, 6, RNS_RX_OLD},
    {"farther, older", 4, 99, 2, false, false, 5, RNS_RX_OLD},
    {"farther, the same announce, not answering", 4, 100, 1, true, false, 5, RNS_RX_LEARNED},
    {"farther, as new, not answering", 4, 100, 2, true, false, 5, RNS_RX_LEARNED},
    {"farther, older, not answering", 4, 99, 2, true, false, 5, RNS_RX_OLD},
    {"farther, older, over", 4, 99, 2, false, true, 5, RNS_RX_LEARNED},
    {"farther, the same announce, over", 4, 100, 1, false, true, 5, RNS_RX_OLD},
};

// The path's time is over, but it was used and so it still stands in the table.
static void let_it_expire(bed_t *bed, unsigned from, const rns_hash_t *dest) {
    const rns_hash_t via = self(bed);
    for (unsigned i = 0; i < 2; i++) {
        run(bed, 5 * HOUR);
        const packet_t p = data_to(&via, dest, 0, i);
        assert_int_equal(rx(bed, from, &p), RNS_RX_FORWARDED);
    }
    assert_true(path_to(bed, dest).expires < bed->now);
}

static void check_rule(const rule_t *rule) {
    bed_t *bed = bed_open((setup_t){0});
    const unsigned first =
        add_iface(bed, (rns_iface_config_t){.gravity = 5, .mode = RNS_MODE_ROAMING}); // 6 hours
    const unsigned second = add_iface(bed, (rns_iface_config_t){.gravity = rule->gravity});
    const rns_hash_t dest = settle(bed, first, KNOWN);
    if (rule->unresponsive) {
        rns_path_mark(bed->node, bed->now, &dest, RNS_PATH_UNRESPONSIVE);
    }
    if (rule->expired) {
        let_it_expire(bed, second, &dest);
    }
    const announcement_t news = {.who = 1,
                                 .emitted = rule->emitted,
                                 .noise = rule->noise,
                                 .hops = rule->hops - 1,
                                 .via = 0x33};
    const rns_verdict_t verdict = verdict_of(bed, second, news);
    const bool taken = rule->verdict == RNS_RX_LEARNED;
    const rns_path_t path = path_to(bed, &dest);
    if (verdict != rule->verdict || path.hops != (taken ? rule->hops : 3) ||
        path.next_hop.b[0] != (taken ? 0x33 : 0x22) ||
        number_of(bed, path.iface) != (taken ? second : first) ||
        (taken && path.state != RNS_PATH_UNKNOWN)) {
        fail_msg("%s: %s, %u hops", rule->what, rns_verdict_name(verdict), path.hops);
    }
    bed_close(bed);
}

static void the_path_follows_the_rules_for_announces(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++) {
        check_rule(&RULES[i]);
    }
}

static void a_path_that_is_not_taken_keeps_its_state(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = learn(bed, on, KNOWN);
    rns_path_mark(bed->node, bed->now, &dest, RNS_PATH_RESPONSIVE);
    learn(bed, on, KNOWN);
    assert_int_equal(path_to(bed, &dest).state, RNS_PATH_RESPONSIVE);
    bed_close(bed);
}

static void the_newest_emission_counts_even_at_its_largest(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const uint64_t most = 0xFFFFFFFFFF; // 40 bits
    assert_int_equal(verdict_of(bed, on, (announcement_t){.who = 1, .emitted = most - 1}),
                     RNS_RX_LEARNED);
    assert_int_equal(verdict_of(bed, on, (announcement_t){.who = 1, .emitted = most}),
                     RNS_RX_LEARNED);
    assert_int_equal(verdict_of(bed, on, (announcement_t){.who = 1, .emitted = 1}), RNS_RX_OLD);
    bed_close(bed);
}

// As the reference searches them: the first in order of arrival that is as new decides.
static void a_farther_way_as_new_as_an_old_blob_is_refused(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_PATH_BLOB] = 64, [RNS_POOL_PATH] = 8};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_iface(bed, (rns_iface_config_t){.mode = RNS_MODE_ROAMING});
    const unsigned from = add_mode(bed, RNS_MODE_FULL);
    announcement_t a = {.who = 1, .emitted = 200, .noise = 1, .hops = 2};
    const rns_hash_t dest = settle(bed, on, a);
    let_it_expire(bed, from, &dest);
    a = (announcement_t){.who = 1, .emitted = 150, .noise = 2, .hops = 3};
    assert_int_equal(verdict_of(bed, on, a), RNS_RX_LEARNED); // expired: blobs are 200, 150 now
    rns_path_mark(bed->node, bed->now, &dest, RNS_PATH_UNRESPONSIVE);
    a = (announcement_t){.who = 1, .emitted = 150, .noise = 3, .hops = 5};
    assert_int_equal(verdict_of(bed, on, a), RNS_RX_OLD);
    a.emitted = 200;
    assert_int_equal(verdict_of(bed, on, a), RNS_RX_LEARNED);
    bed_close(bed);
}

static void the_newest_emission_is_known_even_without_its_blob(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_PATH_BLOB] = RNS_COUNT_NONE};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_iface(bed, (rns_iface_config_t){.mode = RNS_MODE_ROAMING});
    const unsigned from = add_mode(bed, RNS_MODE_FULL);
    announcement_t a = {.who = 1, .emitted = 200, .noise = 1, .hops = 2};
    const rns_hash_t dest = settle(bed, on, a);
    let_it_expire(bed, from, &dest);
    a = (announcement_t){.who = 1, .emitted = 150, .noise = 2, .hops = 3};
    assert_int_equal(verdict_of(bed, on, a), RNS_RX_LEARNED);
    rns_path_mark(bed->node, bed->now, &dest, RNS_PATH_UNRESPONSIVE);
    a = (announcement_t){.who = 1, .emitted = 199, .noise = 3, .hops = 5};
    assert_int_equal(verdict_of(bed, on, a), RNS_RX_OLD);
    a.emitted = 200;
    assert_int_equal(verdict_of(bed, on, a), RNS_RX_LEARNED);
    bed_close(bed);
}

// ---- Random blobs

static uint32_t blobs_after(uint32_t blob_slots, unsigned announces, bool *newest_first) {
    const uint32_t count[RNS_POOL_COUNT] = {
        [RNS_POOL_PATH_BLOB] = blob_slots, [RNS_POOL_PATH] = 16};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    uint8_t blobs[RNSI_MAX_RANDOM_BLOBS][10];
    rns_hash_t dest = {{0}};
    for (unsigned i = 1; i <= announces; i++) {
        dest = learn(bed, on, (announcement_t){.who = 1, .emitted = i, .noise = i});
        run(bed, 10 * SECOND);
        forget_sent(bed);
    }
    const struct rnsi_path *path = rnsi_path_find(bed->node, dest.b);
    const uint32_t n = rnsi_path_blobs(bed->node, path, blobs, RNSI_MAX_RANDOM_BLOBS);
    *newest_first = true;
    for (uint32_t i = 0; i < n; i++) {
        *newest_first &= blobs[i][0] == announces - i && blobs[i][9] == announces - i;
    }
    bed_close(bed);
    return n;
}

static void a_path_keeps_as_many_blobs_as_there_is_room_for(void **state) {
    (void)state;
    bool in_order;
    assert_int_equal(blobs_after(RNS_COUNT_NONE, 70, &in_order), 1);
    assert_true(in_order);
    assert_int_equal(blobs_after(16, 8, &in_order), 8); // one slot of seven, and its own
    assert_true(in_order);
    assert_int_equal(blobs_after(16, 70, &in_order), 8);
    assert_true(in_order);
    assert_int_equal(blobs_after(31, 70, &in_order), 8); // fewer than two slots a path
    assert_true(in_order);
    assert_int_equal(blobs_after(32, 64, &in_order), 64);
    assert_true(in_order);
    assert_int_equal(blobs_after(32, 65, &in_order), 64); // Transport.MAX_RANDOM_BLOBS
    assert_true(in_order);
    assert_int_equal(blobs_after(32, 250, &in_order), 64);
    assert_true(in_order);
}

static void slots_of_blobs_are_taken_from_other_paths(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_PATH_BLOB] = 2, [RNS_POOL_PATH] = 2};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    uint8_t blobs[RNSI_MAX_RANDOM_BLOBS][10];
    rns_hash_t dest[3];
    for (unsigned who = 1; who <= 2; who++) {
        for (unsigned i = 1; i <= 3; i++) {
            dest[who - 1] = learn(bed, on, (announcement_t){.who = who, .emitted = i, .noise = i});
        }
    }
    // A third path takes the place of the first, and the slot of blobs with it.
    for (unsigned i = 1; i <= 3; i++) {
        dest[2] = learn(bed, on, (announcement_t){.who = 3, .emitted = i, .noise = i});
    }
    assert_null(rnsi_path_find(bed->node, dest[0].b));
    for (unsigned i = 1; i < 3; i++) {
        const struct rnsi_path *path = rnsi_path_find(bed->node, dest[i].b);
        assert_int_equal(rnsi_path_blobs(bed->node, path, blobs, RNSI_MAX_RANDOM_BLOBS), 3);
    }
    assert_int_equal(used(bed, RNS_POOL_PATH_BLOB), 2);
    rns_path_drop(bed->node, bed->now, &dest[1]);
    rns_path_drop(bed->node, bed->now, &dest[2]);
    assert_int_equal(used(bed, RNS_POOL_PATH_BLOB), 0);
    bed_close(bed);
}

static void a_path_may_lose_its_blobs_to_another(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_PATH_BLOB] = 1, [RNS_POOL_PATH] = 2};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    rns_hash_t dest[2];
    for (unsigned i = 1; i <= 20; i++) {
        for (unsigned who = 0; who < 2; who++) {
            dest[who] = learn(bed, on, (announcement_t){.who = who + 1, .emitted = i, .noise = i});
        }
        assert_int_equal(used(bed, RNS_POOL_PATH_BLOB), i > 1);
    }
    uint8_t blobs[RNSI_MAX_RANDOM_BLOBS][10];
    uint32_t n[2];
    for (unsigned who = 0; who < 2; who++) {
        const struct rnsi_path *path = rnsi_path_find(bed->node, dest[who].b);
        n[who] = rnsi_path_blobs(bed->node, path, blobs, RNSI_MAX_RANDOM_BLOBS);
        assert_int_equal(blobs[0][9], 20);
    }
    assert_int_equal(n[0], 1); // the slot went to the other one just now
    assert_int_equal(n[1], 2);
    bed_close(bed);
}

static void a_path_loses_its_oldest_blobs_first(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_PATH_BLOB] = 4, [RNS_POOL_PATH] = 2};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    uint8_t blobs[RNSI_MAX_RANDOM_BLOBS][10];
    rns_hash_t one = {{0}};
    for (unsigned i = 1; i <= 29; i++) {
        one = learn(bed, on, (announcement_t){.who = 1, .emitted = i, .noise = i});
        bed->now += SECOND;
    }
    const struct rnsi_path *path = rnsi_path_find(bed->node, one.b);
    assert_int_equal(rnsi_path_blobs(bed->node, path, blobs, RNSI_MAX_RANDOM_BLOBS), 29);
    for (unsigned i = 1; i <= 2; i++) {
        learn(bed, on, (announcement_t){.who = 2, .emitted = i, .noise = i});
    }
    assert_int_equal(rnsi_path_blobs(bed->node, path, blobs, RNSI_MAX_RANDOM_BLOBS), 22);
    for (unsigned i = 0; i < 22; i++) {
        assert_int_equal(blobs[i][9], 29 - i);
    }
    bed_close(bed);
}

// ---- Lifetimes

static void check_life(rns_mode_t mode, rns_us_t life) {
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, mode);
    const rns_hash_t dest = learn(bed, on, (announcement_t){.who = 1, .emitted = 1});
    rns_path_t path;
    const rns_us_t end = bed->now + life;
    assert_int_equal(path_to(bed, &dest).expires, end);
    assert_true(rns_path(bed->node, end - 1, &dest, &path));
    assert_false(rns_path(bed->node, end, &dest, &path));
    assert_int_equal(used(bed, RNS_POOL_PATH), 1);
    run(bed, life + 6 * SECOND); // tables are cleaned each five seconds
    assert_int_equal(used(bed, RNS_POOL_PATH), 0);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE_CACHE), 0);
    bed_close(bed);
}

static void the_mode_says_how_long_an_unused_path_lives(void **state) {
    (void)state;
    check_life(RNS_MODE_FULL, 7 * DAY);
    check_life(RNS_MODE_POINT_TO_POINT, 7 * DAY);
    check_life(RNS_MODE_ACCESS_POINT, DAY);
    check_life(RNS_MODE_ROAMING, 6 * HOUR);
    check_life(RNS_MODE_BOUNDARY, 7 * DAY);
    check_life(RNS_MODE_GATEWAY, 7 * DAY);
    check_life(RNS_MODE_INTERNAL, 7 * DAY);
}

static void a_path_that_is_used_lives_on(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_ROAMING), from = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(bed, on, (announcement_t){.who = 1, .emitted = 1, .hops = 1});
    const rns_hash_t via = self(bed);
    for (unsigned i = 0; i < 10; i++) {
        run(bed, 5 * HOUR);
        const packet_t p = data_to(&via, &dest, 0, i);
        assert_int_equal(rx(bed, from, &p), RNS_RX_FORWARDED);
    }
    run(bed, 6 * HOUR + 6 * SECOND);
    const packet_t p = data_to(&via, &dest, 0, 99);
    assert_int_equal(rx(bed, from, &p), RNS_RX_NO_ROUTE);
    bed_close(bed);
}

static void a_new_announce_begins_another_life(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned roams = add_mode(bed, RNS_MODE_ROAMING), on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = learn(bed, roams, (announcement_t){.who = 1, .emitted = 1});
    run(bed, HOUR);
    learn(bed, on, (announcement_t){.who = 1, .emitted = 2});
    run(bed, 6 * DAY);
    assert_int_equal(path_to(bed, &dest).hops, 1);
    learn(bed, roams, (announcement_t){.who = 1, .emitted = 3});
    run(bed, 6 * HOUR + 6 * SECOND);
    assert_int_equal(used(bed, RNS_POOL_PATH), 0);
    bed_close(bed);
}

static void a_path_goes_with_its_interface(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), from = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(bed, on, (announcement_t){.who = 1, .emitted = 1, .hops = 1});
    assert_int_equal(rns_iface_remove(bed->node, bed->now, bed->iface[on]), RNS_ERR_OK);
    rns_path_t path;
    uint32_t cursor = 0;
    assert_false(rns_path(bed->node, bed->now, &dest, &path));
    assert_false(rns_path_each(bed->node, bed->now, &cursor, &path));
    assert_int_equal(rns_hops_to(bed->node, bed->now, &dest), RNS_HOPS_UNKNOWN);
    // Its slot's next owner is another interface.
    const unsigned next = add_mode(bed, RNS_MODE_FULL);
    assert_int_equal(bed->iface[next].slot, bed->iface[on].slot);
    const rns_hash_t via = self(bed);
    const packet_t p = data_to(&via, &dest, 0, 1);
    assert_int_equal(rx(bed, from, &p), RNS_RX_NO_ROUTE);
    assert_int_equal(used(bed, RNS_POOL_PATH), 0);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE_CACHE), 0);
    // The same announce counts as new again.
    learn(bed, from, (announcement_t){.who = 1, .emitted = 1, .hops = 1});
    assert_int_equal(number_of(bed, path_to(bed, &dest).iface), from);
    bed_close(bed);
}

// ---- Making room

static void what_expires_first_makes_room(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_PATH] = 3};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned full = add_mode(bed, RNS_MODE_FULL), ap = add_mode(bed, RNS_MODE_ACCESS_POINT);
    const rns_hash_t first = settle(bed, full, (announcement_t){.who = 1, .emitted = 1});
    const rns_hash_t second = settle(bed, ap, (announcement_t){.who = 2, .emitted = 1});
    const rns_hash_t third = settle(bed, full, (announcement_t){.who = 3, .emitted = 1});
    const rns_hash_t fourth = settle(bed, full, (announcement_t){.who = 4, .emitted = 1});
    rns_path_t path;
    assert_true(rns_path(bed->node, bed->now, &first, &path)); // the oldest lives longer
    assert_false(rns_path(bed->node, bed->now, &second, &path));
    settle(bed, full, (announcement_t){.who = 5, .emitted = 1});
    assert_false(rns_path(bed->node, bed->now, &first, &path));
    assert_true(rns_path(bed->node, bed->now, &third, &path));
    assert_true(rns_path(bed->node, bed->now, &fourth, &path));
    assert_int_equal(used(bed, RNS_POOL_PATH), 3);
    bed_close(bed);
}

static void open_link(bed_t *bed, unsigned from, unsigned on, unsigned who,
                      const rns_hash_t *dest) {
    const rns_hash_t via = self(bed);
    const packet_t request = link_request(&via, dest, who, 0);
    const rns_hash_t link = link_of(bed, &request);
    const packet_t proof = link_proof(bed, who, &link, 0, 0);
    assert_int_equal(rx(bed, from, &request), RNS_RX_FORWARDED);
    assert_int_equal(rx(bed, on, &proof), RNS_RX_FORWARDED);
}

static void a_flood_of_announces_spares_the_paths_of_open_links(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_PATH] = 4};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_iface(bed, (rns_iface_config_t){0});
    const unsigned from = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(bed, on, (announcement_t){.who = 1, .emitted = 1});
    open_link(bed, from, on, 1, &dest);
    for (unsigned who = 2; who < 100; who++) {
        settle(bed, on, (announcement_t){.who = who, .emitted = 1});
    }
    assert_int_equal(path_to(bed, &dest).hops, 1);
    run(bed, 1200 * SECOND); // the link was silent for 15 minutes
    for (unsigned who = 100; who < 110; who++) {
        settle(bed, on, (announcement_t){.who = who, .emitted = 1});
    }
    rns_path_t path;
    assert_false(rns_path(bed->node, bed->now, &dest, &path));
    bed_close(bed);
}

static void an_announce_finds_no_room_when_all_paths_are_in_use(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_PATH] = 1};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), from = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(bed, on, (announcement_t){.who = 1, .emitted = 1});
    open_link(bed, from, on, 1, &dest);
    const uint32_t known = used(bed, RNS_POOL_KNOWN);
    assert_int_equal(verdict_of(bed, on, (announcement_t){.who = 2, .emitted = 1}), RNS_RX_FULL);
    assert_int_equal(used(bed, RNS_POOL_KNOWN), known);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE_CACHE), 1);
    assert_int_equal(path_to(bed, &dest).hops, 1);
    bed_close(bed);
}

static void a_path_dropped_under_its_link_is_not_pinned_when_it_comes_back(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_PATH] = 1};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), from = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(bed, on, (announcement_t){.who = 1, .emitted = 1});
    open_link(bed, from, on, 1, &dest);
    assert_int_equal(rns_path_drop(bed->node, bed->now, &dest), RNS_ERR_OK);
    assert_int_equal(rns_path_drop(bed->node, bed->now, &dest), RNS_ERR_NO_PATH);
    settle(bed, on, (announcement_t){.who = 1, .emitted = 2});
    run(bed, 1000 * SECOND); // the link's entry goes, and must not unpin what it did not pin
    assert_int_equal(used(bed, RNS_POOL_RELAY), 0);
    const struct rnsi_path *path = rnsi_path_find(bed->node, dest.b);
    assert_non_null(path);
    assert_int_equal(path->slot.pins, 0);
    settle(bed, on, (announcement_t){.who = 2, .emitted = 1});
    assert_null(rnsi_path_find(bed->node, dest.b));
    bed_close(bed);
}

// ---- What the application may ask

static void paths_are_listed_and_dropped_by_their_next_hop(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t a = learn(bed, on, (announcement_t){.who = 1, .emitted = 1, .via = 0x22});
    learn(bed, on, (announcement_t){.who = 2, .emitted = 1, .via = 0x22, .hops = 4});
    const rns_hash_t c = learn(bed, on, (announcement_t){.who = 3, .emitted = 1});
    const rns_hash_t via = address(0x22), other = address(0x23);
    rns_path_t path;
    uint32_t cursor = 0, n = 0;
    while (rns_path_each(bed->node, bed->now, &cursor, &path)) {
        n++;
    }
    assert_int_equal(n, 3);
    assert_int_equal(rns_path_drop_via(bed->node, bed->now, &other), 0);
    assert_int_equal(rns_path_drop_via(bed->node, bed->now, &via), 2);
    assert_int_equal(rns_hops_to(bed->node, bed->now, &a), RNS_HOPS_UNKNOWN);
    assert_int_equal(rns_hops_to(bed->node, bed->now, &c), 1);
    assert_memory_equal(path_to(bed, &c).next_hop.b, c.b, 16); // a neighbour is its own next hop
    assert_int_equal(rns_path_mark(bed->node, bed->now, &a, RNS_PATH_RESPONSIVE), RNS_ERR_NO_PATH);
    bed_close(bed);
}

// 500 bytes at 1200 bit/s are 10/3 seconds.
static void timeouts_follow_the_bitrate(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    assert_int_equal(rns_medium_path_timeout(bed->node), 0);
    const unsigned slow = add_iface(bed, (rns_iface_config_t){.bitrate = 1200});
    const unsigned fast = add_iface(bed, (rns_iface_config_t){.bitrate = 10000000});
    assert_int_equal(rns_medium_path_timeout(bed->node), 12666666);
    const rns_hash_t near = learn(bed, slow, (announcement_t){.who = 1, .emitted = 1});
    const rns_hash_t far = learn(bed, fast, (announcement_t){.who = 2, .emitted = 1});
    const rns_hash_t nobody = address(0x11);
    assert_int_equal(rns_first_hop_timeout(bed->node, bed->now, &near), 9333333);
    assert_int_equal(rns_first_hop_timeout(bed->node, bed->now, &far), 6000400);
    assert_int_equal(rns_first_hop_timeout(bed->node, bed->now, &nobody), 6000000);
    rns_iface_online(bed->node, bed->now, bed->iface[slow], false);
    assert_int_equal(rns_medium_path_timeout(bed->node), 6000800);
    rns_iface_online(bed->node, bed->now, bed->iface[fast], false);
    assert_int_equal(rns_medium_path_timeout(bed->node), 6000800); // the last value stays
    bed_close(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_path_follows_the_rules_for_announces),
        cmocka_unit_test(a_path_that_is_not_taken_keeps_its_state),
        cmocka_unit_test(the_newest_emission_counts_even_at_its_largest),
        cmocka_unit_test(a_farther_way_as_new_as_an_old_blob_is_refused),
        cmocka_unit_test(the_newest_emission_is_known_even_without_its_blob),
        cmocka_unit_test(a_path_loses_its_oldest_blobs_first),
        cmocka_unit_test(a_path_keeps_as_many_blobs_as_there_is_room_for),
        cmocka_unit_test(slots_of_blobs_are_taken_from_other_paths),
        cmocka_unit_test(a_path_may_lose_its_blobs_to_another),
        cmocka_unit_test(the_mode_says_how_long_an_unused_path_lives),
        cmocka_unit_test(a_path_that_is_used_lives_on),
        cmocka_unit_test(a_new_announce_begins_another_life),
        cmocka_unit_test(a_path_goes_with_its_interface),
        cmocka_unit_test(what_expires_first_makes_room),
        cmocka_unit_test(a_flood_of_announces_spares_the_paths_of_open_links),
        cmocka_unit_test(an_announce_finds_no_room_when_all_paths_are_in_use),
        cmocka_unit_test(a_path_dropped_under_its_link_is_not_pinned_when_it_comes_back),
        cmocka_unit_test(paths_are_listed_and_dropped_by_their_next_hop),
        cmocka_unit_test(timeouts_follow_the_bitrate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
