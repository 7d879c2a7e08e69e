// link_receive.c -- the packets of an open link, by their context (RNS/Link.py: receive).
#include "route/blackhole.h"
#include "route/filter.h"
#include "route/iface.h"
#include "rules.h"
#include "session/channel.h"
#include "session/destination.h"
#include "session/link.h"
#include "session/receipt.h"
#include "session/request.h"
#include "session/resource.h"
#include "wire/link.h"

#define PING 0xFFU // the initiator's keepalive
#define PONG 0xFEU // the responder's answer

// ---- What an open link carries

// Where the plain text of a token goes: over its cipher text.
static bool decrypt(rns_node_t *node, const struct rnsi_link *link, const rnsi_rx_t *rx,
                    rns_bytes_t *plain) {
    const rns_bytes_t token = rx->packet.data;
    if (token.size < RNSI_TOKEN_OVERHEAD) {
        return false;
    }
    uint8_t *start = rx->packet.raw + (rx->packet.size - token.size) + RNSI_TOKEN_IV;
    const rns_mem_t out = {start, token.size - RNSI_TOKEN_OVERHEAD};
    plain->data = start;
    return rnsi_token_decrypt(&node->crypto, link->key_secret, sizeof link->key_secret, token, out,
                              &plain->size);
}

static void prove_as_asked(rns_node_t *node, rns_link_t handle, const uint8_t hash[32]) {
    struct rnsi_link *link = rnsi_link_get(node, handle); // the application may have closed it
    if (link == NULL) {
        return;
    }
    switch ((rns_prove_t)link->prove) {
    case RNS_PROVE_NONE:
        break;
    case RNS_PROVE_APP:
        rnsi_prove_link_ask(node, link, hash);
        break;
    case RNS_PROVE_ALL:
        rnsi_link_prove(node, link, hash);
        break;
    }
}

static rns_verdict_t packet(rns_node_t *node, struct rnsi_link *link, const rnsi_rx_t *rx,
                            rns_bytes_t plain) {
    rns_event_t event = {
        .type = RNS_EV_LINK_PACKET,
        .link = rnsi_link_handle(node, link),
        .data = plain,
        .hops = rx->hops,
        .iface = rnsi_iface_handle(node, rx->iface),
        .phy = rx->phy,
        .packet_hash = rx->hash,
    };
    rnsi_event(node, &event);
    prove_as_asked(node, event.link, rx->hash);
    return RNS_RX_DELIVERED;
}

static rns_verdict_t identify(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain) {
    if (rnsi_link_is_initiator(link)) {
        return RNS_RX_NOT_NOW;
    }
    if (plain.size != RNSI_LINK_IDENTITY) {
        return RNS_RX_MALFORMED;
    }
    if (RNSI_PEER_STAYS && (link->flags & RNSI_LINK_KNOWS_PEER) != 0) {
        return RNS_RX_REPEATED; // the first one stays
    }
    uint8_t text[RNSI_LINK_PEER_SIGNED];
    memcpy(text, link->hash, sizeof link->hash);
    memcpy(text + sizeof link->hash, plain.data, RNSI_IDENTITY_PUB);
    if (!rnsi_identity_verify(&node->crypto, plain.data, (rns_bytes_t){text, sizeof text},
                              plain.data + RNSI_IDENTITY_PUB)) {
        return RNS_RX_BAD_PROOF;
    }
    rnsi_identity_t id;
    rnsi_identity_from_public(&node->crypto, &id, plain.data);
    if (RNSI_BLACKHOLE_ENDS_LINKS && rnsi_blackholed(node, id.hash.b)) {
        rnsi_link_end(node, link);
        return RNS_RX_BLACKHOLED;
    }
    link->flags |= RNSI_LINK_KNOWS_PEER;
    memcpy(link->peer, id.hash.b, sizeof link->peer);
    memcpy(link->peer_pub, id.pub, sizeof link->peer_pub);
    rns_event_t event = {
        .type = RNS_EV_LINK_PEER,
        .link = rnsi_link_handle(node, link),
        .identity = id.hash,
        .pub = id.pub,
    };
    rnsi_event(node, &event);
    return RNS_RX_DELIVERED;
}

static rns_verdict_t close_asked(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain) {
    if (plain.size != sizeof link->hash || memcmp(plain.data, link->hash, plain.size) != 0) {
        return RNS_RX_MALFORMED;
    }
    const rns_link_reason_t reason =
        rnsi_link_is_initiator(link) ? RNS_LINK_DESTINATION_CLOSED : RNS_LINK_INITIATOR_CLOSED;
    rnsi_link_close(node, link, reason, false);
    return RNS_RX_DELIVERED;
}

// The responder answers when it has been silent itself.
static rns_verdict_t keepalive(rns_node_t *node, struct rnsi_link *link, rns_bytes_t data) {
    if (data.size != 1) {
        return RNS_RX_MALFORMED;
    }
    const bool was_silent = node->now >= link->last_outbound + link->keepalive_us;
    if (!rnsi_link_is_initiator(link) && data.data[0] == PING &&
        (was_silent || !RNSI_PONGS_WHEN_SILENT)) {
        const uint8_t pong = PONG;
        rnsi_link_send_bare(node, link, RNSI_TYPE_DATA, RNSI_CONTEXT_KEEPALIVE,
                            (rns_bytes_t){&pong, 1});
    }
    return RNS_RX_DELIVERED;
}

static rns_verdict_t proof(rns_node_t *node, struct rnsi_link *link, rnsi_rx_t *rx) {
    if (rx->packet.context == RNSI_CONTEXT_RESOURCE_PRF) {
        return RNS_WITH_RESOURCES ? rnsi_resource_proof(node, link, rx->packet.data)
                                  : RNS_RX_NOT_NOW;
    }
    const rns_link_t handle = rnsi_link_handle(node, link);
    rns_verdict_t verdict =
        RNS_WITH_CHANNELS ? rnsi_channel_proof(node, link, rx->packet.data) : RNS_RX_NO_PROOF;
    if (verdict == RNS_RX_NO_PROOF) {
        verdict = rnsi_receipt_link_proof(node, rx);
    }
    link = rnsi_link_get(node, handle);
    if (verdict == RNS_RX_DELIVERED && link != NULL) {
        link->last_proof = node->now;
    }
    return verdict;
}

// ---- Which is it?

static rns_verdict_t resource(rns_node_t *node, struct rnsi_link *link, const rnsi_rx_t *rx,
                              rns_bytes_t plain) {
    switch (rx->packet.context) {
    case RNSI_CONTEXT_RESOURCE_ADV:
        return rnsi_resource_offered(node, link, plain);
    case RNSI_CONTEXT_RESOURCE_REQ:
        return rnsi_resource_asked(node, link, plain, rx->hash);
    case RNSI_CONTEXT_RESOURCE_HMU:
        return rnsi_resource_mapped(node, link, plain);
    case RNSI_CONTEXT_RESOURCE_ICL:
        return rnsi_resource_cancelled(node, link, plain);
    default:
        return rnsi_resource_rejected(node, link, plain);
    }
}

static rns_verdict_t encrypted(rns_node_t *node, struct rnsi_link *link, rnsi_rx_t *rx) {
    rns_bytes_t plain;
    rnsi_rx_hash(node, rx); // before the packet is decrypted in place
    if (!decrypt(node, link, rx, &plain)) {
        return RNS_RX_BAD_TOKEN;
    }
    switch (rx->packet.context) {
    case RNSI_CONTEXT_NONE:
        return packet(node, link, rx, plain);
    case RNSI_CONTEXT_LINKIDENTIFY:
        return identify(node, link, plain);
    case RNSI_CONTEXT_LRRTT:
        return rnsi_link_rtt(node, link, plain, rx->hops);
    case RNSI_CONTEXT_LINKCLOSE:
        return close_asked(node, link, plain);
    case RNSI_CONTEXT_CHANNEL:
        return RNS_WITH_CHANNELS ? rnsi_channel_receive(node, link, plain, rx->hash)
                                 : RNS_RX_NOT_NOW;
    case RNSI_CONTEXT_RESOURCE_ADV:
    case RNSI_CONTEXT_RESOURCE_REQ:
    case RNSI_CONTEXT_RESOURCE_HMU:
    case RNSI_CONTEXT_RESOURCE_ICL:
    case RNSI_CONTEXT_RESOURCE_RCL:
        return RNS_WITH_RESOURCES ? resource(node, link, rx, plain) : RNS_RX_NOT_NOW;
    case RNSI_CONTEXT_REQUEST:
        return rnsi_request_receive(node, link, plain, rx->hash);
    case RNSI_CONTEXT_RESPONSE:
        return rnsi_response_receive(node, link, plain);
    default:
        return RNS_RX_NOT_NOW;
    }
}

// A part of a transfer, whose bytes are the node's to change.
static rns_verdict_t part(rns_node_t *node, struct rnsi_link *link, const rnsi_rx_t *rx) {
    const rnsi_packet_t *p = &rx->packet;
    const rns_mem_t data = {p->raw + (p->size - p->data.size), p->data.size};
    return rnsi_resource_part(node, link, data, p->size);
}

static rns_verdict_t dispatch(rns_node_t *node, struct rnsi_link *link, rnsi_rx_t *rx) {
    if (rx->packet.type == RNSI_TYPE_PROOF) {
        return proof(node, link, rx);
    }
    switch (rx->packet.context) {
    case RNSI_CONTEXT_KEEPALIVE:
        return keepalive(node, link, rx->packet.data);
    case RNSI_CONTEXT_RESOURCE:
        return RNS_WITH_RESOURCES ? part(node, link, rx) : RNS_RX_NOT_NOW;
    case RNSI_CONTEXT_CACHE_REQUEST:
        return RNS_WITH_RESOURCES ? rnsi_resource_proof_asked(node, link, rx->packet.data)
                                  : RNS_RX_NOT_NOW;
    default:
        return encrypted(node, link, rx);
    }
}

static bool is_ping(const rnsi_packet_t *p) {
    return p->context == RNSI_CONTEXT_KEEPALIVE && p->data.size == 1 && p->data.data[0] == PING;
}

// Before the initiator has said that it has our proof, it can say only that, or that it gives up.
static bool fits_state(const struct rnsi_link *link, const rnsi_packet_t *p) {
    switch ((rns_link_state_t)link->state) {
    case RNS_LINK_HANDSHAKE:
        return p->type == RNSI_TYPE_DATA &&
               (p->context == RNSI_CONTEXT_LRRTT || p->context == RNSI_CONTEXT_LINKCLOSE);
    case RNS_LINK_ACTIVE:
    case RNS_LINK_STALE:
        return p->type != RNSI_TYPE_LINKREQUEST && p->context != RNSI_CONTEXT_LRPROOF;
    case RNS_LINK_PENDING:
    case RNS_LINK_CLOSED:
        break;
    }
    return false;
}

static void note(rns_node_t *node, struct rnsi_link *link, const rnsi_rx_t *rx) {
    link->last_inbound = node->now;
    if (rx->packet.context != RNSI_CONTEXT_KEEPALIVE) {
        link->last_data = node->now;
    }
    link->rx_packets++;
    link->rx_bytes += rx->packet.data.size;
    if (rx->phy != NULL && (link->flags & RNSI_LINK_TRACKS_PHY) != 0) {
        link->phy = *rx->phy;
    }
    if (link->state == RNS_LINK_STALE) { // it lives
        link->state = RNS_LINK_ACTIVE;
        rnsi_link_schedule(node, link);
    }
}

rns_verdict_t rnsi_link_receive(rns_node_t *node, struct rnsi_link *link, rnsi_rx_t *rx) {
    if (!fits_state(link, &rx->packet)) {
        return RNS_RX_NOT_NOW;
    }
    if (!rnsi_iface_same(rx->from, link->iface)) {
        rnsi_filter_forget(node, rx); // it may still come over the right one
        return RNS_RX_WRONG_IFACE;
    }
    if (rnsi_link_is_initiator(link) && is_ping(&rx->packet)) {
        return RNS_RX_NOT_NOW; // our own, heard back
    }
    note(node, link, rx);
    return dispatch(node, link, rx);
}
