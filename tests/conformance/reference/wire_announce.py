"""Destinations of ours are announced, paths and identities of others are learned."""
import os
import time

import RNS

from . import _wire
from ._wire import wait_for, wire_of
from .registry import command


def add_own(wire, app_name, aspects, enable_ratchets=False):
    identity = RNS.Identity()
    destination = RNS.Destination(identity, RNS.Destination.IN, RNS.Destination.SINGLE, app_name,
                                  *aspects)
    if enable_ratchets:
        destination.enable_ratchets(os.path.join(wire.directory, destination.hash.hex()))
    own = _wire.Own(destination)
    wire.owns[destination.hash] = own
    return own


def with_ratchets(own, asked, result):
    """Adds what is said of ratchets where they were asked for."""
    if asked:
        result.update(ratchets_enabled=own.destination.ratchets is not None,
                      current_ratchet_id=ratchet_id(own, 0),
                      ratchet_count=len(own.destination.ratchets))
    return result


def ratchet_id(own, index):
    """The id of one of its ratchets; None: there is none."""
    ratchets = own.destination.ratchets or []
    if index >= len(ratchets):
        return None
    return RNS.Identity._get_ratchet_id(RNS.Identity._ratchet_public_bytes(ratchets[index])).hex()


def app_data_of(app_data, app_data_empty):
    return b"" if app_data_empty else bytes.fromhex(app_data) if app_data else None


@command
def wire_announce(handle, app_name, aspects=(), app_data=None, enable_ratchets=False,
                  app_data_empty=False):
    own = add_own(wire_of(handle), app_name, aspects, enable_ratchets)
    own.destination.announce(app_data=app_data_of(app_data, app_data_empty))
    return with_ratchets(own, enable_ratchets, {
        "destination_hash": own.destination.hash.hex(),
        "identity_hash": own.destination.identity.hash.hex()})


@command
def wire_reannounce(handle, destination_hash, app_data=None, rotate_ago_s=None,
                    app_data_empty=False):
    own = wire_of(handle).own(destination_hash)
    if rotate_ago_s is not None:
        own.destination.latest_ratchet_time = time.time() - rotate_ago_s
    own.destination.announce(app_data=app_data_of(app_data, app_data_empty))
    return {"announced": True, "current_ratchet_id": ratchet_id(own, 0)}


@command
def wire_poll_path(handle, destination_hash, timeout_ms=5000):
    wire_of(handle)
    wanted = bytes.fromhex(destination_hash)
    found = wait_for(lambda: RNS.Transport.has_path(wanted), timeout_ms / 1000)
    return {"found": found, "hops": RNS.Transport.hops_to(wanted) if found else None}


@command
def wire_request_path(handle, destination_hash):
    wire_of(handle)
    RNS.Transport.request_path(bytes.fromhex(destination_hash))
    return {"sent": True}


@command
def wire_read_path_entry(handle, destination_hash):
    wire_of(handle)
    entry = RNS.Transport.path_table.get(bytes.fromhex(destination_hash))
    if entry is None:
        return {"found": False}
    return {"found": True, "timestamp": int(entry[0] * 1000), "expires": int(entry[3] * 1000),
            "hops": entry[2], "next_hop": entry[1].hex(),
            "receiving_interface_name": str(entry[5])}


@command
def wire_read_path_random_hash(handle, destination_hash):
    wire_of(handle)
    entry = RNS.Transport.path_table.get(bytes.fromhex(destination_hash))
    if entry is None:
        return {"found": False, "random_hash": None}
    announce = RNS.Transport.get_cached_packet(entry[6], packet_type="announce")
    announce.unpack()
    at = RNS.Identity.KEYSIZE // 8 + RNS.Identity.NAME_HASH_LENGTH // 8
    return {"found": True, "random_hash": announce.data[at:at + 10].hex()}


@command
def wire_has_discovery_path_request(handle, destination_hash):
    wire_of(handle)
    return {"found": bytes.fromhex(destination_hash) in RNS.Transport.discovery_path_requests}


@command
def wire_has_announce_table_entry(handle, destination_hash):
    wire_of(handle)
    return {"found": bytes.fromhex(destination_hash) in RNS.Transport.announce_table}


@command
def wire_read_announce_table_timestamp(handle, destination_hash):
    wire_of(handle)
    entry = RNS.Transport.announce_table.get(bytes.fromhex(destination_hash))
    return {"found": False} if entry is None else {"found": True,
                                                  "timestamp": int(entry[0] * 1000)}
