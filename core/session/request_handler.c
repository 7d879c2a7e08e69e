// request_handler.c -- who is asked for a path, and by whom (RNS/Destination.py:
// register_request_handler).
#include "session/destination.h"
#include "session/request.h"

#define KEY_SIZE sizeof(((struct rnsi_request_handler *)0)->key)

_Static_assert(KEY_SIZE == sizeof(rns_hash_t) + sizeof(uint32_t), "hash and slot");

bool rnsi_request_path(const rns_node_t *node, const char *path, rns_hash_t *hash) {
    size_t size = 0;
    while (path != NULL && size <= RNS_REQUEST_PATH_MAX && path[size] != 0) {
        size++;
    }
    if (size == 0 || size > RNS_REQUEST_PATH_MAX) {
        return false;
    }
    *hash = rnsi_truncated_hash(&node->crypto, (rns_bytes_t){(const uint8_t *)path, size});
    return true;
}

static void set_key(uint8_t key[KEY_SIZE], const uint8_t path[16], uint32_t dest_slot) {
    memcpy(key, path, sizeof(rns_hash_t));
    memcpy(key + sizeof(rns_hash_t), &dest_slot, sizeof dest_slot);
}

static struct rnsi_request_handler *find(const rns_node_t *node, const struct rnsi_dest *dest,
                                         const uint8_t path[16]) {
    uint8_t key[KEY_SIZE];
    set_key(key, path, rnsi_pool_slot(RNSI_POOL(node, DEST), dest));
    return rnsi_pool_find(RNSI_POOL(node, REQUEST_HANDLER), key);
}

static struct rnsi_request_handler *add(rns_node_t *node, struct rnsi_dest *dest,
                                        const uint8_t path[16]) {
    uint8_t key[KEY_SIZE];
    rnsi_pool_t *pool = RNSI_POOL(node, REQUEST_HANDLER);
    set_key(key, path, rnsi_pool_slot(RNSI_POOL(node, DEST), dest));
    struct rnsi_request_handler *handler = rnsi_pool_take(pool, node->now, key);
    if (handler != NULL) {
        handler->next = dest->handlers;
        dest->handlers = rnsi_pool_slot(pool, handler);
    }
    return handler;
}

rns_err_t rns_request_handler(rns_node_t *node, rns_dest_t dest, const char *path,
                              rns_allow_t allow, const rns_hash_t *allowed, size_t count) {
    struct rnsi_dest *d = rnsi_dest_get(node, dest);
    rns_hash_t hash;
    if (d == NULL) {
        return RNS_ERR_GONE;
    }
    if ((unsigned)allow > RNS_ALLOW_LIST || (allowed == NULL && count > 0) ||
        count > SIZE_MAX / sizeof *allowed || !rnsi_request_path(node, path, &hash)) {
        return RNS_ERR_ARG;
    }
    struct rnsi_request_handler *handler = find(node, d, hash.b);
    if (handler == NULL && (handler = add(node, d, hash.b)) == NULL) {
        return RNS_ERR_FULL;
    }
    handler->allow = (uint8_t)allow;
    handler->allowed.bytes =
        (rns_bytes_t){allow == RNS_ALLOW_LIST ? (const uint8_t *)allowed : NULL,
                      allow == RNS_ALLOW_LIST ? count * sizeof *allowed : 0};
    return RNS_ERR_OK;
}

rns_err_t rns_request_handler_remove(rns_node_t *node, rns_dest_t dest, const char *path) {
    struct rnsi_dest *d = rnsi_dest_get(node, dest);
    rns_hash_t hash;
    if (d == NULL) {
        return RNS_ERR_GONE;
    }
    rnsi_pool_t *pool = RNSI_POOL(node, REQUEST_HANDLER);
    struct rnsi_request_handler *handler =
        rnsi_request_path(node, path, &hash) ? find(node, d, hash.b) : NULL;
    if (handler == NULL) {
        return RNS_ERR_GONE;
    }
    const uint32_t slot = rnsi_pool_slot(pool, handler);
    uint32_t *from = &d->handlers;
    while (*from != slot) {
        from = &((struct rnsi_request_handler *)rnsi_pool_at(pool, *from))->next;
    }
    *from = handler->next;
    rnsi_pool_give(pool, handler);
    return RNS_ERR_OK;
}

rns_err_t rns_request_limit(rns_node_t *node, rns_dest_t dest, uint32_t bytes) {
    struct rnsi_dest *d = rnsi_dest_get(node, dest);
    if (d == NULL) {
        return RNS_ERR_GONE;
    }
    d->request_limit = bytes;
    return RNS_ERR_OK;
}

void rnsi_handlers_of_dest_drop(rns_node_t *node, struct rnsi_dest *dest) {
    rnsi_pool_t *pool = RNSI_POOL(node, REQUEST_HANDLER);
    while (dest->handlers != RNSI_NONE) {
        struct rnsi_request_handler *handler = rnsi_pool_at(pool, dest->handlers);
        dest->handlers = handler->next;
        rnsi_pool_give(pool, handler);
    }
}

bool rnsi_request_allowed(const rns_node_t *node, const struct rnsi_dest *dest,
                          const uint8_t path[16], const uint8_t *peer) {
    const struct rnsi_request_handler *handler = find(node, dest, path);
    if (handler == NULL || handler->allow == RNS_ALLOW_NONE) {
        return false;
    }
    if (handler->allow == RNS_ALLOW_ALL) {
        return true;
    }
    const rns_bytes_t allowed = handler->allowed.bytes;
    for (size_t at = 0; peer != NULL && at < allowed.size; at += sizeof(rns_hash_t)) {
        if (rnsi_hash_is(allowed.data + at, peer)) {
            return true;
        }
    }
    return false;
}
