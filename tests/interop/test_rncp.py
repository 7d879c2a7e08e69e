"""rncp, ours and the reference's, in each role against the other."""

import os
import random
import re
import signal
import stat

import pytest

import nodes
from nodes import tcp_client, tcp_server
from utilities import OURS, THEIRS, Program, SlowWire

PAIRS = [(OURS, THEIRS), (THEIRS, OURS), (OURS, OURS)]
NOBODY = "00112233445566778899aabbccddeeff"
TEXT = b"hello\n"


def compressible(size):
    return (b"one line after the other, all of them the same\n" * (size // 40))[:size]


def incompressible(size):
    return random.Random(size).randbytes(size)


class Pair:
    """A listener on TCP and a client that connects to it."""

    def __init__(self, net, client, listener):
        self.net = net
        port = net.port()
        self.port = port
        self.listener = Program(
            net, listener, "rncp", f"listener {listener}", [tcp_server("up", port)]
        )
        up = port if client == OURS else SlowWire(net, port).port
        self.client = Program(net, client, "rncp", f"client {client}", [tcp_client("up", up)])
        self.client_identity, _ = self.client.identity()
        self.listener_identity, self.dest = self.listener.identity()
        self.saved = net.folder / "saved"
        self.saved.mkdir()
        self.sources = net.folder / "sources"
        self.sources.mkdir()

    def listen(self, *args, allow=True):
        allowed = ["-a", self.client_identity] if allow else []
        self.listener.listen("-l", "-v", "-v", "-s", self.saved, *allowed, *args)
        nodes.wait_until(lambda: nodes.listening(self.port, "tcp"), nodes.START, "it listens")
        self.listener.says("rncp listening on")
        return self

    def source(self, name, data):
        path = self.sources / name
        path.write_bytes(data)
        return path

    def begin(self):
        """Starts to send what takes a while; it is under way when this returns."""
        path = self.source("long", b"")
        os.truncate(path, 2_000_000_000)
        self.client.listen("-C", path, self.dest)
        self.client.says("Transferring file...")

    def send(self, path, *args):
        return self.client.run(*args, path, self.dest)

    def fetch(self, name, *args):
        return self.client.run("-f", *args, name, self.dest)

    def arrives(self, name, data):
        path = self.saved / name

        def whole():
            return path.exists() and path.stat().st_size == len(data)

        nodes.wait_until(whole, nodes.RESOURCE, f"{name} is saved")
        assert path.read_bytes() == data

    def files(self):
        return sorted(path.name for path in self.saved.iterdir())


@pytest.fixture(params=PAIRS, ids=lambda pair: f"{pair[0]}-to-{pair[1]}")
def pair(net, request):
    return Pair(net, *request.param)


@pytest.fixture
def own(net):
    return Pair(net, OURS, OURS)


def is_ours(program):
    return program.kind == OURS


# Sending


@pytest.mark.old
def test_files_are_copied_whole(pair):
    pair.listen()
    files = {
        "small": TEXT,
        "large and of a kind": compressible(700_000),
        "of two segments": incompressible(1_300_000),
    }
    for name, data in files.items():
        result = pair.send(pair.source(name, data))
        assert f"{pair.sources / name} copied to <{pair.dest}>" in result.out
        assert "Transfer complete" in result.out
        assert result.code == 0 or not is_ours(pair.client)
        pair.arrives(name, data)
    assert pair.files() == sorted(files)


def test_silent_copy_says_what_it_does_in_lines(pair):
    pair.listen()
    path = pair.source("name", TEXT)
    result = pair.send(path, "-S", "-C")
    lines = [line.strip() for line in result.out.replace("\x1b[2K\r", "").splitlines() if line]
    assert lines[-4:] == [
        f"Establishing link with <{pair.dest}>",
        "Advertising file resource...",
        "Transferring file...",
        f"{path} copied to <{pair.dest}>",
    ]
    pair.arrives("name", TEXT)


def test_files_of_one_name_are_numbered(pair):
    pair.listen()
    for data in (b"first", b"second", b"third"):
        pair.send(pair.source("name", data))
        nodes.wait_until(
            lambda data=data: any(p.read_bytes() == data for p in pair.saved.iterdir()),
            nodes.RESOURCE,
            "it is saved",
        )
    assert pair.files() == ["name", "name.1", "name.2"]
    pair.arrives("name", b"first")
    pair.arrives("name.2", b"third")


def test_files_of_one_name_are_replaced_where_that_is_allowed(pair):
    pair.listen("-O")
    for data in (b"first", b"the second"):
        pair.send(pair.source("name", data))
        pair.arrives("name", data)
    assert pair.files() == ["name"]


@pytest.mark.old
def test_sender_that_is_not_allowed_is_refused(pair):
    pair.listen("-a", NOBODY, allow=False)
    result = pair.send(pair.source("name", TEXT))
    assert "copied to" not in result.out
    assert pair.files() == []
    if is_ours(pair.client):
        assert f"File was not accepted by <{pair.dest}>" in result.out
        assert result.code == 1
    if is_ours(pair.listener):
        pair.listener.says("Sender not allowed, tearing down link")


def test_listener_without_a_list_takes_nothing(pair):
    pair.listen(allow=False)
    pair.listener.says("No allowed identities configured, rncp will not accept any files!")
    assert "copied to" not in pair.send(pair.source("name", TEXT)).out
    assert pair.files() == []


def test_listener_takes_from_everybody_where_it_is_told_to(pair):
    pair.listen("-n", allow=False)
    pair.send(pair.source("name", TEXT))
    pair.arrives("name", TEXT)


def test_allowed_identities_stand_in_a_file(pair):
    folder = pair.listener.home / ".rncp"
    folder.mkdir()
    text = f"# people\n{NOBODY}\r\n{pair.client_identity}\n"
    (folder / "allowed_identities").write_text(text)
    pair.listen(allow=False)
    pair.send(pair.source("name", TEXT))
    pair.arrives("name", TEXT)


def test_empty_file_crosses_between_two_of_ours(own):
    own.listen()
    result = own.send(own.source("nothing", b""))
    assert result.code == 0
    own.arrives("nothing", b"")


def test_interrupted_copy_ends_and_leaves_nothing(own):
    own.listen()
    own.begin()
    own.client.process.send_signal(signal.SIGINT)
    assert own.client.process.wait(nodes.START) == 130
    own.listener.says("Resource failed")
    assert own.files() == []


def test_sender_that_dies_leaves_nothing(own):
    own.listen()
    own.begin()
    own.client.kill()
    own.listener.says("Resource failed")
    assert own.files() == []


def test_listener_that_goes_leaves_nothing_and_the_sender_knows(own):
    own.listen()
    own.begin()
    own.listener.process.send_signal(signal.SIGTERM)
    assert own.listener.process.wait(nodes.START) == 0
    assert own.files() == []
    assert own.client.process.wait(nodes.LINK) == 1
    assert "The transfer failed" in own.client.output()


def test_terminal_shows_rate_and_time_left(own):
    own.listen()
    path = own.source("long", incompressible(40_000_000))
    wire = SlowWire(own.net, own.port)
    client = Program(own.net, OURS, "rncp", "far away", [tcp_client("up", wire.port)])
    identity = own.client.folder / "storage" / "identities" / "rncp"
    result = client.run_on_terminal("-C", "-P", "-i", identity, path, own.dest)
    shown = result.out.split("\x1b[2K\r")
    progress = r"Transferring file  [0-9.]+% - [0-9.]+ MB of 40\.00 MB - [0-9.]+ [MG]bps "
    progress += r"\([0-9.]+ [MG]bps at physical layer\) - [0-9]+s left [|/\\-] "
    assert any(re.fullmatch(progress, line) for line in shown), shown
    end = r"Transfer complete  100\.0% - 40\.00 MB of 40\.00 MB in [0-9.]+s - [0-9.]+ [MG]bps"
    assert any(re.match(end, line) for line in shown)
    assert result.out.endswith(f"{path} copied to <{own.dest}>\r\n")
    assert result.code == 0


@pytest.mark.parametrize("kind", [OURS, THEIRS])
def test_copy_goes_through_a_node_between(net, kind):
    port = net.port()
    net.middle("middle", tcp_server("up", port))
    client = Program(net, OURS, "rncp", "client", [tcp_client("up", port)])
    listener = Program(net, kind, "rncp", "listener", [tcp_client("up", port)])
    _, dest = listener.identity()
    saved, data = net.folder / "saved", incompressible(300_000)
    saved.mkdir()
    listener.listen("-l", "-n", "-v", "-b", "0", "-s", saved)
    listener.says("rncp listening on")
    source = net.folder / "name"
    source.write_bytes(data)
    assert client.run(source, dest).code == 0
    nodes.wait_until((saved / "name").exists, nodes.RESOURCE, "it is saved")
    assert (saved / "name").read_bytes() == data


# Fetching


@pytest.mark.old
def test_files_are_fetched_whole(pair):
    pair.listen("-F")
    into = pair.net.folder / "into"
    into.mkdir()
    for name, data in {"kind": compressible(400_000), "big": incompressible(1_300_000)}.items():
        result = pair.fetch(pair.source(name, data), "-s", into)
        nodes.wait_until((into / name).exists, nodes.RESOURCE, "it is there")
        assert (into / name).read_bytes() == data
        if is_ours(pair.client):
            assert f"{pair.sources / name} fetched from <{pair.dest}>" in result.out
            assert "Transfer complete" in result.out
            assert result.code == 0


def test_fetched_file_is_numbered_beside_one_of_its_name(own):
    own.listen("-F")
    for data in (b"first", b"second"):
        assert own.fetch(own.source("name", data)).code == 0
    assert (own.client.home / "name").read_bytes() == b"first"
    assert (own.client.home / "name.1").read_bytes() == b"second"
    assert own.fetch(own.source("name", b"third"), "-O").code == 0
    assert (own.client.home / "name").read_bytes() == b"third"


def test_file_that_is_not_there_is_told(pair):
    pair.listen("-F")
    name = "/nothing/of/this/name"
    words = f"Fetch request failed, the file {name} was not found on the remote"
    result = pair.fetch(name)
    assert words in result.out
    assert result.code == 0  # as the reference ends


def test_listener_that_gives_nothing_does_not_answer(pair):
    pair.listen()
    result = pair.fetch(pair.source("name", TEXT))
    assert "Fetch request failed due to an unknown error" in result.out


def test_client_that_is_not_allowed_fetches_nothing(pair):
    pair.listen("-F", "-a", NOBODY, allow=False)
    result = pair.fetch(pair.source("name", TEXT))
    assert "fetched from" not in result.out
    assert not (pair.client.home / "name").exists()


def test_jail_gives_what_is_in_it_and_nothing_else(pair):
    secret = pair.net.folder / "secret"
    secret.write_bytes(TEXT)
    inside = pair.source("inside", compressible(100_000))
    pair.listen("-F", "-j", pair.sources)
    denied = "was not allowed by the remote"
    for name in ("../secret", "x/../../secret", f"{pair.sources}/../secret"):
        assert denied in pair.fetch(name).out, name
    assert not (pair.client.home / "secret").exists()
    pair.fetch(secret)
    assert not (pair.client.home / "secret").exists()
    for name in ("inside", inside):
        pair.fetch(name, "-O")
        nodes.wait_until((pair.client.home / "inside").exists, nodes.RESOURCE, "it is there")
        assert (pair.client.home / "inside").read_bytes() == inside.read_bytes()
        (pair.client.home / "inside").unlink()


def test_jail_is_not_left_by_a_link(own):
    secret = own.net.folder / "secret"
    secret.write_bytes(TEXT)
    (own.sources / "link").symlink_to(secret)
    own.listen("-F", "-j", own.sources)
    assert "was not allowed by the remote" in own.fetch("link").out
    own.listener.says("outside of fetch jail")
    assert not (own.client.home / "secret").exists()


# Keys, and what goes wrong before there is a network


@pytest.mark.old
def test_identity_is_one_file_for_both(net):
    theirs = Program(net, THEIRS, "rncp", "node", [])
    said = theirs.run("-p").out
    ours = Program(net, OURS, "rncp", "node", [])
    assert ours.run("-p").out.splitlines() == said.splitlines()[-2:]
    new = Program(net, OURS, "rncp", "new", [])
    hashes = new.identity()
    file = new.folder / "storage" / "identities" / "rncp"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Program(net, THEIRS, "rncp", "new", []).identity() == hashes
    assert ours.run("-p", "-i", file).out.count(hashes[0]) == 1


def test_trouble_has_the_codes_of_the_reference(net):
    client = Program(net, OURS, "rncp", "client", [])
    file = net.folder / "name"
    file.write_bytes(TEXT)
    assert client.run(file, "0011").code == 1
    assert client.run(file, NOBODY[:-1] + "x").code == 1
    missing = client.run(net.folder / "nothing", NOBODY)
    assert (missing.code, missing.out) == (1, "File not found\n")
    assert client.run("-i", file, file, NOBODY).code == 2
    assert client.run("-l", "-s", net.folder / "nothing").code == 3
    assert client.run("-f", "-s", net.folder / "nothing", "x", NOBODY).code == 3
    assert client.run("-l", "-a", "0011").code == 1
    assert client.run("-l", "-a", NOBODY[:-1] + "x").code == 1
    assert client.run("-l", "-j", net.folder / "nothing").code == 1
    assert client.run("--nothing").code == 2
    nothing = client.run()
    assert (nothing.code, "usage: rncp" in nothing.out) == (0, True)
    if os.getuid() != 0:
        sealed = net.folder / "sealed"
        sealed.mkdir(mode=0o500)
        assert client.run("-l", "-s", sealed).code == 4


def test_destination_that_nobody_knows_is_no_path(own):
    own.listen()
    result = own.client.run("-w", "1", own.source("name", TEXT), NOBODY)
    assert (result.code, "Path not found" in result.out) == (1, True)
