// resource_bed.h -- two nodes, a link between them, and transfers over it.
#ifndef RESOURCE_BED_H_INCLUDED
#define RESOURCE_BED_H_INCLUDED

#include "resource_help.h"
#include "session/transfer.h"

typedef struct bed bed_t;
struct bed {
    pair_t *pair;
    rns_link_t a, b;
    tape_t tape;
    reel_t reel;
    uint8_t metadata[4096];
    void (*offered)(bed_t *bed, const rns_event_t *event); // of b, in the callback
    void (*progress)(bed_t *bed, side_t *side, const rns_event_t *event);
    uint64_t dice;
    unsigned loses; // of 100 frames
    unsigned doubles, delays;
    unsigned lose_context, lose_count; // so many frames with this context (+ 256: proofs)
    unsigned lost;
    void *user;
};

static inline void bed_react(side_t *side, const rns_event_t *event) {
    bed_t *bed = side->user;
    if (event->type == RNS_EV_RESOURCE_OFFER && bed->offered != NULL) {
        bed->offered(bed, event);
    }
    if (event->type == RNS_EV_RESOURCE_PROGRESS && bed->progress != NULL) {
        bed->progress(bed, side, event);
    }
}

static inline bed_t *bed_open(pair_setup_t setup, rns_accept_t accept) {
    bed_t *bed = calloc(1, sizeof *bed);
    assert_non_null(bed);
    bed->pair = pair_open(setup);
    pair_link(bed->pair, &bed->a, &bed->b);
    bed->pair->user = bed->pair->a.user = bed->pair->b.user = bed;
    bed->pair->a.react = bed->pair->b.react = bed_react;
    const rns_sink_t sink = sink_of(&bed->reel);
    const rns_mem_t metadata = {bed->metadata, sizeof bed->metadata};
    assert_int_equal(rns_link_accept(bed->pair->b.node, bed->b, accept, &sink, metadata),
                     RNS_ERR_OK);
    return bed;
}

static inline void bed_no_transfers(const bed_t *bed) {
    static const rns_pool_t ROWS[] = {RNS_POOL_RESOURCE_IN, RNS_POOL_RESOURCE_OUT, RNS_POOL_PIECE,
                                      RNS_POOL_PIECE_2K,    RNS_POOL_PIECE_16K,    RNS_POOL_SEGMENT,
                                      RNS_POOL_UNPACK,      RNS_POOL_UNPACK_SMALL, RNS_POOL_PACK,
                                      RNS_POOL_FRAME,       RNS_POOL_FRAME_2K};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        assert_int_equal(pair_used(&bed->pair->a, ROWS[i]), 0);
        assert_int_equal(pair_used(&bed->pair->b, ROWS[i]), 0);
    }
}

static inline void bed_close(bed_t *bed) {
    bed->pair->hook = NULL;
    pair_run(bed->pair, SECOND);
    bed_no_transfers(bed);
    rns_link_close(bed->pair->a.node, bed->pair->now, bed->a);
    pair_run(bed->pair, SECOND);
    pair_assert_idle(&bed->pair->a);
    pair_assert_idle(&bed->pair->b);
    pair_close(bed->pair);
    free(bed);
}

static inline rns_resource_t bed_send(bed_t *bed, uint64_t size,
                                      const rns_resource_options_t *options) {
    rns_resource_t resource;
    bed->tape.size = size;
    bed->tape.seed = size;
    bed->reel.tape = bed->tape;
    const rns_source_t source = source_of(&bed->tape);
    assert_int_equal(rns_resource_send(bed->pair->a.node, bed->pair->now, bed->a, &source, size,
                                       options, &resource),
                     RNS_ERR_OK);
    return resource;
}

// The status of the one transfer that has ended at this side; a transfer that has not is OK + 1.
static inline int bed_end(const side_t *side) {
    if (pair_count(side, RNS_EV_RESOURCE_DONE) == 0) {
        return 1;
    }
    assert_int_equal(pair_count(side, RNS_EV_RESOURCE_DONE), 1);
    return pair_last(side, RNS_EV_RESOURCE_DONE)->event.status;
}

static inline void bed_ends(const bed_t *bed, int at_a, int at_b) {
    assert_int_equal(bed_end(&bed->pair->a), at_a);
    assert_int_equal(bed_end(&bed->pair->b), at_b);
}

static inline void bed_whole(const bed_t *bed, uint64_t size) {
    bed_ends(bed, RNS_ERR_OK, RNS_ERR_OK);
    assert_false(bed->reel.wrong);
    assert_int_equal(bed->reel.committed, size);
    assert_int_equal(bed->reel.aborts, 0);
    assert_true(pair_last(&bed->pair->b, RNS_EV_RESOURCE_DONE)->event.is_incoming);
    assert_false(pair_last(&bed->pair->a, RNS_EV_RESOURCE_DONE)->event.is_incoming);
}

static inline struct rnsi_resource_out *bed_out(const bed_t *bed) {
    const struct rnsi_link *link = rnsi_link_get(bed->pair->a.node, bed->a);
    return link == NULL || link->resources_out == RNSI_NONE
               ? NULL
               : rnsi_pool_at(RNSI_POOL(bed->pair->a.node, RESOURCE_OUT), link->resources_out);
}

static inline struct rnsi_resource_in *bed_in(const bed_t *bed) {
    const struct rnsi_link *link = rnsi_link_get(bed->pair->b.node, bed->b);
    return link == NULL || link->resources_in == RNSI_NONE
               ? NULL
               : rnsi_pool_at(RNSI_POOL(bed->pair->b.node, RESOURCE_IN), link->resources_in);
}

// One packet, as one who has the keys may send it: what becomes of it at once.
static inline rns_verdict_t bed_say(bed_t *bed, bool to_b, rnsi_context_t context,
                                    rns_bytes_t plain) {
    pair_t *pair = bed->pair;
    side_t *from = to_b ? &pair->a : &pair->b;
    struct rnsi_link *link = rnsi_link_get(from->node, to_b ? bed->a : bed->b);
    const rnsi_out_t out = {{plain.data, plain.size}, {NULL, 0}};
    frame_t *later = pair->wire;
    pair->wire = NULL;
    pair_drain(pair, from);
    assert_null(pair->wire); // nothing else waits to go out
    if (context == RNSI_CONTEXT_RESOURCE || context == RNSI_CONTEXT_RESOURCE_PRF ||
        context == RNSI_CONTEXT_CACHE_REQUEST) {
        const rnsi_packet_type_t type =
            context == RNSI_CONTEXT_RESOURCE_PRF ? RNSI_TYPE_PROOF : RNSI_TYPE_DATA;
        assert_true(rnsi_link_send_bare(from->node, link, type, context, plain));
    } else {
        assert_true(rnsi_link_send(from->node, link, context, out, NULL));
    }
    pair_drain(pair, from);
    const rns_verdict_t verdict = pair_deliver(pair);
    assert_null(pair->wire);
    pair->wire = later;
    return verdict;
}

static inline bool bed_loses(pair_t *pair, bool to_b, rns_mem_t frame) {
    bed_t *bed = pair->user;
    rnsi_packet_t packet;
    (void)to_b;
    if (!rnsi_packet_parse(frame, &packet)) {
        return true;
    }
    const unsigned kind = packet.context + (packet.type == RNSI_TYPE_PROOF ? 256U : 0);
    if (bed->lose_count > 0 && kind == bed->lose_context) {
        bed->lose_count--;
        bed->lost++;
        return false;
    }
    const unsigned roll = (unsigned)(pair_dice(&bed->dice) % 100);
    if (roll < bed->loses) {
        bed->lost++;
        return false;
    }
    if (roll < bed->loses + bed->doubles || roll < bed->loses + bed->doubles + bed->delays) {
        const rns_us_t at = pair->now + pair->delay + (rns_us_t)(pair_dice(&bed->dice) % 50000);
        bool (*hook)(pair_t *, bool, rns_mem_t) = pair->hook;
        pair->hook = NULL;
        pair_put(pair, to_b, (rns_bytes_t){frame.data, frame.size}, at);
        pair->hook = hook;
        return roll < bed->loses + bed->doubles;
    }
    return true;
}

#endif
