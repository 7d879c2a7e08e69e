// rns/resource.h -- resources: data of any size over a link (RNS.Resource).
//
// A transfer takes memory for its window, not for its size: it is read from a source and written to
// a sink in order, segment by segment (1,048,575 bytes each). Each ends in exactly one
// RNS_EV_RESOURCE_DONE, within which its handle is gone already.
#ifndef RNS_RESOURCE_H_INCLUDED
#define RNS_RESOURCE_H_INCLUDED

#include "rns/node.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RNS_RESOURCE_SEGMENT       1048575U  // bytes of a segment (Resource.MAX_EFFICIENT_SIZE)
#define RNS_RESOURCE_COMPRESS_MOST 67108864U // Resource.AUTO_COMPRESS_MAX_SIZE
#define RNS_RESOURCE_UNPACK_MOST   67108864U // Resource.max_decompressed_size
#define RNS_METADATA_MAX           1048572U  // it must fit the first segment, with its head

typedef enum { RNS_ACCEPT_NONE, RNS_ACCEPT_ASK, RNS_ACCEPT_ALL } rns_accept_t;

// Neither a source nor a sink may call the node.

// Copied, but user must stay valid until the transfer has ended. read: bytes from offset on into
// out, which must be filled whole; it is called again and again for the same bytes (once to hash
// them, again for each part that is asked for) and must give the same: a source that gives other
// bytes, or too few, ends the transfer (CORRUPT). May be NULL if there are no bytes.
typedef struct {
    size_t (*read)(void *user, uint64_t offset, rns_mem_t out);
    void *user;
} rns_source_t;

// Copied, but user must stay valid until the transfer has ended. Neither a source nor a sink may
// call the node. Called in order:
//   write   the next bytes. false: not now, nothing of them was taken; the part is asked for again
//           a tenth of a second later, and so on for ever
//   commit  a segment is whole and its hash is right: what was written stays. false: it could not
//           be kept; the transfer ends (FULL). May be NULL
//   abort   the transfer has failed: what was written since the last commit is to be dropped. May
//           be NULL
typedef struct {
    bool (*write)(void *user, rns_bytes_t data);
    bool (*commit)(void *user);
    void (*abort)(void *user);
    void *user;
} rns_sink_t;

// Zero means the default, everywhere.
typedef struct {
    rns_bytes_t metadata;   // one msgpack value; lent until the transfer has ended; empty: none
    bool no_compress;       // default: compressed if that makes it smaller and memory is there
    uint64_t compress_most; // larger ones are sent as they are; default RNS_RESOURCE_COMPRESS_MOST
    rns_us_t timeout_us;    // for the first request of the peer; default 6 round trips
} rns_resource_options_t;

typedef struct {
    rns_link_t link;
    bool incoming, compressed, has_metadata, is_request, is_response;
    uint8_t hash[32];           // of the segment that is under way
    uint8_t original_hash[32];  // of the first segment: the resource's name
    uint64_t size;              // bytes of the whole resource with metadata, uncompressed
    uint64_t transfer_size;     // bytes of this segment as it is sent
    uint32_t segment, segments; // from 1
    uint32_t parts, parts_done; // of this segment
    uint32_t progress_ppm;      // of the whole, in millionths (Resource.get_progress)
    uint32_t window;            // parts asked for at once (incoming)
    rns_us_t started;
} rns_resource_info_t;

// Offers size bytes (0 too: an empty resource, which nodes of the reference cannot send) over a
// link. One transfer at a time goes out over a link, others wait for it in order. It ends with OK,
// REFUSED (by the peer), TIMEOUT, CANCELLED, CLOSED (the link), CORRUPT (the source, or what the
// peer asks for), or ENTROPY.
// STATE: the link is not active; FULL: RESOURCE_OUT, or as many of this link as it may have; SIZE:
// metadata too large; ARG; GONE; ENTROPY.
rns_err_t rns_resource_send(rns_node_t *node, rns_us_t now, rns_link_t link,
                            const rns_source_t *source, uint64_t size,
                            const rns_resource_options_t *options, rns_resource_t *resource);
// Takes what RNS_EV_RESOURCE_OFFER offers, in the callback or later (the peer offers it five times
// in all; then it ends with TIMEOUT). metadata: lent until RNS_EV_RESOURCE_DONE; its size is the
// limit, larger metadata ends the transfer (SIZE). It may also end as above; CORRUPT: it is not
// what the peer said it was.
// GONE; STATE: it is taken already, or is a request or an answer; ARG; FULL: it is compressed and
// no memory to unpack is free: refused to the peer, RNS_EV_RESOURCE_DONE comes within the call.
rns_err_t rns_resource_accept(rns_node_t *node, rns_us_t now, rns_resource_t resource,
                              const rns_sink_t *sink, rns_mem_t metadata);
// How many bytes a compressed segment of what comes in may have once it is unpacked; 0: the
// default, RNS_RESOURCE_UNPACK_MOST, which none reaches. One that has more ends the transfer
// (CORRUPT) and, as with the reference, the link. GONE.
rns_err_t rns_resource_unpack_most(rns_node_t *node, rns_resource_t resource, uint32_t size);
// Refuses what comes in; RNS_EV_RESOURCE_DONE (CANCELLED) comes within the call. GONE.
rns_err_t rns_resource_reject(rns_node_t *node, rns_us_t now, rns_resource_t resource);
// Ends it on both sides; RNS_EV_RESOURCE_DONE (CANCELLED) comes within the call. GONE.
rns_err_t rns_resource_cancel(rns_node_t *node, rns_us_t now, rns_resource_t resource);
rns_err_t rns_resource_info(const rns_node_t *node, rns_resource_t resource,
                            rns_resource_info_t *info); // GONE

// A source over bytes in memory and a sink into memory: `memory` is the user, and must stay where
// it is. The sink's used counts what is committed and written; a full one says "not now".
typedef struct {
    rns_mem_t mem;
    size_t used, committed;
} rns_memory_sink_t;
rns_source_t rns_source_of(rns_bytes_t *memory);
rns_sink_t rns_sink_to(rns_memory_sink_t *memory);

#ifdef __cplusplus
}
#endif
#endif
