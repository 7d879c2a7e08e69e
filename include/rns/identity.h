// rns/identity.h -- identities: a pair of key pairs (RNS.Identity).
#ifndef RNS_IDENTITY_H_INCLUDED
#define RNS_IDENTITY_H_INCLUDED

#include "rns/node.h"

#ifdef __cplusplus
extern "C" {
#endif

// A new identity. Its 64 bytes are the reference's private key file. ENTROPY.
rns_err_t rns_identity_new(rns_node_t *node, rns_secret_t *secret);
// Public key (X25519 32 bytes, then Ed25519 32 bytes) and hash of a secret.
void rns_identity_public(rns_node_t *node, const rns_secret_t *secret, uint8_t pub[64],
                         rns_hash_t *hash);
void rns_identity_hash(rns_node_t *node, const uint8_t pub[64], rns_hash_t *hash);
void rns_identity_sign(rns_node_t *node, const rns_secret_t *secret, rns_bytes_t message,
                       uint8_t signature[64]);
bool rns_identity_verify(rns_node_t *node, const uint8_t pub[64], rns_bytes_t message,
                         const uint8_t signature[64]);

// Destination hash of a name ("app.aspect.aspect") and an identity (NULL: PLAIN or GROUP without
// one). ARG: no name, an empty part, or longer than 255 bytes.
rns_err_t rns_destination_hash(rns_node_t *node, const char *name, const rns_hash_t *identity,
                               rns_hash_t *hash);

// ---- What is known of others from their announces (RNS.Identity.recall).

typedef struct {
    rns_hash_t destination, identity;
    uint8_t pub[64];
    uint8_t packet_hash[32]; // of the announce
    int64_t announced_unix_us;
    rns_bytes_t app_data; // until the next call that changes the node
    bool has_app_data;    // nil and empty differ
    bool has_ratchet;
    uint8_t ratchet_id[10]; // of the ratchet that packets to it are encrypted to
} rns_known_t;
// false: not known. Marks it as used.
bool rns_recall(rns_node_t *node, const rns_hash_t *destination, rns_known_t *known);
// Keeps a known destination for ever, or no longer. GONE: not known.
rns_err_t rns_retain(rns_node_t *node, const rns_hash_t *destination, bool retain);

// ---- Identities that are shut out (RNS.Transport.blackhole_identity).

// until_unix_us 0: for ever; reason may be NULL, is cut at 95 bytes. Their paths are dropped.
// EXISTS, FULL.
rns_err_t rns_blackhole(rns_node_t *node, rns_us_t now, const rns_hash_t *identity,
                        int64_t until_unix_us, const char *reason);
rns_err_t rns_unblackhole(rns_node_t *node, const rns_hash_t *identity); // GONE: was not
// Reads the stored records again, as rns_open() did: what somebody else wrote meanwhile counts from
// now on, and its paths are dropped. What stands already stays as it is. Returns how many are new.
// Looks at all paths.
uint32_t rns_blackhole_reload(rns_node_t *node, rns_us_t now);
bool rns_is_blackholed(const rns_node_t *node, const rns_hash_t *identity);

#ifdef __cplusplus
}
#endif
#endif
