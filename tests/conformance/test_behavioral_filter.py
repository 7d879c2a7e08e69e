"""The duplicate filter, access codes, tunnels, path requests, announces that are held back."""
import os

import pytest

from client import Refused
from mocks import (GROUP, LINK, PATH_RESPONSE, PLAIN, PROOF, SINGLE, Peer, packet, packet_hash,
                   path_request, plain, synthesis)


# ---- The filter

def filtered(both, raw, remember=True):
    verdict = both.ask("packet_filter", raw=raw, remember=remember)
    assert verdict["packet_hash"] == packet_hash(raw).hex()
    assert verdict["remembered"] == (verdict["accepted"] and remember)
    return verdict["accepted"]


def test_a_packet_passes_once(both):
    raw = packet(os.urandom(16), b"text")
    assert filtered(both, raw, remember=False)
    assert filtered(both, raw)
    assert not filtered(both, raw)
    assert not filtered(both, raw[:1] + b"\7" + raw[2:])  # hops do not count


@pytest.mark.parametrize("context", [0xFA, 0x03, 0x05, 0x01, 0x08, 0x0E])
def test_some_contexts_pass_always(both, context):
    raw = packet(os.urandom(16), b"text", context=context)
    assert filtered(both, raw) and filtered(both, raw)


@pytest.mark.parametrize("dest_type,hops,passes", [
    (PLAIN, 1, True), (PLAIN, 2, False), (GROUP, 1, True), (GROUP, 2, False), (SINGLE, 2, True),
    (LINK, 2, True)])
def test_how_far_packets_may_come(both, dest_type, hops, passes):
    raw = packet(os.urandom(16), b"text", dest_type=dest_type, hops=hops)
    assert filtered(both, raw) is passes


def test_packets_for_other_nodes_do_not_pass(both):
    dest = os.urandom(16)
    assert not filtered(both, packet(dest, b"text", transport_id=os.urandom(16)))
    assert filtered(both, packet(dest, b"text", transport_id=both.identity))


def test_announces_pass_always(both):
    raw = Peer().announce()
    assert filtered(both, raw) and filtered(both, raw)
    both.refuse("packet_filter", raw=raw[:10])


def remembered(both, name, raw):
    ours, theirs = both.both("inbound_remembered", iface_id=name, raw=raw)
    grown = {key: ours.pop(f"hashlist_{key}") - theirs.pop(f"hashlist_{key}")
             for key in ("before", "after")}
    assert grown["before"] == grown["after"]
    assert ours == theirs
    return ours["in_hashlist"] and ours["hashlist_grew"]


def test_what_is_remembered_on_the_way_in(both):
    both.attach("a")
    both.attach("b")
    assert remembered(both, "a", packet(os.urandom(16), b"text"))
    assert not remembered(both, "a", packet(os.urandom(16), bytes(96), kind=PROOF, context=0xFF))
    link_id = os.urandom(16)
    both.ask("seed_link_table", dest=link_id, nh_iface_id="a", rcvd_iface_id="b")
    assert not remembered(both, "a", packet(link_id, b"text"))
    assert not remembered(both, "a", bytes(9))


# ---- Access codes

def test_frames_carry_the_code_of_their_interface(both):
    size = both.attach("sealed", ifac_netname="net", ifac_netkey="key")["ifac_size"]
    both.attach("open")
    raw = packet(os.urandom(16), os.urandom(30))
    masked = bytes.fromhex(both.ask("ifac_mask", iface_id="sealed", raw=raw)["masked"])
    assert masked[0] & 0x80 and len(masked) == len(raw) + size
    both.sent("sealed", count=0)
    ours, theirs = both.both("inbound_remembered", iface_id="sealed", raw=masked)
    assert ours["hashlist_grew"] and theirs["hashlist_grew"]
    for wrong in (masked[:2 + size], masked[:-1] + bytes([masked[-1] ^ 1]), raw):
        ours, theirs = both.both("inbound_remembered", iface_id="sealed", raw=wrong)
        assert not ours["hashlist_grew"] and not theirs["hashlist_grew"]
    both.refuse("ifac_mask", iface_id="open", raw=raw)


def test_sealed_frames_are_lost_where_there_is_no_code(both):
    both.attach("open")
    peer = Peer()
    raw = peer.announce()
    both.inject("open", bytes([raw[0] | 0x80]) + raw[1:])
    assert not both.ask("read_path_table", dest=peer.dest)["found"]


# ---- Tunnels

def test_a_tunnel_of_ours_is_found_by_the_other(both):
    for name in "ab":
        both.attach(name)
    answers = both.both("synthesize_tunnel", iface_id="a")
    assert answers[0] == answers[1]
    sent = [node.ask("drain_tx", {"iface_id": "a"})["packets"] for node in
            (both.ours, both.theirs)]
    assert [len(packets) for packets in sent] == [1, 1]
    both.ours.ask("inject", {"iface_id": "b", "raw": sent[1][0]})
    both.theirs.ask("inject", {"iface_id": "b", "raw": sent[0][0]})
    tunnel, = both.ask("read_tunnels")["tunnels"]
    assert tunnel["tunnel_id"] == answers[0]["tunnel_id"] and tunnel["interface_id"] == "b"
    both.refuse("synthesize_tunnel", iface_id="nobody's")


def test_tunnels_are_those_that_prove_themselves(both):
    both.attach("a")
    assert both.ask("read_tunnels") == {"tunnels": []}
    raw, tunnel_id = synthesis()
    both.inject("a", raw[:-1] + bytes([raw[-1] ^ 1]))
    both.inject("a", raw[:-1])
    both.inject("a", raw + b"\0")
    assert both.ask("read_tunnels") == {"tunnels": []}
    both.inject("a", raw)
    tunnel, = both.ask("read_tunnels")["tunnels"]
    assert tunnel["tunnel_id"] == tunnel_id and tunnel["num_paths"] == 0
    both.learn("a")
    assert both.ask("read_tunnels")["tunnels"][0]["num_paths"] == 1


def test_a_tunnel_forgets_a_path_that_was_learned_anew(both):
    both.attach("a")
    both.attach("b")
    both.inject("a", synthesis()[0])
    peer = Peer()
    both.inject("a", peer.announce(emitted=1_000, context=PATH_RESPONSE))
    both.ask("set_path_timestamp", dest=peer.dest, timestamp=1.0)
    both.ask("force_cull")
    assert not both.ask("read_path_table", dest=peer.dest)["found"]
    both.inject("b", peer.announce(emitted=1_001, context=PATH_RESPONSE))
    assert both.ask("read_tunnels")["tunnels"][0]["num_paths"] == 1
    both.ask("force_cull")
    assert both.ask("read_tunnels")["tunnels"][0]["num_paths"] == 0


# ---- Path requests

SEARCHING = ("ACCESS_POINT", "ROAMING", "GATEWAY")


@pytest.mark.parametrize("transport", [True, False])
def test_a_path_request_says_who_asks_for_what(both, endpoints, transport):
    pair = both if transport else endpoints
    pair.attach("a")
    pair.attach("b")
    dest, tag = os.urandom(16), os.urandom(16)
    assert pair.ask("request_path", iface_id="a", dest=dest, tag=tag) == {"tag": tag.hex()}
    raw, = pair.sent("a", count=1)
    told = dest + (pair.identity if transport else b"") + tag
    assert raw == packet(plain("rnstransport.path.request"), told, dest_type=PLAIN)
    pair.sent("b", count=0)


def test_a_path_request_without_a_tag_gets_one(both):
    both.attach("a")
    dest = os.urandom(16)
    for node in (both.ours, both.theirs):
        tag = node.ask("request_path", {"iface_id": "a", "dest": dest.hex()})["tag"]
        sent, = node.ask("drain_tx", {"iface_id": "a"})["packets"]
        assert len(tag) == 32 and sent.endswith(tag)
    with pytest.raises(Refused):
        both.ours.ask("request_path", {"iface_id": "a", "dest": "00"})


@pytest.mark.parametrize("mode", [None, "FULL", "POINT_TO_POINT", "ACCESS_POINT", "ROAMING",
                                  "GATEWAY"])
def test_the_mode_says_whether_what_is_unknown_is_searched(both, mode):
    both.attach("asks", mode=mode) if mode else both.attach("asks")
    both.attach("out")
    dest = os.urandom(16)
    both.inject("asks", path_request(dest, os.urandom(16)))
    sent = both.sent("out")
    assert [raw[19:35] for raw in sent] == ([dest] if mode in SEARCHING else [])


# ---- Announces that are held back

def test_the_nearest_of_those_held_back_is_released(both):
    both.attach("a")
    peers = {hops: Peer() for hops in (3, 1, 5)}
    announces = [peer.announce(hops=hops).hex() for hops, peer in peers.items()]
    answer = both.ask("hold_and_release_announce", iface_id="a", announces=announces)
    assert answer["held_before"] == [peer.dest.hex() for peer in peers.values()]
    assert answer["released"] == [peers[1].dest.hex()]
    assert answer["hops"] == {peer.dest.hex(): hops for hops, peer in peers.items()}
    answer = both.ask("hold_and_release_announce", iface_id="a", announces=[])
    assert answer["released"] == [peers[3].dest.hex()]


def test_only_announces_are_held_back(both):
    both.attach("a")
    both.refuse("hold_and_release_announce", iface_id="a", announces=["00" * 5])
    both.refuse("hold_and_release_announce", iface_id="a", announces="00")


def test_a_path_response_is_known_by_its_context(both):
    both.attach("in")
    both.attach("out")
    peer = Peer()
    both.inject("in", peer.announce(context=PATH_RESPONSE))
    assert both.ask("read_path_table", dest=peer.dest)["found"]
    assert not both.ask("read_announce_table", dest=peer.dest)["found"]
