"""Padding, AES-CBC and bzip2."""
import bz2

from RNS.Cryptography import PKCS7
from RNS.Cryptography.AES import AES_128_CBC, AES_256_CBC

from .registry import command

MODES = {"AES_128_CBC": AES_128_CBC, "AES_256_CBC": AES_256_CBC}


@command
def pkcs7_pad(data):
    return {"padded": PKCS7.pad(bytes.fromhex(data)).hex()}


@command
def pkcs7_unpad(data):
    return {"unpadded": PKCS7.unpad(bytes.fromhex(data)).hex()}


@command
def aes_encrypt(plaintext, key, iv, mode="AES_256_CBC"):
    return {"ciphertext": MODES[mode].encrypt(PKCS7.pad(bytes.fromhex(plaintext)),
                                              bytes.fromhex(key), bytes.fromhex(iv)).hex()}


@command
def aes_decrypt(ciphertext, key, iv, mode="AES_256_CBC"):
    return {"plaintext": PKCS7.unpad(MODES[mode].decrypt(
        bytes.fromhex(ciphertext), bytes.fromhex(key), bytes.fromhex(iv))).hex()}


@command
def aes_256_cbc_encrypt(plaintext, key, iv):
    return {"ciphertext": AES_256_CBC.encrypt(bytes.fromhex(plaintext), bytes.fromhex(key),
                                              bytes.fromhex(iv)).hex()}


@command
def aes_256_cbc_decrypt(ciphertext, key, iv):
    return {"plaintext": AES_256_CBC.decrypt(bytes.fromhex(ciphertext), bytes.fromhex(key),
                                             bytes.fromhex(iv)).hex()}


@command
def bz2_compress(data):
    given = bytes.fromhex(data)
    packed = bz2.compress(given)
    return {"compressed": packed.hex(), "original_size": len(given),
            "compressed_size": len(packed), "ratio": len(packed) / len(given) if given else 0.0}


@command
def bz2_decompress(compressed):
    data = bz2.decompress(bytes.fromhex(compressed))
    return {"decompressed": data.hex(), "size": len(data)}
