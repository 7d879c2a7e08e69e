// rncp_send.c -- sends a file to a listener.
#include <limits.h>
#include <stdio.h>

#include "host/clock.h"
#include "host/utility/paths.h"

#include "rncp.h"

typedef struct {
    rncp_client_t client;
    rncp_file_t file;
    char path[PATH_MAX];
} sending_t;

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    rncp_client_t *client = &((sending_t *)user)->client;
    if (event->resource.slot != client->resource.slot ||
        event->resource.gen != client->resource.gen || client->has_ended) {
        return;
    }
    if (event->type == RNS_EV_RESOURCE_PROGRESS) {
        rncp_client_progress(client, node, event->at);
    } else if (event->type == RNS_EV_RESOURCE_DONE) {
        client->has_ended = true;
        client->status = event->status;
    }
}

static bool is_decided(void *user) {
    const rncp_client_t *client = &((sending_t *)user)->client;
    return client->has_started || client->has_ended;
}

static bool is_over(void *user) {
    return ((sending_t *)user)->client.has_ended;
}

// The transfer is offered: what becomes of it.
static int follow(sending_t *sending) {
    rncp_client_t *client = &sending->client;
    screen_t *screen = &client->utility.screen;
    int code = RNCP_EXIT_FAILED;
    if (!rncp_client_wait(client, is_decided, sending, &code)) {
        return code;
    }
    if (!client->has_started && client->status != RNS_ERR_OK) {
        screen_line(screen, "File was not accepted by %s", client->hash);
        return RNCP_EXIT_FAILED;
    }
    screen_state(screen, "Transferring file...");
    if (!rncp_client_wait(client, is_over, sending, &code)) {
        return code;
    }
    if (client->status != RNS_ERR_OK) {
        screen_line(screen, "The transfer failed");
        return RNCP_EXIT_FAILED;
    }
    rncp_client_complete(client, clock_now());
    screen_line(screen, "%s copied to %s", sending->path, client->hash);
    return RNCP_EXIT_OK;
}

static int transfer(sending_t *sending) {
    rncp_client_t *client = &sending->client;
    screen_state(&client->utility.screen, "Advertising file resource...");
    client->progress.total = sending->file.size;
    client->progress.started = clock_now();
    const rns_err_t err =
        rncp_file_send(&sending->file, utility_node(&client->utility), client->link,
                       client->wish->no_compress, &client->resource);
    if (err != RNS_ERR_OK) {
        screen_line(&client->utility.screen, "Could not start transfer: %s", rns_err_text(err));
        return RNCP_EXIT_FAILED;
    }
    return follow(sending);
}

int rncp_send(const rncp_wish_t *wish) {
    static sending_t sending; // too large for the stack of some systems
    int code = RNCP_EXIT_FAILED;
    if (!utility_read_hash(wish->destination, &sending.client.destination)) {
        return RNCP_EXIT_FAILED;
    }
    if (!paths_expand(wish->file, sending.path) || !paths_is_file(sending.path)) {
        (void)puts("File not found");
        return RNCP_EXIT_FAILED;
    }
    if (!rncp_file_open(&sending.file, sending.path)) {
        (void)puts("The file cannot be read");
        return RNCP_EXIT_FAILED;
    }
    if (rncp_client_open(&sending.client, wish, on_event, &sending, &code)) {
        code = transfer(&sending);
    }
    rncp_client_close(&sending.client);
    rncp_file_close(&sending.file);
    return code;
}
