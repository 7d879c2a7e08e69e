#include "text.h"

static const char digits[] = "0123456789abcdef";

static void add_char(text_t *text, char c) {
    if (text->used + 1 < text->size) {
        text->out[text->used++] = c;
        text->out[text->used] = '\0';
    }
}

void text_add(text_t *text, const char *words) {
    for (; *words != '\0'; words++) {
        add_char(text, *words);
    }
}

void text_number(text_t *text, uint64_t number) {
    char reversed[20];
    size_t count = 0;
    do {
        reversed[count++] = digits[number % 10];
        number /= 10;
    } while (number > 0);
    while (count > 0) {
        add_char(text, reversed[--count]);
    }
}

void text_hex(text_t *text, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        add_char(text, digits[bytes[i] >> 4]);
        add_char(text, digits[bytes[i] & 15U]);
    }
}

void text_address(text_t *text, uintptr_t address) {
    for (int shift = 28; shift >= 0; shift -= 4) {
        add_char(text, digits[address >> shift & 15U]);
    }
}
