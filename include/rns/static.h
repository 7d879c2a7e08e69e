// rns/static.h -- the memory of a profile at compile time, for exact arrays on bare metal:
//
//     static _Alignas(RNS_STATIC_ALIGN) uint8_t fast[RNS_STATIC_FAST_BYTES(MCU)];
//     static _Alignas(RNS_STATIC_ALIGN) uint8_t bulk[RNS_STATIC_BULK_BYTES(MCU)]; // external RAM
//
// or, without external RAM, one array of RNS_STATIC_BYTES(TINY) for FAST. The profiles are TINY,
// MCU, ROUTER, SERVER, with the counts of the table: whoever sets own ones asks rns_plan().
#ifndef RNS_STATIC_H_INCLUDED
#define RNS_STATIC_H_INCLUDED

#include "../../core/memory/elements.h"

#define RNS_STATIC_ALIGN               16U
#define RNS_STATIC_FAST_BYTES(PROFILE) RNSI_STATIC_SUM(fast_##PROFILE)
#define RNS_STATIC_BULK_BYTES(PROFILE) RNSI_STATIC_SUM(bulk_##PROFILE)
#define RNS_STATIC_BYTES(PROFILE)                                                                  \
    (RNS_STATIC_FAST_BYTES(PROFILE) + RNS_STATIC_BULK_BYTES(PROFILE)) // all in FAST

// The sum over an X-macro is the size of a struct with an array for each row, one byte longer than
// the row, since an array cannot be empty.
#define RNSI_STATIC_SUM(sum) (sizeof(struct rnsi_static_##sum) - RNS_POOL_COUNT)

// Bytes of a slot beside its element: two cells of the index, where there is one, and an entry of
// the timer heap. SEEN has cells without a key.
#define RNSI_STATIC_CELLS_none 0U
#define RNSI_STATIC_CELLS_hash (2U * sizeof(rnsi_cell_t))
#define RNSI_STATIC_CELLS_key  (2U * sizeof(rnsi_cell_t))
#define RNSI_STATIC_TIMER_N    0U
#define RNSI_STATIC_TIMER_T    sizeof(rnsi_deadline_t)
#define RNSI_STATIC_SET(id)                                                                        \
    ((int)RNS_POOL_##id == (int)RNS_POOL_SEEN ? 2U * sizeof(rnsi_cell_t) : 0U)
#define RNSI_STATIC_UP(bytes)                                                                      \
    (((bytes) + RNS_STATIC_ALIGN - 1U) / RNS_STATIC_ALIGN * RNS_STATIC_ALIGN)
#define RNSI_STATIC_ROW(id, element, key, timer, count)                                            \
    RNSI_STATIC_UP((count) * (sizeof(struct rnsi_##element) + RNSI_STATIC_CELLS_##key +            \
                              RNSI_STATIC_SET(id) + RNSI_STATIC_TIMER_##timer))

// A row counts where its region is the one that is summed.
#define RNSI_STATIC_IN_FAST_FAST 1U
#define RNSI_STATIC_IN_FAST_BULK 0U
#define RNSI_STATIC_IN_BULK_FAST 0U
#define RNSI_STATIC_IN_BULK_BULK 1U

#define RNS_POOL(id, element, key, timer, region, per, full, tiny, mcu, router, server, what)      \
    uint8_t row_##id[1U + RNSI_STATIC_IN_FAST_##region *                                           \
                              RNSI_STATIC_ROW(id, element, key, timer, tiny)];
struct rnsi_static_fast_TINY {
#include "../../core/memory/pools.def"
};
#undef RNS_POOL

#define RNS_POOL(id, element, key, timer, region, per, full, tiny, mcu, router, server, what)      \
    uint8_t row_##id[1U + RNSI_STATIC_IN_FAST_##region *                                           \
                              RNSI_STATIC_ROW(id, element, key, timer, mcu)];
struct rnsi_static_fast_MCU {
#include "../../core/memory/pools.def"
};
#undef RNS_POOL

#define RNS_POOL(id, element, key, timer, region, per, full, tiny, mcu, router, server, what)      \
    uint8_t row_##id[1U + RNSI_STATIC_IN_FAST_##region *                                           \
                              RNSI_STATIC_ROW(id, element, key, timer, router)];
struct rnsi_static_fast_ROUTER {
#include "../../core/memory/pools.def"
};
#undef RNS_POOL

#define RNS_POOL(id, element, key, timer, region, per, full, tiny, mcu, router, server, what)      \
    uint8_t row_##id[1U + RNSI_STATIC_IN_FAST_##region *                                           \
                              RNSI_STATIC_ROW(id, element, key, timer, server)];
struct rnsi_static_fast_SERVER {
#include "../../core/memory/pools.def"
};
#undef RNS_POOL

#define RNS_POOL(id, element, key, timer, region, per, full, tiny, mcu, router, server, what)      \
    uint8_t row_##id[1U + RNSI_STATIC_IN_BULK_##region *                                           \
                              RNSI_STATIC_ROW(id, element, key, timer, tiny)];
struct rnsi_static_bulk_TINY {
#include "../../core/memory/pools.def"
};
#undef RNS_POOL

#define RNS_POOL(id, element, key, timer, region, per, full, tiny, mcu, router, server, what)      \
    uint8_t row_##id[1U + RNSI_STATIC_IN_BULK_##region *                                           \
                              RNSI_STATIC_ROW(id, element, key, timer, mcu)];
struct rnsi_static_bulk_MCU {
#include "../../core/memory/pools.def"
};
#undef RNS_POOL

#define RNS_POOL(id, element, key, timer, region, per, full, tiny, mcu, router, server, what)      \
    uint8_t row_##id[1U + RNSI_STATIC_IN_BULK_##region *                                           \
                              RNSI_STATIC_ROW(id, element, key, timer, router)];
struct rnsi_static_bulk_ROUTER {
#include "../../core/memory/pools.def"
};
#undef RNS_POOL

#define RNS_POOL(id, element, key, timer, region, per, full, tiny, mcu, router, server, what)      \
    uint8_t row_##id[1U + RNSI_STATIC_IN_BULK_##region *                                           \
                              RNSI_STATIC_ROW(id, element, key, timer, server)];
struct rnsi_static_bulk_SERVER {
#include "../../core/memory/pools.def"
};
#undef RNS_POOL

#endif
