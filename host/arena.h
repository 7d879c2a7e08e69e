// host/arena.h -- memory that lives and dies together: strings and records read once at start-up.
#ifndef HOST_ARENA_H_INCLUDED
#define HOST_ARENA_H_INCLUDED

#include <stddef.h>

typedef struct arena_block arena_block_t;
typedef struct {
    arena_block_t *blocks;
} arena_t; // zero is an empty arena

// Zeroed memory, aligned for any object, valid until arena_free(). Ends the process when the system
// has none left: the host allocates only while it starts.
void *arena_take(arena_t *arena, size_t size);

// A copy of `size` bytes of text with a NUL behind them.
char *arena_text(arena_t *arena, const char *text, size_t size);

// A text made as printf() would make it.
char *arena_format(arena_t *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));

// Wipes (it may hold passphrases) and gives back everything that was taken.
void arena_free(arena_t *arena);

#endif
