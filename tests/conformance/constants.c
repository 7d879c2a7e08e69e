// constants.c -- commands: numbers of the protocol and of interfaces.
#include <string.h>

#include "bridge.h"
#include "crypto/token.h"
#include "host/interface.h"
#include "host/interfaces/auto_token.h"
#include "route/airtime.h"
#include "route/iface.h"
#include "session/link.h"
#include "wire/announce.h"

#define BITS 8

// ---- Packets

static json_t *packet_constants(call_t *call) {
    (void)call;
    const struct rnsi_link link = {.mtu = RNS_MTU};
    const struct {
        const char *name;
        uint32_t value;
    } NUMBERS[] = {
        {"mtu", RNS_MTU},
        {"header_minsize", RNSI_HEADER_MINSIZE},
        {"header_maxsize", RNSI_HEADER_MAXSIZE},
        {"mdu", RNS_MDU},
        {"ifac_min_size", RNS_IFAC_MIN},
        {"packet_mdu", RNS_MDU},
        {"packet_plain_mdu", RNS_MDU},
        {"packet_encrypted_mdu", RNS_ENCRYPTED_MDU},
        {"link_mdu", rnsi_link_mdu(&link)},
        {"hashlength", BITS * RNSI_SHA256_SIZE},
        {"siglength", BITS * RNSI_IDENTITY_SIG},
        {"truncated_hashlength", BITS * RNSI_ADDRESS_SIZE},
        {"keysize", BITS * RNSI_IDENTITY_PUB},
        {"name_hash_length", BITS * RNSI_NAME_HASH_SIZE},
        {"token_overhead", RNSI_TOKEN_OVERHEAD},
        {"aes128_blocksize", RNSI_AES_BLOCK},
    };
    json_t *result = json_object();
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        (void)json_object_set_new(result, NUMBERS[i].name, json_integer(NUMBERS[i].value));
    }
    return result;
}

static json_t *packet_context_constants(call_t *call) {
    (void)call;
#define CONTEXT(name)                                                                              \
    { #name, RNSI_CONTEXT_##name }
    static const struct {
        const char *name;
        rnsi_context_t value;
    } CONTEXTS[] = {
        CONTEXT(NONE),         CONTEXT(RESOURCE),       CONTEXT(RESOURCE_ADV),
        CONTEXT(RESOURCE_REQ), CONTEXT(RESOURCE_HMU),   CONTEXT(RESOURCE_PRF),
        CONTEXT(RESOURCE_ICL), CONTEXT(RESOURCE_RCL),   CONTEXT(CACHE_REQUEST),
        CONTEXT(REQUEST),      CONTEXT(RESPONSE),       CONTEXT(PATH_RESPONSE),
        CONTEXT(COMMAND),      CONTEXT(COMMAND_STATUS), CONTEXT(CHANNEL),
        CONTEXT(KEEPALIVE),    CONTEXT(LINKIDENTIFY),   CONTEXT(LINKCLOSE),
        CONTEXT(LINKPROOF),    CONTEXT(LRRTT),          CONTEXT(LRPROOF),
    };
#undef CONTEXT
    json_t *result = json_object();
    for (size_t i = 0; i < sizeof CONTEXTS / sizeof *CONTEXTS; i++) {
        (void)json_object_set_new(result, CONTEXTS[i].name, json_integer(CONTEXTS[i].value));
    }
    return result;
}

// ---- Announces

static json_t *announce_queue_constants(call_t *call) {
    (void)call;
    return json_pack("{s:i, s:i, s:I}", "announce_cap", (int)(RNSI_ANNOUNCE_CAP_PPM / 10000U),
                     "max_queued_announces", (int)RNSI_MAX_QUEUED_ANNOUNCES, "queued_announce_life",
                     (json_int_t)(RNSI_QUEUED_ANNOUNCE_LIFE / RNSI_SECOND));
}

// ---- Interfaces

static json_t *interface_default_ifac_size(call_t *call) {
    (void)call;
    static const char *const TYPES[] = {"SerialInterface",    "KISSInterface", "AX25KISSInterface",
                                        "RNodeInterface",     "PipeInterface", "TCPServerInterface",
                                        "TCPClientInterface", "UDPInterface"};
    json_t *sizes = json_object();
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        const bool small = interface_type_find(TYPES[i])->kind.small_ifac;
        (void)json_object_set_new(sizes, TYPES[i],
                                  json_integer(small ? RNS_IFAC_SMALL : RNS_IFAC_DEFAULT));
    }
    return json_pack("{s:o, s:i}", "default_ifac_size", sizes, "ifac_min_size", (int)RNS_IFAC_MIN);
}

// Of the classes that have one in the reference; TCPInterface has that of both its ends.
static json_t *interface_hw_mtu(call_t *call) {
    static const struct {
        const char *name, *type;
    } CLASSES[] = {
        {"TCPInterface", "TCPClientInterface"},
        {"AutoInterface", "AutoInterface"},
        {"BackboneInterface", "BackboneInterface"},
    };
    const char *name;
    if (!call_text(call, "type", &name)) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof CLASSES / sizeof *CLASSES; i++) {
        if (strcmp(CLASSES[i].name, name) == 0) {
            const interface_kind_t *kind = &interface_type_find(CLASSES[i].type)->kind;
            return json_pack("{s:I}", "hw_mtu", (json_int_t)kind->hw_mtu);
        }
    }
    return json_pack("{s:s}", "error", "this is no class with an MTU of its own");
}

static json_t *auto_discovery_token(call_t *call) {
    rns_mem_t group_id;
    const char *address;
    uint8_t token[AUTO_TOKEN];
    if (!call_hex(call, "group_id", &group_id) || !call_text(call, "link_local_addr", &address)) {
        return NULL;
    }
    const rnsi_crypto_t *crypto = &call->bridge->crypto;
    auto_token(crypto->v, crypto->self, (rns_bytes_t){group_id.data, group_id.size}, address,
               token);
    return json_pack("{s:o}", "token", hex_of(token, sizeof token));
}

// The MTU that the bitrate of an interface makes, or leaves alone.
static json_t *interface_optimise_mtu(call_t *call) {
    int64_t bitrate;
    bool automatic = true;
    if (!call_int(call, "bitrate", 0, UINT32_MAX, &bitrate) ||
        !call_maybe_flag(call, "autoconfigure", &automatic)) {
        return NULL;
    }
    const interface_kind_t kind = {.bitrate = (uint32_t)bitrate,
                                   .hw_mtu = UINT32_MAX,
                                   .mtu_kind = automatic ? RNS_MTU_AUTO : RNS_MTU_FIXED};
    const config_interface_t settings = {.bitrate_bps = 0};
    rns_iface_config_t config;
    interface_config(&settings, &kind, "mtu", &config);
    const bool unchanged = config.hw_mtu == kind.hw_mtu;
    json_t *mtu = config.hw_mtu == 0 ? json_null() : json_integer((int32_t)config.hw_mtu);
    return json_pack("{s:o, s:b}", "hw_mtu", mtu, "unchanged", unchanged);
}

const command_entry_t CONSTANT_COMMANDS[] = {
    {"packet_constants", packet_constants},
    {"packet_context_constants", packet_context_constants},
    {"announce_queue_constants", announce_queue_constants},
    {"interface_default_ifac_size", interface_default_ifac_size},
    {"interface_hw_mtu", interface_hw_mtu},
    {"interface_optimise_mtu", interface_optimise_mtu},
    {"auto_discovery_token", auto_discovery_token},
    {NULL, NULL},
};
