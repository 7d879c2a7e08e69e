// channel_help.h -- two nodes with a channel between them, and what goes over their wire.
#ifndef CHANNEL_HELP_H_INCLUDED
#define CHANNEL_HELP_H_INCLUDED
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

static inline bool hook(pair_t *pair, bool to_b, rns_mem_t frame) {
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

static inline void open_links(bed_t *bed, pair_setup_t setup) {
    memset(bed, 0, sizeof *bed);
    bed->p = pair_open(setup);
    bed->p->user = bed;
    bed->p->hook = hook;
    pair_link(bed->p, &bed->a, &bed->b);
}

static inline void open_with(bed_t *bed, pair_setup_t setup) {
    open_links(bed, setup);
    assert_int_equal(rns_channel_open(bed->p->a.node, bed->p->now, bed->a), RNS_ERR_OK);
    assert_int_equal(rns_channel_open(bed->p->b.node, bed->p->now, bed->b), RNS_ERR_OK);
}

static inline void open_bed(bed_t *bed) {
    open_with(bed, (pair_setup_t){0});
}

static inline void close_bed(bed_t *bed) {
    rns_link_close(bed->p->a.node, bed->p->now, bed->a);
    pair_run(bed->p, SECOND);
    rns_link_close(bed->p->b.node, bed->p->now, bed->b);
    pair_run(bed->p, SECOND);
    pair_assert_idle(&bed->p->a);
    pair_assert_idle(&bed->p->b);
    pair_close(bed->p);
}

static inline struct rnsi_link *link_a(const bed_t *bed) {
    return rnsi_link_get(bed->p->a.node, bed->a);
}

static inline struct rnsi_channel *channel_a(const bed_t *bed) {
    return rnsi_channel_of(bed->p->a.node, link_a(bed));
}

static inline struct rnsi_channel *channel_b(const bed_t *bed) {
    return rnsi_channel_of(bed->p->b.node, rnsi_link_get(bed->p->b.node, bed->b));
}

static inline rns_err_t send(bed_t *bed, const char *text) {
    return rns_channel_send(bed->p->a.node, bed->p->now, bed->a, TYPE, pair_text(text), NULL);
}

// A message as only somebody who writes his own software sends it. Its verdict at b.
static inline rns_verdict_t craft(bed_t *bed, unsigned type, unsigned sequence, const char *text) {
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

static inline rns_verdict_t craft_next(bed_t *bed, unsigned sequence) {
    return craft(bed, TYPE, sequence, "x");
}

// The messages that b has heard: their texts, one after the other.
static inline void assert_heard(const side_t *side, const char *expected) {
    char all[512] = "";
    for (size_t i = 0; i < side->heard_count; i++) {
        const rns_event_t *e = &side->heard[i].event;
        if (e->type == RNS_EV_CHANNEL) {
            strncat(all, (const char *)e->data.data, e->data.size);
        }
    }
    assert_string_equal(all, expected);
}

#endif
