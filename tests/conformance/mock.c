// mock.c -- see mock.h.
#include "mock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/memory.h"
#include "rns/providers.h"

#define US          1000000
#define LOOK_US     250000             // Transport.job_interval
#define TICKS_MOST  100000             // deadlines that are worked off in one go
#define FURTHEST_US (INT64_C(1) << 62) // of a time that a command says
#define PROFILE     RNS_PROFILE_SERVER

// ---- Events

static void append(json_t *list, json_t *value) {
    (void)json_array_append_new(list, value);
}

static json_t *hex_of_bytes(rns_bytes_t bytes, bool is_there) {
    return is_there ? hex_of(bytes.size > 0 ? bytes.data : (const uint8_t *)"", bytes.size)
                    : json_null();
}

static void on_packet(const mock_t *mock, const rns_event_t *event) {
    for (const mock_dest_t *dest = mock->dests; dest != NULL; dest = dest->next) {
        if (dest->handle.slot == event->dest.slot && dest->handle.gen == event->dest.gen) {
            append(dest->deliveries, hex_of_bytes(event->data, true));
        }
    }
}

static json_t *call_of(const mock_listener_t *listener, const rns_event_t *event) {
    json_t *call = json_pack("{s:o, s:o, s:o}", "destination_hash", hex_of_hash(&event->hash),
                             "announced_identity_hash", hex_of_hash(&event->identity), "app_data",
                             hex_of_bytes(event->data, event->has_data));
    if (listener->wants_packet_hash) {
        (void)json_object_set_new(call, "announce_packet_hash", hex_of(event->packet_hash, 32));
    }
    return call;
}

static void on_announce(const mock_t *mock, const rns_event_t *event) {
    for (const mock_listener_t *l = mock->listeners; l != NULL; l = l->next) {
        if (l->is_registered && l->handle.slot == event->handler.slot &&
            l->handle.gen == event->handler.gen) {
            append(l->calls, call_of(l, event));
        }
    }
}

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    (void)node;
    if (event->type == RNS_EV_PACKET) {
        on_packet(user, event);
    } else if (event->type == RNS_EV_ANNOUNCE) {
        on_announce(user, event);
    }
}

// ---- Time

rns_us_t mock_now(mock_t *mock) {
    const rns_us_t now = clock_now();
    mock->now = now > mock->now ? now : mock->now;
    return mock->now;
}

json_t *mock_unix(const mock_t *mock, rns_us_t at) {
    return json_real((double)(at + mock->unix_at_zero) / US);
}

rns_us_t mock_time(const mock_t *mock, double unix_seconds) {
    const double us = unix_seconds * US;
    const double furthest = (double)FURTHEST_US;
    const double held = us > furthest ? furthest : us < -furthest ? -furthest : us;
    return (rns_us_t)llround(held) - mock->unix_at_zero;
}

static void tick(mock_t *mock, rns_us_t at) {
    mock->now = at > mock->now ? at : mock->now;
    rns_tick(mock->node, mock->now);
    mock_take_sent(mock);
}

void mock_work(mock_t *mock) {
    const rns_us_t until = clock_now();
    for (unsigned i = 0; i < TICKS_MOST && rns_next_due(mock->node) <= until; i++) {
        tick(mock, rns_next_due(mock->node));
    }
    tick(mock, until);
    mock->worked = mock->now;
}

// ---- Interfaces

static mock_iface_t *find_iface(const mock_t *mock, rns_iface_t handle) {
    mock_iface_t *iface = mock->ifaces;
    while (iface != NULL &&
           (iface->handle.slot != handle.slot || iface->handle.gen != handle.gen)) {
        iface = iface->next;
    }
    return iface;
}

const mock_iface_t *mock_iface_at(const mock_t *mock, rns_iface_t handle) {
    return find_iface(mock, handle);
}

json_t *mock_iface_id(const mock_t *mock, rns_iface_t handle) {
    const mock_iface_t *iface = find_iface(mock, handle);
    return iface != NULL ? json_string(iface->id) : json_null();
}

void mock_take_sent(mock_t *mock) {
    rns_iface_t handle;
    rns_tx_t tx;
    while (rns_tx_ready(mock->node, &handle)) {
        const mock_iface_t *iface = find_iface(mock, handle);
        while (rns_tx_next(mock->node, mock->now, handle, &tx)) {
            if (iface != NULL) {
                append(iface->sent, hex_of(tx.frame.data, tx.frame.size));
            }
            rns_tx_done(mock->node, mock->now, handle, &tx, true);
        }
    }
}

void mock_receive(mock_t *mock, mock_iface_t *iface, rns_mem_t frame) {
    (void)rns_rx(mock->node, mock_now(mock), iface->handle, frame, NULL);
    mock_take_sent(mock);
    mock_work(mock);
}

// ---- What commands name

mock_t *mock_find(const bridge_t *bridge, const char *handle) {
    mock_t *mock = bridge->mocks;
    while (mock != NULL && strcmp(mock->handle, handle) != 0) {
        mock = mock->next;
    }
    return mock;
}

mock_t *mock_of(call_t *call) {
    const char *handle;
    if (!call_text(call, "handle", &handle)) {
        return NULL;
    }
    mock_t *mock = mock_find(call->bridge, handle);
    if (mock == NULL) {
        return call_fail(call, "there is no node '%s'", handle);
    }
    if (clock_now() - mock->worked >= LOOK_US) {
        mock_work(mock);
    }
    return mock;
}

mock_iface_t *mock_iface_of(call_t *call, const mock_t *mock, const char *parameter) {
    const char *id;
    if (!call_text(call, parameter, &id)) {
        return NULL;
    }
    mock_iface_t *iface = mock->ifaces;
    while (iface != NULL && strcmp(iface->id, id) != 0) {
        iface = iface->next;
    }
    return iface != NULL ? iface : call_fail(call, "there is no interface '%s'", id);
}

// ---- Life

static void free_lists(mock_t *mock) {
    while (mock->ifaces != NULL) {
        mock_iface_t *iface = mock->ifaces;
        mock->ifaces = iface->next;
        json_decref(iface->sent);
        free(iface);
    }
    while (mock->dests != NULL) {
        mock_dest_t *dest = mock->dests;
        mock->dests = dest->next;
        json_decref(dest->deliveries);
        free(dest);
    }
    while (mock->listeners != NULL) {
        mock_listener_t *listener = mock->listeners;
        mock->listeners = listener->next;
        json_decref(listener->calls);
        free(listener);
    }
}

static void close_loop(mock_t *mock) {
    store_stop(mock->store);
    (void)uv_run(&mock->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&mock->loop);
}

static void free_mock(mock_t *mock) {
    store_free(mock->store);
    memory_close(&mock->config);
    folder_remove(mock->directory);
    free_lists(mock);
    json_decref(mock->defaults);
    free(mock);
}

static bool open_node(mock_t *mock) {
    mock->store = store_open(mock->directory, mock->config.transport);
    if (mock->store == NULL || !memory_open(&mock->config)) {
        return false;
    }
    mock->config.store = store_rns(mock->store);
    mock->now = clock_now();
    mock->config.unix_us = clock_unix_us();
    mock->unix_at_zero = mock->config.unix_us - mock->now;
    return rns_open(&mock->config, mock->now, &mock->node) == RNS_ERR_OK;
}

static bool open_loop(mock_t *mock) {
    if (uv_loop_init(&mock->loop) != 0) {
        return false;
    }
    if (!store_start(mock->store, &mock->loop, mock->node)) {
        close_loop(mock);
        return false;
    }
    return true;
}

mock_t *mock_open(call_t *call, const rns_config_t *config) {
    mock_t *mock = calloc(1, sizeof *mock);
    if (mock == NULL || !folder_make(mock->directory)) {
        free(mock);
        return call_fail(call, "no folder for its storage could be made");
    }
    mock->bridge = call->bridge;
    mock->config = *config;
    mock->config.profile = PROFILE;
    mock->config.crypto = &rns_crypto_host;
    mock->config.entropy = clock_entropy;
    mock->config.on_event = on_event;
    mock->config.user = mock;
    mock->defaults = json_object();
    if (!open_node(mock)) {
        free_mock(mock);
        return call_fail(call, "the node cannot start");
    }
    if (!open_loop(mock)) {
        rns_close(mock->node);
        free_mock(mock);
        return call_fail(call, "no memory");
    }
    mock->config.identity = NULL; // the caller's, and copied
    (void)snprintf(mock->handle, sizeof mock->handle, "mock-%u", ++call->bridge->handles);
    mock->next = call->bridge->mocks;
    call->bridge->mocks = mock;
    return mock;
}

void mock_close(mock_t *mock) {
    mock_t **link = &mock->bridge->mocks;
    while (*link != mock) {
        link = &(*link)->next;
    }
    *link = mock->next;
    close_loop(mock);
    rns_close(mock->node);
    free_mock(mock);
}

void mock_close_all(bridge_t *bridge) {
    for (mock_t *mock = bridge->mocks, *next; mock != NULL; mock = next) {
        next = mock->next;
        mock_close(mock);
    }
}
