// Commands that are run for somebody: their outputs, limits and ends.
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "host/utility/process.h"

#define ALL PROCESS_OUTPUT_MOST

typedef struct {
    unsigned calls;
    bool has_code, timed_out;
    int code;
    char text[2][64];
    size_t size[2];
    uint64_t total[2];
    int64_t took_us;
} outcome_t;

static void on_done(void *user, process_t *process, const process_result_t *result) {
    outcome_t *outcome = user;
    (void)process;
    outcome->calls++;
    outcome->has_code = result->has_code;
    outcome->timed_out = result->timed_out;
    outcome->code = result->code;
    outcome->took_us = result->ended_unix_us - result->started_unix_us;
    for (size_t i = 0; i < 2; i++) {
        const size_t shown = result->output[i].size < 63 ? result->output[i].size : 63;
        if (shown > 0) {
            memcpy(outcome->text[i], result->output[i].data, shown);
        }
        outcome->size[i] = result->output[i].size;
        outcome->total[i] = result->output[i].total;
    }
}

static process_t *start(uv_loop_t *loop, outcome_t *outcome, const char *line, const char *input,
                        size_t most, uint64_t timeout_ms) {
    words_t words;
    memset(outcome, 0, sizeof *outcome);
    (void)words_split((rns_bytes_t){(const uint8_t *)line, strlen(line)}, &words);
    const process_options_t options = {
        .loop = loop,
        .words = &words,
        .input = {(const uint8_t *)input, input != NULL ? strlen(input) : 0},
        .output_most = {most, most},
        .timeout_ms = timeout_ms,
        .done = on_done,
        .user = outcome};
    process_t *process = process_start(&options);
    words_free(&words);
    return process;
}

static outcome_t run(const char *line, const char *input, size_t most, uint64_t timeout_ms) {
    uv_loop_t loop;
    outcome_t outcome;
    uv_loop_init(&loop);
    assert_non_null(start(&loop, &outcome, line, input, most, timeout_ms));
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(outcome.calls, 1);
    return outcome;
}

static void outputs_and_exit_code_are_told(void **state) {
    (void)state;
    const outcome_t outcome = run("sh -c 'printf out; printf wrong >&2; exit 7'", NULL, ALL, 0);
    assert_true(outcome.has_code);
    assert_int_equal(outcome.code, 7);
    assert_string_equal(outcome.text[0], "out");
    assert_string_equal(outcome.text[1], "wrong");
    assert_int_equal(outcome.total[0], 3);
    assert_int_equal(outcome.total[1], 5);
    assert_false(outcome.timed_out);
}

static void no_shell_sees_the_words(void **state) {
    (void)state;
    const outcome_t outcome = run("echo '$HOME' *;x", NULL, ALL, 0);
    assert_string_equal(outcome.text[0], "$HOME *;x\n");
}

static void input_is_given_and_then_ends(void **state) {
    (void)state;
    const outcome_t outcome = run("cat", "to be read", ALL, 0);
    assert_string_equal(outcome.text[0], "to be read");
    const outcome_t nothing = run("cat", NULL, ALL, 0);
    assert_int_equal(nothing.total[0], 0);
    assert_int_equal(nothing.code, 0);
}

static void input_that_nobody_reads_is_no_mistake(void **state) {
    (void)state;
    char *input = malloc(1000001);
    memset(input, 'x', 1000000);
    input[1000000] = '\0';
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(run("true", input, ALL, 0).code, 0);
    assert_int_equal(run("wc -c", input, ALL, 0).code, 0);
    assert_int_equal(run("cat", input, ALL, 0).size[0], 1000000);
    free(input);
}

static void output_beyond_the_limit_is_only_counted(void **state) {
    (void)state;
    const outcome_t outcome = run("sh -c 'yes | head -c 1000000; printf abc >&2'", NULL, 5, 0);
    assert_string_equal(outcome.text[0], "y\ny\ny");
    assert_int_equal(outcome.total[0], 1000000);
    assert_string_equal(outcome.text[1], "abc");
    const outcome_t nothing = run("echo x", NULL, 0, 0);
    assert_int_equal(nothing.size[0], 0);
    assert_int_equal(nothing.total[0], 2);
}

static void signal_is_a_code_below_zero(void **state) {
    (void)state;
    assert_int_equal(run("sh -c 'kill -9 $$'", NULL, ALL, 0).code, -9);
}

static void time_that_is_over_terminates_the_whole_group(void **state) {
    (void)state;
    const outcome_t outcome =
        run("sh -c 'echo begun; sleep 30 & sleep 30; echo never'", NULL, ALL, 200);
    assert_true(outcome.timed_out);
    assert_true(outcome.has_code);
    assert_int_equal(outcome.code, -15);
    assert_string_equal(outcome.text[0], "begun\n");
    assert_in_range(outcome.took_us, 150000, 4000000);
}

// Gone, or at least dead, if nobody has looked at it yet.
static bool is_gone(int pid) {
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return true;
    }
    const bool has_line = fgets(text, sizeof text, file) != NULL;
    fclose(file);
    return !has_line || strstr(text, ") Z ") != NULL;
}

static void children_end_with_their_parent(void **state) {
    bool gone = false;
    (void)state;
    const outcome_t outcome = run("sh -c 'sleep 300 & echo $!; wait'", NULL, ALL, 200);
    const int pid = (int)strtol(outcome.text[0], NULL, 10);
    assert_true(pid > 1);
    for (unsigned i = 0; i < 100 && !gone; i++) {
        gone = is_gone(pid);
        usleep(10000);
    }
    assert_true(gone);
}

static void child_that_keeps_the_output_is_waited_for_until_the_time_is_over(void **state) {
    (void)state;
    const outcome_t soon = run("sh -c '(sleep 0.2; echo late) & echo early'", NULL, ALL, 0);
    assert_string_equal(soon.text[0], "early\nlate\n");
    const outcome_t late = run("sh -c 'sleep 30 & echo early; exit 3'", NULL, ALL, 300);
    assert_string_equal(late.text[0], "early\n");
    assert_int_equal(late.code, 3);
    assert_true(late.timed_out);
}

static void what_ignores_the_first_signal_is_killed(void **state) {
    (void)state;
    const outcome_t outcome =
        run("sh -c 'trap \"\" TERM; while :; do sleep 0.1; done'", NULL, ALL, 100);
    assert_int_equal(outcome.code, -9);
    assert_in_range(outcome.took_us, 5000000, 9000000);
}

static void what_is_not_there_does_not_start(void **state) {
    uv_loop_t loop;
    outcome_t outcome;
    (void)state;
    uv_loop_init(&loop);
    assert_null(start(&loop, &outcome, "/nothing/of/this/name", NULL, ALL, 0));
    assert_int_equal(errno, ENOENT);
    assert_null(start(&loop, &outcome, "/etc/passwd", NULL, ALL, 0));
    assert_int_equal(errno, EACCES);
    assert_null(start(&loop, &outcome, "", NULL, ALL, 0));
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(outcome.calls, 0);
}

static void abandoned_command_is_killed_and_tells_nothing(void **state) {
    uv_loop_t loop;
    outcome_t outcome;
    (void)state;
    uv_loop_init(&loop);
    process_t *process = start(&loop, &outcome, "sleep 30", NULL, ALL, 0);
    assert_non_null(process);
    process_abandon(process);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(outcome.calls, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_and_exit_code_are_told),
        cmocka_unit_test(no_shell_sees_the_words),
        cmocka_unit_test(input_is_given_and_then_ends),
        cmocka_unit_test(input_that_nobody_reads_is_no_mistake),
        cmocka_unit_test(output_beyond_the_limit_is_only_counted),
        cmocka_unit_test(signal_is_a_code_below_zero),
        cmocka_unit_test(time_that_is_over_terminates_the_whole_group),
        cmocka_unit_test(children_end_with_their_parent),
        cmocka_unit_test(child_that_keeps_the_output_is_waited_for_until_the_time_is_over),
        cmocka_unit_test(what_ignores_the_first_signal_is_killed),
        cmocka_unit_test(what_is_not_there_does_not_start),
        cmocka_unit_test(abandoned_command_is_killed_and_tells_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
