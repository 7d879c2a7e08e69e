"""Packets, and what becomes of their receipts."""
import RNS

from ._wire import wait_for, wire_of
from .registry import command
from .wire_link import outgoing

STATUS = {RNS.PacketReceipt.FAILED: "FAILED", RNS.PacketReceipt.SENT: "SENT",
          RNS.PacketReceipt.DELIVERED: "DELIVERED", RNS.PacketReceipt.CULLED: "CULLED"}
RECEIPTS = []


def keep(receipt):
    """The name of a receipt."""
    if not receipt:
        return None
    RECEIPTS.append(receipt)
    return f"receipt-{len(RECEIPTS)}"


def receipt_of(receipt_id):
    number = int(receipt_id.removeprefix("receipt-"))
    if not 1 <= number <= len(RECEIPTS):
        raise KeyError("no such receipt")
    return RECEIPTS[number - 1]


def is_delivered(receipt, timeout_ms):
    wait_for(lambda: receipt.status != RNS.PacketReceipt.SENT, timeout_ms / 1000)
    return receipt.status == RNS.PacketReceipt.DELIVERED


@command
def wire_packet_receipt_status(handle, receipt_id, timeout_ms=0):
    wire_of(handle)
    receipt = receipt_of(receipt_id)
    return {"delivered": is_delivered(receipt, timeout_ms), "proved": receipt.proved,
            "status": receipt.status, "status_name": STATUS[receipt.status]}


@command
def wire_send_packet(handle, destination_hash, app_name, aspects=(), data="",
                     create_receipt=True):
    wire_of(handle)
    packet = RNS.Packet(outgoing(destination_hash, app_name, aspects), bytes.fromhex(data),
                        create_receipt=create_receipt)
    receipt = packet.send()
    return {"sent": packet.sent, "receipt_id": keep(receipt),
            "hops": RNS.Transport.hops_to(bytes.fromhex(destination_hash))}


@command
def wire_send_link_data(handle, link_id, data="", create_receipt=True):
    packet = RNS.Packet(wire_of(handle).link(link_id), bytes.fromhex(data),
                        create_receipt=create_receipt)
    receipt = packet.send()
    return {"sent": packet.sent, "receipt_id": keep(receipt)}


def status_of(sent, delivered):
    return "send_failed" if not sent else "delivered" if delivered else "timeout"


@command
def wire_send_opportunistic(handle, destination_hash, app_name, aspects=(), data="",
                            timeout_ms=5000):
    wire_of(handle)
    packet = RNS.Packet(outgoing(destination_hash, app_name, aspects), bytes.fromhex(data))
    receipt = packet.send()
    delivered = bool(receipt) and is_delivered(receipt, timeout_ms)
    return {"sent": packet.sent, "delivered": delivered,
            "status": status_of(packet.sent, delivered)}


class Proofs:
    """Notes the raw proofs that come in, without access codes."""

    def __enter__(self):
        self.frames, self.unpack = [], RNS.Packet.unpack

        def note(packet):
            if packet.raw and packet.raw[0] & 0x83 == RNS.Packet.PROOF:
                self.frames.append(bytes(packet.raw))
            return self.unpack(packet)

        RNS.Packet.unpack = note
        return self

    def __exit__(self, *_):
        RNS.Packet.unpack = self.unpack

    def of(self, packet_hash):
        return next((raw for raw in self.frames if raw[2:18] == packet_hash[:16]), None)


@command
def wire_send_packet_with_proof_request(handle, destination_hash, app_name, aspects=(), data="",
                                        timeout_ms=10000):
    wire_of(handle)
    packet = RNS.Packet(outgoing(destination_hash, app_name, aspects), bytes.fromhex(data))
    with Proofs() as proofs:
        receipt = packet.send()
        delivered = bool(receipt) and is_delivered(receipt, timeout_ms)
        raw = proofs.of(receipt.hash) if receipt else None
    proof = raw and raw[19:]
    return {"sent": packet.sent, "receipt_id": keep(receipt),
            "hops": RNS.Transport.hops_to(bytes.fromhex(destination_hash)),
            "delivered": delivered, "proved": bool(receipt) and receipt.proved,
            "implicit_proof_config": RNS.Reticulum.should_use_implicit_proof(),
            "proof_data": proof and proof.hex(), "proof_len": proof and len(proof),
            "proof_is_implicit": proof and len(proof) == RNS.PacketReceipt.IMPL_LENGTH,
            "proof_is_explicit": proof and len(proof) == RNS.PacketReceipt.EXPL_LENGTH,
            "impl_length": RNS.PacketReceipt.IMPL_LENGTH,
            "expl_length": RNS.PacketReceipt.EXPL_LENGTH, "proof_raw": raw and raw.hex(),
            "proved_packet_hash": receipt.hash.hex() if receipt else None}


@command
def wire_send_undecryptable(handle, destination_hash, app_name, aspects=(), data="",
                            corruption="ciphertext", timeout_ms=0):
    wire_of(handle)
    if corruption not in ("ciphertext", "truncate"):
        raise ValueError(f"no corruption {corruption}")
    packet = RNS.Packet(outgoing(destination_hash, app_name, aspects), bytes.fromhex(data))
    packet.pack()
    raw = bytearray(packet.raw)
    if corruption == "ciphertext":
        raw[-1] ^= 1
    else:
        del raw[19:]
    packet.raw = bytes(raw)
    receipt = packet.send()
    delivered = bool(receipt) and is_delivered(receipt, timeout_ms)
    return {"sent": packet.sent, "receipt_id": keep(receipt), "delivered": delivered,
            "status": status_of(packet.sent, delivered)}
