"""Streams over channels."""
import os
import struct

import pytest

from links import Linked


@pytest.fixture
def pair(roles):
    return Linked(*roles, listen={"buffer_stream_ids": [10, 20]})


def of_listener(pair, command, **params):
    return pair.serve(command, destination_hash=pair.destination, **params)


@pytest.mark.differs
def test_what_is_written_is_read(pair, then):
    data = os.urandom(40_000)
    sent = pair.of_link("wire_buffer_stream", data=data.hex())
    assert (sent["written"], sent["eof"], sent["tx_ring_after"]) == (len(data), True, 0)
    assert sum(sent["write_returns"]) == len(data)
    assert sent["fixed_max_data_len"] == 423
    assert sent["max_data_len"] == then(423, sent["channel_mdu"] - 2)
    assert (sent["max_chunk_len"], sent["compression_tries"]) == (16384, 4)
    assert all(not m["compressed"] and m["bytes"] <= sent["max_data_len"]
               for m in sent["manifest"])
    assert sent["manifest"][-1]["bytes"] == 0 and sent["manifest"][-1]["eof"] is True
    numbers = [m["sequence"] for m in sent["manifest"]]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    got = of_listener(pair, "wire_buffer_received", timeout_ms=10000)
    assert got == {"data": data.hex(), "eof": True, "aborted": False, "error": None}
    assert of_listener(pair, "wire_buffer_received", timeout_ms=0) == {
        "data": "", "eof": True, "aborted": False, "error": None}


def test_what_packs_is_packed(pair):
    sent = pair.of_link("wire_buffer_stream", data="00" * 1000)
    data = [m for m in sent["manifest"] if m["bytes"] > 0]
    assert len(data) == 1 and data[0]["compressed"] is True and data[0]["bytes"] < 1000
    assert sent["write_returns"] == [1000]
    assert of_listener(pair, "wire_buffer_received")["data"] == "00" * 1000


def test_ends_of_streams(pair):
    data = os.urandom(900).hex()
    sent = pair.of_link("wire_buffer_stream", data=data, stream_id=10, eof_with_data=True)
    assert [(m["bytes"] > 0, m["eof"]) for m in sent["manifest"]][-1] == (True, True)
    sent = pair.of_link("wire_buffer_stream", data=data, stream_id=20, use_close=True)
    assert (sent["manifest"][-1]["bytes"], sent["manifest"][-1]["eof"]) == (0, True)
    for stream in (10, 20):
        got = of_listener(pair, "wire_buffer_received", stream_id=stream)
        assert (got["data"], got["eof"]) == (data, True)
    assert of_listener(pair, "wire_buffer_received", timeout_ms=0) == {
        "data": "", "eof": False, "aborted": False, "error": None}


def test_16384_bytes_are_the_most_of_a_message(pair):
    before = of_listener(pair, "wire_listener_channel_rx")["next_rx_sequence"]
    sent = pair.of_link("wire_buffer_stream", bomb=True, bomb_decompressed_len=16384)
    assert sent["bomb"] is True and sent["written"] == 0
    data = ""
    for _ in range(20):
        data += of_listener(pair, "wire_buffer_received", timeout_ms=100)["data"]
        if data:
            break
    assert data == "00" * 16384
    assert of_listener(pair, "wire_listener_channel_rx")["next_rx_sequence"] == before + 1
    pair.of_link("wire_buffer_stream", bomb=True, bomb_decompressed_len=16385)
    got = of_listener(pair, "wire_buffer_received", timeout_ms=5000)
    assert got["aborted"] is True and got["error"] and got["data"] == ""
    assert of_listener(pair, "wire_listener_channel_rx")["next_rx_sequence"] == before + 1


def test_messages_of_streams(ours, theirs):
    for stream in (0, 1, 0x1234, 0x3FFF):
        for eof in (False, True):
            for compressed in (False, True):
                params = {"stream_id": stream, "data": "deadbeef", "eof": eof,
                          "compressed": compressed}
                packed = ours.call("wire_buffer_pack", **params)
                assert packed == theirs.call("wire_buffer_pack", **params)
                if not compressed:
                    raw = {"unpack_raw": packed["raw"]}
                    assert ours.call("wire_buffer_pack", **raw) == theirs.call(
                        "wire_buffer_pack", **raw)
    for bridge in (ours, theirs):
        assert "16383" in bridge.call("wire_buffer_pack", stream_id=0x4000)["error"]
    raw = struct.pack(">H", 0x8005).hex() + "aa"
    assert ours.call("wire_buffer_pack", unpack_raw=raw) == {
        "stream_id": 5, "eof": True, "compressed": False, "data": "aa"}
