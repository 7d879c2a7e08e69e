"""Requests over a link, and what comes back."""
import secrets

from links import linked, pair  # noqa: F401
from test_wire_respond import unanswered


def register(linked, path, **answer):
    linked.serve("wire_register_request_handler", destination_hash=linked.destination, path=path,
                 **answer)


def log_of(linked, path):
    return linked.serve("wire_get_request_log", destination_hash=linked.destination,
                        path=path)["entries"]


def test_an_answer_comes_to_who_asked(linked):
    response, asked = secrets.token_hex(64), secrets.token_hex(32)
    register(linked, "/echo", response=response)
    answer = linked.of_link("wire_link_request", path="/echo", data=asked)
    assert (answer["status"], answer["response"]) == ("ready", response)
    assert answer["response_metadata"] is None and 0 < answer["response_time_s"] < 5
    entries = log_of(linked, "/echo")
    assert [(entry["data"], entry["remote_identity_hash"]) for entry in entries] == [(asked, None)]


def test_long_requests_and_answers_are_resources(linked):
    response, asked = secrets.token_hex(50000), secrets.token_hex(20000)
    register(linked, "/long", response=response)
    answer = linked.of_link("wire_link_request_large", path="/long", data=asked)
    assert (answer["status"], answer["response"]) == ("ready", response)
    assert [entry["data"] for entry in log_of(linked, "/long")] == [asked]


def test_a_file_is_answered_with_its_metadata(linked):
    content, metadata = secrets.token_hex(3000), secrets.token_hex(20)
    register(linked, "/file", response_file=content, response_metadata=metadata)
    answer = linked.of_link("wire_link_request", path="/file")
    assert (answer["status"], answer["response"], answer["response_metadata"]) == (
        "ready", content, metadata)


def test_who_is_not_answered_fails(linked):
    register(linked, "/none", response_none=True)
    for path in ("/none", "/unknown"):
        answer = linked.of_link("wire_link_request", path=path, timeout_ms=300)
        assert answer["status"] in unanswered(linked.client)
        assert answer["response"] is None and answer["response_metadata"] is None
    assert len(log_of(linked, "/none")) == 1


def test_timeouts_follow_the_round_trip_time(linked):
    told = linked.of_link("wire_link_request_timeout", path="/any")
    assert abs(told["receipt_timeout"] - (6 * told["rtt"] + 11.25)) < 1e-6
    assert (told["traffic_timeout_factor"], told["response_max_grace_time"],
            told["explicit_timeout"]) == (6, 10, None)
    told = linked.of_link("wire_link_request_timeout", path="/any", timeout_ms=3000)
    assert told["receipt_timeout"] == told["explicit_timeout"] == 3.0


def test_on_a_closed_link_nothing_is_asked(linked):
    linked.of_link("wire_link_teardown")
    answer = linked.client.ask("wire_link_request", handle=linked.here, link_id=linked.link,
                               path="/any", timeout_ms=500)
    assert answer["success"] is False


def test_an_answer_is_a_packet_with_the_requests_name(linked):
    response = secrets.token_hex(64)
    register(linked, "/packet", response=response)
    told = linked.of_link("wire_capture_response_packet", path="/packet", data="01")
    assert (told["status"], told["response"]) == ("ready", response)
    request_id = log_of(linked, "/packet")[0]["request_id"]
    # A list of two: bytes of the request's name, bytes of the answer.
    assert told["captured"] == [
        {"context": 0x0a, "plaintext": "92c410" + request_id + "c440" + response}]


def test_a_long_answer_is_offered_instead(linked):
    register(linked, "/offered", response=secrets.token_hex(30000))
    told = linked.of_link("wire_capture_response_packet", path="/offered", timeout_ms=20000)
    assert told["status"] == "ready" and len(told["response"]) == 60000
    assert told["captured"] == [{"context": 0x02, "plaintext": None}]
