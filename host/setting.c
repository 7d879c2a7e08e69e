#include "host/setting.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/rules.h"

static const struct {
    const char *name;
    config_mode_t mode;
} modes[] = {
    {"full", CONFIG_MODE_FULL},
    {"access_point", CONFIG_MODE_ACCESS_POINT},
    {"accesspoint", CONFIG_MODE_ACCESS_POINT},
    {"ap", CONFIG_MODE_ACCESS_POINT},
    {"pointtopoint", CONFIG_MODE_POINT_TO_POINT},
    {"ptp", CONFIG_MODE_POINT_TO_POINT},
    {"roaming", CONFIG_MODE_ROAMING},
    {"boundary", CONFIG_MODE_BOUNDARY},
    {"gateway", CONFIG_MODE_GATEWAY},
    {"gw", CONFIG_MODE_GATEWAY},
    {"internal", CONFIG_MODE_INTERNAL},
};

static const struct {
    const char *name;
    bool value;
} bools[] = {
    {"yes", true},  {"no", false}, {"on", true},     {"off", false},
    {"true", true}, {"1", true},   {"false", false}, {"0", false},
};

static bool read_bool(const char *text, bool *value) {
    for (size_t i = 0; i < sizeof bools / sizeof bools[0]; i++) {
        if (strcasecmp(text, bools[i].name) == 0) {
            *value = bools[i].value;
            return true;
        }
    }
    return false;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// A number as Python writes it: white space around it, underscores between digits. `out` receives
// it plain. False: it has other characters, or is too long to be one.
static bool plain_number(const char *text, const char *letters, char *out, size_t size) {
    size_t used = 0, end = strlen(text);

    while (end > 0 && is_space(text[end - 1])) {
        end--;
    }
    for (; is_space(*text) && end > 0; end--) {
        text++;
    }
    for (size_t i = 0; i < end; i++) {
        if (text[i] == '_') {
            if (i == 0 || i + 1 == end || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
                return false;
            }
            continue;
        }
        if ((!is_digit(text[i]) && strchr(letters, text[i]) == NULL) || used + 1 == size) {
            return false;
        }
        out[used++] = text[i];
    }
    out[used] = '\0';
    return used > 0;
}

static bool read_int(const char *text, int64_t *value) {
    char plain[64], *end;

    if (!plain_number(text, "+-", plain, sizeof plain)) {
        return false;
    }
    errno = 0;
    *value = strtoll(plain, &end, 10);
    return errno == 0 && *end == '\0' && end != plain;
}

static bool read_real(const char *text, double *value) {
    char plain[64], *end;

    if (!plain_number(text, "+-.eE", plain, sizeof plain)) {
        return false;
    }
    *value = strtod(plain, &end);
    return *end == '\0' && end != plain && isfinite(*value);
}

static int hex_digit(char c) {
    const char *digits = "0123456789abcdef", *found;

    if (c >= 'A' && c <= 'F') {
        c = (char)(c - 'A' + 'a');
    }
    found = c == '\0' ? NULL : strchr(digits, c);
    return found == NULL ? -1 : (int)(found - digits);
}

// False: not pairs of hexadecimal digits, or more than `most` bytes. White space between pairs is
// left out, as in Python's bytes.fromhex().
static bool read_hex(const char *text, uint8_t *out, size_t most, size_t *size) {
    *size = 0;
    while (*text != '\0') {
        int high = hex_digit(text[0]), low;

        if (is_space(*text)) {
            text++;
            continue;
        }
        low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0 || *size == most) {
            return false;
        }
        out[(*size)++] = (uint8_t)(high * 16 + low);
        text += 2;
    }
    return true;
}

static bool read_hash(const char *text, uint8_t out[16]) {
    size_t size;

    return strlen(text) == 32 && read_hex(text, out, 16, &size) && size == 16;
}

static bool read_hashes(config_t *config, const configobj_entry_t *entry, config_hashes_t *hashes) {
    rns_hash_t *at = arena_take(&config->arena, (entry->value_count + 1) * sizeof *at);
    size_t count = 0;

    for (size_t i = 0; i < entry->value_count; i++) {
        bool known = false;

        if (!read_hash(entry->values[i], at[count].b)) {
            return false;
        }
        for (size_t k = 0; k < count; k++) {
            known = known || memcmp(at[k].b, at[count].b, sizeof at[k].b) == 0;
        }
        count += known ? 0 : 1;
    }
    *hashes = (config_hashes_t){at, count};
    return true;
}

static bool read_bytes(config_t *config, const char *text, bool hash, config_bytes_t *bytes) {
    size_t size = 0, most = strlen(text) / 2;
    uint8_t *data = arena_take(&config->arena, most + 16);

    if (hash ? !read_hash(text, data) : !read_hex(text, data, most, &size)) {
        return false;
    }
    *bytes = (config_bytes_t){data, hash ? 16 : size};
    return true;
}

static const char *read_choice(config_t *config, const char *text, const char *choices) {
    char *word = arena_format(&config->arena, " %s ", text);
    size_t size = strlen(text);

    for (char *c = word; *c != '\0'; c++) {
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    }
    if (size == 0 || strchr(text, ' ') != NULL || strstr(choices, word) == NULL) {
        return NULL;
    }
    return arena_text(&config->arena, word + 1, size);
}

static bool read_mode(const char *text, config_mode_t *mode) {
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcasecmp(text, modes[i].name) == 0) {
            *mode = modes[i].mode;
            return true;
        }
    }
    return false;
}

static const char *expected(const setting_t *row) {
    switch (row->kind) {
    case SETTING_BOOL:
    case SETTING_SWITCH:
        return "yes or no";
    case SETTING_INT:
        return "a whole number";
    case SETTING_REAL:
        return "a number";
    case SETTING_CHOICE:
        return row->expected;
    case SETTING_MODE:
        return "full, gateway, access_point, roaming, boundary, pointtopoint or internal";
    case SETTING_HEX:
        return "hexadecimal digits";
    case SETTING_HASH:
    case SETTING_HASHES:
        return "32 hexadecimal digits each";
    case SETTING_TEXT:
    case SETTING_IFAC:
        return "text";
    }
    return "";
}

// Says that a value is no good. One that the reference passes over is only a warning.
static void reject(config_t *config, const setting_t *row, const configobj_entry_t *entry) {
    bool keep = row->beyond == BEYOND_KEEP && row->kind != SETTING_INT && row->kind != SETTING_REAL;
    const char *value = row->flags & SETTING_SECRET ? "..." : entry->values[0];

    if (row->kind == SETTING_HASHES && entry->value_count == 0) {
        value = "";
    }
    config_note(config, keep ? CONFIG_WARNING : CONFIG_ERROR, entry->line,
                "%s = %s is not possible%s; it takes %s", row->name, value,
                keep ? " and is ignored" : "", expected(row));
}

// What a number out of its limits becomes. False: the field keeps its value.
static bool check_limits(config_t *config, const setting_t *row, const configobj_entry_t *entry,
                         double *value) {
    if ((row->flags & SETTING_ZERO) && *value == 0) {
        return false;
    }
    if (*value >= row->low && *value <= row->high) {
        return true;
    }
    switch (row->beyond) {
    case BEYOND_CLAMP:
        *value = *value < row->low ? row->low : row->high;
        return true;
    case BEYOND_KEEP:
        config_note(config, CONFIG_WARNING, entry->line,
                    "%s = %s is out of its limits (%.10g to %.10g) and is ignored", row->name,
                    entry->values[0], row->low, row->high);
        return false;
    case BEYOND_ERROR:
        config_note(config, CONFIG_ERROR, entry->line,
                    "%s = %s is not possible; it takes %.10g to %.10g", row->name, entry->values[0],
                    row->low, row->high);
        return false;
    }
    return false;
}

static bool set_int(config_t *config, const setting_t *row, const configobj_entry_t *entry,
                    int64_t *field) {
    int64_t value;
    double limited;

    if (!read_int(entry->values[0], &value)) {
        return false;
    }
    limited = (double)value;
    if (check_limits(config, row, entry, &limited)) {
        // Limits are far below 2^53, so only what is clamped differs.
        *field = limited == (double)value ? value : (int64_t)limited;
    }
    return true;
}

static bool set_real(config_t *config, const setting_t *row, const configobj_entry_t *entry,
                     double *field) {
    double value;

    if (!read_real(entry->values[0], &value)) {
        return false;
    }
    if (check_limits(config, row, entry, &value)) {
        *field = value;
    }
    return true;
}

static void set_ifac(config_t *config, const setting_t *row, const configobj_entry_t *entry,
                     const char **field) {
    if (RNSI_NONE_IS_NO_NAME && strcmp(entry->values[0], "None") == 0) {
        config_note(config, CONFIG_WARNING, entry->line,
                    "%s = None is ambiguous and is ignored; nothing is set", row->name);
    } else if (entry->values[0][0] != '\0') {
        *field = arena_text(&config->arena, entry->values[0], strlen(entry->values[0]));
    }
}

// False: the value is no value of this kind.
static bool set_field(config_t *config, const setting_t *row, const configobj_entry_t *entry,
                      void *field) {
    const char *text = entry->value_count > 0 ? entry->values[0] : "";
    const char *choice;
    bool on;

    switch (row->kind) {
    case SETTING_BOOL:
        return read_bool(text, field);
    case SETTING_SWITCH:
        if (!read_bool(text, &on)) {
            return false;
        }
        *(int8_t *)field = on ? 1 : 0;
        return true;
    case SETTING_INT:
        return set_int(config, row, entry, field);
    case SETTING_REAL:
        return set_real(config, row, entry, field);
    case SETTING_TEXT:
        *(const char **)field = arena_text(&config->arena, text, strlen(text));
        return true;
    case SETTING_IFAC:
        set_ifac(config, row, entry, field);
        return true;
    case SETTING_CHOICE:
        choice = read_choice(config, text, row->choices);
        if (choice != NULL) {
            *(const char **)field = choice;
        }
        return choice != NULL;
    case SETTING_MODE:
        return read_mode(text, field);
    case SETTING_HASHES:
        return read_hashes(config, entry, field);
    case SETTING_HEX:
    case SETTING_HASH:
        return read_bytes(config, text, row->kind == SETTING_HASH, field);
    }
    return false;
}

static void *field_of(const setting_t *row, void *record) {
    return (char *)record + row->offset;
}

void settings_preset(config_t *config, settings_t settings, void *record) {
    for (size_t i = 0; i < settings.count; i++) {
        const setting_t *row = &settings.rows[i];
        configobj_entry_t entry = {.value_count = 1, .values = &row->preset};
        setting_t free_row = *row;

        if (row->preset != NULL) {
            free_row.low = -HUGE_VAL; // a default may stand outside: it says that nothing is given
            free_row.flags = 0;
            set_field(config, &free_row, &entry, field_of(row, record));
        }
    }
}

static void apply_row(config_t *config, const setting_t *row, const configobj_entry_t *entry,
                      void *record) {
    if (entry->kind == CONFIGOBJ_SECTION) {
        config_note(config, CONFIG_ERROR, entry->line, "%s is an option, not a section", row->name);
        return;
    }
    if (entry->fault != NULL) {
        config_note(config, CONFIG_ERROR, entry->line, "%s %s", row->name, entry->fault);
        return;
    }
    if (entry->kind == CONFIGOBJ_LIST && row->kind != SETTING_HASHES) {
        config_note(config, CONFIG_ERROR, entry->line,
                    "%s takes one value; put quotes around it if the comma belongs to it",
                    row->name);
        return;
    }
    if (!set_field(config, row, entry, field_of(row, record))) {
        reject(config, row, entry);
        return;
    }
    if ((row->flags & SETTING_LATER) &&
        (row->kind != SETTING_BOOL || *(bool *)field_of(row, record))) {
        config_note(config, CONFIG_WARNING, entry->line, "%s is not supported yet, left out",
                    row->name);
    }
}

void settings_apply(config_t *config, settings_t settings, const configobj_entry_t *section,
                    void *record) {
    for (size_t i = 0; i < settings.count; i++) {
        const configobj_entry_t *entry = configobj_find(section, settings.rows[i].name);

        if (entry != NULL) {
            apply_row(config, &settings.rows[i], entry, record);
        }
    }
}

const setting_t *settings_find(settings_t settings, const char *name) {
    for (size_t i = 0; i < settings.count; i++) {
        if (strcmp(settings.rows[i].name, name) == 0) {
            return &settings.rows[i];
        }
    }
    return NULL;
}

void settings_warn_unknown(config_t *config, const settings_t *tables, size_t count,
                           const configobj_entry_t *section, const char *where) {
    for (const configobj_entry_t *entry = section->children; entry != NULL; entry = entry->next) {
        bool known = false;

        for (size_t i = 0; i < count && !known; i++) {
            known = settings_find(tables[i], entry->name) != NULL;
        }
        if (!known) {
            config_note(config, CONFIG_WARNING, entry->line, "unknown %s %s in %s, left out",
                        entry->kind == CONFIGOBJ_SECTION ? "section" : "option", entry->name,
                        where);
        }
    }
}
