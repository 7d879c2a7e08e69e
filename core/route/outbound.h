// outbound.h -- everything that leaves goes through here: one interface, a path, or all interfaces.
#ifndef RNSI_OUTBOUND_H_INCLUDED
#define RNSI_OUTBOUND_H_INCLUDED

#include "route/tx.h"

// A packet on its way out, in two pieces, so that a header can be put before data that stays where
// it is. Both are copied into one frame.
typedef struct {
    rns_bytes_t head, body;
} rnsi_out_t;

// Sends on one interface: copied once, sealed if it has an access code, queued. `from` is the
// interface whose share the frame counts in (NULL: the node itself). false: no slot, its queue is
// full, it is offline or stalled; counted there.
bool rnsi_transmit(rns_node_t *node, struct rnsi_iface *iface, rnsi_out_t out,
                   struct rnsi_iface *from);

// A packet whose bytes are made in its frame, on its way out of one interface.
typedef struct {
    rnsi_frame_t frame;
    rns_mem_t packet; // where they go: exactly the size that was asked for
    const struct rnsi_network *network;
} rnsi_draft_t;

// false: no slot, or it is offline; counted there. Else one of the other two follows.
bool rnsi_draft_begin(rns_node_t *node, struct rnsi_iface *iface, size_t size, rnsi_draft_t *draft);
bool rnsi_draft_send(rns_node_t *node, struct rnsi_iface *iface, const rnsi_draft_t *draft);
void rnsi_draft_drop(rns_node_t *node, const rnsi_draft_t *draft);

// A broadcast: the frame is made once, and sealed once for each network.
typedef struct {
    rnsi_out_t out;
    struct rnsi_iface *from;
    uint32_t pool, frame; // the frame without access code; frame RNSI_NONE: not made yet
} rnsi_broadcast_t;

void rnsi_broadcast_begin(rns_node_t *node, rnsi_broadcast_t *b, rnsi_out_t out,
                          struct rnsi_iface *from);
bool rnsi_broadcast_to(rns_node_t *node, rnsi_broadcast_t *b, struct rnsi_iface *iface);

// Sends a packet of our own, HEADER_1: along the path when one is known (inserting the transport
// header when the destination is more than one hop away), else on all interfaces or on `only`.
// PLAIN and GROUP never use paths. Remembers the hash when it is broadcast, so that it is not taken
// when it comes back. false: nothing took it.
bool rnsi_send(rns_node_t *node, rns_mem_t raw, struct rnsi_iface *only);
// A packet of our own: it is not taken when it comes back.
void rnsi_remember_own(rns_node_t *node, const uint8_t packet_hash[32]);

#endif
