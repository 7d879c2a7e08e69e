// index.h -- keyed open addressing: cells that lead from the hash of a key to a slot. Two cells for
// each slot, so they are at most half full; linear probing; no tombstones.
//
// Keyed with a secret, so that nobody can choose names that meet in one place. A cell keeps 32 bits
// of the hash as its tag: from it alone follows the cell's home, and a tag that differs spares the
// look at the key itself.
#ifndef RNSI_INDEX_H_INCLUDED
#define RNSI_INDEX_H_INCLUDED

#include "memory/pool.h"

#define RNSI_CELLS_A_SLOT 2U
#define RNSI_LIFE_BIT     0x80000000U // in the slot of a cell; see rnsi_index_t

// A view of the cells. A cell whose slot has another life bit than the index counts as empty: that
// is how a set drops all its cells at once (seen.h). Pools use life 0 alone.
typedef struct {
    rnsi_cell_t *cells;
    uint32_t count; // 0: nothing can be put
    uint32_t life;  // 0 or RNSI_LIFE_BIT
} rnsi_index_t;

// SipHash-1-3. The result never leaves the node, so it may differ by byte order.
uint64_t rnsi_keyed_hash(const uint64_t key[2], const void *data, size_t size);

static inline uint32_t rnsi_index_home(const rnsi_index_t *index, uint32_t tag) {
    return (uint32_t)((uint64_t)tag * index->count >> 32);
}

// Has the cell where a tag would stand brought near; a hint.
static inline void rnsi_index_prefetch(const rnsi_index_t *index, uint32_t tag) {
#ifdef __GNUC__
    __builtin_prefetch(&index->cells[rnsi_index_home(index, tag)]);
#else
    (void)index, (void)tag;
#endif
}

static inline uint32_t rnsi_index_next(const rnsi_index_t *index, uint32_t at) {
    return at + 1 == index->count ? 0 : at + 1;
}

static inline bool rnsi_index_taken(const rnsi_index_t *index, uint32_t at) {
    uint32_t slot = index->cells[at].slot;
    return slot != 0 && (slot & RNSI_LIFE_BIT) == index->life;
}

// There must be an empty cell. slot: without the life bit, not 0.
void rnsi_index_put(const rnsi_index_t *index, uint32_t tag, uint32_t slot);
// Empties a taken cell and moves those behind it back towards their homes.
void rnsi_index_erase(const rnsi_index_t *index, uint32_t at);

#endif
