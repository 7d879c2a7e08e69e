// audit/report.h -- what is written of an audit, in four formats; and what fails a run.
#ifndef AUDIT_REPORT_H_INCLUDED
#define AUDIT_REPORT_H_INCLUDED

#include "facts.h"

#include <stdio.h>

typedef struct {
    size_t kind[KIND_COUNT], frequency[FREQUENCY_COUNT], severity[SEVERITY_COUNT];
    size_t policy[POLICY_COUNT];
    size_t by_both[KIND_COUNT][FREQUENCY_COUNT];
    size_t sites, pools, fresh; // fresh: not in the baseline
} totals_t;

totals_t report_totals(const audit_t *audit);

void report_text(const audit_t *audit, FILE *out);
void report_markdown(const audit_t *audit, FILE *out);
void report_json(const audit_t *audit, FILE *out);
void report_sarif(const audit_t *audit, FILE *out);

// What a site means and what to do about it, in a sentence each.
const char *report_meaning(audit_kind_t kind);
const char *report_remedy(audit_kind_t kind);
const char *report_policy_meaning(audit_policy_t policy);

// Marks what a former JSON report does not hold. A file that is none ends the program.
void baseline_read(audit_t *audit, const char *path);

typedef struct {
    int frequency; // audit_frequency_t, or -1: of all
    int kind;      // audit_kind_t, or -1: of all
    unsigned long most;
} maximum_t;

// `--max per_packet=0,per_link=3`: a wrong one ends the program.
typedef struct {
    LIST(maximum_t) limits;
} maxima_t;

void maxima_read(maxima_t *maxima, const char *text);
// Says on stderr which are exceeded; true when one is.
bool maxima_exceeded(const maxima_t *maxima, const totals_t *totals);

#endif
