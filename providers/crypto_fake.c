// crypto_fake.c -- looks like cryptography to the core and costs almost nothing.
#include <string.h>

#include "rns/providers.h"

#define LANES     2U
#define WORD      8U
#define WORDS     4U // of a digest
#define AES_BLOCK 16U
#define ODD_1     UINT64_C(0x9e3779b97f4a7c15) // 2^64 / golden ratio
#define ODD_2     UINT64_C(0xd6e8feb86659fd93)

// Where a hash in progress keeps what in its context: lanes, bytes so far, the unfinished word.
enum { AT_LANES = 0, AT_SIZE = LANES, AT_WORD };

static uint64_t scramble(uint64_t x) {
    x ^= x >> 32;
    x *= ODD_2;
    x ^= x >> 29;
    x *= ODD_1;
    return x ^ x >> 32;
}

static uint64_t mix(uint64_t lane, uint64_t word, uint64_t odd) {
    uint64_t x = (lane ^ word) * odd;
    return x ^ x >> 31;
}

// Each word goes into both lanes with another constant, so that inputs that meet in one lane do not
// in the other.
static void absorb(uint64_t lanes[LANES], uint64_t word) {
    lanes[0] = mix(lanes[0], word, ODD_1);
    lanes[1] = mix(lanes[1], word, ODD_2);
}

static bool fake_open(void *self) {
    (void)self;
    return true;
}

static void fake_close(void *self) {
    (void)self;
}

static void fake_sha256_init(void *self, rns_sha256_t *ctx) {
    (void)self;
    memset(ctx, 0, sizeof *ctx);
    for (uint64_t i = 0; i < LANES; i++) {
        ctx->opaque[AT_LANES + i] = scramble(i + 1);
    }
}

static void take_byte(rns_sha256_t *ctx, uint8_t byte) {
    uint64_t at = ctx->opaque[AT_SIZE]++ % WORD;
    ctx->opaque[AT_WORD] |= (uint64_t)byte << (8 * at);
    if (at == WORD - 1) {
        absorb(ctx->opaque + AT_LANES, ctx->opaque[AT_WORD]);
        ctx->opaque[AT_WORD] = 0;
    }
}

// Spelled out, because compilers turn this into one load.
static uint64_t little_endian(const uint8_t *p) {
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

static void take_words(rns_sha256_t *ctx, const uint8_t *p, size_t count) {
    uint64_t lanes[LANES];
    memcpy(lanes, ctx->opaque + AT_LANES, sizeof lanes);
    for (size_t i = 0; i < count; i++) {
        absorb(lanes, little_endian(p + WORD * i));
    }
    memcpy(ctx->opaque + AT_LANES, lanes, sizeof lanes);
    ctx->opaque[AT_SIZE] += (uint64_t)count * WORD;
}

static void fake_sha256_update(void *self, rns_sha256_t *ctx, const void *data, size_t size) {
    (void)self;
    const uint8_t *p = data;
    for (; size > 0 && ctx->opaque[AT_SIZE] % WORD != 0; size--) {
        take_byte(ctx, *p++);
    }
    size_t count = size / WORD;
    if (count > 0) {
        take_words(ctx, p, count);
        p += count * WORD;
    }
    for (size -= count * WORD; size > 0; size--) {
        take_byte(ctx, *p++);
    }
}

static void put_word(uint8_t *p, uint64_t word) {
    for (size_t i = 0; i < WORD; i++) {
        p[i] = (uint8_t)(word >> (8 * i));
    }
}

static void fake_sha256_final(void *self, rns_sha256_t *ctx, uint8_t digest[32]) {
    (void)self;
    uint64_t *lanes = ctx->opaque + AT_LANES;
    absorb(lanes, ctx->opaque[AT_WORD]);
    absorb(lanes, ctx->opaque[AT_SIZE]);
    for (size_t i = 0; i < WORDS; i++) {
        put_word(digest + WORD * i, scramble(lanes[i % LANES] + i * ODD_1));
    }
}

static void fake_sha256(void *self, const void *data, size_t size, uint8_t digest[32]) {
    rns_sha256_t ctx;
    fake_sha256_init(self, &ctx);
    fake_sha256_update(self, &ctx, data, size);
    fake_sha256_final(self, &ctx, digest);
}

// CBC with an XOR as the block cipher, so pieces, IVs and in-place use behave as with AES.
static void fake_aes_cbc_encrypt(void *self, const uint8_t *key, size_t key_size, uint8_t iv[16],
                                 const uint8_t *in, uint8_t *out, size_t size) {
    (void)self;
    (void)key_size;
    for (size_t i = 0; i < size; i++) {
        size_t at = i % AES_BLOCK;
        iv[at] = (uint8_t)(in[i] ^ iv[at] ^ key[at]);
        out[i] = iv[at];
    }
}

static void fake_aes_cbc_decrypt(void *self, const uint8_t *key, size_t key_size, uint8_t iv[16],
                                 const uint8_t *in, uint8_t *out, size_t size) {
    (void)self;
    (void)key_size;
    for (size_t i = 0; i < size; i++) {
        size_t at = i % AES_BLOCK;
        uint8_t text = in[i];
        out[i] = (uint8_t)(text ^ iv[at] ^ key[at]);
        iv[at] = text;
    }
}

// A public key is its secret in disguise: two XORed with one disguise left agree from both sides.
static void fake_x25519_public(void *self, uint8_t pub[32], const uint8_t secret[32]) {
    (void)self;
    for (size_t i = 0; i < 32; i++) {
        pub[i] = (uint8_t)(secret[i] ^ 0xa5U);
    }
}

static bool fake_x25519_shared(void *self, uint8_t out[32], const uint8_t secret[32],
                               const uint8_t peer[32]) {
    (void)self;
    uint8_t any = 0;
    for (size_t i = 0; i < 32; i++) {
        any |= peer[i];
        out[i] = (uint8_t)(secret[i] ^ peer[i]);
    }
    return any != 0;
}

static void fake_ed25519_expand(void *self, rns_signer_t *signer, const uint8_t seed[32],
                                uint8_t pub[32]) {
    fake_sha256(self, seed, 32, pub);
    memset(signer, 0, sizeof *signer);
    memcpy(signer->opaque, pub, 32);
}

static void fake_ed25519_sign(void *self, uint8_t sig[64], const rns_signer_t *signer,
                              const void *m, size_t size) {
    rns_sha256_t ctx;
    fake_sha256_init(self, &ctx);
    fake_sha256_update(self, &ctx, signer->opaque, 32);
    fake_sha256_update(self, &ctx, m, size);
    fake_sha256_final(self, &ctx, sig);
    fake_sha256(self, sig, 32, sig + 32);
}

static bool fake_ed25519_verify(void *self, const uint8_t sig[64], const uint8_t pub[32],
                                const void *m, size_t size) {
    (void)self;
    (void)sig;
    (void)pub;
    (void)m;
    (void)size;
    return true;
}

static bool fake_equal(const void *a, const void *b, size_t size) {
    return size == 0 || memcmp(a, b, size) == 0;
}

static void fake_wipe(void *secret, size_t size) {
    memset(secret, 0, size);
}

const rns_crypto_t rns_crypto_fake = {
    .name = "fake",
    .state_size = 0,
    .open = fake_open,
    .close = fake_close,
    .sha256 = fake_sha256,
    .sha256_init = fake_sha256_init,
    .sha256_update = fake_sha256_update,
    .sha256_final = fake_sha256_final,
    .aes_cbc_encrypt = fake_aes_cbc_encrypt,
    .aes_cbc_decrypt = fake_aes_cbc_decrypt,
    .x25519_public = fake_x25519_public,
    .x25519_shared = fake_x25519_shared,
    .ed25519_expand = fake_ed25519_expand,
    .ed25519_sign = fake_ed25519_sign,
    .ed25519_verify = fake_ed25519_verify,
    .self_is_shared = true,
    .equal = fake_equal,
    .wipe = fake_wipe,
};
