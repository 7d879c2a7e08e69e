// rncp_fetch.c -- fetches a file from a listener that allows it.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/log.h"
#include "host/utility/saving.h"
#include "wire/msgpack.h"

#include "rncp.h"

#define ANSWER_BYTES 64U

// What the listener says to a request.
typedef enum { ANSWER_NONE, FOUND, NOT_FOUND, NOT_ALLOWED, REMOTE_ERROR, UNKNOWN } answer_t;

typedef struct {
    rncp_client_t client;
    saving_t saving;
    bool is_saving;
    answer_t answer;
    rns_request_t request;
    char folder[PATH_MAX], path[PATH_MAX];
    uint8_t metadata[RNCP_METADATA_MOST], answer_memory[ANSWER_BYTES];
    const char *trouble; // why what arrived could not be kept
} fetching_t;

static answer_t read_answer(const rns_event_t *event) {
    rnsi_reader_t reader = rnsi_reader(event->data);
    rnsi_msgpack_t value;
    if (event->status != RNS_ERR_OK || !rnsi_msgpack_read(&reader, &value)) {
        return UNKNOWN;
    }
    switch (value.type) {
    case RNSI_MSGPACK_NIL:
        return REMOTE_ERROR;
    case RNSI_MSGPACK_BOOL:
        return value.boolean ? FOUND : NOT_FOUND;
    case RNSI_MSGPACK_UINT:
        return value.uint == RNCP_NOT_ALLOWED ? NOT_ALLOWED : value.uint == 0 ? NOT_FOUND : FOUND;
    case RNSI_MSGPACK_NEGATIVE:
    case RNSI_MSGPACK_FLOAT:
    case RNSI_MSGPACK_STR:
    case RNSI_MSGPACK_BIN:
    case RNSI_MSGPACK_ARRAY:
    case RNSI_MSGPACK_MAP:
    case RNSI_MSGPACK_EXT:
        break;
    }
    return FOUND;
}

// One file is asked for, so one is taken.
static void take_offer(fetching_t *fetching, rns_node_t *node, const rns_event_t *event) {
    uint64_t token = 0;
    if (fetching->client.resource.gen != 0 || !rns_random(node, (uint8_t *)&token, sizeof token) ||
        !saving_begin(&fetching->saving, fetching->folder, token)) {
        (void)rns_resource_reject(node, event->at, event->resource);
        return;
    }
    const rns_sink_t sink = saving_sink(&fetching->saving);
    fetching->is_saving = true;
    fetching->client.resource = event->resource;
    if (rns_resource_accept(node, event->at, event->resource, &sink,
                            (rns_mem_t){fetching->metadata, sizeof fetching->metadata}) !=
        RNS_ERR_OK) {
        fetching->client.has_ended = true;
        fetching->client.status = RNS_ERR_FULL;
        return;
    }
    rncp_client_progress(&fetching->client, node, event->at);
}

static void keep(fetching_t *fetching, const rns_event_t *event) {
    char name[SAVING_NAME_MAX];
    if (event->status != RNS_ERR_OK) {
        return;
    }
    if (!saving_name(event->metadata, name)) {
        fetching->trouble = "Invalid data received, ignoring resource";
    } else if (!saving_end(&fetching->saving, name, fetching->client.wish->overwrite,
                           fetching->path)) {
        fetching->trouble = strerror(errno);
    }
}

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    fetching_t *fetching = user;
    rncp_client_t *client = &fetching->client;
    const bool is_ours = event->resource.gen == client->resource.gen &&
                         event->resource.slot == client->resource.slot;
    if (event->type == RNS_EV_RESOURCE_OFFER) {
        take_offer(fetching, node, event);
    } else if (event->type == RNS_EV_RESPONSE) {
        fetching->answer = read_answer(event);
    } else if (event->type == RNS_EV_LINK_DOWN) {
        client->link_is_down = true;
    } else if (event->type == RNS_EV_RESOURCE_PROGRESS && is_ours) {
        rncp_client_progress(client, node, event->at);
    } else if (event->type == RNS_EV_RESOURCE_DONE && is_ours && !client->has_ended) {
        client->has_ended = true;
        client->status = event->status;
        keep(fetching, event);
    }
}

static bool is_answered(void *user) {
    const fetching_t *fetching = user;
    return fetching->answer != ANSWER_NONE || fetching->client.link_is_down;
}

static bool is_over(void *user) {
    const rncp_client_t *client = &((fetching_t *)user)->client;
    return client->has_ended || client->link_is_down;
}

static bool ask(fetching_t *fetching) {
    rncp_client_t *client = &fetching->client;
    rns_node_t *node = utility_node(&client->utility);
    uint8_t data[PATH_MAX + 8];
    rnsi_writer_t writer = rnsi_writer((rns_mem_t){data, sizeof data});
    rnsi_msgpack_str(
        &writer, (rns_bytes_t){(const uint8_t *)client->wish->file, strlen(client->wish->file)});
    const rns_request_options_t options = {
        .memory = {fetching->answer_memory, sizeof fetching->answer_memory}};
    rns_err_t err = writer.ok ? RNS_ERR_OK : RNS_ERR_SIZE;
    if (err == RNS_ERR_OK) {
        err = rns_link_accept(node, client->link, RNS_ACCEPT_ASK, NULL, (rns_mem_t){NULL, 0});
    }
    if (err == RNS_ERR_OK) {
        err = rns_request(node, clock_now(), client->link, RNCP_FETCH_PATH,
                          (rns_bytes_t){data, rnsi_written(&writer)}, &options, &fetching->request);
    }
    if (err != RNS_ERR_OK) {
        screen_line(&client->utility.screen, "Fetch request failed: %s", rns_err_text(err));
    }
    return err == RNS_ERR_OK;
}

// The reference ends with 0 here, and so do we.
static int refuse(fetching_t *fetching) {
    screen_t *screen = &fetching->client.utility.screen;
    const char *file = fetching->client.wish->file;
    switch (fetching->answer) {
    case NOT_ALLOWED:
        screen_line(screen,
                    "Fetch request failed, fetching the file %s was not allowed by the remote",
                    file);
        return RNCP_EXIT_OK;
    case NOT_FOUND:
        screen_line(screen, "Fetch request failed, the file %s was not found on the remote", file);
        return RNCP_EXIT_OK;
    case REMOTE_ERROR:
        screen_line(screen, "Fetch request failed due to an error on the remote system");
        return RNCP_EXIT_OK;
    case ANSWER_NONE:
    case FOUND:
    case UNKNOWN:
        break;
    }
    screen_line(screen, "Fetch request failed due to an unknown error (probably not authorised)");
    return RNCP_EXIT_OK;
}

static int conclude(fetching_t *fetching) {
    rncp_client_t *client = &fetching->client;
    screen_t *screen = &client->utility.screen;
    if (fetching->trouble != NULL) {
        screen_line(screen, "An error occurred while saving received resource: %s",
                    fetching->trouble);
        return RNCP_EXIT_FAILED;
    }
    if (!client->has_ended || client->status != RNS_ERR_OK) {
        screen_line(screen, "The transfer failed");
        return RNCP_EXIT_FAILED;
    }
    client->progress.total = fetching->saving.size;
    rncp_client_complete(client, clock_now());
    screen_line(screen, "%s fetched from %s", client->wish->file, client->hash);
    return RNCP_EXIT_OK;
}

static int transfer(fetching_t *fetching) {
    rncp_client_t *client = &fetching->client;
    int code = RNCP_EXIT_FAILED;
    screen_state(&client->utility.screen, "Requesting file from remote...");
    if (!ask(fetching) || !rncp_client_wait(client, is_answered, fetching, &code)) {
        return code;
    }
    if (fetching->answer != FOUND && !client->has_ended) {
        return refuse(fetching);
    }
    if (!client->has_ended) {
        screen_state(&client->utility.screen, "Waiting for transfer to start...");
    }
    return rncp_client_wait(client, is_over, fetching, &code) ? conclude(fetching) : code;
}

int rncp_fetch(const rncp_wish_t *wish) {
    static fetching_t fetching; // too large for the stack of some systems
    int code = RNCP_EXIT_FAILED;
    if (!rncp_save_folder(wish, fetching.folder, &code) ||
        !utility_read_hash(wish->destination, &fetching.client.destination)) {
        return code;
    }
    if (rncp_client_open(&fetching.client, wish, on_event, &fetching, &code)) {
        code = transfer(&fetching);
    }
    rncp_client_close(&fetching.client);
    if (fetching.is_saving) {
        saving_cancel(&fetching.saving);
    }
    return code;
}
