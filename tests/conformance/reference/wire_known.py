"""What is known of others, and how it is kept."""
import os
import time

import RNS

from ._wire import wait_for, wire_of
from .registry import command


@command
def wire_identity_recall(handle, destination_hash, timeout_ms=0, from_identity_hash=False):
    wire_of(handle)
    target = bytes.fromhex(destination_hash)

    def recall():
        return RNS.Identity.recall(target, from_identity_hash=from_identity_hash)

    wait_for(recall, timeout_ms / 1000)
    identity = recall()
    if identity is None:
        return {"found": False, "app_data": None}
    return {"found": True, "public_key": identity.get_public_key().hex(),
            "hash": identity.hash.hex(),
            "app_data": None if identity.app_data is None else identity.app_data.hex()}


@command
def wire_known_destinations_roundtrip(handle, destination_hash):
    wire_of(handle)
    target = bytes.fromhex(destination_hash)
    before = target in RNS.Identity.known_destinations
    RNS.Identity.save_known_destinations()
    RNS.Identity.known_destinations = {}
    cleared = RNS.Identity.recall(target) is not None
    RNS.Identity.load_known_destinations()
    identity = RNS.Identity.recall(target)
    entry = RNS.Identity.known_destinations.get(target)
    app_data = identity.app_data if identity else None
    return {"present_before_save": before, "recall_after_clear_found": cleared,
            "recall_after_load_found": identity is not None,
            "app_data_after_load": None if app_data is None else app_data.hex(),
            "entry_len_after_load": len(entry) if entry else None,
            "table_size_after_load": len(RNS.Identity.known_destinations)}


@command
def wire_identity_ratchet_persist(handle):
    wire_of(handle)
    destination, ratchet = os.urandom(16), os.urandom(32)
    path = os.path.join(RNS.Reticulum.storagepath, "ratchets", destination.hex())
    RNS.Identity._remember_ratchet(destination, ratchet)
    written = wait_for(lambda: os.path.isfile(path), 3)
    time.sleep(0.05)
    leftover = os.path.exists(path + ".out")
    RNS.Identity.known_ratchets.pop(destination)
    loaded = RNS.Identity.get_ratchet(destination)
    RNS.Identity._clean_ratchets()
    return {"ratchet_len": len(ratchet), "file_written": written, "tmp_leftover": leftover,
            "reload_match": loaded == ratchet, "reloaded_len": len(loaded or b""),
            "accepted_size": RNS.Identity.RATCHETSIZE // 8,
            "cleaned_removed": not os.path.exists(path), "dest_hash": destination.hex()}
