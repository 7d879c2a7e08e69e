"""An instance, an announce, a listener, a path, a link and a packet on it."""
import RNS

from . import _wire
from ._wire import free_port, open_wire, wait_for, wire_of
from .registry import command

HEAD = "[reticulum]\nenable_transport = yes\nshare_instance = no\n[interfaces]\n"


@command
def wire_start_tcp_server():
    port = free_port()
    open_wire(HEAD + "[[server]]\ntype = TCPServerInterface\nenabled = yes\n"
              f"listen_ip = 127.0.0.1\nlisten_port = {port}\n")
    return {"handle": "wire", "port": port, "identity_hash": RNS.Transport.identity.hash.hex(),
            "transport_enabled": RNS.Reticulum.transport_enabled()}


@command
def wire_start_tcp_client(target_host, target_port):
    open_wire(HEAD + "[[client]]\ntype = TCPClientInterface\nenabled = yes\n"
              f"target_host = {target_host}\ntarget_port = {target_port}\n")
    return {"handle": "wire", "identity_hash": RNS.Transport.identity.hash.hex()}


@command
def wire_stop(handle):
    known = _wire.instance is not None and handle == "wire"
    if known:
        _wire.instance = None
    return {"stopped": known}


def add_own(wire, app_name, aspects):
    identity = RNS.Identity()
    destination = RNS.Destination(identity, RNS.Destination.IN, RNS.Destination.SINGLE, app_name,
                                  *aspects)
    own = _wire.Own(destination)
    wire.owns[destination.hash] = own
    return own


@command
def wire_announce(handle, app_name, aspects=(), app_data=None):
    own = add_own(wire_of(handle), app_name, aspects)
    own.destination.accepts_links(False)
    own.destination.announce(app_data=bytes.fromhex(app_data) if app_data else None)
    return {"destination_hash": own.destination.hash.hex(),
            "identity_hash": own.destination.identity.hash.hex()}


@command
def wire_listen(handle, app_name, aspects=()):
    own = add_own(wire_of(handle), app_name, aspects)

    def on_link(link):
        own.links.append(link)
        link.set_packet_callback(lambda message, packet: own.packets.append(message.hex()))

    own.destination.set_link_established_callback(on_link)
    own.destination.set_packet_callback(
        lambda data, packet: own.opportunistic.append(data.hex()))
    own.destination.announce()
    return {"destination_hash": own.destination.hash.hex(),
            "identity_hash": own.destination.identity.hash.hex(),
            "public_key": own.destination.identity.get_public_key().hex()}


@command
def wire_poll_path(handle, destination_hash, timeout_ms=5000):
    wire_of(handle)
    wanted = bytes.fromhex(destination_hash)
    found = wait_for(lambda: RNS.Transport.has_path(wanted), timeout_ms / 1000)
    return {"found": found, "hops": RNS.Transport.hops_to(wanted) if found else None}


def drain(take, timeout_ms):
    wait_for(take, timeout_ms / 1000)
    drained = list(take())
    del take()[:len(drained)]
    return {"packets": drained}


@command
def wire_link_poll(handle, destination_hash, timeout_ms=5000):
    own = wire_of(handle).own(destination_hash)
    return drain(lambda: own.packets, timeout_ms)


@command
def wire_opportunistic_poll(handle, destination_hash, timeout_ms=5000):
    own = wire_of(handle).own(destination_hash)
    return drain(lambda: own.opportunistic, timeout_ms)


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
