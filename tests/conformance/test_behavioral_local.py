"""Destinations of a node and listeners for announces."""
import os
import time

import RNS
import pytest

from mocks import GROUP, PATH_RESPONSE, PLAIN, SINGLE, Peer, packet, packet_hash


# ---- Destinations

def register(both, peer=None, **options):
    app, *aspects = (peer.name if peer else "local.tests").split(".")
    seed = {"identity_seed": peer.identity.get_private_key()} if peer else {}
    return bytes.fromhex(both.ask("register_destination", app_name=app, aspects=aspects, **seed,
                                  **options)["destination_hash"])


def deliveries(both, dest):
    answer = both.ask("read_destination_deliveries", dest=dest)
    assert answer["count"] == len(answer["deliveries"])
    return answer["deliveries"]


def test_a_plain_destination_takes_plain_packets(both):
    both.attach("a")
    dest = register(both, type="plain")
    other = bytes.fromhex(both.ask("register_destination", app_name="local", aspects=["others"],
                                   type="plain")["destination_hash"])
    assert deliveries(both, dest) == []
    payload = os.urandom(24)
    both.inject("a", packet(dest, payload, dest_type=PLAIN))
    both.inject("a", packet(dest, os.urandom(24), dest_type=SINGLE))
    assert deliveries(both, dest) == [payload.hex()]
    assert deliveries(both, other) == []


def test_a_single_destination_decrypts_what_is_for_it(both):
    both.attach("a")
    peer = Peer()
    assert register(both, peer, type="single", proof_strategy="all") == peer.dest
    for payload in (b"one", b"two"):
        both.inject("a", packet(peer.dest, peer.identity.encrypt(payload)))
    both.inject("a", packet(peer.dest, os.urandom(96)))
    assert deliveries(both, peer.dest) == [b"one".hex(), b"two".hex()]
    proofs = both.sent("a", count=2)
    assert all(proof[0] & 3 == 3 for proof in proofs)


@pytest.mark.parametrize("strategy", ["none", "app"])
def test_a_destination_that_proves_nothing_by_itself(both, strategy):
    both.attach("a")
    peer = Peer()
    register(both, peer, proof_strategy=strategy)
    both.inject("a", packet(peer.dest, peer.identity.encrypt(b"text")))
    assert deliveries(both, peer.dest) == [b"text".hex()]
    both.sent("a", count=0)


def test_a_group_destination_has_an_address_and_takes_no_noise(both):
    both.attach("a")
    dest = register(both, Peer("group.tests"), type="group")
    both.inject("a", packet(dest, os.urandom(96), dest_type=GROUP))
    assert deliveries(both, dest) == []


def test_destinations_that_cannot_be_are_refused(both):
    peer = Peer()
    register(both, peer)
    seed = peer.identity.get_private_key()
    both.refuse("register_destination", app_name="peer", aspects=["tests"], identity_seed=seed)
    both.refuse("register_destination", app_name="peer", aspects=["a.b"], identity_seed=seed)
    both.refuse("register_destination", app_name="peer", type="single")
    both.refuse("register_destination", app_name="peer", type="double", identity_seed=seed)
    both.refuse("read_destination_deliveries", dest=os.urandom(16))


def test_nobody_else_announces_a_destination_of_ours(both):
    both.attach("a")
    mine, other = Peer(), Peer()
    register(both, mine)
    both.inject("a", mine.announce())
    both.inject("a", other.announce())
    assert not both.ask("read_path_table", dest=mine.dest)["found"]
    assert not both.ask("read_announce_table", dest=mine.dest)["found"]
    assert both.ask("read_path_table", dest=other.dest)["found"]


# ---- Listeners

class Listener:
    def __init__(self, both, registered=True, **options):
        self.both, self.registered = both, registered
        answers = both.both("register_announce_handler", **options)
        assert [answer["registered"] for answer in answers] == [registered] * 2
        self.ids = [answer["handler_id"] for answer in answers]

    def calls(self, count):
        """Of both, alike; the reference's come from threads."""
        until = time.time() + 2
        while True:
            told = [node.ask("read_announce_handler_calls", {"handler_id": handler_id})
                    for node, handler_id in zip((self.both.ours, self.both.theirs), self.ids)]
            answers = [answer["calls"] for answer in told]
            if min(map(len, answers)) >= count or time.time() > until:
                break
            time.sleep(0.02)
        assert [answer["registered"] for answer in told] == [self.registered] * 2
        key = "destination_hash"
        ours, theirs = (sorted(calls, key=lambda call: call[key]) for calls in answers)
        assert ours == theirs
        assert len(ours) == count
        return answers[0]


def test_a_listener_hears_of_each_announce(both):
    both.attach("a")
    plain, full = Listener(both), Listener(both, num_params=4, aspect_filter=None)
    peer = Peer()
    raw = peer.announce(app_data=b"text")
    both.inject("a", raw)
    told = {"destination_hash": peer.dest.hex(),
            "announced_identity_hash": peer.identity.hash.hex(), "app_data": b"text".hex()}
    assert plain.calls(1) == [told]
    assert full.calls(1) == [{**told, "announce_packet_hash": packet_hash(raw).hex()}]
    both.inject("a", Peer().announce())
    assert full.calls(2)[1]["app_data"] == plain.calls(2)[1]["app_data"]


def test_a_listener_hears_of_the_names_it_asked_for(both):
    both.attach("a")
    every, some, none = (Listener(both, aspect_filter=name)
                         for name in (None, "peer.tests", "peer.others"))
    both.inject("a", Peer().announce())
    every.calls(1)
    some.calls(1)
    none.calls(0)


def test_path_responses_are_told_to_who_asked_for_them(both):
    both.attach("a")
    default, eager = Listener(both), Listener(both, receive_path_responses=True)
    both.inject("a", Peer().announce())
    both.inject("a", Peer().announce(context=PATH_RESPONSE))
    eager.calls(2)
    default.calls(1)


def test_a_listener_that_fails_does_so_alone(both):
    both.attach("a")
    failing, other = Listener(both, raise_on_call=True), Listener(both)
    both.inject("a", Peer().announce())
    failing.calls(1)
    other.calls(1)


def test_a_listener_without_a_filter_is_none(both):
    both.attach("a")
    listener = Listener(both, registered=False, omit_aspect_filter=True)
    both.inject("a", Peer().announce())
    listener.calls(0)
    both.refuse("read_announce_handler_calls", handler_id="nobody's")


def test_announces_that_are_not_taken_are_not_told_of(both):
    both.attach("a")
    listener = Listener(both)
    peer = Peer()
    both.inject("a", peer.announce(emitted=1_000))
    both.inject("a", peer.announce(emitted=999))
    raw = Peer().announce()
    both.inject("a", raw[:-1] + bytes([raw[-1] ^ 1]))
    listener.calls(1)
    assert RNS.Identity.truncated_hash(peer.identity.get_public_key()) == peer.identity.hash
