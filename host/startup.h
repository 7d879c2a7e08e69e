// host/startup.h -- what every program that runs a node does first: directory, log, configuration.
#ifndef HOST_STARTUP_H_INCLUDED
#define HOST_STARTUP_H_INCLUDED

#include <stdbool.h>

#include "host/arena.h"
#include "host/config.h"

typedef struct {
    config_t config;
    const char *directory;
    arena_t arena;
} startup_t;

// Finds the directory (argument may be NULL), makes its folders, reads its configuration, and sets
// up the log: to its file `logfile` if to_file is set, at the configured level plus verbosity. What
// the configuration has to say is logged. False: it cannot go on, the log says why. Call
// startup_close() in either case; startup need not be initialised.
bool startup_open(startup_t *startup, const char *argument, bool to_file, int verbosity);

// The same for a program that a user runs: logs to stdout at this level, whatever is configured,
// and leaves the warnings to rnsd.
bool startup_open_at(startup_t *startup, const char *argument, int level);

void startup_close(startup_t *startup);

#endif
