// wire_crypt.c -- commands: what packets without a link carry: encryption to identities,
// destinations and groups.
#include <string.h>

#include "crypto/identity.h"
#include "testing_destination.h"
#include "wire.h"
#include "wire/packet.h"

// ---- Identities, without a node

static json_t *identity_keypair(call_t *call) {
    rns_secret_t secret;
    rnsi_identity_t identity;
    rns_signer_t signer;
    bridge_random(&secret, sizeof secret);
    rnsi_identity_from_secret(&call->bridge->crypto, &identity, &signer, &secret);
    return json_pack("{s:o, s:o, s:o}", "private_key", hex_of(&secret, sizeof secret), "public_key",
                     hex_of(identity.pub, sizeof identity.pub), "hash",
                     hex_of_hash(&identity.hash));
}

static json_t *ratchet_keypair(call_t *call) {
    const rnsi_crypto_t *c = &call->bridge->crypto;
    uint8_t secret[32], pub[32];
    bridge_random(secret, sizeof secret);
    c->v->x25519_public(c->self, pub, secret);
    return json_pack("{s:o, s:o}", "private_key", hex_of(secret, sizeof secret), "public_key",
                     hex_of(pub, sizeof pub));
}

// Encrypts to an identity (64 bytes), or to its ratchet (32; NULL: none).
static bool encrypt(call_t *call, const uint8_t pub[64], const uint8_t *ratchet, rns_mem_t plain,
                    rns_mem_t *sealed) {
    const rnsi_crypto_t *c = &call->bridge->crypto;
    rnsi_identity_t identity;
    uint8_t ephemeral[32], iv[RNSI_TOKEN_IV];
    rnsi_identity_from_public(c, &identity, pub);
    bridge_random(ephemeral, sizeof ephemeral);
    bridge_random(iv, sizeof iv);
    sealed->size = rnsi_identity_encrypted_size(plain.size);
    sealed->data = call_alloc(call, sealed->size);
    sealed->size =
        rnsi_identity_encrypt(c, ratchet != NULL ? ratchet : pub, &identity.hash, ephemeral, iv,
                              (rns_bytes_t){plain.data, plain.size}, *sealed);
    if (sealed->size == 0) {
        (void)call_fail(call, "the key is none");
    }
    return sealed->size > 0;
}

static json_t *identity_encrypt(call_t *call) {
    uint8_t pub[64], ratchet[32];
    rns_mem_t plain = {NULL, 0}, sealed;
    if (!call_hex_of(call, "public_key", pub, sizeof pub) ||
        !call_maybe_hex(call, "plaintext", &plain) ||
        (call_has(call, "ratchet_pub") &&
         !call_hex_of(call, "ratchet_pub", ratchet, sizeof ratchet)) ||
        !encrypt(call, pub, call_has(call, "ratchet_pub") ? ratchet : NULL, plain, &sealed)) {
        return NULL;
    }
    return json_pack("{s:o}", "ciphertext", hex_of_mem(sealed));
}

// The ratchets, in their order, and then the identity's key unless that is refused.
typedef struct {
    call_t *call;
    const rns_hash_t *salt;
    rns_bytes_t blob;
    rns_mem_t out;
    size_t size;
} opening_t;

static bool open_with(opening_t *o, const uint8_t secret[32]) {
    return o->blob.size >= RNSI_IDENTITY_OVERHEAD &&
           rnsi_identity_decrypt(&o->call->bridge->crypto, secret, o->salt, o->blob, o->out,
                                 &o->size);
}

// -1: an element is no key.
static int open_with_ratchets(opening_t *o, const json_t *ratchets) {
    size_t index;
    const json_t *element;
    int opened = 0;
    json_array_foreach(ratchets, index, element) {
        rns_mem_t key;
        if (!call_element(o->call, element, &key)) {
            return -1;
        }
        if (key.size != 32) {
            (void)call_fail(o->call, "a ratchet has 32 bytes");
            return -1;
        }
        opened = opened || open_with(o, key.data);
    }
    return opened;
}

static json_t *opened(bool good, const uint8_t *data, size_t size) {
    return json_pack("{s:o, s:b}", "plaintext", good ? hex_of(data, size) : json_null(),
                     "decrypted", good);
}

static json_t *identity_decrypt(call_t *call) {
    rns_secret_t secret;
    rnsi_identity_t identity;
    rns_signer_t signer;
    rns_mem_t blob;
    bool enforce = false;
    json_t *ratchets;
    if (!call_hex_of(call, "private_key", &secret, sizeof secret) ||
        !call_hex(call, "ciphertext", &blob) ||
        !call_maybe_flag(call, "enforce_ratchets", &enforce) ||
        !call_maybe_list(call, "ratchets", &ratchets)) {
        return NULL;
    }
    rnsi_identity_from_secret(&call->bridge->crypto, &identity, &signer, &secret);
    opening_t o = {.call = call,
                   .salt = &identity.hash,
                   .blob = {blob.data, blob.size},
                   .out = {call_alloc(call, blob.size + 1), blob.size}};
    int good = open_with_ratchets(&o, ratchets);
    if (good < 0) {
        return NULL;
    }
    good = good || (!enforce && open_with(&o, secret.x25519));
    return opened(good, o.out.data, o.size);
}

// ---- Destinations

static json_t *encrypt_to_remote(call_t *call) {
    wire_t *wire = wire_maybe_of(call);
    rns_hash_t hash;
    rns_mem_t plain = {NULL, 0};
    bool use_ratchet = true;
    rns_known_t known;
    uint8_t ratchet[32], id[10];
    if (wire == NULL || !call_hex_of(call, "destination_hash", hash.b, sizeof hash.b) ||
        !call_maybe_hex(call, "plaintext", &plain) ||
        !call_maybe_flag(call, "use_ratchet", &use_ratchet)) {
        return NULL;
    }
    if (!rns_recall(wire->node, &hash, &known)) {
        return call_fail(call, "the destination is not known");
    }
    const bool used =
        use_ratchet && rns_inspect_known_ratchet(wire->node, clock_now(), &hash, ratchet);
    rns_mem_t sealed = {NULL, rnsi_identity_encrypted_size(plain.size)};
    sealed.data = call_alloc(call, sealed.size);
    if (use_ratchet) { // as packets are
        const rns_err_t err =
            rnst_seal_single(wire->node, clock_now(), &hash, (rns_bytes_t){plain.data, plain.size},
                             sealed, &sealed.size);
        if (err != RNS_ERR_OK) {
            return call_fail_err(call, "the encryption", err);
        }
    } else if (!encrypt(call, known.pub, NULL, plain, &sealed)) {
        return NULL;
    }
    if (used) {
        rnsi_ratchet_id(&call->bridge->crypto, ratchet, id);
    }
    return json_pack("{s:o, s:b, s:o, s:o}", "ciphertext", hex_of_mem(sealed), "used_ratchet", used,
                     "ratchet_id", used ? hex_of(id, sizeof id) : json_null(), "ratchet_public",
                     used ? hex_of(ratchet, sizeof ratchet) : json_null());
}

// What a destination of ours makes of a blob. The plain text lives as long as the call.
static bool open_at(call_t *call, wire_t *wire, own_t *own, rns_mem_t blob, rns_mem_t *plain) {
    rnst_opened_t result;
    const rns_mem_t out = {call_alloc(call, blob.size + RNSI_HEADER_MINSIZE),
                           blob.size + RNSI_HEADER_MINSIZE};
    if (!rnst_dest_open(wire->node, clock_now(), own->handle, (rns_bytes_t){blob.data, blob.size},
                        out, &result)) {
        return false;
    }
    own->has_latest = result.by_ratchet;
    memcpy(own->latest, result.ratchet_id, sizeof own->latest);
    *plain = (rns_mem_t){out.data, result.size};
    return true;
}

static json_t *latest_of(const own_t *own) {
    return own->has_latest ? hex_of(own->latest, sizeof own->latest) : json_null();
}

static json_t *destination_decrypt(call_t *call) {
    wire_t *wire = wire_of(call);
    own_t *own = wire == NULL ? NULL : own_of(call, wire);
    rns_mem_t blob, plain = {NULL, 0};
    if (own == NULL || !call_hex(call, "ciphertext", &blob)) {
        return NULL;
    }
    const bool good = open_at(call, wire, own, blob, &plain);
    json_t *result = opened(good, plain.data, plain.size);
    (void)json_object_set_new(result, "latest_ratchet_id", latest_of(own));
    return result;
}

// To itself: encrypted to its newest ratchet, and opened.
static json_t *latest_ratchet_id(call_t *call) {
    wire_t *wire = wire_of(call);
    own_t *own = wire == NULL ? NULL : own_of(call, wire);
    rns_inspect_dest_t dest;
    rns_mem_t data = {(uint8_t *)"latest", 6}, sealed, plain = {NULL, 0};
    uint8_t pub[64], ratchet[32], id[10];
    if (own == NULL || !call_maybe_hex(call, "data", &data)) {
        return NULL;
    }
    if (!rns_inspect_dest(wire->node, &own->hash, &dest) ||
        !rns_inspect_dest_ratchet_public(wire->node, own->handle, ratchet)) {
        return call_fail(call, "the destination has no ratchets");
    }
    rns_identity_public(wire->node, &own->secret, pub, &own->identity);
    rnsi_ratchet_id(&call->bridge->crypto, ratchet, id);
    if (!encrypt(call, pub, ratchet, data, &sealed)) {
        return NULL;
    }
    const bool good = open_at(call, wire, own, sealed, &plain);
    json_t *result = opened(good, plain.data, plain.size);
    (void)json_object_set_new(result, "latest_ratchet_id", latest_of(own));
    (void)json_object_set_new(result, "encrypt_ratchet_id", hex_of(id, sizeof id));
    (void)json_object_set_new(result, "current_ratchet_id", own_ratchet_id(wire, own, 0));
    (void)json_object_set_new(
        result, "match", json_boolean(own->has_latest && memcmp(own->latest, id, sizeof id) == 0));
    (void)json_object_set_new(result, "ratchet_count", json_integer(dest.ratchets));
    return result;
}

// ---- Groups

static json_t *group_create(call_t *call) {
    wire_t *wire = wire_of(call);
    rns_mem_t key = {call_alloc(call, RNSI_TOKEN_KEY), RNSI_TOKEN_KEY};
    bridge_random(key.data, key.size);
    if (wire == NULL || !call_maybe_hex(call, "key", &key)) {
        return NULL;
    }
    own_t *own =
        own_open(call, wire,
                 &(rns_dest_config_t){.type = RNS_DEST_GROUP, .group_key = {key.data, key.size}});
    if (own == NULL) {
        return NULL;
    }
    own->key_size = (uint8_t)key.size;
    memcpy(own->key, key.data, key.size);
    return json_pack("{s:o, s:o}", "destination_hash", hex_of_hash(&own->hash), "key",
                     hex_of_mem(key));
}

static own_t *group_of(call_t *call, wire_t *wire) {
    own_t *own = wire == NULL ? NULL : own_of(call, wire);
    return own == NULL || own->key_size > 0 ? own : call_fail(call, "the destination is no group");
}

static json_t *group_encrypt(call_t *call) {
    wire_t *wire = wire_of(call);
    const own_t *own = group_of(call, wire);
    rns_mem_t plain = {NULL, 0};
    if (own == NULL || !call_maybe_hex(call, "plaintext", &plain)) {
        return NULL;
    }
    rns_mem_t sealed = {NULL, rnsi_token_size(plain.size)};
    sealed.data = call_alloc(call, sealed.size);
    const rns_err_t err =
        rnst_seal_broadcast(wire->node, clock_now(), (rns_bytes_t){own->key, own->key_size},
                            (rns_bytes_t){plain.data, plain.size}, sealed, &sealed.size);
    return err != RNS_ERR_OK ? call_fail_err(call, "the encryption", err)
                             : json_pack("{s:o}", "ciphertext", hex_of_mem(sealed));
}

static json_t *group_decrypt(call_t *call) {
    wire_t *wire = wire_of(call);
    own_t *own = group_of(call, wire);
    rns_mem_t blob = {(uint8_t *)"", 0}, plain = {NULL, 0};
    if (own == NULL || !call_maybe_hex(call, "ciphertext", &blob)) {
        return NULL;
    }
    const bool good = open_at(call, wire, own, blob, &plain);
    return opened(good, plain.data, plain.size);
}

// ---- PLAIN

static json_t *plain_encrypt(call_t *call) {
    const wire_t *wire = wire_of(call);
    const char *name;
    rns_mem_t plain = {(uint8_t *)"", 0};
    if (wire == NULL || !call_name(call, &name) || !call_maybe_hex(call, "plaintext", &plain)) {
        return NULL;
    }
    rns_mem_t out = {call_alloc(call, plain.size + 1), plain.size + 1};
    const rns_err_t err =
        rnst_seal_broadcast(wire->node, clock_now(), (rns_bytes_t){NULL, 0},
                            (rns_bytes_t){plain.data, plain.size}, out, &out.size);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the packet's data", err);
    }
    return json_pack("{s:o, s:b}", "ciphertext", hex_of_mem(out), "passthrough",
                     out.size == plain.size && memcmp(out.data, plain.data, out.size) == 0);
}

// A destination is there for as long as the call. What carries nothing is no packet, and opens to
// nothing.
static json_t *plain_decrypt(call_t *call) {
    wire_t *wire = wire_of(call);
    const char *name;
    rns_mem_t blob = {NULL, 0};
    own_t own = {0};
    if (wire == NULL || !call_name(call, &name) || !call_maybe_hex(call, "ciphertext", &blob)) {
        return NULL;
    }
    const rns_dest_config_t config = {.name = name, .type = RNS_DEST_PLAIN};
    const rns_err_t err = rns_dest_add(wire->node, clock_now(), &config, &own.handle);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the destination", err);
    }
    rns_mem_t plain = {NULL, 0};
    const bool good = blob.size == 0 || open_at(call, wire, &own, blob, &plain);
    (void)rns_dest_remove(wire->node, own.handle);
    return good ? json_pack("{s:o, s:b}", "plaintext", hex_of_mem(plain), "passthrough",
                            plain.size == blob.size)
                : call_fail(call, "the destination does not take it");
}

const command_entry_t WIRE_CRYPT_COMMANDS[] = {
    {"wire_identity_keypair", identity_keypair},
    {"wire_ratchet_keypair", ratchet_keypair},
    {"wire_identity_encrypt", identity_encrypt},
    {"wire_identity_decrypt", identity_decrypt},
    {"wire_encrypt_to_remote", encrypt_to_remote},
    {"wire_destination_decrypt", destination_decrypt},
    {"wire_destination_latest_ratchet_id", latest_ratchet_id},
    {"wire_group_create", group_create},
    {"wire_group_encrypt", group_encrypt},
    {"wire_group_decrypt", group_decrypt},
    {"wire_plain_encrypt", plain_encrypt},
    {"wire_plain_decrypt", plain_decrypt},
    {NULL, NULL},
};
