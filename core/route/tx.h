// tx.h -- frames on their way out: made once, held by reference on each interface until it has sent
// them.
#ifndef RNSI_TX_H_INCLUDED
#define RNSI_TX_H_INCLUDED

#include "node.h"

#define RNSI_TX_MOST_BYTES UINT64_C(4194304) // waiting on one interface (Interface.tx_hwm)

#define RNSI_TX_SHORT 262144U // bytes: a queue that is short

#define RNSI_STALL_AFTER (250 * RNSI_MS) // without progress a full output loses its frames

// A frame of the smallest row that it fits in, with no reference yet: RNSI_NONE in *slot: no slot,
// or the share of `from` is used up. data is where its bytes go.
typedef struct {
    uint32_t pool, slot;
    uint8_t *data;
} rnsi_frame_t;

rnsi_frame_t rnsi_frame_new(rns_node_t *node, struct rnsi_iface *from, size_t size);
void rnsi_frame_unused(rns_node_t *node, rnsi_frame_t frame); // gives it if nobody refers to it
struct rnsi_frame_head *rnsi_frame_head(const rns_node_t *node, uint32_t pool, uint32_t slot);
// Bytes of the largest packet that a frame row with slots can hold, with room for an access code.
uint32_t rnsi_frame_limit(const rns_node_t *node);

// Puts a frame behind what waits on an interface. false: dropped there and counted.
bool rnsi_tx_put(rns_node_t *node, struct rnsi_iface *iface, rnsi_frame_t frame);
// Whether an interface takes a packet of this size without its queue growing long, and the row of
// frames stays half free for others: who has many to send asks before each.
bool rnsi_tx_has_room(const rns_node_t *node, const struct rnsi_iface *iface, size_t size);
// Drops what waits (not what is out), counted.
void rnsi_tx_drop_all(rns_node_t *node, struct rnsi_iface *iface);

#endif
