"""Resources of the agent around the reference."""

import bz2
import os
import sys
import threading
import time
import types

import RNS
from RNS.vendor import umsgpack

STRATEGIES = {
    "none": RNS.Link.ACCEPT_NONE,
    "ask": RNS.Link.ACCEPT_APP,
    "all": RNS.Link.ACCEPT_ALL,
}
STATUS = {
    RNS.Resource.COMPLETE: "complete",
    RNS.Resource.FAILED: "failed",
    RNS.Resource.CORRUPT: "corrupt",
    RNS.Resource.REJECTED: "refused",
}
BOMB = 100_000_000  # bytes that it unpacks to


def status_of(resource):
    """Complete or failed, and the word of the reference."""
    why = STATUS.get(resource.status, str(resource.status))
    return {"status": "complete" if why == "complete" else "failed", "why": why}


def cancel_offered(resource):
    """Before it is offered the reference cannot cancel a resource: it would be offered all the
    same."""
    while resource.status < RNS.Resource.ADVERTISED:
        time.sleep(0.001)
    resource.cancel()


class Bomb(types.SimpleNamespace):
    """In the place of bz2: what it makes unpacks to far more than it was made of."""

    def __init__(self):
        super().__init__(compress=lambda data: bz2.compress(bytes(BOMB)))


class Resources:
    def __init__(self):
        super().__init__()
        self.resources, self.taking, self.numbers_in = {}, {}, {}
        self.resources_ended = set()
        self.preparing = threading.Lock()

    def received_path(self):
        return os.path.join(self.folder, f"received-{self.number()}")

    def prepare_resources(self, link):
        link.set_resource_callback(lambda offer: self.on_offer(link, offer))
        link.set_resource_started_callback(lambda resource: self.on_started(link, resource))
        link.set_resource_concluded_callback(lambda resource: self.on_resource_in(link, resource))
        self.cmd_resource_strategy(link.link_id.hex(), "ask")

    def cmd_resource_strategy(self, link, strategy, answer=True, cancel_at=None):
        self.link(link).set_resource_strategy(STRATEGIES[strategy])
        self.taking[link] = {"answer": answer, "cancel_at": cancel_at}

    # Out

    def cmd_resource_send(
        self, link, file, compress=False, metadata=None, cancel_at=None, wreck=None
    ):
        number, target = self.number(), self.link(link)
        options = {
            "auto_compress": compress,
            "metadata": metadata and umsgpack.unpackb(bytes.fromhex(metadata)),
            "callback": lambda resource: self.on_resource_out(link, number, resource),
            "progress_callback": lambda resource: self.on_progress(number, resource, cancel_at),
        }
        if wreck:
            resource = self.wrecked(file, target, wreck, options)
        elif os.path.getsize(file) == 0:  # as a file the reference cannot send it
            resource = RNS.Resource(b"", target, **options)
        else:
            resource = RNS.Resource(open(file, "rb"), target, **options)
        self.resources[number] = resource
        if cancel_at == 0:
            threading.Thread(target=cancel_offered, args=(resource,), daemon=True).start()
        return {"resource": number}

    def wrecked(self, file, link, wreck, options):
        module = sys.modules["RNS.Resource"]
        with open(file, "rb") as source:
            data = source.read()
        with self.preparing:
            module.bz2 = Bomb() if wreck == "bomb" else bz2
            try:
                resource = RNS.Resource(data, link, advertise=False, **options)
            finally:
                module.bz2 = bz2
        if wreck == "hash":
            resource.hash = resource.original_hash = os.urandom(len(resource.hash))
        resource.advertise()
        return resource

    def on_progress(self, number, resource, cancel_at):
        self.resources[number] = resource  # of its segment
        if cancel_at is not None and resource.get_progress() >= cancel_at:
            resource.cancel()

    def cmd_resource_cancel(self, resource):
        self.resources[resource].cancel()

    def is_first(self, number):
        """The reference tells the end of a resource twice where it is cancelled while its next
        segment is prepared, or while it is put together."""
        with self.state_lock:
            is_first = number not in self.resources_ended
            self.resources_ended.add(number)
            return is_first

    def on_resource_out(self, link, number, resource):
        if not self.is_first(number):
            return
        fields = {"link": link, "direction": "out", "resource": number}
        self.emit("resource", **fields, **status_of(resource))

    # In

    def on_offer(self, link, offer):
        if offer.i == 1:
            self.emit("resource_offer", link=link.link_id.hex(), size=offer.d)
        return self.taking[link.link_id.hex()]["answer"]

    def on_started(self, link, resource):
        """A segment begins."""
        name, link = resource.original_hash, link.link_id.hex()
        cancel_at = self.taking[link]["cancel_at"]
        if resource.segment_index == 1:
            self.numbers_in[name] = self.number()
            self.emit("resource_started", link=link, resource=self.numbers_in[name])
        number = self.numbers_in[name]
        resource.progress_callback(lambda each: self.on_progress(number, each, cancel_at))
        self.resources[number] = resource
        if cancel_at == 0:
            resource.cancel()

    def on_resource_in(self, link, resource):
        number = self.numbers_in.get(resource.original_hash)
        if not self.is_first(number):
            return
        fields = {"link": link.link_id.hex(), "direction": "in", **status_of(resource)}
        if fields["status"] == "complete":
            fields["file"] = self.received_path()
            os.rename(resource.storagepath, fields["file"])  # it would be deleted
            fields["size"] = os.path.getsize(fields["file"])
            has_metadata = resource.metadata is not None
            fields["metadata"] = umsgpack.packb(resource.metadata).hex() if has_metadata else None
        self.emit("resource", resource=number, **fields)
