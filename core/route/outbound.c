// outbound.c -- see outbound.h.
#include "route/outbound.h"

#include "memory/bytes.h"
#include "route/iface.h"
#include "route/path.h"
#include "route/tx.h"
#include "wire/ifac.h"

static size_t size_of(rnsi_out_t out) {
    return out.head.size + out.body.size;
}

static void copy(uint8_t *to, rnsi_out_t out) {
    if (out.head.size > 0) {
        memcpy(to, out.head.data, out.head.size);
    }
    memcpy(to + out.head.size, out.body.data, out.body.size);
}

// A frame for a packet of this size, with room for the access code of a network (NULL: none).
static rnsi_draft_t begin(rns_node_t *node, const struct rnsi_network *network, size_t size,
                          struct rnsi_iface *from) {
    const size_t code = network != NULL ? network->ifac.size : 0;
    const rnsi_frame_t frame = rnsi_frame_new(node, from, code + size);
    rnsi_draft_t draft = {frame, {NULL, size}, network};
    if (frame.slot != RNSI_NONE) {
        draft.packet.data = frame.data + code;
    }
    return draft;
}

static void seal(rns_node_t *node, const rnsi_draft_t *draft) {
    if (draft->network != NULL) {
        rnsi_ifac_seal(&node->crypto, &draft->network->ifac, draft->packet);
    }
}

static rnsi_frame_t make_frame(rns_node_t *node, const struct rnsi_network *network, rnsi_out_t out,
                               struct rnsi_iface *from) {
    const rnsi_draft_t draft = begin(node, network, size_of(out), from);
    if (draft.frame.slot != RNSI_NONE) {
        copy(draft.packet.data, out);
        seal(node, &draft);
    }
    return draft.frame;
}

static void count_drop(struct rnsi_iface *iface, size_t size) {
    iface->tx_dropped++;
    iface->tx_dropped_bytes += size;
}

bool rnsi_transmit(rns_node_t *node, struct rnsi_iface *iface, rnsi_out_t out,
                   struct rnsi_iface *from) {
    if (!rnsi_iface_online(iface)) {
        return false;
    }
    const rnsi_frame_t frame = make_frame(node, rnsi_iface_network(node, iface), out, from);
    if (frame.slot == RNSI_NONE) {
        count_drop(iface, size_of(out));
        return false;
    }
    const bool queued = rnsi_tx_put(node, iface, frame);
    rnsi_frame_unused(node, frame);
    return queued;
}

// ---- Packets made in their frame

bool rnsi_draft_begin(rns_node_t *node, struct rnsi_iface *iface, size_t size,
                      rnsi_draft_t *draft) {
    if (!rnsi_iface_online(iface)) {
        return false;
    }
    *draft = begin(node, rnsi_iface_network(node, iface), size, NULL);
    if (draft->frame.slot == RNSI_NONE) {
        count_drop(iface, size);
        return false;
    }
    return true;
}

bool rnsi_draft_send(rns_node_t *node, struct rnsi_iface *iface, const rnsi_draft_t *draft) {
    seal(node, draft);
    const bool queued = rnsi_tx_put(node, iface, draft->frame);
    rnsi_frame_unused(node, draft->frame);
    return queued;
}

void rnsi_draft_drop(rns_node_t *node, const rnsi_draft_t *draft) {
    rnsi_frame_unused(node, draft->frame);
}

// ---- Broadcast

void rnsi_broadcast_begin(rns_node_t *node, rnsi_broadcast_t *b, rnsi_out_t out,
                          struct rnsi_iface *from) {
    node->broadcast++;
    *b = (rnsi_broadcast_t){out, from, 0, RNSI_NONE};
}

static rnsi_frame_t frame_for(rns_node_t *node, rnsi_broadcast_t *b, struct rnsi_network *network) {
    if (network != NULL && network->sealed_in != node->broadcast) {
        network->sealed_in = node->broadcast;
        network->sealed_frame = RNSI_NONE;
    }
    uint32_t *pool = network != NULL ? &network->sealed_pool : &b->pool;
    uint32_t *slot = network != NULL ? &network->sealed_frame : &b->frame;
    if (*slot != RNSI_NONE) {
        return (rnsi_frame_t){*pool, *slot, NULL};
    }
    const rnsi_frame_t frame = make_frame(node, network, b->out, b->from);
    *pool = frame.pool;
    *slot = frame.slot;
    return frame;
}

static void forget_frame(rnsi_broadcast_t *b, struct rnsi_network *network) {
    if (network != NULL) {
        network->sealed_frame = RNSI_NONE;
    } else {
        b->frame = RNSI_NONE;
    }
}

bool rnsi_broadcast_to(rns_node_t *node, rnsi_broadcast_t *b, struct rnsi_iface *iface) {
    if (!rnsi_iface_online(iface)) {
        return false;
    }
    struct rnsi_network *network = rnsi_iface_network(node, iface);
    const rnsi_frame_t frame = frame_for(node, b, network);
    if (frame.slot == RNSI_NONE) {
        count_drop(iface, size_of(b->out));
        return false;
    }
    const bool queued = rnsi_tx_put(node, iface, frame);
    if (!queued && rnsi_frame_head(node, frame.pool, frame.slot)->refs == 0) {
        rnsi_frame_unused(node, frame);
        forget_frame(b, network);
    }
    return queued;
}

// ---- Packets of our own

static bool send_along(rns_node_t *node, rns_bytes_t raw, struct rnsi_path *path) {
    struct rnsi_iface *iface = rnsi_iface_at(node, path->iface);
    rnsi_path_used(node, path);
    if (path->hops <= 1) {
        return rnsi_transmit(node, iface, (rnsi_out_t){{NULL, 0}, raw}, NULL);
    }
    uint8_t head[2 + RNSI_ADDRESS_SIZE];
    head[0] = (uint8_t)(RNSI_HEADER_2 << 6 | RNSI_TRANSPORT_TRANSPORT << 4 | (raw.data[0] & 0x0FU));
    head[1] = raw.data[1];
    memcpy(head + 2, path->next_hop, sizeof path->next_hop);
    const rnsi_out_t out = {{head, sizeof head}, {raw.data + 2, raw.size - 2}};
    return rnsi_transmit(node, iface, out, NULL);
}

void rnsi_remember_own(rns_node_t *node, const uint8_t packet_hash[32]) {
    if (!rnsi_seen_has(&node->memory.packets, packet_hash)) {
        rnsi_seen_add(&node->memory.packets, packet_hash);
    }
}

static void remember(rns_node_t *node, rns_mem_t raw) {
    rnsi_packet_t packet;
    uint8_t hash[32];
    if (rnsi_packet_parse(raw, &packet)) {
        rnsi_packet_hash(&node->crypto, &packet, hash);
        rnsi_remember_own(node, hash);
    }
}

bool rnsi_send(rns_node_t *node, rns_mem_t raw, struct rnsi_iface *only) {
    const rns_bytes_t bytes = {raw.data, raw.size};
    const uint8_t dest_type = raw.data[0] >> 2 & 3U;
    if (dest_type == RNSI_DEST_SINGLE) {
        struct rnsi_path *path = rnsi_path_find(node, raw.data + 2);
        if (path != NULL) {
            return send_along(node, bytes, path);
        }
    }
    bool sent = false;
    uint32_t cursor = 0;
    struct rnsi_iface *iface;
    rnsi_broadcast_t b;
    rnsi_broadcast_begin(node, &b, (rnsi_out_t){{NULL, 0}, bytes}, NULL);
    while ((iface = rnsi_iface_next(node, &cursor)) != NULL) {
        if (rnsi_iface_sends(iface) && (only == NULL || only == iface)) {
            sent |= rnsi_broadcast_to(node, &b, iface);
        }
    }
    if (sent) {
        remember(node, raw);
    }
    return sent;
}
