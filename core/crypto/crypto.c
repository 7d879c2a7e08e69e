#include "crypto/crypto.h"

#include <string.h>

rns_hash_t rnsi_truncated_hash(const rnsi_crypto_t *c, rns_bytes_t data) {
    uint8_t digest[RNSI_SHA256_SIZE];
    rns_hash_t hash;
    rnsi_sha256(c, data, digest);
    memcpy(hash.b, digest, sizeof hash.b);
    return hash;
}
