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
#define DAY         (24 * 3600 * SECOND)
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

static record_t *find(rns_record_t kind, rns_bytes_t key) {
    for (size_t i = 0; i < store.count; i++) {
        record_t *r = &store.record[i];
        if (r->kind == kind && r->key_size == key.size &&
            (key.size == 0 || memcmp(r->key, key.data, key.size) == 0)) {
            return r;
        }
    }
    return NULL;
}

static size_t get(void *user, rns_record_t kind, rns_bytes_t key, rns_mem_t out) {
    const record_t *r = find(kind, key);
    assert_ptr_equal(user, &store);
    if (r != NULL) {
        memcpy(out.data, r->value, r->size < out.size ? r->size : out.size);
    }
    return r != NULL ? r->size : 0;
}

static void keep(rns_record_t kind, rns_bytes_t key, rns_bytes_t value) {
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

static bool put(void *user, rns_record_t kind, rns_bytes_t key, rns_bytes_t value) {
    assert_ptr_equal(user, &store);
    store.tries++;
    if (store.is_busy) {
        return false;
    }
    store.puts++;
    keep(kind, key, value);
    return true;
}

static bool del(void *user, rns_record_t kind, rns_bytes_t key) {
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

static hex_t unhex(const char *text) {
    hex_t h = {.size = strlen(text) / 2};
    assert_true(h.size <= sizeof h.b);
    for (size_t i = 0; i < h.size; i++) {
        const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        h.b[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return h;
}

static rns_hash_t hash_of(const char *hex) {
    rns_hash_t hash;
    memcpy(hash.b, unhex(hex).b, sizeof hash.b);
    return hash;
}

static void have(rns_record_t kind, const char *key, const char *value) {
    const hex_t k = unhex(key), v = unhex(value);
    keep(kind, (rns_bytes_t){k.b, k.size}, (rns_bytes_t){v.b, v.size});
}

static void forget(rns_record_t kind, const char *key) {
    const hex_t k = unhex(key);
    record_t *r = find(kind, (rns_bytes_t){k.b, k.size});
    assert_non_null(r);
    *r = store.record[--store.count];
}

static void assert_stored(rns_record_t kind, const char *key, const char *value) {
    const hex_t k = unhex(key), v = unhex(value);
    const record_t *r = find(kind, (rns_bytes_t){k.b, k.size});
    assert_non_null(r);
    assert_int_equal(r->size, v.size);
    assert_memory_equal(r->value, v.b, v.size);
}

static bool is_stored(rns_record_t kind, const char *key) {
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

static bool entropy(void *user, uint8_t *out, size_t size) {
    (void)user;
    memset(out, 0x5A, size);
    return true;
}

#define WHOLE                                                                                      \
    (1U << RNS_RECORD_KNOWN | 1U << RNS_RECORD_PATH | 1U << RNS_RECORD_ANNOUNCE |                  \
     1U << RNS_RECORD_TUNNEL | 1U << RNS_RECORD_BLACKHOLE | 1U << RNS_RECORD_SEEN)

static void close_node(void) {
    rns_close(bed.node);
    free(bed.memory);
    bed.memory = NULL;
}

static rns_config_t usual(void) {
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

static rns_node_t *open_node(rns_config_t config) {
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

static void fill_store(void) {
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

static rns_iface_t add_iface(const char *name, rns_iface_t parent) {
    const rns_iface_config_t config = {.name = name, .parent = parent};
    rns_iface_t iface;
    assert_int_equal(rns_iface_add(bed.node, bed.now, &config, &iface), RNS_ERR_OK);
    return iface;
}

static rns_iface_t add_near(void) {
    return add_iface(RECORDS_NEAR, (rns_iface_t){0, 0});
}

static bool has_path(const char *dest, rns_path_t *path) {
    const rns_hash_t hash = hash_of(dest);
    return rns_path(bed.node, bed.now, &hash, path);
}

static size_t save(rns_record_t kind) {
    uint32_t cursor = 0;
    size_t count = 0;
    while (cursor != UINT32_MAX) {
        count += rns_save(bed.node, bed.now, kind, &cursor, 2);
    }
    return count;
}

// Ticks when the node asks to be called, until nothing is left to be put.
static void settle(void) {
    for (unsigned i = 0; i < 1000 && rns_dirty(bed.node) > 0; i++) {
        rns_tick(bed.node, bed.now);
    }
    assert_int_equal(rns_dirty(bed.node), 0);
}

// Makes a destination known that has a ratchet, as its announce would.
static void hear_ratchet(uint8_t number) {
    uint8_t dest[16] = {number, 1}, keys[64] = {number}, ratchet[32] = {number, 2}, hash[32] = {0};
    const rnsi_announce_t a = {.dest = dest, .keys = keys, .ratchet = ratchet};
    rnsi_known_learn(bed.node, &a, hash);
}

// ---- What comes back

static void the_stored_identity_is_the_nodes(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    const rns_hash_t expected = hash_of(RECORDS_IDENTITY_HASH),
                     own = rns_node_identity(bed.node, NULL);
    assert_memory_equal(own.b, expected.b, sizeof own.b);
    assert_int_equal(store.puts, 0);
    close_node();
}

static void a_new_identity_is_put(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    open_node(usual());
    assert_int_equal(rns_dirty(bed.node), 1);
    settle();
    assert_int_equal(store.count, 1);
    assert_int_equal(store.record[0].kind, RNS_RECORD_IDENTITY);
    assert_int_equal(store.record[0].size, 64);
    close_node();
}

static void known_destinations_come_back(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    const hex_t pub = unhex(RECORDS_A_PUB), packet = unhex(RECORDS_A_PACKET);
    rns_known_t known;
    const rns_hash_t a = hash_of(RECORDS_A), b = hash_of(RECORDS_B), c = hash_of(RECORDS_C);
    const struct rnsi_known *at_b = rnsi_known_find(bed.node, b.b),
                            *at_c = rnsi_known_find(bed.node, c.b);
    assert_true(at_b->used_us == UNIX - 60500000);
    assert_true(at_c->used_us == -1);
    assert_true(rns_recall(bed.node, &a, &known));
    assert_memory_equal(known.pub, pub.b, pub.size);
    assert_memory_equal(known.packet_hash, packet.b, packet.size);
    assert_true(known.announced_unix_us == UNIX - 600 * SECOND);
    assert_true(known.has_app_data);
    assert_memory_equal(known.app_data.data, "alpha", 5);
    assert_true(rns_recall(bed.node, &b, &known));
    assert_false(known.has_app_data);
    close_node();
}

static void empty_app_data_is_not_none(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    hex_t known = unhex(RECORDS_C_KNOWN);
    const hex_t key = unhex(RECORDS_C);
    memcpy(known.b + known.size - 2, "\xC4\x00\x00", 3); // instead of nil and -1
    keep(RNS_RECORD_KNOWN, (rns_bytes_t){key.b, 16}, (rns_bytes_t){known.b, known.size + 1});
    open_node(usual());
    const rns_hash_t c = hash_of(RECORDS_C);
    rns_known_t recalled;
    assert_true(rns_recall(bed.node, &c, &recalled));
    assert_true(recalled.has_app_data);
    assert_int_equal(recalled.app_data.size, 0);
    close_node();
}

static void a_known_destination_of_four_items_was_never_used(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    hex_t old = unhex(RECORDS_A_KNOWN);
    old.b[0] = 0x94;
    const hex_t key = unhex(RECORDS_A);
    keep(RNS_RECORD_KNOWN, (rns_bytes_t){key.b, 16}, (rns_bytes_t){old.b, old.size - 1});
    open_node(usual());
    const struct rnsi_known *known = rnsi_known_find(bed.node, key.b);
    assert_non_null(known);
    assert_true(known->used_us == 0);
    close_node();
}

static void a_path_comes_back_with_its_interface(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    rns_path_t path;
    const rns_hash_t hop = hash_of(RECORDS_NEXT_HOP), a = hash_of(RECORDS_A);
    assert_false(has_path(RECORDS_A, &path));
    const rns_iface_t near = add_near();
    assert_true(has_path(RECORDS_A, &path));
    assert_false(has_path(RECORDS_B, &path) && path.hops == 1);
    assert_true(has_path(RECORDS_A, &path));
    assert_int_equal(path.hops, 2);
    assert_memory_equal(path.next_hop.b, hop.b, sizeof hop.b);
    assert_int_equal(path.iface.slot, near.slot);
    assert_true(path.used == START - LATER - 300250000);
    assert_true(path.expires == START + 7 * DAY - 600 * SECOND - LATER);
    uint8_t blobs[4][10];
    const hex_t expected = unhex(RECORDS_A_BLOBS);
    const struct rnsi_path *at = rnsi_path_find(bed.node, a.b);
    assert_int_equal(rnsi_path_blobs(bed.node, at, blobs, 4), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_memory_equal(blobs[i], expected.b + 10 * (2 - i), 10);
    }
    assert_true(at->emission_s == RECORDS_UNIX_S - 600);
    assert_memory_equal(at->signer, unhex(RECORDS_A_PUB).b + 32, 32);
    const struct rnsi_announce_cache *announce = rnsi_cache_at(bed.node, at->cache);
    assert_memory_equal(announce->packet_hash, unhex(RECORDS_A_PACKET).b, 32);
    assert_int_equal(rns_dirty(bed.node), 0);
    close_node();
}

static void a_path_over_another_interface_waits_for_it(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    rns_path_t path;
    add_near();
    assert_false(has_path(RECORDS_B, &path));
    add_iface(RECORDS_FAR, (rns_iface_t){0, 0});
    assert_true(has_path(RECORDS_B, &path));
    assert_int_equal(path.hops, 1);
    close_node();
}

static void a_path_without_its_announce_does_not_come_back(void **state) {
    (void)state;
    fill_store();
    forget(RNS_RECORD_ANNOUNCE, RECORDS_A_PACKET);
    open_node(usual());
    rns_path_t path;
    add_near();
    assert_false(has_path(RECORDS_A, &path));
    settle();
    assert_false(is_stored(RNS_RECORD_PATH, RECORDS_A));
    close_node();
}

static void a_path_whose_announce_is_another_ones_does_not_come_back(void **state) {
    (void)state;
    fill_store();
    have(RNS_RECORD_ANNOUNCE, RECORDS_A_PACKET, RECORDS_B_ANNOUNCE);
    open_node(usual());
    rns_path_t path;
    add_near();
    assert_false(has_path(RECORDS_A, &path));
    close_node();
}

static void without_transport_no_path_comes_back(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.transport = false;
    open_node(config);
    rns_path_t path;
    add_near();
    assert_false(has_path(RECORDS_A, &path));
    close_node();
}

static void a_child_gets_no_stored_paths(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    rns_path_t path;
    add_iface(RECORDS_NEAR, add_iface(RECORDS_FAR, (rns_iface_t){0, 0}));
    assert_false(has_path(RECORDS_A, &path));
    close_node();
}

static void a_ratchet_comes_back(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    const rns_hash_t a = hash_of(RECORDS_A);
    const uint8_t *ratchet = rnsi_ratchet_of(bed.node, a.b);
    assert_non_null(ratchet);
    assert_memory_equal(ratchet, unhex(RECORDS_RATCHET_PUB).b, 32);
    close_node();
}

static void a_ratchet_of_last_month_is_deleted(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.unix_us = UNIX + 31 * DAY;
    open_node(config);
    const rns_hash_t a = hash_of(RECORDS_A);
    assert_null(rnsi_ratchet_of(bed.node, a.b));
    settle();
    assert_false(is_stored(RNS_RECORD_RATCHET, RECORDS_A));
    close_node();
}

static void who_was_shut_out_still_is(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    const rns_hash_t bad = hash_of(RECORDS_BAD), worse = hash_of(RECORDS_WORSE);
    assert_true(rns_is_blackholed(bed.node, &bad));
    assert_true(rns_is_blackholed(bed.node, &worse));
    close_node();
    rns_config_t config = usual();
    config.unix_us = UNIX + 3601 * SECOND;
    open_node(config);
    assert_true(rns_is_blackholed(bed.node, &bad));
    assert_false(rns_is_blackholed(bed.node, &worse));
    close_node();
}

static void packets_seen_before_are_known(void **state) {
    (void)state;
    fill_store();
    rnsi_seen_t *seen = &open_node(usual())->memory.packets;
    const hex_t list = unhex(RECORDS_FILE_PACKET_HASHLIST);
    assert_true(rnsi_seen_has(seen, list.b));
    assert_true(rnsi_seen_has(seen, list.b + 32));
    close_node();
}

// ---- What is written

static void what_came_back_is_written_as_it_was(void **state) {
    static const struct {
        rns_record_t kind;
        const char *key, *value;
    } RECORDS[] = {
        {RNS_RECORD_KNOWN, RECORDS_A, RECORDS_A_KNOWN},
        {RNS_RECORD_KNOWN, RECORDS_B, RECORDS_B_KNOWN},
        {RNS_RECORD_KNOWN, RECORDS_C, RECORDS_C_KNOWN},
        {RNS_RECORD_PATH, RECORDS_A, RECORDS_A_PATH},
        {RNS_RECORD_PATH, RECORDS_B, RECORDS_B_PATH},
        {RNS_RECORD_TUNNEL, RECORDS_TUNNEL_ID, RECORDS_TUNNEL},
        {RNS_RECORD_BLACKHOLE, RECORDS_BAD, RECORDS_BAD_HOLE},
        {RNS_RECORD_BLACKHOLE, RECORDS_WORSE, RECORDS_WORSE_HOLE},
        {RNS_RECORD_SEEN, "", RECORDS_FILE_PACKET_HASHLIST},
    };
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    open_node(config);
    add_near();
    add_iface(RECORDS_FAR, (rns_iface_t){0, 0});
    for (rns_record_t kind = 0; kind < RNS_RECORD_COUNT; kind++) {
        assert_int_equal(rns_changes(bed.node, kind), 0);
    }
    store.count = 0;
    assert_int_equal(save(RNS_RECORD_KNOWN), 3);
    assert_int_equal(save(RNS_RECORD_PATH), 2);
    assert_int_equal(save(RNS_RECORD_TUNNEL), 1);
    assert_int_equal(save(RNS_RECORD_BLACKHOLE), 2);
    assert_int_equal(save(RNS_RECORD_SEEN), 1);
    assert_int_equal(save(RNS_RECORD_ANNOUNCE), 0); // the store has them
    assert_int_equal(save(RNS_RECORD_IDENTITY), 0);
    for (size_t i = 0; i < sizeof RECORDS / sizeof *RECORDS; i++) {
        assert_stored(RECORDS[i].kind, RECORDS[i].key, RECORDS[i].value);
    }
    close_node();
}

static void an_announce_is_written_with_the_name_of_its_interface(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    add_near();
    const rns_hash_t a = hash_of(RECORDS_A);
    const struct rnsi_path *path = rnsi_path_find(bed.node, a.b);
    struct rnsi_announce_cache *announce = rnsi_cache_at(bed.node, path->cache);
    forget(RNS_RECORD_ANNOUNCE, RECORDS_A_PACKET);
    rnsi_record_dirty(bed.node, RNS_RECORD_ANNOUNCE, &announce->slot);
    settle();
    assert_stored(RNS_RECORD_ANNOUNCE, RECORDS_A_PACKET, RECORDS_A_ANNOUNCE);
    close_node();
}

static void a_ratchet_is_put_as_the_reference_writes_it(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    rns_config_t config = usual();
    config.unix_us = UNIX;
    open_node(config);
    const hex_t dest = unhex(RECORDS_A), ratchet = unhex(RECORDS_RATCHET_PUB);
    const uint8_t keys[64] = {1}, hash[32] = {0};
    const rnsi_announce_t a = {.dest = dest.b, .keys = keys, .ratchet = ratchet.b};
    rnsi_known_learn(bed.node, &a, hash);
    settle();
    assert_stored(RNS_RECORD_RATCHET, RECORDS_A, RECORDS_A_RATCHET);
    close_node();
}

static void what_others_shut_out_is_not_written(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    rns_node_t *node = open_node(config);
    const rns_hash_t bad = hash_of(RECORDS_BAD);
    struct rnsi_blackhole *hole = rnsi_pool_find(RNSI_POOL(node, BLACKHOLE), bad.b);
    hole->source[0] ^= 1;
    assert_int_equal(save(RNS_RECORD_BLACKHOLE), 1);
    close_node();
}

static void marks_and_own_ratchets_are_put(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    open_node(usual());
    const rns_secret_t secret = {{1}, {2}};
    const rns_dest_config_t config = {
        .name = "reticule.test", .type = RNS_DEST_SINGLE, .identity = &secret, .ratchets = true};
    const rns_iface_t everywhere = {0, 0};
    rns_dest_t dest;
    assert_int_equal(rns_dest_add(bed.node, bed.now, &config, &dest), RNS_ERR_OK);
    (void)rns_announce(bed.node, bed.now, dest, (rns_bytes_t){NULL, 0}, everywhere);
    settle();
    rns_hash_t hash;
    assert_int_equal(rns_dest_hash(bed.node, dest, &hash), RNS_ERR_OK);
    const record_t *mark = find(RNS_RECORD_MARK, (rns_bytes_t){hash.b, 16});
    const record_t *ratchets = find(RNS_RECORD_RATCHET_SELF, (rns_bytes_t){hash.b, 16});
    assert_non_null(mark);
    assert_int_equal(mark->size, 8);
    assert_non_null(ratchets);
    assert_true(ratchets->size > 64 + 34);
    close_node();
}

static void a_destination_that_goes_leaves_nothing_to_be_put(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    open_node(usual());
    settle();
    const rns_secret_t secret = {{1}, {2}};
    const rns_dest_config_t config = {
        .name = "reticule.test", .type = RNS_DEST_SINGLE, .identity = &secret};
    rns_dest_t dest;
    assert_int_equal(rns_dest_add(bed.node, bed.now, &config, &dest), RNS_ERR_OK);
    assert_int_equal(rns_dirty(bed.node), 1);
    assert_int_equal(rns_dest_remove(bed.node, dest), RNS_ERR_OK);
    assert_int_equal(rns_dirty(bed.node), 0);
    close_node();
}

// ---- Clocks

static void a_stored_time_in_the_future_counts_as_now(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.unix_us = UNIX - 30 * DAY;
    open_node(config);
    rns_path_t path;
    rns_known_t known;
    const rns_hash_t a = hash_of(RECORDS_A), b = hash_of(RECORDS_B);
    add_near();
    assert_true(has_path(RECORDS_A, &path));
    assert_true(path.used == START);
    assert_true(path.expires == START + 7 * DAY);
    assert_true(rnsi_known_find(bed.node, b.b)->used_us == UNIX - 30 * DAY);
    assert_true(rns_recall(bed.node, &a, &known));
    assert_true(known.announced_unix_us == UNIX - 30 * DAY);
    close_node();
}

static void without_a_clock_a_path_has_what_was_left_when_it_was_used(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.unix_us = 0;
    open_node(config);
    rns_path_t path;
    add_near();
    assert_true(has_path(RECORDS_A, &path));
    assert_true(path.used == START);
    // From 300.25 s before the files were written to 7 days after 600 s before that.
    assert_true(path.expires == START + 7 * DAY - 600 * SECOND + 300250000);
    close_node();
}

static void what_a_node_without_a_clock_wrote_tells_how_long_ago(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    config.unix_us = 0;
    open_node(config);
    add_near();
    bed.now += 100 * SECOND;
    assert_int_equal(save(RNS_RECORD_PATH), 1);
    close_node();
    open_node(usual());
    rns_path_t path;
    add_near();
    assert_true(has_path(RECORDS_A, &path));
    assert_true(path.used == START - 100 * SECOND);
    assert_true(path.expires == START + 7 * DAY - 600 * SECOND + 300250000 - 100 * SECOND);
    close_node();
}

static void a_clock_that_steps_expires_nothing(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    rns_path_t path;
    const rns_hash_t b = hash_of(RECORDS_B);
    add_near();
    rns_set_clock(bed.node, bed.now, UNIX + 400 * DAY);
    for (int i = 0; i < 20; i++) {
        bed.now += 5 * SECOND;
        rns_tick(bed.node, bed.now);
    }
    assert_true(has_path(RECORDS_A, &path));
    assert_non_null(rnsi_known_find(bed.node, b.b));
    settle();
    assert_true(is_stored(RNS_RECORD_RATCHET, RECORDS_A));
    close_node();
}

static void a_path_that_was_not_used_for_a_week_does_not_come_back(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.unix_us = UNIX + 7 * DAY - 300 * SECOND;
    open_node(config);
    rns_path_t path;
    add_near();
    assert_false(has_path(RECORDS_A, &path));
    close_node();
}

// ---- Bad records

static void each_cut_record_is_bad_and_does_no_harm(void **state) {
    static const struct {
        rnsi_taken_t (*decode)(rns_node_t *node, rnsi_record_t *record);
        const char *key, *value;
    } RECORDS[] = {
        {rnsi_known_decode, RECORDS_A, RECORDS_A_KNOWN},
        {rnsi_path_decode, RECORDS_A, RECORDS_A_PATH},
        {rnsi_tunnel_decode, RECORDS_TUNNEL_ID, RECORDS_TUNNEL},
        {rnsi_ratchet_decode, RECORDS_A, RECORDS_A_RATCHET},
        {rnsi_blackhole_decode, RECORDS_WORSE, RECORDS_WORSE_HOLE},
    };
    (void)state;
    memset(&store, 0, sizeof store);
    rns_node_t *node = open_node(usual());
    struct rnsi_iface *iface = rnsi_pool_at(RNSI_POOL(node, IFACE), add_near().slot);
    for (size_t i = 0; i < sizeof RECORDS / sizeof *RECORDS; i++) {
        const hex_t key = unhex(RECORDS[i].key), value = unhex(RECORDS[i].value);
        for (size_t size = 0; size < value.size; size++) {
            uint8_t *exact = malloc(size > 0 ? size : 1); // so that a tool sees a read too far
            memcpy(exact, value.b, size);
            rnsi_record_t record = {{key.b, key.size}, {exact, size}, iface, NULL};
            assert_int_equal(RECORDS[i].decode(node, &record), RNSI_RECORD_BAD);
            free(exact);
        }
    }
    assert_int_equal(RNSI_POOL(node, KNOWN)->used + RNSI_POOL(node, PATH)->used, 0);
    close_node();
}

static void a_record_that_does_not_parse_is_counted_and_the_next_one_taken(void **state) {
    (void)state;
    fill_store();
    have(RNS_RECORD_KNOWN, RECORDS_A, "93c0c0c0");
    have(RNS_RECORD_KNOWN, "0011", RECORDS_B_KNOWN);
    open_node(usual());
    rns_node_info_t info;
    rns_known_t known;
    const rns_hash_t a = hash_of(RECORDS_A), b = hash_of(RECORDS_B);
    rns_node_info(bed.node, &info);
    assert_int_equal(info.records_skipped, 2);
    assert_false(rns_recall(bed.node, &a, &known));
    assert_true(rns_recall(bed.node, &b, &known));
    close_node();
}

static void times_that_are_no_times_do_no_harm(void **state) {
    static const char *const NUMBERS[] = {"7ff8000000000000", "7ff0000000000000",
                                          "fff0000000000000", "7fefffffffffffff",
                                          "c3e0000000000000", "8000000000000000"};
    (void)state;
    const hex_t a = unhex(RECORDS_A);
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        fill_store();
        hex_t path = unhex(RECORDS_A_PATH), known = unhex(RECORDS_A_KNOWN);
        const hex_t number = unhex(NUMBERS[i]);
        memcpy(path.b + 20, number.b, 8); // used
        memcpy(path.b + 48, number.b, 8); // expires
        memcpy(known.b + 2, number.b, 8); // announced
        keep(RNS_RECORD_PATH, (rns_bytes_t){a.b, 16}, (rns_bytes_t){path.b, path.size});
        keep(RNS_RECORD_KNOWN, (rns_bytes_t){a.b, 16}, (rns_bytes_t){known.b, known.size});
        open_node(usual());
        add_near();
        assert_int_equal(bed.node->records_skipped, 0);
        const struct rnsi_known *found = rnsi_known_find(bed.node, a.b);
        assert_non_null(found);
        assert_true(found->announced_us >= 0 && found->announced_us <= UNIX + LATER);
        close_node();
    }
}

// ---- A slow store, a full one

static void a_tick_puts_at_most_eight_records(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    open_node(config);
    settle();
    for (uint8_t i = 0; i < 20; i++) {
        hear_ratchet(i);
    }
    assert_int_equal(rns_dirty(bed.node), 20);
    store.puts = 0;
    rns_tick(bed.node, bed.now);
    assert_int_equal(store.puts, 8);
    assert_int_equal(rns_dirty(bed.node), 12);
    assert_true(rns_next_due(bed.node) <= bed.now);
    rns_tick(bed.node, bed.now);
    rns_tick(bed.node, bed.now);
    assert_int_equal(store.puts, 20);
    assert_true(rns_next_due(bed.node) > bed.now);
    close_node();
}

static void a_busy_store_is_asked_again_after_a_second(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    open_node(config);
    settle();
    rns_tick(bed.node, bed.now);
    hear_ratchet(1);
    hear_ratchet(2);
    store.is_busy = true;
    store.tries = 0;
    rns_tick(bed.node, bed.now);
    assert_int_equal(store.tries, 1);
    assert_true(rns_next_due(bed.node) == bed.now + SECOND);
    bed.now += SECOND - 1;
    rns_tick(bed.node, bed.now);
    assert_int_equal(store.tries, 1);
    bed.now += 1;
    rns_tick(bed.node, bed.now);
    assert_int_equal(store.tries, 2);
    assert_int_equal(rns_dirty(bed.node), 2);
    store.is_busy = false;
    bed.now += SECOND;
    rns_tick(bed.node, bed.now);
    assert_int_equal(rns_dirty(bed.node), 0);
    assert_int_equal(store.count, 3); // and the identity
    close_node();
}

static void a_busy_store_stops_a_save_where_it_is(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    open_node(config);
    uint32_t cursor = 0;
    assert_int_equal(rns_save(bed.node, bed.now, RNS_RECORD_KNOWN, &cursor, 1), 1);
    const uint32_t before = cursor;
    store.is_busy = true;
    assert_int_equal(rns_save(bed.node, bed.now, RNS_RECORD_KNOWN, &cursor, 1), 0);
    assert_int_equal(cursor, before);
    store.is_busy = false;
    assert_int_equal(rns_save(bed.node, bed.now, RNS_RECORD_KNOWN, &cursor, 9), 2);
    assert_int_equal(cursor, UINT32_MAX);
    close_node();
}

static void what_is_culled_is_deleted(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    config.count[RNS_POOL_RATCHET_PEER] = 2;
    open_node(config);
    for (uint8_t i = 1; i <= 2; i++) {
        hear_ratchet(i);
    }
    settle();
    hear_ratchet(3);
    settle();
    assert_int_equal(store.dels, 1);
    assert_false(is_stored(RNS_RECORD_RATCHET, "01010000000000000000000000000000"));
    assert_true(is_stored(RNS_RECORD_RATCHET, "02010000000000000000000000000000"));
    assert_true(is_stored(RNS_RECORD_RATCHET, "03010000000000000000000000000000"));
    close_node();
}

static void what_was_never_put_is_not_deleted(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    config.count[RNS_POOL_RATCHET_PEER] = 2;
    open_node(config);
    for (uint8_t i = 1; i <= 4; i++) {
        hear_ratchet(i);
    }
    settle();
    assert_int_equal(store.dels, 0);
    assert_int_equal(store.puts, 3); // two and the identity
    close_node();
}

static void what_comes_again_before_it_was_deleted_stays(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    config.count[RNS_POOL_RATCHET_PEER] = 1;
    open_node(config);
    hear_ratchet(1);
    settle();
    store.is_busy = true;
    hear_ratchet(2); // 1 is to be deleted
    hear_ratchet(1); // and back; 2 was never put
    store.is_busy = false;
    bed.now += SECOND;
    uint32_t cursor = 0;
    assert_int_equal(rns_save(bed.node, bed.now, RNS_RECORD_RATCHET, &cursor, 9), 1);
    settle();
    assert_int_equal(store.dels, 0);
    assert_true(is_stored(RNS_RECORD_RATCHET, "01010000000000000000000000000000"));
    close_node();
}

static void a_delete_that_finds_no_room_is_forgotten(void **state) {
    (void)state;
    memset(&store, 0, sizeof store);
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    config.count[RNS_POOL_RATCHET_PEER] = 3;
    config.count[RNS_POOL_RECORD_GONE] = 2;
    open_node(config);
    for (uint8_t i = 1; i <= 3; i++) {
        hear_ratchet(i);
    }
    settle();
    for (uint8_t i = 4; i <= 6; i++) {
        hear_ratchet(i);
    }
    settle();
    assert_int_equal(store.dels, 2);
    assert_true(is_stored(RNS_RECORD_RATCHET, "01010000000000000000000000000000"));
    close_node();
}

static void kinds_that_are_rewritten_as_a_whole_only_count(void **state) {
    (void)state;
    fill_store();
    rns_config_t config = usual();
    config.store.whole = WHOLE;
    open_node(config);
    rns_path_t path;
    const rns_hash_t a = hash_of(RECORDS_A);
    add_near();
    assert_true(has_path(RECORDS_A, &path));
    assert_int_equal(rns_changes(bed.node, RNS_RECORD_PATH), 0);
    assert_int_equal(rns_path_drop(bed.node, bed.now, &a), RNS_ERR_OK);
    assert_int_equal(rns_changes(bed.node, RNS_RECORD_PATH), 1);
    assert_int_equal(rns_dirty(bed.node), 0);
    rns_tick(bed.node, bed.now);
    assert_int_equal(store.tries, 0);
    assert_int_equal(save(RNS_RECORD_PATH), 0);
    assert_int_equal(rns_changes(bed.node, RNS_RECORD_PATH), 0);
    close_node();
}

static void a_dropped_path_is_deleted_with_its_announce(void **state) {
    (void)state;
    fill_store();
    open_node(usual());
    const rns_hash_t a = hash_of(RECORDS_A);
    add_near();
    assert_int_equal(rns_path_drop(bed.node, bed.now, &a), RNS_ERR_OK);
    settle();
    assert_false(is_stored(RNS_RECORD_PATH, RECORDS_A));
    assert_false(is_stored(RNS_RECORD_ANNOUNCE, RECORDS_A_PACKET));
    assert_true(is_stored(RNS_RECORD_PATH, RECORDS_B));
    close_node();
}

static void a_node_without_a_store_keeps_nothing(void **state) {
    (void)state;
    rns_config_t config = usual();
    config.store = (rns_store_t){NULL, NULL, NULL, NULL, 0, NULL};
    open_node(config);
    add_near();
    hear_ratchet(1);
    rns_tick(bed.node, bed.now);
    assert_int_equal(rns_dirty(bed.node), 0);
    assert_int_equal(save(RNS_RECORD_KNOWN), 0);
    close_node();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stored_identity_is_the_nodes),
        cmocka_unit_test(a_new_identity_is_put),
        cmocka_unit_test(known_destinations_come_back),
        cmocka_unit_test(empty_app_data_is_not_none),
        cmocka_unit_test(a_known_destination_of_four_items_was_never_used),
        cmocka_unit_test(a_path_comes_back_with_its_interface),
        cmocka_unit_test(a_path_over_another_interface_waits_for_it),
        cmocka_unit_test(a_path_without_its_announce_does_not_come_back),
        cmocka_unit_test(a_path_whose_announce_is_another_ones_does_not_come_back),
        cmocka_unit_test(without_transport_no_path_comes_back),
        cmocka_unit_test(a_child_gets_no_stored_paths),
        cmocka_unit_test(a_ratchet_comes_back),
        cmocka_unit_test(a_ratchet_of_last_month_is_deleted),
        cmocka_unit_test(who_was_shut_out_still_is),
        cmocka_unit_test(packets_seen_before_are_known),
        cmocka_unit_test(what_came_back_is_written_as_it_was),
        cmocka_unit_test(an_announce_is_written_with_the_name_of_its_interface),
        cmocka_unit_test(a_ratchet_is_put_as_the_reference_writes_it),
        cmocka_unit_test(what_others_shut_out_is_not_written),
        cmocka_unit_test(marks_and_own_ratchets_are_put),
        cmocka_unit_test(a_destination_that_goes_leaves_nothing_to_be_put),
        cmocka_unit_test(a_stored_time_in_the_future_counts_as_now),
        cmocka_unit_test(without_a_clock_a_path_has_what_was_left_when_it_was_used),
        cmocka_unit_test(what_a_node_without_a_clock_wrote_tells_how_long_ago),
        cmocka_unit_test(a_clock_that_steps_expires_nothing),
        cmocka_unit_test(a_path_that_was_not_used_for_a_week_does_not_come_back),
        cmocka_unit_test(each_cut_record_is_bad_and_does_no_harm),
        cmocka_unit_test(a_record_that_does_not_parse_is_counted_and_the_next_one_taken),
        cmocka_unit_test(times_that_are_no_times_do_no_harm),
        cmocka_unit_test(a_tick_puts_at_most_eight_records),
        cmocka_unit_test(a_busy_store_is_asked_again_after_a_second),
        cmocka_unit_test(a_busy_store_stops_a_save_where_it_is),
        cmocka_unit_test(what_is_culled_is_deleted),
        cmocka_unit_test(what_was_never_put_is_not_deleted),
        cmocka_unit_test(what_comes_again_before_it_was_deleted_stays),
        cmocka_unit_test(a_delete_that_finds_no_room_is_forgotten),
        cmocka_unit_test(kinds_that_are_rewritten_as_a_whole_only_count),
        cmocka_unit_test(a_dropped_path_is_deleted_with_its_announce),
        cmocka_unit_test(a_node_without_a_store_keeps_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
