#include "crypto/hkdf.h"

#include <string.h>

bool rnsi_hkdf_init(const rnsi_crypto_t *c, rnsi_hkdf_t *h, rns_bytes_t ikm, rns_bytes_t salt,
                    rns_bytes_t context) {
    if (context.size > RNSI_HKDF_CONTEXT_MAX) {
        rnsi_hkdf_wipe(c, h);
        return false;
    }
    uint8_t prk_secret[32];
    // An empty key and one of 32 zeros are the same to HMAC, so an empty salt needs no case.
    rnsi_hmac_init(c, &h->keyed, salt);
    rnsi_hmac_update(c, &h->keyed, ikm);
    rnsi_hmac_final(c, &h->keyed, prk_secret);
    rnsi_hmac_init(c, &h->keyed, (rns_bytes_t){prk_secret, sizeof prk_secret});
    c->v->wipe(prk_secret, sizeof prk_secret);
    if (context.size > 0) {
        memcpy(h->context, context.data, context.size);
    }
    h->context_size = (uint8_t)context.size;
    h->block_size = 0;
    h->counter = 0;
    return true;
}

void rnsi_hkdf_next(const rnsi_crypto_t *c, rnsi_hkdf_t *h, uint8_t out[32]) {
    rnsi_hmac_t run = h->keyed;
    h->counter = (uint8_t)(h->counter + 1U); // wraps: HKDF.py takes (i + 1) mod 256
    rnsi_hmac_update(c, &run, (rns_bytes_t){h->block_secret, h->block_size});
    rnsi_hmac_update(c, &run, (rns_bytes_t){h->context, h->context_size});
    rnsi_hmac_update(c, &run, (rns_bytes_t){&h->counter, 1});
    rnsi_hmac_final(c, &run, h->block_secret);
    h->block_size = sizeof h->block_secret;
    memcpy(out, h->block_secret, sizeof h->block_secret);
}

void rnsi_hkdf_wipe(const rnsi_crypto_t *c, rnsi_hkdf_t *h) {
    c->v->wipe(h, sizeof *h);
}

bool rnsi_hkdf(const rnsi_crypto_t *c, rns_bytes_t ikm, rns_bytes_t salt, rns_bytes_t context,
               rns_mem_t out) {
    rnsi_hkdf_t h;
    if (out.size == 0 || !rnsi_hkdf_init(c, &h, ikm, salt, context)) {
        return false;
    }
    uint8_t block_secret[32];
    for (size_t done = 0; done < out.size;) {
        size_t left = out.size - done;
        size_t take = left < sizeof block_secret ? left : sizeof block_secret;
        rnsi_hkdf_next(c, &h, block_secret);
        memcpy(out.data + done, block_secret, take);
        done += take;
    }
    c->v->wipe(block_secret, sizeof block_secret);
    rnsi_hkdf_wipe(c, &h);
    return true;
}
