// pair_help.h -- two real nodes and a wire between them, in virtual time: an initiator `a` and `b`,
// who has a destination that a knows. Frames take as long as the wire's delay; a hook sees each and
// may lose or change it. What the nodes say is written down.
#ifndef PAIR_HELP_H_INCLUDED
#define PAIR_HELP_H_INCLUDED

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node.h"
#include "rns/providers.h"
#include "rns/rns.h"
#include "session/link.h"

#define SECOND     RNSI_SECOND
#define MS         RNSI_MS
#define PAIR_START (1000 * SECOND)
#define PAIR_BUSY  20000U // turns at one time: more is a node that never rests
#define PAIR_NAME  "reticule.test.pair"

typedef struct {
    rns_event_t event; // its views point into data and metadata
    uint8_t *data, *metadata;
    uint8_t hash[32], pub[64], request_id[16];
} heard_t;

typedef struct frame {
    struct frame *next;
    rns_us_t at;
    bool to_b;
    size_t size;
    uint8_t bytes[];
} frame_t;

typedef struct pair pair_t;

typedef struct side {
    pair_t *pair;
    rns_node_t *node;
    rns_config_t config;
    rns_iface_t wire;
    uint64_t dice;
    heard_t *heard;
    size_t heard_count, heard_room;
    // Called for each event, after it was written down.
    void (*react)(struct side *side, const rns_event_t *event);
    void *user;
} side_t;

typedef struct {
    rns_profile_t profile;      // of both; default: MCU
    const uint32_t *count;      // own counts of both
    const rns_crypto_t *crypto; // default: the host's
    const rns_compress_t *compress;
    uint32_t hw_mtu;   // default: 500, without discovery
    rns_us_t delay;    // default: 10 ms
    rns_prove_t prove; // of b's destination
    uint32_t bitrate;  // default: 10 Mbit/s
} pair_setup_t;

struct pair {
    side_t a, b;
    rns_us_t now, delay;
    rns_dest_t dest;
    rns_hash_t hash; // of b's destination
    frame_t *wire;   // by arrival
    uint64_t frames; // put on the wire
    // false: the frame is lost. It may be changed.
    bool (*hook)(pair_t *pair, bool to_b, rns_mem_t frame);
    void *user;
};

static inline uint64_t pair_dice(uint64_t *state) { // SplitMix64
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

static inline bool pair_entropy(void *user, uint8_t *out, size_t size) {
    side_t *side = user;
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)pair_dice(&side->dice);
    }
    return true;
}

// ---- What is said

static inline uint8_t *pair_copy(rns_bytes_t *view) {
    uint8_t *copy = NULL;
    if (view->data != NULL) {
        copy = malloc(view->size + 1);
        assert_non_null(copy);
        memcpy(copy, view->data, view->size);
        view->data = copy;
    }
    return copy;
}

static inline void pair_event(void *user, rns_node_t *node, const rns_event_t *event) {
    side_t *side = user;
    (void)node;
    if (side->heard_count == side->heard_room) {
        side->heard_room = 2 * side->heard_room + 64;
        side->heard = realloc(side->heard, side->heard_room * sizeof *side->heard);
        assert_non_null(side->heard);
    }
    heard_t *h = &side->heard[side->heard_count++];
    *h = (heard_t){.event = *event};
    h->data = pair_copy(&h->event.data);
    h->metadata = pair_copy(&h->event.metadata);
    if (event->packet_hash != NULL) {
        memcpy(h->hash, event->packet_hash, sizeof h->hash);
    }
    if (event->pub != NULL) {
        memcpy(h->pub, event->pub, sizeof h->pub);
    }
    if (event->request_id != NULL) {
        memcpy(h->request_id, event->request_id, sizeof h->request_id);
    }
    if (side->react != NULL) {
        side->react(side, event);
    }
}

static inline void pair_forget(side_t *side) {
    for (size_t i = 0; i < side->heard_count; i++) {
        free(side->heard[i].data);
        free(side->heard[i].metadata);
    }
    side->heard_count = 0;
}

static inline size_t pair_count(const side_t *side, rns_event_type_t type) {
    size_t count = 0;
    for (size_t i = 0; i < side->heard_count; i++) {
        count += side->heard[i].event.type == type;
    }
    return count;
}

// The last event of a type; NULL: none.
static inline const heard_t *pair_last(const side_t *side, rns_event_type_t type) {
    for (size_t i = side->heard_count; i-- > 0;) {
        if (side->heard[i].event.type == type) {
            return &side->heard[i];
        }
    }
    return NULL;
}

// ---- The wire

static inline void pair_put(pair_t *pair, bool to_b, rns_bytes_t bytes, rns_us_t at) {
    frame_t *frame = malloc(sizeof *frame + bytes.size);
    assert_non_null(frame);
    *frame = (frame_t){.at = at, .to_b = to_b, .size = bytes.size};
    memcpy(frame->bytes, bytes.data, bytes.size);
    pair->frames++;
    if (pair->hook != NULL && !pair->hook(pair, to_b, (rns_mem_t){frame->bytes, frame->size})) {
        free(frame);
        return;
    }
    frame_t **where = &pair->wire;
    while (*where != NULL && (*where)->at <= at) {
        where = &(*where)->next;
    }
    frame->next = *where;
    *where = frame;
}

static inline void pair_drain(pair_t *pair, side_t *side) {
    rns_iface_t iface;
    rns_tx_t tx;
    while (rns_tx_ready(side->node, &iface)) {
        while (rns_tx_next(side->node, pair->now, iface, &tx)) {
            pair_put(pair, side == &pair->a, tx.frame, pair->now + pair->delay);
            rns_tx_done(side->node, pair->now, iface, &tx, true);
        }
    }
}

// Takes the next frame off the wire. Its verdict.
static inline rns_verdict_t pair_deliver(pair_t *pair) {
    frame_t *frame = pair->wire;
    pair->wire = frame->next;
    side_t *side = frame->to_b ? &pair->b : &pair->a;
    uint8_t *bytes = malloc(frame->size + 1); // of its very size, for the sanitizer
    assert_non_null(bytes);
    memcpy(bytes, frame->bytes, frame->size);
    const rns_verdict_t verdict =
        rns_rx(side->node, pair->now, side->wire, (rns_mem_t){bytes, frame->size}, NULL);
    free(bytes);
    free(frame);
    return verdict;
}

static inline rns_us_t pair_due(const pair_t *pair) {
    const rns_us_t a = rns_next_due(pair->a.node), b = rns_next_due(pair->b.node);
    const rns_us_t wire = pair->wire != NULL ? pair->wire->at : RNS_NEVER;
    rns_us_t due = a < b ? a : b;
    due = wire < due ? wire : due;
    return due > pair->now ? due : pair->now;
}

// What is due now, and what it leads to without time passing.
static inline void pair_turn(pair_t *pair) {
    while (pair->wire != NULL && pair->wire->at <= pair->now) {
        pair_deliver(pair);
    }
    rns_tick(pair->a.node, pair->now);
    rns_tick(pair->b.node, pair->now);
    pair_drain(pair, &pair->a);
    pair_drain(pair, &pair->b);
}

static inline void pair_run(pair_t *pair, rns_us_t span) {
    const rns_us_t until = pair->now + span;
    unsigned turns = 0;
    pair_drain(pair, &pair->a);
    pair_drain(pair, &pair->b);
    for (rns_us_t due; (due = pair_due(pair)) <= until; turns++) {
        turns = due > pair->now ? 0 : turns;
        assert_true(turns < PAIR_BUSY);
        pair->now = due;
        pair_turn(pair);
    }
    pair->now = until;
    pair_turn(pair);
}

// ---- Life

static inline rns_secret_t pair_secret(unsigned who) {
    rns_secret_t s;
    memset(s.x25519, 0x40, sizeof s.x25519);
    memset(s.ed25519, 0x60, sizeof s.ed25519);
    s.x25519[1] = s.ed25519[1] = (uint8_t)who;
    return s;
}

static inline void pair_open_side(pair_t *pair, side_t *side, const pair_setup_t *setup,
                                  unsigned who) {
    const rns_secret_t secret = pair_secret(who);
    side->pair = pair;
    side->dice = who;
    side->config =
        (rns_config_t){.profile = setup->profile != 0 ? setup->profile : RNS_PROFILE_MCU,
                       .crypto = setup->crypto != NULL ? setup->crypto : &rns_crypto_host,
                       .compress = setup->compress,
                       .entropy = pair_entropy,
                       .on_event = pair_event,
                       .user = side,
                       .identity = &secret,
                       .unix_us = 1800000000000000};
    if (setup->count != NULL) {
        memcpy(side->config.count, setup->count, sizeof side->config.count);
    }
    static uint8_t mark;
    side->config.mem[RNS_REGION_BULK].data = &mark; // there will be one
    size_t need[RNS_REGION_COUNT];
    rns_plan(&side->config, need);
    for (int i = 0; i < RNS_REGION_COUNT; i++) {
        side->config.mem[i] = (rns_mem_t){calloc(need[i] + 1, 1), need[i]};
        side->config.zeroed[i] = true;
        assert_non_null(side->config.mem[i].data);
    }
    assert_int_equal(rns_open(&side->config, pair->now, &side->node), RNS_ERR_OK);
    const rns_iface_config_t wire = {.name = "Wire",
                                     .bitrate = setup->bitrate != 0 ? setup->bitrate : 10000000,
                                     .hw_mtu = setup->hw_mtu != 0 ? setup->hw_mtu : 500,
                                     .mtu_kind = setup->hw_mtu != 0 ? RNS_MTU_FIXED : RNS_MTU_NONE,
                                     .ingress_control = RNS_NO};
    assert_int_equal(rns_iface_add(side->node, pair->now, &wire, &side->wire), RNS_ERR_OK);
}

// Both nodes, and b's announce heard by a.
static inline pair_t *pair_open(pair_setup_t setup) {
    pair_t *pair = calloc(1, sizeof *pair);
    assert_non_null(pair);
    pair->now = PAIR_START;
    pair->delay = setup.delay != 0 ? setup.delay : 10 * MS;
    pair_open_side(pair, &pair->a, &setup, 1);
    pair_open_side(pair, &pair->b, &setup, 2);
    const rns_secret_t secret = pair_secret(3);
    const rns_dest_config_t config = {
        .name = PAIR_NAME, .type = RNS_DEST_SINGLE, .prove = setup.prove, .identity = &secret};
    const rns_bytes_t none = {NULL, 0};
    const rns_iface_t all = {0, 0};
    assert_int_equal(rns_dest_add(pair->b.node, pair->now, &config, &pair->dest), RNS_ERR_OK);
    assert_int_equal(rns_dest_hash(pair->b.node, pair->dest, &pair->hash), RNS_ERR_OK);
    assert_int_equal(rns_announce(pair->b.node, pair->now, pair->dest, none, all), RNS_ERR_OK);
    pair_run(pair, SECOND);
    rns_path_t path;
    assert_true(rns_path(pair->a.node, pair->now, &pair->hash, &path));
    pair_forget(&pair->a);
    pair_forget(&pair->b);
    return pair;
}

static inline void pair_close(pair_t *pair) {
    side_t *const sides[] = {&pair->a, &pair->b};
    while (pair->wire != NULL) {
        frame_t *frame = pair->wire;
        pair->wire = frame->next;
        free(frame);
    }
    for (int i = 0; i < 2; i++) {
        rns_close(sides[i]->node);
        pair_forget(sides[i]);
        free(sides[i]->heard);
        for (int region = 0; region < RNS_REGION_COUNT; region++) {
            free(sides[i]->config.mem[region].data);
        }
    }
    free(pair);
}

// A link from a to b, open at both ends.
static inline void pair_link(pair_t *pair, rns_link_t *of_a, rns_link_t *of_b) {
    assert_int_equal(rns_link_open(pair->a.node, pair->now, &pair->hash, of_a), RNS_ERR_OK);
    pair_run(pair, 3 * pair->delay + SECOND / 10);
    const heard_t *up = pair_last(&pair->b, RNS_EV_LINK_UP);
    assert_non_null(pair_last(&pair->a, RNS_EV_LINK_UP));
    assert_non_null(up);
    *of_b = up->event.link;
}

static inline uint32_t pair_used(const side_t *side, rns_pool_t pool) {
    rns_pool_info_t info;
    rns_pool_info(side->node, pool, &info);
    return info.used;
}

// No slot of what links take is left taken.
static inline void pair_assert_idle(const side_t *side) {
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info_t info;
        rns_pool_info(side->node, id, &info);
        const bool is_session = id >= RNS_POOL_LINK || id == RNS_POOL_RECEIPT ||
                                id == RNS_POOL_PROVE_ASK || id == RNS_POOL_TXREF ||
                                (id >= RNS_POOL_FRAME && id <= RNS_POOL_FRAME_MAX);
        if (is_session && id != RNS_POOL_REQUEST_HANDLER && info.used != 0) {
            fail_msg("%u slots of %s are still taken", info.used, info.name);
        }
    }
}

static inline uint32_t pair_verdicts(const side_t *side, rns_verdict_t verdict) {
    return rns_iface_count(side->node, side->wire, verdict);
}

static inline rns_bytes_t pair_text(const char *text) {
    return (rns_bytes_t){(const uint8_t *)text, strlen(text)};
}

#endif
