// The first look at a frame: each verdict before any table is touched, and what may come twice.
#include "node_help.h"

#include "wire/ifac.h"

static void a_frame_of_two_bytes_is_short(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    packet_t p = {.size = 2};
    for (p.size = 0; p.size <= 2; p.size++) {
        assert_int_equal(rx(bed, a, &p), RNS_RX_SHORT);
    }
    assert_int_equal(count_of(bed, a, RNS_RX_SHORT), 3);
    bed_close(bed);
}

// The reference lets through what exceeds the MTU by up to the size of a code, with or without one.
static void the_mtu_and_the_size_of_a_code_limit_a_frame(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned small = add_iface(bed, (rns_iface_config_t){.hw_mtu = 508, .small_ifac = true});
    const unsigned large = add_iface(bed, (rns_iface_config_t){.hw_mtu = 508});
    const unsigned any = add_iface(bed, (rns_iface_config_t){.hw_mtu = 0});
    const rns_hash_t nobody = address(0x11);
    packet_t p = header(0x08, 0, NULL, &nobody, 0);
    put_many(&p, 1, 516 - p.size);
    assert_int_equal(rx(bed, small, &p), RNS_RX_NO_DEST);
    put8(&p, 1);
    assert_int_equal(rx(bed, small, &p), RNS_RX_LONG);
    put_many(&p, 1, 524 - p.size);
    assert_int_equal(rx(bed, large, &p), RNS_RX_NO_DEST);
    put8(&p, 1);
    assert_int_equal(rx(bed, large, &p), RNS_RX_LONG);
    assert_int_equal(rx(bed, any, &p), RNS_RX_NO_DEST);
    bed_close(bed);
}

static void a_packet_without_data_is_malformed(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t to = address(0x11), via = self(bed);
    packet_t p = header(0x08, 0, NULL, &to, 0);
    assert_int_equal(rx(bed, a, &p), RNS_RX_MALFORMED);
    put8(&p, 0);
    assert_int_equal(rx(bed, a, &p), RNS_RX_NO_DEST);
    packet_t q = header(0x08, 0, &via, &to, 0);
    assert_int_equal(rx(bed, a, &q), RNS_RX_MALFORMED);
    q.size = 3;
    assert_int_equal(rx(bed, a, &q), RNS_RX_MALFORMED);
    bed_close(bed);
}

static void hop_byte_128_is_too_many(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t to = address(0x11);
    packet_t p = data_to(NULL, &to, 127, 1);
    assert_int_equal(rx(bed, a, &p), RNS_RX_NO_DEST);
    p.b[1] = 128;
    assert_int_equal(rx(bed, a, &p), RNS_RX_HOPS);
    p.b[1] = 255;
    assert_int_equal(rx(bed, a, &p), RNS_RX_HOPS);
    bed_close(bed);
}

static void an_offline_interface_takes_nothing(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_iface(bed, (rns_iface_config_t){.offline = true});
    const rns_hash_t to = address(0x11);
    const packet_t p = data_to(NULL, &to, 0, 1);
    assert_int_equal(rx(bed, a, &p), RNS_RX_OFFLINE);
    assert_int_equal(rns_iface_online(bed->node, bed->now, bed->iface[a], true), RNS_ERR_OK);
    assert_int_equal(rx(bed, a, &p), RNS_RX_NO_DEST);
    assert_int_equal(rns_iface_remove(bed->node, bed->now, bed->iface[a]), RNS_ERR_OK);
    assert_int_equal(rx(bed, a, &p), RNS_RX_OFFLINE);
    bed_close(bed);
}

// ---- Access codes

static unsigned add_network(bed_t *bed, const char *name) {
    return add_iface(bed, (rns_iface_config_t){.network_name = name, .ifac_size = 8});
}

static packet_t sealed(bed_t *bed, const char *name, const packet_t *plain) {
    rnsi_ifac_t ifac;
    const rns_bytes_t none = {NULL, 0};
    packet_t p = {.size = plain->size + 8};
    memcpy(p.b + 8, plain->b, plain->size);
    assert_true(rnsi_ifac_derive(
        &bed->node->crypto, (rns_bytes_t){(const uint8_t *)name, strlen(name)}, none, 8, &ifac));
    rnsi_ifac_seal(&bed->node->crypto, &ifac, (rns_mem_t){p.b + 8, plain->size});
    return p;
}

static void each_fault_of_an_access_code_has_its_verdict(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.real = true});
    const unsigned in = add_network(bed, "alpha"), out = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t to = address(0x11);
    const packet_t plain = data_to(NULL, &to, 0, 1);
    packet_t p = sealed(bed, "alpha", &plain);
    assert_int_equal(rx(bed, out, &p), RNS_RX_IFAC_STRAY);
    assert_int_equal(rx(bed, in, &plain), RNS_RX_IFAC_MISSING);
    assert_int_equal(rx(bed, in, &p), RNS_RX_NO_DEST);
    p.size = 10; // flags, hops and the code alone
    assert_int_equal(rx(bed, in, &p), RNS_RX_IFAC_SHORT);
    const packet_t q = sealed(bed, "beta", &plain);
    const rns_verdict_t verdict = rx(bed, in, &q);
    // Unmasked with another key it is noise: mostly no packet, and if it is one its code is wrong.
    assert_true(verdict == RNS_RX_IFAC_WRONG || verdict == RNS_RX_MALFORMED ||
                verdict == RNS_RX_HOPS || verdict == RNS_RX_NOT_FOR_US ||
                verdict == RNS_RX_TOO_FAR || verdict == RNS_RX_BAD_TYPE);
    bed_close(bed);
}

static void a_forged_code_is_wrong_and_leaves_no_trace(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.real = true});
    const unsigned in = add_network(bed, "alpha");
    const rns_hash_t to = address(0x11);
    const packet_t plain = data_to(NULL, &to, 0, 1);
    const packet_t good = sealed(bed, "alpha", &plain);
    packet_t bad = good;
    bad.b[bad.size - 1] ^= 1; // the last byte of the data
    assert_int_equal(rx(bed, in, &bad), RNS_RX_IFAC_WRONG);
    // Had the forgery been remembered, its true owner would now be a duplicate.
    packet_t other = plain;
    other.b[other.size - 1] ^= 1;
    other = sealed(bed, "alpha", &other);
    assert_int_equal(rx(bed, in, &other), RNS_RX_NO_DEST);
    assert_int_equal(rx(bed, in, &good), RNS_RX_NO_DEST);
    assert_int_equal(rx(bed, in, &good), RNS_RX_DUPLICATE);
    bed_close(bed);
}

// ---- Duplicates

static void a_packet_comes_once(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL), b = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t to = address(0x11);
    packet_t p = data_to(NULL, &to, 0, 1);
    assert_int_equal(rx(bed, a, &p), RNS_RX_NO_DEST);
    assert_int_equal(rx(bed, a, &p), RNS_RX_DUPLICATE);
    p.b[1] = 5; // hops do not make it another packet
    assert_int_equal(rx(bed, b, &p), RNS_RX_DUPLICATE);
    p.b[0] |= 0x20; // nor does the context flag
    assert_int_equal(rx(bed, b, &p), RNS_RX_DUPLICATE);
    p.b[18] = 0x09; // the context does
    assert_int_equal(rx(bed, b, &p), RNS_RX_NO_DEST);
    bed_close(bed);
}

static void the_transport_header_does_not_make_it_another_packet(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t to = address(0x11), via = self(bed);
    const packet_t p = data_to(NULL, &to, 0, 1), q = data_to(&via, &to, 0, 1);
    assert_int_equal(rx(bed, a, &q), RNS_RX_NO_ROUTE);
    assert_int_equal(rx(bed, a, &p), RNS_RX_DUPLICATE);
    bed_close(bed);
}

static void six_contexts_may_come_twice(void **state) {
    (void)state;
    static const uint8_t MAY[] = {0xFA, 0x03, 0x05, 0x01, 0x08, 0x0E};
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    unsigned repeats = 0;
    for (unsigned context = 0; context < 256; context++) {
        const rns_hash_t to = address(0x11);
        packet_t p = header(0x0C, 0, NULL, &to, context); // data of a link
        put8(&p, 1);
        const bool may = memchr(MAY, (int)context, sizeof MAY) != NULL;
        assert_int_equal(rx(bed, a, &p), RNS_RX_NO_DEST);
        assert_int_equal(rx(bed, a, &p), may ? RNS_RX_NO_DEST : RNS_RX_DUPLICATE);
        repeats += may;
    }
    assert_int_equal(repeats, 6);
    bed_close(bed);
}

static void they_may_even_come_to_plain_destinations_from_afar(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t to = address(0x11);
    packet_t p = header(0x08, 9, NULL, &to, 0x08);
    put8(&p, 1);
    assert_int_equal(rx(bed, a, &p), RNS_RX_NO_DEST);
    bed_close(bed);
}

static void plain_and_group_packets_may_come_twice_from_nearby(void **state) {
    (void)state;
    static const uint8_t TYPES[] = {0x08, 0x04};
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    for (size_t i = 0; i < 2; i++) {
        const rns_hash_t to = address(0x11);
        packet_t p = header(TYPES[i], 0, NULL, &to, 0);
        put8(&p, 1);
        assert_int_equal(rx(bed, a, &p), RNS_RX_NO_DEST);
        assert_int_equal(rx(bed, a, &p), RNS_RX_NO_DEST);
        p.b[1] = 1; // as it comes from a node that counted one hop
        assert_int_equal(rx(bed, a, &p), RNS_RX_NO_DEST);
        p.b[1] = 2;
        assert_int_equal(rx(bed, a, &p), RNS_RX_TOO_FAR);
        p.b[0] |= 1; // an announce
        p.b[1] = 0;
        assert_int_equal(rx(bed, a, &p), RNS_RX_BAD_TYPE);
    }
    bed_close(bed);
}

// The reference looks at the type only when it has seen the packet before.
static void an_announce_with_the_type_of_a_link_counts_once(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.real = true});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    packet_t p = announce(bed, (announcement_t){.who = 1, .emitted = 100});
    p.b[0] |= 0x0C;
    assert_int_equal(rx(bed, a, &p), RNS_RX_QUEUED);
    run(bed, SECOND);
    assert_int_equal(used(bed, RNS_POOL_PATH), 1);
    assert_int_equal(rx(bed, a, &p), RNS_RX_BAD_TYPE);
    bed_close(bed);
}

// ---- Other transport nodes

static void what_another_node_is_to_carry_is_not_for_us(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t to = address(0x11), other = address(0x22), via = self(bed);
    packet_t p = data_to(&other, &to, 0, 1);
    assert_int_equal(rx(bed, a, &p), RNS_RX_NOT_FOR_US);
    p.b[34] = 0x0E; // no context exempts it
    assert_int_equal(rx(bed, a, &p), RNS_RX_NOT_FOR_US);
    const packet_t q = data_to(&via, &to, 0, 1); // it was not remembered either
    assert_int_equal(rx(bed, a, &q), RNS_RX_NO_ROUTE);
    bed_close(bed);
}

static void announces_come_by_way_of_anybody(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    const packet_t p = announce(bed, (announcement_t){.who = 1, .emitted = 100, .via = 0x22});
    assert_int_equal(rx(bed, a, &p), RNS_RX_QUEUED);
    run(bed, SECOND);
    assert_int_equal(rx(bed, a, &p), RNS_RX_QUEUED);
    run(bed, SECOND);
    assert_int_equal(count_of(bed, a, RNS_RX_LEARNED), 1);
    assert_int_equal(count_of(bed, a, RNS_RX_OLD), 1);
    bed_close(bed);
}

static void every_frame_is_counted_once(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t to = address(0x11);
    const packet_t p = data_to(NULL, &to, 0, 1);
    rns_iface_info_t info;
    rx(bed, a, &p);
    rx(bed, a, &p);
    assert_int_equal(rns_iface_info(bed->node, bed->now, bed->iface[a], &info), RNS_ERR_OK);
    assert_int_equal(info.rx_packets, 2);
    assert_int_equal(info.rx_bytes, 78);
    assert_int_equal(count_of(bed, a, RNS_RX_NO_DEST), 1);
    assert_int_equal(count_of(bed, a, RNS_RX_DUPLICATE), 1);
    bed_close(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_of_two_bytes_is_short),
        cmocka_unit_test(the_mtu_and_the_size_of_a_code_limit_a_frame),
        cmocka_unit_test(a_packet_without_data_is_malformed),
        cmocka_unit_test(hop_byte_128_is_too_many),
        cmocka_unit_test(an_offline_interface_takes_nothing),
        cmocka_unit_test(each_fault_of_an_access_code_has_its_verdict),
        cmocka_unit_test(a_forged_code_is_wrong_and_leaves_no_trace),
        cmocka_unit_test(a_packet_comes_once),
        cmocka_unit_test(the_transport_header_does_not_make_it_another_packet),
        cmocka_unit_test(six_contexts_may_come_twice),
        cmocka_unit_test(they_may_even_come_to_plain_destinations_from_afar),
        cmocka_unit_test(plain_and_group_packets_may_come_twice_from_nearby),
        cmocka_unit_test(an_announce_with_the_type_of_a_link_counts_once),
        cmocka_unit_test(what_another_node_is_to_carry_is_not_for_us),
        cmocka_unit_test(announces_come_by_way_of_anybody),
        cmocka_unit_test(every_frame_is_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
