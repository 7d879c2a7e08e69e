// text.h -- texts put together without printf, which is larger than all that is said here.
#ifndef PORTS_TEXT_H_INCLUDED
#define PORTS_TEXT_H_INCLUDED

#include "rns/types.h"

// What does not fit is left out; out always ends with a 0.
typedef struct {
    char *out;
    size_t size, used;
} text_t;

void text_add(text_t *text, const char *words);
void text_number(text_t *text, uint64_t number);
void text_hex(text_t *text, const uint8_t *bytes, size_t size);
void text_address(text_t *text, uintptr_t address); // eight digits

#endif
