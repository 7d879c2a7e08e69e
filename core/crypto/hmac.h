// hmac.h -- HMAC-SHA256 (RFC 2104).
#ifndef RNSI_HMAC_H_INCLUDED
#define RNSI_HMAC_H_INCLUDED

#include "crypto/crypto.h"

// Caller-allocated; secret. Between init and the first update it is a prepared key: copy it to use
// the key again and save the two compressions that preparing costs. Wipe each copy that did not
// reach final.
typedef struct {
    rns_sha256_t inner, outer;
} rnsi_hmac_t;

// Keys of any length, none too; over 64 bytes they are hashed first. The key is not kept.
void rnsi_hmac_init(const rnsi_crypto_t *c, rnsi_hmac_t *h, rns_bytes_t key);
void rnsi_hmac_update(const rnsi_crypto_t *c, rnsi_hmac_t *h, rns_bytes_t data);
// Wipes h.
void rnsi_hmac_final(const rnsi_crypto_t *c, rnsi_hmac_t *h, uint8_t out[32]);
void rnsi_hmac_wipe(const rnsi_crypto_t *c, rnsi_hmac_t *h);

// The three in one. out may be in data or in key.
void rnsi_hmac(const rnsi_crypto_t *c, rns_bytes_t key, rns_bytes_t data, uint8_t out[32]);

#endif
