// Tokens in pieces give what tokens as a whole give.
#include "crypto_support.h"

#include "crypto/token_stream.h"
#include "vectors/crypto.h"

#define TOKEN      vector_token_64_383 // 48 bytes of token around 383 of text and one of padding
#define TOKEN_SIZE sizeof vector_token_64_383

// Decrypts a token of which each piece has this size (the last may be shorter), in memory of its
// own with the room before it that is asked for.
static rnsi_token_state_t decrypt(rns_bytes_t token, size_t piece, uint8_t *out, size_t *out_size) {
    rnsi_token_in_t in;
    rnsi_token_state_t state = RNSI_TOKEN_MORE;
    *out_size = 0;
    assert_true(rnsi_token_in_begin(host, &in, vector_token_key, token.size));
    for (size_t at = 0; at < token.size; at += piece) {
        assert_int_equal(state, RNSI_TOKEN_MORE);
        const size_t size = token.size - at < piece ? token.size - at : piece;
        uint8_t *memory = malloc(RNSI_TOKEN_BEFORE + size);
        rns_bytes_t plain;
        assert_non_null(memory);
        memcpy(memory + RNSI_TOKEN_BEFORE, token.data + at, size);
        state = rnsi_token_in_next(host, &in, vector_token_key,
                                   (rns_mem_t){memory + RNSI_TOKEN_BEFORE, size}, &plain);
        memcpy(out + *out_size, plain.data, plain.size);
        *out_size += plain.size;
        free(memory);
    }
    return state;
}

static void a_token_in_pieces_of_any_size_decrypts(void **state) {
    (void)state;
    for (size_t piece = 1; piece <= TOKEN_SIZE; piece++) {
        uint8_t out[TOKEN_SIZE];
        size_t size;
        assert_int_equal(decrypt((rns_bytes_t){TOKEN, TOKEN_SIZE}, piece, out, &size),
                         RNSI_TOKEN_WHOLE);
        assert_int_equal(size, 383);
        assert_memory_equal(out, vector_plain, size);
    }
}

static void tokens_of_all_sizes_decrypt(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof vector_tokens / sizeof *vector_tokens; i++) {
        uint8_t out[1100];
        size_t size;
        if (vector_tokens[i].key_size == 64) {
            const rns_bytes_t token = {vector_tokens[i].token, vector_tokens[i].size};
            assert_int_equal(decrypt(token, 23, out, &size), RNSI_TOKEN_WHOLE);
            assert_int_equal(size, vector_tokens[i].plain_size);
            assert_memory_equal(out, vector_plain, size);
        }
    }
}

static void a_changed_byte_anywhere_is_found_at_the_end(void **state) {
    (void)state;
    for (size_t at = 0; at < TOKEN_SIZE; at++) {
        uint8_t token[TOKEN_SIZE], out[TOKEN_SIZE];
        size_t size;
        memcpy(token, TOKEN, sizeof token);
        token[at] ^= 1;
        assert_int_equal(decrypt((rns_bytes_t){token, sizeof token}, 100, out, &size),
                         RNSI_TOKEN_BAD);
    }
}

static void padding_that_cannot_be_is_bad_under_a_right_hmac(void **state) {
    (void)state;
    for (unsigned pad = 0; pad < 256; pad += 15) {
        uint8_t token[80] = {3}, chain[16] = {3}, out[80];
        size_t size;
        rns_sha256_t mac;
        token[0] = 3;
        memcpy(chain, token, sizeof chain);
        memset(token + 16, 'a', 31);
        token[47] = (uint8_t)pad;
        rnsi_token_encrypt_blocks(host, vector_token_key, chain, token + 16, 32);
        rnsi_token_mac_begin(host, &mac, vector_token_key);
        host->v->sha256_update(host->self, &mac, token, 48);
        rnsi_token_mac_end(host, &mac, vector_token_key, token + 48);
        const rnsi_token_state_t result = decrypt((rns_bytes_t){token, 80}, 80, out, &size);
        assert_int_equal(result, pad <= 16 ? RNSI_TOKEN_WHOLE : RNSI_TOKEN_BAD);
        if (pad <= 16) {
            assert_int_equal(size, 32 - pad); // 0 takes nothing off, as in the reference
        }
    }
}

static void a_size_that_no_token_has_is_refused(void **state) {
    (void)state;
    rnsi_token_in_t in;
    static const size_t SIZES[] = {0, 16, 48, 63, 65, 72};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        assert_false(rnsi_token_in_begin(host, &in, vector_token_key, SIZES[i]));
    }
    assert_true(rnsi_token_in_begin(host, &in, vector_token_key, 64));
}

static void more_than_the_token_is_bad(void **state) {
    (void)state;
    rnsi_token_in_t in;
    rns_bytes_t plain;
    uint8_t memory[200] = {0};
    assert_true(rnsi_token_in_begin(host, &in, vector_token_key, 64));
    assert_int_equal(
        rnsi_token_in_next(host, &in, vector_token_key, (rns_mem_t){memory + 15, 65}, &plain),
        RNSI_TOKEN_BAD);
    assert_int_equal(plain.size, 0);
}

static void a_piece_can_be_taken_back(void **state) {
    (void)state;
    rnsi_token_in_t in, before;
    uint8_t memory[16 + TOKEN_SIZE];
    rns_bytes_t plain;
    assert_true(rnsi_token_in_begin(host, &in, vector_token_key, TOKEN_SIZE));
    memcpy(memory + 16, TOKEN, TOKEN_SIZE);
    rnsi_token_in_next(host, &in, vector_token_key, (rns_mem_t){memory + 16, 100}, &plain);
    before = in;
    rnsi_token_in_next(host, &in, vector_token_key, (rns_mem_t){memory + 116, 77}, &plain);
    in = before;
    memcpy(memory + 16, TOKEN, TOKEN_SIZE);
    assert_int_equal(rnsi_token_in_next(host, &in, vector_token_key,
                                        (rns_mem_t){memory + 116, TOKEN_SIZE - 100}, &plain),
                     RNSI_TOKEN_WHOLE);
    assert_memory_equal(plain.data, vector_plain + 80, plain.size);
    assert_int_equal(plain.size, 303);
}

static void blocks_are_those_of_the_token(void **state) {
    (void)state;
    uint8_t text[384], chain[16], hmac[32];
    memcpy(text, vector_plain, 383);
    text[383] = 1;
    memcpy(chain, TOKEN, sizeof chain);
    rnsi_token_encrypt_blocks(host, vector_token_key, chain, text, 160);
    rnsi_token_encrypt_blocks(host, vector_token_key, chain, text + 160, 224);
    assert_memory_equal(text, TOKEN + 16, 384);
    assert_memory_equal(chain, TOKEN + 16 + 368, 16);
    rns_sha256_t mac;
    rnsi_token_mac_begin(host, &mac, vector_token_key);
    host->v->sha256_update(host->self, &mac, TOKEN, TOKEN_SIZE - 32);
    rnsi_token_mac_end(host, &mac, vector_token_key, hmac);
    assert_memory_equal(hmac, TOKEN + TOKEN_SIZE - 32, 32);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_in_pieces_of_any_size_decrypts),
        cmocka_unit_test(tokens_of_all_sizes_decrypt),
        cmocka_unit_test(a_changed_byte_anywhere_is_found_at_the_end),
        cmocka_unit_test(padding_that_cannot_be_is_bad_under_a_right_hmac),
        cmocka_unit_test(a_size_that_no_token_has_is_refused),
        cmocka_unit_test(more_than_the_token_is_bad),
        cmocka_unit_test(a_piece_can_be_taken_back),
        cmocka_unit_test(blocks_are_those_of_the_token),
    };
    return cmocka_run_group_tests(tests, open_host, close_host);
}
