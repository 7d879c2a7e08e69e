// wire_channel.c -- commands: channels.
#include "wire_channel.h"

#include <stdlib.h>
#include <string.h>

#include "session/window.h"
#include "testing_session.h"
#include "wire/channel.h"

#define INBOUND_MS   4000 // that a listener waits for a link with a channel
#define INJECT_BATCH 128U // envelopes after which the network has a turn

// CEType of the reference.
enum { CE_NO_MSG_TYPE, CE_INVALID_MSG_TYPE, CE_LINK_NOT_READY = 3, CE_TOO_BIG = 5 };

// ---- Logs

channel_log_t *channel_log_of(session_t *session) {
    if (session->channel == NULL) {
        session->channel = calloc(1, sizeof *session->channel);
        if (session->channel == NULL) {
            abort();
        }
        session->channel->messages = json_array();
    }
    return session->channel;
}

void channel_session_free(session_t *session) {
    if (session->channel != NULL) {
        json_decref(session->channel->messages);
        buffer_readers_free(session->channel);
        free(session->channel);
    }
}

static bool note_message(void *user, rns_node_t *node, const rns_event_t *message) {
    wire_t *wire = user;
    session_t *session = session_at(wire, message->link);
    (void)node;
    if (session != NULL) {
        (void)json_array_append_new(session->channel->messages,
                                    hex_of(message->data.data, message->data.size));
        (void)channel_look(wire, session);
    }
    return session != NULL;
}

void channel_on_sent(wire_t *wire, const rns_event_t *event) {
    session_t *session = session_at(wire, event->link);
    if (session != NULL && channel_log_of(session)->awaited == event->sequence) {
        session->channel->is_proved = true;
    }
}

// A link of a listener is up.
void channel_on_link(wire_t *wire, session_t *session) {
    if (session->own != NULL && session->own->listen.opens_channel &&
        channel_open(wire, session) == RNS_ERR_OK) {
        buffer_readers_open(wire, session);
    }
}

session_t *channel_newest(const wire_t *wire, const own_t *own) {
    session_t *session = wire->sessions; // the newest stands first
    while (session != NULL && session->own != own) {
        session = session->next;
    }
    return session;
}

// ---- The channel of a link

rns_err_t channel_open(wire_t *wire, session_t *session) {
    const rns_us_t now = clock_now();
    channel_log_t *log = channel_log_of(session);
    rns_err_t err = rns_channel_open(wire->node, now, session->handle);
    if (err == RNS_ERR_OK) {
        log->is_open = true;
        log->handler =
            (rns_channel_handler_t){.type = CHANNEL_TYPE, .take = note_message, .user = wire};
        err = rns_channel_handler_add(wire->node, session->handle, &log->handler);
    }
    return err;
}

const rns_inspect_channel_t *channel_look(wire_t *wire, session_t *session) {
    channel_log_t *log = channel_log_of(session);
    rns_inspect_channel_t now;
    if (rns_inspect_channel(wire->node, session->handle, &now) == RNS_ERR_OK) {
        log->last = now;
    } else {
        log->last.tx_count = log->last.rx_count = log->last.handlers = 0;
    }
    return &log->last;
}

int channel_link_status(wire_t *wire, session_t *session) {
    return (int)session_look(wire, session)->state;
}

int channel_ce_type(rns_err_t err) {
    return err == RNS_ERR_SIZE  ? CE_TOO_BIG
           : err == RNS_ERR_ARG ? CE_INVALID_MSG_TYPE
                                : CE_LINK_NOT_READY;
}

typedef struct {
    wire_t *wire;
    session_t *session;
} channel_wait_t;

static bool is_ready(void *user) {
    const channel_wait_t *wait = user;
    return rns_channel_ready(wait->wire->node, wait->session->handle);
}

bool channel_wait_ready(wire_t *wire, session_t *session, int64_t timeout_ms) {
    channel_wait_t wait = {wire, session};
    return wire_wait(wire, timeout_ms, is_ready, &wait);
}

// The number of times that the message was sent, while it is under way.
static void count_tries(wire_t *wire, session_t *session) {
    rns_inspect_message_t messages[64];
    channel_log_t *log = session->channel;
    const uint32_t count = rns_inspect_messages(wire->node, session->handle, messages, 64);
    for (uint32_t i = 0; i < count && i < 64; i++) {
        if (messages[i].sequence == log->awaited) {
            log->tries = messages[i].tries;
        }
    }
}

static bool is_settled(void *user) {
    const channel_wait_t *wait = user;
    (void)channel_look(wait->wire, wait->session);
    count_tries(wait->wire, wait->session);
    return wait->session->channel->is_proved ||
           channel_link_status(wait->wire, wait->session) == RNS_LINK_CLOSED;
}

bool channel_wait_proved(wire_t *wire, session_t *session, uint16_t sequence, int64_t timeout_ms) {
    channel_wait_t wait = {wire, session};
    session->channel->awaited = sequence;
    session->channel->is_proved = false;
    session->channel->tries = 1;
    (void)wire_wait(wire, timeout_ms, is_settled, &wait);
    return session->channel->is_proved;
}

session_t *channel_session_of(call_t *call, wire_t **wire) {
    *wire = wire_of(call);
    session_t *session = *wire == NULL ? NULL : session_of(call, *wire);
    if (session != NULL) {
        (void)channel_open(*wire, session);
        (void)channel_look(*wire, session);
    }
    return session;
}

session_t *channel_open_session_of(call_t *call, wire_t **wire) {
    session_t *session = channel_session_of(call, wire);
    if (session != NULL && channel_link_status(*wire, session) == RNS_LINK_CLOSED) {
        return call_fail(call, "the link is closed");
    }
    return session;
}

// ---- Sending

typedef struct {
    rns_mem_t data;
    int64_t timeout_ms, type;
    bool drops_acks, fails;
} sending_t;

static bool read_sending(call_t *call, sending_t *s) {
    *s = (sending_t){.timeout_ms = 20000, .type = CHANNEL_TYPE};
    return call_maybe_hex(call, "data", &s->data) &&
           call_maybe_flag(call, "drop_acks", &s->drops_acks) &&
           call_maybe_flag(call, "fail_outlet", &s->fails) &&
           call_maybe_int(call, "timeout_ms", 0, INT32_MAX, &s->timeout_ms) &&
           call_maybe_int(call, "msgtype", 0, 0xFFFF, &s->type);
}

static json_t *rejected(wire_t *wire, session_t *session, rns_err_t err, const char *text) {
    const rns_inspect_channel_t *at = channel_look(wire, session);
    return json_pack("{s:b, s:b, s:i, s:s, s:i, s:i}", "sent", 0, "rejected", 1, "ce_type",
                     channel_ce_type(err), "error", text, "next_sequence", (int)at->next_tx,
                     "link_status", channel_link_status(wire, session));
}

static json_t *told(wire_t *wire, session_t *session, bool sent, bool delivered) {
    const rns_inspect_channel_t *at = channel_look(wire, session);
    const channel_log_t *log = session->channel;
    json_t *result = json_pack("{s:b, s:b, s:b, s:b, s:i, s:i, s:i, s:i}", "sent", sent, "ready",
                               sent, "rejected", 0, "delivered", delivered, "next_sequence",
                               (int)at->next_tx, "link_status", channel_link_status(wire, session),
                               "window", (int)at->window, "window_max", (int)at->window_max);
    if (sent) {
        (void)json_object_set_new(result, "tries", json_integer(log->tries));
        (void)json_object_set_new(result, "sequence", json_integer(log->awaited));
    }
    return result;
}

static json_t *channel_send(call_t *call) {
    wire_t *wire;
    sending_t s;
    session_t *session = channel_session_of(call, &wire);
    if (session == NULL || !read_sending(call, &s)) {
        return NULL;
    }
    if (channel_link_status(wire, session) == RNS_LINK_CLOSED) {
        return rejected(wire, session, RNS_ERR_STATE, "the link is closed");
    }
    rns_err_t err = rns_channel_register(wire->node, session->handle, (uint16_t)s.type);
    if (err != RNS_ERR_OK) {
        return rejected(wire, session, err,
                        err == RNS_ERR_ARG ? "the message type is reserved" : rns_err_text(err));
    }
    if (!channel_wait_ready(wire, session, s.timeout_ms)) {
        return told(wire, session, false, false);
    }
    uint16_t sequence = 0;
    const rns_bytes_t data = {s.data.data, s.data.size};
    if (s.fails) {
        (void)rnst_link_mute(wire->node, session->handle, true);
    }
    if (s.drops_acks) {
        (void)rnst_link_doubt(wire->node, session->handle);
    }
    err = rns_channel_send(wire->node, clock_now(), session->handle, (uint16_t)s.type, data,
                           &sequence);
    if (s.fails) {
        (void)rnst_link_mute(wire->node, session->handle, false);
    }
    const bool delivered =
        err == RNS_ERR_OK && channel_wait_proved(wire, session, sequence, s.timeout_ms);
    if (s.drops_acks) {
        (void)rnst_link_doubt(wire->node, session->handle);
    }
    return err == RNS_ERR_OK ? told(wire, session, true, delivered)
                             : rejected(wire, session, err, rns_err_text(err));
}

// ---- Receiving

static json_t *channel_received(call_t *call) {
    wire_t *wire = wire_of(call);
    session_t *session = wire == NULL ? NULL : any_session_of(call, wire);
    if (session == NULL) {
        return NULL;
    }
    channel_log_t *log = channel_log_of(session);
    json_t *result = json_pack("{s:o}", "messages", log->messages);
    log->messages = json_array();
    return result;
}

// The message that an element describes; its number in *sequence.
static bool read_envelope(call_t *call, const json_t *element, rns_mem_t *message,
                          json_int_t *sequence) {
    const json_t *raw = json_object_get(element, "raw"),
                 *type = json_object_get(element, "msgtype");
    const json_t *number = json_object_get(element, "sequence");
    const json_t *text = json_object_get(element, "data");
    rns_mem_t data = {NULL, 0};
    *sequence = json_is_integer(number) ? json_integer_value(number) : 0;
    if (raw != NULL && !json_is_null(raw)) {
        return call_element(call, raw, message);
    }
    if (!json_is_integer(number) || (text != NULL && !call_element(call, text, &data))) {
        (void)call_fail(call, "an envelope has a sequence, a number, and data, hex");
        return false;
    }
    const json_int_t kind = json_is_integer(type) ? json_integer_value(type) : CHANNEL_TYPE;
    message->size = RNSI_MESSAGE_HEAD + data.size;
    message->data = call_alloc(call, message->size);
    rnsi_message_head(message->data, (uint16_t)kind, (uint16_t)*sequence, data.size);
    if (data.size > 0) {
        memcpy(message->data + RNSI_MESSAGE_HEAD, data.data, data.size);
    }
    return true;
}

// As if the peer had sent it.
static bool inject(call_t *call, wire_t *wire, session_t *session, rns_mem_t message) {
    const size_t most = message.size + 256;
    uint8_t *raw = malloc(most);
    if (raw == NULL) {
        abort();
    }
    const rnst_link_packet_t packet = {.type = RNSI_TYPE_DATA,
                                       .context = RNSI_CONTEXT_CHANNEL,
                                       .is_encrypted = true,
                                       .data = {message.data, message.size}};
    const size_t size =
        rnst_link_write(wire->node, session->handle, &packet, (rns_mem_t){raw, most});
    if (size > 0) {
        (void)rnst_link_feed(wire->node, clock_now(), session->handle, (rns_bytes_t){raw, size});
    } else {
        (void)call_fail(call, "the link is closed");
    }
    free(raw);
    return size > 0;
}

static json_t *channel_inject(call_t *call) {
    wire_t *wire;
    session_t *session = channel_open_session_of(call, &wire);
    json_t *list;
    if (session == NULL || !call_maybe_list(call, "envelopes", &list)) {
        return NULL;
    }
    size_t index;
    const json_t *element;
    json_t *injected = json_array();
    json_array_foreach(list, index, element) {
        rns_mem_t message;
        json_int_t sequence;
        if (!read_envelope(call, element, &message, &sequence) ||
            !inject(call, wire, session, message)) {
            json_decref(injected);
            return NULL;
        }
        (void)json_array_append_new(injected, json_integer(sequence));
        if (index % INJECT_BATCH == INJECT_BATCH - 1) {
            daemon_wake(wire->daemon);
            wire_turn(wire);
        }
    }
    daemon_wake(wire->daemon);
    return json_pack("{s:o}", "injected", injected);
}

typedef struct {
    wire_t *wire;
    own_t *own;
} newest_t;

static bool has_channel(void *user) {
    const newest_t *wait = user;
    const session_t *session = channel_newest(wait->wire, wait->own);
    return session != NULL && session->channel != NULL && session->channel->is_open;
}

static json_t *listener_channel_rx(call_t *call) {
    newest_t wait = {.wire = wire_of(call)};
    wait.own = wait.wire == NULL ? NULL : own_of(call, wait.wire);
    if (wait.own == NULL) {
        return NULL;
    }
    if (!wire_wait(wait.wire, INBOUND_MS, has_channel, &wait)) {
        return call_fail(call, "no link with a channel was opened to this listener");
    }
    const rns_inspect_channel_t *at = channel_look(wait.wire, channel_newest(wait.wire, wait.own));
    return json_pack("{s:i, s:i, s:i}", "next_rx_sequence", (int)at->next_rx, "next_sequence",
                     (int)at->next_tx, "rx_ring", (int)at->rx_count);
}

// ---- What a channel is like

static json_t *messages_under_way(wire_t *wire, session_t *session, unsigned *tries) {
    rns_inspect_message_t messages[64];
    json_t *list = json_array();
    const uint32_t count = rns_inspect_messages(wire->node, session->handle, messages, 64);
    *tries = 0;
    for (uint32_t i = 0; i < count && i < 64; i++) {
        *tries += messages[i].tries;
        (void)json_array_append_new(list,
                                    json_pack("{s:i, s:i}", "sequence", (int)messages[i].sequence,
                                              "tries", (int)messages[i].tries));
    }
    return list;
}

static json_t *channel_window(call_t *call) {
    wire_t *wire;
    session_t *session = channel_session_of(call, &wire);
    if (session == NULL) {
        return NULL;
    }
    unsigned tries;
    const rns_inspect_channel_t *at = channel_look(wire, session);
    json_t *list = messages_under_way(wire, session, &tries);
    json_t *result = json_pack(
        "{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "window", (int)at->window,
        "window_min", (int)at->window_min, "window_max", (int)at->window_max, "window_flexibility",
        (int)at->flexibility, "fast_rate_rounds", (int)at->fast_rounds, "medium_rate_rounds",
        (int)at->medium_rounds, "next_sequence", (int)at->next_tx, "next_rx_sequence",
        (int)at->next_rx, "tx_ring", (int)at->tx_count, "rx_ring", (int)at->rx_count,
        "message_handlers", (int)at->handlers, "tx_tries", (int)tries);
    (void)json_object_set_new(result, "tx_envelopes", list);
    (void)json_object_set_new(result, "mdu",
                              json_integer(rns_channel_mdu(wire->node, session->handle)));
    (void)json_object_set_new(result, "outlet_mdu", json_integer(session_look(wire, session)->mdu));
    return result;
}

// What the reference refuses in a class of messages a handler of ours may be as well: it takes no
// messages, has no type or a reserved one, or lacks what it needs.
static bool take_nothing(void *user, rns_node_t *node, const rns_event_t *message) {
    (void)user, (void)node, (void)message;
    return false;
}

static bool is_never_ready(void *user) {
    (void)user;
    return false;
}

typedef struct {
    const char *name;
    rns_channel_handler_t handler;
} kind_t;

static const kind_t KINDS[] = {
    {"valid", {.type = CHANNEL_TYPE + 1, .take = take_nothing}},
    {"non_message_base", {.type = CHANNEL_TYPE + 1}},
    {"msgtype_none", {.type = RNS_CHANNEL_NO_TYPE, .take = take_nothing}},
    {"reserved", {.type = RNS_CHANNEL_TYPE_MAX + 1, .take = take_nothing}},
    {"not_constructible",
     {.type = CHANNEL_TYPE + 1, .ready = is_never_ready, .take = take_nothing}},
};

// The reference registers a class and adds no handler: here the type stays, the handler goes.
static rns_err_t register_kind(wire_t *wire, const session_t *session,
                               const rns_channel_handler_t *handler) {
    rns_err_t err = rns_channel_handler_add(wire->node, session->handle, handler);
    if (err == RNS_ERR_OK) {
        err = rns_channel_register(wire->node, session->handle, handler->type);
        (void)rns_channel_handler_remove(wire->node, session->handle, handler);
    }
    return err;
}

static json_t *registered(rns_err_t err, int ce_type) {
    return err == RNS_ERR_OK ? json_pack("{s:b, s:n, s:n}", "accepted", 1, "ce_type", "error")
                             : json_pack("{s:b, s:i, s:s}", "accepted", 0, "ce_type", ce_type,
                                         "error", rns_err_text(err));
}

static json_t *channel_register(call_t *call) {
    wire_t *wire;
    const char *name;
    session_t *session = channel_open_session_of(call, &wire);
    if (session == NULL || !call_text(call, "kind", &name)) {
        return NULL;
    }
    if (strcmp(name, "envelope_pack_no_msgtype") == 0) {
        const rns_err_t err = rns_channel_send(wire->node, clock_now(), session->handle,
                                               RNS_CHANNEL_NO_TYPE, (rns_bytes_t){NULL, 0}, NULL);
        return registered(err, err == RNS_ERR_ARG ? CE_NO_MSG_TYPE : channel_ce_type(err));
    }
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (strcmp(name, KINDS[i].name) == 0) {
            const rns_err_t err = register_kind(wire, session, &KINDS[i].handler);
            return registered(err, channel_ce_type(err));
        }
    }
    return call_fail(call, "there is no kind '%s'", name);
}

static json_t *channel_envelope_pack(call_t *call) {
    int64_t type, sequence;
    rns_mem_t data = {NULL, 0};
    if (!call_int(call, "msgtype", 0, 0xFFFF, &type) ||
        !call_int(call, "sequence", 0, 0xFFFF, &sequence) || !call_maybe_hex(call, "data", &data)) {
        return NULL;
    }
    if (data.size > RNSI_MESSAGE_MOST) {
        return call_fail(call, "a message has at most %u bytes", RNSI_MESSAGE_MOST);
    }
    rns_mem_t raw = {call_alloc(call, RNSI_MESSAGE_HEAD + data.size),
                     RNSI_MESSAGE_HEAD + data.size};
    rnsi_message_head(raw.data, (uint16_t)type, (uint16_t)sequence, data.size);
    if (data.size > 0) {
        memcpy(raw.data + RNSI_MESSAGE_HEAD, data.data, data.size);
    }
    return json_pack("{s:o, s:I}", "raw", hex_of_mem(raw), "sequence", (json_int_t)sequence);
}

static bool read_rtt(call_t *call, rns_us_t *rtt) {
    double seconds;
    if (!call_real(call, "rtt", &seconds) || !(seconds >= 0) || seconds > 1e6) {
        (void)call_fail(call, "the parameter 'rtt' is not a time in seconds");
        return false;
    }
    *rtt = (rns_us_t)(seconds * 1e6 + 0.5);
    return true;
}

static json_t *channel_profile(call_t *call) {
    wire_t *wire;
    rns_us_t rtt;
    if (channel_open_session_of(call, &wire) == NULL || !read_rtt(call, &rtt)) {
        return NULL;
    }
    rns_inspect_channel_t at;
    rnst_channel_profile(rtt, &at);
    return json_pack("{s:i, s:i, s:i, s:i, s:f, s:f}", "window", (int)at.window, "window_min",
                     (int)at.window_min, "window_max", (int)at.window_max, "window_flexibility",
                     (int)at.flexibility, "rtt_slow", (double)RNSI_RTT_SLOW / 1e6, "rtt",
                     (double)rtt / 1e6);
}

static json_t *channel_timeout_formula(call_t *call) {
    wire_t *wire;
    rns_us_t rtt;
    int64_t tries, depth = 0;
    if (channel_open_session_of(call, &wire) == NULL || !read_rtt(call, &rtt) ||
        !call_int(call, "tries", 1, RNSI_CHANNEL_TRIES, &tries) ||
        !call_maybe_int(call, "ring_depth", 0, RNSI_CHANNEL_WINDOW, &depth)) {
        return NULL;
    }
    return json_pack("{s:f, s:I, s:f, s:I}", "timeout",
                     rnst_channel_timeout(rtt, (unsigned)tries, (unsigned)depth), "ring_depth",
                     (json_int_t)depth, "rtt", (double)rtt / 1e6, "tries", (json_int_t)tries);
}

const command_entry_t WIRE_CHANNEL_COMMANDS[] = {
    {"wire_channel_send", channel_send},
    {"wire_channel_received", channel_received},
    {"wire_channel_inject", channel_inject},
    {"wire_channel_window", channel_window},
    {"wire_channel_register", channel_register},
    {"wire_channel_envelope_pack", channel_envelope_pack},
    {"wire_channel_profile", channel_profile},
    {"wire_channel_timeout_formula", channel_timeout_formula},
    {"wire_listener_channel_rx", listener_channel_rx},
    {NULL, NULL},
};
