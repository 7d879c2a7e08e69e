// resource_send.c -- transfers that go out: offered, asked for in parts, proved (RNS/Resource.py:
// advertise, request, validate_proof, __watchdog_job).
#include "session/request.h"
#include "session/transfer.h"

#define PROCESSING_GRACE RNSI_SECOND        // Resource.PROCESSING_GRACE
#define PROOF_RETRIES    3U                 // Resource.request
#define SENDER_GRACE     (10 * RNSI_SECOND) // Resource.SENDER_GRACE_TIME
#define NO_FRAME_RETRY   (100 * RNSI_MS)    // a packet found no frame
#define NO_ENTROPY_RETRY RNSI_SECOND
#define QUEUE_PAUSE      (250 * RNSI_MS) // Resource.__advertise_job: how often it looks

static uint32_t slot_of(const rns_node_t *node, const struct rnsi_resource_out *out) {
    return rnsi_pool_slot(RNSI_POOL(node, RESOURCE_OUT), out);
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
    if (!rnsi_link_send(node, rnsi_out_link(node, out), RNSI_CONTEXT_RESOURCE_ADV, plain, NULL)) {
        rnsi_out_due_at(node, out, node->now + NO_FRAME_RETRY);
        return;
    }
    out->retries--;
    out->advertised_at = out->activity_at = node->now;
    rnsi_out_due_at(node, out, node->now + adv_timeout(out));
}

void rnsi_resource_out_offer(rns_node_t *node, struct rnsi_resource_out *out) {
    rnsi_sender_leave(node, out);
    out->state = RNSI_OUT_ADVERTISED;
    out->retries = RNSI_ADV_RETRIES + 1;
    out->rtt_us = 0;
    out->segment_at = node->now;
    advertise(node, out);
    rnsi_ahead_begin(node, out);
}

// ---- Beginning and ending

static void prepare(rns_node_t *node, struct rnsi_resource_out *out) {
    rnsi_sender_join(node, out);
    rnsi_out_due_at(node, out, node->now + NO_FRAME_RETRY);
}

static rns_err_t begin_segment(rns_node_t *node, struct rnsi_resource_out *out) {
    const rns_err_t err = rnsi_prepare_begin(node, out);
    if (err == RNS_ERR_OK) {
        prepare(node, out);
    }
    return err;
}

static void list_join(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_out *out) {
    uint32_t *at = &link->resources_out;
    while (*at != RNSI_NONE) {
        at = &rnsi_out_at(node, *at)->next;
    }
    *at = slot_of(node, out);
    out->next = RNSI_NONE;
    link->out_count++;
}

static void list_leave(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_out *out) {
    const uint32_t self = slot_of(node, out);
    uint32_t *at = &link->resources_out;
    while (*at != self) {
        at = &rnsi_out_at(node, *at)->next;
    }
    *at = out->next;
    link->out_count--;
}

static void release(rns_node_t *node, struct rnsi_resource_out *out) {
    rnsi_sender_leave(node, out);
    rnsi_ahead_end(node, out);
    list_leave(node, rnsi_out_link(node, out), out);
    rnsi_prepare_end(node, out);
    rnsi_pool_give(RNSI_POOL(node, RESOURCE_OUT), out);
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
    struct rnsi_resource_out *out = rnsi_out_at(node, link->resources_out);
    if (out->state == RNSI_OUT_QUEUED && begin_segment(node, out) != RNS_ERR_OK) {
        rnsi_out_due_at(node, out, node->now + NO_ENTROPY_RETRY);
    }
}

// The reference proves a resource before it puts it away, and then takes a part of the next one for
// one of this: its application hears that it failed. So who waits goes on waiting as long as there.
static void pause_next(rns_node_t *node, rns_link_t handle) {
    const struct rnsi_link *link = rnsi_link_get(node, handle);
    if (link != NULL && link->resources_out != RNSI_NONE) {
        struct rnsi_resource_out *out = rnsi_out_at(node, link->resources_out);
        if (out->state == RNSI_OUT_QUEUED) {
            rnsi_out_due_at(node, out, node->now + QUEUE_PAUSE);
        }
    }
}

void rnsi_resource_out_end(rns_node_t *node, struct rnsi_resource_out *out, rns_err_t status) {
    const rns_link_t link = rnsi_link_handle(node, rnsi_out_link(node, out));
    end_one(node, link, out, status);
    if (status == RNS_ERR_OK) {
        pause_next(node, link);
    } else {
        start_next(node, link);
    }
}

static void say_cancel(rns_node_t *node, struct rnsi_resource_out *out) {
    if (out->state >= RNSI_OUT_ADVERTISED || out->segment > 1) {
        rnsi_resource_say(node, rnsi_out_link(node, out), RNSI_CONTEXT_RESOURCE_ICL, out->hash);
    }
}

void rnsi_resource_out_cancel(rns_node_t *node, struct rnsi_resource_out *out, rns_err_t status) {
    say_cancel(node, out);
    rnsi_resource_out_end(node, out, status);
}

void rnsi_resource_out_drop(rns_node_t *node, struct rnsi_resource_out *out) {
    const rns_link_t link = rnsi_link_handle(node, rnsi_out_link(node, out));
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
    out->segment_row = out->pack_row = out->after = out->before = RNSI_NONE;
    out->flags = flags_of(out);
    if (send->request_id != NULL) {
        memcpy(out->request_id, send->request_id, sizeof out->request_id);
    }
}

rns_err_t rnsi_resource_out_open(rns_node_t *node, struct rnsi_link *link, const rnsi_send_t *send,
                                 uint32_t *slot) {
    if (!RNS_WITH_RESOURCES) {
        return RNS_ERR_STATE;
    }
    if (link->state != RNS_LINK_ACTIVE && link->state != RNS_LINK_STALE) {
        return RNS_ERR_STATE;
    }
    if (!fits(link, send)) {
        return RNS_ERR_SIZE;
    }
    struct rnsi_resource_out *out = NULL;
    if (link->out_count < node->limits.resources_out) {
        out = rnsi_pool_take(RNSI_POOL(node, RESOURCE_OUT), node->now, NULL);
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

// ---- What the peer says

struct rnsi_resource_out *rnsi_resource_out_find(const rns_node_t *node,
                                                 const struct rnsi_link *link,
                                                 const uint8_t hash[32]) {
    uint32_t slot = link->resources_out;
    while (slot != RNSI_NONE) {
        struct rnsi_resource_out *out = rnsi_out_at(node, slot);
        const bool has_hash = out->state >= RNSI_OUT_ADVERTISED || out->segment > 1;
        if (has_hash && memcmp(out->hash, hash, sizeof out->hash) == 0) {
            return out;
        }
        slot = out->next;
    }
    return NULL;
}

rns_verdict_t rnsi_resource_rejected(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain) {
    if (plain.size < RNSI_RESOURCE_HASH) {
        return RNS_RX_MALFORMED;
    }
    struct rnsi_resource_out *out = rnsi_resource_out_find(node, link, plain.data);
    if (out == NULL) {
        return RNS_RX_NOT_NOW;
    }
    rnsi_resource_out_end(node, out, RNS_ERR_REFUSED);
    return RNS_RX_DELIVERED;
}

// ---- The proof

static void next_segment(rns_node_t *node, struct rnsi_resource_out *out) {
    rnsi_sender_leave(node, out);
    if (rnsi_ahead_take(node, out)) {
        if (out->state == RNSI_OUT_READY) {
            rnsi_resource_out_offer(node, out);
        } else {
            prepare(node, out);
        }
        return;
    }
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
    struct rnsi_resource_out *out = rnsi_resource_out_find(node, link, data.data);
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
    struct rnsi_link *link = rnsi_out_link(node, out);
    uint8_t proof[RNSI_RESOURCE_PROOF], hash[32];
    memcpy(proof, out->hash, sizeof out->hash);
    memcpy(proof + sizeof out->hash, out->proof, sizeof out->proof);
    rnsi_resource_proof_hash(node, link, proof, hash);
    (void)rnsi_link_send_bare(node, link, RNSI_TYPE_DATA, RNSI_CONTEXT_CACHE_REQUEST,
                              (rns_bytes_t){hash, sizeof hash});
}

static rns_us_t proof_timeout(const struct rnsi_resource_out *out) {
    return out->rtt_us * RNSI_PROOF_FACTOR + SENDER_GRACE;
}

void rnsi_resource_out_await(rns_node_t *node, struct rnsi_resource_out *out) {
    out->state = RNSI_OUT_AWAITING_PROOF;
    out->retries = PROOF_RETRIES;
    rnsi_out_due_at(node, out, out->last_part_at + proof_timeout(out));
}

// ---- Deadlines

void rnsi_resource_out_due(rns_node_t *node, struct rnsi_resource_out *out) {
    switch ((rnsi_out_state_t)out->state) {
    case RNSI_OUT_QUEUED:
        start_next(node, rnsi_link_handle(node, rnsi_out_link(node, out)));
        break;
    case RNSI_OUT_PACKING:
    case RNSI_OUT_PREPARING: // for want of a frame, which others may have given back
        node->senders_wait = false;
        rnsi_out_due_at(node, out, node->now + NO_FRAME_RETRY);
        break;
    case RNSI_OUT_READY:
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
            rnsi_out_due_at(node, out, out->activity_at + RNSI_SENDER_WAIT(out->rtt_us));
        } else {
            rnsi_resource_out_cancel(node, out, RNS_ERR_TIMEOUT);
        }
        break;
    case RNSI_OUT_AWAITING_PROOF:
        if (out->retries > 0) {
            out->retries--;
            ask_for_proof(node, out);
            rnsi_out_due_at(node, out, node->now + proof_timeout(out));
        } else {
            rnsi_resource_out_cancel(node, out, RNS_ERR_TIMEOUT);
        }
        break;
    }
}
