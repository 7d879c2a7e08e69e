// What rns/inspect.h tells is what was heard, sent and asked for; what core/testing.h sets is what
// the node acts upon.
#include "node_help.h"

#include "testing.h"

static rns_inspect_path_t path_to(const bed_t *bed, const rns_hash_t *dest) {
    rns_inspect_path_t path;
    assert_true(rns_inspect_path(bed->node, bed->now, dest, &path));
    return path;
}

static void a_path_tells_of_its_announces(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.profile = RNS_PROFILE_ROUTER, .real = true});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t nobody = address(9), via = address(0x22);
    rns_inspect_path_t path;
    assert_false(rns_inspect_path(bed->node, bed->now, &nobody, &path));
    const rns_hash_t dest =
        settle(bed, on, (announcement_t){.who = 1, .emitted = 100, .noise = 1, .hops = 2});
    learn(bed, on, (announcement_t){.who = 1, .emitted = 101, .noise = 2, .hops = 1, .via = 0x22});
    path = path_to(bed, &dest);
    assert_int_equal(path.path.hops, 2);
    assert_memory_equal(path.path.next_hop.b, via.b, 16);
    assert_int_equal(path.path.used, bed->now);
    assert_int_equal(path.path.expires, bed->now + 7 * DAY);
    assert_int_equal(path.emission_s, 101);
    assert_true(path.has_packet_hash);
    // Noise, then the time: the newest first.
    static const uint8_t BLOBS[2][10] = {{2, 2, 2, 2, 2, 0, 0, 0, 0, 101},
                                         {1, 1, 1, 1, 1, 0, 0, 0, 0, 100}};
    uint8_t blobs[3][10];
    assert_int_equal(path.random_blobs, 2);
    assert_int_equal(rns_inspect_path_blobs(bed->node, bed->now, &dest, blobs, 3), 2);
    assert_memory_equal(blobs, BLOBS, sizeof BLOBS);
    bed_close(bed);
}

static void a_path_is_as_old_as_it_was_set(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t old = settle(bed, on, (announcement_t){.who = 1, .emitted = 100});
    const rns_hash_t young = settle(bed, on, (announcement_t){.who = 2, .emitted = 100});
    // The younger one becomes the older, and goes alone.
    assert_true(rnst_path_set_used(bed->node, bed->now, &young, bed->now - 7 * DAY + SECOND));
    assert_true(rnst_path_set_expires(bed->node, bed->now, &young, 5 * SECOND));
    assert_int_equal(path_to(bed, &young).path.expires, 5 * SECOND);
    run(bed, 7 * SECOND);
    rns_inspect_path_t path;
    assert_false(rns_inspect_path(bed->node, bed->now, &young, &path));
    assert_int_equal(used(bed, RNS_POOL_PATH), 1);
    assert_int_equal(path_to(bed, &old).path.hops, 1);
    bed_close(bed);
}

static void an_announce_waits_until_it_is_sent(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), out = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest =
        learn(bed, on, (announcement_t){.who = 1, .emitted = 100, .hops = 2, .via = 0x22});
    rns_inspect_announce_t a;
    assert_true(rns_inspect_announce(bed->node, &dest, &a));
    assert_int_equal(a.retries, 0);
    assert_int_equal(a.hops, 3);
    assert_int_equal(a.taken, bed->now);
    assert_true(a.due > bed->now && a.due <= bed->now + 500 * MS);
    assert_memory_equal(a.received_from.b, address(0x22).b, 16);
    assert_memory_equal(a.packet_hash, path_to(bed, &dest).packet_hash, 32);
    assert_false(a.has_only || a.is_response || a.has_parked);
    // It goes out when it is said to.
    assert_true(rnst_announce_set_due(bed->node, &dest, bed->now + 100 * SECOND));
    run(bed, 99 * SECOND);
    assert_int_equal(sent_on(bed, out), 0);
    run(bed, SECOND);
    assert_int_equal(sent_on(bed, out), 1);
    learn(bed, out, // a neighbour repeats it
          (announcement_t){.who = 1, .emitted = 99, .noise = 9, .hops = 3, .via = 0x33});
    assert_true(rns_inspect_announce(bed->node, &dest, &a));
    assert_int_equal(a.heard, 1);
    assert_true(rnst_announce_set_taken(bed->node, &dest, 7 * SECOND));
    uint32_t cursor = 0;
    assert_true(rns_inspect_announce_each(bed->node, &cursor, &a));
    assert_int_equal(a.retries, 1);
    assert_int_equal(a.taken, 7 * SECOND);
    assert_false(rns_inspect_announce_each(bed->node, &cursor, &a));
    bed_close(bed);
}

static void a_response_goes_out_on_one_interface(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), asking = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = learn(bed, on, (announcement_t){.who = 1, .emitted = 100});
    const packet_t question = ask(bed, &dest, NULL, 0x55, 16);
    rx(bed, asking, &question);
    rns_tick(bed->node, bed->now);
    rns_inspect_announce_t a;
    assert_true(rns_inspect_announce(bed->node, &dest, &a));
    assert_true(a.has_only && a.is_response && a.has_parked);
    assert_int_equal(number_of(bed, a.only), asking);
    uint32_t cursor = 0, count = 0;
    while (rns_inspect_announce_each(bed->node, &cursor, &a)) {
        count++; // the parked one is not told of
    }
    assert_int_equal(count, 1);
    bed_close(bed);
}

static void a_rate_tells_when_it_was_heard(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_iface(
        bed, (rns_iface_config_t){.announce_rate_target_s = 60, .announce_rate_penalty_s = 30});
    const rns_us_t first = bed->now;
    const rns_hash_t dest = settle(bed, on, (announcement_t){.who = 1, .emitted = 100});
    learn(bed, on, (announcement_t){.who = 1, .emitted = 101, .noise = 1});
    rns_inspect_rate_t rate;
    assert_true(rns_inspect_rate(bed->node, &dest, &rate));
    assert_int_equal(rate.last, first);
    assert_int_equal(rate.violations, 1);
    assert_int_equal(rate.blocked_until, first + 90 * SECOND);
    assert_int_equal(rate.times, 2);
    assert_int_equal(rate.at[0], first);
    assert_int_equal(rate.at[1], first + 7 * SECOND);
    uint32_t cursor = 0;
    assert_true(rns_inspect_rate_each(bed->node, &cursor, &rate));
    assert_false(rns_inspect_rate_each(bed->node, &cursor, &rate));
    bed_close(bed);
}

static void a_packet_of_others_leaves_its_way_back(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), in = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(bed, on, (announcement_t){.who = 1, .emitted = 100, .hops = 1});
    const rns_hash_t us = self(bed);
    packet_t p = header(0x00, 0, &us, &dest, 0);
    put_many(&p, 0x33, 40);
    rnsi_packet_t parsed;
    packet_t copy = p;
    uint8_t hash[32];
    assert_true(rnsi_packet_parse((rns_mem_t){copy.b, copy.size}, &parsed));
    rnsi_packet_hash(&bed->node->crypto, &parsed, hash);
    assert_false(rns_inspect_seen(bed->node, hash));
    const uint64_t before = rns_inspect_seen_total(bed->node);
    assert_int_equal(rx(bed, in, &p), RNS_RX_FORWARDED);
    assert_true(rns_inspect_seen(bed->node, hash));
    assert_int_equal(rns_inspect_seen_total(bed->node), before + 1);
    rns_hash_t key;
    rns_inspect_reverse_t reverse;
    memcpy(key.b, hash, sizeof key.b);
    assert_true(rns_inspect_reverse(bed->node, bed->now, &key, &reverse));
    assert_int_equal(number_of(bed, reverse.received), in);
    assert_int_equal(number_of(bed, reverse.outbound), on);
    assert_int_equal(reverse.at, bed->now);
    uint32_t cursor = 0;
    assert_true(rns_inspect_reverse_each(bed->node, bed->now, &cursor, &reverse));
    assert_false(rns_inspect_reverse_each(bed->node, bed->now, &cursor, &reverse));
    bed_close(bed);
}

static void a_way_back_that_was_put_leads_a_proof(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned to = add_mode(bed, RNS_MODE_FULL), from = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t packet = address(0x71), old = address(0x72);
    rns_inspect_reverse_t entry = {
        .packet = packet, .received = bed->iface[to], .outbound = bed->iface[from], .at = bed->now};
    assert_true(rnst_reverse_put(bed->node, &entry));
    entry.packet = old;
    entry.at = bed->now - 480 * SECOND;
    assert_true(rnst_reverse_put(bed->node, &entry));
    assert_false(rns_inspect_reverse(bed->node, bed->now, &old, &entry));
    packet_t proof = header(0x03, 0, NULL, &packet, 0);
    put_many(&proof, 0x44, 64);
    assert_int_equal(rx(bed, from, &proof), RNS_RX_FORWARDED);
    assert_int_equal(sent_on(bed, to), 1);
    run(bed, 6 * SECOND);
    assert_int_equal(used(bed, RNS_POOL_REVERSE), 0);
    bed_close(bed);
}

static void a_link_of_others_is_told_of(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), in = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest =
        settle(bed, on, (announcement_t){.who = 1, .emitted = 100, .hops = 1, .via = 0x22});
    const rns_hash_t us = self(bed);
    const packet_t request = link_request(&us, &dest, 0x11, 0);
    const rns_hash_t id = link_of(bed, &request);
    assert_int_equal(rx(bed, in, &request), RNS_RX_FORWARDED);
    rns_inspect_relay_t relay;
    assert_true(rns_inspect_relay(bed->node, &id, &relay));
    assert_memory_equal(relay.destination.b, dest.b, 16);
    assert_true(relay.has_next_hop);
    assert_memory_equal(relay.next_hop.b, address(0x22).b, 16);
    assert_int_equal(number_of(bed, relay.next), on);
    assert_int_equal(number_of(bed, relay.received), in);
    assert_int_equal(relay.remaining, 2);
    assert_int_equal(relay.taken, 1);
    assert_false(relay.validated);
    assert_int_equal(relay.used, bed->now);
    assert_int_equal(relay.due, bed->now + 12 * SECOND + 400); // 500 bytes at 10 Mbit/s
    bed_close(bed);
}

static void a_link_that_was_put_carries_packets_and_ends(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), in = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t link = address(0x51);
    const rns_inspect_relay_t entry = {.link = link,
                                       .destination = address(0x52),
                                       .next = bed->iface[on],
                                       .received = bed->iface[in],
                                       .remaining = 1,
                                       .taken = 1,
                                       .validated = true,
                                       .used = bed->now - 899 * SECOND,
                                       .due = bed->now};
    assert_true(rnst_relay_put(bed->node, bed->now, &entry));
    assert_true(rnst_relay_put(bed->node, bed->now, &entry)); // in its place
    assert_int_equal(used(bed, RNS_POOL_RELAY), 1);
    packet_t p = header(0x0C, 0, NULL, &link, 0);
    put_many(&p, 0x33, 40);
    run(bed, 0);
    rns_inspect_relay_t relay;
    uint32_t cursor = 0;
    assert_true(rns_inspect_relay_each(bed->node, &cursor, &relay));
    assert_false(relay.has_next_hop);
    assert_int_equal(relay.due, bed->now + SECOND);
    assert_int_equal(rx(bed, in, &p), RNS_RX_FORWARDED);
    assert_int_equal(sent_on(bed, on), 1);
    run(bed, 899 * SECOND);
    assert_true(rns_inspect_relay(bed->node, &link, &relay));
    run(bed, SECOND);
    assert_false(rns_inspect_relay(bed->node, &link, &relay));
    bed_close(bed);
}

static void an_announce_held_back_is_told_of(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.profile = RNS_PROFILE_ROUTER});
    const unsigned on = add_iface(bed, (rns_iface_config_t){.ingress_control = RNS_YES});
    for (unsigned i = 1; i <= 8; i++) {
        learn(bed, on, (announcement_t){.who = i, .emitted = 100, .hops = i});
    }
    rns_inspect_held_t held;
    uint32_t cursor = 0, count = 0;
    while (rns_inspect_held_each(bed->node, bed->iface[on], &cursor, &held)) {
        const unsigned who = 8 - count++; // the newest first
        assert_memory_equal(held.destination.b, peer(bed, who).dest.b, 16);
        assert_int_equal(held.hops, who + 1);
    }
    assert_int_equal(count, iface_of(bed, on)->held_count);
    assert_true(count > 0);
    assert_false(rns_inspect_held_each(bed->node, (rns_iface_t){99, 1}, &cursor, &held));
    bed_close(bed);
}

static void a_question_is_told_of(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned in = add_mode(bed, RNS_MODE_GATEWAY);
    add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = address(0x61), other = address(0x62);
    rns_inspect_ask_t ask_of;
    assert_false(rns_inspect_ask(bed->node, &dest, &ask_of));
    assert_int_equal(rns_path_request(bed->node, bed->now, &dest, (rns_iface_t){0, 0}), RNS_ERR_OK);
    assert_true(rns_inspect_ask(bed->node, &dest, &ask_of));
    assert_true(ask_of.was_sent && !ask_of.is_in_flight && !ask_of.is_searched && !ask_of.queued);
    assert_int_equal(ask_of.sent_at, bed->now);
    const packet_t question = ask(bed, &other, NULL, 0x55, 16);
    rx(bed, in, &question);
    rns_tick(bed->node, bed->now);
    assert_true(rns_inspect_ask(bed->node, &other, &ask_of));
    assert_true(ask_of.is_in_flight && ask_of.is_searched);
    assert_int_equal(ask_of.search_until, bed->now + 15 * SECOND);
    assert_int_equal(ask_of.askers, 1);
    bed_close(bed);
}

static void the_filter_is_asked_alone(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.real = true});
    const rns_hash_t dest = address(0x41);
    packet_t p = header(0x00, 0, NULL, &dest, 0);
    put_many(&p, 0x33, 40);
    // SHA-256 of the packet without its hops, taken by hand.
    static const uint8_t EXPECTED[4] = {0xc2, 0x0f, 0xf4, 0x5b};
    uint8_t hash[32];
    const rns_mem_t raw = {p.b, p.size};
    assert_true(rnst_filter(bed->node, bed->now, raw, false, hash));
    assert_memory_equal(hash, EXPECTED, sizeof EXPECTED);
    assert_true(rnst_filter(bed->node, bed->now, raw, true, hash));
    assert_false(rnst_filter(bed->node, bed->now, raw, true, hash));
    p.b[18] = RNSI_CONTEXT_CHANNEL; // of which repetitions pass
    for (int i = 0; i < 3; i++) {
        assert_true(rnst_filter(bed->node, bed->now, raw, true, hash));
    }
    assert_false(rnst_filter(bed->node, bed->now, (rns_mem_t){p.b, 10}, true, hash));
    bed_close(bed);
}

static void what_is_held_is_released_on_demand(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.profile = RNS_PROFILE_ROUTER});
    const unsigned on = add_iface(bed, (rns_iface_config_t){.ingress_control = RNS_YES});
    packet_t far = announce(bed, (announcement_t){.who = 1, .emitted = 100, .hops = 4});
    const packet_t near = announce(bed, (announcement_t){.who = 2, .emitted = 100, .hops = 1});
    const rns_iface_t gone = {99, 1};
    assert_true(rnst_hold(bed->node, bed->now, bed->iface[on], (rns_bytes_t){far.b, far.size}));
    assert_true(rnst_hold(bed->node, bed->now, bed->iface[on], (rns_bytes_t){near.b, near.size}));
    assert_false(rnst_hold(bed->node, bed->now, gone, (rns_bytes_t){near.b, near.size}));
    far.b[60] ^= 1;
    assert_false(rnst_hold(bed->node, bed->now, bed->iface[on], (rns_bytes_t){far.b, far.size}));
    run(bed, SECOND);
    assert_true(rnst_release_held(bed->node, bed->now, bed->iface[on]));
    assert_false(rnst_release_held(bed->node, bed->now, gone));
    rns_tick(bed->node, bed->now);
    rns_inspect_path_t path;
    const rns_hash_t one = peer(bed, 1).dest, two = peer(bed, 2).dest;
    assert_true(rns_inspect_path(bed->node, bed->now, &two, &path));
    assert_false(rns_inspect_path(bed->node, bed->now, &one, &path));
    assert_true(rnst_release_held(bed->node, bed->now, bed->iface[on])); // earlier than by itself
    rns_tick(bed->node, bed->now);
    assert_true(rns_inspect_path(bed->node, bed->now, &one, &path));
    bed_close(bed);
}

static void a_path_request_carries_the_tag_it_is_given(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), other = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = address(0x61);
    const rns_bytes_t tag = {(const uint8_t *)"0123456789abcdef", 16};
    assert_int_equal(rnst_path_request(bed->node, bed->now, &dest, bed->iface[on], tag),
                     RNS_ERR_OK);
    drain(bed);
    const packet_t *sent = &sent_nth(bed, on, 0)->packet;
    assert_int_equal(sent->size, 19 + 48);
    assert_memory_equal(sent->b + 19, dest.b, 16);
    assert_memory_equal(sent->b + 51, tag.data, 16);
    assert_int_equal(sent_on(bed, other), 0);
    const rns_bytes_t longer = {(const uint8_t *)"0123456789abcdef0", 17}, none = {tag.data, 0};
    assert_int_equal(rnst_path_request(bed->node, bed->now, &dest, bed->iface[on], longer),
                     RNS_ERR_ARG);
    assert_int_equal(rnst_path_request(bed->node, bed->now, &dest, bed->iface[on], none),
                     RNS_ERR_ARG);
    const rns_iface_t gone = {99, 1};
    assert_int_equal(rnst_path_request(bed->node, bed->now, &dest, gone, tag), RNS_ERR_GONE);
    bed_close(bed);
}

static void a_path_tells_to_the_millisecond_when_it_was_used(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), in = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(bed, on, (announcement_t){.who = 1, .emitted = 100, .hops = 1});
    const rns_hash_t us = self(bed);
    const rns_us_t learned = path_to(bed, &dest).path.used;
    run(bed, 1234567);
    packet_t p = header(0x00, 0, &us, &dest, 0);
    put_many(&p, 0x33, 40);
    rx(bed, in, &p);
    const rns_us_t span = bed->now - learned;
    assert_int_equal(path_to(bed, &dest).path.used, learned + span / MS * MS);
    run(bed, 3 * 3600 * SECOND); // more than a step of its age
    p.b[40] = 0x34;
    rx(bed, in, &p);
    assert_int_equal(path_to(bed, &dest).path.used, bed->now);
    bed_close(bed);
}

static void who_is_shut_out_is_told_of(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.profile = RNS_PROFILE_ROUTER});
    const rns_hash_t one = address(1), two = address(2), us = self(bed);
    assert_int_equal(rns_blackhole(bed->node, bed->now, &one, 0, NULL), RNS_ERR_OK);
    assert_int_equal(rns_blackhole(bed->node, bed->now, &two, 77, "noise"), RNS_ERR_OK);
    rns_inspect_blackhole_t hole;
    uint32_t cursor = 0;
    assert_true(rns_inspect_blackhole_each(bed->node, &cursor, &hole));
    assert_memory_equal(hole.identity.b, one.b, 16);
    assert_memory_equal(hole.source.b, us.b, 16);
    assert_int_equal(hole.until_unix_us, 0);
    assert_false(hole.has_reason);
    assert_true(rns_inspect_blackhole_each(bed->node, &cursor, &hole));
    assert_int_equal(hole.until_unix_us, 77);
    assert_string_equal(hole.reason, "noise");
    assert_false(rns_inspect_blackhole_each(bed->node, &cursor, &hole));
    bed_close(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_tells_of_its_announces),
        cmocka_unit_test(a_path_is_as_old_as_it_was_set),
        cmocka_unit_test(an_announce_waits_until_it_is_sent),
        cmocka_unit_test(a_response_goes_out_on_one_interface),
        cmocka_unit_test(a_rate_tells_when_it_was_heard),
        cmocka_unit_test(a_packet_of_others_leaves_its_way_back),
        cmocka_unit_test(a_way_back_that_was_put_leads_a_proof),
        cmocka_unit_test(a_link_of_others_is_told_of),
        cmocka_unit_test(a_link_that_was_put_carries_packets_and_ends),
        cmocka_unit_test(an_announce_held_back_is_told_of),
        cmocka_unit_test(a_question_is_told_of),
        cmocka_unit_test(the_filter_is_asked_alone),
        cmocka_unit_test(what_is_held_is_released_on_demand),
        cmocka_unit_test(a_path_request_carries_the_tag_it_is_given),
        cmocka_unit_test(a_path_tells_to_the_millisecond_when_it_was_used),
        cmocka_unit_test(who_is_shut_out_is_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
