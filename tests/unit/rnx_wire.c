// Commands and results of rnx as bytes; what is expected was packed by the reference's umsgpack.
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "apps/rnx_wire.c"

#define BYTES(text) ((rns_bytes_t){(const uint8_t *)(text), sizeof(text) - 1})

// [b"ls -l", 15.0, None, None, None]
#define PLAIN_COMMAND                                                                              \
    "\x95\xc4\x05\x6c\x73\x20\x2d\x6c\xcb\x40\x2e\x00\x00\x00\x00\x00\x00\xc0\xc0\xc0"
// [b"cat", 2, 5, 0, b"in"]
#define FULL_COMMAND "\x95\xc4\x03\x63\x61\x74\x02\x05\x00\xc4\x02\x69\x6e"
// [True, 3, b"out", b"", 3, 0, 1.5, 2.5]
#define FULL_RESULT                                                                                \
    "\x98\xc3\x03\xc4\x03\x6f\x75\x74\xc4\x00\x03\x00\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00"         \
    "\xcb\x40\x04\x00\x00\x00\x00\x00\x00"
// [False, None, None, None, None, None, 1.5, None]
#define NOT_EXECUTED "\x98\xc2\xc0\xc0\xc0\xc0\xc0\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xc0"
// [True, -15, b"a", None, 70000, None, 1.5, None]
#define KILLED_RESULT                                                                              \
    "\x98\xc3\xf1\xc4\x01\x61\xc0\xce\x00\x01\x11\x70\xc0\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xc0"

static uint8_t out[256];

static void assert_written(size_t size, rns_bytes_t expected) {
    assert_int_equal(size, expected.size);
    assert_memory_equal(out, expected.data, expected.size);
}

static void command_is_written_as_the_reference_writes_it(void **state) {
    const rnx_command_t command = {.command = BYTES("ls -l"),
                                   .has_timeout = true,
                                   .timeout_s = 15,
                                   .most = {UINT64_MAX, UINT64_MAX}};
    (void)state;
    assert_written(rnx_command_write(&command, (rns_mem_t){out, sizeof out}), BYTES(PLAIN_COMMAND));
    assert_int_equal(rnx_command_write(&command, (rns_mem_t){out, 19}), 0);
}

static void command_is_read_with_its_limits(void **state) {
    rnx_command_t command;
    (void)state;
    assert_true(rnx_command_read(BYTES(PLAIN_COMMAND), &command));
    assert_int_equal(command.command.size, 5);
    assert_memory_equal(command.command.data, "ls -l", 5);
    assert_true(command.has_timeout && command.timeout_s == 15);
    assert_true(command.most[0] == UINT64_MAX && command.most[1] == UINT64_MAX);
    assert_false(command.has_input);
    assert_true(rnx_command_read(BYTES(FULL_COMMAND), &command));
    assert_true(command.timeout_s == 2);
    assert_true(command.most[0] == 5 && command.most[1] == 0);
    assert_true(command.has_input);
    assert_memory_equal(command.input.data, "in", 2);
}

static void limits_of_any_kind_are_read(void **state) {
    rnx_command_t command;
    (void)state;
    // nil, -1; 1e20 and a float
    assert_true(rnx_command_read(BYTES("\x95\xc4\x00\xc0\xc0\xff\xc0"), &command));
    assert_false(command.has_timeout);
    assert_true(command.most[0] == UINT64_MAX && command.most[1] == 0);
    assert_true(rnx_command_read(
        BYTES("\x95\xc4\x00\xc0\xcb\x44\x15\xaf\x1d\x78\xb5\x8c\x40\xca\x40\x20\x00\x00\xc0"),
        &command));
    assert_true(command.most[0] == UINT64_MAX && command.most[1] == 2);
}

static void what_is_no_command_is_refused(void **state) {
    const rns_bytes_t wrong[] = {
        BYTES(""),
        BYTES("\xc0"),
        BYTES("\x94\xc4\x00\xc0\xc0\xc0\xc0"),                     // too few
        BYTES("\x95\xa1x\xc0\xc0\xc0\xc0"),                        // text, not bytes
        BYTES("\x95\xc4\x00\xa1x\xc0\xc0\xc0"),                    // a timeout of text
        BYTES("\x95\xc4\x00\xcb\x7f\xf8\0\0\0\0\0\0\xc0\xc0\xc0"), // or not a number
        BYTES("\x95\xc4\x00\xc0\xc3\xc0\xc0"),                     // a limit that is true
        BYTES("\x95\xc4\x00\xc0\xc0\xc0\xa2in"),                   // input of text
        BYTES("\x95\xc4\x00\xc0\xc0\xc0\xc4\x05in"),               // cut
    };
    rnx_command_t command;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(rnx_command_read(wrong[i], &command));
    }
}

static void command_cut_anywhere_is_refused(void **state) {
    rnx_command_t command;
    (void)state;
    for (size_t size = 0; size < sizeof FULL_COMMAND - 1; size++) {
        uint8_t *exact = malloc(size + 1); // so that a reader too far is seen
        memcpy(exact, FULL_COMMAND, size);
        assert_false(rnx_command_read((rns_bytes_t){exact, size}, &command));
        free(exact);
    }
}

static void results_are_written_as_the_reference_writes_them(void **state) {
    const rnx_result_t full = {.is_executed = true,
                               .has_code = true,
                               .code = 3,
                               .has_output = {true, true},
                               .output = {BYTES("out"), BYTES("")},
                               .has_total = {true, true},
                               .total = {3, 0},
                               .has_started = true,
                               .started_s = 1.5,
                               .has_ended = true,
                               .ended_s = 2.5};
    const rnx_result_t none = {.has_started = true, .started_s = 1.5};
    const rnx_result_t killed = {.is_executed = true,
                                 .has_code = true,
                                 .code = -15,
                                 .has_output = {true, false},
                                 .output = {BYTES("a"), {NULL, 0}},
                                 .has_total = {true, false},
                                 .total = {70000, 0},
                                 .has_started = true,
                                 .started_s = 1.5};
    const rns_mem_t room = {out, sizeof out};
    (void)state;
    assert_written(rnx_result_write(&full, room), BYTES(FULL_RESULT));
    assert_written(rnx_result_write(&none, room), BYTES(NOT_EXECUTED));
    assert_written(rnx_result_write(&killed, room), BYTES(KILLED_RESULT));
    assert_int_equal(rnx_result_write(&full, (rns_mem_t){out, 29}), 0);
}

static void results_are_read(void **state) {
    rnx_result_t result;
    (void)state;
    assert_true(rnx_result_read(BYTES(FULL_RESULT), &result));
    assert_true(result.is_executed && result.has_code && result.code == 3);
    assert_memory_equal(result.output[0].data, "out", 3);
    assert_true(result.has_output[1] && result.output[1].size == 0);
    assert_true(result.total[0] == 3 && result.total[1] == 0);
    assert_true(result.started_s == 1.5 && result.ended_s == 2.5);
    assert_true(rnx_result_read(BYTES(NOT_EXECUTED), &result));
    assert_false(result.is_executed || result.has_code || result.has_output[0] ||
                 result.has_total[1] || result.has_ended);
    assert_true(rnx_result_read(BYTES(KILLED_RESULT), &result));
    assert_true(result.code == -15 && result.total[0] == 70000 && !result.has_output[1]);
}

static void what_is_no_result_is_refused(void **state) {
    const rns_bytes_t wrong[] = {
        BYTES("\xc0"),
        BYTES("\x97\xc2\xc0\xc0\xc0\xc0\xc0\xc0\xc0"), // one too few
        BYTES("\x98\x01\xc0\xc0\xc0\xc0\xc0\xc0\xc0"),
        BYTES("\x98\xc2\xc3\xc0\xc0\xc0\xc0\xc0\xc0"),
        BYTES("\x98\xc2\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xc0\xc0\xc0\xc0\xc0\xc0"),
        BYTES("\x98\xc2\xc0\xa1x\xc0\xc0\xc0\xc0\xc0"),
        BYTES("\x98\xc2\xc0\xc0\xc0\xa1x\xc0\xc0\xc0"),
        BYTES("\x98\xc2\xc0\xc0\xc0\xc0\xc0\xc0"),
    };
    rnx_result_t result;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(rnx_result_read(wrong[i], &result));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_is_written_as_the_reference_writes_it),
        cmocka_unit_test(command_is_read_with_its_limits),
        cmocka_unit_test(limits_of_any_kind_are_read),
        cmocka_unit_test(what_is_no_command_is_refused),
        cmocka_unit_test(command_cut_anywhere_is_refused),
        cmocka_unit_test(results_are_written_as_the_reference_writes_them),
        cmocka_unit_test(results_are_read),
        cmocka_unit_test(what_is_no_result_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
