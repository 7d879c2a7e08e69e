// tunnel.h -- tunnels: paths that belong to the far end of a connection come back when it does
// (Transport.handle_tunnel).
#ifndef RNSI_TUNNEL_H_INCLUDED
#define RNSI_TUNNEL_H_INCLUDED

#include "route/path.h"

// A packet to rnstransport.tunnel.synthesize: checked, verified, the first of its paths restored.
rns_verdict_t rnsi_tunnel_receive(rns_node_t *node, rnsi_rx_t *rx);
// A path was learned over an interface that is a tunnel.
void rnsi_tunnel_learn(rns_node_t *node, struct rnsi_iface *iface, const struct rnsi_path *path);
void rnsi_tunnel_void(rns_node_t *node, struct rnsi_iface *iface); // the interface goes
// Paths of a tunnel that are still to be restored: node->now, else RNS_NEVER.
rns_us_t rnsi_tunnel_due(const rns_node_t *node, const struct rnsi_iface *iface);
// The next slice of them. Their events may remove the interface.
void rnsi_tunnel_restore(rns_node_t *node, struct rnsi_iface *iface);
void rnsi_tunnel_clean(rns_node_t *node); // expires a bounded number of tunnels and their paths

// For records: a tunnel as it was stored, on no interface. NULL: no slot, or it is known already.
struct rnsi_tunnel *rnsi_tunnel_load(rns_node_t *node, const uint8_t id[32],
                                     const uint8_t iface_hash[32], rns_us_t expires);
// A path of it, newer than those before: of `values` what follows next_hop counts, and cache, the
// slot of its announce (RNSI_NONE: none), which is pinned. false: no slot.
bool rnsi_tunnel_load_path(rns_node_t *node, struct rnsi_tunnel *tunnel, const uint8_t dest[16],
                           const struct rnsi_tunnel_path *values);

void rnsi_tunnel_culled(void *node, void *element); // drop callbacks
void rnsi_tunnel_path_culled(void *node, void *element);

#endif
