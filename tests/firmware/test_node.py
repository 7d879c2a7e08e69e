"""The firmware as a node: what a node of the reference finds at the other end of a serial line."""

import hashlib
import random
import time

import pytest

import nodes
import talk
from board import ALL, FULL, state

ECHO, PAGE = "reticule.echo", "nomadnetwork.node"
SIZE = 1 << 20  # bytes of a large resource
MEMORY = 64 << 10  # bytes that it may take on the board
START_MOST = 0.6  # seconds: it has sent its announces
TRANSFER = 120.0  # seconds until it has crossed

SECOND = {"virt": "terminal"}  # the second line, where it is not the second UART


def names(name):
    app, *aspects = name.split(".")
    return {"type": "single", "app": app, "aspects": aspects}


def heard(board, peer, name, hops=1):
    """The board's announce has come; returns the destination as the peer names it."""
    dest = board.address(name)
    assert peer.wait("announce", nodes.ANNOUNCE_HOP, dest=dest)["hops"] == hops
    peer.call("dest_out", dest=dest, **names(name))
    return dest


def met(net, kind, *lines):
    """A board, and a peer at its first line that was there before."""
    board = net.board(kind, *lines)
    peer = net.peer("peer", board.wires[0].interface("line"))
    board.start()
    return board, peer


def opened(board, peer, name):
    link = peer.call("link_open", dest=heard(board, peer, name))["link"]
    peer.wait("link_open", nodes.LINK, link=link)
    return link


def asked(peer, link, path, data=b""):
    number = peer.call("request", link=link, path=path, data=data.hex())["request"]
    answer = peer.wait("response", nodes.LINK, request=number)
    assert answer["status"] == "ready", answer
    return bytes.fromhex(answer["data"])


def pattern(size):
    """What the firmware sends: service_byte() of ports/common/service.c."""
    return bytes((place * 2654435761 & 0xFFFFFFFF) >> 24 for place in range(size))


@pytest.mark.parametrize("kind", ALL)
def test_packet_is_proved_and_link_echoes(net, kind):
    board, peer = met(net, kind, "uart0")
    dest = heard(board, peer, ECHO)
    sent = peer.call("send", dest=dest, data="0102")
    assert peer.wait("receipt", nodes.PROOF_HOP, receipt=sent["receipt"])["status"] == "delivered"
    link = peer.call("link_open", dest=dest)["link"]
    peer.wait("link_open", nodes.LINK, link=link)
    for data in ("7e7d", "00" * 400):
        sent = peer.call("link_send", link=link, data=data, timeout=nodes.LINK)
        peer.wait("link_packet", nodes.LINK, link=link, data=data)
        proof = peer.wait("receipt", nodes.LINK, receipt=sent["receipt"])
        assert proof["status"] == "delivered"
    peer.call("link_close", link=link)


@pytest.mark.parametrize("kind", ALL)
def test_requests_are_answered(net, kind):
    board, peer = met(net, kind, "uart0")
    link = opened(board, peer, ECHO)
    assert asked(peer, link, "/echo", b"the same") == b"the same"
    about, rows = state(asked(peer, link, "/state").decode())
    assert about in board.console.read_text()
    assert rows["link"]["used"] == 1
    page = opened(board, peer, PAGE)
    assert b"Reticule" in asked(peer, page, "/page/index.mu")


@pytest.mark.parametrize("kind", FULL)
def test_large_resources_cross_in_little_memory(net, kind):
    board, peer = met(net, kind, "terminal")
    link = opened(board, peer, ECHO)
    data = talk.bytes_of(SIZE)
    sent = peer.call("resource_send", link=link, file=talk.file_of(peer, data))
    told = peer.wait("link_packet", TRANSFER, link=link)
    words = f"received {SIZE} {hashlib.sha256(data).hexdigest()}"
    assert bytes.fromhex(told["data"]).decode() == words
    done = peer.wait("resource", TRANSFER, resource=sent["resource"], direction="out")
    assert done["status"] == "complete", done
    asked(peer, link, "/send", str(SIZE).encode())
    arrived = peer.wait("resource", TRANSFER, link=link, direction="in", size=SIZE)
    assert arrived["status"] == "complete", arrived
    with open(arrived["file"], "rb") as file:
        assert file.read() == pattern(SIZE)
    _, rows = state(asked(peer, link, "/state").decode())
    taken = {name: rows[name]["peak"] * rows[name]["bytes"] for name in rows if carries(name)}
    assert sum(taken.values()) <= MEMORY, taken


def carries(name):
    """Whether a transfer takes slots of this row."""
    return name.startswith(("piece", "resource", "frame", "txref", "segment", "unpack", "pack"))


@pytest.mark.parametrize("kind", FULL)
def test_packets_are_forwarded_between_the_lines(net, kind):
    board = net.board(kind, "uart0", SECOND.get(kind, "uart1"))
    near = net.peer("near", board.wires[0].interface("line"))
    far = net.peer("far", board.wires[1].interface("line"))
    board.start()
    heard(board, near, ECHO), heard(board, far, ECHO)
    dest = talk.announced(far, near, 2)
    talk.packet_proved(near, far, dest, 2)
    talk.link_conversation(near, far, dest)
    talk.resource_crossed(near, far, dest, 20_000)
    talk.packet_proved(far, near, talk.announced(near, far, 2), 2)


@pytest.mark.parametrize("kind", FULL)
def test_announces_are_accepted_after_each_power_cut(net, kind):
    board, peer = met(net, kind, "uart0")
    dest = heard(board, peer, ECHO)
    for _ in range(3):
        board.power_off()
        board.start()
        assert board.address(ECHO) == dest
        heard(board, peer, ECHO)
        heard(board, peer, PAGE)
    for _ in range(8):  # while it starts, or sends
        board.power_off()
        board.switch_on()
        time.sleep(random.uniform(0, START_MOST))
    board.power_off()
    board.start()
    assert board.address(ECHO) == dest
    link = peer.call("link_open", dest=dest)["link"]
    peer.wait("link_open", nodes.LINK, link=link)


@pytest.mark.parametrize("kind", FULL)
@pytest.mark.parametrize("rest", ["7e", "7e0101", "7e01017d"])
def test_half_a_frame_of_before_a_power_cut_spoils_no_other(net, kind, rest):
    """The reference's reader, with a flag and no more, takes the next for the end of a frame."""
    board = net.board(kind, "uart0")
    peer = net.peer("peer", board.wires[0].interface("line"))
    board.wires[0].say(bytes.fromhex(rest))
    board.start()
    opened(board, peer, ECHO)
    opened(board, peer, PAGE)
