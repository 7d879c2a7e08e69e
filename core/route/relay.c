// relay.c -- see relay.h.
#include "route/relay.h"

#include "memory/bytes.h"
#include "route/ask.h"
#include "route/iface.h"
#include "route/path.h"

#define LINK_TIMEOUT      (900 * RNSI_SECOND) // Transport.LINK_TIMEOUT
#define PATH_REQUEST_MI   (20 * RNSI_SECOND)  // Transport.PATH_REQUEST_MI
#define SIGNALLING_SIZE   3U                  // Link.LINK_MTU_SIZE
#define MTU_BITS          0x1FFFFFU           // Link.MTU_BYTEMASK
#define MTU_SHIFT         21U
#define MODE_AES256_CBC   1U // Link.MODE_AES256_CBC, the one that is enabled
#define SIGNATURE_SIZE    64U
#define PROOF_SIZE        96U // signature, the responder's X25519 key
#define PROOF_SIGNAL_SIZE 99U // with signalling

static rnsi_pool_t *pool_of(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, RELAY);
}

struct rnsi_relay *rnsi_relay_find(const rns_node_t *node, const uint8_t link_id[16]) {
    return rnsi_pool_find(pool_of(node), link_id);
}

// ---- Signalling: the MTU in the lower 21 bits, the mode in the upper 3

static uint32_t get_signalling(const uint8_t *p) {
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static void put_signalling(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)(v >> 16);
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)v;
}

// false: it cannot be clamped, since its mode is none that there is.
static bool clamp_mtu(rnsi_rx_t *rx, const struct rnsi_iface *out) {
    rnsi_packet_t *p = &rx->packet;
    if (p->data.size != RNSI_ECPUBSIZE + SIGNALLING_SIZE) {
        return true;
    }
    uint8_t *at = p->raw + p->size - SIGNALLING_SIZE;
    const uint32_t signalled = get_signalling(at), mtu = signalled & MTU_BITS;
    if (mtu == 0) {
        return true;
    }
    if (out->hw_mtu == 0 || out->mtu_kind == RNS_MTU_NONE) {
        p->size -= SIGNALLING_SIZE;
        p->data.size -= SIGNALLING_SIZE;
        return true;
    }
    uint32_t most = out->hw_mtu;
    if (rx->iface->hw_mtu != 0 && rx->iface->hw_mtu < most) {
        most = rx->iface->hw_mtu;
    }
    if (most >= mtu) {
        return true;
    }
    put_signalling(at, (signalled & ~MTU_BITS) | most);
    return signalled >> MTU_SHIFT == MODE_AES256_CBC;
}

// ---- Life

static void unpin_path(rns_node_t *node, const struct rnsi_relay *relay) {
    rnsi_pool_t *paths = RNSI_POOL(node, PATH);
    struct rnsi_path *path =
        relay->validated ? rnsi_pool_get(paths, relay->path, relay->path_gen) : NULL;
    if (path != NULL) {
        rnsi_pool_unpin(paths, path, node->now);
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
        return RNS_RX_MALFORMED;
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
    const rns_us_t air = (rns_us_t)RNS_MTU * 8 * RNSI_SECOND / out->bitrate;
    rnsi_timer_set(pool_of(node), relay, node->now + hops * RNSI_PER_HOP_TIMEOUT + air);
    return RNS_RX_FORWARDED;
}

// ---- Proof

static bool proof_is_signed(const rns_node_t *node, const struct rnsi_relay *relay,
                            rns_bytes_t data) {
    uint8_t text[16 + 32 + 32 + SIGNALLING_SIZE];
    rnsi_writer_t w = rnsi_writer((rns_mem_t){text, sizeof text});
    rnsi_write(&w, relay->hash, sizeof relay->hash);
    rnsi_write(&w, data.data + SIGNATURE_SIZE, 32);
    rnsi_write(&w, relay->signer, sizeof relay->signer);
    if (data.size == PROOF_SIGNAL_SIZE) {
        rnsi_write(&w, data.data + PROOF_SIZE, SIGNALLING_SIZE);
    }
    return node->crypto.v->ed25519_verify(node->crypto.self, data.data, relay->signer, text,
                                          rnsi_written(&w));
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
    const rns_bytes_t data = rx->packet.data;
    if (data.size != PROOF_SIZE && data.size != PROOF_SIGNAL_SIZE) {
        return RNS_RX_MALFORMED;
    }
    if (data.size == PROOF_SIGNAL_SIZE &&
        get_signalling(data.data + PROOF_SIZE) >> MTU_SHIFT != MODE_AES256_CBC) {
        return RNS_RX_MALFORMED;
    }
    if (rx->hops != relay->remaining && relay->validated) {
        return RNS_RX_WRONG_HOPS;
    }
    if (!proof_is_signed(node, relay, data)) {
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
