// cache.c -- see cache.h.
#include "route/cache.h"

#include "records.h"
#include "route/iface.h"

static rnsi_pool_t *pool_of(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, ANNOUNCE_CACHE);
}

struct rnsi_announce_cache *rnsi_cache_at(const rns_node_t *node, uint32_t slot) {
    return rnsi_pool_at(pool_of(node), slot);
}

uint32_t rnsi_cache_put(rns_node_t *node, rns_bytes_t raw, const uint8_t hash[32],
                        rnsi_iface_ref_t from) {
    if (raw.size > RNS_MTU) {
        return RNSI_NONE;
    }
    struct rnsi_announce_cache *c = rnsi_pool_take(pool_of(node), node->now, NULL);
    if (c == NULL) {
        return RNSI_NONE;
    }
    memcpy(c->packet_hash, hash, sizeof c->packet_hash);
    memcpy(c->raw, raw.data, raw.size);
    c->size = (uint16_t)raw.size;
    c->from = from;
    c->path = RNSI_NONE;
    return rnsi_pool_slot(pool_of(node), c);
}

void rnsi_cache_pin(rns_node_t *node, uint32_t slot) {
    rnsi_pool_pin(pool_of(node), rnsi_cache_at(node, slot));
}

static void give(rns_node_t *node, struct rnsi_announce_cache *c) {
    rnsi_record_gone(node, RNS_RECORD_ANNOUNCE, c->packet_hash);
    rnsi_pool_give(pool_of(node), c);
}

void rnsi_cache_unpin(rns_node_t *node, uint32_t slot) {
    struct rnsi_announce_cache *c = rnsi_cache_at(node, slot);
    rnsi_pool_unpin(pool_of(node), c, node->now);
    if (c->slot.pins == 0 && c->path == RNSI_NONE) {
        give(node, c);
    }
}

void rnsi_cache_own(rns_node_t *node, uint32_t slot, uint32_t path) {
    struct rnsi_announce_cache *c = rnsi_cache_at(node, slot);
    c->path = path;
    rnsi_record_dirty(node, RNS_RECORD_ANNOUNCE, &c->slot);
}

void rnsi_cache_disown(rns_node_t *node, uint32_t slot) {
    if (slot == RNSI_NONE) {
        return;
    }
    struct rnsi_announce_cache *c = rnsi_cache_at(node, slot);
    c->path = RNSI_NONE;
    if (c->slot.pins == 0) {
        give(node, c);
    }
}

void rnsi_cache_culled(void *context, void *element) {
    rns_node_t *node = context;
    struct rnsi_announce_cache *c = element;
    if (c->path != RNSI_NONE) {
        ((struct rnsi_path *)rnsi_pool_at(RNSI_POOL(node, PATH), c->path))->cache = RNSI_NONE;
    }
    rnsi_record_gone(node, RNS_RECORD_ANNOUNCE, c->packet_hash);
}

bool rnsi_cache_resend(const rns_node_t *node, uint32_t slot, uint8_t hops, uint8_t context,
                       uint8_t head[RNSI_ANNOUNCE_HEAD], rns_bytes_t *body) {
    const struct rnsi_announce_cache *c = rnsi_cache_at(node, slot);
    const bool in_transport = (c->raw[0] >> 6 & 1U) == RNSI_HEADER_2;
    const size_t start = in_transport ? RNSI_HEADER_MAXSIZE : RNSI_HEADER_MINSIZE;
    *body = (rns_bytes_t){c->raw + start, c->size - start};
    if (body->size + RNSI_ANNOUNCE_HEAD > RNS_MTU || hops > RNSI_HOPS_MAX) {
        return false;
    }
    const bool has_ratchet = (c->raw[0] >> 5 & 1U) != 0;
    const uint8_t flags = rnsi_packet_flags(RNSI_HEADER_2, has_ratchet, RNSI_TRANSPORT_TRANSPORT,
                                            RNSI_DEST_SINGLE, RNSI_TYPE_ANNOUNCE);
    rnsi_packet_head((rns_mem_t){head, RNSI_ANNOUNCE_HEAD}, flags, hops, node->identity.hash.b,
                     c->raw + start - 1 - RNSI_ADDRESS_SIZE, context);
    return true;
}
