// inbox.c -- see inbox.h.
#include "route/inbox.h"

#include "memory/bytes.h"
#include "route/announce.h"
#include "route/ask.h"
#include "route/blackhole.h"
#include "route/cache.h"
#include "route/filter.h"
#include "route/iface.h"
#include "route/ingress.h"
#include "route/known.h"
#include "route/path.h"
#include "route/rate.h"
#include "route/tunnel.h"
#include "rules.h"

#define REBROADCAST_WINDOW_MS 500U // Transport.PATHFINDER_RW

static rnsi_pool_t *pool_of(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, INBOX_ANNOUNCE);
}

// ---- Coming in

static void keep(rns_node_t *node, struct rnsi_inbox_announce *slot, const rnsi_rx_t *rx) {
    memcpy(slot->hash, rx->hash, sizeof slot->hash);
    memcpy(slot->raw, rx->packet.raw, rx->packet.size);
    slot->size = (uint16_t)rx->packet.size;
    slot->from = rx->from;
    slot->hops = rx->hops;
    // What was seen before was verified before.
    slot->state = rx->seen ? RNSI_INBOX_VALID : RNSI_INBOX_WAITS;
    if (slot->state == RNSI_INBOX_WAITS && node->inbox_check == RNSI_NONE) {
        node->inbox_check = rnsi_pool_slot(pool_of(node), slot);
    }
}

rns_verdict_t rnsi_inbox_receive(rns_node_t *node, rnsi_rx_t *rx) {
    if (rx->packet.size > RNS_MTU) {
        return RNS_RX_LONG;
    }
    rnsi_announce_t parts;
    if (!rnsi_announce_parse(&rx->packet, &parts)) {
        return RNS_RX_MALFORMED;
    }
    if (RNSI_POOL(node, BLACKHOLE)->used > 0) {
        rnsi_identity_t identity;
        rnsi_identity_from_public(&node->crypto, &identity, parts.keys);
        if (rnsi_blackholed(node, identity.hash.b)) {
            return RNS_RX_BLACKHOLED;
        }
    }
    rnsi_rx_hash(node, rx);
    if (!rx->seen && !rnsi_announce_fits_dest(&node->crypto, &parts)) {
        return RNS_RX_BAD_ANNOUNCE;
    }
    if (!rnsi_share_take(node, rx->iface, RNSI_SHARE_ANNOUNCE)) {
        return RNS_RX_FULL;
    }
    struct rnsi_inbox_announce *slot = rnsi_pool_take(pool_of(node), node->now, NULL);
    if (slot == NULL) {
        rnsi_share_give(node, rx->from, RNSI_SHARE_ANNOUNCE);
        return RNS_RX_FULL;
    }
    keep(node, slot, rx);
    return RNS_RX_QUEUED;
}

// ---- The signature check, here or by the host

// The next one that waits, from this slot on.
static uint32_t next_waiting(const rns_node_t *node, const struct rnsi_inbox_announce *slot) {
    while (slot != NULL && slot->state != RNSI_INBOX_WAITS) {
        slot = rnsi_pool_next(pool_of(node), slot);
    }
    return slot != NULL ? rnsi_pool_slot(pool_of(node), slot) : RNSI_NONE;
}

static struct rnsi_inbox_announce *take_waiting(rns_node_t *node) {
    if (node->inbox_check == RNSI_NONE) {
        return NULL;
    }
    struct rnsi_inbox_announce *slot = rnsi_pool_at(pool_of(node), node->inbox_check);
    node->inbox_check = next_waiting(node, rnsi_pool_next(pool_of(node), slot));
    return slot;
}

static bool parse(struct rnsi_inbox_announce *slot, rnsi_packet_t *packet, rnsi_announce_t *parts) {
    return rnsi_packet_parse((rns_mem_t){slot->raw, slot->size}, packet) &&
           rnsi_announce_parse(packet, parts);
}

bool rnsi_inbox_check(rns_node_t *node, uint32_t most) {
    struct rnsi_inbox_announce *slot;
    while (most > 0 && (slot = take_waiting(node)) != NULL) {
        rnsi_packet_t packet;
        rnsi_announce_t parts;
        const bool valid =
            parse(slot, &packet, &parts) && rnsi_announce_verify(&node->crypto, &parts);
        slot->state = valid ? RNSI_INBOX_VALID : RNSI_INBOX_INVALID;
        most--;
    }
    return node->inbox_check != RNSI_NONE;
}

bool rns_job_take(rns_node_t *node, rns_job_t *job) {
    struct rnsi_inbox_announce *slot = take_waiting(node);
    rnsi_packet_t packet;
    rnsi_announce_t parts;
    if (slot == NULL || !parse(slot, &packet, &parts)) {
        return false;
    }
    rnsi_writer_t w = rnsi_writer((rns_mem_t){job->space, sizeof job->space});
    rnsi_write(&w, parts.keys + 32, 32);
    rnsi_write(&w, parts.signature, RNSI_SIGNATURE_SIZE);
    job->pub = job->space;
    job->signature = job->space + 32;
    uint8_t *message = w.at;
    job->message.data = message;
    job->message.size = rnsi_announce_signed(
        &parts, (rns_mem_t){message, (size_t)(job->space + sizeof job->space - message)});
    slot->state = RNSI_INBOX_AT_HOST;
    job->slot = rnsi_pool_slot(pool_of(node), slot);
    job->gen = slot->slot.gen;
    return true;
}

void rns_job_done(rns_node_t *node, rns_us_t now, const rns_job_t *job, bool valid) {
    node->now = now;
    struct rnsi_inbox_announce *slot = rnsi_pool_get(pool_of(node), job->slot, job->gen);
    if (slot != NULL && slot->state == RNSI_INBOX_AT_HOST) {
        slot->state = valid ? RNSI_INBOX_VALID : RNSI_INBOX_INVALID;
    }
}

void rns_job_mode(rns_node_t *node, bool host_verifies) {
    node->host_verifies = host_verifies;
}

bool rnsi_inbox_is_done(const rns_node_t *node) {
    const struct rnsi_inbox_announce *slot = rnsi_pool_oldest(pool_of(node), 0);
    return slot != NULL && (slot->state == RNSI_INBOX_VALID || slot->state == RNSI_INBOX_INVALID);
}

// ---- Into the tables

static bool is_rate_blocked(rns_node_t *node, const rnsi_announce_in_t *in) {
    return !in->is_response && in->iface->rate_target_s > 0 &&
           rnsi_rate_blocks(node, in->iface, in->parts.dest);
}

static void pass_on(rns_node_t *node, const rnsi_announce_in_t *in, uint32_t cache) {
    const bool is_blocked = is_rate_blocked(node, in);
    if (cache == RNSI_NONE || !rnsi_transports(node) || in->is_response || is_blocked) {
        return;
    }
    uint8_t noise[2] = {0, 0};
    rnsi_random(node, noise, sizeof noise);
    const rns_us_t delay =
        (rns_us_t)rnsi_get16(noise) * REBROADCAST_WINDOW_MS * RNSI_MS / (UINT16_MAX + 1);
    rnsi_announce_pass_on(node, in->parts.dest, cache, in->hops, delay);
}

static rnsi_path_news_t news_of(const rnsi_announce_in_t *in) {
    const rnsi_path_news_t news = {
        .dest = in->parts.dest,
        .next_hop = in->packet.transport_id != NULL ? in->packet.transport_id : in->parts.dest,
        .signer = in->parts.keys + 32,
        .blob = in->parts.random,
        .emission_s = rnsi_announce_emitted(in->parts.random),
        .hops = in->hops,
        .iface = in->iface,
    };
    return news;
}

// A better announce than what we knew: table, cache, and whoever waits for it.
static rns_verdict_t learn(rns_node_t *node, const rnsi_announce_in_t *in,
                           const rnsi_path_news_t *news) {
    const rns_bytes_t raw = {in->packet.raw, in->packet.size};
    const uint32_t cache =
        RNS_WITH_TRANSPORT ? rnsi_cache_put(node, raw, in->hash, in->from) : RNSI_NONE;
    if (cache != RNSI_NONE) {
        rnsi_cache_pin(node, cache); // while the path is being made room for
    }
    const struct rnsi_path *path = rnsi_path_learn(node, news, cache);
    if (path != NULL) {
        rnsi_known_learn(node, &in->parts, in->hash);
        pass_on(node, in, cache);
        rnsi_ask_answered(node, in->parts.dest, cache, in->hops);
        if (RNS_WITH_TRANSPORT) {
            rnsi_tunnel_learn(node, in->iface, path);
        }
        node->announces++;
    }
    if (cache != RNSI_NONE) {
        rnsi_cache_unpin(node, cache);
    }
    return path != NULL ? RNS_RX_LEARNED : RNS_RX_FULL;
}

static rns_verdict_t accept(rns_node_t *node, rnsi_announce_in_t *in) {
    rnsi_filter_remember_announce(node, in->hash, in->packet.context_flag != 0);
    if (rnsi_known_contradicts(node, in->parts.dest, in->parts.keys)) {
        return RNS_RX_BAD_ANNOUNCE;
    }
    if (rnsi_pool_find(RNSI_POOL(node, DEST), in->parts.dest) != NULL) {
        return RNS_RX_OWN;
    }
    if (!RNSI_HOP_BYTE_IS_LIMITED && in->hops > RNSI_HOPS_MAX + 1) {
        return RNS_RX_HOPS;
    }
    if (in->packet.transport_id != NULL && rnsi_transports(node)) {
        rnsi_announce_heard(node, in->parts.dest, in->hops);
    }
    const rnsi_path_news_t news = news_of(in);
    return rnsi_path_wants(node, &news) ? learn(node, in, &news) : RNS_RX_OLD;
}

// Takes a stored announce apart again. false: its interface is gone.
static bool open_in(rns_node_t *node, rnsi_announce_in_t *in, rns_mem_t raw,
                    rnsi_iface_ref_t from) {
    in->from = from;
    in->iface = rnsi_iface_at(node, from);
    if (in->iface == NULL || !rnsi_iface_online(in->iface) ||
        !rnsi_packet_parse(raw, &in->packet) || !rnsi_announce_parse(&in->packet, &in->parts)) {
        return false;
    }
    in->hops = (uint8_t)(in->packet.hops + 1);
    in->is_response = in->packet.context == RNSI_CONTEXT_PATH_RESPONSE;
    rnsi_identity_from_public(&node->crypto, &in->identity, in->parts.keys);
    return true;
}

// Unknown destinations wait while their interface is in a burst, unless somebody asked for them.
static bool is_held(rns_node_t *node, const rnsi_announce_in_t *in) {
    return rnsi_path_find(node, in->parts.dest) == NULL &&
           !rnsi_ask_expects(node, in->parts.dest) && rnsi_ingress_limits(node, in->iface);
}

rns_verdict_t rnsi_inbox_next(rns_node_t *node, rnsi_announce_in_t *in) {
    struct rnsi_inbox_announce *slot = rnsi_pool_oldest(pool_of(node), 0);
    *in = (rnsi_announce_in_t){.slot = slot, .hash = slot->hash};
    if (!open_in(node, in, (rns_mem_t){slot->raw, slot->size}, slot->from)) {
        return RNS_RX_OFFLINE;
    }
    if (slot->state == RNSI_INBOX_INVALID) {
        return RNS_RX_BAD_SIGNATURE;
    }
    rnsi_flow_count(node, in->iface, RNSI_FLOW_ANNOUNCE_IN);
    if (is_held(node, in)) {
        return rnsi_held_put(node, in->iface, slot, in->parts.dest) ? RNS_RX_HELD : RNS_RX_FULL;
    }
    return accept(node, in);
}

void rnsi_inbox_end(rns_node_t *node, rnsi_announce_in_t *in) {
    struct rnsi_inbox_announce *slot = in->slot;
    rnsi_share_give(node, slot->from, RNSI_SHARE_ANNOUNCE);
    rnsi_pool_give(pool_of(node), slot);
}

rns_verdict_t rnsi_inbox_released(rns_node_t *node, struct rnsi_held *held,
                                  rnsi_announce_in_t *in) {
    *in = (rnsi_announce_in_t){.slot = held, .hash = held->hash};
    if (!open_in(node, in, (rns_mem_t){held->raw, held->size}, held->from)) {
        return RNS_RX_OFFLINE;
    }
    return accept(node, in);
}
