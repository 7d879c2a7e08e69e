"""Options and fixtures. The node that is tested is ours by default; --middle=reference puts the
reference in its place, so that a red test is a fault of ours and not of the test."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from nodes import Net, Ports, environment_bin
from reports import NET, pytest_runtest_makereport  # noqa: F401 (pytest takes the hook)


def pytest_addoption(parser):
    group = parser.getgroup("interop")
    group.addoption(
        "--middle", choices=("ours", "reference"), default="ours", help="the node that is tested"
    )
    group.addoption("--peer-python", default=sys.executable, help="the Python that runs the peers")
    group.addoption(
        "--all-resources", action="store_true", help="all combinations of sizes and ways"
    )
    group.addoption(
        "--scale", type=float, default=1.0, help="share of the counts of the load tests"
    )


def pytest_collection_modifyitems(config, items):
    if config.getoption("--middle") == "ours" or config.getoption("--scale") < 1:
        return
    skip = pytest.mark.skip(reason="the reference does not do this (see --scale)")
    for item in items:
        if item.get_closest_marker("ours"):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def ports():
    return Ports()


@pytest.fixture
def options(request):
    config = request.config
    return SimpleNamespace(
        reference=config.getoption("--middle") == "reference",
        bin=environment_bin(),
        peer_python=Path(config.getoption("--peer-python")),
        reference_python=Path(sys.executable),
        scale=config.getoption("--scale"),
    )


@pytest.fixture
def net(request, tmp_path, ports, options):
    net = Net(tmp_path, ports, options)
    request.node.stash[NET] = net
    yield net
    net.close()
