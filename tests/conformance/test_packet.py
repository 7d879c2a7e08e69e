"""Packets."""
import itertools

import pytest

from compare import both, both_refuse, some


def same_shape(ours, theirs, **params):
    """Where the address is random: what each builds both read alike; returns both packets."""
    built = [bridge.call("packet_build", **params) for bridge in (ours, theirs)]
    for packet in built:
        seen = both(ours, theirs, "packet_unpack", raw=packet["raw"])
        assert seen == {"unpacked": True} | {k: v for k, v in packet.items() if k != "raw"}
        assert both(ours, theirs, "packet_hash", raw=packet["raw"]) == {"hash": packet["hash"]}
    random = {"raw", "destination_hash", "hash", "data"}
    first, second = ({k: v for k, v in packet.items() if k not in random} for packet in built)
    assert first == second
    assert len({len(packet["raw"]) for packet in built}) == 1
    return built


@pytest.mark.parametrize("params", [
    {}, {"context": 0x0B, "hops": 3}, {"context_flag": 1}, {"packet_type": 1},
    {"packet_type": 2, "hops": 127}, {"packet_type": 3, "context": 0xFF - 1},
    {"transport_type": 1, "context": 0xFA}])
def test_plain_packets_are_the_same(ours, theirs, params):
    for size in (1, 100, 481):
        both(ours, theirs, "packet_build", data=some(size), **params)


@pytest.mark.parametrize("dest_type, packet_type",
                         list(itertools.product(["single", "group"], range(4))))
def test_encrypted_packets(ours, theirs, dest_type, packet_type):
    for context in (0, 1, 5, 8, 9, 0xFA):
        built = same_shape(ours, theirs, dest_type=dest_type, packet_type=packet_type,
                           context=context, data=some(30), hops=2)
        clear = [len(packet["data"]) == 60 for packet in built]
        assert clear[0] == clear[1]


@pytest.mark.parametrize("dest_type, size", [("plain", 482), ("single", 400), ("group", 432)])
def test_what_is_larger_than_the_mtu(ours, theirs, dest_type, size):
    same_shape(ours, theirs, dest_type=dest_type, data=some(size - 1))
    both_refuse(ours, theirs, "packet_build", dest_type=dest_type, data=some(size))


@pytest.mark.parametrize("name", [2, "HEADER_2"])
def test_two_addresses(ours, theirs, name):
    transport_id, data = some(16), some(60)
    both(ours, theirs, "packet_build", packet_type=1, header_type=name, transport_type=1,
         transport_id=transport_id, data=data, hops=4)
    one = theirs.call("packet_build", packet_type=1, header_type="HEADER_1", data=data)
    two = ours.call("packet_build", packet_type=1, header_type=name, transport_id=transport_id,
                    data=data)
    assert one["hash"] == two["hash"] and two["transport_id"] == transport_id
    same_shape(ours, theirs, dest_type="single", packet_type=1, header_type=name, data=data,
               transport_id=transport_id)


@pytest.mark.parametrize("params", [
    {"header_type": 2, "packet_type": 0, "transport_id": some(16)},
    {"header_type": 2, "packet_type": 1}, {"header_type": 3}, {"header_type": "HEADER_3"},
    {"header_type": 2, "packet_type": 1, "transport_id": some(15)}, {"dest_type": "link"}])
def test_what_cannot_be_built(ours, theirs, params):
    both_refuse(ours, theirs, "packet_build", **{"data": some(20)} | params)


@pytest.mark.differs
@pytest.mark.parametrize("params", [{"hops": 128}, {"data": ""}])
def test_what_nobody_takes_any_more(ours, theirs, then, params):
    then(both, both_refuse)(ours, theirs, "packet_build", **{"data": some(20)} | params)


def test_two_addresses_unchecked(ours, theirs):
    command, transport_id = "packet_build_raw_header2", some(16)
    for answer in (bridge.call(command, transport_id=transport_id, data=some(40))
                   for bridge in (ours, theirs)):
        assert answer["raw_len"] == 75 and len(answer["raw"]) == 150
        assert both(ours, theirs, "packet_unpack", raw=answer["raw"])["transport_id"] == (
            transport_id)
    for params in ({}, {"packet_type": 0, "transport_id": transport_id}):
        answers = [bridge.call(command, **params) for bridge in (ours, theirs)]
        assert all(answer["error"] and answer["error_type"] for answer in answers)
    assert "Packet with header type 2 must have a transport ID" in ours.call(command)["error"]


@pytest.mark.parametrize("size", [0, 1, 2, 18, 19, 20, 34, 35, 36, 500, 600])
def test_unpacking(ours, theirs, size):
    for flags in ("00", "40", "51", "3f", "2d"):
        raw = (flags + "05" + some(size))[:2 * size]
        result = both(ours, theirs, "packet_unpack", raw=raw)
        if not result["unpacked"]:
            both_refuse(ours, theirs, "packet_hash", raw=raw)


def test_unpacking_of_too_many_hops(ours, theirs):
    for hops in (127, 128, 255):
        both(ours, theirs, "packet_unpack", raw=f"00{hops:02x}" + some(60))


@pytest.mark.parametrize("dest_type", ["single", "group", "plain"])
def test_what_is_sent_again_is_encrypted_again(ours, theirs, dest_type):
    for data in ("", some(100)):
        answers = [bridge.call("packet_resend_observe", dest_type=dest_type, data=data)
                   for bridge in (ours, theirs)]
        assert len({len(answer["raw_1"]) for answer in answers}) == 1
        for answer in answers:
            again = answer["raw_1"] == answer["raw_2"], answer["hash_1"] == answer["hash_2"]
            assert again == (dest_type == "plain",) * 2
            for number in "12":
                assert both(ours, theirs, "packet_hash", raw=answer["raw_" + number])["hash"] == (
                    answer["hash_" + number])
    both_refuse(ours, theirs, "packet_resend_observe", dest_type="link")
