// rnx_listen.c -- runs the commands of those who are allowed to.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/log.h"
#include "host/text.h"
#include "host/utility/herald.h"
#include "host/utility/process.h"
#include "host/utility/service.h"
#include "host/utility/words.h"

#include "rnx.h"

#define JOBS_MOST    64U        // commands that run, or whose results are on their way
#define OFFERS_MOST  16U        // requests that come as resources, at once
#define SHOWN        256U       // bytes of a command in the log
#define TIMEOUT_MOST 31536000.0 // seconds

typedef struct listener listener_t;
typedef struct job job_t;

struct job {
    listener_t *listener;
    job_t *next;
    rns_query_t query;
    process_t *process; // while it runs
    uint8_t *answer;    // while it is on its way
    char from[TEXT_HASH], command[SHOWN];
};

// Memory that was lent for a request that comes as a resource.
typedef struct offer offer_t;
struct offer {
    offer_t *next;
    rns_resource_t resource;
    bool is_over; // given back, as soon as the event has returned
    uint8_t memory[];
};

struct listener {
    const rnx_wish_t *wish;
    utility_t utility;
    service_t service;
    herald_t herald;
    job_t *jobs;
    offer_t *offers;
    size_t job_count, offer_count;
};

// ---- Jobs

static job_t *add_job(listener_t *listener, const rns_event_t *event) {
    job_t *job = listener->job_count < JOBS_MOST ? calloc(1, sizeof *job) : NULL;
    if (job == NULL) {
        return NULL;
    }
    job->listener = listener;
    job->query = event->query;
    (void)snprintf(job->from, sizeof job->from, "unknown requestor");
    if (event->has_identity) {
        text_hash(&event->identity, job->from);
    }
    job->next = listener->jobs;
    listener->jobs = job;
    listener->job_count++;
    return job;
}

static void free_job(listener_t *listener, job_t *job) {
    job_t **at = &listener->jobs;
    while (*at != job) {
        at = &(*at)->next;
    }
    *at = job->next;
    listener->job_count--;
    free(job->answer);
    free(job);
}

static job_t *find_job(const listener_t *listener, rns_query_t query) {
    job_t *job = listener->jobs;
    while (job != NULL && (job->query.slot != query.slot || job->query.gen != query.gen)) {
        job = job->next;
    }
    return job;
}

// The end of an answer, or of a job without one; a command that runs goes on.
static void on_query_done(listener_t *listener, rns_query_t query) {
    job_t *job = find_job(listener, query);
    if (job != NULL && job->process == NULL) {
        free_job(listener, job);
    }
}

// The answer is lent to the node until it has gone out.
static void answer(job_t *job, const rnx_result_t *result) {
    listener_t *listener = job->listener;
    const size_t room = RNX_AROUND_MOST + result->output[0].size + result->output[1].size;
    job->answer = malloc(room);
    const size_t size =
        job->answer != NULL ? rnx_result_write(result, (rns_mem_t){job->answer, room}) : 0;
    const rns_query_t query = job->query;
    const rns_err_t err = size == 0 ? RNS_ERR_FULL
                                    : rns_respond(utility_node(&listener->utility), clock_now(),
                                                  query, (rns_bytes_t){job->answer, size});
    if (err != RNS_ERR_OK) {
        log_line(LOG_LEVEL_WARNING, "The result of command [%s] cannot be delivered: %s",
                 job->command, rns_err_text(err));
        (void)rns_query_drop(utility_node(&listener->utility), query);
        on_query_done(listener, query);
    }
    daemon_wake(listener->utility.daemon);
}

static void refuse(job_t *job) {
    const rnx_result_t result = {.has_started = true, .started_s = (double)clock_unix_us() / 1e6};
    log_line(LOG_LEVEL_NOTICE, "Command [%s] could not be executed", job->command);
    answer(job, &result);
}

static void on_process_done(void *user, process_t *process, const process_result_t *done) {
    job_t *job = user;
    rnx_result_t result = {.is_executed = true,
                           .has_code = done->has_code,
                           .code = done->code,
                           .has_started = true,
                           .started_s = (double)done->started_unix_us / 1e6,
                           .has_ended = !done->timed_out,
                           .ended_s = (double)done->ended_unix_us / 1e6};
    (void)process;
    for (size_t i = 0; i < 2; i++) {
        result.has_output[i] = result.has_total[i] = true;
        result.output[i] = (rns_bytes_t){done->output[i].data, done->output[i].size};
        result.total[i] = done->output[i].total;
    }
    job->process = NULL;
    log_line(LOG_LEVEL_NOTICE, "%s command [%s] to %s",
             done->timed_out ? "Delivering what came before the time was over of"
                             : "Delivering result of",
             job->command, job->from);
    answer(job, &result);
}

static size_t limit(uint64_t most) {
    return most < PROCESS_OUTPUT_MOST ? (size_t)most : PROCESS_OUTPUT_MOST;
}

static uint64_t timeout_ms(const rnx_command_t *command) {
    const double seconds = command->timeout_s > TIMEOUT_MOST ? TIMEOUT_MOST : command->timeout_s;
    return !command->has_timeout ? 0 : seconds > 0.001 ? (uint64_t)(seconds * 1000) : 1;
}

static void start(job_t *job, const rnx_command_t *command) {
    words_t words;
    const words_result_t split = words_split(command->command, &words);
    if (split == WORDS_OK) {
        const process_options_t options = {
            .loop = daemon_loop(job->listener->utility.daemon),
            .words = &words,
            .input = command->input,
            .output_most = {limit(command->most[0]), limit(command->most[1])},
            .timeout_ms = timeout_ms(command),
            .done = on_process_done,
            .user = job};
        job->process = process_start(&options);
    }
    words_free(&words);
    if (job->process == NULL) {
        refuse(job);
    }
}

static void on_request(listener_t *listener, rns_node_t *node, const rns_event_t *event) {
    rnx_command_t command;
    job_t *job = NULL;
    if (!rnx_command_read(event->data, &command)) {
        log_line(LOG_LEVEL_WARNING, "A request that is no command is not answered");
    } else {
        job = add_job(listener, event);
        if (job == NULL) {
            log_line(LOG_LEVEL_WARNING, "Too many commands run, so one is not answered");
        }
    }
    if (job == NULL) {
        (void)rns_query_drop(node, event->query);
        return;
    }
    (void)text_show(command.command, job->command, sizeof job->command);
    log_line(LOG_LEVEL_NOTICE, "Executing command [%s] for %s", job->command, job->from);
    start(job, &command);
}

// ---- Requests that come as resources

static void on_offer(listener_t *listener, rns_node_t *node, const rns_event_t *event) {
    offer_t *offer = NULL;
    if (listener->offer_count < OFFERS_MOST && event->size <= RNX_INPUT_MOST) {
        offer = malloc(sizeof *offer + (size_t)event->size);
    }
    if (offer == NULL) {
        log_line(LOG_LEVEL_WARNING, "A request of %llu bytes is refused",
                 (unsigned long long)event->size);
        return;
    }
    offer->resource = event->resource;
    offer->is_over = false;
    if (rns_request_take(node, event->at, event->resource,
                         (rns_mem_t){offer->memory, (size_t)event->size}) != RNS_ERR_OK) {
        free(offer);
        return;
    }
    offer->next = listener->offers;
    listener->offers = offer;
    listener->offer_count++;
}

static void end_offer(const listener_t *listener, rns_resource_t resource) {
    for (offer_t *offer = listener->offers; offer != NULL; offer = offer->next) {
        if (offer->resource.slot == resource.slot && offer->resource.gen == resource.gen) {
            offer->is_over = true;
        }
    }
}

static void sweep_offers(listener_t *listener, bool all) {
    for (offer_t **at = &listener->offers; *at != NULL;) {
        offer_t *offer = *at;
        if (all || offer->is_over) {
            *at = offer->next;
            listener->offer_count--;
            free(offer);
        } else {
            at = &offer->next;
        }
    }
}

// ---- Events

static void on_peer(const listener_t *listener, rns_node_t *node, const rns_event_t *event) {
    char hash[TEXT_HASH];
    text_hash(&event->identity, hash);
    log_line(LOG_LEVEL_NOTICE, "Initiator of a link identified as %s", hash);
    if (!service_allows(&listener->service, &event->identity)) {
        log_line(LOG_LEVEL_NOTICE, "Identity %s not allowed, tearing down link", hash);
        (void)rns_link_close(node, event->at, event->link);
    }
}

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    listener_t *listener = user;
    if (event->type == RNS_EV_LINK_UP) {
        log_line(LOG_LEVEL_NOTICE, "Command link established");
    } else if (event->type == RNS_EV_LINK_DOWN) {
        log_line(LOG_LEVEL_NOTICE, "Command link closed");
    } else if (event->type == RNS_EV_LINK_PEER) {
        on_peer(listener, node, event);
    } else if (event->type == RNS_EV_REQUEST) {
        on_request(listener, node, event);
        end_offer(listener, event->resource);
    } else if (event->type == RNS_EV_REQUEST_OFFER) {
        on_offer(listener, node, event);
    } else if (event->type == RNS_EV_RESOURCE_DONE) {
        end_offer(listener, event->resource);
    } else if (event->type == RNS_EV_QUERY_DONE) {
        on_query_done(listener, event->query);
    }
}

// ---- Start

static bool collect_allowed(listener_t *listener) {
    const rnx_wish_t *wish = listener->wish;
    if (!service_collect(&listener->service, wish->allowed.at, wish->allowed.count)) {
        return false;
    }
    if (service_allows_nobody(&listener->service)) {
        (void)puts("Warning: No allowed identities configured, rnx will not accept any commands!");
        (void)fflush(stdout);
    }
    return true;
}

static bool turn(void *user) {
    listener_t *listener = user;
    sweep_offers(listener, false);
    if (!listener->wish->no_announce) {
        herald_turn(&listener->herald, clock_now());
    }
    return false;
}

static int serve(listener_t *listener) {
    char hash[TEXT_HASH];
    if (!collect_allowed(listener) || !service_add(&listener->service, RNX_PATH)) {
        return RNX_EXIT_FAILED;
    }
    text_hash(&listener->service.destination, hash);
    log_line(LOG_LEVEL_NOTICE, "rnx listening for commands on %s", hash);
    if (!listener->wish->no_announce) {
        herald_open(&listener->herald, &listener->utility, listener->service.dest, 0);
    }
    utility_serve(&listener->utility, turn, listener);
    utility_close_links(&listener->utility);
    return RNX_EXIT_OK;
}

static int run(listener_t *listener) {
    if (!service_open(&listener->service, listener->wish->identity)) {
        return RNX_EXIT_IDENTITY;
    }
    if (!listener->wish->print_identity) {
        return serve(listener);
    }
    service_print(&listener->service);
    return RNX_EXIT_OK;
}

int rnx_listen(const rnx_wish_t *wish) {
    static listener_t listener; // too large for the stack of some systems
    const utility_options_t options = {.config = wish->config,
                                       .level = UTILITY_LEVEL + wish->verbose - wish->quiet,
                                       .is_still = wish->print_identity,
                                       .is_silent = true,
                                       .on_event = on_event,
                                       .user = &listener};
    listener.wish = wish;
    listener.service = (service_t){.utility = &listener.utility,
                                   .program = RNX_NAME,
                                   .name = RNX_DESTINATION,
                                   .no_auth = wish->no_auth};
    const int code = utility_open(&listener.utility, &options) ? run(&listener) : DAEMON_EXIT_PANIC;
    for (job_t *job = listener.jobs; job != NULL; job = job->next) {
        if (job->process != NULL) {
            process_abandon(job->process);
            job->process = NULL;
        }
    }
    utility_close(&listener.utility);
    while (listener.jobs != NULL) {
        free_job(&listener, listener.jobs);
    }
    sweep_offers(&listener, true);
    service_close(&listener.service);
    return code;
}
