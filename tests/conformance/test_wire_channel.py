"""Channels of links."""
import time

import pytest

from links import Linked


@pytest.fixture
def pair(roles):
    return Linked(*roles)


def received(ask, count, timeout_s=3):
    """What comes until there are so many messages; the reference proves one before it has it."""
    messages, until = [], time.time() + timeout_s
    while len(messages) < count and time.time() < until:
        messages += ask("wire_channel_received")["messages"]
    return messages


def test_messages_in_order(pair):
    for i in range(3):
        sent = pair.of_link("wire_channel_send", data=f"{i:02x}" * 5)
        assert sent["sent"] and sent["delivered"] and not sent["rejected"]
        assert (sent["sequence"], sent["next_sequence"]) == (i, i + 1)
    assert received(pair.of_inbound, 3) == ["0000000000", "0101010101", "0202020202"]
    assert pair.of_inbound("wire_channel_received")["messages"] == []
