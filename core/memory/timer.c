#include "memory/timer.h"

#include "memory/layout.h"

static rnsi_deadline_t *entry(const rnsi_timers_t *timers, uint32_t at) {
    return at < timers->split ? &timers->heap[RNS_REGION_FAST][at]
                              : &timers->heap[RNS_REGION_BULK][at - timers->split];
}

static rnsi_timer_t *timer_of(const rnsi_pool_t *pool, void *element) {
    return (rnsi_timer_t *)(void *)((uint8_t *)element + rnsi_rows[pool->id].timer_at);
}

static void put(struct rnsi_memory *memory, uint32_t at, rnsi_deadline_t deadline) {
    rnsi_pool_t *pool = &memory->pools[deadline.pool];
    *entry(&memory->timers, at) = deadline;
    *timer_of(pool, rnsi_pool_at(pool, deadline.slot)) = at + 1;
}

// Puts a deadline where it belongs, from a free place of the heap upwards or downwards.
static void settle(struct rnsi_memory *memory, uint32_t at, rnsi_deadline_t deadline) {
    rnsi_timers_t *timers = &memory->timers;
    while (at > 0 && entry(timers, (at - 1) / 2)->due > deadline.due) {
        put(memory, at, *entry(timers, (at - 1) / 2));
        at = (at - 1) / 2;
    }
    while (timers->count / 2 > at) {
        uint32_t child = 2 * at + 1;
        if (child + 1 < timers->count &&
            entry(timers, child + 1)->due < entry(timers, child)->due) {
            child++;
        }
        if (entry(timers, child)->due >= deadline.due) {
            break;
        }
        put(memory, at, *entry(timers, child));
        at = child;
    }
    put(memory, at, deadline);
}

void rnsi_timer_set(rnsi_pool_t *pool, void *element, rns_us_t due) {
    if (due == RNS_NEVER) {
        rnsi_timer_cancel(pool, element);
        return;
    }
    rnsi_timer_t place = *timer_of(pool, element);
    uint32_t at = place > 0 ? place - 1 : pool->memory->timers.count++;
    settle(pool->memory, at, (rnsi_deadline_t){due, pool->id, rnsi_pool_slot(pool, element)});
}

void rnsi_timer_cancel(rnsi_pool_t *pool, void *element) {
    rnsi_timers_t *timers = &pool->memory->timers;
    rnsi_timer_t *timer = timer_of(pool, element);
    if (*timer == 0) {
        return;
    }
    uint32_t at = *timer - 1;
    *timer = 0;
    timers->count--;
    if (at != timers->count) {
        settle(pool->memory, at, *entry(timers, timers->count));
    }
}

rns_us_t rnsi_timer_due(const rnsi_pool_t *pool, const void *element) {
    const uint8_t *start = element;
    rnsi_timer_t place =
        *(const rnsi_timer_t *)(const void *)(start + rnsi_rows[pool->id].timer_at);
    return place > 0 ? entry(&pool->memory->timers, place - 1)->due : RNS_NEVER;
}

rns_us_t rnsi_timers_next(const struct rnsi_memory *memory) {
    return memory->timers.count > 0 ? entry(&memory->timers, 0)->due : RNS_NEVER;
}

void *rnsi_timers_pop(struct rnsi_memory *memory, rns_us_t now, rns_pool_t *pool) {
    if (rnsi_timers_next(memory) > now || memory->timers.count == 0) {
        return NULL;
    }
    rnsi_deadline_t first = *entry(&memory->timers, 0);
    void *element = rnsi_pool_at(&memory->pools[first.pool], first.slot);
    rnsi_timer_cancel(&memory->pools[first.pool], element);
    *pool = (rns_pool_t)first.pool;
    return element;
}
