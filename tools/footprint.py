#!/usr/bin/env python3
"""The footprint of a node on a microcontroller: flash by feature, static RAM by profile, stack by entry,
instructions by packet. usage: footprint.py [--check]
Prints docs/FOOTPRINT.md; with --check it compares with it instead, prints what differs, and ends with 1
where a figure is above a budget, or grew by more than a hundredth without docs/FOOTPRINT.md saying so.
Needs the compilers of ./test firmware and build/firmware/mps2-an385/instructions.elf (tools/firmware.sh)."""
import concurrent.futures
import functools
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LEDGER = ROOT / "docs/FOOTPRINT.md"
WORK = ROOT / "build/footprint"
DEBIAN = ROOT / "build/debian"
KIB = 1024
TOLERANCE = 0.01
SMALL = ["-std=c11", "-Os", "-ffunction-sections", "-fdata-sections"]
TARGETS = {
    "Cortex-M4": ("arm-none-eabi-", ["-mthumb", "-mcpu=cortex-m4", "--specs=picolibc.specs"]),
    "RV32IMC": ("riscv64-unknown-elf-", ["-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs"]),
}
# Each feature with what is left out of the core, what the program calls, and the most that it may take.
FEATURES = [
    ("endpoint", ["TRANSPORT", "CHANNELS", "RESOURCES"], [], 48 * KIB),
    ("+ transport", ["CHANNELS", "RESOURCES"], ["TRANSPORT"], 80 * KIB),
    ("+ channel, resource", [], ["TRANSPORT", "SESSIONS"], None),
    ("+ bz2", [], ["TRANSPORT", "SESSIONS", "BZ2"], None),
]
BZ2 = ["blocksort", "bzlib", "compress", "crctable", "decompress", "huffman", "randtable"]
HASHING = ("crypto/hmac.c", "crypto/hkdf.c", "crypto/drbg.c", "crypto/crypto.c") # these call the hash alone
CURVES = ("x25519", "ed25519")
# What misses its aim, and why.
MISSES = {
    "1,000 paths": "A path carries the destination's key (32 bytes), so that links of others are checked without a slot\n"
                   "among the known destinations, and two cells of the index (16), so that finding it does not depend on\n"
                   "how full the table is; 900 of them fit.",
}
STACK_MOST = 4 * KIB
PATHS_MOST = 128 * KIB
TINY_MOST = 32 * KIB
# Calls through a pointer: into the provider, of which the curves are left out.
ENTRIES = ["rns_open", "rns_close", "rns_rx", "rns_tick", "rns_next_due", "rns_tx_next", "rns_tx_done",
           "rns_iface_add", "rns_iface_remove", "rns_dest_add", "rns_announce", "rns_send", "rns_prove",
           "rns_path_request", "rns_link_open", "rns_link_identify", "rns_link_send", "rns_link_close",
           "rns_request", "rns_respond", "rns_channel_send", "rns_buffer_read", "rns_buffer_write",
           "rns_resource_send", "rns_resource_accept", "rns_save"]


def core_sources():
    found = sorted(ROOT.glob("core/*.c")) + sorted(ROOT.glob("core/*/*.c"))
    return [path for path in found if not path.name.startswith("testing")]


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
    return done.stdout


def compile_all(folder, compiler, flags, sources):
    """Compiles each source into the folder; returns the objects."""
    folder.mkdir(parents=True, exist_ok=True)

    def one(source):
        name = source.relative_to(ROOT).as_posix().replace("/", "_")
        run(compiler, *flags, "-c", source, "-o", folder / f"{name}.o")
        return folder / f"{name}.o"

    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        return list(pool.map(one, sources))


@functools.cache
def core_objects(folder, compiler, flags):
    return compile_all(folder, compiler, flags, core_sources())


# Flash


def flash_of(target, feature):
    """Bytes of code and constants that the linker keeps."""
    prefix, cpu = TARGETS[target]
    name, without, calls, _ = feature
    flags = [*cpu, *SMALL, "-flto", f"-I{ROOT}/include", f"-I{ROOT}/core", f"-I{DEBIAN}/bzip2"]
    left_out = [f"-DRNS_WITH_{part}=0" for part in without]
    core = core_objects(WORK / target / "-".join(["core", *without]), prefix + "gcc", (*flags, *left_out))
    sources = [ROOT / "tests/firmware/footprint.c"]
    if "BZ2" in calls:
        sources += [ROOT / "providers/bzip2.c", *(DEBIAN / "bzip2" / f"{part}.c" for part in BZ2)]
    flags += ["-DBZ_NO_STDIO", *(f"-DWITH_{part}={int(part in calls)}" for part in ("TRANSPORT", "SESSIONS", "BZ2"))]
    folder = WORK / target / re.sub(r"\W+", "_", name)
    objects = [*core, *compile_all(folder, prefix + "gcc", flags, sources)]
    image = folder / "footprint.elf"
    run(prefix + "gcc", *cpu, *SMALL, "-flto", "-nostdlib", "-nostartfiles", "-Wl,--gc-sections", "-Wl,-e,main",
        "-Wl,--unresolved-symbols=ignore-all", "-Wl,--defsym=__flash_size=0x400000", *objects, "-lgcc", "-o", image)
    text, data = run(prefix + "size", image).splitlines()[1].split()[:2]
    if data != "0":
        sys.exit(f"{target}, {name}: {data} bytes of initialised data")
    return int(text)


# Static RAM


def ram_table():
    """(profile, FAST, BULK) by rns/static.h, and what a thousand paths take."""
    prefix, cpu = TARGETS["Cortex-M4"]
    source = WORK / "ram.c"
    source.parent.mkdir(parents=True, exist_ok=True)
    profiles = ["TINY", "MCU", "ROUTER", "SERVER"]
    source.write_text('#include "rns/static.h"\n' + "".join(
        f"char fast_{p}[RNS_STATIC_FAST_BYTES({p})], bulk_{p}[RNS_STATIC_BULK_BYTES({p})];\n" for p in profiles)
        + "char paths[RNSI_STATIC_ROW(PATH, path, hash, N, 1000)];\n")
    run(prefix + "gcc", *cpu, "-std=c11", f"-I{ROOT}/include", "-c", source, "-o", WORK / "ram.o")
    sizes = {}
    for line in run(prefix + "nm", "-S", WORK / "ram.o").splitlines():
        _, size, _, name = line.split()
        sizes[name] = int(size, 16)
    rows = [(p.lower(), sizes[f"fast_{p}"], sizes[f"bulk_{p}"]) for p in profiles]
    return rows, sizes["paths"]


# Stack


class Stack:
    """Frames and calls as the compiler tells them (-fcallgraph-info=su)."""

    def __init__(self, graphs):
        self.frames, self.files, self.calls, self.depths = {}, {}, {}, {}
        self.indirect = lambda caller: 0
        for graph in graphs:
            text = graph.read_text()
            for title, label in re.findall(r'node: \{ title: "([^"]+)" label: "([^"]*)"', text):
                frame = re.search(r"(\d+) bytes \((\w+)[^)]*\)", label)
                if frame and frame[2] == "static":
                    self.frames[title], self.files[title] = int(frame[1]), label
                elif frame:
                    sys.exit(f"{title}: its stack is not static")
            for source, target in re.findall(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', text):
                self.calls.setdefault(source, set()).add(target)

    def depth(self, title, above=()):
        """(bytes, the way down)"""
        if title == "__indirect_call":
            below = self.indirect(above[-1])
            return below, [f"the provider {below}"]
        if title in above:
            sys.exit(f"{title} calls itself")
        if title not in self.depths:
            ways = [self.depth(target, (*above, title)) for target in sorted(self.calls.get(title, ()))]
            below, way = max(ways, key=lambda each: each[0], default=(0, []))
            own = self.frames.get(title, 0)
            self.depths[title] = own + below, [f"{title.rsplit(':', 1)[-1]} {own}", *way]
        return self.depths[title]

    def of(self, name):
        titles = [title for title in self.frames if title.rsplit(":", 1)[-1] == name]
        return max((self.depth(title) for title in titles), key=lambda each: each[0])


def stack_table():
    prefix, cpu = TARGETS["Cortex-M4"]
    bear, sodium = DEBIAN / "bearssl", DEBIAN / "libsodium/src/libsodium/include/sodium"
    flags = [*cpu, *SMALL, "-fcallgraph-info=su", f"-I{ROOT}/include", f"-I{ROOT}/core", f"-I{bear}/inc",
             f"-I{bear}/src", f"-I{sodium}", f"-I{sodium}/private", f"-I{sodium}/..", "-DCONFIGURED=1", "-w",
             f"-I{ROOT}/build/firmware/mps2-an385/sodium",
             f"-I{DEBIAN}/libsodium/src/libsodium/crypto_scalarmult/curve25519/ref10"]
    provider = [ROOT / "providers/crypto_mcu.c", *sorted((bear / "src/codec").glob("*32[bl]e.c")),
                bear / "src/hash/sha2small.c", *sorted((bear / "src/symcipher").glob("aes_ct*.c"))]
    folder = WORK / "stack"
    objects = compile_all(folder / "provider", prefix + "gcc", flags, provider)
    hashes = Stack([path.with_suffix(".ci") for path in objects])
    provided = {}
    names = {title.rsplit(":", 1)[-1] for title in hashes.frames}
    wanted = [name for name in names if name.startswith("mcu_") and not any(c in name for c in CURVES)]
    for kind in ("sha256", ""):
        provided[kind] = max(hashes.of(name)[0] for name in wanted if kind in name)
    objects = compile_all(folder / "core", prefix + "gcc", flags, core_sources())
    stack = Stack([path.with_suffix(".ci") for path in objects])
    stack.indirect = lambda caller: provided["sha256" if any(f in stack.files[caller] for f in HASHING) else ""]
    return [(name, *stack.of(name)) for name in ENTRIES], provided


# Instructions


def instruction_table():
    image = ROOT / "build/firmware/mps2-an385/instructions.elf"
    done = subprocess.run(
        ["timeout", "120", "qemu-system-arm", "-M", "mps2-an385", "-icount", "shift=0", "-nographic", "-monitor",
         "none", "-serial", "none", "-semihosting-config", "enable=on,target=native", "-kernel", image],
        capture_output=True, text=True, stdin=subprocess.DEVNULL)
    rows = {}
    for line in (done.stdout + done.stderr).splitlines():
        what, provider, count = line.split()
        rows.setdefault(what, {})[provider] = int(count)
    if done.returncode != 0 or len(rows) != 4:
        sys.exit(f"{image} did not run: {done.stdout}{done.stderr}")
    return rows


# The page


def verdict(size, most):
    if most is None:
        return ""
    return f"{'within' if size <= most else '**above**'} {most // KIB} KiB"


PROLOGUE = """# Footprint

Made by `tools/footprint.py` (gcc 12.2 of Debian 12), and compared with it by `./test footprint`: a figure that grows by
more than a hundredth, or beyond its aim, fails there.

## Flash

Bytes of code and constants of the core (`-Os -flto`, unused sections dropped), of a program that calls what the feature
offers. Crypto is not in it: libsodium's curves and BearSSL's ciphers take 35 and 12 KB more. A feature is left out
by `-DRNS_WITH_TRANSPORT=0`, `-DRNS_WITH_CHANNELS=0`, `-DRNS_WITH_RESOURCES=0` (`core/feature.h`); a row holds those above it.
"""


def page():
    lines = [PROLOGUE, "| a node with | " + " | ".join(TARGETS) + " | aim |", "|---|" + "---:|" * len(TARGETS) + "---|"]
    over = []
    for feature in FEATURES:
        sizes = [flash_of(target, feature) for target in TARGETS]
        lines.append(f"| {feature[0]} | " + " | ".join(map(str, sizes)) + f" | {verdict(sizes[0], feature[3])} |")
        if feature[3] is not None and sizes[0] > feature[3]:
            over.append(f"flash of {feature[0]}")
    rows, paths = ram_table()
    lines += ["", "The aims are for the Cortex-M4.", "", "## Static RAM", "",
              "Bytes of the regions that `rns_open()` is handed; the core has no data of its own. Every row is in",
              "[MEMORY.md](MEMORY.md).", "", "| profile | fast | bulk | both |", "|---|---:|---:|---:|"]
    lines += [f"| {name} | {fast} | {bulk} | {fast + bulk} |" for name, fast, bulk in rows]
    tiny = rows[0][1] + rows[0][2]
    lines += ["", f"`tiny` is {verdict(tiny, TINY_MOST)}; 1,000 paths without their cached announces take {paths}, "
              f"{verdict(paths, PATHS_MOST)}. {MISSES['1,000 paths']}"]
    over += ["tiny"] * (tiny > TINY_MOST) + ["1,000 paths"] * (paths > PATHS_MOST)
    entries, provided = stack_table()
    deepest = max(size for _, size, _ in entries)
    lines += ["", "## Stack", "",
              "The deepest way down from each call, by the compiler's frames and its call graph (Cortex-M4, `-Os`). A call",
              f"through a pointer counts as the provider's deepest but for the curves: {provided['']} bytes, and",
              f"{provided['sha256']} where only the hash can be called. What the application does in its callbacks comes on top, and so",
              "do the curves where they are reached: 5.2 KB to sign, 3.3 KB to verify (libsodium).",
              f"The deepest is {deepest}: {verdict(deepest, STACK_MOST)}.", "",
              "| call | bytes | the way down, with the bytes of each frame |", "|---|---:|---|"]
    lines += [f"| `{name}` | {size} | {' > '.join(way)} |" for name, size, way in entries]
    over += ["stack"] * (deepest > STACK_MOST)
    lines += ["", "## Instructions", "",
              "Of a node in profile `mcu` on a Cortex-M3 under QEMU (`tests/firmware/instructions.c`): alone, with a provider",
              "that computes nothing, and with the microcontroller's. An announce is received, verified, learned and sent on",
              "twice; a packet with 300 bytes is forwarded; a message of 431 bytes goes over a link.", "",
              "| packet | the core alone | with its cryptography |", "|---|---:|---:|"]
    lines += [f"| {what} | {row['none']} | {row['mcu']} |" for what, row in instruction_table().items()]
    return "\n".join(lines) + "\n", over


def differs(old, new):
    """Whether a line of the page says something else, or a figure that is off by more than the tolerance."""
    figures = [[int(word) for word in re.findall(r"\d+", line)] for line in (old, new)]
    if re.sub(r"\d+", "#", old) != re.sub(r"\d+", "#", new):
        return True
    return any(abs(a - b) > max(a, 64) * TOLERANCE for a, b in zip(*figures))


def main():
    text, over = page()
    if sys.argv[1:] != ["--check"]:
        print(text, end="")
        return
    old, new = LEDGER.read_text().splitlines(), text.splitlines()
    wrong = len(old) != len(new)
    for number, (a, b) in enumerate(zip(old, new), 1):
        if a != b:
            print(f"docs/FOOTPRINT.md:{number}\n  says {a}\n  is   {b}")
            wrong = wrong or differs(a, b)
    over = [what for what in over if what not in MISSES]
    for what in over:
        print(f"above its aim: {what}")
    if wrong:
        print("Run tools/footprint.py >docs/FOOTPRINT.md and say in the commit why it changed")
    sys.exit(1 if wrong or over else 0)


if __name__ == "__main__":
    main()
