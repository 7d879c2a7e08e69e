"""X25519 and Ed25519."""
from RNS.Cryptography import (Ed25519, Ed25519PublicKey, Proxies, X25519, X25519PrivateKey,
                              X25519PublicKey)
from RNS.Cryptography.AES import AES_256_CBC
from RNS.Cryptography.pure25519.ed25519_oop import SigningKey

from .registry import command


@command
def x25519_generate(seed):
    key = X25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    return {"private_key": key.private_bytes().hex(),
            "public_key": key.public_key().public_bytes().hex()}


@command
def x25519_public_from_private(private_key):
    key = X25519PrivateKey.from_private_bytes(bytes.fromhex(private_key))
    return {"public_key": key.public_key().public_bytes().hex()}


@command
def x25519_exchange(private_key, peer_public_key):
    key = X25519PrivateKey.from_private_bytes(bytes.fromhex(private_key))
    peer = X25519PublicKey.from_public_bytes(bytes.fromhex(peer_public_key))
    return {"shared_secret": key.exchange(peer).hex()}


@command
def ed25519_generate(seed):
    key = SigningKey(bytes.fromhex(seed))
    return {"private_key": seed, "public_key": key.vk_s.hex()}


@command
def ed25519_sign(private_key, message):
    return {"signature": SigningKey(bytes.fromhex(private_key)).sign(bytes.fromhex(message)).hex()}


def is_valid(kind, public_key, message, signature):
    try:
        kind.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature),
                                                                 bytes.fromhex(message))
    except Exception:
        return False
    return True


@command
def ed25519_verify(public_key, message, signature):
    return {"valid": is_valid(Ed25519PublicKey, public_key, message, signature)}


KINDS = {
    "internal": (X25519.X25519PrivateKey, X25519.X25519PublicKey, Ed25519.Ed25519PrivateKey,
                 Ed25519.Ed25519PublicKey),
    "pyca": (Proxies.X25519PrivateKeyProxy, Proxies.X25519PublicKeyProxy,
             Proxies.Ed25519PrivateKeyProxy, Proxies.Ed25519PublicKeyProxy),
}


@command
def crypto_provider_op(op, provider, **params):
    given = {name: bytes.fromhex(value) for name, value in params.items()}
    x_private, x_public, ed_private, ed_public = KINDS[provider]
    if op == "x25519_exchange":
        key = x_private.from_private_bytes(given["private_key"])
        return {"result": key.exchange(x_public.from_public_bytes(given["peer_public_key"])).hex()}
    if op == "ed25519_sign":
        key = ed_private.from_private_bytes(given["private_key"])
        return {"result": key.sign(given["message"]).hex()}
    if op == "ed25519_verify":
        return {"valid": is_valid(ed_public, **params)}
    if op == "aes_256_cbc_encrypt":
        return {"result": AES_256_CBC.encrypt(given["plaintext"], given["key"],
                                              given["iv"]).hex()}
    raise ValueError(f"unknown op {op}")
