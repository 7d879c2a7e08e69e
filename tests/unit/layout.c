// From the table to memory.
#include "memory_help.h"

#include "rns/static.h"

static void static_sums_are_the_plan_of_every_profile(void **state) {
    (void)state;
    const size_t sums[RNS_PROFILE_COUNT][RNS_REGION_COUNT] = {
        {RNS_STATIC_FAST_BYTES(TINY), RNS_STATIC_BULK_BYTES(TINY)},
        {RNS_STATIC_FAST_BYTES(MCU), RNS_STATIC_BULK_BYTES(MCU)},
        {RNS_STATIC_FAST_BYTES(ROUTER), RNS_STATIC_BULK_BYTES(ROUTER)},
        {RNS_STATIC_FAST_BYTES(SERVER), RNS_STATIC_BULK_BYTES(SERVER)},
    };
    for (rns_profile_t profile = 0; profile < RNS_PROFILE_COUNT; profile++) {
        size_t need[RNS_REGION_COUNT];
        rnsi_layout_need(profile, NULL, need);
        assert_int_equal(need[RNS_REGION_FAST], sums[profile][RNS_REGION_FAST]);
        assert_int_equal(need[RNS_REGION_BULK], sums[profile][RNS_REGION_BULK]);
    }
    assert_int_equal(RNS_STATIC_BYTES(TINY), sums[0][0] + sums[0][1]);
}

static void small_profiles_keep_their_budgets(void **state) {
    (void)state;
    size_t tiny[RNS_REGION_COUNT], mcu[RNS_REGION_COUNT];
    rnsi_layout_need(RNS_PROFILE_TINY, NULL, tiny);
    rnsi_layout_need(RNS_PROFILE_MCU, NULL, mcu);
    assert_true(tiny[RNS_REGION_FAST] + tiny[RNS_REGION_BULK] <= 32768);
    assert_true(mcu[RNS_REGION_FAST] <= 98304);
    assert_true(mcu[RNS_REGION_BULK] <= 524288);
}

static void rows_add_up_to_the_need(void **state) {
    (void)state;
    for (rns_profile_t profile = 0; profile < RNS_PROFILE_COUNT; profile++) {
        size_t need[RNS_REGION_COUNT];
        uint64_t sum[RNS_REGION_COUNT] = {0};
        rnsi_layout_need(profile, NULL, need);
        for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
            rns_pool_info_t info;
            rns_pool_plan(profile, NULL, id, &info);
            assert_int_equal(info.bytes, rnsi_layout_bytes(id, info.slots));
            assert_int_equal(info.bytes % 16, 0);
            sum[info.region] += info.bytes;
        }
        assert_int_equal(sum[RNS_REGION_FAST], need[RNS_REGION_FAST]);
        assert_int_equal(sum[RNS_REGION_BULK], need[RNS_REGION_BULK]);
    }
}

static void a_row_has_two_cells_a_slot_and_a_deadline_each(void **state) {
    (void)state;
    assert_int_equal(rnsi_layout_bytes(RNS_POOL_TXREF, 3), 128);   // 3 x 40, up to 16
    assert_int_equal(rnsi_layout_bytes(RNS_POOL_REVERSE, 5), 320); // 5 x (48 + 2 x 8)
    assert_int_equal(rnsi_layout_bytes(RNS_POOL_RELAY, 7),
                     1072); // 7 x (120 + 2 x 8 + 16), up to 16
    assert_int_equal(rnsi_layout_bytes(RNS_POOL_SEEN, 10), 10 * 48); // 32 + 2 x 8
    assert_int_equal(rnsi_layout_bytes(RNS_POOL_SEEN_PRINT, 10), 10 * 16);
    assert_int_equal(rnsi_layout_bytes(RNS_POOL_PATH, 0), 0);
}

typedef struct {
    const uint8_t *start, *end;
    int region; // that it belongs to
} part_t;

static int by_start(const void *a, const void *b) {
    const part_t *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

static size_t parts_of(const rnsi_memory_t *memory, part_t *parts) {
    size_t n = 0;
    uint32_t timed[RNS_REGION_COUNT] = {0};
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        const rnsi_pool_t *pool = &memory->pools[id];
        int region = rnsi_rows[id].region;
        size_t bytes = (size_t)pool->count * rnsi_rows[id].size;
        parts[n++] = (part_t){pool->slots, pool->slots + bytes, region};
        if (pool->cells != NULL) {
            const uint8_t *cells = (const uint8_t *)pool->cells;
            assert_int_equal(pool->cell_count, 2 * pool->count);
            parts[n++] = (part_t){cells, cells + 8 * (size_t)pool->cell_count, region};
        }
        timed[region] += rnsi_rows[id].timer_at != 0 ? pool->count : 0;
    }
    for (int region = 0; region < RNS_REGION_COUNT; region++) {
        const uint8_t *heap = (const uint8_t *)memory->timers.heap[region];
        parts[n++] = (part_t){heap, heap + 16 * (size_t)timed[region], region};
    }
    return n;
}

static void rows_stand_apart_aligned_and_in_their_region(void **state) {
    (void)state;
    for (rns_profile_t profile = RNS_PROFILE_TINY; profile <= RNS_PROFILE_ROUTER; profile++) {
        arena_t *arena = arena_new();
        memset(arena->own, 0, sizeof arena->own);
        arena_open(arena, profile);
        part_t parts[2 * RNS_POOL_COUNT + 2];
        size_t n = parts_of(&arena->memory, parts);
        qsort(parts, n, sizeof *parts, by_start);
        for (size_t i = 0; i < n; i++) {
            const rns_mem_t *mem = &arena->mem[parts[i].region];
            assert_int_equal((uintptr_t)parts[i].start % 8, 0);
            assert_true(parts[i].start >= mem->data && parts[i].end <= mem->data + mem->size);
            assert_true(i == 0 || parts[i - 1].end <= parts[i].start);
        }
        assert_ptr_equal(arena->memory.pools[RNS_POOL_NODE].slots, arena->mem[0].data);
        assert_ptr_equal(rnsi_layout_node(arena->mem), arena->mem[0].data);
        assert_ptr_equal(arena->memory.crypto, arena->memory.pools[RNS_POOL_CRYPTO].slots);
        assert_int_equal((uintptr_t)arena->memory.crypto % 16, 0);
        arena_free(arena);
    }
}

static void without_bulk_all_rows_fit_into_fast(void **state) {
    (void)state;
    static rnsi_memory_t memory;
    const bool zeroed[RNS_REGION_COUNT] = {false, false};
    uint32_t own[RNS_POOL_COUNT] = {0};
    size_t need[RNS_REGION_COUNT];
    for (int i = 0; i < RNS_POOL_COUNT; i++) {
        own[i] = RNS_COUNT_NONE;
    }
    own[RNS_POOL_IFACE] = 3; // FAST, timed
    own[RNS_POOL_RELAY] = 5; // BULK, timed
    own[RNS_POOL_SEEN] = 6;  // BULK
    rnsi_layout_need(RNS_PROFILE_MCU, own, need);
    size_t size = need[RNS_REGION_FAST] + need[RNS_REGION_BULK];
    rns_mem_t mem[RNS_REGION_COUNT] = {{test_malloc(size), size}, {NULL, 0}};
    rnsi_layout_open(&memory, RNS_PROFILE_MCU, own, mem, zeroed);
    part_t parts[2 * RNS_POOL_COUNT + 2];
    size_t n = parts_of(&memory, parts) - 2; // the heap is looked at below
    for (size_t i = 0; i < n; i++) {
        assert_true(parts[i].start >= mem[0].data && parts[i].end <= mem[0].data + size);
    }
    assert_int_equal(memory.timers.split, 8);
    assert_ptr_equal(memory.timers.heap[RNS_REGION_FAST] + 8, mem[0].data + size);
    test_free(mem[0].data);
}

static bool is_filled(const void *data, size_t size, uint8_t with) {
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != with) {
            return false;
        }
    }
    return true;
}

static void opening_clears_cells_and_touches_no_element(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    memset(arena->own, 0, sizeof arena->own);
    arena_open(arena, RNS_PROFILE_MCU);
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        const rnsi_pool_t *pool = &arena->memory.pools[id];
        bool prints = id == RNS_POOL_SEEN_PRINT || id == RNS_POOL_ASK_TAG;
        assert_true(
            is_filled(pool->slots, (size_t)pool->count * rnsi_rows[id].size, prints ? 0 : PATTERN));
        assert_true(is_filled(pool->cells, 8 * (size_t)pool->cell_count, 0));
    }
    arena_free(arena);
}

static void opening_zeroed_memory_writes_nothing(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    memset(arena->own, 0, sizeof arena->own);
    arena_open(arena, RNS_PROFILE_ROUTER);
    const bool zeroed[RNS_REGION_COUNT] = {true, true};
    for (int region = 0; region < RNS_REGION_COUNT; region++) {
        memset(arena->mem[region].data, PATTERN, arena->mem[region].size);
    }
    rnsi_layout_open(&arena->memory, RNS_PROFILE_ROUTER, arena->own, arena->mem, zeroed);
    for (int region = 0; region < RNS_REGION_COUNT; region++) {
        assert_true(is_filled(arena->mem[region].data, arena->mem[region].size, PATTERN));
    }
    arena_free(arena);
}

static void memory_that_was_never_needed_stays_untouched(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    arena->own[RNS_POOL_PATH] = 100;
    arena_open(arena, RNS_PROFILE_TINY);
    rnsi_pool_t *paths = &arena->memory.pools[RNS_POOL_PATH];
    uint8_t key[16] = {0};
    for (int i = 0; i < 1000; i++) { // never more than three at once
        void *taken[3];
        for (uint8_t k = 0; k < 3; k++) {
            key[0] = k;
            taken[k] = rnsi_pool_take(paths, i, key);
        }
        for (int k = 0; k < 3; k++) {
            rnsi_pool_give(paths, taken[k]);
        }
    }
    size_t size = rnsi_rows[RNS_POOL_PATH].size;
    assert_true(is_filled(paths->slots + 3 * size, 97 * size, PATTERN));
    arena_free(arena);
}

static void own_counts_take_the_place_of_the_profiles(void **state) {
    (void)state;
    uint32_t own[RNS_POOL_COUNT] = {0};
    own[RNS_POOL_PATH] = 7;
    own[RNS_POOL_RELAY] = RNS_COUNT_NONE;
    own[RNS_POOL_KNOWN] = RNS_COUNT_NONE - 1;
    own[RNS_POOL_NODE] = RNS_COUNT_NONE;
    assert_int_equal(rnsi_layout_count(RNS_PROFILE_MCU, own, RNS_POOL_PATH), 7);
    assert_int_equal(rnsi_layout_count(RNS_PROFILE_MCU, own, RNS_POOL_RELAY), 0);
    assert_int_equal(rnsi_layout_count(RNS_PROFILE_MCU, own, RNS_POOL_KNOWN), 0x7FFFFFFE);
    assert_int_equal(rnsi_layout_count(RNS_PROFILE_MCU, own, RNS_POOL_NODE), 1);
    assert_int_equal(rnsi_layout_count(RNS_PROFILE_MCU, own, RNS_POOL_REVERSE), 128);
    assert_int_equal(rnsi_layout_bytes(RNS_POOL_KNOWN, 0x7FFFFFFE), 0x7FFFFFFEULL * 176);
}

static void rows_and_profiles_have_names(void **state) {
    (void)state;
    rns_pool_info_t info;
    assert_string_equal(rns_profile_name(RNS_PROFILE_TINY), "tiny");
    assert_string_equal(rns_profile_name(RNS_PROFILE_MCU), "mcu");
    assert_string_equal(rns_profile_name(RNS_PROFILE_ROUTER), "router");
    assert_string_equal(rns_profile_name(RNS_PROFILE_SERVER), "server");
    assert_null(rns_profile_name(RNS_PROFILE_COUNT));
    rns_pool_plan(RNS_PROFILE_MCU, NULL, RNS_POOL_INBOX_ANNOUNCE, &info);
    assert_string_equal(info.name, "inbox_announce");
    assert_int_equal(rns_pool_of("inbox_announce"), RNS_POOL_INBOX_ANNOUNCE);
    assert_int_equal(rns_pool_of("FRAME_2K"), RNS_POOL_FRAME_2K);
    assert_int_equal(rns_pool_of("frame"), RNS_POOL_FRAME);
    assert_int_equal(rns_pool_of("frame_"), RNS_POOL_COUNT);
    assert_int_equal(rns_pool_of(""), RNS_POOL_COUNT);
    assert_int_equal(rns_pool_of("a_name_that_is_longer_than_any_row"), RNS_POOL_COUNT);
    rns_pool_plan(RNS_PROFILE_COUNT, NULL, RNS_POOL_PATH, &info);
    assert_string_equal(info.name, "");
    assert_int_equal(info.slots, 0);
}

static void statistics_tell_of_pools_and_sets(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    rns_pool_info_t info;
    arena->own[RNS_POOL_PATH] = 2;
    arena->own[RNS_POOL_FRAME] = 1;
    arena->own[RNS_POOL_SEEN] = 4;
    arena_open(arena, RNS_PROFILE_TINY);
    rnsi_pool_t *paths = &arena->memory.pools[RNS_POOL_PATH];
    rnsi_pool_t *frames = &arena->memory.pools[RNS_POOL_FRAME];
    for (uint8_t i = 0; i < 5; i++) {
        uint8_t hash[32] = {i};
        rnsi_pool_take(paths, i, hash);
        rnsi_pool_take(frames, i, NULL);
        rnsi_seen_add(&arena->memory.packets, hash);
    }
    rnsi_pool_give(paths, rnsi_pool_oldest(paths, RNSI_ALL));
    rnsi_layout_info(&arena->memory, RNS_POOL_PATH, &info);
    assert_int_equal(info.slots, 2);
    assert_int_equal(info.used, 1);
    assert_int_equal(info.peak, 2);
    assert_int_equal(info.culled, 3);
    assert_int_equal(info.rejected, 0);
    rnsi_layout_info(&arena->memory, RNS_POOL_FRAME, &info);
    assert_int_equal(info.used, 1);
    assert_int_equal(info.rejected, 4);
    rnsi_layout_info(&arena->memory, RNS_POOL_SEEN, &info);
    assert_int_equal(info.used, 3); // 2 + 2, then the first two were dropped for the fifth
    assert_int_equal(info.peak, 4);
    assert_int_equal(info.culled, 2);
    rnsi_layout_info(&arena->memory, RNS_POOL_SEEN_PRINT, &info);
    assert_int_equal(info.used, 0);
    rnsi_layout_info(&arena->memory, RNS_POOL_NODE, &info);
    assert_int_equal(info.used, 1);
    arena_free(arena);
}

static void lifetimes_are_those_of_the_reference(void **state) {
    (void)state;
    const rns_us_t second = 1000000;
    assert_int_equal(rnsi_life(RNS_POOL_PATH, 0), 604800 * second);
    assert_int_equal(rnsi_life(RNS_POOL_PATH, 1), 86400 * second);
    assert_int_equal(rnsi_life(RNS_POOL_PATH, 2), 21600 * second);
    assert_int_equal(rnsi_life(RNS_POOL_REVERSE, 0), 480 * second);
    assert_int_equal(rnsi_life(RNS_POOL_RELAY, 0), 900 * second);
    assert_int_equal(rnsi_life(RNS_POOL_TUNNEL, 0), 28800 * second);
    assert_int_equal(rnsi_life(RNS_POOL_RATCHET_PEER, 0), 2592000 * second);
    assert_int_equal(rnsi_life(RNS_POOL_KNOWN, 0), 0);
}

// Python hashes bytes with SipHash-1-3; asked of python3.11 with PYTHONHASHSEED=0 (a key of zeros):
// hash(bytes(range(n))).
static void the_keyed_hash_is_siphash_1_3(void **state) {
    (void)state;
    const uint64_t key[2] = {0, 0};
    uint8_t bytes[32];
    for (uint8_t i = 0; i < 32; i++) {
        bytes[i] = i;
    }
    assert_int_equal(rnsi_keyed_hash(key, bytes, 1), 0x68a914128e01e473U);
    assert_int_equal(rnsi_keyed_hash(key, bytes, 7), 0x2f098ab0c751325aU);
    assert_int_equal(rnsi_keyed_hash(key, bytes, 8), 0xead411e67ebe2eeaU);
    assert_int_equal(rnsi_keyed_hash(key, bytes, 16), 0x8972188433a5c5b7U);
    assert_int_equal(rnsi_keyed_hash(key, bytes, 20), 0x639e355ae68c0100U);
    assert_int_equal(rnsi_keyed_hash(key, bytes, 32), 0x31ef8061c910629bU);
}

static void slot_numbers_follow_from_addresses_in_every_row(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    memset(arena->own, 0, sizeof arena->own);
    arena_open(arena, RNS_PROFILE_ROUTER);
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        const rnsi_pool_t *pool = &arena->memory.pools[id];
        for (uint32_t slot = 0; slot < pool->count; slot += 1 + slot / 3) {
            assert_int_equal(rnsi_pool_slot(pool, rnsi_pool_at(pool, slot)), slot);
        }
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_sums_are_the_plan_of_every_profile),
        cmocka_unit_test(small_profiles_keep_their_budgets),
        cmocka_unit_test(rows_add_up_to_the_need),
        cmocka_unit_test(a_row_has_two_cells_a_slot_and_a_deadline_each),
        cmocka_unit_test(rows_stand_apart_aligned_and_in_their_region),
        cmocka_unit_test(without_bulk_all_rows_fit_into_fast),
        cmocka_unit_test(opening_clears_cells_and_touches_no_element),
        cmocka_unit_test(opening_zeroed_memory_writes_nothing),
        cmocka_unit_test(memory_that_was_never_needed_stays_untouched),
        cmocka_unit_test(own_counts_take_the_place_of_the_profiles),
        cmocka_unit_test(rows_and_profiles_have_names),
        cmocka_unit_test(statistics_tell_of_pools_and_sets),
        cmocka_unit_test(lifetimes_are_those_of_the_reference),
        cmocka_unit_test(the_keyed_hash_is_siphash_1_3),
        cmocka_unit_test(slot_numbers_follow_from_addresses_in_every_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
