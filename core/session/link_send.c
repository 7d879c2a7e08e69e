// link_send.c -- what goes out over a link (RNS/Packet.py: pack, send; RNS/Link.py: encrypt,
// prove_packet, identify).
#include "route/filter.h"
#include "route/iface.h"
#include "session/destination.h"
#include "session/link.h"
#include "session/receipt.h"
#include "wire/link.h"

#define TIMEOUT_MIN (5 * RNSI_MS) // Link.TRAFFIC_TIMEOUT_MIN_MS
#define LOOK_EVERY  RNSI_SECOND   // Transport.receipts_check_interval

// ---- Packets

static void count(const rns_node_t *node, struct rnsi_link *link, rnsi_context_t context,
                  size_t size) {
    link->tx_packets++;
    link->tx_bytes += size;
    link->last_outbound = node->now;
    if (context == RNSI_CONTEXT_KEEPALIVE) {
        link->last_keepalive = node->now;
    } else {
        link->last_data = node->now;
    }
}

// A packet of the link for data of this size.
static bool begin(rns_node_t *node, const struct rnsi_link *link, struct rnsi_iface *iface,
                  uint8_t flags, rnsi_context_t context, size_t size, rnsi_draft_t *draft) {
    if (iface == NULL || link->state == RNS_LINK_CLOSED ||
        !rnsi_draft_begin(node, iface, RNSI_HEADER_MINSIZE + size, draft)) {
        return false;
    }
    rnsi_packet_head(draft->packet, flags, 0, NULL, link->hash, (uint8_t)context);
    return true;
}

// Where the data of a packet goes.
static rns_mem_t data_of(const rnsi_draft_t *draft) {
    const rns_mem_t data = {draft->packet.data + RNSI_HEADER_MINSIZE,
                            draft->packet.size - RNSI_HEADER_MINSIZE};
    return data;
}

static uint8_t flags_of(rnsi_packet_type_t type) {
    return rnsi_packet_flags(RNSI_HEADER_1, false, RNSI_TRANSPORT_BROADCAST, RNSI_DEST_LINK, type);
}

static void take_hash(rns_node_t *node, const rnsi_draft_t *draft, bool repeats, uint8_t *hash) {
    uint8_t own[32];
    rnsi_packet_t packet;
    if (hash == NULL && repeats) {
        return;
    }
    rnsi_packet_parse(draft->packet, &packet); // it is our own: it parses
    rnsi_packet_hash(&node->crypto, &packet, hash != NULL ? hash : own);
    if (!repeats) {
        rnsi_remember_own(node, hash != NULL ? hash : own);
    }
}

static void copy(uint8_t *to, rns_bytes_t from) {
    if (from.size > 0) {
        memcpy(to, from.data, from.size);
    }
}

bool rnsi_link_send(rns_node_t *node, struct rnsi_link *link, rnsi_context_t context,
                    rnsi_out_t plain, uint8_t hash[32]) {
    struct rnsi_iface *iface = rnsi_iface_at(node, link->iface);
    const size_t size = plain.head.size + plain.body.size, token = rnsi_token_size(size);
    uint8_t iv[RNSI_TOKEN_IV];
    rnsi_draft_t draft;
    if (size > rnsi_link_mdu(link) || !rnsi_random(node, iv, sizeof iv) ||
        !begin(node, link, iface, flags_of(RNSI_TYPE_DATA), context, token, &draft)) {
        return false;
    }
    const rns_mem_t data = data_of(&draft);
    uint8_t *text = data.data + RNSI_TOKEN_IV; // encrypted where it is
    copy(text, plain.head);
    copy(text + plain.head.size, plain.body);
    rnsi_token_encrypt(&node->crypto, link->key_secret, sizeof link->key_secret, iv,
                       (rns_bytes_t){text, size}, data);
    take_hash(node, &draft, rnsi_filter_repeats((uint8_t)context), hash);
    count(node, link, context, token);
    return rnsi_draft_send(node, iface, &draft);
}

bool rnsi_link_send_bare(rns_node_t *node, struct rnsi_link *link, rnsi_packet_type_t type,
                         rnsi_context_t context, rns_bytes_t bytes) {
    struct rnsi_iface *iface = rnsi_iface_at(node, link->iface);
    rnsi_draft_t draft;
    if (!begin(node, link, iface, flags_of(type), context, bytes.size, &draft)) {
        return false;
    }
    copy(data_of(&draft).data, bytes);
    take_hash(node, &draft, rnsi_filter_repeats((uint8_t)context), NULL);
    count(node, link, context, bytes.size);
    return rnsi_draft_send(node, iface, &draft);
}

bool rnsi_link_send_part(rns_node_t *node, struct rnsi_link *link, size_t size, rnsi_fill_t fill,
                         void *context) {
    struct rnsi_iface *iface = rnsi_iface_at(node, link->iface);
    rnsi_draft_t draft;
    if (!begin(node, link, iface, flags_of(RNSI_TYPE_DATA), RNSI_CONTEXT_RESOURCE, size, &draft)) {
        return false;
    }
    if (!fill(node, context, data_of(&draft))) {
        rnsi_draft_drop(node, &draft);
        return false;
    }
    count(node, link, RNSI_CONTEXT_RESOURCE, size);
    return rnsi_draft_send(node, iface, &draft);
}

bool rnsi_link_has_room(const rns_node_t *node, const struct rnsi_link *link, size_t size) {
    const struct rnsi_iface *iface = rnsi_iface_at(node, link->iface);
    return iface != NULL && rnsi_tx_has_room(node, iface, RNSI_HEADER_MINSIZE + size);
}

// ---- Proofs

static const rns_signer_t *signer_of(const rns_node_t *node, const struct rnsi_link *link) {
    if (rnsi_link_is_initiator(link)) {
        return &link->signer_secret;
    }
    const struct rnsi_dest *dest = rnsi_link_dest(node, link);
    return dest != NULL ? &dest->signer_secret : NULL;
}

void rnsi_link_prove(rns_node_t *node, struct rnsi_link *link, const uint8_t packet_hash[32]) {
    uint8_t proof[RNSI_PROOF_EXPLICIT];
    const rns_signer_t *signer = signer_of(node, link);
    if (signer == NULL) {
        return;
    }
    memcpy(proof, packet_hash, 32);
    rnsi_identity_sign(&node->crypto, signer, (rns_bytes_t){packet_hash, 32}, proof + 32);
    rnsi_link_send_bare(node, link, RNSI_TYPE_PROOF, RNSI_CONTEXT_NONE,
                        (rns_bytes_t){proof, sizeof proof});
}

bool rnsi_link_proves(const rns_node_t *node, const struct rnsi_link *link, rns_bytes_t data,
                      const uint8_t packet_hash[32]) {
    const rnsi_crypto_t *c = &node->crypto;
    return data.size == RNSI_PROOF_EXPLICIT && memcmp(data.data, packet_hash, 32) == 0 &&
           c->v->ed25519_verify(c->self, data.data + 32, link->signer, packet_hash, 32);
}

// ---- Public

static struct rnsi_link *active(const rns_node_t *node, rns_link_t handle, rns_err_t *err) {
    struct rnsi_link *link = rnsi_link_get(node, handle);
    *err = link == NULL                                                      ? RNS_ERR_GONE
           : link->state != RNS_LINK_ACTIVE && link->state != RNS_LINK_STALE ? RNS_ERR_STATE
                                                                             : RNS_ERR_OK;
    return *err == RNS_ERR_OK ? link : NULL;
}

// The reference looks at its receipts once a second: a proof that comes before that is in time, and
// on a fast link a peer that is busy for a moment has that moment.
static rns_us_t proof_timeout(const struct rnsi_link *link) {
    const rns_us_t timeout = RNSI_TRAFFIC_FACTOR * link->rtt_us;
    return (timeout > TIMEOUT_MIN ? timeout : TIMEOUT_MIN) + LOOK_EVERY;
}

static rns_err_t open_receipt(rns_node_t *node, const struct rnsi_link *link,
                              const uint8_t hash[32], rns_receipt_t *receipt) {
    const struct rnsi_receipt *r = rnsi_receipt_open(node, hash, link->signer, proof_timeout(link));
    if (r == NULL) {
        return RNS_ERR_FULL;
    }
    *receipt = (rns_receipt_t){rnsi_pool_slot(RNSI_POOL(node, RECEIPT), r), r->slot.gen};
    return RNS_ERR_OK;
}

rns_err_t rns_link_send(rns_node_t *node, rns_us_t now, rns_link_t handle, rns_bytes_t data,
                        rns_receipt_t *receipt) {
    node->now = now;
    // Older receipts may end for the new one, in whose events the application may close the link.
    const bool has_room = receipt == NULL || rnsi_receipt_room(node);
    rns_err_t err;
    struct rnsi_link *link = active(node, handle, &err);
    if (link == NULL) {
        return err;
    }
    if (data.size > rnsi_link_mdu(link)) {
        return RNS_ERR_SIZE;
    }
    uint8_t hash[32];
    if (!has_room || !rnsi_link_send(node, link, RNSI_CONTEXT_NONE, (rnsi_out_t){{NULL, 0}, data},
                                     receipt != NULL ? hash : NULL)) {
        return RNS_ERR_FULL;
    }
    return receipt != NULL ? open_receipt(node, link, hash, receipt) : RNS_ERR_OK;
}

rns_err_t rns_link_identify(rns_node_t *node, rns_us_t now, rns_link_t handle,
                            const rns_secret_t *identity) {
    rns_err_t err;
    struct rnsi_link *link = active(node, handle, &err);
    if (link == NULL) {
        return err;
    }
    if (!rnsi_link_is_initiator(link)) {
        return RNS_ERR_STATE;
    }
    node->now = now;
    rnsi_identity_t id;
    rns_signer_t signer_secret;
    rnsi_identity_from_secret(&node->crypto, &id, &signer_secret, identity);
    uint8_t text[RNSI_LINK_PEER_SIGNED], data[RNSI_LINK_IDENTITY];
    memcpy(text, link->hash, sizeof link->hash);
    memcpy(text + sizeof link->hash, id.pub, sizeof id.pub);
    memcpy(data, id.pub, sizeof id.pub);
    rnsi_identity_sign(&node->crypto, &signer_secret, (rns_bytes_t){text, sizeof text},
                       data + sizeof id.pub);
    node->crypto.v->wipe(&signer_secret, sizeof signer_secret);
    const rnsi_out_t out = {{data, sizeof data}, {NULL, 0}};
    return rnsi_link_send(node, link, RNSI_CONTEXT_LINKIDENTIFY, out, NULL) ? RNS_ERR_OK
                                                                            : RNS_ERR_FULL;
}
