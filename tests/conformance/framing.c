// framing.c -- commands: HDLC and KISS.
#include "rns/framing.h"

#include "bridge.h"

#define STREAM_MTU 262144 // bytes: hw_mtu unless the request says otherwise

// ---- Out

static json_t *hdlc(call_t *call, const char *result, size_t flags_off) {
    rns_mem_t data;
    if (!call_hex(call, "data", &data)) {
        return NULL;
    }
    rns_mem_t out = {NULL, RNS_HDLC_MAX(data.size)};
    out.data = call_alloc(call, out.size);
    out.size = rns_hdlc_encode((rns_bytes_t){data.data, data.size}, out);
    return json_pack("{s:o}", result, hex_of(out.data + flags_off, out.size - 2 * flags_off));
}

static json_t *hdlc_frame(call_t *call) {
    return hdlc(call, "framed", 0);
}

static json_t *hdlc_escape(call_t *call) {
    return hdlc(call, "escaped", 1);
}

static json_t *kiss_frame(call_t *call) {
    rns_mem_t data;
    if (!call_hex(call, "data", &data)) {
        return NULL;
    }
    rns_mem_t out = {NULL, RNS_KISS_MAX(data.size)};
    out.data = call_alloc(call, out.size);
    out.size = rns_kiss_encode(RNS_KISS_DATA, (rns_bytes_t){data.data, data.size}, out);
    return json_pack("{s:o}", "framed", hex_of_mem(out));
}

// ---- One frame: byte by byte, as a port reads it, so that it may be of any size

static json_t *hdlc_deframe(call_t *call) {
    rns_mem_t framed, frame = {NULL, 0};
    if (!call_hex(call, "framed", &framed)) {
        return NULL;
    }
    rns_hdlc_port_t reader = {.buffer = {call_alloc(call, framed.size + 1), framed.size + 1}};
    for (size_t i = 0; i < framed.size; i++) {
        const bool was_open = reader.open;
        const bool ends = rns_hdlc_feed(&reader, framed.data[i], &frame) == RNS_FRAMING_FRAME;
        // A flag right after the first one: nothing is between them, which a reader passes over.
        const bool is_flag = frame.data != NULL;
        if (ends || (was_open && is_flag)) {
            return json_pack("{s:o}", "data", hex_of_mem(frame));
        }
    }
    return call_fail(call, reader.open ? "the frame has no second flag" : "there is no flag");
}

static json_t *kiss_deframe(call_t *call) {
    rns_mem_t framed, frame = {NULL, 0};
    if (!call_hex(call, "framed", &framed)) {
        return NULL;
    }
    rns_kiss_port_t reader = {.buffer = {call_alloc(call, framed.size + 1), framed.size + 1},
                              .command_mask = UINT8_MAX};
    for (size_t i = 0; i < framed.size; i++) {
        const bool was_open = reader.open;
        switch (rns_kiss_feed(&reader, framed.data[i], &frame)) {
        case RNS_FRAMING_FRAME:
        case RNS_FRAMING_SHORT:
            return json_pack("{s:o}", "data", hex_of_mem(frame));
        case RNS_FRAMING_COMMAND:
            return call_fail(call, "the command is 0x%02x, not data", reader.command);
        default:
            break;
        }
        if (was_open && frame.data != NULL) {
            return call_fail(call, "the frame has no command");
        }
    }
    return call_fail(call, reader.open ? "the frame has no second flag" : "there is no flag");
}

// ---- A stream, as TCP reads it

typedef rns_framing_t next_t(rns_framing_stream_t *reader, rns_mem_t stream, size_t *consumed,
                             rns_mem_t *frame);

static json_t *deframe_stream(call_t *call, next_t *next) {
    rns_mem_t stream;
    int64_t hw_mtu = STREAM_MTU;
    if (!call_hex(call, "stream", &stream) ||
        !call_maybe_int(call, "hw_mtu", 1, INT32_MAX, &hw_mtu)) {
        return NULL;
    }
    rns_framing_stream_t reader = {.max_frame = (size_t)hw_mtu};
    json_t *frames = json_array();
    for (;;) {
        size_t consumed;
        rns_mem_t frame;
        const rns_framing_t what = next(&reader, stream, &consumed, &frame);
        if (what == RNS_FRAMING_MORE) {
            return json_pack("{s:o}", "frames", frames);
        }
        if (what == RNS_FRAMING_FRAME || what == RNS_FRAMING_CUT) {
            (void)json_array_append_new(frames, hex_of_mem(frame));
        }
        stream.data += consumed;
        stream.size -= consumed;
    }
}

static json_t *hdlc_deframe_stream(call_t *call) {
    return deframe_stream(call, rns_hdlc_next);
}

static json_t *kiss_deframe_stream(call_t *call) {
    return deframe_stream(call, rns_kiss_next);
}

const command_entry_t FRAMING_COMMANDS[] = {
    {"hdlc_escape", hdlc_escape},
    {"hdlc_frame", hdlc_frame},
    {"hdlc_deframe", hdlc_deframe},
    {"hdlc_deframe_stream", hdlc_deframe_stream},
    {"kiss_frame", kiss_frame},
    {"kiss_deframe", kiss_deframe},
    {"kiss_deframe_stream", kiss_deframe_stream},
    {NULL, NULL},
};
