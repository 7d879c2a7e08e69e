"""Identities."""
import os
import pathlib

import pytest

from compare import both, both_refuse, some


def pair(ours, theirs):
    """(private key, public key) of a new identity."""
    private = some(64)
    return private, both(ours, theirs, "identity_from_private_key",
                         private_key=private)["public_key"]


def test_keys_and_hash(ours, theirs):
    for _ in range(3):
        private = some(64)
        told = both(ours, theirs, "identity_from_private_key", private_key=private)
        assert both(ours, theirs, "identity_hash", public_key=told["public_key"]) == {
            "hash": told["hash"]}
        assert told["hexhash"] == told["hash"]


@pytest.mark.parametrize("size", [0, 32, 63, 65])
def test_keys_have_64_bytes(ours, theirs, size):
    both_refuse(ours, theirs, "identity_from_private_key", private_key=some(size))
    if size < 64:  # of a longer one the reference takes what it needs
        both_refuse(ours, theirs, "identity_hash", public_key=some(size))


def test_each_decrypts_what_the_other_encrypts(ours, theirs):
    private, public = pair(ours, theirs)
    for length in (0, 1, 15, 16, 100, 2000):
        plaintext = some(length)
        for maker in (ours, theirs):
            ciphertext = maker.call("identity_encrypt", public_key=public,
                                    plaintext=plaintext)["ciphertext"]
            assert len(ciphertext) // 2 == 80 + (length // 16 + 1) * 16
            assert both(ours, theirs, "identity_decrypt", private_key=private,
                        ciphertext=ciphertext) == {"plaintext": plaintext}


def test_what_does_not_decrypt_is_null(ours, theirs):
    private, public = pair(ours, theirs)
    ciphertext = theirs.call("identity_encrypt", public_key=public,
                             plaintext=some(20))["ciphertext"]
    damaged = ciphertext[:-2] + f"{int(ciphertext[-2:], 16) ^ 1:02x}"
    for wrong in (damaged, "", some(32), some(33), some(79), some(112), ciphertext[:-2]):
        assert both(ours, theirs, "identity_decrypt", private_key=private, ciphertext=wrong) == {
            "plaintext": None}
    assert both(ours, theirs, "identity_decrypt", private_key=some(64), ciphertext=ciphertext) == {
        "plaintext": None}


def test_signatures(ours, theirs):
    private, public = pair(ours, theirs)
    for message in ("", some(1), some(1000)):
        signature = both(ours, theirs, "identity_sign", private_key=private,
                         message=message)["signature"]
        for signed, given, valid in ((message, signature, True), (message + "00", signature, False),
                                     (message, "", False), (message, signature[2:], False),
                                     (message, signature + "00", False), (message, some(64), False)):
            assert both(ours, theirs, "identity_verify", public_key=public, message=signed,
                        signature=given) == {"valid": valid}


def test_each_reads_the_others_file(ours, theirs):
    for maker in (ours, theirs):
        private = some(64)
        path = maker.call("identity_to_file", private_key=private)["path"]
        told = both(ours, theirs, "identity_from_file", path=path)
        assert told == {"found": True, **theirs.call("identity_from_private_key",
                                                     private_key=private)}
        assert pathlib.Path(path).read_bytes().hex() == private
        os.remove(path)


def test_files_that_hold_no_identity(ours, theirs, tmp_path):
    for size in (0, 63, 65, 5000):
        path = tmp_path / str(size)
        path.write_bytes(os.urandom(size))
        assert both(ours, theirs, "identity_from_file", path=str(path)) == {"found": False}
    both(ours, theirs, "identity_from_file", path=str(tmp_path / "none"))
    both(ours, theirs, "identity_from_file", path=str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "5000", "63", "65"]


def test_random_hashes_differ(ours, theirs):
    hashes = [bridge.call("identity_random_hash")["random_hash"]
              for bridge in (ours, theirs) for _ in range(4)]
    assert len(set(hashes)) == 8 and {len(hash_) for hash_ in hashes} == {32}


@pytest.mark.parametrize("size", [0, 32, 63, 64, 65, 128])
def test_only_keys_of_64_bytes_are_remembered(ours, theirs, size):
    for app_data in (None, some(20)):
        result = both(ours, theirs, "identity_remember", packet_hash=some(16),
                      destination_hash=some(16), public_key=some(size), app_data=app_data)
        assert result["ok"] is (size == 64)


def test_remembering_leaves_nothing_behind(ours):
    dest, packet_hash = some(16), some(32)
    for _ in range(3):
        assert ours.call("identity_remember", packet_hash=packet_hash, destination_hash=dest,
                         public_key=some(64))["recalled"] is True


@pytest.mark.parametrize("op", ["encrypt", "decrypt", "sign"])
def test_without_a_key_it_cannot(ours, theirs, op):
    results = [bridge.call("identity_keyless_op", op=op, data=some(40))
               for bridge in (ours, theirs)]
    assert [result["raised"] for result in results] == ["KeyError", "KeyError"]
    assert all(result["message"] for result in results)


def test_no_other_keyless_op(ours, theirs):
    both_refuse(ours, theirs, "identity_keyless_op", op="other", data="")
