// status.c -- see status.h.
#include "host/status.h"

#include <inttypes.h>
#include <stdio.h>

#include "host/replace.h"
#include "host/text.h"

static void number(FILE *out, const char *name, uint64_t value) {
    (void)fprintf(out, "\"%s\":%" PRIu64 ",", name, value);
}

static void flag(FILE *out, const char *name, bool value) {
    (void)fprintf(out, "\"%s\":%s,", name, value ? "true" : "false");
}

static void hex(FILE *out, const char *name, const uint8_t *bytes, size_t size) {
    char digits[2 * 64 + 1];
    text_hex(bytes, size, digits);
    (void)fprintf(out, "\"%s\":\"%s\",", name, digits);
}

static void text(FILE *out, const char *name, const char *value) {
    (void)fprintf(out, "\"%s\":", name);
    text_json(out, value);
    (void)fputc(',', out);
}

static void count(FILE *out, const char **comma, const char *name, uint64_t value) {
    if (value > 0) {
        (void)fprintf(out, "%s\"%s\":%" PRIu64, *comma, name, value);
        *comma = ",";
    }
}

// What the node has counted, and what its frames were kept from it for.
static void verdicts(FILE *out, const pump_t *pump, rns_iface_t iface) {
    static const port_drops_t none = {0, 0, 0, 0};
    const port_t *port = pump_port(pump, iface);
    const port_drops_t *drops = port != NULL ? &port->drops : &none;
    const char *comma = "";
    (void)fputs("\"verdicts\":{", out);
    for (int verdict = 0; verdict < RNS_RX_COUNT; verdict++) {
        uint64_t value = rns_iface_count(pump->node, iface, (rns_verdict_t)verdict);
        value += verdict == RNS_RX_SHORT ? drops->too_short : 0;
        value += verdict == RNS_RX_LONG ? drops->too_long : 0;
        count(out, &comma, rns_verdict_name((rns_verdict_t)verdict), value);
    }
    count(out, &comma, "overrun", drops->overrun);
    count(out, &comma, "noise", drops->noise);
    (void)fputc('}', out);
}

static void traffic(FILE *out, const rns_iface_info_t *info) {
    number(out, "rx_frames", info->rx_packets);
    number(out, "tx_frames", info->tx_packets);
    number(out, "rxb", info->rx_bytes);
    number(out, "txb", info->tx_bytes);
    number(out, "tx_dropped", info->tx_dropped);
    number(out, "tx_dropped_bytes", info->tx_dropped_bytes);
    number(out, "tx_waiting", info->tx_waiting);
    number(out, "tx_waiting_bytes", info->tx_waiting_bytes);
    number(out, "queued_announces", info->queued_announces);
    number(out, "held_announces", info->held_announces);
    number(out, "announces_in_mhz", info->announces_in_mhz);
    number(out, "announces_out_mhz", info->announces_out_mhz);
    number(out, "asks_in_mhz", info->asks_in_mhz);
    number(out, "asks_out_mhz", info->asks_out_mhz);
}

static void interface(FILE *out, const pump_t *pump, rns_us_t now, rns_iface_t iface) {
    rns_node_t *node = pump->node;
    rns_iface_info_t info, parent;
    if (rns_iface_info(node, now, iface, &info) != RNS_ERR_OK) {
        return;
    }
    (void)fputc('{', out);
    text(out, "name", info.name);
    hex(out, "hash", info.hash, sizeof info.hash);
    if (rns_iface_info(node, now, info.parent, &parent) == RNS_ERR_OK) {
        text(out, "parent", parent.name);
    }
    number(out, "children", info.children);
    number(out, "mode", (uint64_t)info.mode);
    flag(out, "online", info.online);
    flag(out, "has_ifac", info.has_ifac);
    number(out, "ifac_size", info.ifac_size);
    if (info.has_ifac) {
        hex(out, "ifac_signature", info.ifac_signature, sizeof info.ifac_signature);
    }
    number(out, "bitrate", info.bitrate);
    number(out, "hw_mtu", info.hw_mtu);
    flag(out, "announce_burst", info.announce_burst);
    flag(out, "ask_burst", info.ask_burst);
    flag(out, "held", info.held);
    traffic(out, &info);
    verdicts(out, pump, iface);
    (void)fputc('}', out);
}

static void interfaces(FILE *out, const pump_t *pump, rns_us_t now) {
    const char *comma = "\n";
    uint32_t cursor = 0;
    rns_iface_t iface;
    (void)fputs("\"interfaces\":[", out);
    while (rns_iface_each(pump->node, &cursor, &iface)) {
        (void)fputs(comma, out);
        interface(out, pump, now, iface);
        comma = ",\n";
    }
    (void)fputs("],\n", out);
}

static void pools(FILE *out, const rns_node_t *node) {
    const char *comma = "\n";
    (void)fputs("\"pools\":[", out);
    for (int pool = 0; pool < RNS_POOL_COUNT; pool++) {
        rns_pool_info_t info;
        rns_pool_info(node, (rns_pool_t)pool, &info);
        (void)fprintf(out,
                      "%s{\"name\":\"%s\",\"slots\":%" PRIu32 ",\"used\":%" PRIu32
                      ",\"peak\":%" PRIu32 ",\"culled\":%" PRIu64 ",\"rejected\":%" PRIu64 "}",
                      comma, info.name, info.slots, info.used, info.peak, info.culled,
                      info.rejected);
        comma = ",\n";
    }
    (void)fputs("],\n", out);
}

static void write_all(FILE *out, const pump_t *pump, rns_us_t now) {
    rns_node_info_t info;
    rns_pool_info_t waiting; // announces to be sent, or sent again
    rns_node_info(pump->node, &info);
    rns_pool_info(pump->node, RNS_POOL_ANNOUNCE, &waiting);
    (void)fputc('{', out);
    interfaces(out, pump, now);
    pools(out, pump->node);
    number(out, "paths", info.paths);
    number(out, "known", info.known);
    number(out, "links", info.relays);
    number(out, "links_validated", info.relays_validated);
    number(out, "destinations", info.destinations);
    number(out, "announces", waiting.used);
    number(out, "announces_taken", info.announces);
    number(out, "asks", info.asks);
    number(out, "forwarded", info.forwarded);
    number(out, "rx_frames", info.rx_packets);
    number(out, "tx_frames", info.tx_packets);
    number(out, "rxb", info.rx_bytes);
    number(out, "txb", info.tx_bytes);
    number(out, "inbox_announces", info.inbox_announces);
    number(out, "inbox_asks", info.inbox_asks);
    number(out, "inbox_limited", info.inbox_limited);
    (void)fprintf(out, "\"uptime\":%.3f}\n", (double)(now - info.since) / 1e6);
}

bool status_write(const pump_t *pump, rns_us_t now, const char *directory) {
    replace_t file;
    if (!replace_begin(&file, directory, "status.json")) {
        return false;
    }
    write_all(file.out, pump, now);
    return replace_end(&file);
}
