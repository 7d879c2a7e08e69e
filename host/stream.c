// stream.c -- see stream.h.
#include "host/stream.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/log.h"

#define BATCH_BYTES 16384U // after so many a batch is full: it holds one larger frame at most
#define REST_LEAST  1024U  // bytes of the first memory for a rest

static stream_t *stream_of(port_t *port) {
    return (stream_t *)port;
}

// ---- What waits

static size_t rest_size(const stream_rest_t *rest) {
    return rest->end - rest->start;
}

static void rest_clear(stream_rest_t *rest) {
    free(rest->data);
    *rest = (stream_rest_t){NULL, 0, 0, 0};
}

// Makes room for `more` bytes behind what waits. It grows a bounded number of times in the life of
// a stream.
static bool rest_reserve(stream_rest_t *rest, size_t more) {
    const size_t used = rest_size(rest), need = used + more;
    if (rest->start > 0) {
        if (used > 0) {
            memmove(rest->data, rest->data + rest->start, used);
        }
        rest->start = 0;
        rest->end = used;
    }
    size_t size = rest->size > 0 ? rest->size : REST_LEAST;
    while (size < need) {
        size *= 2;
    }
    if (size == rest->size) {
        return true;
    }
    uint8_t *data = realloc(rest->data, size);
    if (data == NULL) {
        return false;
    }
    rest->data = data;
    rest->size = size;
    return true;
}

static bool rest_append(stream_rest_t *rest, const uint8_t *data, size_t size) {
    if (size == 0) {
        return true;
    }
    if (!rest_reserve(rest, size)) {
        return false;
    }
    memcpy(rest->data + rest->end, data, size);
    rest->end += size;
    return true;
}

// ---- Watching the socket

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(stream_t *stream) {
    if (!stream->runs) {
        return;
    }
    const int events =
        (stream->port.stalled ? 0 : UV_READABLE) | (rest_size(&stream->out) > 0 ? UV_WRITABLE : 0);
    if (events == stream->events) {
        return;
    }
    stream->events = events;
    if (events == 0) {
        (void)uv_poll_stop(&stream->poll);
    } else {
        (void)uv_poll_start(&stream->poll, events, on_poll);
    }
}

static void end(stream_t *stream, int error) {
    stream_stop(stream);
    stream->on_end(stream, error);
}

// ---- Reading

static rns_framing_t next_frame(stream_t *stream, rns_mem_t bytes, size_t *consumed,
                                rns_mem_t *frame) {
    return stream->kiss ? rns_kiss_next(&stream->framing, bytes, consumed, frame)
                        : rns_hdlc_next(&stream->framing, bytes, consumed, frame);
}

// Counts it, and says what it was.
static const char *count_drop(port_drops_t *drops, rns_framing_t why) {
    switch (why) {
    case RNS_FRAMING_SHORT:
        drops->too_short++;
        return "is too short";
    case RNS_FRAMING_LONG:
        drops->too_long++;
        return "is too long";
    case RNS_FRAMING_OVERRUN:
        drops->overrun++;
        return "has no end";
    case RNS_FRAMING_NOISE:
        drops->noise++;
        return "is outside of a frame";
    case RNS_FRAMING_MORE:
    case RNS_FRAMING_FRAME:
    case RNS_FRAMING_CUT:
    case RNS_FRAMING_COMMAND:
        break;
    }
    return "is not data";
}

static void drop(stream_t *stream, rns_framing_t why, size_t size) {
    const char *what = count_drop(&stream->port.drops, why);
    log_line(LOG_LEVEL_DEBUG, "Dropped %zu bytes on %s: what came in %s", size, stream->port.name,
             what);
}

// Cuts whole frames out, at most `most`. Adds what is done with to *at. True: there are no more.
static bool cut(stream_t *stream, rns_mem_t bytes, size_t *at, rns_mem_t *frames, size_t most,
                size_t *count) {
    size_t bytes_cut = 0;
    for (*count = 0; *count < most && bytes_cut < BATCH_BYTES;) {
        size_t consumed;
        rns_mem_t frame = {NULL, 0};
        const rns_framing_t what =
            next_frame(stream, (rns_mem_t){bytes.data + *at, bytes.size - *at}, &consumed, &frame);
        *at += consumed;
        if (what == RNS_FRAMING_FRAME || what == RNS_FRAMING_CUT) { // as the reference takes them
            frames[(*count)++] = frame;
            bytes_cut += frame.size;
        } else if (what == RNS_FRAMING_MORE) {
            return true;
        } else {
            drop(stream, what, consumed);
        }
    }
    return false;
}

// Feeds whole frames to the node while it takes them. Returns the bytes that are done with.
static size_t feed(stream_t *stream, rns_mem_t bytes) {
    const rns_us_t now = clock_now();
    size_t at = 0, count;
    bool ended = false;
    while (!ended && stream->runs && port_ready(&stream->port) && stream->runs) {
        rns_mem_t frames[RNS_RX_BATCH];
        const uint32_t room = rns_rx_room(stream->port.pump->node, stream->port.iface);
        const size_t most = room < RNS_RX_BATCH ? room : RNS_RX_BATCH;
        ended = cut(stream, bytes, &at, frames, most, &count);
        port_take_batch(&stream->port, now, frames, count);
    }
    return at;
}

// True: bytes were read. Else there are none now, or the stream has ended.
static bool receive(stream_t *stream, uint8_t *data, size_t room, size_t *size) {
    const ssize_t got = recv(stream->fd, data, room, 0);
    if (got > 0) {
        *size = (size_t)got;
        return true;
    }
    if (got == 0) {
        end(stream, 0);
    } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        end(stream, errno);
    }
    return false;
}

// Behind what is left of a long frame, where it stays until it is whole.
static void read_behind(stream_t *stream) {
    stream_rest_t *in = &stream->in;
    size_t size;
    if (!rest_reserve(in, RNS_HDLC_MAX(stream->framing.max_frame))) {
        end(stream, ENOMEM);
        return;
    }
    if (!receive(stream, in->data + in->end, in->size - in->end, &size)) {
        return;
    }
    in->end += size;
    const size_t done = feed(stream, (rns_mem_t){in->data + in->start, rest_size(in)});
    if (stream->runs) {
        in->start += done;
    }
}

// Into the shared memory, with what is left of a short frame in front.
static void read_shared(stream_t *stream) {
    stream_rest_t *in = &stream->in;
    const rns_mem_t shared = pump_read_buffer(stream->port.pump);
    const size_t left = rest_size(in);
    size_t size;
    if (!receive(stream, shared.data + left, shared.size - left, &size)) {
        return;
    }
    if (left > 0) {
        memcpy(shared.data, in->data + in->start, left);
        in->start = in->end = 0;
    }
    size += left;
    const size_t done = feed(stream, (rns_mem_t){shared.data, size});
    if (stream->runs && !rest_append(in, shared.data + done, size - done)) {
        end(stream, ENOMEM);
    }
}

void stream_resume(port_t *port) {
    stream_t *stream = stream_of(port);
    stream_rest_t *in = &stream->in;
    if (!stream->runs) {
        return;
    }
    const size_t done = feed(stream, (rns_mem_t){in->data + in->start, rest_size(in)});
    if (stream->runs) {
        in->start += done;
        watch(stream);
    }
}

// ---- Writing

// Returns the bytes that the socket took; SIZE_MAX: the stream has ended.
static size_t send_some(stream_t *stream, const uint8_t *data, size_t size) {
    for (;;) {
        const ssize_t sent = send(stream->fd, data, size, MSG_NOSIGNAL);
        if (sent >= 0) {
            return (size_t)sent;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
            return 0;
        }
        if (errno != EINTR) {
            end(stream, errno);
            return SIZE_MAX;
        }
    }
}

// Frames of the node, framed, until there are none or enough for a write. Returns the bytes.
static size_t gather(stream_t *stream, rns_mem_t out) {
    rns_node_t *node = stream->port.pump->node;
    const rns_us_t now = clock_now();
    size_t size = 0;
    rns_tx_t tx;
    while (size < PUMP_WRITE_MOST && rns_tx_next(node, now, stream->port.iface, &tx)) {
        const rns_mem_t room = {out.data + size, out.size - size};
        const size_t framed = stream->kiss ? rns_kiss_encode(RNS_KISS_DATA, tx.frame, room)
                                           : rns_hdlc_encode(tx.frame, room);
        rns_tx_done(node, now, stream->port.iface, &tx, framed > 0);
        size += framed;
    }
    return size;
}

// Bytes that wait in the system. SIZE_MAX: it does not say.
static size_t undelivered(const stream_t *stream) {
    int size = 0;
    return ioctl(stream->fd, TIOCOUTQ, &size) == 0 && size >= 0 ? (size_t)size : SIZE_MAX;
}

// The system says that a socket is writable only when much of what it holds has gone out: with
// megabytes that takes a slow reader seconds, in which the node would take it for a dead one.
bool stream_waits(port_t *port) {
    stream_t *stream = stream_of(port);
    if (!stream->runs || rest_size(&stream->out) == 0) {
        return false;
    }
    const size_t before = stream->undelivered;
    stream->undelivered = undelivered(stream);
    if (stream->undelivered < before) {
        port_hold(port, true);
    }
    return true;
}

void stream_drain(port_t *port) {
    stream_t *stream = stream_of(port);
    const rns_mem_t buffer = pump_write_buffer(port->pump);
    while (stream->runs && rest_size(&stream->out) == 0) {
        const size_t size = gather(stream, buffer);
        if (size == 0) {
            return;
        }
        const size_t sent = send_some(stream, buffer.data, size);
        if (sent < size) {
            if (!rest_append(&stream->out, buffer.data + sent, size - sent)) {
                end(stream, ENOMEM);
                return;
            }
            port_hold(port, true);
            stream->undelivered = undelivered(stream);
            port_waits(port);
            watch(stream);
        }
    }
    if (!stream->runs) {
        port_hold(port, true);
    }
}

static void write_rest(stream_t *stream) {
    stream_rest_t *out = &stream->out;
    const size_t sent = send_some(stream, out->data + out->start, rest_size(out));
    if (sent == SIZE_MAX) {
        return;
    }
    out->start += sent;
    if (rest_size(out) == 0) {
        out->start = out->end = 0;
    }
    if (sent > 0) { // the node waits for what moves
        port_hold(&stream->port, rest_size(out) > 0);
    }
}

static int socket_error(const stream_t *stream) {
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

static void on_poll(uv_poll_t *poll, int status, int events) {
    stream_t *stream = poll->data;
    if (status < 0) {
        end(stream, socket_error(stream));
        return;
    }
    if ((events & UV_WRITABLE) != 0 && rest_size(&stream->out) > 0) {
        write_rest(stream);
    }
    if (stream->runs && (events & UV_READABLE) != 0 && !stream->port.stalled) {
        if (rest_size(&stream->in) > PUMP_CARRY_MOST) {
            read_behind(stream);
        } else {
            read_shared(stream);
        }
    }
    watch(stream);
}

// ---- Life

bool stream_start(stream_t *stream, int fd) {
    const int err = uv_poll_init_socket(stream->port.pump->loop, &stream->poll, fd);
    if (err != 0) {
        (void)close(fd);
        errno = -err;
        return false;
    }
    stream->poll.data = stream;
    stream->fd = fd;
    stream->runs = true;
    stream->events = 0;
    stream->framing = (rns_framing_stream_t){.max_frame = stream->port.frame_most};
    port_hold(&stream->port, false);
    watch(stream);
    return true;
}

static void on_closed(uv_handle_t *handle) {
    stream_t *stream = handle->data;
    stream->closing = false;
    stream->on_stopped(stream);
}

void stream_stop(stream_t *stream) {
    rest_clear(&stream->in);
    rest_clear(&stream->out);
    if (!stream->runs) {
        return;
    }
    stream->runs = false;
    stream->closing = true;
    (void)uv_poll_stop(&stream->poll);
    uv_close((uv_handle_t *)&stream->poll, on_closed);
    (void)close(stream->fd);
}
