"""Links: they open, carry a packet, say who we are, close; what is known of them."""
import time

import RNS

from ._wire import wait_for, wire_of
from .registry import command

STATES = ["PENDING", "HANDSHAKE", "ACTIVE", "STALE", "CLOSED"]
REASONS = {None: None, RNS.Link.TIMEOUT: "TIMEOUT", RNS.Link.INITIATOR_CLOSED: "INITIATOR_CLOSED",
           RNS.Link.DESTINATION_CLOSED: "DESTINATION_CLOSED"}


def recalled(destination_hash):
    identity = RNS.Identity.recall(bytes.fromhex(destination_hash))
    if identity is None:
        raise KeyError("the destination is not known")
    return identity


def outgoing_of(identity, app_name, aspects):
    return RNS.Destination(identity, RNS.Destination.OUT, RNS.Destination.SINGLE, app_name,
                           *aspects)


def outgoing(destination_hash, app_name, aspects):
    """The destination of an announce that came, by its name."""
    destination = outgoing_of(recalled(destination_hash), app_name, aspects)
    if destination.hash.hex() != destination_hash:
        raise ValueError("this is not the name of the destination")
    return destination


def identity_of(private_key):
    identity = RNS.Identity.from_bytes(bytes.fromhex(private_key))
    if identity is None:
        raise ValueError("no private key")
    return identity


@command
def wire_link_open(handle, destination_hash, app_name, aspects=(), timeout_ms=10000):
    wire = wire_of(handle)
    link = RNS.Link(outgoing(destination_hash, app_name, aspects))
    wait_for(lambda: link.status in (RNS.Link.ACTIVE, RNS.Link.CLOSED), timeout_ms / 1000)
    if link.status != RNS.Link.ACTIVE:
        link.teardown()
        raise TimeoutError("the link did not become active")
    wire.links[link.link_id] = link
    return {"link_id": link.link_id.hex()}


@command
def wire_link_send(handle, link_id, data=""):
    packet = RNS.Packet(wire_of(handle).link(link_id), bytes.fromhex(data), create_receipt=False)
    packet.send()
    return {"sent": packet.sent}


@command
def wire_link_teardown(handle, link_id):
    wire_of(handle).link(link_id).teardown()
    return {"torn_down": True}


@command
def wire_link_identify(handle, link_id, private_key):
    identity = identity_of(private_key)
    link = wire_of(handle).link(link_id)
    sent = link.tx
    link.identify(identity)
    return {"identified": link.tx > sent, "identity_hash": identity.hash.hex()}


@command
def wire_link_identify_pending(handle, destination_hash, app_name, aspects=(), private_key=""):
    wire_of(handle)
    identity = identity_of(private_key)
    link = RNS.Link(outgoing(destination_hash, app_name, aspects))
    link.status = RNS.Link.PENDING  # the proof may have come already
    before = link.tx
    crashed = False
    try:
        link.identify(identity)
    except Exception:
        crashed = True
    result = {"crashed": crashed, "identify_packet_sent": link.tx > before, "status": link.status,
              "status_name": STATES[link.status], "initiator": link.initiator}
    link.teardown()
    return result


def milliseconds(seconds):
    return None if seconds is None else int(seconds * 1000)


def snapshot(link):
    keepalive = link.last_keepalive or None
    peer = link.get_remote_identity()
    return {
        "status": link.status, "status_name": STATES[link.status],
        "teardown_reason": getattr(link, "teardown_reason", None),
        "teardown_reason_name": REASONS[getattr(link, "teardown_reason", None)],
        "no_inbound_for_ms": milliseconds(link.no_inbound_for() if link.activated_at else None),
        "last_keepalive_ago_ms": milliseconds(keepalive and time.time() - keepalive),
        "keepalive_s": link.keepalive, "stale_time_s": link.stale_time, "rtt": link.rtt,
        "mtu": link.get_mtu(), "mdu": link.get_mdu(), "mode": link.get_mode(),
        "remote_identity_hash": peer.hash.hex() if peer else None,
        "remote_identified": peer is not None}


@command
def wire_link_status(handle, link_id):
    return snapshot(wire_of(handle).link(link_id))


@command
def wire_link_await_status(handle, link_id, target_status, timeout_ms=15000):
    link = wire_of(handle).link(link_id)
    target = STATES.index(target_status) if target_status in STATES else int(target_status)
    reached = wait_for(lambda: link.status >= target, timeout_ms / 1000)
    return dict(snapshot(link), reached=reached)


@command
def wire_link_set_watchdog(handle, link_id, keepalive_s=None, stale_time_s=None):
    link = wire_of(handle).link(link_id)
    link.keepalive = link.keepalive if keepalive_s is None else keepalive_s
    link.stale_time = link.stale_time if stale_time_s is None else stale_time_s
    return {"keepalive_s": link.keepalive, "stale_time_s": link.stale_time}


@command
def wire_link_set_rtt(handle, link_id, rtt):
    link = wire_of(handle).link(link_id)
    previous, link.rtt = link.rtt, rtt
    return {"rtt": link.rtt, "previous": previous}


@command
def wire_link_mtu(handle, link_id):
    link = wire_of(handle).any_link(link_id)
    return {"mtu": link.mtu, "mdu": link.mdu, "mode": link.mode, "status": link.status,
            "status_name": STATES[link.status]}


@command
def wire_link_key_material(handle, link_id):
    link = wire_of(handle).any_link(link_id)
    return {"status": link.status, "status_name": STATES[link.status],
            "derived_key_present": link.derived_key is not None,
            "shared_key_present": link.shared_key is not None,
            "prv_present": link.prv is not None, "pub_present": link.pub is not None}
