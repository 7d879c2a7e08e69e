// audit/decls.c -- members and variables: what grows, and what is a pool; see unit.h.
#include "unit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// One identity for all declarations of a variable or member, in all units and instances of a
// template: its place; of a global, its name.
static const char *declaration_id(unit_t *unit, CXCursor cursor) {
    CXCursor parent = clang_getCursorSemanticParent(cursor);
    if (clang_getCursorKind(cursor) == CXCursor_VarDecl &&
        clang_getCursorLinkage(cursor) == CXLinkage_External &&
        !cursor_is_record(clang_getCursorKind(parent))) {
        return unit_string(clang_getCursorUSR(cursor));
    }
    place_t place = unit_place_of(unit, clang_getCanonicalCursor(cursor));
    return name_print("%s:%u", unit_shown(unit, place.file), place.offset);
}

static bool is_definition(CXCursor cursor) {
    return clang_getCursorKind(cursor) == CXCursor_FieldDecl ||
           clang_isCursorDefinition(cursor) != 0;
}

// Lives as long as the program: outside of functions, or static.
static bool is_static(CXCursor cursor, const frame_t *frame) {
    return *frame->function == 0 || clang_Cursor_getStorageClass(cursor) == CX_SC_Static;
}

// The source of a declaration, with the words before it on its line, where attributes stand.
static const char *declaration_text(const unit_t *unit, CXCursor cursor) {
    size_t length, rest;
    const char *text = unit_text_of(unit, cursor, &length);
    CXFile file;
    unsigned offset;
    clang_getSpellingLocation(clang_getRangeStart(clang_getCursorExtent(cursor)), &file, NULL, NULL,
                              &offset);
    const char *begin = file == NULL ? NULL : clang_getFileContents(unit->tu, file, &rest);
    const char *from = text;
    while (begin != NULL && from > begin && from[-1] != '\n' && from[-1] != ';' &&
           from[-1] != '{' && from[-1] != '}') {
        from--;
    }
    length += (size_t)(text - from);
    // With what stands between the name and the end of the statement.
    const char *end = text + (length - (size_t)(text - from));
    size_t left = begin == NULL ? 0 : (size_t)(begin + rest - end);
    const char *stop = left == 0 ? NULL : memchr(end, ';', left < 200 ? left : 200);
    if (stop != NULL && memchr(end, '\n', (size_t)(stop - end)) == NULL) {
        length += (size_t)(stop - end);
    }
    return name_of_part(from, length);
}

// The text between the first brackets behind the name of an array.
static const char *size_text(const unit_t *unit, CXCursor cursor) {
    size_t length;
    const char *text = unit_text(unit, clang_getCursorLocation(cursor), &length),
               *end = text + length;
    const char *at = text;
    while (at < end && (isalnum((unsigned char)*at) || *at == '_' || *at == ':')) {
        at++;
    }
    const char *begin = at;
    while (at < end && (isspace((unsigned char)*at) || *at == '[')) {
        while (at < end && *at != ']') {
            at++;
        }
        at += at < end ? 1 : 0;
    }
    return name_of_part(begin, (size_t)(at - begin));
}

static const char *past_word(const char *at) {
    while (isalnum((unsigned char)*at) || *at == '_') {
        at++;
    }
    return at;
}

// Whether a size holds a name: 0x10 and 8U are numbers, and what sizeof measures is no size's name.
static bool has_name(const char *text) {
    for (const char *at = text; *at != 0;) {
        const char *end = past_word(at);
        if (end == at) {
            at++;
        } else if (isdigit((unsigned char)*at)) {
            at = end;
        } else if (strcmp(name_of_part(at, (size_t)(end - at)), "sizeof") != 0) {
            return true;
        } else {
            at = end + strcspn(end, ")");
        }
    }
    return false;
}

typedef struct {
    CXType element;
    long long slots; // -1: not known before a template is made
    const char *size;
} array_t;

static bool c_array(const unit_t *unit, CXCursor cursor, CXType type, array_t *array) {
    CXType plain = clang_getCanonicalType(type);
    if (plain.kind != CXType_ConstantArray && plain.kind != CXType_DependentSizedArray) {
        return false;
    }
    array->size = size_text(unit, cursor);
    array->slots = clang_getArraySize(plain);
    array->element = clang_getArrayElementType(type.kind == plain.kind ? type : plain);
    return has_name(array->size);
}

static bool std_array(const unit_t *unit, CXCursor cursor, CXType type, array_t *array) {
    CXType plain = clang_getCanonicalType(type);
    const char *text = unit_string(clang_getTypeSpelling(plain));
    if (!text_begins(text, "std::array<")) {
        return false;
    }
    const char *source = declaration_text(unit, cursor), *open = strstr(source, "array");
    const char *close = open == NULL ? NULL : strrchr(open, '>'), *comma = close;
    while (comma != NULL && comma > open && *comma != ',') {
        comma--;
    }
    if (close == NULL || comma == open) {
        return false;
    }
    array->size = name_of_part(comma + 1, (size_t)(close - comma - 1));
    array->element = clang_Type_getTemplateArgumentAsType(plain, 0);
    const char *count = strrchr(text, ',');
    array->slots =
        count != NULL && isdigit((unsigned char)count[2]) ? strtoll(count + 2, NULL, 10) : -1;
    return has_name(array->size) && array->element.kind != CXType_Invalid;
}

// The const of an array stands at the array itself or at what it is made of.
static bool is_const(CXType type) {
    type = clang_getCanonicalType(type);
    while (clang_isConstQualifiedType(type) == 0 &&
           (type.kind == CXType_ConstantArray || type.kind == CXType_DependentSizedArray)) {
        type = clang_getCanonicalType(clang_getArrayElementType(type));
    }
    return clang_isConstQualifiedType(type) != 0;
}

static bool is_pool(const unit_t *unit, CXCursor cursor, array_t *array) {
    CXType type = clang_getCursorType(cursor);
    return (c_array(unit, cursor, type, array) || std_array(unit, cursor, type, array)) &&
           !is_const(type) && !is_const(array->element);
}

CXType pool_element(CXCursor cursor) {
    CXType type = clang_getCanonicalType(clang_getCursorType(cursor));
    bool array = type.kind == CXType_ConstantArray || type.kind == CXType_DependentSizedArray;
    return clang_getCanonicalType(array ? clang_getArrayElementType(type)
                                        : clang_Type_getTemplateArgumentAsType(type, 0));
}

bool pool_is_scalar(CXCursor cursor) {
    CXType type = pool_element(cursor);
    return (type.kind >= CXType_FirstBuiltin && type.kind <= CXType_LastBuiltin) ||
           type.kind == CXType_Enum;
}

static const char *pool_region(unit_t *unit, CXCursor cursor) {
    if (type_is_external(declaration_text(unit, cursor))) {
        return "external";
    }
    return clang_getCursorKind(cursor) == CXCursor_FieldDecl ? "object" : "internal";
}

static void emit_pool(unit_t *unit, CXCursor cursor, const array_t *array) {
    place_t place = unit_place_of(unit, cursor);
    long long bytes = clang_Type_getSizeOf(clang_getCursorType(cursor));
    const char *id = declaration_id(unit, cursor);
    unit_fact(unit, "P", id, unit_string(clang_getCursorSpelling(cursor)), name_of_class(cursor),
              unit_shown(unit, place.file), unit_number(place.line), unit_number(place.column),
              array->slots < 0 ? "" : unit_number((unsigned long)array->slots),
              name_of_type(array->element),
              bytes < 0 || array->slots < 0 ? "" : unit_number((unsigned long)bytes),
              pool_region(unit, cursor), is_definition(cursor) ? "1" : "0",
              pool_is_scalar(cursor) ? "s" : "", NULL);
    const file_t *file = &unit->tree->files.at[place.file];
    for (size_t i = 0; i < file->notes.count; i++) {
        if (file->notes.at[i].line == place.line && file->notes.at[i].policy >= 0) {
            unit_fact(unit, "Q", id, "", policy_names[file->notes.at[i].policy], NULL);
        }
    }
}

static void check_pool(unit_t *unit, CXCursor cursor) {
    array_t array;
    bool field = clang_getCursorKind(cursor) == CXCursor_FieldDecl;
    if ((field || is_static(cursor, unit_top(unit))) &&
        clang_Cursor_getStorageClass(cursor) != CX_SC_Extern &&
        unit_place_of(unit, cursor).file >= 0 && is_pool(unit, cursor, &array)) {
        emit_pool(unit, cursor, &array);
    }
}

static void check_growing(unit_t *unit, CXCursor cursor) {
    CXType type = clang_getCursorType(cursor);
    audit_kind_t kind = type_kind(type);
    if (kind == KIND_NONE || !is_definition(cursor) ||
        clang_Cursor_getStorageClass(cursor) == CX_SC_Extern) {
        return;
    }
    const char *name = unit_string(clang_getCursorSpelling(cursor));
    CXCursor parent = clang_getCursorSemanticParent(cursor);
    const char *what = cursor_is_record(clang_getCursorKind(parent)) ? "member" : "variable";
    const char *spelled = unit_string(clang_getTypeSpelling(clang_getCanonicalType(type)));
    sites_add(unit, unit_place_of(unit, cursor), kind, name_of_type(type),
              type_is_external(spelled) ? "external" : "internal", declaration_id(unit, cursor),
              name_print("%s %s", what, name));
}

// What an instance of a template says of the pools in it.
static enum CXVisitorResult on_field(CXCursor cursor, CXClientData data) {
    unit_t *unit = data;
    CXType type = clang_getCanonicalType(clang_getCursorType(cursor));
    long long slots = clang_getArraySize(type), bytes = clang_Type_getSizeOf(type);
    if (type.kind == CXType_ConstantArray && slots >= 0 && bytes >= 0) {
        unit_fact(unit, "L", declaration_id(unit, cursor), unit_number((unsigned long)slots),
                  name_of_type(clang_getArrayElementType(type)), unit_number((unsigned long)bytes),
                  NULL);
    }
    return CXVisit_Continue;
}

static void check_instance(unit_t *unit, CXCursor cursor) {
    CXType type = clang_getCanonicalType(clang_getCursorType(cursor));
    if (type.kind == CXType_Record && clang_Type_getNumTemplateArguments(type) > 0 &&
        unit_place_of(unit, clang_getTypeDeclaration(type)).file >= 0) {
        clang_Type_visitFields(type, on_field, unit);
    }
}

void decls_variable(unit_t *unit, CXCursor cursor) {
    check_pool(unit, cursor);
    check_instance(unit, cursor);
    check_growing(unit, cursor);
}

void decls_base(unit_t *unit, CXCursor cursor) {
    CXType type = clang_getCursorType(cursor);
    audit_kind_t kind = type_kind(type);
    if (kind != KIND_NONE) {
        sites_add(unit, unit_place_of(unit, cursor), kind, name_of_type(type), "internal", "",
                  "a base of the class");
    }
}

// What is known of a declaration that is used, worked out once a unit.
static const declaration_t *look_up(unit_t *unit, CXCursor of, size_t *number) {
    bool added;
    size_t *cell =
        map_take(&unit->declarations_by_address, of.data[0], unit->declarations.count, &added);
    *number = *cell;
    if (added) {
        declaration_t fresh = {.cursor = of};
        array_t array;
        place_t place = unit_place_of(unit, of);
        bool field = clang_getCursorKind(of) == CXCursor_FieldDecl;
        enum CXLinkageKind linkage = clang_getCursorLinkage(of);
        bool lasting = field || clang_Cursor_getStorageClass(of) == CX_SC_Static ||
                       linkage == CXLinkage_External || linkage == CXLinkage_Internal ||
                       linkage == CXLinkage_UniqueExternal;
        if (place.file >= 0 && lasting && is_pool(unit, of, &array)) {
            fresh.pool = declaration_id(unit, of);
        }
        if (place.file >= 0 && type_kind(clang_getCursorType(of)) != KIND_NONE) {
            fresh.owner = declaration_id(unit, of);
        }
        *LIST_ADD(unit->declarations) = fresh;
    }
    return &unit->declarations.at[*number];
}

static bool is_accessor(const char *name) {
    static const char *const names[] = {"operator[]", "at",    "back",  "front",      "operator*",
                                        "operator->", "value", "begin", "operator()", "get"};
    return text_has_word(names, sizeof names / sizeof *names, name);
}

// Whether the use at hand stands in the first argument of a call: the object it works on.
static bool is_object(unit_t *unit, CXCursor call, CXCursor use) {
    if (clang_Cursor_getNumArguments(call) < 1) {
        return false;
    }
    CXSourceRange range = clang_getCursorExtent(clang_Cursor_getArgument(call, 0));
    place_t begin = unit_place(unit, clang_getRangeStart(range));
    place_t end = unit_place(unit, clang_getRangeEnd(range));
    place_t at = unit_place_of(unit, use);
    return at.file == begin.file && at.offset >= begin.offset && at.offset < end.offset;
}

static const char *member_name(const unit_t *unit, CXCursor member) {
    const char *name = unit_string(clang_getCursorSpelling(member));
    if (*name != 0) {
        return name;
    }
    size_t length;
    const char *text = unit_text_of(unit, member, &length), *begin = text + length;
    while (begin > text && (isalnum((unsigned char)begin[-1]) || begin[-1] == '_')) {
        begin--;
    }
    return name_of_part(begin, (size_t)(text + length - begin));
}

// What a call does with the thing that is used in it: its name, or NULL when it only receives it.
static const char *call_operation(unit_t *unit, CXCursor call, CXCursor use) {
    const char *name = unit_string(clang_getCursorSpelling(call));
    if (text_ends(name, "inserter") || strcmp(name, "getline") == 0) {
        return name;
    }
    return text_begins(name, "operator") && is_object(unit, call, use) ? name : NULL;
}

// What is done to the thing that is used: the method or operator, or "".
static const char *operation(unit_t *unit, CXCursor use) {
    const char *seen = "";
    for (size_t i = unit->stack.count - 1; i > 0; i--) {
        const frame_t *frame = &unit->stack.at[i - 1];
        const char *name = "";
        if (frame->kind == CXCursor_MemberRefExpr) {
            name = member_name(unit, frame->cursor);
        } else if (frame->kind == CXCursor_CallExpr) {
            name = call_operation(unit, frame->cursor, use);
        } else if (frame->kind != CXCursor_UnexposedExpr && frame->kind != CXCursor_ParenExpr) {
            return seen;
        }
        if (name == NULL) {
            const char *called = unit_string(clang_getCursorSpelling(frame->cursor));
            if (*seen == 0 || strcmp(called, seen) != 0) {
                return seen;
            }
            continue; // the call of the member that was just seen
        }
        if (*name != 0 && !is_accessor(name)) {
            return name;
        }
        seen = *name == 0 || *seen != 0 ? seen : name;
    }
    return seen;
}

static bool grows(const char *name, const char *type) {
    static const char *const names[] = {
        "push_back",    "emplace_back",   "push_front",   "emplace_front", "push",
        "emplace",      "insert",         "emplace_hint", "resize",        "insert_or_assign",
        "try_emplace",  "assign",         "append",       "operator=",     "operator+=",
        "operator<<",   "merge",          "replace",      "str",           "back_inserter",
        "inserter",     "front_inserter", "getline",      "insert_after",  "push_range",
        "append_range", "emplace_after"};
    return text_has_word(names, sizeof names / sizeof *names, name) ||
           (strcmp(name, "operator[]") == 0 && strstr(type, "map<") != NULL);
}

void decls_use(unit_t *unit, CXCursor cursor, CXCursor of) {
    size_t number;
    const declaration_t *declaration = look_up(unit, of, &number);
    if (declaration->pool != NULL) {
        bool there = false;
        for (size_t i = 0; i < unit->pools_in_function.count; i++) {
            there = there || unit->pools_in_function.at[i] == number;
        }
        if (!there) {
            *LIST_ADD(unit->pools_in_function) = number;
        }
    }
    if (declaration->owner == NULL) {
        return;
    }
    const char *name = operation(unit, cursor);
    const char *type =
        unit_string(clang_getTypeSpelling(clang_getCanonicalType(clang_getCursorType(of))));
    const char *use = grows(name, type) ? "grow" : strcmp(name, "reserve") == 0 ? "reserve" : "use";
    unit_fact(unit, "U", declaration->owner, unit_top(unit)->function, use, name, NULL);
}
