"""Our node in little memory against the reference: transfers many times larger than all it has."""

import pytest

import nodes
import pairs
import resource_table
import talk
import test_channels
import test_resources
from pairs import each_direction

LARGE = 10 * resource_table.MIB
LIMIT = 240.0  # seconds: ten MiB have crossed in parts of 464 bytes

pytestmark = pytest.mark.ours
each_profile = pytest.mark.parametrize("profile, mtu", [("tiny", 504), ("mcu", 2048)])


@each_direction
@each_profile
def test_link_mtu_is_what_the_largest_frames_hold(net, direction, profile, mtu):
    pair = pairs.start(net, direction, own_options={"profile": profile})
    opened = pair.open()
    assert opened["mtu"] == mtu
    for sender, receiver in pair.both_ways():
        talk.message_proved(sender, receiver, opened["link"])
    pair.closed(opened["link"])


@each_direction
def test_ten_mib_cross_out_of_and_into_32_kib(net, direction):
    pair = pairs.start(net, direction, own_options={"profile": "tiny"})
    link = pair.open()["link"]
    for sender, receiver in pair.both_ways():
        talk.resource_sent(sender, receiver, link, talk.bytes_of(LARGE), LIMIT)
    pair.closed(link)


@each_direction
@each_profile
def test_compressed_resource_is_refused_where_no_memory_is_for_it(net, direction, profile, mtu):
    pair = pairs.start(net, direction, own_options={"profile": profile})
    link = pair.open()["link"]
    data = talk.bytes_of(100_000, "half")
    path, number = test_resources.begun(pair.peer, link, data, compress=True)
    out = test_resources.ended(pair.peer, link, "out", resource=number)
    assert out["why"] == "refused"
    talk.resource_sent(pair.own, pair.peer, link, data, compress=True)  # it goes as it is
    pair.closed(link)


@each_direction
@each_profile
def test_messages_and_streams_cross(net, direction, profile, mtu):
    pair = pairs.start(net, direction, own_options={"profile": profile})
    link = pair.open()["link"]
    for number, (sender, receiver) in enumerate(pair.both_ways()):
        test_channels.crossed(sender, receiver, link, 40)
        path = test_channels.streamed(sender, receiver, link, number, talk.bytes_of(20_000))
        test_channels.stream_arrives(receiver, link, number, path)
    pair.closed(link)


@pytest.mark.parametrize("profile", ["tiny", "mcu"])
def test_one_more_link_than_there_is_memory_for_is_not_opened(net, profile):
    """The peer opens as many as fit, and each of them still speaks."""
    pair = pairs.start(net, "theirs_opens", own_options={"profile": profile})
    dest = pair.known()
    slots = next(each for each in pair.own.call("pools")["pools"] if each["name"] == "link")["slots"]
    links = [talk.link_opened(pair.peer, pair.own, dest)["link"] for _ in range(slots)]
    late = pair.peer.call("link_open", dest=dest["dest"])["link"]
    nodes.wait_until(lambda: pair.own.verdicts("full") == 1, nodes.LINK, "it is refused")
    for link in links:
        talk.message_proved(pair.peer, pair.own, link)
    assert pair.peer.call("link_info", link=late)["state"] == "pending"
