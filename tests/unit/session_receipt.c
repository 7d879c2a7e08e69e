// Packets of our own and their proofs.
#include "session_support.h"

static rns_dest_t own;

static void sends_nothing_to_whom_it_does_not_know(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const rns_hash_t dest = hash_of(VECTOR_DEST);
    assert_int_equal(rns_send(node, 1, &dest, text("x"), NULL), RNS_ERR_NO_PATH);
    assert_int_equal(world.sent_count, 0);
}

// What was sent comes to the destination of the vectors on the same node.
static void receive_what_was_sent(rns_node_t *node, arrival_t *a) {
    rnsi_rx_t *rx = arrive(node, a, last_sent()->raw, last_sent()->size);
    struct rnsi_dest *dest = rnsi_pool_find(RNSI_POOL(node, DEST), rx->packet.dest);
    assert_non_null(dest);
    assert_int_equal(rnsi_destination_receive(node, dest, rx), RNS_RX_DELIVERED);
}

static void sends_to_the_key_of_a_known_destination(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const rns_hash_t dest = hash_of(VECTOR_DEST);
    arrival_t a;
    know(node, NULL);
    assert_int_equal(add_own(node, (rns_dest_config_t){0}, &own), RNS_ERR_OK);
    assert_int_equal(rns_send(node, node->now, &dest, text("hello"), NULL), RNS_ERR_OK);
    assert_int_equal(used(RNS_POOL_RECEIPT), 0);
    assert_int_equal(last_sent()->size, 19 + 32 + 16 + 16 + 32);
    assert_memory_equal(last_sent()->raw, "\x00\x00", 2);
    assert_null(last_sent()->only);
    receive_what_was_sent(node, &a);
    assert_text(last_heard(RNS_EV_PACKET)->event.data, "hello");
    assert_false(last_heard(RNS_EV_PACKET)->has_ratchet);
}

static void sends_to_the_newest_ratchet(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const rns_hash_t dest = hash_of(VECTOR_DEST);
    arrival_t a;
    know(node, VECTOR_RATCHET_2_PUBLIC);
    store_ratchets(VECTOR_FILE_3);
    assert_int_equal(add_own(node, (rns_dest_config_t){.ratchets = true}, &own), RNS_ERR_OK);
    assert_int_equal(rns_send(node, node->now, &dest, text("hello"), NULL), RNS_ERR_OK);
    receive_what_was_sent(node, &a);
    assert_hex(last_heard(RNS_EV_PACKET)->ratchet_id, 10, VECTOR_RATCHET_ID_2);
}

static void largest_packet_is_383_bytes(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const rns_hash_t dest = hash_of(VECTOR_DEST);
    const uint8_t data[384] = {0};
    know(node, NULL);
    assert_int_equal(rns_send(node, 1, &dest, (rns_bytes_t){data, 384}, NULL), RNS_ERR_SIZE);
    assert_int_equal(rns_send(node, 1, &dest, (rns_bytes_t){data, 383}, NULL), RNS_ERR_OK);
    assert_int_equal(last_sent()->size, 483);
}

static void send_tells_what_went_wrong(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const rns_hash_t dest = hash_of(VECTOR_DEST);
    rns_receipt_t receipt;
    know(node, NULL);
    world.no_entropy = true;
    assert_int_equal(rns_send(node, 1, &dest, text("x"), NULL), RNS_ERR_ENTROPY);
    world.no_entropy = false;
    world.offline = true;
    assert_int_equal(rns_send(node, 1, &dest, text("x"), &receipt), RNS_ERR_FULL);
    assert_int_equal(used(RNS_POOL_RECEIPT), 0);
    assert_int_equal(world.heard_count, 0);
}

static void a_key_of_small_order_is_no_key(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const rns_hash_t dest = hash_of(VECTOR_DEST);
    know(node, "0000000000000000000000000000000000000000000000000000000000000000");
    assert_int_equal(rns_send(node, 1, &dest, text("x"), NULL), RNS_ERR_AUTH);
    assert_int_equal(world.sent_count, 0);
}

// ---- Receipts

// A receipt for the packet of the vectors, which the proofs of the vectors prove.
static rns_receipt_t receipt_of_vector(rns_node_t *node) {
    const hex_t hash = unhex(VECTOR_TO_KEY_HASH), pub = unhex(VECTOR_PUBLIC);
    struct rnsi_receipt *r = rnsi_receipt_open(node, hash.b, pub.b + 32, 10 * SECOND);
    assert_non_null(r);
    return (rns_receipt_t){rnsi_pool_slot(RNSI_POOL(node, RECEIPT), r), r->slot.gen};
}

static void a_proof_of_the_reference_ends_the_receipt(const char *proof, uint8_t hops) {
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const rns_receipt_t receipt = receipt_of_vector(node);
    arrival_t a;
    node->now += 250000;
    rnsi_rx_t *rx = arrive_hex(node, &a, proof);
    rx->hops = hops;
    assert_int_equal(rnsi_receipt_proof(node, rx), RNS_RX_DELIVERED);
    const rns_event_t *event = &last_heard(RNS_EV_PROOF)->event;
    assert_int_equal(event->status, RNS_ERR_OK);
    assert_int_equal(event->rtt_us, 250000);
    assert_int_equal(event->hops, hops);
    assert_memory_equal(&event->receipt, &receipt, sizeof receipt);
    assert_int_equal(used(RNS_POOL_RECEIPT), 0);
    assert_int_equal(rnsi_timers_next(&node->memory), RNS_NEVER);
    // Once: a second copy proves nothing any more.
    assert_int_equal(rnsi_receipt_proof(node, arrive_hex(node, &a, proof)), RNS_RX_NO_PROOF);
    assert_int_equal(world.heard_count, 1);
    assert_int_equal(rns_receipt_cancel(node, receipt), RNS_ERR_GONE);
}

static void an_implicit_proof_ends_the_receipt(void **state) {
    (void)state;
    a_proof_of_the_reference_ends_the_receipt(VECTOR_IMPLICIT_PROOF, 1);
}

static void an_explicit_proof_ends_the_receipt(void **state) {
    (void)state;
    a_proof_of_the_reference_ends_the_receipt(VECTOR_EXPLICIT_PROOF, 4);
}

static void refuse(rns_node_t *node, const char *proof, size_t at, size_t size) {
    arrival_t a;
    hex_t h = unhex(proof);
    h.b[at] ^= 1;
    rnsi_rx_t *rx = arrive(node, &a, h.b, size != 0 ? size : h.size);
    assert_int_equal(rnsi_receipt_proof(node, rx), RNS_RX_BAD_PROOF);
    assert_int_equal(used(RNS_POOL_RECEIPT), 1);
    assert_int_equal(world.heard_count, 0);
}

static void a_wrong_proof_ends_nothing(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    receipt_of_vector(node);
    refuse(node, VECTOR_IMPLICIT_PROOF, 19, 0);
    refuse(node, VECTOR_EXPLICIT_PROOF, 19, 0);      // another hash
    refuse(node, VECTOR_EXPLICIT_PROOF, 19 + 31, 0); // its second half
    refuse(node, VECTOR_EXPLICIT_PROOF, 19 + 32, 0); // signature
    refuse(node, VECTOR_IMPLICIT_PROOF, 1, 19 + 63);
    refuse(node, VECTOR_EXPLICIT_PROOF, 1, 19 + 95);
    refuse(node, VECTOR_EXPLICIT_PROOF, 1, 19 + 65);
    arrival_t a;
    rnsi_rx_t *rx = arrive_hex(node, &a, VECTOR_IMPLICIT_PROOF);
    a.raw[2] ^= 1; // to another address
    assert_int_equal(rnsi_receipt_proof(node, rx), RNS_RX_NO_PROOF);
}

static void a_receipt_times_out_after_first_hop_and_six_seconds_a_hop(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const rns_hash_t dest = hash_of(VECTOR_DEST);
    rns_receipt_t receipt;
    know(node, NULL);
    assert_int_equal(rns_send(node, 10 * SECOND, &dest, text("x"), &receipt), RNS_ERR_OK);
    assert_int_equal(rnsi_timers_next(&node->memory), (10 + 7 + 3 * 6) * SECOND);
    world.hops = 128; // no path
    assert_int_equal(rns_send(node, 10 * SECOND, &dest, text("y"), &receipt), RNS_ERR_OK);
    assert_int_equal(rns_receipt_cancel(node, receipt), RNS_ERR_OK);
    assert_int_equal(rns_send(node, 10 * SECOND, &dest, text("z"), &receipt), RNS_ERR_OK);
    const struct rnsi_receipt *r =
        rnsi_pool_get(RNSI_POOL(node, RECEIPT), receipt.slot, receipt.gen);
    assert_int_equal(rnsi_timer_due(RNSI_POOL(node, RECEIPT), r), (10 + 7 + 128 * 6) * SECOND);
}

static void a_timeout_is_told_once(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const rns_receipt_t receipt = receipt_of_vector(node);
    rns_pool_t pool;
    node->now += 10 * SECOND;
    struct rnsi_receipt *due = rnsi_timers_pop(&node->memory, node->now, &pool);
    assert_non_null(due);
    assert_int_equal(pool, RNS_POOL_RECEIPT);
    rnsi_receipt_due(node, due);
    assert_int_equal(last_heard(RNS_EV_PROOF)->event.status, RNS_ERR_TIMEOUT);
    assert_memory_equal(&last_heard(RNS_EV_PROOF)->event.receipt, &receipt, sizeof receipt);
    arrival_t a;
    assert_int_equal(rnsi_receipt_proof(node, arrive_hex(node, &a, VECTOR_IMPLICIT_PROOF)),
                     RNS_RX_NO_PROOF);
    assert_int_equal(world.heard_count, 1);
}

static void a_timeout_can_be_changed(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const rns_receipt_t receipt = receipt_of_vector(node);
    assert_int_equal(rns_receipt_timeout(node, 5 * SECOND, receipt, 2 * SECOND), RNS_ERR_OK);
    assert_int_equal(rnsi_timers_next(&node->memory), 7 * SECOND);
    assert_int_equal(rns_receipt_cancel(node, receipt), RNS_ERR_OK);
    assert_int_equal(rns_receipt_timeout(node, 5 * SECOND, receipt, 1), RNS_ERR_GONE);
    assert_int_equal(rnsi_timers_next(&node->memory), RNS_NEVER);
    assert_int_equal(world.heard_count, 0);
}

static void the_oldest_receipt_is_culled_and_told(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_TINY, NULL);
    const rns_hash_t dest = hash_of(VECTOR_DEST);
    rns_receipt_t receipts[5];
    know(node, NULL);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(rns_send(node, node->now + i, &dest, text("x"), &receipts[i]), RNS_ERR_OK);
    }
    assert_int_equal(world.heard_count, 1);
    assert_int_equal(last_heard(RNS_EV_PROOF)->event.status, RNS_ERR_CULLED);
    assert_memory_equal(&last_heard(RNS_EV_PROOF)->event.receipt, &receipts[0], sizeof receipts[0]);
    assert_int_equal(used(RNS_POOL_RECEIPT), 4);
    assert_int_equal(RNSI_POOL(node, RECEIPT)->culled, 1);
}

// Sends again whatever is culled, for which another is culled, and so on.
static void send_again(rns_node_t *node, const rns_event_t *event) {
    const rns_hash_t dest = hash_of(VECTOR_DEST);
    rns_receipt_t receipt;
    if (event->status == RNS_ERR_CULLED && world.heard_count < 3) {
        assert_int_equal(rns_send(node, node->now, &dest, text("again"), &receipt), RNS_ERR_OK);
    }
}

static void an_application_may_send_while_it_hears_of_a_cull(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_TINY, NULL);
    const rns_hash_t dest = hash_of(VECTOR_DEST);
    rns_receipt_t receipt;
    know(node, NULL);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(rns_send(node, node->now + i, &dest, text("x"), &receipt), RNS_ERR_OK);
    }
    world.react = send_again;
    assert_int_equal(rns_send(node, node->now, &dest, text("x"), &receipt), RNS_ERR_OK);
    assert_int_equal(used(RNS_POOL_RECEIPT), 4);
    for (size_t i = 1; i < world.heard_count; i++) {
        assert_memory_not_equal(&world.heard[i].event.receipt, &world.heard[i - 1].event.receipt,
                                sizeof receipt);
    }
    assert_int_equal(rns_receipt_cancel(node, receipt), RNS_ERR_OK);
}

static void without_receipts_nothing_is_sent_that_asks_for_one(void **state) {
    (void)state;
    const uint32_t counts[RNS_POOL_COUNT] = {[RNS_POOL_RECEIPT] = RNS_COUNT_NONE};
    rns_node_t *node = open_node(RNS_PROFILE_TINY, counts);
    const rns_hash_t dest = hash_of(VECTOR_DEST);
    rns_receipt_t receipt;
    know(node, NULL);
    assert_int_equal(rns_send(node, 1, &dest, text("x"), &receipt), RNS_ERR_FULL);
    assert_int_equal(world.sent_count, 0);
    assert_int_equal(rns_send(node, 1, &dest, text("x"), NULL), RNS_ERR_OK);
}

// ---- Proofs we give

static void proofs_are_those_of_the_reference(void **state) {
    (void)state;
    rns_node_t *node = open_node(RNS_PROFILE_MCU, NULL);
    const hex_t hash = unhex(VECTOR_TO_KEY_HASH);
    assert_int_equal(add_own(node, (rns_dest_config_t){0}, &own), RNS_ERR_OK);
    rnsi_prove(node, rnsi_dest_get(node, own), hash.b, radio);
    assert_hex(last_sent()->raw, last_sent()->size, VECTOR_IMPLICIT_PROOF);
    assert_ptr_equal(last_sent()->only, radio);
    node->explicit_proof = true;
    rnsi_prove(node, rnsi_dest_get(node, own), hash.b, radio);
    assert_hex(last_sent()->raw, last_sent()->size, VECTOR_EXPLICIT_PROOF);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_nothing_to_whom_it_does_not_know),
        cmocka_unit_test(sends_to_the_key_of_a_known_destination),
        cmocka_unit_test(sends_to_the_newest_ratchet),
        cmocka_unit_test(largest_packet_is_383_bytes),
        cmocka_unit_test(send_tells_what_went_wrong),
        cmocka_unit_test(a_key_of_small_order_is_no_key),
        cmocka_unit_test(an_implicit_proof_ends_the_receipt),
        cmocka_unit_test(an_explicit_proof_ends_the_receipt),
        cmocka_unit_test(a_wrong_proof_ends_nothing),
        cmocka_unit_test(a_receipt_times_out_after_first_hop_and_six_seconds_a_hop),
        cmocka_unit_test(a_timeout_is_told_once),
        cmocka_unit_test(a_timeout_can_be_changed),
        cmocka_unit_test(the_oldest_receipt_is_culled_and_told),
        cmocka_unit_test(an_application_may_send_while_it_hears_of_a_cull),
        cmocka_unit_test(without_receipts_nothing_is_sent_that_asks_for_one),
        cmocka_unit_test(proofs_are_those_of_the_reference),
    };
    return cmocka_run_group_tests_name("receipt", tests, NULL, NULL);
}
