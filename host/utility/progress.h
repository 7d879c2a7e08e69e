// host/utility/progress.h -- how far a transfer is, how fast, and how long it takes yet.
#ifndef HOST_UTILITY_PROGRESS_H_INCLUDED
#define HOST_UTILITY_PROGRESS_H_INCLUDED

#include <stdbool.h>

#include "host/utility/units.h"
#include "rns/resource.h"

#define PROGRESS_SAMPLES 32U  // that the rate is taken over, as the reference does
#define PROGRESS_TEXT    384U // bytes of a text with its NUL

typedef struct {
    rns_us_t at;
    uint64_t done, sent; // bytes of the whole; of its segments as they cross the link
} progress_sample_t;

typedef struct {
    progress_sample_t sample[PROGRESS_SAMPLES]; // in turn
    unsigned count;                             // taken so far
    uint64_t total;                             // bytes of the whole
    uint64_t segment, sent, sent_before;
    rns_us_t started; // 0: not yet
} progress_t;         // zero has not begun

// Takes a sample of a transfer; the first begins.
void progress_take(progress_t *progress, rns_us_t now, const rns_resource_info_t *info);

// The same from figures alone.
void progress_add(progress_t *progress, rns_us_t now, uint64_t done, uint64_t sent);

uint64_t progress_done(const progress_t *progress);      // bytes
uint64_t progress_rate(const progress_t *progress);      // bytes a second; 0: not known
uint64_t progress_sent_rate(const progress_t *progress); // the same of the physical layer

// "45.3% - 1.20 MB of 2.65 MB - 8.05 Mbps (9.00 Mbps at physical layer) - 2s left"
void progress_text(const progress_t *progress, bool physical, char out[PROGRESS_TEXT]);

// "100.0% - 2.65 MB of 2.65 MB in 2.1s - 8.05 Mbps", over all of its time.
void progress_end_text(const progress_t *progress, rns_us_t now, char out[PROGRESS_TEXT]);

#endif
