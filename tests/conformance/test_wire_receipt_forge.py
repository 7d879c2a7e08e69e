"""Which packets have receipts, how long these wait, and which proofs they take."""
import pytest

from client import Refused
from links import APP, ASPECTS, both  # noqa: F401


def test_receipts_are_for_data_that_somebody_can_prove(both):
    kinds = [{}, {"dest_type": "plain"}, {"packet_type": 2}, {"packet_type": 3}]
    kinds += [{"context": context} for context in (0x01, 0x07, 0xfa, 0xfe)]
    for kind in kinds:
        ours, theirs = both("wire_packet_receipt_generation", **kind)
        assert ours == theirs
        assert (ours["sent"], ours["has_receipt"]) == (True, kind == {})
    # An announce of somebody else goes out at the reference while it has a path.
    ours, theirs = both("wire_packet_receipt_generation", packet_type=1)
    assert ours["has_receipt"] is theirs["has_receipt"] is False


def test_receipts_wait_for_the_hops_that_a_packet_may_take(both):
    for force in (None, -1, 0):
        ours, theirs = both("wire_packet_receipt_timeout", force_timeout=force)
        assert ours == theirs
        assert (ours["timeout"], ours["status"]) == (6 + 6 * 128, 1)
    assert both("wire_packet_receipt_timeout", force_timeout=-1)[0]["forced_status"] == 255
    assert both("wire_packet_receipt_timeout", force_timeout=0)[0]["forced_status"] == 0


def test_a_packet_is_proved_by_whom_it_was_for(both):
    for variant in ("valid_explicit", "valid_implicit", "forged_explicit", "wrong_hash_explicit"):
        ours, theirs = both("wire_inject_single_proof_format", variant=variant)
        assert ours == theirs
        assert ours["validated"] is variant.startswith("valid")
    with pytest.raises(Refused):
        both("wire_inject_single_proof_format", variant="other")


def test_a_packet_of_a_link_is_proved_with_its_hash(both):
    for variant in ("valid_explicit", "forged_explicit", "implicit_valid_sig", "implicit_random",
                    "wrong_length_short"):
        ours, theirs = both("wire_inject_crafted_link_proof", variant=variant)
        assert ours == theirs
        assert ours["validated"] is (variant == "valid_explicit")
    with pytest.raises(Refused):
        both("wire_inject_crafted_link_proof", variant="other")


def test_no_wrong_proof_ends_a_receipt(both):
    receipts = [node.ask("wire_send_packet", destination_hash=node.destination, app_name=APP,
                         aspects=ASPECTS, data="00")["receipt_id"] for node in both.nodes]
    for variant in ("forged_implicit", "forged_explicit", "wrong_hash_explicit",
                    "wrong_length_short", "wrong_length_mid", "wrong_length_long"):
        ours, theirs = (node.ask("wire_inject_crafted_proof", receipt_id=receipt, variant=variant)
                        for node, receipt in zip(both.nodes, receipts))
        assert ours == theirs
        assert (ours["validated"], ours["status_name"], ours["proved"]) == (False, "SENT", False)
    with pytest.raises(Refused):
        both("wire_inject_crafted_proof", receipt_id="receipt-99", variant="forged_implicit")
