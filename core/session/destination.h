// destination.h -- destinations of our own: announcing, receiving, proving.
#ifndef RNSI_SESSION_DESTINATION_H_INCLUDED
#define RNSI_SESSION_DESTINATION_H_INCLUDED

#include "node.h"
#include "wire/announce.h"

struct rnsi_dest *rnsi_dest_get(const rns_node_t *node, rns_dest_t handle); // NULL: gone
rns_dest_t rnsi_dest_handle(const rns_node_t *node, const struct rnsi_dest *dest);

// ---- receive.c

// A DATA packet whose address is one of ours: decrypted in place, delivered, proved as the
// destination says. QUEUED: older ratchets are tried from rnsi_destination_tick().
rns_verdict_t rnsi_destination_receive(rns_node_t *node, struct rnsi_dest *dest, rnsi_rx_t *rx);
// Tries some of the older ratchets on the packet that waits longest: at most RNSI_RATCHET_SLICE
// multiplications. Its second verdict is counted on its interface.
void rnsi_destination_tick(rns_node_t *node);
bool rnsi_destination_waits(const rns_node_t *node); // such a packet waits: tick again at once

// ---- announcing.c

// Bytes of app data with which an announce can still be sent on by others, who put a HEADER_2
// before it; 32 fewer with a ratchet.
#define RNSI_APP_DATA_FITS (RNS_MTU - RNSI_HEADER_MAXSIZE - RNSI_ANNOUNCE_MINSIZE)
size_t rnsi_app_data_max(const struct rnsi_dest *dest);

// Builds and sends an announce; a ratchet that is due is rotated. only NULL: all interfaces.
// SIZE, ENTROPY, FULL.
rns_err_t rnsi_destination_announce(rns_node_t *node, struct rnsi_dest *dest, rns_bytes_t app_data,
                                    struct rnsi_iface *only);
// Answers a path request: announces as a path response on one interface, with the destination's own
// app data (after RNS_EV_APP_DATA). tag: of the request, 1 to 16 bytes. The tag of the answer
// before gets the same bytes again for RNSI_ANSWER_KEPT, unless its ratchet or app data is another
// by now.
#define RNSI_ANSWER_KEPT (30 * RNSI_SECOND) // RNS.Destination.PR_TAG_WINDOW
void rnsi_destination_answer(rns_node_t *node, struct rnsi_dest *dest, struct rnsi_iface *iface,
                             rns_bytes_t tag);
// Announces all destinations that the node keeps itself (Transport.mgmt_destinations).
void rnsi_destination_managed(rns_node_t *node);
// Emission times of a new destination go on from the mark that is stored.
void rnsi_emission_open(rns_node_t *node, struct rnsi_dest *dest);

// ---- handler.c

// Listeners for announces that fit this one.
void rnsi_handlers_call(rns_node_t *node, const rns_event_t *announce, const uint8_t name_hash[10]);

#endif
