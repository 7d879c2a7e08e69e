#!/usr/bin/env python3
"""Writes the seeds of the wire's fuzz targets, made by the reference (package rns).

usage: corpus.py [tests/fuzz/corpus]              (with a Python that has rns 1.5.7)

One file a seed, named by the first digits of its hash: running it again changes nothing.
"""
import hashlib
import pathlib
import sys

import vectors_wire as wire
from vectors_wire import umsgpack


def packets():
    yield from (raw for _, raw in wire.packets())
    yield from (raw for *_, raw in wire.announces())


def announces():
    yield from (raw for *_, raw in wire.announces())
    for *_, raw in wire.announces():  # as a transport node sends them on
        yield bytes([raw[0] | 0x50, 2]) + wire.pattern(16, 0x51) + raw[2:]


def sealed():
    """Frames of the network that fuzz_ifac.c knows; byte 0 is the size of the code, less one."""
    for size in (1, 8, 16, 64):
        interface = wire.network("reticule net", "open sesame", size)
        for raw in packets():
            if len(raw) < 100:
                yield bytes([size - 1]) + wire.RNS.Transport.handle_outgoing_ifac(interface, raw)


def streams(frame):
    """Byte 0: bytes of a piece, less one; byte 1: the longest frame."""
    frames = [frame(raw) for raw in packets()]
    yield from (bytes([15, 0]) + data for data in frames)
    yield from (bytes([0, 24]) + frame(data) for data in wire.FRAMES)
    yield bytes([255, 200]) + b"".join(frames[:8])
    yield bytes([1, 30]) + b"noise" + b"".join(frame(data) for data in wire.FRAMES)


def values():
    yield from map(umsgpack.packb, wire.VALUES)
    yield from map(umsgpack.packb, wire.nested())
    yield from wire.ENCODINGS
    for size in (15, 16, 31, 32, 255, 256):
        yield umsgpack.packb("a" * size)
        yield umsgpack.packb([0] * size)


def utilities():
    """Byte 0 says what it is: a file's name, a command of rnx, its result, a command line."""
    for name in (b"hello", b"/a/b", b"..", b""):
        yield b"\0" + umsgpack.packb({"name": name})
    yield b"\0" + umsgpack.packb({"size": [1, {"k": None}], "name": b"hello"})
    yield b"\1" + umsgpack.packb([b"ls -l", 15.0, None, None, None])
    yield b"\1" + umsgpack.packb([b"cat", 2, 5, 0, b"in"])
    yield b"\2" + umsgpack.packb([True, 3, b"out", b"", 3, 0, 1.5, 2.5])
    yield b"\2" + umsgpack.packb([False, None, None, None, None, None, 1.5, None])
    yield from (b"\3" + line for line in (b"a 'b c' \"d\\\" e\" f\\ g", b"'open", b"a\\"))


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "tests/fuzz/corpus")
    for name, seeds in (("packet", packets()), ("announce", announces()), ("ifac", sealed()),
                        ("hdlc", streams(wire.hdlc_frame)), ("kiss", streams(wire.kiss_frame)),
                        ("msgpack", values()), ("utility", utilities())):
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        for seed in seeds:
            if seed:
                (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


if __name__ == "__main__":
    main()
