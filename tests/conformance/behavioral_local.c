// behavioral_local.c -- commands: destinations of a node and listeners for announces.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "mock.h"

// ---- Destinations

static bool read_choice(call_t *call, const char *name, const char *const choices[], int count,
                        int *choice) {
    const char *text = choices[*choice];
    if (!call_maybe_text(call, name, &text)) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        if (strcmp(choices[i], text) == 0) {
            *choice = i;
            return true;
        }
    }
    (void)call_fail(call, "the parameter '%s' is not '%s'", name, text);
    return false;
}

static bool read_kind(call_t *call, rns_dest_config_t *config) {
    static const char *const TYPES[] = {"single", "group", "plain"};
    static const char *const STRATEGIES[] = {"none", "app", "all"};
    int type = RNS_DEST_SINGLE, prove = RNS_PROVE_NONE;
    if (!read_choice(call, "type", TYPES, 3, &type) ||
        !read_choice(call, "proof_strategy", STRATEGIES, 3, &prove)) {
        return false;
    }
    config->type = (rns_dest_type_t)type;
    config->prove = (rns_prove_t)prove;
    return true;
}

static json_t *register_destination(call_t *call) {
    mock_t *mock = mock_of(call);
    rns_dest_config_t config = {0};
    rns_secret_t seed;
    uint8_t key[64]; // of a group: nobody else has it
    bridge_random(key, sizeof key);
    if (mock == NULL || !call_name(call, &config.name) || !read_kind(call, &config)) {
        return NULL;
    }
    if (config.type != RNS_DEST_PLAIN) {
        if (!call_hex_of(call, "identity_seed", &seed, sizeof seed)) {
            return NULL;
        }
        config.identity = &seed;
    }
    if (config.type == RNS_DEST_GROUP) {
        config.group_key = (rns_bytes_t){key, sizeof key};
    }
    mock_dest_t *dest = calloc(1, sizeof *dest);
    if (dest == NULL) {
        return call_fail(call, "no memory");
    }
    const rns_err_t err = rns_dest_add(mock->node, mock_now(mock), &config, &dest->handle);
    if (err != RNS_ERR_OK) {
        free(dest);
        return call_fail_err(call, "the destination", err);
    }
    (void)rns_dest_hash(mock->node, dest->handle, &dest->hash);
    dest->deliveries = json_array();
    dest->next = mock->dests;
    mock->dests = dest;
    return json_pack("{s:o}", "destination_hash", hex_of_hash(&dest->hash));
}

static json_t *read_destination_deliveries(call_t *call) {
    mock_t *mock = mock_of(call);
    rns_hash_t hash;
    if (mock == NULL || !call_hex_of(call, "dest", hash.b, sizeof hash.b)) {
        return NULL;
    }
    const mock_dest_t *dest = mock->dests;
    while (dest != NULL && memcmp(dest->hash.b, hash.b, sizeof hash.b) != 0) {
        dest = dest->next;
    }
    if (dest == NULL) {
        return call_fail(call, "there is no such destination of this node");
    }
    return json_pack("{s:i, s:O}", "count", (int)json_array_size(dest->deliveries), "deliveries",
                     dest->deliveries);
}

// ---- Listeners

// Without a filter to begin with there is nothing to be registered. One that fails when it is
// called does so alone: here there is nothing that it could fail at.
static json_t *register_announce_handler(call_t *call) {
    mock_t *mock = mock_of(call);
    int64_t params = 3;
    const char *filter = NULL;
    bool responses = false, omit = false, raises = false;
    if (mock == NULL || !call_maybe_int(call, "num_params", 3, 4, &params) ||
        !call_maybe_text(call, "aspect_filter", &filter) ||
        !call_maybe_flag(call, "receive_path_responses", &responses) ||
        !call_maybe_flag(call, "omit_aspect_filter", &omit) ||
        !call_maybe_flag(call, "raise_on_call", &raises)) {
        return NULL;
    }
    mock_listener_t *listener = calloc(1, sizeof *listener);
    if (listener == NULL) {
        return call_fail(call, "no memory");
    }
    const rns_err_t err =
        omit ? RNS_ERR_OK : rns_handler_add(mock->node, filter, responses, &listener->handle);
    if (err != RNS_ERR_OK) {
        free(listener);
        return call_fail_err(call, "the handler", err);
    }
    (void)snprintf(listener->id, sizeof listener->id, "handler-%u", ++mock->bridge->handles);
    listener->is_registered = !omit;
    listener->wants_packet_hash = params == 4;
    listener->calls = json_array();
    listener->next = mock->listeners;
    mock->listeners = listener;
    return json_pack("{s:s, s:b}", "handler_id", listener->id, "registered", !omit);
}

static json_t *read_announce_handler_calls(call_t *call) {
    mock_t *mock = mock_of(call);
    const char *id;
    if (mock == NULL || !call_text(call, "handler_id", &id)) {
        return NULL;
    }
    const mock_listener_t *listener = mock->listeners;
    while (listener != NULL && strcmp(listener->id, id) != 0) {
        listener = listener->next;
    }
    if (listener == NULL) {
        return call_fail(call, "there is no handler '%s'", id);
    }
    return json_pack("{s:O, s:b}", "calls", listener->calls, "registered", listener->is_registered);
}

const command_entry_t BEHAVIORAL_LOCAL_COMMANDS[] = {
    {"behavioral_register_destination", register_destination},
    {"behavioral_read_destination_deliveries", read_destination_deliveries},
    {"behavioral_register_announce_handler", register_announce_handler},
    {"behavioral_read_announce_handler_calls", read_announce_handler_calls},
    {NULL, NULL},
};
