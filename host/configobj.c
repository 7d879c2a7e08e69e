#include "host/configobj.h"

#include <stdint.h>
#include <string.h>

#include "host/configobj_text.h"

typedef struct {
    arena_t *arena;
    text_t rest;                // what is not read yet
    unsigned line;              // of the text read last
    configobj_entry_t *section; // that the next key belongs to
    unsigned depth;             // of that section, 0 for the root
    configobj_error_t *error;
} parser_t;

static bool fail(parser_t *parser, unsigned line, const char *text) {
    parser->error->line = line;
    parser->error->text = text;
    return false;
}

const configobj_entry_t *configobj_find(const configobj_entry_t *section, const char *name) {
    for (const configobj_entry_t *entry = section->children; entry != NULL; entry = entry->next) {
        if (strcmp(entry->name, name) == 0) {
            return entry;
        }
    }
    return NULL;
}

static configobj_entry_t *entry_new(parser_t *parser, text_t name, unsigned line) {
    configobj_entry_t *entry = arena_take(parser->arena, sizeof *entry);

    name = configobj_unquote(name);
    entry->name = arena_text(parser->arena, name.at, name.size);
    entry->line = line;
    return entry;
}

// False: the section has an entry of that name.
static bool entry_add(parser_t *parser, configobj_entry_t *section, configobj_entry_t *entry) {
    const configobj_entry_t *other = configobj_find(section, entry->name);

    if (other != NULL) {
        return fail(parser, entry->line,
                    arena_format(parser->arena,
                                 "\"%s\" is already there in line %u; remove or rename one of them",
                                 entry->name, other->line));
    }
    entry->parent = section;
    if (section->tail == NULL) {
        section->children = entry;
    } else {
        section->tail->next = entry;
    }
    section->tail = entry;
    return true;
}

static bool next_line(parser_t *parser, text_t *line) {
    const char *end;
    size_t size;

    if (parser->rest.size == 0) {
        return false;
    }
    end = memchr(parser->rest.at, '\n', parser->rest.size);
    size = end == NULL ? parser->rest.size : (size_t)(end - parser->rest.at);
    *line = (text_t){parser->rest.at, size};
    size += end == NULL ? 0 : 1;
    parser->rest = (text_t){parser->rest.at + size, parser->rest.size - size};
    parser->line++;
    while (line->size > 0 && line->at[line->size - 1] == '\r') {
        line->size--;
    }
    return true;
}

// The brackets behind the name of a section that ends at `pos`: their number, 0 when something else
// stands there, and then *bad is where.
static unsigned closing_brackets(text_t line, size_t pos, size_t *bad) {
    unsigned count = 0;

    for (;;) {
        size_t next = configobj_skip_space(line, pos);

        if (next == line.size || line.at[next] != ']') {
            *bad = next;
            return next == line.size || line.at[next] == '#' ? count : 0;
        }
        count++;
        pos = next + 1;
    }
}

// Where the name that starts at `pos` ends, so that only brackets and a comment follow it; 0: none.
static size_t name_end(text_t line, size_t pos, unsigned *closing) {
    char quote = line.at[pos];
    bool quoted = quote == '"' || quote == '\'';

    for (size_t end = pos + 1; end < line.size;) {
        size_t bad = end;

        if (quoted) {
            const char *found = memchr(line.at + end, quote, line.size - end);

            if (found == NULL) {
                return 0;
            }
            end = (size_t)(found - line.at) + 1;
            if (configobj_skip_space(line, pos + 1) >= end - 1) {
                continue; // a name of nothing but white space is none
            }
        }
        *closing = closing_brackets(line, end, &bad);
        if (*closing > 0) {
            return end;
        }
        end = quoted || bad <= end ? end + (quoted ? 0 : 1) : bad + 1;
    }
    return 0;
}

// A line [name], [[name]] and so on. As in the reference the line decides how many of its first
// brackets belong to the name.
static bool match_section(text_t line, unsigned *opening, unsigned *closing, text_t *name) {
    size_t starts[CONFIGOBJ_DEPTH_MAX + 1];
    unsigned count = 0;
    size_t pos = configobj_skip_space(line, 0);

    while (pos < line.size && line.at[pos] == '[' && count <= CONFIGOBJ_DEPTH_MAX) {
        pos = configobj_skip_space(line, pos + 1);
        starts[count++] = pos;
    }
    for (; count > 0; count--) {
        size_t start = starts[count - 1];
        size_t end = start < line.size ? name_end(line, start, closing) : 0;

        if (end != 0) {
            *opening = count;
            *name = (text_t){line.at + start, end - start};
            return true;
        }
    }
    return false;
}

static bool open_section(parser_t *parser, text_t name, unsigned opening, unsigned closing) {
    configobj_entry_t *parent = parser->section;
    configobj_entry_t *section = entry_new(parser, name, parser->line);

    if (opening != closing) {
        return fail(parser, parser->line,
                    "as many brackets must close the name of a section as open it");
    }
    if (opening > parser->depth + 1 || opening > CONFIGOBJ_DEPTH_MAX) {
        return fail(parser, parser->line,
                    "this section has no section around it; take brackets away");
    }
    for (unsigned depth = parser->depth; depth >= opening; depth--) {
        parent = parent->parent;
    }
    section->kind = CONFIGOBJ_SECTION;
    if (!entry_add(parser, parent, section)) {
        return false;
    }
    parser->section = section;
    parser->depth = opening;
    return true;
}

// The end of the key that starts at `pos`, 0: none. A '=' stands behind it, and *value is behind
// that.
static size_t key_end(text_t line, size_t pos, size_t first, size_t *value) {
    char quote = '=';

    if (pos < line.size) {
        quote = line.at[pos];
    }
    if (quote == '"' || quote == '\'') {
        for (size_t end = pos + 1; end < line.size; end++) {
            size_t next = configobj_skip_space(line, end + 1);

            if (line.at[end] == quote && next < line.size && line.at[next] == '=') {
                *value = next + 1;
                return end + 1;
            }
        }
        return 0;
    }
    if (quote == '=') {
        return 0;
    }
    for (size_t end = pos + first; end < line.size; end++) {
        if (line.at[end] == '=') {
            *value = end + 1;
            return pos + configobj_trim_end((text_t){line.at + pos, end - pos}, first).size;
        }
    }
    return 0;
}

static bool match_key(text_t line, text_t *key, text_t *value) {
    size_t start = configobj_skip_space(line, 0), behind = 0;
    size_t end = key_end(line, start, 1, &behind);

    if (end == 0 && start > 0) { // the reference then takes the last space for part of the name
        size_t space = configobj_space_before(line, start);

        start -= space;
        end = key_end(line, start, space, &behind);
    }
    if (end == 0) {
        return false;
    }
    behind = configobj_skip_space(line, behind);
    *key = (text_t){line.at + start, end - start};
    *value = (text_t){line.at + behind, line.size - behind};
    return true;
}

// The end of a text in three quotes: the first such quotes behind which only a comment stands.
// *any: there are such quotes at all.
static bool find_triple(text_t line, size_t pos, const char *quotes, size_t *end, bool *any) {
    *any = false;
    for (; pos + 3 <= line.size; pos++) {
        if (memcmp(line.at + pos, quotes, 3) != 0) {
            continue;
        }
        *any = true;
        if (configobj_ends_at(line, pos + 3)) {
            *end = pos;
            return true;
        }
    }
    return false;
}

// A value in three quotes, perhaps of many lines. Without its end in the file it is an error of the
// line where it began.
static bool read_triple(parser_t *parser, text_t value, configobj_entry_t *entry) {
    const char *quotes = value.at, *start = value.at + 3;
    const char **values = arena_take(parser->arena, sizeof *values);
    size_t end = 0, used = 0, lead = 3;
    text_t line = value;
    char *text;
    bool any;

    while (!find_triple(line, lead, quotes, &end, &any)) {
        if (any || !next_line(parser, &line)) {
            return fail(parser, entry->line,
                        "the text in triple quotes has no good end; only a comment may follow it");
        }
        lead = 0;
    }
    text = arena_take(parser->arena, (size_t)(line.at + end - start) + 1);
    for (const char *at = start; at < line.at + end;) { // lines end in \n alone
        size_t rest = (size_t)(line.at + end - at);
        const char *stop = memchr(at, '\n', rest);
        size_t size = stop == NULL ? rest : (size_t)(stop - at);

        memcpy(text + used, at, size);
        used += size;
        while (stop != NULL && size-- > 0 && used > 0 && text[used - 1] == '\r') {
            used--;
        }
        if (stop != NULL) {
            text[used++] = '\n';
        }
        at += stop == NULL ? rest : (size_t)(stop - at) + 1;
    }
    values[0] = text;
    entry->kind = CONFIGOBJ_TEXT;
    entry->values = entry->raw = values;
    entry->value_count = 1;
    return true;
}

static bool read_key(parser_t *parser, text_t line) {
    unsigned at = parser->line;
    configobj_entry_t *entry;
    text_t key, value;

    if (!match_key(line, &key, &value)) {
        return fail(parser, at, "neither \"key = value\" nor [section]; put # before a remark");
    }
    entry = entry_new(parser, key, at);
    if (value.size >= 3 &&
        (memcmp(value.at, "\"\"\"", 3) == 0 || memcmp(value.at, "'''", 3) == 0)) {
        if (!read_triple(parser, value, entry)) {
            return false;
        }
    } else if (!configobj_value(parser->arena, value, entry)) {
        return fail(parser, at,
                    arena_format(parser->arena,
                                 "the value of \"%s\" cannot be read; put quotes around all of it",
                                 entry->name));
    }
    return entry_add(parser, parser->section, entry);
}

static bool read_line(parser_t *parser, text_t line) {
    unsigned opening = 0, closing = 0;
    text_t name;

    if (configobj_ends_at(line, 0)) {
        return true; // nothing, or a remark
    }
    if (line.size > CONFIGOBJ_LINE_MAX) {
        return fail(parser, parser->line, "this line is too long; make it shorter");
    }
    if (match_section(line, &opening, &closing, &name)) {
        return open_section(parser, name, opening, closing);
    }
    return read_key(parser, line);
}

// The lead bytes of UTF-8 characters, and the numbers that characters of their size may have.
static const struct {
    unsigned char first, last;
    size_t size;
    uint32_t low, high;
} utf8_leads[] = {
    {0x01, 0x7F, 1, 0x01, 0x7F},     {0xC2, 0xDF, 2, 0x80, 0x7FF},
    {0xE0, 0xEC, 3, 0x800, 0xCFFF},  {0xED, 0xED, 3, 0xD000, 0xD7FF}, // without the surrogates
    {0xEE, 0xEF, 3, 0xE000, 0xFFFF}, {0xF0, 0xF4, 4, 0x10000, 0x10FFFF},
};

// The size of the UTF-8 character at `at`, 0: it is none, or NUL.
static size_t utf8_size(const unsigned char *at, size_t left) {
    for (size_t i = 0; i < sizeof utf8_leads / sizeof utf8_leads[0]; i++) {
        size_t size = utf8_leads[i].size;
        uint32_t point = size == 1 ? at[0] : at[0] & (0x7FU >> size);

        if (at[0] < utf8_leads[i].first || at[0] > utf8_leads[i].last) {
            continue;
        }
        for (size_t k = 1; k < size; k++) {
            if (k == left || (at[k] & 0xC0U) != 0x80) {
                return 0;
            }
            point = point << 6 | (at[k] & 0x3FU);
        }
        return point >= utf8_leads[i].low && point <= utf8_leads[i].high ? size : 0;
    }
    return 0;
}

static bool check_text(parser_t *parser, text_t text) {
    unsigned line = 1;

    if (text.size > CONFIGOBJ_FILE_MAX) {
        return fail(parser, line, "the file is too large for a configuration");
    }
    for (size_t pos = 0; pos < text.size;) {
        size_t size = utf8_size((const unsigned char *)text.at + pos, text.size - pos);

        if (size == 0) {
            return fail(parser, line, "this is not UTF-8 text; save the file as UTF-8");
        }
        line += text.at[pos] == '\n' ? 1 : 0;
        pos += size;
    }
    return true;
}

static void interpolate_all(arena_t *arena, configobj_entry_t *root) {
    configobj_entry_t *entry = root;

    while (entry != NULL) { // the tree in order, without recursion
        if (entry->kind != CONFIGOBJ_SECTION) {
            configobj_interpolate(arena, entry);
        }
        if (entry->children != NULL) {
            entry = entry->children;
            continue;
        }
        while (entry != NULL && entry->next == NULL) {
            entry = entry->parent;
        }
        entry = entry == NULL ? NULL : entry->next;
    }
}

const configobj_entry_t *configobj_parse(arena_t *arena, const char *text, size_t size,
                                         configobj_error_t *error) {
    configobj_entry_t *root = arena_take(arena, sizeof *root);
    parser_t parser = {.arena = arena, .rest = {text, size}, .section = root, .error = error};
    text_t line;

    *error = (configobj_error_t){0, NULL};
    root->kind = CONFIGOBJ_SECTION;
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        parser.rest = (text_t){text + 3, size - 3};
    }
    if (!check_text(&parser, parser.rest)) {
        return NULL;
    }
    while (next_line(&parser, &line)) {
        if (!read_line(&parser, line)) {
            return NULL;
        }
    }
    interpolate_all(arena, root);
    return root;
}
