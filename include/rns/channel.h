// rns/channel.h -- channels: messages in order over a link, and buffers: streams over a channel
// (RNS.Channel, RNS.Buffer).
//
// A message is repeated until the peer has proved it. When the one that all others wait for was
// sent five times for nothing, the link is closed: after five seconds at least. (The reference
// counts the tries of each message; its formula gives up after about a second on a LAN.) What
// arrives for a channel that is not open, or finds no slot, is not proved, so that the peer repeats
// it.
#ifndef RNS_CHANNEL_H_INCLUDED
#define RNS_CHANNEL_H_INCLUDED

#include "rns/link.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RNS_CHANNEL_TYPE_MAX 0xEFFFU     // larger ones are reserved
#define RNS_CHANNEL_ANY      0x10000U    // all types, of a handler
#define RNS_CHANNEL_NO_TYPE  0xFFFFFFFFU // none, of what has no type yet: refused everywhere
#define RNS_STREAM_MAX       0x3FFFU     // of stream numbers (StreamDataMessage.STREAM_ID_MAX)

// Opens the link's channel. It closes with the link. STATE: not active; FULL: CHANNEL; GONE.
// Twice is once.
rns_err_t rns_channel_open(rns_node_t *node, rns_us_t now, rns_link_t link);
// Messages of this type are taken from now on. All types are while none is registered and there is
// no handler; else messages of other types are proved, dropped and counted (no_channel). FULL:
// MESSAGE_TYPE; ARG: a reserved type, or none; STATE: no channel is open; GONE.
rns_err_t rns_channel_register(rns_node_t *node, rns_link_t link, uint32_t type);
// Sends a message: to a handler there or as RNS_EV_CHANNEL, RNS_EV_CHANNEL_SENT here when it is
// proved. data is copied; it takes a slot of ENVELOPE and a PIECE until then. sequence (may be
// NULL) is the message's number. FULL: the window is used up, or a row: try again at
// RNS_EV_CHANNEL_READY; SIZE: more than rns_channel_mdu(); ARG: a reserved type, or none; STATE: no
// channel is open; GONE.
rns_err_t rns_channel_send(rns_node_t *node, rns_us_t now, rns_link_t link, uint32_t type,
                           rns_bytes_t data, uint16_t *sequence);
// Whether rns_channel_send() has room in the window.
bool rns_channel_ready(const rns_node_t *node, rns_link_t link);
// Bytes of the largest message: 425 at MTU 500; 0: no channel.
uint32_t rns_channel_mdu(const rns_node_t *node, rns_link_t link);

// ---- Handlers (Channel.add_message_handler). A message goes to those of its type in the order in
// which they were added, until one takes it; what none takes is told as RNS_EV_CHANNEL. Messages of
// a handler's type are taken while it is there. Streams go to their readers, never to a handler.

typedef struct {
    uint32_t type; // of the messages that it is asked about, or RNS_CHANNEL_ANY
    // Whether it has what it needs; asked when it is added, and may be NULL: it has. (The reference
    // makes an object of the message's class, to see whether that works.)
    bool (*ready)(void *user);
    // The message, as RNS_EV_CHANNEL tells it. true: it is taken, and nobody else hears of it.
    // false: it is another's, or it could not be worked off: the next one is asked. May call what
    // on_event may, close the link, and add and remove handlers: one that is removed is not asked
    // any more, one that is added is asked from the next message on.
    bool (*take)(void *user, rns_node_t *node, const rns_event_t *message);
    void *user; // handed to both
} rns_channel_handler_t;

// The handler is lent, unchanged, until it is removed or the link ends; links may share one, which
// sees in the message whose it is. A handler that is there already keeps its place. A message costs
// a look at each handler of its channel. FULL: MESSAGE_TYPE; ARG: a reserved type, or none, no
// take, or ready says no; STATE: no channel is open; GONE.
rns_err_t rns_channel_handler_add(rns_node_t *node, rns_link_t link,
                                  const rns_channel_handler_t *handler);
// STATE: no channel is open; GONE: the link, or it was not there.
rns_err_t rns_channel_handler_remove(rns_node_t *node, rns_link_t link,
                                     const rns_channel_handler_t *handler);

// ---- Buffers. A link's streams have numbers; each direction of a number is a stream of its own.

// Reads a stream into a ring of the application's memory (lent until closed). While it is full
// nothing more of the stream is proved: read before the peer gives up. RNS_EV_BUFFER says when
// there is something. A message is taken whole or not at all: up to rns_channel_mdu() - 2 bytes,
// which the ring must hold, and 16,384 where the peer compresses, which it should hold. What is
// compressed needs a slot of UNPACK_SMALL or UNPACK for the time of a call; a node that has none,
// or no rns_config_t.compress, never proves it. EXISTS: this link has a reader for the number;
// FULL: BUFFER; STATE: no channel is open; GONE; ARG.
rns_err_t rns_buffer_reader(rns_node_t *node, rns_us_t now, rns_link_t link, uint16_t stream,
                            rns_mem_t memory, rns_buffer_t *buffer);
// Takes up to out.size bytes; returns how many. eof (may be NULL): the stream has ended and all of
// it was read.
size_t rns_buffer_read(rns_node_t *node, rns_us_t now, rns_buffer_t buffer, rns_mem_t out,
                       bool *eof);
// Bytes that wait to be read.
size_t rns_buffer_waiting(const rns_node_t *node, rns_buffer_t buffer);

// FULL: BUFFER; STATE: no channel is open; GONE; ARG.
rns_err_t rns_buffer_writer(rns_node_t *node, rns_us_t now, rns_link_t link, uint16_t stream,
                            rns_buffer_t *buffer);
// Sends what the window takes, compressed where that is shorter (and a slot of PACK is free);
// returns how many bytes were taken (fewer than data has: try again at RNS_EV_CHANNEL_READY).
// Compressing 16,384 bytes, three times where it does not help, takes some milliseconds.
size_t rns_buffer_write(rns_node_t *node, rns_us_t now, rns_buffer_t buffer, rns_bytes_t data);
// A writer says that the stream has ended (at once, or when the window has room); a reader gives
// its memory back at once, and what still comes for it is lost. The handle is gone. GONE.
rns_err_t rns_buffer_close(rns_node_t *node, rns_us_t now, rns_buffer_t buffer);

#ifdef __cplusplus
}
#endif
#endif
