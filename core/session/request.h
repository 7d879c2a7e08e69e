// request.h -- requests and answers over a link (RNS/Link.py: request, handle_request,
// handle_response, RequestReceipt), as link.c and the transfers see them.
#ifndef RNSI_SESSION_REQUEST_H_INCLUDED
#define RNSI_SESSION_REQUEST_H_INCLUDED

#include "rns/request.h"
#include "session/resource.h"

#define RNSI_RESPONSE_MAX_GRACE (10 * RNSI_SECOND) // Resource.RESPONSE_MAX_GRACE_TIME

// States of a request of ours.
typedef enum {
    RNSI_REQUEST_SENDING,  // as a resource: that has its own timeouts
    RNSI_REQUEST_SENT,     // until its deadline
    RNSI_REQUEST_RECEIVING // its answer is coming as a resource
} rnsi_request_state_t;

// States of a request of a peer.
typedef enum {
    RNSI_QUERY_RECEIVING, // as a resource, into lent memory. Pinned
    RNSI_QUERY_WAITING,   // for the application's answer: may be culled
    RNSI_QUERY_SENDING    // its answer, as a resource. Pinned
} rnsi_query_state_t;

// Packets of an active link's peer, decrypted. request_id: the first 16 bytes of the packet's hash.
rns_verdict_t rnsi_request_receive(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain,
                                   const uint8_t request_id[16]);
rns_verdict_t rnsi_response_receive(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain);
void rnsi_request_due(rns_node_t *node, struct rnsi_request *request);

// ---- Called by the transfers

// A request or an answer is offered as a resource; in is filled from the advertisement. It is
// accepted or dropped (rnsi_resource_in_*) within the call, or later by rns_request_take(). Raises
// events.
rns_verdict_t rnsi_request_offered(rns_node_t *node, struct rnsi_link *link,
                                   struct rnsi_resource_in *in);
// The transfer of a request or answer that comes in has ended; its slot is given already. metadata
// is what came, size the whole resource's.
void rnsi_request_arrived(rns_node_t *node, rnsi_kind_t kind, uint32_t owner, rns_err_t status,
                          rns_bytes_t metadata, uint64_t size);
// Parts came.
void rnsi_request_progress(rns_node_t *node, uint32_t owner, uint64_t done, uint64_t size);
// The transfer of a request or answer that goes out has ended; its slot is given already.
void rnsi_request_sent(rns_node_t *node, rnsi_kind_t kind, uint32_t owner, rns_err_t status);

// The link closes, its slot is still taken: every request ends (RNS_EV_RESPONSE, CLOSED), every
// query (RNS_EV_QUERY_DONE).
void rnsi_requests_close(rns_node_t *node, struct rnsi_link *link);

// ---- request_handler.c

// A destination is removed: its handlers go.
void rnsi_handlers_of_dest_drop(rns_node_t *node, struct rnsi_dest *dest);
bool rnsi_request_path(const rns_node_t *node, const char *path, rns_hash_t *hash); // false: none
// Whether a request for this path (its hash) is answered. peer: identity hash; NULL: not known.
bool rnsi_request_allowed(const rns_node_t *node, const struct rnsi_dest *dest,
                          const uint8_t path[16], const uint8_t *peer);

// ---- Between request.c and query.c

// Reads head and body as one run of bytes.
size_t rnsi_pieces_read(rnsi_out_t pieces, uint64_t offset, rns_mem_t out);
// Writes behind what is in memory. false: it does not fit, nothing was written.
bool rnsi_lent_write(rns_mem_t memory, uint64_t *used, rns_bytes_t data);

rns_verdict_t rnsi_query_offered(rns_node_t *node, struct rnsi_link *link,
                                 struct rnsi_resource_in *in);
void rnsi_query_arrived(rns_node_t *node, uint32_t slot, rns_err_t status);
void rnsi_query_sent(rns_node_t *node, uint32_t slot, rns_err_t status);
void rnsi_queries_close(rns_node_t *node, struct rnsi_link *link);

#endif
