"""HDLC and KISS, by the reference's own interface code."""
import types

from RNS.Interfaces.KISSInterface import KISS
from RNS.Interfaces.TCPInterface import HDLC, TCPClientInterface

from .registry import command


@command
def hdlc_escape(data):
    return {"escaped": HDLC.escape(bytes.fromhex(data)).hex()}


def sent(data, kiss):
    """What a TCP interface writes for a packet."""
    written = []
    interface = types.SimpleNamespace(
        online=True, detached=False, writing=False, kiss_framing=kiss, txb=0,
        parent_interface=None, socket=types.SimpleNamespace(sendall=written.append))
    TCPClientInterface.process_outgoing(interface, bytes.fromhex(data))
    return {"framed": b"".join(written).hex()}


@command
def hdlc_frame(data):
    return sent(data, False)


@command
def kiss_frame(data):
    return sent(data, True)


def between(framed, flag):
    """The bytes between the first two flags."""
    parts = bytes.fromhex(framed).split(bytes([flag]), 2)
    if len(parts) < 3:
        raise ValueError("a flag is missing")
    return parts[1]


@command
def hdlc_deframe(framed):
    body = between(framed, HDLC.FLAG)
    for byte in (HDLC.FLAG, HDLC.ESC):
        body = body.replace(bytes([HDLC.ESC, byte ^ HDLC.ESC_MASK]), bytes([byte]))
    return {"data": body.hex()}


@command
def kiss_deframe(framed):
    body = between(framed, KISS.FEND)
    if body[:1] != bytes([KISS.CMD_DATA]):
        raise ValueError("it is not data")
    body = body[1:].replace(bytes([KISS.FESC, KISS.TFEND]), bytes([KISS.FEND]))
    return {"data": body.replace(bytes([KISS.FESC, KISS.TFESC]), bytes([KISS.FESC])).hex()}


class Fed(TCPClientInterface):
    """A TCP interface whose socket holds one stream."""

    def __init__(self, stream, hw_mtu, kiss):
        chunks = [bytes.fromhex(stream), b""]
        self.socket = types.SimpleNamespace(recv=lambda size: chunks.pop(0))
        self.HW_MTU, self.kiss_framing, self.ifac_size = hw_mtu, kiss, None
        self.online, self.detached, self.initiator = True, False, False
        self.name, self.frames = "fed", []

    def __str__(self):
        return self.name

    def process_incoming(self, data):
        self.frames.append(data.hex())

    def teardown(self):
        pass

    def run(self):
        self.read_loop()
        return {"frames": self.frames}


@command
def hdlc_deframe_stream(stream, hw_mtu=262144):
    return Fed(stream, hw_mtu, False).run()


@command
def kiss_deframe_stream(stream, hw_mtu=262144):
    return Fed(stream, hw_mtu, True).run()
