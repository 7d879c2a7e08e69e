// What happens when there is no slot: each row in turn has no slots, one, two, ... while a
// transport node is busy with everything at once. What the tables say of each other must stay true
// after every step, and when all interfaces are gone and time has passed nothing may be left over.
#include "node_help.h"

#include "route/cache.h"
#include "route/iface.h"
#include "route/tx.h"

#define IFACES 5U
#define PEERS  10U
#define STEPS  500U
#define MOST   4U // slots of the row that is short

typedef struct {
    bed_t *bed;
    uint64_t dice;
    rns_hash_t links[8];
    unsigned link_of[8]; // who stands at its end
    rns_tx_t out[8];     // frames that the host holds
    unsigned out_on[8], out_count;
    rns_dest_t own;
    bool has_own;
    rns_hash_t own_hash;
    unsigned tag;
} world_t;

// ---- A store that is slow now and then

static uint64_t store_dice;

static bool store_put(void *user, rns_record_t kind, rns_bytes_t key, rns_bytes_t value) {
    (void)user, (void)kind, (void)key, (void)value;
    return below(&store_dice, 4) > 0;
}

static bool store_del(void *user, rns_record_t kind, rns_bytes_t key) {
    (void)user, (void)kind, (void)key;
    return below(&store_dice, 4) > 0;
}

static const rns_store_t STORE = {.put = store_put, .del = store_del};

// ---- What must be true at any time

static rnsi_pool_t *pool_of(const bed_t *bed, rns_pool_t id) {
    return &bed->node->memory.pools[id];
}

static void *next_of(const bed_t *bed, rns_pool_t id, uint32_t *cursor) {
    return *cursor == RNSI_NONE ? NULL : rnsi_pool_walk(pool_of(bed, id), cursor, UINT32_MAX);
}

static bool is_taken(const bed_t *bed, rns_pool_t id, uint32_t slot) {
    const rnsi_pool_t *pool = pool_of(bed, id);
    return slot < pool->bump && (((rnsi_slot_t *)rnsi_pool_at(pool, slot))->gen & 1) == 1;
}

static uint32_t sum_pins(const bed_t *bed, rns_pool_t id) {
    uint32_t cursor = 0, sum = 0;
    const rnsi_slot_t *slot;
    while ((slot = next_of(bed, id, &cursor)) != NULL) {
        sum += slot->pins;
    }
    return sum;
}

// Each cached announce belongs to a path that says so, or somebody who waits to send it.
static void check_cache(const bed_t *bed) {
    uint32_t cursor = 0, pins = 0;
    const struct rnsi_announce_cache *c;
    while ((c = next_of(bed, RNS_POOL_ANNOUNCE_CACHE, &cursor)) != NULL) {
        const uint32_t slot = rnsi_pool_slot(pool_of(bed, RNS_POOL_ANNOUNCE_CACHE), c);
        assert_true(c->path != RNSI_NONE || c->slot.pins > 0);
        if (c->path != RNSI_NONE) {
            assert_true(is_taken(bed, RNS_POOL_PATH, c->path));
            const struct rnsi_path *path = rnsi_pool_at(pool_of(bed, RNS_POOL_PATH), c->path);
            assert_int_equal(path->cache, slot);
        }
    }
    pins += used(bed, RNS_POOL_ANNOUNCE) + used(bed, RNS_POOL_ANNOUNCE_QUEUE);
    const struct rnsi_tunnel_path *t;
    for (cursor = 0; (t = next_of(bed, RNS_POOL_TUNNEL_PATH, &cursor)) != NULL;) {
        pins += t->cache != RNSI_NONE;
    }
    assert_int_equal(sum_pins(bed, RNS_POOL_ANNOUNCE_CACHE), pins);
}

static void check_paths(const bed_t *bed) {
    uint32_t cursor = 0, blobs = 0, pins = 0;
    const struct rnsi_path *path;
    while ((path = next_of(bed, RNS_POOL_PATH, &cursor)) != NULL) {
        const uint32_t slot = rnsi_pool_slot(pool_of(bed, RNS_POOL_PATH), path);
        assert_true(path->cache == RNSI_NONE ||
                    is_taken(bed, RNS_POOL_ANNOUNCE_CACHE, path->cache));
        for (uint32_t b = path->blobs; b != RNSI_NONE; blobs++) {
            assert_true(is_taken(bed, RNS_POOL_PATH_BLOB, b));
            const struct rnsi_path_blob *blob = rnsi_pool_at(pool_of(bed, RNS_POOL_PATH_BLOB), b);
            assert_int_equal(blob->owner, slot);
            assert_in_range(blob->count, 1, 7);
            b = blob->older;
        }
    }
    assert_int_equal(blobs, used(bed, RNS_POOL_PATH_BLOB));
    const struct rnsi_relay *r;
    for (cursor = 0; (r = next_of(bed, RNS_POOL_RELAY, &cursor)) != NULL;) {
        assert_int_equal(r->slot.pins, r->validated);
        pins += r->validated &&
                rnsi_pool_get(pool_of(bed, RNS_POOL_PATH), r->path, r->path_gen) != NULL;
    }
    assert_int_equal(sum_pins(bed, RNS_POOL_PATH), pins);
}

static void check_announces(const bed_t *bed) {
    uint32_t cursor = 0, parked = 0, pins = 0;
    const struct rnsi_announce *a;
    while ((a = next_of(bed, RNS_POOL_ANNOUNCE, &cursor)) != NULL) {
        assert_true(is_taken(bed, RNS_POOL_ANNOUNCE_CACHE, a->cache));
        assert_true(a->timer != 0 || a->slot.pins == 1); // it waits, or it is parked
        pins += a->slot.pins;
        if (a->parked != RNSI_NONE) {
            assert_true(is_taken(bed, RNS_POOL_ANNOUNCE, a->parked));
            parked++;
        }
    }
    assert_int_equal(pins, parked);
}

static void check_asks(const bed_t *bed) {
    uint32_t cursor = 0, askers = 0, queued = 0;
    const struct rnsi_ask *ask;
    while ((ask = next_of(bed, RNS_POOL_ASK, &cursor)) != NULL) {
        assert_int_equal(ask->slot.pins, ask->queued);
        assert_true(ask->queued || ask->timer != 0);
        queued += ask->queued;
        for (uint32_t slot = ask->askers; slot != RNSI_NONE; askers++) {
            assert_true(is_taken(bed, RNS_POOL_ASKER, slot));
            slot = ((struct rnsi_asker *)rnsi_pool_at(pool_of(bed, RNS_POOL_ASKER), slot))->next;
        }
    }
    assert_int_equal(askers, used(bed, RNS_POOL_ASKER));
    assert_int_equal(queued, bed->node->asks_queued);
    assert_true((queued == 0) == (bed->node->ask_queue_at == RNS_NEVER));
}

static void check_frames(const bed_t *bed) {
    static const rns_pool_t ROWS[] = {RNS_POOL_FRAME, RNS_POOL_FRAME_2K, RNS_POOL_FRAME_16K,
                                      RNS_POOL_FRAME_MAX};
    uint32_t refs = 0, waiting = 0;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        uint32_t cursor = 0;
        const struct rnsi_frame_head *head;
        while ((head = next_of(bed, ROWS[i], &cursor)) != NULL) {
            assert_true(head->refs > 0);
            refs += head->refs;
        }
    }
    uint32_t cursor = 0;
    const struct rnsi_iface *iface;
    while ((iface = next_of(bed, RNS_POOL_IFACE, &cursor)) != NULL) {
        waiting += iface->tx_count + iface->tx_out;
    }
    assert_int_equal(refs, used(bed, RNS_POOL_TXREF));
    assert_int_equal(waiting, used(bed, RNS_POOL_TXREF));
}

static uint32_t frames_from(const bed_t *bed, rns_pool_t row, const struct rnsi_iface *iface) {
    uint32_t cursor = 0, count = 0;
    const struct rnsi_frame_head *head;
    while ((head = next_of(bed, row, &cursor)) != NULL) {
        count += rnsi_iface_same(head->from, rnsi_iface_ref(bed->node, iface));
    }
    return count;
}

// What each interface counts as its own is what stands in the rows; those of interfaces that are
// gone are nobody's.
static void check_shares(const bed_t *bed) {
    uint32_t cursor = 0, announces = 0, asks = 0, limited = 0, queue = 0, held = 0;
    const struct rnsi_iface *iface;
    while ((iface = next_of(bed, RNS_POOL_IFACE, &cursor)) != NULL) {
        assert_int_equal(iface->share[RNSI_SHARE_FRAME], frames_from(bed, RNS_POOL_FRAME, iface));
        assert_int_equal(iface->share[RNSI_SHARE_FRAME_2K],
                         frames_from(bed, RNS_POOL_FRAME_2K, iface));
        announces += iface->share[RNSI_SHARE_ANNOUNCE];
        asks += iface->share[RNSI_SHARE_ASK];
        limited += iface->share[RNSI_SHARE_LIMITED];
        queue += iface->queue_count;
        held += iface->held_count;
        for (int i = 0; i < RNSI_SHARE_COUNT; i++) {
            assert_true(iface->share[i] > 0 || (iface->throttled >> i & 1) == 0);
        }
    }
    assert_true(announces <= used(bed, RNS_POOL_INBOX_ANNOUNCE));
    assert_true(asks <= used(bed, RNS_POOL_INBOX_ASK));
    assert_true(limited <= used(bed, RNS_POOL_INBOX_LIMITED));
    assert_int_equal(queue, used(bed, RNS_POOL_ANNOUNCE_QUEUE));
    assert_int_equal(held, used(bed, RNS_POOL_HELD));
}

static void check_all(const bed_t *bed) {
    check_cache(bed);
    check_paths(bed);
    check_announces(bed);
    check_asks(bed);
    check_frames(bed);
    check_shares(bed);
    for (int id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info_t info;
        rns_pool_info(bed->node, (rns_pool_t)id, &info);
        assert_true(info.used <= info.slots && info.peak <= info.slots);
    }
}

// ---- A busy life

static unsigned any_iface(world_t *w) {
    return below(&w->dice, IFACES);
}

static unsigned any_peer(world_t *w) {
    return 1 + below(&w->dice, PEERS);
}

static void hear_announce(world_t *w) {
    static const unsigned CONTEXTS[] = {0, 0, 0, 0x0B};
    const packet_t p =
        announce(w->bed, (announcement_t){.who = any_peer(w),
                                          .emitted = 100 + below(&w->dice, 40),
                                          .noise = below(&w->dice, 4),
                                          .hops = below(&w->dice, 4) == 0 ? 126 + below(&w->dice, 2)
                                                                          : below(&w->dice, 5),
                                          .via = below(&w->dice, 3) * 0x22,
                                          .context = CONTEXTS[below(&w->dice, 4)],
                                          .ratchet = below(&w->dice, 2) == 0,
                                          .app_data = below(&w->dice, 200)});
    rx(w->bed, any_iface(w), &p);
}

static void hear_ask(world_t *w) {
    const rns_hash_t peer_dest = peer(w->bed, any_peer(w)).dest, requester = address(0x22);
    const rns_hash_t dest = below(&w->dice, 6) == 0   ? w->own_hash
                            : below(&w->dice, 3) == 0 ? address(0x80 + below(&w->dice, 40))
                                                      : peer_dest;
    const packet_t p =
        ask(w->bed, &dest, below(&w->dice, 2) == 0 ? &requester : NULL, w->tag++, 16);
    rx(w->bed, any_iface(w), &p);
}

static void open_link(world_t *w) {
    const unsigned who = any_peer(w), i = below(&w->dice, 8);
    const rns_hash_t dest = peer(w->bed, who).dest, via = self(w->bed);
    packet_t p = link_request(&via, &dest, below(&w->dice, 256), 1U << 21 | 8192);
    p.b[1] = (uint8_t)below(&w->dice, 2);
    w->links[i] = link_of(w->bed, &p);
    w->link_of[i] = who;
    rx(w->bed, any_iface(w), &p);
}

static void prove_link(world_t *w) {
    const unsigned i = below(&w->dice, 8);
    const packet_t p =
        link_proof(w->bed, w->link_of[i], &w->links[i], below(&w->dice, 4), 1U << 21 | 500);
    rx(w->bed, any_iface(w), &p);
}

static void use_link(world_t *w) {
    packet_t p = header(0x0C, below(&w->dice, 4), NULL, &w->links[below(&w->dice, 8)], 0);
    put_many(&p, below(&w->dice, 256), 20);
    rx(w->bed, any_iface(w), &p);
}

static void hear_data(world_t *w) {
    const rns_hash_t dest = peer(w->bed, any_peer(w)).dest, via = self(w->bed);
    packet_t p = data_to(&via, &dest, 0, below(&w->dice, 256));
    put8(&p, below(&w->dice, 256));
    if (below(&w->dice, 4) == 0) {
        put_many(&p, 1, 700); // in a larger frame
    }
    rx(w->bed, any_iface(w), &p);
    packet_t copy = p;
    rnsi_packet_t parsed;
    uint8_t hash[32];
    rns_hash_t to;
    assert_true(rnsi_packet_parse((rns_mem_t){copy.b, copy.size}, &parsed));
    rnsi_packet_hash(&w->bed->node->crypto, &parsed, hash);
    memcpy(to.b, hash, sizeof to.b);
    if (below(&w->dice, 2) == 0) {
        packet_t proof = header(0x03, 0, NULL, &to, 0);
        put_many(&proof, 1, 64);
        rx(w->bed, any_iface(w), &proof);
    }
}

static void hear_tunnel(world_t *w) {
    const peer_t from = peer(w->bed, any_peer(w));
    rns_hash_t to;
    memcpy(to.b, w->bed->node->tunnel_dest, sizeof to.b);
    packet_t p = header(0x08, 0, NULL, &to, 0);
    put(&p, from.identity.pub, 64);
    put_many(&p, below(&w->dice, 3), 32);
    put_many(&p, below(&w->dice, 256), 16);
    put_many(&p, 0, 64); // the fake provider takes any signature
    rx(w->bed, any_iface(w), &p);
}

static void hear_noise(world_t *w) {
    packet_t p = {.size = below(&w->dice, 200)};
    for (size_t i = 0; i < p.size; i++) {
        p.b[i] = (uint8_t)dice(&w->dice);
    }
    rx(w->bed, any_iface(w), &p);
}

static void replug(world_t *w) {
    static const rns_mode_t MODES[] = {RNS_MODE_FULL, RNS_MODE_GATEWAY, RNS_MODE_ROAMING,
                                       RNS_MODE_ACCESS_POINT, RNS_MODE_BOUNDARY};
    const unsigned i = any_iface(w);
    if (w->bed->iface[i].gen != 0 &&
        rns_iface_remove(w->bed->node, w->bed->now, w->bed->iface[i]) == RNS_ERR_STATE) {
        return;
    }
    const rns_iface_config_t config = {.name = "Test[any]",
                                       .mode = MODES[i],
                                       .bitrate = i == 1 ? 2000 : 1000000,
                                       .hw_mtu = 1064,
                                       .mtu_kind = RNS_MTU_AUTO,
                                       .network_name =
                                           i == 2 && below(&w->dice, 2) == 0 ? "net" : NULL,
                                       .ingress_control = i == 3 ? RNS_YES : RNS_NO,
                                       .gravity = (int32_t)below(&w->dice, 3),
                                       .announce_rate_target_s = i == 0 ? 60 : 0};
    w->bed->iface[i] = (rns_iface_t){0, 0};
    (void)rns_iface_add(w->bed->node, w->bed->now, &config, &w->bed->iface[i]);
}

static void host_out(world_t *w) {
    if (w->out_count == 8) {
        return;
    }
    const unsigned on = any_iface(w);
    if (rns_tx_next(w->bed->node, w->bed->now, w->bed->iface[on], &w->out[w->out_count])) {
        w->out_on[w->out_count++] = on;
    }
}

static void host_done(world_t *w, unsigned keep) {
    while (w->out_count > keep) {
        w->out_count--;
        rns_tx_done(w->bed->node, w->bed->now, w->bed->iface[w->out_on[w->out_count]],
                    &w->out[w->out_count], below(&w->dice, 4) > 0);
    }
}

static void speak(world_t *w) {
    const rns_hash_t dest = peer(w->bed, any_peer(w)).dest;
    const rns_bytes_t text = {(const uint8_t *)"hello", 5};
    const rns_iface_t all = {0, 0};
    rns_receipt_t receipt;
    switch (below(&w->dice, 5)) {
    case 0:
        (void)rns_path_request(w->bed->node, w->bed->now, &dest, all);
        break;
    case 1:
        (void)rns_send(w->bed->node, w->bed->now, &dest, text, &receipt);
        break;
    case 2:
        if (w->has_own) {
            (void)rns_announce(w->bed->node, w->bed->now, w->own, text, all);
        }
        break;
    case 3:
        (void)rns_broadcast(w->bed->node, w->bed->now, "test.plain", NULL, (rns_bytes_t){NULL, 0},
                            text);
        break;
    default:
        (void)rns_path_drop(w->bed->node, w->bed->now, &dest);
        break;
    }
}

static void disturb(world_t *w) {
    const unsigned on = any_iface(w);
    switch (below(&w->dice, 4)) {
    case 0:
        (void)rns_iface_online(w->bed->node, w->bed->now, w->bed->iface[on],
                               below(&w->dice, 3) > 0);
        break;
    case 1:
        rns_tx_hold(w->bed->node, w->bed->now, w->bed->iface[on], below(&w->dice, 2) == 0);
        break;
    case 2:
        w->bed->deaf[on] = !w->bed->deaf[on];
        break;
    default:
        replug(w);
        break;
    }
}

static void wait(world_t *w) {
    static const rns_us_t SPANS[] = {1 * MS,      100 * MS,    500 * MS,    3 * SECOND,
                                     20 * SECOND, 50 * SECOND, 300 * SECOND};
    w->bed->now += SPANS[below(&w->dice, 7)];
    rns_tick(w->bed->node, w->bed->now);
    drain(w->bed);
}

static void step(world_t *w) {
    static void (*const DO[])(world_t *) = {
        hear_announce, hear_announce, hear_announce, hear_announce, hear_ask,  hear_ask,
        open_link,     prove_link,    prove_link,    use_link,      hear_data, hear_data,
        hear_tunnel,   hear_noise,    host_out,      speak,         speak,     disturb,
        wait,          wait,          wait,
    };
    DO[below(&w->dice, sizeof DO / sizeof *DO)](w);
    if (below(&w->dice, 4) == 0) {
        host_done(w, below(&w->dice, 4));
    }
    w->bed->heard_count = 0;
    forget_sent(w->bed);
    check_all(w->bed);
}

// ---- The end

static void end(world_t *w) {
    host_done(w, 0);
    for (unsigned i = 0; i < IFACES; i++) {
        w->bed->deaf[i] = false;
        if (w->bed->iface[i].gen != 0) {
            assert_int_equal(rns_iface_remove(w->bed->node, w->bed->now, w->bed->iface[i]),
                             RNS_ERR_OK);
        }
    }
    if (w->has_own) {
        assert_int_equal(rns_dest_remove(w->bed->node, w->own), RNS_ERR_OK);
    }
    check_all(w->bed);
    run(w->bed, 3 * 3600 * SECOND); // receipts last up to 128 hops of 6 s, relays 15 minutes
    check_all(w->bed);
    for (int id = 0; id < RNS_POOL_COUNT; id++) {
        rns_pool_info_t info;
        rns_pool_info(w->bed->node, (rns_pool_t)id, &info);
        const bool stays = id == RNS_POOL_NODE || id == RNS_POOL_CRYPTO;
        if (info.full == RNS_FULL_REJECT && !stays && info.used > 0) {
            fail_msg("%s: %u left", info.name, info.used);
        }
    }
    assert_int_equal(used(w->bed, RNS_POOL_ASK), 0);
    assert_int_equal(used(w->bed, RNS_POOL_ANNOUNCE), 0);
    assert_int_equal(used(w->bed, RNS_POOL_RELAY), 0);
    assert_int_equal(used(w->bed, RNS_POOL_RECEIPT), 0);
    assert_int_equal(used(w->bed, RNS_POOL_REVERSE), 0);
    assert_int_equal(sum_pins(w->bed, RNS_POOL_PATH), 0);
}

static void live(const uint32_t *count, uint64_t seed, unsigned steps) {
    world_t w = {.dice = seed};
    store_dice = seed;
    w.bed = bed_open((setup_t){.count = count, .store = &STORE, .unix_us = 1700000000000000});
    w.bed->ifaces = IFACES;
    const rns_secret_t secret = secret_of(99);
    const rns_dest_config_t own = {
        .name = "test.own", .type = RNS_DEST_SINGLE, .identity = &secret, .prove = RNS_PROVE_APP};
    w.has_own = rns_dest_add(w.bed->node, w.bed->now, &own, &w.own) == RNS_ERR_OK;
    if (w.has_own) {
        assert_int_equal(rns_dest_hash(w.bed->node, w.own, &w.own_hash), RNS_ERR_OK);
    }
    for (unsigned i = 0; i < 4 * IFACES; i++) {
        replug(&w);
    }
    for (unsigned i = 0; i < steps; i++) {
        step(&w);
    }
    end(&w);
    bed_close(w.bed);
}

// Room for ten peers in the other rows, so that only one is short.
static const uint32_t ROOM[RNS_POOL_COUNT] = {
    [RNS_POOL_FRAME] = 256,     [RNS_POOL_FRAME_2K] = 64,       [RNS_POOL_TXREF] = 512,
    [RNS_POOL_PATH_BLOB] = 300, [RNS_POOL_INBOX_ANNOUNCE] = 32, [RNS_POOL_INBOX_ASK] = 32,
};

static void with_room_for_all_nothing_is_left_over(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        live(ROOM, seed, 2 * STEPS);
    }
}

static void each_row_may_be_short(void **state) {
    (void)state;
    for (int id = 0; id < RNS_POOL_COUNT; id++) {
        if (id == RNS_POOL_NODE || id == RNS_POOL_IFACE) {
            continue;
        }
        for (unsigned slots = 0; slots <= MOST; slots++) {
            uint32_t count[RNS_POOL_COUNT];
            memcpy(count, ROOM, sizeof count);
            count[id] = slots > 0 ? slots : RNS_COUNT_NONE;
            live(count, 1000 * (uint64_t)id + slots, STEPS);
        }
    }
}

static void all_rows_may_be_short_together(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        uint64_t d = seed;
        uint32_t count[RNS_POOL_COUNT] = {0};
        for (int id = 0; id < RNS_POOL_COUNT; id++) {
            const uint32_t slots = below(&d, 6);
            count[id] = slots == 0 ? RNS_COUNT_NONE : slots;
        }
        count[RNS_POOL_IFACE] = IFACES;
        live(count, seed, STEPS);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_room_for_all_nothing_is_left_over),
        cmocka_unit_test(each_row_may_be_short),
        cmocka_unit_test(all_rows_may_be_short_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
