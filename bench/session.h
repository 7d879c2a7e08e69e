// bench/session.h -- the driver's connections to a node, and how they learn their way through it.
#ifndef BENCH_SESSION_H
#define BENCH_SESSION_H

#include "packets.h"

#define SOCKETS_MAX 16U  // of either kind
#define DATA_LEAST  300U // bytes on the wire: shorter frames are rebroadcast announces

typedef struct {
    int fd;
    hdlc_counter_t counter; // receivers
    hdlc_stream_t stream;   // while learning
    size_t first, end;      // senders: the frames of the store that this one sends, in laps
    size_t next;            // the frame that is under way or next
    size_t written;         // bytes of it that are out
    uint32_t lap;
} socket_t;

typedef struct {
    socket_t senders[SOCKETS_MAX], receivers[SOCKETS_MAX];
    size_t senders_count, receivers_count;
    ifac_t ifac;
    target_t *targets;
    size_t targets_count, payload;
    uint8_t transport_id[HASH_BYTES];
    store_t store;
    uint8_t *input; // READ_BYTES
} session_t;

void session_connect(session_t *session, uint16_t port);
// Connects a sender with a receiver, with nothing in between.
void session_loop(session_t *session);
// Announces all targets on the receivers and waits until the senders have heard each of them again:
// so the node has the paths, and the transport id is known. What is not heard is announced again.
void session_learn(session_t *session);
// Announces on the receivers, to a relay that learns nothing else.
void session_announce(session_t *session);
// A packet to each target, waited for and compared byte for byte.
void session_probe(session_t *session);
// New packets into the store, dealt out to the senders.
void session_fill(session_t *session, size_t count);
void session_close(session_t *session);

// Writes all of a store to one connection, and reads and drops what comes back meanwhile.
void session_write(session_t *session, int fd, const uint8_t *bytes, size_t size);
// Reads and drops what is there on the senders.
void session_drain(session_t *session);

#endif
