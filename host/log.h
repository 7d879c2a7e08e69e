// host/log.h -- lines for people: the reference's levels, format and destinations.
//
// One log for the process, for any thread. Secrets are not for it: callers pass none. Control
// characters in a message (names come from the network) are shown as '?'.
#ifndef HOST_LOG_H_INCLUDED
#define HOST_LOG_H_INCLUDED

#include <stdbool.h>

#define LOG_FILE_MAX 5242880 // bytes of the file before it becomes FILE.1 (RNS.LOG_MAXSIZE)
#define LOG_LINE_MAX 4096    // bytes of a line; longer ones are cut

typedef enum {
    LOG_LEVEL_CRITICAL,
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_NOTICE,
    LOG_LEVEL_INFO,
    LOG_LEVEL_VERBOSE,
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_PATHING,
    LOG_LEVEL_EXTREME
} log_level_t;

// Where lines go from now on; at first it is stdout. log_to_file() appends to the file, `path` is
// copied; false: it cannot be opened, errno says why, nothing changes. A file that cannot be
// written any more is given up for stdout, with a line that says so.
void log_to_stdout(void);
bool log_to_file(const char *path);
void log_to_callback(void (*call)(void *context, const char *line), void *context);

// The level up to which lines are written, cut to 0..8; at first 3 (notice).
void log_set_level(int level);
log_level_t log_get_level(void);

// Whether lines begin with the time; at first they do.
void log_set_timestamps(bool on);

// True when a line of this level would be written: ask before dear work for one.
bool log_is_on(log_level_t level);

// Writes a line; `format` as of printf(). Costs a comparison when the level is off. It waits for
// the file or the terminal.
void log_line(log_level_t level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
