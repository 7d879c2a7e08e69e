// rnaudit -- finds where C and C++ firmware allocates memory, how often, and which fixed pools it
// has. The order of an audit: rules, tree, flags, workers (units), facts, graph, report.
#include "base.h"
#include "facts.h"
#include "flags.h"
#include "graph.h"
#include "report.h"
#include "unit.h"
#include "version.h"
#include "workers.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef enum { FORMAT_TEXT, FORMAT_MARKDOWN, FORMAT_JSON, FORMAT_SARIF, FORMAT_COUNT } format_t;

static const char *const format_names[FORMAT_COUNT] = {"text", "markdown", "json", "sarif"};

typedef struct {
    format_t format;
    const char *output, *baseline, *database;
    int jobs;
    bool quiet, own_rules;
    rules_t rules;
    maxima_t maxima;
} options_t;

static const char help[] =
    "usage: rnaudit [options] PATH...\n"
    "\n"
    "Finds where C and C++ firmware takes memory from a heap, by which means and how often (at\n"
    "startup, per link, per transfer, per packet), and which fixed pools it has and what they do\n"
    "when they are full. A PATH is a file or a folder.\n"
    "\n"
    "  -f, --format FORMAT   text, markdown, json or sarif (text)\n"
    "  -o, --output FILE     write the report there, not to the terminal\n"
    "  -r, --rules FILE      roots of the call graph, allocators, tables of pools; may be given\n"
    "                        several times (rules for ports of Reticulum are built in)\n"
    "  -b, --baseline FILE   a report of --format json: fail only on sites that it does not hold\n"
    "  -m, --max WHAT=N,...  fail when more than N sites are startup, per_link, per_transfer,\n"
    "                        per_packet, unknown, of a kind, or there in total\n"
    "  -p, --compile-commands PATH\n"
    "                        compile_commands.json, or its folder (it is looked for around PATH)\n"
    "  -x, --exclude PATTERN leave out paths like this; may be given several times\n"
    "  -j, --jobs N          parse so many files at a time (as many as there are processors)\n"
    "  -q, --quiet           no progress bar\n"
    "      --print-rules     print the rules that are built in\n"
    "  -h, --help            print this\n"
    "      --version         print the version\n"
    "\n"
    "examples:\n"
    "  rnaudit src\n"
    "  rnaudit --format json -o before.json src\n"
    "  rnaudit --baseline before.json --max per_packet=0 src\n"
    "\n"
    "exit code: 0 nothing to complain of, 1 new against the baseline or more than --max,\n"
    "2 the command line, or a file that it names, is wrong\n";

enum { OPTION_VERSION = 256, OPTION_PRINT_RULES };

static const struct option long_options[] = {
    {"format", required_argument, NULL, 'f'},
    {"output", required_argument, NULL, 'o'},
    {"rules", required_argument, NULL, 'r'},
    {"baseline", required_argument, NULL, 'b'},
    {"max", required_argument, NULL, 'm'},
    {"compile-commands", required_argument, NULL, 'p'},
    {"exclude", required_argument, NULL, 'x'},
    {"jobs", required_argument, NULL, 'j'},
    {"quiet", no_argument, NULL, 'q'},
    {"print-rules", no_argument, NULL, OPTION_PRINT_RULES},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

static format_t read_format(const char *word) {
    int found = word_find(format_names, FORMAT_COUNT, strcmp(word, "md") == 0 ? "markdown" : word);
    if (found < 0) {
        fail("there is no format '%s'; there are text, markdown, json and sarif", word);
    }
    return (format_t)found;
}

static int read_jobs(const char *word) {
    char *end;
    long number = strtol(word, &end, 10);
    if (end == word || *end != 0 || number < 1 || number > 256) {
        fail("--jobs wants a number from 1 to 256, not '%s'", word);
    }
    return (int)number;
}

static void read_option(options_t *options, int option) {
    switch (option) {
    case 'f':
        options->format = read_format(optarg);
        break;
    case 'o':
        options->output = optarg;
        break;
    case 'r':
        options->own_rules = true;
        rules_read(&options->rules, optarg);
        break;
    case 'b':
        options->baseline = optarg;
        break;
    case 'm':
        maxima_read(&options->maxima, optarg);
        break;
    case 'p':
        options->database = optarg;
        break;
    case 'x':
        *LIST_ADD(options->rules.excludes) = optarg;
        break;
    case 'j':
        options->jobs = read_jobs(optarg);
        break;
    case 'q':
        options->quiet = true;
        break;
    case 'h':
        fputs(help, stdout);
        exit(AUDIT_EXIT_CLEAN);
    case OPTION_VERSION:
        printf("rnaudit %s (%s)\n", AUDIT_VERSION, unit_string(clang_getClangVersion()));
        exit(AUDIT_EXIT_CLEAN);
    case OPTION_PRINT_RULES:
        fputs(rules_reticulum, stdout);
        exit(AUDIT_EXIT_CLEAN);
    default:
        fputs("Try 'rnaudit --help'.\n", stderr);
        exit(AUDIT_EXIT_USAGE);
    }
}

static void read_options(options_t *options, int argc, char **argv) {
    int option = getopt_long(argc, argv, "f:o:r:b:m:p:x:j:qh", long_options, NULL);
    while (option != -1) {
        read_option(options, option);
        option = getopt_long(argc, argv, "f:o:r:b:m:p:x:j:qh", long_options, NULL);
    }
    if (optind == argc) {
        fputs("rnaudit: error: which files or folders? Try 'rnaudit --help'.\n", stderr);
        exit(AUDIT_EXIT_USAGE);
    }
    if (!options->own_rules) {
        rules_read_text(&options->rules, "the built-in rules", rules_reticulum);
    }
}

static void write_report(const audit_t *audit, const options_t *options) {
    static void (*const reports[FORMAT_COUNT])(const audit_t *audit, FILE *out) = {
        report_text, report_markdown, report_json, report_sarif};
    FILE *out = options->output == NULL ? stdout : fopen(options->output, "w");
    if (out == NULL) {
        fail("%s: %s", options->output, strerror(errno));
    }
    reports[options->format](audit, out);
    if (fflush(out) != 0 || (out != stdout && fclose(out) != 0)) {
        fail("%s: %s", options->output == NULL ? "the report" : options->output, strerror(errno));
    }
}

static void say_what_is_new(const audit_t *audit) {
    for (size_t i = 0; i < audit->sites.count; i++) {
        const site_t *site = &audit->sites.at[i];
        if (site->is_new) {
            fprintf(stderr, "rnaudit: new: %s:%u: %s of %s, %s\n", site->file, site->line,
                    kind_names[site->kind], site->type, frequency_names[site->frequency]);
        }
    }
}

// Whether the run fails: something new, or more than is allowed.
static bool judge(const audit_t *audit, const options_t *options) {
    totals_t totals = report_totals(audit);
    say_what_is_new(audit);
    bool exceeded = maxima_exceeded(&options->maxima, &totals);
    return exceeded || totals.fresh > 0;
}

int main(int argc, char **argv) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    options_t options = {.jobs = processors < 1 ? 1 : (int)processors};
    read_options(&options, argc, argv);
    tree_t tree = {0};
    tree_read(&tree, argv + optind, argc - optind, &options.rules);
    audit_t audit;
    facts_open(&audit, &options.rules, &tree);
    flags_t flags;
    flags_open(&flags, &tree, options.database);
    flags_prepare(&flags);
    workers_run(&audit, &flags, options.jobs, !options.quiet && isatty(STDERR_FILENO) != 0);
    flags_close(&flags);
    facts_finish(&audit);
    graph_classify(&audit);
    if (options.baseline != NULL) {
        baseline_read(&audit, options.baseline);
    }
    write_report(&audit, &options);
    bool failed = judge(&audit, &options);
    facts_free(&audit);
    tree_free(&tree);
    rules_free(&options.rules);
    free(options.maxima.limits.at);
    return failed ? AUDIT_EXIT_FINDINGS : AUDIT_EXIT_CLEAN;
}
