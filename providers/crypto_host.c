// crypto_host.c -- libsodium for the curves, OpenSSL 3 for AES and SHA-256, each where it is the
// faster. SHA256_Init and its sisters are OpenSSL's old interface: EVP's allocates for each digest.
#define OPENSSL_API_COMPAT 0x10100000L

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "rns/providers.h"

#define AES_BLOCK 16U
#define PIECE_MAX ((size_t)1 << 30) // EVP takes an int

_Static_assert(sizeof(SHA256_CTX) <= sizeof(rns_sha256_t), "rns_sha256_t holds OpenSSL's context");
_Static_assert(crypto_sign_SECRETKEYBYTES <= sizeof(rns_signer_t), "rns_signer_t holds the key");

// One context for each cipher and direction; a call only sets key and IV.
typedef struct {
    EVP_CIPHER_CTX *encrypt_128, *encrypt_256, *decrypt_128, *decrypt_256;
} state_t;

// Cannot happen with a context that open() has tried; going on would send plaintext.
static void must(int openssl_result) {
    if (openssl_result != 1) {
        abort();
    }
}

static EVP_CIPHER_CTX *context_new(const EVP_CIPHER *cipher, int is_encrypt) {
    static const uint8_t zeros[32] = {0};
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    // With a key from the start, so that whatever OpenSSL sets up late is set up here.
    if (ctx != NULL && (EVP_CipherInit_ex(ctx, cipher, NULL, zeros, zeros, is_encrypt) != 1 ||
                        EVP_CIPHER_CTX_set_padding(ctx, 0) != 1)) {
        EVP_CIPHER_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

static void host_close(void *self) {
    state_t *s = self;
    EVP_CIPHER_CTX_free(s->encrypt_128);
    EVP_CIPHER_CTX_free(s->encrypt_256);
    EVP_CIPHER_CTX_free(s->decrypt_128);
    EVP_CIPHER_CTX_free(s->decrypt_256);
    memset(s, 0, sizeof *s);
}

static bool host_open(void *self) {
    state_t *s = self;
    memset(s, 0, sizeof *s);
    if (sodium_init() < 0) {
        return false;
    }
    s->encrypt_128 = context_new(EVP_aes_128_cbc(), 1);
    s->encrypt_256 = context_new(EVP_aes_256_cbc(), 1);
    s->decrypt_128 = context_new(EVP_aes_128_cbc(), 0);
    s->decrypt_256 = context_new(EVP_aes_256_cbc(), 0);
    if (s->encrypt_128 && s->encrypt_256 && s->decrypt_128 && s->decrypt_256) {
        return true;
    }
    host_close(self);
    return false;
}

static void host_sha256_init(void *self, rns_sha256_t *ctx) {
    (void)self;
    must(SHA256_Init((SHA256_CTX *)(void *)ctx));
}

static void host_sha256_update(void *self, rns_sha256_t *ctx, const void *data, size_t size) {
    (void)self;
    must(SHA256_Update((SHA256_CTX *)(void *)ctx, data, size));
}

static void host_sha256_final(void *self, rns_sha256_t *ctx, uint8_t digest[32]) {
    (void)self;
    must(SHA256_Final(digest, (SHA256_CTX *)(void *)ctx));
}

// Not SHA256(): OpenSSL 3 sends that through EVP, which allocates.
static void host_sha256(void *self, const void *data, size_t size, uint8_t digest[32]) {
    rns_sha256_t ctx;
    host_sha256_init(self, &ctx);
    host_sha256_update(self, &ctx, data, size);
    host_sha256_final(self, &ctx, digest);
    sodium_memzero(&ctx, sizeof ctx);
}

static void cipher(EVP_CIPHER_CTX *ctx, const uint8_t *in, uint8_t *out, size_t size) {
    while (size > 0) {
        size_t piece = size < PIECE_MAX ? size : PIECE_MAX;
        int written = 0;
        must(EVP_CipherUpdate(ctx, out, &written, in, (int)piece));
        must(written == (int)piece);
        in += piece;
        out += piece;
        size -= piece;
    }
}

static void host_aes_cbc_encrypt(void *self, const uint8_t *key, size_t key_size, uint8_t iv[16],
                                 const uint8_t *in, uint8_t *out, size_t size) {
    state_t *s = self;
    EVP_CIPHER_CTX *ctx = key_size == 16 ? s->encrypt_128 : s->encrypt_256;
    if (size < AES_BLOCK) {
        return;
    }
    must(EVP_CipherInit_ex(ctx, NULL, NULL, key, iv, -1));
    cipher(ctx, in, out, size);
    memcpy(iv, out + size - AES_BLOCK, AES_BLOCK);
}

static void host_aes_cbc_decrypt(void *self, const uint8_t *key, size_t key_size, uint8_t iv[16],
                                 const uint8_t *in, uint8_t *out, size_t size) {
    state_t *s = self;
    EVP_CIPHER_CTX *ctx = key_size == 16 ? s->decrypt_128 : s->decrypt_256;
    if (size < AES_BLOCK) {
        return;
    }
    must(EVP_CipherInit_ex(ctx, NULL, NULL, key, iv, -1));
    memcpy(iv, in + size - AES_BLOCK, AES_BLOCK); // before the plain text may take its place
    cipher(ctx, in, out, size);
}

static void host_x25519_public(void *self, uint8_t pub[32], const uint8_t secret[32]) {
    (void)self;
    (void)crypto_scalarmult_base(pub, secret);
}

static bool host_x25519_shared(void *self, uint8_t out[32], const uint8_t secret[32],
                               const uint8_t peer[32]) {
    (void)self;
    return crypto_scalarmult(out, secret, peer) == 0;
}

static void host_ed25519_expand(void *self, rns_signer_t *signer, const uint8_t seed[32],
                                uint8_t pub[32]) {
    (void)self;
    memset(signer, 0, sizeof *signer);
    (void)crypto_sign_seed_keypair(pub, signer->opaque, seed);
}

static void host_ed25519_sign(void *self, uint8_t sig[64], const rns_signer_t *signer,
                              const void *m, size_t size) {
    (void)self;
    (void)crypto_sign_detached(sig, NULL, m, size, signer->opaque);
}

static bool host_ed25519_verify(void *self, const uint8_t sig[64], const uint8_t pub[32],
                                const void *m, size_t size) {
    (void)self;
    return crypto_sign_verify_detached(sig, m, size, pub) == 0;
}

static bool host_equal(const void *a, const void *b, size_t size) {
    return sodium_memcmp(a, b, size) == 0;
}

static void host_wipe(void *secret, size_t size) {
    sodium_memzero(secret, size);
}

const rns_crypto_t rns_crypto_host = {
    .name = "libsodium and OpenSSL",
    .state_size = sizeof(state_t),
    .open = host_open,
    .close = host_close,
    .sha256 = host_sha256,
    .sha256_init = host_sha256_init,
    .sha256_update = host_sha256_update,
    .sha256_final = host_sha256_final,
    .aes_cbc_encrypt = host_aes_cbc_encrypt,
    .aes_cbc_decrypt = host_aes_cbc_decrypt,
    .x25519_public = host_x25519_public,
    .x25519_shared = host_x25519_shared,
    .ed25519_expand = host_ed25519_expand,
    .ed25519_sign = host_ed25519_sign,
    .ed25519_verify = host_ed25519_verify,
    .self_is_shared = true,
    .equal = host_equal,
    .wipe = host_wipe,
};
