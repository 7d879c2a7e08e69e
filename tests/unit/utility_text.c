// Numbers, command lines, hashes and progress of utilities, against what the reference makes of
// them.
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "host/text.h"
#include "host/utility/progress.h"
#include "host/utility/units.h"
#include "host/utility/words.h"
#include "vectors/utility.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void sizes_and_rates_are_shown_as_the_reference_shows_them(void **state) {
    char text[UNITS_MAX];
    (void)state;
    for (size_t i = 0; i < COUNT(size_vectors); i++) {
        units_size(size_vectors[i].bytes, text);
        assert_string_equal(text, size_vectors[i].text);
    }
    for (size_t i = 0; i < COUNT(rate_vectors); i++) {
        units_rate(rate_vectors[i].bytes, text);
        assert_string_equal(text, rate_vectors[i].text);
    }
}

static void times_are_shown_as_the_reference_shows_them(void **state) {
    char text[UNITS_MAX];
    (void)state;
    for (size_t i = 0; i < COUNT(time_vectors); i++) {
        units_time(time_vectors[i].seconds, text);
        assert_string_equal(text, time_vectors[i].text);
    }
}

static void no_minute_has_sixty_seconds(void **state) {
    char text[UNITS_MAX];
    (void)state;
    units_time(59.997, text);
    assert_string_equal(text, "1m");
    units_time_whole(7199.6, text);
    assert_string_equal(text, "2h");
}

static void whole_seconds_have_no_point(void **state) {
    char text[UNITS_MAX];
    (void)state;
    units_time_whole(62, text);
    assert_string_equal(text, "1m and 2s");
    units_time_whole(0.4, text);
    assert_string_equal(text, "0s");
    units_time_whole(10, text);
    assert_string_equal(text, "10s");
}

static void decimals_are_rounded_as_python_does(void **state) {
    char text[UNITS_MAX];
    (void)state;
    for (size_t i = 0; i < COUNT(decimal_vectors); i++) {
        units_decimal(decimal_vectors[i].value, decimal_vectors[i].places, text);
        assert_string_equal(text, decimal_vectors[i].text);
    }
}

// ---- Command lines

static words_result_t split(const char *line, size_t size, char *out, size_t room) {
    words_t words;
    size_t used = 0;
    const words_result_t result = words_split((rns_bytes_t){(const uint8_t *)line, size}, &words);
    out[0] = '\0';
    for (size_t i = 0; i < words.count && result == WORDS_OK; i++) {
        used += (size_t)snprintf(out + used, room - used, "<%s>", words.at[i]);
    }
    if (result == WORDS_OK) {
        assert_null(words.at[words.count]);
    }
    words_free(&words);
    return result;
}

static void command_lines_split_as_shlex_splits_them(void **state) {
    char text[256];
    (void)state;
    for (size_t i = 0; i < COUNT(words_vectors); i++) {
        const char *line = words_vectors[i].line;
        const bool open = strcmp(words_vectors[i].words, "open") == 0;
        if (split(line, strlen(line), text, sizeof text) != (open ? WORDS_OPEN : WORDS_OK) ||
            strcmp(text, open ? "" : words_vectors[i].words) != 0) {
            fail_msg("[%s] became %s, not %s", line, text, words_vectors[i].words);
        }
    }
}

static void command_line_with_a_nul_is_refused(void **state) {
    char text[64];
    (void)state;
    assert_int_equal(split("echo a\0b", 8, text, sizeof text), WORDS_NUL);
}

static void command_line_longer_than_a_mebibyte_is_refused(void **state) {
    char *line = malloc(WORDS_TEXT_MOST + 1), *text = malloc(WORDS_TEXT_MOST + 8);
    (void)state;
    memset(line, 'a', WORDS_TEXT_MOST + 1);
    assert_int_equal(split(line, WORDS_TEXT_MOST + 1, text, WORDS_TEXT_MOST + 8), WORDS_TOO_LONG);
    assert_int_equal(split(line, WORDS_TEXT_MOST, text, WORDS_TEXT_MOST + 8), WORDS_OK);
    free(line);
    free(text);
}

// As many words as fit: each is one character, and every second byte is a space.
static void command_line_of_single_letters_has_room_for_all(void **state) {
    char line[1000], text[4000];
    (void)state;
    for (size_t i = 0; i < sizeof line; i++) {
        line[i] = i % 2 == 0 ? 'x' : ' ';
    }
    assert_int_equal(split(line, 999, text, sizeof text), WORDS_OK);
    assert_int_equal(strlen(text), 1500);
}

// ---- Hashes

static void digits_become_bytes(void **state) {
    uint8_t out[4] = {0};
    (void)state;
    assert_true(text_unhex("00fFa19c", 8, out));
    assert_memory_equal(out, "\x00\xff\xa1\x9c", 4);
    assert_false(text_unhex("00f", 3, out));
    assert_false(text_unhex("0g", 2, out));
    assert_false(text_unhex(" 1", 2, out));
}

static void hash_is_shown_between_brackets(void **state) {
    const rns_hash_t hash = {
        {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0, 1, 2, 3, 4, 5, 6, 0xff}};
    char text[TEXT_HASH];
    (void)state;
    text_hash(&hash, text);
    assert_string_equal(text, "<0123456789abcdef00010203040506ff>");
}

// ---- Progress

static void progress_tells_rate_and_time_left(void **state) {
    progress_t progress = {.total = 1000000};
    char text[PROGRESS_TEXT];
    (void)state;
    progress_add(&progress, 1000000, 0, 0);
    progress_text(&progress, false, text);
    assert_string_equal(text, "0.0% - 0 B of 1.00 MB - 0 bps");
    progress_add(&progress, 3000000, 200000, 210000);
    progress_text(&progress, false, text);
    assert_string_equal(text, "20.0% - 200.00 KB of 1.00 MB - 800.00 Kbps - 8s left");
    progress_text(&progress, true, text);
    assert_string_equal(text, "20.0% - 200.00 KB of 1.00 MB - 800.00 Kbps (840.00 Kbps at "
                              "physical layer) - 8s left");
}

static void rate_is_of_the_last_samples(void **state) {
    progress_t progress = {.total = 1000000};
    (void)state;
    for (unsigned i = 0; i <= PROGRESS_SAMPLES; i++) { // the first is gone then
        progress_add(&progress, i == 0 ? 0 : 1000000000 + (rns_us_t)i * 1000000, i * 1000, 0);
    }
    assert_int_equal(progress_rate(&progress), 1000);
    assert_int_equal(progress_done(&progress), 32000);
}

static void progress_follows_a_transfer_over_its_segments(void **state) {
    progress_t progress = {0};
    rns_resource_info_t info = {.size = 2000000,
                                .transfer_size = 1000000,
                                .segment = 1,
                                .segments = 2,
                                .parts = 100,
                                .parts_done = 50,
                                .progress_ppm = 250000};
    (void)state;
    progress_take(&progress, 1000000, &info);
    info.parts_done = 100;
    info.progress_ppm = 500000;
    progress_take(&progress, 2000000, &info);
    info.segment = 2;
    info.parts_done = 50;
    info.progress_ppm = 750000;
    progress_take(&progress, 3000000, &info);
    assert_int_equal(progress_done(&progress), 1500000);
    assert_int_equal(progress_rate(&progress), 500000);
    assert_int_equal(progress_sent_rate(&progress), 500000);
}

static void end_is_told_over_the_whole_time(void **state) {
    progress_t progress = {.total = 1000000, .started = 1000000};
    char text[PROGRESS_TEXT];
    (void)state;
    progress_end_text(&progress, 3500000, text);
    assert_string_equal(text, "100.0% - 1.00 MB of 1.00 MB in 2.5s - 3.20 Mbps");
}

static void empty_transfer_has_a_text(void **state) {
    progress_t progress = {.started = 1};
    char text[PROGRESS_TEXT];
    (void)state;
    progress_text(&progress, false, text);
    assert_string_equal(text, "0.0% - 0 B of 0 B - 0 bps");
    progress_end_text(&progress, 1, text);
    assert_string_equal(text, "100.0% - 0 B of 0 B in 0s - 0 bps");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_and_rates_are_shown_as_the_reference_shows_them),
        cmocka_unit_test(times_are_shown_as_the_reference_shows_them),
        cmocka_unit_test(no_minute_has_sixty_seconds),
        cmocka_unit_test(whole_seconds_have_no_point),
        cmocka_unit_test(decimals_are_rounded_as_python_does),
        cmocka_unit_test(command_lines_split_as_shlex_splits_them),
        cmocka_unit_test(command_line_with_a_nul_is_refused),
        cmocka_unit_test(command_line_longer_than_a_mebibyte_is_refused),
        cmocka_unit_test(command_line_of_single_letters_has_room_for_all),
        cmocka_unit_test(digits_become_bytes),
        cmocka_unit_test(hash_is_shown_between_brackets),
        cmocka_unit_test(progress_tells_rate_and_time_left),
        cmocka_unit_test(rate_is_of_the_last_samples),
        cmocka_unit_test(progress_follows_a_transfer_over_its_segments),
        cmocka_unit_test(end_is_told_over_the_whole_time),
        cmocka_unit_test(empty_transfer_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
