"""Both ends of a transfer, one at a time: what they send is caught, the other end is played."""
import os
import time
from types import SimpleNamespace

import RNS
from RNS.vendor import umsgpack

from ._wire import wait_for, wire_of
from .registry import command
from .wire_resource import NAMES

FEW, MANY, LONG = 8, 100, 160  # parts
MTU, SDU = 500, 464
MAP = RNS.ResourceAdvertisement.HASHMAP_MAX_LEN
SIZE = RNS.Resource.MAPHASH_LEN
CONTEXT = RNS.Packet


class Probe:
    """The link as one of 500 bytes, over which nothing goes."""

    def __init__(self, handle, link_id):
        self.link = wire_of(handle).link(link_id)
        self.sent = []

    def __enter__(self):
        link, sent = self.link, self.sent
        self.saved = (RNS.Packet.send, RNS.Packet.resend, RNS.Resource.watchdog_job)
        self.state = (link.mtu, link.resource_strategy, link.last_resource_window,
                      list(link.incoming_resources), list(link.outgoing_resources))

        def send(packet):
            if not packet.packed:
                packet.pack()
            packet.sent = True
            sent.append(packet)

        RNS.Packet.send = RNS.Packet.resend = send
        RNS.Resource.watchdog_job = lambda resource: None
        link.mtu = MTU
        return self

    def __exit__(self, *_):
        link = self.link
        RNS.Packet.send, RNS.Packet.resend, RNS.Resource.watchdog_job = self.saved
        (link.mtu, link.resource_strategy, link.last_resource_window, link.incoming_resources,
         link.outgoing_resources) = self.state

    def sender(self, parts):
        resource = RNS.Resource(os.urandom((parts - 1) * SDU + SDU // 4), self.link,
                                advertise=False, auto_compress=False)
        resource.adv_sent = time.time()
        resource.rtt = None
        resource.status = RNS.Resource.ADVERTISED
        return resource

    def accept(self, offer):
        packet = SimpleNamespace(plaintext=offer, link=self.link)
        return RNS.Resource.accept(packet, callback=lambda resource: None)

    def receiver(self, sender):
        return self.accept(RNS.ResourceAdvertisement(sender).pack())

    def count(self, context):
        return sum(packet.context == context for packet in self.sent)

    def last_request(self):
        return [p for p in self.sent if p.context == CONTEXT.RESOURCE_REQ][-1].data

    def hear(self, data, context):
        """The link hears a packet of its peer."""
        packet = RNS.Packet(self.link, data, context=context)
        packet.pack()
        return self.hear_raw(packet.raw)

    def hear_raw(self, raw):
        packet = RNS.Packet(None, raw)
        packet.unpack()
        packet.receiving_interface = self.link.attached_interface
        packet.destination = packet.link = self.link
        self.link.receive(packet)
        time.sleep(0.1)  # threads


def feed(receiver, data):
    receiver.receive_part(SimpleNamespace(data=data, raw=bytes(19) + data))


def damaged(data):
    return data[:-1] + bytes([data[-1] ^ 1])


def request(sender, first, count, last=None):
    head = b"\x00" if last is None else b"\xff" + last
    return head + sender.hash + sender.hashmap[first * SIZE:(first + count) * SIZE]


def map_hash(resource, part):
    return resource.hashmap[part * SIZE:(part + 1) * SIZE]


@command
def wire_inject_crafted_resource_part(handle, link_id, variant):
    with Probe(handle, link_id) as probe:
        sender = probe.sender(FEW)
        receiver = probe.receiver(sender)
        window = receiver.window
        data = sender.parts[{"valid": 0, "forged_map_hash": 0, "beyond_window": window,
                             "duplicate_filled": 1}[variant]].data
        if variant == "forged_map_hash":
            data = damaged(data)
        if variant == "duplicate_filled":
            feed(receiver, data)
        before = receiver.received_count
        feed(receiver, data)
        after = receiver.received_count
        return {"variant": variant, "accepted": after > before, "parts_before": before,
                "parts_after": after, "received_count_after": after,
                "total_parts": receiver.total_parts, "window": window}


@command
def wire_inject_crafted_resource_proof(handle, link_id, variant):
    with Probe(handle, link_id) as probe:
        sender = probe.sender(FEW)
        sender.request(request(sender, 0, FEW))
        proof = sender.hash + sender.expected_proof
        proof = {"valid": proof, "wrong_proof": damaged(proof), "wrong_length_short": proof[:32],
                 "wrong_length_long": proof + bytes(32)}[variant]
        sender.validate_proof(proof)
        return {"variant": variant, "concluded": sender.status == RNS.Resource.COMPLETE,
                "status": sender.status, "status_name": NAMES[sender.status],
                "proof_len": len(proof)}


@command
def wire_inject_crafted_resource_request(handle, link_id, variant):
    with Probe(handle, link_id) as probe:
        if variant in ("misaligned_hmu", "aligned"):
            sender = probe.sender(MANY)
            sender.request(request(sender, 0, MAP))
            sender.request(request(sender, 0, 0, map_hash(
                sender, 0 if variant == "misaligned_hmu" else MAP - 1)))
            return {"variant": variant, "cancelled": sender.status == RNS.Resource.FAILED,
                    "status": sender.status, "status_name": NAMES[sender.status]}
        if variant == "aligned_scope":
            sender = probe.sender(LONG)
            sender.request(request(sender, 0, MAP))
            before = sender.receiver_min_consecutive_height
            sender.request(request(sender, 0, 0, map_hash(sender, MAP - 1)))
            sender.request(request(sender, 0, 0, map_hash(sender, 2 * MAP - 1)))
            return {"variant": variant, "part_index": 2 * MAP,
                    "window_max": RNS.Resource.WINDOW_MAX, "scope_before": before,
                    "scope_after": sender.receiver_min_consecutive_height,
                    "cancelled": sender.status == RNS.Resource.FAILED,
                    "status_name": NAMES[sender.status]}
        sender = probe.sender(FEW)
        if variant == "serve_all":
            sender.request(request(sender, 0, FEW))
            served = [sender.parts.index(p) for p in probe.sent]
            first, status = [p.raw for p in probe.sent], sender.status
            count = sender.sent_parts
            del probe.sent[:]
            sender.request(request(sender, 0, FEW))
            return {"variant": variant, "served_indices": served, "sent_parts": count,
                    "total_parts": len(sender.parts),
                    "identical_on_resend": [p.raw for p in probe.sent] == first,
                    "status_name": NAMES[status]}
        if variant != "duplicate":
            raise ValueError(variant)
        probe.link.outgoing_resources = [sender]
        packet = RNS.Packet(probe.link, request(sender, 0, FEW), context=CONTEXT.RESOURCE_REQ)
        packet.pack()
        probe.hear_raw(packet.raw)
        wait_for(lambda: sender.sent_parts == FEW, 2)
        first = probe.count(CONTEXT.RESOURCE)
        probe.hear_raw(packet.raw)
        second = probe.count(CONTEXT.RESOURCE)
        return {"variant": variant, "total_parts": len(sender.parts), "first_served": first,
                "second_served": second,
                "first_in_hashlist": packet.get_hash() in sender.req_hashlist,
                "req_hashlist_len": len(sender.req_hashlist), "deduped": second == first}


def assemble(receiver):
    wait_for(lambda: receiver.status >= RNS.Resource.COMPLETE, 3)
    time.sleep(0.05)


@command
def wire_inject_corrupt_assembled_resource(handle, link_id, variant):
    corrupt = {"valid": False, "corrupt": True}[variant]
    with Probe(handle, link_id) as probe:
        sender = probe.sender(FEW)
        parts = [part.data for part in sender.parts]
        if corrupt:
            parts[1] = damaged(parts[1])
            sender.hashmap = (map_hash(sender, 0) + sender.get_map_hash(parts[1])
                              + sender.hashmap[2 * SIZE:])
        receiver = probe.receiver(sender)
        for data in parts:
            feed(receiver, data)
        assemble(receiver)
        proofs = probe.count(CONTEXT.RESOURCE_PRF)
        return {"variant": variant, "status": receiver.status,
                "status_name": NAMES[receiver.status],
                "complete": receiver.status == RNS.Resource.COMPLETE,
                "corrupt": receiver.status == RNS.Resource.CORRUPT, "proof_calls": proofs,
                "proof_sent": proofs > 0, "total_parts": receiver.total_parts}


@command
def wire_inject_duplicate_resource_adv(handle, link_id):
    with Probe(handle, link_id) as probe:
        probe.link.incoming_resources = []
        sender = probe.sender(FEW)
        first = probe.receiver(sender)
        count = len(probe.link.incoming_resources)
        second = probe.receiver(sender)
        return {"first_accepted": first is not None, "second_created": second is not None,
                "incoming_count": len(probe.link.incoming_resources),
                "incoming_count_after_first": count}


@command
def wire_inject_malformed_resource_adv(handle, link_id, variant):
    with Probe(handle, link_id) as probe:
        offer = RNS.ResourceAdvertisement(probe.sender(FEW)).pack()
        if variant == "garbage":
            offer = b"\xc1" + os.urandom(len(offer) - 1)
        elif variant == "missing_key":
            fields = umsgpack.unpackb(offer)
            del fields["m"]
            offer = umsgpack.packb(fields)
        else:
            raise ValueError(variant)
        return {"variant": variant, "inbound_started": probe.accept(offer) is not None,
                "crashed": False}


@command
def wire_inject_resource_adv_flags(handle, link_id, variant):
    with Probe(handle, link_id) as probe:
        link = probe.link
        link.resource_strategy = (link.ACCEPT_ALL if variant == "plain_accept_all"
                                  else link.ACCEPT_NONE)
        link.incoming_resources = []
        fields = umsgpack.unpackb(RNS.ResourceAdvertisement(probe.sender(FEW)).pack())
        bit = {"request_autoaccept": 8, "response_no_pending_request": 16,
               "plain_accept_none": 0, "plain_accept_all": 0}[variant]
        if bit:
            fields["q"] = os.urandom(16)
            fields["f"] |= bit
        handlers = link.destination.request_handlers
        link.destination.request_handlers = {b"": None}  # else no request is looked at
        probe.hear(umsgpack.packb(fields), CONTEXT.RESOURCE_ADV)
        link.destination.request_handlers = handlers
        return {"variant": variant, "accepted": len(link.incoming_resources) > 0,
                "strategy": link.resource_strategy}


@command
def wire_inject_hashmap_update(handle, link_id):
    with Probe(handle, link_id) as probe:
        sender = probe.sender(MANY)
        receiver = probe.receiver(sender)
        heights = [receiver.hashmap_height]
        for _ in range(2):
            receiver.hashmap_update(1, sender.hashmap[MAP * SIZE:])
            heights.append(receiver.hashmap_height)
        return {"total_parts": receiver.total_parts, "height_after_advert": heights[0],
                "height_after_first": heights[1], "height_after_duplicate": heights[2],
                "grew_on_first": heights[1] > heights[0],
                "grew_on_duplicate": heights[2] > heights[1]}


@command
def wire_resource_receiver_request_state(handle, link_id, n=2):
    with Probe(handle, link_id) as probe:
        sender = probe.sender(FEW)
        receiver = probe.receiver(sender)
        result = {"window": receiver.window, "window_min": receiver.window_min,
                  "window_max": receiver.window_max, "total_parts": receiver.total_parts,
                  "consecutive_height_initial": receiver.consecutive_completed_height,
                  "hashmap_height_initial": receiver.hashmap_height,
                  "waiting_for_hmu_initial": receiver.waiting_for_hmu}
        for part in sender.parts[:n]:
            feed(receiver, part.data)
        return {**result, "fed": n, "received_count": receiver.received_count,
                "consecutive_height_after": receiver.consecutive_completed_height,
                "hashmap_height_after": receiver.hashmap_height}


@command
def wire_resource_receiver_proof_count(handle, link_id):
    with Probe(handle, link_id) as probe:
        sender = probe.sender(FEW)
        receiver = probe.receiver(sender)
        for part in sender.parts[:-1]:
            feed(receiver, part.data)
        before = probe.count(CONTEXT.RESOURCE_PRF)
        feed(receiver, sender.parts[-1].data)
        assemble(receiver)
        return {"total_parts": receiver.total_parts, "proofs_before_final": before,
                "proofs_after_assembly": probe.count(CONTEXT.RESOURCE_PRF),
                "complete": receiver.status == RNS.Resource.COMPLETE,
                "status_name": NAMES[receiver.status]}


@command
def wire_resource_request_next_content(handle, link_id, variant):
    with Probe(handle, link_id) as probe:
        sender = probe.sender(MANY if variant == "exhausted" else FEW)
        receiver = probe.receiver(sender)
        if variant != "initial":
            for part in sender.parts[:{"after_parts": 2, "exhausted": MAP - 1}[variant]]:
                feed(receiver, part.data)
            receiver.waiting_for_hmu = False
            receiver.request_next()
        data = probe.last_request()
        exhausted = data[0] == RNS.Resource.HASHMAP_IS_EXHAUSTED
        hashes = data[1 + (SIZE if exhausted else 0) + 32:]
        first = receiver.consecutive_completed_height + 1
        known = min(receiver.hashmap_height, first + receiver.window)
        result = {"variant": variant, "window": receiver.window,
                  "total_parts": receiver.total_parts, "hashmap_height": receiver.hashmap_height,
                  "consecutive_height": receiver.consecutive_completed_height,
                  "requested": [hashes[i:i + SIZE].hex() for i in range(0, len(hashes), SIZE)],
                  "expected": [map_hash(sender, part).hex() for part in range(first, known)],
                  "exhausted": exhausted, "waiting_for_hmu": receiver.waiting_for_hmu}
        del probe.sent[:]
        if variant == "exhausted":
            receiver.request_next()
        return {**result, "second_request_emitted": probe.count(CONTEXT.RESOURCE_REQ) > 0}


@command
def wire_resource_late_after_cancel(handle, link_id):
    with Probe(handle, link_id) as probe:
        sender = probe.sender(MANY)
        receiver = probe.receiver(sender)
        sender.request(request(sender, 0, MAP))
        feed(receiver, sender.parts[0].data)
        received, height = receiver.received_count, receiver.hashmap_height
        receiver.cancel()
        result = {"receiver_status": NAMES[receiver.status], "receiver_received_before": received,
                  "receiver_height_before": height}
        feed(receiver, sender.parts[1].data)
        receiver.hashmap_update_packet(
            sender.hash + umsgpack.packb([1, sender.hashmap[MAP * SIZE:]]))
        sent = sender.sent_parts
        sender.cancel()
        status = sender.status
        sender.request(request(sender, 0, 2))
        sender.validate_proof(sender.hash + sender.expected_proof)
        control = probe.sender(FEW)
        control.request(request(control, 0, FEW))
        control.validate_proof(control.hash + control.expected_proof)
        return {**result, "receiver_received_after_late_part": receiver.received_count,
                "receiver_height_after_late_hmu": receiver.hashmap_height,
                "sender_status": NAMES[status], "sender_sent_before": sent,
                "sender_sent_after_late_request": sender.sent_parts,
                "sender_status_after_late_proof": NAMES[sender.status],
                "control_status_after_proof": NAMES[control.status]}


@command
def wire_resource_part_count_derivation(handle, link_id):
    with Probe(handle, link_id) as probe:
        sender = probe.sender(FEW)
        fields = umsgpack.unpackb(RNS.ResourceAdvertisement(sender).pack())
        genuine = fields["n"]
        fields["n"] += 5
        receiver = probe.accept(umsgpack.packb(fields))
        return {"sender_parts": len(sender.parts), "adv_n_genuine": genuine,
                "adv_n_tampered": fields["n"], "receiver_total_parts": receiver.total_parts,
                "derived_expected": -(-fields["t"] // receiver.sdu),
                "transfer_size": fields["t"], "receiver_sdu": receiver.sdu}


@command
def wire_resource_decompress_limit(handle, link_id):
    with Probe(handle, link_id) as probe:
        sender = probe.sender(FEW)
        return {"max_decompressed_size": probe.receiver(sender).max_decompressed_size,
                "auto_compress_limit": sender.auto_compress_limit,
                "constant": RNS.Resource.AUTO_COMPRESS_MAX_SIZE}


@command
def wire_resource_window_inheritance(handle, link_id):
    with Probe(handle, link_id) as probe:
        probe.link.last_resource_window = None
        sender = probe.sender(3 * FEW)
        receiver = probe.receiver(sender)
        for part in sender.parts:
            feed(receiver, part.data)
        assemble(receiver)
        second = probe.receiver(probe.sender(3 * FEW))
        return {"default_window": RNS.Resource.WINDOW, "total_parts_1": receiver.total_parts,
                "completed_1": receiver.status == RNS.Resource.COMPLETE,
                "window_after_complete": receiver.window,
                "link_last_window": probe.link.get_last_resource_window(),
                "window2_initial": second.window}


@command
def wire_resource_progress(handle, link_id):
    with Probe(handle, link_id) as probe:
        sender = probe.sender(FEW)
        receiver = probe.receiver(sender)
        calls = []
        receiver.progress_callback(calls.append)
        initial = receiver.get_progress()
        for part in sender.parts[:FEW // 4]:
            feed(receiver, part.data)
        return {"total_parts": receiver.total_parts, "fed": FEW // 4,
                "received_count": receiver.received_count, "progress_initial": initial,
                "progress_mid": receiver.get_progress(), "progress_callback_calls": len(calls)}


@command
def wire_resource_force_collision(handle, link_id):
    with Probe(handle, link_id) as probe:
        randoms, hashes = [], []
        original = RNS.Resource.get_map_hash

        def get_map_hash(resource, data):
            randoms.append(resource.random_hash)
            hashes.append(original(resource, data))
            return hashes[0] if len(hashes) == 2 else hashes[-1]

        RNS.Resource.get_map_hash = get_map_hash
        try:
            sender = probe.sender(FEW)
        finally:
            RNS.Resource.get_map_hash = original
        return {"remapped": randoms[0] != sender.random_hash,
                "random_hash_before": randoms[0].hex(),
                "random_hash_after": sender.random_hash.hex(),
                "hashmap_changed": map_hash(sender, 0) != hashes[0],
                "num_parts": len(sender.parts)}


@command
def wire_resource_outgoing_queue_state(handle, link_id):
    with Probe(handle, link_id) as probe:
        link = probe.link
        link.outgoing_resources = []
        empty = link.ready_for_new_resource()
        first = probe.sender(FEW)
        link.register_outgoing_resource(first)
        ready = link.ready_for_new_resource()
        second = probe.sender(FEW)
        second.advertise()
        wait_for(lambda: second.status == RNS.Resource.QUEUED, 2)
        status = second.status
        link.outgoing_resources = []
        wait_for(lambda: second.status != RNS.Resource.QUEUED, 2)
        return {"ready_empty": empty, "ready_with_one": ready, "first_status": first.status,
                "first_status_name": NAMES[first.status], "second_status": status,
                "second_status_name": NAMES[status], "queued": status == RNS.Resource.QUEUED}
