// testing.c -- see testing.h: the tables of routes.
#include "testing.h"

#include "node.h"
#include "route/iface.h"
#include "route/path.h"
#include "route/relay.h"

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
    if (relay->validated) {
        rnsi_pool_pin(pool, relay);
    }
    rnsi_timer_set(pool, relay, entry->due);
    return true;
}
