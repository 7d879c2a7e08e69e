// wire_channel.h -- channels and streams of links: what they have said.
#ifndef CONFORMANCE_WIRE_CHANNEL_H_INCLUDED
#define CONFORMANCE_WIRE_CHANNEL_H_INCLUDED

#include "rns/inspect.h"
#include "wire.h"

#define CHANNEL_TYPE 0x0101U // of the messages that the suite sends

// A stream that is read.
typedef struct stream stream_t;
struct stream {
    stream_t *next;
    uint16_t number;
    rns_buffer_t buffer;
    rns_mem_t ring, read;  // read: what came and was not asked for
    bool is_ended, is_bad; // bad: a message of it was refused
};

// A link's channel.
struct channel_log {
    rns_channel_handler_t handler; // notes the messages of CHANNEL_TYPE
    json_t *messages;              // not yet asked for: hex
    rns_inspect_channel_t last;    // as last seen
    bool is_open;                  // it was, once
    bool is_proved;                // the message that is waited for
    uint16_t awaited;              // its number
    unsigned tries;                // of it
    stream_t *streams;
};

// The log of a session; made with the first call.
channel_log_t *channel_log_of(session_t *session);
// Opens the link's channel, if it is not open. The error of the library.
rns_err_t channel_open(wire_t *wire, session_t *session);
// Brings session->channel->last up to date; all zero but the window once the channel is gone.
const rns_inspect_channel_t *channel_look(wire_t *wire, session_t *session);
// Waits until the channel can take a message; false: it cannot in this time.
bool channel_wait_ready(wire_t *wire, session_t *session, int64_t timeout_ms);
// Waits until the message of this number is proved, or the link closed; whether it is proved.
bool channel_wait_proved(wire_t *wire, session_t *session, uint16_t sequence, int64_t timeout_ms);
// The code that the reference has for a refusal of a type or of a message (CEType).
int channel_ce_type(rns_err_t err);
// A link that we opened, with its channel open if it is up; NULL: the call fails.
session_t *channel_session_of(call_t *call, wire_t **wire);
// The same, which must be up.
session_t *channel_open_session_of(call_t *call, wire_t **wire);
int channel_link_status(wire_t *wire, session_t *session);
// The newest inbound link of a listener; NULL: none.
session_t *channel_newest(const wire_t *wire, const own_t *own);

// ---- wire_buffer.c
void buffer_readers_open(wire_t *wire, session_t *session);
void buffer_readers_free(channel_log_t *log);

#endif
