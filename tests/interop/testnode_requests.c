// testnode_requests.c -- see testnode.h. Requests and answers: as values, and as files.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/identity.h"
#include "host/clock.h"
#include "node.h"
#include "testnode_fields.h"

#define MEMORY_MOST   (2 << 20) // bytes that are lent for an answer, unless a test says less
#define METADATA_MOST 65536U

// ---- Values: bytes as one msgpack value, and back

#define HEAD_MOST 5U

static rns_mem_t value_of(const uint8_t *data, size_t size) {
    rns_mem_t value = {malloc(size + HEAD_MOST), size + HEAD_MOST};
    if (value.data != NULL) {
        const uint8_t head[HEAD_MOST] = {0xC6, (uint8_t)(size >> 24), (uint8_t)(size >> 16),
                                         (uint8_t)(size >> 8), (uint8_t)size};
        memcpy(value.data, head, sizeof head);
        if (size > 0) {
            memcpy(value.data + HEAD_MOST, data, size);
        }
    }
    return value;
}

// What stands in a value of bytes; other values as they are.
static rns_bytes_t bytes_in(rns_bytes_t value) {
    const size_t head = value.size == 0         ? 0
                        : value.data[0] == 0xC4 ? 2
                        : value.data[0] == 0xC5 ? 3
                        : value.data[0] == 0xC6 ? 5
                                                : 0;
    return head <= value.size ? (rns_bytes_t){value.data + head, value.size - head} : value;
}

static json_t *json_bytes(rns_bytes_t value) {
    const rns_bytes_t bytes = bytes_in(value);
    return json_hex(bytes.size > 0 ? bytes.data : (const uint8_t *)"", bytes.size);
}

// ---- What the agent knows

static query_t *query_new(agent_t *agent) {
    for (size_t i = 0; i < QUERY_MOST; i++) {
        query_t *query = &agent->queries[i];
        if (!query->is_taken) {
            *query = (query_t){.is_taken = true, .file = -1};
            return query;
        }
    }
    return NULL;
}

static void query_free(query_t *query) {
    if (query->file >= 0) {
        (void)close(query->file);
    }
    free(query->memory.data);
    query->is_taken = false;
}

static asked_t *asked_new(agent_t *agent) {
    for (size_t i = 0; i < ASKED_MOST; i++) {
        asked_t *asked = &agent->asked[i];
        if (!asked->is_taken) {
            *asked = (asked_t){.is_taken = true, .file = -1, .number = ++agent->numbers};
            return asked;
        }
    }
    return NULL;
}

static void asked_free(asked_t *asked) {
    if (asked->file >= 0) {
        (void)close(asked->file);
    }
    free(asked->data.data);
    free(asked->memory.data);
    free(asked->metadata.data);
    asked->is_taken = false;
}

static handling_t *handling_of(agent_t *agent, rns_dest_t dest, const rns_hash_t *path) {
    for (size_t i = 0; i < agent->handling_count; i++) {
        handling_t *handling = &agent->handlings[i];
        if (handling->dest.slot == dest.slot && handling->dest.gen == dest.gen &&
            memcmp(handling->hash.b, path->b, sizeof path->b) == 0) {
            return handling;
        }
    }
    return NULL;
}

// ---- Answering: commands

static bool read_allowed(handling_t *handling, const char *allow, const json_t *list) {
    size_t index;
    const json_t *each;
    json_array_foreach(list, index, each) {
        if (index == ALLOWED_MOST || !json_is_string(each) ||
            !read_exactly(json_string_value(each), &handling->allowed[index],
                          sizeof handling->allowed[index])) {
            return false;
        }
        handling->allowed_count++;
    }
    handling->allow = strcmp(allow, "all") == 0    ? RNS_ALLOW_ALL
                      : strcmp(allow, "list") == 0 ? RNS_ALLOW_LIST
                                                   : RNS_ALLOW_NONE;
    return true;
}

static bool read_answer(handling_t *handling, const char *answer, const char *file,
                        const char *metadata) {
    static const char *const NAMES[] = {[ANSWER_REVERSE] = "reverse",
                                        [ANSWER_NONE] = "none",
                                        [ANSWER_BYTES] = "bytes",
                                        [ANSWER_FILE] = "file"};
    (void)snprintf(handling->file, sizeof handling->file, "%s", file);
    if (metadata != NULL && !read_hex(metadata, handling->metadata, sizeof handling->metadata,
                                      &handling->metadata_size)) {
        return false;
    }
    for (int i = 0; i <= ANSWER_FILE; i++) {
        if (strcmp(answer, NAMES[i]) == 0) {
            handling->answer = (answer_t)i;
            return true;
        }
    }
    return false;
}

static json_t *request_handler(agent_t *agent, json_t *fields, const char **error) {
    const char *dest, *path, *allow = "all", *answer = "reverse", *file = "", *metadata = NULL;
    json_t *list = NULL;
    int compress = false;
    if (!UNPACK(fields, error, "{s:s, s:s, s?:s, s?:o, s?:s, s?:s, s?:s, s?:b}", "dest", &dest,
                "path", &path, "allow", &allow, "allowed", &list, "answer", &answer, "file", &file,
                "metadata", &metadata, "compress", &compress)) {
        return NULL;
    }
    const own_t *own = own_of(agent, dest, error);
    if (own == NULL) {
        return NULL;
    }
    if (agent->handling_count == HANDLING_MOST) {
        return refuse(error, "too many handlers");
    }
    const rns_hash_t hash = rnsi_truncated_hash(&agent->node->crypto,
                                                (rns_bytes_t){(const uint8_t *)path, strlen(path)});
    handling_t *handling = handling_of(agent, own->handle, &hash);
    if (handling == NULL) {
        handling = &agent->handlings[agent->handling_count++];
    }
    *handling = (handling_t){.dest = own->handle, .hash = hash, .compress = compress};
    (void)snprintf(handling->path, sizeof handling->path, "%s", path);
    if (!read_allowed(handling, allow, list) || !read_answer(handling, answer, file, metadata)) {
        return refuse(error, "a field has a value that it cannot have");
    }
    return reply_of(rns_request_handler(agent->node, own->handle, handling->path, handling->allow,
                                        handling->allowed, handling->allowed_count),
                    error);
}

static json_t *request_limit(agent_t *agent, json_t *fields, const char **error) {
    const char *dest;
    int size;
    if (!UNPACK(fields, error, "{s:s, s:i}", "dest", &dest, "size", &size)) {
        return NULL;
    }
    const own_t *own = own_of(agent, dest, error);
    return own != NULL
               ? reply_of(rns_request_limit(agent->node, own->handle, (uint32_t)size), error)
               : NULL;
}

// ---- Answering: events

static size_t file_read(void *user, uint64_t offset, rns_mem_t out) {
    const query_t *query = user;
    const ssize_t size = pread(query->file, out.data, out.size, (off_t)offset);
    return size > 0 ? (size_t)size : 0;
}

static rns_err_t respond_with(agent_t *agent, const rns_event_t *e, query_t *query,
                              const uint8_t *data, size_t size) {
    query->memory = value_of(data, size);
    return query->memory.data == NULL
               ? RNS_ERR_MEMORY
               : rns_respond(agent->node, e->at, e->query,
                             (rns_bytes_t){query->memory.data, query->memory.size});
}

static rns_err_t respond_reversed(agent_t *agent, const rns_event_t *e, query_t *query) {
    const rns_bytes_t asked = bytes_in(e->data);
    uint8_t *reversed = malloc(asked.size + 1);
    if (reversed == NULL) {
        return RNS_ERR_MEMORY;
    }
    for (size_t i = 0; i < asked.size; i++) {
        reversed[i] = asked.data[asked.size - 1 - i];
    }
    const rns_err_t err = respond_with(agent, e, query, reversed, asked.size);
    free(reversed);
    return err;
}

static rns_err_t respond_bytes(agent_t *agent, const rns_event_t *e, query_t *query,
                               uint64_t size) {
    uint8_t *bytes = malloc((size_t)size + 1);
    if (bytes == NULL || pread(query->file, bytes, (size_t)size, 0) != (ssize_t)size) {
        free(bytes);
        return RNS_ERR_MEMORY;
    }
    const rns_err_t err = respond_with(agent, e, query, bytes, (size_t)size);
    free(bytes);
    return err;
}

static rns_err_t respond(agent_t *agent, const rns_event_t *e, const handling_t *handling,
                         query_t *query) {
    uint64_t size = 0;
    if (handling->answer == ANSWER_BYTES || handling->answer == ANSWER_FILE) {
        query->file = file_open(handling->file, &size);
        if (query->file < 0) {
            return RNS_ERR_ARG;
        }
    }
    const rns_source_t source = {file_read, query};
    switch (handling->answer) {
    case ANSWER_REVERSE:
        return respond_reversed(agent, e, query);
    case ANSWER_BYTES:
        return respond_bytes(agent, e, query, size);
    case ANSWER_FILE:
        return rns_respond_file(agent->node, e->at, e->query, &source, size,
                                (rns_bytes_t){handling->metadata, handling->metadata_size},
                                !handling->compress);
    case ANSWER_NONE:
        break;
    }
    return rns_query_drop(agent->node, e->query);
}

static void answer_request(agent_t *agent, const session_t *session, const rns_event_t *e) {
    handling_t *handling = handling_of(agent, e->dest, &e->hash);
    rns_hash_t dest;
    if (handling == NULL || rns_dest_hash(agent->node, e->dest, &dest) != RNS_ERR_OK) {
        return;
    }
    line_emit(json_pack("{s:s, s:o, s:o, s:s, s:o, s:o}", "event", "request", "dest",
                        json_hash(&dest), "link", json_hash(&session->id), "path", handling->path,
                        "data", json_bytes(e->data), "identity",
                        e->has_identity ? json_hash(&e->identity) : json_null()));
    query_t *query = query_new(agent);
    if (query == NULL) {
        return;
    }
    query->handle = e->query;
    query->link = session->id;
    if (respond(agent, e, handling, query) != RNS_ERR_OK) {
        query_free(query); // the peer sees that nobody answers
    }
}

static void tell_answered(agent_t *agent, const rns_event_t *e) {
    for (size_t i = 0; i < QUERY_MOST; i++) {
        query_t *query = &agent->queries[i];
        if (query->is_taken && query->handle.slot == e->query.slot &&
            query->handle.gen == e->query.gen) {
            line_emit(json_pack("{s:s, s:o, s:s, s:s}", "event", "answered", "link",
                                json_hash(&query->link), "status",
                                e->status == RNS_ERR_OK ? "complete" : "failed", "why",
                                rns_err_text(e->status)));
            query_free(query);
        }
    }
}

// ---- Requests that come as resources

static offered_t *offered_at(agent_t *agent, rns_resource_t handle) {
    for (size_t i = 0; i < OFFERED_MOST; i++) {
        offered_t *offered = &agent->offered[i];
        if (offered->handle.gen == handle.gen && offered->handle.slot == handle.slot) {
            return offered;
        }
    }
    return NULL;
}

static void offered_free(offered_t *offered) {
    free(offered->memory);
    *offered = (offered_t){.memory = NULL};
}

static void take_offer(agent_t *agent, const rns_event_t *e) {
    const rns_resource_t none = {0, 0};
    offered_t *offered = offered_at(agent, none);
    uint8_t *memory = malloc((size_t)e->size);
    if (offered == NULL || memory == NULL) {
        free(memory);
        return; // without memory it is refused
    }
    *offered = (offered_t){e->resource, memory};
    const rns_mem_t lent = {memory, (size_t)e->size};
    if (rns_request_take(agent->node, e->at, e->resource, lent) != RNS_ERR_OK) {
        offered_free(offered);
    }
}

bool request_offer_ended(agent_t *agent, rns_resource_t handle) {
    offered_t *offered = handle.gen != 0 ? offered_at(agent, handle) : NULL;
    if (offered != NULL) {
        offered_free(offered);
    }
    return offered != NULL;
}

// ---- Asking

static bool sink_write(void *user, rns_bytes_t data) {
    asked_t *asked = user;
    if (pwrite(asked->file, data.data, data.size, (off_t)asked->written) != (ssize_t)data.size) {
        return false;
    }
    asked->written += data.size;
    return true;
}

static bool lend(agent_t *agent, asked_t *asked, const char *data, json_int_t memory) {
    const rns_mem_t bytes = read_bytes(data);
    if (bytes.data == NULL) {
        return false;
    }
    asked->data = value_of(bytes.data, bytes.size);
    free(bytes.data);
    asked->memory = (rns_mem_t){malloc((size_t)memory + 1), (size_t)memory};
    asked->metadata = (rns_mem_t){malloc(METADATA_MOST), METADATA_MOST};
    asked->file = file_new(agent, asked->number, asked->path);
    return asked->data.data != NULL && asked->memory.data != NULL && asked->metadata.data != NULL &&
           asked->file >= 0;
}

static json_t *request(agent_t *agent, json_t *fields, const char **error) {
    const char *id, *path, *data;
    double timeout_s = 0;
    json_int_t most = 0, memory = MEMORY_MOST;
    if (!UNPACK(fields, error, "{s:s, s:s, s:s, s?:F, s?:I, s?:I}", "link", &id, "path", &path,
                "data", &data, "timeout", &timeout_s, "max_response", &most, "memory", &memory)) {
        return NULL;
    }
    const session_t *session = session_of(agent, id, error);
    asked_t *asked = session != NULL ? asked_new(agent) : NULL;
    if (asked == NULL) {
        return NULL;
    }
    asked->link = session->id;
    if (!lend(agent, asked, data, memory)) {
        asked_free(asked);
        return refuse(error, "data is not hex, or there is no memory");
    }
    const rns_sink_t sink = {.write = sink_write, .user = asked};
    const rns_request_options_t options = {.timeout_us = (rns_us_t)(timeout_s * 1e6),
                                           .max_response = (uint64_t)most,
                                           .memory = asked->memory,
                                           .sink = &sink,
                                           .metadata = asked->metadata};
    const rns_err_t err =
        rns_request(agent->node, clock_now(), session->handle, path,
                    (rns_bytes_t){asked->data.data, asked->data.size}, &options, &asked->handle);
    if (err != RNS_ERR_OK) {
        asked_free(asked);
        return reply_of(err, error);
    }
    return json_pack("{s:I}", "request", (json_int_t)asked->number);
}

static json_t *request_cancel(agent_t *agent, json_t *fields, const char **error) {
    int number;
    if (!UNPACK(fields, error, "{s:i}", "request", &number)) {
        return NULL;
    }
    for (size_t i = 0; i < ASKED_MOST; i++) {
        const asked_t *asked = &agent->asked[i];
        if (asked->is_taken && asked->number == (uint32_t)number) {
            return reply_of(rns_request_cancel(agent->node, clock_now(), asked->handle), error);
        }
    }
    return refuse(error, "no such request");
}

const entry_t REQUEST_COMMANDS[] = {
    {"request_handler", request_handler},
    {"request_limit", request_limit},
    {"request", request},
    {"request_cancel", request_cancel},
    {NULL, NULL},
};

static void tell_response(agent_t *agent, const rns_event_t *e) {
    asked_t *asked = agent->asked;
    const asked_t *end = agent->asked + ASKED_MOST;
    while (asked < end && !(asked->is_taken && asked->handle.slot == e->request.slot &&
                            asked->handle.gen == e->request.gen)) {
        asked++;
    }
    if (asked == end) {
        return;
    }
    const bool is_ready = e->status == RNS_ERR_OK;
    json_t *line =
        json_pack("{s:s, s:I, s:s, s:s}", "event", "response", "request", (json_int_t)asked->number,
                  "status", is_ready ? "ready" : "failed", "why", rns_err_text(e->status));
    if (is_ready && e->is_file) {
        const void *metadata = e->metadata.size > 0 ? e->metadata.data : NULL;
        (void)json_object_set_new(line, "file", json_string(asked->path));
        (void)json_object_set_new(line, "metadata", json_hex(metadata, e->metadata.size));
    } else if (is_ready) {
        (void)json_object_set_new(line, "data", json_bytes(e->data));
    }
    line_emit(line);
    asked_free(asked);
}

void request_tell(agent_t *agent, const session_t *session, const rns_event_t *e) {
    switch (e->type) {
    case RNS_EV_REQUEST:
        answer_request(agent, session, e);
        (void)request_offer_ended(agent, e->resource);
        break;
    case RNS_EV_REQUEST_OFFER:
        take_offer(agent, e);
        break;
    case RNS_EV_QUERY_DONE:
        tell_answered(agent, e);
        break;
    case RNS_EV_RESPONSE:
        tell_response(agent, e);
        break;
    default: // nothing that the protocol speaks of
        break;
    }
}
