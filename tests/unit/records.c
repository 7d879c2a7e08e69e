// records.c -- what comes back from a store, and what is written to it.
#include "records_help.h"

// ---- What comes back

static void the_stored_identity_is_the_nodes(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    const rns_hash_t expected = hash_of(RECORDS_IDENTITY_HASH),
                     own = rns_node_identity(bed.node, NULL);
    assert_memory_equal(own.b, expected.b, sizeof own.b);
    assert_int_equal(store.puts, 0);
    close_node();
}

static void a_new_identity_is_put(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    open_node(usual());
    assert_int_equal(rns_dirty(bed.node), 1);
    settle();
    assert_int_equal(store.count, 1);
    assert_int_equal(store.record[0].kind, RNS_RECORD_IDENTITY);
    assert_int_equal(store.record[0].size, 64);
    close_node();
}

static void known_destinations_come_back(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    const hex_t pub = unhex(RECORDS_A_PUB), packet = unhex(RECORDS_A_PACKET);
    rns_known_t known;
    const rns_hash_t a = hash_of(RECORDS_A), b = hash_of(RECORDS_B), c = hash_of(RECORDS_C);
    const struct rnsi_known *at_b = rnsi_known_find(bed.node, b.b),
                            *at_c = rnsi_known_find(bed.node, c.b);
    assert_true(at_b->used_us == UNIX - 60500000);
    assert_true(at_c->used_us == -1);
    assert_true(rns_recall(bed.node, &a, &known));
    assert_memory_equal(known.pub, pub.b, pub.size);
    assert_memory_equal(known.packet_hash, packet.b, packet.size);
    assert_true(known.announced_unix_us == UNIX - 600 * SECOND);
    assert_true(known.has_app_data);
    assert_memory_equal(known.app_data.data, "alpha", 5);
    assert_true(rns_recall(bed.node, &b, &known));
    assert_false(known.has_app_data);
    close_node();
}

static void empty_app_data_is_not_none(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    hex_t known = unhex(RECORDS_C_KNOWN);
    const hex_t key = unhex(RECORDS_C);
    memcpy(known.b + known.size - 2, "\xC4\x00\x00", 3); // instead of nil and -1
    keep(RNS_RECORD_KNOWN, (rns_bytes_t){key.b, 16}, (rns_bytes_t){known.b, known.size + 1});
    open_node(usual());
    const rns_hash_t c = hash_of(RECORDS_C);
    rns_known_t recalled;
    assert_true(rns_recall(bed.node, &c, &recalled));
    assert_true(recalled.has_app_data);
    assert_int_equal(recalled.app_data.size, 0);
    close_node();
}

static void a_known_destination_of_four_items_was_never_used(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    hex_t old = unhex(RECORDS_A_KNOWN);
    old.b[0] = 0x94;
    const hex_t key = unhex(RECORDS_A);
    keep(RNS_RECORD_KNOWN, (rns_bytes_t){key.b, 16}, (rns_bytes_t){old.b, old.size - 1});
    open_node(usual());
    const struct rnsi_known *known = rnsi_known_find(bed.node, key.b);
    assert_non_null(known);
    assert_true(known->used_us == 0);
    close_node();
}

static void a_path_comes_back_with_its_interface(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    rns_path_t path;
    const rns_hash_t hop = hash_of(RECORDS_NEXT_HOP), a = hash_of(RECORDS_A);
    assert_false(has_path(RECORDS_A, &path));
    const rns_iface_t near = add_near();
    assert_true(has_path(RECORDS_A, &path));
    assert_false(has_path(RECORDS_B, &path) && path.hops == 1);
    assert_true(has_path(RECORDS_A, &path));
    assert_int_equal(path.hops, 2);
    assert_memory_equal(path.next_hop.b, hop.b, sizeof hop.b);
    assert_int_equal(path.iface.slot, near.slot);
    assert_true(path.used == START - LATER - 300250000);
    assert_true(path.expires == START + 7 * DAY - 600 * SECOND - LATER);
    uint8_t blobs[4][10];
    const hex_t expected = unhex(RECORDS_A_BLOBS);
    const struct rnsi_path *at = rnsi_path_find(bed.node, a.b);
    assert_int_equal(rnsi_path_blobs(bed.node, at, blobs, 4), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_memory_equal(blobs[i], expected.b + 10 * (2 - i), 10);
    }
    assert_true(at->emission_s == RECORDS_UNIX_S - 600);
    assert_memory_equal(at->signer, unhex(RECORDS_A_PUB).b + 32, 32);
    const struct rnsi_announce_cache *announce = rnsi_cache_at(bed.node, at->cache);
    assert_memory_equal(announce->packet_hash, unhex(RECORDS_A_PACKET).b, 32);
    assert_int_equal(rns_dirty(bed.node), 0);
    close_node();
}

static void a_path_over_another_interface_waits_for_it(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    rns_path_t path;
    add_near();
    assert_false(has_path(RECORDS_B, &path));
    add_iface(RECORDS_FAR, (rns_iface_t){0, 0});
    assert_true(has_path(RECORDS_B, &path));
    assert_int_equal(path.hops, 1);
    close_node();
}

static void a_path_without_its_announce_does_not_come_back(void **state) {
    (void)state;
    fill_store();
    forget(RNS_RECORD_ANNOUNCE, RECORDS_A_PACKET);
    open_node(usual());
    rns_path_t path;
    add_near();
    assert_false(has_path(RECORDS_A, &path));
    settle();
    assert_false(is_stored(RNS_RECORD_PATH, RECORDS_A));
    close_node();
}

static void a_path_whose_announce_is_another_ones_does_not_come_back(void **state) {
    (void)state;
    fill_store();
    have(RNS_RECORD_ANNOUNCE, RECORDS_A_PACKET, RECORDS_B_ANNOUNCE);
    open_node(usual());
    rns_path_t path;
    add_near();
    assert_false(has_path(RECORDS_A, &path));
    close_node();
}

static void without_transport_no_path_comes_back(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.transport = false;
    open_node(config);
    rns_path_t path;
    add_near();
    assert_false(has_path(RECORDS_A, &path));
    close_node();
}

static void a_child_gets_no_stored_paths(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    rns_path_t path;
    add_iface(RECORDS_NEAR, add_iface(RECORDS_FAR, (rns_iface_t){0, 0}));
    assert_false(has_path(RECORDS_A, &path));
    close_node();
}

static void a_ratchet_comes_back(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    const rns_hash_t a = hash_of(RECORDS_A);
    const uint8_t *ratchet = rnsi_ratchet_of(bed.node, a.b);
    assert_non_null(ratchet);
    assert_memory_equal(ratchet, unhex(RECORDS_RATCHET_PUB).b, 32);
    close_node();
}

// As Identity._clean_ratchets does.
static void a_ratchet_of_nobody_known_is_deleted(void **state) {
    (void)state;
    fill_store();
    const hex_t nobody = unhex("99999999999999999999999999999999");
    record_t *stored = find(RNS_RECORD_RATCHET, (rns_bytes_t){unhex(RECORDS_A).b, 16});
    memcpy(stored->key, nobody.b, 16);
    open_node(usual());
    assert_null(rnsi_ratchet_of(bed.node, nobody.b));
    settle();
    assert_null(find(RNS_RECORD_RATCHET, (rns_bytes_t){nobody.b, 16}));
    close_node();
}

static void a_ratchet_of_last_month_is_deleted(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.unix_us = UNIX + 31 * DAY;
    open_node(config);
    const rns_hash_t a = hash_of(RECORDS_A);
    assert_null(rnsi_ratchet_of(bed.node, a.b));
    settle();
    assert_false(is_stored(RNS_RECORD_RATCHET, RECORDS_A));
    close_node();
}

static void who_was_shut_out_still_is(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    const rns_hash_t bad = hash_of(RECORDS_BAD), worse = hash_of(RECORDS_WORSE);
    assert_true(rns_is_blackholed(bed.node, &bad));
    assert_true(rns_is_blackholed(bed.node, &worse));
    close_node();
    rns_config_t config = usual();
    config.unix_us = UNIX + 3601 * SECOND;
    open_node(config);
    assert_true(rns_is_blackholed(bed.node, &bad));
    assert_false(rns_is_blackholed(bed.node, &worse));
    close_node();
}

static void packets_seen_before_are_known(void **state) {
    (void)state;
    fill_store();
    rnsi_seen_t *seen = &open_node(usual())->memory.packets;
    const hex_t list = unhex(RECORDS_FILE_PACKET_HASHLIST);
    assert_true(rnsi_seen_has(seen, list.b));
    assert_true(rnsi_seen_has(seen, list.b + 32));
    close_node();
}

// ---- What is written

static void what_came_back_is_written_as_it_was(void **state) {
    static const struct {
        rns_record_t kind;
        const char *key, *value;
    } RECORDS[] = {
        {RNS_RECORD_KNOWN, RECORDS_A, RECORDS_A_KNOWN},
        {RNS_RECORD_KNOWN, RECORDS_B, RECORDS_B_KNOWN},
        {RNS_RECORD_KNOWN, RECORDS_C, RECORDS_C_KNOWN},
        {RNS_RECORD_PATH, RECORDS_A, RECORDS_A_PATH},
        {RNS_RECORD_PATH, RECORDS_B, RECORDS_B_PATH},
        {RNS_RECORD_TUNNEL, RECORDS_TUNNEL_ID, RECORDS_TUNNEL},
        {RNS_RECORD_BLACKHOLE, RECORDS_BAD, RECORDS_BAD_HOLE},
        {RNS_RECORD_BLACKHOLE, RECORDS_WORSE, RECORDS_WORSE_HOLE},
        {RNS_RECORD_SEEN, "", RECORDS_FILE_PACKET_HASHLIST},
    };
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    open_node(config);
    add_near();
    add_iface(RECORDS_FAR, (rns_iface_t){0, 0});
    for (rns_record_t kind = 0; kind < RNS_RECORD_COUNT; kind++) {
        assert_int_equal(rns_changes(bed.node, kind), 0);
    }
    store.count = 0;
    assert_int_equal(save(RNS_RECORD_KNOWN), 3);
    assert_int_equal(save(RNS_RECORD_PATH), 2);
    assert_int_equal(save(RNS_RECORD_TUNNEL), 1);
    assert_int_equal(save(RNS_RECORD_BLACKHOLE), 2);
    assert_int_equal(save(RNS_RECORD_SEEN), 1);
    assert_int_equal(save(RNS_RECORD_ANNOUNCE), 0); // the store has them
    assert_int_equal(save(RNS_RECORD_IDENTITY), 0);
    for (size_t i = 0; i < sizeof RECORDS / sizeof *RECORDS; i++) {
        assert_stored(RECORDS[i].kind, RECORDS[i].key, RECORDS[i].value);
    }
    close_node();
}

static void an_announce_is_written_with_the_name_of_its_interface(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    add_near();
    const rns_hash_t a = hash_of(RECORDS_A);
    const struct rnsi_path *path = rnsi_path_find(bed.node, a.b);
    struct rnsi_announce_cache *announce = rnsi_cache_at(bed.node, path->cache);
    forget(RNS_RECORD_ANNOUNCE, RECORDS_A_PACKET);
    rnsi_record_dirty(bed.node, RNS_RECORD_ANNOUNCE, &announce->slot);
    settle();
    assert_stored(RNS_RECORD_ANNOUNCE, RECORDS_A_PACKET, RECORDS_A_ANNOUNCE);
    close_node();
}

static void a_ratchet_is_put_as_the_reference_writes_it(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    rns_config_t config = usual();
    config.unix_us = UNIX;
    open_node(config);
    const hex_t dest = unhex(RECORDS_A), ratchet = unhex(RECORDS_RATCHET_PUB);
    const uint8_t keys[64] = {1}, hash[32] = {0};
    const rnsi_announce_t a = {.dest = dest.b, .keys = keys, .ratchet = ratchet.b};
    rnsi_known_learn(bed.node, &a, hash);
    settle();
    assert_stored(RNS_RECORD_RATCHET, RECORDS_A, RECORDS_A_RATCHET);
    close_node();
}

static void what_others_shut_out_is_not_written(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    rns_node_t *node = open_node(config);
    const rns_hash_t bad = hash_of(RECORDS_BAD);
    struct rnsi_blackhole *hole = rnsi_pool_find(RNSI_POOL(node, BLACKHOLE), bad.b);
    hole->source[0] ^= 1;
    assert_int_equal(save(RNS_RECORD_BLACKHOLE), 1);
    close_node();
}

static void marks_and_own_ratchets_are_put(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    open_node(usual());
    const rns_secret_t secret = {{1}, {2}};
    const rns_dest_config_t config = {
        .name = "reticule.test", .type = RNS_DEST_SINGLE, .identity = &secret, .ratchets = true};
    const rns_iface_t everywhere = {0, 0};
    rns_dest_t dest;
    assert_int_equal(rns_dest_add(bed.node, bed.now, &config, &dest), RNS_ERR_OK);
    (void)rns_announce(bed.node, bed.now, dest, (rns_bytes_t){NULL, 0}, everywhere);
    settle();
    rns_hash_t hash;
    assert_int_equal(rns_dest_hash(bed.node, dest, &hash), RNS_ERR_OK);
    const record_t *mark = find(RNS_RECORD_MARK, (rns_bytes_t){hash.b, 16});
    const record_t *ratchets = find(RNS_RECORD_RATCHET_SELF, (rns_bytes_t){hash.b, 16});
    assert_non_null(mark);
    assert_int_equal(mark->size, 8);
    assert_non_null(ratchets);
    assert_true(ratchets->size > 64 + 34);
    close_node();
}

static void a_destination_that_goes_leaves_nothing_to_be_put(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    open_node(usual());
    settle();
    const rns_secret_t secret = {{1}, {2}};
    const rns_dest_config_t config = {
        .name = "reticule.test", .type = RNS_DEST_SINGLE, .identity = &secret};
    rns_dest_t dest;
    assert_int_equal(rns_dest_add(bed.node, bed.now, &config, &dest), RNS_ERR_OK);
    assert_int_equal(rns_dirty(bed.node), 1);
    assert_int_equal(rns_dest_remove(bed.node, dest), RNS_ERR_OK);
    assert_int_equal(rns_dirty(bed.node), 0);
    close_node();
}

// ---- Clocks

static void a_stored_time_in_the_future_counts_as_now(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.unix_us = UNIX - 30 * DAY;
    open_node(config);
    rns_path_t path;
    rns_known_t known;
    const rns_hash_t a = hash_of(RECORDS_A), b = hash_of(RECORDS_B);
    add_near();
    assert_true(has_path(RECORDS_A, &path));
    assert_true(path.used == START);
    assert_true(path.expires == START + 7 * DAY);
    assert_true(rnsi_known_find(bed.node, b.b)->used_us == UNIX - 30 * DAY);
    assert_true(rns_recall(bed.node, &a, &known));
    assert_true(known.announced_unix_us == UNIX - 30 * DAY);
    close_node();
}

static void without_a_clock_a_path_has_what_was_left_when_it_was_used(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.unix_us = 0;
    open_node(config);
    rns_path_t path;
    add_near();
    assert_true(has_path(RECORDS_A, &path));
    assert_true(path.used == START);
    // From 300.25 s before the files were written to 7 days after 600 s before that.
    assert_true(path.expires == START + 7 * DAY - 600 * SECOND + 300250000);
    close_node();
}

static void what_a_node_without_a_clock_wrote_tells_how_long_ago(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    config.unix_us = 0;
    open_node(config);
    add_near();
    bed.now += 100 * SECOND;
    assert_int_equal(save(RNS_RECORD_PATH), 1);
    close_node();
    open_node(usual());
    rns_path_t path;
    add_near();
    assert_true(has_path(RECORDS_A, &path));
    assert_true(path.used == START - 100 * SECOND);
    assert_true(path.expires == START + 7 * DAY - 600 * SECOND + 300250000 - 100 * SECOND);
    close_node();
}

static void a_clock_that_steps_expires_nothing(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    rns_path_t path;
    const rns_hash_t b = hash_of(RECORDS_B);
    add_near();
    rns_set_clock(bed.node, bed.now, UNIX + 400 * DAY);
    for (int i = 0; i < 20; i++) {
        bed.now += 5 * SECOND;
        rns_tick(bed.node, bed.now);
    }
    assert_true(has_path(RECORDS_A, &path));
    assert_non_null(rnsi_known_find(bed.node, b.b));
    settle();
    assert_true(is_stored(RNS_RECORD_RATCHET, RECORDS_A));
    close_node();
}

static void a_path_that_was_not_used_for_a_week_does_not_come_back(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.unix_us = UNIX + 7 * DAY - 300 * SECOND;
    open_node(config);
    rns_path_t path;
    add_near();
    assert_false(has_path(RECORDS_A, &path));
    close_node();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stored_identity_is_the_nodes),
        cmocka_unit_test(a_new_identity_is_put),
        cmocka_unit_test(known_destinations_come_back),
        cmocka_unit_test(empty_app_data_is_not_none),
        cmocka_unit_test(a_known_destination_of_four_items_was_never_used),
        cmocka_unit_test(a_path_comes_back_with_its_interface),
        cmocka_unit_test(a_path_over_another_interface_waits_for_it),
        cmocka_unit_test(a_path_without_its_announce_does_not_come_back),
        cmocka_unit_test(a_path_whose_announce_is_another_ones_does_not_come_back),
        cmocka_unit_test(without_transport_no_path_comes_back),
        cmocka_unit_test(a_child_gets_no_stored_paths),
        cmocka_unit_test(a_ratchet_comes_back),
        cmocka_unit_test(a_ratchet_of_nobody_known_is_deleted),
        cmocka_unit_test(a_ratchet_of_last_month_is_deleted),
        cmocka_unit_test(who_was_shut_out_still_is),
        cmocka_unit_test(packets_seen_before_are_known),
        cmocka_unit_test(what_came_back_is_written_as_it_was),
        cmocka_unit_test(an_announce_is_written_with_the_name_of_its_interface),
        cmocka_unit_test(a_ratchet_is_put_as_the_reference_writes_it),
        cmocka_unit_test(what_others_shut_out_is_not_written),
        cmocka_unit_test(marks_and_own_ratchets_are_put),
        cmocka_unit_test(a_destination_that_goes_leaves_nothing_to_be_put),
        cmocka_unit_test(a_stored_time_in_the_future_counts_as_now),
        cmocka_unit_test(without_a_clock_a_path_has_what_was_left_when_it_was_used),
        cmocka_unit_test(what_a_node_without_a_clock_wrote_tells_how_long_ago),
        cmocka_unit_test(a_clock_that_steps_expires_nothing),
        cmocka_unit_test(a_path_that_was_not_used_for_a_week_does_not_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
