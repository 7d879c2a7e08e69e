// announce.c -- see announce.h: sending announces on. Receiving them is in inbox.c.
#include "route/announce.h"

#include "route/airtime.h"
#include "route/cache.h"
#include "route/iface.h"
#include "route/ingress.h"
#include "route/outbound.h"
#include "route/path.h"
#include "rules.h"
#include "wire/announce.h"

#define RETRY_GRACE            (5500 * RNSI_MS) // Transport.PATHFINDER_G + PATHFINDER_RW
#define CHECK_INTERVAL         RNSI_SECOND      // Transport.announces_check_interval
#define LOCAL_REBROADCASTS_MAX 2U               // Transport.LOCAL_REBROADCASTS_MAX
#define PATHFINDER_R           1U               // Transport.PATHFINDER_R

static rnsi_pool_t *pool_of(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, ANNOUNCE);
}

// ---- Which interfaces take an announce

static bool blocked_inward(const struct rnsi_iface *from) {
    return (from->flags & RNSI_IFACE_TO_INTERNAL) == 0 && from->mode == RNS_MODE_BOUNDARY;
}

// Rules of interfaces that are particular about where an announce of others came from.
static bool mode_takes(uint8_t mode, const struct rnsi_iface *from) {
    switch (mode) {
    case RNS_MODE_INTERNAL:
        return !blocked_inward(from);
    case RNS_MODE_ROAMING:
        return from->mode != RNS_MODE_ROAMING && from->mode != RNS_MODE_BOUNDARY;
    default: // RNS_MODE_BOUNDARY
        return from->mode != RNS_MODE_ROAMING;
    }
}

static bool is_particular(uint8_t mode) {
    return mode == RNS_MODE_INTERNAL || mode == RNS_MODE_ROAMING || mode == RNS_MODE_BOUNDARY;
}

static rnsi_out_rule_t where_path_is_gone(uint8_t mode) {
    const bool takes =
        !RNSI_ANNOUNCE_NEEDS_PATH && !is_particular(mode) && mode != RNS_MODE_ACCESS_POINT;
    return takes ? RNSI_OUT_CAP : RNSI_OUT_NO;
}

rnsi_out_rule_t rnsi_announce_rule(const struct rnsi_iface *iface, const struct rnsi_iface *from,
                                   bool own) {
    if (!own && from == NULL) {
        return where_path_is_gone(iface->mode);
    }
    if (!own && from->mode == RNS_MODE_INTERNAL && (iface->flags & RNSI_IFACE_FROM_INTERNAL) == 0) {
        return RNSI_OUT_NO;
    }
    if (iface->mode == RNS_MODE_ACCESS_POINT) {
        return RNSI_OUT_NO;
    }
    if (own) {
        return RNSI_OUT_YES;
    }
    if (!is_particular(iface->mode)) {
        return RNSI_OUT_CAP;
    }
    return mode_takes(iface->mode, from) ? RNSI_OUT_YES : RNSI_OUT_NO;
}

// ---- Sending

static void count_sent(rns_node_t *node, struct rnsi_iface *iface, bool sent) {
    if (sent) {
        rnsi_flow_count(node, iface, RNSI_FLOW_ANNOUNCE_OUT);
    }
}

static void send_cached_to(rns_node_t *node, uint32_t cache, uint8_t hops, uint8_t context,
                           struct rnsi_iface *iface) {
    uint8_t head[RNSI_ANNOUNCE_HEAD];
    rns_bytes_t body;
    if (rnsi_iface_sends(iface) && rnsi_cache_resend(node, cache, hops, context, head, &body)) {
        const rnsi_out_t out = {{head, sizeof head}, body};
        count_sent(node, iface, rnsi_transmit(node, iface, out, NULL));
    }
}

void rnsi_announce_send_to(rns_node_t *node, uint32_t cache, uint8_t hops,
                           struct rnsi_iface *iface) {
    send_cached_to(node, cache, hops, RNSI_CONTEXT_PATH_RESPONSE, iface);
}

// To every interface that takes it, at once or when it has air time.
static void send_cached(rns_node_t *node, const struct rnsi_announce *a) {
    uint8_t head[RNSI_ANNOUNCE_HEAD];
    rns_bytes_t body;
    if (!rnsi_cache_resend(node, a->cache, a->hops, RNSI_CONTEXT_NONE, head, &body)) {
        return;
    }
    const struct rnsi_path *path = rnsi_path_find(node, a->hash);
    const struct rnsi_iface *from = path != NULL ? rnsi_iface_at(node, path->iface) : NULL;
    const rnsi_out_t out = {{head, sizeof head}, body};
    const uint64_t emission_s =
        rnsi_announce_emitted(body.data + RNSI_KEYS_SIZE + RNSI_NAME_HASH_SIZE);
    rnsi_broadcast_t b;
    rnsi_broadcast_begin(node, &b, out, NULL);
    uint32_t cursor = 0;
    struct rnsi_iface *iface;
    while ((iface = rnsi_iface_next(node, &cursor)) != NULL) {
        if (!rnsi_iface_sends(iface)) {
            continue;
        }
        const rnsi_out_rule_t rule = rnsi_announce_rule(iface, from, false);
        const bool now =
            rule == RNSI_OUT_YES ||
            (rule == RNSI_OUT_CAP && rnsi_airtime_take(node, iface, out.head.size + out.body.size));
        if (now) {
            count_sent(node, iface, rnsi_broadcast_to(node, &b, iface));
        } else if (rule == RNSI_OUT_CAP) {
            rnsi_airtime_queue(node, iface, a->cache, a->hops, emission_s, a->hash);
        }
    }
}

void rnsi_announce_own(rns_node_t *node, rns_mem_t raw, struct rnsi_iface *only) {
    if (only != NULL) {
        const rnsi_out_t out = {{NULL, 0}, {raw.data, raw.size}};
        count_sent(node, only, rnsi_iface_sends(only) && rnsi_transmit(node, only, out, NULL));
        return;
    }
    rnsi_broadcast_t b;
    rnsi_broadcast_begin(node, &b, (rnsi_out_t){{NULL, 0}, {raw.data, raw.size}}, NULL);
    uint32_t cursor = 0;
    struct rnsi_iface *iface;
    while ((iface = rnsi_iface_next(node, &cursor)) != NULL) {
        if (rnsi_iface_sends(iface) && rnsi_announce_rule(iface, NULL, true) == RNSI_OUT_YES) {
            count_sent(node, iface, rnsi_broadcast_to(node, &b, iface));
        }
    }
}

// ---- The table of announces that are sent on

void rnsi_announce_culled(void *context, void *element) {
    rns_node_t *node = context;
    struct rnsi_announce *a = element;
    rnsi_cache_unpin(node, a->cache);
    if (a->parked != RNSI_NONE) {
        struct rnsi_announce *parked = rnsi_pool_at(pool_of(node), a->parked);
        rnsi_cache_unpin(node, parked->cache);
        rnsi_pool_give(pool_of(node), parked);
    }
}

static void give(rns_node_t *node, struct rnsi_announce *a) {
    rnsi_announce_culled(node, a);
    rnsi_pool_give(pool_of(node), a);
}

// What is parked takes its place again; without that it is done with.
static void unpark_or_give(rns_node_t *node, struct rnsi_announce *a) {
    if (a->parked == RNSI_NONE) {
        give(node, a);
        return;
    }
    struct rnsi_announce *parked = rnsi_pool_at(pool_of(node), a->parked);
    rnsi_cache_unpin(node, a->cache);
    a->cache = parked->cache;
    a->only = parked->only;
    a->retries = parked->retries;
    a->heard = parked->heard;
    a->hops = parked->hops;
    a->is_response = parked->is_response;
    a->parked = RNSI_NONE;
    rnsi_timer_set(pool_of(node), a, parked->due);
    rnsi_pool_unpin(pool_of(node), parked, node->now);
    rnsi_pool_give(pool_of(node), parked);
}

static void send_due(rns_node_t *node, const struct rnsi_announce *a) {
    struct rnsi_iface *iface = a->is_response ? rnsi_iface_at(node, a->only) : NULL;
    if (!a->is_response) {
        send_cached(node, a);
    } else if (iface != NULL) {
        rnsi_announce_send_to(node, a->cache, a->hops, iface);
    }
}

// After the last time it stays until the next look, and others are still heard repeating it.
static void due(rns_node_t *node, struct rnsi_announce *a) {
    if (a->retries > PATHFINDER_R) {
        unpark_or_give(node, a);
        return;
    }
    a->retries++;
    send_due(node, a);
    if (a->retries <= PATHFINDER_R) {
        rnsi_timer_set(pool_of(node), a, node->now + RETRY_GRACE);
    } else if (a->parked != RNSI_NONE) {
        unpark_or_give(node, a);
    } else {
        rnsi_timer_set(pool_of(node), a, node->now + CHECK_INTERVAL);
    }
}

void rnsi_announce_ready(const rns_node_t *node, uint32_t *first, struct rnsi_announce *announce) {
    uint32_t *link = first;
    while (*link != RNSI_NONE) {
        struct rnsi_announce *other = rnsi_pool_at(pool_of(node), *link);
        if (other->hops > announce->hops) {
            break;
        }
        link = &other->next_ready;
    }
    announce->next_ready = *link;
    *link = rnsi_pool_slot(pool_of(node), announce);
}

void rnsi_announces_due(rns_node_t *node, uint32_t *first) {
    while (*first != RNSI_NONE) {
        struct rnsi_announce *announce = rnsi_pool_at(pool_of(node), *first);
        *first = announce->next_ready;
        due(node, announce);
    }
}

// The entry of a destination, new or used again for something newer.
static struct rnsi_announce *entry_for(rns_node_t *node, const uint8_t dest[16], uint32_t cache) {
    struct rnsi_announce *a = rnsi_pool_find(pool_of(node), dest);
    if (a != NULL) {
        give(node, a);
    }
    rnsi_cache_pin(node, cache);
    a = rnsi_pool_take(pool_of(node), node->now, dest);
    if (a == NULL) {
        rnsi_cache_unpin(node, cache);
        return NULL;
    }
    a->cache = cache;
    a->parked = RNSI_NONE;
    a->only = rnsi_no_iface();
    return a;
}

void rnsi_announce_pass_on(rns_node_t *node, const uint8_t dest[16], uint32_t cache, uint8_t hops,
                           rns_us_t delay) {
    struct rnsi_announce *a = entry_for(node, dest, cache);
    if (a != NULL) {
        a->hops = hops;
        rnsi_timer_set(pool_of(node), a, node->now + delay);
    }
}

// Moves what waits for a destination aside; RNSI_NONE: nothing waits, or no slot to keep it in.
static uint32_t park(rns_node_t *node, const uint8_t dest[16]) {
    struct rnsi_announce *waiting = rnsi_pool_find(pool_of(node), dest);
    if (waiting == NULL) {
        return RNSI_NONE;
    }
    rnsi_pool_pin(pool_of(node), waiting); // not to be culled for its own copy
    struct rnsi_announce *parked = rnsi_pool_take(pool_of(node), node->now, NULL);
    rnsi_pool_unpin(pool_of(node), waiting, node->now);
    if (parked == NULL) {
        return RNSI_NONE;
    }
    parked->cache = waiting->cache;
    parked->only = waiting->only;
    parked->retries = waiting->retries;
    parked->heard = waiting->heard;
    parked->hops = waiting->hops;
    parked->is_response = waiting->is_response;
    parked->parked = RNSI_NONE;
    parked->due = rnsi_timer_due(pool_of(node), waiting);
    rnsi_cache_pin(node, parked->cache);
    rnsi_pool_pin(pool_of(node), parked); // lives as long as the response
    return rnsi_pool_slot(pool_of(node), parked);
}

void rnsi_announce_respond(rns_node_t *node, const struct rnsi_path *path, struct rnsi_iface *iface,
                           rns_us_t delay) {
    const uint32_t parked = park(node, path->hash);
    struct rnsi_announce *a = entry_for(node, path->hash, path->cache);
    if (a == NULL) {
        return;
    }
    a->parked = parked;
    a->only = rnsi_iface_ref(node, iface);
    a->retries = PATHFINDER_R; // sent once
    a->hops = path->hops;
    a->is_response = 1;
    rnsi_timer_set(pool_of(node), a, node->now + delay);
}

void rnsi_announce_heard(rns_node_t *node, const uint8_t dest[16], uint8_t hops) {
    struct rnsi_announce *a = rnsi_pool_find(pool_of(node), dest);
    if (a == NULL || hops == 0) {
        return;
    }
    if (hops - 1 == a->hops) { // a neighbour repeats what we repeat
        a->heard++;
        if (a->retries > 0 && a->heard >= LOCAL_REBROADCASTS_MAX) {
            unpark_or_give(node, a);
        }
    } else if (hops - 1 == a->hops + 1 && a->retries > 0 &&
               node->now < rnsi_timer_due(pool_of(node), a)) { // it went on from us
        unpark_or_give(node, a);
    }
}
