// wire.c -- see wire.h. The life of the instance, and its events.
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/log.h"
#include "lines.h"
#include "wire_receipt.h"
#include "wire_request.h"

#define BEAT_MS 10U // the longest wait for events while something else is waited for

// ---- Events

static void note(json_t *list, rns_bytes_t data) {
    (void)json_array_append_new(list, hex_of_mem((rns_mem_t){(uint8_t *)data.data, data.size}));
}

static void on_packet(wire_t *wire, const rns_event_t *event) {
    own_t *own = own_at(wire, event->dest);
    proof_note_packet(wire, event);
    if (own == NULL) {
        return;
    }
    note(own->opportunistic, event->data);
    own->has_latest = event->ratchet_id != NULL;
    if (own->has_latest) {
        memcpy(own->latest, event->ratchet_id, sizeof own->latest);
    }
}

static void on_link_up(wire_t *wire, const rns_event_t *event) {
    session_t *session = session_at(wire, event->link);
    if (session == NULL) {
        session = session_add(wire, event->link);
        session->own = own_at(wire, event->dest);
    }
    session->is_up = true;
    (void)session_look(wire, session);
    channel_on_link(wire, session);
    resource_on_link(wire, session);
}

static void on_link_packet(wire_t *wire, const rns_event_t *event) {
    session_t *session = session_at(wire, event->link);
    proof_note_packet(wire, event);
    if (session == NULL) {
        return;
    }
    session->delivered++;
    if (session->own != NULL) {
        note(session->own->packets, event->data);
    }
}

static void on_link_down(wire_t *wire, const rns_event_t *event) {
    session_t *session = session_at(wire, event->link);
    if (session != NULL) {
        session->info.state = RNS_LINK_CLOSED;
        session->reason = event->reason;
        session->handle = (rns_link_t){0, 0};
    }
}

static void on_resource_done(wire_t *wire, const rns_event_t *event) {
    responder_note_done(wire, event);
    resource_on_done(wire, event);
}

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    static void (*const TAKERS[RNS_EV_COUNT])(wire_t *, const rns_event_t *) = {
        [RNS_EV_PACKET] = on_packet,
        [RNS_EV_PROVE] = proof_note_asked,
        [RNS_EV_LINK_UP] = on_link_up,
        [RNS_EV_LINK_PACKET] = on_link_packet,
        [RNS_EV_LINK_DOWN] = on_link_down,
        [RNS_EV_RESPONSE] = asking_note,
        [RNS_EV_PROOF] = receipt_note,
        [RNS_EV_REQUEST] = responder_note_request,
        [RNS_EV_REQUEST_OFFER] = responder_note_offer,
        [RNS_EV_RESOURCE_DONE] = on_resource_done,
        [RNS_EV_RESOURCE_OFFER] = resource_on_offer,
        [RNS_EV_RESOURCE_PROGRESS] = resource_on_progress,
        [RNS_EV_CHANNEL_SENT] = channel_on_sent,
        [RNS_EV_BUFFER] = buffer_on_data,
    };
    (void)node;
    if (TAKERS[event->type] != NULL) {
        TAKERS[event->type](user, event);
    }
}

// ---- The loop

static void on_wake(uv_async_t *async) {
    (void)async; // the turn ends, and the bridge looks
}

static void on_beat(uv_timer_t *timer) {
    (void)timer;
}

void wire_turn(wire_t *wire) {
    (void)daemon_turn(wire->daemon);
}

bool wire_wait(wire_t *wire, int64_t timeout_ms, bool (*done)(void *user), void *user) {
    const rns_us_t until = clock_now() + timeout_ms * 1000;
    daemon_wake(wire->daemon);
    (void)uv_timer_start(&wire->beat, on_beat, BEAT_MS, BEAT_MS);
    while (!done(user) && clock_now() < until) {
        wire_turn(wire);
    }
    (void)uv_timer_stop(&wire->beat);
    return done(user);
}

double wire_epoch_s(rns_us_t at) {
    return (double)(clock_unix_us() - clock_now() + at) / 1e6;
}

// ---- Life

static bool write_config(const wire_t *wire, const char *text) {
    char path[128];
    (void)snprintf(path, sizeof path, "%s/config", wire->directory);
    FILE *file = fopen(path, "w");
    const bool good = file != NULL && fputs(text, file) >= 0;
    return file != NULL && fclose(file) == 0 && good;
}

static bool open_loop(wire_t *wire) {
    uv_loop_t *loop = daemon_loop(wire->daemon);
    if (uv_async_init(loop, &wire->line, on_wake) != 0) {
        return false;
    }
    (void)uv_timer_init(loop, &wire->beat);
    (void)uv_timer_init(loop, &wire->quiet);
    lines_wake(&wire->line);
    return true;
}

static bool open_node(wire_t *wire) {
    if (!startup_open(&wire->startup, wire->directory, false, 0)) {
        startup_close(&wire->startup);
        return false;
    }
    const daemon_options_t options = {.config = &wire->startup.config,
                                      .directory = wire->startup.directory,
                                      .on_event = on_event,
                                      .user = wire};
    wire->daemon = daemon_open(&options);
    if (wire->daemon == NULL) {
        startup_close(&wire->startup);
        return false;
    }
    wire->node = daemon_node(wire->daemon);
    return true;
}

static void free_wire(wire_t *wire) {
    frames_close(wire);
    folder_remove(wire->directory);
    while (wire->owns != NULL) {
        own_t *own = wire->owns;
        wire->owns = own->next;
        own_free(own);
    }
    while (wire->sessions != NULL) {
        session_t *session = wire->sessions;
        wire->sessions = session->next;
        json_decref(session->pristine);
        channel_session_free(session);
        free(session);
    }
    resource_wire_free(wire);
    responders_close(wire);
    receipts_free(wire);
    free(wire);
}

wire_t *wire_open(call_t *call, const char *config) {
    bridge_t *bridge = call->bridge;
    if (bridge->wire != NULL) {
        return call_fail(call, "this process has a node with real interfaces already");
    }
    wire_t *wire = calloc(1, sizeof *wire);
    if (wire == NULL) {
        return call_fail(call, "no memory");
    }
    wire->bridge = bridge;
    (void)snprintf(wire->handle, sizeof wire->handle, "wire-%u", ++bridge->handles);
    if (!folder_make(wire->directory) || !write_config(wire, config)) {
        free_wire(wire);
        return call_fail(call, "no folder for the configuration could be made");
    }
    if (!open_node(wire)) {
        free_wire(wire);
        return call_fail(call, "the node cannot start; the log says why");
    }
    if (!open_loop(wire)) {
        daemon_close(wire->daemon);
        startup_close(&wire->startup);
        free_wire(wire);
        return call_fail(call, "no memory");
    }
    bridge->wire = wire;
    frames_open(wire);
    tap_set(wire);
    proofs_watch(wire);
    return wire;
}

void wire_close(bridge_t *bridge) {
    wire_t *wire = bridge->wire;
    if (wire == NULL) {
        return;
    }
    bridge->wire = NULL;
    tap_set(NULL);
    proofs_watch(NULL);
    lines_wake(NULL);
    uv_close((uv_handle_t *)&wire->line, NULL);
    uv_close((uv_handle_t *)&wire->beat, NULL);
    uv_close((uv_handle_t *)&wire->quiet, NULL);
    daemon_close(wire->daemon);
    startup_close(&wire->startup);
    free_wire(wire);
}
