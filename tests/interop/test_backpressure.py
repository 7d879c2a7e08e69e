"""Full queues and slow readers cost time or the reader's own frames, never the frames of others.
The reference drops here, so these tests are for ours; with --scale below 1 the counts are small
enough for the reference to keep up."""

import threading
import time

import pytest

import nodes
import raw
from nodes import tcp_server

pytestmark = pytest.mark.ours

ANNOUNCES, PACKETS = 20_000, 100_000
SLOW_READER = 2_000_000  # bytes a second
PAYLOAD = bytes(range(100))
STALLED_BYTES = 24_000_000  # towards a reader that has stopped: more than kernel and node may keep
ANNOUNCES_LIMIT = 90.0  # seconds for 20,000 announces
BEAT = 0.05  # seconds between the packets of the traffic beside
BEAT_LIMIT = 1.0  # seconds that one of those may take
KEPT_BYTES = (
    16_000_000  # that a node may hold for one reader: 4 MiB of its own, and the frames' slots
)


def test_announces_written_at_once_are_all_taken(net, options):
    count = int(ANNOUNCES * options.scale)
    port = net.port()
    middle = net.middle("middle", tcp_server("all", port))
    identity = raw.Identity()
    frames = [raw.announce(identity, f"reticule.many{number}")[1] for number in range(count)]
    client = raw.Client(port)
    client.send(*frames)

    def known():
        return f"{middle.paths()} of {count} paths are known"

    nodes.wait_until(lambda: middle.paths() == count, ANNOUNCES_LIMIT, known)
    assert not client.closed


class Crossing:
    """A node with three legs: packets cross from a source to a sink, others from one bystander to
    another."""

    def __init__(self, net, **sink_options):
        net.profile = "router"  # so that its duplicate filter is full long before the end
        ports = [net.port() for _ in range(3)]
        self.middle = net.middle(
            "middle", *(tcp_server(f"leg {n}", port) for n, port in enumerate(ports))
        )
        self.via = raw.Identity(self.middle.identity_key()).hash
        self.arrived = self.beside = 0
        self.latest, self.sent_at = 0.0, {}
        self.source = raw.Client(ports[0])
        self.sink = raw.Client(ports[1], on_frame=self.on_sink, **sink_options)
        self.bystander = raw.Client(ports[2], on_frame=self.on_bystander)
        self.sink_dest = self.join(self.sink, "reticule.sink")
        self.bystander_dest = self.join(self.bystander, "reticule.bystander")
        nodes.wait_until(
            lambda: self.middle.paths() == 2, nodes.ANNOUNCE_HOP, "both paths are known"
        )

    def join(self, client, name):
        dest, frame = raw.announce(raw.Identity(), name)
        client.send(frame)
        return dest

    def on_sink(self, frame):
        if raw.kind(frame) == raw.DATA and raw.address(frame) == self.sink_dest:
            self.arrived += 1

    def on_bystander(self, frame):
        if raw.kind(frame) == raw.DATA and raw.address(frame) == self.bystander_dest:
            self.beside += 1
            number = int.from_bytes(frame[-8:], "big")
            self.latest = max(self.latest, time.monotonic() - self.sent_at[number])

    def packet(self, dest, number):
        return raw.packet(raw.DATA, dest, PAYLOAD + number.to_bytes(8, "big"), via=self.via)

    def load(self, count):
        """Write packets for the sink from a thread of their own, as fast as the node takes them."""
        blocks = [range(start, min(start + 500, count)) for start in range(0, count, 500)]

        def write():
            for block in blocks:
                self.source.send(*(self.packet(self.sink_dest, number) for number in block))

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        return thread

    def passes(self, client):
        """One packet from this client arrives at the bystander."""
        before = self.beside
        self.sent_at[before] = time.monotonic()
        client.send(self.packet(self.bystander_dest, before))
        nodes.wait_until(lambda: self.beside == before + 1, BEAT_LIMIT, "the packet arrives")

    def beat(self, client, done, limit):
        """Send a packet to the bystander every now and then until `done()`; each must arrive
        soon."""
        end, number = time.monotonic() + limit, 0
        while not done():
            assert time.monotonic() < end, (
                f"not done within {limit:.0f} s, {self.arrived} have arrived"
            )
            self.sent_at[number] = time.monotonic()
            client.send(self.packet(self.bystander_dest, number))
            number += 1
            time.sleep(BEAT)
        nodes.wait_until(
            lambda: self.beside == number,
            BEAT_LIMIT,
            f"{number} packets beside, {self.beside} arrived",
        )
        assert self.latest < BEAT_LIMIT


def test_slow_reader_gets_every_packet_while_other_traffic_goes_on(net, options):
    count = int(PACKETS * options.scale)
    crossing = Crossing(net, rate=SLOW_READER, receive_buffer=65536)
    beside = raw.Client(crossing.middle.ports[2][0])
    crossing.load(count)
    seconds = count * len(crossing.packet(crossing.sink_dest, 0)) / SLOW_READER
    crossing.beat(beside, lambda: crossing.arrived >= count, 3 * (seconds + 5))
    assert crossing.arrived == count


def test_reader_that_stops_for_good_costs_only_its_own_frames(net, options):
    crossing = Crossing(net, receive_buffer=65536)
    crossing.sink.reading.clear()
    held = crossing.middle.resident()
    size = len(crossing.packet(crossing.sink_dest, 0))
    loading = crossing.load(int(STALLED_BYTES * options.scale) // size)
    beside = raw.Client(crossing.middle.ports[2][0])
    crossing.beat(beside, lambda: not loading.is_alive(), 60)
    crossing.passes(crossing.source)
    assert crossing.middle.resident() - held < KEPT_BYTES
    assert not crossing.middle.ours or crossing.middle.dropped() > 0
