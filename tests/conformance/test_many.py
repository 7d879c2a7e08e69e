"""Many requests leave nothing behind."""
import os

import pytest

from compare import some

CONFIG = "[interfaces]\n[[a]]\ntype = ConfigParseProbeInterface\nenabled = yes\nnetworkname = n\n"


def open_files(bridge):
    return len(os.listdir(f"/proc/{bridge.process.pid}/fd"))


def resident_kb(bridge):
    with open(f"/proc/{bridge.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


REQUESTS = {
    "announce_build": lambda: {"private_key": some(64), "app_name": "a", "enable_ratchets": True,
                               "app_data": some(50)},
    "destination_construct": lambda: {"app_name": "a"},
    "destination_announce_attempt": lambda: {"app_name": "a"},
    "destination_rotate_ratchets": lambda: {"app_name": "a", "enable": True},
    "destination_group_encrypt": lambda: {"app_name": "a", "plaintext": some(30),
                                          "create_keys": True},
    "destination_default_app_data": lambda: {"app_name": "a", "default_kind": "callable",
                                             "default_value": some(30)},
    "destination_register_request_handler_validate": lambda: {"app_name": "a"},
    "packet_build": lambda: {"dest_type": "single", "data": some(30)},
    "packet_resend_observe": lambda: {"data": some(30)},
    "identity_remember": lambda: {"packet_hash": some(16), "destination_hash": some(16),
                                  "public_key": some(64), "app_data": some(30)},
    "ratchet_decrypt": lambda: {"private_key": some(64), "ciphertext": some(128),
                                "ratchet_privates": [some(32) for _ in range(10)]},
    "config_parse_interface": lambda: {"interface_name": "a", "config_text": CONFIG},
    "bz2_compress": lambda: {"data": some(1000)},
    "kiss_deframe_stream": lambda: {"stream": "c000" + some(500) + "c0"},
}


@pytest.mark.parametrize("command", REQUESTS)
def test_a_thousand_of_each(start, command):
    bridge = start("ours")
    before = None
    for count in range(1000):
        bridge.call(command, **REQUESTS[command]())
        if count == 100:
            before = open_files(bridge), resident_kb(bridge)
    assert open_files(bridge) == before[0]
    assert resident_kb(bridge) < before[1] + 512
