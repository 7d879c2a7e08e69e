// wire_basic.c -- commands: an announce, a listener, a path, a link and a packet on it.
#include <stdio.h>
#include <string.h>

#include "wire.h"

#define FOREVER_MS (INT64_C(1) << 40)

// ---- Destinations of ours

static own_t *add_own(call_t *call, wire_t *wire, const rns_dest_config_t *from) {
    const char *name;
    if (!call_name(call, &name)) {
        return NULL;
    }
    rns_secret_t secret;
    rns_err_t err = rns_identity_new(wire->node, &secret);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "a new identity", err);
    }
    rns_dest_config_t config = *from;
    config.name = name;
    config.identity = &secret;
    rns_dest_t handle;
    err = rns_dest_add(wire->node, clock_now(), &config, &handle);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the destination", err);
    }
    own_t *own = own_add(wire);
    own->handle = handle;
    own->secret = secret;
    (void)snprintf(own->name, sizeof own->name, "%s", name);
    (void)rns_dest_hash(wire->node, handle, &own->hash);
    rns_identity_public(wire->node, &secret, (uint8_t[64]){0}, &own->identity);
    return own;
}

static json_t *announce(call_t *call) {
    wire_t *wire = wire_of(call);
    rns_mem_t app_data = {NULL, 0};
    if (wire == NULL || !call_maybe_hex(call, "app_data", &app_data)) {
        return NULL;
    }
    own_t *own = add_own(call, wire, &(rns_dest_config_t){.no_links = true});
    if (own == NULL) {
        return NULL;
    }
    const rns_err_t err =
        rns_announce(wire->node, clock_now(), own->handle,
                     (rns_bytes_t){app_data.data, app_data.size}, (rns_iface_t){0, 0});
    daemon_wake(wire->daemon);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the announce", err);
    }
    return json_pack("{s:o, s:o}", "destination_hash", hex_of_hash(&own->hash), "identity_hash",
                     hex_of_hash(&own->identity));
}

static json_t *listen_for_links(call_t *call) {
    wire_t *wire = wire_of(call);
    own_t *own = wire == NULL ? NULL : add_own(call, wire, &(rns_dest_config_t){0});
    if (own == NULL) {
        return NULL;
    }
    own->is_listener = true;
    const rns_err_t err = rns_announce(wire->node, clock_now(), own->handle, (rns_bytes_t){NULL, 0},
                                       (rns_iface_t){0, 0});
    daemon_wake(wire->daemon);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the announce", err);
    }
    uint8_t pub[64];
    rns_identity_public(wire->node, &own->secret, pub, &own->identity);
    return json_pack("{s:o, s:o, s:o}", "destination_hash", hex_of_hash(&own->hash),
                     "identity_hash", hex_of_hash(&own->identity), "public_key",
                     hex_of(pub, sizeof pub));
}

// ---- Waiting for what comes

typedef struct {
    wire_t *wire;
    rns_hash_t hash;
} path_wait_t;

static bool has_path(void *user) {
    const path_wait_t *wait = user;
    rns_path_t path;
    return rns_path(wait->wire->node, clock_now(), &wait->hash, &path);
}

static json_t *poll_path(call_t *call) {
    path_wait_t wait = {.wire = wire_of(call)};
    int64_t timeout_ms = 5000;
    if (wait.wire == NULL || !call_hex_of(call, "destination_hash", wait.hash.b, 16) ||
        !call_maybe_int(call, "timeout_ms", 0, FOREVER_MS, &timeout_ms)) {
        return NULL;
    }
    if (!wire_wait(wait.wire, timeout_ms, has_path, &wait)) {
        return json_pack("{s:b, s:n}", "found", 0, "hops");
    }
    return json_pack("{s:b, s:i}", "found", 1, "hops",
                     (int)rns_hops_to(wait.wire->node, clock_now(), &wait.hash));
}

static bool has_any(void *user) {
    return json_array_size(*(json_t **)user) > 0;
}

// Waits for a list to hold something, and hands it over.
static json_t *drain(call_t *call, size_t offset, const char *field) {
    wire_t *wire = wire_of(call);
    own_t *own = wire == NULL ? NULL : own_of(call, wire);
    int64_t timeout_ms = 5000;
    if (own == NULL || !call_maybe_int(call, "timeout_ms", 0, FOREVER_MS, &timeout_ms)) {
        return NULL;
    }
    json_t **list = (json_t **)((char *)own + offset);
    (void)wire_wait(wire, timeout_ms, has_any, list);
    json_t *result = json_pack("{s:o}", field, *list);
    *list = json_array();
    return result;
}

static json_t *link_poll(call_t *call) {
    return drain(call, offsetof(own_t, packets), "packets");
}

static json_t *opportunistic_poll(call_t *call) {
    return drain(call, offsetof(own_t, opportunistic), "packets");
}

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
        !call_maybe_int(call, "timeout_ms", 0, FOREVER_MS, &timeout_ms)) {
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
    {"wire_announce", announce},
    {"wire_listen", listen_for_links},
    {"wire_poll_path", poll_path},
    {"wire_link_poll", link_poll},
    {"wire_opportunistic_poll", opportunistic_poll},
    {"wire_link_open", link_open},
    {"wire_link_send", link_send},
    {NULL, NULL},
};
