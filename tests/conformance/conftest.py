"""Our bridge and the reference's, side by side.

The same tests compare ours with today's reference and, as a second build, with version 1.3:

    pytest tests/conformance --bridge "build/release/reticule-bridge --reference 1.3" \\
        --reference-python build/venv-1.3.1/bin/python
"""
import pathlib
import shlex
import subprocess
import sys

import pytest

from client import Bridge, reference_command
from mocks import Pair

ROOT = pathlib.Path(__file__).parents[2]


def pytest_addoption(parser):
    parser.addoption("--bridge", default=shlex.quote(str(ROOT / "build/release/reticule-bridge")),
                     help="our bridge, with its arguments")
    parser.addoption("--reference-python", default=sys.executable,
                     help="the Python that has the reference")


def pytest_configure(config):
    config.addinivalue_line("markers",
                            "differs: sees what changed in the reference since version 1.3")
    config.reference_version = version_of(config.getoption("--reference-python"))


def version_of(python):
    code = "from importlib.metadata import version; print(version('rns'))"
    answer = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    return tuple(int(part) for part in answer.stdout.split("."))


def pytest_report_header(config):
    return "reference: rns " + ".".join(map(str, config.reference_version))


class Makers:
    """Starts bridges and ends them again."""

    def __init__(self, config):
        program, *arguments = shlex.split(config.getoption("--bridge"))
        python = pathlib.Path(config.getoption("--reference-python")).absolute()
        self.commands = {"ours": [str(pathlib.Path(program).absolute()), *arguments],
                         "theirs": reference_command(str(python))}
        self.open = []

    def start(self, kind):
        bridge = Bridge(self.commands[kind])
        bridge.kind = kind
        self.open.append(bridge)
        return bridge

    def close(self):
        for bridge in self.open:
            bridge.close()


@pytest.fixture
def start(request):
    """start("ours") or start("theirs"): a bridge for this test alone."""
    makers = Makers(request.config)
    yield makers.start
    makers.close()


@pytest.fixture
def then(request):
    """then(a, b): a if this run is with the reference 1.3, b if with today's."""
    is_then = request.config.reference_version < (1, 4)
    return lambda old, new: old if is_then else new


@pytest.fixture(scope="session")
def shared(request):
    """One bridge of each kind for all tests of primitives."""
    makers = Makers(request.config)
    yield {kind: makers.start(kind) for kind in ("ours", "theirs")}
    makers.close()


@pytest.fixture
def ours(shared):
    return shared["ours"]


@pytest.fixture
def theirs(shared):
    return shared["theirs"]


# Who serves and who is the client, for tests between two nodes.
ROLES = [("ours", "theirs"), ("theirs", "ours"), ("ours", "ours")]


@pytest.fixture(params=ROLES, ids=["-".join(pair) for pair in ROLES])
def roles(request, start):
    """(server, client): a bridge each."""
    server, client = request.param
    return start(server), start(client)


@pytest.fixture(scope="session")
def kept(request):
    """Bridges of both kinds whose nodes are transport nodes, and of both whose are not: the
    reference has one kind a process."""
    makers = Makers(request.config)
    pairs = {}

    def pair(transport):
        if transport not in pairs:
            pairs[transport] = makers.start("ours"), makers.start("theirs")
        return pairs[transport]

    yield pair
    makers.close()


@pytest.fixture
def both(kept):
    """The same transport node twice (mocks.py)."""
    pair = Pair(*kept(True))
    yield pair
    pair.end()


@pytest.fixture
def endpoints(kept):
    """The same node twice, one that forwards nothing."""
    pair = Pair(*kept(False), enable_transport=False)
    yield pair
    pair.end()
