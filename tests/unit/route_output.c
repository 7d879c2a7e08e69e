// Which interfaces an announce goes out on: all seven modes against all seven, as a literal table
// (Transport.outbound).
#include "node_help.h"

#include "route/announce.h"

#define MODES 7

// A row for each mode of the interface that sends, a column for each mode of the interface that the
// path leads over: full, point to point, access point, roaming, boundary, gateway, internal.
// '-': not sent; 'Y': sent; 'C': sent as far as there is air time for announces.
static const char *const OF_OTHERS[MODES] = {
    "CCCCCCC", // full
    "CCCCCCC", // point to point
    "-------", // access point
    "YYY--YY", // roaming
    "YYY-YYY", // boundary
    "CCCCCCC", // gateway
    "YYYY-YY", // internal
};

// announces_from_internal = no on the interface that sends.
static const char *const NOT_FROM_INTERNAL[MODES] = {
    "CCCCCC-", "CCCCCC-", "-------", "YYY--Y-", "YYY-YY-", "CCCCCC-", "YYYY-Y-",
};

// announces_to_internal = yes on the interface of the path.
static const char *const TO_INTERNAL[MODES] = {
    "CCCCCCC", "CCCCCCC", "-------", "YYY--YY", "YYY-YYY", "CCCCCCC", "YYYYYYY",
};

static const char *const BOTH[MODES] = {
    "CCCCCC-", "CCCCCC-", "-------", "YYY--Y-", "YYY-YY-", "CCCCCC-", "YYYYYY-",
};

static const char OF_OUR_OWN[] = "YY-YYYY";

static char letter(rnsi_out_rule_t rule) {
    return rule == RNSI_OUT_NO ? '-' : rule == RNSI_OUT_YES ? 'Y' : 'C';
}

static struct rnsi_iface of_mode(int i, uint32_t flags) {
    const struct rnsi_iface iface = {.mode = (uint8_t)(RNS_MODE_FULL + i), .flags = flags};
    return iface;
}

static void check_table(const char *const table[MODES], uint32_t out_flags, uint32_t from_flags) {
    for (int out = 0; out < MODES; out++) {
        for (int from = 0; from < MODES; from++) {
            const struct rnsi_iface a = of_mode(out, out_flags), b = of_mode(from, from_flags);
            const char is = letter(rnsi_announce_rule(&a, &b, false));
            if (is != table[out][from]) {
                fail_msg("mode %d from mode %d: %c", out + 1, from + 1, is);
            }
        }
    }
}

static void announces_of_others_follow_the_table(void **state) {
    (void)state;
    const uint32_t from_internal = RNSI_IFACE_FROM_INTERNAL, to_internal = RNSI_IFACE_TO_INTERNAL;
    check_table(OF_OTHERS, from_internal, from_internal);
    check_table(OF_OTHERS, from_internal | to_internal, from_internal);
    check_table(NOT_FROM_INTERNAL, 0, from_internal);
    check_table(TO_INTERNAL, from_internal, to_internal | from_internal);
    check_table(BOTH, 0, to_internal);
}

static void our_own_go_everywhere_but_to_access_points(void **state) {
    (void)state;
    for (int out = 0; out < MODES; out++) {
        for (int from = 0; from < MODES; from++) {
            const struct rnsi_iface a = of_mode(out, 0), b = of_mode(from, 0);
            assert_int_equal(letter(rnsi_announce_rule(&a, &b, true)), OF_OUR_OWN[out]);
            assert_int_equal(letter(rnsi_announce_rule(&a, NULL, true)), OF_OUR_OWN[out]);
        }
    }
}

static void without_an_interface_of_its_path_it_goes_nowhere(void **state) {
    (void)state;
    for (int out = 0; out < MODES; out++) {
        const struct rnsi_iface a = of_mode(out, RNSI_IFACE_FROM_INTERNAL);
        assert_int_equal(rnsi_announce_rule(&a, NULL, false), RNSI_OUT_NO);
    }
}

// ---- The same on a node

static const uint32_t ROOM[RNS_POOL_COUNT] = {[RNS_POOL_IFACE] = 16};

static void a_node_sends_on_what_it_learns_as_the_table_says(void **state) {
    (void)state;
    for (int from = 0; from < MODES; from++) {
        bed_t *bed = bed_open((setup_t){.count = ROOM});
        unsigned on[MODES];
        for (int out = 0; out < MODES; out++) {
            on[out] = add_mode(bed, (rns_mode_t)(RNS_MODE_FULL + out));
        }
        learn(bed, on[from], (announcement_t){.who = 1, .emitted = 1});
        run(bed, 10 * SECOND);
        for (int out = 0; out < MODES; out++) {
            assert_int_equal(sent_on(bed, on[out]), OF_OTHERS[out][from] == '-' ? 0 : 2);
        }
        bed_close(bed);
    }
}

static void options_of_the_config_reach_the_table(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned internal = add_mode(bed, RNS_MODE_INTERNAL);
    const unsigned inward = add_iface(
        bed, (rns_iface_config_t){.mode = RNS_MODE_BOUNDARY, .announces_to_internal = RNS_YES});
    const unsigned boundary = add_mode(bed, RNS_MODE_BOUNDARY);
    const unsigned apart = add_iface(bed, (rns_iface_config_t){.announces_from_internal = RNS_NO});
    settle(bed, internal, (announcement_t){.who = 3, .emitted = 1});
    learn(bed, boundary, (announcement_t){.who = 1, .emitted = 1});
    run(bed, SECOND);
    assert_int_equal(sent_on(bed, internal), 0);
    assert_int_equal(sent_on(bed, apart), 1);
    learn(bed, inward, (announcement_t){.who = 2, .emitted = 1});
    run(bed, SECOND);
    assert_int_equal(sent_on(bed, internal), 1);
    run(bed, 10 * SECOND);
    forget_sent(bed);
    learn(bed, internal, (announcement_t){.who = 4, .emitted = 1});
    run(bed, SECOND);
    assert_int_equal(sent_on(bed, apart), 0);
    assert_int_equal(sent_on(bed, boundary), 1);
    assert_int_equal(sent_on(bed, internal), 1);
    bed_close(bed);
}

static void what_only_receives_sends_no_announces(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned on = add_iface(bed, (rns_iface_config_t){.receive_only = true});
    const unsigned other = add_mode(bed, RNS_MODE_FULL);
    learn(bed, on, (announcement_t){.who = 1, .emitted = 1});
    run(bed, 10 * SECOND);
    assert_int_equal(sent_on(bed, on), 0);
    assert_int_equal(sent_on(bed, other), 2);
    bed_close(bed);
}

static void the_path_of_the_moment_decides(void **state) {
    (void)state;
    bed_t *bed = bed_open((setup_t){0});
    const unsigned from = add_mode(bed, RNS_MODE_FULL), other = add_mode(bed, RNS_MODE_FULL);
    learn(bed, from, (announcement_t){.who = 1, .emitted = 1});
    run(bed, SECOND);
    assert_int_equal(sent_on(bed, other), 1);
    assert_int_equal(rns_iface_remove(bed->node, bed->now, bed->iface[from]), RNS_ERR_OK);
    run(bed, 10 * SECOND);
    assert_int_equal(sent_on(bed, other), 1);
    assert_int_equal(used(bed, RNS_POOL_ANNOUNCE), 0);
    bed_close(bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(announces_of_others_follow_the_table),
        cmocka_unit_test(our_own_go_everywhere_but_to_access_points),
        cmocka_unit_test(without_an_interface_of_its_path_it_goes_nowhere),
        cmocka_unit_test(a_node_sends_on_what_it_learns_as_the_table_says),
        cmocka_unit_test(options_of_the_config_reach_the_table),
        cmocka_unit_test(what_only_receives_sends_no_announces),
        cmocka_unit_test(the_path_of_the_moment_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
