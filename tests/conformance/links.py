"""Two bridges with a link between them, for tests."""
import time

import pytest

from conftest import ROLES, Makers

APP, ASPECTS = "conformance", ["links"]


class Linked:
    """A server that listens, a client, and the client's link to it."""

    def __init__(self, server, client, opens=True, listen=None, **config):
        self.server, self.client, self.link = server, client, None
        served = server.call("wire_start_tcp_server", **config)
        self.there = served["handle"]
        self.here = client.call("wire_start_tcp_client", target_host="127.0.0.1",
                                target_port=served["port"], **config)["handle"]
        # An announce reaches only those that are connected when it is made.
        client.call("wire_poll_path", handle=self.here, destination_hash="00" * 16, timeout_ms=150)
        self.destination = self.listen(**(listen or {}))
        if opens:
            self.open()

    def listen(self, **params):
        """A destination of the server, that the client knows."""
        for _ in range(4):  # on busy machines the client may not be there yet
            destination = self.serve("wire_listen", app_name=APP, aspects=ASPECTS,
                                     **params)["destination_hash"]
            if self.ask("wire_poll_path", destination_hash=destination,
                        timeout_ms=2000)["found"] is True:
                return destination
        raise AssertionError("no announce was heard")

    def open(self, destination=None):
        """A new link, which is then the one that is asked about. Both ends have it."""
        self.link = self.ask("wire_link_open", app_name=APP, aspects=ASPECTS,
                             destination_hash=destination or self.destination)["link_id"]
        assert self.await_inbound()
        return self.link

    def await_inbound(self, status="ACTIVE", timeout_s=5):
        """Whether the link comes to a status at the server."""
        until = time.time() + timeout_s
        while self.of_inbound("wire_link_mtu")["status_name"] != status and time.time() < until:
            time.sleep(0.01)
        return self.of_inbound("wire_link_mtu")["status_name"] == status

    def serve(self, command, **params):
        """Asks the server."""
        return self.server.call(command, handle=self.there, **params)

    def ask(self, command, **params):
        """Asks the client."""
        return self.client.call(command, handle=self.here, **params)

    def of_link(self, command, **params):
        """Asks the client about its link."""
        return self.ask(command, link_id=self.link, **params)

    def of_inbound(self, command, **params):
        """Asks the server about the same link."""
        return self.serve(command, link_id=self.link, **params)


@pytest.fixture(scope="module", params=ROLES, ids=["-".join(pair) for pair in ROLES])
def pair(request):
    """A server and a client, without a link, for all tests of a module; with its CONFIG."""
    makers = Makers(request.config)
    yield Linked(*map(makers.start, request.param), opens=False,
                 **getattr(request.module, "CONFIG", {}))
    makers.close()


@pytest.fixture
def linked(pair):
    """The same with a new link for each test."""
    pair.open()
    pair.serve("wire_link_poll", destination_hash=pair.destination, timeout_ms=0)
    return pair


@pytest.fixture(scope="module")
def both(request):
    """ask(command, ...): what a node of ours says, and one of the reference. Each of them is the
    client of a node of the reference (ask.nodes)."""
    makers = Makers(request.config)
    nodes = [Linked(makers.start("theirs"), makers.start(kind), opens=False)
             for kind in ("ours", "theirs")]

    def ask(command, **params):
        return [node.ask(command, **params) for node in nodes]

    ask.nodes = nodes
    yield ask
    makers.close()
