// announce.c -- commands: announces.
#include "keys.h"
#include "wire/announce.h"

#define UNIX_MOST (INT64_C(1) << 40) // seconds: what an announce can tell

// ---- Building: a destination announces, and the announce is looked at

typedef struct {
    rns_secret_t secret;
    const char *name;
    rns_mem_t app_data;
    bool ratchets;
    int64_t emission_s; // 0: now
} asked_t;

static bool read_asked(call_t *call, asked_t *asked) {
    return keys_secret(call, "private_key", &asked->secret) && call_name(call, &asked->name) &&
           call_maybe_hex(call, "app_data", &asked->app_data) &&
           call_maybe_flag(call, "enable_ratchets", &asked->ratchets) &&
           call_maybe_int(call, "emission_ts", 1, UNIX_MOST - 1, &asked->emission_s);
}

static json_t *hex_or_empty(const uint8_t *bytes, size_t size) {
    return bytes == NULL ? json_string("") : hex_of(bytes, size);
}

static json_t *told(const rnsi_packet_t *p, const rnsi_announce_t *a) {
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "raw", hex_of(p->raw, p->size),
        "destination_hash", hex_of(a->dest, RNSI_ADDRESS_SIZE), "announce_data",
        hex_of(p->data.data, p->data.size), "public_key", hex_of(a->keys, RNSI_KEYS_SIZE),
        "name_hash", hex_of(a->name_hash, RNSI_NAME_HASH_SIZE), "random_hash",
        hex_of(a->random, RNSI_RANDOM_BLOB_SIZE), "ratchet",
        hex_or_empty(a->ratchet, RNSI_RATCHET_SIZE), "signature",
        hex_of(a->signature, RNSI_SIGNATURE_SIZE), "app_data",
        hex_or_empty(a->app_data.data, a->app_data.size), "has_ratchet", a->ratchet != NULL);
}

static json_t *build(call_t *call, lab_t *lab, rns_dest_t dest) {
    rnsi_packet_t packet;
    rnsi_announce_t parts;
    const rns_err_t err =
        rns_announce(lab->near.node, lab->now, dest, (rns_bytes_t){NULL, 0}, (rns_iface_t){0, 0});
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the announce", err);
    }
    if (!lab_sent_packet(call, lab, &lab->near, &packet) || !rnsi_announce_parse(&packet, &parts)) {
        return NULL;
    }
    return told(&packet, &parts);
}

static json_t *announce_build(call_t *call) {
    asked_t asked = {.ratchets = false};
    lab_t *lab = read_asked(call, &asked) ? lab_of(call) : NULL;
    if (lab == NULL) {
        return NULL;
    }
    if (asked.emission_s > 0) {
        lab_set_clock(lab, asked.emission_s * 1000000);
    }
    const rns_dest_config_t config = {.name = asked.name,
                                      .identity = &asked.secret,
                                      .ratchets = asked.ratchets,
                                      .app_data = {asked.app_data.data, asked.app_data.size}};
    rns_dest_t dest;
    const rns_err_t err = rns_dest_add(lab->near.node, lab->now, &config, &dest);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the destination", err);
    }
    json_t *result = build(call, lab, dest);
    (void)rns_dest_remove(lab->near.node, dest);
    return result;
}

// ---- Checking

static json_t *announce_validate(call_t *call) {
    const rnsi_crypto_t *c = &call->bridge->crypto;
    rns_mem_t raw;
    rnsi_packet_t packet;
    rnsi_announce_t parts;
    if (!call_hex(call, "raw", &raw)) {
        return NULL;
    }
    if (!rnsi_packet_parse(raw, &packet)) {
        return json_pack("{s:b, s:s}", "valid", 0, "error", "unpack_failed");
    }
    if (packet.type != RNSI_TYPE_ANNOUNCE) {
        return json_pack("{s:b, s:s}", "valid", 0, "error", "not_an_announce");
    }
    const bool whole = rnsi_announce_parse(&packet, &parts);
    const bool valid =
        whole && rnsi_announce_fits_dest(c, &parts) && rnsi_announce_verify(c, &parts);
    json_t *result =
        json_pack("{s:b, s:o, s:b}", "valid", valid, "destination_hash",
                  hex_of(packet.dest, RNSI_ADDRESS_SIZE), "has_ratchet", packet.context_flag != 0);
    if (whole && parts.ratchet != NULL) {
        (void)json_object_set_new(result, "ratchet", hex_of(parts.ratchet, RNSI_RATCHET_SIZE));
    }
    return result;
}

const command_entry_t ANNOUNCE_COMMANDS[] = {
    {"announce_build", announce_build},
    {"announce_validate", announce_validate},
    {NULL, NULL},
};
