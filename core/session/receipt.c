// receipt.c -- see receipt.h. Follows RNS/Packet.py:PacketReceipt and RNS/Identity.py:prove.
#include "session/receipt.h"

#include "route/iface.h"
#include "route/outbound.h"
#include "session/destination.h"
#include "session/link.h"

#define CULL_TRIES 4U // a callback may fill again what was made room

static rnsi_pool_t *receipts(rns_node_t *node) {
    return RNSI_POOL(node, RECEIPT);
}

// ---- Proofs we wait for

// Every receipt ends here, and only once: its handle is gone when the application hears of it.
static void end(rns_node_t *node, struct rnsi_receipt *r, rns_err_t status,
                const rnsi_rx_t *proof) {
    rns_event_t event = {
        .type = RNS_EV_PROOF,
        .status = status,
        .receipt = {rnsi_pool_slot(receipts(node), r), r->slot.gen},
        .rtt_us = status == RNS_ERR_OK ? node->now - r->sent_at : 0,
        .hops = proof != NULL ? proof->hops : 0,
        .phy = proof != NULL ? proof->phy : NULL,
        .is_explicit = proof != NULL && proof->packet.data.size == RNSI_PROOF_EXPLICIT,
    };
    rnsi_pool_give(receipts(node), r);
    rnsi_event(node, &event);
}

// The pool would do this by itself, but the application may send, and so take a slot, while it is
// told: that must not happen inside of rnsi_pool_take().
bool rnsi_receipt_room(rns_node_t *node) {
    rnsi_pool_t *pool = receipts(node);
    for (uint32_t i = 0; i < CULL_TRIES && pool->used == pool->count; i++) {
        struct rnsi_receipt *oldest = rnsi_pool_oldest(pool, 0);
        if (oldest == NULL) {
            return false;
        }
        pool->culled++;
        end(node, oldest, RNS_ERR_CULLED, NULL);
    }
    return pool->used < pool->count;
}

struct rnsi_receipt *rnsi_receipt_open(rns_node_t *node, const uint8_t packet_hash[32],
                                       const uint8_t signer[32], rns_us_t timeout) {
    rnsi_pool_t *pool = receipts(node);
    if (rnsi_pool_find(pool, packet_hash) != NULL || !rnsi_receipt_room(node)) {
        return NULL;
    }
    struct rnsi_receipt *r = rnsi_pool_take(pool, node->now, packet_hash);
    if (r == NULL) {
        return NULL;
    }
    memcpy(r->rest, packet_hash + sizeof r->hash, sizeof r->rest);
    memcpy(r->signer, signer, sizeof r->signer);
    r->sent_at = node->now;
    rnsi_timer_set(pool, r, node->now + timeout);
    return r;
}

void rnsi_receipt_due(rns_node_t *node, struct rnsi_receipt *receipt) {
    end(node, receipt, RNS_ERR_TIMEOUT, NULL);
}

static void whole_hash(const struct rnsi_receipt *r, uint8_t hash[32]) {
    memcpy(hash, r->hash, sizeof r->hash);
    memcpy(hash + sizeof r->hash, r->rest, sizeof r->rest);
}

// Both kinds of proof are addressed to the packet's hash; the explicit one repeats it whole.
static bool proves(const rns_node_t *node, const struct rnsi_receipt *r, rns_bytes_t data) {
    const rnsi_crypto_t *c = &node->crypto;
    uint8_t hash[32];
    whole_hash(r, hash);
    const uint8_t *signature = data.data;
    if (data.size == RNSI_PROOF_EXPLICIT) {
        if (memcmp(data.data, hash, sizeof hash) != 0) {
            return false;
        }
        signature += sizeof hash;
    } else if (data.size != RNSI_PROOF_IMPLICIT) {
        return false;
    }
    return c->v->ed25519_verify(c->self, signature, r->signer, hash, sizeof hash);
}

static rns_verdict_t settle(rns_node_t *node, struct rnsi_receipt *r, const rnsi_rx_t *rx) {
    if (r == NULL) {
        return RNS_RX_NO_PROOF;
    }
    if (!proves(node, r, rx->packet.data)) {
        return RNS_RX_BAD_PROOF;
    }
    end(node, r, RNS_ERR_OK, rx);
    return RNS_RX_DELIVERED;
}

rns_verdict_t rnsi_receipt_proof(rns_node_t *node, rnsi_rx_t *rx) {
    return settle(node, rnsi_pool_find(receipts(node), rx->packet.dest), rx);
}

rns_verdict_t rnsi_receipt_link_proof(rns_node_t *node, rnsi_rx_t *rx) {
    return rx->packet.data.size == RNSI_PROOF_EXPLICIT
               ? settle(node, rnsi_pool_find(receipts(node), rx->packet.data.data), rx)
               : RNS_RX_MALFORMED;
}

rns_err_t rns_receipt_cancel(rns_node_t *node, rns_receipt_t receipt) {
    struct rnsi_receipt *r = rnsi_pool_get(receipts(node), receipt.slot, receipt.gen);
    if (r == NULL) {
        return RNS_ERR_GONE;
    }
    rnsi_pool_give(receipts(node), r);
    return RNS_ERR_OK;
}

rns_err_t rns_receipt_packet(const rns_node_t *node, rns_receipt_t receipt,
                             uint8_t packet_hash[32]) {
    const struct rnsi_receipt *r =
        rnsi_pool_get(RNSI_POOL(node, RECEIPT), receipt.slot, receipt.gen);
    if (r == NULL) {
        return RNS_ERR_GONE;
    }
    whole_hash(r, packet_hash);
    return RNS_ERR_OK;
}

rns_err_t rns_receipt_timeout(rns_node_t *node, rns_us_t now, rns_receipt_t receipt,
                              rns_us_t timeout_us) {
    struct rnsi_receipt *r = rnsi_pool_get(receipts(node), receipt.slot, receipt.gen);
    if (r == NULL) {
        return RNS_ERR_GONE;
    }
    node->now = now;
    rnsi_timer_set(receipts(node), r, now + timeout_us);
    return RNS_ERR_OK;
}

// ---- Proofs we give

void rnsi_prove(rns_node_t *node, struct rnsi_dest *dest, const uint8_t packet_hash[32],
                struct rnsi_iface *iface) {
    uint8_t buffer[RNSI_ADDRESS_SIZE + RNSI_HEADER_MINSIZE + RNSI_PROOF_EXPLICIT];
    const rns_mem_t space = {buffer + RNSI_ADDRESS_SIZE, sizeof buffer - RNSI_ADDRESS_SIZE};
    const uint8_t flags = rnsi_packet_flags(RNSI_HEADER_1, false, RNSI_TRANSPORT_BROADCAST,
                                            RNSI_DEST_SINGLE, RNSI_TYPE_PROOF);
    size_t size = rnsi_packet_head(space, flags, 0, NULL, packet_hash, RNSI_CONTEXT_NONE);
    if (node->explicit_proof) {
        memcpy(space.data + size, packet_hash, 32);
        size += 32;
    }
    rnsi_identity_sign(&node->crypto, &dest->signer_secret, (rns_bytes_t){packet_hash, 32},
                       space.data + size);
    size += RNSI_IDENTITY_SIG;
    rnsi_send(node, (rns_mem_t){space.data, size}, iface);
}

// Asks about a packet of a destination or a link.
static void prove_ask(rns_node_t *node, const struct rnsi_prove_ask *question, rns_event_t *event) {
    rnsi_pool_t *pool = RNSI_POOL(node, PROVE_ASK);
    struct rnsi_prove_ask *ask = rnsi_pool_take(pool, node->now, NULL);
    if (ask == NULL) {
        return;
    }
    const rnsi_slot_t slot = ask->slot;
    *ask = *question;
    ask->slot = slot;
    event->type = RNS_EV_PROVE;
    event->packet_hash = question->packet_hash;
    event->ask = (rns_ask_t){rnsi_pool_slot(pool, ask), ask->slot.gen};
    rnsi_event(node, event);
}

void rnsi_prove_ask(rns_node_t *node, const struct rnsi_dest *dest, const uint8_t packet_hash[32],
                    struct rnsi_iface *iface) {
    const rns_dest_t handle = rnsi_dest_handle(node, dest);
    struct rnsi_prove_ask question = {
        .iface = rnsi_iface_ref(node, iface), .owner_slot = handle.slot, .owner_gen = handle.gen};
    memcpy(question.packet_hash, packet_hash, sizeof question.packet_hash);
    rns_event_t event = {.dest = handle};
    prove_ask(node, &question, &event);
}

void rnsi_prove_link_ask(rns_node_t *node, const struct rnsi_link *link,
                         const uint8_t packet_hash[32]) {
    const rns_link_t handle = rnsi_link_handle(node, link);
    struct rnsi_prove_ask question = {
        .owner_slot = handle.slot, .owner_gen = handle.gen, .is_link = true};
    memcpy(question.packet_hash, packet_hash, sizeof question.packet_hash);
    rns_event_t event = {.link = handle};
    prove_ask(node, &question, &event);
}

static rns_err_t answer_for_dest(rns_node_t *node, const struct rnsi_prove_ask *ask, bool prove) {
    struct rnsi_dest *dest = rnsi_dest_get(node, (rns_dest_t){ask->owner_slot, ask->owner_gen});
    struct rnsi_iface *iface = rnsi_iface_at(node, ask->iface);
    if (dest == NULL || iface == NULL) {
        return RNS_ERR_GONE;
    }
    if (prove) {
        rnsi_prove(node, dest, ask->packet_hash, iface);
    }
    return RNS_ERR_OK;
}

static rns_err_t answer_for_link(rns_node_t *node, const struct rnsi_prove_ask *ask, bool prove) {
    struct rnsi_link *link = rnsi_link_get(node, (rns_link_t){ask->owner_slot, ask->owner_gen});
    if (link == NULL) {
        return RNS_ERR_GONE;
    }
    if (prove) {
        rnsi_link_prove(node, link, ask->packet_hash);
    }
    return RNS_ERR_OK;
}

rns_err_t rns_prove(rns_node_t *node, rns_us_t now, rns_ask_t handle, bool prove) {
    rnsi_pool_t *pool = RNSI_POOL(node, PROVE_ASK);
    struct rnsi_prove_ask *ask = rnsi_pool_get(pool, handle.slot, handle.gen);
    if (ask == NULL) {
        return RNS_ERR_GONE;
    }
    node->now = now;
    const struct rnsi_prove_ask answered = *ask;
    rnsi_pool_give(pool, ask);
    return answered.is_link ? answer_for_link(node, &answered, prove)
                            : answer_for_dest(node, &answered, prove);
}
