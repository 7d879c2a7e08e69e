#include "crypto/identity.h"

#include <string.h>

#include "crypto/hkdf.h"

void rnsi_identity_from_public(const rnsi_crypto_t *c, rnsi_identity_t *id, const uint8_t pub[64]) {
    memmove(id->pub, pub, sizeof id->pub);
    id->hash = rnsi_truncated_hash(c, (rns_bytes_t){id->pub, sizeof id->pub});
}

void rnsi_identity_from_secret(const rnsi_crypto_t *c, rnsi_identity_t *id, rns_signer_t *signer,
                               const rns_secret_t *secret) {
    c->v->x25519_public(c->self, id->pub, secret->x25519);
    c->v->ed25519_expand(c->self, signer, secret->ed25519, id->pub + 32);
    id->hash = rnsi_truncated_hash(c, (rns_bytes_t){id->pub, sizeof id->pub});
}

// The token key that two X25519 keys agree on, salted with the identity's hash. false: peer has
// small order, so that the key would be no secret.
static bool agree(const rnsi_crypto_t *c, const uint8_t x25519_secret[32], const uint8_t peer[32],
                  const rns_hash_t *salt, uint8_t key_secret[RNSI_TOKEN_KEY]) {
    uint8_t shared_secret[32];
    bool ok = c->v->x25519_shared(c->self, shared_secret, x25519_secret, peer) &&
              rnsi_hkdf(c, (rns_bytes_t){shared_secret, sizeof shared_secret},
                        (rns_bytes_t){salt->b, sizeof salt->b}, (rns_bytes_t){NULL, 0},
                        (rns_mem_t){key_secret, RNSI_TOKEN_KEY});
    c->v->wipe(shared_secret, sizeof shared_secret);
    return ok;
}

size_t rnsi_identity_encrypted_size(size_t plain_size) {
    return RNSI_IDENTITY_EPHEMERAL + rnsi_token_size(plain_size);
}

size_t rnsi_identity_encrypt(const rnsi_crypto_t *c, const uint8_t target[32],
                             const rns_hash_t *salt, const uint8_t ephemeral_secret[32],
                             const uint8_t iv[16], rns_bytes_t plain, rns_mem_t out) {
    if (out.size < RNSI_IDENTITY_EPHEMERAL) {
        return 0;
    }
    uint8_t key_secret[RNSI_TOKEN_KEY];
    size_t size = 0;
    if (agree(c, ephemeral_secret, target, salt, key_secret)) {
        rns_mem_t token = {out.data + RNSI_IDENTITY_EPHEMERAL, out.size - RNSI_IDENTITY_EPHEMERAL};
        size = rnsi_token_encrypt(c, key_secret, sizeof key_secret, iv, plain, token);
    }
    c->v->wipe(key_secret, sizeof key_secret);
    if (size == 0) {
        return 0;
    }
    c->v->x25519_public(c->self, out.data, ephemeral_secret);
    return RNSI_IDENTITY_EPHEMERAL + size;
}

bool rnsi_identity_decrypt(const rnsi_crypto_t *c, const uint8_t x25519_secret[32],
                           const rns_hash_t *salt, rns_bytes_t blob, rns_mem_t out,
                           size_t *plain_size) {
    if (blob.size < RNSI_IDENTITY_OVERHEAD + RNSI_AES_BLOCK) {
        return false;
    }
    uint8_t key_secret[RNSI_TOKEN_KEY];
    rns_bytes_t token = {blob.data + RNSI_IDENTITY_EPHEMERAL, blob.size - RNSI_IDENTITY_EPHEMERAL};
    bool ok = agree(c, x25519_secret, blob.data, salt, key_secret) &&
              rnsi_token_decrypt(c, key_secret, sizeof key_secret, token, out, plain_size);
    c->v->wipe(key_secret, sizeof key_secret);
    return ok;
}

void rnsi_ratchet_id(const rnsi_crypto_t *c, const uint8_t ratchet_pub[32],
                     uint8_t id[RNSI_RATCHET_ID]) {
    uint8_t digest[RNSI_SHA256_SIZE];
    rnsi_sha256(c, (rns_bytes_t){ratchet_pub, 32}, digest);
    memcpy(id, digest, RNSI_RATCHET_ID);
}
