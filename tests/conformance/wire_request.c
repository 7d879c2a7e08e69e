// wire_request.c -- commands: requests over a link.
#include "wire_request.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/token.h"
#include "rns/inspect_link.h"
#include "session/link.h"
#include "session/request.h"
#include "testing_link.h"
#include "wire/msgpack.h"

#define REQUEST_MS       10000
#define REQUEST_LARGE_MS 30000
#define CAPTURE_MS       15000
#define SLACK_MS         500 // the request's own timeout comes first
#define FOREVER_MS       (INT64_C(1) << 40)
#define ANSWER_MOST      (64U << 20) // bytes of an answer
#define METADATA_MOST    (1U << 20)  // ... and of a file's metadata
#define BIN_HEAD         5U          // bytes before the data of a msgpack bin, at most

// ---- What comes back

// A value that is a bin as its digits; any other, and none: null.
static json_t *bin_of(rns_bytes_t value) {
    rnsi_reader_t reader = rnsi_reader(value);
    rns_bytes_t bytes;
    return value.size > 0 && rnsi_msgpack_read_bin(&reader, &bytes) ? hex_of(bytes.data, bytes.size)
                                                                    : json_null();
}

void asking_note(wire_t *wire, const rns_event_t *event) {
    asking_t *asking = wire->asking;
    if (asking == NULL || !asking->is_open || asking->handle.slot != event->request.slot ||
        asking->handle.gen != event->request.gen) {
        return;
    }
    asking->is_open = false;
    asking->status = event->status;
    asking->answered = event->at;
    if (event->status == RNS_ERR_OK) {
        asking->response = event->is_file ? hex_of(event->data.data == NULL ? (const uint8_t *)""
                                                                            : event->data.data,
                                                   event->data.size)
                                          : bin_of(event->data);
        asking->response_metadata = bin_of(event->metadata);
    }
}

// ---- Asking

// The parameter data as a msgpack bin; without any the request carries nil.
static bool read_data(call_t *call, rns_bytes_t *value) {
    rns_mem_t data = {NULL, 0};
    if (!call_maybe_hex(call, "data", &data)) {
        return false;
    }
    *value = (rns_bytes_t){NULL, 0};
    if (data.size > 0) {
        const rns_mem_t space = {call_alloc(call, data.size + BIN_HEAD), data.size + BIN_HEAD};
        rnsi_writer_t writer = rnsi_writer(space);
        rnsi_msgpack_bin(&writer, (rns_bytes_t){data.data, data.size});
        *value = (rns_bytes_t){space.data, (size_t)(writer.at - space.data)};
    }
    return true;
}

// Memory that is not touched is not there.
static rns_mem_t lend(size_t size) {
    const rns_mem_t memory = {malloc(size), size};
    if (memory.data == NULL) {
        abort();
    }
    return memory;
}

asking_t *asking_open(call_t *call, wire_t *wire, session_t *session, int64_t *timeout_ms) {
    const char *path;
    rns_bytes_t data;
    if (!call_text(call, "path", &path) || !read_data(call, &data) ||
        !call_maybe_int(call, "timeout_ms", 1, FOREVER_MS, timeout_ms)) {
        return NULL;
    }
    asking_t *asking = call_alloc(call, sizeof *asking);
    asking->wire = wire;
    asking->memory = lend(ANSWER_MOST);
    asking->metadata = lend(METADATA_MOST);
    asking->asked = clock_now();
    const rns_request_options_t options = {
        .timeout_us = *timeout_ms * 1000, .memory = asking->memory, .metadata = asking->metadata};
    const rns_err_t err = rns_request(wire->node, asking->asked, session->handle, path, data,
                                      &options, &asking->handle);
    asking->is_open = err == RNS_ERR_OK;
    wire->asking = asking;
    daemon_wake(wire->daemon);
    if (err != RNS_ERR_OK) {
        asking_close(asking);
        return call_fail_err(call, "the request", err);
    }
    return asking;
}

void asking_close(asking_t *asking) {
    if (asking->is_open) {
        (void)rns_request_cancel(asking->wire->node, clock_now(), asking->handle);
    }
    asking->wire->asking = NULL;
    json_decref(asking->response);
    json_decref(asking->response_metadata);
    free(asking->memory.data);
    free(asking->metadata.data);
}

static bool is_over(void *user) {
    const asking_t *asking = user;
    return !asking->is_open;
}

json_t *asking_wait(asking_t *asking, int64_t timeout_ms) {
    if (!wire_wait(asking->wire, timeout_ms + SLACK_MS, is_over, asking)) {
        return json_pack("{s:s, s:n, s:n}", "status", "timeout", "response", "response_metadata");
    }
    if (asking->status != RNS_ERR_OK) {
        return json_pack("{s:s, s:n, s:n}", "status", "failed", "response", "response_metadata");
    }
    return json_pack("{s:s, s:O, s:O, s:f}", "status", "ready", "response", asking->response,
                     "response_metadata", asking->response_metadata, "response_time_s",
                     (double)(asking->answered - asking->asked) / 1e6);
}

// ---- The commands

static json_t *request(call_t *call, int64_t timeout_ms) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : session_of(call, wire);
    asking_t *asking = session == NULL ? NULL : asking_open(call, wire, session, &timeout_ms);
    if (asking == NULL) {
        return NULL;
    }
    json_t *result = asking_wait(asking, timeout_ms);
    asking_close(asking);
    return result;
}

static json_t *link_request(call_t *call) {
    return request(call, REQUEST_MS);
}

static json_t *link_request_large(call_t *call) {
    return request(call, REQUEST_LARGE_MS);
}

static json_t *link_request_timeout(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : session_of(call, wire);
    int64_t timeout_ms = 0; // the default
    asking_t *asking = session == NULL ? NULL : asking_open(call, wire, session, &timeout_ms);
    if (asking == NULL) {
        return NULL;
    }
    rns_inspect_request_t inside = {0};
    const rns_err_t err = rns_inspect_request(wire->node, asking->handle, &inside);
    asking_close(asking);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the request", err);
    }
    json_t *given = timeout_ms > 0 ? json_real((double)timeout_ms / 1e3) : json_null();
    return json_pack("{s:f, s:f, s:i, s:i, s:o}", "receipt_timeout", (double)inside.timeout / 1e6,
                     "rtt", (double)session_look(wire, session)->rtt_us / 1e6,
                     "traffic_timeout_factor", RNSI_TRAFFIC_FACTOR, "response_max_grace_time",
                     (int)(RNSI_RESPONSE_MAX_GRACE / RNSI_SECOND), "explicit_timeout", given);
}

// ---- What it comes in

typedef struct {
    wire_t *wire;
    const session_t *session;
    json_t *captured;
} capture_t;

// The plain text of a link's packet: null if it is none.
static json_t *plain_of(const capture_t *capture, const rnsi_packet_t *packet) {
    uint8_t key_secret[RNSI_TOKEN_KEY];
    size_t size = 0;
    uint8_t *plain = malloc(packet->size);
    const rns_mem_t out = {plain, packet->size};
    if (plain == NULL) {
        abort();
    }
    const bool good =
        rnst_link_key(capture->wire->node, capture->session->handle, key_secret) == RNS_ERR_OK &&
        rnsi_token_decrypt(&capture->wire->bridge->crypto, key_secret, sizeof key_secret,
                           packet->data, out, &size);
    capture->wire->bridge->crypto.v->wipe(key_secret, sizeof key_secret);
    json_t *digits = good ? hex_of(plain, size) : json_null();
    free(plain);
    return digits;
}

static void watch_answers(void *user, const passing_t *passing) {
    const capture_t *capture = user;
    const rnsi_packet_t *packet = passing->packet;
    const bool is_answer = packet->context == RNSI_CONTEXT_RESPONSE;
    if (passing->tx != NULL || packet->dest_type != RNSI_DEST_LINK ||
        packet->type != RNSI_TYPE_DATA ||
        memcmp(packet->dest, capture->session->id.b, sizeof capture->session->id.b) != 0 ||
        (!is_answer && packet->context != RNSI_CONTEXT_RESOURCE_ADV)) {
        return;
    }
    (void)json_array_append_new(
        capture->captured, json_pack("{s:i, s:o}", "context", (int)packet->context, "plaintext",
                                     is_answer ? plain_of(capture, packet) : json_null()));
}

static json_t *capture_response_packet(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : session_of(call, wire);
    int64_t timeout_ms = CAPTURE_MS;
    asking_t *asking = session == NULL ? NULL : asking_open(call, wire, session, &timeout_ms);
    if (asking == NULL) {
        return NULL;
    }
    capture_t capture = {wire, session, json_array()};
    wire->watch_user = &capture;
    wire->watch = watch_answers;
    json_t *result = asking_wait(asking, timeout_ms);
    wire->watch = NULL;
    asking_close(asking);
    (void)json_object_set_new(result, "captured", capture.captured);
    return result;
}

const command_entry_t WIRE_REQUEST_COMMANDS[] = {
    {"wire_link_request", link_request},
    {"wire_link_request_large", link_request_large},
    {"wire_link_request_timeout", link_request_timeout},
    {"wire_capture_response_packet", capture_response_packet},
    {NULL, NULL},
};
