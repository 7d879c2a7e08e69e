// audit/island.c -- searches code that the parser gave up on. Where a header is missing or the code
// is wrong, whole statements and functions are absent from the parser's tree; its lexer still tells
// their tokens. What the parser understood is not looked at again.
#include "tokens.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef enum { SCOPE_NAMESPACE, SCOPE_CLASS, SCOPE_FUNCTION, SCOPE_OTHER } scope_kind_t;

typedef struct {
    scope_kind_t kind;
    const char *name;
    size_t end; // its closing brace
    const char *id;
} scope_t;

typedef struct {
    unit_t *unit;
    long file;
    tokens_t tokens;
    LIST(scope_t) scopes;
    LIST(size_t) parens; // ends of the parentheses around
    size_t statement;    // where the statement at hand begins
} island_t;

static int by_place(const void *a, const void *b) {
    const spot_t *left = a, *right = b;
    if (left->file != right->file) {
        return left->file < right->file ? -1 : 1;
    }
    return left->offset < right->offset ? -1 : left->offset > right->offset;
}

static bool is_covered(const island_t *island, size_t at) {
    spot_t spot = {island->file, island->tokens.at[at].offset};
    const unit_t *unit = island->unit;
    return unit->covered.count > 0 &&
           bsearch(&spot, unit->covered.at, unit->covered.count, sizeof spot, by_place) != NULL;
}

// Takes out the code that the preprocessor leaves out. Its ranges and the tokens are in order.
static void leave_out_skipped(island_t *island, const CXSourceRangeList *skipped) {
    size_t kept = 0;
    unsigned range = 0, begin = 0, end = 0;
    for (size_t i = 0; i < island->tokens.count; i++) {
        unsigned offset = island->tokens.at[i].offset;
        while (skipped != NULL && range < skipped->count && offset >= end) {
            CXSourceRange next = skipped->ranges[range++];
            clang_getSpellingLocation(clang_getRangeStart(next), NULL, NULL, NULL, &begin);
            clang_getSpellingLocation(clang_getRangeEnd(next), NULL, NULL, NULL, &end);
        }
        if (offset < begin || offset >= end) {
            island->tokens.at[kept++] = island->tokens.at[i];
        }
    }
    island->tokens.count = kept;
    tokens_match(&island->tokens);
}

// The text of tokens, put together as one would write a type.
static const char *joined(const tokens_t *tokens, size_t begin, size_t end) {
    text_t text = {0};
    text_add(&text, "");
    for (size_t i = begin; i < end; i++) {
        const char *part = token_text(tokens, i);
        bool word = isalnum((unsigned char)*part) || *part == '_';
        bool after = text.size > 0 && (isalnum((unsigned char)text.at[text.size - 1]) ||
                                       text.at[text.size - 1] == '_');
        text_add(&text, word && after ? " " : "");
        text_add(&text, part);
        text_add(&text, strcmp(part, ",") == 0 ? " " : "");
    }
    const char *name = name_of(text.at);
    text_free(&text);
    return name;
}

// Past `<...>`, which the lexer does not match; at itself when nothing opens there.
static size_t past_angles(const tokens_t *tokens, size_t at) {
    if (!token_is(tokens, at, "<")) {
        return at;
    }
    int depth = 0;
    for (size_t i = at; i < tokens->count && !token_is(tokens, i, ";") && !token_is(tokens, i, "{");
         i++) {
        const char *text = token_text(tokens, i);
        depth += strcmp(text, "<") == 0;
        depth -= strcmp(text, ">") == 0 ? 1 : strcmp(text, ">>") == 0 ? 2 : 0;
        if (depth <= 0) {
            return i + 1;
        }
    }
    return at;
}

static size_t before_angles(const tokens_t *tokens, size_t at) {
    int depth = 0;
    for (size_t i = at; i > 0 && at - i < 64; i--) {
        const char *text = token_text(tokens, i);
        depth += strcmp(text, ">") == 0 ? 1 : strcmp(text, ">>") == 0 ? 2 : 0;
        depth -= strcmp(text, "<") == 0;
        if (depth == 0) {
            return i - 1;
        }
    }
    return at;
}

static bool is_control(const char *word) {
    static const char *const words[] = {"if",
                                        "for",
                                        "while",
                                        "switch",
                                        "catch",
                                        "return",
                                        "sizeof",
                                        "do",
                                        "else",
                                        "defined",
                                        "alignof",
                                        "decltype",
                                        "static_assert",
                                        "_Static_assert",
                                        "throw",
                                        "noexcept",
                                        "alignas",
                                        "typeof",
                                        "__attribute__",
                                        "asm"};
    return text_has_word(words, sizeof words / sizeof *words, word);
}

static const scope_t *function_scope(const island_t *island) {
    for (size_t i = island->scopes.count; i > 0; i--) {
        if (island->scopes.at[i - 1].kind == SCOPE_FUNCTION) {
            return &island->scopes.at[i - 1];
        }
    }
    return NULL;
}

// The names of the scopes around, joined; only classes and namespaces have any.
static const char *scope_name(const island_t *island) {
    const char *name = "";
    for (size_t i = 0; i < island->scopes.count; i++) {
        const scope_t *scope = &island->scopes.at[i];
        if (*scope->name != 0 && scope->kind != SCOPE_FUNCTION) {
            name = *name == 0 ? scope->name : name_print("%s::%s", name, scope->name);
        }
    }
    return name;
}

static const char *class_around(const island_t *island) {
    for (size_t i = island->scopes.count; i > 0; i--) {
        if (island->scopes.at[i - 1].kind == SCOPE_CLASS) {
            return scope_name(island);
        }
    }
    return "";
}

// `Class::name` before the parenthesis of a function's head, or NULL.
static const char *head_name(const tokens_t *tokens, size_t begin, size_t end) {
    for (size_t i = begin; i + 1 < end; i++) {
        if (token_is(tokens, i, "=")) {
            return NULL;
        }
        if (!token_is(tokens, i + 1, "(")) {
            continue;
        }
        if (!token_is_name(tokens, i) || is_control(token_text(tokens, i))) {
            return NULL;
        }
        size_t first = i;
        first -= first > begin && token_is(tokens, first - 1, "~") ? 1 : 0;
        while (first >= begin + 2 && token_is(tokens, first - 1, "::") &&
               token_is_name(tokens, first - 2)) {
            first -= 2;
        }
        return joined(tokens, first, i + 1);
    }
    return NULL;
}

static void add_function(island_t *island, scope_t *scope, const char *name, size_t brace) {
    unit_t *unit = island->unit;
    const token_t *token = &island->tokens.at[brace];
    const char *around = scope_name(island), *last = NULL;
    for (const char *at = strstr(name, "::"); at != NULL; at = strstr(at + 2, "::")) {
        last = at;
    }
    const char *own = last == NULL ? "" : name_of_part(name, (size_t)(last - name));
    const char *class = *own == 0      ? class_around(island)
                        : *around == 0 ? own
                                       : name_print("%s::%s", around, own);
    scope->kind = SCOPE_FUNCTION;
    scope->name = *around == 0 ? name : name_print("%s::%s", around, name);
    scope->id = name_print("island@%s:%u", unit_shown(unit, island->file), token->offset);
    unit_fact(unit, "F", scope->id, scope->name, class, unit_shown(unit, island->file),
              unit_number(token->line), "-", NULL);
    const file_t *file = &unit->tree->files.at[island->file];
    unsigned begin = island->tokens.at[island->statement].line;
    for (size_t i = 0; i < file->notes.count; i++) {
        const note_t *note = &file->notes.at[i];
        if (note->frequency >= 0 && note->line >= begin && note->line <= token->line) {
            unit_fact(unit, "A", scope->id, frequency_names[note->frequency],
                      note->only ? "only" : "root", file->shown, unit_number(note->line), NULL);
        }
    }
    *LIST_ADD(unit->spans) = (span_t){island->file,
                                      island->tokens.at[island->statement].offset,
                                      island->tokens.at[scope->end].offset,
                                      scope->id,
                                      scope->name,
                                      class};
}

static bool has_span(const island_t *island, unsigned offset) {
    for (size_t i = 0; i < island->unit->spans.count; i++) {
        const span_t *span = &island->unit->spans.at[i];
        if (span->file == island->file && offset >= span->begin && offset < span->end) {
            return true;
        }
    }
    return false;
}

// The first word of a statement that says what its braces hold: class, namespace, enum; *named is
// the token behind it.
static const char *find_keyword(const tokens_t *tokens, size_t begin, size_t brace, size_t *named) {
    static const char *const words[] = {"class", "struct", "union", "namespace", "enum"};
    for (size_t i = begin; i < brace; i++) {
        const char *text = token_text(tokens, i);
        if (text_has_word(words, sizeof words / sizeof *words, text)) {
            *named = i + 1;
            return text;
        }
        i = strcmp(text, "template") == 0 ? past_angles(tokens, i + 1) - 1 : i;
    }
    return "";
}

static void name_scope(island_t *island, scope_t *scope, size_t brace) {
    const tokens_t *tokens = &island->tokens;
    size_t begin = island->statement, named = 0;
    const char *keyword = find_keyword(tokens, begin, brace, &named);
    const char *function = head_name(tokens, begin, brace);
    if (strcmp(keyword, "namespace") == 0) {
        scope->kind = SCOPE_NAMESPACE;
        scope->name = named < brace ? token_text(tokens, named) : "";
    } else if (function != NULL && (*keyword == 0 || named != begin + 1)) {
        if (has_span(island, tokens->at[brace].offset)) {
            scope->kind = SCOPE_FUNCTION; // the parser knows it
            scope->name = function;
        } else {
            add_function(island, scope, function, brace);
        }
    } else if (*keyword != 0 && strcmp(keyword, "enum") != 0) {
        scope->kind = SCOPE_CLASS;
        scope->name = token_is_name(tokens, named) ? token_text(tokens, named) : "";
    }
}

static void open_scope(island_t *island, size_t brace) {
    const tokens_t *tokens = &island->tokens;
    scope_t scope = {.kind = SCOPE_OTHER, .name = "", .end = tokens->at[brace].match};
    if (scope.end <= brace) {
        scope.end = tokens->count - 1;
    }
    if (function_scope(island) == NULL) {
        name_scope(island, &scope, brace);
    }
    *LIST_ADD(island->scopes) = scope;
}

// Sites are emitted with the function around them: the parser's, else the one found here.
static void add_site(island_t *island, size_t at, audit_kind_t kind, const char *type,
                     const char *region, const char *owner, const char *detail) {
    unit_t *unit = island->unit;
    const token_t *token = &island->tokens.at[at];
    frame_t frame = {.function = "", .name = "", .class = class_around(island)};
    const span_t *best = NULL;
    for (size_t i = 0; i < unit->spans.count; i++) {
        const span_t *span = &unit->spans.at[i];
        if (span->file == island->file && token->offset >= span->begin &&
            token->offset < span->end &&
            (best == NULL || span->end - span->begin < best->end - best->begin)) {
            best = span;
        }
    }
    if (best != NULL) {
        frame = (frame_t){.function = best->id, .name = best->name, .class = best->class};
    } else if ((kind != KIND_CONTAINER && kind != KIND_STRING && kind != KIND_FUNCTION) ||
               *frame.class == 0) {
        frame.once = ONCE_GLOBAL;
    }
    *LIST_ADD(unit->stack) = frame;
    unit->by_tokens = true;
    place_t place = {island->file, token->line, token->column, token->offset};
    sites_add(unit, place, kind, type, region, owner, detail);
    unit->stack.count--;
    unit->by_tokens = false;
}

static void add_call(island_t *island, size_t at, const char *name, bool member) {
    const token_t *token = &island->tokens.at[at];
    const char *from = "";
    unsigned size = ~0U;
    for (size_t i = 0; i < island->unit->spans.count; i++) {
        const span_t *span = &island->unit->spans.at[i];
        if (span->file == island->file && token->offset >= span->begin &&
            token->offset < span->end && span->end - span->begin < size) {
            from = span->id;
            size = span->end - span->begin;
        }
    }
    unit_fact(island->unit, "N", from, name, member ? "member" : "", NULL);
}

static audit_kind_t smart_kind(const char *name) {
    return strcmp(name, "shared_ptr") == 0   ? KIND_NEW_SHARED_PTR
           : strcmp(name, "unique_ptr") == 0 ? KIND_NEW_UNIQUE_PTR
                                             : KIND_NEW;
}

// `shared_ptr<T> name`, somewhere in this file: the kind of pointer that this variable is.
static audit_kind_t declared_smart(const island_t *island, const char *name) {
    const tokens_t *tokens = &island->tokens;
    for (size_t i = 1; i + 1 < tokens->count; i++) {
        if (token_text(tokens, i) != name || !token_is(tokens, i - 1, ">")) {
            continue;
        }
        audit_kind_t kind = smart_kind(token_text(tokens, before_angles(tokens, i - 1)));
        if (kind != KIND_NEW) {
            return kind;
        }
    }
    return KIND_NEW;
}

// Who takes what the `new` at this token gives.
static audit_kind_t new_kind(const island_t *island, size_t at) {
    const tokens_t *tokens = &island->tokens;
    if (at < 3 || (!token_is(tokens, at - 1, "(") && !token_is(tokens, at - 1, "{"))) {
        return KIND_NEW;
    }
    size_t before = at - 2;
    if (token_is(tokens, before, "reset") && before >= 2) {
        audit_kind_t kind = declared_smart(island, token_text(tokens, before - 2));
        return kind == KIND_NEW ? KIND_NEW_UNIQUE_PTR : kind;
    }
    if (token_is_name(tokens, before)) {
        audit_kind_t kind = declared_smart(island, token_text(tokens, before));
        if (kind != KIND_NEW) {
            return kind;
        }
        before--;
    }
    if (!token_is(tokens, before, ">") && !token_is(tokens, before, ">>")) {
        return KIND_NEW;
    }
    return smart_kind(token_text(tokens, before_angles(tokens, before)));
}

static void look_at_new(island_t *island, size_t at) {
    const tokens_t *tokens = &island->tokens;
    size_t type = at + 1;
    if (at > 0 && token_is(tokens, at - 1, "operator")) {
        return;
    }
    if (token_is(tokens, type, "(") && tokens->at[type].match > type) {
        size_t close = tokens->at[type].match;
        bool heap = false;
        for (size_t i = type; i < close; i++) {
            heap = heap || token_is(tokens, i, "nothrow");
        }
        if (!heap && (token_is_name(tokens, close + 1) || token_is(tokens, close + 1, "::"))) {
            return; // memory that is there already
        }
        type = close + 1;
    }
    size_t end = type;
    while (end < tokens->count &&
           (tokens->at[end].kind == CXToken_Identifier || tokens->at[end].kind == CXToken_Keyword ||
            token_is(tokens, end, "::") || token_is(tokens, end, "<") ||
            token_is(tokens, end, "*"))) {
        size_t next = past_angles(tokens, end);
        end = next == end ? end + 1 : next;
    }
    const char *name = joined(tokens, type, end);
    add_site(island, at, new_kind(island, at),
             token_is(tokens, end, "[") ? name_print("%s[]", name) : name, "internal", "", "new");
}

// `(T *)malloc(...)`, `T *p = malloc(...)`, sizeof(T): what the memory is for.
static const char *call_type(const tokens_t *tokens, size_t at) {
    size_t end = tokens->at[at + 1].match;
    if (at >= 3 && token_is(tokens, at - 1, ")") && token_is(tokens, at - 2, "*")) {
        size_t open = tokens->at[at - 1].match;
        size_t begin = open + 1 + (token_is(tokens, open + 1, "struct") ? 1 : 0);
        return joined(tokens, begin, at - 2);
    }
    for (size_t i = at + 2; i + 2 < end; i++) {
        if (token_is(tokens, i, "sizeof") && token_is(tokens, i + 1, "(")) {
            size_t begin = i + 2 + (token_is(tokens, i + 2, "struct") ? 1 : 0);
            return joined(tokens, begin, tokens->at[i + 1].match);
        }
    }
    return "void";
}

static void look_at_call(island_t *island, size_t at) {
    const tokens_t *tokens = &island->tokens;
    const char *name = token_text(tokens, at);
    bool member = at > 0 && (token_is(tokens, at - 1, ".") || token_is(tokens, at - 1, "->"));
    bool external;
    audit_kind_t kind = member ? KIND_NONE : alloc_kind(island->unit->rules, name, &external);
    if (kind != KIND_NONE) {
        size_t end = tokens->at[at + 1].match;
        external = external || type_is_external(joined(tokens, at + 1, end));
        add_site(island, at, kind, call_type(tokens, at), external ? "external" : "internal", "",
                 name);
        return;
    }
    size_t first = at;
    while (first >= 2 && token_is(tokens, first - 1, "::") && token_is_name(tokens, first - 2)) {
        first -= 2;
    }
    bool declares = first > 0 && !member &&
                    (token_is_name(tokens, first - 1) || token_is(tokens, first - 1, ">"));
    if (!is_control(name) && !declares) {
        add_call(island, at, joined(tokens, first, at + 1), member);
    }
}

static void look_at_make(island_t *island, size_t at) {
    const tokens_t *tokens = &island->tokens;
    const char *name = token_text(tokens, at);
    audit_kind_t kind = make_kind(name);
    size_t end = past_angles(tokens, at + 1);
    if (kind != KIND_NONE && end > at + 1) {
        add_site(island, at, kind, joined(tokens, at + 2, end - 1), "internal", "", name);
    } else if (end > at + 1 && token_is(tokens, end, "(") && function_scope(island) != NULL) {
        bool member = at > 0 && (token_is(tokens, at - 1, ".") || token_is(tokens, at - 1, "->"));
        add_call(island, at, name, member);
    }
}

// `std::vector<T> name` that the parser did not take as what it is.
static void look_at_type(island_t *island, size_t at) {
    const tokens_t *tokens = &island->tokens;
    size_t end = past_angles(tokens, at + 3);
    const char *type = joined(tokens, at, end), *start = token_text(tokens, island->statement);
    audit_kind_t kind = type_kind_of_text(type);
    if (kind == KIND_NONE || is_covered(island, at + 2) || island->parens.count > 0 ||
        strcmp(start, "typedef") == 0 || strcmp(start, "using") == 0 ||
        !token_is_name(tokens, end)) {
        return;
    }
    const char *after = token_text(tokens, end + 1);
    bool variable = strcmp(after, ";") == 0 || strcmp(after, "=") == 0 || strcmp(after, "{") == 0 ||
                    strcmp(after, ",") == 0 ||
                    (strcmp(after, "(") == 0 && function_scope(island) != NULL);
    if (variable) {
        bool member = function_scope(island) == NULL && *class_around(island) != 0;
        add_site(island, end, kind, type, "internal", "",
                 name_print("%s %s", member ? "member" : "variable", token_text(tokens, end)));
    }
}

static bool in_function(const island_t *island, size_t at) {
    return function_scope(island) != NULL || has_span(island, island->tokens.at[at].offset);
}

// Behind the = of a variable outside of functions.
static bool in_value(const island_t *island, size_t at) {
    for (size_t i = island->statement; i < at; i++) {
        if (token_is(&island->tokens, i, "=")) {
            return true;
        }
    }
    return false;
}

static void look_at(island_t *island, size_t at) {
    const tokens_t *tokens = &island->tokens;
    bool cxx = island->unit->tree->files.at[island->file].language == LANGUAGE_CXX;
    if (cxx && token_is(tokens, at, "std") && token_is(tokens, at + 1, "::")) {
        look_at_type(island, at);
    }
    if (is_covered(island, at)) {
        return;
    }
    if (cxx && token_is(tokens, at, "new") && tokens->at[at].kind == CXToken_Keyword) {
        look_at_new(island, at);
    } else if (token_is_name(tokens, at) && token_is(tokens, at + 1, "<")) {
        look_at_make(island, at);
    } else if (token_is_name(tokens, at) && token_is(tokens, at + 1, "(") &&
               (in_function(island, at) || in_value(island, at))) {
        look_at_call(island, at);
    }
}

static void follow_scopes(island_t *island, size_t at) {
    const tokens_t *tokens = &island->tokens;
    while (island->scopes.count > 0 && island->scopes.at[island->scopes.count - 1].end <= at) {
        island->scopes.count--;
    }
    while (island->parens.count > 0 && island->parens.at[island->parens.count - 1] <= at) {
        island->parens.count--;
    }
    if (token_is(tokens, at, "(") && tokens->at[at].match > at) {
        *LIST_ADD(island->parens) = tokens->at[at].match;
    }
    if (token_is(tokens, at, "{")) {
        open_scope(island, at);
    }
    bool label = token_is(tokens, at, ":") && at > 0 &&
                 (token_is(tokens, at - 1, "public") || token_is(tokens, at - 1, "private") ||
                  token_is(tokens, at - 1, "protected"));
    if (token_is(tokens, at, ";") || token_is(tokens, at, "{") || token_is(tokens, at, "}") ||
        label) {
        island->statement = at + 1;
    }
}

// A function that runs to the end of the file lost its closing brace while the parser skipped what
// it did not understand: its own braces tell where it ends.
static void mend_spans(island_t *island) {
    const tokens_t *tokens = &island->tokens;
    for (size_t i = 0; i < island->unit->spans.count; i++) {
        span_t *span = &island->unit->spans.at[i];
        if (span->file != island->file || tokens->count == 0 ||
            span->end <= tokens->at[tokens->count - 1].offset) {
            continue;
        }
        for (size_t k = 1; k < tokens->count; k++) {
            bool head = token_is(tokens, k - 1, ")") || tokens->at[k - 1].kind == CXToken_Keyword ||
                        token_is(tokens, k - 1, "override");
            if (tokens->at[k].offset >= span->begin && head && token_is(tokens, k, "{")) {
                span->end = tokens->at[k].match > k ? tokens->at[tokens->at[k].match].offset + 1
                                                    : span->end;
                break;
            }
        }
    }
}

void island_search(unit_t *unit, long file) {
    island_t island = {.unit = unit, .file = file};
    CXFile handle = clang_getFile(unit->tu, unit->tree->files.at[file].real);
    size_t size;
    if (handle == NULL || clang_getFileContents(unit->tu, handle, &size) == NULL) {
        return;
    }
    CXSourceRange all =
        clang_getRange(clang_getLocationForOffset(unit->tu, handle, 0),
                       clang_getLocationForOffset(unit->tu, handle, (unsigned)size));
    island.tokens = tokens_read(unit, all, false);
    CXSourceRangeList *skipped = clang_getSkippedRanges(unit->tu, handle);
    leave_out_skipped(&island, skipped);
    clang_disposeSourceRangeList(skipped);
    mend_spans(&island);
    if (unit->covered.count > 0) {
        qsort(unit->covered.at, unit->covered.count, sizeof *unit->covered.at, by_place);
    }
    // Once for the functions, so that what stands in their heads is known to be theirs.
    for (size_t i = 0; i < island.tokens.count; i++) {
        follow_scopes(&island, i);
    }
    island.scopes.count = island.parens.count = island.statement = 0;
    for (size_t i = 0; i < island.tokens.count; i++) {
        follow_scopes(&island, i);
        look_at(&island, i);
    }
    tokens_free(&island.tokens);
    free(island.scopes.at);
    free(island.parens.at);
}
