// The path table against a model: plain arrays, no pools, the rules for announces written down as
// the reference has them. Many seeds of random announces, uses, failures and lost interfaces.
#include "node_help.h"

#include "route/path.h"

#define SEEDS  40U
#define STEPS  600U
#define DESTS  6U
#define IFACES 4U
#define BLOBS  64U
#define HOUR   (3600 * SECOND)

typedef struct {
    uint64_t emitted;
    unsigned noise;
} blob_t;

typedef struct {
    bool there;
    unsigned hops, via, on;
    blob_t blobs[BLOBS]; // oldest first
    unsigned count;
    rns_us_t used, stamp, expires, life; // stamp: what its age counts from
    rns_path_state_t state;
} known_t;

typedef struct {
    bed_t *bed;
    uint64_t dice;
    known_t known[DESTS];
    rns_mode_t mode[IFACES];
    int32_t gravity[IFACES];
    unsigned on[IFACES]; // its number in the bed
} world_t;

static rns_us_t life_of(rns_mode_t mode) {
    return mode == RNS_MODE_ACCESS_POINT ? 24 * HOUR
           : mode == RNS_MODE_ROAMING    ? 6 * HOUR
                                         : 7 * 24 * HOUR;
}

// ---- The rules

static bool is_there(world_t *w, unsigned dest) {
    known_t *k = &w->known[dest];
    if (k->there && w->bed->now - k->stamp >= k->life) {
        k->there = false;
    }
    return k->there;
}

static bool knows(const known_t *k, blob_t blob) {
    for (unsigned i = 0; i < k->count; i++) {
        if (k->blobs[i].emitted == blob.emitted && k->blobs[i].noise == blob.noise) {
            return true;
        }
    }
    return false;
}

static uint64_t newest(const known_t *k) {
    uint64_t most = 0;
    for (unsigned i = 0; i < k->count; i++) {
        most = k->blobs[i].emitted > most ? k->blobs[i].emitted : most;
    }
    return most;
}

static bool nearer_wins(const world_t *w, const known_t *k, blob_t blob, unsigned iface) {
    if (!knows(k, blob) && blob.emitted > newest(k)) {
        return true;
    }
    return blob.emitted == newest(k) && w->gravity[iface] > w->gravity[k->on];
}

static bool farther_wins(const world_t *w, const known_t *k, blob_t blob) {
    if (w->bed->now >= k->expires) {
        return !knows(k, blob);
    }
    uint64_t heard = 0;
    for (unsigned i = 0; i < k->count && heard < blob.emitted; i++) {
        heard = k->blobs[i].emitted > heard ? k->blobs[i].emitted : heard;
    }
    if (blob.emitted > heard) {
        return !knows(k, blob);
    }
    return blob.emitted == heard && k->state == RNS_PATH_UNRESPONSIVE;
}

static bool wins(world_t *w, unsigned dest, unsigned hops, blob_t blob, unsigned iface) {
    const known_t *k = &w->known[dest];
    if (!is_there(w, dest)) {
        return true;
    }
    return hops <= k->hops ? nearer_wins(w, k, blob, iface) : farther_wins(w, k, blob);
}

static void keep(known_t *k, blob_t blob) {
    if (knows(k, blob)) {
        return;
    }
    if (k->count == BLOBS) {
        k->count--;
        memmove(k->blobs, k->blobs + 1, k->count * sizeof *k->blobs);
    }
    k->blobs[k->count++] = blob;
}

static void take(world_t *w, unsigned dest, unsigned hops, blob_t blob, unsigned iface,
                 unsigned via) {
    known_t *k = &w->known[dest];
    if (!k->there) {
        k->count = 0;
    }
    keep(k, blob);
    k->there = true;
    k->hops = hops;
    k->via = via;
    k->on = iface;
    k->state = RNS_PATH_UNKNOWN;
    k->used = k->stamp = w->bed->now;
    k->life = life_of(w->mode[iface]);
    k->expires = k->used + k->life;
}

// ---- Steps, in the model and on the node

static void step_announce(world_t *w, unsigned dest) {
    const unsigned iface = below(&w->dice, IFACES), hops = 1 + below(&w->dice, 4);
    const bool is_newer = below(&w->dice, 3) > 0;
    const uint64_t base = w->known[dest].count > 0 ? newest(&w->known[dest]) : 100;
    const blob_t blob = {is_newer ? base + 1 : base - below(&w->dice, 4), below(&w->dice, 3)};
    const unsigned via = 0x20 + below(&w->dice, 8);
    const bool taken = wins(w, dest, hops, blob, iface);
    const uint32_t before = count_of(w->bed, w->on[iface], RNS_RX_LEARNED);
    learn(w->bed, w->on[iface],
          (announcement_t){.who = dest + 1,
                           .emitted = blob.emitted,
                           .noise = blob.noise,
                           .hops = hops - 1,
                           .via = via});
    assert_int_equal(count_of(w->bed, w->on[iface], RNS_RX_LEARNED) - before, taken);
    if (taken) {
        take(w, dest, hops, blob, iface, via);
    }
}

static void step_use(world_t *w, unsigned dest, unsigned step) {
    known_t *k = &w->known[dest];
    const rns_hash_t to = peer(w->bed, dest + 1).dest, via = self(w->bed);
    packet_t p = data_to(&via, &to, 0, step);
    put8(&p, step >> 8);
    const bool there = is_there(w, dest);
    assert_int_equal(rx(w->bed, w->on[0], &p), there ? RNS_RX_FORWARDED : RNS_RX_NO_ROUTE);
    if (there && w->bed->now - k->stamp > k->life / 64) {
        k->stamp = w->bed->now; // a younger one is left as it is
    }
    k->used = k->stamp + (w->bed->now - k->stamp) / MS * MS;
}

static void step_mark(world_t *w, unsigned dest) {
    const rns_hash_t to = peer(w->bed, dest + 1).dest;
    const rns_path_state_t state = (rns_path_state_t)below(&w->dice, 3);
    const rns_err_t err = rns_path_mark(w->bed->node, w->bed->now, &to, state);
    assert_int_equal(err, is_there(w, dest) ? RNS_ERR_OK : RNS_ERR_NO_PATH);
    w->known[dest].state = state;
}

static void step_drop(world_t *w, unsigned dest) {
    const rns_hash_t to = peer(w->bed, dest + 1).dest;
    const rns_err_t err = rns_path_drop(w->bed->node, w->bed->now, &to);
    assert_int_equal(err, is_there(w, dest) ? RNS_ERR_OK : RNS_ERR_NO_PATH);
    w->known[dest].there = false;
}

static void add(world_t *w, unsigned i) {
    w->bed->ifaces = i; // the number is used again
    w->on[i] = add_iface(
        w->bed,
        (rns_iface_config_t){.mode = w->mode[i], .gravity = w->gravity[i], .name = "Test[any]"});
    w->bed->ifaces = IFACES;
}

static void step_replug(world_t *w) {
    const unsigned i = 1 + below(&w->dice, IFACES - 1);
    assert_int_equal(rns_iface_remove(w->bed->node, w->bed->now, w->bed->iface[w->on[i]]),
                     RNS_ERR_OK);
    for (unsigned dest = 0; dest < DESTS; dest++) {
        w->known[dest].there = w->known[dest].there && w->known[dest].on != i;
    }
    w->gravity[i] = (int32_t)below(&w->dice, 3);
    add(w, i);
}

static void step_wait(world_t *w) {
    static const rns_us_t SPANS[] = {SECOND, 600 * SECOND, HOUR, 3 * HOUR, 5 * HOUR};
    w->bed->now += SPANS[below(&w->dice, 5)] + below(&w->dice, 1000);
    for (unsigned i = 0; i < 3; i++) {
        rns_tick(w->bed->node, w->bed->now);
        drain(w->bed);
    }
}

// ---- Comparing

static void compare_blobs(const world_t *w, unsigned dest, const struct rnsi_path *path) {
    const known_t *k = &w->known[dest];
    uint8_t blobs[BLOBS][10];
    assert_int_equal(rnsi_path_blobs(w->bed->node, path, blobs, BLOBS), k->count);
    for (unsigned i = 0; i < k->count; i++) {
        const blob_t *b = &k->blobs[k->count - 1 - i];
        assert_int_equal(blobs[i][0], b->noise);
        assert_int_equal(rnsi_announce_emitted(blobs[i]), b->emitted);
    }
}

static void compare(world_t *w) {
    uint32_t there = 0;
    for (unsigned dest = 0; dest < DESTS; dest++) {
        const rns_hash_t to = peer(w->bed, dest + 1).dest;
        const known_t *k = &w->known[dest];
        const bool expected = is_there(w, dest);
        rns_path_t path;
        assert_int_equal(rns_path(w->bed->node, w->bed->now, &to, &path), expected);
        if (!expected) {
            continue;
        }
        there++;
        assert_int_equal(path.hops, k->hops);
        assert_int_equal(path.next_hop.b[0], k->via);
        assert_int_equal(number_of(w->bed, path.iface), w->on[k->on]);
        assert_int_equal(path.state, k->state);
        assert_int_equal(path.expires, k->expires);
        assert_int_equal(path.used, k->used);
        compare_blobs(w, dest, rnsi_path_peek(w->bed->node, w->bed->now, to.b));
    }
    assert_true(used(w->bed, RNS_POOL_PATH) >= there);
}

static void play(uint64_t seed) {
    static const rns_mode_t MODES[] = {RNS_MODE_FULL, RNS_MODE_ROAMING, RNS_MODE_ACCESS_POINT,
                                       RNS_MODE_GATEWAY};
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_PATH] = 8, [RNS_POOL_PATH_BLOB] = 72};
    world_t w = {.bed = bed_open((setup_t){.count = count}), .dice = seed};
    for (unsigned i = 0; i < IFACES; i++) {
        w.mode[i] = MODES[i];
        add(&w, i);
    }
    for (unsigned step = 0; step < STEPS; step++) {
        const unsigned dest = below(&w.dice, DESTS), what = below(&w.dice, 100);
        if (what < 60) {
            step_announce(&w, dest);
        } else if (what < 75) {
            step_use(&w, dest, step);
        } else if (what < 83) {
            step_mark(&w, dest);
        } else if (what < 84) {
            step_drop(&w, dest);
        } else if (what < 85) {
            step_replug(&w);
        } else {
            step_wait(&w);
        }
        compare(&w);
        drain(w.bed);
        forget_sent(w.bed);
        w.bed->heard_count = 0;
    }
    bed_close(w.bed);
}

static void the_path_table_does_what_the_model_does(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        play(seed);
    }
}

// Enough announces of one destination that its blobs come round.
static void it_does_so_when_blobs_make_room(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_PATH] = 8, [RNS_POOL_PATH_BLOB] = 72};
    world_t w = {.bed = bed_open((setup_t){.count = count}), .dice = 99};
    for (unsigned i = 0; i < IFACES; i++) {
        w.mode[i] = RNS_MODE_FULL;
        add(&w, i);
    }
    for (unsigned step = 0; step < 2000; step++) {
        step_announce(&w, below(&w.dice, DESTS));
        compare(&w);
        drain(w.bed);
        forget_sent(w.bed);
    }
    bed_close(w.bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_path_table_does_what_the_model_does),
        cmocka_unit_test(it_does_so_when_blobs_make_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
