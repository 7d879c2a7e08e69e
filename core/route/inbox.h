// inbox.h -- announces on their way in: from the cheap checks over the signature check to the
// tables (Transport.preprocess_inbound, Transport._inbound).
#ifndef RNSI_INBOX_H_INCLUDED
#define RNSI_INBOX_H_INCLUDED

#include "node.h"
#include "wire/announce.h"

// The cheap checks; then it waits in the inbox for its signature check.
rns_verdict_t rnsi_inbox_receive(rns_node_t *node, rnsi_rx_t *rx);
// Verifies at most `most` of those that wait, oldest first, unless the host does it. true: more
// wait.
bool rnsi_inbox_check(rns_node_t *node, uint32_t most);
bool rnsi_inbox_is_done(const rns_node_t *node); // the oldest is verified: its turn has come

// An announce that was accepted: the tables have it. Its views live until rnsi_inbox_end().
typedef struct {
    rnsi_packet_t packet;
    rnsi_announce_t parts;
    rnsi_identity_t identity;
    struct rnsi_iface *iface;
    rnsi_iface_ref_t from;
    const uint8_t *hash; // of the packet
    uint8_t hops;        // as received, plus one
    bool is_response;
    void *slot; // of INBOX_ANNOUNCE or HELD
} rnsi_announce_in_t;

// Works off the oldest whose check is done (rnsi_inbox_is_done). LEARNED: the tables have it, tell
// the listeners. Ends with rnsi_inbox_end() in any case.
rns_verdict_t rnsi_inbox_next(rns_node_t *node, rnsi_announce_in_t *in);
void rnsi_inbox_end(rns_node_t *node, rnsi_announce_in_t *in);
// The same for one that an interface held back and releases now; ends with rnsi_held_give().
rns_verdict_t rnsi_inbox_released(rns_node_t *node, struct rnsi_held *held, rnsi_announce_in_t *in);

#endif
