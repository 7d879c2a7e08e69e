// audit/base.h -- what the rest of rnaudit stands on: memory, growing lists, text, names, maps.
//
// rnaudit runs once and ends, so running out of memory ends it with a message, and names live until
// the end of the process.
#ifndef AUDIT_BASE_H_INCLUDED
#define AUDIT_BASE_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDIT_EXIT_CLEAN    0
#define AUDIT_EXIT_FINDINGS 1 // beyond the baseline or --max
#define AUDIT_EXIT_USAGE    2 // the command line or a file that it names is wrong

// Memory. They never return NULL.
void *memory_new(size_t size); // zeroed
void *memory_grow(void *old, size_t size);
char *memory_text(const char *from, size_t length); // a copy with a final 0

// A list of TYPE: LIST(int) numbers = {0}; *LIST_ADD(numbers) = 3; free(numbers.at).
#define LIST(type)                                                                                 \
    struct {                                                                                       \
        type *at;                                                                                  \
        size_t count, room;                                                                        \
    }
#define LIST_ADD(list)                                                                             \
    ((list).at = list_room((list).at, (list).count, &(list).room, sizeof *(list).at),              \
     &(list).at[(list).count++])
void *list_room(void *at, size_t count, size_t *room, size_t size);

// Text that grows; at is never NULL after the first text_add.
typedef struct {
    char *at;
    size_t size, room;
} text_t;

void text_add(text_t *text, const char *more);
void text_add_part(text_t *text, const char *more, size_t length);
__attribute__((format(printf, 2, 3))) void text_print(text_t *text, const char *format, ...);
void text_clear(text_t *text);
void text_free(text_t *text);

// Names: one address for equal texts, so they are compared by address. NULL stays NULL.
const char *name_of(const char *text);
const char *name_of_part(const char *text, size_t length);
__attribute__((format(printf, 1, 2))) const char *name_print(const char *format, ...);

// A map from names (by address) to numbers.
typedef struct {
    struct map_cell {
        const void *key;
        size_t value;
    } * cells;
    size_t count, room;
} map_t;

// The number of this key, in place to be written, or NULL.
size_t *map_find(const map_t *map, const void *key);
// As map_find; a key that isn't there is added with `fresh`, and *added tells (may be NULL).
size_t *map_take(map_t *map, const void *key, size_t fresh, bool *added);
void map_free(map_t *map);

bool text_has_word(const char *const words[], size_t count, const char *word);
bool text_ends(const char *text, const char *end);
bool text_begins(const char *text, const char *begin);

// Prints "rnaudit: error: ..." and leaves with AUDIT_EXIT_USAGE.
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);

// The whole of a file with a final 0, or NULL and errno. Free it.
char *file_read(const char *path, size_t *size);

#endif
