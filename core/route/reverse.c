// reverse.c -- see reverse.h.
#include "route/reverse.h"

#include "route/filter.h"

struct rnsi_reverse *rnsi_reverse_find(const rns_node_t *node, const uint8_t key[16]) {
    const rnsi_pool_t *pool = RNSI_POOL(node, REVERSE);
    struct rnsi_reverse *reverse = rnsi_pool_find(pool, key);
    return reverse != NULL && !rnsi_pool_expired(pool, reverse, node->now) ? reverse : NULL;
}

void rnsi_reverse_put(rns_node_t *node, rnsi_rx_t *rx, rnsi_iface_ref_t outbound) {
    rnsi_pool_t *pool = RNSI_POOL(node, REVERSE);
    const uint8_t *key = rnsi_rx_hash(node, rx);
    struct rnsi_reverse *reverse = rnsi_pool_find_print(pool, key, rx->print);
    if (reverse == NULL) {
        reverse = rnsi_pool_take_print(pool, node->now, key, rx->print);
    } else {
        rnsi_pool_age(pool, reverse, 0, node->now);
    }
    if (reverse != NULL) {
        reverse->received = rx->from;
        reverse->outbound = outbound;
    }
}

void rnsi_reverse_give(rns_node_t *node, struct rnsi_reverse *reverse) {
    rnsi_pool_give(RNSI_POOL(node, REVERSE), reverse);
}
