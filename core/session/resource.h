// resource.h -- transfers over a link (RNS/Resource.py), as link.c, request.c and each other see
// them.
#ifndef RNSI_SESSION_RESOURCE_H_INCLUDED
#define RNSI_SESSION_RESOURCE_H_INCLUDED

#include "session/link.h"

// What a transfer is for (rnsi_resource_in.kind, rnsi_resource_out.kind).
typedef enum {
    RNSI_KIND_RESOURCE, // the application's
    RNSI_KIND_REQUEST,  // out: owner is a slot in REQUEST; in: in QUERY
    RNSI_KIND_RESPONSE  // out: owner is a slot in QUERY; in: in REQUEST
} rnsi_kind_t;

// ---- resource_send.c

typedef struct {
    rns_source_t source;
    uint64_t size;
    rns_resource_options_t options;
    rnsi_kind_t kind;
    const uint8_t *request_id; // 16 bytes, unless kind is RESOURCE
    uint32_t owner;            // slot that is told of the end, unless kind is RESOURCE
} rnsi_send_t;

// Queues a transfer on an active link. FULL, SIZE, ENTROPY.
rns_err_t rnsi_resource_out_open(rns_node_t *node, struct rnsi_link *link, const rnsi_send_t *send,
                                 uint32_t *slot);
// Ends it without telling its owner; tells the peer if the link is active.
void rnsi_resource_out_drop(rns_node_t *node, struct rnsi_resource_out *out);

// Packets of the link's peer, decrypted: RESOURCE_REQ (hash: the packet's), RESOURCE_RCL, and the
// proof RESOURCE_PRF, which is not encrypted.
rns_verdict_t rnsi_resource_asked(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain,
                                  const uint8_t packet_hash[32]);
rns_verdict_t rnsi_resource_rejected(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain);
rns_verdict_t rnsi_resource_proof(rns_node_t *node, struct rnsi_link *link, rns_bytes_t data);
void rnsi_resource_out_due(rns_node_t *node, struct rnsi_resource_out *out);
// Prepares segments and sends parts, a bounded number, while interfaces have room. From rns_tick().
void rnsi_resource_tick(rns_node_t *node);
bool rnsi_resource_waits(const rns_node_t *node); // rnsi_resource_tick() has something to do now

// ---- resource_receive.c

// RESOURCE_ADV, decrypted.
rns_verdict_t rnsi_resource_offered(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain);
// RESOURCE_HMU, RESOURCE_ICL, decrypted.
rns_verdict_t rnsi_resource_mapped(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain);
rns_verdict_t rnsi_resource_cancelled(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain);
// RESOURCE: a part, not encrypted by itself. It is decrypted in place, and up to 15 bytes before it
// (of its packet's header) are overwritten.
rns_verdict_t rnsi_resource_part(rns_node_t *node, struct rnsi_link *link, rns_mem_t data,
                                 size_t packet_size);
void rnsi_resource_in_due(rns_node_t *node, struct rnsi_resource_in *in);

// Where an offered request or answer goes (what rns_resource_accept() is for others). FULL: no
// memory to unpack: refused to the peer, the slot is gone.
rns_err_t rnsi_resource_in_accept(rns_node_t *node, struct rnsi_resource_in *in,
                                  const rns_sink_t *sink, rns_mem_t metadata);
// Ends it without telling its owner; refuses or cancels it to the peer if the link is active.
void rnsi_resource_in_drop(rns_node_t *node, struct rnsi_resource_in *in);

// What the application knows it by; NULL: gone, or none that comes in.
rns_resource_t rnsi_resource_in_handle(const rns_node_t *node, const struct rnsi_resource_in *in);
struct rnsi_resource_in *rnsi_resource_in_get(const rns_node_t *node, rns_resource_t handle);
// CACHE_REQUEST, which is not encrypted: the proof of the last segment that came did not arrive.
rns_verdict_t rnsi_resource_proof_asked(rns_node_t *node, struct rnsi_link *link, rns_bytes_t data);

// ---- Both: the link closes. Each is ended and its owner told (CLOSED).
void rnsi_resources_close(rns_node_t *node, struct rnsi_link *link);

#endif
