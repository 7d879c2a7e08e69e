// What a full row does, row by row: each test is named after its row and policy, in the order of
// pools.def, so that a row without one does not compile. The row has three slots. CULL: the oldest
// by its time stamp makes room, whatever its slot, and a pinned one stays. REJECT: the newcomer
// gets nothing, and whoever is there stays. Both are counted. What that means to those outside is
// in full_routes.c and full_sessions.c.
#include "memory_help.h"

#include "memory/seen.h"

#define SLOTS 3U

static arena_t *open_row(rns_pool_t id) {
    arena_t *arena = arena_new();
    arena->own[id] = SLOTS;
    arena_open(arena, RNS_PROFILE_TINY);
    assert_int_equal(arena->memory.pools[id].count, SLOTS);
    return arena;
}

// A key that differs in its first and its last byte.
static void *take(rnsi_pool_t *pool, rns_us_t now, uint8_t number) {
    uint8_t key[64] = {number};
    const size_t size = rnsi_rows[pool->id].key_size;
    assert_true(size <= sizeof key);
    if (size == 0) {
        return rnsi_pool_take(pool, now, NULL);
    }
    key[size - 1] = number;
    return rnsi_pool_take(pool, now, key);
}

static void assert_counts(const arena_t *arena, rns_pool_t id, uint64_t culled, uint64_t rejected) {
    rns_pool_info_t info;
    rnsi_layout_info(&arena->memory, id, &info);
    assert_int_equal(info.used, SLOTS);
    assert_int_equal(info.peak, SLOTS);
    assert_int_equal(info.culled, culled);
    assert_int_equal(info.rejected, rejected);
}

static void rejects(rns_pool_t id) {
    arena_t *arena = open_row(id);
    rnsi_pool_t *pool = &arena->memory.pools[id];
    void *taken[SLOTS];
    uint32_t gen[SLOTS];
    for (uint8_t i = 0; i < SLOTS; i++) {
        taken[i] = take(pool, i, i);
        gen[i] = ((rnsi_slot_t *)taken[i])->gen;
    }
    assert_null(take(pool, 10, 10));
    assert_null(take(pool, 11, 11));
    assert_counts(arena, id, 0, 2);
    for (uint32_t i = 0; i < SLOTS; i++) {
        assert_ptr_equal(rnsi_pool_get(pool, rnsi_pool_slot(pool, taken[i]), gen[i]), taken[i]);
    }
    rnsi_pool_give(pool, taken[1]);
    assert_ptr_equal(take(pool, 12, 12), taken[1]); // the slot that was given back
    arena_free(arena);
}

// Taken in the order 0, 1, 2; then the time stamps are 20, 1, 2, and 1 is pinned.
static void culls(rns_pool_t id) {
    arena_t *arena = open_row(id);
    rnsi_pool_t *pool = &arena->memory.pools[id];
    void *taken[SLOTS];
    uint32_t gen[SLOTS];
    for (uint8_t i = 0; i < SLOTS; i++) {
        taken[i] = take(pool, i, i);
        gen[i] = ((rnsi_slot_t *)taken[i])->gen;
    }
    rnsi_pool_age(pool, taken[0], 0, 20);
    rnsi_pool_pin(pool, taken[1]);
    assert_ptr_equal(take(pool, 30, 30), taken[2]); // the oldest that may go
    assert_null(rnsi_pool_get(pool, rnsi_pool_slot(pool, taken[2]), gen[2]));
    assert_ptr_equal(rnsi_pool_get(pool, rnsi_pool_slot(pool, taken[0]), gen[0]), taken[0]);
    assert_ptr_equal(take(pool, 31, 31), taken[0]);
    assert_counts(arena, id, 2, 0);
    rnsi_pool_unpin(pool, taken[1], 40);
    assert_ptr_equal(take(pool, 41, 41), taken[2]); // of 30, 31 and 40
    rnsi_pool_pin(pool, taken[0]);
    rnsi_pool_pin(pool, taken[1]);
    rnsi_pool_pin(pool, taken[2]);
    assert_null(take(pool, 50, 50)); // none may go: refused
    assert_counts(arena, id, 3, 1);
    arena_free(arena);
}

// Two generations of two: a fifth entry drops the older one as a whole.
static void forgets_half(rns_pool_t id) {
    arena_t *arena = arena_new();
    rns_pool_info_t info;
    arena->own[id] = 4;
    arena_open(arena, RNS_PROFILE_TINY);
    rnsi_seen_t *set = id == RNS_POOL_ASK_TAG ? &arena->memory.tags : &arena->memory.packets;
    for (uint8_t i = 0; i < 5; i++) {
        uint8_t hash[32] = {i, 7};
        rnsi_seen_add(set, hash);
    }
    for (uint8_t i = 0; i < 5; i++) {
        uint8_t hash[32] = {i, 7};
        assert_int_equal(rnsi_seen_has(set, hash), i >= 2);
    }
    rnsi_layout_info(&arena->memory, id, &info);
    assert_int_equal(info.used, 3);
    assert_int_equal(info.peak, 4);
    assert_int_equal(info.culled, 2);
    arena_free(arena);
}

// There is one, whatever is asked for (NODE), or what is asked for (CRYPTO); nobody takes more.
static void stays_one(rns_pool_t id) {
    arena_t *arena = arena_new();
    rns_pool_info_t info;
    arena->own[id] = id == RNS_POOL_NODE ? 5 : 1;
    arena_open(arena, RNS_PROFILE_TINY);
    rnsi_layout_info(&arena->memory, id, &info);
    assert_int_equal(info.slots, 1);
    assert_int_equal(info.used, 1);
    arena_free(arena);
}

static void is_full(void **state) {
    const rns_pool_t id = *(const rns_pool_t *)*state;
    if (id == RNS_POOL_NODE || id == RNS_POOL_CRYPTO) {
        stays_one(id);
    } else if (rnsi_row_is_array(id)) {
        forgets_half(id);
    } else if (rnsi_rows[id].full == RNS_FULL_CULL) {
        culls(id);
    } else {
        rejects(id);
    }
}

static rns_pool_t ids[RNS_POOL_COUNT];

#define RNS_POOL(id, element, key, timer, region, per, full, tiny, mcu, router, server, what)      \
    {#id ": " #full, is_full, NULL, NULL, &ids[RNS_POOL_##id]},

int main(void) {
    const struct CMUnitTest tests[] = {
#include "memory/pools.def"
    };
    for (int id = 0; id < RNS_POOL_COUNT; id++) {
        ids[id] = (rns_pool_t)id;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
