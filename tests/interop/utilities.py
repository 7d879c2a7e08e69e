"""The programs that users run: ours and the reference's of the same name, each with a node of its
own. Exit codes of the reference's are a matter of luck, so its text decides."""

import os
import pty
import re
import socket
import subprocess
import threading
import time
from dataclasses import dataclass

import nodes

OURS, THEIRS = "ours", "reference"
LATENCY = 0.02  # seconds
LIMIT = 90.0  # seconds that a program may take
HASH = re.compile(r"<([0-9a-f]{32})>")


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def text(self):
        return self.out + self.err


class Program(nodes.Process):
    """A utility with a config folder, and a home of its own beside it."""

    def __init__(self, net, kind, program, name, interfaces, **options):
        self.net, self.kind, self.program = net, kind, program
        folder = net.folder / name
        if not folder.exists():
            nodes.write_config(folder, interfaces, **options)
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)
        super().__init__(name, folder, [])
        net.processes.append(self)

    def command(self, args):
        words = [str(word) for word in args]
        if self.kind == OURS:
            start = [self.net.options.bin / self.program]
        else:
            start = [self.net.options.peer_python, "-m", f"RNS.Utilities.{self.program}"]
        return [*start, "--config", self.folder, *words]

    def environment(self):
        return {**os.environ, "HOME": str(self.home), "PYTHONUNBUFFERED": "1"}

    def run(self, *args, folder=None, stdin=subprocess.DEVNULL, text=None, limit=LIMIT):
        """Runs it to its end."""
        given = {"input": text} if text is not None else {"stdin": stdin}
        done = subprocess.run(
            self.command(args),
            cwd=folder or self.home,
            env=self.environment(),
            capture_output=True,
            timeout=limit,
            check=False,
            encoding="utf-8",
            errors="replace",
            **given,
        )
        with open(self.folder / "output.log", "a") as log:
            log.write(f"$ {self.program} {' '.join(map(str, args))}\n{done.stdout}{done.stderr}")
            log.write(f"[exit code {done.returncode}]\n")
        return Result(done.returncode, done.stdout, done.stderr)

    def run_on_terminal(self, *args):
        """Runs it to its end with a terminal as its output; returns what that was sent."""
        near, far = pty.openpty()
        process = subprocess.Popen(
            self.command(args),
            cwd=self.home,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=far,
            stderr=far,
        )
        os.close(far)
        shown = b""
        try:
            while data := os.read(near, 65536):
                shown += data
        except OSError:  # the other end is closed
            pass
        os.close(near)
        return Result(process.wait(LIMIT), shown.decode(errors="replace"), "")

    def listen(self, *args, folder=None):
        """Starts it as a listener; its output goes to its log."""
        self.argv = [str(word) for word in self.command(args)]
        with open(self.folder / "output.log", "ab") as output:
            self.process = subprocess.Popen(
                self.argv,
                cwd=folder or self.home,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        return self

    def output(self):
        return (self.folder / "output.log").read_text(errors="replace")

    def says(self, words, limit=LIMIT):
        """Waits until its output has these words; returns the line."""

        def line():
            assert self.alive(), f"{self.name} has ended with {self.process.returncode}"
            return next((each for each in self.output().splitlines() if words in each), None)

        return nodes.wait_until(line, limit, f"{self.name} says {words!r}")

    def identity(self):
        """The hashes of its identity and of its destination, as -p prints them."""
        result = self.run("-p")
        found = dict(
            line.split(":", 1) for line in result.out.splitlines() if line.count(":") == 1
        )
        hashes = [
            HASH.search(found[next(key for key in found if key.startswith(word))]).group(1)
            for word in ("Identity", "Listening on")
        ]
        return hashes


class SlowWire(nodes.Process):
    """A TCP connection whose answers take a while. The reference expects an answer only after it has
    asked, and misses one that is back before."""

    def __init__(self, net, target):
        self.name, self.target = "slow wire", target
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.process = None
        net.processes.append(self)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.server.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
            except ConnectionRefusedError:
                near.close()
                continue
            except OSError:
                return
            for ends in ((near, far, 0), (far, near, LATENCY)):
                threading.Thread(target=self.carry, args=ends, daemon=True).start()

    def carry(self, source, sink, latency):
        try:
            while data := source.recv(1 << 18):
                time.sleep(latency)
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            end.close()

    def kill(self):
        self.server.close()

    def logs(self):
        return []
