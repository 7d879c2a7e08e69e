"""Packets of links as no peer would send them, made from genuine ones."""
import RNS

from ._wire import wait_for, wire_of
from .registry import command
from .wire_handshake import UNRELATED
from .wire_inject import has_code, sealed
from .wire_link import STATES
from .wire_link_probe import packet_of

CALLBACK_S = 0.15  # callbacks run in threads of their own


def identify_data(link, identity, variant):
    """What an initiator sends to identify, as this variant of it."""
    public_key = identity.get_public_key()
    signer = RNS.Identity() if variant == "forged_signature" else identity
    text = UNRELATED if variant == "wrong_signed_data" else link.link_id + public_key
    data = public_key + signer.sign(text)
    return data[:96] if variant == "wrong_length" else data


@command
def wire_inject_crafted_link_identify(handle, link_id, variant):
    if variant not in ("valid", "forged_signature", "wrong_signed_data", "wrong_length"):
        raise ValueError(f"no variant {variant}")
    link = wire_of(handle).any_link(link_id)
    identity = RNS.Identity()
    link.receive(packet_of(link, RNS.Packet.LINKIDENTIFY, identify_data(link, identity, variant)))
    peer = link.get_remote_identity()
    return {"variant": variant, "claimed_identity_hash": identity.hash.hex(),
            "remote_identity_after": peer.hash.hex() if peer else None,
            "adopted": peer is not None and peer.hash == identity.hash,
            "initiator": link.initiator}


@command
def wire_send_forged_link_close(handle, link_id, forged_id):
    link = wire_of(handle).any_link(link_id)
    before = link.status
    link.receive(packet_of(link, RNS.Packet.LINKCLOSE, bytes.fromhex(forged_id)))
    return {"torn_down": before != RNS.Link.CLOSED and link.status == RNS.Link.CLOSED,
            "status_before": before, "status_after": link.status,
            "status_name_after": STATES[link.status], "forged_id": forged_id,
            "real_link_id": link.link_id.hex()}


def delivered_by(link, give):
    """How many packets the application gets meanwhile."""
    count = [0]
    callback = link.callbacks.packet

    def note(message, packet):
        count[0] += 1
        if callback is not None:
            callback(message, packet)

    link.set_packet_callback(note)
    give()
    wait_for(lambda: count[0] > 0, CALLBACK_S)
    link.set_packet_callback(callback)
    return count[0]


class Foreign:
    """An interface that the link does not lead over."""


def damaged(raw, corruption):
    raw = bytearray(raw)
    if corruption == "replay_reflag":  # the same bytes, said to be for a PLAIN destination
        raw[0], raw[1] = RNS.Destination.PLAIN << 2, 0
    if corruption == "ciphertext":
        raw[19 + 16] ^= 1
    if corruption == "hmac":
        raw[-1] ^= 1
    if corruption == "truncate":
        del raw[19 + 16:]
    return bytes(raw)


@command
def wire_inject_tampered_link_data(handle, link_id, data="", corruption="none"):
    if corruption not in ("none", "ciphertext", "hmac", "truncate", "foreign_interface",
                          "pristine_link_inbound", "replay_reflag"):
        raise ValueError(f"no corruption {corruption}")
    link = wire_of(handle).any_link(link_id)
    packet = RNS.Packet(link, bytes.fromhex(data))
    packet.pack()
    reused = corruption == "replay_reflag" and hasattr(link, "pristine")
    if corruption == "pristine_link_inbound":
        link.pristine = packet.raw
    raw = damaged(link.pristine if reused else packet.raw, corruption)
    received = RNS.Packet(None, raw)
    unpacked = received.unpack()
    foreign = corruption == "foreign_interface"
    received.receiving_interface = Foreign() if foreign else link.attached_interface
    through_all = corruption in ("pristine_link_inbound", "replay_reflag")

    def give():
        if through_all:
            over = link.attached_interface
            RNS.Transport.inbound(sealed(over, raw) if has_code(over) else raw, over)
        else:
            link.receive(received)

    count = delivered_by(link, give) if unpacked else 0
    return {"corruption": corruption, "unpacked": bool(unpacked), "delivered": count > 0,
            "link_active": link.status == RNS.Link.ACTIVE, "status_name": STATES[link.status],
            "raw_hex": raw.hex(), "reused_raw": reused}


@command
def wire_inject_closed_link_data(handle, link_id, data=""):
    link = wire_of(handle).any_link(link_id)
    first = packet_of(link, RNS.Packet.NONE, bytes.fromhex(data))
    late = packet_of(link, RNS.Packet.NONE, bytes.fromhex(data))
    before = delivered_by(link, lambda: link.receive(first))
    link.teardown()
    after = delivered_by(link, lambda: link.receive(late))
    return {"delivered_before": before > 0, "delivered": after > 0,
            "link_closed": link.status == RNS.Link.CLOSED, "status_name": STATES[link.status]}
