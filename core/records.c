// records.c -- see records.h.
#include "records.h"

#include <stddef.h>

#include "records_kinds.h"
#include "route/blackhole.h"
#include "session/ratchet.h"

#define MOST_CALLS  8U  // puts and deletes in one rns_tick()
#define MOST_SLOTS  64U // slots looked at in one rns_tick()
#define RETRY_AFTER RNSI_SECOND
#define NO_POOL     RNS_POOL_COUNT
#define HASH_SIZE   32U

// Bits of a slot's flags. A destination has two kinds of record.
enum { DIRTY = 1, STORED = 2, DIRTY_2 = 4, STORED_2 = 8 };

typedef struct {
    rns_pool_t pool;
    uint16_t key_at;
    uint8_t key_size, dirty, stored;
    bool is_large; // may have more than RNSI_RECORD_SMALL bytes
    bool (*encode)(rns_node_t *node, const void *element, rnsi_writer_t *w);
    rnsi_taken_t (*decode)(rns_node_t *node, rnsi_record_t *record);
} kind_t;

#define TRANSPORT(function) (RNS_WITH_TRANSPORT ? (function) : NULL)

#define KEY(element, member)                                                                       \
    .key_at = offsetof(struct rnsi_##element, member),                                             \
    .key_size = sizeof(((struct rnsi_##element *)0)->member)

static const kind_t KINDS[RNS_RECORD_COUNT] = {
    [RNS_RECORD_IDENTITY] = {.pool = NO_POOL},
    [RNS_RECORD_KNOWN] = {RNS_POOL_KNOWN, KEY(known, hash), .dirty = DIRTY, .stored = STORED,
                          .encode = rnsi_known_encode, .decode = rnsi_known_decode},
    [RNS_RECORD_PATH] = {RNS_POOL_PATH, KEY(path, hash), .dirty = DIRTY, .stored = STORED,
                         .encode = TRANSPORT(rnsi_path_encode),
                         .decode = TRANSPORT(rnsi_path_decode)},
    [RNS_RECORD_ANNOUNCE] = {RNS_POOL_ANNOUNCE_CACHE, KEY(announce_cache, packet_hash),
                             .dirty = DIRTY, .stored = STORED,
                             .encode = TRANSPORT(rnsi_cache_encode)},
    [RNS_RECORD_TUNNEL] = {RNS_POOL_TUNNEL, KEY(tunnel, hash), .dirty = DIRTY, .stored = STORED,
                           .is_large = true, .encode = TRANSPORT(rnsi_tunnel_encode),
                           .decode = TRANSPORT(rnsi_tunnel_decode)},
    [RNS_RECORD_RATCHET] = {RNS_POOL_RATCHET_PEER, KEY(ratchet_peer, hash), .dirty = DIRTY,
                            .stored = STORED, .encode = rnsi_ratchet_encode,
                            .decode = rnsi_ratchet_decode},
    [RNS_RECORD_RATCHET_SELF] = {RNS_POOL_DEST, KEY(dest, hash), .dirty = DIRTY, .stored = STORED,
                                 .is_large = true, .encode = rnsi_ratchets_encode},
    [RNS_RECORD_SEEN] = {.pool = NO_POOL},
    [RNS_RECORD_BLACKHOLE] = {RNS_POOL_BLACKHOLE, KEY(blackhole, hash), .dirty = DIRTY,
                              .stored = STORED, .encode = rnsi_blackhole_encode,
                              .decode = rnsi_blackhole_decode},
    [RNS_RECORD_MARK] = {RNS_POOL_DEST, KEY(dest, hash), .dirty = DIRTY_2, .stored = STORED_2,
                         .encode = rnsi_mark_encode},
};

static bool is_whole(const rns_node_t *node, rns_record_t kind) {
    return (node->store.whole >> (unsigned)kind & 1U) != 0;
}

static rns_bytes_t key_of(rns_record_t kind, const void *element) {
    const kind_t *k = &KINDS[kind];
    return (rns_bytes_t){(const uint8_t *)element + k->key_at, k->key_size};
}

// ---- What is dirty

// Of kinds that are rewritten as a whole every change counts.
void rnsi_record_dirty(rns_node_t *node, rns_record_t kind, rnsi_slot_t *slot) {
    const uint8_t bit = KINDS[kind].dirty;
    if (node->store.put == NULL) {
        return;
    }
    if (slot == NULL || is_whole(node, kind)) {
        node->dirty[kind]++;
    } else if ((slot->flags & bit) == 0) {
        slot->flags |= bit;
        if (node->dirty[kind]++ == 0) {
            // Mostly it is the only one: the search begins where it stands.
            node->dirty_cursor[kind] = rnsi_pool_slot(&node->memory.pools[KINDS[kind].pool], slot);
        }
    }
}

static void clean(rns_node_t *node, rns_record_t kind, rnsi_slot_t *slot) {
    const uint8_t bit = KINDS[kind].dirty;
    if ((slot->flags & bit) != 0) {
        slot->flags &= (uint8_t)~bit;
        node->dirty[kind]--;
    }
}

void rnsi_record_left(rns_node_t *node, rns_record_t kind, rnsi_slot_t *slot) {
    clean(node, kind, slot);
}

void rnsi_record_is_stored(rns_node_t *node, rns_record_t kind, rnsi_slot_t *slot) {
    clean(node, kind, slot);
    slot->flags |= KINDS[kind].stored;
}

// ---- What is gone

static void gone_key(rns_record_t kind, rns_bytes_t key,
                     uint8_t out[sizeof(((struct rnsi_record_gone *)0)->key)]) {
    memset(out, 0, sizeof(((struct rnsi_record_gone *)0)->key));
    out[0] = (uint8_t)kind;
    memcpy(out + 1, key.data, key.size);
}

static void delete_later(rns_node_t *node, rns_record_t kind, rns_bytes_t key) {
    struct rnsi_record_gone wanted;
    rnsi_pool_t *pool = RNSI_POOL(node, RECORD_GONE);
    gone_key(kind, key, wanted.key);
    if (rnsi_pool_find(pool, wanted.key) == NULL) {
        rnsi_pool_take(pool, node->now, wanted.key); // when there is no room, see pools.def
    }
}

// A record that is put again is not to be deleted any more.
static void do_not_delete(rns_node_t *node, rns_record_t kind, rns_bytes_t key) {
    struct rnsi_record_gone wanted;
    rnsi_pool_t *pool = RNSI_POOL(node, RECORD_GONE);
    gone_key(kind, key, wanted.key);
    void *found = rnsi_pool_find(pool, wanted.key);
    if (found != NULL) {
        rnsi_pool_give(pool, found);
    }
}

void rnsi_record_gone(rns_node_t *node, rns_record_t kind, const void *key) {
    const rnsi_pool_t *pool = &node->memory.pools[KINDS[kind].pool];
    const void *element = (const uint8_t *)key - KINDS[kind].key_at;
    rnsi_slot_t *slot = rnsi_pool_at(pool, rnsi_pool_slot(pool, element));
    if (is_whole(node, kind)) {
        node->dirty[kind]++;
        return;
    }
    clean(node, kind, slot);
    if (node->store.del != NULL && (slot->flags & KINDS[kind].stored) != 0) {
        delete_later(node, kind, key_of(kind, element));
    }
}

// false: the store is busy.
static bool delete_next(rns_node_t *node) {
    rnsi_pool_t *pool = RNSI_POOL(node, RECORD_GONE);
    struct rnsi_record_gone *gone = rnsi_pool_oldest(pool, RNSI_ALL);
    const rns_record_t kind = (rns_record_t)gone->key[0];
    const rns_bytes_t key = {gone->key + 1, KINDS[kind].key_size};
    if (!node->store.del(node->store.user, kind, key)) {
        return false;
    }
    rnsi_pool_give(pool, gone);
    return true;
}

// ---- Putting one

// DONE: it is put, or there is nothing to put; LATER: the store, or what it takes to make the
// value, is busy.
typedef enum { DONE, EMPTY, LATER } put_t;

static put_t put_value(rns_node_t *node, rns_record_t kind, void *element, rns_mem_t space) {
    rnsi_writer_t w = rnsi_writer(space);
    const rns_bytes_t key = key_of(kind, element);
    if (!KINDS[kind].encode(node, element, &w) || !w.ok) {
        clean(node, kind, element);
        return EMPTY;
    }
    const rns_bytes_t value = {space.data, rnsi_written(&w)};
    if (!node->store.put(node->store.user, kind, key, value)) {
        return LATER;
    }
    do_not_delete(node, kind, key);
    rnsi_record_is_stored(node, kind, element);
    return DONE;
}

static put_t put_large(rns_node_t *node, rns_record_t kind, void *element) {
    rnsi_ratchet_bench_t bench;
    if (!rnsi_ratchet_bench_open(node, &bench)) {
        return LATER;
    }
    const put_t put = put_value(node, kind, element, bench.mem);
    rnsi_ratchet_bench_close(node, &bench);
    return put;
}

static put_t put(rns_node_t *node, rns_record_t kind, void *element) {
    uint8_t space[RNSI_RECORD_SMALL];
    return KINDS[kind].is_large ? put_large(node, kind, element)
                                : put_value(node, kind, element, (rns_mem_t){space, sizeof space});
}

static put_t put_identity(rns_node_t *node) {
    const rns_bytes_t none = {NULL, 0};
    const rns_bytes_t secret = {(const uint8_t *)&node->identity_secret,
                                sizeof node->identity_secret};
    if (!node->store.put(node->store.user, RNS_RECORD_IDENTITY, none, secret)) {
        return LATER;
    }
    node->dirty[RNS_RECORD_IDENTITY] = 0;
    return DONE;
}

// ---- Putting what is dirty

// Looks for dirty elements of a kind from where it stopped, round and round. false: busy.
static bool put_some(rns_node_t *node, rns_record_t kind, uint32_t *calls, uint32_t *slots) {
    const rnsi_pool_t *pool = &node->memory.pools[KINDS[kind].pool];
    uint32_t *cursor = &node->dirty_cursor[kind];
    while (node->dirty[kind] > 0 && *calls > 0 && *slots > 0) {
        const uint32_t at = *cursor < pool->bump ? *cursor : 0;
        rnsi_slot_t *slot = rnsi_pool_at(pool, at);
        (*slots)--;
        if (slot->gen % 2 == 1 && (slot->flags & KINDS[kind].dirty) != 0) {
            (*calls)--;
            if (put(node, kind, slot) == LATER) {
                return false;
            }
        }
        *cursor = at + 1;
    }
    return true;
}

static bool put_all_kinds(rns_node_t *node, uint32_t *calls) {
    uint32_t slots = MOST_SLOTS;
    if (node->dirty[RNS_RECORD_IDENTITY] > 0 && put_identity(node) == LATER) {
        return false;
    }
    for (rns_record_t kind = 0; kind < RNS_RECORD_COUNT; kind++) {
        if (KINDS[kind].pool != NO_POOL && !is_whole(node, kind) &&
            !put_some(node, kind, calls, &slots)) {
            return false;
        }
    }
    return true;
}

size_t rns_dirty(const rns_node_t *node) {
    size_t sum = RNSI_POOL(node, RECORD_GONE)->used;
    for (rns_record_t kind = 0; kind < RNS_RECORD_COUNT; kind++) {
        const bool by_tick = kind != RNS_RECORD_SEEN && !is_whole(node, kind);
        sum += by_tick ? node->dirty[kind] : 0;
    }
    return sum;
}

rns_us_t rnsi_records_due(const rns_node_t *node) {
    if (rns_dirty(node) == 0) {
        return RNS_NEVER;
    }
    return node->store_retry_at > node->now ? node->store_retry_at : node->now;
}

void rnsi_records_tick(rns_node_t *node) {
    if (rnsi_records_due(node) > node->now) {
        return;
    }
    uint32_t calls = MOST_CALLS;
    bool ok = true;
    while (ok && calls > 0 && RNSI_POOL(node, RECORD_GONE)->used > 0) {
        ok = delete_next(node);
        calls--;
    }
    if (!ok || !put_all_kinds(node, &calls)) {
        node->store_retry_at = node->now + RETRY_AFTER;
    }
}

// ---- Kinds that are rewritten as a whole

static uint64_t seen_count(const rnsi_seen_t *seen) {
    return (uint64_t)seen->dropped + seen->used[0] + seen->used[1];
}

// The young generation, which is the set that the reference writes.
static bool put_seen(rns_node_t *node, uint32_t *cursor) {
    const rnsi_seen_t *seen = &node->memory.packets;
    const rns_bytes_t none = {NULL, 0};
    if (seen->hashes == NULL) {
        *cursor = RNSI_NONE;
        return false;
    }
    const rns_bytes_t value = {seen->hashes[(size_t)seen->young * seen->half],
                               (size_t)seen->used[seen->young] * HASH_SIZE};
    if (!node->store.put(node->store.user, RNS_RECORD_SEEN, none, value)) {
        return false;
    }
    *cursor = RNSI_NONE;
    node->dirty[RNS_RECORD_SEEN] = (uint32_t)seen_count(seen);
    return true;
}

static bool save_single(rns_node_t *node, rns_record_t kind, uint32_t *cursor) {
    if (kind == RNS_RECORD_SEEN) {
        return put_seen(node, cursor);
    }
    if (node->dirty[kind] == 0) {
        *cursor = RNSI_NONE;
        return false;
    }
    const bool is_put = put_identity(node) == DONE;
    *cursor = is_put ? RNSI_NONE : 0;
    return is_put;
}

// Announces never change, and other kinds were put by rns_tick() unless they are dirty.
static bool needs_put(const rns_node_t *node, rns_record_t kind, const rnsi_slot_t *slot) {
    const bool again = is_whole(node, kind) && kind != RNS_RECORD_ANNOUNCE;
    return again || (slot->flags & KINDS[kind].stored) == 0 ||
           (slot->flags & KINDS[kind].dirty) != 0;
}

size_t rns_save(rns_node_t *node, rns_us_t now, rns_record_t kind, uint32_t *cursor, size_t most) {
    node->now = now;
    if ((unsigned)kind >= RNS_RECORD_COUNT || node->store.put == NULL) {
        *cursor = RNSI_NONE;
        return 0;
    }
    if (KINDS[kind].pool == NO_POOL) {
        return save_single(node, kind, cursor) ? 1 : 0;
    }
    if (*cursor == 0 && is_whole(node, kind)) {
        node->dirty[kind] = 0;
    }
    size_t count = 0;
    for (size_t looked = 0; looked < most && *cursor != RNSI_NONE; looked++) {
        uint32_t next = *cursor;
        void *element = rnsi_pool_walk(&node->memory.pools[KINDS[kind].pool], &next, UINT32_MAX);
        const bool puts = element != NULL && needs_put(node, kind, element);
        const put_t done = puts ? put(node, kind, element) : EMPTY;
        if (done == LATER) {
            break;
        }
        count += done == DONE;
        *cursor = next;
    }
    return count;
}

uint32_t rns_changes(const rns_node_t *node, rns_record_t kind) {
    if ((unsigned)kind >= RNS_RECORD_COUNT) {
        return 0;
    }
    if (kind == RNS_RECORD_SEEN) {
        return (uint32_t)seen_count(&node->memory.packets) - node->dirty[kind];
    }
    return node->dirty[kind];
}

// ---- Loading

typedef struct {
    rns_node_t *node;
    rns_record_t kind;
    struct rnsi_iface *iface;
} load_t;

static void take(void *context, rns_bytes_t key, rns_bytes_t value) {
    const load_t *load = context;
    rns_node_t *node = load->node;
    rnsi_record_t record = {key, value, load->iface, NULL};
    if (key.size != KINDS[load->kind].key_size) {
        node->records_skipped++;
        return;
    }
    switch (KINDS[load->kind].decode(node, &record)) {
    case RNSI_RECORD_TAKEN:
        rnsi_record_is_stored(node, load->kind, record.slot);
        break;
    case RNSI_RECORD_KEPT:
        break;
    case RNSI_RECORD_BAD:
        node->records_skipped++;
        break;
    case RNSI_RECORD_SURPLUS:
        if (node->store.del != NULL && !is_whole(node, load->kind)) {
            delete_later(node, load->kind, key);
        }
        break;
    }
}

// Any number of whole hashes.
static void take_seen(void *context, rns_bytes_t key, rns_bytes_t value) {
    static const uint8_t REMOVED[HASH_SIZE] = {0};
    rns_node_t *node = context;
    rnsi_seen_t *seen = &node->memory.packets;
    (void)key;
    for (size_t at = 0; at + HASH_SIZE <= value.size; at += HASH_SIZE) {
        const uint8_t *hash = value.data + at;
        if (memcmp(hash, REMOVED, HASH_SIZE) != 0 && !rnsi_seen_has(seen, hash)) {
            rnsi_seen_add(seen, hash);
        }
    }
}

// To load is no change.
static void load(rns_node_t *node, rns_record_t kind, struct rnsi_iface *iface) {
    load_t context = {node, kind, iface};
    uint32_t changes[RNS_RECORD_COUNT];
    memcpy(changes, node->dirty, sizeof changes);
    node->store.each(node->store.user, kind, &context, take);
    for (rns_record_t k = 0; k < RNS_RECORD_COUNT; k++) {
        if (KINDS[k].pool != NO_POOL && is_whole(node, k)) {
            node->dirty[k] = changes[k];
        }
    }
}

void rnsi_records_load(rns_node_t *node) {
    static const rns_record_t ALWAYS[] = {RNS_RECORD_KNOWN, RNS_RECORD_RATCHET,
                                          RNS_RECORD_BLACKHOLE};
    if (node->store.each == NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof ALWAYS / sizeof *ALWAYS; i++) {
        load(node, ALWAYS[i], NULL);
    }
    if (rnsi_transports(node)) {
        node->store.each(node->store.user, RNS_RECORD_SEEN, node, take_seen);
        load(node, RNS_RECORD_TUNNEL, NULL);
    }
    node->dirty[RNS_RECORD_SEEN] = (uint32_t)seen_count(&node->memory.packets);
}

uint32_t rns_blackhole_reload(rns_node_t *node, rns_us_t now) {
    const uint32_t before = RNSI_POOL(node, BLACKHOLE)->used;
    node->now = now;
    if (node->store.each != NULL) {
        load(node, RNS_RECORD_BLACKHOLE, NULL);
        rnsi_blackhole_drop_paths(node);
    }
    return RNSI_POOL(node, BLACKHOLE)->used - before;
}

void rnsi_records_iface(rns_node_t *node, struct rnsi_iface *iface) {
    const bool is_child = iface->parent.slot != RNSI_NO_IFACE;
    if (node->store.each != NULL && rnsi_transports(node) && !is_child) {
        load(node, RNS_RECORD_PATH, iface);
    }
}
