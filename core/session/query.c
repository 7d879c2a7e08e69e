// query.c -- requests of peers, until they are answered (RNS/Link.py: handle_request,
// request_resource_concluded).
#include "rules.h"
#include "session/destination.h"
#include "session/request.h"
#include "wire/request.h"

#define CULL_TRIES 4U // a callback may fill again what was made room

// What a file without metadata is sent with: without any it would be taken for a value.
static const uint8_t NIL[] = {0xC0};

static rnsi_pool_t *queries(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, QUERY);
}

static struct rnsi_query *query_at(const rns_node_t *node, uint32_t slot) {
    return rnsi_pool_at(queries(node), slot);
}

static struct rnsi_query *query_get(const rns_node_t *node, rns_query_t handle) {
    return rnsi_pool_get(queries(node), handle.slot, handle.gen);
}

static rns_query_t handle_of(const rns_node_t *node, const struct rnsi_query *q) {
    const rns_query_t handle = {rnsi_pool_slot(queries(node), q), q->slot.gen};
    return handle;
}

// ---- Ends

static void leave_link(rns_node_t *node, struct rnsi_link *link, const struct rnsi_query *q) {
    const uint32_t slot = rnsi_pool_slot(queries(node), q);
    uint32_t *from = &link->queries;
    while (*from != slot) { // at most as many as a link may have
        from = &query_at(node, *from)->next;
    }
    *from = q->next;
}

static void drop_transfer(rns_node_t *node, uint32_t resource, bool is_answer) {
    if (!RNS_WITH_RESOURCES || resource == RNSI_NONE) {
        return;
    }
    if (is_answer) {
        rnsi_resource_out_drop(node, rnsi_pool_at(RNSI_POOL(node, RESOURCE_OUT), resource));
    } else {
        rnsi_resource_in_drop(node, rnsi_pool_at(RNSI_POOL(node, RESOURCE_IN), resource));
    }
}

// Every query ends here, and only once. The application knows those that are still coming as what
// was offered, the others as queries.
static void end(rns_node_t *node, struct rnsi_query *q, rns_err_t status) {
    struct rnsi_link *link = rnsi_link_at(node, q->link);
    rns_event_t event = {
        .type = q->state == RNSI_QUERY_RECEIVING ? RNS_EV_RESOURCE_DONE : RNS_EV_QUERY_DONE,
        .status = status,
        .link = rnsi_link_handle(node, link),
    };
    if (q->state == RNSI_QUERY_RECEIVING) {
        event.resource = q->offer;
        event.is_incoming = true;
    } else {
        event.query = handle_of(node, q);
    }
    const uint32_t resource = q->resource;
    const bool is_answer = q->state == RNSI_QUERY_SENDING;
    leave_link(node, link, q);
    rnsi_pool_give(queries(node), q);
    drop_transfer(node, resource, is_answer);
    rnsi_event(node, &event);
}

void rnsi_queries_close(rns_node_t *node, struct rnsi_link *link) {
    while (link->queries != RNSI_NONE) {
        end(node, query_at(node, link->queries), RNS_ERR_CLOSED);
    }
}

// ---- Room: whoever has waited longest makes it, first of the same link

// The query of this link that waits longest; *count: all that it has.
static struct rnsi_query *oldest_of(const rns_node_t *node, const struct rnsi_link *link,
                                    uint32_t *count) {
    struct rnsi_query *oldest = NULL;
    *count = 0;
    for (uint32_t slot = link->queries; slot != RNSI_NONE; ++*count) { // newest first
        struct rnsi_query *q = query_at(node, slot);
        oldest = q->state == RNSI_QUERY_WAITING ? q : oldest;
        slot = q->next;
    }
    return oldest;
}

// false: none is needed. *victim NULL: there is none.
static bool needs_room(const rns_node_t *node, const struct rnsi_link *link,
                       struct rnsi_query **victim) {
    const rnsi_pool_t *pool = queries(node);
    uint32_t count;
    *victim = oldest_of(node, link, &count);
    if (count >= node->limits.requests) {
        return true;
    }
    *victim = rnsi_pool_oldest(pool, 0);
    return pool->used == pool->count;
}

// The pool would do this by itself, but the application may do anything while it is told: not
// inside of rnsi_pool_take(). false: no room, or the link is closed now.
static bool make_room(rns_node_t *node, rns_link_t handle) {
    const struct rnsi_link *link = rnsi_link_get(node, handle);
    struct rnsi_query *victim;
    for (uint32_t i = 0; link != NULL && needs_room(node, link, &victim); i++) {
        if (victim == NULL || i == CULL_TRIES) {
            queries(node)->rejected++;
            return false;
        }
        queries(node)->culled++;
        end(node, victim, RNS_ERR_CULLED);
        link = rnsi_link_get(node, handle);
    }
    return link != NULL;
}

static struct rnsi_query *take(rns_node_t *node, struct rnsi_link *link,
                               const uint8_t request_id[16]) {
    struct rnsi_query *q = rnsi_pool_take(queries(node), node->now, NULL);
    if (q == NULL) {
        return NULL;
    }
    memcpy(q->request_id, request_id, sizeof q->request_id);
    q->link = rnsi_link_slot(node, link);
    q->next = link->queries;
    link->queries = rnsi_pool_slot(queries(node), q);
    q->resource = RNSI_NONE;
    return q;
}

// ---- What is asked

static const uint8_t *peer_of(const struct rnsi_link *link) {
    return (link->flags & RNSI_LINK_KNOWS_PEER) != 0 ? link->peer : NULL;
}

// The destination of ours that is asked; NULL: none that answers this.
static struct rnsi_dest *answering(const rns_node_t *node, const struct rnsi_link *link,
                                   const uint8_t path[16]) {
    struct rnsi_dest *dest = rnsi_link_dest(node, link);
    return dest != NULL && rnsi_request_allowed(node, dest, path, peer_of(link)) ? dest : NULL;
}

static bool is_too_large(const struct rnsi_dest *dest, uint64_t size) {
    return dest != NULL && dest->request_limit != 0 && size > dest->request_limit;
}

static void tell(rns_node_t *node, const struct rnsi_query *q, const rnsi_request_in_t *in) {
    const struct rnsi_link *link = rnsi_link_at(node, q->link);
    rns_event_t event = {
        .type = RNS_EV_REQUEST,
        .query = handle_of(node, q),
        .link = rnsi_link_handle(node, link),
        .dest = {link->dest_slot, link->dest_gen},
        .resource = q->offer,
        .data = in->data,
        .has_data = in->has_data,
        .has_identity = peer_of(link) != NULL,
        .request_id = q->request_id,
        .unix_us = in->unix_us,
    };
    memcpy(event.hash.b, in->path, sizeof event.hash.b);
    memcpy(event.identity.b, link->peer, sizeof event.identity.b);
    rnsi_event(node, &event);
}

rns_verdict_t rnsi_request_receive(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain,
                                   const uint8_t request_id[16]) {
    rnsi_request_in_t in;
    if (!rnsi_request_parse(plain, &in)) {
        return RNS_RX_MALFORMED;
    }
    const struct rnsi_dest *dest = answering(node, link, in.path);
    if (dest == NULL || is_too_large(dest, plain.size)) {
        return RNS_RX_NOT_ALLOWED;
    }
    const rns_link_t handle = rnsi_link_handle(node, link);
    if (!make_room(node, handle)) {
        return RNS_RX_FULL;
    }
    // Those that made room were told of it, in which the handler may have been removed.
    if (answering(node, link, in.path) == NULL) {
        return RNS_RX_NOT_ALLOWED;
    }
    struct rnsi_query *q = take(node, link, request_id);
    if (q == NULL) {
        return RNS_RX_FULL;
    }
    q->state = RNSI_QUERY_WAITING;
    tell(node, q, &in);
    return RNS_RX_DELIVERED;
}

// ---- What is asked in a resource

rns_verdict_t rnsi_query_offered(rns_node_t *node, struct rnsi_link *link,
                                 struct rnsi_resource_in *in) {
    const struct rnsi_dest *dest = rnsi_link_dest(node, link);
    const bool answers = dest != NULL && dest->handlers != RNSI_NONE;
    if ((RNSI_OFFERS_NEED_HANDLER && !answers) || is_too_large(dest, in->size)) {
        rnsi_resource_in_drop(node, in);
        return RNS_RX_NOT_ALLOWED;
    }
    rns_event_t event = {
        .type = RNS_EV_REQUEST_OFFER,
        .link = rnsi_link_handle(node, link),
        .dest = {link->dest_slot, link->dest_gen},
        .resource = rnsi_resource_in_handle(node, in),
        .size = in->size,
    };
    rnsi_event(node, &event);
    return RNS_RX_DELIVERED;
}

// What is offered and not taken yet; NULL: no such thing.
static struct rnsi_resource_in *offered(const rns_node_t *node, rns_resource_t offer) {
    struct rnsi_resource_in *in = rnsi_resource_in_get(node, offer);
    return in != NULL && in->kind == RNSI_KIND_REQUEST && in->owner == RNSI_NONE ? in : NULL;
}

static bool write_request(void *user, rns_bytes_t data) {
    struct rnsi_query *q = user;
    return rnsi_lent_write(q->memory.mem, &q->used, data);
}

static rns_err_t accept(rns_node_t *node, struct rnsi_resource_in *in, rns_resource_t offer,
                        rns_mem_t memory) {
    struct rnsi_query *q = take(node, rnsi_link_at(node, in->link), in->request_id);
    if (q == NULL) {
        return RNS_ERR_FULL;
    }
    const rns_sink_t sink = {.write = write_request, .user = q};
    q->state = RNSI_QUERY_RECEIVING;
    q->offer = offer;
    q->resource = rnsi_pool_slot(RNSI_POOL(node, RESOURCE_IN), in);
    q->memory.mem = memory;
    rnsi_pool_pin(queries(node), q);
    in->owner = rnsi_pool_slot(queries(node), q);
    const rns_err_t err = rnsi_resource_in_accept(node, in, &sink, (rns_mem_t){NULL, 0});
    if (err != RNS_ERR_OK) { // in is gone
        leave_link(node, rnsi_link_at(node, q->link), q);
        rnsi_pool_give(queries(node), q);
    }
    return err;
}

rns_err_t rns_request_take(rns_node_t *node, rns_us_t now, rns_resource_t offer, rns_mem_t memory) {
    struct rnsi_resource_in *in = offered(node, offer);
    if (in == NULL) {
        return RNS_ERR_GONE;
    }
    node->now = now;
    if (memory.size < in->size) {
        rnsi_resource_in_drop(node, in);
        return RNS_ERR_SIZE;
    }
    const bool has_room = make_room(node, rnsi_link_handle(node, rnsi_link_at(node, in->link)));
    in = offered(node, offer); // those that made room were told of it
    if (in == NULL) {
        return RNS_ERR_GONE;
    }
    return has_room ? accept(node, in, offer, memory) : RNS_ERR_FULL;
}

void rnsi_query_arrived(rns_node_t *node, uint32_t slot, rns_err_t status) {
    struct rnsi_query *q = query_at(node, slot);
    const struct rnsi_link *link = rnsi_link_at(node, q->link);
    const rns_bytes_t packed = {q->memory.mem.data, (size_t)q->used};
    rnsi_request_in_t in;
    q->resource = RNSI_NONE;
    if (status == RNS_ERR_OK && !rnsi_request_parse(packed, &in)) {
        status = RNS_ERR_CORRUPT;
    } else if (status == RNS_ERR_OK && answering(node, link, in.path) == NULL) {
        status = RNS_ERR_AUTH;
    }
    if (status != RNS_ERR_OK) {
        end(node, q, status);
        return;
    }
    q->state = RNSI_QUERY_WAITING;
    rnsi_pool_unpin(queries(node), q, node->now);
    tell(node, q, &in);
}

// ---- Answering

static rns_err_t send_resource(rns_node_t *node, struct rnsi_query *q, rnsi_send_t *send) {
    send->kind = RNSI_KIND_RESPONSE;
    send->request_id = q->request_id;
    send->owner = rnsi_pool_slot(queries(node), q);
    uint32_t slot;
    const rns_err_t err = rnsi_resource_out_open(node, rnsi_link_at(node, q->link), send, &slot);
    if (err == RNS_ERR_OK) {
        q->state = RNSI_QUERY_SENDING;
        q->resource = slot;
        rnsi_pool_pin(queries(node), q);
    }
    return err;
}

static size_t read_answer(void *user, uint64_t offset, rns_mem_t out) {
    const struct rnsi_query *q = user;
    return rnsi_pieces_read((rnsi_out_t){{q->head, sizeof q->head}, q->data.bytes}, offset, out);
}

rns_err_t rns_respond(rns_node_t *node, rns_us_t now, rns_query_t query, rns_bytes_t value) {
    struct rnsi_query *q = query_get(node, query);
    if (q == NULL || q->state == RNSI_QUERY_RECEIVING) {
        return RNS_ERR_GONE;
    }
    if (q->state != RNSI_QUERY_WAITING) {
        return RNS_ERR_STATE;
    }
    if (value.size == 0 || value.data == NULL) {
        return RNS_ERR_ARG;
    }
    node->now = now;
    struct rnsi_link *link = rnsi_link_at(node, q->link);
    rnsi_response_head(q->request_id, q->head);
    const rnsi_out_t plain = {{q->head, sizeof q->head}, value};
    if (sizeof q->head + value.size <= rnsi_link_mdu(link)) {
        if (!rnsi_link_send(node, link, RNSI_CONTEXT_RESPONSE, plain, NULL)) {
            return RNS_ERR_FULL;
        }
        end(node, q, RNS_ERR_OK);
        return RNS_ERR_OK;
    }
    q->data.bytes = value;
    rnsi_send_t send = {.source = {read_answer, q}, .size = sizeof q->head + value.size};
    return send_resource(node, q, &send);
}

rns_err_t rns_respond_file(rns_node_t *node, rns_us_t now, rns_query_t query,
                           const rns_source_t *source, uint64_t size, rns_bytes_t metadata,
                           bool no_compress) {
    struct rnsi_query *q = query_get(node, query);
    if (q == NULL || q->state == RNSI_QUERY_RECEIVING) {
        return RNS_ERR_GONE;
    }
    if (q->state != RNSI_QUERY_WAITING) {
        return RNS_ERR_STATE;
    }
    if (source->read == NULL || (metadata.data == NULL && metadata.size > 0)) {
        return RNS_ERR_ARG;
    }
    node->now = now;
    const rns_bytes_t nil = {NIL, sizeof NIL};
    rnsi_send_t send = {
        .source = *source,
        .size = size,
        .options = {.metadata = metadata.size > 0 ? metadata : nil, .no_compress = no_compress},
    };
    return send_resource(node, q, &send);
}

void rnsi_query_sent(rns_node_t *node, uint32_t slot, rns_err_t status) {
    struct rnsi_query *q = query_at(node, slot);
    q->resource = RNSI_NONE;
    end(node, q, status);
}

rns_err_t rns_query_drop(rns_node_t *node, rns_query_t query) {
    struct rnsi_query *q = query_get(node, query);
    if (q == NULL || q->state == RNSI_QUERY_RECEIVING) {
        return RNS_ERR_GONE;
    }
    end(node, q, RNS_ERR_CANCELLED);
    return RNS_ERR_OK;
}
