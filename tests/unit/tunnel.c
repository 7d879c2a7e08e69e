// Tunnels: what is learned through the far end of a connection comes back when it does.
#include "route_help.h"

#include "route/tunnel.h"
#include "vectors/tunnel.h"

#define PACKET_SIZE 195U // header 19, keys 64, interface 32, random 16, signature 64

typedef struct {
    bench_t *bench; // the node
    bench_t *peer;  // makes packets
    uint8_t packet[PACKET_SIZE];
} both_t;

static size_t unhex(const char *hex, uint8_t *out) {
    const size_t size = strlen(hex) / 2;
    for (size_t i = 0; i < size; i++) {
        const char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
        out[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return size;
}

static void peer_open(both_t *both) {
    rns_secret_t secret;
    both->peer = bench_new();
    unhex(TUNNEL_SECRET, (uint8_t *)&secret);
    both->peer->config.identity = &secret;
    bench_open(both->peer, 0);
}

static int setup(void **state) {
    both_t *both = test_calloc(1, sizeof *both);
    both->bench = bench_new();
    both->bench->config.count[RNS_POOL_TUNNEL] = 3;
    both->bench->config.count[RNS_POOL_TUNNEL_PATH] = 400;
    bench_open(both->bench, SECOND);
    peer_open(both);
    *state = both;
    return 0;
}

static int teardown(void **state) {
    both_t *both = *state;
    bench_free(both->bench);
    bench_free(both->peer);
    test_free(both);
    return 0;
}

static struct rnsi_iface *add(both_t *both, rns_mode_t mode) {
    const rns_iface_config_t config = {.name = "TCPServer/Client", .mode = mode};
    return bench_iface(both->bench, &config);
}

static void drop_iface(both_t *both, struct rnsi_iface *iface) {
    const rns_iface_t handle = rnsi_iface_handle(both->bench->node, iface);
    assert_int_equal(rns_iface_remove(both->bench->node, both->bench->node->now, handle),
                     RNS_ERR_OK);
}

static rns_verdict_t receive(both_t *both, struct rnsi_iface *iface, uint8_t *raw, size_t size) {
    rnsi_rx_t rx = {.iface = iface, .from = rnsi_iface_ref(both->bench->node, iface)};
    assert_true(rnsi_packet_parse((rns_mem_t){raw, size}, &rx.packet));
    return rnsi_tunnel_receive(both->bench->node, &rx);
}

// The peer's packet for an interface of this name, in both->packet.
static void synthesize(both_t *both, const char *name) {
    uint8_t frame[600];
    const rns_iface_config_t config = {.name = name};
    struct rnsi_iface *iface = bench_iface(both->peer, &config);
    const rns_iface_t handle = rnsi_iface_handle(both->peer->node, iface);
    assert_int_equal(rns_iface_tunnel(both->peer->node, 0, handle), RNS_ERR_OK);
    assert_int_equal(bench_sent(both->peer, iface, frame), PACKET_SIZE);
    memcpy(both->packet, frame, PACKET_SIZE);
    assert_int_equal(rns_iface_remove(both->peer->node, 0, handle), RNS_ERR_OK);
}

static void connect(both_t *both, struct rnsi_iface *iface) {
    synthesize(both, TUNNEL_NAME);
    assert_int_equal(receive(both, iface, both->packet, PACKET_SIZE), RNS_RX_LEARNED);
}

static rnsi_pool_t *row(const both_t *both, rns_pool_t id) {
    return &both->bench->node->memory.pools[id];
}

static const struct rnsi_tunnel *tunnel(const both_t *both) {
    uint8_t id[32];
    unhex(TUNNEL_ID, id);
    return rnsi_pool_find(row(both, RNS_POOL_TUNNEL), id);
}

// A path as an announce would make it.
static struct rnsi_path *learn(both_t *both, struct rnsi_iface *iface, uint32_t number,
                               uint8_t hops, uint64_t emission_s) {
    rns_node_t *node = both->bench->node;
    uint8_t dest[16], next_hop[16] = {0x77}, signer[32] = {0x88}, blob[10] = {(uint8_t)emission_s};
    bench_dest(dest, number);
    const rnsi_path_news_t news = {dest, next_hop, signer, blob, emission_s, hops, iface};
    const uint32_t cache = bench_cached(both->bench, dest, 84);
    struct rnsi_path *path = rnsi_path_learn(node, &news, cache);
    assert_non_null(path);
    rnsi_tunnel_learn(node, iface, path);
    rnsi_cache_unpin(node, cache);
    return path;
}

static struct rnsi_path *path_to(both_t *both, uint32_t number) {
    uint8_t dest[16];
    bench_dest(dest, number);
    return rnsi_path_find(both->bench->node, dest);
}

static bool leads_over(both_t *both, uint32_t number, const struct rnsi_iface *iface) {
    const struct rnsi_path *path = path_to(both, number);
    return path != NULL && rnsi_iface_at(both->bench->node, path->iface) == iface;
}

// ---- The packet

static void packet_of_the_reference_makes_a_tunnel(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    uint8_t raw[PACKET_SIZE];
    assert_int_equal(unhex(TUNNEL_PACKET, raw), PACKET_SIZE);
    assert_int_equal(receive(both, iface, raw, PACKET_SIZE), RNS_RX_LEARNED);
    assert_non_null(tunnel(both));
    assert_int_equal(iface->tunnel, rnsi_pool_slot(row(both, RNS_POOL_TUNNEL), tunnel(both)));
    assert_int_equal(tunnel(both)->expires, SECOND + 8 * HOUR);
    assert_int_equal(both->bench->tunnel_events, 0); // it was not known before
}

static void our_packet_is_the_references_but_for_the_random_bytes(void **state) {
    both_t *both = *state;
    uint8_t reference[PACKET_SIZE], signature[64];
    unhex(TUNNEL_PACKET, reference);
    synthesize(both, TUNNEL_NAME);
    assert_memory_equal(both->packet, reference, 19 + 96);
    assert_memory_not_equal(both->packet + 19 + 96, reference + 19 + 96, 16);
    const rns_node_t *peer = both->peer->node;
    rnsi_identity_sign(&peer->crypto, &peer->signer_secret, (rns_bytes_t){reference + 19, 112},
                       signature);
    assert_memory_equal(signature, reference + 19 + 112, 64);
}

static void our_packet_makes_the_same_tunnel(void **state) {
    both_t *both = *state;
    connect(both, add(both, RNS_MODE_FULL));
    assert_non_null(tunnel(both));
}

static void packet_of_another_size_is_malformed(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    uint8_t raw[PACKET_SIZE + 1] = {0};
    unhex(TUNNEL_PACKET, raw);
    assert_int_equal(receive(both, iface, raw, PACKET_SIZE - 1), RNS_RX_MALFORMED);
    assert_int_equal(receive(both, iface, raw, PACKET_SIZE + 1), RNS_RX_MALFORMED);
    assert_int_equal(receive(both, iface, raw, 20), RNS_RX_MALFORMED);
}

static void changed_packet_is_no_tunnel(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    for (size_t at = 19 + 32; at < PACKET_SIZE; at += 9) { // the signing key and what it signs
        uint8_t raw[PACKET_SIZE];
        unhex(TUNNEL_PACKET, raw);
        raw[at] ^= 1;
        assert_int_equal(receive(both, iface, raw, PACKET_SIZE), RNS_RX_BAD_SIGNATURE);
    }
    assert_int_equal(row(both, RNS_POOL_TUNNEL)->used, 0);
    assert_int_equal(iface->tunnel, RNSI_NONE);
}

static void packet_is_only_sent_on_an_interface_that_sends(void **state) {
    both_t *both = *state;
    rns_node_t *node = both->bench->node;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    const rns_iface_t handle = rnsi_iface_handle(node, iface);
    assert_int_equal(rns_iface_online(node, SECOND, handle, false), RNS_ERR_OK);
    assert_int_equal(rns_iface_tunnel(node, SECOND, handle), RNS_ERR_STATE);
    drop_iface(both, iface);
    assert_int_equal(rns_iface_tunnel(node, SECOND, handle), RNS_ERR_GONE);
}

static void packet_goes_to_no_other_interface(void **state) {
    both_t *both = *state;
    uint8_t frame[600];
    struct rnsi_iface *a = add(both, RNS_MODE_FULL), *b = add(both, RNS_MODE_FULL);
    const rns_iface_t handle = rnsi_iface_handle(both->bench->node, a);
    assert_int_equal(rns_iface_tunnel(both->bench->node, SECOND, handle), RNS_ERR_OK);
    assert_int_equal(bench_sent(both->bench, a, frame), PACKET_SIZE);
    assert_int_equal(bench_sent(both->bench, b, frame), 0);
}

static void node_without_tunnels_takes_none(void **state) {
    both_t *both = *state;
    bench_free(both->bench);
    both->bench = bench_new();
    both->bench->config.count[RNS_POOL_TUNNEL] = RNS_COUNT_NONE;
    bench_open(both->bench, 0);
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    synthesize(both, TUNNEL_NAME);
    assert_int_equal(receive(both, iface, both->packet, PACKET_SIZE), RNS_RX_NO_DEST);
    learn(both, iface, 1, 1, 100);
}

// ---- Paths come back

static void paths_come_back_over_the_new_interface(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    const uint32_t cache = learn(both, iface, 1, 3, 100)->cache;
    drop_iface(both, iface);
    assert_null(path_to(both, 1));
    both->bench->node->now = 2 * HOUR;
    iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    assert_true(leads_over(both, 1, iface));
    const struct rnsi_path *path = path_to(both, 1);
    assert_int_equal(path->hops, 3);
    assert_int_equal(path->next_hop[0], 0x77);
    assert_int_equal(path->signer[0], 0x88);
    assert_int_equal(path->emission_s, 100);
    assert_int_equal(path->cache, cache);                    // so that path requests are answered
    assert_int_equal(path->expires, SECOND + 7 * 24 * HOUR); // as it was learned
    assert_int_equal(both->bench->tunnel_events, 1);
    assert_int_equal(both->bench->tunnel_iface.slot,
                     rnsi_iface_handle(both->bench->node, iface).slot);
}

static void each_path_that_comes_back_is_told(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    uint8_t first[16];
    bench_dest(first, 1);
    connect(both, iface);
    learn(both, iface, 1, 3, 100);
    learn(both, iface, 2, 4, 100);
    drop_iface(both, iface);
    assert_int_equal(both->bench->path_events, 0);
    iface = add(both, RNS_MODE_FULL);
    connect(both, iface); // the newest comes first
    assert_int_equal(both->bench->path_events, 2);
    assert_memory_equal(both->bench->path.hash.b, first, 16);
    assert_int_equal(both->bench->path.hops, 3);
    assert_ptr_equal(rnsi_iface_get(both->bench->node, both->bench->path.iface), iface);
}

static void path_that_is_not_taken_back_is_not_told(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL), *other = add(both, RNS_MODE_FULL);
    connect(both, iface);
    learn(both, iface, 1, 3, 100);
    drop_iface(both, iface);
    learn(both, other, 1, 2, 100); // a shorter way
    connect(both, add(both, RNS_MODE_FULL));
    assert_int_equal(both->bench->path_events, 0);
}

// 40 paths: the first slice at once, the rest when the interface's time has come.
static struct rnsi_iface *come_back_with_40(both_t *both) {
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    for (uint32_t i = 0; i < 40; i++) {
        learn(both, iface, i, 1, 100);
    }
    drop_iface(both, iface);
    return add(both, RNS_MODE_FULL);
}

static void interface_may_be_removed_while_paths_come_back(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = come_back_with_40(both);
    both->bench->drops_iface_on_path = true;
    connect(both, iface);
    assert_int_equal(both->bench->path_events, 1);
    assert_int_equal(row(both, RNS_POOL_IFACE)->used, 0);
    assert_int_equal(rnsi_timers_next(&both->bench->node->memory), RNS_NEVER);
}

static void interface_may_be_removed_while_the_rest_of_the_paths_comes_back(void **state) {
    both_t *both = *state;
    rns_node_t *node = both->bench->node;
    connect(both, come_back_with_40(both));
    assert_int_equal(both->bench->path_events, 32);
    both->bench->drops_iface_on_path = true;
    rns_tick(node, node->now);
    assert_int_equal(both->bench->path_events, 33);
    assert_int_equal(row(both, RNS_POOL_IFACE)->used, 0);
    assert_int_equal(rnsi_timers_next(&node->memory), RNS_NEVER);
}

static void paths_come_back_when_the_interface_was_offline(void **state) {
    both_t *both = *state;
    rns_node_t *node = both->bench->node;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    const rns_iface_t handle = rnsi_iface_handle(node, iface);
    connect(both, iface);
    rnsi_path_drop(node, learn(both, iface, 1, 3, 100));
    assert_int_equal(rns_iface_online(node, 2 * SECOND, handle, false), RNS_ERR_OK);
    assert_int_equal(rns_iface_online(node, 3 * SECOND, handle, true), RNS_ERR_OK);
    connect(both, iface);
    assert_true(leads_over(both, 1, iface));
}

static void nothing_is_restored_while_the_tunnel_stays_where_it_is(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    rnsi_path_drop(both->bench->node, learn(both, iface, 1, 3, 100));
    both->bench->node->now = HOUR;
    connect(both, iface);
    assert_null(path_to(both, 1));
    assert_int_equal(both->bench->tunnel_events, 0);
    assert_int_equal(tunnel(both)->expires, 9 * HOUR);
}

static void tunnel_moves_to_the_interface_it_is_heard_on(void **state) {
    both_t *both = *state;
    struct rnsi_iface *a = add(both, RNS_MODE_FULL), *b = add(both, RNS_MODE_FULL);
    connect(both, a);
    learn(both, a, 1, 3, 100);
    connect(both, b);
    assert_int_equal(a->tunnel, RNSI_NONE);
    assert_true(leads_over(both, 1, b));
    assert_int_equal(tunnel(both)->slot.pins, 1);
}

// What stands in the tunnel is 3 hops away and was emitted at 100; the interface is gone. Then the
// destination is heard over another one. Is the tunnel's path restored?
static bool restored_against(both_t *both, uint8_t hops, uint64_t emission_s, rns_us_t later) {
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL), *other = add(both, RNS_MODE_ROAMING);
    connect(both, iface);
    learn(both, iface, 1, 3, 100);
    drop_iface(both, iface);
    learn(both, other, 1, hops, emission_s);
    both->bench->node->now += later;
    if (later > 0) { // it is used, so that it is still there
        rnsi_path_used(both->bench->node, path_to(both, 1));
    }
    iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    const bool restored = leads_over(both, 1, iface);
    assert_int_equal(tunnel(both)->count, restored ? 1 : 0); // else it is forgotten
    return restored;
}

static void longer_way_of_the_same_announce_gives_way(void **state) {
    assert_true(restored_against(*state, 4, 100, 0));
}

static void equal_way_of_the_same_announce_gives_way(void **state) {
    assert_true(restored_against(*state, 3, 100, 0));
}

static void shorter_way_stays(void **state) {
    assert_false(restored_against(*state, 2, 100, 0));
}

static void newer_announce_stays_though_it_is_a_longer_way(void **state) {
    assert_false(restored_against(*state, 9, 101, 0));
}

static void older_announce_gives_way(void **state) {
    assert_true(restored_against(*state, 3, 99, 0));
}

// Six hours is all that a path over a ROAMING interface lasts.
static void shorter_way_gives_way_when_it_has_expired(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL), *other = add(both, RNS_MODE_ROAMING);
    connect(both, iface);
    learn(both, iface, 1, 3, 100);
    drop_iface(both, iface);
    struct rnsi_path *path = learn(both, other, 1, 2, 100);
    both->bench->node->now += 6 * HOUR - 1;
    rnsi_path_used(both->bench->node, path); // so that it is still there
    both->bench->node->now += 2;
    iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    assert_true(leads_over(both, 1, iface));
}

static void path_that_has_expired_is_not_restored(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_ROAMING);
    connect(both, iface);
    learn(both, iface, 1, 3, 100);
    drop_iface(both, iface);
    both->bench->node->now += 6 * HOUR;
    iface = add(both, RNS_MODE_ROAMING);
    connect(both, iface);
    assert_null(path_to(both, 1));
    assert_int_equal(tunnel(both)->count, 0);
}

static void restored_path_keeps_its_state(void **state) {
    both_t *both = *state;
    struct rnsi_iface *a = add(both, RNS_MODE_FULL), *b = add(both, RNS_MODE_FULL);
    connect(both, a);
    learn(both, a, 1, 3, 100)->state = RNS_PATH_UNRESPONSIVE;
    connect(both, b);
    assert_true(leads_over(both, 1, b));
    assert_int_equal(path_to(both, 1)->state, RNS_PATH_UNRESPONSIVE);
}

static void many_paths_are_restored_in_slices(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    for (uint32_t i = 0; i < 80; i++) {
        learn(both, iface, i, 1, 100);
    }
    drop_iface(both, iface);
    iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    assert_true(leads_over(both, 79, iface)); // the newest first
    assert_true(leads_over(both, 48, iface));
    assert_null(path_to(both, 47));
    assert_int_equal(rns_next_due(both->bench->node), both->bench->node->now);
    rns_tick(both->bench->node, both->bench->node->now);
    rns_tick(both->bench->node, both->bench->node->now);
    assert_true(leads_over(both, 47, iface));
    assert_true(leads_over(both, 0, iface));
}

static void path_that_goes_while_others_are_restored_is_left_out(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    for (uint32_t i = 0; i < 40; i++) {
        learn(both, iface, i, 1, 100);
    }
    drop_iface(both, iface);
    iface = add(both, RNS_MODE_FULL);
    connect(both, iface);          // 39 to 8
    learn(both, iface, 7, 1, 101); // the next one moves to the front
    rnsi_tunnel_restore(both->bench->node, iface);
    assert_int_equal(tunnel(both)->restore, RNSI_NONE);
    assert_int_equal(path_to(both, 7)->emission_s, 101);
    assert_true(leads_over(both, 6, iface));
    assert_true(leads_over(both, 0, iface));
}

// ---- What a tunnel holds

static void path_learned_again_is_kept_once_with_its_newer_announce(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    learn(both, iface, 1, 3, 100);
    both->bench->node->now = HOUR;
    learn(both, iface, 1, 2, 101);
    assert_int_equal(tunnel(both)->count, 1);
    assert_int_equal(tunnel(both)->expires, 9 * HOUR); // refreshed
    assert_int_equal(row(both, RNS_POOL_ANNOUNCE_CACHE)->used, 1);
    assert_int_equal(row(both, RNS_POOL_TUNNEL_PATH)->used, 1);
}

static void announce_stays_cached_while_a_tunnel_has_its_path(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    learn(both, iface, 1, 3, 100);
    drop_iface(both, iface);
    assert_null(path_to(both, 1));
    assert_int_equal(row(both, RNS_POOL_ANNOUNCE_CACHE)->used, 1);
}

static void interface_without_tunnel_remembers_nothing(void **state) {
    both_t *both = *state;
    learn(both, add(both, RNS_MODE_FULL), 1, 3, 100);
    assert_int_equal(row(both, RNS_POOL_TUNNEL_PATH)->used, 0);
}

static void tunnel_holds_a_quarter_of_the_paths_the_newest(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    for (uint32_t i = 0; i < 101; i++) { // of 400
        learn(both, iface, i, 1, 100);
    }
    assert_int_equal(tunnel(both)->count, 100);
    const struct rnsi_tunnel_path *oldest =
        rnsi_pool_at(row(both, RNS_POOL_TUNNEL_PATH), tunnel(both)->oldest);
    assert_int_equal(oldest->key[0], 1);
}

static void path_is_forgotten_eight_hours_after_it_was_learned(void **state) {
    both_t *both = *state;
    rns_node_t *node = both->bench->node;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    rnsi_path_drop(node, learn(both, iface, 1, 3, 100));
    node->now = SECOND + 8 * HOUR - 1;
    rnsi_tunnel_clean(node);
    assert_int_equal(tunnel(both)->count, 1);
    node->now = SECOND + 8 * HOUR;
    rnsi_tunnel_clean(node);
    assert_int_equal(tunnel(both)->count, 0);
    assert_int_equal(row(both, RNS_POOL_ANNOUNCE_CACHE)->used, 0);
    assert_int_equal(iface->tunnel, rnsi_pool_slot(row(both, RNS_POOL_TUNNEL), tunnel(both)));
}

static void path_is_forgotten_when_a_newer_one_lives(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL), *other = add(both, RNS_MODE_FULL);
    connect(both, iface);
    learn(both, iface, 1, 3, 100);
    learn(both, iface, 2, 3, 100);
    learn(both, other, 1, 3, 101);
    learn(both, other, 2, 3, 100); // the same announce
    rnsi_tunnel_clean(both->bench->node);
    assert_int_equal(tunnel(both)->count, 1);
    rnsi_tunnel_clean(both->bench->node); // and again from the start
    assert_int_equal(tunnel(both)->count, 1);
}

// ---- Tunnels come and go

static void tunnel_without_interface_is_forgotten_after_eight_hours(void **state) {
    both_t *both = *state;
    rns_node_t *node = both->bench->node;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    learn(both, iface, 1, 3, 100);
    drop_iface(both, iface);
    assert_null(path_to(both, 1)); // only the tunnel has the announce now
    node->now = SECOND + 8 * HOUR - 1;
    rnsi_tunnel_clean(node);
    assert_non_null(tunnel(both));
    node->now = SECOND + 8 * HOUR;
    rnsi_tunnel_clean(node);
    assert_null(tunnel(both));
    assert_int_equal(row(both, RNS_POOL_TUNNEL_PATH)->used, 0);
    assert_int_equal(row(both, RNS_POOL_ANNOUNCE_CACHE)->used, 0);
}

static void tunnel_without_paths_goes_with_its_interface(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    drop_iface(both, iface);
    assert_int_equal(row(both, RNS_POOL_TUNNEL)->used, 0);
}

static void neighbour_that_makes_up_tunnels_holds_one_slot(void **state) {
    both_t *both = *state;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    char name[] = "Made up 0";
    for (int i = 0; i < 9; i++, name[8]++) {
        synthesize(both, name);
        assert_int_equal(receive(both, iface, both->packet, PACKET_SIZE), RNS_RX_LEARNED);
        assert_int_equal(row(both, RNS_POOL_TUNNEL)->used, 1);
    }
}

static void tunnels_on_interfaces_are_not_pushed_out(void **state) {
    both_t *both = *state;
    char name[] = "Tunnel 0";
    for (int i = 0; i < 3; i++, name[7]++) { // all there are
        synthesize(both, name);
        assert_int_equal(receive(both, add(both, RNS_MODE_FULL), both->packet, PACKET_SIZE),
                         RNS_RX_LEARNED);
    }
    synthesize(both, name);
    assert_int_equal(receive(both, add(both, RNS_MODE_FULL), both->packet, PACKET_SIZE),
                     RNS_RX_FULL);
}

static void oldest_tunnel_without_interface_makes_room_with_its_paths(void **state) {
    both_t *both = *state;
    char name[] = "Tunnel 0";
    for (uint32_t i = 0; i < 4; i++, name[7]++) {
        struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
        synthesize(both, name);
        receive(both, iface, both->packet, PACKET_SIZE);
        learn(both, iface, i, 1, 100);
        drop_iface(both, iface);
    }
    assert_int_equal(row(both, RNS_POOL_TUNNEL)->used, 3);
    assert_int_equal(row(both, RNS_POOL_TUNNEL_PATH)->used, 3);
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    synthesize(both, "Tunnel 1");
    receive(both, iface, both->packet, PACKET_SIZE);
    assert_true(leads_over(both, 1, iface)); // the second is still known
    synthesize(both, "Tunnel 0");
    receive(both, add(both, RNS_MODE_FULL), both->packet, PACKET_SIZE);
    assert_null(path_to(both, 0));
}

static void stored_tunnel_restores_its_paths_while_it_lasts(void **state) {
    both_t *both = *state;
    rns_node_t *node = both->bench->node;
    uint8_t id[32], iface_hash[32] = {5}, dest[16];
    unhex(TUNNEL_ID, id);
    struct rnsi_tunnel *stored = rnsi_tunnel_load(node, id, iface_hash, 2 * HOUR);
    const struct rnsi_tunnel_path values = {
        .cache = RNSI_NONE, .hops = 4, .emission_s = 100, .learned = 0, .expires = 3 * HOUR};
    bench_dest(dest, 1);
    assert_true(rnsi_tunnel_load_path(node, stored, dest, &values));
    assert_null(rnsi_tunnel_load(node, id, iface_hash, 2 * HOUR)); // known already
    node->now = 2 * HOUR;
    struct rnsi_iface *iface = add(both, RNS_MODE_FULL);
    connect(both, iface);
    assert_true(leads_over(both, 1, iface));
    assert_int_equal(path_to(both, 1)->hops, 4);
}

static void stored_tunnel_that_is_over_is_made_anew(void **state) {
    both_t *both = *state;
    rns_node_t *node = both->bench->node;
    uint8_t id[32], iface_hash[32] = {5}, dest[16];
    unhex(TUNNEL_ID, id);
    struct rnsi_tunnel *stored = rnsi_tunnel_load(node, id, iface_hash, 2 * HOUR);
    const struct rnsi_tunnel_path values = {.cache = RNSI_NONE, .expires = 3 * HOUR};
    bench_dest(dest, 1);
    assert_true(rnsi_tunnel_load_path(node, stored, dest, &values));
    node->now = 2 * HOUR + 1;
    connect(both, add(both, RNS_MODE_FULL));
    assert_null(path_to(both, 1));
    assert_int_equal(both->bench->tunnel_events, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(packet_of_the_reference_makes_a_tunnel),
        TEST(our_packet_is_the_references_but_for_the_random_bytes),
        TEST(our_packet_makes_the_same_tunnel),
        TEST(packet_of_another_size_is_malformed),
        TEST(changed_packet_is_no_tunnel),
        TEST(packet_is_only_sent_on_an_interface_that_sends),
        TEST(packet_goes_to_no_other_interface),
        TEST(node_without_tunnels_takes_none),
        TEST(paths_come_back_over_the_new_interface),
        TEST(each_path_that_comes_back_is_told),
        TEST(path_that_is_not_taken_back_is_not_told),
        TEST(interface_may_be_removed_while_paths_come_back),
        TEST(interface_may_be_removed_while_the_rest_of_the_paths_comes_back),
        TEST(paths_come_back_when_the_interface_was_offline),
        TEST(nothing_is_restored_while_the_tunnel_stays_where_it_is),
        TEST(tunnel_moves_to_the_interface_it_is_heard_on),
        TEST(longer_way_of_the_same_announce_gives_way),
        TEST(equal_way_of_the_same_announce_gives_way),
        TEST(shorter_way_stays),
        TEST(newer_announce_stays_though_it_is_a_longer_way),
        TEST(older_announce_gives_way),
        TEST(shorter_way_gives_way_when_it_has_expired),
        TEST(path_that_has_expired_is_not_restored),
        TEST(restored_path_keeps_its_state),
        TEST(many_paths_are_restored_in_slices),
        TEST(path_that_goes_while_others_are_restored_is_left_out),
        TEST(path_learned_again_is_kept_once_with_its_newer_announce),
        TEST(announce_stays_cached_while_a_tunnel_has_its_path),
        TEST(interface_without_tunnel_remembers_nothing),
        TEST(tunnel_holds_a_quarter_of_the_paths_the_newest),
        TEST(path_is_forgotten_eight_hours_after_it_was_learned),
        TEST(path_is_forgotten_when_a_newer_one_lives),
        TEST(tunnel_without_interface_is_forgotten_after_eight_hours),
        TEST(tunnel_without_paths_goes_with_its_interface),
        TEST(neighbour_that_makes_up_tunnels_holds_one_slot),
        TEST(tunnels_on_interfaces_are_not_pushed_out),
        TEST(oldest_tunnel_without_interface_makes_room_with_its_paths),
        TEST(stored_tunnel_restores_its_paths_while_it_lasts),
        TEST(stored_tunnel_that_is_over_is_made_anew),
    };
    return cmocka_run_group_tests_name("tunnel", tests, NULL, NULL);
}
