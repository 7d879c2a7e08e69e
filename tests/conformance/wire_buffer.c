// wire_buffer.c -- commands: streams over channels.
#include <stdlib.h>
#include <string.h>

#include "wire/channel.h"
#include "wire_channel.h"

#define RING 65536U // bytes that a reader holds, of what was received and not read yet

// ---- Readers of a listener's link

static void take(wire_t *wire, stream_t *stream) {
    uint8_t bytes[4096];
    size_t size;
    bool is_ended;
    while ((size = rns_buffer_read(wire->node, clock_now(), stream->buffer,
                                   (rns_mem_t){bytes, sizeof bytes}, &is_ended)) > 0) {
        stream->is_ended |= is_ended;
        stream->read.data = realloc(stream->read.data, stream->read.size + size);
        if (stream->read.data == NULL) {
            abort();
        }
        memcpy(stream->read.data + stream->read.size, bytes, size);
        stream->read.size += size;
    }
    stream->is_ended |= is_ended;
}

void buffer_on_data(wire_t *wire, const rns_event_t *event) {
    session_t *session = session_at(wire, event->link);
    stream_t *stream =
        session == NULL || session->channel == NULL ? NULL : session->channel->streams;
    while (stream != NULL && stream->number != event->number) {
        stream = stream->next;
    }
    if (stream != NULL) {
        take(wire, stream);
    }
}

void buffer_readers_open(wire_t *wire, session_t *session) {
    const listen_t *terms = &session->own->listen;
    for (size_t i = 0; i < terms->stream_count; i++) {
        stream_t *stream = calloc(1, sizeof *stream);
        uint8_t *ring = malloc(RING);
        if (stream == NULL || ring == NULL) {
            abort();
        }
        stream->number = terms->streams[i];
        stream->ring = (rns_mem_t){ring, RING};
        stream->next = session->channel->streams;
        session->channel->streams = stream;
        (void)rns_buffer_reader(wire->node, clock_now(), session->handle, stream->number,
                                stream->ring, &stream->buffer);
    }
}

void buffer_readers_free(channel_log_t *log) {
    while (log->streams != NULL) {
        stream_t *stream = log->streams;
        log->streams = stream->next;
        free(stream->ring.data);
        free(stream->read.data);
        free(stream);
    }
}

// ---- One message of a stream

static json_t *unpack(call_t *call) {
    rns_mem_t raw;
    rnsi_chunk_t chunk;
    if (!call_hex(call, "unpack_raw", &raw)) {
        return NULL;
    }
    if (!rnsi_chunk_parse((rns_bytes_t){raw.data, raw.size}, &chunk)) {
        return json_pack("{s:s}", "error", "it is shorter than a head");
    }
    return json_pack("{s:i, s:b, s:b, s:o}", "stream_id", (int)chunk.stream, "eof", chunk.is_end,
                     "compressed", chunk.is_compressed, "data",
                     hex_of_mem((rns_mem_t){(uint8_t *)chunk.data.data, chunk.data.size}));
}

static json_t *buffer_pack(call_t *call) {
    int64_t stream = 0;
    bool is_end = false, is_compressed = false;
    rns_mem_t data = {NULL, 0};
    if (call_has(call, "unpack_raw")) {
        return unpack(call);
    }
    if (!call_maybe_int(call, "stream_id", INT64_MIN, INT64_MAX, &stream) ||
        !call_maybe_hex(call, "data", &data) || !call_maybe_flag(call, "eof", &is_end) ||
        !call_maybe_flag(call, "compressed", &is_compressed)) {
        return NULL;
    }
    if (stream < 0 || stream > (int64_t)RNS_STREAM_MAX) {
        return json_pack("{s:o}", "error",
                         json_sprintf("a stream's number is 0 to %u", RNS_STREAM_MAX));
    }
    rns_mem_t raw = {call_alloc(call, RNSI_CHUNK_HEAD + data.size), RNSI_CHUNK_HEAD + data.size};
    rnsi_chunk_head(raw.data, (uint16_t)stream, is_end, is_compressed);
    if (data.size > 0) {
        memcpy(raw.data + RNSI_CHUNK_HEAD, data.data, data.size);
    }
    return json_pack("{s:o, s:i}", "raw", hex_of_mem(raw), "msgtype", (int)RNSI_STREAM_TYPE);
}

const command_entry_t WIRE_BUFFER_COMMANDS[] = {
    {"wire_buffer_pack", buffer_pack},
    {NULL, NULL},
};
