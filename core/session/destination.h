// destination.h -- destinations of our own: announcing, receiving, proving.
#ifndef RNSI_SESSION_DESTINATION_H_INCLUDED
#define RNSI_SESSION_DESTINATION_H_INCLUDED

#include "node.h"

// A DATA packet whose address is one of ours: decrypted, delivered, proved as the destination says.
rns_verdict_t rnsi_destination_receive(rns_node_t *node, struct rnsi_dest *dest, rnsi_rx_t *rx);
// Answers a path request: announces as a path response on one interface, with the destination's own
// app data (after RNS_EV_APP_DATA).
void rnsi_destination_answer(rns_node_t *node, struct rnsi_dest *dest, struct rnsi_iface *iface);
// Announces all destinations that the node keeps itself (Transport.mgmt_destinations).
void rnsi_destination_managed(rns_node_t *node);
// Listeners for announces that fit this one.
void rnsi_handlers_call(rns_node_t *node, const rns_event_t *announce, const uint8_t name_hash[10]);

void rnsi_prove_ask_culled(void *node, void *element); // drop callback

#endif
