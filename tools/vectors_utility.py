#!/usr/bin/env python3
"""Asks the reference's utilities, and the shlex that they use, what they make of numbers and command lines.

usage: vectors_utility.py > tests/vectors/utility.h   (with `rns` importable)
"""
import shlex

import RNS
from RNS.Utilities.rncp import size_str

LINES = [
    "", " ", "a", "a b", "  a\tb \r\n c ", "'a b'", '"a b"', "a'b c'd", 'a"b c"d', "''", '""', "a '' b", "''''",
    "'a\"b'", "\"a'b\"", r"a\ b", r"\a", r"\\", r"'\a'", r"'a\'", r'"\a"', r'"\""', r'"\\"', r'"a\$b"', r"\'", r"\"",
    "a\\\nb", '"a\\\nb"', "a;b|c>d&e", "$HOME `x` *", "#c", "a #c", "'", '"', "a'b", "\\", "a\\", '"a\\', '"a\\"',
    "\\ ", "a\\ ", "'a'\"b\"c", "gr\u00fc\u00df dich", "\u00a0a", "\x0ba\x0c", "-a --b='c d'", "'a''b'", '"a""b"', "a\"\"",
]
SIZES = [0, 1, 999, 999.4, 1000, 1001, 1500, 999994, 999996, 1000000, 1048575, 5e6, 64 << 20, 1e9, 1.5e12, 2e15, 3e18, 1e20]
RATES = [0, 1, 124.9, 125, 1000, 6250, 1.25e6, 1e8]
TIMES = [0, 0.001, 0.004, 0.25, 1, 1.5, 1.25, 59.9, 60, 61, 61.5, 119, 3599, 3600, 3661.25, 86400, 90061.5, 1e6, -5, -90]
DECIMALS = [(0.0, 2), (100.0, 2), (33.333333, 2), (66.66666, 2), (0.5, 1), (1.0, 3), (1.2345, 3), (12.3, 3), (0.0004, 3), (999.9996, 3)]


def quoted(text):
    """A literal of C, its bytes outside of ASCII and what may go on with digits in octal."""
    return '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\' else f"\\{b:03o}" for b in text.encode()) + '"'


def words(line):
    try:
        return "".join(f"<{word}>" for word in shlex.split(line))
    except ValueError:
        return "open"


def table(name, fields, rows):
    print(f"static const struct {{ {fields} }} {name}[] = {{")
    for row in rows:
        print("    {" + ", ".join(row) + "},")
    print("};")


def main():
    print("// Answers of the reference and of shlex; written by tools/vectors_utility.py.")
    print("// clang-format off")
    table("words_vectors", "const char *line, *words;", [(quoted(x), quoted(words(x))) for x in LINES])
    table("size_vectors", "double bytes; const char *text;", [(repr(float(x)), quoted(size_str(x))) for x in SIZES])
    table("rate_vectors", "double bytes; const char *text;", [(repr(float(x)), quoted(size_str(x, "b") + "ps")) for x in RATES])
    table("time_vectors", "double seconds; const char *text;", [(repr(float(x)), quoted(RNS.prettytime(float(x)))) for x in TIMES])
    table("decimal_vectors", "double value; int places; const char *text;",
          [(repr(x), str(n), quoted(str(round(x, n)))) for x, n in DECIMALS])
    print("// clang-format on")


main()
