"""The node in the middle ends and comes back while its peers stay."""

import pytest

import layouts
import nodes
import talk
from nodes import tcp_client, tcp_server

SAVE_EVERY = 300  # seconds: how old the tables of a node may be when it is killed
SAVED = 3 * 6.0  # the store looks every five seconds whether that time is over
RESTART_LAYOUTS = [layouts.clients_of_one, layouts.client_between, layouts.access_code_on_one_leg]


def back(row):
    for agent in (row.a, row.b):
        nodes.wait_until(
            lambda: connected(agent), nodes.RECONNECT, f"{agent.name} is connected again"
        )


def connected(agent):
    return agent.online("up") and all(
        each["online"] for each in agent.call("interfaces")["interfaces"]
    )


@pytest.mark.old
@pytest.mark.parametrize("layout", RESTART_LAYOUTS, ids=lambda layout: layout.__name__)
def test_paths_are_kept_over_sigterm(net, layout):
    row = layout(net)
    middle = row.middles[0]
    there, here = talk.announced(row.b, row.a, 2), talk.announced(row.a, row.b, 2)
    key = middle.identity_key()
    middle.terminate()
    middle.start()
    talk.packet_gets_through(row.a, row.b, there, nodes.RECONNECT)
    talk.packet_gets_through(row.b, row.a, here, nodes.RECONNECT)
    assert middle.identity_key() == key
    assert not row.a.heard("announce") and not row.b.heard("announce")
    talk.link_conversation(row.a, row.b, there)
    talk.resource_crossed(row.a, row.b, there, 1_000_000)


def test_path_requests_are_answered_from_what_was_kept_over_sigterm(net):
    to_a, to_b = net.port(), net.port()
    b = net.peer("b", tcp_server("up", to_b))
    middle = net.middle("middle", tcp_server("to a", to_a), tcp_client("to b", to_b))
    dest = talk.destination(b)
    nodes.wait_until(lambda: layouts.has_client(b), nodes.RECONNECT, "the middle has connected")
    talk.announce(b, dest, "kept")
    nodes.wait_until(
        lambda: middle.paths() == 1, nodes.ANNOUNCE_HOP, "the middle has learned the path"
    )
    middle.terminate()
    middle.start()
    a = net.peer("a", tcp_client("up", to_a))
    talk.path_found(a, dest, 2)
    assert a.call("recall", dest=dest["dest"])["app_data"] == talk.text("kept")


@pytest.mark.old
def test_peers_recover_by_path_request_after_sigkill(net):
    row = layouts.clients_of_one(net, a_leg={"mode": "gateway"})
    middle = row.middles[0]
    dest = talk.announced(row.b, row.a, 2)
    key = middle.identity_key()
    middle.kill()
    middle.start()
    back(row)
    assert middle.identity_key() == key
    row.a.call("request_path", dest=dest["dest"])
    talk.packet_gets_through(row.a, row.b, dest, nodes.PATH)
    assert row.a.call("has_path", dest=dest["dest"])["hops"] == 2
    talk.link_conversation(row.a, row.b, dest)


def saved(middle):
    """The last file of the periodic save is there."""
    return (middle.folder / "storage" / "tunnels").exists()


def has_sent(agent):
    return any(each["txb"] > 0 for each in agent.call("interfaces")["interfaces"])


@pytest.mark.ours
@pytest.mark.parametrize("kept_by", ["path", "tunnel"])
def test_tables_are_at_most_five_minutes_old_after_sigkill(net, kept_by):
    """What the node knows when the five minutes are over is there again, from the periodic save
    alone: paths over its own clients with their interface, those over its server with the tunnel
    of the far end."""
    to_a, to_b = net.port(), net.port()
    leg, far_leg = (tcp_client, tcp_server) if kept_by == "path" else (tcp_server, tcp_client)
    middle = net.own("middle", tcp_server("to a", to_a), leg("to b", to_b), transport=True)
    a, b = net.peer("a", tcp_client("up", to_a)), net.peer("b", far_leg("up", to_b))
    nodes.wait_until(lambda: middle.online("to b"), nodes.RECONNECT, "the middle is connected to b")
    if kept_by == "tunnel":
        nodes.wait_until(lambda: has_sent(b), nodes.RECONNECT, "b has said which tunnel it is")
    kept = talk.announced(b, a, 2)
    assert not saved(middle)
    middle.call("skip", seconds=SAVE_EVERY)
    nodes.wait_until(lambda: saved(middle), SAVED, "the tables are written")
    lost = talk.announced(b, a, 2)
    identity = middle.about["transport_id"]
    middle.kill()
    middle.start()
    assert middle.about["transport_id"] == identity
    assert middle.call("recall", dest=kept["dest"])["identity"] == kept["identity"]
    talk.packet_gets_through(a, b, kept, nodes.RECONNECT)
    assert middle.call("has_path", dest=kept["dest"])["hops"] == 1
    assert not middle.call("has_path", dest=lost["dest"])["path"]
