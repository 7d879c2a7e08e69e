"""A destination that takes links, and what has come for it."""
import RNS

from . import _wire
from ._wire import wait_for, wire_of
from .registry import command
from .wire_announce import add_own, with_ratchets
from .wire_link import snapshot

STRATEGIES = {"all": RNS.Link.ACCEPT_ALL, "none": RNS.Link.ACCEPT_NONE, "app": RNS.Link.ACCEPT_APP}
PROOFS = {"all": RNS.Destination.PROVE_ALL, "none": RNS.Destination.PROVE_NONE}


@command
def wire_listen(handle, app_name, aspects=(), open_channel=True, buffer_stream_ids=(),
                proof_strategy="none", enable_ratchets=False, resource_strategy="all"):
    resources = STRATEGIES[resource_strategy]
    proofs = PROOFS[proof_strategy]
    own = add_own(wire_of(handle), app_name, aspects, enable_ratchets)
    own.listen = {"resources": resources, "open_channel": open_channel,
                  "streams": [0] + [number for number in buffer_stream_ids or () if number != 0]}
    own.destination.set_proof_strategy(proofs)

    def on_link(link):
        link.set_packet_callback(lambda message, packet: own.packets.append(message.hex()))
        for hook in _wire.LINK_HOOKS:
            hook(own, link)
        own.links.append(link)

    own.destination.set_link_established_callback(on_link)
    own.destination.set_packet_callback(
        lambda data, packet: own.opportunistic.append(data.hex()))
    own.destination.announce()
    return with_ratchets(own, enable_ratchets, {
        "destination_hash": own.destination.hash.hex(),
        "identity_hash": own.destination.identity.hash.hex(),
        "public_key": own.destination.identity.get_public_key().hex(),
        "resource_strategy": resource_strategy})


def drain(handle, destination_hash, name, timeout_ms, field="packets"):
    """Waits for the list `name` of a listener to hold something, and hands it over."""
    own = wire_of(handle).own(destination_hash)
    if own.listen is None:
        raise KeyError("the destination is no listener")
    wait_for(lambda: getattr(own, name), timeout_ms / 1000)
    drained, own.__dict__[name] = getattr(own, name), []
    return {field: drained}


@command
def wire_link_poll(handle, destination_hash, timeout_ms=5000):
    return drain(handle, destination_hash, "packets", timeout_ms)


@command
def wire_opportunistic_poll(handle, destination_hash, timeout_ms=5000):
    return drain(handle, destination_hash, "opportunistic", timeout_ms)


@command
def wire_listener_link_status(handle, destination_hash, timeout_ms=0):
    own = wire_of(handle).own(destination_hash)
    if own.listen is None:
        raise KeyError("the destination is no listener")
    if not wait_for(lambda: own.links, timeout_ms / 1000):
        return {"found": False, "link_count": 0}
    return dict(snapshot(own.links[-1]), found=True, link_count=len(own.links))
