"""Resources between our node and the reference, sent by either over links opened by either."""

import time

import pytest

import nodes
import pairs
import raw
import resource_table
import talk
from pairs import each_direction
from resource_table import MIB

HUGE = 300.0  # seconds: 64 MiB have crossed
TRANSFER = 3 * 30.0  # a transfer that nobody answers has ended
MIDDLE = 3 * MIB
# Of four segments, not between two: then the reference's receiver hears of no end.
CANCEL_AT = {"start": 0, "middle": 0.4, "end": 0.99}


# Sizes and ways


@pytest.fixture
def rows(request):
    return resource_table.ALL if request.config.getoption("--all-resources") else CHOSEN


CHOSEN = resource_table.CHOSEN


@pytest.mark.old
@each_direction
@pytest.mark.parametrize("route", resource_table.FACTORS["route"])
@pytest.mark.parametrize("mtu", resource_table.FACTORS["mtu"])
def test_resources_cross(net, direction, mtu, route, rows):
    """Those of the table that go this way, one after the other over one link."""
    options = {"link_mtu_discovery": "no"} if mtu == "500" else {}
    pair = pairs.start(net, direction, pairs.ROUTES[route], opener_options=options)
    opened = pair.open()
    mine = [row for row in rows if (row.direction, row.mtu, row.route) == (direction, mtu, route)]
    is_old = pair.peer.about["version"] != talk.NEWEST
    for row in mine[::3] if is_old else mine:
        forward, back = pair.both_ways()
        sender, receiver = forward if row.sender == "opener" else back
        metadata = resource_table.METADATA if row.metadata else None
        data = resource_table.data_of(row, opened["mtu"])
        start = time.monotonic()
        talk.resource_sent(
            sender, receiver, opened["link"], data, metadata=metadata, compress=True
        )
        print(f"{row}: {len(data) / (time.monotonic() - start) / 1e6:.2f} MB/s")
    pair.closed(opened["link"])


def test_table_of_resources_has_each_pair_of_values():
    everything = set().union(*map(resource_table.pairs_of, resource_table.COMBINATIONS))
    there = (tuple(vars(row).values()) for row in CHOSEN)
    assert set().union(*map(resource_table.pairs_of, there)) == everything


@each_direction
def test_64_mib_cross(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    talk.resource_sent(pair.opener, pair.host, link, talk.bytes_of(64 * MIB), HUGE)
    pair.closed(link)


@each_direction
def test_empty_resource_crosses(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    for sender, receiver in pair.both_ways():
        talk.resource_sent(sender, receiver, link, b"")


@each_direction
def test_long_metadata_crosses(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    metadata = "c5" + f"{4000:04x}" + talk.bytes_of(4000).hex()
    for sender, receiver in pair.both_ways():
        talk.resource_sent(sender, receiver, link, talk.bytes_of(10_000), metadata=metadata)


# Several at once


def begun(sender, link, data, **options):
    path = talk.file_of(sender, data)
    return path, sender.call("resource_send", link=link, file=path, **options)["resource"]


def ended(agent, link, direction, **fields):
    return agent.wait("resource", TRANSFER, link=link, direction=direction, **fields)


@each_direction
def test_four_resources_at_once_cross_one_link(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    for sender, receiver in pair.both_ways():
        sent = [begun(sender, link, talk.bytes_of(300_000 + n)) for n in range(4)]
        for path, _ in sent:  # they are sent one after the other
            talk.resource_arrives(receiver, link, path)
        for _, number in sent:
            assert ended(sender, link, "out", resource=number)["status"] == "complete"
    pair.closed(link)


@each_direction
def test_resources_cross_both_ways_at_once(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    ways = pair.both_ways()
    sent = [begun(sender, link, talk.bytes_of(2 * MIB)) for sender, _ in ways]
    for (sender, receiver), (path, number) in zip(ways, sent):
        talk.resource_arrives(receiver, link, path)
        assert ended(sender, link, "out", resource=number)["status"] == "complete"


# Ended early


@each_direction
@pytest.mark.parametrize("who", ["sender", "receiver"])
@pytest.mark.parametrize("when", ["start", "middle", "end"])
def test_cancelled_resource_ends_once_at_each_side_and_the_next_crosses(net, direction, who, when):
    """At the end the other side may have it whole already."""
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    for sender, receiver in pair.both_ways():
        options = {"cancel_at": CANCEL_AT[when]} if who == "sender" else {}
        if who == "receiver":
            receiver.call(
                "resource_strategy", link=link, strategy="ask", cancel_at=CANCEL_AT[when]
            )
        _, number = begun(sender, link, talk.bytes_of(MIDDLE), **options)
        out = ended(sender, link, "out", resource=number)
        receiver.call("resource_strategy", link=link, strategy="ask")
        talk.resource_sent(sender, receiver, link, talk.bytes_of(100_000))
        started = receiver.heard("resource_started")
        into = [ended(receiver, link, "in") for _ in started[1:]]
        if when != "end":
            assert [each["status"] for each in (out, *into)] == ["failed"] * (1 + len(into))
        assert who == "sender" or into  # the reference may miss the refusal and offer it again
        assert not sender.heard("resource") and not receiver.heard("resource")
        for each in started:
            receiver.wait("resource_started", nodes.LINK, resource=each["resource"])
    pair.closed(link)


@each_direction
def test_refused_resource_ends_at_the_sender(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    for sender, receiver in pair.both_ways():
        receiver.call("resource_strategy", link=link, strategy="ask", answer=False)
        _, number = begun(sender, link, talk.bytes_of(MIB))
        receiver.wait("resource_offer", nodes.LINK, link=link)
        assert "refused" in ended(sender, link, "out", resource=number)["why"]
    pair.closed(link)


@each_direction
def test_resource_that_nobody_takes_is_offered_and_given_up(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    numbers = []
    for sender, receiver in pair.both_ways():
        receiver.call("resource_strategy", link=link, strategy="none")
        numbers.append((sender, begun(sender, link, talk.bytes_of(1000))[1]))
    for sender, number in numbers:
        assert ended(sender, link, "out", resource=number)["status"] == "failed"
    pair.closed(link)


@each_direction
def test_all_resources_are_taken_one_after_the_other(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    for sender, receiver in pair.both_ways():
        receiver.call("resource_strategy", link=link, strategy="all")
        for size in (1, 500_000, 1000):
            talk.resource_sent(
                sender, receiver, link, talk.bytes_of(size), metadata=resource_table.METADATA
            )
    pair.closed(link)


@each_direction
def test_link_that_closes_ends_its_resources(net, direction):
    pair = pairs.start(net, direction)
    for sender, receiver in pair.both_ways():
        link = pair.open()["link"]
        _, number = begun(sender, link, talk.bytes_of(16 * MIB))
        receiver.wait("resource_started", nodes.LINK, link=link)
        pair.closed(link)
        if sender.ours:
            assert ended(sender, link, "out", resource=number)["status"] == "failed"
        if receiver.ours:
            assert ended(receiver, link, "in")["status"] == "failed"


# What is not as it should be


@pytest.mark.ours
@each_direction
def test_metadata_larger_than_the_memory_for_it_is_refused(net, direction):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    pair.own.call("resource_strategy", link=link, strategy="ask", metadata_most=16)
    _, number = begun(pair.peer, link, talk.bytes_of(1000), metadata=resource_table.METADATA)
    assert ended(pair.own, link, "in")["status"] == "failed"
    assert ended(pair.peer, link, "out", resource=number)["status"] == "failed"
    pair.closed(link)


@pytest.mark.ours
@each_direction
@pytest.mark.parametrize("wreck", ["hash", "bomb"])
def test_resource_that_is_not_what_was_offered_is_not_taken(net, direction, wreck):
    pair = pairs.start(net, direction)
    link = pair.open()["link"]
    begun(pair.peer, link, talk.bytes_of(100_000), wreck=wreck, compress=wreck == "bomb")
    arrived = ended(pair.own, link, "in")
    assert (arrived["status"], arrived["size"]) == ("failed", 0)
    assert pair.own.call("link_info", link=link)["state"] == "active"
    pair.closed(link)


class Parts:
    """Acts on every so many-th part of a resource."""

    def __init__(self, every, act):
        self.every, self.act, self.seen, self.done = every, act, 0, 0

    def __call__(self, frame, to_server):
        if raw.context(frame) != raw.CONTEXT_RESOURCE:
            return [frame]
        self.seen += 1
        if self.seen % self.every:
            return [frame]
        self.done += 1
        return self.act(frame)


ACTS = {
    "lost": lambda frame: [],
    "damaged": lambda frame: [raw.changed(frame, 100, 0x10)],
    "doubled": lambda frame: [frame, frame],
}


@each_direction
@pytest.mark.parametrize("act", ACTS)
def test_parts_that_are_lost_damaged_or_doubled_do_no_harm(net, direction, act):
    parts = Parts(10, ACTS[act])
    pair = pairs.start(net, direction, hook=parts, opener_options={"link_mtu_discovery": "no"})
    link = pair.open()["link"]
    for sender, receiver in pair.both_ways():
        talk.resource_sent(sender, receiver, link, talk.bytes_of(100_000), compress=True)
    assert parts.done >= 2 * 100_000 // 464 // 10
    pair.closed(link)
