"""Announces."""
import os
import time

import pytest

from compare import both, both_refuse, some
from mocks import Peer

PARTS = ("public_key", "name_hash", "random_hash", "ratchet", "signature", "app_data")


def build(bridge, **params):
    return bridge.call("announce_build",
                       **{"private_key": some(64), "app_name": "conformance", "aspects": ["a"]} |
                       params)


@pytest.mark.parametrize("ratchets", [False, True])
@pytest.mark.parametrize("size", [None, 0, 1, 200])
def test_each_takes_the_others(ours, theirs, ratchets, size):
    app_data = None if size is None else some(size)
    for maker in (ours, theirs):
        announce = build(maker, enable_ratchets=ratchets, app_data=app_data)
        assert announce["has_ratchet"] is ratchets and announce["app_data"] == (app_data or "")
        assert "".join(announce[part] for part in PARTS) == announce["announce_data"]
        assert announce["raw"].endswith(announce["announce_data"])
        expected = {"valid": True, "destination_hash": announce["destination_hash"],
                    "has_ratchet": ratchets}
        if ratchets:
            expected["ratchet"] = announce["ratchet"]
        assert both(ours, theirs, "announce_validate", raw=announce["raw"]) == expected


def test_what_is_not_random_is_the_same(ours, theirs):
    key = some(64)
    announces = [build(bridge, private_key=key, app_data=some(10)) for bridge in (ours, theirs)]
    for part in ("destination_hash", "public_key", "name_hash"):
        assert announces[0][part] == announces[1][part]
    assert announces[0]["raw"][:38] == announces[1]["raw"][:38]
    assert announces[0]["destination_hash"] == theirs.call(
        "destination_hash", app_name="conformance", aspects=["a"],
        identity_hash=theirs.call("identity_hash",
                                  public_key=announces[0]["public_key"])["hash"])[
        "destination_hash"]


def test_time_of_emission(ours, theirs):
    key = some(64)
    for when in (1, 1700000000, 1600000000, 2**32 + 5):  # nothing is left behind, so it may go back
        for bridge in (ours, theirs):
            announce = build(bridge, private_key=key, emission_ts=when)
            assert int(announce["random_hash"][10:], 16) == when
            assert both(ours, theirs, "announce_validate", raw=announce["raw"])["valid"] is True
    for bridge in (ours, theirs):
        emitted = int(build(bridge)["random_hash"][10:], 16)
        assert abs(emitted - time.time()) < 5


def test_each_is_new(ours):
    key = some(64)
    assert len({build(ours, private_key=key, emission_ts=1700000000)["random_hash"]
                for _ in range(5)}) == 5


@pytest.mark.parametrize("ratchets", [False, True])
def test_damaged(ours, theirs, ratchets):
    announce = bytes.fromhex(build(theirs, enable_ratchets=ratchets, app_data=some(20))["raw"])
    for at in (5, 18 + 5, 18 + 70, 18 + 80, 18 + 90, len(announce) - 30, len(announce) - 1):
        damaged = bytearray(announce)
        damaged[at] ^= 1
        assert both(ours, theirs, "announce_validate", raw=damaged.hex())["valid"] is False
    assert both(ours, theirs, "announce_validate", raw=announce[:-1].hex())["valid"] is False
    assert both(ours, theirs, "announce_validate", raw=(announce + b"x").hex())["valid"] is False


def test_an_address_of_somebody_else(ours, theirs):
    announce = build(ours)["raw"]
    other = announce[:4] + some(16) + announce[36:]
    assert both(ours, theirs, "announce_validate", raw=other)["valid"] is False
    peer = Peer()
    assert both(ours, theirs, "announce_validate", raw=peer.announce().hex())["valid"] is True
    peer.dest = os.urandom(16)
    assert both(ours, theirs, "announce_validate", raw=peer.announce().hex())["valid"] is False


def test_what_is_no_announce(ours, theirs):
    for raw in ("", "00", some(10)):
        assert both(ours, theirs, "announce_validate", raw=raw)["error"] == "unpack_failed"
    for raw in (theirs.call("packet_build", data=some(200), packet_type=kind)["raw"]
                for kind in (0, 2, 3)):
        assert both(ours, theirs, "announce_validate", raw=raw)["error"] == "not_an_announce"
    for flag in (0, 1):
        short = theirs.call("packet_build", data=some(100), packet_type=1, context_flag=flag)["raw"]
        for bridge in (ours, theirs):
            told = bridge.call("announce_validate", raw=short)
            assert (told["valid"], told["has_ratchet"]) == (False, flag == 1)


@pytest.mark.parametrize("params", [{"private_key": some(63)}, {"app_name": "a.b"},
                                    {"aspects": ["a.b"]}])
def test_what_cannot_be_built(ours, theirs, params):
    both_refuse(ours, theirs, "announce_build",
                **{"private_key": some(64), "app_name": "a", "aspects": []} | params)
