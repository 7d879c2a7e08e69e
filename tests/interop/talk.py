"""What two agents say to each other: the steps that most tests share."""

import filecmp
import itertools
import random
from pathlib import Path

import pytest

import nodes

APP, ASPECTS = "reticule", ["interop", "talk"]
FIVE_MB = 5_000_000
NEWEST = "1.5.7"
MTU_BY_VERSION = {"1.4.2": 8192, "1.5.7": 16384}  # what the reference signals over TCP
HALF = bytes(number & 0x0F for number in range(256))
counter = itertools.count(1)


def text(words):
    return words.encode().hex()


def destination(agent, **options):
    """A new SINGLE destination that proves everything."""
    return agent.call(
        "dest_in", **{"type": "single", "app": APP, "aspects": ASPECTS, "proof": "all", **options}
    )


def announce(agent, dest, words):
    agent.call("announce", dest=dest["dest"], app_data=text(words))


def hear(agent, dest, hops, words, limit=None):
    """The agent hears the announce once, with these hops and this app data."""
    event = agent.wait(
        "announce", limit or nodes.ANNOUNCE_HOP * hops, dest=dest["dest"], filter=None
    )
    assert event["hops"] == hops
    assert event["app_data"] == text(words)
    assert event["identity"] == dest["identity"]
    return event


def announced(speaker, listener, hops, **options):
    """A destination of the speaker that the listener has heard of and may send to."""
    words = f"hello {next(counter)}"
    dest = destination(speaker, **options)
    announce(speaker, dest, words)
    hear(listener, dest, hops, words)
    target(listener, dest)
    return dest


def target(agent, dest):
    agent.call("dest_out", type="single", app=APP, aspects=ASPECTS, dest=dest["dest"])


def packet_proved(sender, receiver, dest, hops):
    """One packet arrives whole and its proof returns."""
    data = text(f"packet {next(counter)}") + "7e7d" * 20
    sent = sender.call("send", dest=dest["dest"], data=data, timeout=nodes.PROOF_HOP * hops)
    arrived = receiver.wait("packet", nodes.PROOF_HOP * hops, dest=dest["dest"], data=data)
    assert arrived["packet"] == sent["packet"]
    receipt = sender.wait("receipt", nodes.PROOF_HOP * hops, receipt=sent["receipt"])
    assert receipt["status"] == "delivered"
    return receipt


def packet_gets_through(sender, receiver, dest, limit):
    """Packets are sent, one after another, until one is proved: the way back from an outage."""

    def once():
        sent = sender.call("send", dest=dest["dest"], data=text(f"try {next(counter)}"), timeout=2)
        return sender.wait("receipt", nodes.START, receipt=sent["receipt"])["status"] == "delivered"

    nodes.wait_until(once, limit, "a packet is proved")
    receiver.wait("packet", nodes.PROOF_HOP, dest=dest["dest"])


def path_found(asker, dest, hops):
    """The asker asks once and gets the path."""
    asker.call("request_path", dest=dest["dest"])
    event = asker.wait("announce", nodes.PATH, dest=dest["dest"], filter=None)
    assert event["path_response"]
    assert event["hops"] == hops
    assert asker.call("has_path", dest=dest["dest"])["hops"] == hops


def link_opened(caller, host, dest):
    """A link between the two: its events at both ends."""
    link = caller.call("link_open", dest=dest["dest"])["link"]
    near = caller.wait("link_open", nodes.LINK, link=link)
    far = host.wait("link_open", nodes.LINK, link=link)
    assert near["initiator"] and not far["initiator"]
    assert near["dest"] == far["dest"] == dest["dest"]
    assert near["mtu"] == far["mtu"]
    return near


def message_proved(sender, receiver, link):
    data = text(f"message {next(counter)}")
    sent = sender.call("link_send", link=link, data=data, timeout=nodes.LINK)
    receiver.wait("link_packet", nodes.LINK, link=link, data=data)
    answer = sender.wait("receipt", nodes.LINK, receipt=sent["receipt"])
    assert answer["status"] == "delivered"


def request_answered(caller, host, dest, link):
    host.call("request_handler", dest=dest["dest"], path="/reverse")
    number = caller.call("request", link=link, path="/reverse", data="010203")["request"]
    asked = host.wait("request", nodes.LINK, link=link)
    assert (asked["path"], asked["data"]) == ("/reverse", "010203")
    answer = caller.wait("response", nodes.LINK, request=number)
    assert (answer["status"], answer.get("data")) == ("ready", "030201")


def channel_crossed(sender, receiver, link):
    data = text(f"in order {next(counter)}")
    sender.call("channel_send", link=link, data=data)
    receiver.wait("channel", nodes.LINK, link=link, data=data)


def identified(caller, host, link):
    """The caller says who it is, and the host hears it."""
    key = destination(caller)["private"]
    identity = caller.call("link_identify", link=link, private=key)["identity"]
    host.wait("link_identified", nodes.LINK, link=link, identity=identity)
    return identity


def link_closed(closer, other, link, reason):
    closer.call("link_close", link=link)
    for agent in (closer, other):
        assert agent.wait("link_closed", nodes.LINK, link=link)["reason"] == reason


def link_conversation(caller, host, dest):
    """A link opens, carries all that small packets carry, identifies and closes; returns its
    opening event."""
    opened = link_opened(caller, host, dest)
    link = opened["link"]
    message_proved(caller, host, link)
    message_proved(host, caller, link)
    identified(caller, host, link)
    request_answered(caller, host, dest, link)
    channel_crossed(caller, host, link)
    channel_crossed(host, caller, link)
    link_closed(caller, host, link, "initiator")
    return opened


def bytes_of(size, kind="noise"):
    """Bytes that bzip2 cannot pack, or packs by about a half."""
    data = random.Random(next(counter)).randbytes(size)
    return data if kind == "noise" else data.translate(HALF)


def file_of(agent, data):
    """A new file in the agent's folder."""
    path = agent.folder / f"sent-{next(counter)}"
    path.write_bytes(data)
    return str(path)


def resource_arrives(receiver, link, path, limit=nodes.RESOURCE, metadata=None):
    """It is found by its size: others may be under way."""
    size = Path(path).stat().st_size
    arrived = receiver.wait("resource", limit, link=link, direction="in", size=size)
    assert arrived["status"] == "complete", arrived
    assert filecmp.cmp(path, arrived["file"], shallow=False)
    assert arrived["metadata"] == metadata
    Path(arrived["file"]).unlink()


def resource_sent(sender, receiver, link, data, limit=nodes.RESOURCE, metadata=None, **options):
    """A resource crosses a link that is open."""
    path = file_of(sender, data)
    if metadata is not None:
        options["metadata"] = metadata
    sent = sender.call("resource_send", link=link, file=path, **options)
    resource_arrives(receiver, link, path, limit, metadata)
    done = sender.wait("resource", limit, resource=sent["resource"], direction="out")
    assert done["status"] == "complete", done
    Path(path).unlink()


def resource_crossed(caller, host, dest, size):
    """A resource crosses a new link whole; returns the opening event of the link."""
    opened = link_opened(caller, host, dest)
    resource_sent(caller, host, opened["link"], bytes_of(size))
    caller.call("link_close", link=opened["link"])
    return opened


def tcp_mtu(agent):
    version = agent.about["version"]
    if version not in MTU_BY_VERSION:
        pytest.fail(f"the link MTU of rns {version} over TCP is not known to the tests")
    return MTU_BY_VERSION[version]
