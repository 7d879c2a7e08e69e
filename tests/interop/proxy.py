"""A wire between two nodes that sees each frame, and may lose, change or double it: it listens for
a TCP client and connects to a TCP server."""

import contextlib
import socket
import threading

import raw

BOTH = (True, False)


class Proxy:
    """`hook(frame, to_server)` returns the frames that go on in the place of a frame."""

    def __init__(self, port, server_port, hook=None):
        self.server_port, self.hook = server_port, hook or (lambda frame, to_server: [frame])
        self.lock, self.frames, self.sockets = threading.Lock(), [], []
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.server_port))
            self.sockets += [client, server]
            for source, sink, to_server in ((client, server, True), (server, client, False)):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(
                    target=self.carry, args=(source, sink, to_server), daemon=True
                ).start()

    def carry(self, source, sink, to_server):
        reader = raw.HdlcReader()
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                for frame in reader.feed(data):
                    sink.sendall(b"".join(raw.hdlc(each) for each in self.passed(frame, to_server)))
        for each in (source, sink):
            each.close()

    def passed(self, frame, to_server):
        with self.lock:
            self.frames.append((frame, to_server))
            return self.hook(frame, to_server)

    def count(self, context, to_server):
        """Frames of this context that have come from one side."""
        with self.lock:
            return sum(
                raw.context(frame) == context and there == to_server
                for frame, there in self.frames
            )

    def close(self):
        for each in (self.listener, *self.sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
