"""The node in one file (ports/posix-min) with the reference at the other end of its wires."""

import os
import pty
import threading
import tty

import pytest

import nodes
import talk
from nodes import tcp_client, tcp_server

APP, ASPECTS = "posixmin", ["echo"]


class Lines(nodes.Process):
    """posix-min, and the first line that it says."""

    def start(self):
        self.spawn()
        nodes.wait_until(lambda: b"echo " in self.output(), nodes.START, "it says where its echo is")
        return self

    def output(self):
        return (self.folder / "output.log").read_bytes()

    @property
    def echo(self):
        return self.output().split(b"echo ")[1][:32].decode()


def posix_min(net, *args):
    folder = net.folder / "posix-min"
    folder.mkdir(exist_ok=True)
    program = Lines("posix-min", folder, [net.options.bin / "posix-min", *args])
    net.processes.append(program)
    return program.start()


def serial(name, port):
    return name, {"type": "SerialInterface", "port": port, "speed": 115200}


@pytest.fixture
def cable():
    """Two serial lines, each the other's end."""
    ends = [pty.openpty() for _ in range(2)]
    for _, line in ends:
        tty.setraw(line)

    def carry(source, target):
        try:
            while data := os.read(source, 4096):
                os.write(target, data)
        except OSError:
            pass  # the test is over

    for source, target in ((0, 1), (1, 0)):
        threading.Thread(target=carry, args=(ends[source][0], ends[target][0]), daemon=True).start()
    yield [os.ttyname(line) for _, line in ends]
    for master, line in ends:
        os.close(line)
        os.close(master)


def echo_answers(peer, echo, hops):
    """A link to the echo; what is sent comes back; a packet to it is proved."""
    peer.wait("announce", nodes.ANNOUNCE_HOP * hops + nodes.START, dest=echo, filter=None)
    peer.call("dest_out", type="single", app=APP, aspects=ASPECTS, dest=echo)
    link = peer.call("link_open", dest=echo)["link"]
    assert peer.wait("link_open", nodes.LINK, link=link)["hops"] == hops
    for size in (1, 200, 431):
        data = os.urandom(size).hex()
        peer.call("link_send", link=link, data=data)
        peer.wait("link_packet", nodes.LINK, link=link, data=data)
    sent = peer.call("send", dest=echo, data="7e7d", timeout=nodes.PROOF_HOP * hops)
    assert peer.wait("receipt", nodes.PROOF_HOP * hops, receipt=sent["receipt"])[
        "status"] == "delivered"


def test_echo_over_tcp(net):
    port = net.port()
    peer = net.peer("peer", tcp_server("up", port))
    echo_answers(peer, posix_min(net, net.folder / "identity", f"127.0.0.1:{port}").echo, 1)


def test_echo_over_a_serial_line(net, cable):
    peer = net.peer("peer", serial("line", cable[0]))
    echo_answers(peer, posix_min(net, net.folder / "identity", cable[1]).echo, 1)


def test_it_forwards_between_a_serial_line_and_tcp(net, cable):
    port = net.port()
    far = net.peer("far", tcp_server("up", port))
    near = net.peer("near", serial("line", cable[0]))
    echo = posix_min(net, "-t", net.folder / "identity", f"127.0.0.1:{port}", cable[1]).echo
    for end in (far, near):
        end.wait("announce", nodes.START + nodes.ANNOUNCE_HOP, dest=echo, filter=None)
    dest = talk.destination(far)
    talk.announce(far, dest, "far away")
    talk.hear(near, dest, 2, "far away", limit=nodes.START + 2 * nodes.ANNOUNCE_HOP)
    talk.target(near, dest)
    link = talk.link_opened(near, far, dest)["link"]
    talk.message_proved(near, far, link)


def test_the_identity_stays_and_is_secret(net):
    first = posix_min(net, net.folder / "identity", "127.0.0.1:1")
    echo = first.echo
    first.kill()
    (first.folder / "output.log").unlink()
    assert posix_min(net, net.folder / "identity", "127.0.0.1:1").echo == echo
    assert (net.folder / "identity").stat().st_mode & 0o777 == 0o600
    assert (net.folder / "identity").stat().st_size == 64


def test_a_connection_that_breaks_is_made_again(net):
    port = net.port()
    peer = net.peer("peer", tcp_server("up", port))
    program = posix_min(net, net.folder / "identity", f"127.0.0.1:{port}")
    echo_answers(peer, program.echo, 1)
    peer.kill()
    peer.start()
    echo_answers(peer, program.echo, 1)
