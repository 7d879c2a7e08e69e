// seen.h -- sets that remember what was seen in two generations: when the young one is full the old
// one is dropped without a scan and the young one takes its place. Entries can be removed again.
//
// Of hashes: 32 bytes each, kept whole in the order of arrival (the reference's file is this
// array). Of prints: 8 bytes each, keyed, for nodes with little memory and for tags.
#ifndef RNSI_SEEN_H_INCLUDED
#define RNSI_SEEN_H_INCLUDED

#include "memory/pool.h"

typedef struct {
    uint8_t (*hashes)[32]; // 2 x half, or NULL when prints are used
    rnsi_cell_t *cells;    // of hashes: 2 x (mask + 1)
    uint64_t *prints;      // 2 x (mask + 1), or NULL
    uint32_t half, mask;   // entries and cells - 1 of a generation
    uint32_t used[2];      // entries of each generation
    uint8_t young;         // which generation is the young one
    const uint64_t *key;
} rnsi_seen_t;

// hash: 32 bytes (prints use the first 16 of what they are given).
bool rnsi_seen_has(const rnsi_seen_t *seen, const uint8_t *hash);
void rnsi_seen_add(rnsi_seen_t *seen, const uint8_t *hash); // must not stand there already
void rnsi_seen_remove(rnsi_seen_t *seen, const uint8_t *hash);

#endif
