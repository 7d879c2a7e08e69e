"""Nodes in memory: their life, their interfaces, frames in and out."""
import os
import pathlib

import pytest

from client import Refused
from mocks import PLAIN, Pair, Peer, packet, plain


def test_a_node_lives_until_it_is_stopped(both):
    both.stop()
    for node in (both.ours, both.theirs):
        assert node.bridge.call("behavioral_stop", handle=node.handle) == {"stopped": False}
        with pytest.raises(Refused):
            node.bridge.call("behavioral_drain_tx", handle=node.handle, iface_id="iface-1")


def test_a_seed_of_another_size_is_refused(both):
    for node in (both.ours, both.theirs):
        with pytest.raises(Refused):
            node.bridge.call("behavioral_start", identity_seed="00" * 63)


def test_a_node_without_a_seed_has_an_identity_of_its_own(both):
    for node in (both.ours, both.theirs):
        answer = node.bridge.call("behavioral_start")
        assert len(answer["identity_hash"]) == 32
        node.bridge.call("behavioral_stop", handle=answer["handle"])


@pytest.mark.parametrize("mode", ["FULL", "POINT_TO_POINT", "ACCESS_POINT", "ROAMING", "BOUNDARY",
                                  "GATEWAY", pytest.param("INTERNAL", marks=pytest.mark.differs)])
def test_an_announce_goes_on_as_the_modes_have_it(both, mode, then):
    if mode == "INTERNAL" and then(True, False):
        pytest.skip("a mode that is newer")
    both.attach("in")
    both.attach("out", mode=mode)
    peer = Peer()
    both.inject("in", peer.announce(hops=2))
    both.ask("set_announce_timestamp", dest=peer.dest, retransmit_timeout=0)
    both.ask("force_cull")
    both.sent("out", count=0 if mode == "ACCESS_POINT" else 1,
              timeout_s=0.7 if mode == "ACCESS_POINT" else 3)


def test_codes_have_the_size_that_is_said(both):
    assert both.attach("a")["ifac_size"] == 0
    assert both.attach("b", ifac_netname="net")["ifac_size"] == 16
    assert both.attach("c", ifac_netkey="key", ifac_size=8)["ifac_size"] == 8


def test_what_an_interface_cannot_be_is_refused(both):
    both.refuse("attach_mock_interface", name="a", mode="LOUD")
    both.refuse("attach_mock_interface")


@pytest.mark.parametrize("feature", [{"local_client": True}])
def test_clients_of_a_shared_instance_are_not_built(both, feature):
    with pytest.raises(Refused, match="not built: shared instance"):
        both.ours.ask("attach_mock_interface", {"name": "a", **feature})
    with pytest.raises(Refused, match="not built: shared instance"):
        both.ours.bridge.call("behavioral_start", connected_to_shared_instance=True)


def test_runts_and_noise_change_nothing(both):
    both.attach("a")
    for raw in (b"", b"\0", b"\0\0", b"\0\0" + bytes(5), bytes(501)):
        both.inject("a", raw)
    both.sent("a", count=0)
    both.refuse("inject", iface_id="a", raw="0")
    both.refuse("inject", iface_id="nobody's", raw="00")


@pytest.mark.differs
def test_a_frame_longer_than_the_mtu_is_lost(both, then):
    both.attach("narrow", mtu=200)
    peer = Peer()
    both.inject("narrow", peer.announce(app_data=bytes(50)))
    assert both.ask("read_path_table", dest=peer.dest)["found"] is then(True, False)


@pytest.mark.differs
def test_frames_have_500_bytes_unless_it_is_said(both, then):
    both.attach("a")
    both.attach("wide", mtu=600)
    both.ask("register_destination", app_name="plain", aspects=["wide"], type="plain")
    dest = plain("plain.wide")
    for name in ("a", "wide"):
        for size in (500, 517):  # room for an access code is room for all
            both.inject(name, packet(dest, os.urandom(size - 19), dest_type=PLAIN))
    assert both.ask("read_destination_deliveries", dest=dest)["count"] == then(4, 3)


def test_sent_frames_are_given_once(both):
    both.attach("in")
    both.attach("out")
    dest = both.learn("out", hops=2)
    raw = packet(dest, b"payload", hops=3, transport_id=both.identity)
    both.inject("in", raw)
    forwarded, = both.sent("out", count=1)
    assert forwarded == bytes([raw[0], 4]) + dest + raw[18:]
    assert both.sent("out") == both.sent("in") == []


def test_the_last_hop_takes_the_transport_header_off(both):
    both.attach("in")
    both.attach("out")
    dest = both.learn("out")
    both.inject("in", packet(dest, b"payload", hops=2, transport_id=both.identity))
    assert both.sent("out", count=1) == [packet(dest, b"payload", hops=3)]


def test_an_endpoint_learns_paths_and_forwards_nothing(endpoints):
    endpoints.attach("in")
    endpoints.attach("out")
    dest = endpoints.learn("out", hops=2)
    assert endpoints.ask("read_path_table", dest=dest)["hops"] == 3
    endpoints.inject("in", packet(dest, b"payload", transport_id=endpoints.identity))
    endpoints.sent("out", count=0)


def test_paths_go_with_their_interface(both):
    both.attach("stays")
    both.attach("goes")
    one, two = both.learn("stays"), both.learn("goes")
    assert both.ask("detach_interface", iface_id="goes") == {"detached": True}
    both.ask("force_cull")
    assert both.ask("read_path_table", dest=one)["found"]
    assert not both.ask("read_path_table", dest=two)["found"]
    both.inject("goes", Peer().announce())
    both.ask("detach_interface", iface_id="goes")
    both.refuse("detach_interface", iface_id="nobody's")


def test_an_announce_is_sent_on_twice_and_then_forgotten(both):
    both.attach("in")
    both.attach("out")
    peer = Peer()
    both.inject("in", peer.announce(hops=1))
    for retries in (1, 2):
        both.ask("set_announce_timestamp", dest=peer.dest, retransmit_timeout=0)
        both.ask("force_cull")
        for entry in both.both("read_announce_table", dest=peer.dest):
            assert entry["found"] and entry["retries"] == retries
        both.sent("out", count=1)
    both.ask("set_announce_timestamp", dest=peer.dest, retransmit_timeout=0)
    both.ask("force_cull")
    assert not both.ask("read_announce_table", dest=peer.dest)["found"]


def test_announces_that_are_due_together_go_out_by_their_hops(both):
    both.attach("out")
    peers = [Peer() for _ in range(3)]
    for name, peer, hops in zip("abc", peers, (5, 1, 3)):
        both.attach(name)
        both.inject(name, peer.announce(hops=hops))
        both.ask("set_announce_timestamp", dest=peer.dest, retransmit_timeout=10 ** 12)
    for peer in peers:
        both.ask("set_announce_timestamp", dest=peer.dest, retransmit_timeout=0)
    both.ask("force_cull")
    assert [raw[1] for raw in both.sent("out", count=3)] == [2, 4, 6]


def send_two(pair):
    """Announces of others, that are due together: over four hops, and over two."""
    peers = [Peer() for _ in range(2)]
    for name, peer, hops in zip("ab", peers, (3, 1)):
        pair.attach(name)
        pair.inject(name, peer.announce(hops=hops))
        pair.ask("set_announce_timestamp", dest=peer.dest, retransmit_timeout=10 ** 12)
    for peer in peers:
        pair.ask("set_announce_timestamp", dest=peer.dest, retransmit_timeout=0)
    pair.ask("force_cull")


def test_announces_have_a_share_of_the_air_time(both):
    both.attach("narrow", bitrate=10_000, announce_cap=0.02)  # 200 bit/s: 200 bytes take 8 s
    both.attach("wide", announce_cap=0.5)
    send_two(both)
    both.sent("wide", count=2)
    nearest, = both.sent("narrow", count=1)
    assert nearest[1] == 2
    both.sent("narrow", count=0, timeout_s=1)


def test_what_a_start_says_of_interfaces_holds_for_all_of_them(start):
    pair = Pair(start("ours"), start("theirs"), announce_rate_target=60, announce_rate_penalty=30,
                announce_rate_grace=1)
    pair.attach("limited")
    pair.attach("looser", announce_rate_target=600)
    for name, window in (("limited", 90), ("looser", 630)):
        peer = Peer()
        for emitted in range(1_000_000_000, 1_000_000_003):
            rate = pair.ask("read_announce_rate", dest=peer.dest)
            pair.inject(name, peer.announce(emitted=emitted))
        assert rate["rate_violations"] == 1 and rate["blocked_until"] < rate["last"]
        rate = pair.ask("read_announce_rate", dest=peer.dest)
        assert rate["blocked_until"] - rate["last"] == pytest.approx(window, abs=0.01)


def test_a_start_says_what_air_time_announces_have(start):
    pair = Pair(start("ours"), start("theirs"), bitrate=10_000, announce_cap=0.5)
    pair.attach("half")
    pair.attach("narrow", announce_cap=0.02)
    send_two(pair)
    pair.sent("half", count=2)
    pair.sent("narrow", count=1)
    pair.sent("narrow", count=0, timeout_s=0.5)


def test_plain_packets_are_not_forwarded(both):
    both.attach("in")
    both.attach("out")
    both.inject("in", packet(bytes(16), b"noise", dest_type=PLAIN))
    both.sent("out", count=0)


def held_by(process):
    """(KiB of address space, files that are open)"""
    proc = pathlib.Path(f"/proc/{process.pid}")
    size = next(line for line in (proc / "status").read_text().splitlines() if "VmSize" in line)
    return int(size.split()[1]), len(list((proc / "fd").iterdir()))


def test_many_nodes_leave_nothing_behind(start):
    bridge = start("ours")

    def open_and_close(nodes):
        for _ in range(nodes):
            handle = bridge.call("behavioral_start")["handle"]
            bridge.call("behavioral_attach_mock_interface", handle=handle, name="a")
            folder = bridge.call("behavioral_blackhole_storage_files", handle=handle)["dir"]
            bridge.call("behavioral_stop", handle=handle)
            assert not pathlib.Path(folder).parents[1].exists()
        return held_by(bridge.process)

    (size, files), (size_after, files_after) = open_and_close(10), open_and_close(90)
    assert files == files_after
    assert size_after - size < 500_000  # less than the address space of one node
