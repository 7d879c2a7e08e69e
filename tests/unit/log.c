#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "host/log.h"

static char last[LOG_LINE_MAX + 64];
static int lines;

static void keep(void *context, const char *line) {
    ++*(int *)context;
    snprintf(last, sizeof last, "%s", line);
}

static int setup(void **state) {
    (void)state;
    lines = 0;
    last[0] = '\0';
    log_to_callback(keep, &lines);
    log_set_timestamps(false);
    log_set_level(LOG_LEVEL_EXTREME);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    log_to_stdout();
    return 0;
}

static void lines_have_the_format_of_the_reference(void **state) {
    static const char *const expected[] = {"[Critical] x 5", "[Error]    x 5", "[Warning]  x 5",
                                           "[Notice]   x 5", "[Info]     x 5", "[Verbose]  x 5",
                                           "[Debug]    x 5", "[Pathing]  x 5", "[Extra]    x 5"};

    (void)state;
    for (int level = 0; level <= 8; level++) {
        log_line((log_level_t)level, "x %d", 5);
        assert_string_equal(last, expected[level]);
    }
}

static void lines_begin_with_the_time(void **state) {
    int year, month, day, hour, minute, second, used = 0;

    (void)state;
    log_set_timestamps(true);
    log_line(LOG_LEVEL_NOTICE, "x");
    assert_int_equal(sscanf(last, "[%4d-%2d-%2d %2d:%2d:%2d] %n", &year, &month, &day, &hour,
                            &minute, &second, &used),
                     6);
    assert_int_equal(used, 22);
    assert_string_equal(last + 22, "[Notice]   x");
}

static void lines_above_the_level_are_not_written(void **state) {
    (void)state;
    log_set_level(LOG_LEVEL_WARNING);
    log_line(LOG_LEVEL_NOTICE, "x");
    assert_int_equal(lines, 0);
    assert_false(log_is_on(LOG_LEVEL_NOTICE));
    log_line(LOG_LEVEL_WARNING, "x");
    assert_int_equal(lines, 1);
}

static void the_level_is_cut_to_what_there_is(void **state) {
    (void)state;
    log_set_level(12);
    assert_int_equal(log_get_level(), 8);
    log_set_level(-3);
    assert_int_equal(log_get_level(), 0);
}

static void control_characters_do_not_reach_the_terminal(void **state) {
    (void)state;
    log_line(LOG_LEVEL_NOTICE, "a\x1b[2Jb\x7f\tc\nd\xc3\xa9");
    assert_string_equal(last, "[Notice]   a?[2Jb?\tc\nd\xc3\xa9");
}

static void long_lines_are_cut(void **state) {
    char *text = malloc(LOG_LINE_MAX * 2);

    (void)state;
    memset(text, 'x', LOG_LINE_MAX * 2 - 1);
    text[LOG_LINE_MAX * 2 - 1] = '\0';
    log_line(LOG_LEVEL_NOTICE, "%s", text);
    free(text);
    assert_in_range(strlen(last), LOG_LINE_MAX - 1, LOG_LINE_MAX + 31);
}

static void a_file_is_rotated_once_above_its_size(void **state) {
    char path[] = "/tmp/reticule-log-XXXXXX", older[sizeof path + 2], text[1025];
    struct stat info;

    (void)state;
    close(mkstemp(path));
    snprintf(older, sizeof older, "%s.1", path);
    assert_true(log_to_file(path));
    memset(text, 'x', 1024);
    text[1024] = '\0';
    // 1036 bytes a line: 5060 lines are below 5 MiB, the 5061st is above it.
    for (int i = 0; i < 5060; i++) {
        log_line(LOG_LEVEL_NOTICE, "%s", text);
    }
    assert_int_not_equal(stat(older, &info), 0);
    log_line(LOG_LEVEL_NOTICE, "%s", text);
    assert_int_equal(stat(older, &info), 0);
    assert_int_equal(info.st_size, 5061 * 1036);
    log_line(LOG_LEVEL_NOTICE, "y");
    log_to_stdout();
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 13);
    unlink(path);
    unlink(older);
}

static void a_file_that_cannot_be_opened_changes_nothing(void **state) {
    (void)state;
    assert_false(log_to_file("/nonexistent/log"));
    log_line(LOG_LEVEL_NOTICE, "x");
    assert_int_equal(lines, 1);
}

static void *write_many(void *arg) {
    for (int i = 0; i < 500; i++) {
        log_line(LOG_LEVEL_NOTICE, "%s", (const char *)arg);
    }
    return NULL;
}

static void threads_do_not_mix_their_lines(void **state) {
    pthread_t other;

    (void)state;
    assert_int_equal(pthread_create(&other, NULL, write_many, "aaaa"), 0);
    write_many("bbbb");
    pthread_join(other, NULL);
    assert_int_equal(lines, 1000);
    assert_true(strcmp(last, "[Notice]   aaaa") == 0 || strcmp(last, "[Notice]   bbbb") == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_have_the_format_of_the_reference, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_begin_with_the_time, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_above_the_level_are_not_written, setup, teardown),
        cmocka_unit_test_setup_teardown(the_level_is_cut_to_what_there_is, setup, teardown),
        cmocka_unit_test_setup_teardown(control_characters_do_not_reach_the_terminal, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(long_lines_are_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_is_rotated_once_above_its_size, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_opened_changes_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(threads_do_not_mix_their_lines, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
