#include "crypto/token_stream.h"

#include <string.h>

#include "crypto/hmac.h"
#include "crypto/pkcs7.h"

#define HALF (RNSI_TOKEN_KEY / 2) // the HMAC's key; behind it that of AES

// ---- The HMAC. Of the prepared key only the inner half is kept: the outer is made again.

void rnsi_token_mac_begin(const rnsi_crypto_t *c, rns_sha256_t *mac,
                          const uint8_t key_secret[RNSI_TOKEN_KEY]) {
    rnsi_hmac_t hmac_secret;
    rnsi_hmac_init(c, &hmac_secret, (rns_bytes_t){key_secret, HALF});
    *mac = hmac_secret.inner;
    rnsi_hmac_wipe(c, &hmac_secret);
}

void rnsi_token_mac_end(const rnsi_crypto_t *c, rns_sha256_t *mac,
                        const uint8_t key_secret[RNSI_TOKEN_KEY], uint8_t hmac[RNSI_TOKEN_HMAC]) {
    rnsi_hmac_t hmac_secret;
    rnsi_hmac_init(c, &hmac_secret, (rns_bytes_t){key_secret, HALF});
    hmac_secret.inner = *mac;
    rnsi_hmac_final(c, &hmac_secret, hmac);
    c->v->wipe(mac, sizeof *mac);
}

// ---- Encryption

void rnsi_token_encrypt_blocks(const rnsi_crypto_t *c, const uint8_t key_secret[RNSI_TOKEN_KEY],
                               uint8_t chain[RNSI_AES_BLOCK], uint8_t *blocks, size_t size) {
    c->v->aes_cbc_encrypt(c->self, key_secret + HALF, HALF, chain, blocks, blocks, size);
}

// ---- Decryption

bool rnsi_token_in_begin(const rnsi_crypto_t *c, rnsi_token_in_t *in,
                         const uint8_t key_secret[RNSI_TOKEN_KEY], size_t size) {
    memset(in, 0, sizeof *in);
    if (size < RNSI_TOKEN_OVERHEAD + RNSI_AES_BLOCK || size % RNSI_AES_BLOCK != 0 ||
        size > UINT32_MAX) {
        return false;
    }
    in->left = (uint32_t)size;
    rnsi_token_mac_begin(c, &in->mac, key_secret);
    return true;
}

// Bytes of IV and ciphertext: whole blocks are decrypted, the rest is carried.
static void take_text(const rnsi_crypto_t *c, rnsi_token_in_t *in, const uint8_t *key_secret,
                      rns_mem_t bytes, rns_bytes_t *plain) {
    c->v->sha256_update(c->self, &in->mac, bytes.data, bytes.size);
    uint8_t *at = bytes.data - in->carried;
    memcpy(at, in->carry, in->carried);
    size_t size = in->carried + bytes.size;
    in->carried = (uint32_t)(size % RNSI_AES_BLOCK);
    size -= in->carried;
    memcpy(in->carry, at + size, in->carried);
    if (!in->began && size > 0) {
        memcpy(in->chain, at, RNSI_TOKEN_IV);
        in->began = true;
        at += RNSI_TOKEN_IV;
        size -= RNSI_TOKEN_IV;
    }
    c->v->aes_cbc_decrypt(c->self, key_secret + HALF, HALF, in->chain, at, at, size);
    *plain = (rns_bytes_t){at, size};
}

static bool is_right(const rnsi_crypto_t *c, rnsi_token_in_t *in, const uint8_t *key_secret) {
    uint8_t expected_secret[RNSI_TOKEN_HMAC];
    rnsi_token_mac_end(c, &in->mac, key_secret, expected_secret);
    const bool ok = c->v->equal(expected_secret, in->carry, sizeof expected_secret);
    c->v->wipe(expected_secret, sizeof expected_secret);
    return ok && !in->is_bad;
}

rnsi_token_state_t rnsi_token_in_next(const rnsi_crypto_t *c, rnsi_token_in_t *in,
                                      const uint8_t key_secret[RNSI_TOKEN_KEY], rns_mem_t bytes,
                                      rns_bytes_t *plain) {
    *plain = (rns_bytes_t){bytes.data, 0};
    if (bytes.size > in->left) {
        in->is_bad = true;
        return RNSI_TOKEN_BAD;
    }
    const size_t text_left = in->left > RNSI_TOKEN_HMAC ? in->left - RNSI_TOKEN_HMAC : 0;
    const size_t text = bytes.size < text_left ? bytes.size : text_left;
    in->left -= (uint32_t)bytes.size;
    if (text > 0) {
        take_text(c, in, key_secret, (rns_mem_t){bytes.data, text}, plain);
        // A whole text leaves nothing carried. Wrong padding is not told before the HMAC is.
        if (text == text_left && !rnsi_pkcs7_unpad(plain->data, &plain->size)) {
            in->is_bad = true;
        }
    }
    const size_t rest = bytes.size - text;
    memcpy(in->carry + in->carried, bytes.data + text, rest);
    in->carried += (uint32_t)rest;
    if (in->left > 0) {
        return RNSI_TOKEN_MORE;
    }
    return is_right(c, in, key_secret) ? RNSI_TOKEN_WHOLE : RNSI_TOKEN_BAD;
}
