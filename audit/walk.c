// audit/walk.c -- goes through the tree of one unit, from the outside in; see unit.h.
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static void emit_function(unit_t *unit, CXCursor cursor, const frame_t *frame, place_t place,
                          const char *flags) {
    unit_fact(unit, "F", frame->function, frame->name, frame->class, unit_shown(unit, place.file),
              unit_number(place.line), flags, NULL);
    CXSourceRange extent = clang_getCursorExtent(cursor);
    place_t begin = unit_place(unit, clang_getRangeStart(extent));
    place_t end = unit_place(unit, clang_getRangeEnd(extent));
    if (begin.file == end.file && begin.file >= 0) {
        *LIST_ADD(unit->spans) = (span_t){begin.file,      begin.offset, end.offset,
                                          frame->function, frame->name,  frame->class};
    }
}

// The notes of comments that speak of the function's head.
static void emit_notes(unit_t *unit, CXCursor cursor, const frame_t *frame) {
    CXSourceRange extent = clang_getCursorExtent(cursor);
    place_t begin = unit_place(unit, clang_getRangeStart(extent));
    place_t name = unit_place_of(unit, cursor);
    if (begin.file < 0 || begin.file != name.file) {
        return;
    }
    const file_t *file = &unit->tree->files.at[begin.file];
    for (size_t i = 0; i < file->notes.count; i++) {
        const note_t *note = &file->notes.at[i];
        if (note->frequency >= 0 && note->line >= begin.line && note->line <= name.line) {
            unit_fact(unit, "A", frame->function, frequency_names[note->frequency],
                      note->only ? "only" : "root", file->shown, unit_number(note->line), NULL);
        }
    }
}

static void emit_overrides(unit_t *unit, CXCursor cursor) {
    CXCursor *over = NULL;
    unsigned count = 0;
    clang_getOverriddenCursors(cursor, &over, &count);
    for (unsigned i = 0; i < count; i++) {
        unit_fact(unit, "O", name_of_function(unit, over[i]), name_of_function(unit, cursor), NULL);
    }
    clang_disposeOverriddenCursors(over);
}

// True when this record or function was walked before: a typedef shows its record twice, and an
// explicit instantiation shows its pattern.
static bool again(unit_t *unit, CXCursor cursor) {
    place_t place = unit_place_of(unit, cursor);
    bool added;
    map_take(&unit->bodies, name_print("%ld:%u", place.file, place.offset), 0, &added);
    return !added;
}

static const char *function_flags(enum CXCursorKind kind, CXCursor cursor) {
    if (kind == CXCursor_FunctionTemplate) {
        kind = clang_getTemplateCursorKind(cursor);
    }
    if (kind == CXCursor_Constructor) {
        return clang_CXXConstructor_isDefaultConstructor(cursor) != 0 ? "C" : "c";
    }
    return kind == CXCursor_Destructor ? "d" : "-";
}

static bool enter_function(unit_t *unit, frame_t *frame) {
    if (frame->kind == CXCursor_CXXMethod || frame->kind == CXCursor_Destructor) {
        emit_overrides(unit, frame->cursor);
    }
    frame->function = name_of_function(unit, frame->cursor);
    frame->name = name_of_cursor(frame->cursor);
    frame->class = name_of_class(frame->cursor);
    frame->once = ONCE_NO;
    emit_notes(unit, frame->cursor, frame);
    if (clang_isCursorDefinition(frame->cursor) == 0) {
        return false;
    }
    place_t place = unit_place_of(unit, frame->cursor);
    emit_function(unit, frame->cursor, frame, place, function_flags(frame->kind, frame->cursor));
    unit->pools_in_function.count = 0;
    return true;
}

static void enter_lambda(unit_t *unit, frame_t *frame) {
    place_t place = unit_place_of(unit, frame->cursor);
    const char *id = calls_lambda_id(unit, clang_getCursorLocation(frame->cursor));
    calls_lambda(unit, frame->cursor, id);
    frame->function = id;
    frame->once = ONCE_NO;
    emit_function(unit, frame->cursor, frame, place, "l");
}

// A member or base that is an object itself: whoever makes the one makes the other.
static void emit_part(unit_t *unit, CXCursor cursor, const char *class) {
    CXType type = clang_getCanonicalType(clang_getCursorType(cursor));
    while (type.kind == CXType_ConstantArray) {
        type = clang_getCanonicalType(clang_getArrayElementType(type));
    }
    CXCursor record =
        type.kind == CXType_Record ? clang_getTypeDeclaration(type) : clang_getNullCursor();
    if (!cursor_is_null(record) && *class != 0 && !name_in_std(record)) {
        bool base = clang_getCursorKind(cursor) == CXCursor_CXXBaseSpecifier;
        unit_fact(unit, "I", class, name_of_cursor(record), base ? "base" : "member", NULL);
    }
}

// A variable outside of functions, or that is made once: what its initial value allocates.
static void enter_variable(unit_t *unit, frame_t *frame) {
    if (frame->kind == CXCursor_FieldDecl) {
        frame->function = frame->name = "";
        decls_variable(unit, frame->cursor);
        frame->function = name_print("init of %s", frame->class);
        unit_fact(unit, "F", frame->function, name_print("%s (initial values)", frame->class),
                  frame->class, "", "0", "i", NULL);
        emit_part(unit, frame->cursor, frame->class);
        return;
    }
    if (*frame->function == 0) {
        frame->once = ONCE_GLOBAL;
        const char *class = name_of_class(frame->cursor);
        frame->class = *class == 0 ? frame->class : class;
    } else if (clang_Cursor_getStorageClass(frame->cursor) == CX_SC_Static) {
        frame->once = ONCE_STATIC;
    }
    decls_variable(unit, frame->cursor);
}

static void visit_reference(unit_t *unit, frame_t *frame) {
    unit_cover(unit, unit_place_of(unit, frame->cursor));
    CXCursor of = clang_getCursorReferenced(frame->cursor);
    enum CXCursorKind kind = clang_getCursorKind(of);
    if (kind == CXCursor_VarDecl || kind == CXCursor_FieldDecl) {
        decls_use(unit, frame->cursor, of);
    } else if (cursor_is_function(kind)) {
        calls_reference(unit, frame->cursor);
    }
    if (frame->kind == CXCursor_MemberRef) {
        frame_t *parent = &unit->stack.at[unit->stack.count - 2];
        parent->member = frame->cursor;
    }
}

static enum CXChildVisitResult visit_record(unit_t *unit, frame_t *frame) {
    if (clang_isCursorDefinition(frame->cursor) == 0 || again(unit, frame->cursor)) {
        return CXChildVisit_Continue;
    }
    const char *name = name_of_cursor(frame->cursor);
    if (*name != 0) {
        frame->class = name;
        if (unit->rules->tables.count > 0) {
            long long size = clang_Type_getSizeOf(clang_getCursorType(frame->cursor));
            unit_fact(unit, "Z", name, unit_number(size < 0 ? 0 : (unsigned long)size), NULL);
        }
    }
    return CXChildVisit_Recurse;
}

// Numbers that have a name, for the rows of tables that count their slots by one.
static void emit_value(unit_t *unit, CXCursor cursor, enum CXCursorKind kind) {
    const char *name = unit_string(clang_getCursorSpelling(cursor));
    if (unit->rules->tables.count == 0) {
        return;
    }
    if (kind == CXCursor_EnumConstantDecl) {
        long long value = clang_getEnumConstantDeclValue(cursor);
        unit_fact(unit, "W", name, unit_number(value < 0 ? 0 : (unsigned long)value), NULL);
        return;
    }
    size_t length;
    const char *text = unit_text_of(unit, cursor, &length);
    size_t size = strlen(name);
    if (length > size && text[size] != '(') {
        const char *value = name_of_part(text + size, length - size);
        value += strspn(value, " \t(");
        char *end;
        unsigned long number = strtoul(value, &end, 0);
        if (end != value && strspn(end, "uUlL) \t") == strlen(end)) {
            unit_fact(unit, "W", name, unit_number(number), NULL);
        }
    }
}

static enum CXChildVisitResult visit_expression(unit_t *unit, frame_t *frame) {
    switch (frame->kind) {
    case CXCursor_CXXNewExpr:
        sites_new(unit, frame->cursor);
        break;
    case CXCursor_CallExpr:
        calls_call(unit, frame->cursor);
        break;
    case CXCursor_OverloadedDeclRef:
        unit_cover(unit, unit_place_of(unit, frame->cursor));
        calls_overloaded(unit, frame->cursor);
        break;
    case CXCursor_LambdaExpr:
        enter_lambda(unit, frame);
        break;
    case CXCursor_DeclRefExpr:
    case CXCursor_MemberRefExpr:
    case CXCursor_MemberRef:
    case CXCursor_TypeRef:
    case CXCursor_TemplateRef:
        visit_reference(unit, frame);
        break;
    default:
        break;
    }
    return CXChildVisit_Recurse;
}

static enum CXChildVisitResult visit_frame(unit_t *unit, frame_t *frame) {
    if (cursor_is_record(frame->kind)) {
        return visit_record(unit, frame);
    }
    if (cursor_is_function(frame->kind)) {
        return enter_function(unit, frame) && !again(unit, frame->cursor) ? CXChildVisit_Recurse
                                                                          : CXChildVisit_Continue;
    }
    switch (frame->kind) {
    case CXCursor_VarDecl:
    case CXCursor_FieldDecl:
        unit_cover(unit, unit_place_of(unit, frame->cursor));
        enter_variable(unit, frame);
        return CXChildVisit_Recurse;
    case CXCursor_CXXBaseSpecifier:
        decls_base(unit, frame->cursor);
        emit_part(unit, frame->cursor, frame->class);
        return CXChildVisit_Recurse;
    case CXCursor_MacroDefinition:
    case CXCursor_EnumConstantDecl:
        emit_value(unit, frame->cursor, frame->kind);
        return CXChildVisit_Continue;
    case CXCursor_ParmDecl: // defaults are made by those who call
    case CXCursor_MacroExpansion:
    case CXCursor_InclusionDirective:
        return CXChildVisit_Continue;
    default:
        return visit_expression(unit, frame);
    }
}

// Leaves the frames down to the parent; a function that ends is judged.
static void leave(unit_t *unit, CXCursor parent) {
    size_t depth = unit->stack.count;
    while (depth > 0 && clang_equalCursors(unit->stack.at[depth - 1].cursor, parent) == 0) {
        depth--;
    }
    while (depth > 0 && unit->stack.count > depth) { // a parent that was never shown leaves nothing
        const frame_t *top = unit_top(unit);
        if (cursor_is_function(top->kind) && unit->pools_in_function.count > 0) {
            policy_judge(unit, top->cursor, top->function);
            unit->pools_in_function.count = 0;
        }
        unit->stack.count--;
    }
}

static bool skipped(unit_t *unit, CXCursor cursor) {
    place_t place = unit_place_of(unit, cursor);
    return place.file < 0 || unit->clean->by_file[place.file];
}

static enum CXChildVisitResult on_cursor(CXCursor cursor, CXCursor parent, CXClientData data) {
    unit_t *unit = data;
    leave(unit, parent);
    if (unit->stack.count == 1 && skipped(unit, cursor)) {
        return CXChildVisit_Continue;
    }
    frame_t frame = *unit_top(unit);
    frame.cursor = cursor;
    frame.kind = clang_getCursorKind(cursor);
    frame.member = clang_getNullCursor();
    *LIST_ADD(unit->stack) = frame;
    enum CXChildVisitResult result = visit_frame(unit, unit_top(unit));
    return result;
}

void walk_unit(unit_t *unit) {
    CXCursor top = clang_getTranslationUnitCursor(unit->tu);
    *LIST_ADD(unit->stack) = (frame_t){.cursor = top,
                                       .kind = CXCursor_TranslationUnit,
                                       .function = "",
                                       .name = "",
                                       .class = "",
                                       .member = clang_getNullCursor()};
    clang_visitChildren(top, on_cursor, unit);
    leave(unit, top);
}
