// rnsd.c -- the daemon, as RNS/Utilities/rnsd.py. Exit codes: 0 ended by a signal, 2 the command
// line cannot be meant, 255 it cannot go on.
#include <stdio.h>

#include "host/config.h"
#include "host/daemon.h"
#include "host/log.h"
#include "host/options.h"
#include "host/startup.h"

#define REFERENCE_VERSION "1.5.7"

typedef struct {
    const char *directory;
    int verbose, quiet;
    bool service, interactive, example;
} wish_t;

static bool read_options(wish_t *wish, int argc, char **argv, int *code) {
    const option_t rows[] = {
        {OPTION_TEXT, 0, "config", &wish->directory, NULL,
         "the directory of the configuration, instead of the default one"},
        {OPTION_COUNT, 'v', "verbose", &wish->verbose, NULL, "log more"},
        {OPTION_COUNT, 'q', "quiet", &wish->quiet, NULL, "log less"},
        {OPTION_FLAG, 's', "service", &wish->service, NULL,
         "run as a service: log to a file in the directory"},
        {OPTION_FLAG, 'i', "interactive", &wish->interactive, NULL,
         "accepted, but there is no Python shell here: runs as without it"},
        {OPTION_FLAG, 0, "exampleconfig", &wish->example, NULL,
         "print a configuration with all its options and exit"},
    };
    const options_t options = {"rnsd", "Reticulum Network Stack Daemon", rows,
                               sizeof rows / sizeof rows[0]};
    return options_parse(&options, argc, argv, stdout, stderr, code);
}

static int run(const startup_t *startup) {
    const daemon_options_t options = {.config = &startup->config,
                                      .directory = startup->directory,
                                      .with_signals = true,
                                      .is_only = true};
    daemon_t *daemon = daemon_open(&options);
    if (daemon == NULL) {
        return DAEMON_EXIT_PANIC;
    }
    log_line(LOG_LEVEL_NOTICE, "Started rnsd version %s (reticule %s)", REFERENCE_VERSION,
             RETICULE_VERSION);
    const int code = daemon_run(daemon);
    daemon_close(daemon);
    return code;
}

int rnsd_main(int argc, char **argv) {
    wish_t wish = {NULL, 0, 0, false, false, false};
    startup_t startup;
    int code = 0;
    if (!read_options(&wish, argc, argv, &code)) {
        return code;
    }
    if (wish.example) {
        return config_print_example(stdout) ? 0 : 1;
    }
    // The reference leaves the level of a service to its configuration.
    const int verbosity = wish.service ? 0 : wish.verbose - wish.quiet;
    code = DAEMON_EXIT_PANIC;
    if (startup_open(&startup, wish.directory, wish.service, verbosity)) {
        if (wish.interactive) {
            log_line(LOG_LEVEL_WARNING, "There is no interactive shell in this rnsd: it runs "
                                        "without; rnstatus and rnpath show what it does");
        }
        code = run(&startup);
    }
    startup_close(&startup);
    return code;
}
