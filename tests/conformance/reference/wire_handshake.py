"""How links open: what is asked, what is taken, what is proved."""
import os

import RNS

from ._wire import wire_of
from .registry import command
from .wire_link import STATES, outgoing_of

MTU = 500
UNRELATED = b"something else altogether"


def a_link(app_name="conformance", aspects=("lrproof",)):
    """A link to somebody who has not answered, and who that is."""
    identity = RNS.Identity()
    return RNS.Link(outgoing_of(identity, app_name, aspects)), identity


@command
def wire_link_request_payload(handle, app_name="conformance", aspects=("link-payload",)):
    wire_of(handle)
    link, _ = a_link(app_name, aspects)
    data = link.request_data
    result = {"request_data_hex": data.hex(), "pub_bytes": link.pub_bytes.hex(),
              "sig_pub_bytes": link.sig_pub_bytes.hex(),
              "signalling_bytes": data[RNS.Link.ECPUBSIZE:].hex(), "mtu": link.mtu,
              "mode": link.mode, "len": len(data), "ecpubsize": RNS.Link.ECPUBSIZE,
              "link_mtu_size": RNS.Link.LINK_MTU_SIZE, "reticulum_mtu": RNS.Reticulum.MTU}
    link.teardown()
    return result


@command
def wire_link_signalling_bytes(handle=None, mtu=0, mode=0):
    try:
        data = RNS.Link.signalling_bytes(mtu, mode).hex()
    except TypeError:
        data = None
    return {"signalling_bytes": data, "raised": data is None,
            "mtu_bytemask": RNS.Link.MTU_BYTEMASK, "mode_bytemask": RNS.Link.MODE_BYTEMASK,
            "enabled_modes": list(RNS.Link.ENABLED_MODES), "mtu": mtu, "mode": mode,
            "mode_default": RNS.Link.MODE_DEFAULT, "link_mtu_size": RNS.Link.LINK_MTU_SIZE}


def own_destination(accepts, app_name, aspects):
    destination = RNS.Destination(RNS.Identity(), RNS.Destination.IN, RNS.Destination.SINGLE,
                                  app_name, *aspects)
    destination.accepts_links(accepts)
    return destination


def draw_request():
    """What an initiator sends, but for what it signals."""
    x25519 = RNS.Cryptography.X25519PrivateKey.generate()
    ed25519 = RNS.Cryptography.Ed25519PrivateKey.generate()
    return (x25519.public_key().public_bytes() + ed25519.public_key().public_bytes())


def request_packet(destination, data, hops):
    """A link request as it comes in."""
    to = outgoing_of(destination.identity, *destination.name.split(".")[:1],
                     destination.name.split(".")[1:-1])
    packet = RNS.Packet(to, data, packet_type=RNS.Packet.LINKREQUEST)
    packet.pack()
    received = RNS.Packet(None, packet.raw)
    unpacked = received.unpack()
    received.receiving_interface = RNS.Transport.interfaces[0]
    received.hops = hops
    received.destination = destination
    return received if unpacked else None


def give(destination, packet):
    if packet is not None:
        destination.receive(packet)
    return destination.links[-1] if destination.links else None


def forget(destination):
    for link in destination.links:
        link.teardown()
    RNS.Transport.deregister_destination(destination)


@command
def wire_inject_crafted_link_request(handle, variant, hops=0, app_name="conformance",
                                     aspects=("lr-validate",)):
    wire_of(handle)
    signalling = RNS.Link.signalling_bytes(MTU, RNS.Link.MODE_DEFAULT)
    data = {"valid64": lambda keys: keys, "valid67": lambda keys: keys + signalling,
            "size_63": lambda keys: keys[:63], "size_66": lambda keys: keys + signalling[:2],
            "size_0": lambda keys: b"",
            "bad_mode": lambda keys: keys + bytes([3 << 5, 1, 0xf4])}[variant](draw_request())
    destination = own_destination(True, app_name, aspects)
    link = give(destination, request_packet(destination, data, hops))
    result = {"variant": variant, "data_len": len(data), "accepted": link is not None,
              "inbound_link_created": link is not None,
              "establishment_timeout": link and link.establishment_timeout,
              "mode": link and link.mode, "mtu": link and link.mtu,
              "establishment_timeout_per_hop": RNS.Link.ESTABLISHMENT_TIMEOUT_PER_HOP,
              "keepalive": RNS.Link.KEEPALIVE}
    forget(destination)
    return result


@command
def wire_link_accept_gate(handle, accepts, app_name="conformance", aspects=("accept-gate",)):
    wire_of(handle)
    destination = own_destination(accepts, app_name, aspects)
    before = len(destination.links)
    data = draw_request() + RNS.Link.signalling_bytes(MTU, RNS.Link.MODE_DEFAULT)
    give(destination, request_packet(destination, data, 1))
    after = len(destination.links)
    forget(destination)
    return {"accepts": accepts, "links_before": before, "links_after": after,
            "link_created": after > before}


@command
def wire_capture_lrproof_frame(handle):
    wire_of(handle)
    link, _ = a_link()
    packet = RNS.Packet(link, os.urandom(99), packet_type=RNS.Packet.PROOF,
                        context=RNS.Packet.LRPROOF)
    packet.pack()
    link.teardown()
    return {"raw": packet.raw.hex(), "flags": packet.flags, "link_id": link.link_id.hex(),
            "packet_type": RNS.Packet.PROOF, "context": RNS.Packet.LRPROOF,
            "expected_link_dest_type": RNS.Destination.LINK,
            "truncated_hashlength": RNS.Reticulum.TRUNCATED_HASHLENGTH // 8}


def lrproof_packet(link, identity, variant):
    """The proof of who was asked, as this variant of it."""
    ephemeral = RNS.Cryptography.X25519PrivateKey.generate().public_key().public_bytes()
    is_long = variant == "mode_mismatch"
    signalling = RNS.Link.signalling_bytes(MTU, RNS.Link.MODE_DEFAULT) if is_long else b""
    text = link.link_id + ephemeral + identity.get_public_key()[32:] + signalling
    signer = RNS.Identity() if variant == "forged_signature" else identity
    signature = signer.sign(UNRELATED if variant == "wrong_signed_data" else text)
    data = signature + ephemeral + (bytes([2 << 5, 1, 0xf4]) if is_long else b"")
    packet = RNS.Packet(link, data[:95] if variant == "wrong_size" else data,
                        packet_type=RNS.Packet.PROOF, context=RNS.Packet.LRPROOF)
    packet.pack()
    received = RNS.Packet(None, packet.raw)
    received.unpack()
    received.receiving_interface = RNS.Transport.interfaces[0]
    return received


@command
def wire_inject_crafted_lrproof(handle, variant):
    wire_of(handle)
    if variant not in ("valid", "forged_signature", "wrong_signed_data", "mode_mismatch",
                       "wrong_size", "non_pending"):
        raise ValueError(f"no variant {variant}")
    link, identity = a_link()
    packet = lrproof_packet(link, identity, variant)
    if variant == "non_pending":
        link.status = RNS.Link.CLOSED
    link.validate_proof(packet)
    result = {"variant": variant, "activated": link.status == RNS.Link.ACTIVE,
              "status": link.status, "status_name": STATES[link.status], "mtu": link.mtu,
              "mode": link.mode}
    link.teardown()
    return result
