// host/stream.h -- an interface over a byte stream: a socket, HDLC or KISS on it, and back-pressure
// in both directions.
//
// Bytes are read into memory that all streams share; a stream owns only what is left of an
// unfinished frame, of frames the node does not take yet, or of a write that the socket did not
// take.
#ifndef HOST_STREAM_H_INCLUDED
#define HOST_STREAM_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "host/pump.h"
#include "rns/framing.h"

typedef struct stream stream_t;

// Bytes that wait: those from start to end of memory of this size.
typedef struct {
    uint8_t *data;
    size_t size, start, end;
} stream_rest_t;

// It stands at the start of what owns it, which sets port.pump, port.kind to stream_port (with a
// close of its own), kiss and on_end. Zero otherwise.
struct stream {
    port_t port;
    bool kiss;
    // The peer has closed, or the socket has failed with this errno (0: closed). The stream is
    // stopped already.
    void (*on_end)(stream_t *stream, int error);
    // The poll handle of stream_stop() is closed, so that the stream may start again or be freed.
    void (*on_stopped)(stream_t *stream);

    uv_poll_t poll;
    int fd; // while it runs
    bool runs, closing;
    int events; // that the socket is watched for
    rns_framing_stream_t framing;
    stream_rest_t in, out;
    size_t undelivered; // bytes that the system held when the output was last looked at
};

// Starts on a connected, non-blocking socket, which it owns from now on; the port has been added.
// False: no handle, errno says why; the socket is closed.
bool stream_start(stream_t *stream, int fd);

// Closes the socket and forgets what waits. on_stopped() follows from the loop, unless it did not
// run.
void stream_stop(stream_t *stream);

// For port_kind_t.
void stream_drain(port_t *port);
void stream_resume(port_t *port);
bool stream_waits(port_t *port);

#endif
