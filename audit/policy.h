// audit/policy.h -- a function looked at for one pool: what policy.c and inserts.c share.
#ifndef AUDIT_POLICY_H_INCLUDED
#define AUDIT_POLICY_H_INCLUDED

#include "tokens.h"

typedef LIST(const char *) names_t;

// What the checks of a function do.
typedef struct {
    bool leave;  // it leaves when the pool is full
    bool room;   // it makes room then
    bool wrap;   // it starts again at the front then
    bool search; // it searches a free slot among all
    bool oldest; // it looks for the oldest slot
} found_t;

typedef struct {
    const tokens_t *tokens;
    size_t begin, end;    // the body
    const char *name;     // of the pool
    const char *element;  // the last part of the type of its elements
    names_t sizes;        // names that stand for its size
    names_t indexes;      // variables in subscripts of inserts
    names_t wrapped;      // variables that are taken modulo the size: `next = (head + 1) % SIZE`
    names_t aliases;      // pointers and references to slots
    LIST(size_t) inserts; // tokens where something is put into a slot, or a slot given away
    bool ring;            // a subscript is taken modulo the size
    bool scalar;          // its elements are numbers: a value, unless it is filled one by one
    bool fills;           // a subscript counts on as the function runs
    found_t found;
} judge_t;

// Finds inserts, indexes and aliases.
void inserts_find(judge_t *judge);
bool judge_has_size(const judge_t *judge, size_t begin, size_t end);

#endif
