// wire_tap.c -- looks at frames as they pass between the node and its interfaces. The linker has
// these called instead of the node's own functions, which they call.
#include <stdlib.h>
#include <string.h>

#include "testing_destination.h"
#include "wire.h"
#include "wire/ifac.h"

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

// ---- Behind the access code

// A packet as it stands in its frame, or behind the frame's access code: then in a copy.
typedef struct {
    rnsi_packet_t packet;
    rnsi_ifac_t ifac;
    uint8_t *copy; // NULL: the frame has no code
} bare_t;

// The copy of a sealed frame is unmasked. false: it is not of the interface's network.
static bool unseal(rns_iface_t iface, rns_mem_t frame, bare_t *bare, rns_mem_t *raw) {
    const rnsi_crypto_t *c = &tapped->bridge->crypto;
    if (!rnst_iface_ifac(tapped->node, iface, &bare->ifac)) {
        return false;
    }
    bare->copy = malloc(frame.size);
    if (bare->copy == NULL) {
        abort();
    }
    memcpy(bare->copy, frame.data, frame.size);
    return rnsi_ifac_unmask(c, &bare->ifac, (rns_mem_t){bare->copy, frame.size}, raw) &&
           rnsi_ifac_check(c, &bare->ifac, (rns_bytes_t){raw->data, raw->size},
                           rnsi_ifac_code(&bare->ifac, *raw));
}

// false: there is no packet that the node could make out. To be closed either way.
static bool bare_open(rns_iface_t iface, rns_mem_t frame, bare_t *bare) {
    rns_mem_t raw = frame;
    bare->copy = NULL;
    if (frame.size > 0 && (frame.data[0] & RNSI_FLAG_IFAC) != 0 &&
        !unseal(iface, frame, bare, &raw)) {
        return false;
    }
    return rnsi_packet_parse(raw, &bare->packet);
}

static void bare_close(bare_t *bare) {
    free(bare->copy);
}

// ---- What goes out

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

// What the watch leaves of a packet goes out in the frame's memory, with the code that fits it.
static void show(bare_t *bare, rns_tx_t *tx) {
    rns_tx_t shown = *tx;
    shown.frame = (rns_bytes_t){bare->packet.raw, bare->packet.size};
    tapped->watch(tapped->watch_user, &(passing_t){&bare->packet, &shown});
    if (bare->copy == NULL) {
        tx->frame = shown.frame;
        return;
    }
    const rns_mem_t sealed = rnsi_ifac_seal(&tapped->bridge->crypto, &bare->ifac,
                                            (rns_mem_t){bare->packet.raw, shown.frame.size});
    memcpy((uint8_t *)tx->frame.data, sealed.data, sealed.size);
    tx->frame.size = sealed.size;
}

static void depart(const rns_node_t *node, rns_iface_t iface, rns_tx_t *tx) {
    bare_t bare;
    if (tapped == NULL || tapped->node != node) {
        return;
    }
    if (bare_open(iface, (rns_mem_t){(uint8_t *)tx->frame.data, tx->frame.size}, &bare)) {
        note_sent(tapped, &bare.packet);
        if (tapped->watch != NULL) {
            show(&bare, tx);
        }
    }
    bare_close(&bare);
}

// ---- Answers are held back for a moment

static void release(uv_timer_t *timer) {
    wire_t *wire = timer->data;
    rns_tx_hold(wire->node, clock_now(), wire->held, false);
    wire->held = (rns_iface_t){0, 0};
    daemon_wake(wire->daemon);
}

static bool wants_answer(const rnsi_packet_t *packet) {
    return packet->type == RNSI_TYPE_DATA &&
           (packet->context == RNSI_CONTEXT_NONE || packet->context == RNSI_CONTEXT_CHANNEL ||
            packet->context == RNSI_CONTEXT_REQUEST);
}

// What an interface sends after such a packet waits, one interface at a time.
static void hold(rns_us_t now, rns_iface_t iface, const rnsi_packet_t *packet) {
    if (tapped->held.gen != 0 || !wants_answer(packet)) {
        return;
    }
    tapped->held = iface;
    tapped->quiet.data = tapped;
    rns_tx_hold(tapped->node, now, iface, true);
    (void)uv_timer_start(&tapped->quiet, release, HOLD_MS, 0);
}

// ---- What comes in

static void arrive(const rns_node_t *node, rns_us_t now, rns_iface_t iface, rns_mem_t frame) {
    bare_t bare;
    if (tapped == NULL || tapped->node != node) {
        return;
    }
    const bool is_packet = bare_open(iface, frame, &bare);
    frames_note(tapped, iface, frame, is_packet ? &bare.packet : NULL);
    if (is_packet && tapped->watch != NULL) {
        tapped->watch(tapped->watch_user, &(passing_t){&bare.packet, NULL});
    }
    if (is_packet) {
        hold(now, iface, &bare.packet);
    }
    bare_close(&bare);
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
    depart(node, iface, tx);
    return true;
}
// NOLINTEND(*-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
