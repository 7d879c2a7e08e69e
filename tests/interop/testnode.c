// testnode.c -- see testnode.h. Lines in and out.
#include "testnode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MOST (4U << 20) // bytes of a command

typedef struct {
    agent_t agent;
    uv_pipe_t input;
    char bytes[LINE_MOST];
    size_t size;
} reader_t;

void line_write(const json_t *line) {
    (void)json_dumpf(line, stdout, JSON_COMPACT);
    (void)putchar('\n');
    (void)fflush(stdout);
}

void line_emit(json_t *line) {
    line_write(line);
    json_decref(line);
}

static void answer(agent_t *agent, json_t *request) {
    const char *error = "a request has a number and a command";
    json_int_t id = 0;
    const char *name;
    json_t *reply = NULL;
    if (json_unpack(request, "{s:I, s:s}", "id", &id, "cmd", &name) == 0) {
        json_t *fields = json_copy(request);
        (void)json_object_del(fields, "id");
        (void)json_object_del(fields, "cmd");
        reply = command_run(agent, name, fields, &error);
        json_decref(fields);
    }
    json_t *line = json_pack("{s:I, s:b}", "id", id, "ok", reply != NULL);
    if (reply == NULL) {
        (void)json_object_set_new(line, "error", json_string(error));
    } else {
        (void)json_object_update(line, reply);
    }
    line_emit(line);
    json_decref(reply);
}

static void take_line(agent_t *agent, const char *line, size_t size) {
    json_error_t why;
    json_t *request = json_loadb(line, size, 0, &why);
    if (request == NULL) {
        (void)fprintf(stderr, "not JSON: %s\n", why.text);
        return;
    }
    answer(agent, request);
    json_decref(request);
}

static void take_lines(reader_t *reader) {
    char *from = reader->bytes, *end;
    size_t left = reader->size;
    while ((end = memchr(from, '\n', left)) != NULL) {
        take_line(&reader->agent, from, (size_t)(end - from));
        left -= (size_t)(end + 1 - from);
        from = end + 1;
    }
    memmove(reader->bytes, from, left);
    reader->size = left;
}

// ---- Input, once there is a loop

static void on_space(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    reader_t *reader = handle->data;
    (void)suggested;
    *buffer =
        uv_buf_init(reader->bytes + reader->size, (unsigned)(sizeof reader->bytes - reader->size));
}

static void on_input(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer) {
    reader_t *reader = stream->data;
    (void)buffer;
    if (size < 0) {
        (void)uv_read_stop(stream);
        daemon_stop(reader->agent.daemon, size == UV_EOF ? 0 : 1);
        return;
    }
    reader->size += (size_t)size;
    take_lines(reader);
    daemon_wake(reader->agent.daemon);
}

static int run(reader_t *reader) {
    daemon_t *daemon = reader->agent.daemon;
    int code = 1;
    if (uv_pipe_init(daemon_loop(daemon), &reader->input, 0) == 0) {
        reader->input.data = reader;
        if (uv_pipe_open(&reader->input, STDIN_FILENO) == 0 &&
            uv_read_start((uv_stream_t *)&reader->input, on_space, on_input) == 0) {
            code = daemon_run(daemon);
        }
        uv_close((uv_handle_t *)&reader->input, NULL);
    }
    return code;
}

// Commands until the node has started. False: there are no more.
static bool wait_for_start(reader_t *reader) {
    while (reader->agent.daemon == NULL) {
        const ssize_t size =
            read(STDIN_FILENO, reader->bytes + reader->size, sizeof reader->bytes - reader->size);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            return false;
        }
        reader->size += (size_t)size;
        take_lines(reader);
    }
    return true;
}

int main(void) {
    reader_t *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return 1;
    }
    int code = 0;
    if (wait_for_start(reader)) {
        code = run(reader);
        daemon_close(reader->agent.daemon);
        startup_close(&reader->agent.startup);
    }
    free(reader);
    return code;
}
