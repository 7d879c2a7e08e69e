// relay.c -- see relay.h.
#include "route/relay.h"

#include "route/ask.h"
#include "route/iface.h"
#include "route/path.h"
#include "rules.h"
#include "wire/link.h"

#define LINK_TIMEOUT    (900 * RNSI_SECOND) // Transport.LINK_TIMEOUT
#define PATH_REQUEST_MI (20 * RNSI_SECOND)  // Transport.PATH_REQUEST_MI

static rnsi_pool_t *pool_of(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, RELAY);
}

struct rnsi_relay *rnsi_relay_find(const rns_node_t *node, const uint8_t link_id[16]) {
    return rnsi_pool_find(pool_of(node), link_id);
}

// ---- Signalling

// false: it cannot be clamped, since its mode is none that there is.
static bool clamp_mtu(rnsi_rx_t *rx, const struct rnsi_iface *out) {
    rnsi_packet_t *p = &rx->packet;
    if (p->data.size != RNSI_LINK_REQUEST) {
        return true;
    }
    uint8_t *at = p->raw + p->size - RNSI_SIGNALLING;
    const rnsi_signalling_t signalled = rnsi_signalling_get(at);
    if (signalled.mtu == 0) {
        return true;
    }
    if (out->hw_mtu == 0 || out->mtu_kind == RNS_MTU_NONE) {
        p->size -= RNSI_SIGNALLING;
        p->data.size -= RNSI_SIGNALLING;
        return true;
    }
    uint32_t most = out->hw_mtu;
    if (rx->iface->hw_mtu != 0 && rx->iface->hw_mtu < most) {
        most = rx->iface->hw_mtu;
    }
    if (most >= signalled.mtu) {
        return true;
    }
    rnsi_signalling_put(at, most, signalled.mode);
    return signalled.mode == RNSI_LINK_MODE_AES256;
}

// ---- Life

static void unpin_path(rns_node_t *node, const struct rnsi_relay *relay) {
    rnsi_pool_t *paths = RNSI_POOL(node, PATH);
    struct rnsi_path *path =
        relay->validated ? rnsi_pool_get(paths, relay->path, relay->path_gen) : NULL;
    if (path != NULL) {
        rnsi_pool_unpin(paths, path, node->now);
        path->used_ms = 0;
    }
}

void rnsi_relay_culled(void *context, void *element) {
    unpin_path(context, element);
}

static void give(rns_node_t *node, struct rnsi_relay *relay) {
    unpin_path(node, relay);
    rnsi_pool_give(pool_of(node), relay);
}

rns_verdict_t rnsi_relay_open(rns_node_t *node, rnsi_rx_t *rx, const struct rnsi_path *path,
                              const struct rnsi_iface *out) {
    uint8_t link_id[16];
    rnsi_packet_link_id(&node->crypto, &rx->packet, link_id);
    if (!clamp_mtu(rx, out)) {
        return RNS_RX_BAD_MODE;
    }
    struct rnsi_relay *relay = rnsi_relay_find(node, link_id);
    if (relay != NULL && relay->validated) {
        return RNS_RX_DUPLICATE; // with other signalling it must not close the link that is open
    }
    if (relay != NULL) {
        give(node, relay);
    }
    relay = rnsi_pool_take(pool_of(node), node->now, link_id);
    if (relay == NULL) {
        return RNS_RX_FULL;
    }
    memcpy(relay->dest, path->hash, sizeof relay->dest);
    memcpy(relay->signer, path->signer, sizeof relay->signer);
    relay->path = rnsi_pool_slot(RNSI_POOL(node, PATH), path);
    relay->path_gen = path->slot.gen;
    relay->next = path->iface;
    relay->received = rx->from;
    relay->remaining = path->hops;
    relay->taken = rx->hops;
    const rns_us_t hops = path->hops > 0 ? path->hops : 1;
    const uint32_t bitrate = RNSI_PROOF_GOES_BY_OUTBOUND ? out->bitrate : rx->iface->bitrate;
    const rns_us_t air = (rns_us_t)RNS_MTU * 8 * RNSI_SECOND / bitrate;
    rnsi_timer_set(pool_of(node), relay, node->now + hops * RNSI_PER_HOP_TIMEOUT + air);
    return RNS_RX_FORWARDED;
}

// ---- Proof

static bool proof_is_signed(const rns_node_t *node, const struct rnsi_relay *relay,
                            const rnsi_link_proof_t *proof) {
    uint8_t text[RNSI_LINK_SIGNED];
    const size_t size =
        rnsi_link_signed(text, relay->hash, proof->x25519, relay->signer, proof->signalling);
    return node->crypto.v->ed25519_verify(node->crypto.self, proof->signature, relay->signer, text,
                                          size);
}

static void validate(rns_node_t *node, struct rnsi_relay *relay, struct rnsi_path *path) {
    if (relay->validated) {
        return;
    }
    relay->validated = 1;
    rnsi_pool_pin(pool_of(node), relay);
    if (path != NULL) {
        rnsi_pool_pin(RNSI_POOL(node, PATH), path);
    }
}

rns_verdict_t rnsi_relay_prove(rns_node_t *node, struct rnsi_relay *relay, const rnsi_rx_t *rx) {
    rnsi_link_proof_t proof;
    if (!rnsi_link_proof_parse(rx->packet.data, &proof)) {
        return RNS_RX_MALFORMED;
    }
    if (proof.signalling.mode != RNSI_LINK_MODE_AES256) {
        return RNS_RX_BAD_MODE;
    }
    if (rx->hops != relay->remaining && (relay->validated || !RNSI_LINKS_REBALANCE)) {
        return RNS_RX_WRONG_HOPS;
    }
    if (!proof_is_signed(node, relay, &proof)) {
        return RNS_RX_BAD_PROOF;
    }
    struct rnsi_path *path = rnsi_pool_get(RNSI_POOL(node, PATH), relay->path, relay->path_gen);
    if (rx->hops != relay->remaining) { // the way was longer or shorter than we thought
        relay->remaining = rx->hops;
        if (path != NULL) {
            path->hops = rx->hops;
        }
    }
    validate(node, relay, path);
    rnsi_relay_used(node, relay);
    rnsi_timer_set(pool_of(node), relay, node->now + LINK_TIMEOUT);
    return RNS_RX_FORWARDED;
}

void rnsi_relay_used(rns_node_t *node, struct rnsi_relay *relay) {
    relay->slot.touched = node->now;
}

// The proof of a link never came: should the path be asked for again, and where not?
// (Transport.jobs, culling of the link table)
static void rediscover(rns_node_t *node, const struct rnsi_relay *relay) {
    struct rnsi_path *path = rnsi_path_find(node, relay->dest);
    if (path == NULL) {
        rnsi_ask_queue(node, relay->dest, rnsi_no_iface());
        return;
    }
    const rns_us_t asked = rnsi_ask_last(node, relay->dest);
    const bool is_throttled = asked != RNSI_NOT_ASKED && node->now - asked < PATH_REQUEST_MI;
    if (is_throttled || (path->hops != 1 && relay->taken != 1)) {
        return;
    }
    const struct rnsi_iface *received = rnsi_iface_at(node, relay->received);
    if (received != NULL && received->mode != RNS_MODE_BOUNDARY) {
        path->state = RNS_PATH_UNRESPONSIVE;
    }
    rnsi_ask_queue(node, relay->dest, relay->received);
}

void rnsi_relay_due(rns_node_t *node, struct rnsi_relay *relay) {
    if (!relay->validated) {
        rediscover(node, relay);
        give(node, relay);
        return;
    }
    const rns_us_t until = relay->slot.touched + LINK_TIMEOUT;
    const bool both_there =
        rnsi_iface_at(node, relay->next) != NULL && rnsi_iface_at(node, relay->received) != NULL;
    if (node->now < until && both_there) {
        rnsi_timer_set(pool_of(node), relay, until);
        return;
    }
    give(node, relay);
}
