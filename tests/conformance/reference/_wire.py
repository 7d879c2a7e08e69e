"""The one instance of this process, and what is known of its sessions."""
import pathlib
import socket
import tempfile
import time

import RNS


DIRECTORIES = []  # of instances, removed at the end
LINK_HOOKS = []  # each is called with the listener's Own and a link that came in


class Own:
    """A destination of ours."""

    def __init__(self, destination):
        self.destination = destination
        self.packets, self.opportunistic, self.links = [], [], []
        self.requests = {}  # by path
        self.resources = []  # that came
        self.listen = None  # what wire_listen was told
        self.proofs = []  # the context of each packet that was proved


class Wire:
    def __init__(self, config):
        self.directory = tempfile.mkdtemp(prefix="reference-")
        DIRECTORIES.append(self.directory)
        (pathlib.Path(self.directory) / "config").write_text(config)
        self.reticulum = RNS.Reticulum(self.directory, loglevel=RNS.loglevel)
        self.owns, self.links = {}, {}
        self.resources = {}  # that were sent, by their id

    def own(self, destination_hash):
        return self.owns[bytes.fromhex(destination_hash)]

    def link(self, link_id):
        """A link that we opened."""
        return self.links[bytes.fromhex(link_id)]

    def any_link(self, link_id, timeout_s=3):
        """A link of either side."""
        wanted = bytes.fromhex(link_id)

        def find():
            if wanted in self.links:
                return self.links[wanted]
            inbound = (link for own in self.owns.values() for link in own.links)
            return next((link for link in inbound if link.link_id == wanted), None)

        wait_for(find, timeout_s)
        link = find()
        if link is None:
            raise KeyError("no such link")
        return link


instance = None


def open_wire(config):
    global instance
    if instance is not None:
        raise RuntimeError("there is an instance already")
    instance = Wire(config)
    return instance


def wire_of(handle):
    if instance is None or handle != "wire":
        raise KeyError(f"no handle {handle}")
    return instance


def wait_for(done, timeout_s):
    """Whether done() becomes true in time."""
    until = time.time() + timeout_s
    while not done():
        if time.time() > until:
            return bool(done())
        time.sleep(0.01)
    return True


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
