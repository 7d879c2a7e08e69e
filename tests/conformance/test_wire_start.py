"""The instance: what it is told, and what it says of itself."""
import hashlib
import os
import pathlib
import re
import secrets
import socket

import pytest

from client import Refused
from nodes import NOBODY, Alone, Client, one_of_each, until, without

VALID, OTHER = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"

CONFIGS = [
    {}, {"enable_transport": None}, {"enable_transport": False},
    {"respond_to_probes": True, "use_implicit_proof": False}, {"panic_on_interface_error": True},
    {"remote_management_allowed": [VALID, OTHER], "blackhole_sources": [VALID, VALID],
     "interface_discovery_sources": [OTHER]},
    {"rpc_key": "nothexkey00zz"}, {"rpc_key": "00" * 32}, {"bitrate": 3}, {"bitrate": 1000},
    {"network_name": "", "passphrase": ""}, {"fixed_mtu": 600}]


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_a_node_says_what_it_was_told(start, config):
    ours, theirs = one_of_each(start, **config)
    assert ours.served["transport_enabled"] is theirs.served["transport_enabled"]
    for command in ("wire_instance_posture", "wire_transport_enabled", "wire_interface_hw_mtu",
                    "wire_interface_bitrate", "wire_interface_transport_defaults"):
        assert ours.call(command) == theirs.call(command), command
    for node in (ours, theirs):
        managed = node.call("wire_mgmt_destinations")
        assert managed["transport_identity_hash"] == node.served["identity_hash"]
        check_probe(managed, config.get("respond_to_probes", False))
    assert ours.bridge.call("wire_interface_transport_defaults") == ours.call(
        "wire_interface_transport_defaults")


def check_probe(managed, is_there):
    name = hashlib.sha256(b"rnstransport.probe").digest()[:10]
    hash_ = hashlib.sha256(name + bytes.fromhex(managed["transport_identity_hash"])).hexdigest()
    probe = {"present": True, "hash": hash_[:32], "name": "rnstransport.probe",
             "proof_strategy": 0x23, "accepts_links": False, "in_mgmt_destinations": True}
    assert managed["app_name"] == "rnstransport"
    assert managed["probe"] == (probe if is_there else {"present": False})
    assert managed["remote_management"] == {"present": False}


@pytest.mark.parametrize("config", [
    {"mode": "roming"}, {"remote_management_allowed": [VALID[2:]]},
    {"blackhole_sources": ["zz" + VALID[2:]]}, {"interface_discovery_sources": [VALID[2:]]}], ids=str)
def test_what_cannot_be_meant_is_refused(start, config):
    for kind in ("ours", "theirs"):
        assert start(kind).ask("wire_start_tcp_server", **config)["success"] is False


@pytest.mark.parametrize("config,feature", [({"share_instance": True}, "shared instance"),
                                            ({"enable_remote_management": True},
                                             "remote management")])
def test_what_is_not_built_says_so(start, config, feature):
    bridge = start("ours")
    with pytest.raises(Refused, match=f"not built: {feature}"):
        bridge.call("wire_start_tcp_server", **config)
    assert "handle" in bridge.call("wire_start_tcp_server")


def test_there_is_one_node_and_it_can_be_stopped(start):
    bridge = start("ours")
    handle = bridge.call("wire_start_tcp_server")["handle"]
    with pytest.raises(Refused):
        bridge.call("wire_start_tcp_server")
    assert bridge.call("wire_stop", handle="nobody")["stopped"] is False
    assert bridge.call("wire_stop", handle=handle)["stopped"] is True
    assert bridge.call("wire_stop", handle=handle)["stopped"] is False
    with pytest.raises(Refused):
        bridge.call("wire_transport_enabled", handle=handle)


def test_a_thousand_requests_leave_nothing(start):
    bridge = start("ours")

    def life():
        node = Alone(bridge)
        hash_ = node.call("wire_listen", app_name="soak", enable_ratchets=True)["destination_hash"]
        for _ in range(5):
            node.call("wire_rotate_ratchet", destination_hash=hash_, last_rotation_ago_s=1e6)
        for _ in range(95):
            node.call("wire_read_ratchets", destination_hash=hash_)
        node.call("wire_inject_raw_frame", variant="plain_on_open")
        assert node.call("wire_stop")["stopped"] is True

    def held():
        pid = bridge.process.pid
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return len(os.listdir(f"/proc/{pid}/fd")), re.search(r"Threads:\s+(\d+)", status)[1]

    life()
    before = held()
    for _ in range(10):
        life()
    assert held() == before


@pytest.mark.parametrize("params", [{"target_host": "127.0.0.1"}, {"target_port": 4242},
                                    {"target_host": "127.0.0.1", "target_port": 0},
                                    {"target_host": "a\nb = c", "target_port": 4242}])
def test_a_client_needs_a_server(start, params):
    with pytest.raises(Refused):
        start("ours").call("wire_start_tcp_client", **params)


@pytest.mark.differs
def test_a_client_has_an_mtu_of_its_own(start, then):
    def told_by(kind, **config):
        client = Client(start(kind), Alone(start(kind)), **config)
        return [without(client.call("wire_interface_hw_mtu"), "class_hw_mtu"),
                client.call("wire_interface_bitrate")]

    ours, theirs = told_by("ours"), told_by("theirs")
    assert ours == theirs and ours[0]["hw_mtu"] == then(8192, 16384)
    assert ours[0]["autoconfigure_mtu"] is True
    for mtu in (500, 900):
        results = [told_by(kind, fixed_mtu=mtu)[0] for kind in ("ours", "theirs")]
        assert results[0] == results[1]
        assert (results[0]["hw_mtu"], results[0]["fixed_mtu"]) == (mtu, True)


def test_the_mode_is_that_of_the_file(start):
    for mode in ("roaming", "gw", "access_point", ""):
        assert start("ours").call("wire_start_tcp_server", mode=mode)["port"] > 0


@pytest.mark.parametrize("code", [{"network_name": "net"}, {"passphrase": "secret"},
                                  {"network_name": "net", "passphrase": "secret",
                                   "ifac_size": 64}], ids=str)
def test_members_of_a_network_hear_each_other(roles, code):
    server = Alone(roles[0], **code)
    client = Client(roles[1], server, **{key: code[key] for key in code if key != "ifac_size"})
    hash_ = server.call("wire_announce", app_name="network")["destination_hash"]
    same_size = "ifac_size" not in code
    assert client.poll(hash_, 5000 if same_size else 600)["found"] is same_size


def test_a_server_listens_where_it_is_told_to(roles):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Alone(roles[0], bind_port=port)
    assert server.served["port"] == port
    client = Client(roles[1], server)
    assert client.poll(server.call("wire_announce", app_name="port")["destination_hash"])["found"]


def test_first_hop_and_bytes_sent(roles):
    server = Alone(roles[0])
    client = Client(roles[1], server, enable_transport=False)  # it repeats nothing
    before = server.call("wire_tx_bytes")["tx_bytes"]
    hash_ = server.call("wire_announce", app_name="timeouts")["destination_hash"]
    assert client.poll(hash_) == {"found": True, "hops": 1}
    assert until(lambda: server.call("wire_tx_bytes")["tx_bytes"] >= before + 100)
    unknown = client.call("wire_first_hop_timeout", destination_hash=secrets.token_hex(16))
    assert unknown == {"timeout": 6, "default_per_hop_timeout": 6}
    known = client.call("wire_first_hop_timeout", destination_hash=hash_)
    assert known["timeout"] == pytest.approx(6 + 500 * 8 / 10_000_000)
    assert client.poll(NOBODY, 0) == {"found": False, "hops": None}
