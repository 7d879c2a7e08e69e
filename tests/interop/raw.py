"""A node that keeps no rules: packets built by hand, frames written and read on bare TCP
sockets."""

import contextlib
import hashlib
import os
import socket
import threading
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

MTU = 500
DATA, ANNOUNCE, LINK_REQUEST, PROOF = range(4)
SINGLE, GROUP, PLAIN, LINK = range(4)
CONTEXT_NONE, CONTEXT_PATH_RESPONSE = 0x00, 0x0B
CONTEXT_RESOURCE, CONTEXT_CHANNEL = 0x01, 0x0E
CONTEXT_KEEPALIVE, CONTEXT_LRPROOF = 0xFA, 0xFF
IFAC_FLAG, HEADER_2, TRANSPORT = 0x80, 0x40, 0x10
FLAG, ESCAPE, ESCAPE_MASK = 0x7E, 0x7D, 0x20


# Identities and destinations


class Identity:
    def __init__(self, private=None):
        private = private or os.urandom(64)
        self.signing = Ed25519PrivateKey.from_private_bytes(private[32:])
        encryption = X25519PrivateKey.from_private_bytes(private[:32])
        self.public = (
            encryption.public_key().public_bytes_raw()
            + self.signing.public_key().public_bytes_raw()
        )
        self.hash = hashlib.sha256(self.public).digest()[:16]


def name_hash(name):
    return hashlib.sha256(name.encode()).digest()[:10]


def destination_hash(name, identity_hash=b""):
    return hashlib.sha256(name_hash(name) + identity_hash).digest()[:16]


PATH_REQUEST = destination_hash("rnstransport.path.request")


# Packets


def packet(kind, dest, data, dest_type=SINGLE, hops=0, context=CONTEXT_NONE, via=None):
    """A packet with one address, or with two where it goes `via` a transport node."""
    flags = dest_type << 2 | kind
    if via is None:
        return bytes([flags, hops]) + dest + bytes([context]) + data
    return bytes([HEADER_2 | TRANSPORT | flags, hops]) + via + dest + bytes([context]) + data


def random_blob(emitted=None):
    return os.urandom(5) + int(emitted or time.time()).to_bytes(5, "big")


def announce(identity, name, app_data=b"", hops=0, blob=None):
    """The destination and its announce."""
    dest = destination_hash(name, identity.hash)
    blob = blob or random_blob()
    head = identity.public + name_hash(name) + blob
    signature = identity.signing.sign(dest + head + app_data)
    return dest, packet(ANNOUNCE, dest, head + signature + app_data, hops=hops)


def forged_announce(identity, name, app_data=b""):
    """An announce whose signature has one wrong bit."""
    dest, frame = announce(identity, name, app_data)
    last = len(frame) - len(app_data) - 1
    return dest, frame[:last] + bytes([frame[last] ^ 1]) + frame[last + 1 :]


def path_request(dest, tag=None):
    return packet(DATA, PATH_REQUEST, dest + (tag or os.urandom(16)), dest_type=PLAIN)


def link_id(request):
    """Of the link that a link request with two addresses asks for."""
    return hashlib.sha256(bytes([request[0] & 0x0F]) + request[18:]).digest()[:16]


def address(frame):
    """The destination of a packet as it was received."""
    return frame[18:34] if frame[0] & HEADER_2 else frame[2:18]


def kind(frame):
    return frame[0] & 3


def head(frame):
    """Bytes before the data of a packet: its context is the last of them."""
    return 35 if frame[0] & HEADER_2 else 19


def context(frame):
    return frame[head(frame) - 1]


def changed(frame, at, mask):
    """The frame with bits of its data turned; `at` counts from its end if it is negative."""
    at = len(frame) + at if at < 0 else head(frame) + at
    return frame[:at] + bytes([frame[at] ^ mask]) + frame[at + 1 :]


# Frames


def hdlc(frame):
    body = frame.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e", b"\x7d\x5e")
    return b"\x7e" + body + b"\x7e"


class HdlcReader:
    def __init__(self):
        self.rest = b""

    def feed(self, data):
        *bodies, self.rest = (self.rest + data).split(b"\x7e")
        return [
            body.replace(b"\x7d\x5e", b"\x7e").replace(b"\x7d\x5d", b"\x7d")
            for body in bodies
            if body
        ]


class Client:
    """One TCP connection to a node. Frames that arrive are handed to `on_frame`, or kept in
    `frames`; the reader takes at most `rate` bytes a second, in steps of `STEP` seconds, and
    nothing while it is stopped."""

    STEP, CHUNK = 0.01, 65536

    def __init__(self, port, on_frame=None, rate=None, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.frames, self.on_frame, self.rate = [], on_frame or self.keep, rate
        self.reading, self.closed = threading.Event(), False
        self.reading.set()
        threading.Thread(target=self.read, daemon=True).start()

    def keep(self, frame):
        self.frames.append(frame)

    def read(self):
        reader, size = HdlcReader(), int(self.rate * self.STEP) if self.rate else self.CHUNK
        due = time.monotonic()
        while self.reading.wait():
            data = self.receive(size)
            if not data:
                self.closed = True
                return
            for frame in reader.feed(data):
                self.on_frame(frame)
            if self.rate:
                due = max(due + len(data) / self.rate, time.monotonic() - self.STEP)
                time.sleep(max(due - time.monotonic(), 0))

    def receive(self, size):
        try:
            return self.socket.recv(size)
        except OSError:
            return b""

    def write(self, data):
        self.socket.sendall(data)

    def send(self, *frames):
        self.write(b"".join(hdlc(frame) for frame in frames))

    def announces(self, dest):
        return [
            frame
            for frame in list(self.frames)
            if kind(frame) == ANNOUNCE and address(frame) == dest
        ]

    def close(self):
        self.reading.set()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
