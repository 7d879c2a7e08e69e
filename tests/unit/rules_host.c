// Rules of core/rules.h that the host follows: as with the reference 1.3, and as with today's. What
// is expected was read from RNS 1.3.1 and 1.5.7.
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/config.h"
#include "host/interface.h"
#include "rules_help.h"

#define HEAD "[interfaces]\n[[One]]\ntype = UDPInterface\nenabled = yes\nport = 4242\n"

static config_t config;

static bool parse(const char *text) {
    config_close(&config);
    return config_parse(&config, "f", text, strlen(text));
}

static int teardown(void **state) {
    (void)state;
    config_close(&config);
    return 0;
}

static config_mode_t mode_of(const char *text) {
    assert_true(parse(text));
    return config.interfaces[0].mode;
}

static void the_mode_gateway_needs_the_old_option_beside_the_new_one(void **state) {
    (void)state;
    assert_int_equal(parse(HEAD "interface_mode = gateway\n"), SINCE(false, true));
    assert_int_equal(parse(HEAD "interface_mode = GW\n"), SINCE(false, true));
    assert_int_equal(mode_of(HEAD "interface_mode = gateway\nmode = gateway\n"),
                     CONFIG_MODE_GATEWAY);
    assert_int_equal(mode_of(HEAD "interface_mode = gateway\nmode = roaming\n"),
                     SINCE(CONFIG_MODE_FULL, CONFIG_MODE_GATEWAY));
    assert_int_equal(mode_of(HEAD "mode = gateway\n"), CONFIG_MODE_GATEWAY);
}

static void all_other_modes_need_one_option(void **state) {
    (void)state;
    assert_int_equal(mode_of(HEAD "interface_mode = Full\n"), CONFIG_MODE_FULL);
    assert_int_equal(mode_of(HEAD "interface_mode = accesspoint\n"), CONFIG_MODE_ACCESS_POINT);
    assert_int_equal(mode_of(HEAD "interface_mode = ptp\n"), CONFIG_MODE_POINT_TO_POINT);
    assert_int_equal(mode_of(HEAD "interface_mode = roaming\nmode = full\n"), CONFIG_MODE_ROAMING);
    assert_int_equal(mode_of(HEAD "interface_mode = boundary\n"), CONFIG_MODE_BOUNDARY);
    assert_int_equal(mode_of(HEAD), CONFIG_MODE_FULL);
}

static void none_is_a_name_like_others(void **state) {
    (void)state;
    assert_true(parse(HEAD "network_name = None\npassphrase = none\n"));
    const char *name = config.interfaces[0].network_name;
    assert_int_equal(name != NULL, SINCE(true, false));
    assert_string_equal(config.interfaces[0].passphrase_secret, "none");
}

static void mtus_of_links_are_discovered_whatever_is_said(void **state) {
    (void)state;
    assert_true(parse("[reticulum]\nlink_mtu_discovery = no\n"));
    assert_int_equal(config.link_mtu_discovery, SINCE(true, false));
}

static void connections_of_a_listener_have_no_announce_cap(void **state) {
    (void)state;
    const interface_kind_t kind = {.bitrate = 10000000, .mtu_kind = RNS_MTU_AUTO};
    rns_iface_config_t own, spawned;
    assert_true(parse(HEAD "announce_cap = 5\n"));
    interface_config(config.interfaces, &kind, "own", &own);
    interface_spawned_config(config.interfaces, &kind, "spawned", &spawned);
    assert_int_equal(own.announce_cap_ppm, 50000);
    assert_int_equal(spawned.announce_cap_ppm, SINCE(2000000, 50000));
}

static void a_listener_of_backbone_guesses(void **state) {
    (void)state;
    assert_int_equal(interface_type_find("BackboneInterface")->kind.bitrate,
                     SINCE(1000000000, 100000000));
    assert_int_equal(interface_type_find("BackboneClientInterface")->kind.bitrate, 100000000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mode_gateway_needs_the_old_option_beside_the_new_one),
        cmocka_unit_test(all_other_modes_need_one_option),
        cmocka_unit_test(none_is_a_name_like_others),
        cmocka_unit_test(mtus_of_links_are_discovered_whatever_is_said),
        cmocka_unit_test(connections_of_a_listener_have_no_announce_cap),
        cmocka_unit_test(a_listener_of_backbone_guesses),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
