// wire_start.c -- commands: the instance begins and ends.
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

#define CONFIG_MOST 8192U // bytes

// A port of the loopback that nobody listens on; 0: there is none.
static uint16_t free_port(void) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const bool good = fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0 &&
                      getsockname(fd, (struct sockaddr *)&at, &size) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return good ? ntohs(at.sin_port) : 0;
}

static json_t *start_tcp_server(call_t *call) {
    char config[CONFIG_MOST];
    const uint16_t port = free_port();
    (void)snprintf(config, sizeof config,
                   "[reticulum]\nenable_transport = yes\nshare_instance = no\n[interfaces]\n"
                   "[[server]]\ntype = TCPServerInterface\nenabled = yes\n"
                   "listen_ip = 127.0.0.1\nlisten_port = %u\n",
                   port);
    wire_t *wire = wire_open(call, config);
    if (wire == NULL) {
        return NULL;
    }
    wire->port = port;
    const rns_hash_t id = rns_node_identity(wire->node, NULL);
    return json_pack("{s:s, s:i, s:o, s:b}", "handle", wire->handle, "port", (int)port,
                     "identity_hash", hex_of_hash(&id), "transport_enabled", 1);
}

static json_t *start_tcp_client(call_t *call) {
    char config[CONFIG_MOST];
    const char *host;
    int64_t port;
    if (!call_text(call, "target_host", &host) || !call_int(call, "target_port", 1, 65535, &port)) {
        return NULL;
    }
    (void)snprintf(config, sizeof config,
                   "[reticulum]\nenable_transport = yes\nshare_instance = no\n[interfaces]\n"
                   "[[client]]\ntype = TCPClientInterface\nenabled = yes\n"
                   "target_host = %s\ntarget_port = %u\n",
                   host, (unsigned)port);
    wire_t *wire = wire_open(call, config);
    if (wire == NULL) {
        return NULL;
    }
    const rns_hash_t id = rns_node_identity(wire->node, NULL);
    return json_pack("{s:s, s:o}", "handle", wire->handle, "identity_hash", hex_of_hash(&id));
}

static json_t *stop(call_t *call) {
    const char *handle;
    if (!call_text(call, "handle", &handle)) {
        return NULL;
    }
    const bool is_ours =
        call->bridge->wire != NULL && strcmp(call->bridge->wire->handle, handle) == 0;
    if (is_ours) {
        wire_close(call->bridge);
    }
    return json_pack("{s:b}", "stopped", is_ours);
}

const command_entry_t WIRE_START_COMMANDS[] = {
    {"wire_start_tcp_server", start_tcp_server},
    {"wire_start_tcp_client", start_tcp_client},
    {"wire_stop", stop},
    {NULL, NULL},
};
