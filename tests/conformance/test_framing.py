"""HDLC and KISS."""
import random

import pytest

from compare import both, both_refuse, some

SPECIAL = bytes([0x7E, 0x7D, 0x5E, 0x5D, 0xC0, 0xDB, 0xDC, 0xDD, 0x00, 0x41])
DATA = ["", "00", "7d7e", "7e7d7e", "c0db", "dbc0dbdc"]


def special(size):
    """Bytes of which most must be escaped."""
    return bytes(random.choice(SPECIAL) for _ in range(size)).hex()


@pytest.mark.parametrize("command", ["hdlc_escape", "hdlc_frame", "kiss_frame"])
def test_out(ours, theirs, command):
    for data in DATA + [some(500), special(300)]:
        both(ours, theirs, command, data=data)


@pytest.mark.parametrize("kind", ["hdlc", "kiss"])
def test_there_and_back(ours, theirs, kind):
    for data in DATA + [some(500), special(300)]:
        framed = both(ours, theirs, f"{kind}_frame", data=data)["framed"]
        assert both(ours, theirs, f"{kind}_deframe", framed=framed) == {"data": data}


@pytest.mark.parametrize("kind", ["hdlc", "kiss"])
def test_first_frame_of_what_came(ours, theirs, kind):
    first, second = (both(ours, theirs, f"{kind}_frame", data=some(30))["framed"]
                     for _ in range(2))
    for framed in ("117ddb22" + first, first + second, first[:-2] + second):
        both(ours, theirs, f"{kind}_deframe", framed=framed)


@pytest.mark.parametrize("framed", ["", "00", "7e", "7e0102", "c0", "c00001", "c001c0", "c010c0",
                                    "c0c0", "c0c000"])
def test_no_whole_frame(ours, theirs, framed):
    for kind in ("hdlc", "kiss"):
        both_refuse(ours, theirs, f"{kind}_deframe", framed=framed)


def test_hdlc_stream(ours, theirs):
    frames = [both(ours, theirs, "hdlc_frame", data=data)["framed"]
              for data in (some(20), "", some(19), special(40), some(500))]
    for stream in ["", "7e", "7e7e"] + frames + [
            "".join(frames), frames[0][:-2] + frames[4], "0102" + frames[0] + "03",
            frames[4][:-2], "7e" + "7d" * 25 + "7e", "7e" + "7d7d5e" * 20 + "7e"]:
        both(ours, theirs, "hdlc_deframe_stream", stream=stream)


@pytest.mark.differs
@pytest.mark.parametrize("size", [499, 500, 501])
def test_hdlc_stream_with_a_limit(ours, theirs, size):
    stream = "".join(theirs.call("hdlc_frame", data=some(length))["framed"]
                     for length in (size, 100))
    both(ours, theirs, "hdlc_deframe_stream", stream=stream, hw_mtu=500)


def test_kiss_stream(ours, theirs):
    frames = [both(ours, theirs, "kiss_frame", data=data)["framed"]
              for data in (some(1), some(20), special(40), some(500))]
    for stream in ["", "c0", "c0c0"] + frames + [
            "".join(frames), "0102" + frames[0] + "03", frames[3][:-2], "c011" + "41" * 20 + "c0",
            "c010" + "41" * 20 + "c0", "c000dbdbdc41dbdb41dbc0", frames[1] + "c00fc0" + frames[2]]:
        both(ours, theirs, "kiss_deframe_stream", stream=stream)


@pytest.mark.parametrize("size", [12, 19, 20, 21, 40])
def test_kiss_stream_cuts_what_is_too_long(ours, theirs, size):
    stream = "".join(theirs.call("kiss_frame", data=some(length))["framed"]
                     for length in (size, 10))
    both(ours, theirs, "kiss_deframe_stream", stream=stream, hw_mtu=20)
