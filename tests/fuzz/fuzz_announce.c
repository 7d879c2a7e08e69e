// Any packet as an announce: views lie inside, and what verifies is made of these bytes alone.
#include <stdlib.h>
#include <string.h>

#include "wire/announce.h"
#include "fuzz.h"

static void check_layout(const rnsi_packet_t *p, const rnsi_announce_t *a) {
    const uint8_t *at = p->data.data;
    REQUIRE(a->dest == p->dest && a->keys == at && a->name_hash == at + 64 && a->random == at + 74);
    REQUIRE((a->ratchet != NULL) == (p->context_flag == 1));
    at += a->ratchet != NULL ? 84 + 32 : 84;
    REQUIRE(a->signature == at);
    REQUIRE((size_t)(at + 64 - p->data.data) + a->app_data.size == p->data.size);
    REQUIRE(a->app_data.data == NULL ? a->app_data.size == 0 : a->app_data.data == at + 64);
    REQUIRE(rnsi_announce_emitted(a->random) < UINT64_C(1) << 40);
}

// The data must come out again when its parts are put together; the signature is another one.
static void check_rebuilding(const rnsi_packet_t *p, const rnsi_announce_t *a) {
    static const uint8_t seed[32] = {7};
    rns_signer_t signer;
    uint8_t pub[32], out[RNSI_ANNOUNCE_DATA_MAX];
    const rnsi_crypto_t *c = fuzz_crypto();
    c->v->ed25519_expand(c->self, &signer, seed, pub);
    const size_t size = rnsi_announce_build(c, &signer, a, (rns_mem_t){out, sizeof out});
    const size_t front = (size_t)(a->signature - p->data.data);
    REQUIRE(size == p->data.size && memcmp(out, p->data.data, front) == 0);
    REQUIRE(memcmp(out + front + 64, a->signature + 64, size - front - 64) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *raw = malloc(size > 0 ? size : 1);
    REQUIRE(raw != NULL);
    memcpy(raw, data, size);
    rnsi_packet_t p;
    rnsi_announce_t a;
    if (rnsi_packet_parse((rns_mem_t){raw, size}, &p) && rnsi_announce_parse(&p, &a)) {
        check_layout(&p, &a);
        check_rebuilding(&p, &a);
        (void)rnsi_announce_fits_dest(fuzz_crypto(), &a);
        if (rnsi_announce_verify(fuzz_crypto(), &a)) {
            raw[a.random - raw] ^= 1;
            REQUIRE(!rnsi_announce_verify(fuzz_crypto(), &a));
        }
    }
    free(raw);
    return 0;
}
