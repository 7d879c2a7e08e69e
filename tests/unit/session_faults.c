// A whole session between two nodes - link, packets, channel, stream, requests, transfers in both
// directions - while the 1st, 2nd, 3rd ... slot that it takes of each pool is refused, at either
// side. Whatever fails, nothing is left over, everything ends once, and the next session works.
#include "pair_help.h"

#define MOST_FAULTS 48U // of a pool and side; of those behind, every 7th
#define FAR_STEP    7U
#define FAR_MOST    400U
#define QUIET       (3000 * SECOND) // after that nothing of a session may be left

// ---- The fault: the linker sends all takes through here

static struct {
    const rnsi_memory_t *memory; // of the side that it hits
    uint32_t pool, nth, seen;
} fault;

void *__real_rnsi_pool_take(rnsi_pool_t *pool, rns_us_t now, const void *key);
void *__wrap_rnsi_pool_take(rnsi_pool_t *pool, rns_us_t now, const void *key);
void *__real_rnsi_pool_take_print(rnsi_pool_t *pool, rns_us_t now, const void *key, uint64_t print);
void *__wrap_rnsi_pool_take_print(rnsi_pool_t *pool, rns_us_t now, const void *key, uint64_t print);

static bool is_refused(const rnsi_pool_t *pool) {
    return pool->memory == fault.memory && pool->id == fault.pool && ++fault.seen == fault.nth;
}

void *__wrap_rnsi_pool_take(rnsi_pool_t *pool, rns_us_t now, const void *key) {
    return is_refused(pool) ? NULL : __real_rnsi_pool_take(pool, now, key);
}

void *__wrap_rnsi_pool_take_print(rnsi_pool_t *pool, rns_us_t now, const void *key,
                                  uint64_t print) {
    return is_refused(pool) ? NULL : __real_rnsi_pool_take_print(pool, now, key, print);
}

// ---- Two applications that do everything

typedef struct {
    rns_link_t link;
    rns_memory_sink_t sink;
    uint8_t bytes[16384], metadata[64], ring[512], request[4096], answer[4096];
    rns_buffer_t reader, writer;
    unsigned up, down, opened, receipts, proofs, requests, responses, sends, dones;
} app_t;

static app_t apps[2];
static uint8_t text[9000], value[1503]; // a msgpack bin of 1,500 bytes
static rns_bytes_t all_text = {text, sizeof text}, all_value = {value, sizeof value};

static void react(side_t *side, const rns_event_t *event) {
    app_t *app = side->user;
    const rns_us_t now = side->pair->now;
    const rns_sink_t sink = rns_sink_to(&app->sink);
    const rns_mem_t metadata = {app->metadata, sizeof app->metadata};
    switch (event->type) {
    case RNS_EV_LINK_UP:
        app->up++;
        app->link = event->link;
        (void)rns_link_accept(side->node, event->link, RNS_ACCEPT_ASK, NULL, metadata);
        (void)rns_channel_open(side->node, now, event->link);
        (void)rns_buffer_reader(side->node, now, event->link, 1,
                                (rns_mem_t){app->ring, sizeof app->ring}, &app->reader);
        break;
    case RNS_EV_LINK_DOWN:
        app->down++;
        break;
    case RNS_EV_PROOF:
        app->proofs++;
        break;
    case RNS_EV_RESPONSE:
        app->responses++;
        break;
    case RNS_EV_RESOURCE_DONE:
        app->dones += !event->is_incoming;
        break;
    case RNS_EV_RESOURCE_OFFER:
        app->sink.used = app->sink.committed = 0;
        (void)rns_resource_accept(side->node, now, event->resource, &sink, metadata);
        break;
    case RNS_EV_REQUEST_OFFER:
        (void)rns_request_take(side->node, now, event->resource,
                               (rns_mem_t){app->request, sizeof app->request});
        break;
    case RNS_EV_REQUEST:
        (void)rns_respond(side->node, now, event->query,
                          event->data.size > 8 ? all_value : event->data);
        break;
    case RNS_EV_BUFFER: {
        uint8_t out[256];
        while (rns_buffer_read(side->node, now, event->buffer, (rns_mem_t){out, sizeof out}, NULL) >
               0) {
        }
        break;
    }
    default:
        break;
    }
}

static void count_if(unsigned *count, rns_err_t err) {
    *count += err == RNS_ERR_OK;
}

static void act(side_t *side) {
    app_t *app = side->user;
    rns_node_t *node = side->node;
    const rns_us_t now = side->pair->now;
    const rns_source_t source = rns_source_of(&all_text);
    const rns_resource_options_t options = {.metadata = {(const uint8_t *)"\xA2hi", 3}};
    const rns_request_options_t wants = {.memory = {app->answer, sizeof app->answer}};
    static const uint8_t small[] = {0xA2, 'h', 'i'};
    rns_receipt_t receipt;
    rns_request_t request;
    rns_resource_t resource;
    for (uint16_t i = 0; i < 2; i++) { // the window is 2 at first
        (void)rns_channel_send(node, now, app->link, i, (rns_bytes_t){small, sizeof small}, NULL);
    }
    count_if(&app->receipts,
             rns_link_send(node, now, app->link, (rns_bytes_t){text, 40}, &receipt));
    count_if(&app->requests, rns_request(node, now, app->link, "p",
                                         (rns_bytes_t){small, sizeof small}, &wants, &request));
    count_if(&app->requests, rns_request(node, now, app->link, "p", all_value, &wants, &request));
    count_if(&app->sends,
             rns_resource_send(node, now, app->link, &source, sizeof text, &options, &resource));
}

static void act_later(side_t *side) {
    app_t *app = side->user;
    const rns_us_t now = side->pair->now;
    const rns_source_t source = rns_source_of(&all_text);
    const rns_resource_options_t plain = {.no_compress = true};
    rns_resource_t resource;
    count_if(&app->sends, rns_resource_send(side->node, now, app->link, &source, sizeof text,
                                            &plain, &resource));
    if (rns_buffer_writer(side->node, now, app->link, 1, &app->writer) == RNS_ERR_OK) {
        (void)rns_buffer_write(side->node, now, app->writer, (rns_bytes_t){text, 700});
        (void)rns_buffer_close(side->node, now, app->writer);
    }
}

static void session(pair_t *p) {
    const rns_secret_t me = pair_secret(7);
    rns_link_t link;
    if (rns_link_open(p->a.node, p->now, &p->hash, &link) != RNS_ERR_OK) {
        return;
    }
    apps[0].opened++;
    pair_run(p, SECOND);
    (void)rns_link_identify(p->a.node, p->now, link, &me);
    act(&p->a);
    act(&p->b);
    pair_run(p, 10 * SECOND);
    act_later(&p->a);
    act_later(&p->b);
    pair_run(p, 60 * SECOND);
    (void)rns_link_close(p->a.node, p->now, link);
    pair_run(p, QUIET);
}

static pair_t *open_pair(void) {
    pair_t *p = pair_open((pair_setup_t){.crypto = &rns_crypto_fake,
                                         .compress = &rns_compress_bz2,
                                         .prove = RNS_PROVE_ALL,
                                         .profile = RNS_PROFILE_ROUTER});
    side_t *const sides[] = {&p->a, &p->b};
    memset(apps, 0, sizeof apps);
    for (size_t i = 0; i < sizeof text; i++) { // no two parts alike: the fake cipher would show it
        text[i] = (uint8_t)('a' + i / 464);
    }
    memset(value, 'y', sizeof value);
    value[0] = 0xC5, value[1] = 1500 >> 8, value[2] = 1500 & 255;
    for (int i = 0; i < 2; i++) {
        apps[i].sink.mem = (rns_mem_t){apps[i].bytes, sizeof apps[i].bytes};
        sides[i]->user = &apps[i];
        sides[i]->react = react;
    }
    assert_int_equal(rns_request_handler(p->b.node, p->dest, "p", RNS_ALLOW_ALL, NULL, 0),
                     RNS_ERR_OK);
    return p;
}

static void assert_ended(const pair_t *p) {
    for (int i = 0; i < 2; i++) {
        const app_t *app = &apps[i];
        const unsigned own = i == 0 ? app->opened : app->up;
        if (own != app->down || app->receipts != app->proofs || app->requests != app->responses ||
            app->sends != app->dones) {
            fail_msg("pool %u, take %u: links %u/%u, receipts %u/%u, requests %u/%u, sends %u/%u",
                     fault.pool, fault.nth, own, app->down, app->receipts, app->proofs,
                     app->requests, app->responses, app->sends, app->dones);
        }
    }
    pair_assert_idle(&p->a);
    pair_assert_idle(&p->b);
}

static void a_session_without_faults_does_all_it_should(void **state) {
    (void)state;
    pair_t *p = open_pair();
    fault.memory = NULL;
    session(p);
    assert_ended(p);
    assert_int_equal(apps[0].up, 1);
    assert_int_equal(apps[1].up, 1);
    assert_int_equal(pair_count(&p->a, RNS_EV_CHANNEL), 2);
    assert_int_equal(pair_count(&p->b, RNS_EV_CHANNEL), 2);
    assert_int_equal(apps[0].requests, 2);
    assert_int_equal(pair_last(&p->a, RNS_EV_RESPONSE)->event.status, RNS_ERR_OK);
    assert_int_equal(pair_last(&p->a, RNS_EV_RESOURCE_DONE)->event.status, RNS_ERR_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(apps[i].sends, 2);
        assert_int_equal(apps[i].sink.committed, sizeof text);
        assert_memory_equal(apps[i].bytes, text, sizeof text);
    }
    pair_close(p);
}

// True: there was such a take.
static bool with_fault(rns_pool_t pool, int side, uint32_t nth) {
    pair_t *p = open_pair();
    fault.memory = side == 0 ? &p->a.node->memory : &p->b.node->memory;
    fault.pool = pool;
    fault.nth = nth;
    fault.seen = 0;
    session(p);
    const bool hit = fault.seen >= nth;
    fault.memory = NULL;
    assert_ended(p);
    if (hit) { // and the next one is as if nothing had been
        pair_forget(&p->a);
        pair_forget(&p->b);
        session(p);
        assert_ended(p);
        assert_int_equal(pair_count(&p->b, RNS_EV_LINK_UP), 1);
        assert_int_equal(pair_last(&p->a, RNS_EV_RESOURCE_DONE)->event.status, RNS_ERR_OK);
    }
    pair_close(p);
    return hit;
}

static void every_take_may_fail(void **state) {
    (void)state;
    static const rns_pool_t ALSO[] = {RNS_POOL_FRAME, RNS_POOL_TXREF, RNS_POOL_RECEIPT,
                                      RNS_POOL_PROVE_ASK};
    const uint32_t session_pools = RNS_POOL_COUNT - RNS_POOL_LINK;
    for (uint32_t i = 0; i < session_pools + sizeof ALSO / sizeof *ALSO; i++) {
        const rns_pool_t pool =
            i < session_pools ? (rns_pool_t)(RNS_POOL_LINK + i) : ALSO[i - session_pools];
        for (int side = 0; side < 2; side++) {
            uint32_t nth = 1;
            while (nth < FAR_MOST && with_fault(pool, side, nth)) {
                nth += nth < MOST_FAULTS ? 1 : FAR_STEP;
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_without_faults_does_all_it_should),
        cmocka_unit_test(every_take_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
