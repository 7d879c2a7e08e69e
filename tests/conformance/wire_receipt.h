// wire_receipt.h -- proofs that are waited for, as commands name them.
#ifndef CONFORMANCE_WIRE_RECEIPT_H_INCLUDED
#define CONFORMANCE_WIRE_RECEIPT_H_INCLUDED

#include "wire_scratch.h"

// The reference's numbers (PacketReceipt).
typedef enum {
    RECEIPT_FAILED = 0,
    RECEIPT_SENT = 1,
    RECEIPT_DELIVERED = 2,
    RECEIPT_CULLED = 255
} receipt_status_t;

// From when a packet is sent until the node is closed.
typedef struct receipt {
    struct receipt *next;
    uint32_t id; // "receipt-ID"
    rns_receipt_t handle;
    receipt_status_t status;
    uint8_t packet_hash[32];
} receipt_t;

const char *receipt_status_name(receipt_status_t status);
receipt_t *receipt_add(wire_t *wire, rns_receipt_t handle);
void receipt_drop(wire_t *wire, receipt_t *receipt); // it was a command's own
json_t *receipt_name(const receipt_t *receipt);      // null of NULL
receipt_t *receipt_of(call_t *call, wire_t *wire);   // the parameter receipt_id
// Whether it ends as delivered in this time.
bool receipt_wait(wire_t *wire, receipt_t *receipt, int64_t timeout_ms);

void receipt_note(wire_t *wire, const rns_event_t *event); // RNS_EV_PROOF
void receipts_free(wire_t *wire);

#endif
