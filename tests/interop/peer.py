"""The agent around the reference: one Reticulum node, driven by JSON lines. See PROTOCOL.md."""

import json
import os
import sys
import threading

import RNS

from peer_channels import Channels
from peer_links import Links
from peer_requests import Requests
from peer_resources import Resources

TYPES = {
    "single": RNS.Destination.SINGLE,
    "group": RNS.Destination.GROUP,
    "plain": RNS.Destination.PLAIN,
}
PROOFS = {
    "none": RNS.Destination.PROVE_NONE,
    "all": RNS.Destination.PROVE_ALL,
    "app": RNS.Destination.PROVE_APP,
}
COUNTERS = {  # the reference's, by what they count
    "protocol": "protocol_violations",
    "ifac": "ifac_violations",
    "filter": "packet_filter_hits",
}
IMPLICIT_PROOF = 64


def hexed(data):
    return None if data is None else data.hex()


class AnnounceHandler:
    receive_path_responses = True

    def __init__(self, agent, number=None, aspects=None):
        self.agent, self.number, self.aspect_filter = agent, number, aspects

    def received_announce(
        self,
        destination_hash,
        announced_identity,
        app_data,
        announce_packet_hash,
        is_path_response,
    ):
        self.agent.emit(
            "announce",
            dest=destination_hash.hex(),
            identity=announced_identity.hash.hex(),
            app_data=hexed(app_data or None),
            hops=RNS.Transport.hops_to(destination_hash),
            path_response=bool(is_path_response),
            filter=self.number,
        )


def answered_after(lock):
    """The reference expects an answer only after it has sent the packet, and misses one that comes
    before: what arrives waits while the lock is held."""
    inbound = RNS.Transport.inbound

    def waiting(*arguments, **options):
        with lock:
            pass
        return inbound(*arguments, **options)

    RNS.Transport.inbound = staticmethod(waiting)


class Agent(Links, Channels, Requests, Resources):
    def __init__(self):
        super().__init__()
        self.asking = threading.RLock()
        answered_after(self.asking)
        self.output = sys.stdout
        sys.stdout = sys.stderr
        self.output_lock = threading.Lock()
        self.state_lock = threading.Lock()
        self.incoming, self.outgoing = {}, {}
        self.resolved = set()
        self.numbers = 0

    # Lines in and out

    def write(self, line):
        with self.output_lock:
            self.output.write(json.dumps(line) + "\n")
            self.output.flush()

    def emit(self, event, **fields):
        self.write({"event": event, **fields})

    def run(self):
        for line in sys.stdin:
            request = json.loads(line)
            number, command = request.pop("id"), request.pop("cmd")
            try:
                reply = getattr(self, "cmd_" + command)(**request) or {}
                self.write({"id": number, "ok": True, **reply})
            except Exception as error:
                self.write({"id": number, "ok": False, "error": repr(error)})

    def number(self):
        with self.state_lock:
            self.numbers += 1
            return self.numbers

    # The node

    def cmd_start(self, config):
        self.folder = config
        self.node = RNS.Reticulum(configdir=config, logdest=RNS.LOG_FILE)
        RNS.Transport.register_announce_handler(AnnounceHandler(self))
        return {"version": RNS.__version__, "transport_id": RNS.Transport.identity.hash.hex()}

    def cmd_interfaces(self):
        keys = {"name": "name", "online": "online", "mtu": "HW_MTU", "rxb": "rxb", "txb": "txb"}
        interfaces = [
            {key: getattr(interface, attribute, None) for key, attribute in keys.items()}
            for interface in list(RNS.Transport.interfaces)
        ]
        return {"interfaces": interfaces}

    def cmd_verdicts(self):
        interfaces = list(RNS.Transport.interfaces)
        return {
            "verdicts": {
                name: sum(getattr(each, counter, 0) for each in interfaces)
                for name, counter in COUNTERS.items()
            }
        }

    # Destinations

    def cmd_dest_in(
        self,
        type,
        app,
        aspects,
        private=None,
        key=None,
        proof="none",
        prove=True,
        app_data=None,
        ratchets=False,
        enforce=False,
    ):
        identity = None if type == "plain" else self.identity(private)
        dest = RNS.Destination(identity, RNS.Destination.IN, TYPES[type], app, *aspects)
        if type == "group":
            dest.load_private_key(bytes.fromhex(key))
        if app_data is not None:
            dest.set_default_app_data(bytes.fromhex(app_data))
        dest.set_proof_strategy(PROOFS[proof])
        dest.set_proof_requested_callback(lambda packet: prove)
        dest.set_packet_callback(lambda data, packet: self.on_packet(dest, data, packet))
        dest.set_link_established_callback(self.on_link)
        self.incoming[dest.hash] = dest
        if ratchets:
            self.cmd_dest_ratchets(dest.hash.hex(), enforce)
        return {
            "dest": dest.hash.hex(),
            "identity": identity and identity.hash.hex(),
            "public": identity and identity.get_public_key().hex(),
            "private": identity and identity.get_private_key().hex(),
        }

    def cmd_dest_out(self, type, app, aspects, dest=None, private=None, key=None):
        identity = None
        if type == "single":
            identity = RNS.Identity.recall(bytes.fromhex(dest))
        elif type == "group":
            identity = self.identity(private)
        made = RNS.Destination(identity, RNS.Destination.OUT, TYPES[type], app, *aspects)
        if type == "group":
            made.load_private_key(bytes.fromhex(key))
        self.outgoing[made.hash] = made
        return {"dest": made.hash.hex()}

    def cmd_dest_ratchets(self, dest, enforce=False):
        made = self.incoming[bytes.fromhex(dest)]
        made.enable_ratchets(os.path.join(self.folder, dest + ".ratchets"))
        if enforce:
            made.enforce_ratchets()

    def identity(self, private):
        if private is None:
            return RNS.Identity()
        return RNS.Identity.from_bytes(bytes.fromhex(private))

    def on_packet(self, dest, data, packet):
        self.emit(
            "packet",
            dest=dest.hash.hex(),
            data=data.hex(),
            packet=packet.packet_hash.hex(),
            ratchet=hexed(packet.ratchet_id),
        )

    # Announces and paths

    def cmd_announce(self, dest, app_data=None):
        app_data = None if app_data is None else bytes.fromhex(app_data)
        self.incoming[bytes.fromhex(dest)].announce(app_data=app_data)

    def cmd_announce_filter(self, aspects):
        number = self.number()
        RNS.Transport.register_announce_handler(AnnounceHandler(self, number, aspects))
        return {"filter": number}

    def cmd_recall(self, dest):
        dest = bytes.fromhex(dest)
        identity = RNS.Identity.recall(dest)
        return {
            "known": identity is not None,
            "identity": identity and identity.hash.hex(),
            "public": identity and identity.get_public_key().hex(),
            "app_data": hexed(RNS.Identity.recall_app_data(dest) or None),
            "ratchet": hexed(RNS.Identity.current_ratchet_id(dest)),
        }

    def cmd_has_path(self, dest):
        dest = bytes.fromhex(dest)
        return {
            "path": RNS.Transport.has_path(dest),
            "hops": RNS.Transport.hops_to(dest),
            "next_hop": hexed(RNS.Transport.next_hop(dest)),
        }

    def cmd_request_path(self, dest):
        RNS.Transport.request_path(bytes.fromhex(dest))

    # Packets

    def cmd_send(self, dest, data, timeout=None):
        return self.send(self.outgoing[bytes.fromhex(dest)], data, timeout)

    def send(self, target, data, timeout=None):
        packet = RNS.Packet(target, bytes.fromhex(data))
        with self.asking:
            receipt = packet.send()
            if receipt is False:
                raise IOError("not sent")
            number = receipt and self.watch(receipt, timeout)
        return {"receipt": number, "packet": packet.packet_hash.hex()}

    def watch(self, receipt, timeout):
        number = self.number()
        if timeout is not None:
            receipt.set_timeout(timeout)
        receipt.set_timeout_callback(lambda _: self.on_receipt(number, receipt, "failed"))
        receipt.set_delivery_callback(lambda _: self.on_receipt(number, receipt, "delivered"))
        if receipt.status == RNS.PacketReceipt.DELIVERED:
            self.on_receipt(number, receipt, "delivered")
        elif receipt.status == RNS.PacketReceipt.FAILED:
            self.on_receipt(number, receipt, "failed")
        return number

    def on_receipt(self, number, receipt, status):
        with self.state_lock:
            if number in self.resolved:
                return
            self.resolved.add(number)
        fields = {}
        if status == "delivered":
            size = len(receipt.proof_packet.data) if receipt.proof_packet else IMPLICIT_PROOF
            fields["rtt"] = receipt.get_rtt()
            fields["proof"] = "implicit" if size == IMPLICIT_PROOF else "explicit"
        self.emit("receipt", receipt=number, status=status, **fields)


if __name__ == "__main__":
    Agent().run()
    os._exit(0)
