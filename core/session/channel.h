// channel.h -- messages in order over a link, and streams over them (RNS/Channel.py,
// RNS/Buffer.py).
#ifndef RNSI_SESSION_CHANNEL_H_INCLUDED
#define RNSI_SESSION_CHANNEL_H_INCLUDED

#include "rns/channel.h"
#include "session/link.h"
#include "wire/channel.h"

// ---- channel_receive.c

// A CHANNEL packet of the link's peer, decrypted. Proves what is stored, delivered or known, and
// delivers what is in order. QUEUED: stored until its turn; NO_CHANNEL, MALFORMED, NOT_NOW (outside
// of the window), REPEATED, FULL (nothing takes it now: unproved).
rns_verdict_t rnsi_channel_receive(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain,
                                   const uint8_t packet_hash[32]);
// A reader has room again: goes on with what was received in order and waits. Raises events.
void rnsi_channel_resume(rns_node_t *node, struct rnsi_link *link);

// ---- channel.c

// GONE; STATE: no channel is open.
rns_err_t rnsi_channel_find(const rns_node_t *node, rns_link_t handle, struct rnsi_link **link,
                            struct rnsi_channel **channel);
// A proof addressed to the link: DELIVERED, BAD_PROOF; NO_PROOF: it is of no message of its
// channel.
rns_verdict_t rnsi_channel_proof(rns_node_t *node, struct rnsi_link *link, rns_bytes_t data);
// The proof of a message has not come: sends it again, or closes the link.
void rnsi_envelope_due(rns_node_t *node, struct rnsi_envelope *envelope);
// Tries again what found no slot.
void rnsi_channel_due(rns_node_t *node, struct rnsi_channel *channel);
// Ends the channel of a link that closes; no events.
void rnsi_channel_close(rns_node_t *node, struct rnsi_link *link);

// For buffer.c. Whether the window has room.
bool rnsi_channel_has_room(const rns_node_t *node, const struct rnsi_channel *channel);
// Sends a piece as a message; it is taken over only with OK. FULL: no room, or no slot: then
// rnsi_channel_due() will come.
rns_err_t rnsi_channel_put(rns_node_t *node, struct rnsi_link *link, uint16_t type, uint32_t piece);
// No slot was free: rnsi_channel_due() shall come.
void rnsi_channel_retry(rns_node_t *node, const struct rnsi_link *link);

// NULL: the link has no channel.
static inline struct rnsi_channel *rnsi_channel_of(const rns_node_t *node,
                                                   const struct rnsi_link *link) {
    return link->channel == RNSI_NONE ? NULL
                                      : rnsi_pool_at(RNSI_POOL(node, CHANNEL), link->channel);
}

// After an event. NULL: the link is gone, and its channel with it.
static inline struct rnsi_channel *rnsi_channel_left(const rns_node_t *node, rns_link_t handle) {
    const struct rnsi_link *link = rnsi_link_get(node, handle);
    return link == NULL ? NULL : rnsi_channel_of(node, link);
}

// ---- message.c

// Whether messages of this type are taken. Costs a look at each handler.
bool rnsi_channel_takes(const rns_node_t *node, const struct rnsi_channel *channel, uint16_t type);
// Asks the handlers of a channel. true: one has taken the message, or the link is gone: nobody else
// is told.
bool rnsi_channel_ask(rns_node_t *node, struct rnsi_channel *channel, const rns_event_t *message);
// Gives the types and handlers of a channel that closes back.
void rnsi_messages_close(rns_node_t *node, const struct rnsi_channel *channel);

// ---- buffer.c

typedef enum {
    RNSI_STREAM_TAKEN,
    RNSI_STREAM_FULL,    // its reader has no room now
    RNSI_STREAM_LATER,   // no memory to unpack it is free now
    RNSI_STREAM_UNKNOWN, // no reader: as with the reference it is lost
    RNSI_STREAM_BAD      // malformed, or what it unpacks to is too large
} rnsi_stream_t;

// Data of a stream message, in order. buffer is its reader, unless it has none. TAKEN: that has it;
// call rnsi_buffer_tell() for it.
rnsi_stream_t rnsi_buffer_receive(rns_node_t *node, const struct rnsi_link *link, rns_bytes_t data,
                                  rns_buffer_t *buffer);
// Whether such data may be stored until its turn. BAD, or LATER: this node never unpacks.
rnsi_stream_t rnsi_buffer_check(const rns_node_t *node, rns_bytes_t data);
// RNS_EV_BUFFER. Nothing if the reader is gone.
void rnsi_buffer_tell(rns_node_t *node, rns_buffer_t buffer, rns_err_t status);
// Bytes of a stream that go into one message.
size_t rnsi_buffer_chunk_most(const rns_node_t *node, const struct rnsi_link *link);
// Sends one message of a stream. Returns how many bytes went into it; 0: no room.
size_t rnsi_buffer_write_one(rns_node_t *node, struct rnsi_link *link, const struct rnsi_buffer *b,
                             rns_bytes_t data);
void rnsi_buffer_drop(rns_node_t *node, struct rnsi_link *link, struct rnsi_buffer *b);
// The window has room: writers that wait to say their end say it.
void rnsi_buffers_ready(rns_node_t *node, struct rnsi_link *link);
void rnsi_buffers_close(rns_node_t *node, struct rnsi_link *link); // with the link; no events

#endif
