// audit/table.c -- rows of pool tables: macros that the rules file names, written as rows of a file
// (RNS_POOL(NODE, ...)), or as rows of a list (#define POOLS(X) X(NODE, ...) X(...)).
#include "tokens.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    unit_t *unit;
    long file;
    const tokens_t *tokens;
    const rule_table_t *table;
} rows_t;

static const char *argument_text(const rows_t *rows, size_t begin, size_t end) {
    text_t text = {0};
    text_add(&text, "");
    for (size_t i = begin; i < end; i++) {
        const char *part = rows->tokens->at[i].text;
        bool space = text.size > 0 && isalnum((unsigned char)*part) &&
                     isalnum((unsigned char)text.at[text.size - 1]);
        text_add(&text, space ? " " : "");
        text_add(&text, part);
    }
    const char *name = name_of(text.at);
    text_free(&text);
    return name;
}

// sizeof(struct x) is an x; the format of the rule may add to it.
static const char *meaning_text(const char *argument, const char *format) {
    if (text_begins(argument, "sizeof(") && text_ends(argument, ")")) {
        argument = name_of_part(argument + 7, strlen(argument) - 8);
    }
    argument = text_begins(argument, "struct ") ? name_of(argument + 7) : argument;
    if (*argument == '"' && text_ends(argument, "\"") && strlen(argument) > 1) {
        argument = name_of_part(argument + 1, strlen(argument) - 2);
    }
    const char *star = format == NULL ? NULL : strchr(format, '*');
    if (format == NULL) {
        return argument;
    }
    return star == NULL ? format
                        : name_print("%.*s%s%s", (int)(star - format), format, argument, star + 1);
}

// The row whose parenthesis opens at this token.
static void read_row(const rows_t *rows, size_t open) {
    const tokens_t *tokens = rows->tokens;
    const char *meant[MEANING_COUNT] = {"", "", "", "", "", "", "", ""};
    int number = 0;
    size_t begin = open + 1, end = tokens->at[open].match;
    for (size_t i = begin; i <= end; i++) {
        if (i < end && !token_is(tokens, i, ",")) {
            i = tokens->at[i].match > i ? tokens->at[i].match : i;
            continue;
        }
        if (number < rows->table->count) {
            meant[rows->table->meaning[number]] =
                meaning_text(argument_text(rows, begin, i), rows->table->format[number]);
        }
        number++;
        begin = i + 1;
    }
    const rules_t *rules = rows->unit->rules;
    unit_fact(rows->unit, "T", unit_shown(rows->unit, rows->file),
              unit_number(tokens->at[open].line), unit_number(tokens->at[open].column),
              meant[MEANING_NAME], meant[MEANING_CLASS], meant[MEANING_SLOTS],
              meant[MEANING_ELEMENT], meant[MEANING_BYTES],
              rules_value(rules, MEANING_REGION, meant[MEANING_REGION]),
              rules_value(rules, MEANING_POLICY, meant[MEANING_POLICY]), NULL);
}

// #define TABLE(X) X(...) X(...)
static void read_list(const rows_t *rows, size_t at) {
    const tokens_t *tokens = rows->tokens;
    if (!token_is(tokens, at, "(") || tokens->at[at].match != at + 2) {
        return;
    }
    const char *row = token_text(tokens, at + 1);
    size_t i = at + 3;
    while (token_text(tokens, i) == row && token_is(tokens, i + 1, "(") &&
           tokens->at[i + 1].match > i + 1) {
        read_row(rows, i + 1);
        i = tokens->at[i + 1].match + 1;
        i += token_is(tokens, i, ",") || token_is(tokens, i, ";") ? 1 : 0;
    }
}

static void read_table(rows_t *rows) {
    const tokens_t *tokens = rows->tokens;
    for (size_t i = 0; i + 1 < tokens->count; i++) {
        const char *before = i == 0 ? "" : token_text(tokens, i - 1);
        if (token_text(tokens, i) != rows->table->macro) {
            continue;
        }
        if (strcmp(before, "define") == 0) {
            read_list(rows, i + 1);
        } else if (!tokens->at[i].directive && token_is(tokens, i + 1, "(") &&
                   tokens->at[i + 1].match > i + 1) {
            read_row(rows, i + 1);
        }
    }
}

void table_read(unit_t *unit, long file) {
    CXFile handle = clang_getFile(unit->tu, unit->tree->files.at[file].real);
    size_t size;
    if (handle == NULL || clang_getFileContents(unit->tu, handle, &size) == NULL) {
        return;
    }
    CXSourceRange all =
        clang_getRange(clang_getLocationForOffset(unit->tu, handle, 0),
                       clang_getLocationForOffset(unit->tu, handle, (unsigned)size));
    tokens_t tokens = tokens_read(unit, all, true);
    for (size_t i = 0; i < unit->rules->tables.count; i++) {
        rows_t rows = {unit, file, &tokens, &unit->rules->tables.at[i]};
        read_table(&rows);
    }
    tokens_free(&tokens);
}
