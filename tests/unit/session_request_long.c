// Requests and answers that do not fit a packet: they travel as resources, into memory that is lent
// or into a sink. session_request.c has the short ones, session_request_ends.c how long ones are
// broken off, session_request_soak.c what may happen to any.
#include "request_support.h"

// ---- The good case

static void a_long_answer_comes_into_memory(void **state) {
    (void)state;
    bed_t bed = open_bed();
    static uint8_t value[LONG + 3];
    plan.value = long_value(value, 1);
    ask(bed, NONE, into_memory());
    pair_run(bed.p, 10 * SECOND);
    const rns_event_t *answer = ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_OK);
    assert_view(answer->data, plan.value);
    assert_false(answer->is_file);
    assert_int_equal(answer->size, sizeof value + 19);
    assert_int_equal(answer->metadata.size, 0);
    ended(&bed.p->b, RNS_EV_QUERY_DONE, RNS_ERR_OK);
    assert_true(pair_count(&bed.p->a, RNS_EV_REQUEST_PROGRESS) > 1);
    const rns_event_t *progress = &pair_last(&bed.p->a, RNS_EV_REQUEST_PROGRESS)->event;
    assert_true(progress->done > 0 && progress->done <= progress->size);
    close_bed(bed);
}

static void a_long_request_is_taken_into_memory(void **state) {
    (void)state;
    bed_t bed = open_bed();
    const rns_bytes_t data = long_value(asked, 2);
    ask(bed, data, (rns_request_options_t){0});
    pair_run(bed.p, 10 * SECOND);
    const rns_event_t *offer = &pair_last(&bed.p->b, RNS_EV_REQUEST_OFFER)->event;
    assert_int_equal(offer->size, data.size + 28);
    assert_int_equal(offer->dest.slot, bed.p->dest.slot);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 1);
    const rns_event_t *request = &pair_last(&bed.p->b, RNS_EV_REQUEST)->event;
    assert_view(request->data, data);
    assert_int_equal(request->resource.slot, offer->resource.slot);
    assert_int_equal(request->resource.gen, offer->resource.gen);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_RESOURCE_DONE), 0);
    // The id is the hash of what was asked: RNS.Identity.truncated_hash(packed).
    rns_hash_t id =
        rnsi_truncated_hash(&bed.p->b.node->crypto, (rns_bytes_t){given, data.size + 28});
    assert_memory_equal(pair_last(&bed.p->b, RNS_EV_REQUEST)->request_id, id.b, 16);
    assert_view(ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_OK)->data, BYTES(WORLD));
    ended(&bed.p->b, RNS_EV_QUERY_DONE, RNS_ERR_OK);
    close_bed(bed);
}

static void both_may_be_long(void **state) {
    (void)state;
    bed_t bed = open_bed();
    static uint8_t value[LONG + 3];
    plan.value = long_value(value, 3);
    const rns_bytes_t data = long_value(asked, 4);
    ask(bed, data, into_memory());
    pair_run(bed.p, 20 * SECOND);
    assert_view(pair_last(&bed.p->b, RNS_EV_REQUEST)->event.data, data);
    assert_view(ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_OK)->data, plan.value);
    close_bed(bed);
}

// All rows of sessions have one slot.
static void one_slot_of_each_is_enough(void **state) {
    (void)state;
    bed_t bed = open_with((pair_setup_t){.profile = RNS_PROFILE_TINY});
    static uint8_t value[LONG + 3];
    plan.value = long_value(value, 5);
    for (int i = 0; i < 3; i++) {
        ask(bed, long_value(asked, 6), into_memory());
        pair_run(bed.p, 20 * SECOND);
        assert_view(ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_OK)->data, plan.value);
        pair_forget(&bed.p->a);
    }
    close_bed(bed);
}

static void what_is_asked_twice_at_once_is_answered_twice(void **state) {
    (void)state;
    bed_t bed = open_bed();
    const rns_bytes_t data = long_value(asked, 7);
    ask(bed, data, (rns_request_options_t){0});
    ask(bed, data, (rns_request_options_t){0});
    pair_run(bed.p, 10 * SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 2);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 2);
    const heard_t *second = pair_last(&bed.p->b, RNS_EV_REQUEST), *first = bed.p->b.heard;
    while (first->event.type != RNS_EV_REQUEST) {
        first++;
    }
    assert_memory_not_equal(first->request_id, second->request_id, 16);
    assert_int_equal(second->event.unix_us - first->event.unix_us, 1);
    for (size_t i = 0; i < bed.p->a.heard_count; i++) {
        assert_int_equal(bed.p->a.heard[i].event.status, RNS_ERR_OK);
    }
    close_bed(bed);
}

// ---- Files

static void assert_file(rns_bytes_t data, size_t size) {
    assert_int_equal(data.size, size);
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(data.data[i], (uint8_t)(i * 7));
    }
}

static void a_file_comes_into_memory_with_its_metadata(void **state) {
    (void)state;
    bed_t bed = open_bed();
    plan.file = &FILE_OF;
    plan.file_size = LONG;
    plan.metadata = BYTES(NAME);
    ask(bed, NONE, into_memory());
    pair_run(bed.p, 10 * SECOND);
    const rns_event_t *answer = ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_OK);
    assert_true(answer->is_file);
    assert_file(answer->data, LONG);
    assert_view(answer->metadata, BYTES(NAME));
    ended(&bed.p->b, RNS_EV_QUERY_DONE, RNS_ERR_OK);
    close_bed(bed);
}

static void a_file_without_metadata_says_nil(void **state) {
    (void)state;
    bed_t bed = open_bed();
    plan.file = &FILE_OF;
    plan.file_size = 10; // it fits a packet, and is a resource all the same
    ask(bed, NONE, into_memory());
    pair_run(bed.p, 10 * SECOND);
    const rns_event_t *answer = ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_OK);
    assert_true(answer->is_file);
    assert_file(answer->data, 10);
    assert_int_equal(answer->metadata.size, 1);
    assert_int_equal(answer->metadata.data[0], 0xC0);
    close_bed(bed);
}

static void a_file_goes_to_the_sink(void **state) {
    (void)state;
    bed_t bed = open_bed();
    plan.file = &FILE_OF;
    plan.file_size = LONG;
    plan.metadata = BYTES(NAME);
    rns_memory_sink_t file = {.mem = {answered, sizeof answered}};
    const rns_sink_t sink = rns_sink_to(&file);
    ask(bed, NONE, (rns_request_options_t){.sink = &sink, .metadata = {about, sizeof about}});
    pair_run(bed.p, 10 * SECOND);
    const rns_event_t *answer = ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_OK);
    assert_true(answer->is_file);
    assert_int_equal(answer->data.size, 0);
    assert_view(answer->metadata, BYTES(NAME));
    assert_int_equal(file.committed, LONG);
    assert_file((rns_bytes_t){answered, LONG}, LONG);
    close_bed(bed);
}

static void metadata_that_is_larger_than_what_was_lent_ends_it(void **state) {
    (void)state;
    bed_t bed = open_bed();
    plan.file = &FILE_OF;
    plan.file_size = LONG;
    plan.metadata = BYTES(NAME);
    ask(bed, NONE,
        (rns_request_options_t){.memory = {answered, sizeof answered},
                                .metadata = {about, sizeof NAME - 1}});
    pair_run(bed.p, 10 * SECOND);
    ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_SIZE);
    ended(&bed.p->b, RNS_EV_QUERY_DONE, RNS_ERR_REFUSED);
    close_bed(bed);
}

// The reference sends a file without metadata as it is, and cannot take it itself.
static void what_is_no_value_is_a_file(void **state) {
    (void)state;
    bed_t bed = open_bed();
    plan.value = NONE;
    ask(bed, NONE, into_memory());
    pair_run(bed.p, SECOND);
    const rns_query_t query = pair_last(&bed.p->b, RNS_EV_REQUEST)->event.query;
    struct rnsi_query *q = rnsi_pool_get(RNSI_POOL(bed.p->b.node, QUERY), query.slot, query.gen);
    assert_non_null(q);
    rnsi_send_t send = {.source = FILE_OF,
                        .size = LONG,
                        .kind = RNSI_KIND_RESPONSE,
                        .request_id = q->request_id,
                        .owner = query.slot};
    rnsi_pool_pin(RNSI_POOL(bed.p->b.node, QUERY), q);
    q->state = RNSI_QUERY_SENDING;
    assert_int_equal(rnsi_resource_out_open(bed.p->b.node, rnsi_link_get(bed.p->b.node, bed.b),
                                            &send, &q->resource),
                     RNS_ERR_OK);
    pair_run(bed.p, 10 * SECOND);
    const rns_event_t *answer = ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_OK);
    assert_true(answer->is_file);
    assert_file(answer->data, LONG);
    assert_int_equal(answer->metadata.size, 0);
    close_bed(bed);
}

// ---- Room and limits

static void an_answer_that_has_no_place_is_refused(void **state) {
    (void)state;
    static uint8_t value[LONG + 3];
    const rns_request_options_t options[] = {
        {.timeout_us = 0},                                             // nothing was lent
        {.memory = {answered, LONG + 3 + 19 - 1}},                     // a byte too few
        {.memory = {answered, sizeof answered}, .max_response = LONG}, // it is not wanted
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        bed_t bed = open_bed();
        plan.value = long_value(value, 8);
        ask(bed, NONE, options[i]);
        pair_run(bed.p, 2 * SECOND);
        ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_SIZE);
        ended(&bed.p->b, RNS_EV_QUERY_DONE, RNS_ERR_REFUSED);
        close_bed(bed);
    }
}

static void memory_of_the_very_size_is_enough(void **state) {
    (void)state;
    bed_t bed = open_bed();
    static uint8_t value[LONG + 3];
    plan.value = long_value(value, 9);
    ask(bed, NONE,
        (rns_request_options_t){.memory = {answered, LONG + 3 + 19},
                                .max_response = LONG + 3 + 19});
    pair_run(bed.p, 10 * SECOND);
    assert_view(ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_OK)->data, plan.value);
    close_bed(bed);
}

// A sink is for files: what a value comes to is not known before it is there.
static void a_sink_does_not_take_a_value(void **state) {
    (void)state;
    bed_t bed = open_bed();
    static uint8_t value[LONG + 3];
    plan.value = long_value(value, 10);
    rns_memory_sink_t file = {.mem = {answered, sizeof answered}};
    const rns_sink_t sink = rns_sink_to(&file);
    ask(bed, NONE, (rns_request_options_t){.sink = &sink});
    pair_run(bed.p, 2 * SECOND);
    ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_SIZE);
    assert_int_equal(file.used, 0);
    close_bed(bed);
}

static void a_request_that_has_no_place_is_refused(void **state) {
    (void)state;
    bed_t bed = open_bed();
    plan.memory.size = LONG + 3 + 28 - 1;
    ask(bed, long_value(asked, 11), (rns_request_options_t){0});
    pair_run(bed.p, 2 * SECOND);
    assert_int_equal(plan.said, RNS_ERR_SIZE);
    ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_REFUSED);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 0);
    assert_int_equal(rns_request_take(bed.p->b.node, bed.p->now,
                                      pair_last(&bed.p->b, RNS_EV_REQUEST_OFFER)->event.resource,
                                      plan.memory),
                     RNS_ERR_GONE);
    close_bed(bed);
}

static void a_request_above_the_limit_is_refused(void **state) {
    (void)state;
    bed_t bed = open_bed();
    assert_int_equal(rns_request_limit(bed.p->b.node, bed.p->dest, LONG + 3 + 28 - 1), RNS_ERR_OK);
    ask(bed, long_value(asked, 12), (rns_request_options_t){0});
    pair_run(bed.p, 2 * SECOND);
    ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_REFUSED);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST_OFFER), 0);
    assert_int_equal(pair_verdicts(&bed.p->b, RNS_RX_NOT_ALLOWED), 1);
    close_bed(bed);
}

static void without_any_handler_nothing_is_offered(void **state) {
    (void)state;
    bed_t bed = open_bed();
    assert_int_equal(rns_request_handler_remove(bed.p->b.node, bed.p->dest, PATH), RNS_ERR_OK);
    ask(bed, long_value(asked, 13), (rns_request_options_t){0});
    pair_run(bed.p, 2 * SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST_OFFER), 0);
    assert_true(pair_verdicts(&bed.p->b, RNS_RX_NOT_ALLOWED) > 0);
    close_bed(bed);
}

static void a_long_request_may_be_taken_later(void **state) {
    (void)state;
    bed_t bed = open_bed();
    const rns_mem_t memory = plan.memory;
    plan.memory.data = NULL;
    ask(bed, long_value(asked, 14), (rns_request_options_t){0});
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST_OFFER), 1);
    const rns_resource_t offer = pair_last(&bed.p->b, RNS_EV_REQUEST_OFFER)->event.resource;
    assert_int_equal(rns_request_take(bed.p->b.node, bed.p->now, offer, memory), RNS_ERR_OK);
    assert_int_equal(rns_request_take(bed.p->b.node, bed.p->now, offer, memory), RNS_ERR_GONE);
    pair_run(bed.p, 10 * SECOND);
    ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_OK);
    close_bed(bed);
}

static void a_long_request_that_nobody_takes_ends(void **state) {
    (void)state;
    bed_t bed = open_bed();
    plan.memory.data = NULL;
    ask(bed, long_value(asked, 15), (rns_request_options_t){0});
    pair_run(bed.p, 400 * SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST_OFFER), 1);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 1);
    assert_int_not_equal(pair_last(&bed.p->a, RNS_EV_RESPONSE)->event.status, RNS_ERR_OK);
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_RESOURCE_IN), 0);
    close_bed(bed);
}

static void a_long_request_may_be_rejected(void **state) {
    (void)state;
    bed_t bed = open_bed();
    plan.memory.data = NULL;
    ask(bed, long_value(asked, 16), (rns_request_options_t){0});
    pair_run(bed.p, SECOND);
    const rns_resource_t offer = pair_last(&bed.p->b, RNS_EV_REQUEST_OFFER)->event.resource;
    assert_int_equal(rns_resource_reject(bed.p->b.node, bed.p->now, offer), RNS_ERR_OK);
    pair_run(bed.p, SECOND);
    ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_REFUSED);
    close_bed(bed);
}

// While it is coming it is pinned; when it waits for its answer it is like any other.
static void a_long_request_that_waits_makes_room(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_QUERY] = 1};
    bed_t bed = open_with((pair_setup_t){.count = count});
    plan.value = NONE;
    ask(bed, long_value(asked, 31), (rns_request_options_t){0});
    pair_run(bed.p, 35 * MS); // it is taken, and its parts are on their way
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST_OFFER), 1);
    ask(bed, NONE, (rns_request_options_t){0});
    pair_run(bed.p, 15 * MS);
    assert_int_equal(pair_verdicts(&bed.p->b, RNS_RX_FULL), 1);
    pair_run(bed.p, 5 * SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 1);
    ask(bed, NONE, (rns_request_options_t){0});
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 2);
    ended(&bed.p->b, RNS_EV_QUERY_DONE, RNS_ERR_CULLED);
    close_bed(bed);
}

static void a_long_request_needs_a_query(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_QUERY] = 1};
    bed_t bed = open_with((pair_setup_t){.count = count});
    static uint8_t value[LONG + 3];
    plan.value = long_value(value, 32);
    ask(bed, NONE, into_memory());
    pair_run(bed.p, 35 * MS); // its answer is on its way, and has the row's only slot
    ask(bed, long_value(asked, 33), (rns_request_options_t){0});
    for (int i = 0; i < 100 && pair_count(&bed.p->b, RNS_EV_REQUEST_OFFER) == 0; i++) {
        pair_run(bed.p, MS);
    }
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_QUERY_DONE), 0);
    assert_int_equal(plan.said, RNS_ERR_FULL);
    pair_run(bed.p, 5 * SECOND);
    const rns_resource_t offer = pair_last(&bed.p->b, RNS_EV_REQUEST_OFFER)->event.resource;
    plan.value = BYTES(WORLD);
    assert_int_equal(rns_request_take(bed.p->b.node, bed.p->now, offer, plan.memory), RNS_ERR_OK);
    pair_run(bed.p, 10 * SECOND);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 2);
    close_bed(bed);
}

// ---- Compression

static rns_bytes_t dull_value(uint8_t *out) {
    long_value(out, 30);
    memset(out + 3, 'x', LONG);
    return (rns_bytes_t){out, LONG + 3};
}

static bed_t open_packing(bool unpacks) {
    static uint32_t count[RNS_POOL_COUNT];
    memset(count, 0, sizeof count);
    count[RNS_POOL_PACK] = count[RNS_POOL_SEGMENT] = 1;
    count[RNS_POOL_UNPACK_SMALL] = unpacks ? 1 : 0;
    return open_with((pair_setup_t){.count = count, .compress = &rns_compress_bz2});
}

static void long_ones_are_compressed_both_ways(void **state) {
    (void)state;
    bed_t bed = open_packing(true);
    static uint8_t value[LONG + 3];
    plan.value = dull_value(value);
    const rns_bytes_t data = dull_value(asked);
    const uint64_t before = bed.p->frames;
    ask(bed, data, into_memory());
    pair_run(bed.p, 10 * SECOND);
    assert_view(pair_last(&bed.p->b, RNS_EV_REQUEST)->event.data, data);
    assert_view(ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_OK)->data, plan.value);
    assert_true(bed.p->frames - before < 15); // 5,000 bytes are eleven parts, each way
    close_bed(bed);
}

static void what_cannot_be_unpacked_is_refused(void **state) {
    (void)state;
    bed_t bed = open_packing(false);
    static uint8_t value[LONG + 3];
    plan.value = dull_value(value);
    ask(bed, NONE, into_memory());
    pair_run(bed.p, 10 * SECOND);
    ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_FULL);
    ended(&bed.p->b, RNS_EV_QUERY_DONE, RNS_ERR_REFUSED);
    pair_forget(&bed.p->a);
    pair_forget(&bed.p->b);
    ask(bed, dull_value(asked), into_memory());
    pair_run(bed.p, 10 * SECOND);
    assert_int_equal(plan.said, RNS_ERR_FULL);
    ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_REFUSED);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_RESOURCE_DONE), 0);
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_QUERY), 0);
    close_bed(bed);
}

// ---- Who may ask is seen when it has come

static void a_long_request_that_is_not_allowed_is_not_answered(void **state) {
    (void)state;
    bed_t bed = open_bed();
    assert_int_equal(rns_request_handler(bed.p->b.node, bed.p->dest, PATH, RNS_ALLOW_LIST, NULL, 0),
                     RNS_ERR_OK);
    ask(bed, long_value(asked, 17), (rns_request_options_t){.timeout_us = 5 * SECOND});
    pair_run(bed.p, 20 * SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 0);
    const rns_event_t *done = ended(&bed.p->b, RNS_EV_RESOURCE_DONE, RNS_ERR_AUTH);
    assert_int_equal(done->resource.slot,
                     pair_last(&bed.p->b, RNS_EV_REQUEST_OFFER)->event.resource.slot);
    assert_true(done->is_incoming);
    ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_TIMEOUT);
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_QUERY), 0);
    close_bed(bed);
}

static void a_long_request_that_is_none_is_corrupt(void **state) {
    (void)state;
    bed_t bed = open_bed();
    const rns_request_t request = ask(bed, long_value(asked, 18), (rns_request_options_t){0});
    struct rnsi_request *r =
        rnsi_pool_get(RNSI_POOL(bed.p->a.node, REQUEST), request.slot, request.gen);
    r->head[0] = 0xC1; // before it is read for the first time
    pair_run(bed.p, 20 * SECOND);
    ended(&bed.p->b, RNS_EV_RESOURCE_DONE, RNS_ERR_CORRUPT);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 0);
    close_bed(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_answer_comes_into_memory),
        cmocka_unit_test(a_long_request_is_taken_into_memory),
        cmocka_unit_test(both_may_be_long),
        cmocka_unit_test(one_slot_of_each_is_enough),
        cmocka_unit_test(what_is_asked_twice_at_once_is_answered_twice),
        cmocka_unit_test(a_file_comes_into_memory_with_its_metadata),
        cmocka_unit_test(a_file_without_metadata_says_nil),
        cmocka_unit_test(a_file_goes_to_the_sink),
        cmocka_unit_test(metadata_that_is_larger_than_what_was_lent_ends_it),
        cmocka_unit_test(what_is_no_value_is_a_file),
        cmocka_unit_test(an_answer_that_has_no_place_is_refused),
        cmocka_unit_test(memory_of_the_very_size_is_enough),
        cmocka_unit_test(a_sink_does_not_take_a_value),
        cmocka_unit_test(a_request_that_has_no_place_is_refused),
        cmocka_unit_test(a_request_above_the_limit_is_refused),
        cmocka_unit_test(without_any_handler_nothing_is_offered),
        cmocka_unit_test(a_long_request_may_be_taken_later),
        cmocka_unit_test(a_long_request_that_nobody_takes_ends),
        cmocka_unit_test(a_long_request_may_be_rejected),
        cmocka_unit_test(a_long_request_that_waits_makes_room),
        cmocka_unit_test(a_long_request_needs_a_query),
        cmocka_unit_test(long_ones_are_compressed_both_ways),
        cmocka_unit_test(what_cannot_be_unpacked_is_refused),
        cmocka_unit_test(a_long_request_that_is_not_allowed_is_not_answered),
        cmocka_unit_test(a_long_request_that_is_none_is_corrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
