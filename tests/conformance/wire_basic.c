// wire_basic.c -- commands: a link and a packet on it.
#include "wire.h"

// ---- Links

static bool is_decided(void *user) {
    const session_t *session = user;
    return session->is_up || session->info.state == RNS_LINK_CLOSED;
}

static json_t *link_open(call_t *call) {
    wire_t *wire = wire_of(call);
    rns_hash_t hash;
    int64_t timeout_ms = 10000;
    if (wire == NULL || !call_hex_of(call, "destination_hash", hash.b, sizeof hash.b) ||
        !call_maybe_int(call, "timeout_ms", 0, WIRE_FOREVER_MS, &timeout_ms)) {
        return NULL;
    }
    rns_link_t handle;
    const rns_err_t err = rns_link_open(wire->node, clock_now(), &hash, &handle);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the link", err);
    }
    session_t *session = session_add(wire, handle);
    (void)wire_wait(wire, timeout_ms, is_decided, session);
    if (!session->is_up || session->info.state == RNS_LINK_CLOSED) {
        (void)rns_link_close(wire->node, clock_now(), session->handle);
        daemon_wake(wire->daemon);
        return call_fail(call, "the link did not become active");
    }
    return json_pack("{s:o}", "link_id", hex_of_hash(&session->id));
}

static json_t *link_send(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : session_of(call, wire);
    rns_mem_t data = {NULL, 0};
    if (session == NULL || !call_maybe_hex(call, "data", &data)) {
        return NULL;
    }
    const rns_err_t err = rns_link_send(wire->node, clock_now(), session->handle,
                                        (rns_bytes_t){data.data, data.size}, NULL);
    daemon_wake(wire->daemon);
    return err != RNS_ERR_OK ? call_fail_err(call, "the packet", err)
                             : json_pack("{s:b}", "sent", 1);
}

const command_entry_t WIRE_BASIC_COMMANDS[] = {
    {"wire_link_open", link_open},
    {"wire_link_send", link_send},
    {NULL, NULL},
};
