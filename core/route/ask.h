// ask.h -- path requests: our own, those of others, and the search for what nobody here knows.
#ifndef RNSI_ASK_H_INCLUDED
#define RNSI_ASK_H_INCLUDED

#include "node.h"

// A path request as received: checked, counted, batched with one for the same destination that is
// in flight, else put into the inbox.
rns_verdict_t rnsi_ask_receive(rns_node_t *node, rnsi_rx_t *rx);

// A request for a destination of ours.
typedef struct {
    struct rnsi_dest *dest;
    struct rnsi_iface *iface; // that it came from
    uint8_t tag[16];
    uint8_t tag_size; // 1 to 16
} rnsi_ask_own_t;

// What becomes of a request from the inbox. OWN: the session answers for it.
typedef enum { RNSI_ASK_NONE, RNSI_ASK_DONE, RNSI_ASK_OWN } rnsi_ask_result_t;
// Works off the oldest of an inbox. NONE: it is empty. own: filled in for OWN.
rnsi_ask_result_t rnsi_ask_next(rns_node_t *node, bool limited, rnsi_ask_own_t *own);
bool rnsi_ask_waits(const rns_node_t *node, bool limited);

// An announce was accepted: interfaces that wait for it get it as a path response. Ends what was in
// flight.
void rnsi_ask_answered(rns_node_t *node, const uint8_t dest[16], uint32_t cache, uint8_t hops);
// Did somebody here ask for it? Then its announce is not held back.
bool rnsi_ask_expects(const rns_node_t *node, const uint8_t dest[16]);
// Asks for it on one interface, or on all (NULL). tag: at most 16 bytes. FULL.
rns_err_t rnsi_ask_send(rns_node_t *node, const uint8_t dest[16], rns_bytes_t tag,
                        struct rnsi_iface *only);
// When we asked for it last; RNSI_NOT_ASKED: not within 45 s.
#define RNSI_NOT_ASKED ((rns_us_t)-1)
rns_us_t rnsi_ask_last(const rns_node_t *node, const uint8_t dest[16]);
// Asks again by itself, in its turn (one each half second), not on `blocked`.
void rnsi_ask_queue(rns_node_t *node, const uint8_t dest[16], rnsi_iface_ref_t blocked);
void rnsi_ask_queue_due(rns_node_t *node); // the next of them
void rnsi_ask_due(rns_node_t *node, struct rnsi_ask *ask);

void rnsi_ask_culled(void *node, void *element); // drop callback

#endif
