#!/usr/bin/env python3
"""Asks the reference's parser what it makes of configuration texts.

usage: vectors_config.py [RANDOM_CASES [SEED]] > tests/vectors/config.h
Needs the Python package `rns` 1.5.7. Random cases come from a fixed seed, so the output is stable.
"""
import random
import sys

from RNS.vendor.configobj import ConfigObj, ConfigObjError, Section

CASES = [
    b"", b"\n\n# only a remark\n", b"a = b", b"a=b\r\nc = d\r\n", b"  a   =   b  c  ",
    b"a = b # remark", b"a = b#c", b"a = 'b # c' # d", b"a = \"it's\"", b"a = 'x\" y'",
    b"a =", b"a = ''", b"a = ,", b"a = b,", b"a = b, c", b"a = b,c , d  # e, f",
    b"a = 'b, c', d", b"a = \"b, c\"", b"a = b,,c", b"a = , b", b"a = b, ,c", b"a = 'b", b"a = b'",
    b"a = 'b' c", b"a = 'b' 'c'", b"a = \"b\" c\"", b"a = 'b', 'c", b"a = b 'c', d",
    b"'a b' = c", b"\"a = b\" = c", b"a b = c = d", b"= x", b" = x", b"a", b"a = 1\na = 2",
    b"A = 1\na = 2", b"[s]\na = 1\n[s]\nb = 2", b"a = 1\n[a]\n", b"[s]\n[[a]]\n[t]\n[[a]]\nx=1",
    b"[s]\n[[t]]\n[[[u]]]\na=1\n[[v]]\nb=2\n[w]\nc=3", b"[[s]]\n", b"[s]\n[[[t]]]\n", b"[s",
    b"[s]]", b"[[s]", b"[ s ] # remark", b"[ [ s ] ]", b"[r]\n[ [ s ] ]\nx=y", b"[s # t]", b"[]",
    b"[ ]", b"['s]']", b"[\"s\"]", b"['']", b"[' ']", b"[s]x]", b"[s] x", b"[a=b", b"[['a]",
    b"a = '''b'''", b"a = '''b'c''' # d", b"a = \"\"\"b\nc\n  d\"\"\" # e\nf = g",
    b"a = '''b\r\nc'''\r\nd = e", b"a = '''b", b"a = '''b\nc''' d\n", b"a = '''b''' c\n",
    b"a = '''b''' c'''", b"a = ''''''", b"a = ''''b'''", b"\xef\xbb\xbfa = b", b"a = \xff",
    b"a = \xc3\xa9\xe2\x82\xac", b"\xc2\xa0a\xc2\xa0=\xc2\xa0b\xc2\xa0", b"a = b\tc\t",
    b"x = 1\ny = %(x)s2", b"[s]\nx = %(y)s\ny = a%(z)sb\nz = c", b"a = %(b)s", b"a = %(a)s",
    b"a = %(b)s\nb = %(a)s", b"[DEFAULT]\nx = 7\n[s]\ny = %(x)s", b"x = 1\n[s]\n[[t]]\ny = %(x)s",
    b"a = 100%", b"a = %(b", b"a = %(b)d", b"a = 1, 2\nb = %(a)s", b"b = x, %(c)s\nc = y, z",
    b"c = y\nb = x, %(c)s", b"a = %(b)s%(b)s\nb = %(c)s\nc = d", b"a = b = c", b"a = [b]",
    b"[interfaces]\n  [[A B]]\n    type = X\n    enabled = yes\n  [[C]]\n    [[[d]]]\n    e = f",
    b"a = b;c", b"a = $x", b"a == b", b"a = \\n", b"a : b", b"#a = b\n #c = d\ne = f",
    b"[s]\n[[DEFAULT]]\nx = 7\n[[t]]\ny = %(x)s", b"a =  # remark", b"a = ''# remark",
    b"a = b, # remark", b"a = 'b','c',", b"a = \"b\",", b"  'a = b", b"  'a' b = c",
    b"a = b, \"c, d", b"a = b,  'c, d", b"a = 'b, 'c, d", b"a = 'b', c', d", b"a = b, \"c, d\", e",
]
PIECES = ["'", '"', ",", "#", "=", "[", "]", " ", "a", "b", "  ", "'''", "%(a)s", "\n", ", ", " = ",
          "\u00a0", "\t", "[a]", "[[b]]", "a = ", '"a"', "'b'", "\u3000", "\r\n"]


def escape(text):
    return "".join(chr(c) if 0x20 < c < 0x7F and chr(c) not in "\\\"<>?" else "\\%02x" % c
                   for c in text.encode())


def dump(section, depth):
    out = ""
    for name in section:
        if isinstance(dict.__getitem__(section, name), Section):
            out += "[" * depth + escape(name) + "\n" + dump(section[name], depth + 1)
            continue
        try:
            value = section[name]
        except Exception:
            out += escape(name) + "=!\n"
            continue
        if isinstance(value, list):
            out += escape(name) + "=L" + "".join("<%s>" % escape(v) for v in value) + "\n"
        else:
            out += escape(name) + "=<%s>\n" % escape(value)
    return out


def answer(text):
    try:
        lines = [line + b"\n" for line in text.split(b"\n")]
        lines[-1] = lines[-1][:-1]
        config = ConfigObj(lines if lines[-1] else lines[:-1])
    except ConfigObjError as error:
        first = error.errors[0] if getattr(error, "errors", None) else error
        return "error %d" % first.line_number
    except UnicodeDecodeError:
        return "error 1"
    return dump(config, 1)


def literal(data):
    parts, run = [], ""
    for c in data:
        if 0x20 <= c < 0x7F and chr(c) not in "\\\"?":
            run += chr(c)
        else:
            run += "\\%03o" % c
        if len(run) > 70:
            parts.append(run)
            run = ""
    return "\n     ".join('"%s"' % part for part in parts + [run])


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 7)
    texts = list(CASES)
    while len(texts) < len(CASES) + count:
        body = "".join(rng.choice(PIECES) for _ in range(rng.randint(2, 12)))
        texts.append(((rng.choice(["a = ", "[", ""])) + body).encode())
    print("// Answers of the reference's ConfigObj (rns 1.5.7); written by tools/vectors_config.py.")
    print("// clang-format off")
    print("static const struct { size_t size; const char *text, *tree; } config_vectors[] = {")
    for text in texts:
        print("    {%d, %s,\n     %s}," % (len(text), literal(text), literal(answer(text).encode())))
    print("};")
    print("// clang-format on")


main()
