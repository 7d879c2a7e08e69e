"""The contenders: how each is started, asked for its paths, and stopped."""

import contextlib
import json
import multiprocessing.connection
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
from pathlib import Path

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
RPC_PATH_TABLE = b"\x82\xa3get\xaapath_table\xa8max_hops\xc0"  # {"get": "path_table", "max_hops": nil}
START_LIMIT = 60  # seconds
STOP_LIMIT = 20
RPC_LIMIT = 2

CONFIG = """[reticulum]
  enable_transport = yes
  share_instance = yes
  instance_name = {name}
  rpc_key = {rpc_key}
[logging]
  loglevel = 1
[interfaces]
  [[Bench]]
    type = TCPServerInterface
    enabled = yes
    listen_ip = 127.0.0.1
    listen_port = {port}
    ingress_control = no
    announce_rate_target = 1
    announce_rate_grace = 100000
    announce_cap = 100
{ifac}"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def memory_kb(pid):
    """RssAnon and VmRSS."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return tuple(int(fields[name].split()[0]) for name in ("RssAnon", "VmRSS"))


def peak_kb(pid):
    """The largest VmRSS so far."""
    return int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0])


def array_length(reply):
    """Items of the msgpack array that a message begins with."""
    if 0x90 <= reply[0] <= 0x9F:
        return reply[0] & 0x0F
    if reply[0] == 0xDC:
        return struct.unpack(">H", reply[1:3])[0]
    if reply[0] == 0xDD:
        return struct.unpack(">I", reply[1:5])[0]
    raise ValueError("not an array")


class Node:
    """One process with a folder of its own. Pinned to a core unless cores is None."""

    def __init__(self, name, command, cores="0", ifac=None, default_config=False):
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix="reticule-bench-"))
        self.port = free_port()
        self.instance = "bench-" + secrets.token_hex(4)
        self.rpc_key = secrets.token_bytes(32)
        if not default_config:
            self.write_config(ifac)
        command = [*(["taskset", "-c", cores] if cores else []), *command(self)]
        self.log = open(self.folder / "output", "wb")
        self.began = time.monotonic()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        self.pid = self.process.pid

    def write_config(self, ifac):
        lines = ""
        if ifac:
            lines = f"    network_name = {ifac[0]}\n    passphrase = {ifac[1]}\n"
        (self.folder / "config").write_text(CONFIG.format(
            name=self.instance, rpc_key=self.rpc_key.hex(), port=self.port, ifac=lines))

    def wait_listening(self):
        """Seconds from the start of the process to the first connection that it takes."""
        while time.monotonic() - self.began < START_LIMIT:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return time.monotonic() - self.began
            time.sleep(0.0005)
        output = (self.folder / "output").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{self.name} does not listen:\n{output}")

    def paths(self):
        raise NotImplementedError(self.name)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Ours(Node):
    pause = 2  # a question is a signal and a small file

    def paths(self):
        """The daemon writes status.json on SIGUSR1, under another name first."""
        status = self.folder / "status.json"
        status.unlink(missing_ok=True)
        os.kill(self.pid, signal.SIGUSR1)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with contextlib.suppress(FileNotFoundError, ValueError):
                return json.loads(status.read_text())["paths"]
            time.sleep(0.002)
        raise RuntimeError("rnsd did not write status.json on SIGUSR1")


class Reference(Node):
    pause = 20  # a question is the whole path table

    def paths(self):
        """Asks over the RPC socket of the shared instance, as rnpath does; None without an answer:
        it gives none when its table grows while it reads it, and leaves the connection open."""
        found = []
        asking = threading.Thread(target=self.ask_paths, args=(found,), daemon=True)
        asking.start()
        asking.join(RPC_LIMIT)
        return found[0] if found else None

    def ask_paths(self, found):
        address = f"\0rns/{self.instance}/rpc"
        with contextlib.suppress(EOFError, OSError), multiprocessing.connection.Client(
                address, "AF_UNIX", authkey=self.rpc_key) as client:
            client.send_bytes(RPC_PATH_TABLE)
            found.append(array_length(client.recv_bytes()))


class Contender:
    """A kind of node: `start()` gives a new one that listens."""

    def __init__(self, name, kind, command, available):
        self.name, self.kind, self.command, self.available = name, kind, command, available

    @property
    def bare(self):
        return self.kind is Node

    def launch(self, **options):
        return self.kind(self.name, self.command, **options)

    def start(self, **options):
        node = self.launch(**options)
        try:
            node.wait_listening()
        except RuntimeError:
            node.stop()
            raise
        return node


def contenders(options, programs):
    """All of them by name, whether they can be run here or not."""

    def reference(python):
        return lambda node: [str(python), "-m", "RNS.Utilities.rnsd", "--config", str(node.folder)]

    found = [
        Contender("ours", Ours, lambda node: [str(options.rnsd), "--config", str(node.folder)],
                  options.rnsd.exists()),
        Contender("python-1.4.2", Reference, reference(options.python_142),
                  options.python_142.exists()),
        Contender("python-1.5.7", Reference, reference(options.python_157),
                  options.python_157.exists()),
        Contender("bare", Node, lambda node: [str(programs / "bench_relay"), str(node.port)], True),
    ]
    return {contender.name: contender for contender in found}
