"""Channel messages and streams between our node and the reference, on links opened by either."""

import filecmp

import pytest

import nodes
import pairs
import raw
import talk
from pairs import each_direction

TEN_MB = 10_000_000
STREAM = 120.0  # seconds: ten megabytes have crossed

# Messages of the reference's rnsh by type, as its own classes pack them.
RNSH = {
    0xAC00: "",  # noop
    0xAC02: "941850cd0280cd01e0",  # window size: 24, 80, 640, 480
    0xAC03: "9a92a26c73a22d6cc2c3c2c0a5787465726d18500000",  # execute ls -l, with a terminal
    0xAC04: "80016f7574",  # stream data: the end of stream 1, "out"
    0xAC05: "92a5302e312e3001",  # version: "0.1.0", protocol 1
    0xAC06: "93a3626164c381a16101",  # error: "bad", fatal, {"a": 1}
    0xAC07: "cd0100",  # exited with 256
}


def sent(sender, link, data, **fields):
    """Sends a message as soon as the window, and the memory, take it."""

    def taken():
        if not sender.call("channel_ready", link=link)["ready"]:
            return False
        reply = sender.ask("channel_send", link=link, data=data, **fields)
        assert reply["ok"] or reply["error"].startswith("no slot is free"), reply["error"]
        return reply["ok"]

    nodes.wait_until(taken, nodes.LINK, "the window has room")


def crossed(sender, receiver, link, count, size=40):
    """So many messages, in order and once."""
    messages = [f"{number:08x}" + "5a" * (size - 4) for number in range(count)]
    for data in messages:
        sent(sender, link, data)
    for data in messages:
        assert receiver.wait("channel", nodes.LINK, link=link)["data"] == data
    assert not receiver.heard("channel", link=link)


@pytest.mark.old
@each_direction
def test_messages_cross_in_order(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    for sender, receiver in pair.both_ways():
        crossed(sender, receiver, link, 300)


@each_direction
def test_messages_cross_in_order_through_two_relays(net, direction):
    pair = pairs.start(net, direction, 2)
    link = pair.open()["link"]
    for sender, receiver in pair.both_ways():
        crossed(sender, receiver, link, 50)


@each_direction
@pytest.mark.parametrize("mtu", [500, "discovered"])
def test_messages_of_each_size_cross(net, direction, mtu):
    options = {"link_mtu_discovery": "no"} if mtu == 500 else {}
    pair = pairs.start(net, direction, opener_options=options)
    opened = pair.open()
    most = opened["mdu"] - 6
    for sender, receiver in pair.both_ways():
        assert sender.call("channel_ready", link=opened["link"])["mdu"] == most
        for size in (0, 1, 424, most - 1, most):
            data = (b"\x7e\x7d\x00\xff" * 4096)[:size].hex()
            sent(sender, opened["link"], data)
            assert receiver.wait("channel", nodes.LINK, link=opened["link"])["data"] == data


@each_direction
def test_messages_of_the_reference_cross_as_it_packs_them(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    for sender, receiver in pair.both_ways():
        for kind, data in RNSH.items():
            sent(sender, link, data, type=kind)
            arrived = receiver.wait("channel", nodes.LINK, link=link)
            assert (arrived["type"], arrived["data"]) == (kind, data)


# On a wire that loses


class Lossy:
    """Loses every so many-th packet of a kind."""

    def __init__(self, every, *contexts):
        self.every, self.contexts = every, contexts
        self.lost, self.seen = 0, 0

    def __call__(self, frame, to_server):
        if raw.context(frame) not in self.contexts or raw.kind(frame) != raw.DATA:
            return [frame]
        self.seen += 1
        if self.seen % self.every:
            return [frame]
        self.lost += 1
        return []


@pytest.mark.ours  # two of the reference lose some: the sender runs ahead of what was lost
@each_direction
def test_lost_messages_are_sent_again(net, direction):
    lossy = Lossy(11, raw.CONTEXT_CHANNEL)
    pair = pairs.start(net, direction, hook=lossy)
    link = pair.open()["link"]
    for sender, receiver in pair.both_ways():
        crossed(sender, receiver, link, 150)
    assert lossy.lost >= 2 * 150 // 11


@each_direction
def test_lost_proofs_of_messages_do_no_harm(net, direction):
    class Proofs(Lossy):
        def __call__(self, frame, to_server):
            is_proof = raw.kind(frame) == raw.PROOF and raw.context(frame) == raw.CONTEXT_NONE
            self.seen += is_proof
            lost = is_proof and self.seen % self.every == 0
            self.lost += lost
            return [] if lost else [frame]

    lossy = Proofs(7)
    pair = pairs.start(net, direction, hook=lossy)
    link = pair.open()["link"]
    for sender, receiver in pair.both_ways():
        crossed(sender, receiver, link, 100)
    assert lossy.lost >= 2 * 100 // 7


@each_direction
def test_link_is_closed_after_five_tries(net, direction):
    """No message gets through: the sender gives up, closes the link, and the peer hears it."""
    pair = pairs.start(net, direction, hook=Lossy(1, raw.CONTEXT_CHANNEL))
    for sender, receiver in pair.both_ways():
        link = pair.open()["link"]
        sent(sender, link, "00")
        for agent in (sender, receiver):
            reason = "initiator" if sender is pair.opener else "destination"
            assert agent.wait("link_closed", nodes.LINK, link=link)["reason"] == reason


# Streams


def streamed(sender, receiver, link, number, data):
    receiver.call("buffer_reader", link=link, stream=number)
    path = talk.file_of(sender, data)
    sender.call("buffer_writer", link=link, stream=number, file=path)
    return path


def stream_arrives(receiver, link, number, path):
    arrived = receiver.wait("stream", STREAM, link=link, stream=number)
    assert filecmp.cmp(path, arrived["file"], shallow=False)


@pytest.mark.old
@each_direction
def test_ten_megabytes_stream_each_way(net, direction):
    """A few less with the old reference, which tries to pack 16 KiB for each 423 bytes it writes."""
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    size = TEN_MB if pair.peer.about["version"] == talk.NEWEST else TEN_MB // 40
    for number, (sender, receiver) in enumerate(pair.both_ways()):
        path = streamed(sender, receiver, link, number, talk.bytes_of(size))
        stream_arrives(receiver, link, number, path)


@each_direction
def test_streams_cross_both_ways_at_once_and_compressed(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    under_way = []
    for number, kind in ((0, "noise"), (0x3FFF, "half"), (7, "zeros")):
        for sender, receiver in pair.both_ways():
            data = bytes(400_000) if kind == "zeros" else talk.bytes_of(400_000, kind)
            path = streamed(sender, receiver, link, number, data)
            under_way.append((receiver, number, path))
    for receiver, number, path in under_way:
        stream_arrives(receiver, link, number, path)


@each_direction
@pytest.mark.parametrize("size", [0, 1, 425, 16_383, 16_385])
def test_short_streams_cross(net, direction, size):
    pair = pairs.start(net, direction, opener_options={"link_mtu_discovery": "no"})
    link = pair.open()["link"]
    for number, (sender, receiver) in enumerate(pair.both_ways()):
        path = streamed(sender, receiver, link, number, talk.bytes_of(size))
        stream_arrives(receiver, link, number, path)


@each_direction
def test_stream_crosses_a_wire_that_loses(net, direction):
    lossy = Lossy(20, raw.CONTEXT_CHANNEL)
    pair = pairs.start(net, direction, hook=lossy)
    link = pair.open()["link"]
    for number, (sender, receiver) in enumerate(pair.both_ways()):
        path = streamed(sender, receiver, link, number, talk.bytes_of(500_000))
        stream_arrives(receiver, link, number, path)
    assert lossy.lost > 0
