// rncp_listen.c -- takes files from allowed senders, and gives files to those who may fetch.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/log.h"
#include "host/text.h"
#include "host/utility/herald.h"
#include "host/utility/paths.h"
#include "host/utility/saving.h"
#include "host/utility/service.h"
#include "wire/msgpack.h"

#include "rncp.h"

#define TRANSFERS_MOST 256U // at once, in and out

typedef struct transfer transfer_t;
struct transfer {
    transfer_t *next;
    rns_resource_t resource;
    bool incoming;
    saving_t saving;  // incoming
    rncp_file_t file; // outgoing
    uint8_t metadata[RNCP_METADATA_MOST];
};

typedef struct {
    const rncp_wish_t *wish;
    utility_t utility;
    service_t service;
    herald_t herald;
    transfer_t *transfers;
    size_t count;
    bool is_jailed;
    char folder[PATH_MAX], jail[PATH_MAX];
} listener_t;

// ---- Transfers under way

static transfer_t *add_transfer(listener_t *listener, bool incoming) {
    transfer_t *transfer = listener->count < TRANSFERS_MOST ? calloc(1, sizeof *transfer) : NULL;
    if (transfer != NULL) {
        transfer->incoming = incoming;
        transfer->saving.descriptor = transfer->file.descriptor = -1;
        transfer->next = listener->transfers;
        listener->transfers = transfer;
        listener->count++;
    }
    return transfer;
}

static void free_transfer(listener_t *listener, transfer_t *transfer) {
    transfer_t **at = &listener->transfers;
    while (*at != transfer) {
        at = &(*at)->next;
    }
    *at = transfer->next;
    listener->count--;
    saving_cancel(&transfer->saving);
    rncp_file_close(&transfer->file);
    free(transfer);
}

static transfer_t *find_transfer(const listener_t *listener, rns_resource_t resource) {
    transfer_t *transfer = listener->transfers;
    while (transfer != NULL &&
           (transfer->resource.slot != resource.slot || transfer->resource.gen != resource.gen)) {
        transfer = transfer->next;
    }
    return transfer;
}

// ---- Files that come

static bool may_send(const listener_t *listener, rns_node_t *node, rns_link_t link) {
    rns_link_info_t info;
    return listener->wish->no_auth ||
           (rns_link_info(node, link, &info) == RNS_ERR_OK && info.has_peer &&
            service_allows(&listener->service, &info.peer));
}

static bool accept_offer(listener_t *listener, rns_node_t *node, const rns_event_t *event) {
    transfer_t *transfer = add_transfer(listener, true);
    uint64_t token = 0;
    if (transfer == NULL || !rns_random(node, (uint8_t *)&token, sizeof token)) {
        return false;
    }
    if (!saving_begin(&transfer->saving, listener->folder, token)) {
        log_line(LOG_LEVEL_ERROR, "A file cannot be received in %s: %s", listener->folder,
                 strerror(errno));
        free_transfer(listener, transfer);
        return false;
    }
    const rns_sink_t sink = saving_sink(&transfer->saving);
    transfer->resource = event->resource;
    const rns_err_t err =
        rns_resource_accept(node, event->at, event->resource, &sink,
                            (rns_mem_t){transfer->metadata, sizeof transfer->metadata});
    if (err != RNS_ERR_OK) {
        log_line(LOG_LEVEL_WARNING, "A file cannot be received: %s", rns_err_text(err));
        free_transfer(listener, transfer);
    }
    return err == RNS_ERR_OK;
}

static void on_offer(listener_t *listener, rns_node_t *node, const rns_event_t *event) {
    rns_link_info_t info;
    char from[TEXT_HASH] = "an unknown sender";
    if (!may_send(listener, node, event->link) || !accept_offer(listener, node, event)) {
        (void)rns_resource_reject(node, event->at, event->resource);
        return;
    }
    if (rns_link_info(node, event->link, &info) == RNS_ERR_OK && info.has_peer) {
        text_hash(&info.peer, from);
    }
    log_line(LOG_LEVEL_INFO, "Starting resource transfer from %s", from);
}

static void keep(const listener_t *listener, transfer_t *transfer, const rns_event_t *event) {
    char name[SAVING_NAME_MAX], path[PATH_MAX];
    if (event->status != RNS_ERR_OK) {
        log_line(LOG_LEVEL_INFO, "Resource failed: %s", rns_err_text(event->status));
    } else if (!saving_name(event->metadata, name)) {
        log_line(LOG_LEVEL_WARNING, "Invalid data received, ignoring resource");
    } else if (saving_end(&transfer->saving, name, listener->wish->overwrite, path)) {
        log_line(LOG_LEVEL_NOTICE, "Saved received file to %s", path);
    } else {
        log_line(LOG_LEVEL_ERROR, "An error occurred while saving received resource: %s",
                 strerror(errno));
    }
}

static void on_done(listener_t *listener, const rns_event_t *event) {
    transfer_t *transfer = find_transfer(listener, event->resource);
    if (transfer == NULL) {
        return;
    }
    if (transfer->incoming) {
        keep(listener, transfer, event);
    } else {
        log_line(LOG_LEVEL_INFO, "Sending a file to a client: %s", rns_err_text(event->status));
    }
    free_transfer(listener, transfer);
}

// ---- Files that are fetched

static bool send_file(listener_t *listener, rns_node_t *node, rns_link_t link, const char *path) {
    transfer_t *transfer = add_transfer(listener, false);
    if (transfer == NULL) {
        return false;
    }
    if (!rncp_file_open(&transfer->file, path)) {
        log_line(LOG_LEVEL_ERROR, "Could not send file to client: %s: %s", path, strerror(errno));
        free_transfer(listener, transfer);
        return false;
    }
    const rns_err_t err = rncp_file_send(&transfer->file, node, link, listener->wish->no_compress,
                                         &transfer->resource);
    if (err != RNS_ERR_OK) {
        log_line(LOG_LEVEL_ERROR, "Could not send file to client: %s", rns_err_text(err));
        free_transfer(listener, transfer);
        return false;
    }
    log_line(LOG_LEVEL_VERBOSE, "Sending file %s to client", path);
    return true;
}

typedef enum { NOT_FOUND, FOUND, NOT_ALLOWED } answer_t;

static answer_t find_and_send(listener_t *listener, rns_node_t *node, const rns_event_t *event) {
    char asked[PATH_MAX], path[PATH_MAX];
    rnsi_reader_t reader = rnsi_reader(event->data);
    rns_bytes_t text;
    if (!rnsi_msgpack_read_str(&reader, &text) || text.size >= sizeof asked ||
        memchr(text.data, 0, text.size) != NULL) {
        return NOT_FOUND;
    }
    memcpy(asked, text.data, text.size);
    asked[text.size] = '\0';
    switch (paths_find(listener->is_jailed ? listener->jail : NULL, asked, path)) {
    case PATHS_FOUND:
        return send_file(listener, node, event->link, path) ? FOUND : NOT_FOUND;
    case PATHS_MISSING:
        log_line(LOG_LEVEL_VERBOSE, "Client-requested file not found: %s", asked);
        return NOT_FOUND;
    case PATHS_OUTSIDE:
        break;
    }
    log_line(LOG_LEVEL_WARNING, "Disallowing fetch request for %s outside of fetch jail %s", asked,
             listener->jail);
    return NOT_ALLOWED;
}

static void on_request(listener_t *listener, rns_node_t *node, const rns_event_t *event) {
    uint8_t value[4];
    rnsi_writer_t writer = rnsi_writer((rns_mem_t){value, sizeof value});
    const answer_t answer = find_and_send(listener, node, event);
    if (answer == NOT_ALLOWED) {
        rnsi_msgpack_uint(&writer, RNCP_NOT_ALLOWED);
    } else {
        rnsi_msgpack_bool(&writer, answer == FOUND);
    }
    (void)rns_respond(node, event->at, event->query, (rns_bytes_t){value, rnsi_written(&writer)});
}

// ---- Links

static void on_peer(const listener_t *listener, rns_node_t *node, const rns_event_t *event) {
    if (allowed_has(&listener->service.allowed, &event->identity)) {
        log_line(LOG_LEVEL_VERBOSE, "Authenticated sender");
    } else if (!listener->wish->no_auth) {
        log_line(LOG_LEVEL_VERBOSE, "Sender not allowed, tearing down link");
        (void)rns_link_close(node, event->at, event->link);
    }
}

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    listener_t *listener = user;
    if (event->type == RNS_EV_LINK_UP) {
        log_line(LOG_LEVEL_VERBOSE, "Incoming link established");
        (void)rns_link_accept(node, event->link, RNS_ACCEPT_ASK, NULL, (rns_mem_t){NULL, 0});
    } else if (event->type == RNS_EV_LINK_PEER) {
        on_peer(listener, node, event);
    } else if (event->type == RNS_EV_RESOURCE_OFFER) {
        on_offer(listener, node, event);
    } else if (event->type == RNS_EV_RESOURCE_DONE) {
        on_done(listener, event);
    } else if (event->type == RNS_EV_REQUEST) {
        on_request(listener, node, event);
    }
}

// ---- Start

static bool set_jail(listener_t *listener) {
    if (listener->wish->jail == NULL) {
        return true;
    }
    listener->is_jailed = true;
    if (!paths_absolute(listener->wish->jail, listener->jail) || !paths_is_folder(listener->jail)) {
        log_line(LOG_LEVEL_ERROR, "The fetch jail %s is no folder", listener->wish->jail);
        return false;
    }
    log_line(LOG_LEVEL_VERBOSE, "Restricting fetch requests to paths under \"%s\"", listener->jail);
    return true;
}

static bool collect_allowed(listener_t *listener) {
    const rncp_wish_t *wish = listener->wish;
    if (!service_collect(&listener->service, wish->allowed.at, wish->allowed.count)) {
        return false;
    }
    if (service_allows_nobody(&listener->service)) {
        log_line(LOG_LEVEL_WARNING,
                 "No allowed identities configured, rncp will not accept any files!");
    }
    return true;
}

static bool add_destination(listener_t *listener) {
    if (!listener->wish->allow_fetch) {
        return service_add(&listener->service, NULL);
    }
    if (listener->wish->no_auth) {
        log_line(LOG_LEVEL_WARNING, "Allowing unauthenticated fetch requests");
    }
    return service_add(&listener->service, RNCP_FETCH_PATH);
}

static bool turn(void *user) {
    listener_t *listener = user;
    if (listener->wish->announce_s >= 0) {
        herald_turn(&listener->herald, clock_now());
    }
    return false;
}

static int serve(listener_t *listener) {
    char hash[TEXT_HASH];
    if (!collect_allowed(listener) || !add_destination(listener)) {
        return RNCP_EXIT_FAILED;
    }
    text_hash(&listener->service.destination, hash);
    log_line(LOG_LEVEL_INFO, "rncp listening on %s", hash);
    if (listener->wish->announce_s >= 0) {
        herald_open(&listener->herald, &listener->utility, listener->service.dest,
                    listener->wish->announce_s);
    }
    utility_serve(&listener->utility, turn, listener);
    utility_close_links(&listener->utility);
    return RNCP_EXIT_OK;
}

static int run(listener_t *listener) {
    int code = RNCP_EXIT_FAILED;
    if (!set_jail(listener) || !rncp_save_folder(listener->wish, listener->folder, &code)) {
        return code;
    }
    if (!service_open(&listener->service, listener->wish->identity)) {
        return RNCP_EXIT_IDENTITY;
    }
    if (listener->wish->print_identity) {
        service_print(&listener->service);
        return RNCP_EXIT_OK;
    }
    if (listener->wish->save != NULL) {
        log_line(LOG_LEVEL_VERBOSE, "Saving received files in \"%s\"", listener->folder);
    }
    return serve(listener);
}

int rncp_listen(const rncp_wish_t *wish) {
    static listener_t listener; // too large for the stack of some systems
    const utility_options_t options = {.config = wish->config,
                                       .level = UTILITY_LEVEL + wish->verbose - wish->quiet,
                                       .is_still = wish->print_identity,
                                       .is_silent = true,
                                       .on_event = on_event,
                                       .user = &listener};
    listener.wish = wish;
    listener.service = (service_t){.utility = &listener.utility,
                                   .program = RNCP_NAME,
                                   .name = RNCP_DESTINATION,
                                   .no_auth = wish->no_auth};
    const int code = utility_open(&listener.utility, &options) ? run(&listener) : DAEMON_EXIT_PANIC;
    utility_close(&listener.utility);
    while (listener.transfers != NULL) {
        free_transfer(&listener, listener.transfers);
    }
    service_close(&listener.service);
    return code;
}
