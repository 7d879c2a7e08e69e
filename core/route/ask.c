// ask.c -- see ask.h.
#include "route/ask.h"

#include "memory/bytes.h"
#include "route/airtime.h"
#include "route/announce.h"
#include "route/filter.h"
#include "route/iface.h"
#include "route/ingress.h"
#include "route/outbound.h"
#include "route/path.h"
#include "rules.h"

#define HASH_SIZE       ((size_t)RNSI_ADDRESS_SIZE)
#define GATE_TIMEOUT    (RNSI_ASK_GATE_S * RNSI_SECOND)
#define REQUEST_TIMEOUT (15 * RNSI_SECOND) // Transport.PATH_REQUEST_TIMEOUT
#define GRACE           (400 * RNSI_MS)    // Transport.PATH_REQUEST_GRACE
#define ROAMING_GRACE   (1500 * RNSI_MS)   // Transport.PATH_REQUEST_RG
#define QUEUE_THROTTLE  (500 * RNSI_MS)    // Transport.discovery_pr_tx_throttle
#define QUEUE_MOST      32U                // Transport.max_queued_discovery_prs
#define ASKERS_MOST     64U                // interfaces that one search answers
#define REQUEST_MOST    (RNSI_HEADER_MINSIZE + 3 * HASH_SIZE)
#define NOT_YET         RNSI_NOT_ASKED // of times: time itself may begin at 0

static rnsi_pool_t *asks(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, ASK);
}

static rnsi_pool_t *askers(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, ASKER);
}

// ---- What is known about a destination that is asked for

static struct rnsi_ask *find(const rns_node_t *node, const uint8_t dest[16]) {
    return rnsi_pool_find(asks(node), dest);
}

static struct rnsi_ask *find_or_take(rns_node_t *node, const uint8_t dest[16]) {
    struct rnsi_ask *ask = find(node, dest);
    if (ask == NULL && (ask = rnsi_pool_take(asks(node), node->now, dest)) != NULL) {
        ask->askers = ask->next_queued = RNSI_NONE;
        ask->blocked = rnsi_no_iface();
        ask->sent_at = ask->in_flight_at = ask->search_until = NOT_YET;
    }
    return ask;
}

static void give_askers(rns_node_t *node, struct rnsi_ask *ask) {
    while (ask->askers != RNSI_NONE) {
        struct rnsi_asker *asker = rnsi_pool_at(askers(node), ask->askers);
        ask->askers = asker->next;
        rnsi_pool_give(askers(node), asker);
    }
}

void rnsi_ask_culled(void *context, void *element) {
    give_askers(context, element);
}

static bool is_in_flight(const rns_node_t *node, const struct rnsi_ask *ask) {
    return ask->in_flight_at != NOT_YET && node->now - ask->in_flight_at <= GATE_TIMEOUT;
}

static bool is_sought(const rns_node_t *node, const struct rnsi_ask *ask) {
    return ask->search_until != NOT_YET && node->now <= ask->search_until;
}

static bool was_sent(const rns_node_t *node, const struct rnsi_ask *ask) {
    return ask->sent_at != NOT_YET && node->now - ask->sent_at <= GATE_TIMEOUT;
}

static rns_us_t earlier(rns_us_t a, rns_us_t b) {
    return a < b ? a : b;
}

// Keeps an entry while any of its times runs; gives it when none does.
static void settle(rns_node_t *node, struct rnsi_ask *ask) {
    rns_us_t due = RNS_NEVER;
    if (!is_sought(node, ask)) {
        ask->search_until = NOT_YET;
        ask->engaged = 0;
        give_askers(node, ask);
    } else {
        due = earlier(due, ask->search_until + 1);
    }
    if (!is_in_flight(node, ask)) {
        ask->in_flight_at = NOT_YET;
    } else {
        due = earlier(due, ask->in_flight_at + GATE_TIMEOUT + 1);
    }
    if (was_sent(node, ask)) {
        due = earlier(due, ask->sent_at + GATE_TIMEOUT + 1);
    }
    if (due != RNS_NEVER) {
        rnsi_timer_set(asks(node), ask, due);
    } else if (!ask->queued) {
        rnsi_pool_give(asks(node), ask);
    }
}

void rnsi_ask_due(rns_node_t *node, struct rnsi_ask *ask) {
    settle(node, ask);
}

static bool waits_for(const rns_node_t *node, const struct rnsi_ask *ask, rnsi_iface_ref_t iface,
                      uint32_t *count) {
    *count = 0;
    for (uint32_t slot = ask->askers; slot != RNSI_NONE;) {
        const struct rnsi_asker *asker = rnsi_pool_at(askers(node), slot);
        if (rnsi_iface_same(asker->iface, iface)) {
            return true;
        }
        (*count)++;
        slot = asker->next;
    }
    return false;
}

// This interface gets the answer, too.
static void add_asker(rns_node_t *node, struct rnsi_ask *ask, rnsi_iface_ref_t iface) {
    uint32_t count;
    if (!waits_for(node, ask, iface, &count) && count < ASKERS_MOST) {
        struct rnsi_asker *asker = rnsi_pool_take(askers(node), node->now, NULL);
        if (asker != NULL) {
            asker->iface = iface;
            asker->next = ask->askers;
            ask->askers = rnsi_pool_slot(askers(node), asker);
        }
    }
    if (!is_sought(node, ask)) {
        const rns_us_t medium = RNSI_SEARCH_MINDS_BITRATE ? rns_medium_path_timeout(node) : 0;
        ask->search_until = node->now + (medium > REQUEST_TIMEOUT ? medium : REQUEST_TIMEOUT);
    }
}

bool rnsi_ask_expects(const rns_node_t *node, const uint8_t dest[16]) {
    const struct rnsi_ask *ask = find(node, dest);
    return ask != NULL && (was_sent(node, ask) || is_sought(node, ask));
}

rns_us_t rnsi_ask_last(const rns_node_t *node, const uint8_t dest[16]) {
    const struct rnsi_ask *ask = find(node, dest);
    return ask != NULL && was_sent(node, ask) ? ask->sent_at : NOT_YET;
}

static void end_flight(rns_node_t *node, const uint8_t dest[16]) {
    struct rnsi_ask *ask = find(node, dest);
    if (ask != NULL) {
        ask->in_flight_at = NOT_YET;
        settle(node, ask);
    }
}

void rnsi_ask_answered(rns_node_t *node, const uint8_t dest[16], uint32_t cache, uint8_t hops) {
    struct rnsi_ask *ask = find(node, dest);
    if (ask == NULL) {
        return;
    }
    const bool goes_on = RNS_WITH_TRANSPORT && cache != RNSI_NONE;
    for (uint32_t slot = goes_on ? ask->askers : RNSI_NONE; slot != RNSI_NONE;) {
        const struct rnsi_asker *asker = rnsi_pool_at(askers(node), slot);
        struct rnsi_iface *iface = rnsi_iface_at(node, asker->iface);
        if (iface != NULL) {
            rnsi_announce_send_to(node, cache, hops, iface);
        }
        slot = asker->next;
    }
    ask->in_flight_at = NOT_YET;
    if (RNSI_ANSWER_ENDS_SEARCH) {
        ask->search_until = NOT_YET;
    }
    settle(node, ask);
}

// ---- Asking

static size_t write_request(const rns_node_t *node, const uint8_t dest[16], rns_bytes_t tag,
                            uint8_t out[REQUEST_MOST]) {
    const uint8_t flags = rnsi_packet_flags(RNSI_HEADER_1, false, RNSI_TRANSPORT_BROADCAST,
                                            RNSI_DEST_PLAIN, RNSI_TYPE_DATA);
    const rns_mem_t mem = {out, REQUEST_MOST};
    const size_t head =
        rnsi_packet_head(mem, flags, 0, NULL, node->path_request_dest, RNSI_CONTEXT_NONE);
    rnsi_writer_t w = rnsi_writer((rns_mem_t){out + head, REQUEST_MOST - head});
    rnsi_write(&w, dest, HASH_SIZE);
    if (rnsi_transports(node)) {
        rnsi_write(&w, node->identity.hash.b, HASH_SIZE);
    }
    rnsi_write(&w, tag.data, tag.size);
    return head + rnsi_written(&w);
}

// Sends a request with this tag on one interface, or on all but `not_on`.
static void send(rns_node_t *node, struct rnsi_ask *ask, rns_bytes_t tag, struct rnsi_iface *only,
                 const struct rnsi_iface *not_on) {
    uint8_t packet[REQUEST_MOST];
    const size_t size = write_request(node, ask->hash, tag, packet);
    ask->sent_at = node->now;
    settle(node, ask);
    rnsi_broadcast_t b;
    rnsi_broadcast_begin(node, &b, (rnsi_out_t){{NULL, 0}, {packet, size}}, NULL);
    uint32_t cursor = 0;
    struct rnsi_iface *iface;
    while ((iface = rnsi_iface_next(node, &cursor)) != NULL) {
        if (rnsi_iface_sends(iface) && iface != not_on && (only == NULL || only == iface) &&
            rnsi_broadcast_to(node, &b, iface)) {
            rnsi_flow_count(node, iface, RNSI_FLOW_ASK_OUT);
        }
    }
}

rns_err_t rnsi_ask_send(rns_node_t *node, const uint8_t dest[16], rns_bytes_t tag,
                        struct rnsi_iface *only) {
    struct rnsi_ask *ask = find_or_take(node, dest);
    if (ask == NULL) {
        return RNS_ERR_FULL;
    }
    send(node, ask, tag, only, NULL);
    return RNS_ERR_OK;
}

rns_err_t rns_path_request(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                           rns_iface_t handle) {
    node->now = now;
    struct rnsi_iface *only = rnsi_iface_get(node, handle);
    if (handle.gen != 0 && only == NULL) {
        return RNS_ERR_GONE;
    }
    uint8_t tag[HASH_SIZE];
    if (!rnsi_random(node, tag, sizeof tag)) {
        return RNS_ERR_ENTROPY;
    }
    return rnsi_ask_send(node, destination->b, (rns_bytes_t){tag, sizeof tag}, only);
}

// ---- Asking again by ourselves, one each half second

void rnsi_ask_queue(rns_node_t *node, const uint8_t dest[16], rnsi_iface_ref_t blocked) {
    struct rnsi_ask *ask = find_or_take(node, dest);
    if (ask == NULL || ask->queued || node->asks_queued >= QUEUE_MOST) {
        if (ask != NULL) {
            settle(node, ask);
        }
        return;
    }
    const uint32_t slot = rnsi_pool_slot(asks(node), ask);
    ask->queued = 1;
    ask->blocked = blocked;
    ask->next_queued = RNSI_NONE;
    rnsi_pool_pin(asks(node), ask);
    if (node->asks_queued++ == 0) {
        node->ask_first = slot;
        node->ask_queue_at = node->now + QUEUE_THROTTLE;
    } else {
        ((struct rnsi_ask *)rnsi_pool_at(asks(node), node->ask_last))->next_queued = slot;
    }
    node->ask_last = slot;
}

void rnsi_ask_queue_due(rns_node_t *node) {
    struct rnsi_ask *ask = rnsi_pool_at(asks(node), node->ask_first);
    node->ask_first = ask->next_queued;
    node->asks_queued--;
    node->ask_queue_at = node->asks_queued > 0 ? node->now + QUEUE_THROTTLE : RNS_NEVER;
    ask->queued = 0;
    rnsi_pool_unpin(asks(node), ask, node->now);
    uint8_t tag[HASH_SIZE];
    if (rnsi_random(node, tag, sizeof tag)) {
        send(node, ask, (rns_bytes_t){tag, sizeof tag}, NULL, rnsi_iface_at(node, ask->blocked));
    } else {
        settle(node, ask);
    }
}

// ---- Requests of others

typedef struct {
    const uint8_t *dest, *requester; // requester NULL: not a transport node
    rns_bytes_t tag;
} request_t;

// false: no tag. cut: the tag was longer than it may be.
static bool parse(rns_bytes_t data, request_t *r, bool *cut) {
    const bool in_transport = data.size > 2 * HASH_SIZE;
    const size_t start = in_transport ? 2 * HASH_SIZE : HASH_SIZE;
    if (data.size <= HASH_SIZE) {
        return false;
    }
    size_t size = data.size - start;
    *cut = size > HASH_SIZE;
    size = *cut ? HASH_SIZE : size;
    *r = (request_t){
        data.data, in_transport ? data.data + HASH_SIZE : NULL, {data.data + start, size}};
    return true;
}

// Was this destination asked for with this tag before? From now on it was.
static bool is_repeated(rns_node_t *node, const request_t *r) {
    uint8_t text[2 * HASH_SIZE], hash[32];
    memcpy(text, r->dest, HASH_SIZE);
    memcpy(text + HASH_SIZE, r->tag.data, r->tag.size);
    rnsi_sha256(&node->crypto, (rns_bytes_t){text, HASH_SIZE + r->tag.size}, hash);
    if (rnsi_seen_has(&node->memory.tags, hash)) {
        return true;
    }
    rnsi_seen_add(&node->memory.tags, hash);
    return false;
}

static rns_verdict_t enqueue(rns_node_t *node, rnsi_rx_t *rx, const request_t *r, bool limited) {
    const rnsi_share_t share = limited ? RNSI_SHARE_LIMITED : RNSI_SHARE_ASK;
    rnsi_pool_t *pool = limited ? RNSI_POOL(node, INBOX_LIMITED) : RNSI_POOL(node, INBOX_ASK);
    if (!rnsi_share_take(node, rx->iface, share)) {
        return RNS_RX_FULL;
    }
    struct rnsi_inbox_ask *in = rnsi_pool_take(pool, node->now, NULL);
    if (in == NULL) {
        rnsi_share_give(node, rx->from, share);
        return RNS_RX_FULL;
    }
    memcpy(in->dest, r->dest, HASH_SIZE);
    memcpy(in->tag, r->tag.data, r->tag.size);
    in->tag_size = (uint8_t)r->tag.size;
    in->from = rx->from;
    if (r->requester != NULL) {
        memcpy(in->requester, r->requester, HASH_SIZE);
        in->has_requester = 1;
    }
    return RNS_RX_QUEUED;
}

// While a request for the same destination is in flight later ones only join it. (Nodes that
// forward nothing do not batch: they could not answer.)
static bool joins_another(rns_node_t *node, const rnsi_rx_t *rx, const request_t *r, bool limited) {
    if (!rnsi_transports(node) || !RNSI_ASKS_ARE_BATCHED) {
        return false;
    }
    struct rnsi_ask *ask = find_or_take(node, r->dest);
    if (ask == NULL) {
        return false;
    }
    const bool joins = is_in_flight(node, ask);
    if (!joins) {
        ask->in_flight_at = node->now;
    } else if (!limited) {
        add_asker(node, ask, rx->from);
    }
    settle(node, ask);
    return joins;
}

rns_verdict_t rnsi_ask_receive(rns_node_t *node, rnsi_rx_t *rx) {
    request_t request;
    bool cut = false;
    if (rx->packet.data.size < HASH_SIZE) {
        return RNS_RX_NO_DEST;
    }
    if (!parse(rx->packet.data, &request, &cut)) {
        return RNS_RX_NO_TAG;
    }
    if (cut) {
        rx->iface->verdicts[RNS_RX_NO_TAG]++; // a violation, but it is worked off
    }
    const bool repeated = is_repeated(node, &request);
    if (!RNSI_ASKS_COUNT_ONCE || !repeated) {
        rnsi_flow_count(node, rx->iface, RNSI_FLOW_ASK_IN);
    }
    if (repeated) {
        return RNS_RX_DUPLICATE;
    }
    const bool limited = RNSI_ASKS_WAIT_APART && rnsi_ingress_limits_asks(node, rx->iface);
    if (joins_another(node, rx, &request, limited)) {
        return RNS_RX_BATCHED;
    }
    const rns_verdict_t verdict = enqueue(node, rx, &request, limited);
    if (verdict == RNS_RX_FULL) {
        end_flight(node, request.dest);
    }
    return verdict;
}

// ---- Working them off (Transport.path_request)

static bool answers_on(const struct rnsi_iface *iface, const struct rnsi_inbox_ask *in,
                       const struct rnsi_path *path) {
    const bool roams = iface->mode == RNS_MODE_ROAMING && rnsi_iface_same(in->from, path->iface);
    const bool is_requester = in->has_requester && rnsi_hash_is(path->next_hop, in->requester);
    return path->cache != RNSI_NONE && !roams && !is_requester;
}

static bool searches(const struct rnsi_iface *iface) {
    const bool recurses = (iface->flags & RNSI_IFACE_RECURSIVE) != 0;
    switch (iface->mode) {
    case RNS_MODE_ACCESS_POINT:
    case RNS_MODE_GATEWAY:
    case RNS_MODE_ROAMING:
    case RNS_MODE_INTERNAL:
        return true;
    case RNS_MODE_BOUNDARY:
        return RNSI_BOUNDARY_SEARCHES || recurses;
    default:
        return recurses;
    }
}

// BOUNDARY interfaces search only outwards.
static bool search_goes_to(const struct rnsi_iface *asking, const struct rnsi_iface *iface) {
    const bool is_filtered =
        asking->mode == RNS_MODE_BOUNDARY && (asking->flags & RNSI_IFACE_RECURSIVE) == 0;
    return !is_filtered || iface->mode == RNS_MODE_BOUNDARY || iface->mode == RNS_MODE_GATEWAY;
}

static void search_on(rns_node_t *node, struct rnsi_ask *ask, rns_bytes_t tag,
                      struct rnsi_iface *iface) {
    const size_t size = RNSI_HEADER_MINSIZE + 2 * HASH_SIZE + tag.size;
    if (!rnsi_egress_limits(node, iface) && rnsi_airtime_take_ask(node, iface, size)) {
        send(node, ask, tag, iface, NULL);
    }
}

static void search(rns_node_t *node, const struct rnsi_inbox_ask *in,
                   const struct rnsi_iface *asking, bool limited) {
    struct rnsi_ask *ask = find_or_take(node, in->dest);
    if (ask == NULL || (is_sought(node, ask) && ask->engaged) || limited) {
        if (ask != NULL) {
            settle(node, ask);
        }
        return;
    }
    add_asker(node, ask, in->from);
    ask->engaged = 1;
    settle(node, ask);
    uint32_t cursor = 0;
    struct rnsi_iface *iface;
    while ((iface = rnsi_iface_next(node, &cursor)) != NULL) {
        if (iface != asking && rnsi_iface_online(iface) && search_goes_to(asking, iface)) {
            search_on(node, ask, (rns_bytes_t){in->tag, in->tag_size}, iface);
        }
    }
}

// For what others may know. The request's second verdict.
static rns_verdict_t look_up(rns_node_t *node, const struct rnsi_inbox_ask *in, bool limited,
                             struct rnsi_iface *iface) {
    struct rnsi_path *path = rnsi_transports(node) ? rnsi_path_find(node, in->dest) : NULL;
    if (path != NULL) {
        const bool answers = answers_on(iface, in, path);
        if (answers) {
            const rns_us_t extra = iface->mode == RNS_MODE_ROAMING ? ROAMING_GRACE : 0;
            rnsi_announce_respond(node, path, iface, GRACE + extra);
        }
        end_flight(node, in->dest);
        return answers ? RNS_RX_DELIVERED : RNS_RX_NO_ROUTE;
    }
    if (!rnsi_transports(node) || !searches(iface)) {
        return RNS_RX_NO_ROUTE;
    }
    limited = limited || (RNSI_ASKS_WAIT_APART && rnsi_ingress_limits_asks(node, iface));
    search(node, in, iface, limited);
    return RNS_RX_FORWARDED;
}

static rnsi_ask_result_t work_off(rns_node_t *node, const struct rnsi_inbox_ask *in, bool limited,
                                  rnsi_ask_own_t *own) {
    struct rnsi_iface *iface = rnsi_iface_at(node, in->from);
    if (iface == NULL) {
        return RNSI_ASK_DONE;
    }
    if (!rnsi_iface_online(iface)) {
        iface->verdicts[RNS_RX_OFFLINE]++;
        return RNSI_ASK_DONE;
    }
    if (!RNSI_ASKS_WAIT_APART) {
        limited = rnsi_ingress_limits_asks(node, iface); // each is a check
    }
    struct rnsi_dest *dest = rnsi_pool_find(RNSI_POOL(node, DEST), in->dest);
    if (dest != NULL) {
        *own = (rnsi_ask_own_t){.dest = dest, .iface = iface, .tag_size = in->tag_size};
        memcpy(own->tag, in->tag, sizeof own->tag);
        end_flight(node, in->dest);
        iface->verdicts[RNS_RX_DELIVERED]++;
        return RNSI_ASK_OWN;
    }
    iface->verdicts[look_up(node, in, limited, iface)]++;
    return RNSI_ASK_DONE;
}

bool rnsi_ask_waits(const rns_node_t *node, bool limited) {
    return (limited ? RNSI_POOL(node, INBOX_LIMITED) : RNSI_POOL(node, INBOX_ASK))->used > 0;
}

rnsi_ask_result_t rnsi_ask_next(rns_node_t *node, bool limited, rnsi_ask_own_t *own) {
    rnsi_pool_t *pool = limited ? RNSI_POOL(node, INBOX_LIMITED) : RNSI_POOL(node, INBOX_ASK);
    struct rnsi_inbox_ask *in = rnsi_pool_oldest(pool, 0);
    if (in == NULL) {
        return RNSI_ASK_NONE;
    }
    const struct rnsi_inbox_ask copy = *in;
    rnsi_share_give(node, in->from, limited ? RNSI_SHARE_LIMITED : RNSI_SHARE_ASK);
    rnsi_pool_give(pool, in);
    node->asks++;
    return work_off(node, &copy, limited, own);
}
