"""What the instance was told, and what its interface is like."""
import RNS

from . import _wire
from ._wire import wire_of
from .registry import command


def configured():
    """The interface that was configured, not those that it spawned."""
    return next(iface for iface in RNS.Transport.interfaces
                if getattr(iface, "parent_interface", None) is None)


@command
def wire_transport_enabled(handle):
    reticulum = wire_of(handle).reticulum
    return {"transport_enabled": RNS.Reticulum.transport_enabled(),
            "is_shared_instance": bool(reticulum.is_shared_instance),
            "is_connected_to_shared_instance": bool(reticulum.is_connected_to_shared_instance)}


@command
def wire_instance_posture(handle):
    reticulum = wire_of(handle).reticulum
    return {"transport_enabled": RNS.Reticulum.transport_enabled(),
            "remote_management_enabled": RNS.Reticulum.remote_management_enabled(),
            "respond_to_probes": RNS.Reticulum.probe_destination_enabled(),
            "should_use_implicit_proof": RNS.Reticulum.should_use_implicit_proof(),
            "remote_management_allowed": [allowed.hex() for allowed in
                                          RNS.Transport.remote_management_allowed],
            "panic_on_interface_error": RNS.Reticulum.panic_on_interface_error,
            "blackhole_sources": [source.hex() for source in RNS.Reticulum.blackhole_sources()],
            "interface_discovery_sources": [
                source.hex() for source in RNS.Reticulum.interface_discovery_sources()],
            "is_connected_to_shared_instance": bool(reticulum.is_connected_to_shared_instance),
            "link_mtu_discovery": RNS.Reticulum.link_mtu_discovery(),
            "is_shared_instance": bool(reticulum.is_shared_instance)}


def described(destination):
    if destination is None:
        return {"present": False}
    return {"present": True, "hash": destination.hash.hex(),
            "name": destination.name.rsplit("." + destination.identity.hexhash, 1)[0],
            "proof_strategy": destination.proof_strategy,
            "accepts_links": destination.accept_link_requests,
            "in_mgmt_destinations": destination in RNS.Transport.mgmt_destinations}


@command
def wire_mgmt_destinations(handle):
    wire_of(handle)
    return {"transport_identity_hash": RNS.Transport.identity.hash.hex(),
            "app_name": RNS.Transport.APP_NAME,
            "probe": described(getattr(RNS.Transport, "probe_destination", None)),
            "remote_management": described(
                getattr(RNS.Transport, "remote_management_destination", None))}


@command
def wire_interface_hw_mtu(handle):
    wire_of(handle)
    iface = configured()
    return {"hw_mtu": iface.HW_MTU, "link_mtu_discovery": RNS.Reticulum.link_mtu_discovery(),
            "reticulum_mtu": RNS.Reticulum.MTU, "autoconfigure_mtu": iface.AUTOCONFIGURE_MTU,
            "fixed_mtu": iface.FIXED_MTU, "class_hw_mtu": getattr(type(iface), "HW_MTU", None)}


@command
def wire_interface_bitrate(handle):
    wire_of(handle)
    iface = configured()
    return {"bitrate": iface.bitrate, "bitrate_guess": iface.BITRATE_GUESS,
            "minimum_bitrate": RNS.Reticulum.MINIMUM_BITRATE}


@command
def wire_interface_transport_defaults(handle=None):
    if handle is not None:
        wire_of(handle)
    if _wire.instance is None:
        raise KeyError("no instance tells its port")
    kind = RNS.Interfaces.Interface.Interface
    return {"local_interface_port": _wire.instance.reticulum.local_interface_port,
            "ar_target": kind.DEFAULT_AR_TARGET, "ar_penalty": kind.DEFAULT_AR_PENALTY,
            "ar_grace": kind.DEFAULT_AR_GRACE}


@command
def wire_first_hop_timeout(handle, destination_hash):
    wire_of(handle)
    return {"timeout": RNS.Transport.first_hop_timeout(bytes.fromhex(destination_hash)),
            "default_per_hop_timeout": RNS.Reticulum.DEFAULT_PER_HOP_TIMEOUT}


@command
def wire_tx_bytes(handle):
    wire_of(handle)
    return {"tx_bytes": sum(iface.txb for iface in RNS.Transport.interfaces)}
