"""Transfers over links."""
import os

import pytest

from links import Linked


@pytest.fixture
def pair(roles):
    return Linked(*roles)


@pytest.mark.parametrize("size", [1, 5000, 100_000])
def test_a_resource_arrives(pair, size):
    data = os.urandom(size).hex()
    sent = pair.of_link("wire_resource_send", data=data)
    assert sent["success"] is True and sent["status"] == 6
    assert pair.serve("wire_resource_poll", destination_hash=pair.destination,
                      timeout_ms=5000) == {"resources": [data]}
