// Transfers whose peer lies: offers, parts, packed data and packets that do not fit.
#include "resource_bed.h"

static const uint8_t SOME_HASH[32] = {0x77, 1, 2};

// ---- Offers

static const struct {
    const char *what;
    uint64_t size;
    uint32_t transfer, parts, segment, segments;
    uint8_t flags;
    uint32_t map; // hashes
    bool fits;
} OFFERS[] = {
    {"as it should be", 1000, 1056, 3, 1, 1, 1, 3, true},
    {"not encrypted", 1000, 1056, 3, 1, 1, 0, 3, false},
    {"no segment", 1000, 1056, 3, 0, 1, 1, 3, false},
    {"no segments", 1000, 1056, 3, 1, 0, 1, 3, false},
    {"a segment too many", 1000, 1056, 3, 2, 1, 1, 3, false},
    {"segments that are not needed", 1000, 1056, 3, 1, 2, 1, 3, false},
    {"segments that are missing", 1048576, 1048640, 2260, 1, 1, 1, 74, false},
    {"a full segment of two", 1048576, 1048640, 2260, 1, 2, 1, 74, true},
    {"segments beyond all counting", UINT64_MAX, 1048640, 2260, 1, 0xffffffff, 1, 74, false},
    {"a block too much", 1000, 1072, 3, 1, 1, 1, 3, false},
    {"a block too few", 1000, 1040, 3, 1, 1, 1, 3, false},
    {"no block", 1000, 1057, 3, 1, 1, 1, 3, false},
    {"packed to less", 1000, 80, 1, 1, 1, 3, 1, true},
    {"packed to nothing", 1000, 48, 1, 1, 1, 3, 1, false},
    {"packed to more", 1000, 1072, 3, 1, 1, 3, 3, false},
    {"packed to no block", 1000, 81, 1, 1, 1, 3, 1, false},
    {"a part too many: their size says how many", 1000, 1056, 4, 1, 1, 1, 3, true},
    {"a part too few", 1000, 1056, 2, 1, 1, 1, 3, true},
    {"a part and its map hash too few", 1000, 1056, 2, 1, 1, 1, 2, false},
    {"a map hash too many", 1000, 1056, 3, 1, 1, 1, 4, false},
    {"a map hash too few", 1000, 1056, 3, 1, 1, 1, 2, false},
    {"no map hash", 1000, 1056, 3, 1, 1, 1, 0, false},
    {"more map hashes than a packet has", 1048575, 1048640, 2260, 1, 1, 1, 75, false},
};

static rns_bytes_t adv_bytes(uint8_t *bytes, const rnsi_adv_t *adv) {
    const size_t size = rnsi_adv_write((rns_mem_t){bytes, 600}, adv);
    assert_true(size > 0);
    return (rns_bytes_t){bytes, size};
}

static void an_offer_whose_numbers_do_not_fit_each_other_is_dropped(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof OFFERS / sizeof *OFFERS; i++) {
        bed_t *bed =
            bed_open((pair_setup_t){.profile = RNS_PROFILE_ROUTER, .compress = &rns_compress_bz2},
                     RNS_ACCEPT_ASK);
        static const uint8_t MAP[75 * 4] = {1};
        uint8_t bytes[600];
        const rnsi_adv_t adv = {.size = OFFERS[i].size,
                                .transfer = OFFERS[i].transfer,
                                .parts = OFFERS[i].parts,
                                .segment = OFFERS[i].segment,
                                .segments = OFFERS[i].segments,
                                .hash = SOME_HASH,
                                .original = SOME_HASH,
                                .random = SOME_HASH,
                                .flags = OFFERS[i].flags,
                                .map = {MAP, (size_t)OFFERS[i].map * 4}};
        const rns_bytes_t plain = adv_bytes(bytes, &adv);
        if (plain.size <= 431) {
            const rns_verdict_t verdict = bed_say(bed, true, RNSI_CONTEXT_RESOURCE_ADV, plain);
            if (verdict != (OFFERS[i].fits ? RNS_RX_DELIVERED : RNS_RX_MALFORMED)) {
                fail_msg("%s: %s", OFFERS[i].what, rns_verdict_name(verdict));
            }
        } else {
            assert_int_equal(OFFERS[i].map, 75); // does not even fit a packet
        }
        assert_int_equal(pair_used(&bed->pair->b, RNS_POOL_RESOURCE_IN), OFFERS[i].fits);
        pair_run(bed->pair, 100 * SECOND);
        bed_close(bed);
    }
}

static void an_offer_that_cannot_be_read_closes_the_link(void **state) {
    (void)state;
    static const uint8_t BYTES[] = {0x81, 0xa1, 't', 1};
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed_send(bed, 100000, NULL);
    pair_run(bed->pair, 100 * MS);
    assert_int_equal(bed_say(bed, true, RNSI_CONTEXT_RESOURCE_ADV, (rns_bytes_t){BYTES, 4}),
                     RNS_RX_MALFORMED);
    pair_run(bed->pair, SECOND);
    bed_ends(bed, RNS_ERR_CLOSED, RNS_ERR_CLOSED);
    assert_int_equal(pair_last(&bed->pair->a, RNS_EV_LINK_DOWN)->event.reason,
                     RNS_LINK_DESTINATION_CLOSED);
    bed_close(bed);
}

static void a_segment_out_of_the_middle_is_refused(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    uint8_t bytes[600];
    const rnsi_adv_t adv = {.size = 1048576 + 411,
                            .transfer = 464 + 16,
                            .parts = 2,
                            .segment = 2,
                            .segments = 2,
                            .hash = SOME_HASH,
                            .original = SOME_HASH,
                            .random = SOME_HASH,
                            .flags = 5,
                            .map = {SOME_HASH, 8}};
    assert_int_equal(bed_say(bed, true, RNSI_CONTEXT_RESOURCE_ADV, adv_bytes(bytes, &adv)),
                     RNS_RX_NOT_NOW);
    pair_run(bed->pair, SECOND);
    bed_close(bed);
}

// The second segment says something else of the whole than the first.
static void a_next_segment_of_something_else_is_refused(void **state) {
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        bed_t *bed = bed_open((pair_setup_t){.hw_mtu = 2048}, RNS_ACCEPT_ALL);
        bed_send(bed, 3 << 20, NULL);
        while (bed_in(bed) == NULL || bed_in(bed)->state != RNSI_IN_BETWEEN) {
            pair_run(bed->pair, MS);
        }
        struct rnsi_resource_in *in = bed_in(bed);
        switch (i) {
        case 0:
            in->size++;
            break;
        case 1:
            in->original[0] ^= 1;
            break;
        case 2:
            in->flags ^= RNSI_ADV_METADATA;
            break;
        default:
            in->segment = 2;
        }
        pair_run(bed->pair, 100 * SECOND);
        bed_ends(bed, RNS_ERR_REFUSED, RNS_ERR_TIMEOUT);
        assert_int_equal(bed->reel.got, RNS_RESOURCE_SEGMENT);
        bed_close(bed);
    }
}

static void data_that_is_not_what_was_said_is_corrupt(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
        bed_send(bed, 100000, NULL);
        struct rnsi_resource_out *out = bed_out(bed);
        const rnsi_crypto_t *c = &bed->pair->a.node->crypto;
        c->v->sha256_update(c->self, i == 0 ? &out->content : &out->mac, "x", 1);
        pair_run(bed->pair, 20 * SECOND);
        bed_ends(bed, 1, RNS_ERR_CORRUPT);
        assert_int_equal(bed->reel.aborts, 1);
        assert_int_equal(bed->reel.got, 0);
        assert_int_equal(bed->reel.commits, 0);
        pair_run(bed->pair, 30 * SECOND); // as with the reference nobody tells the sender
        bed_ends(bed, RNS_ERR_TIMEOUT, RNS_ERR_CORRUPT);
        bed_close(bed);
    }
}

// ---- Packed data that is not

// bzip2 whose result is changed before it goes out.
static size_t cut_pack(rns_mem_t arena, rns_bytes_t in, rns_mem_t out) {
    const size_t size = rns_compress_bz2.pack(arena, in, out);
    return size > 20 ? size - 20 : size;
}

static size_t wrong_pack(rns_mem_t arena, rns_bytes_t in, rns_mem_t out) {
    const size_t size = rns_compress_bz2.pack(arena, in, out);
    out.data[size / 2] ^= 0x55;
    return size;
}

static size_t longer_pack(rns_mem_t arena, rns_bytes_t in, rns_mem_t out) {
    const size_t size = rns_compress_bz2.pack(arena, in, out);
    memset(out.data + size, 'x', 40);
    return size + 40;
}

static bed_t *bed_packed(size_t (*pack)(rns_mem_t, rns_bytes_t, rns_mem_t), uint64_t size) {
    static rns_compress_t liar; // as long as the node lives
    const pair_setup_t setup = {.profile = RNS_PROFILE_ROUTER, .compress = &rns_compress_bz2};
    bed_t *bed = bed_open(setup, RNS_ACCEPT_ALL);
    liar = rns_compress_bz2;
    liar.pack = pack;
    bed->pair->a.node->compress = &liar;
    bed->tape.dull = true;
    bed_send(bed, size, NULL);
    return bed;
}

static void a_peer_that_sends_a_bomb_is_left(void **state) {
    (void)state;
    static const uint64_t SIZES[] = {60000, 1048575};
    for (size_t i = 0; i < 2; i++) {
        bed_t *bed = bed_packed(rns_compress_bz2.pack, SIZES[i]);
        while (bed_out(bed)->state != RNSI_OUT_PREPARING) {
            rns_tick(bed->pair->a.node, bed->pair->now);
        }
        bed_out(bed)->size = SIZES[i] - 1; // it says less than there is
        pair_run(bed->pair, 10 * SECOND);
        bed_ends(bed, RNS_ERR_REFUSED, RNS_ERR_CORRUPT);
        assert_int_equal(pair_count(&bed->pair->a, RNS_EV_LINK_DOWN), 1);
        assert_int_equal(pair_last(&bed->pair->b, RNS_EV_LINK_DOWN)->event.reason,
                         RNS_LINK_DESTINATION_CLOSED);
        assert_int_equal(bed->reel.got, 0);
        bed_close(bed);
    }
}

static void a_stream_without_an_end_is_a_bomb(void **state) {
    (void)state;
    bed_t *bed = bed_packed(cut_pack, 100000);
    pair_run(bed->pair, 10 * SECOND);
    bed_ends(bed, RNS_ERR_REFUSED, RNS_ERR_CORRUPT);
    assert_int_equal(pair_count(&bed->pair->b, RNS_EV_LINK_DOWN), 1);
    bed_close(bed);
}

static void a_stream_that_is_none_is_corrupt(void **state) {
    (void)state;
    bed_t *bed = bed_packed(wrong_pack, 100000);
    pair_run(bed->pair, 20 * SECOND);
    bed_ends(bed, 1, RNS_ERR_CORRUPT);
    assert_int_equal(pair_count(&bed->pair->b, RNS_EV_LINK_DOWN), 0);
    pair_run(bed->pair, 30 * SECOND);
    bed_ends(bed, RNS_ERR_TIMEOUT, RNS_ERR_CORRUPT);
    bed_close(bed);
}

static void what_follows_the_end_of_a_stream_is_ignored(void **state) {
    (void)state;
    bed_t *bed = bed_packed(longer_pack, 100000);
    pair_run(bed->pair, 20 * SECOND);
    bed_whole(bed, 100000); // as by the reference's decompressor
    bed_close(bed);
}

static void a_stream_of_less_than_was_said_is_corrupt(void **state) {
    (void)state;
    bed_t *bed = bed_packed(rns_compress_bz2.pack, 100000);
    while (bed_out(bed)->state != RNSI_OUT_PREPARING) {
        rns_tick(bed->pair->a.node, bed->pair->now);
    }
    bed_out(bed)->size++;
    pair_run(bed->pair, 20 * SECOND);
    bed_ends(bed, 1, RNS_ERR_CORRUPT);
    pair_run(bed->pair, 30 * SECOND);
    bed_close(bed);
}

// ---- Metadata that is not

static void metadata_that_says_more_than_there_is_is_corrupt(void **state) {
    (void)state;
    static const uint8_t DATA[][100] = {{0, 1, 0}, {0, 0, 98}, {0, 0, 97}}; // 256, 98, 97 bytes
    for (size_t i = 0; i < 3; i++) {
        bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
        rns_bytes_t data = {DATA[i], sizeof DATA[i]};
        const rns_source_t source = rns_source_of(&data);
        assert_int_equal(rns_resource_send(bed->pair->a.node, bed->pair->now, bed->a, &source,
                                           data.size, NULL, NULL),
                         RNS_ERR_OK);
        bed_out(bed)->flags |= RNSI_ADV_METADATA; // its data are taken for it
        pair_run(bed->pair, 60 * SECOND);
        bed_ends(bed, i < 2 ? RNS_ERR_TIMEOUT : RNS_ERR_OK, i < 2 ? RNS_ERR_CORRUPT : RNS_ERR_OK);
        bed_close(bed);
    }
}

// ---- Packets out of place

static void packets_of_transfers_that_nobody_knows_are_dropped(void **state) {
    (void)state;
    uint8_t bytes[80] = {0};
    memcpy(bytes + 1, SOME_HASH, 32);
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    static const struct {
        rnsi_context_t context;
        size_t at, size;
        rns_verdict_t verdict;
    } PACKETS[] = {
        {RNSI_CONTEXT_RESOURCE_REQ, 0, 37, RNS_RX_NOT_NOW},
        {RNSI_CONTEXT_RESOURCE_REQ, 0, 32, RNS_RX_MALFORMED},
        {RNSI_CONTEXT_RESOURCE_ICL, 1, 32, RNS_RX_NOT_NOW},
        {RNSI_CONTEXT_RESOURCE_ICL, 1, 31, RNS_RX_MALFORMED},
        {RNSI_CONTEXT_RESOURCE_RCL, 1, 32, RNS_RX_NOT_NOW},
        {RNSI_CONTEXT_RESOURCE_RCL, 1, 31, RNS_RX_MALFORMED},
        {RNSI_CONTEXT_RESOURCE_HMU, 1, 33, RNS_RX_MALFORMED},
        {RNSI_CONTEXT_RESOURCE_PRF, 1, 64, RNS_RX_NO_PROOF},
        {RNSI_CONTEXT_RESOURCE_PRF, 1, 63, RNS_RX_MALFORMED},
        {RNSI_CONTEXT_RESOURCE, 1, 64, RNS_RX_NOT_NOW},
        {RNSI_CONTEXT_CACHE_REQUEST, 1, 32, RNS_RX_NOT_NOW},
        {RNSI_CONTEXT_CACHE_REQUEST, 1, 31, RNS_RX_MALFORMED},
    };
    for (size_t i = 0; i < sizeof PACKETS / sizeof *PACKETS; i++) {
        const rns_bytes_t plain = {bytes + PACKETS[i].at, PACKETS[i].size};
        assert_int_equal(bed_say(bed, true, PACKETS[i].context, plain), PACKETS[i].verdict);
    }
    const uint8_t hmu[] = {0x92, 0x00, 0xc4, 0x00};
    memcpy(bytes, SOME_HASH, 32);
    memcpy(bytes + 32, hmu, sizeof hmu);
    assert_int_equal(bed_say(bed, true, RNSI_CONTEXT_RESOURCE_HMU, (rns_bytes_t){bytes, 36}),
                     RNS_RX_NOT_NOW);
    bed_close(bed);
}

static rns_bytes_t req_bytes(uint8_t *bytes, const uint8_t *hash, const void *last, const void *map,
                             size_t map_size) {
    const size_t head = rnsi_req_write((rns_mem_t){bytes, 500}, last, hash);
    if (map_size > 0) {
        memcpy(bytes + head, map, map_size);
    }
    return (rns_bytes_t){bytes, head + map_size};
}

static void a_request_makes_the_sender_send_only_what_is_its(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_NONE);
    bed_send(bed, 100000, NULL); // 216 parts
    pair_run(bed->pair, 15 * MS);
    struct rnsi_resource_out *out = bed_out(bed);
    uint8_t bytes[500];
    uint32_t map[3] = {out->map[5], ~out->map[0], out->map[7]};
    rns_bytes_t req = req_bytes(bytes, out->hash, NULL, map, sizeof map);
    assert_int_equal(bed_say(bed, false, RNSI_CONTEXT_RESOURCE_REQ, req), RNS_RX_DELIVERED);
    assert_int_equal(out->wanted_count, 2);
    pair_run(bed->pair, 0);
    assert_int_equal(out->sent_count, 2);
    // The end of the map is beyond all of it, or nobody's.
    const uint32_t lasts[] = {out->map[215], ~out->map[0]};
    for (size_t i = 0; i < 2; i++) {
        req = req_bytes(bytes, out->hash, &lasts[i], map, 4);
        assert_int_equal(bed_say(bed, false, RNSI_CONTEXT_RESOURCE_REQ, req), RNS_RX_MALFORMED);
        pair_run(bed->pair, 0);
    }
    assert_int_equal(out->low, 0);
    req = req_bytes(bytes, out->hash, &out->map[147], map, 0);
    assert_int_equal(bed_say(bed, false, RNSI_CONTEXT_RESOURCE_REQ, req), RNS_RX_DELIVERED);
    assert_int_equal(out->low, 148 - 76);
    req = req_bytes(bytes, out->hash, NULL, &out->map[71], 4); // too far behind
    assert_int_equal(bed_say(bed, false, RNSI_CONTEXT_RESOURCE_REQ, req), RNS_RX_DELIVERED);
    assert_int_equal(out->wanted_count, 0);
    rns_link_close(bed->pair->a.node, bed->pair->now, bed->a);
    bed_close(bed);
}

// The end of the peer's map is not where packets of it end: it has another map.
static void a_request_out_of_step_ends_the_transfer(void **state) {
    (void)state;
    static const struct {
        uint32_t part; // whose map hash is the last one
        bool ends;
    } CASES[] = {{0, true}, {72, true}, {74, true}, {73, false}, {147, false}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_NONE);
        bed_send(bed, 100000, NULL); // 216 parts
        pair_run(bed->pair, 15 * MS);
        const struct rnsi_resource_out *out = bed_out(bed);
        uint8_t bytes[500];
        const rns_bytes_t req = req_bytes(bytes, out->hash, &out->map[CASES[i].part], NULL, 0);
        assert_int_equal(bed_say(bed, false, RNSI_CONTEXT_RESOURCE_REQ, req),
                         CASES[i].ends ? RNS_RX_MALFORMED : RNS_RX_DELIVERED);
        assert_int_equal(bed_end(&bed->pair->a), CASES[i].ends ? RNS_ERR_CORRUPT : 1);
        if (!CASES[i].ends) {
            rns_link_close(bed->pair->a.node, bed->pair->now, bed->a);
        }
        bed_close(bed);
    }
}

static bool double_requests(pair_t *pair, bool to_b, rns_mem_t frame) {
    rnsi_packet_t packet;
    if (!to_b && rnsi_packet_parse(frame, &packet) && packet.context == RNSI_CONTEXT_RESOURCE_REQ) {
        pair->hook = NULL;
        pair_put(pair, to_b, (rns_bytes_t){frame.data, frame.size}, pair->now + 2 * pair->delay);
        pair->hook = double_requests;
    }
    return true;
}

static void a_request_that_comes_twice_is_served_once(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed->pair->hook = double_requests;
    bed_send(bed, 30000, NULL); // 65 parts
    pair_run(bed->pair, 10 * SECOND);
    bed_whole(bed, 30000);
    assert_int_equal(pair_verdicts(&bed->pair->a, RNS_RX_REPEATED), 9); // 4 to 11 parts each, and 5
    assert_int_equal(pair_verdicts(&bed->pair->b, RNS_RX_NOT_NOW), 0);
    bed_close(bed);
}

static void a_wrong_proof_proves_nothing(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_NONE);
    bed_send(bed, 1000, NULL);
    pair_run(bed->pair, 15 * MS);
    uint8_t proof[64];
    memcpy(proof, bed_out(bed)->hash, 32);
    memcpy(proof + 32, bed_out(bed)->proof, 32);
    proof[63] ^= 1;
    assert_int_equal(bed_say(bed, false, RNSI_CONTEXT_RESOURCE_PRF, (rns_bytes_t){proof, 64}),
                     RNS_RX_BAD_PROOF);
    assert_int_equal(bed_end(&bed->pair->a), 1);
    proof[63] ^= 1;
    assert_int_equal(bed_say(bed, false, RNSI_CONTEXT_RESOURCE_PRF, (rns_bytes_t){proof, 64}),
                     RNS_RX_DELIVERED);
    assert_int_equal(bed_end(&bed->pair->a), RNS_ERR_OK);
    bed_close(bed);
}

// A receiver that waits for the second packet of map hashes.
static bed_t *bed_at_map(void) {
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed->pair->hook = bed_loses;
    bed->lose_context = RNSI_CONTEXT_RESOURCE_HMU;
    bed->lose_count = 1000;
    bed_send(bed, 100000, NULL);
    pair_run(bed->pair, 400 * MS);
    assert_true(bed_in(bed)->waits_for_map);
    bed->pair->hook = NULL;
    return bed;
}

static void map_hashes_that_do_not_follow_are_refused(void **state) {
    (void)state;
    static const struct {
        uint32_t number, count;
        rns_verdict_t verdict;
    } MAPS[] = {
        {0, 74, RNS_RX_REPEATED},  {2, 68, RNS_RX_MALFORMED}, {1, 73, RNS_RX_MALFORMED},
        {1, 75, RNS_RX_MALFORMED}, {1, 0, RNS_RX_MALFORMED},  {UINT32_MAX, 74, RNS_RX_MALFORMED},
        {1, 74, RNS_RX_DELIVERED},
    };
    static const uint8_t MAP[75 * 4] = {1};
    bed_t *bed = bed_at_map();
    for (size_t i = 0; i < sizeof MAPS / sizeof *MAPS; i++) {
        uint8_t bytes[500];
        const rnsi_hmu_t hmu = {.hash = bed_in(bed)->hash,
                                .number = MAPS[i].number,
                                .map = {MAP, (size_t)MAPS[i].count * 4}};
        const size_t size = rnsi_hmu_write((rns_mem_t){bytes, sizeof bytes}, &hmu);
        assert_int_equal(bed_say(bed, true, RNSI_CONTEXT_RESOURCE_HMU, (rns_bytes_t){bytes, size}),
                         MAPS[i].verdict);
    }
    assert_int_equal(bed_in(bed)->map_height, 148);
    rns_link_close(bed->pair->a.node, bed->pair->now, bed->a);
    bed_close(bed);
}

static void map_hashes_that_nobody_asked_for_are_dropped(void **state) {
    (void)state;
    static const uint8_t MAP[74 * 4] = {1};
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed_send(bed, 100000, NULL);
    pair_run(bed->pair, 25 * MS);
    uint8_t bytes[500];
    const rnsi_hmu_t hmu = {.hash = bed_in(bed)->hash, .number = 1, .map = {MAP, sizeof MAP}};
    const size_t size = rnsi_hmu_write((rns_mem_t){bytes, sizeof bytes}, &hmu);
    assert_int_equal(bed_say(bed, true, RNSI_CONTEXT_RESOURCE_HMU, (rns_bytes_t){bytes, size}),
                     RNS_RX_REPEATED);
    assert_int_equal(bed_in(bed)->map_height, 74);
    pair_run(bed->pair, 10 * SECOND);
    bed_whole(bed, 100000);
    bed_close(bed);
}

static void a_part_of_another_size_is_refused(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed->pair->hook = bed_loses;
    bed->lose_context = RNSI_CONTEXT_RESOURCE;
    bed->lose_count = 4;
    bed_send(bed, 1000, NULL);
    pair_run(bed->pair, 45 * MS);
    bed->pair->hook = NULL;
    // Its map hash is made that of a part that is a byte short.
    uint8_t part[463] = {0}, digest[32];
    struct rnsi_resource_in *in = bed_in(bed);
    const rnsi_crypto_t *c = &bed->pair->b.node->crypto;
    rns_sha256_t ctx;
    c->v->sha256_init(c->self, &ctx);
    c->v->sha256_update(c->self, &ctx, part, sizeof part);
    c->v->sha256_update(c->self, &ctx, in->random, 4);
    c->v->sha256_final(c->self, &ctx, digest);
    const uint32_t right = in->map[1];
    memcpy(&in->map[1], digest, 4);
    assert_int_equal(bed_say(bed, true, RNSI_CONTEXT_RESOURCE, (rns_bytes_t){part, sizeof part}),
                     RNS_RX_MALFORMED);
    in->map[1] = right;
    pair_run(bed->pair, 10 * SECOND);
    bed_whole(bed, 1000);
    bed_close(bed);
}

static bool double_parts(pair_t *pair, bool to_b, rns_mem_t frame) {
    rnsi_packet_t packet;
    if (to_b && rnsi_packet_parse(frame, &packet) && packet.context == RNSI_CONTEXT_RESOURCE) {
        bed_t *bed = pair->user;
        pair->hook = NULL;
        pair_put(pair, to_b, (rns_bytes_t){frame.data, frame.size}, pair->now + pair->delay);
        pair->hook = double_parts;
        return bed->lost++ != 0; // the first comes once, after the second
    }
    return true;
}

static void a_part_that_comes_twice_is_taken_once(void **state) {
    (void)state;
    bed_t *bed = bed_open((pair_setup_t){0}, RNS_ACCEPT_ALL);
    bed->pair->hook = double_parts;
    bed_send(bed, 30000, NULL);
    pair_run(bed->pair, 10 * SECOND);
    bed_whole(bed, 30000);
    assert_int_equal(pair_verdicts(&bed->pair->b, RNS_RX_FULL), 0);
    assert_int_equal(pair_verdicts(&bed->pair->b, RNS_RX_NOT_NOW), 64);
    bed_close(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offer_whose_numbers_do_not_fit_each_other_is_dropped),
        cmocka_unit_test(an_offer_that_cannot_be_read_closes_the_link),
        cmocka_unit_test(a_segment_out_of_the_middle_is_refused),
        cmocka_unit_test(a_next_segment_of_something_else_is_refused),
        cmocka_unit_test(data_that_is_not_what_was_said_is_corrupt),
        cmocka_unit_test(a_peer_that_sends_a_bomb_is_left),
        cmocka_unit_test(a_stream_without_an_end_is_a_bomb),
        cmocka_unit_test(a_stream_that_is_none_is_corrupt),
        cmocka_unit_test(what_follows_the_end_of_a_stream_is_ignored),
        cmocka_unit_test(a_stream_of_less_than_was_said_is_corrupt),
        cmocka_unit_test(metadata_that_says_more_than_there_is_is_corrupt),
        cmocka_unit_test(packets_of_transfers_that_nobody_knows_are_dropped),
        cmocka_unit_test(a_request_makes_the_sender_send_only_what_is_its),
        cmocka_unit_test(a_request_out_of_step_ends_the_transfer),
        cmocka_unit_test(a_request_that_comes_twice_is_served_once),
        cmocka_unit_test(a_wrong_proof_proves_nothing),
        cmocka_unit_test(map_hashes_that_do_not_follow_are_refused),
        cmocka_unit_test(map_hashes_that_nobody_asked_for_are_dropped),
        cmocka_unit_test(a_part_of_another_size_is_refused),
        cmocka_unit_test(a_part_that_comes_twice_is_taken_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
