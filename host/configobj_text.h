// host/configobj_text.h -- inside host/configobj: white space, and the value behind a '='.
#ifndef HOST_CONFIGOBJ_TEXT_H_INCLUDED
#define HOST_CONFIGOBJ_TEXT_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

#include "host/configobj.h"

typedef struct {
    const char *at;
    size_t size;
} text_t; // borrowed, without a NUL

// The bytes of the white space character at `pos`, or of the one that ends there; 0: none. White
// space is what Python takes for it, with the spaces of Unicode.
size_t configobj_space_at(text_t text, size_t pos);
size_t configobj_space_before(text_t text, size_t pos);

size_t configobj_skip_space(text_t text, size_t pos);
text_t configobj_trim_end(text_t text, size_t at_least); // keeps the first `at_least` bytes

// True when nothing but white space and perhaps a comment follows `pos`.
bool configobj_ends_at(text_t text, size_t pos);

// Without a pair of quotes around it.
text_t configobj_unquote(text_t text);

// Reads a value of one line: comment, quotes, commas. False: it cannot be read.
bool configobj_value(arena_t *arena, text_t text, configobj_entry_t *entry);

// Replaces every %(name)s in the values of `entry`, or sets its fault.
void configobj_interpolate(arena_t *arena, configobj_entry_t *entry);

#endif
