// resource_parts.c -- parts that are asked for, and the turns in which transfers prepare and send
// (RNS/Resource.py: request).
#include "session/transfer.h"

#define TICK_BYTES 65536U // prepared or sent in one call of rns_tick()

// ---- The ring of those with something to do

void rnsi_sender_join(rns_node_t *node, struct rnsi_resource_out *out) {
    node->senders_wait = false;
    if (out->sends) {
        return;
    }
    const uint32_t self = rnsi_pool_slot(RNSI_POOL(node, RESOURCE_OUT), out);
    out->sends = true;
    node->senders++;
    if (node->sender == RNSI_NONE) {
        out->next_sender = out->prev_sender = self;
        node->sender = self;
        return;
    }
    struct rnsi_resource_out *first = rnsi_out_at(node, node->sender);
    out->next_sender = node->sender;
    out->prev_sender = first->prev_sender;
    rnsi_out_at(node, first->prev_sender)->next_sender = self;
    first->prev_sender = self;
}

void rnsi_sender_leave(rns_node_t *node, struct rnsi_resource_out *out) {
    if (!out->sends) {
        return;
    }
    const uint32_t self = rnsi_pool_slot(RNSI_POOL(node, RESOURCE_OUT), out),
                   next = out->next_sender;
    out->sends = false;
    node->senders--;
    if (next == self) {
        node->sender = RNSI_NONE;
        return;
    }
    rnsi_out_at(node, next)->prev_sender = out->prev_sender;
    rnsi_out_at(node, out->prev_sender)->next_sender = next;
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

// ---- Requests of the peer

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
// asked for any more. OK; STATE: the hash is known no longer, or there are no more: a request that
// was long on its way is no reason to give up; CORRUPT: it is in no place where a packet of map
// hashes ends, so the peer has another map than we sent.
static rns_err_t want_map(struct rnsi_resource_out *out, const uint8_t *last) {
    uint32_t hash;
    memcpy(&hash, last, sizeof hash);
    const uint32_t part = part_of(out, hash, out->low);
    if (part == RNSI_NONE || part + 1 >= out->parts) {
        return RNS_ERR_STATE;
    }
    if ((part + 1) % RNSI_HASHMAP_MAX != 0) {
        return RNS_ERR_CORRUPT;
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
    return RNS_ERR_OK;
}

rns_verdict_t rnsi_resource_asked(rns_node_t *node, struct rnsi_link *link, rns_bytes_t plain,
                                  const uint8_t packet_hash[32]) {
    rnsi_req_t req;
    if (!rnsi_req_read(plain, &req)) {
        return RNS_RX_MALFORMED;
    }
    struct rnsi_resource_out *out = rnsi_resource_out_find(node, link, req.hash);
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
    const rns_err_t err = req.last == NULL ? RNS_ERR_OK : want_map(out, req.last);
    if (err == RNS_ERR_CORRUPT) {
        rnsi_resource_out_cancel(node, out, err);
        return RNS_RX_MALFORMED;
    }
    rnsi_timer_set(RNSI_POOL(node, RESOURCE_OUT), out, node->now + RNSI_SENDER_WAIT(out->rtt_us));
    if (out->wanted_count > 0 || out->map_asked) {
        rnsi_sender_join(node, out);
    }
    return err == RNS_ERR_OK ? RNS_RX_DELIVERED : RNS_RX_MALFORMED;
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
                         .link = rnsi_link_handle(node, rnsi_out_link(node, out)),
                         .progress_ppm = rnsi_resource_ppm(out->segment, out->segments, out->parts,
                                                           out->sent_count, out->sdu)};
    rnsi_event(node, &event);
}

// All that was asked for is sent.
static void rest(rns_node_t *node, struct rnsi_resource_out *out) {
    rnsi_sender_leave(node, out);
    if (out->sent_count == out->parts) {
        rnsi_resource_out_await(node, out);
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

// The segment is prepared.
static void ready(rns_node_t *node, struct rnsi_resource_out *out) {
    if (out->before == RNSI_NONE) {
        rnsi_resource_out_offer(node, out);
    } else {
        rnsi_sender_leave(node, out);
        out->state = RNSI_OUT_READY;
    }
}

static uint32_t prepare(rns_node_t *node, struct rnsi_link *link, struct rnsi_resource_out *out) {
    const bool packs = out->state == RNSI_OUT_PACKING;
    switch (rnsi_prepare_step(node, link, out)) {
    case RNSI_STEP_BLOCKED:
        return 0;
    case RNSI_STEP_BAD:
        rnsi_resource_out_cancel(
            node, out->before == RNSI_NONE ? out : rnsi_out_at(node, out->before), RNS_ERR_CORRUPT);
        return 1;
    case RNSI_STEP_READY:
        ready(node, out);
        return 1;
    case RNSI_STEP_DONE:
        break;
    }
    return packs ? TICK_BYTES : out->sdu; // packing is work enough for a tick
}

static uint32_t step(rns_node_t *node, struct rnsi_resource_out *out) {
    struct rnsi_link *link = rnsi_out_link(node, out);
    if (out->state < RNSI_OUT_ADVERTISED) {
        return prepare(node, link, out);
    }
    return out->wanted_count > 0 ? send_part(node, link, out) : more_map(node, link, out);
}

static void work_senders(rns_node_t *node) {
    uint32_t bytes = 0, idle = 0;
    node->tx_went_out = false;
    while (node->sender != RNSI_NONE && bytes < TICK_BYTES && idle < node->senders) {
        struct rnsi_resource_out *out = rnsi_out_at(node, node->sender);
        node->sender = out->next_sender; // its turn is over
        const uint32_t done = step(node, out);
        bytes += done;
        idle = done > 0 ? 0 : idle + 1;
    }
    node->senders_wait = idle > 0 && idle >= node->senders;
}

void rnsi_resource_tick(rns_node_t *node) {
    if (node->unpacker != RNSI_NONE) {
        rnsi_sink_unpack(node, rnsi_in_at(node, node->unpacker));
    }
    if (node->sender != RNSI_NONE && (!node->senders_wait || node->tx_went_out)) {
        work_senders(node);
    }
}

bool rnsi_resource_waits(const rns_node_t *node) {
    return node->unpacker != RNSI_NONE ||
           (node->sender != RNSI_NONE && (!node->senders_wait || node->tx_went_out));
}
