// ingress.h -- bursts: how often announces and path requests come over an interface, and what is
// held back when it is too often (RNS.Interfaces.Interface).
#ifndef RNSI_INGRESS_H_INCLUDED
#define RNSI_INGRESS_H_INCLUDED

#include "node.h"

typedef enum {
    RNSI_FLOW_ANNOUNCE_IN,
    RNSI_FLOW_ANNOUNCE_OUT,
    RNSI_FLOW_ASK_IN,
    RNSI_FLOW_ASK_OUT
} rnsi_flow_kind_t;

// Counts an event on an interface and on its parents.
void rnsi_flow_count(rns_node_t *node, struct rnsi_iface *iface, rnsi_flow_kind_t kind);
// Events a second, in thousandths; forgets the oldest sample when the ring spans more than 10 s.
// Incoming: 0 unless there are 3 samples; outgoing: unless there are 2.
uint32_t rnsi_flow_mhz(rns_node_t *node, struct rnsi_iface *iface, rnsi_flow_kind_t kind);

// should_ingress_limit(), should_ingress_limit_pr(), should_egress_limit_pr(): each call is a
// check.
bool rnsi_ingress_limits(rns_node_t *node, struct rnsi_iface *iface);
bool rnsi_ingress_limits_asks(rns_node_t *node, struct rnsi_iface *iface);
bool rnsi_egress_limits(rns_node_t *node, struct rnsi_iface *iface);

// Holds an announce back that was verified. A newer one of the same destination replaces the older.
// false: no room, or 127 hops.
bool rnsi_held_put(rns_node_t *node, struct rnsi_iface *iface, const struct rnsi_inbox_announce *in,
                   const uint8_t dest[16]);
// The one to be released now (fewest hops first), or NULL. It is off its interface's list; the
// caller works it off and gives it back with rnsi_held_give().
struct rnsi_held *rnsi_held_release(rns_node_t *node, struct rnsi_iface *iface);
void rnsi_held_give(rns_node_t *node, struct rnsi_held *held);
void rnsi_held_drop_all(rns_node_t *node, struct rnsi_iface *iface); // the interface goes

#endif
