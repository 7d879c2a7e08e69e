// link.h -- links of our own, as the parts that stand on them see them.
//
// An event lets the application close the link, remove its destination or its interface, and with
// them everything that stands on the link. Whoever raises one keeps the handle and asks again
// (rnsi_link_get) before it goes on, or has it as its last act.
#ifndef RNSI_SESSION_LINK_H_INCLUDED
#define RNSI_SESSION_LINK_H_INCLUDED

#include "node.h"
#include "rns/link.h"
#include "route/outbound.h"

// Bits of rnsi_link.flags.
enum {
    RNSI_LINK_INITIATOR = 1,
    RNSI_LINK_KNOWS_PEER = 2,
    RNSI_LINK_REBALANCED = 4,
    RNSI_LINK_TRACKS_PHY = 8,
    RNSI_LINK_TOLD = 16,  // its RNS_EV_LINK_UP was raised, or we opened it: its end is told too
    RNSI_LINK_HASTY = 32, // the peer offers resources before it takes requests for them
};

#define RNSI_TRAFFIC_FACTOR 6 // Link.TRAFFIC_TIMEOUT_FACTOR
#define RNSI_STALE_FACTOR   2 // Link.STALE_FACTOR

// Link.KEEPALIVE_MAX: longest time between keepalives; also what an initiator has for its answer to
// our proof (Link.KEEPALIVE).
#define RNSI_KEEPALIVE (360 * RNSI_SECOND)

struct rnsi_link *rnsi_link_get(const rns_node_t *node, rns_link_t handle); // NULL: gone
struct rnsi_link *rnsi_link_at(const rns_node_t *node, uint32_t slot);      // that is taken
rns_link_t rnsi_link_handle(const rns_node_t *node, const struct rnsi_link *link);
uint32_t rnsi_link_slot(const rns_node_t *node, const struct rnsi_link *link);

static inline bool rnsi_link_is_initiator(const struct rnsi_link *link) {
    return (link->flags & RNSI_LINK_INITIATOR) != 0;
}

// Bytes of what a packet carries encrypted (Link.update_mdu), and of a part (Resource.sdu).
uint32_t rnsi_link_mdu(const struct rnsi_link *link);
uint32_t rnsi_link_sdu(const struct rnsi_link *link);

// ---- Sending. All of a link goes out over its interface; false: no frame, or nothing takes it.

// Encrypts head and body (either may be empty, in all at most the MDU) as a DATA packet. hash (may
// be NULL): the packet's.
bool rnsi_link_send(rns_node_t *node, struct rnsi_link *link, rnsi_context_t context,
                    rnsi_out_t plain, uint8_t hash[32]);
// Bytes that are sent as they are: parts, proofs of resources, keepalives.
bool rnsi_link_send_bare(rns_node_t *node, struct rnsi_link *link, rnsi_packet_type_t type,
                         rnsi_context_t context, rns_bytes_t data);
// A part of this size, whose bytes are made in its frame: fill writes them; false: not sent.
typedef bool (*rnsi_fill_t)(rns_node_t *node, void *context, rns_mem_t out);
bool rnsi_link_send_part(rns_node_t *node, struct rnsi_link *link, size_t size, rnsi_fill_t fill,
                         void *context);
// Whether its interface would take a frame of this size without its queue growing long: who has
// many parts to send asks before each (rnsi_tx_*).
bool rnsi_link_has_room(const rns_node_t *node, const struct rnsi_link *link, size_t size);
// Proves a packet of the peer: always explicit (Link.prove_packet).
void rnsi_link_prove(rns_node_t *node, struct rnsi_link *link, const uint8_t packet_hash[32]);
// Whether data (hash and signature, 96 bytes) is the peer's proof of a packet of this hash.
bool rnsi_link_proves(const rns_node_t *node, const struct rnsi_link *link, rns_bytes_t data,
                      const uint8_t packet_hash[32]);

// ---- What node.c hands in

// A link request for a destination of ours.
rns_verdict_t rnsi_link_request(rns_node_t *node, struct rnsi_dest *dest, rnsi_rx_t *rx);
// The proof of a link that we asked for (context LRPROOF).
rns_verdict_t rnsi_link_proof(rns_node_t *node, struct rnsi_link *link, rnsi_rx_t *rx);
// Any other packet of a link.
rns_verdict_t rnsi_link_receive(rns_node_t *node, struct rnsi_link *link, rnsi_rx_t *rx);
void rnsi_link_due(rns_node_t *node, struct rnsi_link *link);
void rnsi_link_culled(void *node, void *element); // drop callback: a half-open link makes room

// ---- Between its files

// A slot for a link, unpinned, with nothing on it yet. NULL: full.
struct rnsi_link *rnsi_link_take(rns_node_t *node, const uint8_t id[16], const uint8_t dest[16]);
// The destination of ours that it leads to; NULL: none.
struct rnsi_dest *rnsi_link_dest(const rns_node_t *node, const struct rnsi_link *link);
rns_us_t rnsi_keepalive_of(rns_us_t rtt); // Link.__update_keepalive
// Sets its deadline to the next look at an active link.
void rnsi_link_schedule(rns_node_t *node, struct rnsi_link *link);
// A LRRTT packet, decrypted: the initiator has our proof.
rns_verdict_t rnsi_link_rtt(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain,
                            uint8_t hops);
// Closes it as its own side (Link.teardown).
void rnsi_link_end(rns_node_t *node, struct rnsi_link *link);

// ---- Ends

// Ends a link: says so to the peer if tell, ends what stands on it, wipes its keys, raises
// RNS_EV_LINK_DOWN.
void rnsi_link_close(rns_node_t *node, struct rnsi_link *link, rns_link_reason_t reason, bool tell);
// All links of a destination that is removed, or of an interface.
void rnsi_links_of_dest_close(rns_node_t *node, const struct rnsi_dest *dest);
// They prove as it does. Costs a walk over the links.
void rnsi_links_of_dest_prove(rns_node_t *node, const struct rnsi_dest *dest);

#endif
