// receive.c -- packets for destinations of our own (RNS/Destination.py: receive, decrypt).
#include "route/filter.h"
#include "route/iface.h"
#include "session/destination.h"
#include "session/ratchet.h"
#include "session/receipt.h"

// A packet that was decrypted.
typedef struct {
    rns_bytes_t data;
    const uint8_t *hash, *ratchet_id;
    const rns_phy_t *phy;
    rnsi_iface_ref_t from;
    uint8_t hops;
} delivery_t;

static void prove_as_asked(rns_node_t *node, struct rnsi_dest *dest, const uint8_t hash[32],
                           struct rnsi_iface *iface) {
    switch ((rns_prove_t)dest->prove) {
    case RNS_PROVE_NONE:
        break;
    case RNS_PROVE_APP:
        rnsi_prove_ask(node, dest, hash, iface);
        break;
    case RNS_PROVE_ALL:
        rnsi_prove(node, dest, hash, iface);
        break;
    }
}

static rns_verdict_t deliver(rns_node_t *node, const struct rnsi_dest *dest, const delivery_t *d) {
    const rns_dest_t handle = rnsi_dest_handle(node, dest);
    rns_event_t event = {
        .type = RNS_EV_PACKET,
        .dest = handle,
        .data = d->data,
        .hops = d->hops,
        .iface = rnsi_iface_handle(node, rnsi_iface_at(node, d->from)),
        .phy = d->phy,
        .packet_hash = d->hash,
        .ratchet_id = d->ratchet_id,
    };
    rnsi_event(node, &event);
    // The application may have removed either.
    struct rnsi_dest *still = rnsi_dest_get(node, handle);
    struct rnsi_iface *iface = rnsi_iface_at(node, d->from);
    if (still != NULL && iface != NULL) {
        prove_as_asked(node, still, d->hash, iface);
    }
    return RNS_RX_DELIVERED;
}

// ---- Decryption, in place

// Where the plain text of a blob goes.
static rns_mem_t plain_of(rns_mem_t blob) {
    return (rns_mem_t){blob.data + RNSI_TOKEN_OVERHEAD, blob.size - RNSI_TOKEN_OVERHEAD};
}

static bool decrypt_base(const rns_node_t *node, const struct rnsi_dest *dest, rns_mem_t blob,
                         size_t *size) {
    rns_hash_t salt;
    memcpy(salt.b, dest->identity_hash, sizeof salt.b);
    return (dest->flags & RNSI_DEST_ENFORCE) == 0 &&
           rnsi_identity_decrypt(&node->crypto, dest->key_secret, &salt,
                                 (rns_bytes_t){blob.data, blob.size}, plain_of(blob), size);
}

static rns_verdict_t receive_group(rns_node_t *node, const struct rnsi_dest *dest, rns_mem_t blob,
                                   delivery_t *d) {
    if (blob.size < RNSI_TOKEN_OVERHEAD) {
        return RNS_RX_BAD_TOKEN;
    }
    const rns_mem_t out = {blob.data + RNSI_TOKEN_IV, blob.size - RNSI_TOKEN_IV};
    size_t size;
    if (!rnsi_token_decrypt(&node->crypto, dest->key_secret, dest->group_key_size,
                            (rns_bytes_t){blob.data, blob.size}, out, &size)) {
        return RNS_RX_BAD_TOKEN;
    }
    d->data = (rns_bytes_t){out.data, size};
    return deliver(node, dest, d);
}

// A packet that waits for its turn with the older ratchets.
static rns_verdict_t wait_for_older(rns_node_t *node, const struct rnsi_dest *dest,
                                    const rnsi_rx_t *rx, uint32_t tried, bool reloaded) {
    const rns_dest_t handle = rnsi_dest_handle(node, dest);
    if (rx->packet.data.size > sizeof((struct rnsi_ratchet_try *)0)->data) {
        return RNS_RX_BAD_TOKEN;
    }
    if (!rnsi_share_take(node, rx->iface, RNSI_SHARE_RATCHET_TRY)) {
        return RNS_RX_FULL;
    }
    struct rnsi_ratchet_try *t = rnsi_pool_take(RNSI_POOL(node, RATCHET_TRY), node->now, NULL);
    if (t == NULL) {
        rnsi_share_give(node, rx->from, RNSI_SHARE_RATCHET_TRY);
        return RNS_RX_FULL;
    }
    t->dest_slot = handle.slot;
    t->dest_gen = handle.gen;
    t->from = rx->from;
    t->tried = tried;
    t->reloaded = reloaded;
    t->hops = rx->hops;
    t->size = (uint16_t)rx->packet.data.size;
    memcpy(t->data, rx->packet.data.data, t->size);
    memcpy(t->hash, rx->hash, sizeof t->hash);
    if (rx->phy != NULL) {
        t->phy = *rx->phy;
    }
    return RNS_RX_QUEUED;
}

// The newest ratchets and the base key at once; then the file, if another process has rotated; the
// older ratchets later.
static rns_verdict_t receive_single(rns_node_t *node, struct rnsi_dest *dest, rns_mem_t blob,
                                    const rnsi_rx_t *rx, delivery_t *d) {
    if (blob.size < RNSI_IDENTITY_OVERHEAD) {
        return RNS_RX_BAD_TOKEN;
    }
    const rns_bytes_t in = {blob.data, blob.size};
    const rns_mem_t out = plain_of(blob);
    uint8_t id[RNSI_RATCHET_ID];
    uint32_t tried = 0;
    d->data.data = out.data;
    d->ratchet_id = id;
    if (rnsi_ratchet_decrypt(node, dest, &tried, in, out, &d->data.size, id)) {
        return deliver(node, dest, d);
    }
    if (decrypt_base(node, dest, blob, &d->data.size)) {
        d->ratchet_id = NULL;
        return deliver(node, dest, d);
    }
    bool reloaded = false;
    if ((dest->flags & RNSI_DEST_RATCHETS) != 0 && tried == dest->ratchet_count) {
        reloaded = true;
        tried = 0;
        if (!rnsi_ratchet_reload(node, dest)) {
            return RNS_RX_BAD_TOKEN;
        }
        if (rnsi_ratchet_decrypt(node, dest, &tried, in, out, &d->data.size, id)) {
            return deliver(node, dest, d);
        }
    }
    return tried < dest->ratchet_count ? wait_for_older(node, dest, rx, tried, reloaded)
                                       : RNS_RX_BAD_TOKEN;
}

rns_verdict_t rnsi_destination_receive(rns_node_t *node, struct rnsi_dest *dest, rnsi_rx_t *rx) {
    if (rx->packet.dest_type != dest->type) {
        return RNS_RX_NO_DEST;
    }
    const rns_mem_t blob = {rx->packet.raw + (rx->packet.size - rx->packet.data.size),
                            rx->packet.data.size};
    delivery_t d = {
        .data = {blob.data, blob.size},
        .hash = rnsi_rx_hash(node, rx), // before the packet is decrypted in place
        .phy = rx->phy,
        .from = rx->from,
        .hops = rx->hops,
    };
    switch ((rns_dest_type_t)dest->type) {
    case RNS_DEST_SINGLE:
        return receive_single(node, dest, blob, rx, &d);
    case RNS_DEST_GROUP:
        return receive_group(node, dest, blob, &d);
    case RNS_DEST_PLAIN:
        break;
    }
    return deliver(node, dest, &d);
}

// ---- Older ratchets, a slice in each tick

bool rnsi_destination_waits(const rns_node_t *node) {
    return RNSI_POOL(node, RATCHET_TRY)->used > 0;
}

static rns_verdict_t deliver_waiting(rns_node_t *node, const struct rnsi_dest *dest,
                                     const struct rnsi_ratchet_try *t, rns_bytes_t data,
                                     const uint8_t id[10]) {
    const rns_phy_t phy = t->phy;
    const delivery_t d = {
        .data = data,
        .hash = t->hash,
        .ratchet_id = id,
        .phy = phy.has != 0 ? &phy : NULL,
        .from = t->from,
        .hops = t->hops,
    };
    return deliver(node, dest, &d);
}

// One slice. QUEUED: there are more to try.
static rns_verdict_t try_older(rns_node_t *node, struct rnsi_ratchet_try *t) {
    struct rnsi_dest *dest = rnsi_dest_get(node, (rns_dest_t){t->dest_slot, t->dest_gen});
    if (dest == NULL) {
        return RNS_RX_NO_DEST;
    }
    const rns_mem_t blob = {t->data, t->size}, out = plain_of(blob);
    uint8_t id[RNSI_RATCHET_ID];
    size_t size;
    if (rnsi_ratchet_decrypt(node, dest, &t->tried, (rns_bytes_t){blob.data, blob.size}, out, &size,
                             id)) {
        return deliver_waiting(node, dest, t, (rns_bytes_t){out.data, size}, id);
    }
    if (t->tried < dest->ratchet_count) {
        return RNS_RX_QUEUED;
    }
    if (t->reloaded || !rnsi_ratchet_reload(node, dest)) {
        return RNS_RX_BAD_TOKEN;
    }
    t->reloaded = true;
    t->tried = 0;
    return RNS_RX_QUEUED;
}

void rnsi_destination_tick(rns_node_t *node) {
    rnsi_pool_t *pool = RNSI_POOL(node, RATCHET_TRY);
    struct rnsi_ratchet_try *oldest = rnsi_pool_oldest(pool, 0);
    if (oldest == NULL) {
        return;
    }
    const rns_verdict_t verdict = try_older(node, oldest);
    if (verdict == RNS_RX_QUEUED) {
        return;
    }
    struct rnsi_iface *iface = rnsi_iface_at(node, oldest->from);
    if (iface != NULL) {
        iface->verdicts[verdict]++;
    }
    rnsi_share_give(node, oldest->from, RNSI_SHARE_RATCHET_TRY);
    rnsi_pool_give(pool, oldest);
}
