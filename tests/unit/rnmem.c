// The applet rnmem, run with its output in a file.
#include "memory_help.h"

#include <unistd.h>

#include "apps/rnmem.c"
#include "apps/rnmem_markdown.c"

static char text[65536];

// Runs it with words; what it printed to a stream is in text.
static int run(FILE *stream, const char *line) {
    char words[256], *argv[16] = {words};
    int argc = 1;
    snprintf(words, sizeof words, "rnmem %s", line);
    for (char *c = words; *c != 0; c++) {
        if (*c == ' ') {
            *c = 0;
            argv[argc++] = c + 1;
        }
    }
    FILE *file = tmpfile();
    fflush(stream);
    int old = dup(fileno(stream));
    dup2(fileno(file), fileno(stream));
    int code = rnmem_main(argc, argv);
    fflush(stream);
    dup2(old, fileno(stream));
    close(old);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return code;
}

static void assert_says(const char *what) {
    if (strstr(text, what) == NULL) {
        print_error("no '%s' in:\n%s\n", what, text);
        fail();
    }
}

// reverse: 48 bytes and two cells of 8.
static void counts_are_set_row_by_row(void **state) {
    (void)state;
    assert_int_equal(run(stdout, "--profile tiny --set reverse=10 --set PATH=0 --json"), 0);
    assert_says("{\"profile\": \"tiny\", \"regions\": {\"fast\": ");
    assert_says("{\"name\": \"reverse\", \"slots\": 10, \"slot_bytes\": 48, \"bytes\": 640, "
                "\"region\": \"bulk\", \"class\": \"packet\", \"policy\": \"cull\", \"used\": 0, "
                "\"peak\": 0, \"culled\": 0, \"rejected\": 0}");
    assert_says("{\"name\": \"path\", \"slots\": 0, ");
    assert_says("\"class\": \"startup\", \"policy\": \"reject\"");
    assert_int_equal(run(stdout, "--set reverse=1 relay=2"), 0);
    assert_says("profile server\n");
    assert_says("\nreverse                 1       48          64  bulk    packet    cull    ");
}

static void regions_are_what_the_plan_says(void **state) {
    (void)state;
    for (rns_profile_t profile = 0; profile < RNS_PROFILE_COUNT; profile++) {
        char line[64], regions[96];
        size_t need[RNS_REGION_COUNT];
        rnsi_layout_need(profile, NULL, need);
        snprintf(line, sizeof line, "--json --profile %s", rns_profile_name(profile));
        snprintf(regions, sizeof regions, "\"regions\": {\"fast\": %zu, \"bulk\": %zu}", need[0],
                 need[1]);
        assert_int_equal(run(stdout, line), 0);
        assert_says(regions);
    }
}

static void the_page_has_a_line_for_each_row(void **state) {
    (void)state;
    assert_int_equal(run(stdout, "--markdown"), 0);
    for (rns_pool_t id = 0; id < RNS_POOL_COUNT; id++) {
        char line[64];
        rns_pool_info_t info;
        rns_pool_plan(RNS_PROFILE_TINY, NULL, id, &info);
        snprintf(line, sizeof line, "\n| %s | %s |", info.name, info.what);
        assert_says(line);
    }
    assert_says("| router | 16384 | 480, all | 480, all | 163 | 16 | 1 | 0.16 |");
}

static void bad_usage_ends_with_2_and_a_reason(void **state) {
    (void)state;
    assert_int_equal(run(stderr, "--profile huge"), 2);
    assert_says("there is no profile 'huge'; there are tiny, mcu, router, server\n");
    assert_int_equal(run(stderr, "--set nothing=1"), 2);
    assert_says("there is no row 'nothing'");
    assert_int_equal(run(stderr, "--set a_name_that_is_longer_than_any_row=1"), 2);
    assert_says("there is no row 'a_name_that_is_longer_than_any_row'");
    assert_int_equal(run(stderr, "--set path"), 2);
    assert_int_equal(run(stderr, "--set path="), 2);
    assert_int_equal(run(stderr, "--set path=-1"), 2);
    assert_int_equal(run(stderr, "--set path=1x"), 2);
    assert_int_equal(run(stderr, "--set path=2147483647"), 2);
    assert_says("'path=2147483647': a row is set as name=count");
    assert_int_equal(run(stderr, "--json --markdown"), 2);
    assert_int_equal(run(stderr, "--nonsense"), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_set_row_by_row),
        cmocka_unit_test(regions_are_what_the_plan_says),
        cmocka_unit_test(the_page_has_a_line_for_each_row),
        cmocka_unit_test(bad_usage_ends_with_2_and_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
