// wire_tap.c -- looks at frames as they pass between the node and its interfaces. The linker has
// these called instead of the node's own functions, which they call.
#include <string.h>

#include "wire.h"

rns_verdict_t __real_rns_rx(rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_mem_t frame,
                            const rns_phy_t *phy);
rns_verdict_t __wrap_rns_rx(rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_mem_t frame,
                            const rns_phy_t *phy);
void __real_rns_rx_batch(rns_node_t *node, rns_us_t now, rns_iface_t iface, const rns_mem_t *frames,
                         size_t count);
void __wrap_rns_rx_batch(rns_node_t *node, rns_us_t now, rns_iface_t iface, const rns_mem_t *frames,
                         size_t count);
bool __real_rns_tx_next(rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_tx_t *tx);
bool __wrap_rns_tx_next(rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_tx_t *tx);

static wire_t *tapped; // the bridge is one thread

void tap_set(wire_t *wire) {
    tapped = wire;
}

// What a link sends is noted with it.
static void note_sent(const wire_t *wire, const rnsi_packet_t *packet) {
    session_t *session = wire->sessions;
    while (session != NULL && memcmp(session->id.b, packet->dest, sizeof session->id.b) != 0) {
        session = session->next;
    }
    if (session == NULL || packet->dest_type != RNSI_DEST_LINK) {
        return;
    }
    session->tx_bytes += packet->size;
    session->closes += packet->context == RNSI_CONTEXT_LINKCLOSE;
    if (packet->context == RNSI_CONTEXT_KEEPALIVE) {
        session->keepalive = packet->data.data[0];
    }
}

static void look(const rns_node_t *node, rns_mem_t frame, rns_tx_t *tx) {
    rnsi_packet_t packet;
    if (tapped == NULL || tapped->node != node || !rnsi_packet_parse(frame, &packet)) {
        return;
    }
    if (tx != NULL) {
        note_sent(tapped, &packet);
    }
    if (tapped->watch != NULL) {
        tapped->watch(tapped->watch_user, &(passing_t){&packet, tx});
    }
}

rns_verdict_t __wrap_rns_rx(rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_mem_t frame,
                            const rns_phy_t *phy) {
    look(node, frame, NULL);
    return __real_rns_rx(node, now, iface, frame, phy);
}

void __wrap_rns_rx_batch(rns_node_t *node, rns_us_t now, rns_iface_t iface, const rns_mem_t *frames,
                         size_t count) {
    for (size_t i = 0; i < count; i++) {
        look(node, frames[i], NULL);
    }
    __real_rns_rx_batch(node, now, iface, frames, count);
}

bool __wrap_rns_tx_next(rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_tx_t *tx) {
    if (!__real_rns_tx_next(node, now, iface, tx)) {
        return false;
    }
    look(node, (rns_mem_t){(uint8_t *)tx->frame.data, tx->frame.size}, tx);
    return true;
}
