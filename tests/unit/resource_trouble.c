// Transfers when something goes wrong: what is lost, who gives up, who lies.
#include "resource_bed.h"

static const rns_mem_t NO_MEMORY = {NULL, 0};

// ---- What is lost

static void lossy(unsigned loses, unsigned doubles, unsigned delays, uint64_t seed, uint64_t size) {
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed->pair->hook = bed_loses;
    bed->dice = seed;
    bed->loses = loses;
    bed->doubles = doubles;
    bed->delays = delays;
    bed_send(bed, size, NULL);
    pair_run(bed->pair, 3000 * SECOND);
    bed->pair->hook = NULL;
    assert_false(bed->reel.wrong);
    if (bed_end(&bed->pair->a) == RNS_ERR_OK) {
        bed_whole(bed, size);
    } else {
        fail_msg("a %d, b %d of seed %u", bed_end(&bed->pair->a), bed_end(&bed->pair->b),
                 (unsigned)seed);
    }
    bed_close(bed);
}

static void what_is_lost_is_asked_for_again(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 10; seed++) {
        lossy(10, 0, 0, seed, 100000);
    }
}

static void what_comes_twice_or_late_does_no_harm(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 10; seed++) {
        lossy(0, 10, 20, seed, 100000);
        lossy(5, 10, 20, seed, 100000);
    }
}

// The first packet of a context is lost once: the transfer goes on.
static void loses_one(unsigned context, unsigned count) {
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed->pair->hook = bed_loses;
    bed->lose_context = context;
    bed->lose_count = count;
    bed_send(bed, 100000, NULL);
    pair_run(bed->pair, 300 * SECOND);
    assert_int_equal(bed->lost, count);
    bed_whole(bed, 100000);
    bed_close(bed);
}

static void any_packet_may_be_lost(void **state) {
    (void)state;
    loses_one(RNSI_CONTEXT_RESOURCE_ADV, 4);
    loses_one(RNSI_CONTEXT_RESOURCE_REQ, 3);
    loses_one(RNSI_CONTEXT_RESOURCE_HMU, 3);
    loses_one(RNSI_CONTEXT_RESOURCE, 9);
}

static void a_lost_proof_is_asked_for(void **state) {
    (void)state;
    loses_one(256 + RNSI_CONTEXT_RESOURCE_PRF, 1);
    loses_one(256 + RNSI_CONTEXT_RESOURCE_PRF, 3);
}

static void lost_proofs_of_segments_are_asked_for(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){.hw_mtu = 2048}, RNS_ACCEPT_ALL);
    bed->pair->hook = bed_loses;
    bed->lose_context = 256 + RNSI_CONTEXT_RESOURCE_PRF;
    bed->lose_count = 2;
    bed_send(bed, 3 << 20, NULL);
    pair_run(bed->pair, 300 * SECOND);
    bed_whole(bed, 3 << 20);
    bed_close(bed);
}

static void a_proof_that_never_comes_ends_the_sender(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed->pair->hook = bed_loses;
    bed->lose_context = 256 + RNSI_CONTEXT_RESOURCE_PRF;
    bed->lose_count = 100;
    bed_send(bed, 1000, NULL);
    pair_run(bed->pair, 40 * SECOND); // four times 3 * 20 ms and 10 s
    bed_ends(bed, 1, RNS_ERR_OK);
    pair_run(bed->pair, SECOND);
    bed_ends(bed, RNS_ERR_TIMEOUT, RNS_ERR_OK);
    bed_close(bed);
}

// ---- Who falls silent

static void an_offer_without_an_answer_is_repeated_four_times(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed->pair->hook = bed_loses;
    bed->lose_context = RNSI_CONTEXT_RESOURCE_ADV;
    bed->lose_count = 100;
    bed_send(bed, 1000, NULL);
    pair_run(bed->pair, 5590 * MS); // five times 6 * 20 ms and a second
    bed_ends(bed, 1, 1);
    pair_run(bed->pair, 20 * MS);
    bed_ends(bed, RNS_ERR_TIMEOUT, 1);
    assert_int_equal(bed->lost, 5);
    bed_close(bed);
}

// Counts requests and loses all parts.
static bool loses_parts(pair_t *pair, bool to_b, rns_mem_t frame) {
    bed_t *bed = pair->user;
    rnsi_packet_t packet;
    (void)to_b;
    if (!rnsi_packet_parse(frame, &packet)) {
        return true;
    }
    bed->lost += packet.context == RNSI_CONTEXT_RESOURCE_REQ;
    return packet.context != RNSI_CONTEXT_RESOURCE;
}

// A round trip of a second, so that links keep for minutes.
static const pair_setup_t SLOW = {.delay = 500 * MS};

static void a_receiver_asks_sixteen_times_for_parts_that_do_not_come(void **state) {
    (void)state;
    bed_t *bed = bed_open(SLOW, RNS_ACCEPT_ALL);
    bed_send(bed, 1048575, NULL);
    pair_run(bed->pair, 1600 * MS); // the first request is on its way
    bed->pair->hook = loses_parts;
    pair_run(bed->pair, 68 * SECOND); // half a second more each time
    bed_ends(bed, 1, 1);
    pair_run(bed->pair, 100 * SECOND);
    bed_ends(bed, RNS_ERR_REFUSED, RNS_ERR_TIMEOUT);
    assert_int_equal(bed->lost, 16);
    assert_int_equal(bed->reel.aborts, 1);
    bed_close(bed);
}

static void a_sender_waits_for_requests_as_long_as_a_receiver_may_take(void **state) {
    (void)state;
    bed_t *bed = bed_open(SLOW, RNS_ACCEPT_ALL);
    bed_send(bed, 1048575, NULL);
    pair_run(bed->pair, 900 * MS); // the first request is on its way, and no other will be
    rnsi_timer_cancel(RNSI_POOL(bed->pair->b.node, RESOURCE_IN), bed_in(bed));
    bed->pair->hook = loses_parts;
    pair_run(bed->pair, 174 * SECOND); // 78 s and 96 round trips
    bed_ends(bed, 1, 1);
    pair_run(bed->pair, SECOND);
    bed_ends(bed, RNS_ERR_TIMEOUT, RNS_ERR_CANCELLED);
    bed_close(bed);
}

static void a_next_segment_that_never_comes_ends_the_receiver(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){.hw_mtu = 2048, .delay = 500 * MS}, RNS_ACCEPT_ALL);
    bed_send(bed, 2 << 20, NULL);
    while (bed->reel.commits == 0) {
        pair_run(bed->pair, MS);
    }
    bed->pair->hook = bed_loses;
    bed->loses = 100;
    pair_run(bed->pair, 173 * SECOND); // 78 s and 96 round trips
    assert_int_equal(bed_end(&bed->pair->b), 1);
    pair_run(bed->pair, 2 * SECOND);
    assert_int_equal(bed_end(&bed->pair->b), RNS_ERR_TIMEOUT);
    assert_int_equal(bed->reel.got, RNS_RESOURCE_SEGMENT); // what was committed stays
    bed_close(bed);
}

// ---- Who gives up

static void cancel_after(rns_us_t span, bool by_a, pair_setup_t setup, bool dull) {
    bed_t *bed = bed_open(setup, RNS_ACCEPT_ASK);
    bed->tape.dull = dull;
    rns_resource_t a = bed_send(bed, 2500000, NULL), b = {0, 0};
    const rns_sink_t sink = sink_of(&bed->reel);
    if (span >= 15 * MS) {
        pair_run(bed->pair, 15 * MS);
        span -= 15 * MS;
        const heard_t *offer = pair_last(&bed->pair->b, RNS_EV_RESOURCE_OFFER);
        if (offer != NULL) {
            b = offer->event.resource;
            rns_resource_accept(bed->pair->b.node, bed->pair->now, b, &sink, NO_MEMORY);
        }
    }
    pair_run(bed->pair, span);
    side_t *side = by_a ? &bed->pair->a : &bed->pair->b;
    if (bed_end(side) == 1 && (by_a || b.gen != 0)) {
        assert_int_equal(rns_resource_cancel(side->node, bed->pair->now, by_a ? a : b), RNS_ERR_OK);
        assert_int_equal(bed_end(side), RNS_ERR_CANCELLED); // within the call
        assert_int_equal(rns_resource_cancel(side->node, bed->pair->now, by_a ? a : b),
                         RNS_ERR_GONE);
        pair_run(bed->pair, 100 * MS);
        if (b.gen != 0) {
            bed_ends(bed, by_a ? RNS_ERR_CANCELLED : RNS_ERR_REFUSED, RNS_ERR_CANCELLED);
            assert_int_equal(bed->reel.aborts, 1);
            assert_int_equal(bed->reel.got, bed->reel.committed);
        }
        bed_close(bed);
        return;
    }
    pair_run(bed->pair, 100 * SECOND);
    bed_close(bed);
}

static void either_side_may_cancel_at_any_time(void **state) {
    (void)state;
    static const rns_us_t AFTER[] = {0,        5 * MS,    15 * MS,   20 * MS,   40 * MS,   500 * MS,
                                     900 * MS, 1200 * MS, 1700 * MS, 2500 * MS, 3 * SECOND};
    const pair_setup_t plain = {.hw_mtu = 2048},
                       packed = {.profile = RNS_PROFILE_ROUTER, .compress = &rns_compress_bz2};
    for (size_t i = 0; i < sizeof AFTER / sizeof *AFTER; i++) {
        for (unsigned by_a = 0; by_a < 2; by_a++) {
            cancel_after(AFTER[i], by_a != 0, plain, false);
            cancel_after(AFTER[i], by_a != 0, packed, true);
        }
    }
}

static void a_transfer_that_waits_for_its_turn_is_cancelled_quietly(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed_send(bed, 30000, NULL);
    const rns_resource_t second = bed_send(bed, 30000, NULL);
    pair_run(bed->pair, 30 * MS);
    assert_int_equal(rns_resource_cancel(bed->pair->a.node, bed->pair->now, second), RNS_ERR_OK);
    assert_int_equal(bed_end(&bed->pair->a), RNS_ERR_CANCELLED);
    pair_forget(&bed->pair->a);
    pair_run(bed->pair, 10 * SECOND);
    bed_whole(bed, 30000);
    bed_close(bed);
}

static void closing_the_link_ends_its_transfers(void **state) {
    (void)state;
    for (unsigned by_a = 0; by_a < 2; by_a++) {
        bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
        bed_send(bed, 1 << 20, NULL);
        bed_send(bed, 1 << 20, NULL);
        pair_run(bed->pair, 200 * MS);
        side_t *side = by_a != 0 ? &bed->pair->a : &bed->pair->b;
        rns_link_close(side->node, bed->pair->now, by_a != 0 ? bed->a : bed->b);
        pair_run(bed->pair, 100 * MS);
        assert_int_equal(pair_count(&bed->pair->a, RNS_EV_RESOURCE_DONE), 2);
        assert_int_equal(pair_last(&bed->pair->a, RNS_EV_RESOURCE_DONE)->event.status,
                         RNS_ERR_CLOSED);
        assert_int_equal(bed_end(&bed->pair->b), RNS_ERR_CLOSED);
        assert_int_equal(pair_count(&bed->pair->a, RNS_EV_LINK_DOWN), 1);
        assert_int_equal(bed->reel.aborts, 1);
        bed_close(bed);
    }
}

// In its callback about the end of a transfer the application closes the link.
static void close_in_event(side_t *side, const rns_event_t *event) {
    bed_t *bed = side->user;
    if (event->type == RNS_EV_RESOURCE_DONE || event->type == RNS_EV_RESOURCE_PROGRESS) {
        rns_link_close(side->node, bed->pair->now, side == &bed->pair->a ? bed->a : bed->b);
    }
}

static void the_application_may_close_the_link_in_any_callback(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
        (i == 0 ? &bed->pair->a : &bed->pair->b)->react = close_in_event;
        bed_send(bed, 100000, NULL);
        bed_send(bed, 100, NULL);
        pair_run(bed->pair, 100 * SECOND);
        assert_int_equal(pair_count(&bed->pair->a, RNS_EV_RESOURCE_DONE), 2);
        bed_close(bed);
    }
}

// In its callback about progress it cancels the transfer, and begins another.
static void again_in_event(side_t *side, const rns_event_t *event) {
    bed_t *bed = side->user;
    unsigned *left = bed->user;
    if (event->type == RNS_EV_RESOURCE_PROGRESS && *left > 0) {
        (*left)--;
        rns_resource_cancel(side->node, bed->pair->now, event->resource);
        assert_int_equal(rns_resource_cancel(side->node, bed->pair->now, event->resource),
                         RNS_ERR_GONE);
    }
    if (event->type == RNS_EV_RESOURCE_DONE && event->status == RNS_ERR_CANCELLED &&
        side == &bed->pair->a) {
        bed_send(bed, 5000, NULL);
    }
}

static void the_application_may_cancel_and_begin_in_any_callback(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        unsigned left = 3;
        bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
        bed->user = &left;
        (i == 0 ? &bed->pair->a : &bed->pair->b)->react = again_in_event;
        bed_send(bed, 5000, NULL);
        pair_run(bed->pair, 100 * SECOND);
        assert_int_equal(left, i == 0 ? 0 : 2);
        assert_int_equal(pair_last(&bed->pair->a, RNS_EV_RESOURCE_DONE)->event.status,
                         i == 0 ? RNS_ERR_OK : RNS_ERR_REFUSED);
        bed_close(bed);
    }
}

// ---- Sources and sinks

static void a_source_that_gives_other_bytes_ends_the_transfer(void **state) {
    (void)state;
    static const uint64_t AFTER[] = {1, 100000, 199999, 200000, 270000};
    for (size_t i = 0; i < sizeof AFTER / sizeof *AFTER; i++) {
        for (unsigned is_short = 0; is_short < 2; is_short++) {
            bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
            bed->tape.lies_after = AFTER[i];
            bed->tape.is_short = is_short != 0;
            bed_send(bed, 200000, NULL);
            bed->reel.tape.lies_after = 0;
            pair_run(bed->pair, 100 * SECOND);
            // What it lies about from the first pass on is right for all that anybody knows.
            if (is_short != 0 || AFTER[i] >= 200000) {
                assert_int_equal(bed_end(&bed->pair->a), RNS_ERR_CORRUPT);
                const int at_b = bed_end(&bed->pair->b);
                assert_true(at_b == RNS_ERR_CANCELLED || at_b == 1);
                assert_int_equal(bed->reel.committed, 0);
            }
            bed_close(bed);
        }
    }
}

static void a_sink_that_takes_nothing_now_gets_the_part_again(void **state) {
    (void)state;
    static const unsigned EVERY[] = {2, 3, 7};
    static const uint32_t MTUS[] = {0, 1064, 501};
    for (size_t i = 0; i < 3; i++) {
        for (size_t m = 0; m < 3; m++) {
            bed_t *bed = bed_open((pair_setup_t){.hw_mtu = MTUS[m]}, RNS_ACCEPT_ALL);
            bed->reel.refuse_every = EVERY[i];
            bed_send(bed, 60000, NULL);
            pair_run(bed->pair, 100 * SECOND);
            bed_whole(bed, 60000);
            assert_true(bed->reel.refusals > 5);
            bed_close(bed);
        }
    }
}

static void a_sink_may_take_nothing_for_long(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed->reel.refuses = 3000; // each a tenth of a second and a round trip
    bed_send(bed, 60000, NULL);
    pair_run(bed->pair, 300 * SECOND);
    bed_ends(bed, 1, 1);
    pair_run(bed->pair, 200 * SECOND);
    bed_whole(bed, 60000);
    bed_close(bed);
}

static void a_sink_may_take_nothing_while_it_is_unpacked(void **state) {
    (void)state;
    const pair_setup_t setup = {.profile = RNS_PROFILE_ROUTER, .compress = &rns_compress_bz2};
    bed_t *bed = bed_open(setup, RNS_ACCEPT_ALL);
    bed->tape.dull = true;
    bed->reel.refuse_every = 3;
    bed_send(bed, 1500000, NULL);
    pair_run(bed->pair, 100 * SECOND);
    bed_whole(bed, 1500000);
    assert_true(bed->reel.refusals > 50);
    bed_close(bed);
    bed = bed_open(setup, RNS_ACCEPT_ALL);
    bed->tape.dull = true;
    bed->reel.refuses = 1000000;
    bed_send(bed, 1500000, NULL);
    pair_run(bed->pair, 10 * SECOND);
    bed_ends(bed, 1, 1);
    assert_int_equal(bed_in(bed)->state, RNSI_IN_UNPACKING);
    rns_link_close(bed->pair->b.node, bed->pair->now, bed->b);
    assert_int_equal(bed_end(&bed->pair->b), RNS_ERR_CLOSED);
    bed_close(bed);
}

static void what_could_not_be_kept_ends_the_transfer(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed->reel.fails = true;
    bed_send(bed, 5000, NULL);
    pair_run(bed->pair, 10 * SECOND);
    bed_ends(bed, RNS_ERR_REFUSED, RNS_ERR_FULL);
    assert_int_equal(bed->reel.aborts, 1);
    bed_close(bed);
}

static void a_sink_needs_only_write(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    const rns_sink_t sink = {.write = reel_write, .user = &bed->reel};
    rns_link_accept(bed->pair->b.node, bed->b, RNS_ACCEPT_ALL, &sink, NO_MEMORY);
    bed_send(bed, 5000, NULL);
    pair_run(bed->pair, 10 * SECOND);
    bed_ends(bed, RNS_ERR_OK, RNS_ERR_OK);
    assert_int_equal(bed->reel.got, 5000);
    pair_forget(&bed->pair->a);
    pair_forget(&bed->pair->b);
    const rns_resource_t resource = bed_send(bed, 50000, NULL);
    pair_run(bed->pair, 60 * MS);
    rns_resource_cancel(bed->pair->a.node, bed->pair->now, resource);
    pair_run(bed->pair, 10 * SECOND);
    bed_ends(bed, RNS_ERR_CANCELLED, RNS_ERR_CANCELLED);
    bed_close(bed);
}

static void metadata_that_does_not_fit_ends_the_transfer(void **state) {
    (void)state;
    for (size_t room = 99; room <= 100; room++) {
        uint8_t metadata[100] = {0xc4, 98};
        bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
        const rns_sink_t sink = sink_of(&bed->reel);
        rns_link_accept(bed->pair->b.node, bed->b, RNS_ACCEPT_ALL, &sink,
                        (rns_mem_t){bed->metadata, room});
        const rns_resource_options_t options = {.metadata = {metadata, sizeof metadata}};
        bed_send(bed, 5000, &options);
        pair_run(bed->pair, 10 * SECOND);
        bed_ends(bed, room < 100 ? RNS_ERR_REFUSED : RNS_ERR_OK,
                 room < 100 ? RNS_ERR_SIZE : RNS_ERR_OK);
        bed_close(bed);
    }
}

// ---- Memory that is not there

static void take_all(side_t *side, rns_pool_t id) {
    rnsi_pool_t *pool = &side->node->memory.pools[id];
    while (pool->used < pool->count) {
        rnsi_pool_take(pool, side->node->now, NULL);
    }
}

static void give_all(side_t *side, rns_pool_t id) {
    rnsi_pool_t *pool = &side->node->memory.pools[id];
    uint32_t cursor = 0;
    void *element;
    while ((element = rnsi_pool_walk(pool, &cursor, UINT32_MAX)) != NULL) {
        rnsi_pool_give(pool, element);
    }
}

static void a_packed_transfer_without_memory_to_unpack_is_refused(void **state) {
    (void)state;
    static const rns_pool_t ROWS[] = {RNS_POOL_SEGMENT, RNS_POOL_UNPACK};
    const pair_setup_t setup = {.profile = RNS_PROFILE_ROUTER, .compress = &rns_compress_bz2};
    for (size_t i = 0; i < 2; i++) {
        bed_t *bed = bed_open(setup, i == 0 ? RNS_ACCEPT_ALL : RNS_ACCEPT_ASK);
        bed->tape.dull = true;
        take_all(&bed->pair->b, ROWS[i]);
        bed_send(bed, 100000, NULL);
        pair_run(bed->pair, SECOND);
        if (i == 1) {
            const rns_event_t offer = pair_last(&bed->pair->b, RNS_EV_RESOURCE_OFFER)->event;
            const rns_sink_t sink = sink_of(&bed->reel);
            assert_int_equal(rns_resource_accept(bed->pair->b.node, bed->pair->now, offer.resource,
                                                 &sink, NO_MEMORY),
                             RNS_ERR_FULL);
            assert_int_equal(bed_end(&bed->pair->b), RNS_ERR_FULL);
            pair_run(bed->pair, SECOND);
        }
        assert_int_equal(bed_end(&bed->pair->a), RNS_ERR_REFUSED);
        give_all(&bed->pair->b, ROWS[i]);
        bed_close(bed);
    }
}

static void a_node_that_cannot_unpack_refuses(void **state) {
    (void)state;
    const pair_setup_t setup = {.profile = RNS_PROFILE_ROUTER, .compress = &rns_compress_bz2};
    bed_t *bed = bed_open(setup, RNS_ACCEPT_ALL);
    bed->tape.dull = true;
    bed->pair->b.node->compress = NULL;
    bed_send(bed, 100000, NULL);
    pair_run(bed->pair, SECOND);
    bed_ends(bed, RNS_ERR_REFUSED, 1);
    bed_close(bed);
}

static void a_segment_that_finds_no_memory_ends_what_began_without(void **state) {
    (void)state;
    const pair_setup_t setup = {.profile = RNS_PROFILE_ROUTER, .compress = &rns_compress_bz2};
    bed_t *bed = bed_open(setup, RNS_ACCEPT_ALL);
    take_all(&bed->pair->a, RNS_POOL_PACK); // the first segment goes as it is
    bed->tape.dull = true;
    bed_send(bed, 2 << 20, NULL);
    pair_run(bed->pair, 100 * MS);
    give_all(&bed->pair->a, RNS_POOL_PACK);
    take_all(&bed->pair->b, RNS_POOL_UNPACK);
    pair_run(bed->pair, 100 * SECOND);
    bed_ends(bed, RNS_ERR_REFUSED, RNS_ERR_FULL);
    assert_int_equal(bed->reel.committed, RNS_RESOURCE_SEGMENT);
    give_all(&bed->pair->b, RNS_POOL_UNPACK);
    bed_close(bed);
}

static void without_memory_to_pack_it_goes_as_it_is(void **state) {
    (void)state;
    const pair_setup_t setup = {.profile = RNS_PROFILE_ROUTER, .compress = &rns_compress_bz2};
    for (unsigned i = 0; i < 2; i++) {
        const rns_pool_t row = i == 0 ? RNS_POOL_PACK : RNS_POOL_SEGMENT;
        bed_t *bed = bed_open(setup, RNS_ACCEPT_ALL);
        bed->tape.dull = true;
        take_all(&bed->pair->a, row);
        bed_send(bed, 100000, NULL);
        pair_run(bed->pair, 100 * MS);
        assert_int_equal(bed_out(bed)->flags & RNSI_ADV_COMPRESSED, 0);
        pair_run(bed->pair, 100 * SECOND);
        bed_whole(bed, 100000);
        give_all(&bed->pair->a, row);
        bed_close(bed);
    }
}

static void a_window_shrinks_to_what_memory_holds(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    take_all(&bed->pair->b, RNS_POOL_PIECE);
    bed_send(bed, 5000, NULL);
    pair_run(bed->pair, 25 * MS);
    assert_int_equal(bed_in(bed)->outstanding, 1);
    pair_run(bed->pair, 10 * SECOND);
    bed_whole(bed, 5000);
    give_all(&bed->pair->b, RNS_POOL_PIECE);
    bed_close(bed);
}

static void a_part_that_finds_no_memory_is_asked_for_again(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed->pair->hook = bed_loses;
    bed->lose_context = RNSI_CONTEXT_RESOURCE;
    bed->lose_count = 1; // so that the others come early
    bed_send(bed, 5000, NULL);
    pair_run(bed->pair, 25 * MS);
    assert_int_equal(bed_in(bed)->outstanding, 4);
    take_all(&bed->pair->b, RNS_POOL_PIECE);
    pair_run(bed->pair, 20 * MS);
    assert_int_equal(pair_verdicts(&bed->pair->b, RNS_RX_FULL), 3);
    pair_run(bed->pair, 10 * SECOND);
    bed_whole(bed, 5000);
    give_all(&bed->pair->b, RNS_POOL_PIECE);
    bed_close(bed);
}

static void frames_that_are_not_free_are_waited_for(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    take_all(&bed->pair->a, RNS_POOL_FRAME);
    bed_send(bed, 5000, NULL);
    pair_run(bed->pair, 3 * SECOND);
    bed_ends(bed, 1, 1);
    assert_int_equal(bed_out(bed)->state, RNSI_OUT_PREPARING);
    give_all(&bed->pair->a, RNS_POOL_FRAME);
    pair_run(bed->pair, 30 * MS + 100 * MS);
    take_all(&bed->pair->b, RNS_POOL_FRAME);
    pair_run(bed->pair, 3 * SECOND);
    give_all(&bed->pair->b, RNS_POOL_FRAME);
    pair_run(bed->pair, 10 * SECOND);
    bed_whole(bed, 5000);
    bed_close(bed);
}

static void an_output_that_is_full_is_waited_for(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed_send(bed, 50000, NULL);
    pair_run(bed->pair, 15 * MS);
    rns_tx_hold(bed->pair->a.node, bed->pair->now, bed->pair->a.wire, true);
    pair_run(bed->pair, 100 * MS);
    assert_int_equal(bed_out(bed)->sent_count, 0);
    assert_true(rns_next_due(bed->pair->a.node) > bed->pair->now); // it does not spin
    rns_tx_hold(bed->pair->a.node, bed->pair->now, bed->pair->a.wire, false);
    assert_true(rns_next_due(bed->pair->a.node) <= bed->pair->now);
    pair_run(bed->pair, 10 * SECOND);
    bed_whole(bed, 50000);
    bed_close(bed);
}

static bool no_entropy(void *user, uint8_t *out, size_t size) {
    (void)user, (void)out, (void)size;
    return false;
}

static void without_entropy_others_wait(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    const rns_source_t source = source_of(&bed->tape);
    rns_node_t *node = bed->pair->a.node;
    bool (*const entropy)(void *, uint8_t *, size_t) = node->entropy;
    bed_send(bed, 1000, NULL);
    bed_send(bed, 1000, NULL);
    bed_send(bed, 1000, NULL);
    pair_run(bed->pair, 30 * MS);
    node->entropy = no_entropy;
    node->drbg.outputs = UINT32_MAX; // it must be seeded again
    pair_run(bed->pair, 3 * SECOND); // the proof of the first comes
    assert_int_equal(bed_end(&bed->pair->a), RNS_ERR_OK);
    assert_int_equal(bed_out(bed)->state, RNSI_OUT_QUEUED);
    node->entropy = entropy;
    pair_run(bed->pair, 3 * SECOND);
    assert_int_equal(pair_count(&bed->pair->a, RNS_EV_RESOURCE_DONE), 3);
    assert_int_equal(pair_count(&bed->pair->b, RNS_EV_RESOURCE_DONE), 3);
    node->entropy = no_entropy;
    node->drbg.outputs = UINT32_MAX;
    assert_int_equal(rns_resource_send(node, bed->pair->now, bed->a, &source, 1, NULL, NULL),
                     RNS_ERR_ENTROPY);
    node->entropy = entropy;
    bed_close(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_lost_is_asked_for_again),
        cmocka_unit_test(what_comes_twice_or_late_does_no_harm),
        cmocka_unit_test(any_packet_may_be_lost),
        cmocka_unit_test(a_lost_proof_is_asked_for),
        cmocka_unit_test(lost_proofs_of_segments_are_asked_for),
        cmocka_unit_test(a_proof_that_never_comes_ends_the_sender),
        cmocka_unit_test(an_offer_without_an_answer_is_repeated_four_times),
        cmocka_unit_test(a_receiver_asks_sixteen_times_for_parts_that_do_not_come),
        cmocka_unit_test(a_sender_waits_for_requests_as_long_as_a_receiver_may_take),
        cmocka_unit_test(a_next_segment_that_never_comes_ends_the_receiver),
        cmocka_unit_test(either_side_may_cancel_at_any_time),
        cmocka_unit_test(a_transfer_that_waits_for_its_turn_is_cancelled_quietly),
        cmocka_unit_test(closing_the_link_ends_its_transfers),
        cmocka_unit_test(the_application_may_close_the_link_in_any_callback),
        cmocka_unit_test(the_application_may_cancel_and_begin_in_any_callback),
        cmocka_unit_test(a_source_that_gives_other_bytes_ends_the_transfer),
        cmocka_unit_test(a_sink_that_takes_nothing_now_gets_the_part_again),
        cmocka_unit_test(a_sink_may_take_nothing_for_long),
        cmocka_unit_test(a_sink_may_take_nothing_while_it_is_unpacked),
        cmocka_unit_test(what_could_not_be_kept_ends_the_transfer),
        cmocka_unit_test(a_sink_needs_only_write),
        cmocka_unit_test(metadata_that_does_not_fit_ends_the_transfer),
        cmocka_unit_test(a_packed_transfer_without_memory_to_unpack_is_refused),
        cmocka_unit_test(a_node_that_cannot_unpack_refuses),
        cmocka_unit_test(a_segment_that_finds_no_memory_ends_what_began_without),
        cmocka_unit_test(without_memory_to_pack_it_goes_as_it_is),
        cmocka_unit_test(a_window_shrinks_to_what_memory_holds),
        cmocka_unit_test(a_part_that_finds_no_memory_is_asked_for_again),
        cmocka_unit_test(frames_that_are_not_free_are_waited_for),
        cmocka_unit_test(an_output_that_is_full_is_waited_for),
        cmocka_unit_test(without_entropy_others_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
