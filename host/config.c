#include "host/config.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/rules.h"
#include "host/config_interface.h"
#include "host/setting.h"

#define NOTE_MAX 1024 // bytes of a note; longer ones are cut

// clang-format off
#define ANY_LOW    (-HUGE_VAL)
#define ANY_HIGH   HUGE_VAL
#define RATE_HIGH  1e6 // seconds or hertz: what the node can hold, in thousandths
#define COUNT_HIGH 4294967295.0
#define FIELD(field) offsetof(config_t, field)
#define BOOL(n, field, preset)        SETTING(n, BOOL, FIELD(field), ERROR, PLAIN, 0, 0, preset)
#define BOOL_LATER(n, field, preset)  SETTING(n, BOOL, FIELD(field), ERROR, LATER, 0, 0, preset)
#define HASHES(n, field)              SETTING(n, HASHES, FIELD(field), ERROR, LATER, 0, 0, NULL)
#define PORT(n, field, preset)        SETTING(n, INT, FIELD(field), ERROR, PLAIN, 0, 65535, preset)
#define AUTOCONNECT(n, kind, field) \
    SETTING(n, kind, FIELD(field), KEEP, LATER, ANY_LOW, ANY_HIGH, NULL)
#define LENGTH(n, field, preset) \
    SETTING(n, INT, FIELD(field), KEEP, PLAIN, 1, COUNT_HIGH, preset)
// 0 is the default here: the reference takes it for "not given".
#define LIMIT(n, kind, field, high, preset) \
    SETTING(n, kind, FIELD(field), KEEP, ZERO, 0, high, preset)

static const setting_t logging_rows[] = {
    SETTING("loglevel", INT, FIELD(log_level), CLAMP, PLAIN, 0, 8, "3"),
    BOOL("logtimestamps", log_timestamps, "yes"),
};

static const setting_t reticulum_rows[] = {
    BOOL("enable_transport", enable_transport, "no"),
    BOOL("static_transport_identity", static_transport_identity, "no"),
    BOOL_LATER("local_hops_delta", local_hops_delta, "no"),
    BOOL("link_mtu_discovery", link_mtu_discovery, "yes"),
    BOOL("use_implicit_proof", use_implicit_proof, "yes"),
    BOOL("respond_to_probes", respond_to_probes, "no"),
    BOOL("panic_on_interface_error", panic_on_interface_error, "no"),
    BOOL_LATER("enable_remote_management", enable_remote_management, "no"),
    HASHES("remote_management_allowed", remote_management_allowed),
    BOOL_LATER("enable_interface_management", enable_interface_management, "yes"),
    SETTING("network_identity", TEXT, FIELD(network_identity), ERROR, LATER, 0, 0, NULL),
    BOOL_LATER("share_instance", share_instance, "yes"),
    // These describe the shared instance: share_instance has the warning for all of them.
    SETTING("instance_name", TEXT, FIELD(instance_name), ERROR, PLAIN, 0, 0, "default"),
    SETTING_WORDS("shared_instance_type", FIELD(shared_instance_type), KEEP, "unix",
            " unix tcp ", "unix or tcp"),
    PORT("shared_instance_port", shared_instance_port, "37428"),
    PORT("instance_control_port", instance_control_port, "37429"),
    SETTING("rpc_key", HEX, FIELD(rpc_key_secret), KEEP, SECRET, 0, 0, NULL),
    SETTING("force_shared_instance_bitrate", INT, FIELD(force_shared_instance_bitrate_bps),
            ERROR, LATER, ANY_LOW, ANY_HIGH, "-1"),
    BOOL_LATER("discover_interfaces", discover_interfaces, "no"),
    SETTING("required_discovery_value", INT, FIELD(required_discovery_value), KEEP, LATER, 1,
            COUNT_HIGH, "16"),
    HASHES("interface_discovery_sources", interface_discovery_sources),
    AUTOCONNECT("autoconnect_discovered_interfaces", INT, autoconnect_discovered_interfaces),
    BOOL_LATER("autoconnect_unverified_implementations", autoconnect_unverified_implementations,
            "no"),
    AUTOCONNECT("autoconnect_interface_mode", MODE, autoconnect_interface_mode),
    AUTOCONNECT("autoconnect_interface_gravity", INT, autoconnect_interface_gravity),
    BOOL_LATER("autoconnect_announces_to_internal", autoconnect_announces_to_internal, "no"),
    BOOL_LATER("publish_blackhole", publish_blackhole, "no"),
    HASHES("blackhole_sources", blackhole_sources),
    SETTING("blackhole_update_interval", REAL, FIELD(blackhole_update_interval_min), CLAMP,
            LATER, 2, ANY_HIGH, "60"),
    SETTING("default_gravity", INT, FIELD(default_gravity), ERROR, PLAIN, -2147483648.0,
            2147483647.0, "0"),
    LIMIT("default_ar_target",  INT, default_ar_target_s, COUNT_HIGH, "3600"),
    LIMIT("default_ar_penalty", INT, default_ar_penalty_s, COUNT_HIGH, "0"),
    LIMIT("default_ar_grace",   INT, default_ar_grace, COUNT_HIGH, "5"),
    LIMIT("ic_max_held_announces",    INT, limits.max_held_announces, COUNT_HIGH, "256"),
    LIMIT("ic_burst_hold",            REAL, limits.burst_hold_s, RATE_HIGH, "15"),
    LIMIT("ic_burst_freq_new",        REAL, limits.burst_freq_new_hz, RATE_HIGH, "3"),
    LIMIT("ic_burst_freq",            REAL, limits.burst_freq_hz, RATE_HIGH, "10"),
    LIMIT("ic_pr_burst_freq_new",     REAL, limits.pr_burst_freq_new_hz, RATE_HIGH, "3"),
    LIMIT("ic_pr_burst_freq",         REAL, limits.pr_burst_freq_hz, RATE_HIGH, "8"),
    LIMIT("ic_new_time",              REAL, limits.new_time_s, RATE_HIGH, "7200"),
    LIMIT("ic_burst_penalty",         REAL, limits.burst_penalty_s, RATE_HIGH, "15"),
    LIMIT("ic_held_release_interval", REAL, limits.held_release_interval_s, RATE_HIGH, "5"),
    LIMIT("ec_pr_freq",               REAL, limits.egress_pr_freq_hz, RATE_HIGH, "5"),
    BOOL("egress_control", limits.egress_control, "no"),
    LENGTH("qlen_in_data",     queue_data, "1024"),
    LENGTH("qlen_in_announce", queue_announce, "128"),
    LENGTH("qlen_in_pr",       queue_path_request, "128"),
    LENGTH("qlen_in_il",       queue_ingress_limited, "8"),
};

static const setting_t reticule_rows[] = {
    SETTING("verify_threads", INT, FIELD(verify_threads), ERROR, PLAIN, 0, 64, "-1"),
};

static const setting_t memory_rows[] = {
    SETTING_WORDS("profile", FIELD(profile), ERROR, "server", " server router mcu tiny ",
            "server, router, mcu or tiny"),
};

#define TABLE(rows) {rows, sizeof (rows) / sizeof (rows)[0]}
static const settings_t memory = TABLE(memory_rows);
static const struct { const char *name; settings_t settings; } plain_sections[] = {
    {"logging",   TABLE(logging_rows)},
    {"reticulum", TABLE(reticulum_rows)},
    {"reticule",  TABLE(reticule_rows)},
};
#define PLAIN_SECTIONS (sizeof plain_sections / sizeof plain_sections[0])
// clang-format on

void config_note(config_t *config, config_severity_t severity, unsigned line, const char *format,
                 ...) {
    char text[NOTE_MAX];
    config_note_t *note = &config->notes[config->note_count];
    va_list args;

    config->error_count += severity == CONFIG_ERROR ? 1 : 0;
    if (config->note_count == CONFIG_NOTES_MAX) {
        return; // errors are still counted
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    config->note_count++;
    note->severity = severity;
    note->line = line;
    note->text = line == 0 ? arena_format(&config->arena, "%s (%s)", text, config->file)
                           : arena_format(&config->arena, "%s (%s:%u)", text, config->file, line);
}

// By line, those of one line as they came.
static void sort_notes(config_t *config) {
    for (size_t i = 1; i < config->note_count; i++) {
        config_note_t note = config->notes[i];
        size_t at = i;

        for (; at > 0 && config->notes[at - 1].line > note.line; at--) {
            config->notes[at] = config->notes[at - 1];
        }
        config->notes[at] = note;
    }
}

static void read_count(config_t *config, const configobj_entry_t *entry) {
    const setting_t row = {entry->name, SETTING_INT, 0,    BEYOND_ERROR, 0,
                           0,           COUNT_HIGH,  NULL, NULL,         NULL};
    const settings_t table = {&row, 1};
    config_count_t *count = &config->counts[config->count_count];

    if (config->count_count == CONFIG_COUNTS_MAX) {
        config_note(config, CONFIG_ERROR, entry->line, "more than %u rows in [memory]",
                    CONFIG_COUNTS_MAX);
        return;
    }
    settings_apply(config, table, entry->parent, &count->count);
    count->row = entry->name;
    count->line = entry->line;
    config->count_count++;
}

static void read_memory(config_t *config, const configobj_entry_t *section) {
    settings_apply(config, memory, section, config);
    for (const configobj_entry_t *entry = section->children; entry != NULL; entry = entry->next) {
        if (settings_find(memory, entry->name) == NULL) {
            read_count(config, entry);
        }
    }
}

static const configobj_entry_t *find_section(config_t *config, const configobj_entry_t *root,
                                             const char *name) {
    const configobj_entry_t *entry = configobj_find(root, name);

    if (entry != NULL && entry->kind != CONFIGOBJ_SECTION) {
        config_note(config, CONFIG_ERROR, entry->line, "%s is a section: write [%s]", name, name);
        return NULL;
    }
    return entry;
}

static bool is_known_section(const char *name) {
    for (size_t i = 0; i < PLAIN_SECTIONS; i++) {
        if (strcmp(plain_sections[i].name, name) == 0) {
            return true;
        }
    }
    return strcmp(name, "interfaces") == 0 || strcmp(name, "memory") == 0 ||
           strcmp(name, "DEFAULT") == 0; // what interpolation falls back to
}

static void read_root(config_t *config, const configobj_entry_t *root) {
    const configobj_entry_t *section;

    for (size_t i = 0; i < PLAIN_SECTIONS; i++) {
        section = find_section(config, root, plain_sections[i].name);
        if (section != NULL) {
            settings_apply(config, plain_sections[i].settings, section, config);
            settings_warn_unknown(config, &plain_sections[i].settings, 1, section,
                                  arena_format(&config->arena, "[%s]", section->name));
        }
    }
    if (!RNSI_LINK_MTU_CAN_BE_OFF) {
        config->link_mtu_discovery = true;
    }
    section = find_section(config, root, "memory");
    if (section != NULL) {
        read_memory(config, section);
    }
    section = find_section(config, root, "interfaces");
    if (section != NULL) {
        config_read_interfaces(config, section);
    }
    for (const configobj_entry_t *entry = root->children; entry != NULL; entry = entry->next) {
        if (!is_known_section(entry->name)) {
            config_note(config, CONFIG_WARNING, entry->line, "unknown %s %s, left out",
                        entry->kind == CONFIGOBJ_SECTION ? "section" : "option", entry->name);
        }
    }
}

static void config_start(config_t *config, const char *file) {
    memset(config, 0, sizeof *config);
    config->file = arena_text(&config->arena, file, strlen(file));
    for (size_t i = 0; i < PLAIN_SECTIONS; i++) {
        settings_preset(config, plain_sections[i].settings, config);
    }
    settings_preset(config, memory, config);
}

static bool config_fill(config_t *config, const char *text, size_t size) {
    configobj_error_t error;
    const configobj_entry_t *root = configobj_parse(&config->arena, text, size, &error);

    if (root == NULL) {
        config_note(config, CONFIG_ERROR, error.line, "%s", error.text);
    } else {
        read_root(config, root);
        sort_notes(config);
    }
    return config->error_count == 0;
}

bool config_parse(config_t *config, const char *file, const char *text, size_t size) {
    config_start(config, file);
    return config_fill(config, text, size);
}

static bool write_default(config_t *config, const char *path) {
    // For its owner alone: passphrases will stand in it.
    int handle = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    FILE *file = handle < 0 ? NULL : fdopen(handle, "w");
    bool written = file != NULL && fputs(config_default_text, file) >= 0;

    if (file != NULL && fclose(file) != 0) {
        written = false;
    }
    if (!written) {
        config_note(config, CONFIG_ERROR, 0, "the default configuration cannot be written: %s",
                    strerror(errno));
    }
    config->created = written;
    return written;
}

// The whole file, as far as a configuration may be long; one byte more tells that it is longer.
static bool read_file(config_t *config, const char *path, char **text, size_t *size) {
    FILE *file = fopen(path, "rb");
    struct stat info;
    bool good = file != NULL && fstat(fileno(file), &info) == 0;

    if (good && S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        good = false;
    }
    *text = good ? malloc(CONFIGOBJ_FILE_MAX + 1U) : NULL;
    if (*text != NULL) {
        *size = fread(*text, 1, CONFIGOBJ_FILE_MAX + 1U, file);
    }
    if (*text == NULL || ferror(file)) {
        config_note(config, CONFIG_ERROR, 0, "the configuration cannot be read: %s",
                    strerror(errno));
        good = false;
    }
    if (file != NULL) {
        fclose(file);
    }
    return good;
}

bool config_load(config_t *config, const char *directory) {
    struct stat info;
    char *text = NULL;
    size_t size = 0;
    bool good;

    config_start(config, "");
    config->file = arena_format(&config->arena, "%s/config", directory);
    if (stat(config->file, &info) != 0 && errno == ENOENT && !write_default(config, config->file)) {
        return false;
    }
    good = read_file(config, config->file, &text, &size) && config_fill(config, text, size);
    if (text != NULL) {
        explicit_bzero(text, size);
        free(text);
    }
    return good;
}

bool config_check_rows(config_t *config, size_t (*row)(const char *name)) {
    size_t before = config->error_count;

    for (size_t i = 0; i < config->count_count; i++) {
        if (row(config->counts[i].row) == SIZE_MAX) {
            config_note(config, CONFIG_ERROR, config->counts[i].line,
                        "[memory] has no row %s; rnmem prints their names", config->counts[i].row);
        }
    }
    sort_notes(config);
    return config->error_count == before;
}

void config_close(config_t *config) {
    arena_free(&config->arena);
    explicit_bzero(config, sizeof *config);
}
