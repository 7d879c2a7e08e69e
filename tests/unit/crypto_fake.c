// The fake provider: not cryptography, but whatever the core relies on must hold.
#include "crypto_support.h"

#include "crypto/identity.h"

#define BUCKETS 256
#define BITS    512U
#define KEYS    65536

static const rnsi_crypto_t fake = {&rns_crypto_fake, NULL};

static void digest_of(const void *data, size_t size, uint8_t digest[32]) {
    rnsi_sha256(&fake, (rns_bytes_t){data, size}, digest);
}

static void fake_hash_does_not_depend_on_the_pieces(void **state) {
    (void)state;
    uint8_t data[40], whole[32], pieces[32];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 7 + 1);
    }
    digest_of(data, sizeof data, whole);
    for (size_t first = 0; first <= sizeof data; first++) {
        for (size_t second = first; second <= sizeof data; second++) {
            rns_sha256_t ctx;
            fake.v->sha256_init(NULL, &ctx);
            fake.v->sha256_update(NULL, &ctx, data, first);
            fake.v->sha256_update(NULL, &ctx, data + first, second - first);
            fake.v->sha256_update(NULL, &ctx, data + second, sizeof data - second);
            fake.v->sha256_final(NULL, &ctx, pieces);
            assert_memory_equal(pieces, whole, sizeof whole);
        }
    }
}

// Zeros of different number differ, and so does a change of any one bit.
static void fake_hash_tells_inputs_apart(void **state) {
    (void)state;
    static uint8_t digests[65 + BITS][32];
    uint8_t data[64] = {0};
    size_t count = 0;
    for (size_t size = 0; size <= 64; size++) {
        digest_of(data, size, digests[count++]);
    }
    for (size_t bit = 0; bit < BITS; bit++) {
        data[bit / 8] = (uint8_t)(1U << (bit % 8));
        digest_of(data, sizeof data, digests[count++]);
        data[bit / 8] = 0;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(digests[i], digests[j], 16);
        }
    }
}

// Counting numbers into 256 buckets by each byte of their hash: 256 expected in each, standard
// deviation 16; 6 deviations either way.
static void fake_hash_is_well_distributed_in_each_byte(void **state) {
    (void)state;
    static uint16_t counts[32][BUCKETS];
    for (uint32_t key = 0; key < KEYS; key++) {
        uint8_t data[16] = {0}, digest[32];
        memcpy(data, &key, sizeof key);
        digest_of(data, sizeof data, digest);
        for (size_t i = 0; i < 32; i++) {
            counts[i][digest[i]]++;
        }
    }
    for (size_t i = 0; i < 32; i++) {
        for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
            assert_in_range(counts[i][bucket], 256 - 96, 256 + 96);
        }
    }
}

static void fake_keys_agree_and_encryption_opens(void **state) {
    (void)state;
    rns_secret_t secret;
    rns_signer_t signer;
    rnsi_identity_t id;
    uint8_t blob[128], iv[16] = {3}, ephemeral[32] = {9};
    size_t size = 0;
    memset(&secret, 5, sizeof secret);
    rnsi_identity_from_secret(&fake, &id, &signer, &secret);
    size_t sent =
        rnsi_identity_encrypt(&fake, id.pub, &id.hash, ephemeral, iv,
                              text_view("twenty bytes of text"), (rns_mem_t){blob, sizeof blob});
    assert_int_equal(sent, 112);
    rns_mem_t in_place = {blob + 48, sent - 80};
    assert_true(rnsi_identity_decrypt(&fake, secret.x25519, &id.hash, (rns_bytes_t){blob, sent},
                                      in_place, &size));
    assert_int_equal(size, 20);
    assert_memory_equal(blob + 48, "twenty bytes of text", 20);
    assert_false(rnsi_identity_decrypt(&fake, secret.ed25519, &id.hash, (rns_bytes_t){blob, sent},
                                       in_place, &size));
}

static void fake_signatures_repeat_differ_and_verify(void **state) {
    (void)state;
    rns_signer_t a, b;
    uint8_t pub[32], sig[4][64], seed[32] = {1};
    fake.v->ed25519_expand(NULL, &a, seed, pub);
    seed[0] = 2;
    fake.v->ed25519_expand(NULL, &b, seed, pub);
    fake.v->ed25519_sign(NULL, sig[0], &a, "m", 1);
    fake.v->ed25519_sign(NULL, sig[1], &a, "m", 1);
    fake.v->ed25519_sign(NULL, sig[2], &a, "n", 1);
    fake.v->ed25519_sign(NULL, sig[3], &b, "m", 1);
    assert_memory_equal(sig[0], sig[1], 64);
    assert_memory_not_equal(sig[0], sig[2], 64);
    assert_memory_not_equal(sig[0], sig[3], 64);
    assert_memory_not_equal(sig[0], sig[0] + 32, 32);
    assert_true(fake.v->ed25519_verify(NULL, sig[0], pub, "anything", 8));
}

static void fake_refuses_the_zero_point(void **state) {
    (void)state;
    uint8_t out[32], secret[32] = {1}, peer[32] = {0};
    assert_false(fake.v->x25519_shared(NULL, out, secret, peer));
    peer[31] = 1;
    assert_true(fake.v->x25519_shared(NULL, out, secret, peer));
}

static void fake_needs_no_memory(void **state) {
    (void)state;
    uint8_t secret[8];
    assert_int_equal(fake.v->state_size, 0);
    assert_true(fake.v->open(NULL));
    fake.v->close(NULL);
    memset(secret, 7, sizeof secret);
    fake.v->wipe(secret, sizeof secret);
    assert_true(is_all(secret, sizeof secret, 0));
    assert_true(fake.v->equal("ab", "ac", 1));
    assert_false(fake.v->equal("ab", "ac", 2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fake_hash_does_not_depend_on_the_pieces),
        cmocka_unit_test(fake_hash_tells_inputs_apart),
        cmocka_unit_test(fake_hash_is_well_distributed_in_each_byte),
        cmocka_unit_test(fake_keys_agree_and_encryption_opens),
        cmocka_unit_test(fake_signatures_repeat_differ_and_verify),
        cmocka_unit_test(fake_refuses_the_zero_point),
        cmocka_unit_test(fake_needs_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
