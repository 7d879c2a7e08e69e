"""What the modes of the middle's interfaces let through."""

import os

import pytest

import nodes
import raw
import talk
from nodes import tcp_client, tcp_server

# mode of the interface to A, options there, mode of the interface that B's announce came in on,
# whether A hears it
MATRIX = [
    ("full", {}, "boundary", True),
    ("pointtopoint", {}, "roaming", True),
    ("gateway", {}, "roaming", True),
    ("gateway", {}, "access_point", True),
    ("access_point", {}, "full", False),
    ("access_point", {}, "gateway", False),
    ("roaming", {}, "full", True),
    ("roaming", {}, "roaming", False),
    ("roaming", {}, "boundary", False),
    ("boundary", {}, "full", True),
    ("boundary", {}, "boundary", True),
    ("boundary", {}, "roaming", False),
    ("internal", {}, "full", True),
    ("internal", {}, "boundary", False),
    ("full", {"announces_from_internal": "no"}, "internal", False),
    ("full", {"announces_from_internal": "no"}, "full", True),
]


def two_legs(net, mode, extra, from_mode):
    to_a, to_b, to_witness = net.port(), net.port(), net.port()
    net.middle(
        "middle",
        tcp_server("to a", to_a, mode=mode, **extra),
        tcp_server("to b", to_b, mode=from_mode),
        tcp_server("to witness", to_witness),
    )
    return to_a, to_b, to_witness


@pytest.mark.parametrize("mode, extra, from_mode, passes", MATRIX)
def test_announce_passes_as_the_modes_say(net, mode, extra, from_mode, passes):
    a, b, witness = map(raw.Client, two_legs(net, mode, extra, from_mode))
    dest, frame = raw.announce(raw.Identity(), "reticule.modes")
    b.send(frame)
    nodes.wait_until(
        lambda: witness.announces(dest), nodes.ANNOUNCE_HOP, "the announce is passed on"
    )
    after_its_turn(a, dest)
    heard = [frame for frame in a.announces(dest) if context(frame) != raw.CONTEXT_PATH_RESPONSE]
    assert bool(heard) is passes


def context(frame):
    return frame[34] if frame[0] & raw.HEADER_2 else frame[18]


def after_its_turn(client, dest):
    """What was sent to the client before the answer to its path request has arrived when the answer
    has."""
    client.send(raw.path_request(dest))

    def answered():
        return any(context(frame) == raw.CONTEXT_PATH_RESPONSE for frame in client.announces(dest))

    nodes.wait_until(answered, nodes.PATH, "the path request is answered")


def test_access_point_answers_path_requests(net):
    to_a, to_b, _ = two_legs(net, "access_point", {}, "full")
    a, b = net.peer("a", tcp_client("up", to_a)), net.peer("b", tcp_client("up", to_b))
    dest = talk.destination(b)
    talk.announce(b, dest, "quiet")
    talk.path_found(a, dest, 2)
    talk.target(a, dest)
    talk.packet_proved(a, b, dest, 2)


def test_only_some_modes_search_for_unknown_paths(net):
    modes = ("full", "pointtopoint", "access_point", "gateway", "roaming", "internal")
    searching = {"access_point", "gateway", "roaming", "internal"}
    ports, to_b = {mode: net.port() for mode in modes}, net.port()
    net.middle(
        "middle",
        *(tcp_server(f"to {mode}", port, mode=mode) for mode, port in ports.items()),
        tcp_server("to b", to_b),
    )
    b = raw.Client(to_b)
    wanted = {mode: os.urandom(16) for mode in modes}
    for mode, port in ports.items():
        raw.Client(port).send(raw.path_request(wanted[mode]))

    def asked():
        return {mode for mode in modes if any(wanted[mode] in frame for frame in list(b.frames))}

    nodes.wait_until(lambda: asked() >= searching, nodes.PATH, "the searching modes have asked")
    assert asked() == searching


def test_boundary_searches_only_on_boundary_and_gateway(net):
    modes = ("boundary", "gateway", "full", "roaming")
    asking, ports = net.port(), {mode: net.port() for mode in modes}
    net.middle(
        "middle",
        tcp_server("asking", asking, mode="boundary"),
        *(tcp_server(f"to {mode}", port, mode=mode) for mode, port in ports.items()),
    )
    clients = {mode: raw.Client(port) for mode, port in ports.items()}
    wanted = os.urandom(16)
    raw.Client(asking).send(raw.path_request(wanted))

    def asked():
        return {
            mode for mode in modes if any(wanted in frame for frame in list(clients[mode].frames))
        }

    nodes.wait_until(
        lambda: {"boundary", "gateway"} <= asked(), nodes.PATH, "the search has gone out"
    )
    assert asked() == {"boundary", "gateway"}
