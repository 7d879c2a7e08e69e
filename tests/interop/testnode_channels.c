// testnode_channels.c -- see testnode.h. Channel messages, and streams out of files and into them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/clock.h"
#include "testnode_fields.h"

#define MESSAGE_TYPE 0x0101     // unless a command says another
#define RING         (1U << 18) // bytes of a reader
#define CHUNK        (1U << 16)

static bool is_of(const stream_t *stream, const session_t *session) {
    return stream->is_taken && memcmp(stream->link.b, session->id.b, sizeof stream->link.b) == 0;
}

static stream_t *stream_new(agent_t *agent, const session_t *session, int number) {
    for (size_t i = 0; i < STREAM_MOST; i++) {
        stream_t *stream = &agent->streams[i];
        if (!stream->is_taken) {
            *stream = (stream_t){
                .is_taken = true, .link = session->id, .number = (uint16_t)number, .file = -1};
            return stream;
        }
    }
    return NULL;
}

static void stream_free(stream_t *stream) {
    if (stream->file >= 0) {
        (void)close(stream->file);
    }
    free(stream->memory);
    stream->is_taken = false;
}

// ---- Writers and readers

static void tell_stream(const stream_t *stream, const char *event) {
    line_emit(json_pack("{s:s, s:o, s:i, s:s, s:I}", "event", event, "link",
                        json_hash(&stream->link), "stream", (int)stream->number, "file",
                        stream->path, "size", (json_int_t)stream->at));
}

// Writes as much of the file as the window takes.
static void write_on(agent_t *agent, rns_us_t now, stream_t *stream) {
    uint8_t chunk[CHUNK];
    ssize_t size;
    while ((size = pread(stream->file, chunk, sizeof chunk, (off_t)stream->at)) > 0) {
        const rns_bytes_t data = {chunk, (size_t)size};
        const size_t taken = rns_buffer_write(agent->node, now, stream->handle, data);
        if (taken == 0) {
            return;
        }
        stream->at += taken;
    }
    (void)rns_buffer_close(agent->node, now, stream->handle);
    tell_stream(stream, "stream_written");
    stream_free(stream);
}

static void read_on(agent_t *agent, rns_us_t now, stream_t *stream) {
    uint8_t chunk[CHUNK];
    bool has_ended = false;
    size_t size;
    while ((size = rns_buffer_read(agent->node, now, stream->handle,
                                   (rns_mem_t){chunk, sizeof chunk}, &has_ended)) > 0) {
        const ssize_t written = pwrite(stream->file, chunk, size, (off_t)stream->at);
        stream->at += written > 0 ? (uint64_t)written : 0;
    }
    if (has_ended) {
        (void)rns_buffer_close(agent->node, now, stream->handle);
        tell_stream(stream, "stream");
        stream_free(stream);
    }
}

// ---- Commands

static json_t *channel_send(agent_t *agent, json_t *fields, const char **error) {
    const char *id, *text;
    int type = MESSAGE_TYPE;
    if (!UNPACK(fields, error, "{s:s, s:s, s?:i}", "link", &id, "data", &text, "type", &type)) {
        return NULL;
    }
    const session_t *session = session_of(agent, id, error);
    if (session == NULL) {
        return NULL;
    }
    const rns_mem_t data = read_bytes(text);
    if (data.data == NULL) {
        return refuse(error, "data is not hex");
    }
    const rns_err_t err =
        rns_channel_send(agent->node, clock_now(), session->handle, (uint16_t)type,
                         (rns_bytes_t){data.data, data.size}, NULL);
    free(data.data);
    return reply_of(err, error);
}

static json_t *channel_ready(agent_t *agent, json_t *fields, const char **error) {
    const char *id;
    const session_t *session =
        UNPACK(fields, error, "{s:s}", "link", &id) ? session_of(agent, id, error) : NULL;
    return session != NULL
               ? json_pack("{s:b, s:I}", "ready", rns_channel_ready(agent->node, session->handle),
                           "mdu", (json_int_t)rns_channel_mdu(agent->node, session->handle))
               : NULL;
}

static json_t *buffer_reader(agent_t *agent, json_t *fields, const char **error) {
    const char *id;
    int number;
    if (!UNPACK(fields, error, "{s:s, s:i}", "link", &id, "stream", &number)) {
        return NULL;
    }
    const session_t *session = session_of(agent, id, error);
    stream_t *stream = session != NULL ? stream_new(agent, session, number) : NULL;
    if (stream == NULL) {
        return NULL;
    }
    stream->memory = malloc(RING);
    stream->file = file_new(agent, ++agent->numbers, stream->path);
    const rns_err_t err =
        stream->memory == NULL || stream->file < 0
            ? RNS_ERR_MEMORY
            : rns_buffer_reader(agent->node, clock_now(), session->handle, stream->number,
                                (rns_mem_t){stream->memory, RING}, &stream->handle);
    if (err != RNS_ERR_OK) {
        stream_free(stream);
    }
    return reply_of(err, error);
}

static json_t *buffer_writer(agent_t *agent, json_t *fields, const char **error) {
    const char *id, *path;
    int number;
    if (!UNPACK(fields, error, "{s:s, s:i, s:s}", "link", &id, "stream", &number, "file", &path)) {
        return NULL;
    }
    const session_t *session = session_of(agent, id, error);
    stream_t *stream = session != NULL ? stream_new(agent, session, number) : NULL;
    if (stream == NULL) {
        return NULL;
    }
    uint64_t size;
    stream->is_writer = true;
    (void)snprintf(stream->path, sizeof stream->path, "%s", path);
    stream->file = file_open(path, &size);
    const rns_err_t err = stream->file < 0
                              ? RNS_ERR_ARG
                              : rns_buffer_writer(agent->node, clock_now(), session->handle,
                                                  stream->number, &stream->handle);
    if (err != RNS_ERR_OK) {
        stream_free(stream);
        return reply_of(err, error);
    }
    write_on(agent, clock_now(), stream);
    return json_object();
}

const entry_t CHANNEL_COMMANDS[] = {
    {"channel_send", channel_send},
    {"channel_ready", channel_ready},
    {"buffer_reader", buffer_reader},
    {"buffer_writer", buffer_writer},
    {NULL, NULL},
};

// ---- Events

static void tell_message(const session_t *session, const rns_event_t *e) {
    const void *data = e->data.size > 0 ? e->data.data : (const uint8_t *)"";
    line_emit(json_pack("{s:s, s:o, s:i, s:o}", "event", "channel", "link", json_hash(&session->id),
                        "type", (int)e->number, "data", json_hex(data, e->data.size)));
}

void channel_tell(agent_t *agent, session_t *session, const rns_event_t *e) {
    if (e->type == RNS_EV_CHANNEL) {
        tell_message(session, e);
        return;
    }
    for (size_t i = 0; i < STREAM_MOST; i++) {
        stream_t *stream = &agent->streams[i];
        if (!is_of(stream, session)) {
            continue;
        }
        if (stream->is_writer && e->type == RNS_EV_CHANNEL_READY) {
            write_on(agent, e->at, stream);
        } else if (!stream->is_writer && e->type == RNS_EV_BUFFER && stream->number == e->number) {
            read_on(agent, e->at, stream);
        }
    }
}

void channel_begin(agent_t *agent, const session_t *session) {
    (void)rns_channel_open(agent->node, clock_now(), session->handle);
}

void channel_end(agent_t *agent, const session_t *session) {
    for (size_t i = 0; i < STREAM_MOST; i++) {
        if (is_of(&agent->streams[i], session)) {
            stream_free(&agent->streams[i]);
        }
    }
}
