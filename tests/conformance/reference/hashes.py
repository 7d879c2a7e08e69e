"""Hashes, HMAC and HKDF."""
import RNS
from RNS.Cryptography import HMAC, Hashes, hkdf as derive

from .registry import command


@command
def sha256(data):
    return {"hash": RNS.Identity.full_hash(bytes.fromhex(data)).hex()}


@command
def sha512(data):
    return {"hash": Hashes.sha512(bytes.fromhex(data)).hex()}


@command
def truncated_hash(data):
    return {"hash": RNS.Identity.truncated_hash(bytes.fromhex(data)).hex(),
            "full_hash": RNS.Identity.full_hash(bytes.fromhex(data)).hex()}


@command
def name_hash(name):
    size = RNS.Identity.NAME_HASH_LENGTH // 8
    return {"hash": RNS.Identity.full_hash(name.encode())[:size].hex()}


@command
def hmac_sha256(key, message):
    return {"hmac": HMAC.new(bytes.fromhex(key), bytes.fromhex(message)).digest().hex()}


@command
def hkdf(length, ikm, salt="", info=None):
    return {"derived_key": derive(length=length, derive_from=bytes.fromhex(ikm),
                                  salt=bytes.fromhex(salt or "") or None,
                                  context=bytes.fromhex(info or "") or None).hex()}
