// testnode_events.c -- see testnode.h. What the node has to say, as lines.
#include <string.h>

#include "testnode.h"

static json_t *filter_number(const agent_t *agent, rns_handler_t handle) {
    for (size_t i = 0; i < agent->filter_count; i++) {
        const filter_t *filter = &agent->filters[i];
        if (filter->handle.slot == handle.slot && filter->handle.gen == handle.gen) {
            return json_integer(filter->number);
        }
    }
    return json_null(); // the one that hears all
}

static void tell_announce(const agent_t *agent, const rns_event_t *e) {
    const uint8_t *app_data = e->data.size > 0 ? e->data.data : NULL;
    line_emit(json_pack("{s:s, s:o, s:o, s:o, s:i, s:b, s:o}", "event", "announce", "dest",
                        json_hex(e->hash.b, sizeof e->hash.b), "identity",
                        json_hex(e->identity.b, sizeof e->identity.b), "app_data",
                        json_hex(app_data, e->data.size), "hops", (int)e->hops, "path_response",
                        e->is_response, "filter", filter_number(agent, e->handler)));
}

static void tell_packet(const rns_node_t *node, const rns_event_t *e) {
    rns_hash_t dest;
    if (rns_dest_hash(node, e->dest, &dest) != RNS_ERR_OK) {
        return;
    }
    const void *data = e->data.size > 0 ? e->data.data : (const uint8_t *)"";
    line_emit(json_pack("{s:s, s:o, s:o, s:o, s:o}", "event", "packet", "dest",
                        json_hex(dest.b, sizeof dest.b), "data", json_hex(data, e->data.size),
                        "packet", json_hex(e->packet_hash, 32), "ratchet",
                        json_hex(e->ratchet_id, 10)));
}

static void answer_prove(const agent_t *agent, rns_node_t *node, const rns_event_t *e) {
    for (size_t i = 0; i < agent->own_count; i++) {
        const own_t *own = &agent->own[i];
        if (own->handle.slot == e->dest.slot && own->handle.gen == e->dest.gen) {
            (void)rns_prove(node, e->at, e->ask, own->prove);
        }
    }
}

static void tell_proof(agent_t *agent, const rns_event_t *e) {
    receipt_t *receipt = agent->receipts;
    const receipt_t *end = agent->receipts + RECEIPT_MOST;
    while (receipt < end &&
           (receipt->handle.slot != e->receipt.slot || receipt->handle.gen != e->receipt.gen)) {
        receipt++;
    }
    if (receipt == end) {
        return;
    }
    receipt->handle = (rns_receipt_t){0, 0};
    const bool delivered = e->status == RNS_ERR_OK;
    json_t *line =
        json_pack("{s:s, s:I, s:s}", "event", "receipt", "receipt", (json_int_t)receipt->number,
                  "status", delivered ? "delivered" : "failed");
    if (delivered) {
        (void)json_object_set_new(line, "rtt", json_real((double)e->rtt_us / 1e6));
        (void)json_object_set_new(line, "proof",
                                  json_string(e->is_explicit ? "explicit" : "implicit"));
    }
    line_emit(line);
}

void event_tell(void *user, rns_node_t *node, const rns_event_t *event) {
    agent_t *agent = user;
    switch (event->type) {
    case RNS_EV_ANNOUNCE:
        tell_announce(agent, event);
        break;
    case RNS_EV_PACKET:
        tell_packet(node, event);
        break;
    case RNS_EV_PROVE:
        answer_prove(agent, node, event);
        break;
    case RNS_EV_PROOF:
        tell_proof(agent, event);
        break;
    default:
        link_tell(agent, event);
        break;
    }
}
