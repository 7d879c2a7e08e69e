"""Ingress control, announce rates and announce caps: the tests that are about them set them
themselves."""

import time

import nodes
import raw
from nodes import tcp_server

BURST = 30
LET_THROUGH = 5  # of a burst, before its frequency is known to be above 3 a second
SLOW = 62_500  # bits a second
CAP = 2  # per cent of it: an announce of 183 bytes takes 1.2 seconds


class Legs:
    """A node whose first leg is under test; announces go in on one leg and are heard on another."""

    def __init__(self, net, into=None, out=None):
        ports = [net.port() for _ in range(3)]
        legs = zip(("into", "out", "calm"), ports, (into or {}, out or {}, {}))
        self.middle = net.middle(
            "middle", *(tcp_server(name, port, **options) for name, port, options in legs)
        )
        self.into, self.out, self.calm = map(raw.Client, ports)
        self.identity, self.names, self.second = raw.Identity(), 0, int(time.time()) - 1000

    def announce(self, name):
        """Each announce is a second newer than the one before."""
        self.second += 1
        blob = raw.random_blob(self.second)
        dest, frame = raw.announce(self.identity, f"reticule.{name}", blob=blob)
        self.into.send(frame)
        return dest

    def new(self):
        self.names += 1
        return self.announce(f"number{self.names}")

    def heard(self, client, dest, times=1):
        return len({frame[-64:] for frame in client.announces(dest)}) >= times

    def await_heard(self, client, dest, times=1):
        def heard():
            return self.heard(client, dest, times)

        nodes.wait_until(heard, nodes.ANNOUNCE_HOP, f"announce {times} of {dest.hex()}")


def test_burst_of_unknown_announces_is_held_and_a_known_one_passes(net):
    legs = Legs(net, into={"ingress_control": "yes"})
    known = legs.announce("known")
    legs.await_heard(legs.out, known)
    for _ in range(BURST):
        legs.new()
    legs.announce("known")
    legs.await_heard(legs.out, known, times=2)
    assert legs.middle.paths() <= 1 + LET_THROUGH


def test_burst_passes_without_ingress_control(net):
    legs = Legs(net)
    dests = [legs.new() for _ in range(BURST)]
    for dest in dests:
        legs.await_heard(legs.out, dest)


def test_announces_above_their_rate_are_learned_and_not_passed_on(net):
    legs = Legs(
        net,
        into={"announce_rate_target": 3600, "announce_rate_grace": 0, "announce_rate_penalty": 0},
    )
    hasty = legs.announce("hasty")
    legs.await_heard(legs.out, hasty)
    legs.announce("hasty")
    for _ in range(2):  # what was due before the first of them is out when the second is
        legs.await_heard(legs.out, legs.new())
    assert not legs.heard(legs.out, hasty, times=2)


def test_announces_within_their_grace_are_passed_on(net):
    legs = Legs(
        net,
        into={"announce_rate_target": 3600, "announce_rate_grace": 5, "announce_rate_penalty": 0},
    )
    hasty = legs.announce("hasty")
    for times in (1, 2, 3):
        legs.await_heard(legs.out, hasty, times)
        legs.announce("hasty")


def test_announce_cap_spreads_announces_on_a_slow_leg(net):
    legs = Legs(net, out={"bitrate": SLOW, "announce_cap": CAP})
    dests = [legs.new() for _ in range(10)]
    for dest in dests:
        legs.await_heard(legs.calm, dest)

    def on_slow_leg():
        return sum(legs.heard(legs.out, dest) for dest in dests)

    assert on_slow_leg() <= 3
    before = on_slow_leg()
    nodes.wait_until(lambda: on_slow_leg() >= before + 2, nodes.ANNOUNCE_HOP, "the queue drains")
