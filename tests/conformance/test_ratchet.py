"""Ratchets."""
import pytest

from compare import both, both_refuse, some
from test_identity import pair


def ratchet(ours, theirs):
    """(private key, public key)."""
    private = some(32)
    return private, both(ours, theirs, "ratchet_public_from_private",
                         ratchet_private=private)["ratchet_public"]


def test_id(ours, theirs):
    for _ in range(3):
        both(ours, theirs, "ratchet_id", ratchet_public=ratchet(ours, theirs)[1])


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_ratchet_has_32_bytes(ours, theirs, size):
    both_refuse(ours, theirs, "ratchet_public_from_private", ratchet_private=some(size))


@pytest.mark.parametrize("length", [0, 1, 16, 300])
def test_each_decrypts_what_the_other_encrypts(ours, theirs, length):
    private, public = pair(ours, theirs)
    key, target = ratchet(ours, theirs)
    plaintext = some(length)
    for maker in (ours, theirs):
        ciphertext = maker.call("ratchet_encrypt", public_key=public, ratchet_public=target,
                                plaintext=plaintext)["ciphertext"]
        for keys in ({"ratchet_privates": [key]}, {"ratchet_private": key}):
            assert both(ours, theirs, "ratchet_decrypt", private_key=private,
                        ciphertext=ciphertext, **keys)["plaintext"] == plaintext


@pytest.mark.parametrize("count, right", [(1, 0), (3, 1), (8, 7), (9, 8), (20, 0), (20, 19)])
def test_the_one_that_fits_is_found_and_named(ours, theirs, count, right):
    private, public = pair(ours, theirs)
    keys = [ratchet(ours, theirs) for _ in range(count)]
    ciphertext = theirs.call("ratchet_encrypt", public_key=public, ratchet_public=keys[right][1],
                             plaintext=some(30))["ciphertext"]
    for enforce in (False, True):
        result = both(ours, theirs, "ratchet_decrypt", private_key=private, ciphertext=ciphertext,
                      ratchet_privates=[key for key, _ in keys], enforce_ratchets=enforce)
        assert result["latest_ratchet_id"] == theirs.call(
            "ratchet_id", ratchet_public=keys[right][1])["ratchet_id"]


@pytest.mark.parametrize("count", [0, 1, 10])
def test_the_key_of_the_identity_fits_too_unless_ratchets_are_enforced(ours, theirs, count):
    private, public = pair(ours, theirs)
    keys = [some(32) for _ in range(count)]
    plaintext = some(20)
    ciphertext = theirs.call("identity_encrypt", public_key=public,
                             plaintext=plaintext)["ciphertext"]
    for enforce in (False, True):
        assert both(ours, theirs, "ratchet_decrypt", private_key=private, ciphertext=ciphertext,
                    ratchet_privates=keys, enforce_ratchets=enforce) == {
                        "plaintext": None if enforce else plaintext, "latest_ratchet_id": None}


def test_what_fits_nothing_is_null(ours, theirs):
    private, public = pair(ours, theirs)
    _, target = ratchet(ours, theirs)
    ciphertext = theirs.call("ratchet_encrypt", public_key=public, ratchet_public=target,
                             plaintext=some(20))["ciphertext"]
    for wrong in (ciphertext, some(20), some(120), ciphertext[:-2] + "00"):
        for keys in ([], [some(32)], [some(32) for _ in range(12)]):
            for enforce in (False, True):
                assert both(ours, theirs, "ratchet_decrypt", private_key=private,
                            ciphertext=wrong, ratchet_privates=keys,
                            enforce_ratchets=enforce) == {"plaintext": None,
                                                          "latest_ratchet_id": None}
