"""The limits of a link, its keepalives, its signal values, its end."""
import secrets

import pytest

from links import Linked, both, linked, pair  # noqa: F401


@pytest.mark.differs
def test_packets_are_as_large_as_the_link_takes(linked, then):
    mtu, mdu, longest = then((8192, 8111, 8179), (16384, 16303, 16371))
    for size, raw in ((0, 83), (600, 675), (mdu, longest)):
        sent = linked.of_link("wire_send_oversize_link_packet", size=size)
        assert sent == {"mtu": mtu, "packet_mtu": mtu, "mdu": mdu, "size": size,
                        "sent": True, "rejected": False, "error": None, "raw_len": raw}
    refused = linked.of_link("wire_send_oversize_link_packet", size=20000)
    assert (refused["sent"], refused["rejected"], refused["raw_len"]) == (False, True, None)
    assert str(mtu) in refused["error"]


def test_small_interfaces_make_small_links(roles):
    linked = Linked(*roles, fixed_mtu=500)
    assert linked.of_link("wire_link_mtu")["mtu"] == 500
    assert linked.of_link("wire_link_mtu")["mdu"] == 431
    assert linked.of_link("wire_send_oversize_link_packet", size=431)["sent"] is True
    refused = linked.of_link("wire_send_oversize_link_packet", size=600)
    assert refused["rejected"] is True and "500" in refused["error"]


def test_nothing_is_sent_over_a_link_that_is_closed(linked):
    linked.of_link("wire_link_teardown")
    assert linked.of_link("wire_link_send", data="00") == {"sent": False}
    assert linked.of_link("wire_link_identify",
                          private_key=secrets.token_hex(64))["identified"] is False
    assert linked.of_link("wire_send_over_closed_link", data=secrets.token_hex(20)) == {
        "link_status": 4, "link_status_name": "CLOSED", "sent": False, "bytes_transmitted": 0}


@pytest.mark.differs
def test_keepalives_are_heard_and_answered_by_who_was_silent(linked, then):
    assert linked.of_inbound("wire_last_keepalive") == {"payload": None}
    heard = linked.of_inbound("wire_send_keepalive_probe")
    answer = then("fe", None)  # 1.3 answers at once
    assert linked.of_inbound("wire_last_keepalive") == {"payload": answer}
    assert heard == {"response": answer, "answered": answer is not None, "initiator": False,
                     "last_inbound_advanced": True, "last_data_advanced": False,
                     "status_before": 2, "status_after": 2}
    own = linked.of_link("wire_send_keepalive_probe")
    assert own == {"response": None, "answered": False, "initiator": True,
                   "last_inbound_advanced": False, "last_data_advanced": False,
                   "status_before": 2, "status_after": 2}
    # A keepalive interval of a hundredth of a second: the initiator speaks, the responder answers.
    linked.of_link("wire_last_keepalive")
    linked.of_link("wire_link_set_watchdog", keepalive_s=0.01, stale_time_s=60)
    late = linked.of_link("wire_link_await_status", target_status="STALE", timeout_ms=300)
    assert late["reached"] is False
    if linked.client.kind == "ours":  # the reference looks only when its last sleep is over
        assert late["last_keepalive_ago_ms"] < 1000
        assert linked.of_link("wire_last_keepalive") == {"payload": "ff"}


def test_signal_values_are_told_while_they_are_tracked(linked):
    none = {"rssi": None, "snr": None, "q": None}
    for told in (linked.of_link("wire_link_phy_stats_gate"),
                 linked.of_inbound("wire_link_phy_stats_gate")):
        assert told["off"] == told["off_again"] == none
        assert told["on"] == told["stored"] == {"rssi": -87, "snr": 6, "q": 88}


def test_links_lead_to_single_destinations_only(both):
    for answer in both("wire_link_type_gate"):
        assert answer["single"] == {"raised": False, "error": None, "link_created": True}
        for kind in ("plain", "group"):
            assert (answer[kind]["raised"], answer[kind]["link_created"]) == (True, False)
            assert "single" in answer[kind]["error"].lower()


def test_only_who_was_heard_is_told_of_the_end(linked):
    assert linked.of_link("wire_link_teardown_emission") == {
        "pending_linkclose_emitted": 0, "active_linkclose_emitted": 1,
        "active_status_before": "ACTIVE"}
    assert linked.of_link("wire_link_status")["status_name"] == "CLOSED"
