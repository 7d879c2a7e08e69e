// hkdf.h -- HKDF-SHA256 as the reference has it (RNS.Cryptography.HKDF): RFC 5869 with a counter
// byte that wraps after 255 blocks, so that an output may be longer than 8,160 bytes.
#ifndef RNSI_HKDF_H_INCLUDED
#define RNSI_HKDF_H_INCLUDED

#include "crypto/hmac.h"

#define RNSI_HKDF_CONTEXT_MAX 80U // bytes; the reference itself never passes any

// Caller-allocated; secret. Gives the output block after block, of any length without a buffer.
typedef struct {
    rnsi_hmac_t keyed;
    uint8_t block_secret[32];
    uint8_t context[RNSI_HKDF_CONTEXT_MAX];
    uint8_t context_size;
    uint8_t block_size; // 0 before the first block, then 32
    uint8_t counter;    // of the last block
} rnsi_hkdf_t;

// An empty salt counts as 32 zero bytes; the input key material may be empty too. false: the
// context is too long; h is then wiped and must not be used. Nothing is kept of the arguments.
bool rnsi_hkdf_init(const rnsi_crypto_t *c, rnsi_hkdf_t *h, rns_bytes_t ikm, rns_bytes_t salt,
                    rns_bytes_t context);
// The next 32 bytes of output: two to three compressions.
void rnsi_hkdf_next(const rnsi_crypto_t *c, rnsi_hkdf_t *h, uint8_t out[32]);
void rnsi_hkdf_wipe(const rnsi_crypto_t *c, rnsi_hkdf_t *h);

// Fills out. false: as rnsi_hkdf_init, or out is empty; out is then untouched. out may overlap the
// other arguments.
bool rnsi_hkdf(const rnsi_crypto_t *c, rns_bytes_t ikm, rns_bytes_t salt, rns_bytes_t context,
               rns_mem_t out);

#endif
