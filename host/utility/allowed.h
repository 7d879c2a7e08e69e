// host/utility/allowed.h -- who may use a listener: hashes of identities.
#ifndef HOST_UTILITY_ALLOWED_H_INCLUDED
#define HOST_UTILITY_ALLOWED_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

#include "rns/types.h"

#define ALLOWED_MOST 65536U // identities in one list

typedef struct {
    rns_hash_t *at;
    size_t count, room;
} allowed_t; // zero is an empty list

typedef enum {
    ALLOWED_OK,
    ALLOWED_LENGTH, // not 32 digits
    ALLOWED_DIGITS, // not hexadecimal
    ALLOWED_FULL    // too many, or no memory
} allowed_result_t;

allowed_result_t allowed_add(allowed_t *allowed, const char *text);
const char *allowed_text(allowed_result_t result); // for the user

// Adds each line of 32 characters of a text; others are comments.
allowed_result_t allowed_parse(allowed_t *allowed, const char *text, size_t size);

// The file of a program: the first of /etc/PROGRAM, ~/.config/PROGRAM and ~/.PROGRAM that has
// `allowed_identities`; none is no mistake. *loaded counts what it added.
allowed_result_t allowed_load(allowed_t *allowed, const char *program, size_t *loaded);

// What -a said and the program's file. False: something is wrong with them, and the user was told.
bool allowed_collect(allowed_t *allowed, const char *program, const char *const *texts,
                     size_t count);

bool allowed_has(const allowed_t *allowed, const rns_hash_t *identity);
void allowed_free(allowed_t *allowed);

#endif
