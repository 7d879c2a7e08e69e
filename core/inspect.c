// inspect.c -- see rns/inspect.h: the tables of routes. Entries are looked at and left as they are.
#include "rns/inspect.h"

#include "node.h"
#include "route/ask.h"
#include "route/cache.h"
#include "route/filter.h"
#include "route/iface.h"
#include "route/path.h"

_Static_assert(RNS_INSPECT_RATE_TIMES == RNSI_RATE_SAMPLES, "times of a rate entry");
_Static_assert(RNS_INSPECT_REASON == RNSI_REASON_MAX, "reason of a blackhole");

static rns_hash_t hash_of(const uint8_t bytes[16]) {
    rns_hash_t hash;
    memcpy(hash.b, bytes, sizeof hash.b);
    return hash;
}

static rns_iface_t handle_of(const rns_node_t *node, rnsi_iface_ref_t ref) {
    return rnsi_iface_handle(node, rnsi_iface_at(node, ref));
}

// The next taken slot of a pool; NULL: no more.
static const void *next(const rnsi_pool_t *pool, uint32_t *cursor) {
    return *cursor == RNSI_NONE ? NULL : rnsi_pool_walk(pool, cursor, UINT32_MAX);
}

// ---- Paths

bool rns_inspect_path(const rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                      rns_inspect_path_t *out) {
    const struct rnsi_path *path = rnsi_path_peek(node, now, destination->b);
    if (path == NULL || !rns_path(node, now, destination, &out->path)) {
        return false;
    }
    uint8_t blobs[RNSI_MAX_RANDOM_BLOBS][10];
    out->emission_s = path->emission_s;
    out->random_blobs = rnsi_path_blobs(node, path, blobs, RNSI_MAX_RANDOM_BLOBS);
    out->has_packet_hash = path->cache != RNSI_NONE;
    memset(out->packet_hash, 0, sizeof out->packet_hash);
    if (out->has_packet_hash) {
        memcpy(out->packet_hash, rnsi_cache_at(node, path->cache)->packet_hash,
               sizeof out->packet_hash);
    }
    return true;
}

uint32_t rns_inspect_path_blobs(const rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                                uint8_t (*blobs)[10], uint32_t most) {
    const struct rnsi_path *path = rnsi_path_peek(node, now, destination->b);
    return path != NULL ? rnsi_path_blobs(node, path, blobs, most) : 0;
}

// ---- Announces

// Whom a kept announce came from: its transport id, or the destination.
static rns_hash_t sender_of(const struct rnsi_announce_cache *cache) {
    return hash_of(cache->raw + 2); // the first address of either header
}

static void view_announce(const rns_node_t *node, const struct rnsi_announce *a,
                          rns_inspect_announce_t *out) {
    const struct rnsi_announce_cache *cache = rnsi_cache_at(node, a->cache);
    *out = (rns_inspect_announce_t){.destination = hash_of(a->hash),
                                    .received_from = sender_of(cache),
                                    .taken = a->slot.touched,
                                    .due = rnsi_timer_due(RNSI_POOL(node, ANNOUNCE), a),
                                    .hops = a->hops,
                                    .retries = a->retries,
                                    .heard = a->heard,
                                    .is_response = a->is_response != 0,
                                    .has_only = a->only.slot != RNSI_NO_IFACE,
                                    .has_parked = a->parked != RNSI_NONE,
                                    .only = handle_of(node, a->only)};
    memcpy(out->packet_hash, cache->packet_hash, sizeof out->packet_hash);
}

bool rns_inspect_announce(const rns_node_t *node, const rns_hash_t *destination,
                          rns_inspect_announce_t *out) {
    const struct rnsi_announce *a = rnsi_pool_find(RNSI_POOL(node, ANNOUNCE), destination->b);
    if (a != NULL) {
        view_announce(node, a, out);
    }
    return a != NULL;
}

// One that is parked has no key and no deadline: it is told of by the response that it waits for.
bool rns_inspect_announce_each(const rns_node_t *node, uint32_t *cursor,
                               rns_inspect_announce_t *out) {
    const rnsi_pool_t *pool = RNSI_POOL(node, ANNOUNCE);
    const struct rnsi_announce *a;
    while ((a = next(pool, cursor)) != NULL) {
        if (rnsi_timer_due(pool, a) != RNS_NEVER) {
            view_announce(node, a, out);
            return true;
        }
    }
    return false;
}

// The cursor is one more than the slot; RNSI_NONE: the end.
bool rns_inspect_held_each(const rns_node_t *node, rns_iface_t handle, uint32_t *cursor,
                           rns_inspect_held_t *out) {
    const struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    if (iface == NULL || *cursor == RNSI_NONE) {
        return false;
    }
    const uint32_t slot = *cursor == 0 ? iface->held_first : *cursor - 1;
    if (slot == RNSI_NONE) {
        return false;
    }
    const struct rnsi_held *held = rnsi_pool_at(RNSI_POOL(node, HELD), slot);
    out->destination = hash_of(held->key);
    memcpy(out->packet_hash, held->hash, sizeof out->packet_hash);
    out->hops = held->hops;
    *cursor = held->next == RNSI_NONE ? RNSI_NONE : held->next + 1;
    return true;
}

static void view_rate(const rns_node_t *node, const struct rnsi_rate *rate,
                      rns_inspect_rate_t *out) {
    *out = (rns_inspect_rate_t){.destination = hash_of(rate->hash),
                                .last = rate->last,
                                .blocked_until = rate->blocked_until,
                                .violations = rate->violations,
                                .times = rate->count};
    for (uint32_t i = 0; i < rate->count; i++) {
        out->at[i] = node->opened + rate->at_s[(rate->head + i) % RNSI_RATE_SAMPLES] * RNSI_SECOND;
    }
}

bool rns_inspect_rate(const rns_node_t *node, const rns_hash_t *destination,
                      rns_inspect_rate_t *out) {
    const struct rnsi_rate *rate = rnsi_pool_find(RNSI_POOL(node, RATE), destination->b);
    if (rate != NULL) {
        view_rate(node, rate, out);
    }
    return rate != NULL;
}

bool rns_inspect_rate_each(const rns_node_t *node, uint32_t *cursor, rns_inspect_rate_t *out) {
    const struct rnsi_rate *rate = next(RNSI_POOL(node, RATE), cursor);
    if (rate != NULL) {
        view_rate(node, rate, out);
    }
    return rate != NULL;
}

// ---- Packets of others

static bool view_reverse(const rns_node_t *node, rns_us_t now, const struct rnsi_reverse *reverse,
                         rns_inspect_reverse_t *out) {
    if (rnsi_pool_expired(RNSI_POOL(node, REVERSE), reverse, now)) {
        return false;
    }
    *out = (rns_inspect_reverse_t){.packet = hash_of(reverse->hash),
                                   .received = handle_of(node, reverse->received),
                                   .outbound = handle_of(node, reverse->outbound),
                                   .at = reverse->slot.touched};
    return true;
}

bool rns_inspect_reverse(const rns_node_t *node, rns_us_t now, const rns_hash_t *packet,
                         rns_inspect_reverse_t *out) {
    const struct rnsi_reverse *reverse = rnsi_pool_find(RNSI_POOL(node, REVERSE), packet->b);
    return reverse != NULL && view_reverse(node, now, reverse, out);
}

bool rns_inspect_reverse_each(const rns_node_t *node, rns_us_t now, uint32_t *cursor,
                              rns_inspect_reverse_t *out) {
    const struct rnsi_reverse *reverse;
    while ((reverse = next(RNSI_POOL(node, REVERSE), cursor)) != NULL) {
        if (view_reverse(node, now, reverse, out)) {
            return true;
        }
    }
    return false;
}

static void view_relay(const rns_node_t *node, const struct rnsi_relay *relay,
                       rns_inspect_relay_t *out) {
    const struct rnsi_path *path =
        rnsi_pool_get(RNSI_POOL(node, PATH), relay->path, relay->path_gen);
    *out = (rns_inspect_relay_t){.link = hash_of(relay->hash),
                                 .destination = hash_of(relay->dest),
                                 .has_next_hop = path != NULL,
                                 .next = handle_of(node, relay->next),
                                 .received = handle_of(node, relay->received),
                                 .remaining = relay->remaining,
                                 .taken = relay->taken,
                                 .validated = relay->validated != 0,
                                 .used = relay->slot.touched,
                                 .due = rnsi_timer_due(RNSI_POOL(node, RELAY), relay)};
    if (path != NULL) {
        out->next_hop = hash_of(path->next_hop);
    }
}

bool rns_inspect_relay(const rns_node_t *node, const rns_hash_t *link, rns_inspect_relay_t *out) {
    const struct rnsi_relay *relay = rnsi_pool_find(RNSI_POOL(node, RELAY), link->b);
    if (relay != NULL) {
        view_relay(node, relay, out);
    }
    return relay != NULL;
}

bool rns_inspect_relay_each(const rns_node_t *node, uint32_t *cursor, rns_inspect_relay_t *out) {
    const struct rnsi_relay *relay = next(RNSI_POOL(node, RELAY), cursor);
    if (relay != NULL) {
        view_relay(node, relay, out);
    }
    return relay != NULL;
}

static void view_tunnel(const rns_node_t *node, const struct rnsi_tunnel *tunnel,
                        rns_inspect_tunnel_t *out) {
    *out = (rns_inspect_tunnel_t){.iface = handle_of(node, tunnel->iface),
                                  .expires = tunnel->expires,
                                  .paths = tunnel->count};
    memcpy(out->id, tunnel->hash, sizeof out->id);
    memcpy(out->iface_hash, tunnel->iface_hash, sizeof out->iface_hash);
}

bool rns_inspect_tunnel(const rns_node_t *node, const uint8_t id[32], rns_inspect_tunnel_t *out) {
    const struct rnsi_tunnel *tunnel = rnsi_pool_find(RNSI_POOL(node, TUNNEL), id);
    if (tunnel != NULL) {
        view_tunnel(node, tunnel, out);
    }
    return tunnel != NULL;
}

bool rns_inspect_tunnel_each(const rns_node_t *node, uint32_t *cursor, rns_inspect_tunnel_t *out) {
    const struct rnsi_tunnel *tunnel = next(RNSI_POOL(node, TUNNEL), cursor);
    if (tunnel != NULL) {
        view_tunnel(node, tunnel, out);
    }
    return tunnel != NULL;
}

// ---- Packets seen

bool rns_inspect_seen(const rns_node_t *node, const uint8_t packet_hash[32]) {
    return rnsi_seen_has(&node->memory.packets, packet_hash);
}

bool rns_inspect_seen_announce(const rns_node_t *node, const uint8_t packet_hash[32],
                               bool context_flag) {
    return rnsi_filter_knows_announce(node, packet_hash, context_flag);
}

uint64_t rns_inspect_seen_total(const rns_node_t *node) {
    const rnsi_seen_t *seen = &node->memory.packets;
    return (uint64_t)seen->dropped + seen->used[0] + seen->used[1];
}

// ---- Path requests

bool rns_inspect_ask(const rns_node_t *node, const rns_hash_t *destination,
                     rns_inspect_ask_t *out) {
    const struct rnsi_ask *ask = rnsi_pool_find(RNSI_POOL(node, ASK), destination->b);
    if (ask == NULL) {
        return false;
    }
    *out = (rns_inspect_ask_t){.destination = *destination,
                               .was_sent = ask->sent_at != RNSI_NOT_ASKED,
                               .is_in_flight = ask->in_flight_at != RNSI_NOT_ASKED,
                               .is_searched = ask->search_until != RNSI_NOT_ASKED,
                               .sent_at = ask->sent_at,
                               .in_flight_at = ask->in_flight_at,
                               .search_until = ask->search_until,
                               .queued = ask->queued != 0};
    const rnsi_pool_t *askers = RNSI_POOL(node, ASKER);
    for (uint32_t slot = ask->askers; slot != RNSI_NONE; out->askers++) {
        slot = ((const struct rnsi_asker *)rnsi_pool_at(askers, slot))->next;
    }
    return true;
}

// ---- Identities that are shut out

bool rns_inspect_blackhole_each(const rns_node_t *node, uint32_t *cursor,
                                rns_inspect_blackhole_t *out) {
    const struct rnsi_blackhole *hole = next(RNSI_POOL(node, BLACKHOLE), cursor);
    if (hole == NULL) {
        return false;
    }
    *out = (rns_inspect_blackhole_t){.identity = hash_of(hole->hash),
                                     .source = hash_of(hole->source),
                                     .until_unix_us = hole->until_us,
                                     .has_reason = hole->has_reason != 0};
    memcpy(out->reason, hole->reason, sizeof out->reason);
    return true;
}
