// audit/unit.h -- one translation unit while it is walked. What is found leaves as lines of facts
// (facts.h), so that a unit can be walked in a process of its own.
#ifndef AUDIT_UNIT_H_INCLUDED
#define AUDIT_UNIT_H_INCLUDED

#include "flags.h"
#include "rules.h"
#include "tree.h"

#include <clang-c/Index.h>

// Why code outside of a function runs, or runs once.
typedef enum {
    ONCE_NO,
    ONCE_STATIC, // the first time its function runs
    ONCE_GLOBAL, // before main
} once_t;

// A cursor above the one that is visited.
typedef struct {
    CXCursor cursor;
    enum CXCursorKind kind;
    const char *function; // id of the function that is around it, or ""
    const char *name;     // of that function, for people
    const char *class;    // that owns it, or ""
    once_t once;
    CXCursor member; // of a constructor: the member that was named last in its list
} frame_t;

// A function's place in a file, for what is found by its place only.
typedef struct {
    long file;
    unsigned begin, end;
    const char *id, *name, *class;
} span_t;

typedef struct {
    long file;
    unsigned offset;
} spot_t;

// What is known of a declaration that was referred to; by the address of the declaration.
typedef struct {
    const char *owner; // its id, when its growth is watched; else NULL
    const char *pool;  // its id, when it is a pool; else NULL
    CXCursor cursor;
} declaration_t;

typedef struct {
    long file; // number in the tree, or -1
    unsigned line, column, offset;
} place_t;

// The files that were walked before, without errors, in this process.
typedef struct {
    bool *by_file;
} clean_t;

typedef struct {
    const tree_t *tree;
    const rules_t *rules;
    CXTranslationUnit tu;
    text_t *out;
    LIST(frame_t) stack;
    map_t files; // CXFile -> number in the tree + 1, or 0
    map_t declarations_by_address;
    LIST(declaration_t) declarations;
    LIST(spot_t) covered; // names and `new`s that the parser understood
    LIST(span_t) spans;
    map_t bodies;                   // places of records and functions that were walked
    map_t repeats;                  // how many sites there were at a place
    LIST(size_t) pools_in_function; // declarations that the function at hand refers to
    bool by_tokens;                 // sites come from island.c
    bool *wrong;                    // by file: it has errors in this unit
    clean_t *clean;
} unit_t;

// Parses and walks one file; facts go to `out`. `clean` is by file, kept from call to call.
void unit_walk(const tree_t *tree, const rules_t *rules, const flags_t *flags, CXIndex index,
               size_t file, clean_t *clean, text_t *out);

// A line of facts: its letter and its fields, ended by NULL.
void unit_fact(unit_t *unit, const char *letter, ...);
const char *unit_number(unsigned long number);

// Where something is: in the file and at the place where a macro was used.
place_t unit_place(unit_t *unit, CXSourceLocation location);
place_t unit_place_of(unit_t *unit, CXCursor cursor);
long unit_file(unit_t *unit, CXFile file);
const char *unit_shown(const unit_t *unit, long file);
const char *unit_string(CXString string);
// The text of the source from where the cursor is spelled on; *length is to the end of the file.
const char *unit_text(const unit_t *unit, CXSourceLocation location, size_t *length);
const char *unit_text_of(const unit_t *unit, CXCursor cursor, size_t *length);

frame_t *unit_top(unit_t *unit);
void unit_cover(unit_t *unit, place_t place);

// names.c: what things are called.
const char *name_of_cursor(CXCursor cursor);                 // with its classes and namespaces
const char *name_of_class(CXCursor cursor);                  // the class around it, or ""
const char *name_of_function(unit_t *unit, CXCursor cursor); // its id
const char *name_of_type(CXType type);
bool name_in_std(CXCursor cursor);
bool cursor_is_null(CXCursor cursor);
bool cursor_is_function(enum CXCursorKind kind);
bool cursor_is_record(enum CXCursorKind kind);

// walk.c
void walk_unit(unit_t *unit);

// sites.c: expressions that allocate.
void sites_new(unit_t *unit, CXCursor cursor);
void sites_call(unit_t *unit, CXCursor cursor, CXCursor callee, const char *name);
void sites_temporary(unit_t *unit, CXCursor cursor, CXCursor callee);
void sites_add(unit_t *unit, place_t place, audit_kind_t kind, const char *type, const char *region,
               const char *owner, const char *detail);

// names of allocators, by themselves
audit_kind_t alloc_kind(const rules_t *rules, const char *name, bool *external);
audit_kind_t make_kind(const char *name);

// calls.c: who calls whom.
void calls_call(unit_t *unit, CXCursor cursor);
void calls_overloaded(unit_t *unit, CXCursor cursor);
void calls_reference(unit_t *unit, CXCursor cursor);
void calls_lambda(unit_t *unit, CXCursor cursor, const char *id);
const char *calls_lambda_id(unit_t *unit, CXSourceLocation location);

// types.c: which types allocate as they grow.
audit_kind_t type_kind(CXType type);
audit_kind_t type_kind_of_text(const char *type);
const char *type_smart_pointer(CXType type); // "shared_ptr", "unique_ptr" or NULL
bool type_is_external(const char *type);

// decls.c: members and variables.
void decls_variable(unit_t *unit, CXCursor cursor);
CXType pool_element(CXCursor cursor);
bool pool_is_scalar(CXCursor cursor); // its elements are plain numbers
void decls_base(unit_t *unit, CXCursor cursor);
void decls_use(unit_t *unit, CXCursor cursor, CXCursor of);

// policy.c: what a function does with a pool that is full.
void policy_judge(unit_t *unit, CXCursor function, const char *id);

// island.c: what stands in code that the parser gave up on.
void island_search(unit_t *unit, long file);

// table.c: rows of X-macros.
void table_read(unit_t *unit, long file);

#endif
