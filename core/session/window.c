// window.c -- see window.h.
#include "session/window.h"

#define RTT_FAST      (180 * RNSI_MS)           // Channel.RTT_FAST
#define RTT_MEDIUM    (750 * RNSI_MS)           // Channel.RTT_MEDIUM
#define RTT_MOST      (RNSI_SECOND * 24 * 3600) // the peer has a say in it: nothing overflows
#define ROUNDS        10U                       // Channel.FAST_RATE_THRESHOLD
#define TIMEOUT_LEAST (25 * RNSI_MS)
#define MAX_MEDIUM    12U // Channel.WINDOW_MAX_MEDIUM
#define MIN_MEDIUM    5U  // Channel.WINDOW_MIN_LIMIT_MEDIUM
#define MIN_FAST      16U // Channel.WINDOW_MIN_LIMIT_FAST

void rnsi_window_open(struct rnsi_channel *channel, rns_us_t rtt) {
    const bool is_slow = rtt > RNSI_RTT_SLOW;
    channel->window = is_slow ? 1 : 2;      // Channel.WINDOW
    channel->window_min = is_slow ? 1 : 2;  // Channel.WINDOW_MIN
    channel->window_max = is_slow ? 1 : 5;  // Channel.WINDOW_MAX_SLOW
    channel->flexibility = is_slow ? 1 : 4; // Channel.WINDOW_FLEXIBILITY
}

// A class of links is left to once: when its rounds reach the threshold, not beyond.
static bool round_is(uint16_t *rounds) {
    *rounds = (uint16_t)(*rounds + (*rounds <= ROUNDS));
    return *rounds == ROUNDS;
}

static void widen(struct rnsi_channel *channel, uint16_t most, uint16_t least) {
    if (channel->window_max < most) {
        channel->window_max = most;
        channel->window_min = least;
    }
}

void rnsi_window_proved(struct rnsi_channel *channel, rns_us_t rtt) {
    channel->window = (uint16_t)(channel->window + (channel->window < channel->window_max));
    if (rtt == 0) {
        return; // not measured
    }
    if (rtt <= RTT_FAST) {
        if (round_is(&channel->fast_rounds)) {
            widen(channel, RNSI_CHANNEL_WINDOW, MIN_FAST);
        }
        return;
    }
    channel->fast_rounds = 0;
    if (rtt > RTT_MEDIUM) {
        channel->medium_rounds = 0;
    } else if (round_is(&channel->medium_rounds)) {
        widen(channel, MAX_MEDIUM, MIN_MEDIUM);
    }
}

void rnsi_window_missed(struct rnsi_channel *channel) {
    if (channel->window <= channel->window_min) {
        return;
    }
    channel->window--;
    channel->window_max =
        (uint16_t)(channel->window_max -
                   (channel->window_max > channel->window_min + channel->flexibility));
}

// 1.5^(tries-1) * max(2.5 rtt, 25 ms) * (ring + 1.5), divided once, at the end.
rns_us_t rnsi_window_product(rns_us_t rtt, unsigned tries, unsigned ring, unsigned *halves) {
    const rns_us_t twice = (rtt < RTT_MOST ? rtt : RTT_MOST) * 5;
    rns_us_t product =
        (twice > TIMEOUT_LEAST * 2 ? twice : TIMEOUT_LEAST * 2) * ((rns_us_t)ring * 2 + 3);
    for (*halves = 2; *halves <= tries && *halves <= RNSI_CHANNEL_TRIES; (*halves)++) {
        product *= 3;
    }
    return product;
}

rns_us_t rnsi_window_timeout(rns_us_t rtt, unsigned tries, unsigned ring) {
    unsigned halves;
    const rns_us_t product = rnsi_window_product(rtt, tries, ring, &halves);
    return product >> halves;
}
