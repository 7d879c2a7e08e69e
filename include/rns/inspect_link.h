// rns/inspect_link.h -- looking into sessions: what a link, a receipt and a request hold and wait
// for, for tools, for tests and for people who wonder why one ends. Nothing here changes the node.
// All times are monotonic. Each costs O(1).
#ifndef RNS_INSPECT_LINK_H_INCLUDED
#define RNS_INSPECT_LINK_H_INCLUDED

#include "rns/request.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    bool has_key;        // that both ends agreed on, from which those of its tokens are made
    bool has_own_secret; // X25519, of this link alone: the initiator's, until the proof has come
    bool has_signer;     // Ed25519, of this link alone: the initiator's
    rns_us_t requested;  // when it was asked for
    rns_us_t due;        // when its state is looked at next; RNS_NEVER: not
    rns_us_t keepalive;  // when we sent the last one, or answered the peer's; 0: never
    uint32_t requests;   // of ours that wait for their answers
    uint32_t resources_in, resources_out; // under way
} rns_inspect_link_t;
// GONE.
rns_err_t rns_inspect_link(const rns_node_t *node, rns_link_t link, rns_inspect_link_t *inside);

typedef struct {
    uint8_t packet_hash[32];
    rns_us_t sent, due; // until when the proof must come
} rns_inspect_receipt_t;
// GONE.
rns_err_t rns_inspect_receipt(const rns_node_t *node, rns_receipt_t receipt,
                              rns_inspect_receipt_t *inside);

typedef struct {
    uint8_t id[16];
    rns_us_t timeout; // that it has from when it is out
    rns_us_t due;     // RNS_NEVER: it is not out yet, or its answer is coming
} rns_inspect_request_t;
// GONE.
rns_err_t rns_inspect_request(const rns_node_t *node, rns_request_t request,
                              rns_inspect_request_t *inside);

#ifdef __cplusplus
}
#endif
#endif
