// What transfers say to each other: its bytes are the reference's, and nothing else is taken.
#include "wire_help.h"

#include "vectors/resource.h"
#include "wire/msgpack.h"
#include "wire/resource.h"

static rnsi_adv_t read_adv(const char *hex, rns_mem_t *raw) {
    rnsi_adv_t adv;
    *raw = unhex(hex);
    assert_true(rnsi_adv_read(view(*raw), &adv));
    return adv;
}

static void advertisement_is_read_as_the_reference_packs_it(void **state) {
    (void)state;
    rns_mem_t raw;
    rnsi_adv_t adv = read_adv(VECTOR_ADV, &raw);
    assert_int_equal(adv.size, 60000);
    assert_int_equal(adv.transfer, 60064); // 48 of token, 60,004 bytes to the next multiple of 16
    assert_int_equal(adv.parts, 130);      // of 464
    assert_int_equal(adv.segment, 1);
    assert_int_equal(adv.segments, 1);
    assert_null(adv.request_id);
    assert_int_equal(adv.flags, RNSI_ADV_ENCRYPTED);
    assert_int_equal(adv.map.size, 74 * 4);
    free(raw.data);

    adv = read_adv(VECTOR_ADV_REQUEST, &raw);
    assert_int_equal(adv.flags, RNSI_ADV_ENCRYPTED | RNSI_ADV_REQUEST);
    assert_non_null(adv.request_id);
    assert_int_equal(adv.map.size, 3 * 4);
    free(raw.data);

    adv = read_adv(VECTOR_ADV_RESPONSE, &raw);
    assert_int_equal(adv.flags, RNSI_ADV_ENCRYPTED | RNSI_ADV_RESPONSE | RNSI_ADV_METADATA);
    assert_int_equal(adv.size, 900 + 3 + 3); // c4 01 6d is its metadata
    free(raw.data);

    adv = read_adv(VECTOR_ADV_COMPRESSED, &raw);
    assert_int_equal(adv.flags, RNSI_ADV_ENCRYPTED | RNSI_ADV_COMPRESSED);
    assert_int_equal(adv.size, 5000);
    free(raw.data);
}

static void advertisement_is_packed_as_the_reference_packs_it(void **state) {
    (void)state;
    static const char *const ADVS[] = {VECTOR_ADV, VECTOR_ADV_REQUEST, VECTOR_ADV_RESPONSE,
                                       VECTOR_ADV_COMPRESSED};
    for (size_t i = 0; i < ITEMS(ADVS); i++) {
        rns_mem_t raw;
        uint8_t out[RNSI_RESOURCE_ADV_MOST];
        const rnsi_adv_t adv = read_adv(ADVS[i], &raw);
        assert_hex(out, rnsi_adv_write((rns_mem_t){out, sizeof out}, &adv), ADVS[i]);
        assert_int_equal(rnsi_adv_write((rns_mem_t){out, raw.size - 1}, &adv), 0);
        free(raw.data);
    }
}

static void longest_advertisement_fits_what_is_set_aside_for_it(void **state) {
    (void)state;
    static const uint8_t BYTES[RNSI_HASHMAP_MAX * RNSI_MAPHASH_SIZE] = {0};
    uint8_t out[RNSI_RESOURCE_ADV_MOST];
    const rnsi_adv_t adv = {.size = UINT64_MAX,
                            .transfer = RNSI_RESOURCE_TRANSFER,
                            .parts = UINT16_MAX,
                            .segment = UINT32_MAX,
                            .segments = UINT32_MAX,
                            .hash = BYTES,
                            .original = BYTES,
                            .random = BYTES,
                            .request_id = BYTES,
                            .flags = 0x3f,
                            .map = {BYTES, sizeof BYTES}};
    assert_int_equal(rnsi_adv_write((rns_mem_t){out, sizeof out}, &adv), sizeof out);
}

static void advertisement_that_is_cut_short_is_refused(void **state) {
    (void)state;
    rns_mem_t raw = unhex(VECTOR_ADV_REQUEST);
    for (size_t size = 0; size < raw.size; size++) {
        uint8_t *cut = malloc(size + 1);
        rnsi_adv_t adv;
        memcpy(cut, raw.data, size);
        assert_false(rnsi_adv_read((rns_bytes_t){cut, size}, &adv));
        free(cut);
    }
    free(raw.data);
}

// The request's advertisement with the bytes at `at` replaced.
static bool is_taken(size_t at, const char *hex) {
    const rns_mem_t raw = unhex(VECTOR_ADV_REQUEST), change = unhex(hex);
    rnsi_adv_t adv;
    memcpy(raw.data + at, change.data, change.size);
    const bool ok = rnsi_adv_read(view(raw), &adv);
    free(raw.data);
    free(change.data);
    return ok;
}

// 8b a1 t cd xxxx a1 d cd xxxx a1 n 03 a1 h c4 20 ... a1 r c4 04 ... a1 o c4 20 ... a1 i 01 a1 l 01
// a1 q c4 10 ... a1 f 09 a1 m c4 0c ...
static void advertisement_with_another_type_somewhere_is_refused(void **state) {
    (void)state;
    assert_true(is_taken(0, "8b"));
    assert_false(is_taken(0, "8a"));     // a key too few
    assert_false(is_taken(0, "9b"));     // an array
    assert_false(is_taken(2, "78"));     // no t
    assert_false(is_taken(1, "01"));     // a key that is no text
    assert_false(is_taken(3, "c40103")); // t is bytes
    assert_false(is_taken(3, "d1ffff")); // t is below 0
    assert_false(is_taken(16, "c0"));    // h is nil
    assert_false(is_taken(16, "d9"));    // h is text
    assert_false(is_taken(17, "1f"));    // h is a byte short
}

static void advertisement_of_more_than_three_segments_of_bytes_is_refused(void **state) {
    (void)state;
    static const uint32_t TRANSFERS[] = {3145725, 3145726};
    static const uint8_t ZEROS[32] = {0};
    for (size_t i = 0; i < ITEMS(TRANSFERS); i++) {
        uint8_t out[RNSI_RESOURCE_ADV_MOST];
        rnsi_adv_t adv = {.transfer = TRANSFERS[i],
                          .hash = ZEROS,
                          .original = ZEROS,
                          .random = ZEROS,
                          .map = {ZEROS, 4}};
        const size_t size = rnsi_adv_write((rns_mem_t){out, sizeof out}, &adv);
        assert_int_equal(rnsi_adv_read((rns_bytes_t){out, size}, &adv), i == 0);
    }
}

static void keys_come_in_any_order_and_unknown_ones_are_passed_over(void **state) {
    (void)state;
    static const char KEYS[] = "zmflioqrhndt";
    uint8_t out[512];
    rnsi_writer_t w = rnsi_writer((rns_mem_t){out, sizeof out});
    static const uint8_t BYTES[32] = {7};
    rnsi_msgpack_map(&w, 12);
    for (size_t i = 0; i < 12; i++) {
        rnsi_msgpack_str(&w, (rns_bytes_t){(const uint8_t *)KEYS + i, 1});
        switch (KEYS[i]) {
        case 'z':
            rnsi_msgpack_array(&w, 2);
            rnsi_msgpack_nil(&w);
            rnsi_msgpack_bool(&w, true);
            break;
        case 'q':
            rnsi_msgpack_nil(&w);
            break;
        case 'm':
        case 'r':
            rnsi_msgpack_bin(&w, (rns_bytes_t){BYTES, 4});
            break;
        case 'h':
        case 'o':
            rnsi_msgpack_bin(&w, (rns_bytes_t){BYTES, 32});
            break;
        default:
            rnsi_msgpack_uint(&w, (uint64_t)KEYS[i]);
        }
    }
    rnsi_adv_t adv;
    assert_true(rnsi_adv_read((rns_bytes_t){out, rnsi_written(&w)}, &adv));
    assert_int_equal(adv.transfer, 't');
    assert_int_equal(adv.segments, 'l');
    assert_int_equal(adv.original[0], 7);
}

static void request_is_what_the_reference_asks_with(void **state) {
    (void)state;
    rns_mem_t raw = unhex(VECTOR_REQ), adv_raw;
    const rnsi_adv_t adv = read_adv(VECTOR_ADV, &adv_raw);
    rnsi_req_t req;
    uint8_t out[64];
    assert_true(rnsi_req_read(view(raw), &req));
    assert_null(req.last);
    assert_memory_equal(req.hash, adv.hash, 32);
    assert_int_equal(req.map.size, 4 * 4); // a window of four
    assert_memory_equal(req.map.data, adv.map.data, 16);
    assert_int_equal(rnsi_req_write((rns_mem_t){out, sizeof out}, NULL, adv.hash), 33);
    assert_memory_equal(out, raw.data, 33);
    free(raw.data);

    raw = unhex(VECTOR_REQ_EXHAUSTED);
    assert_true(rnsi_req_read(view(raw), &req));
    assert_non_null(req.last);
    assert_memory_equal(req.last, adv.map.data + 73 * 4, 4);
    assert_memory_equal(req.hash, adv.hash, 32);
    assert_int_equal(req.map.size, 2 * 4); // parts 72 and 73
    assert_int_equal(rnsi_req_write((rns_mem_t){out, sizeof out}, req.last, adv.hash), 37);
    assert_memory_equal(out, raw.data, 37);
    free(raw.data);
    free(adv_raw.data);
}

static void request_without_a_whole_head_is_refused(void **state) {
    (void)state;
    rnsi_req_t req;
    for (unsigned first = 0; first < 2; first++) {
        for (size_t size = 0; size < (first != 0 ? 37 : 33); size++) {
            uint8_t *raw = calloc(1, size + 1);
            raw[0] = first != 0 ? 0xff : 0;
            assert_false(rnsi_req_read((rns_bytes_t){raw, size}, &req));
            free(raw);
        }
    }
    const uint8_t odd[36] = {0};
    assert_true(rnsi_req_read((rns_bytes_t){odd, 36}, &req)); // three bytes are no map hash
    assert_int_equal(req.map.size, 0);
}

static void map_update_is_the_reference_s(void **state) {
    (void)state;
    const rns_mem_t raw = unhex(VECTOR_HMU);
    rnsi_hmu_t hmu;
    uint8_t out[RNSI_RESOURCE_HMU_MOST];
    assert_true(rnsi_hmu_read(view(raw), &hmu));
    assert_int_equal(hmu.number, 1);
    assert_int_equal(hmu.map.size, (130 - 74) * 4);
    assert_hex(out, rnsi_hmu_write((rns_mem_t){out, sizeof out}, &hmu), VECTOR_HMU);
    for (size_t size = 0; size < raw.size; size++) {
        assert_false(rnsi_hmu_read((rns_bytes_t){raw.data, size}, &hmu));
    }
    free(raw.data);
}

static void map_update_of_other_types_is_refused(void **state) {
    (void)state;
    static const char *const TAILS[] = {
        "9101", // one item
        "81"
        "01c0",     // a map
        "92c0c400", // no number
        "92ff"
        "c400", // below 0
        "92cf00000001"
        "00000000c400", // above 32 bits
        "9201a161",     // text
    };
    for (size_t i = 0; i < ITEMS(TAILS); i++) {
        const rns_mem_t tail = unhex(TAILS[i]);
        uint8_t *raw = calloc(1, 32 + tail.size);
        rnsi_hmu_t hmu;
        memcpy(raw + 32, tail.data, tail.size);
        assert_false(rnsi_hmu_read((rns_bytes_t){raw, 32 + tail.size}, &hmu));
        free(raw);
        free(tail.data);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advertisement_is_read_as_the_reference_packs_it),
        cmocka_unit_test(advertisement_is_packed_as_the_reference_packs_it),
        cmocka_unit_test(longest_advertisement_fits_what_is_set_aside_for_it),
        cmocka_unit_test(advertisement_that_is_cut_short_is_refused),
        cmocka_unit_test(advertisement_with_another_type_somewhere_is_refused),
        cmocka_unit_test(advertisement_of_more_than_three_segments_of_bytes_is_refused),
        cmocka_unit_test(keys_come_in_any_order_and_unknown_ones_are_passed_over),
        cmocka_unit_test(request_is_what_the_reference_asks_with),
        cmocka_unit_test(request_without_a_whole_head_is_refused),
        cmocka_unit_test(map_update_is_the_reference_s),
        cmocka_unit_test(map_update_of_other_types_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
