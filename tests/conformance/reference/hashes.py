"""Hashes."""
import RNS

from .registry import command


@command
def sha256(data):
    return {"hash": RNS.Identity.full_hash(bytes.fromhex(data)).hex()}
