#!/usr/bin/env python3
"""An hour of mixed traffic with rows that are too small on purpose: the reference, and two agents and
a daemon of ours. Memory stays flat to the page, every frame has its verdict, what was refused or made
room is counted, no slot is lost, and the last transfers are as fast as the first.

    build/venv-1.5.7/bin/python tests/soak/hour.py [--seconds 3600]
"""

import argparse
import itertools
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parent.parent / "interop"))

import nodes  # noqa: E402
import raw  # noqa: E402
import talk  # noqa: E402
from nodes import tcp_client, tcp_server  # noqa: E402

SAMPLE_EVERY = 1 / 60  # of the time
WARM = 1 / 3  # of the time: until then memory may grow; a relay forgets a link after 15 minutes
COMPARED = 10  # samples at the start, and at the end
TRANSFERS = 3  # a sample: the fastest counts, since others may use the machine
PACE = 2.0  # seconds a cycle takes at least
NOISE = 10  # new destinations a cycle
LOAD = 16_000_000  # bytes of a transfer that is measured
DRIFT = 0.05
TRIES = 8
OPENING = 1.5  # seconds that a link takes to open at most
PAGE = 4096
SETTLED = 120  # seconds until nothing waits any more

RELAY_ROWS = {
    "profile": "mcu", "iface": 12, "path": 32, "known": 32, "app_data": 8, "ratchet_peer": 8,
    "announce_cache": 16, "announce": 8, "rate": 16, "ask": 8, "asker": 8, "reverse": 8, "relay": 48,
    "inbox_announce": 4, "seen_print": 256, "ask_tag": 32, "frame": 32, "frame_2k": 16, "txref": 96,
}  # fmt: skip
END_ROWS = {
    "profile": "mcu", "link": 4, "channel": 4, "resource_in": 3, "resource_out": 3, "request": 3,
    "query": 3, "envelope": 8, "receipt": 4, "known": 8, "app_data": 4, "ratchet_peer": 4,
    "path": 8, "announce_cache": 4, "seen_print": 128, "inbox_announce": 2, "piece": 32,
}  # fmt: skip
CULLED = {"relay": ("path", "known", "app_data", "announce_cache", "seen_print"),
          "b": ("path", "known", "app_data", "receipt", "seen_print")}  # fmt: skip
REFUSED = {"relay": ("relay",), "b": ("link",)}
failures = []

def check(name, good, detail=""):
    print(f"[{'pass' if good else 'FAIL'}] {name}{': ' if detail else ''}{detail}", flush=True)
    if not good:
        failures.append(name)

# What the processes hold and use

MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+\s*(.*)$")


def pages(process):
    """Resident pages that are not a file's. The heap of an agent is the test's own, in which it
    keeps what it says and hears: of agents only what is mapped counts, with the node's regions."""
    total, counts = 0, True
    for line in Path(f"/proc/{process.process.pid}/smaps").read_text().splitlines():
        if mapping := MAPPING.match(line):
            counts = mapping[1] == "" or isinstance(process, nodes.Daemon)
        elif counts and line.startswith("Anonymous:"):
            total += int(line.split()[1]) * 1024 // PAGE
    return total


def cpu_seconds(process):
    """On a core, all threads."""
    tasks = Path(f"/proc/{process.process.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

class World:
    def __init__(self, net):
        self.net = net
        ports = [net.port() for _ in range(4)]
        legs = [tcp_server(f"leg {n}", port) for n, port in enumerate(ports)]
        net.profile = RELAY_ROWS
        self.relay = net.middle("relay", *legs)
        self.a = net.peer("a", tcp_client("up", ports[0]))
        self.b = net.own("b", tcp_client("up", ports[1]), profile=END_ROWS)
        self.c = net.own("c", tcp_client("up", ports[2]), profile=END_ROWS)
        self.noise = raw.Client(ports[3], on_frame=lambda frame: None)
        self.ours = (self.relay, self.b, self.c)
        self.dests = {agent.name: talk.destination(agent) for agent in (self.a, self.b)}
        self.count = itertools.count(1)
        self.done = dict.fromkeys(
            ("links", "messages", "requests", "channel", "resources", "noise", "refused"), 0
        )
        self.load_link = self.link(self.c, self.b)
        self.talks = [
            (caller, host, self.link(caller, host))
            for caller, host in ((self.a, self.b), (self.b, self.a))
        ]

    def forget_noise(self):
        """What the agents heard of others' destinations."""
        known = {dest["dest"] for dest in self.dests.values()}
        for agent in (self.a, self.b, self.c):
            with agent.condition:
                agent.pending = [
                    each
                    for each in agent.pending
                    if each["event"] != "announce" or each["dest"] in known
                ]

    def meet(self, caller, host):
        """The caller has heard the host now: what it knew may have made room for others."""
        dest = self.dests[host.name]
        for _ in range(TRIES):
            words = f"here {next(self.count)}"
            talk.announce(host, dest, words)
            try:
                caller.wait("announce", 5, dest=dest["dest"], app_data=talk.text(words))
            except nodes.Timeout:
                continue
            if caller.ask("dest_out", type="single", app=talk.APP, aspects=talk.ASPECTS,
                          dest=dest["dest"])["ok"]:  # fmt: skip
                return dest
        raise AssertionError(f"{caller.name} does not hear {host.name}")

    def link(self, caller, host):
        for _ in range(TRIES):
            dest = self.meet(caller, host)
            try:
                link = talk.link_opened(caller, host, dest)["link"]
            except nodes.Timeout:
                continue
            self.done["links"] += 1
            return link
        raise AssertionError(f"{caller.name} gets no link to {host.name}")

    # One cycle

    def make_noise(self):
        frames = [
            raw.announce(raw.Identity(), "reticule.noise", app_data=b"noise" * 10)[1]
            for _ in range(NOISE)
        ]
        self.noise.send(*frames)
        self.done["noise"] += NOISE

    def converse(self, caller, host, link):
        dest = self.dests[host.name]
        for sender, receiver in ((caller, host), (host, caller)):
            for _ in range(3):
                talk.message_proved(sender, receiver, link)
                talk.channel_crossed(sender, receiver, link)
            talk.resource_sent(sender, receiver, link, talk.bytes_of(60_000))
        talk.request_answered(caller, host, dest, link)
        self.long_request(caller, host, link)
        self.too_many(self.b, link)
        self.done["messages"] += 6
        self.done["channel"] += 6
        self.done["resources"] += 2
        self.done["requests"] += 2

    def long_request(self, caller, host, link):
        data = talk.bytes_of(3000).hex()
        number = caller.call("request", link=link, path="/reverse", data=data)["request"]
        host.wait("request", nodes.LINK, link=link)
        answer = caller.wait("response", nodes.LINK, request=number)
        assert answer["status"] == "ready"

    def too_many(self, agent, link):
        """More messages at once than there are receipts, and more on the channel than its ring
        holds: each ends, or is refused."""
        receipts = []
        for _ in range(10):
            reply = agent.ask("link_send", link=link, data="00", timeout=nodes.LINK)
            receipts += [reply["receipt"]] if reply["ok"] else []
        for receipt in receipts:
            ended = agent.wait("receipt", nodes.LINK * 2, receipt=receipt)
            self.done["refused"] += ended["status"] == "failed"
        for _ in range(20):
            self.done["refused"] += not agent.ask("channel_send", link=link, data="0102")["ok"]

    def new_links(self, count):
        """More links at once than there are slots, here or on the way: some never open."""
        dest = self.meet(self.a, self.b)
        asked = [self.a.call("link_open", dest=dest["dest"])["link"] for _ in range(count)]
        time.sleep(OPENING)
        for link in asked:
            if all(agent.heard("link_open", link=link) for agent in (self.a, self.b)):
                self.done["links"] += 1
                talk.message_proved(self.a, self.b, link)
                self.a.call("link_close", link=link)
            else:
                self.done["refused"] += 1
        time.sleep(OPENING)
        for agent in (self.a, self.b):  # what is told of them is not looked at
            with agent.condition:
                agent.pending = [each for each in agent.pending if each.get("link") not in asked]

    def cycle(self, number):
        start = time.monotonic()
        self.make_noise()
        self.converse(*self.talks[number % len(self.talks)])
        if number % 10 == 5:
            self.new_links(6 if number % 50 == 5 else 1)
        self.forget_noise()
        time.sleep(max(start + PACE - time.monotonic(), 0))

    # What is measured

    def transfer(self):
        """Bytes a second, by the clock and by the time on cores."""
        data = talk.bytes_of(LOAD)
        path = talk.file_of(self.c, data)
        cpu, start = [cpu_seconds(each) for each in self.ours], time.monotonic()
        sent = self.c.call("resource_send", link=self.load_link, file=path)
        done = self.c.wait("resource", 120, resource=sent["resource"], direction="out")
        seconds = time.monotonic() - start
        cpu = sum(cpu_seconds(each) for each in self.ours) - sum(cpu)
        assert done["status"] == "complete", done
        talk.resource_arrives(self.b, self.load_link, path)
        Path(path).unlink()
        return LOAD / seconds, LOAD / cpu

    def rows(self, agent):
        if agent is not self.relay:
            return {row["name"]: row for row in agent.call("pools")["pools"]}
        command = [self.net.options.bin / "rnmem", "--config", agent.folder, "--json"]
        done = subprocess.run(command, capture_output=True, check=True, timeout=60)
        found = json.loads(done.stdout)["pools"]
        return {row["name"]: {**row, "cull": row["policy"] == "cull"} for row in found}

    def held(self, agent):
        """Slots of what is refused when it is full: what nobody gives back stays in it."""
        return {name: row["used"] for name, row in self.rows(agent).items() if not row["cull"]}

def without_a_verdict(relay):
    """By interface, frames that were taken and have no verdict. What was queued gets a second one,
    once it is worked off."""
    found = relay.status()
    open_ends = {
        each["name"]: each["rx_frames"]
        - sum(
            count
            for name, count in each["verdicts"].items()
            if name not in ("queued", "short", "long", "overrun", "noise")
        )
        for each in found["interfaces"]
    }
    return {name: count for name, count in open_ends.items() if count}


def run(world, seconds):
    """Cycles until the time is over; the samples."""
    start = time.monotonic()
    samples = []
    for number in range(len(world.talks)):
        world.cycle(number)
    before = [world.held(agent) for agent in world.ours]
    for number in itertools.count():
        past = (time.monotonic() - start) / seconds
        if past >= 1:
            return samples, before
        try:
            world.cycle(number)
        except AssertionError as error:
            check(f"cycle {number}", False, str(error))
            return samples, before
        if past >= len(samples) * SAMPLE_EVERY:
            rates = [max(rates) for rates in zip(*(world.transfer() for _ in range(TRANSFERS)))]
            samples.append((past, rates, [pages(agent) for agent in world.ours]))
            print(
                f"{past:6.1%}: {rates[0] / 1e6:.1f} MB/s, {rates[1] / 1e6:.1f} MB a CPU second, "
                f"pages {samples[-1][2]}, {world.done}",
                flush=True,
            )
    return None

def settles(state):
    try:
        return nodes.wait_until(state, SETTLED, "")
    except nodes.Timeout:
        return False


def judge(world, samples, before):
    names = [agent.name for agent in world.ours]
    warm = [each for past, _, each in samples if past >= WARM]
    for index, name in enumerate(names):
        sizes = {each[index] for each in warm}
        check(f"memory of {name} is flat to the page", len(sizes) == 1, f"{sorted(sizes)} pages")
    for kind, unit in ((0, "second"), (1, "CPU second")):
        rates = [rates[kind] for _, rates, _ in samples]
        most = min(COMPARED, len(rates) // 2)
        first, last = max(rates[:most]), max(rates[-most:])
        text = f"{first / 1e6:.1f} and {last / 1e6:.1f} MB a {unit}"
        if kind == 0:  # others may use the machine
            print(f"transfers by the clock, at the start and at the end: {text}")
        else:
            check("throughput at the end is that of the start", last >= first * (1 - DRIFT), text)
    for agent, held in zip(world.ours, before, strict=True):
        settles(lambda: world.held(agent) == held)
        now = world.held(agent)
        lost = {name: (held[name], now[name]) for name in held if now[name] != held[name]}
        check(f"no slot of {agent.name} is lost", not lost, str(lost or ""))
        rows = world.rows(agent)
        counts = {
            name: f"{row['culled']} culled, {row['rejected']} refused"
            for name, row in rows.items()
            if row["culled"] or row["rejected"]
        }
        print(f"{agent.name}: {json.dumps(counts, indent=1)}")
        for name in CULLED.get(agent.name, ()):
            check(f"{agent.name} has made room in {name}", rows[name]["culled"] > 0)
        for name in REFUSED.get(agent.name, ()):
            check(f"{agent.name} has refused some of {name}", rows[name]["rejected"] > 0)
    settled = settles(lambda: not without_a_verdict(world.relay))
    check("each frame of the relay has its verdict", settled, without_a_verdict(world.relay) or "")
    check("something was refused to applications", world.done["refused"] > 0)

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--bin", type=Path, default=nodes.environment_bin())
    options = parser.parse_args()

    ports = nodes.Ports()
    with tempfile.TemporaryDirectory(prefix="reticule-soak-") as folder:
        wish = SimpleNamespace(
            reference=False, bin=options.bin, peer_python=Path(sys.executable),
            reference_python=Path(sys.executable), scale=1.0,
        )  # fmt: skip
        net = nodes.Net(Path(folder), ports, wish)
        try:
            world = World(net)
            judge(world, *run(world, options.seconds))
            print(f"done: {world.done}")
        finally:
            net.close()
    return 1 if failures else 0

if __name__ == "__main__":
    sys.exit(main())
