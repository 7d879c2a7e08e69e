// testnode_links.c -- see testnode.h. Links: commands and events.
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "testnode_fields.h"

// ---- The links that the agent knows

static session_t *session_at(agent_t *agent, rns_link_t handle) {
    for (size_t i = 0; i < SESSION_MOST; i++) {
        session_t *session = &agent->sessions[i];
        if (session->handle.gen == handle.gen && session->handle.slot == handle.slot) {
            return session;
        }
    }
    return NULL;
}

// NULL: there are too many.
static session_t *session_add(agent_t *agent, rns_link_t handle, const rns_hash_t *id) {
    session_t *session = session_at(agent, (rns_link_t){0, 0});
    if (session != NULL) {
        *session = (session_t){.handle = handle, .id = *id};
    }
    return session;
}

// ---- Commands

static json_t *link_open(agent_t *agent, json_t *fields, const char **error) {
    const char *dest;
    uint8_t hash[16];
    if (!UNPACK(fields, error, "{s:s}", "dest", &dest)) {
        return NULL;
    }
    const target_t *target = read_exactly(dest, hash, sizeof hash) ? target_of(agent, hash) : NULL;
    if (target == NULL) {
        return refuse(error, "no such destination");
    }
    rns_link_t link;
    rns_link_info_t info;
    rns_err_t err = rns_link_open(agent->node, clock_now(), &target->hash, &link);
    if (err == RNS_ERR_OK) {
        err = rns_link_info(agent->node, link, &info);
    }
    if (err != RNS_ERR_OK) {
        return reply_of(err, error);
    }
    if (session_add(agent, link, &info.id) == NULL) {
        return refuse(error, "too many links");
    }
    return json_pack("{s:o}", "link", json_hash(&info.id));
}

static json_t *link_send(agent_t *agent, json_t *fields, const char **error) {
    const char *id, *text;
    double timeout_s = -1;
    if (!UNPACK(fields, error, "{s:s, s:s, s?:F}", "link", &id, "data", &text, "timeout",
                &timeout_s)) {
        return NULL;
    }
    const session_t *session = session_of(agent, id, error);
    if (session == NULL) {
        return NULL;
    }
    const rns_mem_t data = read_bytes(text);
    if (data.data == NULL) {
        return refuse(error, "data is not hex");
    }
    rns_receipt_t receipt;
    const rns_err_t err = rns_link_send(agent->node, clock_now(), session->handle,
                                        (rns_bytes_t){data.data, data.size}, &receipt);
    free(data.data);
    return err == RNS_ERR_OK
               ? receipt_watch(agent, receipt, timeout_s >= 0 ? &timeout_s : NULL, error)
               : reply_of(err, error);
}

static json_t *link_identify(agent_t *agent, json_t *fields, const char **error) {
    const char *id, *private_key;
    rns_secret_t secret;
    uint8_t pub[64];
    rns_hash_t identity;
    if (!UNPACK(fields, error, "{s:s, s:s}", "link", &id, "private", &private_key)) {
        return NULL;
    }
    const session_t *session = session_of(agent, id, error);
    if (session == NULL) {
        return NULL;
    }
    if (!read_identity(agent, private_key, &secret)) {
        return refuse(error, "private is no key");
    }
    const rns_err_t err = rns_link_identify(agent->node, clock_now(), session->handle, &secret);
    if (err != RNS_ERR_OK) {
        return reply_of(err, error);
    }
    rns_identity_public(agent->node, &secret, pub, &identity);
    return json_pack("{s:o}", "identity", json_hash(&identity));
}

static const session_t *session_in(agent_t *agent, json_t *fields, const char **error) {
    const char *id;
    return UNPACK(fields, error, "{s:s}", "link", &id) ? session_of(agent, id, error) : NULL;
}

static json_t *link_close(agent_t *agent, json_t *fields, const char **error) {
    const session_t *session = session_in(agent, fields, error);
    return session != NULL
               ? reply_of(rns_link_close(agent->node, clock_now(), session->handle), error)
               : NULL;
}

static json_t *link_info(agent_t *agent, json_t *fields, const char **error) {
    static const char *const STATES[] = {
        [RNS_LINK_PENDING] = "pending", [RNS_LINK_HANDSHAKE] = "handshake",
        [RNS_LINK_ACTIVE] = "active",   [RNS_LINK_STALE] = "stale",
        [RNS_LINK_CLOSED] = "closed",
    };
    const session_t *session = session_in(agent, fields, error);
    if (session == NULL) {
        return NULL;
    }
    rns_link_info_t info;
    const rns_err_t err = rns_link_info(agent->node, session->handle, &info);
    if (err != RNS_ERR_OK) {
        return reply_of(err, error);
    }
    const bool is_known = info.has_peer && !info.initiator;
    return json_pack("{s:s, s:I, s:I, s:f, s:f, s:o}", "state", STATES[info.state], "mtu",
                     (json_int_t)info.mtu, "mdu", (json_int_t)info.mdu, "rtt",
                     (double)info.rtt_us / 1e6, "keepalive", (double)info.keepalive_us / 1e6,
                     "identity", is_known ? json_hash(&info.peer) : json_null());
}

const entry_t LINK_COMMANDS[] = {
    {"link_open", link_open},   {"link_send", link_send}, {"link_identify", link_identify},
    {"link_close", link_close}, {"link_info", link_info}, {NULL, NULL},
};

// ---- Events

static void tell_up(agent_t *agent, const rns_event_t *e) {
    rns_link_info_t info;
    if (rns_link_info(agent->node, e->link, &info) != RNS_ERR_OK) {
        return;
    }
    if (!e->is_initiator && session_add(agent, e->link, &info.id) == NULL) {
        (void)rns_link_close(agent->node, e->at, e->link);
        return;
    }
    (void)rns_link_proofs(agent->node, e->link, RNS_PROVE_ALL);
    session_t *session = session_at(agent, e->link);
    channel_begin(agent, session);
    resource_begin(agent, session);
    line_emit(json_pack("{s:s, s:o, s:b, s:o, s:I, s:I, s:o}", "event", "link_open", "link",
                        json_hash(&info.id), "initiator", e->is_initiator, "dest",
                        json_hash(&e->hash), "mtu", (json_int_t)info.mtu, "mdu",
                        (json_int_t)info.mdu, "hops",
                        e->is_initiator ? json_integer(info.hops) : json_null()));
}

static void tell_down(agent_t *agent, session_t *session, const rns_event_t *e) {
    static const char *const REASONS[] = {
        [RNS_LINK_TIMEOUT] = "timeout",
        [RNS_LINK_INITIATOR_CLOSED] = "initiator",
        [RNS_LINK_DESTINATION_CLOSED] = "destination",
    };
    const bool is_named = e->reason >= RNS_LINK_TIMEOUT && e->reason <= RNS_LINK_DESTINATION_CLOSED;
    channel_end(agent, session);
    resource_end(agent, session);
    session->handle = (rns_link_t){0, 0};
    line_emit(json_pack("{s:s, s:o, s:s}", "event", "link_closed", "link", json_hash(&session->id),
                        "reason", is_named ? REASONS[e->reason] : "other"));
}

static void tell_packet(const session_t *session, const rns_event_t *e) {
    const void *data = e->data.size > 0 ? e->data.data : (const uint8_t *)"";
    line_emit(json_pack("{s:s, s:o, s:o}", "event", "link_packet", "link", json_hash(&session->id),
                        "data", json_hex(data, e->data.size)));
}

void link_tell(agent_t *agent, const rns_event_t *e) {
    if (e->type == RNS_EV_LINK_UP) {
        tell_up(agent, e);
        return;
    }
    session_t *session = session_at(agent, e->link);
    if (session == NULL) {
        return;
    }
    switch (e->type) {
    case RNS_EV_LINK_DOWN:
        tell_down(agent, session, e);
        break;
    case RNS_EV_LINK_PEER:
        line_emit(json_pack("{s:s, s:o, s:o}", "event", "link_identified", "link",
                            json_hash(&session->id), "identity", json_hash(&e->identity)));
        break;
    case RNS_EV_LINK_PACKET:
        tell_packet(session, e);
        break;
    case RNS_EV_CHANNEL:
    case RNS_EV_CHANNEL_READY:
    case RNS_EV_BUFFER:
        channel_tell(agent, session, e);
        break;
    case RNS_EV_REQUEST:
    case RNS_EV_REQUEST_OFFER:
    case RNS_EV_QUERY_DONE:
    case RNS_EV_RESPONSE:
        request_tell(agent, session, e);
        break;
    case RNS_EV_RESOURCE_OFFER:
    case RNS_EV_RESOURCE_PROGRESS:
    case RNS_EV_RESOURCE_DONE:
        resource_tell(agent, session, e);
        break;
    default: // nothing that the protocol speaks of
        break;
    }
}
