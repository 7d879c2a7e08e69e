"""Ratchets of destinations of ours, and those of others that were heard."""
import time

import RNS

from ._wire import wire_of
from .registry import command
from .wire_announce import ratchet_id


def ratcheted(handle, destination_hash):
    own = wire_of(handle).own(destination_hash)
    if own.destination.ratchets is None:
        raise ValueError("the destination has no ratchets")
    return own


def hex_or_none(data):
    return None if data is None else data.hex()


@command
def wire_read_ratchets(handle, destination_hash):
    own = ratcheted(handle, destination_hash)
    destination = own.destination
    return {"ratchet_count": len(destination.ratchets), "current_ratchet_id": ratchet_id(own, 0),
            "previous_ratchet_id": ratchet_id(own, 1),
            "ratchet_interval": destination.ratchet_interval,
            "retained_ratchets": destination.retained_ratchets,
            "latest_ratchet_id": hex_or_none(destination.latest_ratchet_id),
            "latest_ratchet_time": destination.latest_ratchet_time}


@command
def wire_set_ratchet_interval(handle, destination_hash, seconds):
    own = ratcheted(handle, destination_hash)
    return {"ok": own.destination.set_ratchet_interval(seconds),
            "ratchet_interval": own.destination.ratchet_interval}


@command
def wire_rotate_ratchet(handle, destination_hash, last_rotation_ago_s=None):
    own = ratcheted(handle, destination_hash)
    destination = own.destination
    before, count = ratchet_id(own, 0), len(destination.ratchets)
    if last_rotation_ago_s is not None:
        destination.latest_ratchet_time = time.time() - last_rotation_ago_s
    destination.rotate_ratchets()
    return {"rotated": ratchet_id(own, 0) != before, "before_count": count,
            "after_count": len(destination.ratchets), "before_current_id": before,
            "current_ratchet_id": ratchet_id(own, 0), "previous_ratchet_id": ratchet_id(own, 1),
            "ratchet_interval": destination.ratchet_interval,
            "latest_ratchet_time": destination.latest_ratchet_time}


@command
def wire_set_retained_ratchets(handle, destination_hash, n, pad_to=None):
    own = ratcheted(handle, destination_hash)
    while pad_to is not None and len(own.destination.ratchets) < pad_to:
        own.destination.ratchets.insert(0, RNS.Identity._generate_ratchet())
    return {"ok": own.destination.set_retained_ratchets(n),
            "retained_ratchets": own.destination.retained_ratchets,
            "ratchet_count": len(own.destination.ratchets),
            "ratchet_count_cap": RNS.Destination.RATCHET_COUNT}


@command
def wire_ratchet_file_roundtrip(handle, destination_hash):
    own = ratcheted(handle, destination_hash)
    destination = own.destination

    def ids():
        return [ratchet_id(own, index) for index in range(len(destination.ratchets))]

    before = ids()
    destination._persist_ratchets()
    path, destination.ratchets = destination.ratchets_path, []
    destination._reload_ratchets(path)
    return {"ratchets_path_set": path is not None, "reload_ok": destination.ratchets is not None,
            "ratchet_count_before": len(before), "ratchet_count_after": len(ids()),
            "roundtrip_match": ids() == before, "ratchet_ids": ids()}


@command
def wire_get_adopted_ratchet(destination_hash, handle=None):
    if handle is not None:
        wire_of(handle)
    ratchet = RNS.Identity.get_ratchet(bytes.fromhex(destination_hash))
    if ratchet is None:
        return {"found": False, "ratchet_public": None, "ratchet_id": None}
    return {"found": True, "ratchet_public": ratchet.hex(),
            "ratchet_id": RNS.Identity._get_ratchet_id(ratchet).hex()}
