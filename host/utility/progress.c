// progress.c -- see progress.h.
#include "host/utility/progress.h"

#include <inttypes.h>
#include <stdio.h>

#define MILLION 1000000U

static const progress_sample_t *newest(const progress_t *progress) {
    return &progress->sample[(progress->count - 1) % PROGRESS_SAMPLES];
}

static const progress_sample_t *oldest(const progress_t *progress) {
    return progress->count <= PROGRESS_SAMPLES
               ? &progress->sample[0]
               : &progress->sample[progress->count % PROGRESS_SAMPLES];
}

void progress_add(progress_t *progress, rns_us_t now, uint64_t done, uint64_t sent) {
    if (progress->count == 0) {
        progress->started = now;
    }
    progress->sample[progress->count % PROGRESS_SAMPLES] = (progress_sample_t){now, done, sent};
    progress->count++;
    if (progress->count >= UINT32_MAX - 1) { // keep its place in the turn
        progress->count = PROGRESS_SAMPLES + progress->count % PROGRESS_SAMPLES;
    }
}

static uint64_t share(uint64_t whole, uint64_t part, uint64_t parts) {
    return parts > 0 ? (uint64_t)((double)whole * ((double)part / (double)parts)) : 0;
}

void progress_take(progress_t *progress, rns_us_t now, const rns_resource_info_t *info) {
    progress->total = info->size;
    if (info->segment != progress->segment) {
        progress->sent_before += progress->sent;
        progress->segment = info->segment;
    }
    progress->sent = share(info->transfer_size, info->parts_done, info->parts);
    progress_add(progress, now, share(info->size, info->progress_ppm, MILLION),
                 progress->sent_before + progress->sent);
}

uint64_t progress_done(const progress_t *progress) {
    return progress->count > 0 ? newest(progress)->done : 0;
}

static uint64_t rate(uint64_t from, uint64_t to, rns_us_t span_us) {
    return to > from && span_us > 0 ? (uint64_t)((double)(to - from) * 1e6 / (double)span_us) : 0;
}

uint64_t progress_rate(const progress_t *progress) {
    if (progress->count < 2) {
        return 0;
    }
    const progress_sample_t *from = oldest(progress), *to = newest(progress);
    return rate(from->done, to->done, to->at - from->at);
}

uint64_t progress_sent_rate(const progress_t *progress) {
    if (progress->count < 2) {
        return 0;
    }
    const progress_sample_t *from = oldest(progress), *to = newest(progress);
    return rate(from->sent, to->sent, to->at - from->at);
}

static double percent(const progress_t *progress) {
    return progress->total > 0 ? (double)progress_done(progress) * 100.0 / (double)progress->total
                               : 0;
}

void progress_text(const progress_t *progress, bool physical, char out[PROGRESS_TEXT]) {
    const uint64_t speed = progress_rate(progress), done = progress_done(progress);
    char done_text[UNITS_MAX], total[UNITS_MAX], speed_text[UNITS_MAX], sent[UNITS_MAX];
    char physical_text[2 * UNITS_MAX] = "", left[2 * UNITS_MAX] = "";
    units_size((double)done, done_text);
    units_size((double)progress->total, total);
    units_rate((double)speed, speed_text);
    if (physical) {
        units_rate((double)progress_sent_rate(progress), sent);
        (void)snprintf(physical_text, sizeof physical_text, " (%s at physical layer)", sent);
    }
    if (speed > 0 && done < progress->total) {
        const uint64_t seconds = (progress->total - done + speed - 1) / speed;
        char time[UNITS_MAX];
        units_time_whole((double)seconds, time);
        (void)snprintf(left, sizeof left, " - %s left", time);
    }
    (void)snprintf(out, PROGRESS_TEXT, "%.1f%% - %s of %s - %s%s%s", percent(progress), done_text,
                   total, speed_text, physical_text, left);
}

void progress_end_text(const progress_t *progress, rns_us_t now, char out[PROGRESS_TEXT]) {
    const double seconds = (double)(now - progress->started) / 1e6;
    char total[UNITS_MAX], speed[UNITS_MAX], time[UNITS_MAX];
    units_size((double)progress->total, total);
    units_time(seconds, time);
    units_rate((double)rate(0, progress->total, now - progress->started), speed);
    (void)snprintf(out, PROGRESS_TEXT, "100.0%% - %s of %s in %s - %s", total, total, time, speed);
}
