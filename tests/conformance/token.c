// token.c -- commands: tokens.
#include "crypto/token.h"

#include "cipher.h"

typedef struct {
    rns_mem_t key, input;
} token_call_t;

static bool read_call(call_t *call, const char *input, token_call_t *token) {
    if (!call_hex(call, "key", &token->key) || !call_hex(call, input, &token->input)) {
        return false;
    }
    if (token->key.size != RNSI_TOKEN_KEY && token->key.size != RNSI_TOKEN_KEY_128) {
        (void)call_fail(call, "a key has %u or %u bytes, not %zu", RNSI_TOKEN_KEY_128,
                        RNSI_TOKEN_KEY, token->key.size);
        return false;
    }
    return true;
}

static bool read_token(call_t *call, token_call_t *token) {
    if (!read_call(call, "token", token)) {
        return false;
    }
    if (token->input.size <= RNSI_TOKEN_HMAC) {
        (void)call_fail(call, "%zu bytes are too few for a token", token->input.size);
        return false;
    }
    return true;
}

static json_t *token_encrypt(call_t *call) {
    token_call_t token;
    if (!read_call(call, "plaintext", &token)) {
        return NULL;
    }
    uint8_t iv[RNSI_TOKEN_IV];
    bridge_random(iv, sizeof iv);
    rns_mem_t out = {NULL, rnsi_token_size(token.input.size)};
    out.data = call_alloc(call, out.size);
    out.size = rnsi_token_encrypt(&call->bridge->crypto, token.key.data, token.key.size, iv,
                                  (rns_bytes_t){token.input.data, token.input.size}, out);
    return json_pack("{s:o}", "token", hex_of_mem(out));
}

static json_t *token_decrypt(call_t *call) {
    token_call_t token;
    if (!read_token(call, &token)) {
        return NULL;
    }
    rns_mem_t out = {call_alloc(call, token.input.size), token.input.size};
    if (!rnsi_token_decrypt(&call->bridge->crypto, token.key.data, token.key.size,
                            (rns_bytes_t){token.input.data, token.input.size}, out, &out.size)) {
        return call_fail(call, "the token was not made with this key, or is damaged");
    }
    return json_pack("{s:o}", "plaintext", hex_of_mem(out));
}

static json_t *token_verify_hmac(call_t *call) {
    token_call_t token;
    if (!read_token(call, &token)) {
        return NULL;
    }
    const bool valid =
        rnsi_token_is_authentic(&call->bridge->crypto, token.key.data, token.key.size,
                                (rns_bytes_t){token.input.data, token.input.size});
    return json_pack("{s:b}", "valid", valid);
}

// A key is random: half for the HMAC, half for AES.
static json_t *token_generate_key(call_t *call) {
    size_t aes_key;
    if (!aes_mode(call, "token mode", &aes_key)) {
        return NULL;
    }
    uint8_t key_secret[RNSI_TOKEN_KEY];
    const size_t size = aes_key == AES_128_KEY ? RNSI_TOKEN_KEY_128 : RNSI_TOKEN_KEY;
    bridge_random(key_secret, size);
    return json_pack("{s:o}", "key", hex_of(key_secret, size));
}

const command_entry_t TOKEN_COMMANDS[] = {
    {"token_encrypt", token_encrypt},
    {"token_decrypt", token_decrypt},
    {"token_verify_hmac", token_verify_hmac},
    {"token_generate_key", token_generate_key},
    {NULL, NULL},
};
