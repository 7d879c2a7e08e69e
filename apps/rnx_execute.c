// rnx_execute.c -- asks a listener to run a command, and shows what came of it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/log.h"
#include "host/text.h"
#include "host/utility/keyfile.h"
#include "host/utility/lines.h"
#include "host/utility/progress.h"

#include "rnx.h"

#define SAMPLE_EVERY_US 100000
#define REQUEST_AROUND  64U // bytes of a request beside its data, at most

// What a command has come to: in interactive mode most troubles end only the command.
typedef struct {
    bool leave; // also when interactive
    bool has_code;
    int code;
} outcome_t;

typedef struct {
    const rnx_wish_t *wish;
    utility_t utility;
    rns_hash_t destination;
    char hash[TEXT_HASH];
    rns_secret_t secret;
    rns_link_t link; // gen 0: none
    bool is_identified;
    lines_t lines;
    char line[LINES_BYTES];

    // Of the command that was asked for.
    rns_request_t request;
    bool is_answered, is_receiving, as_resource;
    rns_err_t status;
    uint8_t *data, *memory; // lent until the answer
    size_t memory_size;
    rnx_result_t result;
    bool is_nil, is_valid;
    uint64_t request_size, response_size;
    rns_us_t sent, ended, receiving_since, sampled;
    progress_t progress;
    outcome_t outcome;
} execution_t;

// ---- Showing the result; views of the answer's memory

static void show_output(const rnx_result_t *result) {
    FILE *const streams[] = {stdout, stderr};
    for (size_t i = 0; i < 2; i++) {
        if (result->has_output[i] && result->output[i].size > 0) {
            (void)fwrite(result->output[i].data, 1, result->output[i].size, streams[i]);
        }
        (void)fflush(streams[i]);
    }
}

static bool is_cut(const rnx_result_t *result, size_t i) {
    return result->has_output[i] && result->has_total[i] &&
           result->output[i].size < result->total[i];
}

static void show_cuts(const execution_t *execution, const rnx_result_t *result) {
    static const char *const names[] = {"stdout", "stderr"};
    const int64_t most[] = {execution->wish->out_most, execution->wish->err_most};
    if (!(most[0] != 0 && is_cut(result, 0)) && !(most[1] != 0 && is_cut(result, 1))) {
        return;
    }
    (void)puts("\nOutput truncated before being returned:");
    for (size_t i = 0; i < 2; i++) {
        if (is_cut(result, i) && result->output[i].size > 0) {
            (void)printf("  %s truncated to %zu bytes\n", names[i], result->output[i].size);
        }
    }
}

static void show_transfer(const execution_t *execution, double command_s) {
    const uint64_t bytes = execution->request_size + execution->response_size;
    const double measured = (double)(execution->ended - execution->sent) / 1e6 - command_s;
    const double seconds = measured > 0.001 ? measured : 0.001;
    char number[UNITS_MAX], size[UNITS_MAX], rate[UNITS_MAX];
    if (seconds < 10) {
        units_decimal(seconds, 3, number);
    } else {
        units_time(seconds, number);
    }
    units_size((double)bytes, size);
    units_rate((double)bytes / seconds, rate);
    (void)printf("Transferred %s in %s%s, effective rate %s\n", size, number,
                 seconds < 10 ? " seconds" : "", rate);
}

static void show_details(const execution_t *execution, const rnx_result_t *result) {
    static const char *const names[] = {"stdout", "stderr"};
    (void)puts("\n--- End of remote output, rnx done ---");
    if (result->has_started && result->has_ended) {
        const double seconds = result->ended_s - result->started_s;
        char number[UNITS_MAX];
        units_decimal(seconds, 3, number);
        (void)printf("Remote command execution took %s seconds\n", number);
        show_transfer(execution, seconds);
    }
    for (size_t i = 0; i < 2; i++) {
        if (!result->has_output[i] || !result->has_total[i]) {
            continue;
        }
        (void)printf("Remote wrote %llu bytes to %s", (unsigned long long)result->total[i],
                     names[i]);
        if (is_cut(result, i)) {
            (void)printf(", %zu bytes displayed", result->output[i].size);
        }
        (void)putchar('\n');
    }
}

// While the answer is there, so within its event.
static void show(execution_t *execution, const rnx_result_t *result) {
    screen_clear(&execution->utility.screen);
    show_output(result);
    if (execution->wish->detailed) {
        show_details(execution, result);
    } else {
        show_cuts(execution, result);
    }
    (void)fflush(stdout);
}

// ---- Events

static void on_response(execution_t *execution, const rns_event_t *event) {
    execution->is_answered = true;
    execution->status = event->status;
    execution->ended = event->at;
    if (event->status != RNS_ERR_OK) {
        return;
    }
    execution->response_size = event->data.size;
    execution->is_nil = event->data.size == 1 && event->data.data[0] == 0xC0;
    execution->is_valid = rnx_result_read(event->data, &execution->result);
    if (execution->is_valid && execution->result.is_executed) {
        show(execution, &execution->result);
    }
}

static void on_progress(execution_t *execution, const rns_event_t *event) {
    char text[PROGRESS_TEXT];
    if (!execution->is_receiving) {
        execution->is_receiving = true;
        execution->receiving_since = event->at;
    } else if (event->at - execution->sampled < SAMPLE_EVERY_US) {
        return;
    }
    execution->sampled = event->at;
    execution->progress.total = event->size;
    progress_add(&execution->progress, event->at, event->done, event->done);
    progress_text(&execution->progress, false, text);
    screen_progress(&execution->utility.screen, "Receiving result  %s", text);
}

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    execution_t *execution = user;
    (void)node;
    if (event->request.gen == 0 || event->request.slot != execution->request.slot ||
        event->request.gen != execution->request.gen) {
        return;
    }
    if (event->type == RNS_EV_RESPONSE && !execution->is_answered) {
        on_response(execution, event);
    } else if (event->type == RNS_EV_REQUEST_PROGRESS) {
        on_progress(execution, event);
    }
}

// ---- A command

static outcome_t trouble(execution_t *execution, const char *text, int code) {
    screen_line(&execution->utility.screen, "%s", text);
    return (outcome_t){.has_code = false, .code = code};
}

static outcome_t fatal(int code) {
    return (outcome_t){.leave = true, .code = code};
}

// A link that is active, identified. False: *outcome says how to go on.
static bool connect_link(execution_t *execution, outcome_t *outcome) {
    utility_t *utility = &execution->utility;
    if (utility_is_active(utility, execution->link)) {
        return true;
    }
    utility_end_t end =
        utility_find_path(utility, &execution->destination, utility_us(execution->wish->wait_s));
    if (end == UTILITY_LATE) {
        screen_line(&utility->screen, "Path not found");
        *outcome = fatal(RNX_EXIT_NO_PATH);
        return false;
    }
    if (end == UTILITY_DONE) {
        execution->is_identified = false;
        end = utility_open_link(utility, &execution->destination, &execution->link);
    }
    if (end == UTILITY_LATE) {
        screen_line(&utility->screen, "Could not establish link with %s", execution->hash);
        *outcome = fatal(RNX_EXIT_NO_LINK);
    } else if (end == UTILITY_INTERRUPTED) {
        *outcome = fatal(UTILITY_EXIT_INTERRUPTED);
    }
    return end == UTILITY_DONE;
}

static void identify(execution_t *execution) {
    if (execution->wish->no_id || execution->is_identified) {
        return;
    }
    execution->is_identified = true;
    const rns_err_t err = rns_link_identify(utility_node(&execution->utility), clock_now(),
                                            execution->link, &execution->secret);
    if (err != RNS_ERR_OK) {
        log_line(LOG_LEVEL_ERROR, "Could not identify: %s", rns_err_text(err));
    }
}

static uint64_t limit(int64_t most) {
    return most == RNX_UNSET ? UINT64_MAX : most < 0 ? 0 : (uint64_t)most;
}

static size_t answer_room(const rnx_command_t *command) {
    size_t room = RNX_AROUND_MOST;
    for (size_t i = 0; i < 2; i++) {
        room += command->most[i] < RNX_OUTPUT_MOST ? (size_t)command->most[i] : RNX_OUTPUT_MOST;
    }
    return room;
}

// Memory that is not touched takes none, so the room for an answer may be large.
static bool take_memory(execution_t *execution, const rnx_command_t *command) {
    const size_t room = REQUEST_AROUND + command->command.size + command->input.size;
    execution->memory_size = answer_room(command);
    execution->data = malloc(room);
    execution->memory = malloc(execution->memory_size);
    execution->request_size = execution->data != NULL
                                  ? rnx_command_write(command, (rns_mem_t){execution->data, room})
                                  : 0;
    return execution->memory != NULL && execution->request_size > 0;
}

static void give_memory(execution_t *execution) {
    free(execution->data);
    free(execution->memory);
    execution->data = execution->memory = NULL;
}

static rns_us_t request_timeout(execution_t *execution, rns_link_info_t *info) {
    (void)rns_link_info(utility_node(&execution->utility), execution->link, info);
    return utility_us(execution->wish->wait_s + RNX_GRACE_S) + 4 * info->rtt_us;
}

static rns_err_t ask(execution_t *execution, const char *text, const char *input) {
    const rnx_command_t command = {
        .command = {(const uint8_t *)text, strlen(text)},
        .has_timeout = true,
        .timeout_s = execution->wish->wait_s,
        .most = {limit(execution->wish->out_most), limit(execution->wish->err_most)},
        .has_input = input != NULL,
        .input = {(const uint8_t *)input, input != NULL ? strlen(input) : 0}};
    rns_link_info_t info = {0};
    if (!take_memory(execution, &command)) {
        return RNS_ERR_FULL;
    }
    const rns_request_options_t options = {.timeout_us = request_timeout(execution, &info),
                                           .memory = {execution->memory, execution->memory_size}};
    execution->as_resource = execution->request_size + REQUEST_AROUND / 2 > info.mdu;
    execution->is_answered = execution->is_receiving = false;
    execution->progress = (progress_t){0};
    execution->sent = clock_now();
    screen_state(&execution->utility.screen, "Sending execution request");
    return rns_request(utility_node(&execution->utility), execution->sent, execution->link,
                       RNX_PATH, (rns_bytes_t){execution->data, (size_t)execution->request_size},
                       &options, &execution->request);
}

static bool is_over(void *user) {
    const execution_t *execution = user;
    return execution->is_answered ||
           (execution->is_receiving && execution->wish->result_s > 0 &&
            clock_now() - execution->receiving_since >= utility_us(execution->wish->result_s));
}

// The codes are those that the reference comes to: of a request in a packet it never hears that it
// was delivered.
static outcome_t tell_failure(execution_t *execution) {
    if (execution->status == RNS_ERR_CLOSED) {
        (void)trouble(execution, "Could not request remote execution, link was closed", 0);
        return fatal(RNX_EXIT_REQUEST_FAILED);
    }
    if (execution->is_receiving || execution->status == RNS_ERR_SIZE) {
        return trouble(execution, "Receiving result failed", RNX_EXIT_RECEIVE_FAILED);
    }
    if (execution->status != RNS_ERR_TIMEOUT) {
        return trouble(execution, "Could not request remote execution", RNX_EXIT_REQUEST_FAILED);
    }
    return execution->as_resource ? trouble(execution, "No result was received", RNX_EXIT_NO_RESULT)
                                  : trouble(execution, "No response", RNX_EXIT_NO_RESPONSE);
}

static outcome_t tell_result(execution_t *execution) {
    if (!execution->is_answered || execution->is_nil) {
        return trouble(execution, "No response", RNX_EXIT_NO_RESPONSE);
    }
    if (!execution->is_valid) {
        return trouble(execution, "Received invalid result", RNX_EXIT_INVALID_RESULT);
    }
    if (!execution->result.is_executed) {
        return trouble(execution, "Remote could not execute command", RNX_EXIT_NOT_EXECUTED);
    }
    if (!execution->wish->mirror) {
        return (outcome_t){.code = RNX_EXIT_OK};
    }
    return (outcome_t){.has_code = execution->result.has_code,
                       .code = execution->result.has_code ? (int)execution->result.code
                                                          : RNX_EXIT_NO_VALUE};
}

static outcome_t follow(execution_t *execution) {
    const utility_end_t end = utility_wait(&execution->utility, 0, is_over, execution);
    screen_clear(&execution->utility.screen);
    if (!execution->is_answered) { // nobody shall write to its memory any more
        (void)rns_request_cancel(utility_node(&execution->utility), clock_now(),
                                 execution->request);
        execution->is_answered = false;
    }
    if (end == UTILITY_INTERRUPTED) {
        return fatal(UTILITY_EXIT_INTERRUPTED);
    }
    return execution->is_answered && execution->status != RNS_ERR_OK ? tell_failure(execution)
                                                                     : tell_result(execution);
}

static outcome_t execute(execution_t *execution, const char *text, const char *input) {
    outcome_t outcome = {0};
    if (!connect_link(execution, &outcome)) {
        return outcome;
    }
    identify(execution);
    const rns_err_t err = ask(execution, text, input);
    if (err == RNS_ERR_OK) {
        outcome = follow(execution);
    } else {
        log_line(LOG_LEVEL_ERROR, "The request cannot be sent: %s", rns_err_text(err));
        outcome = trouble(execution, "Could not request remote execution", RNX_EXIT_REQUEST_FAILED);
    }
    give_memory(execution);
    return outcome;
}

// ---- Commands from standard input

static bool has_line(void *user) {
    execution_t *execution = user;
    const lines_result_t result = lines_next(&execution->lines, execution->line);
    if (result == LINES_END) {
        (void)snprintf(execution->line, sizeof execution->line, "quit");
    }
    return result != LINES_NONE;
}

static bool is_word(const char *line, const char *word) {
    return strcasecmp(line, word) == 0;
}

static int converse(execution_t *execution) {
    outcome_t outcome = {0};
    lines_open(&execution->lines, STDIN_FILENO);
    while (true) {
        if (outcome.has_code && outcome.code != 0) {
            (void)printf("%d", outcome.code);
        }
        (void)fputs("> ", stdout);
        (void)fflush(stdout);
        if (utility_wait(&execution->utility, 0, has_line, execution) != UTILITY_DONE ||
            is_word(execution->line, "exit") || is_word(execution->line, "quit")) {
            return RNX_EXIT_OK;
        }
        if (is_word(execution->line, "clear")) {
            (void)fputs("\033c", stdout);
            continue;
        }
        outcome = execute(execution, execution->line, NULL);
        if (outcome.leave) {
            return outcome.code;
        }
    }
}

static int run(execution_t *execution) {
    const rnx_wish_t *wish = execution->wish;
    const char *path = utility_identity_path(&execution->utility, RNX_NAME, wish->identity);
    outcome_t outcome = {0};
    if (!keyfile_open_loudly(utility_node(&execution->utility), RNX_NAME, path,
                             &execution->secret)) {
        return RNX_EXIT_IDENTITY;
    }
    if (wish->command != NULL) {
        outcome = execute(execution, wish->command, wish->input);
    }
    return wish->interactive && !outcome.leave ? converse(execution) : outcome.code;
}

int rnx_execute(const rnx_wish_t *wish) {
    static execution_t execution; // too large for the stack of some systems
    const utility_options_t options = {.config = wish->config,
                                       .level = UTILITY_LEVEL + wish->verbose - wish->quiet,
                                       .is_quiet = true, // what it prints is the command's
                                       .on_event = on_event,
                                       .user = &execution};
    execution.wish = wish;
    if (!utility_read_hash(wish->destination, &execution.destination)) {
        return RNX_EXIT_BAD_DESTINATION;
    }
    text_hash(&execution.destination, execution.hash);
    const int code =
        utility_open(&execution.utility, &options) ? run(&execution) : DAEMON_EXIT_PANIC;
    if (execution.utility.has_beat && execution.link.gen != 0) {
        utility_close_link(&execution.utility, execution.link);
    }
    utility_close(&execution.utility);
    keyfile_wipe(&execution.secret);
    return code;
}
