// wire_state.c -- commands: what the instance was told, and what its interface is like.
#include <stdio.h>
#include <string.h>

#include "host/interfaces/tcp.h"
#include "node.h" // RNSI_PER_HOP_TIMEOUT
#include "rns/inspect_destination.h"
#include "wire.h"

#define US_A_SECOND 1000000

rns_iface_t wire_iface(wire_t *wire) {
    uint32_t cursor = 0;
    rns_iface_t iface;
    rns_iface_info_t info;
    while (rns_iface_each(wire->node, &cursor, &iface)) {
        if (rns_iface_info(wire->node, clock_now(), iface, &info) == RNS_ERR_OK &&
            info.parent.gen == 0) {
            return iface;
        }
    }
    return (rns_iface_t){0, 0};
}

static bool info_of(call_t *call, wire_t *wire, rns_iface_info_t *info) {
    const bool good = wire != NULL &&
                      rns_iface_info(wire->node, clock_now(), wire_iface(wire), info) == RNS_ERR_OK;
    if (wire != NULL && !good) {
        (void)call_fail(call, "there is no interface");
    }
    return good;
}

// ---- The instance

static json_t *transport_enabled(call_t *call) {
    const wire_t *wire = wire_of(call);
    return wire == NULL ? NULL
                        : json_pack("{s:b, s:b, s:b}", "transport_enabled",
                                    wire->startup.config.enable_transport, "is_shared_instance", 0,
                                    "is_connected_to_shared_instance", 0);
}

static json_t *list_of(config_hashes_t hashes) {
    json_t *list = json_array();
    for (size_t i = 0; i < hashes.count; i++) {
        (void)json_array_append_new(list, hex_of_hash(&hashes.at[i]));
    }
    return list;
}

static json_t *posture(call_t *call) {
    const wire_t *wire = wire_of(call);
    if (wire == NULL) {
        return NULL;
    }
    const config_t *config = &wire->startup.config;
    return json_pack(
        "{s:b, s:b, s:b, s:b, s:o, s:b, s:o, s:o, s:b, s:b, s:b}", "transport_enabled",
        config->enable_transport, "remote_management_enabled", config->enable_remote_management,
        "respond_to_probes", config->respond_to_probes, "should_use_implicit_proof",
        config->use_implicit_proof, "remote_management_allowed",
        list_of(config->remote_management_allowed), "panic_on_interface_error",
        config->panic_on_interface_error, "blackhole_sources", list_of(config->blackhole_sources),
        "interface_discovery_sources", list_of(config->interface_discovery_sources),
        "is_connected_to_shared_instance", 0, "link_mtu_discovery", config->link_mtu_discovery,
        "is_shared_instance", 0);
}

int wire_proof_number(rns_prove_t prove) {
    static const int NUMBERS[] = {
        [RNS_PROVE_NONE] = 0x21, [RNS_PROVE_APP] = 0x22, [RNS_PROVE_ALL] = 0x23};
    return NUMBERS[prove];
}

// One of the node's own destinations, as it stands there.
static json_t *own_of_node(const wire_t *wire, const rns_hash_t *identity, const char *name) {
    rns_hash_t hash;
    rns_inspect_dest_t dest;
    if (rns_destination_hash(wire->node, name, identity, &hash) != RNS_ERR_OK ||
        !rns_inspect_dest(wire->node, &hash, &dest)) {
        return json_pack("{s:b}", "present", 0);
    }
    return json_pack("{s:b, s:o, s:s, s:i, s:b, s:b}", "present", 1, "hash", hex_of_hash(&hash),
                     "name", name, "proof_strategy", wire_proof_number(dest.prove), "accepts_links",
                     dest.accepts_links, "in_mgmt_destinations", dest.is_managed);
}

static json_t *mgmt_destinations(call_t *call) {
    const wire_t *wire = wire_of(call);
    if (wire == NULL) {
        return NULL;
    }
    const rns_hash_t identity = rns_node_identity(wire->node, NULL);
    return json_pack("{s:o, s:s, s:o, s:o}", "transport_identity_hash", hex_of_hash(&identity),
                     "app_name", "rnstransport", "probe",
                     own_of_node(wire, &identity, "rnstransport.probe"), "remote_management",
                     own_of_node(wire, &identity, "rnstransport.remote.management"));
}

// ---- Its interface

static json_t *hw_mtu(call_t *call) {
    wire_t *wire = wire_of(call);
    rns_iface_info_t info;
    if (!info_of(call, wire, &info)) {
        return NULL;
    }
    return json_pack("{s:o, s:b, s:i, s:b, s:b, s:n}", "hw_mtu",
                     info.hw_mtu > 0 ? json_integer(info.hw_mtu) : json_null(),
                     "link_mtu_discovery", wire->startup.config.link_mtu_discovery, "reticulum_mtu",
                     (int)RNS_MTU, "autoconfigure_mtu", info.mtu_kind == RNS_MTU_AUTO, "fixed_mtu",
                     info.mtu_kind == RNS_MTU_FIXED, "class_hw_mtu");
}

static json_t *bitrate(call_t *call) {
    rns_iface_info_t info;
    if (!info_of(call, wire_of(call), &info)) {
        return NULL;
    }
    return json_pack("{s:I, s:I, s:i}", "bitrate", (json_int_t)info.bitrate, "bitrate_guess",
                     (json_int_t)interface_kind(CONFIG_TCP_CLIENT)->bitrate, "minimum_bitrate",
                     CONFIG_BITRATE_MIN);
}

static json_t *transport_defaults(call_t *call) {
    if (call_has(call, "handle") && wire_of(call) == NULL) {
        return NULL;
    }
    config_t config;
    (void)config_parse(&config, "defaults", "", 0);
    json_t *result = json_pack(
        "{s:I, s:I, s:I, s:I}", "local_interface_port", (json_int_t)config.shared_instance_port,
        "ar_target", (json_int_t)config.default_ar_target_s, "ar_penalty",
        (json_int_t)config.default_ar_penalty_s, "ar_grace", (json_int_t)config.default_ar_grace);
    config_close(&config);
    return result;
}

// A whole number of seconds as such.
static json_t *seconds(rns_us_t us) {
    return us % US_A_SECOND == 0 ? json_integer(us / US_A_SECOND)
                                 : json_real((double)us / US_A_SECOND);
}

static json_t *first_hop_timeout(call_t *call) {
    const wire_t *wire = wire_of(call);
    rns_hash_t hash;
    if (wire == NULL || !call_hex_of(call, "destination_hash", hash.b, sizeof hash.b)) {
        return NULL;
    }
    return json_pack("{s:o, s:o}", "timeout",
                     seconds(rns_first_hop_timeout(wire->node, clock_now(), &hash)),
                     "default_per_hop_timeout", seconds(RNSI_PER_HOP_TIMEOUT));
}

static json_t *tx_bytes(call_t *call) {
    const wire_t *wire = wire_of(call);
    if (wire == NULL) {
        return NULL;
    }
    uint32_t cursor = 0;
    uint64_t sum = 0;
    rns_iface_t iface;
    rns_iface_info_t info;
    while (rns_iface_each(wire->node, &cursor, &iface)) {
        if (rns_iface_info(wire->node, clock_now(), iface, &info) == RNS_ERR_OK) {
            sum += info.tx_bytes;
        }
    }
    return json_pack("{s:I}", "tx_bytes", (json_int_t)sum);
}

const command_entry_t WIRE_STATE_COMMANDS[] = {
    {"wire_transport_enabled", transport_enabled},
    {"wire_instance_posture", posture},
    {"wire_mgmt_destinations", mgmt_destinations},
    {"wire_interface_hw_mtu", hw_mtu},
    {"wire_interface_bitrate", bitrate},
    {"wire_interface_transport_defaults", transport_defaults},
    {"wire_first_hop_timeout", first_hop_timeout},
    {"wire_tx_bytes", tx_bytes},
    {NULL, NULL},
};
