"""Packets."""
import RNS

from ._still import instance
from .registry import command

HEADERS = {1: RNS.Packet.HEADER_1, 2: RNS.Packet.HEADER_2, "HEADER_1": RNS.Packet.HEADER_1,
           "HEADER_2": RNS.Packet.HEADER_2}


def somebody(dest_type):
    """A destination that was made for one packet."""
    instance()
    types = {"plain": RNS.Destination.PLAIN, "single": RNS.Destination.SINGLE,
             "group": RNS.Destination.GROUP}
    identity = None if dest_type == "plain" else RNS.Identity()
    destination = RNS.Destination(identity, RNS.Destination.OUT, types[dest_type], "conformance",
                                  "packet")
    if dest_type == "group":
        destination.create_keys()
    return destination


def told(packet):
    transport_id = packet.transport_id
    return {"flags": packet.raw[0], "hops": packet.hops, "header_type": packet.header_type,
            "context_flag": packet.context_flag, "transport_type": packet.transport_type,
            "destination_type": packet.destination_type, "packet_type": packet.packet_type,
            "destination_hash": packet.destination_hash.hex(),
            "transport_id": None if transport_id is None else transport_id.hex(),
            "context": packet.context, "data": packet.data.hex(), "hash": packet.get_hash().hex()}


def parsed(raw):
    packet = RNS.Packet(None, raw)
    return packet if packet.unpack() else None


@command
def packet_build(dest_type="plain", packet_type=0, context=0, context_flag=0, hops=0, data="",
                 header_type=1, transport_id=None, transport_type=0):
    header = HEADERS[header_type]
    if header == RNS.Packet.HEADER_2:
        if packet_type != RNS.Packet.ANNOUNCE or len(bytes.fromhex(transport_id)) != 16:
            raise ValueError("such a packet cannot be packed")
    packet = RNS.Packet(somebody(dest_type), bytes.fromhex(data), packet_type=packet_type,
                        context=context, transport_type=transport_type, header_type=header,
                        transport_id=bytes.fromhex(transport_id) if transport_id else None,
                        create_receipt=False, context_flag=context_flag)
    packet.hops = hops
    packet.pack()
    seen = parsed(packet.raw)
    if seen is None:
        raise ValueError("nobody takes it")
    return {"raw": packet.raw.hex()} | told(seen)


@command
def packet_build_raw_header2(packet_type=1, transport_id=None, data=""):
    packet = RNS.Packet(somebody("single"), bytes.fromhex(data) or b"\0", packet_type=packet_type,
                        header_type=RNS.Packet.HEADER_2, create_receipt=False,
                        transport_id=None if transport_id is None else bytes.fromhex(transport_id))
    try:
        packet.pack()
    except Exception as error:
        return {"error": str(error), "error_type": type(error).__name__}
    return {"raw": packet.raw.hex(), "raw_len": len(packet.raw)}


@command
def packet_unpack(raw):
    packet = parsed(bytes.fromhex(raw))
    return {"unpacked": False} if packet is None else {"unpacked": True} | told(packet)


@command
def packet_hash(raw):
    return {"hash": parsed(bytes.fromhex(raw)).get_hash().hex()}


@command
def packet_resend_observe(dest_type="single", data=""):
    packet = RNS.Packet(somebody(dest_type), bytes.fromhex(data) or b"conformance",
                        create_receipt=False)
    packet.pack()
    seen = [packet.raw.hex(), packet.get_hash().hex()]
    packet.sent = True
    packet.resend()
    seen += [packet.raw.hex(), packet.get_hash().hex()]
    return dict(zip(("raw_1", "hash_1", "raw_2", "hash_2"), seen))
