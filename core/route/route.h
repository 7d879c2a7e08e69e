// route.h -- what is a packet to us? Decides, and sends nothing.
#ifndef RNSI_ROUTE_H_INCLUDED
#define RNSI_ROUTE_H_INCLUDED

#include "node.h"

typedef enum {
    RNSI_DROP,        // verdict says why
    RNSI_ANNOUNCE,    // to the announces
    RNSI_ASK,         // a path request
    RNSI_TUNNEL,      // a tunnel's synthesis
    RNSI_FORWARD,     // along `path`, out of `out`
    RNSI_RELAY,       // over a link of others, out of `out`
    RNSI_LINK_PROOF,  // the proof of a link of others, to be verified and sent out of `out`
    RNSI_PROOF_BACK,  // a proof on its way back, out of `out`
    RNSI_DELIVER,     // data for `dest`, a destination of ours
    RNSI_PROOF,       // a proof that may be for a packet of ours
    RNSI_LINK_ASKED,  // a link request for `dest`
    RNSI_LINK_OPENED, // the proof of `link`, which we asked for
    RNSI_LINK_OWN     // a packet of `link`, one of ours
} rnsi_action_t;

typedef struct {
    rnsi_action_t action;
    rns_verdict_t verdict;
    bool remember; // it counts as seen from now on
    struct rnsi_iface *out;
    struct rnsi_path *path;
    struct rnsi_relay *relay;
    struct rnsi_reverse *reverse;
    struct rnsi_dest *dest;
    struct rnsi_link *link;
} rnsi_decision_t;

// For a packet that passed the filter. Tables are only read, but for entries whose interface is
// gone.
void rnsi_route(rns_node_t *node, const rnsi_rx_t *rx, rnsi_decision_t *decision);

#endif
