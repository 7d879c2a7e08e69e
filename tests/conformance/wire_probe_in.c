// wire_probe_in.c -- commands: the end of a transfer that receives, while the other is played.
#include <string.h>

#include "wire_pair.h"

#define FEW   8U   // parts: all of their map hashes fit the offer
#define MANY  100U // parts: they do not
#define EDGE  (RNSI_HASHMAP_MAX - 1U)
#define QUIET 1000000

static rns_verdict_t feed(const probe_t *probe, rns_bytes_t raw) {
    return pair_feed(&probe->pair->b, raw);
}

// B hears the offer.
static transfer_t *offered(const probe_t *probe) {
    (void)feed(probe, probe->offer.offer);
    return probe->pair->b.transfers;
}

static uint32_t received(const probe_t *probe, transfer_t *in) {
    (void)resource_look(probe->pair->b.node, in);
    return in->inspect.received;
}

static unsigned proofs(const probe_t *probe) {
    return pair_count(&probe->pair->b, RNSI_CONTEXT_RESOURCE_PRF);
}

static json_t *not_taken(call_t *call, const probe_t *probe) {
    return probe_fail(call, probe, "the offer was not taken");
}

// ---- Parts

static json_t *crafted_part(call_t *call) {
    probe_t probe;
    enum { VALID, FORGED, BEYOND, DUPLICATE };
    static const char *const VARIANTS[] = {"valid", "forged_map_hash", "beyond_window",
                                           "duplicate_filled", NULL};
    unsigned kind;
    if (!probe_variant(call, VARIANTS, &kind) || !probe_open(call, &probe, FEW)) {
        return NULL;
    }
    transfer_t *in = offered(&probe);
    if (in == NULL) {
        return not_taken(call, &probe);
    }
    rns_bytes_t raw = probe.offer.part[0];
    const uint32_t window = in->inspect.window;
    if (kind == FORGED) {
        raw = probe_damaged(call, raw);
    } else if (kind == BEYOND) {
        raw = probe.offer.part[window];
    } else if (kind == DUPLICATE) { // it waits for its turn
        raw = probe.offer.part[1];
        (void)feed(&probe, raw);
    }
    const uint32_t before = received(&probe, in);
    const rns_verdict_t verdict = feed(&probe, raw);
    const uint32_t after = received(&probe, in);
    return probe_done(
        &probe, json_pack("{s:s, s:b, s:i, s:i, s:i, s:i, s:i}", "variant", VARIANTS[kind],
                          "accepted", verdict == RNS_RX_DELIVERED && after > before, "parts_before",
                          (int)before, "parts_after", (int)after, "received_count_after",
                          (int)after, "total_parts", (int)in->info.parts, "window", (int)window));
}

static json_t *request_state(call_t *call) {
    probe_t probe;
    int64_t n = 2;
    if (!call_maybe_int(call, "n", 0, FEW - 1, &n) || !probe_open(call, &probe, FEW)) {
        return NULL;
    }
    transfer_t *in = offered(&probe);
    if (in == NULL) {
        return not_taken(call, &probe);
    }
    const rns_inspect_transfer_t at = in->inspect;
    for (int64_t i = 0; i < n; i++) {
        (void)feed(&probe, probe.offer.part[i]);
    }
    (void)resource_look(probe.pair->b.node, in);
    return probe_done(&probe,
                      json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:b, s:I, s:i, s:i, s:i}", "window",
                                (int)at.window, "window_min", (int)at.window_min, "window_max",
                                (int)at.window_max, "total_parts", (int)in->info.parts,
                                "consecutive_height_initial", (int)at.height - 1,
                                "hashmap_height_initial", (int)at.map_height,
                                "waiting_for_hmu_initial", at.waits_for_map, "fed", (json_int_t)n,
                                "received_count", (int)in->inspect.received,
                                "consecutive_height_after", (int)in->inspect.height - 1,
                                "hashmap_height_after", (int)in->inspect.map_height));
}

static json_t *progress(call_t *call) {
    probe_t probe;
    if (!probe_open(call, &probe, FEW)) {
        return NULL;
    }
    transfer_t *in = offered(&probe);
    if (in == NULL) {
        return not_taken(call, &probe);
    }
    const double initial = (double)in->info.progress_ppm / 1e6;
    const uint32_t fed = FEW / 4;
    for (uint32_t i = 0; i < fed; i++) {
        (void)feed(&probe, probe.offer.part[i]);
    }
    (void)resource_look(probe.pair->b.node, in);
    return probe_done(&probe, json_pack("{s:i, s:i, s:i, s:f, s:f, s:i}", "total_parts",
                                        (int)in->info.parts, "fed", (int)fed, "received_count",
                                        (int)in->inspect.received, "progress_initial", initial,
                                        "progress_mid", (double)in->info.progress_ppm / 1e6,
                                        "progress_callback_calls", (int)probe.pair->b.progress));
}

static json_t *proof_count(call_t *call) {
    probe_t probe;
    if (!probe_open(call, &probe, FEW)) {
        return NULL;
    }
    transfer_t *in = offered(&probe);
    if (in == NULL) {
        return not_taken(call, &probe);
    }
    for (uint32_t i = 0; i + 1 < FEW; i++) {
        (void)feed(&probe, probe.offer.part[i]);
    }
    const unsigned before = proofs(&probe);
    (void)feed(&probe, probe.offer.part[FEW - 1]);
    const resource_status_t status = resource_look(probe.pair->b.node, in);
    return probe_done(&probe,
                      json_pack("{s:i, s:i, s:i, s:b, s:s}", "total_parts", (int)in->info.parts,
                                "proofs_before_final", (int)before, "proofs_after_assembly",
                                (int)proofs(&probe), "complete", status == RESOURCE_COMPLETE,
                                "status_name", resource_status_name(status)));
}

// ---- Offers

// The offer, with what `change` has done to it.
static rns_bytes_t changed_offer(call_t *call, const probe_t *probe, const rnsi_adv_t *adv) {
    const rns_mem_t plain = {call_alloc(call, RNSI_RESOURCE_ADV_MOST), RNSI_RESOURCE_ADV_MOST};
    return pair_make(call, &probe->pair->a, RNSI_TYPE_DATA, RNSI_CONTEXT_RESOURCE_ADV,
                     (rns_bytes_t){plain.data, rnsi_adv_write(plain, adv)});
}

// One part is another one than was offered, but its map hash is right.
static json_t *corrupt_assembled(call_t *call) {
    probe_t probe;
    static const char *const VARIANTS[] = {"valid", "corrupt", NULL};
    unsigned is_corrupt;
    if (!probe_variant(call, VARIANTS, &is_corrupt) || !probe_open(call, &probe, FEW)) {
        return NULL;
    }
    pair_offer_t *offer = &probe.offer;
    if (is_corrupt) {
        uint8_t *map = call_alloc(call, offer->adv.map.size);
        memcpy(map, offer->adv.map.data, offer->adv.map.size);
        offer->part[1] = probe_damaged(call, offer->part[1]);
        rnst_resource_map_hash(probe.pair->a.node, offer->part[1], offer->adv.random,
                               map + RNSI_MAPHASH_SIZE);
        offer->adv.map.data = map;
        offer->offer = changed_offer(call, &probe, &offer->adv);
    }
    transfer_t *in = offered(&probe);
    if (in == NULL) {
        return not_taken(call, &probe);
    }
    for (uint32_t i = 0; i < FEW; i++) {
        (void)feed(&probe, offer->part[i]);
    }
    const resource_status_t status = resource_look(probe.pair->b.node, in);
    const unsigned count = proofs(&probe);
    return probe_done(&probe, json_pack("{s:s, s:i, s:s, s:b, s:b, s:i, s:b, s:i}", "variant",
                                        VARIANTS[is_corrupt], "status", (int)status, "status_name",
                                        resource_status_name(status), "complete",
                                        status == RESOURCE_COMPLETE, "corrupt",
                                        status == RESOURCE_CORRUPT, "proof_calls", (int)count,
                                        "proof_sent", count > 0, "total_parts", (int)FEW));
}

static uint32_t incoming(const probe_t *probe) {
    rns_inspect_transfers_t all = {.incoming = 0};
    (void)rns_inspect_transfers(probe->pair->b.node, probe->pair->b.link, &all);
    return all.incoming;
}

static json_t *duplicate_adv(call_t *call) {
    probe_t probe;
    if (!probe_open(call, &probe, FEW)) {
        return NULL;
    }
    (void)feed(&probe, probe.offer.offer);
    const uint32_t first = incoming(&probe);
    const rns_bytes_t again = changed_offer(call, &probe, &probe.offer.adv);
    (void)feed(&probe, again);
    const uint32_t second = incoming(&probe);
    return probe_done(&probe, json_pack("{s:b, s:b, s:i, s:i}", "first_accepted", first == 1,
                                        "second_created", second > first, "incoming_count",
                                        (int)second, "incoming_count_after_first", (int)first));
}

// An offer without the last of its keys.
static rns_bytes_t without_key(call_t *call, rns_bytes_t plain) {
    rnsi_reader_t r = rnsi_reader(plain);
    uint32_t pairs = 0;
    (void)rnsi_msgpack_read_map(&r, &pairs);
    for (uint32_t i = 0; i + 1 < pairs; i++) {
        (void)(rnsi_msgpack_skip(&r) && rnsi_msgpack_skip(&r));
    }
    const size_t size = plain.size - rnsi_read_left(&r);
    uint8_t *copy = call_alloc(call, size);
    memcpy(copy, plain.data, size);
    copy[0]--; // a pair less
    return (rns_bytes_t){copy, size};
}

static json_t *malformed_adv(call_t *call) {
    probe_t probe;
    static const char *const VARIANTS[] = {"missing_key", "garbage", NULL};
    unsigned is_garbage;
    if (!probe_variant(call, VARIANTS, &is_garbage) || !probe_open(call, &probe, FEW)) {
        return NULL;
    }
    const rns_mem_t plain = {call_alloc(call, RNSI_RESOURCE_ADV_MOST), RNSI_RESOURCE_ADV_MOST};
    rns_bytes_t bad = {plain.data, rnsi_adv_write(plain, &probe.offer.adv)};
    if (is_garbage) {
        bridge_random(plain.data, bad.size);
        plain.data[0] = 0xC1; // which MessagePack does not have
    } else {
        bad = without_key(call, bad);
    }
    const rns_verdict_t verdict = feed(
        &probe, pair_make(call, &probe.pair->a, RNSI_TYPE_DATA, RNSI_CONTEXT_RESOURCE_ADV, bad));
    return probe_done(&probe, json_pack("{s:s, s:b, s:b}", "variant", VARIANTS[is_garbage],
                                        "inbound_started", probe.pair->b.transfers != NULL,
                                        "crashed", verdict != RNS_RX_MALFORMED));
}

static json_t *part_count(call_t *call) {
    probe_t probe;
    if (!probe_open(call, &probe, FEW)) {
        return NULL;
    }
    rnsi_adv_t adv = probe.offer.adv;
    const uint32_t genuine = adv.parts;
    adv.parts += 5;
    probe.offer.offer = changed_offer(call, &probe, &adv);
    const transfer_t *in = offered(&probe);
    if (in == NULL) {
        return not_taken(call, &probe);
    }
    const uint32_t sdu = in->inspect.sdu;
    return probe_done(&probe, json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "sender_parts",
                                        (int)probe.out->info.parts, "adv_n_genuine", (int)genuine,
                                        "adv_n_tampered", (int)adv.parts, "receiver_total_parts",
                                        (int)in->info.parts, "derived_expected",
                                        (int)((adv.transfer + sdu - 1) / sdu), "transfer_size",
                                        (int)adv.transfer, "receiver_sdu", (int)sdu));
}

// ---- Whether an offer is taken

// A request that is a resource: b hears its offer.
static bool request_taken(call_t *call, const probe_t *probe) {
    pair_t *pair = probe->pair;
    (void)rns_request_handler(pair->b.node, pair->dest, "/probe", RNS_ALLOW_ALL, NULL, 0);
    const size_t size = 4 * PAIR_MTU;
    uint8_t *value = call_alloc(call, size + 8);
    rnsi_writer_t w = rnsi_writer((rns_mem_t){value, size + 8});
    rnsi_msgpack_bin(&w, (rns_bytes_t){call_alloc(call, size), size});
    rns_request_t request;
    const rns_request_options_t options = {.timeout_us = 60000000};
    pair_forget(&pair->a);
    if (rns_request(pair->a.node, pair->now, pair->a.link, "/probe",
                    (rns_bytes_t){value, rnsi_written(&w)}, &options, &request) != RNS_ERR_OK) {
        return false;
    }
    pair_work(&pair->a);
    const caught_t *caught = pair_first(&pair->a, RNSI_CONTEXT_RESOURCE_ADV);
    return caught != NULL && feed(probe, caught->raw) == RNS_RX_DELIVERED && incoming(probe) == 1;
}

static json_t *adv_flags(call_t *call) {
    probe_t probe;
    enum { REQUEST, RESPONSE, PLAIN_NONE, PLAIN_ALL };
    static const char *const VARIANTS[] = {"request_autoaccept", "response_no_pending_request",
                                           "plain_accept_none", "plain_accept_all", NULL};
    unsigned kind;
    if (!probe_variant(call, VARIANTS, &kind) || !probe_open(call, &probe, FEW)) {
        return NULL;
    }
    pair_t *pair = probe.pair;
    (void)rns_resource_cancel(pair->a.node, pair->now, probe.out->handle);
    const bool takes = kind == PLAIN_ALL;
    pair_accept(pair, takes ? RNS_ACCEPT_ALL : RNS_ACCEPT_NONE);
    bool accepted;
    if (kind == REQUEST) {
        accepted = request_taken(call, &probe);
    } else {
        uint8_t id[16];
        rnsi_adv_t adv = probe.offer.adv;
        if (kind == RESPONSE) {
            bridge_random(id, sizeof id);
            adv.request_id = id;
            adv.flags |= RNSI_ADV_RESPONSE;
        }
        (void)feed(&probe, changed_offer(call, &probe, &adv));
        accepted = incoming(&probe) > 0;
    }
    return probe_done(&probe,
                      json_pack("{s:s, s:b, s:i}", "variant", VARIANTS[kind], "accepted", accepted,
                                "strategy", takes ? RNS_ACCEPT_ALL : RNS_ACCEPT_NONE));
}

// ---- Map hashes

// B has so many parts in order.
static void feed_parts(const probe_t *probe, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        (void)feed(probe, probe->offer.part[i]);
    }
}

static json_t *hashmap_update(call_t *call) {
    probe_t probe;
    if (!probe_open(call, &probe, MANY)) {
        return NULL;
    }
    transfer_t *in = offered(&probe);
    const rns_bytes_t raw =
        probe_fetch_map(call, &probe, probe.offer.adv.map.data + EDGE * RNSI_MAPHASH_SIZE);
    if (in == NULL || raw.data == NULL) {
        return not_taken(call, &probe);
    }
    const uint32_t height = in->inspect.map_height;
    feed_parts(&probe, EDGE); // it asks for more of the map, and waits for it
    (void)feed(&probe, raw);
    (void)resource_look(probe.pair->b.node, in);
    const uint32_t first = in->inspect.map_height;
    (void)feed(&probe, raw);
    (void)resource_look(probe.pair->b.node, in);
    const uint32_t second = in->inspect.map_height;
    return probe_done(&probe, json_pack("{s:i, s:i, s:i, s:i, s:b, s:b}", "total_parts",
                                        (int)in->info.parts, "height_after_advert", (int)height,
                                        "height_after_first", (int)first, "height_after_duplicate",
                                        (int)second, "grew_on_first", first > height,
                                        "grew_on_duplicate", second > first));
}

// ---- What is asked for

// Lists map hashes.
static json_t *hashes(const uint8_t *map, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(list, hex_of(map + i * RNSI_MAPHASH_SIZE, RNSI_MAPHASH_SIZE));
    }
    return list;
}

// The last request that b has sent. False: none.
static bool last_request(const probe_t *probe, rnsi_req_t *req) {
    const caught_t *last = NULL, *c = pair_first(&probe->pair->b, RNSI_CONTEXT_RESOURCE_REQ);
    for (; c != NULL; c = pair_next(c->next, RNSI_CONTEXT_RESOURCE_REQ)) {
        last = c;
    }
    return last != NULL && rnsi_req_read(last->packet.data, req);
}

static json_t *request_content(call_t *call) {
    probe_t probe;
    static const char *const VARIANTS[] = {"initial", "after_parts", "exhausted", NULL};
    unsigned kind;
    if (!probe_variant(call, VARIANTS, &kind) ||
        !probe_open(call, &probe, kind == 2 ? MANY : FEW)) {
        return NULL;
    }
    const bool is_first = kind == 0, is_edge = kind == 2;
    pair_side_t *b = &probe.pair->b;
    transfer_t *in = offered(&probe);
    if (in == NULL) {
        return not_taken(call, &probe);
    }
    if (!is_first) {
        feed_parts(&probe, is_edge ? EDGE : 2);
        pair_forget(b);
        for (int i = 0; i < 50 && pair_first(b, RNSI_CONTEXT_RESOURCE_REQ) == NULL; i++) {
            pair_wait(b, QUIET / 10); // what is missing does not come: it asks again
        }
    }
    (void)resource_look(b->node, in);
    rnsi_req_t req;
    if (!last_request(&probe, &req)) {
        return not_taken(call, &probe);
    }
    const rns_inspect_transfer_t at = in->inspect;
    const uint32_t known =
        at.map_height < at.height + at.window ? at.map_height : at.height + at.window;
    json_t *result = json_pack(
        "{s:s, s:i, s:i, s:i, s:i, s:o, s:o, s:b, s:b}", "variant", VARIANTS[kind], "window",
        (int)at.window, "total_parts", (int)in->info.parts, "hashmap_height", (int)at.map_height,
        "consecutive_height", (int)at.height - 1, "requested",
        hashes(req.map.data, req.map.size / RNSI_MAPHASH_SIZE), "expected",
        hashes(probe.offer.adv.map.data + at.height * RNSI_MAPHASH_SIZE, known - at.height),
        "exhausted", req.last != NULL, "waiting_for_hmu", at.waits_for_map);
    // All that it asked for comes: it would ask for more if it did not wait for the map.
    pair_forget(b);
    if (is_edge) {
        (void)feed(&probe, probe.offer.part[EDGE]);
    }
    (void)json_object_set_new(result, "second_request_emitted",
                              json_boolean(pair_first(b, RNSI_CONTEXT_RESOURCE_REQ) != NULL));
    return probe_done(&probe, result);
}

// ---- The next transfer of a link

static json_t *window_inheritance(call_t *call) {
    const uint32_t parts = 3 * FEW;
    pair_t *pair = probe_has_link(call) ? pair_open(call, NULL) : NULL;
    if (pair == NULL) {
        return NULL;
    }
    const transfer_t *first = pair_send(call, pair, parts);
    pair_run(pair, QUIET);
    transfer_t *in = pair->b.transfers;
    if (first == NULL || in == NULL) {
        pair_close(pair);
        return call_fail(call, "the first transfer did not begin");
    }
    rns_inspect_transfers_t all = {.incoming = 0};
    (void)rns_inspect_transfers(pair->b.node, pair->b.link, &all);
    const bool completed = in->is_over && in->status == RNS_ERR_OK;
    const uint32_t window = in->inspect.window;
    pair_offer_t offer;
    if (pair_send(call, pair, parts) == NULL || !pair_read_offer(call, pair, &offer)) {
        pair_close(pair);
        return NULL;
    }
    (void)pair_feed(&pair->b, offer.offer);
    json_t *result =
        json_pack("{s:i, s:i, s:b, s:i, s:i, s:i}", "default_window", (int)RNSI_RESOURCE_WINDOW,
                  "total_parts_1", (int)parts, "completed_1", completed, "window_after_complete",
                  (int)window, "link_last_window", (int)all.last_window, "window2_initial",
                  (int)pair->b.transfers->inspect.window);
    pair_close(pair);
    return result;
}

static json_t *decompress_limit(call_t *call) {
    probe_t probe;
    if (!probe_open(call, &probe, FEW)) {
        return NULL;
    }
    const transfer_t *in = offered(&probe);
    if (in == NULL) {
        return not_taken(call, &probe);
    }
    return probe_done(&probe, json_pack("{s:I, s:I, s:I}", "max_decompressed_size",
                                        (json_int_t)in->inspect.pack_most, "auto_compress_limit",
                                        (json_int_t)probe.out->inspect.pack_most, "constant",
                                        (json_int_t)RNS_RESOURCE_COMPRESS_MOST));
}

const command_entry_t WIRE_PROBE_IN_COMMANDS[] = {
    {"wire_inject_crafted_resource_part", crafted_part},
    {"wire_resource_receiver_request_state", request_state},
    {"wire_resource_progress", progress},
    {"wire_resource_receiver_proof_count", proof_count},
    {"wire_inject_corrupt_assembled_resource", corrupt_assembled},
    {"wire_inject_duplicate_resource_adv", duplicate_adv},
    {"wire_inject_malformed_resource_adv", malformed_adv},
    {"wire_resource_part_count_derivation", part_count},
    {"wire_inject_resource_adv_flags", adv_flags},
    {"wire_inject_hashmap_update", hashmap_update},
    {"wire_resource_request_next_content", request_content},
    {"wire_resource_window_inheritance", window_inheritance},
    {"wire_resource_decompress_limit", decompress_limit},
    {NULL, NULL},
};
