// herald.c -- see herald.h.
#include "host/utility/herald.h"

#include "host/clock.h"
#include "host/log.h"

static void announce(const herald_t *herald, rns_us_t now, rns_iface_t iface) {
    const rns_err_t err = rns_announce(utility_node(herald->utility), now, herald->dest,
                                       (rns_bytes_t){NULL, 0}, iface);
    if (err != RNS_ERR_OK && err != RNS_ERR_GONE) { // an interface may be gone again
        log_line(LOG_LEVEL_WARNING, "The announce could not be sent: %s", rns_err_text(err));
    }
    daemon_wake(herald->utility->daemon);
}

void herald_open(herald_t *herald, utility_t *utility, rns_dest_t dest, int64_t every_s) {
    const rns_us_t now = clock_now();
    *herald = (herald_t){.utility = utility,
                         .dest = dest,
                         .start_ends = now + HERALD_START_US,
                         .every_us = utility_us((double)every_s)};
    herald->next = herald->every_us > 0 ? now + herald->every_us : RNS_NEVER;
    herald_turn(herald, now);
}

static void tell_new(herald_t *herald, rns_us_t now) {
    rns_iface_t iface;
    while (now < herald->start_ends && utility_next_new(herald->utility, &herald->seen, &iface)) {
        herald->since[herald->seen.count - 1] = now;
    }
    while (herald->told < herald->seen.count &&
           now - herald->since[herald->told] >= HERALD_SETTLE_US) {
        announce(herald, now, herald->seen.at[herald->told++]);
    }
}

void herald_turn(herald_t *herald, rns_us_t now) {
    tell_new(herald, now);
    if (now >= herald->next) {
        herald->next = now + herald->every_us;
        announce(herald, now, (rns_iface_t){0, 0});
    }
}
