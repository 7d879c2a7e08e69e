// rnmem -- prints how much memory a profile takes, row by row of the table core/memory/pools.def.
#include "rnmem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/options.h"

const char *rnmem_region(rns_region_t region) {
    return region == RNS_REGION_FAST ? "fast" : "bulk";
}

const char *rnmem_class(rns_per_t per) {
    static const char *const names[RNS_PER_COUNT] = {"startup", "link", "transfer", "packet"};
    return names[per];
}

const char *rnmem_policy(rns_full_t full) {
    return full == RNS_FULL_CULL ? "cull" : "reject";
}

void rnmem_sum(rns_profile_t profile, const uint32_t own[RNS_POOL_COUNT],
               uint64_t sum[RNS_REGION_COUNT]) {
    memset(sum, 0, RNS_REGION_COUNT * sizeof *sum);
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info_t info;
        rns_pool_plan(profile, own, id, &info);
        sum[info.region] += info.bytes;
    }
}

static void print_table(rns_profile_t profile, const uint32_t own[RNS_POOL_COUNT]) {
    const char *row = "%-16s %8" PRIu32 " %8" PRIu32 " %11" PRIu64 "  %-6s  %-8s  %-6s  %s\n";
    printf("profile %s\n\n", rns_profile_name(profile));
    printf("%-16s %8s %8s %11s  %-6s  %-8s  %-6s  %s\n", "name", "slots", "a slot", "bytes",
           "region", "class", "policy", "what");
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info_t info;
        rns_pool_plan(profile, own, id, &info);
        printf(row, info.name, info.slots, info.slot_bytes, info.bytes, rnmem_region(info.region),
               rnmem_class(info.per), rnmem_policy(info.full), info.what);
    }
    uint64_t sum[RNS_REGION_COUNT];
    rnmem_sum(profile, own, sum);
    printf("\n%-34s %11" PRIu64 "\n", "fast", sum[RNS_REGION_FAST]);
    printf("%-34s %11" PRIu64 "\n", "bulk", sum[RNS_REGION_BULK]);
    printf("%-34s %11" PRIu64 "\n", "both", sum[RNS_REGION_FAST] + sum[RNS_REGION_BULK]);
}

static void print_json(rns_profile_t profile, const uint32_t own[RNS_POOL_COUNT]) {
    uint64_t sum[RNS_REGION_COUNT];
    rnmem_sum(profile, own, sum);
    printf("{\"profile\": \"%s\", \"regions\": {\"fast\": %" PRIu64 ", \"bulk\": %" PRIu64
           "}, \"pools\": [",
           rns_profile_name(profile), sum[RNS_REGION_FAST], sum[RNS_REGION_BULK]);
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info_t info;
        rns_pool_plan(profile, own, id, &info);
        printf("%s\n  {\"name\": \"%s\", \"slots\": %" PRIu32 ", \"slot_bytes\": %" PRIu32
               ", \"bytes\": %" PRIu64 ", \"region\": \"%s\", \"class\": \"%s\", \"policy\": "
               "\"%s\", \"used\": %" PRIu32 ", \"peak\": %" PRIu32 ", \"culled\": %" PRIu64
               ", \"rejected\": %" PRIu64 "}",
               id == 0 ? "" : ",", info.name, info.slots, info.slot_bytes, info.bytes,
               rnmem_region(info.region), rnmem_class(info.per), rnmem_policy(info.full), info.used,
               info.peak, info.culled, info.rejected);
    }
    puts("\n]}");
}

static bool read_profile(const char *name, rns_profile_t *profile) {
    for (rns_profile_t p = 0; p < RNS_PROFILE_COUNT; p++) {
        if (strcmp(name, rns_profile_name(p)) == 0) {
            *profile = p;
            return true;
        }
    }
    fprintf(stderr, "rnmem: error: there is no profile '%s'; there are", name);
    for (rns_profile_t p = 0; p < RNS_PROFILE_COUNT; p++) {
        fprintf(stderr, "%s %s", p == 0 ? "" : ",", rns_profile_name(p));
    }
    fputc('\n', stderr);
    return false;
}

// "path=100" into own[]; 0 is no slot at all.
static bool read_count(const char *text, uint32_t own[RNS_POOL_COUNT]) {
    char name[RNS_POOL_NAME_MAX];
    const char *equals = strchr(text, '=');
    size_t size = equals != NULL ? (size_t)(equals - text) : strlen(text);
    snprintf(name, sizeof name, "%.*s", (int)(size < sizeof name ? size : sizeof name), text);
    rns_pool_t id = size < sizeof name ? rns_pool_of(name) : RNS_POOL_COUNT;
    if (id == RNS_POOL_COUNT) {
        fprintf(stderr, "rnmem: error: there is no row '%.*s'; rnmem without --set names them\n",
                (int)size, text);
        return false;
    }
    const char *digits = equals != NULL ? equals + 1 : "";
    char *end = NULL;
    errno = 0;
    unsigned long long count = strtoull(digits, &end, 10);
    bool number = *digits >= '0' && *digits <= '9' && *end == '\0' && errno == 0;
    if (!number || count >= INT32_MAX) {
        fprintf(stderr, "rnmem: error: '%s': a row is set as name=count, with a count below %d\n",
                text, INT32_MAX);
        return false;
    }
    own[id] = count == 0 ? RNS_COUNT_NONE : (uint32_t)count;
    return true;
}

int rnmem_main(int argc, char **argv) {
    uint32_t own[RNS_POOL_COUNT] = {0};
    const char *profile_name = "server";
    options_texts_t sets = {.count = 0};
    options_rest_t more = {NULL, 0};
    bool json = false, markdown = false;
    const option_t rows[] = {
        {OPTION_TEXT, 'p', "profile", &profile_name, "NAME",
         "tiny, mcu, router or server (default)"},
        {OPTION_TEXTS, 's', "set", &sets, "ROW=COUNT", "another count of a row; 0: none"},
        {OPTION_FLAG, 'j', "json", &json, NULL, "print JSON"},
        {OPTION_FLAG, 0, "markdown", &markdown, NULL, "print docs/MEMORY.md, with all profiles"},
        {OPTION_ARGUMENTS, 0, "row=count", &more, NULL, "more of what --set takes"},
    };
    const options_t options = {"rnmem", "The memory of a profile, row by row.", rows,
                               sizeof rows / sizeof *rows};
    int code = 0;
    if (!options_parse(&options, argc, argv, stdout, stderr, &code)) {
        return code;
    }
    rns_profile_t profile = RNS_PROFILE_SERVER;
    bool good = read_profile(profile_name, &profile);
    for (size_t i = 0; good && i < sets.count; i++) {
        good = read_count(sets.at[i], own);
    }
    for (size_t i = 0; good && i < more.count; i++) {
        good = read_count(more.at[i], own);
    }
    if (good && json && markdown) {
        fputs("rnmem: error: --json and --markdown exclude each other\n", stderr);
        good = false;
    }
    if (!good) {
        return OPTIONS_EXIT_USAGE;
    }
    if (markdown) {
        rnmem_markdown(stdout);
    } else if (json) {
        print_json(profile, own);
    } else {
        print_table(profile, own);
    }
    return 0;
}
