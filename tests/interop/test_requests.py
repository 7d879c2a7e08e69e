"""Requests and their answers between our node and the reference, over links opened by either. Who
hosts the link answers."""

import filecmp

import pytest

import nodes
import pairs
import resource_table
import talk
from pairs import each_direction

MIB = 1 << 20
PATH = "/test/path"
SHORT = 2  # seconds, for an answer that does not come
LONG = 60.0
SIZES = (0, 1, 400, 430, 500, 16_000, 16_400, 100_000, MIB - 30, MIB)


class Talk:
    def __init__(self, net, direction, **options):
        self.pair = pairs.start(net, direction, **options)
        self.opener, self.host = self.pair.opener, self.pair.host
        opened = self.pair.open()
        self.dest, self.link = opened["dest"], opened["link"]

    def handler(self, path=PATH, **options):
        self.host.call("request_handler", dest=self.dest, path=path, **options)

    def ask(self, data=b"", path=PATH, **options):
        return self.opener.call(
            "request", link=self.link, path=path, data=data.hex(), **options
        )["request"]

    def asked(self, **fields):
        return self.host.wait("request", LONG, link=self.link, **fields)

    def answer(self, number):
        return self.opener.wait("response", LONG, request=number)

    def ready(self, number):
        answer = self.answer(number)
        assert answer["status"] == "ready", answer["why"]
        return answer

    def failed(self, number):
        answer = self.answer(number)
        assert answer["status"] == "failed"
        return answer

    def closed(self):
        assert not self.opener.heard("response") and not self.host.heard("request")
        self.pair.closed(self.link)


# What is answered


@pytest.mark.old
@each_direction
def test_request_is_answered_with_the_asker_known_if_it_has_said_who_it_is(net, direction):
    peers = Talk(net, direction)
    peers.handler()
    answer = peers.ready(peers.ask(b"abc"))
    assert bytes.fromhex(answer["data"]) == b"cba"
    request = peers.asked()
    assert (request["dest"], request["path"]) == (peers.dest, PATH)
    assert (request["data"], request["identity"]) == (b"abc".hex(), None)
    identity = talk.identified(peers.opener, peers.host, peers.link)
    peers.ready(peers.ask(b"again"))
    assert peers.asked()["identity"] == identity
    peers.closed()


@pytest.mark.old
@each_direction
@pytest.mark.parametrize("mtu", ["500", "discovered"])
def test_answers_of_each_size_arrive(net, direction, mtu):
    """In one packet and as resources, compressed and not."""
    options = {"link_mtu_discovery": "no"} if mtu == "500" else {}
    peers = Talk(net, direction, opener_options=options)
    for kind, compress in (("noise", False), ("half", True)):
        for size in SIZES:
            data = talk.bytes_of(size, kind)
            file = talk.file_of(peers.host, data)
            peers.handler(answer="bytes", file=file, compress=compress)
            answer = peers.ready(peers.ask(b"please"))
            assert bytes.fromhex(answer["data"]) == data
            peers.asked()
    peers.closed()


@each_direction
@pytest.mark.parametrize("mtu", ["500", "discovered"])
def test_requests_of_each_size_are_answered(net, direction, mtu):
    """In one packet and as resources, and so are their answers."""
    options = {"link_mtu_discovery": "no"} if mtu == "500" else {}
    peers = Talk(net, direction, opener_options=options)
    peers.handler()
    for size in SIZES:
        data = talk.bytes_of(size)
        answer = peers.ready(peers.ask(data))
        assert bytes.fromhex(answer["data"]) == data[::-1]
        assert bytes.fromhex(peers.asked()["data"]) == data
    peers.closed()


@each_direction
@pytest.mark.parametrize("route", ["one_relay", "two_relays"])
def test_requests_are_answered_through_relays(net, direction, route):
    peers = Talk(net, direction, relays=pairs.ROUTES[route])
    peers.handler()
    for size in (10, 100_000):
        data = talk.bytes_of(size)
        assert bytes.fromhex(peers.ready(peers.ask(data))["data"]) == data[::-1]
        peers.asked()
    peers.closed()


@pytest.mark.old
@each_direction
@pytest.mark.parametrize("size", [1, 100_000, 3 * MIB])
def test_file_arrives_with_its_metadata(net, direction, size):
    peers = Talk(net, direction)
    file = talk.file_of(peers.host, talk.bytes_of(size, "half"))
    peers.handler(answer="file", file=file, metadata=resource_table.METADATA, compress=size < MIB)
    answer = peers.ready(peers.ask(b"file"))
    assert filecmp.cmp(file, answer["file"], shallow=False)
    assert answer["metadata"] == resource_table.METADATA
    peers.asked()
    peers.closed()


@each_direction
def test_several_requests_at_once_are_all_answered(net, direction):
    peers = Talk(net, direction)
    peers.handler()
    asked = {}
    for size in (10, 20_000, 11, 30_000, 12):
        data = talk.bytes_of(size)
        asked[peers.ask(data, timeout=LONG)] = data
    for number, data in asked.items():
        assert bytes.fromhex(peers.ready(number)["data"]) == data[::-1]
        peers.asked(data=data.hex())
    peers.closed()


# What is not answered


@each_direction
def test_request_for_an_unknown_path_fails_once(net, direction):
    peers = Talk(net, direction)
    peers.handler()
    peers.failed(peers.ask(b"x", path="/nowhere", timeout=SHORT))
    peers.ready(peers.ask(b"x"))
    peers.asked()
    peers.closed()


@each_direction
@pytest.mark.parametrize("size", [10, 20_000])
def test_request_that_the_handler_does_not_answer_fails_once(net, direction, size):
    peers = Talk(net, direction)
    peers.handler(answer="none")
    data = talk.bytes_of(size)
    peers.failed(peers.ask(data, timeout=SHORT))
    peers.asked(data=data.hex())
    peers.closed()


@each_direction
def test_path_that_nobody_may_ask_for_is_not_answered(net, direction):
    peers = Talk(net, direction)
    peers.handler(allow="none")
    peers.failed(peers.ask(b"x", timeout=SHORT))
    peers.closed()


@each_direction
def test_only_identities_on_the_list_are_answered(net, direction):
    peers = Talk(net, direction)
    friend = talk.destination(peers.opener)
    peers.handler(allow="list", allowed=[friend["identity"]])
    peers.failed(peers.ask(b"who?", timeout=SHORT))
    peers.opener.call("link_identify", link=peers.link, private=friend["private"])
    peers.host.wait("link_identified", nodes.LINK, link=peers.link)
    for size in (10, 20_000):
        peers.ready(peers.ask(talk.bytes_of(size)))
        assert peers.asked()["identity"] == friend["identity"]
    peers.closed()


@each_direction
def test_stranger_is_not_answered(net, direction):
    peers = Talk(net, direction)
    peers.handler(allow="list", allowed=["00" * 16])
    talk.identified(peers.opener, peers.host, peers.link)
    peers.failed(peers.ask(b"who?", timeout=SHORT))


# Limits


@each_direction
def test_requests_above_the_limit_of_their_destination_are_not_taken(net, direction):
    peers = Talk(net, direction)
    peers.handler()
    peers.host.call("request_limit", dest=peers.dest, size=20_000)
    for size in (15_000, 19_000):
        peers.ready(peers.ask(talk.bytes_of(size)))
        peers.asked()
    peers.failed(peers.ask(talk.bytes_of(20_001), timeout=SHORT))
    peers.host.call("request_limit", dest=peers.dest, size=100)
    peers.failed(peers.ask(talk.bytes_of(101), timeout=SHORT))
    peers.closed()


@each_direction
def test_answers_above_the_limit_of_the_asker_are_refused(net, direction):
    peers = Talk(net, direction)
    peers.handler()
    peers.ready(peers.ask(talk.bytes_of(20_000), max_response=21_000))
    peers.asked()
    for size in (15_000, 30_000):
        peers.failed(peers.ask(talk.bytes_of(size), max_response=1000))
        peers.asked()
    peers.closed()


@pytest.mark.ours
def test_answer_larger_than_the_memory_for_it_is_refused(net):
    peers = Talk(net, "ours_opens")
    peers.handler()
    assert peers.failed(peers.ask(talk.bytes_of(30_000), memory=1000))["why"] == "too large"
    peers.asked()
    peers.ready(peers.ask(talk.bytes_of(30_000)))
    peers.asked()
    peers.closed()


# Ended early


@pytest.mark.ours
def test_cancelled_request_ends_at_once_and_its_answer_is_dropped(net):
    peers = Talk(net, "ours_opens")
    peers.handler()
    number = peers.ask(talk.bytes_of(200_000))
    peers.opener.call("request_cancel", request=number)
    assert peers.failed(number)["why"] == "cancelled"
    peers.ready(peers.ask(b"next"))
    peers.asked(data=b"next".hex())
    peers.closed()


@pytest.mark.ours
def test_request_ends_with_its_link(net):
    peers = Talk(net, "ours_opens")
    peers.handler(answer="none")
    number = peers.ask(b"x", timeout=LONG)
    peers.asked()
    talk.link_closed(peers.host, peers.opener, peers.link, "destination")
    assert peers.failed(number)["why"] == "its link is closed"
