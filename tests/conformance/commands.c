// commands.c -- all commands by name.
#include <string.h>

#include "bridge.h"

// clang-format off
static const command_entry_t *const FAMILIES[] = {
    HASH_COMMANDS,
    CURVE_COMMANDS,
    CIPHER_COMMANDS,
    TOKEN_COMMANDS,
    IDENTITY_COMMANDS,
    RATCHET_COMMANDS,
    NAMING_COMMANDS,
    DESTINATION_COMMANDS,
    PACKET_COMMANDS,
    ANNOUNCE_COMMANDS,
    FRAMING_COMMANDS,
    CONSTANT_COMMANDS,
    CONFIG_COMMANDS,
    WIRE_START_COMMANDS,
    WIRE_STATE_COMMANDS,
    WIRE_LOG_COMMANDS,
    WIRE_ANNOUNCE_COMMANDS,
    WIRE_KNOWN_COMMANDS,
    WIRE_INJECT_COMMANDS,
    WIRE_LISTEN_COMMANDS,
    WIRE_PROOF_COMMANDS,
    WIRE_RATCHET_COMMANDS,
    WIRE_CRYPT_COMMANDS,
    WIRE_RESPOND_COMMANDS,
    WIRE_LINK_COMMANDS,
    WIRE_LINK_STATUS_COMMANDS,
    WIRE_LINK_PROBE_COMMANDS,
    WIRE_LINK_FORGE_COMMANDS,
    WIRE_HANDSHAKE_COMMANDS,
    WIRE_REQUEST_COMMANDS,
    WIRE_RECEIPT_COMMANDS,
    WIRE_RECEIPT_FORGE_COMMANDS,
    BEHAVIORAL_START_COMMANDS,
    BEHAVIORAL_TABLES_COMMANDS,
    BEHAVIORAL_FILTER_COMMANDS,
    BEHAVIORAL_LOCAL_COMMANDS,
    BEHAVIORAL_BLACKHOLE_COMMANDS,
    WIRE_CHANNEL_COMMANDS,
    WIRE_BUFFER_COMMANDS,
    WIRE_RESOURCE_COMMANDS,
    WIRE_RESOURCE_CREATE_COMMANDS,
    WIRE_PROBE_IN_COMMANDS,
    WIRE_CHANNEL_PROBE_COMMANDS,
    WIRE_PROBE_OUT_COMMANDS,
};

const unbuilt_t UNBUILT[] = {
    {"discovery_build_announce_appdata", "discovery"},
    {"discovery_receive_announce", "discovery"},
    {"discovery_stamp", "discovery"},
    {"discovery_validate_address", "discovery"},
    {"discovery_sanitize_name", "discovery"},
    {"discovery_craft_announce", "discovery"},
    {"discovery_announce_identity", "discovery"},
    {"discovery_feature_defaults", "discovery"},
    {"discovery_inject_records", "discovery"},
    {"discovery_store_record", "discovery"},
    {"wire_start_local_client", "shared instance"},
    {"wire_start_pipe_peer", "pipe interface"},
    {"wire_start_pipe_tcp_relay", "pipe interface"},
    {"wire_rpc_authkey", "RPC"},
    {"wire_discovery_autoconnect_gate", "discovery"},
    {"behavioral_blackhole_list_handler", "blackhole publishing"},
    {"behavioral_blackhole_set_sources", "blackhole publishing"},
    {NULL, NULL},
};
// clang-format on

command_t command_find(const char *name) {
    for (size_t i = 0; i < sizeof FAMILIES / sizeof *FAMILIES; i++) {
        for (const command_entry_t *entry = FAMILIES[i]; entry->name != NULL; entry++) {
            if (strcmp(entry->name, name) == 0) {
                return entry->run;
            }
        }
    }
    return NULL;
}
