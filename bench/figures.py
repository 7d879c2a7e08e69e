"""The figures: each is a function of a Bench that returns rows for the table and for the JSON file."""

import json
import os
import statistics
import subprocess
import time

import nodes

NETWORK = ("bench", "bench passphrase")
WINDOWS = ("64", "256", "1024", "blast")
QUIET = 5  # seconds without a new path: the node takes no more
BURSTS_142 = (250, 500, 1000, 2000, 4000, 8000)
BURST_157 = 1000
IDLE_SECONDS = 4
PATHS_REFERENCE = 5000
PATHS_REFERENCE_RATE = 400  # a second: what the slower one takes without loss
REFERENCE_SHARE = 20  # the memory figure gives the reference this part of the packets


def median(values):
    return statistics.median(values) if values else None


def ratio(value, base):
    return value / base if value is not None and base else None


class Bench:
    def __init__(self, options, programs, all_contenders):
        self.options = options
        self.programs = programs
        self.all = all_contenders

    def chosen(self, *names):
        wanted = self.options.contenders
        return [self.all[name] for name in names if self.all[name].available and name in wanted]

    def driver(self, command, *arguments):
        return ["taskset", "-c", self.options.driver_core, str(self.programs / "bench_driver"),
                command, *map(str, arguments)]

    def objects(self, command, *arguments):
        output = subprocess.run(self.driver(command, *arguments), check=True, text=True,
                                stdout=subprocess.PIPE).stdout
        return [json.loads(line) for line in output.splitlines()]

    def rates(self):
        # All cores: the driver's pin would make them one.
        output = subprocess.run([str(self.programs / "bench_driver"), "rates", "--seconds", "0.5",
                                 "--repeat", str(self.options.n)], check=True, text=True,
                                stdout=subprocess.PIPE).stdout
        found = [json.loads(line) for line in output.splitlines()]
        return {key: median([each[key] for each in found]) for key in found[0]}

    def say(self, text):
        print(f"  {text}", flush=True)


# ---- Forwarding and latency

def load(bench, contender, runs, ifac=None, seconds=None):
    """One node, one driver; the driver's objects by run."""
    arguments = ["--runs", ",".join(runs), "--seconds", seconds or bench.options.seconds]
    if contender.bare:
        arguments.append("--bare")
    if ifac:
        arguments += ["--ifac-name", ifac[0], "--ifac-passphrase", ifac[1]]
    with contender.start(cores=bench.options.node_core, ifac=ifac) as node:
        found = bench.objects("forward", "--port", node.port, "--pid", node.pid, *arguments)
    return {each["run"]: each for each in found if "run" in each}


def forward_rows(bench, names, runs, ifac=None):
    samples = {}
    for i in range(bench.options.n):
        for contender in bench.chosen(*names):
            found = load(bench, contender, runs, ifac)
            bench.say(f"{i + 1}: {contender.name}: " + ", ".join(
                f"{run} {each['rate']:.0f}/s" if "rate" in each else f"p50 {each['p50_us']:.0f} us"
                for run, each in found.items()))
            for run, each in found.items():
                samples.setdefault((run, contender.name), []).append(each)
    rows = []
    for run in runs:
        for name in names:
            each = samples.get((run, name))
            if each and run != "latency":
                rows.append({
                    "run": run, "node": name, "packets/s": median([x["rate"] for x in each]),
                    "lost %": median([100 * x["lost"] / max(x["sent"], 1) for x in each]),
                    "pause ms": median([x["longest_pause_ms"] for x in each]),
                    "node CPU s": median([x["cpu_seconds"] for x in each]),
                    "us CPU/packet": median([1e6 * x["cpu_seconds"] / max(x["received"], 1)
                                             for x in each]),
                    "all": [x["rate"] for x in each]})
    return rows, samples


def add_ratios(rows, key, bases, by=("run",)):
    for row in rows:
        for base in bases:
            of = [r for r in rows if r["node"] == base and all(r[k] == row[k] for k in by)]
            row[f"/ {base}"] = ratio(row[key], of[0][key]) if of else None


def forward(bench):
    names = ("ours", "python-1.4.2", "python-1.5.7", "bare")
    rows, _ = forward_rows(bench, names, WINDOWS)
    add_ratios(rows, "packets/s", ("python-1.4.2", "python-1.5.7", "bare"))
    alone = bench.objects("alone", "--runs", ",".join(WINDOWS), "--seconds", 0.5)
    for each in alone:
        rows.append({"run": each["run"], "node": "driver alone", "packets/s": each["rate"]})
    return rows


def latency(bench):
    names = ("ours", "python-1.4.2", "python-1.5.7", "bare")
    _, samples = forward_rows(bench, names, ("latency",))
    rows = [{"node": name, "p50 us": median([x["p50_us"] for x in each]),
             "p99 us": median([x["p99_us"] for x in each]),
             "node CPU s": median([x["cpu_seconds"] for x in each])}
            for (_, name), each in samples.items()]
    add_ratios(rows, "p50 us", ("python-1.4.2", "bare"), by=())
    return rows


def ifac(bench):
    """Each packet is unsealed and sealed: two signatures."""
    rows, _ = forward_rows(bench, ("ours", "python-1.4.2", "python-1.5.7"), WINDOWS, NETWORK)
    sign = bench.rates()["sign"]
    add_ratios(rows, "packets/s", ("python-1.4.2",))
    for row in rows:
        row["of signing rate"] = 2 * row["packets/s"] / sign
    rows.append({"run": "sign", "node": "machine, one core", "packets/s": sign})
    return rows


# ---- Announces

def wait_for_paths(node, start_us, count):
    """(paths, seconds since start_us of the last new one). Asking costs the node little of its time:
    each pause is node.pause times as long as the question took."""
    best, best_at = 0, start_us / 1e6
    while best < count:
        asked = time.monotonic()
        found = node.paths()
        now = time.monotonic()
        if found is not None and found > best:
            best, best_at = found, now
        elif now - best_at > QUIET:
            break
        time.sleep(max(0.005, min(node.pause * (now - asked), 1)))
    return best, best_at - start_us / 1e6


def burst(bench, node, count, rate=0):
    """Writes announces; returns (kept, seconds, CPU seconds of the node)."""
    command = bench.driver("announce", "--port", node.port, "--destinations", count,
                           "--rate", rate)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as driver:
        driver.stdout.readline()  # ready
        time.sleep(0.3)
        before, before_paths = nodes.cpu_seconds(node.pid), node.paths() or 0
        driver.stdin.write("\n")
        driver.stdin.flush()
        written = json.loads(driver.stdout.readline())
        kept, seconds = wait_for_paths(node, written["start_us"], before_paths + count)
        cpu = nodes.cpu_seconds(node.pid) - before
        driver.stdin.close()
    return kept - before_paths, seconds, cpu


def bursts(bench, contender, count, cores):
    found = []
    for i in range(bench.options.n):
        with contender.start(cores=cores) as node:
            found.append(burst(bench, node, count))
        kept, seconds, _ = found[-1]
        bench.say(f"{i + 1}: {contender.name}: {kept} of {count} in {seconds:.2f} s")
    return {"node": contender.name, "cores": cores or "all", "burst": count,
            "kept": min(kept for kept, _, _ in found),
            "announces/s": median([kept / seconds for kept, seconds, _ in found if seconds > 0]),
            "node CPU s": median([cpu for _, _, cpu in found]),
            "us CPU/announce": median([1e6 * cpu / max(kept, 1) for kept, _, cpu in found]),
            "all": [kept / seconds for kept, seconds, _ in found if seconds > 0]}


def largest_burst(bench, contender):
    """The largest burst of the list that the node keeps whole."""
    whole = BURSTS_142[0]
    for count in BURSTS_142:
        with contender.start(cores=bench.options.node_core) as node:
            kept, seconds, _ = burst(bench, node, count)
        bench.say(f"{contender.name}: {kept} of {count} in {seconds:.2f} s")
        if kept < count:
            break
        whole = count
    return whole


def announces(bench):
    rows = []
    for contender in bench.chosen("ours"):
        for cores in (bench.options.node_core, None):
            rows.append(bursts(bench, contender, bench.options.announces, cores))
    for contender in bench.chosen("python-1.4.2"):
        rows.append(bursts(bench, contender, largest_burst(bench, contender),
                           bench.options.node_core))
    for contender in bench.chosen("python-1.5.7"):
        rows.append(bursts(bench, contender, BURST_157, bench.options.node_core))
    add_ratios(rows, "announces/s", ("python-1.4.2",), by=())
    rates = bench.rates()
    for row in rows:
        verify = rates["verify_all" if row["cores"] == "all" else "verify"]
        row["of verify rate"] = ratio(row["announces/s"], verify)
    rows.append({"node": "machine verifies", "cores": "one", "announces/s": rates["verify"]})
    rows.append({"node": "machine verifies", "cores": "all", "announces/s": rates["verify_all"]})
    return rows


# ---- Start-up and memory

def startup(bench):
    rows = []
    for contender in bench.chosen("ours", "python-1.4.2", "python-1.5.7"):
        times = []
        for _ in range(bench.options.n):
            with contender.launch(cores=bench.options.node_core) as node:
                times.append(1000 * node.wait_listening())
                cpu = nodes.cpu_seconds(node.pid)
        rows.append({"node": contender.name, "ms to listening": median(times),
                     "node CPU s": cpu, "all": times})
    add_ratios(rows, "ms to listening", ("python-1.4.2",), by=())
    return rows


def bare_memory(bench):
    with subprocess.Popen([str(bench.programs / "bench_bare_libs")], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        found = nodes.memory_kb(process.pid)
        process.stdin.close()
    return found


def memory(bench):
    """Idle, with the configuration that the daemon writes itself into an empty folder."""
    bare_anon, bare_all = bare_memory(bench)
    rows = [{"node": "libraries alone", "RssAnon MB": bare_anon / 1024, "VmRSS MB": bare_all / 1024}]
    for contender in bench.chosen("ours", "python-1.4.2", "python-1.5.7"):
        found = []
        for _ in range(bench.options.n):
            with contender.launch(cores=None, default_config=True) as node:
                time.sleep(IDLE_SECONDS)
                if node.process.poll() is not None:
                    raise RuntimeError(f"{contender.name} ended on its default configuration")
                found.append((*nodes.memory_kb(node.pid), nodes.cpu_seconds(node.pid)))
        anon, everything = (median([each[i] for each in found]) / 1024 for i in (0, 1))
        rows.append({"node": contender.name, "RssAnon MB": anon, "VmRSS MB": everything,
                     "VmRSS above libraries": everything - bare_all / 1024,
                     "node CPU s": median([each[2] for each in found])})
    return rows


def paths(bench):
    """Private memory that each path costs, with everything the node keeps beside it."""
    rows = []
    for contender in bench.chosen("ours", "python-1.4.2", "python-1.5.7"):
        ours = contender.name == "ours"
        count = bench.options.paths if ours else PATHS_REFERENCE
        with contender.start(cores=bench.options.node_core) as node:
            time.sleep(1)
            before = nodes.memory_kb(node.pid)[0]
            kept, _, cpu = burst(bench, node, count, 0 if ours else PATHS_REFERENCE_RATE)
            time.sleep(2)
            after = nodes.memory_kb(node.pid)[0]
        rows.append({"node": contender.name, "paths": kept, "node CPU s": cpu,
                     "bytes/path": 1024 * (after - before) / max(kept, 1)})
    add_ratios(rows, "bytes/path", ("python-1.4.2",), by=())
    return rows


def flat(bench):
    rows = []
    first, last = bench.options.flat
    for contender in bench.chosen("ours", "python-1.4.2", "python-1.5.7"):
        part = 1 if contender.name == "ours" else REFERENCE_SHARE
        runs = (f"256:{first // part}", f"256:{(last - first) // part}")
        found = load(bench, contender, runs)
        one, other = (found[run] for run in runs)
        rows.append({"node": contender.name, "packets": first // part, "then": last // part,
                     "RssAnon MB": one["rss_anon_kb"] / 1024,
                     "then MB": other["rss_anon_kb"] / 1024,
                     "grown kB": other["rss_anon_kb"] - one["rss_anon_kb"],
                     "node CPU s": one["cpu_seconds"] + other["cpu_seconds"]})
    return rows


# ---- The tables

def table(bench):
    """In-process: what a forwarded packet costs with more and more paths."""
    program = bench.programs / "bench_table"
    samples = {}
    for _ in range(bench.options.n):
        for count in bench.options.table:
            output = subprocess.run(["taskset", "-c", bench.options.node_core, str(program),
                                     str(count)], check=True, text=True, stdout=subprocess.PIPE)
            samples.setdefault(count, []).append(json.loads(output.stdout))
    rows = [{"node": "ours", "paths": count, "ns/packet": median([x["ns"] for x in each]),
             "all": [x["ns"] for x in each]} for count, each in samples.items()]
    for row in rows:
        row["/ fewest paths"] = ratio(row["ns/packet"], rows[0]["ns/packet"])
    return rows


FIGURES = {each.__name__: each for each in (
    forward, latency, ifac, announces, startup, memory, paths, flat, table)}


def cores_of_machine():
    return sorted(os.sched_getaffinity(0))
