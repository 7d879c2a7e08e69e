// rns/link.h -- links: encrypted sessions with a destination (RNS.Link).
//
// A link is opened towards a destination whose path is known, or by somebody towards one of ours
// that takes links. It ends in exactly one RNS_EV_LINK_DOWN at each side that had an
// RNS_EV_LINK_UP or had opened it; its handle is gone when that event comes.
#ifndef RNS_LINK_H_INCLUDED
#define RNS_LINK_H_INCLUDED

#include "rns/destination.h"
#include "rns/resource.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    RNS_LINK_PENDING,   // asked for: the proof has not come
    RNS_LINK_HANDSHAKE, // proved by us: the initiator has not said that it has the proof
    RNS_LINK_ACTIVE,
    RNS_LINK_STALE, // the peer has been silent for two keepalive intervals
    RNS_LINK_CLOSED
} rns_link_state_t;

typedef enum { // RNS.Link.TIMEOUT, INITIATOR_CLOSED, DESTINATION_CLOSED
    RNS_LINK_TIMEOUT = 1,
    RNS_LINK_INITIATOR_CLOSED,
    RNS_LINK_DESTINATION_CLOSED
} rns_link_reason_t;

typedef struct {
    rns_link_state_t state;
    bool initiator;
    rns_hash_t id;          // the link's address
    rns_hash_t destination; // that it leads to
    rns_dest_t dest;        // the same if it is ours, else {0, 0}
    rns_iface_t iface;      // over which all its packets go; {0, 0}: not known yet
    uint32_t mtu, mdu;      // bytes of a packet; of what rns_link_send() takes
    uint8_t hops;           // that its packets are expected to have; RNS_HOPS_UNKNOWN: not known
    rns_us_t rtt_us;        // measured once, when it was opened; 0: not yet
    rns_us_t keepalive_us, stale_us;
    rns_us_t activated, last_inbound, last_outbound, last_data; // 0: never
    uint32_t establishment_rate_bps, expected_rate_bps;         // 0: not known
    uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;        // bytes: data of packets
    rns_phy_t phy;   // of the last packet, if tracked (rns_link_track_phy())
    bool has_peer;   // the peer's identity is known
    rns_hash_t peer; // initiator: of the destination; responder: what the peer has proved
    uint8_t peer_pub[64];
} rns_link_info_t;

// Asks a SINGLE destination for a link. RNS_EV_LINK_UP follows, or RNS_EV_LINK_DOWN with
// RNS_LINK_TIMEOUT after the first hop's timeout and 6 s a hop, or RNS_LINK_DESTINATION_CLOSED if
// its proof is of a mode of encryption that links cannot have. Asks for a larger MTU than 500
// where the interface has one (rns_config_t.no_link_mtu). Costs two multiplications, and two more
// and a signature check when the proof comes. NO_PATH: its key is not known (without a path the
// request goes out on all interfaces); FULL: no slot in LINK, or no interface took it; ENTROPY;
// ARG: a PLAIN or GROUP destination of ours.
rns_err_t rns_link_open(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                        rns_link_t *link);
// Tells the peer, who opened no link itself, who we are: RNS_EV_LINK_PEER there. Initiator only.
// STATE: not active, or the responder; GONE; FULL.
rns_err_t rns_link_identify(rns_node_t *node, rns_us_t now, rns_link_t link,
                            const rns_secret_t *identity);
// Sends a packet: RNS_EV_LINK_PACKET there. receipt (may be NULL) asks for a proof, which the peer
// gives as its destination's strategy says, and ends in exactly one RNS_EV_PROOF, at the latest
// after 6 round trips and a second. SIZE: more than the link's MDU; STATE: not active; FULL; GONE;
// ENTROPY.
rns_err_t rns_link_send(rns_node_t *node, rns_us_t now, rns_link_t link, rns_bytes_t data,
                        rns_receipt_t *receipt);
// Closes it and wipes its keys; what was under way on it ends first, each with its own event.
// RNS_EV_LINK_DOWN comes within the call. GONE.
rns_err_t rns_link_close(rns_node_t *node, rns_us_t now, rns_link_t link);

// What happens to resources that the peer offers, until it is changed:
//   NONE  ignored (the default, as in the reference)
//   ASK   each is an event RNS_EV_RESOURCE_OFFER, answered by rns_resource_accept() or _reject()
//   ALL   taken one after the other into sink and metadata (lent until the link is down, or the
//         strategy was changed and none is under way); while one is under way others are refused
// Requests and their answers do not count. GONE; ARG: ALL without a sink.
rns_err_t rns_link_accept(rns_node_t *node, rns_link_t link, rns_accept_t strategy,
                          const rns_sink_t *sink, rns_mem_t metadata);
// What becomes of packets that come over it: proved, not, or asked about (RNS_EV_PROVE). At first
// the responder does as its destination says, the initiator proves none. GONE, ARG.
rns_err_t rns_link_proofs(rns_node_t *node, rns_link_t link, rns_prove_t strategy);
// Keeps signal values of the link's packets, for interfaces that report them. GONE.
rns_err_t rns_link_track_phy(rns_node_t *node, rns_link_t link, bool track);

rns_err_t rns_link_info(const rns_node_t *node, rns_link_t link, rns_link_info_t *info); // GONE
// The first link from *cursor on; false: no more. Start with 0.
bool rns_link_each(const rns_node_t *node, uint32_t *cursor, rns_link_t *link);
// Whether a destination of ours takes link requests from now on. GONE; ARG: not SINGLE.
rns_err_t rns_dest_links(rns_node_t *node, rns_dest_t dest, bool accepts);

#ifdef __cplusplus
}
#endif
#endif
