// resource_send.c -- transfers that go out: offered, asked for in parts, proved (RNS/Resource.py:
// advertise, request, validate_proof, __watchdog_job).
#include "session/request.h"
#include "session/transfer.h"

#define ADV_RETRIES      4U                 // Resource.MAX_ADV_RETRIES
#define PROCESSING_GRACE RNSI_SECOND        // Resource.PROCESSING_GRACE
#define PROOF_RETRIES    3U                 // Resource.request
#define PROOF_FACTOR     3                  // Resource.PROOF_TIMEOUT_FACTOR
#define SENDER_GRACE     (10 * RNSI_SECOND) // Resource.SENDER_GRACE_TIME
#define NO_FRAME_RETRY   (100 * RNSI_MS)    // a packet found no frame
#define NO_ENTROPY_RETRY RNSI_SECOND

#define TICK_BYTES 65536U // prepared or sent in one call of rns_tick()

static rnsi_pool_t *pool_of(const rns_node_t *node) {
    return (rnsi_pool_t *)RNSI_POOL(node, RESOURCE_OUT);
}

static struct rnsi_resource_out *out_at(const rns_node_t *node, uint32_t slot) {
    return rnsi_pool_at(pool_of(node), slot);
}

static uint32_t slot_of(const rns_node_t *node, const struct rnsi_resource_out *out) {
    return rnsi_pool_slot(pool_of(node), out);
}

static struct rnsi_link *link_of(const rns_node_t *node, const struct rnsi_resource_out *out) {
    return rnsi_link_at(node, out->link);
}

static void due_at(rns_node_t *node, struct rnsi_resource_out *out, rns_us_t due) {
    rnsi_timer_set(pool_of(node), out, due);
}

// ---- The ring of those with something to do

static void ring_join(rns_node_t *node, struct rnsi_resource_out *out) {
    node->senders_wait = false;
    if (out->sends) {
        return;
    }
    const uint32_t self = slot_of(node, out);
    out->sends = true;
    node->senders++;
    if (node->sender == RNSI_NONE) {
        out->next_sender = out->prev_sender = self;
        node->sender = self;
        return;
    }
    struct rnsi_resource_out *first = out_at(node, node->sender);
    out->next_sender = node->sender;
    out->prev_sender = first->prev_sender;
    out_at(node, first->prev_sender)->next_sender = self;
    first->prev_sender = self;
}

static void ring_leave(rns_node_t *node, struct rnsi_resource_out *out) {
    if (!out->sends) {
        return;
    }
    const uint32_t self = slot_of(node, out), next = out->next_sender;
    out->sends = false;
    node->senders--;
    if (next == self) {
        node->sender = RNSI_NONE;
        return;
    }
    out_at(node, next)->prev_sender = out->prev_sender;
    out_at(node, out->prev_sender)->next_sender = next;
    if (node->sender == self) {
        node->sender = next;
    }
}

// ---- Bits of parts

static bool has_bit(const uint64_t *bits, uint32_t part) {
    const uint32_t place = part % RNSI_MAP_OUT;
    return (bits[place / 64] >> place % 64 & 1) != 0;
}

static void set_bit(uint64_t *bits, uint32_t part) {
    const uint32_t place = part % RNSI_MAP_OUT;
    bits[place / 64] |= UINT64_C(1) << place % 64;
}

static void clear_bit(uint64_t *bits, uint32_t part) {
    const uint32_t place = part % RNSI_MAP_OUT;
    bits[place / 64] &= ~(UINT64_C(1) << place % 64);
}

static void want(struct rnsi_resource_out *out, uint32_t part) {
    if (!has_bit(out->wanted, part)) {
        set_bit(out->wanted, part);
        out->wanted_count++;
        out->scan = part < out->scan ? part : out->scan;
    }
}

static void unwant(struct rnsi_resource_out *out, uint32_t part) {
    if (has_bit(out->wanted, part)) {
        clear_bit(out->wanted, part);
        out->wanted_count--;
    }
}

// The first part that is wanted; there is one.
static uint32_t first_wanted(struct rnsi_resource_out *out) {
    out->scan = out->scan < out->low ? out->low : out->scan;
    while (!has_bit(out->wanted, out->scan) && out->scan < out->map_end) {
        out->scan++;
    }
    return out->scan;
}

// ---- Advertising

static rnsi_adv_t adv_of(const struct rnsi_resource_out *out) {
    const uint32_t count = out->parts < RNSI_HASHMAP_MAX ? out->parts : RNSI_HASHMAP_MAX;
    return (rnsi_adv_t){.size = out->size,
                        .transfer = out->transfer,
                        .parts = out->parts,
                        .segment = out->segment,
                        .segments = out->segments,
                        .hash = out->hash,
                        .original = out->original,
                        .random = out->random,
                        .request_id = out->kind != RNSI_KIND_RESOURCE ? out->request_id : NULL,
                        .flags = out->flags,
                        .map = {(const uint8_t *)out->map, count * RNSI_MAPHASH_SIZE}};
}

static rns_us_t adv_timeout(const struct rnsi_resource_out *out) {
    return out->timeout_us + PROCESSING_GRACE;
}

static void advertise(rns_node_t *node, struct rnsi_resource_out *out) {
    uint8_t bytes[RNSI_RESOURCE_ADV_MOST];
    const rnsi_adv_t adv = adv_of(out);
    const size_t size = rnsi_adv_write((rns_mem_t){bytes, sizeof bytes}, &adv);
    const rnsi_out_t plain = {.head = {bytes, size}};
    if (!rnsi_link_send(node, link_of(node, out), RNSI_CONTEXT_RESOURCE_ADV, plain, NULL)) {
        due_at(node, out, node->now + NO_FRAME_RETRY);
        return;
    }
    out->retries--;
    out->advertised_at = out->activity_at = node->now;
    due_at(node, out, node->now + adv_timeout(out));
}

// All is known of the segment.
static void offer(rns_node_t *node, struct rnsi_resource_out *out) {
    ring_leave(node, out);
    out->state = RNSI_OUT_ADVERTISED;
    out->retries = ADV_RETRIES + 1;
    out->rtt_us = 0;
    out->segment_at = node->now;
    advertise(node, out);
}

// ---- Beginning and ending

static rns_err_t begin_segment(rns_node_t *node, struct rnsi_resource_out *out) {
    const rns_err_t err = rnsi_prepare_begin(node, out);
    if (err == RNS_ERR_OK) {
        ring_join(node, out);
        due_at(node, out, node->now + NO_FRAME_RETRY);
    }
    return err;
}

static void list_join(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_out *out) {
    uint32_t *at = &link->resources_out;
    while (*at != RNSI_NONE) {
        at = &out_at(node, *at)->next;
    }
    *at = slot_of(node, out);
    out->next = RNSI_NONE;
    link->out_count++;
}

static void list_leave(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_out *out) {
    const uint32_t self = slot_of(node, out);
    uint32_t *at = &link->resources_out;
    while (*at != self) {
        at = &out_at(node, *at)->next;
    }
    *at = out->next;
    link->out_count--;
}

static void release(rns_node_t *node, struct rnsi_resource_out *out) {
    ring_leave(node, out);
    list_leave(node, link_of(node, out), out);
    rnsi_prepare_end(node, out);
    rnsi_pool_give(pool_of(node), out);
}

static void tell_end(rns_node_t *node, rns_link_t link, rns_resource_t handle, rnsi_kind_t kind,
                     uint32_t owner, rns_err_t status, uint64_t size) {
    if (kind != RNSI_KIND_RESOURCE) {
        rnsi_request_sent(node, kind, owner, status);
        return;
    }
    rns_event_t event = {.type = RNS_EV_RESOURCE_DONE,
                         .resource = handle,
                         .link = link,
                         .status = status,
                         .size = size};
    rnsi_event(node, &event);
}

static void end_one(rns_node_t *node, rns_link_t link, struct rnsi_resource_out *out,
                    rns_err_t status) {
    const rns_resource_t handle = rnsi_resource_out_handle(node, out);
    const rnsi_kind_t kind = out->kind;
    const uint32_t owner = out->owner;
    const uint64_t size = out->size;
    release(node, out);
    tell_end(node, link, handle, kind, owner, status, size);
}

// The next transfer of a link has its turn; without entropy it tries again.
static void start_next(rns_node_t *node, rns_link_t handle) {
    const struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link == NULL || link->resources_out == RNSI_NONE) {
        return;
    }
    struct rnsi_resource_out *out = out_at(node, link->resources_out);
    if (out->state == RNSI_OUT_QUEUED && begin_segment(node, out) != RNS_ERR_OK) {
        due_at(node, out, node->now + NO_ENTROPY_RETRY);
    }
}

void rnsi_resource_out_end(rns_node_t *node, struct rnsi_resource_out *out, rns_err_t status) {
    const rns_link_t link = rnsi_link_handle(node, link_of(node, out));
    end_one(node, link, out, status);
    start_next(node, link);
}

static void say_cancel(rns_node_t *node, struct rnsi_resource_out *out) {
    if (out->state >= RNSI_OUT_ADVERTISED || out->segment > 1) {
        rnsi_resource_say(node, link_of(node, out), RNSI_CONTEXT_RESOURCE_ICL, out->hash);
    }
}

void rnsi_resource_out_cancel(rns_node_t *node, struct rnsi_resource_out *out, rns_err_t status) {
    say_cancel(node, out);
    rnsi_resource_out_end(node, out, status);
}

void rnsi_resource_out_drop(rns_node_t *node, struct rnsi_resource_out *out) {
    const rns_link_t link = rnsi_link_handle(node, link_of(node, out));
    say_cancel(node, out);
    release(node, out);
    start_next(node, link);
}

// ---- Opening

static uint8_t flags_of(const struct rnsi_resource_out *out) {
    uint8_t flags = RNSI_ADV_ENCRYPTED;
    flags |= out->segments > 1 ? RNSI_ADV_SPLIT : 0;
    flags |= out->kind == RNSI_KIND_REQUEST ? RNSI_ADV_REQUEST : 0;
    flags |= out->kind == RNSI_KIND_RESPONSE ? RNSI_ADV_RESPONSE : 0;
    flags |= out->metadata.bytes.size > 0 ? RNSI_ADV_METADATA : 0;
    return flags;
}

// Whether the longest advertisement that will be needed fits a packet.
static bool can_be_advertised(const struct rnsi_link *link, const struct rnsi_resource_out *out) {
    uint8_t bytes[RNSI_RESOURCE_ADV_MOST];
    const uint32_t size = rnsi_segment_size(out->size, 1);
    rnsi_adv_t adv = adv_of(out);
    adv.segment = out->segments;
    adv.transfer = (uint32_t)rnsi_token_size(RNSI_RESOURCE_RANDOM + size);
    adv.parts = rnsi_parts_of(adv.transfer, out->sdu);
    adv.map.size =
        (adv.parts < RNSI_HASHMAP_MAX ? adv.parts : RNSI_HASHMAP_MAX) * RNSI_MAPHASH_SIZE;
    const size_t written = rnsi_adv_write((rns_mem_t){bytes, sizeof bytes}, &adv);
    return written > 0 && written <= rnsi_link_mdu(link);
}

static bool fits(const struct rnsi_link *link, const rnsi_send_t *send) {
    const size_t metadata = send->options.metadata.size;
    return rnsi_resource_sdu(link) != 0 && metadata <= RNS_METADATA_MAX &&
           send->size <= UINT64_MAX - RNS_RESOURCE_SEGMENT &&
           rnsi_segments_of(send->size + RNS_RESOURCE_SEGMENT) <= UINT32_MAX;
}

static void fill(struct rnsi_resource_out *out, const struct rnsi_link *link,
                 const rnsi_send_t *send) {
    const rns_resource_options_t *options = &send->options;
    const size_t metadata = options->metadata.size;
    out->kind = (uint8_t)send->kind;
    out->owner = send->owner;
    out->source.source = send->source;
    out->metadata.bytes = options->metadata;
    out->data_size = send->size;
    out->size = send->size + (metadata > 0 ? RNSI_METADATA_HEAD + metadata : 0);
    out->segments = (uint32_t)rnsi_segments_of(out->size);
    out->segment = 1;
    out->no_compress = options->no_compress;
    out->compress_most =
        options->compress_most != 0 ? options->compress_most : RNS_RESOURCE_COMPRESS_MOST;
    out->timeout_us =
        options->timeout_us != 0 ? options->timeout_us : link->rtt_us * RNSI_TRAFFIC_FACTOR;
    out->sdu = rnsi_resource_sdu(link);
    out->segment_row = out->pack_row = RNSI_NONE;
    out->flags = flags_of(out);
    if (send->request_id != NULL) {
        memcpy(out->request_id, send->request_id, sizeof out->request_id);
    }
}

rns_err_t rnsi_resource_out_open(rns_node_t *node, struct rnsi_link *link, const rnsi_send_t *send,
                                 uint32_t *slot) {
    if (link->state != RNS_LINK_ACTIVE && link->state != RNS_LINK_STALE) {
        return RNS_ERR_STATE;
    }
    if (!fits(link, send)) {
        return RNS_ERR_SIZE;
    }
    struct rnsi_resource_out *out = NULL;
    if (link->out_count < node->limits.resources_out) {
        out = rnsi_pool_take(pool_of(node), node->now, NULL);
    }
    if (out == NULL) {
        return RNS_ERR_FULL;
    }
    fill(out, link, send);
    out->link = rnsi_link_slot(node, link);
    out->started_at = node->now;
    list_join(node, link, out);
    rns_err_t err = can_be_advertised(link, out) ? RNS_ERR_OK : RNS_ERR_SIZE;
    if (err == RNS_ERR_OK && link->resources_out == slot_of(node, out)) {
        err = begin_segment(node, out);
    }
    if (err != RNS_ERR_OK) {
        release(node, out);
        return err;
    }
    *slot = slot_of(node, out);
    return RNS_ERR_OK;
}

// ---- Requests of the peer

// The transfer of a link that was offered under this hash.
static struct rnsi_resource_out *find(const rns_node_t *node, const struct rnsi_link *link,
                                      const uint8_t *hash) {
    uint32_t slot = link->resources_out;
    while (slot != RNSI_NONE) {
        struct rnsi_resource_out *out = out_at(node, slot);
        const bool has_hash = out->state >= RNSI_OUT_ADVERTISED || out->segment > 1;
        if (has_hash && memcmp(out->hash, hash, sizeof out->hash) == 0) {
            return out;
        }
        slot = out->next;
    }
    return NULL;
}

static bool is_repeated(struct rnsi_resource_out *out, const uint8_t packet_hash[32]) {
    const size_t count = sizeof out->asks / sizeof *out->asks;
    const uint64_t print = rnsi_get64(packet_hash);
    for (size_t i = 0; i < count; i++) {
        if (out->asks[i] == print) {
            return true;
        }
    }
    out->asks[out->ask_at] = print;
    out->ask_at = (uint8_t)((out->ask_at + 1U) % count);
    return false;
}

// The part of a map hash among those that may be asked for; requests come in the order of parts, so
// the search goes on from the last one found. RNSI_NONE: none.
static uint32_t part_of(const struct rnsi_resource_out *out, uint32_t hash, uint32_t from) {
    const uint32_t count = out->map_end - out->low;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t part = out->low + (from - out->low + i) % count;
        if (out->map[part % RNSI_MAP_OUT] == hash) {
            return part;
        }
    }
    return RNSI_NONE;
}

static void want_parts(struct rnsi_resource_out *out, rns_bytes_t map) {
    const size_t asked = map.size / RNSI_MAPHASH_SIZE;
    const size_t count = asked < RNSI_MAP_OUT ? asked : RNSI_MAP_OUT;
    uint32_t from = out->low;
    for (size_t i = 0; i < count; i++) {
        uint32_t hash;
        memcpy(&hash, map.data + i * RNSI_MAPHASH_SIZE, sizeof hash);
        const uint32_t part = part_of(out, hash, from);
        if (part != RNSI_NONE) {
            want(out, part);
            from = part + 1 < out->map_end ? part + 1 : out->low;
        }
    }
}

// The peer knows the map up to this hash and wants more of it. What lies a window behind cannot be
// asked for any more. false: it is in no place where a packet of map hashes ends, or there are no
// more. The reference cancels then; a request that was long on its way is no reason for us.
static bool want_map(struct rnsi_resource_out *out, const uint8_t *last) {
    uint32_t hash;
    memcpy(&hash, last, sizeof hash);
    const uint32_t part = part_of(out, hash, out->low);
    if (part == RNSI_NONE || (part + 1) % RNSI_HASHMAP_MAX != 0 || part + 1 >= out->parts) {
        return false;
    }
    const uint32_t next = part + 1, end = next + RNSI_HASHMAP_MAX;
    const uint32_t low = next > RNSI_WINDOW_MAX + 1 ? next - RNSI_WINDOW_MAX - 1 : 0;
    while (out->low < low) {
        unwant(out, out->low);
        clear_bit(out->sent, out->low++);
    }
    out->map_asked = true;
    out->map_next = next;
    if (out->map_wanted < end) {
        out->map_wanted = end < out->parts ? end : out->parts;
    }
    return true;
}

rns_verdict_t rnsi_resource_asked(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain,
                                  const uint8_t packet_hash[32]) {
    rnsi_req_t req;
    if (!rnsi_req_read(plain, &req)) {
        return RNS_RX_MALFORMED;
    }
    struct rnsi_resource_out *out = find(node, link, req.hash);
    if (out == NULL || out->state < RNSI_OUT_ADVERTISED) {
        return RNS_RX_NOT_NOW;
    }
    if (is_repeated(out, packet_hash)) {
        return RNS_RX_REPEATED;
    }
    if (out->rtt_us == 0) {
        out->rtt_us = node->now - out->advertised_at;
    }
    out->state = RNSI_OUT_TRANSFERRING;
    out->activity_at = node->now;
    want_parts(out, req.map);
    const bool ok = req.last == NULL || want_map(out, req.last);
    due_at(node, out, node->now + RNSI_SENDER_WAIT(out->rtt_us));
    if (out->wanted_count > 0 || out->map_asked) {
        ring_join(node, out);
    }
    return ok ? RNS_RX_DELIVERED : RNS_RX_MALFORMED;
}

rns_verdict_t rnsi_resource_rejected(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain) {
    if (plain.size < RNSI_RESOURCE_HASH) {
        return RNS_RX_MALFORMED;
    }
    struct rnsi_resource_out *out = find(node, link, plain.data);
    if (out == NULL) {
        return RNS_RX_NOT_NOW;
    }
    rnsi_resource_out_end(node, out, RNS_ERR_REFUSED);
    return RNS_RX_DELIVERED;
}

// ---- The proof

static void next_segment(rns_node_t *node, struct rnsi_resource_out *out) {
    ring_leave(node, out);
    out->segment++;
    const rns_err_t err = begin_segment(node, out);
    if (err != RNS_ERR_OK) {
        rnsi_resource_out_cancel(node, out, err);
    }
}

rns_verdict_t rnsi_resource_proof(rns_node_t *node, struct rnsi_link *link, rns_bytes_t data) {
    if (data.size != RNSI_RESOURCE_PROOF) {
        return RNS_RX_MALFORMED;
    }
    struct rnsi_resource_out *out = find(node, link, data.data);
    if (out == NULL || out->state < RNSI_OUT_ADVERTISED) {
        return RNS_RX_NO_PROOF;
    }
    if (!node->crypto.v->equal(data.data + RNSI_RESOURCE_HASH, out->proof, sizeof out->proof)) {
        return RNS_RX_BAD_PROOF;
    }
    rnsi_resource_rate(node, link, out->transfer, out->segment_at);
    if (out->segment < out->segments) {
        next_segment(node, out);
    } else {
        rnsi_resource_out_end(node, out, RNS_ERR_OK);
    }
    return RNS_RX_DELIVERED;
}

// The proof may stand in a cache on the way, or at the peer.
static void ask_for_proof(rns_node_t *node, struct rnsi_resource_out *out) {
    struct rnsi_link *link = link_of(node, out);
    uint8_t proof[RNSI_RESOURCE_PROOF], hash[32];
    memcpy(proof, out->hash, sizeof out->hash);
    memcpy(proof + sizeof out->hash, out->proof, sizeof out->proof);
    rnsi_resource_proof_hash(node, link, proof, hash);
    (void)rnsi_link_send_bare(node, link, RNSI_TYPE_DATA, RNSI_CONTEXT_CACHE_REQUEST,
                              (rns_bytes_t){hash, sizeof hash});
}

static rns_us_t proof_timeout(const struct rnsi_resource_out *out) {
    return out->rtt_us * PROOF_FACTOR + SENDER_GRACE;
}

static void await_proof(rns_node_t *node, struct rnsi_resource_out *out) {
    out->state = RNSI_OUT_AWAITING_PROOF;
    out->retries = PROOF_RETRIES;
    due_at(node, out, out->last_part_at + proof_timeout(out));
}

// ---- Deadlines

void rnsi_resource_out_due(rns_node_t *node, struct rnsi_resource_out *out) {
    switch ((rnsi_out_state_t)out->state) {
    case RNSI_OUT_QUEUED:
        start_next(node, rnsi_link_handle(node, link_of(node, out)));
        break;
    case RNSI_OUT_PACKING:
    case RNSI_OUT_PREPARING: // for want of a frame, which others may have given back
        node->senders_wait = false;
        due_at(node, out, node->now + NO_FRAME_RETRY);
        break;
    case RNSI_OUT_ADVERTISED:
        if (out->retries > 0) {
            advertise(node, out);
        } else {
            rnsi_resource_out_cancel(node, out, RNS_ERR_TIMEOUT);
        }
        break;
    case RNSI_OUT_TRANSFERRING:
        if (node->now < out->activity_at + RNSI_SENDER_WAIT(out->rtt_us)) {
            due_at(node, out, out->activity_at + RNSI_SENDER_WAIT(out->rtt_us));
        } else {
            rnsi_resource_out_cancel(node, out, RNS_ERR_TIMEOUT);
        }
        break;
    case RNSI_OUT_AWAITING_PROOF:
        if (out->retries > 0) {
            out->retries--;
            ask_for_proof(node, out);
            due_at(node, out, node->now + proof_timeout(out));
        } else {
            rnsi_resource_out_cancel(node, out, RNS_ERR_TIMEOUT);
        }
        break;
    }
}

// ---- Working

typedef struct {
    struct rnsi_link *link;
    struct rnsi_resource_out *out;
    uint32_t part;
    bool bad;
} making_t;

static bool make(rns_node_t *node, void *context, rns_mem_t out) {
    making_t *making = context;
    making->bad = !rnsi_prepare_part(node, making->link, making->out, making->part, out);
    return !making->bad;
}

static void tell_progress(rns_node_t *node, const struct rnsi_resource_out *out) {
    if (out->kind != RNSI_KIND_RESOURCE) {
        return;
    }
    rns_event_t event = {.type = RNS_EV_RESOURCE_PROGRESS,
                         .resource = rnsi_resource_out_handle(node, out),
                         .link = rnsi_link_handle(node, link_of(node, out)),
                         .progress_ppm = rnsi_resource_ppm(out->segment, out->segments, out->parts,
                                                           out->sent_count, out->sdu)};
    rnsi_event(node, &event);
}

// All that was asked for is sent.
static void rest(rns_node_t *node, struct rnsi_resource_out *out) {
    ring_leave(node, out);
    if (out->sent_count == out->parts) {
        await_proof(node, out);
    }
    tell_progress(node, out);
}

// Bytes of a step; 0: it can do nothing now. An end of the transfer is a step, too.
static uint32_t send_part(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_out *out) {
    making_t making = {link, out, first_wanted(out), false};
    const uint32_t size = rnsi_part_size(out->transfer, out->sdu, making.part);
    if (!rnsi_link_has_room(node, link, size)) {
        return 0;
    }
    if (!rnsi_link_send_part(node, link, size, make, &making)) {
        if (making.bad) {
            rnsi_resource_out_cancel(node, out, RNS_ERR_CORRUPT);
        }
        return making.bad;
    }
    unwant(out, making.part);
    if (!has_bit(out->sent, making.part)) {
        set_bit(out->sent, making.part);
        out->sent_count++;
    }
    out->activity_at = out->last_part_at = node->now;
    if (out->wanted_count == 0 && !out->map_asked) {
        rest(node, out);
    }
    return size;
}

// The packet of map hashes follows the parts of its request, so that the peer does not ask for them
// again.
static bool send_map(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_out *out) {
    uint32_t map[RNSI_HASHMAP_MAX], count = 0;
    uint8_t bytes[RNSI_RESOURCE_HMU_MOST];
    for (uint32_t part = out->map_next; count < RNSI_HASHMAP_MAX && part < out->parts; part++) {
        map[count++] = out->map[part % RNSI_MAP_OUT];
    }
    const rnsi_hmu_t hmu = {.hash = out->hash,
                            .number = out->map_next / RNSI_HASHMAP_MAX,
                            .map = {(const uint8_t *)map, count * RNSI_MAPHASH_SIZE}};
    const size_t size = rnsi_hmu_write((rns_mem_t){bytes, sizeof bytes}, &hmu);
    const rnsi_out_t plain = {.head = {bytes, size}};
    if (!rnsi_link_send(node, link, RNSI_CONTEXT_RESOURCE_HMU, plain, NULL)) {
        return false;
    }
    out->map_asked = false;
    out->activity_at = node->now;
    return true;
}

static uint32_t more_map(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_out *out) {
    switch (rnsi_prepare_map(node, link, out)) {
    case RNSI_STEP_BLOCKED:
        return 0;
    case RNSI_STEP_DONE:
        return out->sdu;
    case RNSI_STEP_BAD:
        rnsi_resource_out_cancel(node, out, RNS_ERR_CORRUPT);
        return 1;
    case RNSI_STEP_READY:
        break;
    }
    if (!send_map(node, link, out)) {
        return 0;
    }
    rest(node, out);
    return 1;
}

static uint32_t prepare(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_out *out) {
    const bool packs = out->state == RNSI_OUT_PACKING;
    switch (rnsi_prepare_step(node, link, out)) {
    case RNSI_STEP_BLOCKED:
        return 0;
    case RNSI_STEP_BAD:
        rnsi_resource_out_cancel(node, out, RNS_ERR_CORRUPT);
        return 1;
    case RNSI_STEP_READY:
        offer(node, out);
        return 1;
    case RNSI_STEP_DONE:
        break;
    }
    return packs ? TICK_BYTES : out->sdu; // packing is work enough for a tick
}

static uint32_t step(rns_node_t *node, struct rnsi_resource_out *out) {
    struct rnsi_link *link = link_of(node, out);
    if (out->state < RNSI_OUT_ADVERTISED) {
        return prepare(node, link, out);
    }
    return out->wanted_count > 0 ? send_part(node, link, out) : more_map(node, link, out);
}

static void work_senders(rns_node_t *node) {
    uint32_t bytes = 0, idle = 0;
    node->tx_went_out = false;
    while (node->sender != RNSI_NONE && bytes < TICK_BYTES && idle < node->senders) {
        struct rnsi_resource_out *out = out_at(node, node->sender);
        node->sender = out->next_sender; // its turn is over
        const uint32_t done = step(node, out);
        bytes += done;
        idle = done > 0 ? 0 : idle + 1;
    }
    node->senders_wait = idle > 0 && idle >= node->senders;
}

void rnsi_resource_tick(rns_node_t *node) {
    if (node->unpacker != RNSI_NONE) {
        rnsi_sink_unpack(node, rnsi_pool_at(RNSI_POOL(node, RESOURCE_IN), node->unpacker));
    }
    if (node->sender != RNSI_NONE && (!node->senders_wait || node->tx_went_out)) {
        work_senders(node);
    }
}

bool rnsi_resource_waits(const rns_node_t *node) {
    return node->unpacker != RNSI_NONE ||
           (node->sender != RNSI_NONE && (!node->senders_wait || node->tx_went_out));
}
