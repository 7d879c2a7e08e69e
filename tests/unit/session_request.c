// Requests and answers between two nodes, in one packet each: who may ask, who answers, how each
// side's part ends exactly once. session_request_long.c has what does not fit a packet.
#include "pair_help.h"

#define PATH    "/test"
#define TIMEOUT (11250 * MS + 6 * 20 * MS) // by default, at a round trip of 20 ms

static const rns_bytes_t NONE = {NULL, 0};
static const uint8_t HELLO[] = {0xA5, 'h', 'e', 'l', 'l', 'o'}; // msgpack of "hello"
static const uint8_t WORLD[] = {0xA5, 'w', 'o', 'r', 'l', 'd'};

#define BYTES(array) ((rns_bytes_t){(array), sizeof(array)})

typedef struct {
    pair_t *p;
    rns_link_t a, b;
} bed_t;

static bed_t open_with(pair_setup_t setup) {
    bed_t bed = {.p = pair_open(setup)};
    pair_link(bed.p, &bed.a, &bed.b);
    assert_int_equal(rns_request_handler(bed.p->b.node, bed.p->dest, PATH, RNS_ALLOW_ALL, NULL, 0),
                     RNS_ERR_OK);
    pair_forget(&bed.p->a);
    pair_forget(&bed.p->b);
    return bed;
}

static bed_t open_bed(void) {
    return open_with((pair_setup_t){0});
}

// Nothing is left when the links are gone.
static void close_bed(bed_t bed) {
    rns_link_close(bed.p->a.node, bed.p->now, bed.a);
    pair_run(bed.p, SECOND);
    pair_assert_idle(&bed.p->a);
    pair_assert_idle(&bed.p->b);
    pair_close(bed.p);
}

static rns_request_t ask_for(bed_t bed, const char *path, rns_bytes_t data,
                             const rns_request_options_t *options) {
    rns_request_t request;
    assert_int_equal(rns_request(bed.p->a.node, bed.p->now, bed.a, path, data, options, &request),
                     RNS_ERR_OK);
    return request;
}

static rns_request_t ask(bed_t bed) {
    return ask_for(bed, PATH, BYTES(HELLO), NULL);
}

static rns_query_t query_of(bed_t bed) {
    const heard_t *heard = pair_last(&bed.p->b, RNS_EV_REQUEST);
    assert_non_null(heard);
    return heard->event.query;
}

static void assert_ended(const side_t *side, rns_event_type_t type, size_t count,
                         rns_err_t status) {
    assert_int_equal(pair_count(side, type), count);
    assert_int_equal(pair_last(side, type)->event.status, status);
}

static void answer_at_once(side_t *side, const rns_event_t *event) {
    if (event->type == RNS_EV_REQUEST) {
        assert_int_equal(rns_respond(side->node, side->pair->now, event->query, BYTES(WORLD)),
                         RNS_ERR_OK);
    }
}

// ---- The good case

static void a_request_is_answered(void **state) {
    (void)state;
    bed_t bed = open_bed();
    bed.p->b.react = answer_at_once;
    const rns_request_t request = ask(bed);
    pair_run(bed.p, SECOND);
    const heard_t *asked = pair_last(&bed.p->b, RNS_EV_REQUEST);
    assert_non_null(asked);
    assert_int_equal(asked->event.link.slot, bed.b.slot);
    assert_int_equal(asked->event.dest.slot, bed.p->dest.slot);
    assert_int_equal(asked->event.dest.gen, bed.p->dest.gen);
    assert_true(asked->event.has_data && !asked->event.has_identity);
    assert_int_equal(asked->event.data.size, sizeof HELLO);
    assert_memory_equal(asked->event.data.data, HELLO, sizeof HELLO);
    // Asked when a's clock, which began at 1800000000, had run a while.
    assert_true(asked->event.unix_us >= 1800000000 * SECOND &&
                asked->event.unix_us < 1800000010 * SECOND);
    assert_ended(&bed.p->b, RNS_EV_QUERY_DONE, 1, RNS_ERR_OK);
    assert_ended(&bed.p->a, RNS_EV_RESPONSE, 1, RNS_ERR_OK);
    const rns_event_t *answer = &pair_last(&bed.p->a, RNS_EV_RESPONSE)->event;
    assert_int_equal(answer->request.slot, request.slot);
    assert_int_equal(answer->request.gen, request.gen);
    assert_int_equal(answer->link.slot, bed.a.slot);
    assert_int_equal(answer->data.size, sizeof WORLD);
    assert_memory_equal(answer->data.data, WORLD, sizeof WORLD);
    assert_int_equal(answer->size, sizeof WORLD);
    assert_false(answer->is_file);
    assert_int_equal(rns_request_cancel(bed.p->a.node, bed.p->now, request), RNS_ERR_GONE);
    pair_run(bed.p, 20 * SECOND); // its timeout does not come
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 1);
    close_bed(bed);
}

static void the_path_is_told_by_its_hash(void **state) {
    (void)state;
    bed_t bed = open_bed();
    // RNS.Identity.truncated_hash(b"/status")
    static const uint8_t STATUS[] = {0xae, 0x42, 0x67, 0xa0, 0x1f, 0x12, 0x69, 0xfb,
                                     0xbf, 0x48, 0x24, 0xd2, 0x6c, 0xf3, 0xbb, 0x22};
    assert_int_equal(
        rns_request_handler(bed.p->b.node, bed.p->dest, "/status", RNS_ALLOW_ALL, NULL, 0),
        RNS_ERR_OK);
    ask_for(bed, "/status", NONE, NULL);
    pair_run(bed.p, SECOND);
    const rns_event_t *asked = &pair_last(&bed.p->b, RNS_EV_REQUEST)->event;
    assert_memory_equal(asked->hash.b, STATUS, 16);
    assert_false(asked->has_data);
    assert_int_equal(asked->data.size, 1); // nil
    assert_int_equal(asked->data.data[0], 0xC0);
    close_bed(bed);
}

static void the_answer_may_come_later(void **state) {
    (void)state;
    bed_t bed = open_bed();
    ask(bed);
    pair_run(bed.p, 10 * SECOND);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 0);
    assert_int_equal(rns_respond(bed.p->b.node, bed.p->now, query_of(bed), BYTES(WORLD)),
                     RNS_ERR_OK);
    assert_ended(&bed.p->b, RNS_EV_QUERY_DONE, 1, RNS_ERR_OK);
    assert_int_equal(rns_respond(bed.p->b.node, bed.p->now, query_of(bed), BYTES(WORLD)),
                     RNS_ERR_GONE);
    assert_int_equal(rns_query_drop(bed.p->b.node, query_of(bed)), RNS_ERR_GONE);
    pair_run(bed.p, SECOND);
    assert_ended(&bed.p->a, RNS_EV_RESPONSE, 1, RNS_ERR_OK);
    close_bed(bed);
}

static void several_are_under_way_at_once(void **state) {
    (void)state;
    bed_t bed = open_bed();
    rns_request_t requests[4];
    rns_query_t queries[4];
    for (unsigned i = 0; i < 4; i++) {
        const uint8_t data[] = {(uint8_t)i};
        requests[i] = ask_for(bed, PATH, BYTES(data), NULL);
        pair_run(bed.p, SECOND);
        queries[i] = query_of(bed);
    }
    for (unsigned i = 4; i-- > 0;) { // in another order
        const uint8_t value[] = {(uint8_t)(10 + i)};
        assert_int_equal(rns_respond(bed.p->b.node, bed.p->now, queries[i], BYTES(value)),
                         RNS_ERR_OK);
        pair_run(bed.p, SECOND);
        const rns_event_t *answer = &pair_last(&bed.p->a, RNS_EV_RESPONSE)->event;
        assert_int_equal(answer->request.slot, requests[i].slot);
        assert_int_equal(answer->data.data[0], 10 + i);
    }
    close_bed(bed);
}

// ---- Who may ask

static void assert_ignored(bed_t bed, uint32_t before) {
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 0);
    assert_int_equal(pair_verdicts(&bed.p->b, RNS_RX_NOT_ALLOWED), before + 1);
    assert_int_equal(bed.p->wire == NULL, 1); // no word of it
    pair_run(bed.p, TIMEOUT - SECOND - 1);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 0);
    pair_run(bed.p, 1);
    assert_ended(&bed.p->a, RNS_EV_RESPONSE, 1, RNS_ERR_TIMEOUT);
    pair_forget(&bed.p->a);
}

static void an_unknown_path_is_not_answered(void **state) {
    (void)state;
    bed_t bed = open_bed();
    ask_for(bed, "/tes", BYTES(HELLO), NULL);
    assert_ignored(bed, 0);
    close_bed(bed);
}

static void nobody_may_ask_where_the_handler_says_so(void **state) {
    (void)state;
    bed_t bed = open_bed();
    assert_int_equal(rns_request_handler(bed.p->b.node, bed.p->dest, PATH, RNS_ALLOW_NONE, NULL, 0),
                     RNS_ERR_OK);
    ask(bed);
    assert_ignored(bed, 0);
    close_bed(bed);
}

static rns_hash_t identify(bed_t bed, unsigned who) {
    const rns_secret_t secret = pair_secret(who);
    uint8_t pub[64];
    rns_hash_t hash;
    rns_identity_public(bed.p->a.node, &secret, pub, &hash);
    assert_int_equal(rns_link_identify(bed.p->a.node, bed.p->now, bed.a, &secret), RNS_ERR_OK);
    pair_run(bed.p, SECOND);
    return hash;
}

static rns_hash_t identity_of(bed_t bed, unsigned who) {
    const rns_secret_t secret = pair_secret(who);
    uint8_t pub[64];
    rns_hash_t hash;
    rns_identity_public(bed.p->a.node, &secret, pub, &hash);
    return hash;
}

static void a_list_wants_one_of_its_identities(void **state) {
    (void)state;
    bed_t bed = open_bed();
    const rns_hash_t list[] = {identity_of(bed, 20), identity_of(bed, 21)};
    assert_int_equal(rns_request_handler(bed.p->b.node, bed.p->dest, PATH, RNS_ALLOW_LIST, list, 2),
                     RNS_ERR_OK);
    ask(bed); // nobody knows who
    assert_ignored(bed, 0);
    const rns_hash_t who = identify(bed, 21);
    ask(bed);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 1);
    const rns_event_t *asked = &pair_last(&bed.p->b, RNS_EV_REQUEST)->event;
    assert_true(asked->has_identity);
    assert_memory_equal(asked->identity.b, who.b, 16);
    close_bed(bed);
}

static void a_list_keeps_others_out(void **state) {
    (void)state;
    bed_t bed = open_bed();
    const rns_hash_t list[] = {identity_of(bed, 20), identity_of(bed, 21)};
    assert_int_equal(rns_request_handler(bed.p->b.node, bed.p->dest, PATH, RNS_ALLOW_LIST, list, 1),
                     RNS_ERR_OK);
    identify(bed, 21);
    ask(bed);
    assert_ignored(bed, 0);
    // An empty list is nobody.
    assert_int_equal(rns_request_handler(bed.p->b.node, bed.p->dest, PATH, RNS_ALLOW_LIST, NULL, 0),
                     RNS_ERR_OK);
    ask(bed);
    assert_ignored(bed, 1);
    close_bed(bed);
}

static void the_initiator_is_not_asked(void **state) {
    (void)state;
    bed_t bed = open_bed();
    rns_request_t request;
    assert_int_equal(rns_request(bed.p->b.node, bed.p->now, bed.b, PATH, NONE, NULL, &request),
                     RNS_ERR_OK);
    pair_run(bed.p, TIMEOUT);
    assert_int_equal(pair_verdicts(&bed.p->a, RNS_RX_NOT_ALLOWED), 1);
    assert_ended(&bed.p->b, RNS_EV_RESPONSE, 1, RNS_ERR_TIMEOUT);
    close_bed(bed);
}

static void a_request_above_the_limit_is_ignored(void **state) {
    (void)state;
    bed_t bed = open_bed();
    // 28 bytes stand before the data.
    assert_int_equal(rns_request_limit(bed.p->b.node, bed.p->dest, 28 + sizeof HELLO - 1),
                     RNS_ERR_OK);
    ask(bed);
    assert_ignored(bed, 0);
    assert_int_equal(rns_request_limit(bed.p->b.node, bed.p->dest, 28 + sizeof HELLO), RNS_ERR_OK);
    ask(bed);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 1);
    close_bed(bed);
}

// ---- Handlers

static void a_handler_that_is_removed_is_not_asked(void **state) {
    (void)state;
    bed_t bed = open_bed();
    rns_node_t *node = bed.p->b.node;
    static const char *const PATHS[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rns_request_handler(node, bed.p->dest, PATHS[i], RNS_ALLOW_ALL, NULL, 0),
                         RNS_ERR_OK);
    }
    assert_int_equal(rns_request_handler_remove(node, bed.p->dest, "b"), RNS_ERR_OK);
    assert_int_equal(rns_request_handler_remove(node, bed.p->dest, "b"), RNS_ERR_GONE);
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_REQUEST_HANDLER), 3);
    ask_for(bed, "b", NONE, NULL);
    assert_ignored(bed, 0);
    ask_for(bed, "a", NONE, NULL);
    ask_for(bed, "c", NONE, NULL);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 2);
    close_bed(bed);
}

static void handlers_go_with_their_destination(void **state) {
    (void)state;
    bed_t bed = open_bed();
    rns_node_t *node = bed.p->b.node;
    const rns_secret_t secret = pair_secret(9);
    const rns_dest_config_t config = {
        .name = "reticule.test.other", .type = RNS_DEST_SINGLE, .identity = &secret};
    rns_dest_t other;
    assert_int_equal(rns_dest_add(node, bed.p->now, &config, &other), RNS_ERR_OK);
    assert_int_equal(rns_request_handler(node, other, PATH, RNS_ALLOW_ALL, NULL, 0), RNS_ERR_OK);
    assert_int_equal(rns_request_handler(node, other, "b", RNS_ALLOW_ALL, NULL, 0), RNS_ERR_OK);
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_REQUEST_HANDLER), 3);
    assert_int_equal(rns_dest_remove(node, other), RNS_ERR_OK);
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_REQUEST_HANDLER), 1);
    assert_int_equal(rns_request_handler(node, other, PATH, RNS_ALLOW_ALL, NULL, 0), RNS_ERR_GONE);
    assert_int_equal(rns_request_handler_remove(node, other, PATH), RNS_ERR_GONE);
    assert_int_equal(rns_request_limit(node, other, 1), RNS_ERR_GONE);
    assert_int_equal(rns_dest_remove(node, bed.p->dest), RNS_ERR_OK);
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_REQUEST_HANDLER), 0);
    close_bed(bed);
}

static void handlers_are_as_many_as_their_row(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_REQUEST_HANDLER] = 2};
    bed_t bed = open_with((pair_setup_t){.count = count});
    rns_node_t *node = bed.p->b.node;
    assert_int_equal(rns_request_handler(node, bed.p->dest, "b", RNS_ALLOW_ALL, NULL, 0),
                     RNS_ERR_OK);
    assert_int_equal(rns_request_handler(node, bed.p->dest, "c", RNS_ALLOW_ALL, NULL, 0),
                     RNS_ERR_FULL);
    // Again the same path takes no other slot.
    assert_int_equal(rns_request_handler(node, bed.p->dest, "b", RNS_ALLOW_NONE, NULL, 0),
                     RNS_ERR_OK);
    close_bed(bed);
}

static void a_handler_wants_a_path_and_a_list(void **state) {
    (void)state;
    bed_t bed = open_bed();
    rns_node_t *node = bed.p->b.node;
    assert_int_equal(rns_request_handler(node, bed.p->dest, "", RNS_ALLOW_ALL, NULL, 0),
                     RNS_ERR_ARG);
    assert_int_equal(rns_request_handler(node, bed.p->dest, NULL, RNS_ALLOW_ALL, NULL, 0),
                     RNS_ERR_ARG);
    static char path[4096 + 2];
    memset(path, 'p', 4096);
    assert_int_equal(rns_request_handler(node, bed.p->dest, path, RNS_ALLOW_ALL, NULL, 0),
                     RNS_ERR_OK);
    path[4096] = 'p';
    assert_int_equal(rns_request_handler(node, bed.p->dest, path, RNS_ALLOW_ALL, NULL, 0),
                     RNS_ERR_ARG);
    assert_int_equal(rns_request_handler(node, bed.p->dest, PATH, RNS_ALLOW_LIST, NULL, 1),
                     RNS_ERR_ARG);
    assert_int_equal(rns_request_handler(node, bed.p->dest, PATH, (rns_allow_t)3, NULL, 0),
                     RNS_ERR_ARG);
    close_bed(bed);
}

// ---- How a request ends

static void its_timeout_may_be_said(void **state) {
    (void)state;
    bed_t bed = open_bed();
    ask_for(bed, PATH, NONE, &(rns_request_options_t){.timeout_us = 3 * SECOND});
    pair_run(bed.p, 3 * SECOND - 1);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 0);
    pair_run(bed.p, 1);
    assert_ended(&bed.p->a, RNS_EV_RESPONSE, 1, RNS_ERR_TIMEOUT);
    // What comes now is nobody's.
    assert_int_equal(rns_respond(bed.p->b.node, bed.p->now, query_of(bed), BYTES(WORLD)),
                     RNS_ERR_OK);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 1);
    assert_int_equal(pair_verdicts(&bed.p->a, RNS_RX_NOT_NOW), 1);
    close_bed(bed);
}

static void it_may_be_cancelled(void **state) {
    (void)state;
    bed_t bed = open_bed();
    const rns_request_t first = ask(bed), second = ask(bed), third = ask(bed);
    assert_int_equal(rns_request_cancel(bed.p->a.node, bed.p->now, second), RNS_ERR_OK);
    assert_ended(&bed.p->a, RNS_EV_RESPONSE, 1, RNS_ERR_CANCELLED);
    assert_int_equal(rns_request_cancel(bed.p->a.node, bed.p->now, second), RNS_ERR_GONE);
    assert_int_equal(rns_request_cancel(bed.p->a.node, bed.p->now, first), RNS_ERR_OK);
    assert_int_equal(rns_request_cancel(bed.p->a.node, bed.p->now, third), RNS_ERR_OK);
    pair_run(bed.p, TIMEOUT);
    assert_ended(&bed.p->a, RNS_EV_RESPONSE, 3, RNS_ERR_CANCELLED);
    close_bed(bed);
}

static void a_closed_link_ends_both_sides(void **state) {
    (void)state;
    bed_t bed = open_bed();
    ask(bed);
    ask(bed);
    pair_run(bed.p, SECOND);
    assert_int_equal(rns_link_close(bed.p->a.node, bed.p->now, bed.a), RNS_ERR_OK);
    assert_ended(&bed.p->a, RNS_EV_RESPONSE, 2, RNS_ERR_CLOSED);
    pair_run(bed.p, SECOND);
    assert_ended(&bed.p->b, RNS_EV_QUERY_DONE, 2, RNS_ERR_CLOSED);
    // The link's own end comes last.
    assert_int_equal(bed.p->a.heard[bed.p->a.heard_count - 1].event.type, RNS_EV_LINK_DOWN);
    assert_int_equal(bed.p->b.heard[bed.p->b.heard_count - 1].event.type, RNS_EV_LINK_DOWN);
    rns_request_t request;
    assert_int_equal(rns_request(bed.p->a.node, bed.p->now, bed.a, PATH, NONE, NULL, &request),
                     RNS_ERR_GONE);
    close_bed(bed);
}

static void an_answer_above_the_limit_ends_it(void **state) {
    (void)state;
    bed_t bed = open_bed();
    bed.p->b.react = answer_at_once;
    // The reference counts 2 bytes less than what the value takes.
    ask_for(bed, PATH, NONE, &(rns_request_options_t){.max_response = sizeof WORLD - 3});
    pair_run(bed.p, SECOND);
    assert_ended(&bed.p->a, RNS_EV_RESPONSE, 1, RNS_ERR_SIZE);
    assert_int_equal(pair_last(&bed.p->a, RNS_EV_RESPONSE)->event.data.size, 0);
    ask_for(bed, PATH, NONE, &(rns_request_options_t){.max_response = sizeof WORLD - 2});
    pair_run(bed.p, SECOND);
    assert_ended(&bed.p->a, RNS_EV_RESPONSE, 2, RNS_ERR_OK);
    close_bed(bed);
}

static void a_link_has_so_many_requests_and_no_more(void **state) {
    (void)state;
    bed_t bed = open_bed();
    rns_request_t request;
    for (int i = 0; i < 8; i++) { // of the profile mcu
        ask(bed);
    }
    assert_int_equal(rns_request(bed.p->a.node, bed.p->now, bed.a, PATH, NONE, NULL, &request),
                     RNS_ERR_FULL);
    pair_run(bed.p, TIMEOUT);
    assert_ended(&bed.p->a, RNS_EV_RESPONSE, 8, RNS_ERR_TIMEOUT);
    ask(bed);
    close_bed(bed);
}

static void the_row_of_requests_may_be_full(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_REQUEST] = 1};
    bed_t bed = open_with((pair_setup_t){.count = count});
    rns_request_t request;
    ask(bed);
    const uint64_t frames = bed.p->frames;
    assert_int_equal(rns_request(bed.p->a.node, bed.p->now, bed.a, PATH, NONE, NULL, &request),
                     RNS_ERR_FULL);
    rns_pool_info_t info;
    rns_pool_info(bed.p->a.node, RNS_POOL_REQUEST, &info);
    assert_int_equal(info.rejected, 1);
    pair_drain(bed.p, &bed.p->a);
    assert_int_equal(bed.p->frames, frames + 1); // the first alone
    close_bed(bed);
}

static void what_makes_no_request_is_said(void **state) {
    (void)state;
    bed_t bed = open_bed();
    rns_node_t *node = bed.p->a.node;
    const rns_us_t now = bed.p->now;
    const rns_sink_t no_write = {0};
    rns_request_t r;
    assert_int_equal(rns_request(node, now, bed.a, "", NONE, NULL, &r), RNS_ERR_ARG);
    assert_int_equal(rns_request(node, now, bed.a, NULL, NONE, NULL, &r), RNS_ERR_ARG);
    assert_int_equal(rns_request(node, now, bed.a, PATH, (rns_bytes_t){NULL, 1}, NULL, &r),
                     RNS_ERR_ARG);
    const rns_request_options_t wrong[] = {
        {.timeout_us = -1}, {.memory = {NULL, 1}}, {.metadata = {NULL, 1}}, {.sink = &no_write}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(rns_request(node, now, bed.a, PATH, NONE, &wrong[i], &r), RNS_ERR_ARG);
    }
    rns_link_t pending;
    assert_int_equal(rns_dest_links(bed.p->b.node, bed.p->dest, false), RNS_ERR_OK);
    assert_int_equal(rns_link_open(node, now, &bed.p->hash, &pending), RNS_ERR_OK);
    assert_int_equal(rns_request(node, now, pending, PATH, NONE, NULL, &r), RNS_ERR_STATE);
    assert_int_equal(rns_link_close(node, now, pending), RNS_ERR_OK);
    const rns_request_t nobody = {0, 0};
    assert_int_equal(rns_request_cancel(node, now, nobody), RNS_ERR_GONE);
    close_bed(bed);
}

static bool lose_all(pair_t *pair, bool to_b, rns_mem_t frame) {
    (void)pair, (void)to_b, (void)frame;
    return false;
}

static void a_silent_link_may_be_asked_over(void **state) {
    (void)state;
    bed_t bed = open_bed();
    bed.p->hook = lose_all;
    rns_link_info_t info = {.state = RNS_LINK_ACTIVE};
    for (int i = 0; i < 30 && info.state == RNS_LINK_ACTIVE; i++) {
        pair_run(bed.p, SECOND);
        assert_int_equal(rns_link_info(bed.p->a.node, bed.a, &info), RNS_ERR_OK);
    }
    assert_int_equal(info.state, RNS_LINK_STALE);
    bed.p->hook = NULL;
    bed.p->b.react = answer_at_once;
    ask(bed);
    pair_run(bed.p, SECOND);
    assert_ended(&bed.p->a, RNS_EV_RESPONSE, 1, RNS_ERR_OK);
    close_bed(bed);
}

// ---- How a query ends

static void a_query_may_be_dropped(void **state) {
    (void)state;
    bed_t bed = open_bed();
    ask(bed);
    pair_run(bed.p, SECOND);
    const rns_query_t query = query_of(bed);
    assert_int_equal(rns_query_drop(bed.p->b.node, query), RNS_ERR_OK);
    assert_ended(&bed.p->b, RNS_EV_QUERY_DONE, 1, RNS_ERR_CANCELLED);
    assert_int_equal(rns_query_drop(bed.p->b.node, query), RNS_ERR_GONE);
    pair_run(bed.p, TIMEOUT);
    assert_ended(&bed.p->a, RNS_EV_RESPONSE, 1, RNS_ERR_TIMEOUT);
    close_bed(bed);
}

static void an_answer_is_a_value(void **state) {
    (void)state;
    bed_t bed = open_bed();
    ask(bed);
    pair_run(bed.p, SECOND);
    assert_int_equal(rns_respond(bed.p->b.node, bed.p->now, query_of(bed), NONE), RNS_ERR_ARG);
    const rns_source_t none = {0};
    assert_int_equal(
        rns_respond_file(bed.p->b.node, bed.p->now, query_of(bed), &none, 10, NONE, false),
        RNS_ERR_ARG);
    const rns_query_t nobody = {0, 0};
    assert_int_equal(rns_respond(bed.p->b.node, bed.p->now, nobody, BYTES(WORLD)), RNS_ERR_GONE);
    assert_int_equal(rns_respond_file(bed.p->b.node, bed.p->now, nobody, &none, 10, NONE, false),
                     RNS_ERR_GONE);
    close_bed(bed);
}

// One more than a link may have: its oldest, whom nobody answered, makes room.
static void the_oldest_query_of_a_link_makes_room(void **state) {
    (void)state;
    bed_t bed = open_bed();
    rns_query_t oldest = {0, 0};
    for (int i = 0; i < 9; i++) {
        const rns_request_t request = ask(bed);
        pair_run(bed.p, SECOND);
        oldest = i == 0 ? query_of(bed) : oldest;
        assert_int_equal(rns_request_cancel(bed.p->a.node, bed.p->now, request), RNS_ERR_OK);
    }
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 9);
    assert_ended(&bed.p->b, RNS_EV_QUERY_DONE, 1, RNS_ERR_CULLED);
    assert_int_equal(pair_last(&bed.p->b, RNS_EV_QUERY_DONE)->event.query.slot, oldest.slot);
    assert_int_equal(pair_used(&bed.p->b, RNS_POOL_QUERY), 8);
    rns_pool_info_t info;
    rns_pool_info(bed.p->b.node, RNS_POOL_QUERY, &info);
    assert_int_equal(info.culled, 1);
    close_bed(bed);
}

static void the_oldest_query_of_all_makes_room_in_a_full_row(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_QUERY] = 2};
    bed_t bed = open_with((pair_setup_t){.count = count});
    ask(bed);
    ask(bed);
    pair_run(bed.p, SECOND);
    const rns_query_t oldest = bed.p->b.heard[0].event.query;
    bed_t other = {.p = bed.p};
    pair_link(bed.p, &other.a, &other.b);
    ask(other);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 3);
    assert_ended(&bed.p->b, RNS_EV_QUERY_DONE, 1, RNS_ERR_CULLED);
    const rns_event_t *culled = &pair_last(&bed.p->b, RNS_EV_QUERY_DONE)->event;
    assert_int_equal(culled->query.slot, oldest.slot);
    assert_int_equal(culled->query.gen, oldest.gen);
    assert_int_equal(culled->link.slot, bed.b.slot);
    assert_int_equal(rns_link_close(bed.p->a.node, bed.p->now, other.a), RNS_ERR_OK);
    close_bed(bed);
}

// ---- The application may do anything in an event

static void close_link(side_t *side, const rns_event_t *event) {
    if (event->type == RNS_EV_REQUEST || event->type == RNS_EV_RESPONSE ||
        event->type == RNS_EV_QUERY_DONE) {
        rns_link_close(side->node, side->pair->now, event->link);
    }
}

static void the_link_may_be_closed_when_it_is_asked(void **state) {
    (void)state;
    bed_t bed = open_bed();
    bed.p->b.react = close_link;
    ask(bed);
    ask(bed);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 1);
    assert_ended(&bed.p->b, RNS_EV_QUERY_DONE, 1, RNS_ERR_CLOSED);
    assert_ended(&bed.p->a, RNS_EV_RESPONSE, 2, RNS_ERR_CLOSED);
    close_bed(bed);
}

static void the_link_may_be_closed_when_one_of_its_requests_ends(void **state) {
    (void)state;
    bed_t bed = open_bed();
    bed.p->a.react = close_link;
    ask(bed);
    const rns_request_t second = ask(bed);
    assert_int_equal(rns_request_cancel(bed.p->a.node, bed.p->now, second), RNS_ERR_OK);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 2);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_LINK_DOWN), 1);
    close_bed(bed);
}

static void the_link_may_be_closed_when_a_query_makes_room(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_QUERY] = 1};
    bed_t bed = open_with((pair_setup_t){.count = count});
    ask(bed);
    pair_run(bed.p, SECOND);
    bed.p->b.react = close_link;
    ask(bed);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 1); // the other had nowhere to go
    assert_ended(&bed.p->b, RNS_EV_QUERY_DONE, 1, RNS_ERR_CULLED);
    assert_int_equal(pair_verdicts(&bed.p->b, RNS_RX_FULL), 1);
    close_bed(bed);
}

static void remove_handler(side_t *side, const rns_event_t *event) {
    if (event->type == RNS_EV_QUERY_DONE) {
        assert_int_equal(rns_request_handler_remove(side->node, side->pair->dest, PATH),
                         RNS_ERR_OK);
    }
}

static void the_handler_may_be_removed_when_a_query_makes_room(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_QUERY] = 1};
    bed_t bed = open_with((pair_setup_t){.count = count});
    ask(bed);
    pair_run(bed.p, SECOND);
    bed.p->b.react = remove_handler;
    ask(bed);
    pair_run(bed.p, SECOND);
    assert_int_equal(pair_count(&bed.p->b, RNS_EV_REQUEST), 1);
    assert_int_equal(pair_verdicts(&bed.p->b, RNS_RX_NOT_ALLOWED), 1);
    close_bed(bed);
}

static void ask_again(side_t *side, const rns_event_t *event) {
    rns_request_t request;
    if (event->type == RNS_EV_RESPONSE) {
        const rns_err_t err =
            rns_request(side->node, side->pair->now, event->link, PATH, NONE, NULL, &request);
        assert_true(err == RNS_ERR_OK || event->status == RNS_ERR_CLOSED);
        assert_true(err == RNS_ERR_OK || err == RNS_ERR_GONE);
    }
}

static void one_may_ask_again_when_a_request_ends(void **state) {
    (void)state;
    bed_t bed = open_bed();
    bed.p->a.react = ask_again;
    bed.p->b.react = answer_at_once;
    ask(bed);
    pair_run(bed.p, SECOND);
    const size_t answered = pair_count(&bed.p->a, RNS_EV_RESPONSE);
    assert_true(answered > 10);
    rns_link_close(bed.p->a.node, bed.p->now, bed.a);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), answered + 1);
    close_bed(bed);
}

// ---- Hostile peers

static rns_verdict_t verdict_of(bed_t bed, bool to_b, rnsi_context_t context, rns_bytes_t plain) {
    side_t *from = to_b ? &bed.p->a : &bed.p->b;
    struct rnsi_link *link = rnsi_link_get(from->node, to_b ? bed.a : bed.b);
    assert_true(rnsi_link_send(from->node, link, context, (rnsi_out_t){plain, NONE}, NULL));
    pair_drain(bed.p, from);
    bed.p->now += bed.p->delay;
    return pair_deliver(bed.p);
}

static void what_is_no_request_is_malformed(void **state) {
    (void)state;
    bed_t bed = open_bed();
    assert_int_equal(verdict_of(bed, true, RNSI_CONTEXT_REQUEST, NONE), RNS_RX_MALFORMED);
    assert_int_equal(verdict_of(bed, true, RNSI_CONTEXT_REQUEST, BYTES(HELLO)), RNS_RX_MALFORMED);
    assert_int_equal(verdict_of(bed, false, RNSI_CONTEXT_RESPONSE, NONE), RNS_RX_MALFORMED);
    assert_int_equal(verdict_of(bed, false, RNSI_CONTEXT_RESPONSE, BYTES(HELLO)), RNS_RX_MALFORMED);
    close_bed(bed);
}

static void an_answer_that_nobody_waits_for_is_not_taken(void **state) {
    (void)state;
    bed_t bed = open_bed();
    ask(bed);
    pair_run(bed.p, SECOND);
    uint8_t answer[19 + sizeof WORLD] = {0x92, 0xC4, 0x10};
    memcpy(answer + 3, pair_last(&bed.p->b, RNS_EV_REQUEST)->request_id, 16);
    memcpy(answer + 19, WORLD, sizeof WORLD);
    // Of another id, and over another link.
    answer[3] ^= 1;
    assert_int_equal(verdict_of(bed, false, RNSI_CONTEXT_RESPONSE, BYTES(answer)), RNS_RX_NOT_NOW);
    answer[3] ^= 1;
    bed_t other = {.p = bed.p};
    pair_link(bed.p, &other.a, &other.b);
    assert_int_equal(verdict_of(other, false, RNSI_CONTEXT_RESPONSE, BYTES(answer)),
                     RNS_RX_NOT_NOW);
    assert_int_equal(pair_count(&bed.p->a, RNS_EV_RESPONSE), 0);
    // The same over the right one, and again.
    assert_int_equal(verdict_of(bed, false, RNSI_CONTEXT_RESPONSE, BYTES(answer)),
                     RNS_RX_DELIVERED);
    assert_int_equal(verdict_of(bed, false, RNSI_CONTEXT_RESPONSE, BYTES(answer)), RNS_RX_NOT_NOW);
    assert_ended(&bed.p->a, RNS_EV_RESPONSE, 1, RNS_ERR_OK);
    assert_int_equal(rns_link_close(bed.p->a.node, bed.p->now, other.a), RNS_ERR_OK);
    close_bed(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_answered),
        cmocka_unit_test(the_path_is_told_by_its_hash),
        cmocka_unit_test(the_answer_may_come_later),
        cmocka_unit_test(several_are_under_way_at_once),
        cmocka_unit_test(an_unknown_path_is_not_answered),
        cmocka_unit_test(nobody_may_ask_where_the_handler_says_so),
        cmocka_unit_test(a_list_wants_one_of_its_identities),
        cmocka_unit_test(a_list_keeps_others_out),
        cmocka_unit_test(the_initiator_is_not_asked),
        cmocka_unit_test(a_request_above_the_limit_is_ignored),
        cmocka_unit_test(a_handler_that_is_removed_is_not_asked),
        cmocka_unit_test(handlers_go_with_their_destination),
        cmocka_unit_test(handlers_are_as_many_as_their_row),
        cmocka_unit_test(a_handler_wants_a_path_and_a_list),
        cmocka_unit_test(its_timeout_may_be_said),
        cmocka_unit_test(it_may_be_cancelled),
        cmocka_unit_test(a_closed_link_ends_both_sides),
        cmocka_unit_test(an_answer_above_the_limit_ends_it),
        cmocka_unit_test(a_link_has_so_many_requests_and_no_more),
        cmocka_unit_test(the_row_of_requests_may_be_full),
        cmocka_unit_test(what_makes_no_request_is_said),
        cmocka_unit_test(a_silent_link_may_be_asked_over),
        cmocka_unit_test(a_query_may_be_dropped),
        cmocka_unit_test(an_answer_is_a_value),
        cmocka_unit_test(the_oldest_query_of_a_link_makes_room),
        cmocka_unit_test(the_oldest_query_of_all_makes_room_in_a_full_row),
        cmocka_unit_test(the_link_may_be_closed_when_it_is_asked),
        cmocka_unit_test(the_link_may_be_closed_when_one_of_its_requests_ends),
        cmocka_unit_test(the_link_may_be_closed_when_a_query_makes_room),
        cmocka_unit_test(the_handler_may_be_removed_when_a_query_makes_room),
        cmocka_unit_test(one_may_ask_again_when_a_request_ends),
        cmocka_unit_test(what_is_no_request_is_malformed),
        cmocka_unit_test(an_answer_that_nobody_waits_for_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
