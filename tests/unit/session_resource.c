// Transfers between two nodes: sizes, ways to offer and to take them, their order, their ends.
#include "resource_bed.h"

static const rns_mem_t NO_MEMORY = {NULL, 0};

// ---- What crosses

static void cross(pair_setup_t setup, uint64_t size, const rns_resource_options_t *options,
                  bool dull) {
    bed_t *bed = bed_open(setup, RNS_ACCEPT_ALL);
    bed->tape.dull = dull;
    bed_send(bed, size, options);
    pair_run(bed->pair, 3000 * SECOND);
    bed_whole(bed, size);
    bed_close(bed);
}

static void five_mebibytes_cross_at_mtu_500(void **state) {
    (void)state;
    cross((pair_setup_t){0}, 5 << 20, NULL, false);
}

static void five_mebibytes_cross_at_a_large_mtu(void **state) {
    (void)state;
    const pair_setup_t setup = {.profile = RNS_PROFILE_ROUTER, .hw_mtu = 16384};
    cross(setup, 5 << 20, NULL, false);
}

static void sizes_around_every_edge_cross(void **state) {
    (void)state;
    // A block, a part, and a segment; 34,283 bytes are 74 parts of 464, 68,619 are 148.
    static const uint64_t SIZES[] = {0,   1,     11,    12,    395,   396,     411,     412,
                                     427, 34283, 34284, 68619, 68620, 1048574, 1048575, 1048576};
    static const uint32_t MTUS[] = {0, 1064, 501};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        for (size_t m = 0; m < sizeof MTUS / sizeof *MTUS; m++) {
            cross((pair_setup_t){.hw_mtu = MTUS[m]}, SIZES[i], NULL, false);
        }
    }
}

static void metadata_comes_before_the_data_of_the_first_segment(void **state) {
    (void)state;
    static const uint64_t SIZES[] = {0, 1, 1000, 1048575 - 303, 1048575 - 302, 1048576, 2 << 20};
    uint8_t metadata[300] = {0xc5, 0x01, 0x29}; // 297 bytes
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
        const rns_resource_options_t options = {.metadata = {metadata, sizeof metadata}};
        bed_send(bed, SIZES[i], &options);
        pair_run(bed->pair, 3000 * SECOND);
        bed_whole(bed, SIZES[i]);
        const heard_t *done = pair_last(&bed->pair->b, RNS_EV_RESOURCE_DONE);
        assert_int_equal(done->event.metadata.size, sizeof metadata);
        assert_memory_equal(done->metadata, metadata, sizeof metadata);
        assert_int_equal(done->event.size, SIZES[i] + sizeof metadata + 3);
        bed_close(bed);
    }
}

// The rows of the profile tiny, of which this is all that both nodes have.
static void tiny(uint32_t count[RNS_POOL_COUNT]) {
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        count[id] = rnsi_rows[id].count[RNS_PROFILE_TINY];
        count[id] = count[id] != 0 ? count[id] : RNS_COUNT_NONE;
    }
}

static void a_board_without_external_memory_moves_ten_mebibytes(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT];
    tiny(count);
    bed_t *bed = bed_open((pair_setup_t){.count = count, .delay = 1 * MS}, RNS_ACCEPT_ALL);
    bed_send(bed, 10 << 20, NULL);
    pair_run(bed->pair, 3000 * SECOND);
    bed_whole(bed, 10 << 20);
    rns_pool_info_t info;
    rns_pool_info(bed->pair->b.node, RNS_POOL_PIECE, &info);
    assert_int_equal(info.slots, 2);
    bed_close(bed);
}

static void a_board_without_external_memory_bears_loss(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT];
    tiny(count);
    bed_t *bed = bed_open((pair_setup_t){.count = count}, RNS_ACCEPT_ALL);
    bed->pair->hook = bed_loses;
    bed->dice = 5;
    bed->loses = 5;
    bed->delays = 10;
    bed_send(bed, 200000, NULL);
    pair_run(bed->pair, 3000 * SECOND);
    bed_whole(bed, 200000);
    bed_close(bed);
}

static void a_board_without_external_memory_refuses_what_is_packed(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT];
    tiny(count);
    count[RNS_POOL_SEGMENT] = count[RNS_POOL_PACK] = 1; // for the sender alone
    bed_t *bed =
        bed_open((pair_setup_t){.count = count, .compress = &rns_compress_bz2}, RNS_ACCEPT_ALL);
    bed->tape.dull = true;
    bed_send(bed, 100000, NULL);
    pair_run(bed->pair, SECOND);
    bed_ends(bed, RNS_ERR_REFUSED, 1);
    bed_close(bed);
}

static void what_packs_well_crosses_packed(void **state) {
    (void)state;
    // Below what the small arena unpacks, above it, and three segments.
    static const uint64_t SIZES[] = {2, 60000, 79001, 1048575, 3000000};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        for (unsigned option = 0; option < 3; option++) {
            const pair_setup_t setup = {.profile = RNS_PROFILE_ROUTER,
                                        .compress = &rns_compress_bz2};
            const rns_resource_options_t options = {
                .no_compress = option == 1, .compress_most = option == 2 ? SIZES[i] - 1 : 0};
            bed_t *bed = bed_open(setup, RNS_ACCEPT_ALL);
            bed->tape.dull = true;
            const rns_resource_t resource = bed_send(bed, SIZES[i], &options);
            rns_resource_info_t info;
            while (bed_out(bed)->state != RNSI_OUT_ADVERTISED) {
                rns_tick(bed->pair->a.node, bed->pair->now);
            }
            rns_resource_info(bed->pair->a.node, resource, &info);
            assert_int_equal(info.compressed, option == 0 && SIZES[i] > 2);
            assert_true(info.compressed ? info.transfer_size < 30000 : info.transfer_size >= 64);
            pair_run(bed->pair, 3000 * SECOND);
            bed_whole(bed, SIZES[i]);
            bed_close(bed);
        }
    }
}

static void what_does_not_pack_crosses_as_it_is(void **state) {
    (void)state;
    const pair_setup_t setup = {.profile = RNS_PROFILE_ROUTER, .compress = &rns_compress_bz2};
    cross(setup, 1500000, NULL, false);
}

static void metadata_is_packed_with_the_data(void **state) {
    (void)state;
    uint8_t metadata[2000];
    memset(metadata, 'm', sizeof metadata);
    const pair_setup_t setup = {.profile = RNS_PROFILE_ROUTER, .compress = &rns_compress_bz2};
    bed_t *bed = bed_open(setup, RNS_ACCEPT_ALL);
    const rns_resource_options_t options = {.metadata = {metadata, sizeof metadata}};
    bed->tape.dull = true;
    bed_send(bed, 1100000, &options);
    pair_run(bed->pair, 100 * SECOND);
    bed_whole(bed, 1100000);
    assert_memory_equal(pair_last(&bed->pair->b, RNS_EV_RESOURCE_DONE)->metadata, metadata,
                        sizeof metadata);
    bed_close(bed);
}

static void the_responder_sends_too(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_NONE);
    const rns_sink_t sink = sink_of(&bed->reel);
    rns_link_accept(bed->pair->a.node, bed->a, RNS_ACCEPT_ALL, &sink, NO_MEMORY);
    bed->tape = bed->reel.tape = (tape_t){.size = 30000};
    const rns_source_t source = source_of(&bed->tape);
    assert_int_equal(
        rns_resource_send(bed->pair->b.node, bed->pair->now, bed->b, &source, 30000, NULL, NULL),
        RNS_ERR_OK);
    pair_run(bed->pair, 100 * SECOND);
    bed_ends(bed, RNS_ERR_OK, RNS_ERR_OK);
    assert_int_equal(bed->reel.committed, 30000);
    bed_close(bed);
}

static void both_ways_at_once_do_not_disturb_each_other(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    reel_t reel = {.tape = {.size = 200000, .seed = 9}};
    tape_t tape = reel.tape;
    const rns_sink_t sink = sink_of(&reel);
    rns_link_accept(bed->pair->a.node, bed->a, RNS_ACCEPT_ALL, &sink, NO_MEMORY);
    const rns_source_t source = source_of(&tape);
    bed_send(bed, 300000, NULL);
    rns_resource_send(bed->pair->b.node, bed->pair->now, bed->b, &source, 200000, NULL, NULL);
    pair_run(bed->pair, 100 * SECOND);
    assert_int_equal(pair_count(&bed->pair->a, RNS_EV_RESOURCE_DONE), 2);
    assert_int_equal(pair_count(&bed->pair->b, RNS_EV_RESOURCE_DONE), 2);
    assert_int_equal(bed->reel.committed, 300000);
    assert_int_equal(reel.committed, 200000);
    assert_false(bed->reel.wrong || reel.wrong);
    bed_close(bed);
}

// ---- Offers

static void accept_at_once(bed_t *bed, const rns_event_t *event) {
    const rns_sink_t sink = sink_of(&bed->reel);
    const rns_mem_t metadata = {bed->metadata, sizeof bed->metadata};
    assert_int_equal(
        rns_resource_accept(bed->pair->b.node, bed->pair->now, event->resource, &sink, metadata),
        RNS_ERR_OK);
}

static void reject_at_once(bed_t *bed, const rns_event_t *event) {
    assert_int_equal(rns_resource_reject(bed->pair->b.node, bed->pair->now, event->resource),
                     RNS_ERR_OK);
}

static void an_offer_is_taken_in_the_callback(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ASK);
    bed->offered = accept_at_once;
    bed_send(bed, 3 << 20, NULL); // of the three segments only the first is asked about
    pair_run(bed->pair, 300 * SECOND);
    bed_whole(bed, 3 << 20);
    assert_int_equal(pair_count(&bed->pair->b, RNS_EV_RESOURCE_OFFER), 1);
    const rns_event_t *offer = &pair_last(&bed->pair->b, RNS_EV_RESOURCE_OFFER)->event;
    assert_int_equal(offer->size, 3 << 20);
    bed_close(bed);
}

static void an_offer_may_wait(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ASK);
    bed_send(bed, 3000, NULL);
    pair_run(bed->pair, 4 * SECOND); // the peer offers it again after 1.12 s
    assert_int_equal(pair_count(&bed->pair->b, RNS_EV_RESOURCE_OFFER), 1);
    assert_int_equal(pair_verdicts(&bed->pair->b, RNS_RX_REPEATED), 3);
    accept_at_once(bed, &pair_last(&bed->pair->b, RNS_EV_RESOURCE_OFFER)->event);
    pair_run(bed->pair, 10 * SECOND);
    bed_whole(bed, 3000);
    bed_close(bed);
}

static void an_offer_is_refused(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ASK);
    bed->offered = reject_at_once;
    bed_send(bed, 3000, NULL);
    pair_run(bed->pair, SECOND);
    bed_ends(bed, RNS_ERR_REFUSED, RNS_ERR_CANCELLED);
    bed_close(bed);
}

static void an_offer_that_nobody_answers_lapses_on_both_sides(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ASK);
    bed_send(bed, 3000, NULL);
    pair_run(bed->pair, 5590 * MS); // five times 6 * 20 ms and a second
    bed_ends(bed, 1, 1);
    pair_run(bed->pair, 30 * MS);
    bed_ends(bed, RNS_ERR_TIMEOUT, RNS_ERR_CANCELLED);
    bed_close(bed);
}

static void an_offer_lapses_when_the_peer_is_gone(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ASK);
    bed_send(bed, 3000, NULL);
    pair_run(bed->pair, 15 * MS);
    bed->pair->hook = bed_loses;
    bed->loses = 100;
    pair_run(bed->pair, 5500 * MS);
    assert_int_equal(bed_end(&bed->pair->b), 1);
    pair_run(bed->pair, 200 * MS);
    assert_int_equal(bed_end(&bed->pair->b), RNS_ERR_TIMEOUT);
    bed_close(bed);
}

static void nobody_is_asked_on_a_link_that_takes_none(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_NONE);
    bed_send(bed, 3000, NULL);
    pair_run(bed->pair, 10 * SECOND);
    bed_ends(bed, RNS_ERR_TIMEOUT, 1);
    assert_int_equal(pair_verdicts(&bed->pair->b, RNS_RX_NOT_ALLOWED), 5);
    bed_close(bed);
}

static void the_sender_says_how_long_it_waits(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_NONE);
    const rns_resource_options_t options = {.timeout_us = 3 * SECOND};
    bed_send(bed, 3000, &options);
    pair_run(bed->pair, 19900 * MS); // five times four seconds
    bed_ends(bed, 1, 1);
    pair_run(bed->pair, 200 * MS);
    bed_ends(bed, RNS_ERR_TIMEOUT, 1);
    bed_close(bed);
}

// ---- Several at once

static void transfers_of_a_link_go_one_after_the_other(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ASK);
    static const uint64_t SIZES[] = {50000, 10, 70000, 1};
    rns_resource_t sent[4];
    bed->offered = accept_at_once;
    for (size_t i = 0; i < 4; i++) {
        sent[i] = bed_send(bed, SIZES[i], NULL);
    }
    bed->tape.size = 1 << 20; // the four read it one after the other, from its start
    bed->reel.tape = bed->tape;
    pair_run(bed->pair, 100 * SECOND);
    assert_int_equal(pair_count(&bed->pair->a, RNS_EV_RESOURCE_DONE), 4);
    assert_int_equal(pair_count(&bed->pair->b, RNS_EV_RESOURCE_DONE), 4);
    size_t n = 0;
    for (size_t i = 0; i < bed->pair->a.heard_count; i++) {
        const rns_event_t *event = &bed->pair->a.heard[i].event;
        if (event->type == RNS_EV_RESOURCE_DONE) {
            assert_int_equal(event->resource.slot, sent[n].slot);
            assert_int_equal(event->size, SIZES[n++]);
            assert_int_equal(event->status, RNS_ERR_OK);
        }
    }
    assert_int_equal(bed->reel.committed, 120011);
    bed_close(bed);
}

// ---- The next segment

// The slot in which the segment after the first is prepared, when that is done.
static struct rnsi_resource_out *after_first(bed_t *bed) {
    bed_send(bed, 3 << 20, NULL);
    pair_run(bed->pair, 100 * MS);
    const struct rnsi_resource_out *out = bed_out(bed);
    assert_int_equal(out->segment, 1);
    assert_int_equal(pair_used(&bed->pair->a, RNS_POOL_RESOURCE_OUT), 2);
    struct rnsi_resource_out *next =
        rnsi_pool_at(RNSI_POOL(bed->pair->a.node, RESOURCE_OUT), out->after);
    assert_int_equal(next->segment, 2);
    assert_int_equal(next->state, RNSI_OUT_READY);
    assert_memory_equal(next->original, out->hash, 32);
    return next;
}

static void the_next_segment_is_prepared_while_one_is_sent(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){.hw_mtu = 2048}, RNS_ACCEPT_ALL);
    after_first(bed);
    assert_int_equal(rnsi_link_get(bed->pair->a.node, bed->a)->out_count, 1);
    pair_run(bed->pair, 100 * SECOND);
    bed_whole(bed, 3 << 20);
    bed_close(bed);
}

static void a_next_segment_that_is_not_ready_is_waited_for(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){.hw_mtu = 2048}, RNS_ACCEPT_ALL);
    struct rnsi_resource_out *next = after_first(bed);
    rnsi_prepare_begin(bed->pair->a.node, next); // it has only just begun, and has no turns
    pair_run(bed->pair, 100 * SECOND);
    bed_whole(bed, 3 << 20);
    bed_close(bed);
}

static void a_next_segment_goes_with_its_transfer(void **state) {
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        bed_t *bed = bed_open((pair_setup_t){.hw_mtu = 2048}, RNS_ACCEPT_ALL);
        after_first(bed);
        const rns_resource_t resource = rnsi_resource_out_handle(bed->pair->a.node, bed_out(bed));
        if (i == 0) {
            rns_resource_cancel(bed->pair->a.node, bed->pair->now, resource);
        } else if (i == 1) {
            rns_link_close(bed->pair->a.node, bed->pair->now, bed->a);
        } else {
            rns_link_close(bed->pair->b.node, bed->pair->now, bed->b);
        }
        pair_run(bed->pair, SECOND);
        assert_int_equal(pair_used(&bed->pair->a, RNS_POOL_RESOURCE_OUT), 0);
        assert_int_not_equal(bed_end(&bed->pair->a), RNS_ERR_OK);
        bed_close(bed);
    }
}

static void a_source_that_ends_in_the_next_segment_ends_this_one(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){.hw_mtu = 2048}, RNS_ACCEPT_ALL);
    bed_send(bed, 3 << 20, NULL);
    bed->tape.size = 1500000;
    pair_run(bed->pair, SECOND);
    bed_ends(bed, RNS_ERR_CORRUPT, RNS_ERR_CANCELLED);
    assert_int_equal(bed->reel.commits, 0);
    bed_close(bed);
}

static void a_node_with_few_slots_prepares_nothing_ahead(void **state) {
    (void)state;
    static const uint32_t COUNT[RNS_POOL_COUNT] = {[RNS_POOL_RESOURCE_OUT] = 2};
    bed_t *bed = bed_open((pair_setup_t){.hw_mtu = 2048, .count = COUNT}, RNS_ACCEPT_ALL);
    bed_send(bed, 2 << 20, NULL);
    pair_run(bed->pair, 100 * MS);
    assert_int_equal(pair_used(&bed->pair->a, RNS_POOL_RESOURCE_OUT), 1);
    pair_run(bed->pair, 100 * SECOND);
    bed_whole(bed, 2 << 20);
    bed_close(bed);
}

static void a_link_has_so_many_transfers_and_no_more(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_NONE); // mcu: 8 of a link
    const rns_source_t source = source_of(&bed->tape);
    for (unsigned i = 0; i < 8; i++) {
        bed_send(bed, 10, NULL);
    }
    assert_int_equal(
        rns_resource_send(bed->pair->a.node, bed->pair->now, bed->a, &source, 10, NULL, NULL),
        RNS_ERR_FULL);
    assert_int_equal(pair_used(&bed->pair->a, RNS_POOL_RESOURCE_OUT), 8);
    pair_run(bed->pair, 50 * SECOND); // each in its turn
    assert_int_equal(pair_count(&bed->pair->a, RNS_EV_RESOURCE_DONE), 8);
    bed_close(bed);
}

static void a_second_one_is_refused_where_one_sink_takes_all(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed_send(bed, 30000, NULL);
    pair_run(bed->pair, 50 * MS);
    uint8_t bytes[RNSI_RESOURCE_ADV_MOST];
    const uint8_t hash[32] = {1};
    const rnsi_adv_t adv = {.size = 1,
                            .transfer = 64,
                            .parts = 1,
                            .segment = 1,
                            .segments = 1,
                            .hash = hash,
                            .original = hash,
                            .random = hash,
                            .flags = RNSI_ADV_ENCRYPTED,
                            .map = {hash, 4}};
    const size_t size = rnsi_adv_write((rns_mem_t){bytes, sizeof bytes}, &adv);
    pair_run(bed->pair, 0);
    assert_int_equal(bed_say(bed, true, RNSI_CONTEXT_RESOURCE_ADV, (rns_bytes_t){bytes, size}),
                     RNS_RX_NOT_NOW);
    pair_run(bed->pair, 10 * SECOND);
    bed_whole(bed, 30000);
    bed_close(bed);
}

static void a_full_row_refuses_the_newcomer(void **state) {
    (void)state;
    static const uint32_t COUNT[RNS_POOL_COUNT] = {[RNS_POOL_RESOURCE_IN] = RNS_COUNT_NONE};
    bed_t *bed = bed_open((pair_setup_t){.count = COUNT}, RNS_ACCEPT_ASK);
    bed_send(bed, 3000, NULL);
    pair_run(bed->pair, SECOND);
    bed_ends(bed, RNS_ERR_REFUSED, 1);
    assert_int_equal(pair_verdicts(&bed->pair->b, RNS_RX_FULL), 1);
    bed_close(bed);
}

static void a_row_that_is_full_is_said_to_the_caller(void **state) {
    (void)state;
    static const uint32_t COUNT[RNS_POOL_COUNT] = {[RNS_POOL_RESOURCE_OUT] = RNS_COUNT_NONE};
    bed_t *bed = bed_open((pair_setup_t){.count = COUNT}, RNS_ACCEPT_ASK);
    const rns_source_t source = source_of(&bed->tape);
    assert_int_equal(
        rns_resource_send(bed->pair->a.node, bed->pair->now, bed->a, &source, 0, NULL, NULL),
        RNS_ERR_FULL);
    bed_close(bed);
}

// ---- What the caller may not do

static void mistakes_of_the_caller_are_told(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ASK);
    rns_node_t *node = bed->pair->a.node;
    const rns_us_t now = bed->pair->now;
    const rns_source_t source = source_of(&bed->tape), none = {NULL, NULL};
    const rns_link_t gone = {bed->a.slot, bed->a.gen + 2};
    const rns_resource_t nothing = {0, 0}, out = {0x80000000U, 1};
    rns_resource_options_t options = {.metadata = {bed->metadata, RNS_METADATA_MAX + 1}};
    rns_resource_info_t info;
    assert_int_equal(rns_resource_send(node, now, gone, &source, 1, NULL, NULL), RNS_ERR_GONE);
    assert_int_equal(rns_resource_send(node, now, bed->a, NULL, 1, NULL, NULL), RNS_ERR_ARG);
    assert_int_equal(rns_resource_send(node, now, bed->a, &none, 1, NULL, NULL), RNS_ERR_ARG);
    assert_int_equal(rns_resource_send(node, now, bed->a, &source, 1, &options, NULL),
                     RNS_ERR_SIZE);
    assert_int_equal(rns_resource_send(node, now, bed->a, &source, UINT64_MAX, NULL, NULL),
                     RNS_ERR_SIZE);
    assert_int_equal(rns_resource_cancel(node, now, nothing), RNS_ERR_GONE);
    assert_int_equal(rns_resource_cancel(node, now, out), RNS_ERR_GONE);
    assert_int_equal(rns_resource_reject(node, now, out), RNS_ERR_GONE);
    assert_int_equal(rns_resource_info(node, nothing, &info), RNS_ERR_GONE);
    const rns_sink_t sink = sink_of(&bed->reel), no_sink = {NULL, NULL, NULL, NULL};
    assert_int_equal(rns_resource_accept(node, now, out, &sink, NO_MEMORY), RNS_ERR_GONE);
    assert_int_equal(rns_link_accept(node, bed->a, RNS_ACCEPT_ALL, &no_sink, NO_MEMORY),
                     RNS_ERR_ARG);

    bed_send(bed, 30000, NULL);
    pair_run(bed->pair, 15 * MS);
    const rns_resource_t in = pair_last(&bed->pair->b, RNS_EV_RESOURCE_OFFER)->event.resource;
    node = bed->pair->b.node;
    assert_int_equal(rns_resource_accept(node, bed->pair->now, in, NULL, NO_MEMORY), RNS_ERR_ARG);
    assert_int_equal(rns_resource_accept(node, bed->pair->now, in, &no_sink, NO_MEMORY),
                     RNS_ERR_ARG);
    assert_int_equal(rns_resource_accept(node, bed->pair->now, in, &sink, NO_MEMORY), RNS_ERR_OK);
    assert_int_equal(rns_resource_accept(node, bed->pair->now, in, &sink, NO_MEMORY),
                     RNS_ERR_STATE);
    pair_run(bed->pair, 10 * SECOND);
    bed_whole(bed, 30000);
    assert_int_equal(rns_resource_info(node, in, &info), RNS_ERR_GONE);
    bed_close(bed);
}

static void a_link_that_is_not_open_yet_sends_nothing(void **state) {
    (void)state;
    pair_t *pair = pair_open((pair_setup_t){0});
    rns_link_t link;
    tape_t tape = {.size = 1};
    const rns_source_t source = source_of(&tape);
    assert_int_equal(rns_link_open(pair->a.node, pair->now, &pair->hash, &link), RNS_ERR_OK);
    assert_int_equal(rns_resource_send(pair->a.node, pair->now, link, &source, 1, NULL, NULL),
                     RNS_ERR_STATE);
    pair_close(pair);
}

// ---- What can be seen

static void note_progress(bed_t *bed, side_t *side, const rns_event_t *event) {
    uint32_t *last = (uint32_t *)bed->user + (side == &bed->pair->b);
    assert_true(event->progress_ppm >= *last && event->progress_ppm <= 1000000);
    assert_int_equal(event->is_incoming, side == &bed->pair->b);
    rns_resource_info_t info;
    assert_int_equal(rns_resource_info(side->node, event->resource, &info), RNS_ERR_OK);
    assert_int_equal(info.progress_ppm, event->progress_ppm);
    *last = event->progress_ppm;
}

static void progress_only_grows(void **state) {
    (void)state;
    uint32_t last[2] = {0, 0};
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed->user = last;
    bed->progress = note_progress;
    bed_send(bed, 1500000, NULL);
    pair_run(bed->pair, 100 * SECOND);
    bed_whole(bed, 1500000);
    assert_int_equal(last[0], 1000000); // all parts of the last segment are sent
    assert_true(last[1] > 999000);
    bed_close(bed);
}

static void progress_is_as_the_reference_counts_it(void **state) {
    (void)state;
    // Resource.get_progress: 2260 parts of 464 in a full segment.
    assert_int_equal(rnsi_resource_ppm(1, 1, 10, 3, 464), 300000);
    assert_int_equal(rnsi_resource_ppm(1, 2, 2260, 1130, 464), 250000);
    assert_int_equal(rnsi_resource_ppm(2, 2, 100, 50, 464), 750000); // a short one counts in full
    assert_int_equal(rnsi_resource_ppm(2, 2, 100, 100, 464), 1000000);
    assert_int_equal(rnsi_resource_ppm(2, 2, 2261, 2261, 464), 1000000); // a part too many
    assert_int_equal(rnsi_resource_ppm(1, 1, 0, 0, 464), 0);
}

static void info_says_what_is_known(void **state) {
    (void)state;
    uint8_t metadata[2] = {0xa1, 'm'};
    const rns_resource_options_t options = {.metadata = {metadata, 2}};
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ASK);
    const rns_resource_t sent = bed_send(bed, 1048575, &options);
    bed->offered = accept_at_once;
    pair_run(bed->pair, 100 * MS);
    rns_resource_info_t a, b;
    const rns_resource_t got = pair_last(&bed->pair->b, RNS_EV_RESOURCE_OFFER)->event.resource;
    assert_int_equal(rns_resource_info(bed->pair->a.node, sent, &a), RNS_ERR_OK);
    assert_int_equal(rns_resource_info(bed->pair->b.node, got, &b), RNS_ERR_OK);
    assert_true(!a.incoming && b.incoming && a.has_metadata && b.has_metadata);
    assert_int_equal(a.size, 1048580);
    assert_int_equal(b.size, 1048580);
    assert_int_equal(a.segments, 2);
    assert_int_equal(b.segments, 2);
    assert_int_equal(a.segment, 1);
    assert_int_equal(a.parts, 2260);
    assert_int_equal(b.parts, 2260);
    assert_int_equal(b.transfer_size, 1048640);
    assert_memory_equal(a.hash, b.hash, 32);
    assert_memory_equal(a.original_hash, a.hash, 32);
    assert_memory_equal(b.original_hash, b.hash, 32);
    assert_true(b.parts_done > 0 && b.parts_done <= a.parts_done);
    assert_true(b.window >= 4);
    assert_int_equal(a.link.slot, bed->a.slot);
    assert_int_equal(b.link.slot, bed->b.slot);
    rns_resource_cancel(bed->pair->a.node, bed->pair->now, sent);
    bed_close(bed);
}

static void a_link_remembers_window_and_rate_for_the_next_transfer(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed_send(bed, 30000, NULL);
    pair_run(bed->pair, 10 * SECOND);
    bed_whole(bed, 30000);
    const struct rnsi_link *link = rnsi_link_get(bed->pair->b.node, bed->b);
    // 65 parts in rounds of 4, 5, 6, 7, 8, 9, 10, 11: five are left for a window of 12.
    assert_int_equal(link->last_window, 12);
    assert_true(link->last_eifr > 1000000 && link->expected_rate > 100000);
    bed_send(bed, 30000, NULL);
    pair_run(bed->pair, 35 * MS);
    assert_int_equal(bed_in(bed)->window, 12);
    assert_int_equal(bed_in(bed)->outstanding, 12);
    pair_run(bed->pair, 10 * SECOND);
    bed_close(bed);
}

static void memory_is_a_source_and_a_sink(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ASK);
    uint8_t from[2000], to[2000];
    tape_fill(&bed->tape, 0, (rns_mem_t){from, sizeof from});
    rns_bytes_t bytes = {from, sizeof from};
    rns_memory_sink_t memory = {.mem = {to, sizeof to}};
    const rns_source_t source = rns_source_of(&bytes);
    const rns_sink_t sink = rns_sink_to(&memory);
    assert_int_equal(
        rns_resource_send(bed->pair->a.node, bed->pair->now, bed->a, &source, 2000, NULL, NULL),
        RNS_ERR_OK);
    pair_run(bed->pair, 15 * MS);
    const rns_resource_t in = pair_last(&bed->pair->b, RNS_EV_RESOURCE_OFFER)->event.resource;
    rns_resource_accept(bed->pair->b.node, bed->pair->now, in, &sink, NO_MEMORY);
    pair_run(bed->pair, 10 * SECOND);
    bed_ends(bed, RNS_ERR_OK, RNS_ERR_OK);
    assert_int_equal(memory.committed, 2000);
    assert_memory_equal(to, from, 2000);
    assert_false(sink.write(sink.user, (rns_bytes_t){from, 1})); // full
    memory.committed = 1000;
    sink.abort(sink.user);
    assert_int_equal(memory.used, 1000);
    assert_true(sink.write(sink.user, (rns_bytes_t){from, 1000}));
    assert_int_equal(source.read(source.user, 1990, (rns_mem_t){to, 20}), 10);
    assert_int_equal(source.read(source.user, 2000, (rns_mem_t){to, 20}), 0);
    bed_close(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_mebibytes_cross_at_mtu_500),
        cmocka_unit_test(five_mebibytes_cross_at_a_large_mtu),
        cmocka_unit_test(sizes_around_every_edge_cross),
        cmocka_unit_test(metadata_comes_before_the_data_of_the_first_segment),
        cmocka_unit_test(a_board_without_external_memory_moves_ten_mebibytes),
        cmocka_unit_test(a_board_without_external_memory_bears_loss),
        cmocka_unit_test(a_board_without_external_memory_refuses_what_is_packed),
        cmocka_unit_test(what_packs_well_crosses_packed),
        cmocka_unit_test(what_does_not_pack_crosses_as_it_is),
        cmocka_unit_test(metadata_is_packed_with_the_data),
        cmocka_unit_test(the_responder_sends_too),
        cmocka_unit_test(both_ways_at_once_do_not_disturb_each_other),
        cmocka_unit_test(an_offer_is_taken_in_the_callback),
        cmocka_unit_test(an_offer_may_wait),
        cmocka_unit_test(an_offer_is_refused),
        cmocka_unit_test(an_offer_that_nobody_answers_lapses_on_both_sides),
        cmocka_unit_test(an_offer_lapses_when_the_peer_is_gone),
        cmocka_unit_test(nobody_is_asked_on_a_link_that_takes_none),
        cmocka_unit_test(the_sender_says_how_long_it_waits),
        cmocka_unit_test(transfers_of_a_link_go_one_after_the_other),
        cmocka_unit_test(the_next_segment_is_prepared_while_one_is_sent),
        cmocka_unit_test(a_next_segment_that_is_not_ready_is_waited_for),
        cmocka_unit_test(a_next_segment_goes_with_its_transfer),
        cmocka_unit_test(a_source_that_ends_in_the_next_segment_ends_this_one),
        cmocka_unit_test(a_node_with_few_slots_prepares_nothing_ahead),
        cmocka_unit_test(a_link_has_so_many_transfers_and_no_more),
        cmocka_unit_test(a_second_one_is_refused_where_one_sink_takes_all),
        cmocka_unit_test(a_full_row_refuses_the_newcomer),
        cmocka_unit_test(a_row_that_is_full_is_said_to_the_caller),
        cmocka_unit_test(mistakes_of_the_caller_are_told),
        cmocka_unit_test(a_link_that_is_not_open_yet_sends_nothing),
        cmocka_unit_test(progress_only_grows),
        cmocka_unit_test(progress_is_as_the_reference_counts_it),
        cmocka_unit_test(info_says_what_is_known),
        cmocka_unit_test(a_link_remembers_window_and_rate_for_the_next_transfer),
        cmocka_unit_test(memory_is_a_source_and_a_sink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
