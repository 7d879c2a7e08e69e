"""Two reference nodes talk through the node in the middle, over TCP."""

import time

import pytest

import layouts
import nodes
import talk

each_layout = pytest.mark.parametrize("layout", layouts.ALL_TCP, ids=lambda layout: layout.__name__)


@pytest.mark.old
@each_layout
def test_announces_and_packets_cross_both_ways(net, layout):
    row = layout(net)
    for speaker, listener in ((row.b, row.a), (row.a, row.b)):
        dest = talk.announced(speaker, listener, row.hops)
        receipt = talk.packet_proved(listener, speaker, dest, row.hops)
        assert receipt["proof"] == "implicit"


@pytest.mark.old
@each_layout
def test_link_converses_identifies_and_closes(net, layout):
    row = layout(net)
    dest = talk.announced(row.b, row.a, row.hops, ratchets=True)
    opened = talk.link_conversation(row.a, row.b, dest)
    assert opened["hops"] == row.hops


@pytest.mark.old
@each_layout
def test_five_megabytes_cross_with_the_link_mtu_of_the_reference(net, layout):
    row = layout(net)
    dest = talk.announced(row.b, row.a, row.hops)
    opened = talk.resource_crossed(row.a, row.b, dest, talk.FIVE_MB)
    assert opened["mtu"] == talk.tcp_mtu(row.a)


def test_host_of_a_link_sends_a_resource_and_closes_it(net):
    row = layouts.clients_of_one(net)
    dest = talk.announced(row.b, row.a, row.hops)
    link = talk.link_opened(row.a, row.b, dest)["link"]
    talk.resource_sent(row.b, row.a, link, talk.bytes_of(300_000))
    row.b.call("link_close", link=link)
    assert row.a.wait("link_closed", nodes.LINK, link=link)["reason"] == "destination"


def test_slower_leg_clamps_the_link_mtu(net):
    row = layouts.clients_of_one(net, b_leg={"bitrate": 1_000_000})
    dest = talk.announced(row.b, row.a, row.hops)
    opened = talk.resource_crossed(row.a, row.b, dest, 100_000)
    assert opened["mtu"] == 2048


def test_explicit_proofs_return(net):
    to_a, to_b = net.port(), net.port()
    net.middle("middle", nodes.tcp_server("to a", to_a), nodes.tcp_server("to b", to_b))
    a = net.peer("a", nodes.tcp_client("up", to_a))
    b = net.peer("b", nodes.tcp_client("up", to_b), use_implicit_proof="No")
    dest = talk.announced(b, a, 2)
    assert talk.packet_proved(a, b, dest, 2)["proof"] == "explicit"


@pytest.mark.old
def test_peers_on_one_interface_of_the_middle_reach_each_other(net):
    port = net.port()
    net.middle("middle", nodes.tcp_server("all", port))
    a, b = (net.peer(name, nodes.tcp_client("up", port)) for name in "ab")
    dest = talk.announced(b, a, 2)
    talk.packet_proved(a, b, dest, 2)


def test_packet_to_a_destination_that_proves_nothing_arrives_and_its_receipt_fails(net):
    row = layouts.clients_of_one(net)
    dest = talk.announced(row.b, row.a, row.hops, proof="none")
    sent = row.a.call("send", dest=dest["dest"], data="00", timeout=1)
    row.b.wait("packet", nodes.PROOF_HOP, packet=sent["packet"])
    assert row.a.wait("receipt", nodes.PROOF_HOP, receipt=sent["receipt"])["status"] == "failed"


def test_newer_announce_replaces_app_data(net):
    row = layouts.clients_of_one(net)
    dest = talk.announced(row.b, row.a, row.hops)
    second = int(time.time())
    nodes.wait_until(lambda: int(time.time()) > second, 2, "the next second")
    talk.announce(row.b, dest, "second")
    talk.hear(row.a, dest, row.hops, "second")
    assert row.a.call("recall", dest=dest["dest"])["app_data"] == talk.text("second")
