// audit/tree.h -- the files to be looked at, and what can be said of them before they are parsed.
#ifndef AUDIT_TREE_H_INCLUDED
#define AUDIT_TREE_H_INCLUDED

#include "base.h"
#include "rules.h"

typedef enum { LANGUAGE_C, LANGUAGE_CXX } language_t;

// A comment `rnaudit: ...` in a file.
typedef struct {
    unsigned line; // which it speaks of: its own, or the next one that holds code
    bool only;
    int frequency; // audit_frequency_t or -1
    int policy;    // audit_policy_t or -1
} note_t;

typedef struct {
    const char *shown; // as in the report: below the path that was given
    const char *real;  // without links; the key
    language_t language;
    bool source;         // a translation unit; false: a header or table
    bool included;       // some translation unit of the audit includes it
    bool table;          // the macro of a table stands in it
    const char *trouble; // why it can't be read, or NULL
    size_t size;
    LIST(note_t) notes;
} file_t;

typedef struct {
    const char *shown, *why;
} closed_t;

typedef struct {
    LIST(file_t) files;
    LIST(closed_t) closed; // folders that can't be opened
    map_t by_real;
    LIST(const char *) include_dirs; // guessed, the most used first
    const char *root;                // of the project that the first path is part of
    bool own_std;                    // the tree defines classes of namespace std itself
} tree_t;

// Fills the tree with what lies under the paths. A path that isn't there ends the program.
void tree_read(tree_t *tree, char *const paths[], int count, const rules_t *rules);
void tree_free(tree_t *tree);
// The number of the file of this real path, or -1.
long tree_find(const tree_t *tree, const char *real);

#endif
