// token.h -- the reference's token (RNS.Cryptography.Token): IV (16), AES-CBC ciphertext with
// PKCS#7 padding, HMAC-SHA256 (32) over both. The first half of the key is for the HMAC, the second
// for AES.
#ifndef RNSI_TOKEN_H_INCLUDED
#define RNSI_TOKEN_H_INCLUDED

#include "crypto/crypto.h"

#define RNSI_TOKEN_IV       16U
#define RNSI_TOKEN_HMAC     32U
#define RNSI_TOKEN_OVERHEAD 48U // Token.TOKEN_OVERHEAD; the padding (1 to 16 bytes) comes on top
#define RNSI_TOKEN_KEY      64U // AES-256: all keys but those of old links and some GROUPs
#define RNSI_TOKEN_KEY_128  32U // AES-128

// Bytes of the token of a plain text of this size (up to SIZE_MAX - 64).
size_t rnsi_token_size(size_t plain_size);

// Returns the token's size; 0 and nothing written: out is too small, or key_size is neither 32 nor
// 64. plain may overlap out in any way (at out.data + 16 nothing is moved); key and iv must not.
// The iv is random: it never comes twice with a key.
size_t rnsi_token_encrypt(const rnsi_crypto_t *c, const uint8_t *key_secret, size_t key_size,
                          const uint8_t iv[16], rns_bytes_t plain, rns_mem_t out);

// Whether the HMAC is that of this key, whatever the rest is; constant time. false also: wrong size
// of key, or no byte beside the HMAC.
bool rnsi_token_is_authentic(const rnsi_crypto_t *c, const uint8_t *key_secret, size_t key_size,
                             rns_bytes_t token);

// Checks the HMAC first, in constant time; only then is out written. out takes at least token.size
// - 48 bytes (plain text and padding). It may start at token.data + 16 (in place: the plain text
// replaces the ciphertext), else it must not overlap the token.
// false: wrong size of key, token or out, or a wrong HMAC: out is untouched, so that the next key
// may be tried on the same bytes. Also false: padding over 16 under a right HMAC, which only a
// holder of the key can make; then what out held is gone.
bool rnsi_token_decrypt(const rnsi_crypto_t *c, const uint8_t *key_secret, size_t key_size,
                        rns_bytes_t token, rns_mem_t out, size_t *plain_size);

#endif
