"""Fixtures: boards under QEMU, and the reference's nodes of tests/interop."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import nodes  # noqa: E402 (it is found there)
from board import Board  # noqa: E402
from reports import NET, pytest_runtest_makereport  # noqa: E402, F401 (pytest takes the hook)


class Bench(nodes.Net):
    def board(self, kind, *lines):
        """It is off: a peer that is there before hears its first announce."""
        board = Board(kind, self.folder / f"board-{len(self.processes)}", lines)
        self.processes.append(board)
        return board

    def close(self):
        boards = [each for each in self.processes if isinstance(each, Board)]
        for process in self.processes:
            process.kill()
        for board in boards:
            board.close()


@pytest.fixture
def net(request, tmp_path):
    options = SimpleNamespace(reference=False, peer_python=Path(sys.executable))
    net = Bench(tmp_path, None, options)
    request.node.stash[NET] = net
    yield net
    net.close()


def pytest_collection_modifyitems(items):
    """By board, so that those who run them at the same time have about as much to do."""
    items.sort(key=lambda item: item.callspec.params["kind"])
