"""The processes of a test: agents at the ends (PROTOCOL.md), daemons in the middle; their configs,
ports and limits."""

import io
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import proxy

HERE = Path(__file__).parent

# Seconds: three times the reference's worst case of each.
START = 30.0  # a process is up: imports and its first files, on a busy machine
ANNOUNCE_HOP = (
    3 * 7.5
)  # an announce has crossed a node: 0.5 random, 1 for the job, one retry 5 later
PATH = 3 * 15.0  # a path request is answered (PATH_REQUEST_TIMEOUT)
PROOF_HOP = 3 * 6.0  # a packet is proved, for each hop (TIMEOUT_PER_HOP)
LINK = 3 * 12.0  # a link over two hops is up (ESTABLISHMENT_TIMEOUT_PER_HOP)
RECONNECT = 3 * 10.0  # a TCP client is back: 5 between attempts, 5 for an attempt
RESOURCE = 60.0  # 5 MB have crossed two hops

CALM = {  # for every interface, unless the test is about them
    "ingress_control": "no",
    "egress_control": "no",
    "announce_rate_target": 1,
    "announce_rate_grace": 100000,
    "announce_cap": 100,
}

# Which of the reference's counters counts what is a verdict of ours; what is not here, it does not
# count.
REFERENCE_COUNTERS = {
    **dict.fromkeys(
        ("malformed", "hops", "bad_signature", "bad_announce", "no_tag", "unproved_link"),
        "protocol",
    ),
    **dict.fromkeys(("ifac_missing", "ifac_stray", "ifac_short", "ifac_wrong"), "ifac"),
    **dict.fromkeys(("not_for_us", "too_far", "bad_type"), "filter"),
}


class Timeout(AssertionError):
    pass


def wait_until(state, limit, what):
    """Ask for `state()` until it is true; return what it returned. `what` is a text, or makes one
    at the end."""
    end = time.monotonic() + limit
    pause = 0.005
    while True:
        value = state()
        if value:
            return value
        if time.monotonic() > end:
            raise Timeout(f"not within {limit:.0f} s: {what() if callable(what) else what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


# Ports and configs


def port_is_free(port, kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Ports:
    """Free ports below the range the system hands out, each locked against other test runs while its
    test lasts: a node that restarts must get its port again. A lock is a name among the abstract
    sockets, which are seen by just those that share the ports: in other containers, too."""

    RANGE = range(20000, 32000)

    def __init__(self):
        start = random.SystemRandom().randrange(len(self.RANGE))
        self.order = itertools.cycle((*self.RANGE[start:], *self.RANGE[:start]))
        self.locks = []

    def take(self):
        return next(
            port for port in itertools.islice(self.order, len(self.RANGE)) if self.get(port)
        )

    def get(self, port):
        lock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            lock.bind(f"\0reticule-test-port-{port}")
        except OSError:
            lock.close()
            return False
        self.locks.append(lock)
        return all(port_is_free(port, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM))

    def release(self):
        while self.locks:
            self.locks.pop().close()


def tcp_server(name, port, **options):
    return name, {
        "type": "TCPServerInterface",
        "listen_ip": "127.0.0.1",
        "listen_port": port,
        **options,
    }


def tcp_client(name, port, **options):
    return name, {
        "type": "TCPClientInterface",
        "target_host": "127.0.0.1",
        "target_port": port,
        **options,
    }


def udp(name, listen, forward, **options):
    addresses = {
        "listen_ip": "127.0.0.1",
        "listen_port": listen,
        "forward_ip": "127.0.0.1",
        "forward_port": forward,
    }
    return name, {"type": "UDPInterface", **addresses, **options}


def config_text(interfaces, transport, options, profile):
    lines = [
        "[reticulum]",
        "share_instance = No",
        f"enable_transport = {'Yes' if transport else 'No'}",
    ]
    lines += [f"{key} = {value}" for key, value in options.items()]
    lines += memory_lines(profile) if profile else []
    lines += ["[logging]", "loglevel = 7", "[interfaces]"]
    for name, settings in interfaces:
        lines += [f"[[{name}]]", "enabled = yes"]
        lines += [f"{key} = {value}" for key, value in {**CALM, **settings}.items()]
    return "\n".join(lines) + "\n"


def memory_lines(profile):
    """A profile, or one with own counts of rows: {"profile": "mcu", "path": 32}."""
    rows = {"profile": profile} if isinstance(profile, str) else profile
    return ["[memory]", *(f"{name} = {count}" for name, count in rows.items())]


def write_config(folder, interfaces, transport=False, profile=None, **options):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config").write_text(config_text(interfaces, transport, options, profile))


def listening(port, kind):
    """Whether a socket of this machine listens on the port: read, so that no node sees a
    connection."""
    state = {"tcp": "0A", "udp": "07"}[kind]
    for table in (kind, kind + "6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            fields = line.split()
            if int(fields[1].rsplit(":", 1)[1], 16) == port and fields[3] == state:
                return True
    return False


# Processes


class Process:
    def __init__(self, name, folder, argv):
        self.name, self.folder, self.argv = name, folder, [str(word) for word in argv]
        self.process = None

    def spawn(self, **pipes):
        with open(self.folder / "output.log", "ab") as output:
            pipes = {"stdout": output, "stderr": output, **pipes}
            self.process = subprocess.Popen(self.argv, bufsize=0, **pipes)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.alive():
            self.process.kill()
        if self.process is not None:
            self.process.wait()

    def logs(self):
        return [
            path for path in (self.folder / "output.log", self.folder / "logfile") if path.exists()
        ]


class Agent(Process):
    """One end of a conversation."""

    ours = False  # the reference's

    def start(self):
        self.condition = threading.Condition()
        self.replies, self.pending, self.calls, self.ended = {}, [], 0, False
        self.spawn(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.about = self.call("start", config=str(self.folder))
        return self

    def read(self):
        for line in io.BufferedReader(self.process.stdout):  # the pipe itself is read by bytes
            message = json.loads(line)
            with self.condition:
                if "event" in message:
                    self.pending.append(message)
                else:
                    self.replies[message["id"]] = message
                self.condition.notify_all()
        with self.condition:
            self.ended = True
            self.condition.notify_all()

    def kill(self):
        super().kill()
        if self.process is not None:
            self.reader.join()  # it must not read what comes after a new start

    def await_locked(self, find, limit, what):
        end = time.monotonic() + limit
        with self.condition:
            while True:
                found = find()
                if found is not None:
                    return found
                if self.ended:
                    raise AssertionError(f"{self.name} has ended while waiting for {what}")
                if (
                    not self.condition.wait(max(end - time.monotonic(), 0))
                    and time.monotonic() >= end
                ):
                    raise Timeout(f"{self.name}: not within {limit:.0f} s: {what}")

    def ask(self, cmd, **fields):
        """The reply, also where it says no."""
        self.calls += 1
        number = self.calls
        self.process.stdin.write((json.dumps({"id": number, "cmd": cmd, **fields}) + "\n").encode())
        return self.await_locked(
            lambda: self.replies.pop(number, None), START, f"the reply to {cmd}"
        )

    def call(self, cmd, **fields):
        reply = self.ask(cmd, **fields)
        assert reply["ok"], f"{self.name}: {cmd}: {reply.get('error')}"
        return reply

    def take(self, event, fields):
        for index, message in enumerate(self.pending):
            if message["event"] == event and all(
                message.get(key) == value for key, value in fields.items()
            ):
                return self.pending.pop(index)
        return None

    def wait(self, event, limit, **fields):
        """The first event of this kind with these fields; each is given out once."""
        return self.await_locked(lambda: self.take(event, fields), limit, f"event {event} {fields}")

    def heard(self, event, **fields):
        """All events of this kind so far that were not given out, without taking them."""
        with self.condition:
            return [
                message
                for message in self.pending
                if message["event"] == event
                and all(message.get(key) == value for key, value in fields.items())
            ]

    def verdicts(self, *names):
        """How many frames had one of these verdicts."""
        if not self.ours:
            names = {REFERENCE_COUNTERS.get(name) for name in names}
        counts = self.call("verdicts")["verdicts"]
        return sum(counts.get(name, 0) for name in names)

    def signal(self, number):
        self.process.send_signal(number)

    def online(self, name):
        return any(
            each["name"] == name and each["online"]
            for each in self.call("interfaces")["interfaces"]
        )


class Daemon(Process):
    """A node in the middle."""

    def __init__(self, name, folder, argv, ours, ports):
        super().__init__(name, folder, argv)
        self.ours, self.ports = ours, ports

    def start(self):
        self.spawn(stdin=subprocess.DEVNULL)
        wait_until(self.ready, START, f"{self.name} listens")
        return self

    def ready(self):
        assert self.alive(), f"{self.name} has ended with {self.process.returncode}"
        return all(listening(port, kind) for port, kind in self.ports)

    def terminate(self):
        """End it as a service manager does; it must end by itself and well."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(START)
        assert self.process.returncode == 0, f"{self.name} ended with {self.process.returncode}"

    def close(self):
        """The end of a test: ours must still be alive and end well."""
        if not self.ours or self.process is None or self.process.returncode == -signal.SIGKILL:
            return self.kill()
        try:
            assert self.alive(), f"{self.name} has ended with {self.process.returncode}"
            self.terminate()
        finally:
            self.kill()

    def identity_key(self):
        """The private key of its transport identity, in the reference's own file."""
        path = self.folder / "storage" / "transport_identity"
        wait_until(lambda: path.exists() and path.stat().st_size == 64, START, "transport identity")
        return path.read_bytes()

    def status(self):
        """What the node writes to status.json on SIGUSR1."""
        path = self.folder / "status.json"
        path.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        wait_until(path.exists, START, f"{path} is written")
        return json.loads(path.read_text())

    def paths(self):
        return self.status()["paths"]

    def counts(self, names):
        """Whether the node counts such frames: the reference does in its own way, and not all."""
        return names and (self.ours or all(name in REFERENCE_COUNTERS for name in names))

    def verdicts(self, names):
        """How many frames had one of these verdicts, on all interfaces that are there."""
        if not self.ours:
            names = {REFERENCE_COUNTERS[name] for name in names}
        interfaces = self.status()["interfaces"]
        return sum(each["verdicts"].get(name, 0) for each in interfaces for name in names)

    def dropped(self):
        """Frames that were not sent because their reader took none."""
        return sum(each["tx_dropped"] for each in self.status()["interfaces"])

    def resident(self):
        """Bytes of memory that the process holds."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")


class Net:
    """All processes of one test; `middle` and `own` are the kind that is tested, `peer` is the
    reference."""

    def __init__(self, folder, ports, options):
        self.folder, self.port_source, self.options = folder, ports, options
        self.processes = []
        self.proxies = []
        self.profile = None  # of the memory of nodes in the middle: the default

    def port(self):
        return self.port_source.take()

    def peer(self, name, *interfaces, **options):
        return self.agent(name, [self.options.peer_python, HERE / "peer.py"], interfaces, options)

    def own(self, name, *interfaces, **options):
        if self.options.reference:
            return self.peer(name, *interfaces, **options)
        agent = self.agent(name, [self.options.bin / "testnode"], interfaces, options)
        agent.ours = True
        return agent

    def agent(self, name, argv, interfaces, options):
        """Of the options `profile` is the node's memory, the others stand in [reticulum]."""
        write_config(self.folder / name, interfaces, **options)
        agent = Agent(name, self.folder / name, argv)
        self.processes.append(agent)
        return agent.start()

    def proxy(self, server_port, hook=None):
        """A port that leads to a node's port through a proxy, and the proxy."""
        port = self.port()
        self.proxies.append(proxy.Proxy(port, server_port, hook))
        return port, self.proxies[-1]

    def middle(self, name, *interfaces, **options):
        folder = self.folder / name
        write_config(folder, interfaces, transport=True, profile=self.profile, **options)
        daemon = Daemon(
            name, folder, self.middle_argv(folder), not self.options.reference, ports_of(interfaces)
        )
        self.processes.append(daemon)
        return daemon.start()

    def middle_argv(self, folder):
        if self.options.reference:
            return [self.options.reference_python, HERE / "reference_node.py", "--config", folder]
        return [self.options.bin / "rnsd", "--config", folder]

    def close(self):
        failures = []
        for process in self.processes:
            try:
                process.close() if isinstance(process, Daemon) else process.kill()
            except (AssertionError, subprocess.TimeoutExpired) as error:
                failures.append(str(error))
        for each in self.proxies:
            each.close()
        self.port_source.release()
        assert not failures, "; ".join(failures)


def ports_of(interfaces):
    kinds = {"TCPServerInterface": "tcp", "UDPInterface": "udp"}
    return [
        (settings["listen_port"], kinds[settings["type"]])
        for _, settings in interfaces
        if settings["type"] in kinds
    ]


def environment_bin():
    return Path(os.environ.get("RETICULE_BIN", HERE.parent.parent / "build" / "release"))
