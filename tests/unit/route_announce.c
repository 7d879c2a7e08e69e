// Announces: from the inbox through the signature check to the tables, and on to others.
#include "node_help.h"

#include "route/path.h"

// ---- A provider that counts signature checks

static unsigned verified;

static bool count_verify(void *self, const uint8_t sig[64], const uint8_t pub[32], const void *m,
                         size_t size) {
    verified++;
    return rns_crypto_host.ed25519_verify(self, sig, pub, m, size);
}

static bed_t *open_counting(void) {
    static rns_crypto_t counting;
    counting = rns_crypto_host;
    counting.ed25519_verify = count_verify;
    verified = 0;
    return bed_open((setup_t){.crypto = &counting});
}

static void learn_all(bed_t *bed) {
    rns_tick(bed->node, bed->now);
    drain(bed);
}

// What is sent on for an announce: HEADER_2 by way of us, with the hops that we learned.
static packet_t sent_on_as(const bed_t *bed, const packet_t *a, unsigned flags, unsigned hops,
                           unsigned context) {
    const rns_hash_t via = self(bed);
    const bool header_2 = (a->b[0] & 0x40) != 0;
    packet_t p = {.size = 0};
    put8(&p, flags);
    put8(&p, hops);
    put(&p, via.b, 16);
    put(&p, a->b + (header_2 ? 18 : 2), 16);
    put8(&p, context);
    put(&p, a->b + (header_2 ? 35 : 19), a->size - (header_2 ? 35 : 19));
    return p;
}

// ---- Sending on

static void an_announce_is_sent_on_within_half_a_second_and_again_after_5_5(void **state) {
    (void)state;
    rns_us_t least = SECOND, most = 0;
    for (unsigned who = 1; who <= 40; who++) {
        bed_t *bed = bed_open((setup_t){0});
        bed->dice += who;
        const unsigned on = add_mode(bed, RNS_MODE_FULL);
        rns_reseed(bed->node);
        const rns_us_t heard = bed->now;
        learn(bed, on, (announcement_t){.who = who, .emitted = 1});
        run(bed, 60 * SECOND);
        assert_int_equal(sent_on(bed, on), 2);
        const rns_us_t delay = sent_nth(bed, on, 0)->at - heard;
        assert_in_range(delay, 0, 499999);
        assert_int_equal(sent_nth(bed, on, 1)->at - sent_nth(bed, on, 0)->at, 5500000);
        assert_int_equal(used(bed, RNS_POOL_ANNOUNCE), 0);
        least = delay < least ? delay : least;
        most = delay > most ? delay : most;
        bed_close(bed);
    }
    assert_true(least < 100 * MS && most > 400 * MS);
}

static void it_goes_out_as_header_2_by_way_of_us(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const packet_t a = announce(bed, (announcement_t){.who = 1, .emitted = 1, .app_data = 5});
    const packet_t b = announce(
        bed, (announcement_t){
                 .who = 2, .emitted = 1, .via = 0x33, .hops = 4, .app_data = 5, .ratchet = true});
    assert_int_equal(a.size, 19 + 148 + 5);
    assert_int_equal(b.size, 35 + 148 + 32 + 5);
    rx(bed, on, &a);
    learn_all(bed);
    run(bed, 500 * MS);
    const packet_t a_on = sent_on_as(bed, &a, 0x51, 1, 0);
    assert_packet(sent_nth(bed, on, 0), &a_on);
    run(bed, 10 * SECOND);
    assert_packet(sent_nth(bed, on, 1), &a_on);
    forget_sent(bed);
    rx(bed, on, &b);
    learn_all(bed);
    run(bed, 10 * SECOND);
    const packet_t b_on = sent_on_as(bed, &b, 0x71, 5, 0); // it keeps its context flag
    assert_packet(sent_nth(bed, on, 0), &b_on);
    assert_packet(sent_nth(bed, on, 1), &b_on);
    bed_close(bed);
}

static void what_header_2_makes_too_large_is_learned_but_not_sent_on(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t fits =
        learn(bed, on, (announcement_t){.who = 1, .emitted = 1, .app_data = 317});
    run(bed, 10 * SECOND);
    assert_int_equal(sent_on(bed, on), 2);
    assert_int_equal(sent_nth(bed, on, 0)->packet.size, 500);
    forget_sent(bed);
    const rns_hash_t large =
        learn(bed, on, (announcement_t){.who = 2, .emitted = 1, .app_data = 318});
    run(bed, 10 * SECOND);
    assert_int_equal(sent_on(bed, on), 0);
    assert_int_equal(rns_hops_to(bed->node, bed->now, &fits), 1);
    assert_int_equal(rns_hops_to(bed->node, bed->now, &large), 1);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE), 0);
    bed_close(bed);
}

static void an_announce_of_more_than_500_bytes_is_long(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    packet_t p = announce(bed, (announcement_t){.who = 1, .emitted = 1, .app_data = 333});
    assert_int_equal(p.size, 500);
    assert_int_equal(rx(bed, on, &p), RNS_RX_QUEUED);
    put8(&p, 0);
    assert_int_equal(rx(bed, on, &p), RNS_RX_LONG);
    bed_close(bed);
}

static void an_announce_of_128_hops_is_learned_but_not_sent_on(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t a = learn(bed, on, (announcement_t){.who = 1, .emitted = 1, .hops = 126});
    run(bed, 10 * SECOND);
    assert_int_equal(rns_hops_to(bed->node, bed->now, &a), 127);
    assert_int_equal(sent_on(bed, on), 2);
    assert_int_equal(sent_nth(bed, on, 0)->packet.b[1], 127);
    forget_sent(bed);
    const rns_hash_t b = learn(bed, on, (announcement_t){.who = 2, .emitted = 1, .hops = 127});
    run(bed, 10 * SECOND);
    assert_int_equal(rns_hops_to(bed->node, bed->now, &b), 128);
    assert_int_equal(sent_on(bed, on), 0);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE), 0);
    bed_close(bed);
}

static void a_path_response_is_not_sent_on(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest =
        learn(bed, on, (announcement_t){.who = 1, .emitted = 1, .context = 0x0B, .via = 0x22});
    run(bed, 10 * SECOND);
    assert_int_equal(rns_hops_to(bed->node, bed->now, &dest), 1);
    assert_int_equal(bed->sent_count, 0);
    assert_true(bed->heard[0].type == RNS_EV_PATH && bed->heard[0].is_response);
    bed_close(bed);
}

static void an_endpoint_sends_nothing_on(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.endpoint = true});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = learn(bed, on, (announcement_t){.who = 1, .emitted = 1});
    run(bed, 10 * SECOND);
    assert_int_equal(rns_hops_to(bed->node, bed->now, &dest), 1);
    assert_int_equal(bed->sent_count, 0);
    bed_close(bed);
}

static void a_newer_announce_takes_the_place_of_one_that_waits(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    learn(bed, on, (announcement_t){.who = 1, .emitted = 1, .noise = 1});
    run(bed, SECOND);
    assert_int_equal(sent_on(bed, on), 1);
    learn(bed, on, (announcement_t){.who = 1, .emitted = 2, .noise = 2});
    run(bed, 60 * SECOND);
    assert_int_equal(sent_on(bed, on), 3);
    assert_int_equal(sent_nth(bed, on, 0)->packet.b[35 + 74], 1);
    assert_int_equal(sent_nth(bed, on, 1)->packet.b[35 + 74], 2);
    assert_int_equal(sent_nth(bed, on, 2)->packet.b[35 + 74], 2);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE), 0);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE_CACHE), 1);
    bed_close(bed);
}

// ---- Heard from others

static const announcement_t FIRST = {.who = 1, .emitted = 1, .hops = 2}; // we send it with 3 hops

static void hear(bed_t *bed, unsigned on, unsigned via, unsigned hops) {
    announcement_t a = FIRST;
    a.via = via;
    a.hops = hops;
    const packet_t p = announce(bed, a);
    assert_int_equal(rx(bed, on, &p), RNS_RX_QUEUED);
    learn_all(bed);
}

static void two_neighbours_that_repeat_it_spare_us_the_second_time(void **state) {
    (void)state;
    for (unsigned repeats = 0; repeats <= 3; repeats++) {
        bed_t *bed = bed_open((setup_t){0});
        const unsigned on = add_mode(bed, RNS_MODE_FULL);
        learn(bed, on, FIRST);
        run(bed, 600 * MS);
        for (unsigned i = 0; i < repeats; i++) {
            hear(bed, on, 0x40 + i, 3);
        }
        run(bed, 10 * SECOND);
        assert_int_equal(sent_on(bed, on), repeats < 2 ? 2 : 1);
        assert_int_equal(used(bed, RNS_POOL_ANNOUNCE), 0);
        bed_close(bed);
    }
}

static void repeats_before_our_first_time_are_counted_but_do_not_stop_it(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    learn(bed, on, FIRST);
    hear(bed, on, 0x40, 3);
    hear(bed, on, 0x41, 3);
    run(bed, 600 * MS);
    assert_int_equal(sent_on(bed, on), 1);
    hear(bed, on, 0x42, 3);
    run(bed, 10 * SECOND);
    assert_int_equal(sent_on(bed, on), 1);
    bed_close(bed);
}

static void it_is_done_when_another_node_passed_it_on(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    learn(bed, on, FIRST);
    hear(bed, on, 0x40, 4); // before we sent it: not from us
    run(bed, 600 * MS);
    assert_int_equal(sent_on(bed, on), 1);
    hear(bed, on, 0x40, 4);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE), 0);
    run(bed, 10 * SECOND);
    assert_int_equal(sent_on(bed, on), 1);
    bed_close(bed);
}

static void other_hops_and_header_1_are_no_repeats(void **state) {
    (void)state;
    static const unsigned HOPS[] = {0, 1, 2, 5, 6, 127};
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_iface(bed, (rns_iface_config_t){0});
    learn(bed, on, FIRST);
    run(bed, 600 * MS);
    for (size_t i = 0; i < sizeof HOPS / sizeof *HOPS; i++) {
        hear(bed, on, 0x40, HOPS[i]);
        hear(bed, on, 0x41, HOPS[i]);
    }
    hear(bed, on, 0, 3);
    hear(bed, on, 0, 3);
    hear(bed, on, 0, 4);
    run(bed, 10 * SECOND);
    assert_int_equal(sent_on(bed, on), 2);
    bed_close(bed);
}

// ---- A path response goes first

static void a_response_parks_what_waits_and_it_goes_on_afterwards(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), asks = add_mode(bed, RNS_MODE_FULL);
    const packet_t a = announce(bed, FIRST);
    const rns_hash_t dest = learn(bed, on, FIRST);
    run(bed, 2 * SECOND); // sent once, and due again within 3.5 to 4 s
    assert_int_equal(sent_on(bed, asks), 1);
    const rns_us_t again = sent_nth(bed, asks, 0)->at + 5500 * MS;
    const packet_t q = ask(bed, &dest, NULL, 1, 16);
    assert_int_equal(rx(bed, asks, &q), RNS_RX_QUEUED);
    const rns_us_t asked = bed->now;
    forget_sent(bed);
    run(bed, SECOND);
    assert_int_equal(sent_on(bed, on), 0);
    assert_int_equal(sent_on(bed, asks), 1);
    const packet_t response = sent_on_as(bed, &a, 0x51, 3, 0x0B);
    assert_packet(sent_nth(bed, asks, 0), &response);
    assert_int_equal(sent_nth(bed, asks, 0)->at - asked, 400 * MS);
    run(bed, 60 * SECOND);
    const packet_t again_as = sent_on_as(bed, &a, 0x51, 3, 0);
    assert_int_equal(sent_on(bed, asks), 2);
    assert_int_equal(sent_on(bed, on), 1);
    assert_packet(sent_nth(bed, on, 0), &again_as);
    assert_int_equal(sent_nth(bed, on, 0)->at, again);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE), 0);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE_CACHE), 1);
    bed_close(bed);
}

static void what_was_due_meanwhile_follows_the_response_at_once(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), asks = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = learn(bed, on, FIRST);
    run(bed, 600 * MS);
    run(bed, sent_nth(bed, on, 0)->at + 5400 * MS - bed->now);
    forget_sent(bed);
    const packet_t q = ask(bed, &dest, NULL, 1, 16);
    rx(bed, asks, &q);
    run(bed, 60 * SECOND); // the second time was due in 0.1 s, the response is in 0.4 s
    assert_int_equal(sent_on(bed, asks), 2);
    assert_int_equal(sent_nth(bed, asks, 0)->packet.b[34], 0x0B);
    assert_int_equal(sent_nth(bed, asks, 1)->packet.b[34], 0x00);
    assert_int_equal(sent_nth(bed, asks, 0)->at, sent_nth(bed, asks, 1)->at);
    bed_close(bed);
}

static void two_responses_at_once_both_go_out(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const unsigned one = add_mode(bed, RNS_MODE_FULL), two = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(bed, on, FIRST);
    const packet_t q = ask(bed, &dest, NULL, 1, 16), r = ask(bed, &dest, NULL, 2, 16);
    rx(bed, one, &q);
    run(bed, 100 * MS);
    rx(bed, two, &r);
    run(bed, 2 * SECOND);
    assert_int_equal(sent_on(bed, on), 0);
    assert_int_equal(sent_on(bed, one), 1);
    assert_int_equal(sent_on(bed, two), 1);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE), 0);
    bed_close(bed);
}

// The reference ends it when it looks at its table again, a second later.
static void an_announce_that_was_sent_twice_is_heard_a_second_longer(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), out = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = learn(bed, on, FIRST);
    rns_inspect_announce_t a;
    run(bed, 6 * SECOND);
    run(bed, sent_nth(bed, out, 1)->at + SECOND - 1 - bed->now);
    assert_true(rns_inspect_announce(bed->node, &dest, &a));
    assert_int_equal(a.retries, 2);
    run(bed, 1);
    assert_false(rns_inspect_announce(bed->node, &dest, &a));
    assert_int_equal(sent_on(bed, out), 2);
    bed_close(bed);
}

// Transport.handle_outgoing_announces
static void announces_that_are_due_together_go_out_by_their_hops(void **state) {
    (void)state;
    static const unsigned HOPS[] = {6, 2, 4, 2}, SORTED[] = {2, 2, 4, 6};
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), out = add_mode(bed, RNS_MODE_FULL);
    for (unsigned i = 0; i < 4; i++) {
        learn(bed, on, (announcement_t){.who = i + 1, .emitted = 100, .hops = HOPS[i] - 1});
    }
    bed->now += SECOND; // all of them are late
    rns_tick(bed->node, bed->now);
    drain(bed);
    run(bed, SECOND); // air time is shared, by hops too
    assert_int_equal(sent_on(bed, out), 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(sent_nth(bed, out, i)->packet.b[1], SORTED[i]);
    }
    bed_close(bed);
}

static void a_response_goes_down_with_its_interface(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), asks = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = learn(bed, on, FIRST);
    run(bed, 2 * SECOND);
    const packet_t q = ask(bed, &dest, NULL, 1, 16);
    rx(bed, asks, &q);
    run(bed, 100 * MS);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE), 2);
    assert_int_equal(rns_iface_remove(bed->node, bed->now, bed->iface[asks]), RNS_ERR_OK);
    forget_sent(bed);
    run(bed, 60 * SECOND);
    assert_int_equal(sent_on(bed, on), 1); // what was parked went on
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE), 0);
    bed_close(bed);
}

// ---- What is not believed

static void a_forged_announce_changes_nothing(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.real = true});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const packet_t good = announce(bed, (announcement_t){.who = 1, .emitted = 1, .app_data = 9});
    packet_t bad = good;
    bad.b[bad.size - 1] ^= 1;
    assert_int_equal(rx(bed, on, &bad), RNS_RX_QUEUED);
    learn_all(bed);
    assert_int_equal(count_of(bed, on, RNS_RX_BAD_SIGNATURE), 1);
    bad = good;
    bad.b[2] ^= 1; // an address that is not of these keys
    assert_int_equal(rx(bed, on, &bad), RNS_RX_BAD_ANNOUNCE);
    bad = good;
    bad.b[19 + 64] ^= 1; // nor of this name
    assert_int_equal(rx(bed, on, &bad), RNS_RX_BAD_ANNOUNCE);
    bad = good;
    bad.size = 19 + 147;
    assert_int_equal(rx(bed, on, &bad), RNS_RX_MALFORMED);
    run(bed, 10 * SECOND);
    assert_int_equal(used(bed, RNS_POOL_PATH), 0);
    assert_int_equal(used(bed, RNS_POOL_KNOWN), 0);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE_CACHE), 0);
    assert_int_equal(used(bed, RNS_POOL_INBOX_ANNOUNCE), 0);
    assert_int_equal(bed->sent_count, 0);
    assert_int_equal(bed->heard_count, 0);
    assert_int_equal(rx(bed, on, &good), RNS_RX_QUEUED);
    learn_all(bed);
    assert_int_equal(count_of(bed, on, RNS_RX_LEARNED), 1);
    bed_close(bed);
}

static void a_replayed_announce_is_verified_once_only(void **state) {
    (void)state;
    bed_t *bed = open_counting();
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    packet_t p = announce(bed, (announcement_t){.who = 1, .emitted = 1, .ratchet = true});
    for (unsigned i = 0; i < 10; i++) {
        p.b[1] = (uint8_t)i;
        assert_int_equal(rx(bed, on, &p), RNS_RX_QUEUED);
        learn_all(bed);
    }
    assert_int_equal(verified, 1);
    assert_int_equal(count_of(bed, on, RNS_RX_LEARNED), 1);
    assert_int_equal(count_of(bed, on, RNS_RX_OLD), 9);
    bed_close(bed);
}

// The context flag says how the bytes are read, and the packet's hash leaves it out.
static void the_other_reading_of_a_verified_announce_is_forged(void **state) {
    (void)state;
    for (unsigned ratchet = 0; ratchet < 2; ratchet++) {
        bed_t *bed = bed_open((setup_t){.real = true});
        const unsigned on = add_mode(bed, RNS_MODE_FULL);
        packet_t p = announce(
            bed, (announcement_t){.who = 1, .emitted = 1, .app_data = 64, .ratchet = ratchet != 0});
        rx(bed, on, &p);
        learn_all(bed);
        assert_int_equal(count_of(bed, on, RNS_RX_LEARNED), 1);
        const rns_hash_t dest = peer(bed, 1).dest;
        rns_path_drop(bed->node, bed->now, &dest);
        p.b[0] ^= 0x20;
        rx(bed, on, &p);
        learn_all(bed);
        assert_int_equal(count_of(bed, on, RNS_RX_BAD_SIGNATURE), 1);
        assert_int_equal(used(bed, RNS_POOL_PATH), 0);
        assert_int_equal(used(bed, RNS_POOL_RATCHET_PEER), ratchet);
        bed_close(bed);
    }
}

static void our_own_announce_is_known_when_it_comes_back(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.real = true});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_secret_t secret = secret_of(9);
    const rns_dest_config_t config = {
        .name = "test.own", .type = RNS_DEST_SINGLE, .identity = &secret};
    rns_dest_t dest;
    const rns_bytes_t none = {NULL, 0};
    const rns_iface_t all = {0, 0};
    assert_int_equal(rns_dest_add(bed->node, bed->now, &config, &dest), RNS_ERR_OK);
    assert_int_equal(rns_announce(bed->node, bed->now, dest, none, all), RNS_ERR_OK);
    drain(bed);
    assert_int_equal(sent_on(bed, on), 1);
    const packet_t p = sent_nth(bed, on, 0)->packet;
    assert_int_equal(p.b[0], 0x01);
    assert_int_equal(p.b[1], 0);
    assert_int_equal(rx(bed, on, &p), RNS_RX_QUEUED);
    run(bed, 10 * SECOND);
    assert_int_equal(count_of(bed, on, RNS_RX_OWN), 1);
    assert_int_equal(used(bed, RNS_POOL_PATH), 0);
    assert_int_equal(sent_on(bed, on), 1);
    bed_close(bed);
}

static void keys_that_contradict_what_is_known_are_refused(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = learn(bed, on, (announcement_t){.who = 1, .emitted = 1});
    struct rnsi_known *known = rnsi_pool_find(RNSI_POOL(bed->node, KNOWN), dest.b);
    assert_non_null(known);
    known->pub[40] ^= 1; // as if another key had been known under this address
    learn(bed, on, (announcement_t){.who = 1, .emitted = 2, .noise = 2});
    assert_int_equal(count_of(bed, on, RNS_RX_BAD_ANNOUNCE), 1);
    bed_close(bed);
}

static void an_announce_whose_interface_went_is_dropped(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), other = add_mode(bed, RNS_MODE_FULL);
    const packet_t p = announce(bed, (announcement_t){.who = 1, .emitted = 1});
    const packet_t q = announce(bed, (announcement_t){.who = 2, .emitted = 1});
    rx(bed, on, &p);
    rx(bed, other, &q);
    rns_iface_remove(bed->node, bed->now, bed->iface[on]);
    rns_iface_online(bed->node, bed->now, bed->iface[other], false);
    learn_all(bed);
    assert_int_equal(used(bed, RNS_POOL_PATH), 0);
    assert_int_equal(used(bed, RNS_POOL_INBOX_ANNOUNCE), 0);
    assert_int_equal(count_of(bed, other, RNS_RX_OFFLINE), 1);
    bed_close(bed);
}

static void unknown_destinations_wait_while_an_interface_is_in_a_burst(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_iface(bed, (rns_iface_config_t){.ingress_control = RNS_YES});
    const rns_hash_t expected = peer(bed, 20).dest;
    rns_path_request(bed->node, bed->now, &expected, (rns_iface_t){0, 0});
    for (unsigned who = 1; who <= 4; who++) {
        learn(bed, on, (announcement_t){.who = who, .emitted = 1});
    }
    assert_int_equal(count_of(bed, on, RNS_RX_LEARNED), 2); // three at once are a burst
    assert_int_equal(count_of(bed, on, RNS_RX_HELD), 2);
    assert_int_equal(used(bed, RNS_POOL_HELD), 2);
    learn(bed, on, (announcement_t){.who = 1, .emitted = 2, .noise = 2}); // known
    learn(bed, on, (announcement_t){.who = 20, .emitted = 1});            // asked for
    assert_int_equal(count_of(bed, on, RNS_RX_LEARNED), 4);
    rns_node_info_t info;
    rns_node_info(bed->node, &info);
    assert_int_equal(info.announces, 4);
    run(bed, 60 * SECOND); // they are released one by one
    assert_int_equal(used(bed, RNS_POOL_HELD), 0);
    assert_int_equal(count_of(bed, on, RNS_RX_LEARNED), 6);
    assert_int_equal(used(bed, RNS_POOL_PATH), 5);
    bed_close(bed);
}

// ---- The inbox

static void an_interface_fills_a_quarter_of_the_inbox(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_INBOX_ANNOUNCE] = 16};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), other = add_mode(bed, RNS_MODE_FULL);
    for (unsigned who = 1; who <= 6; who++) {
        assert_int_equal(rns_rx_ready(bed->node, bed->iface[on]), who <= 3); // two thirds of 4
        const packet_t p = announce(bed, (announcement_t){.who = who, .emitted = 1});
        assert_int_equal(rx(bed, on, &p), who <= 4 ? RNS_RX_QUEUED : RNS_RX_FULL);
    }
    const packet_t p = announce(bed, (announcement_t){.who = 7, .emitted = 1});
    assert_int_equal(rx(bed, other, &p), RNS_RX_QUEUED);
    assert_true(rns_rx_ready(bed->node, bed->iface[other]));
    learn_all(bed);
    assert_true(rns_rx_ready(bed->node, bed->iface[on]));
    assert_int_equal(count_of(bed, on, RNS_RX_LEARNED), 4);
    assert_int_equal(count_of(bed, on, RNS_RX_FULL), 2);
    bed_close(bed);
}

static void the_host_may_check_in_any_order_and_they_are_learned_in_order(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_INBOX_ANNOUNCE] = 16};
    bed_t *bed = bed_open((setup_t){.real = true, .count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    static rns_job_t job[4];
    rns_job_mode(bed->node, true);
    for (unsigned who = 1; who <= 3; who++) {
        const packet_t p =
            announce(bed, (announcement_t){.who = who, .emitted = 1, .app_data = 333});
        assert_int_equal(rx(bed, on, &p), RNS_RX_QUEUED);
    }
    assert_true(rns_next_due(bed->node) <= bed->now); // the first look at the tables
    learn_all(bed);
    assert_true(rns_next_due(bed->node) > bed->now); // nothing to do but for the host
    assert_int_equal(used(bed, RNS_POOL_PATH), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(rns_job_take(bed->node, &job[i]));
        assert_true(bed->node->crypto.v->ed25519_verify(bed->node->crypto.self, job[i].signature,
                                                        job[i].pub, job[i].message.data,
                                                        job[i].message.size));
    }
    assert_false(rns_job_take(bed->node, &job[3]));
    rns_job_done(bed->node, bed->now, &job[2], true);
    learn_all(bed);
    assert_int_equal(used(bed, RNS_POOL_PATH), 0); // it waits for those before it
    rns_job_done(bed->node, bed->now, &job[0], false);
    learn_all(bed);
    assert_int_equal(count_of(bed, on, RNS_RX_BAD_SIGNATURE), 1);
    rns_job_done(bed->node, bed->now, &job[0], true); // too late
    rns_job_done(bed->node, bed->now, &job[1], true);
    learn_all(bed);
    assert_int_equal(used(bed, RNS_POOL_PATH), 2);
    assert_int_equal(bed->heard_count, 2);
    assert_memory_equal(bed->heard[0].hash.b, peer(bed, 2).dest.b, 16);
    assert_memory_equal(bed->heard[1].hash.b, peer(bed, 3).dest.b, 16);
    bed_close(bed);
}

static void jobs_skip_what_was_verified_before(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.real = true});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    static rns_job_t job;
    const packet_t p = announce(bed, (announcement_t){.who = 1, .emitted = 1});
    rx(bed, on, &p);
    learn_all(bed);
    rns_job_mode(bed->node, true);
    rx(bed, on, &p);
    assert_false(rns_job_take(bed->node, &job));
    learn_all(bed);
    const unsigned other = add_mode(bed, RNS_MODE_FULL);
    const packet_t q = announce(bed, (announcement_t){.who = 2, .emitted = 1});
    const packet_t r = announce(bed, (announcement_t){.who = 3, .emitted = 1});
    rx(bed, on, &q);
    rx(bed, on, &p);
    rx(bed, other, &r);
    assert_true(rns_job_take(bed->node, &job));
    rns_job_done(bed->node, bed->now, &job, true);
    assert_true(rns_job_take(bed->node, &job));
    rns_job_mode(bed->node, false); // the host gives up, but keeps its word
    rns_job_done(bed->node, bed->now, &job, true);
    learn_all(bed);
    assert_int_equal(count_of(bed, on, RNS_RX_LEARNED), 2);
    assert_int_equal(count_of(bed, on, RNS_RX_OLD), 2);
    assert_int_equal(count_of(bed, other, RNS_RX_LEARNED), 1);
    bed_close(bed);
}

static void a_burst_of_events_is_worked_off_in_slices_without_a_pause(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_INBOX_ANNOUNCE] = 256};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    for (unsigned who = 1; who <= 60; who++) {
        const packet_t p = announce(bed, (announcement_t){.who = who, .emitted = 1});
        assert_int_equal(rx(bed, on, &p), RNS_RX_QUEUED);
    }
    rns_tick(bed->node, bed->now);
    assert_int_equal(used(bed, RNS_POOL_PATH), 8); // signatures a tick
    assert_int_equal(rns_next_due(bed->node), bed->now);
    for (unsigned i = 0; i < 7; i++) {
        rns_tick(bed->node, bed->now);
    }
    assert_int_equal(used(bed, RNS_POOL_PATH), 60);
    assert_true(rns_next_due(bed->node) > bed->now);
    bed_close(bed);
}

// ---- The cache

static void an_announce_that_waits_keeps_its_bytes_when_its_path_goes(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_ANNOUNCE_CACHE] = 2, [RNS_POOL_PATH] = 4};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t one = learn(bed, on, (announcement_t){.who = 1, .emitted = 1});
    learn(bed, on, (announcement_t){.who = 2, .emitted = 1});
    learn(bed, on, (announcement_t){.who = 3, .emitted = 1}); // both slots are pinned: no cache
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE_CACHE), 2);
    assert_int_equal(used(bed, RNS_POOL_PATH), 3);
    rns_path_drop(bed->node, bed->now, &one);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE_CACHE), 2);
    run(bed, 10 * SECOND);
    assert_int_equal(sent_on(bed, on), 2); // of the second; the first leads nowhere
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE_CACHE), 1);
    learn(bed, on, (announcement_t){.who = 4, .emitted = 1});
    run(bed, 10 * SECOND);
    learn(bed, on, (announcement_t){.who = 5, .emitted = 1}); // the second's slot makes room
    run(bed, 10 * SECOND);
    assert_int_equal(sent_on(bed, on), 6);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE_CACHE), 2);
    bed_close(bed);
}

static void a_full_table_drops_the_oldest_that_waits(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_ANNOUNCE] = 2};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), asks = add_mode(bed, RNS_MODE_FULL);
    rns_hash_t dest = {{0}};
    for (unsigned who = 1; who <= 5; who++) {
        dest = learn(bed, on, (announcement_t){.who = who, .emitted = 1});
    }
    const packet_t q = ask(bed, &dest, NULL, 1, 16);
    rx(bed, asks, &q);
    run(bed, 60 * SECOND);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE), 0);
    for (uint32_t cursor = 0; cursor != RNSI_NONE;) {
        const struct rnsi_announce_cache *c =
            rnsi_pool_walk(RNSI_POOL(bed->node, ANNOUNCE_CACHE), &cursor, UINT32_MAX);
        assert_true(c == NULL || c->slot.pins == 0);
    }
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE_CACHE), 5);
    bed_close(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_announce_is_sent_on_within_half_a_second_and_again_after_5_5),
        cmocka_unit_test(it_goes_out_as_header_2_by_way_of_us),
        cmocka_unit_test(what_header_2_makes_too_large_is_learned_but_not_sent_on),
        cmocka_unit_test(an_announce_of_more_than_500_bytes_is_long),
        cmocka_unit_test(an_announce_of_128_hops_is_learned_but_not_sent_on),
        cmocka_unit_test(a_path_response_is_not_sent_on),
        cmocka_unit_test(an_endpoint_sends_nothing_on),
        cmocka_unit_test(a_newer_announce_takes_the_place_of_one_that_waits),
        cmocka_unit_test(two_neighbours_that_repeat_it_spare_us_the_second_time),
        cmocka_unit_test(repeats_before_our_first_time_are_counted_but_do_not_stop_it),
        cmocka_unit_test(it_is_done_when_another_node_passed_it_on),
        cmocka_unit_test(other_hops_and_header_1_are_no_repeats),
        cmocka_unit_test(a_response_parks_what_waits_and_it_goes_on_afterwards),
        cmocka_unit_test(what_was_due_meanwhile_follows_the_response_at_once),
        cmocka_unit_test(two_responses_at_once_both_go_out),
        cmocka_unit_test(an_announce_that_was_sent_twice_is_heard_a_second_longer),
        cmocka_unit_test(announces_that_are_due_together_go_out_by_their_hops),
        cmocka_unit_test(a_response_goes_down_with_its_interface),
        cmocka_unit_test(a_forged_announce_changes_nothing),
        cmocka_unit_test(a_replayed_announce_is_verified_once_only),
        cmocka_unit_test(the_other_reading_of_a_verified_announce_is_forged),
        cmocka_unit_test(our_own_announce_is_known_when_it_comes_back),
        cmocka_unit_test(keys_that_contradict_what_is_known_are_refused),
        cmocka_unit_test(an_announce_whose_interface_went_is_dropped),
        cmocka_unit_test(unknown_destinations_wait_while_an_interface_is_in_a_burst),
        cmocka_unit_test(an_interface_fills_a_quarter_of_the_inbox),
        cmocka_unit_test(the_host_may_check_in_any_order_and_they_are_learned_in_order),
        cmocka_unit_test(jobs_skip_what_was_verified_before),
        cmocka_unit_test(a_burst_of_events_is_worked_off_in_slices_without_a_pause),
        cmocka_unit_test(an_announce_that_waits_keeps_its_bytes_when_its_path_goes),
        cmocka_unit_test(a_full_table_drops_the_oldest_that_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
