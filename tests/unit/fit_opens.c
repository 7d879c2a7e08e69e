// What `rnmem --fit` proposes opens, and works: two nodes with such counts, a link, a message, a
// request, a transfer.
#include "resource_bed.h"

#include "apps/rnmem_fit.c"

#define KIB 1024ULL
#define MIB (1024 * KIB)

static void works(uint64_t fast, uint64_t bulk) {
    rnmem_fit_t fit;
    rns_receipt_t receipt;
    rns_request_t request;
    static uint8_t answer[1024];
    const rns_request_options_t wants = {.memory = {answer, sizeof answer}};
    const rns_bytes_t small = {(const uint8_t *)"\xA2hi", 3};
    assert_true(rnmem_fit(fast, bulk, &fit));
    bed_t *bed = bed_open(
        (pair_setup_t){
            .profile = fit.profile, .count = fit.own, .delay = 1 * MS, .prove = RNS_PROVE_ALL},
        RNS_ACCEPT_ALL);
    pair_t *p = bed->pair;
    assert_int_equal(rns_channel_open(p->a.node, p->now, bed->a), RNS_ERR_OK);
    assert_int_equal(rns_channel_open(p->b.node, p->now, bed->b), RNS_ERR_OK);
    assert_int_equal(rns_channel_send(p->a.node, p->now, bed->a, 1, small, NULL), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(pair_count(&p->b, RNS_EV_CHANNEL), 1);
    assert_int_equal(rns_link_send(p->a.node, p->now, bed->a, small, &receipt), RNS_ERR_OK);
    pair_run(p, SECOND);
    assert_int_equal(pair_last(&p->a, RNS_EV_PROOF)->event.status, RNS_ERR_OK);
    assert_int_equal(rns_request(p->a.node, p->now, bed->a, "?", small, &wants, &request),
                     RNS_ERR_OK);
    assert_int_equal(rns_request_cancel(p->a.node, p->now, request), RNS_ERR_OK);
    bed_send(bed, 100000, NULL);
    pair_run(p, 300 * SECOND);
    bed_whole(bed, 100000);
    bed_close(bed);
}

static void a_proposal_for_a_board_works(void **state) {
    (void)state;
    uint64_t least[RNS_REGION_COUNT];
    rnmem_fit_least(least);
    works(least[RNS_REGION_FAST], least[RNS_REGION_BULK]);
    works(least[RNS_REGION_FAST] + least[RNS_REGION_BULK], 0);
    works(32 * KIB, 0);
    works(64 * KIB, 0);
    works(96 * KIB, 512 * KIB);
    works(320 * KIB, 0);
    works(512 * KIB, 8 * MIB);
    works(64 * MIB, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proposal_for_a_board_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
