"""Commands that the public suite sends to nodes of the reference only."""
import time

import pytest

from client import Refused
from links import APP, Linked
from nodes import Alone, one_of_each

ANNOUNCE, LINK_REQUEST = 1, 2


def head_of(raw):
    """Type, destination and context of a frame without an access code."""
    place = 18 if raw[0] & 0x40 else 2
    return raw[0] & 3, raw[place:place + 16].hex(), raw[place + 16]


@pytest.mark.parametrize("config", [{}, {"passphrase": "secret"}], ids=["open", "closed"])
def test_frames_that_came_in_are_told(roles, config):
    linked = Linked(*roles, **config)
    log = linked.serve("wire_get_received_packets")
    assert [frame["seq"] for frame in log["packets"]] == list(range(1, log["highest_seq"] + 1))
    asked = [frame for frame in log["packets"] if frame["packet_type"] == LINK_REQUEST]
    assert [frame["destination_hash_hex"] for frame in asked] == [linked.destination]
    for frame in log["packets"]:
        raw = bytes.fromhex(frame["raw_hex"])  # as it came
        assert abs(frame["timestamp_ms"] / 1000 - time.time()) < 5 and frame["interface_name"]
        head = frame["packet_type"], frame["destination_hash_hex"], frame["context"]
        assert (raw[0] >> 7, head == head_of(raw)) == ((1, False) if config else (0, True))
    assert {frame["context"] for frame in log["packets"]} > {0}
    heard = linked.ask("wire_get_received_packets")["packets"]
    assert ANNOUNCE in [frame["packet_type"] for frame in heard]
    newest = linked.serve("wire_get_received_packets", since_seq=log["highest_seq"])
    assert all(frame["seq"] > log["highest_seq"] for frame in newest["packets"])


def test_frames_of_another_network_hold_no_packet(start):
    stranger = Alone(start("theirs"), passphrase="other")
    frames = [stranger.call("wire_inject_raw_frame", variant="build_masked") for _ in range(8)]
    for node in one_of_each(start, passphrase="secret"):
        for frame in frames:
            told = node.call("wire_inject_raw_frame", variant="inject_external", raw=frame["raw"],
                             dest_hash=frame["dest_hash"])
            assert told["learned"] is False
        log = node.call("wire_get_received_packets")["packets"]
        assert [frame["raw_hex"] for frame in log] == [frame["raw"] for frame in frames]
        assert {frame["packet_type"] for frame in log} == {None}


@pytest.mark.parametrize("kind", ["ours", "theirs"])
@pytest.mark.parametrize("mode, passes", [("gateway", True), ("access_point", False)])
def test_a_mode_changes_for_those_that_are_connected(start, kind, mode, passes):
    """Announces of others do not go out on an access point."""
    middle = start(kind)
    served = middle.call("wire_start_tcp_server")
    clients = [start("theirs") for _ in range(2)]
    handles = [client.call("wire_start_tcp_client", target_host="127.0.0.1",
                           target_port=served["port"])["handle"] for client in clients]
    for client, handle in zip(clients, handles):
        client.call("wire_poll_path", handle=handle, destination_hash="00" * 16, timeout_ms=400)
    assert middle.call("wire_set_interface_mode", handle=served["handle"], mode=mode)["mode"] == mode
    hash_ = clients[0].call("wire_announce", handle=handles[0], app_name=APP)["destination_hash"]
    assert middle.call("wire_poll_path", handle=served["handle"], destination_hash=hash_)["found"] is True
    found = clients[1].call("wire_poll_path", handle=handles[1], destination_hash=hash_,
                            timeout_ms=5000 if passes else 1500)["found"]
    assert found is passes


def test_an_unknown_mode_is_refused(start):
    bridge = start("ours")
    handle = bridge.call("wire_start_tcp_server")["handle"]
    with pytest.raises(Refused, match="no mode"):
        bridge.call("wire_set_interface_mode", handle=handle, mode="sideways")


def test_the_hook_is_echoed(ours, theirs):
    params = {"seam": "proof", "delay_ms": 5}
    assert ours.call("wire_set_race_inducer", **params) == theirs.call("wire_set_race_inducer", **params)
    assert ours.call("wire_set_race_inducer") == theirs.call("wire_set_race_inducer")
