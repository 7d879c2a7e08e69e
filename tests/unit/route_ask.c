// Path requests: those of others, our own, and the search for what nobody here knows.
#include "node_help.h"

#include "route/ask.h"
#include "route/iface.h"

static const announcement_t THEM = {.who = 1, .emitted = 1, .hops = 2, .via = 0x22};

static rns_hash_t them(const bed_t *bed) {
    return peer(bed, 1).dest;
}

static rns_verdict_t ask_for(bed_t *bed, unsigned on, const rns_hash_t *dest, unsigned tag) {
    const packet_t q = ask(bed, dest, NULL, tag, 16);
    const rns_verdict_t verdict = rx(bed, on, &q);
    rns_tick(bed->node, bed->now);
    drain(bed);
    return verdict;
}

// What a transport node asks for others: their tag, its own transport id.
static packet_t search_packet(const bed_t *bed, const rns_hash_t *dest, unsigned tag) {
    const rns_hash_t via = self(bed);
    return ask(bed, dest, &via, tag, 16);
}

static bool is_response(const frame_t *f) {
    return f->packet.b[0] == 0x51 && f->packet.b[34] == 0x0B;
}

// ---- Known paths

static void a_known_path_is_told_after_0_4_seconds(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), asks = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(bed, on, THEM);
    const rns_us_t asked = bed->now;
    assert_int_equal(ask_for(bed, asks, &dest, 1), RNS_RX_QUEUED);
    run(bed, 60 * SECOND);
    assert_int_equal(bed->sent_count, 1);
    const frame_t *f = sent_nth(bed, asks, 0);
    assert_true(is_response(f));
    assert_int_equal(f->at - asked, 400 * MS);
    assert_int_equal(f->packet.b[1], 3);
    assert_memory_equal(f->packet.b + 2, self(bed).b, 16);
    assert_memory_equal(f->packet.b + 18, dest.b, 16);
    bed_close(bed);
}

static void any_mode_of_the_asking_interface_gets_its_answer(void **state) {
    (void)state;
    for (int mode = RNS_MODE_FULL; mode <= RNS_MODE_INTERNAL; mode++) {
        bed_t *bed = bed_open((setup_t){0});
        const unsigned on = add_mode(bed, RNS_MODE_FULL), asks = add_mode(bed, (rns_mode_t)mode);
        const rns_hash_t dest = settle(bed, on, THEM);
        const rns_us_t asked = bed->now;
        ask_for(bed, asks, &dest, 1);
        run(bed, 60 * SECOND);
        assert_int_equal(sent_on(bed, asks), 1);
        assert_int_equal(sent_nth(bed, asks, 0)->at - asked,
                         mode == RNS_MODE_ROAMING ? 1900 * MS : 400 * MS);
        assert_int_equal(sent_on(bed, on), 0);
        bed_close(bed);
    }
}

static void a_roaming_interface_is_not_told_of_paths_over_itself(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned roams = add_mode(bed, RNS_MODE_ROAMING), full = add_mode(bed, RNS_MODE_FULL);
    const unsigned other = add_mode(bed, RNS_MODE_ROAMING);
    const rns_hash_t dest = settle(bed, roams, THEM);
    const rns_hash_t second = settle(bed, full, (announcement_t){.who = 2, .emitted = 1});
    ask_for(bed, roams, &dest, 1);
    run(bed, 5 * SECOND);
    assert_int_equal(bed->sent_count, 0);
    ask_for(bed, other, &dest, 2);
    ask_for(bed, full, &second, 3); // the rule is of roaming ones alone
    run(bed, 5 * SECOND);
    assert_int_equal(sent_on(bed, other), 1);
    assert_int_equal(sent_on(bed, full), 1);
    bed_close(bed);
}

static void whoever_is_the_next_hop_is_not_told_the_way(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(bed, on, THEM), next = address(0x22), other = address(0x23);
    packet_t q = ask(bed, &dest, &next, 1, 16);
    assert_int_equal(rx(bed, on, &q), RNS_RX_QUEUED);
    run(bed, 5 * SECOND);
    assert_int_equal(bed->sent_count, 0);
    q = ask(bed, &dest, &other, 2, 16);
    assert_int_equal(rx(bed, on, &q), RNS_RX_QUEUED);
    run(bed, 5 * SECOND);
    assert_int_equal(sent_on(bed, on), 1);
    bed_close(bed);
}

static void without_the_announce_there_is_no_answer(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_ANNOUNCE_CACHE] = RNS_COUNT_NONE};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), asks = add_mode(bed, RNS_MODE_GATEWAY);
    const rns_hash_t dest = settle(bed, on, THEM);
    assert_int_equal(ask_for(bed, asks, &dest, 1), RNS_RX_QUEUED);
    run(bed, 5 * SECOND);
    assert_int_equal(bed->sent_count, 0);
    assert_int_equal(ask_for(bed, asks, &dest, 2), RNS_RX_QUEUED); // nothing is in flight
    assert_int_equal(used(bed, RNS_POOL_ASK), 0);
    bed_close(bed);
}

// Answered, searched for elsewhere, and neither.
static void what_was_queued_gets_a_second_verdict(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned full = add_mode(bed, RNS_MODE_FULL), gate = add_mode(bed, RNS_MODE_GATEWAY);
    const rns_hash_t dest = settle(bed, gate, THEM), nobody = address(0x99);
    const rns_hash_t another = address(0x98);
    ask_for(bed, full, &dest, 1);
    assert_int_equal(count_of(bed, full, RNS_RX_DELIVERED), 1);
    ask_for(bed, full, &nobody, 2);
    assert_int_equal(count_of(bed, full, RNS_RX_NO_ROUTE), 1);
    ask_for(bed, gate, &another, 3);
    assert_int_equal(count_of(bed, gate, RNS_RX_FORWARDED), 1);
    assert_int_equal(count_of(bed, full, RNS_RX_QUEUED), 2);
    assert_int_equal(count_of(bed, gate, RNS_RX_QUEUED), 2); // with their announce
    bed_close(bed);
}

static void an_endpoint_tells_only_of_itself(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.endpoint = true, .real = true});
    const unsigned on = add_mode(bed, RNS_MODE_GATEWAY), other = add_mode(bed, RNS_MODE_GATEWAY);
    const rns_hash_t dest = settle(bed, on, THEM), nobody = address(0x11);
    const rns_secret_t secret = secret_of(9);
    const rns_dest_config_t config = {
        .name = "test.own", .type = RNS_DEST_SINGLE, .identity = &secret};
    rns_dest_t own;
    rns_hash_t own_hash;
    assert_int_equal(rns_dest_add(bed->node, bed->now, &config, &own), RNS_ERR_OK);
    assert_int_equal(rns_dest_hash(bed->node, own, &own_hash), RNS_ERR_OK);
    for (unsigned tag = 0; tag < 4; tag += 2) { // it does not batch
        assert_int_equal(ask_for(bed, other, &dest, tag), RNS_RX_QUEUED);
        assert_int_equal(ask_for(bed, other, &nobody, tag + 1), RNS_RX_QUEUED);
    }
    learn(bed, on, (announcement_t){.who = 1, .emitted = 2, .noise = 2});
    run(bed, 5 * SECOND);
    assert_int_equal(bed->sent_count, 0);
    assert_int_equal(ask_for(bed, other, &own_hash, 1), RNS_RX_QUEUED);
    assert_int_equal(sent_on(bed, other), 1); // at once
    const frame_t *f = sent_nth(bed, other, 0);
    assert_int_equal(f->packet.b[0], 0x01);
    assert_int_equal(f->packet.b[1], 0);
    assert_memory_equal(f->packet.b + 2, own_hash.b, 16);
    assert_int_equal(f->packet.b[18], 0x0B);
    assert_int_equal(sent_on(bed, on), 0);
    bed_close(bed);
}

static void our_own_destination_answers_even_on_an_access_point(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.probes = true, .real = true});
    const unsigned ap = add_mode(bed, RNS_MODE_ACCESS_POINT), on = add_mode(bed, RNS_MODE_FULL);
    rns_hash_t probe;
    assert_int_equal(rns_dest_hash(bed->node, bed->node->probe, &probe), RNS_ERR_OK);
    run(bed, 16 * SECOND);
    assert_int_equal(sent_on(bed, on), 1); // announces itself after 15 s, not to access points
    assert_int_equal(sent_nth(bed, on, 0)->at, START + 15 * SECOND);
    assert_int_equal(sent_on(bed, ap), 0);
    assert_int_equal(ask_for(bed, ap, &probe, 1), RNS_RX_QUEUED);
    assert_int_equal(sent_on(bed, ap), 1);
    assert_int_equal(ask_for(bed, ap, &probe, 2), RNS_RX_QUEUED); // not in flight any more
    assert_int_equal(sent_on(bed, ap), 2);
    bed_close(bed);
}

// ---- Tags

static void the_request_destination_is_that_of_the_reference(void **state) {
    (void)state;
    static const uint8_t REQUEST[16] = {0x6b, 0x9f, 0x66, 0x01, 0x4d, 0x98, 0x53, 0xfa,
                                        0xab, 0x22, 0x0f, 0xba, 0x47, 0xd0, 0x27, 0x61};
    static const uint8_t TUNNEL[16] = {0x91, 0xbf, 0x09, 0x10, 0x26, 0x7b, 0x59, 0xb0,
                                       0xe8, 0x64, 0xe0, 0xd4, 0xc9, 0x16, 0x02, 0xca};
    bed_t *bed = bed_open((setup_t){.real = true});
    assert_memory_equal(bed->node->path_request_dest, REQUEST, 16);
    assert_memory_equal(bed->node->tunnel_dest, TUNNEL, 16);
    bed_close(bed);
}

static void a_request_needs_a_tag(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = address(0x11), requester = address(0x44);
    packet_t q = ask(bed, &dest, NULL, 1, 0);
    assert_int_equal(rx(bed, on, &q), RNS_RX_NO_TAG);
    q.size--;
    assert_int_equal(rx(bed, on, &q), RNS_RX_NO_DEST);
    q.size = 20;
    assert_int_equal(rx(bed, on, &q), RNS_RX_NO_DEST);
    q = ask(bed, &dest, NULL, 1, 1);
    assert_int_equal(rx(bed, on, &q), RNS_RX_QUEUED);
    // 32 bytes are a destination and a tag of 16; one more, and there is a requester between.
    const rns_hash_t second = address(0x12);
    q = ask(bed, &second, &requester, 1, 0);
    assert_int_equal(rx(bed, on, &q), RNS_RX_QUEUED);
    q = ask(bed, &second, NULL, 0x44, 16);
    assert_int_equal(rx(bed, on, &q), RNS_RX_DUPLICATE);
    q = ask(bed, &second, &requester, 0x44, 1);
    assert_int_equal(rx(bed, on, &q), RNS_RX_BATCHED);
    assert_int_equal(count_of(bed, on, RNS_RX_NO_TAG), 1);
    bed_close(bed);
}

static void a_tag_counts_once_for_each_destination(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), other = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = address(0x11), second = address(0x12);
    assert_int_equal(ask_for(bed, on, &dest, 7), RNS_RX_QUEUED);
    assert_int_equal(ask_for(bed, on, &dest, 7), RNS_RX_DUPLICATE);
    assert_int_equal(ask_for(bed, other, &dest, 7), RNS_RX_DUPLICATE);
    assert_int_equal(ask_for(bed, other, &second, 7), RNS_RX_QUEUED);
    const packet_t shorter = ask(bed, &second, NULL, 7, 15);
    assert_int_equal(rx(bed, on, &shorter), RNS_RX_BATCHED); // another tag
    bed_close(bed);
}

static void a_long_tag_is_cut_and_noted(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), out = add_mode(bed, RNS_MODE_FULL);
    const unsigned asks = add_mode(bed, RNS_MODE_GATEWAY);
    const rns_hash_t dest = address(0x11), requester = address(0x44);
    packet_t q = ask(bed, &dest, &requester, 5, 40);
    assert_int_equal(rx(bed, asks, &q), RNS_RX_QUEUED);
    assert_int_equal(count_of(bed, asks, RNS_RX_NO_TAG), 1);
    run(bed, SECOND);
    const packet_t search = search_packet(bed, &dest, 5);
    assert_packet(sent_nth(bed, out, 0), &search);
    q = ask(bed, &dest, NULL, 5, 16);
    assert_int_equal(rx(bed, on, &q), RNS_RX_DUPLICATE);
    bed_close(bed);
}

// ---- In flight

static void later_requests_join_the_one_in_flight_for_45_seconds(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = address(0x11);
    assert_int_equal(ask_for(bed, on, &dest, 1), RNS_RX_QUEUED);
    assert_int_equal(ask_for(bed, on, &dest, 2), RNS_RX_BATCHED);
    run(bed, 45 * SECOND);
    assert_int_equal(ask_for(bed, on, &dest, 3), RNS_RX_BATCHED);
    run(bed, 2);
    assert_int_equal(ask_for(bed, on, &dest, 4), RNS_RX_QUEUED);
    run(bed, 200 * SECOND);
    assert_int_equal(used(bed, RNS_POOL_ASK), 0);
    assert_int_equal(used(bed, RNS_POOL_ASKER), 0);
    bed_close(bed);
}

static void whoever_joined_is_told_as_soon_as_the_announce_comes(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const unsigned first = add_mode(bed, RNS_MODE_FULL), second = add_mode(bed, RNS_MODE_FULL);
    const unsigned third = add_mode(bed, RNS_MODE_ROAMING);
    const rns_hash_t dest = them(bed);
    assert_int_equal(ask_for(bed, first, &dest, 1), RNS_RX_QUEUED); // a full one does not search
    assert_int_equal(ask_for(bed, second, &dest, 2), RNS_RX_BATCHED);
    assert_int_equal(ask_for(bed, third, &dest, 3), RNS_RX_BATCHED);
    assert_int_equal(ask_for(bed, second, &dest, 4), RNS_RX_BATCHED);
    assert_int_equal(used(bed, RNS_POOL_ASKER), 2);
    run(bed, 14 * SECOND);
    assert_int_equal(bed->sent_count, 0);
    const rns_us_t heard = bed->now;
    learn(bed, on, THEM);
    drain(bed);
    assert_int_equal(sent_on(bed, first), 0);
    assert_int_equal(sent_on(bed, second), 1);
    assert_int_equal(sent_on(bed, third), 1);
    assert_true(is_response(sent_nth(bed, second, 0)));
    assert_int_equal(sent_nth(bed, third, 0)->at, heard);
    assert_int_equal(used(bed, RNS_POOL_ASK), 0); // the flight is over, too
    assert_int_equal(ask_for(bed, first, &dest, 5), RNS_RX_QUEUED);
    bed_close(bed);
}

static void after_15_seconds_it_is_too_late_for_an_answer(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), asks = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = them(bed);
    ask_for(bed, asks, &dest, 1);
    ask_for(bed, asks, &dest, 2);
    run(bed, 15 * SECOND + 2);
    assert_int_equal(used(bed, RNS_POOL_ASKER), 0);
    assert_int_equal(used(bed, RNS_POOL_ASK), 1); // still in flight
    learn(bed, on, THEM);
    drain(bed);
    assert_int_equal(bed->sent_count, 0);
    bed_close(bed);
}

// 2 * 4000 bits / 300 bit/s + 6 s = 32.67 s
static void slow_interfaces_are_given_longer(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned slow = add_iface(bed, (rns_iface_config_t){.bitrate = 300});
    const unsigned asks = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = them(bed);
    ask_for(bed, asks, &dest, 1);
    ask_for(bed, asks, &dest, 2);
    run(bed, 32600 * MS);
    assert_int_equal(used(bed, RNS_POOL_ASKER), 1);
    learn(bed, slow, THEM);
    drain(bed);
    assert_int_equal(sent_on(bed, asks), 1);
    bed_close(bed);
}

static void an_asker_whose_interface_went_is_skipped(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const unsigned one = add_mode(bed, RNS_MODE_FULL), two = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = them(bed);
    ask_for(bed, one, &dest, 1);
    ask_for(bed, one, &dest, 2);
    ask_for(bed, two, &dest, 3);
    rns_iface_remove(bed->node, bed->now, bed->iface[one]);
    const unsigned next = add_mode(bed, RNS_MODE_FULL);
    learn(bed, on, THEM);
    drain(bed);
    assert_int_equal(sent_on(bed, two), 1);
    assert_int_equal(sent_on(bed, next), 0);
    assert_int_equal(used(bed, RNS_POOL_ASKER), 0);
    bed_close(bed);
}

static void time_may_begin_at_zero(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.at_zero = true});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), asks = add_mode(bed, RNS_MODE_GATEWAY);
    const unsigned more = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = them(bed);
    assert_int_equal(rns_path_request(bed->node, bed->now, &dest, (rns_iface_t){0, 0}), RNS_ERR_OK);
    assert_true(rnsi_ask_expects(bed->node, dest.b));
    assert_int_equal(ask_for(bed, asks, &dest, 1), RNS_RX_QUEUED);
    assert_int_equal(ask_for(bed, more, &dest, 2), RNS_RX_BATCHED);
    forget_sent(bed);
    learn(bed, on, THEM);
    drain(bed);
    assert_int_equal(sent_on(bed, asks), 1);
    assert_int_equal(sent_on(bed, more), 1);
    run(bed, 100 * SECOND);
    assert_int_equal(used(bed, RNS_POOL_ASK), 0);
    bed_close(bed);
}

static void a_request_that_finds_no_room_is_not_in_flight(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_INBOX_ASK] = 8};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    for (unsigned i = 1; i <= 3; i++) {
        const rns_hash_t dest = address(i);
        const packet_t q = ask(bed, &dest, NULL, 1, 16);
        assert_int_equal(rx(bed, on, &q), i <= 2 ? RNS_RX_QUEUED : RNS_RX_FULL); // its quarter
    }
    rns_tick(bed->node, bed->now);
    const rns_hash_t dest = address(3);
    assert_int_equal(ask_for(bed, on, &dest, 2), RNS_RX_QUEUED);
    bed_close(bed);
}

// ---- Searching

typedef struct {
    rns_mode_t asking;
    bool recursive;
    const char *asked; // full, point to point, access point, roaming, boundary, gateway, internal
} search_t;

static const search_t SEARCHES[] = {
    {RNS_MODE_FULL, false, "-------"},          {RNS_MODE_POINT_TO_POINT, false, "-------"},
    {RNS_MODE_ACCESS_POINT, false, "YYYYYYY"},  {RNS_MODE_ROAMING, false, "YYYYYYY"},
    {RNS_MODE_BOUNDARY, false, "----YY-"},      {RNS_MODE_GATEWAY, false, "YYYYYYY"},
    {RNS_MODE_INTERNAL, false, "YYYYYYY"},      {RNS_MODE_FULL, true, "YYYYYYY"},
    {RNS_MODE_POINT_TO_POINT, true, "YYYYYYY"}, {RNS_MODE_BOUNDARY, true, "YYYYYYY"},
    {RNS_MODE_ROAMING, true, "YYYYYYY"},
};

static void the_mode_says_who_is_searched_for_and_where(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_IFACE] = 16};
    for (size_t i = 0; i < sizeof SEARCHES / sizeof *SEARCHES; i++) {
        const search_t *s = &SEARCHES[i];
        bed_t *bed = bed_open((setup_t){.count = count});
        const unsigned asks = add_iface(
            bed, (rns_iface_config_t){.mode = s->asking,
                                      .recursive_prs = s->recursive ? RNS_YES : RNS_DEFAULT});
        unsigned on[7];
        for (int m = 0; m < 7; m++) {
            on[m] = add_mode(bed, (rns_mode_t)(RNS_MODE_FULL + m));
        }
        const unsigned off = add_iface(bed, (rns_iface_config_t){.offline = true});
        const unsigned deaf = add_iface(bed, (rns_iface_config_t){.receive_only = true});
        const rns_hash_t dest = address(0x11);
        assert_int_equal(ask_for(bed, asks, &dest, 9), RNS_RX_QUEUED);
        const packet_t search = search_packet(bed, &dest, 9); // the same tag
        for (int m = 0; m < 7; m++) {
            assert_int_equal(sent_on(bed, on[m]), s->asked[m] == 'Y');
            if (s->asked[m] == 'Y') {
                assert_packet(sent_nth(bed, on[m], 0), &search);
            }
        }
        assert_int_equal(sent_on(bed, asks) + sent_on(bed, off) + sent_on(bed, deaf), 0);
        bed_close(bed);
    }
}

// Measured with the reference: requests at 0, 8, 23, 35 and 55 s, of which those at 0 and 55 are
// sent on.
static void a_search_is_not_repeated_while_it_is_in_flight(void **state) {
    (void)state;
    static const unsigned AT[] = {0, 8, 23, 35, 55}, SENT[] = {1, 1, 1, 1, 2};
    bed_t *bed = bed_open((setup_t){0});
    const unsigned asks = add_mode(bed, RNS_MODE_GATEWAY), on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = address(0x11);
    for (unsigned i = 0; i < 5; i++) {
        run(bed, START + AT[i] * SECOND - bed->now);
        ask_for(bed, asks, &dest, i);
        assert_int_equal(sent_on(bed, on), SENT[i]);
    }
    bed_close(bed);
}

static void whoever_asks_during_a_search_gets_an_answer_of_its_own(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned asks = add_mode(bed, RNS_MODE_GATEWAY), also = add_mode(bed, RNS_MODE_GATEWAY);
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = them(bed);
    ask_for(bed, asks, &dest, 1);
    assert_int_equal(sent_on(bed, on), 1);
    assert_int_equal(sent_on(bed, also), 1);
    ask_for(bed, also, &dest, 2);
    assert_int_equal(sent_on(bed, on), 1);
    forget_sent(bed);
    learn(bed, on, (announcement_t){.who = 1, .emitted = 1, .context = 0x0B});
    drain(bed);
    assert_int_equal(sent_on(bed, asks), 1);
    assert_int_equal(sent_on(bed, also), 1);
    assert_int_equal(sent_on(bed, on), 0);
    assert_true(is_response(sent_nth(bed, asks, 0)));
    run(bed, 60 * SECOND);
    assert_int_equal(bed->sent_count, 2); // a response is not sent on
    bed_close(bed);
}

// Where answers may take 86 s a request is no longer in flight after 45: the next one that may
// search does, and whoever waited since then is told as well.
static void who_waits_without_a_search_is_told_by_a_later_one(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned one = add_mode(bed, RNS_MODE_FULL), two = add_mode(bed, RNS_MODE_FULL);
    const unsigned asks = add_mode(bed, RNS_MODE_GATEWAY);
    const unsigned slow = add_iface(bed, (rns_iface_config_t){.bitrate = 100});
    const rns_hash_t dest = them(bed);
    ask_for(bed, one, &dest, 1);
    ask_for(bed, two, &dest, 2);
    run(bed, 46 * SECOND);
    assert_int_equal(bed->sent_count, 0);
    assert_int_equal(ask_for(bed, asks, &dest, 3), RNS_RX_QUEUED);
    assert_int_equal(sent_on(bed, slow), 1);
    forget_sent(bed);
    learn(bed, slow, (announcement_t){.who = 1, .emitted = 1, .context = 0x0B});
    drain(bed);
    assert_int_equal(sent_on(bed, one), 0);
    assert_int_equal(sent_on(bed, two), 1);
    assert_int_equal(sent_on(bed, asks), 1);
    bed_close(bed);
}

static void a_search_answers_64_interfaces_at_most(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_IFACE] = 80, [RNS_POOL_ASKER] = 100};
    bed_t *bed = bed_open((setup_t){.count = count});
    const rns_hash_t dest = address(0x11);
    const packet_t q = ask(bed, &dest, NULL, 1, 16);
    for (unsigned i = 0; i < 70; i++) {
        bed->ifaces = 0;
        const unsigned on = add_mode(bed, RNS_MODE_FULL);
        packet_t p = q;
        p.b[p.size - 1] = (uint8_t)i;
        rx(bed, on, &p);
        rns_tick(bed->node, bed->now);
    }
    assert_int_equal(used(bed, RNS_POOL_ASKER), 64);
    bed_close(bed);
}

static void a_search_takes_air_time_and_waits_for_none(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned asks = add_mode(bed, RNS_MODE_GATEWAY);
    const unsigned slow = add_iface(bed, (rns_iface_config_t){.bitrate = 1000});
    const rns_hash_t a = address(0x11), b = address(0x12), c = address(0x13);
    ask_for(bed, asks, &a, 1); // 67 bytes: 0.536 s, so silent for 26.8 s
    assert_int_equal(sent_on(bed, slow), 1);
    run(bed, 26 * SECOND);
    ask_for(bed, asks, &b, 1);
    assert_int_equal(sent_on(bed, slow), 1);
    run(bed, SECOND);
    ask_for(bed, asks, &c, 1);
    assert_int_equal(sent_on(bed, slow), 2);
    bed_close(bed);
}

static void an_egress_limit_spares_an_interface(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned asks = add_mode(bed, RNS_MODE_GATEWAY), free = add_mode(bed, RNS_MODE_FULL);
    const unsigned limited = add_iface(bed, (rns_iface_config_t){.egress_control = RNS_YES});
    for (unsigned i = 1; i <= 20; i++) {
        const rns_hash_t dest = address(i);
        ask_for(bed, asks, &dest, 1);
        run(bed, 50 * MS); // 20 a second
    }
    assert_int_equal(sent_on(bed, free), 20);
    assert_in_range(sent_on(bed, limited), 2, 8);
    bed_close(bed);
}

// ---- Bursts

static unsigned add_limited(bed_t *bed, rns_mode_t mode) {
    return add_iface(bed, (rns_iface_config_t){.mode = mode, .ingress_control = RNS_YES});
}

// Four requests at once are a burst.
static void burst(bed_t *bed, unsigned on) {
    for (unsigned i = 0; i < 4; i++) {
        const rns_hash_t dest = address(0x80 + i);
        ask_for(bed, on, &dest, 1);
    }
    forget_sent(bed);
}

static void in_a_burst_nobody_is_searched_for(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned asks = add_limited(bed, RNS_MODE_GATEWAY), on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = them(bed), known = settle(bed, on, (announcement_t){.who = 2});
    burst(bed, asks);
    assert_int_equal(ask_for(bed, asks, &dest, 2), RNS_RX_QUEUED);
    assert_int_equal(sent_on(bed, on), 0);
    assert_int_equal(ask_for(bed, asks, &known, 3), RNS_RX_QUEUED);
    run(bed, SECOND);
    assert_int_equal(sent_on(bed, asks), 1); // what is known is told
    bed_close(bed);
}

static void in_a_burst_nobody_joins_what_is_in_flight(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned asks = add_limited(bed, RNS_MODE_GATEWAY), on = add_mode(bed, RNS_MODE_FULL);
    const unsigned calm = add_mode(bed, RNS_MODE_GATEWAY);
    const rns_hash_t dest = them(bed);
    burst(bed, asks);
    assert_int_equal(ask_for(bed, calm, &dest, 1), RNS_RX_QUEUED);
    assert_int_equal(ask_for(bed, asks, &dest, 2), RNS_RX_BATCHED);
    forget_sent(bed);
    learn(bed, on, (announcement_t){.who = 1, .emitted = 1, .context = 0x0B});
    drain(bed);
    assert_int_equal(sent_on(bed, calm), 1);
    assert_int_equal(sent_on(bed, asks), 0);
    bed_close(bed);
}

static void requests_of_a_burst_have_an_inbox_of_their_own(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0}); // INBOX_LIMITED 4: one for an interface
    const unsigned asks = add_limited(bed, RNS_MODE_GATEWAY);
    burst(bed, asks);
    const rns_hash_t a = address(1), b = address(2);
    const packet_t q = ask(bed, &a, NULL, 1, 16), r = ask(bed, &b, NULL, 1, 16);
    assert_int_equal(rx(bed, asks, &q), RNS_RX_QUEUED);
    assert_int_equal(used(bed, RNS_POOL_INBOX_LIMITED), 1);
    assert_int_equal(used(bed, RNS_POOL_INBOX_ASK), 0);
    assert_int_equal(rx(bed, asks, &r), RNS_RX_FULL);
    rns_tick(bed->node, bed->now);
    assert_int_equal(used(bed, RNS_POOL_INBOX_LIMITED), 0);
    bed_close(bed);
}

// ---- Our own

static void our_own_request_goes_out_on_all_interfaces_with_one_tag(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL), b = add_mode(bed, RNS_MODE_ACCESS_POINT);
    const unsigned off = add_iface(bed, (rns_iface_config_t){.offline = true});
    const rns_hash_t dest = address(0x11);
    const rns_iface_t all = {0, 0};
    assert_int_equal(rns_path_request(bed->node, bed->now, &dest, all), RNS_ERR_OK);
    drain(bed);
    assert_int_equal(sent_on(bed, a), 1);
    assert_int_equal(sent_on(bed, b), 1);
    assert_int_equal(sent_on(bed, off), 0);
    const packet_t sent = sent_nth(bed, a, 0)->packet, head = search_packet(bed, &dest, 0);
    assert_packet(sent_nth(bed, b, 0), &sent);
    assert_int_equal(sent.size, 67);
    assert_memory_equal(sent.b, head.b, 51);
    assert_int_equal(rns_path_request(bed->node, bed->now, &dest, bed->iface[b]), RNS_ERR_OK);
    drain(bed);
    assert_int_equal(sent_on(bed, a), 1);
    assert_int_equal(sent_on(bed, b), 2);
    assert_memory_not_equal(sent_nth(bed, b, 1)->packet.b + 51, sent.b + 51, 16);
    bed_close(bed);
}

static void an_endpoint_asks_without_a_transport_id(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.endpoint = true});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = address(0x11);
    rns_path_request(bed->node, bed->now, &dest, (rns_iface_t){0, 0});
    drain(bed);
    const packet_t head = ask(bed, &dest, NULL, 0, 16);
    assert_int_equal(sent_nth(bed, a, 0)->packet.size, 51);
    assert_memory_equal(sent_nth(bed, a, 0)->packet.b, head.b, 35);
    bed_close(bed);
}

static void a_request_says_what_went_wrong(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_ASK] = RNS_COUNT_NONE};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = address(0x11);
    const rns_iface_t all = {0, 0};
    assert_int_equal(rns_path_request(bed->node, bed->now, &dest, all), RNS_ERR_FULL);
    assert_int_equal(rns_iface_remove(bed->node, bed->now, bed->iface[a]), RNS_ERR_OK);
    assert_int_equal(rns_path_request(bed->node, bed->now, &dest, bed->iface[a]), RNS_ERR_GONE);
    bed->no_entropy = true;
    rns_err_t err = RNS_ERR_FULL;
    for (unsigned i = 0; i < 70000 && err == RNS_ERR_FULL; i++) { // 65,536 outputs on
        err = rns_path_request(bed->node, bed->now, &dest, all);
    }
    assert_int_equal(err, RNS_ERR_ENTROPY);
    bed_close(bed);
}

static void what_we_asked_for_is_expected_for_45_seconds(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = address(0x11);
    assert_false(rnsi_ask_expects(bed->node, dest.b));
    rns_path_request(bed->node, bed->now, &dest, (rns_iface_t){0, 0});
    run(bed, 45 * SECOND);
    assert_true(rnsi_ask_expects(bed->node, dest.b));
    run(bed, 2);
    assert_false(rnsi_ask_expects(bed->node, dest.b));
    assert_int_equal(used(bed, RNS_POOL_ASK), 0);
    bed_close(bed);
}

static void requests_of_the_node_itself_go_out_each_half_second_and_32_at_most(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_ASK] = 64};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), blocked = add_mode(bed, RNS_MODE_FULL);
    const rnsi_iface_ref_t ref = rnsi_iface_ref(bed->node, iface_of(bed, blocked));
    bed->node->now = bed->now;
    for (unsigned i = 1; i <= 40; i++) {
        const rns_hash_t dest = address(i);
        rnsi_ask_queue(bed->node, dest.b, ref);
        rnsi_ask_queue(bed->node, dest.b, rnsi_no_iface()); // it waits already
    }
    assert_int_equal(used(bed, RNS_POOL_ASK), 32);
    assert_int_equal(rns_next_due(bed->node), bed->now); // the tables' first look
    run(bed, 100 * SECOND);
    assert_int_equal(sent_on(bed, on), 32);
    assert_int_equal(sent_on(bed, blocked), 0);
    for (unsigned i = 0; i < 32; i++) {
        assert_int_equal(sent_nth(bed, on, i)->at, START + (i + 1) * 500 * MS);
        assert_int_equal(sent_nth(bed, on, i)->packet.b[19], i + 1); // first come, first served
    }
    assert_int_equal(used(bed, RNS_POOL_ASK), 0);
    bed_close(bed);
}

static void without_randomness_the_node_does_not_ask(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = address(0x11);
    uint8_t noise[16];
    bed->no_entropy = true;
    for (unsigned i = 0; i < 70000 && rns_random(bed->node, noise, sizeof noise); i++) {
    }
    bed->node->now = bed->now;
    rnsi_ask_queue(bed->node, dest.b, rnsi_no_iface());
    run(bed, SECOND);
    assert_int_equal(bed->sent_count, 0);
    assert_int_equal(used(bed, RNS_POOL_ASK), 0);
    bed_close(bed);
}

static void what_waits_to_be_asked_survives_a_flood(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_ASK] = 4};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), asks = add_mode(bed, RNS_MODE_FULL);
    bed->node->now = bed->now;
    for (unsigned i = 1; i <= 3; i++) {
        const rns_hash_t dest = address(i);
        rnsi_ask_queue(bed->node, dest.b, rnsi_no_iface());
    }
    for (unsigned i = 0; i < 50; i++) {
        const rns_hash_t dest = address(0x80 + i);
        ask_for(bed, asks, &dest, 1);
        ask_for(bed, asks, &dest, 2);
    }
    assert_int_equal(used(bed, RNS_POOL_ASK), 4);
    assert_int_equal(used(bed, RNS_POOL_ASKER), 1);
    run(bed, 100 * SECOND);
    assert_int_equal(sent_on(bed, on), 3);
    assert_int_equal(used(bed, RNS_POOL_ASK), 0);
    assert_int_equal(used(bed, RNS_POOL_ASKER), 0);
    bed_close(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_path_is_told_after_0_4_seconds),
        cmocka_unit_test(any_mode_of_the_asking_interface_gets_its_answer),
        cmocka_unit_test(a_roaming_interface_is_not_told_of_paths_over_itself),
        cmocka_unit_test(whoever_is_the_next_hop_is_not_told_the_way),
        cmocka_unit_test(without_the_announce_there_is_no_answer),
        cmocka_unit_test(what_was_queued_gets_a_second_verdict),
        cmocka_unit_test(an_endpoint_tells_only_of_itself),
        cmocka_unit_test(our_own_destination_answers_even_on_an_access_point),
        cmocka_unit_test(the_request_destination_is_that_of_the_reference),
        cmocka_unit_test(a_request_needs_a_tag),
        cmocka_unit_test(a_tag_counts_once_for_each_destination),
        cmocka_unit_test(a_long_tag_is_cut_and_noted),
        cmocka_unit_test(later_requests_join_the_one_in_flight_for_45_seconds),
        cmocka_unit_test(whoever_joined_is_told_as_soon_as_the_announce_comes),
        cmocka_unit_test(after_15_seconds_it_is_too_late_for_an_answer),
        cmocka_unit_test(slow_interfaces_are_given_longer),
        cmocka_unit_test(an_asker_whose_interface_went_is_skipped),
        cmocka_unit_test(time_may_begin_at_zero),
        cmocka_unit_test(a_request_that_finds_no_room_is_not_in_flight),
        cmocka_unit_test(the_mode_says_who_is_searched_for_and_where),
        cmocka_unit_test(a_search_is_not_repeated_while_it_is_in_flight),
        cmocka_unit_test(whoever_asks_during_a_search_gets_an_answer_of_its_own),
        cmocka_unit_test(who_waits_without_a_search_is_told_by_a_later_one),
        cmocka_unit_test(a_search_answers_64_interfaces_at_most),
        cmocka_unit_test(a_search_takes_air_time_and_waits_for_none),
        cmocka_unit_test(an_egress_limit_spares_an_interface),
        cmocka_unit_test(in_a_burst_nobody_is_searched_for),
        cmocka_unit_test(in_a_burst_nobody_joins_what_is_in_flight),
        cmocka_unit_test(requests_of_a_burst_have_an_inbox_of_their_own),
        cmocka_unit_test(our_own_request_goes_out_on_all_interfaces_with_one_tag),
        cmocka_unit_test(an_endpoint_asks_without_a_transport_id),
        cmocka_unit_test(a_request_says_what_went_wrong),
        cmocka_unit_test(what_we_asked_for_is_expected_for_45_seconds),
        cmocka_unit_test(requests_of_the_node_itself_go_out_each_half_second_and_32_at_most),
        cmocka_unit_test(without_randomness_the_node_does_not_ask),
        cmocka_unit_test(what_waits_to_be_asked_survives_a_flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
