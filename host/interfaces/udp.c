// udp.c -- UDPInterface: a packet a datagram. Follows RNS/Interfaces/UDPInterface.py.
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/address.h"
#include "host/clock.h"
#include "host/interface.h"
#include "host/log.h"

#define DATAGRAM  2048U   // bytes that are read of one; longer ones are dropped by the node
#define BATCH     64U     // datagrams a system call
#define ROUNDS    4       // system calls a turn
#define IN_BUFFER 1048576 // bytes of the socket, as far as the system allows

typedef struct {
    port_t port;
    const config_interface_t *settings;
    uv_poll_t reader, writer;
    int in, out; // out: unbound, as the source port means nothing; -1: it only listens
    address_t forward;
    rns_tx_t waiting[BATCH]; // frames of the node that are on their way out
    unsigned first, end;
    unsigned open; // handles
    bool told;     // that sending fails, until it works again
} udp_t;

_Static_assert(BATCH *DATAGRAM <= PUMP_READ_MOST, "a batch fits the shared buffer");

// ---- A batch of datagrams, by one system call where there is one for it

#if defined(__linux__)
// Returns how many came, and their sizes; -1: errno says why.
static int receive_batch(int fd, rns_mem_t buffer, size_t size[BATCH]) {
    struct mmsghdr message[BATCH];
    struct iovec part[BATCH];
    memset(message, 0, sizeof message);
    for (unsigned i = 0; i < BATCH; i++) {
        part[i] = (struct iovec){buffer.data + (size_t)i * DATAGRAM, DATAGRAM};
        message[i].msg_hdr.msg_iov = &part[i];
        message[i].msg_hdr.msg_iovlen = 1;
    }
    const int count = recvmmsg(fd, message, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
        size[i] = message[i].msg_len;
    }
    return count;
}

// Returns how many the system took; -1: errno says why it did not take the first.
static int send_batch(int fd, address_t *to, const rns_tx_t *tx, unsigned count) {
    struct mmsghdr message[BATCH];
    struct iovec part[BATCH];
    memset(message, 0, sizeof message);
    for (unsigned i = 0; i < count; i++) {
        part[i].iov_len = tx[i].frame.size;
        memcpy(&part[i].iov_base, &tx[i].frame.data, sizeof(void *)); // it is only read
        message[i].msg_hdr.msg_name = &to->at;
        message[i].msg_hdr.msg_namelen = to->size;
        message[i].msg_hdr.msg_iov = &part[i];
        message[i].msg_hdr.msg_iovlen = 1;
    }
    return sendmmsg(fd, message, count, MSG_DONTWAIT);
}
#else
static int receive_batch(int fd, rns_mem_t buffer, size_t size[BATCH]) {
    const ssize_t got = recv(fd, buffer.data, DATAGRAM, MSG_DONTWAIT);
    if (got < 0) {
        return -1;
    }
    size[0] = (size_t)got;
    return 1;
}

static int send_batch(int fd, address_t *to, const rns_tx_t *tx, unsigned count) {
    (void)count;
    const ssize_t sent = sendto(fd, tx->frame.data, tx->frame.size, MSG_DONTWAIT,
                                (struct sockaddr *)&to->at, to->size);
    return sent < 0 ? -1 : 1;
}
#endif

// ---- Reading

// What finds no room in the node is dropped and counted there: a sender of datagrams is not slowed.
static void on_readable(uv_poll_t *poll, int status, int events) {
    udp_t *udp = poll->data;
    const rns_mem_t buffer = pump_read_buffer(udp->port.pump);
    size_t size[BATCH];
    (void)status;
    (void)events;
    for (int round = 0; round < ROUNDS; round++) {
        const int count = receive_batch(udp->in, buffer, size);
        const rns_us_t now = clock_now();
        for (int i = 0; i < count; i++) {
            if (size[i] > 0) {
                port_take(&udp->port, now,
                          (rns_mem_t){buffer.data + (size_t)i * DATAGRAM, size[i]});
            }
        }
        if (count < (int)BATCH) {
            return;
        }
    }
}

static void udp_resume(port_t *port) {
    (void)port; // it never waits for the node
}

// ---- Writing

static void done(udp_t *udp, bool sent) {
    rns_tx_done(udp->port.pump->node, clock_now(), udp->port.iface, &udp->waiting[udp->first++],
                sent);
}

static void tell(udp_t *udp, int error) {
    log_line(udp->told ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR, "%s cannot send: %s", udp->port.name,
             strerror(error));
    udp->told = true;
}

// False: the system takes no more for now.
static bool send_waiting(udp_t *udp) {
    while (udp->first < udp->end) {
        const int sent =
            send_batch(udp->out, &udp->forward, &udp->waiting[udp->first], udp->end - udp->first);
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)) {
            return false;
        }
        if (sent < 0 && errno != EINTR) {
            tell(udp, errno);
            done(udp, false);
        }
        for (int i = 0; i < sent; i++) {
            done(udp, true);
            udp->told = false;
        }
    }
    return true;
}

static bool take_batch(udp_t *udp) {
    const rns_us_t now = clock_now();
    udp->first = udp->end = 0;
    while (udp->end < BATCH &&
           rns_tx_next(udp->port.pump->node, now, udp->port.iface, &udp->waiting[udp->end])) {
        udp->end++;
    }
    return udp->end > 0;
}

static void on_writable(uv_poll_t *poll, int status, int events) {
    udp_t *udp = poll->data;
    const unsigned first = udp->first;
    (void)status;
    (void)events;
    const bool all = send_waiting(udp);
    if (all) {
        (void)uv_poll_stop(poll);
    }
    if (udp->first > first) { // the node waits for what moves
        port_hold(&udp->port, !all);
    }
}

static void udp_drain(port_t *port) {
    udp_t *udp = (udp_t *)port;
    if (udp->out < 0) {
        port_hold(port, true);
        return;
    }
    while (take_batch(udp)) {
        if (!send_waiting(udp)) {
            port_hold(port, true);
            (void)uv_poll_start(&udp->writer, UV_WRITABLE, on_writable);
            return;
        }
    }
}

// ---- Life

static void on_closed(uv_handle_t *handle) {
    udp_t *udp = handle->data;
    if (--udp->open == 0) {
        free(udp);
    }
}

static void close_handle(uv_poll_t *poll, int fd) {
    (void)uv_poll_stop(poll);
    uv_close((uv_handle_t *)poll, on_closed);
    (void)close(fd);
}

static void udp_close(port_t *port) {
    udp_t *udp = (udp_t *)port;
    log_line(LOG_LEVEL_DEBUG, "Closing %s", port->name);
    while (udp->first < udp->end) {
        done(udp, false);
    }
    port_remove(port);
    if (udp->out >= 0) {
        close_handle(&udp->writer, udp->out);
    }
    close_handle(&udp->reader, udp->in);
}

static const port_kind_t udp_kind = {udp_drain, udp_resume, udp_close, NULL};

static int udp_socket(void) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

// Both return a socket, or -1 with errno set.
static int open_in(const address_t *address) {
    const int size = IN_BUFFER, fd = udp_socket();
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&address->at, address->size) != 0) {
        const int err = errno;
        (void)close(fd);
        errno = err;
        return -1;
    }
    return fd;
}

static int open_out(void) {
    const int on = 1, fd = udp_socket();
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    }
    return fd;
}

static rns_err_t add(udp_t *udp, const char *host) {
    char name[INTERFACE_NAME];
    rns_iface_config_t config;
    if (!address_title(name, sizeof name, "UDPInterface", udp->settings->name, host,
                       (uint16_t)udp->settings->listen_port)) {
        return RNS_ERR_ARG;
    }
    interface_config(udp->settings, interface_kind(CONFIG_UDP), name, &config);
    config.receive_only = config.receive_only || udp->out < 0;
    return port_add(&udp->port, &config);
}

static bool watch(udp_t *udp) {
    uv_loop_t *loop = udp->port.pump->loop;
    udp->reader.data = udp->writer.data = udp;
    if (uv_poll_init_socket(loop, &udp->reader, udp->in) != 0) {
        return false;
    }
    udp->open = 1;
    if (udp->out >= 0 && uv_poll_init_socket(loop, &udp->writer, udp->out) == 0) {
        udp->open = 2;
    } else if (udp->out >= 0) {
        log_line(LOG_LEVEL_ERROR, "%s cannot send: its socket cannot be watched", udp->port.name);
        (void)close(udp->out);
        udp->out = -1;
    }
    (void)uv_poll_start(&udp->reader, UV_READABLE, on_readable);
    return true;
}

// The sockets of a new interface. False: the log says why, and none is open.
static bool open_sockets(udp_t *udp, const char *host, const char *forward) {
    const config_interface_t *settings = udp->settings;
    address_t address;
    const char *why =
        address_find(host, (uint16_t)settings->listen_port, SOCK_DGRAM, ADDRESS_IPV4, &address);
    if (why != NULL) {
        return interface_refuse(settings, "%s is no address here: %s", host, why);
    }
    if (forward != NULL && settings->forward_port >= 0) {
        why = address_find(forward, (uint16_t)settings->forward_port, SOCK_DGRAM, ADDRESS_IPV4,
                           &udp->forward);
        if (why != NULL) {
            return interface_refuse(settings, "forward_ip %s: %s", forward, why);
        }
        udp->out = open_out();
        if (udp->out < 0) {
            return interface_refuse(settings, "%s", strerror(errno));
        }
    }
    udp->in = open_in(&address);
    if (udp->in < 0) {
        const int err = errno;
        if (udp->out >= 0) {
            (void)close(udp->out);
        }
        return interface_refuse(settings, "cannot listen on %s port %u: %s", host,
                                (unsigned)settings->listen_port, strerror(err));
    }
    return true;
}

static bool start(udp_t *udp, const char *host) {
    const rns_err_t err = add(udp, host);
    if (err != RNS_ERR_OK) {
        return interface_refuse(udp->settings, "%s", rns_err_text(err));
    }
    if (!watch(udp)) {
        port_remove(&udp->port);
        return interface_refuse(udp->settings, "its socket cannot be watched");
    }
    log_line(LOG_LEVEL_VERBOSE, "%s listens", udp->port.name);
    return true;
}

bool udp_open(pump_t *pump, const config_interface_t *settings) {
    const char *host = settings->listen_ip, *forward = settings->forward_ip;
    char broadcast[ADDRESS_TEXT];
    if (settings->device != NULL && (host == NULL || forward == NULL)) {
        if (!address_broadcast(settings->device, broadcast)) {
            return interface_refuse(settings, "the device %s has no broadcast address",
                                    settings->device);
        }
        host = host != NULL ? host : broadcast;
        forward = forward != NULL ? forward : broadcast;
    }
    if (host == NULL || settings->listen_port < 0) {
        return interface_refuse(settings, "it needs listen_ip or device, and listen_port or port");
    }
    udp_t *udp = calloc(1, sizeof *udp);
    if (udp == NULL) {
        return interface_refuse(settings, "no memory");
    }
    *udp = (udp_t){{.kind = &udp_kind, .pump = pump}, settings, .in = -1, .out = -1};
    if (open_sockets(udp, host, forward)) {
        if (start(udp, host)) {
            return true; // NOLINT(clang-analyzer-unix.Malloc): the pump closes it
        }
        (void)close(udp->in);
        if (udp->out >= 0) {
            (void)close(udp->out);
        }
    }
    free(udp);
    return false;
}
