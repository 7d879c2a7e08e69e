// HMAC (RFC 4231) and HKDF (RFC 5869; the reference where it goes further).
#include "crypto_support.h"

#include "crypto/hkdf.h"
#include "vectors/crypto.h"

static void check_hmac(rns_bytes_t key, rns_bytes_t data, const char *expected) {
    uint8_t out[32];
    rnsi_hmac(host, key, data, out);
    assert_hex(out, strlen(expected) / 2, expected);
}

static void hmac_agrees_with_rfc_4231(void **state) {
    (void)state;
    hex_t key = hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    check_hmac(view(&key), text_view("Hi There"),
               "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    check_hmac(text_view("Jefe"), text_view("what do ya want for nothing?"),
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    hex_t data = {.size = 50};
    memset(key.b, 0xaa, sizeof key.b);
    memset(data.b, 0xdd, sizeof data.b);
    check_hmac(view(&key), view(&data),
               "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    key = hex("0102030405060708090a0b0c0d0e0f10111213141516171819");
    memset(data.b, 0xcd, sizeof data.b);
    check_hmac(view(&key), view(&data),
               "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
}

static void hmac_hashes_keys_longer_than_a_block(void **state) {
    (void)state;
    hex_t key = {.size = 131};
    memset(key.b, 0xaa, sizeof key.b);
    check_hmac(view(&key), text_view("Test Using Larger Than Block-Size Key - Hash Key First"),
               "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    check_hmac(view(&key),
               text_view("This is a test using a larger than block-size key and a larger than "
                         "block-size data. The key needs to be hashed before being used by the "
                         "HMAC algorithm."),
               "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

static void hmac_takes_no_key_and_no_data(void **state) {
    (void)state;
    check_hmac((rns_bytes_t){NULL, 0}, (rns_bytes_t){NULL, 0},
               "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void hmac_key_is_prepared_once_and_copied(void **state) {
    (void)state;
    rnsi_hmac_t keyed;
    uint8_t out[32];
    rnsi_hmac_init(host, &keyed, text_view("Jefe"));
    for (int round = 0; round < 2; round++) {
        rnsi_hmac_t run = keyed;
        rnsi_hmac_update(host, &run, text_view("what do ya want "));
        rnsi_hmac_update(host, &run, text_view("for nothing?"));
        rnsi_hmac_final(host, &run, out);
        assert_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_true(is_all((const uint8_t *)&run, sizeof run, 0));
    }
    rnsi_hmac_wipe(host, &keyed);
    assert_true(is_all((const uint8_t *)&keyed, sizeof keyed, 0));
}

static void check_hkdf(rns_bytes_t ikm, rns_bytes_t salt, rns_bytes_t context,
                       const char *expected) {
    uint8_t out[HEX_MAX];
    size_t size = strlen(expected) / 2;
    assert_true(rnsi_hkdf(host, ikm, salt, context, (rns_mem_t){out, size}));
    assert_hex(out, size, expected);
}

static void hkdf_agrees_with_rfc_5869(void **state) {
    (void)state;
    hex_t ikm = hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    hex_t salt = hex("000102030405060708090a0b0c");
    hex_t info = hex("f0f1f2f3f4f5f6f7f8f9");
    check_hkdf(view(&ikm), view(&salt), view(&info),
               "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b8"
               "87185865");
    uint8_t bytes[240];
    for (size_t i = 0; i < 80; i++) { // test case 2
        bytes[i] = (uint8_t)i;
        bytes[80 + i] = (uint8_t)(0x60 + i);
        bytes[160 + i] = (uint8_t)(0xb0 + i);
    }
    check_hkdf((rns_bytes_t){bytes, 80}, (rns_bytes_t){bytes + 80, 80},
               (rns_bytes_t){bytes + 160, 80},
               "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7"
               "827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5"
               "c1f3434f1d87");
    check_hkdf(view(&ikm), (rns_bytes_t){NULL, 0}, (rns_bytes_t){NULL, 0},
               "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4"
               "b61a96c8");
}

static void hkdf_agrees_with_the_reference(void **state) {
    (void)state;
    rns_bytes_t ikm = {vector_hkdf_ikm, sizeof vector_hkdf_ikm};
    rns_bytes_t salt = {vector_hkdf_salt, sizeof vector_hkdf_salt};
    rns_bytes_t context = {vector_hkdf_context, sizeof vector_hkdf_context};
    rns_bytes_t none = {NULL, 0};
    uint8_t out[99];
    assert_true(rnsi_hkdf(host, ikm, (rns_bytes_t){salt.data, 16}, none, (rns_mem_t){out, 64}));
    assert_memory_equal(out, vector_hkdf_64, 64);
    assert_true(rnsi_hkdf(host, ikm, none, none, (rns_mem_t){out, 40}));
    assert_memory_equal(out, vector_hkdf_no_salt, 40);
    assert_true(rnsi_hkdf(host, ikm, salt, context, (rns_mem_t){out, 99}));
    assert_memory_equal(out, vector_hkdf_context_99, 99);
    check_hkdf(
        none, none, none,
        "eb70f01dede9afafa449eee1b1286504e1f62388b3f7dd4f956697b0e828fe181e59c2ec0fe6e7e7ac26");
}

static void hkdf_counter_wraps_as_in_the_reference(void **state) {
    (void)state;
    static uint8_t out[9000];
    uint8_t digest[32];
    rns_bytes_t ikm = {vector_hkdf_ikm, sizeof vector_hkdf_ikm};
    rns_bytes_t salt = {vector_hkdf_salt, sizeof vector_hkdf_salt};
    rns_bytes_t context = {vector_hkdf_context, sizeof vector_hkdf_context};
    assert_true(rnsi_hkdf(host, ikm, salt, (rns_bytes_t){NULL, 0}, (rns_mem_t){out, sizeof out}));
    assert_memory_equal(out + 8128, vector_hkdf_wrap, sizeof vector_hkdf_wrap);
    rnsi_sha256(host, (rns_bytes_t){out, sizeof out}, digest);
    assert_memory_equal(digest, vector_hkdf_9000_sha256, 32);
    assert_true(rnsi_hkdf(host, ikm, salt, context, (rns_mem_t){out, sizeof out}));
    rnsi_sha256(host, (rns_bytes_t){out, sizeof out}, digest);
    assert_memory_equal(digest, vector_hkdf_9000_context_sha256, 32);
}

static void hkdf_streams_block_after_block(void **state) {
    (void)state;
    rnsi_hkdf_t h;
    uint8_t block[32];
    assert_true(rnsi_hkdf_init(host, &h, (rns_bytes_t){vector_hkdf_ikm, sizeof vector_hkdf_ikm},
                               (rns_bytes_t){vector_hkdf_salt, sizeof vector_hkdf_salt},
                               (rns_bytes_t){NULL, 0}));
    for (int i = 0; i < 254; i++) {
        rnsi_hkdf_next(host, &h, block);
    }
    for (size_t i = 0; i < sizeof vector_hkdf_wrap; i += sizeof block) {
        rnsi_hkdf_next(host, &h, block);
        assert_memory_equal(block, vector_hkdf_wrap + i, sizeof block);
    }
    rnsi_hkdf_wipe(host, &h);
    assert_true(is_all((const uint8_t *)&h, sizeof h, 0));
}

static void hkdf_refuses_what_it_cannot_do(void **state) {
    (void)state;
    rnsi_hkdf_t h;
    uint8_t bytes[81] = {1}, out[4] = {7, 7, 7, 7};
    rns_bytes_t none = {NULL, 0}, some = {bytes, 8}, long_one = {bytes, 81};
    assert_false(rnsi_hkdf(host, some, some, none, (rns_mem_t){out, 0}));
    assert_false(rnsi_hkdf(host, some, some, long_one, (rns_mem_t){out, 4}));
    assert_true(is_all(out, sizeof out, 7));
    assert_true(rnsi_hkdf(host, some, some, (rns_bytes_t){bytes, 80}, (rns_mem_t){out, 4}));
    memset(&h, 7, sizeof h);
    assert_false(rnsi_hkdf_init(host, &h, some, some, long_one));
    assert_true(is_all((const uint8_t *)&h, sizeof h, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hmac_agrees_with_rfc_4231),
        cmocka_unit_test(hmac_hashes_keys_longer_than_a_block),
        cmocka_unit_test(hmac_takes_no_key_and_no_data),
        cmocka_unit_test(hmac_key_is_prepared_once_and_copied),
        cmocka_unit_test(hkdf_agrees_with_rfc_5869),
        cmocka_unit_test(hkdf_agrees_with_the_reference),
        cmocka_unit_test(hkdf_counter_wraps_as_in_the_reference),
        cmocka_unit_test(hkdf_streams_block_after_block),
        cmocka_unit_test(hkdf_refuses_what_it_cannot_do),
    };
    return cmocka_run_group_tests(tests, open_host, close_host);
}
