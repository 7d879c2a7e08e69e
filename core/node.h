// node.h -- the node as its stages see it. Only node.c calls the stages; what they share stands
// here.
#ifndef RNSI_NODE_H_INCLUDED
#define RNSI_NODE_H_INCLUDED

#include "crypto/drbg.h"
#include "crypto/identity.h"
#include "feature.h"
#include "memory/elements.h"
#include "memory/layout.h"
#include "rns/destination.h"
#include "rns/iface.h"
#include "rns/node.h"
#include "rns/path.h"
#include "wire/packet.h"
#include <string.h>

#define RNSI_SECOND ((rns_us_t)1000000)
#define RNSI_MS     ((rns_us_t)1000)

#define RNSI_PER_HOP_TIMEOUT (6 * RNSI_SECOND) // Reticulum.DEFAULT_PER_HOP_TIMEOUT

// The pool of a row.
#define RNSI_POOL(node, id) (&(node)->memory.pools[RNS_POOL_##id])

// Bits of rnsi_iface.flags.
enum {
    RNSI_IFACE_ONLINE = 1,
    RNSI_IFACE_OUT = 2,
    RNSI_IFACE_INGRESS = 4,        // ingress control
    RNSI_IFACE_EGRESS = 8,         // egress control
    RNSI_IFACE_UNLIMITED = 16,     // its kind never holds announces back
    RNSI_IFACE_RECURSIVE = 32,     // searches for unknown paths in every mode
    RNSI_IFACE_FROM_INTERNAL = 64, // sends announces that came over INTERNAL interfaces
    RNSI_IFACE_TO_INTERNAL = 128,  // its announces may go to INTERNAL interfaces in any case
    RNSI_IFACE_FULL = 256,         // the host's output is full
    RNSI_IFACE_READY = 512,        // stands in the ring of those with something to send
};

// Bits of rnsi_dest.flags.
enum {
    RNSI_DEST_LINKS = 1,    // accepts link requests
    RNSI_DEST_RATCHETS = 2, // rotates ratchet keys
    RNSI_DEST_ENFORCE = 4,  // refuses what is encrypted to its base key
    RNSI_DEST_MANAGED = 8,  // the node announces it by itself
};

// States of an announce in the inbox.
enum { RNSI_INBOX_WAITS, RNSI_INBOX_AT_HOST, RNSI_INBOX_VALID, RNSI_INBOX_INVALID };

// Rows that peers can fill: an interface holds at most a quarter of each.
typedef enum {
    RNSI_SHARE_FRAME,
    RNSI_SHARE_FRAME_2K,
    RNSI_SHARE_FRAME_16K,
    RNSI_SHARE_FRAME_MAX,
    RNSI_SHARE_ANNOUNCE,
    RNSI_SHARE_ASK,
    RNSI_SHARE_LIMITED,
    RNSI_SHARE_RATCHET_TRY,
    RNSI_SHARE_COUNT
} rnsi_share_t;

// What one link, or one destination, may have of the rows that all share.
typedef struct {
    uint16_t resources_in, resources_out, requests;
    uint16_t ring;     // messages under way, and messages received out of order
    uint16_t ratchets; // of a destination
} rnsi_limits_t;

struct rns_node {
    rnsi_memory_t memory;
    rnsi_crypto_t crypto;
    const rns_compress_t *compress; // NULL: none
    rns_store_t store;
    bool (*entropy)(void *user, uint8_t *out, size_t size);
    void (*on_event)(void *user, rns_node_t *node, const rns_event_t *event);
    void *user;

    rns_us_t now, opened;
    int64_t unix_at_zero; // wall time when the monotonic clock showed 0; 0: not known
    rnsi_drbg_t drbg;

    bool transport, explicit_proof, link_mtu;
    bool host_verifies;
    uint32_t tunnel_cursor; // slot in TUNNEL_PATH to be looked at next
    rnsi_identity_t identity;
    rns_secret_t identity_secret;
    rns_signer_t signer_secret;
    uint8_t path_request_dest[16], tunnel_dest[16]; // rnstransport.path.request, .tunnel.synthesize
    rns_dest_t probe;                               // rnstransport.probe, if it answers
    rnsi_limits_t limits;                           // of each link or destination

    uint16_t ready;               // next interface with something to send, or RNSI_NO_IFACE
    uint32_t broadcast;           // number of the broadcast that is being sent
    uint32_t frame_mtu;           // bytes of the largest packet that a frame row holds; not 0
    uint32_t lowest_bitrate;      // over online interfaces; 0: not known
    uint32_t inbox_check;         // slot in INBOX_ANNOUNCE to be verified next, or RNSI_NONE
    uint32_t ask_first, ask_last; // path requests that the node itself still has to send
    uint32_t asks_queued;
    rns_us_t ask_queue_at;                   // when the next of them goes out
    rns_us_t tables_at;                      // next look at the old ends of the tables
    rns_us_t blackholes_at;                  // next search for those that are over
    rns_us_t managed_at;                     // next announces of the node's own destinations
    uint32_t dirty[RNS_RECORD_COUNT];        // records to be put
    uint32_t dirty_cursor[RNS_RECORD_COUNT]; // where the search for them goes on
    rns_us_t store_retry_at;                 // after the store said "later"
    uint32_t records_skipped;                // of those loaded, what did not parse
    uint32_t sender, senders; // slot in RESOURCE_OUT whose turn is next, or RNSI_NONE; how many
    uint32_t unpacker;        // first slot in RESOURCE_IN that unpacks, or RNSI_NONE
    bool senders_wait;        // ... none of them could do anything
    bool tx_went_out;         // since the last tick: who waits to send parts may go on
    uint64_t rx_packets, announces, asks, forwarded;
};

// A packet on its way in: parsed, not yet believed.
typedef struct {
    rnsi_packet_t packet;
    struct rnsi_iface *iface;
    rnsi_iface_ref_t from;
    const rns_phy_t *phy;
    uint8_t hops;        // as received, plus one
    bool has_hash, seen; // hash is set; it stands in the duplicate filter
    uint8_t hash[32];
    uint64_t print;      // keyed hash of its first half
    uint64_t dest_print; // keyed hash of the address; has_dest_print
    bool has_dest_print;
} rnsi_rx_t;

// ---- node.c
bool rnsi_random(rns_node_t *node, uint8_t *out, size_t size);
// Entropy for a long-term key: reseeds before. false: the callback failed.
bool rnsi_random_key(rns_node_t *node, uint8_t *out, size_t size);
// Wall time in microseconds; 0: not known.
int64_t rnsi_unix_us(const rns_node_t *node);

// ---- event.c
void rnsi_event(rns_node_t *node, rns_event_t *event); // fills in at

// Does it forward for others?
static inline bool rnsi_transports(const rns_node_t *node) {
    return RNS_WITH_TRANSPORT && node->transport;
}

static inline bool rnsi_hash_is(const uint8_t *a, const uint8_t *b) {
    return memcmp(a, b, 16) == 0;
}

#endif
