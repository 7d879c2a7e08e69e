"""What a destination proves, and in which form."""
import secrets

import pytest

from links import APP, ASPECTS, Linked
from nodes import Alone, until

NUMBERS = {"all": 0x23, "app": 0x22, "none": 0x21}


@pytest.mark.parametrize("strategy,data,proofs", [
    ("all", "00", 1), ("none", "01", 0), ("app", "01aa", 1), ("app", "02aa", 0)])
def test_packets_over_a_link_are_proved_as_the_destination_says_now(roles, strategy, data, proofs):
    linked = Linked(*roles)
    assert linked.serve("wire_set_proof_strategy", destination_hash=linked.destination,
                        strategy=strategy) == {"proof_strategy": NUMBERS[strategy],
                                               "strategy": strategy}
    linked.of_link("wire_link_send", data=data)
    assert linked.serve("wire_link_poll", destination_hash=linked.destination)["packets"] == [data]

    def contexts():
        return linked.serve("wire_listener_proof_log", destination_hash=linked.destination)

    until(lambda: len(contexts()["contexts"]) >= proofs, 2)
    assert contexts() == {"channel_proofs": 0, "channel_context": 14, "contexts": [0] * proofs}


@pytest.mark.parametrize("strategy,data,proofs", [
    ("all", "00", 1), ("none", "01", 0), ("app", "01aa", 1), ("app", "02aa", 0)])
def test_packets_alone_are_proved_as_well(roles, strategy, data, proofs):
    linked = Linked(*roles, opens=False)
    linked.serve("wire_set_proof_strategy", destination_hash=linked.destination, strategy=strategy)
    told = linked.ask("wire_send_opportunistic", destination_hash=linked.destination, app_name=APP,
                      aspects=ASPECTS, data=data, timeout_ms=3000 if proofs else 300)
    assert told == {"sent": True, "delivered": proofs > 0,
                    "status": "delivered" if proofs else "timeout"}
    assert linked.serve("wire_opportunistic_poll", destination_hash=linked.destination)[
        "packets"] == [data]
    assert linked.serve("wire_listener_proof_log", destination_hash=linked.destination) == {
        "channel_proofs": 0, "channel_context": 14, "contexts": [0] * proofs}


@pytest.mark.parametrize("strategy", ["all", "none"])
def test_a_listener_begins_with_its_strategy(roles, strategy):
    linked = Linked(*roles, listen={"proof_strategy": strategy})
    linked.of_link("wire_link_send", data="00")
    linked.serve("wire_link_poll", destination_hash=linked.destination)
    told = until(lambda: linked.serve("wire_listener_proof_log",
                                      destination_hash=linked.destination)["contexts"], 0.5)
    assert told == ([0] if strategy == "all" else [])


def test_messages_of_a_channel_are_proved(roles):
    linked = Linked(*roles)
    for count in (1, 2):
        assert linked.of_link("wire_channel_send", data="00")["delivered"] is True
        assert linked.serve("wire_listener_proof_log", destination_hash=linked.destination) == {
            "channel_proofs": count, "channel_context": 14, "contexts": [14] * count}


def test_the_form_of_proofs_is_as_configured_until_it_is_changed(roles):
    linked = Linked(*roles, opens=False, listen={"proof_strategy": "all"}, use_implicit_proof=False)

    def proof():
        told = linked.ask("wire_send_packet_with_proof_request", app_name=APP, aspects=ASPECTS,
                          destination_hash=linked.destination, data=secrets.token_hex(8))
        assert (told["proved"], told["implicit_proof_config"]) == (True, False)
        return told["proof_len"], told["proof_is_implicit"], told["proof_is_explicit"]

    assert proof() == (96, False, True)
    linked.serve("wire_set_proof_implicit", enabled=True)
    assert proof() == (64, True, False)
    linked.serve("wire_set_proof_implicit", enabled=False)
    assert proof() == (96, False, True)


def test_the_form_of_proofs_may_be_changed(start):
    for kind in ("ours", "theirs"):
        node = Alone(start(kind), use_implicit_proof=False)
        for enabled in (True, False):
            told = node.call("wire_set_proof_implicit", enabled=enabled)
            assert told == {"implicit_proof": enabled}
        assert node.bridge.call("wire_set_proof_implicit") == {"implicit_proof": True}


def test_strategies_that_nobody_has_are_refused(start):
    for kind in ("ours", "theirs"):
        node = Alone(start(kind))
        hash_ = node.call("wire_listen", app_name="proofs")["destination_hash"]
        for params in ({"destination_hash": hash_, "strategy": "some"},
                       {"destination_hash": secrets.token_hex(16), "strategy": "all"},
                       {"destination_hash": hash_}):
            assert node.ask("wire_set_proof_strategy", **params)["success"] is False
        assert node.ask("wire_listener_proof_log",
                        destination_hash=secrets.token_hex(16))["success"] is False
