#!/usr/bin/env python3
"""No function of the core or of lxmf calls itself, not even through others: gcc tells who calls whom."""
import graphlib
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FLAGS = ["-std=c11", "-O0", "-Iinclude", "-Icore", "-S", "-fcallgraph-info"]
EDGE = re.compile(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"')


def main():
    calls = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, source in enumerate(sorted([*ROOT.glob("core/**/*.c"), *ROOT.glob("lxmf/**/*.c")])):
            out = pathlib.Path(folder, f"{number}.s")
            name = source.relative_to(ROOT).as_posix()
            subprocess.run(["gcc", *FLAGS, name, "-o", out], cwd=ROOT, check=True)
            for caller, callee in EDGE.findall(out.with_suffix(".ci").read_text()):
                calls.setdefault(caller, set()).add(callee)
    calls.pop("__indirect_call", None)
    try:
        graphlib.TopologicalSorter(calls).prepare()
    except graphlib.CycleError as cycle:
        print("recursion:", " <- ".join(cycle.args[1]))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
