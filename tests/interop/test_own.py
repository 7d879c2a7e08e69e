"""Our own node against a reference node beside it, in each direction."""

import pytest

import nodes
import talk
from nodes import tcp_client, tcp_server

KEY, ANOTHER_KEY, IDENTITY = "0f" * 64, "f0" * 64, "41" * 32 + "42" * 32
NOTHING = "00112233445566778899aabbccddeeff"

pytestmark = pytest.mark.old


class Pair:
    """Our node listens on TCP, the reference connects; `direction` says which of them speaks."""

    def __init__(self, net, direction):
        self.net, self.direction = net, direction

    def start(self, speaker_options=None, **settings):
        port = self.net.port()
        ours_speaks = self.direction == "ours_speaks"
        own_options, peer_options = (speaker_options or {}, {})[:: 1 if ours_speaks else -1]
        own = self.net.own("own", tcp_server("up", port, **settings), **own_options)
        nodes.wait_until(lambda: nodes.listening(port, "tcp"), nodes.START, "our node listens")
        peer = self.net.peer("peer", tcp_client("up", port, **settings), **peer_options)
        return (own, peer) if ours_speaks else (peer, own)


@pytest.fixture(params=["ours_speaks", "ours_listens"])
def pair(net, request):
    return Pair(net, request.param)


# Announces


def test_announce_is_heard_and_recalled(pair):
    speaker, listener = pair.start()
    dest = talk.destination(speaker)
    talk.announce(speaker, dest, "first light")
    talk.hear(listener, dest, 1, "first light")
    known = listener.call("recall", dest=dest["dest"])
    assert known["known"] and known["ratchet"] is None
    assert (known["identity"], known["public"]) == (dest["identity"], dest["public"])
    assert known["app_data"] == talk.text("first light")
    path = listener.call("has_path", dest=dest["dest"])
    assert path["path"] and path["hops"] == 1


def test_announce_without_app_data_is_heard(pair):
    speaker, listener = pair.start()
    dest = talk.destination(speaker)
    speaker.call("announce", dest=dest["dest"])
    assert listener.wait("announce", nodes.ANNOUNCE_HOP, dest=dest["dest"])["app_data"] is None


def test_announce_brings_the_ratchet(pair):
    speaker, listener = pair.start()
    dest = talk.announced(speaker, listener, 1, ratchets=True)
    known = listener.call("recall", dest=dest["dest"])
    assert len(bytes.fromhex(known["ratchet"])) == 10


def test_identity_from_its_key_has_the_same_addresses_everywhere(pair):
    made = [talk.destination(agent, private=IDENTITY) for agent in pair.start()]
    assert made[0] == {**made[1], "id": made[0]["id"]}


def test_announce_filter_hears_only_its_aspects(pair):
    speaker, listener = pair.start()
    wanted = listener.call("announce_filter", aspects="reticule.interop.talk")["filter"]
    other = listener.call("announce_filter", aspects="reticule.interop")["filter"]
    dest = talk.announced(speaker, listener, 1)
    listener.wait("announce", nodes.ANNOUNCE_HOP, dest=dest["dest"], filter=wanted)
    talk.announced(speaker, listener, 1)
    assert not listener.heard("announce", filter=other)


def test_unknown_destination_is_not_recalled(pair):
    _, listener = pair.start()
    known = listener.call("recall", dest=NOTHING)
    assert (known["known"], known["public"], known["app_data"]) == (False, None, None)
    path = listener.call("has_path", dest=NOTHING)
    assert (path["path"], path["hops"], path["next_hop"]) == (False, 128, None)


# Path requests


def test_path_request_is_answered_by_the_destination(pair):
    speaker, listener = pair.start()
    dest = talk.destination(speaker, app_data=talk.text("standing"))
    talk.path_found(listener, dest, 1)
    assert listener.call("recall", dest=dest["dest"])["app_data"] == talk.text("standing")
    talk.target(listener, dest)
    talk.packet_proved(listener, speaker, dest, 1)


def test_path_response_of_a_ratchet_destination_brings_its_ratchet(pair):
    speaker, listener = pair.start()
    dest = talk.destination(speaker, ratchets=True)
    talk.path_found(listener, dest, 1)
    assert listener.call("recall", dest=dest["dest"])["ratchet"]


# Packets to SINGLE


@pytest.mark.parametrize("size", [1, 15, 16, 383])
def test_packet_of_any_size_is_decrypted(pair, size):
    receiver, sender = pair.start()
    dest = talk.announced(receiver, sender, 1)
    data = (b"\x7e\x7d\xc0\xdb" * 96)[:size].hex()
    sent = sender.call("send", dest=dest["dest"], data=data)
    arrived = receiver.wait("packet", nodes.PROOF_HOP, dest=dest["dest"])
    assert (arrived["data"], arrived["packet"], arrived["ratchet"]) == (data, sent["packet"], None)


def test_packet_is_decrypted_by_the_ratchet_that_was_announced(pair):
    receiver, sender = pair.start()
    dest = talk.announced(receiver, sender, 1, ratchets=True, enforce=True)
    ratchet = sender.call("recall", dest=dest["dest"])["ratchet"]
    sent = sender.call("send", dest=dest["dest"], data="1234")
    arrived = receiver.wait("packet", nodes.PROOF_HOP, packet=sent["packet"])
    assert (arrived["data"], arrived["ratchet"]) == ("1234", ratchet)


def test_packet_to_the_identity_is_decrypted_where_ratchets_are_not_enforced(pair):
    receiver, sender = pair.start()
    dest = talk.announced(receiver, sender, 1)
    receiver.call("dest_ratchets", dest=dest["dest"])
    sent = sender.call("send", dest=dest["dest"], data="5678")
    arrived = receiver.wait("packet", nodes.PROOF_HOP, packet=sent["packet"])
    assert (arrived["data"], arrived["ratchet"]) == ("5678", None)


def test_packet_to_the_identity_is_refused_where_ratchets_are_enforced(pair):
    receiver, sender = pair.start()
    dest = talk.announced(receiver, sender, 1)
    receiver.call("dest_ratchets", dest=dest["dest"], enforce=True)
    fails(sender, dest)
    assert not receiver.heard("packet")


# Proofs and receipts


def fails(sender, dest):
    sent = sender.call("send", dest=dest["dest"], data="00ff", timeout=1)
    receipt = sender.wait("receipt", nodes.PROOF_HOP, receipt=sent["receipt"])
    assert receipt["status"] == "failed"
    return sent


@pytest.mark.parametrize("implicit, proof", [("Yes", "implicit"), ("No", "explicit")])
def test_proof_resolves_the_receipt(pair, implicit, proof):
    receiver, sender = pair.start({"use_implicit_proof": implicit})
    dest = talk.announced(receiver, sender, 1)
    receipt = talk.packet_proved(sender, receiver, dest, 1)
    assert receipt["proof"] == proof
    assert 0 < receipt["rtt"] < nodes.PROOF_HOP


def test_each_of_many_receipts_is_resolved_once(pair):
    receiver, sender = pair.start()
    dest = talk.announced(receiver, sender, 1)
    sent = [sender.call("send", dest=dest["dest"], data=f"{n:04x}") for n in range(50)]
    for one in sent:
        answer = sender.wait("receipt", nodes.PROOF_HOP, receipt=one["receipt"])
        assert answer["status"] == "delivered"
    for one in sent:
        receiver.wait("packet", nodes.PROOF_HOP, packet=one["packet"])
    assert not sender.heard("receipt")
    assert not receiver.heard("packet", dest=dest["dest"])


def test_receipt_fails_where_nothing_is_proved(pair):
    receiver, sender = pair.start()
    dest = talk.announced(receiver, sender, 1, proof="none")
    sent = fails(sender, dest)
    receiver.wait("packet", nodes.PROOF_HOP, packet=sent["packet"])


def test_application_decides_on_the_proof(pair):
    receiver, sender = pair.start()
    willing = talk.announced(receiver, sender, 1, proof="app", prove=True)
    unwilling = talk.announced(receiver, sender, 1, proof="app", prove=False)
    talk.packet_proved(sender, receiver, willing, 1)
    fails(sender, unwilling)


# GROUP and PLAIN


def both_ends(receiver, sender, **names):
    dest = receiver.call("dest_in", **names)["dest"]
    names.pop("proof", None)
    assert sender.call("dest_out", **names)["dest"] == dest
    return dest


def test_group_packet_is_decrypted_by_who_has_the_key(pair):
    receiver, sender = pair.start()
    names = {"type": "group", "app": "reticule", "aspects": ["group"], "private": IDENTITY}
    dest = both_ends(receiver, sender, key=KEY, **names)
    sender.call("send", dest=dest, data="00010203")
    arrived = receiver.wait("packet", nodes.PROOF_HOP, dest=dest)
    assert arrived["data"] == "00010203"


def test_group_packet_with_another_key_is_not_delivered(pair):
    receiver, sender = pair.start()
    names = {"type": "group", "app": "reticule", "aspects": ["group"], "private": IDENTITY}
    dest = receiver.call("dest_in", key=KEY, **names)["dest"]
    sender.call("dest_out", key=ANOTHER_KEY, **names)
    sender.call("send", dest=dest, data="00010203")
    talk.packet_proved(sender, receiver, talk.announced(receiver, sender, 1), 1)
    assert not receiver.heard("packet", dest=dest)


def test_plain_packet_is_delivered_as_it_is(pair):
    receiver, sender = pair.start()
    dest = both_ends(receiver, sender, type="plain", app="reticule", aspects=["plain"])
    assert sender.call("send", dest=dest, data="7e7d00")["receipt"] is None
    assert receiver.wait("packet", nodes.PROOF_HOP, dest=dest)["data"] == "7e7d00"


# With an access code, and through a node between


def test_packets_are_proved_on_an_interface_with_an_access_code(pair):
    receiver, sender = pair.start(network_name="reticule", passphrase="own", ifac_size=128)
    dest = talk.announced(receiver, sender, 1, ratchets=True)
    talk.packet_proved(sender, receiver, dest, 1)


@pytest.mark.parametrize("ours_speaks", [True, False])
def test_packets_are_proved_through_a_node_between(net, ours_speaks):
    ports = net.port(), net.port()
    net.middle("middle", tcp_server("to own", ports[0]), tcp_server("to peer", ports[1]))
    own, peer = (
        net.own("own", tcp_client("up", ports[0])),
        net.peer("peer", tcp_client("up", ports[1])),
    )
    receiver, sender = (own, peer) if ours_speaks else (peer, own)
    dest = talk.announced(receiver, sender, 2, ratchets=True)
    talk.packet_proved(sender, receiver, dest, 2)
