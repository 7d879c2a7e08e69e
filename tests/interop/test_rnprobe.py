"""rnprobe against destinations that prove everything: the probe responder of a transport node, and
one of an application."""

import re

import pytest

import nodes
import talk
from nodes import tcp_client, tcp_server
from utilities import OURS, THEIRS, Program

PROBE = "rnstransport.probe"
NOBODY = "00112233445566778899aabbccddeeff"


def responder_hash(middle):
    """What the node says of its probe responder in its log."""

    def found():
        log = "".join(path.read_text(errors="replace") for path in middle.logs())
        return re.search(r"respond to probe requests on <\S+:([0-9a-f]{32})>", log)

    return nodes.wait_until(found, nodes.START, "the log names the responder").group(1)


@pytest.fixture
def transport(net):
    """The node that is tested answers probes; returns it, its port and its responder."""
    port = net.port()
    middle = net.middle("middle", tcp_server("up", port), respond_to_probes="Yes")
    return middle, port, responder_hash(middle)


def prober(net, kind, port):
    return Program(net, kind, "rnprobe", f"prober {kind}", [tcp_client("up", port)])


@pytest.mark.old
@pytest.mark.parametrize("kind", [OURS, THEIRS])
def test_transport_node_answers_probes(net, transport, kind):
    _, port, responder = transport
    result = prober(net, kind, port).run("-n", "2", "-w", "0.2", PROBE, responder)
    assert f"Sent probe 1 (16 bytes) to <{responder}>" in result.out
    assert result.out.count(f"Valid reply from <{responder}>") == 2
    assert len(re.findall(r"Round-trip time is [0-9.]+ milliseconds over 1 hop$", result.out, re.M)) == 2
    assert "Sent 2, received 2, packet loss 0.0%" in result.out
    if kind == OURS:
        assert result.code == 0


def test_verbose_names_the_way(net, transport):
    _, port, responder = transport
    result = prober(net, OURS, port).run("-v", PROBE, responder)
    assert re.search(rf"to <{responder}> via <[0-9a-f]{{32}}> on TCPInterface\[up/", result.out)


def test_probe_reaches_an_application_over_a_transport_node(net, transport):
    _, port, _ = transport
    peer = net.peer("peer", tcp_client("up", port))
    dest = talk.destination(peer)
    talk.announce(peer, dest, "probe me")
    name = ".".join([talk.APP, *talk.ASPECTS])
    result = prober(net, OURS, port).run("-s", "383", name, dest["dest"])
    assert "(383 bytes)" in result.out
    assert "over 2 hops" in result.out
    assert result.code == 0
    peer.wait("packet", nodes.PROOF_HOP, dest=dest["dest"])


def test_destination_that_proves_nothing_is_a_loss(net, transport):
    _, port, _ = transport
    peer = net.peer("peer", tcp_client("up", port))
    dest = talk.destination(peer, proof="none")
    talk.announce(peer, dest, "silence")
    name = ".".join([talk.APP, *talk.ASPECTS])
    result = prober(net, OURS, port).run("-t", "3", name, dest["dest"])
    assert "Probe timed out" in result.out
    assert "Sent 1, received 0, packet loss 100.0%" in result.out
    assert result.code == 2


def test_unknown_destination_is_no_path(net, transport):
    _, port, _ = transport
    result = prober(net, OURS, port).run("-t", "2", PROBE, NOBODY)
    assert "Path request timed out" in result.out
    assert result.code == 1


@pytest.mark.parametrize("kind", [OURS, THEIRS])
def test_probe_larger_than_a_packet_is_refused(net, transport, kind):
    _, port, responder = transport
    result = prober(net, kind, port).run("-s", "400", PROBE, responder)
    assert "Error: Probe packet size of 515 bytes exceed MTU of 500 bytes" in result.out
    if kind == OURS:
        assert result.code == 3


def test_node_that_is_not_told_to_does_not_answer(net):
    port = net.port()
    middle = net.middle("middle", tcp_server("up", port))
    log = "".join(path.read_text(errors="replace") for path in middle.logs())
    assert "probe requests" not in log


def test_name_of_another_destination_is_told(net, transport):
    _, port, responder = transport
    result = prober(net, OURS, port).run("rnstransport.other", responder)
    assert f"<{responder}> is not the destination rnstransport.other of its identity" in result.out
    assert result.code == 2


def test_wrong_hash_and_nothing_at_all_end_with_0_as_the_reference(net):
    ours = prober(net, OURS, net.port())
    wrong = ours.run(PROBE, "0011")
    assert (wrong.code, "must be 32 hexadecimal characters" in wrong.out) == (0, True)
    nothing = ours.run()
    assert (nothing.code, "usage: rnprobe" in nothing.out) == (0, True)
