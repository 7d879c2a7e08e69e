// Random announces that wait for air time, against a naive version: an array that is searched for
// the one that goes next.
#include "route_help.h"

#include "route/airtime.h"

#define IFACES 3
#define DESTS  120
#define SHARE  50 // a quarter of the row
#define STEPS  20000
#define SEEDS  4

typedef struct {
    bool waits;
    uint8_t hops;
    uint64_t emission_s, order;
    rns_us_t queued;
} waiting_t;

typedef struct {
    bench_t *bench;
    struct rnsi_iface *iface[IFACES];
    waiting_t waiting[IFACES][DESTS];
    uint64_t dice, order;
} model_t;

static uint32_t below(model_t *m, uint32_t limit) { // SplitMix64
    uint64_t z = m->dice += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return (uint32_t)((z ^ z >> 31) % limit);
}

static uint32_t count(const model_t *m, int i) {
    uint32_t n = 0;
    for (int d = 0; d < DESTS; d++) {
        n += m->waiting[i][d].waits;
    }
    return n;
}

static void queue(model_t *m) {
    const int i = (int)below(m, IFACES);
    const uint32_t d = below(m, DESTS), emission_s = below(m, 1000);
    const uint8_t hops = (uint8_t)below(m, 6);
    uint8_t dest[16];
    bench_dest(dest, d);
    const uint32_t cache = bench_cached(m->bench, dest, 84);
    rnsi_airtime_queue(m->bench->node, m->iface[i], cache, hops, emission_s, dest);
    rnsi_cache_unpin(m->bench->node, cache);
    waiting_t *w = &m->waiting[i][d];
    if (w->waits ? emission_s > w->emission_s : count(m, i) < SHARE) {
        *w = (waiting_t){true, hops, emission_s, m->order++, m->bench->node->now};
    }
}

// The naive version's next one, or -1.
static int next_of(const model_t *m, int i) {
    int best = -1;
    for (int d = 0; d < DESTS; d++) {
        const waiting_t *w = &m->waiting[i][d], *b = best < 0 ? NULL : &m->waiting[i][best];
        if (w->waits &&
            (b == NULL || w->hops < b->hops || (w->hops == b->hops && w->order < b->order))) {
            best = d;
        }
    }
    return best;
}

static void release(model_t *m) {
    const int i = (int)below(m, IFACES);
    const int expected = next_of(m, i);
    uint8_t frame[600];
    m->iface[i]->announce_allowed_at = 0;
    rnsi_airtime_release(m->bench->node, m->iface[i]);
    const size_t size = bench_sent(m->bench, m->iface[i], frame);
    assert_int_equal(size > 0 ? frame[18] : -1, expected);
    if (expected >= 0) {
        assert_int_equal(frame[1], m->waiting[i][expected].hops);
        m->waiting[i][expected].waits = false;
    }
}

static void drop_all(model_t *m) {
    const int i = (int)below(m, IFACES);
    assert_int_equal(rnsi_airtime_drop_all(m->bench->node, m->iface[i]), count(m, i));
    memset(m->waiting[i], 0, sizeof m->waiting[i]);
}

// Everything becomes too old, and is gone after a few looks at it.
static void grow_old(model_t *m) {
    m->bench->node->now += 3 * HOUR + 1;
    for (int i = 0; i < IFACES * SHARE; i++) {
        rnsi_airtime_release(m->bench->node, m->iface[i % IFACES]);
    }
    memset(m->waiting, 0, sizeof m->waiting);
}

static void check(const model_t *m) {
    uint32_t all = 0;
    for (int i = 0; i < IFACES; i++) {
        assert_int_equal(m->iface[i]->queue_count, count(m, i));
        assert_int_equal(m->iface[i]->queue_root == RNSI_NONE, count(m, i) == 0);
        all += count(m, i);
    }
    assert_int_equal(RNSI_POOL(m->bench->node, ANNOUNCE_QUEUE)->used, all);
    assert_int_equal(RNSI_POOL(m->bench->node, ANNOUNCE_CACHE)->used, all); // unpinned once each
}

static void step(model_t *m) {
    const uint32_t what = below(m, 1000);
    m->bench->node->now += 1 + below(m, 1000);
    if (what < 2) {
        grow_old(m);
    } else if (what < 5) {
        drop_all(m);
    } else if (what < 600) {
        queue(m);
    } else {
        release(m);
    }
}

static void queues_release_as_a_sorted_list_would(void **state) {
    (void)state;
    static const rns_iface_config_t CONFIG = {.name = "Test"};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        model_t *m = test_calloc(1, sizeof *m);
        m->dice = seed;
        m->bench = bench_new();
        m->bench->config.count[RNS_POOL_ANNOUNCE_QUEUE] = 4 * SHARE;
        bench_open(m->bench, 0);
        for (int i = 0; i < IFACES; i++) {
            m->iface[i] = bench_iface(m->bench, &CONFIG);
            m->iface[i]->queue_order = UINT32_MAX - 2000; // it wraps around on the way
        }
        for (int i = 0; i < STEPS; i++) {
            step(m);
            check(m);
        }
        bench_free(m->bench);
        test_free(m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(queues_release_as_a_sorted_list_would)};
    return cmocka_run_group_tests_name("airtime queue", tests, NULL, NULL);
}
