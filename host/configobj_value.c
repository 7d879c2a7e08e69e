// The value behind a '=': a text or a list of texts, perhaps in quotes, perhaps with a comment.
//
// The reference splits it with two regular expressions that try their alternatives in an order of
// their own (ConfigObj._valueexp, _listvalueexp). Whether the rest can be matched depends on the
// position alone, so one pass from the end to the start finds what the backtracking would find.
#include "host/configobj_text.h"

#include <stdint.h>
#include <string.h>

#define STEP_NONE 0U // nothing matches from here
#define STEP_TAIL                                                                                  \
    0xFFFFU // the last item, or nothing, stands here; else: where the next item starts

static const char *const wide_spaces[] = {
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
    "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
    "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
    "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80",
};

size_t configobj_space_at(text_t text, size_t pos) {
    unsigned char c;

    if (pos >= text.size) {
        return 0;
    }
    c = (unsigned char)text.at[pos];
    if (c < 0x80) {
        return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F) ? 1 : 0;
    }
    for (size_t i = 0; i < sizeof wide_spaces / sizeof wide_spaces[0]; i++) {
        size_t size = strlen(wide_spaces[i]);

        if (size <= text.size - pos && memcmp(text.at + pos, wide_spaces[i], size) == 0) {
            return size;
        }
    }
    return 0;
}

size_t configobj_space_before(text_t text, size_t pos) {
    for (size_t size = 1; size <= 3 && size <= pos; size++) {
        if (configobj_space_at(text, pos - size) == size) {
            return size;
        }
    }
    return 0;
}

size_t configobj_skip_space(text_t text, size_t pos) {
    size_t size;

    while ((size = configobj_space_at(text, pos)) != 0) {
        pos += size;
    }
    return pos;
}

text_t configobj_trim_end(text_t text, size_t at_least) {
    size_t size;

    while (text.size > at_least && (size = configobj_space_before(text, text.size)) != 0 &&
           text.size - size >= at_least) {
        text.size -= size;
    }
    return text;
}

bool configobj_ends_at(text_t text, size_t pos) {
    pos = configobj_skip_space(text, pos);
    return pos == text.size || text.at[pos] == '#';
}

text_t configobj_unquote(text_t text) {
    if (text.size > 0 && (text.at[0] == '"' || text.at[0] == '\'') &&
        text.at[0] == text.at[text.size - 1]) {
        return (text_t){text.at + 1, text.size > 1 ? text.size - 2 : 0};
    }
    return text;
}

static bool is_one_of(char c, const char *set) {
    return c != '\0' && strchr(set, c) != NULL;
}

// The position behind `\s*,`, or 0 when no comma follows `pos`.
static size_t behind_comma(text_t text, size_t pos) {
    pos = configobj_skip_space(text, pos);
    return pos < text.size && text.at[pos] == ',' ? pos + 1 : 0;
}

// The next quote like the one at `start` behind `pos`, or the size of the text.
static size_t next_quote(text_t text, size_t start, size_t pos) {
    const char *found =
        pos + 1 < text.size ? memchr(text.at + pos + 1, text.at[start], text.size - pos - 1) : NULL;

    return found == NULL ? text.size : (size_t)(found - text.at);
}

// The last item of a list, or the only text. False: it does not end the value.
static bool match_tail(text_t text, size_t pos, text_t *item, bool *present) {
    *item = (text_t){text.at + pos, 0};
    *present = true;
    if (pos < text.size && is_one_of(text.at[pos], "\"'")) {
        for (size_t q = next_quote(text, pos, pos); q < text.size; q = next_quote(text, pos, q)) {
            if (configobj_ends_at(text, q + 1)) {
                item->size = q + 1 - pos;
                return true;
            }
        }
    } else if (pos < text.size && !is_one_of(text.at[pos], ",#") &&
               configobj_space_at(text, pos) == 0) {
        for (size_t end = pos + 1; end <= text.size;) {
            size_t next = configobj_skip_space(text, end);

            if (next == text.size || text.at[next] == '#') {
                item->size = end - pos;
                return true;
            }
            if (text.at[next] == ',') {
                break;
            }
            end = next + 1;
        }
    }
    *present = pos == 0 || text.at[pos - 1] != ',';
    return configobj_ends_at(text, pos);
}

// Where the item behind the comma at `comma - 1` starts: as far right as the rest can be matched.
static uint16_t next_start(text_t text, size_t comma, const uint16_t *steps) {
    size_t pos = configobj_skip_space(text, comma);

    while (steps[pos] == STEP_NONE && pos > comma) {
        pos -= configobj_space_before(text, pos);
    }
    return steps[pos] == STEP_NONE ? STEP_NONE : (uint16_t)pos;
}

static uint16_t find_step(text_t text, size_t pos, const uint16_t *steps) {
    text_t item;
    bool present;

    if (pos < text.size && is_one_of(text.at[pos], "\"'")) {
        for (size_t q = next_quote(text, pos, pos); q < text.size; q = next_quote(text, pos, q)) {
            size_t comma = behind_comma(text, q + 1);
            uint16_t step = comma == 0 ? STEP_NONE : next_start(text, comma, steps);

            if (step != STEP_NONE) {
                return step;
            }
        }
    } else if (pos < text.size && !is_one_of(text.at[pos], ",#")) {
        size_t end = pos + 1;

        while (end < text.size && !is_one_of(text.at[end], ",#")) {
            end++;
        }
        if (end < text.size && text.at[end] == ',') {
            uint16_t step = next_start(text, end + 1, steps);

            if (step != STEP_NONE) {
                return step;
            }
        }
    }
    return match_tail(text, pos, &item, &present) ? STEP_TAIL : STEP_NONE;
}

// Where the last item starts; everything before it is the list. False: the value is not well made.
static bool find_tail(text_t text, size_t *tail) {
    uint16_t steps[CONFIGOBJ_LINE_MAX + 1];

    memset(steps, 0, sizeof steps);
    for (size_t pos = text.size + 1; pos-- > 0;) {
        size_t before = pos, space;

        while ((space = configobj_space_before(text, before)) != 0) {
            before -= space;
        }
        if (pos == 0 || (before > 0 && text.at[before - 1] == ',')) {
            steps[pos] = find_step(text, pos, steps);
        }
    }
    if (steps[0] == STEP_NONE) {
        return false;
    }
    for (*tail = 0; steps[*tail] != STEP_TAIL;) {
        *tail = steps[*tail];
    }
    return true;
}

// The next item of a list whose every item has a comma behind it. False: there is none.
static bool next_item(text_t list, size_t *pos, text_t *item) {
    size_t least = *pos, comma;

    if (*pos >= list.size) {
        return false;
    }
    if (is_one_of(list.at[*pos], "\"'")) {
        for (size_t q = next_quote(list, *pos, *pos); q < list.size;
             q = next_quote(list, *pos, q)) {
            comma = behind_comma(list, q + 1);
            if (comma != 0) {
                *item = (text_t){list.at + *pos, q + 1 - *pos};
                *pos = configobj_skip_space(list, comma);
                return true;
            }
        }
    } else if (!is_one_of(list.at[*pos], ",#")) {
        size_t space = configobj_space_at(list, *pos);

        least += space == 0 ? 1 : space;
    }
    for (comma = least; comma < list.size && list.at[comma] != ',';) {
        comma++;
    }
    if (comma >= list.size) {
        return false;
    }
    *item = configobj_trim_end((text_t){list.at + *pos, comma - *pos}, least - *pos);
    *pos = configobj_skip_space(list, comma + 1);
    return true;
}

static const char *keep(arena_t *arena, text_t text) {
    return arena_text(arena, text.at, text.size);
}

static bool read_list(arena_t *arena, text_t list, configobj_entry_t *entry, const char **values) {
    text_t item;

    for (size_t pos = 0; next_item(list, &pos, &item);) {
        if (item.size == 0) {
            return false;
        }
        values[entry->value_count++] = keep(arena, configobj_unquote(item));
    }
    return true;
}

bool configobj_value(arena_t *arena, text_t text, configobj_entry_t *entry) {
    const char **values;
    size_t tail = 0, items = 1;
    text_t last;
    bool present;

    entry->kind = CONFIGOBJ_LIST;
    entry->value_count = 0;
    if (!find_tail(text, &tail)) {
        return text.size > 0 && text.at[0] == ',' && configobj_ends_at(text, 1);
    }
    for (size_t i = 0; i < tail; i++) {
        items += text.at[i] == ',' ? 1 : 0;
    }
    values = arena_take(arena, items * sizeof *values);
    entry->values = entry->raw = values;
    if (!read_list(arena, (text_t){text.at, tail}, entry, values)) {
        return false;
    }
    if (!match_tail(text, tail, &last, &present)) {
        return false;
    }
    if (tail == 0) {
        entry->kind = CONFIGOBJ_TEXT;
        present = true;
    } else if (last.size == 0) {
        present = false; // what stands behind the last comma
    }
    if (present) {
        values[entry->value_count++] = keep(arena, configobj_unquote(last));
    }
    return true;
}
