// rns/request.h -- requests and their answers over a link (RNS.Link.request,
// RNS.Destination.register_request_handler). Data and answers are one msgpack value each; an answer
// may also be a file with metadata.
#ifndef RNS_REQUEST_H_INCLUDED
#define RNS_REQUEST_H_INCLUDED

#include "rns/link.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RNS_REQUEST_PATH_MAX 4096U // bytes of a path

typedef enum { RNS_ALLOW_NONE, RNS_ALLOW_ALL, RNS_ALLOW_LIST } rns_allow_t;

// ---- Answering

// Requests for this path to a destination of ours become RNS_EV_REQUEST, if the peer may ask:
// RNS_ALLOW_LIST wants it to have identified as one of `allowed` (lent until the handler or its
// destination is removed). Others are not answered. A second call for a path replaces the first.
// FULL: REQUEST_HANDLER; GONE; ARG: no path, one that is too long, or no list.
rns_err_t rns_request_handler(rns_node_t *node, rns_dest_t dest, const char *path,
                              rns_allow_t allow, const rns_hash_t *allowed, size_t count);
// GONE: the destination, or there is no such handler.
rns_err_t rns_request_handler_remove(rns_node_t *node, rns_dest_t dest, const char *path);
// Larger requests to a destination of ours are ignored (a packet) or refused (a resource). 0: any.
rns_err_t rns_request_limit(rns_node_t *node, rns_dest_t dest, uint32_t bytes); // GONE

// Takes a request that comes as a resource (RNS_EV_REQUEST_OFFER) into lent memory, in the callback
// or later, while the peer offers it (five times in all). It is given back when RNS_EV_REQUEST has
// returned, whose resource is the offer's, or instead of that RNS_EV_RESOURCE_DONE: the transfer
// has failed, AUTH: the peer may not ask for this, CORRUPT: it is no request. SIZE: the memory is
// smaller than the request, which is refused; GONE; FULL: QUERY, or it is compressed and no memory
// to unpack is free.
rns_err_t rns_request_take(rns_node_t *node, rns_us_t now, rns_resource_t offer, rns_mem_t memory);

// Answers RNS_EV_REQUEST, in the callback or later; a query that is not answered stays until the
// link is down, rns_query_drop() or it is culled: by the next ones, where its link has as many as
// it may have requests, or the row QUERY is full. value is one msgpack value. It goes out
// as a packet if it fits (copied; RNS_EV_QUERY_DONE comes within the call), else as a resource;
// value is then lent until RNS_EV_QUERY_DONE. GONE; ARG: no value; STATE: it is being answered;
// FULL; ENTROPY.
rns_err_t rns_respond(rns_node_t *node, rns_us_t now, rns_query_t query, rns_bytes_t value);
// Answers with a file: size bytes of the source, and metadata (one msgpack value, lent; empty: nil
// is sent, since without any the peer would not take it for a file). The source is used until
// RNS_EV_QUERY_DONE. Errors as above; SIZE: metadata too large.
rns_err_t rns_respond_file(rns_node_t *node, rns_us_t now, rns_query_t query,
                           const rns_source_t *source, uint64_t size, rns_bytes_t metadata,
                           bool no_compress);
// Does not answer, or breaks off: RNS_EV_QUERY_DONE (CANCELLED) comes within the call. GONE.
rns_err_t rns_query_drop(rns_node_t *node, rns_query_t query);

// ---- Asking

// Zero means the default, everywhere.
typedef struct {
    rns_us_t timeout_us;    // default: 6 round trips and 11.25 s
    uint64_t max_response;  // bytes; larger answers are refused and end it with SIZE; 0: any
    rns_mem_t memory;       // for an answer that is no packet, as it comes: a value with 19 bytes
                            // before it, a file with room for its metadata; lent until the end
    const rns_sink_t *sink; // for the data of a file, instead of memory; copied
    rns_mem_t metadata;     // for a file's; lent until the end
} rns_request_options_t;

// Asks. data: one msgpack value (empty: nil). It goes out as a packet if it fits (copied), else as
// a resource; then data is lent until the end. RNS_EV_REQUEST_PROGRESS tells of a long answer, and
// exactly one RNS_EV_RESPONSE ends it: OK, TIMEOUT, REFUSED, CLOSED (the link), SIZE (too large for
// what was lent), FULL (no memory to unpack it was free), CORRUPT, CANCELLED. The timeout counts
// from when the request is out, and no longer once the answer is coming.
// STATE: the link is not active; FULL: REQUEST, or as many as a link may have; GONE; ENTROPY; ARG.
rns_err_t rns_request(rns_node_t *node, rns_us_t now, rns_link_t link, const char *path,
                      rns_bytes_t data, const rns_request_options_t *options,
                      rns_request_t *request);
// Forgets it: RNS_EV_RESPONSE (CANCELLED) comes within the call. GONE.
rns_err_t rns_request_cancel(rns_node_t *node, rns_us_t now, rns_request_t request);

#ifdef __cplusplus
}
#endif
#endif
