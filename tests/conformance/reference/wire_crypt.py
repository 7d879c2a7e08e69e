"""What packets without a link carry: encryption to identities, destinations and groups."""
import RNS

from . import _wire
from ._wire import wire_of
from .registry import command
from .wire_announce import ratchet_id
from .wire_ratchet import hex_or_none, ratcheted


@command
def wire_identity_keypair():
    identity = RNS.Identity()
    return {"private_key": identity.get_private_key().hex(),
            "public_key": identity.get_public_key().hex(), "hash": identity.hash.hex()}


@command
def wire_ratchet_keypair():
    secret = RNS.Identity._generate_ratchet()
    return {"private_key": secret.hex(),
            "public_key": RNS.Identity._ratchet_public_bytes(secret).hex()}


@command
def wire_identity_encrypt(public_key, plaintext="", ratchet_pub=None):
    identity = RNS.Identity(create_keys=False)
    identity.load_public_key(bytes.fromhex(public_key))
    ratchet = bytes.fromhex(ratchet_pub) if ratchet_pub else None
    return {"ciphertext": identity.encrypt(bytes.fromhex(plaintext), ratchet=ratchet).hex()}


def opened(plain):
    return {"plaintext": hex_or_none(plain), "decrypted": plain is not None}


@command
def wire_identity_decrypt(private_key, ciphertext, enforce_ratchets=False, ratchets=()):
    identity = RNS.Identity.from_bytes(bytes.fromhex(private_key))
    keys = [bytes.fromhex(ratchet) for ratchet in ratchets] or None
    return opened(identity.decrypt(bytes.fromhex(ciphertext), ratchets=keys,
                                   enforce_ratchets=enforce_ratchets))


@command
def wire_encrypt_to_remote(destination_hash, handle=None, plaintext="", use_ratchet=True):
    if handle is not None:
        wire_of(handle)
    target = bytes.fromhex(destination_hash)
    identity = RNS.Identity.recall(target)
    if identity is None:
        raise KeyError("the destination is not known")
    ratchet = RNS.Identity.get_ratchet(target) if use_ratchet else None
    sealed = identity.encrypt(bytes.fromhex(plaintext), ratchet=ratchet)
    return {"ciphertext": sealed.hex(), "used_ratchet": ratchet is not None,
            "ratchet_id": ratchet and RNS.Identity._get_ratchet_id(ratchet).hex(),
            "ratchet_public": ratchet and ratchet.hex()}


@command
def wire_destination_decrypt(handle, destination_hash, ciphertext):
    destination = wire_of(handle).own(destination_hash).destination
    plain = destination.decrypt(bytes.fromhex(ciphertext))
    return {**opened(plain), "latest_ratchet_id": hex_or_none(destination.latest_ratchet_id)}


@command
def wire_destination_latest_ratchet_id(handle, destination_hash, data="6c6174657374"):
    own = ratcheted(handle, destination_hash)
    destination = own.destination
    ratchet = RNS.Identity.get_ratchet(destination.hash)
    plain = destination.decrypt(destination.encrypt(bytes.fromhex(data)))
    used = RNS.Identity._get_ratchet_id(ratchet)
    return {**opened(plain), "latest_ratchet_id": hex_or_none(destination.latest_ratchet_id),
            "encrypt_ratchet_id": used.hex(), "current_ratchet_id": ratchet_id(own, 0),
            "match": destination.latest_ratchet_id == used,
            "ratchet_count": len(destination.ratchets)}


@command
def wire_group_create(handle, app_name, aspects=(), key=None):
    wire = wire_of(handle)
    destination = RNS.Destination(None, RNS.Destination.IN, RNS.Destination.GROUP, app_name,
                                  *aspects)
    if key:
        destination.load_private_key(bytes.fromhex(key))
    else:
        destination.create_keys()
    wire.owns[destination.hash] = _wire.Own(destination)
    return {"destination_hash": destination.hash.hex(),
            "key": destination.get_private_key().hex()}


def group_of(handle, destination_hash):
    destination = wire_of(handle).own(destination_hash).destination
    if destination.type != RNS.Destination.GROUP:
        raise ValueError("the destination is no group")
    return destination


@command
def wire_group_encrypt(handle, destination_hash, plaintext=""):
    group = group_of(handle, destination_hash)
    return {"ciphertext": group.encrypt(bytes.fromhex(plaintext)).hex()}


@command
def wire_group_decrypt(handle, destination_hash, ciphertext=""):
    return opened(group_of(handle, destination_hash).decrypt(bytes.fromhex(ciphertext)))


def plain_destination(handle, app_name, aspects):
    wire_of(handle)
    return RNS.Destination(None, RNS.Destination.OUT, RNS.Destination.PLAIN, app_name, *aspects)


@command
def wire_plain_encrypt(handle, app_name, aspects=(), plaintext=""):
    plain = bytes.fromhex(plaintext)
    sealed = plain_destination(handle, app_name, aspects).encrypt(plain)
    return {"ciphertext": sealed.hex(), "passthrough": sealed == plain}


@command
def wire_plain_decrypt(handle, app_name, aspects=(), ciphertext=""):
    sealed = bytes.fromhex(ciphertext)
    plain = plain_destination(handle, app_name, aspects).decrypt(sealed)
    return {"plaintext": plain.hex(), "passthrough": plain == sealed}
