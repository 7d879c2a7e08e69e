// handler.c -- listeners for announces (RNS.Transport.announce_handlers).
#include "session/destination.h"
#include "session/identity.h"

rns_err_t rns_handler_add(rns_node_t *node, const char *name, bool path_responses,
                          rns_handler_t *handler) {
    uint8_t name_hash[10] = {0};
    if (name != NULL && !rnsi_name_hash(node, name, name_hash)) {
        return RNS_ERR_ARG;
    }
    rnsi_pool_t *pool = RNSI_POOL(node, HANDLER);
    struct rnsi_handler *h = rnsi_pool_take(pool, node->now, NULL);
    if (h == NULL) {
        return RNS_ERR_FULL;
    }
    memcpy(h->name_hash, name_hash, sizeof h->name_hash);
    h->all = name == NULL;
    h->path_responses = path_responses;
    *handler = (rns_handler_t){rnsi_pool_slot(pool, h), h->slot.gen};
    return RNS_ERR_OK;
}

rns_err_t rns_handler_remove(rns_node_t *node, rns_handler_t handler) {
    rnsi_pool_t *pool = RNSI_POOL(node, HANDLER);
    struct rnsi_handler *h = rnsi_pool_get(pool, handler.slot, handler.gen);
    if (h == NULL) {
        return RNS_ERR_GONE;
    }
    rnsi_pool_give(pool, h);
    return RNS_ERR_OK;
}

static bool listens(const struct rnsi_handler *h, const rns_event_t *announce,
                    const uint8_t name_hash[10]) {
    return (h->path_responses || !announce->is_response) &&
           (h->all || memcmp(h->name_hash, name_hash, sizeof h->name_hash) == 0);
}

void rnsi_handlers_call(rns_node_t *node, const rns_event_t *announce,
                        const uint8_t name_hash[10]) {
    const rnsi_pool_t *pool = RNSI_POOL(node, HANDLER);
    for (uint32_t cursor = 0; cursor != RNSI_NONE;) {
        // The callback may add and remove listeners: only the cursor lives on.
        const struct rnsi_handler *h = rnsi_pool_walk(pool, &cursor, pool->count);
        if (h != NULL && listens(h, announce, name_hash)) {
            rns_event_t event = *announce;
            event.handler = (rns_handler_t){rnsi_pool_slot(pool, h), h->slot.gen};
            rnsi_event(node, &event);
        }
    }
}
