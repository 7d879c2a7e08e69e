// Requests and answers as bytes: what umsgpack of the reference packs, and what it would take.
#include "wire_help.h"

#include "wire/request.h"

// packb([1700000000.25, truncated_hash(b"/status"), DATA])
#define HEAD "93cb41d954fc40100000c410ae4267a01f1269fbbf4824d26cf3bb22"
#define PATH "ae4267a01f1269fbbf4824d26cf3bb22"
#define MAP  "81a36b6579930102c4027879" // {"key": [1, 2, b"xy"]}
#define ID   "000102030405060708090a0b0c0d0e0f"

static void a_request_begins_as_the_reference_packs_it(void **state) {
    (void)state;
    uint8_t out[RNSI_REQUEST_HEAD];
    const rns_mem_t path = unhex(PATH);
    rnsi_request_head(1700000000250000, path.data, out);
    assert_hex(out, sizeof out, HEAD);
    free(path.data);
}

static void an_answer_begins_as_the_reference_packs_it(void **state) {
    (void)state;
    uint8_t out[RNSI_RESPONSE_HEAD];
    const rns_mem_t id = unhex(ID);
    rnsi_response_head(id.data, out);
    assert_hex(out, sizeof out, "92c410" ID);
    free(id.data);
}

static bool reads(const char *hex, int64_t unix_us, const char *data, bool has_data) {
    const rns_mem_t packed = unhex(hex);
    rnsi_request_in_t in;
    const bool ok = rnsi_request_parse(view(packed), &in);
    if (ok) {
        assert_hex(in.path, 16, PATH);
        assert_hex(in.data.data, in.data.size, data);
        assert_int_equal(in.has_data, has_data);
        assert_true(in.unix_us == unix_us);
    }
    free(packed.data);
    return ok;
}

static void a_request_is_read(void **state) {
    (void)state;
    const int64_t at = 1700000000250000;
    assert_true(reads(HEAD "c0", at, "c0", false));
    assert_true(reads(HEAD MAP, at, MAP, true));
    assert_true(reads(HEAD "c0ff", at, "c0", false)); // bytes behind it
    assert_true(reads("94cb41d954fc40100000c410" PATH "a1780102", at, "a178", true));
    assert_true(reads("dc0003cb41d954fc40100000c50010" PATH "c3", at, "c3", true)); // long forms
}

static void any_time_is_taken_and_what_is_none_is_0(void **state) {
    (void)state;
    assert_true(reads("93ce6553f100c410" PATH "c0", 1700000000000000, "c0", false)); // an integer
    assert_true(reads("93c0c410" PATH "c0", 0, "c0", false));                        // nil
    assert_true(reads("939201a178c410" PATH "c0", 0, "c0", false));                  // an array
    assert_true(reads("93cbbff0000000000000c410" PATH "c0", 0, "c0", false));        // -1.0
    assert_true(reads("93cb7ff8000000000000c410" PATH "c0", 0, "c0", false));        // NaN
    assert_true(reads("93cb7ff0000000000000c410" PATH "c0", 0, "c0", false));        // infinite
    assert_true(reads("93cb43e0000000000000c410" PATH "c0", 0, "c0", false));        // 2^63
}

static void what_is_no_request_is_refused(void **state) {
    (void)state;
    assert_false(reads("", 0, "", false));
    assert_false(reads("c0", 0, "", false));
    assert_false(reads("92cb41d954fc40100000c410" PATH "c0", 0, "", false));
    assert_false(reads("92cb41d954fc40100000c410" PATH, 0, "", false));              // two items
    assert_false(reads("83cb41d954fc40100000c410" PATH "c0c0c0c0c0", 0, "", false)); // a map
    assert_false(reads("93cb41d954fc40100000c40fae4267a01f1269fbbf4824d26cf3bbc0c0", 0, "",
                       false));                                            // 15 bytes
    assert_false(reads("93cb41d954fc40100000b0" PATH "c0", 0, "", false)); // a str
    assert_false(reads(HEAD "c403ffff", 0, "", false));
    const rns_mem_t whole = unhex(HEAD MAP);
    for (size_t size = 0; size < whole.size; size++) {
        uint8_t *cut = malloc(size > 0 ? size : 1);
        rnsi_request_in_t in;
        assert_non_null(cut);
        memcpy(cut, whole.data, size);
        assert_false(rnsi_request_parse((rns_bytes_t){cut, size}, &in));
        free(cut);
    }
    free(whole.data);
}

static bool answers(const char *hex, const char *value) {
    const rns_mem_t packed = unhex(hex);
    rnsi_response_in_t in;
    const bool ok = rnsi_response_parse(view(packed), &in);
    if (ok) {
        assert_hex(in.request_id, 16, ID);
        assert_hex(in.value.data, in.value.size, value);
    }
    free(packed.data);
    return ok;
}

static void an_answer_is_read(void **state) {
    (void)state;
    assert_true(answers("92c410" ID "c3", "c3"));
    assert_true(answers("92c410" ID "a6616e73776572", "a6616e73776572"));
    assert_true(answers("93c410" ID "c0c3", "c0"));
}

static void what_is_no_answer_is_refused(void **state) {
    (void)state;
    assert_false(answers("", ""));
    assert_false(answers("91c410" ID, ""));
    assert_false(answers("91c410" ID "c3", ""));
    assert_false(answers("92c410" ID, ""));
    assert_false(answers("92b0" ID "c3", ""));
    assert_false(answers("92c411" ID "c3c3", ""));
    assert_false(answers("92c410" ID "c405ff", ""));
    assert_false(answers("a178", ""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_begins_as_the_reference_packs_it),
        cmocka_unit_test(an_answer_begins_as_the_reference_packs_it),
        cmocka_unit_test(a_request_is_read),
        cmocka_unit_test(any_time_is_taken_and_what_is_none_is_0),
        cmocka_unit_test(what_is_no_request_is_refused),
        cmocka_unit_test(an_answer_is_read),
        cmocka_unit_test(what_is_no_answer_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
