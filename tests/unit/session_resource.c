// Transfers between two nodes, in virtual time.
#include "resource_help.h"

typedef struct {
    pair_t *pair;
    rns_link_t a, b;
    tape_t tape;
    reel_t reel;
    uint8_t metadata[4096];
} bed_t;

static bed_t *bed_open(pair_setup_t setup, rns_accept_t accept) {
    bed_t *bed = calloc(1, sizeof *bed);
    assert_non_null(bed);
    bed->pair = pair_open(setup);
    pair_link(bed->pair, &bed->a, &bed->b);
    const rns_sink_t sink = sink_of(&bed->reel);
    const rns_mem_t metadata = {bed->metadata, sizeof bed->metadata};
    assert_int_equal(rns_link_accept(bed->pair->b.node, bed->b, accept, &sink, metadata),
                     RNS_ERR_OK);
    return bed;
}

static void bed_close(bed_t *bed) {
    rns_link_close(bed->pair->a.node, bed->pair->now, bed->a);
    pair_run(bed->pair, SECOND);
    pair_assert_idle(&bed->pair->a);
    pair_assert_idle(&bed->pair->b);
    pair_close(bed->pair);
    free(bed);
}

static rns_resource_t send(bed_t *bed, uint64_t size, const rns_resource_options_t *options) {
    rns_resource_t resource;
    bed->tape = bed->reel.tape = (tape_t){.size = size, .seed = size};
    const rns_source_t source = source_of(&bed->tape);
    assert_int_equal(rns_resource_send(bed->pair->a.node, bed->pair->now, bed->a, &source, size,
                                       options, &resource),
                     RNS_ERR_OK);
    return resource;
}

static rns_err_t end_of(const side_t *side) {
    assert_int_equal(pair_count(side, RNS_EV_RESOURCE_DONE), 1);
    return pair_last(side, RNS_EV_RESOURCE_DONE)->event.status;
}

static void cross(pair_setup_t setup, uint64_t size) {
    bed_t *bed = bed_open(setup, RNS_ACCEPT_ALL);
    send(bed, size, NULL);
    pair_run(bed->pair, 3000 * SECOND);
    assert_int_equal(end_of(&bed->pair->a), RNS_ERR_OK);
    assert_int_equal(end_of(&bed->pair->b), RNS_ERR_OK);
    assert_false(bed->reel.wrong);
    assert_int_equal(bed->reel.committed, size);
    bed_close(bed);
}

static void five_mebibytes_cross_at_mtu_500(void **state) {
    (void)state;
    cross((pair_setup_t){0}, 5 << 20);
}

static void five_mebibytes_cross_at_the_largest_mtu(void **state) {
    (void)state;
    cross((pair_setup_t){.profile = RNS_PROFILE_ROUTER, .hw_mtu = 16384}, 5 << 20);
}

static void sizes_around_every_edge_cross(void **state) {
    (void)state;
    static const uint64_t SIZES[] = {0,   1,   11,    12,     13,      395,    396,
                                     412, 413, 27500, 100000, 1048575, 1048576};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        cross((pair_setup_t){0}, SIZES[i]);
        cross((pair_setup_t){.hw_mtu = 1064}, SIZES[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_mebibytes_cross_at_mtu_500),
        cmocka_unit_test(five_mebibytes_cross_at_the_largest_mtu),
        cmocka_unit_test(sizes_around_every_edge_cross),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
