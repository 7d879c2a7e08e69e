// What a full row means to those outside: a node with one row too small, each test named after it.
// Rows of sessions are in full_sessions.c; that the rows do so at all, in pool_full.c.
#include "node_help.h"

static const rns_bytes_t NIL = {NULL, 0};

static bed_t *open_short(rns_pool_t id, uint32_t slots) {
    uint32_t count[RNS_POOL_COUNT] = {0};
    count[id] = slots;
    return bed_open((setup_t){.count = count, .unix_us = 1700000000000000});
}

static void assert_counts(const bed_t *bed, rns_pool_t id, uint64_t culled, uint64_t rejected) {
    rns_pool_info_t info;
    rns_pool_info(bed->node, id, &info);
    assert_int_equal(info.culled, culled);
    assert_int_equal(info.rejected, rejected);
}

static rns_err_t try_iface(bed_t *bed, const char *name, const char *network) {
    const rns_iface_config_t config = {.name = name, .network_name = network};
    rns_iface_t iface;
    return rns_iface_add(bed->node, bed->now, &config, &iface);
}

static rns_err_t try_dest(bed_t *bed, const char *name, bool ratchets, rns_dest_t *dest) {
    const rns_secret_t secret = secret_of(99);
    const rns_dest_config_t config = {
        .name = name, .type = RNS_DEST_SINGLE, .identity = &secret, .ratchets = ratchets};
    return rns_dest_add(bed->node, bed->now, &config, dest);
}

static bool has_path(const bed_t *bed, unsigned who) {
    const rns_hash_t dest = peer(bed, who).dest;
    rns_path_t path;
    return rns_path(bed->node, bed->now, &dest, &path);
}

static bool knows(const bed_t *bed, unsigned who, rns_known_t *known) {
    const rns_hash_t dest = peer(bed, who).dest;
    return rns_recall(bed->node, &dest, known);
}

// One after the other, a second apart.
static void learn_one(bed_t *bed, unsigned on, announcement_t a) {
    bed->now += SECOND;
    a.emitted = a.emitted != 0 ? a.emitted : a.who;
    learn(bed, on, a);
    forget_sent(bed);
}

// ---- The node, its interfaces and destinations

static void node_takes_what_it_needs_or_does_not_open(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    rns_config_t less = bed->config;
    rns_node_t *node = NULL;
    less.mem[RNS_REGION_FAST].size--;
    assert_int_equal(rns_open(&less, 0, &node), RNS_ERR_MEMORY);
    bed_close(bed);
}

static void crypto_must_have_its_row(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.real = true});
    rns_config_t without = bed->config;
    rns_node_t *node = NULL;
    without.count[RNS_POOL_CRYPTO] = RNS_COUNT_NONE;
    assert_int_equal(rns_open(&without, 0, &node), RNS_ERR_ARG);
    bed_close(bed);
}

static void iface_a_further_one_is_refused(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_IFACE, 2);
    assert_int_equal(try_iface(bed, "One", NULL), RNS_ERR_OK);
    assert_int_equal(try_iface(bed, "Two", NULL), RNS_ERR_OK);
    assert_int_equal(try_iface(bed, "Three", NULL), RNS_ERR_FULL);
    assert_counts(bed, RNS_POOL_IFACE, 0, 1);
    bed_close(bed);
}

static void network_a_further_code_is_refused(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_NETWORK, 1);
    assert_int_equal(try_iface(bed, "One", "net"), RNS_ERR_OK);
    assert_int_equal(try_iface(bed, "Two", "net"), RNS_ERR_OK); // the same one
    assert_int_equal(try_iface(bed, "Three", "other"), RNS_ERR_FULL);
    assert_counts(bed, RNS_POOL_NETWORK, 0, 1);
    bed_close(bed);
}

static void dest_a_further_one_is_refused(void **state) {
    (void)state;
    rns_dest_t dest;
    bed_t *bed = open_short(RNS_POOL_DEST, 1);
    assert_int_equal(try_dest(bed, "one", false, &dest), RNS_ERR_OK);
    assert_int_equal(try_dest(bed, "two", false, &dest), RNS_ERR_FULL);
    assert_counts(bed, RNS_POOL_DEST, 0, 1);
    bed_close(bed);
}

static void announce_each_half_hour(bed_t *bed, rns_dest_t dest, unsigned times) {
    const rns_iface_t all = {0, 0};
    for (unsigned i = 0; i < times; i++) {
        assert_int_equal(rns_announce(bed->node, bed->now, dest, NIL, all), RNS_ERR_OK);
        bed->now += 1801 * SECOND;
        drain(bed);
        forget_sent(bed);
    }
}

static void ratchet_self_a_destination_forgets_its_older_ones(void **state) {
    (void)state;
    rns_dest_t dest, other;
    bed_t *bed = open_short(RNS_POOL_RATCHET_SELF, 3);
    assert_int_equal(try_dest(bed, "one", true, &dest), RNS_ERR_OK);
    announce_each_half_hour(bed, dest, 5);
    assert_int_equal(used(bed, RNS_POOL_RATCHET_SELF), 3);
    assert_int_equal(try_dest(bed, "two", true, &other), RNS_ERR_FULL);
    bed_close(bed);
}

// The audited inventory: 8 destinations with 32 each.
static void ratchet_self_on_mcu_a_destination_keeps_32(void **state) {
    (void)state;
    rns_dest_t dest[2];
    bed_t *bed = bed_open((setup_t){0});
    assert_int_equal(try_dest(bed, "one", true, &dest[0]), RNS_ERR_OK);
    assert_int_equal(try_dest(bed, "two", true, &dest[1]), RNS_ERR_OK);
    announce_each_half_hour(bed, dest[0], 40);
    assert_int_equal(used(bed, RNS_POOL_RATCHET_SELF), 32);
    announce_each_half_hour(bed, dest[1], 40);
    assert_int_equal(used(bed, RNS_POOL_RATCHET_SELF), 64);
    bed_close(bed);
}

static void handler_a_further_one_is_refused(void **state) {
    (void)state;
    rns_handler_t handler;
    bed_t *bed = open_short(RNS_POOL_HANDLER, 1);
    assert_int_equal(rns_handler_add(bed->node, NULL, false, &handler), RNS_ERR_OK);
    assert_int_equal(rns_handler_add(bed->node, "a.b", false, &handler), RNS_ERR_FULL);
    assert_counts(bed, RNS_POOL_HANDLER, 0, 1);
    bed_close(bed);
}

// ---- Frames

static rns_err_t say(bed_t *bed) {
    return rns_broadcast(bed->node, bed->now, "test.plain", NULL, NIL,
                         (rns_bytes_t){(const uint8_t *)"hello", 5});
}

// Larger rows are for larger frames: they serve smaller ones where those have no row at all.
static void frame_without_a_slot_nothing_is_sent(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_FRAME, 1);
    bed->deaf[add_mode(bed, RNS_MODE_FULL)] = true;
    assert_int_equal(say(bed), RNS_ERR_OK);
    assert_int_equal(say(bed), RNS_ERR_FULL);
    assert_counts(bed, RNS_POOL_FRAME, 0, 1);
    assert_int_equal(used(bed, RNS_POOL_FRAME_2K), 0);
    bed->deaf[0] = false;
    drain(bed);
    assert_int_equal(bed->sent_count, 1);
    assert_int_equal(say(bed), RNS_ERR_OK); // there is room again
    bed_close(bed);
}

static void frame_2k_serves_where_there_is_no_smaller_row(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_FRAME] = RNS_COUNT_NONE, [RNS_POOL_FRAME_2K] = 1};
    bed_t *bed = bed_open((setup_t){.count = count});
    bed->deaf[add_mode(bed, RNS_MODE_FULL)] = true;
    assert_int_equal(say(bed), RNS_ERR_OK);
    assert_int_equal(used(bed, RNS_POOL_FRAME_2K), 1);
    assert_int_equal(say(bed), RNS_ERR_FULL);
    assert_counts(bed, RNS_POOL_FRAME_2K, 0, 1);
    bed_close(bed);
}

static void txref_the_frame_is_not_sent_on_the_interface_without_one(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_TXREF, 2);
    for (unsigned i = 0; i < 3; i++) {
        add_mode(bed, RNS_MODE_FULL);
    }
    assert_int_equal(say(bed), RNS_ERR_OK);
    drain(bed);
    assert_int_equal(bed->sent_count, 2);
    rns_pool_info_t info;
    rns_pool_info(bed->node, RNS_POOL_TXREF, &info);
    assert_int_equal(info.rejected, 1);
    assert_int_equal(iface_of(bed, 0)->tx_dropped + iface_of(bed, 1)->tx_dropped +
                         iface_of(bed, 2)->tx_dropped,
                     1);
    bed_close(bed);
}

// ---- What waits to be worked off

static void inbox_announce_a_further_one_is_dropped_and_counted(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_INBOX_ANNOUNCE, 1);
    const unsigned one = add_mode(bed, RNS_MODE_FULL), two = add_mode(bed, RNS_MODE_FULL);
    const packet_t first = announce(bed, (announcement_t){.who = 1, .emitted = 1});
    const packet_t second = announce(bed, (announcement_t){.who = 2, .emitted = 1});
    assert_int_equal(rx(bed, one, &first), RNS_RX_QUEUED);
    assert_int_equal(rx(bed, two, &second), RNS_RX_FULL);
    assert_int_equal(count_of(bed, two, RNS_RX_FULL), 1);
    assert_counts(bed, RNS_POOL_INBOX_ANNOUNCE, 0, 1);
    rns_tick(bed->node, bed->now);
    assert_int_equal(rx(bed, two, &second), RNS_RX_QUEUED); // the next one is heard
    bed_close(bed);
}

static void inbox_ask_a_further_one_is_dropped_and_counted(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_INBOX_ASK, 1);
    const unsigned one = add_mode(bed, RNS_MODE_FULL), two = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t a = address(1), b = address(2);
    const packet_t first = ask(bed, &a, NULL, 1, 16), second = ask(bed, &b, NULL, 2, 16);
    assert_int_equal(rx(bed, one, &first), RNS_RX_QUEUED);
    assert_int_equal(rx(bed, two, &second), RNS_RX_FULL);
    assert_counts(bed, RNS_POOL_INBOX_ASK, 0, 1);
    bed_close(bed);
}

static unsigned add_limited(bed_t *bed, rns_mode_t mode) {
    return add_iface(bed, (rns_iface_config_t){.mode = mode, .ingress_control = RNS_YES});
}

// Four requests at once are a burst.
static void burst_of_asks(bed_t *bed, unsigned on) {
    for (unsigned i = 0; i < 4; i++) {
        const rns_hash_t dest = address(0x80 + i);
        const packet_t p = ask(bed, &dest, NULL, 1, 16);
        rx(bed, on, &p);
        rns_tick(bed->node, bed->now);
        drain(bed);
    }
}

static void inbox_limited_a_further_one_is_dropped_and_counted(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_INBOX_LIMITED, 1);
    const unsigned one = add_limited(bed, RNS_MODE_GATEWAY);
    const unsigned two = add_limited(bed, RNS_MODE_GATEWAY);
    burst_of_asks(bed, one);
    bed->now += MS;
    const rns_hash_t a = address(1), b = address(2);
    const packet_t first = ask(bed, &a, NULL, 1, 16), second = ask(bed, &b, NULL, 1, 16);
    for (unsigned i = 0; i < 4; i++) {
        const rns_hash_t dest = address(0x90 + i);
        const packet_t p = ask(bed, &dest, NULL, 1, 16);
        rx(bed, two, &p);
        rns_tick(bed->node, bed->now);
    }
    assert_int_equal(rx(bed, one, &first), RNS_RX_QUEUED);
    assert_int_equal(rx(bed, two, &second), RNS_RX_FULL);
    assert_counts(bed, RNS_POOL_INBOX_LIMITED, 0, 1);
    bed_close(bed);
}

// New destinations faster than three a second are held back, once that is known.
static void held_a_further_announce_is_dropped_and_counted(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_HELD, 1);
    const unsigned on = add_limited(bed, RNS_MODE_FULL);
    for (unsigned who = 1; who <= 20; who++) {
        const packet_t p = announce(bed, (announcement_t){.who = who, .emitted = who});
        rx(bed, on, &p);
        rns_tick(bed->node, bed->now);
        drain(bed);
        bed->now += 50 * MS;
    }
    assert_int_equal(used(bed, RNS_POOL_HELD), 1);
    assert_int_equal(count_of(bed, on, RNS_RX_HELD), 1);
    assert_true(count_of(bed, on, RNS_RX_FULL) > 0); // the interface counts, by its share
    bed_close(bed);
}

// ---- What was seen: the older half is forgotten at once

static rns_verdict_t see(bed_t *bed, unsigned on, unsigned number) {
    const rns_hash_t via = self(bed), dest = peer(bed, 1).dest;
    const packet_t p = data_to(&via, &dest, 0, number);
    return rx(bed, on, &p);
}

static void seen_forgets_its_older_half(rns_pool_t id, rns_pool_t other) {
    uint32_t count[RNS_POOL_COUNT] = {0};
    rns_pool_info_t info;
    count[id] = 4;
    count[other] = RNS_COUNT_NONE;
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned to = add_mode(bed, RNS_MODE_FULL), from = add_mode(bed, RNS_MODE_FULL);
    settle(bed, to, (announcement_t){.who = 1, .emitted = 1});
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(see(bed, from, i), RNS_RX_FORWARDED);
    }
    assert_int_equal(see(bed, from, 7), RNS_RX_DUPLICATE);
    assert_int_equal(see(bed, from, 0), RNS_RX_FORWARDED); // a late copy is taken for new
    rns_pool_info(bed->node, id, &info);
    assert_true(info.culled >= 4 && info.used <= 4);
    bed_close(bed);
}

static void seen_forgets_its_older_half_at_once(void **state) {
    (void)state;
    seen_forgets_its_older_half(RNS_POOL_SEEN, RNS_POOL_SEEN_PRINT);
}

static void seen_print_forgets_its_older_half_at_once(void **state) {
    (void)state;
    seen_forgets_its_older_half(RNS_POOL_SEEN_PRINT, RNS_POOL_SEEN);
}

static void ask_tag_forgets_its_older_half_at_once(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_ASK_TAG, 4);
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    for (unsigned i = 0; i < 9; i++) {
        const rns_hash_t dest = address(i % 8);
        const packet_t p = ask(bed, &dest, NULL, i % 8, 16);
        assert_int_not_equal(rx(bed, on, &p), RNS_RX_DUPLICATE); // the last is the first again
        rns_tick(bed->node, bed->now);
    }
    const rns_hash_t last = address(7);
    const packet_t again = ask(bed, &last, NULL, 7, 16);
    assert_int_equal(rx(bed, on, &again), RNS_RX_DUPLICATE);
    bed_close(bed);
}

// ---- What is known of others

static void known_the_one_not_used_for_longest_is_forgotten(void **state) {
    (void)state;
    rns_known_t known;
    rns_receipt_t receipt;
    bed_t *bed = open_short(RNS_POOL_KNOWN, 3);
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    for (unsigned who = 1; who <= 3; who++) {
        learn_one(bed, on, (announcement_t){.who = who});
    }
    const rns_hash_t used_one = peer(bed, 1).dest;
    assert_int_equal(
        rns_send(bed->node, bed->now, &used_one, (rns_bytes_t){used_one.b, 4}, &receipt),
        RNS_ERR_OK);
    learn_one(bed, on, (announcement_t){.who = 4});
    assert_true(knows(bed, 1, &known));
    assert_false(knows(bed, 2, &known));
    assert_true(knows(bed, 3, &known));
    assert_true(knows(bed, 4, &known));
    assert_counts(bed, RNS_POOL_KNOWN, 1, 0);
    bed_close(bed);
}

static void app_data_the_oldest_is_forgotten_and_its_destination_stays(void **state) {
    (void)state;
    rns_known_t known;
    bed_t *bed = open_short(RNS_POOL_APP_DATA, 2);
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    for (unsigned who = 1; who <= 3; who++) {
        learn_one(bed, on, (announcement_t){.who = who, .app_data = 10});
    }
    assert_true(knows(bed, 1, &known) && known.app_data.size == 0);
    assert_true(knows(bed, 2, &known) && known.app_data.size == 10);
    assert_true(knows(bed, 3, &known) && known.app_data.size == 10);
    assert_counts(bed, RNS_POOL_APP_DATA, 1, 0);
    bed_close(bed);
}

static void ratchet_peer_the_oldest_is_forgotten(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_RATCHET_PEER, 2);
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    for (unsigned who = 1; who <= 3; who++) {
        learn_one(bed, on, (announcement_t){.who = who, .ratchet = true});
    }
    const rnsi_pool_t *pool = RNSI_POOL(bed->node, RATCHET_PEER);
    assert_null(rnsi_pool_find(pool, peer(bed, 1).dest.b));
    assert_non_null(rnsi_pool_find(pool, peer(bed, 2).dest.b));
    assert_non_null(rnsi_pool_find(pool, peer(bed, 3).dest.b));
    assert_counts(bed, RNS_POOL_RATCHET_PEER, 1, 0);
    bed_close(bed);
}

// ---- Paths

// Over a roaming interface a path lives for 6 hours, over others for 7 days.
static void path_the_nearest_to_its_expiry_is_forgotten(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_PATH, 3);
    const unsigned full = add_mode(bed, RNS_MODE_FULL), roams = add_mode(bed, RNS_MODE_ROAMING);
    learn_one(bed, full, (announcement_t){.who = 1});
    learn_one(bed, roams, (announcement_t){.who = 2});
    learn_one(bed, full, (announcement_t){.who = 3});
    learn_one(bed, full, (announcement_t){.who = 4});
    assert_false(has_path(bed, 2));
    learn_one(bed, full, (announcement_t){.who = 5}); // now the oldest
    assert_false(has_path(bed, 1));
    assert_true(has_path(bed, 3) && has_path(bed, 4) && has_path(bed, 5));
    assert_counts(bed, RNS_POOL_PATH, 2, 0);
    bed_close(bed);
}

static void path_blob_the_oldest_are_forgotten(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_PATH_BLOB, 1);
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    for (unsigned who = 1; who <= 2; who++) {
        for (unsigned n = 1; n <= 3; n++) {
            learn_one(bed, on, (announcement_t){.who = who, .emitted = 100 * n, .noise = n});
        }
    }
    assert_true(has_path(bed, 1) && has_path(bed, 2));
    assert_int_equal(used(bed, RNS_POOL_PATH_BLOB), 1);
    assert_counts(bed, RNS_POOL_PATH_BLOB, 1, 0);
    bed_close(bed);
}

static void announce_cache_requests_for_the_oldest_are_not_answered(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_ANNOUNCE_CACHE, 2);
    const unsigned on = add_mode(bed, RNS_MODE_FULL), asks = add_mode(bed, RNS_MODE_FULL);
    for (unsigned who = 1; who <= 3; who++) {
        settle(bed, on, (announcement_t){.who = who, .emitted = who});
    }
    for (unsigned who = 1; who <= 3; who++) {
        const rns_hash_t dest = peer(bed, who).dest;
        const packet_t p = ask(bed, &dest, NULL, who, 16);
        forget_sent(bed);
        rx(bed, asks, &p);
        run(bed, 5 * SECOND);
        assert_int_equal(sent_on(bed, asks), who == 1 ? 0 : 1);
    }
    assert_counts(bed, RNS_POOL_ANNOUNCE_CACHE, 1, 0);
    bed_close(bed);
}

static void announce_the_oldest_is_not_sent_on_again(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_ANNOUNCE, 1);
    const unsigned on = add_mode(bed, RNS_MODE_FULL), out = add_mode(bed, RNS_MODE_FULL);
    learn(bed, on, (announcement_t){.who = 1, .emitted = 1});
    learn(bed, on, (announcement_t){.who = 2, .emitted = 2});
    assert_counts(bed, RNS_POOL_ANNOUNCE, 1, 0);
    run(bed, 20 * SECOND);
    assert_true(sent_on(bed, out) > 0);
    for (unsigned i = 0; i < sent_on(bed, out); i++) { // with our transport id before the address
        assert_memory_equal(sent_nth(bed, out, i)->packet.b + 18, peer(bed, 2).dest.b, 16);
    }
    bed_close(bed);
}

static void rate_the_oldest_is_forgotten(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_RATE, 2);
    const unsigned on = add_iface(bed, (rns_iface_config_t){.announce_rate_target_s = 3600});
    for (unsigned who = 1; who <= 3; who++) {
        learn_one(bed, on, (announcement_t){.who = who});
    }
    const rnsi_pool_t *pool = RNSI_POOL(bed->node, RATE);
    assert_null(rnsi_pool_find(pool, peer(bed, 1).dest.b));
    assert_non_null(rnsi_pool_find(pool, peer(bed, 3).dest.b));
    assert_counts(bed, RNS_POOL_RATE, 1, 0);
    bed_close(bed);
}

static void ask_the_oldest_search_is_given_up(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_ASK, 1);
    const rns_iface_t all = {0, 0};
    add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t first = address(1), second = address(2);
    assert_int_equal(rns_path_request(bed->node, bed->now, &first, all), RNS_ERR_OK);
    bed->now += SECOND;
    assert_int_equal(rns_path_request(bed->node, bed->now, &second, all), RNS_ERR_OK);
    assert_null(rnsi_pool_find(RNSI_POOL(bed->node, ASK), first.b));
    assert_non_null(rnsi_pool_find(RNSI_POOL(bed->node, ASK), second.b));
    assert_counts(bed, RNS_POOL_ASK, 1, 0);
    bed_close(bed);
}

// ---- For others

static void reverse_the_proof_of_the_oldest_packet_does_not_come_back(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_REVERSE, 2);
    const unsigned to = add_mode(bed, RNS_MODE_FULL), from = add_mode(bed, RNS_MODE_FULL);
    settle(bed, to, (announcement_t){.who = 1, .emitted = 1});
    rns_hash_t hash[3];
    for (unsigned i = 0; i < 3; i++) {
        const rns_hash_t via = self(bed), dest = peer(bed, 1).dest;
        packet_t p = data_to(&via, &dest, 0, i), copy = p;
        rnsi_packet_t parsed;
        uint8_t whole[32];
        assert_true(rnsi_packet_parse((rns_mem_t){copy.b, copy.size}, &parsed));
        rnsi_packet_hash(&bed->node->crypto, &parsed, whole);
        memcpy(hash[i].b, whole, sizeof hash[i].b);
        bed->now += SECOND;
        assert_int_equal(rx(bed, from, &p), RNS_RX_FORWARDED);
    }
    forget_sent(bed);
    for (unsigned i = 0; i < 3; i++) {
        packet_t proof = header(0x03, 0, NULL, &hash[i], 0);
        put_many(&proof, 1, 64);
        rx(bed, to, &proof);
        assert_int_equal(sent_on(bed, from), i); // of the second and the third
    }
    assert_counts(bed, RNS_POOL_REVERSE, 1, 0);
    bed_close(bed);
}

static void relay_unproved_links_make_room_and_proved_ones_stay(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_RELAY, 1);
    const unsigned to = add_mode(bed, RNS_MODE_FULL), from = add_mode(bed, RNS_MODE_FULL);
    settle(bed, to, (announcement_t){.who = 1, .emitted = 1});
    const rns_hash_t via = self(bed), dest = peer(bed, 1).dest;
    const packet_t first = link_request(&via, &dest, 1, 0),
                   second = link_request(&via, &dest, 2, 0);
    const packet_t third = link_request(&via, &dest, 3, 0);
    const rns_hash_t one = link_of(bed, &first), two = link_of(bed, &second);
    assert_int_equal(rx(bed, from, &first), RNS_RX_FORWARDED);
    bed->now += SECOND;
    assert_int_equal(rx(bed, from, &second), RNS_RX_FORWARDED);
    assert_counts(bed, RNS_POOL_RELAY, 1, 0);
    const packet_t late = link_proof(bed, 1, &one, 0, 0), proof = link_proof(bed, 1, &two, 0, 0);
    assert_int_not_equal(rx(bed, to, &late), RNS_RX_FORWARDED);
    assert_int_equal(rx(bed, to, &proof), RNS_RX_FORWARDED);
    assert_int_equal(rx(bed, from, &third), RNS_RX_FULL);
    assert_counts(bed, RNS_POOL_RELAY, 1, 1);
    bed_close(bed);
}

static void blackhole_a_further_identity_is_refused(void **state) {
    (void)state;
    bed_t *bed = open_short(RNS_POOL_BLACKHOLE, 1);
    const rns_hash_t one = address(1), two = address(2);
    assert_int_equal(rns_blackhole(bed->node, bed->now, &one, 0, NULL), RNS_ERR_OK);
    assert_int_equal(rns_blackhole(bed->node, bed->now, &two, 0, NULL), RNS_ERR_FULL);
    assert_counts(bed, RNS_POOL_BLACKHOLE, 0, 1);
    bed_close(bed);
}

static void receipt_the_oldest_ends_as_culled(void **state) {
    (void)state;
    rns_receipt_t receipt;
    bed_t *bed = open_short(RNS_POOL_RECEIPT, 1);
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(bed, on, (announcement_t){.who = 1, .emitted = 1});
    for (unsigned i = 0; i < 2; i++) {
        bed->heard_count = 0;
        assert_int_equal(rns_send(bed->node, bed->now, &dest, (rns_bytes_t){dest.b, 4}, &receipt),
                         RNS_ERR_OK);
    }
    assert_int_equal(bed->heard_count, 1);
    assert_int_equal(bed->heard[0].type, RNS_EV_PROOF);
    assert_counts(bed, RNS_POOL_RECEIPT, 1, 0);
    bed_close(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(node_takes_what_it_needs_or_does_not_open),
        cmocka_unit_test(crypto_must_have_its_row),
        cmocka_unit_test(iface_a_further_one_is_refused),
        cmocka_unit_test(network_a_further_code_is_refused),
        cmocka_unit_test(dest_a_further_one_is_refused),
        cmocka_unit_test(ratchet_self_a_destination_forgets_its_older_ones),
        cmocka_unit_test(ratchet_self_on_mcu_a_destination_keeps_32),
        cmocka_unit_test(handler_a_further_one_is_refused),
        cmocka_unit_test(frame_without_a_slot_nothing_is_sent),
        cmocka_unit_test(frame_2k_serves_where_there_is_no_smaller_row),
        cmocka_unit_test(txref_the_frame_is_not_sent_on_the_interface_without_one),
        cmocka_unit_test(inbox_announce_a_further_one_is_dropped_and_counted),
        cmocka_unit_test(inbox_ask_a_further_one_is_dropped_and_counted),
        cmocka_unit_test(inbox_limited_a_further_one_is_dropped_and_counted),
        cmocka_unit_test(held_a_further_announce_is_dropped_and_counted),
        cmocka_unit_test(seen_forgets_its_older_half_at_once),
        cmocka_unit_test(seen_print_forgets_its_older_half_at_once),
        cmocka_unit_test(ask_tag_forgets_its_older_half_at_once),
        cmocka_unit_test(known_the_one_not_used_for_longest_is_forgotten),
        cmocka_unit_test(app_data_the_oldest_is_forgotten_and_its_destination_stays),
        cmocka_unit_test(ratchet_peer_the_oldest_is_forgotten),
        cmocka_unit_test(path_the_nearest_to_its_expiry_is_forgotten),
        cmocka_unit_test(path_blob_the_oldest_are_forgotten),
        cmocka_unit_test(announce_cache_requests_for_the_oldest_are_not_answered),
        cmocka_unit_test(announce_the_oldest_is_not_sent_on_again),
        cmocka_unit_test(rate_the_oldest_is_forgotten),
        cmocka_unit_test(ask_the_oldest_search_is_given_up),
        cmocka_unit_test(reverse_the_proof_of_the_oldest_packet_does_not_come_back),
        cmocka_unit_test(relay_unproved_links_make_room_and_proved_ones_stay),
        cmocka_unit_test(blackhole_a_further_identity_is_refused),
        cmocka_unit_test(receipt_the_oldest_ends_as_culled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
