"""The duplicate filter, access codes, tunnels, path requests, announces that are held back."""
import RNS

from ._mock import interface_of, mock_of
from .registry import command


def unpacked(raw):
    packet = RNS.Packet(None, bytes.fromhex(raw))
    return packet if packet.unpack() else None


@command
def behavioral_packet_filter(handle, raw, remember=True):
    mock_of(handle)
    packet = unpacked(raw)
    if packet is None:
        raise ValueError("no packet")
    packet.receiving_interface = None
    accepted = bool(RNS.Transport.packet_filter(packet))
    if accepted and remember:
        RNS.Transport.add_packet_hash(packet.packet_hash)
    return {"accepted": accepted, "packet_hash": packet.packet_hash.hex(),
            "remembered": accepted and remember}


@command
def behavioral_inbound_remembered(handle, iface_id, raw):
    interface = interface_of(handle, iface_id)
    packet = unpacked(raw)
    before = len(RNS.Transport.packet_hashlist)
    interface.receive(bytes.fromhex(raw))
    after = len(RNS.Transport.packet_hashlist)
    return {"hashlist_before": before, "hashlist_after": after, "hashlist_grew": after > before,
            "unpackable": packet is not None,
            "packet_hash": packet.packet_hash.hex() if packet else None,
            "in_hashlist": packet is not None and
            packet.packet_hash in RNS.Transport.packet_hashlist}


@command
def behavioral_ifac_mask(handle, iface_id, raw):
    interface = interface_of(handle, iface_id)
    if interface.ifac_identity is None:
        raise ValueError("the interface has no access code")
    interface.take_sent()
    RNS.Transport.transmit(interface, bytes.fromhex(raw))
    masked, = interface.take_sent()
    return {"masked": masked.hex()}


@command
def behavioral_synthesize_tunnel(handle, iface_id):
    interface = interface_of(handle, iface_id)
    RNS.Transport.synthesize_tunnel(interface)
    named = RNS.Transport.identity.get_public_key() + interface.get_hash()
    return {"iface_id": iface_id, "tunnel_id": RNS.Identity.full_hash(named).hex()}


@command
def behavioral_request_path(handle, iface_id, dest, tag=None):
    used = bytes.fromhex(tag) if tag else RNS.Identity.get_random_hash()
    RNS.Transport.request_path(bytes.fromhex(dest), on_interface=interface_of(handle, iface_id),
                               tag=used)
    return {"tag": used.hex()}


@command
def behavioral_hold_and_release_announce(handle, iface_id, announces):
    interface = interface_of(handle, iface_id)
    hops = {}
    for raw in announces:
        packet = unpacked(raw)
        packet.receiving_interface = interface
        interface.hold_announce(packet)
        hops[packet.destination_hash.hex()] = packet.hops
    before = [dest.hex() for dest in interface.held_announces]
    interface.ic_held_release = 0
    interface.process_held_announces()
    after = [dest.hex() for dest in interface.held_announces]
    return {"held_before": before, "held_after": after, "hops": hops,
            "released": [dest for dest in before if dest not in after]}
