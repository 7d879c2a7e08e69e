"""The bridge itself: lines, errors, unknown things."""
import json
import pathlib
import re

import pytest


def test_unknown_command_is_refused_and_the_bridge_lives_on(start):
    bridge = start("ours")
    answer = bridge.ask("no_such_command")
    assert answer["success"] is False and "no_such_command" in answer["error"]
    assert bridge.call("sha256", data="")["hash"].startswith("e3b0c442")


@pytest.mark.parametrize("line", ["", "{", "[]", "7", '{"id": 1}', '{"id": 1, "command": 7}',
                                  '{"id": 1, "command": "sha256", "params": []}'])
def test_what_is_no_request_is_refused(start, line):
    bridge = start("ours")
    answer = bridge.send(line)
    assert answer["success"] is False and answer["error"]
    assert bridge.call("sha256", data="")["hash"].startswith("e3b0c442")


@pytest.mark.parametrize("params", [{}, {"data": None}, {"data": 7}, {"data": "0"}, {"data": "zz"}])
def test_bad_parameters_are_refused(start, params):
    answer = start("ours").ask("sha256", **params)
    assert answer["success"] is False and "data" in answer["error"]


def test_a_line_of_megabytes(start):
    data = bytes(3 << 20)
    answer = start("ours").send(json.dumps(
        {"id": "x", "command": "sha256", "params": {"data": data.hex()}}))
    assert answer["success"] is True


def test_hash_is_the_references(ours, theirs):
    for data in ("", "00", "ab" * 1000):
        assert ours.call("sha256", data=data) == theirs.call("sha256", data=data)


ROOT = pathlib.Path(__file__).parents[2]


def test_what_is_not_built_says_so_and_is_documented(ours):
    page = (ROOT / "docs/CONFORMANCE.md").read_text()
    rows = (ROOT / "tests/conformance/commands.c").read_text().split("UNBUILT[]")[1]
    names = re.findall(r'{"(\w+)", "([^"]+)"}', rows)
    assert names
    for name, feature in names:
        assert ours.ask(name)["error"] == f"not built: {feature}"
        assert f"`{name}`" in page, name
