"""Listeners: what they take, and what they answer."""
import secrets

import pytest

from client import Refused
from links import Linked
from nodes import Alone, until
from test_wire_basic import link_up


def test_a_listener_says_what_it_is_told(roles):
    server, client = roles
    handle = server.call("wire_start_tcp_server")["handle"]
    for strategy in ("all", "none", "app"):
        listener = server.call("wire_listen", handle=handle, app_name="listen", aspects=[strategy],
                               resource_strategy=strategy, proof_strategy="all",
                               open_channel=False, buffer_stream_ids=[7, 16383])
        assert listener["resource_strategy"] == strategy
        assert len(bytes.fromhex(listener["public_key"])) == 64
        assert len(bytes.fromhex(listener["identity_hash"])) == 16


@pytest.mark.parametrize("params", [
    {"resource_strategy": "some"}, {"proof_strategy": "app"}, {"buffer_stream_ids": [16384]},
    {"buffer_stream_ids": ["1"]}, {"app_name": "a.b"}, {"handle": "none"}])
def test_what_no_listener_can_be_is_refused(start, params):
    bridge = start("ours")
    handle = bridge.call("wire_start_tcp_server")["handle"]
    with pytest.raises(Refused):
        bridge.call("wire_listen", **{"handle": handle, "app_name": "listen", **params})


def test_only_a_listener_is_polled(roles):
    server, _ = roles
    handle = server.call("wire_start_tcp_server")["handle"]
    hash_ = server.call("wire_announce", handle=handle, app_name="listen")["destination_hash"]
    for command in ("wire_link_poll", "wire_opportunistic_poll"):
        with pytest.raises(Refused):
            server.call(command, handle=handle, destination_hash=hash_, timeout_ms=0)
        with pytest.raises(Refused):
            server.call(command, handle=handle, destination_hash="00" * 16, timeout_ms=0)


def test_polling_hands_over_once(roles):
    server, client = roles
    there, here, listener, link = link_up(server, client)
    sent = [secrets.token_hex(20) for _ in range(3)]
    for data in sent:
        client.call("wire_link_send", handle=here, link_id=link, data=data)
    got = []
    while len(got) < len(sent):
        more = server.call("wire_link_poll", handle=there, destination_hash=listener)["packets"]
        assert more
        got += more
    assert got == sent
    assert server.call("wire_link_poll", handle=there, destination_hash=listener,
                       timeout_ms=0)["packets"] == []


def test_a_listener_tells_of_its_latest_link(roles):
    linked = Linked(*roles, opens=False)

    def status(**params):
        return linked.serve("wire_listener_link_status", destination_hash=linked.destination,
                            **params)

    assert status() == {"found": False, "link_count": 0}
    first = linked.open()
    told = status(timeout_ms=3000)
    assert (told["found"], told["link_count"]) == (True, 1)
    told = until(lambda: (now := status())["status_name"] == "ACTIVE" and now)
    assert told["teardown_reason_name"] is None and told["mode"] == 1
    assert (told["remote_identified"], told["remote_identity_hash"]) == (False, None)
    second = linked.open()
    assert until(lambda: status()["link_count"] == 2)
    linked.ask("wire_link_teardown", link_id=second)
    told = until(lambda: (now := status())["status_name"] == "CLOSED" and now)
    assert told["teardown_reason_name"] == "INITIATOR_CLOSED" and told["link_count"] == 2
    assert first != second
    other = linked.listen()
    linked.open(other)
    assert status()["link_count"] == 2 and status()["status_name"] == "CLOSED"
    told = linked.serve("wire_listener_link_status", destination_hash=other)
    assert (told["link_count"], told["status_name"]) == (1, "ACTIVE")


def test_only_listeners_have_links(start):
    for kind in ("ours", "theirs"):
        node = Alone(start(kind))
        hash_ = node.call("wire_announce", app_name="none")["destination_hash"]
        for destination in (hash_, "00" * 16):
            assert node.ask("wire_listener_link_status",
                            destination_hash=destination)["success"] is False
