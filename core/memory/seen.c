#include "memory/seen.h"

#include <string.h>

#include "memory/index.h"

#define HASH_BYTES   32U
#define KEYED_BYTES  16U // of a hash that is a hash: enough to tell all apart
#define CLEAN_AN_ADD 2U  // cells; a generation is clean when it is full

// The cells of a generation.
static rnsi_index_t cells_of(const rnsi_seen_t *seen, uint8_t generation) {
    uint32_t count = RNSI_CELLS_A_SLOT * seen->half;
    rnsi_index_t index = {seen->cells + (size_t)generation * count, count, seen->life[generation]};
    return index;
}

static uint8_t (*hashes_of(const rnsi_seen_t *seen, uint8_t generation))[HASH_BYTES] {
    return seen->hashes + (size_t)generation * seen->half;
}

// What a cell of prints holds beside the tag: the print's other bits, never 0.
static uint32_t rest_of(uint64_t print) {
    uint32_t rest = (uint32_t)(print >> 32) & ~RNSI_LIFE_BIT;
    return rest > 0 ? rest : 1;
}

// The cell of a hash in a generation; UINT32_MAX: it is not there.
static uint32_t find(const rnsi_seen_t *seen, uint8_t generation, const uint8_t *hash,
                     uint64_t print) {
    rnsi_index_t index = cells_of(seen, generation);
    uint32_t tag = (uint32_t)print;
    for (uint32_t at = rnsi_index_home(&index, tag); rnsi_index_taken(&index, at);
         at = rnsi_index_next(&index, at)) {
        if (index.cells[at].tag != tag) {
            continue;
        }
        uint32_t slot = index.cells[at].slot & ~RNSI_LIFE_BIT;
        bool same = seen->hashes == NULL
                        ? slot == rest_of(print)
                        : memcmp(hashes_of(seen, generation)[slot - 1], hash, HASH_BYTES) == 0;
        if (same) {
            return at;
        }
    }
    return UINT32_MAX;
}

bool rnsi_seen_has(const rnsi_seen_t *seen, const uint8_t *hash) {
    return rnsi_seen_has_print(seen, hash, rnsi_keyed_hash(seen->key, hash, KEYED_BYTES));
}

bool rnsi_seen_has_print(const rnsi_seen_t *seen, const uint8_t *hash, uint64_t print) {
    if (seen->half == 0) {
        return false;
    }
    return find(seen, seen->young, hash, print) != UINT32_MAX ||
           find(seen, !seen->young, hash, print) != UINT32_MAX;
}

void rnsi_seen_prefetch(const rnsi_seen_t *seen, uint64_t print) {
    for (uint8_t generation = 0; generation < 2 && seen->half > 0; generation++) {
        const rnsi_index_t index = cells_of(seen, generation);
        rnsi_index_prefetch(&index, (uint32_t)print);
    }
}

// Drops the old generation and starts it anew as the young one.
static void turn(rnsi_seen_t *seen) {
    seen->young = !seen->young;
    seen->dropped += seen->used[seen->young];
    seen->used[seen->young] = 0;
    seen->life[seen->young] ^= RNSI_LIFE_BIT;
    seen->clean[seen->young] = 0;
}

// Cells of the life before the last one would count as taken, so none may be left when a life ends.
static void clean_some(rnsi_seen_t *seen, const rnsi_index_t *index) {
    uint32_t *clean = &seen->clean[seen->young];
    for (uint32_t n = 0; n < CLEAN_AN_ADD && *clean < index->count; n++, (*clean)++) {
        if (!rnsi_index_taken(index, *clean)) {
            memset(&index->cells[*clean], 0, sizeof index->cells[*clean]);
        }
    }
}

void rnsi_seen_add(rnsi_seen_t *seen, const uint8_t *hash) {
    rnsi_seen_add_print(seen, hash, rnsi_keyed_hash(seen->key, hash, KEYED_BYTES));
}

void rnsi_seen_add_print(rnsi_seen_t *seen, const uint8_t *hash, uint64_t print) {
    if (seen->half == 0) {
        return;
    }
    if (seen->used[seen->young] == seen->half) {
        turn(seen);
    }
    uint8_t young = seen->young;
    uint32_t entry = seen->used[young]++;
    rnsi_index_t index = cells_of(seen, young);
    uint32_t slot = rest_of(print);
    if (seen->hashes != NULL) {
        memcpy(hashes_of(seen, young)[entry], hash, HASH_BYTES);
        slot = entry + 1;
    }
    rnsi_index_put(&index, (uint32_t)print, slot);
    clean_some(seen, &index);
    uint32_t used = seen->used[0] + seen->used[1];
    seen->peak = used > seen->peak ? used : seen->peak;
}

static void remove_from(rnsi_seen_t *seen, uint8_t generation, uint32_t at) {
    rnsi_index_t index = cells_of(seen, generation);
    uint32_t slot = index.cells[at].slot & ~RNSI_LIFE_BIT;
    rnsi_index_erase(&index, at);
    if (seen->hashes != NULL) {
        memset(hashes_of(seen, generation)[slot - 1], 0, HASH_BYTES);
    }
    // A hash leaves a hole in the order of arrival, unless it is the last one.
    if (seen->hashes == NULL || slot == seen->used[generation]) {
        seen->used[generation]--;
    }
}

void rnsi_seen_remove(rnsi_seen_t *seen, const uint8_t *hash) {
    if (seen->half == 0) {
        return;
    }
    uint64_t print = rnsi_keyed_hash(seen->key, hash, KEYED_BYTES);
    for (uint8_t generation = 0; generation < 2; generation++) {
        uint32_t at = find(seen, generation, hash, print);
        if (at != UINT32_MAX) {
            remove_from(seen, generation, at);
            return;
        }
    }
}
