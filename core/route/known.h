// known.h -- destinations heard of (RNS.Identity.known_destinations) and the newest ratchet keys of
// others. Learned from announces, like paths.
#ifndef RNSI_KNOWN_H_INCLUDED
#define RNSI_KNOWN_H_INCLUDED

#include "node.h"
#include "wire/announce.h"

struct rnsi_known *rnsi_known_find(const rns_node_t *node, const uint8_t dest[16]);
// Does what we know contradict these keys?
bool rnsi_known_contradicts(const rns_node_t *node, const uint8_t dest[16], const uint8_t keys[64]);
// Keeps what an announce said: keys, app data, ratchet.
void rnsi_known_learn(rns_node_t *node, const rnsi_announce_t *a, const uint8_t packet_hash[32]);
void rnsi_known_used(rns_node_t *node, const uint8_t dest[16]);
// NULL: none that is younger than 30 days.
const uint8_t *rnsi_ratchet_of(rns_node_t *node, const uint8_t dest[16]);
// App data as stored; false: none (nil).
bool rnsi_known_app_data(const rns_node_t *node, const struct rnsi_known *known, rns_bytes_t *data);
// Puts app data of a known destination (owner RNSI_NONE: of our own) into a slot; the old slot
// (RNSI_NONE: none) is used again or given back. RNSI_NONE: no room, or nothing to keep.
uint32_t rnsi_app_data_set(rns_node_t *node, uint32_t old, uint32_t owner, rns_bytes_t data);
// Forgets a bounded number of those that were never used and have no path
// (Identity.clean_known_destinations).
void rnsi_known_clean(rns_node_t *node);

void rnsi_known_culled(void *node, void *element); // drop callbacks
void rnsi_app_data_culled(void *node, void *element);

#endif
