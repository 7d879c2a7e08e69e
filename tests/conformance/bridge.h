// bridge.h -- the bridge between the public conformance suite and the library
// (docs/CONFORMANCE.md).
//
// One request a line comes in, one answer a line goes out. A command is a function of a family's
// table; it calls the library and tells what the library said.
#ifndef CONFORMANCE_BRIDGE_H_INCLUDED
#define CONFORMANCE_BRIDGE_H_INCLUDED

#include "call.h"
#include "crypto/crypto.h"

typedef struct wire wire_t;
typedef struct mock mock_t;
typedef struct lab lab_t;

struct bridge {
    rnsi_crypto_t crypto; // of the commands that need no node
    wire_t *wire;         // the node with real interfaces; NULL: there is none
    mock_t *mocks;        // nodes over interfaces that are looked at
    lab_t *lab;           // nodes in memory; NULL: not needed yet
    uint32_t handles;     // given out
};

// The families, a table each.
extern const command_entry_t HASH_COMMANDS[], CURVE_COMMANDS[], CIPHER_COMMANDS[], TOKEN_COMMANDS[];
extern const command_entry_t NAMING_COMMANDS[], DESTINATION_COMMANDS[], CONSTANT_COMMANDS[];
extern const command_entry_t PACKET_COMMANDS[], ANNOUNCE_COMMANDS[], CONFIG_COMMANDS[];
extern const command_entry_t IDENTITY_COMMANDS[], RATCHET_COMMANDS[], FRAMING_COMMANDS[];
extern const command_entry_t WIRE_START_COMMANDS[], WIRE_STATE_COMMANDS[], WIRE_LOG_COMMANDS[],
    WIRE_ANNOUNCE_COMMANDS[], WIRE_KNOWN_COMMANDS[], WIRE_INJECT_COMMANDS[], WIRE_LISTEN_COMMANDS[],
    WIRE_PROOF_COMMANDS[], WIRE_RESPOND_COMMANDS[], WIRE_RATCHET_COMMANDS[], WIRE_CRYPT_COMMANDS[];
extern const command_entry_t WIRE_LINK_COMMANDS[], WIRE_LINK_STATUS_COMMANDS[];
extern const command_entry_t WIRE_LINK_PROBE_COMMANDS[], WIRE_LINK_FORGE_COMMANDS[];
extern const command_entry_t WIRE_HANDSHAKE_COMMANDS[], WIRE_REQUEST_COMMANDS[];
extern const command_entry_t WIRE_RECEIPT_COMMANDS[], WIRE_RECEIPT_FORGE_COMMANDS[];
extern const command_entry_t BEHAVIORAL_START_COMMANDS[], BEHAVIORAL_TABLES_COMMANDS[],
    BEHAVIORAL_FILTER_COMMANDS[], BEHAVIORAL_LOCAL_COMMANDS[], BEHAVIORAL_BLACKHOLE_COMMANDS[];
extern const command_entry_t WIRE_CHANNEL_COMMANDS[], WIRE_BUFFER_COMMANDS[];
extern const command_entry_t WIRE_RESOURCE_COMMANDS[], WIRE_RESOURCE_CREATE_COMMANDS[];
extern const command_entry_t WIRE_PROBE_IN_COMMANDS[], WIRE_PROBE_OUT_COMMANDS[];
extern const command_entry_t WIRE_CHANNEL_PROBE_COMMANDS[];

// Commands whose feature the library does not have.
typedef struct {
    const char *name, *feature; // name NULL: the end
} unbuilt_t;
extern const unbuilt_t UNBUILT[];

// NULL: no such command.
command_t command_find(const char *name);

// Random bytes for those who have no node.
void bridge_random(void *out, size_t size);

#endif
