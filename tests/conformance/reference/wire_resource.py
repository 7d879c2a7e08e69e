"""Transfers over links."""
import RNS

from ._wire import LINK_HOOKS, wait_for, wire_of
from .registry import command

NAMES = {RNS.Resource.NONE: "NONE", RNS.Resource.REJECTED: "REJECTED", RNS.Resource.QUEUED: "QUEUED",
         RNS.Resource.ADVERTISED: "ADVERTISED", RNS.Resource.TRANSFERRING: "TRANSFERRING",
         RNS.Resource.AWAITING_PROOF: "AWAITING_PROOF", RNS.Resource.ASSEMBLING: "ASSEMBLING",
         RNS.Resource.COMPLETE: "COMPLETE", RNS.Resource.FAILED: "FAILED",
         RNS.Resource.CORRUPT: "CORRUPT"}
ENDS = (RNS.Resource.COMPLETE, RNS.Resource.FAILED, RNS.Resource.CORRUPT, RNS.Resource.REJECTED)
APP_MOST = 4096
UNPACK_MOST = 262144


class Incoming:
    """A transfer that a listener takes."""

    def __init__(self, resource):
        self.resource, self.data, self.polled = resource, None, False
        self.asks = self.updates = 0
        resource.max_decompressed_size = UNPACK_MOST
        ask, update = resource.request_next, resource.hashmap_update

        def request_next():
            waited = resource.waiting_for_hmu
            ask()
            self.asks += resource.waiting_for_hmu and not waited

        def hashmap_update(segment, hashmap):
            self.updates += 1
            update(segment, hashmap)

        resource.request_next, resource.hashmap_update = request_next, hashmap_update

    def conclude(self):
        resource = self.resource
        if resource.status == RNS.Resource.COMPLETE:
            self.data = resource.data.read()


def take_resources(own, link):
    """What wire_listen does with a link's resources."""
    link.set_resource_strategy(own.listen["resources"])
    link.set_resource_callback(lambda offer: offer.get_data_size() <= APP_MOST)

    def on_start(resource):
        own.resources.append(Incoming(resource))

    def on_end(resource):
        for incoming in own.resources:
            if incoming.resource is resource:
                incoming.conclude()

    link.set_resource_started_callback(on_start)
    link.set_resource_concluded_callback(on_end)


LINK_HOOKS.append(take_resources)


def describe(resource, resource_id, size):
    return {"resource_id": resource_id, "size": size, "hash": resource.hash.hex(),
            "original_hash": resource.original_hash.hex(),
            "total_segments": resource.total_segments, "segment_index": resource.segment_index,
            "parts": len(resource.parts), "compressed": resource.compressed,
            "split": resource.split, "has_metadata": resource.has_metadata}


def start(wire, link_id, data, metadata=None):
    over = []
    resource = RNS.Resource(data, wire.link(link_id),
                            metadata=bytes.fromhex(metadata) if metadata else None,
                            callback=over.append)
    resource_id = f"resource-{len(wire.resources)}"
    wire.resources[resource_id] = resource
    return resource, resource_id, over


def conclude(resource, resource_id, over, size, timeout_ms):
    described = describe(resource, resource_id, size)
    in_time = wait_for(lambda: over, timeout_ms / 1000)
    if not in_time:
        resource.cancel()
    status = over[0].status if over else resource.status
    return {"success": status == RNS.Resource.COMPLETE, "status": status,
            "timed_out": not in_time, **described}


@command
def wire_resource_send(handle, link_id, data="", timeout_ms=30000, wait=True, metadata=None):
    raw = bytes.fromhex(data)
    resource, resource_id, over = start(wire_of(handle), link_id, raw, metadata)
    if not wait:
        return {"started": True, **describe(resource, resource_id, len(raw))}
    return conclude(resource, resource_id, over, len(raw), timeout_ms)


@command
def wire_resource_send_bomb(handle, link_id, decompressed_size=1310720, timeout_ms=30000):
    size = min(max(decompressed_size, UNPACK_MOST + 1), 2 * UNPACK_MOST)
    resource, resource_id, over = start(wire_of(handle), link_id, bytes(size))
    return conclude(resource, resource_id, over, size, timeout_ms)


@command
def wire_resource_cancel(handle, resource_id):
    resource = wire_of(handle).resources[resource_id]
    resource.cancel()
    return {"cancelled": True, "resource_id": resource_id, "status": resource.status}


@command
def wire_resource_poll(handle, destination_hash, timeout_ms=30000):
    own = wire_of(handle).own(destination_hash)

    def ready():
        return [r for r in own.resources if r.data is not None and not r.polled]

    wait_for(ready, timeout_ms / 1000)
    found = ready()
    for incoming in found:
        incoming.polled = True
    return {"resources": [incoming.data.hex() for incoming in found]}


@command
def wire_resource_receiver_status(handle, destination_hash, timeout_ms=0):
    own = wire_of(handle).own(destination_hash)

    def has_ended():
        last = own.resources[-1] if own.resources else None
        return last is not None and last.resource.status in ENDS and (
            last.resource.status != RNS.Resource.COMPLETE or last.data is not None)

    wait_for(has_ended, timeout_ms / 1000)
    if not own.resources:
        return {"found": False, "resource_count": 0}
    last = own.resources[-1]
    resource = last.resource
    metadata = getattr(resource, "metadata", None)
    return {"found": True, "resource_count": len(own.resources), "status": resource.status,
            "status_name": NAMES[resource.status],
            "corrupt": resource.status == RNS.Resource.CORRUPT, "hmu_requests_sent": last.asks,
            "hashmap_updates_received": last.updates,
            "hashmap_height": resource.hashmap_height,
            "max_decompressed_size": resource.max_decompressed_size,
            "compressed": resource.compressed, "has_metadata": resource.has_metadata,
            "metadata": metadata.hex() if isinstance(metadata, bytes) else None,
            "data": last.data.hex() if last.data is not None else None}


@command
def wire_resource_create(handle, link_id, data="", include_parts=True, auto_compress=True,
                         metadata=None, force_sdu=None):
    link = wire_of(handle).link(link_id)
    mtu = link.mtu
    if force_sdu is not None:
        link.mtu = force_sdu + RNS.Reticulum.HEADER_MAXSIZE + RNS.Reticulum.IFAC_MIN_SIZE
    try:
        resource = RNS.Resource(bytes.fromhex(data), link, advertise=False,
                                auto_compress=auto_compress,
                                metadata=bytes.fromhex(metadata) if metadata else None)
    finally:
        link.mtu = mtu
    result = {"hash": resource.hash.hex(), "truncated_hash": resource.truncated_hash.hex(),
              "random_hash": resource.random_hash.hex(),
              "expected_proof": resource.expected_proof.hex(), "hashmap": resource.hashmap.hex(),
              "original_hash": resource.original_hash.hex(), "num_parts": len(resource.parts),
              "encrypted": resource.encrypted, "compressed": resource.compressed,
              "split": resource.split, "total_segments": resource.total_segments,
              "segment_index": resource.segment_index, "has_metadata": resource.has_metadata,
              "flags": RNS.ResourceAdvertisement(resource).f, "size": resource.size,
              "total_size": resource.total_size, "sdu": resource.sdu}
    if include_parts:
        result["parts"] = [part.raw.hex() for part in resource.parts]
    return result


NUMBERS = ("WINDOW WINDOW_MIN WINDOW_MAX MAPHASH_LEN RANDOM_HASH_SIZE MAX_EFFICIENT_SIZE "
           "METADATA_MAX_SIZE MAX_RETRIES MAX_ADV_RETRIES HASHMAP_IS_EXHAUSTED "
           "HASHMAP_IS_NOT_EXHAUSTED WINDOW_MAX_SLOW WINDOW_MAX_VERY_SLOW WINDOW_MAX_FAST "
           "WINDOW_FLEXIBILITY FAST_RATE_THRESHOLD VERY_SLOW_RATE_THRESHOLD RATE_FAST "
           "RATE_VERY_SLOW AUTO_COMPRESS_MAX_SIZE PART_TIMEOUT_FACTOR "
           "PART_TIMEOUT_FACTOR_AFTER_RTT PROOF_TIMEOUT_FACTOR").split()


@command
def wire_resource_constants(handle=None):
    advertisement = RNS.ResourceAdvertisement
    return {**{name: getattr(RNS.Resource, name) for name in NUMBERS},
            "HASHMAP_MAX_LEN": advertisement.HASHMAP_MAX_LEN,
            "COLLISION_GUARD_SIZE": advertisement.COLLISION_GUARD_SIZE}
