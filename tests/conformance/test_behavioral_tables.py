"""What stands in the tables of a node, and what is put there."""
import os
import time

import pytest

from mocks import (LINK, LINKREQUEST, PATH_RESPONSE, PLAIN, PROOF, SINGLE, Peer, packet,
                   packet_hash, path_request, same)

FAR = 10 ** 12


# ---- Paths

def test_a_path_tells_of_its_announces(both):
    both.attach("a")
    peer, via = Peer(), os.urandom(16)
    assert both.ask("read_path_table", dest=peer.dest) == {"found": False}
    first = peer.announce(emitted=1_000, noise=b"11111", transport_id=via, hops=3,
                          context=PATH_RESPONSE)
    both.inject("a", first)
    path = both.ask("read_path_table", dest=peer.dest)
    assert path["hops"] == 4 and path["next_hop"] == via.hex()
    assert path["packet_hash"] == packet_hash(first).hex()
    assert abs(path["timestamp"] - time.time()) < 2
    assert path["expires"] - path["timestamp"] == pytest.approx(7 * 24 * 3600, abs=0.01)
    both.inject("a", peer.announce(emitted=1_001, noise=b"22222", context=PATH_RESPONSE))
    path = both.ask("read_path_table", dest=peer.dest)
    assert path["next_hop"] == peer.dest.hex()
    assert [bytes.fromhex(blob)[:5] for blob in path["random_blobs"]] == [b"11111", b"22222"]


def test_a_path_remembers_64_blobs(both):
    both.attach("a")
    peer = Peer()
    for emitted in range(1_000, 1_070):
        both.inject("a", peer.announce(emitted=emitted, context=PATH_RESPONSE))
    blobs = both.ask("read_path_table", dest=peer.dest)["random_blobs"]
    assert [int(blob[10:], 16) for blob in blobs] == list(range(1_006, 1_070))


@pytest.mark.parametrize("mode,life", [("FULL", 7 * 24 * 3600), ("ACCESS_POINT", 24 * 3600),
                                       ("ROAMING", 6 * 3600)])
def test_a_path_that_is_too_old_goes(both, mode, life):
    both.attach("a", mode=mode)
    young, old = both.learn("a"), both.learn("a")
    now = time.time()
    assert both.ask("set_path_timestamp", dest=young, timestamp=now - life + 60) == {"set": True}
    both.ask("set_path_timestamp", dest=old, timestamp=now - life - 60)
    both.ask("force_cull")
    assert both.ask("read_path_table", dest=young)["timestamp"] == pytest.approx(now - life + 60)
    assert not both.ask("read_path_table", dest=old)["found"]
    nobody = os.urandom(16)
    assert both.ask("set_path_timestamp", dest=nobody, timestamp=now) == {"set": False}
    both.refuse("set_path_timestamp", dest=young)


@pytest.mark.parametrize("dest_type", [SINGLE, PLAIN])
def test_a_path_that_is_used_is_young_again(both, dest_type):
    both.attach("in")
    both.attach("out")
    dest = both.learn("out", hops=2)
    then = time.time() - 1000
    both.ask("set_path_timestamp", dest=dest, timestamp=then)
    both.inject("in", packet(dest, b"1", dest_type=dest_type, transport_id=os.urandom(16)))
    assert both.ask("read_path_table", dest=dest)["timestamp"] == pytest.approx(then, abs=0.01)
    both.inject("in", packet(dest, b"2", dest_type=dest_type, transport_id=both.identity))
    assert both.ask("read_path_table", dest=dest)["timestamp"] > time.time() - 2


def test_a_longer_way_replaces_one_that_is_over(both):
    both.attach("a")
    peer = Peer()
    both.inject("a", peer.announce(emitted=1_000, context=PATH_RESPONSE))
    longer = peer.announce(emitted=999, hops=2, context=PATH_RESPONSE)
    both.inject("a", longer)
    assert both.ask("read_path_table", dest=peer.dest)["hops"] == 1
    assert both.ask("set_path_expires", dest=peer.dest, expires=1.0) == {"set": True}
    assert both.ask("read_path_table", dest=peer.dest)["expires"] == 1.0
    both.inject("a", longer)
    assert both.ask("read_path_table", dest=peer.dest)["hops"] == 3
    assert both.ask("set_path_expires", dest=os.urandom(16), expires=1.0) == {"set": False}


def test_a_longer_way_replaces_one_that_does_not_answer(both):
    both.attach("a")
    peer = Peer()
    both.inject("a", peer.announce(context=PATH_RESPONSE))
    longer = peer.announce(hops=2, context=PATH_RESPONSE)
    both.inject("a", longer)
    assert both.ask("read_path_table", dest=peer.dest)["hops"] == 1
    assert both.ask("mark_path_unresponsive", dest=peer.dest) == {"marked": True}
    both.inject("a", peer.announce(emitted=999_999_999, hops=2, context=PATH_RESPONSE))
    assert both.ask("read_path_table", dest=peer.dest)["hops"] == 1
    both.inject("a", longer)
    assert both.ask("read_path_table", dest=peer.dest)["hops"] == 3
    assert both.ask("mark_path_unresponsive", dest=os.urandom(16)) == {"marked": False}


def test_a_path_that_is_learned_anew_is_to_be_tried_again(both):
    both.attach("a")
    peer = Peer()
    both.inject("a", peer.announce(emitted=1_000, context=PATH_RESPONSE))
    both.ask("mark_path_unresponsive", dest=peer.dest)
    both.inject("a", peer.announce(emitted=1_001, context=PATH_RESPONSE))
    both.inject("a", peer.announce(emitted=1_001, hops=2, context=PATH_RESPONSE))
    assert both.ask("read_path_table", dest=peer.dest)["hops"] == 1


def test_of_one_second_the_first_announce_counts(both):
    both.attach("a")
    peer, via = Peer(), os.urandom(16)
    both.inject("a", peer.announce(hops=2, transport_id=via, context=PATH_RESPONSE))
    both.inject("a", peer.announce(hops=1, context=PATH_RESPONSE))
    path = both.ask("read_path_table", dest=peer.dest)
    assert (path["hops"], path["next_hop"], len(path["random_blobs"])) == (3, via.hex(), 1)


@pytest.mark.parametrize("hops,found", [(126, True), (127, True), (128, False)])
def test_how_far_a_path_may_be(both, hops, found):
    both.attach("a")
    peer = Peer()
    both.inject("a", peer.announce(hops=hops, context=PATH_RESPONSE))
    assert both.ask("read_path_table", dest=peer.dest)["found"] is found


def test_an_announce_with_a_wrong_signature_makes_no_path(both):
    both.attach("a")
    peer = Peer()
    raw = peer.announce()
    both.inject("a", raw[:-1] + bytes([raw[-1] ^ 1]))
    assert not both.ask("read_path_table", dest=peer.dest)["found"]
    assert not both.ask("read_announce_table", dest=peer.dest)["found"]


# ---- Announces

def test_an_announce_that_is_to_be_sent_on(both):
    both.attach("in")
    both.attach("out")
    peer, via = Peer(), os.urandom(16)
    assert both.ask("read_announce_table", dest=peer.dest) == {"found": False}
    raw = peer.announce(hops=2, transport_id=via)
    both.inject("in", raw)
    entry = both.ask("read_announce_table", dest=peer.dest)
    assert (entry["retries"], entry["hops"], entry["local_rebroadcasts"]) == (0, 3, 0)
    assert 0 <= entry["retransmit_timeout"] - entry["timestamp"] <= 0.5
    assert entry["received_from"] == via.hex() and not entry["block_rebroadcasts"]
    assert entry["packet_hash"] == packet_hash(raw).hex()
    assert both.ask("set_announce_timestamp", dest=peer.dest, retransmit_timeout=FAR) == {
        "set": True}
    assert both.ask("read_announce_table", dest=peer.dest)["retransmit_timeout"] == float(FAR)
    both.ask("set_announce_timestamp", dest=peer.dest, timestamp=1234.5)
    assert both.ask("read_announce_table", dest=peer.dest)["timestamp"] == 1234.5
    nobody = os.urandom(16)
    assert both.ask("set_announce_timestamp", dest=nobody, timestamp=0) == {"set": False}


@pytest.mark.parametrize("ratchet", [b"", os.urandom(32)], ids=["plain", "ratchet"])
def test_an_announce_as_it_is_sent_on(both, ratchet):
    both.attach("in")
    both.attach("out")
    peer = Peer()
    raw = peer.announce(hops=3, ratchet=ratchet, app_data=b"text")
    both.inject("in", raw)
    both.ask("set_announce_timestamp", dest=peer.dest, retransmit_timeout=0)
    before = time.time()
    both.ask("force_cull")
    entry = both.ask("read_announce_table", dest=peer.dest)
    assert entry["retries"] == 1
    assert before + 5.5 - 0.1 <= entry["retransmit_timeout"] <= time.time() + 5.6
    sent, = both.sent("out", count=1)
    assert sent == bytes([raw[0] | 0x50, 4]) + both.identity + raw[2:]


def settle_one(both, peer):
    """An entry that was sent once, and is not sent again."""
    both.ask("set_announce_timestamp", dest=peer.dest, retransmit_timeout=0)
    both.ask("force_cull")
    both.ask("set_announce_timestamp", dest=peer.dest, retransmit_timeout=FAR)
    assert both.ask("read_announce_table", dest=peer.dest)["retries"] == 1


def test_an_announce_that_neighbours_repeat_is_done_with(both):
    both.attach("in")
    both.attach("out")
    peer = Peer()
    both.inject("in", peer.announce(emitted=1_000))
    settle_one(both, peer)
    repeated = peer.announce(emitted=999, hops=1, transport_id=os.urandom(16))
    both.inject("out", repeated)
    assert both.ask("read_announce_table", dest=peer.dest)["local_rebroadcasts"] == 1
    both.inject("out", repeated)
    assert not both.ask("read_announce_table", dest=peer.dest)["found"]
    assert both.ask("read_path_table", dest=peer.dest)["hops"] == 1


def test_an_announce_that_went_on_from_us_is_done_with(both):
    both.attach("in")
    both.attach("out")
    peer = Peer()
    both.inject("in", peer.announce(emitted=1_000))
    settle_one(both, peer)
    both.inject("out", peer.announce(emitted=999, hops=2, transport_id=os.urandom(16)))
    assert not both.ask("read_announce_table", dest=peer.dest)["found"]


def test_an_announce_heard_again_is_not_taken_again(both):
    both.attach("in")
    peer = Peer()
    raw = peer.announce(emitted=1_000)
    both.inject("in", raw)
    settle_one(both, peer)
    both.inject("in", raw)
    assert both.ask("read_announce_table", dest=peer.dest)["retransmit_timeout"] == float(FAR)
    both.inject("in", peer.announce(emitted=1_001))
    assert both.ask("read_announce_table", dest=peer.dest)["retransmit_timeout"] < FAR


@pytest.mark.parametrize("mode,delay", [("FULL", 0.4), ("ROAMING", 1.9)])
def test_a_path_request_is_answered_on_its_interface(both, mode, delay):
    both.attach("known")
    both.attach("asks", mode=mode)
    dest, tag = both.learn("known"), os.urandom(16)
    both.inject("asks", path_request(dest, tag, requester=os.urandom(16)))
    entry = both.ask("read_announce_table", dest=dest)
    assert entry["block_rebroadcasts"] and entry["attached_interface"] == "asks"
    assert entry["retransmit_timeout"] - entry["timestamp"] == pytest.approx(delay, abs=0.01)
    for _ in range(2):
        both.ask("set_announce_timestamp", dest=dest, retransmit_timeout=0)
        both.ask("force_cull")
    answer, = both.sent("asks", count=1)
    assert answer[34] == PATH_RESPONSE
    both.sent("known", count=0)
    assert not both.ask("read_announce_table", dest=dest)["found"]
    both.inject("asks", path_request(dest, tag, requester=os.urandom(16)))
    assert not both.ask("read_announce_table", dest=dest)["found"]  # the same tag
    both.inject("asks", path_request(dest, os.urandom(16), requester=os.urandom(16)))
    assert both.ask("read_announce_table", dest=dest)["found"]


def test_an_answer_does_not_take_the_place_of_an_announce(both):
    both.attach("in")
    both.attach("asks")
    peer = Peer()
    both.inject("in", peer.announce(hops=1))
    both.ask("set_announce_timestamp", dest=peer.dest, retransmit_timeout=FAR)
    both.inject("asks", path_request(peer.dest, os.urandom(16), requester=os.urandom(16)))
    assert both.ask("read_announce_table", dest=peer.dest)["block_rebroadcasts"]
    both.ask("set_announce_timestamp", dest=peer.dest, retransmit_timeout=0)
    both.ask("force_cull")
    answer, = both.sent("asks", count=1)
    assert answer[34] == PATH_RESPONSE
    both.ask("force_cull")
    entry = both.ask("read_announce_table", dest=peer.dest)
    assert (entry["retries"], entry["retransmit_timeout"]) == (0, float(FAR))
    assert not entry["block_rebroadcasts"] and entry["attached_interface"] is None


def test_a_destination_that_announces_too_often(both):
    limits = {"announce_rate_target": 60, "announce_rate_grace": 1, "announce_rate_penalty": 120}
    both.attach("a", **limits)
    peer = Peer()
    assert both.ask("read_announce_rate", dest=peer.dest) == {"found": False}
    for count in range(1, 21):
        both.inject("a", peer.announce(emitted=1_000 + count))
        rate = both.ask("read_announce_rate", dest=peer.dest)
        assert rate["rate_violations"] == min(count - 1, 2)
        assert len(rate["timestamps"]) == min(count, 16)
    assert rate["blocked_until"] - rate["last"] == pytest.approx(180, abs=0.01)
    assert both.ask("read_path_table", dest=peer.dest)["found"]
    other = Peer()
    both.attach("b", **limits)
    both.inject("b", other.announce(context=PATH_RESPONSE))
    assert both.ask("read_announce_rate", dest=other.dest) == {"found": False}


def test_an_announce_in_time_makes_good_for_one_that_was_not(both):
    both.attach("a", announce_rate_target=2, announce_rate_grace=1)
    peer = Peer()
    both.inject("a", peer.announce(emitted=1_000))
    both.inject("a", peer.announce(emitted=1_001))
    assert both.ask("read_announce_rate", dest=peer.dest)["rate_violations"] == 1
    time.sleep(2.5)  # more than the target
    before = time.time()
    both.inject("a", peer.announce(emitted=1_002))
    rate = both.ask("read_announce_rate", dest=peer.dest)
    assert rate["rate_violations"] == 0
    assert before - 0.1 < rate["last"] < time.time() + 0.1


# ---- The way back of proofs

def test_a_proof_goes_back_the_way_its_packet_came(both):
    both.attach("in")
    both.attach("out")
    dest = both.learn("out")
    raw = packet(dest, os.urandom(40), transport_id=both.identity)
    key = packet_hash(raw)[:16]
    both.inject("in", raw)
    both.sent("out", count=1)
    entry, = both.ask("read_reverse_table")["entries"]
    assert (entry["key"], entry["received_if"], entry["outbound_if"]) == (key.hex(), "in", "out")
    assert both.ask("read_reverse_table", dest=key)["found"]
    proof = packet(key, os.urandom(64), kind=PROOF)
    both.inject("out", proof)
    assert both.sent("in", count=1) == [proof[:1] + b"\1" + proof[2:]]
    assert both.ask("read_reverse_table", dest=key) == {"found": False}
    assert both.ask("read_reverse_table") == {"entries": []}


def test_a_proof_over_the_wrong_interface_is_lost(both):
    both.attach("in")
    both.attach("out")
    key = os.urandom(16)
    assert both.ask("seed_reverse_table", key=key, rcvd_iface_id="in", outb_iface_id="out") == {
        "seeded": True, "key": key.hex()}
    both.inject("in", packet(key, os.urandom(64), kind=PROOF))
    both.sent("in", count=0)
    both.sent("out", count=0)


def test_a_way_back_that_is_too_old_goes(both):
    both.attach("a")
    young, old = os.urandom(16), os.urandom(16)
    both.ask("seed_reverse_table", key=young, rcvd_iface_id="a", outb_iface_id="a",
             timestamp_age_s=400)
    both.ask("seed_reverse_table", key=old, rcvd_iface_id="a", outb_iface_id="a",
             timestamp_age_s=500)
    both.ask("force_cull")
    assert both.ask("read_reverse_table", dest=young)["found"]
    assert not both.ask("read_reverse_table", dest=old)["found"]
    both.refuse("seed_reverse_table", key=young, rcvd_iface_id="a", outb_iface_id="nobody's")


# ---- Links of others

def test_a_link_request_opens_an_entry(both):
    both.attach("in")
    both.attach("out")
    via = os.urandom(16)
    peer = Peer()
    both.inject("out", peer.announce(hops=1, transport_id=via, context=PATH_RESPONSE))
    request = packet(peer.dest, os.urandom(64), kind=LINKREQUEST, hops=2,
                     transport_id=both.identity)
    link_id = packet_hash(request)[:16]
    both.inject("in", request)
    entry = both.ask("read_link_table", link_id=link_id)
    assert entry["next_hop_transport_id"] == via.hex() and not entry["validated"]
    assert (entry["next_hop_if"], entry["remaining_hops"]) == ("out", 2)
    assert (entry["received_if"], entry["hops"]) == ("in", 3)
    assert entry["destination_hash"] == peer.dest.hex()
    # Two hops, 6 s each, and 500 bytes at 10 Mbit/s.
    assert entry["proof_timeout"] - entry["timestamp"] == pytest.approx(12.0004, abs=0.0001)
    assert len(both.ask("read_link_table")["entries"]) == 1
    assert both.ask("read_link_table", link_id=os.urandom(16)) == {"found": False}


def over(link_id, hops):
    return packet(link_id, os.urandom(20), dest_type=LINK, hops=hops - 1)


def test_packets_of_a_link_go_on_with_the_right_hops_alone(both):
    both.attach("next")
    both.attach("received")
    link_id = os.urandom(16)
    assert both.ask("seed_link_table", dest=link_id, nh_iface_id="next",
                    rcvd_iface_id="received", rem_hops=4, hops=2) == {
                        "seeded": True, "dest": link_id.hex()}
    for name, other, good, bad in (("next", "received", 4, 2), ("received", "next", 2, 4)):
        raw = over(link_id, good)
        both.inject(name, raw)
        assert both.sent(other, count=1) == [raw[:1] + bytes([good]) + raw[2:]]
        both.inject(name, over(link_id, bad))
        both.sent(other, count=0)


def test_a_link_on_one_interface_is_repeated_there(both):
    both.attach("a")
    both.attach("other")
    link_id = os.urandom(16)
    both.ask("seed_link_table", dest=link_id, nh_iface_id="a", rcvd_iface_id="a", rem_hops=5,
             hops=3, timestamp_age_s=100)
    before, theirs = both.both("read_link_table", link_id=link_id)
    for entry in (before, theirs):
        del entry["proof_timeout"]  # that of a proof that has come is not kept
    assert same(before, theirs) and before["validated"] and before["timestamp"] < time.time() - 99
    both.inject("a", over(link_id, 3))
    both.sent("a", count=1)
    both.sent("other", count=0)
    for after in both.both("read_link_table", link_id=link_id):
        assert after["timestamp"] > before["timestamp"] + 90
    both.inject("a", over(link_id, 7))
    both.sent("a", count=0)


def test_links_that_are_over_go(both):
    both.attach("a")
    silent, live, waits = (os.urandom(16) for _ in range(3))
    ends = {"nh_iface_id": "a", "rcvd_iface_id": "a"}
    both.ask("seed_link_table", dest=silent, timestamp_age_s=1000, **ends)
    both.ask("seed_link_table", dest=live, timestamp_age_s=800, **ends)
    both.ask("seed_link_table", dest=waits, validated=False, proof_timeout_in_s=30, **ends)
    both.ask("force_cull")
    assert not both.ask("read_link_table", link_id=silent)["found"]
    assert all(entry["found"] for entry in both.both("read_link_table", link_id=live))
    assert both.ask("read_link_table", link_id=waits)["found"]
    both.ask("seed_link_table", dest=waits, validated=False, proof_timeout_in_s=-1, **ends)
    both.ask("force_cull")
    assert not both.ask("read_link_table", link_id=waits)["found"]
