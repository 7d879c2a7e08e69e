"""Announces, and the paths that they make."""
import secrets
import time

import pytest

from client import Refused
from nodes import NOBODY, Alone, Client, until, without


@pytest.fixture
def pair(roles):
    """A server and its client."""
    server = Alone(roles[0])
    return server, Client(roles[1], server)


def announce(node, **params):
    return node.call("wire_announce", app_name="paths", aspects=["test"], **params)


@pytest.mark.parametrize("params,told", [
    ({}, None), ({"app_data": ""}, None), ({"app_data": "c0ffee"}, "c0ffee"),
    ({"app_data_empty": True}, None), ({"enable_ratchets": True}, ""),
    ({"enable_ratchets": True, "app_data": "00"}, "00")], ids=str)
def test_app_data_arrives_as_it_was_announced(pair, params, told):
    server, client = pair
    said = announce(server, **params)
    hash_ = said["destination_hash"]
    assert client.poll(hash_)["found"] is True
    recalled = client.call("wire_identity_recall", destination_hash=hash_)
    assert recalled["found"] is True
    assert recalled["hash"] == said["identity_hash"]
    assert recalled["app_data"] == told
    if "enable_ratchets" in params:
        assert said["ratchets_enabled"] is True and said["ratchet_count"] == 1
        assert len(said["current_ratchet_id"]) == 20
    else:
        assert "ratchets_enabled" not in said


def test_what_is_announced_again_is_heard_again(pair):
    server, client = pair
    hash_ = announce(server, app_data="aa")["destination_hash"]
    assert client.poll(hash_)["found"] is True
    time.sleep(1)  # emission times have whole seconds
    assert server.call("wire_reannounce", destination_hash=hash_, app_data="bb") == {
        "announced": True, "current_ratchet_id": None}
    assert until(lambda: client.call("wire_identity_recall", destination_hash=hash_)[
        "app_data"] == "bb")
    with pytest.raises(Refused):
        server.call("wire_reannounce", destination_hash=NOBODY)


def test_a_path_tells_its_times_and_its_way(pair):
    server, client = pair
    hash_ = announce(server)["destination_hash"]
    now_ms = time.time() * 1000
    assert client.poll(hash_) == {"found": True, "hops": 1}
    path = client.call("wire_read_path_entry", destination_hash=hash_)
    assert path["expires"] - path["timestamp"] == 7 * 86400 * 1000
    assert abs(path["timestamp"] - now_ms) < 5000
    assert (path["hops"], path["next_hop"], path["found"]) == (1, hash_, True)
    assert path["receiving_interface_name"].startswith("TCPInterface[wire/127.0.0.1:")
    blob = client.call("wire_read_path_random_hash", destination_hash=hash_)
    assert blob["found"] is True and len(blob["random_hash"]) == 20
    assert abs(int(blob["random_hash"][10:], 16) - now_ms / 1000) < 5
    for command in ("wire_read_path_entry", "wire_read_path_random_hash"):
        assert client.call(command, destination_hash=NOBODY)["found"] is False


@pytest.mark.parametrize("mode,hours", [("full", 168), ("ap", 24), ("roaming", 6)])
def test_the_mode_says_how_long_a_path_lives(start, mode, hours):
    for kind in ("ours", "theirs"):
        server = Alone(start("theirs"))
        client = Client(start(kind), server, mode=mode)
        hash_ = announce(server)["destination_hash"]
        assert client.poll(hash_)["found"] is True
        path = client.call("wire_read_path_entry", destination_hash=hash_)
        assert path["expires"] - path["timestamp"] == hours * 3600 * 1000


# Who announced, who knows, who asks.
THREES = [("theirs", "ours", "theirs"), ("ours", "theirs", "ours")]


@pytest.mark.parametrize("kinds", THREES, ids="-".join)
def test_a_path_request_is_answered_with_the_announce_that_is_kept(start, kinds):
    middle = Alone(start(kinds[1]))
    sender = Client(start(kinds[0]), middle)
    hash_ = announce(sender)["destination_hash"]
    assert until(lambda: middle.call("wire_read_path_entry", destination_hash=hash_)["found"])
    kept = middle.call("wire_read_path_random_hash", destination_hash=hash_)["random_hash"]
    # It is sent on once, and would reach whoever comes before that.
    assert until(lambda: not middle.call("wire_has_announce_table_entry",
                                         destination_hash=hash_)["found"], 20)
    asker = Client(start(kinds[2]), middle)
    assert asker.poll(hash_, 300)["found"] is False
    assert asker.call("wire_request_path", destination_hash=hash_) == {"sent": True}
    assert asker.poll(hash_) == {"found": True, "hops": 2}
    assert asker.call("wire_read_path_random_hash", destination_hash=hash_)["random_hash"] == kept
    assert asker.call("wire_read_path_entry", destination_hash=hash_)[
        "next_hop"] == middle.served["identity_hash"]


@pytest.mark.parametrize("mode,searches", [
    ("full", False), ("gateway", True), ("ptp", False),
    pytest.param("boundary", True, marks=pytest.mark.differs)])
def test_the_mode_says_whether_unknown_paths_are_searched(start, then, mode, searches):
    searches = then(searches and mode != "boundary", searches)
    for kind in ("ours", "theirs"):
        middle = Alone(start(kind), mode=mode)
        asker = Client(start("theirs"), middle)
        unknown = secrets.token_hex(16)
        asker.call("wire_request_path", destination_hash=unknown)
        found = until(lambda: middle.call("wire_has_discovery_path_request",
                                          destination_hash=unknown)["found"], 2 if searches else 0.5)
        assert found is searches, kind


def test_an_announce_that_is_to_be_sent_on_stands_in_the_table(pair):
    server, client = pair
    before = time.time()
    hash_ = announce(client)["destination_hash"]
    entry = until(lambda: (told := server.call("wire_read_announce_table_timestamp",
                                               destination_hash=hash_))["found"] and told)
    assert before * 1000 - 100 < entry["timestamp"] < time.time() * 1000 + 100
    assert server.call("wire_read_announce_table_timestamp", destination_hash=NOBODY) == {
        "found": False}
    assert server.call("wire_has_announce_table_entry", destination_hash=NOBODY) == {
        "found": False}


def test_bad_announces_are_refused(start):
    node = Alone(start("ours"))
    for params in ({"app_name": "a.b"}, {"app_name": "a", "aspects": ["b.c"]}, {}, {"app_name": 1},
                   {"app_name": "a", "app_data": "0"}, {"app_name": "a", "app_data": "00" * 400}):
        assert node.ask("wire_announce", **params)["success"] is False
    assert without(node.call("wire_poll_path", destination_hash=NOBODY, timeout_ms=0)) == {
        "found": False, "hops": None}
