"""Encryption to identities, groups and PLAIN destinations."""
import hashlib
import secrets

import pytest

from compare import some
from nodes import Alone, one_of_each


def test_keys_are_new_and_fit_together(ours, theirs):
    for bridge in (ours, theirs):
        pairs = [bridge.call("wire_identity_keypair") for _ in range(3)]
        assert len({pair["private_key"] for pair in pairs}) == 3
        for pair in pairs:
            assert len(pair["private_key"]) == len(pair["public_key"]) == 128
            assert hashlib.sha256(bytes.fromhex(pair["public_key"])).hexdigest()[
                :32] == pair["hash"]
        ratchet = bridge.call("wire_ratchet_keypair")
        assert len(ratchet["private_key"]) == len(ratchet["public_key"]) == 64


@pytest.mark.parametrize("size", [0, 1, 15, 16, 383, 1000])
@pytest.mark.parametrize("makers", [("ours", "theirs"), ("theirs", "ours")], ids="-to-".join)
def test_each_opens_what_the_other_sealed(shared, size, makers):
    maker, taker = (shared[kind] for kind in makers)
    keys, ratchet = taker.call("wire_identity_keypair"), taker.call("wire_ratchet_keypair")
    other, plain = taker.call("wire_ratchet_keypair"), some(size)

    def seal(**params):
        return maker.call("wire_identity_encrypt", public_key=keys["public_key"], plaintext=plain,
                          **params)["ciphertext"]

    def open_(sealed, **params):
        return taker.call("wire_identity_decrypt", private_key=keys["private_key"],
                          ciphertext=sealed, **params)

    good, bad = ({"plaintext": plain, "decrypted": True},
                 {"plaintext": None, "decrypted": False})
    base, newest = seal(), seal(ratchet_pub=ratchet["public_key"])
    assert len(base) == 2 * (32 + 16 + 16 * (size // 16 + 1) + 32)
    assert base != seal()
    ratchets = [other["private_key"], ratchet["private_key"]]
    assert open_(base) == open_(base, ratchets=ratchets) == good
    assert open_(base, ratchets=ratchets, enforce_ratchets=True) == bad
    assert open_(newest, ratchets=ratchets) == good
    assert open_(newest, ratchets=ratchets, enforce_ratchets=True) == good
    assert open_(newest) == open_(newest, ratchets=ratchets[:1]) == bad
    for damaged in (base[:-2], base[:80], "", base[:-2] + f"{int(base[-2:], 16) ^ 128:02x}"):
        assert open_(damaged) == bad


def test_what_no_key_can_be_is_refused(ours):
    for command, params in (("wire_identity_encrypt", {"public_key": "00"}),
                            ("wire_identity_encrypt", {"public_key": "00" * 64,
                                                       "ratchet_pub": "00" * 31}),
                            ("wire_identity_encrypt", {}),
                            ("wire_identity_decrypt", {"private_key": "00" * 64}),
                            ("wire_identity_decrypt", {"private_key": "00" * 64, "ciphertext": "00",
                                                       "ratchets": ["00"]})):
        assert ours.ask(command, **params)["success"] is False, (command, params)


def group(node, **params):
    return node.call("wire_group_create", app_name="group", aspects=["test"], **params)


def test_members_of_a_group_share_a_key(start):
    ours, theirs = one_of_each(start)
    for maker, taker in ((ours, theirs), (theirs, ours)):
        made = group(maker)
        assert len(made["key"]) == 128
        taken, stranger = group(taker, key=made["key"]), group(taker)
        assert taken["key"] == made["key"]
        for size in (0, 16, 200):
            plain = some(size)
            sealed = maker.call("wire_group_encrypt", destination_hash=made["destination_hash"],
                                plaintext=plain)["ciphertext"]
            assert len(sealed) == 2 * (16 + 16 * (size // 16 + 1) + 32)

            def opened(who, ciphertext):
                return taker.call("wire_group_decrypt", destination_hash=who["destination_hash"],
                                  ciphertext=ciphertext)

            bad = {"plaintext": None, "decrypted": False}
            assert opened(taken, sealed) == {"plaintext": plain, "decrypted": True}
            assert opened(stranger, sealed) == bad
            assert opened(taken, sealed[:-2] + f"{int(sealed[-2:], 16) ^ 1:02x}") == bad
            assert opened(taken, "") == bad


def test_only_a_group_is_one(start):
    node = Alone(start("ours"))
    hash_ = node.call("wire_announce", app_name="single")["destination_hash"]
    for command in ("wire_group_encrypt", "wire_group_decrypt"):
        for destination in (hash_, secrets.token_hex(16)):
            assert node.ask(command, destination_hash=destination, plaintext="00",
                            ciphertext="00" * 64)["success"] is False
    assert node.ask("wire_group_create", app_name="group", key="00" * 7)["success"] is False


def test_plain_destinations_change_nothing(start):
    for node in one_of_each(start):
        for data in ("", "00", some(400)):
            name = {"app_name": "plain", "aspects": ["test"]}
            assert node.call("wire_plain_encrypt", plaintext=data, **name) == {
                "ciphertext": data, "passthrough": True}
            assert node.call("wire_plain_decrypt", ciphertext=data, **name) == {
                "plaintext": data, "passthrough": True}
