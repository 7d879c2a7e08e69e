// channel.h -- messages in order over a link, and streams over them (RNS/Channel.py,
// RNS/Buffer.py).
#ifndef RNSI_SESSION_CHANNEL_H_INCLUDED
#define RNSI_SESSION_CHANNEL_H_INCLUDED

#include "session/link.h"

// ---- channel.c

// A CHANNEL packet, not yet decrypted: hash is the packet's. Decrypts, proves what is stored,
// delivered or known, and delivers what is in order. NO_CHANNEL, BAD_TOKEN, MALFORMED, NOT_NOW
// (outside of the window), REPEATED, FULL (nothing takes it now: unproved).
rns_verdict_t rnsi_channel_receive(rns_node_t *node, struct rnsi_link *link, rnsi_rx_t *rx);
// A proof addressed to the link whose packet is a message of its channel. NO_PROOF: it is of none.
rns_verdict_t rnsi_channel_proof(rns_node_t *node, struct rnsi_link *link, rns_bytes_t data);
void rnsi_envelope_due(rns_node_t *node, struct rnsi_envelope *envelope);
// Ends the channel of a link that closes; no events.
void rnsi_channel_close(rns_node_t *node, struct rnsi_link *link);

// For buffer.c: sends a message of a system type, in two pieces. FULL, STATE, SIZE.
rns_err_t rnsi_channel_put(rns_node_t *node, struct rnsi_link *link, uint16_t type,
                           rnsi_out_t data);
// A reader has room again: goes on with what was received in order and waits.
void rnsi_channel_resume(rns_node_t *node, struct rnsi_link *link);

// ---- buffer.c

#define RNSI_STREAM_TYPE 0xFF00U // SystemMessageTypes.SMT_STREAM_DATA

typedef enum {
    RNSI_STREAM_TAKEN,
    RNSI_STREAM_FULL,
    RNSI_STREAM_UNKNOWN,
    RNSI_STREAM_BAD
} rnsi_stream_t;

// A stream message in order. FULL: its reader has no room now; UNKNOWN: no reader, as with the
// reference it is lost; BAD: malformed, or what it unpacks to is too large.
rnsi_stream_t rnsi_buffer_receive(rns_node_t *node, struct rnsi_link *link, rns_bytes_t message);
// Raises RNS_EV_BUFFER for readers that got something since the last call.
void rnsi_buffers_tell(rns_node_t *node, rns_link_t link);
// The window has room: writers that wait to say their end say it.
void rnsi_buffers_ready(rns_node_t *node, struct rnsi_link *link);
void rnsi_buffers_close(rns_node_t *node, struct rnsi_link *link); // with the link; no events

#endif
