// forward.c -- see forward.h.
#include "route/forward.h"

#include "route/iface.h"
#include "route/outbound.h"
#include "route/path.h"
#include "route/relay.h"
#include "route/reverse.h"

static rns_verdict_t pass(rns_node_t *node, rnsi_rx_t *rx, rns_mem_t raw, struct rnsi_iface *out) {
    rnsi_packet_set_hops(raw, rx->hops);
    const rnsi_out_t packet = {{NULL, 0}, {raw.data, raw.size}};
    if (!rnsi_transmit(node, out, packet, rx->iface)) {
        return RNS_RX_FULL;
    }
    node->forwarded++;
    return RNS_RX_FORWARDED;
}

static rns_mem_t raw_of(const rnsi_rx_t *rx) {
    const rns_mem_t raw = {rx->packet.raw, rx->packet.size};
    return raw;
}

rns_verdict_t rnsi_forward_along(rns_node_t *node, rnsi_rx_t *rx, const rnsi_decision_t *d) {
    struct rnsi_path *path = d->path;
    if (rx->packet.type != RNSI_TYPE_LINKREQUEST) {
        rnsi_reverse_put(node, rx, path->iface);
    } else {
        const rns_verdict_t verdict = rnsi_relay_open(node, rx, path, d->out);
        if (verdict != RNS_RX_FORWARDED) {
            return verdict;
        }
    }
    rnsi_path_used(node, path);
    rns_mem_t raw = raw_of(rx);
    if (path->hops > 1) {
        rnsi_packet_set_transport_id(raw, path->next_hop);
    } else if (path->hops == 1) {
        raw = rnsi_packet_strip(raw);
    }
    return pass(node, rx, raw, d->out);
}

rns_verdict_t rnsi_forward_relay(rns_node_t *node, rnsi_rx_t *rx, const rnsi_decision_t *d) {
    rnsi_relay_used(node, d->relay);
    return pass(node, rx, raw_of(rx), d->out);
}

rns_verdict_t rnsi_forward_link_proof(rns_node_t *node, rnsi_rx_t *rx, const rnsi_decision_t *d) {
    const rns_verdict_t verdict = rnsi_relay_prove(node, d->relay, rx);
    return verdict == RNS_RX_FORWARDED ? pass(node, rx, raw_of(rx), d->out) : verdict;
}

rns_verdict_t rnsi_forward_proof(rns_node_t *node, rnsi_rx_t *rx, const rnsi_decision_t *d) {
    rnsi_reverse_give(node, d->reverse);
    return pass(node, rx, raw_of(rx), d->out);
}
