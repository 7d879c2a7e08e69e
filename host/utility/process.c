// process.c -- see process.h.
#include "host/utility/process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"

#define OUTPUTS     2U
#define PIPES       3U // stdin, stdout, stderr
#define READ_BYTES  65536U
#define FIRST_BYTES 4096U

typedef enum { RUNS, TERMINATED, KILLED } ending_t;

struct process {
    uv_process_t handle;
    uv_pipe_t pipe[PIPES];
    uv_timer_t timer;
    uv_write_t write;
    uint8_t *input;
    process_output_t output[OUTPUTS];
    uint8_t buffer[READ_BYTES];
    unsigned open_outputs, open_handles;
    ending_t ending;
    bool has_ended, is_told, timed_out;
    int code;
    int64_t started_unix_us;
    uint64_t timeout_ms;
    void (*done)(void *user, process_t *process, const process_result_t *result);
    void *user;
};

// ---- The end

static void on_closed(uv_handle_t *handle) {
    process_t *process = handle->data;
    if (--process->open_handles > 0) {
        return;
    }
    free(process->input);
    free(process->output[0].data);
    free(process->output[1].data);
    free(process);
}

static void close_handle(process_t *process, uv_handle_t *handle) {
    if (!uv_is_closing(handle)) {
        handle->data = process;
        uv_close(handle, on_closed);
    }
}

static void close_all(process_t *process) {
    close_handle(process, (uv_handle_t *)&process->handle);
    close_handle(process, (uv_handle_t *)&process->timer);
    for (size_t i = 0; i < PIPES; i++) {
        close_handle(process, (uv_handle_t *)&process->pipe[i]);
    }
}

static void tell(process_t *process) {
    const process_result_t result = {.has_code = process->has_ended,
                                     .timed_out = process->timed_out,
                                     .code = process->code,
                                     .output = process->output,
                                     .started_unix_us = process->started_unix_us,
                                     .ended_unix_us = clock_unix_us()};
    if (!process->is_told) {
        process->is_told = true;
        process->done(process->user, process, &result);
    }
    close_all(process);
}

// Its children may hold the outputs open: they count, until its time is over.
static void tell_if_over(process_t *process) {
    if (process->has_ended && (process->open_outputs == 0 || process->timed_out)) {
        tell(process);
    }
}

static void signal_group(const process_t *process, int number) {
    if (process->handle.pid > 0) {
        (void)kill(-process->handle.pid, number);
    }
}

static void on_exit_of(uv_process_t *handle, int64_t status, int number) {
    process_t *process = handle->data;
    process->has_ended = true;
    process->code = number != 0 ? -number : (int)status;
    tell_if_over(process);
}

static void on_time(uv_timer_t *timer) {
    process_t *process = timer->data;
    process->timed_out = true;
    if (process->ending == RUNS) {
        process->ending = TERMINATED;
        signal_group(process, SIGTERM);
        (void)uv_timer_start(timer, on_time, PROCESS_GRACE_MS, 0);
    } else {
        process->ending = KILLED;
        signal_group(process, SIGKILL);
    }
    tell_if_over(process);
}

// ---- Outputs

static void on_space(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    process_t *process = handle->data;
    (void)suggested;
    *buffer = uv_buf_init((char *)process->buffer, sizeof process->buffer);
}

static bool make_room(process_output_t *output, size_t size) {
    size_t room = output->room == 0 ? FIRST_BYTES : output->room;
    while (room < size) {
        room *= 2;
    }
    if (room == output->room) {
        return true;
    }
    uint8_t *data = realloc(output->data, room);
    if (data == NULL) {
        return false;
    }
    output->data = data;
    output->room = room;
    return true;
}

// What is beyond the limit is counted, and so is what finds no memory.
static void keep(process_output_t *output, const uint8_t *data, size_t size) {
    const size_t left = output->most - output->size, part = size < left ? size : left;
    output->total += size;
    if (part > 0 && make_room(output, output->size + part)) {
        memcpy(output->data + output->size, data, part);
        output->size += part;
    }
}

static void on_output(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer) {
    process_t *process = stream->data;
    const size_t which = (uv_pipe_t *)stream == &process->pipe[1] ? 0 : 1;
    if (size >= 0) {
        keep(&process->output[which], (const uint8_t *)buffer->base, (size_t)size);
        return;
    }
    (void)uv_read_stop(stream);
    process->open_outputs--;
    tell_if_over(process);
}

// ---- Input

static void on_written(uv_write_t *request, int status) {
    process_t *process = request->data;
    (void)status; // one that does not read its input is no mistake
    close_handle(process, (uv_handle_t *)&process->pipe[0]);
}

static void write_input(process_t *process, rns_bytes_t input) {
    uv_buf_t buffer = uv_buf_init((char *)process->input, (unsigned)input.size);
    process->write.data = process;
    if (input.size == 0 ||
        uv_write(&process->write, (uv_stream_t *)&process->pipe[0], &buffer, 1, on_written) != 0) {
        close_handle(process, (uv_handle_t *)&process->pipe[0]);
    }
}

// ---- Start

static process_t *make(const process_options_t *options) {
    process_t *process = calloc(1, sizeof *process);
    if (process == NULL) {
        return NULL;
    }
    process->input = malloc(options->input.size + 1);
    if (process->input == NULL) {
        free(process);
        return NULL;
    }
    if (options->input.size > 0) {
        memcpy(process->input, options->input.data, options->input.size);
    }
    for (size_t i = 0; i < OUTPUTS; i++) {
        const size_t most = options->output_most[i];
        process->output[i].most = most < PROCESS_OUTPUT_MOST ? most : PROCESS_OUTPUT_MOST;
    }
    process->done = options->done;
    process->user = options->user;
    process->timeout_ms = options->timeout_ms;
    return process;
}

static int spawn(process_t *process, const process_options_t *options) {
    uv_stdio_container_t stdio[PIPES];
    for (size_t i = 0; i < PIPES; i++) {
        (void)uv_pipe_init(options->loop, &process->pipe[i], 0);
        process->pipe[i].data = process;
        stdio[i].flags =
            (uv_stdio_flags)(UV_CREATE_PIPE | (i == 0 ? UV_READABLE_PIPE : UV_WRITABLE_PIPE));
        stdio[i].data.stream = (uv_stream_t *)&process->pipe[i];
    }
    (void)uv_timer_init(options->loop, &process->timer);
    process->timer.data = process->handle.data = process;
    process->open_handles = PIPES + 2; // and the timer and itself
    uv_process_options_t wanted;
    memset(&wanted, 0, sizeof wanted);
    wanted.file = options->words->at[0];
    wanted.args = options->words->at;
    wanted.exit_cb = on_exit_of;
    wanted.flags = UV_PROCESS_DETACHED;
    wanted.stdio_count = PIPES;
    wanted.stdio = stdio;
    return uv_spawn(options->loop, &process->handle, &wanted);
}

process_t *process_start(const process_options_t *options) {
    process_t *process = NULL;
    if (options->words->count == 0) {
        errno = ENOENT;
        return NULL;
    }
    process = make(options);
    if (process == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    const int error = spawn(process, options);
    if (error != 0) {
        process->is_told = true;
        close_all(process);
        errno = -error;
        return NULL;
    }
    process->started_unix_us = clock_unix_us();
    process->open_outputs = OUTPUTS;
    (void)uv_read_start((uv_stream_t *)&process->pipe[1], on_space, on_output);
    (void)uv_read_start((uv_stream_t *)&process->pipe[2], on_space, on_output);
    write_input(process, options->input);
    if (process->timeout_ms > 0) {
        (void)uv_timer_start(&process->timer, on_time, process->timeout_ms, 0);
    }
    return process;
}

void process_abandon(process_t *process) {
    process->is_told = true;
    signal_group(process, SIGKILL);
    close_all(process);
}
