// receipt.h -- proofs that we wait for, and proofs that we give.
#ifndef RNSI_RECEIPT_H_INCLUDED
#define RNSI_RECEIPT_H_INCLUDED

#include "node.h"

#define RNSI_PROOF_EXPLICIT 96U // bytes: PacketReceipt.EXPL_LENGTH
#define RNSI_PROOF_IMPLICIT 64U // PacketReceipt.IMPL_LENGTH

// A proof that may be for one of our packets: implicit ones are found by their address.
rns_verdict_t rnsi_receipt_proof(rns_node_t *node, rnsi_rx_t *rx);
// The same for one that came over a link, where all are explicit: found by the hash in it.
rns_verdict_t rnsi_receipt_link_proof(rns_node_t *node, rnsi_rx_t *rx);
void rnsi_receipt_due(rns_node_t *node, struct rnsi_receipt *receipt); // timed out
// Opens a receipt for a packet that is about to be sent; the oldest one may end for it
// (RNS_ERR_CULLED), which the application hears at once. NULL: no slot.
struct rnsi_receipt *rnsi_receipt_open(rns_node_t *node, const uint8_t packet_hash[32],
                                       const uint8_t signer[32], rns_us_t timeout);
// Makes room for a receipt as above. false: there is none.
bool rnsi_receipt_room(rns_node_t *node);
// Sends the proof of a packet of a SINGLE destination on the interface it came from. One signature.
void rnsi_prove(rns_node_t *node, struct rnsi_dest *dest, const uint8_t packet_hash[32],
                struct rnsi_iface *iface);
// Asks the application whether to (RNS_EV_PROVE).
void rnsi_prove_ask(rns_node_t *node, const struct rnsi_dest *dest, const uint8_t packet_hash[32],
                    struct rnsi_iface *iface);
// The same of a packet of a link.
void rnsi_prove_link_ask(rns_node_t *node, const struct rnsi_link *link,
                         const uint8_t packet_hash[32]);

#endif
