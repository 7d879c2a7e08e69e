// Rules of core/rules.h that routes follow: as with the reference 1.3, and as with today's. What is
// expected was read from RNS 1.3.1 and 1.5.7.
#include "node_help.h"
#include "rules_help.h"

#include "rns/framing.h"
#include "route/airtime.h"
#include "route/announce.h"
#include "route/ask.h"
#include "route/iface.h"
#include "route/ingress.h"
#include "route/path.h"
#include "route/relay.h"
#include "rules.h"
#include "testing.h"

static const announcement_t THEM = {.who = 1, .emitted = 1, .hops = 2, .via = 0x22};

// ---- Packets

static void a_packet_may_have_no_data(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t nobody = address(0x11), via = self(bed);
    packet_t p = header(0x08, 0, NULL, &nobody, 0), q = header(0x00, 0, &via, &nobody, 0);
    assert_int_equal(rx(bed, a, &p), SINCE(RNS_RX_NO_DEST, RNS_RX_MALFORMED));
    assert_int_equal(rx(bed, a, &q), SINCE(RNS_RX_NO_ROUTE, RNS_RX_MALFORMED));
    p.size--; // no context
    q.size--;
    assert_int_equal(rx(bed, a, &p), RNS_RX_MALFORMED);
    assert_int_equal(rx(bed, a, &q), RNS_RX_MALFORMED);
    bed_close(bed);
}

static void a_hop_byte_may_be_large(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t nobody = address(0x11);
    packet_t p = data_to(NULL, &nobody, 128, 1);
    assert_int_equal(rx(bed, a, &p), SINCE(RNS_RX_NO_DEST, RNS_RX_HOPS));
    p = data_to(NULL, &nobody, 254, 2);
    assert_int_equal(rx(bed, a, &p), SINCE(RNS_RX_NO_DEST, RNS_RX_HOPS));
    p = data_to(NULL, &nobody, 255, 3); // would be 256 hops to us
    assert_int_equal(rx(bed, a, &p), RNS_RX_HOPS);
    bed_close(bed);
}

static void but_no_announce_of_more_than_128_hops_is_learned(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    const packet_t far = announce(bed, (announcement_t){.who = 1, .emitted = 1, .hops = 128});
    const packet_t last = announce(bed, (announcement_t){.who = 2, .emitted = 1, .hops = 127});
    assert_int_equal(rx(bed, a, &far), SINCE(RNS_RX_QUEUED, RNS_RX_HOPS));
    assert_int_equal(rx(bed, a, &last), RNS_RX_QUEUED);
    run(bed, SECOND);
    assert_int_equal(count_of(bed, a, RNS_RX_HOPS), 1);
    assert_int_equal(used(bed, RNS_POOL_PATH), 1);
    const rns_hash_t dest = peer(bed, 2).dest;
    assert_int_equal(rns_hops_to(bed->node, bed->now, &dest), 128);
    bed_close(bed);
}

static void plain_and_group_packets_have_one_hop_less(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t nobody = address(0x11);
    for (unsigned type = 0x04; type <= 0x08; type += 4) {
        packet_t p = header(type, 0, NULL, &nobody, 0);
        put_many(&p, 7, 20);
        assert_int_equal(rx(bed, a, &p), RNS_RX_NO_DEST);
        p.b[1] = 1;
        assert_int_equal(rx(bed, a, &p), SINCE(RNS_RX_TOO_FAR, RNS_RX_NO_DEST));
        p.b[1] = 2;
        assert_int_equal(rx(bed, a, &p), RNS_RX_TOO_FAR);
    }
    bed_close(bed);
}

static void a_frame_may_be_larger_than_the_mtu(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_iface(bed, (rns_iface_config_t){.hw_mtu = 508});
    const rns_hash_t nobody = address(0x11);
    packet_t p = header(0x08, 0, NULL, &nobody, 0);
    put_many(&p, 1, 525 - p.size);
    assert_int_equal(rx(bed, a, &p), SINCE(RNS_RX_NO_DEST, RNS_RX_LONG));
    bed_close(bed);
}

static void a_stream_may_carry_larger_frames(void **state) {
    (void)state;
    uint8_t bytes[202] = {0x7E};
    memset(bytes + 1, 0x11, 200);
    bytes[201] = 0x7E;
    rns_framing_stream_t reader = {.max_frame = 199};
    size_t consumed;
    rns_mem_t frame;
    assert_int_equal(rns_hdlc_next(&reader, (rns_mem_t){bytes, sizeof bytes}, &consumed, &frame),
                     SINCE(RNS_FRAMING_FRAME, RNS_FRAMING_LONG));
}

static void the_mtu_begins_above_its_bitrate(void **state) {
    (void)state;
    assert_int_equal(rns_iface_mtu_of(1000000000), 524288);
    assert_int_equal(rns_iface_mtu_of(999999999), 262144);
    assert_int_equal(rns_iface_mtu_of(750000000), SINCE(131072, 262144));
    assert_int_equal(rns_iface_mtu_of(750000001), 262144);
    assert_int_equal(rns_iface_mtu_of(100000000), SINCE(16384, 32768));
    assert_int_equal(rns_iface_mtu_of(10000000), SINCE(8192, 16384));
    assert_int_equal(rns_iface_mtu_of(10000001), 16384);
    assert_int_equal(rns_iface_mtu_of(62500), SINCE(0, 1024));
    assert_int_equal(rns_iface_mtu_of(62501), 1024);
    assert_int_equal(rns_iface_mtu_of(62499), 0);
}

// Who asks the filter alone counts no hop to us.
static void the_filter_alone_takes_hops_as_they_are(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const rns_hash_t nobody = address(0x11);
    uint8_t hash[32];
    packet_t p = header(0x08, 1, NULL, &nobody, 0);
    put_many(&p, 7, 20);
    assert_true(rnst_filter(bed->node, bed->now, (rns_mem_t){p.b, p.size}, false, hash));
    p.b[1] = 2;
    assert_false(rnst_filter(bed->node, bed->now, (rns_mem_t){p.b, p.size}, false, hash));
    bed_close(bed);
}

// ---- Announces

// At 5 bit/s, of which announces have 2 %, one of 183 bytes needs 4 hours: it is sent, and waits
// once more when it is due again.
static void announces_wait_for_air_time_for_a_day(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const unsigned slow = add_iface(bed, (rns_iface_config_t){.bitrate = 5});
    learn(bed, on, (announcement_t){.who = 1, .emitted = 1});
    run(bed, 7 * SECOND);
    assert_int_equal(sent_on(bed, slow), 1);
    assert_int_equal(iface_of(bed, slow)->queue_count, 1);
    run(bed, 5 * 3600 * SECOND);
    assert_int_equal(sent_on(bed, slow), SINCE(2, 1));
    assert_int_equal(iface_of(bed, slow)->queue_count, 0);
    assert_int_equal(RNSI_MAX_QUEUED_ANNOUNCES, SINCE(16384, 4096));
    bed_close(bed);
}

static void an_announce_goes_on_though_its_path_is_gone(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), full = add_mode(bed, RNS_MODE_FULL);
    const unsigned roams = add_mode(bed, RNS_MODE_ROAMING),
                   ap = add_mode(bed, RNS_MODE_ACCESS_POINT);
    const packet_t p = announce(bed, THEM);
    const rns_hash_t dest = peer(bed, 1).dest;
    assert_int_equal(rx(bed, on, &p), RNS_RX_QUEUED);
    rns_tick(bed->node, bed->now);
    drain(bed);
    const unsigned before = sent_on(bed, full); // it may have been due at once
    assert_int_equal(rns_path_drop(bed->node, bed->now, &dest), RNS_ERR_OK);
    run(bed, 7 * SECOND);
    assert_int_equal(sent_on(bed, full), SINCE(2, before));
    assert_int_equal(sent_on(bed, roams) + sent_on(bed, ap), 2 * before);
    bed_close(bed);
}

// ---- Bursts

static const rns_iface_config_t LIMITED = {.ingress_control = RNS_YES, .egress_control = RNS_YES};

static void count(bed_t *bed, unsigned on, rnsi_flow_kind_t kind, unsigned events) {
    while (events-- > 0) {
        rnsi_flow_count(bed->node, iface_of(bed, on), kind);
    }
}

static void to(bed_t *bed, rns_us_t now) {
    bed->now = bed->node->now = START + now;
}

static bool limits(const bed_t *bed, unsigned on) {
    return rnsi_ingress_limits(bed->node, iface_of(bed, on));
}

static bool limits_asks(const bed_t *bed, unsigned on) {
    return rnsi_ingress_limits_asks(bed->node, iface_of(bed, on));
}

// It is found at 0 s and again at 10 s; at 16 s it is quiet. Each check forgets an old sample.
static void a_burst_lasts_from_its_beginning(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_iface(bed, LIMITED);
    count(bed, a, RNSI_FLOW_ANNOUNCE_IN, 9);
    to(bed, SECOND);
    assert_true(limits(bed, a));
    to(bed, 10 * SECOND);
    count(bed, a, RNSI_FLOW_ANNOUNCE_IN, 35);
    assert_true(limits(bed, a));
    assert_int_equal(iface_of(bed, a)->announce_burst.active, 1);
    to(bed, 17 * SECOND);
    assert_true(limits(bed, a)); // the check that ends it
    assert_int_equal(iface_of(bed, a)->announce_burst.active, SINCE(0, 1));
    bed_close(bed);
}

static void a_burst_ends_only_with_six_samples(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_iface(bed, LIMITED);
    to(bed, 0);
    count(bed, a, RNSI_FLOW_ANNOUNCE_IN, 5);
    to(bed, SECOND);
    assert_true(limits(bed, a));
    to(bed, 17 * SECOND);
    assert_true(limits(bed, a));
    assert_int_equal(iface_of(bed, a)->announce_burst.active, SINCE(1, 0));
    bed_close(bed);
}

static void a_burst_of_requests_ends_at_the_first_quiet_check(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_iface(bed, LIMITED);
    to(bed, 0);
    count(bed, a, RNSI_FLOW_ASK_IN, 5);
    to(bed, SECOND);
    assert_true(limits_asks(bed, a));
    to(bed, 17 * SECOND);
    assert_true(limits_asks(bed, a));
    assert_int_equal(iface_of(bed, a)->ask_burst.active, SINCE(0, 1));
    assert_int_equal(limits_asks(bed, a), SINCE(0, 1));
    bed_close(bed);
}

// Five requests in half a second are 10 Hz, which is above 5; two are 4 Hz, with one more 6. Six in
// 1.3 s are 4.6 Hz, with one more 5.4.
static void outgoing_requests_are_limited_later(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_iface(bed, LIMITED), b = add_iface(bed, LIMITED);
    const unsigned c = add_iface(bed, LIMITED);
    to(bed, 0);
    count(bed, a, RNSI_FLOW_ASK_OUT, 5);
    count(bed, b, RNSI_FLOW_ASK_OUT, 2);
    count(bed, c, RNSI_FLOW_ASK_OUT, 6);
    to(bed, SECOND / 2);
    assert_int_equal(rnsi_egress_limits(bed->node, iface_of(bed, a)), SINCE(0, 1));
    assert_int_equal(rnsi_egress_limits(bed->node, iface_of(bed, b)), SINCE(0, 1));
    count(bed, a, RNSI_FLOW_ASK_OUT, 1);
    assert_true(rnsi_egress_limits(bed->node, iface_of(bed, a)));
    to(bed, 13 * SECOND / 10);
    assert_int_equal(rnsi_egress_limits(bed->node, iface_of(bed, c)), SINCE(0, 1));
    bed_close(bed);
}

// 127 hops as it arrived: the reference of 1.3 holds any.
static void an_announce_of_127_hops_is_held(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_iface(bed, LIMITED);
    const struct rnsi_inbox_announce near = {.hops = 126, .size = 200},
                                     far = {.hops = 127, .size = 200};
    const rns_hash_t one = address(1), two = address(2);
    assert_true(rnsi_held_put(bed->node, iface_of(bed, a), &near, one.b));
    assert_int_equal(rnsi_held_put(bed->node, iface_of(bed, a), &far, two.b), SINCE(1, 0));
    bed_close(bed);
}

// ---- Path requests

static rns_verdict_t ask_for(bed_t *bed, unsigned on, const rns_hash_t *dest, unsigned tag) {
    const packet_t q = ask(bed, dest, NULL, tag, 16);
    const rns_verdict_t verdict = rx(bed, on, &q);
    rns_tick(bed->node, bed->now);
    drain(bed);
    return verdict;
}

static void a_request_of_ours_is_remembered_for_two_minutes(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = peer(bed, 1).dest;
    assert_int_equal(rns_path_request(bed->node, bed->now, &dest, (rns_iface_t){0, 0}), RNS_ERR_OK);
    run(bed, 45 * SECOND);
    assert_true(rnsi_ask_expects(bed->node, dest.b));
    run(bed, 2 * SECOND);
    assert_int_equal(rnsi_ask_expects(bed->node, dest.b), SINCE(1, 0));
    run(bed, 72 * SECOND);
    assert_int_equal(rnsi_ask_expects(bed->node, dest.b), SINCE(1, 0));
    run(bed, 2 * SECOND);
    assert_false(rnsi_ask_expects(bed->node, dest.b));
    bed_close(bed);
}

static unsigned responses_on(const bed_t *bed, unsigned on) {
    unsigned responses = 0;
    for (unsigned i = 0; i < bed->sent_count; i++) {
        const frame_t *f = &bed->sent[i];
        responses += f->on == on && f->packet.b[0] == 0x51 && f->packet.b[34] == 0x0B;
    }
    return responses;
}

static void whoever_asks_second_gets_no_answer(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const unsigned first = add_mode(bed, RNS_MODE_GATEWAY),
                   second = add_mode(bed, RNS_MODE_GATEWAY);
    const rns_hash_t dest = peer(bed, 1).dest;
    assert_int_equal(ask_for(bed, first, &dest, 1), RNS_RX_QUEUED);
    assert_int_equal(ask_for(bed, second, &dest, 2), SINCE(RNS_RX_QUEUED, RNS_RX_BATCHED));
    learn(bed, on, THEM);
    drain(bed);
    assert_int_equal(responses_on(bed, first), 1);
    assert_int_equal(responses_on(bed, second), SINCE(0, 1));
    bed_close(bed);
}

static void a_search_answers_each_announce_in_its_time(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), asks = add_mode(bed, RNS_MODE_GATEWAY);
    const rns_hash_t dest = peer(bed, 1).dest;
    announcement_t a = THEM;
    assert_int_equal(ask_for(bed, asks, &dest, 1), RNS_RX_QUEUED);
    for (unsigned i = 0; i < 3; i++) {
        a.emitted++;
        learn(bed, on, a);
        run(bed, 7 * SECOND); // the third comes after 14 s, a fourth would come too late
    }
    a.emitted++;
    learn(bed, on, a);
    run(bed, SECOND);
    assert_int_equal(responses_on(bed, asks), SINCE(3, 1));
    bed_close(bed);
}

// Over 500 bit/s a request and its answer take 22 s.
static void a_search_takes_15_seconds_however_slow_the_line(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_iface(bed, (rns_iface_config_t){.bitrate = 500});
    const unsigned asks = add_mode(bed, RNS_MODE_GATEWAY);
    const rns_hash_t dest = peer(bed, 1).dest;
    assert_int_equal(ask_for(bed, asks, &dest, 1), RNS_RX_QUEUED);
    run(bed, 17 * SECOND);
    learn(bed, on, THEM);
    drain(bed);
    assert_int_equal(responses_on(bed, asks), SINCE(0, 1));
    bed_close(bed);
}

static void boundary_interfaces_do_not_search(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned asks = add_mode(bed, RNS_MODE_BOUNDARY), other = add_mode(bed, RNS_MODE_GATEWAY);
    const rns_hash_t dest = peer(bed, 1).dest;
    assert_int_equal(ask_for(bed, asks, &dest, 1), RNS_RX_QUEUED);
    run(bed, SECOND);
    assert_int_equal(sent_on(bed, other), SINCE(0, 1));
    bed_close(bed);
}

static void repeated_requests_count(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_GATEWAY);
    const rns_hash_t dest = peer(bed, 1).dest;
    assert_int_equal(ask_for(bed, a, &dest, 1), RNS_RX_QUEUED);
    assert_int_equal(ask_for(bed, a, &dest, 1), RNS_RX_DUPLICATE);
    assert_int_equal(iface_of(bed, a)->asks_in.count, SINCE(2, 1));
    bed_close(bed);
}

static void requests_of_an_interface_in_a_burst_wait_with_the_others(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    rns_iface_config_t gateway = LIMITED;
    gateway.mode = RNS_MODE_GATEWAY;
    const unsigned a = add_iface(bed, gateway), other = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = peer(bed, 1).dest;
    count(bed, a, RNSI_FLOW_ASK_IN, 9);
    const packet_t q = ask(bed, &dest, NULL, 1, 16);
    assert_int_equal(rx(bed, a, &q), RNS_RX_QUEUED);
    assert_int_equal(used(bed, RNS_POOL_INBOX_ASK), SINCE(1, 0));
    assert_int_equal(used(bed, RNS_POOL_INBOX_LIMITED), SINCE(0, 1));
    run(bed, SECOND);
    assert_int_equal(sent_on(bed, other), 0); // nothing is searched for it
    assert_int_equal(iface_of(bed, a)->ask_burst.active, 1);
    bed_close(bed);
}

// ---- Links of others

typedef struct {
    bed_t *bed;
    unsigned from, on;
    rns_hash_t link;
} way_t;

// A link request through this node to a neighbour, not proved yet.
static way_t way(void) {
    way_t w = {.bed = bed_open((setup_t){.real = true})};
    w.from = add_iface(w.bed, (rns_iface_config_t){.bitrate = 1000});
    w.on = add_mode(w.bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(w.bed, w.on, (announcement_t){.who = 1, .emitted = 1});
    const rns_hash_t via = self(w.bed);
    const packet_t request = link_request(&via, &dest, 7, 0);
    w.link = link_of(w.bed, &request);
    assert_int_equal(rx(w.bed, w.from, &request), RNS_RX_FORWARDED);
    return w;
}

static void packets_of_a_link_pass_before_its_proof(void **state) {
    (void)state;
    const way_t w = way();
    packet_t p = header(0x0C, 0, NULL, &w.link, 0);
    put_many(&p, 9, 20);
    assert_int_equal(rx(w.bed, w.from, &p), SINCE(RNS_RX_FORWARDED, RNS_RX_UNPROVED_LINK));
    bed_close(w.bed);
}

// 6 s for the hop, and 4 s for 500 bytes over 1,000 bit/s or 0.4 ms over 10,000,000.
static void the_way_in_says_how_long_a_proof_may_take(void **state) {
    (void)state;
    const way_t w = way();
    const struct rnsi_relay *relay = rnsi_relay_find(w.bed->node, w.link.b);
    assert_non_null(relay);
    assert_int_equal(rnsi_timer_due(RNSI_POOL(w.bed->node, RELAY), relay) - w.bed->now,
                     SINCE(10000000, 6000400));
    bed_close(w.bed);
}

static void a_proof_over_other_hops_is_no_proof(void **state) {
    (void)state;
    const way_t w = way();
    const packet_t proof = link_proof(w.bed, 1, &w.link, 3, 0);
    assert_int_equal(rx(w.bed, w.on, &proof), SINCE(RNS_RX_WRONG_HOPS, RNS_RX_FORWARDED));
    const rns_hash_t dest = peer(w.bed, 1).dest;
    assert_int_equal(rns_hops_to(w.bed->node, w.bed->now, &dest), SINCE(1, 4));
    bed_close(w.bed);
}

// ---- The node

static size_t stored_identity(void *user, rns_record_t kind, rns_bytes_t key, rns_mem_t out) {
    (void)user, (void)key;
    const rns_secret_t secret = secret_of(9);
    if (kind != RNS_RECORD_IDENTITY) {
        return 0;
    }
    memcpy(out.data, &secret, sizeof secret);
    return sizeof secret;
}

static bool stores_nothing(void *user, rns_record_t kind, rns_bytes_t key, rns_bytes_t value) {
    (void)user, (void)kind, (void)key, (void)value;
    return true;
}

static void a_node_without_transport_has_its_stored_identity(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const rnsi_identity_t stored = peer(bed, 9).identity;
    rns_config_t config = bed->config;
    config.identity = NULL;
    config.transport = false;
    config.store = (rns_store_t){.get = stored_identity, .put = stores_nothing};
    bed_memory(&config);
    rns_node_t *node;
    assert_int_equal(rns_open(&config, bed->now, &node), RNS_ERR_OK);
    const rns_hash_t own = rns_node_identity(node, NULL);
    assert_int_equal(memcmp(own.b, stored.hash.b, sizeof own.b) == 0, SINCE(1, 0));
    rns_close(node);
    for (int i = 0; i < RNS_REGION_COUNT; i++) {
        free(config.mem[i].data);
    }
    bed_close(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_may_have_no_data),
        cmocka_unit_test(a_hop_byte_may_be_large),
        cmocka_unit_test(but_no_announce_of_more_than_128_hops_is_learned),
        cmocka_unit_test(plain_and_group_packets_have_one_hop_less),
        cmocka_unit_test(a_frame_may_be_larger_than_the_mtu),
        cmocka_unit_test(a_stream_may_carry_larger_frames),
        cmocka_unit_test(the_filter_alone_takes_hops_as_they_are),
        cmocka_unit_test(the_mtu_begins_above_its_bitrate),
        cmocka_unit_test(announces_wait_for_air_time_for_a_day),
        cmocka_unit_test(an_announce_goes_on_though_its_path_is_gone),
        cmocka_unit_test(a_burst_lasts_from_its_beginning),
        cmocka_unit_test(a_burst_ends_only_with_six_samples),
        cmocka_unit_test(a_burst_of_requests_ends_at_the_first_quiet_check),
        cmocka_unit_test(outgoing_requests_are_limited_later),
        cmocka_unit_test(an_announce_of_127_hops_is_held),
        cmocka_unit_test(a_request_of_ours_is_remembered_for_two_minutes),
        cmocka_unit_test(whoever_asks_second_gets_no_answer),
        cmocka_unit_test(a_search_answers_each_announce_in_its_time),
        cmocka_unit_test(a_search_takes_15_seconds_however_slow_the_line),
        cmocka_unit_test(boundary_interfaces_do_not_search),
        cmocka_unit_test(repeated_requests_count),
        cmocka_unit_test(requests_of_an_interface_in_a_burst_wait_with_the_others),
        cmocka_unit_test(packets_of_a_link_pass_before_its_proof),
        cmocka_unit_test(the_way_in_says_how_long_a_proof_may_take),
        cmocka_unit_test(a_proof_over_other_hops_is_no_proof),
        cmocka_unit_test(a_node_without_transport_has_its_stored_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
