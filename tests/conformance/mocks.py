"""The same node in memory twice, ours and the reference's, and packets made for them."""
import os
import time

import RNS

import client

NEAR_S = 1.5  # times of the two may differ by that

DATA, ANNOUNCE, LINKREQUEST, PROOF = range(4)
SINGLE, GROUP, PLAIN, LINK = range(4)
PATH_RESPONSE, LINK_PROOF = 0x0B, 0xFF


# ---- Packets

def packet(dest, data, *, kind=DATA, dest_type=SINGLE, hops=0, transport_id=None, context=0,
           context_flag=False):
    flags = context_flag << 5 | dest_type << 2 | kind
    if transport_id is None:
        return bytes([flags, hops]) + dest + bytes([context]) + data
    return bytes([flags | 0x50, hops]) + transport_id + dest + bytes([context]) + data


class Peer:
    """Somebody with one destination."""

    def __init__(self, name="peer.tests"):
        self.identity, self.name = RNS.Identity(), name
        self.name_hash = RNS.Identity.full_hash(name.encode())[:10]
        self.dest = RNS.Identity.truncated_hash(self.name_hash + self.identity.hash)

    def announce(self, emitted=1_000_000_000, hops=0, *, noise=None, app_data=b"", ratchet=b"",
                 **head):
        random = (noise or os.urandom(5)) + emitted.to_bytes(5, "big")
        told = self.identity.get_public_key() + self.name_hash + random + ratchet
        signature = self.identity.sign(self.dest + told + app_data)
        return packet(self.dest, told + signature + app_data, kind=ANNOUNCE, hops=hops,
                      context_flag=bool(ratchet), **head)

    def link_proof(self, link_id, mtu=500, **head):
        """That the destination takes a link."""
        key, signalling = os.urandom(32), (1 << 21 | mtu).to_bytes(3, "big")
        signed = link_id + key + self.identity.get_public_key()[32:] + signalling
        return packet(link_id, self.identity.sign(signed) + key + signalling, kind=PROOF,
                      dest_type=LINK, context=LINK_PROOF, **head)


def packet_hash(raw):
    start = 18 if raw[0] & 0x40 else 2
    return RNS.Identity.full_hash(bytes([raw[0] & 0x0F]) + raw[start:])


# The address of a PLAIN destination.
def plain(name):
    return RNS.Identity.truncated_hash(RNS.Identity.full_hash(name.encode())[:10])


def path_request(dest, tag, requester=b""):
    return packet(plain("rnstransport.path.request"), dest + requester + tag, dest_type=PLAIN)


def synthesis(identity=None, cut=None):
    """(packet, id of the tunnel)"""
    identity = identity or RNS.Identity()
    named = identity.get_public_key() + os.urandom(32)
    told = named + os.urandom(16)
    data = (told + identity.sign(told))[:cut]
    return (packet(plain("rnstransport.tunnel.synthesize"), data, dest_type=PLAIN),
            RNS.Identity.full_hash(named).hex())


# ---- Two nodes

class Node:
    def __init__(self, bridge, **start):
        self.bridge = bridge
        answer = bridge.call("behavioral_start", **start)
        self.handle, self.identity = answer["handle"], bytes.fromhex(answer["identity_hash"])
        self.names = {}  # of interfaces, by their ids

    def id_of(self, name):
        return next(iface_id for iface_id, known in self.names.items() if known == name)

    def ask(self, name, params):
        """An interface goes by its name, here and in the answer."""
        ids = {key: self.id_of(value) if key.endswith("iface_id") else value
               for key, value in params.items()}
        answer = self.bridge.ask("behavioral_" + name, handle=self.handle, **ids)
        if not answer["success"]:
            raise client.Refused(answer["error"])
        return self.named(answer["result"])

    def named(self, value):
        if isinstance(value, dict):
            return {key: self.named(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.named(part) for part in value]
        return self.names.get(value, value) if isinstance(value, str) else value


def same(ours, theirs):
    """Equal; times nearly."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, float) and isinstance(theirs, float):
        return abs(ours - theirs) <= NEAR_S
    return type(ours) is type(theirs) and ours == theirs


class Pair:
    """What is asked of it is asked of both, and must be answered alike."""

    def __init__(self, ours, theirs, **start):
        seed = {"identity_seed": os.urandom(64).hex(), **start}
        self.ours, self.theirs = Node(ours, **seed), Node(theirs, **seed)
        assert self.ours.identity == self.theirs.identity
        self.identity = self.ours.identity

    def both(self, name, **params):
        """The answers, not compared."""
        params = {key: value.hex() if isinstance(value, bytes) else value
                  for key, value in params.items()}
        return self.ours.ask(name, params), self.theirs.ask(name, params)

    def ask(self, name, **params):
        ours, theirs = self.both(name, **params)
        assert same(ours, theirs), f"{name}: ours {ours}, theirs {theirs}"
        return ours

    def refuse(self, command, **params):
        params = {key: value.hex() if isinstance(value, bytes) else value
                  for key, value in params.items()}
        for node in (self.ours, self.theirs):
            try:
                answer = node.ask(command, params)
            except (client.Refused, StopIteration):
                continue
            raise AssertionError(f"{node.bridge.kind} answered {answer}")

    def attach(self, name, **options):
        answers = []
        for node in (self.ours, self.theirs):
            answer = node.ask("attach_mock_interface", {"name": name, **options})
            node.names[answer.pop("iface_id")] = name
            answers.append(answer)
        assert answers[0] == answers[1]
        return answers[0]

    def inject(self, name, raw):
        self.ask("inject", iface_id=name, raw=raw)

    def learn(self, name, hops=0, **announce):
        """A destination whose path leads over an interface, and that is not sent on."""
        peer = Peer()
        self.inject(name, peer.announce(hops=hops, context=PATH_RESPONSE, **announce))
        return peer.dest

    def sent(self, name, count=None, timeout_s=None):
        """What both sent on an interface, alike; waits for so many of each, or for a time."""
        lists = ([], [])
        until = time.time() + (timeout_s if timeout_s is not None else 3 if count else 0)
        while True:
            for sent, node in zip(lists, (self.ours, self.theirs)):
                sent += node.ask("drain_tx", {"iface_id": name})["packets"]
            if count and min(map(len, lists)) >= count or time.time() >= until:
                break
            time.sleep(0.05)
        assert lists[0] == lists[1], f"ours {lists[0]}, theirs {lists[1]}"
        assert count is None or len(lists[0]) == count, lists[0]
        return [bytes.fromhex(raw) for raw in lists[0]]

    def stop(self):
        assert self.both("stop") == ({"stopped": True}, {"stopped": True})

    def end(self):
        """Whatever became of it."""
        for node in (self.ours, self.theirs):
            node.bridge.ask("behavioral_stop", handle=node.handle)
