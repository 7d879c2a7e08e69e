// tunnel.h -- tunnels: paths that belong to the far end of a connection come back when it does
// (Transport.handle_tunnel).
#ifndef RNSI_TUNNEL_H_INCLUDED
#define RNSI_TUNNEL_H_INCLUDED

#include "route/path.h"

// A packet to rnstransport.tunnel.synthesize: checked, verified, its paths restored.
rns_verdict_t rnsi_tunnel_receive(rns_node_t *node, rnsi_rx_t *rx);
// A path was learned over an interface that is a tunnel.
void rnsi_tunnel_learn(rns_node_t *node, struct rnsi_iface *iface, const struct rnsi_path *path);
void rnsi_tunnel_void(rns_node_t *node, struct rnsi_iface *iface); // the interface goes
void rnsi_tunnel_clean(rns_node_t *node); // expires a bounded number of tunnels and their paths

void rnsi_tunnel_culled(void *node, void *element); // drop callbacks
void rnsi_tunnel_path_culled(void *node, void *element);

#endif
