// Channels between two nodes: order, windows, tries, proofs, and what finds no room.
#include "pair_help.h"
#include "session/channel.h"
#include "session/window.h"
#include "vectors/channel.h"

#define ITEMS(array) (sizeof(array) / sizeof *(array))
#define TYPE         0x0101
#define NONE         ((rns_bytes_t){NULL, 0})

typedef struct {
    pair_t *p;
    rns_link_t a, b;
    // What went over the wire.
    unsigned channel_frames, proofs_to_b, proofs_to_a;
    rns_us_t sent_at[64];      // CHANNEL frames from a to b
    unsigned lose, lose_proof; // bits: the n-th of them is lost
    bool lose_all;
} bed_t;

static bool hook(pair_t *pair, bool to_b, rns_mem_t frame) {
    bed_t *bed = pair->user;
    const bool is_proof = (frame.data[0] & 0x0F) == 0x0F;
    if (is_proof && frame.data[18] == 0x00) {
        const unsigned n = to_b ? bed->proofs_to_b++ : bed->proofs_to_a++;
        return to_b || n >= 32 || (bed->lose_proof >> n & 1) == 0;
    }
    if (frame.data[18] == RNSI_CONTEXT_CHANNEL && to_b) {
        const unsigned n = bed->channel_frames++;
        bed->sent_at[n % 64] = pair->now;
        return !bed->lose_all && (n >= 32 || (bed->lose >> n & 1) == 0);
    }
    return true;
}

static void open_links(bed_t *bed, pair_setup_t setup) {
    memset(bed, 0, sizeof *bed);
    bed->p = pair_open(setup);
    bed->p->user = bed;
    bed->p->hook = hook;
    pair_link(bed->p, &bed->a, &bed->b);
}

static void open_with(bed_t *bed, pair_setup_t setup) {
    open_links(bed, setup);
    assert_int_equal(rns_channel_open(bed->p->a.node, bed->p->now, bed->a), RNS_ERR_OK);
    assert_int_equal(rns_channel_open(bed->p->b.node, bed->p->now, bed->b), RNS_ERR_OK);
}

static void open_bed(bed_t *bed) {
    open_with(bed, (pair_setup_t){0});
}

static void close_bed(bed_t *bed) {
    rns_link_close(bed->p->a.node, bed->p->now, bed->a);
    pair_run(bed->p, SECOND);
    rns_link_close(bed->p->b.node, bed->p->now, bed->b);
    pair_run(bed->p, SECOND);
    pair_assert_idle(&bed->p->a);
    pair_assert_idle(&bed->p->b);
    pair_close(bed->p);
}

static struct rnsi_link *link_a(const bed_t *bed) {
    return rnsi_link_get(bed->p->a.node, bed->a);
}

static struct rnsi_channel *channel_a(const bed_t *bed) {
    return rnsi_channel_of(bed->p->a.node, link_a(bed));
}

static struct rnsi_channel *channel_b(const bed_t *bed) {
    return rnsi_channel_of(bed->p->b.node, rnsi_link_get(bed->p->b.node, bed->b));
}

static rns_err_t send(bed_t *bed, const char *text) {
    return rns_channel_send(bed->p->a.node, bed->p->now, bed->a, TYPE, pair_text(text), NULL);
}

// A message as only somebody who writes his own software sends it. Its verdict at b.
static rns_verdict_t craft(bed_t *bed, unsigned type, unsigned sequence, const char *text) {
    uint8_t head[RNSI_MESSAGE_HEAD];
    const rns_bytes_t data = pair_text(text);
    uint32_t before[RNS_RX_COUNT];
    rns_verdict_t v;
    rnsi_message_head(head, (uint16_t)type, (uint16_t)sequence, data.size);
    assert_true(rnsi_link_send(bed->p->a.node, link_a(bed), RNSI_CONTEXT_CHANNEL,
                               (rnsi_out_t){{head, sizeof head}, data}, NULL));
    for (v = 0; v < RNS_RX_COUNT; v++) {
        before[v] = pair_verdicts(&bed->p->b, v);
    }
    pair_drain(bed->p, &bed->p->a);
    pair_run(bed->p, bed->p->delay);
    for (v = 0; v < RNS_RX_COUNT && pair_verdicts(&bed->p->b, v) == before[v]; v++) {
    }
    pair_run(bed->p, bed->p->delay);
    return v;
}

static rns_verdict_t craft_next(bed_t *bed, unsigned sequence) {
    return craft(bed, TYPE, sequence, "x");
}

// The messages that b has heard: their texts, one after the other.
static void assert_heard(const side_t *side, const char *expected) {
    char all[512] = "";
    for (size_t i = 0; i < side->heard_count; i++) {
        const rns_event_t *e = &side->heard[i].event;
        if (e->type == RNS_EV_CHANNEL) {
            strncat(all, (const char *)e->data.data, e->data.size);
        }
    }
    assert_string_equal(all, expected);
}

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
    pair_run(bed.p, SECOND); // at 2,307,812 us
    const heard_t *a = pair_last(&bed.p->a, RNS_EV_LINK_DOWN),
                  *b = pair_last(&bed.p->b, RNS_EV_LINK_DOWN);
    assert_true(a != NULL && b != NULL);
    assert_int_equal(a->event.reason, RNS_LINK_INITIATOR_CLOSED); // Link.teardown
    assert_int_equal(b->event.reason, RNS_LINK_INITIATOR_CLOSED);
    assert_int_equal(bed.channel_frames, 10);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_LINK_DOWN), 1);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_SENT), 0);
    close_bed(&bed);
}

static void responder_that_gives_up_says_that_it_closed(void **state) {
    (void)state;
    bed_t bed;
    open_links(&bed, (pair_setup_t){0});
    assert_int_equal(rns_channel_open(bed.p->b.node, bed.p->now, bed.b), RNS_ERR_OK);
    assert_int_equal(rns_channel_send(bed.p->b.node, bed.p->now, bed.b, TYPE, pair_text("a"), NULL),
                     RNS_ERR_OK);
    pair_run(bed.p, 2 * SECOND);
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

// ---- Order

static void what_comes_early_is_delivered_in_order(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(craft(&bed, TYPE, 3, "d"), RNS_RX_QUEUED);
    assert_int_equal(craft(&bed, TYPE, 1, "b"), RNS_RX_QUEUED);
    assert_int_equal(craft(&bed, TYPE, 5, "f"), RNS_RX_QUEUED);
    assert_int_equal(craft(&bed, TYPE, 2, "c"), RNS_RX_QUEUED);
    assert_heard(&bed.p->b, "");
    assert_int_equal(bed.proofs_to_a, 4); // each is proved when it is stored
    assert_int_equal(craft(&bed, TYPE, 0, "a"), RNS_RX_DELIVERED);
    assert_heard(&bed.p->b, "abcd");
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_ENVELOPE), 1);
    assert_int_equal(craft(&bed, TYPE, 4, "e"), RNS_RX_DELIVERED);
    assert_heard(&bed.p->b, "abcdef");
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_PIECE), 0);
    for (size_t i = 0, next = 0; i < bed.p->b.heard_count; i++) {
        if (bed.p->b.heard[i].event.type == RNS_EV_CHANNEL) {
            assert_int_equal(bed.p->b.heard[i].event.sequence, next++);
        }
    }
    close_bed(&bed);
}

static void duplicates_are_proved_and_not_delivered(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(craft(&bed, TYPE, 0, "a"), RNS_RX_DELIVERED);
    assert_int_equal(craft(&bed, TYPE, 0, "a"), RNS_RX_REPEATED);
    assert_int_equal(craft(&bed, TYPE, 2, "c"), RNS_RX_QUEUED);
    assert_int_equal(craft(&bed, TYPE, 2, "c"), RNS_RX_REPEATED);
    assert_int_equal(bed.proofs_to_a, 4);
    assert_int_equal(craft(&bed, TYPE, 1, "b"), RNS_RX_DELIVERED);
    assert_int_equal(craft(&bed, TYPE, 65535, "z"), RNS_RX_REPEATED); // long ago
    assert_heard(&bed.p->b, "abc");
    close_bed(&bed);
}

static void window_takes_48_ahead_and_no_more(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(craft_next(&bed, 48), RNS_RX_QUEUED);
    assert_int_equal(craft_next(&bed, 49), RNS_RX_NOT_NOW);
    assert_int_equal(craft_next(&bed, 32767), RNS_RX_NOT_NOW);
    assert_int_equal(bed.proofs_to_a, 1);
    close_bed(&bed);
}

static void what_finds_no_place_is_not_proved(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed); // mcu: 16 of each link
    for (unsigned i = 1; i <= 16; i++) {
        assert_int_equal(craft_next(&bed, i), RNS_RX_QUEUED);
    }
    assert_int_equal(craft_next(&bed, 17), RNS_RX_FULL);
    assert_int_equal(bed.proofs_to_a, 16);
    assert_int_equal(craft_next(&bed, 0), RNS_RX_DELIVERED);
    assert_int_equal(craft_next(&bed, 17), RNS_RX_DELIVERED);
    close_bed(&bed);
}

static void no_slot_for_what_comes_early_is_not_proved(void **state) {
    (void)state;
    static const rns_pool_t ROWS[] = {RNS_POOL_ENVELOPE, RNS_POOL_PIECE};
    for (size_t i = 0; i < ITEMS(ROWS); i++) {
        uint32_t count[RNS_POOL_COUNT] = {0};
        count[ROWS[i]] = 1;
        bed_t bed;
        open_with(&bed, (pair_setup_t){.count = count});
        assert_int_equal(craft(&bed, TYPE, 1, "b"), RNS_RX_QUEUED);
        assert_int_equal(craft(&bed, TYPE, 2, "c"), RNS_RX_FULL);
        assert_int_equal(bed.proofs_to_a, 1);
        assert_int_equal(craft(&bed, TYPE, 0, "a"), RNS_RX_DELIVERED); // needs none
        assert_int_equal(craft(&bed, TYPE, 2, "c"), RNS_RX_DELIVERED);
        assert_heard(&bed.p->b, "abc");
        close_bed(&bed);
    }
}

static void numbers_go_on_from_the_start_after_the_last(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    channel_a(&bed)->next_tx = channel_b(&bed)->next_rx = 65534;
    for (unsigned i = 0; i < 5; i++) {
        const char text[] = {(char)('a' + i), '\0'};
        assert_int_equal(send(&bed, text), RNS_ERR_OK);
        pair_run(bed.p, 20 * MS);
    }
    assert_heard(&bed.p->b, "abcde");
    assert_int_equal(pair_last(&bed.p->b, RNS_EV_CHANNEL)->event.sequence, 2);
    close_bed(&bed);
}

static void what_comes_early_is_sorted_around_the_last_number(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    channel_b(&bed)->next_rx = 65534;
    assert_int_equal(craft(&bed, TYPE, 1, "d"), RNS_RX_QUEUED);
    assert_int_equal(craft(&bed, TYPE, 65535, "b"), RNS_RX_QUEUED);
    assert_int_equal(craft(&bed, TYPE, 47, "x"), RNS_RX_NOT_NOW);
    assert_int_equal(craft(&bed, TYPE, 0, "c"), RNS_RX_QUEUED);
    assert_int_equal(craft(&bed, TYPE, 0, "c"), RNS_RX_REPEATED);
    assert_int_equal(craft(&bed, TYPE, 65533, "x"), RNS_RX_REPEATED);
    assert_int_equal(craft(&bed, TYPE, 65534, "a"), RNS_RX_DELIVERED);
    assert_heard(&bed.p->b, "abcd");
    close_bed(&bed);
}

// The reference would prove the 50th and lose it.
static void nothing_is_sent_further_than_48_ahead_of_what_is_not_proved(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_FRAME] = 64, [RNS_POOL_TXREF] = 64};
    bed_t bed;
    open_with(&bed, (pair_setup_t){.count = count});
    link_a(&bed)->rtt_us = 60 * SECOND; // so that the first is not sent again
    bed.lose = 1;
    unsigned sent = 0;
    for (unsigned i = 0; i < 60; i++) {
        sent += send(&bed, "x") == RNS_ERR_OK;
        if (channel_b(&bed)->rx_count > 14) { // b's ring would be full
            channel_b(&bed)->rx_count = 1;
        }
        pair_run(bed.p, 30 * MS);
    }
    assert_int_equal(sent, 49);
    assert_int_equal(channel_a(&bed)->tx_count, 1);
    assert_false(rns_channel_ready(bed.p->a.node, bed.a));
    close_bed(&bed);
}

static void message_without_a_whole_head_is_malformed(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_true(rnsi_link_send(bed.p->a.node, link_a(&bed), RNSI_CONTEXT_CHANNEL,
                               (rnsi_out_t){pair_text("5byte"), NONE}, NULL));
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_verdicts(&bed.p->b, RNS_RX_MALFORMED), 1);
    assert_int_equal(bed.proofs_to_a, 0);
    close_bed(&bed);
}

// ---- No room to send

static void no_slot_to_send_is_said_and_tried_again(void **state) {
    (void)state;
    static const rns_pool_t ROWS[] = {RNS_POOL_ENVELOPE, RNS_POOL_PIECE};
    for (size_t i = 0; i < ITEMS(ROWS); i++) {
        uint32_t count[RNS_POOL_COUNT] = {0};
        count[ROWS[i]] = 1;
        bed_t bed;
        rns_link_t a2, b2;
        open_with(&bed, (pair_setup_t){.count = count});
        pair_link(bed.p, &a2, &b2);
        assert_int_equal(rns_channel_open(bed.p->a.node, bed.p->now, a2), RNS_ERR_OK);
        assert_int_equal(rns_channel_open(bed.p->b.node, bed.p->now, b2), RNS_ERR_OK);
        assert_int_equal(send(&bed, "a"), RNS_ERR_OK);
        // The other channel has nothing under way whose proof could tell it.
        assert_int_equal(rns_channel_send(bed.p->a.node, bed.p->now, a2, TYPE, NONE, NULL),
                         RNS_ERR_FULL);
        pair_run(bed.p, SECOND);
        assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_READY), 1);
        assert_int_equal(pair_last(&bed.p->a, RNS_EV_CHANNEL_READY)->event.link.slot, a2.slot);
        assert_int_equal(rns_channel_send(bed.p->a.node, bed.p->now, a2, TYPE, NONE, NULL),
                         RNS_ERR_OK);
        pair_run(bed.p, SECOND);
        assert_int_equal(pair_count(&bed.p->b, RNS_EV_CHANNEL), 2);
        rns_link_close(bed.p->a.node, bed.p->now, a2);
        close_bed(&bed);
    }
}

static void interface_that_takes_nothing_is_no_room(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(rns_iface_online(bed.p->a.node, bed.p->now, bed.p->a.wire, false), RNS_ERR_OK);
    assert_int_equal(send(&bed, "a"), RNS_ERR_FULL);
    assert_int_equal(pair_used(&bed.p->a, RNS_POOL_ENVELOPE), 0);
    assert_int_equal(pair_used(&bed.p->a, RNS_POOL_PIECE), 0);
    assert_int_equal(rns_iface_online(bed.p->a.node, bed.p->now, bed.p->a.wire, true), RNS_ERR_OK);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_CHANNEL_READY), 1);
    assert_int_equal(send(&bed, "a"), RNS_ERR_OK);
    pair_run(bed.p, SECOND);
    assert_heard(&bed.p->b, "a");
    close_bed(&bed);
}

static void ring_of_the_profile_limits_what_is_under_way(void **state) {
    (void)state;
    bed_t bed;
    unsigned sent = 0;
    open_bed(&bed);
    bed.lose_all = true;
    channel_a(&bed)->window = 48;
    while (sent < 60 && send(&bed, "x") == RNS_ERR_OK) {
        pair_drain(bed.p, &bed.p->a);
        sent++;
    }
    assert_int_equal(sent, 16); // mcu
    close_bed(&bed);
}

// ---- An application that closes the link in every event

static void close_on(side_t *side, const rns_event_t *event) {
    const rns_event_type_t *when = side->user;
    if (event->type == *when) {
        rns_link_close(side->node, side->pair->now, event->link);
    }
}

static void link_may_be_closed_in_any_event(void **state) {
    (void)state;
    static const rns_event_type_t WHEN[] = {RNS_EV_CHANNEL, RNS_EV_CHANNEL_SENT,
                                            RNS_EV_CHANNEL_READY};
    for (size_t i = 0; i < ITEMS(WHEN); i++) {
        rns_event_type_t when = WHEN[i];
        bed_t bed;
        open_bed(&bed);
        bed.p->a.react = bed.p->b.react = close_on;
        bed.p->a.user = bed.p->b.user = &when;
        assert_int_equal(send(&bed, "a"), RNS_ERR_OK);
        assert_int_equal(send(&bed, "b"), RNS_ERR_OK);
        assert_int_equal(send(&bed, "c"), RNS_ERR_FULL);
        pair_run(bed.p, SECOND);
        assert_int_equal(pair_count(&bed.p->a, RNS_EV_LINK_DOWN), 1);
        assert_int_equal(pair_count(&bed.p->b, RNS_EV_LINK_DOWN), 1);
        close_bed(&bed);
    }
}

static void link_may_be_closed_while_what_came_early_is_delivered(void **state) {
    (void)state;
    rns_event_type_t when = RNS_EV_CHANNEL;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(craft(&bed, TYPE, 1, "b"), RNS_RX_QUEUED);
    assert_int_equal(craft(&bed, TYPE, 2, "c"), RNS_RX_QUEUED);
    bed.p->b.react = close_on;
    bed.p->b.user = &when;
    assert_int_equal(craft(&bed, TYPE, 0, "a"), RNS_RX_DELIVERED);
    assert_heard(&bed.p->b, "a");
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_LINK_DOWN), 1);
    pair_run(bed.p, SECOND);
    close_bed(&bed);
}

static void close_on_second(side_t *side, const rns_event_t *event) {
    if (event->type == RNS_EV_CHANNEL && event->sequence == 1) {
        rns_link_close(side->node, side->pair->now, event->link);
    }
}

static void link_may_be_closed_by_what_came_early(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(craft(&bed, TYPE, 1, "b"), RNS_RX_QUEUED);
    assert_int_equal(craft(&bed, TYPE, 2, "c"), RNS_RX_QUEUED);
    bed.p->b.react = close_on_second;
    assert_int_equal(craft(&bed, TYPE, 0, "a"), RNS_RX_DELIVERED);
    assert_heard(&bed.p->b, "ab");
    close_bed(&bed);
}

static void answer(side_t *side, const rns_event_t *event) {
    if (event->type == RNS_EV_CHANNEL) {
        rns_channel_send(side->node, side->pair->now, event->link, TYPE, event->data, NULL);
    }
}

static void message_may_be_answered_in_its_event(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    bed.p->b.react = answer;
    assert_int_equal(craft(&bed, TYPE, 1, "b"), RNS_RX_QUEUED);
    assert_int_equal(craft(&bed, TYPE, 0, "a"), RNS_RX_DELIVERED);
    pair_run(bed.p, SECOND);
    assert_heard(&bed.p->a, "ab");
    close_bed(&bed);
}

static void slots_return_when_the_link_closes_in_the_middle(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed);
    assert_int_equal(rns_channel_register(bed.p->b.node, bed.b, TYPE), RNS_ERR_OK);
    assert_int_equal(craft(&bed, TYPE, 1, "b"), RNS_RX_QUEUED);
    bed.lose_all = true;
    assert_int_equal(send(&bed, "a"), RNS_ERR_OK);
    assert_int_equal(pair_used(&bed.p->a, RNS_POOL_ENVELOPE), 1);
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_ENVELOPE), 1);
    close_bed(&bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_arrives_and_its_sender_hears_of_it),
        cmocka_unit_test(messages_go_both_ways_at_once),
        cmocka_unit_test(empty_message_is_one),
        cmocka_unit_test(largest_message_fills_the_packet),
        cmocka_unit_test(window_is_two_at_first_and_ready_says_that_it_opens),
        cmocka_unit_test(channel_of_a_slow_link_has_one_message_under_way),
        cmocka_unit_test(channel_opens_once_on_an_active_link),
        cmocka_unit_test(no_slot_for_a_channel_is_said),
        cmocka_unit_test(message_for_no_channel_is_not_proved_and_comes_again),
        cmocka_unit_test(all_types_are_taken_until_one_is_registered),
        cmocka_unit_test(reserved_types_are_nobodys),
        cmocka_unit_test(types_of_one_channel_are_not_those_of_another),
        cmocka_unit_test(message_that_is_lost_is_sent_again_and_arrives_once),
        cmocka_unit_test(five_tries_and_the_link_is_closed_at_both_ends),
        cmocka_unit_test(responder_that_gives_up_says_that_it_closed),
        cmocka_unit_test(lost_proof_makes_a_duplicate_that_is_proved_again),
        cmocka_unit_test(only_the_proof_of_the_last_try_counts),
        cmocka_unit_test(more_messages_give_those_under_way_more_time),
        cmocka_unit_test(try_without_a_frame_counts),
        cmocka_unit_test(forged_proof_is_refused),
        cmocka_unit_test(proof_of_another_links_message_is_nobodys),
        cmocka_unit_test(what_comes_early_is_delivered_in_order),
        cmocka_unit_test(duplicates_are_proved_and_not_delivered),
        cmocka_unit_test(window_takes_48_ahead_and_no_more),
        cmocka_unit_test(what_finds_no_place_is_not_proved),
        cmocka_unit_test(no_slot_for_what_comes_early_is_not_proved),
        cmocka_unit_test(numbers_go_on_from_the_start_after_the_last),
        cmocka_unit_test(what_comes_early_is_sorted_around_the_last_number),
        cmocka_unit_test(nothing_is_sent_further_than_48_ahead_of_what_is_not_proved),
        cmocka_unit_test(message_without_a_whole_head_is_malformed),
        cmocka_unit_test(no_slot_to_send_is_said_and_tried_again),
        cmocka_unit_test(interface_that_takes_nothing_is_no_room),
        cmocka_unit_test(ring_of_the_profile_limits_what_is_under_way),
        cmocka_unit_test(link_may_be_closed_in_any_event),
        cmocka_unit_test(link_may_be_closed_while_what_came_early_is_delivered),
        cmocka_unit_test(link_may_be_closed_by_what_came_early),
        cmocka_unit_test(message_may_be_answered_in_its_event),
        cmocka_unit_test(slots_return_when_the_link_closes_in_the_middle),
    };
    return cmocka_run_group_tests_name("session channel", tests, NULL, NULL);
}
