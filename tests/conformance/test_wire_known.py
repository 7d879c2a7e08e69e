"""What is known of others: recalled, saved and loaded, and never replaced by another key."""
import secrets

import pytest

from client import Refused
from compare import both_refuse
from nodes import NOBODY, Alone, Client, one_of_each, without


def test_recall_by_destination_and_by_identity(roles):
    server = Alone(roles[0])
    client = Client(roles[1], server)
    listener = server.call("wire_listen", app_name="recall", aspects=["test"])
    told = {"found": True, "public_key": listener["public_key"],
            "hash": listener["identity_hash"], "app_data": None}
    hash_ = listener["destination_hash"]
    assert client.call("wire_identity_recall", destination_hash=hash_, timeout_ms=5000) == told
    assert client.call("wire_identity_recall", destination_hash=listener["identity_hash"],
                       from_identity_hash=True) == told
    nothing = {"found": False, "app_data": None}
    assert client.call("wire_identity_recall", destination_hash=hash_,
                       from_identity_hash=True) == nothing
    assert client.call("wire_identity_recall", destination_hash=NOBODY, timeout_ms=50) == nothing
    # One's own destinations are recalled too, by their own hash alone.
    assert server.call("wire_identity_recall", destination_hash=hash_) == told
    assert server.call("wire_identity_recall", destination_hash=listener["identity_hash"],
                       from_identity_hash=True) == nothing


def test_what_is_known_is_saved_and_loaded(roles):
    server = Alone(roles[0])
    client = Client(roles[1], server)
    hash_ = server.call("wire_announce", app_name="saved", app_data="6e616d65")["destination_hash"]
    assert client.poll(hash_)["found"] is True
    assert client.call("wire_known_destinations_roundtrip", destination_hash=hash_) == {
        "present_before_save": True, "recall_after_clear_found": False,
        "recall_after_load_found": True, "app_data_after_load": "6e616d65",
        "entry_len_after_load": 5, "table_size_after_load": 1}
    absent = client.call("wire_known_destinations_roundtrip", destination_hash=NOBODY)
    assert absent["recall_after_load_found"] is False
    assert absent["app_data_after_load"] is None and absent["entry_len_after_load"] is None


def test_a_received_ratchet_is_kept_in_a_file(start):
    ours, theirs = (node.call("wire_identity_ratchet_persist") for node in one_of_each(start))
    expected = {"ratchet_len": 32, "file_written": True, "tmp_leftover": False,
                "reload_match": True, "reloaded_len": 32, "accepted_size": 32,
                "cleaned_removed": True}
    assert without(ours, "dest_hash") == without(theirs, "dest_hash") == expected
    assert len(ours["dest_hash"]) == 32


@pytest.mark.parametrize("plant", ["mismatch", "match", "none", None])
@pytest.mark.parametrize("config", [{}, {"passphrase": "secret"}], ids=["open", "closed"])
def test_another_key_for_a_destination_is_refused(start, plant, config):
    for node in one_of_each(start, **config):
        params = {} if plant is None else {"plant": plant}
        told = node.call("wire_known_key_validate", app_name="keys", aspects=["test"], **params)
        assert told["validated"] is (plant in ("match", "none"))
        assert told["plant"] == (plant or "mismatch")
        assert len(told["public_key"]) == 128 and len(told["destination_hash"]) == 32
        assert (told["planted_public_key"] == told["public_key"]) is (plant == "match")
        assert (told["planted_public_key"] is None) is (plant == "none")


def test_what_nobody_can_recall_is_refused(start):
    ours, theirs = one_of_each(start)
    for command, params in (("wire_known_key_validate", {"app_name": "a", "plant": "some"}),
                            ("wire_known_key_validate", {"app_name": "a.b"})):
        for node in (ours, theirs):
            assert node.ask(command, **params)["success"] is False
    for params in ({"handle": "none", "destination_hash": secrets.token_hex(16)},
                   {"handle": ours.handle, "destination_hash": "zz"}):
        with pytest.raises(Refused):
            ours.bridge.call("wire_identity_recall", **params)
    both_refuse(ours.bridge, theirs.bridge, "wire_identity_recall", handle="none",
                destination_hash=NOBODY)
