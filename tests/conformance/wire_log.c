// wire_log.c -- commands that the suite sends to nodes of the reference: the frames that came in,
// the mode of an interface, and a hook of one implementation that others echo.
#include <stdlib.h>
#include <string.h>

#include "testing.h"
#include "wire.h"

#define FRAMES_MOST  4096U // that are kept: the newest
#define COUNT(array) (sizeof(array) / sizeof *(array))

struct frame_log {
    json_t *frames;
    json_int_t last; // number of the newest
};

// ---- Frames

void frames_open(wire_t *wire) {
    wire->log = calloc(1, sizeof *wire->log);
    if (wire->log == NULL) {
        abort();
    }
    wire->log->frames = json_array();
}

void frames_close(wire_t *wire) {
    if (wire->log != NULL) {
        json_decref(wire->log->frames);
        free(wire->log);
    }
}

void frames_note(wire_t *wire, rns_iface_t iface, rns_mem_t frame, const rnsi_packet_t *packet) {
    struct frame_log *log = wire->log;
    rns_iface_info_t info;
    if (rns_iface_info(wire->node, clock_now(), iface, &info) != RNS_ERR_OK) {
        return;
    }
    json_t *entry = json_pack(
        "{s:I, s:I, s:o, s:o, s:o, s:o, s:s}", "seq", ++log->last, "timestamp_ms",
        (json_int_t)(clock_unix_us() / 1000), "raw_hex", hex_of_mem(frame), "packet_type",
        packet != NULL ? json_integer(packet->type) : json_null(), "destination_hash_hex",
        hex_of(packet != NULL ? packet->dest : NULL, sizeof(rns_hash_t)), "context",
        packet != NULL ? json_integer(packet->context) : json_null(), "interface_name", info.name);
    if (json_array_size(log->frames) == FRAMES_MOST) {
        (void)json_array_remove(log->frames, 0);
    }
    (void)json_array_append_new(log->frames, entry);
}

static json_t *get_received_packets(call_t *call) {
    const wire_t *wire = call_has(call, "handle") ? wire_of(call) : call->bridge->wire;
    int64_t since = 0;
    if (wire == NULL) {
        return call_has(call, "handle") ? NULL : call_fail(call, "there is no node");
    }
    if (!call_maybe_int(call, "since_seq", 0, INT64_MAX, &since)) {
        return NULL;
    }
    json_t *packets = json_array(), *entry;
    size_t index;
    json_array_foreach(wire->log->frames, index, entry) {
        if (json_integer_value(json_object_get(entry, "seq")) > since) {
            (void)json_array_append(packets, entry);
        }
    }
    return json_pack("{s:o, s:I}", "packets", packets, "highest_seq", wire->log->last);
}

// ---- Others

static json_t *set_interface_mode(call_t *call) {
    static const struct {
        const char *name;
        rns_mode_t mode;
    } MODES[] = {{"full", RNS_MODE_FULL},
                 {"pointtopoint", RNS_MODE_POINT_TO_POINT},
                 {"access_point", RNS_MODE_ACCESS_POINT},
                 {"roaming", RNS_MODE_ROAMING},
                 {"boundary", RNS_MODE_BOUNDARY},
                 {"gateway", RNS_MODE_GATEWAY}};
    wire_t *wire = wire_of(call);
    const char *name;
    if (wire == NULL || !call_text(call, "mode", &name)) {
        return NULL;
    }
    for (size_t i = 0; i < COUNT(MODES); i++) {
        if (strcmp(name, MODES[i].name) == 0) {
            rnst_iface_mode(wire->node, wire_iface(wire), MODES[i].mode);
            return json_pack("{s:s}", "mode", name);
        }
    }
    return call_fail(call, "there is no mode '%s'", name);
}

static json_t *set_race_inducer(call_t *call) {
    const char *seam = NULL;
    int64_t delay_ms = 0;
    if (!call_maybe_text(call, "seam", &seam) ||
        !call_maybe_int(call, "delay_ms", 0, INT64_MAX, &delay_ms)) {
        return NULL;
    }
    return json_pack("{s:s?, s:I}", "seam", seam, "delay_ms", (json_int_t)delay_ms);
}

const command_entry_t WIRE_LOG_COMMANDS[] = {
    {"wire_get_received_packets", get_received_packets},
    {"wire_set_interface_mode", set_interface_mode},
    {"wire_set_race_inducer", set_race_inducer},
    {NULL, NULL},
};
