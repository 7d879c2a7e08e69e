"""Reads what tests/alloc/count.c counts, and says whose each allocation is: of the parts of our
program that made it, the innermost one."""

import bisect
import re
import signal
import subprocess
from collections import Counter
from dataclasses import dataclass, field

import nodes

# What stands in the linker's map for an object, by whose it is.
PARTS = {
    "librns.a": "core",
    "librns_crypto_host.a": "providers",
    "librns_compress_bz2.a": "providers",
    "librns_host.a": "host",
    "/apps/": "host",
    "/tests/interop/": "agent",
    "/tests/alloc/": None,  # the counting itself
}
SECTION = re.compile(r"^ \.text\S*(?:\s+|\n\s+)(0x[0-9a-f]+)\s+(0x[0-9a-f]+) (\S+)$", re.M)
LIBRARIES = ("libuv", "libcrypto", "libsodium", "libbz2", "libjansson")


class Program:
    """Where what stands in a program that is linked to a fixed place."""

    def __init__(self, path):
        self.starts, self.ends, self.parts = [], [], []
        for start, size, owner in sorted(self.sections(path), key=lambda each: each[0]):
            self.starts.append(start)
            self.ends.append(start + size)
            self.parts.append(owner)
        symbols = subprocess.run(["nm", "-n", path], check=True, capture_output=True, text=True)
        lines = [line.split() for line in symbols.stdout.splitlines()]
        functions = [(int(line[0], 16), line[2]) for line in lines if line[1:2] in (["t"], ["T"])]
        self.addresses, self.names = zip(*functions, strict=True)

    @staticmethod
    def sections(path):
        text = path.with_name(path.name + ".map").read_text()
        for start, size, name in SECTION.findall(text):
            owner = next((owner for part, owner in PARTS.items() if part in name), None)
            if int(size, 16) > 0 and owner:
                yield int(start, 16), int(size, 16), owner

    def part(self, address):
        index = bisect.bisect_right(self.starts, address) - 1
        return self.parts[index] if index >= 0 and address < self.ends[index] else None

    def function(self, address):
        return self.names[bisect.bisect_right(self.addresses, address) - 1]


@dataclass
class Phase:
    name: str
    calls: Counter = field(default_factory=Counter)  # by part
    sites: Counter = field(default_factory=Counter)  # by part and call site
    through: Counter = field(default_factory=Counter)  # stacks that lead through a part
    lost: int = 0


class Counted:
    """A process of a counted program, with its phases so far."""

    def __init__(self, process, folder, program):
        self.process, self.folder, self.program, self.phases = process, folder, program, []

    def end(self, name):
        path = self.folder / f"phase-{len(self.phases)}"
        self.process.process.send_signal(signal.SIGRTMIN)
        nodes.wait_until(path.exists, nodes.START, f"{path} is written")
        phase = Phase(name)
        for line in path.read_text().splitlines():
            self.take(phase, *line.split())
        self.phases.append(phase)
        return phase

    def take(self, phase, function, calls, *rest):
        if function == "lost":
            phase.lost = int(calls)
            return
        frames = rest[1:]
        at = next((at for at, each in enumerate(frames) if self.of(each)), None)
        inner = int(frames[at], 16) if at is not None else None
        library = next((each for each in frames[:at] if each.startswith(LIBRARIES)), "")
        part = self.program.part(inner) if inner else "libraries"
        phase.through += Counter({self.of(each) for each in frames if self.of(each)})
        site = f"{self.program.function(inner)}()" if inner else "a thread of its own"
        inside = f" in {library.split('.')[0]}" if library else ""
        phase.calls[part] += int(calls)
        phase.sites[part, f"{site}: {function}{inside}"] += int(calls)

    def of(self, frame):
        return self.program.part(int(frame, 16)) if frame.startswith("0x") else None


def table(counted, parts=("core", "providers", "host", "libraries", "agent")):
    """The counts of a process by phase, and the call sites of what the daemon itself allocates."""
    lines = [f"{counted.process.name}: allocations by phase"]
    lines.append(f"  {'phase':<34}" + "".join(f"{part:>11}" for part in parts))
    for phase in counted.phases:
        counts = "".join(f"{phase.calls[part]:>11}" for part in parts)
        lines.append(f"  {phase.name:<34}{counts}")
    lines.append("  the daemon's own, by call site, after start-up:")
    sites = Counter()
    for phase in counted.phases[1:]:
        for (part, site), calls in phase.sites.items():
            if part in ("host", "libraries"):
                sites[f"{phase.name}: {site}"] += calls
    lines += [f"    {calls:>6}  {site}" for site, calls in sites.most_common()] or ["    none"]
    return "\n".join(lines)
