// curve.c -- commands: X25519 and Ed25519.
#include <string.h>

#include "cipher.h"

#define KEY 32U // bytes of any key of these curves

static json_t *key_pair(call_t *call, bool is_signing) {
    const rnsi_crypto_t *c = &call->bridge->crypto;
    uint8_t seed_secret[KEY], pub[KEY];
    if (!call_hex_of(call, "seed", seed_secret, KEY)) {
        return NULL;
    }
    if (is_signing) {
        rns_signer_t signer_secret;
        c->v->ed25519_expand(c->self, &signer_secret, seed_secret, pub);
    } else {
        c->v->x25519_public(c->self, pub, seed_secret);
    }
    return json_pack("{s:o, s:o}", "private_key", hex_of(seed_secret, KEY), "public_key",
                     hex_of(pub, KEY));
}

static json_t *x25519_generate(call_t *call) {
    return key_pair(call, false);
}

static json_t *ed25519_generate(call_t *call) {
    return key_pair(call, true);
}

static json_t *x25519_public_from_private(call_t *call) {
    const rnsi_crypto_t *c = &call->bridge->crypto;
    uint8_t secret[KEY], pub[KEY];
    if (!call_hex_of(call, "private_key", secret, KEY)) {
        return NULL;
    }
    c->v->x25519_public(c->self, pub, secret);
    return json_pack("{s:o}", "public_key", hex_of(pub, KEY));
}

static json_t *exchange(call_t *call, const char *result) {
    const rnsi_crypto_t *c = &call->bridge->crypto;
    uint8_t secret[KEY], peer[KEY], shared_secret[KEY];
    if (!call_hex_of(call, "private_key", secret, KEY) ||
        !call_hex_of(call, "peer_public_key", peer, KEY)) {
        return NULL;
    }
    if (!c->v->x25519_shared(c->self, shared_secret, secret, peer)) {
        return call_fail(call, "the peer's point has small order");
    }
    return json_pack("{s:o}", result, hex_of(shared_secret, KEY));
}

static json_t *x25519_exchange(call_t *call) {
    return exchange(call, "shared_secret");
}

static json_t *sign(call_t *call, const char *result) {
    const rnsi_crypto_t *c = &call->bridge->crypto;
    rns_mem_t key_secret, message;
    if (!call_hex(call, "private_key", &key_secret) || !call_hex(call, "message", &message)) {
        return NULL;
    }
    if (key_secret.size != KEY && key_secret.size != 2 * (size_t)KEY) {
        return call_fail(call, "a signing key has %u bytes, or %u with its public key, not %zu",
                         KEY, 2 * KEY, key_secret.size);
    }
    rns_signer_t signer_secret;
    uint8_t pub[KEY], signature[2 * KEY];
    c->v->ed25519_expand(c->self, &signer_secret, key_secret.data, pub);
    if (key_secret.size > KEY && memcmp(key_secret.data + KEY, pub, KEY) != 0) {
        return call_fail(call, "the public key is not the one of the seed");
    }
    c->v->ed25519_sign(c->self, signature, &signer_secret, message.data, message.size);
    return json_pack("{s:o}", result, hex_of(signature, sizeof signature));
}

static json_t *ed25519_sign(call_t *call) {
    return sign(call, "signature");
}

static json_t *ed25519_verify(call_t *call) {
    const rnsi_crypto_t *c = &call->bridge->crypto;
    rns_mem_t pub, message, signature;
    if (!call_hex(call, "public_key", &pub) || !call_hex(call, "message", &message) ||
        !call_hex(call, "signature", &signature)) {
        return NULL;
    }
    const bool valid =
        pub.size == KEY && signature.size == 2 * (size_t)KEY &&
        c->v->ed25519_verify(c->self, signature.data, pub.data, message.data, message.size);
    return json_pack("{s:b}", "valid", valid);
}

// ---- A provider by its name: the library has one, which answers to both names

static json_t *provider_exchange(call_t *call) {
    return exchange(call, "result");
}

static json_t *provider_sign(call_t *call) {
    return sign(call, "result");
}

static json_t *provider_cbc(call_t *call) {
    return cbc_encrypt(call, "result");
}

static json_t *crypto_provider_op(call_t *call) {
    static const command_entry_t OPS[] = {
        {"x25519_exchange", provider_exchange},
        {"ed25519_sign", provider_sign},
        {"ed25519_verify", ed25519_verify},
        {"aes_256_cbc_encrypt", provider_cbc},
    };
    const char *op, *provider;
    if (!call_text(call, "op", &op) || !call_text(call, "provider", &provider)) {
        return NULL;
    }
    if (strcmp(provider, "internal") != 0 && strcmp(provider, "pyca") != 0) {
        return call_fail(call, "unknown provider: %s", provider);
    }
    for (size_t i = 0; i < sizeof OPS / sizeof *OPS; i++) {
        if (strcmp(OPS[i].name, op) == 0) {
            return OPS[i].run(call);
        }
    }
    return call_fail(call, "unknown op: %s", op);
}

const command_entry_t CURVE_COMMANDS[] = {
    {"x25519_generate", x25519_generate},
    {"x25519_public_from_private", x25519_public_from_private},
    {"x25519_exchange", x25519_exchange},
    {"ed25519_generate", ed25519_generate},
    {"ed25519_sign", ed25519_sign},
    {"ed25519_verify", ed25519_verify},
    {"crypto_provider_op", crypto_provider_op},
    {NULL, NULL},
};
