// The host's provider against the published vectors of what it computes.
#include "crypto_support.h"

#ifdef __unix__ // it runs on bare processors too, with their provider in the host's place
#include <pthread.h>
#endif

#include "vectors/crypto.h"

#define THREADS 4
#define ROUNDS  50

static void check_sha256(const char *text, const char *expected) {
    uint8_t digest[32];
    rnsi_sha256(host, text_view(text), digest);
    assert_hex(digest, 32, expected);
}

static void sha256_agrees_with_fips_180_4(void **state) {
    (void)state;
    check_sha256("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_sha256("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void sha256_of_a_million_letters_comes_in_pieces(void **state) {
    (void)state;
    rns_sha256_t ctx, half;
    uint8_t digest[32], piece[1000];
    memset(piece, 'a', sizeof piece);
    host->v->sha256_init(host->self, &ctx);
    host->v->sha256_update(host->self, &ctx, NULL, 0);
    for (int i = 0; i < 1000; i++) {
        if (i == 500) {
            half = ctx; // a copy goes on by itself
        }
        host->v->sha256_update(host->self, &ctx, piece, sizeof piece);
    }
    const char *expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    host->v->sha256_final(host->self, &ctx, digest);
    assert_hex(digest, 32, expected);
    for (int i = 500; i < 1000; i++) {
        host->v->sha256_update(host->self, &half, piece, sizeof piece);
    }
    host->v->sha256_final(host->self, &half, digest);
    assert_hex(digest, 32, expected);
}

static void truncated_hash_is_the_first_half(void **state) {
    (void)state;
    rns_hash_t hash = rnsi_truncated_hash(host, text_view("abc"));
    assert_hex(hash.b, sizeof hash.b, "ba7816bf8f01cfea414140de5dae2223");
}

static void check_aes(const char *key, const char *iv, const char *plain, const char *coded) {
    hex_t k = hex(key), p = hex(plain), e = hex(coded), v = hex(iv);
    uint8_t out[64];
    host->v->aes_cbc_encrypt(host->self, k.b, k.size, v.b, p.b, out, p.size);
    assert_memory_equal(out, e.b, e.size);
    assert_memory_equal(v.b, e.b + e.size - 16, 16);
    v = hex(iv);
    host->v->aes_cbc_decrypt(host->self, k.b, k.size, v.b, out, out, e.size); // in place
    assert_memory_equal(out, p.b, p.size);
    assert_memory_equal(v.b, e.b + e.size - 16, 16);
}

static const char zero_iv[] = "00000000000000000000000000000000";

static void aes_agrees_with_fips_197(void **state) {
    (void)state;
    const char *plain = "00112233445566778899aabbccddeeff";
    check_aes("000102030405060708090a0b0c0d0e0f", zero_iv, plain,
              "69c4e0d86a7b0430d8cdb78070b4c55a");
    check_aes("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", zero_iv, plain,
              "8ea2b7ca516745bfeafc49904b496089");
}

static const char sp_iv[] = "000102030405060708090a0b0c0d0e0f";
static const char sp_plain[] = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                               "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
static const char sp_key_256[] = "603deb1015ca71be2b73aef0857d7781"
                                 "1f352c073b6108d72d9810a30914dff4";
static const char sp_coded_256[] =
    "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
    "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b";

static void cbc_agrees_with_sp_800_38a(void **state) {
    (void)state;
    check_aes("2b7e151628aed2a6abf7158809cf4f3c", sp_iv, sp_plain,
              "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
              "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7");
    check_aes(sp_key_256, sp_iv, sp_plain, sp_coded_256);
}

static void cbc_goes_on_in_pieces(void **state) {
    (void)state;
    hex_t key = hex(sp_key_256), iv = hex(sp_iv), plain = hex(sp_plain), coded = hex(sp_coded_256);
    uint8_t out[64];
    host->v->aes_cbc_encrypt(host->self, key.b, 32, iv.b, plain.b, out, 16);
    host->v->aes_cbc_encrypt(host->self, key.b, 32, iv.b, plain.b + 16, out + 16, 0);
    host->v->aes_cbc_encrypt(host->self, key.b, 32, iv.b, plain.b + 16, out + 16, 48);
    assert_memory_equal(out, coded.b, 64);
    iv = hex(sp_iv);
    host->v->aes_cbc_decrypt(host->self, key.b, 32, iv.b, coded.b, out, 32);
    host->v->aes_cbc_decrypt(host->self, key.b, 32, iv.b, coded.b + 32, out + 32, 0);
    host->v->aes_cbc_decrypt(host->self, key.b, 32, iv.b, coded.b + 32, out + 32, 32);
    assert_memory_equal(out, plain.b, 64);
}

static void check_x25519(const char *secret, const char *peer, const char *expected) {
    hex_t s = hex(secret), p = hex(peer);
    uint8_t out[32];
    assert_true(host->v->x25519_shared(host->self, out, s.b, p.b));
    assert_hex(out, 32, expected);
}

static void x25519_agrees_with_rfc_7748(void **state) {
    (void)state;
    check_x25519("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
                 "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
                 "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
    check_x25519("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
                 "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
                 "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
}

static void x25519_agrees_from_both_sides_as_in_rfc_7748(void **state) {
    (void)state;
    const char *alice = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
    const char *alice_pub = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
    const char *bob = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
    const char *bob_pub = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
    const char *shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
    hex_t a = hex(alice), b = hex(bob);
    uint8_t pub[32];
    host->v->x25519_public(host->self, pub, a.b);
    assert_hex(pub, 32, alice_pub);
    host->v->x25519_public(host->self, pub, b.b);
    assert_hex(pub, 32, bob_pub);
    check_x25519(alice, bob_pub, shared);
    check_x25519(bob, alice_pub, shared);
}

static void check_ed25519(const char *seed, const char *pub, const char *message,
                          const char *expected) {
    hex_t s = hex(seed), m = hex(message);
    rns_signer_t signer;
    uint8_t key[32], sig[64];
    host->v->ed25519_expand(host->self, &signer, s.b, key);
    assert_hex(key, 32, pub);
    host->v->ed25519_sign(host->self, sig, &signer, m.b, m.size);
    assert_hex(sig, 64, expected);
    assert_true(host->v->ed25519_verify(host->self, sig, key, m.b, m.size));
    sig[32] ^= 1;
    assert_false(host->v->ed25519_verify(host->self, sig, key, m.b, m.size));
}

static void ed25519_agrees_with_rfc_8032(void **state) {
    (void)state;
    check_ed25519("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
    check_ed25519("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    check_ed25519("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
}

// A key and R that are the neutral point "sign" every message. The reference's library lets that
// through; such a key has no owner, so nothing honest is lost by refusing it.
static void ed25519_refuses_keys_of_small_order(void **state) {
    (void)state;
    uint8_t pub[32] = {1}, sig[64] = {1};
    assert_int_equal(VECTOR_NEUTRAL_KEY_VERIFIES, 1);
    assert_false(host->v->ed25519_verify(host->self, sig, pub, "any", 3));
}

// S + L signs the same as S: only the reduced one may pass, or one packet has many hashes.
static void ed25519_refuses_an_s_that_is_not_reduced(void **state) {
    (void)state;
    hex_t pub = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    hex_t sig = hex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                    "4c8c7872aa064e049dbb3013fbf29380d25bf5f0595bbe24655141438e7a101b");
    assert_false(host->v->ed25519_verify(host->self, sig.b, pub.b, NULL, 0));
}

#ifdef __unix__
static void *verify_many(void *failures) {
    hex_t seed = hex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
    for (int i = 0; i < ROUNDS; i++) {
        rns_signer_t signer;
        uint8_t pub[32], sig[64], message[8] = {(uint8_t)i};
        host->v->ed25519_expand(host->self, &signer, seed.b, pub);
        host->v->ed25519_sign(host->self, sig, &signer, message, sizeof message);
        *(int *)failures += !host->v->ed25519_verify(host->self, sig, pub, message, sizeof message);
        message[7] = 1;
        *(int *)failures += host->v->ed25519_verify(host->self, sig, pub, message, sizeof message);
    }
    return NULL;
}

static void signatures_are_verified_on_several_threads_at_once(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    int failures[THREADS] = {0};
    assert_true(host->v->self_is_shared);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, verify_many, &failures[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(failures[i], 0);
    }
}

#endif

static void equal_and_wipe_do_what_they_say(void **state) {
    (void)state;
    uint8_t a[33] = {0}, b[33] = {0};
    assert_true(host->v->equal(a, b, 33));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] = 0x80;
        assert_false(host->v->equal(a, b, 33));
        assert_true(host->v->equal(a, b, i));
        b[i] = 0;
    }
    memset(a, 7, sizeof a);
    host->v->wipe(a, 32);
    assert_true(is_all(a, 32, 0));
    assert_int_equal(a[32], 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_agrees_with_fips_180_4),
        cmocka_unit_test(sha256_of_a_million_letters_comes_in_pieces),
        cmocka_unit_test(truncated_hash_is_the_first_half),
        cmocka_unit_test(aes_agrees_with_fips_197),
        cmocka_unit_test(cbc_agrees_with_sp_800_38a),
        cmocka_unit_test(cbc_goes_on_in_pieces),
        cmocka_unit_test(x25519_agrees_with_rfc_7748),
        cmocka_unit_test(x25519_agrees_from_both_sides_as_in_rfc_7748),
        cmocka_unit_test(ed25519_agrees_with_rfc_8032),
        cmocka_unit_test(ed25519_refuses_keys_of_small_order),
        cmocka_unit_test(ed25519_refuses_an_s_that_is_not_reduced),
#ifdef __unix__
        cmocka_unit_test(signatures_are_verified_on_several_threads_at_once),
#endif
        cmocka_unit_test(equal_and_wipe_do_what_they_say),
    };
    return cmocka_run_group_tests(tests, open_host, close_host);
}
