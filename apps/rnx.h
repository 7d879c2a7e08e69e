// rnx.h -- what the files of rnx share.
#ifndef APPS_RNX_H_INCLUDED
#define APPS_RNX_H_INCLUDED

#include "host/options.h"
#include "host/utility/utility.h"

#define RNX_NAME        "rnx"
#define RNX_DESTINATION "rnx.execute"
#define RNX_PATH        "command"
#define RNX_GRACE_S     2.0       // beside the command's time, for its result to come
#define RNX_INPUT_MOST  16777216U // bytes of a request: a command and its input
// Bytes of an answer that is not limited: 64 MiB of each output, and a little.
#define RNX_OUTPUT_MOST 67108864U
#define RNX_AROUND_MOST 256U // bytes of an answer beside the outputs, at most

typedef enum {
    RNX_EXIT_OK,
    RNX_EXIT_FAILED,
    RNX_EXIT_IDENTITY,
    RNX_EXIT_NO_VALUE = 240, // -m, and there is no exit code
    RNX_EXIT_BAD_DESTINATION,
    RNX_EXIT_NO_PATH,
    RNX_EXIT_NO_LINK,
    RNX_EXIT_REQUEST_FAILED,
    RNX_EXIT_NO_RESULT,
    RNX_EXIT_RECEIVE_FAILED,
    RNX_EXIT_INVALID_RESULT,
    RNX_EXIT_NOT_EXECUTED,
    RNX_EXIT_NO_RESPONSE
} rnx_exit_t;

#define RNX_UNSET (-1) // of a limit that was not given

typedef struct {
    const char *config, *identity, *destination, *command, *input;
    int verbose, quiet;
    bool listen, print_identity, interactive, no_announce, no_auth, no_id, detailed, mirror;
    options_texts_t allowed;
    double wait_s, result_s; // result_s 0: for ever
    int64_t out_most, err_most;
} rnx_wish_t;

int rnx_listen(const rnx_wish_t *wish);
// Executes the command if there is one, and then, interactive, those of standard input.
int rnx_execute(const rnx_wish_t *wish);

// ---- What goes over the link. Views are of what was read.

typedef struct {
    rns_bytes_t command;
    bool has_timeout, has_input;
    double timeout_s;
    uint64_t most[2]; // bytes to return of stdout and stderr; UINT64_MAX: all
    rns_bytes_t input;
} rnx_command_t;

typedef struct {
    bool is_executed, has_code, has_started, has_ended;
    int64_t code;
    bool has_output[2], has_total[2];
    rns_bytes_t output[2]; // of stdout and stderr, up to their limits
    uint64_t total[2];     // bytes that were written
    double started_s, ended_s;
} rnx_result_t;

// The bytes written; 0: they do not fit.
size_t rnx_command_write(const rnx_command_t *command, rns_mem_t out);
bool rnx_command_read(rns_bytes_t in, rnx_command_t *command);
size_t rnx_result_write(const rnx_result_t *result, rns_mem_t out);
bool rnx_result_read(rns_bytes_t in, rnx_result_t *result);

#endif
