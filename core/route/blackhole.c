// blackhole.c -- see blackhole.h and rns/identity.h. Follows Transport.blackhole_identity,
// unblackhole_identity, remove_blackholed_paths.
#include "route/blackhole.h"

#include "records.h"
#include "route/known.h"
#include "route/path.h"

static rnsi_pool_t *pool_of(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, BLACKHOLE);
}

static bool is_ours(const rns_node_t *node, const struct rnsi_blackhole *hole) {
    return rnsi_hash_is(hole->source, node->identity.hash.b);
}

// Without a wall clock nothing is over.
static bool is_over(const struct rnsi_blackhole *hole, int64_t unix_us) {
    return hole->until_us != 0 && unix_us > hole->until_us;
}

static void drop(rns_node_t *node, struct rnsi_blackhole *hole) {
    if (is_ours(node, hole)) { // the store knows no others
        rnsi_record_gone(node, RNS_RECORD_BLACKHOLE, hole->hash);
    }
    rnsi_pool_give(pool_of(node), hole);
}

bool rnsi_blackholed(const rns_node_t *node, const uint8_t identity[16]) {
    const struct rnsi_blackhole *hole = rnsi_pool_find(pool_of(node), identity);
    return hole != NULL && !is_over(hole, rnsi_unix_us(node));
}

bool rns_is_blackholed(const rns_node_t *node, const rns_hash_t *identity) {
    return rnsi_blackholed(node, identity->b);
}

// Looks at all, which a row of 16,384 allows once a minute: wall times are in no order of age.
void rnsi_blackhole_clean(rns_node_t *node) {
    const int64_t unix_us = rnsi_unix_us(node);
    uint32_t cursor = 0;
    while (cursor != RNSI_NONE) {
        struct rnsi_blackhole *hole = rnsi_pool_walk(pool_of(node), &cursor, UINT32_MAX);
        if (hole != NULL && is_over(hole, unix_us)) {
            drop(node, hole);
        }
    }
}

void rnsi_blackhole_drop_paths(rns_node_t *node) {
    uint32_t cursor = 0;
    while (cursor != RNSI_NONE) {
        struct rnsi_path *path = rnsi_pool_walk(RNSI_POOL(node, PATH), &cursor, UINT32_MAX);
        const struct rnsi_known *known = path != NULL ? rnsi_known_find(node, path->hash) : NULL;
        if (known == NULL) {
            continue;
        }
        const rns_hash_t hash =
            rnsi_truncated_hash(&node->crypto, (rns_bytes_t){known->pub, sizeof known->pub});
        if (rnsi_blackholed(node, hash.b)) {
            rnsi_path_drop(node, path);
        }
    }
}

// Cut to what there is room for, not within a character.
static void set_reason(struct rnsi_blackhole *hole, const char *reason) {
    if (reason == NULL) {
        return;
    }
    size_t size = 0;
    while (size < RNSI_REASON_MAX && reason[size] != 0) {
        size++;
    }
    if (size == RNSI_REASON_MAX) {
        size--;
        while (size > 0 && ((unsigned char)reason[size] & 0xC0U) == 0x80U) {
            size--;
        }
    }
    memcpy(hole->reason, reason, size);
    hole->reason[size] = 0;
    hole->has_reason = 1;
}

rns_err_t rns_blackhole(rns_node_t *node, rns_us_t now, const rns_hash_t *identity,
                        int64_t until_unix_us, const char *reason) {
    node->now = now;
    struct rnsi_blackhole *hole = rnsi_pool_find(pool_of(node), identity->b);
    if (hole != NULL && !is_over(hole, rnsi_unix_us(node))) {
        return RNS_ERR_EXISTS;
    }
    if (hole != NULL) {
        drop(node, hole);
    }
    hole = rnsi_pool_take(pool_of(node), now, identity->b);
    if (hole == NULL) {
        return RNS_ERR_FULL;
    }
    memcpy(hole->source, node->identity.hash.b, sizeof hole->source);
    hole->until_us = until_unix_us;
    set_reason(hole, reason);
    rnsi_record_dirty(node, RNS_RECORD_BLACKHOLE, &hole->slot);
    rnsi_blackhole_drop_paths(node);
    return RNS_ERR_OK;
}

rns_err_t rns_unblackhole(rns_node_t *node, const rns_hash_t *identity) {
    struct rnsi_blackhole *hole = rnsi_pool_find(pool_of(node), identity->b);
    if (hole == NULL) {
        return RNS_ERR_GONE;
    }
    drop(node, hole);
    return RNS_ERR_OK;
}
