// The terminal of utilities: lines that come, and what is said.
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <unistd.h>

#include "host/utility/lines.h"
#include "host/utility/screen.h"

static lines_t lines;
static char line[LINES_BYTES];
static int ends[2];

static int enter(void **state) {
    (void)state;

    if (pipe(ends) != 0) {
        return -1;
    }
    lines_open(&lines, ends[0]);
    return 0;
}

static int leave(void **state) {
    (void)state;
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static void type(const char *text) {
    assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
}

static void line_comes_when_it_is_whole(void **state) {
    (void)state;
    assert_int_equal(lines_next(&lines, line), LINES_NONE);
    type("ech");
    assert_int_equal(lines_next(&lines, line), LINES_NONE);
    type("o a\n\nb");
    assert_int_equal(lines_next(&lines, line), LINES_LINE);
    assert_string_equal(line, "echo a");
    assert_int_equal(lines_next(&lines, line), LINES_LINE);
    assert_string_equal(line, "");
    assert_int_equal(lines_next(&lines, line), LINES_NONE);
}

static void last_line_needs_no_end(void **state) {
    (void)state;
    type("a\nlast");
    close(ends[1]);
    ends[1] = dup(ends[0]);
    assert_int_equal(lines_next(&lines, line), LINES_LINE);
    assert_int_equal(lines_next(&lines, line), LINES_LINE);
    assert_string_equal(line, "last");
    assert_int_equal(lines_next(&lines, line), LINES_END);
    assert_int_equal(lines_next(&lines, line), LINES_END);
}

static void line_that_is_too_long_comes_in_pieces(void **state) {
    static char text[30001];
    lines_result_t result = LINES_NONE;
    (void)state;
    memset(text, 'x', sizeof text - 1);
    for (unsigned i = 0; i < 3 && result == LINES_NONE; i++) {
        type(text);
        result = lines_next(&lines, line);
    }
    assert_int_equal(result, LINES_LINE);
    assert_int_equal(strlen(line), LINES_BYTES - 1);
    type("\n");
    assert_int_equal(lines_next(&lines, line), LINES_LINE);
    assert_int_equal(strlen(line), 90000 - (LINES_BYTES - 1));
}

// ---- What a utility says, where there is no terminal

static char said[256];

static const char *say(bool silent, bool quiet) {
    FILE *out = fmemopen(said, sizeof said, "w");
    screen_t screen;
    memset(said, 0, sizeof said);
    screen_open(&screen, stdout, silent);
    screen.out = out;
    screen.is_live = false;
    screen.is_quiet = quiet;
    screen_state(&screen, "Asking %d", 1);
    screen_progress(&screen, "half of it");
    screen_turn(&screen, 1000000);
    screen_line(&screen, "Done");
    screen_clear(&screen);
    fclose(out);
    return said;
}

static void states_are_lines_where_there_is_no_terminal(void **state) {
    (void)state;
    assert_string_equal(say(false, false), "Asking 1\nDone\n");
    assert_string_equal(say(true, false), "Asking 1\nDone\n");
    assert_string_equal(say(false, true), "Done\n");
}

static void states_are_one_line_on_a_terminal(void **state) {
    FILE *out = fmemopen(said, sizeof said, "w");
    screen_t screen = {.out = out, .is_live = true};
    (void)state;
    memset(said, 0, sizeof said);
    screen_state(&screen, "Asking");
    screen_progress(&screen, "half of it");
    screen_turn(&screen, 1000000);
    screen_turn(&screen, 1000001); // too early
    screen_line(&screen, "Done");
    screen_clear(&screen);
    fclose(out);
    assert_string_equal(said, "\x1b[2K\rAsking | \x1b[2K\rhalf of it / \x1b[2K\rDone\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(line_comes_when_it_is_whole),
        TEST(last_line_needs_no_end),
        TEST(line_that_is_too_long_comes_in_pieces),
        cmocka_unit_test(states_are_lines_where_there_is_no_terminal),
        cmocka_unit_test(states_are_one_line_on_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
