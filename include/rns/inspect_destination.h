// rns/inspect_destination.h -- looking into a node: its own destinations and their ratchets, and
// what it knows of those of others. Nothing here changes the node.
#ifndef RNS_INSPECT_DESTINATION_H_INCLUDED
#define RNS_INSPECT_DESTINATION_H_INCLUDED

#include "rns/destination.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Destinations of our own

typedef struct {
    rns_dest_t dest;
    rns_hash_t hash, identity; // identity: SINGLE; zeros: none
    rns_dest_type_t type;
    rns_prove_t prove;
    bool accepts_links;
    bool is_managed; // the node announces it by itself (Transport.mgmt_destinations)
    bool has_ratchets, enforces_ratchets;
    uint32_t ratchets;           // that it has
    uint32_t retained_ratchets;  // that it keeps at most
    uint32_t ratchet_interval_s; // how long each is announced
    rns_us_t rotated;            // when the newest was made; -1: not since it was added
    rns_us_t answered; // when the last answer to a path request was made, which the same tag gets
                       // again for 30 s; -1: none was
} rns_inspect_dest_t;
// false: none of ours. O(1).
bool rns_inspect_dest(const rns_node_t *node, const rns_hash_t *hash, rns_inspect_dest_t *dest);
// Id of one of its ratchets, 0 is the newest. false: there is none. Costs a walk to it, and for one
// that decrypted nothing yet a multiplication.
bool rns_inspect_dest_ratchet(const rns_node_t *node, rns_dest_t dest, uint32_t index,
                              uint8_t id[10]);
// Public key of its newest ratchet. false: there is none. One multiplication.
bool rns_inspect_dest_ratchet_public(const rns_node_t *node, rns_dest_t dest, uint8_t pub[32]);

// ---- Destinations of others

typedef struct {
    rns_hash_t destination;
    uint8_t pub[64];
    int64_t announced_unix_us;
    bool was_used, is_retained;
} rns_inspect_known_t;
// The first known destination from *cursor on; start with 0; false: no more.
bool rns_inspect_known_each(const rns_node_t *node, uint32_t *cursor, rns_inspect_known_t *known);
// The ratchet that packets to a destination are encrypted to. false: none that is younger than 30
// days. O(1).
bool rns_inspect_known_ratchet(const rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                               uint8_t pub[32]);

#ifdef __cplusplus
}
#endif
#endif
