#include "crypto/drbg.h"

#include <string.h>

#include "crypto/hmac.h"

// V = HMAC(K, V)
static void step(const rnsi_crypto_t *c, const rnsi_hmac_t *keyed, rnsi_drbg_t *d) {
    rnsi_hmac_t run = *keyed;
    rnsi_hmac_update(c, &run, (rns_bytes_t){d->value_secret, sizeof d->value_secret});
    rnsi_hmac_final(c, &run, d->value_secret);
}

// K = HMAC(K, V || round || a || b); V = HMAC(K, V)
static void mix(const rnsi_crypto_t *c, rnsi_drbg_t *d, uint8_t round, rns_bytes_t a,
                rns_bytes_t b) {
    rnsi_hmac_t h;
    rnsi_hmac_init(c, &h, (rns_bytes_t){d->key_secret, sizeof d->key_secret});
    rnsi_hmac_update(c, &h, (rns_bytes_t){d->value_secret, sizeof d->value_secret});
    rnsi_hmac_update(c, &h, (rns_bytes_t){&round, 1});
    rnsi_hmac_update(c, &h, a);
    rnsi_hmac_update(c, &h, b);
    rnsi_hmac_final(c, &h, d->key_secret);
    rnsi_hmac(c, (rns_bytes_t){d->key_secret, sizeof d->key_secret},
              (rns_bytes_t){d->value_secret, sizeof d->value_secret}, d->value_secret);
}

// HMAC_DRBG_Update of SP 800-90A: the second round only if something is provided.
static void update(const rnsi_crypto_t *c, rnsi_drbg_t *d, rns_bytes_t a, rns_bytes_t b) {
    mix(c, d, 0x00, a, b);
    if (a.size > 0 || b.size > 0) {
        mix(c, d, 0x01, a, b);
    }
}

void rnsi_drbg_seed(const rnsi_crypto_t *c, rnsi_drbg_t *d, rns_bytes_t entropy,
                    rns_bytes_t personal) {
    memset(d->key_secret, 0x00, sizeof d->key_secret);
    memset(d->value_secret, 0x01, sizeof d->value_secret);
    d->outputs = 0;
    update(c, d, entropy, personal);
}

void rnsi_drbg_reseed(const rnsi_crypto_t *c, rnsi_drbg_t *d, rns_bytes_t entropy,
                      rns_bytes_t additional) {
    update(c, d, entropy, additional);
    d->outputs = 0;
}

static void output(const rnsi_crypto_t *c, rnsi_drbg_t *d, rns_mem_t out) {
    rnsi_hmac_t keyed;
    rnsi_hmac_init(c, &keyed, (rns_bytes_t){d->key_secret, sizeof d->key_secret});
    for (size_t done = 0; done < out.size;) {
        size_t left = out.size - done;
        size_t take = left < sizeof d->value_secret ? left : sizeof d->value_secret;
        step(c, &keyed, d);
        memcpy(out.data + done, d->value_secret, take);
        done += take;
    }
    rnsi_hmac_wipe(c, &keyed);
    update(c, d, (rns_bytes_t){NULL, 0}, (rns_bytes_t){NULL, 0});
    if (d->outputs < RNSI_DRBG_RESEED_OUTPUTS) {
        d->outputs++;
    }
}

void rnsi_drbg_generate(const rnsi_crypto_t *c, rnsi_drbg_t *d, rns_mem_t out) {
    while (out.size > 0) {
        size_t take = out.size < RNSI_DRBG_REQUEST_MAX ? out.size : RNSI_DRBG_REQUEST_MAX;
        output(c, d, (rns_mem_t){out.data, take});
        out.data += take;
        out.size -= take;
    }
}

void rnsi_drbg_wipe(const rnsi_crypto_t *c, rnsi_drbg_t *d) {
    c->v->wipe(d, sizeof *d);
}
