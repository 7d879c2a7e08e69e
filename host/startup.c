// startup.c -- see startup.h.
#include "host/startup.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "host/log.h"
#include "rns/memory.h"

static bool make_directories(startup_t *startup) {
    const char *failed = NULL;
    if (config_make_directories(&startup->arena, startup->directory, &failed)) {
        return true;
    }
    log_line(LOG_LEVEL_CRITICAL, "The directory %s cannot be made: %s", failed, strerror(errno));
    return false;
}

static bool open_log_file(startup_t *startup) {
    const char *path = arena_format(&startup->arena, "%s/logfile", startup->directory);
    if (log_to_file(path)) {
        return true;
    }
    log_line(LOG_LEVEL_CRITICAL, "The log file %s cannot be opened: %s", path, strerror(errno));
    return false;
}

static size_t row_of(const char *name) {
    const rns_pool_t pool = rns_pool_of(name);
    return pool < RNS_POOL_COUNT ? (size_t)pool : SIZE_MAX;
}

static log_level_t level_of(config_severity_t severity, bool is_user) {
    switch (severity) {
    case CONFIG_NOTICE:
        return LOG_LEVEL_NOTICE;
    case CONFIG_WARNING:
        return is_user ? LOG_LEVEL_VERBOSE : LOG_LEVEL_WARNING;
    case CONFIG_ERROR:
        break;
    }
    return LOG_LEVEL_ERROR;
}

static void log_notes(const config_t *config, bool is_user) {
    for (size_t i = 0; i < config->note_count; i++) {
        log_line(level_of(config->notes[i].severity, is_user), "%s", config->notes[i].text);
    }
}

static bool load_config(startup_t *startup) {
    const bool good = config_load(&startup->config, startup->directory);
    return good && config_check_rows(&startup->config, row_of);
}

static bool tell(const startup_t *startup, bool good, bool is_user) {
    log_set_timestamps(startup->config.log_timestamps);
    if (startup->config.created) {
        log_line(LOG_LEVEL_NOTICE,
                 "There was no configuration, so %s was written with the defaults",
                 startup->config.file);
    }
    log_notes(&startup->config, is_user);
    if (!good) {
        log_line(LOG_LEVEL_ERROR, "The configuration %s has errors", startup->config.file);
        return false;
    }
    log_line(LOG_LEVEL_VERBOSE, "Configuration loaded from %s", startup->config.file);
    return true;
}

bool startup_open(startup_t *startup, const char *argument, bool to_file, int verbosity) {
    memset(startup, 0, sizeof *startup);
    startup->directory = config_find_directory(&startup->arena, argument);
    if (!make_directories(startup) || (to_file && !open_log_file(startup))) {
        return false;
    }
    const bool good = load_config(startup);
    log_set_level((int)startup->config.log_level + verbosity);
    return tell(startup, good, false);
}

bool startup_open_at(startup_t *startup, const char *argument, int level) {
    memset(startup, 0, sizeof *startup);
    log_set_level(level);
    startup->directory = config_find_directory(&startup->arena, argument);
    return make_directories(startup) && tell(startup, load_config(startup), true);
}

void startup_close(startup_t *startup) {
    config_close(&startup->config);
    arena_free(&startup->arena);
}
