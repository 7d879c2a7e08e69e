// Tokens against the reference's, and everything that must not decrypt.
#include "crypto_support.h"

#include "crypto/hmac.h"
#include "crypto/token.h"
#include "vectors/crypto.h"

#define VECTORS (sizeof vector_tokens / sizeof vector_tokens[0])

static bool decrypt(rns_bytes_t token, size_t key_size, rns_mem_t out, size_t *plain_size) {
    return rnsi_token_decrypt(host, vector_token_key, key_size, token, out, plain_size);
}

static void token_of_the_reference_decrypts(void **state) {
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        uint8_t out[1100];
        size_t size = 9999;
        rns_bytes_t token = {vector_tokens[i].token, vector_tokens[i].size};
        assert_true(decrypt(token, vector_tokens[i].key_size, (rns_mem_t){out, sizeof out}, &size));
        assert_int_equal(size, vector_tokens[i].plain_size);
        assert_memory_equal(out, vector_plain, size);
    }
}

static void token_is_the_references_byte_for_byte(void **state) {
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        uint8_t out[1100];
        size_t plain_size = vector_tokens[i].plain_size;
        assert_int_equal(rnsi_token_size(plain_size), vector_tokens[i].size);
        size_t size = rnsi_token_encrypt(host, vector_token_key, vector_tokens[i].key_size,
                                         vector_tokens[i].token, // the IV stands first
                                         (rns_bytes_t){vector_plain, plain_size},
                                         (rns_mem_t){out, vector_tokens[i].size});
        assert_int_equal(size, vector_tokens[i].size);
        assert_memory_equal(out, vector_tokens[i].token, size);
    }
}

static void token_encrypts_a_text_that_overlaps_it(void **state) {
    (void)state;
    for (size_t at = 0; at <= 48; at += 8) {
        uint8_t out[1100];
        memcpy(out + at, vector_plain, 383);
        size_t size = rnsi_token_encrypt(host, vector_token_key, 64, vector_token_64_383,
                                         (rns_bytes_t){out + at, 383}, (rns_mem_t){out, 1100});
        assert_int_equal(size, sizeof vector_token_64_383);
        assert_memory_equal(out, vector_token_64_383, size);
    }
}

static void token_is_authentic_whatever_it_holds(void **state) {
    (void)state;
    uint8_t token[3 + 32] = {1, 2, 3};
    const rns_bytes_t all = {token, sizeof token};
    rnsi_hmac(host, (rns_bytes_t){vector_token_key, 32}, (rns_bytes_t){token, 3}, token + 3);
    assert_true(rnsi_token_is_authentic(host, vector_token_key, 64, all));
    assert_false(rnsi_token_is_authentic(host, vector_token_key, 32, all)); // half the HMAC's key
    assert_false(rnsi_token_is_authentic(host, vector_token_key, 48, all));
    assert_false(rnsi_token_is_authentic(host, vector_token_key, 64, (rns_bytes_t){token + 3, 32}));
    token[0] ^= 1;
    assert_false(rnsi_token_is_authentic(host, vector_token_key, 64, all));
}

static void token_decrypts_in_place(void **state) {
    (void)state;
    uint8_t token[sizeof vector_token_64_383];
    size_t size = 0;
    memcpy(token, vector_token_64_383, sizeof token);
    assert_true(decrypt((rns_bytes_t){token, sizeof token}, 64,
                        (rns_mem_t){token + 16, sizeof token - 48}, &size));
    assert_int_equal(size, 383);
    assert_memory_equal(token + 16, vector_plain, 383);
}

static void token_with_any_byte_changed_fails(void **state) {
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        if (vector_tokens[i].plain_size > 32) {
            continue;
        }
        for (size_t at = 0; at < vector_tokens[i].size; at++) {
            uint8_t token[1100], out[64] = {0};
            size_t size = 9999;
            memcpy(token, vector_tokens[i].token, vector_tokens[i].size);
            token[at] ^= (uint8_t)(1U << (at % 8));
            assert_false(decrypt((rns_bytes_t){token, vector_tokens[i].size},
                                 vector_tokens[i].key_size, (rns_mem_t){out, sizeof out}, &size));
            assert_true(is_all(out, sizeof out, 0));
            assert_int_equal(size, 9999);
        }
    }
}

static void token_cut_or_extended_fails(void **state) {
    (void)state;
    uint8_t token[sizeof vector_token_64_32 + 16] = {0}, out[128];
    size_t plain_size;
    memcpy(token, vector_token_64_32, sizeof vector_token_64_32);
    for (size_t size = 0; size <= sizeof token; size++) {
        bool ok = decrypt((rns_bytes_t){token, size}, 64, (rns_mem_t){out, 128}, &plain_size);
        assert_int_equal(ok, size == sizeof vector_token_64_32);
    }
}

// Cut tokens with a right HMAC: what a holder of the key could send.
static void token_of_odd_size_fails_under_a_right_hmac(void **state) {
    (void)state;
    uint8_t token[200], out[200];
    size_t plain_size;
    for (size_t text = 0; text <= 48; text++) {
        memset(token, 5, sizeof token);
        rnsi_hmac(host, (rns_bytes_t){vector_token_key, 32}, (rns_bytes_t){token, text},
                  token + text);
        assert_false(decrypt((rns_bytes_t){token, text + 32}, 64, (rns_mem_t){out, sizeof out},
                             &plain_size));
    }
}

static void token_padding_is_read_as_the_reference_reads_it(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof vector_odd_paddings / sizeof vector_odd_paddings[0]; i++) {
        uint8_t out[32];
        size_t size = 9999;
        memset(out, 7, sizeof out);
        bool ok = decrypt((rns_bytes_t){vector_odd_paddings[i].token, 80}, 64,
                          (rns_mem_t){out, sizeof out}, &size);
        assert_int_equal(ok, vector_odd_paddings[i].plain_size >= 0);
        if (ok) {
            assert_int_equal(size, vector_odd_paddings[i].plain_size);
            assert_memory_equal(out, vector_plain, size < 31 ? size : 31);
        } else {
            assert_true(is_all(out, sizeof out, 0));
            assert_int_equal(size, 9999);
        }
    }
}

static void token_needs_a_key_of_32_or_64_bytes(void **state) {
    (void)state;
    uint8_t key[80] = {0}, iv[16] = {0}, out[128];
    size_t plain_size;
    rns_mem_t mem = {out, sizeof out};
    for (size_t key_size = 0; key_size <= sizeof key; key_size++) {
        size_t size = rnsi_token_encrypt(host, key, key_size, iv, text_view("text"), mem);
        assert_int_equal(size, key_size == 32 || key_size == 64 ? 64 : 0);
        if (size == 0) {
            size = rnsi_token_encrypt(host, key, 64, iv, text_view("text"), mem);
            assert_false(rnsi_token_decrypt(host, key, key_size, (rns_bytes_t){out, size},
                                            (rns_mem_t){out + 16, 16}, &plain_size));
        }
    }
}

static void token_of_one_key_size_fails_with_the_other(void **state) {
    (void)state;
    uint8_t out[64];
    size_t size;
    rns_mem_t mem = {out, sizeof out};
    assert_false(decrypt((rns_bytes_t){vector_token_64_16, 80}, 32, mem, &size));
    assert_false(decrypt((rns_bytes_t){vector_token_32_16, 80}, 64, mem, &size));
}

static void token_needs_room_for_all_of_it(void **state) {
    (void)state;
    uint8_t out[128];
    size_t size;
    memset(out, 7, sizeof out);
    for (size_t room = 0; room < 80; room++) {
        assert_int_equal(rnsi_token_encrypt(host, vector_token_key, 64, vector_token_64_16,
                                            (rns_bytes_t){vector_plain, 16},
                                            (rns_mem_t){out, room}),
                         0);
    }
    for (size_t room = 0; room < 32; room++) {
        assert_false(
            decrypt((rns_bytes_t){vector_token_64_16, 80}, 64, (rns_mem_t){out, room}, &size));
    }
    assert_true(is_all(out, sizeof out, 7));
    assert_true(decrypt((rns_bytes_t){vector_token_64_16, 80}, 64, (rns_mem_t){out, 32}, &size));
    // A size close to SIZE_MAX must not wrap to a small one.
    for (size_t less = 0; less < 80; less++) {
        assert_int_equal(rnsi_token_encrypt(host, vector_token_key, 64, vector_token_64_16,
                                            (rns_bytes_t){vector_plain, SIZE_MAX - less},
                                            (rns_mem_t){out, sizeof out}),
                         0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_of_the_reference_decrypts),
        cmocka_unit_test(token_is_the_references_byte_for_byte),
        cmocka_unit_test(token_encrypts_a_text_that_overlaps_it),
        cmocka_unit_test(token_is_authentic_whatever_it_holds),
        cmocka_unit_test(token_decrypts_in_place),
        cmocka_unit_test(token_with_any_byte_changed_fails),
        cmocka_unit_test(token_cut_or_extended_fails),
        cmocka_unit_test(token_of_odd_size_fails_under_a_right_hmac),
        cmocka_unit_test(token_padding_is_read_as_the_reference_reads_it),
        cmocka_unit_test(token_needs_a_key_of_32_or_64_bytes),
        cmocka_unit_test(token_of_one_key_size_fails_with_the_other),
        cmocka_unit_test(token_needs_room_for_all_of_it),
    };
    return cmocka_run_group_tests(tests, open_host, close_host);
}
