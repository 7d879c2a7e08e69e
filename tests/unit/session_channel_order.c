// Channels between two nodes: what comes early or twice, what finds no room, and links that are
// closed in the middle.
#include "channel_help.h"
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
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_ENVELOPE] = 20};
    bed_t bed;
    open_with(&bed, (pair_setup_t){.count = count}); // mcu: 16 of each link
    for (unsigned i = 1; i <= 16; i++) {
        assert_int_equal(craft_next(&bed, i), RNS_RX_QUEUED);
    }
    assert_int_equal(craft_next(&bed, 17), RNS_RX_FULL);
    assert_int_equal(bed.proofs_to_a, 16);
    assert_int_equal(craft_next(&bed, 0), RNS_RX_DELIVERED);
    assert_int_equal(craft_next(&bed, 17), RNS_RX_DELIVERED);
    close_bed(&bed);
}

static void more_than_its_ring_is_lent_while_half_of_the_row_is_free(void **state) {
    (void)state;
    bed_t bed;
    open_bed(&bed); // mcu: 16 of each link, 64 in all
    for (unsigned i = 1; i <= 32; i++) {
        assert_int_equal(craft_next(&bed, i), RNS_RX_QUEUED);
    }
    assert_int_equal(craft_next(&bed, 33), RNS_RX_FULL);
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

static void who_asks_again_and_again_is_told_as_soon(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_PIECE] = 1};
    bed_t bed;
    open_with(&bed, (pair_setup_t){.count = count});
    rnsi_pool_t *pieces = RNSI_POOL(bed.p->a.node, PIECE);
    void *piece = rnsi_pool_take(pieces, bed.p->now, NULL);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(send(&bed, "a"), RNS_ERR_FULL);
        pair_run(bed.p, 10 * MS);
    }
    assert_in_range(pair_count(&bed.p->a, RNS_EV_CHANNEL_READY), 2, 3); // every 25 ms
    rnsi_pool_give(pieces, piece);
    close_bed(&bed);
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
        cmocka_unit_test(what_comes_early_is_delivered_in_order),
        cmocka_unit_test(duplicates_are_proved_and_not_delivered),
        cmocka_unit_test(window_takes_48_ahead_and_no_more),
        cmocka_unit_test(what_finds_no_place_is_not_proved),
        cmocka_unit_test(more_than_its_ring_is_lent_while_half_of_the_row_is_free),
        cmocka_unit_test(no_slot_for_what_comes_early_is_not_proved),
        cmocka_unit_test(numbers_go_on_from_the_start_after_the_last),
        cmocka_unit_test(what_comes_early_is_sorted_around_the_last_number),
        cmocka_unit_test(nothing_is_sent_further_than_48_ahead_of_what_is_not_proved),
        cmocka_unit_test(message_without_a_whole_head_is_malformed),
        cmocka_unit_test(no_slot_to_send_is_said_and_tried_again),
        cmocka_unit_test(who_asks_again_and_again_is_told_as_soon),
        cmocka_unit_test(interface_that_takes_nothing_is_no_room),
        cmocka_unit_test(ring_of_the_profile_limits_what_is_under_way),
        cmocka_unit_test(link_may_be_closed_in_any_event),
        cmocka_unit_test(link_may_be_closed_while_what_came_early_is_delivered),
        cmocka_unit_test(link_may_be_closed_by_what_came_early),
        cmocka_unit_test(message_may_be_answered_in_its_event),
        cmocka_unit_test(slots_return_when_the_link_closes_in_the_middle),
    };
    return cmocka_run_group_tests_name("session channel order", tests, NULL, NULL);
}
