// MessagePack: written as the reference writes it, read where the reference reads it.
#include "wire_help.h"

#include "wire/msgpack.h"

static double as_double(uint64_t bits) {
    double real;
    memcpy(&real, &bits, sizeof real);
    return real;
}

static int64_t as_signed(uint64_t bits) {
    int64_t number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static void write_value(rnsi_writer_t *w, const wire_value_t *v) {
    switch (v->kind) {
    case 'u':
        rnsi_msgpack_uint(w, v->number);
        break;
    case 'i':
        rnsi_msgpack_int(w, as_signed(v->number));
        break;
    case 'f':
        rnsi_msgpack_float(w, as_double(v->number));
        break;
    case 'n':
        rnsi_msgpack_nil(w);
        break;
    default:
        rnsi_msgpack_bool(w, v->kind == 't');
    }
}

static void numbers_take_the_references_smallest_form(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_VALUES); i++) {
        uint8_t out[9];
        rnsi_writer_t w = rnsi_writer((rns_mem_t){out, sizeof out});
        write_value(&w, &WIRE_VALUES[i]);
        assert_true(w.ok);
        assert_hex(out, rnsi_written(&w), WIRE_VALUES[i].encoded);
    }
}

static void signed_writer_gives_the_unsigned_forms_above_zero(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_VALUES); i++) {
        if (WIRE_VALUES[i].kind != 'u' || WIRE_VALUES[i].number > INT64_MAX) {
            continue;
        }
        uint8_t out[9];
        rnsi_writer_t w = rnsi_writer((rns_mem_t){out, sizeof out});
        rnsi_msgpack_int(&w, (int64_t)WIRE_VALUES[i].number);
        assert_hex(out, rnsi_written(&w), WIRE_VALUES[i].encoded);
    }
}

static void numbers_are_read_back(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_VALUES); i++) {
        const wire_value_t *v = &WIRE_VALUES[i];
        const rns_mem_t in = unhex(v->encoded);
        rnsi_reader_t r = rnsi_reader(view(in));
        rnsi_msgpack_t value;
        assert_true(rnsi_msgpack_read(&r, &value));
        assert_int_equal(rnsi_read_left(&r), 0);
        switch (v->kind) {
        case 'u':
            assert_int_equal(value.type, RNSI_MSGPACK_UINT);
            assert_true(value.uint == v->number);
            break;
        case 'i':
            assert_int_equal(value.type, RNSI_MSGPACK_NEGATIVE);
            assert_true(value.negative == as_signed(v->number));
            break;
        case 'f':
            assert_int_equal(value.type, RNSI_MSGPACK_FLOAT);
            assert_memory_equal(&value.real, &v->number, sizeof value.real);
            break;
        case 'n':
            assert_int_equal(value.type, RNSI_MSGPACK_NIL);
            break;
        default:
            assert_int_equal(value.type, RNSI_MSGPACK_BOOL);
            assert_int_equal(value.boolean, v->kind == 't');
        }
        free(in.data);
    }
}

static void signed_forms_of_positive_numbers_are_read_as_unsigned(void **state) {
    (void)state;
    const char *const forms[] = {"d005", "d10005", "d200000005", "d30000000000000005"};
    for (size_t i = 0; i < ITEMS(forms); i++) {
        const rns_mem_t in = unhex(forms[i]);
        rnsi_reader_t r = rnsi_reader(view(in));
        uint64_t number;
        assert_true(rnsi_msgpack_read_uint(&r, &number));
        assert_int_equal(number, 5);
        free(in.data);
    }
}

static void lengths_take_the_references_heads(void **state) {
    (void)state;
    uint8_t *letters = malloc(65536);
    uint8_t *out = malloc(65536 + 5);
    assert_non_null(letters);
    assert_non_null(out);
    memset(letters, 'a', 65536);
    for (size_t i = 0; i < ITEMS(WIRE_HEADS); i++) {
        const uint32_t size = WIRE_HEADS[i].size;
        const rns_mem_t room = {out, 65536 + 5};
        const char *const heads[] = {WIRE_HEADS[i].str, WIRE_HEADS[i].bin, WIRE_HEADS[i].array,
                                     WIRE_HEADS[i].map};
        for (size_t kind = 0; kind < ITEMS(heads); kind++) {
            const size_t head = strlen(heads[kind]) / 2;
            rnsi_writer_t w = rnsi_writer(room);
            if (kind == 0) {
                rnsi_msgpack_str(&w, (rns_bytes_t){letters, size});
            } else if (kind == 1) {
                rnsi_msgpack_bin(&w, (rns_bytes_t){letters, size});
            } else if (kind == 2) {
                rnsi_msgpack_array(&w, size);
            } else {
                rnsi_msgpack_map(&w, size);
            }
            assert_true(w.ok);
            assert_int_equal(rnsi_written(&w), kind < 2 ? head + size : head);
            assert_hex(out, head, heads[kind]);
            if (kind < 2) {
                assert_memory_equal(out + head, letters, size);
            }
        }
    }
    free(letters);
    free(out);
}

static void bytes_and_text_are_views_of_the_input(void **state) {
    (void)state;
    const rns_mem_t in = unhex("a3616263"
                               "c4020102"
                               "d9023132"
                               "c500010f");
    rnsi_reader_t r = rnsi_reader(view(in));
    rns_bytes_t got;
    assert_true(rnsi_msgpack_read_str(&r, &got));
    assert_ptr_equal(got.data, in.data + 1);
    assert_hex(got.data, got.size, "616263");
    assert_true(rnsi_msgpack_read_bin(&r, &got));
    assert_ptr_equal(got.data, in.data + 6);
    assert_hex(got.data, got.size, "0102");
    assert_true(rnsi_msgpack_read_str(&r, &got));
    assert_hex(got.data, got.size, "3132");
    assert_true(rnsi_msgpack_read_bin(&r, &got));
    assert_hex(got.data, got.size, "0f");
    assert_int_equal(rnsi_read_left(&r), 0);
    free(in.data);
}

static void exactly_what_the_reference_unpacks_is_passed_over(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_ENCODINGS); i++) {
        const rns_mem_t in = unhex(WIRE_ENCODINGS[i].bytes);
        rnsi_reader_t r = rnsi_reader(view(in));
        if (rnsi_msgpack_skip(&r) != WIRE_ENCODINGS[i].ok) {
            fail_msg("%s", WIRE_ENCODINGS[i].bytes);
        }
        assert_int_equal(r.ok, WIRE_ENCODINGS[i].ok);
        free(in.data);
    }
}

static void nested_values_are_whole_at_their_full_length_only(void **state) {
    (void)state;
    for (size_t i = 0; i < ITEMS(WIRE_NESTED); i++) {
        const rns_mem_t whole = unhex(WIRE_NESTED[i]);
        for (size_t size = 0; size <= whole.size; size++) {
            uint8_t *cut = malloc(size > 0 ? size : 1);
            assert_non_null(cut);
            memcpy(cut, whole.data, size);
            rnsi_reader_t r = rnsi_reader((rns_bytes_t){cut, size});
            assert_int_equal(rnsi_msgpack_skip(&r), size == whole.size);
            free(cut);
        }
        free(whole.data);
    }
}

static void depth_costs_no_memory(void **state) {
    (void)state;
    const size_t depth = 1000000;
    uint8_t *in = malloc(depth + 1);
    assert_non_null(in);
    memset(in, 0x91, depth);
    in[depth] = 0xC0;
    rnsi_reader_t r = rnsi_reader((rns_bytes_t){in, depth + 1});
    assert_true(rnsi_msgpack_skip(&r));
    assert_int_equal(rnsi_read_left(&r), 0);
    r = rnsi_reader((rns_bytes_t){in, depth});
    assert_false(rnsi_msgpack_skip(&r));
    free(in);
}

static void more_items_than_bytes_are_refused_at_the_head(void **state) {
    (void)state;
    const char *const heads[] = {"dcffff00", "ddffffffff00", "deffff0000", "df8000000000",
                                 "820001"};
    for (size_t i = 0; i < ITEMS(heads); i++) {
        const rns_mem_t in = unhex(heads[i]);
        rnsi_reader_t r = rnsi_reader(view(in));
        rnsi_msgpack_t value;
        assert_false(rnsi_msgpack_read(&r, &value));
        assert_false(r.ok);
        free(in.data);
    }
}

static bool read_nil_as(unsigned kind, rnsi_reader_t *r) {
    rns_bytes_t bytes;
    uint64_t number;
    uint32_t count;
    int64_t us;
    bool truth;
    switch (kind) {
    case 0:
        return rnsi_msgpack_read_bool(r, &truth);
    case 1:
        return rnsi_msgpack_read_uint(r, &number);
    case 2:
        return rnsi_msgpack_read_seconds(r, &us);
    case 3:
        return rnsi_msgpack_read_str(r, &bytes);
    case 4:
        return rnsi_msgpack_read_bin(r, &bytes);
    case 5:
        return rnsi_msgpack_read_array(r, &count);
    default:
        return rnsi_msgpack_read_map(r, &count);
    }
}

static void wrong_type_ends_the_reader(void **state) {
    (void)state;
    const rns_mem_t in = unhex("c001");
    for (unsigned kind = 0; kind < 7; kind++) {
        rnsi_reader_t r = rnsi_reader(view(in));
        uint64_t number = 1;
        assert_false(read_nil_as(kind, &r));
        assert_false(r.ok);
        assert_false(rnsi_msgpack_read_uint(&r, &number));
        assert_int_equal(number, 0);
    }
    free(in.data);
}

static void seconds_are_read_from_any_form(void **state) {
    (void)state;
    const rns_mem_t in = unhex("05"
                               "fb"
                               "ca3fc00000"
                               "cbbff8000000000000");
    const int64_t wanted[] = {5000000, -5000000, 1500000, -1500000};
    rnsi_reader_t r = rnsi_reader(view(in));
    for (size_t i = 0; i < ITEMS(wanted); i++) {
        int64_t us;
        assert_true(rnsi_msgpack_read_seconds(&r, &us));
        assert_int_equal(us, wanted[i]);
    }
    free(in.data);
}

static void key_is_known_by_its_text_only(void **state) {
    (void)state;
    const rns_mem_t in = unhex("a3616263"
                               "c403616263");
    rnsi_reader_t r = rnsi_reader(view(in));
    rnsi_msgpack_t value;
    assert_true(rnsi_msgpack_read(&r, &value));
    assert_true(rnsi_msgpack_is(&value, RNSI_TEXT("abc")));
    assert_false(rnsi_msgpack_is(&value, RNSI_TEXT("ab")));
    assert_false(rnsi_msgpack_is(&value, RNSI_TEXT("abd")));
    assert_true(rnsi_msgpack_read(&r, &value));
    assert_false(rnsi_msgpack_is(&value, RNSI_TEXT("abc")));
    free(in.data);
}

static void ext_has_its_type_and_bytes(void **state) {
    (void)state;
    const rns_mem_t in = unhex("d6ff5f000000"
                               "c70205aabb");
    rnsi_reader_t r = rnsi_reader(view(in));
    rnsi_msgpack_t value;
    assert_true(rnsi_msgpack_read(&r, &value));
    assert_int_equal(value.type, RNSI_MSGPACK_EXT);
    assert_int_equal(value.ext_type, -1);
    assert_hex(value.bytes.data, value.bytes.size, "5f000000");
    assert_true(rnsi_msgpack_read(&r, &value));
    assert_int_equal(value.ext_type, 5);
    assert_hex(value.bytes.data, value.bytes.size, "aabb");
    free(in.data);
}

static void writer_without_room_says_so(void **state) {
    (void)state;
    uint8_t out[5];
    rnsi_writer_t w = rnsi_writer((rns_mem_t){out, sizeof out});
    rnsi_msgpack_str(&w, RNSI_TEXT("abcd"));
    assert_true(w.ok);
    rnsi_msgpack_nil(&w);
    assert_false(w.ok);
    w = rnsi_writer((rns_mem_t){out, sizeof out});
    rnsi_msgpack_str(&w, RNSI_TEXT("abcde"));
    assert_false(w.ok);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_take_the_references_smallest_form),
        cmocka_unit_test(signed_writer_gives_the_unsigned_forms_above_zero),
        cmocka_unit_test(numbers_are_read_back),
        cmocka_unit_test(signed_forms_of_positive_numbers_are_read_as_unsigned),
        cmocka_unit_test(lengths_take_the_references_heads),
        cmocka_unit_test(bytes_and_text_are_views_of_the_input),
        cmocka_unit_test(exactly_what_the_reference_unpacks_is_passed_over),
        cmocka_unit_test(nested_values_are_whole_at_their_full_length_only),
        cmocka_unit_test(depth_costs_no_memory),
        cmocka_unit_test(more_items_than_bytes_are_refused_at_the_head),
        cmocka_unit_test(wrong_type_ends_the_reader),
        cmocka_unit_test(seconds_are_read_from_any_form),
        cmocka_unit_test(key_is_known_by_its_text_only),
        cmocka_unit_test(ext_has_its_type_and_bytes),
        cmocka_unit_test(writer_without_room_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
