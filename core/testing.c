// testing.c -- see testing.h: the tables of routes.
#include "testing.h"

#include "node.h"
#include "route/ask.h"
#include "route/filter.h"
#include "route/iface.h"
#include "route/ingress.h"
#include "route/outbound.h"
#include "route/path.h"
#include "route/relay.h"
#include "wire/announce.h"

// Stamps an element and puts it where its age list has that time: those that are younger go behind
// it again, in their order. A pinned one stands in no list.
static void set_touched(rnsi_pool_t *pool, void *element, rns_us_t touched) {
    rnsi_slot_t *head = element;
    head->touched = touched;
    if (head->pins > 0) {
        return;
    }
    rnsi_pool_age(pool, element, head->list, touched);
    for (rnsi_slot_t *other = rnsi_pool_oldest(pool, head->list); other != head;) {
        rnsi_slot_t *next = rnsi_pool_next(pool, other);
        if (other->touched > touched) {
            rnsi_pool_age(pool, other, other->list, other->touched);
        }
        other = next;
    }
}

static struct rnsi_path *path_of(rns_node_t *node, rns_us_t now, const rns_hash_t *destination) {
    node->now = now;
    return rnsi_path_find(node, destination->b);
}

bool rnst_path_set_used(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                        rns_us_t used) {
    struct rnsi_path *path = path_of(node, now, destination);
    if (path != NULL) {
        set_touched(RNSI_POOL(node, PATH), path, used);
        path->used_ms = 0;
    }
    return path != NULL;
}

bool rnst_path_set_expires(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                           rns_us_t expires) {
    struct rnsi_path *path = path_of(node, now, destination);
    if (path != NULL) {
        path->expires = expires;
    }
    return path != NULL;
}

static struct rnsi_announce *announce_of(rns_node_t *node, const rns_hash_t *destination) {
    return rnsi_pool_find(RNSI_POOL(node, ANNOUNCE), destination->b);
}

bool rnst_announce_set_due(rns_node_t *node, const rns_hash_t *destination, rns_us_t due) {
    struct rnsi_announce *announce = announce_of(node, destination);
    if (announce != NULL) {
        rnsi_timer_set(RNSI_POOL(node, ANNOUNCE), announce, due);
    }
    return announce != NULL;
}

bool rnst_announce_set_taken(rns_node_t *node, const rns_hash_t *destination, rns_us_t taken) {
    struct rnsi_announce *announce = announce_of(node, destination);
    if (announce != NULL) {
        set_touched(RNSI_POOL(node, ANNOUNCE), announce, taken);
    }
    return announce != NULL;
}

static rnsi_iface_ref_t ref_of(const rns_node_t *node, rns_iface_t handle) {
    return rnsi_iface_ref(node, rnsi_iface_get(node, handle));
}

// Makes room under a key that may be taken.
static void *replace(rnsi_pool_t *pool, rns_us_t now, const rns_hash_t *key) {
    void *old = rnsi_pool_find(pool, key->b);
    if (old != NULL) {
        rnsi_pool_give(pool, old);
    }
    return rnsi_pool_take(pool, now, key->b);
}

bool rnst_reverse_put(rns_node_t *node, const rns_inspect_reverse_t *entry) {
    rnsi_pool_t *pool = RNSI_POOL(node, REVERSE);
    struct rnsi_reverse *reverse = replace(pool, entry->at, &entry->packet);
    if (reverse == NULL) {
        return false;
    }
    reverse->received = ref_of(node, entry->received);
    reverse->outbound = ref_of(node, entry->outbound);
    set_touched(pool, reverse, entry->at);
    return true;
}

// The path that leads there, which an open link keeps.
static void tie_path(rns_node_t *node, struct rnsi_relay *relay) {
    rnsi_pool_t *paths = RNSI_POOL(node, PATH);
    struct rnsi_path *path = rnsi_path_find(node, relay->dest);
    relay->path = RNSI_NONE;
    if (path == NULL) {
        return;
    }
    relay->path = rnsi_pool_slot(paths, path);
    relay->path_gen = path->slot.gen;
    memcpy(relay->signer, path->signer, sizeof relay->signer);
    if (relay->validated) {
        rnsi_pool_pin(paths, path);
    }
}

bool rnst_relay_put(rns_node_t *node, rns_us_t now, const rns_inspect_relay_t *entry) {
    rnsi_pool_t *pool = RNSI_POOL(node, RELAY);
    node->now = now;
    struct rnsi_relay *relay = rnsi_pool_find(pool, entry->link.b);
    if (relay != NULL) {
        rnsi_relay_culled(node, relay);
    }
    relay = replace(pool, now, &entry->link);
    if (relay == NULL) {
        return false;
    }
    memcpy(relay->dest, entry->destination.b, sizeof relay->dest);
    relay->next = ref_of(node, entry->next);
    relay->received = ref_of(node, entry->received);
    relay->remaining = entry->remaining;
    relay->taken = entry->taken;
    relay->validated = entry->validated;
    tie_path(node, relay);
    set_touched(pool, relay, entry->used);
    rnsi_timer_set(pool, relay, entry->due);
    if (relay->validated) {
        rnsi_pool_pin(pool, relay);
        rnsi_timer_set(pool, relay, entry->used + rnsi_life(RNS_POOL_RELAY, 0));
    }
    return true;
}

// ---- Stages

void rnst_tables_now(rns_node_t *node, rns_us_t now) {
    node->tables_at = node->blackholes_at = now;
}

bool rnst_filter(rns_node_t *node, rns_us_t now, rns_mem_t raw, bool remember, uint8_t hash[32]) {
    rnsi_rx_t rx = {.from = rnsi_no_iface()};
    node->now = now;
    if (!rnsi_packet_parse(raw, &rx.packet)) {
        return false;
    }
    rx.hops = rx.packet.hops; // whatever the filter counts from
    const bool passes = rnsi_filter(node, &rx) == RNSI_PASS;
    memcpy(hash, rnsi_rx_hash(node, &rx), sizeof rx.hash);
    if (passes && remember && !rnsi_seen_has(&node->memory.packets, hash)) {
        rnsi_seen_add(&node->memory.packets, hash);
    }
    return passes;
}

bool rnst_transmit(rns_node_t *node, rns_us_t now, rns_iface_t handle, rns_mem_t raw) {
    struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    const rnsi_out_t out = {{NULL, 0}, {raw.data, raw.size}};
    node->now = now;
    return iface != NULL && rnsi_iface_sends(iface) && rnsi_transmit(node, iface, out, NULL);
}

void rnst_iface_mode(rns_node_t *node, rns_iface_t handle, rns_mode_t mode) {
    uint32_t cursor = 0;
    struct rnsi_iface *iface;
    const struct rnsi_iface *parent = rnsi_iface_get(node, handle);
    while ((iface = rnsi_iface_next(node, &cursor)) != NULL) {
        if (iface == parent || rnsi_iface_at(node, iface->parent) == parent) {
            iface->mode = (uint8_t)mode;
        }
    }
}

rns_err_t rnst_path_request(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                            rns_iface_t handle, rns_bytes_t tag) {
    struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    if (tag.size == 0 || tag.size > RNSI_ADDRESS_SIZE) {
        return RNS_ERR_ARG;
    }
    if (iface == NULL) {
        return RNS_ERR_GONE;
    }
    node->now = now;
    return rnsi_ask_send(node, destination->b, tag, iface);
}

// The stages that an announce passes before it is held.
static bool take_in(const rns_node_t *node, rns_bytes_t raw, struct rnsi_inbox_announce *in,
                    rnsi_packet_t *packet) {
    rnsi_announce_t parts;
    if (raw.size > sizeof in->raw) {
        return false;
    }
    memcpy(in->raw, raw.data, raw.size);
    in->size = (uint16_t)raw.size;
    if (!rnsi_packet_parse((rns_mem_t){in->raw, in->size}, packet) ||
        packet->type != RNSI_TYPE_ANNOUNCE || !rnsi_announce_parse(packet, &parts) ||
        !rnsi_announce_fits_dest(&node->crypto, &parts)) {
        return false;
    }
    rnsi_packet_hash(&node->crypto, packet, in->hash);
    in->hops = (uint8_t)(packet->hops + 1);
    return rnsi_announce_verify(&node->crypto, &parts);
}

bool rnst_hold(rns_node_t *node, rns_us_t now, rns_iface_t handle, rns_bytes_t raw) {
    struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    struct rnsi_inbox_announce in;
    rnsi_packet_t packet;
    node->now = now;
    return iface != NULL && take_in(node, raw, &in, &packet) &&
           rnsi_held_put(node, iface, &in, packet.dest);
}

bool rnst_release_held(rns_node_t *node, rns_us_t now, rns_iface_t handle) {
    struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    if (iface == NULL) {
        return false;
    }
    node->now = now;
    iface->held_release_at = now - 1;
    rnsi_timer_set(RNSI_POOL(node, IFACE), iface, now);
    return true;
}

void rnst_blackhole_clear(rns_node_t *node) {
    rnsi_pool_t *pool = RNSI_POOL(node, BLACKHOLE);
    for (uint32_t cursor = 0; cursor != RNSI_NONE;) {
        void *hole = rnsi_pool_walk(pool, &cursor, UINT32_MAX);
        if (hole != NULL) {
            rnsi_pool_give(pool, hole);
        }
    }
}
