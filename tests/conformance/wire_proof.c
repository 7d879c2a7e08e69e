// wire_proof.c -- commands: how a destination of ours proves packets, and which it has proved.
//
// The linker leads calls of the library's two provers through here, so that the log is of proofs
// that were made, not of those that should be.
#include <string.h>

#include "memory/elements.h"
#include "testing_destination.h"
#include "wire.h"
#include "wire/packet.h"

#define PROVES_FIRST 0x01 // the application proves packets that begin so

static wire_t *watched; // of the loop's thread

void proofs_watch(wire_t *wire) {
    watched = wire;
}

// ---- What is proved

void proof_note_packet(wire_t *wire, const rns_event_t *event) {
    memcpy(wire->packet, event->packet_hash, sizeof wire->packet);
    wire->packet_first = event->data.size > 0 ? event->data.data[0] : 0;
}

static void note(own_t *own, rnsi_context_t context) {
    if (own != NULL) {
        (void)json_array_append_new(own->proofs, json_integer(context));
    }
}

void proof_note_asked(wire_t *wire, const rns_event_t *event) {
    const bool proves = memcmp(wire->packet, event->packet_hash, sizeof wire->packet) == 0 &&
                        wire->packet_first == PROVES_FIRST;
    if (rns_prove(wire->node, clock_now(), event->ask, proves) == RNS_ERR_OK && proves &&
        event->link.gen == 0) {
        note(own_at(wire, event->dest), RNSI_CONTEXT_NONE);
    }
}

void __real_rnsi_link_prove(rns_node_t *node, struct rnsi_link *link, const uint8_t hash[32]);
void __wrap_rnsi_link_prove(rns_node_t *node, struct rnsi_link *link, const uint8_t hash[32]);
void __real_rnsi_prove(rns_node_t *node, struct rnsi_dest *dest, const uint8_t hash[32],
                       struct rnsi_iface *iface);
void __wrap_rnsi_prove(rns_node_t *node, struct rnsi_dest *dest, const uint8_t hash[32],
                       struct rnsi_iface *iface);

// Over a link plain packets are proved, which were told of, and messages of its channel.
void __wrap_rnsi_link_prove(rns_node_t *node, struct rnsi_link *link, const uint8_t hash[32]) {
    const session_t *session = watched == NULL ? NULL : session_by_id(watched, link->hash);
    if (session != NULL && watched->node == node) {
        const bool is_packet = memcmp(watched->packet, hash, sizeof watched->packet) == 0;
        note(session->own, is_packet ? RNSI_CONTEXT_NONE : RNSI_CONTEXT_CHANNEL);
    }
    __real_rnsi_link_prove(node, link, hash);
}

void __wrap_rnsi_prove(rns_node_t *node, struct rnsi_dest *dest, const uint8_t hash[32],
                       struct rnsi_iface *iface) {
    if (watched != NULL && watched->node == node) {
        note(own_by_hash(watched, dest->hash), RNSI_CONTEXT_NONE);
    }
    __real_rnsi_prove(node, dest, hash, iface);
}

// ---- Commands

static json_t *proof_log(call_t *call) {
    wire_t *wire = wire_of(call);
    own_t *own = wire == NULL ? NULL : own_of(call, wire);
    if (own == NULL) {
        return NULL;
    }
    size_t index;
    const json_t *context;
    int channel = 0;
    json_array_foreach(own->proofs, index, context) {
        channel += json_integer_value(context) == RNSI_CONTEXT_CHANNEL;
    }
    return json_pack("{s:i, s:i, s:o}", "channel_proofs", channel, "channel_context",
                     (int)RNSI_CONTEXT_CHANNEL, "contexts", json_copy(own->proofs));
}

static json_t *set_strategy(call_t *call) {
    static const char *const NAMES[] = {
        [RNS_PROVE_NONE] = "none", [RNS_PROVE_APP] = "app", [RNS_PROVE_ALL] = "all"};
    wire_t *wire = wire_of(call);
    own_t *own = wire == NULL ? NULL : own_of(call, wire);
    const char *text;
    if (own == NULL || !call_text(call, "strategy", &text)) {
        return NULL;
    }
    rns_prove_t prove = RNS_PROVE_NONE;
    while (prove <= RNS_PROVE_ALL && strcmp(NAMES[prove], text) != 0) {
        prove++;
    }
    if (prove > RNS_PROVE_ALL) {
        return call_fail(call, "'strategy' cannot be '%s'", text);
    }
    const rns_err_t err = rns_dest_prove(wire->node, own->handle, prove);
    return err != RNS_ERR_OK ? call_fail_err(call, "the strategy", err)
                             : json_pack("{s:i, s:s}", "proof_strategy", wire_proof_number(prove),
                                         "strategy", text);
}

static json_t *set_implicit(call_t *call) {
    const wire_t *wire = wire_maybe_of(call);
    bool enabled = true;
    if (wire == NULL || !call_maybe_flag(call, "enabled", &enabled)) {
        return NULL;
    }
    rnst_set_explicit_proof(wire->node, !enabled);
    return json_pack("{s:b}", "implicit_proof", enabled);
}

const command_entry_t WIRE_PROOF_COMMANDS[] = {
    {"wire_listener_proof_log", proof_log},
    {"wire_set_proof_strategy", set_strategy},
    {"wire_set_proof_implicit", set_implicit},
    {NULL, NULL},
};
