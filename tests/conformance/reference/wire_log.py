"""The frames that came in, the mode of an interface, and a hook of one implementation that others echo."""
import time

import RNS
from RNS.Interfaces.Interface import Interface

from ._wire import wire_of
from .registry import command
from .wire_inject import has_code
from .wire_state import configured

MODES = {"full": Interface.MODE_FULL, "pointtopoint": Interface.MODE_POINT_TO_POINT,
         "access_point": Interface.MODE_ACCESS_POINT, "roaming": Interface.MODE_ROAMING,
         "boundary": Interface.MODE_BOUNDARY, "gateway": Interface.MODE_GATEWAY}
frames = []
inbound = RNS.Transport.inbound


def bare(raw, interface):
    """The packet in a frame, or behind its access code; b"": it is not of the interface's network."""
    size = interface.ifac_size if raw and raw[0] & 0x80 and has_code(interface) else 0
    if size == 0:
        return raw
    code = raw[2:2 + size]
    mask = RNS.Cryptography.hkdf(length=len(raw), derive_from=code, salt=interface.ifac_key)
    plain = bytes(byte ^ masked for byte, masked in zip(raw, mask))
    packet = bytes([plain[0] & 0x7f, plain[1]]) + plain[2 + size:]
    return packet if interface.ifac_identity.sign(packet)[-size:] == code else b""


def note(raw, interface=None):
    packet = RNS.Packet(None, bare(raw, interface))
    parses = packet.unpack()
    frames.append({"seq": len(frames) + 1, "timestamp_ms": int(time.time() * 1000), "raw_hex": raw.hex(),
                   "packet_type": packet.packet_type if parses else None,
                   "destination_hash_hex": packet.destination_hash.hex() if parses else None,
                   "context": packet.context if parses else None, "interface_name": str(interface)})
    inbound(raw, interface)


RNS.Transport.inbound = staticmethod(note)


@command
def wire_get_received_packets(handle=None, since_seq=0):
    if handle is not None:
        wire_of(handle)
    return {"packets": [frame for frame in frames if frame["seq"] > since_seq], "highest_seq": len(frames)}


@command
def wire_set_interface_mode(handle, mode):
    wire_of(handle)
    interface = configured()
    for each in [interface, *(getattr(interface, "spawned_interfaces", None) or [])]:
        each.mode = MODES[mode]
    return {"mode": mode}


@command
def wire_set_race_inducer(seam=None, delay_ms=0):
    return {"seam": seam, "delay_ms": delay_ms}
