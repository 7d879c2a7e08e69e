#include "host/config_interface.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/rules.h"
#include "host/interface_type.h"

#define FIELD(field) offsetof(reading_t, out.field)
#define OWN(field)   offsetof(reading_t, field)
#define ANY_LOW      (-HUGE_VAL)
#define ANY_HIGH     HUGE_VAL
#define RATE_HIGH    1e6 // seconds or hertz: what the node can hold, in thousandths
#define COUNT_HIGH   4294967295.0
#define PORT_HIGH    65535
#define IFAC_LOW     (8 * RNS_IFAC_MIN) // bits (Reticulum.IFAC_MIN_SIZE)
#define IFAC_HIGH    (8 * RNS_IFAC_MAX) // of a signature, of which the code is a part

// An interface and what is only needed while its section is read.
typedef struct {
    bool enabled, interface_enabled, ignore_config_warnings;
    int64_t port, ifac_bits;
    double cap_percent;
    config_interface_t out;
} reading_t;

// What a row of the tables below does not say is zero; `preset` stands in quotes as in the file.
// clang-format off
#define BOOL(n, field, preset)   SETTING(n, BOOL, FIELD(field), ERROR, PLAIN, 0, 0, preset)
#define TEXT(n, field)           SETTING(n, TEXT, FIELD(field), ERROR, PLAIN, 0, 0, NULL)
#define PORT(n, field, preset)   SETTING(n, INT, FIELD(field), ERROR, PLAIN, 0, PORT_HIGH, preset)
#define LIMIT(n, kind, field, high) \
    SETTING(n, kind, FIELD(limits.field), KEEP, PLAIN, 0, high, NULL)
#define INT(n, field, preset) \
    SETTING(n, INT, FIELD(field), ERROR, PLAIN, ANY_LOW, ANY_HIGH, preset)
#define REAL(n, field, preset) \
    SETTING(n, REAL, FIELD(field), ERROR, PLAIN, ANY_LOW, ANY_HIGH, preset)

static const setting_t common_rows[] = {
    TEXT("type", type_name),
    SETTING("enabled", BOOL, OWN(enabled), ERROR, PLAIN, 0, 0, NULL),
    SETTING("interface_enabled", BOOL, OWN(interface_enabled), ERROR, PLAIN, 0, 0, NULL),
    SETTING("mode", MODE, FIELD(mode), KEEP, PLAIN, 0, 0, "full"),
    SETTING("interface_mode", MODE, FIELD(mode), KEEP, PLAIN, 0, 0, NULL),
    BOOL("outgoing", outgoing, "yes"),
    SETTING("bitrate", INT, FIELD(bitrate_bps), KEEP, PLAIN, CONFIG_BITRATE_MIN, ANY_HIGH, NULL),
    SETTING("gravity", INT, FIELD(gravity), ERROR, PLAIN, -2147483648.0, 2147483647.0, NULL),
    SETTING("networkname", IFAC, FIELD(network_name), ERROR, PLAIN, 0, 0, NULL),
    SETTING("network_name", IFAC, FIELD(network_name), ERROR, PLAIN, 0, 0, NULL),
    SETTING("passphrase", IFAC, FIELD(passphrase_secret), ERROR, SECRET, 0, 0, NULL),
    SETTING("pass_phrase", IFAC, FIELD(passphrase_secret), ERROR, SECRET, 0, 0, NULL),
    SETTING("ifac_size", INT, OWN(ifac_bits), KEEP, PLAIN, IFAC_LOW, IFAC_HIGH, NULL),
    SETTING("announce_cap", REAL, OWN(cap_percent), KEEP, PLAIN, 1e-4, 100, "2"),
    SETTING("announce_rate_target", INT, FIELD(announce_rate_target_s), KEEP, ZERO, 1,
            COUNT_HIGH, "-1"),
    SETTING("announce_rate_grace", INT, FIELD(announce_rate_grace), KEEP, PLAIN, 0, COUNT_HIGH,
            "-1"),
    SETTING("announce_rate_penalty", INT, FIELD(announce_rate_penalty_s), KEEP, PLAIN, 0,
            COUNT_HIGH, "-1"),
    BOOL("ingress_control", ingress_control, "yes"),
    SETTING("egress_control", BOOL, FIELD(limits.egress_control), ERROR, PLAIN, 0, 0, NULL),
    LIMIT("ic_max_held_announces",    INT, max_held_announces, COUNT_HIGH),
    LIMIT("ic_burst_hold",            REAL, burst_hold_s, RATE_HIGH),
    LIMIT("ic_burst_freq_new",        REAL, burst_freq_new_hz, RATE_HIGH),
    LIMIT("ic_burst_freq",            REAL, burst_freq_hz, RATE_HIGH),
    LIMIT("ic_pr_burst_freq_new",     REAL, pr_burst_freq_new_hz, RATE_HIGH),
    LIMIT("ic_pr_burst_freq",         REAL, pr_burst_freq_hz, RATE_HIGH),
    LIMIT("ic_new_time",              REAL, new_time_s, RATE_HIGH),
    LIMIT("ic_burst_penalty",         REAL, burst_penalty_s, RATE_HIGH),
    LIMIT("ic_held_release_interval", REAL, held_release_interval_s, RATE_HIGH),
    LIMIT("ec_pr_freq",               REAL, egress_pr_freq_hz, RATE_HIGH),
    SETTING("bootstrap_only", BOOL, FIELD(bootstrap_only), ERROR, LATER, 0, 0, NULL),
    BOOL("recursive_prs", recursive_prs, "no"),
    BOOL("announces_from_internal", announces_from_internal, "yes"),
    SETTING("announces_to_internal", SWITCH, FIELD(announces_to_internal), ERROR, PLAIN, 0, 0,
            NULL),
    SETTING("ignore_config_warnings", BOOL, OWN(ignore_config_warnings), ERROR, PLAIN, 0, 0, NULL),
    SETTING("discoverable", BOOL, FIELD(discoverable), ERROR, LATER, 0, 0, NULL),
};

// Read only when the interface is discoverable.
static const setting_t discovery_rows[] = {
    SETTING("announce_interval", INT, FIELD(discovery.announce_interval_s), CLAMP, PLAIN, 5, 1e9,
            "360"),
    INT("discovery_stamp_value", discovery.stamp_value, "-1"),
    TEXT("discovery_name", discovery.name),
    BOOL("discovery_encrypt", discovery.encrypt, "no"),
    TEXT("reachable_on", discovery.reachable_on),
    BOOL("publish_ifac", discovery.publish_ifac, "no"),
    TEXT("location_cmd", discovery.location_cmd),
    REAL("latitude", discovery.latitude, NULL),
    REAL("longitude", discovery.longitude, NULL),
    REAL("height", discovery.height_m, NULL),
    INT("discovery_frequency", discovery.frequency_hz, "-1"),
    INT("discovery_bandwidth", discovery.bandwidth_hz, "-1"),
    INT("discovery_modulation", discovery.modulation, "-1"),
    SETTING("discovery_lxmf_address", HASH, FIELD(discovery.lxmf_address), KEEP, PLAIN, 0, 0, NULL),
};

static const setting_t tcp_server_rows[] = {
    TEXT("device", device),
    TEXT("listen_ip", listen_ip),
    PORT("listen_port", listen_port, "-1"),
    PORT("port", listen_port, NULL), // the reference lets it win
    BOOL("prefer_ipv6", prefer_ipv6, "no"),
    BOOL("i2p_tunneled", i2p_tunneled, "no"),
};

static const setting_t tcp_client_rows[] = {
    TEXT("target_host", target_host),
    PORT("target_port", target_port, "-1"),
    BOOL("kiss_framing", kiss_framing, "no"),
    BOOL("i2p_tunneled", i2p_tunneled, "no"),
    INT("connect_timeout", connect_timeout_s, "-1"),
    INT("max_reconnect_tries", max_reconnect_tries, "-1"),
    SETTING("fixed_mtu", INT, FIELD(fixed_mtu), ERROR, ZERO, RNS_MTU, COUNT_HIGH, "-1"),
};

static const setting_t udp_rows[] = {
    TEXT("device", device),
    SETTING("port", INT, OWN(port), ERROR, PLAIN, 0, PORT_HIGH, "-1"),
    TEXT("listen_ip", listen_ip),
    PORT("listen_port", listen_port, "-1"),
    TEXT("forward_ip", forward_ip),
    PORT("forward_port", forward_port, "-1"),
};

#define TABLE(rows) {rows, sizeof (rows) / sizeof (rows)[0]}
static const settings_t common = TABLE(common_rows), discovery = TABLE(discovery_rows);

static const settings_t type_settings[] = {
    [CONFIG_TCP_SERVER] = TABLE(tcp_server_rows),
    [CONFIG_TCP_CLIENT] = TABLE(tcp_client_rows),
    [CONFIG_UDP]        = TABLE(udp_rows),
};
// clang-format on

// Reticulum._synthesize_interface: what is not given comes from [reticulum] on transport nodes.
static void finish_rates(const config_t *config, config_interface_t *iface) {
    if (iface->announce_rate_target_s > 0) {
        iface->announce_rate_grace =
            iface->announce_rate_grace < 0 ? 0 : iface->announce_rate_grace;
        iface->announce_rate_penalty_s =
            iface->announce_rate_penalty_s < 0 ? 0 : iface->announce_rate_penalty_s;
    }
    if (config->enable_transport) {
        if (iface->announce_rate_target_s <= 0) {
            iface->announce_rate_target_s = config->default_ar_target_s;
        }
        if (iface->announce_rate_grace < 0) {
            iface->announce_rate_grace = config->default_ar_grace;
        }
        if (iface->announce_rate_penalty_s < 0) {
            iface->announce_rate_penalty_s = config->default_ar_penalty_s;
        }
    }
    iface->announce_rate_target_s =
        iface->announce_rate_target_s < 0 ? 0 : iface->announce_rate_target_s;
    iface->announce_rate_grace = iface->announce_rate_grace < 0 ? 0 : iface->announce_rate_grace;
    iface->announce_rate_penalty_s =
        iface->announce_rate_penalty_s < 0 ? 0 : iface->announce_rate_penalty_s;
}

static void finish_discovery(config_t *config, const reading_t *reading,
                             config_interface_t *iface) {
    iface->discovery.announce_interval_s *= 60; // the file has minutes
    if (!config->enable_transport) {
        config->static_transport_identity = true;
    }
    if (iface->mode != CONFIG_MODE_GATEWAY && iface->mode != CONFIG_MODE_ACCESS_POINT &&
        iface->mode != CONFIG_MODE_INTERNAL && !reading->ignore_config_warnings) {
        iface->mode = CONFIG_MODE_GATEWAY;
        config_note(config, CONFIG_NOTICE, iface->line,
                    "%s [%s] is discoverable, so its mode is set to gateway", iface->type_name,
                    iface->name);
    }
    if (iface->discovery.publish_ifac && iface->network_name == NULL &&
        iface->passphrase_secret == NULL) {
        iface->discovery.publish_ifac = false;
        config_note(
            config, CONFIG_WARNING, iface->line,
            "publish_ifac of %s [%s] is ignored: it has neither network_name nor passphrase",
            iface->type_name, iface->name);
    }
}

static void require(config_t *config, const config_interface_t *iface, bool given,
                    const char *what) {
    if (iface->enabled && !given) {
        config_note(config, CONFIG_ERROR, iface->line, "%s [%s] needs %s", iface->type_name,
                    iface->name, what);
    }
}

static void finish_type(config_t *config, const reading_t *reading, config_interface_t *iface) {
    switch (iface->type) {
    case CONFIG_TCP_SERVER:
        require(config, iface, iface->listen_port >= 0, "listen_port");
        require(config, iface, iface->listen_ip != NULL || iface->device != NULL,
                "listen_ip or device");
        break;
    case CONFIG_TCP_CLIENT:
        require(config, iface, iface->target_host != NULL, "target_host");
        require(config, iface, iface->target_port >= 0, "target_port");
        break;
    case CONFIG_UDP:
        if (iface->listen_port < 0) {
            iface->listen_port = reading->port;
        }
        if (iface->forward_port < 0) {
            iface->forward_port = reading->port;
        }
        break;
    }
}

// As the reference 1.3: these modes alone are read from interface_mode, for any other it looks at
// `mode`, where it knows one.
static void read_mode_anew(config_t *config, const configobj_entry_t *section,
                           config_interface_t *iface) {
    static const char *const known[] = {"full", "access_point", "accesspoint", "ap",
                                        "ptp",  "pointtopoint", "roaming",     "boundary"};
    const configobj_entry_t *set = configobj_find(section, "interface_mode");
    const configobj_entry_t *mode = configobj_find(section, "mode");
    if (set == NULL || set->value_count == 0) {
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcasecmp(set->values[0], known[i]) == 0) {
            return;
        }
    }
    if (mode == NULL || mode->value_count == 0) {
        config_note(config, CONFIG_ERROR, set->line, "interface_mode = %s of [%s] needs mode",
                    set->values[0], iface->name);
        return;
    }
    const bool is_gateway =
        strcmp(mode->values[0], "gateway") == 0 || strcmp(mode->values[0], "gw") == 0;
    iface->mode = is_gateway ? CONFIG_MODE_GATEWAY : CONFIG_MODE_FULL;
}

static void read_built(config_t *config, const configobj_entry_t *section, config_type_t type) {
    const settings_t tables[] = {common, discovery, type_settings[type]};
    reading_t reading = {.out = {.name = section->name,
                                 .line = section->line,
                                 .type = type,
                                 .gravity = config->default_gravity,
                                 .announces_to_internal = CONFIG_UNSET,
                                 .limits = config->limits,
                                 .listen_port = CONFIG_UNSET,
                                 .target_port = CONFIG_UNSET,
                                 .forward_port = CONFIG_UNSET}};
    config_interface_t *iface = &reading.out;

    iface->discovery.latitude = iface->discovery.longitude = iface->discovery.height_m =
        (double)NAN;
    settings_preset(config, common, &reading);
    settings_preset(config, type_settings[type], &reading);
    settings_apply(config, common, section, &reading);
    settings_apply(config, type_settings[type], section, &reading);
    iface->enabled = reading.enabled || reading.interface_enabled;
    iface->ifac_bytes = reading.ifac_bits / 8;
    iface->announce_cap = reading.cap_percent / 100;
    if (RNSI_GATEWAY_NEEDS_MODE) {
        read_mode_anew(config, section, iface);
    }
    finish_rates(config, iface);
    finish_type(config, &reading, iface);
    if (iface->discoverable) {
        settings_preset(config, discovery, &reading);
        settings_apply(config, discovery, section, &reading);
        finish_discovery(config, &reading, iface);
    }
    settings_warn_unknown(config, tables, sizeof tables / sizeof tables[0], section,
                          arena_format(&config->arena, "%s [%s]", iface->type_name, iface->name));
    config->interfaces[config->interface_count++] = *iface;
}

// True when one of the two options that switch an interface on says yes.
static bool is_enabled(config_t *config, const configobj_entry_t *section) {
    const settings_t switches = {common_rows + 1, 2};
    reading_t reading = {.enabled = false};

    settings_apply(config, switches, section, &reading);
    return reading.enabled || reading.interface_enabled;
}

static void read_interface(config_t *config, const configobj_entry_t *section) {
    const configobj_entry_t *entry = configobj_find(section, "type");
    const char *name = entry != NULL && entry->kind == CONFIGOBJ_TEXT ? entry->values[0] : NULL;
    const interface_type_t *type = name != NULL ? interface_type_find(name) : NULL;

    if (type != NULL && type->built) {
        read_built(config, section, type->type);
        return;
    }
    if (!is_enabled(config, section)) {
        return;
    }
    if (name == NULL) {
        config_note(config, CONFIG_ERROR, section->line, "interface [%s] needs a type",
                    section->name);
        return;
    }
    if (type != NULL) {
        config_note(config, CONFIG_WARNING, section->line, "%s [%s] is not supported yet, left out",
                    name, section->name);
        return;
    }
    config_note(config, CONFIG_WARNING, entry->line, "unknown type %s of interface [%s], left out",
                name, section->name);
}

void config_read_interfaces(config_t *config, const configobj_entry_t *section) {
    size_t count = 0;

    for (const configobj_entry_t *entry = section->children; entry != NULL; entry = entry->next) {
        count++;
    }
    if (count > CONFIG_INTERFACES_MAX) {
        config_note(config, CONFIG_ERROR, section->line, "more than %u interfaces",
                    CONFIG_INTERFACES_MAX);
        return;
    }
    config->interfaces = arena_take(&config->arena, (count + 1) * sizeof *config->interfaces);
    for (const configobj_entry_t *entry = section->children; entry != NULL; entry = entry->next) {
        if (entry->kind == CONFIGOBJ_SECTION) {
            read_interface(config, entry);
        } else {
            config_note(config, CONFIG_WARNING, entry->line,
                        "unknown option %s in [interfaces], left out; each interface is a section "
                        "[[name]]",
                        entry->name);
        }
    }
}
