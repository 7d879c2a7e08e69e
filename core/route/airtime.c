// airtime.c -- see airtime.h. The queue of an interface is a pairing heap over its slots in
// ANNOUNCE_QUEUE: taking the first and taking out any are O(log n) amortised, putting is O(1). It
// is kept without recursion. `prev` leads to the left sibling, or from the first child to its
// parent.
#include "route/airtime.h"

#include "route/cache.h"
#include "route/iface.h"
#include "route/ingress.h"
#include "route/outbound.h"

#define EXPIRE_MOST 16U // entries of any interface that are dropped for their age in one call

typedef struct rnsi_announce_queue entry_t;

static rnsi_pool_t *pool_of(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, ANNOUNCE_QUEUE);
}

static entry_t *at(const rns_node_t *node, uint32_t slot) {
    return slot == RNSI_NONE ? NULL : rnsi_pool_at(pool_of(node), slot);
}

static uint32_t slot_of(const rns_node_t *node, const entry_t *entry) {
    return entry == NULL ? RNSI_NONE : rnsi_pool_slot(pool_of(node), entry);
}

// ---- Air time

// How long announces must be silent after one of this size.
static rns_us_t silence(const struct rnsi_iface *iface, size_t size) {
    const uint64_t share = (uint64_t)iface->bitrate * iface->cap_ppm; // bit/s, in millionths
    return (rns_us_t)((uint64_t)size * 8U * 1000000000000U / share);
}

static void take_air(rns_node_t *node, struct rnsi_iface *iface, size_t size) {
    iface->announce_allowed_at = node->now + silence(iface, size);
}

static bool has_air(const rns_node_t *node, const struct rnsi_iface *iface) {
    return iface->queue_count == 0 && node->now >= iface->announce_allowed_at;
}

bool rnsi_airtime_take(rns_node_t *node, struct rnsi_iface *iface, size_t size) {
    if (!has_air(node, iface)) {
        return false;
    }
    take_air(node, iface, size);
    return true;
}

bool rnsi_airtime_take_ask(rns_node_t *node, struct rnsi_iface *iface, size_t size) {
    return rnsi_airtime_take(node, iface, size);
}

// ---- Heap

// Orders are compared by their difference, since they wrap around.
static bool goes_first(const entry_t *a, const entry_t *b) {
    return a->hops != b->hops ? a->hops < b->hops : (int32_t)(a->order - b->order) < 0;
}

// Of two roots, or NULL, the one that goes first with the other as its first child.
static entry_t *meld(const rns_node_t *node, entry_t *a, entry_t *b) {
    if (a == NULL || b == NULL) {
        return a == NULL ? b : a;
    }
    entry_t *first = goes_first(a, b) ? a : b, *second = first == a ? b : a;
    entry_t *child = at(node, first->child);
    second->sibling = first->child;
    second->prev = slot_of(node, first);
    if (child != NULL) {
        child->prev = slot_of(node, second);
    }
    first->child = slot_of(node, second);
    return first;
}

static entry_t *cut(const rns_node_t *node, entry_t *entry, entry_t **next) {
    if (entry != NULL) {
        *next = at(node, entry->sibling);
        entry->sibling = entry->prev = RNSI_NONE;
    }
    return entry;
}

// Siblings become one heap: melded in pairs from left to right, the pairs from right to left.
static entry_t *meld_siblings(const rns_node_t *node, entry_t *first) {
    entry_t *pairs = NULL, *next = first;
    while (next != NULL) {
        entry_t *a = cut(node, next, &next), *b = cut(node, next, &next);
        entry_t *pair = meld(node, a, b);
        pair->sibling = slot_of(node, pairs);
        pairs = pair;
    }
    entry_t *root = NULL;
    while (pairs != NULL) {
        entry_t *pair = cut(node, pairs, &pairs);
        root = meld(node, root, pair);
    }
    return root;
}

static void heap_put(rns_node_t *node, struct rnsi_iface *iface, entry_t *entry) {
    entry->child = entry->sibling = entry->prev = RNSI_NONE;
    iface->queue_root = slot_of(node, meld(node, at(node, iface->queue_root), entry));
}

static void heap_remove(rns_node_t *node, struct rnsi_iface *iface, entry_t *entry) {
    entry_t *rest = meld_siblings(node, at(node, entry->child));
    if (iface->queue_root == slot_of(node, entry)) {
        iface->queue_root = slot_of(node, rest);
        return;
    }
    entry_t *prev = at(node, entry->prev), *sibling = at(node, entry->sibling);
    *(prev->child == slot_of(node, entry) ? &prev->child : &prev->sibling) = entry->sibling;
    if (sibling != NULL) {
        sibling->prev = entry->prev;
    }
    iface->queue_root = slot_of(node, meld(node, at(node, iface->queue_root), rest));
}

// ---- Queue

static void drop(rns_node_t *node, struct rnsi_iface *iface, entry_t *entry) {
    heap_remove(node, iface, entry);
    iface->queue_count--;
    rnsi_cache_unpin(node, entry->cache);
    rnsi_pool_give(pool_of(node), entry);
}

// The oldest of all interfaces stand at the old end of the row.
static void expire(rns_node_t *node) {
    for (uint32_t i = 0; i < EXPIRE_MOST; i++) {
        entry_t *oldest = rnsi_pool_oldest(pool_of(node), 0);
        if (oldest == NULL || node->now - oldest->queued <= RNSI_QUEUED_ANNOUNCE_LIFE) {
            return;
        }
        drop(node, rnsi_iface_at(node, oldest->iface), oldest);
    }
}

static void count_rejected(rnsi_pool_t *pool) {
    pool->rejected += pool->rejected < UINT32_MAX;
}

static entry_t *take_entry(rns_node_t *node, struct rnsi_iface *iface, const uint8_t key[20]) {
    const uint32_t quarter = pool_of(node)->count / 4, share = quarter > 0 ? quarter : 1;
    if (iface->queue_count >= share || iface->queue_count >= RNSI_MAX_QUEUED_ANNOUNCES) {
        count_rejected(pool_of(node));
        return NULL;
    }
    entry_t *entry = rnsi_pool_take(pool_of(node), node->now, key);
    if (entry != NULL) {
        entry->iface = rnsi_iface_ref(node, iface);
        iface->queue_count++;
    }
    return entry;
}

void rnsi_airtime_queue(rns_node_t *node, struct rnsi_iface *iface, uint32_t cache, uint8_t hops,
                        uint64_t emission_s, const uint8_t dest[16]) {
    uint8_t key[20];
    rnsi_iface_key(key, dest, rnsi_iface_ref(node, iface));
    expire(node);
    entry_t *entry = rnsi_pool_find(pool_of(node), key);
    if (entry != NULL) {
        if (emission_s <= entry->emission_s) {
            return;
        }
        heap_remove(node, iface, entry);
        rnsi_cache_unpin(node, entry->cache);
        rnsi_pool_age(pool_of(node), entry, 0, node->now);
    } else if ((entry = take_entry(node, iface, key)) == NULL) {
        return;
    }
    rnsi_cache_pin(node, cache);
    entry->cache = cache;
    entry->hops = hops;
    entry->emission_s = emission_s;
    entry->queued = node->now;
    entry->order = iface->queue_order++;
    heap_put(node, iface, entry);
    rnsi_iface_schedule(node, iface);
}

rns_us_t rnsi_airtime_due(const rns_node_t *node, const struct rnsi_iface *iface) {
    (void)node;
    return iface->queue_count > 0 ? iface->announce_allowed_at : RNS_NEVER;
}

// When no frame is free it stays first and tries again when there is air time next.
static void send(rns_node_t *node, struct rnsi_iface *iface, entry_t *entry) {
    uint8_t head[RNSI_ANNOUNCE_HEAD];
    rns_bytes_t body;
    if (!rnsi_cache_resend(node, entry->cache, entry->hops, RNSI_CONTEXT_NONE, head, &body)) {
        drop(node, iface, entry);
        return;
    }
    take_air(node, iface, sizeof head + body.size);
    if (rnsi_transmit(node, iface, (rnsi_out_t){{head, sizeof head}, body}, NULL)) {
        rnsi_flow_count(node, iface, RNSI_FLOW_ANNOUNCE_OUT);
        drop(node, iface, entry);
    }
}

void rnsi_airtime_release(rns_node_t *node, struct rnsi_iface *iface) {
    expire(node);
    entry_t *first = at(node, iface->queue_root);
    if (first != NULL && node->now - first->queued > RNSI_QUEUED_ANNOUNCE_LIFE) {
        drop(node, iface, first);
    } else if (first != NULL && node->now >= iface->announce_allowed_at) {
        send(node, iface, first);
    }
    rnsi_iface_schedule(node, iface);
}

uint32_t rnsi_airtime_drop_all(rns_node_t *node, struct rnsi_iface *iface) {
    uint32_t dropped = 0;
    for (entry_t *first; (first = at(node, iface->queue_root)) != NULL; dropped++) {
        drop(node, iface, first);
    }
    return dropped;
}

uint32_t rns_announce_queues_drop(rns_node_t *node, rns_us_t now) {
    node->now = now;
    uint32_t cursor = 0, dropped = 0;
    struct rnsi_iface *iface;
    while ((iface = rnsi_iface_next(node, &cursor)) != NULL) {
        dropped += rnsi_airtime_drop_all(node, iface);
        rnsi_iface_schedule(node, iface);
    }
    return dropped;
}
