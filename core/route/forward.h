// forward.h -- carries out what route.c decided for packets of others.
#ifndef RNSI_FORWARD_H_INCLUDED
#define RNSI_FORWARD_H_INCLUDED

#include "route/route.h"

// Each rewrites the packet in place and sends it on: views of it are stale afterwards.
rns_verdict_t rnsi_forward_along(rns_node_t *node, rnsi_rx_t *rx, const rnsi_decision_t *d);
rns_verdict_t rnsi_forward_relay(rns_node_t *node, rnsi_rx_t *rx, const rnsi_decision_t *d);
rns_verdict_t rnsi_forward_link_proof(rns_node_t *node, rnsi_rx_t *rx, const rnsi_decision_t *d);
rns_verdict_t rnsi_forward_proof(rns_node_t *node, rnsi_rx_t *rx, const rnsi_decision_t *d);

#endif
