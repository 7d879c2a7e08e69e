"""Streams over channels."""
import bz2
from time import monotonic

from RNS.Buffer import RawChannelReader, RawChannelWriter, StreamDataMessage

from ._wire import LINK_HOOKS, wait_for, wire_of
from .registry import command
from .wire_channel import open_channel

MAX_CHUNK = RawChannelWriter.MAX_CHUNK_LEN


class Stream:
    """A stream that is read."""

    def __init__(self, channel, number):
        self.data, self.ended = b"", False
        self.reader = RawChannelReader(number, channel)
        self.reader.add_ready_callback(self.read)

    def read(self, _waiting=0):
        while True:
            data = self.reader._read(65536)
            if not data:
                break
            self.data += data
        self.ended = self.ended or self.reader._eof


def open_readers(own, link):
    if own.listen["open_channel"]:
        channel = link.get_channel()
        link.streams = {number: Stream(channel, number) for number in own.listen["streams"]}


LINK_HOOKS.append(open_readers)
unpack = StreamDataMessage.unpack
REFUSED = []  # errors of messages that did not unpack


def unpack_or_note(message, raw):
    try:
        unpack(message, raw)
    except Exception as error:
        REFUSED.append(str(error))
        raise


StreamDataMessage.unpack = unpack_or_note


@command
def wire_buffer_pack(stream_id=0, data="", eof=False, compressed=False, unpack_raw=None):
    if unpack_raw is not None:
        raw = bytes.fromhex(unpack_raw)
        if len(raw) < 2:
            return {"error": "too short"}
        message = StreamDataMessage()
        if raw[0] & 0x40:  # what is in it need not be compressed
            head = bytes([raw[0] & 0xBF, raw[1]])
            message.unpack(head + raw[2:])
            message.compressed = True
        else:
            message.unpack(raw)
        return {"stream_id": message.stream_id, "eof": message.eof,
                "compressed": message.compressed, "data": message.data.hex()}
    try:
        message = StreamDataMessage(stream_id, bytes.fromhex(data), eof, compressed)
    except ValueError as error:
        return {"error": str(error)}
    return {"raw": message.pack().hex(), "msgtype": message.MSGTYPE}


def write(writer, channel, data, until, manifest, returns):
    """One message at a time, each noted."""
    while data:
        if not wait_for(channel.is_ready_to_send, until - monotonic()):
            return False
        size = writer.write(data)
        returns.append(size)
        data = data[size:]
    return True


class Noting:
    """Notes the stream messages that a channel sends."""

    def __init__(self, channel):
        self.channel, self.manifest = channel, []

    def __enter__(self):
        send = self.channel.send

        def noting(message):
            envelope = send(message)
            self.manifest.append({"bytes": len(message.data or b""),
                                  "compressed": message.compressed, "eof": message.eof,
                                  "sequence": envelope.sequence})
            return envelope

        self.channel.send = noting
        return self

    def __exit__(self, *_):
        del self.channel.send


@command
def wire_buffer_stream(handle, link_id, data="", bomb=False, eof_with_data=False, use_close=False,
                       timeout_ms=30000, bomb_decompressed_len=65536, stream_id=0):
    channel = open_channel(wire_of(handle).link(link_id))
    channel._register_message_type(StreamDataMessage, is_system_type=True)
    until = monotonic() + timeout_ms / 1000
    payload, returns = bytes.fromhex(data), []

    def send(chunk, eof, compressed=False):
        wait_for(channel.is_ready_to_send, until - monotonic())
        message = StreamDataMessage(stream_id, chunk, eof, compressed)
        return channel.send(message)

    with Noting(channel) as noting:
        if bomb:
            sent = send(bz2.compress(bytes(bomb_decompressed_len)), False, True)
            return {"written": 0, "eof": False, "manifest": noting.manifest, "bomb": True,
                    "decompressed_len": bomb_decompressed_len, "max_chunk_len": MAX_CHUNK,
                    "ready": True, "sequence": sent.sequence}
        writer = RawChannelWriter(stream_id, channel)
        most = (writer._mdu if hasattr(StreamDataMessage, "HEADER_LEN")
                else StreamDataMessage.MAX_DATA_LEN)  # as in 1.3
        last = (len(payload) % most or min(most, len(payload))) if eof_with_data else 0
        head = payload[:len(payload) - last]
        good = write(writer, channel, head, until, noting.manifest, returns)
        if last:
            send(payload[len(head):], True)
            returns.append(last)
        elif use_close:
            writer.close()
        else:
            send(b"", True)
        wait_for(lambda: not channel._tx_ring, until - monotonic())
        return {"written": sum(returns), "eof": good, "manifest": noting.manifest,
                "write_returns": returns, "max_data_len": most, "channel_mdu": channel.mdu,
                "fixed_max_data_len": StreamDataMessage.MAX_DATA_LEN,
                "max_chunk_len": MAX_CHUNK, "ready": good,
                "compression_tries": RawChannelWriter.COMPRESSION_TRIES,
                "tx_ring_after": len(channel._tx_ring)}


@command
def wire_buffer_received(handle, destination_hash, timeout_ms=30000, stream_id=0):
    own = wire_of(handle).own(destination_hash)

    def stream():
        return own.links[-1].streams.get(stream_id) if own.links else None

    wait_for(lambda: stream() is not None and (stream().ended or REFUSED), timeout_ms / 1000)
    found = stream()
    if found is None:
        return {"data": "", "eof": False, "aborted": False, "error": None}
    found.read()
    data, found.data = found.data, b""
    return {"data": data.hex(), "eof": found.ended, "aborted": bool(REFUSED),
            "error": REFUSED[-1] if REFUSED else None}
