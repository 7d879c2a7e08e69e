"""Channels of links."""
import time

import RNS
from RNS.Channel import CEType, ChannelException, Envelope, MessageBase

from ._wire import LINK_HOOKS, wait_for, wire_of
from .registry import command

TYPE = 0x0101


def message_class(number):
    class Message(MessageBase):
        MSGTYPE = number

        def __init__(self, data=b""):
            self.data = data

        def pack(self):
            return self.data

        def unpack(self, raw):
            self.data = raw

    return Message


Message = message_class(TYPE)


def open_channel(link):
    """The link's channel, whose messages are noted."""
    channel = link.get_channel()
    if not hasattr(channel, "noted"):
        channel.noted = []
        channel.register_message_type(Message)
        channel.add_message_handler(lambda message: note(channel, message))
    return channel


def open_at_listener(own, link):
    if own.listen["open_channel"]:
        open_channel(link)


LINK_HOOKS.append(open_at_listener)


def note(channel, message):
    if isinstance(message, Message):
        channel.noted.append(message.data.hex())
        return True
    return False


def rejected(channel, link, error):
    return {"sent": False, "rejected": True, "ce_type": int(error.type), "error": str(error),
            "next_sequence": channel._next_sequence, "link_status": link.status}


@command
def wire_channel_send(handle, link_id, data="", channel_id=None, drop_acks=False,
                      fail_outlet=False, timeout_ms=20000, msgtype=TYPE):
    link = wire_of(handle).link(link_id)
    channel = open_channel(link)
    kind = message_class(msgtype)
    if msgtype != TYPE:
        try:
            channel.register_message_type(kind)
        except ChannelException as error:
            return rejected(channel, link, error)
    if link.status != RNS.Link.CLOSED and not wait_for(channel.is_ready_to_send,
                                                       timeout_ms / 1000):
        return {"sent": False, "ready": False, "rejected": False, "delivered": False}
    outlet_send = channel._outlet.send
    resend = channel._outlet.resend

    def without_proof(packet):
        if packet is not None and packet.receipt is not None:
            packet.receipt.validate_link_proof = lambda *parts: False
            packet.receipt.validate_proof_packet = lambda *parts: False
        return packet

    if fail_outlet:
        channel._outlet.send = lambda raw: None
    elif drop_acks:
        channel._outlet.send = lambda raw: without_proof(outlet_send(raw))
        channel._outlet.resend = lambda packet: without_proof(resend(packet))
    try:
        envelope = channel.send(kind(bytes.fromhex(data)))
    except ChannelException as error:
        return rejected(channel, link, error)
    finally:
        channel._outlet.send = outlet_send

    def is_delivered():
        receipt = envelope.packet.receipt
        return receipt is not None and receipt.status == RNS.PacketReceipt.DELIVERED

    wait_for(lambda: is_delivered() or link.status == RNS.Link.CLOSED, timeout_ms / 1000)
    channel._outlet.resend = resend
    wait_for(lambda: envelope not in channel._tx_ring, 1)
    return {"sent": True, "ready": True, "rejected": False, "delivered": is_delivered(),
            "tries": envelope.tries, "sequence": envelope.sequence,
            "next_sequence": channel._next_sequence, "link_status": link.status,
            "window": channel.window, "window_max": channel.window_max}


@command
def wire_channel_received(handle, link_id):
    link = wire_of(handle).any_link(link_id)
    noted = open_channel(link).noted
    messages = list(noted)
    del noted[:len(messages)]
    return {"messages": messages}


@command
def wire_channel_inject(handle, link_id, envelopes=()):
    channel = open_channel(wire_of(handle).link(link_id))
    injected = []
    for element in envelopes:
        if element.get("raw") is not None:
            raw = bytes.fromhex(element["raw"])
        else:
            message = message_class(element.get("msgtype", TYPE))(
                bytes.fromhex(element.get("data", "")))
            raw = Envelope(channel._outlet, message=message, sequence=element["sequence"]).pack()
        channel._receive(raw)
        injected.append(element.get("sequence", 0))
    return {"injected": injected}


@command
def wire_channel_window(handle, link_id):
    channel = open_channel(wire_of(handle).link(link_id))
    ring = list(channel._tx_ring)
    return {"window": channel.window, "window_min": channel.window_min,
            "window_max": channel.window_max, "window_flexibility": channel.window_flexibility,
            "next_rx_sequence": channel._next_rx_sequence,
            "next_sequence": channel._next_sequence, "rx_ring": len(channel._rx_ring),
            "tx_ring": len(ring), "mdu": channel.mdu, "outlet_mdu": channel._outlet.mdu,
            "message_handlers": len(channel._message_callbacks),
            "medium_rate_rounds": channel.medium_rate_rounds,
            "fast_rate_rounds": channel.fast_rate_rounds,
            "tx_tries": sum(envelope.tries for envelope in ring),
            "tx_envelopes": [{"sequence": e.sequence, "tries": e.tries} for e in ring]}


class NoMessage:
    """Is no MessageBase."""
    MSGTYPE = TYPE + 1


class Demanding(message_class(TYPE + 1)):
    """Cannot be made of nothing."""

    def __init__(self, needed):
        super().__init__(needed)


KINDS = {"valid": message_class(TYPE + 1), "non_message_base": NoMessage,
         "msgtype_none": message_class(None), "reserved": message_class(0xF000),
         "not_constructible": Demanding}


@command
def wire_channel_register(handle, link_id, kind):
    channel = open_channel(wire_of(handle).link(link_id))
    try:
        if kind == "envelope_pack_no_msgtype":
            Envelope(channel._outlet, message=KINDS["msgtype_none"](), sequence=0).pack()
        else:
            channel.register_message_type(KINDS[kind])
    except ChannelException as error:
        return {"accepted": False, "ce_type": int(error.type), "error": str(error)}
    return {"accepted": True, "ce_type": None, "error": None}


@command
def wire_channel_envelope_pack(msgtype, sequence, data=""):
    message = message_class(msgtype)(bytes.fromhex(data))
    return {"raw": Envelope(None, message=message, sequence=sequence).pack().hex(),
            "sequence": sequence}


class WithRtt:
    """A link's outlet with another round trip."""

    def __init__(self, outlet, rtt):
        self.outlet, self.rtt = outlet, rtt

    def __getattr__(self, name):
        return getattr(self.outlet, name)


@command
def wire_channel_profile(handle, link_id, rtt):
    outlet = open_channel(wire_of(handle).link(link_id))._outlet
    channel = RNS.Channel.Channel(WithRtt(outlet, rtt))
    return {"window": channel.window, "window_min": channel.window_min,
            "window_max": channel.window_max, "window_flexibility": channel.window_flexibility,
            "rtt_slow": channel.RTT_SLOW, "rtt": rtt}


@command
def wire_channel_timeout_formula(handle, link_id, rtt, tries, ring_depth=0):
    outlet = open_channel(wire_of(handle).link(link_id))._outlet
    channel = RNS.Channel.Channel(WithRtt(outlet, rtt))
    channel._tx_ring.extend([None] * ring_depth)
    timeout = channel._get_packet_timeout_time(tries)
    return {"timeout": timeout, "ring_depth": len(channel._tx_ring), "rtt": rtt, "tries": tries}


@command
def wire_listener_channel_rx(handle, destination_hash):
    own = wire_of(handle).own(destination_hash)
    if not wait_for(lambda: own.links and own.links[-1]._channel is not None, 4):
        raise KeyError("no link with a channel")
    channel = own.links[-1]._channel
    return {"next_rx_sequence": channel._next_rx_sequence,
            "next_sequence": channel._next_sequence, "rx_ring": len(channel._rx_ring)}
