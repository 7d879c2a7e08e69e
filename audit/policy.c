// audit/policy.c -- what a function does with a pool that is full, told by the shape of its code:
// where it puts something into the pool, and which checks against the pool's size stand around.
// docs/AUDIT.md says in words what counts as which policy.
#include "policy.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool among(const names_t *names, const char *text) {
    for (size_t i = 0; i < names->count; i++) {
        if (names->at[i] == text) {
            return true;
        }
    }
    return false;
}

// The names in the brackets of the declaration: of `[Config::SLOTS + 1]` it is SLOTS.
static void read_size(judge_t *judge, const char *size) {
    for (const char *at = size; *at != 0;) {
        if (!isalpha((unsigned char)*at) && *at != '_') {
            at++;
            continue;
        }
        const char *begin = at;
        while (isalnum((unsigned char)*at) || *at == '_') {
            at++;
        }
        if (strncmp(at, "::", 2) != 0) {
            *LIST_ADD(judge->sizes) = name_of_part(begin, (size_t)(at - begin));
        }
    }
}

// sizeof pool, std::size(pool), ARRAY_LENGTH(pool), pool.size()
static bool is_measured(const judge_t *judge, size_t at) {
    static const char *const words[] = {"size", "count", "elem", "len", "dim"};
    const tokens_t *tokens = judge->tokens;
    const char *before = at == 0 ? "" : token_text(tokens, at - 1);
    const char *head = at < 2 ? "" : token_text(tokens, at - 2);
    if (strcmp(before, "sizeof") == 0 ||
        (token_is(tokens, at + 1, ".") &&
         (token_is(tokens, at + 2, "size") || token_is(tokens, at + 2, "max_size")))) {
        return true;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(before, "(") == 0 && token_is(tokens, at + 1, ")") &&
            strcasestr(head, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_size(const judge_t *judge, size_t at) {
    if (!token_is_name(judge->tokens, at)) {
        return false;
    }
    const char *text = token_text(judge->tokens, at);
    return among(&judge->sizes, text) || (text == judge->name && is_measured(judge, at));
}

bool judge_has_size(const judge_t *judge, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++) {
        if (is_size(judge, i)) {
            return true;
        }
    }
    return false;
}

static bool has_text(const judge_t *judge, size_t begin, size_t end, const char *const words[],
                     size_t count) {
    for (size_t i = begin; i < end; i++) {
        if (text_has_word(words, count, token_text(judge->tokens, i))) {
            return true;
        }
    }
    return false;
}

#define HAS_TEXT(judge, begin, end, list)                                                          \
    has_text(judge, begin, end, list, sizeof(list) / sizeof *(list))

static bool has_insert(const judge_t *judge, size_t begin, size_t end) {
    for (size_t i = 0; i < judge->inserts.count; i++) {
        if (judge->inserts.at[i] >= begin && judge->inserts.at[i] < end) {
            return true;
        }
    }
    return false;
}

// Words that say that something older goes.
static bool says_cull(const char *text) {
    static const char *const words[] = {"cull",      "evict",    "oldest",   "victim",
                                        "lru",       "least",    "stalest",  "earliest",
                                        "make_room", "makeroom", "drop_old", "recycle"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasestr(text, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static bool body_says_cull(const judge_t *judge) {
    for (size_t i = judge->begin; i < judge->end; i++) {
        if (token_is_name(judge->tokens, i) && says_cull(judge->tokens->at[i].text)) {
            return true;
        }
    }
    return false;
}

// The operator that compares with a size, and on which side the size stands; SIZE_MAX: none.
static size_t comparison(const judge_t *judge, size_t begin, size_t end, bool *size_is_right) {
    static const char *const operators[] = {"<", ">", "<=", ">=", "==", "!="};
    size_t last = SIZE_MAX;
    bool waiting = false; // for an operator behind a size
    for (size_t i = begin; i < end; i++) {
        const char *text = token_text(judge->tokens, i);
        if (strcmp(text, "&&") == 0 || strcmp(text, "||") == 0) {
            last = SIZE_MAX;
            waiting = false;
        } else if (text_has_word(operators, sizeof operators / sizeof *operators, text)) {
            if (waiting) {
                *size_is_right = false;
                return i;
            }
            last = i;
        } else if (is_size(judge, i)) {
            if (last != SIZE_MAX) {
                *size_is_right = true;
                return last;
            }
            waiting = true;
        }
    }
    return SIZE_MAX;
}

typedef enum { FULL_NO, FULL_WHEN_TRUE, FULL_WHEN_FALSE } full_t;

// `next == tail`, where next was taken modulo the size: a ring is full when it is about to bite
// itself.
static full_t ring_check(const judge_t *judge, size_t begin, size_t end) {
    for (size_t i = begin; i + 1 < end; i++) {
        bool wrapped = among(&judge->wrapped, token_text(judge->tokens, i)) ||
                       (i + 2 < end && among(&judge->wrapped, token_text(judge->tokens, i + 2)));
        if (wrapped && token_is(judge->tokens, i + 1, "==")) {
            return FULL_WHEN_TRUE;
        }
        if (wrapped && token_is(judge->tokens, i + 1, "!=")) {
            return FULL_WHEN_FALSE;
        }
    }
    return FULL_NO;
}

// What a condition says of the pool: full when it holds, or when it does not, or nothing.
static full_t full_check(const judge_t *judge, size_t begin, size_t end) {
    bool right = false;
    size_t at = comparison(judge, begin, end, &right);
    if (at == SIZE_MAX) {
        for (size_t i = begin; i < end; i++) {
            const char *text = token_text(judge->tokens, i);
            if (token_is_name(judge->tokens, i) && strlen(text) < 40 &&
                (strcasecmp(text, "full") == 0 || text_ends(text, "_full") ||
                 text_ends(text, "Full"))) {
                return i > begin && token_is(judge->tokens, i - 1, "!") ? FULL_WHEN_FALSE
                                                                        : FULL_WHEN_TRUE;
            }
        }
        return ring_check(judge, begin, end);
    }
    const char *text = token_text(judge->tokens, at);
    if (strcmp(text, "==") == 0) {
        return FULL_WHEN_TRUE;
    }
    if (strcmp(text, "!=") == 0) {
        return FULL_WHEN_FALSE;
    }
    return (text[0] == '>') == right ? FULL_WHEN_TRUE : FULL_WHEN_FALSE;
}

static bool leaves(const judge_t *judge, size_t begin, size_t end) {
    static const char *const words[] = {"return", "throw", "break", "continue", "goto"};
    return HAS_TEXT(judge, begin, end, words);
}

// `head = 0`, where head counts in a subscript of the pool.
static bool wraps(const judge_t *judge, size_t begin, size_t end) {
    for (size_t i = begin; i + 2 < end; i++) {
        bool declares = i > 0 && (token_is_name(judge->tokens, i - 1) ||
                                  judge->tokens->at[i - 1].kind == CXToken_Keyword);
        if (among(&judge->indexes, token_text(judge->tokens, i)) && !declares &&
            token_is(judge->tokens, i + 1, "=") && token_is(judge->tokens, i + 2, "0")) {
            return true;
        }
    }
    return false;
}

static bool makes_room(const judge_t *judge, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++) {
        if (token_is(judge->tokens, i, "=") || token_is(judge->tokens, i, "--") ||
            (token_is_name(judge->tokens, i) && token_is(judge->tokens, i + 1, "("))) {
            return true;
        }
    }
    return false;
}

// An if or while with its branches.
typedef struct {
    size_t condition, condition_end, then, then_end, other, other_end;
} branch_t;

static branch_t read_branch(const judge_t *judge, size_t at) {
    const tokens_t *tokens = judge->tokens;
    branch_t branch = {0};
    size_t open = at + 1;
    open += token_is(tokens, open, "constexpr") ? 1 : 0;
    if (!token_is(tokens, open, "(") || tokens->at[open].match <= open) {
        return branch;
    }
    branch.condition = open + 1;
    branch.condition_end = tokens->at[open].match;
    branch.then = branch.condition_end + 1;
    branch.then_end = tokens_statement(tokens, branch.then);
    if (token_is(tokens, branch.then_end, "else")) {
        branch.other = branch.then_end + 1;
        branch.other_end = tokens_statement(tokens, branch.other);
    }
    return branch;
}

// The branch where the pool is full does not leave: it makes room, or starts again at the front.
static void judge_room(judge_t *judge, size_t begin, size_t end) {
    if (wraps(judge, begin, end)) {
        judge->found.wrap = true;
    } else if (has_insert(judge, begin, end) || makes_room(judge, begin, end)) {
        judge->found.room = true;
    }
}

// `if (first < 0)`, `if (first == NONE)`, where first is the subscript, or `if (slot == NULL)`:
// there is no free slot.
static bool none_is_free(const judge_t *judge, size_t begin, size_t end) {
    static const char *const nothing[] = {"NULL", "nullptr"};
    const tokens_t *tokens = judge->tokens;
    for (size_t i = begin; i + 2 < end; i++) {
        const char *value = token_text(tokens, i + 2);
        bool below = token_is(tokens, i + 1, "<") && strcmp(value, "0") == 0;
        bool equal = token_is(tokens, i + 1, "==") &&
                     (strcmp(value, "-") == 0 || isupper((unsigned char)*value) ||
                      text_has_word(nothing, sizeof nothing / sizeof *nothing, value));
        bool slot = among(&judge->aliases, token_text(tokens, i)) &&
                    !token_is(tokens, i - 1, ".") && !token_is(tokens, i - 1, "->");
        if ((among(&judge->indexes, token_text(tokens, i)) && (below || equal)) ||
            (slot && equal)) {
            return true;
        }
    }
    return end == begin + 2 && token_is(tokens, begin, "!") &&
           among(&judge->aliases, token_text(tokens, begin + 1));
}

static void judge_branch(judge_t *judge, size_t at) {
    branch_t branch = read_branch(judge, at);
    if (branch.condition == 0) {
        return;
    }
    full_t full = full_check(judge, branch.condition, branch.condition_end);
    if (full == FULL_NO) {
        bool none = none_is_free(judge, branch.condition, branch.condition_end);
        judge->found.leave =
            judge->found.leave || (none && leaves(judge, branch.then, branch.then_end) &&
                                   !has_insert(judge, branch.then, branch.then_end));
        return;
    }
    if (token_is(judge->tokens, at, "while")) {
        if (full == FULL_WHEN_TRUE) {
            judge_room(judge, branch.then, branch.then_end);
        }
        return;
    }
    bool puts = has_insert(judge, branch.then, branch.then_end);
    bool puts_else = branch.other != 0 && has_insert(judge, branch.other, branch.other_end);
    if (full == FULL_WHEN_TRUE) {
        bool passes_by = puts_else && !makes_room(judge, branch.then, branch.then_end);
        if (!puts && (leaves(judge, branch.then, branch.then_end) || passes_by)) {
            judge->found.leave = true;
        } else {
            judge_room(judge, branch.then, branch.then_end);
        }
    } else if (puts && !puts_else) {
        judge->found.leave = true;
    } else if (branch.other != 0 && puts == puts_else) {
        judge_room(judge, branch.other, branch.other_end);
    }
}

// A condition that asks whether a slot is free.
static bool asks_free(const judge_t *judge, size_t begin, size_t end) {
    static const char *const words[] = {"!", "NULL", "nullptr", "false", "empty", "isEmpty"};
    if (HAS_TEXT(judge, begin, end, words)) {
        return true;
    }
    for (size_t i = begin; i < end; i++) {
        const char *text = token_text(judge->tokens, i);
        if ((token_is(judge->tokens, i, "==") &&
             (token_is(judge->tokens, i + 1, "0") || token_is(judge->tokens, i + 1, "-"))) ||
            strcasestr(text, "free") != NULL || strcasestr(text, "unused") != NULL ||
            strcasestr(text, "avail") != NULL || strcasestr(text, "idle") != NULL ||
            strcasestr(text, "empty") != NULL || strcasestr(text, "none") != NULL ||
            strcasestr(text, "invalid") != NULL) {
            return true;
        }
    }
    return false;
}

// A word that speaks of time, as the members do by which the oldest entry is found.
static bool says_time(const char *text) {
    static const char *const words[] = {"time", "age",   "touch", "stamp",  "seen", "last",  "tick",
                                        "used", "heard", "since", "expire", "seq",  "access"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasestr(text, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_slot(const judge_t *judge, size_t at) {
    const char *text = token_text(judge->tokens, at);
    return text == judge->name || among(&judge->aliases, text);
}

// Whether a branch keeps what was found in a variable of its own: `best = slots[i].age`, or the
// number of the slot, `oldest = i`.
static bool keeps_found(const judge_t *judge, const branch_t *branch, const char *variable,
                        const char *number) {
    const tokens_t *tokens = judge->tokens;
    for (size_t i = branch->then; i + 2 < branch->then_end; i++) {
        bool member = i > 0 && (token_is(tokens, i - 1, ".") || token_is(tokens, i - 1, "->"));
        if (member || !token_is(tokens, i + 1, "=")) {
            continue;
        }
        if (token_text(tokens, i) == variable ||
            (number != NULL && token_text(tokens, i + 2) == number)) {
            return true;
        }
    }
    return false;
}

// One comparison of a condition.
static bool compares_times(const judge_t *judge, const branch_t *branch, size_t begin, size_t end) {
    const tokens_t *tokens = judge->tokens;
    unsigned uses = 0;
    bool less = false, timed = false;
    const char *variable = NULL, *number = NULL;
    for (size_t i = begin; i < end; i++) {
        const char *text = token_text(tokens, i);
        bool member = token_is(tokens, i - 1, ".") || token_is(tokens, i - 1, "->");
        less = less || text[0] == '<' || text[0] == '>';
        if (is_slot(judge, i)) {
            uses++;
            number = token_is(tokens, i + 1, "[") ? token_text(tokens, i + 2) : number;
        } else if (token_is_name(tokens, i)) {
            timed = timed || says_time(text);
            variable = member || text == number ? variable : text;
        }
    }
    return less && timed && uses > 0 && (uses >= 2 || keeps_found(judge, branch, variable, number));
}

// Compares slots by a time: with each other, or with a variable that takes over what is found.
static bool seeks_oldest(const judge_t *judge, const branch_t *branch) {
    size_t begin = branch->condition;
    for (size_t i = begin; i <= branch->condition_end; i++) {
        bool ends = token_is(judge->tokens, i, "&&") || token_is(judge->tokens, i, "||");
        if (ends || i == branch->condition_end) {
            if (compares_times(judge, branch, begin, i)) {
                return true;
            }
            begin = i + 1;
        }
    }
    return false;
}

// What stands in a loop over all slots: inserts there are searches for a free slot, or no inserts.
static void judge_loop(judge_t *judge, size_t begin, size_t end) {
    bool guarded = false;
    for (size_t i = begin; i < end; i++) {
        if (!token_is(judge->tokens, i, "if")) {
            continue;
        }
        branch_t branch = read_branch(judge, i);
        if (branch.condition == 0) {
            continue;
        }
        judge->found.oldest = judge->found.oldest || seeks_oldest(judge, &branch);
        bool skips = leaves(judge, branch.then, branch.then_end) &&
                     !has_insert(judge, branch.then, branch.then_end);
        if (has_insert(judge, branch.then, branch.then_end)) {
            guarded = guarded || asks_free(judge, branch.condition, branch.condition_end);
        } else if (skips && has_insert(judge, branch.then_end, end)) {
            guarded = true;
        }
    }
    judge->found.search = judge->found.search || (guarded && has_insert(judge, begin, end));
    for (size_t i = 0; i < judge->inserts.count;) { // the others fill or change what is there
        if (judge->inserts.at[i] >= begin && judge->inserts.at[i] < end) {
            judge->inserts.at[i] = judge->inserts.at[--judge->inserts.count];
        } else {
            i++;
        }
    }
}

// The loops over all slots; nested ones are seen with the outer one.
static void judge_loops(judge_t *judge) {
    const tokens_t *tokens = judge->tokens;
    for (size_t i = judge->begin; i < judge->end; i++) {
        if (!token_is(tokens, i, "for") || !token_is(tokens, i + 1, "(") ||
            tokens->at[i + 1].match <= i + 1) {
            continue;
        }
        size_t close = tokens->at[i + 1].match, end = tokens_statement(tokens, close + 1);
        bool over = judge_has_size(judge, i + 2, close);
        for (size_t k = i + 2; k < close && !over; k++) {
            over = token_is(tokens, k, ":") && token_text(tokens, close - 1) == judge->name;
        }
        if (over) {
            judge_loop(judge, close + 1, end);
        }
    }
}

static bool shifts(const judge_t *judge) {
    static const char *const moves[] = {"memmove", "memcpy", "move", "rotate", "copy"};
    for (size_t i = judge->begin; i < judge->end; i++) {
        if (!text_has_word(moves, sizeof moves / sizeof *moves, token_text(judge->tokens, i)) ||
            !token_is(judge->tokens, i + 1, "(")) {
            continue;
        }
        unsigned uses = 0;
        for (size_t k = i + 2; k < judge->tokens->at[i + 1].match; k++) {
            uses += token_text(judge->tokens, k) == judge->name ? 1 : 0;
        }
        if (uses >= 2) {
            return true;
        }
    }
    return false;
}

static bool only_removes(const judge_t *judge) {
    static const char *const less[] = {"--", "-="}, *const more[] = {"++", "+="};
    return HAS_TEXT(judge, judge->begin, judge->end, less) &&
           !HAS_TEXT(judge, judge->begin, judge->end, more);
}

static const char *verdict(judge_t *judge, const char *function) {
    bool inserted = judge->inserts.count > 0;
    if (judge->scalar && !judge->fills) {
        return "value";
    }
    if (says_cull(function)) {
        return "cull";
    }
    bool last_slot = inserted && shifts(judge);
    judge_loops(judge);
    for (size_t i = judge->begin; i < judge->end; i++) {
        if (token_is(judge->tokens, i, "if") || token_is(judge->tokens, i, "while")) {
            judge_branch(judge, i);
        }
    }
    const found_t *found = &judge->found;
    bool ring = judge->ring || found->wrap;
    if (found->oldest || (!ring && inserted && body_says_cull(judge))) {
        return "cull";
    }
    if (found->search || (found->leave && judge->inserts.count > 0)) {
        return "reject";
    }
    if (judge->inserts.count == 0) {
        return "";
    }
    if (ring) {
        return only_removes(judge) ? "" : "overwrite";
    }
    return found->room || last_slot ? "cull" : "unchecked";
}

// The size and the slots of a pool, from its declaration.
static void read_pool(unit_t *unit, judge_t *judge, CXCursor pool) {
    judge->name = unit_string(clang_getCursorSpelling(pool));
    judge->scalar = pool_is_scalar(pool);
    const char *element = name_of_type(pool_element(pool)), *last = strrchr(element, ':');
    judge->element = last == NULL ? element : name_of(last + 1);
    size_t length;
    const char *text = unit_text_of(unit, pool, &length), *source = name_of_part(text, length);
    const char *open = strstr(source, judge->name);
    open = open == NULL ? NULL : strchr(open, '[');
    if (open == NULL) { // std::array<T, SIZE>
        open = strrchr(source, ',');
    }
    read_size(judge, open == NULL ? "" : open);
}

void policy_judge(unit_t *unit, CXCursor function, const char *id) {
    tokens_t tokens = tokens_read(unit, clang_getCursorExtent(function), false);
    size_t body = 0;
    while (body < tokens.count && !token_is(&tokens, body, "{")) {
        body++;
    }
    for (size_t i = 0; i < unit->pools_in_function.count && body < tokens.count; i++) {
        const declaration_t *declaration = &unit->declarations.at[unit->pools_in_function.at[i]];
        judge_t judge = {.tokens = &tokens, .begin = body, .end = tokens.count};
        read_pool(unit, &judge, declaration->cursor);
        inserts_find(&judge);
        const char *name = unit_string(clang_getCursorSpelling(function));
        unit_fact(unit, "Q", declaration->pool, id, verdict(&judge, name), NULL);
        free(judge.inserts.at);
        free(judge.indexes.at);
        free(judge.aliases.at);
        free(judge.wrapped.at);
        free(judge.sizes.at);
    }
    tokens_free(&tokens);
}
