// tcp_server.c -- TCPServerInterface: a listener, and an interface for each peer that connects.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/address.h"
#include "host/interfaces/tcp.h"
#include "host/log.h"
#include "host/stream.h"

#define ACCEPT_MOST 64  // connections a turn
#define BACKLOG     128 // connections that wait to be accepted

typedef struct {
    port_t port;
    const config_interface_t *settings;
    uv_poll_t poll;
    int fd;
    int spare; // a descriptor that is given up to turn a peer away when there are no more
} server_t;

typedef struct {
    stream_t stream;
} child_t;

// ---- A peer

static void child_free(stream_t *stream) {
    free(stream);
}

static void child_end(stream_t *stream, int error) {
    log_line(LOG_LEVEL_VERBOSE, "%s is gone%s%s", stream->port.name, error != 0 ? ": " : "",
             error != 0 ? strerror(error) : "");
    port_remove(&stream->port);
}

static void child_close(port_t *port) {
    port_remove(port);
    stream_stop((stream_t *)port);
}

static const port_kind_t child_kind = {stream_drain, stream_resume, child_close, stream_waits};

// Peers inherit all but the right to send, which a listener never has.
static rns_err_t add_child(const server_t *server, child_t *child, const address_t *peer) {
    char name[INTERFACE_NAME], title[INTERFACE_NAME], host[ADDRESS_TEXT];
    rns_iface_config_t config;
    address_text(peer, host);
    const int length = snprintf(title, sizeof title, "Client on %s", server->settings->name);
    if (length < 0 || (size_t)length >= sizeof title ||
        !address_title(name, sizeof name, "TCPInterface", title, host, address_port(peer))) {
        return RNS_ERR_ARG;
    }
    interface_spawned_config(server->settings, interface_kind(CONFIG_TCP_SERVER), name, &config);
    config.parent = server->port.iface;
    return port_add(&child->stream.port, &config);
}

static void welcome(server_t *server, int fd, const address_t *peer) {
    child_t *child = calloc(1, sizeof *child);
    rns_err_t err = RNS_ERR_FULL;
    if (child != NULL) {
        child->stream.port.kind = &child_kind;
        child->stream.port.pump = server->port.pump;
        child->stream.on_end = child_end;
        child->stream.on_stopped = child_free;
        err = add_child(server, child, peer);
    }
    if (err != RNS_ERR_OK) {
        log_line(LOG_LEVEL_ERROR, "A connection on %s was turned away: %s", server->port.name,
                 rns_err_text(err));
        (void)close(fd);
        free(child);
        return;
    }
    tcp_tune(fd, server->settings->i2p_tunneled);
    if (!stream_start(&child->stream, fd)) {
        log_line(LOG_LEVEL_ERROR, "A connection on %s cannot be watched: %s", server->port.name,
                 strerror(errno));
        port_remove(&child->stream.port);
        free(child);
        return;
    }
    log_line(LOG_LEVEL_VERBOSE, "Accepted %s", child->stream.port.name);
}

// ---- The listener

static int open_spare(void) {
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

// Without a free descriptor the connection would stay and wake the loop for ever.
static void turn_away(server_t *server) {
    if (server->spare < 0) {
        return;
    }
    (void)close(server->spare);
    const int fd = accept(server->fd, NULL, NULL);
    if (fd >= 0) {
        (void)close(fd);
    }
    server->spare = open_spare();
    log_line(LOG_LEVEL_ERROR, "A connection on %s was turned away: too many open files",
             server->port.name);
}

static bool prepare(int fd) {
    const int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static void on_connection(uv_poll_t *poll, int status, int events) {
    server_t *server = poll->data;
    (void)status;
    (void)events;
    for (int count = 0; count < ACCEPT_MOST; count++) {
        address_t peer = {.size = sizeof peer.at};
        const int fd = accept(server->fd, (struct sockaddr *)&peer.at, &peer.size);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
            turn_away(server);
            return;
        }
        if (fd < 0) {
            return;
        }
        if (!prepare(fd)) {
            (void)close(fd);
            continue;
        }
        welcome(server, fd, &peer);
    }
}

// A listener carries nothing itself; what the node has for it is done with.
static void server_drain(port_t *port) {
    port_hold(port, true);
}

static void server_resume(port_t *port) {
    (void)port; // it has read nothing
}

static void server_free(uv_handle_t *handle) {
    free(handle->data);
}

static void server_close(port_t *port) {
    server_t *server = (server_t *)port;
    log_line(LOG_LEVEL_DEBUG, "Closing %s", port->name);
    port_remove(port);
    (void)uv_poll_stop(&server->poll);
    uv_close((uv_handle_t *)&server->poll, server_free);
    (void)close(server->fd);
    if (server->spare >= 0) {
        (void)close(server->spare);
    }
}

static const port_kind_t server_kind = {server_drain, server_resume, server_close, NULL};

// Returns the listening socket, or -1 with errno set.
static int listen_on(const address_t *address) {
    const int on = 1, fd = tcp_socket(address->at.ss_family);
    if (fd < 0) {
        return -1;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)&address->at, address->size) != 0 ||
        listen(fd, BACKLOG) != 0) {
        const int err = errno;
        (void)close(fd);
        errno = err;
        return -1;
    }
    return fd;
}

static rns_err_t add_server(server_t *server, const char *host, uint16_t port) {
    char name[INTERFACE_NAME];
    rns_iface_config_t config;
    if (!address_title(name, sizeof name, "TCPServerInterface", server->settings->name, host,
                       port)) {
        return RNS_ERR_ARG;
    }
    interface_config(server->settings, interface_kind(CONFIG_TCP_SERVER), name, &config);
    config.receive_only = true;
    return port_add(&server->port, &config);
}

static bool start(server_t *server, const char *host, uint16_t port) {
    const rns_err_t err = add_server(server, host, port);
    if (err != RNS_ERR_OK) {
        return interface_refuse(server->settings, "%s", rns_err_text(err));
    }
    const int poll = uv_poll_init_socket(server->port.pump->loop, &server->poll, server->fd);
    if (poll != 0) {
        port_remove(&server->port);
        return interface_refuse(server->settings, "%s", uv_strerror(poll));
    }
    server->poll.data = server;
    (void)uv_poll_start(&server->poll, UV_READABLE, on_connection);
    log_line(LOG_LEVEL_VERBOSE, "%s listens", server->port.name);
    return true;
}

bool tcp_server_open(pump_t *pump, const config_interface_t *settings) {
    const address_choice_t choice =
        settings->prefer_ipv6 ? ADDRESS_PREFER_IPV6 : ADDRESS_PREFER_IPV4;
    const uint16_t port = (uint16_t)settings->listen_port;
    const char *host = settings->listen_ip;
    char of_device[ADDRESS_TEXT];
    address_t address;
    if (settings->device != NULL) {
        if (!address_of_device(settings->device, settings->prefer_ipv6, of_device)) {
            return interface_refuse(settings, "the device %s has no address", settings->device);
        }
        host = of_device;
    }
    const char *why = address_find(host, port, SOCK_STREAM, choice, &address);
    if (why != NULL) {
        return interface_refuse(settings, "%s is no address here: %s", host, why);
    }
    const int fd = listen_on(&address);
    if (fd < 0) {
        return interface_refuse(settings, "cannot listen on %s port %u: %s", host, port,
                                strerror(errno));
    }
    server_t *server = calloc(1, sizeof *server);
    if (server != NULL) {
        *server = (server_t){{.kind = &server_kind, .pump = pump}, settings, .fd = fd};
        server->spare = open_spare();
        if (start(server, host, port)) {
            return true; // NOLINT(clang-analyzer-unix.Malloc): the pump closes it
        }
        (void)close(server->spare);
        free(server);
    }
    (void)close(fd);
    return false;
}
