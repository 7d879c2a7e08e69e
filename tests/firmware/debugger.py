"""As much of gdb's remote protocol as it takes to have a processor run in circles."""

import socket


class Debugger:
    """Listens; the emulator connects. The processor stands still from then on."""

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
        # Single registers can be written by those who know them from here only.
        assert self.ask(b"qXfer:features:read:target.xml:0,ff")
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

    def loop_at(self, address, code, register):
        """Puts a jump to itself into memory, and the processor onto it."""
        assert self.ask(b"M%x,%x:%s" % (address, len(code), code.hex().encode())) == b"OK"
        place = address.to_bytes(4, "little").hex().encode()
        assert self.ask(b"P%x=%s" % (register, place)) == b"OK"
        self.go()

    def stop(self):
        """Interrupts the processor, which runs."""
        self.link.sendall(b"\x03")
        self.reply()

    def close(self):
        self.link.close()
