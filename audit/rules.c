// audit/rules.c -- reads the rules file; see rules.h.
#include "rules.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64

// One line of the file, split at spaces.
typedef struct {
    rules_t *rules;
    const char *file;
    unsigned line;
    const char *words[WORDS_MAX];
    int count;
} line_t;

static const char *const meaning_names[MEANING_COUNT] = {"-",     "name",  "class",  "element",
                                                         "slots", "bytes", "region", "policy"};

static audit_frequency_t read_frequency(const line_t *line) {
    const char *word = line->count > 1 ? line->words[1] : "";
    int found = word_find(frequency_names, FREQUENCY_COUNT, word);
    if (found < FREQUENCY_STARTUP) {
        fail("%s:%u: '%s' wants startup, per_link, per_transfer or per_packet, not '%s'",
             line->file, line->line, line->words[0], word);
    }
    return (audit_frequency_t)found;
}

static void need_more(const line_t *line, int first, const char *what) {
    if (line->count <= first) {
        fail("%s:%u: '%s' wants %s", line->file, line->line, line->words[0], what);
    }
}

static void read_rule(line_t *line, rule_kind_t kind) {
    audit_frequency_t frequency = read_frequency(line);
    need_more(line, 2, "at least one function or pattern");
    for (int i = 2; i < line->count; i++) {
        rule_t *rule = LIST_ADD(line->rules->rules);
        *rule = (rule_t){.kind = kind,
                         .frequency = frequency,
                         .pattern = line->words[i],
                         .where = name_print("%s:%u", line->file, line->line)};
    }
}

static void read_root(line_t *line) {
    read_rule(line, RULE_ROOT);
}

static void read_only(line_t *line) {
    read_rule(line, RULE_ONLY);
}

static void read_callback(line_t *line) {
    read_rule(line, RULE_CALLBACK);
}

static void read_alloc(line_t *line) {
    int first = 1;
    bool external = line->count > 1 && strcmp(line->words[1], "external") == 0;
    if (external || (line->count > 1 && strcmp(line->words[1], "internal") == 0)) {
        first = 2;
    }
    need_more(line, first, "at least one function or pattern");
    for (int i = first; i < line->count; i++) {
        rule_alloc_t *alloc = LIST_ADD(line->rules->allocs);
        *alloc = (rule_alloc_t){.pattern = line->words[i], .external = external};
    }
}

static void read_table(line_t *line) {
    need_more(line, 2, "a macro and what its arguments mean");
    if (line->count - 2 > TABLE_ARGUMENTS_MAX) {
        fail("%s:%u: a table has at most %d arguments", line->file, line->line,
             TABLE_ARGUMENTS_MAX);
    }
    rule_table_t table = {.macro = line->words[1], .count = line->count - 2};
    bool named = false;
    for (int i = 0; i < table.count; i++) {
        const char *word = line->words[i + 2], *colon = strchr(word, ':');
        const char *meaning = colon == NULL ? word : name_of_part(word, (size_t)(colon - word));
        int found = word_find(meaning_names, MEANING_COUNT, meaning);
        if (found < 0) {
            fail("%s:%u: an argument of a table is name, class, element, slots, bytes, region, "
                 "policy or -, not '%s'",
                 line->file, line->line, meaning);
        }
        table.meaning[i] = (meaning_t)found;
        table.format[i] = colon == NULL ? NULL : name_of(colon + 1);
        named = named || found == MEANING_NAME;
    }
    if (!named) {
        fail("%s:%u: no argument of the table is its name", line->file, line->line);
    }
    *LIST_ADD(line->rules->tables) = table;
}

static void read_value(line_t *line) {
    int meaning = line->count > 1 ? word_find(meaning_names, MEANING_COUNT, line->words[1]) : -1;
    if (meaning != MEANING_REGION && meaning != MEANING_POLICY) {
        fail("%s:%u: 'value' wants region or policy", line->file, line->line);
    }
    need_more(line, 2, "WORD=MEANING");
    for (int i = 2; i < line->count; i++) {
        const char *word = line->words[i], *equals = strchr(word, '=');
        if (equals == NULL || equals == word || equals[1] == 0) {
            fail("%s:%u: '%s' is not WORD=MEANING", line->file, line->line, word);
        }
        if (meaning == MEANING_POLICY && word_find(policy_names, POLICY_COUNT, equals + 1) < 0) {
            fail("%s:%u: a policy is cull, reject, overwrite or unchecked, not '%s'", line->file,
                 line->line, equals + 1);
        }
        rule_value_t *value = LIST_ADD(line->rules->values);
        *value = (rule_value_t){.meaning = (meaning_t)meaning,
                                .from = name_of_part(word, (size_t)(equals - word)),
                                .to = name_of(equals + 1)};
    }
}

static void read_exclude(line_t *line) {
    need_more(line, 1, "at least one path or pattern");
    for (int i = 1; i < line->count; i++) {
        *LIST_ADD(line->rules->excludes) = line->words[i];
    }
}

static void read_line(line_t *line) {
    static const struct {
        const char *word;
        void (*read)(line_t *line);
    } statements[] = {{"root", read_root},      {"only", read_only},   {"callback", read_callback},
                      {"alloc", read_alloc},    {"table", read_table}, {"value", read_value},
                      {"exclude", read_exclude}};
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        if (strcmp(statements[i].word, line->words[0]) == 0) {
            statements[i].read(line);
            return;
        }
    }
    fail("%s:%u: '%s' is no rule; there are root, only, callback, alloc, table, value and exclude",
         line->file, line->line, line->words[0]);
}

static void split_line(line_t *line, const char *at, const char *end) {
    line->count = 0;
    while (at < end && *at != '#') {
        if (isspace((unsigned char)*at)) {
            at++;
            continue;
        }
        const char *begin = at;
        while (at < end && !isspace((unsigned char)*at)) {
            if (!isprint((unsigned char)*at)) {
                fail("%s:%u: a character that is no text", line->file, line->line);
            }
            at++;
        }
        if (line->count == WORDS_MAX) {
            fail("%s:%u: more than %d words; continue on another line", line->file, line->line,
                 WORDS_MAX);
        }
        line->words[line->count++] = name_of_part(begin, (size_t)(at - begin));
    }
}

static void read_lines(rules_t *rules, const char *name, const char *text, size_t size) {
    line_t line = {.rules = rules, .file = name};
    const char *end = text + size;
    for (const char *at = text; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop == NULL ? end : stop;
        line.line++;
        split_line(&line, at, stop);
        if (line.count > 0) {
            read_line(&line);
        }
        at = stop + 1;
    }
}

void rules_read_text(rules_t *rules, const char *name, const char *text) {
    read_lines(rules, name, text, strlen(text));
}

void rules_read(rules_t *rules, const char *path) {
    size_t size;
    char *text = file_read(path, &size);
    if (text == NULL) {
        fail("%s: %s", path, strerror(errno));
    }
    read_lines(rules, name_of(path), text, size);
    free(text);
}

void rules_free(rules_t *rules) {
    free(rules->rules.at);
    free(rules->tables.at);
    free(rules->values.at);
    free(rules->allocs.at);
    free(rules->excludes.at);
    *rules = (rules_t){0};
}

bool rule_matches(const char *pattern, const char *name) {
    while (name != NULL) {
        if (fnmatch(pattern, name, 0) == 0) {
            return true;
        }
        name = strstr(name, "::");
        name = name == NULL ? NULL : name + 2;
    }
    return false;
}

const rule_t *rules_find(const rules_t *rules, rule_kind_t kind, const char *name) {
    const rule_t *best = NULL;
    for (size_t i = 0; i < rules->rules.count; i++) {
        const rule_t *rule = &rules->rules.at[i];
        if (rule->kind == kind && (best == NULL || rule->frequency > best->frequency) &&
            rule_matches(rule->pattern, name)) {
            best = rule;
        }
    }
    return best;
}

static const char *in_small_letters(const char *word) {
    char *small = memory_text(word, strlen(word));
    for (char *at = small; *at != 0; at++) {
        *at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
    }
    const char *name = name_of(small);
    free(small);
    return name;
}

const char *rules_value(const rules_t *rules, meaning_t meaning, const char *word) {
    for (size_t i = 0; i < rules->values.count; i++) {
        const rule_value_t *value = &rules->values.at[i];
        if (value->meaning == meaning && strcmp(value->from, word) == 0) {
            return value->to;
        }
    }
    return in_small_letters(word);
}
