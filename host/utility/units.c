// units.c -- see units.h.
#include "host/utility/units.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define STEP        1000.0
#define PLACES_MOST 9
#define MINUTE      60.0
#define HOUR        3600.0
#define DAY         86400.0

static void scale(double value, const char *suffix, char out[UNITS_MAX]) {
    static const char units[] = {0, 'K', 'M', 'G', 'T', 'P', 'E', 'Z'};
    size_t unit = 0;
    while (fabs(value) >= STEP && unit + 1 < sizeof units) {
        value /= STEP;
        unit++;
    }
    if (unit == 0) {
        (void)snprintf(out, UNITS_MAX, "%.0f %s", value, suffix);
    } else {
        (void)snprintf(out, UNITS_MAX, "%.2f %c%s", value, units[unit], suffix);
    }
}

void units_size(double bytes, char out[UNITS_MAX]) {
    scale(bytes, "B", out);
}

void units_rate(double bytes_per_second, char out[UNITS_MAX]) {
    scale(bytes_per_second * 8, "bps", out);
}

void units_decimal(double value, int places, char out[UNITS_MAX]) {
    const int cut = places < 1 ? 1 : places > PLACES_MOST ? PLACES_MOST : places;
    const int size = snprintf(out, UNITS_MAX, "%.*f", cut, value);
    size_t end = size > 0 && (size_t)size < UNITS_MAX ? (size_t)size : strlen(out);
    while (end > 2 && out[end - 1] == '0' && out[end - 2] != '.') {
        end--;
    }
    out[end] = '\0';
}

static void write_time(double seconds, bool whole, char out[UNITS_MAX]) {
    static const double unit[] = {DAY, HOUR, MINUTE};
    static const char letter[] = {'d', 'h', 'm'};
    char part[4][UNITS_MAX / 4], text[UNITS_MAX];
    size_t parts = 0, used = 0;
    // Rounded before it is taken apart, so that there is no minute of 60 seconds.
    double left = whole ? floor(fabs(seconds) + 0.5) : floor(fabs(seconds) * 100 + 0.5) / 100;
    for (size_t i = 0; i < sizeof letter; i++) {
        const double count = floor(left / unit[i]);
        left -= count * unit[i];
        if (count > 0) {
            (void)snprintf(part[parts++], sizeof part[0], "%.0f%c", count, letter[i]);
        }
    }
    if (left >= 0.005) { // half a hundredth
        units_decimal(left, 2, text);
        (void)snprintf(part[parts++], sizeof part[0], "%.*ss",
                       (int)(whole ? strcspn(text, ".") : strlen(text)), text);
    }
    (void)snprintf(out, UNITS_MAX, "0s");
    for (size_t i = 0; i < parts; i++) {
        const char *between = i == 0 ? (seconds < 0 ? "-" : "") : i + 1 < parts ? ", " : " and ";
        const int size = snprintf(out + used, UNITS_MAX - used, "%s%s", between, part[i]);
        used += size > 0 && (size_t)size < UNITS_MAX - used ? (size_t)size : 0;
    }
}

void units_time(double seconds, char out[UNITS_MAX]) {
    write_time(seconds, false, out);
}

void units_time_whole(double seconds, char out[UNITS_MAX]) {
    write_time(seconds, true, out);
}
