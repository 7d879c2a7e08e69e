// Streams and the pump, over a socket pair: the node is played by this file.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <uv.h>

#include "host/stream.h"

#define FRAME_SIZE 100U
#define IFACE                                                                                      \
    (rns_iface_t) {                                                                                \
        1, 1                                                                                       \
    }

// ---- The node

static struct {
    unsigned received, damaged; // frames of FRAME_SIZE whose bytes are all alike; others
    unsigned capacity;          // frames it takes until a tick makes room again
    unsigned room;
    unsigned to_send, sent;
    bool held, online, always_due;
    unsigned holds, ticks;
} node;

static rns_node_t *const node_handle = NULL;
static uint8_t outgoing[FRAME_SIZE];

rns_verdict_t rns_rx(rns_node_t *of, rns_us_t now, rns_iface_t iface, rns_mem_t frame,
                     const rns_phy_t *phy) {
    (void)of;
    (void)now;
    (void)phy;
    assert_int_equal(iface.slot, 1);
    assert_true(node.room > 0);
    node.room--;
    bool good = frame.size == FRAME_SIZE;
    for (size_t i = 1; good && i < frame.size; i++) {
        good = frame.data[i] == frame.data[0];
    }
    node.received += good;
    node.damaged += !good;
    memset(frame.data, 0xEE, frame.size); // the node works in place
    return RNS_RX_FORWARDED;
}

void rns_rx_batch(rns_node_t *of, rns_us_t now, rns_iface_t iface, const rns_mem_t *frames,
                  size_t count) {
    for (size_t i = 0; i < count; i++) {
        rns_rx(of, now, iface, frames[i], NULL);
    }
}

uint32_t rns_rx_room(const rns_node_t *of, rns_iface_t iface) {
    (void)of;
    return iface.gen != 0 ? node.room : 0;
}

bool rns_rx_ready(const rns_node_t *of, rns_iface_t iface) {
    (void)of;
    return iface.gen != 0 && node.room > 0;
}

bool rns_tx_ready(rns_node_t *of, rns_iface_t *iface) {
    (void)of;
    *iface = IFACE;
    return node.to_send > 0 && !node.held;
}

void rns_tx_hold(rns_node_t *of, rns_us_t now, rns_iface_t iface, bool held) {
    (void)of;
    (void)now;
    (void)iface;
    node.held = held;
    node.holds += held;
}

bool rns_tx_next(rns_node_t *of, rns_us_t now, rns_iface_t iface, rns_tx_t *tx) {
    (void)of;
    (void)now;
    (void)iface;
    if (node.to_send == 0) {
        return false;
    }
    node.to_send--;
    tx->frame = (rns_bytes_t){outgoing, sizeof outgoing};
    return true;
}

void rns_tx_done(rns_node_t *of, rns_us_t now, rns_iface_t iface, const rns_tx_t *tx, bool sent) {
    (void)of;
    (void)now;
    (void)iface;
    (void)tx;
    node.sent += sent;
}

void rns_tick(rns_node_t *of, rns_us_t now) {
    (void)of;
    (void)now;
    node.ticks++;
    node.room = node.capacity;
}

rns_us_t rns_next_due(const rns_node_t *of) {
    (void)of;
    return node.always_due ? 1 : RNS_NEVER;
}

bool rns_job_take(rns_node_t *of, rns_job_t *job) {
    (void)of;
    (void)job;
    return false;
}

void rns_job_done(rns_node_t *of, rns_us_t now, const rns_job_t *job, bool valid) {
    (void)of;
    (void)now;
    (void)job;
    (void)valid;
}

void rns_job_mode(rns_node_t *of, bool host_verifies) {
    (void)of;
    assert_false(host_verifies);
}

void rns_set_clock(rns_node_t *of, rns_us_t now, int64_t unix_us) {
    (void)of;
    (void)now;
    (void)unix_us;
}

bool rns_reseed(rns_node_t *of) {
    (void)of;
    return true;
}

void rns_pool_info(const rns_node_t *of, rns_pool_t pool, rns_pool_info_t *info) {
    (void)of;
    (void)pool;
    memset(info, 0, sizeof *info);
    info->slots = 4;
}

rns_err_t rns_iface_add(rns_node_t *of, rns_us_t now, const rns_iface_config_t *config,
                        rns_iface_t *iface) {
    (void)of;
    (void)now;
    (void)config;
    *iface = IFACE;
    return RNS_ERR_OK;
}

rns_err_t rns_iface_remove(rns_node_t *of, rns_us_t now, rns_iface_t iface) {
    (void)of;
    (void)now;
    (void)iface;
    node.to_send = 0;
    return RNS_ERR_OK;
}

rns_err_t rns_iface_online(rns_node_t *of, rns_us_t now, rns_iface_t iface, bool online) {
    (void)of;
    (void)now;
    (void)iface;
    node.online = online;
    return RNS_ERR_OK;
}

rns_err_t rns_iface_info(rns_node_t *of, rns_us_t now, rns_iface_t iface, rns_iface_info_t *info) {
    (void)of;
    (void)now;
    (void)iface;
    memset(info, 0, sizeof *info);
    info->hw_mtu = 500;
    return RNS_ERR_OK;
}

// ---- One stream, its peer, and a loop

static uv_loop_t loop;
static pump_t pump;
static stream_t stream;
static int peer;
static bool ended, stopped;

static void on_end(stream_t *of, int error) {
    assert_ptr_equal(of, &stream);
    (void)error;
    ended = true;
    port_remove(&of->port);
}

static void on_stopped(stream_t *of) {
    assert_ptr_equal(of, &stream);
    stopped = true;
}

static void close_port(port_t *port) {
    port_remove(port);
    stream_stop(&stream);
}

static const port_kind_t kind = {stream_drain, stream_resume, close_port, stream_waits};

static void unblock(int fd) {
    assert_int_equal(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK), 0);
}

static int set_up(void **state) {
    int ends[2];
    const rns_iface_config_t config = {.name = "Test[stream]"};
    (void)state;
    memset(&node, 0, sizeof node);
    memset(&stream, 0, sizeof stream);
    memset(outgoing, 0x7E, sizeof outgoing); // each byte is escaped
    node.room = node.capacity = 10;
    ended = stopped = false;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    unblock(ends[0]);
    unblock(ends[1]);
    peer = ends[1];
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_true(pump_open(&pump, &loop, node_handle, NULL, 0));
    stream.port.pump = &pump;
    stream.port.kind = &kind;
    stream.on_end = on_end;
    stream.on_stopped = on_stopped;
    assert_int_equal(port_add(&stream.port, &config), RNS_ERR_OK);
    assert_int_equal(stream.port.frame_most, 516); // and 16 of an access code
    assert_true(stream_start(&stream, ends[0]));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    pump_close(&pump);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    pump_free(&pump);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_true(stopped);
    (void)close(peer);
    return 0;
}

static void turns(int count) {
    for (int i = 0; i < count; i++) {
        (void)uv_run(&loop, UV_RUN_NOWAIT);
    }
}

static void give(const uint8_t *data, size_t size) {
    assert_int_equal(send(peer, data, size, MSG_NOSIGNAL), size);
}

// Flag, then size bytes of value, then a flag.
static size_t make_frame(uint8_t *out, uint8_t value, size_t size) {
    out[0] = 0x7E;
    memset(out + 1, value, size);
    out[size + 1] = 0x7E;
    return size + 2;
}

// ---- Tests

static void frames_come_through_however_the_bytes_are_cut(void **state) {
    uint8_t bytes[FRAME_SIZE + 2];
    (void)state;
    for (size_t cut = 1; cut < sizeof bytes; cut++) {
        const size_t size = make_frame(bytes, (uint8_t)(cut % 0x7D), FRAME_SIZE);
        give(bytes, cut);
        turns(2);
        assert_int_equal(node.received, cut - 1);
        give(bytes + cut, size - cut);
        turns(2);
        assert_int_equal(node.received, cut);
    }
    assert_int_equal(node.damaged, 0);
}

static void a_node_that_is_always_due_leaves_the_loop_its_sockets(void **state) {
    uint8_t bytes[FRAME_SIZE + 2];
    (void)state;
    node.always_due = true;
    give(bytes, make_frame(bytes, 3, FRAME_SIZE));
    turns(3);
    assert_int_equal(node.received, 1);
    assert_in_range(node.ticks, 2, 6); // each turn, and no more
}

static void frames_wait_while_the_node_takes_none(void **state) {
    uint8_t bytes[50 * (FRAME_SIZE + 2)];
    size_t size = 0;
    (void)state;
    for (uint8_t i = 0; i < 50; i++) {
        size += make_frame(bytes + size, i, FRAME_SIZE);
    }
    node.capacity = 0; // ticks make no room
    give(bytes, size);
    turns(5);
    assert_int_equal(node.received, 10);
    assert_true(stream.port.stalled);
    give(bytes, 1); // the socket is not read meanwhile
    turns(5);
    uint8_t first;
    assert_int_equal(recv(stream.fd, &first, 1, MSG_PEEK), 1);
    node.capacity = node.room = 7;
    turns(20);
    assert_int_equal(node.received, 50);
    assert_int_equal(node.damaged, 0);
    assert_false(stream.port.stalled);
}

static void frames_beyond_the_limit_are_dropped_and_the_next_is_not(void **state) {
    uint8_t bytes[2000];
    (void)state;
    size_t size = make_frame(bytes, 1, 517);
    size += make_frame(bytes + size, 2, FRAME_SIZE);
    give(bytes, size);
    turns(3);
    assert_int_equal(node.received, 1);
    assert_int_equal(node.damaged, 0);
    assert_int_equal(stream.port.drops.too_long, 1);
}

static void endless_frames_take_no_memory(void **state) {
    static uint8_t noise[65536];
    (void)state;
    memset(noise, 0x55, sizeof noise);
    noise[0] = 0x7E;
    for (int i = 0; i < 100; i++) {
        give(noise, sizeof noise);
        noise[0] = 0x55; // only the first has a flag
        turns(2);
        assert_true(stream.in.size <= 8192);
    }
    assert_int_equal(node.damaged, 0);
    assert_int_equal(stream.port.drops.overrun, 1);
}

static size_t read_all(size_t *flags) {
    static uint8_t buffer[65536];
    size_t total = 0;
    ssize_t got;
    *flags = 0;
    while ((got = recv(peer, buffer, sizeof buffer, 0)) > 0) {
        total += (size_t)got;
        for (ssize_t i = 0; i < got; i++) {
            *flags += buffer[i] == 0x7E;
        }
    }
    return total;
}

static void frames_of_a_turn_are_written_at_once(void **state) {
    size_t flags;
    (void)state;
    node.to_send = 20;
    pump_wake(&pump);
    turns(1);
    assert_int_equal(node.sent, 20);
    assert_int_equal(read_all(&flags), 20 * (2 * FRAME_SIZE + 2)); // each byte is escaped
    assert_int_equal(flags, 40);
}

static void a_full_socket_holds_the_interface_and_loses_nothing(void **state) {
    size_t flags, total = 0;
    (void)state;
    node.to_send = 20000;
    pump_wake(&pump);
    turns(3);
    assert_true(node.held);
    assert_true(node.to_send > 0);
    for (int i = 0; i < 1000 && total < 20000U * (2 * FRAME_SIZE + 2); i++) {
        total += read_all(&flags);
        turns(2);
    }
    assert_int_equal(node.sent, 20000);
    assert_int_equal(total, 20000U * (2 * FRAME_SIZE + 2));
    assert_false(node.held);
}

// Longer than the pump leaves between two looks at outputs that wait.
static unsigned holds_in_a_quarter_second(void) {
    const unsigned before = node.holds;
    for (int i = 0; i < 25; i++) {
        turns(1);
        (void)usleep(10000);
    }
    return node.holds - before;
}

static void an_output_that_moves_a_little_is_told_though_the_socket_is_not_writable(void **state) {
    uint8_t some[65536];
    (void)state;
    node.to_send = 20000;
    pump_wake(&pump);
    turns(3);
    assert_true(node.held);
    const unsigned left = node.to_send;
    assert_int_equal(holds_in_a_quarter_second(), 0);
    assert_true(recv(peer, some, sizeof some, 0) > 0);
    assert_int_equal(holds_in_a_quarter_second(), 1);
    assert_int_equal(holds_in_a_quarter_second(), 0);
    assert_int_equal(node.to_send, left);
}

static void a_lost_peer_is_told_once(void **state) {
    (void)state;
    assert_int_equal(shutdown(peer, SHUT_RDWR), 0);
    turns(3);
    assert_true(ended);
    assert_true(stopped);
    assert_false(stream.runs);
}

static void frames_before_the_end_are_taken(void **state) {
    uint8_t bytes[FRAME_SIZE + 2];
    (void)state;
    give(bytes, make_frame(bytes, 3, FRAME_SIZE));
    assert_int_equal(shutdown(peer, SHUT_RDWR), 0);
    turns(3);
    assert_int_equal(node.received, 1);
    assert_true(ended);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(frames_come_through_however_the_bytes_are_cut),
        TEST(a_node_that_is_always_due_leaves_the_loop_its_sockets),
        TEST(frames_wait_while_the_node_takes_none),
        TEST(frames_beyond_the_limit_are_dropped_and_the_next_is_not),
        TEST(endless_frames_take_no_memory),
        TEST(frames_of_a_turn_are_written_at_once),
        TEST(a_full_socket_holds_the_interface_and_loses_nothing),
        TEST(an_output_that_moves_a_little_is_told_though_the_socket_is_not_writable),
        TEST(a_lost_peer_is_told_once),
        TEST(frames_before_the_end_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
