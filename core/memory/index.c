#include "memory/index.h"

#include <string.h>

static uint64_t rotate(uint64_t v, unsigned bits) {
    return v << bits | v >> (64 - bits);
}

static void sip_round(uint64_t v[4]) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word) {
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

uint64_t rnsi_keyed_hash(const uint64_t key[2], const void *data, size_t size) {
    uint64_t v[4] = {
        key[0] ^ 0x736f6d6570736575U,
        key[1] ^ 0x646f72616e646f6dU,
        key[0] ^ 0x6c7967656e657261U,
        key[1] ^ 0x7465646279746573U,
    };
    const uint8_t *at = data;
    for (size_t left = size / 8; left > 0; left--, at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        sip_word(v, word);
    }
    uint64_t last = (uint64_t)size << 56;
    for (size_t i = 0; i < size % 8; i++) {
        last |= (uint64_t)at[i] << 8 * i;
    }
    sip_word(v, last);
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void rnsi_index_put(const rnsi_index_t *index, uint32_t tag, uint32_t slot) {
    uint32_t at = rnsi_index_home(index, tag);
    while (rnsi_index_taken(index, at)) {
        at = rnsi_index_next(index, at);
    }
    index->cells[at].tag = tag;
    index->cells[at].slot = slot | index->life;
}

// How far a cell stands behind the home of a tag.
static uint32_t displacement(const rnsi_index_t *index, uint32_t tag, uint32_t at) {
    uint32_t home = rnsi_index_home(index, tag);
    return at >= home ? at - home : index->count - home + at;
}

void rnsi_index_erase(const rnsi_index_t *index, uint32_t at) {
    uint32_t hole = at, gap = 0;
    for (;;) {
        at = rnsi_index_next(index, at);
        gap++;
        if (!rnsi_index_taken(index, at)) {
            break;
        }
        // It may fill the hole only if that does not put it before its home.
        if (displacement(index, index->cells[at].tag, at) >= gap) {
            index->cells[hole] = index->cells[at];
            hole = at;
            gap = 0;
        }
    }
    memset(&index->cells[hole], 0, sizeof index->cells[hole]);
}
