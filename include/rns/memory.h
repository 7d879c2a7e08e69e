// rns/memory.h -- the memory of a node: regions, profiles, the table of pools and its statistics.
//
// All storage of the stack is one table, core/memory/pools.def. The enum below, the layout,
// rns_plan(), the statistics, rns/static.h and docs/MEMORY.md are made from it.
#ifndef RNS_MEMORY_H_INCLUDED
#define RNS_MEMORY_H_INCLUDED

#include "rns/types.h"

#ifdef __cplusplus
extern "C" {
#endif

// FAST is internal SRAM; BULK may be slow external RAM. Without BULK all goes to FAST.
typedef enum { RNS_REGION_FAST, RNS_REGION_BULK, RNS_REGION_COUNT } rns_region_t;

// When a slot is taken: once, per link, per transfer, per packet.
typedef enum {
    RNS_PER_STARTUP,
    RNS_PER_LINK,
    RNS_PER_TRANSFER,
    RNS_PER_PACKET,
    RNS_PER_COUNT
} rns_per_t;

// When no slot is free. REJECT: a call in need of one gets RNS_ERR_FULL, a received frame is
// dropped and counted. CULL: the oldest slot that is not pinned makes room, expired ones first.
typedef enum { RNS_FULL_REJECT, RNS_FULL_CULL } rns_full_t;

// Sets of counts. tiny: an endpoint in 32 KiB; mcu: a board with external RAM; router: a small
// Linux box; server: a daemon that reserves room and touches only what it uses.
typedef enum {
    RNS_PROFILE_TINY,
    RNS_PROFILE_MCU,
    RNS_PROFILE_ROUTER,
    RNS_PROFILE_SERVER,
    RNS_PROFILE_COUNT
} rns_profile_t;

#define RNS_POOL(id, element, key, timer, region, per, full, tiny, mcu, router, server, what)      \
    RNS_POOL_##id,
typedef enum {
#include "../../core/memory/pools.def"
    RNS_POOL_COUNT
} rns_pool_t;
#undef RNS_POOL

#define RNS_COUNT_NONE                                                                             \
    UINT32_MAX // in rns_config_t.count: no slots at all (0 means the profile's count)

#define RNS_POOL_NAME_MAX 24U // bytes of a row's name, with the final 0

typedef struct {
    char name[RNS_POOL_NAME_MAX]; // as in the table, lower case
    const char *what;             // one line for people; static
    rns_region_t region;
    rns_per_t per;
    rns_full_t full;
    uint32_t slots, slot_bytes;
    uint64_t bytes; // all of the row: slots, index, share of the timer heap
    uint32_t used, peak;
    uint64_t culled, rejected; // since rns_open()
} rns_pool_info_t;

const char *rns_profile_name(rns_profile_t profile); // "tiny"; NULL: no such profile
// What a row would be under a profile and own counts (own may be NULL); what is counted is 0. A
// profile or row that does not exist has an empty name and no slots.
void rns_pool_plan(rns_profile_t profile, const uint32_t own[RNS_POOL_COUNT], rns_pool_t pool,
                   rns_pool_info_t *info);
// The row of a name in lower or upper case; RNS_POOL_COUNT: no such row.
rns_pool_t rns_pool_of(const char *name);

#ifdef __cplusplus
}
#endif
#endif
