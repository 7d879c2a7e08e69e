"""The rows of nodes that tests talk through: A, the node or nodes in the middle, B."""

from dataclasses import dataclass

import nodes
from nodes import tcp_client, tcp_server, udp

KEYED = {"network_name": "reticule", "passphrase": "a test of the access code"}


@dataclass
class Row:
    a: nodes.Agent
    b: nodes.Agent
    middles: list
    hops: int  # from one end to the other


def clients_of_one(net, a_leg=None, b_leg=None, a_mode=None):
    """A and B are TCP clients of the node in the middle; a leg's options go to both of its ends."""
    a_leg, b_leg = a_leg or {}, b_leg or {}
    to_a, to_b = net.port(), net.port()
    middle = net.middle(
        "middle",
        tcp_server("to a", to_a, **a_leg, **({"mode": a_mode} if a_mode else {})),
        tcp_server("to b", to_b, **b_leg),
    )
    a = net.peer("a", tcp_client("up", to_a, **a_leg))
    b = net.peer("b", tcp_client("up", to_b, **b_leg))
    return Row(a, b, [middle], 2)


def client_between(net):
    """The node in the middle is a TCP client of both ends."""
    to_a, to_b = net.port(), net.port()
    a = net.peer("a", tcp_server("up", to_a))
    b = net.peer("b", tcp_server("up", to_b))
    middle = net.middle("middle", tcp_client("to a", to_a), tcp_client("to b", to_b))
    for agent in (a, b):
        nodes.wait_until(lambda: has_client(agent), nodes.RECONNECT, "the middle has connected")
    return Row(a, b, [middle], 2)


def has_client(agent):
    """A server's interface and the one it has made for a client."""
    return len(agent.call("interfaces")["interfaces"]) > 1


def two_between(net):
    to_a, between, to_b = net.port(), net.port(), net.port()
    left = net.middle("left", tcp_server("to a", to_a), tcp_server("to right", between))
    right = net.middle("right", tcp_client("to left", between), tcp_server("to b", to_b))
    a = net.peer("a", tcp_client("up", to_a))
    b = net.peer("b", tcp_client("up", to_b))
    return Row(a, b, [left, right], 3)


def access_code_on_one_leg(net):
    return clients_of_one(net, a_leg=KEYED)


def access_codes_on_both_legs(net):
    return clients_of_one(net, a_leg=KEYED, b_leg={"passphrase": "another", "ifac_size": 64})


def over_udp(net):
    ports = [net.port() for _ in range(4)]
    middle = net.middle("middle", udp("to a", ports[0], ports[1]), udp("to b", ports[2], ports[3]))
    a = net.peer("a", udp("up", ports[1], ports[0]))
    b = net.peer("b", udp("up", ports[3], ports[2]))
    return Row(a, b, [middle], 2)


def udp_and_tcp(net):
    listen, forward, to_b = net.port(), net.port(), net.port()
    middle = net.middle("middle", udp("to a", listen, forward), tcp_server("to b", to_b))
    a = net.peer("a", udp("up", forward, listen))
    b = net.peer("b", tcp_client("up", to_b))
    return Row(a, b, [middle], 2)


ALL_TCP = [
    clients_of_one,
    client_between,
    two_between,
    access_code_on_one_leg,
    access_codes_on_both_legs,
]
