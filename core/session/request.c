// request.c -- requests of ours, until their answer has come (RNS/Link.py: request,
// handle_response, response_resource_concluded, RequestReceipt).
#include "session/request.h"

#include "wire/request.h"
#include "wire/resource.h"

#define GRACE (RNSI_RESPONSE_MAX_GRACE * 9 / 8)

static const uint8_t NIL[] = {0xC0};

static rnsi_pool_t *requests(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, REQUEST);
}

static struct rnsi_request *request_at(const rns_node_t *node, uint32_t slot) {
    return rnsi_pool_at(requests(node), slot);
}

static struct rnsi_request *request_get(const rns_node_t *node, rns_request_t handle) {
    return rnsi_pool_get(requests(node), handle.slot, handle.gen);
}

static rns_request_t handle_of(const rns_node_t *node, const struct rnsi_request *r) {
    const rns_request_t handle = {rnsi_pool_slot(requests(node), r), r->slot.gen};
    return handle;
}

// ---- Shared with query.c

size_t rnsi_pieces_read(rnsi_out_t pieces, uint64_t offset, rns_mem_t out) {
    const rns_bytes_t from[] = {pieces.head, pieces.body};
    size_t size = 0;
    for (size_t i = 0; i < 2; i++) {
        if (offset >= from[i].size) {
            offset -= from[i].size;
            continue;
        }
        const size_t left = from[i].size - (size_t)offset, room = out.size - size;
        const size_t part = left < room ? left : room;
        memcpy(out.data + size, from[i].data + offset, part);
        size += part;
        offset = 0;
    }
    return size;
}

bool rnsi_lent_write(rns_mem_t memory, uint64_t *used, rns_bytes_t data) {
    if (data.size > memory.size - *used) {
        return false;
    }
    if (data.size > 0) {
        memcpy(memory.data + *used, data.data, data.size);
    }
    *used += data.size;
    return true;
}

// ---- Ends

static void leave_link(rns_node_t *node, struct rnsi_link *link, const struct rnsi_request *r) {
    const uint32_t slot = rnsi_pool_slot(requests(node), r);
    uint32_t *from = &link->requests;
    while (*from != slot) { // at most as many as a link may have
        from = &request_at(node, *from)->next;
    }
    *from = r->next;
    link->request_count--;
}

static void give(rns_node_t *node, struct rnsi_request *r) {
    leave_link(node, rnsi_link_at(node, r->link), r);
    rnsi_pool_give(requests(node), r);
}

static void drop_transfers(rns_node_t *node, uint32_t out, uint32_t in) {
    if (RNS_WITH_RESOURCES && out != RNSI_NONE) {
        rnsi_resource_out_drop(node, rnsi_pool_at(RNSI_POOL(node, RESOURCE_OUT), out));
    }
    if (RNS_WITH_RESOURCES && in != RNSI_NONE) {
        rnsi_resource_in_drop(node, rnsi_pool_at(RNSI_POOL(node, RESOURCE_IN), in));
    }
}

// Every request ends here, and only once: its handle is gone when the application hears of it, be
// it through its sink. What the answer is stands in the event.
static void conclude(rns_node_t *node, struct rnsi_request *r, rns_event_t *event) {
    event->type = RNS_EV_RESPONSE;
    event->request = handle_of(node, r);
    event->link = rnsi_link_handle(node, rnsi_link_at(node, r->link));
    const uint32_t out = r->out, in = r->in;
    give(node, r);
    drop_transfers(node, out, in);
    rnsi_event(node, event);
}

static void end(rns_node_t *node, struct rnsi_request *r, rns_err_t status) {
    rns_event_t event = {.status = status};
    conclude(node, r, &event);
}

void rnsi_request_due(rns_node_t *node, struct rnsi_request *r) {
    end(node, r, RNS_ERR_TIMEOUT);
}

rns_err_t rns_request_cancel(rns_node_t *node, rns_us_t now, rns_request_t request) {
    struct rnsi_request *r = request_get(node, request);
    if (r == NULL) {
        return RNS_ERR_GONE;
    }
    node->now = now;
    end(node, r, RNS_ERR_CANCELLED);
    return RNS_ERR_OK;
}

void rnsi_requests_close(rns_node_t *node, struct rnsi_link *link) {
    while (link->requests != RNSI_NONE) {
        end(node, request_at(node, link->requests), RNS_ERR_CLOSED);
    }
    rnsi_queries_close(node, link);
}

// ---- Asking

// What is asked, before it has a slot.
typedef struct {
    struct rnsi_link *link;
    uint8_t head[RNSI_REQUEST_HEAD];
    rns_bytes_t data;
    rns_request_options_t options;
} draft_t;

static struct rnsi_request *take(rns_node_t *node, const draft_t *draft, const uint8_t id[16]) {
    struct rnsi_request *r = rnsi_pool_take(requests(node), node->now, id);
    if (r == NULL) {
        return NULL;
    }
    struct rnsi_link *link = draft->link;
    const rns_request_options_t *options = &draft->options;
    r->link = rnsi_link_slot(node, link);
    r->next = link->requests;
    link->requests = rnsi_pool_slot(requests(node), r);
    link->request_count++;
    r->out = r->in = RNSI_NONE;
    memcpy(r->head, draft->head, sizeof r->head);
    r->data.bytes = draft->data;
    r->memory.mem = options->memory;
    r->metadata.mem = options->metadata;
    r->has_sink = options->sink != NULL;
    if (options->sink != NULL) {
        r->sink.sink = *options->sink;
    }
    r->max_response = options->max_response;
    r->timeout_us = options->timeout_us;
    return r;
}

static void wait(rns_node_t *node, struct rnsi_request *r) {
    r->state = RNSI_REQUEST_SENT;
    rnsi_timer_set(requests(node), r, node->now + r->timeout_us);
}

static rns_err_t ask_by_packet(rns_node_t *node, const draft_t *draft, struct rnsi_request **out) {
    uint8_t hash[32];
    const rnsi_out_t plain = {{draft->head, sizeof draft->head}, draft->data};
    if (!rnsi_link_send(node, draft->link, RNSI_CONTEXT_REQUEST, plain, hash)) {
        return RNS_ERR_FULL;
    }
    *out = take(node, draft, hash);
    if (*out == NULL) {
        return RNS_ERR_FULL;
    }
    (*out)->data.bytes = (rns_bytes_t){NULL, 0}; // it was copied
    wait(node, *out);
    return RNS_ERR_OK;
}

static size_t read_request(void *user, uint64_t offset, rns_mem_t out) {
    const struct rnsi_request *r = user;
    return rnsi_pieces_read((rnsi_out_t){{r->head, sizeof r->head}, r->data.bytes}, offset, out);
}

static void hash_draft(const rns_node_t *node, const draft_t *draft, uint8_t hash[32]) {
    const rns_crypto_t *v = node->crypto.v;
    rns_sha256_t ctx;
    v->sha256_init(node->crypto.self, &ctx);
    v->sha256_update(node->crypto.self, &ctx, draft->head, sizeof draft->head);
    v->sha256_update(node->crypto.self, &ctx, draft->data.data, draft->data.size);
    v->sha256_final(node->crypto.self, &ctx, hash);
}

// Wall time where it is known: else a time that at least goes on.
static int64_t asked_at(const rns_node_t *node) {
    const int64_t unix_us = rnsi_unix_us(node);
    return unix_us != 0 ? unix_us : node->now;
}

// The id of a request that is a resource is the hash of its bytes: what is asked twice in the same
// microsecond says that it was asked a little later.
static void set_id(rns_node_t *node, draft_t *draft, const rns_hash_t *path, uint8_t hash[32]) {
    int64_t at = asked_at(node);
    hash_draft(node, draft, hash);
    while (rnsi_pool_find(requests(node), hash) != NULL) {
        rnsi_request_head(++at, path->b, draft->head);
        hash_draft(node, draft, hash);
    }
}

static rns_err_t ask_by_resource(rns_node_t *node, const draft_t *draft, const uint8_t id[16],
                                 struct rnsi_request **out) {
    struct rnsi_request *r = take(node, draft, id);
    if (r == NULL) {
        return RNS_ERR_FULL;
    }
    const rnsi_send_t send = {
        .source = {read_request, r},
        .size = sizeof r->head + r->data.bytes.size,
        .options = {.timeout_us = r->timeout_us},
        .kind = RNSI_KIND_REQUEST,
        .request_id = r->hash,
        .owner = rnsi_pool_slot(requests(node), r),
    };
    r->state = RNSI_REQUEST_SENDING;
    uint32_t slot;
    const rns_err_t err = rnsi_resource_out_open(node, draft->link, &send, &slot);
    if (err != RNS_ERR_OK) {
        give(node, r);
        return err;
    }
    r->out = slot;
    *out = r;
    return RNS_ERR_OK;
}

static bool are_valid(const rns_request_options_t *o, rns_bytes_t data) {
    return (o->memory.data != NULL || o->memory.size == 0) &&
           (o->metadata.data != NULL || o->metadata.size == 0) &&
           (o->sink == NULL || o->sink->write != NULL) && o->timeout_us >= 0 &&
           (data.data != NULL || data.size == 0);
}

static bool has_room(rns_node_t *node, const struct rnsi_link *link) {
    rnsi_pool_t *pool = requests(node);
    const bool is_full = pool->used == pool->count;
    pool->rejected += is_full;
    return !is_full && link->request_count < node->limits.requests;
}

static void fill_draft(const rns_node_t *node, draft_t *draft, const rns_hash_t *path,
                       rns_bytes_t data) {
    rns_request_options_t *options = &draft->options;
    rnsi_request_head(asked_at(node), path->b, draft->head);
    draft->data = data.size > 0 ? data : (rns_bytes_t){NIL, sizeof NIL};
    if (options->timeout_us == 0) {
        options->timeout_us = RNSI_TRAFFIC_FACTOR * draft->link->rtt_us + GRACE;
    }
}

rns_err_t rns_request(rns_node_t *node, rns_us_t now, rns_link_t handle, const char *path,
                      rns_bytes_t data, const rns_request_options_t *options,
                      rns_request_t *request) {
    draft_t draft = {.link = rnsi_link_get(node, handle)};
    rns_hash_t hash;
    if (draft.link == NULL) {
        return RNS_ERR_GONE;
    }
    if (options != NULL) {
        draft.options = *options;
    }
    if (!are_valid(&draft.options, data) || !rnsi_request_path(node, path, &hash)) {
        return RNS_ERR_ARG;
    }
    if (draft.link->state != RNS_LINK_ACTIVE && draft.link->state != RNS_LINK_STALE) {
        return RNS_ERR_STATE;
    }
    if (!has_room(node, draft.link)) {
        return RNS_ERR_FULL;
    }
    node->now = now;
    fill_draft(node, &draft, &hash, data);
    struct rnsi_request *r = NULL;
    rns_err_t err;
    if (sizeof draft.head + draft.data.size <= rnsi_link_mdu(draft.link)) {
        err = ask_by_packet(node, &draft, &r);
    } else {
        uint8_t id[32];
        set_id(node, &draft, &hash, id);
        err = ask_by_resource(node, &draft, id, &r);
    }
    if (err == RNS_ERR_OK) {
        *request = handle_of(node, r);
    }
    return err;
}

static void request_sent(rns_node_t *node, struct rnsi_request *r, rns_err_t status) {
    r->out = RNSI_NONE;
    if (r->state != RNSI_REQUEST_SENDING) {
        return; // its answer is coming, so it arrived, whatever became of its proof
    }
    if (status == RNS_ERR_OK) {
        wait(node, r);
    } else {
        end(node, r, status);
    }
}

// ---- The answer

// Of this link; NULL: nobody waits for it (any more).
static struct rnsi_request *find(const rns_node_t *node, const struct rnsi_link *link,
                                 const uint8_t id[16]) {
    struct rnsi_request *r = rnsi_pool_find(requests(node), id);
    return r != NULL && r->link == rnsi_link_slot(node, link) ? r : NULL;
}

static bool is_too_large(const struct rnsi_request *r, uint64_t size) {
    return r->max_response != 0 && size > r->max_response;
}

// The reference takes the value for a short bin, and counts what is in that.
static size_t counted(rns_bytes_t value) {
    return value.size > 2 ? value.size - 2 : 0;
}

rns_verdict_t rnsi_response_receive(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain) {
    rnsi_response_in_t in;
    if (!rnsi_response_parse(plain, &in)) {
        return RNS_RX_MALFORMED;
    }
    struct rnsi_request *r = find(node, link, in.request_id);
    if (r == NULL) {
        return RNS_RX_NOT_NOW;
    }
    if (is_too_large(r, counted(in.value))) {
        end(node, r, RNS_ERR_SIZE);
        return RNS_RX_DELIVERED;
    }
    rns_event_t event = {.data = in.value, .size = in.value.size};
    conclude(node, r, &event);
    return RNS_RX_DELIVERED;
}

static bool write_response(void *user, rns_bytes_t data) {
    struct rnsi_request *r = user;
    return rnsi_lent_write(r->memory.mem, &r->used, data);
}

// Data of a file goes to the sink where there is one. All else goes to memory, as it comes.
static bool has_place(const struct rnsi_request *r, const struct rnsi_resource_in *in) {
    return (r->is_file && r->has_sink) || in->size <= r->memory.mem.size;
}

static rns_verdict_t response_offered(rns_node_t *node, struct rnsi_link *link,
                                      struct rnsi_resource_in *in) {
    struct rnsi_request *r = find(node, link, in->request_id);
    if (r == NULL || r->in != RNSI_NONE) {
        rnsi_resource_in_drop(node, in);
        return r == NULL ? RNS_RX_NOT_NOW : RNS_RX_REPEATED;
    }
    r->is_file = (in->flags & RNSI_ADV_METADATA) != 0;
    if (is_too_large(r, in->size) || !has_place(r, in)) {
        rnsi_resource_in_drop(node, in);
        end(node, r, RNS_ERR_SIZE);
        return RNS_RX_DELIVERED;
    }
    const rns_sink_t memory = {.write = write_response, .user = r};
    const bool to_sink = r->is_file && r->has_sink;
    in->owner = rnsi_pool_slot(requests(node), r);
    r->in = rnsi_pool_slot(RNSI_POOL(node, RESOURCE_IN), in);
    r->used = 0;
    const rns_err_t err =
        rnsi_resource_in_accept(node, in, to_sink ? &r->sink.sink : &memory,
                                r->is_file ? r->metadata.mem : (rns_mem_t){NULL, 0});
    if (err != RNS_ERR_OK) {
        r->in = RNSI_NONE;
        end(node, r, err);
        return RNS_RX_FULL;
    }
    r->state = RNSI_REQUEST_RECEIVING; // what is under way has timeouts of its own
    rnsi_timer_cancel(requests(node), r);
    return RNS_RX_DELIVERED;
}

// What came without metadata is [id, value]; the reference also sends files so, which its own
// receivers cannot take.
static void set_answer(const struct rnsi_request *r, rns_event_t *event) {
    rnsi_response_in_t in;
    event->data = (rns_bytes_t){r->memory.mem.data, (size_t)r->used};
    event->is_file = r->is_file != 0;
    if (!event->is_file) {
        if (rnsi_response_parse(event->data, &in) && rnsi_hash_is(in.request_id, r->hash)) {
            event->data = in.value;
        } else {
            event->is_file = true;
        }
    }
}

static void response_arrived(rns_node_t *node, struct rnsi_request *r, rns_err_t status,
                             rns_bytes_t metadata, uint64_t size) {
    r->in = RNSI_NONE;
    if (status != RNS_ERR_OK) {
        end(node, r, status);
        return;
    }
    rns_event_t event = {.metadata = metadata, .size = size};
    if (!(r->is_file && r->has_sink)) {
        set_answer(r, &event);
    } else {
        event.is_file = true;
    }
    conclude(node, r, &event);
}

// ---- What the transfers say

rns_verdict_t rnsi_request_offered(rns_node_t *node, struct rnsi_link *link,
                                   struct rnsi_resource_in *in) {
    return in->kind == RNSI_KIND_REQUEST ? rnsi_query_offered(node, link, in)
                                         : response_offered(node, link, in);
}

void rnsi_request_arrived(rns_node_t *node, rnsi_kind_t kind, uint32_t owner, rns_err_t status,
                          rns_bytes_t metadata, uint64_t size) {
    if (owner == RNSI_NONE) {
        return; // it was offered and not taken
    }
    if (kind == RNSI_KIND_REQUEST) {
        rnsi_query_arrived(node, owner, status);
    } else {
        response_arrived(node, request_at(node, owner), status, metadata, size);
    }
}

void rnsi_request_progress(rns_node_t *node, uint32_t owner, uint64_t done, uint64_t size) {
    const struct rnsi_request *r = request_at(node, owner);
    rns_event_t event = {
        .type = RNS_EV_REQUEST_PROGRESS,
        .request = handle_of(node, r),
        .link = rnsi_link_handle(node, rnsi_link_at(node, r->link)),
        .done = done,
        .size = size,
    };
    rnsi_event(node, &event);
}

void rnsi_request_sent(rns_node_t *node, rnsi_kind_t kind, uint32_t owner, rns_err_t status) {
    if (kind == RNSI_KIND_REQUEST) {
        request_sent(node, request_at(node, owner), status);
    } else {
        rnsi_query_sent(node, owner, status);
    }
}
