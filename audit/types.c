// audit/types.c -- which types of the standard library allocate; see unit.h.
#include "unit.h"

#include <ctype.h>
#include <string.h>

static const char *const containers[] = {"vector",
                                         "deque",
                                         "list",
                                         "forward_list",
                                         "map",
                                         "multimap",
                                         "set",
                                         "multiset",
                                         "unordered_map",
                                         "unordered_set",
                                         "unordered_multimap",
                                         "unordered_multiset",
                                         "queue",
                                         "stack",
                                         "priority_queue"};
static const char *const strings[] = {"basic_string",
                                      "string",
                                      "wstring",
                                      "u16string",
                                      "u32string",
                                      "basic_stringstream",
                                      "basic_ostringstream",
                                      "basic_istringstream",
                                      "stringstream",
                                      "ostringstream",
                                      "istringstream",
                                      "basic_stringbuf"};
// What holds its arguments inside itself.
static const char *const wrappers[] = {"optional", "pair", "array", "tuple", "variant"};

#define HAS(list, word) text_has_word(list, sizeof(list) / sizeof *(list), word)

// The name behind std:: and the inline namespaces, or NULL.
static const char *std_name(const char *type, const char **rest) {
    static const char *const inner[] = {
        "__cxx11::", "__1::", "pmr::", "__cxx1998::", "experimental::"};
    if (!text_begins(type, "std::")) {
        return NULL;
    }
    type += 5;
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
        type += text_begins(type, inner[i]) ? strlen(inner[i]) : 0;
    }
    const char *end = type;
    while (isalnum((unsigned char)*end) || *end == '_') {
        end++;
    }
    *rest = end;
    return name_of_part(type, (size_t)(end - type));
}

static audit_kind_t kind_of_name(const char *name) {
    if (HAS(containers, name)) {
        return KIND_CONTAINER;
    }
    if (HAS(strings, name)) {
        return KIND_STRING;
    }
    return strcmp(name, "function") == 0 ? KIND_FUNCTION : KIND_NONE;
}

// The first argument of a wrapper that allocates; those that are pointers hold nothing.
static audit_kind_t kind_of_arguments(const char *at) {
    for (const char *found = strstr(at, "std::"); found != NULL; found = strstr(found, "std::")) {
        const char *rest;
        audit_kind_t kind = kind_of_name(std_name(found, &rest));
        if (kind != KIND_NONE) {
            int depth = 0;
            while (*rest != 0 && (depth > 0 || *rest == '<')) {
                depth += (*rest == '<') - (*rest == '>');
                rest++;
            }
            rest += *rest == ' ' ? 1 : 0;
            if (*rest != '*' && *rest != '&') {
                return kind;
            }
        }
        found = rest;
    }
    return KIND_NONE;
}

audit_kind_t type_kind_of_text(const char *type) {
    type += text_begins(type, "const ") ? 6 : 0;
    type += text_begins(type, "volatile ") ? 9 : 0;
    const char *rest, *name = std_name(type, &rest);
    if (name == NULL) {
        return KIND_NONE;
    }
    return HAS(wrappers, name) ? kind_of_arguments(rest) : kind_of_name(name);
}

static CXType without_arrays(CXType type) {
    type = clang_getCanonicalType(type);
    while (type.kind == CXType_ConstantArray || type.kind == CXType_IncompleteArray ||
           type.kind == CXType_DependentSizedArray || type.kind == CXType_VariableArray) {
        type = clang_getCanonicalType(clang_getArrayElementType(type));
    }
    return type;
}

// The type as it is spelled in full; one that waits for the arguments of a template is spelled
// without its namespace.
static const char *full_text(CXType type) {
    const char *text = unit_string(clang_getTypeSpelling(type));
    if (type.kind != CXType_Unexposed || text_begins(text, "std::")) {
        return text;
    }
    CXCursor declaration = clang_getTypeDeclaration(type);
    text += text_begins(text, "const ") ? 6 : 0;
    return !cursor_is_null(declaration) && name_in_std(declaration) ? name_print("std::%s", text)
                                                                    : text;
}

audit_kind_t type_kind(CXType type) {
    type = without_arrays(type);
    if (type.kind != CXType_Record && type.kind != CXType_Unexposed &&
        type.kind != CXType_Invalid) {
        return KIND_NONE;
    }
    return type_kind_of_text(full_text(type));
}

const char *type_smart_pointer(CXType type) {
    type = without_arrays(type);
    if (type.kind == CXType_LValueReference || type.kind == CXType_RValueReference) {
        type = clang_getCanonicalType(clang_getPointeeType(type));
    }
    if (type.kind != CXType_Record && type.kind != CXType_Unexposed) {
        return NULL;
    }
    const char *text = full_text(type), *rest;
    text += text_begins(text, "const ") ? 6 : 0;
    const char *name = std_name(text, &rest);
    if (name == NULL) {
        return NULL;
    }
    if (strcmp(name, "shared_ptr") == 0 || strcmp(name, "__shared_ptr") == 0) {
        return "shared_ptr";
    }
    return strcmp(name, "unique_ptr") == 0 ? "unique_ptr" : NULL;
}

bool type_is_external(const char *type) {
    static const char *const words[] = {"psram", "spiram", "extram", "ext_ram", "extmem", "sdram"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasestr(type, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}
