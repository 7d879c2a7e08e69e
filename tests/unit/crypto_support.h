// crypto_support.h -- what the tests of core/crypto share: cmocka, hex, the host's provider.
#ifndef CRYPTO_SUPPORT_H_INCLUDED
#define CRYPTO_SUPPORT_H_INCLUDED

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "crypto/crypto.h"
#include "rns/providers.h"

#define HEX_MAX 512

typedef struct {
    uint8_t b[HEX_MAX];
    size_t size;
} hex_t;

static inline hex_t hex(const char *text) {
    hex_t h = {.size = strlen(text) / 2};
    assert_true(h.size <= HEX_MAX && strlen(text) % 2 == 0);
    for (size_t i = 0; i < h.size; i++) {
        unsigned byte = 0;
        assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
        h.b[i] = (uint8_t)byte;
    }
    return h;
}

static inline rns_bytes_t view(const hex_t *h) {
    return (rns_bytes_t){h->b, h->size};
}

static inline rns_bytes_t text_view(const char *text) {
    return (rns_bytes_t){(const uint8_t *)text, strlen(text)};
}

static inline void assert_hex(const uint8_t *data, size_t size, const char *expected) {
    hex_t h = hex(expected);
    assert_int_equal(size, h.size);
    assert_memory_equal(data, h.b, size);
}

static inline bool is_all(const uint8_t *data, size_t size, uint8_t byte) {
    for (size_t i = 0; i < size; i++) {
        if (data[i] != byte) {
            return false;
        }
    }
    return true;
}

// One provider for all tests of a program, opened as the group's set-up.
static rnsi_crypto_t crypto;
static const rnsi_crypto_t *const host = &crypto;

static inline int open_host(void **state) {
    (void)state;
    crypto.v = &rns_crypto_host;
    crypto.self = malloc(crypto.v->state_size);
    return crypto.self != NULL && crypto.v->open(crypto.self) ? 0 : -1;
}

static inline int close_host(void **state) {
    (void)state;
    crypto.v->close(crypto.self);
    free(crypto.self);
    return 0;
}

#endif
