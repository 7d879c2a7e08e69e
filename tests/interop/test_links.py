"""Links between our node and the reference, opened by either."""

import pytest

import nodes
import pairs
import raw
import talk
from pairs import each_direction

MANY = 200
INTERVALS = 3
KEEPALIVE = 5.0  # seconds: of a link with a round trip on this machine
SILENCE = 3 * 20.0  # a silent peer is given up: two keepalives, five seconds, a look every five
each_route = pytest.mark.parametrize("route", pairs.ROUTES)


# A whole link


@pytest.mark.old
@each_direction
@each_route
def test_link_opens_speaks_identifies_and_closes(net, direction, route):
    pair = pairs.start(net, direction, pairs.ROUTES[route])
    opened = pair.open()
    link = opened["link"]
    assert opened["mtu"] == talk.tcp_mtu(pair.peer)
    assert opened["hops"] == pair.hops
    for sender, receiver in pair.both_ways():
        talk.message_proved(sender, receiver, link)
    identity = talk.identified(pair.opener, pair.host, link)
    assert pair.host.call("link_info", link=link)["identity"] == identity
    talk.link_closed(pair.opener, pair.host, link, "initiator")


@pytest.mark.old
@each_direction
def test_host_closes_a_link(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open(ratchets=True)["link"]
    talk.link_closed(pair.host, pair.opener, link, "destination")


@each_direction
def test_packets_of_each_size_cross(net, direction):
    pair = pairs.start(net, direction)
    opened = pair.open()
    for sender, receiver in pair.both_ways():
        for size in (1, 15, 16, 431, opened["mdu"] - 1, opened["mdu"]):
            data = (b"\x7e\x7d\x00\xff" * 4096)[:size].hex()
            sender.call("link_send", link=opened["link"], data=data)
            receiver.wait("link_packet", nodes.LINK, link=opened["link"], data=data)


@each_direction
def test_messages_sent_at_once_all_cross(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    for sender, receiver in pair.both_ways():
        sent = [
            sender.call("link_send", link=link, data=f"{n:04x}", timeout=nodes.LINK)
            for n in range(100)
        ]
        for number, one in enumerate(sent):
            receiver.wait("link_packet", nodes.LINK, link=link, data=f"{number:04x}")
            answer = sender.wait("receipt", nodes.LINK, receipt=one["receipt"])
            assert answer["status"] == "delivered"


# MTU discovery


@each_direction
@pytest.mark.parametrize("route", ["direct", "two_relays"])
def test_link_mtu_is_500_without_discovery(net, direction, route):
    pair = pairs.start(
        net, direction, pairs.ROUTES[route], opener_options={"link_mtu_discovery": "no"}
    )
    opened = pair.open()
    assert (opened["mtu"], opened["mdu"]) == (500, 431)
    for sender, receiver in pair.both_ways():
        talk.message_proved(sender, receiver, opened["link"])


# Memory


@pytest.mark.ours
@each_direction
def test_many_links_leave_nothing_behind(net, direction):
    pair = pairs.start(net, direction)
    dest = pair.known()
    before = pair.taken()
    for _ in range(MANY):
        link = talk.link_opened(pair.opener, pair.host, dest)["link"]
        talk.link_closed(pair.opener, pair.host, link, "initiator")
    nodes.wait_until(lambda: pair.taken() == before, nodes.LINK, pair.taken)
    links = next(each for each in pair.own.call("pools")["pools"] if each["name"] == "link")
    assert (links["used"], links["culled"], links["rejected"]) == (0, 0, 0)


# A quiet peer, and a dead one


@each_direction
def test_quiet_link_is_kept_alive(net, direction):
    pair = pairs.start(net, direction, hook=lambda frame, to_server: [frame])
    link = pair.open()["link"]
    for agent in (pair.opener, pair.host):
        assert agent.call("link_info", link=link)["keepalive"] == KEEPALIVE
    for to_server in (True, False):
        nodes.wait_until(
            lambda: pair.proxy.count(raw.CONTEXT_KEEPALIVE, to_server) >= INTERVALS,
            3 * INTERVALS * KEEPALIVE,
            "keepalives have crossed",
        )
    for sender, receiver in pair.both_ways():
        assert sender.call("link_info", link=link)["state"] == "active"
        talk.message_proved(sender, receiver, link)


@pytest.mark.ours
@each_direction
def test_stopped_peer_is_stale_and_then_given_up(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    pairs.stop(pair.peer)

    def is_stale():
        return pair.own.call("link_info", link=link)["state"] == "stale"

    pair.own.call("skip", seconds=int(2 * KEEPALIVE))
    nodes.wait_until(is_stale, SILENCE, "the link is stale")
    pair.own.call("skip", seconds=int(KEEPALIVE))
    assert pair.own.wait("link_closed", SILENCE, link=link)["reason"] == "timeout"
    assert pair.taken()["link"] == 0


@each_direction
def test_reference_gives_up_on_our_node_when_it_stands_still(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    pairs.stop(pair.own)
    assert pair.peer.wait("link_closed", SILENCE, link=link)["reason"] == "timeout"


# What is changed on its way


def is_request(frame):
    return raw.kind(frame) == raw.LINK_REQUEST


def is_proof(frame):
    return raw.kind(frame) == raw.PROOF and raw.context(frame) == raw.CONTEXT_LRPROOF


def turned(which, at, mask):
    """A hook that turns bits of such frames."""
    return lambda frame, to_server: [raw.changed(frame, at, mask) if which(frame) else frame]


def asked(pair):
    dest = pair.known()
    return pair.opener.call("link_open", dest=dest["dest"])["link"]


def refused(agent, *verdicts, count=1):
    nodes.wait_until(
        lambda: agent.verdicts(*verdicts) == count,
        nodes.LINK,
        lambda: str(agent.call("verdicts")["verdicts"]),
    )


MODE, SIGNATURE, KEY = (-3, 0x60), (5, 0x01), (70, 0x01)


@pytest.mark.ours
def test_request_of_another_mode_is_refused(net):
    pair = pairs.start(net, "theirs_opens", hook=turned(is_request, *MODE))
    link = asked(pair)
    refused(pair.own, "bad_mode")
    assert pair.peer.call("link_info", link=link)["state"] == "pending"


@pytest.mark.ours
@pytest.mark.parametrize("change", [SIGNATURE, KEY])
def test_changed_proof_is_refused(net, change):
    pair = pairs.start(net, "ours_opens", hook=turned(is_proof, *change))
    link = asked(pair)
    refused(pair.own, "bad_proof")
    assert pair.own.call("link_info", link=link)["state"] == "pending"
    assert not pair.own.heard("link_open")


@pytest.mark.ours  # the reference ends it without a word
def test_proof_of_another_mode_ends_the_link(net):
    pair = pairs.start(net, "ours_opens", hook=turned(is_proof, *MODE))
    link = asked(pair)
    pair.own.wait("link_closed", nodes.LINK, link=link)
    assert not pair.own.heard("link_open")


@pytest.mark.ours
def test_link_opens_when_the_right_proof_comes_after_a_forged_one(net):
    def forged_first(frame, to_server):
        return [raw.changed(frame, *SIGNATURE), frame] if is_proof(frame) else [frame]

    pair = pairs.start(net, "ours_opens", hook=forged_first)
    link = pair.open()["link"]
    refused(pair.own, "bad_proof")
    talk.message_proved(pair.opener, pair.host, link)


@pytest.mark.ours
def test_proof_that_comes_again_is_dropped(net):
    def twice(frame, to_server):
        return [frame, frame] if is_proof(frame) else [frame]

    pair = pairs.start(net, "ours_opens", hook=twice)
    link = pair.open()["link"]
    refused(pair.own, "duplicate")
    talk.message_proved(pair.opener, pair.host, link)


@pytest.mark.ours
def test_proof_of_another_link_is_refused(net):
    """The proof of the first link comes with the address of the second, before its own."""
    first = []

    def replayed(frame, to_server):
        if not is_proof(frame):
            return [frame]
        first.append(frame)
        head = raw.head(frame)
        return [first[0][: head - 17] + frame[head - 17 : head] + first[0][head:], frame]

    pair = pairs.start(net, "ours_opens", hook=replayed)
    dest = pair.known()
    for _ in range(2):
        link = talk.link_opened(pair.opener, pair.host, dest)["link"]
        talk.message_proved(pair.opener, pair.host, link)
    refused(pair.own, "bad_proof")


@pytest.mark.ours
def test_link_request_that_comes_twice_opens_one_link(net):
    def twice(frame, to_server):
        return [frame, frame] if is_request(frame) else [frame]

    pair = pairs.start(net, "theirs_opens", hook=twice)
    link = pair.open()["link"]
    talk.message_proved(pair.host, pair.opener, link)
    refused(pair.own, "duplicate")
