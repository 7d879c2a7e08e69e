#!/usr/bin/env python3
"""Asks Python's argparse, which the reference's tools use, what it makes of command lines.

usage: vectors_options.py > tests/vectors/options.h     (with Python 3.11: argparse changes)
"""
import argparse
import contextlib
import io

LINES = [
    "", "-v", "-vv", "-vvq", "-v -v", "--verbose", "--verb", "--ver", "--v", "--q", "--config a",
    "--config=a", "--config=", "--conf a", "--config", "--config -v", "--config --", "-w 5",
    "-w5", "-w=5", "-w 1.5", "-w x", "-w", "--wait=1e3", "--wait -1", "-vw5", "-vw 5", "-vs", "-sx",
    "-s=1", "--service=1", "-x", "-x y", "--nothing", "--nothing=1 -z", "-n 7", "-n 7.5", "-n x",
    "-n -3", "-n", "a", "a b", "a -v", "-v a", "-- -v", "-v -- -v", "- -v", "-1", "-1.5", "-1x", "-w -1.",
    "--number=08", "-vn3", "-qv=1", "--service a -q", "-n 1 -n 2", "--config a --config b", "-w=",
]
REQUIRED = ["", "a", "a b", "a b c", "-v a b", "a -v b", "a -- -b", "--nope", "a --nope", "-v"]


def parser(required):
    p = argparse.ArgumentParser(prog="tool")
    p.add_argument("-v", "--verbose", action="count", default=0)
    p.add_argument("-q", "--quiet", action="count", default=0)
    p.add_argument("-s", "--service", action="store_true", default=False)
    p.add_argument("--config", default=None, type=str)
    p.add_argument("-w", "--wait", default=0, type=float)
    p.add_argument("-n", default=0, type=int)
    p.add_argument("--number", default=0, type=int)
    p.add_argument("first", nargs=None if required else "?", default=None)
    if required:
        p.add_argument("second")
    p.add_argument("--version", action="version", version="tool")
    return p


def answer(words, required):
    err = io.StringIO()
    try:
        with contextlib.redirect_stderr(err):
            a = parser(required).parse_args(words)
    except SystemExit as end:
        return "%d %s" % (end.code, err.getvalue().splitlines()[-1])
    return "v%d q%d s%d config<%s> w%g n%d number%d <%s> <%s>" % (
        a.verbose, a.quiet, a.service, a.config, a.wait, a.n, a.number, a.first,
        getattr(a, "second", None))


def main():
    print("// Answers of argparse; written by tools/vectors_options.py.")
    print("// clang-format off")
    print("static const struct { bool required; const char *line, *answer; } options_vectors[] = {")
    for required, lines in ((False, LINES), (True, REQUIRED)):
        for line in lines:
            text = answer(line.split(" ") if line else [], required)
            print('    {%s, "%s", "%s"},' % (str(required).lower(), line, text))
    print("};")
    print("// clang-format on")


main()
