"""A link and a packet on it."""
import RNS

from ._wire import wait_for, wire_of
from .registry import command


@command
def wire_link_open(handle, destination_hash, app_name, aspects=(), timeout_ms=10000):
    wire = wire_of(handle)
    identity = RNS.Identity.recall(bytes.fromhex(destination_hash))
    if identity is None:
        raise KeyError("the destination is not known")
    link = RNS.Link(RNS.Destination(identity, RNS.Destination.OUT, RNS.Destination.SINGLE,
                                    app_name, *aspects))
    wait_for(lambda: link.status in (RNS.Link.ACTIVE, RNS.Link.CLOSED), timeout_ms / 1000)
    if link.status != RNS.Link.ACTIVE:
        link.teardown()
        raise TimeoutError("the link did not become active")
    wire.links[link.link_id] = link
    return {"link_id": link.link_id.hex()}


@command
def wire_link_send(handle, link_id, data=""):
    RNS.Packet(wire_of(handle).link(link_id), bytes.fromhex(data)).send()
    return {"sent": True}
