// cache.h -- announces as they were received: they answer path requests and are sent on from here.
// A slot belongs to the path it made; who sends it later pins it.
#ifndef RNSI_CACHE_H_INCLUDED
#define RNSI_CACHE_H_INCLUDED

#include "node.h"

// A copy of an announce; RNSI_NONE: no slot. It belongs to nobody yet: pin it or give it to a path.
uint32_t rnsi_cache_put(rns_node_t *node, rns_bytes_t raw, const uint8_t hash[32],
                        rnsi_iface_ref_t from);
struct rnsi_announce_cache *rnsi_cache_at(const rns_node_t *node, uint32_t slot);
void rnsi_cache_pin(rns_node_t *node, uint32_t slot);
void rnsi_cache_unpin(rns_node_t *node, uint32_t slot); // given back when nothing needs it any more
void rnsi_cache_own(rns_node_t *node, uint32_t slot, uint32_t path);
void rnsi_cache_disown(rns_node_t *node, uint32_t slot); // RNSI_NONE: nothing to do

void rnsi_cache_culled(void *node, void *element); // drop callback

// The announce as this node sends it on: HEADER_2, its own transport id, these hops. head is 35
// bytes of the caller's; the body stays in the cache. false: too large for it, or too many hops.
#define RNSI_ANNOUNCE_HEAD 35U
bool rnsi_cache_resend(const rns_node_t *node, uint32_t slot, uint8_t hops, uint8_t context,
                       uint8_t head[RNSI_ANNOUNCE_HEAD], rns_bytes_t *body);

#endif
