// identity.c -- commands: identities.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/utility/keyfile.h"
#include "keys.h"
#include "route/known.h"

// ---- Keys

bool keys_secret(call_t *call, const char *name, rns_secret_t *secret) {
    uint8_t bytes_secret[KEYS_SECRET];
    if (!call_hex_of(call, name, bytes_secret, sizeof bytes_secret)) {
        return false;
    }
    memcpy(secret->x25519, bytes_secret, sizeof secret->x25519);
    memcpy(secret->ed25519, bytes_secret + sizeof secret->x25519, sizeof secret->ed25519);
    return true;
}

bool keys_identity(call_t *call, const char *name, rnsi_identity_t *id) {
    uint8_t pub[RNSI_IDENTITY_PUB];
    if (!call_hex_of(call, name, pub, sizeof pub)) {
        return false;
    }
    rnsi_identity_from_public(&call->bridge->crypto, id, pub);
    return true;
}

rnsi_identity_t keys_public(call_t *call, const rns_secret_t *secret) {
    rnsi_identity_t id;
    rns_signer_t signer_secret;
    rnsi_identity_from_secret(&call->bridge->crypto, &id, &signer_secret, secret);
    return id;
}

json_t *keys_encrypt(call_t *call, const uint8_t target[32], const rns_hash_t *salt,
                     rns_mem_t plain) {
    uint8_t ephemeral_secret[32], iv[RNSI_TOKEN_IV];
    bridge_random(ephemeral_secret, sizeof ephemeral_secret);
    bridge_random(iv, sizeof iv);
    rns_mem_t out = {NULL, rnsi_identity_encrypted_size(plain.size)};
    out.data = call_alloc(call, out.size);
    out.size = rnsi_identity_encrypt(&call->bridge->crypto, target, salt, ephemeral_secret, iv,
                                     (rns_bytes_t){plain.data, plain.size}, out);
    if (out.size == 0) {
        return call_fail(call, "the public key has small order");
    }
    return json_pack("{s:o}", "ciphertext", hex_of_mem(out));
}

static json_t *told(const rnsi_identity_t *id) {
    return json_pack("{s:o, s:o, s:o}", "public_key", hex_of(id->pub, sizeof id->pub), "hash",
                     hex_of_hash(&id->hash), "hexhash", hex_of_hash(&id->hash));
}

// ---- Commands

static json_t *identity_from_private_key(call_t *call) {
    rns_secret_t secret;
    if (!keys_secret(call, "private_key", &secret)) {
        return NULL;
    }
    const rnsi_identity_t id = keys_public(call, &secret);
    return told(&id);
}

static json_t *identity_hash(call_t *call) {
    rnsi_identity_t id;
    if (!keys_identity(call, "public_key", &id)) {
        return NULL;
    }
    return json_pack("{s:o}", "hash", hex_of_hash(&id.hash));
}

static json_t *identity_encrypt(call_t *call) {
    rnsi_identity_t id;
    rns_mem_t plain;
    if (!keys_identity(call, "public_key", &id) || !call_hex(call, "plaintext", &plain)) {
        return NULL;
    }
    return keys_encrypt(call, id.pub, &id.hash, plain);
}

static json_t *identity_decrypt(call_t *call) {
    rns_secret_t secret;
    rns_mem_t blob;
    if (!keys_secret(call, "private_key", &secret) || !call_hex(call, "ciphertext", &blob)) {
        return NULL;
    }
    const rnsi_identity_t id = keys_public(call, &secret);
    rns_mem_t plain = {call_alloc(call, blob.size + 1), blob.size};
    const bool fits =
        rnsi_identity_decrypt(&call->bridge->crypto, secret.x25519, &id.hash,
                              (rns_bytes_t){blob.data, blob.size}, plain, &plain.size);
    return json_pack("{s:o}", "plaintext", fits ? hex_of_mem(plain) : json_null());
}

static json_t *identity_sign(call_t *call) {
    rns_secret_t secret;
    rns_mem_t message;
    if (!keys_secret(call, "private_key", &secret) || !call_hex(call, "message", &message)) {
        return NULL;
    }
    rnsi_identity_t id;
    rns_signer_t signer_secret;
    uint8_t signature[RNSI_IDENTITY_SIG];
    rnsi_identity_from_secret(&call->bridge->crypto, &id, &signer_secret, &secret);
    rnsi_identity_sign(&call->bridge->crypto, &signer_secret,
                       (rns_bytes_t){message.data, message.size}, signature);
    return json_pack("{s:o}", "signature", hex_of(signature, sizeof signature));
}

static json_t *identity_verify(call_t *call) {
    rnsi_identity_t id;
    rns_mem_t message, signature;
    if (!keys_identity(call, "public_key", &id) || !call_hex(call, "message", &message) ||
        !call_hex(call, "signature", &signature)) {
        return NULL;
    }
    const bool valid =
        signature.size == RNSI_IDENTITY_SIG &&
        rnsi_identity_verify(&call->bridge->crypto, id.pub,
                             (rns_bytes_t){message.data, message.size}, signature.data);
    return json_pack("{s:b}", "valid", valid);
}

// ---- Files

static json_t *identity_to_file(call_t *call) {
    rns_secret_t secret;
    if (!keys_secret(call, "private_key", &secret)) {
        return NULL;
    }
    char path[] = "/tmp/reticule-identity.XXXXXX";
    const int made = mkstemp(path);
    if (made < 0 || close(made) != 0 || !keyfile_write(path, &secret)) {
        return call_fail(call, "%s cannot be written", path);
    }
    return json_pack("{s:s}", "path", path);
}

static json_t *identity_from_file(call_t *call) {
    const char *path;
    rns_secret_t secret;
    if (!call_text(call, "path", &path)) {
        return NULL;
    }
    if (keyfile_read(path, &secret) != KEYFILE_LOADED) {
        return json_pack("{s:b}", "found", 0);
    }
    const rnsi_identity_t id = keys_public(call, &secret);
    json_t *result = told(&id);
    (void)json_object_set_new(result, "found", json_true());
    return result;
}

// ---- What a node knows

static json_t *identity_random_hash(call_t *call) {
    lab_t *lab = lab_of(call);
    rns_hash_t hash;
    if (lab == NULL) {
        return NULL;
    }
    if (!rns_random(lab->near.node, hash.b, sizeof hash.b)) {
        return call_fail(call, "no entropy");
    }
    return json_pack("{s:o}", "random_hash", hex_of_hash(&hash));
}

static json_t *remembered(const lab_t *lab, const uint8_t dest[16]) {
    rns_hash_t hash;
    rns_known_t known;
    memcpy(hash.b, dest, sizeof hash.b);
    const bool recalled = rns_recall(lab->near.node, &hash, &known);
    struct rnsi_known *element = rnsi_known_find(lab->near.node, dest);
    if (element != NULL) { // it leaves nothing behind
        rnsi_known_forget(lab->near.node, element);
    }
    return json_pack("{s:b, s:i, s:b}", "ok", 1, "public_key_len", (int)RNSI_IDENTITY_PUB,
                     "recalled", recalled);
}

// As an announce of the destination would have it remembered.
static json_t *identity_remember(call_t *call) {
    uint8_t dest[RNSI_ADDRESS_SIZE], packet_hash[RNSI_SHA256_SIZE] = {0};
    rns_mem_t pub, packet, app_data = {NULL, 0};
    if (!call_hex(call, "packet_hash", &packet) ||
        !call_hex_of(call, "destination_hash", dest, sizeof dest) ||
        !call_hex(call, "public_key", &pub) || !call_maybe_hex(call, "app_data", &app_data)) {
        return NULL;
    }
    if (pub.size != RNSI_IDENTITY_PUB) {
        return json_pack("{s:b, s:i, s:s}", "ok", 0, "public_key_len", (int)pub.size, "error",
                         "TypeError");
    }
    lab_t *lab = lab_of(call);
    if (lab == NULL) {
        return NULL;
    }
    memcpy(packet_hash, packet.data,
           packet.size < sizeof packet_hash ? packet.size : sizeof packet_hash);
    const rnsi_announce_t announce = {
        .dest = dest, .keys = pub.data, .app_data = {app_data.data, app_data.size}};
    rnsi_known_learn(lab->near.node, &announce, packet_hash);
    return remembered(lab, dest);
}

// What the library says where there is no key: of an identity of its own without a secret, or of
// another's that was never heard of.
static json_t *identity_keyless_op(call_t *call) {
    const char *op;
    rns_mem_t data;
    if (!call_text(call, "op", &op) || !call_hex(call, "data", &data)) {
        return NULL;
    }
    lab_t *lab = lab_of(call);
    if (lab == NULL) {
        return NULL;
    }
    rns_err_t err;
    if (strcmp(op, "encrypt") == 0) {
        rns_hash_t nobody;
        bridge_random(&nobody, sizeof nobody);
        err =
            rns_send(lab->near.node, lab->now, &nobody, (rns_bytes_t){data.data, data.size}, NULL);
    } else if (strcmp(op, "decrypt") == 0 || strcmp(op, "sign") == 0) {
        const rns_dest_config_t keyless = {.name = "conformance.keyless"};
        rns_dest_t dest;
        err = rns_dest_add(lab->near.node, lab->now, &keyless, &dest);
    } else {
        return call_fail(call, "unknown op: %s", op);
    }
    if (err == RNS_ERR_OK) {
        return json_pack("{s:n, s:n}", "raised", "result");
    }
    return json_pack("{s:s, s:s}", "raised", "KeyError", "message", rns_err_text(err));
}

const command_entry_t IDENTITY_COMMANDS[] = {
    {"identity_from_private_key", identity_from_private_key},
    {"identity_hash", identity_hash},
    {"identity_encrypt", identity_encrypt},
    {"identity_decrypt", identity_decrypt},
    {"identity_sign", identity_sign},
    {"identity_verify", identity_verify},
    {"identity_to_file", identity_to_file},
    {"identity_from_file", identity_from_file},
    {"identity_random_hash", identity_random_hash},
    {"identity_remember", identity_remember},
    {"identity_keyless_op", identity_keyless_op},
    {NULL, NULL},
};
