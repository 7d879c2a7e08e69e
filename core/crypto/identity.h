// identity.h -- what an identity computes (RNS.Identity): its hash, encryption to it or to one of
// its ratchets, signatures. GROUP destinations use token.h directly.
#ifndef RNSI_IDENTITY_H_INCLUDED
#define RNSI_IDENTITY_H_INCLUDED

#include "crypto/token.h"

#define RNSI_IDENTITY_PUB       64U // X25519 (32) and Ed25519 (32) public keys; KEYSIZE / 8
#define RNSI_IDENTITY_SIG       64U // SIGLENGTH / 8
#define RNSI_IDENTITY_EPHEMERAL 32U // public key before the token
#define RNSI_IDENTITY_OVERHEAD  (RNSI_IDENTITY_EPHEMERAL + RNSI_TOKEN_OVERHEAD)
#define RNSI_RATCHET_ID         10U // RNS.Identity.NAME_HASH_LENGTH / 8

typedef struct {
    uint8_t pub[64];
    rns_hash_t hash; // of pub, truncated
} rnsi_identity_t;

void rnsi_identity_from_public(const rnsi_crypto_t *c, rnsi_identity_t *id, const uint8_t pub[64]);
// signer is filled too and is secret. Costs two multiplications of a base point.
void rnsi_identity_from_secret(const rnsi_crypto_t *c, rnsi_identity_t *id, rns_signer_t *signer,
                               const rns_secret_t *secret);

// Bytes of what encrypt makes: ephemeral public key and token.
size_t rnsi_identity_encrypted_size(size_t plain_size);

// Encrypts to target: the identity's X25519 key (pub) or its newest ratchet. salt is the hash of
// the identity in both cases. ephemeral_secret (32) and iv (16) are fresh random bytes. Returns the
// size; 0 and nothing written: out is too small, or target has small order. plain may overlap out
// in any way (at out.data + 48 nothing is moved); the other arguments must not. Costs two
// multiplications.
size_t rnsi_identity_encrypt(const rnsi_crypto_t *c, const uint8_t target[32],
                             const rns_hash_t *salt, const uint8_t ephemeral_secret[32],
                             const uint8_t iv[16], rns_bytes_t plain, rns_mem_t out);

// Decrypts with one X25519 secret, of the identity or of a ratchet. out takes at least blob.size -
// 80 bytes and may start at blob.data + 48 (in place), else it must not overlap blob. false: not
// for this secret, damaged, too short, or sent from a point of small order; blob and out are then
// as they were (for the one exception see rnsi_token_decrypt), so the next secret may be tried.
// Costs one multiplication, also when it fails.
bool rnsi_identity_decrypt(const rnsi_crypto_t *c, const uint8_t x25519_secret[32],
                           const rns_hash_t *salt, rns_bytes_t blob, rns_mem_t out,
                           size_t *plain_size);

static inline void rnsi_identity_sign(const rnsi_crypto_t *c, const rns_signer_t *signer,
                                      rns_bytes_t message, uint8_t sig[64]) {
    c->v->ed25519_sign(c->self, sig, signer, message.data, message.size);
}

// pub is an identity's 64 bytes.
static inline bool rnsi_identity_verify(const rnsi_crypto_t *c, const uint8_t pub[64],
                                        rns_bytes_t message, const uint8_t sig[64]) {
    return c->v->ed25519_verify(c->self, sig, pub + 32, message.data, message.size);
}

// First bytes of the hash of a ratchet's public key: RNS.Identity._get_ratchet_id.
void rnsi_ratchet_id(const rnsi_crypto_t *c, const uint8_t ratchet_pub[32],
                     uint8_t id[RNSI_RATCHET_ID]);

#endif
