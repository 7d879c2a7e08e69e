"""Tokens."""
import pytest

from compare import both, both_refuse, some


@pytest.mark.parametrize("key_size", [32, 64])
def test_each_opens_the_others(ours, theirs, key_size):
    for length in (0, 1, 15, 16, 17, 431):
        key, plaintext = some(key_size), some(length)
        for maker in (ours, theirs):
            token = maker.call("token_encrypt", key=key, plaintext=plaintext)["token"]
            assert len(token) // 2 == 48 + (length // 16 + 1) * 16
            assert both(ours, theirs, "token_verify_hmac", key=key, token=token) == {"valid": True}
            assert both(ours, theirs, "token_decrypt", key=key, token=token) == {
                "plaintext": plaintext}


def test_each_token_is_new(ours):
    key = some(64)
    assert len({ours.call("token_encrypt", key=key, plaintext="00")["token"]
                for _ in range(5)}) == 5


@pytest.mark.parametrize("key_size", [0, 16, 31, 33, 48, 63, 65])
def test_other_keys_are_refused(ours, theirs, key_size):
    key = some(key_size)
    both_refuse(ours, theirs, "token_encrypt", key=key, plaintext="00")
    both_refuse(ours, theirs, "token_decrypt", key=key, token=some(96))
    both_refuse(ours, theirs, "token_verify_hmac", key=key, token=some(96))


@pytest.mark.parametrize("size", [0, 20, 32])
def test_too_short(ours, theirs, size):
    both_refuse(ours, theirs, "token_verify_hmac", key=some(64), token=some(size))
    both_refuse(ours, theirs, "token_decrypt", key=some(64), token=some(size))


def test_damaged(ours, theirs):
    key = some(64)
    token = theirs.call("token_encrypt", key=key, plaintext=some(40))["token"]
    for at in (0, 20, 40, len(token) // 2 - 1):
        bytes_ = bytearray.fromhex(token)
        bytes_[at] ^= 1
        assert both(ours, theirs, "token_verify_hmac", key=key, token=bytes_.hex()) == {
            "valid": False}
        both_refuse(ours, theirs, "token_decrypt", key=key, token=bytes_.hex())
    both_refuse(ours, theirs, "token_decrypt", key=some(64), token=token)


@pytest.mark.parametrize("body", [0, 10, 16, 26, 40])
def test_authentic_and_yet_not_to_be_decrypted(ours, theirs, body):
    key, signed = some(64), some(16 + body)
    token = signed + theirs.call("hmac_sha256", key=key[:64], message=signed)["hmac"]
    assert both(ours, theirs, "token_verify_hmac", key=key, token=token) == {"valid": True}
    if body % 16:  # else the last byte decides, and may be a padding by chance
        both_refuse(ours, theirs, "token_decrypt", key=key, token=token)


def test_shorter_than_a_token_and_yet_authentic(ours, theirs):
    key, signed = some(32), some(3)
    token = signed + theirs.call("hmac_sha256", key=key[:32], message=signed)["hmac"]
    assert both(ours, theirs, "token_verify_hmac", key=key, token=token) == {"valid": True}


def test_new_keys(ours, theirs):
    for mode, size in (("AES_128_CBC", 32), ("AES_256_CBC", 64)):
        keys = [bridge.call("token_generate_key", mode=mode)["key"]
                for bridge in (ours, theirs, ours)]
        assert [len(key) // 2 for key in keys] == [size] * 3 and len(set(keys)) == 3
    assert len(ours.call("token_generate_key")["key"]) == 128
    assert "token mode" in both_refuse(ours, theirs, "token_generate_key", mode="AES_512")
