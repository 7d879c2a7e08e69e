// reverse.c -- see reverse.h.
#include "route/reverse.h"

struct rnsi_reverse *rnsi_reverse_find(const rns_node_t *node, const uint8_t key[16]) {
    const rnsi_pool_t *pool = RNSI_POOL(node, REVERSE);
    struct rnsi_reverse *reverse = rnsi_pool_find(pool, key);
    return reverse != NULL && !rnsi_pool_expired(pool, reverse, node->now) ? reverse : NULL;
}

void rnsi_reverse_put(rns_node_t *node, const uint8_t key[16], rnsi_iface_ref_t received,
                      rnsi_iface_ref_t outbound) {
    rnsi_pool_t *pool = RNSI_POOL(node, REVERSE);
    struct rnsi_reverse *reverse = rnsi_pool_find(pool, key);
    if (reverse == NULL) {
        reverse = rnsi_pool_take(pool, node->now, key);
    } else {
        rnsi_pool_age(pool, reverse, 0, node->now);
    }
    if (reverse != NULL) {
        reverse->received = received;
        reverse->outbound = outbound;
    }
}

void rnsi_reverse_give(rns_node_t *node, struct rnsi_reverse *reverse) {
    rnsi_pool_give(RNSI_POOL(node, REVERSE), reverse);
}
