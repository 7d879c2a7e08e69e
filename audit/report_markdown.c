// audit/report_markdown.c -- the findings as a document for people; see report.h.
#include "report.h"

#include <stdlib.h>
#include <string.h>

// Text in a table: no bars, no line ends, nothing that is taken for a tag.
static void cell(FILE *out, const char *text) {
    for (const char *at = text == NULL ? "" : text; *at != 0; at++) {
        if (*at == '|' || *at == '<' || *at == '*') {
            fputc('\\', out);
        }
        fputc(*at, out);
    }
}

// A name of the code.
static void code(FILE *out, const char *text) {
    if (text == NULL || *text == 0) {
        return;
    }
    fputc('`', out);
    for (const char *at = text; *at != 0; at++) {
        fputs(*at == '|' ? "\\" : "", out);
        fputc(*at, out);
    }
    fputc('`', out);
}

static void place(FILE *out, const char *file, unsigned line) {
    code(out, name_print("%s:%u", file, line));
}

static void summary(const audit_t *audit, const totals_t *totals, FILE *out) {
    fprintf(out, "# Memory audit\n\n");
    fprintf(out, "%zu %s looked at. They hold %zu allocation sites and %zu fixed pools.\n\n",
            audit->tree->files.count, audit->tree->files.count == 1 ? "file was" : "files were",
            totals->sites, totals->pools);
    if (totals->sites == 0) {
        fputs("Nothing here takes memory from a heap.\n\n", out);
        return;
    }
    if (totals->frequency[FREQUENCY_PACKET] > 0) {
        fprintf(out,
                "**%zu of them run for every packet**: the heap of a device that runs this for "
                "weeks will be"
                " cut to pieces by them first.\n\n",
                totals->frequency[FREQUENCY_PACKET]);
    } else {
        fputs("None of them is known to run for every packet.\n\n", out);
    }
    if (audit->compared) {
        fprintf(out, "%zu sites are new against the baseline.\n\n", totals->fresh);
    }
}

static void counts(const totals_t *totals, FILE *out) {
    fputs("## Sites by kind and frequency\n\n| kind |", out);
    for (int i = FREQUENCY_COUNT - 1; i >= 0; i--) {
        fprintf(out, " %s |", frequency_names[i]);
    }
    fputs(" all |\n|---|---|---|---|---|---|---|\n", out);
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        if (totals->kind[kind] == 0) {
            continue;
        }
        fprintf(out, "| %s |", kind_names[kind]);
        for (int i = FREQUENCY_COUNT - 1; i >= 0; i--) {
            fprintf(out, " %zu |", totals->by_both[kind][i]);
        }
        fprintf(out, " %zu |\n", totals->kind[kind]);
    }
    fputs("| **all** |", out);
    for (int i = FREQUENCY_COUNT - 1; i >= 0; i--) {
        fprintf(out, " %zu |", totals->frequency[i]);
    }
    fprintf(out, " %zu |\n\n", totals->sites);
}

typedef struct {
    const char *name;
    size_t kind[KIND_COUNT], all;
} class_count_t;

static int by_count(const void *a, const void *b) {
    const class_count_t *left = a, *right = b;
    if (left->all != right->all) {
        return left->all < right->all ? 1 : -1;
    }
    return strcmp(left->name, right->name);
}

// The classes that own sites, those with the most first, and their sites by kind.
static void by_class(const audit_t *audit, const totals_t *totals, FILE *out) {
    class_count_t *classes = memory_new((audit->sites.count + 1) * sizeof *classes);
    size_t count = 0;
    map_t numbers = {0};
    for (size_t i = 0; i < audit->sites.count; i++) {
        const site_t *site = &audit->sites.at[i];
        bool added;
        const char *name = name_of(site->class == NULL ? "" : site->class);
        size_t number = *map_take(&numbers, name, count, &added);
        count += added ? 1 : 0;
        classes[number].name = name;
        classes[number].kind[site->kind]++;
        classes[number].all++;
    }
    qsort(classes, count, sizeof *classes, by_count);
    fputs("## Sites by class and kind\n\n| class |", out);
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        if (totals->kind[kind] > 0) {
            fprintf(out, " %s |", kind_names[kind]);
        }
    }
    fputs(" all |\n|---|", out);
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        fputs(totals->kind[kind] == 0 ? "" : "---|", out);
    }
    fputs("---|\n", out);
    for (size_t i = 0; i < count; i++) {
        fputs("| ", out);
        code(out, *classes[i].name == 0 ? "(no class)" : classes[i].name);
        for (int kind = 0; kind < KIND_COUNT; kind++) {
            if (totals->kind[kind] > 0) {
                fprintf(out, " | %zu", classes[i].kind[kind]);
            }
        }
        fprintf(out, " | %zu |\n", classes[i].all);
    }
    fputc('\n', out);
    free(classes);
    map_free(&numbers);
}

static void risks(const audit_t *audit, const totals_t *totals, audit_severity_t severity,
                  FILE *out) {
    static const char *const titles[SEVERITY_COUNT] = {
        "Low: at start-up, or too small to matter much",
        "Medium: for each link or transfer, or nobody knows how often", "High: for every packet"};
    if (totals->severity[severity] == 0) {
        return;
    }
    fprintf(out, "### %s (%zu)\n\n", titles[severity], totals->severity[severity]);
    fputs("| where | in | kind | type | region | why |\n|---|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < audit->sites.count; i++) {
        const site_t *site = &audit->sites.at[i];
        if (site->severity != severity) {
            continue;
        }
        fprintf(out, "| ");
        place(out, site->file, site->line);
        fprintf(out, "%s | ", site->is_new ? " **new**" : "");
        code(out, site->shown_function != NULL ? site->shown_function : site->class);
        fprintf(out, " | %s | ", kind_names[site->kind]);
        code(out, site->type);
        fprintf(out, " | %s | ", site->region);
        cell(out, site->why);
        fputs(" |\n", out);
    }
    fputc('\n', out);
}

static void remedies(const totals_t *totals, FILE *out) {
    fputs("## What to do\n\n", out);
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        if (totals->kind[kind] > 0) {
            fprintf(out, "- **%s** (%zu): %s. Here: %s.\n", kind_names[kind], totals->kind[kind],
                    report_meaning((audit_kind_t)kind), report_remedy((audit_kind_t)kind));
        }
    }
    if (totals->policy[POLICY_UNCHECKED] > 0) {
        fprintf(out,
                "- **unchecked pools** (%zu): see whether their users check the size elsewhere; if "
                "not, refuse"
                " the newcomer or let the oldest entry make room.\n",
                totals->policy[POLICY_UNCHECKED]);
    }
    fputc('\n', out);
}

static void number_cell(FILE *out, long long number) {
    if (number < 0) {
        fputs(" | not known", out);
    } else {
        fprintf(out, " | %lld", number);
    }
}

static void pools(const audit_t *audit, const totals_t *totals, FILE *out) {
    fprintf(out, "## Fixed pools\n\n");
    if (totals->pools == 0) {
        fputs("There are none.\n\n", out);
        return;
    }
    long long bytes = 0;
    fputs("| pool | where | slots | element | bytes | region | when full |\n"
          "|---|---|---|---|---|---|---|\n",
          out);
    for (size_t i = 0; i < audit->pools.count; i++) {
        const pool_t *pool = &audit->pools.at[i];
        fputs("| ", out);
        code(out, pool->class == NULL ? pool->name : name_print("%s::%s", pool->class, pool->name));
        fputs(" | ", out);
        place(out, pool->file, pool->line);
        number_cell(out, pool->slots);
        fputs(" | ", out);
        code(out, pool->element);
        number_cell(out, pool->bytes);
        fprintf(out, " | %s | %s: %s |\n", pool->region, policy_names[pool->policy],
                report_policy_meaning(pool->policy));
        bytes += pool->bytes < 0 ? 0 : pool->bytes;
    }
    fprintf(
        out,
        "\n%zu cull, %zu reject, %zu overwrite, %zu are unchecked. Those whose size is known take"
        " %lld bytes, each counted once, measured for this machine.\n\n",
        totals->policy[POLICY_CULL], totals->policy[POLICY_REJECT],
        totals->policy[POLICY_OVERWRITE], totals->policy[POLICY_UNCHECKED], bytes);
}

static void limits(const audit_t *audit, FILE *out) {
    fputs("## What could not be seen\n\n", out);
    for (size_t i = 0; i < audit->unread.count; i++) {
        fprintf(out, "- %s was not read: %s.\n", audit->unread.at[i].file,
                audit->unread.at[i].what);
    }
    if (audit->missing.count > 0) {
        fprintf(out, "- %zu headers were not found:", audit->missing.count);
        for (size_t i = 0; i < audit->missing.count; i++) {
            fprintf(out, "%s `%s`", i == 0 ? "" : ",", audit->missing.at[i].what);
        }
        fputs(".\n", out);
    }
    for (size_t i = 0; i < audit->errors.count; i++) {
        fprintf(out,
                "- %s does not compile here (line %u: %s); the rest of it was searched by its "
                "tokens.\n",
                audit->errors.at[i].file, audit->errors.at[i].line, audit->errors.at[i].what);
    }
    fputs("- Calls through pointers that are handed around as arguments; copies of strings and "
          "containers\n"
          "  that calls and returns make; what libraries allocate behind their headers.\n",
          out);
}

void report_markdown(const audit_t *audit, FILE *out) {
    totals_t totals = report_totals(audit);
    summary(audit, &totals, out);
    if (totals.sites > 0) {
        counts(&totals, out);
        by_class(audit, &totals, out);
        fputs("## Risks\n\n", out);
        for (int severity = SEVERITY_HIGH; severity >= SEVERITY_LOW; severity--) {
            risks(audit, &totals, (audit_severity_t)severity, out);
        }
    }
    if (totals.sites > 0 || totals.policy[POLICY_UNCHECKED] > 0) {
        remedies(&totals, out);
    }
    pools(audit, &totals, out);
    limits(audit, out);
}
