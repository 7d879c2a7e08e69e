#ifndef RECORDS_HELP_H_INCLUDED
#define RECORDS_HELP_H_INCLUDED
// Unit tests of core/records*.c: what a node takes from a store and gives to it, in the reference's
// formats, and how it goes on when the store does not.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node.h"
#include "records.h"
#include "records_kinds.h"
#include "rns/providers.h"
#include "rns/rns.h"
#include "route/cache.h"
#include "route/known.h"
#include "route/path.h"
#include "vectors/records.h"

#define SECOND      RNSI_SECOND
#define DAY         ((rns_us_t)86400 * RNSI_SECOND)
#define START       (50 * SECOND) // the node's clock when it is opened
#define UNIX        ((int64_t)RECORDS_UNIX_S * 1000000)
#define LATER       (10 * SECOND) // since the files were written
#define RECORDS_MAX 128

// ---- A store in memory

typedef struct {
    rns_record_t kind;
    uint8_t key[32], value[RNS_RECORD_MAX];
    size_t key_size, size;
} record_t;

static struct {
    record_t record[RECORDS_MAX];
    size_t count;
    bool is_busy;
    unsigned puts, dels, tries; // tries: those that were told "later", too
} store;

static inline record_t *find(rns_record_t kind, rns_bytes_t key) {
    for (size_t i = 0; i < store.count; i++) {
        record_t *r = &store.record[i];
        if (r->kind == kind && r->key_size == key.size &&
            (key.size == 0 || memcmp(r->key, key.data, key.size) == 0)) {
            return r;
        }
    }
    return NULL;
}

static inline size_t get(void *user, rns_record_t kind, rns_bytes_t key, rns_mem_t out) {
    const record_t *r = find(kind, key);
    assert_ptr_equal(user, &store);
    if (r != NULL) {
        memcpy(out.data, r->value, r->size < out.size ? r->size : out.size);
    }
    return r != NULL ? r->size : 0;
}

static inline void keep(rns_record_t kind, rns_bytes_t key, rns_bytes_t value) {
    record_t *r = find(kind, key);
    if (r == NULL) {
        assert_true(store.count < RECORDS_MAX && key.size <= sizeof r->key);
        r = &store.record[store.count++];
        r->kind = kind;
        r->key_size = key.size;
        memcpy(r->key, key.size > 0 ? key.data : r->key, key.size);
    }
    assert_true(value.size <= sizeof r->value);
    memcpy(r->value, value.size > 0 ? value.data : r->value, value.size);
    r->size = value.size;
}

static inline bool put(void *user, rns_record_t kind, rns_bytes_t key, rns_bytes_t value) {
    assert_ptr_equal(user, &store);
    store.tries++;
    if (store.is_busy) {
        return false;
    }
    store.puts++;
    keep(kind, key, value);
    return true;
}

static inline bool del(void *user, rns_record_t kind, rns_bytes_t key) {
    record_t *r = find(kind, key);
    assert_ptr_equal(user, &store);
    store.tries++;
    if (store.is_busy) {
        return false;
    }
    store.dels++;
    if (r != NULL) {
        *r = store.record[--store.count];
    }
    return true;
}

static void each(void *user, rns_record_t kind, void *context,
                 void (*take)(void *context, rns_bytes_t key, rns_bytes_t value)) {
    assert_ptr_equal(user, &store);
    for (size_t i = 0; i < store.count; i++) {
        const record_t *r = &store.record[i];
        if (r->kind == kind) {
            take(context, (rns_bytes_t){r->key, r->key_size}, (rns_bytes_t){r->value, r->size});
        }
    }
}

// ---- Bytes

typedef struct {
    uint8_t b[1024];
    size_t size;
} hex_t;

static inline hex_t unhex(const char *text) {
    hex_t h = {.size = strlen(text) / 2};
    assert_true(h.size <= sizeof h.b);
    for (size_t i = 0; i < h.size; i++) {
        const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        h.b[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return h;
}

static inline rns_hash_t hash_of(const char *hex) {
    rns_hash_t hash;
    memcpy(hash.b, unhex(hex).b, sizeof hash.b);
    return hash;
}

static inline void have(rns_record_t kind, const char *key, const char *value) {
    const hex_t k = unhex(key), v = unhex(value);
    keep(kind, (rns_bytes_t){k.b, k.size}, (rns_bytes_t){v.b, v.size});
}

static inline void forget(rns_record_t kind, const char *key) {
    const hex_t k = unhex(key);
    record_t *r = find(kind, (rns_bytes_t){k.b, k.size});
    assert_non_null(r);
    *r = store.record[--store.count];
}

static inline void assert_stored(rns_record_t kind, const char *key, const char *value) {
    const hex_t k = unhex(key), v = unhex(value);
    const record_t *r = find(kind, (rns_bytes_t){k.b, k.size});
    assert_non_null(r);
    assert_int_equal(r->size, v.size);
    assert_memory_equal(r->value, v.b, v.size);
}

static inline bool is_stored(rns_record_t kind, const char *key) {
    const hex_t k = unhex(key);
    return find(kind, (rns_bytes_t){k.b, k.size}) != NULL;
}

// ---- The node

static struct {
    rns_config_t config;
    rns_node_t *node;
    void *memory;
    rns_us_t now;
} bed;

static inline bool entropy(void *user, uint8_t *out, size_t size) {
    (void)user;
    memset(out, 0x5A, size);
    return true;
}

#define WHOLE                                                                                      \
    (1U << RNS_RECORD_KNOWN | 1U << RNS_RECORD_PATH | 1U << RNS_RECORD_ANNOUNCE |                  \
     1U << RNS_RECORD_TUNNEL | 1U << RNS_RECORD_BLACKHOLE | 1U << RNS_RECORD_SEEN)

static inline void close_node(void) {
    rns_close(bed.node);
    free(bed.memory);
    bed.memory = NULL;
}

static inline rns_config_t usual(void) {
    const rns_config_t config = {
        .profile = RNS_PROFILE_ROUTER,
        .crypto = &rns_crypto_host,
        .entropy = entropy,
        .store = {get, put, del, each, 0, &store},
        .transport = true,
        .unix_us = UNIX + LATER,
    };
    return config;
}

static inline rns_node_t *open_node(rns_config_t config) {
    size_t need[RNS_REGION_COUNT];
    rns_plan(&config, need);
    bed.memory = calloc(1, need[RNS_REGION_FAST]);
    assert_non_null(bed.memory);
    config.mem[RNS_REGION_FAST] = (rns_mem_t){bed.memory, need[RNS_REGION_FAST]};
    config.zeroed[RNS_REGION_FAST] = true;
    bed.config = config;
    bed.now = START;
    assert_int_equal(rns_open(&config, START, &bed.node), RNS_ERR_OK);
    store.puts = store.dels = store.tries = 0;
    return bed.node;
}

static inline void fill_store(void) {
    memset(&store, 0, sizeof store);
    have(RNS_RECORD_IDENTITY, "", RECORDS_FILE_TRANSPORT_IDENTITY);
    have(RNS_RECORD_KNOWN, RECORDS_A, RECORDS_A_KNOWN);
    have(RNS_RECORD_KNOWN, RECORDS_B, RECORDS_B_KNOWN);
    have(RNS_RECORD_KNOWN, RECORDS_C, RECORDS_C_KNOWN);
    have(RNS_RECORD_PATH, RECORDS_A, RECORDS_A_PATH);
    have(RNS_RECORD_PATH, RECORDS_B, RECORDS_B_PATH);
    have(RNS_RECORD_TUNNEL, RECORDS_TUNNEL_ID, RECORDS_TUNNEL);
    have(RNS_RECORD_ANNOUNCE, RECORDS_A_PACKET, RECORDS_A_ANNOUNCE);
    have(RNS_RECORD_ANNOUNCE, RECORDS_B_PACKET, RECORDS_B_ANNOUNCE);
    have(RNS_RECORD_ANNOUNCE, RECORDS_C_PACKET, RECORDS_C_ANNOUNCE);
    have(RNS_RECORD_RATCHET, RECORDS_A, RECORDS_A_RATCHET);
    have(RNS_RECORD_BLACKHOLE, RECORDS_BAD, RECORDS_BAD_HOLE);
    have(RNS_RECORD_BLACKHOLE, RECORDS_WORSE, RECORDS_WORSE_HOLE);
    have(RNS_RECORD_SEEN, "", RECORDS_FILE_PACKET_HASHLIST);
}

static inline rns_iface_t add_iface(const char *name, rns_iface_t parent) {
    const rns_iface_config_t config = {.name = name, .parent = parent};
    rns_iface_t iface;
    assert_int_equal(rns_iface_add(bed.node, bed.now, &config, &iface), RNS_ERR_OK);
    return iface;
}

static inline rns_iface_t add_near(void) {
    return add_iface(RECORDS_NEAR, (rns_iface_t){0, 0});
}

static inline bool has_path(const char *dest, rns_path_t *path) {
    const rns_hash_t hash = hash_of(dest);
    return rns_path(bed.node, bed.now, &hash, path);
}

static inline size_t save(rns_record_t kind) {
    uint32_t cursor = 0;
    size_t count = 0;
    while (cursor != UINT32_MAX) {
        count += rns_save(bed.node, bed.now, kind, &cursor, 2);
    }
    return count;
}

// Ticks when the node asks to be called, until nothing is left to be put.
static inline void settle(void) {
    for (unsigned i = 0; i < 1000 && rns_dirty(bed.node) > 0; i++) {
        rns_tick(bed.node, bed.now);
    }
    assert_int_equal(rns_dirty(bed.node), 0);
}

// Makes a destination known that has a ratchet, as its announce would.
static inline void hear_ratchet(uint8_t number) {
    uint8_t dest[16] = {number, 1}, keys[64] = {number}, ratchet[32] = {number, 2}, hash[32] = {0};
    const rnsi_announce_t a = {.dest = dest, .keys = keys, .ratchet = ratchet};
    rnsi_known_learn(bed.node, &a, hash);
}

#endif
