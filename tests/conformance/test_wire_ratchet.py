"""Ratchets: of one's own, and as others hear of them."""
import hashlib
import time

import pytest

from nodes import NOBODY, Alone, Client, one_of_each, until, without


def ratcheted(node, **params):
    return node.call("wire_announce", app_name="ratchets", enable_ratchets=True, **params)


def test_ratchets_begin_with_the_first_announce(start):
    before = time.time()
    for node in one_of_each(start):
        said = ratcheted(node)
        assert said["ratchets_enabled"] is True and said["ratchet_count"] == 1
        told = node.call("wire_read_ratchets", destination_hash=said["destination_hash"])
        assert without(told, "latest_ratchet_time") == {
            "ratchet_count": 1, "current_ratchet_id": said["current_ratchet_id"],
            "previous_ratchet_id": None, "ratchet_interval": 1800, "retained_ratchets": 512,
            "latest_ratchet_id": None}
        assert before - 1 < told["latest_ratchet_time"] < time.time() + 1


def test_rotation_waits_for_its_interval(start):
    for node in one_of_each(start):
        hash_ = ratcheted(node)["destination_hash"]
        first = node.call("wire_rotate_ratchet", destination_hash=hash_)
        assert (first["rotated"], first["before_count"], first["after_count"]) == (False, 1, 1)
        assert first["previous_ratchet_id"] is None
        second = node.call("wire_rotate_ratchet", destination_hash=hash_,
                           last_rotation_ago_s=1801.5)
        assert (second["rotated"], second["before_count"], second["after_count"]) == (True, 1, 2)
        assert second["previous_ratchet_id"] == second["before_current_id"]
        assert second["current_ratchet_id"] != second["before_current_id"]
        assert abs(second["latest_ratchet_time"] - time.time()) < 2
        told = node.call("wire_read_ratchets", destination_hash=hash_)["latest_ratchet_time"]
        assert second["latest_ratchet_time"] == pytest.approx(told, abs=1e-4)
        assert node.call("wire_set_ratchet_interval", destination_hash=hash_, seconds=5) == {
            "ok": True, "ratchet_interval": 5}
        for seconds in (0, -3):
            assert node.call("wire_set_ratchet_interval", destination_hash=hash_,
                             seconds=seconds) == {"ok": False, "ratchet_interval": 5}
        third = node.call("wire_rotate_ratchet", destination_hash=hash_, last_rotation_ago_s=5.5)
        assert (third["rotated"], third["ratchet_interval"], third["after_count"]) == (True, 5, 3)


@pytest.mark.differs
def test_as_many_are_kept_as_was_said(start, then):
    for node in one_of_each(start):
        hash_ = ratcheted(node)["destination_hash"]

        def retain(count, **params):
            return node.call("wire_set_retained_ratchets", destination_hash=hash_, n=count,
                             **params)

        assert retain(8) == {"ok": True, "retained_ratchets": 8, "ratchet_count": 1,
                             "ratchet_count_cap": 512}
        assert retain(0) == {"ok": False, "retained_ratchets": 8, "ratchet_count": 1,
                             "ratchet_count_cap": 512}
        assert retain(5, pad_to=20)["ratchet_count"] == then(20, 5)
        assert retain(512, pad_to=520) == {"ok": True, "retained_ratchets": 512,
                                           "ratchet_count": 512, "ratchet_count_cap": 512}
        assert node.ask("wire_set_retained_ratchets", destination_hash=hash_)["success"] is False


def test_the_file_brings_them_back(start):
    for node in one_of_each(start):
        hash_ = ratcheted(node)["destination_hash"]
        node.call("wire_rotate_ratchet", destination_hash=hash_, last_rotation_ago_s=10_000_000)
        told = node.call("wire_ratchet_file_roundtrip", destination_hash=hash_)
        assert without(told, "ratchet_ids") == {
            "ratchets_path_set": True, "reload_ok": True, "ratchet_count_before": 2,
            "ratchet_count_after": 2, "roundtrip_match": True}
        assert len(set(told["ratchet_ids"])) == 2
        assert told["ratchet_ids"][0] == node.call(
            "wire_read_ratchets", destination_hash=hash_)["current_ratchet_id"]


@pytest.mark.parametrize("command,params", [
    ("wire_read_ratchets", {}), ("wire_rotate_ratchet", {}), ("wire_ratchet_file_roundtrip", {}),
    ("wire_set_ratchet_interval", {"seconds": 5}), ("wire_set_retained_ratchets", {"n": 5}),
    ("wire_destination_latest_ratchet_id", {})])
def test_without_ratchets_there_is_nothing_to_tell(start, command, params):
    node = Alone(start("ours"))
    hash_ = node.call("wire_announce", app_name="plain")["destination_hash"]
    for destination in (hash_, NOBODY):
        assert node.ask(command, destination_hash=destination, **params)["success"] is False


def test_others_adopt_the_newest(roles):
    server = Alone(roles[0])
    client = Client(roles[1], server)
    listener = server.call("wire_listen", app_name="adopted", enable_ratchets=True)
    hash_ = listener["destination_hash"]
    assert listener["ratchets_enabled"] is True and listener["ratchet_count"] == 1
    assert client.poll(hash_)["found"] is True
    first = client.call("wire_get_adopted_ratchet", destination_hash=hash_)
    assert first["found"] is True and first["ratchet_id"] == listener["current_ratchet_id"]
    public = bytes.fromhex(first["ratchet_public"])
    assert len(public) == 32 and hashlib.sha256(public).hexdigest()[:20] == first["ratchet_id"]
    time.sleep(1)  # emission times have whole seconds
    again = server.call("wire_reannounce", destination_hash=hash_, rotate_ago_s=99999)
    assert again["current_ratchet_id"] != first["ratchet_id"]
    assert until(lambda: client.bridge.call("wire_get_adopted_ratchet", destination_hash=hash_)[
        "ratchet_id"] == again["current_ratchet_id"])
    assert client.call("wire_get_adopted_ratchet", destination_hash=NOBODY) == {
        "found": False, "ratchet_public": None, "ratchet_id": None}


def test_what_is_sent_is_encrypted_to_the_newest(roles):
    server = Alone(roles[0])
    client = Client(roles[1], server)
    said = ratcheted(server)
    hash_, plain = said["destination_hash"], b"to the newest".hex()
    assert client.poll(hash_)["found"] is True
    sealed = client.call("wire_encrypt_to_remote", destination_hash=hash_, plaintext=plain)
    assert sealed["used_ratchet"] is True
    assert sealed["ratchet_id"] == said["current_ratchet_id"]
    assert sealed["ratchet_public"] == client.call("wire_get_adopted_ratchet",
                                                   destination_hash=hash_)["ratchet_public"]
    # A newer one and then the base key: either still opens.
    server.call("wire_rotate_ratchet", destination_hash=hash_, last_rotation_ago_s=1801.5)
    assert server.call("wire_destination_decrypt", destination_hash=hash_,
                       ciphertext=sealed["ciphertext"]) == {
        "decrypted": True, "plaintext": plain, "latest_ratchet_id": sealed["ratchet_id"]}
    base = client.call("wire_encrypt_to_remote", destination_hash=hash_, plaintext=plain,
                       use_ratchet=False)
    assert without(base, "ciphertext") == {"used_ratchet": False, "ratchet_id": None,
                                           "ratchet_public": None}
    assert server.call("wire_destination_decrypt", destination_hash=hash_,
                       ciphertext=base["ciphertext"]) == {
        "decrypted": True, "plaintext": plain, "latest_ratchet_id": None}
    damaged = base["ciphertext"][:-2] + f"{int(base['ciphertext'][-2:], 16) ^ 1:02x}"
    assert without(server.call("wire_destination_decrypt", destination_hash=hash_,
                               ciphertext=damaged), "latest_ratchet_id") == {
        "decrypted": False, "plaintext": None}
    assert client.ask("wire_encrypt_to_remote", destination_hash=NOBODY)["success"] is False


def test_a_destination_opens_what_is_sealed_to_its_newest(start):
    for node in one_of_each(start):
        said = ratcheted(node)
        told = node.call("wire_destination_latest_ratchet_id",
                         destination_hash=said["destination_hash"], data="c0ffee")
        assert told == {"decrypted": True, "plaintext": "c0ffee", "match": True,
                        "latest_ratchet_id": said["current_ratchet_id"],
                        "encrypt_ratchet_id": said["current_ratchet_id"],
                        "current_ratchet_id": said["current_ratchet_id"], "ratchet_count": 1}
