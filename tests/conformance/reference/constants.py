"""Numbers of the protocol and of interfaces."""
import types
import unittest.mock

import RNS
import RNS.Interfaces.AutoInterface as auto
from RNS.Interfaces.AX25KISSInterface import AX25KISSInterface
from RNS.Interfaces.BackboneInterface import BackboneInterface
from RNS.Interfaces.Interface import Interface
from RNS.Interfaces.KISSInterface import KISSInterface
from RNS.Interfaces.PipeInterface import PipeInterface
from RNS.Interfaces.RNodeInterface import RNodeInterface
from RNS.Interfaces.SerialInterface import SerialInterface
from RNS.Interfaces.TCPInterface import TCPClientInterface, TCPInterface, TCPServerInterface
from RNS.Interfaces.UDPInterface import UDPInterface

from .registry import command


@command
def packet_constants():
    return {"mtu": RNS.Reticulum.MTU, "header_minsize": RNS.Reticulum.HEADER_MINSIZE,
            "header_maxsize": RNS.Reticulum.HEADER_MAXSIZE, "mdu": RNS.Reticulum.MDU,
            "ifac_min_size": RNS.Reticulum.IFAC_MIN_SIZE, "packet_mdu": RNS.Packet.MDU,
            "packet_plain_mdu": RNS.Packet.PLAIN_MDU,
            "packet_encrypted_mdu": RNS.Packet.ENCRYPTED_MDU, "link_mdu": RNS.Link.MDU,
            "hashlength": RNS.Identity.HASHLENGTH, "siglength": RNS.Identity.SIGLENGTH,
            "truncated_hashlength": RNS.Identity.TRUNCATED_HASHLENGTH,
            "keysize": RNS.Identity.KEYSIZE, "name_hash_length": RNS.Identity.NAME_HASH_LENGTH,
            "token_overhead": RNS.Identity.TOKEN_OVERHEAD,
            "aes128_blocksize": RNS.Identity.AES128_BLOCKSIZE}


CONTEXTS = ("NONE RESOURCE RESOURCE_ADV RESOURCE_REQ RESOURCE_HMU RESOURCE_PRF RESOURCE_ICL "
            "RESOURCE_RCL CACHE_REQUEST REQUEST RESPONSE PATH_RESPONSE COMMAND COMMAND_STATUS "
            "CHANNEL KEEPALIVE LINKIDENTIFY LINKCLOSE LINKPROOF LRRTT LRPROOF").split()


@command
def packet_context_constants():
    return {name: getattr(RNS.Packet, name) for name in CONTEXTS}


@command
def interface_default_ifac_size():
    classes = (SerialInterface, KISSInterface, AX25KISSInterface, RNodeInterface, PipeInterface,
               TCPServerInterface, TCPClientInterface, UDPInterface)
    return {"default_ifac_size": {kind.__name__: kind.DEFAULT_IFAC_SIZE for kind in classes},
            "ifac_min_size": RNS.Reticulum.IFAC_MIN_SIZE}


@command
def interface_hw_mtu(type):
    for kind in (TCPInterface, auto.AutoInterface, BackboneInterface):
        if kind.__name__ == type:
            return {"hw_mtu": kind.HW_MTU}
    return {"error": f"{type} is no class with an MTU of its own"}


@command
def auto_discovery_token(group_id, link_local_addr):
    """What an AutoInterface with this address sends to its group."""
    interface = auto.AutoInterface.__new__(auto.AutoInterface)
    interface.group_id = bytes.fromhex(group_id)
    interface.adopted_interfaces = {"lo": link_local_addr}
    interface.mcast_discovery_address = "ff12::1"
    interface.discovery_port = auto.AutoInterface.DEFAULT_DISCOVERY_PORT
    with unittest.mock.patch.object(auto, "socket") as network:
        interface.peer_announce("lo")
    return {"token": network.socket.return_value.sendto.call_args.args[0].hex()}


@command
def interface_optimise_mtu(bitrate, autoconfigure=True):
    interface = types.SimpleNamespace(bitrate=bitrate, AUTOCONFIGURE_MTU=autoconfigure, HW_MTU=-1)
    Interface.optimise_mtu(interface)
    return {"hw_mtu": interface.HW_MTU, "unchanged": interface.HW_MTU == -1}
