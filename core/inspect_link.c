// inspect_link.c -- see rns/inspect_link.h.
#include "rns/inspect_link.h"

#include "session/link.h"

// Whether a secret is there: what is wiped is zero.
static bool is_set(const uint8_t *secret, size_t size) {
    uint8_t any = 0;
    for (size_t i = 0; i < size; i++) {
        any |= secret[i];
    }
    return any != 0;
}

rns_err_t rns_inspect_link(const rns_node_t *node, rns_link_t handle, rns_inspect_link_t *inside) {
    const struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link == NULL) {
        return RNS_ERR_GONE;
    }
    *inside = (rns_inspect_link_t){
        .has_key = is_set(link->key_secret, sizeof link->key_secret),
        .has_own_secret = is_set(link->own_secret, sizeof link->own_secret),
        .has_signer = is_set((const uint8_t *)&link->signer_secret, sizeof link->signer_secret),
        .requested = link->requested_at,
        .due = rnsi_timer_due(RNSI_POOL(node, LINK), link),
        .keepalive = link->last_keepalive,
        .requests = link->request_count,
        .resources_in = link->in_count,
        .resources_out = link->out_count,
    };
    return RNS_ERR_OK;
}

rns_err_t rns_inspect_receipt(const rns_node_t *node, rns_receipt_t handle,
                              rns_inspect_receipt_t *inside) {
    const struct rnsi_receipt *receipt =
        rnsi_pool_get(RNSI_POOL(node, RECEIPT), handle.slot, handle.gen);
    if (receipt == NULL) {
        return RNS_ERR_GONE;
    }
    memcpy(inside->packet_hash, receipt->hash, sizeof receipt->hash);
    memcpy(inside->packet_hash + sizeof receipt->hash, receipt->rest, sizeof receipt->rest);
    inside->sent = receipt->sent_at;
    inside->due = rnsi_timer_due(RNSI_POOL(node, RECEIPT), receipt);
    return RNS_ERR_OK;
}

rns_err_t rns_inspect_request(const rns_node_t *node, rns_request_t handle,
                              rns_inspect_request_t *inside) {
    const struct rnsi_request *request =
        rnsi_pool_get(RNSI_POOL(node, REQUEST), handle.slot, handle.gen);
    if (request == NULL) {
        return RNS_ERR_GONE;
    }
    memcpy(inside->id, request->hash, sizeof inside->id);
    inside->timeout = request->timeout_us;
    inside->due = rnsi_timer_due(RNSI_POOL(node, REQUEST), request);
    return RNS_ERR_OK;
}
