// path.h -- the path table: which way each destination lies.
#ifndef RNSI_PATH_H_INCLUDED
#define RNSI_PATH_H_INCLUDED

#include "node.h"

#define RNSI_MAX_RANDOM_BLOBS 64U                    // Transport.MAX_RANDOM_BLOBS
#define RNSI_USED_MS_MAX      0xFFFFFFU              // of rnsi_path.used_ms
#define RNSI_EMISSION_MAX     UINT64_C(0xFFFFFFFFFF) // 5 bytes of a random blob

// An announce as the path table sees it.
typedef struct {
    const uint8_t *dest, *next_hop; // 16, 16
    const uint8_t *signer, *blob;   // 32, 10
    uint64_t emission_s;
    uint8_t hops; // as received, plus one
    struct rnsi_iface *iface;
} rnsi_path_news_t;

// NULL: none, or it has expired or leads over an interface that is gone (then it is dropped).
struct rnsi_path *rnsi_path_find(rns_node_t *node, const uint8_t dest[16]);
// The same with the keyed hash of dest (rnsi_print_of).
struct rnsi_path *rnsi_path_find_print(rns_node_t *node, const uint8_t dest[16], uint64_t print);
// The same without dropping anything.
const struct rnsi_path *rnsi_path_peek(const rns_node_t *node, rns_us_t now,
                                       const uint8_t dest[16]);

// Would the table take it (Transport.inbound, rules for announces)? Changes nothing.
bool rnsi_path_wants(rns_node_t *node, const rnsi_path_news_t *news);
// Takes it: hops, next hop, interface, blob, expiry by the interface's mode; state unknown. The
// slot of the cached announce (RNSI_NONE: not cached) becomes the path's. NULL: no slot.
struct rnsi_path *rnsi_path_learn(rns_node_t *node, const rnsi_path_news_t *news, uint32_t cache);
void rnsi_path_drop(rns_node_t *node, struct rnsi_path *path);
// It was used: it lives on. Its place in the age list follows in steps; the time itself is kept to
// a millisecond beside it (a step is far less than what 24 bits hold).
static inline void rnsi_path_used(rns_node_t *node, struct rnsi_path *path) {
    rnsi_pool_touch(RNSI_POOL(node, PATH), path, node->now);
    const rns_us_t after = node->now - path->slot.touched;
    path->used_ms = after > 0 ? (uint64_t)(after / RNSI_MS) & RNSI_USED_MS_MAX : 0;
}
static inline rns_us_t rnsi_path_used_at(const struct rnsi_path *path) {
    return path->slot.touched + (rns_us_t)path->used_ms * RNSI_MS;
}

// Random blobs, newest first: at most `most` of 10 bytes each; returns how many.
uint32_t rnsi_path_blobs(const rns_node_t *node, const struct rnsi_path *path, uint8_t (*out)[10],
                         uint32_t most);
// Adds a blob that is older than those it has (for loading).
void rnsi_path_add_old_blob(rns_node_t *node, struct rnsi_path *path, const uint8_t blob[10]);
bool rnsi_path_knows_blob(const rns_node_t *node, const struct rnsi_path *path,
                          const uint8_t blob[10]);

// Age list of paths over an interface of this mode; its lifetime is the row's.
uint8_t rnsi_path_list(uint8_t mode);

void rnsi_path_culled(void *node, void *element); // drop callbacks of pools
void rnsi_blob_culled(void *node, void *element);

#endif
