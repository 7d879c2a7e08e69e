// iface.h -- interfaces as the stages find them.
#ifndef RNSI_IFACE_H_INCLUDED
#define RNSI_IFACE_H_INCLUDED

#include "node.h"

#define RNSI_ANNOUNCE_CAP_PPM 20000U // Reticulum.ANNOUNCE_CAP, in millionths

// NULL: none, or it is gone.
struct rnsi_iface *rnsi_iface_at(const rns_node_t *node, rnsi_iface_ref_t ref);
struct rnsi_iface *rnsi_iface_get(const rns_node_t *node, rns_iface_t handle);
rnsi_iface_ref_t rnsi_iface_ref(const rns_node_t *node, const struct rnsi_iface *iface);
rns_iface_t rnsi_iface_handle(const rns_node_t *node, const struct rnsi_iface *iface);
// An interface by the hash of its display string; NULL: none. Looks at all: for loading only.
struct rnsi_iface *rnsi_iface_of_hash(const rns_node_t *node, const uint8_t hash[32]);

static inline bool rnsi_iface_same(rnsi_iface_ref_t a, rnsi_iface_ref_t b) {
    return a.slot == b.slot && a.gen == b.gen;
}

static inline rnsi_iface_ref_t rnsi_no_iface(void) {
    const rnsi_iface_ref_t none = {RNSI_NO_IFACE, 0};
    return none;
}

// Key of what is kept for a destination on an interface (ANNOUNCE_QUEUE, HELD).
static inline void rnsi_iface_key(uint8_t key[20], const uint8_t dest[16], rnsi_iface_ref_t ref) {
    memcpy(key, dest, 16);
    memcpy(key + 16, &ref.slot, sizeof ref.slot);
    memcpy(key + 18, &ref.gen, sizeof ref.gen);
}

static inline bool rnsi_iface_online(const struct rnsi_iface *iface) {
    return (iface->flags & RNSI_IFACE_ONLINE) != 0;
}

// May be sent on now.
static inline bool rnsi_iface_sends(const struct rnsi_iface *iface) {
    return (iface->flags & (RNSI_IFACE_ONLINE | RNSI_IFACE_OUT)) ==
           (RNSI_IFACE_ONLINE | RNSI_IFACE_OUT);
}

// The next interface from *cursor on; NULL: no more. Start with 0.
struct rnsi_iface *rnsi_iface_next(const rns_node_t *node, uint32_t *cursor);
// Its access code; NULL: none.
struct rnsi_network *rnsi_iface_network(const rns_node_t *node, const struct rnsi_iface *iface);
// Sets the one timer of an interface to the nearest of its deadlines.
void rnsi_iface_schedule(rns_node_t *node, struct rnsi_iface *iface);
// What is due on it: announces that waited for air time, held announces, a stalled output.
void rnsi_iface_due(rns_node_t *node, struct rnsi_iface *iface);

// Counts a slot of a row that this interface filled (NULL: the node itself, which has no share).
// false: it holds its share already.
bool rnsi_share_take(rns_node_t *node, struct rnsi_iface *iface, rnsi_share_t share);
void rnsi_share_give(rns_node_t *node, rnsi_iface_ref_t from, rnsi_share_t share);

#endif
