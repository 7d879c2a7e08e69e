// rns/event.h -- what the node has to say to the application, through one callback.
#ifndef RNS_EVENT_H_INCLUDED
#define RNS_EVENT_H_INCLUDED

#include "rns/errors.h"
#include "rns/types.h"

// clang-format off
#define RNS_EVENTS(X)                                                                              \
    X(ANNOUNCE)    /* a listener's: handler, hash: destination, identity, pub, data, has_data, hops, iface, \
                      is_response */                                                               \
    X(PACKET)      /* for a destination of ours: dest, data: decrypted, hops, iface, phy, packet_hash,     \
                      ratchet_id (NULL: the base key) */                                           \
    X(PROVE)       /* prove this packet? dest or link, packet_hash, ask; answer with rns_prove() */ \
    X(PROOF)       /* the end of a receipt, exactly one each: receipt, status, rtt_us, hops, phy, is_explicit */ \
    X(PATH)        /* a path was learned or changed: hash, hops, iface; by an announce also its other fields, \
                      by a tunnel that is back none. Not for paths from the store */               \
    X(APP_DATA)    /* a path request wants our announce now: dest; rns_dest_app_data() may be called */ \
    X(TUNNEL)      /* an interface was found to be a known tunnel: iface */                        \
    X(LINK_UP)     /* a link is open: link, hash: its destination, dest if that is ours, is_initiator, hops, \
                      rtt_us, iface */                                                             \
    X(LINK_PEER)   /* the peer has proved who it is: link, identity, pub */                        \
    X(LINK_PACKET) /* link, data: decrypted, packet_hash, hops, iface, phy */                      \
    X(LINK_DOWN)   /* the end of a link, exactly one each: link (gone), hash: its destination, dest, reason */ \
    X(CHANNEL)     /* a message that no handler has taken: link, number: its type, sequence, data */ \
    X(CHANNEL_SENT)  /* a message of ours was proved: link, sequence */                            \
    X(CHANNEL_READY) /* the window has room again after a call that found none: link */            \
    X(BUFFER)      /* a stream has something to read, or ended: link, buffer, number: its number, size: bytes \
                      that wait, is_end; status CORRUPT: a message of it unpacks to too much or to nothing, and \
                      is not proved */                                                             \
    X(REQUEST)     /* query, link, dest, hash: of the path, data: a msgpack value, has_data, identity and      \
                      has_identity: who asks, request_id, unix_us: when it says that it was asked */ \
    X(REQUEST_OFFER) /* a request comes as a resource: link, dest, resource, size; rns_request_take() */       \
    X(QUERY_DONE)  /* the end of an answer, exactly one each: query (gone), link, status */        \
    X(REQUEST_PROGRESS) /* an answer is coming: request, link, done, size */                       \
    X(RESPONSE)    /* the end of a request, exactly one each: request (gone), link, status, data: a msgpack    \
                      value or, is_file, a file's bytes unless they went to a sink, metadata, size */ \
    X(RESOURCE_OFFER) /* link, resource, size; see rns_resource_info() for the rest */           \
    X(RESOURCE_PROGRESS) /* link, resource, progress_ppm */                                        \
    X(RESOURCE_DONE) /* the end of a transfer, exactly one each: resource (gone), link, status, is_incoming,   \
                      size, metadata */

#define RNSI_EV(id) RNS_EV_##id,
typedef enum { RNS_EVENTS(RNSI_EV) RNS_EV_COUNT } rns_event_type_t;
#undef RNSI_EV
// clang-format on

// Fields that an event does not name are zero. Pointers and views die when the callback returns.
typedef struct {
    rns_event_type_t type;
    rns_err_t status;
    rns_us_t at;
    rns_iface_t iface;
    rns_dest_t dest;
    rns_receipt_t receipt;
    rns_handler_t handler;
    rns_ask_t ask;
    rns_hash_t hash, identity;
    rns_bytes_t data;
    const uint8_t *pub;         // 64 bytes
    const uint8_t *packet_hash; // 32 bytes
    const uint8_t *ratchet_id;  // 10 bytes
    const rns_phy_t *phy;
    rns_us_t rtt_us;
    rns_link_t link;
    rns_buffer_t buffer;
    rns_request_t request;
    rns_query_t query;
    rns_resource_t resource;
    rns_bytes_t metadata;
    const uint8_t *request_id; // 16 bytes
    uint64_t size, done;
    int64_t unix_us;
    uint32_t progress_ppm;
    uint16_t number, sequence;
    uint8_t hops;
    uint8_t reason; // rns_link_reason_t
    bool has_data, has_identity, is_response, is_explicit, is_initiator, is_incoming, is_file,
        is_end;
} rns_event_t;

#endif
