"""KISS framing over TCP, as towards a network TNC."""

import contextlib
import socket
import threading

import nodes
import talk
from nodes import tcp_client, tcp_server


class Wire:
    """A medium: what one connection writes, all others read."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.ends = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            end, _ = self.server.accept()
            self.ends.append(end)
            threading.Thread(target=self.carry, args=(end,), daemon=True).start()

    def carry(self, end):
        with contextlib.suppress(OSError):  # an end is gone: the test is over
            while data := end.recv(65536):
                for other in self.ends:
                    if other is not end:
                        other.sendall(data)


def kiss_row(net):
    wire, to_b = Wire(), net.port()
    net.middle("middle", tcp_client("tnc", wire.port, kiss_framing="yes"), tcp_server("to b", to_b))
    a = net.peer("a", tcp_client("up", wire.port, kiss_framing="yes"))
    b = net.peer("b", tcp_client("up", to_b))
    nodes.wait_until(lambda: len(wire.ends) == 2, nodes.RECONNECT, "both are on the wire")
    return a, b


def test_announces_and_packets_cross_kiss(net):
    a, b = kiss_row(net)
    for speaker, listener in ((b, a), (a, b)):
        dest = talk.announced(speaker, listener, 2)
        talk.packet_proved(listener, speaker, dest, 2)


def test_link_and_resource_cross_kiss(net):
    a, b = kiss_row(net)
    dest = talk.announced(b, a, 2)
    talk.link_conversation(a, b, dest)
    assert talk.resource_crossed(a, b, dest, 200_000)["mtu"] == talk.tcp_mtu(a)
