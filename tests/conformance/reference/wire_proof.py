"""How a destination of ours proves packets, and which it has proved."""
import RNS

from . import _wire
from ._wire import wire_of
from .registry import command

STRATEGIES = {"all": RNS.Destination.PROVE_ALL, "app": RNS.Destination.PROVE_APP,
              "none": RNS.Destination.PROVE_NONE}
prove = RNS.Packet.prove


def note_and_prove(packet, destination=None):
    link = getattr(packet, "link", None)
    proved = link.destination if link else getattr(packet, "destination", None)
    own = _wire.instance and proved and _wire.instance.owns.get(proved.hash)
    if own:
        own.proofs.append(packet.context)
    return prove(packet, destination)


RNS.Packet.prove = note_and_prove


@command
def wire_listener_proof_log(handle, destination_hash):
    own = wire_of(handle).own(destination_hash)
    return {"channel_proofs": own.proofs.count(RNS.Packet.CHANNEL),
            "channel_context": RNS.Packet.CHANNEL, "contexts": list(own.proofs)}


def begins_with_one(packet):
    """Whether the application proves it."""
    owner = packet.link if getattr(packet, "link", None) else packet.destination
    plain = owner.decrypt(packet.data)
    return plain is not None and plain[:1] == b"\x01"


@command
def wire_set_proof_strategy(handle, destination_hash, strategy):
    own = wire_of(handle).own(destination_hash)
    own.destination.set_proof_strategy(STRATEGIES[strategy])
    own.destination.set_proof_requested_callback(begins_with_one)
    return {"proof_strategy": own.destination.proof_strategy, "strategy": strategy}


@command
def wire_set_proof_implicit(handle=None, enabled=True):
    if handle is not None:
        wire_of(handle)
    RNS.Reticulum._Reticulum__use_implicit_proof = enabled
    return {"implicit_proof": RNS.Reticulum.should_use_implicit_proof()}
