// host/text.h -- bytes from elsewhere, made fit for people and for JSON.
#ifndef HOST_TEXT_H_INCLUDED
#define HOST_TEXT_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "rns/types.h"

// Bytes of the UTF-8 character at the start of `bytes`: 1 to 4, or 0 if there is no valid one. The
// code point goes to *code, which may be NULL.
size_t text_character(rns_bytes_t bytes, uint32_t *code);

// Copies what can be shown of UTF-8 text on one line: control characters and what is not UTF-8
// become '?'. Cut to what fits, at a character, with a NUL behind it. Returns the bytes without it.
size_t text_show(rns_bytes_t bytes, char *out, size_t size);

// Lower-case digits and a NUL: 2 * size + 1 bytes.
void text_hex(const uint8_t *bytes, size_t size, char *out);

// The opposite: `size` digits into size / 2 bytes. False: an odd number, or not a digit.
bool text_unhex(const char *digits, size_t size, uint8_t *out);

// "<00112233445566778899aabbccddeeff>", as the reference shows hashes.
#define TEXT_HASH 35U // its bytes, with a NUL
void text_hash(const rns_hash_t *hash, char out[TEXT_HASH]);

// Writes a JSON string with its quotes. What is not UTF-8 becomes U+FFFD.
void text_json(FILE *out, const char *text);

#endif
