// host/configobj.h -- the syntax of the configuration file: sections, keys, texts and lists.
//
// What is accepted, and what is made of it, is what the reference's parser (RNS.vendor.configobj)
// does with its default settings; tests/vectors/config.h holds its answers.
#ifndef HOST_CONFIGOBJ_H_INCLUDED
#define HOST_CONFIGOBJ_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

#include "host/arena.h"

#define CONFIGOBJ_LINE_MAX  16384U   // bytes of a line
#define CONFIGOBJ_FILE_MAX  1048576U // bytes of a file
#define CONFIGOBJ_VALUE_MAX 16384U   // bytes of a value after interpolation
#define CONFIGOBJ_STEPS_MAX 1024U    // references that one value needs, in all
#define CONFIGOBJ_DEPTH_MAX 8U       // sections within sections
#define CONFIGOBJ_CHAIN_MAX 16U      // values that refer to values

typedef enum { CONFIGOBJ_SECTION, CONFIGOBJ_TEXT, CONFIGOBJ_LIST } configobj_kind_t;

typedef struct configobj_entry configobj_entry_t;
struct configobj_entry {
    const char *name; // of the key or section; NULL for the root
    configobj_kind_t kind;
    unsigned line;             // where it stands, from 1
    const char *const *values; // TEXT: one, LIST: any number; interpolated
    const char *const *raw;    // the same as they stand in the file
    size_t value_count;
    const char *fault;                  // why %(interpolation)s failed, or NULL
    configobj_entry_t *parent, *next;   // next: in the order of the file
    configobj_entry_t *children, *tail; // of a section
};

typedef struct {
    unsigned line;    // of the first error
    const char *text; // what is wrong and what to do; lives in the arena
} configobj_error_t;

// Parses `size` bytes of text. Everything returned lives in the arena; the text may go afterwards.
// NULL: there is an error, which is told. Cost: linear in the text, but for quotes within a line.
const configobj_entry_t *configobj_parse(arena_t *arena, const char *text, size_t size,
                                         configobj_error_t *error);

// The entry of that name in a section, or NULL.
const configobj_entry_t *configobj_find(const configobj_entry_t *section, const char *name);

#endif
