// filter.c -- see filter.h.
#include "route/filter.h"

#include "rules.h"

bool rnsi_filter_repeats(uint8_t context) {
    switch (context) {
    case RNSI_CONTEXT_KEEPALIVE:
    case RNSI_CONTEXT_RESOURCE_REQ:
    case RNSI_CONTEXT_RESOURCE_PRF:
    case RNSI_CONTEXT_RESOURCE:
    case RNSI_CONTEXT_CACHE_REQUEST:
    case RNSI_CONTEXT_CHANNEL:
        return true;
    default:
        return false;
    }
}

const uint8_t *rnsi_rx_hash(rns_node_t *node, rnsi_rx_t *rx) {
    if (!rx->has_hash) {
        rnsi_packet_hash(&node->crypto, &rx->packet, rx->hash);
        rx->print = rnsi_print_of(&node->memory, rx->hash, RNSI_ADDRESS_SIZE);
        rx->has_hash = true;
    }
    return rx->hash;
}

// What an announce is remembered by. Its hash leaves out the context flag, which says how its bytes
// are read: the reading that was verified must not vouch for the other. And what the hash list of
// the reference holds vouches for neither.
static void announce_key(const uint8_t hash[32], bool context_flag, uint8_t key[32]) {
    memcpy(key, hash, 32);
    key[0] ^= context_flag ? 2U : 1U;
}

static bool was_seen(rns_node_t *node, rnsi_rx_t *rx) {
    const uint8_t *hash = rnsi_rx_hash(node, rx);
    if (rx->packet.type != RNSI_TYPE_ANNOUNCE) {
        return rnsi_seen_has_print(&node->memory.packets, hash, rx->print);
    }
    return rnsi_filter_knows_announce(node, hash, rx->packet.context_flag != 0);
}

static bool is_for_another(const rns_node_t *node, const rnsi_packet_t *p) {
    return p->transport_id != NULL && p->type != RNSI_TYPE_ANNOUNCE &&
           !rnsi_hash_is(p->transport_id, node->identity.hash.b);
}

void rnsi_filter_ahead(rns_node_t *node, rnsi_rx_t *rx) {
    const rnsi_packet_t *p = &rx->packet;
    const bool has_duplicates = p->dest_type == RNSI_DEST_SINGLE || p->dest_type == RNSI_DEST_LINK;
    if (is_for_another(node, p) || rnsi_filter_repeats(p->context) || !has_duplicates ||
        p->type == RNSI_TYPE_ANNOUNCE) {
        return;
    }
    rnsi_rx_hash(node, rx);
    rnsi_seen_prefetch(&node->memory.packets, rx->print);
    if (p->transport_id != NULL) {
        rx->dest_print = rnsi_print_of(&node->memory, p->dest, RNSI_ADDRESS_SIZE);
        rx->has_dest_print = true;
        rnsi_pool_prefetch(RNSI_POOL(node, PATH), rx->dest_print);
        rnsi_pool_prefetch(RNSI_POOL(node, REVERSE), rx->print);
    }
}

rns_verdict_t rnsi_filter(rns_node_t *node, rnsi_rx_t *rx) {
    const rnsi_packet_t *p = &rx->packet;
    const bool is_announce = p->type == RNSI_TYPE_ANNOUNCE;
    if (is_for_another(node, p)) {
        return RNS_RX_NOT_FOR_US;
    }
    if (rnsi_filter_repeats(p->context)) {
        return RNSI_PASS;
    }
    if (p->dest_type == RNSI_DEST_PLAIN || p->dest_type == RNSI_DEST_GROUP) {
        const uint8_t hops = RNSI_HOP_LIMIT_IS_RAW ? p->hops : rx->hops;
        return is_announce ? RNS_RX_BAD_TYPE : hops > 1 ? RNS_RX_TOO_FAR : RNSI_PASS;
    }
    rx->seen = was_seen(node, rx);
    if (!rx->seen) {
        return RNSI_PASS;
    }
    if (!is_announce) {
        return RNS_RX_DUPLICATE;
    }
    return p->dest_type == RNSI_DEST_SINGLE ? RNSI_PASS : RNS_RX_BAD_TYPE;
}

void rnsi_filter_remember(rns_node_t *node, rnsi_rx_t *rx) {
    // Packets that are never looked up need not be remembered: they have no hash yet.
    if (rx->has_hash && !rx->seen) {
        rnsi_seen_add_print(&node->memory.packets, rx->hash, rx->print);
        rx->seen = true;
    }
}

bool rnsi_filter_knows_announce(const rns_node_t *node, const uint8_t hash[32], bool context_flag) {
    uint8_t key[32];
    announce_key(hash, context_flag, key);
    return rnsi_seen_has(&node->memory.packets, key);
}

void rnsi_filter_remember_announce(rns_node_t *node, const uint8_t hash[32], bool context_flag) {
    uint8_t key[32];
    announce_key(hash, context_flag, key);
    if (!rnsi_seen_has(&node->memory.packets, key)) {
        rnsi_seen_add(&node->memory.packets, key);
    }
}

void rnsi_filter_forget(rns_node_t *node, const rnsi_rx_t *rx) {
    if (rx->has_hash) {
        rnsi_seen_remove(&node->memory.packets, rx->hash);
    }
}
