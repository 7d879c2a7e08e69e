"""X25519 and Ed25519."""
import pytest

from compare import both, both_refuse, some

# What the order of Ed25519's group adds to the second half of a signature is the same point.
ORDER = 2**252 + 27742317777372353535851937790883648493
LOW_ORDER = ["00" * 32, "01" + "00" * 31,
             "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"]


def test_x25519(ours, theirs):
    for _ in range(3):
        mine, peer = (both(ours, theirs, "x25519_generate", seed=some(32)) for _ in range(2))
        assert both(ours, theirs, "x25519_public_from_private",
                    private_key=mine["private_key"]) == {"public_key": mine["public_key"]}
        assert both(ours, theirs, "x25519_exchange", private_key=mine["private_key"],
                    peer_public_key=peer["public_key"]) == both(
                        ours, theirs, "x25519_exchange", private_key=peer["private_key"],
                        peer_public_key=mine["public_key"])


def test_x25519_clamps(ours, theirs):
    secret, peer = bytearray.fromhex(some(32)), theirs.call("x25519_generate", seed=some(32))
    shared = set()
    for low, high in ((0, 0), (7, 0), (0, 0x80)):
        changed = bytes([secret[0] & 0xF8 | low]) + secret[1:31] + bytes([secret[31] & 0x7F | high])
        shared.add(both(ours, theirs, "x25519_exchange", private_key=changed.hex(),
                        peer_public_key=peer["public_key"])["shared_secret"])
    assert len(shared) == 1


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_x25519_takes_32_bytes(ours, theirs, length):
    both_refuse(ours, theirs, "x25519_generate", seed=some(length))
    both_refuse(ours, theirs, "x25519_public_from_private", private_key=some(length))
    both_refuse(ours, theirs, "x25519_exchange", private_key=some(length), peer_public_key=some(32))
    both_refuse(ours, theirs, "x25519_exchange", private_key=some(32), peer_public_key=some(length))


@pytest.mark.parametrize("point", LOW_ORDER)
def test_x25519_refuses_points_of_small_order(ours, theirs, point):
    both_refuse(ours, theirs, "x25519_exchange", private_key=some(32), peer_public_key=point)


def test_ed25519(ours, theirs):
    for length in (0, 1, 1000):
        seed, message = some(32), some(length)
        keys = both(ours, theirs, "ed25519_generate", seed=seed)
        signature = both(ours, theirs, "ed25519_sign", private_key=seed,
                         message=message)["signature"]
        assert both(ours, theirs, "ed25519_sign", private_key=seed + keys["public_key"],
                    message=message)["signature"] == signature
        assert both(ours, theirs, "ed25519_verify", public_key=keys["public_key"], message=message,
                    signature=signature) == {"valid": True}


@pytest.mark.parametrize("length", [0, 31, 33, 63, 65])
def test_ed25519_takes_32_bytes_or_64(ours, theirs, length):
    both_refuse(ours, theirs, "ed25519_sign", private_key=some(length), message="")
    both_refuse(ours, theirs, "ed25519_generate", seed=some(length))


def test_ed25519_verify_answers_false_to_all_else(ours, theirs):
    seed, message = some(32), some(40)
    key = theirs.call("ed25519_generate", seed=seed)["public_key"]
    signature = theirs.call("ed25519_sign", private_key=seed, message=message)["signature"]
    for wrong in ({"public_key": some(32)}, {"public_key": key[2:]}, {"public_key": key + "00"},
                  {"public_key": ""}, {"message": some(40)}, {"message": message[2:]},
                  {"signature": ""}, {"signature": signature[2:]}, {"signature": signature + "00"},
                  {"signature": some(64)}):
        request = {"public_key": key, "message": message, "signature": signature} | wrong
        assert both(ours, theirs, "ed25519_verify", **request) == {"valid": False}


@pytest.mark.parametrize("provider", ["internal", "pyca"])
def test_provider_by_name(ours, theirs, provider):
    seed, message = some(32), some(30)
    peer = theirs.call("x25519_generate", seed=some(32))["public_key"]
    key = theirs.call("ed25519_generate", seed=seed)["public_key"]
    both(ours, theirs, "crypto_provider_op", op="x25519_exchange", provider=provider,
         private_key=seed, peer_public_key=peer)
    signature = both(ours, theirs, "crypto_provider_op", op="ed25519_sign", provider=provider,
                     private_key=seed, message=message)["result"]
    for signed, valid in ((message, True), (message + "00", False)):
        assert both(ours, theirs, "crypto_provider_op", op="ed25519_verify", provider=provider,
                    public_key=key, message=signed, signature=signature) == {"valid": valid}
    both(ours, theirs, "crypto_provider_op", op="aes_256_cbc_encrypt", provider=provider,
         plaintext=some(48), key=some(32), iv=some(16))


def test_provider_is_strict_under_either_name(ours, theirs):
    seed, message = some(32), some(30)
    key = theirs.call("ed25519_generate", seed=seed)["public_key"]
    signature = bytes.fromhex(theirs.call("ed25519_sign", private_key=seed,
                                          message=message)["signature"])
    high = (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")
    for provider in ("internal", "pyca"):
        for point in LOW_ORDER:
            assert "small order" in ours.ask("crypto_provider_op", op="x25519_exchange",
                                             provider=provider, private_key=seed,
                                             peer_public_key=point)["error"]
        assert ours.call("crypto_provider_op", op="ed25519_verify", provider=provider,
                         public_key=key, message=message,
                         signature=(signature[:32] + high).hex()) == {"valid": False}


def test_no_other_provider_or_op(ours, theirs):
    both_refuse(ours, theirs, "crypto_provider_op", op="ed25519_sign", provider="other",
                private_key=some(32), message="")
    both_refuse(ours, theirs, "crypto_provider_op", op="other", provider="pyca")
