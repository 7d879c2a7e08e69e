#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "host/options.h"
#include "vectors/options.h"

#define WORDS_MAX 16

static int verbose, quiet;
static bool service;
static const char *config, *first, *second;
static double wait_s;
static int64_t n, number;
static options_rest_t rest;

static const option_t rows[] = {
    {OPTION_COUNT, 'v', "verbose", &verbose, NULL, "say more"},
    {OPTION_COUNT, 'q', "quiet", &quiet, NULL, NULL},
    {OPTION_FLAG, 's', "service", &service, NULL, "log to a file"},
    {OPTION_TEXT, 0, "config", &config, NULL, "directory of the configuration"},
    {OPTION_REAL, 'w', "wait", &wait_s, "seconds", "how long to wait"},
    {OPTION_INT, 'n', NULL, &n, NULL, NULL},
    {OPTION_INT, 0, "number", &number, NULL, NULL},
    {OPTION_ARGUMENT, 0, "first", &first, NULL, "hash of the destination"},
};
static const option_t required_rows[] = {
    {OPTION_COUNT, 'v', "verbose", &verbose, NULL, NULL},
    {OPTION_REQUIRED, 0, "first", &first, NULL, NULL},
    {OPTION_REQUIRED, 0, "second", &second, NULL, NULL},
};
static const option_t rest_rows[] = {
    {OPTION_FLAG, 's', "service", &service, NULL, NULL},
    {OPTION_ARGUMENT, 0, "first", &first, NULL, NULL},
    {OPTION_ARGUMENTS, 0, "files", &rest, NULL, NULL},
};
static const options_t tool = {"tool", "A tool.", rows, sizeof rows / sizeof rows[0]};
static const options_t strict = {"tool", "A tool.", required_rows,
                                 sizeof required_rows / sizeof required_rows[0]};
static const options_t open_end = {"tool", "A tool.", rest_rows,
                                   sizeof rest_rows / sizeof rest_rows[0]};

static char out_text[2048], err_text[2048], words_text[256];

// Splits `line` at its spaces and parses it. Returns what options_parse() returns.
static bool parse(const options_t *options, const char *line, int *code) {
    static char name[] = "tool";
    char *words[WORDS_MAX] = {name};
    int count = 1;
    FILE *out = fmemopen(out_text, sizeof out_text, "w");
    FILE *err = fmemopen(err_text, sizeof err_text, "w");
    bool good;

    memset(out_text, 0, sizeof out_text);
    memset(err_text, 0, sizeof err_text);
    verbose = quiet = 0;
    service = false;
    config = first = second = NULL;
    wait_s = 0;
    n = number = 0;
    rest = (options_rest_t){NULL, 0};
    snprintf(words_text, sizeof words_text, "%s", line);
    for (char *c = strtok(words_text, " "); c != NULL && count < WORDS_MAX; c = strtok(NULL, " ")) {
        words[count++] = c;
    }
    good = options_parse(options, count, words, out, err, code);
    if (rest.count > 0) {
        static char *kept[WORDS_MAX];

        memcpy(kept, rest.at, rest.count * sizeof *kept);
        rest.at = kept;
    }
    fclose(out);
    fclose(err);
    return good;
}

static const char *or_none(const char *text) {
    return text == NULL ? "None" : text;
}

static void command_lines_parse_as_argparse_parses_them(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof options_vectors / sizeof options_vectors[0]; i++) {
        char ours[512];
        int code = -1;

        if (parse(options_vectors[i].required ? &strict : &tool, options_vectors[i].line, &code)) {
            snprintf(ours, sizeof ours, "v%d q%d s%d config<%s> w%g n%d number%d <%s> <%s>",
                     verbose, quiet, service, or_none(config), wait_s, (int)n, (int)number,
                     or_none(first), or_none(second));
        } else {
            char *line = strstr(err_text, "tool: error: ");

            assert_non_null(line);
            line[strcspn(line, "\n")] = '\0';
            snprintf(ours, sizeof ours, "%d %s", code, line);
        }
        if (strcmp(ours, options_vectors[i].answer) != 0) {
            fail_msg("tool %s\nours: %s\nargparse: %s", options_vectors[i].line, ours,
                     options_vectors[i].answer);
        }
    }
}

static void bad_usage_is_shown_with_the_usage_on_stderr(void **state) {
    int code = -1;

    (void)state;
    assert_false(parse(&tool, "--nothing", &code));
    assert_int_equal(code, 2);
    assert_string_equal(out_text, "");
    assert_string_equal(
        err_text, "usage: tool [-h] [-v] [-q] [-s] [--config CONFIG] [-w seconds] [-n VALUE]\n"
                  "            [--number NUMBER] [--version] [first]\n"
                  "tool: error: unrecognized arguments: --nothing\n");
}

static void help_goes_to_stdout_and_is_no_error(void **state) {
    int code = -1;

    (void)state;
    assert_false(parse(&tool, "-v --help --nothing", &code));
    assert_int_equal(code, 0);
    assert_string_equal(err_text, "");
    assert_string_equal(
        out_text, "usage: tool [-h] [-v] [-q] [-s] [--config CONFIG] [-w seconds] [-n VALUE]\n"
                  "            [--number NUMBER] [--version] [first]\n"
                  "\n"
                  "A tool.\n"
                  "\n"
                  "positional arguments:\n"
                  "  first                 hash of the destination\n"
                  "\n"
                  "options:\n"
                  "  -h, --help            show this help message and exit\n"
                  "  -v, --verbose         say more\n"
                  "  -q, --quiet\n"
                  "  -s, --service         log to a file\n"
                  "  --config CONFIG       directory of the configuration\n"
                  "  -w seconds, --wait seconds\n"
                  "                        how long to wait\n"
                  "  -n VALUE\n"
                  "  --number NUMBER\n"
                  "  --version             show the version and exit\n");
}

static void the_version_names_the_reference_first(void **state) {
    int code = -1;

    (void)state;
    assert_false(parse(&tool, "--version", &code));
    assert_int_equal(code, 0);
    assert_memory_equal(out_text, "tool 1.5.7 (reticule ", 21);
    assert_string_equal(out_text + strlen(out_text) - 2, ")\n");
}

static void what_is_left_over_goes_to_the_rest(void **state) {
    int code = -1;

    (void)state;
    assert_true(parse(&open_end, "a b -s c -- -d", &code));
    assert_true(service);
    assert_string_equal(first, "a");
    assert_int_equal(rest.count, 3);
    assert_string_equal(rest.at[0], "b");
    assert_string_equal(rest.at[1], "c");
    assert_string_equal(rest.at[2], "-d");
    assert_true(parse(&open_end, "", &code));
    assert_int_equal(rest.count, 0);
}

static void a_repeated_option_gathers_its_values(void **state) {
    (void)state;
    options_texts_t texts = {.count = 0};
    const option_t gather_rows[] = {{OPTION_TEXTS, 's', "set", &texts, "A=B", NULL}};
    const options_t gather = {"tool", "A tool.", gather_rows, 1};
    int code;
    assert_true(parse(&gather, "--set a=1 -s b=2 -sc=3 --set=d=4", &code));
    assert_int_equal(texts.count, 4);
    assert_string_equal(texts.at[0], "a=1");
    assert_string_equal(texts.at[1], "b=2");
    assert_string_equal(texts.at[2], "c=3");
    assert_string_equal(texts.at[3], "d=4");
    texts.count = OPTIONS_TEXTS_MAX;
    assert_false(parse(&gather, "--set a=1", &code));
    assert_int_equal(code, 2);
    assert_non_null(strstr(err_text, "argument -s/--set: given too often"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeated_option_gathers_its_values),
        cmocka_unit_test(command_lines_parse_as_argparse_parses_them),
        cmocka_unit_test(bad_usage_is_shown_with_the_usage_on_stderr),
        cmocka_unit_test(help_goes_to_stdout_and_is_no_error),
        cmocka_unit_test(the_version_names_the_reference_first),
        cmocka_unit_test(what_is_left_over_goes_to_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
