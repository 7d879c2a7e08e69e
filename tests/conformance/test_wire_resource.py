"""Transfers over links."""
import bz2
import hashlib
import os

import pytest

from links import Linked
from nodes import until


@pytest.fixture
def pair(roles):
    return Linked(*roles)


def of_listener(pair, command, **params):
    return pair.serve(command, destination_hash=pair.destination, **params)


@pytest.mark.parametrize("size", [1, 5000, 1_048_575 + 65_536])
def test_a_resource_arrives(pair, size):
    data = os.urandom(size).hex()
    sent = pair.of_link("wire_resource_send", data=data, timeout_ms=60000)
    assert (sent["success"], sent["status"], sent["timed_out"]) == (True, 6, False)
    assert sent["size"] == size and sent["total_segments"] == (1 if size < 1 << 20 else 2)
    assert of_listener(pair, "wire_resource_poll", timeout_ms=5000) == {"resources": [data]}
    assert of_listener(pair, "wire_resource_poll", timeout_ms=0) == {"resources": []}


def test_metadata_and_compression(pair):
    data, metadata = "00" * 5000, os.urandom(60).hex()
    sent = pair.of_link("wire_resource_send", data=data, metadata=metadata)
    assert sent["success"] and sent["has_metadata"] is True and sent["compressed"] is True
    got = of_listener(pair, "wire_resource_receiver_status", timeout_ms=5000)
    assert (got["found"], got["status_name"], got["corrupt"]) == (True, "COMPLETE", False)
    assert (got["data"], got["metadata"], got["has_metadata"]) == (data, metadata, True)
    assert (got["compressed"], got["max_decompressed_size"]) == (True, 262144)
    pair.of_link("wire_resource_send", data="aa" * 100)
    got = of_listener(pair, "wire_resource_receiver_status", timeout_ms=5000)
    assert (got["data"], got["metadata"], got["has_metadata"]) == ("aa" * 100, None, False)


def test_many_parts_and_a_cancel(roles):
    pair = Linked(*roles, fixed_mtu=500)
    data = os.urandom(48 * 1024).hex()
    assert pair.of_link("wire_resource_send", data=data, timeout_ms=60000)["success"] is True
    got = of_listener(pair, "wire_resource_receiver_status", timeout_ms=5000)
    assert got["data"] == data
    assert got["hmu_requests_sent"] >= 1 and got["hashmap_updates_received"] >= 1
    started = pair.of_link("wire_resource_send", data="ab" + os.urandom(900 * 1024).hex(),
                           wait=False)
    assert started["started"] is True and started["total_segments"] == 1

    def is_coming():  # what its sender is asked for shows that its offer is over
        got = of_listener(pair, "wire_resource_receiver_status")
        return (got["resource_count"], got["status"]) == (2, 3) and got["hashmap_updates_received"]

    assert until(is_coming, 30, pause_s=0)
    cancelled = pair.ask("wire_resource_cancel", resource_id=started["resource_id"])
    assert (cancelled["cancelled"], cancelled["status"]) == (True, 7)
    got = of_listener(pair, "wire_resource_receiver_status", timeout_ms=10000)
    assert (got["status"], got["corrupt"]) == (7, False)


@pytest.mark.differs
def test_an_application_that_takes_small_ones(roles, then):
    pair = Linked(*roles, listen={"resource_strategy": "app"})
    small = os.urandom(1024).hex()
    assert pair.of_link("wire_resource_send", data=small)["status"] == 6
    assert of_listener(pair, "wire_resource_poll")["resources"] == [small]
    refused = pair.of_link("wire_resource_send", data=os.urandom(16384).hex())
    assert (refused["success"], refused["status"]) == (False, then(0, 9))
    assert of_listener(pair, "wire_resource_poll", timeout_ms=0)["resources"] == []


def test_a_listener_that_takes_none(roles):
    pair = Linked(*roles, listen={"resource_strategy": "none"})
    sent = pair.of_link("wire_resource_send", data="aa" * 100, timeout_ms=700)
    assert (sent["success"], sent["timed_out"]) == (False, True)
    assert of_listener(pair, "wire_resource_receiver_status")["found"] is False


@pytest.mark.differs
def test_what_unpacks_to_too_much_ends_the_link(pair, then):
    sent = pair.of_link("wire_resource_send_bomb", decompressed_size=524288)
    assert (sent["success"], sent["status"]) == (False, then(0, 9))
    got = of_listener(pair, "wire_resource_receiver_status", timeout_ms=5000)
    assert (got["status_name"], got["corrupt"]) == ("CORRUPT", True)
    assert pair.await_inbound("CLOSED")


@pytest.fixture
def made(start):
    """A resource of ours and of the reference's, from the same data."""
    pairs = [Linked(start("theirs"), start("ours")), Linked(start("ours"), start("theirs"))]

    def make(data, **params):
        return [pair.of_link("wire_resource_create", data=data.hex(), **params) for pair in pairs]

    return make


RANDOM = {"hash", "truncated_hash", "random_hash", "expected_proof", "hashmap", "original_hash",
          "parts"}


def check(resource, data, metadata=b""):
    """What follows from the data and the random hash."""
    random, whole = bytes.fromhex(resource["random_hash"]), metadata + data
    assert resource["hash"] == hashlib.sha256(whole + random).hexdigest()
    assert resource["truncated_hash"] == resource["hash"][:32]
    proof = hashlib.sha256(whole + bytes.fromhex(resource["hash"])).hexdigest()
    assert resource["expected_proof"] == proof
    assert len(resource["hashmap"]) == 8 * resource["num_parts"]
    for i, part in enumerate(resource.get("parts", [])):
        digest = hashlib.sha256(bytes.fromhex(part)[19:] + random).hexdigest()
        assert resource["hashmap"][8 * i:8 * i + 8] == digest[:8]


def test_a_resource_before_it_is_offered(made):
    noise = os.urandom(16384)
    for data, params in [(noise, {}), (bytes(4096), {"auto_compress": False}),
                         (noise[:8192], {"force_sdu": 50}),
                         (noise[:1000], {"metadata": "ab" * 200}),
                         (os.urandom(1_048_576), {"include_parts": False})]:
        ours, theirs = made(data, **params)
        assert {k: v for k, v in ours.items() if k not in RANDOM} == {
            k: v for k, v in theirs.items() if k not in RANDOM}
        head = bytes.fromhex("0000cac4c8") if "metadata" in params else b""
        check(ours, data[:1_048_575], head + bytes.fromhex(params.get("metadata", "")))
        assert len(ours["hashmap"]) == len(theirs["hashmap"])
    ours, theirs = made(bytes(4096))
    assert ours["compressed"] is theirs["compressed"] is True and ours["flags"] == 3
    check(ours, bytes(4096))
    again = made(bytes(4096))[0]
    assert not set(ours["parts"]) & set(again["parts"]) and ours["hash"] != again["hash"]
    assert abs(ours["size"] - theirs["size"]) <= len(bz2.compress(bytes(4096)))


def test_numbers(ours, theirs):
    assert ours.call("wire_resource_constants") == theirs.call("wire_resource_constants")
