"""The limits of a link, its keepalives, its signal values, its end."""
import os
import time

import RNS

from ._wire import wire_of
from .registry import command
from .wire_link import STATES, outgoing_of

PING = b"\xff"


@command
def wire_send_oversize_link_packet(handle, link_id, size):
    link = wire_of(handle).link(link_id)
    packet = RNS.Packet(link, os.urandom(size), create_receipt=False)
    error = None
    try:
        packet.send()
    except IOError as refused:
        error = str(refused)
    return {"mtu": link.mtu, "packet_mtu": packet.MTU, "mdu": link.mdu, "size": size,
            "sent": error is None, "rejected": error is not None, "error": error,
            "raw_len": len(packet.raw) if error is None else None}


@command
def wire_send_over_closed_link(handle, link_id, data=""):
    link = wire_of(handle).link(link_id)
    before = link.txbytes
    sent = RNS.Packet(link, bytes.fromhex(data)).send()
    return {"link_status": link.status, "link_status_name": STATES[link.status],
            "sent": bool(sent), "bytes_transmitted": link.txbytes - before}


def packet_of(link, context, data):
    """A packet as the peer would send it, unpacked where it comes in."""
    packet = RNS.Packet(link, data, context=context)
    packet.pack()
    received = RNS.Packet(None, packet.raw)
    received.unpack()
    received.receiving_interface = link.attached_interface
    received.hops = 1
    return received


def watch_keepalives(link):
    """Notes the last keepalive that a link sends, from now on."""
    if hasattr(link, "noted_keepalives"):
        return link.noted_keepalives
    link.noted_keepalives = []
    had_outbound = link.had_outbound

    def note(**how):
        if how.get("is_keepalive"):
            link.noted_keepalives.append("ff" if link.initiator else "fe")
        return had_outbound(**how)

    link.had_outbound = note
    return link.noted_keepalives


@command
def wire_send_keepalive_probe(handle, link_id, value="ff"):
    link = wire_of(handle).any_link(link_id)
    noted = watch_keepalives(link)
    packet = packet_of(link, RNS.Packet.KEEPALIVE, bytes.fromhex(value))
    time.sleep(0.001)  # later than what was before
    inbound, data, count, status = link.last_inbound, link.last_data, len(noted), link.status
    link.receive(packet)
    answered = len(noted) > count
    return {"response": noted[-1] if answered else None, "answered": answered,
            "initiator": link.initiator, "last_inbound_advanced": link.last_inbound > inbound,
            "last_data_advanced": link.last_data > data, "status_before": status,
            "status_after": link.status}


@command
def wire_last_keepalive(handle, link_id):
    noted = watch_keepalives(wire_of(handle).any_link(link_id))
    return {"payload": noted[-1] if noted else None}


@command
def wire_link_phy_stats_gate(handle, link_id):
    link = wire_of(handle).any_link(link_id)
    stored = {"rssi": -87, "snr": 6, "q": 88}
    link.rssi, link.snr, link.q = stored["rssi"], stored["snr"], stored["q"]

    def told(tracked):
        link.track_phy_stats(tracked)
        return {"rssi": link.get_rssi(), "snr": link.get_snr(), "q": link.get_q()}

    return {"stored": stored, "off": told(False), "on": told(True), "off_again": told(False)}


def try_link(destination):
    try:
        link = RNS.Link(destination)
    except TypeError as refused:
        return {"raised": True, "error": str(refused), "link_created": False}
    link.teardown()
    return {"raised": False, "error": None, "link_created": True}


@command
def wire_link_type_gate(handle, app_name="conformance", aspects=("link-type-gate",)):
    wire_of(handle)

    def of(kind):
        identity = None if kind == RNS.Destination.PLAIN else RNS.Identity()
        return try_link(RNS.Destination(identity, RNS.Destination.OUT, kind, app_name, *aspects))

    return {"single": of(RNS.Destination.SINGLE), "plain": of(RNS.Destination.PLAIN),
            "group": of(RNS.Destination.GROUP)}


def closes_of(link):
    """How many packets say that it is closed when it is."""
    sent = []
    send = RNS.Packet.send

    def note(packet):
        if packet.context == RNS.Packet.LINKCLOSE:
            sent.append(packet)
        return send(packet)

    RNS.Packet.send = note
    try:
        link.teardown()
    finally:
        RNS.Packet.send = send
    return len(sent)


@command
def wire_link_teardown_emission(handle, link_id, app_name="conformance",
                                aspects=("teardown-emit",)):
    active = wire_of(handle).link(link_id)
    pending = RNS.Link(outgoing_of(RNS.Identity(), app_name, aspects))
    before = STATES[active.status]
    return {"pending_linkclose_emitted": closes_of(pending),
            "active_linkclose_emitted": closes_of(active), "active_status_before": before}
