// behavioral_filter.c -- commands: the duplicate filter, access codes, tunnels, path requests,
// announces that are held back.
#include <string.h>

#include "mock.h"
#include "testing.h"
#include "wire/packet.h"

// The node, and the interface that iface_id says.
static mock_iface_t *mock_and_iface(call_t *call, mock_t **mock) {
    *mock = mock_of(call);
    return *mock != NULL ? mock_iface_of(call, *mock, "iface_id") : NULL;
}

static bool is_packet(rns_mem_t raw, rnsi_packet_t *packet) {
    return raw.size > 0 && rnsi_packet_parse(raw, packet);
}

// ---- The filter

static json_t *packet_filter(call_t *call) {
    mock_t *mock = mock_of(call);
    rns_mem_t raw;
    bool remember = true;
    rnsi_packet_t packet;
    uint8_t hash[32];
    if (mock == NULL || !call_hex(call, "raw", &raw) ||
        !call_maybe_flag(call, "remember", &remember)) {
        return NULL;
    }
    if (!is_packet(raw, &packet)) {
        return call_fail(call, "the parameter 'raw' is no packet");
    }
    const bool accepted = rnst_filter(mock->node, mock_now(mock), raw, remember, hash);
    return json_pack("{s:b, s:o, s:b}", "accepted", accepted, "packet_hash",
                     hex_of(hash, sizeof hash), "remembered", accepted && remember);
}

// The filter keeps no hash of what it never looks up: PLAIN and GROUP packets, and contexts that
// may repeat. They are told of as not remembered.
static bool is_remembered(const mock_t *mock, const rnsi_packet_t *packet, const uint8_t hash[32]) {
    return rns_inspect_seen(mock->node, hash) ||
           (packet->type == RNSI_TYPE_ANNOUNCE &&
            rns_inspect_seen_announce(mock->node, hash, packet->context_flag != 0));
}

static json_t *inbound_remembered(call_t *call) {
    mock_t *mock;
    mock_iface_t *iface = mock_and_iface(call, &mock);
    rns_mem_t raw, copy;
    rnsi_packet_t packet;
    uint8_t hash[32];
    if (iface == NULL || !call_hex(call, "raw", &raw) || !call_hex(call, "raw", &copy)) {
        return NULL;
    }
    const bool is_sound = is_packet(raw, &packet);
    if (is_sound) {
        rnsi_packet_hash(&call->bridge->crypto, &packet, hash);
    }
    const uint64_t before = rns_inspect_seen_total(mock->node);
    mock_receive(mock, iface, copy);
    const uint64_t after = rns_inspect_seen_total(mock->node);
    return json_pack("{s:I, s:I, s:b, s:b, s:o, s:b}", "hashlist_before", (json_int_t)before,
                     "hashlist_after", (json_int_t)after, "hashlist_grew", after > before,
                     "unpackable", is_sound, "packet_hash", hex_of(is_sound ? hash : NULL, 32),
                     "in_hashlist", is_sound && is_remembered(mock, &packet, hash));
}

// ---- Access codes

// What the interface has collected; it collects anew.
static json_t *take_collected(mock_iface_t *iface) {
    json_t *sent = iface->sent;
    iface->sent = json_array();
    return sent;
}

static json_t *ifac_mask(call_t *call) {
    mock_t *mock;
    mock_iface_t *iface = mock_and_iface(call, &mock);
    rns_mem_t raw;
    if (iface == NULL || !call_hex(call, "raw", &raw)) {
        return NULL;
    }
    if (!iface->info.has_ifac) {
        return call_fail(call, "the interface has no access code");
    }
    json_decref(take_collected(iface));
    const bool is_sent = rnst_transmit(mock->node, mock_now(mock), iface->handle, raw);
    mock_take_sent(mock);
    json_t *sent = take_collected(iface);
    json_t *masked = json_incref(json_array_get(sent, 0));
    json_decref(sent);
    return is_sent && masked != NULL ? json_pack("{s:o}", "masked", masked)
                                     : call_fail(call, "the interface does not send it");
}

// ---- Tunnels

static json_t *synthesize_tunnel(call_t *call) {
    mock_t *mock;
    const mock_iface_t *iface = mock_and_iface(call, &mock);
    uint8_t named[64 + 32], id[32];
    if (iface == NULL) {
        return NULL;
    }
    const rns_err_t err = rns_iface_tunnel(mock->node, mock_now(mock), iface->handle);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the interface", err);
    }
    mock_take_sent(mock);
    (void)rns_node_identity(mock->node, named);
    memcpy(named + 64, iface->info.hash, sizeof iface->info.hash);
    rnsi_sha256(&call->bridge->crypto, (rns_bytes_t){named, sizeof named}, id);
    return json_pack("{s:s, s:o}", "iface_id", iface->id, "tunnel_id", hex_of(id, sizeof id));
}

// ---- Path requests

static json_t *request_path(call_t *call) {
    mock_t *mock;
    const mock_iface_t *iface = mock_and_iface(call, &mock);
    rns_hash_t dest;
    uint8_t fresh[16];
    rns_mem_t tag = {fresh, sizeof fresh};
    bridge_random(fresh, sizeof fresh);
    if (iface == NULL || !call_hex_of(call, "dest", dest.b, sizeof dest.b) ||
        !call_maybe_hex(call, "tag", &tag)) {
        return NULL;
    }
    const rns_err_t err = rnst_path_request(mock->node, mock_now(mock), &dest, iface->handle,
                                            (rns_bytes_t){tag.data, tag.size});
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the path request", err);
    }
    mock_take_sent(mock);
    return json_pack("{s:o}", "tag", hex_of_mem(tag));
}

// ---- Announces that are held back

static json_t *held_by(const mock_t *mock, const mock_iface_t *iface) {
    json_t *list = json_array();
    rns_inspect_held_t held;
    uint32_t cursor = 0;
    while (rns_inspect_held_each(mock->node, iface->handle, &cursor, &held)) {
        (void)json_array_insert_new(list, 0, hex_of_hash(&held.destination)); // oldest first
    }
    return list;
}

static bool contains(const json_t *list, const json_t *value) {
    size_t index;
    const json_t *element;
    json_array_foreach(list, index, element) {
        if (json_equal(element, value)) {
            return true;
        }
    }
    return false;
}

static json_t *without(const json_t *list, const json_t *others) {
    json_t *rest = json_array();
    size_t index;
    json_t *element;
    json_array_foreach((json_t *)list, index, element) {
        if (!contains(others, element)) {
            (void)json_array_append(rest, element);
        }
    }
    return rest;
}

static bool hold(call_t *call, mock_t *mock, const mock_iface_t *iface, const json_t *element,
                 json_t *hops) {
    rns_mem_t raw;
    rnsi_packet_t packet;
    if (!call_element(call, element, &raw)) {
        return false;
    }
    if (!is_packet(raw, &packet) ||
        !rnst_hold(mock->node, mock_now(mock), iface->handle, (rns_bytes_t){raw.data, raw.size})) {
        (void)call_fail(call, "an announce is none, is not signed as it says, or finds no room");
        return false;
    }
    rns_hash_t dest;
    memcpy(dest.b, packet.dest, sizeof dest.b);
    json_t *name = hex_of_hash(&dest);
    (void)json_object_set_new(hops, json_string_value(name), json_integer(packet.hops));
    json_decref(name);
    return true;
}

static json_t *hold_and_release_announce(call_t *call) {
    mock_t *mock;
    const mock_iface_t *iface = mock_and_iface(call, &mock);
    json_t *announces, *hops = json_object();
    size_t index;
    const json_t *element;
    bool is_good = iface != NULL && call_maybe_list(call, "announces", &announces);
    if (is_good) {
        json_array_foreach(announces, index, element) {
            is_good = is_good && hold(call, mock, iface, element, hops);
        }
    }
    if (!is_good) {
        json_decref(hops);
        return NULL;
    }
    json_t *before = held_by(mock, iface);
    (void)rnst_release_held(mock->node, mock_now(mock), iface->handle);
    mock_work(mock);
    json_t *after = held_by(mock, iface);
    return json_pack("{s:o, s:o, s:o, s:o}", "held_before", before, "held_after", after, "released",
                     without(before, after), "hops", hops);
}

const command_entry_t BEHAVIORAL_FILTER_COMMANDS[] = {
    {"behavioral_packet_filter", packet_filter},
    {"behavioral_inbound_remembered", inbound_remembered},
    {"behavioral_ifac_mask", ifac_mask},
    {"behavioral_synthesize_tunnel", synthesize_tunnel},
    {"behavioral_request_path", request_path},
    {"behavioral_hold_and_release_announce", hold_and_release_announce},
    {NULL, NULL},
};
