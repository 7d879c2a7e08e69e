// crypto_mcu.c -- libsodium's curves and BearSSL's AES and SHA-256, for processors with 32 bits and
// little flash: all in constant time, none with a table that is looked up by a secret. Built by
// ports/CMakeLists.txt from the files of these libraries that it needs.
//
// libsodium multiplies the base point with a table of 30 KB. Here its general multiplication serves
// for that too: a signature takes twice as long and the table is not linked.
#include <bearssl_block.h>
#include <bearssl_hash.h>
#include <crypto_scalarmult_curve25519.h>
#include <crypto_sign_ed25519.h>
#include <private/ed25519_ref10.h>
#include <string.h>
#include <utils.h>
#include <x25519_ref10.h>

#include "rns/providers.h"

#define AES_BLOCK 16U

_Static_assert(sizeof(br_sha256_context) <= sizeof(rns_sha256_t), "rns_sha256_t holds BearSSL's");
_Static_assert(crypto_sign_ed25519_SECRETKEYBYTES <= sizeof(rns_signer_t),
               "rns_signer_t holds the key");

// ---- What libsodium's files ask of the rest of libsodium

void sodium_memzero(void *const secret, const size_t size) {
    volatile uint8_t *bytes = secret;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = 0;
    }
}

int sodium_memcmp(const void *const a, const void *const b, size_t size) {
    const volatile uint8_t *x = a, *y = b;
    uint8_t difference = 0;
    for (size_t i = 0; i < size; i++) {
        difference |= (uint8_t)(x[i] ^ y[i]);
    }
    return difference == 0 ? 0 : -1;
}

int sodium_is_zero(const unsigned char *bytes, const size_t size) {
    volatile uint8_t any = 0;
    for (size_t i = 0; i < size; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

// In the place of the one with the table, which has another name in this build.
void ge25519_scalarmult_base(ge25519_p3 *h, const unsigned char *scalar) {
    static const uint8_t base[32] = {0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                     0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                     0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                     0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66};
    ge25519_p3 point;
    (void)ge25519_frombytes(&point, base);
    ge25519_scalarmult(h, scalar, &point);
}

// ---- The provider; it has no state

static bool mcu_open(void *self) {
    (void)self;
    return true;
}

static void mcu_close(void *self) {
    (void)self;
}

static void mcu_sha256_init(void *self, rns_sha256_t *ctx) {
    (void)self;
    br_sha256_init((br_sha256_context *)(void *)ctx);
}

static void mcu_sha256_update(void *self, rns_sha256_t *ctx, const void *data, size_t size) {
    (void)self;
    if (size > 0) {
        br_sha256_update((br_sha256_context *)(void *)ctx, data, size);
    }
}

static void mcu_sha256_final(void *self, rns_sha256_t *ctx, uint8_t digest[32]) {
    (void)self;
    br_sha256_out((br_sha256_context *)(void *)ctx, digest);
}

static void mcu_sha256(void *self, const void *data, size_t size, uint8_t digest[32]) {
    rns_sha256_t ctx;
    mcu_sha256_init(self, &ctx);
    mcu_sha256_update(self, &ctx, data, size);
    mcu_sha256_final(self, &ctx, digest);
    sodium_memzero(&ctx, sizeof ctx);
}

static void mcu_aes_cbc_encrypt(void *self, const uint8_t *key, size_t key_size, uint8_t iv[16],
                                const uint8_t *in, uint8_t *out, size_t size) {
    br_aes_ct_cbcenc_keys keys;
    (void)self;
    if (size < AES_BLOCK) {
        return;
    }
    br_aes_ct_cbcenc_init(&keys, key, key_size);
    if (out != in) {
        memcpy(out, in, size);
    }
    br_aes_ct_cbcenc_run(&keys, iv, out, size);
    sodium_memzero(&keys, sizeof keys);
}

static void mcu_aes_cbc_decrypt(void *self, const uint8_t *key, size_t key_size, uint8_t iv[16],
                                const uint8_t *in, uint8_t *out, size_t size) {
    br_aes_ct_cbcdec_keys keys;
    (void)self;
    if (size < AES_BLOCK) {
        return;
    }
    br_aes_ct_cbcdec_init(&keys, key, key_size);
    if (out != in) {
        memcpy(out, in, size);
    }
    br_aes_ct_cbcdec_run(&keys, iv, out, size);
    sodium_memzero(&keys, sizeof keys);
}

static bool mcu_x25519_shared(void *self, uint8_t out[32], const uint8_t secret[32],
                              const uint8_t peer[32]) {
    static const uint8_t zeros[32] = {0};
    (void)self;
    // It refuses points of small order by a list; the result tells of all of them.
    return crypto_scalarmult_curve25519_ref10_implementation.mult(out, secret, peer) == 0 &&
           sodium_memcmp(out, zeros, sizeof zeros) != 0;
}

static void mcu_x25519_public(void *self, uint8_t pub[32], const uint8_t secret[32]) {
    static const uint8_t base[32] = {9};
    (void)mcu_x25519_shared(self, pub, secret, base);
}

static void mcu_ed25519_expand(void *self, rns_signer_t *signer, const uint8_t seed[32],
                               uint8_t pub[32]) {
    (void)self;
    memset(signer, 0, sizeof *signer);
    (void)crypto_sign_ed25519_seed_keypair(pub, signer->opaque, seed);
}

static void mcu_ed25519_sign(void *self, uint8_t sig[64], const rns_signer_t *signer, const void *m,
                             size_t size) {
    (void)self;
    (void)crypto_sign_ed25519_detached(sig, NULL, m, size, signer->opaque);
}

static bool mcu_ed25519_verify(void *self, const uint8_t sig[64], const uint8_t pub[32],
                               const void *m, size_t size) {
    (void)self;
    return crypto_sign_ed25519_verify_detached(sig, m, size, pub) == 0;
}

static bool mcu_equal(const void *a, const void *b, size_t size) {
    return sodium_memcmp(a, b, size) == 0;
}

static void mcu_wipe(void *secret, size_t size) {
    sodium_memzero(secret, size);
}

const rns_crypto_t rns_crypto_mcu = {
    .name = "libsodium and BearSSL",
    .state_size = 0,
    .open = mcu_open,
    .close = mcu_close,
    .sha256 = mcu_sha256,
    .sha256_init = mcu_sha256_init,
    .sha256_update = mcu_sha256_update,
    .sha256_final = mcu_sha256_final,
    .aes_cbc_encrypt = mcu_aes_cbc_encrypt,
    .aes_cbc_decrypt = mcu_aes_cbc_decrypt,
    .x25519_public = mcu_x25519_public,
    .x25519_shared = mcu_x25519_shared,
    .ed25519_expand = mcu_ed25519_expand,
    .ed25519_sign = mcu_ed25519_sign,
    .ed25519_verify = mcu_ed25519_verify,
    .self_is_shared = true,
    .equal = mcu_equal,
    .wipe = mcu_wipe,
};
