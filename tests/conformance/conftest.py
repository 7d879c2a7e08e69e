"""Our bridge and the reference's, side by side."""
import pathlib

import pytest

from client import Bridge, reference_command

ROOT = pathlib.Path(__file__).parents[2]


def pytest_addoption(parser):
    parser.addoption("--bridge", default=str(ROOT / "build/release/reticule-bridge"),
                     help="our bridge")


class Makers:
    """Starts bridges and ends them again."""

    def __init__(self, config):
        self.commands = {"ours": [config.getoption("--bridge")], "theirs": reference_command()}
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
