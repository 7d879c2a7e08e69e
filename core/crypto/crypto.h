// crypto.h -- the provider and its state, as every file of the core that computes takes them.
#ifndef RNSI_CRYPTO_H_INCLUDED
#define RNSI_CRYPTO_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rns/crypto.h"
#include "rns/types.h"

#define RNSI_SHA256_SIZE  32U
#define RNSI_SHA256_BLOCK 64U
#define RNSI_AES_BLOCK    16U

typedef struct {
    const rns_crypto_t *v;
    void *self;
} rnsi_crypto_t;

static inline void rnsi_sha256(const rnsi_crypto_t *c, rns_bytes_t data, uint8_t digest[32]) {
    c->v->sha256(c->self, data.data, data.size, digest);
}

// The first 16 bytes of the SHA-256: RNS.Identity.truncated_hash.
rns_hash_t rnsi_truncated_hash(const rnsi_crypto_t *c, rns_bytes_t data);

#endif
