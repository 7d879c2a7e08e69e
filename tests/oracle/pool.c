// Random operations on pools against a naive version: an array that is searched and sorted.
#include "memory_help.h"

#define SLOTS    24
#define KEYS     60
#define SEEDS    16
#define STEPS    1500
#define HANDLES  64
#define KEY_MOST 32

typedef struct {
    bool taken, keyed;
    uint32_t key; // which of the KEYS
    uint32_t gen;
    rns_us_t touched;
    uint8_t list;
    uint16_t pins;
    uint64_t order; // younger ones have larger ones
} entry_t;

typedef struct {
    arena_t *arena;
    rnsi_pool_t *pool;
    rns_pool_t id;
    rns_us_t now;
    uint64_t dice, clock;
    entry_t slots[SLOTS];
    uint32_t count, bump, used, peak, culled, rejected;
    uint32_t given[SLOTS], given_count; // oldest first
    uint32_t dropped[SLOTS], dropped_count;
    struct {
        uint32_t slot, gen;
    } handles[HANDLES]; // of any age
} model_t;

static model_t *current; // for the drop callback

static void on_drop(void *context, void *element) {
    assert_ptr_equal(context, current);
    current->dropped[current->dropped_count++] = rnsi_pool_slot(current->pool, element);
    // It is whole still: found under its key, and its handle works.
    const rnsi_slot_t *head = element;
    assert_ptr_equal(
        rnsi_pool_get(current->pool, rnsi_pool_slot(current->pool, element), head->gen), element);
}

// Keys that differ in one byte, which is the last one too.
static void key_of(const model_t *m, uint32_t number, uint8_t key[KEY_MOST]) {
    uint32_t size = rnsi_rows[m->id].key_size;
    memset(key, 0, KEY_MOST);
    key[size > 0 ? number % size : 0] = (uint8_t)(number + 1);
}

static rns_us_t life(const model_t *m, uint8_t list) {
    return rnsi_life(m->id, list);
}

static rns_us_t expiry(const model_t *m, const entry_t *e) {
    return life(m, e->list) == 0 ? RNS_NEVER : e->touched + life(m, e->list);
}

static uint32_t holder(const model_t *m, uint32_t key) {
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->slots[i].taken && m->slots[i].keyed && m->slots[i].key == key) {
            return i;
        }
    }
    return RNSI_NONE;
}

// Slots of a list from the oldest on.
static uint32_t sorted(const model_t *m, uint8_t list, uint32_t out[SLOTS]) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        if (!m->slots[i].taken || m->slots[i].pins > 0 || m->slots[i].list != list) {
            continue;
        }
        uint32_t at = n++;
        for (; at > 0 && m->slots[out[at - 1]].order > m->slots[i].order; at--) {
            out[at] = out[at - 1];
        }
        out[at] = i;
    }
    return n;
}

static uint32_t next_culled(const model_t *m) {
    uint32_t best = RNSI_NONE, list_slots[SLOTS];
    for (uint8_t list = 0; list < RNSI_LISTS; list++) {
        if (sorted(m, list, list_slots) == 0) {
            continue;
        }
        const entry_t *e = &m->slots[list_slots[0]];
        const entry_t *b = best == RNSI_NONE ? NULL : &m->slots[best];
        if (b == NULL || expiry(m, e) < expiry(m, b) ||
            (expiry(m, e) == expiry(m, b) && e->touched < b->touched)) {
            best = list_slots[0];
        }
    }
    return best;
}

static void model_give(model_t *m, uint32_t slot) {
    m->slots[slot].taken = false;
    m->given[m->given_count++] = slot;
    m->used--;
}

static void model_drop(model_t *m, uint32_t slot, uint32_t nth) {
    assert_true(m->dropped_count > nth);
    assert_int_equal(m->dropped[nth], slot);
    model_give(m, slot);
}

static void do_take(model_t *m) {
    uint8_t key[KEY_MOST];
    uint32_t number = below(&m->dice, KEYS);
    bool keyed = rnsi_rows[m->id].key_size > 0 && below(&m->dice, 10) > 0;
    if (keyed && holder(m, number) != RNSI_NONE) {
        return;
    }
    key_of(m, number, key);
    m->dropped_count = 0;
    rnsi_slot_t *head = rnsi_pool_take(m->pool, m->now, keyed ? key : NULL);
    if (m->given_count == 0 && m->bump == m->count && rnsi_rows[m->id].full == RNS_FULL_CULL &&
        next_culled(m) != RNSI_NONE) {
        model_drop(m, next_culled(m), 0);
        m->culled++;
        assert_int_equal(m->dropped_count, 1);
    }
    uint32_t slot;
    if (m->given_count > 0) {
        slot = m->given[0];
        memmove(m->given, m->given + 1, --m->given_count * sizeof *m->given);
    } else if (m->bump < m->count) {
        slot = m->bump++;
        m->slots[slot].gen = 0;
    } else {
        assert_null(head);
        m->rejected++;
        return;
    }
    assert_non_null(head);
    assert_ptr_equal(head, rnsi_pool_at(m->pool, slot));
    assert_int_equal(rnsi_pool_slot(m->pool, head), slot);
    const uint8_t *bytes = (const uint8_t *)head;
    const rnsi_row_t *row = &rnsi_rows[m->id];
    for (uint32_t i = sizeof *head; i < row->size; i++) {
        bool is_key = keyed && i >= row->key_at && i < row->key_at + (uint32_t)row->key_size;
        assert_int_equal(bytes[i], is_key ? key[i - row->key_at] : 0);
    }
    // What a user writes must not be there the next time.
    size_t start = row->key_size > 0 ? row->key_at + (size_t)row->key_size : sizeof *head;
    memset((uint8_t *)head + start, 0x77, row->size - start);
    if (row->timer_at > 0) {
        memset((uint8_t *)head + row->timer_at, 0, sizeof(rnsi_timer_t));
    }
    m->slots[slot] = (entry_t){true, keyed, number, head->gen, m->now, 0, 0, ++m->clock};
    uint32_t at = below(&m->dice, HANDLES);
    m->handles[at].slot = slot;
    m->handles[at].gen = head->gen;
    m->used++;
    m->peak = m->used > m->peak ? m->used : m->peak;
}

static uint32_t pick(model_t *m) {
    uint32_t start = below(&m->dice, m->count);
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->slots[(start + i) % m->count].taken) {
            return (start + i) % m->count;
        }
    }
    return RNSI_NONE;
}

static void do_expire(model_t *m) {
    uint32_t most = below(&m->dice, 5), gone = 0, order[SLOTS];
    m->dropped_count = 0;
    uint32_t told = rnsi_pool_expire(m->pool, m->now, most);
    for (uint8_t list = 0; list < RNSI_LISTS; list++) {
        while (gone < most && sorted(m, list, order) > 0 &&
               expiry(m, &m->slots[order[0]]) <= m->now) {
            model_drop(m, order[0], gone++);
        }
    }
    assert_int_equal(told, gone);
    assert_int_equal(m->dropped_count, gone);
}

static void do_age(model_t *m, uint32_t slot, void *element) {
    uint8_t list = (uint8_t)below(&m->dice, RNSI_LISTS);
    rnsi_pool_age(m->pool, element, list, m->now);
    m->slots[slot].list = list;
    m->slots[slot].touched = m->now;
    m->slots[slot].order = ++m->clock;
}

static void do_touch(model_t *m, uint32_t slot, void *element) {
    entry_t *e = &m->slots[slot];
    rnsi_pool_touch(m->pool, element, m->now);
    if (m->now - e->touched > life(m, e->list) / 64) {
        e->touched = m->now;
        e->order = ++m->clock;
    }
}

static void do_unpin(model_t *m, uint32_t slot, void *element) {
    entry_t *e = &m->slots[slot];
    if (e->pins == 0) {
        return;
    }
    rnsi_pool_unpin(m->pool, element, m->now);
    if (--e->pins == 0) {
        e->touched = m->now;
        e->order = ++m->clock;
    }
}

static void do_rekey(model_t *m, uint32_t slot, void *element) {
    uint8_t key[KEY_MOST];
    const uint32_t number = below(&m->dice, KEYS);
    if (rnsi_rows[m->id].key_size == 0 || holder(m, number) != RNSI_NONE) {
        return;
    }
    key_of(m, number, key);
    rnsi_pool_rekey(m->pool, element, key);
    m->slots[slot].keyed = true;
    m->slots[slot].key = number;
}

static void do_one(model_t *m, uint32_t what) {
    uint32_t slot = pick(m);
    if (slot == RNSI_NONE) {
        return;
    }
    void *element = rnsi_pool_at(m->pool, slot);
    if (what < 20) {
        rnsi_pool_give(m->pool, element);
        model_give(m, slot);
    } else if (what < 30) {
        do_age(m, slot, element);
    } else if (what < 40) {
        do_touch(m, slot, element);
    } else if (what < 46) {
        rnsi_pool_pin(m->pool, element);
        m->slots[slot].pins++;
    } else if (what < 48) {
        do_rekey(m, slot, element);
    } else {
        do_unpin(m, slot, element);
    }
}

static void check_lists(const model_t *m) {
    for (uint8_t list = 0; list < RNSI_LISTS; list++) {
        uint32_t order[SLOTS], n = sorted(m, list, order);
        void *element = rnsi_pool_oldest(m->pool, list);
        for (uint32_t i = 0; i < n; i++) {
            assert_ptr_equal(element, rnsi_pool_at(m->pool, order[i]));
            element = rnsi_pool_next(m->pool, element);
        }
        assert_null(element);
    }
    uint32_t first = next_culled(m);
    assert_ptr_equal(rnsi_pool_oldest(m->pool, RNSI_ALL),
                     first == RNSI_NONE ? NULL : rnsi_pool_at(m->pool, first));
}

static void check_index(const model_t *m) {
    uint32_t keyed = 0, cells = 0;
    for (uint32_t i = 0; i < m->pool->cell_count; i++) {
        cells += m->pool->cells[i].slot != 0;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        keyed += m->slots[i].taken && m->slots[i].keyed;
    }
    assert_int_equal(cells, keyed);
    for (uint32_t number = 0; number < KEYS && m->pool->cell_count > 0; number++) {
        uint8_t key[KEY_MOST];
        key_of(m, number, key);
        uint32_t slot = holder(m, number);
        assert_ptr_equal(rnsi_pool_find(m->pool, key),
                         slot == RNSI_NONE ? NULL : rnsi_pool_at(m->pool, slot));
    }
}

static void check_handles(const model_t *m) {
    for (uint32_t i = 0; i < HANDLES; i++) {
        uint32_t slot = m->handles[i].slot, gen = m->handles[i].gen;
        bool alive = gen != 0 && m->slots[slot].taken && m->slots[slot].gen == gen;
        assert_ptr_equal(rnsi_pool_get(m->pool, slot, gen),
                         alive ? rnsi_pool_at(m->pool, slot) : NULL);
    }
}

static void check_walk(model_t *m) {
    uint32_t cursor = 0, most = 1 + below(&m->dice, 5), seen = 0;
    while (cursor != RNSI_NONE) {
        uint32_t before = cursor;
        const void *element = rnsi_pool_walk(m->pool, &cursor, most);
        assert_true(cursor == RNSI_NONE || cursor - before <= most);
        if (element != NULL) {
            assert_true(m->slots[rnsi_pool_slot(m->pool, element)].taken);
            seen++;
        }
    }
    assert_int_equal(seen, m->used);
}

static void check(model_t *m) {
    assert_int_equal(m->pool->used, m->used);
    assert_int_equal(m->pool->peak, m->peak);
    assert_int_equal(m->pool->culled, m->culled);
    assert_int_equal(m->pool->rejected, m->rejected);
    assert_int_equal(m->pool->bump, m->bump);
    check_lists(m);
    check_index(m);
    check_handles(m);
    check_walk(m);
    for (uint32_t i = 0; i < m->count; i++) {
        const entry_t *e = &m->slots[i];
        if (e->taken) {
            bool old = e->pins == 0 && expiry(m, e) <= m->now;
            assert_int_equal(rnsi_pool_expired(m->pool, rnsi_pool_at(m->pool, i), m->now), old);
        }
    }
}

static void run_seed(rns_pool_t id, uint64_t seed) {
    static rnsi_drop_t drops[RNS_POOL_COUNT];
    model_t m = {.arena = arena_new(), .id = id, .dice = seed, .now = 1000};
    m.count = 1 + below(&m.dice, SLOTS);
    current = &m;
    drops[id] = on_drop;
    m.arena->own[id] = m.count;
    m.arena->memory.key[0] = seed;
    m.arena->memory.drop = drops;
    m.arena->memory.context = &m;
    arena_open(m.arena, RNS_PROFILE_TINY);
    m.pool = &m.arena->memory.pools[id];
    rns_us_t step = life(&m, 0) > 0 ? life(&m, 0) / 40 : 50;
    for (int i = 0; i < STEPS; i++) {
        uint32_t what = below(&m.dice, 100);
        if (below(&m.dice, 3) > 0) {
            m.now += (rns_us_t)(dice(&m.dice) % (uint64_t)step);
        }
        if (what < 52) {
            do_one(&m, what);
        } else if (what < 56) {
            do_expire(&m);
        } else {
            do_take(&m);
        }
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

static void a_culled_row_with_three_lifetimes_does_what_the_naive_one_does(void **state) {
    (void)state;
    run(RNS_POOL_PATH);
}

static void a_culled_row_without_lifetime_does_what_the_naive_one_does(void **state) {
    (void)state;
    run(RNS_POOL_KNOWN);
}

static void a_rejecting_row_does_what_the_naive_one_does(void **state) {
    (void)state;
    run(RNS_POOL_HELD); // a key of 20 bytes
}

static void a_timed_row_does_what_the_naive_one_does(void **state) {
    (void)state;
    run(RNS_POOL_RELAY);
}

static void a_row_with_long_keys_does_what_the_naive_one_does(void **state) {
    (void)state;
    run(RNS_POOL_TUNNEL); // 32 bytes
}

static void a_row_without_index_does_what_the_naive_one_does(void **state) {
    (void)state;
    run(RNS_POOL_INBOX_ASK);
}

// ---- single claims

static rnsi_pool_t *open_one(arena_t *arena, rns_pool_t id, uint32_t count) {
    arena->own[id] = count;
    arena_open(arena, RNS_PROFILE_TINY);
    return &arena->memory.pools[id];
}

static void a_row_without_slots_finds_nothing_and_rejects(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    rnsi_pool_t *pool = open_one(arena, RNS_POOL_PATH, RNS_COUNT_NONE);
    const uint8_t key[16] = {0};
    uint32_t cursor = 0;
    assert_null(rnsi_pool_find(pool, key));
    assert_null(rnsi_pool_take(pool, 1, key));
    assert_null(rnsi_pool_take(pool, 1, NULL));
    assert_int_equal(pool->rejected, 2);
    assert_null(rnsi_pool_oldest(pool, RNSI_ALL));
    assert_int_equal(rnsi_pool_expire(pool, 1, 10), 0);
    assert_null(rnsi_pool_get(pool, 0, 1));
    assert_null(rnsi_pool_walk(pool, &cursor, 1));
    assert_int_equal(cursor, RNSI_NONE);
    arena_free(arena);
}

static void a_row_full_of_pinned_slots_rejects(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    rnsi_pool_t *pool = open_one(arena, RNS_POOL_PATH, 2);
    const uint8_t a[16] = {1}, b[16] = {2}, c[16] = {3};
    void *first = rnsi_pool_take(pool, 1, a);
    rnsi_pool_pin(pool, first);
    rnsi_pool_pin(pool, rnsi_pool_take(pool, 2, b));
    assert_null(rnsi_pool_take(pool, 3, c));
    assert_int_equal(pool->rejected, 1);
    assert_int_equal(pool->culled, 0);
    rnsi_pool_unpin(pool, first, 4);
    assert_ptr_equal(rnsi_pool_take(pool, 5, c), first);
    assert_null(rnsi_pool_find(pool, a));
    assert_non_null(rnsi_pool_find(pool, b));
    assert_int_equal(pool->culled, 1);
    arena_free(arena);
}

static void the_cull_takes_the_nearest_to_expiry_not_the_oldest(void **state) {
    (void)state;
    const rns_us_t hour = 3600000000;
    arena_t *arena = arena_new();
    rnsi_pool_t *pool = open_one(arena, RNS_POOL_PATH, 2);
    const uint8_t week[16] = {1}, roaming[16] = {2}, third[16] = {3};
    rnsi_pool_take(pool, 0, week);                                     // 7 days
    rnsi_pool_age(pool, rnsi_pool_take(pool, hour, roaming), 2, hour); // 6 hours
    rnsi_pool_take(pool, 2 * hour, third);
    assert_non_null(rnsi_pool_find(pool, week));
    assert_null(rnsi_pool_find(pool, roaming));
    arena_free(arena);
}

static void an_entry_expires_with_its_last_microsecond(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    rnsi_pool_t *pool = open_one(arena, RNS_POOL_REVERSE, 2);
    const uint8_t key[16] = {1};
    const void *element = rnsi_pool_take(pool, 5, key);
    assert_false(rnsi_pool_expired(pool, element, 480000004));
    assert_int_equal(rnsi_pool_expire(pool, 480000004, 9), 0);
    assert_true(rnsi_pool_expired(pool, element, 480000005));
    assert_int_equal(rnsi_pool_expire(pool, 480000005, 9), 1);
    assert_null(rnsi_pool_find(pool, key));
    arena_free(arena);
}

static void a_touch_moves_only_what_is_older_than_a_64th_of_its_life(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    rnsi_pool_t *pool = open_one(arena, RNS_POOL_REVERSE, 2); // 480 s: 7.5 s
    const uint8_t a[16] = {1}, b[16] = {2};
    void *first = rnsi_pool_take(pool, 0, a);
    rnsi_pool_take(pool, 0, b);
    rnsi_pool_touch(pool, first, 7500000);
    assert_ptr_equal(rnsi_pool_oldest(pool, 0), first);
    rnsi_pool_touch(pool, first, 7500001);
    assert_ptr_not_equal(rnsi_pool_oldest(pool, 0), first);
    arena_free(arena);
}

static void a_handle_is_gone_after_give_and_reuse(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    rnsi_pool_t *pool = open_one(arena, RNS_POOL_FRAME, 1);
    struct rnsi_frame *frame = rnsi_pool_take(pool, 1, NULL);
    uint32_t gen = frame->head.slot.gen;
    assert_int_equal(gen, 1);
    assert_ptr_equal(rnsi_pool_get(pool, 0, gen), frame);
    rnsi_pool_give(pool, frame);
    assert_null(rnsi_pool_get(pool, 0, gen));
    assert_null(rnsi_pool_get(pool, 0, gen + 1));
    assert_ptr_equal(rnsi_pool_take(pool, 2, NULL), frame);
    assert_null(rnsi_pool_get(pool, 0, gen));
    assert_ptr_equal(rnsi_pool_get(pool, 0, gen + 2), frame);
    assert_null(rnsi_pool_get(pool, 0, 0));
    assert_null(rnsi_pool_get(pool, 1, 1));
    assert_null(rnsi_pool_get(pool, UINT32_MAX, 1));
    arena_free(arena);
}

static void the_bytes_of_a_frame_are_not_zeroed(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    rnsi_pool_t *pool = open_one(arena, RNS_POOL_FRAME, 1);
    const struct rnsi_frame *frame = rnsi_pool_take(pool, 1, NULL);
    assert_int_equal(frame->head.size, 0);
    assert_int_equal(frame->head.refs, 0);
    assert_int_equal(frame->data[0], PATTERN);
    assert_int_equal(frame->data[567], PATTERN);
    arena_free(arena);
}

static void giving_a_pinned_and_timed_element_cleans_up_all(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    rnsi_pool_t *pool = open_one(arena, RNS_POOL_RELAY, 2);
    const uint8_t key[16] = {1};
    void *relay = rnsi_pool_take(pool, 1, key);
    rnsi_timer_set(pool, relay, 50);
    rnsi_pool_pin(pool, relay);
    rnsi_pool_give(pool, relay);
    assert_int_equal(rnsi_timers_next(&arena->memory), RNS_NEVER);
    assert_null(rnsi_pool_find(pool, key));
    assert_null(rnsi_pool_oldest(pool, RNSI_ALL));
    assert_int_equal(pool->used, 0);
    arena_free(arena);
}

static void counters_stop_at_their_end(void **state) {
    (void)state;
    arena_t *arena = arena_new();
    rnsi_pool_t *pool = open_one(arena, RNS_POOL_FRAME, RNS_COUNT_NONE);
    pool->rejected = UINT32_MAX - 1;
    rnsi_pool_take(pool, 1, NULL);
    rnsi_pool_take(pool, 1, NULL);
    assert_int_equal(pool->rejected, UINT32_MAX);
    arena_free(arena);
}

// ---- hostile keys

#define CROWD 400U

// The longest run of taken cells: what the dearest lookup costs.
static uint32_t longest_run(const rnsi_pool_t *pool) {
    uint32_t longest = 0, run = 0;
    for (uint32_t i = 0; i < 2 * pool->cell_count; i++) {
        run = pool->cells[i % pool->cell_count].slot != 0 ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

// Keys that all have one home under the key that the attacker thinks of.
static void crowd_keys(const uint64_t guess[2], uint32_t cells, uint8_t keys[CROWD][16]) {
    uint32_t n = 0;
    for (uint64_t number = 1; n < CROWD; number++) {
        uint8_t key[16] = {0};
        memcpy(key, &number, sizeof number);
        uint32_t tag = (uint32_t)rnsi_keyed_hash(guess, key, 16);
        if ((uint64_t)tag * cells >> 32 == 11) {
            memcpy(keys[n++], key, 16);
        }
    }
}

static uint32_t run_crowd(uint64_t secret0, uint64_t secret1) {
    static uint8_t keys[CROWD][16];
    const uint64_t guess[2] = {1, 2};
    arena_t *arena = arena_new();
    arena->memory.key[0] = secret0;
    arena->memory.key[1] = secret1;
    rnsi_pool_t *pool = open_one(arena, RNS_POOL_KNOWN, CROWD);
    crowd_keys(guess, 2 * CROWD, keys);
    for (uint32_t i = 0; i < CROWD; i++) {
        assert_non_null(rnsi_pool_take(pool, i, keys[i]));
    }
    uint32_t longest = longest_run(pool);
    // Right in any case: every second one goes, from the middle of the crowd too.
    for (uint32_t i = 0; i < CROWD; i += 2) {
        rnsi_pool_give(pool, rnsi_pool_find(pool, keys[i]));
    }
    for (uint32_t i = 0; i < CROWD; i++) {
        const struct rnsi_known *known = rnsi_pool_find(pool, keys[i]);
        assert_int_equal(known != NULL, i % 2);
        assert_true(known == NULL || memcmp(known->hash, keys[i], 16) == 0);
    }
    arena_free(arena);
    return longest;
}

static void keys_chosen_to_meet_do_not_meet_without_the_secret(void **state) {
    (void)state;
    assert_int_equal(run_crowd(1, 2), CROWD); // the secret is known: one long run
    assert_true(run_crowd(0x5eed, 0xbeef) < 60);
    assert_true(run_crowd(1, 3) < 60);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_culled_row_with_three_lifetimes_does_what_the_naive_one_does),
        cmocka_unit_test(a_culled_row_without_lifetime_does_what_the_naive_one_does),
        cmocka_unit_test(a_rejecting_row_does_what_the_naive_one_does),
        cmocka_unit_test(a_timed_row_does_what_the_naive_one_does),
        cmocka_unit_test(a_row_with_long_keys_does_what_the_naive_one_does),
        cmocka_unit_test(a_row_without_index_does_what_the_naive_one_does),
        cmocka_unit_test(a_row_without_slots_finds_nothing_and_rejects),
        cmocka_unit_test(a_row_full_of_pinned_slots_rejects),
        cmocka_unit_test(the_cull_takes_the_nearest_to_expiry_not_the_oldest),
        cmocka_unit_test(an_entry_expires_with_its_last_microsecond),
        cmocka_unit_test(a_touch_moves_only_what_is_older_than_a_64th_of_its_life),
        cmocka_unit_test(a_handle_is_gone_after_give_and_reuse),
        cmocka_unit_test(the_bytes_of_a_frame_are_not_zeroed),
        cmocka_unit_test(giving_a_pinned_and_timed_element_cleans_up_all),
        cmocka_unit_test(counters_stop_at_their_end),
        cmocka_unit_test(keys_chosen_to_meet_do_not_meet_without_the_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
