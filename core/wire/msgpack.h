// msgpack.h -- the MessagePack of the reference (umsgpack): smallest forms written, all forms read.
// Nothing recurses: a map or array is its head, its items follow as values of their own.
#ifndef RNSI_MSGPACK_H_INCLUDED
#define RNSI_MSGPACK_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rns/types.h"
#include "memory/bytes.h"

typedef enum {
    RNSI_MSGPACK_NIL,
    RNSI_MSGPACK_BOOL,
    RNSI_MSGPACK_UINT,     // zero and above
    RNSI_MSGPACK_NEGATIVE, // below zero
    RNSI_MSGPACK_FLOAT,
    RNSI_MSGPACK_STR, // valid UTF-8
    RNSI_MSGPACK_BIN,
    RNSI_MSGPACK_ARRAY,
    RNSI_MSGPACK_MAP,
    RNSI_MSGPACK_EXT,
} rnsi_msgpack_type_t;

typedef struct {
    rnsi_msgpack_type_t type;
    int8_t ext_type;
    bool boolean;
    uint32_t count;    // items of an array, pairs of a map: never more than bytes are left
    uint64_t uint;     // UINT
    int64_t negative;  // NEGATIVE
    double real;       // FLOAT
    rns_bytes_t bytes; // STR, BIN, EXT; a view of the input
} rnsi_msgpack_t;

// The next value. false, and the reader's ok is false for good: truncated, the reserved code,
// invalid UTF-8, or more items than bytes.
bool rnsi_msgpack_read(rnsi_reader_t *r, rnsi_msgpack_t *value);

// Passes over the next value with all that is in it. Constant memory at any depth.
bool rnsi_msgpack_skip(rnsi_reader_t *r);

// What a number of seconds is in microseconds. false: the value is no number.
bool rnsi_msgpack_as_seconds(const rnsi_msgpack_t *value, int64_t *us);

// The next value must be of this type; false ends the reader as above.
bool rnsi_msgpack_read_bool(rnsi_reader_t *r, bool *value);
bool rnsi_msgpack_read_uint(rnsi_reader_t *r, uint64_t *value);
// An integer or a float, of seconds, in microseconds; see rnsi_us_of_seconds().
bool rnsi_msgpack_read_seconds(rnsi_reader_t *r, int64_t *us);
bool rnsi_msgpack_read_str(rnsi_reader_t *r, rns_bytes_t *value);
bool rnsi_msgpack_read_bin(rnsi_reader_t *r, rns_bytes_t *value);
bool rnsi_msgpack_read_array(rnsi_reader_t *r, uint32_t *count);
bool rnsi_msgpack_read_map(rnsi_reader_t *r, uint32_t *pairs);

// A literal as text: rnsi_msgpack_str(&w, RNSI_TEXT("interval")).
#define RNSI_TEXT(literal) ((rns_bytes_t){(const uint8_t *)("" literal), sizeof(literal) - 1})

// Whether a value is this str: for keys of maps.
bool rnsi_msgpack_is(const rnsi_msgpack_t *value, rns_bytes_t text);

// Writers, each in the smallest form. Trouble shows in the writer's ok.
void rnsi_msgpack_nil(rnsi_writer_t *w);
void rnsi_msgpack_bool(rnsi_writer_t *w, bool value);
void rnsi_msgpack_uint(rnsi_writer_t *w, uint64_t value);
void rnsi_msgpack_int(rnsi_writer_t *w, int64_t value);
void rnsi_msgpack_float(rnsi_writer_t *w, double value); // always 64 bits
void rnsi_msgpack_seconds(rnsi_writer_t *w, int64_t us); // as a float
void rnsi_msgpack_str(rnsi_writer_t *w, rns_bytes_t text);
void rnsi_msgpack_bin(rnsi_writer_t *w, rns_bytes_t bytes);
void rnsi_msgpack_array(rnsi_writer_t *w, uint32_t count);
void rnsi_msgpack_map(rnsi_writer_t *w, uint32_t pairs);

// The head of a bin whose size bytes the caller writes next.
void rnsi_msgpack_bin_head(rnsi_writer_t *w, uint32_t size);

#endif
