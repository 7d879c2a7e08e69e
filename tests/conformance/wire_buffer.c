// wire_buffer.c -- commands: streams over channels.
#include <stdlib.h>
#include <string.h>

#include "rns/providers.h"
#include "session/channel.h"
#include "testing_session.h"
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
        stream->is_bad |= event->status != RNS_ERR_OK;
        take(wire, stream);
        (void)channel_look(wire, session);
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

// ---- Writing

typedef struct {
    wire_t *wire;
    session_t *session;
    rns_buffer_t writer;
    uint16_t number;
    rns_bytes_t data; // left
    size_t written;
    int64_t until_us;
    json_t *manifest, *returns;
} writing_t;

static bool wait_ready(const writing_t *w) {
    const int64_t left = w->until_us - clock_now();
    return channel_wait_ready(w->wire, w->session, left > 0 ? left / 1000 : 0);
}

// Notes the message that was sent last.
static void note_message(const writing_t *w) {
    rns_bytes_t message;
    rnsi_chunk_t chunk;
    rns_inspect_channel_t at;
    if (rns_inspect_channel(w->wire->node, w->session->handle, &at) == RNS_ERR_OK &&
        rnst_channel_newest(w->wire->node, w->session->handle, &message) &&
        rnsi_chunk_parse(message, &chunk)) {
        (void)json_array_append_new(
            w->manifest, json_pack("{s:i, s:b, s:b, s:i}", "bytes", (int)chunk.data.size,
                                   "compressed", chunk.is_compressed, "eof", chunk.is_end,
                                   "sequence", (int)(uint16_t)(at.next_tx - 1)));
    }
}

// Writes message by message until so many bytes are left. False: there was no time.
static bool write_down_to(writing_t *w, size_t left) {
    while (w->data.size > left) {
        const rns_bytes_t some = {w->data.data, w->data.size - left};
        const size_t size =
            wait_ready(w) ? rnst_buffer_write(w->wire->node, clock_now(), w->writer, some) : 0;
        if (size == 0 && clock_now() >= w->until_us) {
            return false;
        }
        if (size == 0) { // no frame is free
            daemon_wake(w->wire->daemon);
            wire_turn(w->wire);
            continue;
        }
        note_message(w);
        (void)json_array_append_new(w->returns, json_integer((json_int_t)size));
        w->data = (rns_bytes_t){w->data.data + size, w->data.size - size};
        w->written += size;
        daemon_wake(w->wire->daemon);
    }
    return true;
}

// One message as it is, made by hand.
static bool send_chunk(call_t *call, writing_t *w, bool is_end, bool is_compressed,
                       rns_bytes_t data) {
    const rns_mem_t chunk = {call_alloc(call, RNSI_CHUNK_HEAD + data.size),
                             RNSI_CHUNK_HEAD + data.size};
    uint16_t sequence;
    rnsi_chunk_head(chunk.data, w->number, is_end, is_compressed);
    if (data.size > 0) {
        memcpy(chunk.data + RNSI_CHUNK_HEAD, data.data, data.size);
    }
    const bool good =
        wait_ready(w) &&
        rnst_channel_send(w->wire->node, clock_now(), w->session->handle, RNSI_STREAM_TYPE,
                          (rns_bytes_t){chunk.data, chunk.size}, &sequence) == RNS_ERR_OK;
    if (good) {
        note_message(w);
        daemon_wake(w->wire->daemon);
    }
    return good;
}

static bool is_idle(void *user) {
    const writing_t *w = user;
    return channel_look(w->wire, w->session)->tx_count == 0 ||
           channel_link_status(w->wire, w->session) == RNS_LINK_CLOSED;
}

// The end of the stream: with the data that is left, or in a message of its own.
static bool write_end(call_t *call, writing_t *w, bool with_data) {
    if (with_data && w->data.size > 0) {
        const rns_bytes_t rest = w->data;
        (void)json_array_append_new(w->returns, json_integer((json_int_t)rest.size));
        rnst_buffer_drop(w->wire->node, w->writer);
        const bool good = send_chunk(call, w, true, false, rest);
        w->written += good ? rest.size : 0;
        return good;
    }
    if (!wait_ready(w)) {
        return false;
    }
    const bool good = rns_buffer_close(w->wire->node, clock_now(), w->writer) == RNS_ERR_OK;
    note_message(w);
    daemon_wake(w->wire->daemon);
    return good;
}

// Bytes in a message.
static size_t chunk_most(const writing_t *w) {
    const rns_node_t *node = w->wire->node;
    return rnsi_buffer_chunk_most(node, rnsi_link_get(node, w->session->handle));
}

// The same where the MTU of the link is the usual one (StreamDataMessage.MAX_DATA_LEN).
static size_t chunk_fixed(void) {
    const struct rnsi_link link = {.mtu = RNS_MTU};
    return rnsi_link_mdu(&link) - RNSI_MESSAGE_HEAD - RNSI_CHUNK_HEAD;
}

static json_t *stream_result(writing_t *w, bool is_ended) {
    const uint32_t mdu = rns_channel_mdu(w->wire->node, w->session->handle);
    (void)wire_wait(w->wire, (w->until_us - clock_now()) / 1000, is_idle, w);
    return json_pack("{s:I, s:b, s:o, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:b}", "written",
                     (json_int_t)w->written, "eof", is_ended, "manifest", w->manifest,
                     "write_returns", w->returns, "max_data_len", (int)chunk_most(w),
                     "fixed_max_data_len", (int)chunk_fixed(), "channel_mdu", (int)mdu,
                     "max_chunk_len", (int)RNSI_CHUNK_MOST, "compression_tries",
                     (int)RNSI_PACK_TRIES, "tx_ring_after",
                     (int)channel_look(w->wire, w->session)->tx_count, "ready", is_ended);
}

// Zeros, packed into one message.
static json_t *send_bomb(call_t *call, writing_t *w, size_t size) {
    const rns_compress_t *c = &rns_compress_bz2;
    const rns_mem_t arena = {call_alloc(call, c->pack_need(size)), c->pack_need(size)};
    const rns_mem_t out = {call_alloc(call, 4096), 4096};
    const size_t packed = c->pack(arena, (rns_bytes_t){call_alloc(call, size), size}, out);
    const bool sent =
        packed > 0 && send_chunk(call, w, false, true, (rns_bytes_t){out.data, packed});
    const json_t *first = json_array_get(w->manifest, 0);
    json_t *result = json_pack(
        "{s:i, s:b, s:O, s:b, s:I, s:i, s:b, s:O}", "written", 0, "eof", 0, "manifest", w->manifest,
        "bomb", sent, "decompressed_len", (json_int_t)size, "max_chunk_len", (int)RNSI_CHUNK_MOST,
        "ready", sent, "sequence", sent ? json_object_get(first, "sequence") : json_null());
    json_decref(w->manifest);
    json_decref(w->returns);
    return result;
}

static json_t *buffer_stream(call_t *call) {
    writing_t w = {.session = channel_open_session_of(call, &w.wire)};
    rns_mem_t data = {NULL, 0};
    bool is_bomb = false, with_data = false, closes = false;
    int64_t timeout_ms = 30000, bomb = 4 * RNSI_CHUNK_MOST, number = 0;
    if (w.session == NULL || !call_maybe_hex(call, "data", &data) ||
        !call_maybe_flag(call, "bomb", &is_bomb) ||
        !call_maybe_flag(call, "eof_with_data", &with_data) ||
        !call_maybe_flag(call, "use_close", &closes) ||
        !call_maybe_int(call, "timeout_ms", 0, INT32_MAX, &timeout_ms) ||
        !call_maybe_int(call, "bomb_decompressed_len", 1, 1 << 20, &bomb) ||
        !call_maybe_int(call, "stream_id", 0, RNS_STREAM_MAX, &number)) {
        return NULL;
    }
    w.number = (uint16_t)number;
    w.data = (rns_bytes_t){data.data, data.size};
    w.until_us = clock_now() + timeout_ms * 1000;
    w.manifest = json_array();
    w.returns = json_array();
    if (is_bomb) {
        return send_bomb(call, &w, (size_t)bomb);
    }
    const rns_err_t err =
        rns_buffer_writer(w.wire->node, clock_now(), w.session->handle, w.number, &w.writer);
    if (err != RNS_ERR_OK) {
        json_decref(w.manifest);
        json_decref(w.returns);
        return call_fail_err(call, "the writer", err);
    }
    const size_t most = chunk_most(&w);
    const size_t last = !with_data                                ? 0
                        : data.size % most != 0 || data.size == 0 ? data.size % most
                                                                  : most;
    const bool good = write_down_to(&w, last) && write_end(call, &w, with_data);
    return stream_result(&w, good);
}

// ---- What a reader has

typedef struct {
    wire_t *wire;
    const own_t *own;
    uint16_t number;
} reading_t;

static stream_t *stream_of(const reading_t *r) {
    const session_t *session = channel_newest(r->wire, r->own);
    stream_t *stream =
        session == NULL || session->channel == NULL ? NULL : session->channel->streams;
    while (stream != NULL && stream->number != r->number) {
        stream = stream->next;
    }
    return stream;
}

static bool has_ended(void *user) {
    const stream_t *stream = stream_of(user);
    return stream != NULL && (stream->is_ended || stream->is_bad);
}

static json_t *buffer_received(call_t *call) {
    reading_t r = {.wire = wire_of(call)};
    r.own = r.wire == NULL ? NULL : own_of(call, r.wire);
    int64_t timeout_ms = 30000, number = 0;
    if (r.own == NULL || !call_maybe_int(call, "timeout_ms", 0, INT32_MAX, &timeout_ms) ||
        !call_maybe_int(call, "stream_id", 0, RNS_STREAM_MAX, &number)) {
        return NULL;
    }
    r.number = (uint16_t)number;
    (void)wire_wait(r.wire, timeout_ms, has_ended, &r);
    stream_t *stream = stream_of(&r);
    if (stream == NULL) {
        return json_pack("{s:s, s:b, s:b, s:n}", "data", "", "eof", 0, "aborted", 0, "error");
    }
    json_t *result = json_pack("{s:o, s:b, s:b, s:s?}", "data", hex_of_mem(stream->read), "eof",
                               stream->is_ended, "aborted", stream->is_bad, "error",
                               stream->is_bad ? rns_err_text(RNS_ERR_CORRUPT) : NULL);
    free(stream->read.data);
    stream->read = (rns_mem_t){NULL, 0};
    return result;
}

const command_entry_t WIRE_BUFFER_COMMANDS[] = {
    {"wire_buffer_pack", buffer_pack},
    {"wire_buffer_stream", buffer_stream},
    {"wire_buffer_received", buffer_received},
    {NULL, NULL},
};
