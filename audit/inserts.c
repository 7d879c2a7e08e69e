// audit/inserts.c -- where a function puts something into a pool; see policy.h.
#include "policy.h"

#include <ctype.h>
#include <string.h>

static bool is_one(const char *text, const char *const words[], size_t count) {
    return text_has_word(words, count, text);
}

#define IS_ONE(text, list) is_one(text, list, sizeof(list) / sizeof *(list))

// A value that empties a slot: `= 0;`, `= nullptr;`, `= {};`, `= Slot();`, `= EMPTY;`.
static bool empties(const judge_t *judge, size_t at) {
    const tokens_t *tokens = judge->tokens;
    static const char *const values[] = {"0", "false", "NULL", "nullptr", "0U", "0u"};
    static const char *const words[] = {"NONE", "EMPTY", "FREE", "INVALID", "UNUSED", "IDLE"};
    const char *text = token_text(tokens, at);
    if (IS_ONE(text, values) || (strcmp(text, "-") == 0 && token_is(tokens, at + 2, ";"))) {
        return token_is(tokens, at + 1, ";") || token_is(tokens, at + 2, ";") ||
               token_is(tokens, at + 1, ",");
    }
    if (strcmp(text, "{") == 0) {
        return token_is(tokens, at + 1, "}");
    }
    while (token_is_name(tokens, at) && token_is(tokens, at + 1, "::")) {
        at += 2;
    }
    if (!token_is_name(tokens, at)) {
        return false;
    }
    if (token_is(tokens, at + 1, ";")) {
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (strcasestr(token_text(tokens, at), words[i]) != NULL) {
                return true;
            }
        }
        return false;
    }
    return (token_text(tokens, at) == judge->element && token_is(tokens, at + 1, "(") &&
            token_is(tokens, at + 2, ")")) ||
           (token_is(tokens, at + 1, "{") && token_is(tokens, at + 2, "}"));
}

// A method that fills what it is called on.
static bool fills(const char *method) {
    static const char *const begins[] = {"set",     "init",  "assign", "emplace", "push",  "load",
                                         "copy",    "store", "fill",   "open",    "start", "create",
                                         "acquire", "write", "put",    "add"};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        if (text_begins(method, begins[i])) {
            return true;
        }
    }
    return false;
}

// Behind a slot: `.member`, `->member`, `[...]`; *method tells the method that is called on it.
static size_t past_members(const tokens_t *tokens, size_t at, const char **method) {
    *method = NULL;
    for (;;) {
        if (token_is(tokens, at, "[") && tokens->at[at].match > at) {
            at = tokens->at[at].match + 1;
        } else if (token_is(tokens, at, ".") || token_is(tokens, at, "->")) {
            if (token_is(tokens, at + 2, "(")) {
                *method = token_text(tokens, at + 1);
                return at + 2;
            }
            at += 2;
        } else {
            return at;
        }
    }
}

static bool writes(const judge_t *judge, size_t at, const char *method) {
    const tokens_t *tokens = judge->tokens;
    static const char *const sets[] = {"+=", "-=", "|=", "&=", "^=", "++"};
    if (method != NULL) {
        return fills(method);
    }
    return (token_is(tokens, at, "=") && !empties(judge, at + 1)) ||
           IS_ONE(token_text(tokens, at), sets);
}

static void add_name(names_t *names, const char *name) {
    *LIST_ADD(*names) = name;
}

static bool is_constant(const tokens_t *tokens, size_t open) {
    for (size_t i = open + 1; i < tokens->at[open].match; i++) {
        if (tokens->at[i].kind == CXToken_Identifier) {
            return false;
        }
    }
    return true;
}

// The variables of a subscript, and whether it is taken modulo the size.
static void read_subscript(judge_t *judge, size_t open) {
    const tokens_t *tokens = judge->tokens;
    for (size_t i = open + 1; i < tokens->at[open].match; i++) {
        if (tokens->at[i].kind == CXToken_Identifier) {
            add_name(&judge->indexes, tokens->at[i].text);
        }
        judge->ring =
            judge->ring || token_is(tokens, i, "%") || (token_is(tokens, i, "&") && i > open + 1);
    }
}

// The first arguments of these are written to.
static bool is_target(const tokens_t *tokens, size_t at) {
    static const char *const calls[] = {"memcpy",  "memmove",  "strcpy",   "strncpy", "strlcpy",
                                        "sprintf", "snprintf", "memcpy_P", "strcpy_s"};
    size_t back = at;
    while (back > 0 && (token_is(tokens, back - 1, "&") || token_is(tokens, back - 1, "->") ||
                        token_is(tokens, back - 1, ".") || token_is(tokens, back - 1, "this") ||
                        token_is(tokens, back - 1, ")"))) {
        back--;
    }
    return back >= 2 && token_is(tokens, back - 1, "(") &&
           IS_ONE(token_text(tokens, back - 2), calls);
}

// The start of `object->pool`, `this->pool`, `Class::pool`.
static size_t object_start(const tokens_t *tokens, size_t at) {
    while (at >= 2 && (token_is(tokens, at - 1, ".") || token_is(tokens, at - 1, "->") ||
                       token_is(tokens, at - 1, "::"))) {
        at -= 2;
    }
    return at;
}

// `Slot *p = &pool[i]`, `Slot &s = pool[i]`, `for (auto &s : pool)`: p and s are slots.
static bool makes_alias(judge_t *judge, size_t start, bool subscript) {
    const tokens_t *tokens = judge->tokens;
    if (start < 2) {
        return false;
    }
    bool address = token_is(tokens, start - 1, "&");
    size_t equals = address ? start - 2 : start - 1;
    if (!token_is_name(tokens, equals - 1)) {
        return false;
    }
    const char *name = token_text(tokens, equals - 1),
               *mark = equals < 2 ? "" : token_text(tokens, equals - 2);
    if (token_is(tokens, equals, ":") && (strcmp(mark, "&") == 0 || strcmp(mark, "&&") == 0)) {
        add_name(&judge->aliases, name);
        return true;
    }
    if (token_is(tokens, equals, "=") && (address || (subscript && (strcmp(mark, "&") == 0)) ||
                                          (!subscript && strcmp(mark, "*") == 0))) {
        add_name(&judge->aliases, name);
        return true;
    }
    return false;
}

static void look_at_use(judge_t *judge, size_t at) {
    const tokens_t *tokens = judge->tokens;
    size_t start = object_start(tokens, at);
    bool subscript = token_is(tokens, at + 1, "[") && tokens->at[at + 1].match > at + 1;
    if (makes_alias(judge, start, subscript)) {
        if (subscript) {
            read_subscript(judge, at + 1);
        }
        return;
    }
    if (!subscript) {
        return;
    }
    const char *method;
    size_t behind = past_members(tokens, at + 1, &method);
    bool before = start > 0 && (token_is(tokens, start - 1, "++"));
    bool given = start >= 2 && token_is(tokens, start - 1, "&") &&
                 (token_is(tokens, start - 2, "return") || token_is(tokens, start - 2, "=") ||
                  token_is(tokens, start - 2, "?") || token_is(tokens, start - 2, ":"));
    if ((writes(judge, behind, method) || before || given || is_target(tokens, start)) &&
        !is_constant(tokens, at + 1)) {
        *LIST_ADD(judge->inserts) = at;
        read_subscript(judge, at + 1);
    }
}

static void look_at_alias(judge_t *judge, size_t at) {
    const tokens_t *tokens = judge->tokens;
    if (at > 0 && (token_is(tokens, at - 1, ".") || token_is(tokens, at - 1, "->"))) {
        return; // a member of that name
    }
    const char *method;
    size_t behind = past_members(tokens, at + 1, &method);
    bool through = behind > at + 1 || method != NULL;
    bool star = at > 0 && token_is(tokens, at - 1, "*") && at > 1 &&
                (token_is(tokens, at - 2, ";") || token_is(tokens, at - 2, "{") ||
                 token_is(tokens, at - 2, "}") || token_is(tokens, at - 2, ")"));
    bool given = at > 0 && token_is(tokens, at - 1, "return") && token_is(tokens, at + 1, ";");
    bool refers = at > 0 && (token_is(tokens, at - 1, ";") || token_is(tokens, at - 1, "{")) &&
                  token_is(tokens, at + 1, "=") && !empties(judge, at + 2) &&
                  !token_is(tokens, at + 2, "&");
    if (given || refers || ((through || star) && writes(judge, behind, method))) {
        *LIST_ADD(judge->inserts) = at;
    }
}

// `head = (head + 1) % SIZE`, where head counts in a subscript of the pool.
static bool index_wraps(const judge_t *judge, size_t at) {
    const tokens_t *tokens = judge->tokens;
    bool index = false;
    for (size_t i = 0; i < judge->indexes.count; i++) {
        index = index || judge->indexes.at[i] == token_text(tokens, at);
    }
    if (!index || !token_is(tokens, at + 1, "=")) {
        return token_is(tokens, at + 1, "%=") && index;
    }
    for (size_t i = 0; i < judge->wrapped.count; i++) {
        if (judge->wrapped.at[i] == token_text(tokens, at + 2)) {
            return true;
        }
    }
    for (size_t i = at + 2; i < judge->end && !token_is(tokens, i, ";"); i++) {
        if (token_is(tokens, i, "%") ||
            (token_is(tokens, i, "&") && judge_has_size(judge, i, i + 4)) ||
            (token_is(tokens, i, "?") && judge_has_size(judge, at + 2, i))) {
            return true;
        }
    }
    return false;
}

// Whether a variable counts on, other than in the head of a loop.
static bool counts_on(const judge_t *judge, size_t at) {
    const tokens_t *tokens = judge->tokens;
    static const char *const steps[] = {"++", "+=", "--", "-="};
    if (IS_ONE(token_text(tokens, at + 1), steps) ||
        (at > 0 && IS_ONE(token_text(tokens, object_start(tokens, at) - 1), steps))) {
        return true;
    }
    if (!token_is(tokens, at + 1, "=")) {
        return false;
    }
    const char *before = token_text(tokens, object_start(tokens, at) - 1);
    bool statement =
        strcmp(before, ";") == 0 || strcmp(before, "{") == 0 || strcmp(before, "}") == 0;
    if (statement && token_is_name(tokens, at + 2) && token_is(tokens, at + 3, ";")) {
        return true; // head = next;
    }
    for (size_t i = at + 2; i < judge->end && !token_is(tokens, i, ";"); i++) {
        if (token_text(tokens, i) == token_text(tokens, at)) {
            return true;
        }
    }
    return false;
}

static bool fills_up(const judge_t *judge) {
    size_t head = 0; // the end of the head of a loop
    for (size_t i = judge->begin; i < judge->end; i++) {
        if (token_is(judge->tokens, i, "for") && token_is(judge->tokens, i + 1, "(")) {
            head = judge->tokens->at[i + 1].match;
        }
        for (size_t k = 0; k < judge->indexes.count && i > head; k++) {
            if (judge->indexes.at[k] == token_text(judge->tokens, i) && counts_on(judge, i)) {
                return true;
            }
        }
    }
    return false;
}

static void find_wrapped(judge_t *judge) {
    const tokens_t *tokens = judge->tokens;
    for (size_t i = judge->begin; i + 2 < judge->end; i++) {
        if (!token_is_name(tokens, i) || !token_is(tokens, i + 1, "=")) {
            continue;
        }
        for (size_t k = i + 2; k < judge->end && !token_is(tokens, k, ";"); k++) {
            if (token_is(tokens, k, "%") && judge_has_size(judge, k, k + 6)) {
                add_name(&judge->wrapped, token_text(tokens, i));
                break;
            }
        }
    }
}

static bool is_alias(const judge_t *judge, const char *text) {
    for (size_t i = 0; i < judge->aliases.count; i++) {
        if (judge->aliases.at[i] == text) {
            return true;
        }
    }
    return false;
}

// `found = slot;`: found is a slot, too.
static void pass_aliases_on(judge_t *judge) {
    const tokens_t *tokens = judge->tokens;
    for (size_t i = judge->begin; i + 3 < judge->end && judge->aliases.count > 0; i++) {
        if (token_is_name(tokens, i) && token_is(tokens, i + 1, "=") &&
            token_is(tokens, i + 3, ";") && is_alias(judge, token_text(tokens, i + 2)) &&
            !token_is(tokens, i - 1, ".") && !token_is(tokens, i - 1, "->") &&
            !is_alias(judge, token_text(tokens, i))) {
            add_name(&judge->aliases, token_text(tokens, i));
        }
    }
}

void inserts_find(judge_t *judge) {
    find_wrapped(judge);
    for (size_t i = judge->begin; i < judge->end; i++) {
        if (token_text(judge->tokens, i) == judge->name) {
            look_at_use(judge, i);
        }
    }
    pass_aliases_on(judge);
    for (size_t i = judge->begin; i < judge->end && judge->aliases.count > 0; i++) {
        if (is_alias(judge, token_text(judge->tokens, i))) {
            look_at_alias(judge, i);
        }
    }
    for (size_t i = judge->begin; i < judge->end && !judge->ring; i++) {
        judge->ring = index_wraps(judge, i);
    }
    judge->fills = fills_up(judge);
}
