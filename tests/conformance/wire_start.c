// wire_start.c -- commands: the instance begins and ends.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

// ---- The configuration, as text

// What [reticulum] and the interface take from parameters of the same name.
static const char *const INSTANCE_FLAGS[] = {"use_implicit_proof", "panic_on_interface_error"};
static const char *const INSTANCE_LISTS[] = {"remote_management_allowed", "blackhole_sources",
                                             "interface_discovery_sources"};
static const char *const IFACE_TEXTS[] = {"network_name", "passphrase", "mode"};
static const char *const IFACE_INTS[] = {"ifac_size", "bitrate", "fixed_mtu"};

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

// One line; what would make two of it is refused.
static bool add_text(call_t *call, FILE *out, const char *name, const char *text) {
    if (strpbrk(text, "\r\n") != NULL) {
        (void)call_fail(call, "'%s' has more than one line", name);
        return false;
    }
    (void)fprintf(out, "%s = %s\n", name, text);
    return true;
}

static bool add_flag(call_t *call, FILE *out, const char *name) {
    bool value;
    if (!call_has(call, name)) {
        return true;
    }
    if (!call_flag(call, name, &value)) {
        return false;
    }
    (void)fprintf(out, "%s = %s\n", name, value ? "yes" : "no");
    return true;
}

static bool add_int(call_t *call, FILE *out, const char *name) {
    int64_t value;
    if (!call_has(call, name)) {
        return true;
    }
    if (!call_int(call, name, INT64_MIN, INT64_MAX, &value)) {
        return false;
    }
    (void)fprintf(out, "%s = %lld\n", name, (long long)value);
    return true;
}

// Empty texts are as good as none.
static bool add_maybe_text(call_t *call, FILE *out, const char *name) {
    const char *text = "";
    return call_maybe_text(call, name, &text) &&
           (text[0] == '\0' || add_text(call, out, name, text));
}

static bool add_list(call_t *call, FILE *out, const char *name) {
    json_t *list;
    if (!call_maybe_list(call, name, &list)) {
        return false;
    }
    size_t index;
    const json_t *item;
    json_array_foreach(list, index, item) {
        const char *text = json_string_value(item);
        if (text == NULL || strpbrk(text, "\r\n") != NULL) {
            (void)call_fail(call, "an element of '%s' is not a text of one line", name);
            return false;
        }
        if (index == 0) {
            (void)fprintf(out, "%s = ", name);
        }
        (void)fprintf(out, "%s%s", text, index + 1 < json_array_size(list) ? ", " : "\n");
    }
    return true;
}

// Forwarding is on, unless null leaves it out.
static bool add_transport(call_t *call, FILE *out) {
    bool enabled = true;
    if (json_is_null(json_object_get(call->params, "enable_transport"))) {
        return true;
    }
    if (!call_maybe_flag(call, "enable_transport", &enabled)) {
        return false;
    }
    (void)fprintf(out, "enable_transport = %s\n", enabled ? "yes" : "no");
    return true;
}

static bool add_instance(call_t *call, FILE *out) {
    (void)fputs("[reticulum]\nshare_instance = no\n", out);
    bool good = add_transport(call, out) && add_flag(call, out, "respond_to_probes") &&
                add_maybe_text(call, out, "rpc_key");
    for (size_t i = 0; good && i < COUNT(INSTANCE_FLAGS); i++) {
        good = add_flag(call, out, INSTANCE_FLAGS[i]);
    }
    for (size_t i = 0; good && i < COUNT(INSTANCE_LISTS); i++) {
        good = add_list(call, out, INSTANCE_LISTS[i]);
    }
    return good;
}

static bool add_interface(call_t *call, FILE *out) {
    bool good = true;
    for (size_t i = 0; good && i < COUNT(IFACE_TEXTS); i++) {
        good = add_maybe_text(call, out, IFACE_TEXTS[i]);
    }
    for (size_t i = 0; good && i < COUNT(IFACE_INTS); i++) {
        good = add_int(call, out, IFACE_INTS[i]);
    }
    return good;
}

// A mode that nobody knows is passed over in a file, but not here.
static bool check_mode(call_t *call, const config_t *config) {
    for (size_t i = 0; i < config->note_count; i++) {
        if (strncmp(config->notes[i].text, "mode = ", 7) == 0) {
            (void)call_fail(call, "%s", config->notes[i].text);
            return false;
        }
    }
    return true;
}

// Opens the node with one interface: `lines` of its section, and what the parameters say.
static wire_t *open_with(call_t *call, const char *lines) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return call_fail(call, "no memory");
    }
    bool good = add_instance(call, out);
    (void)fprintf(out, "[interfaces]\n[[wire]]\nenabled = yes\n%s", lines);
    good = good && add_interface(call, out);
    (void)fclose(out);
    wire_t *wire = good ? wire_open(call, text) : NULL;
    free(text);
    if (wire != NULL && !check_mode(call, &wire->startup.config)) {
        wire_close(call->bridge);
        return NULL;
    }
    return wire;
}

// ---- Commands

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

// What would need a feature that the library does not have.
static bool check_built(call_t *call) {
    static const struct {
        const char *name, *feature;
    } ROWS[] = {{"share_instance", "shared instance"},
                {"enable_remote_management", "remote management"}};
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        bool wanted = false;
        if (!call_maybe_flag(call, ROWS[i].name, &wanted)) {
            return false;
        }
        if (wanted) {
            (void)call_fail(call, "not built: %s", ROWS[i].feature);
            return false;
        }
    }
    return true;
}

static json_t *start_tcp_server(call_t *call) {
    int64_t port = 0;
    if (!check_built(call) || !call_maybe_int(call, "bind_port", 0, 65535, &port)) {
        return NULL;
    }
    char lines[128];
    port = port == 0 ? free_port() : port;
    (void)snprintf(lines, sizeof lines,
                   "type = TCPServerInterface\nlisten_ip = 127.0.0.1\nlisten_port = %u\n",
                   (unsigned)port);
    wire_t *wire = open_with(call, lines);
    if (wire == NULL) {
        return NULL;
    }
    wire->port = (uint16_t)port;
    const rns_hash_t id = rns_node_identity(wire->node, NULL);
    return json_pack("{s:s, s:I, s:o, s:b}", "handle", wire->handle, "port", (json_int_t)port,
                     "identity_hash", hex_of_hash(&id), "transport_enabled",
                     wire->startup.config.enable_transport);
}

static json_t *start_tcp_client(call_t *call) {
    char lines[512];
    const char *host;
    int64_t port;
    if (!check_built(call) || !call_text(call, "target_host", &host) ||
        !call_int(call, "target_port", 1, 65535, &port)) {
        return NULL;
    }
    const int size = snprintf(lines, sizeof lines,
                              "type = TCPClientInterface\ntarget_host = %s\ntarget_port = %u\n",
                              host, (unsigned)port);
    if (strpbrk(host, "\r\n") != NULL || size < 0 || (size_t)size >= sizeof lines) {
        return call_fail(call, "'target_host' is no host");
    }
    wire_t *wire = open_with(call, lines);
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
