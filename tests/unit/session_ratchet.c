// Ratchets of our own destinations: rotation, the file, and packets that are encrypted to them.
#include "session_support.h"

static rns_dest_t own;
static const uint32_t WITHOUT_FILE[RNS_POOL_COUNT] = {[RNS_POOL_RATCHET_FILE] = RNS_COUNT_NONE};

static struct rnsi_dest *dest_of(rns_node_t *node) {
    struct rnsi_dest *dest = rnsi_dest_get(node, own);
    assert_non_null(dest);
    return dest;
}

static rns_node_t *open_with(rns_profile_t profile, const char *file, bool enforce) {
    rns_node_t *node = open_node(profile, NULL);
    store_ratchets(file);
    const rns_dest_config_t config = {.ratchets = true, .enforce_ratchets = enforce};
    assert_int_equal(add_own(node, config, &own), RNS_ERR_OK);
    return node;
}

static rns_verdict_t receive(rns_node_t *node, const char *hex) {
    arrival_t a;
    return rnsi_destination_receive(node, dest_of(node), arrive_hex(node, &a, hex));
}

static void announce(rns_node_t *node, rns_us_t now) {
    const rns_iface_t all = {0, 0};
    assert_int_equal(rns_announce(node, now, own, (rns_bytes_t){NULL, 0}, all), RNS_ERR_OK);
}

// The ratchet in the announce that was sent last.
static const uint8_t *announced_ratchet(void) {
    assert_true(last_sent()->announce);
    assert_int_equal(last_sent()->raw[0], 0x21); // context flag, announce
    return last_sent()->raw + 19 + 64 + 10 + 10;
}

// ---- Rotation

static void the_first_announce_always_rotates(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_MCU, VECTOR_FILE_3, false);
    assert_int_equal(dest_of(node)->ratchet_count, 3);
    announce(node, 2 * SECOND);
    assert_int_equal(dest_of(node)->ratchet_count, 4);
    assert_int_equal(world.dirty[RNS_RECORD_RATCHET_SELF], 1);
}

static void rotates_after_more_than_half_an_hour(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_MCU, "", false);
    uint8_t first[32];
    announce(node, 100 * SECOND);
    memcpy(first, announced_ratchet(), sizeof first);
    announce(node, 1900 * SECOND);
    assert_memory_equal(announced_ratchet(), first, sizeof first);
    assert_int_equal(dest_of(node)->ratchet_count, 1);
    announce(node, 1900 * SECOND + 1);
    assert_memory_not_equal(announced_ratchet(), first, sizeof first);
    assert_int_equal(dest_of(node)->ratchet_count, 2);
    assert_int_equal(world.dirty[RNS_RECORD_RATCHET_SELF], 2);
}

static void the_interval_may_be_changed(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_MCU, "", false);
    bool rotated;
    assert_int_equal(rns_dest_rotate(node, 1 * SECOND, own, &rotated), RNS_ERR_OK);
    assert_true(rotated);
    assert_int_equal(rns_dest_ratchet_interval(node, own, 5), RNS_ERR_OK);
    assert_int_equal(rns_dest_rotate(node, 6 * SECOND, own, &rotated), RNS_ERR_OK);
    assert_false(rotated);
    assert_int_equal(dest_of(node)->ratchet_count, 1);
    assert_int_equal(rns_dest_rotate(node, 6 * SECOND + 1, own, &rotated), RNS_ERR_OK);
    assert_true(rotated);
    assert_int_equal(dest_of(node)->ratchet_count, 2);
}

static void fewer_may_be_kept_from_now_on(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_ROUTER, VECTOR_FILE_16, false);
    assert_int_equal(rns_dest_retained_ratchets(node, own, 3), RNS_ERR_OK);
    assert_int_equal(dest_of(node)->ratchet_count, 3);
    assert_int_equal(used(RNS_POOL_RATCHET_SELF), 3);
    assert_int_equal(world.dirty[RNS_RECORD_RATCHET_SELF], 1);
    assert_int_equal(receive(node, VECTOR_TO_RATCHET_2), RNS_RX_DELIVERED);
    assert_int_equal(rns_dest_retained_ratchets(node, own, 9999), RNS_ERR_OK);
    assert_int_equal(dest_of(node)->ratchet_kept, 512);
}

static void no_ratchets_no_settings_of_them(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    assert_int_equal(add_own(node, (rns_dest_config_t){0}, &own), RNS_ERR_OK);
    bool rotated = true;
    assert_int_equal(rns_dest_ratchet_interval(node, own, 5), RNS_ERR_ARG);
    assert_int_equal(rns_dest_retained_ratchets(node, own, 5), RNS_ERR_ARG);
    assert_int_equal(rns_dest_rotate(node, 1, own, &rotated), RNS_ERR_ARG);
    assert_false(rotated);
    node = open_with(RNS_PROFILE_MCU, "", false);
    assert_int_equal(rns_dest_ratchet_interval(node, own, 0), RNS_ERR_ARG);
    assert_int_equal(rns_dest_retained_ratchets(node, own, 0), RNS_ERR_ARG);
    assert_int_equal(rns_dest_remove(node, own), RNS_ERR_OK);
    assert_int_equal(rns_dest_ratchet_interval(node, own, 5), RNS_ERR_GONE);
    assert_int_equal(rns_dest_retained_ratchets(node, own, 5), RNS_ERR_GONE);
    assert_int_equal(rns_dest_rotate(node, 1, own, NULL), RNS_ERR_GONE);
}

static void keeps_as_many_as_asked_for(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_ROUTER, NULL);
    store_ratchets(VECTOR_FILE_16);
    const rns_dest_config_t config = {.ratchets = true, .retained_ratchets = 3};
    assert_int_equal(add_own(node, config, &own), RNS_ERR_OK);
    assert_int_equal(dest_of(node)->ratchet_count, 3);
    assert_int_equal(receive(node, VECTOR_TO_RATCHET_2), RNS_RX_DELIVERED);
    announce(node, 2 * SECOND);
    assert_int_equal(dest_of(node)->ratchet_count, 3);
    assert_int_equal(used(RNS_POOL_RATCHET_SELF), 3);
    assert_int_equal(receive(node, VECTOR_TO_RATCHET_0), RNS_RX_DELIVERED);
}

static void without_the_file_row_eight_are_kept(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, WITHOUT_FILE);
    assert_int_equal(add_own(node, (rns_dest_config_t){.ratchets = true}, &own), RNS_ERR_OK);
    for (int i = 0; i < 10; i++) {
        announce(node, (i + 1) * 1801 * SECOND);
    }
    assert_int_equal(dest_of(node)->ratchet_count, 8);
    uint8_t small[512];
    assert_true(rnsi_ratchet_record(node, dest_of(node), (rns_mem_t){small, 512}) > 0);
}

static void makes_room_with_its_own_oldest(void **state) {
    (void)state;
    const uint32_t counts[RNS_POOL_COUNT] = {[RNS_POOL_RATCHET_SELF] = 3};
    rns_node_t *node = open_node(RNS_PROFILE_MCU, counts);
    rns_secret_t secret = the_secret();
    rns_dest_t second, third;
    rns_dest_config_t config = {.name = "a.b", .identity = &secret, .ratchets = true};
    assert_int_equal(rns_dest_add(node, 1, &config, &second), RNS_ERR_OK);
    const rns_iface_t all = {0, 0};
    assert_int_equal(rns_announce(node, 2, second, (rns_bytes_t){NULL, 0}, all), RNS_ERR_OK);
    assert_int_equal(add_own(node, (rns_dest_config_t){.ratchets = true}, &own), RNS_ERR_OK);
    for (int i = 0; i < 4; i++) {
        announce(node, (i + 1) * 1801 * SECOND);
    }
    assert_int_equal(dest_of(node)->ratchet_count, 2);
    assert_int_equal(rnsi_dest_get(node, second)->ratchet_count, 1);
    config.name = "a.c";
    assert_int_equal(rns_dest_add(node, 1, &config, &third), RNS_ERR_FULL);
    assert_int_equal(used(RNS_POOL_DEST), 2);
}

static void without_entropy_nothing_is_announced(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_MCU, "", false);
    const rns_iface_t all = {0, 0};
    world.no_entropy = true;
    assert_int_equal(rns_announce(node, 1, own, (rns_bytes_t){NULL, 0}, all), RNS_ERR_ENTROPY);
    assert_int_equal(world.sent_count, 0);
    assert_int_equal(dest_of(node)->ratchet_count, 0);
}

static void removal_gives_all_ratchets_back_and_wipes_them(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_ROUTER, VECTOR_FILE_16, false);
    const struct rnsi_ratchet_self *first = rnsi_pool_at(RNSI_POOL(node, RATCHET_SELF), 0);
    const struct rnsi_dest *dest = dest_of(node);
    assert_int_equal(rns_dest_remove(node, own), RNS_ERR_OK);
    assert_int_equal(used(RNS_POOL_RATCHET_SELF), 0);
    const uint8_t zeros[96] = {0};
    assert_memory_equal(first->key_secret, zeros, sizeof first->key_secret);
    assert_memory_equal(dest->key_secret, zeros, sizeof dest->key_secret);
    assert_memory_equal(&dest->signer_secret, zeros, sizeof dest->signer_secret);
}

// ---- The file

static void writes_the_file_of_the_reference(const char *file) {
    rns_node_t *node = open_with(RNS_PROFILE_ROUTER, file, false);
    static uint8_t out[RNS_RECORD_MAX];
    const size_t size = rnsi_ratchet_record(node, dest_of(node), (rns_mem_t){out, sizeof out});
    assert_hex(out, size, file);
    assert_int_equal(rnsi_ratchet_record(node, dest_of(node), (rns_mem_t){out, size - 1}), 0);
}

static void the_file_is_the_reference_s(void **state) {
    (void)state;
    writes_the_file_of_the_reference(VECTOR_FILE_0);
    writes_the_file_of_the_reference(VECTOR_FILE_3);
    writes_the_file_of_the_reference(VECTOR_FILE_16);
}

static void the_largest_file_fits_its_row(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_ROUTER, "", false);
    static uint8_t out[RNS_RECORD_MAX];
    for (int i = 0; i < 513; i++) {
        world.sent_count = 0;
        announce(node, (i + 1) * 1801 * SECOND);
    }
    assert_int_equal(dest_of(node)->ratchet_count, 512);
    // 10 + 66 of signature, 9 + 3 of the list's key and head, its own 3, 34 a key, 1 of the map.
    assert_int_equal(rnsi_ratchet_record(node, dest_of(node), (rns_mem_t){out, sizeof out}),
                     1 + 10 + 66 + 9 + 3 + 3 + 512 * 34);
}

static void assert_not_taken(const uint8_t *file, size_t size) {
    rns_node_t *node = open_node(RNS_PROFILE_ROUTER, NULL);
    memcpy(world.ratchets, file, size);
    world.ratchets_size = size;
    assert_int_equal(add_own(node, (rns_dest_config_t){.ratchets = true}, &own), RNS_ERR_AUTH);
    assert_int_equal(used(RNS_POOL_DEST) + used(RNS_POOL_RATCHET_SELF), 0);
    assert_int_equal(used(RNS_POOL_RATCHET_FILE), 0);
}

static void a_damaged_file_is_refused(void **state) {
    (void)state;
    hex_t file = unhex(VECTOR_FILE_3);
    for (size_t i = 0; i < file.size; i++) {
        file.b[i] ^= 0x40;
        assert_not_taken(file.b, file.size);
        file.b[i] ^= 0x40;
        if (i > 0) {
            assert_not_taken(file.b, i);
        }
    }
}

static void a_file_that_does_not_fit_is_not_taken(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, WITHOUT_FILE);
    store_ratchets(VECTOR_FILE_16);
    assert_int_equal(add_own(node, (rns_dest_config_t){.ratchets = true}, &own), RNS_ERR_FULL);
    assert_int_equal(used(RNS_POOL_DEST), 0);
}

// ---- Packets

static void decrypts_with_the_ratchet_it_was_encrypted_to(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_MCU, VECTOR_FILE_3, false);
    assert_int_equal(receive(node, VECTOR_TO_RATCHET_2), RNS_RX_DELIVERED);
    assert_text(last_heard(RNS_EV_PACKET)->event.data, "to ratchet 2");
    assert_hex(last_heard(RNS_EV_PACKET)->ratchet_id, 10, VECTOR_RATCHET_ID_2);
    assert_int_equal(receive(node, VECTOR_TO_RATCHET_0), RNS_RX_DELIVERED);
    assert_hex(last_heard(RNS_EV_PACKET)->ratchet_id, 10, VECTOR_RATCHET_ID_0);
    assert_int_equal(receive(node, VECTOR_TO_KEY), RNS_RX_DELIVERED);
    assert_text(last_heard(RNS_EV_PACKET)->event.data, "to the key");
    assert_false(last_heard(RNS_EV_PACKET)->has_ratchet);
}

static void enforced_ratchets_refuse_the_base_key(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_MCU, VECTOR_FILE_3, true);
    assert_int_equal(receive(node, VECTOR_TO_KEY), RNS_RX_BAD_TOKEN);
    assert_int_equal(receive(node, VECTOR_TO_RATCHET_2), RNS_RX_DELIVERED);
    assert_int_equal(world.heard_count, 1);
}

static void reads_the_file_again_when_another_process_rotated(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_MCU, VECTOR_FILE_0, false);
    store_ratchets(VECTOR_FILE_3);
    assert_int_equal(receive(node, VECTOR_TO_RATCHET_2), RNS_RX_DELIVERED);
    assert_int_equal(dest_of(node)->ratchet_count, 3);
}

// Another process rotates: its newest key stands in front of those that we have.
static void a_key_that_was_added_in_front_is_tried(void **state) {
    (void)state;
    static uint8_t file[RNS_RECORD_MAX];
    rns_node_t *node = open_with(RNS_PROFILE_MCU, VECTOR_FILE_3, true);
    const rns_hash_t hash = hash_of(VECTOR_DEST);
    announce(node, 2 * SECOND);
    const size_t size = rnsi_ratchet_record(node, dest_of(node), (rns_mem_t){file, sizeof file});
    rnsi_announce_t theirs = {.dest = hash.b, .ratchet = announced_ratchet()};
    const hex_t keys = unhex(VECTOR_PUBLIC);
    theirs.keys = keys.b;
    rnsi_known_learn(node, &theirs, keys.b);
    assert_int_equal(rns_send(node, 3 * SECOND, &hash, text("newest"), NULL), RNS_ERR_OK);
    const sent_t packet = *last_sent();
    node = open_with(RNS_PROFILE_MCU, VECTOR_FILE_3, true);
    memcpy(world.ratchets, file, size);
    world.ratchets_size = size;
    arrival_t a;
    rnsi_rx_t *rx = arrive(node, &a, packet.raw, packet.size);
    assert_int_equal(rnsi_destination_receive(node, dest_of(node), rx), RNS_RX_DELIVERED);
    assert_text(last_heard(RNS_EV_PACKET)->event.data, "newest");
    assert_int_equal(dest_of(node)->ratchet_count, 4);
}

static void a_forged_file_is_not_read_again(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_MCU, VECTOR_FILE_0, false);
    store_ratchets(VECTOR_FILE_3);
    world.ratchets[20] ^= 1; // signature
    assert_int_equal(receive(node, VECTOR_TO_RATCHET_2), RNS_RX_BAD_TOKEN);
    assert_int_equal(dest_of(node)->ratchet_count, 0);
}

static void own_keys_that_are_not_written_yet_stay_in_front(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_ROUTER, VECTOR_FILE_0, false);
    uint8_t newest[32], now[32];
    announce(node, 2 * SECOND);
    assert_true(rnsi_ratchet_public(node, dest_of(node), newest));
    store_ratchets(VECTOR_FILE_3);
    assert_int_equal(receive(node, VECTOR_TO_RATCHET_2), RNS_RX_DELIVERED);
    assert_int_equal(dest_of(node)->ratchet_count, 4);
    assert_true(rnsi_ratchet_public(node, dest_of(node), now));
    assert_memory_equal(now, newest, sizeof now);
    // The same again: nothing new.
    assert_false(rnsi_ratchet_reload(node, dest_of(node)));
}

// ---- Older ratchets

static unsigned ticks_until_done(rns_node_t *node) {
    unsigned ticks = 0;
    for (; rnsi_destination_waits(node); ticks++) {
        assert_true(ticks < 100);
        rnsi_destination_tick(node);
    }
    return ticks;
}

static void older_ratchets_are_tried_in_slices(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_ROUTER, VECTOR_FILE_16, false);
    assert_int_equal(receive(node, VECTOR_TO_RATCHET_15), RNS_RX_QUEUED);
    assert_int_equal(world.heard_count, 0);
    assert_int_equal(ticks_until_done(node), 1);
    assert_text(last_heard(RNS_EV_PACKET)->event.data, "to ratchet 15");
    assert_hex(last_heard(RNS_EV_PACKET)->ratchet_id, 10, VECTOR_RATCHET_ID_15);
    assert_int_equal(last_heard(RNS_EV_PACKET)->event.hops, 1);
    assert_int_equal(radio->verdicts[RNS_RX_DELIVERED], 1);
    assert_int_equal(world.share, 0);
    assert_int_equal(used(RNS_POOL_RATCHET_TRY), 0);
}

static void a_rotation_in_between_misses_no_ratchet(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_ROUTER, VECTOR_FILE_16, false);
    assert_int_equal(receive(node, VECTOR_TO_RATCHET_15), RNS_RX_QUEUED);
    announce(node, 2 * SECOND);
    assert_int_equal(ticks_until_done(node), 2);
    assert_text(last_heard(RNS_EV_PACKET)->event.data, "to ratchet 15");
}

static void what_no_ratchet_fits_is_dropped_in_the_end(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_ROUTER, VECTOR_FILE_16, true);
    assert_int_equal(receive(node, VECTOR_TO_KEY), RNS_RX_QUEUED);
    assert_int_equal(ticks_until_done(node), 1);
    assert_int_equal(world.heard_count, 0);
    assert_int_equal(radio->verdicts[RNS_RX_BAD_TOKEN], 1);
    assert_int_equal(world.share, 0);
}

static void a_file_that_grew_is_tried_in_slices_too(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_ROUTER, VECTOR_FILE_3, false);
    store_ratchets(VECTOR_FILE_16);
    assert_int_equal(receive(node, VECTOR_TO_RATCHET_15), RNS_RX_QUEUED);
    assert_int_equal(ticks_until_done(node), 1);
    assert_text(last_heard(RNS_EV_PACKET)->event.data, "to ratchet 15");
}

static void the_file_is_read_again_behind_the_older_ones(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_ROUTER, VECTOR_FILE_0, false);
    for (int i = 0; i < 9; i++) {
        announce(node, (i + 1) * 1801 * SECOND);
    }
    store_ratchets(VECTOR_FILE_3);
    assert_int_equal(receive(node, VECTOR_TO_RATCHET_2), RNS_RX_QUEUED);
    assert_int_equal(ticks_until_done(node), 3); // the ninth, then 8 of 12, then 4
    assert_text(last_heard(RNS_EV_PACKET)->event.data, "to ratchet 2");
    assert_int_equal(dest_of(node)->ratchet_count, 12);
}

static void the_row_and_the_share_limit_what_waits(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_ROUTER, VECTOR_FILE_16, true);
    for (int i = 0; i < 16; i++) {
        assert_int_equal(receive(node, VECTOR_TO_KEY), RNS_RX_QUEUED);
    }
    assert_int_equal(receive(node, VECTOR_TO_KEY), RNS_RX_FULL);
    assert_int_equal(world.share, 16);
    rnsi_destination_tick(node);
    world.share_used_up = true;
    assert_int_equal(receive(node, VECTOR_TO_KEY), RNS_RX_FULL);
    assert_int_equal(ticks_until_done(node), 15);
    assert_int_equal(world.share, 0);
}

static void a_packet_waits_for_a_destination_that_goes(void **state) {
    (void)state;
    rns_node_t *node = open_with(RNS_PROFILE_ROUTER, VECTOR_FILE_16, false);
    assert_int_equal(receive(node, VECTOR_TO_RATCHET_15), RNS_RX_QUEUED);
    assert_int_equal(rns_dest_remove(node, own), RNS_ERR_OK);
    assert_int_equal(ticks_until_done(node), 1);
    assert_int_equal(radio->verdicts[RNS_RX_NO_DEST], 1);
    assert_int_equal(world.heard_count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_announce_always_rotates),
        cmocka_unit_test(rotates_after_more_than_half_an_hour),
        cmocka_unit_test(the_interval_may_be_changed),
        cmocka_unit_test(fewer_may_be_kept_from_now_on),
        cmocka_unit_test(no_ratchets_no_settings_of_them),
        cmocka_unit_test(keeps_as_many_as_asked_for),
        cmocka_unit_test(without_the_file_row_eight_are_kept),
        cmocka_unit_test(makes_room_with_its_own_oldest),
        cmocka_unit_test(without_entropy_nothing_is_announced),
        cmocka_unit_test(removal_gives_all_ratchets_back_and_wipes_them),
        cmocka_unit_test(the_file_is_the_reference_s),
        cmocka_unit_test(the_largest_file_fits_its_row),
        cmocka_unit_test(a_damaged_file_is_refused),
        cmocka_unit_test(a_file_that_does_not_fit_is_not_taken),
        cmocka_unit_test(decrypts_with_the_ratchet_it_was_encrypted_to),
        cmocka_unit_test(enforced_ratchets_refuse_the_base_key),
        cmocka_unit_test(reads_the_file_again_when_another_process_rotated),
        cmocka_unit_test(a_key_that_was_added_in_front_is_tried),
        cmocka_unit_test(a_forged_file_is_not_read_again),
        cmocka_unit_test(own_keys_that_are_not_written_yet_stay_in_front),
        cmocka_unit_test(older_ratchets_are_tried_in_slices),
        cmocka_unit_test(a_rotation_in_between_misses_no_ratchet),
        cmocka_unit_test(what_no_ratchet_fits_is_dropped_in_the_end),
        cmocka_unit_test(a_file_that_grew_is_tried_in_slices_too),
        cmocka_unit_test(the_file_is_read_again_behind_the_older_ones),
        cmocka_unit_test(the_row_and_the_share_limit_what_waits),
        cmocka_unit_test(a_packet_waits_for_a_destination_that_goes),
    };
    return cmocka_run_group_tests_name("ratchet", tests, NULL, NULL);
}
