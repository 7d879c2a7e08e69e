#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "host/configobj.h"
#include "vectors/config.h"

static void write_text(FILE *out, const char *text) {
    for (const unsigned char *c = (const unsigned char *)text; *c != 0; c++) {
        if (*c > 0x20 && *c < 0x7F && strchr("\\\"<>?", *c) == NULL) {
            fputc(*c, out);
        } else {
            fprintf(out, "\\%02x", *c);
        }
    }
}

static void write_value(FILE *out, const configobj_entry_t *entry) {
    write_text(out, entry->name);
    fputs(entry->fault != NULL ? "=!" : entry->kind == CONFIGOBJ_LIST ? "=L" : "=", out);
    for (size_t i = 0; entry->fault == NULL && i < entry->value_count; i++) {
        fputc('<', out);
        write_text(out, entry->values[i]);
        fputc('>', out);
    }
    fputc('\n', out);
}

// The tree in the notation of tools/vectors_config.py.
static void write_tree(FILE *out, const configobj_entry_t *root) {
    const configobj_entry_t *entry = root->children;
    unsigned depth = 1;

    while (entry != NULL) {
        if (entry->kind == CONFIGOBJ_SECTION) {
            for (unsigned i = 0; i < depth; i++) {
                fputc('[', out);
            }
            write_text(out, entry->name);
            fputc('\n', out);
        } else {
            write_value(out, entry);
        }
        if (entry->children != NULL) {
            entry = entry->children;
            depth++;
            continue;
        }
        while (entry != root && entry->next == NULL) {
            entry = entry->parent;
            depth--;
        }
        entry = entry == root ? NULL : entry->next;
    }
}

static char *answer(const char *text, size_t size) {
    arena_t arena = {NULL};
    configobj_error_t error;
    const configobj_entry_t *root = configobj_parse(&arena, text, size, &error);
    char *out = NULL;
    size_t out_size;
    FILE *file = open_memstream(&out, &out_size);

    if (root == NULL) {
        assert_non_null(error.text);
        fprintf(file, "error %u", error.line);
    } else {
        write_tree(file, root);
    }
    fclose(file);
    arena_free(&arena);
    return out;
}

static void texts_parse_as_the_reference_parses_them(void **state) {
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof config_vectors / sizeof config_vectors[0]; i++) {
        char *ours = answer(config_vectors[i].text, config_vectors[i].size);

        if (strcmp(ours, config_vectors[i].tree) != 0) {
            printf("case %zu: <<%.*s>>\nours:\n%s\nreference:\n%s\n", i,
                   (int)config_vectors[i].size, config_vectors[i].text, ours,
                   config_vectors[i].tree);
            wrong++;
        }
        free(ours);
    }
    assert_int_equal(wrong, 0);
}

static const configobj_entry_t *parse(arena_t *arena, const char *text, configobj_error_t *error) {
    return configobj_parse(arena, text, strlen(text), error);
}

static void values_remember_their_line(void **state) {
    arena_t arena = {NULL};
    configobj_error_t error;
    const configobj_entry_t *root =
        parse(&arena, "a = '''x\ny'''\n\n# remark\n[s]\nb = 1\n", &error);
    const configobj_entry_t *section;

    (void)state;
    assert_non_null(root);
    assert_int_equal(configobj_find(root, "a")->line, 1);
    section = configobj_find(root, "s");
    assert_int_equal(section->line, 5);
    assert_int_equal(configobj_find(section, "b")->line, 6);
    assert_null(configobj_find(root, "b"));
    arena_free(&arena);
}

static void duplicates_name_both_lines(void **state) {
    arena_t arena = {NULL};
    configobj_error_t error;

    (void)state;
    assert_null(parse(&arena, "[s]\n\n[s]\n", &error));
    assert_int_equal(error.line, 3);
    assert_string_equal(error.text,
                        "\"s\" is already there in line 1; remove or rename one of them");
    arena_free(&arena);
}

static void a_nul_byte_is_no_text(void **state) {
    arena_t arena = {NULL};
    configobj_error_t error;

    (void)state;
    assert_null(configobj_parse(&arena, "a = b\nc\0 = d", 12, &error));
    assert_int_equal(error.line, 2);
    arena_free(&arena);
}

static void interpolation_that_grows_without_end_is_a_fault(void **state) {
    arena_t arena = {NULL};
    configobj_error_t error;
    const configobj_entry_t *root = parse(&arena,
                                          "a = %(b)s%(b)s%(b)s%(b)s%(b)s%(b)s\n"
                                          "b = %(c)s%(c)s%(c)s%(c)s%(c)s%(c)s\n"
                                          "c = %(d)s%(d)s%(d)s%(d)s%(d)s%(d)s\n"
                                          "d = %(e)s%(e)s%(e)s%(e)s%(e)s%(e)s\n"
                                          "e = %(f)s%(f)s%(f)s%(f)s%(f)s%(f)s\n"
                                          "f =\n",
                                          &error);

    (void)state;
    assert_non_null(root);
    assert_string_equal(configobj_find(root, "a")->fault, "refers to too many other values");
    assert_null(configobj_find(root, "c")->fault);
    assert_string_equal(configobj_find(root, "e")->values[0], "");
    arena_free(&arena);
}

static void a_value_that_refers_to_itself_is_a_fault(void **state) {
    arena_t arena = {NULL};
    configobj_error_t error;
    const configobj_entry_t *root = parse(&arena, "a = x%(b)s\nb = y%(a)s\nc = %(d)s\n", &error);

    (void)state;
    assert_string_equal(configobj_find(root, "a")->fault, "refers to itself");
    assert_string_equal(configobj_find(root, "c")->fault, "refers to \"d\", which is not set");
    arena_free(&arena);
}

static void lines_and_files_have_a_limit(void **state) {
    arena_t arena = {NULL};
    configobj_error_t error;
    char *text = malloc(CONFIGOBJ_FILE_MAX + 1U);

    (void)state;
    memset(text, 'x', CONFIGOBJ_FILE_MAX + 1U);
    memcpy(text, "a = ", 4);
    assert_non_null(configobj_parse(&arena, text, CONFIGOBJ_LINE_MAX, &error));
    assert_null(configobj_parse(&arena, text, CONFIGOBJ_LINE_MAX + 1U, &error));
    assert_null(configobj_parse(&arena, text, CONFIGOBJ_FILE_MAX + 1U, &error));
    free(text);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_parse_as_the_reference_parses_them),
        cmocka_unit_test(values_remember_their_line),
        cmocka_unit_test(duplicates_name_both_lines),
        cmocka_unit_test(a_nul_byte_is_no_text),
        cmocka_unit_test(interpolation_that_grows_without_end_is_a_fault),
        cmocka_unit_test(a_value_that_refers_to_itself_is_a_fault),
        cmocka_unit_test(lines_and_files_have_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
