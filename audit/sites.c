// audit/sites.c -- expressions that allocate; see unit.h.
#include "unit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SMALL_STRING   15 // characters that a string of libstdc++ holds in itself
#define SMALL_FUNCTION 16 // bytes that a std::function of libstdc++ holds in itself

static const char *const mallocs[] = {
    "malloc",         "calloc",    "realloc",  "reallocarray", "aligned_alloc", "memalign",
    "posix_memalign", "valloc",    "pvalloc",  "strdup",       "strndup",       "wcsdup",
    "asprintf",       "vasprintf", "reallocf", "xmalloc"};
static const char *const platforms[] = {"heap_caps_malloc",
                                        "heap_caps_calloc",
                                        "heap_caps_realloc",
                                        "heap_caps_aligned_alloc",
                                        "heap_caps_aligned_calloc",
                                        "heap_caps_malloc_prefer",
                                        "heap_caps_calloc_prefer",
                                        "heap_caps_realloc_prefer",
                                        "heap_caps_malloc_default",
                                        "heap_caps_realloc_default",
                                        "heap_caps_malloc_extmem_enable",
                                        "ps_malloc",
                                        "ps_calloc",
                                        "ps_realloc",
                                        "pvPortMalloc",
                                        "pvPortCalloc",
                                        "pvPortRealloc",
                                        "pvPortAlignedAlloc",
                                        "k_malloc",
                                        "k_calloc",
                                        "k_realloc",
                                        "k_aligned_alloc",
                                        "k_heap_alloc",
                                        "k_heap_calloc",
                                        "k_heap_realloc",
                                        "k_heap_aligned_alloc",
                                        "sys_heap_alloc",
                                        "sys_heap_aligned_alloc",
                                        "sys_heap_realloc",
                                        "tx_byte_allocate",
                                        "kmalloc",
                                        "kzalloc",
                                        "os_malloc",
                                        "os_zalloc",
                                        "os_calloc",
                                        "os_realloc",
                                        "umm_malloc",
                                        "umm_calloc",
                                        "umm_realloc",
                                        "rt_malloc",
                                        "rt_calloc",
                                        "rt_realloc"};

audit_kind_t alloc_kind(const rules_t *rules, const char *name, bool *external) {
    *external = text_begins(name, "ps_");
    if (text_has_word(mallocs, sizeof mallocs / sizeof *mallocs, name)) {
        return KIND_MALLOC;
    }
    if (text_has_word(platforms, sizeof platforms / sizeof *platforms, name)) {
        return KIND_PLATFORM;
    }
    for (size_t i = 0; i < rules->allocs.count; i++) {
        if (rule_matches(rules->allocs.at[i].pattern, name)) {
            *external = rules->allocs.at[i].external;
            return KIND_PLATFORM;
        }
    }
    return KIND_NONE;
}

audit_kind_t make_kind(const char *name) {
    static const char *const shared[] = {"make_shared", "allocate_shared",
                                         "make_shared_for_overwrite"};
    static const char *const unique[] = {"make_unique", "make_unique_for_overwrite"};
    if (text_has_word(shared, sizeof shared / sizeof *shared, name)) {
        return KIND_MAKE_SHARED;
    }
    return text_has_word(unique, sizeof unique / sizeof *unique, name) ? KIND_MAKE_UNIQUE
                                                                       : KIND_NONE;
}

void sites_add(unit_t *unit, place_t place, audit_kind_t kind, const char *type, const char *region,
               const char *owner, const char *detail) {
    static const char *const onces[] = {"", "static", "global"};
    const frame_t *frame = unit_top(unit);
    if (place.file < 0) {
        return;
    }
    size_t *repeats = map_take(
        &unit->repeats, name_print("%ld:%u:%d", place.file, place.offset, (int)kind), 0, NULL);
    ++*repeats;
    unit_fact(unit, "S", unit_shown(unit, place.file), unit_number(place.line),
              unit_number(place.column), unit_number(*repeats), kind_names[kind], frame->function,
              frame->name, frame->class, type, region, onces[frame->once], owner, detail,
              unit->by_tokens ? "t" : "", NULL);
}

// The text between the brackets behind a name: make_shared<THIS>(...).
static const char *angle_text(const char *text, size_t length, const char *name) {
    size_t size = strlen(name);
    const char *at = memmem(text, length, name, size), *end = text + length;
    at = at == NULL ? end : at + size;
    while (at < end && isspace((unsigned char)*at)) {
        at++;
    }
    if (at == end || *at != '<') {
        return "";
    }
    int depth = 0;
    for (const char *stop = at; stop < end; stop++) {
        depth += (*stop == '<') - (*stop == '>');
        if (depth == 0) {
            return name_of_part(at + 1, (size_t)(stop - at - 1));
        }
    }
    return "";
}

static const char *made_type(unit_t *unit, CXCursor call, const char *name) {
    CXType type = clang_getCanonicalType(clang_getCursorType(call));
    CXType argument = clang_Type_getTemplateArgumentAsType(type, 0);
    if (type_smart_pointer(type) != NULL && argument.kind != CXType_Invalid) {
        return name_of_type(argument);
    }
    size_t length;
    const char *text = unit_text(unit, clang_getCursorLocation(call), &length);
    return angle_text(text, length < 4096 ? length : 4096, name);
}

// The source of a call, to the parenthesis that ends it.
static const char *call_text(const unit_t *unit, CXCursor call) {
    size_t length;
    const char *text = unit_text(unit, clang_getCursorLocation(call), &length);
    int depth = 0;
    for (size_t i = 0; i < length && i < 1000 && text[i] != ';'; i++) {
        depth += (text[i] == '(') - (text[i] == ')');
        if (text[i] == ')' && depth <= 0) {
            return name_of_part(text, i + 1);
        }
    }
    return "";
}

// sizeof(THIS) in the arguments, when nothing else tells what the memory is for.
static const char *sizeof_text(const char *text) {
    const char *at = strstr(text, "sizeof"), *end = text + strlen(text);
    if (at == NULL) {
        return "void";
    }
    at += 6;
    while (at < end && (*at == '(' || *at == ' ' || *at == '*')) {
        at++;
    }
    const char *begin = text_begins(at, "struct ") ? at + 7 : at;
    at = begin;
    while (at < end && (isalnum((unsigned char)*at) || *at == '_' || *at == ':')) {
        at++;
    }
    return at == begin ? "void" : name_of_part(begin, (size_t)(at - begin));
}

static CXType pointee_above(const unit_t *unit) {
    CXType none = {.kind = CXType_Invalid};
    for (size_t i = unit->stack.count - 1; i > 0; i--) {
        const frame_t *frame = &unit->stack.at[i - 1];
        CXType type = clang_getCursorType(frame->cursor);
        switch (frame->kind) {
        case CXCursor_UnexposedExpr:
        case CXCursor_ParenExpr:
        case CXCursor_DeclRefExpr: // of a name that is not declared
            break;
        case CXCursor_CStyleCastExpr:
        case CXCursor_CXXStaticCastExpr:
        case CXCursor_CXXReinterpretCastExpr:
        case CXCursor_CXXFunctionalCastExpr:
        case CXCursor_VarDecl:
        case CXCursor_FieldDecl:
        case CXCursor_BinaryOperator:
            return clang_getPointeeType(type.kind == CXType_Pointer ? type
                                                                    : clang_getCanonicalType(type));
        default:
            return none;
        }
    }
    return none;
}

static const char *allocated_type(unit_t *unit, CXCursor call, const char *name) {
    if (strstr(name, "str") != NULL || strstr(name, "printf") != NULL) {
        return "char";
    }
    CXType type = pointee_above(unit);
    if (type.kind != CXType_Invalid && type.kind != CXType_Void) {
        return name_of_type(type);
    }
    return sizeof_text(call_text(unit, call));
}

static const char *region_of(unit_t *unit, CXCursor call, bool external) {
    return external || type_is_external(call_text(unit, call)) ? "external" : "internal";
}

// A function of C, not a method that happens to have its name.
static bool is_global(CXCursor callee) {
    if (cursor_is_null(callee)) {
        return true;
    }
    enum CXCursorKind parent = clang_getCursorKind(clang_getCursorSemanticParent(callee));
    return parent == CXCursor_TranslationUnit || parent == CXCursor_LinkageSpec ||
           parent == CXCursor_UnexposedDecl || name_in_std(callee);
}

// Where the name of the function stands, behind its namespaces.
static place_t call_place(unit_t *unit, CXCursor call, const char *name) {
    place_t place = unit_place_of(unit, call);
    size_t length;
    const char *text = unit_text(unit, clang_getCursorLocation(call), &length);
    const char *found = memmem(text, length < 64 ? length : 64, name, strlen(name));
    if (found != NULL && memchr(text, '\n', (size_t)(found - text)) == NULL) {
        place.column += (unsigned)(found - text);
        place.offset += (unsigned)(found - text);
    }
    return place;
}

static bool call_allocates(unit_t *unit, CXCursor call, CXCursor callee, const char *name) {
    bool external;
    audit_kind_t kind = alloc_kind(unit->rules, name, &external);
    if (kind == KIND_NONE || !is_global(callee)) {
        return false;
    }
    sites_add(unit, call_place(unit, call, name), kind, allocated_type(unit, call, name),
              region_of(unit, call, external), "", name);
    return true;
}

static bool call_makes(unit_t *unit, CXCursor call, CXCursor callee, const char *name) {
    audit_kind_t kind = make_kind(name);
    if (kind == KIND_NONE || (!cursor_is_null(callee) && !name_in_std(callee))) {
        return false;
    }
    const char *type = made_type(unit, call, name);
    const char *last = strrchr(type, ':');
    unit_fact(unit, "N", unit_top(unit)->function,
              name_print("%s::%s", type, last == NULL ? type : last + 1), "", NULL);
    sites_add(unit, call_place(unit, call, name), kind, type,
              type_is_external(type) ? "external" : "internal", "", name);
    return true;
}

void sites_call(unit_t *unit, CXCursor cursor, CXCursor callee, const char *name) {
    if (!call_allocates(unit, cursor, callee, name) && !call_makes(unit, cursor, callee, name) &&
        !cursor_is_null(callee) && name_in_std(callee)) {
        sites_temporary(unit, cursor, callee);
    }
}

// What stands in the parentheses of `new (...)`, or NULL; *after is what comes behind them.
static const char *placement(const char *text, size_t length, const char **after) {
    const char *end = text + length, *at = text + (text_begins(text, "::") ? 2 : 0);
    at += text_begins(at, "new") ? 3 : 0;
    while (at < end && isspace((unsigned char)*at)) {
        at++;
    }
    if (at == end || *at != '(') {
        return NULL;
    }
    const char *begin = at + 1;
    int depth = 0;
    for (; at < end; at++) {
        depth += (*at == '(') - (*at == ')');
        if (depth == 0) {
            *after = at + 1;
            while (*after < end && isspace((unsigned char)**after)) {
                ++*after;
            }
            return name_of_part(begin, (size_t)(at - begin));
        }
    }
    return NULL;
}

// Memory that is there already: `new (place) T`.
static bool is_placement(unit_t *unit, CXCursor cursor) {
    size_t length;
    const char *text = unit_text(unit, clang_getCursorLocation(cursor), &length), *after = NULL;
    const char *inside = placement(text, length < 4096 ? length : 4096, &after);
    if (inside == NULL || strstr(inside, "nothrow") != NULL ||
        strstr(inside, "align_val_t") != NULL) {
        return false;
    }
    return isalpha((unsigned char)*after) || *after == '_' || *after == ':';
}

typedef struct {
    CXCursor found;
    LIST(CXCursor) bases;
} own_new_t;

static enum CXChildVisitResult on_member(CXCursor cursor, CXCursor parent, CXClientData data) {
    (void)parent;
    own_new_t *own = data;
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    if (kind == CXCursor_CXXBaseSpecifier) {
        *LIST_ADD(own->bases) = clang_getTypeDeclaration(clang_getCursorType(cursor));
    }
    if (kind == CXCursor_CXXMethod &&
        strcmp(unit_string(clang_getCursorSpelling(cursor)), "operator new") == 0) {
        own->found = cursor;
        return CXChildVisit_Break;
    }
    return CXChildVisit_Continue;
}

// The operator new of a class or of one that it is derived from.
static CXCursor class_new(CXType type) {
    own_new_t own = {.found = clang_getNullCursor()};
    *LIST_ADD(own.bases) = clang_getTypeDeclaration(clang_getCanonicalType(type));
    for (size_t i = 0; i < own.bases.count && i < 16 && cursor_is_null(own.found); i++) {
        if (!cursor_is_null(own.bases.at[i])) {
            clang_visitChildren(own.bases.at[i], on_member, &own);
        }
    }
    free(own.bases.at);
    return own.found;
}

static enum CXChildVisitResult on_container(CXCursor cursor, CXCursor parent, CXClientData data) {
    enum CXCursorKind kind = clang_getCursorKind(parent);
    if (kind == CXCursor_MemberRefExpr) {
        *(CXCursor *)data = cursor;
        return CXChildVisit_Break;
    }
    return CXChildVisit_Recurse;
}

static audit_kind_t kind_of_owner(const char *smart) {
    if (smart == NULL) {
        return KIND_NEW;
    }
    return strcmp(smart, "shared_ptr") == 0 ? KIND_NEW_SHARED_PTR : KIND_NEW_UNIQUE_PTR;
}

static enum CXChildVisitResult on_base(CXCursor cursor, CXCursor parent, CXClientData data) {
    (void)parent;
    if (clang_isExpression(clang_getCursorKind(cursor)) == 0) {
        return CXChildVisit_Continue;
    }
    const char **smart = data;
    *smart = type_smart_pointer(clang_getCursorType(cursor));
    return *smart != NULL ? CXChildVisit_Break : CXChildVisit_Recurse;
}

// The smart pointer that the elements of a container are, when a call makes one in place:
// list.emplace_back(new T).
static const char *element_pointer(const frame_t *frame, const char *name) {
    if (!text_begins(name, "emplace")) {
        return NULL;
    }
    CXCursor object = clang_getNullCursor();
    clang_visitChildren(frame->cursor, on_container, &object);
    const char *type =
        unit_string(clang_getTypeSpelling(clang_getCanonicalType(clang_getCursorType(object))));
    return strstr(type, "<std::unique_ptr<") != NULL   ? "unique_ptr"
           : strstr(type, "<std::shared_ptr<") != NULL ? "shared_ptr"
                                                       : NULL;
}

// A call around a `new`: the constructor of a smart pointer or its reset?
static audit_kind_t kind_of_call(const frame_t *frame) {
    CXCursor callee = clang_getCursorReferenced(frame->cursor);
    const char *smart = NULL;
    if (clang_getCursorKind(callee) == CXCursor_Constructor) {
        smart = type_smart_pointer(clang_getCursorType(frame->cursor));
    } else if (cursor_is_function(clang_getCursorKind(callee))) {
        const char *name = unit_string(clang_getCursorSpelling(callee));
        if (strcmp(name, "reset") == 0 && name_in_std(callee)) {
            const char *class = name_of_class(callee);
            smart = strstr(class, "shared_ptr") != NULL ? "shared_ptr" : "unique_ptr";
        } else if (name_in_std(callee)) {
            smart = element_pointer(frame, name);
        }
    } else {
        smart = type_smart_pointer(clang_getCursorType(frame->cursor));
        if (smart == NULL) { // p.reset(new T) in a template
            clang_visitChildren(frame->cursor, on_base, &smart);
        }
    }
    return kind_of_owner(smart);
}

// Who takes what a `new` gives.
static audit_kind_t kind_of_new(const unit_t *unit) {
    for (size_t i = unit->stack.count - 1; i > 0; i--) {
        const frame_t *frame = &unit->stack.at[i - 1];
        switch (frame->kind) {
        case CXCursor_ParenExpr:
        case CXCursor_ConditionalOperator:
        case CXCursor_CStyleCastExpr:
        case CXCursor_CXXStaticCastExpr:
        case CXCursor_InitListExpr:
            break;
        case CXCursor_UnexposedExpr:
        case CXCursor_CXXFunctionalCastExpr:
            if (type_smart_pointer(clang_getCursorType(frame->cursor)) != NULL) {
                return kind_of_owner(type_smart_pointer(clang_getCursorType(frame->cursor)));
            }
            break;
        case CXCursor_CallExpr:
            return kind_of_call(frame);
        case CXCursor_VarDecl:
        case CXCursor_FieldDecl:
            return kind_of_owner(type_smart_pointer(clang_getCursorType(frame->cursor)));
        case CXCursor_Constructor:
        case CXCursor_FunctionTemplate:
            return cursor_is_null(frame->member)
                       ? KIND_NEW
                       : kind_of_owner(type_smart_pointer(clang_getCursorType(frame->member)));
        default:
            return KIND_NEW;
        }
    }
    return KIND_NEW;
}

static bool is_array_new(const unit_t *unit, CXCursor cursor) {
    size_t length;
    const char *text = unit_text_of(unit, cursor, &length);
    const char *open = memchr(text, '[', length), *paren = memchr(text, '(', length);
    return open != NULL && (paren == NULL || open < paren);
}

void sites_new(unit_t *unit, CXCursor cursor) {
    place_t place = unit_place_of(unit, cursor);
    unit_cover(unit, place);
    place_t behind = place;
    behind.offset += 2; // ::new
    unit_cover(unit, behind);
    if (is_placement(unit, cursor)) {
        return;
    }
    CXType type = clang_getPointeeType(clang_getCursorType(cursor));
    CXCursor own = class_new(type);
    if (!cursor_is_null(own)) {
        unit_fact(unit, "E", unit_top(unit)->function, name_of_function(unit, own), "call", "", "",
                  NULL);
        return;
    }
    const char *name = name_of_type(type);
    sites_add(unit, place, kind_of_new(unit),
              is_array_new(unit, cursor) ? name_print("%s[]", name) : name, "internal", "", "new");
}

static bool is_string_result(CXCursor call) {
    CXType type = clang_getCanonicalType(clang_getCursorType(call));
    return type.kind == CXType_Record && type_kind(type) == KIND_STRING;
}

// Whether what stands above takes the object over, so that it is counted there.
static bool taken_over(const unit_t *unit) {
    for (size_t i = unit->stack.count - 1; i > 0; i--) {
        const frame_t *frame = &unit->stack.at[i - 1];
        CXCursor callee = clang_getCursorReferenced(frame->cursor);
        const char *name;
        switch (frame->kind) {
        case CXCursor_UnexposedExpr:
        case CXCursor_ParenExpr:
        case CXCursor_CXXFunctionalCastExpr:
        case CXCursor_ConditionalOperator:
        case CXCursor_InitListExpr:
            break;
        case CXCursor_VarDecl:
        case CXCursor_FieldDecl:
        case CXCursor_Constructor: // a member's initial value
            return true;
        case CXCursor_CallExpr:
            name = unit_string(clang_getCursorSpelling(callee));
            if (clang_getCursorKind(callee) == CXCursor_Constructor &&
                is_string_result(frame->cursor)) {
                break; // moved or converted
            }
            return name_in_std(callee) &&
                   (strcmp(name, "operator=") == 0 || strcmp(name, "operator+") == 0 ||
                    strcmp(name, "operator+=") == 0 || strcmp(name, "append") == 0 ||
                    strcmp(name, "function") == 0 || strcmp(name, "basic_string") == 0);
        default:
            return false;
        }
    }
    return false;
}

static enum CXChildVisitResult on_literal(CXCursor cursor, CXCursor parent, CXClientData data) {
    (void)parent;
    if (clang_getCursorKind(cursor) == CXCursor_StringLiteral) {
        *(CXCursor *)data = cursor;
        return CXChildVisit_Break;
    }
    return CXChildVisit_Recurse;
}

// A string that is made of text; short literals fit into the string itself.
static bool string_allocates(CXCursor call, CXCursor callee, const char *name) {
    if (strcmp(name, "operator+") == 0) {
        return is_string_result(call);
    }
    if (clang_getCursorKind(callee) != CXCursor_Constructor || strcmp(name, "basic_string") != 0 ||
        clang_Cursor_getNumArguments(call) == 0) {
        return false;
    }
    CXCursor argument = clang_Cursor_getArgument(call, 0);
    CXType type = clang_getCanonicalType(clang_getCursorType(argument));
    if (type_kind(type) == KIND_STRING) {
        return false; // a copy or a move: not counted
    }
    CXCursor literal = clang_getNullCursor();
    clang_visitChildren(argument, on_literal, &literal);
    if (clang_getCursorKind(argument) == CXCursor_StringLiteral) {
        literal = argument;
    }
    return cursor_is_null(literal) ||
           clang_getArraySize(clang_getCursorType(literal)) > SMALL_STRING + 1;
}

// A std::function that is made of something too large to be held in it.
static bool function_allocates(CXCursor call, CXCursor callee, const char *name) {
    if (clang_getCursorKind(callee) != CXCursor_Constructor || strcmp(name, "function") != 0 ||
        clang_Cursor_getNumArguments(call) == 0) {
        return false;
    }
    CXType type = clang_getCanonicalType(clang_getCursorType(clang_Cursor_getArgument(call, 0)));
    if (type.kind == CXType_LValueReference || type.kind == CXType_RValueReference) {
        type = clang_getPointeeType(type);
    }
    return type_kind(type) != KIND_FUNCTION && clang_Type_getSizeOf(type) > SMALL_FUNCTION;
}

void sites_temporary(unit_t *unit, CXCursor cursor, CXCursor callee) {
    const char *name = unit_string(clang_getCursorSpelling(callee));
    bool function = function_allocates(cursor, callee, name);
    if ((function || string_allocates(cursor, callee, name)) && !taken_over(unit)) {
        sites_add(unit, unit_place_of(unit, cursor), function ? KIND_FUNCTION : KIND_STRING,
                  name_of_type(clang_getCursorType(cursor)), "internal", "", "a temporary");
    }
}
