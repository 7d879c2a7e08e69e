"""What becomes of an interface's section of a configuration."""
import pathlib

import RNS
from RNS.vendor.configobj import ConfigObj

from ._still import instance
from .registry import command

PROBE = """
class Probe(Interface):
    DEFAULT_IFAC_SIZE = 16

    def __init__(self, owner, configuration):
        super().__init__()
        self.name, self.bitrate, self.owner = configuration["name"], 62500, owner
        self.HW_MTU, self.online, self.IN = 500, False, False

    def __str__(self):
        return self.name

    def process_outgoing(self, data):
        pass

interface_class = Probe
"""
ATTRIBUTES = ("mode bitrate announce_cap ifac_size discoverable discovery_announce_interval "
              "ifac_netname ifac_netkey ic_max_held_announces ic_burst_hold ic_burst_freq_new "
              "ic_burst_freq ic_new_time ic_burst_penalty ic_held_release_interval").split()


@command
def config_parse_interface(interface_name, config_text):
    owner = instance()
    module = pathlib.Path(RNS.Reticulum.interfacepath) / "ConfigParseProbeInterface.py"
    module.write_text(PROBE)
    sections = ConfigObj(config_text.splitlines()).get("interfaces", {})
    if interface_name not in sections:
        return {"error": "no such section"}
    section, before = sections[interface_name], list(RNS.Transport.interfaces)
    owner._synthesize_interface(section, interface_name)
    made = [interface for interface in RNS.Transport.interfaces if interface not in before]
    if not made:
        return {"error": "it is not enabled"}
    RNS.Transport.remove_interface(made[0])
    result = {name: getattr(made[0], name) for name in ATTRIBUTES}
    return result | {"selected_interface_mode": section["selected_interface_mode"],
                     "configured_bitrate": section["configured_bitrate"],
                     "default_ifac_size": made[0].DEFAULT_IFAC_SIZE,
                     "ifac_active": hasattr(made[0], "ifac_identity")
                     and made[0].ifac_identity is not None}
