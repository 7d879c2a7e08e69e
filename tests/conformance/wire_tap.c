// wire_tap.c -- looks at frames as they pass between the node and its interfaces. The linker has
// these called instead of the node's own functions, which they call.
#include <string.h>

#include "wire.h"

// NOLINTBEGIN(*-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names
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

// The reference knows that it waits for a proof or an answer only after its packet is out: what
// comes at once is lost on it.
#define HOLD_MS 10U

static wire_t *tapped; // the bridge is one thread

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

// ---- Answers are held back for a moment

static void release(uv_timer_t *timer) {
    wire_t *wire = timer->data;
    rns_tx_hold(wire->node, clock_now(), wire->held, false);
    wire->held = (rns_iface_t){0, 0};
    daemon_wake(wire->daemon);
}

// With an access code nobody knows before the node has looked.
static bool wants_answer(rns_mem_t frame) {
    rnsi_packet_t packet;
    if (!rnsi_packet_parse(frame, &packet)) {
        return frame.size > 0 && (frame.data[0] & RNSI_FLAG_IFAC) != 0;
    }
    return packet.type == RNSI_TYPE_DATA &&
           (packet.context == RNSI_CONTEXT_NONE || packet.context == RNSI_CONTEXT_CHANNEL ||
            packet.context == RNSI_CONTEXT_REQUEST);
}

// What an interface sends after such a packet waits, one interface at a time.
static void hold(const rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_mem_t frame) {
    if (tapped == NULL || tapped->node != node || tapped->held.gen != 0 || !wants_answer(frame)) {
        return;
    }
    tapped->held = iface;
    tapped->quiet.data = tapped;
    rns_tx_hold(tapped->node, now, iface, true);
    (void)uv_timer_start(&tapped->quiet, release, HOLD_MS, 0);
}

// A frame that comes in.
static void arrive(const rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_mem_t frame) {
    if (tapped != NULL && tapped->node == node) {
        frames_note(tapped, iface, frame);
    }
    look(node, frame, NULL);
    hold(node, now, iface, frame);
}

void tap_set(wire_t *wire) {
    if (tapped != NULL && tapped->held.gen != 0) {
        release(&tapped->quiet); // it says goodbye
    }
    tapped = wire;
}

// ---- The functions that are replaced

rns_verdict_t __wrap_rns_rx(rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_mem_t frame,
                            const rns_phy_t *phy) {
    arrive(node, now, iface, frame);
    return __real_rns_rx(node, now, iface, frame, phy);
}

void __wrap_rns_rx_batch(rns_node_t *node, rns_us_t now, rns_iface_t iface, const rns_mem_t *frames,
                         size_t count) {
    for (size_t i = 0; i < count; i++) {
        arrive(node, now, iface, frames[i]);
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
// NOLINTEND(*-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
