"""The life of a link: it opens, carries packets, says who we are, closes."""
import secrets

import pytest

from client import Refused
from links import APP, ASPECTS, Linked, linked, pair  # noqa: F401


def await_received(linked, timeout_s=5):
    return linked.serve("wire_link_poll", destination_hash=linked.destination,
                        timeout_ms=timeout_s * 1000)["packets"]


@pytest.mark.differs
def test_a_link_carries_packets_and_tells_of_itself(linked, then):
    payload = secrets.token_hex(200)
    linked.of_link("wire_link_send", data=payload)
    assert await_received(linked) == [payload]
    status = linked.of_link("wire_link_status")
    assert (status["status"], status["status_name"]) == (2, "ACTIVE")
    assert status["teardown_reason"] is None and status["teardown_reason_name"] is None
    assert (status["mtu"], status["mdu"]) == then((8192, 8111), (16384, 16303))
    assert status["mode"] == 1
    assert status["stale_time_s"] == 2 * status["keepalive_s"] and 0 < status["rtt"] < 5
    expected = max(min(status["rtt"] * 360 / 1.75, 360), 5)
    assert abs(status["keepalive_s"] - expected) <= 1e-3
    assert status["last_keepalive_ago_ms"] is None
    assert 0 <= status["no_inbound_for_ms"] < 5000


@pytest.mark.differs
def test_both_ends_know_the_same_sizes(linked, then):
    here, there = linked.of_link("wire_link_mtu"), linked.of_inbound("wire_link_mtu")
    mtu, mdu = then((8192, 8111), (16384, 16303))
    assert here == there == {"mtu": mtu, "mdu": mdu, "mode": 1, "status": 2,
                             "status_name": "ACTIVE"}


def test_a_link_that_is_closed_is_closed_at_both_ends(linked):
    linked.of_link("wire_link_teardown")
    status = linked.of_link("wire_link_status")
    assert (status["status_name"], status["teardown_reason_name"]) == ("CLOSED", "INITIATOR_CLOSED")
    assert status["mtu"] is None and status["mdu"] is None and status["mode"] == 1
    assert linked.await_inbound("CLOSED")


def test_keys_are_there_while_it_is_open_and_no_longer(linked):
    assert linked.of_link("wire_link_key_material")["derived_key_present"] is True
    assert linked.of_inbound("wire_link_key_material")["derived_key_present"] is True
    linked.of_link("wire_link_teardown")
    assert linked.of_link("wire_link_key_material") == {
        "status": 4, "status_name": "CLOSED", "derived_key_present": False,
        "shared_key_present": False, "prv_present": False, "pub_present": False}


def test_who_closes_in_order_says_so(roles):
    linked = Linked(*roles)
    linked.server.close()
    status = linked.of_link("wire_link_await_status", target_status="CLOSED", timeout_ms=10000)
    assert status["reached"] is True
    assert (status["status_name"], status["teardown_reason_name"]) == (
        "CLOSED", "DESTINATION_CLOSED")


def test_who_is_silent_times_out(start):
    linked = Linked(start("theirs"), start("ours"))
    set_to = linked.of_link("wire_link_set_watchdog", keepalive_s=0.5, stale_time_s=1.0)
    assert set_to == {"keepalive_s": 0.5, "stale_time_s": 1.0}
    linked.server.process.kill()
    status = linked.of_link("wire_link_await_status", target_status="CLOSED", timeout_ms=20000)
    assert status["reached"] is True
    assert (status["status_name"], status["teardown_reason_name"]) == ("CLOSED", "TIMEOUT")


def test_states_are_waited_for_by_name_and_number(linked):
    for target in ("ACTIVE", "2", "PENDING"):
        assert linked.of_link("wire_link_await_status", target_status=target)["reached"] is True
    late = linked.of_link("wire_link_await_status", target_status="STALE", timeout_ms=50)
    assert (late["reached"], late["status_name"]) == (False, "ACTIVE")
    assert linked.client.ask("wire_link_await_status", handle=linked.here, link_id=linked.link,
                             target_status="OPEN")["success"] is False


def test_the_round_trip_time_is_set(linked):
    before = linked.of_link("wire_link_status")["rtt"]
    assert linked.of_link("wire_link_set_rtt", rtt=1.5) == {"rtt": 1.5, "previous": before}
    assert linked.of_link("wire_link_status")["rtt"] == 1.5


def test_who_identifies_is_the_same_to_both(linked):
    key = secrets.token_hex(64)
    told = linked.of_link("wire_link_identify", private_key=key)
    linked.serve("wire_register_request_handler", destination_hash=linked.destination, path="/who",
                 response="00")
    assert linked.of_link("wire_link_request", path="/who")["status"] == "ready"
    seen = linked.serve("wire_get_request_log", destination_hash=linked.destination, path="/who")
    assert (told["identified"], told["identity_hash"]) == (
        True, seen["entries"][0]["remote_identity_hash"])
    status = linked.serve("wire_listener_link_status", destination_hash=linked.destination)
    assert (status["remote_identified"], status["remote_identity_hash"]) == (
        True, told["identity_hash"])


@pytest.mark.differs
def test_who_has_said_who_he_is_stays_that(linked, then):
    first, second = (linked.of_link("wire_link_identify", private_key=secrets.token_hex(64))[
        "identity_hash"] for _ in range(2))
    linked.serve("wire_register_request_handler", destination_hash=linked.destination,
                 path="/anew", response="00")
    linked.of_link("wire_link_request", path="/anew")
    seen = linked.serve("wire_get_request_log", destination_hash=linked.destination, path="/anew")
    assert seen["entries"][-1]["remote_identity_hash"] == then(second, first)


def test_who_identifies_too_early_says_nothing(linked):
    assert linked.ask("wire_link_identify_pending", destination_hash=linked.destination,
                      app_name=APP, aspects=ASPECTS, private_key=secrets.token_hex(64)) == {
        "crashed": False, "identify_packet_sent": False, "status": 0, "status_name": "PENDING",
        "initiator": True}


@pytest.mark.parametrize("kind", ["ours", "theirs"])
def test_nothing_opens_to_who_is_not_known(start, kind):
    bridge = start(kind)
    handle = bridge.call("wire_start_tcp_server")["handle"]
    with pytest.raises(Refused):
        bridge.call("wire_link_open", handle=handle, destination_hash="ab" * 16, app_name=APP,
                    aspects=ASPECTS, timeout_ms=100)
    for command in ("wire_link_status", "wire_link_teardown", "wire_link_send"):
        with pytest.raises(Refused):
            bridge.call(command, handle=handle, link_id="cd" * 16)
    with pytest.raises(Refused):
        bridge.call("wire_link_status", handle="none", link_id="cd" * 16)
