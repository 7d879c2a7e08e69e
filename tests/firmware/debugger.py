"""As much of gdb's remote protocol as it takes to have a program run in circles."""

import socket


class Debugger:
    """Listens; the emulator connects. The processor runs on."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def options(self):
        """Those of the emulator, which connects."""
        chardev = f"socket,id=gdb,host=127.0.0.1,port={self.port}"
        return "-chardev", chardev, "-gdb", "chardev:gdb"

    def accept(self, limit):
        self.listener.settimeout(limit)
        self.link, _ = self.listener.accept()
        self.link.settimeout(limit)
        self.listener.close()
        assert self.ask(b"?").startswith(b"T")
        self.go()

    def send(self, command):
        self.link.sendall(b"$%s#%02x" % (command, sum(command) & 0xFF))

    def reply(self):
        reply = b""
        while b"#" not in reply[:-2]:
            reply += self.link.recv(1024)
        self.link.sendall(b"+")
        return reply

    def ask(self, command):
        self.send(command)
        reply = self.reply()
        return reply[reply.index(b"$") + 1 : reply.rindex(b"#")]

    def go(self):
        self.send(b"c")

    def patch(self, address, code):
        """While the processor stands still; then it goes on."""
        self.stop()
        assert self.ask(b"M%x,%x:%s" % (address, len(code), code.hex().encode())) == b"OK"
        self.go()

    def stop(self):
        """Interrupts the processor, which runs."""
        self.link.sendall(b"\x03")
        self.reply()

    def close(self):
        self.link.close()
