// resource_receive.c -- transfers that come in: accepted, asked for part by part, proved
// (RNS/Resource.py: accept, receive_part, request_next, assemble, prove; RNS/Link.py: receive).
#include "rules.h"
#include "session/request.h"
#include "session/transfer.h"

#define PAUSE          (100 * RNSI_MS) // between two tries of a sink that takes nothing
#define NO_FRAME_RETRY (100 * RNSI_MS)

static void refuse(rns_node_t *node, struct rnsi_link *link, const uint8_t hash[32]) {
    rnsi_resource_say(node, link, RNSI_CONTEXT_RESOURCE_RCL, hash);
}

// ---- Ending

static void list_leave(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_in *in) {
    const uint32_t self = rnsi_pool_slot(RNSI_POOL(node, RESOURCE_IN), in);
    uint32_t *at = &link->resources_in;
    while (*at != self) {
        at = &rnsi_in_at(node, *at)->next;
    }
    *at = in->next;
    link->in_count--;
}

static void drop_early(rns_node_t *node, struct rnsi_resource_in *in) {
    for (size_t i = 0; i < RNSI_WINDOW_MAX; i++) {
        rnsi_piece_give(node, in->early[i]);
        in->early[i] = RNSI_NONE;
    }
    in->early_count = 0;
}

static void release(rns_node_t *node, struct rnsi_resource_in *in) {
    list_leave(node, rnsi_in_link(node, in), in);
    drop_early(node, in);
    rnsi_sink_end(node, in);
    rnsi_pool_give(RNSI_POOL(node, RESOURCE_IN), in);
}

static void tell_end(rns_node_t *node, rns_event_t *event, rnsi_kind_t kind, uint32_t owner) {
    if (kind != RNSI_KIND_RESOURCE) {
        if (owner != RNSI_NONE) {
            rnsi_request_arrived(node, kind, owner, event->status, event->metadata, event->size);
        }
        return;
    }
    rnsi_event(node, event);
}

// What the sink has of a segment that is not whole goes; then the slot; then all is told.
void rnsi_resource_in_end(rns_node_t *node, struct rnsi_resource_in *in, rns_err_t status) {
    const rns_sink_t sink = in->sink.sink;
    rns_event_t event = {.type = RNS_EV_RESOURCE_DONE,
                         .resource = rnsi_resource_in_handle(node, in),
                         .link = rnsi_link_handle(node, rnsi_in_link(node, in)),
                         .status = status,
                         .size = in->size,
                         .is_incoming = true};
    if (status == RNS_ERR_OK && in->metadata_got > RNSI_METADATA_HEAD) {
        event.metadata = (rns_bytes_t){in->metadata.mem.data, in->metadata_size};
    }
    const rnsi_kind_t kind = in->kind;
    const uint32_t owner = in->owner;
    release(node, in);
    if (status != RNS_ERR_OK && sink.abort != NULL) {
        sink.abort(sink.user);
    }
    tell_end(node, &event, kind, owner);
}

// Always told is that an offer is refused, that what came is too much, and (the reference knows
// none) a want of memory.
void rnsi_resource_in_cancel(rns_node_t *node, struct rnsi_resource_in *in, rns_err_t status) {
    if (RNSI_CANCELS_ARE_TOLD || in->state == RNSI_IN_OFFERED || status == RNS_ERR_CORRUPT ||
        status == RNS_ERR_FULL) {
        refuse(node, rnsi_in_link(node, in), in->hash);
    }
    rnsi_resource_in_end(node, in, status);
}

void rnsi_resource_in_drop(rns_node_t *node, struct rnsi_resource_in *in) {
    const rns_sink_t sink = in->sink.sink;
    refuse(node, rnsi_in_link(node, in), in->hash);
    release(node, in);
    if (sink.abort != NULL) {
        sink.abort(sink.user);
    }
}

// What went wrong here is told to the peer; that it sent something else than it said is not.
static void fail(rns_node_t *node, struct rnsi_resource_in *in, rns_err_t err) {
    if (err == RNS_ERR_CORRUPT) {
        rnsi_resource_in_end(node, in, err);
    } else {
        rnsi_resource_in_cancel(node, in, err);
    }
}

// ---- Asking for parts

static bool has_part(const struct rnsi_resource_in *in, uint32_t part) {
    return in->early[part % RNSI_WINDOW_MAX] != RNSI_NONE;
}

// The map hashes of what is missing in the window, behind the head of the request. False in
// *is_known: the map does not reach to its end.
static uint32_t list_missing(const struct rnsi_resource_in *in, uint32_t window, uint8_t *out,
                             bool *is_known) {
    const uint32_t end = in->parts - in->height > window ? in->height + window : in->parts;
    const uint32_t known = end < in->map_height ? end : in->map_height;
    uint32_t count = 0;
    for (uint32_t part = in->height; part < known; part++) {
        if (!has_part(in, part)) {
            memcpy(out + count * RNSI_MAPHASH_SIZE, &in->map[part % RNSI_MAP_IN],
                   RNSI_MAPHASH_SIZE);
            count++;
        }
    }
    *is_known = known == end;
    return count;
}

void rnsi_resource_in_ask(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_in *in) {
    uint8_t bytes[RNSI_RESOURCE_REQ_MOST], missing[RNSI_WINDOW_MAX * RNSI_MAPHASH_SIZE];
    bool is_known;
    const uint32_t sdu = rnsi_resource_sdu(link);
    const uint32_t window = rnsi_window_size(node, in, sdu);
    const uint32_t count = list_missing(in, window, missing, &is_known);
    const uint32_t *last = &in->map[(in->map_height - 1) % RNSI_MAP_IN];
    const size_t head = rnsi_req_write((rns_mem_t){bytes, sizeof bytes},
                                       is_known ? NULL : (const uint8_t *)last, in->hash);
    const rnsi_out_t plain = {{bytes, head}, {missing, count * RNSI_MAPHASH_SIZE}};
    if (!rnsi_link_send(node, link, RNSI_CONTEXT_RESOURCE_REQ, plain, NULL)) {
        in->waits_for_sink = true; // for a frame, but it is the same pause
        rnsi_in_due_at(node, in, node->now + NO_FRAME_RETRY);
        return;
    }
    const size_t token = rnsi_token_size(plain.head.size + plain.body.size);
    rnsi_window_asked(in, node->now, count, RNSI_HEADER_MINSIZE + token);
    in->waits_for_map = !is_known;
    rnsi_in_due_at(node, in, rnsi_window_due(in, link, sdu));
}

void rnsi_resource_in_wait(rns_node_t *node, struct rnsi_resource_in *in, rns_us_t pause) {
    in->waits_for_sink = true;
    rnsi_in_due_at(node, in, node->now + pause);
}

void rnsi_resource_in_pause(rns_node_t *node, struct rnsi_resource_in *in) {
    rnsi_resource_in_wait(node, in, PAUSE);
}

// ---- Parts

// The slot in the window whose map hash this is. RNSI_NONE: none.
static uint32_t part_of(const struct rnsi_resource_in *in, uint32_t hash) {
    const uint32_t left = in->map_height - in->height;
    const uint32_t window = in->window - (in->height > 0 ? RNSI_PARTS_SEARCHED_AGAIN : 0);
    const uint32_t count = left < window ? left : window;
    for (uint32_t part = in->height; part < in->height + count; part++) {
        if (in->map[part % RNSI_MAP_IN] == hash) {
            return part;
        }
    }
    return RNSI_NONE;
}

// Keeps a part that came before its turn. Before its bytes there is room for what is left over of
// the part before, if parts do not end where blocks do.
static bool keep_early(rns_node_t *node, struct rnsi_resource_in *in, uint32_t part, uint32_t sdu,
                       rns_bytes_t bytes) {
    static const uint8_t ROOM[RNSI_AES_BLOCK] = {0};
    const rns_bytes_t room = {ROOM, sdu % RNSI_AES_BLOCK != 0 ? sizeof ROOM : 0};
    const uint32_t piece = rnsi_piece_put(node, room, bytes);
    if (piece == RNSI_NONE) {
        return false;
    }
    in->early[part % RNSI_WINDOW_MAX] = piece;
    in->early_count++;
    return true;
}

// Takes what came early and is in order now. A sink that takes nothing loses it: it is asked for
// again.
static rns_err_t take_early(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_in *in) {
    const uint32_t sdu = rnsi_resource_sdu(link);
    const size_t room = sdu % RNSI_AES_BLOCK != 0 ? RNSI_AES_BLOCK : 0;
    rns_err_t err = RNS_ERR_OK;
    while (err == RNS_ERR_OK && in->height < in->parts && has_part(in, in->height)) {
        uint32_t *early = &in->early[in->height % RNSI_WINDOW_MAX];
        const rns_mem_t piece = rnsi_piece_at(node, *early);
        err = rnsi_sink_part(node, link, in, (rns_mem_t){piece.data + room, piece.size - room});
        rnsi_piece_give(node, *early);
        *early = RNSI_NONE;
        in->early_count--;
        in->height += err == RNS_ERR_OK;
    }
    return err;
}

static void tell_progress(rns_node_t *node, const struct rnsi_resource_in *in) {
    const uint32_t ppm =
        rnsi_resource_ppm(in->segment, in->segments, in->parts, in->height + in->early_count,
                          rnsi_resource_sdu(rnsi_in_link(node, in)));
    if (in->kind == RNSI_KIND_RESPONSE) {
        const uint64_t done = in->size / 1000000 * ppm + in->size % 1000000 * ppm / 1000000;
        rnsi_request_progress(node, in->owner, done, in->size);
    } else if (in->kind == RNSI_KIND_RESOURCE) {
        rns_event_t event = {.type = RNS_EV_RESOURCE_PROGRESS,
                             .resource = rnsi_resource_in_handle(node, in),
                             .link = rnsi_link_handle(node, rnsi_in_link(node, in)),
                             .progress_ppm = ppm,
                             .is_incoming = true};
        rnsi_event(node, &event);
    }
}

// A part was taken, and perhaps others behind it.
static void go_on(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_in *in) {
    if (in->height == in->parts) {
        in->waits_for_sink = false;
        if ((in->flags & RNSI_ADV_COMPRESSED) == 0) {
            rnsi_resource_in_conclude(node, link, in);
        } else if (!rnsi_sink_unpack_begin(node, in)) {
            fail(node, in, RNS_ERR_CORRUPT);
        } else {
            rnsi_in_due_at(node, in, RNS_NEVER);
        }
        return;
    }
    if (in->outstanding == 0 && !in->waits_for_sink) {
        rnsi_window_round(in, link, node->now);
        if (!in->waits_for_map) {
            rnsi_resource_in_ask(node, link, in);
        }
    }
    tell_progress(node, in);
}

static rns_verdict_t take_part(rns_node_t *node, struct rnsi_link *link,
                               struct rnsi_resource_in *in, uint32_t part, rns_mem_t data,
                               size_t packet_size) {
    const uint32_t sdu = rnsi_resource_sdu(link);
    if (data.size != rnsi_part_size(in->transfer, sdu, part)) {
        return RNS_RX_MALFORMED;
    }
    if (has_part(in, part)) {
        return RNS_RX_REPEATED;
    }
    rns_err_t err = RNS_ERR_OK;
    if (part > in->height) {
        if (!keep_early(node, in, part, sdu, (rns_bytes_t){data.data, data.size})) {
            return RNS_RX_FULL;
        }
    } else {
        err = rnsi_sink_part(node, link, in, data);
        in->height += err == RNS_ERR_OK;
    }
    const bool is_first = !in->answered;
    if (err == RNS_ERR_OK) {
        rnsi_window_part(in, link, node->now, data.size, packet_size);
        err = take_early(node, link, in);
    }
    if (err == RNS_ERR_FULL) {
        rnsi_resource_in_pause(node, in);
        return RNS_RX_FULL;
    }
    if (err != RNS_ERR_OK) {
        fail(node, in, err);
        return RNS_RX_DELIVERED;
    }
    if (is_first && !in->waits_for_sink) {
        rnsi_in_due_at(node, in, rnsi_window_due(in, link, sdu));
    }
    go_on(node, link, in);
    return RNS_RX_DELIVERED;
}

// Parts do not say of which transfer they are: their map hash does.
rns_verdict_t rnsi_resource_part(rns_node_t *node, struct rnsi_link *link, rns_mem_t data,
                                 size_t packet_size) {
    const rnsi_crypto_t *c = &node->crypto;
    rns_sha256_t over_part;
    c->v->sha256_init(c->self, &over_part);
    c->v->sha256_update(c->self, &over_part, data.data, data.size);
    uint32_t slot = link->resources_in;
    while (slot != RNSI_NONE) {
        struct rnsi_resource_in *in = rnsi_in_at(node, slot);
        if (in->state == RNSI_IN_TRANSFERRING) {
            rns_sha256_t ctx = over_part;
            uint8_t digest[RNSI_SHA256_SIZE];
            uint32_t hash;
            c->v->sha256_update(c->self, &ctx, in->random, sizeof in->random);
            c->v->sha256_final(c->self, &ctx, digest);
            memcpy(&hash, digest, sizeof hash);
            const uint32_t part = part_of(in, hash);
            if (part != RNSI_NONE) {
                return take_part(node, link, in, part, data, packet_size);
            }
        }
        slot = in->next;
    }
    return RNS_RX_NOT_NOW;
}

// ---- The end of a segment

// The data is what was said: its proof.
static bool prove(const rns_node_t *node, const struct rnsi_resource_in *in, uint8_t proof[64]) {
    const rnsi_crypto_t *c = &node->crypto;
    rns_sha256_t ctx = in->content;
    c->v->sha256_update(c->self, &ctx, in->random, sizeof in->random);
    c->v->sha256_final(c->self, &ctx, proof);
    if (!c->v->equal(proof, in->hash, sizeof in->hash)) {
        return false;
    }
    ctx = in->content;
    c->v->sha256_update(c->self, &ctx, in->hash, sizeof in->hash);
    c->v->sha256_final(c->self, &ctx, proof + RNSI_RESOURCE_HASH);
    return true;
}

static void send_proof(rns_node_t *node, struct rnsi_link *link) {
    (void)rnsi_link_send_bare(node, link, RNSI_TYPE_PROOF, RNSI_CONTEXT_RESOURCE_PRF,
                              (rns_bytes_t){link->proof, sizeof link->proof});
}

void rnsi_resource_in_conclude(rns_node_t *node, struct rnsi_link *link,
                               struct rnsi_resource_in *in) {
    const rns_sink_t *sink = &in->sink.sink;
    uint8_t proof[RNSI_RESOURCE_PROOF];
    if (!rnsi_sink_is_whole(in) || !prove(node, in, proof)) {
        fail(node, in, RNS_ERR_CORRUPT);
        return;
    }
    if (sink->commit != NULL && !sink->commit(sink->user)) {
        fail(node, in, RNS_ERR_FULL);
        return;
    }
    memcpy(link->proof, proof, sizeof link->proof);
    link->has_proof = true;
    send_proof(node, link);
    link->last_window = in->window;
    link->last_eifr = in->eifr;
    rnsi_resource_rate(node, link, in->transfer, in->segment_at);
    if (in->segment == in->segments) {
        rnsi_resource_in_end(node, in, RNS_ERR_OK);
        return;
    }
    in->state = RNSI_IN_BETWEEN;
    rnsi_in_due_at(node, in, node->now + RNSI_SENDER_WAIT(link->rtt_us));
    tell_progress(node, in);
}

rns_verdict_t rnsi_resource_proof_asked(rns_node_t *node, struct rnsi_link *link,
                                        rns_bytes_t data) {
    uint8_t hash[32];
    if (data.size != sizeof hash) {
        return RNS_RX_MALFORMED;
    }
    if (!link->has_proof) {
        return RNS_RX_NOT_NOW;
    }
    rnsi_resource_proof_hash(node, link, link->proof, hash);
    if (memcmp(hash, data.data, sizeof hash) != 0) {
        return RNS_RX_NOT_NOW;
    }
    send_proof(node, link);
    return RNS_RX_DELIVERED;
}

// ---- What else the peer says

void rnsi_resource_in_map(struct rnsi_resource_in *in, rns_bytes_t map) {
    const uint32_t count = (uint32_t)(map.size / RNSI_MAPHASH_SIZE);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(&in->map[in->map_height % RNSI_MAP_IN], map.data + i * RNSI_MAPHASH_SIZE,
               RNSI_MAPHASH_SIZE);
        in->map_height++;
    }
}

struct rnsi_resource_in *rnsi_resource_in_find(const rns_node_t *node, const struct rnsi_link *link,
                                               const uint8_t hash[32]) {
    uint32_t slot = link->resources_in;
    while (slot != RNSI_NONE) {
        struct rnsi_resource_in *in = rnsi_in_at(node, slot);
        if (memcmp(in->hash, hash, sizeof in->hash) == 0) {
            return in;
        }
        slot = in->next;
    }
    return NULL;
}

static bool has_room_for_map(const struct rnsi_resource_in *in, const rnsi_hmu_t *hmu) {
    const size_t known = in->map_height - in->height;
    return in->map_height < in->parts && known + hmu->map.size / RNSI_MAPHASH_SIZE <= RNSI_MAP_IN;
}

static bool takes_map(const struct rnsi_resource_in *in, const rnsi_hmu_t *hmu) {
    return in->waits_for_map || (!RNSI_MAPS_ARE_ASKED_FOR && has_room_for_map(in, hmu));
}

rns_verdict_t rnsi_resource_mapped(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain) {
    rnsi_hmu_t hmu;
    if (!rnsi_hmu_read(plain, &hmu)) {
        return RNS_RX_MALFORMED;
    }
    struct rnsi_resource_in *in = rnsi_resource_in_find(node, link, hmu.hash);
    if (in == NULL || in->state != RNSI_IN_TRANSFERRING) {
        return RNS_RX_NOT_NOW;
    }
    if (hmu.number < in->map_height / RNSI_HASHMAP_MAX || !takes_map(in, &hmu)) {
        return RNS_RX_REPEATED;
    }
    if (in->map_height == in->parts || hmu.number != in->map_height / RNSI_HASHMAP_MAX ||
        hmu.map.size != (size_t)rnsi_map_due(in->parts, in->map_height) * RNSI_MAPHASH_SIZE) {
        return RNS_RX_MALFORMED;
    }
    rnsi_resource_in_map(in, hmu.map);
    in->waits_for_map = false;
    in->retries = RNSI_RESOURCE_RETRIES;
    if (in->waits_for_sink) {
        return RNS_RX_DELIVERED;
    }
    rnsi_resource_in_ask(node, link, in);
    return RNS_RX_DELIVERED;
}

rns_verdict_t rnsi_resource_cancelled(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain) {
    if (plain.size < RNSI_RESOURCE_HASH) {
        return RNS_RX_MALFORMED;
    }
    struct rnsi_resource_in *in = rnsi_resource_in_find(node, link, plain.data);
    if (in == NULL) {
        return RNS_RX_NOT_NOW;
    }
    rnsi_resource_in_cancel(node, in, RNS_ERR_CANCELLED); // the reference answers, too
    return RNS_RX_DELIVERED;
}

// ---- Deadlines

// The pause is over.
static void resume(rns_node_t *node, struct rnsi_resource_in *in) {
    in->waits_for_sink = false;
    if (in->state == RNSI_IN_UNPACKING) {
        rnsi_in_due_at(node, in, RNS_NEVER);
        rnsi_sink_resume(node, in);
    } else {
        rnsi_resource_in_ask(node, rnsi_in_link(node, in), in);
    }
}

static void parts_due(rns_node_t *node, struct rnsi_resource_in *in) {
    struct rnsi_link *link = rnsi_in_link(node, in);
    const rns_us_t due = rnsi_window_due(in, link, rnsi_resource_sdu(link));
    if (node->now < due) {
        rnsi_in_due_at(node, in, due);
        return;
    }
    if (in->retries == 0) {
        rnsi_resource_in_cancel(node, in, RNS_ERR_TIMEOUT);
        return;
    }
    if (!in->rated && in->retries == RNSI_RESOURCE_RETRIES) { // nothing came of the first request
        link->flags |= RNSI_LINK_HASTY;
    }
    rnsi_window_shrink(in);
    in->retries--;
    in->waits_for_map = false;
    rnsi_resource_in_ask(node, link, in);
}

void rnsi_resource_in_due(rns_node_t *node, struct rnsi_resource_in *in) {
    if (in->waits_for_sink) {
        resume(node, in);
        return;
    }
    switch ((rnsi_in_state_t)in->state) {
    case RNSI_IN_OFFERED:
    case RNSI_IN_BETWEEN:
        rnsi_resource_in_cancel(node, in, RNS_ERR_TIMEOUT);
        break;
    case RNSI_IN_TRANSFERRING:
        parts_due(node, in);
        break;
    case RNSI_IN_UNPACKING:
        break;
    }
}
