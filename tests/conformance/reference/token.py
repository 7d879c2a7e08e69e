"""Tokens."""
from RNS.Cryptography.Token import Token

from .cipher import MODES
from .registry import command


@command
def token_encrypt(key, plaintext):
    return {"token": Token(bytes.fromhex(key)).encrypt(bytes.fromhex(plaintext)).hex()}


@command
def token_decrypt(key, token):
    return {"plaintext": Token(bytes.fromhex(key)).decrypt(bytes.fromhex(token)).hex()}


@command
def token_verify_hmac(key, token):
    return {"valid": Token(bytes.fromhex(key)).verify_hmac(bytes.fromhex(token))}


@command
def token_generate_key(mode="AES_256_CBC"):
    return {"key": Token.generate_key(MODES.get(mode, mode)).hex()}
