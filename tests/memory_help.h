// memory_help.h -- what the tests of core/memory/ share: memory with chosen rows, and dice.
#ifndef MEMORY_HELP_H_INCLUDED
#define MEMORY_HELP_H_INCLUDED

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "memory/elements.h"
#include "memory/index.h"
#include "memory/layout.h"

#define PATTERN 0xA5

typedef struct {
    rnsi_memory_t memory;
    uint32_t own[RNS_POOL_COUNT];
    rns_mem_t mem[RNS_REGION_COUNT];
} arena_t;

// No row at all, until the test sets own[].
static inline arena_t *arena_new(void) {
    arena_t *arena = test_calloc(1, sizeof *arena);
    for (int i = 0; i < RNS_POOL_COUNT; i++) {
        arena->own[i] = RNS_COUNT_NONE;
    }
    arena->memory.key[0] = 0x0123456789abcdefU;
    arena->memory.key[1] = 0xfedcba9876543210U;
    return arena;
}

// Memory that was used before: filled with a pattern.
static inline void arena_open(arena_t *arena, rns_profile_t profile) {
    const bool zeroed[RNS_REGION_COUNT] = {false, false};
    size_t need[RNS_REGION_COUNT];
    rnsi_layout_need(profile, arena->own, need);
    for (int region = 0; region < RNS_REGION_COUNT; region++) {
        arena->mem[region].size = need[region];
        arena->mem[region].data = test_malloc(need[region] + 1);
        memset(arena->mem[region].data, PATTERN, need[region]);
    }
    rnsi_layout_open(&arena->memory, profile, arena->own, arena->mem, zeroed);
}

static inline void arena_free(arena_t *arena) {
    for (int region = 0; region < RNS_REGION_COUNT; region++) {
        if (arena->mem[region].data != NULL) {
            test_free(arena->mem[region].data);
        }
    }
    test_free(arena);
}

static inline uint64_t dice(uint64_t *state) { // SplitMix64
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

static inline uint32_t below(uint64_t *state, uint32_t limit) {
    return (uint32_t)(dice(state) % limit);
}

#endif
