"""A destination of ours answers requests, and notes them."""
import os
import tempfile

import RNS

from ._wire import wire_of
from .registry import command

ALLOW = {"all": RNS.Destination.ALLOW_ALL, "list": RNS.Destination.ALLOW_LIST,
         "none": RNS.Destination.ALLOW_NONE}


def a_file(wire, data):
    handle, path = tempfile.mkstemp(dir=wire.directory)
    os.write(handle, data)
    os.close(handle)
    return open(path, "rb")


@command
def wire_register_request_handler(handle, destination_hash, path, response=None, allow="all",
                                  allowed_identity_hashes=(), response_none=False,
                                  response_file=None, response_metadata=None):
    wire = wire_of(handle)
    own = wire.own(destination_hash)
    log = own.requests.setdefault(path, [])

    def answer():
        if response_none:
            return None
        if response_file is None:
            return bytes.fromhex(response or "")
        parts = [a_file(wire, bytes.fromhex(response_file))]
        return parts if response_metadata is None else [*parts, bytes.fromhex(response_metadata)]

    def respond(path, data, request_id, link_id, remote_identity, requested_at):
        log.append({"data": data.hex() if isinstance(data, bytes) else "",
                    "request_id": request_id.hex(), "link_id": link_id.hex(),
                    "remote_identity_hash": remote_identity and remote_identity.hash.hex(),
                    "requested_at": requested_at})
        return answer()

    allowed = [bytes.fromhex(item) for item in allowed_identity_hashes or ()]
    own.destination.register_request_handler(path, response_generator=respond, allow=ALLOW[allow],
                                             allowed_list=allowed)
    return {"registered": True}


@command
def wire_deregister_request_handler(handle, destination_hash, path):
    own = wire_of(handle).own(destination_hash)
    return {"deregistered": own.destination.deregister_request_handler(path)}


@command
def wire_get_request_log(handle, destination_hash, path):
    entries = wire_of(handle).own(destination_hash).requests.get(path, [])
    return {"entries": list(entries), "count": len(entries)}
