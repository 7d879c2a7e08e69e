"""The one transport of this process over interfaces that are looked at; each start sets it back."""
import collections
import pathlib
import sys
import tempfile

import RNS
from RNS.Interfaces.Interface import Interface

CONFIG = """[reticulum]
enable_transport = {}
share_instance = no
respond_to_probes = no
[interfaces]
"""
MODES = ("FULL", "POINT_TO_POINT", "ACCESS_POINT", "ROAMING", "BOUNDARY", "GATEWAY", "INTERNAL")
TABLES = ("path_table", "announce_table", "link_table", "reverse_table", "tunnels",
          "packet_hashlist", "packet_hashlist_prev", "announce_rate_table", "path_requests",
          "discovery_path_requests", "inflight_path_requests", "discovery_pr_tags", "path_states",
          "held_announces", "blackholed_identities", "announce_handlers", "interfaces",
          "pending_discovery_prs")


class MockInterface(Interface):
    """Keeps what is sent; receives what it is handed."""

    def __init__(self, name, mode, mtu):
        super().__init__()
        self.name, self.mode, self.HW_MTU = name, mode, mtu
        self.IN = self.OUT = self.online = True
        self.bitrate = 10_000_000
        self.ifac_size, self.ifac_identity, self.ifac_key = 0, None, None
        self.announce_rate_target = None
        self.announce_rate_grace = self.announce_rate_penalty = 0
        self.sent = collections.deque()

    def process_outgoing(self, data):
        self.sent.append(bytes(data))
        self.txb += len(data)

    def receive(self, raw):
        try:
            RNS.Transport.inbound(raw, self)
        except Exception as error:  # version 1.3 lets it through
            RNS.log(f"{self}: {error}", RNS.LOG_DEBUG)

    def take_sent(self):
        return [self.sent.popleft() for _ in range(len(self.sent))]

    def __str__(self):
        return f"MockInterface[{self.name}]"


class Mock:
    def __init__(self, handle, defaults):
        self.handle, self.defaults = handle, defaults
        self.interfaces, self.destinations, self.handlers = {}, {}, {}

    def id_of(self, interface):
        return next((name for name, known in self.interfaces.items() if known is interface), None)


directory = None
transport_enabled = None
mock = None
given = 0


def next_id(kind):
    global given
    given += 1
    return f"{kind}-{given}"


def index(name):
    """The place of a field in an entry of a table."""
    return getattr(sys.modules[RNS.Transport.__module__], "IDX_" + name)


def clear():
    for name in TABLES:
        getattr(RNS.Transport, name, []).clear()  # some versions have fewer


def open_instance(enable_transport):
    global directory, transport_enabled
    if directory is None:
        directory = tempfile.mkdtemp(prefix="reference-")
        (pathlib.Path(directory) / "config").write_text(
            CONFIG.format("yes" if enable_transport else "no"))
        RNS.Reticulum(directory, loglevel=RNS.loglevel)
        RNS.Transport.USE_INBOUND_QUEUE = False  # what is handed in is worked off at once
        transport_enabled = enable_transport
    if transport_enabled != enable_transport:
        raise RuntimeError("this process has an instance with the other enable_transport")


def open_mock(enable_transport, seed, defaults):
    global mock
    open_instance(enable_transport)
    close_mock()
    if seed is not None:
        RNS.Transport.identity = RNS.Identity.from_bytes(seed)
    mock = Mock(next_id("mock"), defaults)
    return mock


def close_mock():
    global mock
    if mock is not None:
        for destination in mock.destinations.values():
            RNS.Transport.deregister_destination(destination)
        clear()
    mock = None


def mock_of(handle):
    if mock is None or handle != mock.handle:
        raise KeyError(f"no node {handle}")
    return mock


def interface_of(handle, iface_id):
    return mock_of(handle).interfaces[iface_id]
