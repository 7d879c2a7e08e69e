// What is known of others: keys, app data, ratchets; how it is kept, culled, cleaned.
#include "session_support.h"

static const uint8_t PACKET_HASH[32] = {0xAB, 0xCD};
static const rns_bytes_t NIL = {NULL, 0};

// The announce of destination number n.
static void hear(rns_node_t *node, uint8_t n, rns_bytes_t app_data, const uint8_t *ratchet) {
    const uint8_t dest[16] = {n}, keys[64] = {n, 1};
    const rnsi_announce_t a = {
        .dest = dest, .keys = keys, .ratchet = ratchet, .app_data = app_data};
    rnsi_known_learn(node, &a, PACKET_HASH);
}

static rns_hash_t hash_number(uint8_t n) {
    return (rns_hash_t){{n}};
}

static const struct rnsi_known *find(rns_node_t *node, uint8_t n) {
    return rnsi_known_find(node, hash_number(n).b);
}

static bool recall(rns_node_t *node, uint8_t n, rns_known_t *known) {
    const rns_hash_t hash = hash_number(n);
    return rns_recall(node, &hash, known);
}

static void an_announce_is_recalled(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const hex_t dest = unhex(VECTOR_DEST);
    rns_known_t known;
    assert_false(recall(node, 1, &known));
    hear(node, 1, text("one"), NULL);
    assert_true(recall(node, 1, &known));
    assert_text(known.app_data, "one");
    assert_true(known.has_app_data);
    assert_int_equal(known.announced_unix_us, UNIX + 1 * SECOND);
    assert_memory_equal(known.packet_hash, PACKET_HASH, sizeof PACKET_HASH);
    assert_int_equal(known.pub[0], 1);
    assert_int_equal(known.destination.b[0], 1);
    know(node, NULL);
    const rns_hash_t hash = hash_of(VECTOR_DEST);
    assert_true(rns_recall(node, &hash, &known));
    assert_hex(known.identity.b, 16, VECTOR_IDENTITY);
    assert_hex(known.pub, 64, VECTOR_PUBLIC);
    assert_memory_equal(known.destination.b, dest.b, 16);
}

static void a_newer_announce_takes_the_place_of_the_older(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    rns_known_t known;
    hear(node, 1, text("one"), NULL);
    node->now = 9 * SECOND;
    hear(node, 1, text("longer than that"), NULL);
    assert_int_equal(used(RNS_POOL_KNOWN) + used(RNS_POOL_APP_DATA), 2);
    assert_true(recall(node, 1, &known));
    assert_text(known.app_data, "longer than that");
    assert_int_equal(known.announced_unix_us, UNIX + 9 * SECOND);
    assert_int_equal(world.dirty[RNS_RECORD_KNOWN], 3); // two announces and the first use
}

static void nil_and_empty_app_data_differ(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    rns_known_t known;
    hear(node, 1, text(""), NULL);
    assert_true(recall(node, 1, &known));
    assert_true(known.has_app_data);
    assert_int_equal(known.app_data.size, 0);
    hear(node, 1, text("some"), NULL);
    hear(node, 1, NIL, NULL);
    assert_true(recall(node, 1, &known));
    assert_false(known.has_app_data);
    assert_int_equal(used(RNS_POOL_APP_DATA), 0);
}

static void other_keys_contradict(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    uint8_t keys[64] = {1, 1};
    assert_false(rnsi_known_contradicts(node, hash_number(1).b, keys));
    hear(node, 1, NIL, NULL);
    assert_false(rnsi_known_contradicts(node, hash_number(1).b, keys));
    keys[63] = 1;
    assert_true(rnsi_known_contradicts(node, hash_number(1).b, keys));
}

static void our_own_destinations_are_recalled_too(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const rns_hash_t hash = hash_of(VECTOR_DEST);
    rns_known_t known;
    rns_dest_t own;
    assert_int_equal(add_own(node, (rns_dest_config_t){.app_data = text("me")}, &own), RNS_ERR_OK);
    assert_true(rns_recall(node, &hash, &known));
    assert_hex(known.pub, 64, VECTOR_PUBLIC);
    assert_hex(known.identity.b, 16, VECTOR_IDENTITY);
    assert_text(known.app_data, "me");
}

// ---- Room

static void the_oldest_never_used_goes_first(void **state) {
    (void)state;
    const uint32_t counts[RNS_POOL_COUNT] = {[RNS_POOL_KNOWN] = 3};
    rns_node_t *node = open_node(RNS_PROFILE_MCU, counts);
    const uint8_t ratchet[32] = {1};
    rns_known_t known;
    hear(node, 1, text("one"), NULL);
    assert_true(recall(node, 1, &known)); // the oldest, but it was used
    node->now += SECOND;
    hear(node, 2, text("two"), ratchet);
    hear(node, 3, text("three"), NULL);
    node->now += SECOND;
    hear(node, 4, NIL, NULL);
    assert_null(find(node, 2));
    assert_non_null(find(node, 1));
    assert_int_equal(used(RNS_POOL_APP_DATA), 2);
    assert_int_equal(used(RNS_POOL_RATCHET_PEER), 0);
    assert_int_equal(RNSI_POOL(node, KNOWN)->culled, 1);
    assert_int_equal(world.gone[RNS_RECORD_KNOWN], 1);
    assert_int_equal(world.gone[RNS_RECORD_RATCHET], 1);
}

static void what_is_kept_for_ever_is_not_culled(void **state) {
    (void)state;
    const uint32_t counts[RNS_POOL_COUNT] = {[RNS_POOL_KNOWN] = 2, [RNS_POOL_APP_DATA] = 1};
    rns_node_t *node = open_node(RNS_PROFILE_MCU, counts);
    rns_known_t known;
    const rns_hash_t one = hash_number(1);
    assert_int_equal(rns_retain(node, &one, true), RNS_ERR_GONE);
    hear(node, 1, text("one"), NULL);
    assert_int_equal(rns_retain(node, &one, true), RNS_ERR_OK);
    assert_int_equal(rns_retain(node, &one, true), RNS_ERR_OK);
    assert_int_equal(find(node, 1)->used_us, -1);
    for (uint8_t n = 2; n < 6; n++) {
        hear(node, n, text("other"), NULL);
    }
    assert_true(recall(node, 1, &known));
    assert_text(known.app_data, "one");
    assert_int_equal(find(node, 1)->used_us, -1);
    assert_int_equal(rns_retain(node, &one, false), RNS_ERR_OK);
    assert_int_equal(find(node, 1)->used_us, UNIX + 1 * SECOND);
    hear(node, 6, text("other"), NULL);
    assert_true(recall(node, 1, &known)); // it was used, 5 was not
    assert_false(known.has_app_data);     // but there is room for one app data only
    assert_null(find(node, 5));
}

static void app_data_of_a_kept_one_is_kept_when_it_is_learned_later(void **state) {
    (void)state;
    const uint32_t counts[RNS_POOL_COUNT] = {[RNS_POOL_APP_DATA] = 1};
    rns_node_t *node = open_node(RNS_PROFILE_MCU, counts);
    const rns_hash_t one = hash_number(1);
    rns_known_t known;
    hear(node, 1, NIL, NULL);
    assert_int_equal(rns_retain(node, &one, true), RNS_ERR_OK);
    hear(node, 1, text("one"), NULL);
    hear(node, 2, text("two"), NULL);
    assert_true(recall(node, 1, &known));
    assert_text(known.app_data, "one");
    assert_true(recall(node, 2, &known));
    assert_false(known.has_app_data);
    assert_int_equal(rns_retain(node, &one, false), RNS_ERR_OK);
    hear(node, 2, text("two"), NULL);
    assert_true(recall(node, 1, &known));
    assert_false(known.has_app_data);
}

static void culled_app_data_is_nil_and_a_new_record(void **state) {
    (void)state;
    const uint32_t counts[RNS_POOL_COUNT] = {[RNS_POOL_APP_DATA] = 1};
    rns_node_t *node = open_node(RNS_PROFILE_MCU, counts);
    rns_known_t known;
    hear(node, 1, text("one"), NULL);
    hear(node, 2, text("two"), NULL);
    assert_int_equal(world.dirty[RNS_RECORD_KNOWN], 3);
    assert_true(recall(node, 1, &known));
    assert_false(known.has_app_data);
    assert_int_equal(known.app_data.size, 0);
    assert_true(recall(node, 2, &known));
    assert_text(known.app_data, "two");
}

// ---- Cleaning

static void clean_at(rns_node_t *node, rns_us_t now) {
    node->now = now;
    rnsi_known_clean(node);
}

static void the_never_used_go_after_six_minutes(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    node->now = 0;
    hear(node, 1, text("one"), NULL);
    clean_at(node, 360 * SECOND - 1);
    assert_non_null(find(node, 1));
    clean_at(node, 360 * SECOND);
    assert_null(find(node, 1));
    assert_int_equal(used(RNS_POOL_APP_DATA), 0);
    assert_int_equal(world.gone[RNS_RECORD_KNOWN], 1);
}

static void an_announce_or_a_path_keeps_it(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    node->now = 0;
    hear(node, 1, NIL, NULL);
    node->now = 300 * SECOND;
    hear(node, 1, NIL, NULL);
    clean_at(node, 360 * SECOND);
    assert_non_null(find(node, 1));
    world.has_path = true;
    clean_at(node, 700 * SECOND);
    assert_non_null(find(node, 1));
    world.has_path = false;
    clean_at(node, 1000 * SECOND); // looked at again after another lifetime
    assert_non_null(find(node, 1));
    clean_at(node, 1060 * SECOND);
    assert_null(find(node, 1));
}

static void the_used_go_after_eight_days_and_three_quarters(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    rns_known_t known;
    node->now = 0;
    hear(node, 1, NIL, NULL);
    hear(node, 2, NIL, NULL);
    const rns_hash_t two = hash_number(2);
    assert_true(recall(node, 1, &known));
    assert_int_equal(rns_retain(node, &two, true), RNS_ERR_OK);
    clean_at(node, 8 * DAY + 18 * 3600 * SECOND - 1);
    assert_non_null(find(node, 1));
    clean_at(node, 8 * DAY + 18 * 3600 * SECOND);
    assert_null(find(node, 1));
    clean_at(node, 1000 * DAY);
    assert_non_null(find(node, 2));
}

static void a_call_cleans_a_bounded_number(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    node->now = 0;
    for (uint8_t n = 0; n < 100; n++) {
        hear(node, n, NIL, NULL);
    }
    clean_at(node, DAY);
    assert_int_equal(used(RNS_POOL_KNOWN), 36);
    clean_at(node, DAY);
    assert_int_equal(used(RNS_POOL_KNOWN), 0);
}

static void using_often_writes_seldom(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    hear(node, 1, NIL, NULL);
    for (int i = 0; i < 100; i++) {
        rnsi_known_used(node, hash_number(1).b);
        node->now += SECOND;
    }
    assert_int_equal(world.dirty[RNS_RECORD_KNOWN], 2);
    assert_int_equal(find(node, 1)->used_us, UNIX + 1 * SECOND);
    node->now += 4 * 3600 * SECOND;
    rnsi_known_used(node, hash_number(1).b);
    assert_int_equal(world.dirty[RNS_RECORD_KNOWN], 3);
    rnsi_known_used(node, hash_number(9).b);
    assert_int_equal(world.dirty[RNS_RECORD_KNOWN], 3);
}

static void a_use_without_a_clock_is_a_use(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    world.unix_us = 0;
    hear(node, 1, NIL, NULL);
    assert_int_equal(find(node, 1)->announced_us, 0);
    rnsi_known_used(node, hash_number(1).b);
    assert_int_equal(find(node, 1)->used_us, 1);
    clean_at(node, DAY);
    assert_non_null(find(node, 1));
}

// ---- Ratchets

static void the_newest_ratchet_is_used_for_thirty_days(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const uint8_t first[32] = {1}, second[32] = {2};
    assert_null(rnsi_ratchet_of(node, hash_number(1).b));
    node->now = 0;
    hear(node, 1, NIL, first);
    hear(node, 1, NIL, second);
    hear(node, 1, NIL, NULL); // an announce without one changes nothing
    assert_memory_equal(rnsi_ratchet_of(node, hash_number(1).b), second, 32);
    assert_int_equal(world.dirty[RNS_RECORD_RATCHET], 2);
    node->now = 20 * DAY;
    hear(node, 1, NIL, second); // heard again: its time goes on
    assert_int_equal(world.dirty[RNS_RECORD_RATCHET], 2);
    node->now = 30 * DAY - 1;
    assert_non_null(rnsi_ratchet_of(node, hash_number(1).b));
    node->now = 30 * DAY;
    assert_null(rnsi_ratchet_of(node, hash_number(1).b));
    hear(node, 1, NIL, first);
    assert_memory_equal(rnsi_ratchet_of(node, hash_number(1).b), first, 32);
    assert_int_equal(used(RNS_POOL_RATCHET_PEER), 1);
}

static void a_stored_ratchet_expires_by_the_time_it_was_received(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const uint8_t pub[32] = {1}, other[32] = {2};
    node->now = 0;
    assert_true(rnsi_ratchet_restore(node, hash_number(1).b, pub, UNIX - 29 * DAY));
    assert_false(rnsi_ratchet_restore(node, hash_number(1).b, other, UNIX));
    assert_memory_equal(rnsi_ratchet_of(node, hash_number(1).b), pub, 32);
    node->now = 1 * DAY;
    assert_null(rnsi_ratchet_of(node, hash_number(1).b));
    // A clock that was wrong for a while has expired nothing.
    world.unix_us -= DAY;
    assert_non_null(rnsi_ratchet_of(node, hash_number(1).b));
}

static void a_received_time_in_the_future_counts_as_now(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const uint8_t pub[32] = {1};
    node->now = 0;
    assert_true(rnsi_ratchet_restore(node, hash_number(1).b, pub, UNIX + 1000 * DAY));
    assert_non_null(rnsi_ratchet_of(node, hash_number(1).b));
    assert_int_equal(world.dirty[RNS_RECORD_RATCHET], 1);
    world.unix_us += 30 * DAY;
    assert_null(rnsi_ratchet_of(node, hash_number(1).b));
}

static void a_ratchet_heard_without_a_clock_is_dated_later(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const uint8_t pub[32] = {1};
    world.unix_us = 0;
    hear(node, 1, NIL, pub);
    assert_non_null(rnsi_ratchet_of(node, hash_number(1).b));
    world.unix_us = UNIX;
    assert_non_null(rnsi_ratchet_of(node, hash_number(1).b));
    const struct rnsi_ratchet_peer *peer =
        rnsi_pool_find(RNSI_POOL(node, RATCHET_PEER), hash_number(1).b);
    assert_int_equal(peer->received_us, UNIX + 1 * SECOND);
}

static void expired_ratchets_leave_their_slots(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const uint8_t pub[32] = {1};
    hear(node, 1, NIL, pub);
    assert_int_equal(rnsi_pool_expire(RNSI_POOL(node, RATCHET_PEER), 31 * DAY, 10), 1);
    assert_int_equal(world.gone[RNS_RECORD_RATCHET], 1);
}

// ---- Stored records

static bool restore(rns_node_t *node, uint8_t n, int64_t used_us, rns_bytes_t app_data) {
    const uint8_t dest[16] = {n}, pub[64] = {n, 1};
    const rnsi_known_record_t record = {
        .dest = dest,
        .pub = pub,
        .packet_hash = PACKET_HASH,
        .announced_us = UNIX,
        .used_us = used_us,
        .app_data = app_data,
        .has_app_data = app_data.data != NULL,
    };
    return rnsi_known_restore(node, &record);
}

static void stored_destinations_are_known_again(void **state) {
    (void)state;
    const uint32_t counts[RNS_POOL_COUNT] = {[RNS_POOL_KNOWN] = 3};
    rns_node_t *node = open_node(RNS_PROFILE_MCU, counts);
    rns_known_t known;
    assert_true(restore(node, 1, -1, text("kept")));
    assert_true(restore(node, 2, UNIX, NIL));
    assert_true(restore(node, 3, 0, text("three")));
    assert_false(restore(node, 2, 0, text("two")));
    assert_int_equal(world.dirty[RNS_RECORD_KNOWN], 0);
    hear(node, 4, NIL, NULL);
    assert_null(find(node, 3)); // nobody used it
    hear(node, 5, NIL, NULL);
    assert_null(find(node, 4));
    assert_true(recall(node, 2, &known));
    assert_false(known.has_app_data);
    assert_true(recall(node, 1, &known));
    assert_text(known.app_data, "kept");
    assert_int_equal(known.announced_unix_us, UNIX);
}

static void stored_app_data_that_no_announce_can_carry_is_left_out(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    static const uint8_t data[353];
    rns_known_t known;
    assert_true(restore(node, 1, 0, (rns_bytes_t){data, 353}));
    assert_true(recall(node, 1, &known));
    assert_false(known.has_app_data);
    assert_int_equal(used(RNS_POOL_APP_DATA), 0);
}

static void nothing_is_learned_when_all_slots_are_kept(void **state) {
    (void)state;
    const uint32_t counts[RNS_POOL_COUNT] = {[RNS_POOL_KNOWN] = 1};
    rns_node_t *node = open_node(RNS_PROFILE_MCU, counts);
    const uint8_t ratchet[32] = {1};
    assert_true(restore(node, 1, -1, NIL));
    hear(node, 2, text("two"), ratchet);
    assert_null(find(node, 2));
    assert_int_equal(used(RNS_POOL_APP_DATA) + used(RNS_POOL_RATCHET_PEER), 0);
    assert_false(restore(node, 2, 0, NIL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_announce_is_recalled),
        cmocka_unit_test(a_newer_announce_takes_the_place_of_the_older),
        cmocka_unit_test(nil_and_empty_app_data_differ),
        cmocka_unit_test(other_keys_contradict),
        cmocka_unit_test(our_own_destinations_are_recalled_too),
        cmocka_unit_test(the_oldest_never_used_goes_first),
        cmocka_unit_test(what_is_kept_for_ever_is_not_culled),
        cmocka_unit_test(app_data_of_a_kept_one_is_kept_when_it_is_learned_later),
        cmocka_unit_test(culled_app_data_is_nil_and_a_new_record),
        cmocka_unit_test(the_never_used_go_after_six_minutes),
        cmocka_unit_test(an_announce_or_a_path_keeps_it),
        cmocka_unit_test(the_used_go_after_eight_days_and_three_quarters),
        cmocka_unit_test(a_call_cleans_a_bounded_number),
        cmocka_unit_test(using_often_writes_seldom),
        cmocka_unit_test(a_use_without_a_clock_is_a_use),
        cmocka_unit_test(the_newest_ratchet_is_used_for_thirty_days),
        cmocka_unit_test(a_stored_ratchet_expires_by_the_time_it_was_received),
        cmocka_unit_test(a_received_time_in_the_future_counts_as_now),
        cmocka_unit_test(a_ratchet_heard_without_a_clock_is_dated_later),
        cmocka_unit_test(expired_ratchets_leave_their_slots),
        cmocka_unit_test(stored_destinations_are_known_again),
        cmocka_unit_test(stored_app_data_that_no_announce_can_carry_is_left_out),
        cmocka_unit_test(nothing_is_learned_when_all_slots_are_kept),
    };
    return cmocka_run_group_tests_name("known", tests, NULL, NULL);
}
