// Links between two nodes, in both roles: how they open, what they carry, how they end.
#include "pair_help.h"
#include "rns/inspect_link.h"
#include "wire/link.h"
#include "wire/packet.h"

static const rns_bytes_t NONE = {NULL, 0};

static rns_link_info_t info_of(const side_t *side, rns_link_t link) {
    rns_link_info_t info;
    assert_int_equal(rns_link_info(side->node, link, &info), RNS_ERR_OK);
    return info;
}

static rns_link_state_t state_of(const side_t *side, rns_link_t link) {
    rns_link_info_t info;
    return rns_link_info(side->node, link, &info) == RNS_ERR_OK ? info.state : RNS_LINK_CLOSED;
}

// ---- Opening

static void a_link_opens_at_both_ends_with_the_same_id(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a, b;
    pair_link(p, &a, &b);
    const rns_link_info_t ia = info_of(&p->a, a), ib = info_of(&p->b, b);
    assert_memory_equal(ia.id.b, ib.id.b, 16);
    assert_int_equal(ia.state, RNS_LINK_ACTIVE);
    assert_int_equal(ib.state, RNS_LINK_ACTIVE);
    assert_true(ia.initiator && !ib.initiator);
    assert_int_equal(ia.rtt_us, 20 * MS);
    assert_int_equal(ib.rtt_us, 20 * MS);
    assert_int_equal(ia.hops, 1);
    assert_int_equal(ib.hops, 1);
    assert_int_equal(ia.mtu, 500);
    assert_int_equal(ia.mdu, 431); // Link.MDU
    assert_int_equal(ia.keepalive_us, 5 * SECOND);
    // 86 bytes of request and 118 of proof in 20 ms.
    assert_int_equal(ia.establishment_rate_bps, (86 + 118) * 8 * 50);
    assert_true(ia.has_peer && !ib.has_peer);
    assert_int_equal(ib.dest.slot, p->dest.slot);
    assert_memory_equal(ia.destination.b, p->hash.b, 16);
    assert_int_equal(pair_count(&p->a, RNS_EV_LINK_UP), 1);
    assert_int_equal(pair_count(&p->b, RNS_EV_LINK_UP), 1);
    pair_close(p);
}

static void the_mtu_is_the_smaller_of_both_and_of_the_largest_frame(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){.hw_mtu = 1064});
    rns_link_t a, b;
    pair_link(p, &a, &b);
    assert_int_equal(info_of(&p->a, a).mtu, 1064);
    assert_int_equal(info_of(&p->b, b).mtu, 1064);
    assert_int_equal(info_of(&p->a, a).mdu, 991); // (1064 - 68) / 16 * 16 - 1
    pair_close(p);
    p = pair_open((pair_setup_t){.hw_mtu = 16384}); // the largest row of mcu holds 2,048 bytes
    pair_link(p, &a, &b);
    assert_int_equal(info_of(&p->a, a).mtu, 2048);
    assert_int_equal(info_of(&p->b, b).mtu, 2048);
    pair_close(p);
}

static void a_destination_that_takes_no_links_stays_silent(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a;
    assert_int_equal(rns_dest_links(p->b.node, p->dest, false), RNS_ERR_OK);
    assert_int_equal(rns_link_open(p->a.node, p->now, &p->hash, &a), RNS_ERR_OK);
    pair_run(p, 12 * SECOND);
    assert_int_equal(pair_verdicts(&p->b, RNS_RX_NO_LISTENER), 1);
    assert_int_equal(state_of(&p->a, a), RNS_LINK_PENDING);
    pair_run(p, SECOND); // 6 s and a frame's time for the first hop, 6 s a hop
    assert_int_equal(state_of(&p->a, a), RNS_LINK_CLOSED);
    const heard_t *down = pair_last(&p->a, RNS_EV_LINK_DOWN);
    assert_non_null(down);
    assert_int_equal(down->event.reason, RNS_LINK_TIMEOUT);
    assert_int_equal(pair_count(&p->a, RNS_EV_LINK_UP), 0);
    pair_run(p, SECOND); // the path was dropped and asked for again
    assert_int_equal(pair_count(&p->a, RNS_EV_PATH), 1);
    pair_assert_idle(&p->a);
    pair_close(p);
}

static void an_unknown_destination_has_no_link(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    const rns_hash_t nobody = {{1}};
    rns_link_t link;
    assert_int_equal(rns_link_open(p->a.node, p->now, &nobody, &link), RNS_ERR_NO_PATH);
    pair_assert_idle(&p->a);
    pair_close(p);
}

static void links_lead_to_single_destinations_only(void **state) {
    (void)state;
    static const uint8_t KEY[64] = {1};
    const rns_dest_config_t configs[] = {
        {.name = "test.plain", .type = RNS_DEST_PLAIN},
        {.name = "test.group", .type = RNS_DEST_GROUP, .group_key = {KEY, sizeof KEY}},
    };
    for (size_t i = 0; i < 2; i++) {
        pair_t *p = pair_open((pair_setup_t){0});
        rns_dest_t dest;
        rns_hash_t hash;
        rns_link_t link;
        assert_int_equal(rns_dest_add(p->a.node, p->now, &configs[i], &dest), RNS_ERR_OK);
        assert_int_equal(rns_dest_hash(p->a.node, dest, &hash), RNS_ERR_OK);
        assert_int_equal(rns_link_open(p->a.node, p->now, &hash, &link), RNS_ERR_ARG);
        pair_close(p);
    }
}

// ---- Looked into

static void a_link_shows_what_it_holds_and_waits_for(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a;
    rns_inspect_link_t inside;
    const rns_us_t asked = p->now;
    assert_int_equal(rns_link_open(p->a.node, p->now, &p->hash, &a), RNS_ERR_OK);
    assert_int_equal(rns_inspect_link(p->a.node, a, &inside), RNS_ERR_OK);
    assert_false(inside.has_key);
    assert_true(inside.has_own_secret && inside.has_signer);
    assert_int_equal(inside.requested, asked);
    assert_true(inside.due >= asked + 12 * SECOND); // 6 s to the first hop, and 6 s for it
    pair_run(p, SECOND);
    assert_int_equal(rns_inspect_link(p->a.node, a, &inside), RNS_ERR_OK);
    assert_true(inside.has_key && inside.has_signer);
    assert_false(inside.has_own_secret);
    assert_int_equal(inside.keepalive, 0);
    assert_int_equal(rns_link_close(p->a.node, p->now, a), RNS_ERR_OK);
    assert_int_equal(rns_inspect_link(p->a.node, a, &inside), RNS_ERR_GONE);
    pair_close(p);
}

static void receipts_and_requests_show_their_timeouts(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a;
    rns_receipt_t receipt;
    rns_request_t request;
    rns_inspect_receipt_t proof;
    rns_inspect_request_t answer;
    assert_int_equal(rns_link_open(p->a.node, p->now, &p->hash, &a), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(
        rns_link_send(p->a.node, p->now, a, (rns_bytes_t){(const uint8_t *)"x", 1}, &receipt),
        RNS_ERR_OK);
    assert_int_equal(rns_inspect_receipt(p->a.node, receipt, &proof), RNS_ERR_OK);
    assert_int_equal(proof.sent, p->now);
    assert_true(proof.due > p->now + SECOND);
    const rns_request_options_t options = {.timeout_us = 3 * SECOND};
    assert_int_equal(
        rns_request(p->a.node, p->now, a, "/x", (rns_bytes_t){NULL, 0}, &options, &request),
        RNS_ERR_OK);
    assert_int_equal(rns_inspect_request(p->a.node, request, &answer), RNS_ERR_OK);
    assert_int_equal(answer.timeout, 3 * SECOND);
    assert_int_equal(answer.due, p->now + 3 * SECOND);
    pair_run(p, 20 * SECOND);
    assert_int_equal(rns_inspect_receipt(p->a.node, receipt, &proof), RNS_ERR_GONE);
    assert_int_equal(rns_inspect_request(p->a.node, request, &answer), RNS_ERR_GONE);
    pair_close(p);
}

// ---- What comes damaged

typedef struct {
    uint8_t context; // of the packet that is changed
    size_t at;       // in its data; from the end if it is above 1000
    uint8_t mask;
    unsigned twice; // it comes again so often
    bool cut;       // losing its signalling
} damage_t;

static bool damage(pair_t *pair, bool to_b, rns_mem_t frame) {
    const damage_t *d = pair->user;
    rnsi_packet_t packet;
    if (!rnsi_packet_parse(frame, &packet) || to_b == (d->context == RNSI_CONTEXT_LRPROOF)) {
        return true;
    }
    const bool is_request = packet.type == RNSI_TYPE_LINKREQUEST;
    if (is_request ? d->context == 0 : packet.context == d->context) {
        frame.data[d->at > 1000 ? frame.size - (d->at - 1000) : 19 + d->at] ^= d->mask;
    }
    return true;
}

static void damaged(damage_t d, rns_verdict_t verdict, bool at_b) {
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a;
    p->hook = damage;
    p->user = &d;
    assert_int_equal(rns_link_open(p->a.node, p->now, &p->hash, &a), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(pair_verdicts(at_b ? &p->b : &p->a, verdict), 1);
    assert_int_equal(pair_count(&p->a, RNS_EV_LINK_UP), 0);
    assert_int_equal(state_of(&p->a, a), RNS_LINK_PENDING); // it does not close for that
    pair_close(p);
}

static void a_request_of_another_mode_is_refused(void **state) {
    (void)state;
    damaged((damage_t){.context = 0, .at = 64, .mask = 0x60}, RNS_RX_BAD_MODE, true);
}

static void a_request_for_less_than_any_path_carries_is_refused(void **state) {
    (void)state;
    damaged((damage_t){.context = 0, .at = 65, .mask = 0x01}, RNS_RX_MALFORMED, true);
}

// As the reference does (Link.validate_proof).
static void a_proof_of_another_mode_ends_the_link(void **state) {
    (void)state;
    damage_t d = {.context = RNSI_CONTEXT_LRPROOF, .at = 96, .mask = 0x60};
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a;
    p->hook = damage;
    p->user = &d;
    assert_int_equal(rns_link_open(p->a.node, p->now, &p->hash, &a), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(pair_verdicts(&p->a, RNS_RX_BAD_MODE), 1);
    assert_int_equal(pair_count(&p->a, RNS_EV_LINK_UP), 0);
    const heard_t *down = pair_last(&p->a, RNS_EV_LINK_DOWN);
    assert_non_null(down);
    assert_int_equal(down->event.reason, RNS_LINK_DESTINATION_CLOSED);
    pair_assert_idle(&p->a);
    pair_close(p);
}

static void a_forged_proof_is_refused(void **state) {
    (void)state;
    damaged((damage_t){.context = RNSI_CONTEXT_LRPROOF, .at = 3, .mask = 1}, RNS_RX_BAD_PROOF,
            false);
    damaged((damage_t){.context = RNSI_CONTEXT_LRPROOF, .at = 70, .mask = 1}, RNS_RX_BAD_PROOF,
            false);
}

static void a_proof_of_a_larger_mtu_than_we_asked_for_is_refused(void **state) {
    (void)state;
    damaged((damage_t){.context = RNSI_CONTEXT_LRPROOF, .at = 97, .mask = 2}, RNS_RX_MALFORMED,
            false);
}

static bool double_proof(pair_t *pair, bool to_b, rns_mem_t frame) {
    rnsi_packet_t packet;
    if (!to_b && rnsi_packet_parse(frame, &packet) && packet.context == RNSI_CONTEXT_LRPROOF &&
        pair->user == NULL) {
        pair->user = pair; // once
        pair_put(pair, to_b, (rns_bytes_t){frame.data, frame.size}, pair->now + SECOND / 20);
    }
    return true;
}

static void a_replayed_proof_changes_nothing(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a, b;
    p->hook = double_proof;
    pair_link(p, &a, &b);
    assert_int_equal(pair_verdicts(&p->a, RNS_RX_DUPLICATE), 1);
    assert_int_equal(pair_count(&p->a, RNS_EV_LINK_UP), 1);
    pair_close(p);
}

// ---- Packets

static void packets_cross_and_are_proved(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){.prove = RNS_PROVE_ALL});
    rns_link_t a, b;
    rns_receipt_t receipt;
    pair_link(p, &a, &b);
    assert_int_equal(rns_link_send(p->a.node, p->now, a, pair_text("to b"), &receipt), RNS_ERR_OK);
    assert_int_equal(rns_link_send(p->b.node, p->now, b, pair_text("to a"), NULL), RNS_ERR_OK);
    pair_run(p, SECOND);
    const heard_t *at_b = pair_last(&p->b, RNS_EV_LINK_PACKET);
    const heard_t *at_a = pair_last(&p->a, RNS_EV_LINK_PACKET);
    const heard_t *proof = pair_last(&p->a, RNS_EV_PROOF);
    assert_non_null(at_b);
    assert_memory_equal(at_b->data, "to b", 4);
    assert_int_equal(at_b->event.data.size, 4);
    assert_non_null(at_a);
    assert_memory_equal(at_a->data, "to a", 4);
    assert_non_null(proof);
    assert_int_equal(proof->event.status, RNS_ERR_OK);
    assert_int_equal(proof->event.receipt.slot, receipt.slot);
    assert_int_equal(proof->event.rtt_us, 20 * MS);
    assert_true(proof->event.is_explicit);
    pair_close(p);
}

static void links_prove_as_their_destination_says_now(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a, b;
    rns_receipt_t receipt;
    pair_link(p, &a, &b);
    assert_int_equal(rns_dest_prove(p->b.node, p->dest, RNS_PROVE_ALL), RNS_ERR_OK);
    assert_int_equal(rns_link_send(p->a.node, p->now, a, pair_text("1"), &receipt), RNS_ERR_OK);
    pair_run(p, 2 * SECOND);
    assert_int_equal(pair_last(&p->a, RNS_EV_PROOF)->event.status, RNS_ERR_OK);
    assert_int_equal(rns_dest_prove(p->b.node, p->dest, RNS_PROVE_NONE), RNS_ERR_OK);
    assert_int_equal(rns_link_send(p->a.node, p->now, a, pair_text("2"), &receipt), RNS_ERR_OK);
    pair_run(p, 2 * SECOND);
    assert_int_equal(pair_last(&p->a, RNS_EV_PROOF)->event.status, RNS_ERR_TIMEOUT);
    pair_close(p);
}

static void the_initiator_proves_when_told_to(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a, b;
    rns_receipt_t receipt;
    pair_link(p, &a, &b);
    assert_int_equal(rns_link_send(p->b.node, p->now, b, pair_text("1"), &receipt), RNS_ERR_OK);
    pair_run(p, 2 * SECOND); // 6 round trips, 120 ms, and a second
    assert_int_equal(pair_last(&p->b, RNS_EV_PROOF)->event.status, RNS_ERR_TIMEOUT);
    assert_int_equal(rns_link_proofs(p->a.node, a, RNS_PROVE_ALL), RNS_ERR_OK);
    assert_int_equal(rns_link_send(p->b.node, p->now, b, pair_text("2"), &receipt), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(pair_last(&p->b, RNS_EV_PROOF)->event.status, RNS_ERR_OK);
    pair_close(p);
}

static void prove_if_asked(side_t *side, const rns_event_t *event) {
    if (event->type == RNS_EV_PROVE) {
        assert_int_equal(rns_prove(side->node, side->pair->now, event->ask, true), RNS_ERR_OK);
    }
}

static void the_application_is_asked_for_the_proof(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){.prove = RNS_PROVE_APP});
    rns_link_t a, b;
    rns_receipt_t receipt;
    pair_link(p, &a, &b);
    p->b.react = prove_if_asked;
    assert_int_equal(rns_link_send(p->a.node, p->now, a, pair_text("?"), &receipt), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(pair_count(&p->b, RNS_EV_PROVE), 1);
    assert_int_equal(pair_last(&p->b, RNS_EV_PROVE)->event.link.slot, b.slot);
    assert_int_equal(pair_last(&p->a, RNS_EV_PROOF)->event.status, RNS_ERR_OK);
    pair_close(p);
}

static void a_packet_is_as_large_as_the_mdu_and_no_larger(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a, b;
    static const uint8_t bytes[432];
    pair_link(p, &a, &b);
    assert_int_equal(rns_link_send(p->a.node, p->now, a, (rns_bytes_t){bytes, 432}, NULL),
                     RNS_ERR_SIZE);
    assert_int_equal(rns_link_send(p->a.node, p->now, a, (rns_bytes_t){bytes, 431}, NULL),
                     RNS_ERR_OK);
    assert_int_equal(rns_link_send(p->a.node, p->now, a, NONE, NULL), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(pair_count(&p->b, RNS_EV_LINK_PACKET), 2);
    assert_int_equal(pair_last(&p->b, RNS_EV_LINK_PACKET)->event.data.size, 0);
    pair_close(p);
}

static void nothing_is_sent_before_the_link_is_open(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a;
    const rns_secret_t me = pair_secret(9);
    assert_int_equal(rns_link_open(p->a.node, p->now, &p->hash, &a), RNS_ERR_OK);
    assert_int_equal(rns_link_send(p->a.node, p->now, a, pair_text("x"), NULL), RNS_ERR_STATE);
    assert_int_equal(rns_link_identify(p->a.node, p->now, a, &me), RNS_ERR_STATE);
    pair_close(p);
}

// ---- Who is it?

static void the_first_identity_stays(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a, b;
    const rns_secret_t me = pair_secret(7), other = pair_secret(8);
    rns_hash_t id;
    uint8_t pub[64];
    pair_link(p, &a, &b);
    assert_int_equal(rns_link_identify(p->b.node, p->now, b, &me), RNS_ERR_STATE);
    assert_int_equal(rns_link_identify(p->a.node, p->now, a, &me), RNS_ERR_OK);
    assert_int_equal(rns_link_identify(p->a.node, p->now, a, &other), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(pair_count(&p->b, RNS_EV_LINK_PEER), 1);
    rns_identity_public(p->b.node, &me, pub, &id);
    assert_memory_equal(info_of(&p->b, b).peer.b, id.b, 16);
    assert_memory_equal(pair_last(&p->b, RNS_EV_LINK_PEER)->event.identity.b, id.b, 16);
    assert_int_equal(pair_verdicts(&p->b, RNS_RX_REPEATED), 1);
    pair_close(p);
}

// ---- Ends

static void either_side_closes(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        pair_t *p = pair_open((pair_setup_t){0});
        rns_link_t a, b;
        pair_link(p, &a, &b);
        side_t *who = i == 0 ? &p->a : &p->b;
        assert_int_equal(rns_link_close(who->node, p->now, i == 0 ? a : b), RNS_ERR_OK);
        assert_int_equal(pair_count(who, RNS_EV_LINK_DOWN), 1);
        pair_run(p, SECOND);
        const rns_link_reason_t reason =
            i == 0 ? RNS_LINK_INITIATOR_CLOSED : RNS_LINK_DESTINATION_CLOSED;
        assert_int_equal(pair_last(&p->a, RNS_EV_LINK_DOWN)->event.reason, reason);
        assert_int_equal(pair_last(&p->b, RNS_EV_LINK_DOWN)->event.reason, reason);
        assert_int_equal(rns_link_close(p->a.node, p->now, a), RNS_ERR_GONE);
        assert_int_equal(rns_link_close(p->b.node, p->now, b), RNS_ERR_GONE);
        pair_assert_idle(&p->a);
        pair_assert_idle(&p->b);
        pair_close(p);
    }
}

static void a_removed_destination_closes_its_links(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a, b;
    pair_link(p, &a, &b);
    assert_int_equal(rns_dest_remove(p->b.node, p->dest), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(pair_last(&p->a, RNS_EV_LINK_DOWN)->event.reason, RNS_LINK_DESTINATION_CLOSED);
    assert_int_equal(pair_count(&p->b, RNS_EV_LINK_DOWN), 1);
    pair_close(p);
}

static void two_hundred_links_leave_nothing(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    for (int i = 0; i < 200; i++) {
        rns_link_t a, b;
        pair_link(p, &a, &b);
        assert_int_equal(rns_link_close(p->a.node, p->now, a), RNS_ERR_OK);
        pair_run(p, SECOND / 10);
        pair_forget(&p->a);
        pair_forget(&p->b);
    }
    pair_assert_idle(&p->a);
    pair_assert_idle(&p->b);
    const struct rnsi_path *path = rnsi_pool_find(RNSI_POOL(p->a.node, PATH), p->hash.b);
    assert_non_null(path);
    assert_int_equal(path->slot.pins, 0);
    pair_close(p);
}

static bool lose_all(pair_t *pair, bool to_b, rns_mem_t frame) {
    (void)pair, (void)to_b, (void)frame;
    return false;
}

static bool lose_from_b(pair_t *pair, bool to_b, rns_mem_t frame) {
    (void)pair, (void)frame;
    return to_b;
}

static void an_idle_link_lives_on_keepalives(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a, b;
    pair_link(p, &a, &b);
    const uint64_t before = p->frames;
    pair_run(p, 60 * SECOND);
    assert_int_equal(state_of(&p->a, a), RNS_LINK_ACTIVE);
    assert_int_equal(state_of(&p->b, b), RNS_LINK_ACTIVE);
    // One each way every 5 s.
    assert_in_range(p->frames - before, 22, 26);
    pair_close(p);
}

static void a_silent_peer_makes_the_link_stale_and_then_ends_it(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a, b;
    pair_link(p, &a, &b);
    p->hook = lose_all;
    pair_run(p, 9 * SECOND);
    assert_int_equal(state_of(&p->a, a), RNS_LINK_ACTIVE);
    pair_run(p, 2 * SECOND); // twice the keepalive interval of 5 s
    assert_int_equal(state_of(&p->a, a), RNS_LINK_STALE);
    pair_run(p, 5 * SECOND);
    assert_int_equal(state_of(&p->a, a), RNS_LINK_CLOSED);
    assert_int_equal(state_of(&p->b, b), RNS_LINK_CLOSED);
    assert_int_equal(pair_last(&p->a, RNS_EV_LINK_DOWN)->event.reason, RNS_LINK_TIMEOUT);
    assert_int_equal(pair_last(&p->b, RNS_EV_LINK_DOWN)->event.reason, RNS_LINK_TIMEOUT);
    pair_close(p);
}

static void a_stale_link_that_hears_something_is_active_again(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    rns_link_t a, b;
    pair_link(p, &a, &b);
    p->hook = lose_from_b;
    pair_run(p, 11 * SECOND);
    assert_int_equal(state_of(&p->a, a), RNS_LINK_STALE);
    p->hook = NULL;
    assert_int_equal(rns_link_send(p->b.node, p->now, b, pair_text("here"), NULL), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(state_of(&p->a, a), RNS_LINK_ACTIVE);
    pair_run(p, 30 * SECOND);
    assert_int_equal(state_of(&p->a, a), RNS_LINK_ACTIVE);
    pair_close(p);
}

// ---- Half-open links

static bool lose_rtt(pair_t *pair, bool to_b, rns_mem_t frame) {
    rnsi_packet_t packet;
    (void)pair;
    return !(to_b && rnsi_packet_parse(frame, &packet) && packet.context == RNSI_CONTEXT_LRRTT);
}

static void half_open_links_make_room_for_others(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_LINK] = 4};
    pair_t *p = pair_open((pair_setup_t){.count = count});
    rns_link_t open[2], link;
    pair_link(p, &open[0], &open[1]);
    p->hook = lose_rtt;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(rns_link_open(p->a.node, p->now, &p->hash, &link), RNS_ERR_OK);
        pair_run(p, SECOND / 10);
        assert_int_equal(rns_link_close(p->a.node, p->now, link), RNS_ERR_OK);
        p->hook = lose_all; // b does not hear of the end
        pair_run(p, SECOND / 10);
        p->hook = lose_rtt;
    }
    rns_pool_info_t info;
    rns_pool_info(p->b.node, RNS_POOL_LINK, &info);
    assert_int_equal(info.culled, 7);
    assert_int_equal(info.used, 4);
    assert_int_equal(state_of(&p->b, open[1]), RNS_LINK_ACTIVE); // those that are open stay
    p->hook = NULL;
    rns_link_t a, b;
    pair_link(p, &a, &b);
    pair_run(p, 400 * SECOND); // and the others end by themselves: 6 s a hop and 360 s
    rns_pool_info(p->b.node, RNS_POOL_LINK, &info);
    assert_int_equal(info.used, 2);
    pair_close(p);
}

static void a_full_row_refuses_our_own_link(void **state) {
    (void)state;
    uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_LINK] = 1};
    pair_t *p = pair_open((pair_setup_t){.count = count});
    rns_link_t a, b, third;
    pair_link(p, &a, &b);
    assert_int_equal(rns_link_open(p->a.node, p->now, &p->hash, &third), RNS_ERR_FULL);
    pair_close(p);
}

// ---- The callback may do anything

static void close_at_once(side_t *side, const rns_event_t *event) {
    if (event->type == RNS_EV_LINK_UP || event->type == RNS_EV_LINK_PACKET ||
        event->type == RNS_EV_LINK_PEER) {
        rns_link_close(side->node, side->pair->now, event->link);
    }
}

static void a_link_may_be_closed_in_any_event_of_it(void **state) {
    (void)state;
    const rns_secret_t me = pair_secret(7);
    for (int i = 0; i < 3; i++) {
        pair_t *p = pair_open((pair_setup_t){.prove = RNS_PROVE_ALL});
        rns_link_t a, b;
        if (i == 0) {
            p->a.react = p->b.react = close_at_once;
            assert_int_equal(rns_link_open(p->a.node, p->now, &p->hash, &a), RNS_ERR_OK);
        } else {
            pair_link(p, &a, &b);
            p->b.react = close_at_once;
            assert_int_equal(i == 1 ? rns_link_send(p->a.node, p->now, a, pair_text("x"), NULL)
                                    : rns_link_identify(p->a.node, p->now, a, &me),
                             RNS_ERR_OK);
        }
        pair_run(p, SECOND);
        assert_int_equal(pair_count(&p->a, RNS_EV_LINK_DOWN), 1);
        pair_assert_idle(&p->a);
        pair_run(p, 400 * SECOND);
        pair_assert_idle(&p->b);
        pair_close(p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_opens_at_both_ends_with_the_same_id),
        cmocka_unit_test(the_mtu_is_the_smaller_of_both_and_of_the_largest_frame),
        cmocka_unit_test(a_destination_that_takes_no_links_stays_silent),
        cmocka_unit_test(an_unknown_destination_has_no_link),
        cmocka_unit_test(a_request_of_another_mode_is_refused),
        cmocka_unit_test(a_request_for_less_than_any_path_carries_is_refused),
        cmocka_unit_test(links_lead_to_single_destinations_only),
        cmocka_unit_test(a_link_shows_what_it_holds_and_waits_for),
        cmocka_unit_test(receipts_and_requests_show_their_timeouts),
        cmocka_unit_test(a_proof_of_another_mode_ends_the_link),
        cmocka_unit_test(a_forged_proof_is_refused),
        cmocka_unit_test(a_proof_of_a_larger_mtu_than_we_asked_for_is_refused),
        cmocka_unit_test(a_replayed_proof_changes_nothing),
        cmocka_unit_test(packets_cross_and_are_proved),
        cmocka_unit_test(links_prove_as_their_destination_says_now),
        cmocka_unit_test(the_initiator_proves_when_told_to),
        cmocka_unit_test(the_application_is_asked_for_the_proof),
        cmocka_unit_test(a_packet_is_as_large_as_the_mdu_and_no_larger),
        cmocka_unit_test(nothing_is_sent_before_the_link_is_open),
        cmocka_unit_test(the_first_identity_stays),
        cmocka_unit_test(either_side_closes),
        cmocka_unit_test(a_removed_destination_closes_its_links),
        cmocka_unit_test(two_hundred_links_leave_nothing),
        cmocka_unit_test(an_idle_link_lives_on_keepalives),
        cmocka_unit_test(a_silent_peer_makes_the_link_stale_and_then_ends_it),
        cmocka_unit_test(a_stale_link_that_hears_something_is_active_again),
        cmocka_unit_test(half_open_links_make_room_for_others),
        cmocka_unit_test(a_full_row_refuses_our_own_link),
        cmocka_unit_test(a_link_may_be_closed_in_any_event_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
