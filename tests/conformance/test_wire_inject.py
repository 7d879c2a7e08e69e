"""Frames that arrive, and access codes."""
import hashlib
import secrets

import pytest

from nodes import Alone, Client, one_of_each, until, without

CODE = {"network_name": "inject", "passphrase": "secret"}


def inject(node, variant, **params):
    return node.call("wire_inject_raw_frame", variant=variant, **params)


def test_with_an_access_code_only_sealed_frames_are_taken(start):
    for size in (16, 2):
        for node in one_of_each(start, **CODE, ifac_size=8 * size):
            full = inject(node, "masked_full")
            assert full["learned"] is True and full["ifac_size"] == size
            assert full["frame_len"] == 19 + 148 + size
            short = inject(node, "masked_short")
            assert short["learned"] is False and short["frame_len"] == 2 + size
            assert inject(node, "plain_on_ifac")["learned"] is False


def test_without_a_code_only_open_frames_are_taken(start):
    sealer = {kind: Alone(start(kind), **CODE) for kind in ("ours", "theirs")}
    for node in one_of_each(start):
        told = inject(node, "plain_on_open")
        assert told["learned"] is True and told["frame_len"] == 19 + 148
        assert "ifac_size" not in told
        for built in (inject(other, "build_masked") for other in sealer.values()):
            assert int(built["raw"][:2], 16) >= 0x80 and "learned" not in built
            again = inject(node, "inject_external", raw=built["raw"],
                           dest_hash=built["dest_hash"])
            assert again == {"dest_hash": built["dest_hash"], "learned": False,
                             "frame_len": built["frame_len"]}
        for trim, size in (({"trim_to": 0}, 0), ({"trim_to": 1}, 1), ({}, 2)):
            assert without(inject(node, "min_short", **trim), "dest_hash") == {
                "frame_len": size, "learned": False}


def test_each_opens_what_the_other_sealed(start):
    ours, theirs = one_of_each(start, **CODE)
    for maker, taker in ((ours, theirs), (theirs, ours)):
        built = inject(maker, "build_masked")
        assert inject(taker, "inject_external", raw=built["raw"], dest_hash=built["dest_hash"])[
            "learned"] is True


def test_what_no_frame_can_be_is_refused(start):
    for node in one_of_each(start):
        for params in ({"variant": "some"}, {"variant": "masked_full"}, {},
                       {"variant": "inject_external"},
                       {"variant": "inject_external", "raw": "00", "dest_hash": "z"}):
            assert node.ask("wire_inject_raw_frame", **params)["success"] is False
        for command in ("wire_ifac_compute", "wire_ifac_signature"):
            assert node.ask(command, packet_data="00")["success"] is False


@pytest.mark.parametrize("code", [CODE, {"network_name": "net"}, {"passphrase": "pass"},
                                  {**CODE, "ifac_size": 4}, {**CODE, "ifac_size": 8},
                                  {**CODE, "ifac_size": 512}], ids=str)
def test_codes_are_the_references(start, code):
    ours, theirs = one_of_each(start, **code)
    told = ours.call("wire_ifac_signature")
    assert told == theirs.call("wire_ifac_signature")
    for data in ("", secrets.token_hex(40), hashlib.sha256(
            bytes.fromhex(told["ifac_key"])).hexdigest()):
        signed = ours.call("wire_ifac_compute", packet_data=data)
        assert signed == theirs.call("wire_ifac_compute", packet_data=data)
    assert signed["signature"] == told["ifac_signature"]
    assert ours.call("wire_ifac_compute", packet_data="00", ifac_size=5) == theirs.call(
        "wire_ifac_compute", packet_data="00", ifac_size=5)


def test_a_client_tells_of_its_own_code(roles):
    server = Alone(roles[0], **CODE)
    client = Client(roles[1], server, **CODE)
    assert client.call("wire_ifac_signature") == server.call("wire_ifac_signature")
    told = inject(client, "masked_full")
    assert told["learned"] is True
    # It is sent on to the server, which is a member too.
    assert until(lambda: server.call("wire_read_path_entry",
                                     destination_hash=told["dest_hash"])["found"])
