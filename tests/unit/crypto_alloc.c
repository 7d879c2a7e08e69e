// No operation of the host's provider, nor of core/crypto on it, allocates after open().
#include "count_allocations.h"
#include "crypto_support.h"

#include "crypto/drbg.h"
#include "crypto/hkdf.h"
#include "crypto/identity.h"

#define OPERATIONS 1000

static uint8_t buffer[2048], other[2048];
static rns_signer_t signer;
static const rns_hash_t salt = {{1}};
static const rns_secret_t secret = {{2}, {3}};

static void run_sha256(void) {
    rns_sha256_t ctx;
    rnsi_sha256(host, (rns_bytes_t){buffer, 500}, other);
    host->v->sha256_init(host->self, &ctx);
    host->v->sha256_update(host->self, &ctx, buffer, 500);
    host->v->sha256_final(host->self, &ctx, other);
}

static void run_aes(void) {
    uint8_t iv[16] = {0};
    for (size_t key_size = 16; key_size <= 32; key_size += 16) {
        host->v->aes_cbc_encrypt(host->self, buffer, key_size, iv, buffer + 64, other, 480);
        host->v->aes_cbc_decrypt(host->self, buffer, key_size, iv, other, other, 480);
    }
}

static void run_x25519(void) {
    uint8_t pub[32], shared[32];
    host->v->x25519_public(host->self, pub, secret.x25519);
    (void)host->v->x25519_shared(host->self, shared, secret.x25519, pub);
}

static void run_ed25519(void) {
    uint8_t pub[32], sig[64];
    host->v->ed25519_expand(host->self, &signer, secret.ed25519, pub);
    host->v->ed25519_sign(host->self, sig, &signer, buffer, 500);
    (void)host->v->ed25519_verify(host->self, sig, pub, buffer, 500);
}

static void run_hkdf_and_drbg(void) {
    rnsi_drbg_t d;
    (void)rnsi_hkdf(host, (rns_bytes_t){buffer, 64}, (rns_bytes_t){buffer, 64},
                    (rns_bytes_t){NULL, 0}, (rns_mem_t){other, 564});
    rnsi_drbg_seed(host, &d, (rns_bytes_t){buffer, 48}, (rns_bytes_t){NULL, 0});
    rnsi_drbg_generate(host, &d, (rns_mem_t){other, 32});
    rnsi_drbg_reseed(host, &d, (rns_bytes_t){buffer, 32}, (rns_bytes_t){NULL, 0});
}

static void run_identity(void) {
    rnsi_identity_t id;
    size_t size;
    rnsi_identity_from_secret(host, &id, &signer, &secret);
    size_t sent = rnsi_identity_encrypt(host, id.pub, &salt, buffer, buffer,
                                        (rns_bytes_t){buffer, 383}, (rns_mem_t){other, 2048});
    (void)rnsi_identity_decrypt(host, secret.x25519, &salt, (rns_bytes_t){other, sent},
                                (rns_mem_t){buffer + 1024, 1024}, &size);
}

static void check(void (*run)(void)) {
    size_t before = allocations;
    for (int i = 0; i < OPERATIONS; i++) {
        run();
    }
    assert_int_equal(allocations - before, 0);
}

static void nothing_allocates_after_open(void **state) {
    (void)state;
#ifdef SANITIZED
    skip();
#endif
    // open() allocates, through OpenSSL: so the counter stands where it must.
    void *self = malloc(host->v->state_size);
    size_t before = allocations;
    assert_true(host->v->open(self));
    assert_true(allocations > before);
    host->v->close(self);
    free(self);
    check(run_sha256);
    check(run_aes);
    check(run_x25519);
    check(run_ed25519);
    check(run_hkdf_and_drbg);
    check(run_identity);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_allocates_after_open),
    };
    return cmocka_run_group_tests(tests, open_host, close_host);
}
