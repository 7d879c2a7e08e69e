"""Packets of links as no peer would send them."""
import secrets

import pytest

from client import Refused
from links import linked, pair  # noqa: F401


def test_only_who_proves_an_identity_has_it(linked):
    for variant in ("forged_signature", "wrong_signed_data", "wrong_length"):
        told = linked.of_inbound("wire_inject_crafted_link_identify", variant=variant)
        assert (told["initiator"], told["adopted"], told["remote_identity_after"]) == (
            False, False, None)
    told = linked.of_inbound("wire_inject_crafted_link_identify", variant="valid")
    assert told["adopted"] is True
    assert told["remote_identity_after"] == told["claimed_identity_hash"]
    told = linked.of_link("wire_inject_crafted_link_identify", variant="valid")
    assert (told["initiator"], told["adopted"]) == (True, False)
    assert told["remote_identity_after"] != told["claimed_identity_hash"]
    with pytest.raises(Refused):
        linked.of_link("wire_inject_crafted_link_identify", variant="other")


def test_a_link_is_closed_by_its_own_name_only(linked):
    other = secrets.token_hex(16)
    for ask in (linked.of_link, linked.of_inbound):
        assert ask("wire_send_forged_link_close", forged_id=other) == {
            "torn_down": False, "status_before": 2, "status_after": 2,
            "status_name_after": "ACTIVE", "forged_id": other, "real_link_id": linked.link}
    told = linked.of_link("wire_send_forged_link_close", forged_id=linked.link)
    assert told == {"torn_down": True, "status_before": 2, "status_after": 4,
                    "status_name_after": "CLOSED", "forged_id": linked.link,
                    "real_link_id": linked.link}
    assert linked.of_link("wire_link_status")["teardown_reason_name"] == "DESTINATION_CLOSED"


def test_damaged_packets_are_dropped_and_the_link_stays(linked):
    data = secrets.token_hex(40)
    for corruption in ("none", "ciphertext", "hmac", "truncate", "foreign_interface"):
        told = linked.of_inbound("wire_inject_tampered_link_data", data=data,
                                 corruption=corruption)
        assert told["delivered"] is (corruption == "none"), corruption
        assert (told["unpacked"], told["link_active"], told["status_name"]) == (
            True, True, "ACTIVE")
    assert linked.serve("wire_link_poll", destination_hash=linked.destination)["packets"] == [data]
    with pytest.raises(Refused):
        linked.of_inbound("wire_inject_tampered_link_data", data=data, corruption="other")


def test_a_packet_of_a_link_is_no_packet_of_a_destination(linked):
    data = secrets.token_hex(40)
    first = linked.of_inbound("wire_inject_tampered_link_data", data=data,
                              corruption="pristine_link_inbound")
    assert (first["delivered"], first["reused_raw"]) == (True, False)
    again = linked.of_inbound("wire_inject_tampered_link_data", data=data,
                              corruption="replay_reflag")
    assert (again["unpacked"], again["delivered"], again["reused_raw"],
            again["link_active"]) == (True, False, True, True)
    assert again["raw_hex"] == "0800" + first["raw_hex"][4:]


def test_a_closed_link_takes_nothing(linked):
    assert linked.of_inbound("wire_inject_closed_link_data", data="c0ffee") == {
        "delivered_before": True, "delivered": False, "link_closed": True,
        "status_name": "CLOSED"}
