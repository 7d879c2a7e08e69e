// audit/tokens.h -- the tokens of a stretch of source, as the parser's lexer tells them.
#ifndef AUDIT_TOKENS_H_INCLUDED
#define AUDIT_TOKENS_H_INCLUDED

#include "unit.h"

typedef struct {
    const char *text; // a name (base.h)
    enum CXTokenKind kind;
    unsigned offset, line, column;
    bool directive; // of the preprocessor
    size_t match;   // of a bracket: the other one; else its own number
} token_t;

typedef struct {
    token_t *at;
    size_t count;
} tokens_t;

// Comments are left out; so are the lines of the preprocessor, unless wanted.
tokens_t tokens_read(unit_t *unit, CXSourceRange range, bool directives);
// Finds the brackets again, after tokens were taken out.
void tokens_match(tokens_t *tokens);
void tokens_free(tokens_t *tokens);

// The text of a token, "" behind the end.
const char *token_text(const tokens_t *tokens, size_t number);
bool token_is(const tokens_t *tokens, size_t number, const char *text);
bool token_is_name(const tokens_t *tokens, size_t number);
// The end of the statement that begins here: one past its last token.
size_t tokens_statement(const tokens_t *tokens, size_t begin);

#endif
