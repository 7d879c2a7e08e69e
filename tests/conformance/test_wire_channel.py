"""Channels of links."""
import struct
import time

import pytest

from links import Linked

TYPE = 0x0101


@pytest.fixture
def pair(roles):
    return Linked(*roles)


@pytest.fixture(params=["ours", "theirs"])
def client_kind(request):
    return request.param


@pytest.fixture
def both(start):
    """What ours and the reference's answer to the same, each as client of the other."""
    pairs = [Linked(start("theirs"), start("ours")), Linked(start("ours"), start("theirs"))]

    def ask(command, **params):
        return [pair.client.ask(command, handle=pair.here, link_id=pair.link, **params)
                for pair in pairs]

    return ask


def same(answers, *ignored):
    """Both answers are the same, but for some fields; returns ours."""
    ours, theirs = answers
    assert ours["success"] == theirs["success"], answers
    if ours["success"]:
        fields = (ours["result"].keys() | theirs["result"].keys()) - set(ignored)
        assert {k: ours["result"].get(k) for k in fields} == {
            k: theirs["result"].get(k) for k in fields}
    return ours.get("result")


def received(ask, count, timeout_s=3):
    """What comes until there are so many messages; the reference proves one before it has it."""
    messages, until = [], time.time() + timeout_s
    while len(messages) < count and time.time() < until:
        messages += ask("wire_channel_received")["messages"]
    return messages


def test_messages_in_order(pair):
    for i in range(3):
        sent = pair.of_link("wire_channel_send", data=f"{i:02x}" * 5)
        assert sent["sent"] and sent["delivered"] and not sent["rejected"]
        assert (sent["sequence"], sent["next_sequence"]) == (i, i + 1)
    assert received(pair.of_inbound, 3) == ["0000000000", "0101010101", "0202020202"]
    assert pair.of_inbound("wire_channel_received")["messages"] == []
    at = pair.serve("wire_listener_channel_rx", destination_hash=pair.destination)
    assert (at["next_rx_sequence"], at["rx_ring"]) == (3, 0)


def test_the_packet_of_a_message(pair):
    seen = pair.of_link("wire_channel_emit_capture", data="aabb")
    assert (seen["context"], seen["channel_context"], seen["packet_type"]) == (14, 14, 0)
    assert seen["delivered"] is True and len(seen["packet_hash"]) == 64
    assert received(pair.of_inbound, 1) == ["aabb"]


def test_a_message_whose_proofs_do_not_count_ends_the_link(pair):
    assert pair.of_link("wire_channel_send", data="01")["delivered"] is True
    sent = pair.of_link("wire_channel_send", data="02", drop_acks=True)
    assert (sent["sent"], sent["delivered"], sent["tries"], sent["link_status"]) == (
        True, False, 5, 4)
    assert received(pair.of_inbound, 2) == ["01", "02"]
    window = pair.of_link("wire_channel_window")
    assert (window["tx_ring"], window["rx_ring"], window["message_handlers"]) == (0, 0, 0)
    dead = pair.of_link("wire_channel_send", data="03")
    assert (dead["sent"], dead["rejected"], dead["ce_type"]) == (False, True, 3)


def test_no_channel_no_proof(start):
    pair = Linked(start("ours"), start("ours"), listen={"open_channel": False})
    sent = pair.of_link("wire_channel_send", data="01", timeout_ms=1500)
    assert (sent["sent"], sent["delivered"]) == (True, False)
    assert pair.of_inbound("wire_channel_received")["messages"] == []


def test_what_is_refused(both):
    same(both("wire_channel_send", data="01", msgtype=0xF000), "error", "window", "window_max")
    same(both("wire_channel_send", data="01", fail_outlet=True), "error")
    same(both("wire_channel_send", data="00" * 17000), "error")
    ours = same(both("wire_channel_send", data="01"), "tries", "window", "ready")
    assert ours["sequence"] == 0 and ours["delivered"] is True


def test_types_that_are_registered(both):
    for kind, ce_type in [("non_message_base", 1), ("msgtype_none", 1), ("reserved", 1),
                          ("not_constructible", 1), ("envelope_pack_no_msgtype", 0),
                          ("valid", None)]:
        answers = both("wire_channel_register", kind=kind)
        ours = same(answers, "error")
        assert (ours["accepted"], ours["ce_type"]) == (ce_type is None, ce_type), kind
        for answer in answers:
            assert bool(answer["result"]["error"]) is (ce_type is not None), kind
    # The type is taken, and nobody is asked about its messages.
    same(both("wire_channel_inject", envelopes=[
        {"sequence": 0, "data": "00", "msgtype": TYPE + 1}, {"sequence": 1, "data": "01"}]))
    assert same(both("wire_channel_received"))["messages"] == ["01"]
    ours = same(both("wire_channel_window"), "mdu", "outlet_mdu")
    assert (ours["message_handlers"], ours["next_rx_sequence"], ours["next_sequence"]) == (1, 2, 0)
    assert not any(a["success"] for a in both("wire_channel_register", kind="no such kind"))


def test_a_message_goes_from_handler_to_handler(both):
    for handlers, log in [([], []), (["true"], [0]), (["false", "false"], [0, 1]),
                          (["true", "false"], [0]), (["raise", "false"], [0, 1]),
                          (["false", "true", "false"], [0, 1]), (["raise"] * 3, [0, 1, 2]),
                          (["raise", "true", "raise"], [0, 1]), (["false"] * 9, [*range(9)])]:
        ours = same(both("wire_channel_handler_chain", handlers=handlers))
        assert ours == {"log": log, "next_rx_sequence": 1, "handler_count": len(handlers)}
    # The link's own channel has seen none of it.
    ours = same(both("wire_channel_window"), "mdu", "outlet_mdu")
    assert (ours["message_handlers"], ours["next_rx_sequence"]) == (1, 0)


def test_a_handler_has_one_of_three_answers(start):
    pair = Linked(start("ours"), start("ours"))
    for handlers in (["maybe"], [7], "true"):
        answer = pair.client.ask("wire_channel_handler_chain", handle=pair.here,
                                 link_id=pair.link, handlers=handlers)
        assert answer["success"] is False and "handler" in answer["error"]


def test_injected_messages(both):
    for messages, delivered in [
            ([(1, "01"), (0, "00"), (2, "02")], ["00", "01", "02"]),
            ([(4, "04"), (4, "ff"), (3, "03"), (0, "00")], ["03", "04"]),
            ([(54, "54"), (53, "53")], []),  # 48 ahead at most
    ]:
        same(both("wire_channel_inject", envelopes=[{"sequence": n, "data": data}
                                                    for n, data in messages]))
        ours = same(both("wire_channel_received"))
        assert ours["messages"] == delivered
        same(both("wire_channel_window"), "mdu", "outlet_mdu")
    raw = struct.pack(">HHH", TYPE, 5, 1) + b"whole"  # the size is not looked at
    same(both("wire_channel_inject", envelopes=[{"raw": raw.hex(), "sequence": 5},
                                                {"raw": "0101", "sequence": 6}]))
    assert same(both("wire_channel_received"))["messages"] == [b"whole".hex()]


def test_the_window_grows(both):
    for _ in range(5):
        same(both("wire_channel_send", data="01"), "tries", "ready", "window")
    # the reference counts a proof a moment after it has it
    until = time.time() + 3
    while both("wire_channel_window")[1]["result"]["window"] < 5 and time.time() < until:
        pass
    ours = same(both("wire_channel_window"), "mdu", "outlet_mdu")
    assert (ours["window"], ours["window_max"], ours["next_sequence"]) == (5, 5, 5)


def test_numbers(both):
    for rtt in (0.0, 0.5, 1.45, 1.46, 5.0):
        same(both("wire_channel_profile", rtt=rtt))
    for rtt in (0.001, 0.02, 0.5):
        for tries in (1, 2, 5):
            for depth in (0, 4):
                ours, theirs = both("wire_channel_timeout_formula", rtt=rtt, tries=tries,
                                    ring_depth=depth)
                assert ours["result"]["timeout"] == pytest.approx(theirs["result"]["timeout"],
                                                                  rel=1e-9)


def test_a_proof_that_comes_again(both):
    ours = same(both("wire_channel_spurious_proof"))
    assert (ours["window_before"], ours["window_final"], ours["errors"]) == (3, 3, [])


def test_envelopes(ours, theirs):
    for kind, sequence, data in [(TYPE, 0, ""), (0xABCD, 0xFFFF, "00010203"), (1, 258, "ab" * 99)]:
        params = {"msgtype": kind, "sequence": sequence, "data": data}
        assert ours.call("wire_channel_envelope_pack", **params) == theirs.call(
            "wire_channel_envelope_pack", **params)
