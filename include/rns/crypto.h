// rns/crypto.h -- what a crypto provider supplies. Operations on secrets take constant time; none
// allocates or can fail for want of memory: self points to state_size bytes that the node lends.
// HMAC, HKDF, the token format and the DRBG are built on these in core/crypto/.
#ifndef RNS_CRYPTO_H_INCLUDED
#define RNS_CRYPTO_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// clang-format off
typedef struct { uint64_t opaque[16]; } rns_sha256_t;             // context, caller-allocated, copied freely
typedef struct { uint8_t x25519[32], ed25519[32]; } rns_secret_t; // an identity as it is stored (64 bytes)
typedef struct { uint8_t opaque[96]; } rns_signer_t;              // expanded once, signs often; secret
// clang-format on

typedef struct {
    const char *name;
    size_t state_size; // bytes of self, aligned for max_align_t; 0: none

    bool (*open)(void *self);  // false: the provider cannot work here
    void (*close)(void *self); // wipes what self keeps

    // One call for the common case, three for what is gathered. A context is spent after final; a
    // copy of it made before goes on by itself. data may be NULL when size is 0, here and below.
    void (*sha256)(void *self, const void *data, size_t size, uint8_t digest[32]);
    void (*sha256_init)(void *self, rns_sha256_t *ctx);
    void (*sha256_update)(void *self, rns_sha256_t *ctx, const void *data, size_t size);
    void (*sha256_final)(void *self, rns_sha256_t *ctx, uint8_t digest[32]);

    // CBC without padding: size is a multiple of 16 (0 does nothing), key_size 16 or 32; out is in
    // or does not overlap it. iv is replaced by the last block of ciphertext, so that a long text
    // can be done in pieces.
    void (*aes_cbc_encrypt)(void *self, const uint8_t *key, size_t key_size, uint8_t iv[16],
                            const uint8_t *in, uint8_t *out, size_t size);
    void (*aes_cbc_decrypt)(void *self, const uint8_t *key, size_t key_size, uint8_t iv[16],
                            const uint8_t *in, uint8_t *out, size_t size);

    void (*x25519_public)(void *self, uint8_t pub[32], const uint8_t secret[32]);
    // false: the peer's point has small order (an all-zero result).
    bool (*x25519_shared)(void *self, uint8_t out[32], const uint8_t secret[32],
                          const uint8_t peer[32]);

    // Signatures are those of RFC 8032: the same key and message always give the same one.
    void (*ed25519_expand)(void *self, rns_signer_t *signer, const uint8_t seed[32],
                           uint8_t pub[32]);
    void (*ed25519_sign)(void *self, uint8_t sig[64], const rns_signer_t *signer, const void *m,
                         size_t size);
    bool (*ed25519_verify)(void *self, const uint8_t sig[64], const uint8_t pub[32], const void *m,
                           size_t size);
    // True: every call but aes_cbc_*, open and close may be made from several threads at once.
    bool self_is_shared;

    bool (*equal)(const void *a, const void *b, size_t size); // constant time
    void (*wipe)(void *secret, size_t size);                  // is not optimised away
} rns_crypto_t;

#ifdef __cplusplus
}
#endif
#endif
