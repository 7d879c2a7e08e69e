// token_stream.h -- a token (token.h) whose bytes come or go in order, piece by piece, when it is
// too long to be held. Keys are those of AES-256 tokens, 64 bytes.
//
// What is decrypted is believed only when the whole token has come and its HMAC is right: until
// then it must be possible to take it back.
#ifndef RNSI_TOKEN_STREAM_H_INCLUDED
#define RNSI_TOKEN_STREAM_H_INCLUDED

#include "crypto/token.h"
#include "memory/elements.h"

// The HMAC of a token in progress is a SHA-256 context: begun here, fed with the token's bytes,
// ended here. Caller-allocated, copied freely; secret.
void rnsi_token_mac_begin(const rnsi_crypto_t *c, rns_sha256_t *mac,
                          const uint8_t key_secret[RNSI_TOKEN_KEY]);
// Wipes mac.
void rnsi_token_mac_end(const rnsi_crypto_t *c, rns_sha256_t *mac,
                        const uint8_t key_secret[RNSI_TOKEN_KEY], uint8_t hmac[RNSI_TOKEN_HMAC]);

// Whole blocks of ciphertext, in place. chain: the block before, then the last of these.
void rnsi_token_encrypt_blocks(const rnsi_crypto_t *c, const uint8_t key_secret[RNSI_TOKEN_KEY],
                               uint8_t chain[RNSI_AES_BLOCK], uint8_t *blocks, size_t size);

// ---- Decryption in order: rnsi_token_in_t of elements_session.h, where transfers keep it. Copied
// freely (a copy is how a piece is taken back); secret.

#define RNSI_TOKEN_BEFORE (RNSI_AES_BLOCK - 1) // bytes before a piece that are overwritten

typedef enum { RNSI_TOKEN_MORE, RNSI_TOKEN_WHOLE, RNSI_TOKEN_BAD } rnsi_token_state_t;

// size: of the token. false: no token has this size.
bool rnsi_token_in_begin(const rnsi_crypto_t *c, rnsi_token_in_t *in,
                         const uint8_t key_secret[RNSI_TOKEN_KEY], size_t size);
// The next bytes, which are decrypted where they stand; up to RNSI_TOKEN_BEFORE bytes before them
// are overwritten, too. plain: what of the plain text is complete now, without padding; a view of
// bytes and what stands before. WHOLE: this was the last of it and the HMAC is right; BAD: it was,
// and it is not, or more came than the token has.
rnsi_token_state_t rnsi_token_in_next(const rnsi_crypto_t *c, rnsi_token_in_t *in,
                                      const uint8_t key_secret[RNSI_TOKEN_KEY], rns_mem_t bytes,
                                      rns_bytes_t *plain);

#endif
