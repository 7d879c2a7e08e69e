"""Packets, and what becomes of their receipts."""
import secrets

import pytest

from client import Refused
from links import APP, ASPECTS, linked, pair  # noqa: F401

SENT = {"delivered": False, "proved": False, "status": 1, "status_name": "SENT"}
DELIVERED = {"delivered": True, "proved": True, "status": 2, "status_name": "DELIVERED"}


@pytest.fixture(scope="module")
def proving(pair):  # noqa: F811
    """A destination of the server that proves what comes."""
    return pair.listen(proof_strategy="all")


def send(linked, command="wire_send_packet", to=None, **params):  # noqa: F811
    return linked.ask(command, destination_hash=to or linked.destination, app_name=APP,
                      aspects=ASPECTS, **params)


def status_of(linked, sent, timeout_ms=0):
    return linked.ask("wire_packet_receipt_status", receipt_id=sent["receipt_id"],
                      timeout_ms=timeout_ms)


def taken(linked, dest):
    """What has come for a destination, alone and over links, since this was asked."""
    return [linked.serve(command, destination_hash=dest, timeout_ms=0)["packets"]
            for command in ("wire_opportunistic_poll", "wire_link_poll")]


def test_what_is_proved_is_delivered(linked, proving):
    taken(linked, proving)
    linked.open(proving)
    data = secrets.token_hex(30)
    sent = send(linked, to=proving, data=data)
    assert (sent["sent"], sent["hops"]) == (True, 1)
    assert status_of(linked, sent, timeout_ms=5000) == DELIVERED
    over_link = linked.of_link("wire_send_link_data", data=data)
    assert over_link["sent"] is True
    assert status_of(linked, over_link, timeout_ms=5000) == DELIVERED
    alone = secrets.token_hex(20)
    assert send(linked, "wire_send_opportunistic", to=proving, data=alone, timeout_ms=5000) == {
        "sent": True, "delivered": True, "status": "delivered"}
    assert taken(linked, proving) == [[data, alone], [data]]


def test_what_is_not_proved_is_not(linked):
    sent = send(linked, data="0011")
    assert status_of(linked, sent, timeout_ms=100) == SENT
    over_link = linked.of_link("wire_send_link_data", data="0011")
    assert status_of(linked, over_link, timeout_ms=4000) == {
        "delivered": False, "proved": False, "status": 0, "status_name": "FAILED"}
    assert send(linked, "wire_send_opportunistic", data="0011", timeout_ms=100) == {
        "sent": True, "delivered": False, "status": "timeout"}


def test_who_wants_no_receipt_gets_none(linked):
    assert send(linked, data="00", create_receipt=False)["receipt_id"] is None
    none = linked.of_link("wire_send_link_data", data="00", create_receipt=False)
    assert none == {"sent": True, "receipt_id": None}
    with pytest.raises(Refused):
        linked.ask("wire_packet_receipt_status", receipt_id="receipt-999")
    linked.of_link("wire_link_teardown")
    assert linked.of_link("wire_send_link_data", data="00")["sent"] is False


def test_a_proof_is_the_signature_of_who_was_reached(linked, proving, theirs):
    told = send(linked, "wire_send_packet_with_proof_request", to=proving, data=secrets.token_hex(10),
                timeout_ms=5000)
    assert (told["sent"], told["delivered"], told["proved"], told["hops"]) == (True, True, True, 1)
    assert (told["implicit_proof_config"], told["impl_length"], told["expl_length"]) == (
        True, 64, 96)
    assert (told["proof_len"], told["proof_is_implicit"], told["proof_is_explicit"]) == (
        64, True, False)
    raw = bytes.fromhex(told["proof_raw"])
    assert raw[:2] == b"\x03\x00" and raw[18] == 0 and len(raw) == 19 + 64
    assert raw[2:18].hex() == told["proved_packet_hash"][:32]
    assert raw[19:].hex() == told["proof_data"]
    signer = linked.ask("wire_identity_recall", destination_hash=proving)["public_key"]
    assert theirs.call("identity_verify", public_key=signer, message=told["proved_packet_hash"],
                       signature=told["proof_data"]) == {"valid": True}


@pytest.mark.parametrize("corruption", ["ciphertext", "truncate"])
def test_what_nobody_can_read_is_not_proved(linked, proving, corruption):
    linked.serve("wire_opportunistic_poll", destination_hash=proving, timeout_ms=0)
    seen = linked.serve("wire_get_received_packets")["highest_seq"]
    told = send(linked, "wire_send_undecryptable", to=proving, data="c0ffee", corruption=corruption,
                timeout_ms=400)
    assert (told["sent"], told["delivered"], told["status"]) == (True, False, "timeout")
    assert linked.serve("wire_opportunistic_poll", destination_hash=proving,
                        timeout_ms=0)["packets"] == []
    came = [(frame["packet_type"], len(frame["raw_hex"]) // 2)
            for frame in linked.serve("wire_get_received_packets", since_seq=seen)["packets"]
            if frame["packet_type"] != 1 and frame["destination_hash_hex"] in (proving, None)]
    if corruption == "ciphertext":
        assert [kind for kind, _ in came] == [0]
    else:  # without an access code no frame is so short
        assert [size for _, size in came] in ([], [19 + 16])
    with pytest.raises(Refused):
        send(linked, "wire_send_undecryptable", data="c0ffee", corruption="other")
