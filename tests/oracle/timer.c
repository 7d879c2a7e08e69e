// Random deadlines against a naive version: an array that is searched for its smallest.
#include "memory_help.h"

#define SEEDS 60
#define STEPS 1500
#define MOST  40

typedef struct {
    rnsi_pool_t *pool;
    void *element;
    rns_us_t due; // RNS_NEVER: not set
} timed_t;

typedef struct {
    arena_t *arena;
    uint64_t dice;
    timed_t timed[MOST];
    uint32_t count;
} model_t;

static rns_us_t earliest(const model_t *m) {
    rns_us_t least = RNS_NEVER;
    for (uint32_t i = 0; i < m->count; i++) {
        least = m->timed[i].due < least ? m->timed[i].due : least;
    }
    return least;
}

static uint32_t set_count(const model_t *m) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        n += m->timed[i].due != RNS_NEVER;
    }
    return n;
}

static void check(const model_t *m) {
    assert_int_equal(m->arena->memory.timers.count, set_count(m));
    assert_int_equal(rnsi_timers_next(&m->arena->memory), earliest(m));
    for (uint32_t i = 0; i < m->count; i++) {
        assert_int_equal(rnsi_timer_due(m->timed[i].pool, m->timed[i].element), m->timed[i].due);
    }
}

static void do_pop(model_t *m, rns_us_t now) {
    rns_pool_t id = RNS_POOL_COUNT;
    const void *element = rnsi_timers_pop(&m->arena->memory, now, &id);
    if (earliest(m) > now) {
        assert_null(element);
        return;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->timed[i].element == element) {
            assert_int_equal(m->timed[i].due, earliest(m));
            assert_int_equal(m->timed[i].pool->id, id);
            m->timed[i].due = RNS_NEVER;
            return;
        }
    }
    fail();
}

static void do_take(model_t *m) {
    const rns_pool_t ids[] = {RNS_POOL_IFACE, RNS_POOL_RELAY, RNS_POOL_ASK, RNS_POOL_RECEIPT};
    rnsi_pool_t *pool = &m->arena->memory.pools[ids[below(&m->dice, 4)]];
    if (pool->used == pool->count || m->count == MOST) {
        return;
    }
    m->timed[m->count++] = (timed_t){pool, rnsi_pool_take(pool, 0, NULL), RNS_NEVER};
}

static void do_step(model_t *m) {
    uint32_t what = below(&m->dice, 100);
    if (what < 20 || m->count == 0) {
        do_take(m);
        return;
    }
    uint32_t at = below(&m->dice, m->count);
    timed_t *t = &m->timed[at];
    if (what < 65) { // few different times, so that many are equal
        t->due = what == 64 ? RNS_NEVER : (rns_us_t)below(&m->dice, 30);
        rnsi_timer_set(t->pool, t->element, t->due);
    } else if (what < 75) {
        rnsi_timer_cancel(t->pool, t->element);
        t->due = RNS_NEVER;
    } else if (what < 85) {
        rnsi_pool_give(t->pool, t->element);
        *t = m->timed[--m->count];
    } else {
        do_pop(m, (rns_us_t)below(&m->dice, 30));
    }
}

static void run_seed(uint64_t seed) {
    model_t m = {.arena = arena_new(), .dice = seed};
    // The heap is split where FAST ends, at 5: small enough to be crossed all the time.
    m.arena->own[RNS_POOL_IFACE] = 3;
    m.arena->own[RNS_POOL_RECEIPT] = 2;
    m.arena->own[RNS_POOL_RELAY] = 1 + below(&m.dice, 16);
    m.arena->own[RNS_POOL_ASK] = 1 + below(&m.dice, 16);
    arena_open(m.arena, RNS_PROFILE_TINY);
    assert_int_equal(m.arena->memory.timers.split, 5);
    for (int i = 0; i < STEPS; i++) {
        do_step(&m);
        check(&m);
    }
    while (set_count(&m) > 0) { // in order to the end
        do_pop(&m, 30);
        check(&m);
    }
    arena_free(m.arena);
}

static void deadlines_come_as_from_the_naive_one(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        // Printed before each run, so that the last line names the seed that failed.
        print_message("%sseed %llu", seed == 1 ? "" : "\r", (unsigned long long)seed);
        run_seed(seed);
    }
    print_message("\n");
}

static void deadlines_stand_in_the_memory_of_their_rows(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    arena->own[RNS_POOL_IFACE] = 3;
    arena->own[RNS_POOL_RELAY] = 50;
    arena_open(arena, RNS_PROFILE_TINY);
    rnsi_pool_t *ifaces = &arena->memory.pools[RNS_POOL_IFACE];
    rnsi_pool_t *relays = &arena->memory.pools[RNS_POOL_RELAY];
    for (int i = 0; i < 53; i++) { // all that there can be
        rnsi_pool_t *pool = i % 20 == 0 ? ifaces : relays;
        rnsi_timer_set(pool, rnsi_pool_take(pool, 0, NULL), 100 - i);
    }
    for (int i = 52; i >= 0; i--) {
        rns_pool_t id;
        assert_int_equal(rnsi_timers_next(&arena->memory), 100 - i);
        assert_null(rnsi_timers_pop(&arena->memory, 99 - i, &id));
        assert_non_null(rnsi_timers_pop(&arena->memory, 100 - i, &id));
        assert_int_equal(id, i % 20 == 0 ? RNS_POOL_IFACE : RNS_POOL_RELAY);
    }
    rns_pool_t id;
    assert_null(rnsi_timers_pop(&arena->memory, RNS_NEVER, &id));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deadlines_come_as_from_the_naive_one),
        cmocka_unit_test(deadlines_stand_in_the_memory_of_their_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
