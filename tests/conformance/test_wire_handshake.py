"""How links open: what is asked, what is taken, what is proved."""
import pytest

from client import Refused
from links import both  # noqa: F401


def test_a_request_holds_new_keys_and_what_it_asks_for(both):
    seen = set()
    for answer in both("wire_link_request_payload") + both("wire_link_request_payload"):
        assert answer["request_data_hex"] == (
            answer["pub_bytes"] + answer["sig_pub_bytes"] + answer["signalling_bytes"])
        assert answer["signalling_bytes"] == "2001f4"
        assert (answer["len"], answer["ecpubsize"], answer["link_mtu_size"], answer["mtu"],
                answer["mode"], answer["reticulum_mtu"]) == (67, 64, 3, 500, 1, 500)
        assert len(answer["pub_bytes"]) == len(answer["sig_pub_bytes"]) == 64
        seen |= {answer["pub_bytes"], answer["sig_pub_bytes"]}
    assert len(seen) == 8


@pytest.mark.parametrize("mtu", [0, 250, 500, 16384, 0x1fffff, 0x200005])
def test_what_is_signalled_is_the_references(both, mtu):
    for mode in range(8):
        ours, theirs = both("wire_link_signalling_bytes", mtu=mtu, mode=mode)
        assert ours == theirs
        assert ours["raised"] is (mode != 1)


def test_requests_are_taken_as_by_the_reference(both):
    for variant in ("valid64", "valid67", "size_63", "size_66", "size_0", "bad_mode"):
        ours, theirs = both("wire_inject_crafted_link_request", variant=variant)
        assert ours == theirs
        assert ours["accepted"] is variant.startswith("valid")
    for hops in (0, 1, 3, 7, 100):
        ours, theirs = both("wire_inject_crafted_link_request", variant="valid67", hops=hops)
        assert ours == theirs
        assert ours["establishment_timeout"] == 6 * max(1, hops) + 360
    with pytest.raises(Refused):
        both("wire_inject_crafted_link_request", variant="other")


def test_who_takes_no_links_takes_none(both):
    for accepts in (False, True):
        assert both("wire_link_accept_gate", accepts=accepts) == 2 * [
            {"accepts": accepts, "links_before": 0, "links_after": int(accepts),
             "link_created": accepts}]


def test_a_link_proof_is_addressed_to_the_link(both):
    for answer in both("wire_capture_lrproof_frame"):
        raw = bytes.fromhex(answer["raw"])
        assert len(raw) == 19 + 99 and raw[0] == answer["flags"] == 0x0f and raw[1] == 0
        assert raw[2:18].hex() == answer["link_id"] and raw[18] == answer["context"] == 0xff
        assert (answer["packet_type"], answer["expected_link_dest_type"],
                answer["truncated_hashlength"]) == (3, 3, 16)


def test_proofs_open_links_as_at_the_reference(both):
    for variant in ("valid", "forged_signature", "wrong_signed_data", "mode_mismatch",
                    "wrong_size", "non_pending"):
        ours, theirs = both("wire_inject_crafted_lrproof", variant=variant)
        assert ours["activated"] is theirs["activated"] is (variant == "valid")
        assert ours["mode"] == theirs["mode"] == 1
        # Ours waits on for the right proof after a wrong one; theirs no longer takes any.
        wrong = variant in ("forged_signature", "wrong_signed_data")
        assert ours["status_name"] == ("PENDING" if wrong else theirs["status_name"])
        if variant == "valid":
            assert ours["mtu"] == theirs["mtu"] == 500
    with pytest.raises(Refused):
        both("wire_inject_crafted_lrproof", variant="other")
