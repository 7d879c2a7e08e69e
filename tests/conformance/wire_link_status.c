// wire_link_status.c -- commands: what is known of a link, and its timings.
#include <stdlib.h>
#include <string.h>

#include "rns/inspect_link.h"
#include "testing_link.h"
#include "wire/link.h"
#include "wire_link.h"

#define AWAIT_MS   15000
#define FOREVER_MS (INT64_C(1) << 40)

static const char *const STATES[] = {
    [RNS_LINK_PENDING] = "PENDING", [RNS_LINK_HANDSHAKE] = "HANDSHAKE",
    [RNS_LINK_ACTIVE] = "ACTIVE",   [RNS_LINK_STALE] = "STALE",
    [RNS_LINK_CLOSED] = "CLOSED",
};

const char *link_state_name(rns_link_state_t state) {
    return STATES[state];
}

json_t *link_reason_name(uint8_t reason) {
    static const char *const REASONS[] = {
        [RNS_LINK_TIMEOUT] = "TIMEOUT",
        [RNS_LINK_INITIATOR_CLOSED] = "INITIATOR_CLOSED",
        [RNS_LINK_DESTINATION_CLOSED] = "DESTINATION_CLOSED",
    };
    return reason == 0 ? json_null() : json_string(REASONS[reason]);
}

// ---- All of it

static json_t *milliseconds_since(rns_us_t at) {
    return at == 0 ? json_null() : json_integer((clock_now() - at) / 1000);
}

static double seconds(rns_us_t us) {
    return (double)us / 1e6;
}

static rns_us_t later(rns_us_t a, rns_us_t b) {
    return a > b ? a : b;
}

// Sizes are told of an open link only.
static json_t *size_of(const rns_link_info_t *info, uint32_t size) {
    return info->state == RNS_LINK_ACTIVE ? json_integer(size) : json_null();
}

json_t *link_snapshot(wire_t *wire, session_t *session) {
    const rns_link_info_t *info = session_look(wire, session);
    rns_inspect_link_t inside = {0};
    (void)rns_inspect_link(wire->node, session->handle, &inside);
    json_t *peer = info->has_peer ? hex_of_hash(&info->peer) : json_null();
    json_t *reason = session->reason == 0 ? json_null() : json_integer(session->reason);
    return json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:f, s:f, s:f, s:o, s:o, s:i, s:o, s:b}",
                     "status", (int)info->state, "status_name", link_state_name(info->state),
                     "teardown_reason", reason, "teardown_reason_name",
                     link_reason_name(session->reason), "no_inbound_for_ms",
                     milliseconds_since(later(info->last_inbound, info->activated)),
                     "last_keepalive_ago_ms", milliseconds_since(inside.keepalive), "keepalive_s",
                     seconds(info->keepalive_us), "stale_time_s", seconds(info->stale_us), "rtt",
                     seconds(info->rtt_us), "mtu", size_of(info, info->mtu), "mdu",
                     size_of(info, info->mdu), "mode", (int)RNSI_LINK_MODE_AES256,
                     "remote_identity_hash", peer, "remote_identified", info->has_peer);
}

static json_t *link_status(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : session_of(call, wire);
    return session == NULL ? NULL : link_snapshot(wire, session);
}

// ---- Waiting for a state

typedef struct {
    wire_t *wire;
    session_t *session;
    rns_link_state_t target;
} await_t;

static bool is_reached(void *user) {
    const await_t *await = user;
    return session_look(await->wire, await->session)->state >= await->target;
}

// The parameter target_status: the name of a state, or its number as a text.
static bool read_target(call_t *call, rns_link_state_t *target) {
    const char *text;
    int64_t number;
    if (json_is_integer(json_object_get(call->params, "target_status"))) {
        const bool good = call_int(call, "target_status", 0, RNS_LINK_CLOSED, &number);
        *target = good ? (rns_link_state_t)number : RNS_LINK_CLOSED;
        return good;
    }
    if (!call_text(call, "target_status", &text)) {
        return false;
    }
    for (size_t i = 0; i < sizeof STATES / sizeof *STATES; i++) {
        const char digit[] = {(char)('0' + i), '\0'};
        if (strcmp(text, STATES[i]) == 0 || strcmp(text, digit) == 0) {
            *target = (rns_link_state_t)i;
            return true;
        }
    }
    (void)call_fail(call, "there is no status '%s'", text);
    return false;
}

static json_t *link_await_status(call_t *call) {
    await_t await = {.wire = wire_of(call)};
    int64_t timeout_ms = AWAIT_MS;
    await.session = await.wire == NULL ? NULL : session_of(call, await.wire);
    if (await.session == NULL || !read_target(call, &await.target) ||
        !call_maybe_int(call, "timeout_ms", 0, FOREVER_MS, &timeout_ms)) {
        return NULL;
    }
    const bool reached = wire_wait(await.wire, timeout_ms, is_reached, &await);
    json_t *result = link_snapshot(await.wire, await.session);
    (void)json_object_set_new(result, "reached", json_boolean(reached));
    return result;
}

// ---- Timings are set

static json_t *link_set_watchdog(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : session_of(call, wire);
    if (session == NULL) {
        return NULL;
    }
    const rns_link_info_t *info = session_look(wire, session);
    double keepalive_s = seconds(info->keepalive_us), stale_s = seconds(info->stale_us);
    if (!call_maybe_real(call, "keepalive_s", &keepalive_s) ||
        !call_maybe_real(call, "stale_time_s", &stale_s)) {
        return NULL;
    }
    const rns_err_t err =
        rnst_link_watchdog(wire->node, clock_now(), session->handle, (rns_us_t)(keepalive_s * 1e6),
                           (rns_us_t)(stale_s * 1e6));
    daemon_wake(wire->daemon);
    return err != RNS_ERR_OK
               ? call_fail_err(call, "the timings", err)
               : json_pack("{s:f, s:f}", "keepalive_s", keepalive_s, "stale_time_s", stale_s);
}

static json_t *link_set_rtt(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : session_of(call, wire);
    double rtt;
    if (session == NULL || !call_real(call, "rtt", &rtt)) {
        return NULL;
    }
    const double previous = seconds(session_look(wire, session)->rtt_us);
    const rns_err_t err = rnst_link_rtt(wire->node, session->handle, (rns_us_t)(rtt * 1e6));
    return err != RNS_ERR_OK ? call_fail_err(call, "the round trip time", err)
                             : json_pack("{s:f, s:f}", "rtt", rtt, "previous", previous);
}

// ---- Parts of it, of either side

static json_t *link_mtu(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : any_session_of(call, wire);
    if (session == NULL) {
        return NULL;
    }
    const rns_link_info_t *info = session_look(wire, session);
    return json_pack("{s:i, s:i, s:i, s:i, s:s}", "mtu", (int)info->mtu, "mdu", (int)info->mdu,
                     "mode", (int)RNSI_LINK_MODE_AES256, "status", (int)info->state, "status_name",
                     link_state_name(info->state));
}

// X25519 keys live until both ends have agreed, and what they agree on until the link's key is made
// of it; that one lives as long as the link.
static json_t *link_key_material(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : any_session_of(call, wire);
    if (session == NULL) {
        return NULL;
    }
    rns_inspect_link_t inside = {0};
    (void)rns_inspect_link(wire->node, session->handle, &inside);
    const rns_link_info_t *info = session_look(wire, session);
    return json_pack("{s:i, s:s, s:b, s:b, s:b, s:b}", "status", (int)info->state, "status_name",
                     link_state_name(info->state), "derived_key_present", inside.has_key,
                     "shared_key_present", 0, "prv_present", inside.has_own_secret, "pub_present",
                     inside.has_own_secret);
}

const command_entry_t WIRE_LINK_STATUS_COMMANDS[] = {
    {"wire_link_status", link_status},
    {"wire_link_await_status", link_await_status},
    {"wire_link_set_watchdog", link_set_watchdog},
    {"wire_link_set_rtt", link_set_rtt},
    {"wire_link_mtu", link_mtu},
    {"wire_link_key_material", link_key_material},
    {NULL, NULL},
};
