// rns/destination.h -- destinations of our own, announces, packets and their receipts.
#ifndef RNS_DESTINATION_H_INCLUDED
#define RNS_DESTINATION_H_INCLUDED

#include "rns/identity.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { RNS_DEST_SINGLE, RNS_DEST_GROUP, RNS_DEST_PLAIN } rns_dest_type_t;
typedef enum { RNS_PROVE_NONE, RNS_PROVE_APP, RNS_PROVE_ALL } rns_prove_t;

typedef struct {
    const char *name; // "app.aspect.aspect"
    rns_dest_type_t type;
    rns_prove_t prove;            // RNS_PROVE_APP: each packet is an event RNS_EV_PROVE
    const rns_secret_t *identity; // SINGLE: must be set; GROUP: may be; copied
    rns_bytes_t group_key;        // GROUP: 64 bytes (AES-256) or 32 (AES-128); copied
    bool ratchets; // SINGLE: rotate a key every 30 minutes of announcing, keep the last ones
    bool enforce_ratchets;      // refuse packets encrypted to the identity itself
    uint32_t retained_ratchets; // default and most: 512 (mcu 32, tiny 8), or what RATCHET_SELF and
                                // RATCHET_FILE allow
    rns_bytes_t app_data;       // what announces carry when they are not given any; copied
    bool no_links;              // link requests are ignored
} rns_dest_config_t;

// A destination that we answer for. Ratchets are loaded from the store.
// app data: at most 317 bytes, 285 with ratchets, so that others can send the announce on.
// ARG, FULL (DEST, RATCHET_SELF, RATCHET_FILE or APP_DATA), EXISTS, SIZE (app data), AUTH (its
// ratchet file is damaged or not ours).
rns_err_t rns_dest_add(rns_node_t *node, rns_us_t now, const rns_dest_config_t *config,
                       rns_dest_t *dest);
// Wipes its keys. What is stored of it stays; what rns_tick() has not put yet is lost. GONE.
rns_err_t rns_dest_remove(rns_node_t *node, rns_dest_t dest);
rns_err_t rns_dest_hash(const rns_node_t *node, rns_dest_t dest, rns_hash_t *hash);
// Of announces from now on; empty: none. SIZE, FULL (APP_DATA; it has none then), GONE.
rns_err_t rns_dest_app_data(rns_node_t *node, rns_dest_t dest, rns_bytes_t app_data);

// What becomes of packets from now on, also of those over its links that are open. ARG: not SINGLE
// and not NONE; GONE.
rns_err_t rns_dest_prove(rns_node_t *node, rns_dest_t dest, rns_prove_t prove);

// ---- Ratchets of a destination that has them. ARG: it has none, or the value is 0.

// How long a ratchet is announced until the next takes its place; default 1,800 s. GONE.
rns_err_t rns_dest_ratchet_interval(rns_node_t *node, rns_dest_t dest, uint32_t seconds);
// How many are kept, as rns_dest_config_t.retained_ratchets; the oldest beyond that are wiped.
// GONE.
rns_err_t rns_dest_retained_ratchets(rns_node_t *node, rns_dest_t dest, uint32_t count);
// Rotates if that is due, as announcing does. rotated may be NULL. FULL, ENTROPY, GONE.
rns_err_t rns_dest_rotate(rns_node_t *node, rns_us_t now, rns_dest_t dest, bool *rotated);

// Announces a SINGLE destination on all interfaces (iface {0, 0}) or on one. app_data.data NULL:
// the destination's own. One signature. A ratchet that is due is rotated. ARG: not SINGLE; SIZE;
// FULL (RATCHET_SELF); ENTROPY; GONE: the destination or the interface.
rns_err_t rns_announce(rns_node_t *node, rns_us_t now, rns_dest_t dest, rns_bytes_t app_data,
                       rns_iface_t iface);

// Events RNS_EV_ANNOUNCE for announces of destinations of this name (NULL: of all), and, if asked
// for, for those that answer a path request.
rns_err_t rns_handler_add(rns_node_t *node, const char *name, bool path_responses,
                          rns_handler_t *handler);
rns_err_t rns_handler_remove(rns_node_t *node, rns_handler_t handler);

// Sends a packet to a SINGLE destination that is known, encrypted to its newest ratchet or its key.
// receipt (may be NULL) asks for a proof and ends in exactly one RNS_EV_PROOF.
// Without a path it goes out on all interfaces, as with the reference.
// NO_PATH: its key is not known; SIZE: more than RNS_ENCRYPTED_MDU; FULL: no receipt, or no
// interface took it; ENTROPY; AUTH: its key is none.
rns_err_t rns_send(rns_node_t *node, rns_us_t now, const rns_hash_t *destination, rns_bytes_t data,
                   rns_receipt_t *receipt);
// To a PLAIN (key.data NULL) or GROUP destination (key 64 or 32 bytes) by name, one hop around.
// PLAIN carries 1 to 481 bytes, GROUP up to 431. ARG, SIZE, FULL: no interface took it; ENTROPY.
rns_err_t rns_broadcast(rns_node_t *node, rns_us_t now, const char *name,
                        const rns_hash_t *identity, rns_bytes_t key, rns_bytes_t data);
// Forgets a receipt: no event will come. GONE.
rns_err_t rns_receipt_cancel(rns_node_t *node, rns_receipt_t receipt);
// Hash of the packet that a receipt is for, by which both ends name it. GONE.
rns_err_t rns_receipt_packet(const rns_node_t *node, rns_receipt_t receipt,
                             uint8_t packet_hash[32]);
// Changes when a receipt times out, counted from now.
rns_err_t rns_receipt_timeout(rns_node_t *node, rns_us_t now, rns_receipt_t receipt,
                              rns_us_t timeout_us);

// Answers RNS_EV_PROVE, in the callback or later. GONE: too late.
rns_err_t rns_prove(rns_node_t *node, rns_us_t now, rns_ask_t ask, bool prove);

#ifdef __cplusplus
}
#endif
#endif
