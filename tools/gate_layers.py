#!/usr/bin/env python3
"""Includes run downwards only: see "The way of a frame is the order of the folders" in ARCHITECTURE.md."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# From the top to the bottom; the first pattern that a path begins with is its layer.
LAYERS = [
    ("outside", ["apps/", "ports/", "sim/", "tests/", "bench/", "examples/"]),
    ("host", ["host/"]),
    ("lxmf", ["lxmf/"]),
    ("node", ["core/node.c", "core/life.c", "core/records.c", "core/records_", "core/testing", "core/inspect"]),
    ("session", ["core/session/"]),
    ("route", ["core/route/"]),
    ("wire", ["core/wire/"]),
    ("crypto", ["core/crypto/"]),
    ("memory", ["core/memory/", "core/rules.h"]),
    ("state", ["core/"]),  # node.h, event, names: between route and wire
    ("api", ["include/rns/"]),
    ("providers", ["providers/"]),
    ("audit", ["audit/"]),
]
ORDER = ["outside", "host", "lxmf", "node", "session", "route", "state", "wire", "crypto", "memory", "api"]
ONLY_API = {"lxmf", "providers", "audit"}
# The tables of the core that a header shows to the compiler; they are installed with the headers.
UPWARDS = {
    ("include/rns/memory.h", "core/memory/pools.def"),
    ("include/rns/static.h", "core/memory/elements.h"),
    ("include/rns/static.h", "core/memory/pools.def"),
}
# What those tables include in turn finds its neighbour without -Icore.
INSTALLED = {
    ("core/memory/elements.h", "core/memory/elements_session.h"),
    ("core/memory/elements.h", "core/memory/pool.h"),
    ("core/memory/elements.h", "core/memory/timer.h"),
    ("core/memory/elements_session.h", "core/memory/pool.h"),
    ("core/memory/elements_session.h", "core/memory/timer.h"),
    ("core/memory/timer.h", "core/memory/pool.h"),
}
CORE_SYSTEM = {"emmintrin.h", "limits.h", "stdalign.h", "stdbool.h", "stddef.h", "stdint.h", "string.h"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def layer(path):
    return next((name for name, starts in LAYERS if path.startswith(tuple(starts))), None)


def resolve(source, text):
    """The project's file that is meant, or None."""
    for folder in (source.parent, ROOT / "include", ROOT / "core", ROOT, ROOT / "tests"):
        target = (folder / text).resolve()
        if target.is_file() and target.is_relative_to(ROOT):
            return target.relative_to(ROOT).as_posix()
    return None


def allowed(path, target):
    here, there = layer(path), layer(target)
    if (path, target) in UPWARDS or here == there or there == "api":
        return True
    if here in ONLY_API or there is None:
        return False
    if there == "providers":
        return here in ("outside", "host")
    return there in ORDER and ORDER.index(there) > ORDER.index(here)


def rooted(path, target, text):
    return target in ("core/" + text, "include/" + text) or (path, target) in UPWARDS | INSTALLED


def faults(path):
    source, here = ROOT / path, layer(path)
    inside = path.startswith(("core/", "include/"))
    for mark, text in INCLUDE.findall(source.read_text()):
        if mark == "<":
            if inside and text not in CORE_SYSTEM:
                yield f"<{text}> is not for the core"
            continue
        target = resolve(source, text)
        if target is None:
            if here != "outside":
                yield f'"{text}" is nowhere in the project'
        elif not allowed(path, target):
            yield f'"{text}" ({layer(target)}) is not below {here}'
        elif inside and not rooted(path, target, text):
            yield f'"{text}" is written relative to its folder, not to core/ or include/'


def main():
    names = ["*.c", "*.h", "*.def"]
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *names]
    paths = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    found = {
        f"{path}: {fault}"
        for path in paths
        if layer(path) and (ROOT / path).is_file()
        for fault in faults(path)
    }
    print("\n".join(sorted(found)))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
