"""Nodes in memory, their interfaces, frames in and out."""
import RNS
from RNS.Interfaces.Interface import Interface

from . import _mock
from ._mock import interface_of, mock_of
from .registry import command

OF_INTERFACES = ("announce_rate_target", "announce_rate_grace", "announce_rate_penalty",
                 "announce_cap", "bitrate")


@command
def behavioral_start(identity_seed=None, enable_transport=True, **options):
    defaults = {name: options[name] for name in OF_INTERFACES if options.get(name) is not None}
    seed = bytes.fromhex(identity_seed) if identity_seed else None
    mock = _mock.open_mock(enable_transport, seed, defaults)
    return {"handle": mock.handle, "identity_hash": RNS.Transport.identity.hash.hex()}


@command
def behavioral_stop(handle):
    known = _mock.mock is not None and _mock.mock.handle == handle
    if known:
        _mock.close_mock()
    return {"stopped": known}


@command
def behavioral_force_cull(handle):
    mock_of(handle)
    for timer in ("tables_last_culled", "announces_last_checked", "blackhole_last_checked"):
        setattr(RNS.Transport, timer, 0)
    RNS.Transport.jobs()
    return {"culled": True}


def set_code(interface, ifac_netname=None, ifac_netkey=None, ifac_size=None):
    """As RNS.Reticulum does it for an interface with network_name or passphrase."""
    parts = [part for part in (ifac_netname, ifac_netkey) if part is not None]
    if not parts:
        return
    origin = b"".join(RNS.Identity.full_hash(part.encode()) for part in parts)
    interface.ifac_size = ifac_size or 16
    interface.ifac_key = RNS.Cryptography.hkdf(
        length=64, derive_from=RNS.Identity.full_hash(origin), salt=RNS.Reticulum.IFAC_SALT,
        context=None)
    interface.ifac_identity = RNS.Identity.from_bytes(interface.ifac_key)


@command
def behavioral_attach_mock_interface(handle, name, mode="FULL", mtu=500, **options):
    mock = mock_of(handle)
    if mode not in _mock.MODES:
        raise ValueError(f"there is no mode {mode}")
    interface = _mock.MockInterface(name, getattr(Interface, "MODE_" + mode), mtu)
    for option, value in {**mock.defaults, **options}.items():
        if option in OF_INTERFACES and value is not None:
            setattr(interface, option, value)
    set_code(interface, **{key: value for key, value in options.items() if key.startswith("ifac")})
    iface_id = _mock.next_id("iface")
    mock.interfaces[iface_id] = interface
    RNS.Transport.interfaces.append(interface)
    return {"iface_id": iface_id, "interface_hash": interface.get_hash().hex(),
            "ifac_size": interface.ifac_size}


@command
def behavioral_detach_interface(handle, iface_id):
    interface = interface_of(handle, iface_id)
    interface.online = False
    if interface in RNS.Transport.interfaces:
        RNS.Transport.interfaces.remove(interface)
    return {"detached": True}


@command
def behavioral_inject(handle, iface_id, raw):
    interface_of(handle, iface_id).receive(bytes.fromhex(raw))
    return {}


@command
def behavioral_drain_tx(handle, iface_id):
    return {"packets": [raw.hex() for raw in interface_of(handle, iface_id).take_sent()]}
