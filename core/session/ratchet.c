// ratchet.c -- see ratchet.h. Follows RNS/Destination.py: rotate_ratchets, _persist_ratchets,
// _reload_ratchets.
//
//   file = map { "signature": of the list, 64 | "ratchets": bin( array of private keys, 32 each ) }
#include "session/ratchet.h"

#include "records.h"
#include "rules.h"
#include "session/destination.h"
#include "wire/msgpack.h"

#define NOT_YET  (-1) // ratchet_at of a destination that has not rotated since it was added
#define KEY_SIZE 32U

static struct rnsi_ratchet_self *at(const rns_node_t *node, uint32_t slot) {
    return slot == RNSI_NONE ? NULL : rnsi_pool_at(RNSI_POOL(node, RATCHET_SELF), slot);
}

// ---- The list of a destination, newest first

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static uint32_t most_kept(const rns_node_t *node) {
    const uint32_t most =
        RNSI_POOL(node, RATCHET_FILE)->count > 0 ? RNSI_RATCHETS_MAX : RNSI_RATCHETS_SMALL;
    return least(least(most, node->limits.ratchets), RNSI_POOL(node, RATCHET_SELF)->count);
}

// What the list is cut to.
static uint32_t kept(const rns_node_t *node, const struct rnsi_dest *dest) {
    return RNSI_RATCHETS_AS_RETAINED ? dest->ratchet_kept : most_kept(node);
}

static void give(rns_node_t *node, struct rnsi_dest *dest, struct rnsi_ratchet_self *r) {
    node->crypto.v->wipe(r->key_secret, sizeof r->key_secret);
    rnsi_pool_give(RNSI_POOL(node, RATCHET_SELF), r);
    dest->ratchet_count--;
}

// The element behind which the list is cut to have `left` elements; NULL: left is 0.
static struct rnsi_ratchet_self *last_of(const rns_node_t *node, const struct rnsi_dest *dest,
                                         uint32_t left) {
    struct rnsi_ratchet_self *r = NULL;
    for (uint32_t slot = dest->ratchet_newest, i = 0; i < left; i++, slot = r->older) {
        r = at(node, slot);
    }
    return r;
}

static void cut(rns_node_t *node, struct rnsi_dest *dest, uint32_t left) {
    if (left >= dest->ratchet_count) {
        return;
    }
    struct rnsi_ratchet_self *last = last_of(node, dest, left);
    uint32_t *link = last != NULL ? &last->older : &dest->ratchet_newest;
    struct rnsi_ratchet_self *r = at(node, *link);
    *link = RNSI_NONE;
    while (r != NULL) {
        struct rnsi_ratchet_self *older = at(node, r->older);
        give(node, dest, r);
        r = older;
    }
}

static bool has_room(const rns_node_t *node) {
    const rnsi_pool_t *pool = RNSI_POOL(node, RATCHET_SELF);
    return pool->used < pool->count;
}

// ---- The file

bool rnsi_ratchet_bench_open(rns_node_t *node, rnsi_ratchet_bench_t *bench) {
    rnsi_pool_t *pool = RNSI_POOL(node, RATCHET_FILE);
    bench->row = NULL;
    bench->mem = (rns_mem_t){bench->small_secret, sizeof bench->small_secret};
    if (pool->count == 0) {
        return true;
    }
    bench->row = rnsi_pool_take(pool, node->now, NULL);
    if (bench->row == NULL) {
        return false;
    }
    bench->mem = (rns_mem_t){bench->row->bytes, sizeof bench->row->bytes};
    return true;
}

void rnsi_ratchet_bench_close(rns_node_t *node, rnsi_ratchet_bench_t *bench) {
    node->crypto.v->wipe(bench->mem.data, bench->mem.size);
    if (bench->row != NULL) {
        rnsi_pool_give(RNSI_POOL(node, RATCHET_FILE), bench->row);
    }
}

static size_t list_size(uint32_t count) {
    const size_t head = count < 16 ? 1 : 3;
    return head + (size_t)count * (2 + KEY_SIZE);
}

size_t rnsi_ratchet_record(const rns_node_t *node, const struct rnsi_dest *dest, rns_mem_t out) {
    rnsi_writer_t w = rnsi_writer(out);
    rnsi_msgpack_map(&w, 2);
    rnsi_msgpack_str(&w, RNSI_TEXT("signature"));
    rnsi_msgpack_bin_head(&w, RNSI_IDENTITY_SIG);
    uint8_t *signature = rnsi_write_space(&w, RNSI_IDENTITY_SIG);
    rnsi_msgpack_str(&w, RNSI_TEXT("ratchets"));
    rnsi_msgpack_bin_head(&w, (uint32_t)list_size(dest->ratchet_count));
    const uint8_t *list = w.at;
    rnsi_msgpack_array(&w, dest->ratchet_count);
    for (const struct rnsi_ratchet_self *r = at(node, dest->ratchet_newest); r != NULL;
         r = at(node, r->older)) {
        rnsi_msgpack_bin(&w, (rns_bytes_t){r->key_secret, sizeof r->key_secret});
    }
    if (!w.ok) {
        return 0;
    }
    const rns_bytes_t message = {list, (size_t)(w.at - list)};
    rnsi_identity_sign(&node->crypto, &dest->signer_secret, message, signature);
    return rnsi_written(&w);
}

typedef struct {
    rns_bytes_t signature, list;
    rnsi_reader_t keys; // behind the head of the list
    uint32_t count;
} file_t;

// All keys have the right size.
static bool check_list(file_t *file) {
    rnsi_reader_t r = rnsi_reader(file->list);
    if (!rnsi_msgpack_read_array(&r, &file->count)) {
        return false;
    }
    file->keys = r;
    for (uint32_t i = 0; i < file->count; i++) {
        rns_bytes_t key;
        if (!rnsi_msgpack_read_bin(&r, &key) || key.size != KEY_SIZE) {
            return false;
        }
    }
    return true;
}

static bool parse(rns_bytes_t bytes, file_t *file) {
    rnsi_reader_t r = rnsi_reader(bytes);
    uint32_t pairs;
    memset(file, 0, sizeof *file);
    if (!rnsi_msgpack_read_map(&r, &pairs)) {
        return false;
    }
    for (uint32_t i = 0; i < pairs; i++) {
        rnsi_msgpack_t name;
        if (!rnsi_msgpack_read(&r, &name)) {
            return false;
        }
        if (rnsi_msgpack_is(&name, RNSI_TEXT("signature"))) {
            rnsi_msgpack_read_bin(&r, &file->signature);
        } else if (rnsi_msgpack_is(&name, RNSI_TEXT("ratchets"))) {
            rnsi_msgpack_read_bin(&r, &file->list);
        } else {
            rnsi_msgpack_skip(&r);
        }
    }
    return r.ok && file->signature.size == RNSI_IDENTITY_SIG && file->list.size > 0 &&
           check_list(file);
}

// The next key of a list that was checked.
static const uint8_t *next_key(rnsi_reader_t *keys) {
    rns_bytes_t key;
    return rnsi_msgpack_read_bin(keys, &key) ? key.data : NULL;
}

static bool file_has(const rns_node_t *node, const file_t *file, const uint8_t key_secret[32]) {
    rnsi_reader_t keys = file->keys;
    for (uint32_t i = 0; i < file->count; i++) {
        if (node->crypto.v->equal(next_key(&keys), key_secret, KEY_SIZE)) {
            return true;
        }
    }
    return false;
}

// How many of our newest are not in the file: those that were not written yet.
static uint32_t count_ahead(const rns_node_t *node, const struct rnsi_dest *dest,
                            const file_t *file) {
    uint32_t ahead = 0;
    for (const struct rnsi_ratchet_self *r = at(node, dest->ratchet_newest);
         r != NULL && !file_has(node, file, r->key_secret); r = at(node, r->older)) {
        ahead++;
    }
    return ahead;
}

// Whether what we have behind the first `ahead` is what stands in the file.
static bool is_same(const rns_node_t *node, const struct rnsi_dest *dest, const file_t *file,
                    uint32_t ahead) {
    const uint32_t most = kept(node, dest);
    const uint32_t want = least(file->count, most - least(ahead, most));
    if (dest->ratchet_count != ahead + want) {
        return false;
    }
    rnsi_reader_t keys = file->keys;
    const struct rnsi_ratchet_self *last = last_of(node, dest, ahead);
    uint32_t slot = last != NULL ? last->older : dest->ratchet_newest;
    for (uint32_t i = 0; i < want; i++) {
        const struct rnsi_ratchet_self *r = at(node, slot);
        if (!node->crypto.v->equal(next_key(&keys), r->key_secret, KEY_SIZE)) {
            return false;
        }
        slot = r->older;
    }
    return true;
}

// Our first `ahead`, then the file's, as many as are kept and as there is room for.
static void replace(rns_node_t *node, struct rnsi_dest *dest, const file_t *file, uint32_t ahead) {
    cut(node, dest, ahead);
    rnsi_reader_t keys = file->keys;
    struct rnsi_ratchet_self *last = last_of(node, dest, dest->ratchet_count);
    rnsi_pool_t *pool = RNSI_POOL(node, RATCHET_SELF);
    for (uint32_t i = 0; i < file->count && dest->ratchet_count < kept(node, dest); i++) {
        if (!has_room(node)) {
            return;
        }
        struct rnsi_ratchet_self *r = rnsi_pool_take(pool, node->now, NULL);
        memcpy(r->key_secret, next_key(&keys), sizeof r->key_secret);
        r->older = RNSI_NONE;
        *(last != NULL ? &last->older : &dest->ratchet_newest) = rnsi_pool_slot(pool, r);
        dest->ratchet_count++;
        last = r;
    }
}

typedef enum { LOAD_NONE, LOAD_SAME, LOAD_NEW, LOAD_BAD, LOAD_TOO_LARGE } load_t;

static load_t take_file(rns_node_t *node, struct rnsi_dest *dest, rns_bytes_t bytes) {
    file_t file;
    if (!parse(bytes, &file)) {
        return LOAD_BAD;
    }
    const uint32_t ahead = count_ahead(node, dest, &file);
    // A stranger's packets make us read the file: what did not change costs no signature check.
    if (ahead + file.count > 0 && is_same(node, dest, &file, ahead)) {
        return LOAD_SAME;
    }
    if (!rnsi_identity_verify(&node->crypto, dest->pub, file.list, file.signature.data)) {
        return LOAD_BAD;
    }
    replace(node, dest, &file, ahead);
    return LOAD_NEW;
}

static load_t load(rns_node_t *node, struct rnsi_dest *dest) {
    rnsi_ratchet_bench_t bench;
    if (node->store.get == NULL) {
        return LOAD_NONE;
    }
    if (!rnsi_ratchet_bench_open(node, &bench)) {
        return LOAD_TOO_LARGE;
    }
    const rns_bytes_t key = {dest->hash, sizeof dest->hash};
    const size_t size = node->store.get(node->store.user, RNS_RECORD_RATCHET_SELF, key, bench.mem);
    load_t loaded = LOAD_NONE;
    if (size > bench.mem.size) {
        loaded = LOAD_TOO_LARGE;
    } else if (size > 0) {
        loaded = take_file(node, dest, (rns_bytes_t){bench.mem.data, size});
    }
    rnsi_ratchet_bench_close(node, &bench);
    return loaded;
}

bool rnsi_ratchet_reload(rns_node_t *node, struct rnsi_dest *dest) {
    return load(node, dest) == LOAD_NEW;
}

// ---- Life

rns_err_t rnsi_ratchet_open(rns_node_t *node, struct rnsi_dest *dest, uint32_t retained) {
    const uint32_t most = most_kept(node);
    dest->ratchet_kept = (uint16_t)(retained == 0 ? most : least(retained, most));
    dest->ratchet_interval_s = RNSI_RATCHET_INTERVAL_S;
    dest->ratchet_newest = RNSI_NONE;
    dest->ratchet_at = NOT_YET;
    if (!has_room(node)) {
        return RNS_ERR_FULL;
    }
    switch (load(node, dest)) {
    case LOAD_NONE:
    case LOAD_SAME:
    case LOAD_NEW:
        return RNS_ERR_OK;
    case LOAD_BAD:
        return RNS_ERR_AUTH;
    case LOAD_TOO_LARGE:
        break;
    }
    return RNS_ERR_FULL;
}

void rnsi_ratchet_keep(rns_node_t *node, struct rnsi_dest *dest, uint32_t retained) {
    dest->ratchet_kept = (uint16_t)least(retained, most_kept(node));
    if (dest->ratchet_count > kept(node, dest)) {
        cut(node, dest, kept(node, dest));
        rnsi_record_dirty(node, RNS_RECORD_RATCHET_SELF, &dest->slot);
    }
}

void rnsi_ratchet_close(rns_node_t *node, struct rnsi_dest *dest) {
    cut(node, dest, 0);
}

rns_err_t rnsi_ratchet_push(rns_node_t *node, struct rnsi_dest *dest,
                            const uint8_t key_secret[32]) {
    cut(node, dest, kept(node, dest) - 1);
    if (!has_room(node) && dest->ratchet_count > 0) {
        cut(node, dest, dest->ratchet_count - 1U);
    }
    rnsi_pool_t *pool = RNSI_POOL(node, RATCHET_SELF);
    struct rnsi_ratchet_self *r = rnsi_pool_take(pool, node->now, NULL);
    if (r == NULL) {
        return RNS_ERR_FULL;
    }
    memcpy(r->key_secret, key_secret, sizeof r->key_secret);
    r->older = dest->ratchet_newest;
    dest->ratchet_newest = rnsi_pool_slot(pool, r);
    dest->ratchet_count++;
    return RNS_ERR_OK;
}

static bool is_due(const rns_node_t *node, const struct rnsi_dest *dest) {
    return dest->ratchet_at == NOT_YET ||
           node->now - dest->ratchet_at > dest->ratchet_interval_s * RNSI_SECOND;
}

rns_err_t rnsi_ratchet_rotate(rns_node_t *node, struct rnsi_dest *dest) {
    if (!is_due(node, dest)) {
        return RNS_ERR_OK;
    }
    uint8_t key_secret[KEY_SIZE];
    rns_err_t err = RNS_ERR_ENTROPY;
    if (rnsi_random_key(node, key_secret, sizeof key_secret)) {
        err = rnsi_ratchet_push(node, dest, key_secret);
    }
    node->crypto.v->wipe(key_secret, sizeof key_secret);
    if (err == RNS_ERR_OK) {
        dest->ratchet_at = node->now;
        rnsi_record_dirty(node, RNS_RECORD_RATCHET_SELF, &dest->slot);
    }
    return err;
}

// ---- Use

static void public_of(const rns_node_t *node, const struct rnsi_ratchet_self *r, uint8_t pub[32]) {
    node->crypto.v->x25519_public(node->crypto.self, pub, r->key_secret);
}

bool rnsi_ratchet_public(const rns_node_t *node, const struct rnsi_dest *dest, uint8_t pub[32]) {
    const struct rnsi_ratchet_self *newest = at(node, dest->ratchet_newest);
    if (newest == NULL) {
        return false;
    }
    public_of(node, newest, pub);
    return true;
}

static void id_of(const rns_node_t *node, struct rnsi_ratchet_self *r, uint8_t id[10]) {
    if (!r->has_id) {
        uint8_t pub[32];
        public_of(node, r, pub);
        rnsi_ratchet_id(&node->crypto, pub, r->id);
        r->has_id = true;
    }
    memcpy(id, r->id, sizeof r->id);
}

bool rnsi_ratchet_id_at(const rns_node_t *node, const struct rnsi_dest *dest, uint32_t index,
                        uint8_t id[10]) {
    if (index >= dest->ratchet_count) {
        return false;
    }
    const struct rnsi_ratchet_self *r = last_of(node, dest, index + 1);
    if (r->has_id) {
        memcpy(id, r->id, sizeof r->id);
    } else {
        uint8_t pub[32];
        public_of(node, r, pub);
        rnsi_ratchet_id(&node->crypto, pub, id);
    }
    return true;
}

bool rnsi_ratchet_decrypt(rns_node_t *node, const struct rnsi_dest *dest, uint32_t *tried,
                          rns_bytes_t blob, rns_mem_t out, size_t *size, uint8_t id[10]) {
    rns_hash_t salt;
    memcpy(salt.b, dest->identity_hash, sizeof salt.b);
    const struct rnsi_ratchet_self *before =
        last_of(node, dest, least(*tried, dest->ratchet_count));
    uint32_t slot = before != NULL ? before->older : dest->ratchet_newest;
    for (uint32_t i = 0; i < RNSI_RATCHET_SLICE && slot != RNSI_NONE; i++) {
        struct rnsi_ratchet_self *r = at(node, slot);
        if (rnsi_identity_decrypt(&node->crypto, r->key_secret, &salt, blob, out, size)) {
            id_of(node, r, id);
            return true;
        }
        (*tried)++;
        slot = r->older;
    }
    return false;
}

// ---- Public

static struct rnsi_dest *with_ratchets(const rns_node_t *node, rns_dest_t handle, uint32_t value,
                                       rns_err_t *err) {
    struct rnsi_dest *dest = rnsi_dest_get(node, handle);
    const bool fits = dest != NULL && (dest->flags & RNSI_DEST_RATCHETS) != 0 && value > 0;
    *err = dest == NULL ? RNS_ERR_GONE : fits ? RNS_ERR_OK : RNS_ERR_ARG;
    return fits ? dest : NULL;
}

rns_err_t rns_dest_ratchet_interval(rns_node_t *node, rns_dest_t handle, uint32_t seconds) {
    rns_err_t err;
    struct rnsi_dest *dest = with_ratchets(node, handle, seconds, &err);
    if (dest != NULL) {
        dest->ratchet_interval_s = seconds;
    }
    return err;
}

rns_err_t rns_dest_retained_ratchets(rns_node_t *node, rns_dest_t handle, uint32_t count) {
    rns_err_t err;
    struct rnsi_dest *dest = with_ratchets(node, handle, count, &err);
    if (dest != NULL) {
        rnsi_ratchet_keep(node, dest, count);
    }
    return err;
}

rns_err_t rns_dest_rotate(rns_node_t *node, rns_us_t now, rns_dest_t handle, bool *rotated) {
    rns_err_t err;
    struct rnsi_dest *dest = with_ratchets(node, handle, 1, &err);
    bool due = false;
    if (dest != NULL) {
        node->now = now;
        due = is_due(node, dest);
        err = rnsi_ratchet_rotate(node, dest);
    }
    if (rotated != NULL) {
        *rotated = due && err == RNS_ERR_OK;
    }
    return err;
}
