#!/usr/bin/env python3
"""What rnaudit does, claim by claim: checks.py PROGRAM [CLAIM...]. Each claim prints [pass] or [FAIL]."""
import json
import os
import pathlib
import pty
import re
import resource
import subprocess
import sys
import tempfile
import time

import accuracy
from speed import write_large_tree

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RNAUDIT = pathlib.Path(sys.argv[1]).resolve()
SITE = {"file", "line", "function", "class", "kind", "type", "frequency", "region", "severity", "why"}
POOL = {"file", "line", "name", "class", "slots", "element", "bytes", "region", "policy"}
CLAIMS = []


def claim(function):
    CLAIMS.append(function)
    return function


def run(*args, cwd=None, code=0):
    done = subprocess.run([RNAUDIT, *args], cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, f"ended with {done.returncode}, not {code}: {done.stderr[-500:]}"
    return done


def report(*args, cwd=None, code=0):
    return json.loads(run("--format", "json", *args, cwd=cwd, code=code).stdout)


def write(folder, files):
    for name, text in files.items():
        path = pathlib.Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def places(sites):
    return [(pathlib.Path(site["file"]).name, site["line"], site["kind"]) for site in sites]


@claim
def the_tree_holds_what_its_comments_say_and_nothing_else(_):
    assert accuracy.main() == 0


@claim
def our_core_has_no_site_and_every_pool(_):
    audit = report("core", cwd=ROOT)
    assert audit["sites"] == [], audit["sites"]
    rows = re.findall(r"^RNS_POOL\((\w+), *(\w+), *\w+, *\w, *(\w+), *\w+, *(\w+),", (ROOT / "core/memory/pools.def").read_text(), re.M)
    pools = [pool for pool in audit["pools"] if pool["file"] == "core/memory/pools.def"]
    found = [(pool["name"], pool["element"], pool["region"].upper(), pool["policy"].upper()) for pool in pools]
    assert len(rows) > 30 and found == [(name, "rnsi_" + element, region, full) for name, element, region, full in rows]
    assert all(pool["slots"] is None and pool["bytes"] is None for pool in pools)


@claim
def json_has_the_fields_that_it_promises(_):
    audit = report("--rules", HERE / "tree.rules", HERE / "tree")
    assert set(audit) == {"sites", "pools", "totals", "unread"}
    assert all(set(site) == SITE for site in audit["sites"]) and all(set(pool) == POOL for pool in audit["pools"])
    assert set(audit["totals"]) == {"kind", "frequency"}
    for name in ("kind", "frequency"):
        counted = {}
        for site in audit["sites"]:
            counted[site[name]] = counted.get(site[name], 0) + 1
        assert {word: count for word, count in audit["totals"][name].items() if count} == counted
    assert len(audit["totals"]["kind"]) == 10 and len(audit["totals"]["frequency"]) == 5


@claim
def text_and_markdown_name_every_site_and_pool(_):
    audit = report("--rules", HERE / "tree.rules", HERE / "tree")
    for form in ("text", "markdown"):
        text = run("--format", form, "--rules", HERE / "tree.rules", HERE / "tree").stdout.replace("\\_", "_")
        missing = [f"{it['file']}:{it['line']}" for it in audit["sites"] + audit["pools"] if f"{it['file']}:{it['line']}" not in text]
        assert not missing, missing
        assert "not_there.h" in text


@claim
def sarif_is_of_version_2_1_0_and_holds_every_site(_):
    audit = report("--rules", HERE / "tree.rules", HERE / "tree")
    sarif = json.loads(run("--format", "sarif", "--rules", HERE / "tree.rules", HERE / "tree").stdout)
    [one] = sarif["runs"]
    ids = {rule["id"] for rule in one["tool"]["driver"]["rules"]}
    unchecked = [pool for pool in audit["pools"] if pool["policy"] == "unchecked"]
    assert sarif["version"] == "2.1.0" and len(one["results"]) == len(audit["sites"]) + len(unchecked)
    for result in one["results"]:
        assert result["ruleId"] in ids and result["level"] in ("note", "warning", "error") and result["message"]["text"]
        physical = result["locations"][0]["physicalLocation"]
        assert physical["region"]["startLine"] > 0 and physical["artifactLocation"]["uri"]


@claim
def a_baseline_fails_only_on_what_is_new(folder):
    old = "void *f(void) { return malloc(1); }\n"
    write(folder, {"a.c": "#include <stdlib.h>\n" + old})
    run("--format", "json", "-o", "before.json", ".", cwd=folder)
    run("--baseline", "before.json", ".", cwd=folder)
    write(folder, {"a.c": "#include <stdlib.h>\n\n\n// moved\n" + old})
    run("--baseline", "before.json", ".", cwd=folder)
    write(folder, {"a.c": "#include <stdlib.h>\n" + old + "void *g(void) { return calloc(1, 1); }\n"})
    failed = run("--baseline", "before.json", ".", cwd=folder, code=1)
    assert "a.c:3" in failed.stderr and "a.c:2" not in failed.stderr
    write(folder, {"a.c": "#include <stdlib.h>\n// rnaudit: per_packet\n" + old})
    run("--baseline", "before.json", ".", cwd=folder, code=1)
    write(folder, {"a.c": "int nothing;\n"})
    run("--baseline", "before.json", ".", cwd=folder)


@claim
def max_is_a_gate(folder):
    write(folder, {"a.c": "#include <stdlib.h>\nvoid *handle_packet(void) { return malloc(1); }\nint main(void) { return malloc(2) != 0; }\n"})
    failed = run("--max", "per_packet=0", "a.c", cwd=folder, code=1)
    assert "per_packet" in failed.stderr
    run("--max", "per_packet=1,startup=1,per_link=0", "--max", "malloc=2,total=2", "a.c", cwd=folder)
    run("--max", "startup=0", "a.c", cwd=folder, code=1)
    run("--max", "total=1", "a.c", cwd=folder, code=1)
    for wrong in ("per_packet", "per_packet=", "often=1", "per_packet=-1", "per_packet=x"):
        assert "--max" in run("--max", wrong, "a.c", cwd=folder, code=2).stderr


@claim
def what_is_wrong_in_the_command_line_is_said(folder):
    write(folder, {"a.c": "int a;\n", "no.json": '{\n"sites": [\n', "list.json": "[]"})
    assert "nowhere.c: No such file" in run("nowhere.c", cwd=folder, code=2).stderr
    assert "help" in run(cwd=folder, code=2).stderr
    assert "format" in run("--format", "xml", "a.c", cwd=folder, code=2).stderr
    assert "help" in run("--what", "a.c", cwd=folder, code=2).stderr
    assert "no.json:3" in run("--baseline", "no.json", "a.c", cwd=folder, code=2).stderr
    assert "list.json" in run("--baseline", "list.json", "a.c", cwd=folder, code=2).stderr
    assert "none.json" in run("--baseline", "none.json", "a.c", cwd=folder, code=2).stderr
    assert "none/x" in run("-o", "none/x", "a.c", cwd=folder, code=2).stderr
    assert "jobs" in run("-j", "0", "a.c", cwd=folder, code=2).stderr
    assert "compile_commands.json" in run("-p", "none", "a.c", cwd=folder, code=2).stderr


@claim
def an_error_in_the_rules_names_file_and_line(folder):
    write(folder, {"a.c": "int a;\n"})
    for text, line in (
        ("# fine\nroute per_packet f\n", 2),
        ("root often f\n", 1),
        ("root per_packet\n", 1),
        ("\n\ntable X slots\n", 3),
        ("table X name colour\n", 1),
        ("value policy FULL=drop\n", 1),
        ("value name A=b\n", 1),
        ("root per_packet f\x01\n", 1),
        ("root per_packet " + "f " * 100 + "\n", 1),
    ):
        write(folder, {"bad.rules": text})
        assert f"bad.rules:{line}:" in run("--rules", "bad.rules", "a.c", cwd=folder, code=2).stderr, text
    assert "none.rules" in run("--rules", "none.rules", "a.c", cwd=folder, code=2).stderr
    assert "root per_packet" in run("--print-rules").stdout


@claim
def a_file_that_cannot_be_read_is_named_and_the_rest_goes_on(folder):
    write(folder, {"good.c": "#include <stdlib.h>\nvoid *f(void) { return malloc(1); }\n"})
    pathlib.Path(folder, "binary.c").write_bytes(b"\x7fELF\0\1\2\3" * 100)
    pathlib.Path(folder, "utf16.cpp").write_bytes("int a;\n".encode("utf-16"))
    pathlib.Path(folder, "bytes.c").write_bytes(b"char *s = \"\xff\xfe\";\n#include <stdlib.h>\nvoid *g(void) { return malloc(1); }\n")
    os.mkfifo(pathlib.Path(folder, "fifo.c"))
    audit = report(".", cwd=folder)
    assert sorted(it["file"] for it in audit["unread"]) == ["binary.c", "utf16.cpp"], audit["unread"]
    assert sorted(places(audit["sites"])) == [("bytes.c", 3, "malloc"), ("good.c", 2, "malloc")]
    for form in ("text", "markdown", "sarif"):
        assert "binary.c" in run("--format", form, ".", cwd=folder).stdout
    assert [it["file"] for it in report("binary.c", cwd=folder)["unread"]] == ["binary.c"]


@claim
def code_that_takes_the_parser_down_harms_only_itself(folder):
    write(
        folder,
        {
            "deep.c": "int a = " + "(" * 100000 + "1" + ")" * 100000 + ";\n",
            "long.c": "int f(int a) { return " + "a+" * 200000 + "a; }\n",
            "braces.cpp": "void f() " + "{" * 100000 + "\n",
            "templates.cpp": "template <int N> struct A { A<N + 1> a; };\nA<0> a;\n",
            "good.c": "#include <stdlib.h>\nvoid *f(void) { return malloc(1); }\n",
        },
    )
    audit = report(".", cwd=folder)
    assert ("good.c", 2, "malloc") in places(audit["sites"])
    assert all(it["file"] != "good.c" for it in audit["unread"])


@claim
def links_in_circles_end(folder):
    write(folder, {"src/a.c": "#include <stdlib.h>\nvoid *f(void) { return malloc(1); }\n"})
    os.symlink("..", pathlib.Path(folder, "src/up"))
    os.symlink("self", pathlib.Path(folder, "src/self"))
    os.symlink("a.c", pathlib.Path(folder, "src/again.c"))
    os.symlink("nowhere", pathlib.Path(folder, "src/dead.c"))
    assert len(report(".", cwd=folder)["sites"]) == 1
    assert len(report("src", "src/a.c", "src/up/src", cwd=folder)["sites"]) == 1


@claim
def a_file_of_10_mb_is_read(folder):
    lines = "    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,\n" * 100000
    code = "".join(f"int f{i}(int a) {{ return a * {i}; }} /* {'x' * 20} */\n" for i in range(80000))
    text = f"#include <stdlib.h>\n{code}static const unsigned char data[] = {{\n{lines}}};\nvoid *last(void) {{ return malloc(data[0]); }}\n"
    assert len(text) > 10_000_000
    write(folder, {"large.c": text})
    assert places(report(".", cwd=folder)["sites"]) == [("large.c", text.count("\n"), "malloc")]


@claim
def an_empty_folder_has_nothing(folder):
    assert report(".", cwd=folder) ["sites"] == []
    assert "0 sites" in run(".", cwd=folder).stdout


@claim
def compile_commands_are_used_where_they_are(folder):
    source = "#ifdef FEATURE\n#include <stdlib.h>\nvoid *f(void) { return malloc(VALUE); }\n#endif\n"
    write(folder, {"src/a.c": source, "extra/value.h": "#define VALUE 3\n"})
    assert report("src", cwd=folder)["sites"] == []
    command = "xtensa-esp32-elf-gcc -mlongcalls -DFEATURE -I extra -include value.h -c src/a.c -o a.o"
    commands = [{"directory": str(folder), "file": "src/a.c", "command": command}]
    write(folder, {"build/compile_commands.json": json.dumps(commands)})
    assert len(report("--compile-commands", "build", "src", cwd=folder)["sites"]) == 1
    assert len(report("-p", "build/compile_commands.json", "src", cwd=folder)["sites"]) == 1
    write(folder, {"CMakeLists.txt": ""})
    assert len(report("src", cwd=folder)["sites"]) == 1


@claim
def without_compile_commands_headers_of_the_project_are_found(folder):
    write(
        folder,
        {
            "CMakeLists.txt": "",
            "include/net/link.hpp": "#pragma once\n#include <memory>\nstruct Link { std::unique_ptr<int> p; void open(); };\n",
            "src/link.cpp": "#include <net/link.hpp>\nvoid Link::open() { p.reset(new int); }\n",
        },
    )
    audit = report("src", cwd=folder)
    assert [(site["kind"], site["class"], site["function"]) for site in audit["sites"]] == [("new_unique_ptr", "Link", "Link::open")]
    assert "not found" not in run("src", cwd=folder).stdout


@claim
def standard_types_are_known_even_where_their_headers_are_not_included(folder):
    write(folder, {"a.cpp": '#include "missing.h"\nstd::vector<int> list;\nvoid f() { list.push_back(1); }\n'})
    assert places(report(".", cwd=folder)["sites"]) == [("a.cpp", 2, "container")]


@claim
def the_rules_say_what_is_a_root_and_what_stops_it(folder):
    write(
        folder,
        {
            "a.cpp": "#include <stdlib.h>\nstruct Link { Link(); };\nLink::Link() { free(malloc(1)); }\nvoid in() { Link link; }\n",
            "most.rules": "root per_packet in\nroot per_link Link::Link\n",
            "only.rules": "root per_packet in\nonly per_link Link::*\n",
            "none.rules": "exclude *.cpp\n",
        },
    )
    assert [site["frequency"] for site in report("-r", "most.rules", ".", cwd=folder)["sites"]] == ["per_packet"]
    [site] = report("-r", "only.rules", ".", cwd=folder)["sites"]
    assert site["frequency"] == "per_link" and "in -> Link::Link" in site["why"], site
    assert report("-r", "none.rules", ".", cwd=folder)["sites"] == []
    assert report("-x", "a.cpp", ".", cwd=folder)["sites"] == []


@claim
def the_progress_bar_is_for_terminals_only(folder):
    write(folder, {"a.c": "int a;\n"})
    assert run("a.c", cwd=folder).stderr == ""
    terminal, other = pty.openpty()
    for options, wanted in (([], True), (["--quiet"], False)):
        subprocess.run([RNAUDIT, *options, "-o", "out", "a.c"], cwd=folder, stderr=other, check=True)
        os.write(other, b"end\n")
        shown = b""
        while b"end" not in shown:
            shown += os.read(terminal, 4096)
        assert (b"1/1" in shown or b"0/1" in shown) == wanted, shown


@claim
def nothing_is_left_behind_even_when_it_is_interrupted(folder):
    write(folder, {"src/a.cpp": "#include <vector>\nstd::vector<int> a;\n" * 3, "tmp/keep": ""})
    environment = {**os.environ, "TMPDIR": str(folder / "tmp")}
    for seconds in (0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 30):
        process = subprocess.Popen([RNAUDIT, "src"], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait(30)
        assert os.listdir(folder / "tmp") == ["keep"]


@claim
def a_hundred_thousand_lines_take_less_than_a_minute(folder):
    lines, sites = write_large_tree(folder, 100_000)
    start, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    audit = report(".", cwd=folder)
    seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    alone = (after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime) / min(2, os.cpu_count())
    print(f"{lines} lines with {len(audit['sites'])} sites in {seconds:.1f} s; {alone:.1f} s on two idle processors")
    assert lines >= 100_000 and len(audit["sites"]) == sites and min(seconds, alone) < 60


@claim
def broken_code_takes_no_longer(folder):
    text = '#include "missing.h"\n'
    for i in range(8000):
        text += f"void Unknown::method{i}(int a) {{\n#if FEATURE\n    bad({i});\n#else\n    helper{i}(a);\n#endif\n"
        text += f"    use(new Thing(a), malloc({i}));\n}}\nstatic void helper{i}(int a) {{\n    missing(a);\n}}\n"
    write(folder, {"large.cpp": text})
    start = time.monotonic()
    counts = report(".", cwd=folder)["totals"]["kind"]
    assert text.count("\n") > 80_000 and counts["new"] == counts["malloc"] == 8000 and time.monotonic() - start < 60


@claim
def help_version_and_man_page_name_the_options(_):
    text = run("--help").stdout
    assert re.match(r"rnaudit [0-9.]+ ", run("--version").stdout)
    man = (ROOT / "man/rnaudit.1").read_text().replace("\\-", "-")
    options = re.findall(r"--[a-z-]+", text)
    assert len(options) > 10 and all(option in man for option in options)


@claim
def the_document_shows_the_rules_that_are_built_in(_):
    document = (ROOT / "docs/AUDIT.md").read_text()
    for word in ("root", "only", "callback", "alloc", "table", "value", "exclude", "rnaudit:"):
        assert word in document


def main():
    failed = 0
    for function in CLAIMS if len(sys.argv) < 3 else [it for it in CLAIMS if it.__name__ in sys.argv[2:]]:
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                function(pathlib.Path(folder).resolve())
                print(f"[pass] {function.__name__} ({time.monotonic() - start:.1f} s)")
            except (AssertionError, subprocess.SubprocessError, ValueError, KeyError, OSError) as fault:
                failed += 1
                print(f"[FAIL] {function.__name__}: {type(fault).__name__} {fault}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
