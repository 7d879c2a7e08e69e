#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "host/config.h"

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

// The only note, or a failed test.
static const char *only_note(void) {
    assert_int_equal(config.note_count, 1);
    return config.notes[0].text;
}

static const char *warning_of(const char *text) {
    assert_true(parse(text));
    assert_int_equal(config.notes[0].severity, CONFIG_WARNING);
    return only_note();
}

static const char *error_of(const char *text) {
    assert_false(parse(text));
    assert_int_equal(config.error_count, 1);
    assert_int_equal(config.notes[0].severity, CONFIG_ERROR);
    return only_note();
}

static void an_empty_file_has_the_defaults_of_the_reference(void **state) {
    (void)state;
    assert_true(parse(""));
    assert_int_equal(config.note_count, 0);
    assert_int_equal(config.log_level, 3);
    assert_true(config.log_timestamps);
    assert_false(config.enable_transport);
    assert_true(config.share_instance);
    assert_string_equal(config.instance_name, "default");
    assert_string_equal(config.shared_instance_type, "unix");
    assert_int_equal(config.shared_instance_port, 37428);
    assert_int_equal(config.instance_control_port, 37429);
    assert_null(config.rpc_key_secret.data);
    assert_true(config.link_mtu_discovery);
    assert_true(config.use_implicit_proof);
    assert_true(config.enable_interface_management);
    assert_false(config.respond_to_probes);
    assert_false(config.static_transport_identity);
    assert_false(config.panic_on_interface_error);
    assert_int_equal(config.required_discovery_value, 16);
    assert_true(config.blackhole_update_interval_min == 60);
    assert_int_equal(config.default_ar_target_s, 3600);
    assert_int_equal(config.default_ar_penalty_s, 0);
    assert_int_equal(config.default_ar_grace, 5);
    assert_int_equal(config.queue_data, 1024);
    assert_int_equal(config.queue_announce, 128);
    assert_int_equal(config.queue_path_request, 128);
    assert_int_equal(config.queue_ingress_limited, 8);
    assert_int_equal(config.interface_count, 0);
    assert_string_equal(config.profile, "server");
    assert_int_equal(config.verify_threads, CONFIG_UNSET);
}

static void the_limits_have_the_defaults_of_the_reference(void **state) {
    const config_limits_t *limits = &config.limits;

    (void)state;
    assert_true(parse("[reticulum]\nic_burst_hold = 0\n")); // 0 means the default
    assert_int_equal(config.note_count, 0);
    assert_int_equal(limits->max_held_announces, 256);
    assert_true(limits->burst_hold_s == 15);
    assert_true(limits->burst_freq_new_hz == 3);
    assert_true(limits->burst_freq_hz == 10);
    assert_true(limits->pr_burst_freq_new_hz == 3);
    assert_true(limits->pr_burst_freq_hz == 8);
    assert_true(limits->new_time_s == 7200);
    assert_true(limits->burst_penalty_s == 15);
    assert_true(limits->held_release_interval_s == 5);
    assert_true(limits->egress_pr_freq_hz == 5);
    assert_false(limits->egress_control);
}

static void an_interface_has_the_defaults_of_the_reference(void **state) {
    const config_interface_t *iface;

    (void)state;
    assert_true(parse("[interfaces]\n[[a b]]\ntype = TCPClientInterface\nenabled = yes\n"
                      "target_host = h\ntarget_port = 1\n"));
    assert_int_equal(config.note_count, 0);
    assert_int_equal(config.interface_count, 1);
    iface = &config.interfaces[0];
    assert_string_equal(iface->name, "a b");
    assert_string_equal(iface->type_name, "TCPClientInterface");
    assert_int_equal(iface->line, 2);
    assert_int_equal(iface->type, CONFIG_TCP_CLIENT);
    assert_true(iface->enabled);
    assert_int_equal(iface->mode, CONFIG_MODE_FULL);
    assert_true(iface->outgoing);
    assert_true(iface->announces_from_internal);
    assert_true(iface->ingress_control);
    assert_false(iface->recursive_prs);
    assert_false(iface->bootstrap_only);
    assert_false(iface->discoverable);
    assert_int_equal(iface->announces_to_internal, CONFIG_UNSET);
    assert_int_equal(iface->gravity, 0);
    assert_int_equal(iface->bitrate_bps, 0);
    assert_int_equal(iface->ifac_bytes, 0);
    assert_null(iface->network_name);
    assert_null(iface->passphrase_secret);
    assert_true(iface->announce_cap == 0.02);
    assert_int_equal(iface->announce_rate_target_s, 0);
    assert_string_equal(iface->target_host, "h");
    assert_int_equal(iface->target_port, 1);
    assert_false(iface->kiss_framing);
    assert_false(iface->i2p_tunneled);
    assert_int_equal(iface->max_reconnect_tries, CONFIG_UNSET);
    assert_int_equal(iface->connect_timeout_s, CONFIG_UNSET);
    assert_int_equal(iface->fixed_mtu, CONFIG_UNSET);
}

static void announces_are_rate_limited_on_transport_nodes(void **state) {
    (void)state;
    assert_true(parse("[reticulum]\nenable_transport = yes\n[interfaces]\n"
                      "[[a]]\ntype = UDPInterface\n"
                      "[[b]]\ntype = UDPInterface\nannounce_rate_target = 60\n"
                      "[[c]]\ntype = UDPInterface\nannounce_rate_grace = 2\n"));
    assert_int_equal(config.interfaces[0].announce_rate_target_s, 3600);
    assert_int_equal(config.interfaces[0].announce_rate_penalty_s, 0);
    assert_int_equal(config.interfaces[0].announce_rate_grace, 5);
    assert_int_equal(config.interfaces[1].announce_rate_target_s, 60);
    assert_int_equal(config.interfaces[1].announce_rate_grace, 0);
    assert_int_equal(config.interfaces[2].announce_rate_target_s, 3600);
    assert_int_equal(config.interfaces[2].announce_rate_grace, 2);
}

static void limits_of_an_interface_come_from_reticulum(void **state) {
    (void)state;
    assert_true(
        parse("[interfaces]\n[[a]]\ntype = UDPInterface\nic_burst_freq = 0\n"
              "egress_control = off\n[[b]]\ntype = UDPInterface\n"
              "[reticulum]\nic_burst_freq = 2.5\nic_new_time = 1_0\negress_control = on\n"));
    assert_int_equal(config.note_count, 0);
    assert_true(config.interfaces[0].limits.burst_freq_hz == 0);
    assert_false(config.interfaces[0].limits.egress_control);
    assert_true(config.interfaces[1].limits.burst_freq_hz == 2.5);
    assert_true(config.interfaces[1].limits.new_time_s == 10);
    assert_true(config.interfaces[1].limits.egress_control);
}

static void the_words_for_yes_and_no_are_those_of_the_reference(void **state) {
    static const struct {
        const char *word;
        int value; // -1: an error
    } words[] = {{"yes", 1},   {"Yes", 1}, {"on", 1},      {"TRUE", 1},  {"1", 1},
                 {"no", 0},    {"oFF", 0}, {"false", 0},   {"0", 0},     {"y", -1},
                 {"2", -1},    {"", -1},   {"'yes '", -1}, {"'yes'", 1}, {"yes, no", -1},
                 {"yes,", -1}, {"01", -1}, {"enabled", -1}};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char text[64];

        snprintf(text, sizeof text, "[reticulum]\nenable_transport = %s\n", words[i].word);
        assert_int_equal(parse(text), words[i].value >= 0);
        if (words[i].value >= 0) {
            assert_int_equal(config.enable_transport, words[i].value);
        } else {
            assert_int_equal(config.notes[0].line, 2);
        }
    }
}

static void the_words_for_modes_are_those_of_the_reference(void **state) {
    static const struct {
        const char *word;
        int mode;
    } words[] = {{"full", 1},    {"PointToPoint", 2}, {"ptp", 2},      {"access_point", 3},
                 {"ap", 3},      {"accesspoint", 3},  {"roaming", 4},  {"boundary", 5},
                 {"gateway", 6}, {"gw", 6},           {"internal", 7}, {"fast", 1}};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char text[96];

        snprintf(text, sizeof text, "[interfaces]\n[[a]]\ntype = UDPInterface\nmode = %s\n",
                 words[i].word);
        assert_true(parse(text));
        assert_int_equal(config.interfaces[0].mode, words[i].mode);
    }
    assert_string_equal(only_note(), "mode = fast is not possible and is ignored; it takes full, "
                                     "gateway, access_point, roaming, boundary, pointtopoint or "
                                     "internal (f:4)");
    assert_true(
        parse("[interfaces]\n[[a]]\ntype = UDPInterface\ninterface_mode = gw\nmode = ap\n"));
    assert_int_equal(config.interfaces[0].mode, CONFIG_MODE_GATEWAY);
}

static void wrong_values_are_errors_with_their_line(void **state) {
    (void)state;
    assert_string_equal(error_of("[logging]\n\nloglevel = high\n"),
                        "loglevel = high is not possible; it takes a whole number (f:3)");
    assert_string_equal(error_of("[reticulum]\nic_burst_freq = 3 Hz\n"),
                        "ic_burst_freq = 3 Hz is not possible; it takes a number (f:2)");
    assert_string_equal(error_of("[reticulum]\nshared_instance_port = 70000\n"),
                        "shared_instance_port = 70000 is not possible; it takes 0 to 65535 (f:2)");
    assert_string_equal(error_of("[reticulum]\nblackhole_sources = 00, 11\n"),
                        "blackhole_sources = 00 is not possible; it takes 32 hexadecimal digits "
                        "each (f:2)");
    assert_string_equal(error_of("[reticulum]\nuse_implicit_proof = %(x)s\n"),
                        "use_implicit_proof refers to \"x\", which is not set (f:2)");
    assert_string_equal(error_of("[reticulum]\ninstance_name = a, b\n"),
                        "instance_name takes one value; put quotes around it if the comma belongs "
                        "to it (f:2)");
    assert_string_equal(error_of("[reticulum]\n[[enable_transport]]\n"),
                        "enable_transport is an option, not a section (f:2)");
    assert_string_equal(error_of("reticulum = 1\n"),
                        "reticulum is a section: write [reticulum] (f:1)");
    assert_string_equal(error_of("[a]\n[a]\n"),
                        "\"a\" is already there in line 1; remove or rename one of them (f:2)");
    assert_string_equal(error_of("[interfaces]\n[[a]]\ntype = TCPClientInterface\nfixed_mtu = 499"),
                        "fixed_mtu = 499 is not possible; it takes 500 to 4294967295 (f:4)");
}

static void an_interface_without_what_it_needs_is_an_error(void **state) {
    (void)state;
    assert_string_equal(error_of("[interfaces]\n[[a]]\nenabled = yes\n"),
                        "interface [a] needs a type (f:2)");
    assert_string_equal(error_of("[interfaces]\n[[a]]\nenabled = yes\ntype = TCPServerInterface\n"
                                 "listen_ip = 0.0.0.0\n"),
                        "TCPServerInterface [a] needs listen_port (f:2)");
    assert_string_equal(error_of("[interfaces]\n[[a]]\nenabled = yes\ntype = TCPServerInterface\n"
                                 "port = 1\n"),
                        "TCPServerInterface [a] needs listen_ip or device (f:2)");
    assert_string_equal(error_of("[interfaces]\n[[a]]\nenabled = yes\ntype = TCPClientInterface\n"
                                 "target_host = h\n"),
                        "TCPClientInterface [a] needs target_port (f:2)");
    assert_true(parse("[interfaces]\n[[a]]\nenabled = no\ntype = TCPClientInterface\n[[b]]\n"));
    assert_int_equal(config.note_count, 0);
}

static void what_the_reference_passes_over_is_a_warning(void **state) {
    (void)state;
    assert_string_equal(warning_of("[interfaces]\n[[a]]\ntype = UDPInterface\nbitrate = 4\n"),
                        "bitrate = 4 is out of its limits (5 to inf) and is ignored (f:4)");
    assert_int_equal(config.interfaces[0].bitrate_bps, 0);
    assert_string_equal(
        warning_of("[interfaces]\n[[a]]\ntype = UDPInterface\nannounce_cap = 101\n"),
        "announce_cap = 101 is out of its limits (0.0001 to 100) and is ignored "
        "(f:4)");
    assert_true(config.interfaces[0].announce_cap == 0.02);
    assert_string_equal(warning_of("[reticulum]\nrpc_key = xyz\n"),
                        "rpc_key = ... is not possible and is ignored; it takes hexadecimal digits "
                        "(f:2)");
    assert_string_equal(warning_of("[reticulum]\nqlen_in_data = 0\n"),
                        "qlen_in_data = 0 is out of its limits (1 to 4294967295) and is ignored "
                        "(f:2)");
    assert_int_equal(config.queue_data, 1024);
}

static void what_is_not_served_yet_is_one_warning(void **state) {
    (void)state;
    assert_string_equal(warning_of("[interfaces]\n\n[[Default Interface]]\ntype = AutoInterface\n"
                                   "enabled = yes\ngroup_id = x\n"),
                        "AutoInterface [Default Interface] is not supported yet, left out (f:3)");
    assert_int_equal(config.interface_count, 0);
    assert_string_equal(warning_of("[interfaces]\n[[a]]\ntype = RNodeMultiInterface\n"
                                   "interface_enabled = yes\n[[[b]]]\nvport = 0\n"),
                        "RNodeMultiInterface [a] is not supported yet, left out (f:2)");
    assert_string_equal(warning_of("[reticulum]\nshare_instance = Yes\ninstance_name = x\n"),
                        "share_instance is not supported yet, left out (f:2)");
    assert_string_equal(warning_of("[reticulum]\npublish_blackhole = no\nnetwork_identity = x\n"),
                        "network_identity is not supported yet, left out (f:3)");
    assert_true(parse("[interfaces]\n[[a]]\ntype = AutoInterface\nenabled = no\n"));
    assert_int_equal(config.note_count, 0);
}

static void all_types_of_the_reference_are_known(void **state) {
    (void)state;
    static const char *const NAMES[] = {
        "AutoInterface",   "BackboneInterface",   "BackboneClientInterface", "I2PInterface",
        "SerialInterface", "PipeInterface",       "KISSInterface",           "AX25KISSInterface",
        "RNodeInterface",  "RNodeMultiInterface", "WeaveInterface"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        char text[120], expected[120];
        (void)snprintf(text, sizeof text, "[interfaces]\n[[a]]\ntype = %s\nenabled = yes\n",
                       NAMES[i]);
        (void)snprintf(expected, sizeof expected, "%s [a] is not supported yet, left out (f:2)",
                       NAMES[i]);
        assert_string_equal(warning_of(text), expected);
    }
}

static void what_nobody_knows_is_a_warning(void **state) {
    (void)state;
    assert_string_equal(warning_of("[reticulum]\nenable_transprot = yes\n"),
                        "unknown option enable_transprot in [reticulum], left out (f:2)");
    assert_string_equal(warning_of("[reticulum]\nEnable_Transport = yes\n"),
                        "unknown option Enable_Transport in [reticulum], left out (f:2)");
    assert_string_equal(warning_of("[extra]\na = b\n"), "unknown section extra, left out (f:1)");
    assert_string_equal(warning_of("a = b\n"), "unknown option a, left out (f:1)");
    assert_string_equal(warning_of("[interfaces]\n[[a]]\ntype = UDPInterface\nlisten_prt = 1\n"),
                        "unknown option listen_prt in UDPInterface [a], left out (f:4)");
    assert_string_equal(warning_of("[interfaces]\n[[a]]\ntype = UDPInterface\n[[[b]]]\nc = d\n"),
                        "unknown section b in UDPInterface [a], left out (f:4)");
    assert_string_equal(warning_of("[interfaces]\n[[a]]\nenabled = yes\ntype = Mine\n"),
                        "unknown type Mine of interface [a], left out (f:4)");
    assert_string_equal(warning_of("[interfaces]\na = b\n"),
                        "unknown option a in [interfaces], left out; each interface is a section "
                        "[[name]] (f:2)");
}

static void access_codes_are_read_as_the_reference_reads_them(void **state) {
    const config_interface_t *iface;

    (void)state;
    assert_true(parse("[interfaces]\n[[a]]\ntype = UDPInterface\nnetwork_name = n\n"
                      "networkname = m\npassphrase = 'p, # q'\nifac_size = 100\n"));
    iface = &config.interfaces[0];
    assert_string_equal(iface->network_name, "n"); // this spelling wins wherever it stands
    assert_string_equal(iface->passphrase_secret, "p, # q");
    assert_int_equal(iface->ifac_bytes, 12);
    assert_string_equal(warning_of("[interfaces]\n[[a]]\ntype = UDPInterface\nnetwork_name = None\n"
                                   "passphrase = ''\n"),
                        "network_name = None is ambiguous and is ignored; nothing is set (f:4)");
    assert_null(config.interfaces[0].network_name);
    assert_null(config.interfaces[0].passphrase_secret);
    assert_string_equal(error_of("[interfaces]\n[[a]]\ntype = UDPInterface\npassphrase = a, b\n"),
                        "passphrase takes one value; put quotes around it if the comma belongs to "
                        "it (f:4)");
}

static void ports_of_udp_and_tcp_servers_have_an_alias(void **state) {
    (void)state;
    assert_true(parse("[interfaces]\n[[a]]\ntype = TCPServerInterface\nport = 5\nlisten_port = 6\n"
                      "listen_ip = ::\nprefer_ipv6 = yes\ndevice = eth0\ni2p_tunneled = yes\n"
                      "[[b]]\ntype = UDPInterface\nport = 7\nlisten_port = 8\nforward_ip = f\n"));
    assert_int_equal(config.note_count, 0);
    assert_int_equal(config.interfaces[0].listen_port, 5);
    assert_string_equal(config.interfaces[0].listen_ip, "::");
    assert_string_equal(config.interfaces[0].device, "eth0");
    assert_true(config.interfaces[0].prefer_ipv6);
    assert_true(config.interfaces[0].i2p_tunneled);
    assert_int_equal(config.interfaces[1].listen_port, 8);
    assert_int_equal(config.interfaces[1].forward_port, 7);
    assert_string_equal(config.interfaces[1].forward_ip, "f");
    assert_null(config.interfaces[1].listen_ip);
}

static void a_discoverable_interface_is_a_gateway(void **state) {
    (void)state;
    assert_true(parse("[interfaces]\n[[a]]\ntype = UDPInterface\nmode = roaming\n"
                      "discoverable = yes\nannounce_interval = 1\nlatitude = 1.5\n"
                      "discovery_lxmf_address = 000102030405060708090A0B0C0D0E0F\n"));
    assert_int_equal(config.note_count, 2);
    assert_string_equal(config.notes[0].text,
                        "UDPInterface [a] is discoverable, so its mode is set to gateway (f:2)");
    assert_int_equal(config.notes[0].severity, CONFIG_NOTICE);
    assert_string_equal(config.notes[1].text, "discoverable is not supported yet, left out (f:5)");
    assert_int_equal(config.interfaces[0].mode, CONFIG_MODE_GATEWAY);
    assert_int_equal(config.interfaces[0].discovery.announce_interval_s, 300);
    assert_true(config.interfaces[0].discovery.latitude == 1.5);
    assert_int_equal(config.interfaces[0].discovery.lxmf_address.size, 16);
    assert_int_equal(config.interfaces[0].discovery.lxmf_address.data[10], 10);
    assert_true(config.static_transport_identity);
    assert_true(parse("[interfaces]\n[[a]]\ntype = UDPInterface\nmode = roaming\n"
                      "discoverable = yes\nignore_config_warnings = yes\n"));
    assert_int_equal(config.interfaces[0].mode, CONFIG_MODE_ROAMING);
    assert_int_equal(config.interfaces[0].discovery.announce_interval_s, 21600);
}

static void interfaces_stay_in_the_order_of_the_file(void **state) {
    (void)state;
    assert_true(parse("[interfaces]\n[[z]]\ntype = UDPInterface\n[[a]]\ntype = UDPInterface\n"
                      "[[m]]\ntype = UDPInterface\ninterface_enabled = 1\nenabled = 0\n"));
    assert_int_equal(config.interface_count, 3);
    assert_string_equal(config.interfaces[0].name, "z");
    assert_string_equal(config.interfaces[1].name, "a");
    assert_string_equal(config.interfaces[2].name, "m");
    assert_false(config.interfaces[0].enabled);
    assert_true(config.interfaces[2].enabled);
}

static size_t row_of(const char *name) {
    return strcmp(name, "path") == 0 ? 3 : SIZE_MAX;
}

static void memory_takes_a_profile_and_counts(void **state) {
    (void)state;
    assert_true(parse("[memory]\nprofile = Router\npath = 1000\n[reticule]\nverify_threads = 2\n"));
    assert_int_equal(config.note_count, 0);
    assert_string_equal(config.profile, "router");
    assert_int_equal(config.count_count, 1);
    assert_string_equal(config.counts[0].row, "path");
    assert_int_equal(config.counts[0].count, 1000);
    assert_int_equal(config.verify_threads, 2);
    assert_true(config_check_rows(&config, row_of));
    assert_true(parse("[memory]\npath = 1\nroad = 2\n"));
    assert_false(config_check_rows(&config, row_of));
    assert_string_equal(only_note(), "[memory] has no row road; rnmem prints their names (f:3)");
    assert_string_equal(error_of("[memory]\nprofile = huge\n"),
                        "profile = huge is not possible; it takes server, router, mcu or tiny "
                        "(f:2)");
    assert_string_equal(error_of("[memory]\npath = many\n"),
                        "path = many is not possible; it takes a whole number (f:2)");
}

static void notes_stand_in_the_order_of_the_file(void **state) {
    (void)state;
    assert_false(parse("[interfaces]\nx = 1\n[reticulum]\ny = 2\nenable_transport = x\n"));
    assert_int_equal(config.note_count, 3);
    assert_int_equal(config.notes[0].line, 2);
    assert_int_equal(config.notes[1].line, 4);
    assert_int_equal(config.notes[2].line, 5);
    assert_int_equal(config.error_count, 1);
}

static void the_examples_parse_and_warn_only_of_what_is_not_served(void **state) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    (void)state;
    assert_true(config_print_example(file));
    fclose(file);
    config_close(&config);
    assert_true(config_parse(&config, "f", text, size));
    free(text);
    assert_int_equal(config.note_count, 2);
    assert_non_null(strstr(config.notes[0].text, "share_instance is not supported yet"));
    assert_non_null(strstr(config.notes[1].text, "AutoInterface [Default Interface] is not"));
    assert_int_equal(config.interface_count, 3);
    assert_string_equal(config.interfaces[0].name, "TCP Server Interface");
}

static char *new_directory(char path[64]) {
    strcpy(path, "/tmp/reticule-config-XXXXXX");
    assert_non_null(mkdtemp(path));
    return path;
}

static void the_first_run_writes_the_default_configuration(void **state) {
    char path[64], file[96];
    struct stat info;

    (void)state;
    new_directory(path);
    snprintf(file, sizeof file, "%s/config", path);
    assert_true(config_load(&config, path));
    assert_true(config.created);
    assert_string_equal(config.file, file);
    assert_int_equal(stat(file, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(config.log_level, 4);
    assert_false(config.enable_transport);
    assert_string_equal(config.instance_name, "default");
    assert_int_equal(config.note_count, 2); // what it names and we do not serve yet
    assert_non_null(strstr(config.notes[0].text, "share_instance is not supported yet"));
    assert_non_null(strstr(config.notes[1].text, "AutoInterface [Default Interface] is not"));
    config_close(&config);
    assert_true(config_load(&config, path));
    assert_false(config.created);
    unlink(file);
    rmdir(path);
}

static void a_directory_that_is_not_there_is_an_error(void **state) {
    (void)state;
    assert_false(config_load(&config, "/nonexistent/reticule"));
    assert_int_equal(config.error_count, 1);
    assert_string_equal(only_note(), "the default configuration cannot be written: No such file or "
                                     "directory (/nonexistent/reticule/config)");
}

static void directories_are_made_for_their_owner_alone(void **state) {
    arena_t arena = {NULL};
    char path[64], command[96];
    const char *failed, *directory;
    struct stat info;

    (void)state;
    new_directory(path);
    directory = arena_format(&arena, "%s/a/b", path);
    for (int twice = 0; twice < 2; twice++) {
        assert_true(config_make_directories(&arena, directory, &failed));
        assert_null(failed);
    }
    assert_int_equal(stat(arena_format(&arena, "%s/storage/identities", directory), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(stat(arena_format(&arena, "%s/storage/cache/announces", directory), &info), 0);
    assert_int_equal(stat(arena_format(&arena, "%s/storage/blackhole", directory), &info), 0);
    assert_int_equal(stat(arena_format(&arena, "%s/storage/resources", directory), &info), 0);
    assert_int_equal(stat(arena_format(&arena, "%s/interfaces", directory), &info), 0);
    assert_false(config_make_directories(&arena, "/dev/null/x", &failed));
    assert_string_equal(failed, "/dev/null");
    snprintf(command, sizeof command, "rm -r %s", path);
    assert_int_equal(system(command), 0);
    arena_free(&arena);
}

static void the_directory_is_searched_for_in_the_reference_order(void **state) {
    arena_t arena = {NULL};
    char path[64], command[192];

    (void)state;
    if (access("/etc/reticulum/config", F_OK) == 0) {
        skip();
    }
    new_directory(path);
    setenv("HOME", path, 1);
    assert_string_equal(config_find_directory(&arena, "x/y"), "x/y");
    assert_string_equal(config_find_directory(&arena, NULL),
                        arena_format(&arena, "%s/.reticulum", path));
    snprintf(command, sizeof command,
             "mkdir -p %s/.config/reticulum && touch %s/.config/reticulum/config", path, path);
    assert_int_equal(system(command), 0);
    assert_string_equal(config_find_directory(&arena, NULL),
                        arena_format(&arena, "%s/.config/reticulum", path));
    snprintf(command, sizeof command, "rm -r %s", path);
    assert_int_equal(system(command), 0);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_has_the_defaults_of_the_reference),
        cmocka_unit_test(the_limits_have_the_defaults_of_the_reference),
        cmocka_unit_test(an_interface_has_the_defaults_of_the_reference),
        cmocka_unit_test(announces_are_rate_limited_on_transport_nodes),
        cmocka_unit_test(limits_of_an_interface_come_from_reticulum),
        cmocka_unit_test(the_words_for_yes_and_no_are_those_of_the_reference),
        cmocka_unit_test(the_words_for_modes_are_those_of_the_reference),
        cmocka_unit_test(wrong_values_are_errors_with_their_line),
        cmocka_unit_test(an_interface_without_what_it_needs_is_an_error),
        cmocka_unit_test(what_the_reference_passes_over_is_a_warning),
        cmocka_unit_test(what_is_not_served_yet_is_one_warning),
        cmocka_unit_test(all_types_of_the_reference_are_known),
        cmocka_unit_test(what_nobody_knows_is_a_warning),
        cmocka_unit_test(access_codes_are_read_as_the_reference_reads_them),
        cmocka_unit_test(ports_of_udp_and_tcp_servers_have_an_alias),
        cmocka_unit_test(a_discoverable_interface_is_a_gateway),
        cmocka_unit_test(interfaces_stay_in_the_order_of_the_file),
        cmocka_unit_test(memory_takes_a_profile_and_counts),
        cmocka_unit_test(notes_stand_in_the_order_of_the_file),
        cmocka_unit_test_teardown(the_examples_parse_and_warn_only_of_what_is_not_served, teardown),
        cmocka_unit_test_teardown(the_first_run_writes_the_default_configuration, teardown),
        cmocka_unit_test_teardown(a_directory_that_is_not_there_is_an_error, teardown),
        cmocka_unit_test(directories_are_made_for_their_owner_alone),
        cmocka_unit_test(the_directory_is_searched_for_in_the_reference_order),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
