// What a full row means to those outside: two nodes with one row of sessions too small, each test
// named after it. Rows of routes are in full_routes.c; that the rows do so at all, in pool_full.c.
#include "resource_bed.h"

static const rns_bytes_t SMALL = {(const uint8_t *)"\xA2hi", 3};
static uint8_t answer[8192];

static pair_setup_t with(rns_pool_t id, uint32_t slots) {
    static uint32_t count[RNS_POOL_COUNT];
    memset(count, 0, sizeof count);
    count[id] = slots;
    return (pair_setup_t){.count = count, .prove = RNS_PROVE_ALL};
}

static rns_pool_info_t info_of(const side_t *side, rns_pool_t id) {
    rns_pool_info_t info;
    rns_pool_info(side->node, id, &info);
    return info;
}

// ---- Links

static void link_a_further_one_of_ours_is_refused(void **state) {
    (void)state;
    rns_link_t a, b, other;
    pair_t *p = pair_open(with(RNS_POOL_LINK, 1));
    pair_link(p, &a, &b);
    assert_int_equal(rns_link_open(p->a.node, p->now, &p->hash, &other), RNS_ERR_FULL);
    assert_int_equal(info_of(&p->a, RNS_POOL_LINK).rejected, 1);
    rns_link_close(p->a.node, p->now, a);
    pair_close(p);
}

static bool lose_to_a(pair_t *pair, bool to_b, rns_mem_t frame) {
    (void)pair, (void)frame;
    return to_b;
}

static void link_a_half_open_one_of_a_peer_makes_room(void **state) {
    (void)state;
    rns_link_t a;
    pair_t *p = pair_open(with(RNS_POOL_LINK, 1));
    p->hook = lose_to_a; // so that no link gets further
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rns_link_open(p->a.node, p->now, &p->hash, &a), RNS_ERR_OK);
        pair_run(p, 100 * MS);
        assert_int_equal(pair_used(&p->b, RNS_POOL_LINK), 1);
        assert_int_equal(rns_link_close(p->a.node, p->now, a), RNS_ERR_OK);
    }
    assert_int_equal(info_of(&p->b, RNS_POOL_LINK).culled, 1);
    assert_int_equal(info_of(&p->b, RNS_POOL_LINK).rejected, 0);
    pair_close(p);
}

static void link_a_peer_finds_no_room_beside_open_ones(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_LINK] = 2};
    rns_link_t a[3], b;
    pair_t *p = pair_open((pair_setup_t){.count = count});
    rns_link_t own;
    const rns_secret_t secret = pair_secret(9);
    const rns_dest_config_t config = {.name = "a.b", .type = RNS_DEST_SINGLE, .identity = &secret};
    rns_dest_t dest;
    rns_hash_t hash;
    const rns_iface_t all = {0, 0};
    pair_link(p, &a[0], &b);
    assert_int_equal(rns_dest_add(p->a.node, p->now, &config, &dest), RNS_ERR_OK);
    assert_int_equal(rns_dest_hash(p->a.node, dest, &hash), RNS_ERR_OK);
    assert_int_equal(rns_announce(p->a.node, p->now, dest, (rns_bytes_t){NULL, 0}, all),
                     RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(rns_link_open(p->b.node, p->now, &hash, &own), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(pair_used(&p->a, RNS_POOL_LINK), 2);
    // Both are open and stay; b has no slot for a third, and a has none.
    assert_int_equal(rns_link_open(p->a.node, p->now, &p->hash, &a[1]), RNS_ERR_FULL);
    assert_int_equal(pair_count(&p->a, RNS_EV_LINK_DOWN) + pair_count(&p->b, RNS_EV_LINK_DOWN), 0);
    pair_close(p);
}

static void channel_a_further_one_is_refused(void **state) {
    (void)state;
    rns_link_t a, b, a2, b2;
    pair_t *p = pair_open(with(RNS_POOL_CHANNEL, 1));
    pair_link(p, &a, &b);
    pair_link(p, &a2, &b2);
    assert_int_equal(rns_channel_open(p->a.node, p->now, a), RNS_ERR_OK);
    assert_int_equal(rns_channel_open(p->a.node, p->now, a2), RNS_ERR_FULL);
    assert_int_equal(info_of(&p->a, RNS_POOL_CHANNEL).rejected, 1);
    pair_close(p);
}

static bool take_nothing(void *user, rns_node_t *node, const rns_event_t *message) {
    (void)user, (void)node, (void)message;
    return false;
}

static void message_type_a_further_one_is_refused(void **state) {
    (void)state;
    static const rns_channel_handler_t handler = {.type = 1, .take = take_nothing};
    rns_link_t a, b;
    pair_t *p = pair_open(with(RNS_POOL_MESSAGE_TYPE, 1));
    pair_link(p, &a, &b);
    assert_int_equal(rns_channel_open(p->a.node, p->now, a), RNS_ERR_OK);
    assert_int_equal(rns_channel_register(p->a.node, a, 1), RNS_ERR_OK);
    assert_int_equal(rns_channel_register(p->a.node, a, 2), RNS_ERR_FULL);
    assert_int_equal(info_of(&p->a, RNS_POOL_MESSAGE_TYPE).rejected, 1);
    assert_int_equal(rns_channel_handler_add(p->a.node, a, &handler), RNS_ERR_FULL);
    assert_int_equal(info_of(&p->a, RNS_POOL_MESSAGE_TYPE).rejected, 2);
    pair_close(p);
}

static void opens_no_second_message(rns_pool_t id) {
    rns_link_t a, b;
    pair_t *p = pair_open(with(id, 1));
    pair_link(p, &a, &b);
    assert_int_equal(rns_channel_open(p->a.node, p->now, a), RNS_ERR_OK);
    assert_int_equal(rns_channel_open(p->b.node, p->now, b), RNS_ERR_OK);
    assert_int_equal(rns_channel_send(p->a.node, p->now, a, 1, SMALL, NULL), RNS_ERR_OK);
    assert_int_equal(rns_channel_send(p->a.node, p->now, a, 1, SMALL, NULL), RNS_ERR_FULL);
    pair_run(p, 10 * SECOND);
    assert_int_equal(pair_count(&p->a, RNS_EV_CHANNEL_SENT), 1);
    assert_int_equal(pair_count(&p->a, RNS_EV_CHANNEL_READY), 1); // and then it may go on
    assert_int_equal(rns_channel_send(p->a.node, p->now, a, 1, SMALL, NULL), RNS_ERR_OK);
    pair_run(p, 10 * SECOND);
    assert_int_equal(pair_count(&p->b, RNS_EV_CHANNEL), 2);
    pair_close(p);
}

static void envelope_the_sender_waits_and_is_told(void **state) {
    (void)state;
    opens_no_second_message(RNS_POOL_ENVELOPE);
}

static void piece_the_sender_waits_and_is_told(void **state) {
    (void)state;
    opens_no_second_message(RNS_POOL_PIECE);
}

static void buffer_a_further_end_is_refused(void **state) {
    (void)state;
    rns_link_t a, b;
    rns_buffer_t buffer;
    pair_t *p = pair_open(with(RNS_POOL_BUFFER, 1));
    pair_link(p, &a, &b);
    assert_int_equal(rns_channel_open(p->a.node, p->now, a), RNS_ERR_OK);
    assert_int_equal(rns_buffer_writer(p->a.node, p->now, a, 1, &buffer), RNS_ERR_OK);
    assert_int_equal(rns_buffer_writer(p->a.node, p->now, a, 2, &buffer), RNS_ERR_FULL);
    assert_int_equal(info_of(&p->a, RNS_POOL_BUFFER).rejected, 1);
    pair_close(p);
}

// ---- Requests

static void request_handler_a_further_path_is_refused(void **state) {
    (void)state;
    pair_t *p = pair_open(with(RNS_POOL_REQUEST_HANDLER, 1));
    assert_int_equal(rns_request_handler(p->b.node, p->dest, "/a", RNS_ALLOW_ALL, NULL, 0),
                     RNS_ERR_OK);
    assert_int_equal(rns_request_handler(p->b.node, p->dest, "/b", RNS_ALLOW_ALL, NULL, 0),
                     RNS_ERR_FULL);
    assert_int_equal(info_of(&p->b, RNS_POOL_REQUEST_HANDLER).rejected, 1);
    pair_close(p);
}

static rns_err_t ask(pair_t *p, rns_link_t link) {
    const rns_request_options_t wants = {.memory = {answer, sizeof answer}};
    rns_request_t request;
    return rns_request(p->a.node, p->now, link, "/a", SMALL, &wants, &request);
}

static void request_a_further_one_is_refused_until_one_has_ended(void **state) {
    (void)state;
    rns_link_t a, b;
    pair_t *p = pair_open(with(RNS_POOL_REQUEST, 1));
    pair_link(p, &a, &b);
    assert_int_equal(ask(p, a), RNS_ERR_OK);
    assert_int_equal(ask(p, a), RNS_ERR_FULL);
    assert_int_equal(info_of(&p->a, RNS_POOL_REQUEST).rejected, 1);
    pair_run(p, 60 * SECOND); // nobody answers
    assert_int_equal(pair_count(&p->a, RNS_EV_RESPONSE), 1);
    assert_int_equal(ask(p, a), RNS_ERR_OK);
    pair_close(p);
}

static void query_the_oldest_is_given_up_and_the_application_told(void **state) {
    (void)state;
    rns_link_t a, b;
    pair_t *p = pair_open(with(RNS_POOL_QUERY, 1));
    pair_link(p, &a, &b);
    assert_int_equal(rns_request_handler(p->b.node, p->dest, "/a", RNS_ALLOW_ALL, NULL, 0),
                     RNS_ERR_OK);
    assert_int_equal(ask(p, a), RNS_ERR_OK);
    pair_run(p, SECOND);
    const rns_query_t first = pair_last(&p->b, RNS_EV_REQUEST)->event.query;
    assert_int_equal(ask(p, a), RNS_ERR_OK);
    pair_run(p, SECOND);
    const heard_t *done = pair_last(&p->b, RNS_EV_QUERY_DONE);
    assert_non_null(done);
    assert_int_equal(done->event.status, RNS_ERR_CULLED);
    assert_int_equal(done->event.query.gen, first.gen);
    assert_int_equal(pair_count(&p->b, RNS_EV_REQUEST), 2);
    assert_int_equal(info_of(&p->b, RNS_POOL_QUERY).culled, 1);
    pair_close(p);
}

static void prove_ask_the_oldest_question_lapses(void **state) {
    (void)state;
    rns_link_t a, b;
    rns_receipt_t receipt;
    pair_t *p = pair_open(with(RNS_POOL_PROVE_ASK, 1));
    pair_link(p, &a, &b);
    assert_int_equal(rns_link_proofs(p->b.node, b, RNS_PROVE_APP), RNS_ERR_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rns_link_send(p->a.node, p->now, a, SMALL, &receipt), RNS_ERR_OK);
        pair_run(p, 50 * MS);
    }
    assert_int_equal(pair_count(&p->b, RNS_EV_PROVE), 2);
    const rns_ask_t second = pair_last(&p->b, RNS_EV_PROVE)->event.ask;
    for (size_t i = 0; i < p->b.heard_count; i++) {
        const rns_event_t *event = &p->b.heard[i].event;
        if (event->type == RNS_EV_PROVE && event->ask.gen != second.gen) {
            assert_int_equal(rns_prove(p->b.node, p->now, event->ask, true), RNS_ERR_GONE);
        }
    }
    assert_int_equal(rns_prove(p->b.node, p->now, second, true), RNS_ERR_OK);
    assert_int_equal(info_of(&p->b, RNS_POOL_PROVE_ASK).culled, 1);
    pair_close(p);
}

// ---- Transfers

static void resource_out_a_further_one_is_refused_until_one_has_ended(void **state) {
    (void)state;
    bed_t *bed = bed_open(with(RNS_POOL_RESOURCE_OUT, 1), RNS_ACCEPT_ALL);
    rns_resource_t other;
    bed_send(bed, 5000, NULL);
    const rns_source_t source = source_of(&bed->tape);
    assert_int_equal(
        rns_resource_send(bed->pair->a.node, bed->pair->now, bed->a, &source, 5000, NULL, &other),
        RNS_ERR_FULL);
    assert_int_equal(info_of(&bed->pair->a, RNS_POOL_RESOURCE_OUT).rejected, 1);
    pair_run(bed->pair, 60 * SECOND);
    bed_whole(bed, 5000);
    bed_close(bed);
}

static void resource_in_the_offer_is_refused_and_its_sender_told(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_RESOURCE_IN] = RNS_COUNT_NONE};
    bed_t *bed = bed_open((pair_setup_t){.count = count}, RNS_ACCEPT_ALL);
    bed_send(bed, 5000, NULL);
    pair_run(bed->pair, 60 * SECOND);
    bed_ends(bed, RNS_ERR_REFUSED, 1);
    assert_true(info_of(&bed->pair->b, RNS_POOL_RESOURCE_IN).rejected >= 1);
    bed_close(bed);
}

// A transfer that packs well, with rows for compression as given. Whether it was compressed.
static bool crosses_packed(const uint32_t count[RNS_POOL_COUNT], uint64_t size, int at_a) {
    bed_t *bed = bed_open((pair_setup_t){.profile = RNS_PROFILE_ROUTER,
                                         .compress = &rns_compress_bz2,
                                         .count = count},
                          RNS_ACCEPT_ALL);
    bed->tape.dull = true;
    bed_send(bed, size, NULL);
    pair_run(bed->pair, 300 * SECOND);
    assert_int_equal(bed_end(&bed->pair->a), at_a);
    const bool was_packed = info_of(&bed->pair->b, RNS_POOL_SEGMENT).peak > 0;
    bed_close(bed);
    return was_packed;
}

static void segment_without_one_it_is_sent_as_it_is(void **state) {
    (void)state;
    const uint32_t all[RNS_POOL_COUNT] = {0};
    const uint32_t none[RNS_POOL_COUNT] = {[RNS_POOL_SEGMENT] = RNS_COUNT_NONE};
    assert_true(crosses_packed(all, 50000, RNS_ERR_OK));
    assert_false(crosses_packed(none, 50000, RNS_ERR_OK));
}

static void pack_without_one_it_is_sent_as_it_is(void **state) {
    (void)state;
    const uint32_t none[RNS_POOL_COUNT] = {[RNS_POOL_PACK] = RNS_COUNT_NONE};
    assert_false(crosses_packed(none, 50000, RNS_ERR_OK));
}

static void unpack_small_the_larger_row_serves(void **state) {
    (void)state;
    const uint32_t none[RNS_POOL_COUNT] = {[RNS_POOL_UNPACK_SMALL] = RNS_COUNT_NONE};
    assert_true(crosses_packed(none, 50000, RNS_ERR_OK));
}

static void unpack_what_is_compressed_is_refused(void **state) {
    (void)state;
    const uint32_t none[RNS_POOL_COUNT] = {[RNS_POOL_UNPACK] = RNS_COUNT_NONE};
    assert_true(crosses_packed(none, 50000, RNS_ERR_OK)); // the smaller row is enough
    (void)crosses_packed(none, 200000, RNS_ERR_REFUSED);
}

// The audited inventory: of 16 and 16 transfers and 16 requests one link has 8 each, and a third
// link none when two have theirs; a destination keeps 32 ratchets (full_routes.c).
static void mcu_a_link_has_8_of_each_at_most(void **state) {
    (void)state;
    rns_link_t a[3], b;
    rns_resource_t resource;
    tape_t tape = {.size = 1000};
    const rns_source_t source = source_of(&tape);
    pair_t *p = pair_open((pair_setup_t){0});
    assert_int_equal(p->a.node->limits.resources_in, 8);
    assert_int_equal(p->a.node->limits.ring, 16);
    for (int link = 0; link < 3; link++) {
        pair_link(p, &a[link], &b);
    }
    for (int i = 0; i < 27; i++) {
        const rns_err_t want = i % 9 == 8 || i >= 18 ? RNS_ERR_FULL : RNS_ERR_OK;
        assert_int_equal(ask(p, a[i / 9]), want);
        assert_int_equal(
            rns_resource_send(p->a.node, p->now, a[i / 9], &source, 1000, NULL, &resource), want);
    }
    pair_close(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_a_further_one_of_ours_is_refused),
        cmocka_unit_test(link_a_half_open_one_of_a_peer_makes_room),
        cmocka_unit_test(link_a_peer_finds_no_room_beside_open_ones),
        cmocka_unit_test(channel_a_further_one_is_refused),
        cmocka_unit_test(message_type_a_further_one_is_refused),
        cmocka_unit_test(envelope_the_sender_waits_and_is_told),
        cmocka_unit_test(piece_the_sender_waits_and_is_told),
        cmocka_unit_test(buffer_a_further_end_is_refused),
        cmocka_unit_test(request_handler_a_further_path_is_refused),
        cmocka_unit_test(request_a_further_one_is_refused_until_one_has_ended),
        cmocka_unit_test(query_the_oldest_is_given_up_and_the_application_told),
        cmocka_unit_test(prove_ask_the_oldest_question_lapses),
        cmocka_unit_test(resource_out_a_further_one_is_refused_until_one_has_ended),
        cmocka_unit_test(resource_in_the_offer_is_refused_and_its_sender_told),
        cmocka_unit_test(segment_without_one_it_is_sent_as_it_is),
        cmocka_unit_test(pack_without_one_it_is_sent_as_it_is),
        cmocka_unit_test(unpack_small_the_larger_row_serves),
        cmocka_unit_test(unpack_what_is_compressed_is_refused),
        cmocka_unit_test(mcu_a_link_has_8_of_each_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
