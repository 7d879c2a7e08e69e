// Packets of others on their way: forwarded along paths, and their proofs on the way back.
#include "node_help.h"

#include "route/reverse.h"

// `from` is where packets come from, `on` leads to the destination.
typedef struct {
    bed_t *bed;
    unsigned from, on;
    rns_hash_t dest, via;
} way_t;

static way_t way(unsigned hops) {
    way_t w = {.bed = bed_open((setup_t){0})};
    w.from = add_mode(w.bed, RNS_MODE_FULL);
    w.on = add_mode(w.bed, RNS_MODE_FULL);
    w.dest = settle(
        w.bed, w.on,
        (announcement_t){.who = 1, .emitted = 1, .hops = hops - 1, .via = hops > 1 ? 0x22 : 0});
    w.via = self(w.bed);
    return w;
}

static rns_hash_t hash_of(const bed_t *bed, const packet_t *p) {
    packet_t copy = *p;
    rnsi_packet_t parsed;
    uint8_t hash[32];
    rns_hash_t cut;
    assert_true(rnsi_packet_parse((rns_mem_t){copy.b, copy.size}, &parsed));
    rnsi_packet_hash(&bed->node->crypto, &parsed, hash);
    memcpy(cut.b, hash, sizeof cut.b);
    return cut;
}

// An implicit proof of a packet: 64 bytes to the packet's hash.
static packet_t proof_of(const bed_t *bed, const packet_t *p, unsigned byte) {
    const rns_hash_t to = hash_of(bed, p);
    packet_t proof = header(0x03, 0, NULL, &to, 0);
    put_many(&proof, byte, 64);
    return proof;
}

// ---- Forward

static void on_its_last_hop_a_packet_loses_the_transport_header(void **state) {
    (void)state;
    way_t w = way(1);
    packet_t p = data_to(&w.via, &w.dest, 4, 9);
    p.b[0] |= 0x20; // of the flags the low four bits remain
    assert_int_equal(rx(w.bed, w.from, &p), RNS_RX_FORWARDED);
    const packet_t expected = data_to(NULL, &w.dest, 5, 9);
    assert_packet(sent_nth(w.bed, w.on, 0), &expected);
    assert_int_equal(expected.b[0], 0x00);
    assert_int_equal(w.bed->sent_count, 1);
    bed_close(w.bed);
}

static void before_that_it_changes_hands(void **state) {
    (void)state;
    way_t w = way(3);
    const rns_hash_t next = address(0x22);
    packet_t p = data_to(&w.via, &w.dest, 4, 9);
    p.b[0] |= 0x20;
    p.b[34] = 0x0A;
    assert_int_equal(rx(w.bed, w.from, &p), RNS_RX_FORWARDED);
    packet_t expected = data_to(&next, &w.dest, 5, 9);
    expected.b[0] |= 0x20; // the flags stay as they are
    expected.b[34] = 0x0A;
    assert_packet(sent_nth(w.bed, w.on, 0), &expected);
    bed_close(w.bed);
}

static void it_may_go_back_out_where_it_came_in(void **state) {
    (void)state;
    way_t w = way(2);
    const packet_t p = data_to(&w.via, &w.dest, 0, 9);
    assert_int_equal(rx(w.bed, w.on, &p), RNS_RX_FORWARDED);
    assert_int_equal(sent_on(w.bed, w.on), 1);
    assert_int_equal(rx(w.bed, w.from, &p), RNS_RX_DUPLICATE);
    bed_close(w.bed);
}

static void without_a_transport_id_it_is_nobodys(void **state) {
    (void)state;
    way_t w = way(1);
    const packet_t p = data_to(NULL, &w.dest, 0, 9);
    assert_int_equal(rx(w.bed, w.from, &p), RNS_RX_NO_DEST);
    assert_int_equal(w.bed->sent_count, 0);
    bed_close(w.bed);
}

static void without_a_path_it_is_dropped(void **state) {
    (void)state;
    way_t w = way(1);
    const rns_hash_t nobody = address(0x11);
    const packet_t p = data_to(&w.via, &nobody, 0, 9);
    assert_int_equal(rx(w.bed, w.from, &p), RNS_RX_NO_ROUTE);
    assert_int_equal(used(w.bed, RNS_POOL_REVERSE), 0);
    bed_close(w.bed);
}

static void an_endpoint_forwards_nothing(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.endpoint = true});
    const unsigned on = add_mode(bed, RNS_MODE_FULL), from = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(bed, on, (announcement_t){.who = 1, .emitted = 1});
    const rns_hash_t via = self(bed);
    const packet_t p = data_to(&via, &dest, 0, 9);
    assert_int_equal(rx(bed, from, &p), RNS_RX_NO_DEST);
    assert_int_equal(bed->sent_count, 0);
    bed_close(bed);
}

static void what_no_output_takes_is_counted_as_full(void **state) {
    (void)state;
    way_t w = way(1);
    rns_iface_info_t info;
    rns_iface_online(w.bed->node, w.bed->now, w.bed->iface[w.on], false);
    const packet_t p = data_to(&w.via, &w.dest, 0, 9);
    assert_int_equal(rx(w.bed, w.from, &p), RNS_RX_FULL);
    rns_iface_online(w.bed->node, w.bed->now, w.bed->iface[w.on], true);
    const packet_t q = data_to(&w.via, &w.dest, 0, 8);
    assert_int_equal(rx(w.bed, w.from, &q), RNS_RX_FORWARDED);
    assert_int_equal(rns_iface_info(w.bed->node, w.bed->now, w.bed->iface[w.on], &info),
                     RNS_ERR_OK);
    rns_node_info_t node;
    rns_node_info(w.bed->node, &node);
    assert_int_equal(node.forwarded, 1);
    bed_close(w.bed);
}

// ---- Our own packets

static rns_err_t say(way_t *w) {
    const rns_bytes_t text = {(const uint8_t *)"hello", 5};
    return rns_send(w->bed->node, w->bed->now, &w->dest, text, NULL);
}

static void our_own_packet_takes_the_path(void **state) {
    (void)state;
    way_t w = way(1);
    assert_int_equal(say(&w), RNS_ERR_OK);
    drain(w.bed);
    assert_int_equal(w.bed->sent_count, 1);
    const packet_t *p = &sent_nth(w.bed, w.on, 0)->packet;
    assert_int_equal(p->b[0], 0x00);
    assert_memory_equal(p->b + 2, w.dest.b, 16);
    bed_close(w.bed);
}

static void to_farther_ones_it_goes_by_way_of_the_next_hop(void **state) {
    (void)state;
    way_t w = way(2);
    const rns_hash_t next = address(0x22);
    assert_int_equal(say(&w), RNS_ERR_OK);
    drain(w.bed);
    assert_int_equal(w.bed->sent_count, 1);
    const packet_t *p = &sent_nth(w.bed, w.on, 0)->packet;
    assert_int_equal(p->b[0], 0x50);
    assert_int_equal(p->b[1], 0);
    assert_memory_equal(p->b + 2, next.b, 16);
    assert_memory_equal(p->b + 18, w.dest.b, 16);
    assert_int_equal(p->b[34], 0);
    bed_close(w.bed);
}

static void it_keeps_its_path_alive(void **state) {
    (void)state;
    way_t w = way(2);
    run(w.bed, 5 * DAY);
    assert_int_equal(say(&w), RNS_ERR_OK);
    run(w.bed, 5 * DAY);
    assert_int_equal(rns_hops_to(w.bed->node, w.bed->now, &w.dest), 2);
    bed_close(w.bed);
}

static void without_a_path_it_goes_everywhere_and_is_known_when_it_comes_back(void **state) {
    (void)state;
    way_t w = way(2);
    const unsigned deaf = add_iface(w.bed, (rns_iface_config_t){.receive_only = true});
    rns_path_drop(w.bed->node, w.bed->now, &w.dest);
    assert_int_equal(say(&w), RNS_ERR_OK);
    drain(w.bed);
    assert_int_equal(sent_on(w.bed, w.from), 1);
    assert_int_equal(sent_on(w.bed, w.on), 1);
    assert_int_equal(sent_on(w.bed, deaf), 0);
    const packet_t p = sent_nth(w.bed, w.on, 0)->packet;
    assert_int_equal(p.b[0], 0x00);
    assert_int_equal(rx(w.bed, w.on, &p), RNS_RX_DUPLICATE);
    bed_close(w.bed);
}

// ---- The way back

static void a_proof_goes_back_once(void **state) {
    (void)state;
    way_t w = way(3);
    const packet_t p = data_to(&w.via, &w.dest, 0, 9);
    rx(w.bed, w.from, &p);
    const packet_t proof = proof_of(w.bed, &p, 1), again = proof_of(w.bed, &p, 2);
    assert_int_equal(rx(w.bed, w.on, &proof), RNS_RX_FORWARDED);
    packet_t expected = proof;
    expected.b[1] = 1;
    assert_packet(sent_nth(w.bed, w.from, 0), &expected);
    assert_int_equal(used(w.bed, RNS_POOL_REVERSE), 0);
    assert_int_equal(rx(w.bed, w.on, &proof), RNS_RX_DUPLICATE);
    assert_int_equal(rx(w.bed, w.on, &again), RNS_RX_NO_PROOF);
    bed_close(w.bed);
}

static void explicit_proofs_go_back_too(void **state) {
    (void)state;
    way_t w = way(3);
    const packet_t p = data_to(&w.via, &w.dest, 0, 9);
    rx(w.bed, w.from, &p);
    packet_t proof = proof_of(w.bed, &p, 1);
    put_many(&proof, 1, 32);
    assert_int_equal(rx(w.bed, w.on, &proof), RNS_RX_FORWARDED);
    bed_close(w.bed);
}

static void a_proof_from_elsewhere_is_dropped(void **state) {
    (void)state;
    way_t w = way(3);
    const unsigned other = add_mode(w.bed, RNS_MODE_FULL);
    const packet_t p = data_to(&w.via, &w.dest, 0, 9);
    rx(w.bed, w.from, &p);
    const packet_t forged = proof_of(w.bed, &p, 1), proof = proof_of(w.bed, &p, 2);
    assert_int_equal(rx(w.bed, other, &forged), RNS_RX_WRONG_IFACE);
    assert_int_equal(sent_on(w.bed, w.from), 0);
    assert_int_equal(rx(w.bed, w.on, &proof), RNS_RX_FORWARDED); // nobody can use the way up
    bed_close(w.bed);
}

static void the_way_back_lasts_480_seconds(void **state) {
    (void)state;
    for (unsigned late = 0; late < 2; late++) {
        way_t w = way(3);
        const packet_t p = data_to(&w.via, &w.dest, 0, 9);
        rx(w.bed, w.from, &p);
        const packet_t proof = proof_of(w.bed, &p, 1);
        run(w.bed, 480 * SECOND - 1);
        assert_int_equal(used(w.bed, RNS_POOL_REVERSE), 1);
        w.bed->now += late;
        assert_int_equal(rx(w.bed, w.on, &proof), late ? RNS_RX_NO_PROOF : RNS_RX_FORWARDED);
        run(w.bed, 6 * SECOND);
        assert_int_equal(used(w.bed, RNS_POOL_REVERSE), 0);
        bed_close(w.bed);
    }
}

static void the_way_back_ends_where_an_interface_is_gone(void **state) {
    (void)state;
    way_t w = way(3);
    const packet_t p = data_to(&w.via, &w.dest, 0, 9);
    rx(w.bed, w.from, &p);
    const packet_t proof = proof_of(w.bed, &p, 1);
    rns_iface_remove(w.bed->node, w.bed->now, w.bed->iface[w.from]);
    const unsigned next = add_mode(w.bed, RNS_MODE_FULL); // takes the slot
    assert_int_equal(rx(w.bed, w.on, &proof), RNS_RX_OFFLINE);
    assert_int_equal(sent_on(w.bed, next), 0);
    bed_close(w.bed);
}

static void the_oldest_ways_back_make_room(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_REVERSE] = 4};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned from = add_mode(bed, RNS_MODE_FULL), on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(bed, on, (announcement_t){.who = 1, .emitted = 1});
    const rns_hash_t via = self(bed);
    packet_t p[6];
    for (unsigned i = 0; i < 6; i++) {
        p[i] = data_to(&via, &dest, 0, i);
        assert_int_equal(rx(bed, from, &p[i]), RNS_RX_FORWARDED);
    }
    for (unsigned i = 0; i < 6; i++) {
        const packet_t proof = proof_of(bed, &p[i], i);
        assert_int_equal(rx(bed, on, &proof), i < 2 ? RNS_RX_NO_PROOF : RNS_RX_FORWARDED);
    }
    bed_close(bed);
}

static void what_may_come_twice_goes_twice_and_keeps_one_way_back(void **state) {
    (void)state;
    way_t w = way(3);
    packet_t p = data_to(&w.via, &w.dest, 0, 9);
    p.b[34] = 0x01;
    const unsigned other = add_mode(w.bed, RNS_MODE_FULL);
    assert_int_equal(rx(w.bed, w.from, &p), RNS_RX_FORWARDED);
    assert_int_equal(rx(w.bed, other, &p), RNS_RX_FORWARDED);
    assert_int_equal(used(w.bed, RNS_POOL_REVERSE), 1);
    const packet_t proof = proof_of(w.bed, &p, 1);
    assert_int_equal(rx(w.bed, w.on, &proof), RNS_RX_FORWARDED);
    assert_int_equal(sent_on(w.bed, w.from), 0);
    assert_int_equal(sent_on(w.bed, other), 1); // to whom it came from last
    bed_close(w.bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_its_last_hop_a_packet_loses_the_transport_header),
        cmocka_unit_test(before_that_it_changes_hands),
        cmocka_unit_test(it_may_go_back_out_where_it_came_in),
        cmocka_unit_test(without_a_transport_id_it_is_nobodys),
        cmocka_unit_test(without_a_path_it_is_dropped),
        cmocka_unit_test(an_endpoint_forwards_nothing),
        cmocka_unit_test(what_no_output_takes_is_counted_as_full),
        cmocka_unit_test(our_own_packet_takes_the_path),
        cmocka_unit_test(to_farther_ones_it_goes_by_way_of_the_next_hop),
        cmocka_unit_test(it_keeps_its_path_alive),
        cmocka_unit_test(without_a_path_it_goes_everywhere_and_is_known_when_it_comes_back),
        cmocka_unit_test(a_proof_goes_back_once),
        cmocka_unit_test(explicit_proofs_go_back_too),
        cmocka_unit_test(a_proof_from_elsewhere_is_dropped),
        cmocka_unit_test(the_way_back_lasts_480_seconds),
        cmocka_unit_test(the_way_back_ends_where_an_interface_is_gone),
        cmocka_unit_test(the_oldest_ways_back_make_room),
        cmocka_unit_test(what_may_come_twice_goes_twice_and_keeps_one_way_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
