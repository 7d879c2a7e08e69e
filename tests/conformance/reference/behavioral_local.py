"""Destinations of a node and listeners for announces."""
import RNS

from ._mock import mock_of, next_id
from .registry import command

TYPES = {"single": RNS.Destination.SINGLE, "group": RNS.Destination.GROUP,
         "plain": RNS.Destination.PLAIN}
STRATEGIES = {"none": RNS.Destination.PROVE_NONE, "app": RNS.Destination.PROVE_APP,
              "all": RNS.Destination.PROVE_ALL}


@command
def behavioral_register_destination(handle, app_name, aspects=(), type="single",
                                    identity_seed=None, proof_strategy="none"):
    mock = mock_of(handle)
    identity = None if type == "plain" else RNS.Identity.from_bytes(bytes.fromhex(identity_seed))
    destination = RNS.Destination(identity, RNS.Destination.IN, TYPES[type], app_name, *aspects)
    destination.set_proof_strategy(STRATEGIES[proof_strategy])
    destination.deliveries = []
    destination.set_packet_callback(
        lambda data, packet: destination.deliveries.append(data.hex()))
    mock.destinations[destination.hash] = destination
    return {"destination_hash": destination.hash.hex()}


@command
def behavioral_read_destination_deliveries(handle, dest):
    deliveries = mock_of(handle).destinations[bytes.fromhex(dest)].deliveries
    return {"count": len(deliveries), "deliveries": list(deliveries)}


class Handler:
    """Notes its calls. Whether it wants the packet's hash is seen by its parameters."""

    def __init__(self, raises):
        self.calls, self.raises = [], raises

    def note(self, destination_hash, announced_identity, app_data, **more):
        self.calls.append({"destination_hash": destination_hash.hex(),
                           "announced_identity_hash": announced_identity.hash.hex(),
                           "app_data": app_data.hex() if app_data is not None else None, **more})
        if self.raises:
            raise RuntimeError("as it was told to")


class PlainHandler(Handler):
    def received_announce(self, destination_hash, announced_identity, app_data):
        self.note(destination_hash, announced_identity, app_data)


class HashHandler(Handler):
    def received_announce(self, destination_hash, announced_identity, app_data,
                          announce_packet_hash):
        self.note(destination_hash, announced_identity, app_data,
                  announce_packet_hash=announce_packet_hash.hex())


@command
def behavioral_register_announce_handler(handle, num_params=3, aspect_filter=None,
                                         receive_path_responses=None, omit_aspect_filter=False,
                                         raise_on_call=False):
    mock = mock_of(handle)
    handler = (HashHandler if num_params == 4 else PlainHandler)(raise_on_call)
    if not omit_aspect_filter:
        handler.aspect_filter = aspect_filter
    if receive_path_responses is not None:
        handler.receive_path_responses = receive_path_responses
    RNS.Transport.register_announce_handler(handler)
    handler_id = next_id("handler")
    mock.handlers[handler_id] = handler
    return {"handler_id": handler_id, "registered": handler in RNS.Transport.announce_handlers}


@command
def behavioral_read_announce_handler_calls(handle, handler_id):
    handler = mock_of(handle).handlers[handler_id]
    return {"calls": list(handler.calls), "registered": handler in RNS.Transport.announce_handlers}
