#include "memory/layout.h"

#include <string.h>

#include "memory/index.h"

_Static_assert(RNS_POOL_NODE == 0, "the node stands at the start of FAST");

bool rnsi_row_is_array(rns_pool_t id) {
    return id == RNS_POOL_NODE || id == RNS_POOL_CRYPTO || id == RNS_POOL_SEEN ||
           id == RNS_POOL_SEEN_PRINT || id == RNS_POOL_ASK_TAG;
}

uint32_t rnsi_layout_count(rns_profile_t profile, const uint32_t own[RNS_POOL_COUNT],
                           rns_pool_t id) {
    uint32_t count = own != NULL && id != RNS_POOL_NODE ? own[id] : 0;
    if (count == RNS_COUNT_NONE) {
        return 0;
    }
    if (count == 0) {
        return rnsi_rows[id].count[profile];
    }
    return count < RNSI_COUNT_MAX ? count : RNSI_COUNT_MAX;
}

// ---- sizes

// The parts of a row, in the order in which they stand. Of a set of prints the elements are its
// cells; hashes have cells beside them.
static uint64_t element_bytes(rns_pool_t id, uint32_t count) {
    return (uint64_t)rnsi_rows[id].size * count;
}

static uint32_t cell_count(rns_pool_t id, uint32_t count) {
    bool indexed = rnsi_rows[id].key_size > 0 || id == RNS_POOL_SEEN;
    return indexed ? RNSI_CELLS_A_SLOT * count : 0;
}

static uint64_t align_up(uint64_t bytes) {
    return (bytes + RNSI_ALIGN - 1) / RNSI_ALIGN * RNSI_ALIGN;
}

// Without its share of the timer heap, which stands behind the rows.
static uint64_t row_bytes(rns_pool_t id, uint32_t count) {
    return align_up(element_bytes(id, count) +
                    (uint64_t)cell_count(id, count) * sizeof(rnsi_cell_t));
}

static uint64_t heap_bytes(rns_pool_t id, uint32_t count) {
    return rnsi_rows[id].timer_at != 0 ? (uint64_t)count * sizeof(rnsi_deadline_t) : 0;
}

static size_t to_size(uint64_t bytes) {
    return bytes < SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}

size_t rnsi_layout_bytes(rns_pool_t id, uint32_t count) {
    return to_size(row_bytes(id, count) + heap_bytes(id, count));
}

void rnsi_layout_need(rns_profile_t profile, const uint32_t own[RNS_POOL_COUNT],
                      size_t need[RNS_REGION_COUNT]) {
    uint64_t sum[RNS_REGION_COUNT] = {0};
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        uint32_t count = rnsi_layout_count(profile, own, id);
        sum[rnsi_rows[id].region] += row_bytes(id, count) + heap_bytes(id, count);
    }
    for (int region = 0; region < RNS_REGION_COUNT; region++) {
        need[region] = to_size(sum[region]);
    }
}

// ---- placement

void *rnsi_layout_node(const rns_mem_t mem[RNS_REGION_COUNT]) {
    return mem[RNS_REGION_FAST].data;
}

static void open_pool(rnsi_memory_t *memory, rns_pool_t id, uint32_t count, uint8_t *at) {
    rnsi_pool_t *pool = &memory->pools[id];
    memset(pool, 0, sizeof *pool);
    pool->memory = memory;
    pool->id = (uint32_t)id;
    pool->count = count;
    pool->slots = at;
    pool->cell_count = cell_count(id, count);
    pool->cells = (rnsi_cell_t *)(void *)(at + element_bytes(id, count));
    pool->victim = RNSI_NONE;
    pool->free_oldest = RNSI_NONE;
    pool->free_youngest = RNSI_NONE;
    for (int list = 0; list < (int)RNSI_LISTS; list++) {
        pool->age[list].oldest = RNSI_NONE;
        pool->age[list].youngest = RNSI_NONE;
    }
    if (pool->cell_count == 0) {
        pool->cells = NULL;
    }
}

static void open_set(const rnsi_memory_t *memory, rnsi_seen_t *seen, rns_pool_t id, uint32_t count,
                     uint8_t *at) {
    memset(seen, 0, sizeof *seen);
    seen->key = memory->key;
    seen->half = count / 2;
    seen->cells = (rnsi_cell_t *)(void *)at;
    if (id == RNS_POOL_SEEN) {
        seen->hashes = (uint8_t(*)[32])(void *)at;
        seen->cells = (rnsi_cell_t *)(void *)(at + element_bytes(id, count));
    }
    // The first life of a generation finds all its cells clean.
    seen->clean[0] = seen->clean[1] = RNSI_CELLS_A_SLOT * seen->half;
}

// Whole hashes are better than prints; a node has one of both.
static bool is_packet_set(const rnsi_memory_t *memory, rns_pool_t id) {
    return id == RNS_POOL_SEEN || (id == RNS_POOL_SEEN_PRINT && memory->packets.half == 0);
}

static void open_row(rnsi_memory_t *memory, rns_pool_t id, uint32_t count, uint8_t *at) {
    open_pool(memory, id, count, at);
    if (id == RNS_POOL_CRYPTO) {
        memory->crypto = at;
    } else if (id == RNS_POOL_ASK_TAG) {
        open_set(memory, &memory->tags, id, count, at);
    } else if (is_packet_set(memory, id)) {
        open_set(memory, &memory->packets, id, count, at);
    }
}

// Cells must be zero before use; elements are left alone.
static void clear_cells(rns_pool_t id, uint32_t count, uint8_t *at) {
    size_t skip = (size_t)element_bytes(id, count);
    if (id == RNS_POOL_SEEN_PRINT || id == RNS_POOL_ASK_TAG) {
        memset(at, 0, skip);
    } else if (cell_count(id, count) > 0) {
        memset(at + skip, 0, cell_count(id, count) * sizeof(rnsi_cell_t));
    }
}

void rnsi_layout_open(rnsi_memory_t *memory, rns_profile_t profile,
                      const uint32_t own[RNS_POOL_COUNT], const rns_mem_t mem[RNS_REGION_COUNT],
                      const bool zeroed[RNS_REGION_COUNT]) {
    // Where the next row of a region goes; without BULK its rows go to FAST, behind those of FAST.
    uint8_t *next[RNS_REGION_COUNT] = {mem[RNS_REGION_FAST].data, mem[RNS_REGION_BULK].data};
    uint32_t heap_count[RNS_REGION_COUNT] = {0};
    bool bulk = mem[RNS_REGION_BULK].data != NULL;
    memset(&memory->packets, 0, sizeof memory->packets);
    memset(&memory->timers, 0, sizeof memory->timers);
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        uint32_t count = rnsi_layout_count(profile, own, id);
        int region = bulk ? rnsi_rows[id].region : RNS_REGION_FAST;
        open_row(memory, id, count, next[region]);
        if (!zeroed[region]) {
            clear_cells(id, count, next[region]);
        }
        next[region] += row_bytes(id, count);
        heap_count[region] += rnsi_rows[id].timer_at != 0 ? count : 0;
    }
    memory->timers.split = heap_count[RNS_REGION_FAST];
    for (int region = 0; region < RNS_REGION_COUNT; region++) {
        memory->timers.heap[region] = (rnsi_deadline_t *)(void *)next[region];
    }
}

// ---- statistics

static void copy_name(char out[RNS_POOL_NAME_MAX], const char *name) {
    size_t i = 0;
    for (; name[i] != 0 && i + 1 < RNS_POOL_NAME_MAX; i++) {
        out[i] = name[i];
        if (name[i] >= 'A' && name[i] <= 'Z') {
            out[i] = (char)(name[i] - 'A' + 'a');
        }
    }
    out[i] = 0;
}

static void describe(rns_pool_t id, uint32_t count, rns_pool_info_t *info) {
    const rnsi_row_t *row = &rnsi_rows[id];
    memset(info, 0, sizeof *info);
    copy_name(info->name, rnsi_texts[id].name);
    info->what = rnsi_texts[id].what;
    info->region = (rns_region_t)row->region;
    info->per = (rns_per_t)row->per;
    info->full = (rns_full_t)row->full;
    info->slots = count;
    info->slot_bytes = row->size;
    info->bytes = row_bytes(id, count) + heap_bytes(id, count);
}

static const rnsi_seen_t *set_of(const rnsi_memory_t *memory, rns_pool_t id) {
    if (id == RNS_POOL_ASK_TAG) {
        return &memory->tags;
    }
    bool whole = memory->packets.hashes != NULL;
    return id == (whole ? RNS_POOL_SEEN : RNS_POOL_SEEN_PRINT) ? &memory->packets : NULL;
}

void rnsi_layout_info(const rnsi_memory_t *memory, rns_pool_t id, rns_pool_info_t *info) {
    const rnsi_pool_t *pool = &memory->pools[id];
    describe(id, pool->count, info);
    if (!rnsi_row_is_array(id)) {
        info->used = pool->used;
        info->peak = pool->peak;
        info->culled = pool->culled;
        info->rejected = pool->rejected;
        return;
    }
    const rnsi_seen_t *seen = set_of(memory, id);
    if (seen != NULL) {
        info->used = seen->used[0] + seen->used[1];
        info->peak = seen->peak;
        info->culled = seen->dropped;
    } else if (id == RNS_POOL_NODE || id == RNS_POOL_CRYPTO) {
        info->used = pool->count;
        info->peak = pool->count;
    }
}

void rns_pool_plan(rns_profile_t profile, const uint32_t own[RNS_POOL_COUNT], rns_pool_t pool,
                   rns_pool_info_t *info) {
    if ((unsigned)profile >= RNS_PROFILE_COUNT || (unsigned)pool >= RNS_POOL_COUNT) {
        memset(info, 0, sizeof *info);
        return;
    }
    describe(pool, rnsi_layout_count(profile, own, pool), info);
}

const char *rns_profile_name(rns_profile_t profile) {
    switch (profile) {
    case RNS_PROFILE_TINY:
        return "tiny";
    case RNS_PROFILE_MCU:
        return "mcu";
    case RNS_PROFILE_ROUTER:
        return "router";
    case RNS_PROFILE_SERVER:
        return "server";
    case RNS_PROFILE_COUNT:
        break;
    }
    return NULL;
}

static bool same_name(const char *row, const char *name) {
    char lower[RNS_POOL_NAME_MAX] = {0}, given[RNS_POOL_NAME_MAX] = {0};
    copy_name(lower, row);
    copy_name(given, name);
    return memcmp(lower, given, sizeof lower) == 0;
}

rns_pool_t rns_pool_of(const char *name) {
    rns_pool_t id = 0;
    while (id < RNS_POOL_COUNT && !same_name(rnsi_texts[id].name, name)) {
        id++;
    }
    return id;
}
