// handshake.c -- how a link is opened, at both ends: request, proof, round trip time (RNS/Link.py:
// __init__, validate_request, handshake, prove, validate_proof, rtt_packet; RNS/Transport.py:
// inbound).
#include "crypto/hkdf.h"
#include "route/filter.h"
#include "route/iface.h"
#include "route/known.h"
#include "route/path.h"
#include "rules.h"
#include "session/destination.h"
#include "session/link.h"
#include "wire/link.h"

static rnsi_pool_t *links(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, LINK);
}

// The link's key. false: the peer's point has small order.
static bool derive(const rns_node_t *node, const uint8_t own_secret[32], const uint8_t peer[32],
                   const uint8_t link_id[16], uint8_t key_secret[64]) {
    const rnsi_crypto_t *c = &node->crypto;
    uint8_t shared_secret[32];
    const bool ok = c->v->x25519_shared(c->self, shared_secret, own_secret, peer);
    if (ok) {
        rnsi_hkdf(c, (rns_bytes_t){shared_secret, sizeof shared_secret}, (rns_bytes_t){link_id, 16},
                  (rns_bytes_t){NULL, 0}, (rns_mem_t){key_secret, 64});
    }
    c->v->wipe(shared_secret, sizeof shared_secret);
    return ok;
}

static uint32_t rate_of(uint32_t bytes, rns_us_t time) {
    const uint64_t rate = time > 0 ? (uint64_t)bytes * 8 * 1000000 / (uint64_t)time : 0;
    return rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX;
}

// Open at this end, for the first time.
static void activate(rns_node_t *node, struct rnsi_link *link, rns_us_t rtt) {
    link->state = RNS_LINK_ACTIVE;
    link->rtt_us = rtt > 0 ? rtt : 1;
    link->activated_at = node->now;
    link->establishment_rate = rate_of(link->cost, link->rtt_us);
    link->keepalive_us = rnsi_keepalive_of(link->rtt_us);
    link->stale_us = (uint32_t)(RNSI_STALE_FACTOR * link->keepalive_us);
    rnsi_link_schedule(node, link);
}

static void tell_up(rns_node_t *node, struct rnsi_link *link) {
    rns_event_t event = {
        .type = RNS_EV_LINK_UP,
        .link = rnsi_link_handle(node, link),
        .dest = {link->dest_slot, link->dest_gen},
        .iface = rnsi_iface_handle(node, rnsi_iface_at(node, link->iface)),
        .rtt_us = link->rtt_us,
        .hops = link->hops,
        .is_initiator = rnsi_link_is_initiator(link),
    };
    memcpy(event.hash.b, link->dest, sizeof event.hash.b);
    link->flags |= RNSI_LINK_TOLD;
    rnsi_event(node, &event);
}

// ---- The initiator asks

// What links may use over an interface; 500 where it doesn't say.
static uint32_t mtu_of(const rns_node_t *node, const struct rnsi_iface *iface) {
    const bool says = iface != NULL && iface->mtu_kind != RNS_MTU_NONE && iface->hw_mtu > RNS_MTU;
    const uint32_t mtu = says ? iface->hw_mtu : RNS_MTU;
    return mtu < node->frame_mtu ? mtu : node->frame_mtu;
}

typedef struct {
    uint8_t own_secret[32], seed_secret[32];
    uint8_t packet[RNSI_HEADER_MINSIZE + RNSI_LINK_REQUEST];
    uint8_t id[16];
} request_t;

static bool draw(rns_node_t *node, request_t *request, rns_signer_t *signer_secret,
                 const uint8_t dest[16], uint32_t mtu) {
    const rnsi_crypto_t *c = &node->crypto;
    if (!rnsi_random(node, request->own_secret, sizeof request->own_secret) ||
        !rnsi_random(node, request->seed_secret, sizeof request->seed_secret)) {
        return false;
    }
    const rns_mem_t packet = {request->packet, sizeof request->packet};
    const uint8_t flags = rnsi_packet_flags(RNSI_HEADER_1, false, RNSI_TRANSPORT_BROADCAST,
                                            RNSI_DEST_SINGLE, RNSI_TYPE_LINKREQUEST);
    rnsi_packet_head(packet, flags, 0, NULL, dest, RNSI_CONTEXT_NONE);
    uint8_t *data = packet.data + RNSI_HEADER_MINSIZE;
    c->v->x25519_public(c->self, data, request->own_secret);
    c->v->ed25519_expand(c->self, signer_secret, request->seed_secret, data + 32);
    rnsi_signalling_put(data + RNSI_ECPUBSIZE, mtu, RNSI_LINK_MODE_AES256);
    rnsi_packet_t parsed;
    rnsi_packet_parse(packet, &parsed); // it is our own: it parses
    rnsi_packet_link_id(c, &parsed, request->id);
    return true;
}

static struct rnsi_link *open_link(rns_node_t *node, const request_t *request,
                                   const rns_signer_t *signer_secret,
                                   const struct rnsi_known *known, uint32_t mtu) {
    struct rnsi_link *link = rnsi_link_take(node, request->id, known->hash);
    if (link == NULL) {
        return NULL;
    }
    rnsi_pool_pin(links(node), link); // our own makes no room for others
    link->state = RNS_LINK_PENDING;
    link->flags = RNSI_LINK_INITIATOR | RNSI_LINK_TOLD;
    link->mtu = mtu;
    link->cost = sizeof request->packet;
    link->dest_slot = RNSI_NONE;
    link->signer_secret = *signer_secret;
    memcpy(link->own_secret, request->own_secret, sizeof link->own_secret);
    memcpy(link->signer, known->pub + 32, sizeof link->signer);
    memcpy(link->peer_pub, known->pub, sizeof link->peer_pub);
    const rns_hash_t peer =
        rnsi_truncated_hash(&node->crypto, (rns_bytes_t){known->pub, sizeof known->pub});
    memcpy(link->peer, peer.b, sizeof link->peer);
    return link;
}

static void wait_for_proof(rns_node_t *node, struct rnsi_link *link, const rns_hash_t *dest) {
    link->hops = rns_hops_to(node, node->now, dest);
    const rns_us_t hops = link->hops > 0 ? link->hops : 1;
    rnsi_timer_set(links(node), link,
                   node->now + rns_first_hop_timeout(node, node->now, dest) +
                       hops * RNSI_PER_HOP_TIMEOUT);
}

static rns_err_t ask(rns_node_t *node, request_t *request, const rns_hash_t *dest,
                     rns_link_t *handle) {
    const struct rnsi_dest *own = rnsi_pool_find(RNSI_POOL(node, DEST), dest->b);
    if (own != NULL && own->type != RNS_DEST_SINGLE) {
        return RNS_ERR_ARG;
    }
    const struct rnsi_known *known = rnsi_known_find(node, dest->b);
    if (known == NULL) {
        return RNS_ERR_NO_PATH;
    }
    const struct rnsi_path *path = rnsi_path_find(node, dest->b);
    const struct rnsi_iface *iface = path != NULL ? rnsi_iface_at(node, path->iface) : NULL;
    const uint32_t mtu = node->link_mtu ? mtu_of(node, iface) : RNS_MTU;
    rns_signer_t signer_secret;
    struct rnsi_link *link = NULL;
    const bool drawn = draw(node, request, &signer_secret, dest->b, mtu);
    if (drawn) {
        link = open_link(node, request, &signer_secret, known, mtu);
    }
    node->crypto.v->wipe(&signer_secret, sizeof signer_secret);
    if (link == NULL) {
        return drawn ? RNS_ERR_FULL : RNS_ERR_ENTROPY;
    }
    rnsi_known_used(node, dest->b);
    wait_for_proof(node, link, dest);
    if (!rnsi_send(node, (rns_mem_t){request->packet, sizeof request->packet}, NULL)) {
        rnsi_link_culled(node, link);
        rnsi_pool_give(links(node), link);
        return RNS_ERR_FULL;
    }
    link->last_outbound = link->last_data = node->now;
    *handle = rnsi_link_handle(node, link);
    return RNS_ERR_OK;
}

rns_err_t rns_link_open(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                        rns_link_t *link) {
    node->now = now;
    request_t request;
    const rns_err_t err = ask(node, &request, destination, link);
    node->crypto.v->wipe(&request, sizeof request);
    return err;
}

// ---- The responder proves

// What the request asks for, and what we can take. PASS: fine.
static rns_verdict_t settle_mtu(const rns_node_t *node, const rnsi_rx_t *rx,
                                const rnsi_link_request_t *request, uint32_t *mtu) {
    const rnsi_signalling_t *s = &request->signalling;
    *mtu = RNS_MTU;
    if (!rnsi_link_mode_enabled(s->mode)) {
        return RNS_RX_BAD_MODE;
    }
    if (!s->is_given || s->mtu == 0 || rx->iface->hw_mtu == 0) {
        return RNSI_PASS;
    }
    const uint32_t most = mtu_of(node, rx->iface);
    *mtu = s->mtu < most ? s->mtu : most;
    return s->mtu < RNS_MTU ? RNS_RX_MALFORMED : RNSI_PASS;
}

// Sends the proof: the destination's signature over the link's id, both of its keys and the MTU.
static bool prove(rns_node_t *node, struct rnsi_link *link, const struct rnsi_dest *dest,
                  const uint8_t own_pub[32]) {
    const rnsi_signalling_t signalling = {link->mtu, RNSI_LINK_MODE_AES256, true};
    uint8_t text[RNSI_LINK_SIGNED], proof[RNSI_LINK_PROOF];
    const size_t size = rnsi_link_signed(text, link->hash, own_pub, dest->pub + 32, signalling);
    rnsi_identity_sign(&node->crypto, &dest->signer_secret, (rns_bytes_t){text, size}, proof);
    memcpy(proof + RNSI_IDENTITY_SIG, own_pub, 32);
    rnsi_signalling_put(proof + RNSI_IDENTITY_SIG + 32, link->mtu, RNSI_LINK_MODE_AES256);
    link->cost += RNSI_HEADER_MINSIZE + sizeof proof;
    return rnsi_link_send_bare(node, link, RNSI_TYPE_PROOF, RNSI_CONTEXT_LRPROOF,
                               (rns_bytes_t){proof, sizeof proof});
}

typedef struct {
    uint8_t id[16], own_pub[32];
    uint8_t key_secret[64];
} answer_t;

static rns_verdict_t agree(rns_node_t *node, const rnsi_link_request_t *request, answer_t *answer) {
    const rnsi_crypto_t *c = &node->crypto;
    uint8_t own_secret[32];
    rns_verdict_t verdict = RNS_RX_FULL; // no entropy
    if (rnsi_random(node, own_secret, sizeof own_secret)) {
        c->v->x25519_public(c->self, answer->own_pub, own_secret);
        verdict = derive(node, own_secret, request->x25519, answer->id, answer->key_secret)
                      ? RNSI_PASS
                      : RNS_RX_MALFORMED;
    }
    c->v->wipe(own_secret, sizeof own_secret);
    return verdict;
}

static rns_verdict_t answer_with(rns_node_t *node, const struct rnsi_dest *dest,
                                 const rnsi_rx_t *rx, const rnsi_link_request_t *request,
                                 const answer_t *answer, uint32_t mtu) {
    struct rnsi_link *link = rnsi_link_take(node, answer->id, dest->hash);
    if (link == NULL) {
        return RNS_RX_FULL;
    }
    const rns_dest_t handle = rnsi_dest_handle(node, dest);
    link->state = RNS_LINK_HANDSHAKE;
    link->dest_slot = handle.slot;
    link->dest_gen = handle.gen;
    link->prove = dest->prove;
    link->mtu = mtu;
    link->iface = rx->from;
    link->cost = (uint32_t)rx->packet.size;
    link->last_inbound = node->now;
    memcpy(link->signer, request->ed25519, sizeof link->signer);
    memcpy(link->key_secret, answer->key_secret, sizeof link->key_secret);
    if (rx->phy != NULL) {
        link->phy = *rx->phy;
    }
    if (!prove(node, link, dest, answer->own_pub)) {
        rnsi_link_culled(node, link);
        rnsi_pool_give(links(node), link);
        return RNS_RX_FULL;
    }
    const rns_us_t hops = rx->hops > 0 ? rx->hops : 1;
    rnsi_timer_set(links(node), link, node->now + hops * RNSI_PER_HOP_TIMEOUT + RNSI_KEEPALIVE);
    return RNS_RX_DELIVERED;
}

rns_verdict_t rnsi_link_request(rns_node_t *node, struct rnsi_dest *dest, rnsi_rx_t *rx) {
    rnsi_link_request_t request;
    answer_t answer;
    uint32_t mtu;
    if ((dest->flags & RNSI_DEST_LINKS) == 0) {
        return RNS_RX_NO_LISTENER;
    }
    if (!rnsi_link_request_parse(rx->packet.data, &request)) {
        return RNS_RX_MALFORMED;
    }
    rns_verdict_t verdict = settle_mtu(node, rx, &request, &mtu);
    if (verdict != RNSI_PASS) {
        return verdict;
    }
    rnsi_packet_link_id(&node->crypto, &rx->packet, answer.id);
    if (rnsi_pool_find(links(node), answer.id) != NULL) {
        return RNS_RX_REPEATED; // with other signalling it must not close the link that is open
    }
    verdict = agree(node, &request, &answer);
    if (verdict == RNSI_PASS) {
        verdict = answer_with(node, dest, rx, &request, &answer, mtu);
    }
    node->crypto.v->wipe(&answer, sizeof answer);
    return verdict;
}

// ---- The initiator has the proof

static bool is_expected(const struct rnsi_link *link, const rnsi_rx_t *rx) {
    return rx->hops == link->hops || link->hops == RNS_HOPS_UNKNOWN;
}

// What can be said without a signature check.
static rns_verdict_t check_proof(const struct rnsi_link *link, const rnsi_rx_t *rx,
                                 rnsi_link_proof_t *proof) {
    if (link->state != RNS_LINK_PENDING) {
        return RNS_RX_NOT_NOW;
    }
    if (!rnsi_link_proof_parse(rx->packet.data, proof)) {
        return RNS_RX_MALFORMED;
    }
    const bool has_mode = rnsi_link_mode_enabled(proof->signalling.mode);
    if (!is_expected(link, rx) && (!RNSI_LINKS_REBALANCE || !has_mode)) {
        return RNS_RX_WRONG_HOPS;
    }
    if (!has_mode) {
        return RNS_RX_BAD_MODE;
    }
    const uint32_t mtu = proof->signalling.mtu;
    const bool is_settled = mtu == 0 || (mtu >= RNS_MTU && mtu <= link->mtu);
    return is_settled || !proof->signalling.is_given ? RNSI_PASS : RNS_RX_MALFORMED;
}

static bool is_signed(const rns_node_t *node, const struct rnsi_link *link,
                      const rnsi_link_proof_t *proof) {
    const rnsi_crypto_t *c = &node->crypto;
    uint8_t text[RNSI_LINK_SIGNED];
    const size_t size =
        rnsi_link_signed(text, link->hash, proof->x25519, link->signer, proof->signalling);
    return c->v->ed25519_verify(c->self, proof->signature, link->signer, text, size);
}

// The path of an open link stays; it has as many hops as the proof came over.
static void keep_path(rns_node_t *node, struct rnsi_link *link, uint8_t hops) {
    struct rnsi_path *path = rnsi_path_find(node, link->dest);
    if (path == NULL) {
        return;
    }
    if (link->hops != hops) {
        path->hops = hops;
    }
    link->path = rnsi_pool_slot(RNSI_POOL(node, PATH), path);
    link->path_gen = path->slot.gen;
    rnsi_pool_pin(RNSI_POOL(node, PATH), path);
}

static void confirm(rns_node_t *node, struct rnsi_link *link, const rnsi_rx_t *rx, uint32_t mtu) {
    keep_path(node, link, rx->hops);
    if (link->hops != rx->hops) {
        link->hops = rx->hops;
        link->flags |= RNSI_LINK_REBALANCED;
    }
    link->iface = rx->from;
    link->mtu = mtu;
    link->flags |= RNSI_LINK_KNOWS_PEER;
    link->cost += (uint32_t)rx->packet.size;
    link->last_proof = node->now;
    if (rx->phy != NULL && (link->flags & RNSI_LINK_TRACKS_PHY) != 0) {
        link->phy = *rx->phy;
    }
    activate(node, link, node->now - link->requested_at);
}

rns_verdict_t rnsi_link_proof(rns_node_t *node, struct rnsi_link *link, rnsi_rx_t *rx) {
    rnsi_link_proof_t proof;
    const rns_verdict_t verdict = check_proof(link, rx, &proof);
    if (verdict == RNS_RX_BAD_MODE) { // as the reference does
        rnsi_link_close(node, link, RNS_LINK_DESTINATION_CLOSED, false);
    }
    if (verdict != RNSI_PASS) {
        return verdict;
    }
    uint8_t key_secret[64];
    const bool is_good = is_signed(node, link, &proof) &&
                         derive(node, link->own_secret, proof.x25519, link->hash, key_secret);
    if (!is_good) {
        return RNS_RX_BAD_PROOF;
    }
    rnsi_filter_remember(node, rx);
    memcpy(link->key_secret, key_secret, sizeof link->key_secret);
    node->crypto.v->wipe(key_secret, sizeof key_secret);
    node->crypto.v->wipe(link->own_secret, sizeof link->own_secret);
    const bool has_mtu = proof.signalling.is_given && proof.signalling.mtu != 0;
    confirm(node, link, rx, has_mtu ? proof.signalling.mtu : RNS_MTU);
    uint8_t rtt[RNSI_LINK_RTT];
    rnsi_link_rtt_put(rtt, link->rtt_us);
    const rnsi_out_t out = {{rtt, sizeof rtt}, {NULL, 0}};
    rnsi_link_send(node, link, RNSI_CONTEXT_LRRTT, out, NULL);
    tell_up(node, link);
    return RNS_RX_DELIVERED;
}

// ---- The responder hears that it has

rns_verdict_t rnsi_link_rtt(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain,
                            uint8_t hops) {
    rns_us_t rtt;
    if (rnsi_link_is_initiator(link)) {
        return RNS_RX_NOT_NOW;
    }
    if (!rnsi_link_rtt_get(plain, &rtt)) {
        rnsi_link_end(node, link); // as the reference does
        return RNS_RX_MALFORMED;
    }
    const bool is_first = link->state == RNS_LINK_HANDSHAKE;
    const rns_us_t measured = node->now - link->requested_at;
    link->hops = hops;
    if (!is_first) {
        return RNS_RX_REPEATED;
    }
    rnsi_pool_pin(links(node), link);
    activate(node, link, rtt > measured ? rtt : measured);
    tell_up(node, link);
    return RNS_RX_DELIVERED;
}
