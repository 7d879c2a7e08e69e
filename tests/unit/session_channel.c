// Channels between two nodes: order, windows, tries, proofs, and what finds no room.
#include "channel_help.h"

// ---- The usual

static void message_arrives_and_its_sender_hears_of_it(void **state) {
    (void)state;
    bed_t bed;
    uint16_t sequence = 99;
    open_bed(&bed);
    assert_int_equal(
        rns_channel_send(bed.p->a.node, bed.p->now, bed.a, TYPE, pair_text("hello"), &sequence),
        RNS_ERR_OK);
    assert_int_equal(sequence, 0);
    pair_run(bed.p, 20 * MS);
    const heard_t *got = pair_last(&bed.p->b, RNS_EV_CHANNEL);
    assert_non_null(got);
    assert_int_equal(got->event.number, TYPE);
    assert_int_equal(got->event.sequence, 0);
    assert_int_equal(got->event.link.slot, bed.b.slot);
    assert_heard(&bed.p->b, "hello");
    const heard_t *sent = pair_last(&bed.p->a, RNS_EV_CHANNEL_SENT);
    assert_non_null(sent);
    assert_int_equal(sent->event.sequence, 0);
    pair_run(bed.p, 60 * SECOND);
    assert_int_equal(bed.channel_frames, 1);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_SENT), 1);
    close_bed(&bed);
}

static void messages_go_both_ways_at_once(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(send(&bed, "to b "), RNS_ERR_OK);
        assert_int_equal(
            rns_channel_send(bed.p->b.node, bed.p->now, bed.b, TYPE, pair_text("to a "), NULL),
            RNS_ERR_OK);
    }
    pair_run(bed.p, SECOND);
    assert_heard(&bed.p->b, "to b to b ");
    assert_heard(&bed.p->a, "to a to a ");
    close_bed(&bed);
}

static void empty_message_is_one(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(send(&bed, ""), RNS_ERR_OK);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_CHANNEL), 1);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_SENT), 1);
    close_bed(&bed);
}

static void largest_message_fills_the_packet(void **state) {
    (void)state;
    static uint8_t bytes[2000];
    static const struct {
        uint32_t hw_mtu, mdu;
    } CASES[] = {{0, 425}, {1064, 985}}; // link MDU 431 and 991, less 6
    for (size_t i = 0; i < ITEMS(CASES); i++) {
        bed_t bed;
        open_with(&bed, (pair_setup_t){.hw_mtu = CASES[i].hw_mtu});
        rns_node_t *node = bed.p->a.node;
        const uint32_t mdu = rns_channel_mdu(node, bed.a);
        assert_int_equal(mdu, CASES[i].mdu);
        assert_int_equal(
            rns_channel_send(node, bed.p->now, bed.a, TYPE, (rns_bytes_t){bytes, mdu + 1}, NULL),
            RNS_ERR_SIZE);
        assert_int_equal(
            rns_channel_send(node, bed.p->now, bed.a, TYPE, (rns_bytes_t){bytes, mdu}, NULL),
            RNS_ERR_OK);
        pair_run(bed.p, SECOND);
        assert_int_equal(pair_last(&bed.p->b, RNS_EV_CHANNEL)->event.data.size, mdu);
        close_bed(&bed);
    }
}

static void window_is_two_at_first_and_ready_says_that_it_opens(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_true(rns_channel_ready(bed.p->a.node, bed.a));
    assert_int_equal(send(&bed, "1"), RNS_ERR_OK);
    assert_int_equal(send(&bed, "2"), RNS_ERR_OK);
    assert_false(rns_channel_ready(bed.p->a.node, bed.a));
    assert_int_equal(send(&bed, "3"), RNS_ERR_FULL);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_READY), 1);
    assert_true(rns_channel_ready(bed.p->a.node, bed.a));
    assert_int_equal(send(&bed, "3"), RNS_ERR_OK);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_READY), 1); // nobody was refused
    assert_heard(&bed.p->b, "123");
    close_bed(&bed);
}

// As the reference's, after twelve proofs and a timeout (vectors/channel.h has all of its steps).
static void window_grows_with_proofs_and_shrinks_with_timeouts(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    for (unsigned i = 0; i < 12; i++) {
        assert_int_equal(send(&bed, "x"), RNS_ERR_OK);
        pair_run(bed.p, 20 * MS);
    }
    assert_int_equal(channel_a(&bed)->window, 7);
    assert_int_equal(channel_a(&bed)->window_max, 48);
    channel_a(&bed)->window = 20;
    bed.lose = 1 << 12;
    assert_int_equal(send(&bed, "x"), RNS_ERR_OK);
    pair_run(bed.p, 130 * MS);
    assert_int_equal(bed.channel_frames, 14);
    assert_int_equal(channel_a(&bed)->window, 19);
    assert_int_equal(channel_a(&bed)->window_max, 47);
    close_bed(&bed);
}

static void channel_of_a_slow_link_has_one_message_under_way(void **state) {
    (void)state;
    bed_t bed;
    open_links(&bed, (pair_setup_t){.delay = 725 * MS + 1}); // there and back: above 1.45 s
    assert_int_equal(rns_channel_open(bed.p->a.node, bed.p->now, bed.a), RNS_ERR_OK);
    assert_int_equal(rns_channel_open(bed.p->b.node, bed.p->now, bed.b), RNS_ERR_OK);
    assert_int_equal(send(&bed, "1"), RNS_ERR_OK);
    assert_int_equal(send(&bed, "2"), RNS_ERR_FULL);
    pair_run(bed.p, 10 * SECOND);
    assert_heard(&bed.p->b, "1");
    close_bed(&bed);
}

// ---- Opening

static void channel_opens_once_on_an_active_link(void **state) {
    (void)state;
    bed_t bed;
    open_links(&bed, (pair_setup_t){0});
    rns_node_t *node = bed.p->a.node;
    const rns_us_t now = bed.p->now;
    assert_int_equal(rns_channel_send(node, now, bed.a, TYPE, NONE, NULL), RNS_ERR_STATE);
    assert_int_equal(rns_channel_register(node, bed.a, TYPE), RNS_ERR_STATE);
    assert_int_equal(rns_channel_mdu(node, bed.a), 0);
    assert_false(rns_channel_ready(node, bed.a));
    link_a(&bed)->state = RNS_LINK_HANDSHAKE;
    assert_int_equal(rns_channel_open(node, now, bed.a), RNS_ERR_STATE);
    link_a(&bed)->state = RNS_LINK_ACTIVE;
    assert_int_equal(rns_channel_open(node, now, bed.a), RNS_ERR_OK);
    assert_int_equal(rns_channel_open(node, now, bed.a), RNS_ERR_OK);
    assert_int_equal(pair_used(&bed.p->a, RNS_POOL_CHANNEL), 1);
    rns_link_close(node, now, bed.a);
    assert_int_equal(rns_channel_open(node, now, bed.a), RNS_ERR_GONE);
    assert_int_equal(rns_channel_send(node, now, bed.a, TYPE, NONE, NULL), RNS_ERR_GONE);
    assert_int_equal(rns_channel_register(node, bed.a, TYPE), RNS_ERR_GONE);
    close_bed(&bed);
}

static void no_slot_for_a_channel_is_said(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_CHANNEL] = RNS_COUNT_NONE};
    bed_t bed;
    open_links(&bed, (pair_setup_t){.count = count});
    assert_int_equal(rns_channel_open(bed.p->a.node, bed.p->now, bed.a), RNS_ERR_FULL);
    close_bed(&bed);
}

static void message_for_no_channel_is_not_proved_and_comes_again(void **state) {
    (void)state;
    bed_t bed;
    open_links(&bed, (pair_setup_t){0});
    assert_int_equal(rns_channel_open(bed.p->a.node, bed.p->now, bed.a), RNS_ERR_OK);
    assert_int_equal(send(&bed, "early"), RNS_ERR_OK);
    pair_run(bed.p, 100 * MS);
    assert_int_equal(pair_verdicts(&bed.p->b, RNS_RX_NO_CHANNEL), 1);
    assert_int_equal(bed.proofs_to_a, 0);
    assert_int_equal(rns_channel_open(bed.p->b.node, bed.p->now, bed.b), RNS_ERR_OK);
    pair_run(bed.p, SECOND);
    assert_heard(&bed.p->b, "early");
    close_bed(&bed);
}

// ---- Types

static void all_types_are_taken_until_one_is_registered(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(craft(&bed, 7, 0, "a"), RNS_RX_DELIVERED);
    assert_int_equal(rns_channel_register(bed.p->b.node, bed.b, TYPE), RNS_ERR_OK);
    assert_int_equal(rns_channel_register(bed.p->b.node, bed.b, TYPE), RNS_ERR_OK);
    assert_int_equal(rns_channel_register(bed.p->b.node, bed.b, 0xEFFF), RNS_ERR_OK);
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_MESSAGE_TYPE), 2);
    assert_int_equal(craft(&bed, 7, 1, "b"), RNS_RX_NO_CHANNEL);
    assert_int_equal(bed.proofs_to_a, 2); // it would hold up the others for ever
    assert_int_equal(craft(&bed, TYPE, 2, "c"), RNS_RX_DELIVERED);
    assert_int_equal(craft(&bed, 7, 4, "d"), RNS_RX_QUEUED);
    assert_int_equal(craft(&bed, 0xEFFF, 5, "e"), RNS_RX_QUEUED);
    assert_int_equal(craft(&bed, TYPE, 3, "f"), RNS_RX_DELIVERED);
    assert_heard(&bed.p->b, "acfe");
    close_bed(&bed);
}

static void reserved_types_are_nobodys(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    rns_node_t *node = bed.p->a.node;
    assert_int_equal(rns_channel_register(node, bed.a, 0xF000), RNS_ERR_ARG);
    assert_int_equal(rns_channel_send(node, bed.p->now, bed.a, 0xF000, NONE, NULL), RNS_ERR_ARG);
    assert_int_equal(craft(&bed, 0xF000, 0, "a"), RNS_RX_NO_CHANNEL);
    assert_int_equal(craft(&bed, 0xEFFF, 1, "b"), RNS_RX_DELIVERED);
    assert_heard(&bed.p->b, "b");
    close_bed(&bed);
}

static void types_of_one_channel_are_not_those_of_another(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_MESSAGE_TYPE] = 1};
    bed_t bed;
    rns_link_t a2, b2;
    open_with(&bed, (pair_setup_t){.count = count});
    pair_link(bed.p, &a2, &b2);
    assert_int_equal(rns_channel_open(bed.p->b.node, bed.p->now, b2), RNS_ERR_OK);
    assert_int_equal(rns_channel_register(bed.p->b.node, b2, 9), RNS_ERR_OK);
    assert_int_equal(rns_channel_register(bed.p->b.node, bed.b, 9), RNS_ERR_FULL);
    assert_int_equal(craft(&bed, TYPE, 0, "a"), RNS_RX_DELIVERED);
    rns_link_close(bed.p->b.node, bed.p->now, b2);
    assert_int_equal(rns_channel_register(bed.p->b.node, bed.b, 9), RNS_ERR_OK);
    close_bed(&bed);
}

// ---- Tries

static void message_that_is_lost_is_sent_again_and_arrives_once(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    bed.lose = 1;
    const rns_us_t start = bed.p->now;
    assert_int_equal(send(&bed, "a"), RNS_ERR_OK);
    pair_run(bed.p, 10 * SECOND);
    assert_int_equal(bed.channel_frames, 2);
    assert_int_equal(bed.sent_at[1] - start, 125 * MS); // 2.5 times 20 ms, times 1 + 1.5
    assert_heard(&bed.p->b, "a");
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_SENT), 1);
    close_bed(&bed);
}

static void five_tries_and_the_link_is_closed_at_both_ends(void **state) {
    (void)state;
    // 2.5 times 20 ms, times 2 and 1.5 for each of both, which wait together; then 1.5 times more.
    static const rns_us_t AT[] = {0, 175000, 437500, 831250, 1421875};
    bed_t bed;
    open_bed(&bed);
    bed.lose_all = true;
    const rns_us_t start = bed.p->now;
    assert_int_equal(send(&bed, "a"), RNS_ERR_OK);
    assert_int_equal(send(&bed, "b"), RNS_ERR_OK); // both have the time of two
    pair_run(bed.p, 2 * SECOND);
    assert_int_equal(bed.channel_frames, 10);
    for (unsigned i = 0; i < 10; i++) {
        assert_in_range(bed.sent_at[i] - start, AT[i / 2], AT[i / 2] + 5);
    }
    assert_null(pair_last(&bed.p->a, RNS_EV_LINK_DOWN));
    pair_run(bed.p, 2900 * MS); // the last try has its time at 2,307,812 us, the link has 5 s
    assert_null(pair_last(&bed.p->a, RNS_EV_LINK_DOWN));
    pair_run(bed.p, 200 * MS);
    const heard_t *a = pair_last(&bed.p->a, RNS_EV_LINK_DOWN),
                  *b = pair_last(&bed.p->b, RNS_EV_LINK_DOWN);
    assert_true(a != NULL && b != NULL);
    assert_int_equal(a->event.reason, RNS_LINK_INITIATOR_CLOSED); // Link.teardown
    assert_int_equal(b->event.reason, RNS_LINK_INITIATOR_CLOSED);
    assert_int_equal(bed.channel_frames, 14); // meanwhile the younger one was repeated
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_LINK_DOWN), 1);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_SENT), 0);
    close_bed(&bed);
}

// A peer whose ring is full drops what comes early: that must not end the link. The first is proved
// at its fourth try, the second is sent four times from then on; the third is lost six times.
static void tries_count_for_the_oldest_message_alone(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    channel_a(&bed)->window = 3;
    bed.lose =
        0x1FDFF; // of "abc abc abc abc bc b b c b c" the second last "a" and the last three arrive
    assert_int_equal(send(&bed, "a"), RNS_ERR_OK);
    assert_int_equal(send(&bed, "b"), RNS_ERR_OK);
    assert_int_equal(send(&bed, "c"), RNS_ERR_OK);
    pair_run(bed.p, 20 * SECOND);
    assert_null(pair_last(&bed.p->a, RNS_EV_LINK_DOWN));
    assert_heard(&bed.p->b, "abc");
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_SENT), 3);
    assert_int_equal(bed.channel_frames, 19);
    close_bed(&bed);
}

static void message_that_becomes_the_oldest_has_five_tries(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    bed.lose = 0xFFFFFEFF; // all but the first's last
    assert_int_equal(send(&bed, "a"), RNS_ERR_OK);
    assert_int_equal(send(&bed, "b"), RNS_ERR_OK);
    pair_run(bed.p, 20 * SECOND);
    assert_int_equal(bed.channel_frames, 10 + 4);
    assert_heard(&bed.p->b, "a");
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_LINK_DOWN), 1);
    close_bed(&bed);
}

static void responder_that_gives_up_says_that_it_closed(void **state) {
    (void)state;
    bed_t bed;
    open_links(&bed, (pair_setup_t){0});
    assert_int_equal(rns_channel_open(bed.p->b.node, bed.p->now, bed.b), RNS_ERR_OK);
    assert_int_equal(rns_channel_send(bed.p->b.node, bed.p->now, bed.b, TYPE, pair_text("a"), NULL),
                     RNS_ERR_OK);
    pair_run(bed.p, 6 * SECOND);
    assert_int_equal(pair_verdicts(&bed.p->a, RNS_RX_NO_CHANNEL), 5);
    assert_int_equal(pair_last(&bed.p->b, RNS_EV_LINK_DOWN)->event.reason,
                     RNS_LINK_DESTINATION_CLOSED);
    assert_int_equal(pair_last(&bed.p->a, RNS_EV_LINK_DOWN)->event.reason,
                     RNS_LINK_DESTINATION_CLOSED);
    close_bed(&bed);
}

static void lost_proof_makes_a_duplicate_that_is_proved_again(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    bed.lose_proof = 3;
    assert_int_equal(send(&bed, "a"), RNS_ERR_OK);
    pair_run(bed.p, 10 * SECOND);
    assert_int_equal(bed.channel_frames, 3);
    assert_int_equal(bed.proofs_to_a, 3);
    assert_int_equal(pair_verdicts(&bed.p->b, RNS_RX_REPEATED), 2);
    assert_heard(&bed.p->b, "a");
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_SENT), 1);
    close_bed(&bed);
}

static void only_the_proof_of_the_last_try_counts(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    bed.p->delay = 70 * MS; // its way there and back takes longer than the first try waits
    assert_int_equal(send(&bed, "a"), RNS_ERR_OK);
    pair_run(bed.p, 150 * MS);
    assert_int_equal(bed.channel_frames, 2);
    assert_int_equal(pair_verdicts(&bed.p->a, RNS_RX_NO_PROOF), 1);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_SENT), 0);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_SENT), 1);
    assert_heard(&bed.p->b, "a");
    bed.p->delay = 10 * MS;
    close_bed(&bed);
}

// The timeouts that the reference's receipts have, which count from sending.
static void more_messages_give_those_under_way_more_time(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(CHANNEL_RINGS); i++) {
        const channel_ring_t *v = &CHANNEL_RINGS[i];
        bed_t bed;
        rns_us_t sent_at[CHANNEL_RING] = {0};
        unsigned count = 0;
        open_bed(&bed);
        bed.lose_all = true;
        link_a(&bed)->rtt_us = v->rtt_us;
        channel_a(&bed)->window = channel_a(&bed)->window_min = 48;
        rnsi_pool_t *pool = RNSI_POOL(bed.p->a.node, ENVELOPE);
        for (size_t step = 0; v->steps[step] != '\0'; step++) {
            struct rnsi_envelope *e = rnsi_pool_at(pool, channel_a(&bed)->tx_oldest);
            if (v->steps[step] == 's') {
                sent_at[count++] = bed.p->now;
                assert_int_equal(send(&bed, "x"), RNS_ERR_OK);
            } else {
                bed.p->a.node->now = sent_at[0] = bed.p->now;
                rnsi_envelope_due(bed.p->a.node, e);
            }
            uint32_t slot = channel_a(&bed)->tx_oldest;
            for (unsigned n = 0; n < count; n++, slot = e->next) {
                e = rnsi_pool_at(pool, slot);
                const rns_us_t timeout = rnsi_timer_due(pool, e) - sent_at[n];
                assert_in_range(timeout, v->timeouts_us[step][n] - 3, v->timeouts_us[step][n] + 3);
            }
            bed.p->now += 7; // less than any of them
        }
        close_bed(&bed);
    }
}

static void try_without_a_frame_counts(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    bed.lose = 1;
    assert_int_equal(send(&bed, "a"), RNS_ERR_OK);
    pair_run(bed.p, 100 * MS);
    assert_int_equal(rns_iface_online(bed.p->a.node, bed.p->now, bed.p->a.wire, false), RNS_ERR_OK);
    pair_run(bed.p, 100 * MS); // the second try is made, for nothing
    assert_int_equal(rns_iface_online(bed.p->a.node, bed.p->now, bed.p->a.wire, true), RNS_ERR_OK);
    pair_run(bed.p, SECOND);
    assert_int_equal(bed.channel_frames, 2);
    assert_heard(&bed.p->b, "a");
    close_bed(&bed);
}

// ---- Proofs

static rns_verdict_t receive_proof(bed_t *bed, const uint8_t hash[32], uint8_t first) {
    uint8_t frame[19 + 96] = {0x0F};
    memcpy(frame + 2, link_a(bed)->hash, 16);
    memcpy(frame + 19, hash, 32);
    memset(frame + 51, first, 64);
    return rns_rx(bed->p->a.node, bed->p->now, bed->p->a.wire, (rns_mem_t){frame, sizeof frame},
                  NULL);
}

static void forged_proof_is_refused(void **state) {
    (void)state;
    bed_t bed;
    uint8_t hash[32];
    open_bed(&bed);
    bed.lose = 1;
    assert_int_equal(send(&bed, "a"), RNS_ERR_OK);
    const struct rnsi_envelope *e =
        rnsi_pool_at(RNSI_POOL(bed.p->a.node, ENVELOPE), channel_a(&bed)->tx_oldest);
    memcpy(hash, e->hash, 16);
    memcpy(hash + 16, e->rest, 16);
    assert_int_equal(receive_proof(&bed, hash, 1), RNS_RX_BAD_PROOF);
    hash[31] ^= 1;
    assert_int_equal(receive_proof(&bed, hash, 2), RNS_RX_NO_PROOF);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_SENT), 0);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_SENT), 1);
    close_bed(&bed);
}

static void proof_of_another_links_message_is_nobodys(void **state) {
    (void)state;
    bed_t bed;
    rns_link_t a2, b2;
    uint8_t hash[32];
    open_bed(&bed);
    pair_link(bed.p, &a2, &b2);
    assert_int_equal(rns_channel_open(bed.p->a.node, bed.p->now, a2), RNS_ERR_OK);
    assert_int_equal(rns_channel_send(bed.p->a.node, bed.p->now, a2, TYPE, NONE, NULL), RNS_ERR_OK);
    const struct rnsi_link *second = rnsi_link_get(bed.p->a.node, a2);
    const struct rnsi_envelope *e = rnsi_pool_at(RNSI_POOL(bed.p->a.node, ENVELOPE),
                                                 rnsi_channel_of(bed.p->a.node, second)->tx_oldest);
    memcpy(hash, e->hash, 16);
    memcpy(hash + 16, e->rest, 16);
    assert_int_equal(receive_proof(&bed, hash, 1), RNS_RX_NO_PROOF);
    rns_link_close(bed.p->a.node, bed.p->now, a2);
    close_bed(&bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_arrives_and_its_sender_hears_of_it),
        cmocka_unit_test(messages_go_both_ways_at_once),
        cmocka_unit_test(empty_message_is_one),
        cmocka_unit_test(largest_message_fills_the_packet),
        cmocka_unit_test(window_is_two_at_first_and_ready_says_that_it_opens),
        cmocka_unit_test(window_grows_with_proofs_and_shrinks_with_timeouts),
        cmocka_unit_test(channel_of_a_slow_link_has_one_message_under_way),
        cmocka_unit_test(channel_opens_once_on_an_active_link),
        cmocka_unit_test(no_slot_for_a_channel_is_said),
        cmocka_unit_test(message_for_no_channel_is_not_proved_and_comes_again),
        cmocka_unit_test(all_types_are_taken_until_one_is_registered),
        cmocka_unit_test(reserved_types_are_nobodys),
        cmocka_unit_test(types_of_one_channel_are_not_those_of_another),
        cmocka_unit_test(message_that_is_lost_is_sent_again_and_arrives_once),
        cmocka_unit_test(five_tries_and_the_link_is_closed_at_both_ends),
        cmocka_unit_test(tries_count_for_the_oldest_message_alone),
        cmocka_unit_test(message_that_becomes_the_oldest_has_five_tries),
        cmocka_unit_test(responder_that_gives_up_says_that_it_closed),
        cmocka_unit_test(lost_proof_makes_a_duplicate_that_is_proved_again),
        cmocka_unit_test(only_the_proof_of_the_last_try_counts),
        cmocka_unit_test(more_messages_give_those_under_way_more_time),
        cmocka_unit_test(try_without_a_frame_counts),
        cmocka_unit_test(forged_proof_is_refused),
        cmocka_unit_test(proof_of_another_links_message_is_nobodys),
    };
    return cmocka_run_group_tests_name("session channel", tests, NULL, NULL);
}
