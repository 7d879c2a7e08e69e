// testing_link.c -- see testing_link.h.
#include "testing_link.h"

#include "route/known.h"
#include "route/outbound.h"
#include "session/link.h"
#include "session/receipt.h"

rns_err_t rnst_link_watchdog(rns_node_t *node, rns_us_t now, rns_link_t handle,
                             rns_us_t keepalive_us, rns_us_t stale_us) {
    struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link == NULL) {
        return RNS_ERR_GONE;
    }
    if (link->state != RNS_LINK_ACTIVE && link->state != RNS_LINK_STALE) {
        return RNS_ERR_STATE;
    }
    if (keepalive_us <= 0 || stale_us <= 0 || stale_us > UINT32_MAX) {
        return RNS_ERR_ARG;
    }
    node->now = now;
    link->keepalive_us = keepalive_us;
    link->stale_us = (uint32_t)stale_us;
    if (link->state == RNS_LINK_ACTIVE) {
        rnsi_link_schedule(node, link);
    }
    return RNS_ERR_OK;
}

rns_err_t rnst_link_rtt(rns_node_t *node, rns_link_t handle, rns_us_t rtt_us) {
    struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link == NULL) {
        return RNS_ERR_GONE;
    }
    link->rtt_us = rtt_us;
    return RNS_ERR_OK;
}

rns_err_t rnst_link_key(const rns_node_t *node, rns_link_t handle, uint8_t key_secret[64]) {
    const struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link == NULL) {
        return RNS_ERR_GONE;
    }
    memcpy(key_secret, link->key_secret, sizeof link->key_secret);
    return RNS_ERR_OK;
}

rns_err_t rnst_known_add(rns_node_t *node, const rns_hash_t *destination, const uint8_t pub[64]) {
    const uint8_t packet_hash[32] = {0};
    const rnsi_known_record_t record = {
        .dest = destination->b, .pub = pub, .packet_hash = packet_hash};
    return rnsi_known_restore(node, &record) ? RNS_ERR_OK : RNS_ERR_FULL;
}

void rnst_known_drop(rns_node_t *node, const rns_hash_t *destination) {
    struct rnsi_known *known = rnsi_known_find(node, destination->b);
    if (known != NULL) {
        rnsi_known_culled(node, known);
        rnsi_pool_give(RNSI_POOL(node, KNOWN), known);
    }
}

bool rnst_send(rns_node_t *node, rns_us_t now, rns_mem_t raw) {
    node->now = now;
    return rnsi_send(node, raw, NULL);
}

void rnst_receipt_cull(rns_node_t *node, rns_us_t now) {
    rnsi_pool_t *pool = RNSI_POOL(node, RECEIPT);
    const uint32_t count = pool->count;
    node->now = now;
    pool->count = pool->used;
    (void)rnsi_receipt_room(node);
    pool->count = count;
}
