// host/setting.h -- tables of options: each row says what an option is called, what it may hold,
// and where in a record it goes.
#ifndef HOST_SETTING_H_INCLUDED
#define HOST_SETTING_H_INCLUDED

#include "host/config.h"
#include "host/configobj.h"

typedef enum {      // field
    SETTING_BOOL,   // bool
    SETTING_SWITCH, // int8_t
    SETTING_INT,    // int64_t
    SETTING_REAL,   // double
    SETTING_TEXT,   // const char *
    SETTING_IFAC,   // const char *; empty or None leaves it alone
    SETTING_CHOICE, // const char *, one of `choices` in lower case
    SETTING_MODE,   // config_mode_t
    SETTING_HASHES, // config_hashes_t
    SETTING_HEX,    // config_bytes_t
    SETTING_HASH    // config_bytes_t of 16 bytes
} setting_kind_t;

typedef enum {
    BEYOND_ERROR, // a value out of its limits is an error
    BEYOND_KEEP,  // ... is ignored with a warning, as the reference ignores it
    BEYOND_CLAMP  // ... becomes the limit
} setting_beyond_t;

#define SETTING_PLAIN  0U
#define SETTING_LATER  1U // the reference serves it, we do not yet
#define SETTING_SECRET 2U // its value is not shown
#define SETTING_ZERO   4U // 0 stands for the default

typedef struct {
    const char *name;
    setting_kind_t kind;
    size_t offset;
    setting_beyond_t beyond;
    unsigned flags;
    double low, high;
    const char *preset; // the default, written as in the file; NULL: the field is left alone
    const char *choices, *expected; // of a CHOICE: " one two ", "one or two"
} setting_t;

// A row; kind, beyond and flag without their prefixes.
#define SETTING(name, kind, offset, beyond, flag, low, high, preset)                               \
    { name, SETTING_##kind, offset, BEYOND_##beyond, SETTING_##flag, low, high, preset, NULL, NULL }
#define SETTING_WORDS(name, offset, beyond, preset, choices, expected)                             \
    { name, SETTING_CHOICE, offset, BEYOND_##beyond, 0, 0, 0, preset, choices, expected }

typedef struct {
    const setting_t *rows;
    size_t count;
} settings_t;

// Adds to the notes of `config`; `format` as of printf().
void config_note(config_t *config, config_severity_t severity, unsigned line, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));

// Writes the defaults of a table into `record`.
void settings_preset(config_t *config, settings_t settings, void *record);

// Writes what `section` says into `record`, in the order of the table: a later alias wins.
void settings_apply(config_t *config, settings_t settings, const configobj_entry_t *section,
                    void *record);

const setting_t *settings_find(settings_t settings, const char *name);

// Warns of each key of `section` that is in none of the tables.
void settings_warn_unknown(config_t *config, const settings_t *tables, size_t count,
                           const configobj_entry_t *section, const char *where);

#endif
