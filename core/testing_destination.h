// testing_destination.h -- what only tests may do to a node's own destinations, and to what it
// knows of those of others. See testing.h.
#ifndef RNST_TESTING_DESTINATION_H_INCLUDED
#define RNST_TESTING_DESTINATION_H_INCLUDED

#include "memory/elements.h"
#include "rns/inspect_destination.h"

// ---- What packets carry

// Encrypts as rns_send() does. NO_PATH: not known; AUTH, ENTROPY, SIZE.
rns_err_t rnst_seal_single(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                           rns_bytes_t plain, rns_mem_t out, size_t *size);
// As rns_broadcast() does, to a GROUP (key) or a PLAIN destination (key.data NULL). SIZE, ENTROPY.
rns_err_t rnst_seal_broadcast(rns_node_t *node, rns_us_t now, rns_bytes_t key, rns_bytes_t plain,
                              rns_mem_t out, size_t *size);

// What a destination of ours makes of the data of a packet: its receiving stage, older ratchets
// too, without telling the application and without a proof.
typedef struct {
    size_t size;
    bool by_ratchet;
    uint8_t ratchet_id[10];
} rnst_opened_t;
// false: it refuses it. out must take blob.size bytes.
bool rnst_dest_open(rns_node_t *node, rns_us_t now, rns_dest_t dest, rns_bytes_t blob,
                    rns_mem_t out, rnst_opened_t *opened);

// ---- Ratchets of our own. false: no such destination, or it has none.

// When it rotated last.
bool rnst_ratchet_set_rotated(rns_node_t *node, rns_dest_t dest, rns_us_t at);
// Fills its list with fresh ratchets until it has so many, whatever it retains, but never more than
// it ever can.
bool rnst_ratchets_pad(rns_node_t *node, rns_us_t now, rns_dest_t dest, uint32_t count);
// Forgets them and reads its stored file. false also: the file is damaged, or there is none.
bool rnst_ratchets_reload(rns_node_t *node, rns_dest_t dest);

// ---- What is known of others. What is stored stays as it is until it is written again.

// Remembers a key for a destination, in place of what was known. false: no room.
bool rnst_known_put(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                    const uint8_t pub[64]);
void rnst_known_forget_all(rns_node_t *node);
// Remembers a ratchet as an announce would, without knowing its destination. false: no room.
bool rnst_known_ratchet_put(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                            const uint8_t pub[32]);
void rnst_known_ratchet_forget(rns_node_t *node, const rns_hash_t *destination);
// Reads known destinations and ratchets from the store, as rns_open() does.
void rnst_records_load(rns_node_t *node, rns_us_t now);

// ---- The node

void rnst_set_explicit_proof(rns_node_t *node, bool is_explicit);
// The keys of an interface's access code. false: it has none. Secret.
bool rnst_iface_ifac(const rns_node_t *node, rns_iface_t iface, rnsi_ifac_t *ifac);

#endif
