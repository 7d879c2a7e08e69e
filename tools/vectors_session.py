#!/usr/bin/env python3
"""Asks the reference (package rns) for the expected values of the session tests.

usage: vectors_session.py > tests/vectors/session.h     (with a Python that has rns 1.5.7)

Everything random is replaced by bytes counted out of a hash, so that each run prints the same.
"""
import hashlib
import os
import sys
import tempfile

import RNS
from RNS.Cryptography import X25519PrivateKey

RNS.loglevel = -1
drawn = 0


def stream(name, size):
    return hashlib.shake_128(b"reticule session " + name.encode()).digest(size)


def draw(size):
    global drawn
    drawn += 1
    return stream("draw %d" % drawn, size)


class FixedKey(X25519PrivateKey):
    @classmethod
    def generate(cls):
        return X25519PrivateKey.from_private_bytes(draw(32))


class Owner:
    is_connected_to_shared_instance = False


os.urandom = draw
sys.modules["RNS.Identity"].X25519PrivateKey = FixedKey
RNS.Transport.owner = Owner()
RNS.Transport.register_destination = staticmethod(lambda destination: None)
folder = tempfile.mkdtemp()
RNS.Reticulum.storagepath = folder


def show(name, data, comment=None):
    if comment:
        print("// " + comment)
    print('#define %s \\\n    "%s"' % (name, '" \\\n    "'.join(
        data.hex()[i:i + 88] for i in range(0, len(data.hex()), 88))))


def packed(destination, data, **options):
    packet = RNS.Packet(destination, data, **options)
    packet.pack()
    return packet


def proof_of(identity, packet, implicit):
    """What Identity.prove() sends for a received packet."""
    sent = []
    packet.receiving_interface = None
    RNS.Reticulum.should_use_implicit_proof = staticmethod(lambda: implicit)
    real_send = RNS.Packet.send
    RNS.Packet.send = lambda self: sent.append(self)
    try:
        identity.prove(packet)
    finally:
        RNS.Packet.send = real_send
    sent[0].pack()
    return sent[0].raw


def ratchet_file(destination, count):
    destination.ratchets = [stream("ratchet %d" % i, 32) for i in range(count)]
    destination.ratchets_path = os.path.join(folder, "own")
    destination._persist_ratchets()
    with open(destination.ratchets_path, "rb") as f:
        return f.read()


print("// Made by tools/vectors_session.py, which asks the reference (rns 1.5.7). Hex.")
print("// clang-format off")
print("#ifndef VECTORS_SESSION_H_INCLUDED\n#define VECTORS_SESSION_H_INCLUDED\n")

secret = stream("identity", 64)
identity = RNS.Identity.from_bytes(secret)
name = ("reticule", "test", "session")
D = RNS.Destination
own = D(identity, D.IN, D.SINGLE, *name)
peer = D(RNS.Identity.from_bytes(secret), D.OUT, D.SINGLE, *name)
show("VECTOR_SECRET", secret, "An identity, and its destination reticule.test.session.")
show("VECTOR_PUBLIC", identity.get_public_key())
show("VECTOR_IDENTITY", identity.hash)
show("VECTOR_DEST", own.hash)
show("VECTOR_NAME_HASH", own.name_hash)
signed = b"signed by the reference"
show("VECTOR_SIGNATURE", identity.sign(signed), 'By it, of "signed by the reference".')

print("\n// Packets to it that say \"to the key\", \"to ratchet N\": the keys are those of the files.")
base = packed(peer, b"to the key")
show("VECTOR_TO_KEY", base.raw)
show("VECTOR_TO_KEY_HASH", base.packet_hash)
for number in (0, 2, 15):
    ratchet = RNS.Identity._ratchet_public_bytes(stream("ratchet %d" % number, 32))
    RNS.Identity.known_ratchets[peer.hash] = ratchet
    show("VECTOR_TO_RATCHET_%d" % number, packed(peer, b"to ratchet %d" % number).raw)
    show("VECTOR_RATCHET_ID_%d" % number, RNS.Identity._get_ratchet_id(ratchet))
del RNS.Identity.known_ratchets[peer.hash]
largest = packed(peer, bytes(range(128)) * 2 + bytes(127))
show("VECTOR_LARGEST", largest.raw, "383 bytes: 0 to 127 twice, 127 zeros.")

show("VECTOR_IMPLICIT_PROOF", proof_of(identity, base, True), "Proofs of the first packet.")
show("VECTOR_EXPLICIT_PROOF", proof_of(identity, base, False))

print("\n// Ratchet files with so many keys, the newest first; the first keys are the same.")
for count in (0, 3, 16):
    show("VECTOR_FILE_%d" % count, ratchet_file(own, count))
show("VECTOR_RATCHET_2_PUBLIC",
     RNS.Identity._ratchet_public_bytes(stream("ratchet 2", 32)))

print("\n// GROUP reticule.test.group with this key; PLAIN reticule.test.plain.")
group = D(identity, D.IN, D.GROUP, "reticule", "test", "group")
key = stream("group", 64)
group.load_private_key(key)
show("VECTOR_GROUP_KEY", key)
show("VECTOR_GROUP", packed(group, b"to the group").raw)
plain = D(None, D.IN, D.PLAIN, "reticule", "test", "plain")
show("VECTOR_PLAIN", packed(plain, b"to all").raw)
print("\n#endif")
