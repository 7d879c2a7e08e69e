// testing_link.h -- what only tests do to links and receipts: set what is measured, read what is
// secret, learn without an announce. The library does not contain it.
#ifndef RNST_TESTING_LINK_H_INCLUDED
#define RNST_TESTING_LINK_H_INCLUDED

#include "rns/link.h"

// Sets the keepalive interval of an open link and how long its peer may be silent; up to 4,294 s.
// GONE; STATE: not open; ARG.
rns_err_t rnst_link_watchdog(rns_node_t *node, rns_us_t now, rns_link_t link, rns_us_t keepalive_us,
                             rns_us_t stale_us);
// Sets its round trip time. GONE.
rns_err_t rnst_link_rtt(rns_node_t *node, rns_link_t link, rns_us_t rtt_us);
// The key that both ends agreed on. GONE.
rns_err_t rnst_link_key(const rns_node_t *node, rns_link_t link, uint8_t key_secret[64]);
// Knows a destination as after its announce, but has no path. FULL: no room, or it is known.
rns_err_t rnst_known_add(rns_node_t *node, const rns_hash_t *destination, const uint8_t pub[64]);
// Forgets it again.
void rnst_known_drop(rns_node_t *node, const rns_hash_t *destination);
// A packet of ours as these bytes say, HEADER_1; sent as rns_send() sends. false: nothing took it.
bool rnst_send(rns_node_t *node, rns_us_t now, rns_mem_t raw);
// Makes room for another receipt as if there was no free slot: the oldest ends (RNS_ERR_CULLED).
void rnst_receipt_cull(rns_node_t *node, rns_us_t now);

#endif
