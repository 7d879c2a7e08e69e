// layout.h -- from the table to memory: how many bytes each region needs, and where each row
// stands.
#ifndef RNSI_LAYOUT_H_INCLUDED
#define RNSI_LAYOUT_H_INCLUDED

#include "memory/pool.h"
#include "memory/seen.h"
#include "memory/timer.h"

#define RNSI_ALIGN     16U         // of regions, and of each row in them
#define RNSI_COUNT_MAX 0x7FFFFFFEU // slots of a row, whatever is asked for

// Rows that are plain arrays instead of pools: SEEN, SEEN_PRINT, ASK_TAG, NODE, CRYPTO.
bool rnsi_row_is_array(rns_pool_t id);

// Slots of a row under a profile and the caller's own counts.
uint32_t rnsi_layout_count(rns_profile_t profile, const uint32_t own[RNS_POOL_COUNT],
                           rns_pool_t id);
// Bytes of a row: elements, index cells and its share of the timer heap, rounded up to RNSI_ALIGN.
// SIZE_MAX: more than this machine can address.
size_t rnsi_layout_bytes(rns_pool_t id, uint32_t count);
// Bytes of both regions; without BULK their sum is what FAST needs. SIZE_MAX as above.
void rnsi_layout_need(rns_profile_t profile, const uint32_t own[RNS_POOL_COUNT],
                      size_t need[RNS_REGION_COUNT]);

// All memory of a node; it stands in the node itself.
typedef struct rnsi_memory {
    rnsi_pool_t pools[RNS_POOL_COUNT];
    rnsi_timers_t timers;
    rnsi_seen_t packets, tags; // SEEN or SEEN_PRINT; ASK_TAG
    uint64_t key[2];           // secret: keys the indexes and sets
    const rnsi_drop_t *drop;   // by rns_pool_t; NULL: nothing hangs on such a slot
    void *context;             // handed to them
    void *crypto;              // the CRYPTO slot
} rnsi_memory_t;

// Where the node itself will stand: the start of FAST. Its first bytes are the NODE slot.
void *rnsi_layout_node(const rns_mem_t mem[RNS_REGION_COUNT]);

// Lays the rows out over the regions, which are aligned and large enough. memory->key, drop and
// context are set by the caller before. Index cells and sets are cleared unless the region is
// zeroed already; elements are not touched.
void rnsi_layout_open(rnsi_memory_t *memory, rns_profile_t profile,
                      const uint32_t own[RNS_POOL_COUNT], const rns_mem_t mem[RNS_REGION_COUNT],
                      const bool zeroed[RNS_REGION_COUNT]);

// Statistics of a row (rns_pool_info_t); arrays tell of their sets.
void rnsi_layout_info(const rnsi_memory_t *memory, rns_pool_t id, rns_pool_info_t *info);

#endif
