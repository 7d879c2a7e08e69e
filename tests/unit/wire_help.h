// wire_help.h -- what the tests of core/wire/ share: bytes from hex, and a provider.
#ifndef WIRE_HELP_H_INCLUDED
#define WIRE_HELP_H_INCLUDED

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rns/providers.h"
#include "crypto/crypto.h"
#include "vectors/wire.h"

#define ITEMS(array) (sizeof(array) / sizeof *(array))

// Bytes on the heap, exactly as many as there are, so that a sanitizer sees a read past the end.
static inline rns_mem_t unhex(const char *hex) {
    const size_t size = strlen(hex) / 2;
    rns_mem_t out = {malloc(size > 0 ? size : 1), size};
    assert_non_null(out.data);
    for (size_t i = 0; i < size; i++) {
        const char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        out.data[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return out;
}

static inline void assert_hex(const void *bytes, size_t size, const char *hex) {
    const rns_mem_t wanted = unhex(hex);
    assert_int_equal(size, wanted.size);
    if (size > 0) {
        assert_memory_equal(bytes, wanted.data, size);
    }
    free(wanted.data);
}

static inline rns_bytes_t view(rns_mem_t m) {
    return (rns_bytes_t){m.data, m.size};
}

static inline rns_bytes_t text(const char *s) {
    return (rns_bytes_t){(const uint8_t *)s, s == NULL ? 0 : strlen(s)};
}

// The host's provider, opened once for the program.
static inline const rnsi_crypto_t *provider(void) {
    static rnsi_crypto_t c;
    if (c.v == NULL) {
        void *self = calloc(1, rns_crypto_host.state_size + 1);
        assert_non_null(self);
        assert_true(rns_crypto_host.open(self));
        c = (rnsi_crypto_t){&rns_crypto_host, self};
    }
    return &c;
}

static inline int close_provider(void **state) {
    (void)state;
    provider()->v->close(provider()->self);
    free(provider()->self);
    return 0;
}

#endif
