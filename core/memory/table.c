// table.c -- pools.def as data.
#include <stddef.h>

#include "memory/elements.h"
#include "memory/pool.h"

// Where an element keeps its key: one pair for each name that the column `key` may say.
#define KEY_AT_none(element)   0
#define KEY_SIZE_none(element) 0
#define KEY_AT_hash(element)   offsetof(struct rnsi_##element, hash)
#define KEY_SIZE_hash(element) sizeof(((struct rnsi_##element *)0)->hash)
#define KEY_AT_key(element)    offsetof(struct rnsi_##element, key)
#define KEY_SIZE_key(element)  sizeof(((struct rnsi_##element *)0)->key)

#define TIMER_AT_N(element) 0
#define TIMER_AT_T(element) offsetof(struct rnsi_##element, timer)

// The bytes of frames, pieces and arenas are written before they are read: zeroing 512 KiB each
// time would show.
#define IN(id, first, last) (RNS_POOL_##id >= RNS_POOL_##first && RNS_POOL_##id <= RNS_POOL_##last)
#define IS_FRAME(id)        IN(id, FRAME, FRAME_MAX)
#define CLEAR(id, element)                                                                         \
    (IS_FRAME(id)               ? sizeof(struct rnsi_frame_head)                                   \
     : IN(id, PIECE, PIECE_MAX) ? sizeof(struct rnsi_piece_head)                                   \
     : IN(id, SEGMENT, PACK)    ? sizeof(rnsi_slot_t)                                              \
                                : sizeof(struct rnsi_##element))

// A slot's number follows from its address by an exact division, which is a shift and, by the odd
// part that is left, a multiplication with its inverse modulo 2^32 (Newton: 5, 10, 20, 40 bits).
#define POWER(n)  ((n) & (~(n) + 1U))
#define BIT(n, m) ((POWER(n) & (m)) != 0)
#define SHIFT(n)                                                                                   \
    (BIT(n, 0xAAAAAAAAU) | BIT(n, 0xCCCCCCCCU) << 1 | BIT(n, 0xF0F0F0F0U) << 2 |                   \
     BIT(n, 0xFF00FF00U) << 3 | BIT(n, 0xFFFF0000U) << 4)
#define ODD(n)     ((uint32_t)((n) / POWER(n)))
#define STEP(n, x) ((x) * (2U - ODD(n) * (x)))
#define BITS5(n)   ((3U * ODD(n)) ^ 2U)
#define INVERSE(n) STEP(n, STEP(n, STEP(n, BITS5(n))))

// clang-format off
#define RNS_POOL(id, element, key, timer, reg, cls, when_full, tiny, mcu, router, server, text)    \
    [RNS_POOL_##id] = {                                                                            \
        .size = sizeof(struct rnsi_##element),                                                     \
        .clear = CLEAR(id, element),                                                               \
        .inverse = INVERSE(sizeof(struct rnsi_##element)),                                         \
        .key_at = KEY_AT_##key(element),                                                           \
        .key_size = KEY_SIZE_##key(element),                                                       \
        .timer_at = TIMER_AT_##timer(element),                                                     \
        .shift = SHIFT(sizeof(struct rnsi_##element)),                                             \
        .region = RNS_REGION_##reg,                                                                \
        .per = RNS_PER_##cls,                                                                      \
        .full = RNS_FULL_##when_full,                                                              \
        .ages = !IS_FRAME(id) && RNS_POOL_##id != RNS_POOL_TXREF,                                  \
        .count = {tiny, mcu, router, server},                                                      \
    },
// clang-format on
const rnsi_row_t rnsi_rows[RNS_POOL_COUNT] = {
#include "memory/pools.def"
};
#undef RNS_POOL

#define HOUR 3600U // seconds
#define DAY  (24 * HOUR)

const uint32_t rnsi_lives_s[RNS_POOL_COUNT][RNSI_LISTS] = {
    // By the mode of the interface: others, access point, roaming (Transport.PATHFINDER_E,
    // AP_PATH_TIME,
    // ROAMING_PATH_TIME).
    [RNS_POOL_PATH] = {7 * DAY, 24 * HOUR, 6 * HOUR},
    [RNS_POOL_REVERSE] = {480},           // Transport.REVERSE_TIMEOUT
    [RNS_POOL_RELAY] = {900},             // Transport.LINK_TIMEOUT
    [RNS_POOL_TUNNEL] = {8 * HOUR},       // Transport.TUNNEL_TIMEOUT
    [RNS_POOL_TUNNEL_PATH] = {8 * HOUR},  // Transport.TUNNEL_PATH_TIMEOUT
    [RNS_POOL_RATCHET_PEER] = {30 * DAY}, // Identity.RATCHET_EXPIRY
};
