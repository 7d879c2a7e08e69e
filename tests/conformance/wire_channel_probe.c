// wire_channel_probe.c -- commands: channels whose packets are looked at, or come twice, and who is
// asked about a message.
#include <string.h>

#include "wire_channel.h"
#include "wire_pair.h"

// ---- The packet of a message

typedef struct {
    rns_hash_t link;
    bool is_seen;
    rnsi_packet_t packet; // without what it points to
    uint8_t hash[32];
    wire_t *wire;
} capture_t;

static void look_at(void *user, const passing_t *passing) {
    capture_t *capture = user;
    const rnsi_packet_t *packet = passing->packet;
    if (passing->tx == NULL || capture->is_seen ||
        memcmp(packet->dest, capture->link.b, sizeof capture->link.b) != 0) {
        return;
    }
    capture->is_seen = true;
    capture->packet = *packet;
    rnst_packet_hash(capture->wire->node, (rns_bytes_t){packet->raw, packet->size}, capture->hash);
}

static json_t *emit_capture(call_t *call) {
    wire_t *wire;
    session_t *session = channel_open_session_of(call, &wire);
    rns_mem_t data = {NULL, 0};
    int64_t timeout_ms = 15000;
    if (session == NULL || !call_maybe_hex(call, "data", &data) ||
        !call_maybe_int(call, "timeout_ms", 0, INT32_MAX, &timeout_ms)) {
        return NULL;
    }
    if (!channel_wait_ready(wire, session, timeout_ms)) {
        return call_fail(call, "the channel has no room");
    }
    capture_t capture = {.link = session->id, .wire = wire};
    uint16_t sequence;
    wire->watch = look_at;
    wire->watch_user = &capture;
    const rns_err_t err = rns_channel_send(wire->node, clock_now(), session->handle, CHANNEL_TYPE,
                                           (rns_bytes_t){data.data, data.size}, &sequence);
    const bool delivered =
        err == RNS_ERR_OK && channel_wait_proved(wire, session, sequence, timeout_ms);
    wire->watch = NULL;
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the message", err);
    }
    if (!capture.is_seen) {
        return call_fail(call, "no packet went out");
    }
    return json_pack("{s:i, s:i, s:b, s:o, s:i, s:i}", "context", (int)capture.packet.context,
                     "packet_type", (int)capture.packet.type, "delivered", delivered, "packet_hash",
                     hex_of(capture.hash, sizeof capture.hash), "channel_context",
                     (int)RNSI_CONTEXT_CHANNEL, "data_context", (int)RNSI_CONTEXT_NONE);
}

// ---- A proof that comes twice, and one of a packet that nobody sent

typedef struct {
    pair_t *pair;
    rns_inspect_channel_t at;
} echo_t;

static unsigned window(echo_t *echo) {
    (void)rns_inspect_channel(echo->pair->a.node, echo->pair->a.link, &echo->at);
    return echo->at.window;
}

// A proves a packet of b's that is a's own, as b would: the proof of b, over another hash.
static rns_bytes_t stray_proof(call_t *call, pair_t *pair) {
    uint8_t hash[32];
    bridge_random(hash, sizeof hash);
    pair_forget(&pair->b);
    rnst_link_prove(pair->b.node, pair->b.link, hash);
    pair_work(&pair->b);
    const caught_t *caught = pair_first(&pair->b, RNSI_CONTEXT_NONE);
    if (caught == NULL) {
        return (rns_bytes_t){NULL, 0};
    }
    uint8_t *copy = call_alloc(call, caught->raw.size);
    memcpy(copy, caught->raw.data, caught->raw.size);
    return (rns_bytes_t){copy, caught->raw.size};
}

static bool open_channels(pair_t *pair) {
    return rns_channel_open(pair->a.node, pair->now, pair->a.link) == RNS_ERR_OK &&
           rns_channel_open(pair->b.node, pair->now, pair->b.link) == RNS_ERR_OK;
}

static json_t *spurious_proof(call_t *call) {
    echo_t echo = {.pair = probe_has_link(call) ? pair_open(call, NULL) : NULL};
    pair_t *pair = echo.pair;
    if (pair == NULL) {
        return NULL;
    }
    pair_side_t *a = &pair->a, *b = &pair->b;
    const rns_bytes_t text = {(const uint8_t *)"probe", 5};
    const caught_t *sent = NULL, *proof = NULL;
    if (open_channels(pair) &&
        rns_channel_send(a->node, pair->now, a->link, CHANNEL_TYPE, text, NULL) == RNS_ERR_OK) {
        pair_work(a);
        sent = pair_first(a, RNSI_CONTEXT_CHANNEL);
        if (sent != NULL) {
            (void)pair_feed(b, sent->raw);
            proof = pair_first(b, RNSI_CONTEXT_NONE);
        }
    }
    if (proof == NULL) {
        pair_close(pair);
        return call_fail(call, "the message was not proved");
    }
    const rns_bytes_t genuine = {call_alloc(call, proof->raw.size), proof->raw.size};
    memcpy((void *)genuine.data, proof->raw.data, genuine.size);
    (void)pair_feed(a, genuine);
    const bool delivered = a->proved == 1;
    const unsigned before = window(&echo), ring = echo.at.tx_count;
    json_t *errors = json_array();
    const rns_verdict_t again = pair_feed(a, genuine);
    const unsigned after = window(&echo);
    const rns_verdict_t stray = pair_feed(a, stray_proof(call, pair));
    if (again == RNS_RX_DELIVERED || stray == RNS_RX_DELIVERED || a->proved != 1) {
        (void)json_array_append_new(errors, json_string("a proof of nothing was taken"));
    }
    pair_wait(a, 2000000); // longer than the message had
    const unsigned last = window(&echo);
    json_t *result =
        json_pack("{s:b, s:i, s:i, s:i, s:i, s:i, s:b, s:i, s:o}", "delivered", delivered,
                  "window_before", (int)before, "window_after_duplicate", (int)after,
                  "window_final", (int)last, "tx_ring_before", (int)ring, "tx_ring_final",
                  (int)echo.at.tx_count, "link_closed", a->is_down, "link_status",
                  a->is_down ? RNS_LINK_CLOSED : RNS_LINK_ACTIVE, "errors", errors);
    pair_close(pair);
    return result;
}

// ---- Handlers, asked one after the other

typedef struct {
    rns_channel_handler_t lent;
    json_t *log; // of the chain: indices of those that were asked
    size_t index;
    bool takes;
} link_of_chain_t;

static bool note_asked(void *user, rns_node_t *node, const rns_event_t *message) {
    const link_of_chain_t *each = user;
    (void)node, (void)message;
    (void)json_array_append_new(each->log, json_integer((json_int_t)each->index));
    return each->takes;
}

// One that raises has not taken the message: in C it returns false, as after any failure of its
// own.
static bool read_handler(call_t *call, const json_t *element, link_of_chain_t *each) {
    const char *answer = json_string_value(element);
    if (answer == NULL || (strcmp(answer, "true") != 0 && strcmp(answer, "false") != 0 &&
                           strcmp(answer, "raise") != 0)) {
        (void)call_fail(call, "a handler is 'true', 'false' or 'raise'");
        return false;
    }
    each->takes = strcmp(answer, "true") == 0;
    each->lent = (rns_channel_handler_t){.type = CHANNEL_TYPE, .take = note_asked, .user = each};
    return true;
}

static bool add_handlers(call_t *call, pair_side_t *side, const json_t *list, json_t *log) {
    link_of_chain_t *chain = call_alloc(call, (json_array_size(list) + 1) * sizeof *chain);
    size_t index;
    const json_t *element;
    json_array_foreach(list, index, element) {
        chain[index] = (link_of_chain_t){.log = log, .index = index};
        if (!read_handler(call, element, &chain[index])) {
            return false;
        }
        const rns_err_t err = rns_channel_handler_add(side->node, side->link, &chain[index].lent);
        if (err != RNS_ERR_OK) {
            (void)call_fail_err(call, "a handler", err);
            return false;
        }
    }
    return true;
}

// A message that a gets from b.
static bool send_to_a(call_t *call, pair_t *pair) {
    const rns_bytes_t text = {(const uint8_t *)"probe", 5};
    const caught_t *sent = NULL;
    if (rns_channel_send(pair->b.node, pair->now, pair->b.link, CHANNEL_TYPE, text, NULL) ==
        RNS_ERR_OK) {
        pair_work(&pair->b);
        sent = pair_first(&pair->b, RNSI_CONTEXT_CHANNEL);
    }
    if (sent == NULL || pair_feed(&pair->a, sent->raw) != RNS_RX_DELIVERED) {
        (void)call_fail(call, "the message did not arrive");
        return false;
    }
    return true;
}

static json_t *run_chain(call_t *call, pair_t *pair, const json_t *handlers) {
    json_t *log = json_array();
    rns_inspect_channel_t at;
    if (!open_channels(pair) || !add_handlers(call, &pair->a, handlers, log) ||
        !send_to_a(call, pair)) {
        json_decref(log);
        return NULL;
    }
    (void)rns_inspect_channel(pair->a.node, pair->a.link, &at);
    return json_pack("{s:o, s:i, s:i}", "log", log, "next_rx_sequence", (int)at.next_rx,
                     "handler_count", (int)at.handlers);
}

static json_t *handler_chain(call_t *call) {
    json_t *handlers;
    pair_t *pair = call_maybe_list(call, "handlers", &handlers) && probe_has_link(call)
                       ? pair_open(call, NULL)
                       : NULL;
    if (pair == NULL) {
        return NULL;
    }
    json_t *result = run_chain(call, pair, handlers);
    pair_close(pair);
    return result;
}

const command_entry_t WIRE_CHANNEL_PROBE_COMMANDS[] = {
    {"wire_channel_emit_capture", emit_capture},
    {"wire_channel_spurious_proof", spurious_proof},
    {"wire_channel_handler_chain", handler_chain},
    {NULL, NULL},
};
