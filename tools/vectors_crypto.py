#!/usr/bin/env python3
"""Asks the reference (the Python package rns) for test vectors and prints them as a C header.

    python3 tools/vectors_crypto.py > tests/vectors/crypto.h

Everything random is replaced by bytes counted out of a hash, so that each run prints the same.
"""
import hashlib
import os
import sys

import RNS
from RNS.Cryptography import Token, X25519PrivateKey, X25519PublicKey, Ed25519PublicKey, hkdf
from RNS.Cryptography.AES import AES_256_CBC


def stream(name, size):
    return hashlib.shake_128(b"reticule " + name.encode()).digest(size)


class Drawn:
    """Stands in for os.urandom and remembers what it gave."""

    def __init__(self):
        self.count = 0
        self.given = []

    def __call__(self, size):
        self.count += 1
        self.given.append(stream("draw %d" % self.count, size))
        return self.given[-1]


drawn = Drawn()
os.urandom = drawn


class FixedKey(X25519PrivateKey):
    """Ephemeral keys from the same source."""

    @classmethod
    def generate(cls):
        return X25519PrivateKey.from_private_bytes(drawn(32))


sys.modules["RNS.Identity"].X25519PrivateKey = FixedKey
lines = []


def bytes_of(name, data, comment=None):
    if comment:
        lines.append("// " + comment)
    lines.append("static const uint8_t %s[%d] = {" % (name, len(data)))
    for start in range(0, len(data), 16):
        lines.append("    " + " ".join("0x%02x," % b for b in data[start:start + 16]))
    lines.append("};")


def number(name, value, comment=None):
    if comment:
        lines.append("// " + comment)
    lines.append("#define %s %d" % (name, value))


def refused(call):
    try:
        call()
        return 0
    except Exception:
        return 1


def tokens():
    key = stream("token key", 64)
    bytes_of("vector_token_key", key, "Token: a 64-byte key is AES-256, its first half AES-128.")
    rows = []
    for key_size in (64, 32):
        for size in (0, 1, 15, 16, 17, 31, 32, 383, 1000):
            plain = stream("plain", size)
            token = Token(key[:key_size]).encrypt(plain)
            assert Token(key[:key_size]).decrypt(token) == plain
            name = "vector_token_%d_%d" % (key_size, size)
            bytes_of(name, token)
            rows.append("    {%d, %d, sizeof %s, %s}," % (key_size, size, name, name))
    bytes_of("vector_plain", stream("plain", 1000),
             "What the tokens hold: the first bytes of this.")
    lines.append("static const struct {")
    lines.append("    size_t key_size, plain_size, size;")
    lines.append("    const uint8_t *token;")
    lines.append("} vector_tokens[] = {")
    lines.extend(rows)
    lines.append("};")
    odd_paddings(key)


def odd_paddings(key):
    """Blocks that no encoder makes, under a right HMAC: what does the reference say?"""
    rows = []
    for last in (0, 1, 2, 15, 16, 17, 255):
        text = stream("plain", 31) + bytes([last])
        iv = stream("odd iv", 16)
        signed = iv + AES_256_CBC.encrypt(plaintext=text, key=key[32:], iv=iv)
        token = signed + RNS.Cryptography.HMAC.new(key[:32], signed).digest()
        try:
            size = len(Token(key).decrypt(token))
        except ValueError:
            size = -1
        name = "vector_odd_padding_%d" % last
        bytes_of(name, token)
        rows.append("    {%d, %d, %s}," % (last, size, name))
    lines.append("// Tokens of 80 bytes whose text ends with `last`.")
    lines.append("// plain_size is the reference's, -1: refused.")
    lines.append("static const struct {")
    lines.append("    int last, plain_size;")
    lines.append("    const uint8_t *token;")
    lines.append("} vector_odd_paddings[] = {")
    lines.extend(rows)
    lines.append("};")


def hkdfs():
    ikm, salt, context = stream("ikm", 32), stream("salt", 64), stream("context", 20)
    bytes_of("vector_hkdf_ikm", ikm)
    bytes_of("vector_hkdf_salt", salt)
    bytes_of("vector_hkdf_context", context)
    bytes_of("vector_hkdf_64", hkdf(64, ikm, salt[:16], None), "16 bytes of salt, no context")
    bytes_of("vector_hkdf_no_salt", hkdf(40, ikm, None, None))
    bytes_of("vector_hkdf_context_99", hkdf(99, ikm, salt, context))
    long = hkdf(9000, ikm, salt, None)
    bytes_of("vector_hkdf_wrap", long[8128:8256],
             "bytes 8128 to 8255 of 9000: the counter wraps at 8160")
    bytes_of("vector_hkdf_9000_sha256", hashlib.sha256(long).digest())
    long = hkdf(9000, ikm, salt, context)
    bytes_of("vector_hkdf_9000_context_sha256", hashlib.sha256(long).digest())


def identities():
    secret = stream("identity", 64)
    identity = RNS.Identity.from_bytes(secret)
    bytes_of("vector_identity_secret", secret)
    bytes_of("vector_identity_pub", identity.get_public_key())
    bytes_of("vector_identity_hash", identity.hash)
    ratchet = stream("ratchet", 32)
    ratchet_pub = RNS.Identity._ratchet_public_bytes(ratchet)
    bytes_of("vector_ratchet_secret", ratchet)
    bytes_of("vector_ratchet_pub", ratchet_pub)
    bytes_of("vector_ratchet_id", RNS.Identity._get_ratchet_id(ratchet_pub))
    for name, target in (("identity", None), ("ratchet", ratchet_pub)):
        drawn.given.clear()
        blob = identity.encrypt(stream("plain", 200), ratchet=target)
        ephemeral, iv = drawn.given
        bytes_of("vector_ephemeral_to_%s" % name, ephemeral)
        bytes_of("vector_iv_to_%s" % name, iv)
        bytes_of("vector_blob_to_%s" % name, blob, "200 bytes of vector_plain")
    number("VECTOR_WRONG_SECRET_REFUSED", int(identity.decrypt(blob) is None),
           "the blob for the ratchet, with the identity's own key")
    for size in (0, 32, 383):
        bytes_of("vector_signature_%d" % size, identity.sign(stream("plain", size)))


SMALL_ORDER = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


def small_orders():
    key = X25519PrivateKey.from_private_bytes(stream("ratchet", 32))
    points = []
    for point in SMALL_ORDER:
        for top in (0x00, 0x80):
            data = bytearray(bytes.fromhex(point))
            data[31] |= top
            points.append(bytes(data))
    for point in points:
        assert refused(lambda: key.exchange(X25519PublicKey.from_public_bytes(point)))
    bytes_of("vector_small_order", b"".join(points),
             "X25519 points that the reference refuses, 32 bytes each")
    forged = bytes([1]) + bytes(31)
    key = Ed25519PublicKey.from_public_bytes(forged)
    number("VECTOR_NEUTRAL_KEY_VERIFIES",
           1 - refused(lambda: key.verify(forged + bytes(32), b"any")),
           "does the neutral point as key and R, with S = 0, sign anything there? Not here.")


def header():
    lines.append("// Made by tools/vectors_crypto.py, which asks the reference (rns %s)."
                 % RNS.__version__)
    lines.append("// clang-format off")
    lines.append("#ifndef VECTORS_CRYPTO_H_INCLUDED")
    lines.append("#define VECTORS_CRYPTO_H_INCLUDED")
    lines.append("")
    lines.append("#include <stddef.h>")
    lines.append("#include <stdint.h>")
    lines.append("")


def main():
    header()
    for part in (tokens, hkdfs, identities, small_orders):
        part()
    lines.append("")
    lines.append("#endif")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
