#include "crypto/token.h"

#include <string.h>

#include "crypto/hmac.h"
#include "crypto/pkcs7.h"

static bool is_key_size(size_t key_size) {
    return key_size == RNSI_TOKEN_KEY || key_size == RNSI_TOKEN_KEY_128;
}

static void authenticate(const rnsi_crypto_t *c, const uint8_t *key_secret, size_t key_size,
                         rns_bytes_t signed_part, uint8_t hmac[RNSI_TOKEN_HMAC]) {
    rnsi_hmac(c, (rns_bytes_t){key_secret, key_size / 2}, signed_part, hmac);
}

size_t rnsi_token_size(size_t plain_size) {
    return RNSI_TOKEN_OVERHEAD + rnsi_pkcs7_size(plain_size);
}

size_t rnsi_token_encrypt(const rnsi_crypto_t *c, const uint8_t *key_secret, size_t key_size,
                          const uint8_t iv[16], rns_bytes_t plain, rns_mem_t out) {
    if (!is_key_size(key_size) || out.size < RNSI_TOKEN_OVERHEAD ||
        plain.size >= out.size - RNSI_TOKEN_OVERHEAD || out.size < rnsi_token_size(plain.size)) {
        return 0;
    }
    uint8_t *text = out.data + RNSI_TOKEN_IV;
    if (plain.size > 0) {
        memmove(text, plain.data, plain.size);
    }
    size_t text_size = rnsi_pkcs7_pad(text, plain.size);

    uint8_t chain[RNSI_AES_BLOCK];
    memcpy(chain, iv, sizeof chain);
    memcpy(out.data, iv, RNSI_TOKEN_IV);
    c->v->aes_cbc_encrypt(c->self, key_secret + key_size / 2, key_size / 2, chain, text, text,
                          text_size);
    rns_bytes_t signed_part = {out.data, RNSI_TOKEN_IV + text_size};
    authenticate(c, key_secret, key_size, signed_part, out.data + signed_part.size);
    return signed_part.size + RNSI_TOKEN_HMAC;
}

bool rnsi_token_is_authentic(const rnsi_crypto_t *c, const uint8_t *key_secret, size_t key_size,
                             rns_bytes_t token) {
    if (!is_key_size(key_size) || token.size <= RNSI_TOKEN_HMAC) {
        return false;
    }
    rns_bytes_t signed_part = {token.data, token.size - RNSI_TOKEN_HMAC};
    uint8_t expected_secret[RNSI_TOKEN_HMAC];
    authenticate(c, key_secret, key_size, signed_part, expected_secret);
    bool ok = c->v->equal(expected_secret, token.data + signed_part.size, RNSI_TOKEN_HMAC);
    c->v->wipe(expected_secret, sizeof expected_secret);
    return ok;
}

bool rnsi_token_decrypt(const rnsi_crypto_t *c, const uint8_t *key_secret, size_t key_size,
                        rns_bytes_t token, rns_mem_t out, size_t *plain_size) {
    if (token.size < RNSI_TOKEN_OVERHEAD + RNSI_AES_BLOCK || token.size % RNSI_AES_BLOCK != 0 ||
        out.size < token.size - RNSI_TOKEN_OVERHEAD ||
        !rnsi_token_is_authentic(c, key_secret, key_size, token)) {
        return false;
    }
    uint8_t chain[RNSI_AES_BLOCK];
    size_t size = token.size - RNSI_TOKEN_OVERHEAD;
    memcpy(chain, token.data, sizeof chain);
    c->v->aes_cbc_decrypt(c->self, key_secret + key_size / 2, key_size / 2, chain,
                          token.data + RNSI_TOKEN_IV, out.data, size);
    if (!rnsi_pkcs7_unpad(out.data, &size)) {
        c->v->wipe(out.data, size);
        return false;
    }
    *plain_size = size;
    return true;
}
