"""Channels and streams of the agent around the reference."""

import contextlib
import threading
import time

import RNS
from RNS.Utilities.rnsh import protocol

PAUSE = 0.005  # seconds: between two looks at a window
CHUNK = 1 << 16


class Message(RNS.MessageBase):
    MSGTYPE = 0x0101

    def __init__(self, data=b""):
        self.data = data

    def pack(self):
        return self.data

    def unpack(self, raw):
        self.data = raw


TYPES = {each.MSGTYPE: each for each in [Message, *protocol.message_types]}


class Channels:
    def prepare_channel(self, link):
        channel = link.get_channel()
        for each in TYPES.values():
            channel.register_message_type(each)
        channel.add_message_handler(lambda message: self.on_message(link, message))

    def on_message(self, link, message):
        if message.MSGTYPE not in TYPES:
            return False  # a stream's
        self.emit(
            "channel",
            link=link.link_id.hex(),
            type=message.MSGTYPE,
            data=message.pack().hex(),
        )
        return True

    def cmd_channel_send(self, link, data, type=Message.MSGTYPE):
        message = TYPES[type]()
        message.unpack(bytes.fromhex(data))
        with self.asking:
            self.link(link).get_channel().send(message)

    def cmd_channel_ready(self, link):
        channel = self.link(link).get_channel()
        return {"ready": channel.is_ready_to_send(), "mdu": channel.mdu}

    def cmd_buffer_reader(self, link, stream):
        Reader(self, self.link(link), stream)

    def cmd_buffer_writer(self, link, stream, file):
        threading.Thread(
            target=self.write_stream, args=(self.link(link), stream, file), daemon=True
        ).start()

    def write_stream(self, link, stream, file):
        channel = link.get_channel()
        writer = RNS.RawChannelWriter(stream, channel)
        size = 0
        with open(file, "rb") as source, contextlib.suppress(RNS.Channel.ChannelException):
            while data := source.read(CHUNK):
                while data:
                    taken = self.when_ready(link, channel, lambda data=data: writer.write(data))
                    data, size = data[taken:], size + taken
            self.when_ready(link, channel, writer.close)  # it says the end only once
            fields = {"link": link.link_id.hex(), "stream": stream, "file": file, "size": size}
            self.emit("stream_written", **fields)

    def when_ready(self, link, channel, act):
        while not channel.is_ready_to_send():
            if link.status == RNS.Link.CLOSED:
                raise RNS.Channel.ChannelException(RNS.Channel.CEType.ME_LINK_NOT_READY)
            time.sleep(PAUSE)
        with self.asking:
            return act()


class Reader:
    """Puts a stream into a file until it ends."""

    def __init__(self, agent, link, stream):
        self.agent, self.link, self.stream = agent, link, stream
        self.path = agent.received_path()
        self.file, self.size, self.lock = open(self.path, "wb"), 0, threading.Lock()
        self.raw = RNS.RawChannelReader(stream, link.get_channel())
        self.raw.add_ready_callback(self.read)

    def read(self, _ready):
        space = bytearray(CHUNK)
        with self.lock:
            while not self.file.closed and (size := self.raw.readinto(space)) is not None:
                if size == 0:
                    return self.end()
                self.file.write(space[:size])
                self.size += size

    def end(self):
        self.file.close()
        self.agent.emit(
            "stream",
            link=self.link.link_id.hex(),
            stream=self.stream,
            file=self.path,
            size=self.size,
        )
