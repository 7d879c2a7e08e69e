"""Path requests through the node in the middle. A path is asked for once per destination."""

import layouts
import nodes
import raw
import talk
from nodes import tcp_client, tcp_server


def test_path_is_answered_for_a_peer_that_comes_later(net):
    to_a, to_b = net.port(), net.port()
    middle = net.middle("middle", tcp_server("to a", to_a), tcp_server("to b", to_b))
    b = net.peer("b", tcp_client("up", to_b))
    dest = talk.destination(b)
    talk.announce(b, dest, "early")
    nodes.wait_until(
        lambda: middle.paths() == 1, nodes.ANNOUNCE_HOP, "the middle has learned the path"
    )
    settled(middle)
    a = net.peer("a", tcp_client("up", to_a))
    talk.path_found(a, dest, 2)
    talk.target(a, dest)
    talk.packet_proved(a, b, dest, 2)


def settled(middle):
    """No announce waits to be sent again, so that what a newcomer hears is an answer."""
    nodes.wait_until(
        lambda: middle.status()["announces"] == 0, nodes.ANNOUNCE_HOP, "announces are done"
    )


def test_path_is_searched_for_a_gateway_leg(net):
    row = layouts.clients_of_one(net, a_mode="gateway")
    dest = talk.destination(row.b, app_data=talk.text("asked"))
    talk.path_found(row.a, dest, row.hops)
    talk.target(row.a, dest)
    assert row.a.call("recall", dest=dest["dest"])["app_data"] == talk.text("asked")
    talk.packet_proved(row.a, row.b, dest, row.hops)
    talk.link_conversation(row.a, row.b, dest)


def test_path_is_searched_with_recursive_prs_on_a_full_leg(net):
    row = layouts.clients_of_one(net, a_leg={"recursive_prs": "yes"})
    dest = talk.destination(row.b)
    talk.path_found(row.a, dest, row.hops)


def test_path_is_searched_through_two(net):
    to_a, between, to_b = net.port(), net.port(), net.port()
    net.middle(
        "left",
        tcp_server("to a", to_a, mode="gateway"),
        tcp_server("to right", between, mode="gateway"),
    )
    net.middle("right", tcp_client("to left", between, mode="gateway"), tcp_server("to b", to_b))
    a = net.peer("a", tcp_client("up", to_a))
    b = net.peer("b", tcp_client("up", to_b))
    dest = talk.destination(b)
    talk.path_found(a, dest, 3)
    talk.target(a, dest)
    talk.packet_proved(a, b, dest, 3)


def test_second_asker_is_answered_too(net):
    """Both ask before anyone can answer; the announce that comes then is sent to both at once."""
    ports = [net.port() for _ in range(3)]
    net.middle(
        "middle", *(tcp_server(f"leg {n}", port, mode="gateway") for n, port in enumerate(ports))
    )
    askers = [net.peer(name, tcp_client("up", port)) for name, port in zip("ac", ports)]
    b = raw.Client(ports[2])
    dest, frame = raw.announce(raw.Identity(), "reticule.awaited")
    for asker, other in (askers, askers[::-1]):
        asker.call("request_path", dest=dest.hex())
        talk.announced(asker, other, 2)  # what was sent before it has been taken
    b.send(frame)
    for asker in askers:
        event = asker.wait("announce", nodes.PATH, dest=dest.hex())
        assert event["path_response"] and event["hops"] == 2


def test_path_request_without_an_answer_leaves_no_path(net):
    row = layouts.clients_of_one(net)
    dest = "00112233445566778899aabbccddeeff"
    row.a.call("request_path", dest=dest)
    talk.announced(row.b, row.a, row.hops)
    assert row.a.call("has_path", dest=dest)["path"] is False
