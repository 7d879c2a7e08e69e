// text.c -- see text.h.
#include "host/text.h"

#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD" // U+FFFD

// The bytes that a first byte announces, what it carries, and the least that so many may encode.
static size_t lead(uint8_t first, uint32_t *bits, uint32_t *least) {
    if (first < 0x80) {
        *bits = first;
        *least = 0;
        return 1;
    }
    if (first >= 0xC2 && first < 0xE0) {
        *bits = first & 0x1FU;
        *least = 0x80;
        return 2;
    }
    if (first >= 0xE0 && first < 0xF0) {
        *bits = first & 0x0FU;
        *least = 0x800;
        return 3;
    }
    if (first >= 0xF0 && first < 0xF5) {
        *bits = first & 0x07U;
        *least = 0x10000;
        return 4;
    }
    return 0;
}

size_t text_character(rns_bytes_t bytes, uint32_t *code) {
    uint32_t value = 0, least = 0;
    const size_t size = bytes.size > 0 ? lead(bytes.data[0], &value, &least) : 0;
    if (size == 0 || size > bytes.size) {
        return 0;
    }
    for (size_t i = 1; i < size; i++) {
        if ((bytes.data[i] & 0xC0U) != 0x80U) {
            return 0;
        }
        value = value << 6 | (bytes.data[i] & 0x3FU);
    }
    if (value < least || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
        return 0;
    }
    if (code != NULL) {
        *code = value;
    }
    return size;
}

// Controls, line separators, and what turns the direction of the text that follows.
static bool is_hidden(uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x61C ||
           (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}

size_t text_show(rns_bytes_t bytes, char *out, size_t size) {
    size_t at = 0, written = 0;
    while (at < bytes.size) {
        uint32_t code = 0;
        const uint8_t *from = bytes.data + at;
        size_t length = text_character((rns_bytes_t){from, bytes.size - at}, &code);
        const bool shown = length > 0 && !is_hidden(code);
        at += length > 0 ? length : 1;
        length = shown ? length : 1;
        if (written + length >= size) {
            break;
        }
        memcpy(out + written, shown ? (const char *)from : "?", length);
        written += length;
    }
    out[written] = '\0';
    return written;
}

void text_hex(const uint8_t *bytes, size_t size, char *out) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 0x0F];
    }
    *out = '\0';
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool text_unhex(const char *digits, size_t size, uint8_t *out) {
    for (size_t i = 0; i + 1 < size; i += 2) {
        const int high = hex_digit(digits[i]), low = hex_digit(digits[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        *out++ = (uint8_t)(high << 4 | low);
    }
    return size % 2 == 0;
}

void text_hash(const rns_hash_t *hash, char out[TEXT_HASH]) {
    out[0] = '<';
    text_hex(hash->b, sizeof hash->b, out + 1);
    out[TEXT_HASH - 2] = '>';
    out[TEXT_HASH - 1] = '\0';
}

void text_json(FILE *out, const char *text) {
    rns_bytes_t left = {(const uint8_t *)text, strlen(text)};
    (void)fputc('"', out);
    while (left.size > 0) {
        uint32_t code = 0;
        const size_t length = text_character(left, &code);
        if (length == 0) {
            (void)fputs(REPLACEMENT, out);
        } else if (code < 0x20 || code == 0x7F) {
            (void)fprintf(out, "\\u%04x", (unsigned)code);
        } else {
            if (code == '"' || code == '\\') {
                (void)fputc('\\', out);
            }
            (void)fwrite(left.data, 1, length, out);
        }
        const size_t step = length > 0 ? length : 1;
        left = (rns_bytes_t){left.data + step, left.size - step};
    }
    (void)fputc('"', out);
}
