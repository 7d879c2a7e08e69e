// audit/unit.c -- parses one file and keeps what its walk needs; see unit.h.
#include "unit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *unit_string(CXString string) {
    const char *text = clang_getCString(string);
    const char *name = name_of(text == NULL ? "" : text);
    clang_disposeString(string);
    return name;
}

const char *unit_number(unsigned long number) {
    return name_print("%lu", number);
}

static void add_field(text_t *out, const char *field) {
    for (const char *at = field; *at != 0; at++) {
        text_add_part(out, *at == '\t' || *at == '\n' || *at == '\r' ? " " : at, 1);
    }
}

void unit_fact(unit_t *unit, const char *letter, ...) {
    text_add(unit->out, letter);
    va_list fields;
    va_start(fields, letter);
    for (const char *field = va_arg(fields, const char *); field != NULL;
         field = va_arg(fields, const char *)) {
        text_add(unit->out, "\t");
        add_field(unit->out, field);
    }
    va_end(fields);
    text_add(unit->out, "\n");
}

long unit_file(unit_t *unit, CXFile file) {
    if (file == NULL) {
        return -1;
    }
    bool added;
    size_t *cell = map_take(&unit->files, file, 0, &added);
    if (added) {
        const char *real = unit_string(clang_File_tryGetRealPathName(file));
        if (*real == 0) {
            real = unit_string(clang_getFileName(file));
        }
        char *resolved = realpath(real, NULL);
        long found = tree_find(unit->tree, name_of(resolved == NULL ? real : resolved));
        free(resolved);
        *cell = (size_t)(found + 1);
    }
    return (long)*cell - 1;
}

const char *unit_shown(const unit_t *unit, long file) {
    return file < 0 ? "" : unit->tree->files.at[file].shown;
}

place_t unit_place(unit_t *unit, CXSourceLocation location) {
    CXFile file;
    place_t place;
    clang_getFileLocation(location, &file, &place.line, &place.column, &place.offset);
    place.file = unit_file(unit, file);
    return place;
}

place_t unit_place_of(unit_t *unit, CXCursor cursor) {
    return unit_place(unit, clang_getCursorLocation(cursor));
}

const char *unit_text(const unit_t *unit, CXSourceLocation location, size_t *length) {
    CXFile file;
    unsigned offset;
    *length = 0;
    clang_getSpellingLocation(location, &file, NULL, NULL, &offset);
    if (file == NULL) {
        return "";
    }
    size_t size;
    const char *contents = clang_getFileContents(unit->tu, file, &size);
    if (contents == NULL || offset >= size) {
        return "";
    }
    *length = size - offset;
    return contents + offset;
}

const char *unit_text_of(const unit_t *unit, CXCursor cursor, size_t *length) {
    CXSourceRange range = clang_getCursorExtent(cursor);
    size_t rest;
    const char *begin = unit_text(unit, clang_getRangeStart(range), length);
    const char *end = unit_text(unit, clang_getRangeEnd(range), &rest);
    if (end >= begin && (size_t)(end - begin) <= *length) {
        *length = (size_t)(end - begin);
    } else {
        *length = 0;
    }
    return begin;
}

frame_t *unit_top(unit_t *unit) {
    return &unit->stack.at[unit->stack.count - 1];
}

void unit_cover(unit_t *unit, place_t place) {
    if (place.file >= 0 && unit->wrong[place.file]) {
        *LIST_ADD(unit->covered) = (spot_t){place.file, place.offset};
    }
}

static const char *missing_header(const char *text) {
    const char *end = strstr(text, "' file not found");
    return end == NULL || *text != '\'' ? NULL : name_of_part(text + 1, (size_t)(end - text - 1));
}

// Which files have errors, and which headers are missing.
static void read_diagnostics(unit_t *unit) {
    unsigned count = clang_getNumDiagnostics(unit->tu);
    for (unsigned i = 0; i < count; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(unit->tu, i);
        if (clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error) {
            place_t place = unit_place(unit, clang_getDiagnosticLocation(diagnostic));
            const char *text = unit_string(clang_getDiagnosticSpelling(diagnostic));
            const char *header = missing_header(text);
            if (place.file >= 0) {
                unit->wrong[place.file] = true;
            }
            if (header != NULL) {
                unit_fact(unit, "H", unit_shown(unit, place.file), header, NULL);
            } else if (place.file >= 0 && !unit->tree->files.at[place.file].table) {
                unit_fact(unit, "Y", unit_shown(unit, place.file), unit_number(place.line), text,
                          NULL);
            }
        }
        clang_disposeDiagnostic(diagnostic);
    }
}

typedef struct {
    unit_t *unit;
    size_t main;
} inclusion_t;

static void on_inclusion(CXFile file, CXSourceLocation *stack, unsigned depth, CXClientData data) {
    (void)stack;
    (void)depth;
    inclusion_t *inclusion = data;
    long found = unit_file(inclusion->unit, file);
    if (found >= 0 && (size_t)found != inclusion->main) {
        unit_fact(inclusion->unit, "V", unit_shown(inclusion->unit, found), NULL);
    }
    if (found < 0 || inclusion->unit->wrong[found]) {
        return;
    }
    // What a header without a guard says depends on who includes it.
    if (clang_isFileMultipleIncludeGuarded(inclusion->unit->tu, file) != 0) {
        inclusion->unit->clean->by_file[found] = true;
    }
}

static void walk(unit_t *unit, size_t file) {
    read_diagnostics(unit);
    walk_unit(unit);
    for (size_t i = 0; i < unit->tree->files.count; i++) {
        if (unit->wrong[i]) {
            island_search(unit, (long)i);
        }
    }
    if (unit->tree->files.at[file].table) {
        table_read(unit, (long)file);
    }
    inclusion_t inclusion = {unit, file};
    clang_getInclusions(unit->tu, on_inclusion, &inclusion);
}

static void unit_free(unit_t *unit) {
    free(unit->stack.at);
    free(unit->declarations.at);
    free(unit->covered.at);
    free(unit->spans.at);
    map_free(&unit->bodies);
    free(unit->pools_in_function.at);
    free(unit->wrong);
    map_free(&unit->files);
    map_free(&unit->declarations_by_address);
    map_free(&unit->repeats);
}

void unit_walk(const tree_t *tree, const rules_t *rules, const flags_t *flags, CXIndex index,
               size_t file, clean_t *clean, text_t *out) {
    static const char *const errors[] = {"", "the parser failed on it", "the parser fell over it",
                                         "the parser refused its arguments",
                                         "what the parser read ahead does not fit"};
    unit_t unit = {.tree = tree, .rules = rules, .out = out, .clean = clean};
    unit.wrong = memory_new(tree->files.count * sizeof *unit.wrong);
    arguments_t arguments = {0};
    flags_for(flags, &tree->files.at[file], &arguments);
    enum CXErrorCode error = clang_parseTranslationUnit2(
        index, tree->files.at[file].real, arguments.at, (int)arguments.count, NULL, 0,
        CXTranslationUnit_DetailedPreprocessingRecord | CXTranslationUnit_KeepGoing, &unit.tu);
    free(arguments.at);
    if (error == CXError_Success) {
        walk(&unit, file);
        clang_disposeTranslationUnit(unit.tu);
    } else {
        unit_fact(&unit, "X", tree->files.at[file].shown,
                  error <= CXError_ASTReadError ? errors[error] : "the parser failed on it", NULL);
    }
    unit_free(&unit);
}
