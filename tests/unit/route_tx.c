// Frames on their way out: in turn, held once for all interfaces, within their shares.
#include "node_help.h"

#include "route/tx.h"

#define FROM 0U // interface that packets come from
#define ON   1U // the one that leads to the destination

// A node with packets to forward: n of them, over the path of destination `who`.
static bed_t *busy_bed(const uint32_t *count, rns_hash_t *dest) {
    bed_t *bed = bed_open((setup_t){.count = count});
    add_mode(bed, RNS_MODE_FULL);
    add_mode(bed, RNS_MODE_FULL);
    *dest = settle(bed, ON, (announcement_t){.who = 1, .emitted = 1});
    bed->deaf[ON] = true;
    return bed;
}

static rns_verdict_t push(bed_t *bed, unsigned from, const rns_hash_t *dest, unsigned i) {
    const rns_hash_t via = self(bed);
    packet_t p = data_to(&via, dest, 0, i);
    put8(&p, i >> 8);
    return rx(bed, from, &p);
}

static rns_iface_info_t info_of(bed_t *bed, unsigned on) {
    rns_iface_info_t info;
    assert_int_equal(rns_iface_info(bed->node, bed->now, bed->iface[on], &info), RNS_ERR_OK);
    return info;
}

// ---- In turn

static void interfaces_take_turns(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    rns_iface_t iface;
    rns_tx_t tx;
    assert_false(rns_tx_ready(bed->node, &iface));
    for (unsigned i = 0; i < 3; i++) {
        add_mode(bed, RNS_MODE_FULL);
    }
    const rns_hash_t a = address(1), b = address(2);
    rns_path_request(bed->node, bed->now, &a, (rns_iface_t){0, 0});
    rns_path_request(bed->node, bed->now, &b, (rns_iface_t){0, 0});
    unsigned seen[3] = {0};
    for (unsigned turn = 0; turn < 6; turn++) {
        assert_true(rns_tx_ready(bed->node, &iface));
        const unsigned on = number_of(bed, iface);
        assert_int_equal(on, turn % 3);
        assert_true(rns_tx_next(bed->node, bed->now, iface, &tx));
        assert_int_equal(tx.frame.data[19], 1 + turn / 3); // first in, first out
        rns_tx_done(bed->node, bed->now, iface, &tx, true);
        seen[on]++;
    }
    assert_false(rns_tx_ready(bed->node, &iface));
    assert_false(rns_tx_next(bed->node, bed->now, iface, &tx));
    bed_close(bed);
}

static void a_held_interface_loses_its_turn_until_it_is_free(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    rns_iface_t iface;
    rns_tx_t tx;
    for (unsigned i = 0; i < 3; i++) {
        add_mode(bed, RNS_MODE_FULL);
    }
    const rns_hash_t a = address(1);
    rns_path_request(bed->node, bed->now, &a, (rns_iface_t){0, 0});
    rns_tx_hold(bed->node, bed->now, bed->iface[1], true);
    assert_false(rns_tx_next(bed->node, bed->now, bed->iface[1], &tx));
    for (unsigned turn = 0; turn < 4; turn++) {
        assert_true(rns_tx_ready(bed->node, &iface));
        assert_int_equal(number_of(bed, iface), turn % 2 * 2);
    }
    rns_tx_hold(bed->node, bed->now, bed->iface[0], true);
    rns_tx_hold(bed->node, bed->now, bed->iface[2], true);
    assert_false(rns_tx_ready(bed->node, &iface));
    rns_tx_hold(bed->node, bed->now, bed->iface[1], false);
    assert_true(rns_tx_ready(bed->node, &iface));
    assert_int_equal(number_of(bed, iface), 1);
    assert_true(rns_tx_next(bed->node, bed->now, bed->iface[1], &tx));
    rns_tx_done(bed->node, bed->now, bed->iface[1], &tx, true);
    bed_close(bed);
}

static void the_ring_survives_interfaces_that_go(void **state) {
    (void)state;
    for (unsigned gone = 0; gone < 8; gone++) { // any of three go
        bed_t *bed = bed_open((setup_t){0});
        rns_iface_t iface;
        const rns_hash_t a = address(1);
        unsigned left = 0;
        for (unsigned i = 0; i < 3; i++) {
            add_mode(bed, RNS_MODE_FULL);
        }
        rns_path_request(bed->node, bed->now, &a, (rns_iface_t){0, 0});
        for (unsigned i = 0; i < 3; i++) {
            if ((gone >> i & 1) != 0) {
                assert_int_equal(rns_iface_remove(bed->node, bed->now, bed->iface[i]), RNS_ERR_OK);
            } else {
                left++;
            }
        }
        for (unsigned turn = 0; turn < 6; turn++) {
            assert_int_equal(rns_tx_ready(bed->node, &iface), left > 0);
            assert_true(left == 0 || (gone >> number_of(bed, iface) & 1) == 0);
        }
        drain(bed);
        assert_int_equal(bed->sent_count, left);
        assert_int_equal(used(bed, RNS_POOL_FRAME), 0);
        assert_int_equal(used(bed, RNS_POOL_TXREF), 0);
        bed_close(bed);
    }
}

// ---- Out at the host

static void several_frames_may_be_out_and_stay_where_they_are(void **state) {
    (void)state;
    rns_hash_t dest;
    bed_t *bed = busy_bed(NULL, &dest);
    rns_tx_t tx[3];
    uint8_t copy[3][64];
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(push(bed, FROM, &dest, i), RNS_RX_FORWARDED);
        assert_true(rns_tx_next(bed->node, bed->now, bed->iface[ON], &tx[i]));
        memcpy(copy[i], tx[i].frame.data, tx[i].frame.size);
    }
    assert_int_equal(rns_iface_remove(bed->node, bed->now, bed->iface[ON]), RNS_ERR_STATE);
    rns_iface_online(bed->node, bed->now, bed->iface[ON], false);
    static const unsigned ORDER[] = {1, 2, 0};
    for (unsigned i = 0; i < 3; i++) {
        const unsigned n = ORDER[i];
        assert_memory_equal(tx[n].frame.data, copy[n], tx[n].frame.size);
        assert_int_equal(used(bed, RNS_POOL_FRAME), 3 - i);
        rns_tx_done(bed->node, bed->now, bed->iface[ON], &tx[n], n != 2);
    }
    const rns_iface_info_t info = info_of(bed, ON);
    assert_int_equal(info.tx_packets, 2 + 2); // two announcements before
    assert_int_equal(info.tx_dropped, 1);
    assert_int_equal(info.tx_dropped_bytes, 40);
    assert_int_equal(used(bed, RNS_POOL_FRAME), 0);
    assert_int_equal(rns_iface_remove(bed->node, bed->now, bed->iface[ON]), RNS_ERR_OK);
    bed_close(bed);
}

static void a_broadcast_is_one_frame(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    rns_tx_t tx;
    for (unsigned i = 0; i < 4; i++) {
        add_mode(bed, RNS_MODE_FULL);
    }
    const rns_hash_t a = address(1);
    rns_path_request(bed->node, bed->now, &a, (rns_iface_t){0, 0});
    assert_int_equal(used(bed, RNS_POOL_FRAME), 1);
    assert_int_equal(used(bed, RNS_POOL_TXREF), 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(used(bed, RNS_POOL_FRAME), 1);
        assert_true(rns_tx_next(bed->node, bed->now, bed->iface[i], &tx));
        rns_tx_done(bed->node, bed->now, bed->iface[i], &tx, i % 2 == 0);
    }
    assert_int_equal(used(bed, RNS_POOL_FRAME), 0);
    bed_close(bed);
}

static unsigned signed_times;

static void count_sign(void *self, uint8_t sig[64], const rns_signer_t *signer, const void *m,
                       size_t size) {
    signed_times++;
    rns_crypto_host.ed25519_sign(self, sig, signer, m, size);
}

static void a_broadcast_is_sealed_once_for_each_network(void **state) {
    (void)state;
    static const char *const NETWORKS[] = {"a", NULL, "b", "a", "b", NULL, "a"};
    rns_crypto_t counting = rns_crypto_host;
    counting.ed25519_sign = count_sign;
    bed_t *bed = bed_open((setup_t){.crypto = &counting});
    for (size_t i = 0; i < 7; i++) {
        add_iface(bed, (rns_iface_config_t){.network_name = NETWORKS[i]});
    }
    const rns_hash_t a = address(1), b = address(2);
    signed_times = 0;
    rns_path_request(bed->node, bed->now, &a, (rns_iface_t){0, 0});
    assert_int_equal(signed_times, 2);
    assert_int_equal(used(bed, RNS_POOL_FRAME), 3);
    assert_int_equal(used(bed, RNS_POOL_NETWORK), 2);
    drain(bed);
    rns_path_request(bed->node, bed->now, &b, (rns_iface_t){0, 0});
    drain(bed);
    assert_int_equal(signed_times, 4);
    for (unsigned i = 0; i < 7; i++) {
        assert_int_equal(sent_on(bed, i), 2);
        assert_int_equal(sent_nth(bed, i, 1)->packet.size, NETWORKS[i] == NULL ? 67 : 67 + 16);
    }
    assert_packet(sent_nth(bed, 0, 0), &sent_nth(bed, 3, 0)->packet);
    assert_packet(sent_nth(bed, 0, 1), &sent_nth(bed, 6, 1)->packet);
    assert_packet(sent_nth(bed, 2, 1), &sent_nth(bed, 4, 1)->packet);
    // A network takes what another node of it sends.
    const packet_t p = sent_nth(bed, 0, 1)->packet;
    assert_int_equal(rx(bed, 3, &p), RNS_RX_QUEUED);
    for (unsigned i = 0; i < 7; i++) {
        rns_iface_remove(bed->node, bed->now, bed->iface[i]);
    }
    assert_int_equal(used(bed, RNS_POOL_NETWORK), 0);
    bed_close(bed);
}

static void a_broadcast_goes_on_where_one_interface_takes_nothing(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    for (unsigned i = 0; i < 3; i++) {
        add_iface(bed, (rns_iface_config_t){.network_name = i == 1 ? NULL : "a"});
    }
    rns_tx_hold(bed->node, bed->now, bed->iface[0], true);
    bed->now += 300 * MS; // stalled: it takes nothing
    const rns_hash_t a = address(1);
    rns_path_request(bed->node, bed->now, &a, (rns_iface_t){0, 0});
    drain(bed);
    assert_int_equal(sent_on(bed, 0), 0);
    assert_int_equal(sent_on(bed, 1), 1);
    assert_int_equal(sent_on(bed, 2), 1);
    assert_int_equal(info_of(bed, 0).tx_dropped, 1);
    assert_int_equal(used(bed, RNS_POOL_FRAME), 0);
    bed_close(bed);
}

// ---- Shares

static void an_interface_fills_a_quarter_of_the_frames(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_FRAME] = 120, [RNS_POOL_TXREF] = 200};
    rns_hash_t dest;
    bed_t *bed = busy_bed(count, &dest);
    const unsigned other = add_mode(bed, RNS_MODE_FULL);
    rns_tx_t tx;
    for (unsigned i = 0; i < 30; i++) { // its share is 30
        assert_int_equal(rns_rx_ready(bed->node, bed->iface[FROM]), i <= 20);
        assert_int_equal(push(bed, FROM, &dest, i), RNS_RX_FORWARDED);
    }
    assert_int_equal(push(bed, FROM, &dest, 30), RNS_RX_FULL);
    assert_true(rns_rx_ready(bed->node, bed->iface[other]));
    assert_int_equal(push(bed, other, &dest, 31), RNS_RX_FORWARDED);
    assert_int_equal(info_of(bed, ON).tx_dropped, 1);
    for (unsigned left = 30; left > 0; left--) {
        assert_int_equal(rns_rx_ready(bed->node, bed->iface[FROM]), left <= 3); // a tenth
        assert_true(rns_tx_next(bed->node, bed->now, bed->iface[ON], &tx));
        rns_tx_done(bed->node, bed->now, bed->iface[ON], &tx, true);
    }
    assert_int_equal(used(bed, RNS_POOL_FRAME), 1);
    assert_true(rns_rx_ready(bed->node, bed->iface[FROM]));
    bed_close(bed);
}

static void between_the_marks_it_stays_as_it_was(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_FRAME] = 120, [RNS_POOL_TXREF] = 200};
    rns_hash_t dest;
    bed_t *bed = busy_bed(count, &dest);
    rns_tx_t tx;
    for (unsigned i = 0; i < 15; i++) {
        push(bed, FROM, &dest, i);
    }
    assert_true(rns_rx_ready(bed->node, bed->iface[FROM]));
    for (unsigned i = 15; i < 25; i++) {
        push(bed, FROM, &dest, i);
    }
    for (unsigned i = 0; i < 10; i++) {
        assert_true(rns_tx_next(bed->node, bed->now, bed->iface[ON], &tx));
        rns_tx_done(bed->node, bed->now, bed->iface[ON], &tx, true);
    }
    assert_false(rns_rx_ready(bed->node, bed->iface[FROM])); // 15 again, and waits for 3
    bed_close(bed);
}

static void the_smallest_row_gives_a_share_of_one(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_FRAME] = 2};
    rns_hash_t dest;
    bed_t *bed = busy_bed(count, &dest);
    rns_tx_t tx;
    for (unsigned i = 0; i < 5; i++) {
        assert_true(rns_rx_ready(bed->node, bed->iface[FROM]));
        assert_int_equal(push(bed, FROM, &dest, 2 * i), RNS_RX_FORWARDED);
        assert_false(rns_rx_ready(bed->node, bed->iface[FROM]));
        assert_int_equal(push(bed, FROM, &dest, 2 * i + 1), RNS_RX_FULL);
        assert_true(rns_tx_next(bed->node, bed->now, bed->iface[ON], &tx));
        rns_tx_done(bed->node, bed->now, bed->iface[ON], &tx, true);
    }
    bed_close(bed);
}

static void a_new_interface_begins_with_no_share(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_FRAME] = 8};
    rns_hash_t dest;
    bed_t *bed = busy_bed(count, &dest);
    push(bed, FROM, &dest, 1);
    push(bed, FROM, &dest, 2);
    assert_false(rns_rx_ready(bed->node, bed->iface[FROM]));
    rns_iface_remove(bed->node, bed->now, bed->iface[FROM]);
    assert_false(rns_rx_ready(bed->node, bed->iface[FROM]));
    const unsigned next = add_mode(bed, RNS_MODE_FULL);
    assert_int_equal(bed->iface[next].slot, bed->iface[FROM].slot);
    assert_true(rns_rx_ready(bed->node, bed->iface[next]));
    bed->deaf[ON] = false;
    drain(bed); // frames of the old one go, and are none of the new one's
    assert_int_equal(iface_of(bed, next)->share[RNSI_SHARE_FRAME], 0);
    assert_int_equal(used(bed, RNS_POOL_FRAME), 0);
    bed_close(bed);
}

// The node's own frames have no share, and may fill the row.
static void who_finds_the_row_full_keeps_its_share(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_FRAME] = 4};
    rns_hash_t dest;
    bed_t *bed = busy_bed(count, &dest);
    for (unsigned i = 0; i < 5; i++) {
        const rns_hash_t a = address(i);
        rns_path_request(bed->node, bed->now, &a, bed->iface[ON]);
    }
    assert_int_equal(used(bed, RNS_POOL_FRAME), 4);
    assert_int_equal(push(bed, FROM, &dest, 1), RNS_RX_FULL);
    assert_true(rns_rx_ready(bed->node, bed->iface[FROM]));
    assert_int_equal(iface_of(bed, FROM)->share[RNSI_SHARE_FRAME], 0);
    bed_close(bed);
}

// ---- Stalls

static void a_full_output_that_does_not_move_loses_its_frames_after_250_ms(void **state) {
    (void)state;
    rns_hash_t dest;
    bed_t *bed = busy_bed(NULL, &dest);
    const unsigned other = add_mode(bed, RNS_MODE_FULL);
    bed->deaf[other] = true;
    rns_tx_hold(bed->node, bed->now, bed->iface[ON], true);
    push(bed, FROM, &dest, 1);
    push(bed, FROM, &dest, 2);
    const rns_hash_t a = address(1);
    rns_path_request(bed->node, bed->now, &a, bed->iface[other]);
    run(bed, 250 * MS - 1);
    assert_int_equal(info_of(bed, ON).tx_waiting, 2);
    run(bed, 1);
    assert_int_equal(info_of(bed, ON).tx_waiting, 0);
    assert_int_equal(info_of(bed, ON).tx_dropped, 2);
    assert_int_equal(info_of(bed, other).tx_waiting, 1);
    assert_int_equal(push(bed, FROM, &dest, 3), RNS_RX_FULL); // what comes now is lost at once
    rns_tx_hold(bed->node, bed->now, bed->iface[ON], false);
    assert_int_equal(push(bed, FROM, &dest, 4), RNS_RX_FORWARDED);
    bed_close(bed);
}

static void an_output_that_moves_keeps_them(void **state) {
    (void)state;
    rns_hash_t dest;
    bed_t *bed = busy_bed(NULL, &dest);
    rns_tx_t tx;
    rns_tx_hold(bed->node, bed->now, bed->iface[ON], true);
    push(bed, FROM, &dest, 1);
    for (unsigned i = 0; i < 10; i++) {
        run(bed, 200 * MS);
        rns_tx_hold(bed->node, bed->now, bed->iface[ON], true);
    }
    assert_int_equal(info_of(bed, ON).tx_waiting, 1);
    rns_tx_hold(bed->node, bed->now, bed->iface[ON], false);
    push(bed, FROM, &dest, 2);
    assert_true(rns_tx_next(bed->node, bed->now, bed->iface[ON], &tx));
    rns_tx_hold(bed->node, bed->now, bed->iface[ON], true);
    run(bed, 200 * MS);
    rns_tx_done(bed->node, bed->now, bed->iface[ON], &tx, true); // that is progress, too
    run(bed, 200 * MS);
    assert_int_equal(info_of(bed, ON).tx_waiting, 1);
    run(bed, 50 * MS);
    assert_int_equal(info_of(bed, ON).tx_waiting, 0);
    bed_close(bed);
}

// ---- Sizes

static void an_interface_holds_4_mib_at_most(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_FRAME_16K] = 2048,
                                            [RNS_POOL_TXREF] = 2048,
                                            [RNS_POOL_FRAME_MAX] = RNS_COUNT_NONE};
    rns_hash_t dest;
    bed_t *bed = busy_bed(count, &dest);
    const rns_mem_t big = {calloc(1, 16384), 16384};
    const rns_hash_t via = self(bed);
    unsigned sent = 0;
    for (unsigned i = 0; i < 300; i++) {
        const packet_t p = data_to(&via, &dest, 0, 0);
        memcpy(big.data, p.b, p.size);
        memcpy(big.data + 100, &i, sizeof i);
        sent += rns_rx(bed->node, bed->now, bed->iface[FROM], big, NULL) == RNS_RX_FORWARDED;
    }
    // 16,368 bytes each, since the transport header is taken off: 256 * 16,368 = 4,190,208.
    assert_int_equal(sent, 256);
    assert_int_equal(info_of(bed, ON).tx_waiting_bytes, 4190208);
    assert_int_equal(info_of(bed, ON).tx_dropped, 44);
    assert_int_equal(used(bed, RNS_POOL_FRAME_16K), 256);
    free(big.data);
    bed_close(bed);
}

static void a_frame_takes_the_smallest_row_that_it_fits(void **state) {
    (void)state;
    static const struct {
        size_t size;
        rns_pool_t row; // RNS_POOL_COUNT: none
    } ROWS[] = {
        {1, RNS_POOL_FRAME},       {568, RNS_POOL_FRAME},      {569, RNS_POOL_FRAME_2K},
        {2112, RNS_POOL_FRAME_2K}, {2113, RNS_POOL_FRAME_16K}, {16448, RNS_POOL_FRAME_16K},
        {16449, RNS_POOL_COUNT},   {524288, RNS_POOL_COUNT},
    };
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_FRAME_16K] = 2};
    bed_t *bed = bed_open((setup_t){.count = count});
    assert_int_equal(rnsi_frame_limit(bed->node), 16384);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        const rnsi_frame_t frame = rnsi_frame_new(bed->node, NULL, ROWS[i].size);
        assert_int_equal(frame.slot == RNSI_NONE, ROWS[i].row == RNS_POOL_COUNT);
        if (frame.slot != RNSI_NONE) {
            assert_int_equal(frame.pool, ROWS[i].row);
            memset(frame.data, 0xEE, ROWS[i].size);
            rnsi_frame_unused(bed->node, frame);
        }
        assert_true(ROWS[i].row == RNS_POOL_COUNT || used(bed, ROWS[i].row) == 0);
    }
    bed_close(bed);
}

static void an_mtu_is_cut_to_what_the_rows_hold(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0}); // MCU: FRAME_2K is its largest
    const unsigned on = add_iface(bed, (rns_iface_config_t){.hw_mtu = 16384});
    const unsigned small = add_iface(bed, (rns_iface_config_t){.hw_mtu = 1024});
    assert_int_equal(info_of(bed, on).hw_mtu, 2048);
    assert_int_equal(info_of(bed, small).hw_mtu, 1024);
    bed_close(bed);
    bed = bed_open((setup_t){.tiny = true, .endpoint = true});
    const unsigned tiny = add_iface(bed, (rns_iface_config_t){.hw_mtu = 16384});
    assert_int_equal(info_of(bed, tiny).hw_mtu, 504); // 568 bytes, of which 64 are for a code
    bed_close(bed);
}

static void an_offline_interface_drops_what_waits(void **state) {
    (void)state;
    rns_hash_t dest;
    bed_t *bed = busy_bed(NULL, &dest);
    rns_iface_t iface;
    push(bed, FROM, &dest, 1);
    push(bed, FROM, &dest, 2);
    rns_iface_online(bed->node, bed->now, bed->iface[ON], false);
    assert_int_equal(info_of(bed, ON).tx_dropped, 2);
    assert_int_equal(used(bed, RNS_POOL_FRAME), 0);
    assert_false(rns_tx_ready(bed->node, &iface));
    rns_iface_online(bed->node, bed->now, bed->iface[ON], true);
    assert_false(rns_tx_ready(bed->node, &iface));
    push(bed, FROM, &dest, 3);
    assert_true(rns_tx_ready(bed->node, &iface));
    bed_close(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interfaces_take_turns),
        cmocka_unit_test(a_held_interface_loses_its_turn_until_it_is_free),
        cmocka_unit_test(the_ring_survives_interfaces_that_go),
        cmocka_unit_test(several_frames_may_be_out_and_stay_where_they_are),
        cmocka_unit_test(a_broadcast_is_one_frame),
        cmocka_unit_test(a_broadcast_is_sealed_once_for_each_network),
        cmocka_unit_test(a_broadcast_goes_on_where_one_interface_takes_nothing),
        cmocka_unit_test(an_interface_fills_a_quarter_of_the_frames),
        cmocka_unit_test(between_the_marks_it_stays_as_it_was),
        cmocka_unit_test(the_smallest_row_gives_a_share_of_one),
        cmocka_unit_test(a_new_interface_begins_with_no_share),
        cmocka_unit_test(who_finds_the_row_full_keeps_its_share),
        cmocka_unit_test(a_full_output_that_does_not_move_loses_its_frames_after_250_ms),
        cmocka_unit_test(an_output_that_moves_keeps_them),
        cmocka_unit_test(an_interface_holds_4_mib_at_most),
        cmocka_unit_test(a_frame_takes_the_smallest_row_that_it_fits),
        cmocka_unit_test(an_mtu_is_cut_to_what_the_rows_hold),
        cmocka_unit_test(an_offline_interface_drops_what_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
