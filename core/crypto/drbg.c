#include "crypto/drbg.h"

#include <string.h>

#include "crypto/hmac.h"

// Randomness is drawn deep down in calls: what computes has one context, lent as `h`, and what it
// leaves there is wiped.

static void set_key(const rnsi_crypto_t *c, const rnsi_drbg_t *d, rnsi_hmac_t *h) {
    rnsi_hmac_init(c, h, (rns_bytes_t){d->key_secret, sizeof d->key_secret});
}

// V = HMAC(K, V), where h has the key.
static void step(const rnsi_crypto_t *c, rnsi_drbg_t *d, rnsi_hmac_t *h) {
    rnsi_hmac_update(c, h, (rns_bytes_t){d->value_secret, sizeof d->value_secret});
    rnsi_hmac_final(c, h, d->value_secret);
}

// K = HMAC(K, V || round || a || b); V = HMAC(K, V)
static void mix(const rnsi_crypto_t *c, rnsi_drbg_t *d, rnsi_hmac_t *h, uint8_t round,
                rns_bytes_t a, rns_bytes_t b) {
    set_key(c, d, h);
    rnsi_hmac_update(c, h, (rns_bytes_t){d->value_secret, sizeof d->value_secret});
    rnsi_hmac_update(c, h, (rns_bytes_t){&round, 1});
    rnsi_hmac_update(c, h, a);
    rnsi_hmac_update(c, h, b);
    rnsi_hmac_final(c, h, d->key_secret);
    set_key(c, d, h);
    step(c, d, h);
}

// HMAC_DRBG_Update of SP 800-90A with something provided: two rounds.
static void update(const rnsi_crypto_t *c, rnsi_drbg_t *d, rns_bytes_t a, rns_bytes_t b) {
    rnsi_hmac_t h;
    mix(c, d, &h, 0x00, a, b);
    mix(c, d, &h, 0x01, a, b);
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
    const rns_bytes_t nothing = {NULL, 0};
    rnsi_hmac_t keyed, run;
    set_key(c, d, &keyed);
    for (size_t done = 0; done < out.size;) {
        size_t left = out.size - done;
        size_t take = left < sizeof d->value_secret ? left : sizeof d->value_secret;
        run = keyed;
        step(c, d, &run);
        memcpy(out.data + done, d->value_secret, take);
        done += take;
    }
    rnsi_hmac_wipe(c, &keyed);
    mix(c, d, &run, 0x00, nothing, nothing);
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
