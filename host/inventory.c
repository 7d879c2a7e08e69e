// inventory.c -- see inventory.h.
#include "host/inventory.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "host/replace.h"

_Static_assert(RNS_POOL_COUNT <= INVENTORY_ROWS_MAX, "room for all rows");

const char *inventory_region(rns_region_t region) {
    return region == RNS_REGION_FAST ? "fast" : "bulk";
}

const char *inventory_class(rns_per_t per) {
    static const char *const names[RNS_PER_COUNT] = {"startup", "link", "transfer", "packet"};
    return names[per];
}

const char *inventory_policy(rns_full_t full) {
    return full == RNS_FULL_CULL ? "cull" : "reject";
}

static void begin(inventory_t *inventory, rns_profile_t profile) {
    memset(inventory, 0, sizeof *inventory);
    (void)snprintf(inventory->profile, sizeof inventory->profile, "%s", rns_profile_name(profile));
    inventory->count = RNS_POOL_COUNT;
}

void inventory_plan(inventory_t *inventory, rns_profile_t profile,
                    const uint32_t own[RNS_POOL_COUNT]) {
    begin(inventory, profile);
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_plan(profile, own, id, &inventory->rows[id]);
    }
}

void inventory_node(inventory_t *inventory, const rns_node_t *node, rns_profile_t profile,
                    rns_us_t now) {
    rns_node_info_t info;
    begin(inventory, profile);
    rns_node_info(node, &info);
    inventory->is_live = true;
    inventory->pid = (long)getpid();
    inventory->uptime_s = (double)(now - info.since) / 1e6;
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info(node, id, &inventory->rows[id]);
    }
}

void inventory_sum(const inventory_t *inventory, inventory_sum_t *sum) {
    memset(sum, 0, sizeof *sum);
    for (size_t i = 0; i < inventory->count; i++) {
        const rns_pool_info_t *row = &inventory->rows[i];
        sum->region[row->region] += row->bytes;
        sum->per[row->per] += row->bytes;
        sum->all += row->bytes;
    }
}

static void write_sums(const inventory_t *inventory, FILE *out) {
    inventory_sum_t sum;
    inventory_sum(inventory, &sum);
    (void)fputs("\"regions\": {", out);
    for (rns_region_t region = 0; region < RNS_REGION_COUNT; region++) {
        (void)fprintf(out, "%s\"%s\": %" PRIu64, region == 0 ? "" : ", ", inventory_region(region),
                      sum.region[region]);
    }
    (void)fputs("}, \"classes\": {", out);
    for (rns_per_t per = 0; per < RNS_PER_COUNT; per++) {
        (void)fprintf(out, "%s\"%s\": %" PRIu64, per == 0 ? "" : ", ", inventory_class(per),
                      sum.per[per]);
    }
    (void)fputs("}", out);
}

static void write_row(const rns_pool_info_t *row, FILE *out) {
    (void)fprintf(out,
                  "{\"name\": \"%s\", \"slots\": %" PRIu32 ", \"slot_bytes\": %" PRIu32
                  ", \"bytes\": %" PRIu64
                  ", \"region\": \"%s\", \"class\": \"%s\", \"policy\": \"%s\", \"used\": %" PRIu32
                  ", \"peak\": %" PRIu32 ", \"culled\": %" PRIu64 ", \"rejected\": %" PRIu64 "}",
                  row->name, row->slots, row->slot_bytes, row->bytes, inventory_region(row->region),
                  inventory_class(row->per), inventory_policy(row->full), row->used, row->peak,
                  row->culled, row->rejected);
}

void inventory_json(const inventory_t *inventory, FILE *out) {
    (void)fprintf(out, "{\"profile\": \"%s\", ", inventory->profile);
    if (inventory->is_live) {
        (void)fprintf(out, "\"pid\": %ld, \"uptime\": %.3f, ", inventory->pid, inventory->uptime_s);
    }
    write_sums(inventory, out);
    (void)fputs(", \"pools\": [", out);
    for (size_t i = 0; i < inventory->count; i++) {
        (void)fputs(i == 0 ? "\n  " : ",\n  ", out);
        write_row(&inventory->rows[i], out);
    }
    (void)fputs("\n]}\n", out);
}

bool inventory_write(const inventory_t *inventory, const char *directory) {
    char storage[PATH_MAX];
    replace_t file;
    const int size = snprintf(storage, sizeof storage, "%s/storage", directory);
    if (size < 0 || (size_t)size >= sizeof storage) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (!replace_begin(&file, storage, INVENTORY_FILE)) {
        return false;
    }
    inventory_json(inventory, file.out);
    return replace_end(&file);
}
