// request.h -- requests and answers over a link (RNS/Link.py: request, handle_request,
// handle_response, RequestReceipt), as link.c and the transfers see them.
#ifndef RNSI_SESSION_REQUEST_H_INCLUDED
#define RNSI_SESSION_REQUEST_H_INCLUDED

#include "session/resource.h"

// Packets of the link's peer, decrypted. request_id: the first 16 bytes of the packet's hash.
rns_verdict_t rnsi_request_receive(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain,
                                   const uint8_t request_id[16]);
rns_verdict_t rnsi_response_receive(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain);
void rnsi_request_due(rns_node_t *node, struct rnsi_request *request);

// ---- Called by the transfers

// A request or an answer is offered as a resource; in is filled from the advertisement. It is
// accepted or dropped (rnsi_resource_in_*) within the call, or later by rns_request_take().
rns_verdict_t rnsi_request_offered(rns_node_t *node, struct rnsi_link *link,
                                   struct rnsi_resource_in *in);
// The transfer of a request or answer that comes in has ended; its slot is given already. metadata
// is what came, size the whole resource's.
void rnsi_request_arrived(rns_node_t *node, rnsi_kind_t kind, uint32_t owner, rns_err_t status,
                          rns_bytes_t metadata, bool has_metadata, uint64_t size);
// Parts came.
void rnsi_request_progress(rns_node_t *node, uint32_t owner, uint64_t done, uint64_t size);
// The transfer of a request or answer that goes out has ended; its slot is given already.
void rnsi_request_sent(rns_node_t *node, rnsi_kind_t kind, uint32_t owner, rns_err_t status);

void rnsi_query_culled(void *node, void *element); // drop callback
// The link closes: every request ends (RNS_EV_RESPONSE, CLOSED), every query (RNS_EV_QUERY_DONE).
void rnsi_requests_close(rns_node_t *node, struct rnsi_link *link);
// A destination is removed: its handlers go.
void rnsi_handlers_of_dest_drop(rns_node_t *node, const struct rnsi_dest *dest);

#endif
