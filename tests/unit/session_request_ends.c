// Long requests and answers that are broken off, or that time runs out for.
#include "request_support.h"

// ---- Breaking off

static void run_until(bed_t bed, const side_t *side, rns_event_type_t type) {
    for (int i = 0; i < 1000 && pair_count(side, type) == 0; i++) {
        pair_run(bed.p, 5 * MS);
    }
    assert_true(pair_count(side, type) > 0);
}

static void an_answer_may_be_cancelled_by_who_asked(void **state) {
    (void)state;
    bed_t bed = open_bed();
    static uint8_t value[LONG + 3];
    plan.value = long_value(value, 19);
    const rns_request_t request = ask(bed, NONE, into_memory());
    run_until(bed, &bed.p->a, RNS_EV_REQUEST_PROGRESS);
    assert_int_equal(rns_request_cancel(bed.p->a.node, bed.p->now, request), RNS_ERR_OK);
    ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_CANCELLED);
    assert_int_equal(pair_used(&bed.p->a, RNS_POOL_RESOURCE_IN), 0);
    pair_run(bed.p, 2 * SECOND);
    ended(&bed.p->b, RNS_EV_QUERY_DONE, RNS_ERR_REFUSED);
    close_bed(bed);
}

static void an_answer_may_be_broken_off_by_who_gives_it(void **state) {
    (void)state;
    bed_t bed = open_bed();
    static uint8_t value[LONG + 3];
    plan.value = long_value(value, 20);
    ask(bed, NONE, into_memory());
    run_until(bed, &bed.p->a, RNS_EV_REQUEST_PROGRESS);
    const rns_query_t query = pair_last(&bed.p->b, RNS_EV_REQUEST)->event.query;
    assert_int_equal(rns_respond(bed.p->b.node, bed.p->now, query, plan.value), RNS_ERR_STATE);
    assert_int_equal(rns_respond_file(bed.p->b.node, bed.p->now, query, &FILE_OF, 10, NONE, false),
                     RNS_ERR_STATE);
    assert_int_equal(rns_query_drop(bed.p->b.node, query), RNS_ERR_OK);
    ended(&bed.p->b, RNS_EV_QUERY_DONE, RNS_ERR_CANCELLED);
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_RESOURCE_OUT), 0);
    pair_run(bed.p, 2 * SECOND);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 1);
    assert_int_not_equal(pair_last(&bed.p->a, RNS_EV_RESPONSE)->event.status, RNS_ERR_OK);
    close_bed(bed);
}

static void count_abort(void *user) {
    ++*(int *)user;
}

static bool take_all(void *user, rns_bytes_t data) {
    (void)user, (void)data;
    return true;
}

static void a_sink_hears_that_its_file_was_broken_off(void **state) {
    (void)state;
    bed_t bed = open_bed();
    int aborts = 0;
    const rns_sink_t sink = {.write = take_all, .abort = count_abort, .user = &aborts};
    plan.file = &FILE_OF;
    plan.file_size = LONG;
    const rns_request_t request =
        ask(bed, NONE, (rns_request_options_t){.sink = &sink, .metadata = {about, sizeof about}});
    run_until(bed, &bed.p->a, RNS_EV_REQUEST_PROGRESS);
    assert_int_equal(rns_request_cancel(bed.p->a.node, bed.p->now, request), RNS_ERR_OK);
    assert_int_equal(aborts, 1);
    close_bed(bed);
    assert_int_equal(aborts, 1);
}

static void a_long_request_may_be_cancelled(void **state) {
    (void)state;
    bed_t bed = open_bed();
    const rns_request_t request = ask(bed, long_value(asked, 21), (rns_request_options_t){0});
    run_until(bed, &bed.p->b, RNS_EV_REQUEST_OFFER);
    pair_run(bed.p, 25 * MS);
    assert_int_equal(rns_request_cancel(bed.p->a.node, bed.p->now, request), RNS_ERR_OK);
    ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_CANCELLED);
    assert_int_equal(pair_used(&bed.p->a, RNS_POOL_RESOURCE_OUT), 0);
    pair_run(bed.p, 2 * SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 0);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_RESOURCE_DONE), 1);
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_QUERY), 0);
    close_bed(bed);
}

// At each moment of a long request and a long answer the link is closed by either side: each side
// hears of its part once.
static void a_closed_link_ends_what_is_under_way(void **state) {
    (void)state;
    static uint8_t value[LONG + 3];
    for (unsigned step = 0; step < 40; step++) {
        bed_t bed = open_bed();
        plan.value = long_value(value, 22);
        ask(bed, long_value(asked, 23), into_memory());
        pair_run(bed.p, step * 10 * MS);
        side_t *side = step % 2 == 0 ? &bed.p->a : &bed.p->b;
        assert_int_equal(rns_link_close(side->node, bed.p->now, step % 2 == 0 ? bed.a : bed.b),
                         RNS_ERR_OK);
        pair_run(bed.p, SECOND);
        assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 1);
        assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST),
                         pair_count(&bed.p->b, RNS_EV_QUERY_DONE));
        const size_t offers = pair_count(&bed.p->b, RNS_EV_REQUEST_OFFER);
        assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST) +
                             pair_count(&bed.p->b, RNS_EV_RESOURCE_DONE),
                         offers);
        close_bed(bed);
    }
}

// ---- Time

static void the_timeout_rests_while_the_answer_is_coming(void **state) {
    (void)state;
    bed_t bed = open_with((pair_setup_t){.delay = 800 * MS});
    pair_run(bed.p, 20 * SECOND);
    static uint8_t value[LONG + 3];
    plan.value = long_value(value, 24);
    rns_request_options_t options = into_memory();
    options.timeout_us = 2 * SECOND; // it is offered after 1.6 s, and is there after more than 4
    ask(bed, NONE, options);
    pair_run(bed.p, 4 * SECOND);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 0);
    pair_run(bed.p, 60 * SECOND);
    assert_view(ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_OK)->data, plan.value);
    close_bed(bed);
}

static void the_timeout_of_a_long_request_counts_from_its_proof(void **state) {
    (void)state;
    bed_t bed = open_with((pair_setup_t){.delay = SECOND});
    pair_run(bed.p, 20 * SECOND);
    plan.value = NONE;
    ask(bed, long_value(asked, 25), (rns_request_options_t){.timeout_us = 5 * SECOND});
    pair_run(bed.p, 5 * SECOND);
    run_until(bed, &bed.p->b, RNS_EV_REQUEST);
    // Its proof is a second on its way.
    pair_run(bed.p, 6 * SECOND - 10 * MS);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 0);
    pair_run(bed.p, 20 * MS);
    ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_TIMEOUT);
    close_bed(bed);
}

static bool lose_proofs(pair_t *pair, bool to_b, rns_mem_t frame) {
    (void)pair;
    return to_b || (frame.data[0] & 3) != RNSI_TYPE_PROOF;
}

// The proof of the request is lost, its answer is not.
static void an_answer_says_that_the_request_has_arrived(void **state) {
    (void)state;
    bed_t bed = open_bed();
    static uint8_t value[LONG + 3];
    for (int i = 0; i < 2; i++) {
        bed.p->hook = lose_proofs;
        if (i == 1) {
            plan.value = long_value(value, 26);
        }
        ask(bed, long_value(asked, 27), into_memory());
        pair_run(bed.p, 5 * SECOND);
        assert_view(ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_OK)->data, plan.value);
        assert_int_equal(pair_used(&bed.p->a, RNS_POOL_RESOURCE_OUT), 0);
        bed.p->hook = NULL;
        pair_run(bed.p, 60 * SECOND);
        pair_forget(&bed.p->a);
    }
    close_bed(bed);
}

static struct {
    uint8_t bytes[500];
    size_t size;
} kept;

// Keeps the proof of the request back.
static bool keep_proof(pair_t *pair, bool to_b, rns_mem_t frame) {
    (void)pair;
    if (to_b || (frame.data[0] & 3) != RNSI_TYPE_PROOF || kept.size > 0) {
        return true;
    }
    memcpy(kept.bytes, frame.data, frame.size);
    kept.size = frame.size;
    return false;
}

static void a_proof_that_comes_late_starts_no_timeout(void **state) {
    (void)state;
    bed_t bed = open_with((pair_setup_t){.delay = 50 * MS});
    pair_run(bed.p, 5 * SECOND);
    static uint8_t value[LONG + 3];
    plan.value = long_value(value, 34);
    kept.size = 0;
    bed.p->hook = keep_proof;
    rns_request_options_t options = into_memory();
    options.timeout_us = 60 * MS;
    ask(bed, long_value(asked, 35), options);
    run_until(bed, &bed.p->a, RNS_EV_REQUEST_PROGRESS);
    assert_true(kept.size > 0);
    pair_put(bed.p, false, (rns_bytes_t){kept.bytes, kept.size}, bed.p->now);
    pair_run(bed.p, 61 * MS);
    assert_int_equal(pair_used(&bed.p->a, RNS_POOL_RESOURCE_OUT), 0); // it was taken
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 0);      // the answer takes longer
    pair_run(bed.p, 5 * SECOND);
    assert_view(ended(&bed.p->a, RNS_EV_RESPONSE, RNS_ERR_OK)->data, plan.value);
    close_bed(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_may_be_cancelled_by_who_asked),
        cmocka_unit_test(an_answer_may_be_broken_off_by_who_gives_it),
        cmocka_unit_test(a_sink_hears_that_its_file_was_broken_off),
        cmocka_unit_test(a_long_request_may_be_cancelled),
        cmocka_unit_test(a_closed_link_ends_what_is_under_way),
        cmocka_unit_test(the_timeout_rests_while_the_answer_is_coming),
        cmocka_unit_test(the_timeout_of_a_long_request_counts_from_its_proof),
        cmocka_unit_test(an_answer_says_that_the_request_has_arrived),
        cmocka_unit_test(a_proof_that_comes_late_starts_no_timeout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
