// rnmem_table.c -- the rows as text.
#include "rnmem.h"

#include <inttypes.h>

static void table_head(const inventory_t *inventory, FILE *out) {
    if (inventory->is_live) {
        fprintf(out, "profile %s, process %ld, up for %.0f s\n\n", inventory->profile,
                inventory->pid, inventory->uptime_s);
    } else {
        fprintf(out, "profile %s\n\n", inventory->profile);
    }
    fprintf(out, "%-16s %8s %8s %11s  %-6s  %-8s  %-6s", "name", "slots", "a slot", "bytes",
            "region", "class", "policy");
    fputs(inventory->is_live ? "     used     peak     culled   rejected\n" : "  what\n", out);
}

static void table_row(const inventory_t *inventory, const rns_pool_info_t *row, FILE *out) {
    fprintf(out, "%-16s %8" PRIu32 " %8" PRIu32 " %11" PRIu64 "  %-6s  %-8s  %-6s", row->name,
            row->slots, row->slot_bytes, row->bytes, inventory_region(row->region),
            inventory_class(row->per), inventory_policy(row->full));
    if (inventory->is_live) {
        fprintf(out, " %8" PRIu32 " %8" PRIu32 " %10" PRIu64 " %10" PRIu64 "\n", row->used,
                row->peak, row->culled, row->rejected);
    } else {
        fprintf(out, "  %s\n", row->what);
    }
}

static void table_sum(const char *name, uint64_t bytes, FILE *out) {
    fprintf(out, "%-34s %11" PRIu64 "\n", name, bytes);
}

void rnmem_table(const inventory_t *inventory, FILE *out) {
    inventory_sum_t sum;
    table_head(inventory, out);
    for (size_t i = 0; i < inventory->count; i++) {
        table_row(inventory, &inventory->rows[i], out);
    }
    inventory_sum(inventory, &sum);
    fputs("\nby region\n", out);
    for (rns_region_t region = 0; region < RNS_REGION_COUNT; region++) {
        table_sum(inventory_region(region), sum.region[region], out);
    }
    fputs("\nby class: how often a slot is taken\n", out);
    for (rns_per_t per = 0; per < RNS_PER_COUNT; per++) {
        table_sum(inventory_class(per), sum.per[per], out);
    }
    fputc('\n', out);
    table_sum("all", sum.all, out);
}
