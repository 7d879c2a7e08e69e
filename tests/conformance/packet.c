// packet.c -- commands: packets.
#include <string.h>

#include "keys.h"

#define NAME "conformance.packet"

// A packet to a destination that was made for it.
typedef struct {
    int64_t type, context, context_flag, hops, header, transport;
    rnsi_dest_type_t dest_type;
    rns_mem_t data, transport_id;
} asked_t;

static bool read_dest_type(call_t *call, const char *preset, rnsi_dest_type_t *type) {
    static const struct {
        const char *name;
        rnsi_dest_type_t type;
    } TYPES[] = {
        {"single", RNSI_DEST_SINGLE}, {"group", RNSI_DEST_GROUP}, {"plain", RNSI_DEST_PLAIN}};
    const char *name = preset;
    if (!call_maybe_text(call, "dest_type", &name)) {
        return false;
    }
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        if (strcmp(TYPES[i].name, name) == 0) {
            *type = TYPES[i].type;
            return true;
        }
    }
    (void)call_fail(call, "unknown type of destination: %s", name);
    return false;
}

// 1 and 2, or the reference's names.
static bool read_header(call_t *call, int64_t *header) {
    static const char *const NAMES[] = {"HEADER_1", "HEADER_2"};
    const json_t *value = json_object_get(call->params, "header_type");
    if (!json_is_string(value)) {
        int64_t number = 1;
        const bool good = call_maybe_int(call, "header_type", 1, 2, &number);
        *header = number - 1;
        return good;
    }
    for (*header = 0; *header < 2; (*header)++) {
        if (strcmp(NAMES[*header], json_string_value(value)) == 0) {
            return true;
        }
    }
    (void)call_fail(call, "unknown header: %s", json_string_value(value));
    return false;
}

static bool read_asked(call_t *call, asked_t *asked) {
    return read_dest_type(call, "plain", &asked->dest_type) &&
           call_maybe_int(call, "packet_type", 0, 3, &asked->type) &&
           call_maybe_int(call, "context", 0, UINT8_MAX, &asked->context) &&
           call_maybe_int(call, "context_flag", 0, 1, &asked->context_flag) &&
           call_maybe_int(call, "hops", 0, UINT8_MAX, &asked->hops) &&
           call_maybe_int(call, "transport_type", 0, 1, &asked->transport) &&
           call_maybe_hex(call, "data", &asked->data) &&
           call_maybe_hex(call, "transport_id", &asked->transport_id) &&
           read_header(call, &asked->header);
}

static bool check_header_2(call_t *call, const asked_t *asked) {
    if (asked->header == RNSI_HEADER_1) {
        return true;
    }
    if (asked->type != RNSI_TYPE_ANNOUNCE) {
        (void)call_fail(call, "of packets of our own only announces can have two addresses");
        return false;
    }
    if (asked->transport_id.data == NULL) {
        (void)call_fail(call, "Packet with header type 2 must have a transport ID");
        return false;
    }
    if (asked->transport_id.size != RNSI_ADDRESS_SIZE) {
        (void)call_fail(call, "a transport id has %u bytes", RNSI_ADDRESS_SIZE);
        return false;
    }
    return true;
}

// ---- Building

static bool is_encrypted(const asked_t *asked) {
    const bool is_clear =
        asked->type == RNSI_TYPE_ANNOUNCE || asked->type == RNSI_TYPE_LINKREQUEST ||
        (asked->type == RNSI_TYPE_PROOF && asked->context == RNSI_CONTEXT_RESOURCE_PRF) ||
        asked->context == RNSI_CONTEXT_RESOURCE || asked->context == RNSI_CONTEXT_KEEPALIVE ||
        asked->context == RNSI_CONTEXT_CACHE_REQUEST;
    return asked->dest_type != RNSI_DEST_PLAIN && !is_clear;
}

// Puts the data into a packet as it carries it. False: it does not fit.
static bool fill(call_t *call, const asked_t *asked, const rnsi_identity_t *id, rns_mem_t *body) {
    const rnsi_crypto_t *c = &call->bridge->crypto;
    const rns_bytes_t data = {asked->data.data, asked->data.size};
    uint8_t ephemeral_secret[32], iv[RNSI_TOKEN_IV], key_secret[RNSI_TOKEN_KEY];
    if (!is_encrypted(asked)) {
        const bool fits = data.size <= body->size;
        body->size = fits ? data.size : 0;
        if (body->size > 0) {
            memcpy(body->data, data.data, body->size);
        }
        return fits;
    }
    bridge_random(iv, sizeof iv);
    if (asked->dest_type == RNSI_DEST_GROUP) {
        bridge_random(key_secret, sizeof key_secret);
        body->size = rnsi_token_encrypt(c, key_secret, sizeof key_secret, iv, data, *body);
    } else {
        bridge_random(ephemeral_secret, sizeof ephemeral_secret);
        body->size =
            rnsi_identity_encrypt(c, id->pub, &id->hash, ephemeral_secret, iv, data, *body);
    }
    return body->size > 0;
}

static bool make(call_t *call, lab_t *lab, const asked_t *asked, rns_mem_t *raw) {
    rns_secret_t secret;
    rns_hash_t dest;
    (void)rns_identity_new(lab->near.node, &secret);
    const rnsi_identity_t id = keys_public(call, &secret);
    (void)rns_destination_hash(lab->near.node, NAME,
                               asked->dest_type == RNSI_DEST_PLAIN ? NULL : &id.hash, &dest);
    *raw = (rns_mem_t){call_alloc(call, RNS_MTU), RNS_MTU};
    const uint8_t flags = rnsi_packet_flags(
        (rnsi_header_type_t)asked->header, asked->context_flag != 0,
        (rnsi_transport_type_t)asked->transport, asked->dest_type, (rnsi_packet_type_t)asked->type);
    const size_t head = rnsi_packet_head(*raw, flags, (uint8_t)asked->hops,
                                         asked->transport_id.data, dest.b, (uint8_t)asked->context);
    rns_mem_t body = {raw->data + head, raw->size - head};
    if (!fill(call, asked, &id, &body)) {
        (void)call_fail(call, "the packet exceeds the MTU of %u bytes", RNS_MTU);
        return false;
    }
    raw->size = head + body.size;
    return true;
}

// ---- Looking

static json_t *told(call_t *call, const rnsi_packet_t *p) {
    uint8_t hash[RNSI_SHA256_SIZE];
    rnsi_packet_hash(&call->bridge->crypto, p, hash);
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:o, s:o, s:i, s:o, s:o}", "flags",
                     p->flags, "hops", p->hops, "header_type", p->header, "context_flag",
                     p->context_flag, "transport_type", p->transport, "destination_type",
                     p->dest_type, "packet_type", p->type, "destination_hash",
                     hex_of(p->dest, RNSI_ADDRESS_SIZE), "transport_id",
                     hex_of(p->transport_id, RNSI_ADDRESS_SIZE), "context", p->context, "data",
                     hex_of(p->data.data, p->data.size), "hash", hex_of(hash, sizeof hash));
}

static json_t *packet_build(call_t *call) {
    asked_t asked = {.header = RNSI_HEADER_1};
    rns_mem_t raw;
    rnsi_packet_t packet;
    if (!read_asked(call, &asked) || !check_header_2(call, &asked)) {
        return NULL;
    }
    lab_t *lab = lab_of(call);
    if (lab == NULL || !make(call, lab, &asked, &raw)) {
        return NULL;
    }
    if (!rnsi_packet_parse(raw, &packet)) {
        return call_fail(call, "nobody takes a packet without data, or of %d hops",
                         (int)asked.hops);
    }
    json_t *result = told(call, &packet);
    (void)json_object_set_new(result, "raw", hex_of_mem(raw));
    return result;
}

static json_t *packet_build_raw_header2(call_t *call) {
    static uint8_t nothing = 0;
    asked_t asked = {.type = RNSI_TYPE_ANNOUNCE, .data = {&nothing, 1}};
    rns_mem_t raw;
    if (!read_asked(call, &asked)) {
        return NULL;
    }
    asked.header = RNSI_HEADER_2;
    asked.dest_type = RNSI_DEST_SINGLE;
    lab_t *lab = lab_of(call);
    if (lab == NULL) {
        return NULL;
    }
    if (!check_header_2(call, &asked) || !make(call, lab, &asked, &raw)) {
        return json_pack("{s:s, s:s}", "error", call->error, "error_type", "OSError");
    }
    return json_pack("{s:o, s:I}", "raw", hex_of_mem(raw), "raw_len", (json_int_t)raw.size);
}

static json_t *packet_unpack(call_t *call) {
    rns_mem_t raw;
    rnsi_packet_t packet;
    if (!call_hex(call, "raw", &raw)) {
        return NULL;
    }
    if (!rnsi_packet_parse(raw, &packet)) {
        return json_pack("{s:b}", "unpacked", 0);
    }
    json_t *result = told(call, &packet);
    (void)json_object_set_new(result, "unpacked", json_true());
    return result;
}

static json_t *packet_hash(call_t *call) {
    rns_mem_t raw;
    rnsi_packet_t packet;
    uint8_t hash[RNSI_SHA256_SIZE];
    if (!call_hex(call, "raw", &raw)) {
        return NULL;
    }
    if (!rnsi_packet_parse(raw, &packet)) {
        return call_fail(call, "it is not a packet");
    }
    rnsi_packet_hash(&call->bridge->crypto, &packet, hash);
    return json_pack("{s:o}", "hash", hex_of(hash, sizeof hash));
}

// ---- Sending again: what a node makes of the same data twice

typedef struct {
    lab_t *lab;
    rnsi_dest_type_t type;
    rns_hash_t dest, identity; // dest: SINGLE, which the far node knows
    uint8_t key_secret[RNSI_TOKEN_KEY];
    rns_bytes_t data;
} resend_t;

static rns_err_t send(resend_t *r) {
    rns_node_t *node = r->lab->far.node;
    const rns_us_t now = r->lab->now;
    const rns_bytes_t none = {NULL, 0}, key = {r->key_secret, sizeof r->key_secret};
    switch (r->type) {
    case RNSI_DEST_SINGLE:
        return rns_send(node, now, &r->dest, r->data, NULL);
    case RNSI_DEST_GROUP:
        return rns_broadcast(node, now, NAME, &r->identity, key, r->data);
    default:
        return rns_broadcast(node, now, NAME, NULL, none, r->data);
    }
}

// Sends, and tells of the packet under these names.
static bool observe(call_t *call, resend_t *r, const char *raw, const char *hash, json_t *result) {
    rnsi_packet_t packet;
    uint8_t digest[RNSI_SHA256_SIZE];
    const rns_err_t err = send(r);
    if (err != RNS_ERR_OK) {
        (void)call_fail_err(call, "the packet", err);
        return false;
    }
    if (!lab_sent_packet(call, r->lab, &r->lab->far, &packet)) {
        return false;
    }
    rnsi_packet_hash(&call->bridge->crypto, &packet, digest);
    (void)json_object_set_new(result, raw, hex_of(packet.raw, packet.size));
    (void)json_object_set_new(result, hash, hex_of(digest, sizeof digest));
    return true;
}

// A destination of the near node, which the far node has heard of.
static bool introduce(call_t *call, resend_t *r, rns_dest_t *dest) {
    lab_t *lab = r->lab;
    rns_secret_t secret;
    (void)rns_identity_new(lab->near.node, &secret);
    r->identity = keys_public(call, &secret).hash;
    const rns_dest_config_t config = {.name = NAME, .identity = &secret};
    if (rns_dest_add(lab->near.node, lab->now, &config, dest) != RNS_ERR_OK) {
        (void)call_fail(call, "the node has no room for a destination");
        return false;
    }
    (void)rns_dest_hash(lab->near.node, *dest, &r->dest);
    (void)rns_announce(lab->near.node, lab->now, *dest, (rns_bytes_t){NULL, 0},
                       (rns_iface_t){0, 0});
    lab_settle(call, lab);
    return true;
}

static json_t *packet_resend_observe(call_t *call) {
    static uint8_t preset[] = "conformance";
    rns_mem_t data = {NULL, 0};
    resend_t r = {.lab = NULL};
    rns_dest_t dest;
    if (!read_dest_type(call, "single", &r.type) || !call_maybe_hex(call, "data", &data)) {
        return NULL;
    }
    r.lab = lab_of(call);
    if (r.lab == NULL || !introduce(call, &r, &dest)) {
        return NULL;
    }
    r.data = data.size > 0 ? (rns_bytes_t){data.data, data.size}
                           : (rns_bytes_t){preset, sizeof preset - 1};
    bridge_random(r.key_secret, sizeof r.key_secret);
    json_t *result = json_object();
    const bool done = observe(call, &r, "raw_1", "hash_1", result) &&
                      observe(call, &r, "raw_2", "hash_2", result);
    (void)rns_dest_remove(r.lab->near.node, dest);
    if (!done) {
        json_decref(result);
        return NULL;
    }
    return result;
}

const command_entry_t PACKET_COMMANDS[] = {
    {"packet_build", packet_build},
    {"packet_build_raw_header2", packet_build_raw_header2},
    {"packet_unpack", packet_unpack},
    {"packet_hash", packet_hash},
    {"packet_resend_observe", packet_resend_observe},
    {NULL, NULL},
};
