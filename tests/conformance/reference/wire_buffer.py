"""Streams over channels."""
import RNS
from RNS.Buffer import RawChannelReader, StreamDataMessage

from ._wire import LINK_HOOKS
from .registry import command


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
