// Two nodes back to back: announces, packets, proofs, and answers to path requests, through the
// public API alone, in virtual time.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rns/providers.h"
#include "rns/rns.h"

#define SECOND      ((rns_us_t)1000000)
#define REGION_SIZE (8U << 20)
#define EVENTS_MAX  32
#define ROUNDS_MAX  64

typedef struct {
    rns_event_t event;
    uint8_t data[RNS_MTU];
    bool has_ratchet;
} heard_t;

typedef struct {
    rns_node_t *node;
    rns_iface_t wire;
    heard_t heard[EVENTS_MAX];
    size_t heard_count;
    uint8_t entropy;
    bool loses; // what it sends is lost
} side_t;

static _Alignas(max_align_t) uint8_t regions[2][REGION_SIZE];
static side_t a, b;
static rns_us_t now;

static const rns_iface_t ALL = {0, 0};
static const rns_bytes_t NONE = {NULL, 0};

static bool entropy(void *user, uint8_t *out, size_t size) {
    side_t *side = user;
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(++side->entropy * 73U);
    }
    return true;
}

static void on_event(void *user, rns_node_t *node, const rns_event_t *event) {
    side_t *side = user;
    (void)node;
    assert_true(side->heard_count < EVENTS_MAX);
    heard_t *h = &side->heard[side->heard_count++];
    *h = (heard_t){.event = *event, .has_ratchet = event->ratchet_id != NULL};
    if (event->data.size > 0) {
        memcpy(h->data, event->data.data, event->data.size);
    }
}

static void open_side(side_t *side, uint8_t *region, uint8_t seed, bool explicit_proof) {
    *side = (side_t){.entropy = seed};
    const rns_config_t config = {
        .mem = {{region, REGION_SIZE}, {NULL, 0}},
        .profile = RNS_PROFILE_MCU,
        .crypto = &rns_crypto_host,
        .entropy = entropy,
        .on_event = on_event,
        .user = side,
        .unix_us = (int64_t)1800000000 * SECOND,
        .explicit_proof = explicit_proof,
    };
    const rns_iface_config_t wire = {
        .name = "Wire[between us]", .mode = RNS_MODE_FULL, .bitrate = 1000000};
    assert_int_equal(rns_open(&config, now, &side->node), RNS_ERR_OK);
    assert_int_equal(rns_iface_add(side->node, now, &wire, &side->wire), RNS_ERR_OK);
}

static void open_both(bool explicit_proof) {
    now = 1 * SECOND;
    open_side(&a, regions[0], 1, explicit_proof);
    open_side(&b, regions[1], 2, explicit_proof);
}

static int close_both(void **state) {
    (void)state;
    rns_close(a.node);
    rns_close(b.node);
    return 0;
}

// Carries what one side has to send to the other; returns how many frames.
static unsigned carry(side_t *from, side_t *to) {
    unsigned frames = 0;
    rns_tx_t tx;
    while (rns_tx_next(from->node, now, from->wire, &tx)) {
        uint8_t frame[RNS_FRAME_MAX(RNS_MTU)];
        assert_true(tx.frame.size <= sizeof frame);
        memcpy(frame, tx.frame.data, tx.frame.size);
        const size_t size = tx.frame.size;
        rns_tx_done(from->node, now, from->wire, &tx, true);
        if (!from->loses) {
            rns_rx(to->node, now, to->wire, (rns_mem_t){frame, size}, NULL);
        }
        frames++;
    }
    return frames;
}

// Until nothing moves any more, without time passing.
static void settle(void) {
    unsigned moved = 1;
    for (unsigned round = 0; moved > 0; round++) {
        assert_true(round < ROUNDS_MAX);
        moved = carry(&a, &b) + carry(&b, &a);
        for (unsigned i = 0; i < ROUNDS_MAX; i++) {
            if (rns_next_due(a.node) > now && rns_next_due(b.node) > now) {
                break;
            }
            rns_tick(a.node, now);
            rns_tick(b.node, now);
            moved++;
        }
    }
}

// The only event of this type that a side has heard; forgets them all.
static heard_t only(side_t *side, rns_event_type_t type) {
    const heard_t *found = NULL;
    for (size_t i = 0; i < side->heard_count; i++) {
        if (side->heard[i].event.type == type) {
            assert_null(found);
            found = &side->heard[i];
        }
    }
    assert_non_null(found);
    side->heard_count = 0;
    return *found;
}

static unsigned count(const side_t *side, rns_event_type_t type) {
    unsigned n = 0;
    for (size_t i = 0; i < side->heard_count; i++) {
        n += side->heard[i].event.type == type;
    }
    return n;
}

static rns_bytes_t text(const char *s) {
    return (rns_bytes_t){(const uint8_t *)s, strlen(s)};
}

static rns_dest_t add(side_t *side, rns_prove_t prove, bool ratchets, rns_hash_t *hash) {
    rns_secret_t secret;
    rns_dest_t dest;
    assert_int_equal(rns_identity_new(side->node, &secret), RNS_ERR_OK);
    const rns_dest_config_t config = {.name = "reticule.test.pair",
                                      .prove = prove,
                                      .identity = &secret,
                                      .ratchets = ratchets,
                                      .app_data = {(const uint8_t *)"pair", 4}};
    assert_int_equal(rns_dest_add(side->node, now, &config, &dest), RNS_ERR_OK);
    assert_int_equal(rns_dest_hash(side->node, dest, hash), RNS_ERR_OK);
    return dest;
}

// A destination of a that b has heard of.
static rns_dest_t meet(rns_prove_t prove, bool ratchets, rns_hash_t *hash) {
    rns_handler_t handler;
    const rns_dest_t dest = add(&a, prove, ratchets, hash);
    assert_int_equal(rns_handler_add(b.node, "reticule.test.pair", false, &handler), RNS_ERR_OK);
    assert_int_equal(rns_announce(a.node, now, dest, NONE, ALL), RNS_ERR_OK);
    settle();
    const heard_t heard = only(&b, RNS_EV_ANNOUNCE);
    assert_memory_equal(heard.event.hash.b, hash->b, sizeof hash->b);
    assert_memory_equal(&heard.event.handler, &handler, sizeof handler);
    assert_int_equal(heard.event.hops, 1);
    assert_memory_equal(heard.data, "pair", 4);
    return dest;
}

static void a_packet_is_proved(bool explicit_proof, bool ratchets) {
    rns_hash_t hash;
    rns_receipt_t receipt;
    open_both(explicit_proof);
    const rns_dest_t dest = meet(RNS_PROVE_ALL, ratchets, &hash);
    assert_int_equal(rns_send(b.node, now, &hash, text("hello"), &receipt), RNS_ERR_OK);
    carry(&b, &a);
    const heard_t packet = only(&a, RNS_EV_PACKET);
    assert_memory_equal(packet.data, "hello", 5);
    assert_int_equal(packet.event.hops, 1);
    assert_int_equal(packet.has_ratchet, ratchets);
    assert_memory_equal(&packet.event.dest, &dest, sizeof dest);
    now += 30000;
    carry(&a, &b);
    const heard_t proof = only(&b, RNS_EV_PROOF);
    assert_int_equal(proof.event.status, RNS_ERR_OK);
    assert_int_equal(proof.event.rtt_us, 30000);
    assert_int_equal(proof.event.hops, 1);
    assert_memory_equal(&proof.event.receipt, &receipt, sizeof receipt);
}

static void an_implicit_proof_comes_back(void **state) {
    (void)state;
    a_packet_is_proved(false, false);
}

static void an_explicit_proof_comes_back(void **state) {
    (void)state;
    a_packet_is_proved(true, false);
}

static void a_packet_goes_to_the_announced_ratchet(void **state) {
    (void)state;
    a_packet_is_proved(false, true);
}

static void a_lost_packet_times_out(void **state) {
    (void)state;
    rns_hash_t hash;
    rns_receipt_t receipt;
    open_both(false);
    meet(RNS_PROVE_ALL, false, &hash);
    b.loses = true;
    assert_int_equal(rns_send(b.node, now, &hash, text("hello"), &receipt), RNS_ERR_OK);
    settle();
    // 6 s, 500 bytes at 1 Mbit/s, and 6 s for the one hop.
    now += 12004000 - 1;
    settle();
    assert_int_equal(count(&b, RNS_EV_PROOF), 0);
    now += 1;
    settle();
    assert_int_equal(only(&b, RNS_EV_PROOF).event.status, RNS_ERR_TIMEOUT);
}

static void the_application_decides_about_a_proof(void **state) {
    (void)state;
    rns_hash_t hash;
    rns_receipt_t receipt;
    open_both(false);
    meet(RNS_PROVE_APP, false, &hash);
    assert_int_equal(rns_send(b.node, now, &hash, text("hello"), &receipt), RNS_ERR_OK);
    settle();
    assert_int_equal(count(&b, RNS_EV_PROOF), 0);
    assert_int_equal(count(&a, RNS_EV_PACKET), 1);
    assert_int_equal(rns_prove(a.node, now, only(&a, RNS_EV_PROVE).event.ask, true), RNS_ERR_OK);
    settle();
    assert_int_equal(only(&b, RNS_EV_PROOF).event.status, RNS_ERR_OK);
}

static void a_path_request_is_answered(void **state) {
    (void)state;
    rns_hash_t hash;
    rns_handler_t live, all;
    open_both(false);
    const rns_dest_t dest = add(&a, RNS_PROVE_NONE, false, &hash);
    assert_int_equal(rns_handler_add(b.node, NULL, false, &live), RNS_ERR_OK);
    assert_int_equal(rns_handler_add(b.node, NULL, true, &all), RNS_ERR_OK);
    assert_int_equal(rns_send(b.node, now, &hash, text("x"), NULL), RNS_ERR_NO_PATH);
    assert_int_equal(rns_path_request(b.node, now, &hash, ALL), RNS_ERR_OK);
    settle();
    const heard_t asked = only(&a, RNS_EV_APP_DATA);
    assert_memory_equal(&asked.event.dest, &dest, sizeof dest);
    const heard_t heard = only(&b, RNS_EV_ANNOUNCE);
    assert_true(heard.event.is_response);
    assert_memory_equal(&heard.event.handler, &all, sizeof all);
    assert_int_equal(rns_hops_to(b.node, now, &hash), 1);
    assert_int_equal(rns_send(b.node, now, &hash, text("found"), NULL), RNS_ERR_OK);
    settle();
    assert_memory_equal(only(&a, RNS_EV_PACKET).data, "found", 5);
}

static void a_second_announce_is_newer_than_the_first(void **state) {
    (void)state;
    rns_hash_t hash;
    open_both(false);
    const rns_dest_t dest = meet(RNS_PROVE_NONE, false, &hash);
    assert_int_equal(rns_announce(a.node, now, dest, text("again"), ALL), RNS_ERR_OK);
    settle();
    assert_memory_equal(only(&b, RNS_EV_ANNOUNCE).data, "again", 5);
}

static void a_group_hears_a_broadcast(void **state) {
    (void)state;
    static const uint8_t key[64] = {1, 2, 3};
    rns_dest_t dest;
    open_both(false);
    const rns_dest_config_t group = {
        .name = "reticule.test.group", .type = RNS_DEST_GROUP, .group_key = {key, 64}};
    const rns_dest_config_t plain = {.name = "reticule.test.plain", .type = RNS_DEST_PLAIN};
    assert_int_equal(rns_dest_add(a.node, now, &group, &dest), RNS_ERR_OK);
    assert_int_equal(rns_broadcast(b.node, now, "reticule.test.group", NULL, (rns_bytes_t){key, 64},
                                   text("group")),
                     RNS_ERR_OK);
    settle();
    assert_memory_equal(only(&a, RNS_EV_PACKET).data, "group", 5);
    assert_int_equal(rns_dest_add(a.node, now, &plain, &dest), RNS_ERR_OK);
    assert_int_equal(rns_broadcast(b.node, now, "reticule.test.plain", NULL, NONE, text("plain")),
                     RNS_ERR_OK);
    settle();
    assert_memory_equal(only(&a, RNS_EV_PACKET).data, "plain", 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_implicit_proof_comes_back, close_both),
        cmocka_unit_test_teardown(an_explicit_proof_comes_back, close_both),
        cmocka_unit_test_teardown(a_packet_goes_to_the_announced_ratchet, close_both),
        cmocka_unit_test_teardown(a_lost_packet_times_out, close_both),
        cmocka_unit_test_teardown(the_application_decides_about_a_proof, close_both),
        cmocka_unit_test_teardown(a_path_request_is_answered, close_both),
        cmocka_unit_test_teardown(a_second_announce_is_newer_than_the_first, close_both),
        cmocka_unit_test_teardown(a_group_hears_a_broadcast, close_both),
    };
    return cmocka_run_group_tests_name("pair", tests, NULL, NULL);
}
