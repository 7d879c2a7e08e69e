"""A board under QEMU, and the wires between its serial lines and nodes of the reference."""

import os
import pty
import socket
import subprocess
import termios
import threading
import tty
from pathlib import Path

import nodes

BUILD = Path(__file__).parent.parent.parent / "build" / "firmware"
FLASH_BYTES = 16 * 4096
BANK_BYTES = 32 << 20  # of the flash that the machine virt has
EMULATORS = {
    "mps2-an385": ["qemu-system-arm", "-M", "mps2-an385"],
    "mps2-an386": ["qemu-system-arm", "-M", "mps2-an386"],
    "mps2-an500": ["qemu-system-arm", "-M", "mps2-an500"],
    "virt": ["qemu-system-riscv32", "-M", "virt", "-cpu", "rv32,a=false,f=false,d=false"]
    + ["-bios", "none"],
}
FULL = ["mps2-an385", "virt"]  # one of each kind of processor
ALL = [*FULL, "mps2-an386", "mps2-an500"]
UARTS = {"mps2-an385": 2, "mps2-an386": 2, "mps2-an500": 2, "virt": 1}


def terminal():
    """Both ends of a terminal of the host, as bytes, and its path. Reading never waits."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    settings = termios.tcgetattr(slave)
    settings[6][termios.VMIN] = settings[6][termios.VTIME] = 0
    termios.tcsetattr(slave, termios.TCSANOW, settings)
    return master, slave, os.ttyname(slave)


class Wire:
    """Between a node of the reference, which has a terminal for all its life, and a line of a board
    that comes and goes."""

    def __init__(self):
        self.master, self.slave, self.path = terminal()
        self.board = None
        self.peer_reader = threading.Thread(target=self.from_peer, daemon=True)
        self.peer_reader.start()

    def interface(self, name):
        """What the reference is told."""
        return name, {"type": "SerialInterface", "port": self.path, "speed": 115200}

    def attach(self, read, write):
        self.board = write
        reader = threading.Thread(target=self.from_board, args=(read,), daemon=True)
        reader.start()
        return reader

    def say(self, data):
        """To the peer, as the board would."""
        while data:
            data = data[os.write(self.master, data) :]

    def from_board(self, read):
        try:
            while data := read(4096):
                self.say(data)
        except OSError:
            pass

    def from_peer(self):
        try:
            while data := os.read(self.master, 4096):
                self.to_board(data)
        except OSError:
            pass

    def to_board(self, data):
        write = self.board
        try:
            while data and write:
                data = data[write(data) :]
        except OSError:
            pass  # it is off: what is sent is lost

    def close(self):
        """The peer has ended: with our own end of the terminal the last is closed, so that nobody
        reads from what may soon be another file."""
        os.close(self.slave)
        self.peer_reader.join()
        os.close(self.master)


class Board(nodes.Process):
    """The firmware. `lines` are its serial lines: uart0 and uart1, or terminal."""

    ours = True

    def __init__(self, kind, folder, lines):
        folder.mkdir()
        super().__init__(kind, folder, [])
        self.kind, self.lines = kind, lines
        self.wires = [Wire() for _ in lines]
        self.flash, self.console = folder / "flash.img", folder / "output.log"
        with open(self.flash, "wb") as flash:
            flash.truncate(BANK_BYTES if kind == "virt" else FLASH_BYTES)  # zeros: never erased
        self.ends = []
        self.debugger = None
        self.image = BUILD / f"{kind}.elf"

    def start(self):
        """It is switched on and runs."""
        self.switch_on()
        nodes.wait_until(self.ready, nodes.START, lambda: self.console.read_text())
        return self

    def switch_on(self):
        self.console.write_bytes(b"")
        listeners, words = {}, [f"flash={self.flash}"]
        for line, wire in zip(self.lines, self.wires):
            if line == "terminal":
                master, slave, path = terminal()
                reader = wire.attach(
                    lambda size, fd=master: os.read(fd, size),
                    lambda data, fd=master: os.write(fd, data),
                )
                closing = lambda fd=slave: os.close(fd), reader.join, lambda fd=master: os.close(fd)
                self.ends += closing
                words.append(f"line={path}")
            else:
                listeners[line] = socket.create_server(("127.0.0.1", 0))
                words.append(f"line={line}")
        self.argv = self.command(listeners, words)
        self.spawn(stdin=subprocess.DEVNULL)
        for line, wire in zip(self.lines, self.wires):
            if line in listeners:
                self.connect(listeners[line], wire)
        if self.debugger:
            self.debugger.accept(nodes.START)

    def command(self, listeners, words):
        serial = []
        for number in range(UARTS[self.kind]):
            listener = listeners.get(f"uart{number}")
            where = "null"
            if listener:
                where = "tcp:127.0.0.1:%d,nodelay=on" % listener.getsockname()[1]
            serial += ["-serial", where]
        words = ",".join("arg=" + word for word in ["firmware", *words])
        return [
            *EMULATORS[self.kind],
            *("-nographic", "-monitor", "none", *serial),
            *("-semihosting-config", f"enable=on,target=native,{words}"),
            *(self.debugger.options() if self.debugger else ()),
            *self.program(),
        ]

    def program(self):
        """Where an image of the flash is given, QEMU takes it for the program's and loads no kernel."""
        if self.kind != "virt":
            return "-kernel", str(self.image)
        drive = f"if=pflash,unit=1,format=raw,file={self.flash}"
        return "-drive", drive, "-device", f"loader,file={self.image}"

    def connect(self, listener, wire):
        listener.settimeout(nodes.START)
        link, _ = listener.accept()
        listener.close()
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ends += wire.attach(link.recv, link.send).join, link.close

    def ready(self, times=1):
        """Whether it has come so often to its loop."""
        assert self.alive(), self.console.read_text()
        return self.console.read_text().count("ready\n") == times

    def refuses(self):
        """It is switched on and ends by itself; returns what it said."""
        self.argv = self.command({}, [f"flash={self.flash}"])
        self.spawn(stdin=subprocess.DEVNULL)
        assert self.process.wait(nodes.START) != 0
        return self.console.read_text()

    def address(self, name):
        """Of one of its destinations, as it prints it at start."""
        words = self.console.read_text().split()
        return words[words.index(name) + 1]

    def power_off(self):
        """As a plug that is pulled."""
        self.kill()
        for wire in self.wires:
            wire.board = None
        while self.ends:
            self.ends.pop(0)()

    def close(self):
        self.power_off()
        for wire in self.wires:
            wire.close()


def state(text):
    """What /state says: the line about memory, and the rows of memory by name."""
    about, *lines = text.splitlines()
    names = ("slots", "bytes", "used", "peak", "culled", "rejected")
    rows = {}
    for line in lines:
        name, *numbers = line.split()
        if name != "store":
            rows[name] = dict(zip(names, map(int, numbers)))
    return about, rows
