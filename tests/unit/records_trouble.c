// records_trouble.c -- bad records, slow stores, full ones.
#include "records_help.h"

// ---- Bad records

static void each_cut_record_is_bad_and_does_no_harm(void **state) {
    static const struct {
        rnsi_taken_t (*decode)(rns_node_t *node, rnsi_record_t *record);
        const char *key, *value;
    } RECORDS[] = {
        {rnsi_known_decode, RECORDS_A, RECORDS_A_KNOWN},
        {rnsi_path_decode, RECORDS_A, RECORDS_A_PATH},
        {rnsi_tunnel_decode, RECORDS_TUNNEL_ID, RECORDS_TUNNEL},
        {rnsi_ratchet_decode, RECORDS_A, RECORDS_A_RATCHET},
        {rnsi_blackhole_decode, RECORDS_WORSE, RECORDS_WORSE_HOLE},
    };
    (void)state;
    memset(&store, 0, sizeof store);
    rns_node_t *node = open_node(usual());
    struct rnsi_iface *iface = rnsi_pool_at(RNSI_POOL(node, IFACE), add_near().slot);
    for (size_t i = 0; i < sizeof RECORDS / sizeof *RECORDS; i++) {
        const hex_t key = unhex(RECORDS[i].key), value = unhex(RECORDS[i].value);
        for (size_t size = 0; size < value.size; size++) {
            uint8_t *exact = malloc(size > 0 ? size : 1); // so that a tool sees a read too far
            memcpy(exact, value.b, size);
            rnsi_record_t record = {{key.b, key.size}, {exact, size}, iface, NULL};
            assert_int_equal(RECORDS[i].decode(node, &record), RNSI_RECORD_BAD);
            free(exact);
        }
    }
    assert_int_equal(RNSI_POOL(node, KNOWN)->used + RNSI_POOL(node, PATH)->used, 0);
    close_node();
}

static void a_record_that_does_not_parse_is_counted_and_the_next_one_taken(void **state) {
    (void)state;
    fill_store();
    have(RNS_RECORD_KNOWN, RECORDS_A, "93c0c0c0");
    have(RNS_RECORD_KNOWN, "0011", RECORDS_B_KNOWN);
    open_node(usual());
    rns_node_info_t info;
    rns_known_t known;
    const rns_hash_t a = hash_of(RECORDS_A), b = hash_of(RECORDS_B);
    rns_node_info(bed.node, &info);
    assert_int_equal(info.records_skipped, 2);
    assert_false(rns_recall(bed.node, &a, &known));
    assert_true(rns_recall(bed.node, &b, &known));
    close_node();
}

static void times_that_are_no_times_do_no_harm(void **state) {
    static const char *const NUMBERS[] = {"7ff8000000000000", "7ff0000000000000",
                                          "fff0000000000000", "7fefffffffffffff",
                                          "c3e0000000000000", "8000000000000000"};
    (void)state;
    const hex_t a = unhex(RECORDS_A);
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        fill_store();
        hex_t path = unhex(RECORDS_A_PATH), known = unhex(RECORDS_A_KNOWN);
        const hex_t number = unhex(NUMBERS[i]);
        memcpy(path.b + 20, number.b, 8); // used
        memcpy(path.b + 48, number.b, 8); // expires
        memcpy(known.b + 2, number.b, 8); // announced
        keep(RNS_RECORD_PATH, (rns_bytes_t){a.b, 16}, (rns_bytes_t){path.b, path.size});
        keep(RNS_RECORD_KNOWN, (rns_bytes_t){a.b, 16}, (rns_bytes_t){known.b, known.size});
        open_node(usual());
        add_near();
        assert_int_equal(bed.node->records_skipped, 0);
        const struct rnsi_known *found = rnsi_known_find(bed.node, a.b);
        assert_non_null(found);
        assert_true(found->announced_us >= 0 && found->announced_us <= UNIX + LATER);
        close_node();
    }
}

// ---- A slow store, a full one

static void a_tick_puts_at_most_eight_records(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    open_node(config);
    settle();
    for (uint8_t i = 0; i < 20; i++) {
        hear_ratchet(i);
    }
    assert_int_equal(rns_dirty(bed.node), 20);
    store.puts = 0;
    rns_tick(bed.node, bed.now);
    assert_int_equal(store.puts, 8);
    assert_int_equal(rns_dirty(bed.node), 12);
    assert_true(rns_next_due(bed.node) <= bed.now);
    rns_tick(bed.node, bed.now);
    rns_tick(bed.node, bed.now);
    assert_int_equal(store.puts, 20);
    assert_true(rns_next_due(bed.node) > bed.now);
    close_node();
}

static void a_busy_store_is_asked_again_after_a_second(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    open_node(config);
    settle();
    rns_tick(bed.node, bed.now);
    hear_ratchet(1);
    hear_ratchet(2);
    store.is_busy = true;
    store.tries = 0;
    rns_tick(bed.node, bed.now);
    assert_int_equal(store.tries, 1);
    assert_true(rns_next_due(bed.node) == bed.now + SECOND);
    bed.now += SECOND - 1;
    rns_tick(bed.node, bed.now);
    assert_int_equal(store.tries, 1);
    bed.now += 1;
    rns_tick(bed.node, bed.now);
    assert_int_equal(store.tries, 2);
    assert_int_equal(rns_dirty(bed.node), 2);
    store.is_busy = false;
    bed.now += SECOND;
    rns_tick(bed.node, bed.now);
    assert_int_equal(rns_dirty(bed.node), 0);
    assert_int_equal(store.count, 3); // and the identity
    close_node();
}

static void a_busy_store_stops_a_save_where_it_is(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    open_node(config);
    uint32_t cursor = 0;
    assert_int_equal(rns_save(bed.node, bed.now, RNS_RECORD_KNOWN, &cursor, 1), 1);
    const uint32_t before = cursor;
    store.is_busy = true;
    assert_int_equal(rns_save(bed.node, bed.now, RNS_RECORD_KNOWN, &cursor, 1), 0);
    assert_int_equal(cursor, before);
    store.is_busy = false;
    assert_int_equal(rns_save(bed.node, bed.now, RNS_RECORD_KNOWN, &cursor, 9), 2);
    assert_int_equal(cursor, UINT32_MAX);
    close_node();
}

static void what_is_culled_is_deleted(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    config.count[RNS_POOL_RATCHET_PEER] = 2;
    open_node(config);
    for (uint8_t i = 1; i <= 2; i++) {
        hear_ratchet(i);
    }
    settle();
    hear_ratchet(3);
    settle();
    assert_int_equal(store.dels, 1);
    assert_false(is_stored(RNS_RECORD_RATCHET, "01010000000000000000000000000000"));
    assert_true(is_stored(RNS_RECORD_RATCHET, "02010000000000000000000000000000"));
    assert_true(is_stored(RNS_RECORD_RATCHET, "03010000000000000000000000000000"));
    close_node();
}

static void what_was_never_put_is_not_deleted(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    config.count[RNS_POOL_RATCHET_PEER] = 2;
    open_node(config);
    for (uint8_t i = 1; i <= 4; i++) {
        hear_ratchet(i);
    }
    settle();
    assert_int_equal(store.dels, 0);
    assert_int_equal(store.puts, 3); // two and the identity
    close_node();
}

static void what_comes_again_before_it_was_deleted_stays(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    config.count[RNS_POOL_RATCHET_PEER] = 1;
    open_node(config);
    hear_ratchet(1);
    settle();
    store.is_busy = true;
    hear_ratchet(2); // 1 is to be deleted
    hear_ratchet(1); // and back; 2 was never put
    store.is_busy = false;
    bed.now += SECOND;
    uint32_t cursor = 0;
    assert_int_equal(rns_save(bed.node, bed.now, RNS_RECORD_RATCHET, &cursor, 9), 1);
    settle();
    assert_int_equal(store.dels, 0);
    assert_true(is_stored(RNS_RECORD_RATCHET, "01010000000000000000000000000000"));
    close_node();
}

static void a_delete_that_finds_no_room_is_forgotten(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    config.count[RNS_POOL_RATCHET_PEER] = 3;
    config.count[RNS_POOL_RECORD_GONE] = 2;
    open_node(config);
    for (uint8_t i = 1; i <= 3; i++) {
        hear_ratchet(i);
    }
    settle();
    for (uint8_t i = 4; i <= 6; i++) {
        hear_ratchet(i);
    }
    settle();
    assert_int_equal(store.dels, 2);
    assert_true(is_stored(RNS_RECORD_RATCHET, "01010000000000000000000000000000"));
    close_node();
}

static void kinds_that_are_rewritten_as_a_whole_only_count(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    open_node(config);
    rns_path_t path;
    const rns_hash_t a = hash_of(RECORDS_A);
    add_near();
    assert_true(has_path(RECORDS_A, &path));
    assert_int_equal(rns_changes(bed.node, RNS_RECORD_PATH), 0);
    assert_int_equal(rns_path_drop(bed.node, bed.now, &a), RNS_ERR_OK);
    assert_int_equal(rns_changes(bed.node, RNS_RECORD_PATH), 1);
    assert_int_equal(rns_dirty(bed.node), 0);
    rns_tick(bed.node, bed.now);
    assert_int_equal(store.tries, 0);
    assert_int_equal(save(RNS_RECORD_PATH), 0);
    assert_int_equal(rns_changes(bed.node, RNS_RECORD_PATH), 0);
    close_node();
}

static void a_dropped_path_is_deleted_with_its_announce(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    const rns_hash_t a = hash_of(RECORDS_A);
    add_near();
    assert_int_equal(rns_path_drop(bed.node, bed.now, &a), RNS_ERR_OK);
    settle();
    assert_false(is_stored(RNS_RECORD_PATH, RECORDS_A));
    assert_false(is_stored(RNS_RECORD_ANNOUNCE, RECORDS_A_PACKET));
    assert_true(is_stored(RNS_RECORD_PATH, RECORDS_B));
    close_node();
}

static void a_node_without_a_store_keeps_nothing(void **state) {
    (void)state;
    rns_config_t config = usual();
    config.store = (rns_store_t){NULL, NULL, NULL, NULL, 0, NULL};
    open_node(config);
    add_near();
    hear_ratchet(1);
    rns_tick(bed.node, bed.now);
    assert_int_equal(rns_dirty(bed.node), 0);
    assert_int_equal(save(RNS_RECORD_KNOWN), 0);
    close_node();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cut_record_is_bad_and_does_no_harm),
        cmocka_unit_test(a_record_that_does_not_parse_is_counted_and_the_next_one_taken),
        cmocka_unit_test(times_that_are_no_times_do_no_harm),
        cmocka_unit_test(a_tick_puts_at_most_eight_records),
        cmocka_unit_test(a_busy_store_is_asked_again_after_a_second),
        cmocka_unit_test(a_busy_store_stops_a_save_where_it_is),
        cmocka_unit_test(what_is_culled_is_deleted),
        cmocka_unit_test(what_was_never_put_is_not_deleted),
        cmocka_unit_test(what_comes_again_before_it_was_deleted_stays),
        cmocka_unit_test(a_delete_that_finds_no_room_is_forgotten),
        cmocka_unit_test(kinds_that_are_rewritten_as_a_whole_only_count),
        cmocka_unit_test(a_dropped_path_is_deleted_with_its_announce),
        cmocka_unit_test(a_node_without_a_store_keeps_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
