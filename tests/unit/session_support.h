// session_support.h -- what the tests of core/session/ and core/route/known.c share: a node made by
// hand, with a real provider and virtual time. What the sessions stand on (sending, interfaces,
// records, the clock) are stand-ins that write down what they were asked.
#ifndef SESSION_SUPPORT_H_INCLUDED
#define SESSION_SUPPORT_H_INCLUDED

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node.h"
#include "records.h"
#include "rns/providers.h"
#include "route/announce.h"
#include "route/iface.h"
#include "route/known.h"
#include "route/outbound.h"
#include "route/path.h"
#include "session/destination.h"
#include "session/link.h"
#include "session/ratchet.h"
#include "session/receipt.h"
#include "vectors/session.h"

#define SECOND   RNSI_SECOND
#define DAY      (24 * 3600 * RNSI_SECOND)
#define SENT_MAX 64
#define UNIX     ((int64_t)1800000000 * 1000000) // 2027-01-15
#define ANY_NAME "reticule.test.session"

// ---- Bytes

typedef struct {
    uint8_t b[1024];
    size_t size;
} hex_t;

static inline hex_t unhex(const char *text) {
    hex_t h = {.size = strlen(text) / 2};
    assert_true(h.size <= sizeof h.b);
    for (size_t i = 0; i < h.size; i++) {
        const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        h.b[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return h;
}

static inline rns_bytes_t text(const char *s) {
    return (rns_bytes_t){(const uint8_t *)s, strlen(s)};
}

static inline void assert_hex(const uint8_t *data, size_t size, const char *expected) {
    const hex_t h = unhex(expected);
    assert_int_equal(size, h.size);
    assert_memory_equal(data, h.b, size);
}

static inline void assert_text(rns_bytes_t data, const char *expected) {
    assert_int_equal(data.size, strlen(expected));
    assert_memory_equal(data.data, expected, data.size);
}

static inline rns_hash_t hash_of(const char *hex) {
    rns_hash_t hash;
    const hex_t h = unhex(hex);
    assert_int_equal(h.size, sizeof hash.b);
    memcpy(hash.b, h.b, sizeof hash.b);
    return hash;
}

// ---- What was written down

typedef struct {
    uint8_t raw[RNS_MTU];
    size_t size;
    struct rnsi_iface *only;
    bool announce;
} sent_t;

typedef struct {
    rns_event_t event;
    uint8_t data[RNS_MTU], hash[32], ratchet_id[10];
    bool has_ratchet, has_phy;
} heard_t;

static struct {
    sent_t sent[SENT_MAX];
    size_t sent_count;
    heard_t heard[SENT_MAX];
    size_t heard_count;
    unsigned dirty[RNS_RECORD_COUNT], gone[RNS_RECORD_COUNT];
    unsigned share;
    // What the stand-ins answer.
    bool offline, no_entropy, has_path, share_used_up;
    int64_t unix_us;
    uint8_t hops;
    rns_us_t first_hop;
    uint8_t random, proves_links;
    // The store.
    uint8_t ratchets[RNS_RECORD_MAX], mark[8];
    size_t ratchets_size, mark_size;
    unsigned gets;
    void (*react)(rns_node_t *node, const rns_event_t *event);
} world;

bool rnsi_send(rns_node_t *node, rns_mem_t raw, struct rnsi_iface *only) {
    (void)node;
    if (world.offline) {
        return false;
    }
    assert_true(world.sent_count < SENT_MAX && raw.size <= RNS_MTU);
    sent_t *s = &world.sent[world.sent_count++];
    memcpy(s->raw, raw.data, raw.size);
    s->size = raw.size;
    s->only = only;
    s->announce = false;
    memset(raw.data - 16, 0xEE, 16); // the room before it is outbound's
    return true;
}

void rnsi_announce_own(rns_node_t *node, rns_mem_t raw, struct rnsi_iface *only) {
    if (rnsi_send(node, raw, only)) {
        world.sent[world.sent_count - 1].announce = true;
    }
}

void rnsi_record_dirty(rns_node_t *node, rns_record_t kind, rnsi_slot_t *slot) {
    (void)node;
    assert_true((slot->gen & 1) == 1);
    world.dirty[kind]++;
}

void rnsi_record_gone(rns_node_t *node, rns_record_t kind, const void *key) {
    (void)node, (void)key;
    world.gone[kind]++;
}

void rnsi_record_left(rns_node_t *node, rns_record_t kind, rnsi_slot_t *slot) {
    (void)node, (void)kind, (void)slot;
}

int64_t rnsi_unix_us(const rns_node_t *node) {
    return world.unix_us == 0 ? 0 : world.unix_us + node->now;
}

bool rnsi_random(rns_node_t *node, uint8_t *out, size_t size) {
    (void)node;
    for (size_t i = 0; i < size && !world.no_entropy; i++) {
        out[i] = (uint8_t)(++world.random * 37U);
    }
    return !world.no_entropy;
}

bool rnsi_random_key(rns_node_t *node, uint8_t *out, size_t size) {
    return rnsi_random(node, out, size);
}

const struct rnsi_path *rnsi_path_peek(const rns_node_t *node, rns_us_t now,
                                       const uint8_t dest[16]) {
    static const struct rnsi_path path;
    (void)node, (void)now, (void)dest;
    return world.has_path ? &path : NULL;
}

uint8_t rns_hops_to(const rns_node_t *node, rns_us_t now, const rns_hash_t *destination) {
    (void)node, (void)now, (void)destination;
    return world.hops;
}

rns_us_t rns_first_hop_timeout(const rns_node_t *node, rns_us_t now,
                               const rns_hash_t *destination) {
    (void)node, (void)now, (void)destination;
    return world.first_hop;
}

struct rnsi_iface *rnsi_iface_get(const rns_node_t *node, rns_iface_t handle) {
    return rnsi_pool_get(RNSI_POOL(node, IFACE), handle.slot, handle.gen);
}

struct rnsi_iface *rnsi_iface_at(const rns_node_t *node, rnsi_iface_ref_t ref) {
    return rnsi_pool_get(RNSI_POOL(node, IFACE), ref.slot, ref.gen);
}

rns_iface_t rnsi_iface_handle(const rns_node_t *node, const struct rnsi_iface *iface) {
    const rns_iface_t none = {0, 0};
    const rns_iface_t handle = {
        iface != NULL ? rnsi_pool_slot(RNSI_POOL(node, IFACE), iface) : 0,
        iface != NULL ? iface->slot.gen : 0,
    };
    return iface != NULL ? handle : none;
}

rnsi_iface_ref_t rnsi_iface_ref(const rns_node_t *node, const struct rnsi_iface *iface) {
    const rns_iface_t handle = rnsi_iface_handle(node, iface);
    return iface != NULL ? (rnsi_iface_ref_t){(uint16_t)handle.slot, (uint16_t)handle.gen}
                         : rnsi_no_iface();
}

bool rnsi_share_take(rns_node_t *node, struct rnsi_iface *iface, rnsi_share_t share) {
    (void)node, (void)iface;
    assert_int_equal(share, RNSI_SHARE_RATCHET_TRY);
    world.share += !world.share_used_up;
    return !world.share_used_up;
}

void rnsi_share_give(rns_node_t *node, rnsi_iface_ref_t from, rnsi_share_t share) {
    (void)node, (void)from;
    assert_int_equal(share, RNSI_SHARE_RATCHET_TRY);
    assert_true(world.share > 0);
    world.share--;
}

// There are no links here.
struct rnsi_link *rnsi_link_get(const rns_node_t *node, rns_link_t handle) {
    (void)node, (void)handle;
    return NULL;
}

rns_link_t rnsi_link_handle(const rns_node_t *node, const struct rnsi_link *link) {
    (void)node, (void)link;
    return (rns_link_t){0, 0};
}

void rnsi_link_prove(rns_node_t *node, struct rnsi_link *link, const uint8_t packet_hash[32]) {
    (void)node, (void)link, (void)packet_hash;
    fail();
}

void rnsi_links_of_dest_close(rns_node_t *node, const struct rnsi_dest *dest) {
    (void)node, (void)dest;
}

void rnsi_links_of_dest_prove(rns_node_t *node, const struct rnsi_dest *dest) {
    (void)node;
    world.proves_links = dest->prove;
}

static inline void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    (void)user;
    assert_true(world.heard_count < SENT_MAX);
    heard_t *h = &world.heard[world.heard_count++];
    *h = (heard_t){.event = *event};
    if (event->data.size > 0) {
        memcpy(h->data, event->data.data, event->data.size);
        h->event.data.data = h->data;
    }
    if (event->packet_hash != NULL) {
        memcpy(h->hash, event->packet_hash, sizeof h->hash);
    }
    h->has_ratchet = event->ratchet_id != NULL;
    h->has_phy = event->phy != NULL;
    if (h->has_ratchet) {
        memcpy(h->ratchet_id, event->ratchet_id, sizeof h->ratchet_id);
    }
    if (world.react != NULL) {
        world.react(node, event);
    }
}

static inline size_t store_get(void *user, rns_record_t kind, rns_bytes_t key, rns_mem_t out) {
    (void)user;
    assert_int_equal(key.size, 16);
    world.gets++;
    const bool is_mark = kind == RNS_RECORD_MARK;
    const size_t size = is_mark ? world.mark_size : world.ratchets_size;
    memcpy(out.data, is_mark ? world.mark : world.ratchets, size < out.size ? size : out.size);
    return size;
}

static inline void store_ratchets(const char *hex) {
    const hex_t h = unhex(hex);
    memcpy(world.ratchets, h.b, h.size);
    world.ratchets_size = h.size;
}

// ---- The node

static _Alignas(max_align_t) uint8_t region[64U << 20];
static rns_node_t the_node;
static struct rnsi_iface *radio;

static const rnsi_drop_t DROPS[RNS_POOL_COUNT] = {
    [RNS_POOL_KNOWN] = rnsi_known_culled,
    [RNS_POOL_APP_DATA] = rnsi_app_data_culled,
    [RNS_POOL_RATCHET_PEER] = rnsi_ratchet_culled,
};

// What is left of what the last test had is nobody's.
static inline rns_node_t *open_node(rns_profile_t profile, const uint32_t own[RNS_POOL_COUNT]) {
    static _Alignas(max_align_t) uint8_t state[4096];
    static const uint32_t none[RNS_POOL_COUNT];
    const rns_mem_t mem[RNS_REGION_COUNT] = {{region, sizeof region}, {NULL, 0}};
    const bool zeroed[RNS_REGION_COUNT] = {false, false};
    size_t need[RNS_REGION_COUNT];
    rnsi_layout_need(profile, own != NULL ? own : none, need);
    assert_true(need[0] + need[1] <= sizeof region && rns_crypto_host.state_size <= sizeof state);
    if (the_node.crypto.v != NULL) {
        rns_crypto_host.close(state);
    }
    memset(&world, 0, sizeof world);
    memset(&the_node, 0, sizeof the_node);
    the_node.memory.key[0] = 1;
    the_node.memory.drop = DROPS;
    the_node.memory.context = &the_node;
    rnsi_layout_open(&the_node.memory, profile, own != NULL ? own : none, mem, zeroed);
    assert_true(rns_crypto_host.open(state));
    the_node.crypto = (rnsi_crypto_t){&rns_crypto_host, state};
    the_node.on_event = on_event;
    the_node.limits.ratchets = RNSI_RATCHETS_MAX;
    the_node.store.get = store_get;
    the_node.now = 1 * SECOND;
    world.unix_us = UNIX;
    world.first_hop = 7 * SECOND;
    world.hops = 3;
    radio = rnsi_pool_take(RNSI_POOL(&the_node, IFACE), the_node.now, NULL);
    return &the_node;
}

static inline uint32_t used(rns_pool_t id) {
    return the_node.memory.pools[id].used;
}

static inline const sent_t *last_sent(void) {
    assert_true(world.sent_count > 0);
    return &world.sent[world.sent_count - 1];
}

static inline const heard_t *last_heard(rns_event_type_t type) {
    assert_true(world.heard_count > 0);
    const heard_t *h = &world.heard[world.heard_count - 1];
    assert_int_equal(h->event.type, type);
    return h;
}

// A received packet, as the filter hands it on.
typedef struct {
    uint8_t raw[RNS_MTU];
    rnsi_rx_t rx;
} arrival_t;

static inline rnsi_rx_t *arrive(rns_node_t *node, arrival_t *a, const void *raw, size_t size) {
    memset(&a->rx, 0, sizeof a->rx);
    memcpy(a->raw, raw, size);
    assert_true(rnsi_packet_parse((rns_mem_t){a->raw, size}, &a->rx.packet));
    a->rx.iface = radio;
    a->rx.from = rnsi_iface_ref(node, radio);
    a->rx.hops = (uint8_t)(a->rx.packet.hops + 1);
    return &a->rx;
}

static inline rnsi_rx_t *arrive_hex(rns_node_t *node, arrival_t *a, const char *hex) {
    const hex_t h = unhex(hex);
    return arrive(node, a, h.b, h.size);
}

static inline rns_secret_t the_secret(void) {
    rns_secret_t secret;
    const hex_t h = unhex(VECTOR_SECRET);
    memcpy(secret.x25519, h.b, 32);
    memcpy(secret.ed25519, h.b + 32, 32);
    return secret;
}

// The destination of the vectors.
static inline rns_err_t add_own(rns_node_t *node, rns_dest_config_t config, rns_dest_t *dest) {
    const rns_secret_t secret = the_secret();
    config.name = ANY_NAME;
    config.identity = &secret;
    return rns_dest_add(node, node->now, &config, dest);
}

// Makes the destination of the vectors known, as its announce would.
static inline void know(rns_node_t *node, const char *ratchet_hex) {
    const hex_t dest = unhex(VECTOR_DEST), keys = unhex(VECTOR_PUBLIC);
    const hex_t ratchet = unhex(ratchet_hex != NULL ? ratchet_hex : "");
    const uint8_t hash[32] = {0};
    const rnsi_announce_t a = {
        .dest = dest.b,
        .keys = keys.b,
        .ratchet = ratchet_hex != NULL ? ratchet.b : NULL,
    };
    rnsi_known_learn(node, &a, hash);
}

#endif
