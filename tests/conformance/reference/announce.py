"""Announces."""
import os
import tempfile
import time

import RNS

from ._still import clock_at, destination, instance
from .registry import command


def parts_of(packet):
    """What an announce is made of."""
    sizes = [("public_key", RNS.Identity.KEYSIZE // 8),
             ("name_hash", RNS.Identity.NAME_HASH_LENGTH // 8), ("random_hash", 10)]
    if packet.context_flag:
        sizes.append(("ratchet", RNS.Identity.RATCHETSIZE // 8))
    sizes.append(("signature", RNS.Identity.SIGLENGTH // 8))
    parts, at = {"ratchet": ""}, 0
    for name, size in sizes:
        parts[name] = packet.data[at:at + size].hex()
        at += size
    return parts | {"app_data": packet.data[at:].hex()}


@command
def announce_build(private_key, app_name, aspects=(), app_data=None, enable_ratchets=False,
                   emission_ts=None):
    with destination(app_name, aspects, identity_private_key=private_key) as made:
        if enable_ratchets:
            made.enable_ratchets(os.path.join(tempfile.mkdtemp(), "ratchets"))
        with clock_at(time.time() if emission_ts is None else float(emission_ts)):
            packet = made.announce(app_data=bytes.fromhex(app_data) if app_data else None,
                                   send=False)
        packet.pack()
        return parts_of(packet) | {
            "raw": packet.raw.hex(), "destination_hash": made.hash.hex(),
            "announce_data": packet.data.hex(), "has_ratchet": bool(packet.context_flag)}


@command
def announce_validate(raw):
    instance()
    packet = RNS.Packet(None, bytes.fromhex(raw))
    if not packet.unpack():
        return {"valid": False, "error": "unpack_failed"}
    if packet.packet_type != RNS.Packet.ANNOUNCE:
        return {"valid": False, "error": "not_an_announce"}
    result = {"valid": bool(RNS.Identity.validate_announce(packet)),
              "destination_hash": packet.destination_hash.hex(),
              "has_ratchet": bool(packet.context_flag)}
    if packet.context_flag:
        result["ratchet"] = parts_of(packet)["ratchet"]
    return result


@command
def announce_queue_constants():
    return {"announce_cap": RNS.Reticulum.ANNOUNCE_CAP,
            "max_queued_announces": RNS.Reticulum.MAX_QUEUED_ANNOUNCES,
            "queued_announce_life": RNS.Reticulum.QUEUED_ANNOUNCE_LIFE}
