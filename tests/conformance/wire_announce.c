// wire_announce.c -- commands: destinations of ours are announced, paths and identities of others
// are learned.
#include <stdio.h>
#include <string.h>

#include "wire.h"

// ---- Destinations of ours

own_t *own_open(call_t *call, wire_t *wire, const rns_dest_config_t *from) {
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

static bool send_announce(call_t *call, wire_t *wire, const own_t *own, rns_mem_t app_data) {
    const rns_err_t err =
        rns_announce(wire->node, clock_now(), own->handle,
                     (rns_bytes_t){app_data.data, app_data.size}, (rns_iface_t){0, 0});
    daemon_wake(wire->daemon);
    if (err != RNS_ERR_OK) {
        (void)call_fail_err(call, "the announce", err);
    }
    return err == RNS_ERR_OK;
}

static json_t *announce(call_t *call) {
    wire_t *wire = wire_of(call);
    rns_mem_t app_data = {NULL, 0};
    bool ratchets = false, is_empty = false; // app data that is there, and empty, is sent as none
    if (wire == NULL || !call_maybe_hex(call, "app_data", &app_data) ||
        !call_maybe_flag(call, "enable_ratchets", &ratchets) ||
        !call_maybe_flag(call, "app_data_empty", &is_empty)) {
        return NULL;
    }
    own_t *own = own_open(call, wire, &(rns_dest_config_t){.ratchets = ratchets});
    if (own == NULL || !send_announce(call, wire, own, app_data)) {
        return NULL;
    }
    return json_pack("{s:o, s:o}", "destination_hash", hex_of_hash(&own->hash), "identity_hash",
                     hex_of_hash(&own->identity));
}

// ---- Paths

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
        !call_maybe_int(call, "timeout_ms", 0, WIRE_FOREVER_MS, &timeout_ms)) {
        return NULL;
    }
    if (!wire_wait(wait.wire, timeout_ms, has_path, &wait)) {
        return json_pack("{s:b, s:n}", "found", 0, "hops");
    }
    return json_pack("{s:b, s:i}", "found", 1, "hops",
                     (int)rns_hops_to(wait.wire->node, clock_now(), &wait.hash));
}

const command_entry_t WIRE_ANNOUNCE_COMMANDS[] = {
    {"wire_announce", announce},
    {"wire_poll_path", poll_path},
    {NULL, NULL},
};
