"""Identities and ratchets."""
import os
import tempfile
import types

import RNS

from ._still import own
from .registry import command


def other(public_key):
    identity = RNS.Identity(create_keys=False)
    identity.load_public_key(bytes.fromhex(public_key))
    if identity.hash is None:
        raise ValueError("not a public key")
    return identity


def told(identity):
    return {"public_key": identity.get_public_key().hex(), "hash": identity.hash.hex(),
            "hexhash": identity.hexhash}


def hex_or_none(data):
    return None if data is None else data.hex()


@command
def identity_from_private_key(private_key):
    return told(own(private_key))


@command
def identity_hash(public_key):
    return {"hash": other(public_key).hash.hex()}


@command
def identity_encrypt(public_key, plaintext):
    return {"ciphertext": other(public_key).encrypt(bytes.fromhex(plaintext)).hex()}


@command
def identity_decrypt(private_key, ciphertext):
    return {"plaintext": hex_or_none(own(private_key).decrypt(bytes.fromhex(ciphertext)))}


@command
def identity_sign(private_key, message):
    return {"signature": own(private_key).sign(bytes.fromhex(message)).hex()}


@command
def identity_verify(public_key, message, signature):
    return {"valid": bool(other(public_key).validate(bytes.fromhex(signature),
                                                     bytes.fromhex(message)))}


@command
def identity_to_file(private_key):
    handle, path = tempfile.mkstemp(prefix="reference-identity-")
    os.close(handle)
    if not own(private_key).to_file(path):
        raise OSError(path)
    return {"path": path}


@command
def identity_from_file(path):
    identity = RNS.Identity.from_file(path)
    return {"found": False} if identity is None else {"found": True, **told(identity)}


@command
def identity_random_hash():
    return {"random_hash": RNS.Identity.get_random_hash().hex()}


@command
def identity_remember(packet_hash, destination_hash, public_key, app_data=None):
    wanted, key = bytes.fromhex(destination_hash), bytes.fromhex(public_key)
    try:
        RNS.Identity.remember(bytes.fromhex(packet_hash), wanted, key,
                              None if app_data is None else bytes.fromhex(app_data))
    except TypeError:
        return {"ok": False, "public_key_len": len(key), "error": "TypeError"}
    recalled = RNS.Identity.recall(wanted, _no_use=True)
    return {"ok": True, "public_key_len": len(key), "recalled": recalled is not None}


@command
def identity_keyless_op(op, data):
    identity = RNS.Identity(create_keys=False)
    run = {"encrypt": identity.encrypt, "decrypt": identity.decrypt, "sign": identity.sign}[op]
    try:
        return {"raised": None, "result": hex_or_none(run(bytes.fromhex(data)))}
    except KeyError as error:
        return {"raised": "KeyError", "message": str(error)}


@command
def ratchet_id(ratchet_public):
    return {"ratchet_id": RNS.Identity._get_ratchet_id(bytes.fromhex(ratchet_public)).hex()}


@command
def ratchet_public_from_private(ratchet_private):
    return {"ratchet_public":
            RNS.Identity._ratchet_public_bytes(bytes.fromhex(ratchet_private)).hex()}


@command
def ratchet_encrypt(public_key, ratchet_public, plaintext):
    return {"ciphertext": other(public_key).encrypt(bytes.fromhex(plaintext),
                                                    ratchet=bytes.fromhex(ratchet_public)).hex()}


@command
def ratchet_decrypt(private_key, ciphertext, ratchet_privates=None, enforce_ratchets=False,
                    ratchet_private=None):
    if ratchet_privates is None and ratchet_private is not None:
        ratchet_privates = [ratchet_private]
    told_id = types.SimpleNamespace(latest_ratchet_id=None)
    plaintext = own(private_key).decrypt(
        bytes.fromhex(ciphertext), ratchets=[bytes.fromhex(key) for key in ratchet_privates or []],
        enforce_ratchets=enforce_ratchets, ratchet_id_receiver=told_id)
    return {"plaintext": hex_or_none(plaintext),
            "latest_ratchet_id": hex_or_none(told_id.latest_ratchet_id)}
