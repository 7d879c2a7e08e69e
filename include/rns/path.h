// rns/path.h -- paths: which way a destination lies (RNS.Transport).
#ifndef RNS_PATH_H_INCLUDED
#define RNS_PATH_H_INCLUDED

#include "rns/node.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { RNS_PATH_UNKNOWN, RNS_PATH_UNRESPONSIVE, RNS_PATH_RESPONSIVE } rns_path_state_t;

typedef struct {
    rns_hash_t destination, next_hop; // next_hop is the destination itself when it is a neighbour
    uint8_t hops;
    rns_path_state_t state;
    rns_iface_t iface;
    rns_us_t used, expires; // monotonic
} rns_path_t;

bool rns_path(const rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
              rns_path_t *path);
// RNS_HOPS_UNKNOWN without a path; 0 for destinations of our own.
uint8_t rns_hops_to(const rns_node_t *node, rns_us_t now, const rns_hash_t *destination);
// Asks all interfaces, or one, for a path. Asking again is the caller's business; nodes of the
// reference swallow a second request within 45 s. FULL, ENTROPY.
rns_err_t rns_path_request(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                           rns_iface_t iface);
rns_err_t rns_path_drop(rns_node_t *node, rns_us_t now, const rns_hash_t *destination); // NO_PATH
// Drops all paths whose next hop is this transport node; returns how many.
uint32_t rns_path_drop_via(rns_node_t *node, rns_us_t now, const rns_hash_t *next_hop);
rns_err_t rns_path_mark(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                        rns_path_state_t state);
// The first path from *cursor on; false: no more. Start with 0.
bool rns_path_each(const rns_node_t *node, rns_us_t now, uint32_t *cursor, rns_path_t *path);
// How long an answer from one hop away may take: 6 s and a frame at its bitrate.
rns_us_t rns_first_hop_timeout(const rns_node_t *node, rns_us_t now, const rns_hash_t *destination);
// How long a path request may take over the slowest interface (Transport.medium_path_timeout).
rns_us_t rns_medium_path_timeout(const rns_node_t *node);

#ifdef __cplusplus
}
#endif
#endif
