#include "session.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLL_MAX       (SOCKETS_MAX + SOCKETS_MAX)
#define LEARN_ROUNDS   8U
#define LEARN_PIECE    32U      // announces in one write: fits the reference's queue of 128
#define LEARN_PAUSE_US 50000    // between pieces
#define LEARN_ROUND_US 15000000 // until what was not heard is announced again
#define PROBE_TRIES    5
#define PROBE_WAIT_MS  1000
#define ANNOUNCE_TYPE  0x01U
#define TYPE_MASK      0x03U
#define HEADER_2       0x40U
#define HEADER_1_BYTES 19U

void session_connect(session_t *session, uint16_t port) {
    for (size_t i = 0; i < session->receivers_count; i++) {
        session->receivers[i].fd = bench_connect(port);
    }
    for (size_t i = 0; i < session->senders_count; i++) {
        session->senders[i].fd = bench_connect(port);
    }
}

void session_loop(session_t *session) {
    uint16_t port = 0;
    int listener = bench_listen(&port);
    session->senders_count = session->receivers_count = 1;
    session->senders[0].fd = bench_connect(port);
    session->receivers[0].fd = bench_accept(listener);
    close(listener);
}

void session_drain(session_t *session) {
    for (size_t i = 0; i < session->senders_count; i++) {
        while (bench_read(session->senders[i].fd, session->input, READ_BYTES) > 0) {
        }
    }
}

void session_write(session_t *session, int fd, const uint8_t *bytes, size_t size) {
    while (size > 0) {
        size_t put = bench_write(fd, bytes, size);
        bytes += put;
        size -= put;
        while (bench_read(fd, session->input, READ_BYTES) > 0) {
        }
        if (put == 0) {
            bench_wait(fd, POLLOUT | POLLIN, 100);
        }
    }
}

typedef struct {
    session_t *session;
    bool *heard;
    size_t left;
} learning_t;

static void hear(void *user, uint8_t *frame, size_t size) {
    learning_t *learning = user;
    session_t *session = learning->session;
    if (session->ifac.on) {
        if (!ifac_unseal(&session->ifac, frame, frame, size)) {
            return;
        }
        size -= IFAC_BYTES;
    }
    if (size < DATA_HEADER || (frame[0] & TYPE_MASK) != ANNOUNCE_TYPE || !(frame[0] & HEADER_2)) {
        return;
    }
    for (size_t i = 0; i < session->targets_count; i++) {
        if (!learning->heard[i] && memcmp(frame + 18, session->targets[i].hash, HASH_BYTES) == 0) {
            memcpy(session->transport_id, frame + 2, HASH_BYTES);
            learning->heard[i] = true;
            learning->left--;
        }
    }
}

static void listen_for(learning_t *learning, int timeout_ms) {
    session_t *session = learning->session;
    struct pollfd fds[POLL_MAX];
    size_t count = session->senders_count + session->receivers_count;
    for (size_t i = 0; i < count; i++) {
        bool sends = i < session->senders_count;
        fds[i].fd =
            sends ? session->senders[i].fd : session->receivers[i - session->senders_count].fd;
        fds[i].events = POLLIN;
    }
    if (poll(fds, count, timeout_ms) <= 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t got = fds[i].revents ? bench_read(fds[i].fd, session->input, READ_BYTES) : 0;
        if (i < session->senders_count) {
            hdlc_feed(&session->senders[i].stream, session->input, got, hear, learning);
        }
    }
}

static void listen_until(learning_t *learning, int64_t end_us) {
    int64_t now = bench_now_us();
    for (; learning->left > 0 && now < end_us; now = bench_now_us()) {
        listen_for(learning, (int)((end_us - now) / 1000 + 1));
    }
}

// Announces what was not heard yet, in pieces, the targets in turn on the receivers.
static void announce_missing(learning_t *learning, const store_t *store) {
    session_t *session = learning->session;
    size_t sent = 0;
    for (size_t i = 0; i < session->targets_count; i++) {
        if (learning->heard[i]) {
            continue;
        }
        const socket_t *receiver = &session->receivers[i % session->receivers_count];
        session_write(session, receiver->fd, store->bytes + store->offset[i],
                      store->offset[i + 1] - store->offset[i]);
        if (++sent % LEARN_PIECE == 0) {
            listen_until(learning, bench_now_us() + LEARN_PAUSE_US);
        }
    }
}

void session_learn(session_t *session) {
    learning_t learning = {session, bench_alloc(session->targets_count, sizeof(bool)),
                           session->targets_count};
    store_t store;
    store_announces(&store, session->targets, session->targets_count, &session->ifac);
    for (size_t round = 0; learning.left > 0 && round < LEARN_ROUNDS; round++) {
        announce_missing(&learning, &store);
        listen_until(&learning, bench_now_us() + LEARN_ROUND_US);
    }
    if (learning.left > 0) {
        bench_die("the node did not rebroadcast all announces");
    }
    store_free(&store);
    free(learning.heard);
}

void session_announce(session_t *session) {
    store_t store;
    store_announces(&store, session->targets, session->targets_count, &session->ifac);
    for (size_t i = 0; i < session->receivers_count; i++) {
        session_write(session, session->receivers[i].fd, store.bytes, store.offset[store.count]);
    }
    store_free(&store);
    usleep(100000); // until the relay has read them: nothing tells
}

typedef struct {
    session_t *session;
    const uint8_t *expected; // a packet as the node must forward it
    size_t size;
    bool arrived;
} probe_t;

static void arrive(void *user, uint8_t *frame, size_t size) {
    probe_t *probe = user;
    const session_t *session = probe->session;
    if (session->ifac.on) {
        if (!ifac_unseal(&session->ifac, frame, frame, size)) {
            return;
        }
        size -= IFAC_BYTES;
    }
    probe->arrived |= size == probe->size && memcmp(frame, probe->expected, size) == 0;
}

static void probe_one(session_t *session, size_t i, const store_t *store) {
    uint8_t packet[HDLC_ENCODED(FRAME_BYTES)];
    const uint8_t *frame = store->bytes + store->offset[i];
    size_t frame_size = store->offset[i + 1] - store->offset[i];
    size_t size = hdlc_decode(packet, frame + 1, frame_size - 2);
    // The last hop gets HEADER_1: the transport id falls out, and the hop is counted.
    uint8_t *expected = packet + HASH_BYTES;
    if (session->ifac.on) {
        (void)ifac_unseal(&session->ifac, packet, packet, size);
        size -= IFAC_BYTES;
    }
    expected[0] = packet[0] & 0x0fU;
    expected[1] = (uint8_t)(packet[1] + 1U);
    probe_t probe = {session, expected, size - HASH_BYTES, false};
    socket_t *receiver = &session->receivers[i % session->receivers_count];
    session_write(session, session->senders[i % session->senders_count].fd, frame, frame_size);
    for (int tries = 0; !probe.arrived; tries++) {
        if (tries == PROBE_TRIES) {
            bench_die("a packet did not arrive as it should");
        }
        bench_wait(receiver->fd, POLLIN, PROBE_WAIT_MS);
        size_t got = bench_read(receiver->fd, session->input, READ_BYTES);
        hdlc_feed(&receiver->stream, session->input, got, arrive, &probe);
    }
}

void session_probe(session_t *session) {
    store_t store;
    store_data(&store, session->targets, session->targets_count, session->transport_id,
               session->payload, session->targets_count, &session->ifac);
    for (size_t i = 0; i < session->targets_count; i++) {
        probe_one(session, i, &store);
    }
    store_free(&store);
}

// A frame that is half out would swallow the next one.
static void finish_frames(session_t *session) {
    const store_t *store = &session->store;
    for (size_t i = 0; i < session->senders_count; i++) {
        const socket_t *sender = &session->senders[i];
        if (sender->written > 0) {
            size_t from = store->offset[sender->next] + sender->written;
            session_write(session, sender->fd, store->bytes + from,
                          store->offset[sender->next + 1] - from);
        }
    }
}

void session_fill(session_t *session, size_t count) {
    finish_frames(session);
    store_free(&session->store);
    store_data(&session->store, session->targets, session->targets_count, session->transport_id,
               session->payload, count, &session->ifac);
    for (size_t i = 0; i < session->senders_count; i++) {
        socket_t *sender = &session->senders[i];
        sender->first = count * i / session->senders_count;
        sender->end = count * (i + 1) / session->senders_count;
        sender->next = sender->first;
        sender->written = 0;
    }
}

void session_close(session_t *session) {
    for (size_t i = 0; i < session->senders_count; i++) {
        close(session->senders[i].fd);
    }
    for (size_t i = 0; i < session->receivers_count; i++) {
        close(session->receivers[i].fd);
    }
    store_free(&session->store);
    free(session->targets);
    free(session->input);
}
