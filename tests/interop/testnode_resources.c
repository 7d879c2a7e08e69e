// testnode_resources.c -- see testnode.h. Resources out of files and into them.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/clock.h"
#include "testnode_fields.h"

#define NEVER         2.0       // a progress that is not reached
#define METADATA_MOST (1 << 16) // bytes that are lent, unless a test says less
#define MILLION       1000000.0

// ---- The transfers that the agent knows

static transfer_t *transfer_new(agent_t *agent, const rns_hash_t *link) {
    for (size_t i = 0; i < TRANSFER_MOST; i++) {
        transfer_t *transfer = &agent->transfers[i];
        if (!transfer->is_taken) {
            *transfer = (transfer_t){.is_taken = true,
                                     .link = *link,
                                     .number = ++agent->numbers,
                                     .file = -1,
                                     .cancel_at = NEVER};
            return transfer;
        }
    }
    return NULL;
}

static transfer_t *transfer_at(agent_t *agent, rns_resource_t handle) {
    for (size_t i = 0; i < TRANSFER_MOST; i++) {
        transfer_t *transfer = &agent->transfers[i];
        if (transfer->is_taken && transfer->handle.gen == handle.gen &&
            transfer->handle.slot == handle.slot) {
            return transfer;
        }
    }
    return NULL;
}

static void transfer_free(transfer_t *transfer) {
    if (transfer->file >= 0) {
        (void)close(transfer->file);
    }
    free(transfer->metadata.data);
    transfer->is_taken = false;
}

// ---- Files

static size_t source_read(void *user, uint64_t offset, rns_mem_t out) {
    const transfer_t *transfer = user;
    const ssize_t size = pread(transfer->file, out.data, out.size, (off_t)offset);
    return size > 0 ? (size_t)size : 0;
}

static bool sink_write(void *user, rns_bytes_t data) {
    transfer_t *transfer = user;
    if (pwrite(transfer->file, data.data, data.size, (off_t)transfer->written) !=
        (ssize_t)data.size) {
        return false;
    }
    transfer->written += data.size;
    return true;
}

static bool sink_commit(void *user) {
    transfer_t *transfer = user;
    transfer->committed = transfer->written;
    return true;
}

static void sink_abort(void *user) {
    transfer_t *transfer = user;
    transfer->written = transfer->committed;
    if (ftruncate(transfer->file, (off_t)transfer->committed) != 0) {
        transfer->written = UINT64_MAX; // its size is what the test sees
    }
}

static rns_sink_t sink_of(transfer_t *transfer) {
    const rns_sink_t sink = {sink_write, sink_commit, sink_abort, transfer};
    return sink;
}

// A transfer that a resource can come into. NULL: there are no more, or no file can be.
static transfer_t *transfer_in(agent_t *agent, const session_t *session) {
    transfer_t *transfer = transfer_new(agent, &session->id);
    if (transfer == NULL) {
        return NULL;
    }
    const size_t most = (size_t)session->taking.metadata_most;
    transfer->cancel_at = session->taking.cancel_at;
    transfer->metadata = (rns_mem_t){malloc(most > 0 ? most : 1), most};
    transfer->file = file_new(agent, transfer->number, transfer->path);
    if (transfer->file < 0 || transfer->metadata.data == NULL) {
        transfer_free(transfer);
        return NULL;
    }
    return transfer;
}

// ---- Commands

static json_t *resource_send(agent_t *agent, json_t *fields, const char **error) {
    const char *id, *path, *metadata = NULL;
    int compress = false;
    double cancel_at = NEVER;
    if (!UNPACK(fields, error, "{s:s, s:s, s?:b, s?:s, s?:F}", "link", &id, "file", &path,
                "compress", &compress, "metadata", &metadata, "cancel_at", &cancel_at)) {
        return NULL;
    }
    const session_t *session = session_of(agent, id, error);
    transfer_t *transfer = session != NULL ? transfer_new(agent, &session->id) : NULL;
    if (transfer == NULL) {
        return NULL;
    }
    uint64_t size;
    transfer->cancel_at = cancel_at;
    transfer->file = file_open(path, &size);
    if (metadata != NULL) {
        transfer->metadata = read_bytes(metadata);
    }
    const rns_source_t source = {source_read, transfer};
    const rns_resource_options_t options = {
        .metadata = {transfer->metadata.data, transfer->metadata.size}, .no_compress = !compress};
    const rns_err_t err =
        transfer->file < 0 || (metadata != NULL && transfer->metadata.data == NULL)
            ? RNS_ERR_ARG
            : rns_resource_send(agent->node, clock_now(), session->handle, &source, size, &options,
                                &transfer->handle);
    if (err != RNS_ERR_OK) {
        transfer_free(transfer);
        return reply_of(err, error);
    }
    const json_int_t number = transfer->number;
    if (cancel_at <= 0) {
        (void)rns_resource_cancel(agent->node, clock_now(), transfer->handle);
    }
    return json_pack("{s:I}", "resource", number);
}

static json_t *resource_cancel(agent_t *agent, json_t *fields, const char **error) {
    int number;
    if (!UNPACK(fields, error, "{s:i}", "resource", &number)) {
        return NULL;
    }
    for (size_t i = 0; i < TRANSFER_MOST; i++) {
        const transfer_t *transfer = &agent->transfers[i];
        if (transfer->is_taken && transfer->number == (uint32_t)number) {
            return reply_of(rns_resource_cancel(agent->node, clock_now(), transfer->handle), error);
        }
    }
    return refuse(error, "no such resource");
}

static bool read_strategy(const char *text, rns_accept_t *strategy) {
    static const char *const NAMES[] = {
        [RNS_ACCEPT_NONE] = "none", [RNS_ACCEPT_ASK] = "ask", [RNS_ACCEPT_ALL] = "all"};
    for (int i = 0; i <= RNS_ACCEPT_ALL; i++) {
        if (strcmp(text, NAMES[i]) == 0) {
            *strategy = (rns_accept_t)i;
            return true;
        }
    }
    return false;
}

// Tells the node what the session's strategy is; for ALL also where the next resource goes.
static rns_err_t take(agent_t *agent, session_t *session) {
    rns_sink_t sink = {NULL, NULL, NULL, NULL};
    rns_mem_t metadata = {NULL, 0};
    if (session->taking.strategy == RNS_ACCEPT_ALL) {
        session->next_in = transfer_in(agent, session);
        if (session->next_in == NULL) {
            return RNS_ERR_FULL;
        }
        sink = sink_of(session->next_in);
        metadata = session->next_in->metadata;
    }
    return rns_link_accept(agent->node, session->handle, session->taking.strategy, &sink, metadata);
}

static json_t *resource_strategy(agent_t *agent, json_t *fields, const char **error) {
    const char *id, *name;
    int answer = true;
    taking_t taking = {.cancel_at = NEVER, .metadata_most = METADATA_MOST};
    if (!UNPACK(fields, error, "{s:s, s:s, s?:b, s?:F, s?:I}", "link", &id, "strategy", &name,
                "answer", &answer, "cancel_at", &taking.cancel_at, "metadata_most",
                &taking.metadata_most)) {
        return NULL;
    }
    session_t *session = session_of(agent, id, error);
    if (session == NULL) {
        return NULL;
    }
    if (!read_strategy(name, &taking.strategy)) {
        return refuse(error, "no such strategy");
    }
    taking.answer = answer;
    session->taking = taking;
    return reply_of(take(agent, session), error);
}

const entry_t RESOURCE_COMMANDS[] = {
    {"resource_send", resource_send},
    {"resource_cancel", resource_cancel},
    {"resource_strategy", resource_strategy},
    {NULL, NULL},
};

// ---- Events

static void tell_started(const transfer_t *transfer) {
    line_emit(json_pack("{s:s, s:o, s:I}", "event", "resource_started", "link",
                        json_hash(&transfer->link), "resource", (json_int_t)transfer->number));
}

static void answer_offer(agent_t *agent, const session_t *session, const rns_event_t *e) {
    line_emit(json_pack("{s:s, s:o, s:I}", "event", "resource_offer", "link",
                        json_hash(&session->id), "size", (json_int_t)e->size));
    transfer_t *transfer = session->taking.answer ? transfer_in(agent, session) : NULL;
    if (transfer == NULL) {
        (void)rns_resource_reject(agent->node, e->at, e->resource);
        return;
    }
    transfer->handle = e->resource;
    const rns_sink_t sink = sink_of(transfer);
    tell_started(transfer);
    const rns_err_t err =
        rns_resource_accept(agent->node, e->at, e->resource, &sink, transfer->metadata);
    if (err == RNS_ERR_OK && transfer->cancel_at <= 0) {
        (void)rns_resource_cancel(agent->node, e->at, e->resource);
    }
}

static void look_at_progress(agent_t *agent, session_t *session, const rns_event_t *e) {
    transfer_t *transfer = transfer_at(agent, e->resource);
    if (transfer == NULL && session->next_in != NULL) {
        transfer = session->next_in;
        transfer->handle = e->resource;
    }
    if (transfer != NULL && e->progress_ppm >= transfer->cancel_at * MILLION) {
        (void)rns_resource_cancel(agent->node, e->at, e->resource);
    }
}

static void tell_in(const transfer_t *transfer, const rns_event_t *e) {
    const bool is_complete = e->status == RNS_ERR_OK;
    json_t *line = json_pack("{s:s, s:o, s:s, s:I, s:s, s:s}", "event", "resource", "link",
                             json_hash(&transfer->link), "direction", "in", "resource",
                             (json_int_t)transfer->number, "status",
                             is_complete ? "complete" : "failed", "why", rns_err_text(e->status));
    (void)json_object_set_new(line, "file", json_string(transfer->path));
    (void)json_object_set_new(line, "size", json_integer((json_int_t)transfer->written));
    if (is_complete) {
        const void *metadata = e->metadata.size > 0 ? e->metadata.data : NULL;
        (void)json_object_set_new(line, "metadata", json_hex(metadata, e->metadata.size));
    }
    line_emit(line);
}

static void tell_done(agent_t *agent, session_t *session, const rns_event_t *e) {
    if (request_offer_ended(agent, e->resource)) {
        return;
    }
    transfer_t *transfer = transfer_at(agent, e->resource);
    const bool is_next = e->is_incoming && session->next_in != NULL &&
                         (transfer == NULL || transfer == session->next_in);
    if (is_next) {
        transfer = session->next_in;
        session->next_in = NULL;
    }
    if (transfer == NULL) {
        return; // it was refused
    }
    if (e->is_incoming) {
        tell_in(transfer, e);
    } else {
        line_emit(json_pack("{s:s, s:o, s:s, s:I, s:s, s:s}", "event", "resource", "link",
                            json_hash(&transfer->link), "direction", "out", "resource",
                            (json_int_t)transfer->number, "status",
                            e->status == RNS_ERR_OK ? "complete" : "failed", "why",
                            rns_err_text(e->status)));
    }
    transfer_free(transfer);
    if (is_next && e->status != RNS_ERR_CLOSED) {
        (void)take(agent, session);
    }
}

void resource_tell(agent_t *agent, session_t *session, const rns_event_t *e) {
    if (e->type == RNS_EV_RESOURCE_OFFER) {
        answer_offer(agent, session, e);
    } else if (e->type == RNS_EV_RESOURCE_PROGRESS) {
        look_at_progress(agent, session, e);
    } else {
        tell_done(agent, session, e);
    }
}

void resource_begin(agent_t *agent, session_t *session) {
    session->taking = (taking_t){.strategy = RNS_ACCEPT_ASK,
                                 .answer = true,
                                 .cancel_at = NEVER,
                                 .metadata_most = METADATA_MOST};
    (void)take(agent, session);
}

void resource_end(agent_t *agent, session_t *session) {
    (void)agent;
    if (session->next_in != NULL) {
        transfer_free(session->next_in);
        session->next_in = NULL;
    }
}
