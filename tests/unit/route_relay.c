// Links of others: opened by a request, validated by a proof, used both ways, and given up.
#include "node_help.h"

#include "route/ask.h"
#include "route/iface.h"
#include "route/path.h"
#include "route/relay.h"

#define AES256 (1U << 21) // signalling: the mode above the 21 bits of the MTU

// A start, a node, an end: `from` leads to the start of the link, `on` to its end, which is one hop
// away unless the announce says otherwise.
typedef struct {
    bed_t *bed;
    unsigned from, on;
    rns_hash_t dest, link;
} way_t;

static way_t way_of(announcement_t a, rns_iface_config_t from, rns_iface_config_t on,
                    setup_t setup) {
    way_t w = {.bed = bed_open(setup)};
    w.from = add_iface(w.bed, from);
    w.on = add_iface(w.bed, on);
    a.who = 1;
    a.emitted = 1;
    w.dest = settle(w.bed, w.on, a);
    return w;
}

static way_t way(announcement_t a) {
    const rns_iface_config_t plain = {0};
    return way_of(a, plain, plain, (setup_t){.real = true});
}

static rns_verdict_t request_of(way_t *w, unsigned hops, unsigned key) {
    const rns_hash_t via = self(w->bed);
    packet_t request = link_request(&via, &w->dest, key, 0);
    request.b[1] = (uint8_t)hops;
    w->link = link_of(w->bed, &request);
    return rx(w->bed, w->from, &request);
}

static rns_verdict_t prove(way_t *w, unsigned hops) {
    const packet_t proof = link_proof(w->bed, 1, &w->link, hops, 0);
    return rx(w->bed, w->on, &proof);
}

static rns_verdict_t over(way_t *w, unsigned on, unsigned hops, unsigned byte) {
    packet_t p = header(0x0C, hops, NULL, &w->link, 0);
    put_many(&p, byte, 20);
    return rx(w->bed, on, &p);
}

static struct rnsi_relay *relay_of(const way_t *w) {
    return rnsi_relay_find(w->bed->node, w->link.b);
}

// ---- Opening

static void a_link_request_opens_an_entry_and_goes_on(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    assert_int_equal(request_of(&w, 3, 7), RNS_RX_FORWARDED);
    packet_t expected = link_request(NULL, &w.dest, 7, 0); // the end is a neighbour: HEADER_1
    expected.b[1] = 4;
    assert_packet(sent_nth(w.bed, w.on, 0), &expected);
    assert_non_null(relay_of(&w));
    assert_int_equal(relay_of(&w)->taken, 4);
    assert_int_equal(relay_of(&w)->remaining, 1);
    assert_int_equal(used(w.bed, RNS_POOL_REVERSE), 0);
    assert_int_equal(request_of(&w, 3, 7), RNS_RX_DUPLICATE);
    bed_close(w.bed);
}

static void to_a_farther_end_it_keeps_header_2(void **state) {
    (void)state;
    way_t w = way((announcement_t){.hops = 3, .via = 0x22});
    const rns_hash_t next = address(0x22);
    assert_int_equal(request_of(&w, 0, 7), RNS_RX_FORWARDED);
    packet_t expected = link_request(&next, &w.dest, 7, 0);
    expected.b[1] = 1;
    assert_packet(sent_nth(w.bed, w.on, 0), &expected);
    assert_int_equal(relay_of(&w)->remaining, 4);
    bed_close(w.bed);
}

// The address is that which the reference makes of a request with these bytes.
static void the_address_of_a_link_leaves_signalling_out(void **state) {
    (void)state;
    static const rns_hash_t LINK = {{0x04, 0x5b, 0xb7, 0x5e, 0x1c, 0x4d, 0x81, 0xb3, 0x53, 0x30,
                                     0xa1, 0xdf, 0xd5, 0xfd, 0xea, 0x97}};
    static const uint8_t DEST[16] = {0xd5, 0x8d, 0x06, 0x84, 0x14, 0x9a, 0x0c, 0xeb,
                                     0xd2, 0xd2, 0x52, 0x31, 0x43, 0xc6, 0xf6, 0x6e};
    for (unsigned signals = 0; signals < 2; signals++) {
        way_t w = way((announcement_t){0});
        const rns_hash_t via = self(w.bed);
        const packet_t request = link_request(&via, &w.dest, 7, signals ? AES256 | 500 : 0);
        assert_memory_equal(w.dest.b, DEST, 16);
        assert_int_equal(rx(w.bed, w.from, &request), RNS_RX_FORWARDED);
        w.link = LINK;
        assert_non_null(relay_of(&w));
        bed_close(w.bed);
    }
}

// Its packet's hash is another one then, so the filter does not know it.
static void a_request_heard_again_with_other_signalling_does_not_close_the_link(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    const rns_hash_t via = self(w.bed);
    const packet_t first = link_request(&via, &w.dest, 7, AES256 | 500);
    const packet_t second = link_request(&via, &w.dest, 7, AES256 | 501);
    const packet_t third = link_request(&via, &w.dest, 7, AES256 | 502);
    w.link = link_of(w.bed, &first);
    assert_int_equal(rx(w.bed, w.from, &first), RNS_RX_FORWARDED);
    assert_int_equal(rx(w.bed, w.from, &second), RNS_RX_FORWARDED); // not proved yet
    assert_int_equal(used(w.bed, RNS_POOL_RELAY), 1);
    assert_int_equal(prove(&w, 0), RNS_RX_FORWARDED);
    assert_int_equal(rx(w.bed, w.on, &third), RNS_RX_DUPLICATE);
    assert_int_equal(over(&w, w.from, 0, 1), RNS_RX_FORWARDED);
    bed_close(w.bed);
}

// ---- MTU

typedef struct {
    uint32_t in_mtu, out_mtu;
    rns_mtu_kind_t out_kind;
    uint32_t signalled, expected; // 0 expected: the signalling is taken off
    rns_verdict_t verdict;
} clamp_t;

static const clamp_t CLAMPS[] = {
    // The outgoing interface knows no larger packets: nothing is signalled.
    {1064, 0, RNS_MTU_AUTO, AES256 | 500, 0, RNS_RX_FORWARDED},
    {1064, 0, RNS_MTU_FIXED, AES256 | 8192, 0, RNS_RX_FORWARDED},
    {1064, 0, RNS_MTU_NONE, AES256 | 500, 0, RNS_RX_FORWARDED},
    {1064, 1024, RNS_MTU_NONE, AES256 | 500, 0, RNS_RX_FORWARDED},
    {1064, 1024, RNS_MTU_NONE, AES256 | 8192, 0, RNS_RX_FORWARDED},
    // It does: what it carries is the limit, and what the incoming one carries.
    {2048, 1024, RNS_MTU_AUTO, AES256 | 1000, AES256 | 1000, RNS_RX_FORWARDED},
    {2048, 1024, RNS_MTU_AUTO, AES256 | 1024, AES256 | 1024, RNS_RX_FORWARDED},
    {2048, 1024, RNS_MTU_AUTO, AES256 | 1025, AES256 | 1024, RNS_RX_FORWARDED},
    {2048, 1024, RNS_MTU_FIXED, AES256 | 524288, AES256 | 1024, RNS_RX_FORWARDED},
    {1024, 2048, RNS_MTU_AUTO, AES256 | 1025, AES256 | 1024, RNS_RX_FORWARDED},
    {1024, 2048, RNS_MTU_FIXED, AES256 | 8192, AES256 | 1024, RNS_RX_FORWARDED},
    {0, 2048, RNS_MTU_AUTO, AES256 | 8192, AES256 | 2048, RNS_RX_FORWARDED},
    {0, 2048, RNS_MTU_AUTO, AES256 | 2000, AES256 | 2000, RNS_RX_FORWARDED},
    {508, 2048, RNS_MTU_AUTO, AES256 | 0x1FFFFF, AES256 | 508, RNS_RX_FORWARDED},
    // No MTU in it: left as it is.
    {1064, 0, RNS_MTU_NONE, AES256, AES256, RNS_RX_FORWARDED},
    {1064, 1024, RNS_MTU_AUTO, AES256, AES256, RNS_RX_FORWARDED},
    // A mode that there is not: it may be taken off or left alone, but not written.
    {1064, 0, RNS_MTU_NONE, 500, 0, RNS_RX_FORWARDED},
    {1064, 1024, RNS_MTU_AUTO, 500, 500, RNS_RX_FORWARDED},
    {1064, 1024, RNS_MTU_AUTO, 8192, 0, RNS_RX_BAD_MODE},
    {1064, 1024, RNS_MTU_AUTO, 7U << 21 | 8192, 0, RNS_RX_BAD_MODE},
};

static void check_clamp(const clamp_t *c) {
    const rns_iface_config_t in = {.hw_mtu = c->in_mtu, .mtu_kind = RNS_MTU_NONE};
    const rns_iface_config_t out = {.hw_mtu = c->out_mtu, .mtu_kind = c->out_kind};
    way_t w = way_of((announcement_t){.hops = 1, .via = 0x22}, in, out, (setup_t){0});
    const rns_hash_t via = self(w.bed), next = address(0x22);
    const packet_t request = link_request(&via, &w.dest, 7, c->signalled);
    packet_t expected = link_request(&next, &w.dest, 7, c->expected);
    expected.b[1] = 1;
    assert_int_equal(rx(w.bed, w.from, &request), c->verdict);
    assert_int_equal(sent_on(w.bed, w.on), c->verdict == RNS_RX_FORWARDED);
    assert_int_equal(used(w.bed, RNS_POOL_RELAY), c->verdict == RNS_RX_FORWARDED);
    if (c->verdict == RNS_RX_FORWARDED) {
        assert_packet(sent_nth(w.bed, w.on, 0), &expected);
    }
    bed_close(w.bed);
}

static void a_request_signals_no_more_than_both_interfaces_carry(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof CLAMPS / sizeof *CLAMPS; i++) {
        check_clamp(&CLAMPS[i]);
    }
}

static void other_sizes_are_no_signalling(void **state) {
    (void)state;
    for (unsigned more = 1; more <= 5; more++) {
        way_t w = way((announcement_t){.hops = 1, .via = 0x22});
        const rns_hash_t via = self(w.bed);
        packet_t request = link_request(&via, &w.dest, 7, 0);
        put_many(&request, 0xFF, more);
        assert_int_equal(rx(w.bed, w.from, &request), RNS_RX_FORWARDED);
        assert_int_equal(sent_nth(w.bed, w.on, 0)->packet.size,
                         more == 3 ? request.size - 3 : request.size);
        bed_close(w.bed);
    }
}

// ---- The proof

static void a_proof_passes_once_it_is_verified(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    request_of(&w, 0, 7);
    assert_int_equal(prove(&w, 0), RNS_RX_FORWARDED);
    packet_t expected = link_proof(w.bed, 1, &w.link, 1, 0);
    assert_packet(sent_nth(w.bed, w.from, 0), &expected);
    assert_int_equal(relay_of(&w)->validated, 1);
    rns_node_info_t info;
    rns_node_info(w.bed->node, &info);
    assert_int_equal(info.relays, 1);
    assert_int_equal(info.relays_validated, 1);
    bed_close(w.bed);
}

static void a_proof_with_signalling_covers_it(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    request_of(&w, 0, 7);
    packet_t proof = link_proof(w.bed, 1, &w.link, 0, AES256 | 500);
    proof.b[proof.size - 1] ^= 1;
    assert_int_equal(rx(w.bed, w.on, &proof), RNS_RX_BAD_PROOF);
    proof.b[proof.size - 1] ^= 1;
    proof.size -= 3; // it was not signed without it
    assert_int_equal(rx(w.bed, w.on, &proof), RNS_RX_BAD_PROOF);
    proof = link_proof(w.bed, 1, &w.link, 0, 500); // mode 0
    assert_int_equal(rx(w.bed, w.on, &proof), RNS_RX_BAD_MODE);
    proof = link_proof(w.bed, 1, &w.link, 0, AES256 | 500);
    assert_int_equal(rx(w.bed, w.on, &proof), RNS_RX_FORWARDED);
    bed_close(w.bed);
}

static void proofs_of_another_kind_size_or_signer_are_dropped(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    request_of(&w, 0, 7);
    packet_t p = link_proof(w.bed, 1, &w.link, 0, 0);
    p.b[19] ^= 1;
    assert_int_equal(rx(w.bed, w.on, &p), RNS_RX_BAD_PROOF);
    p = link_proof(w.bed, 2, &w.link, 0, 0);
    assert_int_equal(rx(w.bed, w.on, &p), RNS_RX_BAD_PROOF);
    p.size--;
    assert_int_equal(rx(w.bed, w.on, &p), RNS_RX_MALFORMED);
    put_many(&p, 0, 2);
    assert_int_equal(rx(w.bed, w.on, &p), RNS_RX_MALFORMED);
    p.size = 20;
    assert_int_equal(rx(w.bed, w.on, &p), RNS_RX_MALFORMED);
    const rns_hash_t nobody = address(0x11);
    p = link_proof(w.bed, 1, &nobody, 0, 0);
    assert_int_equal(rx(w.bed, w.on, &p), RNS_RX_NO_PROOF);
    assert_int_equal(relay_of(&w)->validated, 0);
    assert_int_equal(sent_on(w.bed, w.from), 0);
    // None of them was remembered: the true one passes.
    assert_int_equal(prove(&w, 0), RNS_RX_FORWARDED);
    bed_close(w.bed);
}

static void a_proof_comes_over_the_interface_of_the_path(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    const unsigned other = add_mode(w.bed, RNS_MODE_FULL);
    request_of(&w, 0, 7);
    const packet_t p = link_proof(w.bed, 1, &w.link, 0, 0);
    assert_int_equal(rx(w.bed, other, &p), RNS_RX_WRONG_IFACE);
    assert_int_equal(rx(w.bed, w.from, &p), RNS_RX_WRONG_IFACE);
    assert_int_equal(rx(w.bed, w.on, &p), RNS_RX_FORWARDED); // it was not remembered
    bed_close(w.bed);
}

static void a_proof_from_farther_away_corrects_the_hops_once(void **state) {
    (void)state;
    way_t w = way((announcement_t){.hops = 3, .via = 0x22});
    request_of(&w, 0, 7);
    packet_t forged = link_proof(w.bed, 2, &w.link, 5, 0);
    assert_int_equal(rx(w.bed, w.on, &forged), RNS_RX_BAD_PROOF);
    assert_int_equal(relay_of(&w)->remaining, 4);
    assert_int_equal(rns_hops_to(w.bed->node, w.bed->now, &w.dest), 4);
    assert_int_equal(prove(&w, 5), RNS_RX_FORWARDED);
    assert_int_equal(relay_of(&w)->remaining, 6);
    assert_int_equal(rns_hops_to(w.bed->node, w.bed->now, &w.dest), 6);
    assert_int_equal(prove(&w, 1), RNS_RX_WRONG_HOPS);
    assert_int_equal(relay_of(&w)->remaining, 6);
    assert_int_equal(over(&w, w.on, 5, 1), RNS_RX_FORWARDED);
    assert_int_equal(over(&w, w.on, 3, 2), RNS_RX_WRONG_HOPS);
    bed_close(w.bed);
}

// ---- Packets over it

static void nothing_passes_before_the_proof(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    request_of(&w, 0, 7);
    assert_int_equal(over(&w, w.from, 0, 1), RNS_RX_UNPROVED_LINK);
    assert_int_equal(over(&w, w.on, 0, 1), RNS_RX_UNPROVED_LINK);
    assert_int_equal(sent_on(w.bed, w.from), 0);
    prove(&w, 0);
    assert_int_equal(over(&w, w.from, 0, 1), RNS_RX_FORWARDED); // it was not remembered
    bed_close(w.bed);
}

static void hops_must_be_those_of_the_side_that_it_comes_from(void **state) {
    (void)state;
    way_t w = way((announcement_t){.hops = 3, .via = 0x22}); // 4 hops to the end
    const unsigned other = add_mode(w.bed, RNS_MODE_FULL);
    request_of(&w, 1, 7); // 2 hops to the start
    assert_int_equal(prove(&w, 3), RNS_RX_FORWARDED);
    forget_sent(w.bed);
    assert_int_equal(over(&w, w.from, 3, 1), RNS_RX_WRONG_HOPS);
    assert_int_equal(over(&w, w.on, 1, 1), RNS_RX_WRONG_HOPS);
    assert_int_equal(over(&w, w.on, 0, 1), RNS_RX_WRONG_HOPS);
    assert_int_equal(over(&w, other, 1, 1), RNS_RX_WRONG_IFACE);
    assert_int_equal(over(&w, w.from, 1, 1), RNS_RX_FORWARDED); // none was remembered
    assert_int_equal(over(&w, w.from, 1, 1), RNS_RX_DUPLICATE);
    assert_int_equal(over(&w, w.on, 3, 2), RNS_RX_FORWARDED);
    packet_t expected = header(0x0C, 2, NULL, &w.link, 0);
    put_many(&expected, 1, 20);
    assert_packet(sent_nth(w.bed, w.on, 0), &expected);
    assert_int_equal(sent_nth(w.bed, w.from, 0)->packet.b[1], 4);
    bed_close(w.bed);
}

static void on_one_interface_either_count_will_do(void **state) {
    (void)state;
    way_t w = {.bed = bed_open((setup_t){.real = true})};
    w.from = w.on = add_mode(w.bed, RNS_MODE_FULL);
    w.dest = settle(w.bed, w.on, (announcement_t){.who = 1, .emitted = 1, .hops = 3, .via = 0x22});
    request_of(&w, 1, 7);
    assert_int_equal(prove(&w, 3), RNS_RX_FORWARDED);
    forget_sent(w.bed);
    assert_int_equal(over(&w, w.on, 1, 1), RNS_RX_FORWARDED);
    assert_int_equal(over(&w, w.on, 3, 2), RNS_RX_FORWARDED);
    assert_int_equal(over(&w, w.on, 2, 3), RNS_RX_WRONG_HOPS);
    assert_int_equal(sent_on(w.bed, w.on), 2);
    bed_close(w.bed);
}

static void keepalives_pass_again_and_again(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    request_of(&w, 0, 7);
    prove(&w, 0);
    packet_t p = header(0x0C, 0, NULL, &w.link, 0xFA);
    put8(&p, 0xFF);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(rx(w.bed, w.from, &p), RNS_RX_FORWARDED);
    }
    bed_close(w.bed);
}

static void proofs_of_link_packets_pass_like_data(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    request_of(&w, 0, 7);
    prove(&w, 0);
    packet_t p = header(0x0F, 0, NULL, &w.link, 0);
    put_many(&p, 9, 96);
    forget_sent(w.bed);
    assert_int_equal(rx(w.bed, w.on, &p), RNS_RX_FORWARDED);
    assert_int_equal(sent_on(w.bed, w.from), 1);
    bed_close(w.bed);
}

// ---- When the proof does not come

typedef struct {
    const char *what;
    unsigned dest_hops, taken; // as counted here
    rns_mode_t from_mode;
    bool asked, no_path;
    bool asks, blocked, unresponsive;
} failure_t;

static const failure_t FAILURES[] = {
    {"far from both", 2, 2, RNS_MODE_FULL, false, false, false, false, false},
    {"the end was a neighbour", 1, 2, RNS_MODE_FULL, false, false, true, true, true},
    {"the start is a neighbour", 2, 1, RNS_MODE_FULL, false, false, true, true, true},
    {"both are", 1, 1, RNS_MODE_FULL, false, false, true, true, true},
    {"from a boundary", 1, 1, RNS_MODE_BOUNDARY, false, false, true, true, false},
    {"from a gateway", 1, 1, RNS_MODE_GATEWAY, false, false, true, true, true},
    {"asked for just now", 1, 1, RNS_MODE_FULL, true, false, false, false, false},
    {"the path is gone", 2, 2, RNS_MODE_FULL, false, true, true, false, false},
    {"the path is gone, asked for just now", 2, 2, RNS_MODE_FULL, true, true, true, false, false},
};

static void check_failure(const failure_t *f) {
    const announcement_t a = {.hops = f->dest_hops - 1, .via = f->dest_hops > 1 ? 0x22 : 0};
    const rns_iface_config_t from = {.mode = f->from_mode}, on = {0};
    way_t w = way_of(a, from, on, (setup_t){0});
    request_of(&w, f->taken - 1, 7);
    if (f->no_path) {
        rns_path_drop(w.bed->node, w.bed->now, &w.dest);
    }
    run(w.bed, SECOND);
    if (f->asked) {
        rns_path_request(w.bed->node, w.bed->now, &w.dest, w.bed->iface[w.on]);
    }
    drain(w.bed);
    forget_sent(w.bed);
    run(w.bed, 18 * SECOND);
    assert_null(relay_of(&w));
    const struct rnsi_path *path = rnsi_path_peek(w.bed->node, w.bed->now, w.dest.b);
    const bool unresponsive = path != NULL && path->state == RNS_PATH_UNRESPONSIVE;
    if (sent_on(w.bed, w.on) != f->asks || sent_on(w.bed, w.from) != (f->asks && !f->blocked) ||
        unresponsive != f->unresponsive) {
        fail_msg("%s: asked %u, on the way back %u, unresponsive %d", f->what, sent_on(w.bed, w.on),
                 sent_on(w.bed, w.from), unresponsive);
    }
    bed_close(w.bed);
}

static void what_is_done_about_a_failed_link_depends_on_its_ends(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof FAILURES / sizeof *FAILURES; i++) {
        check_failure(&FAILURES[i]);
    }
}

static void a_request_20_seconds_ago_does_not_hold_the_next_one_up(void **state) {
    (void)state;
    const rns_iface_config_t plain = {0}, slow = {.bitrate = 200}; // 6 + 20 s
    way_t w = way_of((announcement_t){0}, plain, slow, (setup_t){0});
    request_of(&w, 0, 7);
    run(w.bed, 6 * SECOND);
    rns_path_request(w.bed->node, w.bed->now, &w.dest, w.bed->iface[w.on]);
    drain(w.bed);
    forget_sent(w.bed);
    run(w.bed, 20 * SECOND - 1);
    assert_non_null(relay_of(&w));
    run(w.bed, 1);
    assert_null(relay_of(&w));
    run(w.bed, SECOND);
    assert_int_equal(sent_on(w.bed, w.on), 1);
    bed_close(w.bed);
}

// 6 s for each hop that remains and the air time of 500 bytes on the outgoing interface.
static void a_proof_has_time_by_the_hops(void **state) {
    (void)state;
    for (unsigned hops = 1; hops <= 4; hops += 3) {
        const rns_iface_config_t in = {.bitrate = 10}, out = {.bitrate = 2000}; // 2 s
        way_t w = way_of((announcement_t){.hops = hops - 1, .via = hops > 1 ? 0x22 : 0}, in, out,
                         (setup_t){0});
        request_of(&w, 5, 7);
        run(w.bed, hops * 6 * SECOND + 2 * SECOND - 1);
        assert_non_null(relay_of(&w));
        run(w.bed, 1);
        assert_null(relay_of(&w));
        assert_int_equal(prove(&w, hops - 1), RNS_RX_NO_PROOF);
        bed_close(w.bed);
    }
}

static void an_unresponsive_path_gives_way_to_a_longer_one(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    const unsigned other = add_mode(w.bed, RNS_MODE_FULL);
    request_of(&w, 0, 7);
    run(w.bed, 20 * SECOND);
    assert_int_equal(sent_on(w.bed, other), 1); // asked for
    const packet_t a = announce(
        w.bed, (announcement_t){.who = 1, .emitted = 1, .hops = 4, .via = 0x33, .context = 0x0B});
    rx(w.bed, other, &a);
    rns_tick(w.bed->node, w.bed->now);
    assert_int_equal(rns_hops_to(w.bed->node, w.bed->now, &w.dest), 5);
    bed_close(w.bed);
}

// ---- Its life

static void a_silent_link_lasts_15_minutes(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    request_of(&w, 0, 7);
    prove(&w, 0);
    run(w.bed, 600 * SECOND);
    assert_int_equal(over(&w, w.from, 0, 1), RNS_RX_FORWARDED);
    run(w.bed, 900 * SECOND - 1);
    assert_non_null(relay_of(&w));
    run(w.bed, 1);
    assert_null(relay_of(&w));
    assert_int_equal(over(&w, w.from, 0, 2), RNS_RX_NO_DEST);
    assert_int_equal(rnsi_path_find(w.bed->node, w.dest.b)->slot.pins, 0);
    bed_close(w.bed);
}

static void dropped_packets_do_not_keep_it_alive(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    request_of(&w, 0, 7);
    prove(&w, 0);
    for (unsigned i = 0; i < 10; i++) {
        run(w.bed, 100 * SECOND);
        over(&w, w.from, 9, i);
    }
    assert_null(relay_of(&w));
    bed_close(w.bed);
}

static void links_share_the_pin_of_their_path(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    for (unsigned key = 1; key <= 3; key++) {
        request_of(&w, 0, key);
        assert_int_equal(rnsi_path_find(w.bed->node, w.dest.b)->slot.pins, key - 1);
        prove(&w, 0);
        prove(&w, 0);
        assert_int_equal(rnsi_path_find(w.bed->node, w.dest.b)->slot.pins, key);
        run(w.bed, 10 * SECOND);
    }
    run(w.bed, 875 * SECOND);
    assert_int_equal(rnsi_path_find(w.bed->node, w.dest.b)->slot.pins, 2);
    run(w.bed, 100 * SECOND);
    assert_int_equal(rnsi_path_find(w.bed->node, w.dest.b)->slot.pins, 0);
    bed_close(w.bed);
}

static void validated_links_are_not_pushed_out(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_RELAY] = 2};
    const rns_iface_config_t plain = {0};
    way_t w = way_of((announcement_t){0}, plain, plain, (setup_t){.count = count});
    request_of(&w, 0, 1);
    const rns_hash_t first = w.link;
    prove(&w, 0);
    for (unsigned key = 2; key < 20; key++) {
        assert_int_equal(request_of(&w, 0, key), RNS_RX_FORWARDED);
    }
    assert_non_null(rnsi_relay_find(w.bed->node, first.b));
    assert_non_null(relay_of(&w));
    prove(&w, 0);
    assert_int_equal(request_of(&w, 0, 20), RNS_RX_FULL);
    w.link = first;
    assert_int_equal(over(&w, w.from, 0, 1), RNS_RX_FORWARDED);
    bed_close(w.bed);
}

static void a_link_loses_its_way_with_an_interface(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    request_of(&w, 0, 7);
    prove(&w, 0);
    assert_int_equal(rns_iface_remove(w.bed->node, w.bed->now, w.bed->iface[w.on]), RNS_ERR_OK);
    assert_int_equal(over(&w, w.from, 0, 1), RNS_RX_OFFLINE);
    const unsigned next = add_mode(w.bed, RNS_MODE_FULL);
    assert_int_equal(over(&w, next, 0, 2), RNS_RX_WRONG_IFACE);
    assert_int_equal(over(&w, w.from, 0, 1), RNS_RX_OFFLINE);
    run(w.bed, 1000 * SECOND);
    assert_int_equal(used(w.bed, RNS_POOL_RELAY), 0);
    bed_close(w.bed);
}

// It is looked at when its first 15 minutes are over, though it was used since.
static void a_link_without_an_interface_goes_at_the_next_look(void **state) {
    (void)state;
    for (unsigned i = 0; i < 3; i++) { // neither, its end, its start
        way_t w = way((announcement_t){0});
        request_of(&w, 0, 7);
        prove(&w, 0);
        run(w.bed, 600 * SECOND);
        assert_int_equal(over(&w, w.from, 0, 1), RNS_RX_FORWARDED);
        if (i > 0) {
            rns_iface_remove(w.bed->node, w.bed->now, w.bed->iface[i == 1 ? w.on : w.from]);
        }
        run(w.bed, 300 * SECOND);
        assert_int_equal(used(w.bed, RNS_POOL_RELAY), i == 0);
        bed_close(w.bed);
    }
}

static void a_proof_whose_start_is_gone_is_dropped(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    request_of(&w, 0, 7);
    assert_int_equal(rns_iface_remove(w.bed->node, w.bed->now, w.bed->iface[w.from]), RNS_ERR_OK);
    assert_int_equal(prove(&w, 0), RNS_RX_OFFLINE);
    bed_close(w.bed);
}

static void a_request_for_an_unknown_end_is_dropped(void **state) {
    (void)state;
    way_t w = way((announcement_t){0});
    w.dest = address(0x11);
    assert_int_equal(request_of(&w, 0, 7), RNS_RX_NO_ROUTE);
    assert_int_equal(used(w.bed, RNS_POOL_RELAY), 0);
    bed_close(w.bed);
}

static void an_endpoint_relays_nothing(void **state) {
    (void)state;
    const rns_iface_config_t plain = {0};
    way_t w = way_of((announcement_t){0}, plain, plain, (setup_t){.endpoint = true});
    assert_int_equal(request_of(&w, 0, 7), RNS_RX_NO_DEST);
    assert_int_equal(prove(&w, 0), RNS_RX_NO_PROOF);
    assert_int_equal(w.bed->sent_count, 0);
    bed_close(w.bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_request_opens_an_entry_and_goes_on),
        cmocka_unit_test(to_a_farther_end_it_keeps_header_2),
        cmocka_unit_test(the_address_of_a_link_leaves_signalling_out),
        cmocka_unit_test(a_request_heard_again_with_other_signalling_does_not_close_the_link),
        cmocka_unit_test(a_request_signals_no_more_than_both_interfaces_carry),
        cmocka_unit_test(other_sizes_are_no_signalling),
        cmocka_unit_test(a_proof_passes_once_it_is_verified),
        cmocka_unit_test(a_proof_with_signalling_covers_it),
        cmocka_unit_test(proofs_of_another_kind_size_or_signer_are_dropped),
        cmocka_unit_test(a_proof_comes_over_the_interface_of_the_path),
        cmocka_unit_test(a_proof_from_farther_away_corrects_the_hops_once),
        cmocka_unit_test(nothing_passes_before_the_proof),
        cmocka_unit_test(hops_must_be_those_of_the_side_that_it_comes_from),
        cmocka_unit_test(on_one_interface_either_count_will_do),
        cmocka_unit_test(keepalives_pass_again_and_again),
        cmocka_unit_test(proofs_of_link_packets_pass_like_data),
        cmocka_unit_test(what_is_done_about_a_failed_link_depends_on_its_ends),
        cmocka_unit_test(a_request_20_seconds_ago_does_not_hold_the_next_one_up),
        cmocka_unit_test(a_proof_has_time_by_the_hops),
        cmocka_unit_test(an_unresponsive_path_gives_way_to_a_longer_one),
        cmocka_unit_test(a_silent_link_lasts_15_minutes),
        cmocka_unit_test(dropped_packets_do_not_keep_it_alive),
        cmocka_unit_test(links_share_the_pin_of_their_path),
        cmocka_unit_test(validated_links_are_not_pushed_out),
        cmocka_unit_test(a_link_loses_its_way_with_an_interface),
        cmocka_unit_test(a_link_without_an_interface_goes_at_the_next_look),
        cmocka_unit_test(a_proof_whose_start_is_gone_is_dropped),
        cmocka_unit_test(a_request_for_an_unknown_end_is_dropped),
        cmocka_unit_test(an_endpoint_relays_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
