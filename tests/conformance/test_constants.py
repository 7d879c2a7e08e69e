"""Numbers of the protocol and of interfaces."""
import pytest

from compare import both, some

BITRATES = sorted(rate + step for rate in (
    62500, 1000000, 2000000, 5000000, 10000000, 100000000, 200000000, 400000000, 750000000,
    1000000000) for step in (-1, 0, 1)) + [1, 2000000000]


@pytest.mark.parametrize("command", [
    "packet_constants", "packet_context_constants", "announce_queue_constants",
    "interface_default_ifac_size"])
def test_numbers(ours, theirs, command):
    both(ours, theirs, command)


def test_mtu_of_a_bitrate(ours, theirs):
    for bitrate in BITRATES:
        both(ours, theirs, "interface_optimise_mtu", bitrate=bitrate)
        both(ours, theirs, "interface_optimise_mtu", bitrate=bitrate, autoconfigure=False)


@pytest.mark.parametrize("command, params", [
    ("auto_discovery_token", {"group_id": some(9), "link_local_addr": "fe80::1"}),
    ("interface_hw_mtu", {"type": "AutoInterface"}), ("discovery_stamp", {}),
    ("destination_path_response_cache", {"app_name": "a", "tag": some(16)})])
def test_what_is_not_built_says_so(ours, command, params):
    assert ours.ask(command, **params)["error"].startswith("not built: ")
