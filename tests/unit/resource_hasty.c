// A peer that offers a resource before it takes requests for it, as the reference does for a
// moment: the first request is lost on it. From then on it is asked a little later.
#include "pair_help.h"
#include "wire/packet.h"

#define SIZE (RNS_RESOURCE_SEGMENT + 1000U) // two segments

typedef struct {
    rns_us_t offered, asked; // the newest offer's arrival; the first request after it
    unsigned offers, lose;   // requests to be lost
    rns_us_t gap[4];         // between them, by offer
} watch_t;

static uint8_t bytes[SIZE];
static uint8_t got[SIZE];
static rns_bytes_t all = {bytes, sizeof bytes};
static rns_memory_sink_t sink = {.mem = {got, sizeof got}};

static bool watch(pair_t *pair, bool to_b, rns_mem_t frame) {
    watch_t *w = pair->user;
    rnsi_packet_t packet;
    if (!rnsi_packet_parse(frame, &packet)) {
        return true;
    }
    if (to_b && packet.context == RNSI_CONTEXT_RESOURCE_ADV) {
        w->offered = pair->now + pair->delay;
        w->offers++;
        w->asked = 0;
    } else if (!to_b && packet.context == RNSI_CONTEXT_RESOURCE_REQ) {
        if (w->asked == 0 && w->offers <= 4) {
            w->asked = pair->now;
            w->gap[w->offers - 1] = pair->now - w->offered;
        }
        if (w->lose > 0) {
            w->lose--;
            return false;
        }
    }
    return true;
}

static watch_t send_with(unsigned lose) {
    pair_t *p = pair_open((pair_setup_t){.hw_mtu = 2048});
    watch_t w = {.lose = lose};
    rns_link_t a, b;
    rns_resource_t resource;
    const rns_source_t source = rns_source_of(&all);
    const rns_sink_t to = rns_sink_to(&sink);
    const rns_resource_options_t plain = {.no_compress = true};
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    }
    sink.used = sink.committed = 0;
    pair_link(p, &a, &b);
    assert_int_equal(rns_link_accept(p->b.node, b, RNS_ACCEPT_ALL, &to, (rns_mem_t){NULL, 0}),
                     RNS_ERR_OK);
    p->hook = watch;
    p->user = &w;
    assert_int_equal(rns_resource_send(p->a.node, p->now, a, &source, SIZE, &plain, &resource),
                     RNS_ERR_OK);
    pair_run(p, 120 * SECOND);
    assert_non_null(pair_last(&p->a, RNS_EV_RESOURCE_DONE));
    assert_int_equal(pair_last(&p->a, RNS_EV_RESOURCE_DONE)->event.status, RNS_ERR_OK);
    assert_int_equal(sink.committed, SIZE);
    assert_memory_equal(got, bytes, SIZE);
    pair_close(p);
    return w;
}

static void a_peer_that_listens_is_asked_at_once(void **state) {
    (void)state;
    const watch_t w = send_with(0);
    assert_int_equal(w.offers, 2);
    assert_int_equal(w.gap[0], 0);
    assert_int_equal(w.gap[1], 0);
}

static void a_peer_that_lost_the_first_request_is_asked_later_from_then_on(void **state) {
    (void)state;
    const watch_t w = send_with(1);
    assert_int_equal(w.offers, 2);
    assert_int_equal(w.gap[0], 0);
    assert_int_equal(w.gap[1], 15 * MS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_that_listens_is_asked_at_once),
        cmocka_unit_test(a_peer_that_lost_the_first_request_is_asked_later_from_then_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
