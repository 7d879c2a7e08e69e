"""Which packets have receipts, how long these wait, and which proofs they take."""
import os

import RNS

from ._wire import wire_of
from .registry import command
from .wire_handshake import a_link, lrproof_packet
from .wire_link import outgoing_of
from .wire_receipt import STATUS, receipt_of


def somebody(aspect="receipts"):
    identity = RNS.Identity()
    return outgoing_of(identity, "conformance", [aspect]), identity


@command
def wire_packet_receipt_generation(handle, dest_type="single", context=0, packet_type=0):
    wire_of(handle)
    destination, _ = somebody()
    if dest_type == "plain":
        destination = RNS.Destination(None, RNS.Destination.OUT, RNS.Destination.PLAIN,
                                      "conformance", "receipts")
    elif dest_type != "single":
        raise ValueError(f"no type {dest_type}")
    packet = RNS.Packet(destination, os.urandom(96), packet_type=packet_type, context=context)
    packet.send()
    return {"dest_type": dest_type, "context": context, "packet_type": packet_type,
            "sent": packet.sent, "has_receipt": packet.receipt is not None,
            "create_receipt_flag": packet.create_receipt}


def sent_to_somebody():
    destination, identity = somebody()
    packet = RNS.Packet(destination, b"proved or not")
    packet.send()
    return packet.receipt, identity


@command
def wire_packet_receipt_timeout(handle, force_timeout=None):
    wire_of(handle)
    destination, _ = somebody()
    packet = RNS.Packet(destination, b"proved or not")
    receipt = packet.send() or RNS.PacketReceipt(packet)
    shared = RNS.Reticulum.get_instance().is_connected_to_shared_instance
    result = {"timeout": receipt.timeout, "status": receipt.status, "is_link": False,
              "default_per_hop_timeout": RNS.Reticulum.DEFAULT_PER_HOP_TIMEOUT,
              "timeout_per_hop": RNS.Packet.TIMEOUT_PER_HOP,
              "pathfinder_m": RNS.Transport.PATHFINDER_M,
              "hops_to": RNS.Transport.hops_to(destination.hash),
              "first_hop_timeout":
                  RNS.Reticulum.get_instance().get_first_hop_timeout(destination.hash),
              "is_connected_to_shared": shared, "status_sent": RNS.PacketReceipt.SENT}
    if force_timeout is not None:
        receipt.timeout = force_timeout
        receipt.sent_at -= 1000
        receipt.check_timeout()
        result.update(forced_timeout=force_timeout, forced_status=receipt.status,
                      status_culled=RNS.PacketReceipt.CULLED,
                      status_failed=RNS.PacketReceipt.FAILED)
    return result


def proof_of(packet_hash, variant, identity):
    """The proof of a packet as this variant of it."""
    other = RNS.Identity()
    return {
        "forged_implicit": lambda: other.sign(packet_hash),
        "forged_explicit": lambda: packet_hash + other.sign(packet_hash),
        "wrong_hash_explicit": lambda: os.urandom(32) + (identity or other).sign(packet_hash),
        "wrong_length_short": lambda: os.urandom(32),
        "wrong_length_mid": lambda: os.urandom(65),
        "wrong_length_long": lambda: os.urandom(97),
        "valid_explicit": lambda: packet_hash + identity.sign(packet_hash),
        "valid_implicit": lambda: identity.sign(packet_hash),
        "implicit_valid_sig": lambda: identity.sign(packet_hash),
        "implicit_random": lambda: os.urandom(64)}[variant]()


def told(receipt, variant, proof, validated):
    return {"variant": variant, "validated": bool(validated), "status": receipt.status,
            "status_name": STATUS[receipt.status], "proved": receipt.proved,
            "proof_len": len(proof), "expl_length": RNS.PacketReceipt.EXPL_LENGTH,
            "impl_length": RNS.PacketReceipt.IMPL_LENGTH}


@command
def wire_inject_crafted_proof(handle, receipt_id, variant):
    wire_of(handle)
    receipt = receipt_of(receipt_id)
    proof = proof_of(receipt.hash, variant, None)
    return told(receipt, variant, proof, receipt.validate_proof(proof))


@command
def wire_inject_single_proof_format(handle, variant):
    wire_of(handle)
    receipt, identity = sent_to_somebody()
    proof = proof_of(receipt.hash, variant, identity)
    return told(receipt, variant, proof, receipt.validate_proof(proof))


@command
def wire_inject_crafted_link_proof(handle, variant):
    wire_of(handle)
    link, identity = a_link()
    link.validate_proof(lrproof_packet(link, identity, "valid"))
    packet = RNS.Packet(link, b"proved or not")
    packet.pack()
    receipt = RNS.PacketReceipt(packet)
    proof = proof_of(receipt.hash, variant, identity)
    result = told(receipt, variant, proof, receipt.validate_link_proof(proof, link))
    link.teardown()
    return result
