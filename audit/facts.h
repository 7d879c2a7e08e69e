// audit/facts.h -- what the units found, put together. A fact is a line: a letter and its fields,
// divided by tabs. The same fact from several units counts once.
//
//   F id name class file line flags     a function is defined (c constructor, C without arguments,
//                                       d destructor, l lambda, i initial values of members)
//   K id name class flags               a function that is called, and defined elsewhere
//   I class class how                   the first holds an object of the second, as base or member
//   E from to how name id               from calls to; or hands it to a call of name (id)
//   N from name how                     a call of which only the name is known; how: member or not
//   M id                                a function calls what it is handed
//   B field id / G from field           a member holds a function / is called
//   O id id                             a method is overridden by another
//   A id class how file line            a comment speaks of a function
//   S ...                               a site, see sites_add
//   U owner id use name                 something is done to what grows
//   P ... / Q pool id policy            a pool / what a function does with it
//   L pool slots element bytes          what an instance of a template says of a pool
//   T ... / Z name bytes / W name value a row of a table / a record / a constant
//   V file                              a file was walked as part of another
//   H file header / Y file line text / X file text   missing, wrong, unreadable
#ifndef AUDIT_FACTS_H_INCLUDED
#define AUDIT_FACTS_H_INCLUDED

#include "base.h"
#include "model.h"
#include "rules.h"
#include "tree.h"

typedef enum {
    EDGE_CALL,
    EDGE_HAND, // handed on, to be called later
    EDGE_VIA,  // handed to the function `via`
} edge_kind_t;

typedef struct {
    size_t to, via;
    const char *name; // what it is handed to
    edge_kind_t how;
} edge_t;

typedef struct {
    size_t from;
    const char *name;
    bool member; // called on an object
} named_call_t;

typedef struct {
    const char *whole, *part; // classes
    bool base;
} part_t;

typedef struct {
    const char *field;
    size_t function;
    bool holds; // the member holds the function; false: the function calls the member
} field_call_t;

typedef struct {
    const char *id, *name, *class;
    char flag; // of F, or 0 when it is only called
    bool defined, calls_parameter;
    audit_frequency_t frequency;
    audit_frequency_t cap; // RULE_ONLY, or FREQUENCY_UNKNOWN
    size_t parent;         // the function that it is reached through, or SIZE_MAX
    const char *reason;    // of a root: why it is one
    LIST(edge_t) edges;
} function_t;

typedef struct {
    const char *file, *class, *type, *region, *once, *owner, *detail;
    unsigned line, column;
    audit_kind_t kind;
    size_t function;            // SIZE_MAX: none
    const char *shown_function; // NULL: none
    audit_frequency_t frequency;
    audit_severity_t severity;
    const char *why;
    bool is_new;    // not in the baseline
    bool by_tokens; // found in code that the parser gave up on
} site_t;

typedef struct {
    const char *id, *file, *name, *class, *element, *region;
    unsigned line, column;
    long long slots, bytes; // -1: only the run decides
    audit_policy_t policy;
    int weight; // of what decided the policy
    bool definition;
    bool scalar; // of numbers: a value, unless some function fills it one by one
    struct {
        const char *slots, *element, *bytes;
        bool differ;        // another instance says otherwise
    } instance;             // of the template that it is part of
    const char *slots_text; // of a row of a table, or NULL
    bool is_new;
} pool_t;

typedef struct {
    const char *owner;
    size_t function;
    const char *use, *name;
} use_t;

typedef struct {
    const char *file, *what;
    unsigned line;
} trouble_t;

typedef struct {
    const rules_t *rules;
    tree_t *tree;
    LIST(function_t) functions;
    LIST(site_t) sites;
    LIST(pool_t) pools;
    LIST(use_t) uses;
    LIST(trouble_t) unread;  // files that no parser can read
    LIST(trouble_t) missing; // headers that were not found
    LIST(trouble_t) errors;  // the first error of each file
    LIST(part_t) parts;
    LIST(named_call_t) named_calls;
    LIST(field_call_t) field_calls;
    map_t function_by_id, pool_by_id, site_by_place, missing_seen, errors_seen;
    map_t seen;    // whole lines
    map_t records; // name -> bytes
    map_t values;  // name -> number
    bool compared; // with a baseline
} audit_t;

void facts_open(audit_t *audit, const rules_t *rules, tree_t *tree);
void facts_read(audit_t *audit, const char *text, size_t size);
// After the last file: settles the pools, and sorts sites and pools by their place.
void facts_finish(audit_t *audit);
void facts_free(audit_t *audit);

#endif
