// destination.c -- see rns/destination.h. Destinations of our own come and go.
#include "session/destination.h"

#include "records.h"
#include "route/known.h"
#include "session/identity.h"
#include "session/link.h"
#include "session/ratchet.h"
#include "session/request.h"

struct rnsi_dest *rnsi_dest_get(const rns_node_t *node, rns_dest_t handle) {
    return rnsi_pool_get(RNSI_POOL(node, DEST), handle.slot, handle.gen);
}

rns_dest_t rnsi_dest_handle(const rns_node_t *node, const struct rnsi_dest *dest) {
    const rns_dest_t handle = {rnsi_pool_slot(RNSI_POOL(node, DEST), dest), dest->slot.gen};
    return handle;
}

static bool is_valid(const rns_dest_config_t *c) {
    const bool can_prove = c->type == RNS_DEST_SINGLE || c->prove == RNS_PROVE_NONE;
    const bool ratchets = c->ratchets || c->enforce_ratchets || c->retained_ratchets > 0;
    switch (c->type) {
    case RNS_DEST_SINGLE:
        return c->identity != NULL && c->group_key.size == 0 && (!ratchets || c->ratchets) &&
               (unsigned)c->prove <= RNS_PROVE_ALL;
    case RNS_DEST_GROUP:
        return can_prove && !ratchets &&
               (c->group_key.size == RNSI_TOKEN_KEY || c->group_key.size == RNSI_TOKEN_KEY_128);
    case RNS_DEST_PLAIN:
        return can_prove && !ratchets && c->identity == NULL && c->group_key.size == 0;
    }
    return false;
}

static rns_err_t set_app_data(rns_node_t *node, struct rnsi_dest *dest, rns_bytes_t data) {
    if (data.size > rnsi_app_data_max(dest)) {
        return RNS_ERR_SIZE;
    }
    dest->app_data = rnsi_app_data_set(node, dest->app_data, RNSI_NONE, data);
    return data.size > 0 && dest->app_data == RNSI_NONE ? RNS_ERR_FULL : RNS_ERR_OK;
}

// The key pairs and the address that follow from the config. key_secret stays as it is for PLAIN.
static void fill_keys(const rns_node_t *node, struct rnsi_dest *dest, const rns_dest_config_t *c) {
    const uint8_t *identity = NULL;
    if (c->identity != NULL) {
        rnsi_identity_t id;
        rnsi_identity_from_secret(&node->crypto, &id, &dest->signer_secret, c->identity);
        memcpy(dest->pub, id.pub, sizeof dest->pub);
        memcpy(dest->identity_hash, id.hash.b, sizeof dest->identity_hash);
        memcpy(dest->key_secret, c->identity->x25519, sizeof c->identity->x25519);
        identity = dest->identity_hash;
    }
    if (c->type == RNS_DEST_GROUP) {
        memcpy(dest->key_secret, c->group_key.data, c->group_key.size);
        dest->group_key_size = (uint16_t)c->group_key.size;
    }
    rnsi_destination_hash(&node->crypto, dest->name_hash, identity, dest->hash);
}

static uint8_t flags_of(const rns_dest_config_t *c) {
    const bool links = c->type == RNS_DEST_SINGLE && !c->no_links;
    return (uint8_t)((links ? RNSI_DEST_LINKS : 0U) | (c->ratchets ? RNSI_DEST_RATCHETS : 0U) |
                     (c->enforce_ratchets ? RNSI_DEST_ENFORCE : 0U));
}

static void give(rns_node_t *node, struct rnsi_dest *dest) {
    rnsi_record_left(node, RNS_RECORD_MARK, &dest->slot);
    rnsi_record_left(node, RNS_RECORD_RATCHET_SELF, &dest->slot);
    rnsi_app_data_set(node, dest->app_data, RNSI_NONE, (rns_bytes_t){NULL, 0});
    rnsi_ratchet_close(node, dest);
    rnsi_handlers_of_dest_drop(node, dest);
    node->crypto.v->wipe(dest->key_secret, sizeof dest->key_secret);
    node->crypto.v->wipe(&dest->signer_secret, sizeof dest->signer_secret);
    rnsi_pool_give(RNSI_POOL(node, DEST), dest);
}

// What may fail once the slot is taken; give() takes it all back.
static rns_err_t open_parts(rns_node_t *node, struct rnsi_dest *dest, const rns_dest_config_t *c) {
    const rns_err_t err = set_app_data(node, dest, c->app_data);
    if (err != RNS_ERR_OK) {
        return err;
    }
    if (c->type == RNS_DEST_SINGLE) {
        rnsi_emission_open(node, dest);
    }
    return c->ratchets ? rnsi_ratchet_open(node, dest, c->retained_ratchets) : RNS_ERR_OK;
}

rns_err_t rns_dest_add(rns_node_t *node, rns_us_t now, const rns_dest_config_t *config,
                       rns_dest_t *dest) {
    struct rnsi_dest made = {.type = (uint8_t)config->type, .prove = (uint8_t)config->prove};
    if (!is_valid(config) || !rnsi_name_hash(node, config->name, made.name_hash)) {
        return RNS_ERR_ARG;
    }
    node->now = now;
    made.flags = flags_of(config);
    made.app_data = made.ratchet_newest = made.handlers = RNSI_NONE;
    fill_keys(node, &made, config);
    rnsi_pool_t *pool = RNSI_POOL(node, DEST);
    const bool exists = rnsi_pool_find(pool, made.hash) != NULL;
    struct rnsi_dest *d = exists ? NULL : rnsi_pool_take(pool, now, made.hash);
    if (d != NULL) {
        made.slot = d->slot;
        *d = made;
    }
    node->crypto.v->wipe(&made, sizeof made);
    if (d == NULL) {
        return exists ? RNS_ERR_EXISTS : RNS_ERR_FULL;
    }
    const rns_err_t err = open_parts(node, d, config);
    if (err != RNS_ERR_OK) {
        give(node, d);
        return err;
    }
    *dest = rnsi_dest_handle(node, d);
    return RNS_ERR_OK;
}

rns_err_t rns_dest_remove(rns_node_t *node, rns_dest_t dest) {
    struct rnsi_dest *d = rnsi_dest_get(node, dest);
    if (d == NULL) {
        return RNS_ERR_GONE;
    }
    d->flags &= (uint8_t)~RNSI_DEST_LINKS; // none comes while those that are open end
    rnsi_links_of_dest_close(node, d);
    if (rnsi_dest_get(node, dest) != NULL) { // an event of theirs may have removed it
        give(node, d);
    }
    return RNS_ERR_OK;
}

rns_err_t rns_dest_hash(const rns_node_t *node, rns_dest_t dest, rns_hash_t *hash) {
    const struct rnsi_dest *d = rnsi_dest_get(node, dest);
    if (d == NULL) {
        return RNS_ERR_GONE;
    }
    memcpy(hash->b, d->hash, sizeof hash->b);
    return RNS_ERR_OK;
}

rns_err_t rns_dest_prove(rns_node_t *node, rns_dest_t dest, rns_prove_t prove) {
    struct rnsi_dest *d = rnsi_dest_get(node, dest);
    if (d == NULL) {
        return RNS_ERR_GONE;
    }
    if ((unsigned)prove > RNS_PROVE_ALL ||
        (d->type != RNS_DEST_SINGLE && prove != RNS_PROVE_NONE)) {
        return RNS_ERR_ARG;
    }
    d->prove = (uint8_t)prove;
    rnsi_links_of_dest_prove(node, d);
    return RNS_ERR_OK;
}

rns_err_t rns_dest_app_data(rns_node_t *node, rns_dest_t dest, rns_bytes_t app_data) {
    struct rnsi_dest *d = rnsi_dest_get(node, dest);
    return d == NULL ? RNS_ERR_GONE : set_app_data(node, d, app_data);
}
