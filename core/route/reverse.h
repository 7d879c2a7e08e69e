// reverse.h -- where the proof of a forwarded packet goes back to (Transport.reverse_table).
#ifndef RNSI_REVERSE_H_INCLUDED
#define RNSI_REVERSE_H_INCLUDED

#include "node.h"

// key: the packet's hash, cut to 16 bytes. NULL: none, or older than 480 s.
struct rnsi_reverse *rnsi_reverse_find(const rns_node_t *node, const uint8_t key[16]);
// A packet goes out on this interface; the key is its hash.
void rnsi_reverse_put(rns_node_t *node, rnsi_rx_t *rx, rnsi_iface_ref_t outbound);
void rnsi_reverse_give(rns_node_t *node, struct rnsi_reverse *reverse); // a proof has used it

#endif
