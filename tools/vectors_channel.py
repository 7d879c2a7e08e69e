#!/usr/bin/env python3
"""Asks the reference (package rns) for the expected values of the channel tests.

usage: vectors_channel.py > tests/vectors/channel.h     (with a Python that has rns 1.5.7)
"""
import RNS
from RNS.Buffer import StreamDataMessage
from RNS.Channel import Channel, Envelope, MessageBase, MessageState

RNS.loglevel = -1


class Receipt:
    timeout = 1e9

    def set_timeout(self, timeout):
        self.timeout = timeout


class Packet:
    count = 0

    def __init__(self, raw):
        self.raw, self.state, self.receipt = raw, MessageState.MSGSTATE_SENT, Receipt()
        self.rename()

    def rename(self):
        Packet.count += 1
        self.id = Packet.count


class Outlet:
    """Stands for a link that does nothing by itself."""
    mdu, is_usable, closed = 431, True, False

    def __init__(self, rtt):
        self.rtt = rtt

    def send(self, raw):
        return Packet(raw)

    def resend(self, packet):
        packet.rename()
        packet.receipt = Receipt()

    def get_packet_state(self, packet):
        return packet.state

    def get_packet_id(self, packet):
        return packet.id

    def set_packet_timeout_callback(self, packet, callback, timeout=None):
        if timeout:
            packet.receipt.set_timeout(timeout)

    def set_packet_delivered_callback(self, packet, callback):
        pass

    def timed_out(self):
        self.closed = True


class Message(MessageBase):
    MSGTYPE = 0

    def __init__(self, data=b""):
        self.data = data

    def pack(self):
        return self.data

    def unpack(self, raw):
        self.data = raw


def message(kind, sequence, data):
    Message.MSGTYPE = kind
    raw = Envelope(None, message=Message(data), sequence=sequence).pack()
    print('    {0x%04x, %d, "%s", "%s"},' % (kind, sequence, data.hex(), raw.hex()))


def chunk(stream, data, eof, compressed):
    raw = StreamDataMessage(stream, data, eof, compressed).pack()
    print('    {%d, %s, %s, "%s", "%s"},' %
          (stream, str(eof).lower(), str(compressed).lower(), data.hex(), raw.hex()))


def window(rtt, steps):
    """What the window is after each step: d: the oldest message is proved, t: it is not."""
    Message.MSGTYPE = 1
    outlet = Outlet(rtt)
    channel = Channel(outlet)
    states = []

    def note():
        states.append("{%d, %d, %d}" % (channel.window, channel.window_max, channel.window_min))
    note()
    for step in steps:
        if not channel._tx_ring:
            channel.send(Message(b"x"))
        envelope = channel._tx_ring[0]
        envelope.tries = 1  # so that it never ends
        if step == "d":
            channel._packet_delivered(envelope.packet)
        else:
            channel._packet_timeout(envelope.packet)
        note()
    print('    {%d, "%s",\n     {%s}},' % (round(rtt * 1e6), steps, ", ".join(states)))


def timeout(rtt, tries, ring):
    channel = Channel(Outlet(rtt))
    channel._tx_ring.extend([None] * ring)
    print("    {%d, %d, %d, %.0f}," % (round(rtt * 1e6), tries, ring,
                                       channel._get_packet_timeout_time(tries) * 1e6))


def ring(rtt, steps):
    """Timeouts of all that is under way, after each s: one more is sent, or t: the first again."""
    channel = Channel(Outlet(rtt))
    channel.window = channel.window_max = 48
    channel.window_min = 48
    rows = []
    for step in steps:
        if step == "s":
            channel.send(Message(b"x"))
        else:
            channel._packet_timeout(channel._tx_ring[0].packet)
        rows.append("{%s}" % ", ".join("%.0f" % (e.packet.receipt.timeout * 1e6)
                                       for e in channel._tx_ring))
    print('    {%d, "%s",\n     {%s}},' % (round(rtt * 1e6), steps, ", ".join(rows)))


print("""// Made by tools/vectors_channel.py from rns %s; do not edit. Bytes are hex, times microseconds.
#ifndef VECTORS_CHANNEL_H_INCLUDED
#define VECTORS_CHANNEL_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>

// clang-format off

typedef struct {
    unsigned type, sequence;
    const char *data, *raw;
} channel_message_t;

static const channel_message_t CHANNEL_MESSAGES[] = {""" % RNS.__version__)
for args in ((0, 0, b""), (0x0101, 1, b"hello"), (0xEFFF, 65535, bytes(range(64))),
             (0xF000, 32768, b"reserved"), (0xFF00, 258, b"\x00\x07stream")):
    message(*args)
print("""};

typedef struct {
    unsigned stream;
    bool is_end, is_compressed;
    const char *data, *raw;
} channel_chunk_t;

static const channel_chunk_t CHANNEL_CHUNKS[] = {""")
for args in ((0, b"", False, False), (0, b"abc", False, False), (16383, b"", True, False),
             (1, b"packed", False, True), (258, b"all", True, True), (0x2AAA, b"x", False, False)):
    chunk(*args)
print("""};

#define CHANNEL_STEPS 80

typedef struct {
    unsigned window, max, min;
} channel_state_t;

typedef struct {
    int64_t rtt_us;
    const char *steps;
    channel_state_t states[CHANNEL_STEPS];
} channel_window_t;

static const channel_window_t CHANNEL_WINDOWS[] = {""")
window(0.05, "d" * 60)
window(0.18, "d" * 9 + "t" + "d" * 3 + "t" * 4 + "d" * 30 + "t" * 20)
window(0.180001, "d" * 12 + "t" * 12 + "d" * 12)
window(0.75, "t" + "d" * 9 + "t" * 3 + "d" * 12 + "t" * 10)
window(0.750001, "d" * 20 + "t" * 5)
window(1.45, "d" * 12 + "t" * 6)
window(1.450001, "d" * 5 + "t" * 3 + "d" * 2)
window(60.0, "d" * 3 + "t" * 3)
print("""};

typedef struct {
    int64_t rtt_us;
    unsigned tries, ring;
    int64_t timeout_us;
} channel_timeout_t;

static const channel_timeout_t CHANNEL_TIMEOUTS[] = {""")
for args in ((0.001, 1, 1), (0.01, 1, 1), (0.010001, 1, 1), (0.05, 1, 1), (0.05, 2, 1), (0.05, 3, 2), (0.05, 4, 5),
             (0.05, 5, 48), (1.2, 5, 12), (3.0, 1, 1), (3.0, 5, 1), (600.0, 5, 48)):
    timeout(*args)
print("""};

#define CHANNEL_RING 5

typedef struct {
    int64_t rtt_us;
    const char *steps;
    int64_t timeouts_us[8][CHANNEL_RING];
} channel_ring_t;

static const channel_ring_t CHANNEL_RINGS[] = {""")
ring(0.1, "ssstss")
ring(0.004, "sttss")
print("""};

// clang-format on
#endif""")
