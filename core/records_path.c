// records_path.c -- records of the way to others: paths, tunnels, and the announces they came from.
#include "records_kinds.h"
#include "route/blackhole.h"
#include "route/cache.h"
#include "route/iface.h"
#include "route/path.h"
#include "route/tunnel.h"
#include "wire/announce.h"

#define PATH_ITEMS     8U
#define ANNOUNCE_ITEMS 2U
#define TUNNEL_ITEMS   4U
#define BLOB_SIZE      RNSI_RANDOM_BLOB_SIZE
#define BLOBS_MAX      256U // of a record; the reference keeps 64
// Bytes of a path in a tunnel's record, at most, and of what stands around them.
#define TUNNEL_PATH_SIZE 152U
#define TUNNEL_HEAD_SIZE 96U

// ---- Times

static int64_t wall_of(const rns_node_t *node, rns_us_t time) {
    const int64_t unix_us = rnsi_unix_us(node);
    return time - node->now + (unix_us > 0 ? unix_us : 0);
}

typedef struct {
    int64_t used_us, expires_us; // wall time
} times_t;

static rns_us_t used_at(const rns_node_t *node, const times_t *t) {
    const int64_t unix_us = rnsi_unix_us(node);
    if (t->used_us <= 0) {
        return node->now + t->used_us; // written without a clock
    }
    return unix_us > t->used_us ? node->now - (unix_us - t->used_us) : node->now;
}

// A lifetime from now at most. Without a clock: what was left when it was used last.
static rns_us_t expires_at(const rns_node_t *node, const times_t *t, rns_us_t life) {
    const int64_t unix_us = rnsi_unix_us(node);
    int64_t left = t->expires_us;
    if (t->used_us > 0) {
        left -= unix_us > 0 ? unix_us : t->used_us;
    }
    return node->now + (left > life ? life : left);
}

// ---- Announces: [packet as received, name of the interface or nil]

bool rnsi_cache_encode(rns_node_t *node, const void *element, rnsi_writer_t *w) {
    const struct rnsi_announce_cache *c = element;
    const struct rnsi_iface *iface = rnsi_iface_at(node, c->from);
    if (c->path == RNSI_NONE && c->slot.pins == 0) {
        return false;
    }
    rnsi_msgpack_array(w, ANNOUNCE_ITEMS);
    rnsi_msgpack_bin(w, (rns_bytes_t){c->raw, c->size});
    if (iface == NULL) {
        rnsi_msgpack_nil(w);
        return true;
    }
    size_t size = 0;
    while (size < RNSI_NAME_MAX && iface->name[size] != 0) {
        size++;
    }
    rnsi_msgpack_str(w, (rns_bytes_t){(const uint8_t *)iface->name, size});
    return true;
}

typedef struct {
    uint8_t raw[RNS_MTU];
    size_t size;
    rnsi_announce_t parts; // views of raw
} stored_t;

static bool read_announce(rns_bytes_t value, stored_t *out) {
    uint32_t items;
    rns_bytes_t raw;
    rnsi_reader_t r = rnsi_reader(value);
    if (!rnsi_msgpack_read_array(&r, &items) || items == 0 || !rnsi_msgpack_read_bin(&r, &raw) ||
        raw.size > sizeof out->raw) {
        return false;
    }
    memcpy(out->raw, raw.data, raw.size);
    out->size = raw.size;
    return true;
}

// The announce that made a path, from the store. Its signature was checked when it came.
static bool find_announce(rns_node_t *node, const uint8_t hash[32], const uint8_t dest[16],
                          stored_t *out) {
    uint8_t space[RNSI_RECORD_SMALL], is_hash[32];
    const rns_bytes_t key = {hash, 32};
    const size_t size = node->store.get != NULL
                            ? node->store.get(node->store.user, RNS_RECORD_ANNOUNCE, key,
                                              (rns_mem_t){space, sizeof space})
                            : 0;
    rnsi_packet_t packet;
    if (size == 0 || size > sizeof space || !read_announce((rns_bytes_t){space, size}, out) ||
        !rnsi_packet_parse((rns_mem_t){out->raw, out->size}, &packet) ||
        !rnsi_announce_parse(&packet, &out->parts)) {
        return false;
    }
    rnsi_packet_hash(&node->crypto, &packet, is_hash);
    return memcmp(is_hash, hash, sizeof is_hash) == 0 && rnsi_hash_is(packet.dest, dest);
}

static uint32_t cache(rns_node_t *node, const stored_t *announce, const uint8_t hash[32],
                      rnsi_iface_ref_t from) {
    const uint32_t slot =
        rnsi_cache_put(node, (rns_bytes_t){announce->raw, announce->size}, hash, from);
    if (slot != RNSI_NONE) {
        rnsi_record_is_stored(node, RNS_RECORD_ANNOUNCE, &rnsi_cache_at(node, slot)->slot);
    }
    return slot;
}

// ---- Paths: [destination, used, next hop, hops, expires, [blobs, oldest first], hash of the
//              interface, hash of the announce]

typedef struct {
    const uint8_t *dest, *next_hop, *iface_hash, *packet_hash; // 16, 16, 32, 32
    times_t times;
    uint8_t hops;
    uint32_t blob_count;
    rnsi_reader_t blobs;
} entry_t;

typedef struct {
    const uint8_t *dest, *next_hop, *iface_hash, *packet_hash; // iface_hash may be NULL
    rns_us_t used, expires;
    uint8_t hops;
    const uint8_t (*blobs)[10]; // newest first
    uint32_t blob_count;
} path_t;

static void write_path(const rns_node_t *node, const path_t *p, rnsi_writer_t *w) {
    rnsi_msgpack_array(w, PATH_ITEMS);
    rnsi_msgpack_bin(w, (rns_bytes_t){p->dest, 16});
    rnsi_msgpack_seconds(w, wall_of(node, p->used));
    rnsi_msgpack_bin(w, (rns_bytes_t){p->next_hop, 16});
    rnsi_msgpack_uint(w, p->hops);
    rnsi_msgpack_seconds(w, wall_of(node, p->expires));
    rnsi_msgpack_array(w, p->blob_count);
    for (uint32_t i = p->blob_count; i-- > 0;) {
        rnsi_msgpack_bin(w, (rns_bytes_t){p->blobs[i], BLOB_SIZE});
    }
    if (p->iface_hash != NULL) {
        rnsi_msgpack_bin(w, (rns_bytes_t){p->iface_hash, 32});
    } else {
        rnsi_msgpack_nil(w);
    }
    rnsi_msgpack_bin(w, (rns_bytes_t){p->packet_hash, 32});
}

// A path without its announce could not be read again: the reference would drop it too.
bool rnsi_path_encode(rns_node_t *node, const void *element, rnsi_writer_t *w) {
    const struct rnsi_path *path = element;
    const struct rnsi_iface *iface = rnsi_iface_at(node, path->iface);
    if (iface == NULL || path->cache == RNSI_NONE) {
        return false;
    }
    uint8_t blobs[RNSI_MAX_RANDOM_BLOBS][10];
    const path_t p = {
        .dest = path->hash,
        .next_hop = path->next_hop,
        .iface_hash = iface->hash,
        .packet_hash = rnsi_cache_at(node, path->cache)->packet_hash,
        .used = rnsi_path_used_at(path),
        .expires = path->expires,
        .hops = path->hops,
        .blobs = (const uint8_t(*)[10])blobs,
        .blob_count = rnsi_path_blobs(node, path, blobs, RNSI_MAX_RANDOM_BLOBS),
    };
    write_path(node, &p, w);
    return true;
}

// Passes over the blobs, and keeps where they begin.
static bool read_blobs(rnsi_reader_t *r, entry_t *e) {
    if (!rnsi_msgpack_read_array(r, &e->blob_count) || e->blob_count > BLOBS_MAX) {
        return false;
    }
    e->blobs = *r;
    for (uint32_t i = 0; i < e->blob_count; i++) {
        if (rnsi_record_bin(r, BLOB_SIZE) == NULL) {
            return false;
        }
    }
    return true;
}

static bool read_iface_hash(rnsi_reader_t *r, const uint8_t **hash) {
    rnsi_msgpack_t value;
    *hash = NULL;
    if (!rnsi_msgpack_read(r, &value)) {
        return false;
    }
    if (value.type == RNSI_MSGPACK_BIN && value.bytes.size == 32) {
        *hash = value.bytes.data;
    }
    return *hash != NULL || value.type == RNSI_MSGPACK_NIL;
}

static bool read_entry(rnsi_reader_t *r, entry_t *e) {
    uint32_t items;
    uint64_t hops;
    int64_t used, expires;
    if (!rnsi_msgpack_read_array(r, &items) || items != PATH_ITEMS) {
        return false;
    }
    e->dest = rnsi_record_bin(r, 16);
    const bool has_used = rnsi_msgpack_read_seconds(r, &used);
    e->next_hop = rnsi_record_bin(r, 16);
    const bool has_hops = rnsi_msgpack_read_uint(r, &hops);
    if (!has_used || !has_hops || hops > RNSI_HOPS_MAX + 1 ||
        !rnsi_msgpack_read_seconds(r, &expires) || !read_blobs(r, e) ||
        !read_iface_hash(r, &e->iface_hash)) {
        return false;
    }
    e->packet_hash = rnsi_record_bin(r, 32);
    e->hops = (uint8_t)hops;
    e->times = (times_t){rnsi_record_time(used), rnsi_record_time(expires)};
    return r->ok;
}

// The blobs of an entry, oldest first; the newest emission time of all.
static const uint8_t *next_blob(entry_t *e) {
    return rnsi_record_bin(&e->blobs, BLOB_SIZE);
}

static const uint8_t *newest_blob(const entry_t *e, const stored_t *announce) {
    entry_t copy = *e;
    const uint8_t *blob = announce->parts.random;
    for (uint32_t i = 0; i < e->blob_count; i++) {
        blob = next_blob(&copy);
    }
    return blob;
}

static struct rnsi_path *restore(rns_node_t *node, entry_t *e, const stored_t *announce,
                                 struct rnsi_iface *iface) {
    const uint8_t *newest = newest_blob(e, announce);
    const rnsi_path_news_t news = {
        .dest = e->dest,
        .next_hop = e->next_hop,
        .signer = announce->parts.keys + 32,
        .blob = newest,
        .emission_s = rnsi_announce_emitted(newest),
        .hops = e->hops,
        .iface = iface,
    };
    const uint32_t slot = cache(node, announce, e->packet_hash, rnsi_iface_ref(node, iface));
    struct rnsi_path *path = rnsi_path_learn(node, &news, slot);
    for (uint32_t i = 1; path != NULL && i < e->blob_count; i++) {
        rnsi_path_add_old_blob(node, path, next_blob(e));
    }
    if (path != NULL && slot != RNSI_NONE) {
        rnsi_record_is_stored(node, RNS_RECORD_ANNOUNCE, &rnsi_cache_at(node, slot)->slot);
    }
    return path;
}

static bool is_shut_out(const rns_node_t *node, const stored_t *announce) {
    const rns_hash_t identity =
        rnsi_truncated_hash(&node->crypto, (rns_bytes_t){announce->parts.keys, RNSI_KEYS_SIZE});
    return rnsi_blackholed(node, identity.b);
}

rnsi_taken_t rnsi_path_decode(rns_node_t *node, rnsi_record_t *record) {
    entry_t e;
    stored_t announce;
    rnsi_reader_t r = rnsi_reader(record->value);
    if (!read_entry(&r, &e)) {
        return RNSI_RECORD_BAD;
    }
    if (e.iface_hash == NULL || memcmp(e.iface_hash, record->iface->hash, 32) != 0) {
        return RNSI_RECORD_KEPT; // of another interface
    }
    rnsi_pool_t *paths = RNSI_POOL(node, PATH);
    const uint8_t list = rnsi_path_list(record->iface->mode);
    const rns_us_t life = rnsi_life(RNS_POOL_PATH, list), used = used_at(node, &e.times);
    if (rnsi_pool_find(paths, e.dest) != NULL) {
        return RNSI_RECORD_KEPT; // a newer one was heard already
    }
    if (node->now - used >= life || !find_announce(node, e.packet_hash, e.dest, &announce) ||
        is_shut_out(node, &announce)) {
        return RNSI_RECORD_SURPLUS;
    }
    struct rnsi_path *path = restore(node, &e, &announce, record->iface);
    if (path == NULL) {
        return RNSI_RECORD_KEPT;
    }
    path->expires = expires_at(node, &e.times, life);
    rnsi_pool_age(paths, path, list, used);
    record->slot = &path->slot;
    return RNSI_RECORD_TAKEN;
}

// ---- Tunnels: [id, hash of the interface or nil, [paths], expires]

static void write_tunnel_path(const rns_node_t *node, const struct rnsi_tunnel *tunnel,
                              const struct rnsi_tunnel_path *path, rnsi_writer_t *w) {
    const path_t p = {
        .dest = path->key,
        .next_hop = path->next_hop,
        .iface_hash = tunnel->iface_hash,
        .packet_hash = rnsi_cache_at(node, path->cache)->packet_hash,
        .used = path->learned,
        .expires = path->expires,
        .hops = path->hops,
        .blobs = &path->blob,
        .blob_count = 1,
    };
    write_path(node, &p, w);
}

static const struct rnsi_tunnel_path *path_at(const rns_node_t *node, uint32_t slot) {
    return slot == RNSI_NONE ? NULL : rnsi_pool_at(RNSI_POOL(node, TUNNEL_PATH), slot);
}

// How many of its paths are written, from the newest on: those that have their announce, and as
// many as there is room for.
static uint32_t count_paths(const rns_node_t *node, const struct rnsi_tunnel *tunnel,
                            const rnsi_writer_t *w, uint32_t *oldest) {
    const size_t room = (size_t)(w->end - w->at);
    const size_t most = room > TUNNEL_HEAD_SIZE ? (room - TUNNEL_HEAD_SIZE) / TUNNEL_PATH_SIZE : 0;
    uint32_t count = 0;
    const struct rnsi_tunnel_path *path;
    for (uint32_t slot = tunnel->paths; (path = path_at(node, slot)) != NULL && count < most;
         slot = path->next) {
        count += path->cache != RNSI_NONE;
        *oldest = slot;
    }
    return count;
}

// From the oldest of them to the newest, since that is how they are loaded.
static void write_paths(const rns_node_t *node, const struct rnsi_tunnel *tunnel, uint32_t oldest,
                        rnsi_writer_t *w) {
    const struct rnsi_tunnel_path *path;
    for (uint32_t slot = oldest; (path = path_at(node, slot)) != NULL; slot = path->prev) {
        if (path->cache != RNSI_NONE) {
            write_tunnel_path(node, tunnel, path, w);
        }
    }
}

bool rnsi_tunnel_encode(rns_node_t *node, const void *element, rnsi_writer_t *w) {
    static const uint8_t NO_IFACE[32] = {0};
    const struct rnsi_tunnel *tunnel = element;
    uint32_t oldest = RNSI_NONE;
    const uint32_t count = count_paths(node, tunnel, w, &oldest);
    if (count == 0) {
        return false; // the reference does not read such a one
    }
    rnsi_msgpack_array(w, TUNNEL_ITEMS);
    rnsi_msgpack_bin(w, (rns_bytes_t){tunnel->hash, sizeof tunnel->hash});
    if (memcmp(tunnel->iface_hash, NO_IFACE, sizeof NO_IFACE) != 0) {
        rnsi_msgpack_bin(w, (rns_bytes_t){tunnel->iface_hash, sizeof tunnel->iface_hash});
    } else {
        rnsi_msgpack_nil(w);
    }
    rnsi_msgpack_array(w, count);
    write_paths(node, tunnel, oldest, w);
    rnsi_msgpack_seconds(w, wall_of(node, tunnel->expires));
    return true;
}

static void restore_tunnel_path(rns_node_t *node, struct rnsi_tunnel *tunnel, const entry_t *e) {
    stored_t announce;
    if (!find_announce(node, e->packet_hash, e->dest, &announce)) {
        return;
    }
    const uint8_t *newest = newest_blob(e, &announce);
    struct rnsi_tunnel_path values = {
        .cache = cache(node, &announce, e->packet_hash, rnsi_no_iface()),
        .hops = e->hops,
        .emission_s = rnsi_announce_emitted(newest),
        .learned = used_at(node, &e->times),
        .expires = expires_at(node, &e->times, rnsi_life(RNS_POOL_PATH, 0)),
    };
    memcpy(values.next_hop, e->next_hop, sizeof values.next_hop);
    memcpy(values.signer, announce.parts.keys + 32, sizeof values.signer);
    memcpy(values.blob, newest, sizeof values.blob);
    if (!rnsi_tunnel_load_path(node, tunnel, e->dest, &values)) {
        rnsi_cache_disown(node, values.cache);
    }
}

static bool restore_tunnel_paths(rns_node_t *node, struct rnsi_tunnel *tunnel, rnsi_reader_t r,
                                 uint32_t count) {
    entry_t e;
    for (uint32_t i = 0; i < count; i++) {
        if (!read_entry(&r, &e)) {
            return false;
        }
        restore_tunnel_path(node, tunnel, &e);
    }
    return true;
}

rnsi_taken_t rnsi_tunnel_decode(rns_node_t *node, rnsi_record_t *record) {
    static const uint8_t NO_IFACE[32] = {0};
    rnsi_reader_t r = rnsi_reader(record->value);
    const uint8_t *iface_hash;
    uint32_t items, count;
    int64_t expires;
    bool ok = rnsi_msgpack_read_array(&r, &items) && items == TUNNEL_ITEMS;
    const uint8_t *id = ok ? rnsi_record_bin(&r, 32) : NULL;
    ok = id != NULL && read_iface_hash(&r, &iface_hash) && rnsi_msgpack_read_array(&r, &count);
    const rnsi_reader_t paths = r;
    entry_t e;
    for (uint32_t i = 0; ok && i < count; i++) {
        ok = read_entry(&r, &e);
    }
    if (!ok || !rnsi_msgpack_read_seconds(&r, &expires)) {
        return RNSI_RECORD_BAD;
    }
    // The reference stores no time of use of a tunnel: without a clock it begins its life anew.
    const rns_us_t life = rnsi_life(RNS_POOL_TUNNEL, 0);
    const bool is_dated = rnsi_record_time(expires) > INT64_C(366) * 24 * 3600 * RNSI_SECOND;
    const times_t times = {is_dated ? 1 : 0, rnsi_record_time(expires)};
    const rns_us_t at = expires_at(node, &times, life);
    if (at <= node->now || count == 0) {
        return RNSI_RECORD_SURPLUS;
    }
    struct rnsi_tunnel *tunnel =
        rnsi_tunnel_load(node, id, iface_hash != NULL ? iface_hash : NO_IFACE, at);
    if (tunnel == NULL || !restore_tunnel_paths(node, tunnel, paths, count)) {
        return RNSI_RECORD_KEPT;
    }
    record->slot = &tunnel->slot;
    return RNSI_RECORD_TAKEN;
}
