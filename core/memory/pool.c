#include "memory/pool.h"

#include <string.h>

#include "memory/index.h"
#include "memory/layout.h"
#include "memory/timer.h"

#define TOUCH_PART 64 // of a lifetime: a younger stamp is left as it is

static rnsi_slot_t *head_of(void *element) {
    return element;
}

static const rnsi_row_t *row_of(const rnsi_pool_t *pool) {
    return &rnsi_rows[pool->id];
}

static rnsi_slot_t *slot_at(const rnsi_pool_t *pool, uint32_t slot) {
    return (rnsi_slot_t *)(void *)(pool->slots + (size_t)slot * row_of(pool)->size);
}

void *rnsi_pool_at(const rnsi_pool_t *pool, uint32_t slot) {
    return slot_at(pool, slot);
}

uint32_t rnsi_pool_slot(const rnsi_pool_t *pool, const void *element) {
    const rnsi_row_t *row = row_of(pool);
    size_t offset = (size_t)((const uint8_t *)element - pool->slots);
    return (uint32_t)(offset >> row->shift) * row->inverse;
}

void *rnsi_pool_get(const rnsi_pool_t *pool, uint32_t slot, uint32_t gen) {
    if (slot >= pool->bump || gen % 2 == 0) {
        return NULL;
    }
    rnsi_slot_t *head = slot_at(pool, slot);
    return head->gen == gen ? head : NULL;
}

static void count_up(uint32_t *counter) {
    *counter += *counter < UINT32_MAX;
}

// ---- index

static rnsi_index_t index_of(const rnsi_pool_t *pool) {
    return (rnsi_index_t){pool->cells, pool->cell_count, 0};
}

static uint64_t print_of(const rnsi_pool_t *pool, const void *key) {
    return rnsi_keyed_hash(pool->memory->key, key, row_of(pool)->key_size);
}

uint64_t rnsi_print_of(const rnsi_memory_t *memory, const void *key, size_t size) {
    return rnsi_keyed_hash(memory->key, key, size);
}

void rnsi_pool_prefetch(const rnsi_pool_t *pool, uint64_t print) {
    if (pool->cell_count > 0) {
        const rnsi_index_t index = index_of(pool);
        rnsi_index_prefetch(&index, (uint32_t)print);
    }
}

void *rnsi_pool_find(const rnsi_pool_t *pool, const void *key) {
    return pool->cell_count == 0 ? NULL : rnsi_pool_find_print(pool, key, print_of(pool, key));
}

void *rnsi_pool_find_print(const rnsi_pool_t *pool, const void *key, uint64_t print) {
    if (pool->cell_count == 0) {
        return NULL;
    }
    const rnsi_row_t *row = row_of(pool);
    rnsi_index_t index = index_of(pool);
    uint32_t tag = (uint32_t)print;
    for (uint32_t at = rnsi_index_home(&index, tag); rnsi_index_taken(&index, at);
         at = rnsi_index_next(&index, at)) {
        if (index.cells[at].tag == tag) {
            rnsi_slot_t *head = slot_at(pool, index.cells[at].slot - 1);
            if (memcmp((uint8_t *)head + row->key_at, key, row->key_size) == 0) {
                return head;
            }
        }
    }
    return NULL;
}

static void enter(rnsi_pool_t *pool, rnsi_slot_t *head, const void *key, uint64_t print) {
    const rnsi_row_t *row = row_of(pool);
    rnsi_index_t index = index_of(pool);
    memcpy((uint8_t *)head + row->key_at, key, row->key_size);
    rnsi_index_put(&index, (uint32_t)print, rnsi_pool_slot(pool, head) + 1);
}

// An element that was taken under no key is not found, and nothing happens.
static void leave(rnsi_pool_t *pool, const rnsi_slot_t *head) {
    if (pool->cell_count == 0) {
        return;
    }
    rnsi_index_t index = index_of(pool);
    uint32_t cell_slot = rnsi_pool_slot(pool, head) + 1;
    const bool is_victim = pool->victim == cell_slot - 1;
    uint32_t tag =
        (uint32_t)(is_victim ? pool->victim_print
                             : print_of(pool, (const uint8_t *)head + row_of(pool)->key_at));
    for (uint32_t at = rnsi_index_home(&index, tag); rnsi_index_taken(&index, at);
         at = rnsi_index_next(&index, at)) {
        if (index.cells[at].slot == cell_slot) {
            rnsi_index_erase(&index, at);
            return;
        }
    }
}

void rnsi_pool_rekey(rnsi_pool_t *pool, void *element, const void *key) {
    leave(pool, element);
    if (pool->victim == rnsi_pool_slot(pool, element)) {
        pool->victim = RNSI_NONE; // its print was that of the old key
    }
    enter(pool, element, key, print_of(pool, key));
}

// ---- age lists

static void link_youngest(rnsi_pool_t *pool, rnsi_slot_t *head) {
    if (!row_of(pool)->ages) {
        return;
    }
    uint32_t slot = rnsi_pool_slot(pool, head);
    uint32_t *oldest = &pool->age[head->list].oldest;
    uint32_t *youngest = &pool->age[head->list].youngest;
    head->older = *youngest;
    head->younger = RNSI_NONE;
    *(*youngest == RNSI_NONE ? oldest : &slot_at(pool, *youngest)->younger) = slot;
    *youngest = slot;
}

static void unlink_age(rnsi_pool_t *pool, const rnsi_slot_t *head) {
    if (!row_of(pool)->ages) {
        return;
    }
    uint32_t *oldest = &pool->age[head->list].oldest;
    uint32_t *youngest = &pool->age[head->list].youngest;
    *(head->older == RNSI_NONE ? oldest : &slot_at(pool, head->older)->younger) = head->younger;
    *(head->younger == RNSI_NONE ? youngest : &slot_at(pool, head->younger)->older) = head->older;
}

void rnsi_pool_age(rnsi_pool_t *pool, void *element, uint8_t list, rns_us_t now) {
    rnsi_slot_t *head = head_of(element);
    head->touched = now;
    if (head->pins > 0) {
        head->list = list;
        return;
    }
    unlink_age(pool, head);
    head->list = list;
    link_youngest(pool, head);
}

void rnsi_pool_touch(rnsi_pool_t *pool, void *element, rns_us_t now) {
    rnsi_slot_t *head = head_of(element);
    if (now - head->touched > rnsi_life(pool->id, head->list) / TOUCH_PART) {
        rnsi_pool_age(pool, element, head->list, now);
    }
}

void rnsi_pool_pin(rnsi_pool_t *pool, void *element) {
    rnsi_slot_t *head = head_of(element);
    if (head->pins == 0) {
        unlink_age(pool, head);
    }
    head->pins++;
}

void rnsi_pool_unpin(rnsi_pool_t *pool, void *element, rns_us_t now) {
    rnsi_slot_t *head = head_of(element);
    head->pins--;
    if (head->pins == 0) {
        head->touched = now;
        link_youngest(pool, head);
    }
}

bool rnsi_pool_expired(const rnsi_pool_t *pool, const void *element, rns_us_t now) {
    const rnsi_slot_t *head = element;
    rns_us_t life = rnsi_life(pool->id, head->list);
    return head->pins == 0 && life > 0 && now - head->touched >= life;
}

static rns_us_t expiry(const rnsi_pool_t *pool, const rnsi_slot_t *head) {
    rns_us_t life = rnsi_life(pool->id, head->list);
    return life > 0 && head->touched < RNS_NEVER - life ? head->touched + life : RNS_NEVER;
}

// Of two oldest ones: whether the first should go before the second.
static bool goes_first(const rnsi_pool_t *pool, const rnsi_slot_t *a, const rnsi_slot_t *b) {
    rns_us_t a_expiry = expiry(pool, a), b_expiry = expiry(pool, b);
    return a_expiry == b_expiry ? a->touched < b->touched : a_expiry < b_expiry;
}

void *rnsi_pool_oldest(const rnsi_pool_t *pool, uint8_t list) {
    rnsi_slot_t *best = NULL;
    for (uint8_t i = 0; i < RNSI_LISTS; i++) {
        if ((list != i && list != RNSI_ALL) || pool->age[i].oldest == RNSI_NONE) {
            continue;
        }
        rnsi_slot_t *head = slot_at(pool, pool->age[i].oldest);
        if (best == NULL || goes_first(pool, head, best)) {
            best = head;
        }
    }
    return best;
}

void *rnsi_pool_next(const rnsi_pool_t *pool, const void *element) {
    const rnsi_slot_t *head = element;
    return head->pins > 0 || head->younger == RNSI_NONE ? NULL : slot_at(pool, head->younger);
}

// ---- take and give

static rnsi_slot_t *take_free(rnsi_pool_t *pool) {
    if (pool->free_oldest != RNSI_NONE) {
        rnsi_slot_t *head = slot_at(pool, pool->free_oldest);
        pool->free_oldest = head->younger;
        if (pool->free_oldest == RNSI_NONE) {
            pool->free_youngest = RNSI_NONE;
        }
        return head;
    }
    if (pool->bump == pool->count) {
        return NULL;
    }
    rnsi_slot_t *head = slot_at(pool, pool->bump++);
    head->gen = 0; // memory that was never used may hold anything
    return head;
}

static void drop(rnsi_pool_t *pool, rnsi_slot_t *head) {
    rnsi_memory_t *memory = pool->memory;
    if (memory->drop != NULL && memory->drop[pool->id] != NULL) {
        memory->drop[pool->id](memory->context, head);
    }
    rnsi_pool_give(pool, head);
}

// A full cache loses one slot for each that it takes: the place of the next one in the index is
// brought near meanwhile.
static void prefetch_victim(rnsi_pool_t *pool) {
    const rnsi_slot_t *head = rnsi_pool_oldest(pool, RNSI_ALL);
    if (head != NULL && pool->cell_count > 0) {
        pool->victim = rnsi_pool_slot(pool, head);
        pool->victim_print = print_of(pool, (const uint8_t *)head + row_of(pool)->key_at);
        rnsi_pool_prefetch(pool, pool->victim_print);
    }
}

static bool cull(rnsi_pool_t *pool) {
    rnsi_slot_t *head = rnsi_pool_oldest(pool, RNSI_ALL);
    if (row_of(pool)->full != RNS_FULL_CULL || head == NULL) {
        return false;
    }
    drop(pool, head);
    count_up(&pool->culled);
    prefetch_victim(pool);
    return true;
}

void *rnsi_pool_take(rnsi_pool_t *pool, rns_us_t now, const void *key) {
    return rnsi_pool_take_print(pool, now, key, key != NULL ? print_of(pool, key) : 0);
}

void *rnsi_pool_take_print(rnsi_pool_t *pool, rns_us_t now, const void *key, uint64_t print) {
    rnsi_slot_t *head = take_free(pool);
    if (head == NULL && cull(pool)) {
        head = take_free(pool);
    }
    if (head == NULL) {
        count_up(&pool->rejected);
        return NULL;
    }
    uint32_t gen = head->gen + 1;
    memset(head, 0, row_of(pool)->clear);
    head->gen = gen;
    head->touched = now;
    link_youngest(pool, head);
    if (key != NULL) {
        enter(pool, head, key, print);
    }
    pool->used++;
    pool->peak = pool->used > pool->peak ? pool->used : pool->peak;
    return head;
}

void rnsi_pool_give(rnsi_pool_t *pool, void *element) {
    rnsi_slot_t *head = head_of(element);
    uint32_t slot = rnsi_pool_slot(pool, head);
    if (row_of(pool)->timer_at != 0) {
        rnsi_timer_cancel(pool, element);
    }
    leave(pool, head);
    if (pool->victim == slot) {
        pool->victim = RNSI_NONE; // it will have another key
    }
    if (head->pins == 0) {
        unlink_age(pool, head);
    }
    head->gen++;
    head->pins = 0;
    head->list = RNSI_UNLISTED;
    head->younger = RNSI_NONE;
    if (pool->free_youngest == RNSI_NONE) {
        pool->free_oldest = slot;
    } else {
        slot_at(pool, pool->free_youngest)->younger = slot;
    }
    pool->free_youngest = slot;
    pool->used--;
}

uint32_t rnsi_pool_expire(rnsi_pool_t *pool, rns_us_t now, uint32_t most) {
    uint32_t gone = 0;
    for (uint8_t list = 0; list < RNSI_LISTS; list++) {
        while (gone < most) {
            rnsi_slot_t *head = rnsi_pool_oldest(pool, list);
            if (head == NULL || !rnsi_pool_expired(pool, head, now)) {
                break;
            }
            drop(pool, head);
            gone++;
        }
    }
    return gone;
}

void *rnsi_pool_walk(const rnsi_pool_t *pool, uint32_t *cursor, uint32_t most) {
    for (; *cursor < pool->bump && most > 0; most--) {
        rnsi_slot_t *head = slot_at(pool, (*cursor)++);
        if (head->gen % 2 == 1) {
            return head;
        }
    }
    if (*cursor >= pool->bump) {
        *cursor = RNSI_NONE;
    }
    return NULL;
}
