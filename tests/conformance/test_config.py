"""What becomes of an interface's section of a configuration."""
import pytest

from compare import both, both_refuse

OPTIONS = [
    "", "mode = full", "mode = ptp", "mode = pointtopoint", "mode = roaming", "mode = boundary",
    "mode = ap", "mode = accesspoint", "mode = access_point", "mode = gw", "mode = GateWay",
    "mode = point_to_point", "mode = other",
    "interface_mode = full", "interface_mode = ap", "interface_mode = ptp",
    "interface_mode = roaming", "interface_mode = boundary",
    "interface_mode = access_point\nmode = full", "mode = gateway\ninterface_mode = ap",
    "interface_mode = gateway\nmode = gateway",
    "discoverable = true", "discoverable = false", "discoverable = yes\nmode = access_point",
    "discoverable = yes\nmode = gateway",
    "discoverable = yes\nmode = roaming", "discoverable = yes\nannounce_interval = 1",
    "discoverable = yes\nannounce_interval = 5", "discoverable = yes\nannounce_interval = 10",
    "announce_interval = 10", "discoverable = yes\nmode = full\nignore_config_warnings = yes",
    "bitrate = 4", "bitrate = 5", "bitrate = 1200", "bitrate = 0",
    "announce_cap = 50", "announce_cap = 0", "announce_cap = 100", "announce_cap = 150",
    "announce_cap = -1", "announce_cap = 2.5",
    "ifac_size = 64", "ifac_size = 8", "ifac_size = 7", "ifac_size = 0", "ifac_size = 65",
    "ifac_size = 512",
    "networkname = alpha", "network_name = beta", "networkname = nn\nnetwork_name = wins",
    "passphrase = secret", "pass_phrase = other", "passphrase = a\npass_phrase = wins",
    "networkname =", "passphrase =", 'network_name = ""', "networkname =\npassphrase = key",
    "networkname = None", "network_name = a\npassphrase = b\nifac_size = 128",
    "ic_max_held_announces = 7\nic_burst_freq = 4.5\nic_new_time = 99\n"
    "ic_held_release_interval = 1", "ic_burst_hold = 3\nic_burst_freq_new = 1.5\n"
    "ic_burst_penalty = 20", "outgoing = no",
]


def text(options, enabled="interface_enabled = true"):
    lines = ["type = ConfigParseProbeInterface", enabled] + options.split("\n")
    return "[interfaces]\n  [[probe]]\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize("options", OPTIONS)
def test_options(ours, theirs, options):
    both(ours, theirs, "config_parse_interface", interface_name="probe",
         config_text=text(options))


@pytest.mark.differs
@pytest.mark.parametrize("options", ["mode = internal", "discoverable = yes\nmode = internal",
                                     "interface_mode = internal\nmode = internal"])
def test_internal_interfaces(ours, theirs, then, options):
    if then(True, False):
        pytest.skip("the reference 1.3 has none")
    both(ours, theirs, "config_parse_interface", interface_name="probe",
         config_text=text(options))


@pytest.mark.differs
def test_a_gateway_by_the_new_option_alone(ours, theirs, then):
    # The reference looks it up in the old one and stumbles; we have stopped doing so.
    request = {"interface_name": "probe", "config_text": text("interface_mode = gateway")}
    assert theirs.ask("config_parse_interface", **request)["success"] is False
    answer = ours.ask("config_parse_interface", **request)
    assert answer["success"] is then(False, True)
    assert answer.get("result", {"mode": None})["mode"] == then(None, 6)


@pytest.mark.parametrize("options", ["bitrate = fast",
                                     "discoverable = perhaps", "announce_cap = all"])
def test_what_cannot_be_meant(ours, theirs, options):
    both_refuse(ours, theirs, "config_parse_interface", interface_name="probe",
                config_text=text(options))


def test_sections_that_are_not_there(ours, theirs):
    for name, config in (("other", text("")), ("probe", "[reticulum]\n"), ("probe", "")):
        for bridge in (ours, theirs):
            assert bridge.call("config_parse_interface", interface_name=name,
                               config_text=config)["error"]


def test_nothing_is_left_behind(ours):
    for _ in range(50):
        ours.call("config_parse_interface", interface_name="probe",
                  config_text=text("networkname = a"))
