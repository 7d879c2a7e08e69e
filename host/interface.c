// interface.c -- see interface.h.
#include "host/interface.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/rules.h"
#include "host/log.h"

// Thousandths; what is given and above zero does not become zero, which would be the default.
static uint32_t milli(double value) {
    if (!(value > 0)) {
        return 0;
    }
    const double scaled = value * 1000 + 0.5;
    return scaled >= 4294967295.0 ? UINT32_MAX : scaled < 1 ? 1 : (uint32_t)scaled;
}

static uint32_t whole(int64_t value) {
    return value <= 0 ? 0 : value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static rns_option_t option(bool value) {
    return value ? RNS_YES : RNS_NO;
}

static void set_limits(const config_interface_t *settings, rns_iface_config_t *config) {
    const config_limits_t *limits = &settings->limits;
    config->ingress_control = option(settings->ingress_control);
    config->egress_control = option(limits->egress_control);
    config->ic_burst_mhz_new = milli(limits->burst_freq_new_hz);
    config->ic_burst_mhz = milli(limits->burst_freq_hz);
    config->ic_pr_burst_mhz_new = milli(limits->pr_burst_freq_new_hz);
    config->ic_pr_burst_mhz = milli(limits->pr_burst_freq_hz);
    config->ec_pr_mhz = milli(limits->egress_pr_freq_hz);
    config->ic_new_ms = milli(limits->new_time_s);
    config->ic_burst_hold_ms = milli(limits->burst_hold_s);
    config->ic_burst_penalty_ms = milli(limits->burst_penalty_s);
    config->ic_release_ms = milli(limits->held_release_interval_s);
    config->ic_held_max = whole(limits->max_held_announces);
}

void interface_config(const config_interface_t *settings, const interface_kind_t *kind,
                      const char *name, rns_iface_config_t *config) {
    const uint32_t bitrate =
        settings->bitrate_bps > 0 ? whole(settings->bitrate_bps) : kind->bitrate;
    *config = (rns_iface_config_t){
        .name = name,
        .mode = (rns_mode_t)settings->mode,
        .bitrate = bitrate,
        .hw_mtu = kind->mtu_kind == RNS_MTU_AUTO ? rns_iface_mtu_of(bitrate) : kind->hw_mtu,
        .mtu_kind = kind->mtu_kind,
        .receive_only = !settings->outgoing,
        .no_ingress_limit = kind->no_ingress_limit,
        .small_ifac = kind->small_ifac,
        .network_name = settings->network_name,
        .passphrase = settings->passphrase_secret,
        .ifac_size = (uint8_t)settings->ifac_bytes,
        .announce_cap_ppm = (uint32_t)(settings->announce_cap * 1e6 + 0.5),
        .announce_rate_target_s = whole(settings->announce_rate_target_s),
        .announce_rate_grace = whole(settings->announce_rate_grace),
        .announce_rate_penalty_s = whole(settings->announce_rate_penalty_s),
        .gravity = (int32_t)settings->gravity,
        .recursive_prs = option(settings->recursive_prs),
        .announces_from_internal = option(settings->announces_from_internal),
    };
    if (settings->announces_to_internal != CONFIG_UNSET) {
        config->announces_to_internal = option(settings->announces_to_internal == 1);
    }
    set_limits(settings, config);
}

void interface_spawned_config(const config_interface_t *settings, const interface_kind_t *kind,
                              const char *name, rns_iface_config_t *config) {
    interface_config(settings, kind, name, config);
    if (RNSI_SPAWNED_CAP_PPM > 0) {
        config->announce_cap_ppm = RNSI_SPAWNED_CAP_PPM;
    }
}

bool interface_refuse(const config_interface_t *settings, const char *format, ...) {
    char why[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    log_line(LOG_LEVEL_ERROR, "The interface \"%s\" (line %u) cannot be opened: %s", settings->name,
             settings->line, why);
    return false;
}

bool interface_open(pump_t *pump, const config_interface_t *settings) {
    switch (settings->type) {
    case CONFIG_TCP_SERVER:
        return tcp_server_open(pump, settings);
    case CONFIG_TCP_CLIENT:
        return tcp_client_open(pump, settings);
    case CONFIG_UDP:
        return udp_open(pump, settings);
    }
    return false;
}
