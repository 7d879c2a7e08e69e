"""What a failed test shows: the ends of its processes' logs. A conftest imports the hook, and keeps the Net of
a test in its stash under NET."""

import pytest

LOG_TAIL_LINES = 40
NET = pytest.StashKey()


def tail(path):
    lines = path.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
    return "\n".join([str(path), *lines])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    net = item.stash.get(NET, None)
    if report.failed and net:
        for process in net.processes:
            for path in process.logs():
                report.sections.append((f"log of {process.name}", tail(path)))
    return report
