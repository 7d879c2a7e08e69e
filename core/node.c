// node.c -- the way of a frame, and of time, through the stages. The only file that calls them all.
#include "node.h"

#include "records.h"
#include "route/announce.h"
#include "route/ask.h"
#include "route/blackhole.h"
#include "route/filter.h"
#include "route/forward.h"
#include "route/iface.h"
#include "route/inbox.h"
#include "route/ingress.h"
#include "route/known.h"
#include "route/relay.h"
#include "route/route.h"
#include "route/tunnel.h"
#include "rules.h"
#include "session/channel.h"
#include "session/destination.h"
#include "session/link.h"
#include "session/receipt.h"
#include "session/request.h"
#include "session/resource.h"
#include "wire/ifac.h"

// What one call of rns_tick() does at most.
#define MOST_DEADLINES 64U
#define MOST_CHECKS    8U  // signatures
#define MOST_ANNOUNCES 64U // verified ones
#define MOST_ASKS      32U
#define MOST_EXPIRED   64U // of each table
#define TABLES_EVERY   (5 * RNSI_SECOND)
#define HOLES_EVERY    (60 * RNSI_SECOND)   // Transport.blackhole_check_interval
#define MANAGED_EVERY  (7200 * RNSI_SECOND) // Transport.mgmt_announce_interval

// ---- A frame

// Takes the access code off. PASS: the packet is bare; `code` is checked later, when it is cheap to
// say that the packet is no use anyway.
static rns_verdict_t unseal(rns_node_t *node, const struct rnsi_network *network, rns_mem_t frame,
                            rns_mem_t *packet) {
    if (frame.size <= 2) {
        return RNS_RX_SHORT;
    }
    const bool is_sealed = (frame.data[0] & RNSI_FLAG_IFAC) != 0;
    *packet = frame;
    if (network == NULL) {
        return is_sealed ? RNS_RX_IFAC_STRAY : RNSI_PASS;
    }
    if (!is_sealed) {
        return RNS_RX_IFAC_MISSING;
    }
    return rnsi_ifac_unmask(&node->crypto, &network->ifac, frame, packet) ? RNSI_PASS
                                                                          : RNS_RX_IFAC_SHORT;
}

static rns_verdict_t parse(rnsi_rx_t *rx, rns_mem_t raw) {
    const struct rnsi_iface *iface = rx->iface;
    const bool is_limited = RNSI_FRAMES_ARE_LIMITED && iface->hw_mtu != 0;
    if (is_limited && raw.size > iface->hw_mtu + iface->ifac_size) {
        return RNS_RX_LONG;
    }
    if (!rnsi_packet_parse(raw, &rx->packet)) {
        return raw.data[1] > RNSI_HOPS_MAX ? RNS_RX_HOPS : RNS_RX_MALFORMED;
    }
    if (!RNSI_HOP_BYTE_IS_LIMITED && rx->packet.hops == UINT8_MAX) {
        return RNS_RX_HOPS; // it could not be counted on
    }
    rx->hops = (uint8_t)(rx->packet.hops + 1);
    return RNSI_PASS;
}

// What is for others.
static rns_verdict_t pass_on(rns_node_t *node, rnsi_rx_t *rx, const rnsi_decision_t *d) {
    switch (d->action) {
    case RNSI_TUNNEL:
        return rnsi_tunnel_receive(node, rx);
    case RNSI_FORWARD:
        return rnsi_forward_along(node, rx, d);
    case RNSI_RELAY:
        return rnsi_forward_relay(node, rx, d);
    case RNSI_LINK_PROOF:
        return rnsi_forward_link_proof(node, rx, d);
    case RNSI_PROOF_BACK:
        return rnsi_forward_proof(node, rx, d);
    default: // for us
        return RNS_RX_MALFORMED;
    }
}

static rns_verdict_t act(rns_node_t *node, rnsi_rx_t *rx, const rnsi_decision_t *d) {
    switch (d->action) {
    case RNSI_DROP:
        return d->verdict;
    case RNSI_ANNOUNCE:
        return rnsi_inbox_receive(node, rx);
    case RNSI_ASK:
        return rnsi_ask_receive(node, rx);
    case RNSI_TUNNEL:
    case RNSI_FORWARD:
    case RNSI_RELAY:
    case RNSI_LINK_PROOF:
    case RNSI_PROOF_BACK:
        return RNS_WITH_TRANSPORT ? pass_on(node, rx, d) : RNS_RX_NOT_NOW;
    case RNSI_DELIVER:
        return rnsi_destination_receive(node, d->dest, rx);
    case RNSI_PROOF:
        return rnsi_receipt_proof(node, rx);
    case RNSI_LINK_ASKED:
        return rnsi_link_request(node, d->dest, rx);
    case RNSI_LINK_OPENED:
        return rnsi_link_proof(node, d->link, rx);
    case RNSI_LINK_OWN:
        return rnsi_link_receive(node, d->link, rx);
    }
    return RNS_RX_MALFORMED;
}

// A frame becomes a packet: all that needs no table.
static rns_verdict_t open_frame(rns_node_t *node, rnsi_rx_t *rx, rns_mem_t frame) {
    rns_mem_t raw;
    const rns_verdict_t verdict = unseal(node, rnsi_iface_network(node, rx->iface), frame, &raw);
    return verdict == RNSI_PASS ? parse(rx, raw) : verdict;
}

static bool has_right_code(rns_node_t *node, const rnsi_rx_t *rx) {
    const struct rnsi_network *network = rnsi_iface_network(node, rx->iface);
    const rns_mem_t raw = {rx->packet.raw, rx->packet.size};
    return network == NULL ||
           rnsi_ifac_check(&node->crypto, &network->ifac, (rns_bytes_t){raw.data, raw.size},
                           rnsi_ifac_code(&network->ifac, raw));
}

static rns_verdict_t receive(rns_node_t *node, rnsi_rx_t *rx) {
    const rns_verdict_t verdict = rnsi_filter(node, rx);
    if (verdict != RNSI_PASS) {
        return verdict;
    }
    if (!has_right_code(node, rx)) {
        return RNS_RX_IFAC_WRONG;
    }
    rnsi_decision_t decision;
    rnsi_route(node, rx, &decision);
    if (decision.remember) {
        rnsi_filter_remember(node, rx);
    }
    return act(node, rx, &decision);
}

// The interface that a frame came in on; NULL: it takes none.
static struct rnsi_iface *taking(const rns_node_t *node, rns_iface_t handle) {
    struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    return iface != NULL && rnsi_iface_online(iface) ? iface : NULL;
}

static rns_verdict_t begin(rns_node_t *node, rnsi_rx_t *rx, struct rnsi_iface *iface,
                           rns_mem_t frame, const rns_phy_t *phy) {
    node->rx_packets++;
    iface->rx_packets++;
    iface->rx_bytes += frame.size;
    rx->iface = iface;
    rx->from = rnsi_iface_ref(node, iface);
    rx->phy = phy;
    rx->has_hash = rx->has_dest_print = rx->seen = false;
    return open_frame(node, rx, frame);
}

static rns_verdict_t finish(rns_node_t *node, rnsi_rx_t *rx, rns_verdict_t verdict) {
    if (verdict == RNSI_PASS) {
        verdict = receive(node, rx);
    }
    rx->iface->verdicts[verdict]++;
    return verdict;
}

rns_verdict_t rns_rx(rns_node_t *node, rns_us_t now, rns_iface_t handle, rns_mem_t frame,
                     const rns_phy_t *phy) {
    struct rnsi_iface *iface = taking(node, handle);
    if (iface == NULL) {
        return RNS_RX_OFFLINE;
    }
    node->now = now;
    rnsi_rx_t rx;
    const rns_verdict_t verdict = begin(node, &rx, iface, frame, phy);
    return finish(node, &rx, verdict);
}

// What the frames of a batch are looked up in is brought near while the others are hashed. An event
// of one may close the interface: the rest is lost with it.
void rns_rx_batch(rns_node_t *node, rns_us_t now, rns_iface_t handle, const rns_mem_t *frames,
                  size_t count) {
    rnsi_rx_t rx[RNS_RX_BATCH];
    rns_verdict_t verdicts[RNS_RX_BATCH];
    struct rnsi_iface *iface = taking(node, handle);
    if (iface == NULL || count > RNS_RX_BATCH) {
        return;
    }
    node->now = now;
    for (size_t i = 0; i < count; i++) {
        verdicts[i] = begin(node, &rx[i], iface, frames[i], NULL);
        if (verdicts[i] == RNSI_PASS) {
            rnsi_filter_ahead(node, &rx[i]);
        }
    }
    for (size_t i = 0; i < count && taking(node, handle) != NULL; i++) {
        finish(node, &rx[i], verdicts[i]);
    }
}

// ---- What waits: announces first, then path requests, then those of interfaces in a burst

static void tell_announce(rns_node_t *node, const rnsi_announce_in_t *in) {
    rns_event_t event = {.type = RNS_EV_ANNOUNCE,
                         .iface = rnsi_iface_handle(node, in->iface),
                         .identity = in->identity.hash,
                         .data = in->parts.app_data,
                         .has_data = in->parts.app_data.data != NULL,
                         .pub = in->parts.keys,
                         .packet_hash = in->hash,
                         .hops = in->hops,
                         .is_response = in->is_response};
    memcpy(event.hash.b, in->parts.dest, sizeof event.hash.b);
    rnsi_handlers_call(node, &event, in->parts.name_hash);
    event.type = RNS_EV_PATH;
    rnsi_event(node, &event);
}

static void settle_announce(rns_node_t *node, const rnsi_announce_in_t *in, rns_verdict_t verdict) {
    struct rnsi_iface *iface = rnsi_iface_at(node, in->from);
    if (iface != NULL) {
        iface->verdicts[verdict]++;
    }
    if (verdict == RNS_RX_LEARNED) {
        tell_announce(node, in);
    }
}

static void work_announces(rns_node_t *node) {
    for (uint32_t i = 0; i < MOST_ANNOUNCES && rnsi_inbox_is_done(node); i++) {
        rnsi_announce_in_t in;
        const rns_verdict_t verdict = rnsi_inbox_next(node, &in);
        settle_announce(node, &in, verdict);
        rnsi_inbox_end(node, &in);
    }
}

static void work_asks(rns_node_t *node, bool limited) {
    rnsi_ask_own_t own;
    for (uint32_t i = 0; i < MOST_ASKS && rnsi_ask_waits(node, limited); i++) {
        if (rnsi_ask_next(node, limited, &own) == RNSI_ASK_OWN) {
            rnsi_destination_answer(node, own.dest, own.iface,
                                    (rns_bytes_t){own.tag, own.tag_size});
        }
    }
}

static void release_held(rns_node_t *node, struct rnsi_iface *iface) {
    struct rnsi_held *held = rnsi_held_release(node, iface);
    if (held != NULL) {
        rnsi_announce_in_t in;
        const rns_verdict_t verdict = rnsi_inbox_released(node, held, &in);
        settle_announce(node, &in, verdict);
        rnsi_held_give(node, held);
    }
}

static bool more_waits(const rns_node_t *node) {
    return rnsi_inbox_is_done(node) || (!node->host_verifies && node->inbox_check != RNSI_NONE) ||
           rnsi_ask_waits(node, false) || rnsi_ask_waits(node, true) ||
           rnsi_destination_waits(node) || (RNS_WITH_RESOURCES && rnsi_resource_waits(node));
}

// ---- Time

static void channel_deadline(rns_node_t *node, rns_pool_t pool, void *element) {
    if (pool == RNS_POOL_CHANNEL) {
        rnsi_channel_due(node, element);
    } else {
        rnsi_envelope_due(node, element);
    }
}

static void resource_deadline(rns_node_t *node, rns_pool_t pool, void *element) {
    if (pool == RNS_POOL_RESOURCE_IN) {
        rnsi_resource_in_due(node, element);
    } else {
        rnsi_resource_out_due(node, element);
    }
}

static void deadline(rns_node_t *node, rns_pool_t pool, void *element) {
    switch (pool) {
    case RNS_POOL_IFACE:
        rnsi_iface_due(node, element);
        release_held(node, element);
        break;
    case RNS_POOL_RELAY:
        if (RNS_WITH_TRANSPORT) {
            rnsi_relay_due(node, element);
        }
        break;
    case RNS_POOL_ASK:
        rnsi_ask_due(node, element);
        break;
    case RNS_POOL_RECEIPT:
        rnsi_receipt_due(node, element);
        break;
    case RNS_POOL_REQUEST:
        rnsi_request_due(node, element);
        break;
    case RNS_POOL_LINK:
        rnsi_link_due(node, element);
        break;
    case RNS_POOL_CHANNEL:
    case RNS_POOL_ENVELOPE:
        if (RNS_WITH_CHANNELS) {
            channel_deadline(node, pool, element);
        }
        break;
    case RNS_POOL_RESOURCE_IN:
    case RNS_POOL_RESOURCE_OUT:
        if (RNS_WITH_RESOURCES) {
            resource_deadline(node, pool, element);
        }
        break;
    default: // rows without deadlines
        break;
    }
}

static void send_announces(rns_node_t *node, uint32_t *announces) {
    if (RNS_WITH_TRANSPORT) {
        rnsi_announces_due(node, announces);
    }
}

static void work_deadlines(rns_node_t *node) {
    rns_pool_t pool;
    void *element;
    uint32_t announces = RNSI_NONE; // due one after the other
    for (uint32_t i = 0; i < MOST_DEADLINES; i++) {
        if ((element = rnsi_timers_pop(&node->memory, node->now, &pool)) == NULL) {
            break;
        }
        if (RNS_WITH_TRANSPORT && pool == RNS_POOL_ANNOUNCE) {
            rnsi_announce_ready(node, &announces, element);
            continue;
        }
        send_announces(node, &announces);
        deadline(node, pool, element);
    }
    send_announces(node, &announces);
}

// Long-lived tables expire from their old ends.
static void work_tables(rns_node_t *node) {
    static const rns_pool_t AGING[] = {RNS_POOL_PATH, RNS_POOL_REVERSE, RNS_POOL_RATCHET_PEER};
    node->tables_at = node->now + TABLES_EVERY;
    for (size_t i = 0; i < sizeof AGING / sizeof *AGING; i++) {
        if (rnsi_pool_expire(&node->memory.pools[AGING[i]], node->now, MOST_EXPIRED) ==
            MOST_EXPIRED) {
            node->tables_at = node->now; // more are due
        }
    }
    if (RNS_WITH_TRANSPORT) {
        rnsi_tunnel_clean(node);
    }
    rnsi_known_clean(node);
    if (node->now >= node->blackholes_at) {
        node->blackholes_at = node->now + HOLES_EVERY;
        rnsi_blackhole_clean(node);
    }
}

void rns_tick(rns_node_t *node, rns_us_t now) {
    node->now = now;
    work_deadlines(node);
    if (!node->host_verifies) {
        rnsi_inbox_check(node, MOST_CHECKS);
    }
    work_announces(node);
    work_asks(node, false);
    work_asks(node, true);
    rnsi_destination_tick(node);
    if (RNS_WITH_RESOURCES) {
        rnsi_resource_tick(node);
    }
    if (node->asks_queued > 0 && now >= node->ask_queue_at) {
        rnsi_ask_queue_due(node);
    }
    if (now >= node->managed_at) {
        node->managed_at = now + MANAGED_EVERY;
        rnsi_destination_managed(node);
    }
    if (now >= node->tables_at) {
        work_tables(node);
    }
    rnsi_records_tick(node);
}

rns_us_t rns_next_due(const rns_node_t *node) {
    if (more_waits(node)) {
        return node->now;
    }
    const rns_us_t times[] = {node->asks_queued > 0 ? node->ask_queue_at : RNS_NEVER,
                              node->managed_at, node->tables_at, rnsi_records_due(node)};
    rns_us_t due = rnsi_timers_next(&node->memory);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        due = times[i] < due ? times[i] : due;
    }
    return due;
}
