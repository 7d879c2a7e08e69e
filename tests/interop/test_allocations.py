"""What the processes of ours allocate, by phase, while a Python peer keeps them busy: the core and
the providers nothing, the daemon itself by the number of connections and never by packets. The table
is printed with `-s`, and stands in allocations.txt of the test's folder."""

import os

import pytest

import allocations
import nodes
import raw
import talk
from nodes import tcp_client, tcp_server

MIB = 1 << 20
MANY, MORE = 40, 160  # packets: what is counted for these must not differ
CONNECTIONS = 8
SAVE_EVERY = 300  # seconds
HERE = 2 + 3  # interfaces of the relay: two servers, the two nodes, and who announces
A_CONNECTION = 64  # allocations of the daemon that one may cost, at most

pytestmark = pytest.mark.ours


class World:
    """A Python peer, the daemon between, and the agent around our node: both of ours counted."""

    def __init__(self, net, monkeypatch):
        self.net, ports = net, [net.port(), net.port()]
        net.options.bin = net.options.bin / "counted"
        if not (net.options.bin / "rnsd").exists():
            pytest.skip("this build has no counted programs")
        self.port = ports[0]
        self.relay = self.counted(
            monkeypatch, "rnsd", "relay",
            lambda: net.middle("relay", *(tcp_server(f"leg {n}", p) for n, p in enumerate(ports))),
        )  # fmt: skip
        self.own = self.counted(
            monkeypatch, "testnode", "own", lambda: net.own("own", tcp_client("up", ports[1]))
        )
        monkeypatch.delenv("COUNT_ALLOCATIONS")
        self.peer = net.peer("peer", tcp_client("up", ports[0]))
        self.both = (self.relay, self.own)
        self.end("start-up")

    def counted(self, monkeypatch, program, name, start):
        folder = self.net.folder / f"{name}-phases"
        folder.mkdir()
        monkeypatch.setenv("COUNT_ALLOCATIONS", str(folder))
        path = self.net.options.bin / program
        return allocations.Counted(start(), folder, allocations.Program(path))

    def end(self, name):
        for each in self.both:
            each.end(name)

    def ways(self):
        own = self.own.process
        return ((self.peer, own), (own, self.peer))


def connect(world, count):
    clients = [raw.Client(world.port) for _ in range(count)]
    for client in clients:
        client.send(raw.announce(raw.Identity(), "reticule.counted")[1])
    nodes.wait_until(
        lambda: listed(world.relay.process) == HERE + count, nodes.START, "all are connected"
    )
    for client in clients:
        client.close()
    nodes.wait_until(lambda: listed(world.relay.process) == HERE, nodes.START, "all are gone")


def listed(daemon):
    return len(daemon.status()["interfaces"])


def announce(world, client, count):
    """Each of another destination, heard on both sides."""
    made = [raw.announce(raw.Identity(), "reticule.counted", b"app data") for _ in range(count)]
    client.send(*(frame for _, frame in made))
    for dest, _ in made:
        for _, listener in world.ways():
            listener.wait("announce", nodes.ANNOUNCE_HOP * 2, dest=dest.hex())


def packets(world, dests, count):
    for (host, sender), dest in zip(world.ways(), dests, strict=True):
        for _ in range(count):
            talk.packet_proved(sender, host, dest, 2)


def each_link(world, dests, use, count=1):
    for (host, caller), dest in zip(world.ways(), dests, strict=True):
        for _ in range(count):
            link = talk.link_opened(caller, host, dest)["link"]
            use(caller, host, dest, link)
            talk.link_closed(caller, host, link, "initiator")


def messages(count):
    def use(caller, host, dest, link):
        for sender, receiver in ((caller, host), (host, caller)):
            for _ in range(count):
                talk.message_proved(sender, receiver, link)
                talk.channel_crossed(sender, receiver, link)

    return use


def requests(count):
    def use(caller, host, dest, link):
        for number in range(count):
            talk.request_answered(caller, host, dest, link)
            data = talk.bytes_of(4000).hex()
            asked = caller.call("request", link=link, path="/reverse", data=data)["request"]
            host.wait("request", nodes.LINK, link=link, data=data)
            assert caller.wait("response", nodes.LINK, request=asked)["status"] == "ready"

    return use


def resources(size, kind, compress):
    def use(caller, host, dest, link):
        for sender, receiver in ((caller, host), (host, caller)):
            talk.resource_sent(sender, receiver, link, talk.bytes_of(size, kind), compress=compress)

    return use


def save(world):
    """The tables are written each five minutes, when something changed."""
    own = world.own.process
    own.call("skip", seconds=SAVE_EVERY + 1)
    file = own.folder / "storage" / "known_destinations"
    nodes.wait_until(file.exists, nodes.START, "the tables are written")


def run(world):
    """Everything once, so that what is made at the first use is there; then by phase."""
    dests = [talk.announced(speaker, listener, 2) for speaker, listener in world.ways()]
    client = raw.Client(world.port)
    announce(world, client, 1)
    packets(world, dests, 1)
    steps = {
        f"{CONNECTIONS} connections": lambda: connect(world, CONNECTIONS),
        f"per packet: {MANY} announces": lambda: announce(world, client, MANY),
        f"per packet: {MORE} announces": lambda: announce(world, client, MORE),
        f"per packet: {MANY} proved": lambda: packets(world, dests, MANY // 2),
        f"per packet: {MORE} proved": lambda: packets(world, dests, MORE // 2),
        "per link: 10": lambda: each_link(world, dests, lambda *_: None, 5),
        f"per packet: {2 * MANY} on links": lambda: each_link(world, dests, messages(MANY // 4)),
        f"per packet: {2 * MORE} on links": lambda: each_link(world, dests, messages(MORE // 4)),
        "per transfer: 20 requests": lambda: each_link(world, dests, requests(5)),
        "per transfer: 4 resources of 1 MiB": lambda: each_link(
            world, dests, resources(MIB, "noise", False)
        ),
        "per transfer: 4 compressed": lambda: each_link(
            world, dests, resources(300_000, "half", True)
        ),
        "a save of the tables": lambda: save(world),
    }
    world.end("before")
    for name, step in steps.items():
        step()
        world.end(name)
    return steps


def test_core_and_providers_allocate_nothing(net, monkeypatch):
    world = World(net, monkeypatch)
    run(world)
    text = "\n\n".join(allocations.table(each) for each in world.both)
    (net.folder / "allocations.txt").write_text(text + "\n")
    print(f"\n{text}")
    # What the agent allocates while the core tells it something is seen to come through the core.
    assert all(phase.through["core"] for phase in world.own.phases[3:-1])
    for counted in world.both:
        for phase in counted.phases:
            assert phase.lost == 0
            assert phase.calls["core"] == 0, (phase.name, phase.sites)
        for phase in counted.phases[1:]:
            assert phase.calls["providers"] == 0, (phase.name, phase.sites)
            host = phase.calls["host"] + phase.calls["libraries"]
            connected = "connections" in phase.name
            assert host <= (CONNECTIONS * A_CONNECTION if connected else A_CONNECTION), phase.sites
    by_name = {each.name: each.calls["host"] for each in world.relay.phases}
    for few, many in (("per packet: {} proved", "per packet: {} proved"),
                      ("per packet: {} announces", "per packet: {} announces"),
                      ("per packet: {} on links", "per packet: {} on links")):  # fmt: skip
        factor = 2 if "links" in few else 1
        assert by_name[few.format(factor * MANY)] == by_name[many.format(factor * MORE)]
