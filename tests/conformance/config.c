// config.c -- command: what becomes of an interface's section of a configuration.
#include <string.h>

#include "host/config.h"
#include "host/interface.h"
#include "lab.h"

// The suite's type of an interface that does nothing. The parser knows the host's types alone, so
// it reads UDPInterface instead, which has no options that must be there; nothing is opened.
#define PROBE_TYPE "ConfigParseProbeInterface"
#define READ_AS    "UDPInterface"

static const interface_kind_t PROBE = {.bitrate = 62500, .mtu_kind = RNS_MTU_NONE};

static const char *read_as(call_t *call, const char *text) {
    char *out = call_alloc(call, strlen(text) + 1), *end = out;
    const char *found;
    while ((found = strstr(text, PROBE_TYPE)) != NULL) {
        const size_t before = (size_t)(found - text);
        memcpy(end, text, before);
        memcpy(end + before, READ_AS, sizeof READ_AS - 1);
        end += before + sizeof READ_AS - 1;
        text = found + sizeof PROBE_TYPE - 1;
    }
    memcpy(end, text, strlen(text) + 1);
    return out;
}

static const config_interface_t *find(const config_t *config, const char *name) {
    for (size_t i = 0; i < config->interface_count; i++) {
        if (config->interfaces[i].enabled && strcmp(config->interfaces[i].name, name) == 0) {
            return &config->interfaces[i];
        }
    }
    return NULL;
}

static json_t *first_error(call_t *call, const config_t *config) {
    for (size_t i = 0; i < config->note_count; i++) {
        if (config->notes[i].severity == CONFIG_ERROR) {
            return call_fail(call, "%s", config->notes[i].text);
        }
    }
    return call_fail(call, "the configuration cannot be read");
}

// ---- Telling

static json_t *number(double value) {
    const json_int_t whole = (json_int_t)value;
    return (double)whole == value ? json_integer(whole) : json_real(value);
}

static json_t *int_or_null(bool given, int64_t value) {
    return given ? json_integer(value) : json_null();
}

static json_t *text_or_null(const char *text) {
    return text == NULL ? json_null() : json_string(text);
}

static void tell_limits(const config_limits_t *limits, json_t *result) {
    const struct {
        const char *name;
        double value;
    } LIMITS[] = {
        {"ic_max_held_announces", (double)limits->max_held_announces},
        {"ic_burst_hold", limits->burst_hold_s},
        {"ic_burst_freq_new", limits->burst_freq_new_hz},
        {"ic_burst_freq", limits->burst_freq_hz},
        {"ic_new_time", limits->new_time_s},
        {"ic_burst_penalty", limits->burst_penalty_s},
        {"ic_held_release_interval", limits->held_release_interval_s},
    };
    for (size_t i = 0; i < sizeof LIMITS / sizeof *LIMITS; i++) {
        (void)json_object_set_new(result, LIMITS[i].name, number(LIMITS[i].value));
    }
}

// What the section says, what the node is told, and what its interface ends up with.
static json_t *told(const config_interface_t *settings, const rns_iface_config_t *config,
                    const rns_iface_info_t *info) {
    json_t *result = json_object();
    (void)json_object_set_new(result, "selected_interface_mode", json_integer(settings->mode));
    (void)json_object_set_new(result, "configured_bitrate",
                              int_or_null(settings->bitrate_bps > 0, settings->bitrate_bps));
    (void)json_object_set_new(result, "mode", json_integer(info->mode));
    (void)json_object_set_new(result, "bitrate", json_integer(info->bitrate));
    (void)json_object_set_new(result, "announce_cap",
                              json_real((double)config->announce_cap_ppm / 1e6));
    (void)json_object_set_new(result, "ifac_size", json_integer(info->ifac_size));
    (void)json_object_set_new(result, "default_ifac_size",
                              json_integer(config->small_ifac ? RNS_IFAC_SMALL : RNS_IFAC_DEFAULT));
    (void)json_object_set_new(result, "discoverable", json_boolean(settings->discoverable));
    (void)json_object_set_new(
        result, "discovery_announce_interval",
        int_or_null(settings->discoverable, settings->discovery.announce_interval_s));
    (void)json_object_set_new(result, "ifac_netname", text_or_null(settings->network_name));
    (void)json_object_set_new(result, "ifac_netkey", text_or_null(settings->passphrase_secret));
    (void)json_object_set_new(result, "ifac_active", json_boolean(info->has_ifac));
    tell_limits(&settings->limits, result);
    return result;
}

// An interface of the lab's node, for as long as it is looked at.
static json_t *probe(call_t *call, const config_interface_t *settings) {
    lab_t *lab = lab_of(call);
    if (lab == NULL) {
        return NULL;
    }
    rns_node_t *node = lab->near.node;
    rns_iface_config_t config;
    rns_iface_info_t info;
    rns_iface_t iface;
    interface_config(settings, &PROBE, "probe", &config);
    const rns_err_t err = rns_iface_add(node, lab->now, &config, &iface);
    if (err != RNS_ERR_OK) {
        return call_fail_err(call, "the interface", err);
    }
    (void)rns_iface_info(node, lab->now, iface, &info);
    (void)rns_iface_remove(node, lab->now, iface);
    return told(settings, &config, &info);
}

static json_t *config_parse_interface(call_t *call) {
    const char *name, *text;
    if (!call_text(call, "interface_name", &name) || !call_text(call, "config_text", &text)) {
        return NULL;
    }
    text = read_as(call, text);
    config_t *config = call_alloc(call, sizeof *config);
    json_t *result;
    if (!config_parse(config, "config_text", text, strlen(text))) {
        result = first_error(call, config);
    } else {
        const config_interface_t *settings = find(config, name);
        result = settings != NULL
                     ? probe(call, settings)
                     : json_pack("{s:s}", "error", "there is no such section that is enabled");
    }
    config_close(config);
    return result;
}

const command_entry_t CONFIG_COMMANDS[] = {
    {"config_parse_interface", config_parse_interface},
    {NULL, NULL},
};
