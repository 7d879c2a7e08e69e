// behavioral_start.c -- commands: nodes in memory, their interfaces, frames in and out.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock.h"
#include "rules.h"
#include "testing.h"

#define BITRATE_DEFAULT 10000000 // of the mock interfaces of the suite
#define MTU_DEFAULT     500
#define MTU_MOST        524288
#define PPM             1000000.0

// ---- Nodes

// Parameters of interfaces that a start may say for all of them.
static const char *const OF_INTERFACES[] = {
    "announce_rate_target",
    "announce_rate_grace",
    "announce_rate_penalty",
    "announce_cap",
    "bitrate",
};

static void keep_defaults(const call_t *call, mock_t *mock) {
    for (size_t i = 0; i < sizeof OF_INTERFACES / sizeof *OF_INTERFACES; i++) {
        if (call_has(call, OF_INTERFACES[i])) {
            (void)json_object_set(mock->defaults, OF_INTERFACES[i],
                                  json_object_get(call->params, OF_INTERFACES[i]));
        }
    }
}

static json_t *start(call_t *call) {
    bool transport = true, is_client = false;
    rns_secret_t seed;
    const bool has_seed = call_has(call, "identity_seed");
    if (!call_maybe_flag(call, "enable_transport", &transport) ||
        !call_maybe_flag(call, "connected_to_shared_instance", &is_client) ||
        (has_seed && !call_hex_of(call, "identity_seed", &seed, sizeof seed))) {
        return NULL;
    }
    if (is_client) {
        return call_fail(call, "not built: shared instance");
    }
    const rns_config_t config = {.transport = transport, .identity = has_seed ? &seed : NULL};
    mock_t *mock = mock_open(call, &config);
    if (mock == NULL) {
        return NULL;
    }
    keep_defaults(call, mock);
    const rns_hash_t identity = rns_node_identity(mock->node, NULL);
    return json_pack("{s:s, s:o}", "handle", mock->handle, "identity_hash", hex_of_hash(&identity));
}

static json_t *stop(call_t *call) {
    const char *handle;
    if (!call_text(call, "handle", &handle)) {
        return NULL;
    }
    mock_t *mock = mock_find(call->bridge, handle);
    if (mock != NULL) {
        mock_close(mock);
    }
    return json_pack("{s:b}", "stopped", mock != NULL);
}

// Looks at the tables now, whenever that was due.
static json_t *force_cull(call_t *call) {
    mock_t *mock = mock_of(call);
    if (mock == NULL) {
        return NULL;
    }
    rnst_tables_now(mock->node, mock_now(mock));
    mock_work(mock);
    return json_pack("{s:b}", "culled", 1);
}

// ---- Interfaces

static bool read_mode(call_t *call, rns_mode_t *mode) {
    static const struct {
        const char *name;
        rns_mode_t mode;
    } MODES[] = {
        {"FULL", RNS_MODE_FULL},
        {"POINT_TO_POINT", RNS_MODE_POINT_TO_POINT},
        {"ACCESS_POINT", RNS_MODE_ACCESS_POINT},
        {"ROAMING", RNS_MODE_ROAMING},
        {"BOUNDARY", RNS_MODE_BOUNDARY},
        {"GATEWAY", RNS_MODE_GATEWAY},
        {"INTERNAL", RNS_MODE_INTERNAL},
    };
    const char *name = "FULL";
    if (!call_maybe_text(call, "mode", &name)) {
        return false;
    }
    for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++) {
        if (strcmp(MODES[i].name, name) == 0) {
            *mode = MODES[i].mode;
            return true;
        }
    }
    (void)call_fail(call, "there is no mode '%s'", name);
    return false;
}

static bool read_limits(call_t *call, rns_iface_config_t *config) {
    int64_t target = 0, grace = 0, penalty = 0, bitrate = BITRATE_DEFAULT, mtu = MTU_DEFAULT;
    double cap = RNSI_SPAWNED_CAP_PPM / PPM; // of who says none; 0: the library's
    if (!call_maybe_int(call, "announce_rate_target", 0, UINT32_MAX, &target) ||
        !call_maybe_int(call, "announce_rate_grace", 0, UINT32_MAX, &grace) ||
        !call_maybe_int(call, "announce_rate_penalty", 0, UINT32_MAX, &penalty) ||
        !call_maybe_int(call, "bitrate", 1, UINT32_MAX, &bitrate) ||
        !call_maybe_int(call, "mtu", 1, MTU_MOST, &mtu) ||
        !call_maybe_real(call, "announce_cap", &cap)) {
        return false;
    }
    if (cap < 0 || cap > UINT32_MAX / PPM) {
        (void)call_fail(call, "the parameter 'announce_cap' is no part of a bitrate");
        return false;
    }
    config->announce_rate_target_s = (uint32_t)target;
    config->announce_rate_grace = (uint32_t)grace;
    config->announce_rate_penalty_s = (uint32_t)penalty;
    config->bitrate = (uint32_t)bitrate;
    config->hw_mtu = (uint32_t)mtu;
    config->announce_cap_ppm = (uint32_t)lround(cap * PPM);
    return true;
}

static bool read_code(call_t *call, rns_iface_config_t *config) {
    int64_t size = 0;
    if (!call_maybe_text(call, "ifac_netname", &config->network_name) ||
        !call_maybe_text(call, "ifac_netkey", &config->passphrase) ||
        !call_maybe_int(call, "ifac_size", 1, RNS_IFAC_MAX, &size)) {
        return false;
    }
    config->ifac_size = (uint8_t)size;
    return true;
}

static mock_iface_t *attach(call_t *call, mock_t *mock, const rns_iface_config_t *config) {
    mock_iface_t *iface = calloc(1, sizeof *iface);
    if (iface == NULL) {
        return call_fail(call, "no memory");
    }
    const rns_err_t err = rns_iface_add(mock->node, mock_now(mock), config, &iface->handle);
    if (err != RNS_ERR_OK) {
        free(iface);
        return call_fail_err(call, "the interface", err);
    }
    (void)rns_iface_info(mock->node, mock->now, iface->handle, &iface->info);
    (void)snprintf(iface->id, sizeof iface->id, "iface-%u", ++mock->bridge->handles);
    iface->is_attached = true;
    iface->sent = json_array();
    iface->next = mock->ifaces;
    mock->ifaces = iface;
    return iface;
}

static json_t *attach_mock_interface(call_t *call) {
    mock_t *mock = mock_of(call);
    const char *name;
    bool is_client = false;
    rns_iface_config_t config = {0};
    char display[sizeof((rns_iface_info_t *)0)->name + 1];
    if (mock == NULL) {
        return NULL;
    }
    (void)json_object_update_missing(call->params, mock->defaults);
    if (!call_text(call, "name", &name) || !read_mode(call, &config.mode) ||
        !call_maybe_flag(call, "local_client", &is_client) || !read_limits(call, &config) ||
        !read_code(call, &config)) {
        return NULL;
    }
    if (is_client) {
        return call_fail(call, "not built: shared instance");
    }
    (void)snprintf(display, sizeof display, "MockInterface[%s]", name);
    config.name = display;
    const mock_iface_t *iface = attach(call, mock, &config);
    return iface == NULL ? NULL
                         : json_pack("{s:s, s:o, s:i}", "iface_id", iface->id, "interface_hash",
                                     hex_of(iface->info.hash, sizeof iface->info.hash), "ifac_size",
                                     iface->info.has_ifac ? iface->info.ifac_size : 0);
}

static json_t *detach_interface(call_t *call) {
    mock_t *mock = mock_of(call);
    mock_iface_t *iface = mock != NULL ? mock_iface_of(call, mock, "iface_id") : NULL;
    if (iface == NULL) {
        return NULL;
    }
    if (iface->is_attached) {
        const rns_err_t err = rns_iface_remove(mock->node, mock_now(mock), iface->handle);
        if (err != RNS_ERR_OK) {
            return call_fail_err(call, "the interface", err);
        }
        iface->is_attached = false;
    }
    return json_pack("{s:b}", "detached", 1);
}

// ---- Frames

static json_t *inject(call_t *call) {
    mock_t *mock = mock_of(call);
    mock_iface_t *iface = mock != NULL ? mock_iface_of(call, mock, "iface_id") : NULL;
    rns_mem_t raw;
    if (iface == NULL || !call_hex(call, "raw", &raw)) {
        return NULL;
    }
    mock_receive(mock, iface, raw);
    return json_object();
}

static json_t *drain_tx(call_t *call) {
    mock_t *mock = mock_of(call);
    mock_iface_t *iface = mock != NULL ? mock_iface_of(call, mock, "iface_id") : NULL;
    if (iface == NULL) {
        return NULL;
    }
    json_t *sent = iface->sent;
    iface->sent = json_array();
    return json_pack("{s:o}", "packets", sent);
}

const command_entry_t BEHAVIORAL_START_COMMANDS[] = {
    {"behavioral_start", start},
    {"behavioral_stop", stop},
    {"behavioral_force_cull", force_cull},
    {"behavioral_attach_mock_interface", attach_mock_interface},
    {"behavioral_detach_interface", detach_interface},
    {"behavioral_inject", inject},
    {"behavioral_drain_tx", drain_tx},
    {NULL, NULL},
};
