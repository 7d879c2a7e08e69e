// link_watch.c -- the time of a link: its establishment, keepalives, a silent peer (RNS/Link.py:
// __watchdog_job, __update_keepalive). The reference looks every 5 s; here each look is due when
// something is.
#include "route/ask.h"
#include "route/path.h"
#include "rules.h"
#include "session/link.h"

#define KEEPALIVE_MIN     (5 * RNSI_SECOND)  // Link.KEEPALIVE_MIN
#define KEEPALIVE_MAX_RTT (1750 * RNSI_MS)   // Link.KEEPALIVE_MAX_RTT
#define TIMEOUT_FACTOR    4                  // Link.KEEPALIVE_TIMEOUT_FACTOR
#define STALE_GRACE       (5 * RNSI_SECOND)  // Link.STALE_GRACE
#define MAX_SLEEP         (5 * RNSI_SECOND)  // Link.WATCHDOG_MAX_SLEEP
#define PATH_REQUEST_MI   (20 * RNSI_SECOND) // Transport.PATH_REQUEST_MI
#define PING              0xFFU              // what the initiator's keepalive says

static rns_us_t earlier(rns_us_t a, rns_us_t b) {
    return a < b ? a : b;
}

static rns_us_t later(rns_us_t a, rns_us_t b) {
    return a > b ? a : b;
}

rns_us_t rnsi_keepalive_of(rns_us_t rtt) {
    const rns_us_t scaled = earlier(rtt, KEEPALIVE_MAX_RTT) * RNSI_KEEPALIVE / KEEPALIVE_MAX_RTT;
    return later(scaled, KEEPALIVE_MIN);
}

static rns_us_t heard_at(const struct rnsi_link *link) {
    return later(later(link->last_inbound, link->last_proof), link->activated_at);
}

// When the initiator's next keepalive is due: one way was silent, and so was it.
static rns_us_t ping_at(const struct rnsi_link *link) {
    const rns_us_t heard = heard_at(link);
    const rns_us_t silent_since =
        RNSI_PINGS_WHEN_SILENT ? earlier(heard, link->last_outbound) : heard;
    return later(silent_since, link->last_keepalive) + link->keepalive_us;
}

void rnsi_link_schedule(rns_node_t *node, struct rnsi_link *link) {
    rns_us_t due = heard_at(link) + link->stale_us;
    if (rnsi_link_is_initiator(link)) {
        due = earlier(due, ping_at(link));
    }
    rnsi_timer_set(RNSI_POOL(node, LINK), link, due);
}

static void watch_active(rns_node_t *node, struct rnsi_link *link) {
    if (rnsi_link_is_initiator(link) && node->now >= ping_at(link)) {
        const uint8_t ping = PING;
        link->last_keepalive = node->now; // also if nothing takes it: the next is an interval away
        rnsi_link_send_bare(node, link, RNSI_TYPE_DATA, RNSI_CONTEXT_KEEPALIVE,
                            (rns_bytes_t){&ping, 1});
    }
    if (node->now < heard_at(link) + link->stale_us) {
        rnsi_link_schedule(node, link);
        return;
    }
    link->state = RNS_LINK_STALE;
    rnsi_timer_set(RNSI_POOL(node, LINK), link,
                   node->now + earlier(link->rtt_us * TIMEOUT_FACTOR + STALE_GRACE, MAX_SLEEP));
}

// A link that we asked for never came: perhaps the path is wrong (Transport.jobs).
static void rediscover(rns_node_t *node, const uint8_t dest[16]) {
    struct rnsi_path *path = rnsi_path_find(node, dest);
    if (path != NULL) {
        rnsi_path_drop(node, path);
    }
    const rns_us_t asked = rnsi_ask_last(node, dest);
    if (asked == RNSI_NOT_ASKED || node->now - asked > PATH_REQUEST_MI) {
        const rnsi_iface_ref_t none = {RNSI_NO_IFACE, 0};
        rnsi_ask_queue(node, dest, none);
    }
}

static void give_up(rns_node_t *node, struct rnsi_link *link) {
    uint8_t dest[16];
    memcpy(dest, link->dest, sizeof dest);
    const bool was_asked_for = link->state == RNS_LINK_PENDING;
    rnsi_link_close(node, link, RNS_LINK_TIMEOUT, false);
    if (was_asked_for && !rnsi_transports(node)) {
        rediscover(node, dest);
    }
}

void rnsi_link_due(rns_node_t *node, struct rnsi_link *link) {
    switch ((rns_link_state_t)link->state) {
    case RNS_LINK_PENDING:
    case RNS_LINK_HANDSHAKE:
        give_up(node, link);
        break;
    case RNS_LINK_ACTIVE:
        watch_active(node, link);
        break;
    case RNS_LINK_STALE:
        rnsi_link_close(node, link, RNS_LINK_TIMEOUT, true);
        break;
    case RNS_LINK_CLOSED:
        break;
    }
}
