// What is shown of bytes from elsewhere, and display strings of interfaces.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "host/address.h"
#include "host/text.h"

static void shows(const char *bytes, size_t size, const char *expected) {
    char out[64];
    const size_t length = text_show((rns_bytes_t){(const uint8_t *)bytes, size}, out, sizeof out);
    assert_string_equal(out, expected);
    assert_int_equal(length, strlen(expected));
}

static void text_of_people_is_shown_as_it_is(void **state) {
    (void)state;
    shows("Node 7", 6, "Node 7");
    shows("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x93\xA1", 9, "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x93\xA1");
}

static void what_could_steer_a_terminal_is_not_shown(void **state) {
    (void)state;
    shows("a\x1b[31mb\n", 8, "a?[31mb?");
    shows("\xC2\x9B", 2, "?");     // CSI in one character
    shows("\xE2\x80\xAE", 3, "?"); // turns the text that follows round
    shows("a\0b", 3, "a?b");
}

static void what_is_not_utf8_is_not_shown(void **state) {
    (void)state;
    shows("\xFF\xFE", 2, "??");
    shows("\xC0\xAF", 2, "??");           // "/" in two bytes
    shows("\xED\xA0\x80", 3, "???");      // half a pair
    shows("\xF4\x90\x80\x80", 4, "????"); // beyond the last character
    shows("\xE2\x82", 2, "??");           // cut
}

static void text_is_cut_between_characters(void **state) {
    char out[4];
    (void)state;
    const rns_bytes_t euros = {(const uint8_t *)"\xE2\x82\xAC\xE2\x82\xAC", 6};
    assert_int_equal(text_show(euros, out, sizeof out), 3);
    assert_string_equal(out, "\xE2\x82\xAC");
}

static void json_strings_escape_quotes_controls_and_noise(void **state) {
    char out[64] = "";
    (void)state;
    FILE *file = fmemopen(out, sizeof out, "w");
    assert_non_null(file);
    text_json(file, "a\"\\\n\xFF\xC3\xA4");
    assert_int_equal(fclose(file), 0);
    assert_string_equal(out, "\"a\\\"\\\\\\u000a\xEF\xBF\xBD\xC3\xA4\"");
}

static void hex_is_lower_case(void **state) {
    const uint8_t bytes[] = {0x00, 0x9F, 0xAB};
    char out[7];
    (void)state;
    text_hex(bytes, sizeof bytes, out);
    assert_string_equal(out, "009fab");
}

// The forms that TCPInterface.py and UDPInterface.py give in __str__.
static void display_strings_are_those_of_the_reference(void **state) {
    char out[120];
    (void)state;
    assert_true(address_title(out, sizeof out, "TCPServerInterface", "My Server", "0.0.0.0", 4242));
    assert_string_equal(out, "TCPServerInterface[My Server/0.0.0.0:4242]");
    assert_true(address_title(out, sizeof out, "TCPInterface", "Client on S", "fe80::1%eth0", 9));
    assert_string_equal(out, "TCPInterface[Client on S/[fe80::1%eth0]:9]");
}

static void display_strings_that_are_too_long_are_refused(void **state) {
    char out[16];
    (void)state;
    assert_false(address_title(out, sizeof out, "UDPInterface", "U", "127.0.0.1", 1));
}

static void numbers_are_told_from_names(void **state) {
    char text[ADDRESS_TEXT];
    address_t address;
    (void)state;
    assert_true(address_of_number("127.0.0.1", 4242, SOCK_STREAM, &address));
    address_text(&address, text);
    assert_string_equal(text, "127.0.0.1");
    assert_int_equal(address_port(&address), 4242);
    assert_true(address_of_number("::1", 7, SOCK_STREAM, &address));
    address_text(&address, text);
    assert_string_equal(text, "::1");
    assert_int_equal(address_port(&address), 7);
    assert_false(address_of_number("localhost", 4242, SOCK_STREAM, &address));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_people_is_shown_as_it_is),
        cmocka_unit_test(what_could_steer_a_terminal_is_not_shown),
        cmocka_unit_test(what_is_not_utf8_is_not_shown),
        cmocka_unit_test(text_is_cut_between_characters),
        cmocka_unit_test(json_strings_escape_quotes_controls_and_noise),
        cmocka_unit_test(hex_is_lower_case),
        cmocka_unit_test(display_strings_are_those_of_the_reference),
        cmocka_unit_test(display_strings_that_are_too_long_are_refused),
        cmocka_unit_test(numbers_are_told_from_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
