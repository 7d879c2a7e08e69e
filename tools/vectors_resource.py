#!/usr/bin/env python3
"""Asks the reference (package rns) what it says in transfers of resources.

usage: vectors_resource.py > tests/vectors/resource.h     (with a Python that has rns 1.5.7)

Everything random is replaced by bytes counted out of a hash, so that each run prints the same.
"""
import hashlib
import os
import sys

import RNS
from RNS.Cryptography import Token
from RNS.vendor import umsgpack

RNS.loglevel = -1
drawn = 0
said = []


def stream(name, size):
    return hashlib.shake_128(b"reticule resource " + name.encode()).digest(size)


def draw(size):
    global drawn
    drawn += 1
    return stream("draw %d" % drawn, size)


def data(size):
    return bytes((i * 2654435761 & 0xFFFFFFFF) >> 13 & 0xFF for i in range(size))


class Packet:
    """Written down instead of sent."""
    RESOURCE, RESOURCE_ADV, RESOURCE_REQ, RESOURCE_HMU, RESOURCE_PRF, PROOF = 1, 2, 3, 4, 5, 3
    MDU = RNS.Packet.MDU

    def __init__(self, link, data, packet_type=0, context=0):
        self.data, self.context, self.raw, self.sent = data, context, b"", False

    def pack(self):
        pass

    def send(self):
        self.sent = True
        said.append((self.context, self.data))

    resend = send


class Link:
    status = ACTIVE = 2
    rtt, traffic_timeout_factor, mdu = 0.1, 6, 431

    def __init__(self, mtu):
        self.mtu = mtu
        self.token = Token(stream("key", 64))

    def encrypt(self, plain):
        return self.token.encrypt(plain)

    def decrypt(self, token):
        return self.token.decrypt(token)

    def get_last_resource_window(self):
        return None

    get_last_resource_eifr = get_last_resource_window

    def has_incoming_resource(self, resource):
        return False

    def register_incoming_resource(self, resource):
        pass

    class callbacks:
        resource_started = None


class Fixed:
    """A packet that came."""

    def __init__(self, link, plaintext):
        self.link, self.plaintext = link, plaintext


os.urandom = draw
sys.modules["RNS.Resource"].RNS.Packet = Packet
RNS.Reticulum.resourcepath = "/nowhere"
RNS.Resource.watchdog_job = lambda self: None


def show(name, value):
    digits = value.hex()
    print('#define %s \\\n    "%s"' % (name, '" \\\n    "'.join(
        digits[i:i + 88] for i in range(0, len(digits), 88))))


def offered(resource):
    return RNS.ResourceAdvertisement(resource).pack()


def segment(name, size, mtu, metadata=None, **options):
    """What the pass over a segment finds, and what its parts are."""
    link = Link(mtu)
    resource = RNS.Resource(data(size), link, advertise=False, auto_compress=False, timeout=1,
                            metadata=metadata, **options)
    token = b"".join(part.data for part in resource.parts)
    print('    {"%s", %d, %d, %d, %d,' % (name, size, mtu, len(token), len(resource.parts)))
    values = [token[:16], link.decrypt(token)[:4], resource.random_hash, resource.hash,
              resource.expected_proof, hashlib.sha256(token).digest(),
              hashlib.sha256(resource.hashmap).digest()]
    print("     %s," % ",\n     ".join('"%s"' % value.hex() for value in values))
    print('     "%s"},' % umsgpack.packb(metadata).hex() if metadata else '     ""},')
    return resource


print("// Made by tools/vectors_resource.py, which asks the reference (rns 1.5.7). Hex.")
print("""// clang-format off
#ifndef VECTORS_RESOURCE_H_INCLUDED
#define VECTORS_RESOURCE_H_INCLUDED

#include <stdint.h>
""")
show("VECTOR_RESOURCE_KEY", stream("key", 64))
print("""
// Byte i of the data is bits 13 to 20 of i * 2654435761.
typedef struct {
    const char *name;
    uint32_t size, mtu, transfer, parts;
    const char *iv, *prefix, *random, *hash, *proof, *token_sha, *map_sha, *metadata;
} resource_segment_t;

static const resource_segment_t RESOURCE_SEGMENTS[] = {""")
for mtu in (500, 1064, 2047, 16384):
    sdu = mtu - 36
    for name, size in (("a byte", 1), ("a block less", 11), ("a block", 12), ("a part", sdu - 53),
                       ("parts", 3 * sdu - 53), ("and a block", 3 * sdu - 37),
                       ("without a block", 3 * sdu - 69)):
        segment(name, size, mtu)
segment("a map", 74 * 464 - 53, 500)
segment("more than is kept of a map", 130000, 500)
segment("the same, not in blocks", 300000, 1100)
segment("metadata", 1000, 500, metadata={"name": b"file", "n": [1, 2.5, None]})
segment("metadata and no more than a part", 1, 500, metadata=b"m" * 255)
print("};\n")

# An offer of each kind, and what is said until half of it is there.
link = Link(500)
request_id = stream("request", 16)
plain = RNS.Resource(data(60000), link, advertise=False, auto_compress=False, timeout=1)
show("VECTOR_ADV", offered(plain))
asked = RNS.Resource(data(900), link, advertise=False, auto_compress=False, timeout=1,
                     request_id=request_id)
show("VECTOR_ADV_REQUEST", offered(asked))
answer = RNS.Resource(data(900), link, advertise=False, auto_compress=False, timeout=1,
                      request_id=request_id, is_response=True, metadata=b"m")
show("VECTOR_ADV_RESPONSE", offered(answer))
packed = RNS.Resource(b"a" * 5000, link, advertise=False, timeout=1)
show("VECTOR_ADV_COMPRESSED", offered(packed))

receiver = RNS.Resource.accept(Fixed(link, offered(plain)))
show("VECTOR_REQ", said[-1][1])
plain.adv_sent = 0
plain.receiver_min_consecutive_height = 0
receiver.consecutive_completed_height = 71
receiver.waiting_for_hmu = False
receiver.request_next()
show("VECTOR_REQ_EXHAUSTED", said[-1][1])
plain.request(said[-1][1])
assert said[-1][0] == Packet.RESOURCE_HMU
show("VECTOR_HMU", said[-1][1])


class Clock:
    now = 1000.0

    def time(self):
        return Clock.now

    sleep = staticmethod(lambda span: None)


class Slept(Exception):
    pass


def until(resource):
    """Until when the watchdog waits, in seconds from now."""
    def sleep(span):
        raise Slept(span)

    module.sleep = sleep
    try:
        resource._Resource__watchdog_job()
    except Slept as slept:
        return slept.args[0]


def row(what, at, resource, timeout):
    print("    {'%s', %d, %d, %d, %d, %d, %d, %d, %d, %d}," % (
        what, round((at - 1000) * 1e6), resource.outstanding_parts, resource.window,
        resource.window_min, resource.window_max, resource.fast_rate_rounds,
        resource.very_slow_rate_rounds, resource.eifr or 0, round(timeout * 1e6)))


def rounds(name, first, between, lost, rtt):
    """What the window does when parts come so far apart; one of some rounds is lost."""
    Clock.now = 1000.0
    link = Link(500)
    link.rtt, link.establishment_cost = rtt, 204
    sender = RNS.Resource(data(60000), link, advertise=False, auto_compress=False, timeout=1)
    receiver = RNS.Resource.accept(Fixed(link, offered(sender)))
    print("static const resource_round_t %s[] = {" % name)
    row("a", Clock.now, receiver, until(receiver))
    for number in range(8):
        wanted = [i for i in range(receiver.consecutive_completed_height + 1, len(sender.parts))
                  if receiver.parts[i] is None][:receiver.outstanding_parts]
        Clock.now += first
        for place, i in enumerate(wanted):
            if number in lost and place == len(wanted) - 1:
                break
            before = len(said)
            part = Packet(link, sender.parts[i].data, context=Packet.RESOURCE)
            part.raw = bytes(19) + part.data
            receiver.receive_part(part)
            row("p" if len(said) == before else "P", Clock.now, receiver, until(receiver))
            Clock.now += between
        if number in lost:
            Clock.now += 1000
            module.sleep = lambda span: None

            def stop(span):
                receiver._Resource__watchdog_job_id = -1
            module.sleep = stop
            receiver._Resource__watchdog_job()
            row("t", Clock.now, receiver, until(receiver))
    print("};\n")


module = sys.modules["RNS.Resource"]
module.time = Clock()
RNS.Resource.WATCHDOG_MAX_SLEEP = 1e9
Link.callbacks.resource_concluded = None
print("""
// What the window of a receiver does: a, asked for parts; p, a part came; P, a part came that ended
// a round, and more was asked for; t, it did not come, and more was asked for. Then: when; parts
// that are on their way; the window, its least and most; fast and slow rounds; bits a second
// expected; microseconds until it is too late. Packets of parts are of 483 bytes, what asks for
// them of 0.
typedef struct {
    char what;
    int64_t at;
    int outstanding, window, window_min, window_max, fast, slow;
    int64_t eifr, timeout;
} resource_round_t;
""")
rounds("ROUNDS_FAST", 0.02, 0.001, (), 0.05)
rounds("ROUNDS_MEDIUM", 0.5, 0.1, (3, 6, 7), 0.4)
rounds("ROUNDS_LOST", 0.5, 0.1, (0, 1, 2), 0.4)
rounds("ROUNDS_SLOW", 4, 2.5, (5,), 3.5)
print("#endif")
