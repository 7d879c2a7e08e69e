// pool.h -- the one container of the stack: slots of one size in lent memory, found by key through
// a keyed index, aged in lists, counted. Every operation is O(1); nothing is found by scanning.
//
// A pool reuses given slots oldest first and bumps on to a fresh one only when none was given back,
// so memory that was never needed is never touched. A full pool of policy CULL makes room by
// dropping the slot nearest to its expiry that is not pinned; one of policy REJECT has no room.
#ifndef RNSI_POOL_H_INCLUDED
#define RNSI_POOL_H_INCLUDED

#include "rns/memory.h"

#define RNSI_NONE     UINT32_MAX // no slot
#define RNSI_LISTS    3U         // age lists of a pool, one a lifetime
#define RNSI_UNLISTED 0xFFU
#define RNSI_ALL      0xFFU // for rnsi_pool_oldest: of all lists

// Head of every element.
typedef struct {
    uint32_t gen;     // odd while the slot is taken
    uint32_t older;   // neighbours in the age list
    uint32_t younger; // while the slot is free: the next free one
    uint16_t pins;    // a pinned slot stands in no age list and is neither culled nor expired
    uint8_t list;     // its age list (of a pinned one: where it goes again); free: RNSI_UNLISTED
    uint8_t flags;    // the element's own
    rns_us_t touched; // when it was last taken or touched
} rnsi_slot_t;

// A cell of an index (index.h). Zero means empty; slot is one more than the slot's number.
typedef struct {
    uint32_t tag, slot;
} rnsi_cell_t;

// What of a row is fixed at compile time.
typedef struct {
    uint32_t size;             // bytes of an element
    uint32_t clear;            // bytes that are zeroed when it is taken
    uint32_t inverse;          // of the odd part of size, modulo 2^32
    uint16_t key_at, key_size; // where its key stands; size 0: no index
    uint16_t timer_at;         // where its rnsi_timer_t stands; 0: none
    uint8_t shift;             // size is a multiple of 1 << shift and no higher power
    uint8_t region, per, full; // rns_region_t, rns_per_t, rns_full_t
    bool ages;                 // its slots stand in age lists
    uint32_t count[RNS_PROFILE_COUNT];
} rnsi_row_t;

extern const rnsi_row_t rnsi_rows[RNS_POOL_COUNT];
// What a row is called, and a line for people; apart, so that a firmware that prints no statistics
// has no texts (texts.c).
typedef struct {
    const char *name, *what;
} rnsi_text_t;

extern const rnsi_text_t rnsi_texts[RNS_POOL_COUNT];

extern const uint32_t rnsi_lives_s[RNS_POOL_COUNT][RNSI_LISTS];

// Lifetime of an entry in an age list; 0: it does not expire.
static inline rns_us_t rnsi_life(rns_pool_t pool, uint32_t list) {
    return (rns_us_t)rnsi_lives_s[pool][list] * 1000000;
}

struct rnsi_memory;

typedef struct {
    struct rnsi_memory *memory; // what it belongs to
    uint8_t *slots;
    rnsi_cell_t *cells; // NULL: no index
    uint32_t cell_count;
    uint32_t count, used, peak, bump;
    uint32_t free_oldest, free_youngest;
    struct {
        uint32_t oldest, youngest;
    } age[RNSI_LISTS];
    uint32_t victim; // the next slot to be culled, when its keyed hash is known; or RNSI_NONE
    uint64_t victim_print;
    uint32_t culled, rejected; // they stop at UINT32_MAX
    uint32_t id;               // rns_pool_t
} rnsi_pool_t;

// Called before a slot is culled or expired: releases what hangs on it; must not give the slot
// itself, nor take one of the same pool.
typedef void (*rnsi_drop_t)(void *context, void *element);

// Takes a slot, zeroed behind its head (of frames only what stands before their data), youngest in
// age list 0, under the key (NULL: under none), which is copied to where the element keeps it. A
// key that stands there already is the caller's mistake. NULL: full, counted.
void *rnsi_pool_take(rnsi_pool_t *pool, rns_us_t now, const void *key);
// Gives a slot back: out of index, age list and timer heap; stale handles see it gone. The drop
// callback is not called.
void rnsi_pool_give(rnsi_pool_t *pool, void *element);
// Puts a taken slot under another key, or under one if it had none.
void rnsi_pool_rekey(rnsi_pool_t *pool, void *element, const void *key);
// NULL: no such key.
void *rnsi_pool_find(const rnsi_pool_t *pool, const void *key);

// For who looks a key up in several places: its keyed hash is taken once (rnsi_print_of) and is the
// same for pools and sets whose keys are of that size.
uint64_t rnsi_print_of(const struct rnsi_memory *memory, const void *key, size_t size);
void *rnsi_pool_take_print(rnsi_pool_t *pool, rns_us_t now, const void *key, uint64_t print);
void *rnsi_pool_find_print(const rnsi_pool_t *pool, const void *key, uint64_t print);
// Such a key will be looked up soon: has its place in the index brought near.
void rnsi_pool_prefetch(const rnsi_pool_t *pool, uint64_t print);

// NULL: not taken, or another generation.
void *rnsi_pool_get(const rnsi_pool_t *pool, uint32_t slot, uint32_t gen);
// The element in a slot that is known to be taken.
void *rnsi_pool_at(const rnsi_pool_t *pool, uint32_t slot);
uint32_t rnsi_pool_slot(const rnsi_pool_t *pool, const void *element);

// Moves an element to the young end of a list (which may be another than it stood in) and stamps
// it. A pinned one goes there when it is unpinned.
void rnsi_pool_age(rnsi_pool_t *pool, void *element, uint8_t list, rns_us_t now);
// The same within its list, but only when its stamp is older than 1/64 of the list's lifetime.
void rnsi_pool_touch(rnsi_pool_t *pool, void *element, rns_us_t now);
// Its stamp is a lifetime old; never so of a pinned one, or in a list without a lifetime.
bool rnsi_pool_expired(const rnsi_pool_t *pool, const void *element, rns_us_t now);
// Drops and gives at most `most` expired slots, from the old ends; returns how many.
uint32_t rnsi_pool_expire(rnsi_pool_t *pool, rns_us_t now, uint32_t most);
// The oldest element of a list, or of RNSI_ALL the one nearest to its expiry, where lists without a
// lifetime come last and by age; NULL: none.
void *rnsi_pool_oldest(const rnsi_pool_t *pool, uint8_t list);
void *rnsi_pool_next(const rnsi_pool_t *pool, const void *element); // the next younger of its list

// Pins are counted. The last unpin stamps the element and puts it at the young end of its list.
void rnsi_pool_pin(rnsi_pool_t *pool, void *element);
void rnsi_pool_unpin(rnsi_pool_t *pool, void *element, rns_us_t now);

// The first taken slot from *cursor on, at most `most` slots further; *cursor moves behind it. NULL
// and *cursor at RNSI_NONE: the end. For the few things that look at all: lists for people, saving.
void *rnsi_pool_walk(const rnsi_pool_t *pool, uint32_t *cursor, uint32_t most);

#endif
