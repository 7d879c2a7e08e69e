// Opening and closing a node: what it refuses, what it leaves behind, when it wants to be called.
#include "node_help.h"

#include "route/iface.h"
#include "route/known.h"

static bool entropy(void *user, uint8_t *out, size_t size) {
    unsigned *left = user;
    memset(out, 0x5A, size);
    if (*left == 0) {
        return false;
    }
    (*left)--;
    return true;
}

static unsigned plenty = 1000;

static rns_config_t config_of(rns_profile_t profile) {
    rns_config_t config = {
        .profile = profile, .crypto = &rns_crypto_fake, .entropy = entropy, .user = &plenty};
    bed_memory(&config);
    return config;
}

static void free_memory(const rns_config_t *config) {
    free(config->mem[RNS_REGION_FAST].data);
    free(config->mem[RNS_REGION_BULK].data);
}

static rns_err_t open_as(rns_config_t config, rns_us_t now) {
    rns_node_t *node = NULL;
    const rns_err_t err = rns_open(&config, now, &node);
    assert_true((node != NULL) == (err == RNS_ERR_OK));
    if (node != NULL) {
        rns_close(node);
    }
    return err;
}

static void open_refuses_what_is_missing(void **state) {
    (void)state;
    const rns_config_t good = config_of(RNS_PROFILE_MCU);
    rns_config_t c = good;
    assert_int_equal(open_as(good, 0), RNS_ERR_OK);
    assert_int_equal(open_as(good, -1), RNS_ERR_ARG);
    c.crypto = NULL;
    assert_int_equal(open_as(c, 0), RNS_ERR_ARG);
    c = good;
    c.entropy = NULL;
    assert_int_equal(open_as(c, 0), RNS_ERR_ARG);
    c = good;
    c.profile = RNS_PROFILE_COUNT;
    assert_int_equal(open_as(c, 0), RNS_ERR_ARG);
    free_memory(&good);
}

static void memory_must_be_as_large_as_planned_and_aligned(void **state) {
    (void)state;
    for (int region = 0; region < RNS_REGION_COUNT; region++) {
        const rns_config_t good = config_of(RNS_PROFILE_MCU);
        rns_config_t c = good;
        c.mem[region].size--;
        assert_int_equal(open_as(c, 0), RNS_ERR_MEMORY);
        c = good;
        c.mem[region].data++;
        assert_int_equal(open_as(c, 0), RNS_ERR_MEMORY);
        free_memory(&good);
    }
    rns_config_t none = {.crypto = &rns_crypto_fake, .entropy = entropy, .user = &plenty};
    assert_int_equal(open_as(none, 0), RNS_ERR_MEMORY);
}

static void without_bulk_all_is_in_fast(void **state) {
    (void)state;
    size_t both[RNS_REGION_COUNT], one[RNS_REGION_COUNT];
    const rns_config_t split = config_of(RNS_PROFILE_MCU);
    rns_plan(&split, both);
    rns_config_t c = split;
    c.mem[RNS_REGION_BULK] = (rns_mem_t){NULL, 0};
    rns_plan(&c, one);
    assert_int_equal(one[RNS_REGION_FAST], both[RNS_REGION_FAST] + both[RNS_REGION_BULK]);
    assert_int_equal(one[RNS_REGION_BULK], 0);
    c.mem[RNS_REGION_FAST] = (rns_mem_t){malloc(one[RNS_REGION_FAST]), one[RNS_REGION_FAST]};
    assert_int_equal(open_as(c, 0), RNS_ERR_OK);
    free(c.mem[RNS_REGION_FAST].data);
    free_memory(&split);
}

static void every_profile_opens(void **state) {
    (void)state;
    static const rns_profile_t PROFILES[] = {RNS_PROFILE_TINY, RNS_PROFILE_MCU, RNS_PROFILE_ROUTER};
    for (size_t i = 0; i < 3; i++) {
        const rns_config_t c = config_of(PROFILES[i]);
        assert_int_equal(open_as(c, 0), RNS_ERR_OK);
        free_memory(&c);
    }
}

static void interfaces_are_named_by_16_bits(void **state) {
    (void)state;
    rns_config_t c = {.profile = RNS_PROFILE_TINY,
                      .crypto = &rns_crypto_fake,
                      .entropy = entropy,
                      .user = &plenty,
                      .count = {[RNS_POOL_IFACE] = 65535}};
    bed_memory(&c);
    assert_int_equal(open_as(c, 0), RNS_ERR_OK);
    free_memory(&c);
    c.count[RNS_POOL_IFACE] = 65536;
    bed_memory(&c);
    assert_int_equal(open_as(c, 0), RNS_ERR_ARG);
    free_memory(&c);
}

static void a_provider_with_a_state_needs_its_row(void **state) {
    (void)state;
    rns_config_t c = {.profile = RNS_PROFILE_TINY,
                      .crypto = &rns_crypto_fake,
                      .entropy = entropy,
                      .user = &plenty,
                      .count = {[RNS_POOL_CRYPTO] = RNS_COUNT_NONE}};
    bed_memory(&c);
    assert_int_equal(open_as(c, 0), RNS_ERR_OK); // it has none
    c.crypto = &rns_crypto_host;
    assert_int_equal(open_as(c, 0), RNS_ERR_ARG);
    free_memory(&c);
}

static void a_node_needs_a_row_of_frames(void **state) {
    (void)state;
    static const rns_pool_t FRAMES[] = {RNS_POOL_FRAME, RNS_POOL_FRAME_2K, RNS_POOL_FRAME_16K,
                                        RNS_POOL_FRAME_MAX};
    for (size_t only = 0; only <= 4; only++) { // 4: none
        rns_config_t c = {.profile = RNS_PROFILE_ROUTER,
                          .crypto = &rns_crypto_fake,
                          .entropy = entropy,
                          .user = &plenty};
        for (size_t i = 0; i < 4; i++) {
            c.count[FRAMES[i]] = i == only ? 1 : RNS_COUNT_NONE;
        }
        bed_memory(&c);
        assert_int_equal(open_as(c, 0), only < 4 ? RNS_ERR_OK : RNS_ERR_ARG);
        free_memory(&c);
    }
}

static void the_destination_for_probes_needs_a_slot(void **state) {
    (void)state;
    rns_config_t c = {.profile = RNS_PROFILE_TINY,
                      .crypto = &rns_crypto_fake,
                      .entropy = entropy,
                      .user = &plenty,
                      .respond_to_probes = true,
                      .count = {[RNS_POOL_DEST] = RNS_COUNT_NONE}};
    bed_memory(&c);
    assert_int_equal(open_as(c, 0), RNS_ERR_OK); // without transport there is none
    c.transport = true;
    assert_int_equal(open_as(c, 0), RNS_ERR_FULL);
    free_memory(&c);
}

// ---- Providers

static unsigned opened, closed;

static bool open_fails(void *self) {
    (void)self;
    opened++;
    return false;
}

static void count_close(void *self) {
    (void)self;
    closed++;
}

static void a_provider_that_does_not_open_is_not_closed(void **state) {
    (void)state;
    rns_crypto_t crypto = rns_crypto_fake;
    rns_config_t c = config_of(RNS_PROFILE_TINY);
    c.crypto = &crypto;
    crypto.open = open_fails;
    crypto.close = count_close;
    opened = closed = 0;
    assert_int_equal(open_as(c, 0), RNS_ERR_CRYPTO);
    assert_int_equal(opened, 1);
    assert_int_equal(closed, 0);
    crypto = rns_crypto_fake;
    crypto.close = count_close;
    assert_int_equal(open_as(c, 0), RNS_ERR_OK);
    assert_int_equal(closed, 1);
    crypto.state_size = 513;
    assert_int_equal(open_as(c, 0), RNS_ERR_CRYPTO);
    assert_int_equal(closed, 1);
    free_memory(&c);
}

static void without_entropy_nothing_opens(void **state) {
    (void)state;
    rns_config_t c = config_of(RNS_PROFILE_TINY);
    unsigned left;
    rns_err_t err = RNS_ERR_ENTROPY;
    c.user = &left;
    unsigned needed = 0;
    for (; err == RNS_ERR_ENTROPY && needed < 10; needed++) {
        left = needed;
        err = open_as(c, 0);
    }
    assert_int_equal(err, RNS_ERR_OK);
    assert_int_equal(needed - 1, 2); // the seed, and again for the identity
    free_memory(&c);
}

static void randomness_is_seeded_again_on_request(void **state) {
    (void)state;
    rns_config_t c = config_of(RNS_PROFILE_TINY);
    unsigned left = 5;
    rns_node_t *node;
    uint8_t bytes[16];
    c.user = &left;
    assert_int_equal(rns_open(&c, 0, &node), RNS_ERR_OK);
    assert_int_equal(left, 3);
    assert_true(rns_reseed(node));
    assert_int_equal(left, 2);
    left = 0;
    assert_false(rns_reseed(node));
    assert_true(rns_random(node, bytes, sizeof bytes)); // it goes on with what it has
    unsigned n = 0;
    for (; n < 70000 && rns_random(node, bytes, sizeof bytes); n++) {
    }
    assert_in_range(n, 65530, 65536); // outputs since it was seeded last
    left = 1;
    assert_true(rns_random(node, bytes, sizeof bytes));
    rns_close(node);
    free_memory(&c);
}

// ---- Closing

static bool stands_in(const rns_config_t *c, const void *bytes, size_t size) {
    for (int region = 0; region < RNS_REGION_COUNT; region++) {
        const rns_mem_t mem = c->mem[region];
        for (size_t i = 0; i + size <= mem.size; i++) {
            if (memcmp(mem.data + i, bytes, size) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void close_leaves_no_key_behind(void **state) {
    (void)state;
    rns_config_t c = config_of(RNS_PROFILE_MCU);
    rns_secret_t own, other;
    memset(&own, 0xC1, sizeof own);
    memset(&other, 0xC2, sizeof other);
    uint8_t group[64];
    memset(group, 0xC3, sizeof group);
    c.identity = &own;
    c.transport = true;
    rns_node_t *node;
    rns_dest_t dest[2];
    rns_iface_t iface;
    assert_int_equal(rns_open(&c, 0, &node), RNS_ERR_OK);
    const rns_dest_config_t single = {
        .name = "test.own", .type = RNS_DEST_SINGLE, .identity = &other, .ratchets = true};
    const rns_dest_config_t shared = {
        .name = "test.group", .type = RNS_DEST_GROUP, .group_key = {group, sizeof group}};
    const rns_iface_config_t sealed = {.name = "Test[0]", .passphrase = "pass"};
    assert_int_equal(rns_dest_add(node, 0, &single, &dest[0]), RNS_ERR_OK);
    assert_int_equal(rns_dest_add(node, 0, &shared, &dest[1]), RNS_ERR_OK);
    assert_int_equal(rns_iface_add(node, 0, &sealed, &iface), RNS_ERR_OK);
    assert_int_equal(rns_announce(node, 0, dest[0], (rns_bytes_t){NULL, 0}, (rns_iface_t){0, 0}),
                     RNS_ERR_OK);
    struct rnsi_iface *i = rnsi_iface_get(node, iface);
    uint8_t ifac[64], ratchet[32];
    memcpy(ifac, rnsi_iface_network(node, i)->ifac.key_secret, sizeof ifac);
    const struct rnsi_ratchet_self *r = rnsi_pool_at(RNSI_POOL(node, RATCHET_SELF), 0);
    memcpy(ratchet, r->key_secret, sizeof ratchet);
    assert_true(stands_in(&c, own.x25519, 32));
    assert_true(stands_in(&c, other.x25519, 32));
    assert_true(stands_in(&c, group, 64));
    assert_true(stands_in(&c, ifac, 64));
    assert_true(stands_in(&c, ratchet, 32));
    rns_close(node);
    assert_false(stands_in(&c, own.x25519, 16));
    assert_false(stands_in(&c, own.ed25519, 16));
    assert_false(stands_in(&c, other.x25519, 16));
    assert_false(stands_in(&c, group, 16));
    assert_false(stands_in(&c, ifac, 16));
    assert_false(stands_in(&c, ratchet, 16));
    rns_close(node); // again does nothing
    free_memory(&c);
}

// ---- Handles

static void stale_handles_are_gone(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_iface_t old = bed->iface[on];
    rns_iface_info_t info;
    rns_tx_t tx = {{NULL, 0}, 0};
    assert_int_equal(rns_iface_remove(bed->node, bed->now, old), RNS_ERR_OK);
    for (unsigned again = 0; again < 2; again++) {
        assert_int_equal(rns_iface_remove(bed->node, bed->now, old), RNS_ERR_GONE);
        assert_int_equal(rns_iface_online(bed->node, bed->now, old, true), RNS_ERR_GONE);
        assert_int_equal(rns_iface_info(bed->node, bed->now, old, &info), RNS_ERR_GONE);
        assert_int_equal(rns_iface_count(bed->node, old, RNS_RX_SHORT), 0);
        assert_int_equal(rns_iface_tunnel(bed->node, bed->now, old), RNS_ERR_GONE);
        assert_false(rns_rx_ready(bed->node, old));
        assert_false(rns_tx_next(bed->node, bed->now, old, &tx));
        rns_tx_done(bed->node, bed->now, old, &tx, true);
        rns_tx_hold(bed->node, bed->now, old, true);
        const rns_iface_config_t child = {.name = "child", .parent = old};
        rns_iface_t made;
        assert_int_equal(rns_iface_add(bed->node, bed->now, &child, &made), RNS_ERR_GONE);
        add_mode(bed, RNS_MODE_FULL); // takes its slot
    }
    const rns_iface_t none = {0, 0}, wild = {0xFFFFFFFF, 0xFFFFFFFF}, far = {7, 1};
    assert_int_equal(rns_iface_remove(bed->node, bed->now, none), RNS_ERR_GONE);
    assert_int_equal(rns_iface_remove(bed->node, bed->now, wild), RNS_ERR_GONE);
    assert_int_equal(rns_iface_remove(bed->node, bed->now, far), RNS_ERR_GONE);
    bed_close(bed);
}

static void an_interface_that_is_refused_leaves_nothing_behind(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_NETWORK] = 1, [RNS_POOL_IFACE] = 2};
    bed_t *bed = bed_open((setup_t){.count = count});
    char long_name[121];
    memset(long_name, 'x', 120);
    long_name[120] = '\0';
    rns_iface_t made;
    const rns_iface_config_t bad[] = {
        {.name = NULL},
        {.name = ""},
        {.name = long_name},
        {.name = "a", .mode = (rns_mode_t)8},
        {.name = "a", .ifac_size = 65},
        {.name = "a", .mtu_kind = (rns_mtu_kind_t)3},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(rns_iface_add(bed->node, bed->now, &bad[i], &made), RNS_ERR_ARG);
        assert_int_equal(used(bed, RNS_POOL_IFACE), 0);
    }
    const unsigned one = add_iface(bed, (rns_iface_config_t){.network_name = "one"});
    const rns_iface_config_t two = {.name = "a", .network_name = "two"}, three = {.name = "b"};
    assert_int_equal(rns_iface_add(bed->node, bed->now, &two, &made), RNS_ERR_FULL);
    assert_int_equal(used(bed, RNS_POOL_IFACE), 1);
    assert_int_equal(rns_iface_add(bed->node, bed->now, &three, &made), RNS_ERR_OK);
    assert_int_equal(rns_iface_add(bed->node, bed->now, &three, &made), RNS_ERR_FULL);
    rns_iface_remove(bed->node, bed->now, bed->iface[one]);
    assert_int_equal(rns_iface_add(bed->node, bed->now, &two, &made), RNS_ERR_OK);
    long_name[119] = '\0';
    rns_iface_remove(bed->node, bed->now, made);
    const rns_iface_config_t longest = {.name = long_name};
    assert_int_equal(rns_iface_add(bed->node, bed->now, &longest, &made), RNS_ERR_OK);
    bed_close(bed);
}

static void parents_count_their_children(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned parent = add_mode(bed, RNS_MODE_FULL);
    const unsigned a = add_iface(bed, (rns_iface_config_t){.parent = bed->iface[parent]});
    add_iface(bed, (rns_iface_config_t){.parent = bed->iface[parent]});
    rns_iface_info_t info;
    rns_iface_info(bed->node, bed->now, bed->iface[parent], &info);
    assert_int_equal(info.children, 2);
    rns_iface_remove(bed->node, bed->now, bed->iface[a]);
    rns_iface_info(bed->node, bed->now, bed->iface[parent], &info);
    assert_int_equal(info.children, 1);
    rns_iface_remove(bed->node, bed->now, bed->iface[parent]); // before its child
    const unsigned next = add_mode(bed, RNS_MODE_FULL);
    rns_iface_info(bed->node, bed->now, bed->iface[next], &info);
    assert_int_equal(info.children, 0);
    bed_close(bed);
}

// A slot that was used 32,768 times over has a generation whose lower half came round.
static void generations_of_interfaces_do_not_overflow(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_IFACE] = 1};
    bed_t *bed = bed_open((setup_t){.count = count});
    const rns_iface_config_t config = {.name = "a"};
    rns_iface_t made = {0, 0};
    for (unsigned i = 0; i < 40000; i++) {
        assert_int_equal(rns_iface_add(bed->node, bed->now, &config, &made), RNS_ERR_OK);
        const struct rnsi_iface *iface = rnsi_iface_get(bed->node, made);
        assert_ptr_equal(rnsi_iface_at(bed->node, rnsi_iface_ref(bed->node, iface)), iface);
        assert_int_equal(rns_iface_remove(bed->node, bed->now, made), RNS_ERR_OK);
    }
    assert_true(made.gen > 65536);
    bed_close(bed);
}

// ---- What it tells of itself

static void the_mtu_follows_the_bitrate_as_in_the_reference(void **state) {
    (void)state;
    static const struct {
        uint32_t bitrate, mtu;
    } OF[] = {{62499, 0},          {62500, 1024},       {999999, 1024},      {1000000, 2048},
              {2000000, 4096},     {5000000, 8192},     {10000000, 16384},   {99999999, 16384},
              {100000000, 32768},  {200000000, 65536},  {400000000, 131072}, {750000000, 262144},
              {999999999, 262144}, {1000000000, 524288}};
    for (size_t i = 0; i < sizeof OF / sizeof *OF; i++) {
        assert_int_equal(rns_iface_mtu_of(OF[i].bitrate), OF[i].mtu);
    }
}

static void an_interface_tells_how_it_is_set(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.real = true});
    const unsigned plain = add_iface(
        bed, (rns_iface_config_t){.name = "Plain", .bitrate = 9600, .mode = RNS_MODE_GATEWAY});
    const unsigned sealed =
        add_iface(bed, (rns_iface_config_t){.network_name = "net", .small_ifac = true});
    rns_iface_info_t info;
    assert_int_equal(rns_iface_info(bed->node, bed->now, bed->iface[plain], &info), RNS_ERR_OK);
    assert_string_equal(info.name, "Plain");
    assert_int_equal(info.mode, RNS_MODE_GATEWAY);
    assert_int_equal(info.bitrate, 9600);
    assert_int_equal(info.ifac_size, 16);
    assert_true(info.online && !info.has_ifac && !info.held);
    assert_false(info.announce_burst || info.ask_burst);
    rns_iface_info(bed->node, bed->now, bed->iface[sealed], &info);
    assert_true(info.has_ifac);
    assert_int_equal(info.ifac_size, 8);
    rns_iface_t iface;
    uint32_t cursor = 0, n = 0;
    while (rns_iface_each(bed->node, &cursor, &iface)) {
        assert_int_equal(number_of(bed, iface), n++);
    }
    assert_int_equal(n, 2);
    bed_close(bed);
}

static void a_node_sums_up_its_interfaces(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned a = add_mode(bed, RNS_MODE_FULL), b = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t to = address(0x11);
    const packet_t p = data_to(NULL, &to, 0, 1), q = data_to(NULL, &to, 0, 2);
    rx(bed, a, &p);
    rx(bed, b, &q);
    rns_path_request(bed->node, bed->now, &to, (rns_iface_t){0, 0});
    drain(bed);
    rns_node_info_t info;
    uint8_t pub[64];
    rns_node_info(bed->node, &info);
    assert_int_equal(info.rx_packets, 2);
    assert_int_equal(info.rx_bytes, 78);
    assert_int_equal(info.tx_packets, 2);
    assert_int_equal(info.tx_bytes, 134);
    assert_int_equal(info.since, START);
    const rns_hash_t hash = rns_node_identity(bed->node, pub);
    rns_hash_t again;
    rns_identity_hash(bed->node, pub, &again);
    assert_memory_equal(hash.b, again.b, 16);
    bed_close(bed);
}

// ---- Time

static void a_node_asks_to_be_called_only_for_what_is_due(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.endpoint = true});
    rns_tick(bed->node, bed->now);
    assert_int_equal(rns_next_due(bed->node), START + 5 * SECOND); // its tables
    bed->now += 2 * SECOND;
    add_mode(bed, RNS_MODE_FULL);
    rns_tick(bed->node, bed->now);
    assert_int_equal(rns_next_due(bed->node), START + 5 * SECOND);
    rns_tick(bed->node, START + 5 * SECOND);
    assert_int_equal(rns_next_due(bed->node), START + 7 * SECOND); // the interface
    bed_close(bed);
}

static void a_late_tick_does_all_that_was_due(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    learn(bed, on, (announcement_t){.who = 1, .emitted = 1});
    const rns_us_t late = bed->now + 100 * SECOND;
    bed->now = late;
    for (unsigned i = 0; i < 10; i++) {
        rns_tick(bed->node, bed->now);
        drain(bed);
    }
    assert_int_equal(sent_on(bed, on), 1); // the second time is 5.5 s after the first
    run(bed, 6 * SECOND);
    assert_int_equal(sent_nth(bed, on, 1)->at, late + 5500 * MS);
    bed_close(bed);
}

static void a_crowd_of_paths_that_expires_goes_in_slices_without_a_pause(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_PATH] = 200};
    bed_t *bed = bed_open((setup_t){.count = count});
    const unsigned on = add_mode(bed, RNS_MODE_ROAMING);
    for (unsigned who = 1; who <= 150; who++) {
        learn(bed, on, (announcement_t){.who = who, .emitted = 1});
        drain(bed);
    }
    run(bed, 10 * SECOND); // nothing is to be sent on any more
    bed->now += 7 * 3600 * SECOND;
    rns_tick(bed->node, bed->now);
    assert_int_equal(used(bed, RNS_POOL_PATH), 150 - 64);
    assert_true(rns_next_due(bed->node) <= bed->now);
    forget_sent(bed);
    run(bed, 0);
    assert_int_equal(used(bed, RNS_POOL_PATH), 0);
    bed_close(bed);
}

static void the_wall_clock_may_step_without_an_end_to_anything(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){.unix_us = 1700000000 * (int64_t)1000000});
    const unsigned on = add_mode(bed, RNS_MODE_FULL);
    const rns_hash_t dest = settle(bed, on, (announcement_t){.who = 1, .emitted = 1});
    assert_int_equal(rnsi_unix_us(bed->node), 1700000007 * (int64_t)1000000);
    rns_set_clock(bed->node, bed->now, 4000000000 * (int64_t)1000000);
    assert_int_equal(rnsi_unix_us(bed->node), 4000000000 * (int64_t)1000000);
    run(bed, 10 * SECOND);
    assert_int_equal(rns_hops_to(bed->node, bed->now, &dest), 1);
    rns_set_clock(bed->node, bed->now, 0);
    assert_int_equal(rnsi_unix_us(bed->node), 0);
    run(bed, 10 * SECOND);
    assert_int_equal(rns_hops_to(bed->node, bed->now, &dest), 1);
    bed_close(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_refuses_what_is_missing),
        cmocka_unit_test(memory_must_be_as_large_as_planned_and_aligned),
        cmocka_unit_test(without_bulk_all_is_in_fast),
        cmocka_unit_test(every_profile_opens),
        cmocka_unit_test(interfaces_are_named_by_16_bits),
        cmocka_unit_test(a_provider_with_a_state_needs_its_row),
        cmocka_unit_test(a_node_needs_a_row_of_frames),
        cmocka_unit_test(the_destination_for_probes_needs_a_slot),
        cmocka_unit_test(a_provider_that_does_not_open_is_not_closed),
        cmocka_unit_test(without_entropy_nothing_opens),
        cmocka_unit_test(randomness_is_seeded_again_on_request),
        cmocka_unit_test(close_leaves_no_key_behind),
        cmocka_unit_test(stale_handles_are_gone),
        cmocka_unit_test(an_interface_that_is_refused_leaves_nothing_behind),
        cmocka_unit_test(parents_count_their_children),
        cmocka_unit_test(generations_of_interfaces_do_not_overflow),
        cmocka_unit_test(the_mtu_follows_the_bitrate_as_in_the_reference),
        cmocka_unit_test(an_interface_tells_how_it_is_set),
        cmocka_unit_test(a_node_sums_up_its_interfaces),
        cmocka_unit_test(a_node_asks_to_be_called_only_for_what_is_due),
        cmocka_unit_test(a_late_tick_does_all_that_was_due),
        cmocka_unit_test(a_crowd_of_paths_that_expires_goes_in_slices_without_a_pause),
        cmocka_unit_test(the_wall_clock_may_step_without_an_end_to_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
