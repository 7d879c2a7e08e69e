// wire_listen.c -- commands: a destination that takes links, and what has come for it.
#include <string.h>

#include "wire.h"
#include "wire_link.h"

// ---- Opening

typedef struct {
    const char *name;
    int value;
} choice_t;

static bool choose(call_t *call, const char *param, const choice_t *choices, int *value) {
    const char *text = choices[0].name;
    if (!call_maybe_text(call, param, &text)) {
        return false;
    }
    for (const choice_t *choice = choices; choice->name != NULL; choice++) {
        if (strcmp(choice->name, text) == 0) {
            *value = choice->value;
            return true;
        }
    }
    (void)call_fail(call, "the parameter '%s' cannot be '%s'", param, text);
    return false;
}

static bool add_stream(call_t *call, listen_t *listen, json_int_t number) {
    for (size_t i = 0; i < listen->stream_count; i++) {
        if (listen->streams[i] == number) {
            return true;
        }
    }
    if (number < 0 || number > RNS_STREAM_MAX || listen->stream_count == WIRE_STREAMS) {
        (void)call_fail(call, "no stream %lld can be read", (long long)number);
        return false;
    }
    listen->streams[listen->stream_count++] = (uint16_t)number;
    return true;
}

static bool read_listen(call_t *call, listen_t *listen) {
    static const choice_t STRATEGIES[] = {
        {"all", RNS_ACCEPT_ALL}, {"none", RNS_ACCEPT_NONE}, {"app", RNS_ACCEPT_ASK}, {NULL, 0}};
    int strategy = RNS_ACCEPT_ALL;
    json_t *streams;
    listen->opens_channel = true;
    if (!choose(call, "resource_strategy", STRATEGIES, &strategy) ||
        !call_maybe_flag(call, "open_channel", &listen->opens_channel) ||
        !call_maybe_list(call, "buffer_stream_ids", &streams) || !add_stream(call, listen, 0)) {
        return false;
    }
    listen->resources = (rns_accept_t)strategy;
    size_t index;
    const json_t *number;
    json_array_foreach(streams, index, number) {
        if (!json_is_integer(number)) {
            (void)call_fail(call, "an element of 'buffer_stream_ids' is no integer");
            return false;
        }
        if (!add_stream(call, listen, json_integer_value(number))) {
            return false;
        }
    }
    return true;
}

static const char *strategy_name(rns_accept_t strategy) {
    return strategy == RNS_ACCEPT_ALL ? "all" : strategy == RNS_ACCEPT_NONE ? "none" : "app";
}

static json_t *listen_for_links(call_t *call) {
    static const choice_t PROOFS[] = {{"none", RNS_PROVE_NONE}, {"all", RNS_PROVE_ALL}, {NULL, 0}};
    wire_t *wire = wire_of(call);
    listen_t listen = {0};
    int prove = RNS_PROVE_NONE;
    bool ratchets = false;
    if (wire == NULL || !read_listen(call, &listen) ||
        !choose(call, "proof_strategy", PROOFS, &prove) ||
        !call_maybe_flag(call, "enable_ratchets", &ratchets)) {
        return NULL;
    }
    own_t *own = own_open(call, wire,
                          &(rns_dest_config_t){.prove = (rns_prove_t)prove, .ratchets = ratchets});
    if (own == NULL) {
        return NULL;
    }
    own->is_listener = true;
    own->listen = listen;
    if (!own_announce(call, wire, own, (rns_bytes_t){NULL, 0})) {
        return NULL;
    }
    uint8_t pub[64];
    rns_identity_public(wire->node, &own->secret, pub, &own->identity);
    json_t *result =
        json_pack("{s:o, s:o, s:o, s:s}", "destination_hash", hex_of_hash(&own->hash),
                  "identity_hash", hex_of_hash(&own->identity), "public_key",
                  hex_of(pub, sizeof pub), "resource_strategy", strategy_name(listen.resources));
    return own_with_ratchets(wire, own, ratchets, result);
}

// ---- What has come

static bool has_any(void *user) {
    return json_array_size(*(json_t **)user) > 0;
}

json_t *wire_drain(call_t *call, size_t offset, int64_t timeout_ms, const char *field) {
    wire_t *wire = wire_of(call);
    own_t *own = wire == NULL ? NULL : own_of(call, wire);
    if (own == NULL || !call_maybe_int(call, "timeout_ms", 0, WIRE_FOREVER_MS, &timeout_ms)) {
        return NULL;
    }
    if (!own->is_listener) {
        return call_fail(call, "the destination is no listener");
    }
    json_t **list = (json_t **)((char *)own + offset);
    (void)wire_wait(wire, timeout_ms, has_any, list);
    json_t *result = json_pack("{s:o}", field, *list);
    *list = json_array();
    return result;
}

static json_t *link_poll(call_t *call) {
    return wire_drain(call, offsetof(own_t, packets), 5000, "packets");
}

static json_t *opportunistic_poll(call_t *call) {
    return wire_drain(call, offsetof(own_t, opportunistic), 5000, "packets");
}

// ---- The links that came in

typedef struct {
    const wire_t *wire;
    const own_t *own;
} inbound_t;

static int count_links(const inbound_t *inbound) {
    int count = 0;
    for (const session_t *s = inbound->wire->sessions; s != NULL; s = s->next) {
        count += s->own == inbound->own;
    }
    return count;
}

static bool has_link(void *user) {
    return count_links(user) > 0;
}

static json_t *listener_link_status(call_t *call) {
    wire_t *wire = wire_of(call);
    inbound_t inbound = {wire, wire == NULL ? NULL : own_of(call, wire)};
    int64_t timeout_ms = 0;
    if (inbound.own == NULL ||
        !call_maybe_int(call, "timeout_ms", 0, WIRE_FOREVER_MS, &timeout_ms)) {
        return NULL;
    }
    if (!inbound.own->is_listener) {
        return call_fail(call, "the destination is no listener");
    }
    if (!wire_wait(wire, timeout_ms, has_link, &inbound)) {
        return json_pack("{s:b, s:i}", "found", 0, "link_count", 0);
    }
    session_t *latest = wire->sessions; // the newest is the first
    while (latest->own != inbound.own) {
        latest = latest->next;
    }
    json_t *result = link_snapshot(wire, latest);
    (void)json_object_set_new(result, "found", json_true());
    (void)json_object_set_new(result, "link_count", json_integer(count_links(&inbound)));
    return result;
}

const command_entry_t WIRE_LISTEN_COMMANDS[] = {
    {"wire_listen", listen_for_links},
    {"wire_link_poll", link_poll},
    {"wire_opportunistic_poll", opportunistic_poll},
    {"wire_listener_link_status", listener_link_status},
    {NULL, NULL},
};
