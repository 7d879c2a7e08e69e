// route.c -- see route.h. The order of the questions is that of Transport._inbound.
#include "route/route.h"

#include "route/iface.h"
#include "route/path.h"
#include "route/relay.h"
#include "route/reverse.h"
#include "rules.h"

static void drop(rnsi_decision_t *d, rns_verdict_t verdict) {
    d->action = RNSI_DROP;
    d->verdict = verdict;
}

// In transport, and this node is the next hop. false: no path leads to it.
static bool forward(rns_node_t *node, const rnsi_rx_t *rx, rnsi_decision_t *d) {
    d->path = rx->has_dest_print ? rnsi_path_find_print(node, rx->packet.dest, rx->dest_print)
                                 : rnsi_path_find(node, rx->packet.dest);
    if (d->path == NULL) {
        return false;
    }
    d->action = RNSI_FORWARD;
    d->out = rnsi_iface_at(node, d->path->iface);
    return true;
}

// A packet of a link that passes through here: which way it goes on.
static void relay(rns_node_t *node, const rnsi_rx_t *rx, rnsi_decision_t *d) {
    const struct rnsi_relay *r = d->relay;
    d->remember = false;
    if (RNSI_RELAY_NEEDS_PROOF && !r->validated) {
        drop(d, RNS_RX_UNPROVED_LINK);
        return;
    }
    const bool from_next = rnsi_iface_same(rx->from, r->next);
    const bool from_start = rnsi_iface_same(rx->from, r->received);
    if (!from_next && !from_start) {
        drop(d, RNS_RX_WRONG_IFACE);
        return;
    }
    const bool fits =
        (from_next && rx->hops == r->remaining) || (from_start && rx->hops == r->taken);
    if (!fits) {
        drop(d, RNS_RX_WRONG_HOPS);
        return;
    }
    d->out = rnsi_iface_at(node, from_next ? r->received : r->next);
    if (d->out == NULL) {
        drop(d, RNS_RX_OFFLINE);
        return;
    }
    d->action = RNSI_RELAY;
    d->remember = true;
}

static struct rnsi_link *find_link(const rns_node_t *node, const rnsi_rx_t *rx) {
    return rnsi_pool_find(RNSI_POOL(node, LINK), rx->packet.dest);
}

static void link_proof(rns_node_t *node, const rnsi_rx_t *rx, rnsi_decision_t *d) {
    d->remember = false;
    if (d->relay == NULL) {
        d->link = find_link(node, rx);
        d->action = RNSI_LINK_OPENED;
        if (d->link == NULL) {
            drop(d, RNS_RX_NO_PROOF);
        }
        return;
    }
    if (!rnsi_iface_same(rx->from, d->relay->next)) {
        drop(d, RNS_RX_WRONG_IFACE);
        return;
    }
    d->out = rnsi_iface_at(node, d->relay->received);
    if (d->out == NULL) {
        drop(d, RNS_RX_OFFLINE);
        return;
    }
    d->action = RNSI_LINK_PROOF;
}

static void proof(rns_node_t *node, const rnsi_rx_t *rx, rnsi_decision_t *d) {
    d->action = RNSI_PROOF;
    if (!rnsi_transports(node)) {
        return;
    }
    d->reverse = rnsi_reverse_find(node, rx->packet.dest);
    if (d->reverse == NULL) {
        return;
    }
    d->out = rnsi_iface_at(node, d->reverse->received);
    if (!rnsi_iface_same(rx->from, d->reverse->outbound)) {
        drop(d, RNS_RX_WRONG_IFACE);
    } else if (d->out == NULL) {
        drop(d, RNS_RX_OFFLINE);
    } else {
        d->action = RNSI_PROOF_BACK;
    }
}

// Is it for a destination of ours?
static void local(rns_node_t *node, const rnsi_rx_t *rx, rnsi_decision_t *d) {
    const rnsi_packet_t *p = &rx->packet;
    const rns_verdict_t otherwise =
        p->transport_id != NULL && rnsi_transports(node) ? RNS_RX_NO_ROUTE : RNS_RX_NO_DEST;
    d->dest = rnsi_pool_find(RNSI_POOL(node, DEST), p->dest);
    if (d->dest == NULL || d->dest->type != p->dest_type) {
        drop(d, otherwise);
    } else if (p->type == RNSI_TYPE_LINKREQUEST) {
        d->action = RNSI_LINK_ASKED;
    } else {
        d->action = RNSI_DELIVER;
    }
}

static bool is_plain_to(const rnsi_packet_t *p, const uint8_t dest[16]) {
    return p->dest_type == RNSI_DEST_PLAIN && p->type == RNSI_TYPE_DATA &&
           rnsi_hash_is(p->dest, dest);
}

void rnsi_route(rns_node_t *node, const rnsi_rx_t *rx, rnsi_decision_t *d) {
    const rnsi_packet_t *p = &rx->packet;
    *d = (rnsi_decision_t){.remember = true};
    if (p->type == RNSI_TYPE_ANNOUNCE) {
        d->action = RNSI_ANNOUNCE;
        d->remember = false; // when its signature is known to be good
        return;
    }
    if (is_plain_to(p, node->path_request_dest)) {
        d->action = RNSI_ASK;
        return;
    }
    if (is_plain_to(p, node->tunnel_dest)) {
        d->action = RNSI_TUNNEL;
        return;
    }
    if (rnsi_transports(node) && p->transport_id != NULL && forward(node, rx, d)) {
        return;
    }
    const bool is_link_proof = p->type == RNSI_TYPE_PROOF && p->context == RNSI_CONTEXT_LRPROOF;
    if (rnsi_transports(node) && p->type != RNSI_TYPE_LINKREQUEST) {
        d->relay = rnsi_relay_find(node, p->dest);
    }
    if (is_link_proof) {
        link_proof(node, rx, d);
    } else if (d->relay != NULL) {
        relay(node, rx, d);
    } else if (p->dest_type == RNSI_DEST_LINK && (d->link = find_link(node, rx)) != NULL) {
        d->action = RNSI_LINK_OWN;
    } else if (p->type == RNSI_TYPE_PROOF) {
        proof(node, rx, d);
    } else {
        local(node, rx, d);
    }
}
