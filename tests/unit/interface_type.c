// Types of interfaces: what is expected stands in the classes of RNS 1.5.7.
#include "crypto_support.h"
#include "host/interface.h"
#include "host/interfaces/auto_token.h"

static void each_type_has_the_numbers_of_its_class(void **state) {
    (void)state;
    static const interface_type_t TYPES[] = {
        {"AX25KISSInterface", {1200, 564, RNS_MTU_NONE, true, true}, false, 0},
        {"AutoInterface", {10000000, 1196, RNS_MTU_FIXED, false, false}, false, 0},
        {"BackboneClientInterface", {100000000, 1048576, RNS_MTU_AUTO, false, false}, false, 0},
        {"BackboneInterface", {100000000, 1048576, RNS_MTU_AUTO, false, false}, false, 0},
        {"I2PInterface", {256000, 1064, RNS_MTU_NONE, false, false}, false, 0},
        {"KISSInterface", {1200, 564, RNS_MTU_NONE, true, true}, false, 0},
        {"PipeInterface", {1000000, 1064, RNS_MTU_NONE, true, false}, false, 0},
        {"RNodeInterface", {0, 508, RNS_MTU_NONE, true, true}, false, 0},
        {"RNodeMultiInterface", {0, 508, RNS_MTU_NONE, true, true}, false, 0},
        {"SerialInterface", {0, 564, RNS_MTU_NONE, true, true}, false, 0},
        {"TCPClientInterface",
         {10000000, 262144, RNS_MTU_AUTO, false, false},
         true,
         CONFIG_TCP_CLIENT},
        {"TCPServerInterface",
         {10000000, 262144, RNS_MTU_AUTO, false, false},
         true,
         CONFIG_TCP_SERVER},
        {"UDPInterface", {10000000, 1064, RNS_MTU_NONE, false, false}, true, CONFIG_UDP},
        {"WeaveInterface", {250000, 1024, RNS_MTU_FIXED, false, false}, false, 0},
    };
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        const interface_type_t *type = interface_type_find(TYPES[i].name);
        assert_non_null(type);
        assert_string_equal(type->name, TYPES[i].name);
        assert_int_equal(type->kind.bitrate, TYPES[i].kind.bitrate);
        assert_int_equal(type->kind.hw_mtu, TYPES[i].kind.hw_mtu);
        assert_int_equal(type->kind.mtu_kind, TYPES[i].kind.mtu_kind);
        assert_int_equal(type->kind.small_ifac, TYPES[i].kind.small_ifac);
        assert_int_equal(type->kind.no_ingress_limit, TYPES[i].kind.no_ingress_limit);
        assert_int_equal(type->built, TYPES[i].built);
        if (type->built) {
            assert_int_equal(type->type, TYPES[i].type);
            assert_ptr_equal(interface_kind(type->type), &type->kind);
        }
    }
}

static void other_names_are_no_types(void **state) {
    (void)state;
    assert_null(interface_type_find(""));
    assert_null(interface_type_find("TCPInterface"));
    assert_null(interface_type_find("udpinterface"));
    assert_null(interface_type_find("UDPInterface "));
}

// With the default options of a section.
static rns_iface_config_t config_of(const char *type) {
    const config_interface_t settings = {.mode = CONFIG_MODE_FULL,
                                         .announces_to_internal = CONFIG_UNSET};
    rns_iface_config_t config;
    interface_config(&settings, &interface_type_find(type)->kind, "x", &config);
    return config;
}

static void the_node_is_told_what_the_type_has(void **state) {
    (void)state;
    const rns_iface_config_t tcp = config_of("TCPServerInterface");
    assert_int_equal(tcp.bitrate, 10000000);
    assert_int_equal(tcp.hw_mtu, 16384); // what 10 Mbit/s allow
    assert_int_equal(tcp.mtu_kind, RNS_MTU_AUTO);
    assert_false(tcp.small_ifac || tcp.no_ingress_limit);
    const rns_iface_config_t udp = config_of("UDPInterface");
    assert_int_equal(udp.hw_mtu, 1064);
    assert_int_equal(udp.mtu_kind, RNS_MTU_NONE);
    const rns_iface_config_t kiss = config_of("KISSInterface");
    assert_int_equal(kiss.bitrate, 1200);
    assert_int_equal(kiss.hw_mtu, 564);
    assert_true(kiss.small_ifac && kiss.no_ingress_limit);
}

// ---- The token of AutoInterface: what one of RNS 1.5.7 with this group and address sent

static void assert_token(const char *group, const char *address, const char *expected) {
    uint8_t token[AUTO_TOKEN];
    auto_token(host->v, host->self, text_view(group), address, token);
    assert_hex(token, sizeof token, expected);
}

static void peers_of_auto_interface_know_each_other_by_group_and_address(void **state) {
    (void)state;
    assert_token("reticulum", "fe80::1ff:fe23:4567:890a",
                 "c7c26eee3d741870296ddf7ce3addb0d8e4a048f670571fab74d788bbd5ea574");
    assert_token("lab", "fe80::1",
                 "15b17a68c992b8d3d4979593733375481782f06bdde5655457b94111bbb8b90d");
    assert_token("", "fe80::1", "6d6dc150a1de191714171e5b8fe8736e732163a70d265f0354967c98ed967e10");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_has_the_numbers_of_its_class),
        cmocka_unit_test(other_names_are_no_types),
        cmocka_unit_test(the_node_is_told_what_the_type_has),
        cmocka_unit_test(peers_of_auto_interface_know_each_other_by_group_and_address),
    };
    return cmocka_run_group_tests(tests, open_host, close_host);
}
