// What rns/inspect_destination.h tells is what was configured, rotated and heard; what
// core/testing_destination.h opens and sets is what the node works with.
#include "pair_help.h"

#include "testing_destination.h"

#define RATCHET_NAME "reticule.test.ratchet"

// A destination of b with ratchets, announced once; a knows it.
static rns_hash_t with_ratchets(pair_t *p, rns_dest_t *dest) {
    const rns_secret_t secret = pair_secret(4);
    const rns_iface_t all = {0, 0};
    const rns_dest_config_t config = {
        .name = RATCHET_NAME, .identity = &secret, .ratchets = true, .retained_ratchets = 20};
    rns_hash_t hash;
    assert_int_equal(rns_dest_add(p->b.node, p->now, &config, dest), RNS_ERR_OK);
    assert_int_equal(rns_dest_hash(p->b.node, *dest, &hash), RNS_ERR_OK);
    assert_int_equal(rns_announce(p->b.node, p->now, *dest, (rns_bytes_t){NULL, 0}, all),
                     RNS_ERR_OK);
    pair_run(p, SECOND);
    return hash;
}

static void a_destination_is_told_of(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){.prove = RNS_PROVE_APP});
    rns_inspect_dest_t dest;
    assert_false(rns_inspect_dest(p->a.node, &p->hash, &dest));
    assert_true(rns_inspect_dest(p->b.node, &p->hash, &dest));
    assert_memory_equal(&dest.dest, &p->dest, sizeof dest.dest);
    assert_int_equal(dest.type, RNS_DEST_SINGLE);
    assert_int_equal(dest.prove, RNS_PROVE_APP);
    assert_true(dest.accepts_links);
    assert_false(dest.is_managed || dest.has_ratchets || dest.enforces_ratchets);
    assert_int_equal(dest.ratchets, 0);
    assert_int_equal(rns_dest_links(p->b.node, p->dest, false), RNS_ERR_OK);
    assert_true(rns_inspect_dest(p->b.node, &p->hash, &dest));
    assert_false(dest.accepts_links);
    pair_close(p);
}

static void ratchets_are_told_of_at_both_ends(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){.profile = RNS_PROFILE_ROUTER});
    rns_dest_t own;
    rns_inspect_dest_t dest;
    uint8_t id[10], pub[32], heard[32];
    const rns_us_t announced = p->now;
    const rns_hash_t hash = with_ratchets(p, &own);
    assert_true(rns_inspect_dest(p->b.node, &hash, &dest));
    assert_true(dest.has_ratchets);
    assert_int_equal(dest.ratchets, 1);
    assert_int_equal(dest.retained_ratchets, 20);
    assert_int_equal(dest.ratchet_interval_s, 1800);
    assert_int_equal(dest.rotated, announced);
    assert_true(rns_inspect_dest_ratchet(p->b.node, own, 0, id));
    assert_false(rns_inspect_dest_ratchet(p->b.node, own, 1, id));
    assert_true(rns_inspect_dest_ratchet_public(p->b.node, own, pub));
    assert_false(rns_inspect_dest_ratchet_public(p->b.node, p->dest, pub));
    assert_true(rns_inspect_known_ratchet(p->a.node, p->now, &hash, heard));
    assert_memory_equal(heard, pub, sizeof pub);
    assert_false(rns_inspect_known_ratchet(p->a.node, p->now, &p->hash, heard));
    rns_known_t known;
    assert_true(rns_recall(p->a.node, &hash, &known));
    assert_memory_equal(known.ratchet_id, id, sizeof id);
    pair_run(p, 31 * INT64_C(86400) * SECOND);
    assert_false(rns_inspect_known_ratchet(p->a.node, p->now, &hash, heard));
    pair_close(p);
}

static void known_destinations_are_walked(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    uint32_t cursor = 0;
    rns_inspect_known_t known;
    assert_true(rns_inspect_known_each(p->a.node, &cursor, &known));
    assert_memory_equal(known.destination.b, p->hash.b, 16);
    assert_false(known.was_used || known.is_retained);
    assert_true(known.announced_unix_us >= INT64_C(1800000000000000));
    assert_false(rns_inspect_known_each(p->a.node, &cursor, &known));
    assert_int_equal(rns_retain(p->a.node, &p->hash, true), RNS_ERR_OK);
    cursor = 0;
    assert_true(rns_inspect_known_each(p->a.node, &cursor, &known));
    assert_true(known.is_retained);
    cursor = 0;
    assert_false(rns_inspect_known_each(p->b.node, &cursor, &known));
    pair_close(p);
}

// ---- For tests

static void what_a_seals_b_opens(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){.profile = RNS_PROFILE_ROUTER, .prove = RNS_PROVE_ALL});
    rns_dest_t own;
    const rns_hash_t hash = with_ratchets(p, &own);
    uint8_t sealed[200], out[256], id[10];
    size_t size;
    rnst_opened_t opened;
    assert_int_equal(rnst_seal_single(p->a.node, p->now, &hash, pair_text("secret"),
                                      (rns_mem_t){sealed, sizeof sealed}, &size),
                     RNS_ERR_OK);
    assert_int_equal(size, 32 + 16 + 16 + 32);
    // Nine newer ones: it is found among the older ratchets.
    assert_true(rnst_ratchets_pad(p->b.node, p->now, own, 10));
    assert_true(rnst_dest_open(p->b.node, p->now, own, (rns_bytes_t){sealed, size},
                               (rns_mem_t){out, sizeof out}, &opened));
    assert_int_equal(opened.size, 6);
    assert_memory_equal(out, "secret", 6);
    assert_true(opened.by_ratchet);
    assert_true(rns_inspect_dest_ratchet(p->b.node, own, 9, id));
    assert_memory_equal(opened.ratchet_id, id, sizeof id);
    // Neither told nor proved, and not for the other destination.
    assert_null(pair_last(&p->b, RNS_EV_PACKET));
    const uint64_t frames = p->frames;
    pair_run(p, SECOND);
    assert_int_equal(p->frames, frames);
    assert_false(rnst_dest_open(p->b.node, p->now, p->dest, (rns_bytes_t){sealed, size},
                                (rns_mem_t){out, sizeof out}, &opened));
    assert_int_equal(rnst_seal_single(p->b.node, p->now, &hash, pair_text("to oneself"),
                                      (rns_mem_t){sealed, sizeof sealed}, &size),
                     RNS_ERR_NO_PATH);
    pair_close(p);
}

static void rotation_and_padding_keep_their_limits(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){.profile = RNS_PROFILE_ROUTER});
    rns_dest_t own;
    rns_inspect_dest_t dest;
    const rns_hash_t hash = with_ratchets(p, &own);
    bool rotated;
    assert_true(rnst_ratchet_set_rotated(p->b.node, own, p->now - 1801 * SECOND));
    assert_int_equal(rns_dest_rotate(p->b.node, p->now, own, &rotated), RNS_ERR_OK);
    assert_true(rotated);
    assert_true(rnst_ratchets_pad(p->b.node, p->now, own, 520));
    assert_true(rns_inspect_dest(p->b.node, &hash, &dest));
    assert_int_equal(dest.ratchets, 512);
    assert_int_equal(dest.retained_ratchets, 20);
    assert_int_equal(dest.rotated, p->now);
    assert_false(rnst_ratchets_pad(p->b.node, p->now, p->dest, 5));
    assert_false(rnst_ratchets_reload(p->b.node, own)); // there is no store
    pair_close(p);
}

static void what_is_known_may_be_replaced_and_forgotten(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){0});
    uint8_t pub[64], ratchet[32], heard[32];
    rns_known_t known;
    memset(pub, 7, sizeof pub);
    memset(ratchet, 9, sizeof ratchet);
    assert_true(rnst_known_put(p->a.node, p->now, &p->hash, pub));
    assert_true(rns_recall(p->a.node, &p->hash, &known));
    assert_memory_equal(known.pub, pub, sizeof pub);
    // Another key is known now: what b announces is refused.
    const rns_iface_t all = {0, 0};
    assert_int_equal(rns_announce(p->b.node, p->now, p->dest, pair_text("new"), all), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_true(rns_recall(p->a.node, &p->hash, &known));
    assert_memory_equal(known.pub, pub, sizeof pub);
    assert_false(known.has_app_data);
    rnst_known_forget_all(p->a.node);
    assert_false(rns_recall(p->a.node, &p->hash, &known));
    assert_true(rnst_known_ratchet_put(p->a.node, p->now, &p->hash, ratchet));
    assert_true(rns_inspect_known_ratchet(p->a.node, p->now, &p->hash, heard));
    assert_memory_equal(heard, ratchet, sizeof ratchet);
    rnst_known_ratchet_forget(p->a.node, &p->hash);
    assert_false(rns_inspect_known_ratchet(p->a.node, p->now, &p->hash, heard));
    pair_close(p);
}

static void proofs_change_their_form(void **state) {
    (void)state;
    pair_t *p = pair_open((pair_setup_t){.prove = RNS_PROVE_ALL});
    rns_receipt_t receipt;
    for (int is_explicit = 0; is_explicit < 2; is_explicit++) {
        rnst_set_explicit_proof(p->b.node, is_explicit == 1);
        assert_int_equal(rns_send(p->a.node, p->now, &p->hash, pair_text("prove"), &receipt),
                         RNS_ERR_OK);
        pair_run(p, SECOND);
        const heard_t *proof = pair_last(&p->a, RNS_EV_PROOF);
        assert_int_equal(proof->event.status, RNS_ERR_OK);
        assert_int_equal(proof->event.is_explicit, is_explicit);
    }
    rnsi_ifac_t ifac;
    assert_false(rnst_iface_ifac(p->a.node, p->a.wire, &ifac));
    pair_close(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_destination_is_told_of),
        cmocka_unit_test(ratchets_are_told_of_at_both_ends),
        cmocka_unit_test(known_destinations_are_walked),
        cmocka_unit_test(what_a_seals_b_opens),
        cmocka_unit_test(rotation_and_padding_keep_their_limits),
        cmocka_unit_test(what_is_known_may_be_replaced_and_forgotten),
        cmocka_unit_test(proofs_change_their_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
