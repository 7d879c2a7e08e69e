"""Handlers of requests: who may ask, and what is noted."""
import secrets
import time

import pytest

from links import Linked
from nodes import Alone

SHORT_MS = 400  # that nobody answers in


def unanswered(client):
    """What may be told of a request then. The reference looks at the same moment as its receipt."""
    return ("failed",) if client.kind == "ours" else ("failed", "timeout")


class Asked(Linked):
    """A link whose destination answers requests."""

    def register(self, path, **params):
        response = secrets.token_hex(20)
        assert self.serve("wire_register_request_handler", destination_hash=self.destination,
                          path=path, response=response, **params) == {"registered": True}
        return response

    def request(self, path, timeout_ms=5000, **params):
        return self.of_link("wire_link_request", path=path, timeout_ms=timeout_ms, **params)

    def log(self, path):
        return self.serve("wire_get_request_log", destination_hash=self.destination, path=path)


@pytest.fixture
def asked(roles):
    asked = Asked(*roles)
    assert asked.await_inbound()
    return asked


def test_who_may_ask_is_answered(asked):
    keys = asked.client.call("wire_identity_keypair")
    everybody = asked.register("/all")
    nobody = asked.register("/none", allow="none")
    listed = asked.register("/list", allow="list", allowed_identity_hashes=[
        secrets.token_hex(16), keys["hash"]])
    for path in ("/none", "/list"):
        assert asked.request(path, SHORT_MS)["status"] in unanswered(asked.client)
        assert asked.log(path) == {"entries": [], "count": 0}
    assert asked.request("/all")["response"] == everybody != nobody
    asked.of_link("wire_link_identify", private_key=keys["private_key"])
    assert asked.request("/list", data="c0ffee")["response"] == listed
    (entry,), now = asked.log("/list")["entries"], time.time()
    assert (entry["data"], entry["link_id"], entry["remote_identity_hash"]) == (
        "c0ffee", asked.link, keys["hash"])
    assert len(entry["request_id"]) == 32 and now - 2 < entry["requested_at"] < now
    entry, = asked.log("/all")["entries"]
    assert entry["data"] == "" and entry["remote_identity_hash"] is None


def test_what_is_removed_is_not_answered(asked):
    def remove(path):
        return asked.serve("wire_deregister_request_handler", destination_hash=asked.destination,
                           path=path)["deregistered"]

    asked.register("/path")
    newer = asked.register("/path")
    assert asked.request("/path")["response"] == newer
    assert remove("/other") is False
    assert remove("/path") is True and remove("/path") is False
    assert asked.request("/path", SHORT_MS)["status"] in unanswered(asked.client)
    assert asked.log("/path")["count"] == 1
    again = asked.register("/path")
    assert asked.request("/path")["response"] == again
    assert asked.log("/path")["count"] == 2


def test_handlers_that_nobody_can_be_are_refused(start):
    node = Alone(start("ours"))
    hash_ = node.call("wire_listen", app_name="handlers")["destination_hash"]
    for params in ({}, {"path": "/p", "allow": "some"}, {"path": ""},
                   {"path": "/p", "allow": "list", "allowed_identity_hashes": ["00"]},
                   {"path": "/p", "response": "z"}, {"path": "/p", "destination_hash": "00" * 16}):
        assert node.ask("wire_register_request_handler",
                        **{"destination_hash": hash_, **params})["success"] is False
    assert node.call("wire_get_request_log", destination_hash=hash_, path="/p")["count"] == 0
