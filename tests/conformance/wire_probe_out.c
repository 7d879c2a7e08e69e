// wire_probe_out.c -- commands: the end of a transfer that sends, while the other is played.
#include <string.h>

#include "rns/providers.h"
#include "wire_pair.h"

#define FEW    8U   // parts: all of their map hashes fit the offer
#define MANY   100U // parts: they do not
#define LONG   160U // parts: nor a second packet of map hashes
#define PACKET (RNSI_HASHMAP_MAX * RNSI_MAPHASH_SIZE)

static const uint8_t *map_hash(const probe_t *probe, uint32_t part) {
    return probe->offer.adv.map.data + part * RNSI_MAPHASH_SIZE;
}

static resource_status_t look(const probe_t *probe) {
    return resource_look(probe->pair->a.node, probe->out);
}

// A hears a request of b for some parts, and perhaps for more of the map.
static void ask(call_t *call, const probe_t *probe, uint32_t count, const uint8_t *last) {
    (void)pair_feed(&probe->pair->a, pair_ask(call, probe->pair, probe->offer.adv.hash,
                                              probe->offer.adv.map.data, count, last));
}

// ---- Proofs

// The proof of b, who has all parts.
static rns_bytes_t genuine_proof(const probe_t *probe) {
    (void)pair_feed(&probe->pair->b, probe->offer.offer);
    for (uint32_t i = 0; i < probe->offer.count; i++) {
        (void)pair_feed(&probe->pair->b, probe->offer.part[i]);
    }
    const caught_t *caught = pair_first(&probe->pair->b, RNSI_CONTEXT_RESOURCE_PRF);
    return caught == NULL ? (rns_bytes_t){NULL, 0} : caught->packet.data;
}

static rns_bytes_t proof_packet(call_t *call, const probe_t *probe, rns_bytes_t proof) {
    return pair_make(call, &probe->pair->b, RNSI_TYPE_PROOF, RNSI_CONTEXT_RESOURCE_PRF, proof);
}

static json_t *crafted_proof(call_t *call) {
    probe_t probe;
    enum { VALID, WRONG, SHORT, LONGER };
    static const char *const VARIANTS[] = {"valid", "wrong_proof", "wrong_length_short",
                                           "wrong_length_long", NULL};
    static const size_t SIZES[] = {RNSI_RESOURCE_PROOF, RNSI_RESOURCE_PROOF,
                                   RNSI_RESOURCE_PROOF / 2, RNSI_RESOURCE_PROOF * 3 / 2};
    unsigned kind;
    if (!probe_variant(call, VARIANTS, &kind) || !probe_open(call, &probe, FEW)) {
        return NULL;
    }
    const rns_bytes_t genuine = genuine_proof(&probe);
    if (genuine.size != RNSI_RESOURCE_PROOF) {
        return probe_fail(call, &probe, "the parts were not proved");
    }
    uint8_t bytes[RNSI_RESOURCE_PROOF * 3 / 2] = {0};
    memcpy(bytes, genuine.data, genuine.size);
    rns_bytes_t proof = {bytes, SIZES[kind]};
    if (kind == WRONG) {
        proof = probe_damaged(call, proof);
    }
    (void)pair_feed(&probe.pair->a, proof_packet(call, &probe, proof));
    const resource_status_t status = look(&probe);
    return probe_done(&probe,
                      json_pack("{s:s, s:b, s:i, s:s, s:i}", "variant", VARIANTS[kind], "concluded",
                                status == RESOURCE_COMPLETE, "status", (int)status, "status_name",
                                resource_status_name(status), "proof_len", (int)proof.size));
}

// ---- Requests

static json_t *map_request(call_t *call, const probe_t *probe, const char *variant, uint32_t part) {
    ask(call, probe, 0, map_hash(probe, part));
    const resource_status_t status = look(probe);
    return probe_done(probe, json_pack("{s:s, s:b, s:i, s:s}", "variant", variant, "cancelled",
                                       status == RESOURCE_FAILED, "status", (int)status,
                                       "status_name", resource_status_name(status)));
}

// The map is asked for twice: behind the offer's hashes, and behind those that came.
static json_t *scope_request(call_t *call, const probe_t *probe, const char *variant) {
    (void)look(probe);
    const uint32_t before = probe->out->inspect.low;
    const rns_bytes_t raw = probe_fetch_map(call, probe, map_hash(probe, RNSI_HASHMAP_MAX - 1));
    uint8_t plain[RNS_FRAME_MAX(PAIR_MTU)];
    rnst_link_packet_t packet;
    rnsi_hmu_t hmu;
    if (raw.data == NULL ||
        !rnst_link_read(probe->pair->b.node, probe->pair->b.link, raw,
                        (rns_mem_t){plain, sizeof plain}, &packet) ||
        !rnsi_hmu_read(packet.data, &hmu) || hmu.map.size != PACKET) {
        return probe_fail(call, probe, "no map hashes came");
    }
    ask(call, probe, 0, hmu.map.data + PACKET - RNSI_MAPHASH_SIZE);
    const resource_status_t status = look(probe);
    return probe_done(probe, json_pack("{s:s, s:i, s:i, s:i, s:i, s:b, s:s}", "variant", variant,
                                       "part_index", (int)(2 * RNSI_HASHMAP_MAX), "window_max",
                                       (int)RNSI_WINDOW_MAX, "scope_before", (int)before,
                                       "scope_after", (int)probe->out->inspect.low, "cancelled",
                                       status == RESOURCE_FAILED, "status_name",
                                       resource_status_name(status)));
}

// Which part a packet is; FEW: none.
static uint32_t part_of(const probe_t *probe, rns_bytes_t raw) {
    uint8_t hash[RNSI_MAPHASH_SIZE];
    uint32_t part = 0;
    rnst_resource_map_hash(probe->pair->a.node, raw, probe->offer.adv.random, hash);
    while (part < probe->offer.count && memcmp(hash, map_hash(probe, part), sizeof hash) != 0) {
        part++;
    }
    return part;
}

// All parts are asked for once more, in another packet: they must be what they were.
static json_t *serve_all(call_t *call, const probe_t *probe, const char *variant) {
    json_t *served = json_array();
    bool is_same = true;
    unsigned again = 0;
    for (uint32_t i = 0; i < probe->offer.count; i++) {
        (void)json_array_append_new(served, json_integer(part_of(probe, probe->offer.part[i])));
    }
    const resource_status_t status = look(probe);
    const uint32_t sent = probe->out->inspect.sent;
    ask(call, probe, probe->offer.count, NULL);
    const caught_t *c = pair_first(&probe->pair->a, RNSI_CONTEXT_RESOURCE);
    for (; c != NULL; c = pair_next(c->next, RNSI_CONTEXT_RESOURCE)) {
        const uint32_t part = part_of(probe, c->raw);
        is_same = is_same && part < probe->offer.count &&
                  memcmp(c->raw.data, probe->offer.part[part].data, c->raw.size) == 0;
        again++;
    }
    return probe_done(probe,
                      json_pack("{s:s, s:o, s:i, s:i, s:b, s:s}", "variant", variant,
                                "served_indices", served, "sent_parts", (int)sent, "total_parts",
                                (int)probe->out->info.parts, "identical_on_resend",
                                is_same && again == probe->offer.count, "status_name",
                                resource_status_name(status)));
}

// One packet, twice.
static json_t *duplicate_request(call_t *call, const char *variant) {
    probe_t probe = {.pair = probe_has_link(call) ? pair_open(call, NULL) : NULL};
    if (probe.pair == NULL) {
        return NULL;
    }
    pair_side_t *a = &probe.pair->a;
    probe.out = pair_send(call, probe.pair, FEW);
    if (probe.out == NULL || !pair_read_offer(call, probe.pair, &probe.offer)) {
        pair_close(probe.pair);
        return NULL;
    }
    uint8_t hash[32];
    bool has;
    const rns_bytes_t raw = pair_ask(call, probe.pair, probe.offer.adv.hash,
                                     probe.offer.adv.map.data, probe.offer.count, NULL);
    (void)pair_feed(a, raw);
    const unsigned first = pair_count(a, RNSI_CONTEXT_RESOURCE);
    rnst_packet_hash(a->node, raw, hash);
    (void)rnst_resource_asks(a->node, probe.out->handle, hash, &has);
    (void)pair_feed(a, raw);
    const unsigned second = pair_count(a, RNSI_CONTEXT_RESOURCE);
    const unsigned asks = rnst_resource_asks(a->node, probe.out->handle, hash, &(bool){false});
    (void)look(&probe);
    return probe_done(&probe,
                      json_pack("{s:s, s:i, s:i, s:i, s:b, s:i, s:b}", "variant", variant,
                                "total_parts", (int)probe.out->info.parts, "first_served",
                                (int)first, "second_served", (int)second, "first_in_hashlist", has,
                                "req_hashlist_len", (int)asks, "deduped", second == first));
}

static json_t *crafted_request(call_t *call) {
    enum { MISALIGNED, ALIGNED, SCOPE, SERVE, DUPLICATE };
    static const char *const VARIANTS[] = {"misaligned_hmu", "aligned",   "aligned_scope",
                                           "serve_all",      "duplicate", NULL};
    static const uint32_t PARTS[] = {MANY, MANY, LONG, FEW};
    unsigned kind;
    probe_t probe;
    if (!probe_variant(call, VARIANTS, &kind)) {
        return NULL;
    }
    if (kind == DUPLICATE) {
        return duplicate_request(call, VARIANTS[kind]);
    }
    if (!probe_open(call, &probe, PARTS[kind])) {
        return NULL;
    }
    switch (kind) {
    case MISALIGNED:
        return map_request(call, &probe, VARIANTS[kind], 0);
    case ALIGNED:
        return map_request(call, &probe, VARIANTS[kind], RNSI_HASHMAP_MAX - 1);
    case SCOPE:
        return scope_request(call, &probe, VARIANTS[kind]);
    default:
        return serve_all(call, &probe, VARIANTS[kind]);
    }
}

// ---- After a cancel

// A sender that was not cancelled hears the same proof.
static resource_status_t control(call_t *call) {
    probe_t probe;
    if (!probe_open(call, &probe, FEW)) {
        return RESOURCE_FAILED;
    }
    (void)pair_feed(&probe.pair->a, proof_packet(call, &probe, genuine_proof(&probe)));
    const resource_status_t status = look(&probe);
    pair_close(probe.pair);
    return status;
}

static json_t *late_receiver(call_t *call, const probe_t *probe) {
    pair_side_t *b = &probe->pair->b;
    const rns_bytes_t map = probe_fetch_map(call, probe, map_hash(probe, RNSI_HASHMAP_MAX - 1));
    (void)pair_feed(b, probe->offer.offer);
    (void)pair_feed(b, probe->offer.part[0]);
    transfer_t *in = b->transfers;
    if (in == NULL || map.data == NULL) {
        return NULL;
    }
    (void)resource_look(b->node, in);
    const rns_inspect_transfer_t at = in->inspect;
    (void)rns_resource_cancel(b->node, probe->pair->now, in->handle);
    const resource_status_t status = resource_look(b->node, in);
    rns_inspect_transfers_t all;
    const size_t got = in->got;
    (void)pair_feed(b, probe->offer.part[1]);
    (void)pair_feed(b, map);
    (void)resource_look(b->node, in);
    (void)rns_inspect_transfers(b->node, b->link, &all);
    const int taken = all.incoming > 0 || in->got != got || b->transfers != in;
    return json_pack("{s:s, s:i, s:i, s:i, s:i}", "receiver_status", resource_status_name(status),
                     "receiver_received_before", (int)at.received,
                     "receiver_received_after_late_part", (int)in->inspect.received + taken,
                     "receiver_height_before", (int)at.map_height, "receiver_height_after_late_hmu",
                     (int)in->inspect.map_height);
}

static json_t *late_after_cancel(call_t *call) {
    probe_t probe;
    if (!probe_open(call, &probe, MANY)) {
        return NULL;
    }
    pair_side_t *a = &probe.pair->a;
    json_t *result = late_receiver(call, &probe);
    if (result == NULL) {
        return probe_fail(call, &probe, "the offer was not taken");
    }
    (void)look(&probe);
    const uint32_t sent = probe.out->inspect.sent;
    uint8_t proof[RNSI_RESOURCE_PROOF];
    memcpy(proof, probe.offer.adv.hash, RNSI_RESOURCE_HASH);
    memcpy(proof + RNSI_RESOURCE_HASH, probe.out->inspect.proof, RNSI_RESOURCE_HASH);
    (void)rns_resource_cancel(a->node, probe.pair->now, probe.out->handle);
    const resource_status_t status = look(&probe);
    pair_forget(a);
    ask(call, &probe, 2, NULL);
    const uint32_t served = pair_count(a, RNSI_CONTEXT_RESOURCE);
    (void)pair_feed(a, proof_packet(call, &probe, (rns_bytes_t){proof, sizeof proof}));
    (void)json_object_update_new(
        result, json_pack("{s:s, s:i, s:i, s:s, s:s}", "sender_status",
                          resource_status_name(status), "sender_sent_before", (int)sent,
                          "sender_sent_after_late_request", (int)(sent + served),
                          "sender_status_after_late_proof", resource_status_name(look(&probe)),
                          "control_status_after_proof", resource_status_name(control(call))));
    return probe_done(&probe, result);
}

// ---- Two parts with one map hash

// The host's crypto, but that while it is armed a hash that is finished begins as the one before.
static struct {
    unsigned armed; // hashes to come
    uint8_t first[RNSI_MAPHASH_SIZE];
} twins;

static void final_with_twin(void *self, rns_sha256_t *ctx, uint8_t digest[32]) {
    rns_crypto_host.sha256_final(self, ctx, digest);
    if (twins.armed == 2) {
        memcpy(twins.first, digest, sizeof twins.first);
    } else if (twins.armed == 1) {
        memcpy(digest, twins.first, sizeof twins.first);
    }
    twins.armed -= twins.armed > 0;
}

static json_t *force_collision(call_t *call) {
    rns_crypto_t crypto = rns_crypto_host;
    crypto.sha256_final = final_with_twin;
    twins.armed = 0;
    pair_t *pair = probe_has_link(call) ? pair_open(call, &crypto) : NULL;
    if (pair == NULL) {
        return NULL;
    }
    transfer_t *out = pair_begin(call, pair, FEW);
    if (out == NULL) {
        pair_close(pair);
        return NULL;
    }
    (void)resource_look(pair->a.node, out);
    const rns_inspect_transfer_t before = out->inspect;
    twins.armed = 2; // what is hashed next are the first two parts
    pair_work(&pair->a);
    (void)resource_look(pair->a.node, out);
    pair_offer_t offer = {.count = 0};
    const bool is_offered = pair_read_offer(call, pair, &offer);
    const bool is_new = memcmp(before.random, out->inspect.random, sizeof before.random) != 0;
    const bool is_adopted = is_offered && memcmp(offer.adv.random, out->inspect.random,
                                                 sizeof out->inspect.random) == 0;
    const bool has_twin =
        is_offered &&
        memcmp(offer.adv.map.data, offer.adv.map.data + RNSI_MAPHASH_SIZE, RNSI_MAPHASH_SIZE) == 0;
    json_t *result = json_pack(
        "{s:b, s:o, s:o, s:b, s:i}", "remapped", is_new && is_adopted && !has_twin,
        "random_hash_before", hex_of(before.random, sizeof before.random), "random_hash_after",
        hex_of(out->inspect.random, sizeof before.random), "hashmap_changed",
        is_offered && memcmp(offer.adv.map.data, twins.first, sizeof twins.first) != 0, "num_parts",
        (int)out->info.parts);
    pair_close(pair);
    return result;
}

// ---- One at a time

static uint32_t outgoing(const pair_side_t *side) {
    rns_inspect_transfers_t all = {.outgoing = 0};
    (void)rns_inspect_transfers(side->node, side->link, &all);
    return all.outgoing;
}

static json_t *queue_state(call_t *call) {
    pair_t *pair = probe_has_link(call) ? pair_open(call, NULL) : NULL;
    if (pair == NULL) {
        return NULL;
    }
    const bool is_empty = outgoing(&pair->a) == 0;
    transfer_t *first = pair_send(call, pair, FEW);
    const bool is_free = outgoing(&pair->a) == 0;
    transfer_t *second = first == NULL ? NULL : pair_send(call, pair, FEW);
    if (second == NULL) {
        pair_close(pair);
        return NULL;
    }
    const resource_status_t status = resource_look(pair->a.node, first);
    const resource_status_t other = resource_look(pair->a.node, second);
    json_t *result = json_pack("{s:b, s:b, s:i, s:s, s:i, s:s, s:b}", "ready_empty", is_empty,
                               "ready_with_one", is_free, "first_status", (int)status,
                               "first_status_name", resource_status_name(status), "second_status",
                               (int)other, "second_status_name", resource_status_name(other),
                               "queued", second->inspect.state == RNS_TRANSFER_QUEUED);
    pair_close(pair);
    return result;
}

const command_entry_t WIRE_PROBE_OUT_COMMANDS[] = {
    {"wire_inject_crafted_resource_proof", crafted_proof},
    {"wire_inject_crafted_resource_request", crafted_request},
    {"wire_resource_late_after_cancel", late_after_cancel},
    {"wire_resource_force_collision", force_collision},
    {"wire_resource_outgoing_queue_state", queue_state},
    {NULL, NULL},
};
