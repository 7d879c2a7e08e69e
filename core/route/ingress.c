// ingress.c -- see ingress.h. The rules are those of RNS.Interfaces.Interface: the *_frequency()
// functions, should_ingress_limit() and its relatives, hold_announce(), process_held_announces().
#include "route/ingress.h"

#include "route/iface.h"
#include "rules.h"

#define US_A_CS         10000 // microseconds of a hundredth of a second, in which rings are kept
#define SPAN_CS         UINT16_MAX
#define DECAY_CS        1000U // Interface.AR_FREQ_DECAY, PR_FREQ_DECAY
#define IN_MIN_SAMPLES  3U    // more than Interface.IC_DEQUE_MIN_SAMPLE
#define OUT_MIN_SAMPLES 2U    // more than one: Interface.outgoing_pr_frequency
#define END_SAMPLES     6U    // see RNSI_BURST_END_IS_SAMPLED
#define PARENTS_MAX     8U    // how far up events are counted

// ---- How often

static uint32_t to_cs(rns_us_t us) {
    return (uint32_t)((uint64_t)us / US_A_CS);
}

static rnsi_flow_t *flow_of(struct rnsi_iface *iface, rnsi_flow_kind_t kind) {
    switch (kind) {
    case RNSI_FLOW_ANNOUNCE_IN:
        return &iface->announces_in;
    case RNSI_FLOW_ANNOUNCE_OUT:
        return &iface->announces_out;
    case RNSI_FLOW_ASK_IN:
        return &iface->asks_in;
    case RNSI_FLOW_ASK_OUT:
        break;
    }
    return &iface->asks_out;
}

static void drop_oldest(rnsi_flow_t *flow) {
    flow->head = (uint8_t)((flow->head + 1U) % RNSI_FLOW_SAMPLES);
    flow->count--;
}

// Age of the oldest sample; the ring is not empty.
static uint32_t span_of(const rnsi_flow_t *flow, uint32_t now_cs) {
    const uint16_t newest = (uint16_t)flow->newest_cs;
    return now_cs - flow->newest_cs + (uint16_t)(newest - flow->at_cs[flow->head]);
}

static void add(rnsi_flow_t *flow, uint32_t now_cs) {
    // The low 16 bits tell how far a sample lies behind the newest: none may lie further.
    while (flow->count == RNSI_FLOW_SAMPLES ||
           (flow->count > 0 && span_of(flow, now_cs) > SPAN_CS)) {
        drop_oldest(flow);
    }
    flow->at_cs[(flow->head + flow->count) % RNSI_FLOW_SAMPLES] = (uint16_t)now_cs;
    flow->newest_cs = now_cs;
    flow->count++;
}

void rnsi_flow_count(rns_node_t *node, struct rnsi_iface *iface, rnsi_flow_kind_t kind) {
    for (uint32_t up = 0; iface != NULL && up < PARENTS_MAX; up++) {
        add(flow_of(iface, kind), to_cs(node->now));
        iface = rnsi_iface_at(node, iface->parent);
    }
}

// A frequency as what it is a quotient of, so that it is compared exactly.
typedef struct {
    uint32_t events, span_cs;
} rate_t;

// One query: the oldest sample is forgotten when it is old, and still counts this time. `more`
// events are counted as if they happened now. What came within a hundredth of a second counts as a
// hundredth: the reference's clock is finer, and such a rush is a burst there.
static rate_t query(rnsi_flow_t *flow, rns_us_t now, uint32_t at_least, uint32_t more) {
    const uint32_t now_cs = to_cs(now);
    if (flow->count < at_least) {
        return (rate_t){0, 1};
    }
    const uint32_t span_cs = span_of(flow, now_cs);
    const rate_t rate = {flow->count + more, span_cs > 0 ? span_cs : 1};
    if (span_cs > DECAY_CS) {
        drop_oldest(flow);
    }
    return rate;
}

static bool above(rate_t rate, uint32_t mhz) {
    return rate.events * 100000ULL > (uint64_t)mhz * rate.span_cs;
}

static bool below(rate_t rate, uint32_t mhz) {
    return rate.events * 100000ULL < (uint64_t)mhz * rate.span_cs;
}

static uint32_t min_samples(rnsi_flow_kind_t kind) {
    const bool incoming = kind == RNSI_FLOW_ANNOUNCE_IN || kind == RNSI_FLOW_ASK_IN;
    return incoming ? IN_MIN_SAMPLES : OUT_MIN_SAMPLES;
}

uint32_t rnsi_flow_mhz(rns_node_t *node, struct rnsi_iface *iface, rnsi_flow_kind_t kind) {
    const rate_t rate = query(flow_of(iface, kind), node->now, min_samples(kind), 0);
    return (uint32_t)(rate.events * 100000ULL / rate.span_cs);
}

// ---- Bursts

static bool is_new(const rns_node_t *node, const struct rnsi_iface *iface) {
    return node->now - iface->created < iface->ic_new_ms * RNSI_MS;
}

static uint32_t announce_limit(const rns_node_t *node, const struct rnsi_iface *iface) {
    return is_new(node, iface) ? iface->ic_burst_mhz_new : iface->ic_burst_mhz;
}

static uint32_t ask_limit(const rns_node_t *node, const struct rnsi_iface *iface) {
    return is_new(node, iface) ? iface->ic_pr_burst_mhz_new : iface->ic_pr_burst_mhz;
}

static bool begins(rnsi_burst_t *burst, rns_us_t now, rate_t rate, uint32_t limit) {
    if (!above(rate, limit)) {
        return false;
    }
    burst->active = 1;
    burst->sustained = now;
    burst->cooldown = RNSI_QUIET_CHECKS;
    return true;
}

// Is it below the limit, and was it for the time that a burst is held? If not, this check counts as
// one that sustained the burst when it found the limit reached.
static bool is_quiet(rnsi_burst_t *burst, rns_us_t now, rate_t rate, uint32_t limit,
                     rns_us_t hold) {
    if (below(rate, limit)) {
        return now > burst->sustained + hold;
    }
    if (RNSI_BURST_IS_SUSTAINED) {
        burst->sustained = now;
    }
    return false;
}

// Are there enough to say that a burst is over?
static bool has_samples(const rnsi_flow_t *flow) {
    return !RNSI_BURST_END_IS_SAMPLED || flow->count >= END_SAMPLES;
}

bool rnsi_ingress_limits(rns_node_t *node, struct rnsi_iface *iface) {
    const uint32_t which = RNSI_IFACE_INGRESS | RNSI_IFACE_UNLIMITED;
    if ((iface->flags & which) != RNSI_IFACE_INGRESS) {
        return false;
    }
    rnsi_burst_t *burst = &iface->announce_burst;
    const rate_t rate = query(&iface->announces_in, node->now, IN_MIN_SAMPLES, 0);
    const uint32_t limit = announce_limit(node, iface);
    if (!burst->active) {
        if (begins(burst, node->now, rate, limit)) {
            iface->held_release_at = node->now + iface->ic_burst_penalty_ms * RNSI_MS;
        }
        return burst->active != 0;
    }
    if (is_quiet(burst, node->now, rate, limit, iface->ic_burst_hold_ms * RNSI_MS) &&
        has_samples(&iface->announces_in)) {
        burst->active = 0;
    }
    return true; // the check that ends a burst still belongs to it
}

bool rnsi_ingress_limits_asks(rns_node_t *node, struct rnsi_iface *iface) {
    if ((iface->flags & RNSI_IFACE_INGRESS) == 0) {
        return false;
    }
    rnsi_burst_t *burst = &iface->ask_burst;
    const rate_t rate = query(&iface->asks_in, node->now, IN_MIN_SAMPLES, 0);
    const uint32_t limit = ask_limit(node, iface);
    if (!burst->active) {
        return begins(burst, node->now, rate, limit);
    }
    if (!is_quiet(burst, node->now, rate, limit, iface->ic_burst_hold_ms * RNSI_MS)) {
        burst->cooldown = RNSI_QUIET_CHECKS;
    } else if (burst->cooldown > 0) {
        burst->cooldown--;
    } else {
        burst->active = 0;
    }
    return true;
}

bool rnsi_egress_limits(rns_node_t *node, struct rnsi_iface *iface) {
    if ((iface->flags & RNSI_IFACE_EGRESS) == 0) {
        return false;
    }
    const rate_t rate = query(&iface->asks_out, node->now, OUT_MIN_SAMPLES, RNSI_EGRESS_AHEAD);
    return above(rate, iface->ec_pr_mhz) && iface->asks_out.count >= RNSI_EGRESS_SAMPLES;
}

// ---- Held announces: a list of each interface, the newest first

static rnsi_pool_t *held_pool(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, HELD);
}

static struct rnsi_held *held_at(const rns_node_t *node, uint32_t slot) {
    return slot == RNSI_NONE ? NULL : rnsi_pool_at(held_pool(node), slot);
}

static uint32_t most_held(const rns_node_t *node, const struct rnsi_iface *iface) {
    const uint32_t quarter = held_pool(node)->count / 4, share = quarter > 0 ? quarter : 1;
    return iface->ic_held_max < share ? iface->ic_held_max : share;
}

static struct rnsi_held *held_new(rns_node_t *node, struct rnsi_iface *iface,
                                  const uint8_t key[20]) {
    if (iface->held_count >= most_held(node, iface)) {
        return NULL;
    }
    struct rnsi_held *held = rnsi_pool_take(held_pool(node), node->now, key);
    if (held == NULL) {
        return NULL;
    }
    const uint32_t slot = rnsi_pool_slot(held_pool(node), held);
    struct rnsi_held *first = held_at(node, iface->held_first);
    held->from = rnsi_iface_ref(node, iface);
    held->prev = RNSI_NONE;
    held->next = iface->held_first;
    if (first != NULL) {
        first->prev = slot;
    }
    iface->held_first = slot;
    iface->held_count++;
    return held;
}

bool rnsi_held_put(rns_node_t *node, struct rnsi_iface *iface, const struct rnsi_inbox_announce *in,
                   const uint8_t dest[16]) {
    if (in->hops > RNSI_HELD_HOPS_MAX || in->size > sizeof in->raw) {
        return false;
    }
    uint8_t key[20];
    rnsi_iface_key(key, dest, rnsi_iface_ref(node, iface));
    struct rnsi_held *held = rnsi_pool_find(held_pool(node), key);
    if (held == NULL && (held = held_new(node, iface, key)) == NULL) {
        return false;
    }
    memcpy(held->hash, in->hash, sizeof held->hash);
    memcpy(held->raw, in->raw, in->size);
    held->size = in->size;
    held->hops = in->hops;
    return true;
}

// Looks at all that this interface holds, once in ic_held_release_interval. Of those with the
// fewest hops the one that is held longest.
static struct rnsi_held *nearest(const rns_node_t *node, const struct rnsi_iface *iface) {
    struct rnsi_held *best = NULL;
    for (struct rnsi_held *held = held_at(node, iface->held_first); held != NULL;
         held = held_at(node, held->next)) {
        if (best == NULL || held->hops <= best->hops) {
            best = held;
        }
    }
    return best;
}

static void unlink_held(rns_node_t *node, struct rnsi_iface *iface, const struct rnsi_held *held) {
    struct rnsi_held *next = held_at(node, held->next), *prev = held_at(node, held->prev);
    *(prev != NULL ? &prev->next : &iface->held_first) = held->next;
    if (next != NULL) {
        next->prev = held->prev;
    }
    iface->held_count--;
}

struct rnsi_held *rnsi_held_release(rns_node_t *node, struct rnsi_iface *iface) {
    if (iface->held_count == 0 || node->now <= iface->held_release_at) {
        return NULL;
    }
    const rate_t rate = query(&iface->announces_in, node->now, IN_MIN_SAMPLES, 0);
    if (!below(rate, announce_limit(node, iface))) {
        return NULL;
    }
    iface->held_release_at = node->now + iface->ic_release_ms * RNSI_MS;
    struct rnsi_held *held = nearest(node, iface);
    unlink_held(node, iface, held);
    return held;
}

void rnsi_held_give(rns_node_t *node, struct rnsi_held *held) {
    rnsi_pool_give(held_pool(node), held);
}

void rnsi_held_drop_all(rns_node_t *node, struct rnsi_iface *iface) {
    while (iface->held_first != RNSI_NONE) {
        struct rnsi_held *held = held_at(node, iface->held_first);
        unlink_held(node, iface, held);
        rnsi_held_give(node, held);
    }
}
