// bench/relay.c -- the bare relay: what one core can forward when it does only what no node can
// leave out. It reads much at once, un-frames, takes one SHA-256 of each packet as the packet hash
// is taken, strips the transport header, counts the hop, frames and writes all frames of a turn at
// once. No tables, no checks. Frames go to the connection that sent the last announce.
#include "net.h"

#include <errno.h>
#include <openssl/sha.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNECTIONS_MAX 16
#define OUTPUT_BYTES    4194304U
#define OUTPUT_PAUSE    1048576U // nothing is read while more than this waits
#define HEADER_2        0x40U
#define HEADER_1_MIN    19U
#define HEADER_2_MIN    35U
#define TYPE_MASK       0x03U
#define TYPE_ANNOUNCE   0x01U
#define TRANSPORT_BYTES 16U

typedef struct {
    int fd;
    size_t kept; // bytes of a frame whose end was not there yet
    uint8_t input[READ_BYTES];
} connection_t;

typedef struct {
    connection_t *connections[CONNECTIONS_MAX];
    size_t count;
    connection_t *receiver;
    size_t start, end; // what waits in output
    uint8_t *output;
    unsigned digest_sum; // keeps the hashes from being optimised away
} relay_t;

static void take_hash(relay_t *relay, const uint8_t *packet, size_t size) {
    uint8_t first = packet[0] & 0x0fU;
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, &first, 1);
    SHA256_Update(&context, packet + 18, size - 18);
    SHA256_Final(digest, &context);
    relay->digest_sum += digest[0];
}

static void forward(relay_t *relay, connection_t *from, const uint8_t *raw, size_t size) {
    uint8_t packet[FRAME_BYTES];
    if (size > sizeof packet) {
        return;
    }
    size = hdlc_decode(packet, raw, size);
    if (size >= HEADER_1_MIN && (packet[0] & TYPE_MASK) == TYPE_ANNOUNCE) {
        relay->receiver = from;
        return;
    }
    if (size < HEADER_2_MIN || !(packet[0] & HEADER_2) || !relay->receiver) {
        return;
    }
    take_hash(relay, packet, size);
    // HEADER_1 in the last 2 bytes of the transport id: nothing is moved.
    uint8_t *stripped = packet + TRANSPORT_BYTES;
    stripped[0] = packet[0] & 0x0fU;
    stripped[1] = (uint8_t)(packet[1] + 1U);
    relay->end += hdlc_encode(relay->output + relay->end, stripped, size - TRANSPORT_BYTES);
}

static bool is_full(const relay_t *relay) {
    return relay->end - relay->start > OUTPUT_PAUSE;
}

static void flush(relay_t *relay) {
    if (relay->end > relay->start && relay->receiver) {
        relay->start += bench_write(relay->receiver->fd, relay->output + relay->start,
                                    relay->end - relay->start);
    }
    if (relay->start == relay->end) {
        relay->start = relay->end = 0;
    } else if (relay->start > OUTPUT_PAUSE) {
        memmove(relay->output, relay->output + relay->start, relay->end - relay->start);
        relay->end -= relay->start;
        relay->start = 0;
    }
}

// false: the peer has closed.
static bool serve(relay_t *relay, connection_t *connection) {
    ssize_t got = read(connection->fd, connection->input + connection->kept,
                       sizeof connection->input - connection->kept);
    if (got <= 0) {
        return got < 0 && errno == EAGAIN;
    }
    const uint8_t *data = connection->input;
    size_t size = connection->kept + (size_t)got;
    for (;;) {
        const uint8_t *flag = memchr(data, (int)HDLC_FLAG, size);
        if (!flag) {
            break;
        }
        size_t part = (size_t)(flag - data);
        if (part > 0) {
            forward(relay, connection, data, part);
        }
        data += part + 1;
        size -= part + 1;
    }
    connection->kept = size < sizeof connection->input ? size : 0;
    memmove(connection->input, data, connection->kept);
    flush(relay);
    return true;
}

static void forget(relay_t *relay, size_t i) {
    connection_t *gone = relay->connections[i];
    if (relay->receiver == gone) {
        relay->receiver = NULL;
        relay->start = relay->end = 0;
    }
    close(gone->fd);
    free(gone);
    relay->connections[i] = relay->connections[--relay->count];
}

static void turn(relay_t *relay, int listener) {
    struct pollfd fds[CONNECTIONS_MAX + 1];
    fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    for (size_t i = 0; i < relay->count; i++) {
        connection_t *connection = relay->connections[i];
        int events = is_full(relay) ? 0 : POLLIN;
        if (connection == relay->receiver && relay->end > relay->start) {
            events |= POLLOUT;
        }
        fds[i + 1] = (struct pollfd){.fd = connection->fd, .events = (short)events};
    }
    if (poll(fds, relay->count + 1, -1) < 0) {
        bench_die("poll");
    }
    for (size_t i = relay->count; i > 0; i--) {
        if (fds[i].revents & POLLOUT) {
            flush(relay);
        }
        if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) && !is_full(relay) &&
            !serve(relay, relay->connections[i - 1])) {
            forget(relay, i - 1);
        }
    }
    if ((fds[0].revents & POLLIN) && relay->count < CONNECTIONS_MAX) {
        connection_t *connection = bench_alloc(1, sizeof *connection);
        connection->fd = bench_accept(listener);
        relay->connections[relay->count++] = connection;
    }
}

int main(int argc, char **argv) {
    uint16_t port = (uint16_t)(argc > 1 ? strtoul(argv[1], NULL, 10) : 0);
    int listener = bench_listen(&port);
    relay_t relay = {.output = bench_alloc(1, OUTPUT_BYTES)};
    printf("listening on %u\n", port);
    fflush(stdout);
    for (;;) {
        turn(&relay, listener);
    }
}
