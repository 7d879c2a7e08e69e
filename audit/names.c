// audit/names.c -- what cursors and types are called; see unit.h.
#include "unit.h"

#include <stdlib.h>
#include <string.h>

bool cursor_is_null(CXCursor cursor) {
    return clang_Cursor_isNull(cursor) != 0 || clang_isInvalid(clang_getCursorKind(cursor)) != 0;
}

bool cursor_is_function(enum CXCursorKind kind) {
    return kind == CXCursor_FunctionDecl || kind == CXCursor_CXXMethod ||
           kind == CXCursor_Constructor || kind == CXCursor_Destructor ||
           kind == CXCursor_ConversionFunction || kind == CXCursor_FunctionTemplate;
}

bool cursor_is_record(enum CXCursorKind kind) {
    return kind == CXCursor_StructDecl || kind == CXCursor_ClassDecl ||
           kind == CXCursor_UnionDecl || kind == CXCursor_ClassTemplate ||
           kind == CXCursor_ClassTemplatePartialSpecialization;
}

// The name of a record that may have one by a typedef only; "" when it has none.
static const char *record_name(CXCursor cursor) {
    const char *name = unit_string(clang_getCursorSpelling(cursor));
    if (*name != 0 && *name != '(') {
        return name;
    }
    name = unit_string(clang_getTypeSpelling(clang_getCursorType(cursor)));
    return strchr(name, '(') == NULL && strchr(name, ' ') == NULL ? name : "";
}

static const char *part_of(CXCursor cursor, enum CXCursorKind kind) {
    if (cursor_is_record(kind)) {
        const char *name = record_name(cursor), *last = strrchr(name, ':');
        return last == NULL ? name : name_of(last + 1);
    }
    if (kind == CXCursor_Namespace) {
        const char *name = unit_string(clang_getCursorSpelling(cursor));
        return *name == '(' ? "" : name;
    }
    return "";
}

static const char *with_scopes(CXCursor scope, const char *name) {
    while (!cursor_is_null(scope)) {
        enum CXCursorKind kind = clang_getCursorKind(scope);
        if (kind == CXCursor_TranslationUnit) {
            break;
        }
        const char *part = part_of(scope, kind);
        if (*part != 0) {
            name = *name == 0 ? part : name_print("%s::%s", part, name);
        }
        scope = clang_getCursorSemanticParent(scope);
    }
    return name;
}

// Constructors and destructors of templates are spelled with their arguments.
static const char *plain(const char *name) {
    const char *angle = strchr(name, '<');
    if (angle == NULL || text_begins(name, "operator")) {
        return name;
    }
    return name_of_part(name, (size_t)(angle - name));
}

const char *name_of_cursor(CXCursor cursor) {
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    const char *name = cursor_is_record(kind) ? part_of(cursor, kind)
                                              : plain(unit_string(clang_getCursorSpelling(cursor)));
    return with_scopes(clang_getCursorSemanticParent(cursor), name);
}

const char *name_of_class(CXCursor cursor) {
    for (CXCursor at = clang_getCursorSemanticParent(cursor); !cursor_is_null(at);
         at = clang_getCursorSemanticParent(at)) {
        enum CXCursorKind kind = clang_getCursorKind(at);
        if (cursor_is_record(kind) && *part_of(at, kind) != 0) {
            return name_of_cursor(at);
        }
        if (kind == CXCursor_TranslationUnit || kind == CXCursor_Namespace) {
            break;
        }
    }
    return "";
}

// Names of one file only are told apart by it.
const char *name_of_function(unit_t *unit, CXCursor cursor) {
    CXCursor pattern = clang_getSpecializedCursorTemplate(cursor);
    cursor = cursor_is_null(pattern) ? cursor : pattern;
    const char *usr = unit_string(clang_getCursorUSR(cursor));
    enum CXLinkageKind linkage = clang_getCursorLinkage(cursor);
    if (*usr == 0 || linkage == CXLinkage_NoLinkage || linkage == CXLinkage_Internal) {
        place_t place = unit_place_of(unit, clang_getCanonicalCursor(cursor));
        return name_print("%s@%ld:%u", usr, place.file,
                          linkage == CXLinkage_Internal ? 0 : place.offset);
    }
    return usr;
}

bool name_in_std(CXCursor cursor) {
    for (CXCursor at = clang_getCursorSemanticParent(cursor); !cursor_is_null(at);
         at = clang_getCursorSemanticParent(at)) {
        enum CXCursorKind kind = clang_getCursorKind(at);
        if (kind == CXCursor_TranslationUnit) {
            return false;
        }
        if (kind == CXCursor_Namespace) {
            const char *name = unit_string(clang_getCursorSpelling(at));
            if (strcmp(name, "std") == 0 || strcmp(name, "__gnu_cxx") == 0) {
                return true;
            }
        }
    }
    return false;
}

// Without the words that say nothing: "struct rnsi_path" is rnsi_path.
const char *name_of_type(CXType type) {
    const char *name = unit_string(clang_getTypeSpelling(type));
    static const char *const words[] = {"const ", "volatile ", "struct ",
                                        "class ", "union ",    "enum "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (text_begins(name, words[i])) {
            name = name_of(name + strlen(words[i]));
        }
    }
    if (strcmp(name, "std::basic_string<char>") == 0) {
        return "std::string";
    }
    const char *unnamed = strstr(name, "(unnamed ");
    unnamed = unnamed == NULL ? strstr(name, "(anonymous ") : unnamed;
    return unnamed == NULL ? name : "unnamed";
}
