#!/usr/bin/env python3
"""rnaudit finds in tests/audit/tree what its comments say, and nothing else.

A line `// site KIND FREQUENCY CLASS TYPE @REGION; site ...` says what is found in it, and
`// pool NAME SLOTS POLICY CLASS ELEMENT @REGION` which pool is declared there. `-` as a class means
none, elsewhere that it does not matter; null is null.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MARK = re.compile(r"(?://|/\*) ((?:site|pool) .*?)(?: \*/|$)")


def expectations():
    for path in sorted((HERE / "tree").iterdir()):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for mark in MARK.findall(line):
                for part in mark.split(";"):
                    words = part.split()
                    region = words.pop()[1:] if words[-1].startswith("@") else "-"
                    yield f"{path.name}:{number}", words[0], words[1:], region


def same(wanted, found):
    return wanted == "-" or ("" if found is None else str(found)) == wanted


def site_differs(words, region, site):
    kind, frequency, owner, kept = words[0], words[1], words[2], " ".join(words[3:]) or "-"
    return [
        f"{name} is {site[name]}, not {value}"
        for name, value in (("frequency", frequency), ("type", kept), ("region", region))
        if not same(value, site[name])
    ] + ([] if site["class"] == (None if owner == "-" else owner) else [f"class is {site['class']}, not {owner}"])


def pool_differs(words, region, pool):
    _, slots, policy, owner = words[:4]
    element = " ".join(words[4:]) or "-"
    wanted = {"slots": None if slots == "null" else int(slots), "policy": policy, "class": None if owner == "-" else owner}
    return [f"{name} is {pool[name]}, not {value}" for name, value in wanted.items() if pool[name] != value] + [
        f"{name} is {pool[name]}, not {value}"
        for name, value in (("element", element), ("region", region))
        if not same(value, pool[name])
    ]


def main():
    rnaudit = sys.argv[1]
    command = [rnaudit, "--format", "json", "--rules", HERE / "tree.rules", HERE / "tree"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    found = collections.defaultdict(list)
    for kind, items in (("site", report["sites"]), ("pool", report["pools"])):
        for item in items:
            key = item["kind"] if kind == "site" else item["name"]
            found[f"{pathlib.Path(item['file']).name}:{item['line']}", kind, key].append(item)
    faults, count = [], 0
    for where, kind, words, region in expectations():
        count += 1
        items = found.get((where, kind, words[0]), [])
        if not items:
            faults.append(f"{where}: {kind} {words[0]} is missed")
            continue
        differs = (site_differs if kind == "site" else pool_differs)(words, region, items.pop(0))
        faults += [f"{where}: {kind} {words[0]}: {fault}" for fault in differs]
    for (where, kind, key), items in sorted(found.items()):
        faults += [f"{where}: {kind} {key} is a false find: {item}" for item in items]
    totals = report["totals"]
    if sum(totals["kind"].values()) != len(report["sites"]) or sum(totals["frequency"].values()) != len(report["sites"]):
        faults.append(f"the totals do not add up: {totals}")
    print("\n".join(faults) if faults else f"{count} sites and pools, all as expected")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
