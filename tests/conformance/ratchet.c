// ratchet.c -- commands: ratchets.
#include <stdio.h>
#include <string.h>

#include "keys.h"
#include "testing.h"

#define KEY 32U // bytes of a ratchet

static json_t *ratchet_id(call_t *call) {
    uint8_t pub[KEY], id[RNSI_RATCHET_ID];
    if (!call_hex_of(call, "ratchet_public", pub, sizeof pub)) {
        return NULL;
    }
    rnsi_ratchet_id(&call->bridge->crypto, pub, id);
    return json_pack("{s:o}", "ratchet_id", hex_of(id, sizeof id));
}

static json_t *ratchet_public_from_private(call_t *call) {
    const rnsi_crypto_t *c = &call->bridge->crypto;
    uint8_t secret[KEY], pub[KEY];
    if (!call_hex_of(call, "ratchet_private", secret, sizeof secret)) {
        return NULL;
    }
    c->v->x25519_public(c->self, pub, secret);
    return json_pack("{s:o}", "ratchet_public", hex_of(pub, sizeof pub));
}

static json_t *ratchet_encrypt(call_t *call) {
    rnsi_identity_t id;
    uint8_t ratchet[KEY];
    rns_mem_t plain;
    if (!keys_identity(call, "public_key", &id) ||
        !call_hex_of(call, "ratchet_public", ratchet, sizeof ratchet) ||
        !call_hex(call, "plaintext", &plain)) {
        return NULL;
    }
    return keys_encrypt(call, ratchet, &id.hash, plain);
}

// ---- Decryption: a destination with these ratchets gets it as a packet

typedef struct {
    rns_secret_t identity;
    rns_mem_t ciphertext;
    json_t *ratchets; // the newest first
    bool enforce;
} trial_t;

static bool read_trial(call_t *call, trial_t *trial) {
    if (!keys_secret(call, "private_key", &trial->identity) ||
        !call_hex(call, "ciphertext", &trial->ciphertext) ||
        !call_maybe_list(call, "ratchet_privates", &trial->ratchets) ||
        !call_maybe_flag(call, "enforce_ratchets", &trial->enforce)) {
        return false;
    }
    if (trial->ratchets == NULL && call_has(call, "ratchet_private")) {
        json_t *only = json_pack("[O]", json_object_get(call->params, "ratchet_private"));
        (void)json_object_set_new(call->params, "ratchet_privates", only);
        trial->ratchets = only;
    }
    if (trial->ciphertext.size == 0 || trial->ciphertext.size > RNS_MTU - RNSI_HEADER_MINSIZE) {
        (void)call_fail(call, "the ciphertext does not fit into a packet");
        return false;
    }
    return true;
}

static bool put_ratchets(call_t *call, lab_t *lab, const trial_t *trial, rns_dest_t dest) {
    for (size_t i = json_array_size(trial->ratchets); i > 0; i--) {
        rns_mem_t key_secret;
        if (!call_element(call, json_array_get(trial->ratchets, i - 1), &key_secret)) {
            return false;
        }
        if (key_secret.size != KEY) {
            (void)call_fail(call, "a ratchet has %u bytes, not %zu", KEY, key_secret.size);
            return false;
        }
        if (!rnst_ratchet_put(lab->near.node, dest, key_secret.data)) {
            (void)call_fail(call, "the node has no room for so many ratchets");
            return false;
        }
    }
    return true;
}

static void give(call_t *call, lab_t *lab, const trial_t *trial, const rns_hash_t *hash) {
    rns_mem_t frame = {call_alloc(call, RNS_FRAME_MAX(RNS_MTU)), RNS_MTU};
    const uint8_t flags = rnsi_packet_flags(RNSI_HEADER_1, false, RNSI_TRANSPORT_BROADCAST,
                                            RNSI_DEST_SINGLE, RNSI_TYPE_DATA);
    const size_t head = rnsi_packet_head(frame, flags, 0, NULL, hash->b, RNSI_CONTEXT_NONE);
    memcpy(frame.data + head, trial->ciphertext.data, trial->ciphertext.size);
    frame.size = head + trial->ciphertext.size;
    (void)lab_give(lab, &lab->near, frame);
    for (size_t i = 0; i < json_array_size(trial->ratchets); i++) {
        rns_tick(lab->near.node, lab->now); // older ratchets are tried in slices
    }
}

static json_t *ratchet_decrypt(call_t *call) {
    trial_t trial = {.enforce = false};
    lab_t *lab = read_trial(call, &trial) ? lab_of(call) : NULL;
    if (lab == NULL) {
        return NULL;
    }
    char name[64]; // a new one for each call: a packet comes to a destination once
    uint8_t noise[8];
    bridge_random(noise, sizeof noise);
    (void)snprintf(name, sizeof name, "conformance.%02x%02x%02x%02x%02x%02x%02x%02x", noise[0],
                   noise[1], noise[2], noise[3], noise[4], noise[5], noise[6], noise[7]);
    const rns_dest_config_t config = {.name = name,
                                      .identity = &trial.identity,
                                      .ratchets = true,
                                      .enforce_ratchets = trial.enforce};
    rns_dest_t dest;
    rns_hash_t hash;
    const rns_err_t err = rns_dest_add(lab->near.node, lab->now, &config, &dest);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the destination", err);
    }
    json_t *result = NULL;
    if (put_ratchets(call, lab, &trial, dest)) {
        (void)rns_dest_hash(lab->near.node, dest, &hash);
        give(call, lab, &trial, &hash);
        const lab_side_t *near = &lab->near;
        const uint8_t *id = near->has_packet && near->has_ratchet ? near->ratchet_id : NULL;
        result = json_pack("{s:o, s:o}", "plaintext",
                           hex_of(near->has_packet ? near->data : NULL, near->size),
                           "latest_ratchet_id", hex_of(id, RNSI_RATCHET_ID));
    }
    (void)rns_dest_remove(lab->near.node, dest);
    return result;
}

const command_entry_t RATCHET_COMMANDS[] = {
    {"ratchet_id", ratchet_id},
    {"ratchet_public_from_private", ratchet_public_from_private},
    {"ratchet_encrypt", ratchet_encrypt},
    {"ratchet_decrypt", ratchet_decrypt},
    {NULL, NULL},
};
