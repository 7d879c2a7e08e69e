"""rnmem asks the daemon that serves a directory."""

import json
import signal
import subprocess
import threading

import pytest

import layouts
import nodes
import talk
from nodes import tcp_server

LIMIT = 30
pytestmark = pytest.mark.ours


def rnmem(net, folder, *args):
    command = [net.options.bin / "rnmem", "--config", folder, *args]
    return subprocess.run(command, capture_output=True, timeout=LIMIT, check=False, text=True)


def inventory(net, middle):
    done = rnmem(net, middle.folder, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def rows(found):
    return {row["name"]: row for row in found["pools"]}


def test_what_a_busy_daemon_holds_is_shown(net):
    row = layouts.clients_of_one(net)
    middle = row.middles[0]
    dest = talk.announced(row.b, row.a, 2)
    talk.link_opened(row.a, row.b, dest)
    found = inventory(net, middle)
    assert found["pid"] == middle.process.pid and found["profile"] == "server"
    pools = rows(found)
    assert pools["path"]["used"] == pools["known"]["used"] == 1
    assert pools["relay"]["used"] == pools["relay"]["peak"] == 1
    assert pools["iface"]["used"] == 4  # two servers, a client each
    assert pools["frame"]["peak"] > 0
    for region, size in found["regions"].items():
        assert size == sum(each["bytes"] for each in pools.values() if each["region"] == region)
    for kind, size in found["classes"].items():
        assert size == sum(each["bytes"] for each in pools.values() if each["class"] == kind)
    assert set(found["classes"]) == {"startup", "link", "transfer", "packet"}


def test_fields_are_those_of_a_profile(net):
    net.profile = "mcu"
    middle = net.middle("middle", tcp_server("in", net.port()))
    planned = subprocess.run(
        [net.options.bin / "rnmem", "--profile", "mcu", "--json"],
        capture_output=True, timeout=LIMIT, check=True, text=True,
    )
    planned, found = json.loads(planned.stdout), inventory(net, middle)
    assert set(found) - set(planned) == {"pid", "uptime"}
    assert found["regions"] == planned["regions"]
    counted = ("used", "peak", "culled", "rejected")
    for mine, plan in zip(found["pools"], planned["pools"], strict=True):
        assert {**mine, **dict.fromkeys(counted, 0)} == plan


def test_table_and_picture_are_of_the_running_daemon(net):
    middle = net.middle("middle", tcp_server("in", net.port()))
    text = rnmem(net, middle.folder).stdout
    assert text.startswith(f"profile server, process {middle.process.pid}, up for ")
    assert "  rejected\n" in text and "\nby region\n" in text and "\nby class: " in text
    picture = middle.folder / "memory.svg"
    assert rnmem(net, middle.folder, "--svg", picture).returncode == 0
    assert ">1 used, peak 1</text>" in picture.read_text()


def test_many_ask_at_once_and_each_gets_a_whole_answer(net):
    middle = net.middle("middle", tcp_server("in", net.port()))
    found, threads = [], []
    for _ in range(8):
        threads.append(threading.Thread(target=lambda: found.append(inventory(net, middle))))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and all(each["pid"] == middle.process.pid for each in found)
    assert middle.status()["paths"] == 0  # the same signal writes status.json
    assert not list(middle.folder.rglob("*.new"))


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_without_a_daemon_one_line_says_so(net, end):
    middle = net.middle("middle", tcp_server("in", net.port()))
    inventory(net, middle)
    middle.process.send_signal(end)
    middle.process.wait(LIMIT)
    middle.process = None
    done = rnmem(net, middle.folder, "--json")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == f"rnmem: error: no rnsd serves the directory {middle.folder}\n"


def test_a_daemon_that_stands_still_is_given_up(net):
    middle = net.middle("middle", tcp_server("in", net.port()))
    middle.process.send_signal(signal.SIGSTOP)
    done = rnmem(net, middle.folder)
    middle.process.send_signal(signal.SIGCONT)
    assert done.returncode == 1
    assert "did not write" in done.stderr and done.stderr.count("\n") == 1
    nodes.wait_until(lambda: inventory(net, middle), LIMIT, "it is there again")


def test_a_second_daemon_on_the_same_directory_is_refused(net):
    middle = net.middle("middle", tcp_server("in", net.port()))
    second = subprocess.run(
        middle.argv, capture_output=True, timeout=LIMIT, check=False, text=True
    )
    assert second.returncode == 255
    said = [line for line in second.stdout.splitlines() if "[Critical]" in line]
    assert len(said) == 1
    assert f"Another rnsd, process {middle.process.pid}, serves the directory" in said[0]
    assert "--config" in said[0]
    assert inventory(net, middle)["pid"] == middle.process.pid  # the first one goes on
    middle.terminate()
    middle.start()  # and its place is free
