// wire_receipt.c -- see wire_receipt.h. Commands: packets, and what becomes of their receipts.
#include "wire_receipt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rns/inspect_link.h"
#include "session/link.h"
#include "session/receipt.h"
#include "testing_link.h"

#define PROOF_MS         10000
#define OPPORTUNISTIC_MS 5000
#define SEEN_MS          1000 // for what was sent to leave

// ---- Receipts

const char *receipt_status_name(receipt_status_t status) {
    switch (status) {
    case RECEIPT_FAILED:
        return "FAILED";
    case RECEIPT_SENT:
        return "SENT";
    case RECEIPT_DELIVERED:
        return "DELIVERED";
    case RECEIPT_CULLED:
        break;
    }
    return "CULLED";
}

receipt_t *receipt_add(wire_t *wire, rns_receipt_t handle) {
    receipt_t *receipt = calloc(1, sizeof *receipt);
    if (receipt == NULL) {
        abort();
    }
    receipt->id = ++wire->bridge->handles;
    receipt->handle = handle;
    receipt->status = RECEIPT_SENT;
    (void)rns_receipt_packet(wire->node, handle, receipt->packet_hash);
    receipt->next = wire->receipts;
    wire->receipts = receipt;
    return receipt;
}

void receipt_drop(wire_t *wire, receipt_t *receipt) {
    receipt_t **at = &wire->receipts;
    while (*at != receipt) {
        at = &(*at)->next;
    }
    *at = receipt->next;
    (void)rns_receipt_cancel(wire->node, receipt->handle);
    free(receipt);
}

void receipts_free(wire_t *wire) {
    while (wire->receipts != NULL) {
        receipt_t *receipt = wire->receipts;
        wire->receipts = receipt->next;
        free(receipt);
    }
}

void receipt_note(wire_t *wire, const rns_event_t *event) {
    receipt_t *receipt = wire->receipts;
    while (receipt != NULL && (receipt->handle.slot != event->receipt.slot ||
                               receipt->handle.gen != event->receipt.gen)) {
        receipt = receipt->next;
    }
    if (receipt != NULL) {
        receipt->status = event->status == RNS_ERR_OK       ? RECEIPT_DELIVERED
                          : event->status == RNS_ERR_CULLED ? RECEIPT_CULLED
                                                            : RECEIPT_FAILED;
    }
}

json_t *receipt_name(const receipt_t *receipt) {
    return receipt == NULL ? json_null() : json_sprintf("receipt-%u", receipt->id);
}

receipt_t *receipt_of(call_t *call, wire_t *wire) {
    const char *name;
    if (!call_text(call, "receipt_id", &name)) {
        return NULL;
    }
    for (receipt_t *receipt = wire->receipts; receipt != NULL; receipt = receipt->next) {
        char own[32];
        (void)snprintf(own, sizeof own, "receipt-%u", receipt->id);
        if (strcmp(own, name) == 0) {
            return receipt;
        }
    }
    return call_fail(call, "there is no receipt '%s'", name);
}

static bool is_over(void *user) {
    const receipt_t *receipt = user;
    return receipt->status != RECEIPT_SENT;
}

bool receipt_wait(wire_t *wire, receipt_t *receipt, int64_t timeout_ms) {
    (void)wire_wait(wire, timeout_ms, is_over, receipt);
    return receipt->status == RECEIPT_DELIVERED;
}

static json_t *packet_receipt_status(call_t *call) {
    wire_t *wire = wire_of(call);
    receipt_t *receipt = wire == NULL ? NULL : receipt_of(call, wire);
    int64_t timeout_ms = 0;
    if (receipt == NULL || !call_maybe_int(call, "timeout_ms", 0, WIRE_FOREVER_MS, &timeout_ms)) {
        return NULL;
    }
    const bool delivered = receipt_wait(wire, receipt, timeout_ms);
    return json_pack("{s:b, s:b, s:i, s:s}", "delivered", delivered, "proved", delivered, "status",
                     (int)receipt->status, "status_name", receipt_status_name(receipt->status));
}

// ---- Sending

typedef struct {
    rns_hash_t destination;
    rns_mem_t data;
    bool sent;
    receipt_t *receipt; // NULL: none was asked for, or it was not sent
    int hops;
} sending_t;

// Sends what the parameters say to a destination that is known. false: the call fails.
static bool send_to(call_t *call, wire_t *wire, sending_t *sending) {
    bool wants_receipt = true;
    rns_receipt_t handle;
    *sending = (sending_t){.sent = false};
    if (!call_hex_of(call, "destination_hash", sending->destination.b, 16) ||
        !call_maybe_hex(call, "data", &sending->data) ||
        !call_maybe_flag(call, "create_receipt", &wants_receipt) ||
        !link_is_known_as(call, wire, &sending->destination)) {
        return false;
    }
    const rns_err_t err = rns_send(wire->node, clock_now(), &sending->destination,
                                   (rns_bytes_t){sending->data.data, sending->data.size},
                                   wants_receipt ? &handle : NULL);
    daemon_wake(wire->daemon);
    if (err != RNS_ERR_OK && err != RNS_ERR_FULL) {
        (void)call_fail_err(call, "the packet", err);
        return false;
    }
    sending->sent = err == RNS_ERR_OK;
    sending->receipt = sending->sent && wants_receipt ? receipt_add(wire, handle) : NULL;
    sending->hops = rns_hops_to(wire->node, clock_now(), &sending->destination);
    return true;
}

static json_t *send_packet(call_t *call) {
    wire_t *wire = wire_of(call);
    sending_t sending;
    if (wire == NULL || !send_to(call, wire, &sending)) {
        return NULL;
    }
    return json_pack("{s:b, s:o, s:i}", "sent", sending.sent, "receipt_id",
                     receipt_name(sending.receipt), "hops", sending.hops);
}

static json_t *send_link_data(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : session_of(call, wire);
    rns_mem_t data = {NULL, 0};
    bool wants_receipt = true;
    rns_receipt_t handle;
    if (session == NULL || !call_maybe_hex(call, "data", &data) ||
        !call_maybe_flag(call, "create_receipt", &wants_receipt)) {
        return NULL;
    }
    const rns_err_t err =
        rns_link_send(wire->node, clock_now(), session->handle, (rns_bytes_t){data.data, data.size},
                      wants_receipt ? &handle : NULL);
    daemon_wake(wire->daemon);
    if (err == RNS_ERR_SIZE) {
        return call_fail_err(call, "the packet", err);
    }
    const bool sent = err == RNS_ERR_OK;
    return json_pack("{s:b, s:o}", "sent", sent, "receipt_id",
                     receipt_name(sent && wants_receipt ? receipt_add(wire, handle) : NULL));
}

static json_t *send_opportunistic(call_t *call) {
    wire_t *wire = wire_of(call);
    int64_t timeout_ms = OPPORTUNISTIC_MS;
    sending_t sending;
    if (wire == NULL || !call_maybe_int(call, "timeout_ms", 0, WIRE_FOREVER_MS, &timeout_ms) ||
        !send_to(call, wire, &sending)) {
        return NULL;
    }
    const bool delivered =
        sending.receipt != NULL && receipt_wait(wire, sending.receipt, timeout_ms);
    return json_pack("{s:b, s:b, s:s}", "sent", sending.sent, "delivered", delivered, "status",
                     !sending.sent ? "send_failed"
                     : delivered   ? "delivered"
                                   : "timeout");
}

// ---- The proof as it comes

typedef struct {
    const receipt_t *receipt;
    json_t *raw, *data; // NULL: none came
    size_t size;
} proof_t;

static void watch_proof(void *user, const passing_t *passing) {
    proof_t *proof = user;
    const rnsi_packet_t *packet = passing->packet;
    if (passing->tx == NULL && proof->raw == NULL && packet->type == RNSI_TYPE_PROOF &&
        memcmp(packet->dest, proof->receipt->packet_hash, RNSI_ADDRESS_SIZE) == 0) {
        proof->raw = hex_of(packet->raw, packet->size);
        proof->data = hex_of(packet->data.data, packet->data.size);
        proof->size = packet->data.size;
    }
}

// What the proof says, and how: null of what did not come.
static void tell_of_proof(json_t *result, const proof_t *proof) {
    const bool came = proof->raw != NULL;
    (void)json_object_set_new(result, "proof_data", came ? proof->data : json_null());
    (void)json_object_set_new(result, "proof_len",
                              came ? json_integer((json_int_t)proof->size) : json_null());
    (void)json_object_set_new(result, "proof_is_implicit",
                              came ? json_boolean(proof->size == RNSI_PROOF_IMPLICIT)
                                   : json_null());
    (void)json_object_set_new(result, "proof_is_explicit",
                              came ? json_boolean(proof->size == RNSI_PROOF_EXPLICIT)
                                   : json_null());
    (void)json_object_set_new(result, "proof_raw", came ? proof->raw : json_null());
}

static json_t *send_packet_with_proof_request(call_t *call) {
    wire_t *wire = wire_of(call);
    int64_t timeout_ms = PROOF_MS;
    sending_t sending;
    if (wire == NULL || !call_maybe_int(call, "timeout_ms", 0, WIRE_FOREVER_MS, &timeout_ms) ||
        !send_to(call, wire, &sending)) {
        return NULL;
    }
    proof_t proof = {.receipt = sending.receipt};
    bool delivered = false;
    if (sending.receipt != NULL) {
        wire->watch_user = &proof;
        wire->watch = watch_proof;
        delivered = receipt_wait(wire, sending.receipt, timeout_ms);
        wire->watch = NULL;
    }
    json_t *hash = sending.receipt != NULL ? hex_of(sending.receipt->packet_hash, 32) : json_null();
    json_t *result =
        json_pack("{s:b, s:o, s:i, s:b, s:b, s:b, s:i, s:i, s:o}", "sent", sending.sent,
                  "receipt_id", receipt_name(sending.receipt), "hops", sending.hops, "delivered",
                  delivered, "proved", delivered, "implicit_proof_config",
                  wire->startup.config.use_implicit_proof, "impl_length", (int)RNSI_PROOF_IMPLICIT,
                  "expl_length", (int)RNSI_PROOF_EXPLICIT, "proved_packet_hash", hash);
    tell_of_proof(result, &proof);
    return result;
}

// ---- Packets that nobody can read

typedef struct {
    const bridge_t *bridge;
    const receipt_t *receipt;
    bool truncates, is_done;
} damage_t;

// Damages the packet of a receipt as it goes out.
static void damage(void *user, const passing_t *passing) {
    damage_t *d = user;
    uint8_t hash[32];
    if (passing->tx == NULL || passing->packet->type != RNSI_TYPE_DATA) {
        return;
    }
    rnsi_packet_hash(&d->bridge->crypto, passing->packet, hash);
    if (memcmp(hash, d->receipt->packet_hash, sizeof hash) != 0) {
        return;
    }
    rns_tx_t *tx = passing->tx;
    if (d->truncates) {
        tx->frame.size -= passing->packet->data.size;
    } else {
        passing->packet->raw[passing->packet->size - 1] ^= 1U;
    }
    d->is_done = true;
}

static bool is_damaged(void *user) {
    const damage_t *d = user;
    return d->is_done;
}

static json_t *send_undecryptable(call_t *call) {
    wire_t *wire = wire_of(call);
    const char *corruption = "ciphertext";
    int64_t timeout_ms = 0;
    sending_t sending;
    if (wire == NULL || !call_maybe_text(call, "corruption", &corruption) ||
        !call_maybe_int(call, "timeout_ms", 0, WIRE_FOREVER_MS, &timeout_ms)) {
        return NULL;
    }
    damage_t d = {.bridge = wire->bridge, .truncates = strcmp(corruption, "truncate") == 0};
    if (!d.truncates && strcmp(corruption, "ciphertext") != 0) {
        return call_fail(call, "there is no corruption '%s'", corruption);
    }
    if (!send_to(call, wire, &sending)) {
        return NULL;
    }
    bool delivered = false;
    if (sending.receipt != NULL) {
        d.receipt = sending.receipt;
        wire->watch_user = &d;
        wire->watch = damage;
        const bool went = wire_wait(wire, SEEN_MS, is_damaged, &d);
        wire->watch = NULL;
        sending.sent = went;
        delivered = receipt_wait(wire, sending.receipt, timeout_ms);
    }
    return json_pack("{s:b, s:o, s:b, s:s}", "sent", sending.sent, "receipt_id",
                     receipt_name(sending.receipt), "delivered", delivered, "status",
                     !sending.sent ? "send_failed"
                     : delivered   ? "delivered"
                                   : "timeout");
}

const command_entry_t WIRE_RECEIPT_COMMANDS[] = {
    {"wire_packet_receipt_status", packet_receipt_status},
    {"wire_send_packet", send_packet},
    {"wire_send_link_data", send_link_data},
    {"wire_send_opportunistic", send_opportunistic},
    {"wire_send_packet_with_proof_request", send_packet_with_proof_request},
    {"wire_send_undecryptable", send_undecryptable},
    {NULL, NULL},
};
