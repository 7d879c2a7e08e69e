// screen.c -- see screen.h.
#include "host/utility/screen.h"

#include <stdarg.h>
#include <unistd.h>

#define ERASE "\x1b[2K\r"

void screen_open(screen_t *screen, FILE *out, bool silent) {
    *screen = (screen_t){.out = out, .is_live = !silent && isatty(fileno(out)) == 1};
}

static void draw(const screen_t *screen) {
    static const char turning[] = {'|', '/', '-', '\\'};
    (void)fprintf(screen->out, ERASE "%s %c ", screen->text,
                  turning[screen->turn % sizeof turning]);
    (void)fflush(screen->out);
}

void screen_state(screen_t *screen, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(screen->text, sizeof screen->text, format, args);
    va_end(args);
    if (screen->is_live) {
        draw(screen);
    } else if (!screen->is_quiet) {
        (void)fprintf(screen->out, "%s\n", screen->text);
        (void)fflush(screen->out);
    }
}

void screen_progress(screen_t *screen, const char *format, ...) {
    va_list args;
    if (screen->is_live) {
        va_start(args, format);
        (void)vsnprintf(screen->text, sizeof screen->text, format, args);
        va_end(args);
    }
}

void screen_turn(screen_t *screen, rns_us_t now) {
    if (screen->is_live && screen->text[0] != '\0' && now - screen->drawn >= SCREEN_EVERY_US) {
        screen->drawn = now;
        screen->turn++;
        draw(screen);
    }
}

void screen_line(screen_t *screen, const char *format, ...) {
    va_list args;
    screen_clear(screen);
    va_start(args, format);
    (void)vfprintf(screen->out, format, args);
    va_end(args);
    (void)fputc('\n', screen->out);
    (void)fflush(screen->out);
}

void screen_clear(screen_t *screen) {
    if (screen->is_live && screen->text[0] != '\0') {
        (void)fputs(ERASE, screen->out);
        (void)fflush(screen->out);
    }
    screen->text[0] = '\0';
}
