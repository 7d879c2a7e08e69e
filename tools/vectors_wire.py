#!/usr/bin/env python3
"""Asks the reference (package rns) for the expected values of the wire tests.

usage: vectors_wire.py > tests/vectors/wire.h     (with a Python that has rns 1.5.7)

The same packets and frames are the seeds of the fuzz corpora: see corpus.py.
"""
import struct
import sys
import time

import RNS
import RNS.vendor.umsgpack as umsgpack
from RNS.Interfaces.util.HDLC import HDLC
from RNS.Interfaces.KISSInterface import KISS

RNS.loglevel = -1
NOW = 1700000000.0


def pattern(size, seed=0):
    return bytes((i * 7 + seed) & 0xFF for i in range(size))


class Anywhere:
    """Stands for a destination where packing is asked for: it does not encrypt."""

    def __init__(self, kind, address):
        self.type, self.hash, self.link_id, self.mtu = kind, address, address, 500

    def encrypt(self, data):
        return data


class Owner:
    is_connected_to_shared_instance = False


class Interface:
    pass


def packed(kind, data, address=pattern(16, 0xA0), hops=0, **options):
    packet = RNS.Packet(Anywhere(kind, address), data, **options)
    packet.hops = hops
    packet.pack()
    return packet.raw


def packets():
    """(name, raw) of every packet type, destination type and context."""
    D, P = RNS.Destination, RNS.Packet
    for name in ("NONE RESOURCE RESOURCE_ADV RESOURCE_REQ RESOURCE_HMU RESOURCE_ICL RESOURCE_RCL "
                 "CACHE_REQUEST REQUEST RESPONSE COMMAND COMMAND_STATUS CHANNEL KEEPALIVE "
                 "LINKIDENTIFY LINKCLOSE LRRTT").split():
        yield name.lower(), packed(D.LINK, pattern(40), context=getattr(P, name))
    yield "single", packed(D.SINGLE, pattern(83, 1))
    yield "group", packed(D.GROUP, pattern(64, 2))
    yield "plain", packed(D.PLAIN, b"\x01", hops=1)
    yield "plain_127_hops", packed(D.PLAIN, b"far away", hops=127)
    yield "proof", packed(D.SINGLE, pattern(64, 3), packet_type=P.PROOF)
    yield "link_proof", packed(D.LINK, pattern(96, 4), packet_type=P.PROOF, context=P.LINKPROOF)
    yield "resource_proof", packed(D.LINK, pattern(64, 5), packet_type=P.PROOF, context=P.RESOURCE_PRF)
    yield "lrproof", packed(D.SINGLE, pattern(99, 6), packet_type=P.PROOF, context=P.LRPROOF)
    yield "link_request", packed(D.SINGLE, pattern(64, 7), packet_type=P.LINKREQUEST)
    yield "link_request_mtu", packed(D.SINGLE, pattern(67, 7), packet_type=P.LINKREQUEST)
    yield "announce_in_transport", packed(
        D.SINGLE, pattern(148, 8), packet_type=P.ANNOUNCE, context=P.PATH_RESPONSE, hops=3,
        header_type=P.HEADER_2, transport_type=RNS.Transport.TRANSPORT,
        transport_id=pattern(16, 0x50), context_flag=1)
    # The reference rewrites raw bytes to get these.
    raw = packed(D.SINGLE, pattern(83, 1))
    yield "single_in_transport", bytes([0x50, 2]) + pattern(16, 0x51) + raw[2:]
    raw = packed(D.SINGLE, pattern(67, 7), packet_type=P.LINKREQUEST)
    yield "link_request_in_transport", bytes([0x52, 1]) + pattern(16, 0x52) + raw[2:]


def unpack(raw):
    packet = RNS.Packet(None, raw)
    return packet if packet.unpack() else None


def identity(seed):
    return RNS.Identity.from_bytes(pattern(64, seed))


def announces():
    """(name, app name, aspects, private key, raw), emitted at NOW with fixed random bytes."""
    RNS.Transport.owner = Owner()
    RNS.Identity.get_random_hash = staticmethod(lambda: pattern(16, 0xE0))
    real_time, time.time = time.time, lambda: NOW
    ratchet = RNS.Identity._ratchet_public_bytes(pattern(32, 0x33))
    try:
        for name, ratcheted, app_data, path_response in (
                ("bare", False, None, False), ("with_data", False, b"Node 7", False),
                ("with_ratchet", True, None, False), ("with_both", True, b"Node 7", False),
                ("response", False, b"\x93\xc4\x04Anna\x08\xc0", True),
                ("longest", False, pattern(333, 9), False)):
            RNS.Transport.destinations, RNS.Transport.destinations_map = [], {}
            owner = identity(0x11)
            destination = RNS.Destination(owner, RNS.Destination.IN, RNS.Destination.SINGLE,
                                          "reticule", "test", "wire")
            if ratcheted:
                destination.ratchets = [pattern(32, 0x33)]
                destination.rotate_ratchets = lambda: None
                RNS.Identity._remember_ratchet = staticmethod(lambda *args: None)
            packet = destination.announce(app_data, path_response=path_response, send=False)
            packet.pack()
            yield name, "reticule.test.wire", owner.get_private_key(), \
                ratchet if ratcheted else b"", packet.raw
    finally:
        time.time = real_time


def announce_verdict(raw):
    """What validate_announce says, and the app_data it stores."""
    packet = unpack(raw)
    RNS.Identity.known_destinations = {}
    RNS.Identity.remember = staticmethod(
        lambda h, d, k, app_data: RNS.Identity.known_destinations.update({d: [0, h, k, app_data]}))
    ok = RNS.Identity.validate_announce(packet)
    entry = RNS.Identity.known_destinations.get(packet.destination_hash)
    return ok, entry[3] if entry else None


def network(name, passphrase, size):
    """An interface's IFAC attributes, as Reticulum._add_interface sets them."""
    origin = b"".join(RNS.Identity.full_hash(part.encode("utf-8")) for part in (name, passphrase) if part)
    interface = Interface()
    interface.ifac_size = size
    interface.ifac_key = RNS.Cryptography.hkdf(
        length=64, derive_from=RNS.Identity.full_hash(origin), salt=RNS.Reticulum.IFAC_SALT, context=None)
    interface.ifac_identity = RNS.Identity.from_bytes(interface.ifac_key)
    interface.ifac_signature = interface.ifac_identity.sign(RNS.Identity.full_hash(interface.ifac_key))
    return interface


NETWORKS = [("reticule net", "open sesame", 16), ("reticule net", None, 8), (None, "open sesame", 1),
            ("n\u00e4tverk", "l\u00f6senord", 64)]


def sealed():
    """(name, passphrase, interface, packet, frame)"""
    for name, passphrase, ifac_size in NETWORKS:
        interface = network(name, passphrase, ifac_size)
        for size in (20, 180, 500, 9000):
            raw = bytes([0x08, 3]) + pattern(size - 2, 0x21)
            yield name, passphrase, interface, raw, RNS.Transport.handle_outgoing_ifac(interface, raw)


def hdlc_frame(data):
    return bytes([HDLC.FLAG]) + HDLC.escape(data) + bytes([HDLC.FLAG])


def kiss_frame(data):
    return bytes([KISS.FEND, KISS.CMD_DATA]) + KISS.escape(data) + bytes([KISS.FEND])


FRAMES = [pattern(20), pattern(256), b"\x7e" * 24, b"\x7d" * 24, b"\x7e\x7d\x5e\x5d" * 8,
          b"\xc0\xdb\xdc\xdd" * 8, b"\xc0" * 21, b"\xdb" * 21, bytes(20), b"end is an escape...\x7d\xdb"]

# Bodies that no encoder makes; what does the reference read?
BODIES = [b"\x7d" + bytes(24), bytes(24) + b"\x7d", b"\x7d\x7d\x5e" + bytes(24), b"\x7d\x7d\x5d" + bytes(24),
          b"\x7d\x5d\x5e" + bytes(24), bytes(10) + b"\x7d\x00\x7d\x5d\x5d\x5e" + bytes(10)]

VALUES = [0, 1, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**63, 2**64 - 1,
          -1, -32, -33, -128, -129, -32768, -32769, -2**31, -2**31 - 1, -2**63,
          0.0, 1.5, -0.1, 1e300, NOW, float("inf"), None, True, False]
LENGTHS = [0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536]

# Is it MessagePack to the reference? (first value; what follows is not looked at)
ENCODINGS = [b"", b"\xc0", b"\xc1", b"\xc4", b"\xc4\x01", b"\xc4\x01a", b"\xc5\x00", b"\xc5\x00\x01",
             b"\xc6\x00\x00\x00", b"\xc6\xff\xff\xff\xff", b"\xc7\x01", b"\xc7\x01\x05", b"\xc7\x01\x05a",
             b"\xc8\x00\x01\x05a", b"\xc9\x00\x00\x00\x01\x05a", b"\xca\x3f\x80", b"\xca\x3f\x80\x00\x00",
             b"\xcb\x00", b"\xcc", b"\xcd\x01", b"\xce\x01\x02\x03", b"\xcf\x01\x02\x03\x04\x05\x06\x07",
             b"\xd0", b"\xd1\x80", b"\xd2\x80", b"\xd3\x80", b"\xd4\x05", b"\xd4\x05a", b"\xd5\x05ab",
             b"\xd6\x05abcd", b"\xd7\x05abcdefgh", b"\xd8\x05abcdefghijklmnop", b"\xd8\x05abc",
             b"\xd9\x02a", b"\xd9\x02ab", b"\xda\x00\x02ab", b"\xdb\x00\x00\x00\x02ab", b"\xa2a",
             b"\xdc\x00\x02\x01", b"\xdc\x00\x02\x01\x02", b"\xdd\x00\x00\x00\x01\xc0", b"\xdd\xff\xff\xff\xff",
             b"\xde\x00\x01\x01", b"\xde\x00\x01\x01\x02", b"\xdf\x00\x00\x00\x01\x01\x02",
             b"\x91", b"\x91\xc1", b"\x91\x91\x91\xc0", b"\x81\x01", b"\x81\x01\x02", b"\x82\x01\x02\x03\x81\x04\x05",
             b"\xa1\x80", b"\xa2\xc3\xa9", b"\xa2\xc0\x80", b"\xa2\xc1\xbf", b"\xa3\xe0\x80\x80", b"\xa3\xe0\xa0\x80",
             b"\xa3\xed\x9f\xbf", b"\xa3\xed\xa0\x80", b"\xa3\xef\xbf\xbf", b"\xa4\xf0\x80\x80\x80",
             b"\xa4\xf0\x90\x80\x80", b"\xa4\xf4\x8f\xbf\xbf", b"\xa4\xf4\x90\x80\x80", b"\xa4\xf5\x80\x80\x80",
             b"\xa2\xe2\x82", b"\xa3\xe2\x82\xac", b"\xa3\xe2\x28\xa1", b"\xa3\xe2\x82\x28", b"\xa1\xff"]


def is_msgpack(data):
    try:
        umsgpack.unpackb(data)
    except umsgpack.UnpackException:
        return False
    return True


def nested():
    """Values that the reference itself would send."""
    return [[1, 2.5, "three", b"four", None, True], {"t": 5000, "h": pattern(32), "q": None, "m": b""},
            [NOW, pattern(16), {"a": [{}, [], [[]]]}], {b"key": [-1, -200, 70000]}]


def text(data):
    return '"' + data.hex() + '"'


def write_packets(out):
    out("""typedef struct {
    const char *name, *raw;
    uint8_t header, context_flag, transport, dest_type, type, hops, context;
    const char *transport_id, *dest, *data, *hash;
} wire_packet_t;

static const wire_packet_t WIRE_PACKETS[] = {""")
    for name, raw in packets():
        p = unpack(raw)
        fields = (p.header_type, p.context_flag, p.transport_type, p.destination_type, p.packet_type, p.hops, p.context)
        out(f'    {{"{name}", {text(raw)}, {", ".join(map(str, fields))},\n     '
            f'{text(p.transport_id or b"")}, {text(p.destination_hash)}, {text(p.data)}, {text(p.packet_hash)}}},')
    out("};\n")
    out("// The reference unpacks the first N bytes of a packet with this header: 1, or 0 when it refuses.")
    for label, flags in (("HEADER_1", 0x08), ("HEADER_2", 0x58)):
        accepted = "".join("1" if unpack((bytes([flags, 5]) + pattern(46))[:n]) else "0" for n in range(41))
        out(f'static const char WIRE_UNPACKS_{label}[] = "{accepted}";')
    hops = "".join("1" if unpack(bytes([0x08, n]) + pattern(46)) else "0" for n in range(126, 131))
    out(f'static const char WIRE_UNPACKS_HOPS_126[] = "{hops}"; // 126 to 130 hops\n')
    out("static const struct {\n    const char *raw, *id;\n} WIRE_LINK_IDS[] = {")
    for name, raw in packets():
        if name.startswith("link_request"):
            out(f"    {{{text(raw)}, {text(RNS.Link.link_id_from_lr_packet(unpack(raw)))}}},")
    out("};\n")


def write_announces(out):
    out("""typedef struct {
    const char *name, *dest_name, *identity_secret, *ratchet, *raw;
    const char *app_data; // as validate_announce stores it; NULL for None
} wire_announce_t;

static const wire_announce_t WIRE_ANNOUNCES[] = {""")
    for name, dest_name, secret, ratchet, raw in announces():
        ok, app_data = announce_verdict(raw)
        assert ok
        stored = "NULL" if app_data is None else text(app_data)
        out(f'    {{"{name}", "{dest_name}", {text(secret)}, {text(ratchet)},\n     {text(raw)}, {stored}}},')
    out("};\n#define WIRE_EMITTED_S UINT64_C(%d)\n" % NOW)
    out("static const struct {\n    const char *name, *name_hash, *dest; // of PLAIN destinations\n} WIRE_NAMES[] = {")
    for app, aspects in (("rnstransport", ("path", "request")), ("rnstransport", ("tunnel", "synthesize")),
                         ("lxmf", ("delivery",))):
        name = RNS.Destination.expand_name(None, app, *aspects)
        out(f'    {{"{name}", {text(RNS.Identity.full_hash(name.encode())[:10])}, '
            f"{text(RNS.Destination.hash(None, app, *aspects))}}},")
    out("};\n")


def write_sealed(out):
    out("""typedef struct {
    const char *name, *passphrase; // NULL: not set
    size_t size;
    const char *key, *signature;
    size_t packet_size; // packet: flags 08, hops 03, then byte i is i * 7 + 0x21
    const char *frame;  // of long ones the first 96 bytes
    const char *frame_hash;
} wire_ifac_t;

static const wire_ifac_t WIRE_IFAC[] = {""")
    for name, passphrase, interface, raw, frame in sealed():
        quoted = ["NULL" if s is None else '"' + "".join(
            chr(b) if b < 128 else "\\%03o" % b for b in s.encode()) + '"' for s in (name, passphrase)]
        out(f"    {{{quoted[0]}, {quoted[1]}, {interface.ifac_size}, {text(interface.ifac_key)},\n     "
            f"{text(interface.ifac_signature)}, {len(raw)},\n     {text(frame if len(frame) < 300 else frame[:96])}, "
            f"{text(RNS.Identity.full_hash(frame))}}},")
    out("};\n")


def write_framing(out):
    out("static const struct {\n    const char *frame, *hdlc, *kiss;\n} WIRE_FRAMES[] = {")
    for frame in FRAMES:
        out(f"    {{{text(frame)}, {text(hdlc_frame(frame))}, {text(kiss_frame(frame))}}},")
    out("};\n\n// What the reference reads from bodies that no encoder makes.")
    out("static const struct {\n    const char *body, *frame;\n} WIRE_HDLC_BODIES[] = {")
    for body in BODIES:
        out(f"    {{{text(body)}, {text(HDLC.unescape(body))}}},")
    out("};\n")


def write_msgpack(out):
    out("""typedef struct {
    char kind;       // u unsigned, i signed, f float, n nil, t true, F false
    uint64_t number; // bits of the value
    const char *encoded;
} wire_value_t;

static const wire_value_t WIRE_VALUES[] = {""")
    for value in VALUES:
        if value is None or isinstance(value, bool):
            kind, number = {None: "n", True: "t", False: "F"}[value], 0
        elif isinstance(value, float):
            kind, number = "f", struct.unpack(">Q", struct.pack(">d", value))[0]
        else:
            kind, number = "iu"[value >= 0], value & (2**64 - 1)
        out(f"    {{'{kind}', UINT64_C(0x{number:x}), {text(umsgpack.packb(value))}}},")
    out("};\n\n// Heads of what has a length: the bytes before size times 'a', or before the items.")
    out("static const struct {\n    uint32_t size;\n    const char *str, *bin, *array, *map;\n} WIRE_HEADS[] = {")
    for size in LENGTHS:
        heads = [umsgpack.packb("a" * size), umsgpack.packb(b"a" * size)]
        heads = [h[:len(h) - size] for h in heads]
        array, pairs = umsgpack.packb([0] * size), umsgpack.packb({i: 0 for i in range(size)})
        heads.append(array[:len(array) - size])
        heads.append(pairs[:1] if size < 16 else pairs[:3] if size < 65536 else pairs[:5])
        out(f"    {{{size}, {', '.join(map(text, heads))}}},")
    out("};\n\n// Whether the reference unpacks it.\nstatic const struct {\n    const char *bytes;\n    bool ok;\n} "
        "WIRE_ENCODINGS[] = {")
    for data in ENCODINGS:
        out(f"    {{{text(data)}, {'true' if is_msgpack(data) else 'false'}}},")
    out("};\n\nstatic const char *const WIRE_NESTED[] = {")
    for value in nested():
        out(f"    {text(umsgpack.packb(value))},")
    out("};\n")


def main():
    out = lambda line: sys.stdout.write(line + "\n")
    out(f"""// Made by tools/vectors_wire.py from rns {RNS.__version__}; do not edit. Bytes are hex.
#ifndef VECTORS_WIRE_H_INCLUDED
#define VECTORS_WIRE_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// clang-format off
""")
    for part in (write_packets, write_announces, write_sealed, write_framing, write_msgpack):
        part(out)
    out("// clang-format on\n#endif")


if __name__ == "__main__":
    main()
