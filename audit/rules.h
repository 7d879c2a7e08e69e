// audit/rules.h -- the rules file: which functions are roots, what allocates, which macros are
// tables of pools. docs/AUDIT.md says how one is written.
#ifndef AUDIT_RULES_H_INCLUDED
#define AUDIT_RULES_H_INCLUDED

#include "base.h"
#include "model.h"

typedef enum {
    RULE_ROOT,     // a function that runs as often as the class says
    RULE_ONLY,     // as RULE_ROOT, and whatever calls it makes it no more frequent
    RULE_CALLBACK, // what is handed to this function runs that often
} rule_kind_t;

typedef struct {
    rule_kind_t kind;
    audit_frequency_t frequency;
    const char *pattern;
    const char *where; // "file:line", for the reasons
} rule_t;

typedef enum {
    MEANING_NONE,
    MEANING_NAME,
    MEANING_CLASS,
    MEANING_ELEMENT,
    MEANING_SLOTS,
    MEANING_BYTES,
    MEANING_REGION,
    MEANING_POLICY,
    MEANING_COUNT
} meaning_t;

#define TABLE_ARGUMENTS_MAX 32

typedef struct {
    const char *macro;
    meaning_t meaning[TABLE_ARGUMENTS_MAX];
    const char *format[TABLE_ARGUMENTS_MAX]; // `*` stands for the argument; NULL: as it is
    int count;
} rule_table_t;

typedef struct {
    meaning_t meaning;
    const char *from, *to;
} rule_value_t;

typedef struct {
    const char *pattern;
    bool external; // what it returns lies in external RAM
} rule_alloc_t;

typedef struct {
    LIST(rule_t) rules;
    LIST(rule_table_t) tables;
    LIST(rule_value_t) values;
    LIST(rule_alloc_t) allocs;
    LIST(const char *) excludes;
} rules_t;

extern const char rules_reticulum[]; // the rules that are built in: audit/reticulum.rules

// Adds the rules of a file; an error ends the program with file:line.
void rules_read(rules_t *rules, const char *path);
void rules_read_text(rules_t *rules, const char *name, const char *text);
void rules_free(rules_t *rules);

// A pattern with `*` and `?` matches the whole name or what stands behind a `::` of it.
bool rule_matches(const char *pattern, const char *name);
// The strongest rule of this kind for a function, or NULL.
const rule_t *rules_find(const rules_t *rules, rule_kind_t kind, const char *name);
// What an argument of a table means in the report's words.
const char *rules_value(const rules_t *rules, meaning_t meaning, const char *word);

#endif
