"""Numbers of the protocol and of interfaces."""
import pytest

from compare import both, both_refuse, some

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


@pytest.mark.parametrize("kind, mtu", [
    ("TCPInterface", 262144), ("AutoInterface", 1196), ("BackboneInterface", 1048576)])
def test_mtu_of_a_class(ours, theirs, kind, mtu):
    assert both(ours, theirs, "interface_hw_mtu", type=kind) == {"hw_mtu": mtu}


@pytest.mark.parametrize("kind", ["UDPInterface", "TCPClientInterface", "WeaveInterface", ""])
def test_a_class_without_an_mtu_is_a_result_too(ours, theirs, kind):
    for bridge in (ours, theirs):
        result = bridge.call("interface_hw_mtu", type=kind)
        assert list(result) == ["error"] and result["error"]


@pytest.mark.parametrize("address", ["fe80::1ff:fe23:4567:890a", "fe80::1", "", "\u00e9%eth0"])
def test_discovery_token(ours, theirs, address):
    tokens = {both(ours, theirs, "auto_discovery_token", group_id=group_id,
                   link_local_addr=text)["token"]
              for group_id in (b"reticulum".hex(), some(9), some(200), "")
              for text in (address, address + "0")}
    assert len(tokens) == 8 and {len(token) for token in tokens} == {64}


@pytest.mark.parametrize("command, params", [
    ("interface_hw_mtu", {}), ("auto_discovery_token", {"group_id": "00"}),
    ("auto_discovery_token", {"link_local_addr": "fe80::1"}),
    ("auto_discovery_token", {"group_id": "0g", "link_local_addr": "fe80::1"})])
def test_what_is_asked_wrongly(ours, theirs, command, params):
    both_refuse(ours, theirs, command, **params)


@pytest.mark.parametrize("command", ["discovery_stamp", "wire_rpc_authkey"])
def test_what_is_not_built_says_so(ours, command):
    assert ours.ask(command)["error"].startswith("not built: ")
