// rnmem.h -- what the files of rnmem share.
#ifndef APPS_RNMEM_H_INCLUDED
#define APPS_RNMEM_H_INCLUDED

#include <stdio.h>

#include "rns/memory.h"

const char *rnmem_region(rns_region_t region); // "fast"
const char *rnmem_class(rns_per_t per);        // "startup"
const char *rnmem_policy(rns_full_t full);     // "cull"
// Bytes of each region, which is what rns_plan() says.
void rnmem_sum(rns_profile_t profile, const uint32_t own[RNS_POOL_COUNT],
               uint64_t sum[RNS_REGION_COUNT]);
// All of docs/MEMORY.md.
void rnmem_markdown(FILE *out);

#endif
