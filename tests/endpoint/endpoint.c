// A core that was built without transport, channels and resources (core/feature.h): what is left
// out is refused where it is asked for, counted where it comes, and the rest works.
#include "pair_help.h"
#include "rns/request.h"
#include "session/link.h"

#define ECHO "/echo"

static void answer(side_t *side, const rns_event_t *event) {
    if (event->type == RNS_EV_REQUEST) {
        assert_int_equal(rns_respond(side->node, event->at, event->query, event->data), RNS_ERR_OK);
    }
}

static size_t read_nothing(void *user, uint64_t offset, rns_mem_t out) {
    (void)user;
    (void)offset;
    (void)out;
    return 0;
}

static void transport_is_refused(void **state) {
    (void)state;
    pair_t *pair = pair_open((pair_setup_t){0});
    rns_config_t config = pair->a.config;
    rns_node_t *node;
    config.transport = true;
    config.identity = NULL;
    assert_int_equal(rns_open(&config, pair->now, &node), RNS_ERR_STATE);
    pair_close(pair);
}

static void channels_and_resources_are_refused(void **state) {
    (void)state;
    pair_t *pair = pair_open((pair_setup_t){0});
    rns_link_t of_a, of_b;
    pair_link(pair, &of_a, &of_b);
    rns_node_t *a = pair->a.node;
    rns_resource_t resource;
    const rns_source_t source = {.read = read_nothing};
    const rns_resource_options_t options = {0};
    assert_int_equal(rns_channel_open(a, pair->now, of_a), RNS_ERR_STATE);
    assert_int_equal(rns_channel_send(a, pair->now, of_a, 1, pair_text("x"), NULL), RNS_ERR_STATE);
    assert_int_equal(rns_resource_send(a, pair->now, of_a, &source, 1, &options, &resource),
                     RNS_ERR_STATE);
    pair_close(pair);
}

// A peer that has all offers them.
static void what_a_peer_sends_of_them_is_counted(void **state) {
    static const rnsi_context_t CONTEXTS[] = {RNSI_CONTEXT_CHANNEL,      RNSI_CONTEXT_RESOURCE_ADV,
                                              RNSI_CONTEXT_RESOURCE_REQ, RNSI_CONTEXT_RESOURCE_HMU,
                                              RNSI_CONTEXT_RESOURCE_ICL, RNSI_CONTEXT_RESOURCE_RCL};
    (void)state;
    pair_t *pair = pair_open((pair_setup_t){0});
    rns_link_t of_a, of_b;
    pair_link(pair, &of_a, &of_b);
    struct rnsi_link *link = rnsi_link_get(pair->a.node, of_a);
    const size_t kinds = sizeof CONTEXTS / sizeof *CONTEXTS;
    for (size_t i = 0; i < kinds; i++) {
        const rnsi_out_t bytes = {{NULL, 0}, pair_text("sixteen bytes...")};
        assert_true(rnsi_link_send(pair->a.node, link, CONTEXTS[i], bytes, NULL));
        pair_run(pair, SECOND / 10);
    }
    assert_true(rnsi_link_send_bare(pair->a.node, link, RNSI_TYPE_DATA, RNSI_CONTEXT_RESOURCE,
                                    pair_text("a part")));
    pair_run(pair, SECOND / 10);
    assert_int_equal(pair_verdicts(&pair->b, RNS_RX_NOT_NOW), kinds + 1);
    pair_close(pair);
}

static void packets_links_and_requests_work(void **state) {
    (void)state;
    pair_t *pair = pair_open((pair_setup_t){.prove = RNS_PROVE_ALL});
    rns_link_t of_a, of_b;
    rns_receipt_t receipt;
    rns_request_t request;
    pair->b.react = answer;
    assert_int_equal(rns_request_handler(pair->b.node, pair->dest, ECHO, RNS_ALLOW_ALL, NULL, 0),
                     RNS_ERR_OK);
    assert_int_equal(rns_send(pair->a.node, pair->now, &pair->hash, pair_text("hello"), &receipt),
                     RNS_ERR_OK);
    pair_link(pair, &of_a, &of_b);
    const uint8_t one[] = {0x01}; // a msgpack value
    assert_int_equal(
        rns_request(pair->a.node, pair->now, of_a, ECHO, (rns_bytes_t){one, 1}, NULL, &request),
        RNS_ERR_OK);
    pair_run(pair, SECOND);
    assert_int_equal(pair_last(&pair->a, RNS_EV_PROOF)->event.status, RNS_ERR_OK);
    const heard_t *response = pair_last(&pair->a, RNS_EV_RESPONSE);
    assert_non_null(response);
    assert_int_equal(response->event.status, RNS_ERR_OK);
    assert_int_equal(response->event.data.data[0], 0x01);
    pair_close(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transport_is_refused),
        cmocka_unit_test(channels_and_resources_are_refused),
        cmocka_unit_test(what_a_peer_sends_of_them_is_counted),
        cmocka_unit_test(packets_links_and_requests_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
