// Answers to requests for destinations of our own: the same tag gets the same announce for 30 s.
#include "node_help.h"

#include "rns/inspect_destination.h"

#define TAGS 8U // in the row of tags: after so many others one is forgotten

typedef struct {
    bed_t *bed;
    unsigned near, far; // interfaces
    rns_dest_t own;
    rns_hash_t hash;
    unsigned others; // tags of other requests
} place_t;

static place_t open_place(rns_dest_config_t config) {
    static uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_ASK_TAG] = TAGS};
    static const rns_bytes_t PRESET = {(const uint8_t *)"preset", 6};
    const rns_secret_t secret = secret_of(9);
    place_t p = {.bed = bed_open((setup_t){.real = true, .count = count})};
    p.near = add_mode(p.bed, RNS_MODE_FULL);
    p.far = add_mode(p.bed, RNS_MODE_FULL);
    config.name = "test.own";
    config.identity = &secret;
    config.app_data = PRESET;
    assert_int_equal(rns_dest_add(p.bed->node, p.bed->now, &config, &p.own), RNS_ERR_OK);
    assert_int_equal(rns_dest_hash(p.bed->node, p.own, &p.hash), RNS_ERR_OK);
    return p;
}

// The answer to a request with a tag of so many bytes.
static packet_t answer_to(place_t *p, unsigned on, unsigned tag, size_t size) {
    bed_t *bed = p->bed;
    const packet_t q = ask(bed, &p->hash, NULL, tag, size);
    forget_sent(bed);
    assert_int_equal(rx(bed, on, &q), RNS_RX_QUEUED);
    rns_tick(bed->node, bed->now);
    drain(bed);
    assert_int_equal(bed->sent_count, 1);
    assert_int_equal(bed->sent[0].on, on);
    assert_int_equal(bed->sent[0].packet.b[18], 0x0B);
    return bed->sent[0].packet;
}

// Others ask for something else, until the node has forgotten what it was asked before.
static void forget_tags(place_t *p) {
    const rns_hash_t nobody = address(0x99);
    for (unsigned i = 0; i < TAGS; i++) {
        const packet_t q = ask(p->bed, &nobody, NULL, p->others++, 4);
        (void)rx(p->bed, p->far, &q);
        rns_tick(p->bed->node, p->bed->now);
    }
    run(p->bed, 0);
}

static bool is_same(const packet_t *a, const packet_t *b) {
    return a->size == b->size && memcmp(a->b, b->b, a->size) == 0;
}

// The 10 random bytes: behind the header, the keys and the hash of the name.
static bool same_random(const packet_t *a, const packet_t *b) {
    return memcmp(a->b + 19 + 64 + 10, b->b + 19 + 64 + 10, 10) == 0;
}

static void a_tag_that_comes_again_by_another_way_gets_the_same_bytes(void **state) {
    (void)state;
    place_t p = open_place((rns_dest_config_t){0});
    const packet_t q = ask(p.bed, &p.hash, NULL, 5, 16);
    const packet_t first = answer_to(&p, p.near, 5, 16);
    assert_int_equal(rx(p.bed, p.far, &q), RNS_RX_DUPLICATE); // it remembers the tag
    run(p.bed, 10 * SECOND);
    forget_tags(&p);
    const packet_t second = answer_to(&p, p.far, 5, 16);
    assert_true(is_same(&first, &second));
    bed_close(p.bed);
}

static void for_30_seconds_from_when_they_were_made(void **state) {
    (void)state;
    place_t p = open_place((rns_dest_config_t){0});
    const packet_t first = answer_to(&p, p.near, 5, 16);
    for (unsigned i = 0; i < 2; i++) { // what is sent again is not kept longer for that
        run(p.bed, 15 * SECOND);
        forget_tags(&p);
        const packet_t again = answer_to(&p, p.near, 5, 16);
        assert_true(is_same(&first, &again));
    }
    p.bed->now++;
    forget_tags(&p);
    const packet_t late = answer_to(&p, p.near, 5, 16);
    assert_false(same_random(&first, &late));
    forget_tags(&p);
    const packet_t again = answer_to(&p, p.near, 5, 16);
    assert_true(is_same(&late, &again));
    bed_close(p.bed);
}

static void another_tag_gets_another_answer(void **state) {
    (void)state;
    place_t p = open_place((rns_dest_config_t){0});
    const packet_t first = answer_to(&p, p.near, 5, 16);
    const packet_t shorter = answer_to(&p, p.near, 5, 15);
    assert_false(same_random(&first, &shorter));
    const packet_t other = answer_to(&p, p.near, 6, 15);
    assert_false(same_random(&shorter, &other));
    const packet_t one_byte = answer_to(&p, p.near, 7, 1);
    forget_tags(&p);
    const packet_t again = answer_to(&p, p.far, 7, 1);
    assert_true(is_same(&one_byte, &again));
    forget_tags(&p);
    const packet_t first_again = answer_to(&p, p.near, 5, 16); // the last answer is kept alone
    assert_false(same_random(&first, &first_again));
    bed_close(p.bed);
}

static void an_announce_of_its_own_changes_nothing(void **state) {
    (void)state;
    place_t p = open_place((rns_dest_config_t){0});
    const packet_t first = answer_to(&p, p.near, 5, 16);
    assert_int_equal(
        rns_announce(p.bed->node, p.bed->now, p.own, (rns_bytes_t){NULL, 0}, (rns_iface_t){0, 0}),
        RNS_ERR_OK);
    drain(p.bed);
    forget_tags(&p);
    const packet_t second = answer_to(&p, p.near, 5, 16);
    assert_true(is_same(&first, &second));
    bed_close(p.bed);
}

static void other_app_data_makes_a_new_answer(void **state) {
    (void)state;
    place_t p = open_place((rns_dest_config_t){0});
    const packet_t first = answer_to(&p, p.near, 5, 16);
    const rns_bytes_t other = {(const uint8_t *)"Preset", 6},
                      preset = {(const uint8_t *)"preset", 6};
    assert_int_equal(rns_dest_app_data(p.bed->node, p.own, preset), RNS_ERR_OK);
    forget_tags(&p);
    const packet_t same = answer_to(&p, p.near, 5, 16); // it was set, but to the same
    assert_true(is_same(&first, &same));
    assert_int_equal(rns_dest_app_data(p.bed->node, p.own, other), RNS_ERR_OK);
    forget_tags(&p);
    const packet_t second = answer_to(&p, p.near, 5, 16);
    assert_memory_equal(second.b + second.size - 6, "Preset", 6);
    assert_false(same_random(&first, &second));
    bed_close(p.bed);
}

static void another_ratchet_makes_a_new_answer(void **state) {
    (void)state;
    place_t p = open_place((rns_dest_config_t){.ratchets = true});
    const packet_t first = answer_to(&p, p.near, 5, 16);
    forget_tags(&p);
    const packet_t same = answer_to(&p, p.near, 5, 16);
    assert_true(is_same(&first, &same));
    assert_int_equal(rns_dest_ratchet_interval(p.bed->node, p.own, 1), RNS_ERR_OK);
    run(p.bed, 2 * SECOND);
    forget_tags(&p);
    const packet_t second = answer_to(&p, p.near, 5, 16);
    assert_false(same_random(&first, &second));
    assert_memory_not_equal(first.b + 19 + 84, second.b + 19 + 84, 32); // the ratchet
    bed_close(p.bed);
}

static void each_destination_has_its_own(void **state) {
    (void)state;
    place_t p = open_place((rns_dest_config_t){0});
    const rns_secret_t secret = secret_of(10);
    const rns_dest_config_t config = {.name = "test.own", .identity = &secret};
    place_t other = p;
    assert_int_equal(rns_dest_add(p.bed->node, p.bed->now, &config, &other.own), RNS_ERR_OK);
    assert_int_equal(rns_dest_hash(p.bed->node, other.own, &other.hash), RNS_ERR_OK);
    const packet_t first = answer_to(&p, p.near, 5, 16), second = answer_to(&other, p.near, 5, 16);
    assert_false(same_random(&first, &second));
    forget_tags(&p);
    const packet_t again = answer_to(&p, p.near, 5, 16);
    assert_true(is_same(&first, &again));
    bed_close(p.bed);
}

// Whoever hears both takes the second for what it is.
static void a_neighbour_learns_from_it_once(void **state) {
    (void)state;
    place_t p = open_place((rns_dest_config_t){0});
    bed_t *neighbour = bed_open((setup_t){.real = true});
    const unsigned on = add_mode(neighbour, RNS_MODE_FULL);
    for (unsigned i = 0; i < 2; i++) {
        const packet_t answer = answer_to(&p, p.near, 5, 16);
        (void)rx(neighbour, on, &answer);
        rns_tick(neighbour->node, neighbour->now);
        run(p.bed, SECOND);
        forget_tags(&p);
    }
    assert_int_equal(count_of(neighbour, on, RNS_RX_LEARNED), 1);
    const packet_t fresh = answer_to(&p, p.near, 6, 16);
    (void)rx(neighbour, on, &fresh);
    rns_tick(neighbour->node, neighbour->now);
    assert_int_equal(count_of(neighbour, on, RNS_RX_LEARNED), 2);
    bed_close(neighbour);
    bed_close(p.bed);
}

static void it_is_told_when_the_answer_was_made(void **state) {
    (void)state;
    place_t p = open_place((rns_dest_config_t){0});
    rns_inspect_dest_t seen;
    assert_true(rns_inspect_dest(p.bed->node, &p.hash, &seen));
    assert_int_equal(seen.answered, -1);
    const rns_us_t at = p.bed->now;
    (void)answer_to(&p, p.near, 5, 16);
    run(p.bed, SECOND);
    forget_tags(&p);
    (void)answer_to(&p, p.near, 5, 16);
    assert_true(rns_inspect_dest(p.bed->node, &p.hash, &seen));
    assert_int_equal(seen.answered, at);
    bed_close(p.bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_that_comes_again_by_another_way_gets_the_same_bytes),
        cmocka_unit_test(for_30_seconds_from_when_they_were_made),
        cmocka_unit_test(another_tag_gets_another_answer),
        cmocka_unit_test(an_announce_of_its_own_changes_nothing),
        cmocka_unit_test(other_app_data_makes_a_new_answer),
        cmocka_unit_test(another_ratchet_makes_a_new_answer),
        cmocka_unit_test(each_destination_has_its_own),
        cmocka_unit_test(a_neighbour_learns_from_it_once),
        cmocka_unit_test(it_is_told_when_the_answer_was_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
