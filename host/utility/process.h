// host/utility/process.h -- a command that is run for somebody: its input, what it writes up to a
// limit, and an end by time.
#ifndef HOST_UTILITY_PROCESS_H_INCLUDED
#define HOST_UTILITY_PROCESS_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "host/utility/words.h"
#include "rns/types.h"

#define PROCESS_OUTPUT_MOST 67108864U // bytes that are kept of each output, at most
#define PROCESS_GRACE_MS    5000U     // from SIGTERM to SIGKILL

typedef struct {
    uint8_t *data;
    size_t size, room, most; // kept; taken; to keep
    uint64_t total;          // written by the process
} process_output_t;

typedef struct process process_t;

// What became of it; valid within done().
typedef struct {
    bool has_code, timed_out;
    int code;                       // the exit code, or a signal's number below zero
    const process_output_t *output; // [0]: stdout, [1]: stderr
    int64_t started_unix_us, ended_unix_us;
} process_result_t;

typedef struct {
    uv_loop_t *loop;
    const words_t *words;  // the program, found as execvp() does, and its arguments
    rns_bytes_t input;     // copied; it gets no more
    size_t output_most[2]; // bytes to keep of stdout and stderr
    uint64_t timeout_ms;   // 0: none
    void (*done)(void *user, process_t *process, const process_result_t *result);
    void *user;
} process_options_t;

// Starts it, in a process group of its own. done() follows, once, when it has ended and closed its
// outputs, or its time was over. NULL: it cannot be run, errno says why.
process_t *process_start(const process_options_t *options);

// Kills it and all of its group; done() is not called any more. Run the loop after.
void process_abandon(process_t *process);

#endif
