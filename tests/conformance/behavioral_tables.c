// behavioral_tables.c -- commands: what stands in the tables of a node, and what is put there.
#include <string.h>

#include "mock.h"
#include "testing.h"

#define BLOBS_MOST 64U // Transport.MAX_RANDOM_BLOBS
#define HOPS_MOST  255

static json_t *not_found(void) {
    return json_pack("{s:b}", "found", 0);
}

// The node, and the hash that a parameter says.
static mock_t *mock_and_hash(call_t *call, const char *name, rns_hash_t *hash) {
    mock_t *mock = mock_of(call);
    return mock != NULL && call_hex_of(call, name, hash->b, sizeof hash->b) ? mock : NULL;
}

static json_t *iface_hash(const mock_t *mock, rns_iface_t handle) {
    const mock_iface_t *iface = mock_iface_at(mock, handle);
    return iface != NULL ? hex_of(iface->info.hash, sizeof iface->info.hash) : json_null();
}

static json_t *iface_name(const mock_t *mock, rns_iface_t handle) {
    const mock_iface_t *iface = mock_iface_at(mock, handle);
    return iface != NULL ? json_string(iface->info.name) : json_null();
}

// ---- Paths

static json_t *blobs_of(const mock_t *mock, const rns_hash_t *dest) {
    uint8_t blobs[BLOBS_MOST][10];
    json_t *list = json_array();
    uint32_t n = rns_inspect_path_blobs(mock->node, mock->now, dest, blobs, BLOBS_MOST);
    while (n-- > 0) { // the oldest first
        (void)json_array_append_new(list, hex_of(blobs[n], sizeof blobs[n]));
    }
    return list;
}

static json_t *read_path_table(call_t *call) {
    rns_hash_t dest;
    mock_t *mock = mock_and_hash(call, "dest", &dest);
    rns_inspect_path_t path;
    if (mock == NULL) {
        return NULL;
    }
    if (!rns_inspect_path(mock->node, mock_now(mock), &dest, &path)) {
        return not_found();
    }
    return json_pack("{s:b, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "found", 1, "hops",
                     path.path.hops, "next_hop", hex_of_hash(&path.path.next_hop), "timestamp",
                     mock_unix(mock, path.path.used), "expires", mock_unix(mock, path.path.expires),
                     "random_blobs", blobs_of(mock, &dest), "receiving_interface",
                     iface_name(mock, path.path.iface), "receiving_interface_hash",
                     iface_hash(mock, path.path.iface), "packet_hash",
                     hex_of(path.has_packet_hash ? path.packet_hash : NULL, 32));
}

static json_t *set_path(call_t *call, const char *name,
                        bool (*set)(rns_node_t *node, rns_us_t now, const rns_hash_t *destination,
                                    rns_us_t at)) {
    rns_hash_t dest;
    mock_t *mock = mock_and_hash(call, "dest", &dest);
    double at;
    if (mock == NULL || !call_real(call, name, &at)) {
        return NULL;
    }
    return json_pack("{s:b}", "set",
                     set(mock->node, mock_now(mock), &dest, mock_time(mock, at)) ? 1 : 0);
}

static json_t *set_path_timestamp(call_t *call) {
    return set_path(call, "timestamp", rnst_path_set_used);
}

static json_t *set_path_expires(call_t *call) {
    return set_path(call, "expires", rnst_path_set_expires);
}

static json_t *mark_path_unresponsive(call_t *call) {
    rns_hash_t dest;
    mock_t *mock = mock_and_hash(call, "dest", &dest);
    if (mock == NULL) {
        return NULL;
    }
    const rns_err_t err = rns_path_mark(mock->node, mock_now(mock), &dest, RNS_PATH_UNRESPONSIVE);
    return json_pack("{s:b}", "marked", err == RNS_ERR_OK);
}

// ---- Announces

// An answer to a path request comes from nobody.
static json_t *received_from(const rns_inspect_announce_t *a) {
    return a->is_response ? json_null() : hex_of_hash(&a->received_from);
}

static json_t *read_announce_table(call_t *call) {
    rns_hash_t dest;
    mock_t *mock = mock_and_hash(call, "dest", &dest);
    rns_inspect_announce_t a;
    if (mock == NULL) {
        return NULL;
    }
    if (!rns_inspect_announce(mock->node, &dest, &a)) {
        return not_found();
    }
    return json_pack("{s:b, s:i, s:i, s:o, s:o, s:i, s:b, s:o, s:o, s:o}", "found", 1, "retries",
                     a.retries, "hops", a.hops, "timestamp", mock_unix(mock, a.taken),
                     "retransmit_timeout", mock_unix(mock, a.due), "local_rebroadcasts", a.heard,
                     "block_rebroadcasts", a.is_response, "received_from", received_from(&a),
                     "attached_interface", mock_iface_id(mock, a.only), "packet_hash",
                     hex_of(a.packet_hash, sizeof a.packet_hash));
}

static json_t *set_announce_timestamp(call_t *call) {
    rns_hash_t dest;
    mock_t *mock = mock_and_hash(call, "dest", &dest);
    double due = 0, taken = 0;
    if (mock == NULL || !call_maybe_real(call, "retransmit_timeout", &due) ||
        !call_maybe_real(call, "timestamp", &taken)) {
        return NULL;
    }
    rns_inspect_announce_t a;
    const bool is_there = rns_inspect_announce(mock->node, &dest, &a);
    if (is_there && call_has(call, "retransmit_timeout")) {
        (void)rnst_announce_set_due(mock->node, &dest, mock_time(mock, due));
    }
    if (is_there && call_has(call, "timestamp")) {
        (void)rnst_announce_set_taken(mock->node, &dest, mock_time(mock, taken));
    }
    return json_pack("{s:b}", "set", is_there);
}

static json_t *read_announce_rate(call_t *call) {
    rns_hash_t dest;
    mock_t *mock = mock_and_hash(call, "dest", &dest);
    rns_inspect_rate_t rate;
    if (mock == NULL) {
        return NULL;
    }
    if (!rns_inspect_rate(mock->node, &dest, &rate)) {
        return not_found();
    }
    json_t *times = json_array();
    for (uint32_t i = 0; i < rate.times; i++) {
        (void)json_array_append_new(times, mock_unix(mock, rate.at[i]));
    }
    const bool was_blocked = rate.blocked_until >= rate.last;
    return json_pack("{s:b, s:o, s:i, s:o, s:o}", "found", 1, "last", mock_unix(mock, rate.last),
                     "rate_violations", (int)rate.violations, "blocked_until",
                     was_blocked ? mock_unix(mock, rate.blocked_until) : json_real(0), "timestamps",
                     times);
}

// ---- The way back of proofs

static json_t *view_reverse(const mock_t *mock, const rns_inspect_reverse_t *entry) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "key", hex_of_hash(&entry->packet),
                     "received_if", mock_iface_id(mock, entry->received), "outbound_if",
                     mock_iface_id(mock, entry->outbound), "received_if_hash",
                     iface_hash(mock, entry->received), "outbound_if_hash",
                     iface_hash(mock, entry->outbound), "received_if_name",
                     iface_name(mock, entry->received), "outbound_if_name",
                     iface_name(mock, entry->outbound), "timestamp", mock_unix(mock, entry->at));
}

static json_t *found(json_t *entry) {
    (void)json_object_set_new(entry, "found", json_true());
    return entry;
}

static json_t *read_reverse_table(call_t *call) {
    mock_t *mock = mock_of(call);
    rns_inspect_reverse_t entry;
    rns_hash_t key;
    if (mock == NULL) {
        return NULL;
    }
    if (call_has(call, "dest")) {
        if (!call_hex_of(call, "dest", key.b, sizeof key.b)) {
            return NULL;
        }
        const bool is_there = rns_inspect_reverse(mock->node, mock_now(mock), &key, &entry);
        return is_there ? found(view_reverse(mock, &entry)) : not_found();
    }
    json_t *entries = json_array();
    uint32_t cursor = 0;
    while (rns_inspect_reverse_each(mock->node, mock_now(mock), &cursor, &entry)) {
        (void)json_array_append_new(entries, view_reverse(mock, &entry));
    }
    return json_pack("{s:o}", "entries", entries);
}

// So many seconds ago.
static bool read_age(call_t *call, mock_t *mock, rns_us_t *at) {
    double age = 0;
    if (!call_maybe_real(call, "timestamp_age_s", &age)) {
        return false;
    }
    *at = mock_now(mock) - (mock_time(mock, age) - mock_time(mock, 0));
    return true;
}

static json_t *seed_reverse_table(call_t *call) {
    rns_inspect_reverse_t entry = {.at = 0};
    mock_t *mock = mock_and_hash(call, "key", &entry.packet);
    const mock_iface_t *received = mock != NULL ? mock_iface_of(call, mock, "rcvd_iface_id") : NULL;
    const mock_iface_t *outbound =
        received != NULL ? mock_iface_of(call, mock, "outb_iface_id") : NULL;
    if (outbound == NULL || !read_age(call, mock, &entry.at)) {
        return NULL;
    }
    entry.received = received->handle;
    entry.outbound = outbound->handle;
    if (!rnst_reverse_put(mock->node, &entry)) {
        return call_fail(call, "there is no room for it");
    }
    return json_pack("{s:b, s:o}", "seeded", 1, "key", hex_of_hash(&entry.packet));
}

// ---- Links of others

static json_t *view_relay(const mock_t *mock, const rns_inspect_relay_t *relay) {
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:i, s:o, s:b, s:o}", "link_id",
        hex_of_hash(&relay->link), "timestamp", mock_unix(mock, relay->used),
        "next_hop_transport_id", relay->has_next_hop ? hex_of_hash(&relay->next_hop) : json_null(),
        "next_hop_if", mock_iface_id(mock, relay->next), "next_hop_if_hash",
        iface_hash(mock, relay->next), "remaining_hops", relay->remaining, "received_if",
        mock_iface_id(mock, relay->received), "received_if_hash", iface_hash(mock, relay->received),
        "hops", relay->taken, "destination_hash", hex_of_hash(&relay->destination), "validated",
        relay->validated, "proof_timeout", mock_unix(mock, relay->due));
}

static json_t *read_link_table(call_t *call) {
    mock_t *mock = mock_of(call);
    rns_inspect_relay_t relay;
    rns_hash_t link;
    if (mock == NULL) {
        return NULL;
    }
    if (call_has(call, "link_id")) {
        if (!call_hex_of(call, "link_id", link.b, sizeof link.b)) {
            return NULL;
        }
        const bool is_there = rns_inspect_relay(mock->node, &link, &relay);
        return is_there ? found(view_relay(mock, &relay)) : not_found();
    }
    json_t *entries = json_array();
    uint32_t cursor = 0;
    while (rns_inspect_relay_each(mock->node, &cursor, &relay)) {
        (void)json_array_append_new(entries, view_relay(mock, &relay));
    }
    return json_pack("{s:o}", "entries", entries);
}

static bool read_hops(call_t *call, rns_inspect_relay_t *relay) {
    int64_t remaining = 99, taken = 99;
    if (!call_maybe_int(call, "rem_hops", 0, HOPS_MOST, &remaining) ||
        !call_maybe_int(call, "hops", 0, HOPS_MOST, &taken)) {
        return false;
    }
    relay->remaining = (uint8_t)remaining;
    relay->taken = (uint8_t)taken;
    return true;
}

// Of one that is validated the proof has come: until when it had to is not kept.
static bool read_proof(call_t *call, mock_t *mock, rns_inspect_relay_t *relay) {
    double left = 60;
    relay->validated = true;
    if (!call_maybe_flag(call, "validated", &relay->validated) ||
        !call_maybe_real(call, "proof_timeout_in_s", &left)) {
        return false;
    }
    relay->due = mock_now(mock) + (mock_time(mock, left) - mock_time(mock, 0));
    return true;
}

static json_t *seed_link_table(call_t *call) {
    rns_inspect_relay_t relay = {.due = 0};
    mock_t *mock = mock_and_hash(call, "dest", &relay.link);
    const mock_iface_t *next = mock != NULL ? mock_iface_of(call, mock, "nh_iface_id") : NULL;
    const mock_iface_t *received = next != NULL ? mock_iface_of(call, mock, "rcvd_iface_id") : NULL;
    if (received == NULL || !read_hops(call, &relay) || !read_proof(call, mock, &relay) ||
        !read_age(call, mock, &relay.used)) {
        return NULL;
    }
    relay.destination = relay.link;
    relay.next = next->handle;
    relay.received = received->handle;
    if (!rnst_relay_put(mock->node, mock_now(mock), &relay)) {
        return call_fail(call, "there is no room for it");
    }
    return json_pack("{s:b, s:o}", "seeded", 1, "dest", hex_of_hash(&relay.link));
}

// ---- Tunnels

static json_t *read_tunnels(call_t *call) {
    mock_t *mock = mock_of(call);
    if (mock == NULL) {
        return NULL;
    }
    json_t *tunnels = json_array();
    rns_inspect_tunnel_t tunnel;
    uint32_t cursor = 0;
    while (rns_inspect_tunnel_each(mock->node, &cursor, &tunnel)) {
        json_t *entry =
            json_pack("{s:o, s:o, s:o, s:o, s:i}", "tunnel_id", hex_of(tunnel.id, sizeof tunnel.id),
                      "interface_hash", iface_hash(mock, tunnel.iface), "interface_id",
                      mock_iface_id(mock, tunnel.iface), "expires", mock_unix(mock, tunnel.expires),
                      "num_paths", (int)tunnel.paths);
        (void)json_array_append_new(tunnels, entry);
    }
    return json_pack("{s:o}", "tunnels", tunnels);
}

const command_entry_t BEHAVIORAL_TABLES_COMMANDS[] = {
    {"behavioral_read_path_table", read_path_table},
    {"behavioral_set_path_timestamp", set_path_timestamp},
    {"behavioral_set_path_expires", set_path_expires},
    {"behavioral_mark_path_unresponsive", mark_path_unresponsive},
    {"behavioral_read_announce_table", read_announce_table},
    {"behavioral_set_announce_timestamp", set_announce_timestamp},
    {"behavioral_read_announce_rate", read_announce_rate},
    {"behavioral_read_reverse_table", read_reverse_table},
    {"behavioral_seed_reverse_table", seed_reverse_table},
    {"behavioral_read_link_table", read_link_table},
    {"behavioral_seed_link_table", seed_link_table},
    {"behavioral_read_tunnels", read_tunnels},
    {NULL, NULL},
};
