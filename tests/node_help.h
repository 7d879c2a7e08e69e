// node_help.h -- real nodes in virtual time: memory of exactly the planned size, randomness that is
// the same in each run, all that is sent written down, and packets made by hand.
#ifndef NODE_HELP_H_INCLUDED
#define NODE_HELP_H_INCLUDED

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/identity.h"
#include "node.h"
#include "rns/providers.h"
#include "rns/rns.h"
#include "wire/announce.h"
#include "wire/packet.h"

#define SECOND      RNSI_SECOND
#define MS          RNSI_MS
#define DAY         (24 * 3600 * SECOND)
#define START       (1000 * SECOND) // when a bed opens, unless its setup says otherwise
#define BED_IFACES  16U
#define BED_FRAMES  512U
#define BED_EVENTS  512U
#define BED_BUSY    1000U // ticks at one time: more is a node that never rests
#define PACKET_MOST 1100U
#define NO_ONE      0xFFFFU

typedef struct {
    uint8_t b[PACKET_MOST];
    size_t size;
} packet_t;

typedef struct {
    unsigned on; // number of the interface in the bed
    rns_us_t at;
    packet_t packet;
} frame_t;

typedef struct {
    rns_event_type_t type;
    rns_hash_t hash;
    uint8_t hops;
    bool is_response;
} heard_t;

typedef struct {
    rns_profile_t profile;      // default: MCU
    bool tiny;                  // the profile is TINY
    bool endpoint;              // not a transport node
    bool real;                  // the host's crypto instead of the fake one
    const rns_crypto_t *crypto; // instead of either
    bool at_zero;               // time starts at 0
    bool probes;
    rns_us_t start;
    int64_t unix_us;
    const uint32_t *count; // own counts
    const rns_store_t *store;
} setup_t;

// A node and what is around it.
typedef struct {
    rns_node_t *node;
    rns_us_t now;
    rns_config_t config;
    rns_iface_t iface[BED_IFACES];
    bool deaf[BED_IFACES]; // nobody takes its frames
    unsigned ifaces;
    frame_t sent[BED_FRAMES];
    unsigned sent_count;
    heard_t heard[BED_EVENTS];
    unsigned heard_count;
    uint64_t dice;
    bool no_entropy;
} bed_t;

static inline uint64_t dice(uint64_t *state) { // SplitMix64
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

static inline uint32_t below(uint64_t *state, uint32_t limit) {
    return (uint32_t)(dice(state) % limit);
}

// ---- The node

static inline bool bed_entropy(void *user, uint8_t *out, size_t size) {
    bed_t *bed = user;
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)dice(&bed->dice);
    }
    return !bed->no_entropy;
}

static inline void bed_event(void *user, rns_node_t *node, const rns_event_t *event) {
    bed_t *bed = user;
    (void)node;
    if (bed->heard_count < BED_EVENTS) {
        bed->heard[bed->heard_count++] =
            (heard_t){event->type, event->hash, event->hops, event->is_response};
    }
}

// The secret of somebody: who 0 is the node itself.
static inline rns_secret_t secret_of(unsigned who) {
    rns_secret_t s;
    memset(s.x25519, 0x40, sizeof s.x25519);
    memset(s.ed25519, 0x60, sizeof s.ed25519);
    s.x25519[1] = s.ed25519[1] = (uint8_t)who;
    s.x25519[2] = s.ed25519[2] = (uint8_t)(who >> 8);
    return s;
}

static inline void bed_memory(rns_config_t *config) {
    size_t need[RNS_REGION_COUNT];
    static uint8_t mark;
    config->mem[RNS_REGION_BULK].data = &mark; // there will be one
    rns_plan(config, need);
    for (int i = 0; i < RNS_REGION_COUNT; i++) {
        config->mem[i] = (rns_mem_t){malloc(need[i] + 1), need[i]};
        assert_non_null(config->mem[i].data);
        memset(config->mem[i].data, 0xA5, need[i]);
    }
}

static inline bed_t *bed_open(setup_t setup) {
    bed_t *bed = calloc(1, sizeof *bed);
    assert_non_null(bed);
    const rns_secret_t secret = secret_of(0);
    bed->now = setup.at_zero ? 0 : setup.start != 0 ? setup.start : START;
    bed->config = (rns_config_t){.profile = setup.tiny      ? RNS_PROFILE_TINY
                                            : setup.profile ? setup.profile
                                                            : RNS_PROFILE_MCU,
                                 .crypto = setup.crypto != NULL ? setup.crypto
                                           : setup.real         ? &rns_crypto_host
                                                                : &rns_crypto_fake,
                                 .entropy = bed_entropy,
                                 .on_event = bed_event,
                                 .user = bed,
                                 .unix_us = setup.unix_us,
                                 .transport = !setup.endpoint,
                                 .respond_to_probes = setup.probes,
                                 .identity = &secret};
    if (setup.store != NULL) {
        bed->config.store = *setup.store;
    }
    if (setup.count != NULL) {
        memcpy(bed->config.count, setup.count, sizeof bed->config.count);
    }
    bed_memory(&bed->config);
    assert_int_equal(rns_open(&bed->config, bed->now, &bed->node), RNS_ERR_OK);
    return bed;
}

static inline void bed_close(bed_t *bed) {
    rns_close(bed->node);
    for (int i = 0; i < RNS_REGION_COUNT; i++) {
        free(bed->config.mem[i].data);
    }
    free(bed);
}

static inline uint32_t used(const bed_t *bed, rns_pool_t pool) {
    rns_pool_info_t info;
    rns_pool_info(bed->node, pool, &info);
    return info.used;
}

static inline rns_hash_t self(const bed_t *bed) {
    return rns_node_identity(bed->node, NULL);
}

// ---- Interfaces, by their number

// What the config doesn't say: a name is made up, the line is fast, bursts are not limited.
static inline unsigned add_iface(bed_t *bed, rns_iface_config_t config) {
    char name[32];
    assert_true(bed->ifaces < BED_IFACES);
    snprintf(name, sizeof name, "Test[%u]", bed->ifaces);
    config.name = config.name != NULL ? config.name : name;
    config.bitrate = config.bitrate != 0 ? config.bitrate : 10000000;
    config.ingress_control =
        config.ingress_control != RNS_DEFAULT ? config.ingress_control : RNS_NO;
    assert_int_equal(rns_iface_add(bed->node, bed->now, &config, &bed->iface[bed->ifaces]),
                     RNS_ERR_OK);
    return bed->ifaces++;
}

static inline unsigned add_mode(bed_t *bed, rns_mode_t mode) {
    return add_iface(bed, (rns_iface_config_t){.mode = mode});
}

static inline struct rnsi_iface *iface_of(const bed_t *bed, unsigned on) {
    return rnsi_pool_get(RNSI_POOL(bed->node, IFACE), bed->iface[on].slot, bed->iface[on].gen);
}

static inline uint32_t count_of(const bed_t *bed, unsigned on, rns_verdict_t verdict) {
    return rns_iface_count(bed->node, bed->iface[on], verdict);
}

static inline unsigned number_of(const bed_t *bed, rns_iface_t handle) {
    for (unsigned i = 0; i < bed->ifaces; i++) {
        if (bed->iface[i].slot == handle.slot && bed->iface[i].gen == handle.gen) {
            return i;
        }
    }
    return NO_ONE;
}

// ---- Frames

static inline void write_down(bed_t *bed, unsigned on, rns_bytes_t frame) {
    assert_true(bed->sent_count < BED_FRAMES && frame.size <= PACKET_MOST);
    frame_t *f = &bed->sent[bed->sent_count++];
    f->on = on;
    f->at = bed->now;
    f->packet.size = frame.size;
    memcpy(f->packet.b, frame.data, frame.size);
}

// Takes all that is to be sent.
static inline void drain(bed_t *bed) {
    rns_iface_t iface;
    rns_tx_t tx;
    for (unsigned idle = 0; idle < BED_IFACES && rns_tx_ready(bed->node, &iface);) {
        const unsigned on = number_of(bed, iface);
        assert_int_not_equal(on, NO_ONE);
        idle++;
        while (!bed->deaf[on] && rns_tx_next(bed->node, bed->now, iface, &tx)) {
            write_down(bed, on, tx.frame);
            rns_tx_done(bed->node, bed->now, iface, &tx, true);
            idle = 0;
        }
    }
}

// Receives a copy, in memory of its very size, and takes what is sent on at once.
static inline rns_verdict_t rx(bed_t *bed, unsigned on, const packet_t *packet) {
    uint8_t *bytes = malloc(packet->size > 0 ? packet->size : 1);
    assert_non_null(bytes);
    memcpy(bytes, packet->b, packet->size);
    const rns_verdict_t verdict =
        rns_rx(bed->node, bed->now, bed->iface[on], (rns_mem_t){bytes, packet->size}, NULL);
    free(bytes);
    drain(bed);
    return verdict;
}

// Lets time pass, with a tick whenever one is due.
static inline void run(bed_t *bed, rns_us_t span) {
    const rns_us_t until = bed->now + span;
    unsigned ticks = 0;
    for (rns_us_t due; (due = rns_next_due(bed->node)) <= until; ticks++) {
        if (due > bed->now) {
            bed->now = due;
            ticks = 0;
        }
        assert_true(ticks < BED_BUSY);
        rns_tick(bed->node, bed->now);
        drain(bed);
    }
    bed->now = until;
    rns_tick(bed->node, bed->now);
    drain(bed);
}

static inline void forget_sent(bed_t *bed) {
    bed->sent_count = 0;
}

// How many frames went out on an interface, and the n-th of them.
static inline unsigned sent_on(const bed_t *bed, unsigned on) {
    unsigned count = 0;
    for (unsigned i = 0; i < bed->sent_count; i++) {
        count += bed->sent[i].on == on;
    }
    return count;
}

static inline const frame_t *sent_nth(const bed_t *bed, unsigned on, unsigned n) {
    for (unsigned i = 0; i < bed->sent_count; i++) {
        if (bed->sent[i].on == on && n-- == 0) {
            return &bed->sent[i];
        }
    }
    fail_msg("fewer frames were sent on interface %u", on);
    return NULL;
}

// ---- Packets made by hand

static inline void put(packet_t *p, const void *bytes, size_t size) {
    assert_true(p->size + size <= sizeof p->b);
    memcpy(p->b + p->size, bytes, size);
    p->size += size;
}

static inline void put8(packet_t *p, unsigned byte) {
    const uint8_t b = (uint8_t)byte;
    put(p, &b, 1);
}

static inline void put_many(packet_t *p, unsigned byte, size_t count) {
    for (size_t i = 0; i < count; i++) {
        put8(p, byte);
    }
}

// The address of nobody in particular: 16 times the same byte.
static inline rns_hash_t address(unsigned byte) {
    rns_hash_t h;
    memset(h.b, (int)byte, sizeof h.b);
    return h;
}

// HEADER_1, or HEADER_2 when there is a transport id.
static inline packet_t header(unsigned flags, unsigned hops, const rns_hash_t *transport,
                              const rns_hash_t *dest, unsigned context) {
    packet_t p = {.size = 0};
    put8(&p, transport != NULL ? 0x50 | flags : flags);
    put8(&p, hops);
    if (transport != NULL) {
        put(&p, transport->b, 16);
    }
    put(&p, dest->b, 16);
    put8(&p, context);
    return p;
}

// Somebody with an identity and one destination.
typedef struct {
    rnsi_identity_t identity;
    rns_signer_t signer;
    uint8_t name_hash[10];
    rns_hash_t dest;
} peer_t;

static inline peer_t peer(const bed_t *bed, unsigned who) {
    peer_t p;
    const rns_secret_t secret = secret_of(who);
    const rnsi_crypto_t *c = &bed->node->crypto;
    rnsi_identity_from_secret(c, &p.identity, &p.signer, &secret);
    rnsi_destination_name_hash(c, (rns_bytes_t){(const uint8_t *)"test.peer", 9}, p.name_hash);
    rnsi_destination_hash(c, p.name_hash, p.identity.hash.b, p.dest.b);
    return p;
}

typedef struct {
    unsigned who;
    uint64_t emitted;
    unsigned noise, hops; // hops as it arrives: one less than what is learned
    unsigned via;         // the transport id is 16 times this byte; 0: HEADER_1
    unsigned context;
    bool ratchet;
    size_t app_data; // bytes
} announcement_t;

static inline packet_t announce(const bed_t *bed, announcement_t a) {
    static const uint8_t APP_DATA[400] = {0x93, 0x01, 0x02};
    const peer_t from = peer(bed, a.who);
    const rns_hash_t via = address(a.via);
    uint8_t random[10], ratchet[32], noise[5];
    memset(noise, (int)a.noise, sizeof noise);
    memset(ratchet, 0x77, sizeof ratchet);
    rnsi_announce_random(random, noise, a.emitted);
    const rnsi_announce_t parts = {.dest = from.dest.b,
                                   .keys = from.identity.pub,
                                   .name_hash = from.name_hash,
                                   .random = random,
                                   .ratchet = a.ratchet ? ratchet : NULL,
                                   .app_data = {APP_DATA, a.app_data}};
    packet_t p =
        header(a.ratchet ? 0x21 : 0x01, a.hops, a.via != 0 ? &via : NULL, &from.dest, a.context);
    const rns_mem_t out = {p.b + p.size, sizeof p.b - p.size};
    p.size += rnsi_announce_build(&bed->node->crypto, &from.signer, &parts, out);
    return p;
}

// Makes a destination known: one verified announce over an interface. The hops that are learned are
// one more than it says. What is sent meanwhile is forgotten.
static inline rns_hash_t learn(bed_t *bed, unsigned on, announcement_t a) {
    const packet_t p = announce(bed, a);
    assert_int_equal(rx(bed, on, &p), RNS_RX_QUEUED);
    rns_tick(bed->node, bed->now);
    return peer(bed, a.who).dest;
}

// A destination whose announce is not to be sent on any more.
static inline rns_hash_t settle(bed_t *bed, unsigned on, announcement_t a) {
    const rns_hash_t dest = learn(bed, on, a);
    run(bed, 7 * SECOND);
    forget_sent(bed);
    return dest;
}

static inline packet_t ask(const bed_t *bed, const rns_hash_t *dest, const rns_hash_t *requester,
                           unsigned tag, size_t tag_size) {
    rns_hash_t to;
    memcpy(to.b, bed->node->path_request_dest, sizeof to.b);
    packet_t p = header(0x08, 0, NULL, &to, 0);
    put(&p, dest->b, 16);
    if (requester != NULL) {
        put(&p, requester->b, 16);
    }
    put_many(&p, tag, tag_size);
    return p;
}

// A link request, its link's address, and the proof of whoever answers.
static inline packet_t link_request(const rns_hash_t *transport, const rns_hash_t *dest,
                                    unsigned key, uint32_t signalling) {
    packet_t p = header(0x02, 0, transport, dest, 0);
    put_many(&p, key, 64);
    if (signalling != 0) {
        put8(&p, signalling >> 16);
        put8(&p, signalling >> 8);
        put8(&p, signalling);
    }
    return p;
}

static inline rns_hash_t link_of(const bed_t *bed, const packet_t *request) {
    packet_t copy = *request;
    rnsi_packet_t parsed;
    rns_hash_t id;
    assert_true(rnsi_packet_parse((rns_mem_t){copy.b, copy.size}, &parsed));
    rnsi_packet_link_id(&bed->node->crypto, &parsed, id.b);
    return id;
}

static inline packet_t link_proof(const bed_t *bed, unsigned who, const rns_hash_t *link,
                                  unsigned hops, uint32_t signalling) {
    const peer_t from = peer(bed, who);
    const uint8_t more[3] = {(uint8_t)(signalling >> 16), (uint8_t)(signalling >> 8),
                             (uint8_t)signalling};
    packet_t text = {.size = 0}, p = header(0x0F, hops, NULL, link, 0xFF);
    uint8_t sig[64];
    put(&text, link->b, 16);
    put_many(&text, 0x5A, 32);
    put(&text, from.identity.pub + 32, 32);
    put(&text, more, signalling != 0 ? 3 : 0);
    rnsi_identity_sign(&bed->node->crypto, &from.signer, (rns_bytes_t){text.b, text.size}, sig);
    put(&p, sig, sizeof sig);
    put_many(&p, 0x5A, 32);
    put(&p, more, signalling != 0 ? 3 : 0);
    return p;
}

static inline packet_t data_to(const rns_hash_t *transport, const rns_hash_t *dest, unsigned hops,
                               unsigned byte) {
    packet_t p = header(0x00, hops, transport, dest, 0);
    put_many(&p, byte, 20);
    return p;
}

#define assert_packet(frame, expected)                                                             \
    do {                                                                                           \
        assert_int_equal((frame)->packet.size, (expected)->size);                                  \
        assert_memory_equal((frame)->packet.b, (expected)->b, (expected)->size);                   \
    } while (0)

#endif
