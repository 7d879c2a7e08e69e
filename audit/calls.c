// audit/calls.c -- who calls whom, and who hands a function to whom; see unit.h.
#include "unit.h"

#include <ctype.h>
#include <string.h>

static bool in_system(CXCursor cursor) {
    return clang_Location_isInSystemHeader(clang_getCursorLocation(cursor)) != 0;
}

static enum CXChildVisitResult on_first(CXCursor cursor, CXCursor parent, CXClientData data) {
    (void)parent;
    *(CXCursor *)data = cursor;
    return CXChildVisit_Break;
}

static CXCursor first_child(CXCursor cursor) {
    CXCursor first = clang_getNullCursor();
    clang_visitChildren(cursor, on_first, &first);
    return first;
}

static bool is_wrapping(enum CXCursorKind kind) {
    return kind == CXCursor_UnexposedExpr || kind == CXCursor_ParenExpr ||
           kind == CXCursor_UnaryOperator || kind == CXCursor_CStyleCastExpr ||
           kind == CXCursor_CXXStaticCastExpr || kind == CXCursor_CXXFunctionalCastExpr ||
           kind == CXCursor_ConditionalOperator;
}

// The last name in the source of an expression like `a.b`, `p->b<int>`; for what the parser leaves
// open until a template is made.
static const char *last_name(const unit_t *unit, CXCursor cursor, unsigned *offset) {
    size_t length;
    const char *text = unit_text_of(unit, cursor, &length);
    size_t end = length;
    if (end > 0 && text[end - 1] == '>') {
        for (int depth = 0; end > 0;) {
            end--;
            depth += (text[end] == '>') - (text[end] == '<');
            if (depth == 0) {
                break;
            }
        }
    }
    size_t begin = end;
    while (begin > 0 && (isalnum((unsigned char)text[begin - 1]) || text[begin - 1] == '_')) {
        begin--;
    }
    *offset = (unsigned)begin;
    return name_of_part(text + begin, end - begin);
}

// What a call is made through, when that is no function: a parameter, a member, nothing known.
static void call_through(unit_t *unit, CXCursor cursor, CXCursor through) {
    const frame_t *frame = unit_top(unit);
    while (clang_getCursorKind(through) == CXCursor_UnexposedExpr ||
           clang_getCursorKind(through) == CXCursor_ParenExpr ||
           clang_getCursorKind(through) == CXCursor_UnaryOperator) {
        CXCursor inner = first_child(through);
        if (cursor_is_null(inner)) {
            break;
        }
        through = inner;
    }
    CXCursor of = clang_getCursorReferenced(through);
    enum CXCursorKind kind = clang_getCursorKind(of);
    if (kind == CXCursor_ParmDecl) {
        unit_fact(unit, "M", frame->function, NULL);
    } else if (kind == CXCursor_FieldDecl) {
        unit_fact(unit, "G", frame->function, name_of_function(unit, of), NULL);
    } else if (clang_getCursorKind(through) == CXCursor_MemberRefExpr) {
        unsigned offset;
        const char *name = last_name(unit, through, &offset);
        place_t place = unit_place(unit, clang_getRangeStart(clang_getCursorExtent(through)));
        place.offset += offset;
        unit_cover(unit, place);
        unit_fact(unit, "N", frame->function, name, "member", NULL);
        sites_call(unit, cursor, clang_getNullCursor(), name);
    }
}

void calls_call(unit_t *unit, CXCursor cursor) {
    const frame_t *frame = unit_top(unit);
    CXCursor callee = clang_getCursorReferenced(cursor);
    enum CXCursorKind kind = clang_getCursorKind(callee);
    if (!cursor_is_function(kind)) {
        call_through(unit, cursor, first_child(cursor));
        return;
    }
    const char *name = unit_string(clang_getCursorSpelling(callee));
    if (!in_system(callee)) {
        CXCursor parent = clang_getCursorSemanticParent(callee);
        CXSourceLocation place = clang_getCursorLocation(parent);
        bool lambda = strcmp(name, "operator()") == 0 &&
                      cursor_is_record(clang_getCursorKind(parent)) &&
                      *unit_string(clang_getCursorSpelling(parent)) == 0;
        const char *id = lambda ? calls_lambda_id(unit, place) : name_of_function(unit, callee);
        unit_fact(unit, "E", frame->function, id, "call", "", "", NULL);
        if (kind == CXCursor_Constructor || cursor_is_null(clang_getCursorDefinition(callee))) {
            unit_fact(unit, "K", id, name_of_cursor(callee), name_of_class(callee),
                      kind == CXCursor_Constructor ? "c" : "-", NULL);
        }
    } else if (strcmp(name, "operator()") == 0) {
        call_through(unit, cursor, first_child(cursor));
    }
    sites_call(unit, cursor, callee, name);
}

void calls_overloaded(unit_t *unit, CXCursor cursor) {
    const frame_t *frame = unit_top(unit);
    const char *name = unit_string(clang_getCursorSpelling(cursor));
    unsigned count = clang_getNumOverloadedDecls(cursor);
    for (unsigned i = 0; i < count; i++) {
        CXCursor one = clang_getOverloadedDecl(cursor, i);
        if (!in_system(one)) {
            unit_fact(unit, "E", frame->function, name_of_function(unit, one), "call", "", "",
                      NULL);
        }
    }
    if (count == 0) {
        unit_fact(unit, "N", frame->function, name, "", NULL);
    }
    sites_call(unit, cursor, clang_getNullCursor(), name);
}

const char *calls_lambda_id(unit_t *unit, CXSourceLocation location) {
    place_t place = unit_place(unit, location);
    return name_print("lambda@%s:%u", unit_shown(unit, place.file), place.offset);
}

// Functions of the libraries that keep what they are handed, instead of calling it at once.
static bool keeps(CXCursor callee, const char *name) {
    static const char *const names[] = {"bind",      "async",      "make_shared",  "make_unique",
                                        "signal",    "atexit",     "move",         "forward",
                                        "ref",       "cref",       "sigaction",    "pthread_create",
                                        "make_pair", "make_tuple", "at_quick_exit"};
    return clang_getCursorKind(callee) != CXCursor_FunctionDecl || !in_system(callee) ||
           text_has_word(names, sizeof names / sizeof *names, name);
}

// Where a function goes that is not called: the call that it is handed to, or the member.
typedef struct {
    const char *how; // "call", "hand" or "via"; NULL: it is the callee itself
    const char *id, *name;
    CXCursor field;
} target_t;

static bool is_function_object(CXCursor callee) {
    return clang_getCursorKind(callee) == CXCursor_Constructor && name_in_std(callee) &&
           strcmp(unit_string(clang_getCursorSpelling(callee)), "function") == 0;
}

static target_t call_target(unit_t *unit, CXCursor callee) {
    const char *name = unit_string(clang_getCursorSpelling(callee));
    bool kept = keeps(callee, name);
    return (target_t){.how = !in_system(callee) ? "via"
                             : kept             ? "hand"
                                                : "call",
                      .id = in_system(callee) ? "" : name_of_function(unit, callee),
                      .name = name_of_cursor(callee),
                      .field = clang_getNullCursor()};
}

static CXCursor field_of(CXCursor cursor) {
    CXCursor of = clang_getCursorReferenced(first_child(cursor));
    return clang_getCursorKind(of) == CXCursor_FieldDecl ? of : clang_getNullCursor();
}

static target_t find_target(unit_t *unit, CXCursor function) {
    target_t target = {.how = "hand", .id = "", .name = "", .field = clang_getNullCursor()};
    for (size_t i = unit->stack.count - 1; i > 0; i--) {
        const frame_t *frame = &unit->stack.at[i - 1];
        CXCursor callee = clang_getCursorReferenced(frame->cursor);
        if (frame->kind == CXCursor_CallExpr) {
            if (!cursor_is_null(function) && clang_equalCursors(callee, function) != 0) {
                target.how = NULL;
                return target;
            }
            if (!cursor_is_function(clang_getCursorKind(callee))) {
                unsigned offset;
                target.name = last_name(unit, first_child(frame->cursor), &offset);
                return target;
            }
            if (is_function_object(callee)) {
                continue;
            }
            return call_target(unit, callee);
        }
        if (frame->kind == CXCursor_UnexposedExpr && is_function_object(callee)) {
            continue;
        }
        if (frame->kind == CXCursor_BinaryOperator || frame->kind == CXCursor_UnexposedExpr) {
            target.field = field_of(frame->cursor);
        }
        if (frame->kind == CXCursor_VarDecl && *frame->function != 0 && cursor_is_null(function)) {
            target.how = "call"; // a lambda that is kept in a local variable is called there
        }
        if (!is_wrapping(frame->kind) && frame->kind != CXCursor_MemberRefExpr &&
            frame->kind != CXCursor_DeclRefExpr) {
            return target;
        }
    }
    return target;
}

static void emit_target(unit_t *unit, const char *from, const char *id, const target_t *target) {
    if (!cursor_is_null(target->field)) {
        unit_fact(unit, "B", name_of_function(unit, target->field), id, NULL);
    }
    unit_fact(unit, "E", from, id, target->how, target->name, target->id, NULL);
}

void calls_reference(unit_t *unit, CXCursor cursor) {
    CXCursor of = clang_getCursorReferenced(cursor);
    if (in_system(of)) {
        return;
    }
    target_t target = find_target(unit, of);
    if (target.how != NULL) {
        emit_target(unit, unit_top(unit)->function, name_of_function(unit, of), &target);
    }
}

void calls_lambda(unit_t *unit, CXCursor cursor, const char *id) {
    (void)cursor;
    target_t target = find_target(unit, clang_getNullCursor());
    if (target.name != NULL && text_ends(target.name, "operator()") && *target.id != 0) {
        target.how = "call"; // called where it stands
    }
    emit_target(unit, unit_top(unit)->function, id, &target);
}
