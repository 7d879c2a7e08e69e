// wire_respond.c -- commands: a destination of ours answers requests, and notes them.
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "wire.h"
#include "wire/msgpack.h"

// What is answered; it stays until the end, since answers that are long are sent from it.
typedef struct answer {
    struct answer *older;
    bool is_silent, is_file;
    rns_mem_t value; // a msgpack value; of a file its bytes
    rns_mem_t metadata;
    rns_bytes_t file; // what the source reads
    rns_hash_t *allowed;
    size_t allowed_count;
} answer_t;

// A path of a destination, from its first registration on.
struct responder {
    responder_t *next;
    char *path;
    rns_hash_t hash;
    answer_t *answer; // the newest
    json_t *log;
};

// Memory of a request that comes as a resource.
typedef struct lent {
    struct lent *next;
    rns_resource_t resource;
    bool is_done;
    uint8_t bytes[];
} lent_t;

static void *must(void *memory) {
    if (memory == NULL) {
        abort();
    }
    return memory;
}

// ---- Registering

// A bin value of these bytes.
static rns_mem_t bin_of(rns_mem_t bytes) {
    const size_t most = bytes.size + 8;
    rns_mem_t value = {must(malloc(most)), most};
    rnsi_writer_t w = rnsi_writer(value);
    rnsi_msgpack_bin(&w, (rns_bytes_t){bytes.data, bytes.size});
    value.size = rnsi_written(&w);
    return value;
}

static rns_mem_t copy_of(rns_mem_t bytes) {
    rns_mem_t copy = {must(malloc(bytes.size + 1)), bytes.size};
    if (bytes.size > 0) {
        memcpy(copy.data, bytes.data, bytes.size);
    }
    return copy;
}

static void answer_free(answer_t *answer) {
    free(answer->value.data);
    free(answer->metadata.data);
    free(answer->allowed);
    free(answer);
}

static bool read_allowed(call_t *call, answer_t *answer) {
    json_t *list;
    if (!call_maybe_list(call, "allowed_identity_hashes", &list)) {
        return false;
    }
    answer->allowed_count = json_array_size(list);
    answer->allowed = must(calloc(answer->allowed_count + 1, sizeof *answer->allowed));
    for (size_t i = 0; i < answer->allowed_count; i++) {
        rns_mem_t hash;
        if (!call_element(call, json_array_get(list, i), &hash)) {
            return false;
        }
        if (hash.size != sizeof answer->allowed->b) {
            (void)call_fail(call, "an identity's hash has 16 bytes");
            return false;
        }
        memcpy(answer->allowed[i].b, hash.data, hash.size);
    }
    return true;
}

static bool read_answer(call_t *call, answer_t *answer) {
    rns_mem_t response = {NULL, 0}, file = {NULL, 0}, metadata = {NULL, 0};
    if (!call_maybe_hex(call, "response", &response) ||
        !call_maybe_flag(call, "response_none", &answer->is_silent) ||
        !call_maybe_hex(call, "response_file", &file) ||
        !call_maybe_hex(call, "response_metadata", &metadata) || !read_allowed(call, answer)) {
        return false;
    }
    answer->is_file = call_has(call, "response_file");
    answer->value = answer->is_file ? copy_of(file) : bin_of(response);
    answer->file = (rns_bytes_t){answer->value.data, answer->value.size};
    if (call_has(call, "response_metadata")) {
        answer->metadata = bin_of(metadata);
    }
    return true;
}

static responder_t *find(const own_t *own, const char *path) {
    responder_t *responder = own->responders;
    while (responder != NULL && strcmp(responder->path, path) != 0) {
        responder = responder->next;
    }
    return responder;
}

static responder_t *find_or_add(const bridge_t *bridge, own_t *own, const char *path) {
    responder_t *responder = find(own, path);
    if (responder != NULL) {
        return responder;
    }
    responder = must(calloc(1, sizeof *responder));
    responder->path = must(strdup(path));
    responder->hash =
        rnsi_truncated_hash(&bridge->crypto, (rns_bytes_t){(const uint8_t *)path, strlen(path)});
    responder->log = json_array();
    responder->next = own->responders;
    own->responders = responder;
    return responder;
}

static bool read_allow(call_t *call, rns_allow_t *allow) {
    static const char *const NAMES[] = {
        [RNS_ALLOW_NONE] = "none", [RNS_ALLOW_ALL] = "all", [RNS_ALLOW_LIST] = "list"};
    const char *text = "all";
    if (!call_maybe_text(call, "allow", &text)) {
        return false;
    }
    for (unsigned i = 0; i <= RNS_ALLOW_LIST; i++) {
        if (strcmp(NAMES[i], text) == 0) {
            *allow = (rns_allow_t)i;
            return true;
        }
    }
    (void)call_fail(call, "'allow' cannot be '%s'", text);
    return false;
}

static json_t *register_handler(call_t *call) {
    wire_t *wire = wire_of(call);
    own_t *own = wire == NULL ? NULL : own_of(call, wire);
    const char *path;
    rns_allow_t allow;
    if (own == NULL || !call_text(call, "path", &path) || !read_allow(call, &allow)) {
        return NULL;
    }
    answer_t *answer = must(calloc(1, sizeof *answer));
    if (!read_answer(call, answer)) {
        answer_free(answer);
        return NULL;
    }
    const rns_err_t err = rns_request_handler(wire->node, own->handle, path, allow, answer->allowed,
                                              answer->allowed_count);
    if (err != RNS_ERR_OK) {
        answer_free(answer);
        return call_fail_err(call, "the handler", err);
    }
    responder_t *responder = find_or_add(wire->bridge, own, path);
    answer->older = responder->answer;
    responder->answer = answer;
    return json_pack("{s:b}", "registered", 1);
}

static json_t *deregister_handler(call_t *call) {
    wire_t *wire = wire_of(call);
    own_t *own = wire == NULL ? NULL : own_of(call, wire);
    const char *path;
    if (own == NULL || !call_text(call, "path", &path)) {
        return NULL;
    }
    const rns_err_t err = rns_request_handler_remove(wire->node, own->handle, path);
    return json_pack("{s:b}", "deregistered", err == RNS_ERR_OK);
}

static json_t *request_log(call_t *call) {
    wire_t *wire = wire_of(call);
    own_t *own = wire == NULL ? NULL : own_of(call, wire);
    const char *path;
    if (own == NULL || !call_text(call, "path", &path)) {
        return NULL;
    }
    const responder_t *responder = find(own, path);
    json_t *entries = responder == NULL ? json_array() : json_copy(responder->log);
    return json_pack("{s:o, s:I}", "entries", entries, "count",
                     (json_int_t)json_array_size(entries));
}

// ---- Requests

// Bytes of a request's data; of anything else none, as the suite has it.
static json_t *data_of(const rns_event_t *event) {
    rnsi_reader_t r = rnsi_reader(event->data);
    rnsi_msgpack_t value;
    const bool is_bin =
        event->has_data && rnsi_msgpack_read(&r, &value) && value.type == RNSI_MSGPACK_BIN;
    return is_bin ? hex_of(value.bytes.data, value.bytes.size) : json_string("");
}

static void note(wire_t *wire, responder_t *responder, const rns_event_t *event) {
    const session_t *session = session_at(wire, event->link);
    json_t *entry =
        json_pack("{s:o, s:o, s:o, s:o, s:f}", "data", data_of(event), "request_id",
                  hex_of(event->request_id, 16), "link_id",
                  session == NULL ? json_null() : hex_of_hash(&session->id), "remote_identity_hash",
                  event->has_identity ? hex_of_hash(&event->identity) : json_null(), "requested_at",
                  (double)event->unix_us / 1e6);
    (void)json_array_append_new(responder->log, entry);
}

static void respond(wire_t *wire, answer_t *answer, rns_query_t query) {
    const rns_us_t now = clock_now();
    if (answer->is_silent) {
        (void)rns_query_drop(wire->node, query);
        return;
    }
    if (!answer->is_file) {
        (void)rns_respond(wire->node, now, query,
                          (rns_bytes_t){answer->value.data, answer->value.size});
        return;
    }
    const rns_source_t source = rns_source_of(&answer->file);
    (void)rns_respond_file(wire->node, now, query, &source, answer->file.size,
                           (rns_bytes_t){answer->metadata.data, answer->metadata.size}, false);
}

static lent_t *find_lent(wire_t *wire, rns_resource_t resource) {
    lent_t *lent = wire->lent;
    while (lent != NULL &&
           (lent->resource.slot != resource.slot || lent->resource.gen != resource.gen)) {
        lent = lent->next;
    }
    return lent;
}

// It is the node's until its event has returned: it goes with the next one.
void responder_note_done(wire_t *wire, const rns_event_t *event) {
    lent_t *lent = event->resource.gen == 0 ? NULL : find_lent(wire, event->resource);
    if (lent != NULL) {
        lent->is_done = true;
    }
}

static void sweep(wire_t *wire, bool all) {
    lent_t **at = &wire->lent;
    while (*at != NULL) {
        lent_t *lent = *at;
        if (lent->is_done || all) {
            *at = lent->next;
            free(lent);
        } else {
            at = &lent->next;
        }
    }
}

void responder_note_request(wire_t *wire, const rns_event_t *event) {
    const own_t *own = own_at(wire, event->dest);
    responder_t *responder = own == NULL ? NULL : own->responders;
    while (responder != NULL && memcmp(responder->hash.b, event->hash.b, 16) != 0) {
        responder = responder->next;
    }
    if (responder != NULL) {
        note(wire, responder, event);
        respond(wire, responder->answer, event->query);
    }
    responder_note_done(wire, event);
}

void responder_note_offer(wire_t *wire, const rns_event_t *event) {
    sweep(wire, false);
    lent_t *lent = malloc(sizeof *lent + event->size);
    if (lent == NULL) {
        return; // the peer offers it again, and gives up
    }
    lent->resource = event->resource;
    lent->is_done = false;
    lent->next = wire->lent;
    wire->lent = lent;
    if (rns_request_take(wire->node, clock_now(), event->resource,
                         (rns_mem_t){lent->bytes, event->size}) != RNS_ERR_OK) {
        lent->is_done = true;
    }
}

// ---- The end

void responders_free(own_t *own) {
    while (own->responders != NULL) {
        responder_t *responder = own->responders;
        own->responders = responder->next;
        while (responder->answer != NULL) {
            answer_t *answer = responder->answer;
            responder->answer = answer->older;
            answer_free(answer);
        }
        json_decref(responder->log);
        free(responder->path);
        free(responder);
    }
}

void responders_close(wire_t *wire) {
    sweep(wire, true);
}

const command_entry_t WIRE_RESPOND_COMMANDS[] = {
    {"wire_register_request_handler", register_handler},
    {"wire_deregister_request_handler", deregister_handler},
    {"wire_get_request_log", request_log},
    {NULL, NULL},
};
