// tcp_client.c -- TCPClientInterface: a connection that is made again whenever it is lost.
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/address.h"
#include "host/clock.h"
#include "host/interfaces/tcp.h"
#include "host/log.h"
#include "host/stream.h"

#define CONNECT_TIMEOUT_MS 5000U // INITIAL_CONNECT_TIMEOUT, which the reference always uses
#define RECONNECT_WAIT_MS  5000U // RECONNECT_WAIT

typedef enum {
    CLIENT_WAITS,    // until the next attempt
    CLIENT_ASKS,     // a name server for the address
    CLIENT_CONNECTS, // the timer is the timeout
    CLIENT_UP,       // the stream runs
    CLIENT_GIVEN_UP, // max_reconnect_tries were in vain
    CLIENT_CLOSES    // for good
} client_state_t;

typedef struct {
    stream_t stream;
    const config_interface_t *settings;
    client_state_t state;
    uv_timer_t timer;
    uv_getaddrinfo_t lookup;
    uv_poll_t connecting;
    int fd;           // while it connects
    int64_t attempts; // since it was last up
    bool was_up;      // ever
    unsigned open;    // handles and requests that still refer to it
} client_t;

static client_t *client_of(port_t *port) {
    return (client_t *)port;
}

static void let_go(client_t *client) {
    client->open--;
    if (client->state == CLIENT_CLOSES && client->open == 0) {
        free(client);
    }
}

// ---- Attempts

static void attempt(client_t *client);

static void on_wait_over(uv_timer_t *timer) {
    attempt(timer->data);
}

static void give_up(client_t *client) {
    client->state = CLIENT_GIVEN_UP;
    log_line(LOG_LEVEL_ERROR, "%s: %lld attempts to connect failed, so it stays offline",
             client->stream.port.name, (long long)client->settings->max_reconnect_tries);
    port_failed(&client->stream.port);
}

static void wait_for_next(client_t *client) {
    const int64_t most = client->settings->max_reconnect_tries;
    if (most != CONFIG_UNSET && client->attempts > most) {
        give_up(client);
        return;
    }
    client->state = CLIENT_WAITS;
    (void)uv_timer_start(&client->timer, on_wait_over, RECONNECT_WAIT_MS, 0);
}

// The first attempt of all is told loudly, those after it only to who looks.
static void failed(client_t *client, const char *why) {
    const bool first = !client->was_up && client->attempts == 0;
    log_line(first ? LOG_LEVEL_ERROR : LOG_LEVEL_DEBUG,
             "%s cannot connect: %s; the next attempt is in %u seconds", client->stream.port.name,
             why, RECONNECT_WAIT_MS / 1000);
    client->attempts++;
    wait_for_next(client);
}

// ---- Connected

static void come_up(client_t *client, int fd) {
    port_t *port = &client->stream.port;
    tcp_tune(fd, client->settings->i2p_tunneled);
    if (!stream_start(&client->stream, fd)) {
        failed(client, strerror(errno));
        return;
    }
    log_line(client->was_up ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "%s is connected", port->name);
    client->open++;
    client->state = CLIENT_UP;
    client->was_up = true;
    client->attempts = 0;
    port_online(port, true);
    if (!client->settings->kiss_framing) {
        (void)rns_iface_tunnel(port->pump->node, clock_now(), port->iface);
    }
}

static void on_stopped(stream_t *stream) {
    let_go((client_t *)stream);
}

static void on_end(stream_t *stream, int error) {
    client_t *client = (client_t *)stream;
    log_line(LOG_LEVEL_WARNING, "%s lost its connection%s%s; the next attempt is in %u seconds",
             stream->port.name, error != 0 ? ": " : "", error != 0 ? strerror(error) : "",
             RECONNECT_WAIT_MS / 1000);
    port_online(&stream->port, false);
    client->attempts = 1;
    wait_for_next(client);
}

// ---- Connecting

static void on_connecting_closed(uv_handle_t *handle) {
    let_go(handle->data);
}

static void stop_connecting(client_t *client) {
    (void)uv_timer_stop(&client->timer);
    (void)uv_poll_stop(&client->connecting);
    uv_close((uv_handle_t *)&client->connecting, on_connecting_closed);
}

static void on_connect_timeout(uv_timer_t *timer) {
    client_t *client = timer->data;
    stop_connecting(client);
    (void)close(client->fd);
    failed(client, strerror(ETIMEDOUT));
}

// The poll handle must be gone before the loop may watch the same descriptor as a stream.
static void on_connected_closed(uv_handle_t *handle) {
    client_t *client = handle->data;
    if (client->state == CLIENT_CLOSES) {
        (void)close(client->fd);
    } else {
        come_up(client, client->fd);
    }
    let_go(client);
}

static void on_connecting(uv_poll_t *poll, int status, int events) {
    client_t *client = poll->data;
    int error = 0;
    socklen_t size = sizeof error;
    (void)status; // what it is, the socket knows better
    (void)events;
    if (getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
        error = errno;
    }
    if (error != 0) {
        stop_connecting(client);
        (void)close(client->fd);
        failed(client, strerror(error));
        return;
    }
    (void)uv_timer_stop(&client->timer);
    (void)uv_poll_stop(poll);
    uv_close((uv_handle_t *)poll, on_connected_closed);
}

static void start_connecting(client_t *client, const struct sockaddr *at, socklen_t size) {
    client->fd = tcp_socket(at->sa_family);
    if (client->fd < 0) {
        failed(client, strerror(errno));
        return;
    }
    if (connect(client->fd, at, size) != 0 && errno != EINPROGRESS) {
        const int error = errno;
        (void)close(client->fd);
        failed(client, strerror(error));
        return;
    }
    const int poll =
        uv_poll_init_socket(client->stream.port.pump->loop, &client->connecting, client->fd);
    if (poll != 0) {
        (void)close(client->fd);
        failed(client, uv_strerror(poll));
        return;
    }
    client->open++;
    client->connecting.data = client;
    client->state = CLIENT_CONNECTS;
    (void)uv_poll_start(&client->connecting, UV_WRITABLE, on_connecting);
    (void)uv_timer_start(&client->timer, on_connect_timeout, CONNECT_TIMEOUT_MS, 0);
}

static void on_looked_up(uv_getaddrinfo_t *lookup, int status, struct addrinfo *list) {
    client_t *client = lookup->data;
    if (client->state == CLIENT_ASKS) {
        if (status != 0) {
            failed(client, uv_strerror(status));
        } else {
            start_connecting(client, list->ai_addr, list->ai_addrlen);
        }
    }
    uv_freeaddrinfo(list);
    let_go(client);
}

static void look_up(client_t *client) {
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    char service[8];
    (void)snprintf(service, sizeof service, "%u", (unsigned)client->settings->target_port);
    const int status = uv_getaddrinfo(client->stream.port.pump->loop, &client->lookup, on_looked_up,
                                      client->settings->target_host, service, &hints);
    if (status != 0) {
        failed(client, uv_strerror(status));
        return;
    }
    client->open++;
    client->state = CLIENT_ASKS;
}

static void attempt(client_t *client) {
    address_t address;
    if (address_of_number(client->settings->target_host, (uint16_t)client->settings->target_port,
                          SOCK_STREAM, &address)) {
        start_connecting(client, (const struct sockaddr *)&address.at, address.size);
    } else {
        look_up(client);
    }
}

// ---- Life

static void on_timer_closed(uv_handle_t *handle) {
    let_go(handle->data);
}

static void client_close(port_t *port) {
    client_t *client = client_of(port);
    const client_state_t was = client->state;
    log_line(LOG_LEVEL_DEBUG, "Closing %s", port->name);
    port_remove(port);
    client->state = CLIENT_CLOSES;
    if (was == CLIENT_ASKS) {
        (void)uv_cancel((uv_req_t *)&client->lookup);
    }
    if (was == CLIENT_CONNECTS && !uv_is_closing((uv_handle_t *)&client->connecting)) {
        stop_connecting(client);
        (void)close(client->fd);
    }
    stream_stop(&client->stream);
    (void)uv_timer_stop(&client->timer);
    uv_close((uv_handle_t *)&client->timer, on_timer_closed);
}

static const port_kind_t client_kind = {stream_drain, stream_resume, client_close, stream_waits};

static rns_err_t add_client(client_t *client) {
    const config_interface_t *settings = client->settings;
    interface_kind_t kind = *interface_kind(CONFIG_TCP_CLIENT);
    char name[INTERFACE_NAME];
    rns_iface_config_t config;
    if (!address_title(name, sizeof name, "TCPInterface", settings->name, settings->target_host,
                       (uint16_t)settings->target_port)) {
        return RNS_ERR_ARG;
    }
    if (settings->fixed_mtu > 0) {
        kind.hw_mtu = (uint32_t)settings->fixed_mtu;
        kind.mtu_kind = RNS_MTU_FIXED;
    }
    interface_config(settings, &kind, name, &config);
    config.offline = true;
    return port_add(&client->stream.port, &config);
}

bool tcp_client_open(pump_t *pump, const config_interface_t *settings) {
    client_t *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return interface_refuse(settings, "no memory");
    }
    client->stream.port.kind = &client_kind;
    client->stream.port.pump = pump;
    client->stream.kiss = settings->kiss_framing;
    client->stream.on_end = on_end;
    client->stream.on_stopped = on_stopped;
    client->settings = settings;
    const rns_err_t err = add_client(client);
    if (err != RNS_ERR_OK) {
        free(client);
        return interface_refuse(settings, "%s", rns_err_text(err));
    }
    (void)uv_timer_init(pump->loop, &client->timer);
    client->timer.data = client->lookup.data = client;
    client->open = 1;
    attempt(client);
    return true;
}
