"""Numbers of the protocol and of interfaces."""
import types

import RNS
from RNS.Interfaces.Interface import Interface
from RNS.Interfaces.TCPInterface import TCPClientInterface, TCPServerInterface
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
    classes = (TCPServerInterface, TCPClientInterface, UDPInterface)
    return {"default_ifac_size": {kind.__name__: kind.DEFAULT_IFAC_SIZE for kind in classes},
            "ifac_min_size": RNS.Reticulum.IFAC_MIN_SIZE}


@command
def interface_optimise_mtu(bitrate, autoconfigure=True):
    interface = types.SimpleNamespace(bitrate=bitrate, AUTOCONFIGURE_MTU=autoconfigure, HW_MTU=-1)
    Interface.optimise_mtu(interface)
    return {"hw_mtu": interface.HW_MTU, "unchanged": interface.HW_MTU == -1}
