// hash.c -- commands: hashes, HMAC and HKDF.
#include <openssl/evp.h>

#include "bridge.h"
#include "crypto/hkdf.h"
#include "wire/announce.h"

#define DERIVED_MOST (1 << 20) // bytes

static rns_bytes_t view(rns_mem_t bytes) {
    return (rns_bytes_t){bytes.data, bytes.size};
}

static json_t *sha256(call_t *call) {
    rns_mem_t data;
    if (!call_hex(call, "data", &data)) {
        return NULL;
    }
    uint8_t digest[RNSI_SHA256_SIZE];
    rnsi_sha256(&call->bridge->crypto, view(data), digest);
    return json_pack("{s:o}", "hash", hex_of(digest, sizeof digest));
}

// The library needs no SHA-512 but inside of Ed25519, so libcrypto answers, on which it stands.
static json_t *sha512(call_t *call) {
    rns_mem_t data;
    uint8_t digest[64];
    if (!call_hex(call, "data", &data)) {
        return NULL;
    }
    if (EVP_Digest(data.data, data.size, digest, NULL, EVP_sha512(), NULL) != 1) {
        return call_fail(call, "libcrypto has no SHA-512");
    }
    return json_pack("{s:o}", "hash", hex_of(digest, sizeof digest));
}

static json_t *truncated_hash(call_t *call) {
    rns_mem_t data;
    if (!call_hex(call, "data", &data)) {
        return NULL;
    }
    uint8_t digest[RNSI_SHA256_SIZE];
    rnsi_sha256(&call->bridge->crypto, view(data), digest);
    const rns_hash_t hash = rnsi_truncated_hash(&call->bridge->crypto, view(data));
    return json_pack("{s:o, s:o}", "hash", hex_of_hash(&hash), "full_hash",
                     hex_of(digest, sizeof digest));
}

static json_t *name_hash(call_t *call) {
    const char *name;
    if (!call_text(call, "name", &name)) {
        return NULL;
    }
    uint8_t hash[RNSI_NAME_HASH_SIZE];
    const size_t size = json_string_length(json_object_get(call->params, "name"));
    rnsi_destination_name_hash(&call->bridge->crypto, (rns_bytes_t){(const uint8_t *)name, size},
                               hash);
    return json_pack("{s:o}", "hash", hex_of(hash, sizeof hash));
}

static json_t *hmac_sha256(call_t *call) {
    rns_mem_t key, message;
    if (!call_hex(call, "key", &key) || !call_hex(call, "message", &message)) {
        return NULL;
    }
    uint8_t hmac[RNSI_SHA256_SIZE];
    rnsi_hmac(&call->bridge->crypto, view(key), view(message), hmac);
    return json_pack("{s:o}", "hmac", hex_of(hmac, sizeof hmac));
}

static json_t *hkdf(call_t *call) {
    rns_mem_t ikm, salt = {NULL, 0}, info = {NULL, 0}, out;
    int64_t length;
    if (!call_int(call, "length", 1, DERIVED_MOST, &length) || !call_hex(call, "ikm", &ikm) ||
        !call_maybe_hex(call, "salt", &salt) || !call_maybe_hex(call, "info", &info)) {
        return NULL;
    }
    out.size = (size_t)length;
    out.data = call_alloc(call, out.size);
    if (!rnsi_hkdf(&call->bridge->crypto, view(ikm), view(salt), view(info), out)) {
        return call_fail(call, "info has more than %u bytes", RNSI_HKDF_CONTEXT_MAX);
    }
    return json_pack("{s:o}", "derived_key", hex_of_mem(out));
}

const command_entry_t HASH_COMMANDS[] = {
    {"sha256", sha256},
    {"sha512", sha512},
    {"truncated_hash", truncated_hash},
    {"name_hash", name_hash},
    {"hmac_sha256", hmac_sha256},
    {"hkdf", hkdf},
    {NULL, NULL},
};
