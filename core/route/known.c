// known.c -- see known.h. Follows RNS/Identity.py: remember, recall, clean_known_destinations,
// _remember_ratchet, get_ratchet.
#include "route/known.h"

#include "records.h"
#include "route/path.h"

#define FOR_EVER     (-1)
#define CLEAN_SLICE  64U // looked at in one rnsi_known_clean()
#define USED_STAMP   (RNSI_KNOWN_UNUSED / 64)
#define USED_UNDATED 1 // used, but nobody knew what time it was

// Age lists of KNOWN. When room is needed, those that nobody used go first.
enum { NEVER_USED, USED, KNOWN_LISTS };

static const rns_us_t LIFE[KNOWN_LISTS] = {
    [NEVER_USED] = RNSI_KNOWN_LINGER,
    [USED] = RNSI_KNOWN_UNUSED,
};

struct rnsi_known *rnsi_known_find(const rns_node_t *node, const uint8_t dest[16]) {
    return rnsi_pool_find(RNSI_POOL(node, KNOWN), dest);
}

bool rnsi_known_contradicts(const rns_node_t *node, const uint8_t dest[16],
                            const uint8_t keys[64]) {
    const struct rnsi_known *known = rnsi_known_find(node, dest);
    return known != NULL && memcmp(known->pub, keys, sizeof known->pub) != 0;
}

// ---- App data

static void app_data_give(rns_node_t *node, uint32_t slot) {
    if (slot != RNSI_NONE) {
        rnsi_pool_t *pool = RNSI_POOL(node, APP_DATA);
        rnsi_pool_give(pool, rnsi_pool_at(pool, slot));
    }
}

static bool owner_stays(const rns_node_t *node, uint32_t owner) {
    if (owner == RNSI_NONE) {
        return true;
    }
    const struct rnsi_known *known = rnsi_pool_at(RNSI_POOL(node, KNOWN), owner);
    return known->slot.pins > 0;
}

static struct rnsi_app_data *app_data_take(rns_node_t *node, uint32_t owner) {
    rnsi_pool_t *pool = RNSI_POOL(node, APP_DATA);
    struct rnsi_app_data *taken = rnsi_pool_take(pool, node->now, NULL);
    if (taken == NULL) {
        return NULL;
    }
    taken->owner = owner;
    if (owner_stays(node, owner)) {
        rnsi_pool_pin(pool, taken);
    }
    return taken;
}

uint32_t rnsi_app_data_set(rns_node_t *node, uint32_t old, uint32_t owner, rns_bytes_t data) {
    rnsi_pool_t *pool = RNSI_POOL(node, APP_DATA);
    if (data.data == NULL || data.size == 0 || data.size > RNSI_APP_DATA_MAX) {
        app_data_give(node, old);
        return RNSI_NONE;
    }
    struct rnsi_app_data *to =
        old != RNSI_NONE ? rnsi_pool_at(pool, old) : app_data_take(node, owner);
    if (to == NULL) {
        return RNSI_NONE;
    }
    rnsi_pool_age(pool, to, 0, node->now);
    if (data.data != NULL) {
        memcpy(to->bytes, data.data, data.size);
    }
    to->size = (uint32_t)data.size;
    return rnsi_pool_slot(pool, to);
}

static void known_app_data_set(rns_node_t *node, struct rnsi_known *known, rns_bytes_t data,
                               bool has) {
    const uint32_t owner = rnsi_pool_slot(RNSI_POOL(node, KNOWN), known);
    known->app_data = rnsi_app_data_set(node, known->app_data, owner, data);
    known->has_app_data = has && (known->app_data != RNSI_NONE || data.size == 0);
}

bool rnsi_known_app_data(const rns_node_t *node, const struct rnsi_known *known,
                         rns_bytes_t *data) {
    *data = (rns_bytes_t){NULL, 0};
    if (known->app_data != RNSI_NONE) {
        const struct rnsi_app_data *at = rnsi_pool_at(RNSI_POOL(node, APP_DATA), known->app_data);
        *data = (rns_bytes_t){at->bytes, at->size};
    }
    return known->has_app_data != 0;
}

void rnsi_app_data_culled(void *context, void *element) {
    rns_node_t *node = context;
    const struct rnsi_app_data *data = element;
    if (data->owner != RNSI_NONE) {
        struct rnsi_known *known = rnsi_pool_at(RNSI_POOL(node, KNOWN), data->owner);
        known->app_data = RNSI_NONE;
        known->has_app_data = false;
        rnsi_record_dirty(node, RNS_RECORD_KNOWN, &known->slot);
    }
}

// ---- Ratchets

static void ratchet_put(struct rnsi_ratchet_peer *peer, const uint8_t pub[32],
                        int64_t received_us) {
    memcpy(peer->pub, pub, sizeof peer->pub);
    peer->received_us = received_us;
}

static void ratchet_learn(rns_node_t *node, const uint8_t dest[16], const uint8_t pub[32]) {
    rnsi_pool_t *pool = RNSI_POOL(node, RATCHET_PEER);
    struct rnsi_ratchet_peer *peer = rnsi_pool_find(pool, dest);
    if (peer != NULL && memcmp(peer->pub, pub, sizeof peer->pub) == 0) {
        return; // its 30 days count from when it was heard first, as the reference has it
    }
    if (peer == NULL && (peer = rnsi_pool_take(pool, node->now, dest)) == NULL) {
        return;
    }
    rnsi_pool_age(pool, peer, 0, node->now);
    ratchet_put(peer, pub, rnsi_unix_us(node));
    rnsi_record_dirty(node, RNS_RECORD_RATCHET, &peer->slot);
}

bool rnsi_ratchet_restore(rns_node_t *node, const uint8_t dest[16], const uint8_t pub[32],
                          int64_t received_us) {
    rnsi_pool_t *pool = RNSI_POOL(node, RATCHET_PEER);
    struct rnsi_ratchet_peer *peer =
        rnsi_pool_find(pool, dest) == NULL ? rnsi_pool_take(pool, node->now, dest) : NULL;
    if (peer == NULL) {
        return false;
    }
    ratchet_put(peer, pub, received_us);
    return true;
}

// A time that is not known, or lies in the future, counts as now.
static void date_ratchet(rns_node_t *node, struct rnsi_ratchet_peer *peer, int64_t unix_us) {
    if (peer->received_us <= 0 || peer->received_us > unix_us) {
        peer->received_us = unix_us;
        rnsi_record_dirty(node, RNS_RECORD_RATCHET, &peer->slot);
    }
}

const uint8_t *rnsi_ratchet_of(rns_node_t *node, const uint8_t dest[16]) {
    const rnsi_pool_t *pool = RNSI_POOL(node, RATCHET_PEER);
    struct rnsi_ratchet_peer *peer = rnsi_pool_find(pool, dest);
    if (peer == NULL || rnsi_pool_expired(pool, peer, node->now)) {
        return NULL;
    }
    const int64_t unix_us = rnsi_unix_us(node);
    if (unix_us > 0) {
        date_ratchet(node, peer, unix_us);
        // Not dropped: the clock may have been wrong just now. Its slot ages by our own time.
        if (unix_us - peer->received_us >= RNSI_RATCHET_EXPIRY) {
            return NULL;
        }
    }
    return peer->pub;
}

void rnsi_ratchet_culled(void *context, void *element) {
    const struct rnsi_ratchet_peer *peer = element;
    rnsi_record_gone(context, RNS_RECORD_RATCHET, peer->hash);
}

// ---- Destinations

// What hangs on it goes with it.
void rnsi_known_culled(void *context, void *element) {
    rns_node_t *node = context;
    const struct rnsi_known *known = element;
    app_data_give(node, known->app_data);
    rnsi_pool_t *ratchets = RNSI_POOL(node, RATCHET_PEER);
    struct rnsi_ratchet_peer *peer = rnsi_pool_find(ratchets, known->hash);
    if (peer != NULL) {
        rnsi_ratchet_culled(node, peer);
        rnsi_pool_give(ratchets, peer);
    }
    rnsi_record_gone(node, RNS_RECORD_KNOWN, known->hash);
}

void rnsi_known_forget(rns_node_t *node, struct rnsi_known *known) {
    rnsi_known_culled(node, known);
    rnsi_pool_give(RNSI_POOL(node, KNOWN), known);
}

// A flood of announces pushes out what nobody used before what somebody did.
static void make_room(rns_node_t *node) {
    rnsi_pool_t *pool = RNSI_POOL(node, KNOWN);
    struct rnsi_known *unused = rnsi_pool_oldest(pool, NEVER_USED);
    if (pool->used == pool->count && unused != NULL) {
        rnsi_known_forget(node, unused);
        pool->culled++;
    }
}

static struct rnsi_known *known_take(rns_node_t *node, const uint8_t dest[16],
                                     const uint8_t pub[64]) {
    make_room(node);
    struct rnsi_known *known = rnsi_pool_take(RNSI_POOL(node, KNOWN), node->now, dest);
    if (known != NULL) {
        memcpy(known->pub, pub, sizeof known->pub);
        known->app_data = RNSI_NONE;
    }
    return known;
}

void rnsi_known_learn(rns_node_t *node, const rnsi_announce_t *a, const uint8_t packet_hash[32]) {
    struct rnsi_known *known = rnsi_known_find(node, a->dest);
    if (known == NULL && (known = known_take(node, a->dest, a->keys)) == NULL) {
        return;
    }
    memcpy(known->packet_hash, packet_hash, sizeof known->packet_hash);
    known->announced_us = rnsi_unix_us(node);
    known_app_data_set(node, known, a->app_data, a->app_data.data != NULL);
    rnsi_pool_age(RNSI_POOL(node, KNOWN), known, known->slot.list, node->now);
    rnsi_record_dirty(node, RNS_RECORD_KNOWN, &known->slot);
    if (a->ratchet != NULL) {
        ratchet_learn(node, a->dest, a->ratchet);
    }
}

static void keep(rns_node_t *node, struct rnsi_known *known) {
    rnsi_pool_pin(RNSI_POOL(node, KNOWN), known);
    if (known->app_data != RNSI_NONE) {
        rnsi_pool_t *pool = RNSI_POOL(node, APP_DATA);
        rnsi_pool_pin(pool, rnsi_pool_at(pool, known->app_data));
    }
    known->used_us = FOR_EVER;
}

static int64_t used_now(const rns_node_t *node) {
    const int64_t unix_us = rnsi_unix_us(node);
    return unix_us > 0 ? unix_us : USED_UNDATED;
}

static void release(rns_node_t *node, struct rnsi_known *known) {
    rnsi_pool_t *pool = RNSI_POOL(node, KNOWN);
    rnsi_pool_unpin(pool, known, node->now);
    rnsi_pool_age(pool, known, USED, node->now);
    if (known->app_data != RNSI_NONE) {
        rnsi_pool_t *data = RNSI_POOL(node, APP_DATA);
        rnsi_pool_unpin(data, rnsi_pool_at(data, known->app_data), node->now);
    }
    known->used_us = used_now(node);
}

bool rnsi_known_restore(rns_node_t *node, const rnsi_known_record_t *record) {
    struct rnsi_known *known = rnsi_known_find(node, record->dest) == NULL
                                   ? known_take(node, record->dest, record->pub)
                                   : NULL;
    if (known == NULL) {
        return false;
    }
    memcpy(known->packet_hash, record->packet_hash, sizeof known->packet_hash);
    known->announced_us = record->announced_us;
    known->used_us = record->used_us;
    known_app_data_set(node, known, record->app_data, record->has_app_data);
    if (record->used_us == FOR_EVER) {
        keep(node, known);
    } else if (record->used_us > 0) {
        rnsi_pool_age(RNSI_POOL(node, KNOWN), known, USED, node->now);
    }
    return true;
}

static void mark_used(rns_node_t *node, struct rnsi_known *known) {
    if (known->used_us == FOR_EVER ||
        (known->slot.list == USED && node->now - known->slot.touched < USED_STAMP)) {
        return;
    }
    known->used_us = used_now(node);
    rnsi_pool_age(RNSI_POOL(node, KNOWN), known, USED, node->now);
    rnsi_record_dirty(node, RNS_RECORD_KNOWN, &known->slot);
}

void rnsi_known_used(rns_node_t *node, const uint8_t dest[16]) {
    struct rnsi_known *known = rnsi_known_find(node, dest);
    if (known != NULL) {
        mark_used(node, known);
    }
}

// One that has a path is looked at again after another lifetime.
static void clean_one(rns_node_t *node, struct rnsi_known *known) {
    if (rnsi_path_peek(node, node->now, known->hash) != NULL) {
        rnsi_pool_age(RNSI_POOL(node, KNOWN), known, known->slot.list, node->now);
        return;
    }
    rnsi_known_forget(node, known);
}

void rnsi_known_clean(rns_node_t *node) {
    const rnsi_pool_t *pool = RNSI_POOL(node, KNOWN);
    uint32_t left = CLEAN_SLICE;
    for (uint8_t list = 0; list < KNOWN_LISTS; list++) {
        for (; left > 0; left--) {
            struct rnsi_known *oldest = rnsi_pool_oldest(pool, list);
            if (oldest == NULL || node->now - oldest->slot.touched < LIFE[list]) {
                break;
            }
            clean_one(node, oldest);
        }
    }
}

// ---- For the application

static void recall_known(rns_node_t *node, const struct rnsi_known *from, rns_known_t *known) {
    memcpy(known->pub, from->pub, sizeof known->pub);
    memcpy(known->packet_hash, from->packet_hash, sizeof known->packet_hash);
    known->announced_unix_us = from->announced_us;
    known->has_app_data = rnsi_known_app_data(node, from, &known->app_data);
    known->identity =
        rnsi_truncated_hash(&node->crypto, (rns_bytes_t){known->pub, sizeof known->pub});
    const uint8_t *ratchet = rnsi_ratchet_of(node, from->hash);
    known->has_ratchet = ratchet != NULL;
    if (ratchet != NULL) {
        rnsi_ratchet_id(&node->crypto, ratchet, known->ratchet_id);
    }
}

static void recall_own(const rns_node_t *node, const struct rnsi_dest *from, rns_known_t *known) {
    memcpy(known->pub, from->pub, sizeof known->pub);
    memcpy(known->identity.b, from->identity_hash, sizeof known->identity.b);
    if (from->app_data != RNSI_NONE) {
        const struct rnsi_app_data *at = rnsi_pool_at(RNSI_POOL(node, APP_DATA), from->app_data);
        known->app_data = (rns_bytes_t){at->bytes, at->size};
        known->has_app_data = true;
    }
}

bool rns_recall(rns_node_t *node, const rns_hash_t *destination, rns_known_t *known) {
    memset(known, 0, sizeof *known);
    known->destination = *destination;
    struct rnsi_known *found = rnsi_known_find(node, destination->b);
    if (found != NULL) {
        mark_used(node, found);
        recall_known(node, found, known);
        return true;
    }
    const struct rnsi_dest *own = rnsi_pool_find(RNSI_POOL(node, DEST), destination->b);
    if (own == NULL || own->type != RNS_DEST_SINGLE) {
        return false;
    }
    recall_own(node, own, known);
    return true;
}

rns_err_t rns_retain(rns_node_t *node, const rns_hash_t *destination, bool retain) {
    struct rnsi_known *known = rnsi_known_find(node, destination->b);
    if (known == NULL) {
        return RNS_ERR_GONE;
    }
    if (retain == (known->used_us == FOR_EVER)) {
        return RNS_ERR_OK;
    }
    if (retain) {
        keep(node, known);
    } else {
        release(node, known);
    }
    rnsi_record_dirty(node, RNS_RECORD_KNOWN, &known->slot);
    return RNS_ERR_OK;
}
