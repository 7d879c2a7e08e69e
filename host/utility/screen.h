// host/utility/screen.h -- what a utility says of what it does: on a terminal one line that
// changes, with something that turns; elsewhere a line each, and no progress.
#ifndef HOST_UTILITY_SCREEN_H_INCLUDED
#define HOST_UTILITY_SCREEN_H_INCLUDED

#include <stdbool.h>
#include <stdio.h>

#include "rns/types.h"

#define SCREEN_TEXT     512U
#define SCREEN_EVERY_US 100000 // between two turns

typedef struct {
    FILE *out;
    bool is_live;  // a terminal, and not silent
    bool is_quiet; // says nothing of what goes on where it is not live
    char text[SCREEN_TEXT];
    unsigned turn;
    rns_us_t drawn;
} screen_t;

// silent: as if it were no terminal.
void screen_open(screen_t *screen, FILE *out, bool silent);

// What goes on now.
void screen_state(screen_t *screen, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The same on a terminal, and nothing elsewhere.
void screen_progress(screen_t *screen, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Draws what goes on again, if it is time to.
void screen_turn(screen_t *screen, rns_us_t now);

// A line that stays, in place of what goes on.
void screen_line(screen_t *screen, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Takes away what goes on.
void screen_clear(screen_t *screen);

#endif
