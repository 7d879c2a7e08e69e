// fuzz.h -- what the fuzz targets share.
#ifndef FUZZ_H_INCLUDED
#define FUZZ_H_INCLUDED

#include <stdio.h>
#include <stdlib.h>

#include "rns/providers.h"
#include "crypto/crypto.h"

// An invariant, in all builds.
#define REQUIRE(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

static inline void fuzz_fail(const char *file, int line, const char *condition) {
    (void)fprintf(stderr, "%s:%d: %s\n", file, line, condition);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The host's provider; opened once, never closed.
static inline const rnsi_crypto_t *fuzz_crypto(void) {
    static rnsi_crypto_t c;
    if (c.v == NULL) {
        static void *self;
        self = calloc(1, rns_crypto_host.state_size + 1);
        REQUIRE(self != NULL && rns_crypto_host.open(self));
        c = (rnsi_crypto_t){&rns_crypto_host, self};
    }
    return &c;
}

#endif
