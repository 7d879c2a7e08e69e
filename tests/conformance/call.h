// call.h -- one request to the bridge: its parameters, and the result or the error that it gets.
#ifndef CONFORMANCE_CALL_H_INCLUDED
#define CONFORMANCE_CALL_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "rns/rns.h"

typedef struct bridge bridge_t;
typedef struct call_memory call_memory_t;

typedef struct {
    bridge_t *bridge;
    json_t *params; // an object
    char error[512];
    call_memory_t *memory; // freed when the call is over
} call_t;

// Does a command: returns the members of its result, or NULL after call_fail().
typedef json_t *(*command_t)(call_t *call);

typedef struct {
    const char *name; // NULL: the end of a table
    command_t run;
} command_entry_t;

// Says why the call fails; NULL, for the command to return.
void *call_fail(call_t *call, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The same for what the library says of `what`.
void *call_fail_err(call_t *call, const char *what, rns_err_t err);

// Memory until the end of the call; never NULL.
void *call_alloc(call_t *call, size_t size);
void call_free_all(call_t *call);

// ---- Parameters. False: it is missing, null or not what it should be, and the call fails.

bool call_hex(call_t *call, const char *name, rns_mem_t *bytes); // lives as long as the call
bool call_hex_of(call_t *call, const char *name, void *out, size_t size); // of this size
bool call_text(call_t *call, const char *name, const char **text);
bool call_int(call_t *call, const char *name, int64_t least, int64_t most, int64_t *value);
bool call_real(call_t *call, const char *name, double *value); // any number
bool call_flag(call_t *call, const char *name, bool *value);

// ---- The same where it may be missing or null: then the default stays in place.

bool call_has(const call_t *call, const char *name); // neither missing nor null
bool call_maybe_hex(call_t *call, const char *name, rns_mem_t *bytes);
bool call_maybe_text(call_t *call, const char *name, const char **text);
bool call_maybe_int(call_t *call, const char *name, int64_t least, int64_t most, int64_t *value);
bool call_maybe_real(call_t *call, const char *name, double *value);
bool call_maybe_flag(call_t *call, const char *name, bool *value);
// A list, or an empty one. Borrowed.
bool call_maybe_list(call_t *call, const char *name, json_t **list);

// "app.aspect.aspect" of the parameters app_name and aspects (a list, or text with commas; may be
// missing). Lives as long as the call. Dots in a part are refused, as in the reference.
bool call_name(call_t *call, const char **name);

// Bytes of the digits of an element of a list.
bool call_element(call_t *call, const json_t *element, rns_mem_t *bytes);

// ---- Results

// A string of digits; of what `data` is NULL for: null.
json_t *hex_of(const void *data, size_t size);
json_t *hex_of_hash(const rns_hash_t *hash);
json_t *hex_of_mem(rns_mem_t bytes);

#endif
