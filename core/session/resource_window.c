// resource_window.c -- how many parts are asked for at once, and how long they may take
// (RNS/Resource.py: receive_part, update_eifr, __watchdog_job). Integers only: rates are bytes a
// second, in-flight rates bits a second, as the reference has them.
#include "session/transfer.h"

#define RETRY_GRACE (250 * RNSI_MS)
#define RETRY_DELAY (500 * RNSI_MS)

void rnsi_window_begin(struct rnsi_resource_in *in, const struct rnsi_link *link, rns_us_t now) {
    in->window = (uint16_t)(link->last_window != 0 ? link->last_window : RNSI_RESOURCE_WINDOW);
    in->window_min = RNSI_WINDOW_MIN;
    in->window_max = RNSI_WINDOW_MAX_SLOW;
    in->fast_rounds = in->slow_rounds = 0;
    in->previous_eifr = link->last_eifr;
    in->eifr = in->response_rate = in->data_rate = 0;
    in->rtt_us = 0;
    in->rated = false;
    in->retries = RNSI_RESOURCE_RETRIES;
    in->activity_at = in->segment_at = now;
}

uint32_t rnsi_window_size(const rns_node_t *node, const struct rnsi_resource_in *in, uint32_t sdu) {
    const uint32_t room = 1 + in->early_count + rnsi_piece_room(node, sdu);
    return in->window < room ? in->window : room;
}

void rnsi_window_asked(struct rnsi_resource_in *in, rns_us_t now, uint32_t outstanding,
                       size_t packet_size) {
    in->outstanding = (uint16_t)outstanding;
    in->activity_at = in->asked_at = now;
    in->ask_bytes = (uint16_t)packet_size;
    in->received = 0;
    in->answered = false;
}

static uint32_t rate_of(uint64_t bytes, rns_us_t span) {
    const uint64_t rate = bytes * (uint64_t)RNSI_SECOND / (uint64_t)span;
    return rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX;
}

static void count_fast(struct rnsi_resource_in *in, uint32_t rate) {
    if (rate > RNSI_RATE_FAST && in->fast_rounds < RNSI_FAST_THRESHOLD &&
        ++in->fast_rounds == RNSI_FAST_THRESHOLD) {
        in->window_max = RNSI_WINDOW_MAX;
    }
}

static void count_slow(struct rnsi_resource_in *in, uint32_t rate) {
    if (in->fast_rounds == 0 && rate < RNSI_RATE_VERY_SLOW &&
        in->slow_rounds < RNSI_VERY_SLOW_THRESHOLD &&
        ++in->slow_rounds == RNSI_VERY_SLOW_THRESHOLD) {
        in->window_max = RNSI_WINDOW_VERY_SLOW;
    }
}

// The round trip moves at most 5 % towards a measure.
static rns_us_t towards(rns_us_t rtt, rns_us_t measured) {
    const rns_us_t step = rtt / 20;
    if (measured < rtt) {
        return rtt - step > measured ? rtt - step : measured;
    }
    return rtt + step < measured ? rtt + step : measured;
}

static void first_answer(struct rnsi_resource_in *in, const struct rnsi_link *link,
                         rns_us_t measured, size_t packet_size) {
    in->answered = in->rated = true;
    in->rtt_us = in->rtt_us == 0 ? link->rtt_us : towards(in->rtt_us, measured);
    if (measured > 0) {
        in->response_rate = rate_of(packet_size + in->ask_bytes, measured);
        count_fast(in, in->response_rate);
    }
}

void rnsi_window_part(struct rnsi_resource_in *in, const struct rnsi_link *link, rns_us_t now,
                      size_t part_size, size_t packet_size) {
    in->activity_at = now;
    in->retries = RNSI_RESOURCE_RETRIES;
    if (!in->answered) {
        first_answer(in, link, now - in->asked_at, packet_size);
    }
    in->received += (uint32_t)part_size;
    if (in->outstanding > 0) {
        in->outstanding--;
    }
}

// Resource.update_eifr
static uint32_t update_eifr(struct rnsi_resource_in *in, struct rnsi_link *link) {
    const rns_us_t rtt = in->rtt_us != 0 ? in->rtt_us : link->rtt_us;
    if (in->data_rate != 0) {
        in->eifr = in->data_rate < UINT32_MAX / 8 ? in->data_rate * 8 : UINT32_MAX;
    } else if (in->previous_eifr != 0) {
        in->eifr = in->previous_eifr;
    } else {
        in->eifr = rate_of((uint64_t)link->cost * 8, rtt > 0 ? rtt : 1);
    }
    in->eifr = in->eifr > 0 ? in->eifr : 1;
    link->expected_rate = in->eifr;
    return in->eifr;
}

void rnsi_window_round(struct rnsi_resource_in *in, struct rnsi_link *link, rns_us_t now) {
    if (in->window < in->window_max) {
        in->window++;
        if (in->window - in->window_min > (int)RNSI_WINDOW_FLEXIBILITY - 1) {
            in->window_min++;
        }
    }
    const rns_us_t span = now - in->asked_at;
    if (span > 0) {
        in->data_rate = rate_of(in->received, span);
        (void)update_eifr(in, link);
        count_fast(in, in->data_rate);
        count_slow(in, in->data_rate);
    }
}

void rnsi_window_shrink(struct rnsi_resource_in *in) {
    if (in->window > in->window_min) {
        in->window--;
        if (in->window_max > in->window_min) {
            in->window_max--;
            if (in->window_max - in->window > (int)RNSI_WINDOW_FLEXIBILITY - 1) {
                in->window_max--;
            }
        }
    }
}

static rns_us_t span_of(uint64_t bits, uint32_t rate) {
    return (rns_us_t)(bits * (uint64_t)RNSI_SECOND / rate);
}

rns_us_t rnsi_window_due(struct rnsi_resource_in *in, struct rnsi_link *link, uint32_t sdu) {
    const uint32_t eifr = update_eifr(in, link);
    const rns_us_t factor = in->rated ? RNSI_PART_FACTOR_RATED : RNSI_PART_FACTOR;
    const rns_us_t extra = (rns_us_t)(RNSI_RESOURCE_RETRIES - in->retries) * RETRY_DELAY;
    rns_us_t wait = 0;
    if (in->response_rate != 0) {
        wait = factor * span_of((uint64_t)in->outstanding * sdu * 8, eifr);
        if (in->waits_for_map || in->outstanding == 0) {
            wait += span_of((uint64_t)sdu * 28, eifr); // Resource.HMU_WAIT_FACTOR: 3.5 bytes
        }
    } else {
        wait = factor * span_of((uint64_t)3 * sdu, eifr);
    }
    return in->activity_at + wait + RETRY_GRACE + extra;
}
