// seen.h -- sets that remember what was seen in two generations: when the young one is full the old
// one is dropped without a scan and the young one takes its place. Entries can be removed again.
//
// Of hashes: 32 bytes each, kept whole in the order of arrival (the reference's file is this
// array). Of prints: 8 bytes each, keyed, for nodes with little memory and for tags.
#ifndef RNSI_SEEN_H_INCLUDED
#define RNSI_SEEN_H_INCLUDED

#include "memory/pool.h"

//
// A generation has its own cells, twice as many as entries. A bit in each cell tells in which life
// of the generation it was written, so dropping a generation flips that bit and clears nothing: the
// stale cells count as empty, and each later add cleans the next two, so none outlives its life.
typedef struct {
    uint8_t (*hashes)[32]; // 2 x half, in the order of arrival, zeros: removed; NULL: prints
    rnsi_cell_t *cells;    // 2 x 2 x half
    const uint64_t *key;
    uint32_t half;     // entries of a generation; 0: the set remembers nothing
    uint32_t used[2];  // entries of each generation (removed ones of hashes among them)
    uint32_t life[2];  // 0 or RNSI_LIFE_BIT
    uint32_t clean[2]; // cells that are known to be of this life
    uint32_t peak, dropped;
    uint8_t young; // which generation is the young one
} rnsi_seen_t;

// Of a hash of 32 bytes; prints use the first 16 of what they are given. Costs two cache lines, one
// for each generation, when it is new.
bool rnsi_seen_has(const rnsi_seen_t *seen, const uint8_t *hash);
// Must not stand there already. Costs the same always.
void rnsi_seen_add(rnsi_seen_t *seen, const uint8_t *hash);
// Does nothing when it is not there.
void rnsi_seen_remove(rnsi_seen_t *seen, const uint8_t *hash);
// The same with the keyed hash of its first 16 bytes (rnsi_print_of).
bool rnsi_seen_has_print(const rnsi_seen_t *seen, const uint8_t *hash, uint64_t print);
void rnsi_seen_add_print(rnsi_seen_t *seen, const uint8_t *hash, uint64_t print);
// It will be looked up soon: has its place in both generations brought near.
void rnsi_seen_prefetch(const rnsi_seen_t *seen, uint64_t print);

#endif
