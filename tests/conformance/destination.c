// destination.c -- commands: the life of a destination.
#include <stdio.h>
#include <string.h>

#include "crypto/token.h"
#include "keys.h"
#include "rns/inspect_destination.h"
#include "rns/request.h"
#include "session/destination.h"
#include "testing.h"
#include "wire/announce.h"

#define REF_IN         0x11 // the reference's numbers
#define REF_OUT        0x12
#define REF_LINK       3
#define REF_PROVE_NONE 0x21 // and what follows: as rns_prove_t

// A destination as a request describes it.
typedef struct {
    int64_t direction, type; // type: rns_dest_type_t, or REF_LINK
    const char *name;
    rns_secret_t identity_secret;
    bool has_identity, is_new; // is_new: the identity was made here
    rns_hash_t identity;
} asked_t;

// ---- Reading

typedef struct {
    const char *text;
    int64_t number;
} word_t;

// A parameter that is one of some words, or its number.
static bool read_word(call_t *call, const char *name, const word_t *words, int64_t *number) {
    const json_t *value = json_object_get(call->params, name);
    if (value == NULL || json_is_null(value)) {
        *number = words[0].number;
        return true;
    }
    for (const word_t *word = words; word->text != NULL; word++) {
        if (json_is_integer(value)
                ? json_integer_value(value) == word->number
                : json_is_string(value) && strcmp(json_string_value(value), word->text) == 0) {
            *number = word->number;
            return true;
        }
    }
    (void)call_fail(call, "the %s is unknown", name);
    return false;
}

static bool read_identity(call_t *call, asked_t *asked) {
    if (!call_has(call, "identity_private_key")) {
        return true;
    }
    if (!keys_secret(call, "identity_private_key", &asked->identity_secret)) {
        return false;
    }
    asked->has_identity = true;
    asked->identity = keys_public(call, &asked->identity_secret).hash;
    return true;
}

// One that is ours and has no identity gets a new one, whose hash is one more aspect of its name.
static bool make_identity(call_t *call, lab_t *lab, asked_t *asked) {
    const rns_err_t err = rns_identity_new(lab->near.node, &asked->identity_secret);
    if (err != RNS_ERR_OK) {
        (void)call_fail_err(call, "the identity", err);
        return false;
    }
    asked->identity = keys_public(call, &asked->identity_secret).hash;
    asked->has_identity = asked->is_new = true;
    json_t *hash = hex_of_hash(&asked->identity);
    const size_t size = strlen(asked->name) + 2 + json_string_length(hash);
    char *name = call_alloc(call, size);
    (void)snprintf(name, size, "%s.%s", asked->name, json_string_value(hash));
    json_decref(hash);
    asked->name = name;
    return true;
}

static bool read_asked(call_t *call, lab_t *lab, asked_t *asked) {
    static const word_t DIRECTIONS[] = {{"in", REF_IN}, {"out", REF_OUT}, {NULL, 0}};
    static const word_t TYPES[] = {{"single", RNS_DEST_SINGLE},
                                   {"group", RNS_DEST_GROUP},
                                   {"plain", RNS_DEST_PLAIN},
                                   {"link", REF_LINK},
                                   {NULL, 0}};
    memset(asked, 0, sizeof *asked);
    if (!read_word(call, "direction", DIRECTIONS, &asked->direction) ||
        !read_word(call, "type", TYPES, &asked->type) || !call_name(call, &asked->name) ||
        !read_identity(call, asked)) {
        return false;
    }
    if (asked->type == REF_LINK) {
        (void)call_fail(call, "a link is no destination that an application can have");
        return false;
    }
    const bool needs = asked->type != RNS_DEST_PLAIN && !asked->has_identity;
    if (needs && asked->direction == REF_OUT) {
        (void)call_fail(call, "an outbound destination needs an identity");
        return false;
    }
    return !needs || make_identity(call, lab, asked);
}

// ---- Opening

// Of ours; for a GROUP with a new key.
static rns_dest_config_t config_of(call_t *call, const asked_t *asked) {
    rns_dest_config_t config = {.name = asked->name,
                                .type = (rns_dest_type_t)asked->type,
                                .identity = asked->has_identity ? &asked->identity_secret : NULL};
    if (asked->type == RNS_DEST_GROUP) {
        uint8_t *key_secret = call_alloc(call, RNSI_TOKEN_KEY);
        bridge_random(key_secret, RNSI_TOKEN_KEY);
        config.group_key = (rns_bytes_t){key_secret, RNSI_TOKEN_KEY};
    }
    return config;
}

static bool open_config(call_t *call, lab_t *lab, const rns_dest_config_t *config,
                        rns_dest_t *dest) {
    const rns_err_t err = rns_dest_add(lab->near.node, lab->now, config, dest);
    if (err != RNS_ERR_OK) {
        (void)call_fail_err(call, "the destination", err);
    }
    return err == RNS_ERR_OK;
}

// The lab, and what is asked for, which must be ours. NULL: the call fails.
static lab_t *read_own(call_t *call, asked_t *asked) {
    lab_t *lab = lab_of(call);
    if (lab == NULL || !read_asked(call, lab, asked)) {
        return NULL;
    }
    return asked->direction == REF_IN ? lab : call_fail(call, "only for destinations of our own");
}

// ---- Commands

static rns_inspect_dest_t look(const lab_t *lab, rns_dest_t dest) {
    rns_inspect_dest_t seen = {.type = RNS_DEST_PLAIN};
    rns_hash_t hash;
    (void)rns_dest_hash(lab->near.node, dest, &hash);
    (void)rns_inspect_dest(lab->near.node, &hash, &seen);
    return seen;
}

static json_t *told(call_t *call, const asked_t *asked, const rns_hash_t *hash, rns_prove_t prove) {
    uint8_t name_hash[RNSI_NAME_HASH_SIZE];
    rnsi_destination_name_hash(&call->bridge->crypto,
                               (rns_bytes_t){(const uint8_t *)asked->name, strlen(asked->name)},
                               name_hash);
    json_t *identity = hex_of_hash(&asked->identity);
    json_t *name = asked->has_identity
                       ? json_sprintf("%s.%s", asked->name, json_string_value(identity))
                       : json_string(asked->name);
    json_t *result =
        json_pack("{s:o, s:o, s:o, s:i, s:I, s:I}", "destination_hash", hex_of_hash(hash), "name",
                  name, "name_hash", hex_of(name_hash, RNSI_NAME_HASH_SIZE), "proof_strategy",
                  REF_PROVE_NONE + (int)prove, "type", (json_int_t)asked->type, "direction",
                  (json_int_t)asked->direction);
    if (asked->is_new) {
        (void)json_object_set(result, "auto_identity_hexhash", identity);
    }
    json_decref(identity);
    return result;
}

// To the library a destination of somebody else is its address.
static json_t *construct_out(call_t *call, lab_t *lab, const asked_t *asked) {
    rns_hash_t hash;
    if (asked->type == RNS_DEST_PLAIN && asked->has_identity) {
        return call_fail(call, "PLAIN has no identity");
    }
    const rns_err_t err = rns_destination_hash(
        lab->near.node, asked->name, asked->has_identity ? &asked->identity : NULL, &hash);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, asked->name, err);
    }
    return told(call, asked, &hash, RNS_PROVE_NONE);
}

static json_t *destination_construct(call_t *call) {
    lab_t *lab = lab_of(call);
    asked_t asked;
    rns_dest_t dest;
    if (lab == NULL || !read_asked(call, lab, &asked)) {
        return NULL;
    }
    if (asked.direction == REF_OUT) {
        return construct_out(call, lab, &asked);
    }
    const rns_dest_config_t config = config_of(call, &asked);
    if (!open_config(call, lab, &config, &dest)) {
        return NULL;
    }
    const rns_inspect_dest_t seen = look(lab, dest);
    json_t *result = told(call, &asked, &seen.hash, seen.prove);
    (void)rns_dest_remove(lab->near.node, dest);
    return result;
}

// Announces; the announce as it goes out. False: it cannot, and the call fails.
static bool announce(call_t *call, lab_t *lab, rns_dest_t dest, rns_bytes_t app_data,
                     rnsi_packet_t *packet, rnsi_announce_t *parts) {
    const rns_err_t err =
        rns_announce(lab->near.node, lab->now, dest, app_data, (rns_iface_t){0, 0});
    if (err != RNS_ERR_OK) {
        (void)call_fail_err(call, "the announce", err);
        return false;
    }
    return lab_sent_packet(call, lab, &lab->near, packet) && rnsi_announce_parse(packet, parts);
}

static json_t *destination_announce_attempt(call_t *call) {
    asked_t asked;
    rns_dest_t dest;
    lab_t *lab = read_own(call, &asked);
    if (lab == NULL) {
        return NULL;
    }
    const rns_dest_config_t config = config_of(call, &asked);
    if (!open_config(call, lab, &config, &dest)) {
        return NULL;
    }
    rnsi_packet_t packet;
    rnsi_announce_t parts;
    json_t *result = NULL;
    if (announce(call, lab, dest, (rns_bytes_t){NULL, 0}, &packet, &parts)) {
        result = json_pack("{s:b, s:o}", "ok", 1, "destination_hash",
                           hex_of(parts.dest, RNSI_ADDRESS_SIZE));
    }
    (void)rns_dest_remove(lab->near.node, dest);
    return result;
}

static json_t *destination_set_proof_strategy_raw(call_t *call) {
    asked_t asked;
    rns_dest_t dest;
    int64_t strategy;
    lab_t *lab = read_own(call, &asked);
    if (lab == NULL || !call_int(call, "strategy_value", 0, INT32_MAX, &strategy)) {
        return NULL;
    }
    const rns_dest_config_t config = config_of(call, &asked);
    if (!open_config(call, lab, &config, &dest)) {
        return NULL;
    }
    const rns_err_t err =
        rns_dest_prove(lab->near.node, dest, (rns_prove_t)(strategy - REF_PROVE_NONE));
    const int set = (int)look(lab, dest).prove;
    (void)rns_dest_remove(lab->near.node, dest);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the proof strategy", err);
    }
    return json_pack("{s:i, s:b}", "proof_strategy", REF_PROVE_NONE + set, "set", 1);
}

// Ratchets rotate when a destination announces.
static json_t *destination_rotate_ratchets(call_t *call) {
    asked_t asked;
    rns_dest_t dest;
    bool enable = false;
    lab_t *lab = read_own(call, &asked);
    if (lab == NULL || !call_maybe_flag(call, "enable", &enable)) {
        return NULL;
    }
    rns_dest_config_t config = config_of(call, &asked);
    config.ratchets = enable;
    if (!open_config(call, lab, &config, &dest)) {
        return NULL;
    }
    rnsi_packet_t packet;
    rnsi_announce_t parts;
    json_t *result = NULL;
    if (announce(call, lab, dest, (rns_bytes_t){NULL, 0}, &packet, &parts)) {
        const rns_inspect_dest_t seen = look(lab, dest);
        result = parts.ratchet == NULL ? call_fail(call, "ratchets are not enabled")
                                       : json_pack("{s:b, s:b}", "rotated", seen.ratchets == 1,
                                                   "has_ratchets", seen.has_ratchets);
    }
    (void)rns_dest_remove(lab->near.node, dest);
    return result;
}

// ---- GROUP: what one node encrypts the other decrypts

static json_t *group_round(call_t *call, lab_t *lab, const asked_t *asked, rns_bytes_t key,
                           rns_bytes_t plain) {
    rnsi_packet_t packet;
    const rns_err_t err = rns_broadcast(lab->far.node, lab->now, asked->name,
                                        asked->has_identity ? &asked->identity : NULL, key, plain);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the packet", err);
    }
    if (!lab_sent_packet(call, lab, &lab->far, &packet)) {
        return NULL;
    }
    json_t *ciphertext = hex_of(packet.data.data, packet.data.size);
    (void)lab_give(lab, &lab->near, (rns_mem_t){packet.raw, packet.size});
    const lab_side_t *near = &lab->near;
    return json_pack("{s:o, s:o, s:b}", "ciphertext", ciphertext, "roundtrip",
                     hex_of(near->has_packet ? near->data : NULL, near->size), "has_key", 1);
}

static json_t *destination_group_encrypt(call_t *call) {
    asked_t asked;
    rns_dest_t dest;
    rns_mem_t plain;
    bool create_keys = false;
    (void)json_object_set_new(call->params, "type", json_string("group"));
    lab_t *lab = read_own(call, &asked);
    if (lab == NULL || !call_hex(call, "plaintext", &plain) ||
        !call_maybe_flag(call, "create_keys", &create_keys)) {
        return NULL;
    }
    rns_dest_config_t config = config_of(call, &asked);
    if (!create_keys) {
        config.group_key = (rns_bytes_t){NULL, 0};
    }
    if (!open_config(call, lab, &config, &dest)) {
        return NULL;
    }
    json_t *result =
        group_round(call, lab, &asked, config.group_key, (rns_bytes_t){plain.data, plain.size});
    (void)rns_dest_remove(lab->near.node, dest);
    return result;
}

// ---- App data

typedef struct {
    rns_mem_t preset, given;
    bool is_asked_for; // the destination says it when it is asked
} app_data_t;

static bool read_app_data(call_t *call, app_data_t *data) {
    const char *kind = "bytes";
    memset(data, 0, sizeof *data);
    if (!call_maybe_text(call, "default_kind", &kind) ||
        !call_maybe_hex(call, "override_app_data", &data->given)) {
        return false;
    }
    if (strcmp(kind, "none") == 0) {
        return true;
    }
    data->is_asked_for = strcmp(kind, "callable") == 0;
    if (!data->is_asked_for && strcmp(kind, "bytes") != 0) {
        (void)call_fail(call, "unknown kind of default: %s", kind);
        return false;
    }
    return call_maybe_hex(call, "default_value", &data->preset);
}

// The announce answers a request for a path, for which the destination is asked for its app data.
static bool announce_asked(call_t *call, lab_t *lab, rns_dest_t dest, rnsi_packet_t *packet,
                           rnsi_announce_t *parts) {
    rns_hash_t hash;
    rns_mem_t frame;
    (void)rns_dest_hash(lab->near.node, dest, &hash);
    (void)rns_path_request(lab->far.node, lab->now, &hash, (rns_iface_t){0, 0});
    while (lab_sent(call, lab, &lab->far, &frame)) {
        (void)lab_give(lab, &lab->near, frame);
    }
    return lab_sent_packet(call, lab, &lab->near, packet) && rnsi_announce_parse(packet, parts);
}

static json_t *destination_default_app_data(call_t *call) {
    asked_t asked;
    rns_dest_t dest;
    app_data_t data;
    lab_t *lab = read_own(call, &asked);
    if (lab == NULL || !read_app_data(call, &data)) {
        return NULL;
    }
    const rns_bytes_t preset = {data.preset.data, data.preset.size};
    rns_dest_config_t config = config_of(call, &asked);
    config.app_data = data.is_asked_for ? (rns_bytes_t){NULL, 0} : preset;
    if (!open_config(call, lab, &config, &dest)) {
        return NULL;
    }
    lab->near.app_data = data.is_asked_for ? preset : (rns_bytes_t){NULL, 0};
    rnsi_packet_t packet;
    rnsi_announce_t parts;
    const bool done =
        data.is_asked_for && data.given.data == NULL
            ? announce_asked(call, lab, dest, &packet, &parts)
            : announce(call, lab, dest, (rns_bytes_t){data.given.data, data.given.size}, &packet,
                       &parts);
    (void)rns_dest_remove(lab->near.node, dest);
    return !done ? NULL
                 : json_pack(
                       "{s:o, s:b}", "app_data",
                       hex_of_mem((rns_mem_t){(uint8_t *)parts.app_data.data, parts.app_data.size}),
                       "default_app_data_set", preset.data != NULL);
}

// ---- Answers to path requests

#define OTHERS_MOST 100000U // requests after which a node has forgotten a tag

// Gives near a request for a path, as far sends it.
static rns_verdict_t ask(call_t *call, lab_t *lab, const rns_hash_t *hash, rns_bytes_t tag) {
    rns_mem_t frame;
    if (rnst_path_request(lab->far.node, lab->now, hash, lab->far.iface, tag) != RNS_ERR_OK ||
        !lab_sent(call, lab, &lab->far, &frame)) {
        return RNS_RX_FULL;
    }
    return lab_give(lab, &lab->near, frame);
}

// Near works each tag off once, so it is made to forget this one if it has seen it: others come.
// The answer. False: there is none, and the call fails.
static bool answer(call_t *call, lab_t *lab, const rns_hash_t *hash, rns_bytes_t tag,
                   rnsi_packet_t *packet) {
    rns_hash_t other;
    uint8_t noise[sizeof other.b];
    bridge_random(other.b, sizeof other.b);
    rns_verdict_t verdict = ask(call, lab, hash, tag);
    for (unsigned i = 0; verdict == RNS_RX_DUPLICATE && i < OTHERS_MOST; i++) {
        bridge_random(noise, sizeof noise);
        (void)ask(call, lab, &other, (rns_bytes_t){noise, sizeof noise});
        verdict = ask(call, lab, hash, tag);
    }
    return lab_sent_packet(call, lab, &lab->near, packet);
}

// Two answers to the same tag, so many seconds apart.
static json_t *two_answers(call_t *call, lab_t *lab, rns_dest_t dest, rns_bytes_t tag,
                           int64_t advance_s) {
    rns_hash_t hash;
    rnsi_packet_t first, second;
    (void)rns_dest_hash(lab->near.node, dest, &hash);
    if (!answer(call, lab, &hash, tag, &first)) {
        return NULL;
    }
    lab->now += advance_s * RNSI_SECOND;
    if (!answer(call, lab, &hash, tag, &second)) {
        return NULL;
    }
    const rns_inspect_dest_t seen = look(lab, dest);
    return json_pack("{s:o, s:o, s:b, s:i, s:b, s:i}", "first_announce_data",
                     hex_of(first.data.data, first.data.size), "second_announce_data",
                     hex_of(second.data.data, second.data.size), "reused",
                     first.data.size == second.data.size &&
                         memcmp(first.data.data, second.data.data, first.data.size) == 0,
                     "pr_tag_window", (int)(RNSI_ANSWER_KEPT / RNSI_SECOND),
                     "first_is_path_response", first.context == RNSI_CONTEXT_PATH_RESPONSE,
                     "cache_size",
                     seen.answered >= 0 && lab->now - seen.answered <= RNSI_ANSWER_KEPT);
}

static json_t *destination_path_response_cache(call_t *call) {
    asked_t asked;
    rns_dest_t dest;
    rns_mem_t tag;
    int64_t advance_s = 0;
    lab_t *lab = read_own(call, &asked);
    if (lab == NULL || !call_hex(call, "tag", &tag) ||
        !call_maybe_int(call, "advance_seconds", 0, INT32_MAX, &advance_s)) {
        return NULL;
    }
    if (tag.size < 1 || tag.size > RNSI_ADDRESS_SIZE) {
        return call_fail(call, "a tag has 1 to %u bytes", (unsigned)RNSI_ADDRESS_SIZE);
    }
    const rns_dest_config_t config = config_of(call, &asked);
    if (!open_config(call, lab, &config, &dest)) {
        return NULL;
    }
    json_t *result = two_answers(call, lab, dest, (rns_bytes_t){tag.data, tag.size}, advance_s);
    (void)rns_dest_remove(lab->near.node, dest);
    return result;
}

// ---- Request handlers

static uint32_t handlers(const lab_t *lab) {
    rns_pool_info_t info;
    rns_pool_info(lab->near.node, RNS_POOL_REQUEST_HANDLER, &info);
    return info.used;
}

static json_t *destination_register_request_handler_validate(call_t *call) {
    static const rns_hash_t NOBODY;
    asked_t asked;
    rns_dest_t dest;
    const char *path = "/test/echo";
    bool generator = true;
    int64_t allow = RNS_ALLOW_ALL;
    lab_t *lab = read_own(call, &asked);
    if (lab == NULL || !call_maybe_text(call, "path", &path) ||
        !call_maybe_flag(call, "generator_valid", &generator) ||
        !call_maybe_int(call, "allow", 0, INT32_MAX, &allow)) {
        return NULL;
    }
    if (!generator) { // to the library that is a node that nobody listens to
        return call_fail(call, "there is nothing that answers");
    }
    const rns_dest_config_t config = config_of(call, &asked);
    if (!open_config(call, lab, &config, &dest)) {
        return NULL;
    }
    const uint32_t before = handlers(lab);
    const rns_err_t err =
        rns_request_handler(lab->near.node, dest, path, (rns_allow_t)allow, &NOBODY, 1);
    const uint32_t added = handlers(lab) - before;
    (void)rns_dest_remove(lab->near.node, dest);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the request handler", err);
    }
    return json_pack("{s:b, s:i}", "registered", 1, "handler_count", (int)added);
}

const command_entry_t DESTINATION_COMMANDS[] = {
    {"destination_construct", destination_construct},
    {"destination_announce_attempt", destination_announce_attempt},
    {"destination_set_proof_strategy_raw", destination_set_proof_strategy_raw},
    {"destination_rotate_ratchets", destination_rotate_ratchets},
    {"destination_group_encrypt", destination_group_encrypt},
    {"destination_default_app_data", destination_default_app_data},
    {"destination_path_response_cache", destination_path_response_cache},
    {"destination_register_request_handler_validate",
     destination_register_request_handler_validate},
    {NULL, NULL},
};
