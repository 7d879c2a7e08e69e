// wire_inject.c -- commands: frames are given to the interface as if they had arrived, and what it
// signs its own with.
#include <string.h>

#include "crypto/identity.h"
#include "testing_destination.h"
#include "wire.h"
#include "wire/announce.h"
#include "wire/ifac.h"

#define JUDGE_MS 3000 // that a verdict on an announce may take

// ---- Frames

static bool is_judged(void *user) {
    const wire_t *wire = user;
    rns_node_info_t info;
    rns_node_info(wire->node, &info);
    return info.inbox_announces == 0 && info.inbox_limited == 0;
}

void wire_inject(wire_t *wire, rns_iface_t iface, rns_mem_t frame) {
    if (rns_rx(wire->node, clock_now(), iface, frame, NULL) == RNS_RX_QUEUED) {
        (void)wire_wait(wire, JUDGE_MS, is_judged, wire);
    }
    daemon_wake(wire->daemon);
}

// An announce of somebody new, as he would send it, behind room for an access code.
typedef struct {
    uint8_t bytes[RNS_FRAME_MAX(RNS_MTU)];
    rns_mem_t frame;
    rns_hash_t dest;
    uint8_t pub[64];
} stranger_t;

static bool make_announce(call_t *call, wire_t *wire, const char *name, stranger_t *s) {
    const rnsi_crypto_t *c = &call->bridge->crypto;
    rns_secret_t secret;
    rns_signer_t signer;
    rnsi_identity_t identity;
    uint8_t name_hash[10], random[10], noise[5];
    const rns_err_t err = rns_identity_new(wire->node, &secret);
    if (err != RNS_ERR_OK || !rns_random(wire->node, noise, sizeof noise)) {
        (void)call_fail_err(call, "a new identity", err);
        return false;
    }
    rnsi_identity_from_secret(c, &identity, &signer, &secret);
    memcpy(s->pub, identity.pub, sizeof s->pub);
    if (rns_destination_hash(wire->node, name, &identity.hash, &s->dest) != RNS_ERR_OK) {
        (void)call_fail(call, "'%s' is no name", name);
        return false;
    }
    rnsi_destination_name_hash(c, (rns_bytes_t){(const uint8_t *)name, strlen(name)}, name_hash);
    rnsi_announce_random(random, noise, (uint64_t)(clock_unix_us() / 1000000));
    const rnsi_announce_t announce = {
        .dest = s->dest.b, .keys = identity.pub, .name_hash = name_hash, .random = random};
    const uint8_t flags = rnsi_packet_flags(RNSI_HEADER_1, false, RNSI_TRANSPORT_BROADCAST,
                                            RNSI_DEST_SINGLE, RNSI_TYPE_ANNOUNCE);
    const rns_mem_t raw = {s->bytes + RNS_IFAC_MAX, RNS_MTU};
    const size_t head = rnsi_packet_head(raw, flags, 0, NULL, s->dest.b, RNSI_CONTEXT_NONE);
    const size_t size =
        rnsi_announce_build(c, &signer, &announce, (rns_mem_t){raw.data + head, raw.size - head});
    s->frame = (rns_mem_t){raw.data, head + size};
    return true;
}

// ---- wire_inject_raw_frame

typedef enum { PLAIN, SEALED, SHORT, BUILD, EXTERNAL, TRIMMED } variant_t;

static bool read_variant(call_t *call, variant_t *variant) {
    static const struct {
        const char *name;
        variant_t variant;
    } ROWS[] = {{"masked_full", SEALED},  {"masked_short", SHORT}, {"plain_on_ifac", PLAIN},
                {"plain_on_open", PLAIN}, {"build_masked", BUILD}, {"inject_external", EXTERNAL},
                {"min_short", TRIMMED}};
    const char *text;
    if (!call_text(call, "variant", &text)) {
        return false;
    }
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        if (strcmp(ROWS[i].name, text) == 0) {
            *variant = ROWS[i].variant;
            return true;
        }
    }
    (void)call_fail(call, "there is no variant '%s'", text);
    return false;
}

static bool read_external(call_t *call, stranger_t *s) {
    rns_mem_t raw;
    if (!call_hex(call, "raw", &raw) || !call_hex_of(call, "dest_hash", s->dest.b, 16)) {
        return false;
    }
    if (raw.size > sizeof s->bytes) {
        (void)call_fail(call, "'raw' is larger than a frame");
        return false;
    }
    s->frame = (rns_mem_t){s->bytes, raw.size};
    memcpy(s->bytes, raw.data, raw.size);
    return true;
}

// The frame of a variant. ifac NULL: the interface has no access code.
static bool make_frame(call_t *call, wire_t *wire, variant_t variant, const rnsi_ifac_t *ifac,
                       stranger_t *s) {
    int64_t trim_to = 2;
    const char *name = "rawframe.inject";
    if (call_has(call, "app_name") && !call_name(call, &name)) {
        return false;
    }
    if (variant == EXTERNAL) {
        return read_external(call, s);
    }
    if (!make_announce(call, wire, name, s) ||
        !call_maybe_int(call, "trim_to", 0, (int64_t)s->frame.size, &trim_to)) {
        return false;
    }
    if (variant == SEALED || variant == SHORT || variant == BUILD) {
        if (ifac == NULL) {
            (void)call_fail(call, "the interface has no access code");
            return false;
        }
        s->frame = rnsi_ifac_seal(&call->bridge->crypto, ifac, s->frame);
    }
    if (variant == SHORT) {
        s->frame.size = 2U + ifac->size;
    } else if (variant == TRIMMED) {
        s->frame.size = (size_t)trim_to;
    }
    return true;
}

static json_t *inject_raw_frame(call_t *call) {
    wire_t *wire = wire_of(call);
    variant_t variant;
    stranger_t s;
    rnsi_ifac_t ifac;
    rns_path_t path;
    if (wire == NULL || !read_variant(call, &variant)) {
        return NULL;
    }
    const rns_iface_t iface = wire_iface(wire);
    const bool has_ifac = rnst_iface_ifac(wire->node, iface, &ifac);
    if (!make_frame(call, wire, variant, has_ifac ? &ifac : NULL, &s)) {
        return NULL;
    }
    json_t *result = json_pack("{s:o, s:I}", "dest_hash", hex_of_hash(&s.dest), "frame_len",
                               (json_int_t)s.frame.size);
    if (has_ifac) {
        (void)json_object_set_new(result, "ifac_size", json_integer(ifac.size));
    }
    if (variant == BUILD) {
        (void)json_object_set_new(result, "raw", hex_of_mem(s.frame));
        return result;
    }
    wire_inject(wire, iface, s.frame);
    (void)json_object_set_new(result, "learned",
                              json_boolean(rns_path(wire->node, clock_now(), &s.dest, &path)));
    return result;
}

// ---- wire_known_key_validate

typedef enum { PLANT_MISMATCH, PLANT_MATCH, PLANT_NONE } plant_t;

static bool read_plant(call_t *call, plant_t *plant, const char **text) {
    static const char *const NAMES[] = {
        [PLANT_MISMATCH] = "mismatch", [PLANT_MATCH] = "match", [PLANT_NONE] = "none"};
    *text = NAMES[PLANT_MISMATCH];
    if (!call_maybe_text(call, "plant", text)) {
        return false;
    }
    for (*plant = PLANT_MISMATCH; *plant <= PLANT_NONE; (*plant)++) {
        if (strcmp(NAMES[*plant], *text) == 0) {
            return true;
        }
    }
    (void)call_fail(call, "'plant' cannot be '%s'", *text);
    return false;
}

// What is planted for a destination before its announce is heard.
static bool plant_key(call_t *call, wire_t *wire, plant_t plant, const stranger_t *s,
                      uint8_t pub[64]) {
    rns_secret_t secret;
    rns_hash_t hash;
    if (plant == PLANT_NONE) {
        return true;
    }
    memcpy(pub, s->pub, sizeof s->pub);
    if (plant == PLANT_MISMATCH) {
        const rns_err_t err = rns_identity_new(wire->node, &secret);
        if (err != RNS_ERR_OK) {
            (void)call_fail_err(call, "a new identity", err);
            return false;
        }
        rns_identity_public(wire->node, &secret, pub, &hash);
    }
    if (!rnst_known_put(wire->node, clock_now(), &s->dest, pub)) {
        (void)call_fail(call, "the node has no room");
        return false;
    }
    return true;
}

// The announce was taken when what is known is of its packet.
static bool is_taken(wire_t *wire, const stranger_t *s, const uint8_t packet_hash[32]) {
    rns_known_t known;
    return rns_recall(wire->node, &s->dest, &known) &&
           memcmp(known.packet_hash, packet_hash, sizeof known.packet_hash) == 0;
}

static json_t *known_key_validate(call_t *call) {
    wire_t *wire = wire_of(call);
    const char *name, *text;
    plant_t plant;
    stranger_t s;
    rnsi_ifac_t ifac;
    rnsi_packet_t packet;
    uint8_t planted[64], hash[32];
    if (wire == NULL || !call_name(call, &name) || !read_plant(call, &plant, &text) ||
        !make_announce(call, wire, name, &s) || !plant_key(call, wire, plant, &s, planted)) {
        return NULL;
    }
    const rns_iface_t iface = wire_iface(wire);
    (void)rnsi_packet_parse(s.frame, &packet);
    rnsi_packet_hash(&call->bridge->crypto, &packet, hash);
    wire_inject(wire, iface,
                rnst_iface_ifac(wire->node, iface, &ifac)
                    ? rnsi_ifac_seal(&call->bridge->crypto, &ifac, s.frame)
                    : s.frame);
    return json_pack(
        "{s:b, s:o, s:o, s:o, s:s}", "validated", is_taken(wire, &s, hash), "destination_hash",
        hex_of_hash(&s.dest), "public_key", hex_of(s.pub, sizeof s.pub), "planted_public_key",
        plant == PLANT_NONE ? json_null() : hex_of(planted, sizeof planted), "plant", text);
}

// ---- Access codes

static bool ifac_of(call_t *call, wire_t *wire, rnsi_ifac_t *ifac) {
    if (wire == NULL) {
        return false;
    }
    if (!rnst_iface_ifac(wire->node, wire_iface(wire), ifac)) {
        (void)call_fail(call, "the interface has no access code");
        return false;
    }
    return true;
}

static json_t *ifac_compute(call_t *call) {
    rnsi_ifac_t ifac;
    rns_mem_t data;
    uint8_t signature[64];
    if (!ifac_of(call, wire_of(call), &ifac) || !call_hex(call, "packet_data", &data)) {
        return NULL;
    }
    int64_t size = ifac.size;
    if (!call_maybe_int(call, "ifac_size", RNSI_IFAC_MIN_SIZE, RNS_IFAC_MAX, &size)) {
        return NULL;
    }
    rnsi_identity_sign(&call->bridge->crypto, &ifac.signer_secret,
                       (rns_bytes_t){data.data, data.size}, signature);
    return json_pack("{s:o, s:I, s:o, s:o}", "ifac_key", hex_of(ifac.key_secret, 64), "ifac_size",
                     (json_int_t)size, "signature", hex_of(signature, sizeof signature), "ifac",
                     hex_of(signature + sizeof signature - size, (size_t)size));
}

static json_t *ifac_signature(call_t *call) {
    wire_t *wire = wire_of(call);
    rnsi_ifac_t ifac;
    rns_iface_info_t info;
    if (!ifac_of(call, wire, &ifac) ||
        rns_iface_info(wire->node, clock_now(), wire_iface(wire), &info) != RNS_ERR_OK) {
        return NULL;
    }
    return json_pack("{s:o, s:o, s:i, s:i}", "ifac_signature",
                     hex_of(info.ifac_signature, sizeof info.ifac_signature), "ifac_key",
                     hex_of(ifac.key_secret, 64), "ifac_size", (int)ifac.size, "default_ifac_size",
                     (int)RNS_IFAC_DEFAULT);
}

const command_entry_t WIRE_INJECT_COMMANDS[] = {
    {"wire_inject_raw_frame", inject_raw_frame},
    {"wire_known_key_validate", known_key_validate},
    {"wire_ifac_compute", ifac_compute},
    {"wire_ifac_signature", ifac_signature},
    {NULL, NULL},
};
