"""The figure of sessions: links, messages, requests and resources between two ends over TCP, each end
ours or the reference."""

import contextlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import nodes
from figures import median, ratio

SEGMENT = 1048575  # bytes of a resource's segment
# name: command, window, bytes of a resource
LOADS = {
    "links, one at a time": ("links", 1, 0),
    "links, 16 at once": ("links", 16, 0),
    "messages, 32 under way": ("messages", 32, 0),
    "requests, 8 under way": ("requests", 8, 0),
    "resource, 1 MiB - 1": ("resource", 1, SEGMENT),
    "resource, 64 segments": ("resource", 1, 64 * SEGMENT),
}
START_LIMIT = 60
RUN_LIMIT = 300

CONFIG = """[reticulum]
  enable_transport = no
  share_instance = no
[logging]
  loglevel = 1
[interfaces]
  [[Bench]]
    enabled = yes
    ingress_control = no
"""
LISTENER = "    type = TCPServerInterface\n    listen_ip = 127.0.0.1\n    listen_port = {port}\n"
ASKER = "    type = TCPClientInterface\n    target_host = 127.0.0.1\n    target_port = {port}\n"


@contextlib.contextmanager
def folder(interface):
    path = Path(tempfile.mkdtemp(prefix="reticule-bench-"))
    (path / "config").write_text(CONFIG + interface)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def command(bench, name, core):
    peer = Path(__file__).with_name("peer.py")
    program = {"ours": [str(bench.programs / "bench_peer")],
               "python-1.4.2": [str(bench.options.python_142), str(peer)],
               "python-1.5.7": [str(bench.options.python_157), str(peer)]}[name]
    return ["taskset", "-c", core, *program]


def run(bench, asker, listener, load):
    """One load between a new pair. What the asker measured, and the listener's peak of memory."""
    what, window, size = LOADS[load]
    port = nodes.free_port()
    with folder(LISTENER.format(port=port)) as there, folder(ASKER.format(port=port)) as here:
        with subprocess.Popen([*command(bench, listener, bench.options.node_core), "listen",
                               "--config", str(there)], stdout=subprocess.PIPE, text=True) as peer:
            try:
                destination = peer.stdout.readline().strip()
                before = nodes.cpu_seconds(peer.pid)
                output = subprocess.run(
                    [*command(bench, asker, bench.options.driver_core), what, "--config", str(here),
                     "--destination", destination, "--window", str(window), "--size", str(size),
                     "--seconds", str(bench.options.seconds)],
                    check=True, text=True, stdout=subprocess.PIPE, timeout=RUN_LIMIT).stdout
                found = json.loads(output.splitlines()[-1])
                found["listener_cpu"] = nodes.cpu_seconds(peer.pid) - before
                found["listener_peak_kb"] = nodes.peak_kb(peer.pid)
            finally:
                peer.terminate()
    found["rate"] = found["done"] / found["seconds"]
    if size:
        found["rate"] *= size / 1e6
    return found


def limit_of(load, rates):
    """What the machine's primitives allow, on the core of the busier end; its name."""
    x25519, sign, verify = (1 / rates[key] for key in ("x25519", "sign", "verify"))
    if load.startswith("links"):  # the initiator: two keys, an agreement, a check; the other: a signature
        return 1 / (3 * x25519 + verify + sign), "keys, agreement and check on one core"
    if load.startswith("messages"):
        return rates["verify"], "checks on one core"
    if load.startswith("requests"):
        return None, ""
    return rates["token_bytes"] / 1e6, "AES-CBC and HMAC on one core, MB/s"


def sessions(bench):
    names = [c.name for c in bench.chosen("ours", "python-1.4.2", "python-1.5.7")]
    pairs = [(a, b) for a in names for b in names
             if "ours" in (a, b) or a == b]
    rates = bench.rates()
    rows = []
    for load in LOADS:
        samples = {pair: [] for pair in pairs}
        for i in range(bench.options.n):
            for pair in pairs:
                samples[pair].append(run(bench, *pair, load))
                bench.say(f"{i + 1}: {load}: {pair[0]} -> {pair[1]}: {samples[pair][-1]['rate']:.1f}")
        limit, _ = limit_of(load, rates)
        for pair, each in samples.items():
            rate = median([x["rate"] for x in each])
            rows.append({"load": load, "from -> to": " -> ".join(pair),
                         "a second (MB/s)": rate, "failed": sum(x["failed"] for x in each),
                         "of limit": ratio(rate, limit),
                         "peak MB": median([x["peak_kb"] for x in each]) / 1024,
                         "listener's": median([x["listener_peak_kb"] for x in each]) / 1024,
                         "node CPU s": median([x["cpu_seconds"] for x in each]),
                         "listener CPU s": median([x["listener_cpu"] for x in each]),
                         "all": [x["rate"] for x in each]})
        for base in [name for name in names if name != "ours"]:
            own = [r for r in rows if r["load"] == load and r["from -> to"] == f"{base} -> {base}"]
            for row in rows:
                if row["load"] == load:
                    row[f"/ {base}"] = ratio(row["a second (MB/s)"], own[0]["a second (MB/s)"])
        _, what = limit_of(load, rates)
        if limit:
            rows.append({"load": load, "from -> to": "limit: " + what, "a second (MB/s)": limit})
    return rows
