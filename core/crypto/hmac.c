#include "crypto/hmac.h"

#include <string.h>

#define INNER_PAD 0x36U
#define OUTER_PAD 0x5cU

static void absorb_padded_key(const rnsi_crypto_t *c, rns_sha256_t *ctx,
                              uint8_t block_secret[RNSI_SHA256_BLOCK], unsigned pad) {
    for (size_t i = 0; i < RNSI_SHA256_BLOCK; i++) {
        block_secret[i] = (uint8_t)(block_secret[i] ^ pad);
    }
    c->v->sha256_init(c->self, ctx);
    c->v->sha256_update(c->self, ctx, block_secret, RNSI_SHA256_BLOCK);
}

void rnsi_hmac_init(const rnsi_crypto_t *c, rnsi_hmac_t *h, rns_bytes_t key) {
    uint8_t block_secret[RNSI_SHA256_BLOCK] = {0};
    if (key.size > RNSI_SHA256_BLOCK) {
        rnsi_sha256(c, key, block_secret);
    } else if (key.size > 0) {
        memcpy(block_secret, key.data, key.size);
    }
    absorb_padded_key(c, &h->inner, block_secret, INNER_PAD);
    // The first pad is still on the block: take it off with the second.
    absorb_padded_key(c, &h->outer, block_secret, INNER_PAD ^ OUTER_PAD);
    c->v->wipe(block_secret, sizeof block_secret);
}

void rnsi_hmac_update(const rnsi_crypto_t *c, rnsi_hmac_t *h, rns_bytes_t data) {
    c->v->sha256_update(c->self, &h->inner, data.data, data.size);
}

void rnsi_hmac_final(const rnsi_crypto_t *c, rnsi_hmac_t *h, uint8_t out[32]) {
    uint8_t inner_secret[RNSI_SHA256_SIZE];
    c->v->sha256_final(c->self, &h->inner, inner_secret);
    c->v->sha256_update(c->self, &h->outer, inner_secret, sizeof inner_secret);
    c->v->sha256_final(c->self, &h->outer, out);
    c->v->wipe(inner_secret, sizeof inner_secret);
    rnsi_hmac_wipe(c, h);
}

void rnsi_hmac_wipe(const rnsi_crypto_t *c, rnsi_hmac_t *h) {
    c->v->wipe(h, sizeof *h);
}

void rnsi_hmac(const rnsi_crypto_t *c, rns_bytes_t key, rns_bytes_t data, uint8_t out[32]) {
    rnsi_hmac_t h;
    rnsi_hmac_init(c, &h, key);
    rnsi_hmac_update(c, &h, data);
    rnsi_hmac_final(c, &h, out);
}
