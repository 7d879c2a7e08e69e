// Sets of two generations against a naive version: two arrays that are searched.
#include "memory_help.h"

#define SEEDS     40
#define STEPS     1500
#define HALF_MOST 20

typedef struct {
    uint64_t names[HALF_MOST]; // 0: removed
    uint32_t count;
} generation_t;

typedef struct {
    arena_t *arena;
    rnsi_seen_t *seen;
    uint64_t dice, newest; // names are numbers from 1 on
    uint32_t half;
    generation_t young, old;
} model_t;

// Different in the first 16 bytes and behind them.
static void hash_of(uint64_t name, uint8_t hash[32]) {
    for (size_t i = 0; i < 32; i += 8) {
        uint64_t word = name * 0x9e3779b97f4a7c15U + i;
        memcpy(hash + i, &word, sizeof word);
    }
}

static uint64_t *place(generation_t *g, uint64_t name) {
    for (uint32_t i = 0; i < g->count; i++) {
        if (g->names[i] == name) {
            return &g->names[i];
        }
    }
    return NULL;
}

static bool model_has(model_t *m, uint64_t name) {
    return place(&m->young, name) != NULL || place(&m->old, name) != NULL;
}

static void model_add(model_t *m, uint64_t name) {
    if (m->half == 0) {
        return;
    }
    if (m->young.count == m->half) {
        m->old = m->young;
        m->young.count = 0;
    }
    m->young.names[m->young.count++] = name;
}

static void remove_from(const model_t *m, generation_t *g, uint64_t name) {
    uint64_t *at = place(g, name);
    if (at == NULL) {
        return;
    }
    if (m->seen->hashes == NULL) { // prints have no order, and leave no hole
        *at = g->names[--g->count];
    } else if (at == &g->names[g->count - 1]) {
        g->count--;
    } else {
        *at = 0;
    }
}

static void do_step(model_t *m) {
    uint8_t hash[32];
    uint32_t what = below(&m->dice, 100), back = 3 * m->half + 2;
    uint64_t name = m->newest > back ? m->newest - below(&m->dice, back) : m->newest;
    hash_of(name, hash);
    if (what < 60) {
        hash_of(++m->newest, hash);
        assert_false(rnsi_seen_has(m->seen, hash));
        rnsi_seen_add(m->seen, hash);
        model_add(m, m->newest);
    } else if (what < 75) { // again, if it is forgotten
        if (name > 0 && !model_has(m, name)) {
            rnsi_seen_add(m->seen, hash);
            model_add(m, name);
        }
    } else if (what < 90) {
        rnsi_seen_remove(m->seen, hash);
        remove_from(m, &m->young, name);
        remove_from(m, &m->old, name);
    }
}

static uint32_t taken_cells(const rnsi_seen_t *seen, uint8_t generation) {
    rnsi_index_t index = {seen->cells + (size_t)generation * 2 * seen->half, 2 * seen->half,
                          seen->life[generation]};
    uint32_t n = 0;
    for (uint32_t i = 0; i < index.count; i++) {
        n += rnsi_index_taken(&index, i);
    }
    return n;
}

static uint32_t names_in(const generation_t *g) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        n += g->names[i] != 0;
    }
    return n;
}

static void check(model_t *m) {
    uint8_t young = m->seen->young, hash[32];
    assert_int_equal(m->seen->used[young], m->young.count);
    assert_int_equal(m->seen->used[!young], m->old.count);
    assert_int_equal(taken_cells(m->seen, young), names_in(&m->young));
    assert_int_equal(taken_cells(m->seen, !young), names_in(&m->old));
    uint64_t back = 4 * (uint64_t)m->half + 2;
    for (uint64_t name = m->newest > back ? m->newest - back : 1; name <= m->newest + 2; name++) {
        hash_of(name, hash);
        assert_int_equal(rnsi_seen_has(m->seen, hash), model_has(m, name));
    }
    for (uint32_t i = 0; m->seen->hashes != NULL && i < m->young.count; i++) {
        memset(hash, 0, sizeof hash); // of a removed one
        if (m->young.names[i] != 0) {
            hash_of(m->young.names[i], hash);
        }
        assert_memory_equal(m->seen->hashes[young * m->half + i], hash, 32);
    }
}

static void run_seed(rns_pool_t id, uint64_t seed) {
    model_t m = {.arena = arena_new(), .dice = seed};
    uint32_t count = 1 + below(&m.dice, 2 * HALF_MOST);
    m.arena->own[id] = count;
    m.arena->memory.key[1] = seed;
    arena_open(m.arena, RNS_PROFILE_TINY);
    m.seen = id == RNS_POOL_ASK_TAG ? &m.arena->memory.tags : &m.arena->memory.packets;
    m.half = count / 2;
    for (int i = 0; i < STEPS; i++) {
        do_step(&m);
        check(&m);
    }
    arena_free(m.arena);
}

static void run(rns_pool_t id) {
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        // Printed before each run, so that the last line names the seed that failed.
        print_message("%s%s seed %llu", seed == 1 ? "" : "\r", rnsi_texts[id].name,
                      (unsigned long long)seed);
        run_seed(id, seed);
    }
    print_message("\n");
}

static void whole_hashes_are_remembered_as_by_the_naive_one(void **state) {
    (void)state;
    run(RNS_POOL_SEEN);
}

static void prints_are_remembered_as_by_the_naive_one(void **state) {
    (void)state;
    run(RNS_POOL_SEEN_PRINT);
}

static void tags_are_remembered_as_by_the_naive_one(void **state) {
    (void)state;
    run(RNS_POOL_ASK_TAG);
}

static void an_add_writes_four_cells_at_most_whatever_it_drops(void **state) {
    (void)state;
    enum { HALF = 500, CELLS = 4 * HALF };
    static rnsi_cell_t before[CELLS];
    arena_t *arena = arena_new();
    arena->own[RNS_POOL_SEEN] = 2 * HALF;
    arena_open(arena, RNS_PROFILE_TINY);
    rnsi_seen_t *seen = &arena->memory.packets;
    for (uint64_t name = 1; name <= 7 * HALF; name++) {
        uint8_t hash[32];
        uint32_t written = 0;
        hash_of(name, hash);
        memcpy(before, seen->cells, sizeof before);
        rnsi_seen_add(seen, hash);
        for (uint32_t i = 0; i < CELLS; i++) {
            written += memcmp(&before[i], &seen->cells[i], sizeof before[i]) != 0;
        }
        assert_in_range(written, 1, 4);
    }
    arena_free(arena);
}

static void a_hash_that_differs_at_its_end_is_another(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    arena->own[RNS_POOL_SEEN] = 8;
    arena_open(arena, RNS_PROFILE_TINY);
    uint8_t hash[32] = {9};
    rnsi_seen_add(&arena->memory.packets, hash);
    hash[31] = 1;
    assert_false(rnsi_seen_has(&arena->memory.packets, hash));
    rnsi_seen_remove(&arena->memory.packets, hash);
    hash[31] = 0;
    assert_true(rnsi_seen_has(&arena->memory.packets, hash));
    arena_free(arena);
}

static void a_set_without_room_remembers_nothing(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    arena_open(arena, RNS_PROFILE_TINY);
    const uint8_t hash[32] = {1};
    rnsi_seen_add(&arena->memory.packets, hash);
    assert_false(rnsi_seen_has(&arena->memory.packets, hash));
    rnsi_seen_remove(&arena->memory.packets, hash);
    arena_free(arena);
}

static void whole_hashes_come_before_prints_where_both_have_room(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    arena->own[RNS_POOL_SEEN] = 8;
    arena->own[RNS_POOL_SEEN_PRINT] = 64;
    arena_open(arena, RNS_PROFILE_TINY);
    assert_non_null(arena->memory.packets.hashes);
    assert_int_equal(arena->memory.packets.half, 4);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_hashes_are_remembered_as_by_the_naive_one),
        cmocka_unit_test(prints_are_remembered_as_by_the_naive_one),
        cmocka_unit_test(tags_are_remembered_as_by_the_naive_one),
        cmocka_unit_test(an_add_writes_four_cells_at_most_whatever_it_drops),
        cmocka_unit_test(a_hash_that_differs_at_its_end_is_another),
        cmocka_unit_test(a_set_without_room_remembers_nothing),
        cmocka_unit_test(whole_hashes_come_before_prints_where_both_have_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
