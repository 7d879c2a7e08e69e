// timer.h -- near deadlines: one binary heap over elements of all timed rows. An element knows its
// place in the heap, so setting and cancelling are O(log n) and each element has one deadline. The
// heap's first entries, the near deadlines, stand in FAST, as many as the timed rows of FAST pay
// for; the rest stands in BULK.
#ifndef RNSI_TIMER_H_INCLUDED
#define RNSI_TIMER_H_INCLUDED

#include "pool.h"

typedef uint32_t rnsi_timer_t; // in an element: its place in the heap + 1; 0: not set

typedef struct {
    rns_us_t due;
    uint32_t pool, slot;
} rnsi_deadline_t;

typedef struct {
    rnsi_deadline_t *heap[RNS_REGION_COUNT];
    uint32_t split; // entries of the first part
    uint32_t count; // there is room for all slots of all timed rows: it cannot be full
} rnsi_timers_t;

void rnsi_timer_set(rnsi_pool_t *pool, void *element, rns_us_t due); // replaces; NEVER: cancels
void rnsi_timer_cancel(rnsi_pool_t *pool, void *element);
rns_us_t rnsi_timer_due(const rnsi_pool_t *pool, const void *element); // RNS_NEVER: not set
rns_us_t rnsi_timers_next(const struct rnsi_memory *memory);           // RNS_NEVER: none
// Takes the earliest deadline that is due off the heap. NULL: none.
void *rnsi_timers_pop(struct rnsi_memory *memory, rns_us_t now, rns_pool_t *pool);

#endif
