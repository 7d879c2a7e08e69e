#!/usr/bin/env python3
"""Has the reference synthesize a tunnel and writes down the packet and the tunnel's id.

usage: vectors_tunnel.py > tests/vectors/tunnel.h     (with a Python that has rns 1.5.7)
"""
import sys
import types

import RNS

RNS.loglevel = -1
SECRET = bytes((i * 7 + 3) & 0xFF for i in range(64))
RANDOM = bytes(range(0x40, 0x50))
NAME = "TCPInterface[Test/127.0.0.1:4242]"


def main():
    identity = RNS.Identity.from_bytes(SECRET)
    sent, found = [], []

    def send(packet):
        packet.pack()
        sent.append(packet.raw)

    RNS.Transport.identity = identity
    RNS.Transport.handle_tunnel = staticmethod(lambda tunnel_id, interface: found.append(tunnel_id))
    RNS.Identity.get_random_hash = staticmethod(lambda: RANDOM)
    RNS.Packet.send = send
    interface = types.SimpleNamespace(get_hash=lambda: RNS.Identity.full_hash(NAME.encode()))
    RNS.Transport.synthesize_tunnel(interface)
    RNS.Transport.tunnel_synthesize_handler(sent[0][19:], types.SimpleNamespace(receiving_interface=None))
    print(f"""// Made by tools/vectors_tunnel.py from rns {RNS.__version__}; do not edit. Bytes are hex.
#ifndef VECTORS_TUNNEL_H_INCLUDED
#define VECTORS_TUNNEL_H_INCLUDED

// clang-format off
#define TUNNEL_NAME   "{NAME}"
#define TUNNEL_SECRET "{SECRET.hex()}"
#define TUNNEL_RANDOM "{RANDOM.hex()}"
#define TUNNEL_PACKET "{sent[0].hex()}"
#define TUNNEL_ID     "{found[0].hex()}"
// clang-format on
#endif""")


if __name__ == "__main__":
    sys.exit(main())
