// Our own destinations: adding, announcing and when, receiving, proving; listeners; broadcasts.
#include "session_support.h"

static rns_dest_t own;
static const rns_iface_t ALL = {0, 0};
static const rns_bytes_t NONE = {NULL, 0};

static rns_node_t *open_with(rns_dest_config_t config) {
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    assert_int_equal(add_own(node, config, &own), RNS_ERR_OK);
    return node;
}

static rns_verdict_t receive(rns_node_t *node, const char *hex) {
    arrival_t a;
    return rnsi_destination_receive(node, rnsi_dest_get(node, own), arrive_hex(node, &a, hex));
}

// ---- Identities and names

static void identity_is_that_of_the_reference(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_TINY, NULL);
    const rns_secret_t secret = the_secret();
    uint8_t pub[64], signature[64];
    rns_hash_t hash, dest;
    rns_identity_public(node, &secret, pub, &hash);
    assert_hex(pub, sizeof pub, VECTOR_PUBLIC);
    assert_hex(hash.b, sizeof hash.b, VECTOR_IDENTITY);
    rns_identity_hash(node, pub, &dest);
    assert_hex(dest.b, sizeof dest.b, VECTOR_IDENTITY);
    rns_identity_sign(node, &secret, text("signed by the reference"), signature);
    assert_hex(signature, sizeof signature, VECTOR_SIGNATURE);
    assert_true(rns_identity_verify(node, pub, text("signed by the reference"), signature));
    assert_false(rns_identity_verify(node, pub, text("signed by another"), signature));
    assert_int_equal(rns_destination_hash(node, ANY_NAME, &hash, &dest), RNS_ERR_OK);
    assert_hex(dest.b, sizeof dest.b, VECTOR_DEST);
    assert_int_equal(rns_destination_hash(node, "rnstransport.path.request", NULL, &dest),
                     RNS_ERR_OK);
    assert_hex(dest.b, sizeof dest.b, "6b9f66014d9853faab220fba47d02761");
}

static void new_identities_need_entropy(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_TINY, NULL);
    rns_secret_t a, b;
    assert_int_equal(rns_identity_new(node, &a), RNS_ERR_OK);
    assert_int_equal(rns_identity_new(node, &b), RNS_ERR_OK);
    assert_memory_not_equal(&a, &b, sizeof a);
    world.no_entropy = true;
    assert_int_equal(rns_identity_new(node, &a), RNS_ERR_ENTROPY);
}

static void names_have_parts_between_dots(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_TINY, NULL);
    rns_hash_t dest;
    char name[257];
    const char *wrong[] = {"", ".", "a.", ".a", "a..b", NULL};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(rns_destination_hash(node, wrong[i], NULL, &dest), RNS_ERR_ARG);
    }
    assert_int_equal(rns_destination_hash(node, "a", NULL, &dest), RNS_ERR_OK);
    memset(name, 'a', 256);
    name[256] = '\0';
    assert_int_equal(rns_destination_hash(node, name, NULL, &dest), RNS_ERR_ARG);
    name[255] = '\0';
    assert_int_equal(rns_destination_hash(node, name, NULL, &dest), RNS_ERR_OK);
}

// ---- Adding and removing

static void add_refuses_what_does_not_fit_together(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const rns_secret_t secret = the_secret();
    const uint8_t key[64] = {0};
    const rns_dest_config_t wrong[] = {
        {.name = "a"}, // SINGLE without identity
        {.name = "a..b", .identity = &secret},
        {.name = NULL, .identity = &secret},
        {.name = "a", .identity = &secret, .group_key = {key, 64}},
        {.name = "a", .identity = &secret, .enforce_ratchets = true},
        {.name = "a", .identity = &secret, .prove = (rns_prove_t)3},
        {.name = "a", .type = RNS_DEST_GROUP},
        {.name = "a", .type = RNS_DEST_GROUP, .group_key = {key, 33}},
        {.name = "a", .type = RNS_DEST_GROUP, .group_key = {key, 64}, .ratchets = true},
        {.name = "a", .type = RNS_DEST_GROUP, .group_key = {key, 64}, .prove = RNS_PROVE_ALL},
        {.name = "a", .type = RNS_DEST_PLAIN, .identity = &secret},
        {.name = "a", .type = RNS_DEST_PLAIN, .group_key = {key, 64}},
        {.name = "a", .type = RNS_DEST_PLAIN, .prove = RNS_PROVE_APP},
        {.name = "a", .type = (rns_dest_type_t)3, .identity = &secret},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(rns_dest_add(node, 1, &wrong[i], &own), RNS_ERR_ARG);
    }
    assert_int_equal(used(RNS_POOL_DEST), 0);
}

static void a_destination_is_added_once(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){0});
    rns_dest_t again;
    rns_hash_t hash;
    assert_int_equal(rns_dest_hash(node, own, &hash), RNS_ERR_OK);
    assert_hex(hash.b, sizeof hash.b, VECTOR_DEST);
    assert_int_equal(add_own(node, (rns_dest_config_t){0}, &again), RNS_ERR_EXISTS);
    assert_int_equal(rns_dest_remove(node, own), RNS_ERR_OK);
    assert_int_equal(rns_dest_remove(node, own), RNS_ERR_GONE);
    assert_int_equal(rns_dest_hash(node, own, &hash), RNS_ERR_GONE);
    assert_int_equal(rns_dest_app_data(node, own, NONE), RNS_ERR_GONE);
    assert_int_equal(rns_announce(node, 1, own, NONE, ALL), RNS_ERR_GONE);
    assert_int_equal(add_own(node, (rns_dest_config_t){0}, &again), RNS_ERR_OK);
}

static void there_is_room_for_as_many_as_the_profile_says(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_TINY, NULL);
    const char *names[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        const rns_dest_config_t config = {.name = names[i], .type = RNS_DEST_PLAIN};
        assert_int_equal(rns_dest_add(node, 1, &config, &own), i < 2 ? RNS_ERR_OK : RNS_ERR_FULL);
    }
}

static void app_data_must_fit_an_announce_that_is_sent_on(void **state) {
    (void)state;
    static const uint8_t data[318] = {1};
    rns_node_t *node = open_with((rns_dest_config_t){.app_data = {data, 317}});
    assert_int_equal(rns_announce(node, 1, own, NONE, ALL), RNS_ERR_OK);
    assert_int_equal(last_sent()->size, 19 + 148 + 317); // 484: a HEADER_2 makes it 500
    assert_int_equal(rns_dest_app_data(node, own, (rns_bytes_t){data, 318}), RNS_ERR_SIZE);
    assert_int_equal(rns_announce(node, 1, own, (rns_bytes_t){data, 318}, ALL), RNS_ERR_SIZE);
    assert_int_equal(rns_dest_remove(node, own), RNS_ERR_OK);
    assert_int_equal(used(RNS_POOL_APP_DATA), 0);
    const rns_dest_config_t large = {.ratchets = true, .app_data = {data, 286}};
    assert_int_equal(add_own(node, large, &own), RNS_ERR_SIZE);
    const rns_dest_config_t fits = {.ratchets = true, .app_data = {data, 285}};
    assert_int_equal(add_own(node, fits, &own), RNS_ERR_OK);
    assert_int_equal(rns_announce(node, 1, own, NONE, ALL), RNS_ERR_OK);
    assert_int_equal(last_sent()->size, 484);
}

static void app_data_of_our_own_is_never_culled(void **state) {
    (void)state;
    const uint32_t counts[RNS_POOL_COUNT] = {[RNS_POOL_APP_DATA] = 1};
    rns_node_t *node = open_node(RNS_PROFILE_MCU, counts);
    const rns_dest_config_t config = {.app_data = text("ours")};
    assert_int_equal(add_own(node, config, &own), RNS_ERR_OK);
    const uint8_t hash[32] = {0}, keys[64] = {1}, dest[16] = {2};
    const rnsi_announce_t a = {.dest = dest, .keys = keys, .app_data = text("theirs")};
    rnsi_known_learn(node, &a, hash);
    assert_int_equal(rns_announce(node, 1, own, NONE, ALL), RNS_ERR_OK);
    assert_memory_equal(last_sent()->raw + 19 + 148, "ours", 4);
    rns_known_t known;
    rns_hash_t other = {{2}};
    assert_true(rns_recall(node, &other, &known));
    assert_false(known.has_app_data);
    const rns_secret_t secret = the_secret();
    const rns_dest_config_t second = {.name = "b", .identity = &secret, .app_data = text("more")};
    rns_dest_t handle;
    assert_int_equal(rns_dest_add(node, 1, &second, &handle), RNS_ERR_FULL);
    assert_int_equal(used(RNS_POOL_DEST), 1);
}

// ---- Announces

static rnsi_announce_t parse_sent(rns_node_t *node, arrival_t *a) {
    rnsi_announce_t parts;
    assert_true(last_sent()->announce);
    const rnsi_rx_t *rx = arrive(node, a, last_sent()->raw, last_sent()->size);
    assert_true(rnsi_announce_parse(&rx->packet, &parts));
    assert_true(rnsi_announce_verify(&node->crypto, &parts));
    assert_true(rnsi_announce_fits_dest(&node->crypto, &parts));
    return parts;
}

static void an_announce_says_who_and_when(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){.app_data = text("default")});
    arrival_t a;
    assert_int_equal(rns_announce(node, 5 * SECOND, own, NONE, ALL), RNS_ERR_OK);
    rnsi_announce_t parts = parse_sent(node, &a);
    assert_int_equal(last_sent()->raw[0], 0x01);
    assert_int_equal(a.rx.packet.context, 0);
    assert_null(last_sent()->only);
    assert_hex(parts.dest, 16, VECTOR_DEST);
    assert_hex(parts.keys, 64, VECTOR_PUBLIC);
    assert_hex(parts.name_hash, 10, VECTOR_NAME_HASH);
    assert_null(parts.ratchet);
    assert_text(parts.app_data, "default");
    assert_int_equal(rnsi_announce_emitted(parts.random), 1800000005);
    assert_int_equal(rns_announce(node, 6 * SECOND, own, text("other"), ALL), RNS_ERR_OK);
    assert_text(parse_sent(node, &a).app_data, "other");
    assert_int_equal(rns_dest_app_data(node, own, NONE), RNS_ERR_OK);
    assert_int_equal(rns_announce(node, 7 * SECOND, own, NONE, ALL), RNS_ERR_OK);
    assert_null(parse_sent(node, &a).app_data.data);
}

static void an_announce_may_go_out_on_one_interface(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){0});
    rns_iface_t iface = rnsi_iface_handle(node, radio);
    assert_int_equal(rns_announce(node, 1, own, NONE, iface), RNS_ERR_OK);
    assert_ptr_equal(last_sent()->only, radio);
    iface.gen += 2;
    assert_int_equal(rns_announce(node, 1, own, NONE, iface), RNS_ERR_GONE);
}

static void only_single_destinations_announce(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_TINY, NULL);
    const rns_dest_config_t config = {.name = "a", .type = RNS_DEST_PLAIN};
    assert_int_equal(rns_dest_add(node, 1, &config, &own), RNS_ERR_OK);
    assert_int_equal(rns_announce(node, 1, own, NONE, ALL), RNS_ERR_ARG);
    rnsi_destination_answer(node, rnsi_dest_get(node, own), radio, text("tag"));
    assert_int_equal(world.sent_count + world.heard_count, 0);
}

static void set_app_data(rns_node_t *node, const rns_event_t *event) {
    assert_int_equal(event->type, RNS_EV_APP_DATA);
    assert_int_equal(rns_dest_app_data(node, event->dest, text("fresh")), RNS_ERR_OK);
}

static void a_path_request_is_answered_with_fresh_app_data(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){.app_data = text("stale")});
    arrival_t a;
    world.react = set_app_data;
    rnsi_destination_answer(node, rnsi_dest_get(node, own), radio, text("tag"));
    assert_text(parse_sent(node, &a).app_data, "fresh");
    assert_int_equal(a.rx.packet.context, RNSI_CONTEXT_PATH_RESPONSE);
    assert_ptr_equal(last_sent()->only, radio);
}

static void remove_it(rns_node_t *node, const rns_event_t *event) {
    assert_int_equal(rns_dest_remove(node, event->dest), RNS_ERR_OK);
}

static void a_destination_that_goes_when_asked_answers_nothing(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){0});
    world.react = remove_it;
    rnsi_destination_answer(node, rnsi_dest_get(node, own), radio, text("tag"));
    assert_int_equal(world.sent_count, 0);
}

static void the_node_announces_what_it_manages(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){0});
    rnsi_destination_managed(node);
    assert_int_equal(world.sent_count, 0);
    rnsi_dest_get(node, own)->flags |= RNSI_DEST_MANAGED;
    rnsi_destination_managed(node);
    assert_int_equal(world.sent_count, 1);
    assert_true(last_sent()->announce);
}

// ---- Emission times

static uint64_t emitted(rns_node_t *node, rns_us_t now) {
    arrival_t a;
    assert_int_equal(rns_announce(node, now, own, NONE, ALL), RNS_ERR_OK);
    return rnsi_announce_emitted(parse_sent(node, &a).random);
}

static void open_at(uint64_t mark, int64_t unix_s) {
    open_node(RNS_PROFILE_MCU, NULL);
    the_node.now = 0;
    world.unix_us = unix_s * SECOND;
    world.mark_size = mark != 0 ? 8 : 0;
    for (int i = 0; i < 8; i++) {
        world.mark[i] = (uint8_t)(mark >> (56 - 8 * i));
    }
    assert_int_equal(add_own(&the_node, (rns_dest_config_t){0}, &own), RNS_ERR_OK);
}

static void emission_times_are_the_clock_s(void **state) {
    (void)state;
    open_at(0, 1800000000);
    assert_int_equal(world.dirty[RNS_RECORD_MARK], 1);
    assert_int_equal(rnsi_dest_get(&the_node, own)->mark_s, 1800003600);
    assert_int_equal(emitted(&the_node, 10 * SECOND), 1800000010);
    // Two in one second: the second is still newer.
    assert_int_equal(emitted(&the_node, 10 * SECOND), 1800000011);
    assert_int_equal(emitted(&the_node, 1799 * SECOND), 1800001799);
    assert_int_equal(world.dirty[RNS_RECORD_MARK], 1);
    // Half an hour before the mark is reached, the next is stored.
    assert_int_equal(emitted(&the_node, 1800 * SECOND), 1800001800);
    assert_int_equal(world.dirty[RNS_RECORD_MARK], 2);
    assert_int_equal(rnsi_dest_get(&the_node, own)->mark_s, 1800005400);
}

static void emission_times_do_not_go_back_with_the_clock(void **state) {
    (void)state;
    open_at(0, 1800000000);
    assert_int_equal(emitted(&the_node, 10 * SECOND), 1800000010);
    world.unix_us -= 5000 * SECOND;
    assert_int_equal(emitted(&the_node, 11 * SECOND), 1800000011);
    assert_int_equal(emitted(&the_node, 12 * SECOND), 1800000012);
}

static void without_a_clock_times_go_on_from_the_mark(void **state) {
    (void)state;
    open_at(1800000000, 0);
    assert_int_equal(rnsi_dest_get(&the_node, own)->mark_s, 1800000000);
    assert_int_equal(emitted(&the_node, 1), 1800000001);
    assert_int_equal(world.dirty[RNS_RECORD_MARK], 1);
    assert_int_equal(rnsi_dest_get(&the_node, own)->mark_s, 1800003601);
    assert_int_equal(emitted(&the_node, 1000 * SECOND), 1800000002);
    // A clock that shows an earlier time changes nothing until it is past.
    world.unix_us = (int64_t)1799990000 * SECOND;
    assert_int_equal(emitted(&the_node, 2000 * SECOND), 1800000003);
    world.unix_us = (int64_t)1800001000 * SECOND;
    assert_int_equal(emitted(&the_node, 2000 * SECOND), 1800003000);
}

static void without_clock_and_mark_times_begin_at_one(void **state) {
    (void)state;
    open_at(0, 0);
    assert_int_equal(world.dirty[RNS_RECORD_MARK], 1);
    assert_int_equal(rnsi_dest_get(&the_node, own)->mark_s, 3600);
    assert_int_equal(emitted(&the_node, 1), 1);
    assert_int_equal(emitted(&the_node, 1), 2);
}

static void a_restart_with_a_clock_does_not_run_ahead(void **state) {
    (void)state;
    open_at(1800003600, 1800000020);
    assert_int_equal(emitted(&the_node, 0), 1800000020);
    // The clock was set back while the node was off: at least what was surely emitted counts.
    open_at(1800003600, 1700000000);
    assert_int_equal(emitted(&the_node, 0), 1800000001);
}

// ---- Receiving

static void a_packet_of_the_reference_is_delivered(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){0});
    const rns_phy_t phy = {.rssi_dbm = -90, .has = 1};
    arrival_t a;
    rnsi_rx_t *rx = arrive_hex(node, &a, VECTOR_TO_KEY);
    rx->phy = &phy;
    rx->hops = 5;
    assert_int_equal(rnsi_destination_receive(node, rnsi_dest_get(node, own), rx),
                     RNS_RX_DELIVERED);
    const heard_t *heard = last_heard(RNS_EV_PACKET);
    const rns_iface_t iface = rnsi_iface_handle(node, radio);
    assert_text(heard->event.data, "to the key");
    assert_hex(heard->hash, 32, VECTOR_TO_KEY_HASH);
    assert_memory_equal(&heard->event.dest, &own, sizeof own);
    assert_memory_equal(&heard->event.iface, &iface, sizeof iface);
    assert_int_equal(heard->event.hops, 5);
    assert_true(heard->has_phy);
    assert_int_equal(world.sent_count, 0); // PROVE_NONE
}

static void the_largest_packet_of_the_reference_is_delivered(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){0});
    assert_int_equal(receive(node, VECTOR_LARGEST), RNS_RX_DELIVERED);
    const rns_bytes_t data = last_heard(RNS_EV_PACKET)->event.data;
    assert_int_equal(data.size, 383);
    assert_int_equal(data.data[0], 0);
    assert_int_equal(data.data[255], 127);
    assert_int_equal(data.data[256], 0);
}

static void what_is_not_for_its_key_is_dropped(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){.prove = RNS_PROVE_ALL});
    const hex_t packet = unhex(VECTOR_TO_KEY);
    arrival_t a;
    for (size_t size = 20; size < packet.size; size++) {
        rnsi_rx_t *rx = arrive(node, &a, packet.b, size);
        assert_int_equal(rnsi_destination_receive(node, rnsi_dest_get(node, own), rx),
                         RNS_RX_BAD_TOKEN);
    }
    for (size_t at = 19; at < packet.size; at++) {
        hex_t changed = packet;
        changed.b[at] ^= 1;
        rnsi_rx_t *rx = arrive(node, &a, changed.b, changed.size);
        assert_int_equal(rnsi_destination_receive(node, rnsi_dest_get(node, own), rx),
                         RNS_RX_BAD_TOKEN);
    }
    assert_int_equal(world.heard_count + world.sent_count, 0);
    assert_int_equal(world.gets, 1); // the mark; it has no ratchets to be read again
}

static void the_type_of_the_packet_must_be_that_of_the_destination(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){0});
    hex_t packet = unhex(VECTOR_TO_KEY);
    packet.b[0] = 0x08; // PLAIN
    arrival_t a;
    assert_int_equal(rnsi_destination_receive(node, rnsi_dest_get(node, own),
                                              arrive(node, &a, packet.b, packet.size)),
                     RNS_RX_NO_DEST);
}

static void group_and_plain_packets_of_the_reference_are_delivered(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const rns_secret_t secret = the_secret();
    const hex_t key = unhex(VECTOR_GROUP_KEY);
    const rns_dest_config_t group = {.name = "reticule.test.group",
                                     .type = RNS_DEST_GROUP,
                                     .identity = &secret,
                                     .group_key = {key.b, key.size}};
    const rns_dest_config_t plain = {.name = "reticule.test.plain", .type = RNS_DEST_PLAIN};
    arrival_t a;
    assert_int_equal(rns_dest_add(node, 1, &group, &own), RNS_ERR_OK);
    const struct rnsi_dest *dest = rnsi_dest_get(node, own);
    assert_memory_equal(dest->hash, unhex(VECTOR_GROUP).b + 2, 16);
    assert_int_equal(receive(node, VECTOR_GROUP), RNS_RX_DELIVERED);
    assert_text(last_heard(RNS_EV_PACKET)->event.data, "to the group");
    hex_t changed = unhex(VECTOR_GROUP);
    changed.b[changed.size - 1] ^= 1;
    assert_int_equal(rnsi_destination_receive(node, rnsi_dest_get(node, own),
                                              arrive(node, &a, changed.b, changed.size)),
                     RNS_RX_BAD_TOKEN);
    assert_int_equal(rnsi_destination_receive(node, rnsi_dest_get(node, own),
                                              arrive(node, &a, changed.b, 19 + 47)),
                     RNS_RX_BAD_TOKEN);
    assert_int_equal(rns_dest_add(node, 1, &plain, &own), RNS_ERR_OK);
    assert_int_equal(receive(node, VECTOR_PLAIN), RNS_RX_DELIVERED);
    assert_text(last_heard(RNS_EV_PACKET)->event.data, "to all");
}

// ---- Proving

static void a_destination_that_proves_all_proves_after_delivery(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){.prove = RNS_PROVE_ALL});
    assert_int_equal(receive(node, VECTOR_TO_KEY), RNS_RX_DELIVERED);
    assert_hex(last_sent()->raw, last_sent()->size, VECTOR_IMPLICIT_PROOF);
    assert_ptr_equal(last_sent()->only, radio);
}

static void the_strategy_may_be_changed(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){.prove = RNS_PROVE_NONE});
    assert_int_equal(rns_dest_prove(node, own, RNS_PROVE_ALL), RNS_ERR_OK);
    assert_int_equal(world.proves_links, RNS_PROVE_ALL);
    assert_int_equal(receive(node, VECTOR_TO_KEY), RNS_RX_DELIVERED);
    assert_hex(last_sent()->raw, last_sent()->size, VECTOR_IMPLICIT_PROOF);
    assert_int_equal(rns_dest_prove(node, own, (rns_prove_t)3), RNS_ERR_ARG);
    assert_int_equal(rns_dest_remove(node, own), RNS_ERR_OK);
    assert_int_equal(rns_dest_prove(node, own, RNS_PROVE_ALL), RNS_ERR_GONE);
    const rns_dest_config_t plain = {.name = "a.b", .type = RNS_DEST_PLAIN};
    assert_int_equal(rns_dest_add(node, 1, &plain, &own), RNS_ERR_OK);
    assert_int_equal(rns_dest_prove(node, own, RNS_PROVE_ALL), RNS_ERR_ARG);
    assert_int_equal(rns_dest_prove(node, own, RNS_PROVE_NONE), RNS_ERR_OK);
}

static void a_destination_that_goes_in_the_callback_proves_nothing(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){.prove = RNS_PROVE_ALL});
    world.react = remove_it;
    assert_int_equal(receive(node, VECTOR_TO_KEY), RNS_RX_DELIVERED);
    assert_int_equal(world.sent_count, 0);
}

static rns_ask_t ask_for(rns_node_t *node) {
    assert_int_equal(receive(node, VECTOR_TO_KEY), RNS_RX_DELIVERED);
    const heard_t *heard = last_heard(RNS_EV_PROVE);
    assert_hex(heard->hash, 32, VECTOR_TO_KEY_HASH);
    assert_memory_equal(&heard->event.dest, &own, sizeof own);
    return heard->event.ask;
}

static void the_application_may_prove_later(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){.prove = RNS_PROVE_APP});
    const rns_ask_t ask = ask_for(node);
    assert_int_equal(world.heard[0].event.type, RNS_EV_PACKET);
    assert_int_equal(world.sent_count, 0);
    assert_int_equal(rns_prove(node, 9, ask, true), RNS_ERR_OK);
    assert_hex(last_sent()->raw, last_sent()->size, VECTOR_IMPLICIT_PROOF);
    assert_int_equal(rns_prove(node, 9, ask, true), RNS_ERR_GONE);
    assert_int_equal(rns_prove(node, 9, ask_for(node), false), RNS_ERR_OK);
    assert_int_equal(world.sent_count, 1);
    assert_int_equal(used(RNS_POOL_PROVE_ASK), 0);
}

static void it_is_too_late_when_destination_or_interface_are_gone(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){.prove = RNS_PROVE_APP});
    const rns_ask_t first = ask_for(node), second = ask_for(node);
    rnsi_pool_give(RNSI_POOL(node, IFACE), radio);
    assert_int_equal(rns_prove(node, 9, first, true), RNS_ERR_GONE);
    assert_int_equal(rns_dest_remove(node, own), RNS_ERR_OK);
    assert_int_equal(rns_prove(node, 9, second, true), RNS_ERR_GONE);
    assert_int_equal(world.sent_count + used(RNS_POOL_PROVE_ASK), 0);
}

static void the_oldest_question_makes_room(void **state) {
    (void)state;
    rns_node_t *node = open_with((rns_dest_config_t){.prove = RNS_PROVE_APP});
    const rns_ask_t first = ask_for(node);
    for (int i = 0; i < 8; i++) {
        ask_for(node);
    }
    assert_int_equal(rns_prove(node, 9, first, true), RNS_ERR_GONE);
    assert_int_equal(used(RNS_POOL_PROVE_ASK), 8);
}

// ---- Broadcasts

static void broadcasts_are_those_of_the_reference(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const rns_hash_t identity = hash_of(VECTOR_IDENTITY);
    const hex_t key = unhex(VECTOR_GROUP_KEY);
    const rns_bytes_t group_key = {key.b, key.size};
    assert_int_equal(rns_broadcast(node, 1, "reticule.test.plain", NULL, NONE, text("to all")),
                     RNS_ERR_OK);
    assert_hex(last_sent()->raw, last_sent()->size, VECTOR_PLAIN);
    assert_int_equal(
        rns_broadcast(node, 1, "reticule.test.group", &identity, group_key, text("to the group")),
        RNS_ERR_OK);
    const hex_t packet = unhex(VECTOR_GROUP);
    assert_int_equal(last_sent()->size, packet.size);
    assert_memory_equal(last_sent()->raw, packet.b, 19); // the token has another IV
    uint8_t plain[64];
    size_t size;
    assert_true(rnsi_token_decrypt(&node->crypto, key.b, key.size,
                                   (rns_bytes_t){last_sent()->raw + 19, last_sent()->size - 19},
                                   (rns_mem_t){plain, sizeof plain}, &size));
    assert_text((rns_bytes_t){plain, size}, "to the group");
}

static void broadcasts_have_limits(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    static const uint8_t data[482];
    const rns_hash_t identity = hash_of(VECTOR_IDENTITY);
    const rns_bytes_t key = {data, 32}, odd = {data, 48};
    assert_int_equal(rns_broadcast(node, 1, "a", NULL, NONE, (rns_bytes_t){data, 482}),
                     RNS_ERR_SIZE);
    assert_int_equal(rns_broadcast(node, 1, "a", NULL, NONE, (rns_bytes_t){data, 481}), RNS_ERR_OK);
    assert_int_equal(last_sent()->size, 500);
    assert_int_equal(rns_broadcast(node, 1, "a", NULL, key, (rns_bytes_t){data, 432}),
                     RNS_ERR_SIZE);
    assert_int_equal(rns_broadcast(node, 1, "a", NULL, key, (rns_bytes_t){data, 431}), RNS_ERR_OK);
    assert_int_equal(last_sent()->size, 19 + 16 + 432 + 32);
    assert_int_equal(rns_broadcast(node, 1, "a", NULL, NONE, NONE), RNS_ERR_ARG);
    assert_int_equal(rns_broadcast(node, 1, "a", &identity, NONE, text("x")), RNS_ERR_ARG);
    assert_int_equal(rns_broadcast(node, 1, "a", NULL, odd, text("x")), RNS_ERR_ARG);
    assert_int_equal(rns_broadcast(node, 1, "a..", NULL, NONE, text("x")), RNS_ERR_ARG);
    world.no_entropy = true;
    assert_int_equal(rns_broadcast(node, 1, "a", NULL, key, text("x")), RNS_ERR_ENTROPY);
    world.offline = true;
    assert_int_equal(rns_broadcast(node, 1, "a", NULL, NONE, text("x")), RNS_ERR_FULL);
}

// ---- Listeners

static void hear(rns_node_t *node, const char *name_hash, bool is_response) {
    const rns_event_t event = {.type = RNS_EV_ANNOUNCE, .is_response = is_response};
    rnsi_handlers_call(node, &event, unhex(name_hash).b);
}

static void listeners_hear_what_fits_their_name(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    rns_handler_t all, named, responses;
    assert_int_equal(rns_handler_add(node, NULL, false, &all), RNS_ERR_OK);
    assert_int_equal(rns_handler_add(node, ANY_NAME, false, &named), RNS_ERR_OK);
    assert_int_equal(rns_handler_add(node, "lxmf.delivery", true, &responses), RNS_ERR_OK);
    hear(node, VECTOR_NAME_HASH, false);
    assert_int_equal(world.heard_count, 2);
    assert_memory_equal(&world.heard[0].event.handler, &all, sizeof all);
    assert_memory_equal(&world.heard[1].event.handler, &named, sizeof named);
    hear(node, "6ec60bc318e2c0f0d908", false); // lxmf.delivery
    assert_int_equal(world.heard_count, 4);
    assert_memory_equal(&world.heard[3].event.handler, &responses, sizeof responses);
    hear(node, "6ec60bc318e2c0f0d908", true);
    assert_int_equal(world.heard_count, 5);
    hear(node, VECTOR_NAME_HASH, true);
    assert_int_equal(world.heard_count, 5);
}

static void remove_the_listener(rns_node_t *node, const rns_event_t *event) {
    assert_int_equal(rns_handler_remove(node, event->handler), RNS_ERR_OK);
}

static void listeners_come_and_go(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_TINY, NULL);
    rns_handler_t a, b, c;
    assert_int_equal(rns_handler_add(node, NULL, false, &a), RNS_ERR_OK);
    assert_int_equal(rns_handler_add(node, "x", false, &b), RNS_ERR_OK);
    assert_int_equal(rns_handler_add(node, "y", false, &c), RNS_ERR_FULL);
    assert_int_equal(rns_handler_add(node, "", false, &c), RNS_ERR_ARG);
    world.react = remove_the_listener;
    hear(node, VECTOR_NAME_HASH, false);
    hear(node, VECTOR_NAME_HASH, false);
    assert_int_equal(world.heard_count, 1);
    assert_int_equal(rns_handler_remove(node, a), RNS_ERR_GONE);
    assert_int_equal(rns_handler_remove(node, b), RNS_ERR_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_is_that_of_the_reference),
        cmocka_unit_test(new_identities_need_entropy),
        cmocka_unit_test(names_have_parts_between_dots),
        cmocka_unit_test(add_refuses_what_does_not_fit_together),
        cmocka_unit_test(a_destination_is_added_once),
        cmocka_unit_test(there_is_room_for_as_many_as_the_profile_says),
        cmocka_unit_test(app_data_must_fit_an_announce_that_is_sent_on),
        cmocka_unit_test(app_data_of_our_own_is_never_culled),
        cmocka_unit_test(an_announce_says_who_and_when),
        cmocka_unit_test(an_announce_may_go_out_on_one_interface),
        cmocka_unit_test(only_single_destinations_announce),
        cmocka_unit_test(a_path_request_is_answered_with_fresh_app_data),
        cmocka_unit_test(a_destination_that_goes_when_asked_answers_nothing),
        cmocka_unit_test(the_node_announces_what_it_manages),
        cmocka_unit_test(emission_times_are_the_clock_s),
        cmocka_unit_test(emission_times_do_not_go_back_with_the_clock),
        cmocka_unit_test(without_a_clock_times_go_on_from_the_mark),
        cmocka_unit_test(without_clock_and_mark_times_begin_at_one),
        cmocka_unit_test(a_restart_with_a_clock_does_not_run_ahead),
        cmocka_unit_test(a_packet_of_the_reference_is_delivered),
        cmocka_unit_test(the_largest_packet_of_the_reference_is_delivered),
        cmocka_unit_test(what_is_not_for_its_key_is_dropped),
        cmocka_unit_test(the_type_of_the_packet_must_be_that_of_the_destination),
        cmocka_unit_test(group_and_plain_packets_of_the_reference_are_delivered),
        cmocka_unit_test(a_destination_that_proves_all_proves_after_delivery),
        cmocka_unit_test(the_strategy_may_be_changed),
        cmocka_unit_test(a_destination_that_goes_in_the_callback_proves_nothing),
        cmocka_unit_test(the_application_may_prove_later),
        cmocka_unit_test(it_is_too_late_when_destination_or_interface_are_gone),
        cmocka_unit_test(the_oldest_question_makes_room),
        cmocka_unit_test(broadcasts_are_those_of_the_reference),
        cmocka_unit_test(broadcasts_have_limits),
        cmocka_unit_test(listeners_hear_what_fits_their_name),
        cmocka_unit_test(listeners_come_and_go),
    };
    return cmocka_run_group_tests_name("destination", tests, NULL, NULL);
}
