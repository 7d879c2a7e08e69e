"""The instance begins and ends."""
import RNS

from . import _wire
from ._wire import free_port, open_wire
from .registry import command

MODES = ("full", "access_point", "accesspoint", "ap", "pointtopoint", "ptp", "roaming", "boundary",
         "gateway", "gw", "internal")
INSTANCE = ("enable_transport", "respond_to_probes", "use_implicit_proof",
            "panic_on_interface_error", "remote_management_allowed", "blackhole_sources",
            "interface_discovery_sources", "rpc_key", "enable_remote_management")
INTERFACE = ("network_name", "passphrase", "mode", "ifac_size", "bitrate", "fixed_mtu")


def lines(names, params):
    def text(value):
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, (list, tuple)):
            return ", ".join(value)
        return str(value)

    return "".join(f"{name} = {text(params[name])}\n" for name in names
                   if params.get(name) not in (None, "", []))


def open_with(interface, params):
    if params.get("mode") not in (None, "", *MODES):
        raise ValueError(f"unknown mode {params['mode']}")
    if params.get("share_instance"):
        raise NotImplementedError("this side of the tests shares no instance")
    return open_wire("[reticulum]\nshare_instance = no\n" + lines(INSTANCE, params) +
                     "[interfaces]\n[[wire]]\nenabled = yes\n" + interface +
                     lines(INTERFACE, params))


@command
def wire_start_tcp_server(bind_port=0, enable_transport=True, **params):
    port = bind_port or free_port()
    open_with(f"type = TCPServerInterface\nlisten_ip = 127.0.0.1\nlisten_port = {port}\n",
              {"enable_transport": enable_transport, **params})
    return {"handle": "wire", "port": port, "identity_hash": RNS.Transport.identity.hash.hex(),
            "transport_enabled": RNS.Reticulum.transport_enabled()}


@command
def wire_start_tcp_client(target_host, target_port, enable_transport=True, **params):
    open_with(f"type = TCPClientInterface\ntarget_host = {target_host}\n"
              f"target_port = {target_port}\n", {"enable_transport": enable_transport, **params})
    return {"handle": "wire", "identity_hash": RNS.Transport.identity.hash.hex()}


@command
def wire_stop(handle):
    known = _wire.instance is not None and handle == "wire"
    if known:
        _wire.instance = None
    return {"stopped": known}
