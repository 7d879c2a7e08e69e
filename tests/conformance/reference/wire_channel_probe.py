"""Channels whose packets are looked at, or come twice, and who is asked about a message."""
import os

import RNS
from RNS.Channel import Channel, Envelope, LinkChannelOutlet

from ._wire import wait_for, wire_of
from .registry import command
from .wire_channel import Message, open_channel


def send(link, data, timeout_ms):
    channel = open_channel(link)
    wait_for(channel.is_ready_to_send, timeout_ms / 1000)
    envelope = channel.send(Message(data))
    delivered = wait_for(lambda: envelope.packet.receipt is not None and (
        envelope.packet.receipt.status == RNS.PacketReceipt.DELIVERED), timeout_ms / 1000)
    wait_for(lambda: envelope not in channel._tx_ring, 1)
    return channel, envelope, delivered


@command
def wire_channel_emit_capture(handle, link_id, data="", timeout_ms=15000):
    _, envelope, delivered = send(wire_of(handle).link(link_id), bytes.fromhex(data), timeout_ms)
    packet = envelope.packet
    return {"context": packet.context, "packet_type": packet.packet_type, "delivered": delivered,
            "packet_hash": packet.get_hash().hex(), "channel_context": RNS.Packet.CHANNEL,
            "data_context": RNS.Packet.NONE}


@command
def wire_channel_spurious_proof(handle, link_id, timeout_ms=12000):
    link = wire_of(handle).link(link_id)
    channel, envelope, delivered = send(link, b"probe", timeout_ms)
    window, ring, errors = channel.window, len(channel._tx_ring), []
    stray = RNS.Packet(link, os.urandom(8), context=RNS.Packet.CHANNEL)
    stray.pack()

    def fire(callback, packet):
        try:
            callback(packet)
        except Exception as error:
            errors.append(str(error))

    fire(channel._packet_delivered, envelope.packet)
    after = channel.window
    fire(channel._packet_timeout, envelope.packet)
    fire(channel._packet_delivered, stray)
    fire(channel._packet_timeout, stray)
    return {"delivered": delivered, "window_before": window, "window_after_duplicate": after,
            "window_final": channel.window, "tx_ring_before": ring,
            "tx_ring_final": len(channel._tx_ring), "errors": errors,
            "link_closed": link.status == RNS.Link.CLOSED, "link_status": link.status}


def recorder(log, index, answer):
    def handler(_message):
        log.append(index)
        if answer == "raise":
            raise RuntimeError("as asked")
        return answer == "true"

    return handler


@command
def wire_channel_handler_chain(handle, link_id, handlers):
    channel, log = Channel(LinkChannelOutlet(wire_of(handle).link(link_id))), []
    channel.register_message_type(Message)
    for index, answer in enumerate(handlers):
        channel.add_message_handler(recorder(log, index, answer))
    channel._receive(Envelope(None, message=Message(b"probe"), sequence=0).pack())
    return {"log": log, "next_rx_sequence": channel._next_rx_sequence,
            "handler_count": len(channel._message_callbacks)}
