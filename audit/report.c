// audit/report.c -- what the formats have in common, the text report, and --max; see report.h.
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

totals_t report_totals(const audit_t *audit) {
    totals_t totals = {.sites = audit->sites.count, .pools = audit->pools.count};
    for (size_t i = 0; i < audit->sites.count; i++) {
        const site_t *site = &audit->sites.at[i];
        totals.kind[site->kind]++;
        totals.frequency[site->frequency]++;
        totals.severity[site->severity]++;
        totals.by_both[site->kind][site->frequency]++;
        totals.fresh += site->is_new ? 1 : 0;
    }
    for (size_t i = 0; i < audit->pools.count; i++) {
        totals.policy[audit->pools.at[i].policy]++;
    }
    return totals;
}

const char *report_meaning(audit_kind_t kind) {
    static const char *const texts[KIND_COUNT] = {
        "memory from the C heap",
        "an object from the heap",
        "an object and, apart from it, the counters of its shared_ptr: two allocations",
        "an object from the heap, owned by a unique_ptr",
        "an object and the counters of its shared_ptr in one allocation",
        "an object from the heap, owned by a unique_ptr",
        "a container that allocates as it grows",
        "a string that allocates when it is longer than what it holds in itself",
        "a std::function that allocates when what it holds is large",
        "memory or an object from an allocator of the platform"};
    return texts[kind];
}

const char *report_remedy(audit_kind_t kind) {
    static const char *const texts[KIND_COUNT] = {
        "take it from a fixed pool, or once at start-up",
        "take it from a fixed pool of such objects, or make it a member of its owner",
        "make_shared halves the allocations; a pool with handles needs none",
        "make it a member of its owner, or take it from a fixed pool",
        "take it from a fixed pool and pass handles on",
        "make it a member of its owner, or take it from a fixed pool",
        "use an array of fixed size with a policy for when it is full; at least reserve once",
        "use a character array of fixed size, or string_view for what is only read",
        "use a function pointer with a context pointer",
        "take it once at start-up and keep it, or take it from a fixed pool"};
    return texts[kind];
}

const char *report_policy_meaning(audit_policy_t policy) {
    static const char *const texts[POLICY_COUNT] = {
        "an older entry makes room", "the newcomer is refused", "older content is written over",
        "no check against its size was seen"};
    return texts[policy];
}

static void print_site(const site_t *site, FILE *out) {
    fprintf(out, "%s:%u: %s %s%s: %s%s%s%s", site->file, site->line, severity_names[site->severity],
            site->is_new ? "new " : "", kind_names[site->kind], *site->type == 0 ? "?" : site->type,
            site->shown_function == NULL ? (site->class == NULL ? "" : " in ") : " in ",
            site->shown_function != NULL ? site->shown_function
            : site->class != NULL        ? site->class
                                         : "",
            strcmp(site->region, "external") == 0 ? ", external RAM" : "");
    fprintf(out, "\n    %s\n", site->why);
}

static const char *count_text(long long count) {
    return count < 0 ? "?" : name_print("%lld", count);
}

static void print_pools(const audit_t *audit, FILE *out) {
    if (audit->pools.count == 0) {
        return;
    }
    fprintf(out, "\n%zu fixed pools\n", audit->pools.count);
    for (size_t i = 0; i < audit->pools.count; i++) {
        const pool_t *pool = &audit->pools.at[i];
        fprintf(out, "%s:%u: %s%s%s: %s x %s, %s bytes, %s; when full: %s\n", pool->file,
                pool->line, pool->class == NULL ? "" : pool->class,
                pool->class == NULL ? "" : "::", pool->name, count_text(pool->slots), pool->element,
                count_text(pool->bytes), pool->region, policy_names[pool->policy]);
    }
}

static void print_troubles(const audit_t *audit, FILE *out) {
    for (size_t i = 0; i < audit->unread.count; i++) {
        fprintf(out, "\n%s: not read: %s", audit->unread.at[i].file, audit->unread.at[i].what);
    }
    fputs(audit->unread.count == 0 ? "" : "\n", out);
    if (audit->missing.count > 0) {
        fprintf(out, "\n%zu headers were not found:", audit->missing.count);
        for (size_t i = 0; i < audit->missing.count; i++) {
            fprintf(out, "%s %s", i == 0 ? "" : ",", audit->missing.at[i].what);
        }
        fputc('\n', out);
    }
    if (audit->errors.count > 0) {
        fprintf(out,
                "\n%zu files hold code that does not compile here; what stands in it was searched"
                " by its tokens:\n",
                audit->errors.count);
        for (size_t i = 0; i < audit->errors.count && i < 20; i++) {
            fprintf(out, "    %s:%u: %s\n", audit->errors.at[i].file, audit->errors.at[i].line,
                    audit->errors.at[i].what);
        }
    }
}

static void print_totals(const totals_t *totals, FILE *out) {
    fprintf(out, "\n%zu sites:", totals->sites);
    for (int i = FREQUENCY_COUNT - 1; i >= 0; i--) {
        fprintf(out, " %zu %s%s", totals->frequency[i], frequency_names[i], i == 0 ? "\n" : ",");
    }
    const char *before = "by kind: ";
    for (int i = 0; i < KIND_COUNT; i++) {
        if (totals->kind[i] > 0) {
            fprintf(out, "%s%zu %s", before, totals->kind[i], kind_names[i]);
            before = ", ";
        }
    }
    fputs(totals->sites == 0 ? "" : "\n", out);
}

void report_text(const audit_t *audit, FILE *out) {
    totals_t totals = report_totals(audit);
    for (int severity = SEVERITY_HIGH; severity >= SEVERITY_LOW; severity--) {
        for (size_t i = 0; i < audit->sites.count; i++) {
            if ((int)audit->sites.at[i].severity == severity) {
                print_site(&audit->sites.at[i], out);
            }
        }
    }
    print_pools(audit, out);
    print_troubles(audit, out);
    print_totals(&totals, out);
}

void maxima_read(maxima_t *maxima, const char *text) {
    while (*text != 0) {
        const char *comma = strchr(text, ',');
        size_t length = comma == NULL ? strlen(text) : (size_t)(comma - text);
        const char *part = name_of_part(text, length), *equals = strchr(part, '=');
        char *end = NULL;
        errno = 0;
        unsigned long most = equals == NULL ? 0 : strtoul(equals + 1, &end, 10);
        const char *word = equals == NULL ? part : name_of_part(part, (size_t)(equals - part));
        maximum_t limit = {.most = most,
                           .frequency = word_find(frequency_names, FREQUENCY_COUNT, word),
                           .kind = word_find(kind_names, KIND_COUNT, word)};
        bool known = limit.frequency >= 0 || limit.kind >= 0 || strcmp(word, "total") == 0;
        if (!known || equals == NULL || equals[1] < '0' || equals[1] > '9' || *end != 0 ||
            errno != 0) {
            fail("--max wants startup, per_link, per_transfer, per_packet, unknown, a kind or "
                 "total, "
                 "and a number: per_packet=0; not '%s'",
                 part);
        }
        *LIST_ADD(maxima->limits) = limit;
        text += length + (comma == NULL ? 0 : 1);
    }
}

bool maxima_exceeded(const maxima_t *maxima, const totals_t *totals) {
    bool exceeded = false;
    for (size_t i = 0; i < maxima->limits.count; i++) {
        const maximum_t *limit = &maxima->limits.at[i];
        size_t count = limit->frequency >= 0 ? totals->frequency[limit->frequency]
                       : limit->kind >= 0    ? totals->kind[limit->kind]
                                             : totals->sites;
        if (count > limit->most) {
            fprintf(stderr, "rnaudit: %zu sites are %s, more than %lu\n", count,
                    limit->frequency >= 0 ? frequency_names[limit->frequency]
                    : limit->kind >= 0    ? kind_names[limit->kind]
                                          : "there in all",
                    limit->most);
            exceeded = true;
        }
    }
    return exceeded;
}
