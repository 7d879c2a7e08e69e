// What rns_inspect_*() says of channels and transfers, while they go.
#include "resource_bed.h"
#include "rns/inspect.h"

#define SDU 464U // bytes of a part at an MTU of 500

static void a_channel_is_seen(void **state) {
    (void)state;
    pair_t *pair = pair_open((pair_setup_t){0});
    rns_link_t a, b;
    rns_inspect_channel_t seen;
    rns_inspect_message_t messages[4];
    pair_link(pair, &a, &b);
    assert_int_equal(rns_inspect_channel(pair->a.node, a, &seen), RNS_ERR_STATE);
    assert_int_equal(rns_inspect_messages(pair->a.node, a, messages, 4), 0);
    assert_int_equal(rns_channel_open(pair->a.node, pair->now, a), RNS_ERR_OK);
    assert_int_equal(rns_channel_register(pair->a.node, a, 7), RNS_ERR_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rns_channel_send(pair->a.node, pair->now, a, 7, pair_text("x"), NULL),
                         RNS_ERR_OK);
    }
    assert_int_equal(rns_inspect_channel(pair->a.node, a, &seen), RNS_ERR_OK);
    assert_int_equal(seen.window, 2);
    assert_int_equal(seen.window_min, 2);
    assert_int_equal(seen.window_max, 5);
    assert_int_equal(seen.flexibility, 4);
    assert_int_equal(seen.next_tx, 2);
    assert_int_equal(seen.next_rx, 0);
    assert_int_equal(seen.tx_count, 2);
    assert_int_equal(seen.rx_count, 0);
    assert_int_equal(seen.types, 1);
    assert_int_equal(rns_inspect_messages(pair->a.node, a, messages, 1), 2);
    assert_int_equal(messages[0].sequence, 0);
    assert_int_equal(messages[0].tries, 1);
    pair_run(pair, SECOND); // b has no channel: nothing is proved
    assert_int_equal(rns_inspect_messages(pair->a.node, a, messages, 4), 2);
    assert_int_equal(messages[1].sequence, 1);
    assert_true(messages[1].tries > 1);
    rns_link_close(pair->a.node, pair->now, a);
    assert_int_equal(rns_inspect_channel(pair->a.node, a, &seen), RNS_ERR_GONE);
    assert_int_equal(rns_inspect_messages(pair->a.node, a, messages, 4), 0);
    pair_close(pair);
}

static void look_on(bed_t *bed, side_t *side, const rns_event_t *event) {
    rns_inspect_transfer_t seen;
    assert_int_equal(rns_inspect_transfer(side->node, event->resource, &seen), RNS_ERR_OK);
    if (side == &bed->pair->b) {
        assert_int_equal(seen.state, RNS_TRANSFER_TRANSFERRING);
        assert_true(seen.height <= seen.received && seen.received <= seen.map_height);
        assert_int_equal(seen.window_min, 2);
        assert_true(seen.window >= 4);
    }
}

static void transfers_are_seen(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    const rns_node_t *a = bed->pair->a.node, *b = bed->pair->b.node;
    rns_inspect_transfer_t seen;
    rns_inspect_transfers_t all;
    const rns_resource_t first = bed_send(bed, 5 * SDU, NULL), second = bed_send(bed, 1, NULL);
    bed->tape.size = 5 * SDU;
    bed->tape.seed = 5 * SDU;
    assert_int_equal(rns_inspect_transfer(a, first, &seen), RNS_ERR_OK);
    assert_int_equal(seen.state, RNS_TRANSFER_PREPARING);
    assert_int_equal(seen.sdu, SDU);
    assert_int_equal(rns_inspect_transfer(a, second, &seen), RNS_ERR_OK);
    assert_int_equal(seen.state, RNS_TRANSFER_QUEUED);
    assert_int_equal(rns_inspect_transfers(a, bed->a, &all), RNS_ERR_OK);
    assert_int_equal(all.outgoing, 2);
    assert_int_equal(all.incoming, 0);
    pair_turn(bed->pair);
    assert_int_equal(rns_inspect_transfer(a, first, &seen), RNS_ERR_OK);
    assert_int_equal(seen.state, RNS_TRANSFER_ADVERTISED);
    assert_int_equal(seen.map_height, 6); // 48 bytes of token and 4 random ones make a sixth
    assert_memory_equal(seen.proof, bed_out(bed)->proof, 32);
    bed->progress = look_on;
    pair_run(bed->pair, 15 * MS);
    assert_int_equal(rns_inspect_transfers(b, bed->b, &all), RNS_ERR_OK);
    assert_int_equal(all.incoming, 1);
    assert_int_equal(all.last_window, 0);
    rns_resource_cancel(bed->pair->a.node, bed->pair->now, second);
    pair_run(bed->pair, 5 * SECOND);
    assert_int_equal(rns_inspect_transfer(a, first, &seen), RNS_ERR_GONE);
    assert_int_equal(rns_inspect_transfers(b, bed->b, &all), RNS_ERR_OK);
    assert_int_equal(all.incoming, 0);
    assert_int_equal(all.last_window, 5); // 4, and one more for the round that came whole
    bed_close(bed);
}

static void take_up_to(bed_t *bed, const rns_event_t *event) {
    rns_node_t *node = bed->pair->b.node;
    const rns_sink_t sink = sink_of(&bed->reel);
    const uint32_t *bound = bed->user;
    assert_int_equal(rns_resource_unpack_most(node, event->resource, *bound), RNS_ERR_OK);
    assert_int_equal(
        rns_resource_accept(node, bed->pair->now, event->resource, &sink, (rns_mem_t){NULL, 0}),
        RNS_ERR_OK);
    assert_int_equal(rns_resource_unpack_most(node, (rns_resource_t){99, 1}, 1), RNS_ERR_GONE);
}

static void a_segment_beyond_the_bound_ends_the_link(void **state) {
    (void)state;
    static const struct {
        uint64_t size;
        uint32_t bound;
        int at_a, at_b;
    } CASES[] = {
        {200000, 0, RNS_ERR_OK, RNS_ERR_OK},
        {200000, 200000, RNS_ERR_OK, RNS_ERR_OK},
        {200001, 200000, RNS_ERR_REFUSED, RNS_ERR_CORRUPT},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        bed_t *bed =
            bed_open((pair_setup_t){.profile = RNS_PROFILE_ROUTER, .compress = &rns_compress_bz2},
                     RNS_ACCEPT_ASK);
        bed->user = (void *)&CASES[i].bound;
        bed->offered = take_up_to;
        bed->tape.dull = true;
        (void)bed_send(bed, CASES[i].size, NULL);
        pair_run(bed->pair, 30 * SECOND);
        bed_ends(bed, CASES[i].at_a, CASES[i].at_b);
        const bool is_bad = CASES[i].at_b != RNS_ERR_OK;
        assert_int_equal(pair_count(&bed->pair->b, RNS_EV_LINK_DOWN), is_bad);
        assert_int_equal(bed->reel.committed, is_bad ? 0 : CASES[i].size);
        bed_close(bed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_channel_is_seen),
        cmocka_unit_test(transfers_are_seen),
        cmocka_unit_test(a_segment_beyond_the_bound_ends_the_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
