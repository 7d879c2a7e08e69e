"""Hashes, HMAC and HKDF."""
import pytest

from compare import both, both_refuse, some

LENGTHS = (0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 1000)


@pytest.mark.parametrize("command", ["sha256", "sha512", "truncated_hash"])
def test_hash_of_any_length(ours, theirs, command):
    for length in LENGTHS:
        both(ours, theirs, command, data=some(length))


def test_sha512_of_nothing_is_the_published_one(ours):
    assert ours.call("sha512", data="")["hash"].startswith("cf83e1357eefb8bdf1542850d66d8007")


@pytest.mark.parametrize("name", ["a", "app.aspect", "app..aspect", "f\u00fcr.alle \u2603", "",
                                  "x" * 300])
def test_name_hash(ours, theirs, name):
    both(ours, theirs, "name_hash", name=name)


def test_hmac_with_keys_of_any_length(ours, theirs):
    for length in (0, 1, 32, 63, 64, 65, 131):
        both(ours, theirs, "hmac_sha256", key=some(length), message=some(50))
    both(ours, theirs, "hmac_sha256", key=some(32), message="")


def test_hkdf(ours, theirs):
    for length in (1, 31, 32, 33, 64, 96, 255 * 32, 9000):
        both(ours, theirs, "hkdf", length=length, ikm=some(32), salt=some(16))
    for info in (None, "", some(1), some(64), some(80)):
        both(ours, theirs, "hkdf", length=64, ikm=some(32), salt=some(80), info=info)
    both(ours, theirs, "hkdf", length=64, ikm=some(32))
    both(ours, theirs, "hkdf", length=64, ikm=some(32), salt="")
    both(ours, theirs, "hkdf", length=42, ikm="")


@pytest.mark.parametrize("length", [0, -1])
def test_hkdf_makes_at_least_a_byte(ours, theirs, length):
    both_refuse(ours, theirs, "hkdf", length=length, ikm=some(32), salt=some(16))
