#include "host/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK 16384U // bytes taken from the system at once

struct arena_block {
    arena_block_t *next;
    size_t used, size;
    max_align_t data[];
};

static arena_block_t *block_new(arena_t *arena, size_t size) {
    arena_block_t *block;

    if (size < ARENA_BLOCK) {
        size = ARENA_BLOCK;
    }
    block = size < SIZE_MAX / 2 ? calloc(1, sizeof *block + size) : NULL;
    if (block == NULL) {
        fputs("out of memory\n", stderr);
        abort();
    }
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *arena_take(arena_t *arena, size_t size) {
    const size_t align = sizeof(max_align_t);
    arena_block_t *block = arena->blocks;
    unsigned char *memory;

    size = (size + align - 1) / align * align;
    if (block == NULL || block->size - block->used < size) {
        block = block_new(arena, size);
    }
    memory = (unsigned char *)block->data + block->used;
    block->used += size;
    return memory;
}

char *arena_text(arena_t *arena, const char *text, size_t size) {
    char *copy = arena_take(arena, size + 1);

    memcpy(copy, text, size);
    return copy;
}

char *arena_format(arena_t *arena, const char *format, ...) {
    va_list args;
    char *text;
    int size;

    va_start(args, format);
    size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (size < 0) {
        return arena_text(arena, "", 0);
    }
    text = arena_take(arena, (size_t)size + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)size + 1, format, args);
    va_end(args);
    return text;
}

void arena_free(arena_t *arena) {
    arena_block_t *block = arena->blocks;

    while (block != NULL) {
        arena_block_t *next = block->next;

        explicit_bzero(block->data, block->used);
        free(block);
        block = next;
    }
    arena->blocks = NULL;
}
