// memory.c -- see memory.h.
#include "host/memory.h"

#include <sys/mman.h>

#if !defined(MAP_NORESERVE)
#define MAP_NORESERVE 0
#endif

// Large pages would make an idle node hold megabytes for a few bytes that it touched.
static void keep_pages_small(void *start, size_t size) {
#if defined(MADV_NOHUGEPAGE)
    (void)madvise(start, size, MADV_NOHUGEPAGE);
#else
    (void)start;
    (void)size;
#endif
}

static bool map(rns_mem_t *region, size_t size) {
    *region = (rns_mem_t){NULL, 0};
    if (size == 0) {
        return true;
    }
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) {
        return false;
    }
    keep_pages_small(start, size);
    *region = (rns_mem_t){start, size};
    return true;
}

bool memory_open(rns_config_t *config) {
    uint8_t present = 0; // its address says that there will be a BULK region
    size_t need[RNS_REGION_COUNT];
    config->mem[RNS_REGION_BULK] = (rns_mem_t){&present, sizeof present};
    rns_plan(config, need);
    config->mem[RNS_REGION_BULK] = (rns_mem_t){NULL, 0};
    for (int region = 0; region < RNS_REGION_COUNT; region++) {
        if (!map(&config->mem[region], need[region])) {
            memory_close(config);
            return false;
        }
        config->zeroed[region] = true;
    }
    return true;
}

void memory_close(rns_config_t *config) {
    for (int region = 0; region < RNS_REGION_COUNT; region++) {
        if (config->mem[region].data != NULL) {
            (void)munmap(config->mem[region].data, config->mem[region].size);
        }
        config->mem[region] = (rns_mem_t){NULL, 0};
    }
}
