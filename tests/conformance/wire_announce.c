// wire_announce.c -- commands: destinations of ours are announced, paths are learned.
#include <stdio.h>
#include <string.h>

#include "rns/inspect.h"
#include "testing_destination.h"
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

bool own_announce(call_t *call, wire_t *wire, const own_t *own, rns_bytes_t app_data) {
    const rns_err_t err =
        rns_announce(wire->node, clock_now(), own->handle, app_data, (rns_iface_t){0, 0});
    daemon_wake(wire->daemon);
    if (err != RNS_ERR_OK) {
        (void)call_fail_err(call, "the announce", err);
    }
    return err == RNS_ERR_OK;
}

json_t *own_ratchet_id(wire_t *wire, const own_t *own, uint32_t index) {
    uint8_t id[10];
    return rns_inspect_dest_ratchet(wire->node, own->handle, index, id) ? hex_of(id, sizeof id)
                                                                        : json_null();
}

json_t *own_with_ratchets(wire_t *wire, const own_t *own, bool asked, json_t *result) {
    rns_inspect_dest_t dest;
    if (asked && rns_inspect_dest(wire->node, &own->hash, &dest)) {
        (void)json_object_set_new(result, "ratchets_enabled", json_boolean(dest.has_ratchets));
        (void)json_object_set_new(result, "ratchet_count", json_integer(dest.ratchets));
        (void)json_object_set_new(result, "current_ratchet_id", own_ratchet_id(wire, own, 0));
    }
    return result;
}

// App data that is there and empty goes out as such; the others announce none.
static bool read_app_data(call_t *call, rns_bytes_t *app_data) {
    rns_mem_t given = {NULL, 0};
    bool is_empty = false;
    if (!call_maybe_hex(call, "app_data", &given) ||
        !call_maybe_flag(call, "app_data_empty", &is_empty)) {
        return false;
    }
    *app_data =
        (rns_bytes_t){is_empty ? (const uint8_t *)"" : given.data, is_empty ? 0 : given.size};
    return true;
}

static json_t *announce(call_t *call) {
    wire_t *wire = wire_of(call);
    rns_bytes_t app_data;
    bool ratchets = false;
    if (wire == NULL || !read_app_data(call, &app_data) ||
        !call_maybe_flag(call, "enable_ratchets", &ratchets)) {
        return NULL;
    }
    own_t *own = own_open(call, wire, &(rns_dest_config_t){.ratchets = ratchets});
    if (own == NULL || !own_announce(call, wire, own, app_data)) {
        return NULL;
    }
    json_t *result = json_pack("{s:o, s:o}", "destination_hash", hex_of_hash(&own->hash),
                               "identity_hash", hex_of_hash(&own->identity));
    return own_with_ratchets(wire, own, ratchets, result);
}

static json_t *reannounce(call_t *call) {
    wire_t *wire = wire_of(call);
    own_t *own = wire == NULL ? NULL : own_of(call, wire);
    rns_bytes_t app_data;
    double ago_s = 0;
    if (own == NULL || !read_app_data(call, &app_data) ||
        !call_maybe_real(call, "rotate_ago_s", &ago_s)) {
        return NULL;
    }
    if (call_has(call, "rotate_ago_s")) {
        (void)rnst_ratchet_set_rotated(wire->node, own->handle,
                                       clock_now() - (rns_us_t)(ago_s * 1e6));
    }
    if (!own_announce(call, wire, own, app_data)) {
        return NULL;
    }
    return json_pack("{s:b, s:o}", "announced", 1, "current_ratchet_id",
                     own_ratchet_id(wire, own, 0));
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

static json_t *request_path(call_t *call) {
    const wire_t *wire = wire_of(call);
    rns_hash_t hash;
    if (wire == NULL || !call_hex_of(call, "destination_hash", hash.b, sizeof hash.b)) {
        return NULL;
    }
    const rns_err_t err = rns_path_request(wire->node, clock_now(), &hash, (rns_iface_t){0, 0});
    daemon_wake(wire->daemon);
    return err != RNS_ERR_OK ? call_fail_err(call, "the path request", err)
                             : json_pack("{s:b}", "sent", 1);
}

static json_int_t epoch_ms(rns_us_t at) {
    return (json_int_t)(wire_epoch_s(at) * 1000);
}

static json_t *read_path(call_t *call) {
    const wire_t *wire = wire_of(call);
    rns_hash_t hash;
    rns_path_t path;
    rns_iface_info_t info;
    if (wire == NULL || !call_hex_of(call, "destination_hash", hash.b, sizeof hash.b)) {
        return NULL;
    }
    const rns_us_t now = clock_now();
    if (!rns_path(wire->node, now, &hash, &path)) {
        return json_pack("{s:b}", "found", 0);
    }
    const json_int_t used_ms = epoch_ms(path.used); // the time between the two is exact
    const bool has_iface = rns_iface_info(wire->node, now, path.iface, &info) == RNS_ERR_OK;
    return json_pack("{s:b, s:I, s:I, s:i, s:o, s:o}", "found", 1, "timestamp", used_ms, "expires",
                     used_ms + (json_int_t)((path.expires - path.used) / 1000), "hops",
                     (int)path.hops, "next_hop", hex_of_hash(&path.next_hop),
                     "receiving_interface_name", has_iface ? json_string(info.name) : json_null());
}

static json_t *read_random_hash(call_t *call) {
    const wire_t *wire = wire_of(call);
    rns_hash_t hash;
    uint8_t blob[1][10];
    if (wire == NULL || !call_hex_of(call, "destination_hash", hash.b, sizeof hash.b)) {
        return NULL;
    }
    return rns_inspect_path_blobs(wire->node, clock_now(), &hash, blob, 1) == 1
               ? json_pack("{s:b, s:o}", "found", 1, "random_hash", hex_of(blob[0], 10))
               : json_pack("{s:b, s:n}", "found", 0, "random_hash");
}

static json_t *has_search(call_t *call) {
    const wire_t *wire = wire_of(call);
    rns_hash_t hash;
    rns_inspect_ask_t ask;
    if (wire == NULL || !call_hex_of(call, "destination_hash", hash.b, sizeof hash.b)) {
        return NULL;
    }
    return json_pack("{s:b}", "found", rns_inspect_ask(wire->node, &hash, &ask) && ask.is_searched);
}

static json_t *has_rebroadcast(call_t *call) {
    const wire_t *wire = wire_of(call);
    rns_hash_t hash;
    rns_inspect_announce_t entry;
    if (wire == NULL || !call_hex_of(call, "destination_hash", hash.b, sizeof hash.b)) {
        return NULL;
    }
    return json_pack("{s:b}", "found", rns_inspect_announce(wire->node, &hash, &entry));
}

static json_t *rebroadcast_time(call_t *call) {
    const wire_t *wire = wire_of(call);
    rns_hash_t hash;
    rns_inspect_announce_t entry;
    if (wire == NULL || !call_hex_of(call, "destination_hash", hash.b, sizeof hash.b)) {
        return NULL;
    }
    return rns_inspect_announce(wire->node, &hash, &entry)
               ? json_pack("{s:b, s:I}", "found", 1, "timestamp", epoch_ms(entry.taken))
               : json_pack("{s:b}", "found", 0);
}

const command_entry_t WIRE_ANNOUNCE_COMMANDS[] = {
    {"wire_announce", announce},
    {"wire_reannounce", reannounce},
    {"wire_poll_path", poll_path},
    {"wire_request_path", request_path},
    {"wire_read_path_entry", read_path},
    {"wire_read_path_random_hash", read_random_hash},
    {"wire_has_discovery_path_request", has_search},
    {"wire_has_announce_table_entry", has_rebroadcast},
    {"wire_read_announce_table_timestamp", rebroadcast_time},
    {NULL, NULL},
};
