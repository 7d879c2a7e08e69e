"""One storage folder serves the reference and ours in turn: paths, tunnels, known destinations, identity."""

import pytest

import layouts
import nodes
import talk


def argv(net, middle, reference):
    if reference:
        node = nodes.HERE / "reference_node.py"
        return [str(word) for word in (net.options.reference_python, node, "--config", middle.folder)]
    return [str(word) for word in net.middle_argv(middle.folder)]


def swap(net, middle, reference):
    """The node in the middle ends, and the other kind starts in its folder."""
    middle.terminate()
    middle.argv, middle.ours = argv(net, middle, reference), not (reference or net.options.reference)
    middle.start()


def built(net, first, build):
    """What is built with the reference, or ours, in the middle."""
    tested = net.options.reference
    net.options.reference = tested or first == "reference"
    made = build(net)
    net.options.reference = tested
    return made


def damaged(middle):
    return [path.name for path in (middle.folder / "storage").rglob("*.damaged-*")]


LAYOUTS = [layouts.client_between, layouts.clients_of_one]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
@pytest.mark.parametrize("first", ["reference", "ours"])
def test_the_folder_is_handed_to_and_fro(net, layout, first):
    row = built(net, first, layout)
    middle = row.middles[0]
    there, here = talk.announced(row.b, row.a, 2), talk.announced(row.a, row.b, 2)
    key = middle.identity_key()
    for reference in (first != "reference", first == "reference"):
        swap(net, middle, reference)
        talk.packet_gets_through(row.a, row.b, there, nodes.RECONNECT)
        talk.packet_gets_through(row.b, row.a, here, nodes.RECONNECT)
        assert middle.identity_key() == key
        assert not damaged(middle)
    assert not row.a.heard("announce") and not row.b.heard("announce")


@pytest.mark.parametrize("first", ["reference", "ours"])
def test_path_requests_are_answered_from_the_others_announces(net, first):
    to_a, to_b = net.port(), net.port()
    b = net.peer("b", nodes.tcp_server("up", to_b))
    interfaces = nodes.tcp_server("to a", to_a), nodes.tcp_client("to b", to_b)
    middle = built(net, first, lambda net: net.middle("middle", *interfaces))
    dest = talk.destination(b)
    nodes.wait_until(lambda: layouts.has_client(b), nodes.RECONNECT, "the middle has connected")
    talk.announce(b, dest, "kept")
    nodes.wait_until(
        lambda: middle.paths() == 1, nodes.ANNOUNCE_HOP, "the middle has learned the path"
    )
    swap(net, middle, reference=first != "reference")
    a = net.peer("a", nodes.tcp_client("up", to_a))
    talk.path_found(a, dest, 2)
    assert a.call("recall", dest=dest["dest"])["app_data"] == talk.text("kept")


@pytest.mark.ours
def test_a_damaged_file_costs_only_what_stood_in_it(net):
    row = layouts.client_between(net)
    middle = row.middles[0]
    dest = talk.announced(row.b, row.a, 2)
    key = middle.identity_key()
    middle.terminate()
    storage = middle.folder / "storage"
    (storage / "known_destinations").write_bytes(b"\xdf garbage")
    (storage / "tunnels").write_bytes(b"")
    middle.start()
    assert middle.identity_key() == key
    talk.packet_gets_through(row.a, row.b, dest, nodes.RECONNECT)
    assert {name.split(".damaged-")[0] for name in damaged(middle)} == {"known_destinations", "tunnels"}
