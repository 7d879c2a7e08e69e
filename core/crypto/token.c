#include "crypto/token.h"

#include <string.h>

#include "crypto/hmac.h"

static bool is_key_size(size_t key_size) {
    return key_size == RNSI_TOKEN_KEY || key_size == RNSI_TOKEN_KEY_128;
}

static void authenticate(const rnsi_crypto_t *c, const uint8_t *key_secret, size_t key_size,
                         rns_bytes_t signed_part, uint8_t hmac[RNSI_TOKEN_HMAC]) {
    rnsi_hmac(c, (rns_bytes_t){key_secret, key_size / 2}, signed_part, hmac);
}

size_t rnsi_token_size(size_t plain_size) {
    return RNSI_TOKEN_OVERHEAD + (plain_size / RNSI_AES_BLOCK + 1) * RNSI_AES_BLOCK;
}

size_t rnsi_token_encrypt(const rnsi_crypto_t *c, const uint8_t *key_secret, size_t key_size,
                          const uint8_t iv[16], rns_bytes_t plain, rns_mem_t out) {
    if (!is_key_size(key_size) || out.size < RNSI_TOKEN_OVERHEAD ||
        plain.size >= out.size - RNSI_TOKEN_OVERHEAD || out.size < rnsi_token_size(plain.size)) {
        return 0;
    }
    uint8_t *text = out.data + RNSI_TOKEN_IV;
    size_t text_size = rnsi_token_size(plain.size) - RNSI_TOKEN_OVERHEAD;
    size_t pad = text_size - plain.size;
    if (plain.size > 0) {
        memmove(text, plain.data, plain.size);
    }
    memset(text + plain.size, (int)pad, pad);

    uint8_t chain[RNSI_AES_BLOCK];
    memcpy(chain, iv, sizeof chain);
    memcpy(out.data, iv, RNSI_TOKEN_IV);
    c->v->aes_cbc_encrypt(c->self, key_secret + key_size / 2, key_size / 2, chain, text, text,
                          text_size);
    rns_bytes_t signed_part = {out.data, RNSI_TOKEN_IV + text_size};
    authenticate(c, key_secret, key_size, signed_part, out.data + signed_part.size);
    return signed_part.size + RNSI_TOKEN_HMAC;
}

// The padding as PKCS7.py:unpad reads it: the last byte says how many to take off; 0 takes none,
// and the other bytes are not looked at. false: over 16.
static bool unpad(const uint8_t *text, size_t size, size_t *plain_size) {
    uint8_t pad = text[size - 1];
    if (pad > RNSI_AES_BLOCK) {
        return false;
    }
    *plain_size = size - pad;
    return true;
}

bool rnsi_token_decrypt(const rnsi_crypto_t *c, const uint8_t *key_secret, size_t key_size,
                        rns_bytes_t token, rns_mem_t out, size_t *plain_size) {
    if (!is_key_size(key_size) || token.size < RNSI_TOKEN_OVERHEAD + RNSI_AES_BLOCK ||
        token.size % RNSI_AES_BLOCK != 0 || out.size < token.size - RNSI_TOKEN_OVERHEAD) {
        return false;
    }
    rns_bytes_t signed_part = {token.data, token.size - RNSI_TOKEN_HMAC};
    uint8_t expected_secret[RNSI_TOKEN_HMAC];
    authenticate(c, key_secret, key_size, signed_part, expected_secret);
    bool ok = c->v->equal(expected_secret, token.data + signed_part.size, RNSI_TOKEN_HMAC);
    c->v->wipe(expected_secret, sizeof expected_secret);
    if (!ok) {
        return false;
    }
    uint8_t chain[RNSI_AES_BLOCK];
    size_t size = token.size - RNSI_TOKEN_OVERHEAD;
    memcpy(chain, token.data, sizeof chain);
    c->v->aes_cbc_decrypt(c->self, key_secret + key_size / 2, key_size / 2, chain,
                          token.data + RNSI_TOKEN_IV, out.data, size);
    if (!unpad(out.data, size, plain_size)) {
        c->v->wipe(out.data, size);
        return false;
    }
    return true;
}
