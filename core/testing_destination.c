// testing_destination.c -- see testing_destination.h.
#include "testing_destination.h"

#include "node.h"
#include "records.h"
#include "route/iface.h"
#include "route/known.h"
#include "session/destination.h"
#include "session/ratchet.h"
#include "session/send.h"

#define TRIES_MOST (RNSI_RATCHETS_MAX / RNSI_RATCHET_SLICE + 2U) // slices until all are tried

// ---- What packets carry

rns_err_t rnst_seal_single(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                           rns_bytes_t plain, rns_mem_t out, size_t *size) {
    const struct rnsi_known *known = rnsi_known_find(node, destination->b);
    if (known == NULL) {
        return RNS_ERR_NO_PATH;
    }
    if (rnsi_identity_encrypted_size(plain.size) > out.size) {
        return RNS_ERR_SIZE;
    }
    node->now = now;
    return rnsi_seal_single(node, known, plain, out, size);
}

rns_err_t rnst_seal_broadcast(rns_node_t *node, rns_us_t now, rns_bytes_t key, rns_bytes_t plain,
                              rns_mem_t out, size_t *size) {
    node->now = now;
    return key.data != NULL ? rnsi_seal_group(node, key, plain, out, size)
                            : rnsi_seal_plain(plain, out, size);
}

typedef struct {
    rns_mem_t out;
    rnst_opened_t *opened;
    bool came;
} capture_t;

static void capture(void *user, rns_node_t *node, const rns_event_t *event) {
    capture_t *to = user;
    (void)node;
    if (event->type != RNS_EV_PACKET) {
        return;
    }
    to->came = true;
    to->opened->size = event->data.size;
    to->opened->by_ratchet = event->ratchet_id != NULL;
    if (event->ratchet_id != NULL) {
        memcpy(to->opened->ratchet_id, event->ratchet_id, sizeof to->opened->ratchet_id);
    }
    memmove(to->out.data, event->data.data, event->data.size);
}

static bool make_packet(struct rnsi_dest *dest, rns_bytes_t blob, rns_mem_t out, rnsi_rx_t *rx) {
    const uint8_t flags = rnsi_packet_flags(RNSI_HEADER_1, false, RNSI_TRANSPORT_BROADCAST,
                                            (rnsi_dest_type_t)dest->type, RNSI_TYPE_DATA);
    if (out.size < RNSI_HEADER_MINSIZE + blob.size) {
        return false;
    }
    memmove(out.data + RNSI_HEADER_MINSIZE, blob.data, blob.size);
    const size_t head = rnsi_packet_head(out, flags, 0, NULL, dest->hash, RNSI_CONTEXT_NONE);
    return rnsi_packet_parse((rns_mem_t){out.data, head + blob.size}, &rx->packet);
}

bool rnst_dest_open(rns_node_t *node, rns_us_t now, rns_dest_t handle, rns_bytes_t blob,
                    rns_mem_t out, rnst_opened_t *opened) {
    struct rnsi_dest *dest = rnsi_dest_get(node, handle);
    uint32_t cursor = 0;
    rnsi_rx_t rx = {.iface = rnsi_iface_next(node, &cursor)};
    if (dest == NULL || rx.iface == NULL || !make_packet(dest, blob, out, &rx)) {
        return false;
    }
    rx.from = rnsi_iface_ref(node, rx.iface);
    capture_t to = {.out = out, .opened = opened};
    void (*const on_event)(void *, rns_node_t *, const rns_event_t *) = node->on_event;
    void *const user = node->user;
    const uint8_t prove = dest->prove;
    node->now = now;
    node->on_event = capture;
    node->user = &to;
    dest->prove = RNS_PROVE_NONE;
    const rns_verdict_t verdict = rnsi_destination_receive(node, dest, &rx);
    for (uint32_t i = 0; verdict == RNS_RX_QUEUED && !to.came && i < TRIES_MOST; i++) {
        rnsi_destination_tick(node);
    }
    dest->prove = prove;
    node->on_event = on_event;
    node->user = user;
    return to.came;
}

// ---- Ratchets of our own

static struct rnsi_dest *with_ratchets(const rns_node_t *node, rns_dest_t handle) {
    struct rnsi_dest *dest = rnsi_dest_get(node, handle);
    return dest != NULL && (dest->flags & RNSI_DEST_RATCHETS) != 0 ? dest : NULL;
}

bool rnst_ratchet_set_rotated(rns_node_t *node, rns_dest_t handle, rns_us_t at) {
    struct rnsi_dest *dest = with_ratchets(node, handle);
    if (dest != NULL) {
        dest->ratchet_at = at;
    }
    return dest != NULL;
}

bool rnst_ratchets_pad(rns_node_t *node, rns_us_t now, rns_dest_t handle, uint32_t count) {
    struct rnsi_dest *dest = with_ratchets(node, handle);
    if (dest == NULL) {
        return false;
    }
    const uint16_t kept = dest->ratchet_kept;
    const rns_us_t rotated = dest->ratchet_at;
    rns_err_t err = RNS_ERR_OK;
    node->now = now;
    rnsi_ratchet_keep(node, dest, RNSI_RATCHETS_MAX);
    while (err == RNS_ERR_OK && dest->ratchet_count < count &&
           dest->ratchet_count < dest->ratchet_kept) {
        dest->ratchet_at = now - dest->ratchet_interval_s * RNSI_SECOND - 1;
        err = rnsi_ratchet_rotate(node, dest);
    }
    dest->ratchet_kept = kept;
    dest->ratchet_at = rotated;
    return err == RNS_ERR_OK;
}

bool rnst_ratchets_reload(rns_node_t *node, rns_dest_t handle) {
    struct rnsi_dest *dest = with_ratchets(node, handle);
    if (dest == NULL) {
        return false;
    }
    rnsi_ratchet_close(node, dest);
    return rnsi_ratchet_reload(node, dest);
}

// ---- What is known of others

// Takes them out of memory and leaves the store alone.
static void forget(rns_node_t *node, struct rnsi_known *known) {
    rnsi_pool_t *pool = RNSI_POOL(node, KNOWN);
    rnsi_record_left(node, RNS_RECORD_KNOWN, &known->slot);
    rnsi_app_data_set(node, known->app_data, RNSI_NONE, (rns_bytes_t){NULL, 0});
    rnsi_pool_give(pool, known);
}

bool rnst_known_put(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                    const uint8_t pub[64]) {
    static const uint8_t NO_PACKET[32] = {0};
    struct rnsi_known *old = rnsi_known_find(node, destination->b);
    node->now = now;
    if (old != NULL) {
        forget(node, old);
    }
    return rnsi_known_restore(
        node, &(rnsi_known_record_t){.dest = destination->b, .pub = pub, .packet_hash = NO_PACKET});
}

void rnst_known_forget_all(rns_node_t *node) {
    uint32_t cursor = 0;
    struct rnsi_known *known;
    while (cursor != RNSI_NONE &&
           (known = rnsi_pool_walk(RNSI_POOL(node, KNOWN), &cursor, UINT32_MAX)) != NULL) {
        forget(node, known);
    }
}

bool rnst_known_ratchet_put(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                            const uint8_t pub[32]) {
    node->now = now;
    rnst_known_ratchet_forget(node, destination);
    if (!rnsi_ratchet_restore(node, destination->b, pub, rnsi_unix_us(node))) {
        return false;
    }
    struct rnsi_ratchet_peer *peer = rnsi_pool_find(RNSI_POOL(node, RATCHET_PEER), destination->b);
    rnsi_record_dirty(node, RNS_RECORD_RATCHET, &peer->slot);
    return true;
}

void rnst_known_ratchet_forget(rns_node_t *node, const rns_hash_t *destination) {
    rnsi_pool_t *pool = RNSI_POOL(node, RATCHET_PEER);
    struct rnsi_ratchet_peer *peer = rnsi_pool_find(pool, destination->b);
    if (peer != NULL) {
        rnsi_record_left(node, RNS_RECORD_RATCHET, &peer->slot);
        rnsi_pool_give(pool, peer);
    }
}

void rnst_records_load(rns_node_t *node, rns_us_t now) {
    node->now = now;
    rnsi_records_load(node);
}

// ---- The node

void rnst_set_explicit_proof(rns_node_t *node, bool is_explicit) {
    node->explicit_proof = is_explicit;
}

bool rnst_iface_ifac(const rns_node_t *node, rns_iface_t handle, rnsi_ifac_t *ifac) {
    const struct rnsi_iface *iface = rnsi_iface_get(node, handle);
    const struct rnsi_network *network = iface == NULL ? NULL : rnsi_iface_network(node, iface);
    if (network != NULL) {
        *ifac = network->ifac;
    }
    return network != NULL;
}
