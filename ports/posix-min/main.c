// main.c -- a Reticulum node in one file: poll(), serial lines and TCP, no event loop, no heap.
//
// It shows what a host owes a node: bytes in and out, time, entropy, and a place for its key. Take
// it as the start of a port to a system that has files and poll().
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "rns/framing.h"
#include "rns/providers.h"
#include "rns/rns.h"
#include "rns/static.h"

#define WIRES_MOST 8U
#define FRAME      RNS_FRAME_MAX(RNS_MTU)
#define RETRY_US   INT64_C(5000000)   // between two attempts to open a line or a connection
#define ANNOUNCE   INT64_C(600000000) // us between two announces

// A serial line or a TCP connection, framed by HDLC.
typedef struct {
    const char *text; // as given: HOST:PORT or a serial line
    bool is_tcp, is_connecting;
    int fd; // -1: closed, until retry_at
    rns_us_t retry_at;
    rns_iface_t iface;
    rns_framing_stream_t reader;
    uint8_t in[2 * RNS_HDLC_MAX(FRAME)], out[RNS_HDLC_MAX(FRAME)];
    size_t in_size, out_size, out_sent;
} wire_t;

static _Alignas(RNS_STATIC_ALIGN) uint8_t memory[RNS_STATIC_BYTES(MCU)];
static wire_t wires[WIRES_MOST];
static size_t wire_count;
static rns_node_t *node;
static rns_dest_t echo;

// ---- What the node asks of the system

static int64_t read_us(clockid_t id) {
    struct timespec at;
    (void)clock_gettime(id, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static bool entropy(void *user, uint8_t *out, size_t size) {
    (void)user;
    return size <= 256 && getrandom(out, size, 0) == (ssize_t)size;
}

// The 64 bytes of `path`, made when they are not there.
static bool load_identity(const char *path, rns_secret_t *secret) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && read(fd, secret, sizeof *secret) == (ssize_t)sizeof *secret;
    if (fd < 0 && errno == ENOENT) {
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        good = fd >= 0 && entropy(NULL, (uint8_t *)secret, sizeof *secret) &&
               write(fd, secret, sizeof *secret) == (ssize_t)sizeof *secret && fsync(fd) == 0;
    }
    return fd >= 0 && close(fd) == 0 && good;
}

// ---- What the node has to say

static void say(const char *what, const rns_hash_t *hash) {
    (void)printf("%s ", what);
    for (size_t i = 0; i < sizeof hash->b; i++) {
        (void)printf("%02x", hash->b[i]);
    }
    (void)puts("");
}

static void on_event(void *user, rns_node_t *from, const rns_event_t *event) {
    (void)user;
    if (event->type == RNS_EV_ANNOUNCE) {
        say("announce", &event->hash);
    } else if (event->type == RNS_EV_LINK_PACKET) {
        (void)rns_link_send(from, event->at, event->link, event->data, NULL);
    }
}

// ---- Wires

// Raw bytes, at the speed that stty has set.
static int open_serial(const char *path) {
    struct termios line;
    const int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && tcgetattr(fd, &line) == 0) {
        line.c_iflag = line.c_oflag = line.c_lflag = 0;
        line.c_cflag = (line.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8 | CREAD | CLOCAL;
        line.c_cc[VMIN] = line.c_cc[VTIME] = 0;
        (void)tcsetattr(fd, TCSANOW, &line);
    }
    return fd;
}

static int open_tcp(const char *text) {
    char host[NI_MAXHOST];
    struct addrinfo *found, hints = {.ai_socktype = SOCK_STREAM};
    const size_t length = strcspn(text, ":");
    (void)snprintf(host, sizeof host, "%.*s", (int)length, text);
    if (text[length] == '\0' || getaddrinfo(host, text + length + 1, &hints, &found) != 0) {
        return -1;
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS) {
        (void)close(fd);
        fd = -1;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    freeaddrinfo(found);
    return fd;
}

static void wire_close(wire_t *wire, rns_us_t now) {
    (void)close(wire->fd); // or of none
    (void)rns_iface_online(node, now, wire->iface, false);
    wire->fd = -1;
    wire->retry_at = now + RETRY_US;
}

static void wire_up(wire_t *wire, rns_us_t now) {
    wire->is_connecting = false;
    (void)rns_iface_online(node, now, wire->iface, true);
    (void)rns_announce(node, now, echo, (rns_bytes_t){NULL, 0}, wire->iface);
}

static void wire_open(wire_t *wire, rns_us_t now) {
    wire->fd = wire->is_tcp ? open_tcp(wire->text) : open_serial(wire->text);
    wire->reader = (rns_framing_stream_t){.max_frame = FRAME};
    wire->in_size = wire->out_size = wire->out_sent = 0;
    wire->is_connecting = wire->is_tcp;
    if (wire->fd < 0) {
        (void)fprintf(stderr, "posix-min: %s cannot be opened; trying again\n", wire->text);
        wire_close(wire, now);
    } else if (!wire->is_connecting) {
        wire_up(wire, now);
    }
}

static void take_frames(wire_t *wire, rns_us_t now) {
    size_t at = 0, used;
    rns_mem_t frame;
    rns_framing_t what = RNS_FRAMING_NOISE;
    while (what != RNS_FRAMING_MORE && rns_rx_ready(node, wire->iface)) {
        what = rns_hdlc_next(&wire->reader, (rns_mem_t){wire->in + at, wire->in_size - at}, &used,
                             &frame);
        at += used;
        if (what == RNS_FRAMING_FRAME) {
            (void)rns_rx(node, now, wire->iface, frame, NULL);
        }
    }
    wire->in_size -= at;
    memmove(wire->in, wire->in + at, wire->in_size);
}

static void wire_read(wire_t *wire, rns_us_t now) {
    const ssize_t size = read(wire->fd, wire->in + wire->in_size, sizeof wire->in - wire->in_size);
    if ((size == 0 && wire->is_tcp) || (size < 0 && errno != EAGAIN && errno != EINTR)) {
        wire_close(wire, now);
    } else if (size > 0) {
        wire->in_size += (size_t)size;
    }
}

// Sends what is left of a frame, then the next ones, until the system takes no more.
static void wire_write(wire_t *wire, rns_us_t now) {
    rns_tx_t tx;
    while (wire->fd >= 0 && !wire->is_connecting) {
        if (wire->out_sent == wire->out_size) {
            if (!rns_tx_next(node, now, wire->iface, &tx)) {
                rns_tx_hold(node, now, wire->iface, false);
                return;
            }
            wire->out_sent = 0;
            wire->out_size = rns_hdlc_encode(tx.frame, (rns_mem_t){wire->out, sizeof wire->out});
            rns_tx_done(node, now, wire->iface, &tx, true);
        }
        const size_t left = wire->out_size - wire->out_sent;
        const ssize_t size = write(wire->fd, wire->out + wire->out_sent, left);
        if (size < 0 && errno != EAGAIN && errno != EINTR) {
            wire_close(wire, now);
        } else if (size <= 0) {
            rns_tx_hold(node, now, wire->iface, true);
            return;
        } else {
            wire->out_sent += (size_t)size;
        }
    }
}

// ---- The loop

// What is less urgent than the node (retries, announces) is looked at once a second.
static int timeout_ms(rns_us_t now) {
    const rns_us_t wait = rns_next_due(node) - now;
    return wait <= 0 ? 0 : wait > 1000000 ? 1000 : (int)((wait + 999) / 1000);
}

static void serve(wire_t *wire, short events, rns_us_t now) {
    if (wire->fd < 0 && wire->retry_at <= now) {
        wire_open(wire, now);
        return;
    }
    if (wire->is_connecting && (events & (POLLOUT | POLLERR)) == POLLOUT) {
        wire_up(wire, now);
    }
    if ((events & (POLLIN | POLLERR | POLLHUP)) != 0 && wire->in_size < sizeof wire->in) {
        wire_read(wire, now);
    }
    take_frames(wire, now);
}

static _Noreturn void run(void) {
    struct pollfd polls[WIRES_MOST];
    rns_us_t announce_at = read_us(CLOCK_MONOTONIC) + ANNOUNCE;
    while (true) {
        rns_us_t now = read_us(CLOCK_MONOTONIC);
        for (size_t i = 0; i < wire_count; i++) {
            const wire_t *wire = &wires[i];
            const bool sends = wire->is_connecting || wire->out_sent < wire->out_size;
            const bool reads = rns_rx_ready(node, wire->iface); // else TCP slows its sender
            polls[i] = (struct pollfd){
                .fd = wire->fd, .events = (short)((reads ? POLLIN : 0) | (sends ? POLLOUT : 0))};
        }
        (void)poll(polls, wire_count, timeout_ms(now)); // a signal leaves no events
        now = read_us(CLOCK_MONOTONIC);
        for (size_t i = 0; i < wire_count; i++) {
            serve(&wires[i], polls[i].fd < 0 ? 0 : polls[i].revents, now);
        }
        if (announce_at <= now) {
            announce_at = now + ANNOUNCE;
            (void)rns_announce(node, now, echo, (rns_bytes_t){NULL, 0}, (rns_iface_t){0, 0});
        }
        rns_tick(node, now);
        for (size_t i = 0; i < wire_count; i++) {
            wire_write(&wires[i], now);
        }
    }
}

// ---- Start

static rns_err_t start(const char *identity, bool transport, rns_us_t now) {
    rns_secret_t secret;
    rns_handler_t all;
    if (!load_identity(identity, &secret)) {
        return RNS_ERR_AUTH;
    }
    const rns_config_t config = {.mem = {{memory, sizeof memory}},
                                 .zeroed = {true},
                                 .profile = RNS_PROFILE_MCU,
                                 .crypto = &rns_crypto_host,
                                 .entropy = entropy,
                                 .on_event = on_event,
                                 .unix_us = read_us(CLOCK_REALTIME),
                                 .transport = transport,
                                 .identity = &secret};
    rns_err_t err = rns_open(&config, now, &node);
    const rns_dest_config_t dest = {
        .name = "posixmin.echo", .identity = &secret, .prove = RNS_PROVE_ALL};
    err = err == RNS_ERR_OK ? rns_dest_add(node, now, &dest, &echo) : err;
    err = err == RNS_ERR_OK ? rns_handler_add(node, NULL, false, &all) : err;
    for (size_t i = 0; i < wire_count && err == RNS_ERR_OK; i++) {
        const rns_iface_config_t iface = {
            .name = wires[i].text, .offline = true, .bitrate = wires[i].is_tcp ? 10000000 : 0};
        err = rns_iface_add(node, now, &iface, &wires[i].iface);
    }
    rns_crypto_host.wipe(&secret, sizeof secret);
    return err;
}

int main(int argc, char **argv) {
    const bool transport = argc > 1 && strcmp(argv[1], "-t") == 0;
    const int first = 1 + transport;
    if (argc < first + 2 || argc - first - 1 > (int)WIRES_MOST || argv[first][0] == '-') {
        (void)fprintf(stderr, "usage: posix-min [-t] IDENTITY-FILE HOST:PORT | /dev/TTY ...\n");
        return 2;
    }
    for (int i = first + 1; i < argc; i++) {
        wires[wire_count++] = (wire_t){.text = argv[i], .is_tcp = argv[i][0] != '/', .fd = -1};
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    rns_hash_t hash;
    const rns_err_t err = start(argv[first], transport, read_us(CLOCK_MONOTONIC));
    if (err != RNS_ERR_OK || rns_dest_hash(node, echo, &hash) != RNS_ERR_OK) {
        (void)fprintf(stderr, "posix-min: error: %s: %s\n", argv[first], rns_err_text(err));
        return 1;
    }
    say("echo", &hash);
    run();
}
