// drbg.h -- HMAC-DRBG with SHA-256 (NIST SP 800-90A, 10.1.2): the node's only source of random
// bytes. It never asks for entropy by itself; the node does, for each long-term key, on
// rns_reseed() and when rnsi_drbg_due() says so, and passes it to rnsi_drbg_reseed().
#ifndef RNSI_DRBG_H_INCLUDED
#define RNSI_DRBG_H_INCLUDED

#include "crypto/crypto.h"

#define RNSI_DRBG_RESEED_OUTPUTS 65536U // outputs between two reseeds
#define RNSI_DRBG_REQUEST_MAX    65536U // bytes of one output; a longer one counts as several
#define RNSI_DRBG_ENTROPY_MIN    32U    // bytes of entropy for a seed; 48 hold the nonce as well

typedef struct {
    uint8_t key_secret[32], value_secret[32];
    uint32_t outputs; // since the last seed; stays at its limit
} rnsi_drbg_t;

// entropy is the entropy input and the nonce, one behind the other; personal (may be empty) tells
// apart what is seeded alike, for instance by a device's serial number.
void rnsi_drbg_seed(const rnsi_crypto_t *c, rnsi_drbg_t *d, rns_bytes_t entropy,
                    rns_bytes_t personal);
// Mixes entropy in; what d held still counts, so poor entropy never makes it worse.
void rnsi_drbg_reseed(const rnsi_crypto_t *c, rnsi_drbg_t *d, rns_bytes_t entropy,
                      rns_bytes_t additional);
// Fills out; about ten compressions, and two for each 32 bytes. d must have been seeded. What went
// out before cannot be computed from d afterwards.
void rnsi_drbg_generate(const rnsi_crypto_t *c, rnsi_drbg_t *d, rns_mem_t out);
void rnsi_drbg_wipe(const rnsi_crypto_t *c, rnsi_drbg_t *d);

static inline bool rnsi_drbg_due(const rnsi_drbg_t *d) {
    return d->outputs >= RNSI_DRBG_RESEED_OUTPUTS;
}

#endif
