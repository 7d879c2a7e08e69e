// Requests and answers, short and long, over a wire that loses frames, with everything done at any
// time: each request and each query ends exactly once, and no slot is left.
#include "pair_help.h"

#define PATH  "/test"
#define LONG  5000U
#define SEEDS 200U
#define STEPS 60U

#define BYTES(array) ((rns_bytes_t){(array), sizeof(array)})

static const uint8_t WORLD[] = {0xA5, 'w', 'o', 'r', 'l', 'd'};            // msgpack of "world"
static const uint8_t NAME[] = {0x81, 0xA4, 'n', 'a', 'm', 'e', 0xA1, 'x'}; // {"name": "x"}

typedef struct {
    pair_t *p;
    rns_link_t a, b;
    uint64_t dice;
    unsigned loss; // of 100 frames
    unsigned asks;
    rns_request_t requests[STEPS];
    rns_query_t queries[STEPS];
    unsigned request_count, query_count;
} soak_t;

static soak_t soak;
static size_t soak_answered, soak_long; // over all seeds
static uint8_t soak_value[LONG + 3], soak_data[STEPS][LONG + 3], soak_answer[STEPS][2 * LONG];
static uint8_t soak_given[STEPS][2 * LONG], soak_about[STEPS][16];

// A bin of LONG bytes, and something in it that does not compress.
static rns_bytes_t long_value(uint8_t *out, uint64_t seed) {
    const uint8_t head[] = {0xC5, LONG >> 8, LONG & 0xFF};
    memcpy(out, head, sizeof head);
    for (size_t i = 0; i < LONG; i++) {
        out[sizeof head + i] = (uint8_t)pair_dice(&seed);
    }
    return (rns_bytes_t){out, sizeof head + LONG};
}

static size_t read_file(void *user, uint64_t offset, rns_mem_t out) {
    (void)user;
    for (size_t i = 0; i < out.size; i++) {
        out.data[i] = (uint8_t)((offset + i) * 7);
    }
    return out.size;
}

static const rns_source_t FILE_OF = {read_file, NULL};

static unsigned roll(unsigned sides) {
    return (unsigned)(pair_dice(&soak.dice) % sides);
}

static bool lose_some(pair_t *pair, bool to_b, rns_mem_t frame) {
    (void)pair, (void)to_b, (void)frame;
    return roll(100) >= soak.loss;
}

static void answer_somehow(side_t *side, rns_query_t query) {
    const rns_us_t now = side->pair->now;
    switch (roll(5)) {
    case 0:
        rns_respond(side->node, now, query, BYTES(WORLD));
        break;
    case 1:
        rns_respond(side->node, now, query, (rns_bytes_t){soak_value, sizeof soak_value});
        break;
    case 2:
        rns_respond_file(side->node, now, query, &FILE_OF, roll(2) * LONG, BYTES(NAME), true);
        break;
    case 3:
        rns_query_drop(side->node, query);
        break;
    default: // later, or never
        break;
    }
}

static void react_somehow(side_t *side, const rns_event_t *event) {
    if (event->type == RNS_EV_REQUEST_OFFER && roll(4) > 0) {
        const rns_mem_t memory = {soak_given[roll(STEPS)], roll(8) > 0 ? 2 * LONG : 100};
        rns_request_take(side->node, side->pair->now, event->resource, memory);
    } else if (event->type == RNS_EV_REQUEST) {
        soak.queries[soak.query_count++ % STEPS] = event->query;
        answer_somehow(side, event->query);
    }
}

static void ask_somehow(unsigned step) {
    rns_request_options_t options = {.timeout_us = roll(20) * SECOND};
    if (roll(4) > 0) {
        options.memory = (rns_mem_t){soak_answer[step], 2 * LONG};
        options.metadata = (rns_mem_t){soak_about[step], sizeof soak_about[step]};
    }
    const rns_bytes_t data = {soak_data[step], roll(2) * sizeof soak_data[step]};
    rns_request_t *request = &soak.requests[soak.request_count % STEPS];
    if (rns_request(soak.p->a.node, soak.p->now, soak.a, roll(8) > 0 ? PATH : "?", data, &options,
                    request) == RNS_ERR_OK) {
        soak.request_count++;
    }
}

static void step_somehow(unsigned step) {
    switch (roll(6)) {
    case 0:
    case 1:
    case 2:
        ask_somehow(step);
        break;
    case 3:
        rns_request_cancel(soak.p->a.node, soak.p->now, soak.requests[roll(STEPS)]);
        break;
    default:
        answer_somehow(&soak.p->b, soak.queries[roll(STEPS)]);
    }
    pair_run(soak.p, roll(3) == 0 ? roll(3000) * MS : roll(100) * MS);
}

static void open_soak(uint64_t seed) {
    const rns_profile_t profile = seed % 3 == 0 ? RNS_PROFILE_TINY : RNS_PROFILE_MCU;
    soak = (soak_t){
        .p = pair_open((pair_setup_t){.profile = profile}), .dice = seed, .loss = seed % 4 * 10};
    pair_link(soak.p, &soak.a, &soak.b);
    assert_int_equal(
        rns_request_handler(soak.p->b.node, soak.p->dest, PATH, RNS_ALLOW_ALL, NULL, 0),
        RNS_ERR_OK);
    soak.p->b.react = react_somehow;
    soak.p->hook = lose_some;
}

static void soak_once(uint64_t seed) {
    open_soak(seed);
    pair_t *p = soak.p;
    for (unsigned step = 0; step < STEPS; step++) {
        step_somehow(step);
    }
    p->hook = NULL;
    rns_link_close(p->a.node, p->now, soak.a);
    pair_run(p, 60 * SECOND); // if a's link ended before, and b did not hear of it
    assert_int_equal(pair_count(&p->a, RNS_EV_RESPONSE), soak.request_count);
    assert_int_equal(pair_count(&p->b, RNS_EV_REQUEST), pair_count(&p->b, RNS_EV_QUERY_DONE));
    assert_int_equal(pair_count(&p->a, RNS_EV_LINK_DOWN), 1);
    for (size_t i = 0; i < p->a.heard_count; i++) {
        const rns_event_t *e = &p->a.heard[i].event;
        soak_answered += e->type == RNS_EV_RESPONSE && e->status == RNS_ERR_OK;
        soak_long += e->type == RNS_EV_RESPONSE && e->status == RNS_ERR_OK && e->size >= LONG;
    }
    pair_assert_idle(&p->a);
    pair_assert_idle(&p->b);
    pair_close(p);
}

static void each_ends_once_whatever_happens(void **state) {
    (void)state;
    long_value(soak_value, 40);
    for (unsigned i = 0; i < STEPS; i++) {
        long_value(soak_data[i], 100 + i);
    }
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        soak_once(seed);
    }
    assert_true(soak_answered > 3 * SEEDS && soak_long > SEEDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_ends_once_whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
