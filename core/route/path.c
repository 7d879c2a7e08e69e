// path.c -- see path.h. The rules are those of Transport.inbound for announces.
#include "route/path.h"

#include "records.h"
#include "route/cache.h"
#include "route/iface.h"
#include "wire/announce.h"

#define BLOB_SIZE RNSI_RANDOM_BLOB_SIZE
#define MOST_SLOTS                                                                                 \
    10U // of older blobs a path holds: 63 of them count, whatever the newest slot lacks
#define MOST_OLDER (RNSI_MAX_RANDOM_BLOBS - 1U)

static rnsi_pool_t *paths(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, PATH);
}

static rnsi_pool_t *blob_slots(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, PATH_BLOB);
}

uint8_t rnsi_path_list(uint8_t mode) {
    return mode == RNS_MODE_ACCESS_POINT ? 1 : mode == RNS_MODE_ROAMING ? 2 : 0;
}

const struct rnsi_path *rnsi_path_peek(const rns_node_t *node, rns_us_t now,
                                       const uint8_t dest[16]) {
    const struct rnsi_path *path = rnsi_pool_find(paths(node), dest);
    const bool lives = path != NULL && !rnsi_pool_expired(paths(node), path, now) &&
                       rnsi_iface_at(node, path->iface) != NULL;
    return lives ? path : NULL;
}

struct rnsi_path *rnsi_path_find(rns_node_t *node, const uint8_t dest[16]) {
    return rnsi_path_find_print(node, dest, rnsi_print_of(&node->memory, dest, RNSI_ADDRESS_SIZE));
}

struct rnsi_path *rnsi_path_find_print(rns_node_t *node, const uint8_t dest[16], uint64_t print) {
    struct rnsi_path *path = rnsi_pool_find_print(paths(node), dest, print);
    if (path == NULL) {
        return NULL;
    }
    if (rnsi_pool_expired(paths(node), path, node->now) ||
        rnsi_iface_at(node, path->iface) == NULL) {
        rnsi_path_drop(node, path);
        return NULL;
    }
    return path;
}

// ---- Random blobs: the newest stands in the path, older ones in a chain of slots, newest slot
// first

static bool same_blob(const uint8_t *a, const uint8_t *b) {
    return memcmp(a, b, BLOB_SIZE) == 0;
}

static struct rnsi_path_blob *blob_at(const rns_node_t *node, uint32_t slot) {
    return slot == RNSI_NONE ? NULL : rnsi_pool_at(blob_slots(node), slot);
}

bool rnsi_path_knows_blob(const rns_node_t *node, const struct rnsi_path *path,
                          const uint8_t blob[10]) {
    if (same_blob(path->blob, blob)) {
        return true;
    }
    const struct rnsi_path_blob *b;
    uint32_t left = MOST_OLDER;
    for (uint32_t slot = path->blobs; (b = blob_at(node, slot)) != NULL; slot = b->older) {
        for (uint8_t i = b->count; i-- > 0 && left > 0; left--) {
            if (same_blob(b->blobs[i], blob)) {
                return true;
            }
        }
    }
    return false;
}

uint32_t rnsi_path_blobs(const rns_node_t *node, const struct rnsi_path *path, uint8_t (*out)[10],
                         uint32_t most) {
    uint32_t n = 0;
    if (most > 0) {
        memcpy(out[n++], path->blob, BLOB_SIZE);
    }
    const struct rnsi_path_blob *b;
    for (uint32_t slot = path->blobs; (b = blob_at(node, slot)) != NULL; slot = b->older) {
        for (uint8_t i = b->count; i-- > 0 && n < most;) {
            memcpy(out[n++], b->blobs[i], BLOB_SIZE);
        }
    }
    return n;
}

// Is the first announce of this path that is not older, in order of arrival, as new as this one? So
// the reference searches its blobs.
static bool heard_emission(const rns_node_t *node, const struct rnsi_path *path,
                           uint64_t emission_s) {
    uint8_t blobs[RNSI_MAX_RANDOM_BLOBS][10];
    const uint32_t n = rnsi_path_blobs(node, path, blobs, RNSI_MAX_RANDOM_BLOBS);
    for (uint32_t i = n; i-- > 0;) {
        const uint64_t heard_s = rnsi_announce_emitted(blobs[i]);
        if (heard_s >= emission_s) {
            return heard_s == emission_s;
        }
    }
    return path->emission_s == emission_s; // its blob had to make room
}

// Slots of older blobs that one path may hold: by how many there are.
static uint32_t slots_a_path(const rns_node_t *node) {
    const uint32_t slots = blob_slots(node)->count;
    return slots == 0 ? 0 : slots / 2 >= paths(node)->count ? MOST_SLOTS : 1;
}

static void give_chain(rns_node_t *node, uint32_t slot) {
    while (slot != RNSI_NONE) {
        struct rnsi_path_blob *b = blob_at(node, slot);
        slot = b->older;
        rnsi_pool_give(blob_slots(node), b);
    }
}

// Gives the slots behind the newest `keep`.
static void trim_chain(rns_node_t *node, struct rnsi_path *path, uint32_t keep) {
    uint32_t *link = &path->blobs;
    for (uint32_t i = 0; i < keep && *link != RNSI_NONE; i++) {
        link = &blob_at(node, *link)->older;
    }
    give_chain(node, *link);
    *link = RNSI_NONE;
}

// A new slot at the young end of the chain; NULL: none is to be had.
static struct rnsi_path_blob *blob_slot_new(rns_node_t *node, struct rnsi_path *path) {
    trim_chain(node, path, slots_a_path(node) - 1);
    struct rnsi_path_blob *b = rnsi_pool_take(blob_slots(node), node->now, NULL);
    if (b != NULL) {
        b->owner = rnsi_pool_slot(paths(node), path);
        b->older = path->blobs;
        path->blobs = rnsi_pool_slot(blob_slots(node), b);
    }
    return b;
}

// The path's blob becomes an older one.
static void keep_blob(rns_node_t *node, struct rnsi_path *path) {
    const uint32_t most = slots_a_path(node);
    if (most == 0) {
        return;
    }
    struct rnsi_path_blob *b = blob_at(node, path->blobs);
    if (b != NULL && b->count == RNSI_BLOBS_A_SLOT && most == 1) {
        memmove(b->blobs[0], b->blobs[1], sizeof b->blobs - BLOB_SIZE);
        b->count--;
    } else if (b == NULL || b->count == RNSI_BLOBS_A_SLOT) {
        b = blob_slot_new(node, path);
    }
    if (b != NULL) {
        memcpy(b->blobs[b->count++], path->blob, BLOB_SIZE);
    }
}

void rnsi_path_add_old_blob(rns_node_t *node, struct rnsi_path *path, const uint8_t blob[10]) {
    uint8_t newest[10];
    memcpy(newest, path->blob, BLOB_SIZE);
    memcpy(path->blob, blob, BLOB_SIZE);
    keep_blob(node, path);
    memcpy(path->blob, newest, BLOB_SIZE);
    const uint64_t emission_s = rnsi_announce_emitted(blob);
    if (emission_s > path->emission_s) {
        path->emission_s = emission_s & RNSI_EMISSION_MAX;
    }
}

void rnsi_blob_culled(void *context, void *element) {
    rns_node_t *node = context;
    const struct rnsi_path_blob *b = element;
    const uint32_t slot = rnsi_pool_slot(blob_slots(node), b);
    struct rnsi_path *path = rnsi_pool_at(paths(node), b->owner);
    uint32_t *link = &path->blobs;
    while (*link != slot) {
        link = &blob_at(node, *link)->older;
    }
    *link = b->older;
}

// ---- Learning

// The same announce, on an interface that is to be preferred.
static bool pulls_more(const rns_node_t *node, const rnsi_path_news_t *news,
                       const struct rnsi_path *path) {
    const struct rnsi_iface *current = rnsi_iface_at(node, path->iface);
    return news->emission_s == path->emission_s && news->iface->gravity > current->gravity;
}

// A longer way than the known one.
static bool wants_longer(const rns_node_t *node, const rnsi_path_news_t *news,
                         const struct rnsi_path *path) {
    const bool is_new = !rnsi_path_knows_blob(node, path, news->blob);
    if (node->now >= path->expires || news->emission_s > path->emission_s) {
        return is_new;
    }
    return path->state == RNS_PATH_UNRESPONSIVE && heard_emission(node, path, news->emission_s);
}

bool rnsi_path_wants(rns_node_t *node, const rnsi_path_news_t *news) {
    const struct rnsi_path *path = rnsi_path_find(node, news->dest);
    if (path == NULL) {
        return true;
    }
    if (news->hops > path->hops) {
        return wants_longer(node, news, path);
    }
    const bool is_newer =
        news->emission_s > path->emission_s && !rnsi_path_knows_blob(node, path, news->blob);
    return is_newer || pulls_more(node, news, path);
}

static void learn_blob(rns_node_t *node, struct rnsi_path *path, const rnsi_path_news_t *news) {
    if (!rnsi_path_knows_blob(node, path, news->blob)) {
        keep_blob(node, path);
        memcpy(path->blob, news->blob, BLOB_SIZE);
    }
    if (news->emission_s > path->emission_s) {
        path->emission_s = news->emission_s & RNSI_EMISSION_MAX;
    }
}

static struct rnsi_path *take(rns_node_t *node, const rnsi_path_news_t *news) {
    struct rnsi_path *path = rnsi_pool_take(paths(node), node->now, news->dest);
    if (path != NULL) {
        path->blobs = path->cache = RNSI_NONE;
        path->emission_s = news->emission_s & RNSI_EMISSION_MAX;
        memcpy(path->blob, news->blob, BLOB_SIZE);
    }
    return path;
}

struct rnsi_path *rnsi_path_learn(rns_node_t *node, const rnsi_path_news_t *news, uint32_t cache) {
    struct rnsi_path *path = rnsi_path_find(node, news->dest);
    if (path == NULL) {
        path = take(node, news);
    } else {
        learn_blob(node, path, news);
    }
    if (path == NULL) {
        rnsi_cache_disown(node, cache);
        return NULL;
    }
    const uint8_t list = rnsi_path_list(news->iface->mode);
    memcpy(path->next_hop, news->next_hop, sizeof path->next_hop);
    memcpy(path->signer, news->signer, sizeof path->signer);
    path->hops = news->hops;
    path->iface = rnsi_iface_ref(node, news->iface);
    path->state = RNS_PATH_UNKNOWN;
    path->expires = node->now + rnsi_life(RNS_POOL_PATH, list);
    rnsi_pool_age(paths(node), path, list, node->now);
    path->used_ms = 0;
    if (path->cache != cache) {
        rnsi_cache_disown(node, path->cache);
        path->cache = cache;
        if (cache != RNSI_NONE) {
            rnsi_cache_own(node, cache, rnsi_pool_slot(paths(node), path));
        }
    }
    rnsi_record_dirty(node, RNS_RECORD_PATH, &path->slot);
    return path;
}

void rnsi_path_culled(void *context, void *element) {
    rns_node_t *node = context;
    struct rnsi_path *path = element;
    give_chain(node, path->blobs);
    rnsi_cache_disown(node, path->cache);
    rnsi_record_gone(node, RNS_RECORD_PATH, path->hash);
}

void rnsi_path_drop(rns_node_t *node, struct rnsi_path *path) {
    rnsi_path_culled(node, path);
    rnsi_pool_give(paths(node), path);
}

// ---- What the application may ask

static rns_path_t view(const rns_node_t *node, const struct rnsi_path *path) {
    rns_path_t out = {.hops = path->hops,
                      .state = (rns_path_state_t)path->state,
                      .iface = rnsi_iface_handle(node, rnsi_iface_at(node, path->iface)),
                      .used = rnsi_path_used_at(path),
                      .expires = path->expires};
    memcpy(out.destination.b, path->hash, sizeof path->hash);
    memcpy(out.next_hop.b, path->next_hop, sizeof path->next_hop);
    return out;
}

bool rns_path(const rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
              rns_path_t *out) {
    const struct rnsi_path *path = rnsi_path_peek(node, now, destination->b);
    if (path != NULL) {
        *out = view(node, path);
    }
    return path != NULL;
}

uint8_t rns_hops_to(const rns_node_t *node, rns_us_t now, const rns_hash_t *destination) {
    if (rnsi_pool_find(RNSI_POOL(node, DEST), destination->b) != NULL) {
        return 0;
    }
    const struct rnsi_path *path = rnsi_path_peek(node, now, destination->b);
    return path != NULL ? path->hops : RNS_HOPS_UNKNOWN;
}

rns_err_t rns_path_drop(rns_node_t *node, rns_us_t now, const rns_hash_t *destination) {
    node->now = now;
    struct rnsi_path *path = rnsi_path_find(node, destination->b);
    if (path == NULL) {
        return RNS_ERR_NO_PATH;
    }
    rnsi_path_drop(node, path);
    return RNS_ERR_OK;
}

rns_err_t rns_path_mark(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                        rns_path_state_t state) {
    node->now = now;
    struct rnsi_path *path = rnsi_path_find(node, destination->b);
    if (path == NULL) {
        return RNS_ERR_NO_PATH;
    }
    path->state = (uint8_t)state;
    return RNS_ERR_OK;
}

uint32_t rns_path_drop_via(rns_node_t *node, rns_us_t now, const rns_hash_t *next_hop) {
    node->now = now;
    uint32_t cursor = 0, dropped = 0;
    while (cursor != RNSI_NONE) {
        struct rnsi_path *path = rnsi_pool_walk(paths(node), &cursor, UINT32_MAX);
        if (path != NULL && rnsi_hash_is(path->next_hop, next_hop->b)) {
            rnsi_path_drop(node, path);
            dropped++;
        }
    }
    return dropped;
}

bool rns_path_each(const rns_node_t *node, rns_us_t now, uint32_t *cursor, rns_path_t *out) {
    while (*cursor != RNSI_NONE) {
        const struct rnsi_path *path = rnsi_pool_walk(paths(node), cursor, UINT32_MAX);
        if (path != NULL && rnsi_path_peek(node, now, path->hash) != NULL) {
            *out = view(node, path);
            return true;
        }
    }
    return false;
}

static rns_us_t air_time(const struct rnsi_iface *iface) {
    return iface->bitrate > 0 ? (rns_us_t)RNS_MTU * 8 * RNSI_SECOND / iface->bitrate : 0;
}

rns_us_t rns_first_hop_timeout(const rns_node_t *node, rns_us_t now,
                               const rns_hash_t *destination) {
    const struct rnsi_path *path = rnsi_path_peek(node, now, destination->b);
    const rns_us_t extra = path != NULL ? air_time(rnsi_iface_at(node, path->iface)) : 0;
    return extra + RNSI_PER_HOP_TIMEOUT;
}

rns_us_t rns_medium_path_timeout(const rns_node_t *node) {
    const uint32_t lowest = node->lowest_bitrate;
    if (lowest == 0) {
        return 0;
    }
    const uint32_t bitrate = lowest < 5 ? 5 : lowest; // Reticulum.MINIMUM_BITRATE
    return 2 * ((rns_us_t)RNS_MTU * 8 * RNSI_SECOND / bitrate) + RNSI_PER_HOP_TIMEOUT;
}
