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
    X(PROVE)       /* prove this packet? dest, packet_hash, ask; answer with rns_prove() */        \
    X(PROOF)       /* the end of a receipt, exactly one each: receipt, status, rtt_us, hops, is_explicit */ \
    X(PATH)        /* a path was learned or changed: hash, hops, iface */                          \
    X(APP_DATA)    /* a path request wants our announce now: dest; rns_dest_app_data() may be called */ \
    X(TUNNEL)      /* an interface was found to be a known tunnel: iface */

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
    uint8_t hops;
    bool has_data, is_response, is_explicit;
} rns_event_t;

#endif
