#include "pump.h"

#include <poll.h>
#include <string.h>

#define POLL_MAX      (SOCKETS_MAX + SOCKETS_MAX)
#define BATCH_PACKETS 256U    // in one write
#define QUIET_US      3000000 // without an arrival: nothing more comes
#define EMPTY_MS      500     // the connections are empty when nothing came for this long
#define DRAIN_TURNS   256U    // turns between two looks for announces on the senders

typedef struct {
    session_t *session;
    const run_t *run;
    result_t *result;
    size_t settled;            // packets that arrived or count as lost
    int64_t start_us, last_us; // last: of the last arrival
    size_t turn_sender;
} pump_t;

static void empty(session_t *session) {
    for (size_t i = 0; i < session->receivers_count; i++) {
        socket_t *receiver = &session->receivers[i];
        while (bench_wait(receiver->fd, POLLIN, EMPTY_MS)) {
            size_t got = bench_read(receiver->fd, session->input, READ_BYTES);
            hdlc_count(&receiver->counter, session->input, got, DATA_LEAST);
        }
    }
    session_drain(session);
}

// Up to `room` packets in one write. A frame that is half out is finished before its sender starts
// over; each lap writes its number into the packets, so that none is a duplicate.
static size_t send_batch(session_t *session, socket_t *sender, size_t room) {
    store_t *store = &session->store;
    if (sender->next == sender->end) {
        if (session->ifac.on) {
            return 0; // sealed packets cannot be changed
        }
        sender->next = sender->first;
        sender->lap++;
    }
    size_t count = sender->end - sender->next;
    count = count < room ? count : room;
    count = count < BATCH_PACKETS ? count : BATCH_PACKETS;
    if (!session->ifac.on) {
        store_set_lap(store, sender->next, count, sender->lap);
    }
    size_t from = store->offset[sender->next] + sender->written;
    size_t at = from + bench_write(sender->fd, store->bytes + from,
                                   store->offset[sender->next + count] - from);
    size_t first = sender->next;
    while (sender->next < sender->end && store->offset[sender->next + 1] <= at) {
        sender->next++;
    }
    sender->written = at - store->offset[sender->next];
    return sender->next - first;
}

static bool may_send(const pump_t *pump, int64_t now) {
    const result_t *result = pump->result;
    return result->sent < pump->run->count && now - pump->start_us < pump->run->limit_us;
}

// Waits for a quarter of the window, so that writes are not of single packets.
static size_t room(const pump_t *pump) {
    size_t window = pump->run->window;
    size_t under_way = pump->result->sent - pump->settled;
    size_t free_slots = window > under_way ? window - under_way : 0;
    size_t left = pump->run->count - pump->result->sent;
    if (free_slots < window / 4 && free_slots < left) {
        return 0;
    }
    return free_slots < left ? free_slots : left;
}

static size_t send_some(pump_t *pump) {
    session_t *session = pump->session;
    size_t slots = room(pump);
    if (slots == 0) {
        return 0;
    }
    socket_t *sender = &session->senders[pump->turn_sender++ % session->senders_count];
    size_t sent = send_batch(session, sender, slots);
    pump->result->sent += sent;
    return sent;
}

static size_t receive_some(session_t *session) {
    size_t frames = 0;
    for (size_t i = 0; i < session->receivers_count; i++) {
        socket_t *receiver = &session->receivers[i];
        size_t got = bench_read(receiver->fd, session->input, READ_BYTES);
        frames += hdlc_count(&receiver->counter, session->input, got, DATA_LEAST);
    }
    return frames;
}

static void wait_for_any(const session_t *session, bool sending) {
    struct pollfd fds[POLL_MAX];
    size_t count = 0;
    for (size_t i = 0; i < session->receivers_count; i++) {
        fds[count++] = (struct pollfd){.fd = session->receivers[i].fd, .events = POLLIN};
    }
    for (size_t i = 0; sending && i < session->senders_count; i++) {
        fds[count++] = (struct pollfd){.fd = session->senders[i].fd, .events = POLLOUT};
    }
    poll(fds, count, 50);
}

static bool is_sealed_out(const session_t *session) {
    for (size_t i = 0; i < session->senders_count; i++) {
        if (session->senders[i].next < session->senders[i].end) {
            return false;
        }
    }
    return session->ifac.on;
}

// Nothing came for QUIET_US: false when the run is over, else a new window opens.
static bool go_on(pump_t *pump, bool sending, int64_t now) {
    if (!sending) {
        return false;
    }
    if (pump->settled < pump->result->sent) {
        pump->settled = pump->result->sent;
        pump->result->stalls++;
    }
    pump->last_us = now;
    return true;
}

void pump_run(session_t *session, const run_t *run, result_t *result) {
    *result = (result_t){0};
    empty(session);
    pump_t pump = {.session = session, .run = run, .result = result, .start_us = bench_now_us()};
    pump.last_us = pump.start_us;
    int64_t arrived_us = pump.start_us;
    for (size_t turn = 0;; turn++) {
        int64_t now = bench_now_us();
        bool sending = may_send(&pump, now) && !is_sealed_out(session);
        if (!sending && result->received >= result->sent) {
            break;
        }
        size_t sent = sending ? send_some(&pump) : 0;
        size_t received = receive_some(session);
        if (received > 0) {
            result->received += received;
            pump.settled += received;
            int64_t arrival = bench_now_us();
            int64_t pause = arrival - arrived_us;
            result->pause_us = pause > result->pause_us ? pause : result->pause_us;
            pump.last_us = arrived_us = arrival;
        } else if (now - pump.last_us > QUIET_US && !go_on(&pump, sending, now)) {
            break;
        }
        if (pump.settled > result->sent) {
            pump.settled = result->sent; // late ones that counted as lost
        }
        if (sent == 0 && received == 0) {
            wait_for_any(session, sending && room(&pump) > 0);
        }
        if (turn % DRAIN_TURNS == 0) {
            session_drain(session);
        }
    }
    result->elapsed_us = arrived_us - pump.start_us;
}

size_t pump_latency(session_t *session, double *us, size_t count, int64_t limit_us) {
    size_t done = 0;
    empty(session);
    int64_t begin = bench_now_us();
    while (done < count && bench_now_us() - begin < limit_us && !is_sealed_out(session)) {
        socket_t *sender = &session->senders[done % session->senders_count];
        int64_t start = bench_now_us();
        size_t arrived = 0;
        while (send_batch(session, sender, 1) == 0) {
            bench_wait(sender->fd, POLLOUT, 1);
        }
        while (arrived == 0 && bench_now_us() - start < QUIET_US) {
            arrived = receive_some(session);
            if (arrived == 0) {
                wait_for_any(session, false);
            }
        }
        if (arrived > 0) {
            us[done++] = (double)(bench_now_us() - start);
        }
    }
    return done;
}
