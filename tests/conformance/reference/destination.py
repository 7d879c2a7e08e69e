"""Names, addresses and the life of destinations."""
import os
import tempfile
import time

import RNS

from ._still import clock_at, destination, own
from .announce import parts_of
from .registry import command


def listed(aspects):
    if isinstance(aspects, str):
        return aspects.split(",") if aspects else []
    return list(aspects)


@command
def destination_hash(identity_hash, app_name, aspects=()):
    return {"destination_hash": RNS.Destination.hash(bytes.fromhex(identity_hash), app_name,
                                                     *listed(aspects)).hex()}


@command
def hash_from_name_and_identity(full_name, identity_hash):
    return {"destination_hash": RNS.Destination.hash_from_name_and_identity(
        full_name, bytes.fromhex(identity_hash)).hex()}


@command
def app_and_aspects_from_name(full_name):
    app_name, aspects = RNS.Destination.app_and_aspects_from_name(full_name)
    return {"app_name": app_name, "aspects": aspects}


@command
def destination_expand_name(app_name, aspects=(), identity_private_key=None):
    identity = own(identity_private_key)
    name = RNS.Destination.expand_name(identity, app_name, *aspects)
    return {"name": name} | ({} if identity is None else {"identity_hexhash": identity.hexhash})


@command
def destination_construct(app_name, identity_private_key=None, **params):
    with destination(app_name, identity_private_key=identity_private_key, **params) as made:
        result = {"destination_hash": made.hash.hex(), "name": made.name,
                  "name_hash": made.name_hash.hex(), "proof_strategy": made.proof_strategy,
                  "type": made.type, "direction": made.direction}
        if identity_private_key is None and made.identity is not None:
            result["auto_identity_hexhash"] = made.identity.hexhash
        return result


@command
def destination_announce_attempt(app_name, **params):
    with destination(app_name, **params) as made:
        made.announce(send=False)
        return {"ok": True, "destination_hash": made.hash.hex()}


@command
def destination_set_proof_strategy_raw(app_name, strategy_value, **params):
    with destination(app_name, **params) as made:
        made.set_proof_strategy(strategy_value)
        return {"proof_strategy": made.proof_strategy, "set": True}


@command
def destination_rotate_ratchets(app_name, enable=False, **params):
    with destination(app_name, **params) as made:
        if enable:
            made.enable_ratchets(os.path.join(tempfile.mkdtemp(), "ratchets"))
            made.ratchet_interval = 0
        return {"rotated": made.rotate_ratchets(), "has_ratchets": made.ratchets is not None}


@command
def destination_group_encrypt(app_name, plaintext, create_keys=False, **params):
    with destination(app_name, **params | {"type": "group"}) as made:
        if create_keys:
            made.create_keys()
        ciphertext = made.encrypt(bytes.fromhex(plaintext))
        return {"ciphertext": ciphertext.hex(), "roundtrip": made.decrypt(ciphertext).hex(),
                "has_key": made.prv is not None}


@command
def destination_default_app_data(app_name, default_kind="bytes", default_value=None,
                                 override_app_data=None, **params):
    with destination(app_name, **params) as made:
        value = None if default_value is None else bytes.fromhex(default_value)
        if default_kind != "none":
            made.set_default_app_data((lambda: value) if default_kind == "callable" else value)
        given = None if override_app_data is None else bytes.fromhex(override_app_data)
        packet = made.announce(app_data=given, send=False)
        return {"app_data": parts_of(packet)["app_data"],
                "default_app_data_set": made.default_app_data is not None}


@command
def destination_path_response_cache(app_name, tag, advance_seconds=0, **params):
    with destination(app_name, **params) as made:
        now = time.time()
        packets = []
        for at in (now, now + advance_seconds):
            with clock_at(at):
                packets.append(made.announce(path_response=True, tag=bytes.fromhex(tag),
                                             send=False))
        first, second = packets
        return {"first_announce_data": first.data.hex(),
                "second_announce_data": second.data.hex(), "reused": first.data == second.data,
                "pr_tag_window": RNS.Destination.PR_TAG_WINDOW,
                "first_is_path_response": first.context == RNS.Packet.PATH_RESPONSE,
                "cache_size": len(made.path_responses)}


@command
def destination_register_request_handler_validate(app_name, path="/test/echo",
                                                  generator_valid=True, allow=1, **params):
    with destination(app_name, **params) as made:
        generator = (lambda *request: None) if generator_valid else None
        made.register_request_handler(path, generator, allow, [])
        return {"registered": True, "handler_count": len(made.request_handlers)}
