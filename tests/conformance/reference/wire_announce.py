"""Destinations of ours are announced, paths and identities of others are learned."""
import os

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


@command
def wire_announce(handle, app_name, aspects=(), app_data=None, enable_ratchets=False,
                  app_data_empty=False):
    own = add_own(wire_of(handle), app_name, aspects, enable_ratchets)
    data = b"" if app_data_empty else bytes.fromhex(app_data) if app_data else None
    own.destination.announce(app_data=data)
    return {"destination_hash": own.destination.hash.hex(),
            "identity_hash": own.destination.identity.hash.hex()}


@command
def wire_poll_path(handle, destination_hash, timeout_ms=5000):
    wire_of(handle)
    wanted = bytes.fromhex(destination_hash)
    found = wait_for(lambda: RNS.Transport.has_path(wanted), timeout_ms / 1000)
    return {"found": found, "hops": RNS.Transport.hops_to(wanted) if found else None}
