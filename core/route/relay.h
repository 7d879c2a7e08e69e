// relay.h -- links of others that pass through this node (Transport.link_table).
#ifndef RNSI_RELAY_H_INCLUDED
#define RNSI_RELAY_H_INCLUDED

#include "node.h"

// NULL: no such link.
struct rnsi_relay *rnsi_relay_find(const rns_node_t *node, const uint8_t link_id[16]);

// A link request that goes out along a path: opens the entry and clamps the MTU that it signals to
// what both interfaces carry; the packet may become 3 bytes shorter. FORWARDED: it may go on; FULL:
// no slot; DUPLICATE: the link is open already; BAD_MODE: its mode is unknown, so its MTU cannot
// be clamped.
rns_verdict_t rnsi_relay_open(rns_node_t *node, rnsi_rx_t *rx, const struct rnsi_path *path,
                              const struct rnsi_iface *out);
// Checks a link's proof that came from the right interface: hop count (re-balancing it when the
// signature says so), signature. true: it may go on, and the link counts as validated.
rns_verdict_t rnsi_relay_prove(rns_node_t *node, struct rnsi_relay *relay, const rnsi_rx_t *rx);
// A packet passed over it.
void rnsi_relay_used(rns_node_t *node, struct rnsi_relay *relay);
void rnsi_relay_due(rns_node_t *node,
                    struct rnsi_relay *relay); // its proof did not come, or it is silent

void rnsi_relay_culled(void *node, void *element); // drop callback

#endif
