// known.h -- destinations heard of (RNS.Identity.known_destinations) and the newest ratchet keys of
// others. Learned from announces, like paths.
#ifndef RNSI_KNOWN_H_INCLUDED
#define RNSI_KNOWN_H_INCLUDED

#include "node.h"
#include "wire/announce.h"

#define RNSI_KNOWN_LINGER   (360 * RNSI_SECOND)                     // of one that was never used
#define RNSI_KNOWN_UNUSED   (756000 * RNSI_SECOND)                  // 7 days and a quarter more
#define RNSI_RATCHET_EXPIRY (INT64_C(30) * 24 * 3600 * RNSI_SECOND) // Identity.RATCHET_EXPIRY

struct rnsi_known *rnsi_known_find(const rns_node_t *node, const uint8_t dest[16]);
// Does what we know contradict these keys?
bool rnsi_known_contradicts(const rns_node_t *node, const uint8_t dest[16], const uint8_t keys[64]);
// Keeps what an announce said, which was verified and contradicts nothing: keys, app data, ratchet.
void rnsi_known_learn(rns_node_t *node, const rnsi_announce_t *a, const uint8_t packet_hash[32]);
// Forgets a destination, with its app data and ratchet.
void rnsi_known_forget(rns_node_t *node, struct rnsi_known *known);
// It was used now: it stays longer. Costs a record only when the last use is hours ago.
void rnsi_known_used(rns_node_t *node, const uint8_t dest[16]);

// Records as they were stored. What is there already stays. false: it is, or no room.
typedef struct {
    const uint8_t *dest, *pub, *packet_hash; // 16, 64, 32
    int64_t announced_us, used_us;           // as in rnsi_known
    rns_bytes_t app_data;
    bool has_app_data;
} rnsi_known_record_t;
bool rnsi_known_restore(rns_node_t *node, const rnsi_known_record_t *record);
bool rnsi_ratchet_restore(rns_node_t *node, const uint8_t dest[16], const uint8_t pub[32],
                          int64_t received_us);

// NULL: none that is younger than 30 days.
const uint8_t *rnsi_ratchet_of(rns_node_t *node, const uint8_t dest[16]);
// App data as stored; false: none (nil).
bool rnsi_known_app_data(const rns_node_t *node, const struct rnsi_known *known, rns_bytes_t *data);
// Puts app data of a known destination (owner RNSI_NONE: of our own, pinned) into a slot; the old
// slot (RNSI_NONE: none) is used again or given back. RNSI_NONE: no room, or nothing to keep.
uint32_t rnsi_app_data_set(rns_node_t *node, uint32_t old, uint32_t owner, rns_bytes_t data);
// Forgets those that have no path and were not used for long, a bounded number in each call
// (Identity.clean_known_destinations).
void rnsi_known_clean(rns_node_t *node);

void rnsi_known_culled(void *node, void *element); // drop callbacks
void rnsi_app_data_culled(void *node, void *element);
void rnsi_ratchet_culled(void *node, void *element); // of RATCHET_PEER

#endif
