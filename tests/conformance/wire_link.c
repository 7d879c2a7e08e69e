// wire_link.c -- commands: a link opens, carries a packet, says who we are, closes.
#include <string.h>

#include "testing_link.h"
#include "wire_link.h"

#define OPEN_MS    10000              // that a link may take to open
#define FOREVER_MS (INT64_C(1) << 40) // more than anybody waits

bool link_is_decided(void *user) {
    const session_t *session = user;
    return session->is_up || session->info.state == RNS_LINK_CLOSED;
}

session_t *link_ask(call_t *call, wire_t *wire, const rns_hash_t *destination) {
    rns_link_t handle;
    const rns_err_t err = rns_link_open(wire->node, clock_now(), destination, &handle);
    return err != RNS_ERR_OK ? call_fail_err(call, "the link", err) : session_add(wire, handle);
}

bool link_is_known_as(call_t *call, wire_t *wire, const rns_hash_t *destination) {
    const char *name;
    rns_known_t known;
    rns_hash_t hash;
    if (!call_name(call, &name)) {
        return false;
    }
    if (!rns_recall(wire->node, destination, &known)) {
        (void)call_fail(call, "the destination is not known: no announce of it came");
        return false;
    }
    const rns_err_t err = rns_destination_hash(wire->node, name, &known.identity, &hash);
    if (err != RNS_ERR_OK || memcmp(hash.b, destination->b, sizeof hash.b) != 0) {
        (void)call_fail(call, "'%s' is not the name of the destination", name);
        return false;
    }
    return true;
}

static json_t *link_open(call_t *call) {
    wire_t *wire = wire_of(call);
    rns_hash_t hash;
    int64_t timeout_ms = OPEN_MS;
    if (wire == NULL || !call_hex_of(call, "destination_hash", hash.b, sizeof hash.b) ||
        !call_maybe_int(call, "timeout_ms", 0, FOREVER_MS, &timeout_ms) ||
        !link_is_known_as(call, wire, &hash)) {
        return NULL;
    }
    session_t *session = link_ask(call, wire, &hash);
    if (session == NULL) {
        return NULL;
    }
    if (!wire_wait(wire, timeout_ms, link_is_decided, session) ||
        session->info.state == RNS_LINK_CLOSED) {
        (void)rns_link_close(wire->node, clock_now(), session->handle);
        daemon_wake(wire->daemon);
        return call_fail(call, "the link did not become active");
    }
    return json_pack("{s:o}", "link_id", hex_of_hash(&session->id));
}

// Nothing is sent on a link that is not open, and that is all, as in the reference.
static bool is_said(rns_err_t err) {
    return err == RNS_ERR_OK || err == RNS_ERR_STATE || err == RNS_ERR_GONE;
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
    return is_said(err) ? json_pack("{s:b}", "sent", err == RNS_ERR_OK)
                        : call_fail_err(call, "the packet", err);
}

static json_t *link_teardown(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : session_of(call, wire);
    if (session == NULL) {
        return NULL;
    }
    (void)rns_link_close(wire->node, clock_now(), session->handle);
    daemon_wake(wire->daemon);
    return json_pack("{s:b}", "torn_down", 1);
}

// ---- Identities

static bool read_identity(call_t *call, wire_t *wire, rns_secret_t *secret, rns_hash_t *hash) {
    uint8_t pub[64];
    if (!call_hex_of(call, "private_key", secret, sizeof *secret)) {
        return false;
    }
    rns_identity_public(wire->node, secret, pub, hash);
    return true;
}

static json_t *link_identify(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : session_of(call, wire);
    rns_secret_t secret;
    rns_hash_t hash;
    if (session == NULL || !read_identity(call, wire, &secret, &hash)) {
        return NULL;
    }
    const rns_err_t err = rns_link_identify(wire->node, clock_now(), session->handle, &secret);
    daemon_wake(wire->daemon);
    return is_said(err) ? json_pack("{s:b, s:o}", "identified", err == RNS_ERR_OK, "identity_hash",
                                    hex_of_hash(&hash))
                        : call_fail_err(call, "the identity", err);
}

// The loop does not run meanwhile: the link stays as it was asked for.
static json_t *link_identify_pending(call_t *call) {
    wire_t *wire = wire_of(call);
    rns_hash_t hash, identity;
    rns_secret_t secret;
    if (wire == NULL || !call_hex_of(call, "destination_hash", hash.b, sizeof hash.b) ||
        !link_is_known_as(call, wire, &hash) || !read_identity(call, wire, &secret, &identity)) {
        return NULL;
    }
    session_t *session = link_ask(call, wire, &hash);
    if (session == NULL) {
        return NULL;
    }
    const uint64_t sent = session->info.tx_packets;
    const rns_err_t err = rns_link_identify(wire->node, clock_now(), session->handle, &secret);
    const rns_link_info_t info = *session_look(wire, session);
    (void)rns_link_close(wire->node, clock_now(), session->handle);
    daemon_wake(wire->daemon);
    return json_pack("{s:b, s:b, s:i, s:s, s:b}", "crashed",
                     err != RNS_ERR_OK && err != RNS_ERR_STATE, "identify_packet_sent",
                     info.tx_packets > sent, "status", (int)info.state, "status_name",
                     link_state_name(info.state), "initiator", info.initiator);
}

const command_entry_t WIRE_LINK_COMMANDS[] = {
    {"wire_link_open", link_open},
    {"wire_link_send", link_send},
    {"wire_link_teardown", link_teardown},
    {"wire_link_identify", link_identify},
    {"wire_link_identify_pending", link_identify_pending},
    {NULL, NULL},
};
