// announce.h -- announces: from the inbox through the signature check to the tables, and on to
// others (Transport.inbound, Transport.jobs, Transport.outbound).
#ifndef RNSI_ROUTE_ANNOUNCE_H_INCLUDED
#define RNSI_ROUTE_ANNOUNCE_H_INCLUDED

#include "node.h"

// Announces whose time has come together (their timers) go out by their hops, fewest first
// (Transport.handle_outgoing_announces). *first: a list of them, RNSI_NONE: empty. Nothing else may
// happen to the table between the two.
void rnsi_announce_ready(const rns_node_t *node, uint32_t *first, struct rnsi_announce *announce);
void rnsi_announces_due(rns_node_t *node, uint32_t *first); // empties the list
// Takes an announce into the table of those that are sent on, for the first time after `delay`.
// What waits for the same destination is replaced.
void rnsi_announce_pass_on(rns_node_t *node, const uint8_t dest[16], uint32_t cache, uint8_t hops,
                           rns_us_t delay);
// Another node's repetition was heard, with this hop count: ours may be needless.
void rnsi_announce_heard(rns_node_t *node, const uint8_t dest[16], uint8_t hops);
// Answers a path request with the announce of a path, on one interface, after `delay`. A normal
// announce of the same destination that waits is parked until then.
void rnsi_announce_respond(rns_node_t *node, const struct rnsi_path *path, struct rnsi_iface *iface,
                           rns_us_t delay);
// Sends a cached announce at once, as a path response, on one interface.
void rnsi_announce_send_to(rns_node_t *node, uint32_t cache, uint8_t hops,
                           struct rnsi_iface *iface);
// Sends an announce of our own: a packed HEADER_1 packet, on all interfaces that take it or on one.
void rnsi_announce_own(rns_node_t *node, rns_mem_t raw, struct rnsi_iface *only);

// May an announce go out on an interface (Transport.outbound)? from: the interface of its path
// (NULL: gone); own: of a destination of ours. CAP: it may, within the share of air time for
// announces.
typedef enum { RNSI_OUT_NO, RNSI_OUT_YES, RNSI_OUT_CAP } rnsi_out_rule_t;
rnsi_out_rule_t rnsi_announce_rule(const struct rnsi_iface *iface, const struct rnsi_iface *from,
                                   bool own);

void rnsi_announce_culled(void *node, void *element); // drop callback
#endif
