"""Requests over a link."""
import RNS

from ._wire import wait_for, wire_of
from .registry import command

SLACK_S = 0.5  # the request's own timeout comes first


def as_hex(value):
    return value.hex() if isinstance(value, (bytes, bytearray)) else None


def read_file(receipt):
    """A file is there only while the library tells of it."""
    if hasattr(receipt.response, "read"):
        receipt.response.seek(0)
        receipt.response = receipt.response.read()


def ask(link, path, data, timeout_s):
    return link.request(path, data=bytes.fromhex(data) if data else None, timeout=timeout_s,
                        response_callback=read_file)


def is_over(receipt):
    failed = receipt.get_status() == RNS.RequestReceipt.FAILED
    return failed or (receipt.concluded() and not hasattr(receipt.response, "read"))


def wait_for_answer(receipt, timeout_s):
    wait_for(lambda: is_over(receipt), timeout_s + SLACK_S)
    if receipt.get_status() != RNS.RequestReceipt.READY:
        failed = receipt.get_status() == RNS.RequestReceipt.FAILED
        return {"status": "failed" if failed else "timeout", "response": None,
                "response_metadata": None}
    return {"status": "ready", "response": as_hex(receipt.response),
            "response_metadata": as_hex(receipt.metadata),
            "response_time_s": receipt.get_response_time()}


@command
def wire_link_request(handle, link_id, path, data="", timeout_ms=10000):
    link = wire_of(handle).link(link_id)
    return wait_for_answer(ask(link, path, data, timeout_ms / 1000), timeout_ms / 1000)


@command
def wire_link_request_large(handle, link_id, path, data="", timeout_ms=30000):
    return wire_link_request(handle, link_id, path, data, timeout_ms)


@command
def wire_link_request_timeout(handle, link_id, path, data="", timeout_ms=None):
    link = wire_of(handle).link(link_id)
    explicit = timeout_ms / 1000 if timeout_ms else None
    receipt = ask(link, path, data, explicit)
    return {"receipt_timeout": receipt.timeout, "rtt": link.rtt,
            "traffic_timeout_factor": RNS.Link.TRAFFIC_TIMEOUT_FACTOR,
            "response_max_grace_time": RNS.Resource.RESPONSE_MAX_GRACE_TIME,
            "explicit_timeout": explicit}


def watch_answers(link, captured):
    """Notes what answers come in, from now on."""
    receive = link.receive

    def note(packet):
        if packet.packet_type == RNS.Packet.DATA and packet.context == RNS.Packet.RESPONSE:
            captured.append({"context": packet.context,
                             "plaintext": as_hex(link.decrypt(packet.data))})
        if packet.packet_type == RNS.Packet.DATA and packet.context == RNS.Packet.RESOURCE_ADV:
            captured.append({"context": packet.context, "plaintext": None})
        return receive(packet)

    link.receive = note


@command
def wire_capture_response_packet(handle, link_id, path, data="", timeout_ms=15000):
    link = wire_of(handle).link(link_id)
    captured = []
    watch_answers(link, captured)
    try:
        result = wire_link_request(handle, link_id, path, data, timeout_ms)
    finally:
        del link.receive
    return dict(result, captured=captured)
