"""Frames are given to the interface as if they had arrived, and what it signs its own with."""
import RNS

from ._wire import wait_for, wire_of
from .registry import command
from .wire_state import configured


def has_code(iface):
    return bool(getattr(iface, "ifac_identity", None))


class Stranger:
    """A destination of somebody new, and its announce, which is not sent."""

    def __init__(self, app_name, aspects):
        self.identity = RNS.Identity()
        destination = RNS.Destination(self.identity, RNS.Destination.IN, RNS.Destination.SINGLE,
                                      app_name, *aspects)
        self.packet = destination.announce(send=False)
        self.packet.pack()
        RNS.Transport.deregister_destination(destination)
        self.hash, self.frame = destination.hash, self.packet.raw


def sealed(iface, raw):
    """The frame as an interface with an access code would send it."""
    sent = []
    kept = iface.process_outgoing
    iface.process_outgoing = sent.append
    try:
        RNS.Transport.transmit(iface, raw)
    finally:
        iface.process_outgoing = kept
    return sent[0]


def learns(iface, frame, destination, wait_s):
    RNS.Transport.inbound(frame, iface)
    return wait_for(lambda: RNS.Transport.has_path(destination), wait_s)


SEALED = ("masked_full", "masked_short", "build_masked")
PLAIN = ("plain_on_ifac", "plain_on_open", "min_short")
LEARNED = ("masked_full", "plain_on_open")


@command
def wire_inject_raw_frame(handle, variant, raw=None, dest_hash=None, trim_to=2,
                          app_name="rawframe", aspects=("inject",)):
    wire_of(handle)
    iface = configured()
    if variant == "inject_external":
        destination, frame = bytes.fromhex(dest_hash), bytes.fromhex(raw)
    elif variant in SEALED + PLAIN:
        stranger = Stranger(app_name, aspects)
        destination = stranger.hash
        frame = sealed(iface, stranger.frame) if variant in SEALED else stranger.frame
    else:
        raise ValueError(f"no variant {variant}")
    if variant in SEALED and not has_code(iface):
        raise ValueError("the interface has no access code")
    if variant == "masked_short":
        frame = frame[:2 + iface.ifac_size]
    if variant == "min_short":
        frame = frame[:trim_to]
    result = {"dest_hash": destination.hex(), "frame_len": len(frame)}
    if has_code(iface):
        result["ifac_size"] = iface.ifac_size
    if variant == "build_masked":
        return {**result, "raw": frame.hex()}
    wait_s = 3 if variant in LEARNED else 0.3
    return {**result, "learned": learns(iface, frame, destination, wait_s)}


@command
def wire_known_key_validate(handle, app_name, aspects=(), plant="mismatch"):
    wire_of(handle)
    if plant not in ("mismatch", "match", "none"):
        raise ValueError(f"no plant {plant}")
    stranger = Stranger(app_name, aspects)
    own = stranger.identity.get_public_key()
    planted = {"mismatch": RNS.Identity().get_public_key(), "match": own, "none": None}[plant]
    if planted is not None:
        RNS.Identity.remember(b"\0" * 32, stranger.hash, planted, None)
    packet = RNS.Packet(None, stranger.frame)
    packet.unpack()
    return {"validated": bool(RNS.Identity.validate_announce(packet)),
            "destination_hash": stranger.hash.hex(), "public_key": own.hex(),
            "planted_public_key": None if planted is None else planted.hex(), "plant": plant}


def with_code(handle):
    wire_of(handle)
    iface = configured()
    if not has_code(iface):
        raise ValueError("the interface has no access code")
    return iface


@command
def wire_ifac_compute(handle, packet_data, ifac_size=None):
    iface = with_code(handle)
    size = iface.ifac_size if ifac_size is None else ifac_size
    signature = iface.ifac_identity.sign(bytes.fromhex(packet_data))
    return {"ifac_key": iface.ifac_key.hex(), "ifac_size": size, "signature": signature.hex(),
            "ifac": signature[-size:].hex()}


@command
def wire_ifac_signature(handle):
    iface = with_code(handle)
    return {"ifac_signature": iface.ifac_signature.hex(), "ifac_key": iface.ifac_key.hex(),
            "ifac_size": iface.ifac_size, "default_ifac_size": iface.DEFAULT_IFAC_SIZE}
