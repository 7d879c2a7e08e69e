// rnmem.h -- the parts of rnmem.
#ifndef RNMEM_H_INCLUDED
#define RNMEM_H_INCLUDED

#include <stdio.h>

#include "host/inventory.h"

// ---- rnmem_table.c: for people

void rnmem_table(const inventory_t *inventory, FILE *out);

// ---- rnmem_svg.c

// A picture of both regions: each row a box whose area is its bytes, for print in black and white.
void rnmem_svg(const inventory_t *inventory, FILE *out);

// ---- rnmem_markdown.c

// docs/MEMORY.md, made from the table.
void rnmem_markdown(FILE *out);

// ---- rnmem_running.c

// The memory of the rnsd that serves a directory (NULL: the default one). False: it said why on
// stderr.
bool rnmem_running(const char *directory, inventory_t *inventory);

// ---- rnmem_fit.c

typedef struct {
    rns_profile_t profile;
    uint32_t own[RNS_POOL_COUNT]; // for rns_config_t.count
} rnmem_fit_t;

// "512k" in bytes; k, m and g stand for 1024 and its powers. False: no such size.
bool rnmem_read_size(const char *text, uint64_t *bytes);

// Counts for a board with so much of each region; bulk may be 0, then all is in FAST. False: not
// even the least node fits.
bool rnmem_fit(uint64_t fast, uint64_t bulk, rnmem_fit_t *fit);

// The bytes of the least node, in two regions.
void rnmem_fit_least(uint64_t need[RNS_REGION_COUNT]);

// What the counts are good for, in a user's terms, and what sets them.
void rnmem_fit_print(const rnmem_fit_t *fit, uint64_t fast, uint64_t bulk, FILE *out);

#endif
