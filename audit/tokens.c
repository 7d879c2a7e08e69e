// audit/tokens.c -- tokens and their brackets; see tokens.h.
#include "tokens.h"

#include <stdlib.h>
#include <string.h>

static bool opens(const char *text) {
    return (text[0] == '(' || text[0] == '[' || text[0] == '{') && text[1] == 0;
}

static bool closes(const char *text, const char *open) {
    return text[1] == 0 &&
           ((text[0] == ')' && open[0] == '(') || (text[0] == ']' && open[0] == '[') ||
            (text[0] == '}' && open[0] == '{'));
}

// Brackets that find no partner match themselves. A brace that closes ends what is open inside it.
void tokens_match(tokens_t *tokens) {
    LIST(size_t) open = {0};
    for (size_t i = 0; i < tokens->count; i++) {
        token_t *token = &tokens->at[i];
        token->match = i;
        if (token->kind != CXToken_Punctuation) {
            continue;
        }
        if (opens(token->text)) {
            *LIST_ADD(open) = i;
            continue;
        }
        size_t depth = open.count;
        while (depth > 0 && !closes(token->text, tokens->at[open.at[depth - 1]].text) &&
               token->text[0] == '}') {
            depth--;
        }
        if (depth > 0 && closes(token->text, tokens->at[open.at[depth - 1]].text)) {
            token->match = open.at[depth - 1];
            tokens->at[token->match].match = i;
            open.count = depth - 1;
        }
    }
    free(open.at);
}

// Whether the line of this token ends in a backslash, so that a directive goes on.
static bool goes_on(const unit_t *unit, CXToken token) {
    size_t length;
    const char *text = unit_text(unit, clang_getTokenLocation(unit->tu, token), &length);
    const char *end = memchr(text, '\n', length);
    return end != NULL && end > text &&
           (end[-1] == '\\' || (end[-1] == '\r' && end - text > 1 && end[-2] == '\\'));
}

typedef struct {
    bool inside;   // of a directive
    bool goes_on;  // to the next line
    unsigned line; // of its last token
} directive_t;

static bool in_directive(const unit_t *unit, directive_t *directive, CXToken token,
                         const token_t *it, unsigned last_line) {
    if (directive->inside) {
        if (it->line != directive->line &&
            !(directive->goes_on && it->line == directive->line + 1)) {
            directive->inside = false;
        }
    }
    if (!directive->inside && it->line != last_line && strcmp(it->text, "#") == 0) {
        directive->inside = true;
    }
    if (directive->inside) {
        directive->line = it->line;
        directive->goes_on = goes_on(unit, token);
    }
    return directive->inside;
}

tokens_t tokens_read(unit_t *unit, CXSourceRange range, bool directives) {
    CXToken *raw = NULL;
    unsigned count = 0;
    clang_tokenize(unit->tu, range, &raw, &count);
    tokens_t tokens = {.at = memory_new((count + 1) * sizeof *tokens.at)};
    directive_t directive = {0};
    unsigned last_line = 0;
    for (unsigned i = 0; i < count; i++) {
        token_t token = {.kind = clang_getTokenKind(raw[i])};
        if (token.kind == CXToken_Comment) {
            continue;
        }
        token.text = unit_string(clang_getTokenSpelling(unit->tu, raw[i]));
        clang_getSpellingLocation(clang_getTokenLocation(unit->tu, raw[i]), NULL, &token.line,
                                  &token.column, &token.offset);
        token.directive = in_directive(unit, &directive, raw[i], &token, last_line);
        last_line = token.line;
        if (directives || !token.directive) {
            tokens.at[tokens.count++] = token;
        }
    }
    clang_disposeTokens(unit->tu, raw, count);
    tokens_match(&tokens);
    return tokens;
}

void tokens_free(tokens_t *tokens) {
    free(tokens->at);
    *tokens = (tokens_t){0};
}

const char *token_text(const tokens_t *tokens, size_t number) {
    return number < tokens->count ? tokens->at[number].text : "";
}

bool token_is(const tokens_t *tokens, size_t number, const char *text) {
    return strcmp(token_text(tokens, number), text) == 0;
}

bool token_is_name(const tokens_t *tokens, size_t number) {
    return number < tokens->count && tokens->at[number].kind == CXToken_Identifier;
}

// Past the bracket that closes what opens here, or past this token.
static size_t past(const tokens_t *tokens, size_t at) {
    return opens(token_text(tokens, at)) && tokens->at[at].match > at ? tokens->at[at].match + 1
                                                                      : at + 1;
}

size_t tokens_statement(const tokens_t *tokens, size_t begin) {
    size_t at = begin;
    while (at < tokens->count) {
        if (token_is(tokens, at, "{")) {
            return past(tokens, at);
        }
        bool head = token_is(tokens, at, "if") || token_is(tokens, at, "for") ||
                    token_is(tokens, at, "while") || token_is(tokens, at, "switch");
        if (head) { // its own statement follows
            at++;
            while (at < tokens->count && !token_is(tokens, at, "(")) {
                at++;
            }
            at = past(tokens, at);
            continue;
        }
        while (at < tokens->count && !token_is(tokens, at, ";") && !token_is(tokens, at, "}")) {
            at = past(tokens, at);
        }
        return at + 1 <= tokens->count ? at + 1 : tokens->count;
    }
    return tokens->count;
}
