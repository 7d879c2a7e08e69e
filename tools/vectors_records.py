#!/usr/bin/env python3
"""Lets the reference (package rns) write its storage files, for the tests of records and of the store.

usage: vectors_records.py > tests/vectors/records.h     (with a Python that has rns 1.5.7)

Everything random is replaced by bytes counted out of a hash, and time stands still.
"""
import hashlib
import os
import tempfile
import time

import RNS
import RNS.vendor.umsgpack as umsgpack
from RNS.Interfaces.Interface import Interface

RNS.loglevel = -1
NOW = 1800000000.0
drawn = 0


def stream(name, size):
    return hashlib.shake_128(b"reticule records " + name.encode()).digest(size)


class Owner:
    is_connected_to_shared_instance = False


class Radio(Interface):
    def __init__(self, name):  # without the base: it wants a running Reticulum
        self.name, self.mode, self._Interface__hash = name, Interface.MODE_FULL, None

    def __str__(self):
        return f"TestInterface[{self.name}]"


def draw(size):
    global drawn
    drawn += 1
    return stream("draw %d" % drawn, size)


def show(name, data, comment=None):
    if comment:
        print("// " + comment)
    if isinstance(data, str):
        print(f'#define {name} "{data}"')
        return
    digits = data.hex()
    lines = [digits[i:i + 88] for i in range(0, len(digits), 88)] or [""]
    print(f"#define {name} \\\n    \"" + '" \\\n    "'.join(lines) + '"')


def announce(name, app_data, received_on, age):
    """An announce as it came in over an interface, one hop away: its entry in the path table."""
    identity = RNS.Identity.from_bytes(stream(name, 64))
    destination = RNS.Destination(identity, RNS.Destination.IN, RNS.Destination.SINGLE, "reticule", "test", name)
    time.time = lambda: NOW - age
    packet = destination.announce(app_data=app_data, send=False)
    packet.hops = 1
    packet.pack()
    packet = RNS.Packet(None, packet.raw)
    packet.unpack()
    packet.receiving_interface = received_on
    RNS.Identity.validate_announce(packet)
    RNS.Transport.cache(packet, force_cache=True, packet_type="announce")
    time.time = lambda: NOW
    return destination, packet


def blob(emitted, name):
    return stream(name, 5) + int(emitted).to_bytes(5, "big")


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def main():
    T, I, R = RNS.Transport, RNS.Identity, RNS.Reticulum
    folder = tempfile.mkdtemp()
    R.storagepath, R.cachepath, R.blackholepath = folder, folder + "/cache", folder + "/blackhole"
    for name in ("cache", "cache/announces", "blackhole", "ratchets"):
        os.makedirs(os.path.join(folder, name))
    os.urandom = draw
    time.time = lambda: NOW
    T.owner = Owner()
    T.register_destination = staticmethod(lambda destination: None)
    R.transport_enabled = staticmethod(lambda: True)
    I.get_random_hash = staticmethod(lambda: draw(16))
    near, far = Radio("near"), Radio("far")
    T.interfaces = [near, far]
    T.identity = RNS.Identity.from_bytes(stream("transport", 64))
    T.identity.to_file(folder + "/transport_identity")

    a, a_packet = announce("a", b"alpha", near, 600)
    b, b_packet = announce("b", None, far, 1200)
    c, c_packet = announce("c", b"", near, 1800)
    I.known_destinations[b.hash][4] = NOW - 60.5
    I.known_destinations[c.hash][4] = -1
    a_blobs = [blob(NOW - 900, "a 1"), blob(NOW - 800, "a 2"), a_packet.data[74:84]]
    hop = stream("next hop", 16)
    T.path_table = {
        a.hash: [NOW - 300.25, hop, 2, NOW - 600 + T.PATHFINDER_E, a_blobs, near, a_packet.packet_hash],
        b.hash: [NOW - 1200, b.hash, 1, NOW - 1200 + T.PATHFINDER_E, [b_packet.data[74:84]], far, b_packet.packet_hash],
    }
    tunnel = stream("tunnel", 32)
    c_path = [NOW - 1800, hop, 3, NOW - 1800 + T.PATHFINDER_E, [c_packet.data[74:84]], near, c_packet.packet_hash]
    T.tunnels = {tunnel: [tunnel, near, {c.hash: c_path}, NOW + 1800]}
    T.packet_hashlist = {stream("seen 1", 32): None, stream("seen 2", 32): None}
    I._remember_ratchet(a.hash, stream("ratchet", 32))
    T.blackhole_identity(stream("bad", 16), until=None, reason="spam \u00e9")
    T.blackhole_identity(stream("worse", 16), until=NOW + 3600)
    T.save_path_table()
    T.save_tunnel_table()
    T.save_packet_hashlist()
    I.save_known_destinations()
    for _ in range(100):
        if os.path.exists(f"{folder}/ratchets/{a.hash.hex()}"):
            break
        time.sleep(0.01)

    print("// Made by tools/vectors_records.py, which lets the reference (rns 1.5.7) write its files. Hex.")
    print("// clang-format off\n#ifndef VECTORS_RECORDS_H_INCLUDED\n#define VECTORS_RECORDS_H_INCLUDED\n")
    print("#define RECORDS_UNIX_S 1800000000 // when they were written")
    show("RECORDS_NEAR", str(near), "Interfaces: their display strings.")
    show("RECORDS_FAR", str(far))
    show("RECORDS_NEXT_HOP", hop)
    show("RECORDS_IDENTITY_HASH", T.identity.hash, "The transport identity's hash.")
    for name, destination, packet in (("A", a, a_packet), ("B", b, b_packet), ("C", c, c_packet)):
        show(f"RECORDS_{name}", destination.hash, f"Destination {name}: address, keys, packet hash, records.")
        show(f"RECORDS_{name}_PUB", destination.identity.get_public_key())
        show(f"RECORDS_{name}_PACKET", packet.packet_hash)
        show(f"RECORDS_{name}_KNOWN", umsgpack.packb(I.known_destinations[destination.hash]))
        show(f"RECORDS_{name}_ANNOUNCE", read(folder, "cache/announces/" + packet.packet_hash.hex()))
    paths = {entry[0]: entry for entry in umsgpack.unpackb(read(folder, "destination_table"))}
    show("RECORDS_A_PATH", umsgpack.packb(paths[a.hash]), "Over NEAR, 3 blobs. Over FAR, 1 blob.")
    show("RECORDS_B_PATH", umsgpack.packb(paths[b.hash]))
    show("RECORDS_A_BLOBS", b"".join(a_blobs), "Oldest first.")
    show("RECORDS_TUNNEL_ID", tunnel)
    show("RECORDS_TUNNEL", umsgpack.packb(umsgpack.unpackb(read(folder, "tunnels"))[0]), "With a path to C.")
    show("RECORDS_RATCHET_PUB", stream("ratchet", 32))
    show("RECORDS_A_RATCHET", read(folder, "ratchets/" + a.hash.hex()))
    holes = umsgpack.unpackb(read(folder, "blackhole/local"))
    show("RECORDS_BAD", stream("bad", 16), "Shut out for ever, because of \"spam \u00e9\"; and for an hour.")
    show("RECORDS_BAD_HOLE", umsgpack.packb(holes[stream("bad", 16)]))
    show("RECORDS_WORSE", stream("worse", 16))
    show("RECORDS_WORSE_HOLE", umsgpack.packb(holes[stream("worse", 16)]))
    print("\n// Whole files.")
    for name in ("transport_identity", "known_destinations", "destination_table", "tunnels",
                 "packet_hashlist.raw", "blackhole/local"):
        show("RECORDS_FILE_" + name.split("/")[0].split(".")[0].upper(), read(folder, name))
    print("\n#endif\n// clang-format on")


if __name__ == "__main__":
    main()
