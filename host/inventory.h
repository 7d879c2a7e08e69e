// host/inventory.h -- the rows of a node's memory, planned or as they are used now: made from a
// profile or a node, written as JSON, and read back.
#ifndef HOST_INVENTORY_H_INCLUDED
#define HOST_INVENTORY_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "rns/node.h"

#define INVENTORY_FILE     "rnmem.json"
#define INVENTORY_ROWS_MAX 96U // of another version, too

typedef struct {
    char profile[16];
    rns_pool_info_t rows[INVENTORY_ROWS_MAX];
    size_t count;
    bool is_live;    // it is of a running node: used, peak, culled and rejected mean something
    long pid;        // its process
    double uptime_s; // since the node was opened
} inventory_t;

// Bytes by region and by class.
typedef struct {
    uint64_t region[RNS_REGION_COUNT], per[RNS_PER_COUNT], all;
} inventory_sum_t;

const char *inventory_region(rns_region_t region); // "fast"
const char *inventory_class(rns_per_t per);        // "startup"
const char *inventory_policy(rns_full_t full);     // "cull"

// own may be NULL.
void inventory_plan(inventory_t *inventory, rns_profile_t profile,
                    const uint32_t own[RNS_POOL_COUNT]);
void inventory_node(inventory_t *inventory, const rns_node_t *node, rns_profile_t profile,
                    rns_us_t now);
void inventory_sum(const inventory_t *inventory, inventory_sum_t *sum);

// {"profile": ..., "regions": {...}, "classes": {...}, "pools": [{...}, ...]}, a line for each row.
void inventory_json(const inventory_t *inventory, FILE *out);

// DIRECTORY/storage/rnmem.json, as a whole or not at all. False: errno says why.
bool inventory_write(const inventory_t *inventory, const char *directory);

// What inventory_json() wrote, of this version or another. False: it is something else.
bool inventory_read(inventory_t *inventory, FILE *in);

#endif
