// inspect_destination.c -- see rns/inspect_destination.h.
#include "rns/inspect_destination.h"

#include "node.h"
#include "route/known.h"
#include "session/destination.h"
#include "session/ratchet.h"

static rns_hash_t hash_of(const uint8_t bytes[16]) {
    rns_hash_t hash;
    memcpy(hash.b, bytes, sizeof hash.b);
    return hash;
}

// ---- Destinations of our own

bool rns_inspect_dest(const rns_node_t *node, const rns_hash_t *hash, rns_inspect_dest_t *dest) {
    const struct rnsi_dest *d = rnsi_pool_find(RNSI_POOL(node, DEST), hash->b);
    if (d == NULL) {
        return false;
    }
    const bool has_ratchets = (d->flags & RNSI_DEST_RATCHETS) != 0;
    *dest = (rns_inspect_dest_t){
        .dest = rnsi_dest_handle(node, d),
        .hash = *hash,
        .identity = hash_of(d->identity_hash),
        .type = (rns_dest_type_t)d->type,
        .prove = (rns_prove_t)d->prove,
        .accepts_links = (d->flags & RNSI_DEST_LINKS) != 0,
        .is_managed = (d->flags & RNSI_DEST_MANAGED) != 0,
        .has_ratchets = has_ratchets,
        .enforces_ratchets = (d->flags & RNSI_DEST_ENFORCE) != 0,
        .ratchets = has_ratchets ? d->ratchet_count : 0,
        .retained_ratchets = d->ratchet_kept,
        .ratchet_interval_s = d->ratchet_interval_s,
        .rotated = has_ratchets ? d->ratchet_at : -1,
        .answered = d->answer_tag_size > 0 ? d->answer_at : -1,
    };
    return true;
}

bool rns_inspect_dest_ratchet(const rns_node_t *node, rns_dest_t handle, uint32_t index,
                              uint8_t id[10]) {
    const struct rnsi_dest *dest = rnsi_dest_get(node, handle);
    return dest != NULL && rnsi_ratchet_id_at(node, dest, index, id);
}

bool rns_inspect_dest_ratchet_public(const rns_node_t *node, rns_dest_t handle, uint8_t pub[32]) {
    const struct rnsi_dest *dest = rnsi_dest_get(node, handle);
    return dest != NULL && dest->ratchet_count > 0 && rnsi_ratchet_public(node, dest, pub);
}

// ---- Destinations of others

bool rns_inspect_known_each(const rns_node_t *node, uint32_t *cursor, rns_inspect_known_t *known) {
    const struct rnsi_known *found =
        *cursor == RNSI_NONE ? NULL : rnsi_pool_walk(RNSI_POOL(node, KNOWN), cursor, UINT32_MAX);
    if (found == NULL) {
        return false;
    }
    known->destination = hash_of(found->hash);
    memcpy(known->pub, found->pub, sizeof known->pub);
    known->announced_unix_us = found->announced_us;
    known->was_used = found->used_us != 0;
    known->is_retained = found->used_us < 0;
    return true;
}

bool rns_inspect_known_ratchet(const rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                               uint8_t pub[32]) {
    const rnsi_pool_t *pool = RNSI_POOL(node, RATCHET_PEER);
    const struct rnsi_ratchet_peer *peer = rnsi_pool_find(pool, destination->b);
    if (peer == NULL || rnsi_pool_expired(pool, peer, now)) {
        return false;
    }
    const int64_t unix_us = node->unix_at_zero != 0 ? node->unix_at_zero + now : 0;
    if (unix_us > 0 && peer->received_us > 0 &&
        unix_us - peer->received_us >= RNSI_RATCHET_EXPIRY) {
        return false;
    }
    memcpy(pub, peer->pub, sizeof peer->pub);
    return true;
}
