"""Our node and the reference, in each direction: `ours_opens` has our node open the links, and
`theirs_opens` the reference."""

import signal
from dataclasses import dataclass

import pytest

import nodes
import talk
from nodes import tcp_client, tcp_server

DIRECTIONS = ("ours_opens", "theirs_opens")
ROUTES = {"direct": 0, "one_relay": 1, "two_relays": 2}  # nodes of ours between the two

UNRELATED = (  # what others say at the same time, and what a destination has for good
    "inbox_announce",
    "inbox_ask",
    "announce_queue",
    "tunnel",
    "dest",
    "request_handler",
)
each_direction = pytest.mark.parametrize("direction", DIRECTIONS)


@dataclass
class Pair:
    opener: nodes.Agent
    host: nodes.Agent
    own: nodes.Agent
    peer: nodes.Agent
    hops: int
    proxy: object = None
    before: dict = None  # what our node held before a link was opened

    def known(self, **options):
        """A destination of the host that the opener may open links to."""
        return talk.announced(self.host, self.opener, self.hops, **options)

    def open(self, **options):
        dest = self.known(**options)
        self.before = self.taken()
        return talk.link_opened(self.opener, self.host, dest)

    def closed(self, link):
        """The opener closes the link, and our node holds no more than before it was opened."""
        talk.link_closed(self.opener, self.host, link, "initiator")
        nodes.wait_until(lambda: self.taken() == self.before, nodes.LINK, self.difference)

    def taken(self):
        return taken(self.own) if self.own.ours else None

    def difference(self):
        return str(set(self.taken().items()) - set(self.before.items()))

    def both_ways(self):
        return (self.opener, self.host), (self.host, self.opener)


def taken(agent):
    """What stands in each row that holds buffers, and what is pinned in each that is a cache."""
    return {
        pool["name"]: pool["pinned"] if pool["cull"] else pool["used"]
        for pool in agent.call("pools")["pools"]
        if pool["name"] not in UNRELATED
    }


def pair_of(own, peer, direction, hops, proxy=None):
    opener, host = (own, peer) if direction == "ours_opens" else (peer, own)
    return Pair(opener, host, own, peer, hops, proxy)


def start(net, direction, relays=0, hook=None, opener_options=None, own_options=None):
    """The two nodes, with so many nodes of ours between them, or with a proxy (`hook`)."""
    options = {"own": own_options or {}, "peer": {}}
    options["own" if direction == "ours_opens" else "peer"].update(opener_options or {})
    if relays:
        return through(net, direction, relays, options)
    port, wire = net.port(), None
    own = net.own("own", tcp_server("up", port), **options["own"])
    nodes.wait_until(lambda: nodes.listening(port, "tcp"), nodes.START, "our node listens")
    if hook:
        port, wire = net.proxy(port, hook)
    peer = net.peer("peer", tcp_client("up", port), **options["peer"])
    return pair_of(own, peer, direction, 1, wire)


def through(net, direction, relays, options):
    ports = [net.port() for _ in range(relays + 1)]
    for number in reversed(range(relays)):  # a server listens before its client comes
        ahead = (
            tcp_server("ahead", ports[relays])
            if number == relays - 1
            else tcp_client("ahead", ports[number + 1])
        )
        net.middle(f"relay {number}", tcp_server("behind", ports[number]), ahead)
    own = net.own("own", tcp_client("up", ports[0]), **options["own"])
    peer = net.peer("peer", tcp_client("up", ports[-1]), **options["peer"])
    return pair_of(own, peer, direction, relays + 1)


def stop(agent):
    """The process stands still; its sockets stay."""
    agent.signal(signal.SIGSTOP)
