// filter.h -- the first look at a packet: is it for this node at all, and is it new?
#ifndef RNSI_FILTER_H_INCLUDED
#define RNSI_FILTER_H_INCLUDED

#include "node.h"

#define RNSI_PASS RNS_RX_COUNT // no verdict yet

// Transport.packet_filter, with the hop count as received. Fills in the packet's hash where one is
// needed (rx->has_hash) and whether it was seen before (rx->seen). Changes no table.
rns_verdict_t rnsi_filter(rns_node_t *node, rnsi_rx_t *rx);
// Packets of this context may come twice: they are answered, or sorted out by their link.
bool rnsi_filter_repeats(uint8_t context);
// Takes the hash of a packet that will be worked off soon, where one is needed, and has what it
// will be looked up in brought near. Changes nothing.
void rnsi_filter_ahead(rns_node_t *node, rnsi_rx_t *rx);
// From now on it is a duplicate.
void rnsi_filter_remember(rns_node_t *node, rnsi_rx_t *rx);
// An announce was verified: when it comes again with the same context flag it is not verified
// again.
void rnsi_filter_remember_announce(rns_node_t *node, const uint8_t hash[32], bool context_flag);
bool rnsi_filter_knows_announce(const rns_node_t *node, const uint8_t hash[32], bool context_flag);
// It is not any more: it came over the wrong interface and may come again over the right one.
void rnsi_filter_forget(rns_node_t *node, const rnsi_rx_t *rx);
// The packet's hash, taken if it was not yet.
const uint8_t *rnsi_rx_hash(rns_node_t *node, rnsi_rx_t *rx);

#endif
